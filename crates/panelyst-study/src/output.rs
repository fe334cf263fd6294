//! Files of a run: all made in memory, written beside the old ones, then renamed into place.

use crate::error::Error;
use std::path::{Path, PathBuf};

/// A file to write, relative to the output folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Path below the output folder, with forward slashes.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Output {
    /// A file.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            bytes: bytes.into(),
        }
    }
}

/// Writes all files or none: they are first written to a folder of their own beside the old ones, and renamed only
/// when every one of them is complete. `stale` are files of the run before that are no longer made.
///
/// # Errors
/// The first file that could not be written; the previous output is then as it was.
pub fn write(folder: &Path, outputs: &[Output], stale: &[String]) -> Result<(), Error> {
    let fail = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(fail(folder))?;
    let staging = tempfile::Builder::new()
        .prefix(".panelyst-")
        .tempdir_in(folder)
        .map_err(fail(folder))?;
    for output in outputs {
        let path = staging.path().join(&output.path);
        let parent = path.parent().unwrap_or(staging.path());
        std::fs::create_dir_all(parent).map_err(fail(parent))?;
        std::fs::write(&path, &output.bytes).map_err(fail(&folder.join(&output.path)))?;
    }
    for output in outputs {
        let to = folder.join(&output.path);
        let parent = to.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(fail(parent))?;
        std::fs::rename(staging.path().join(&output.path), &to).map_err(fail(&to))?;
    }
    for path in stale {
        let path: PathBuf = folder.join(path);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fail(&path)(error)),
        }
    }
    Ok(())
}
