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

/// Prefix of the folders that files are written to first.
const STAGING: &str = ".panelyst-";

const WHOLE: &str = "the previous output was left as it was";
const NOTHING: &str = "nothing was written";
const MIXED: &str = "some files are new and some are not: run again";

/// Writes all files or none: they are first written to a folder of their own beside the old ones, and renamed only
/// when every one of them is complete. `stale` are files of the run before that are no longer made.
///
/// # Errors
/// The first file that could not be written; what stood in the folder is then as it was, unless a rename failed.
pub fn write(folder: &Path, outputs: &[Output], stale: &[String]) -> Result<(), Error> {
    let fail = |path: &Path, left: &'static str| {
        let path = path.to_path_buf();
        move |source| Error::Write { path, source, left }
    };
    let there = folder.is_dir();
    let whole = if there { WHOLE } else { NOTHING };
    std::fs::create_dir_all(folder).map_err(fail(folder, whole))?;
    let staging = match stage(folder, outputs) {
        Ok(staging) => staging,
        Err((path, error)) => {
            if !there {
                // Only an empty folder goes.
                let _ = std::fs::remove_dir(folder);
            }
            return Err(fail(&path, whole)(error));
        }
    };
    for output in outputs {
        let to = folder.join(&output.path);
        let parent = to.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(fail(parent, MIXED))?;
        std::fs::rename(staging.path().join(&output.path), &to).map_err(fail(&to, MIXED))?;
    }
    for path in stale {
        let path: PathBuf = folder.join(path);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fail(&path, MIXED)(error)),
        }
    }
    Ok(())
}

/// All files complete in a folder of their own, what killed runs left behind removed.
fn stage(
    folder: &Path,
    outputs: &[Output],
) -> Result<tempfile::TempDir, (PathBuf, std::io::Error)> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| (path, error)
    };
    for entry in std::fs::read_dir(folder).map_err(at(folder))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(STAGING) {
            // Left by a run that was killed; another try at the next run if it cannot be removed now.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let staging = tempfile::Builder::new()
        .prefix(STAGING)
        .tempdir_in(folder)
        .map_err(at(folder))?;
    for output in outputs {
        let path = staging.path().join(&output.path);
        let parent = path.parent().unwrap_or(staging.path());
        std::fs::create_dir_all(parent).map_err(at(parent))?;
        std::fs::write(&path, &output.bytes).map_err(at(&folder.join(&output.path)))?;
    }
    Ok(staging)
}
