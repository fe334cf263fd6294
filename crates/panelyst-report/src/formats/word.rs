//! Word.
use crate::{Error, Table};
/// Writes.
pub fn word(_tables: &[Table]) -> Result<Vec<u8>, Error> {
    Ok(Vec::new())
}
