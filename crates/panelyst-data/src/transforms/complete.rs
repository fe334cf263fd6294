//! Rows for the periods that a unit does not have.

use crate::panel::Panel;
use crate::{Error, Ledger};

/// Adds a row for every unit and period, from the first to the last period of the panel, that has none.
///
/// New cells are missing, but for text columns that say the same in every row of the unit (such as its region), which
/// are carried over. Each new row is a ledger entry `added`, each text carried over an entry `filled`.
///
/// # Errors
/// More rows than can be meant: times that do not count periods one by one (such as dates written as 20140131).
pub fn complete(panel: &Panel) -> Result<(Panel, Ledger), Error> {
    let _ = panel;
    todo!()
}
