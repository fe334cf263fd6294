//! The equations of one effect, factored by eliminating its levels one after the other.
//!
//! Eliminating a vertex of a Laplacian joins its neighbours with each other (a star becomes a clique) and leaves a
//! Laplacian: all weights stay positive and nothing is ever subtracted, so each keeps nearly all its digits. Vertices
//! with few neighbours go first (Tinney and Walker 1967: minimum degree). What is left when nearly all are joined with each
//! other is factored as a dense matrix.

use super::graph::Graph;
use crate::components::Forest;
use crate::cross::Lanes;
use crate::direct::Factor;

/// Vertices of a core that is factored as a dense matrix: 384 take 5 ms, as long as all else of a graph of 6000.
const CORE: usize = 384;

/// A graph whose vertices have so many more neighbours at their turn than at first, while more vertices are left than a core
/// may have, is filling up: the elimination is given up. Among firms with few moves this is so after a seventh of the
/// steps that 96 for each edge allow.
const FILL: usize = 4;

/// Steps of the elimination at most for each edge: a ring whose vertices are joined with 18 others takes 72 (12 ms for 37,000
/// edges), after which every solution takes less than an iteration.
const STEPS: usize = 96;

/// A core is left to the dense matrix once its vertices are joined with one in so many others.
const FULL: usize = 3;

/// Weighted edges, each kept at both its ends, neighbours ascending.
type Edges = Vec<Vec<(u32, f64)>>;

/// A factored Laplacian.
#[derive(Debug)]
pub(super) struct Laplacian {
    /// Vertices in the order of elimination.
    vertices: Vec<u32>,
    /// One over the weight of all edges of a vertex at its turn; zero for one without neighbours.
    inverse: Vec<f64>,
    /// First neighbour of each, and the end.
    starts: Vec<u32>,
    /// Neighbours at the vertex's turn, with the share of their edge in the vertex's weight.
    neighbours: Vec<(u32, f64)>,
    core: Core,
}

/// Vertices that were not eliminated one by one: factored as a dense matrix.
#[derive(Debug)]
struct Core {
    vertices: Vec<u32>,
    factor: Factor,
    scale: Vec<f64>,
}

impl Laplacian {
    /// Factors a graph; `None` where it fills up and takes too long, unless that is to be disregarded.
    pub(super) fn new(graph: &Graph, always: bool) -> Option<Self> {
        let edges = (0..graph.len()).map(|v| graph.edges(v).collect());
        let (most, limit) = if always {
            (usize::MAX, usize::MAX)
        } else {
            let ends = graph.others.len();
            (ends / graph.len().max(1) + FILL, STEPS * ends / 2)
        };
        Self::eliminate(edges.collect(), most, limit)
    }

    /// Gives up at more than `most` neighbours while the core is large, and after more than `limit` steps.
    fn eliminate(mut edges: Edges, most: usize, limit: usize) -> Option<Self> {
        let count = edges.len();
        let mut queue: Vec<Vec<u32>> = vec![Vec::new(); count.max(1)];
        for (vertex, own) in edges.iter().enumerate().rev() {
            queue[own.len()].push(vertex as u32);
        }
        let mut done = vec![false; count];
        let mut vertices = Vec::with_capacity(count);
        let mut inverses = Vec::with_capacity(count);
        let mut starts = vec![0];
        let mut neighbours = Vec::new();
        let (mut degree, mut steps) = (0, 0);
        let mut merged: Vec<(u32, f64)> = Vec::new();
        while vertices.len() < count {
            let left = count - vertices.len();
            if left <= CORE && degree * FULL >= left {
                break;
            }
            let Some(vertex) = queue[degree].pop() else {
                degree += 1;
                continue;
            };
            let v = vertex as usize;
            if done[v] || edges[v].len() != degree {
                continue;
            }
            done[v] = true;
            let own = std::mem::take(&mut edges[v]);
            let weight: f64 = own.iter().map(|edge| edge.1).sum();
            let inverse = if weight > 0.0 { 1.0 / weight } else { 0.0 };
            vertices.push(vertex);
            inverses.push(inverse);
            for &(other, edge) in &own {
                neighbours.push((other, edge * inverse));
                let theirs = &mut edges[other as usize];
                steps += theirs.len() + own.len();
                merge(theirs, &own, vertex, other, edge * inverse, &mut merged);
                std::mem::swap(theirs, &mut merged);
                queue[theirs.len()].push(other);
                degree = degree.min(theirs.len());
            }
            starts.push(neighbours.len() as u32);
            if steps > limit || degree > most && left > CORE {
                return None;
            }
        }
        let left: Vec<u32> = (0..count as u32).filter(|&v| !done[v as usize]).collect();
        Some(Self {
            vertices,
            inverse: inverses,
            starts,
            neighbours,
            core: core(left, &edges),
        })
    }

