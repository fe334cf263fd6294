//! Effects that are intercepts only: the leading effect by group means, the others by their normal equations.
//!
//! A first scan demeans every column by the leading effect and sums what is left by the levels of the others. The normal
//! equations of the others, with the leading effect eliminated, are solved without touching rows: factored where they
//! are few or sparse, by preconditioned conjugate gradients otherwise. A second scan subtracts, demeans again and sums
//! again: what remains is checked, and solved for again where it is more than rounding.

mod conjugate;
mod dense;
mod graph;
mod laplacian;
mod layout;
mod preconditioner;
mod sweep;

use crate::absorber::{Absorbed, ColumnSize, Effect, EffectRank};
use crate::basis::{Basis, largest, safe_scale};
use crate::components::components;
use crate::cross::Lanes;
use crate::fixed_effects::Options;
use crate::leverage::leverages;
use crate::rank::ranked;
use crate::scan::CHUNK_ROWS;
use crate::{Components, Error};
use conjugate::{Target, weighted_square};
use dense::Dense;
use layout::Layout;
use preconditioner::Preconditioner;
use rayon::prelude::*;
use std::sync::OnceLock;
use sweep::{Column, Load, masses};

/// Rounds of refinement.
const ROUNDS: usize = 30;

/// A column whose residual is this small beside it is absorbed: what is left is rounding.
const ABSORBED: f64 = 1e-13;

/// Level sums below this share of the column's norm cannot be told from rounding.
const ROUNDING: f64 = 1e-13;

/// A correction that no longer shrinks is rounding when it is this small beside what is left of the column, or when what
/// is left is this small itself.
const STALLED: f64 = 1e-10;

/// With pivots above this, rounding in the level sums moves residuals by less than a thousand times rounding.
const WELL_CONDITIONED: f64 = 1e-6;

/// Multiplications for each row, and in all, that forming a dense matrix may take before iterating is the better way.
const COST_A_ROW: f64 = 40.0;
const COST: f64 = 1e6;

/// So many times the limit of dense matrices are factored as one when iterations do not converge.
const LAST_RESORT: usize = 8;

/// Share of the residual of the recurrence that the residual in the rows may exceed it by.
const FAITHFUL: f64 = 4.0;

/// Effects of intercepts, prepared.
#[derive(Debug)]
pub(crate) struct Intercepts {
    layout: Layout,
    /// Number of levels of each effect.
    levels: Vec<usize>,
    /// Weight of each unknown.
    mass: Vec<f64>,
    system: System,
    last_resort: OnceLock<Dense>,
    options: Options,
    rank: OnceLock<EffectRank>,
}

/// How the unknowns are solved for.
#[derive(Debug)]
enum System {
    /// There are none.
    Single,
    /// Factored as a dense matrix.
    Dense(Dense),
    /// By iteration, or at once where the preconditioner is the inverse.
    Sparse(Box<Preconditioner>),
}

/// A column on its way.
#[derive(Clone, Copy, Debug)]
struct State {
    scale: f64,
    shift: f64,
    /// Norm and weighted sum once scaled and shifted.
    norm: f64,
    total: f64,
    /// Norm of what is left.
    left: f64,
    residual: f64,
    change: f64,
    iterations: usize,
}

/// What a scan found, by lane.
struct Swept<const M: usize> {
    sums: Vec<Lanes<M>>,
    columns: [Column; M],
}

impl<const M: usize> Swept<M> {
    /// Columns are lanes.
    fn new(found: sweep::Swept) -> Self {
        let lanes: Vec<usize> = (0..found.columns.len()).collect();
        Self::at(found, &lanes)
    }

    /// The columns of the scan stand in some lanes, ascending.
    fn at(found: sweep::Swept, lanes: &[usize]) -> Self {
        let mut columns = [Column::default(); M];
        for (&lane, column) in lanes.iter().zip(&found.columns) {
            columns[lane] = *column;
        }
        let mut sums = found.sums.as_chunks::<M>().0.to_vec();
        if lanes.len() < M && lanes.iter().enumerate().any(|(place, &lane)| place != lane) {
            for sum in &mut sums {
                let own = std::mem::replace(sum, [0.0; M]);
                for (place, &lane) in lanes.iter().enumerate() {
                    sum[lane] = own[place];
                }
            }
        }
        Self { sums, columns }
    }
}

