//! From columns to what the effects leave of them: scan, solve, scan, and again where something is left.

use super::conjugate::Target;
use super::dense::Dense;
use super::layout::Layout;
use super::passes::{Kept, Overwritten, Passes, write};
use super::sweep::{Swept, Triangle};
use super::tile::{LANES, Row, Source};
use super::{Intercepts, System};
use crate::Error;
use crate::absorber::{Absorbed, ColumnSize};
use crate::basis::safe_scale;
use crate::cross::Lanes;
use crate::lanes::weighted_square;
use crate::scan::CHUNK_ROWS;
use rayon::prelude::*;
use std::ops::RangeInclusive;

/// Rounds of refinement.
const ROUNDS: usize = 30;

/// A column whose residual is this small beside it is absorbed: what is left is rounding.
const ABSORBED: f64 = 1e-13;

/// Level sums below this share of the column's norm cannot be told from rounding.
const ROUNDING: f64 = 1e-13;

/// A correction that no longer shrinks is rounding when it is this small beside what is left of the column, or when what
/// is left is this small itself.
const STALLED: f64 = 1e-10;

/// A correction this small beside the column itself is beyond its digits: little is left of a column whose values stand in
/// rows that weigh nearly nothing.
const DIGITS: f64 = 8.0 * f64::EPSILON;

/// With pivots above this, rounding in the level sums moves residuals by less than a thousand times rounding.
const WELL_CONDITIONED: f64 = 1e-6;

/// So many times the limit of dense matrices are factored as one when iterations do not converge.
const LAST_RESORT: usize = 8;

/// Share of the residual of the recurrence that the residual in the rows may exceed it by.
const FAITHFUL: f64 = 4.0;

/// Places in which a long column is looked at before the first pass.
const GLANCES: usize = 256;

/// Sums of squares whose columns are neither so large nor so small that squares overflow or vanish.
const ORDINARY: RangeInclusive<f64> = 1e-200..=1e200;

/// Columns by place, and what the effects beside the leading one take out of them.
#[derive(Debug)]
pub(super) struct Solution {
    /// How each column is scaled and shifted.
    pub(super) states: Vec<State>,
    /// Of each block of columns, the coefficients of the unknowns.
    pub(super) coefficients: Vec<Vec<Row>>,
    /// Weighted cross-products of what is left, as [`Swept`] holds them.
    pub(super) products: Vec<f64>,
    /// Those within leading levels, as [`Swept`] holds them.
    pub(super) by_level: Vec<Vec<Triangle>>,
}

impl Solution {
    /// Writes what is left of columns by place into others, in their own units.
    pub(super) fn write(&self, layout: &Layout, sources: &[&[f64]], targets: Vec<&mut [f64]>) {
        let solution = &self.coefficients;
        write(
            layout,
            &self.states,
            solution,
            Some(sources),
            targets,
            false,
        );
    }
}

/// A column on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) scale: f64,
    pub(super) shift: f64,
    /// Norm and weighted sum once scaled and shifted.
    norm: f64,
    total: f64,
    /// Norm of what is left.
    left: f64,
    residual: f64,
    change: f64,
    /// Squared norm of the residual that the last recurrence ended with; infinite before one.
    expected: f64,
    iterations: usize,
    /// Whether more is to be taken out.
    active: bool,
}

/// One round's solution of a block.
struct Round {
    solution: Vec<Row>,
    iterations: [usize; LANES],
    /// Squared norm of the residual that the recurrence ended with; zero for a direct solution.
    residual: Row,
    reached: [bool; LANES],
}

impl Intercepts {
    /// Solves for the effects in columns by place, which are not changed. `products` asks for the cross-products of what
    /// is left.
    pub(super) fn solve_for(
        &self,
        columns: &[&[f64]],
        products: bool,
    ) -> Result<(Solution, Absorbed), Error> {
        let mut passes = Kept::new(&self.layout, columns, products);
        let (states, swept) = self.take_out(&mut passes)?;
        let told = self.told(&states);
        let solution = Solution {
            states,
            coefficients: passes.coefficients,
            products: swept.products,
            by_level: swept.by_level,
        };
        Ok((solution, told))
    }

