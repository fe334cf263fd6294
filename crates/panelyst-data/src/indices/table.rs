//! A long table of amounts by region, activity and period, checked, with its sums.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{Array, Float64Array, RecordBatch, UInt64Array};
use arrow_schema::{Field, Schema};
use arrow_select::take::take;

use super::{IndexError, IndexRequest, IndexTable};
use crate::Error;
use crate::panel::PanelError;
use crate::panel::column::{Keys, column, keys, numbers};

/// How many places a note names before it only counts.
const NAMED: usize = 5;

/// One row of the input.
pub(super) struct Cell {
    pub period: usize,
    pub activity: usize,
    pub region: usize,
    /// Row of the input, from 0.
    pub row: usize,
    /// The amount; `None` where it is missing.
    pub amount: Option<f64>,
}

/// The checked table. Sums leave out every region that has a missing amount in the period.
pub(super) struct LongTable<'a> {
    pub batch: &'a RecordBatch,
    pub request: &'a IndexRequest<'a>,
    /// Rows by period, activity, region.
    pub cells: Vec<Cell>,
    pub regions: Keys,
    pub activities: Keys,
    /// `None`: the table is one period.
    pub times: Option<Keys>,
    pub periods: usize,
    /// Which regions are left out of a period, by `region_place`.
    left_out: Vec<bool>,
    region_totals: Vec<f64>,
    activity_totals: Vec<f64>,
    period_totals: Vec<f64>,
    /// What the user should know about the table.
    pub notes: Vec<String>,
}

impl<'a> LongTable<'a> {
    pub(super) fn read(
        batch: &'a RecordBatch,
        request: &'a IndexRequest<'a>,
    ) -> Result<Self, Error> {
        if batch.num_rows() == 0 {
            return Err(IndexError::Empty.into());
        }
        let regions = keys(batch, request.region)?;
        let activities = keys(batch, request.activity)?;
        let times = request.time.map(|time| keys(batch, time)).transpose()?;
        let amounts = numbers(batch, request.value)?;
        let periods = times.as_ref().map_or(1, |times| times.labels.len());
        let mut cells: Vec<Cell> = (0..batch.num_rows())
            .map(|row| Cell {
                period: times.as_ref().map_or(0, |times| times.codes[row] as usize),
                activity: activities.codes[row] as usize,
                region: regions.codes[row] as usize,
                row,
                amount: amounts.is_valid(row).then(|| amounts.value(row)),
            })
            .collect();
        cells.sort_unstable_by_key(|cell| (cell.period, cell.activity, cell.region, cell.row));
        let mut table = Self {
            batch,
            request,
            left_out: vec![false; periods * regions.labels.len()],
            region_totals: vec![0.0; periods * regions.labels.len()],
            activity_totals: vec![0.0; periods * activities.labels.len()],
            period_totals: vec![0.0; periods],
            cells,
            regions,
            activities,
            times,
            periods,
            notes: Vec::new(),
        };
        table.check()?;
        table.leave_out();
        table.sum()?;
        table.count_absent();
        Ok(table)
    }

    fn check(&self) -> Result<(), Error> {
        for pair in self.cells.windows(2) {
            let (one, two) = (&pair[0], &pair[1]);
            if (one.period, one.activity, one.region) == (two.period, two.activity, two.region) {
                return Err(IndexError::Duplicate {
                    place: self.describe(Place::cell(one)),
                    first: one.row + 1,
                    second: two.row + 1,
                }
                .into());
            }
        }
        for cell in &self.cells {
            if let Some(value) = cell.amount.filter(|&amount| amount < 0.0) {
                return Err(IndexError::Negative {
                    column: self.request.value.to_owned(),
                    place: self.describe(Place::cell(cell)),
                    row: cell.row + 1,
                    value,
                }
                .into());
            }
        }
        Ok(())
    }

    fn leave_out(&mut self) {
        let missing: Vec<Place> = self
            .cells
            .iter()
            .filter(|cell| cell.amount.is_none())
            .map(Place::cell)
            .collect();
        if missing.is_empty() {
            return;
        }
        for cell in self.cells.iter().filter(|cell| cell.amount.is_none()) {
            self.left_out[cell.period * self.regions.labels.len() + cell.region] = true;
        }
        self.notes.push(format!(
            "`{}` is missing in {} of {} cells ({}); a region with a missing cell is left out of the sums of that period \
             and its own values are null",
            self.request.value,
            missing.len(),
            self.cells.len(),
            self.list(&missing)
        ));
    }

