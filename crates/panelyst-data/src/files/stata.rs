//! Stata data files (.dta).

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use dta::stata::dta::dta_error::DtaError;
use dta::stata::dta::dta_reader::DtaReader;
use dta::stata::dta::long_string_ref::LongStringRef;
use dta::stata::dta::long_string_table::LongStringTable;
use dta::stata::dta::value::Value;
use dta::stata::dta::value_label_table::ValueLabelTable;
use dta::stata::dta::variable::Variable;
use dta::stata::missing_value::MissingValue;
use dta::stata::stata_byte::StataByte;
use dta::stata::stata_double::StataDouble;
use dta::stata::stata_float::StataFloat;
use dta::stata::stata_int::StataInt;
use dta::stata::stata_long::StataLong;
use encoding_rs::Encoding;

use super::typed::{self, Typed};
use super::{Format, ReadOptions, Source, read_bytes, unreadable};
use crate::error::Error;

/// The cells of a variable as they come.
enum Cells {
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
    Long(Vec<Option<LongStringRef>>),
}

/// A variable while it is read.
struct Series {
    cells: Cells,
    /// Numbers of cells by missing code, `.` and `.a` to `.z`.
    codes: BTreeMap<String, usize>,
}

/// Reads a Stata file.
///
/// A labelled variable becomes text when each code in use has a label; else it stays a number, with a note. Daily dates
/// become ISO 8601 text; yearly ones are years already; other dates stay Stata's counts, with a note.
pub(crate) fn read(path: &Path, options: &ReadOptions) -> Result<Source, Error> {
    typed::check_options(path, options, Format::Stata)?;
    let failed = |error: DtaError| unreadable(path, &error);
    let mut reader = DtaReader::new();
    let mut encoding_told = None;
    if let Some(label) = &options.encoding {
        let encoding =
            Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| Error::UnknownEncoding {
                name: label.clone(),
            })?;
        encoding_told = Some(encoding);
        reader = reader.encoding(encoding);
    }
    let header = reader
        .from_reader(Cursor::new(read_bytes(path)?))
        .read_header()
        .map_err(failed)?;
    let mut characteristics = header.read_schema().map_err(failed)?;
    characteristics.skip_to_end().map_err(failed)?;
    let mut records = characteristics.into_record_reader().map_err(failed)?;
    let variables: Vec<Variable> = records.schema().variables().to_vec();
    let mut series: Vec<Series> = Vec::new();
    let mut rows = 0;
    while let Some(record) = records.read_record().map_err(failed)? {
        if rows == 0 {
            series = record.values().iter().map(Series::new).collect();
        }
        for (series, value) in series.iter_mut().zip(record.values()) {
            series.push(value);
        }
        rows += 1;
    }
    let mut long = records.into_long_string_reader().map_err(failed)?;
    let mut strings = LongStringTable::for_reading();
    long.read_remaining_into(&mut strings).map_err(failed)?;
    let mut labels = long.into_value_label_reader().map_err(failed)?;
    let encoding = encoding_told.unwrap_or(labels.encoding());
    let mut sets = ValueLabelTable::new();
    labels.read_remaining_into(&mut sets).map_err(failed)?;

    let mut table = Typed::new(path, options, rows)?;
    let wanted = options.wanted(variables.iter().map(Variable::name));
    for ((variable, series), wanted) in variables.iter().zip(series).zip(wanted) {
        if !wanted {
            continue;
        }
        let name = variable.name();
        if !variable.label().is_empty() {
            table.labels.push((name.into(), variable.label().into()));
        }
        let array = match series.cells {
            Cells::Whole(codes) => whole(variable, codes, &sets, &mut table),
            Cells::Real(values) => real(variable, values, &mut table),
            Cells::Text(text) => Arc::new(StringArray::from(text)),
            Cells::Long(references) => {
                let text: StringArray = references
                    .iter()
                    .map(|reference| {
                        let content = strings.get(reference.as_ref()?)?;
                        let text = content.data_str(encoding)?.into_owned();
                        Some(text).filter(|text| !text.trim().is_empty())
                    })
                    .collect();
                Arc::new(text)
            }
        };
        let array = if table.wants_text(name) {
            arrow_cast::cast(&array, &arrow_schema::DataType::Utf8)?
        } else {
            array
        };
        table.add(name, array)?;
        let coded: usize = series.codes.values().sum();
        if coded > 0 {
            let list: Vec<String> = series
                .codes
                .iter()
                .map(|(code, count)| format!("{code} {count} times"))
                .collect();
            name_codes(&mut table, name, &list.join(", "));
        }
    }
    table.finish()
}

/// The entry of a variable's missing cells says which codes they had.
fn name_codes(table: &mut Typed<'_>, name: &str, codes: &str) {
    if let Some(entry) = table.ledger.entries.iter_mut().rev().find(|entry| {
        entry.variable == name && entry.action == "missing" && entry.rule == "missing in the file"
    }) {
        entry.rule = format!("missing codes of Stata: {codes}");
        entry.before = codes.split(' ').next().unwrap_or_default().into();
    }
}

impl Series {
    fn new(value: &Value<'_>) -> Self {
        let cells = match value {
            Value::Byte(_) | Value::Int(_) | Value::Long(_) => Cells::Whole(Vec::new()),
            Value::Float(_) | Value::Double(_) => Cells::Real(Vec::new()),
            Value::String(_) => Cells::Text(Vec::new()),
            Value::LongStringRef(_) => Cells::Long(Vec::new()),
        };
        Self {
            cells,
            codes: BTreeMap::new(),
        }
    }

