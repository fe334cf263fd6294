//! From columns to residuals: scan, solve, scan, and again where something is left.

use super::conjugate::{self, Target};
use super::dense::Dense;
use super::sweep::{self, Column, Load};
use super::{Intercepts, System};
use crate::Error;
use crate::absorber::{Absorbed, ColumnSize};
use crate::basis::{largest, safe_scale};
use crate::cross::Lanes;
use crate::lanes::weighted_square;
use crate::scan::CHUNK_ROWS;
use rayon::prelude::*;

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

/// So many times the limit of dense matrices are factored as one when iterations do not converge.
const LAST_RESORT: usize = 8;

/// Share of the residual of the recurrence that the residual in the rows may exceed it by.
const FAITHFUL: f64 = 4.0;

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
    pub(super) fn absorb<const M: usize>(
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
}

/// Coefficients of the effects beside the leading one, for one scaled and shifted column.
pub(super) struct Coefficients {
    pub(super) values: Vec<f64>,
    pub(super) scale: f64,
    pub(super) shift: f64,
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