    /// Replaces columns by place by what the effects leave of them. After an error they hold intermediate values.
    pub(super) fn solve_in_place(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error> {
        let layout = &self.layout;
        let mut passes = Overwritten::new(columns);
        let (states, _) = self.take_out(&mut passes)?;
        if !passes.begun {
            let blocks = states.len().div_ceil(LANES);
            let nothing = vec![vec![[0.0; LANES]; layout.size()]; blocks];
            passes.subtract(layout, &states, nothing);
        }
        Ok(self.told(&states))
    }

    /// How each column is scaled and shifted, and the sums of the first pass. Long columns are looked at beforehand in a few
    /// places only: a column whose squares add up to an ordinary number needs no scale.
    fn begin(&self, passes: &mut impl Passes) -> Result<(Vec<State>, Swept), Error> {
        let glanced: Option<Vec<State>> = passes.columns().into_iter().map(State::glance).collect();
        if let Some(states) = glanced {
            let swept = passes.begin(&self.layout, &states);
            let ordinary = (0..states.len())
                .all(|index| ORDINARY.contains(&swept.met[index / LANES].square[index % LANES]));
            if ordinary {
                return Ok((states, swept));
            }
        }
        let columns = passes.columns().into_iter().enumerate();
        let each = columns.map(|(index, column)| {
            State::new(column).ok_or_else(|| self.not_finite(index, column))
        });
        let states = each.collect::<Result<Vec<State>, Error>>()?;
        let swept = passes.begin(&self.layout, &states);
        Ok((states, swept))
    }

    /// Takes the effects out of columns, pass by pass; the sums of the last pass.
    fn take_out(&self, passes: &mut impl Passes) -> Result<(Vec<State>, Swept), Error> {
        let layout = &self.layout;
        let single = layout.rest.is_empty();
        let (mut states, mut swept) = self.begin(passes)?;
        let blocks = states.len().div_ceil(LANES);
        for (index, state) in states.iter_mut().enumerate() {
            let (met, lane) = (&swept.met[index / LANES], index % LANES);
            state.norm = met.square[lane].sqrt();
            state.total = met.total[lane];
            state.left = met.left[lane].sqrt();
            state.active = state.norm > 0.0;
        }
        let mut last_resort = vec![false; blocks];
        for round in 0..=ROUNDS {
            self.judge(&mut states, &swept, round);
            if states.iter().all(|state| !state.active) && (round > 0 || single) {
                break;
            }
            let mut applied = round == 0;
            let mut more = vec![vec![[0.0; LANES]; layout.size()]; blocks];
            for (block, states) in states.chunks_mut(LANES).enumerate() {
                if states.iter().all(|state| !state.active) {
                    continue;
                }
                let sums = &swept.sums[block];
                let solved = self.solve_block(sums, states, round, &mut last_resort[block])?;
                applied |= states.iter().any(|state| state.active);
                more[block] = solved.solution;
            }
            if !applied {
                break;
            }
            swept = passes.subtract(layout, &states, more);
            for (index, state) in states.iter_mut().enumerate() {
                state.left = swept.met[index / LANES].left[index % LANES].sqrt();
                if state.left == 0.0 {
                    state.residual = 0.0;
                    state.active = false;
                }
            }
        }
        Ok((states, swept))
    }

    /// What was met on the way.
    fn told(&self, states: &[State]) -> Absorbed {
        let mass = self.layout.mass.iter().sum();
        let mut told = Absorbed::default();
        for state in states {
            told.iterations = told.iterations.max(state.iterations);
            told.residual = told.residual.max(state.residual);
            told.columns.push(state.sizes(mass));
        }
        told
    }

    /// Decides which columns are done.
    fn judge(&self, states: &mut [State], swept: &Swept, round: usize) {
        let tolerance = self.options.tolerance;
        let single = self.layout.rest.is_empty();
        for (block, states) in states.chunks_mut(LANES).enumerate() {
            if states.iter().all(|state| !state.active) {
                continue;
            }
            let sums = &swept.sums[block];
            let relative = weighted_square(sums, &self.mass, |mass| 1.0 / mass);
            let mut highs = swept.met[block].high.map(f64::sqrt);
            for (sums, mass) in sums.iter().zip(&self.mass) {
                let scale = 1.0 / mass.sqrt();
                for lane in 0..LANES {
                    highs[lane] = highs[lane].max(sums[lane].abs() * scale);
                }
            }
            for (lane, state) in states.iter_mut().enumerate() {
                if !state.active {
                    continue;
                }
                state.residual = highs[lane] / state.norm;
                let orthogonal = highs[lane] <= tolerance * state.left;
                let absorbed = state.left <= ABSORBED * state.norm;
                let proven = orthogonal
                    && (self.is_well_conditioned()
                        || relative[lane] <= FAITHFUL * state.expected
                        || single);
                state.active = !(absorbed || proven && (round > 0 || single));
            }
        }
    }

    /// Solves for the active columns of a block; those that need no more are made inactive, with a solution of zero.
    fn solve_block(
        &self,
        sums: &[Row],
        states: &mut [State],
        round: usize,
        last_resort: &mut bool,
    ) -> Result<Round, Error> {
        let tolerance = self.options.tolerance;
        let mut solved = self.solve(sums, states, *last_resort);
        for (lane, state) in states.iter_mut().enumerate() {
            if !state.active {
                continue;
            }
            state.iterations += solved.iterations[lane];
            state.expected = solved.residual[lane];
            let change = energy(sums, &solved.solution, lane).max(0.0).sqrt();
            if round > 0 && change <= tolerance * state.left && !self.layout.rest.is_empty() {
                solved.clear(lane);
                state.active = false;
                continue;
            }
            let stuck = change > 0.5 * state.change && round > 0;
            if stuck || !solved.reached[lane] || round == ROUNDS {
                let rounding = state.left <= STALLED * state.norm
                    || change <= DIGITS * state.norm
                    || (state.residual <= tolerance.max(ROUNDING)
                        && change <= STALLED * state.left);
                if rounding && solved.reached[lane] {
                    solved.clear(lane);
                    state.active = false;
                    continue;
                }
                if *last_resort || !self.has_last_resort() || round == ROUNDS {
                    return Err(Error::NoConvergence {
                        tolerance,
                        iterations: state.iterations,
                        reached: state.residual.max(change / state.norm),
                    });
                }
                *last_resort = true;
                state.change = f64::INFINITY;
            } else {
                state.change = change;
            }
        }
        Ok(solved)
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

    /// Solves for the active columns of a block, side by side: two to four, as many as there are.
    fn solve(&self, sums: &[Row], states: &[State], last_resort: bool) -> Round {
        let lanes: Vec<usize> = (0..states.len()).filter(|&l| states[l].active).collect();
        match lanes.len() {
            0..=2 => self.solve_lanes::<2>(sums, states, &lanes, last_resort),
            3 => self.solve_lanes::<3>(sums, states, &lanes, last_resort),
            _ => self.solve_lanes::<LANES>(sums, states, &lanes, last_resort),
        }
    }

    fn solve_lanes<const M: usize>(
        &self,
        sums: &[Row],
        states: &[State],
        lanes: &[usize],
        last_resort: bool,
    ) -> Round {
        let side_by_side = |row: &Row| -> Lanes<M> {
            std::array::from_fn(|m| lanes.get(m).map_or(0.0, |&lane| row[lane]))
        };
        let mut right: Vec<Lanes<M>> = sums.iter().map(side_by_side).collect();
        let mut out = Round {
            solution: Vec::new(),
            iterations: [0; LANES],
            residual: [0.0; LANES],
            reached: [true; LANES],
        };
        let factor =
            match &self.system {
                System::Single => None,
                System::Dense(factor) => Some(factor),
                System::Sparse(_) if last_resort => Some(self.last_resort.get_or_init(|| {
                    Dense::new(&self.layout, &self.mass, 0..self.layout.rest.len())
                })),
                System::Sparse(_) => None,
            };
        if let Some(factor) = factor {
            factor.solve(&mut right);
        } else if let System::Sparse(sparse) = &self.system {
            let mut targets = [Target::default(); M];
            for (target, &lane) in targets.iter_mut().zip(lanes) {
                *target = states[lane].target(self.options.tolerance);
            }
            let limit = self.options.max_iterations;
            let solved = sparse.solve(&self.layout, &self.mass, &right, &targets, limit);
            for (m, &lane) in lanes.iter().enumerate() {
                out.iterations[lane] = solved.iterations[m];
                out.residual[lane] = solved.residual[m];
                out.reached[lane] = solved.reached[m];
            }
            right = solved.solution;
        }
        out.solution = right
            .iter()
            .map(|row| {
                let mut own = [0.0; LANES];
                for (m, &lane) in lanes.iter().enumerate() {
                    own[lane] = row[m];
                }
                own
            })
            .collect();
        out
    }

    /// The first value of a column by place that is not finite.
    fn not_finite(&self, column: usize, values: &[f64]) -> Error {
        let row_at = |place: usize| match &self.layout.order {
            None => place,
            Some(order) => order[place] as usize,
        };
        let wrong = (0..values.len()).filter(|&place| !values[place].is_finite());
        Error::NotFinite {
            what: format!("column {column}"),
            row: wrong.map(row_at).min().unwrap_or(0),
        }
    }
}

impl State {
    /// A long column, shifted by the mean of a few of its values spread over it; nothing for a short one.
    fn glance(values: &[f64]) -> Option<Self> {
        if values.len() <= CHUNK_ROWS {
            return None;
        }
        let few = values.iter().step_by(values.len() / GLANCES);
        let shift = few.clone().sum::<f64>() / few.len() as f64;
        shift.is_finite().then(|| Self::shifted(1.0, shift))
    }

    /// Scales a column to a safe range and finds its mean; `None` for a column with a value that is not finite.
    fn new(values: &[f64]) -> Option<Self> {
        let parts: Vec<(f64, f64)> = if values.len() <= CHUNK_ROWS {
            vec![high_and_sum(values)]
        } else {
            values.par_chunks(CHUNK_ROWS).map(high_and_sum).collect()
        };
        let high = parts.iter().fold(0.0, |high: f64, part| high.max(part.0));
        let scale = safe_scale(high);
        let mut shift = parts.iter().map(|part| part.1).sum::<f64>() / values.len() as f64;
        // Large values that are all finite may overflow in sum.
        if !shift.is_finite() && values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        if scale != 1.0 {
            shift = values.iter().map(|value| value * scale).sum::<f64>() / values.len() as f64;
        }
        Some(Self::shifted(scale, shift))
    }

    /// A column at the beginning.
    fn shifted(scale: f64, shift: f64) -> Self {
        Self {
            scale,
            shift,
            norm: 0.0,
            total: 0.0,
            left: 0.0,
            residual: 0.0,
            change: f64::INFINITY,
            expected: f64::INFINITY,
            iterations: 0,
            active: false,
        }
    }

    /// A column by place as it is scaled and shifted.
    pub(super) fn source<'a>(&self, values: &'a [f64]) -> Source<'a> {
        Source {
            values,
            scale: self.scale,
            shift: self.shift,
        }
    }

