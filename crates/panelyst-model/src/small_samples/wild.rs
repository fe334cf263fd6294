//! The wild cluster bootstrap with the null imposed.
//!
//! For H0: beta_j = r the residuals of the restricted regression, `e(r)`, are multiplied by one random number a cluster and
//! added to its fitted values; the t statistic (CRV1) of beta_j = r in each such sample is compared with that of the data
//! (Cameron, Gelbach and Miller 2008). Everything is linear in the random numbers, so samples are never made (Roodman,
//! MacKinnon, Nielsen and Webb 2019): with Q, `A_g`, `s_g` of [`Blocks`], t the weights of beta_j on the basis,
//! `h_g = A_g t`, `tau = t't` and `d = beta_j - r`,
//!
//! ```text
//! scores of the restricted residuals    c_g = s_g + d h_g / tau
//! beta*_j - r                           sum_g v_g t'c_g
//! variance of it, without factor        sum_h (v_h t'c_h - h_h' sum_g v_g c_g)^2
//! ```
//!
//! which are linear and quadratic in d: one pass over the draws gives the p-value of every r, and so the confidence set.

use super::blocks::Blocks;
use super::forms::Forms;
use super::weights::{Draws, Signs};
use crate::linear::sums::dot;
use crate::request::Wild;

/// A statistic counts as large as that of the data when its square falls short by no more than this share of it: signs
/// that are all equal give the same statistic but for rounding.
const TIE: f64 = 1e-9;

/// Level of the confidence set: 95 %.
const OUTSIDE: f64 = 0.05;

/// Halvings of an interval that holds a limit.
const HALVINGS: usize = 60;

/// Enlargements of the distance from the estimate until the set is called unbounded: 3e5 times the bare error. The two parts
/// of a statistic keep no more digits: farther out rounding would tell ties apart.
const DOUBLINGS: usize = 20;

/// What the bootstrap says about one coefficient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WildTest {
    /// Symmetric two-sided p-value of a coefficient of zero.
    pub p_value: f64,
    /// Limits of the 95 % confidence set around the estimate; infinite where no value on that side is rejected. Not
    /// numbers where the set was not asked for.
    pub interval: [f64; 2],
}

/// Sums of one draw: numerator `n[0] + d n[1]`, variance `q[0] + 2 d q[1] + d^2 q[2]`.
#[derive(Clone, Copy, Debug)]
struct Sums {
    n: [f64; 2],
    q: [f64; 3],
}

/// The bootstrap of one regression.
#[derive(Debug)]
pub struct WildBootstrap<'a> {
    blocks: &'a Blocks,
    grams: Vec<Vec<f64>>,
    scores: Vec<Vec<f64>>,
    draws: Draws,
}

impl<'a> WildBootstrap<'a> {
    /// Draws the random numbers, the same for every coefficient.
    pub fn new(blocks: &'a Blocks, asked: &Wild) -> Self {
        let groups = blocks.groups();
        Self {
            blocks,
            grams: (0..groups).map(|g| blocks.gram(g)).collect(),
            scores: (0..groups).map(|g| blocks.score(g)).collect(),
            draws: Draws::new(groups, asked),
        }
    }

    /// `A_g` of each cluster.
    pub(super) fn grams(&self) -> &[Vec<f64>] {
        &self.grams
    }

    /// The random numbers.
    pub fn draws(&self) -> &Draws {
        &self.draws
    }

    /// The test of a coefficient of zero, with its confidence set where asked for.
    pub fn test(&self, coefficient: usize, with_set: bool) -> WildTest {
        let beta = self.blocks.coefficients[coefficient];
        let parts = Parts::new(self, coefficient);
        if !with_set {
            // With r = 0 alone the two parts of everything are added before the draws.
            let parts = parts.at(beta);
            let large = |n: f64, q: f64| n * n * parts.variance >= beta * beta * q * (1.0 - TIE);
            let changes: Vec<Vec<f64>> = (0..parts.h.len()).map(|g| parts.changes(0, g)).collect();
            let count = match Forms::new(&parts.own[0], &changes, &self.draws) {
                Some(forms) => forms.count(&self.draws, large),
                None => {
                    let sums = self.draws.map(&parts.signs(&self.draws), Parts::sums);
                    sums.iter().filter(|s| large(s.n[0], s.q[0])).count()
                }
            };
            return WildTest {
                p_value: self.draws.p_value(count),
                interval: [f64::NAN; 2],
            };
        }
        let sums = self.draws.map(&parts.signs(&self.draws), Parts::sums);
        let p = |d: f64| {
            let large = |s: &&Sums| {
                let n = s.n[0] + d * s.n[1];
                let q = s.q[0] + d * (2.0 * s.q[1] + d * s.q[2]);
                n * n * parts.variance >= d * d * q * (1.0 - TIE)
            };
            self.draws.p_value(sums.iter().filter(large).count())
        };
        let limit =
            |side: f64| beta - side * farthest(|d| p(side * d) > OUTSIDE, parts.variance.sqrt());
        WildTest {
            p_value: p(beta),
            interval: [limit(1.0), limit(-1.0)],
        }
    }
}

