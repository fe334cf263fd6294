//! The equations of one effect, factored by eliminating its levels one after the other.
//!
//! Eliminating a vertex of a Laplacian joins its neighbours with each other (a star becomes a clique) and leaves a
//! Laplacian: all weights stay positive and nothing is ever subtracted, so each keeps nearly all its digits. Vertices
//! with few neighbours go first (Tinney and Walker 1967: minimum degree). What is left when all have many is factored as
//! a dense matrix while it is small, and by its diagonal otherwise.

use super::graph::{Edges, edges, mean_degree};
use super::layout::Layout;
use crate::components::Forest;
use crate::cross::Lanes;
use crate::direct::Factor;

/// A vertex with more neighbours is left to the core.
const DEGREE: usize = 192;

/// A graph whose vertices have more neighbours on average is not formed: the diagonal serves such graphs well.
const DENSE: f64 = 64.0;

/// Vertices of a core that is factored as a dense matrix.
const CORE: usize = 768;

/// Steps of the elimination at most: so many for each row, and these.
const STEPS_A_ROW: usize = 24;
const STEPS: usize = 20_000_000;

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

/// Vertices that were not eliminated one by one.
#[derive(Debug)]
enum Core {
    Factored {
        vertices: Vec<u32>,
        factor: Factor,
        scale: Vec<f64>,
    },
    Diagonal {
        vertices: Vec<u32>,
        inverse: Vec<f64>,
    },
}

impl Laplacian {
    /// Factors the equations of the effect at a position beside the leading one; `None` where its graph is dense.
    pub(super) fn new(layout: &Layout, position: usize) -> Option<Self> {
        let count = layout.offsets[position + 1] - layout.offsets[position];
        if count > CORE && mean_degree(layout, position) > DENSE {
            return None;
        }
        let budget = STEPS + STEPS_A_ROW * layout.rows;
        Some(Self::eliminate(edges(layout, position), budget))
    }

    /// Whether nothing was approximated.
    pub(super) fn is_exact(&self) -> bool {
        match &self.core {
            Core::Factored { .. } => true,
            Core::Diagonal { vertices, .. } => vertices.is_empty(),
        }
    }

    fn eliminate(mut edges: Edges, budget: usize) -> Self {
        let count = edges.len();
        let mut queue: Vec<Vec<u32>> = vec![Vec::new(); DEGREE + 1];
        for (vertex, own) in edges.iter().enumerate().rev() {
            if own.len() <= DEGREE {
                queue[own.len()].push(vertex as u32);
            }
        }
        let mut done = vec![false; count];
        let mut out = Self {
            vertices: Vec::with_capacity(count),
            inverse: Vec::with_capacity(count),
            starts: vec![0],
            neighbours: Vec::new(),
            core: Core::Diagonal {
                vertices: Vec::new(),
                inverse: Vec::new(),
            },
        };
        let (mut degree, mut steps) = (0, 0);
        let mut merged: Vec<(u32, f64)> = Vec::new();
        while degree <= DEGREE && steps <= budget {
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
            out.vertices.push(vertex);
            out.inverse.push(inverse);
            for &(other, edge) in &own {
                out.neighbours.push((other, edge * inverse));
                let theirs = &mut edges[other as usize];
                steps += theirs.len() + own.len();
                merge(theirs, &own, vertex, other, edge * inverse, &mut merged);
                std::mem::swap(theirs, &mut merged);
                if theirs.len() <= DEGREE {
                    queue[theirs.len()].push(other);
                    degree = degree.min(theirs.len());
                }
            }
            out.starts.push(out.neighbours.len() as u32);
        }
        let left: Vec<u32> = (0..count as u32).filter(|&v| !done[v as usize]).collect();
        out.core = core(left, &edges);
        out
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
    if vertices.is_empty() || vertices.len() > CORE {
        let inverse = weights.iter().map(|weight| 1.0 / weight).collect();
        return Core::Diagonal { vertices, inverse };
    }
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
    Core::Factored {
        vertices,
        factor,
        scale,
    }
}

impl Core {
    fn solve<const M: usize>(&self, values: &mut [Lanes<M>]) {
        match self {
            Self::Diagonal { vertices, inverse } => {
                for (&vertex, inverse) in vertices.iter().zip(inverse) {
                    values[vertex as usize]
                        .iter_mut()
                        .for_each(|value| *value *= inverse);
                }
            }
            Self::Factored {
                vertices,
                factor,
                scale,
            } => {
                let mut columns: Vec<Vec<f64>> = (0..M)
                    .map(|lane| {
                        let own = vertices.iter().zip(scale);
                        own.map(|(&v, scale)| values[v as usize][lane] * scale)
                            .collect()
                    })
                    .collect();
                factor.solve(&mut columns);
                for (lane, column) in columns.iter().enumerate() {
                    for ((&vertex, value), scale) in vertices.iter().zip(column).zip(scale) {
                        values[vertex as usize][lane] = value * scale;
                    }
                }
            }
        }
    }
}
