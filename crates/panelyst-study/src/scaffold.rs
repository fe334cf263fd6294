//! A commented study with data to start from.

use crate::error::Error;
use crate::output::{Output, write};
use std::path::{Path, PathBuf};

const STUDY: &str = include_str!("../scaffold/study.toml");
const DATA: &str = include_str!("../scaffold/data/investment.csv");

/// Writes a study and its data into a new or empty folder; gives the files.
///
/// # Errors
/// A folder that holds something already, or that cannot be written.
pub fn scaffold(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken || folder.is_file() {
        return Err(Error::step(
            "new",
            format!(
                "{} is not empty; name a folder that does not exist yet",
                folder.display()
            ),
        ));
    }
    let outputs = [
        Output::new("study.toml", STUDY),
        Output::new("data/investment.csv", DATA),
    ];
    write(folder, &outputs, &[])?;
    Ok(outputs.iter().map(|o| folder.join(&o.path)).collect())
}
