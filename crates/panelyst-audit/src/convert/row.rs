//! A row of a grid: its name, and its cells with their numbers.

use crate::printed::Printed;

/// The name; empty where there is none.
pub(super) fn label(row: &[String]) -> &str {
    row.first().map_or("", String::as_str)
}

/// The cells beside the name.
pub(super) fn cells(row: &[String]) -> &[String] {
    row.get(1..).unwrap_or_default()
}

/// The number of a cell.
pub(super) fn number(cell: &str) -> Option<f64> {
    let printed = Printed::parse(cell).ok().flatten()?;
    Some(printed.value)
}

/// Whether a number stands beside the name.
pub(super) fn has_number(row: &[String]) -> bool {
    cells(row).iter().any(|cell| number(cell).is_some())
}