    fn push(&mut self, value: &Value<'_>) {
        let read = match value {
            Value::Byte(StataByte::Present(value)) => Ok(f64::from(*value)),
            Value::Int(StataInt::Present(value)) => Ok(f64::from(*value)),
            Value::Long(StataLong::Present(value)) => Ok(f64::from(*value)),
            Value::Float(StataFloat::Present(value)) => Ok(f64::from(*value)),
            Value::Double(StataDouble::Present(value)) => Ok(*value),
            Value::Byte(StataByte::Missing(code))
            | Value::Int(StataInt::Missing(code))
            | Value::Long(StataLong::Missing(code))
            | Value::Float(StataFloat::Missing(code))
            | Value::Double(StataDouble::Missing(code)) => Err(Some(*code)),
            Value::String(_) | Value::LongStringRef(_) => Err(None),
        };
        if let Err(Some(code)) = read {
            *self.codes.entry(code_name(code)).or_default() += 1;
        }
        match (&mut self.cells, value) {
            (Cells::Text(cells), Value::String(text)) => {
                cells.push(Some(text.trim().to_string()).filter(|text| !text.is_empty()));
            }
            (Cells::Long(cells), Value::LongStringRef(reference)) => cells.push(Some(*reference)),
            // Whole numbers of Stata have at most 32 bits: exact as doubles.
            (Cells::Whole(cells), _) => cells.push(read.ok().map(|value| value as i64)),
            (Cells::Real(cells), _) => cells.push(read.ok()),
            (Cells::Text(cells), _) => cells.push(None),
            (Cells::Long(cells), _) => cells.push(None),
        }
    }
}

fn code_name(code: MissingValue) -> String {
    let name = code.to_string();
    if name.starts_with('.') {
        name
    } else {
        format!(".{name}")
    }
}

/// A whole-number variable: labels as text, dates as ISO 8601, else numbers.
fn whole(
    variable: &Variable,
    codes: Vec<Option<i64>>,
    sets: &ValueLabelTable,
    table: &mut Typed<'_>,
) -> ArrayRef {
    let name = variable.name();
    let label = |code: i64| {
        i32::try_from(code)
            .ok()
            .and_then(|code| sets.label_for(variable, code))
    };
    if !variable.value_label_name().is_empty() && sets.get(variable.value_label_name()).is_some() {
        let mut bare: Vec<i64> = codes
            .iter()
            .flatten()
            .copied()
            .filter(|code| label(*code).is_none())
            .collect();
        bare.sort_unstable();
        bare.dedup();
        if bare.is_empty() {
            let text: StringArray = codes.iter().map(|code| code.and_then(label)).collect();
            return Arc::new(text);
        }
        let shown: Vec<String> = bare.iter().take(5).map(i64::to_string).collect();
        table.notes.push(format!(
            "variable `{name}` has value labels, but {} of its codes have none ({}{}): it is read as numbers",
            bare.len(),
            shown.join(", "),
            if bare.len() > 5 { ", ..." } else { "" }
        ));
    }
    if is_daily(variable.format()) {
        let text: StringArray = codes.iter().map(|code| code.map(day)).collect();
        return Arc::new(text);
    }
    note_other_dates(variable, table);
    Arc::new(Int64Array::from(codes))
}

/// A variable of floating point: dates as ISO 8601, else numbers.
fn real(variable: &Variable, values: Vec<Option<f64>>, table: &mut Typed<'_>) -> ArrayRef {
    if is_daily(variable.format()) && values.iter().flatten().all(|value| value.fract() == 0.0) {
        let text: StringArray = values
            .iter()
            .map(|value| value.map(|value| day(value as i64)))
            .collect();
        return Arc::new(text);
    }
    if variable.format().starts_with("%tc") {
        let text: StringArray = values.iter().map(|value| value.map(moment)).collect();
        return Arc::new(text);
    }
    note_other_dates(variable, table);
    Arc::new(Float64Array::from(values))
}

fn is_daily(format: &str) -> bool {
    format.starts_with("%td") || format.starts_with("%d")
}

fn note_other_dates(variable: &Variable, table: &mut Typed<'_>) {
    let format = variable.format();
    if format.starts_with("%t") && !format.starts_with("%ty") {
        table.notes.push(format!(
            "variable `{}` has the date format {format}: it is read as Stata's count of periods",
            variable.name()
        ));
    }
}

/// A date from days since 1960-01-01 (proleptic Gregorian calendar).
fn day(days: i64) -> String {
    let (year, month, day) = civil(days.saturating_sub(3653));
    format!("{year:04}-{month:02}-{day:02}")
}

/// A date and time from milliseconds since 1960-01-01.
fn moment(milliseconds: f64) -> String {
    let seconds = (milliseconds / 1000.0).floor();
    let days = (seconds / 86_400.0).floor();
    let within = (seconds - days * 86_400.0) as i64;
    format!(
        "{}T{:02}:{:02}:{:02}",
        day(days as i64),
        within / 3600,
        within / 60 % 60,
        within % 60
    )
}

/// Year, month and day from days since 1970-01-01, by counting in eras of 400 years that begin on 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.clamp(-1_000_000_000, 1_000_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
