//! A graph's Laplacian factored approximately: a preconditioner whose cost is proportional to the edges.
//!
//! Eliminating a vertex joins its neighbours with each other. Where that makes many edges, a few of them are drawn
//! instead, weighed so that their expectation is the whole clique (Kyng and Sachdeva 2016, "Approximate Gaussian
//! elimination for Laplacians: fast, sparse, and simple"; the order of sampling after Gao, Kyng and Spielman 2023,
//! "Robust and practical solution of Laplacian equations by approximate elimination"). The draws of a neighbour are
//! spread evenly over the others' weights (systematic sampling), and the seed is fixed.

use super::graph::Graph;
use crate::cross::Lanes;

/// Edges drawn for each neighbour of an eliminated vertex. A vertex whose clique has no more edges is eliminated exactly.
/// Firms joined by few moves, 8,311 with 31,423 edges: 1, 2, 3, 4 draws take 27, 16, 13, 11 iterations with 55, 101, 161,
/// 218 thousand numbers in the factor, and factoring takes 4, 20, 45, 94 ms: one draw costs least unless there are more
/// than some ten columns.
const DRAWS: usize = 1;

/// Vertices with more neighbours are taken in the order of their numbers.
const DEGREES: usize = 1_024;

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// An approximate factor; vertices are numbered by their turn.
#[derive(Debug)]
pub(super) struct Sampled {
    /// Vertex at each turn.
    order: Vec<u32>,
    /// One over the weight of all edges of a vertex at its turn; zero for one without neighbours.
    inverse: Vec<f64>,
    /// First neighbour of each, and the end.
    starts: Vec<u32>,
    /// Turn of each neighbour, and the share of its edge in the vertex's weight.
    neighbours: Vec<(u32, f32)>,
}

impl Sampled {
    /// Factors a graph.
    pub(super) fn new(graph: &Graph) -> Self {
        let count = graph.len();
        let mut lists: Vec<Vec<(u32, f64)>> =
            (0..count).map(|v| graph.edges(v).collect()).collect();
        let mut queue = Queue::new(lists.iter().map(Vec::len));
        let mut draws = Draws(SEED);
        let mut sums = vec![0.0; count];
        let mut seen = vec![0u32; count];
        let mut star: Vec<(u32, f64)> = Vec::new();
        let mut cumulative: Vec<f64> = Vec::new();
        let mut out = Self {
            order: Vec::with_capacity(count),
            inverse: Vec::with_capacity(count),
            starts: vec![0],
            neighbours: Vec::with_capacity(graph.others.len()),
        };
        let mut turn = vec![u32::MAX; count];
        while let Some(vertex) = queue.pop() {
            let v = vertex as usize;
            turn[v] = out.order.len() as u32;
            star.clear();
            for (other, weight) in std::mem::take(&mut lists[v]) {
                let o = other as usize;
                if turn[o] != u32::MAX {
                    continue;
                }
                if seen[o] == 0 {
                    star.push((other, 0.0));
                }
                sums[o] += weight;
                seen[o] += 1;
            }
            for (other, weight) in &mut star {
                let o = *other as usize;
                *weight = std::mem::replace(&mut sums[o], 0.0);
                queue.take(*other, std::mem::replace(&mut seen[o], 0));
            }
            star.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let total: f64 = star.iter().map(|edge| edge.1).sum();
            let inverse = if total > 0.0 { 1.0 / total } else { 0.0 };
            out.order.push(vertex);
            out.inverse.push(inverse);
            for &(other, weight) in &star {
                out.neighbours.push((other, (weight * inverse) as f32));
            }
            out.starts.push(out.neighbours.len() as u32);
            let mut join = |a: u32, b: u32, weight: f64| {
                lists[a as usize].push((b, weight));
                lists[b as usize].push((a, weight));
                queue.give(a);
                queue.give(b);
            };
            if star.len() <= 2 * DRAWS + 1 {
                for (index, &(a, own)) in star.iter().enumerate() {
                    for &(b, weight) in &star[index + 1..] {
                        join(a, b, own * weight * inverse);
                    }
                }
            } else {
                cumulative.clear();
                let mut sum = 0.0;
                for edge in &star {
                    sum += edge.1;
                    cumulative.push(sum);
                }
                for (index, &(a, own)) in star[..star.len() - 1].iter().enumerate() {
                    let before = cumulative[index];
                    let later = sum - before;
                    let share = own * later * inverse / DRAWS as f64;
                    let start = draws.uniform();
                    for draw in 0..DRAWS {
                        let at = before + later * (start + draw as f64) / DRAWS as f64;
                        let to = index
                            + 1
                            + cumulative[index + 1..star.len() - 1].partition_point(|&c| c <= at);
                        join(a, star[to].0, share);
                    }
                }
            }
            for edge in &star {
                queue.place(edge.0);
            }
        }
        for neighbour in &mut out.neighbours {
            neighbour.0 = turn[neighbour.0 as usize];
        }
        out
    }

