//! The first scan: sums of all columns by level, their cross-products, and the codes of the rows used.

use super::batch::{Losses, Numbers, Sample, all_columns, number_columns};
use super::keys::Groupings;
use super::lanes::Scans;
use super::plan::Plan;
use super::store::{Gathering, Store, StoredPart};
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
    let empty = |group: usize| LevelSums {
        counts: vec![0; keys.size(group)],
        weights: vec![0.0; keys.size(group)],
        sums: vec![0.0; keys.size(group) * width],
    };
    let start = |_: usize| Lane {
        levels: plan.effect_groups.iter().map(|&g| empty(g)).collect(),
        cross: vec![0.0; width * width],
        totals: vec![0.0; width],
        raw: vec![0.0; width],
        weight: 0.0,
        log_weight: 0.0,
        rows: 0,
        lost: Losses::new(),
        gathering: None,
        stored: Vec::new(),
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
            let kept: Vec<usize> = (0..sample.keep.len()).filter(|&r| sample.keep[r]).collect();
            let codes: Vec<Vec<u32>> = (0..keys.len())
                .map(|group| {
                    let codes = kept.iter().map(|&row| keys.code(group, &columns, row));
                    codes.collect()
                })
                .collect();
            lane.sum(plan, &numbers, shift, &kept, &codes);
            let weights: Vec<f64> = match &numbers.weights {
                Some(weights) => kept.iter().map(|&row| weights.value(row)).collect(),
                None => Vec::new(),
            };
            if let Some(gathering) = &mut lane.gathering {
                store.add(gathering, &sample.keep, &codes, &weights);
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
    let Some(all) = all.filter(|all| all.rows > 0) else {
        return Err(no_rows(&sample));
    };
    sample.used = all.rows;
    Ok(Gathered {
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
    /// Adds the rows of a piece.
    fn sum(
        &mut self,
        plan: &Plan<'_>,
        numbers: &Numbers,
        shift: &[f64],
        kept: &[usize],
        codes: &[Vec<u32>],
    ) {
        let width = shift.len();
        self.rows += kept.len();
        let columns: Vec<&[f64]> = numbers.columns.iter().map(|c| &c.values()[..]).collect();
        let (mut cross, mut totals, mut raw) =
            (vec![0.0; width * width], vec![0.0; width], vec![0.0; width]);
        let mut row_values = vec![0.0; width * kept.len()];
        let mut weights = vec![1.0; kept.len()];
        let (mut weight_sum, mut log_sum) = (0.0, 0.0);
        for (at, &row) in kept.iter().enumerate() {
            let weight = numbers.weights.as_ref().map_or(1.0, |w| w.value(row));
            weights[at] = weight;
            weight_sum += weight;
            if numbers.weights.is_some() {
                log_sum += weight.ln();
            }
            let z = &mut row_values[at * width..(at + 1) * width];
            for (j, column) in columns.iter().enumerate() {
                let value = column[row];
                raw[j] += weight * value * value;
                z[j] = value - shift[j];
                let weighted = weight * z[j];
                totals[j] += weighted;
                for i in 0..=j {
                    cross[j * width + i] += weighted * z[i];
                }
            }
        }
        self.weight += weight_sum;
        self.log_weight += log_sum;
        for (all, piece) in [
            (&mut self.cross, cross),
            (&mut self.totals, totals),
            (&mut self.raw, raw),
        ] {
            add(all, &piece);
        }
        for (levels, &group) in self.levels.iter_mut().zip(&plan.effect_groups) {
            for (at, &code) in codes[group].iter().enumerate() {
                let level = code as usize;
                let weight = weights[at];
                levels.counts[level] += 1;
                levels.weights[level] += weight;
                let sums = &mut levels.sums[level * width..(level + 1) * width];
                let z = &row_values[at * width..(at + 1) * width];
                for (sum, z) in sums.iter_mut().zip(z) {
                    *sum += weight * z;
                }
            }
        }
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

/// Adds one array to another.
pub(super) fn add(all: &mut [f64], part: &[f64]) {
    for (all, part) in all.iter_mut().zip(part) {
        *all += part;
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
    fn parts(&self) -> usize {
        self.lanes.iter().map(|lane| lane.end).max().unwrap_or(0)
    }

    /// Levels with rows, of each effect.
    pub fn levels_in_use(&self) -> Vec<usize> {
        let used = |levels: &LevelSums| levels.counts.iter().filter(|count| **count > 0).count();
        self.levels.iter().map(used).collect()
    }

    /// Codes of a grouping that rows have.
    pub fn groups_in_use(&self, group: usize) -> Result<usize, Error> {
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
    pub fn components(&self, first: usize, second: usize) -> Result<usize, Error> {
        let offset = self.keys.size(first);
        let mut parent: Vec<u32> = (0..(offset + self.keys.size(second)) as u32).collect();
        let mut joined = 0;
        let mut used = vec![false; parent.len()];
        self.store.each(0..self.parts(), &[first, second], |rows| {
            for (&a, &b) in rows.codes[0].iter().zip(&rows.codes[1]) {
                let b = b + offset as u32;
                used[a as usize] = true;
                used[b as usize] = true;
                let (a, b) = (root(&mut parent, a), root(&mut parent, b));
                if a != b {
                    parent[a.max(b) as usize] = a.min(b);
                    joined += 1;
                }
            }
        })?;
        Ok(used.into_iter().filter(|used| *used).count() - joined)
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
