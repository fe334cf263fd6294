//! Whether a study or its inputs have changed.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use panelyst_report::Lang;
use panelyst_study::{Overrides, Study};

/// What a file is: looked at again only where its time or size differ, and changed only where its content does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    content: u64,
}

type Stamps = Vec<(PathBuf, Option<Stamp>)>;

/// The study file and its inputs.
pub(super) struct Watch {
    study: PathBuf,
    overrides: Overrides,
    lang: Lang,
    /// As the last change left them.
    settled: Stamps,
    /// As they were at the last look.
    last: Stamps,
}

impl Watch {
    /// The files as they are now.
    pub(super) fn new(study: PathBuf, overrides: Overrides) -> Self {
        let mut watch = Self {
            lang: overrides.lang.unwrap_or_default(),
            study,
            overrides,
            settled: Vec::new(),
            last: Vec::new(),
        };
        watch.last = watch.stamps();
        watch.settled = watch.last.clone();
        watch
    }

    /// The language of the study, as far as it can be read.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether a content differs from that of the last change, and is the same as at the last look: a file is not read
    /// while it is being written.
    pub(super) fn changed(&mut self) -> bool {
        let now = self.stamps();
        let still = now == self.last;
        self.last = now;
        let changed = still && contents(&self.last) != contents(&self.settled);
        if changed {
            self.settled = self.last.clone();
        }
        changed
    }

    fn stamps(&mut self) -> Stamps {
        let study = stamp(&self.study, &self.last);
        let same = self.last.first().is_some_and(|(_, known)| *known == study);
        let paths = if same { None } else { self.inputs() };
        // A study that is no TOML now has the inputs it had.
        let paths = paths.unwrap_or_else(|| {
            let inputs = self.last.iter().skip(1);
            inputs.map(|(path, _)| path.clone()).collect()
        });
        let mut stamps = vec![(self.study.clone(), study)];
        stamps.extend(paths.into_iter().map(|path| {
            let stamp = stamp(&path, &self.last);
            (path, stamp)
        }));
        stamps
    }

    fn inputs(&mut self) -> Option<Vec<PathBuf>> {
        let text = std::fs::read_to_string(&self.study).ok()?;
        let study = Study::read(&self.study, &text, &self.overrides).0?;
        self.lang = study.settings.lang;
        let files = study.sources.iter().flat_map(|source| source.files.clone());
        let names = study.panel.names_file.map(|(file, _)| file);
        Some(files.chain(names).collect())
    }
}

fn contents(stamps: &Stamps) -> Vec<(&Path, Option<u64>)> {
    let content = |stamp: &Option<Stamp>| stamp.map(|stamp| stamp.content);
    stamps
        .iter()
        .map(|(path, stamp)| (path.as_path(), content(stamp)))
        .collect()
}

/// None where the file is not there or cannot be read.
fn stamp(path: &Path, known: &Stamps) -> Option<Stamp> {
    let about = std::fs::metadata(path).ok()?;
    let (modified, size) = (about.modified().ok(), about.len());
    let known = known.iter().find(|(file, _)| file == path);
    if let Some((_, Some(stamp))) = known
        && stamp.size == size
        && modified.is_some()
        && stamp.modified == modified
    {
        return Some(*stamp);
    }
    let mut file = File::open(path).ok()?;
    let mut hasher = DefaultHasher::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece).ok()? {
            0 => break,
            n => hasher.write(&piece[..n]),
        }
    }
    Some(Stamp {
        modified,
        size,
        content: hasher.finish(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Watch;
    use panelyst_study::Overrides;
    use std::time::{Duration, SystemTime};

    #[test]
    fn content_counts_and_only_once_it_is_still() {
        let folder = tempfile::tempdir().unwrap();
        let (study, data) = (folder.path().join("s.toml"), folder.path().join("d.csv"));
        let text = "[panel]\nunit = \"u\"\ntime = \"t\"\n[sources.d]\nfile = \"d.csv\"\n";
        std::fs::write(&study, text).unwrap();
        std::fs::write(&data, "u,t,x\na,1,2\n").unwrap();
        let mut watch = Watch::new(study.clone(), Overrides::default());
        assert!(!watch.changed());
        // Another time alone is no change.
        let file = std::fs::File::options().append(true).open(&data).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60))
            .unwrap();
        assert!(!watch.changed() && !watch.changed());
        std::fs::write(&data, "u,t,x\na,1,3\n").unwrap();
        assert!(!watch.changed(), "just written");
        assert!(watch.changed() && !watch.changed());
        // What is no study keeps its inputs.
        std::fs::write(&study, "[panel").unwrap();
        assert!(!watch.changed() && watch.changed());
        std::fs::remove_file(&data).unwrap();
        assert!(!watch.changed() && watch.changed() && !watch.changed());
    }
}
