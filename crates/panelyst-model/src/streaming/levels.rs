//! The first scan: sums of all columns by level, their cross-products, and the codes of the rows used.

use std::borrow::Cow;

use super::batch::{Losses, Sample, all_columns, number_columns};
use super::keys::Groupings;
use super::lanes::Scans;
use super::plan::Plan;
use super::store::{Gathering, Store, StoredPart};
use super::width::{BLOCK, Width, add, add_products, add_to_levels, fill, squares, with_width};
use crate::Error;
use crate::results::{self, Dropped, Note};

/// Sums over the rows of one effect, by level.
#[derive(Clone)]
pub(super) struct LevelSums {
    /// Rows.
    pub counts: Vec<u32>,
    /// Weights.
    pub weights: Vec<f64>,
    /// Weighted sums of the columns, a level's columns side by side.
    pub sums: Vec<f64>,
}

/// What the first scan gives.
pub(super) struct Gathered {
    pub keys: Groupings,
    pub store: Store,
    pub lanes: Vec<std::ops::Range<usize>>,
    /// Subtracted from each column before anything is summed.
    pub shift: Vec<f64>,
    /// Of each effect.
    pub levels: Vec<LevelSums>,
    /// Weighted cross-products of the shifted columns, square.
    pub cross: Vec<f64>,
    /// Weighted sums of the shifted columns.
    pub totals: Vec<f64>,
    /// Weighted sums of squares of the columns as they are.
    pub raw: Vec<f64>,
    /// Sum of the weights, and of their logarithms.
    pub weight: f64,
    pub log_weight: f64,
    pub rows: usize,
    /// Bytes of memory that nothing has taken yet while no scan runs.
    pub left: u64,
    pub sample: results::Sample,
    pub notes: Vec<Note>,
}

/// What one lane gathers.
struct Lane {
    levels: Vec<LevelSums>,
    cross: Vec<f64>,
    totals: Vec<f64>,
    raw: Vec<f64>,
    weight: f64,
    log_weight: f64,
    rows: usize,
    lost: Losses,
    gathering: Option<Gathering>,
    stored: Vec<(usize, StoredPart)>,
    /// Room for the numbers of a block.
    values: Vec<f64>,
}

/// Levels in which a row was alone, of each effect.
type Dead = Vec<Vec<bool>>;

/// Runs the first scan, and once more without singletons where there are any.
pub(super) fn gather(
    plan: &Plan<'_>,
    keys: Groupings,
    scans: &mut Scans<'_>,
) -> Result<Gathered, Error> {
    let shift = shift(plan, scans)?;
    let mut gathered = scan(plan, keys, scans, &shift, None)?;
    let alone = |levels: &LevelSums| levels.counts.contains(&1);
    if plan.convention.drops_singletons && gathered.levels.iter().any(alone) {
        let (dead, removed) = singletons(plan, &gathered)?;
        if removed == gathered.rows {
            gathered.sample.dropped.push(Dropped {
                reason: "singleton".into(),
                count: removed,
            });
            return Err(no_rows(&gathered.sample));
        }
        gathered = scan(plan, gathered.keys, scans, &shift, Some(&dead))?;
        gathered.notes.push(Note::new(
            "singletons",
            format!(
                "{removed} singleton row{} dropped, recursively: alone in a level of an absorbed effect",
                if removed == 1 { " was" } else { "s were" },
            ),
        ));
    }
    Ok(gathered)
}

