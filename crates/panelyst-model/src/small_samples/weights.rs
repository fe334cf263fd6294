//! Random numbers of the wild bootstrap, one a cluster, and sums of vectors weighted by them.

use super::forms::FOUR;
use crate::random::{below, stream};
use crate::request::{Wild, WildWeights};
use rand_core::Rng;
use rayon::prelude::*;
use std::sync::OnceLock;

/// Draws of one stream of random numbers.
const BLOCK: usize = 256;

/// Clusters whose sums under all signs are tabulated together.
const TOGETHER: usize = 6;

/// Numbers of a sum that are held in registers.
const LANES: usize = 8;

/// With more clusters than this the sums are not tabulated.
const TABULATED: usize = 200;

/// Webb's six points (Webb 2023), each with probability 1/6.
const WEBB: [f64; 6] = [
    -1.224_744_871_391_589,
    -1.0,
    -std::f64::consts::FRAC_1_SQRT_2,
    std::f64::consts::FRAC_1_SQRT_2,
    1.0,
    1.224_744_871_391_589,
];

/// The experiment's number, beside those of other random numbers under the same seed.
const EXPERIMENT: u64 = 0x7769_6c64;

/// All draws of a bootstrap: place of each cluster's number among the points of the distribution.
#[derive(Clone, Debug)]
pub struct Draws {
    groups: usize,
    weights: WildWeights,
    /// `groups` places a draw.
    places: Vec<u8>,
    /// Where sums are tabulated, the signs of neighbouring clusters as one number: bit i for the cluster i of each
    /// [`TOGETHER`].
    patterns: OnceLock<Vec<u8>>,
    /// The same of each [`FOUR`].
    fours: OnceLock<Vec<u8>>,
    /// Whether the draws are all that there are.
    enumerated: bool,
}

impl Draws {
    /// All combinations where there are no more of them than the draws asked for (with signs half of them, as a statistic
    /// and its mirror image have the same size), else that many random ones.
    pub fn new(groups: usize, asked: &Wild) -> Self {
        let (points, free) = match asked.weights {
            WildWeights::Rademacher => (2usize, groups.saturating_sub(1)),
            WildWeights::Webb => (6, groups),
        };
        let all = u32::try_from(free)
            .ok()
            .and_then(|free| points.checked_pow(free));
        if let Some(all) = all.filter(|all| *all <= asked.draws) {
            let mut places = vec![0u8; all * groups];
            for (draw, row) in places.chunks_exact_mut(groups.max(1)).enumerate() {
                let mut rest = draw;
                for place in row.iter_mut().take(free) {
                    *place = (rest % points) as u8;
                    rest /= points;
                }
            }
            return Self::of(groups, asked.weights, places, true);
        }
        let mut places = vec![0u8; asked.draws * groups];
        places
            .par_chunks_mut((BLOCK * groups).max(1))
            .enumerate()
            .for_each(|(block, places)| {
                let mut random = stream(asked.seed, EXPERIMENT, block as u64);
                match asked.weights {
                    WildWeights::Rademacher => {
                        for piece in places.chunks_mut(64) {
                            let bits = random.next_u64();
                            for (bit, place) in piece.iter_mut().enumerate() {
                                *place = (bits >> bit & 1) as u8;
                            }
                        }
                    }
                    WildWeights::Webb => {
                        for place in places.iter_mut() {
                            *place = below(&mut random, 6) as u8;
                        }
                    }
                }
            });
        Self::of(groups, asked.weights, places, false)
    }

    fn of(groups: usize, weights: WildWeights, places: Vec<u8>, enumerated: bool) -> Self {
        Self {
            groups,
            weights,
            places,
            patterns: OnceLock::new(),
            fours: OnceLock::new(),
            enumerated,
        }
    }

    /// The signs of each [`FOUR`] clusters as one number, draw by draw, where sums are tabulated.
    pub(super) fn fours(&self) -> &[u8] {
        self.fours
            .get_or_init(|| patterns(&self.places, self.groups, FOUR))
    }

    /// The numbers of one draw.
    pub(super) fn numbers(&self, draw: usize) -> Vec<f64> {
        let points = self.points();
        let places = &self.places[draw * self.groups..(draw + 1) * self.groups];
        places.iter().map(|place| points[*place as usize]).collect()
    }

    /// Number of draws or of combinations (signs: of pairs that mirror each other).
    pub fn count(&self) -> usize {
        self.places.len() / self.groups.max(1)
    }

    /// Whether every combination was used.
    pub fn enumerated(&self) -> bool {
        self.enumerated
    }

    /// Number of draws; signs that mirror each other are two combinations.
    pub fn combinations(&self) -> usize {
        match (self.weights, self.enumerated) {
            (WildWeights::Rademacher, true) => 2 * self.count(),
            _ => self.count(),
        }
    }

    /// `large` draws as large as the data: their share among all, or `(1 + large) / (1 + draws)` among random ones.
    pub fn p_value(&self, large: usize) -> f64 {
        if self.enumerated {
            large as f64 / self.count() as f64
        } else {
            (1 + large) as f64 / (1 + self.count()) as f64
        }
    }

    /// Whether sums over clusters are tabulated.
    pub fn tabulates(&self) -> bool {
        self.weights == WildWeights::Rademacher && self.groups <= TABULATED
    }

