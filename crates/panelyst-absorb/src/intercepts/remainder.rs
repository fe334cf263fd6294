//! What effects leave of columns, made tile by tile.

use super::Intercepts;
use super::absorb::Solution;
use super::layout::Layout;
use super::sweep::Columns;
use super::tile::{Block, LANES, Met, Row, Source, tiles};
use crate::Error;
use crate::absorber::{Absorbed, EffectRank};
use crate::scan::CHUNK_ROWS;
use arrow_buffer::ScalarBuffer;
use std::ops::Range;

/// What effects leave of columns: nothing of the length of a column is kept beside the columns as given.
///
/// Columns are in blocks of four; lanes beyond the last column are zero. Rows stand by place: in the order of the levels
/// of the largest effect.
#[derive(Debug)]
pub struct Remainder {
    engine: Box<Intercepts>,
    /// By place.
    columns: Vec<ScalarBuffer<f64>>,
    solution: Solution,
    told: Absorbed,
    products: Vec<f64>,
    /// One over what the weights were multiplied by.
    unit: f64,
}

/// Some neighbouring places, with what the effects leave of all columns there.
#[derive(Debug)]
pub struct Tile<'a> {
    layout: &'a Layout,
    levels: Range<usize>,
    blocks: &'a [Vec<Row>],
    /// One over what the weights were multiplied by.
    unit: f64,
}

impl Tile<'_> {
    /// The columns, four to a block: one element a place. Only the blocks that the scan asked for.
    #[must_use]
    pub fn blocks(&self) -> &[Vec<[f64; 4]>] {
        self.blocks
    }

    /// Weights of the places, if there are any, and the power of two that each is to be multiplied by.
    #[must_use]
    pub fn weights(&self) -> Option<(&[f64], f64)> {
        let weights = self.layout.weights.as_ref();
        weights.map(|weights| (&weights[self.places()], self.unit))
    }

    /// Number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row of a place of the tile.
    #[must_use]
    pub fn row(&self, offset: usize) -> usize {
        let place = self.places().start + offset;
        match &self.layout.order {
            None => place,
            Some(order) => order[place] as usize,
        }
    }

    /// The places of each level of the largest effect, as offsets in the tile.
    pub fn groups(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = self.places().start;
        self.levels.clone().map(move |level| {
            let places = self.layout.places(level);
            places.start - first..places.end - first
        })
    }

    fn places(&self) -> Range<usize> {
        let starts = &self.layout.starts;
        starts[self.levels.start] as usize..starts[self.levels.end] as usize
    }
}

impl Remainder {
    /// Solves for the effects in columns by row. `scale` is what the weights were multiplied by.
    pub(crate) fn new(
        engine: Box<Intercepts>,
        columns: &[ScalarBuffer<f64>],
        scale: f64,
    ) -> Result<Self, Error> {
        let columns: Vec<ScalarBuffer<f64>> = match &engine.layout.order {
            None => columns.to_vec(),
            Some(_) => columns
                .iter()
                .map(|column| engine.layout.in_order(column).into())
                .collect(),
        };
        let views: Vec<&[f64]> = columns.iter().map(AsRef::as_ref).collect();
        // The rank is asked for in any case, and found on one thread: beside the solution where that takes longer than to wake
        // another.
        let solved = match engine.rows() {
            0..=CHUNK_ROWS => engine.solve_for(&views, true),
            _ => rayon::join(|| engine.solve_for(&views, true), || engine.rank()).0,
        };
        let (mut solution, told) = solved?;
        let count = columns.len();
        let width = count.div_ceil(LANES) * LANES;
        let mut products = vec![0.0; count * count];
        for i in 0..count {
            for j in 0..=i {
                let scale = scale * solution.states[i].scale * solution.states[j].scale;
                let value = solution.products[i * width + j] / scale;
                products[i * count + j] = value;
                products[j * count + i] = value;
            }
        }
        // Levels in the columns' own units as well.
        let units: Vec<f64> = solution.states.iter().map(|state| state.scale).collect();
        if scale != 1.0 || units.iter().any(|&unit| unit != 1.0) {
            let unit = |lane: usize| units.get(lane).copied().unwrap_or(1.0);
            let pairs = (0..LANES).flat_map(|i| (0..=i).map(move |j| (i, j)));
            let factors: Vec<f64> = pairs.map(|(i, j)| scale * unit(i) * unit(j)).collect();
            for own in solution.by_level.iter_mut().flatten() {
                own.iter_mut()
                    .zip(&factors)
                    .for_each(|(own, by)| *own /= by);
            }
        }
        Ok(Self {
            engine,
            columns,
            solution,
            told,
            products,
            unit: 1.0 / scale,
        })
    }

    /// What removing the effects told.
    #[must_use]
    pub fn absorbed(&self) -> &Absorbed {
        &self.told
    }

