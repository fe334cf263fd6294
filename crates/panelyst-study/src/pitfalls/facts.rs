//! What pitfalls look at: the study, its data, and the columns of its tables.

use super::expressions::behind;
use crate::plan::{Study, VariablePlan};
use crate::steps::estimates::{Data, Estimated};
use crate::steps::tables::{Made, Results};
use panelyst_report::Lang;

/// An estimated column with its place.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Table, by its place from 0.
    pub table: usize,
    /// Place in the table, from 1.
    pub place: usize,
    /// Group of a heterogeneity table.
    pub group: Option<&'a str>,
    /// What was estimated.
    pub estimated: &'a Estimated,
}

/// What pitfalls look at.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The study as meant.
    pub study: &'a Study,
    /// Its data.
    pub data: &'a Data,
    /// Its tables.
    pub made: &'a [Made],
    /// All estimated columns.
    pub columns: Vec<Column<'a>>,
}

impl<'a> Facts<'a> {
    /// The facts of a run.
    pub fn new(study: &'a Study, data: &'a Data, made: &'a [Made]) -> Self {
        let mut columns = Vec::new();
        for (table, one) in made.iter().enumerate() {
            match &one.results {
                Results::Baseline(list) | Results::Robustness(list) => {
                    columns.extend(list.iter().enumerate().map(|(place, estimated)| Column {
                        table,
                        place: place + 1,
                        group: None,
                        estimated,
                    }));
                }
                Results::Heterogeneity { groups, .. } => {
                    let numbered = groups.iter().enumerate();
                    columns.extend(numbered.map(|(place, (group, estimated))| Column {
                        table,
                        place: place + 1,
                        group: Some(group),
                        estimated,
                    }));
                }
                _ => {}
            }
        }
        Self {
            study,
            data,
            made,
            columns,
        }
    }

    /// One of two texts, by the language of the study.
    pub fn pick<T>(&self, en: T, zh: T) -> T {
        match self.study.settings.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// `Table 5, columns (1) and (2); Table 6, column (1)`.
    pub fn places(&self, columns: &[Column<'_>]) -> String {
        let mut tables: Vec<(usize, Vec<usize>)> = Vec::new();
        for column in columns {
            match tables.iter_mut().find(|(table, _)| *table == column.table) {
                Some((_, places)) => places.push(column.place),
                None => tables.push((column.table, vec![column.place])),
            }
        }
        let parts: Vec<String> = tables
            .iter()
            .map(|(table, places)| {
                let label = &self.made[*table].label;
                let list: Vec<String> = places.iter().map(|p| format!("({p})")).collect();
                match (self.study.settings.lang, list.as_slice()) {
                    (Lang::En, [one]) => format!("{label}, column {one}"),
                    (Lang::En, [first @ .., last]) => {
                        format!("{label}, columns {} and {last}", first.join(", "))
                    }
                    (_, list) => format!("{label}第{}列", list.join("、")),
                }
            })
            .collect();
        parts.join(self.pick("; ", "；"))
    }

    /// Names joined as the language lists them.
    pub fn list(&self, names: &[String]) -> String {
        names.join(self.pick(", ", "、"))
    }

    /// Columns of one table.
    pub fn of_table(&self, table: usize) -> Vec<Column<'a>> {
        let columns = self.columns.iter().copied();
        columns.filter(|c| c.table == table).collect()
    }

    /// Variables that occur in an estimated column, or behind one that does.
    pub fn used(&self) -> Vec<&'a VariablePlan> {
        let mut used: Vec<&VariablePlan> = Vec::new();
        for column in &self.columns {
            for name in column.estimated.plan.formula.columns() {
                for variable in behind(self.study, &name) {
                    if !used.iter().any(|v| v.name == variable.name) {
                        used.push(variable);
                    }
                }
            }
        }
        // In the order of the study.
        let order = |v: &&VariablePlan| self.study.variables.iter().position(|o| o.name == v.name);
        used.sort_by_key(order);
        used
    }

    /// Values of a column that are there, with their rows.
    pub fn values(&self, name: &str) -> Vec<(usize, f64)> {
        let Ok(numbers) = self.data.panel.numbers(name) else {
            return Vec::new();
        };
        let rows = numbers.iter().enumerate();
        rows.filter_map(|(row, value)| Some((row, value?)))
            .filter(|(_, value)| value.is_finite())
            .collect()
    }
}