    /// Vertex at each turn.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// Applies the inverse of the factors in place; values are by turn.
    pub(super) fn solve<const M: usize>(&self, values: &mut [Lanes<M>]) {
        for k in 0..self.order.len() {
            let own = values[k];
            for &(other, share) in self.own(k) {
                let share = f64::from(share);
                let value = &mut values[other as usize];
                for lane in 0..M {
                    value[lane] += share * own[lane];
                }
            }
        }
        for k in (0..self.order.len()).rev() {
            let mut own = values[k].map(|value| value * self.inverse[k]);
            for &(other, share) in self.own(k) {
                let share = f64::from(share);
                let value = &values[other as usize];
                for lane in 0..M {
                    own[lane] += share * value[lane];
                }
            }
            values[k] = own;
        }
    }

    fn own(&self, turn: usize) -> &[(u32, f32)] {
        &self.neighbours[self.starts[turn] as usize..self.starts[turn + 1] as usize]
    }
}

/// Vertices by number of edges, the fewest first.
struct Queue {
    degree: Vec<u32>,
    done: Vec<bool>,
    /// Vertices that had so many edges when they were put there.
    buckets: Vec<Vec<u32>>,
    lowest: usize,
}

impl Queue {
    fn new(degrees: impl Iterator<Item = usize>) -> Self {
        let degree: Vec<u32> = degrees.map(|degree| degree as u32).collect();
        let mut out = Self {
            done: vec![false; degree.len()],
            buckets: vec![Vec::new(); DEGREES + 1],
            lowest: 0,
            degree,
        };
        for vertex in (0..out.degree.len() as u32).rev() {
            out.place(vertex);
        }
        out
    }

    /// Bucket of a vertex.
    fn bucket(&self, vertex: u32) -> usize {
        (self.degree[vertex as usize] as usize).min(DEGREES)
    }

    fn place(&mut self, vertex: u32) {
        let bucket = self.bucket(vertex);
        self.buckets[bucket].push(vertex);
        self.lowest = self.lowest.min(bucket);
    }

    fn take(&mut self, vertex: u32, edges: u32) {
        self.degree[vertex as usize] -= edges;
    }

    fn give(&mut self, vertex: u32) {
        self.degree[vertex as usize] += 1;
    }

    fn pop(&mut self) -> Option<u32> {
        while self.lowest <= DEGREES {
            match self.buckets[self.lowest].pop() {
                None => self.lowest += 1,
                Some(vertex) => {
                    if !self.done[vertex as usize] && self.bucket(vertex) == self.lowest {
                        self.done[vertex as usize] = true;
                        return Some(vertex);
                    }
                }
            }
        }
        None
    }
}

/// Pseudo-random numbers (Marsaglia 2003, "Xorshift RNGs").
struct Draws(u64);

impl Draws {
    /// A number from zero to below one.
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}