    /// Rank of the effects.
    #[must_use]
    pub fn rank(&self) -> EffectRank {
        self.engine.rank()
    }

    pub(crate) fn absorbed_mut(&mut self) -> &mut Absorbed {
        &mut self.told
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.engine.rows()
    }

    /// Whether rows are weighted.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        self.engine.layout.weights.is_some()
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Weighted cross-products of what is left of the columns: symmetric, by rows.
    #[must_use]
    pub fn products(&self) -> &[f64] {
        &self.products
    }

    /// The same within each level of the largest effect, where there are at most four columns and levels have many rows:
    /// the lower triangle by rows, with zeros for columns that are not there. Levels stand in order, in as many pieces as
    /// scans have chunks.
    #[must_use]
    pub fn products_by_level(&self) -> Option<&[Vec<[f64; 10]>]> {
        let known = &self.solution.by_level;
        (!known.is_empty()).then_some(&known[..])
    }

    /// Whether the levels of the largest effect are these (the very same buffer).
    #[must_use]
    pub fn is_led_by(&self, codes: &ScalarBuffer<u32>) -> bool {
        let own = &self.engine.layout.lead_codes;
        own.len() == codes.len() && std::ptr::eq(own.as_ptr(), codes.as_ptr())
    }

    /// Whether places are in the order of the rows.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        self.engine.layout.order.is_none()
    }

    /// Number of chunks of a scan.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.engine.layout.chunks.len()
    }

    /// Visits all tiles, chunk by chunk, with some blocks of columns (block `b` has columns `4 b` to `4 b + 3`): what each
    /// chunk begins with is what its tiles add to, and the results stand in the order of the chunks, which depends on the
    /// data only.
    pub fn scan<T: Send>(
        &self,
        wanted: &[usize],
        begin: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, &Tile<'_>) + Sync,
    ) -> Vec<T> {
        let layout = &self.engine.layout;
        let sources = self.sources();
        let columns = Columns::new(&sources);
        let blocks = columns.blocks(Some(&self.solution.coefficients));
        let blocks: Vec<(usize, &Block<'_>)> = wanted.iter().map(|&b| (b, &blocks[b])).collect();
        layout.each_chunk(|chunk| {
            let mut own = begin();
            let mut rows = vec![Vec::new(); blocks.len()];
            for levels in tiles(layout, chunk) {
                for (&(block, own), rows) in blocks.iter().zip(&mut rows) {
                    own.fill(layout, levels.clone(), rows, &mut Met::default());
                    self.unscale(block, rows);
                }
                let tile = Tile {
                    layout,
                    levels,
                    blocks: &rows,
                    unit: self.unit,
                };
                visit(&mut own, &tile);
            }
            own
        })
    }

    /// A sum of what is left of the columns, each times a coefficient: one value a row.
    #[must_use]
    pub fn combine(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut factors = coefficients.to_vec();
        factors.resize(self.width().div_ceil(LANES) * LANES, 0.0);
        let factors = factors.as_chunks::<LANES>().0;
        let all: Vec<usize> = (0..factors.len()).collect();
        let parts = self.scan(&all, Vec::new, |out: &mut Vec<f64>, tile| {
            for place in 0..tile.len() {
                let mut sum = [0.0; LANES];
                for (block, factors) in tile.blocks().iter().zip(factors) {
                    for lane in 0..LANES {
                        sum[lane] += factors[lane] * block[place][lane];
                    }
                }
                out.push((sum[0] + sum[1]) + (sum[2] + sum[3]));
            }
        });
        self.engine.by_row(parts.concat())
    }

    /// What is left of each column, one value a row.
    #[must_use]
    pub fn residuals(&self) -> Vec<Vec<f64>> {
        let views: Vec<&[f64]> = self.columns.iter().map(AsRef::as_ref).collect();
        let mut out = vec![vec![0.0; self.rows()]; self.width()];
        let targets = out.iter_mut().map(Vec::as_mut_slice).collect();
        self.solution.write(&self.engine.layout, &views, targets);
        out.into_iter().map(|c| self.engine.by_row(c)).collect()
    }

    fn sources(&self) -> Vec<Source<'_>> {
        let pairs = self.columns.iter().zip(&self.solution.states);
        pairs.map(|(column, state)| state.source(column)).collect()
    }

    /// Brings the rows of a block to the columns' own units.
    fn unscale(&self, block: usize, rows: &mut [Row]) {
        let states = self.solution.states.iter().skip(block * LANES).take(LANES);
        if states.clone().all(|state| state.scale == 1.0) {
            return;
        }
        for (lane, state) in states.enumerate() {
            rows.iter_mut().for_each(|row| row[lane] /= state.scale);
        }
    }
}
