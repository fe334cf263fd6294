//! What is asked of levels: coefficients, components, rank.

use super::{Intercepts, System};
use crate::absorber::EffectRank;
use crate::components::{Forest, components};
use crate::rank::ranked;
use crate::{Components, Error};
use rayon::prelude::*;

impl Intercepts {
    /// Coefficients of each effect for one column; the first level of each later effect's components is zero.
    pub(crate) fn coefficients(&self, column: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let layout = &self.layout;
        let (solution, _) = self.solve_for(&[&self.placed(column)], false)?;
        let (scale, shift) = (solution.states[0].scale, solution.states[0].shift);
        let values: Vec<f64> = solution.coefficients[0].iter().map(|row| row[0]).collect();
        let mut own: Vec<Vec<f64>> = self.levels.iter().map(|&count| vec![0.0; count]).collect();
        for (position, &effect) in layout.rest.iter().enumerate() {
            let range = layout.offsets[position]..layout.offsets[position + 1];
            own[effect].copy_from_slice(&values[range]);
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
                        .map(|&unknown| values[unknown as usize])
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
        let at = |effect: usize| layout.rest.iter().position(|&e| e == effect);
        if let (Some(a), Some(b)) = (at(first), at(second)) {
            // Rows join a level of the one with a level of the other.
            let mut forest = Forest::new(layout.size());
            let mut count = self.levels[first] + self.levels[second];
            for own in layout.unknowns.chunks_exact(layout.rest.len()) {
                if count == 1 {
                    break;
                }
                count -= usize::from(forest.join(own[a], own[b]));
            }
            return count;
        }
        // Each group joins its levels of the other effect; most often the graph is soon one piece.
        let other = if first == layout.lead { second } else { first };
        let width = layout.rest.len();
        let position = at(other).unwrap_or(0);
        let offset = layout.offsets[position] as u32;
        let mut forest = Forest::new(self.levels[other]);
        let mut count = self.levels[other];
        // Its edges are far fewer than rows. Weights may make some of them vanish.
        if layout.weights.is_none()
            && let System::Sparse(sparse) = &self.system
            && let Some(graph) = sparse.graph_of(position)
        {
            for (vertex, &level) in graph.levels.iter().enumerate() {
                for (end, _) in graph.edges(vertex) {
                    count -= usize::from(forest.join(level, graph.levels[end as usize]));
                }
            }
            return count;
        }
        for level in 0..layout.levels() {
            if count == 1 {
                break;
            }
            let places = layout.places(level);
            let own = layout.unknowns_of(&places);
            let mut own = own.iter().skip(position).step_by(width);
            let Some(head) = own.next() else { continue };
            for unknown in own {
                count -= usize::from(forest.join(head - offset, unknown - offset));
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
