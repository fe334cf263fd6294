//! The lock file: what a run was made from and what it made, by hash.

use crate::error::Error;
use crate::output::Output;
use crate::plan::{ColumnPlan, Study, TableKind};
use crate::steps::sources::Input;
use panelyst_model::conventions::{CONVENTIONS, Robust};
use panelyst_model::{Vcov, Wild};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Name of the lock file in the output folder.
pub const LOCK: &str = "panelyst.lock";

/// What a run was made from and what it made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Version of the program.
    pub panelyst: String,
    /// Hash of the study file.
    pub study: FileHash,
    /// Language of the words.
    pub lang: String,
    /// Conventions and covariances, by table and column.
    pub conventions: Vec<String>,
    /// Seeds and draws, by table: permutations of units, bootstraps of clusters (those beside errors with few clusters too).
    pub seeds: Vec<String>,
    /// Files read.
    pub inputs: Vec<FileHash>,
    /// Files written, this one excepted.
    pub outputs: Vec<FileHash>,
}

/// A file with its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHash {
    /// The file, as the study names it (inputs) or below the output folder (outputs).
    pub file: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// SHA-256 of bytes, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Lock {
    /// The lock of a run.
    pub fn new(study: &Study, inputs: &[Input], outputs: &[Output]) -> Self {
        let name = |path: &Path| {
            path.strip_prefix(&study.data)
                .unwrap_or(path)
                .to_string_lossy()
                .replace('\\', "/")
        };
        let (conventions, seeds) = choices(study);
        Self {
            panelyst: env!("CARGO_PKG_VERSION").to_owned(),
            study: FileHash {
                file: study
                    .path
                    .file_name()
                    .map(|n| n.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                sha256: sha256(study.text.as_bytes()),
            },
            lang: match study.settings.lang {
                panelyst_report::Lang::En => "en",
                panelyst_report::Lang::Zh => "zh",
            }
            .to_owned(),
            conventions,
            seeds,
            inputs: inputs
                .iter()
                .map(|input| FileHash {
                    file: name(&input.path),
                    sha256: input.sha256.clone(),
                })
                .collect(),
            outputs: outputs
                .iter()
                .map(|output| FileHash {
                    file: output.path.clone(),
                    sha256: sha256(&output.bytes),
                })
                .collect(),
        }
    }

    /// The lock file of an output folder, if there is one that can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join(LOCK)).ok()?;
        toml::from_str(&text).ok()
    }

    /// The text of the lock file.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn text(&self) -> Result<String, Error> {
        let head = "# What this output was made from and what was made. `panelyst run --locked` refuses anything else.\n";
        toml::to_string(self)
            .map(|body| format!("{head}{body}"))
            .map_err(|error| Error::step(LOCK, error.to_string()))
    }

    /// What differs in program, study, choices and inputs; outputs are not compared.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut list = Vec::new();
        let mut compare = |what: &str, then: &str, now: &str| {
            if then != now {
                list.push(format!("{what}: was {then}, is {now}"));
            }
        };
        compare("version of panelyst", &self.panelyst, &now.panelyst);
        compare("language", &self.lang, &now.lang);
        compare(
            "study file",
            short(&self.study.sha256),
            short(&now.study.sha256),
        );
        compare(
            "conventions",
            &self.conventions.join(", "),
            &now.conventions.join(", "),
        );
        compare("seeds", &self.seeds.join(", "), &now.seeds.join(", "));
        for then in &self.inputs {
            match now.inputs.iter().find(|i| i.file == then.file) {
                None => list.push(format!("input {}: no longer read", then.file)),
                Some(i) if i.sha256 != then.sha256 => list.push(format!(
                    "input {}: was {}, is {}",
                    then.file,
                    short(&then.sha256),
                    short(&i.sha256)
                )),
                Some(_) => {}
            }
        }
        for new in &now.inputs {
            if !self.inputs.iter().any(|i| i.file == new.file) {
                list.push(format!("input {}: not read before", new.file));
            }
        }
        list
    }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Conventions and seeds of a study in words.
fn choices(study: &Study) -> (Vec<String>, Vec<String>) {
    let mut conventions = Vec::new();
    let mut seeds = Vec::new();
    for (number, table) in study.tables.iter().enumerate() {
        let number = number + 1;
        let mut used: Vec<&str> = Vec::new();
        let published: Vec<ColumnPlan>;
        let columns = match &table.kind {
            TableKind::Baseline(columns) | TableKind::Robustness(columns) => columns.as_slice(),
            TableKind::Publication(plan) => {
                published = plan.columns.iter().map(|c| c.column.clone()).collect();
                &published
            }
            TableKind::Heterogeneity {
                column,
                seed,
                permutations,
                ..
            } => {
                seeds.push(format!("table {number}: {seed} ({permutations} draws)"));
                std::slice::from_ref(column.as_ref())
            }
            TableKind::Conventions { column, names } => {
                used.extend(names.iter().map(|row| row.name));
                std::slice::from_ref(column.as_ref())
            }
            TableKind::SpecificationCurve(curve) => {
                for column in &curve.singles {
                    if !used.contains(&column.convention.as_str()) {
                        used.push(&column.convention);
                    }
                    // Nothing is drawn beside the covariance here, however few the clusters.
                    let words = drawn(column).map(|words| format!("table {number}: {words}"));
                    seeds.extend(words.filter(|words| !seeds.contains(words)));
                }
                conventions.push(format!("table {number}: {}", used.join(", ")));
                continue;
            }
            _ => continue,
        };
        if used.is_empty() {
            used.extend(columns.iter().map(|c| c.convention.as_str()));
            used.dedup();
        }
        let mut drawn: Vec<String> = Vec::new();
        for words in columns.iter().flat_map(|column| bootstraps(column, &used)) {
            if !drawn.contains(&words) {
                drawn.push(words);
            }
        }
        seeds.extend(drawn.iter().map(|words| format!("table {number}: {words}")));
        conventions.push(format!("table {number}: {}", used.join(", ")));
    }
    (conventions, seeds)
}

/// The bootstraps of a column in words: that of its errors, and that beside clustered errors where clusters are few. Which
/// those are the data say; that it is drawn so is settled before.
fn bootstraps(column: &ColumnPlan, conventions: &[&str]) -> Vec<String> {
    let mut list: Vec<String> = drawn(column).into_iter().collect();
    let by_unit = |name: &&str| {
        CONVENTIONS
            .iter()
            .any(|row| row.name == *name && row.robust == Robust::ClusterUnit)
    };
    let clustered = match &column.vcov {
        Vcov::Hc1 => conventions.iter().any(by_unit),
        vcov => vcov.clusters().len() == 1,
    };
    if clustered {
        let usual = Wild::new("");
        list.push(format!(
            "wild bootstrap beside few clusters {} ({} draws, {})",
            usual.seed,
            usual.draws,
            usual.weights.name()
        ));
    }
    list
}

/// The bootstrap of a column's errors in words.
fn drawn(column: &ColumnPlan) -> Option<String> {
    match &column.vcov {
        Vcov::Wild(asked) => Some(format!(
            "wild bootstrap of {} {} ({} draws, {})",
            asked.cluster,
            asked.seed,
            asked.draws,
            asked.weights.name()
        )),
        Vcov::Pairs(asked) => Some(format!(
            "pairs bootstrap of {} {} ({} draws)",
            asked.cluster, asked.seed, asked.draws
        )),
        _ => None,
    }
}
