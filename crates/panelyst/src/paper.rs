//! Papers to audit.

use crate::refusal::Refusal;
use panelyst_audit::Paper;
use std::path::Path;

/// Reads the file of a paper.
///
/// # Errors
/// A file that cannot be read or is no UTF-8 text, and all mistakes in it.
pub fn read(path: &Path) -> Result<Paper, Refusal> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Refusal::Usage(format!("cannot read the paper {name}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Refusal::Usage(format!(
            "the paper {name} is no UTF-8 text, from byte {} on; save it as UTF-8",
            error.utf8_error().valid_up_to() + 1
        ))
    })?;
    panelyst_audit::read(&text).map_err(|mistakes| Refusal::Mistyped {
        text,
        origin: name,
        mistakes,
    })
}