/// One round's solution.
struct Round<const M: usize> {
    solution: Vec<Lanes<M>>,
    iterations: [usize; M],
    /// Squared norm of the residual that the recurrence ended with; infinite for a direct solution.
    residual: Lanes<M>,
    reached: [bool; M],
}

impl Intercepts {
    /// Prepares effects without slopes. `weights` are positive and finite.
    pub(crate) fn new(
        effects: &[&Effect],
        weights: Option<&[f64]>,
        options: Options,
    ) -> Result<Self, Error> {
        let layout = Layout::new(effects, weights)?;
        let mut out = Self {
            layout,
            levels: effects.iter().map(|effect| effect.levels).collect(),
            mass: Vec::new(),
            system: System::Single,
            last_resort: OnceLock::new(),
            options,
            rank: OnceLock::new(),
        };
        out.prepare()?;
        Ok(out)
    }

    /// Weighs the levels and factors.
    fn prepare(&mut self) -> Result<(), Error> {
        let layout = &self.layout;
        if layout.rest.is_empty() {
            return Ok(());
        }
        self.mass = masses(layout);
        if let Some(unknown) = self.mass.iter().position(|&mass| mass == 0.0) {
            let position = layout.offsets.partition_point(|&offset| offset <= unknown) - 1;
            return Err(Error::UnusedLevel {
                effect: layout.rest[position],
                level: unknown - layout.offsets[position],
            });
        }
        let all = 0..layout.rest.len();
        let cheap = layout.size() <= self.options.dense_limit
            && Dense::cost(layout, &all) <= COST_A_ROW * layout.rows as f64 + COST;
        self.system = if cheap {
            System::Dense(Dense::new(layout, &self.mass, all))
        } else {
            System::Sparse(Box::new(Preconditioner::new(layout, &self.mass)))
        };
        Ok(())
    }

    /// The same effects under other weights; `None` for equal ones.
    pub(crate) fn reweighted(mut self, weights: Option<&[f64]>) -> Result<Self, Error> {
        self.layout.reweight(weights);
        self.last_resort = OnceLock::new();
        self.prepare()?;
        Ok(self)
    }

    pub(crate) fn rows(&self) -> usize {
        self.layout.rows
    }

    pub(crate) fn is_direct(&self) -> bool {
        match &self.system {
            System::Single | System::Dense(_) => true,
            System::Sparse(preconditioner) => preconditioner.is_exact(),
        }
    }

    /// Residuals of columns by place.
    pub(crate) fn residuals(&self, columns: &[&[f64]]) -> Result<(Vec<Vec<f64>>, Absorbed), Error> {
        let mut out: Vec<Vec<f64>> = columns.iter().map(|_| vec![0.0; self.rows()]).collect();
        let mut told = Absorbed::default();
        for (columns, out) in columns.chunks(8).zip(out.chunks_mut(8)) {
            let mut targets: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
            let part = self.block(Some(columns), &mut targets, None)?;
            told.append(part);
        }
        Ok((out, told))
    }