/// The distance at which a set that holds 0 ends, looked for outward from `step`; infinite if it does not end.
fn farthest(inside: impl Fn(f64) -> bool, step: f64) -> f64 {
    let (mut low, mut high) = (0.0, step);
    let mut doublings = 0;
    while inside(high) {
        low = high;
        high *= if doublings < 4 { 1.5 } else { 2.0 };
        doublings += 1;
        if doublings > DOUBLINGS {
            return f64::INFINITY;
        }
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if inside(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// What the draws of one coefficient are multiplied with, in the two parts of a number that is linear in d.
struct Parts {
    /// `t'c_g`.
    own: [Vec<f64>; 2],
    /// `h_g`.
    h: Vec<Vec<f64>>,
    /// `c_g`.
    c: [Vec<Vec<f64>>; 2],
    /// Number of parts in use.
    parts: usize,
    /// Variance of the coefficient in the data, without factor.
    variance: f64,
}

impl Parts {
    fn new(bootstrap: &WildBootstrap<'_>, coefficient: usize) -> Self {
        let direction = bootstrap.blocks.direction(coefficient);
        let p = direction.len();
        let tau: f64 = direction.iter().map(|t| t * t).sum();
        let h: Vec<Vec<f64>> = bootstrap
            .grams
            .iter()
            .map(|gram| {
                gram.chunks_exact(p.max(1))
                    .map(|row| dot(row, direction))
                    .collect()
            })
            .collect();
        let second: Vec<Vec<f64>> = h
            .iter()
            .map(|h| h.iter().map(|v| v / tau).collect())
            .collect();
        let first = bootstrap.scores.clone();
        let own =
            [&first, &second].map(|c| c.iter().map(|c| dot(c, direction)).collect::<Vec<f64>>());
        Self {
            variance: own[0].iter().map(|v| v * v).sum(),
            own,
            h,
            c: [first, second],
            parts: 2,
        }
    }

    /// The parts added up at one d.
    fn at(&self, d: f64) -> Self {
        let add = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| a + d * b).collect()
        };
        let c = self.c[0]
            .iter()
            .zip(&self.c[1])
            .map(|(a, b)| add(a, b))
            .collect();
        Self {
            own: [add(&self.own[0], &self.own[1]), Vec::new()],
            h: self.h.clone(),
            c: [c, Vec::new()],
            parts: 1,
            variance: self.variance,
        }
    }

    /// What the number of a cluster adds to the score of every cluster, in one part.
    fn changes(&self, part: usize, cluster: usize) -> Vec<f64> {
        let c = &self.c[part][cluster];
        let clusters = self.h.iter().enumerate();
        clusters
            .map(|(other, h)| {
                let moved: f64 = h.iter().zip(c).map(|(h, c)| h * c).sum();
                if other == cluster {
                    self.own[part][cluster] - moved
                } else {
                    -moved
                }
            })
            .collect()
    }

    /// The vectors that each cluster's random number multiplies: for each part `t'c_g` and, where clusters are few, the
    /// change of every cluster's score, else `c_g`.
    fn signs(&self, draws: &Draws) -> Signs {
        let groups = self.h.len();
        let p = self.h.first().map_or(0, Vec::len);
        let by_cluster = draws.tabulates() || groups <= 2 * p;
        let length = if by_cluster { groups } else { p };
        let mut vectors = Vec::with_capacity(groups);
        for g in 0..groups {
            let mut vector = Vec::with_capacity(self.parts * (1 + length));
            for part in 0..self.parts {
                vector.push(self.own[part][g]);
                if by_cluster {
                    vector.extend(self.changes(part, g));
                } else {
                    vector.extend_from_slice(&self.c[part][g]);
                }
            }
            vectors.push(vector);
        }
        Signs::new(
            vectors,
            draws,
            by_cluster,
            self.parts,
            self.h.clone(),
            self.own.clone(),
        )
    }

    /// Sums of one draw from the combined vectors.
    fn sums(signs: &Signs, v: &[f64], combined: &[f64]) -> Sums {
        let mut sums = Sums {
            n: [0.0; 2],
            q: [0.0; 3],
        };
        let length = combined.len() / signs.parts;
        for part in 0..signs.parts {
            sums.n[part] = combined[part * length];
        }
        if signs.by_cluster {
            let first = &combined[1..length];
            sums.q[0] = dot(first, first);
            if signs.parts == 2 {
                let second = &combined[length + 1..];
                sums.q[1] = dot(first, second);
                sums.q[2] = dot(second, second);
            }
            return sums;
        }
        for (h, vector) in signs.h.iter().enumerate() {
            let mut score = [0.0; 2];
            for (part, score) in score.iter_mut().enumerate().take(signs.parts) {
                let u = &combined[part * length + 1..(part + 1) * length];
                let moved: f64 = vector.iter().zip(u).map(|(h, u)| h * u).sum();
                *score = v[h] * signs.own[part][h] - moved;
            }
            sums.q[0] += score[0] * score[0];
            sums.q[1] += score[0] * score[1];
            sums.q[2] += score[1] * score[1];
        }
        sums
    }
}
