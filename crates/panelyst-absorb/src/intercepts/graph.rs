//! The graph that one effect makes once the leading effect is eliminated.
//!
//! Levels are vertices. Two levels that occur in the same group of the leading effect are joined by an edge of weight
//! `z z' / w`, with the levels' weights `z` and the group's `w`; the equations of the effect are this graph's Laplacian.
//! A group with a single level joins nothing.

use super::layout::Layout;
use rayon::prelude::*;

/// Levels whose neighbours are counted before the graph is formed.
const SAMPLE: usize = 16;

/// Tasks that form the graph: each holds one number for every level.
const TASKS: usize = 8;

/// Weighted edges, each kept at both its ends, neighbours ascending.
pub(super) type Edges = Vec<Vec<(u32, f64)>>;

/// Cells of one effect in the groups that hold at least two of its levels.
struct Cells {
    /// First cell of each group, and the end.
    starts: Vec<u32>,
    levels: Vec<u32>,
    weights: Vec<f64>,
    /// One over the weight of each group.
    scale: Vec<f64>,
}

/// Mean number of different levels that share a group with a level, by a sample of levels.
pub(super) fn mean_degree(layout: &Layout, position: usize) -> f64 {
    let (width, offset) = (layout.rest.len(), layout.offsets[position]);
    let count = layout.offsets[position + 1] - offset;
    let sample = SAMPLE.min(count);
    let mut mark = vec![0u16; count];
    for index in 0..sample {
        mark[count * index / sample] |= 1 << index;
    }
    let seen = layout
        .chunks
        .par_iter()
        .map(|levels| {
            let mut seen = vec![0u16; count];
            for level in levels.clone() {
                let places = layout.places(level);
                let own = &layout.unknowns[places.start * width..places.end * width];
                let own = || own.iter().skip(position).step_by(width);
                let mask = own().fold(0, |mask, &u| mask | mark[u as usize - offset]);
                if mask != 0 {
                    own().for_each(|&u| seen[u as usize - offset] |= mask);
                }
            }
            seen
        })
        .reduce(
            || vec![0u16; count],
            |mut left, right| {
                left.iter_mut().zip(&right).for_each(|(l, r)| *l |= r);
                left
            },
        );
    let total: u32 = seen.iter().map(|mask| mask.count_ones()).sum();
    f64::from(total) / sample as f64 - 1.0
}

/// Forms the graph of an effect.
pub(super) fn edges(layout: &Layout, position: usize) -> Edges {
    let count = layout.offsets[position + 1] - layout.offsets[position];
    let cells = cells(layout, position);
    // Cells by level: groups of each level ascend.
    let mut first = vec![0u32; count + 1];
    for &level in &cells.levels {
        first[level as usize + 1] += 1;
    }
    for level in 0..count {
        first[level + 1] += first[level];
    }
    let mut next = first.clone();
    let mut places = vec![(0u32, 0u32); cells.levels.len()];
    for group in 0..cells.scale.len() {
        for cell in cells.starts[group]..cells.starts[group + 1] {
            let slot = &mut next[cells.levels[cell as usize] as usize];
            places[*slot as usize] = (group as u32, cell);
            *slot += 1;
        }
    }
    let step = count.div_ceil(TASKS).max(1);
    let pieces: Vec<Edges> = (0..count.div_ceil(step))
        .into_par_iter()
        .map(|task| {
            let mut sums = vec![0.0; count];
            let mut touched: Vec<u32> = Vec::new();
            (task * step..count.min((task + 1) * step))
                .map(|level| {
                    for &(group, cell) in &places[first[level] as usize..first[level + 1] as usize]
                    {
                        let group = group as usize;
                        let factor = cells.weights[cell as usize] * cells.scale[group];
                        let range = cells.starts[group] as usize..cells.starts[group + 1] as usize;
                        let others = cells.levels[range.clone()]
                            .iter()
                            .zip(&cells.weights[range]);
                        for (&other, weight) in others {
                            let sum = &mut sums[other as usize];
                            if *sum == 0.0 {
                                touched.push(other);
                            }
                            *sum += factor * weight;
                        }
                    }
                    touched.sort_unstable();
                    let mut own = Vec::with_capacity(touched.len());
                    for other in touched.drain(..) {
                        let weight = std::mem::replace(&mut sums[other as usize], 0.0);
                        if other as usize != level {
                            own.push((other, weight));
                        }
                    }
                    own
                })
                .collect()
        })
        .collect();
    pieces.into_iter().flatten().collect()
}

/// Cells of an effect, group by group, in groups with at least two of its levels.
fn cells(layout: &Layout, position: usize) -> Cells {
    let (width, offset) = (layout.rest.len(), layout.offsets[position]);
    let count = layout.offsets[position + 1] - offset;
    let pieces: Vec<Cells> = layout
        .chunks
        .par_iter()
        .map(|chunk| {
            let mut sums = vec![0.0; count];
            let mut seen: Vec<u32> = Vec::new();
            let mut cells = Cells {
                starts: vec![0],
                levels: Vec::new(),
                weights: Vec::new(),
                scale: Vec::new(),
            };
            for level in chunk.clone() {
                let places = layout.places(level);
                let own = &layout.unknowns[places.start * width..places.end * width];
                let mut own = own.iter().skip(position).step_by(width);
                let head = own.clone().next();
                if own.all(|unknown| Some(unknown) == head) {
                    continue;
                }
                for place in places {
                    let other = layout.at(place)[position] - offset as u32;
                    let sum = &mut sums[other as usize];
                    if *sum == 0.0 {
                        seen.push(other);
                    }
                    *sum += layout.weights.as_ref().map_or(1.0, |w| w[place]);
                }
                seen.sort_unstable();
                for other in seen.drain(..) {
                    cells.levels.push(other);
                    let weight = std::mem::replace(&mut sums[other as usize], 0.0);
                    cells.weights.push(weight);
                }
                cells.starts.push(cells.levels.len() as u32);
                cells.scale.push(1.0 / layout.mass[level]);
            }
            cells
        })
        .collect();
    let mut all = Cells {
        starts: vec![0],
        levels: Vec::new(),
        weights: Vec::new(),
        scale: Vec::new(),
    };
    for piece in pieces {
        let before = all.levels.len() as u32;
        all.starts
            .extend(piece.starts[1..].iter().map(|start| start + before));
        all.levels.extend(piece.levels);
        all.weights.extend(piece.weights);
        all.scale.extend(piece.scale);
    }
    all
}