    /// Replaces columns by their residuals.
    pub(crate) fn residualize(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error> {
        if self.layout.order.is_some() {
            let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let (residuals, told) = self.residuals(&views)?;
            for (column, residual) in columns.iter_mut().zip(residuals) {
                *column = self.by_row(residual);
            }
            return Ok(told);
        }
        let mut told = Absorbed::default();
        for columns in columns.chunks_mut(8) {
            let mut targets: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
            let part = self.block(None, &mut targets, None)?;
            told.append(part);
        }
        Ok(told)
    }

    /// A column by place put in the order of the rows.
    pub(crate) fn by_row(&self, by_place: Vec<f64>) -> Vec<f64> {
        match &self.layout.places {
            None => by_place,
            Some(places) => places
                .par_iter()
                .with_min_len(CHUNK_ROWS)
                .map(|&place| by_place[place as usize])
                .collect(),
        }
    }

    /// Up to eight columns; without `sources` the targets hold them.
    fn block(
        &self,
        sources: Option<&[&[f64]]>,
        targets: &mut [&mut [f64]],
        coefficients: Option<&mut Coefficients>,
    ) -> Result<Absorbed, Error> {
        match targets.len() {
            0 => Ok(Absorbed::default()),
            1 | 2 => self.absorb::<2>(sources, targets, coefficients),
            3 | 4 => self.absorb::<4>(sources, targets, coefficients),
            _ => self.absorb::<8>(sources, targets, coefficients),
        }
    }

    fn absorb<const M: usize>(
        &self,
        sources: Option<&[&[f64]]>,
        targets: &mut [&mut [f64]],
        mut coefficients: Option<&mut Coefficients>,
    ) -> Result<Absorbed, Error> {
        let layout = &self.layout;
        let tolerance = self.options.tolerance;
        let mut states: Vec<State> = (0..targets.len())
            .map(|j| State::new(sources.map_or(&*targets[j], |sources| sources[j])))
            .collect();
        let loads: Vec<Load<'_>> = states
            .iter()
            .enumerate()
            .map(|(j, state)| {
                let (scale, shift) = (state.scale, state.shift);
                match sources {
                    Some(sources) => Load::Column {
                        values: sources[j],
                        scale,
                        shift,
                    },
                    None => Load::Place { scale, shift },
                }
            })
            .collect();
        let mut swept: Swept<M> = Swept::new(sweep::sweep(layout, targets, &loads, M));
        for (state, column) in states.iter_mut().zip(&swept.columns) {
            state.norm = column.square.sqrt();
            state.total = column.total;
            state.left = column.left.sqrt();
        }
        let mut active: Vec<usize> = (0..states.len())
            .filter(|&j| states[j].norm > 0.0)
            .collect();
        let mut expected = [f64::INFINITY; M];
        let mut last_resort = false;
        for round in 0..=ROUNDS {
            let relative = weighted_square(&swept.sums, &self.mass, |mass| 1.0 / mass);
            let highs = self.highest(&swept);
            active.retain(|&j| {
                let state = &mut states[j];
                state.residual = highs[j] / state.norm;
                let orthogonal = highs[j] <= tolerance * state.left;
                let absorbed = state.left <= ABSORBED * state.norm;
                let proven = orthogonal
                    && (self.is_well_conditioned()
                        || relative[j] <= FAITHFUL * expected[j]
                        || layout.rest.is_empty());
                !(absorbed || proven && round > 0 || proven && layout.rest.is_empty())
            });
            if active.is_empty() {
                break;
            }
            let mut solved = self.solve(&swept, &states, &active, last_resort);
            let mut applied = Vec::new();
            for &j in &active {
                let state = &mut states[j];
                state.iterations += solved.iterations[j];
                expected[j] = solved.residual[j];
                let change = energy(&swept.sums, &solved.solution, j).max(0.0).sqrt();
                if round > 0 && change <= tolerance * state.left && !layout.rest.is_empty() {
                    solved.clear(j);
                    continue;
                }
                let stuck = change > 0.5 * state.change && round > 0;
                if stuck || !solved.reached[j] || round == ROUNDS {
                    let rounding = state.left <= STALLED * state.norm
                        || (state.residual <= tolerance.max(ROUNDING)
                            && change <= STALLED * state.left);
                    if rounding && solved.reached[j] {
                        solved.clear(j);
                        continue;
                    }
                    if last_resort || !self.has_last_resort() || round == ROUNDS {
                        return Err(Error::NoConvergence {
                            tolerance,
                            iterations: state.iterations,
                            reached: state.residual.max(change / state.norm),
                        });
                    }
                    last_resort = true;
                    state.change = f64::INFINITY;
                } else {
                    state.change = change;
                }
                applied.push(j);
            }
            active = applied;
            if active.is_empty() {
                break;
            }
            if let Some(coefficients) = coefficients.as_deref_mut() {
                coefficients.add(&solved.solution);
            }
            let solution = &solved.solution;
            let mut chosen: Vec<&mut [f64]> = Vec::with_capacity(active.len());
            for (j, target) in targets.iter_mut().enumerate() {
                if active.contains(&j) {
                    chosen.push(target);
                }
            }
            let solution = solution.as_flattened();
            let loads: Vec<Load<'_>> = active
                .iter()
                .map(|&lane| Load::Subtract { solution, lane })
                .collect();
            let found = sweep::sweep(layout, &mut chosen, &loads, M);
            swept = Swept::at(found, &active);
            for &j in &active {
                states[j].left = swept.columns[j].left.sqrt();
                if states[j].left == 0.0 {
                    states[j].residual = 0.0;
                }
            }
            active.retain(|&j| states[j].left > 0.0);
        }
        let mut told = Absorbed::default();
        for (state, target) in states.iter().zip(targets) {
            told.iterations = told.iterations.max(state.iterations);
            told.residual = told.residual.max(state.residual);
            told.columns.push(state.sizes(layout.mass.iter().sum()));
            if state.scale != 1.0 {
                target.iter_mut().for_each(|value| *value /= state.scale);
            }
        }
        if let Some(coefficients) = coefficients {
            coefficients.scale = states[0].scale;
            coefficients.shift = states[0].shift;
        }
        Ok(told)
    }

    /// Largest sum in a level over the root of the level's weight.
    fn highest<const M: usize>(&self, swept: &Swept<M>) -> Lanes<M> {
        let mut high = [0.0; M];
        for (high, column) in high.iter_mut().zip(&swept.columns) {
            *high = column.high;
        }
        for (sums, mass) in swept.sums.iter().zip(&self.mass) {
            let scale = 1.0 / mass.sqrt();
            for lane in 0..M {
                high[lane] = high[lane].max(sums[lane].abs() * scale);
            }
        }
        high
    }

    fn is_well_conditioned(&self) -> bool {
        match &self.system {
            System::Single => true,
            System::Dense(factor) => factor.smallest_pivot() >= WELL_CONDITIONED,
            System::Sparse(_) => false,
        }
    }

    fn has_last_resort(&self) -> bool {
        matches!(self.system, System::Sparse(_))
            && self.layout.size() <= LAST_RESORT * self.options.dense_limit
    }

    fn solve<const M: usize>(
        &self,
        swept: &Swept<M>,
        states: &[State],
        active: &[usize],
        last_resort: bool,
    ) -> Round<M> {
        let mut right = swept.sums.clone();
        for (lane, passive) in (0..M).map(|lane| (lane, !active.contains(&lane))) {
            if passive {
                right.iter_mut().for_each(|value| value[lane] = 0.0);
            }
        }
        let direct = |solution| Round {
            solution,
            iterations: [0; M],
            residual: [0.0; M],
            reached: [true; M],
        };
        let factor =
            match &self.system {
                System::Single => return direct(right),
                System::Dense(factor) => Some(factor),
                System::Sparse(_) if last_resort => Some(self.last_resort.get_or_init(|| {
                    Dense::new(&self.layout, &self.mass, 0..self.layout.rest.len())
                })),
                System::Sparse(_) => None,
            };
        if let Some(factor) = factor {
            factor.solve(&mut right);
            return direct(right);
        }
        let System::Sparse(preconditioner) = &self.system else {
            return direct(right);
        };
        if preconditioner.is_exact() {
            return direct(preconditioner.apply(&right));
        }
        let mut targets = [Target::default(); M];
        for &j in active {
            let state = &states[j];
            targets[j] = Target {
                allowed: 0.5 * self.options.tolerance,
                left: state.left * state.left,
                column: state.norm * state.norm,
            };
        }
        let limit = self.options.max_iterations;
        let solved = conjugate::solve(
            &self.layout,
            &self.mass,
            preconditioner,
            &right,
            &targets,
            limit,
        );
        Round {
            solution: solved.solution,
            iterations: solved.iterations,
            residual: solved.residual,
            reached: solved.reached,
        }
    }

    /// Coefficients of each effect for one column; the first level of each later effect's components is zero.
    pub(crate) fn coefficients(&self, column: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let layout = &self.layout;
        let mut target = vec![0.0; self.rows()];
        let mut sums = Coefficients {
            values: vec![0.0; layout.size()],
            scale: 1.0,
            shift: 0.0,
        };
        self.block(Some(&[column]), &mut [&mut target], Some(&mut sums))?;
        let (scale, shift) = (sums.scale, sums.shift);
        let mut own: Vec<Vec<f64>> = self.levels.iter().map(|&count| vec![0.0; count]).collect();
        for (position, &effect) in layout.rest.iter().enumerate() {
            let range = layout.offsets[position]..layout.offsets[position + 1];
            own[effect].copy_from_slice(&sums.values[range]);
        }
        // The leading effect takes the mean of what the others leave.
        own[layout.lead] = (0..layout.levels())
            .into_par_iter()
            .with_min_len(1024)
            .map(|level| {
                let mut sum = 0.0;
                for place in layout.places(level) {
                    let row = layout.order.as_ref().map_or(place, |o| o[place] as usize);
                    let weight = layout.weights.as_ref().map_or(1.0, |w| w[place]);
                    let others: f64 = layout
                        .at(place)
                        .iter()
                        .map(|&unknown| sums.values[unknown as usize])
                        .sum();
                    sum += weight * (column[row] * scale - shift - others);
                }
                sum / layout.mass[level]
            })
            .collect();
        own[0].iter_mut().for_each(|value| *value += shift);
        for effect in 1..own.len() {
            let graph = self.components(0, effect);
            fix_first_levels(&graph, effect, &mut own);
        }
        own.iter_mut().flatten().for_each(|value| *value /= scale);
        Ok(own)
    }

    /// Components of two effects.
    fn components(&self, first: usize, second: usize) -> Components {
        let (a, b) = (self.layout.codes(first), self.layout.codes(second));
        components(&a, self.levels[first], &b, self.levels[second])
    }

    /// Number of components of two effects.
    fn count_components(&self, first: usize, second: usize) -> usize {
        let layout = &self.layout;
        if first != layout.lead && second != layout.lead {
            return self.components(first, second).count;
        }
        // Each group joins its levels of the other effect; most often the graph is soon one piece.
        let other = if first == layout.lead { second } else { first };
        let width = layout.rest.len();
        let position = layout.rest.iter().position(|&e| e == other).unwrap_or(0);
        let offset = layout.offsets[position] as u32;
        let mut parent: Vec<u32> = (0..self.levels[other] as u32).collect();
        let mut count = parent.len();
        for level in 0..layout.levels() {
            if count == 1 {
                break;
            }
            let places = layout.places(level);
            let own = &layout.unknowns[places.start * width..places.end * width];
            let mut own = own.iter().skip(position).step_by(width);
            let Some(head) = own.next() else { continue };
            for unknown in own {
                let a = root(&mut parent, head - offset);
                let b = root(&mut parent, unknown - offset);
                if a != b {
                    parent[a.max(b) as usize] = a.min(b);
                    count -= 1;
                }
            }
        }
        count
    }

    /// Rank by pairs of effects.
    pub(crate) fn rank(&self) -> EffectRank {
        let by_pairs = || {
            let effects = self.levels.len();
            let redundant = (0..effects)
                .map(|effect| {
                    let shared = (0..effect).map(|earlier| self.count_components(earlier, effect));
                    shared.max().unwrap_or(0)
                })
                .collect();
            ranked(self.levels.clone(), redundant, effects <= 2)
        };
        self.rank.get_or_init(by_pairs).clone()
    }

    /// The effects as general columns, rows in order of places.
    pub(crate) fn bases(&self) -> Result<Vec<Basis>, Error> {
        let levels = self.levels.iter().enumerate();
        levels
            .map(|(index, &levels)| {
                let effect = Effect {
                    codes: self.layout.codes(index),
                    levels,
                    intercept: true,
                    slopes: Vec::new(),
                };
                Basis::new(index, effect, self.rows(), self.weights())
            })
            .collect()
    }

    /// Leverage of each row.
    pub(crate) fn leverages(&self) -> Result<Vec<f64>, Error> {
        Ok(self.by_row(leverages(&self.bases()?, self.weights())?))
    }

    /// Weights in order of places.
    pub(crate) fn weights(&self) -> Option<&[f64]> {
        self.layout.weights.as_deref()
    }
}

/// Coefficients of the effects beside the leading one, for one scaled and shifted column.
struct Coefficients {
    values: Vec<f64>,
    scale: f64,
    shift: f64,
}

impl Coefficients {
    fn add<const M: usize>(&mut self, solution: &[Lanes<M>]) {
        for (value, part) in self.values.iter_mut().zip(solution) {
            *value += part[0];
        }
    }
}

impl State {
    /// Scales a column to a safe range and finds its mean.
    fn new(values: &[f64]) -> Self {
        let parts: Vec<(f64, f64)> = values
            .par_chunks(CHUNK_ROWS)
            .map(|piece| (largest(piece), piece.iter().sum()))
            .collect();
        let high = parts.iter().fold(0.0, |high: f64, part| high.max(part.0));
        let scale = safe_scale(high);
        let shift = if scale == 1.0 {
            parts.iter().map(|part| part.1).sum::<f64>() / values.len() as f64
        } else {
            values.iter().map(|value| value * scale).sum::<f64>() / values.len() as f64
        };
        Self {
            scale,
            shift,
            norm: 0.0,
            total: 0.0,
            left: 0.0,
            residual: 0.0,
            change: f64::INFINITY,
            iterations: 0,
        }
    }
}

impl State {
    /// Norms in the column's own units; `mass` is the weight of all rows.
    fn sizes(&self, mass: f64) -> ColumnSize {
        let off = self.total / mass;
        let centred = (self.norm * self.norm - off * self.total).max(0.0);
        let mean = self.shift + off;
        ColumnSize {
            raw: (centred + mass * mean * mean).sqrt() / self.scale,
            centred: centred.sqrt() / self.scale,
            left: self.left / self.scale,
        }
    }
}

impl<const M: usize> Round<M> {
    /// Leaves a column as it is.
    fn clear(&mut self, lane: usize) {
        self.solution.iter_mut().for_each(|value| value[lane] = 0.0);
    }
}

/// Squared norm of a correction: its coefficients times the sums that they were solved from.
fn energy<const M: usize>(sums: &[Lanes<M>], solution: &[Lanes<M>], lane: usize) -> f64 {
    let pairs = sums.iter().zip(solution);
    pairs.map(|(sum, value)| sum[lane] * value[lane]).sum()
}

/// Shifts intercepts between the first effect and a later one so that the later one has zero at the first level of each
/// component.
fn fix_first_levels(graph: &Components, later: usize, own: &mut [Vec<f64>]) {
    let mut shift = vec![None; graph.count];
    for (level, &component) in graph.second.iter().enumerate() {
        shift[component as usize].get_or_insert(own[later][level]);
    }
    for (level, &component) in graph.first.iter().enumerate() {
        own[0][level] += shift[component as usize].unwrap_or(0.0);
    }
    for (level, &component) in graph.second.iter().enumerate() {
        own[later][level] -= shift[component as usize].unwrap_or(0.0);
    }
}

/// Root of a vertex, halving the path on the way.
fn root(parent: &mut [u32], mut vertex: u32) -> u32 {
    while parent[vertex as usize] != vertex {
        let above = parent[parent[vertex as usize] as usize];
        parent[vertex as usize] = above;
        vertex = above;
    }
    vertex
}
