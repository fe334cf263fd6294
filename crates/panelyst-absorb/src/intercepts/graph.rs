//! The graph that one effect makes once the leading effect is eliminated.
//!
//! Levels are vertices. Two levels that occur in the same group of the leading effect are joined by an edge of weight
//! `z z' / w`, with the levels' weights `z` and the group's `w`; the equations of the effect are this graph's Laplacian.
//! A level that shares no group joins nothing and is no vertex.

use super::cells::{Cells, Piece};
use crate::cross::Lanes;
use rayon::prelude::*;

/// Tasks that form the graph: each holds one number for every vertex.
const TASKS: usize = 16;

/// Pairs of cells for each edge from which groups with the same cells are looked for: 1e5 groups of which each has the
/// same ten levels as 45 others take a fifth of the time, and looking for them in vain a tenth more.
const REPEATED: f64 = 4.0;

/// A weighted graph, each edge kept at both its ends.
#[derive(Debug)]
pub(super) struct Graph {
    /// Level of each vertex.
    pub(super) levels: Vec<u32>,
    /// First edge of each vertex, and the end.
    pub(super) starts: Vec<usize>,
    /// Other end of each edge.
    pub(super) others: Vec<u32>,
    /// Weight of each edge.
    pub(super) weights: Vec<f64>,
}

/// Cells in groups, levels ascending within a group, by number of the vertex.
struct Joined {
    starts: Vec<u32>,
    vertices: Vec<u32>,
    weights: Vec<f64>,
    scale: Vec<f64>,
}