    /// What stops the iteration for the column.
    fn target(&self, tolerance: f64) -> Target {
        Target {
            allowed: 0.5 * tolerance,
            left: self.left * self.left,
            column: self.norm * self.norm,
        }
    }

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

/// Largest absolute value and sum of some values, eight side by side.
fn high_and_sum(values: &[f64]) -> (f64, f64) {
    let (eights, rest) = values.as_chunks::<8>();
    let (mut highs, mut sums) = ([0.0f64; 8], [0.0; 8]);
    for eight in eights {
        for lane in 0..8 {
            let size = eight[lane].abs();
            highs[lane] = if size > highs[lane] {
                size
            } else {
                highs[lane]
            };
            sums[lane] += eight[lane];
        }
    }
    let high = highs
        .iter()
        .chain(rest)
        .fold(0.0f64, |high, value| value.abs().max(high));
    (high, sums.iter().chain(rest).sum())
}

impl Round {
    /// Leaves a column as it is.
    fn clear(&mut self, lane: usize) {
        self.solution.iter_mut().for_each(|value| value[lane] = 0.0);
    }
}

/// Squared norm of a correction: its coefficients times the sums that they were solved from.
fn energy(sums: &[Row], solution: &[Row], lane: usize) -> f64 {
    let pairs = sums.iter().zip(solution);
    pairs.map(|(sum, value)| sum[lane] * value[lane]).sum()
}
