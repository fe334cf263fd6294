//! The second scan: effects subtracted, cross-products of what is left, residuals and their scores.

use std::borrow::Cow;

use super::absorb::Absorbed;
use super::batch::{Sample, number_columns};
use super::lanes::Scans;
use super::levels::Gathered;
use super::plan::Plan;
use super::regression::Solved;
use super::store::Rows;
use super::width::{
    BLOCK, Width, add, add_products, add_to_levels, fill, score, subtract, with_width,
};
use crate::Error;
use crate::request::Vcov;

/// Sums of one lane, or of all; matrices are square over all columns and hold the lower triangle.
pub(super) struct Residuals {
    /// Cross-products of the columns after the effects were removed.
    pub cross: Vec<f64>,
    /// Cross-products of the nearly orthonormal columns, each in the place of its regressor.
    pub basis: Vec<f64>,
    /// Sums of the scores: of a constant in the first place, then of the nearly orthonormal columns.
    pub with_residual: Vec<f64>,
    pub rss: f64,
    /// Sum over the rows of the outer products of their scores, if asked for.
    pub white: Vec<f64>,
    /// Weighted sums of what is left, by level of each effect.
    pub imbalance: Vec<Vec<f64>>,
    /// Sums of the scores by cluster: of the cluster variables, then of their combination.
    pub scores: Vec<Vec<f64>>,
    at: Place,
    room: Room,
}

/// Where a lane is.
struct Place {
    part: usize,
    row: usize,
    used: usize,
}

/// Room for the numbers of a block.
#[derive(Default)]
struct Room {
    rows: Rows,
    values: Vec<f64>,
    rotated: Vec<f64>,
    scores: Vec<f64>,
}

/// What all lanes know.
struct Given<'a> {
    effects: &'a [Vec<f64>],
    centre: &'a [f64],
    coefficients: Vec<f64>,
    rotation: Vec<f64>,
    white: bool,
}

/// Runs the scan for some coefficients.
pub(super) fn scan(
    plan: &Plan<'_>,
    gathered: &Gathered,
    absorbed: &Absorbed,
    centre: &[f64],
    solved: &Solved,
    scans: &mut Scans<'_>,
) -> Result<Residuals, Error> {
    let width = plan.width();
    let clustered: Vec<usize> = plan
        .cluster_groups
        .iter()
        .copied()
        .chain(plan.crossed)
        .collect();
    let groups: Vec<usize> = plan
        .effect_groups
        .iter()
        .chain(&clustered)
        .copied()
        .collect();
    let given = Given {
        effects: &absorbed.effects,
        centre,
        coefficients: solved.coefficients_of_all(width),
        rotation: solved.rotation_of_all(width),
        white: matches!(plan.vcov, Vcov::Hc0 | Vcov::Hc1) && clustered.is_empty(),
    };
    let start = |_: usize| Residuals {
        cross: vec![0.0; width * width],
        basis: vec![0.0; width * width],
        with_residual: vec![0.0; width],
        rss: 0.0,
        white: vec![0.0; width * width],
        imbalance: gathered
            .levels
            .iter()
            .map(|levels| vec![0.0; levels.sums.len()])
            .collect(),
        scores: clustered
            .iter()
            .map(|&group| vec![0.0; gathered.keys.size(group) * width])
            .collect(),
        at: Place {
            part: usize::MAX,
            row: 0,
            used: 0,
        },
        room: Room::default(),
    };
    let changed = || Error::Source {
        reason: "the data are not what they were in the scan before".into(),
    };
    let lanes = scans.scan(&number_columns(plan), start, |lane, piece| {
        let at = &mut lane.at;
        if at.part != piece.part {
            *at = Place {
                part: piece.part,
                row: 0,
                used: 0,
            };
        }
        let here = at.row..at.row + piece.batch.num_rows();
        at.row = here.end;
        let keep = gathered.store.kept(piece.part, here);
        let mut sample = Sample::of(piece.batch, piece.first_row, keep);
        let columns = sample.numbers_again(plan)?;
        if columns.iter().any(|column| sample.lacks(column)) {
            return Err(changed());
        }
        let columns: Vec<Cow<'_, [f64]>> = columns
            .iter()
            .map(|column| sample.used(column.values()))
            .collect();
        let used = at.used..at.used + sample.left;
        at.used = used.end;
        gathered
            .store
            .unpack(piece.part, used, &groups, &mut lane.room.rows)?;
        with_width!(width, w => lane.add_piece(w, &given, &columns));
        Ok(())
    })?;
    let mut lanes = lanes.into_iter();
    let mut all = lanes.next().ok_or_else(changed)?;
    for lane in lanes {
        all.add(&lane);
    }
    Ok(all)
}

impl Residuals {
    fn add_piece<W: Width>(&mut self, w: W, given: &Given<'_>, columns: &[Cow<'_, [f64]>]) {
        let Room {
            rows,
            values,
            rotated,
            scores,
        } = &mut self.room;
        let weights = (!rows.weights.is_empty()).then_some(&rows.weights[..]);
        let (of_effects, of_clusters) = rows.codes.split_at(given.effects.len());
        let mut cross = w.square();
        let cross = W::flat(&mut cross);
        let mut basis = w.square();
        let basis = W::flat(&mut basis);
        let mut white = w.square();
        let white = W::flat(&mut white);
        let mut sums = w.row();
        let sums = sums.as_mut();
        let mut unused = w.row();
        let unused = unused.as_mut();
        let mut rss = 0.0;
        for from in (0..rows.len).step_by(BLOCK) {
            let block = from..(from + BLOCK).min(rows.len);
            let weights = weights.map(|weights| &weights[block.clone()]);
            fill(w, columns, block.clone(), given.centre, values);
            for (codes, effect) in of_effects.iter().zip(given.effects) {
                subtract(w, values, &codes[block.clone()], effect);
            }
            for (codes, sums) in of_effects.iter().zip(&mut self.imbalance) {
                add_to_levels(w, values, weights, &codes[block.clone()], sums);
            }
            add_products(w, values, weights, cross, unused);
            rss += score(
                w,
                values,
                weights,
                &given.coefficients,
                &given.rotation,
                (rotated, scores),
            );
            add_products(w, rotated, weights, basis, unused);
            if given.white {
                add_products(w, scores, None, white, sums);
            } else {
                for row in scores.chunks_exact(w.get()) {
                    add(sums, row);
                }
            }
            for (codes, sums) in of_clusters.iter().zip(&mut self.scores) {
                add_to_levels(w, scores, None, &codes[block.clone()], sums);
            }
        }
        self.rss += rss;
        add(&mut self.cross, cross);
        add(&mut self.basis, basis);
        add(&mut self.white, white);
        add(&mut self.with_residual, sums);
    }

    fn add(&mut self, other: &Self) {
        self.rss += other.rss;
        add(&mut self.cross, &other.cross);
        add(&mut self.basis, &other.basis);
        add(&mut self.with_residual, &other.with_residual);
        add(&mut self.white, &other.white);
        for (all, lane) in self.imbalance.iter_mut().zip(&other.imbalance) {
            add(all, lane);
        }
        for (all, lane) in self.scores.iter_mut().zip(&other.scores) {
            add(all, lane);
        }
    }
}