    fn sum(&mut self) -> Result<(), Error> {
        let (regions, activities) = (self.regions.labels.len(), self.activities.labels.len());
        for cell in &self.cells {
            let place = cell.period * regions + cell.region;
            if self.left_out[place] {
                continue;
            }
            let amount = cell.amount.unwrap_or_default();
            self.region_totals[place] += amount;
            self.activity_totals[cell.period * activities + cell.activity] += amount;
            self.period_totals[cell.period] += amount;
        }
        // A period's total is at least as large as any other sum in it.
        match self
            .period_totals
            .iter()
            .position(|total| !total.is_finite())
        {
            None => Ok(()),
            Some(period) => Err(IndexError::Overflow {
                column: self.request.value.to_owned(),
                place: self.describe(Place::period(period)),
            }
            .into()),
        }
    }

    fn count_absent(&mut self) {
        let mut region_seen = vec![usize::MAX; self.regions.labels.len()];
        let mut activity_seen = vec![usize::MAX; self.activities.labels.len()];
        let (mut possible, mut row) = (0, 0);
        for period in 0..self.periods {
            let (mut regions, mut activities) = (0, 0);
            while row < self.cells.len() && self.cells[row].period == period {
                let cell = &self.cells[row];
                if region_seen[cell.region] != period {
                    region_seen[cell.region] = period;
                    regions += 1;
                }
                if activity_seen[cell.activity] != period {
                    activity_seen[cell.activity] = period;
                    activities += 1;
                }
                row += 1;
            }
            possible += regions * activities;
        }
        let absent = possible - self.cells.len();
        if absent > 0 {
            self.notes.push(format!(
                "{absent} of {possible} combinations of region, activity and period have no row; they count as zero"
            ));
        }
    }

    /// Whether a region has a missing amount in a period.
    pub(super) fn is_left_out(&self, period: usize, region: usize) -> bool {
        self.left_out[period * self.regions.labels.len() + region]
    }

    /// Sum over activities.
    pub(super) fn region_total(&self, period: usize, region: usize) -> f64 {
        self.region_totals[period * self.regions.labels.len() + region]
    }

    /// Sum over regions.
    pub(super) fn activity_total(&self, period: usize, activity: usize) -> f64 {
        self.activity_totals[period * self.activities.labels.len() + activity]
    }

    /// Sum over everything.
    pub(super) fn period_total(&self, period: usize) -> f64 {
        self.period_totals[period]
    }

    /// Share of the activity in the total of the period. The total must not be zero.
    pub(super) fn activity_share(&self, period: usize, activity: usize) -> f64 {
        self.activity_total(period, activity) / self.period_total(period)
    }

    /// Regions with an amount above zero in a period, with their share in its total.
    pub(super) fn region_shares(&self, period: usize) -> Vec<(usize, f64)> {
        let total = self.period_total(period);
        (0..self.regions.labels.len())
            .map(|region| (region, self.region_total(period, region)))
            .filter(|&(_, amount)| amount > 0.0)
            .map(|(region, amount)| (region, amount / total))
            .collect()
    }

    /// The rows of each period and activity.
    pub(super) fn by_activity(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells
            .chunk_by(|one, two| (one.period, one.activity) == (two.period, two.activity))
    }

    /// Periods and regions that have rows, in order.
    pub(super) fn region_periods(&self) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = self
            .cells
            .iter()
            .map(|cell| (cell.period, cell.region))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A column that has one value for each activity and period, by position in [`Self::by_activity`]; missing where all
    /// its rows are missing. With a row (from 0) where it stands.
    pub(super) fn constant_by_activity(
        &self,
        name: &str,
    ) -> Result<Vec<Option<(usize, f64)>>, Error> {
        let values = numbers(self.batch, name)?;
        self.by_activity()
            .map(|cells| {
                let mut known: Option<(usize, f64)> = None;
                for cell in cells.iter().filter(|cell| values.is_valid(cell.row)) {
                    let value = values.value(cell.row);
                    match known {
                        None => known = Some((cell.row, value)),
                        Some((row, other)) if other != value => {
                            return Err(IndexError::NotConstant {
                                column: name.to_owned(),
                                place: self.describe(Place::activity(cell)),
                                first: row + 1,
                                second: cell.row + 1,
                                one: other.to_string(),
                                other: value.to_string(),
                            }
                            .into());
                        }
                        Some(_) => {}
                    }
                }
                Ok(known)
            })
            .collect()
    }