/// Means over the first rows: near enough to the means of all for sums to keep their digits.
fn shift(plan: &Plan<'_>, scans: &Scans<'_>) -> Result<Vec<f64>, Error> {
    let mut shift = vec![0.0; plan.width()];
    if !plan.centred() {
        return Ok(shift);
    }
    for part in 0..scans.source.parts() {
        let mut seen = false;
        let columns = number_columns(plan);
        let looked = scans.source.scan(part, &columns, &mut |batch| {
            let mut sample = Sample::new(batch, 0);
            // Only their size matters: what is wrong with them is told by the scan itself.
            if let Ok(columns) = sample.numbers_again(plan) {
                for (shift, column) in shift.iter_mut().zip(columns) {
                    let present = || column.iter().flatten().filter(|v| v.is_finite());
                    let count = present().count();
                    if count > 0 {
                        *shift = present().sum::<f64>() / count as f64;
                    }
                }
            }
            seen = true;
            Err(Error::Interrupted)
        });
        match looked {
            Err(Error::Interrupted) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        if seen {
            break;
        }
    }
    Ok(shift)
}

fn scan(
    plan: &Plan<'_>,
    keys: Groupings,
    scans: &mut Scans<'_>,
    shift: &[f64],
    dead: Option<&Dead>,
) -> Result<Gathered, Error> {
    let width = plan.width();
    let mut store = Store::new(
        &keys,
        plan.weights.is_some(),
        scans.source.parts(),
        scans.total,
        scans.for_codes,
    )?;
    let source = scans.source;
    let weighted = plan.weights.is_some();
    let start = |_: usize| Lane {
        levels: plan
            .effect_groups
            .iter()
            .map(|&group| LevelSums {
                counts: vec![0; keys.size(group)],
                weights: vec![0.0; if weighted { keys.size(group) } else { 0 }],
                sums: vec![0.0; keys.size(group) * width],
            })
            .collect(),
        cross: vec![0.0; width * width],
        totals: vec![0.0; width],
        raw: vec![0.0; width],
        weight: 0.0,
        log_weight: 0.0,
        rows: 0,
        lost: Losses::new(),
        gathering: None,
        stored: Vec::new(),
        values: Vec::new(),
    };
    let lanes = {
        let (keys, store) = (&keys, &store);
        scans.scan(&all_columns(plan), start, |lane, piece| {
            if lane.gathering.as_ref().is_none_or(|g| g.part != piece.part) {
                if let Some(done) = lane.gathering.take() {
                    lane.stored.push(store.end(done)?);
                }
                lane.gathering = Some(store.begin(piece.part, source.rows(piece.part)));
            }
            let mut sample = Sample::new(piece.batch, piece.first_row);
            let columns = keys.column_codes(piece.batch)?;
            let numbers = sample.numbers(plan, &columns, &mut lane.lost)?;
            if let Some(dead) = dead {
                let groups = plan.effect_groups.iter().zip(dead);
                let alone = |row: usize| {
                    groups
                        .clone()
                        .any(|(&group, dead)| dead[keys.code(group, &columns, row) as usize])
                };
                sample.drop_where(&mut lane.lost, usize::MAX, || "singleton".into(), alone);
            }
            let rows = piece.batch.num_rows();
            let of_groups: Vec<Cow<'_, [u32]>> = (0..keys.len())
                .map(|group| keys.codes(group, &columns, rows))
                .collect();
            let codes: Vec<Cow<'_, [u32]>> =
                of_groups.iter().map(|codes| sample.used(codes)).collect();
            let columns: Vec<Cow<'_, [f64]>> = numbers
                .columns
                .iter()
                .map(|column| sample.used(column.values()))
                .collect();
            let weights = numbers.weights.as_ref();
            let weights = weights.map(|weights| sample.used(weights.values()));
            let weights = weights.as_deref();
            with_width!(width, w => lane.sum(w, plan, shift, &columns, weights, &codes));
            if let Some(gathering) = &mut lane.gathering {
                store.add(gathering, rows, sample.keep.as_deref(), &codes, weights);
            }
            Ok(())
        })?
    };
    let mut sample = results::Sample {
        rows: scans.total as usize,
        used: 0,
        dropped: Vec::new(),
    };
    let mut lost = Losses::new();
    let mut all: Option<Lane> = None;
    for mut lane in lanes {
        if let Some(done) = lane.gathering.take() {
            lane.stored.push(store.end(done)?);
        }
        for part in lane.stored.drain(..) {
            store.put(part);
        }
        for (reason, count) in std::mem::take(&mut lane.lost) {
            *lost.entry(reason).or_default() += count;
        }
        match &mut all {
            None => all = Some(lane),
            Some(all) => all.add(&lane),
        }
    }
    for ((_, reason), count) in lost {
        match sample.dropped.iter_mut().find(|d| d.reason == reason) {
            Some(same) => same.count += count,
            None => sample.dropped.push(Dropped { reason, count }),
        }
    }
    let Some(mut all) = all.filter(|all| all.rows > 0) else {
        return Err(no_rows(&sample));
    };
    if !weighted {
        for levels in &mut all.levels {
            levels.weights = levels.counts.iter().map(|n| f64::from(*n)).collect();
        }
    }
    sample.used = all.rows;
    Ok(Gathered {
        left: scans.between.saturating_sub(store.held()),
        keys,
        store,
        lanes: scans.lanes.clone(),
        shift: shift.to_vec(),
        levels: all.levels,
        cross: all.cross,
        totals: all.totals,
        raw: all.raw,
        weight: all.weight,
        log_weight: all.log_weight,
        rows: all.rows,
        sample,
        notes: plan.notes.clone(),
    })
}

fn no_rows(sample: &results::Sample) -> Error {
    let reasons: Vec<String> = sample
        .dropped
        .iter()
        .map(|lost| format!("{} {}", lost.reason, lost.count))
        .collect();
    Error::NoRows {
        rows: sample.rows,
        reasons: if reasons.is_empty() {
            "the data have no rows".into()
        } else {
            reasons.join(", ")
        },
    }
}

impl Lane {
    /// Adds the rows used of a piece.
    fn sum<W: Width>(
        &mut self,
        w: W,
        plan: &Plan<'_>,
        shift: &[f64],
        columns: &[Cow<'_, [f64]>],
        weights: Option<&[f64]>,
        codes: &[Cow<'_, [u32]>],
    ) {
        let rows = columns.first().map_or(0, |column| column.len());
        self.rows += rows;
        self.weight += match weights {
            None => rows as f64,
            Some(weights) => {
                self.log_weight += weights.iter().map(|weight| weight.ln()).sum::<f64>();
                weights.iter().sum()
            }
        };
        for (raw, column) in self.raw.iter_mut().zip(columns) {
            *raw += squares(column, weights);
        }
        let mut cross = w.square();
        let cross = W::flat(&mut cross);
        let mut totals = w.row();
        let totals = totals.as_mut();
        for from in (0..rows).step_by(BLOCK) {
            let block = from..(from + BLOCK).min(rows);
            let weights = weights.map(|weights| &weights[block.clone()]);
            fill(w, columns, block.clone(), shift, &mut self.values);
            add_products(w, &self.values, weights, cross, totals);
            for (levels, &group) in self.levels.iter_mut().zip(&plan.effect_groups) {
                let codes = &codes[group][block.clone()];
                add_to_levels(w, &self.values, weights, codes, &mut levels.sums);
                for &code in codes {
                    levels.counts[code as usize] += 1;
                }
                for (weight, &code) in weights.unwrap_or_default().iter().zip(codes) {
                    levels.weights[code as usize] += weight;
                }
            }
        }
        add(&mut self.cross, cross);
        add(&mut self.totals, totals);
    }

    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.weight += other.weight;
        self.log_weight += other.log_weight;
        add(&mut self.cross, &other.cross);
        add(&mut self.totals, &other.totals);
        add(&mut self.raw, &other.raw);
        for (mine, theirs) in self.levels.iter_mut().zip(&other.levels) {
            for (mine, theirs) in mine.counts.iter_mut().zip(&theirs.counts) {
                *mine += theirs;
            }
            add(&mut mine.weights, &theirs.weights);
            add(&mut mine.sums, &theirs.sums);
        }
    }
}

/// Levels that lose their only row, recursively, and the rows that this takes.
fn singletons(plan: &Plan<'_>, gathered: &Gathered) -> Result<(Dead, usize), Error> {
    let mut counts: Vec<Vec<u32>> = gathered.levels.iter().map(|l| l.counts.clone()).collect();
    let mut dead: Dead = counts.iter().map(|c| vec![false; c.len()]).collect();
    let mut removed = 0;
    let parts = gathered
        .lanes
        .iter()
        .map(|lane| lane.end)
        .max()
        .unwrap_or(0);
    loop {
        let fresh: Dead = counts
            .iter()
            .map(|counts| counts.iter().map(|count| *count == 1).collect())
            .collect();
        if !fresh.iter().flatten().any(|fresh| *fresh) {
            return Ok((dead, removed));
        }
        gathered.store.each(0..parts, &plan.effect_groups, |rows| {
            for row in 0..rows.len {
                let hit = |sets: &Dead| {
                    sets.iter()
                        .zip(&rows.codes)
                        .any(|(set, codes)| set[codes[row] as usize])
                };
                if hit(&fresh) && !hit(&dead) {
                    removed += 1;
                    for (counts, codes) in counts.iter_mut().zip(&rows.codes) {
                        counts[codes[row] as usize] -= 1;
                    }
                }
            }
        })?;
        for (dead, fresh) in dead.iter_mut().zip(fresh) {
            for (dead, fresh) in dead.iter_mut().zip(fresh) {
                *dead |= fresh;
            }
        }
    }
}

/// What later steps ask about the codes.
impl Gathered {
    pub fn parts(&self) -> usize {
        self.lanes.iter().map(|lane| lane.end).max().unwrap_or(0)
    }

    /// Levels with rows, of each effect.
    pub fn levels_in_use(&self) -> Vec<usize> {
        let used = |levels: &LevelSums| levels.counts.iter().filter(|count| **count > 0).count();
        self.levels.iter().map(used).collect()
    }

    /// Codes of a grouping that rows have, given the groupings of the effects.
    pub fn groups_in_use(&self, group: usize, effect_groups: &[usize]) -> Result<usize, Error> {
        if let Some(effect) = effect_groups.iter().position(|effect| *effect == group) {
            return Ok(self.levels_in_use()[effect]);
        }
        let mut seen = vec![false; self.keys.size(group)];
        self.store.each(0..self.parts(), &[group], |rows| {
            for &code in &rows.codes[0] {
                seen[code as usize] = true;
            }
        })?;
        Ok(seen.into_iter().filter(|seen| *seen).count())
    }

    /// Whether each level of one grouping lies within one level of another.
    pub fn nested(&self, inner: usize, outer: usize) -> Result<bool, Error> {
        if inner == outer {
            return Ok(true);
        }
        let mut home = vec![u32::MAX; self.keys.size(inner)];
        let mut nested = true;
        for part in 0..self.parts() {
            self.store.each(part..part + 1, &[inner, outer], |rows| {
                for (&level, &group) in rows.codes[0].iter().zip(&rows.codes[1]) {
                    let home = &mut home[level as usize];
                    if *home == u32::MAX {
                        *home = group;
                    }
                    nested &= *home == group;
                }
            })?;
            if !nested {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Connected components of the graph whose vertices are the levels of two groupings and whose edges are rows
    /// (Abowd, Creecy and Kramarz 2002).
    ///
    /// `levels` are those of both that rows have: once all of them are joined no row is looked at any more.
    pub fn components(&self, first: usize, second: usize, levels: usize) -> Result<usize, Error> {
        let offset = self.keys.size(first);
        let mut parent: Vec<u32> = (0..(offset + self.keys.size(second)) as u32).collect();
        let mut joined = 0;
        for part in 0..self.parts() {
            if joined + 1 == levels {
                break;
            }
            self.store.each(part..part + 1, &[first, second], |rows| {
                for (&a, &b) in rows.codes[0].iter().zip(&rows.codes[1]) {
                    let b = b + offset as u32;
                    let (a, b) = (root(&mut parent, a), root(&mut parent, b));
                    if a != b {
                        parent[a.max(b) as usize] = a.min(b);
                        joined += 1;
                    }
                }
            })?;
        }
        Ok(levels - joined)
    }
}

/// Root of a vertex, halving the path on the way.
fn root(parent: &mut [u32], mut vertex: u32) -> u32 {
    while parent[vertex as usize] != vertex {
        let above = parent[parent[vertex as usize] as usize];
        parent[vertex as usize] = above;
        vertex = above;
    }
    vertex
}