impl Graph {
    /// Forms the graph of an effect; about how many edges there will be decides how.
    pub(super) fn new(cells: &Cells, edges: f64) -> Self {
        let levels: Vec<u32> = (0..cells.count as u32)
            .filter(|&level| cells.weight[level as usize] > 0.0)
            .collect();
        let count = levels.len();
        let mut number = vec![0u32; cells.count];
        for (vertex, &level) in levels.iter().enumerate() {
            number[level as usize] = vertex as u32;
        }
        let joined = join(cells, &number, cells.pairs() > REPEATED * edges);
        let (first, places) = by_vertex(&joined, count);
        // Edges to later vertices, a range of vertices a task.
        let step = count.div_ceil(TASKS).max(1);
        let pieces: Vec<(Vec<u32>, Vec<u32>, Vec<f64>)> = (0..count.div_ceil(step))
            .into_par_iter()
            .map(|task| {
                let mut sums = vec![0.0; count];
                let mut touched: Vec<u32> = Vec::new();
                let (mut ends, mut others, mut weights) = (Vec::new(), Vec::new(), Vec::new());
                for vertex in task * step..count.min((task + 1) * step) {
                    for &(group, cell) in
                        &places[first[vertex] as usize..first[vertex + 1] as usize]
                    {
                        let factor = joined.weights[cell as usize] * joined.scale[group as usize];
                        let later = cell as usize + 1..joined.starts[group as usize + 1] as usize;
                        let own = joined.vertices[later.clone()].iter();
                        for (&other, weight) in own.zip(&joined.weights[later]) {
                            let sum = &mut sums[other as usize];
                            if *sum == 0.0 {
                                touched.push(other);
                            }
                            *sum += factor * weight;
                        }
                    }
                    touched.sort_unstable();
                    for other in touched.drain(..) {
                        let weight = std::mem::replace(&mut sums[other as usize], 0.0);
                        if weight > 0.0 {
                            others.push(other);
                            weights.push(weight);
                        }
                    }
                    ends.push(others.len() as u32);
                }
                (ends, others, weights)
            })
            .collect();
        let mut starts = vec![0usize; count + 1];
        let each = |visit: &mut dyn FnMut(u32, u32, f64)| {
            let mut vertex = 0;
            for (ends, others, weights) in &pieces {
                let mut begin = 0;
                for &end in ends {
                    for edge in begin..end as usize {
                        visit(vertex, others[edge], weights[edge]);
                    }
                    begin = end as usize;
                    vertex += 1;
                }
            }
        };
        each(&mut |a, b, _| {
            starts[a as usize + 1] += 1;
            starts[b as usize + 1] += 1;
        });
        for vertex in 0..count {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = starts.clone();
        let mut others = vec![0u32; starts[count]];
        let mut weights = vec![0.0; starts[count]];
        each(&mut |a, b, weight| {
            for (from, to) in [(a, b), (b, a)] {
                let slot = &mut next[from as usize];
                others[*slot] = to;
                weights[*slot] = weight;
                *slot += 1;
            }
        });
        Self {
            levels,
            starts,
            others,
            weights,
        }
    }

    /// Number of vertices.
    pub(super) fn len(&self) -> usize {
        self.levels.len()
    }

    /// Edges of a vertex: the other end and the weight.
    pub(super) fn edges(&self, vertex: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.starts[vertex]..self.starts[vertex + 1];
        let others = self.others[range.clone()].iter().copied();
        others.zip(self.weights[range].iter().copied())
    }

    /// The same graph with the vertices in another order: `order` gives the vertex at each place. Others ascend, as each vertex is
    /// entered at all its others in its turn.
    pub(super) fn reordered(&self, order: &[u32]) -> Self {
        let mut place = vec![0u32; order.len()];
        for (at, &vertex) in order.iter().enumerate() {
            place[vertex as usize] = at as u32;
        }
        let degree = |v: usize| self.starts[v + 1] - self.starts[v];
        let mut starts = Vec::with_capacity(self.len() + 1);
        starts.push(0);
        for &vertex in order {
            starts.push(starts[starts.len() - 1] + degree(vertex as usize));
        }
        let mut next = starts.clone();
        let mut others = vec![0; self.others.len()];
        let mut weights = vec![0.0; self.weights.len()];
        for (at, &vertex) in order.iter().enumerate() {
            for (other, weight) in self.edges(vertex as usize) {
                let slot = &mut next[place[other as usize] as usize];
                others[*slot] = at as u32;
                weights[*slot] = weight;
                *slot += 1;
            }
        }
        Self {
            levels: order.iter().map(|&v| self.levels[v as usize]).collect(),
            starts,
            others,
            weights,
        }
    }

    /// The product of the Laplacian with `x`. Differences are taken before they are weighed, so that what neighbours
    /// have in common cancels exactly.
    pub(super) fn multiply<const M: usize>(&self, x: &[Lanes<M>], out: &mut [Lanes<M>]) {
        for (vertex, out) in out.iter_mut().enumerate() {
            let own = x[vertex];
            let mut sum = [0.0; M];
            for (other, weight) in self.edges(vertex) {
                let theirs = &x[other as usize];
                for lane in 0..M {
                    sum[lane] += weight * (own[lane] - theirs[lane]);
                }
            }
            *out = sum;
        }
    }
}

/// Groups of cells, sorted, by number of the vertex. Groups with the same cells are entered once where `repeated` says that
/// there may be many.
fn join(cells: &Cells, number: &[u32], repeated: bool) -> Joined {
    let mut all = Joined {
        starts: vec![0],
        vertices: Vec::new(),
        weights: Vec::new(),
        scale: Vec::new(),
    };
    let mut own: Vec<(u32, f64)> = Vec::new();
    let mut enter = |piece: &Piece, group: usize, times: f64| {
        own.clear();
        own.extend(piece.range(group).map(|cell| {
            let vertex = number[piece.levels[cell] as usize];
            (vertex, piece.weight(cell))
        }));
        if !own.is_sorted_by_key(|cell| cell.0) {
            own.sort_unstable_by_key(|cell| cell.0);
        }
        all.vertices.extend(own.iter().map(|cell| cell.0));
        all.weights.extend(own.iter().map(|cell| cell.1));
        all.starts.push(all.vertices.len() as u32);
        all.scale.push(times * piece.scale[group]);
    };
    if repeated {
        for (index, group, times) in distinct(cells) {
            enter(&cells.pieces[index], group, f64::from(times));
        }
    } else {
        for piece in &cells.pieces {
            (0..piece.groups.len()).for_each(|group| enter(piece, group, 1.0));
        }
    }
    all
}

/// Groups whose cells are not those of an earlier one, each by its piece and its place there, and how many have these cells.
fn distinct(cells: &Cells) -> Vec<(usize, usize, u32)> {
    let hashes: Vec<Vec<u64>> = cells
        .pieces
        .par_iter()
        .map(|piece| (0..piece.groups.len()).map(|g| hash(piece, g)).collect())
        .collect();
    let total: usize = hashes.iter().map(Vec::len).sum();
    // Open addressing, at most half full: the place in `found`, plus one.
    let slots = (2 * total.max(1)).next_power_of_two();
    let mut table = vec![0u32; slots];
    let mut found: Vec<(usize, usize, u32)> = Vec::new();
    for (index, hashes) in hashes.iter().enumerate() {
        for (group, &hash) in hashes.iter().enumerate() {
            let mut slot = hash as usize & (slots - 1);
            loop {
                if table[slot] == 0 {
                    found.push((index, group, 1));
                    table[slot] = found.len() as u32;
                    break;
                }
                let known = &mut found[table[slot] as usize - 1];
                let (a, b) = (&cells.pieces[known.0], &cells.pieces[index]);
                if same(a, known.1, b, group) {
                    known.2 += 1;
                    break;
                }
                slot = (slot + 1) & (slots - 1);
            }
        }
    }
    found
}

/// Whether two groups have the same cells in the same order.
fn same(a: &Piece, first: usize, b: &Piece, second: usize) -> bool {
    let (x, y) = (a.range(first), b.range(second));
    a.levels[x.clone()] == b.levels[y.clone()]
        && a.scale[first] == b.scale[second]
        && x.zip(y).all(|(x, y)| a.weight(x) == b.weight(y))
}

/// A number by which groups are looked up.
fn hash(piece: &Piece, group: usize) -> u64 {
    let levels = piece.levels[piece.range(group)].iter();
    let mixed = levels.fold(0u64, |mixed, &level| {
        (mixed.rotate_left(5) ^ u64::from(level)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    mixed ^ mixed >> 32
}

/// First cell of each vertex, and the end, and the cells by vertex: group and cell, groups ascending.
fn by_vertex(joined: &Joined, count: usize) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut first = vec![0u32; count + 1];
    for &vertex in &joined.vertices {
        first[vertex as usize + 1] += 1;
    }
    for vertex in 0..count {
        first[vertex + 1] += first[vertex];
    }
    let mut next = first.clone();
    let mut places = vec![(0u32, 0u32); joined.vertices.len()];
    for group in 0..joined.scale.len() {
        for cell in joined.starts[group]..joined.starts[group + 1] {
            let slot = &mut next[joined.vertices[cell as usize] as usize];
            places[*slot as usize] = (group as u32, cell);
            *slot += 1;
        }
    }
    (first, places)
}
