//! Excel.
use crate::{Error, Table};
/// Writes.
pub fn excel(_tables: &[Table]) -> Result<Vec<u8>, Error> {
    Ok(Vec::new())
}