    /// A place in words.
    pub(super) fn describe(&self, place: Place) -> String {
        let mut parts: Vec<&str> = Vec::new();
        if let Some(region) = place.region {
            parts.push(&self.regions.labels[region]);
        }
        if let Some(activity) = place.activity {
            parts.push(&self.activities.labels[activity]);
        }
        if let Some(times) = &self.times {
            parts.push(&times.labels[place.period]);
        }
        if parts.is_empty() {
            "the whole table".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// The first few places in words, and how many more there are.
    pub(super) fn list(&self, places: &[Place]) -> String {
        let named: Vec<String> = places
            .iter()
            .take(NAMED)
            .map(|&place| self.describe(place))
            .collect();
        listed(&named, places.len())
    }

    /// The answer as a table, sorted by region, activity and time.
    pub(super) fn answer(mut self, mut values: Values) -> Result<IndexTable, Error> {
        values.rows.sort_by_key(|(place, _)| *place);
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        let mut key = |name: &str, rows: Option<Vec<u64>>| -> Result<(), Error> {
            let Some(rows) = rows else {
                return Ok(());
            };
            let array = take(column(self.batch, name)?, &UInt64Array::from(rows), None)
                .map_err(PanelError::from)?;
            fields.push(Field::new(name, array.data_type().clone(), true));
            columns.push(array);
            Ok(())
        };
        let rows_of = |keys: &Keys, code: fn(&Place) -> Option<usize>| -> Option<Vec<u64>> {
            values
                .rows
                .iter()
                .map(|(place, _)| code(place).map(|code| keys.first_rows[code] as u64))
                .collect()
        };
        key(
            self.request.region,
            rows_of(&self.regions, |place| place.region),
        )?;
        key(
            self.request.activity,
            rows_of(&self.activities, |place| place.activity),
        )?;
        if let (Some(name), Some(times)) = (self.request.time, &self.times) {
            key(name, rows_of(times, |place| Some(place.period)))?;
        }
        for (place, name) in values.names.iter().enumerate() {
            if fields.iter().any(|field| field.name() == name) {
                return Err(IndexError::NameTaken { name: name.clone() }.into());
            }
            let column: Float64Array = values.rows.iter().map(|(_, row)| row[place]).collect();
            fields.push(Field::new(name, column.data_type().clone(), true));
            columns.push(Arc::new(column));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(PanelError::from)?;
        for (reason, places) in &values.undefined {
            let note = format!(
                "{} {} null, because {reason}: {}",
                places.len(),
                if places.len() == 1 {
                    "value is"
                } else {
                    "values are"
                },
                self.list(places)
            );
            self.notes.push(note);
        }
        self.notes.extend(values.notes);
        Ok(IndexTable {
            batch,
            notes: self.notes,
        })
    }
}

/// `a; b; c and 7 more`.
pub(super) fn listed(named: &[String], count: usize) -> String {
    let text = named.join("; ");
    match count - named.len() {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// Where a value stands. The order is that of the answer: region, activity, period.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub region: Option<usize>,
    pub activity: Option<usize>,
    pub period: usize,
}

impl Place {
    pub(super) fn cell(cell: &Cell) -> Self {
        Self {
            region: Some(cell.region),
            activity: Some(cell.activity),
            period: cell.period,
        }
    }

    pub(super) fn activity(cell: &Cell) -> Self {
        Self {
            region: None,
            ..Self::cell(cell)
        }
    }

    pub(super) fn region(period: usize, region: usize) -> Self {
        Self {
            region: Some(region),
            activity: None,
            period,
        }
    }

    pub(super) fn period(period: usize) -> Self {
        Self {
            region: None,
            activity: None,
            period,
        }
    }
}

/// Values of an index, before they become a table.
pub(super) struct Values {
    names: Vec<String>,
    rows: Vec<(Place, Vec<Option<f64>>)>,
    undefined: BTreeMap<&'static str, Vec<Place>>,
    /// Further notes.
    pub notes: Vec<String>,
}

impl Values {
    pub(super) fn new(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
            undefined: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// One value a column.
    pub(super) fn push(&mut self, place: Place, values: &[f64]) {
        self.rows
            .push((place, values.iter().copied().map(Some).collect()));
    }

    /// No value, with a reason.
    pub(super) fn undefined(&mut self, place: Place, reason: &'static str) {
        self.rows.push((place, vec![None; self.names.len()]));
        self.undefined.entry(reason).or_default().push(place);
    }
}

/// Reasons for a null, which complete the sentence "the value is null, because ...".
pub(super) const LEFT_OUT: &str = "the region has a missing amount in the period";
pub(super) const NO_REGION_TOTAL: &str = "the total of the region is zero";
pub(super) const NO_ACTIVITY_TOTAL: &str = "the total of the activity is zero";