    fn points(&self) -> &'static [f64] {
        match self.weights {
            WildWeights::Rademacher => &[1.0, -1.0],
            WildWeights::Webb => &WEBB,
        }
    }

    /// A value from each draw: its numbers and the sum of the vectors weighted by them.
    pub fn map<T: Send>(
        &self,
        signs: &Signs,
        value: impl Fn(&Signs, &[f64], &[f64]) -> T + Sync,
    ) -> Vec<T> {
        let points = self.points();
        let length = signs.vectors.first().map_or(0, Vec::len);
        let tables = signs.tables.len();
        // Made when first asked for, and once for all coefficients.
        let looked_up: &[u8] = if tables == 0 {
            &[]
        } else {
            self.patterns
                .get_or_init(|| patterns(&self.places, self.groups, TOGETHER))
        };
        self.places
            .par_chunks((BLOCK * self.groups).max(1))
            .enumerate()
            .flat_map_iter(|(number, block)| {
                let first = number * BLOCK;
                let mut sum = vec![0.0; length];
                let mut numbers = vec![0.0; self.groups];
                let mut chosen = vec![0usize; tables];
                block
                    .chunks_exact(self.groups.max(1))
                    .enumerate()
                    .map(|(draw, places)| {
                        if tables == 0 {
                            sum.fill(0.0);
                            for (number, &place) in numbers.iter_mut().zip(places) {
                                *number = points[place as usize];
                            }
                            for (vector, number) in signs.vectors.iter().zip(&numbers) {
                                add(&mut sum, vector, *number);
                            }
                        } else {
                            let patterns = &looked_up[(first + draw) * tables..];
                            for (start, &pattern) in chosen.iter_mut().zip(patterns) {
                                *start = usize::from(pattern) * length;
                            }
                            signs.look_up(&chosen, &mut sum);
                        }
                        value(signs, &numbers, &sum[..signs.used])
                    })
                    .collect::<Vec<T>>()
            })
            .collect()
    }
}

/// Places of so many neighbouring clusters as one number: bit i for cluster i.
fn patterns(places: &[u8], groups: usize, together: usize) -> Vec<u8> {
    let groups = groups.max(1);
    let pieces = groups.div_ceil(together);
    let mut all = Vec::with_capacity(places.len() / groups * pieces);
    for draw in places.chunks_exact(groups) {
        for piece in draw.chunks(together) {
            let bits = piece.iter().enumerate();
            all.push(bits.fold(0, |pattern, (at, place)| pattern | place << at));
        }
    }
    all
}

fn add(sum: &mut [f64], vector: &[f64], number: f64) {
    for (sum, value) in sum.iter_mut().zip(vector) {
        *sum += number * value;
    }
}

/// Vectors of the clusters, which a draw multiplies by its numbers and adds.
#[derive(Clone, Debug)]
pub struct Signs {
    vectors: Vec<Vec<f64>>,
    /// For neighbouring clusters the sums under all their signs; empty where they are not tabulated.
    tables: Vec<Vec<f64>>,
    /// Numbers of a vector in use; zeros follow up to a multiple of [`LANES`].
    used: usize,
    /// Whether the vectors hold the changes of every cluster's score.
    pub(super) by_cluster: bool,
    /// Parts of a vector.
    pub(super) parts: usize,
    pub(super) h: Vec<Vec<f64>>,
    pub(super) own: [Vec<f64>; 2],
}

impl Signs {
    pub(super) fn new(
        mut vectors: Vec<Vec<f64>>,
        draws: &Draws,
        by_cluster: bool,
        parts: usize,
        h: Vec<Vec<f64>>,
        own: [Vec<f64>; 2],
    ) -> Self {
        let used = vectors.first().map_or(0, Vec::len);
        for vector in &mut vectors {
            vector.resize(used.next_multiple_of(LANES), 0.0);
        }
        let mut tables = Vec::new();
        if draws.tabulates() && draws.count() > 1 << TOGETHER {
            tables = vectors.chunks(TOGETHER).map(table).collect();
        }
        Self {
            vectors,
            tables,
            used,
            by_cluster,
            parts,
            h,
            own,
        }
    }

    /// The sum of the entries of all tables that begin at these places, in the order of the tables.
    fn look_up(&self, chosen: &[usize], sum: &mut [f64]) {
        for (piece, sum) in sum.chunks_exact_mut(LANES).enumerate() {
            let mut lanes = [0.0; LANES];
            for (table, start) in self.tables.iter().zip(chosen) {
                let entry = &table[start + piece * LANES..start + (piece + 1) * LANES];
                for (lane, value) in lanes.iter_mut().zip(entry) {
                    *lane += value;
                }
            }
            sum.copy_from_slice(&lanes);
        }
    }
}

/// Sums of some vectors under all their signs; bit i of the pattern makes vector i negative.
fn table(vectors: &[Vec<f64>]) -> Vec<f64> {
    let length = vectors.first().map_or(0, Vec::len);
    let patterns = 1usize << vectors.len();
    let mut table = vec![0.0; patterns * length];
    for (pattern, sum) in table.chunks_exact_mut(length.max(1)).enumerate() {
        for (at, vector) in vectors.iter().enumerate() {
            let sign = if pattern >> at & 1 == 1 { -1.0 } else { 1.0 };
            add(sum, vector, sign);
        }
    }
    table
}