    /// Solves in place for several right-hand sides.
    pub(super) fn solve<const M: usize>(&self, values: &mut [Lanes<M>]) {
        let range = |k: usize| self.starts[k] as usize..self.starts[k + 1] as usize;
        for (k, &vertex) in self.vertices.iter().enumerate() {
            let own = values[vertex as usize];
            for &(other, share) in &self.neighbours[range(k)] {
                let value = &mut values[other as usize];
                for lane in 0..M {
                    value[lane] += share * own[lane];
                }
            }
        }
        self.core.solve(values);
        for (k, &vertex) in self.vertices.iter().enumerate().rev() {
            let mut own = values[vertex as usize].map(|value| value * self.inverse[k]);
            for &(other, share) in &self.neighbours[range(k)] {
                let value = &values[other as usize];
                for lane in 0..M {
                    own[lane] += share * value[lane];
                }
            }
            values[vertex as usize] = own;
        }
    }
}

/// Puts into `merged` the edges of vertex `other` once `vertex` is gone: its own and those to the neighbours `gone` of the
/// vertex, of which `share` falls to it.
fn merge(
    own: &[(u32, f64)],
    gone: &[(u32, f64)],
    vertex: u32,
    other: u32,
    share: f64,
    merged: &mut Vec<(u32, f64)>,
) {
    merged.clear();
    let mut new = gone.iter().filter(|edge| edge.0 != other).peekable();
    for &(to, weight) in own.iter().filter(|edge| edge.0 != vertex) {
        while let Some(edge) = new.next_if(|edge| edge.0 < to) {
            merged.push((edge.0, share * edge.1));
        }
        match new.next_if(|edge| edge.0 == to) {
            Some(edge) => merged.push((to, weight + share * edge.1)),
            None => merged.push((to, weight)),
        }
    }
    merged.extend(new.map(|edge| (edge.0, share * edge.1)));
}

/// Factors what is left of a graph.
fn core(vertices: Vec<u32>, edges: &Edges) -> Core {
    let weights: Vec<f64> = vertices
        .iter()
        .map(|&v| edges[v as usize].iter().map(|edge| edge.1).sum())
        .collect();
    let n = vertices.len();
    let scale: Vec<f64> = weights.iter().map(|weight| 1.0 / weight.sqrt()).collect();
    let mut matrix = vec![0.0; n * n];
    let mut forest = Forest::new(n);
    for (i, &vertex) in vertices.iter().enumerate() {
        matrix[i * n + i] = 1.0;
        for &(other, weight) in &edges[vertex as usize] {
            if let Ok(j) = vertices.binary_search(&other) {
                matrix[i * n + j] = -weight * scale[i] * scale[j];
                forest.join(i as u32, j as u32);
            }
        }
    }
    // Every vertex of the core has neighbours there: one vertex of each component is fixed.
    let factor = Factor::definite(&matrix, n, &forest.firsts())
        .unwrap_or_else(|_| Factor::semidefinite(&matrix, n));
    Core {
        vertices,
        factor,
        scale,
    }
}

impl Core {
    fn solve<const M: usize>(&self, values: &mut [Lanes<M>]) {
        let mut columns: Vec<Vec<f64>> = (0..M)
            .map(|lane| {
                let own = self.vertices.iter().zip(&self.scale);
                own.map(|(&v, scale)| values[v as usize][lane] * scale)
                    .collect()
            })
            .collect();
        self.factor.solve(&mut columns);
        for (lane, column) in columns.iter().enumerate() {
            let own = self.vertices.iter().zip(column).zip(&self.scale);
            for ((&vertex, value), scale) in own {
                values[vertex as usize][lane] = value * scale;
            }
        }
    }
}
