//! A study from file to tables.

use crate::check::Mistakes;
use crate::error::Error;
use crate::lock::{LOCK, Lock};
use crate::output::{self, Output};
use crate::pitfalls::{self, Cautions};
use crate::plan::{Keys, Overrides, Study};
use crate::steps::estimates::Data;
use crate::steps::sources::{Loaded, load, names};
use crate::steps::tables::{Made, Results, make, style};
use crate::steps::{figures, groups, page, panel, reading, variables};
use panelyst_data::Ledger;
use panelyst_data::ledger::{COLUMNS, write_csv};
use panelyst_report::builders::{Style, specification_rows};
use panelyst_report::figures::{Figure, Picture};
use panelyst_report::formats::{Drawn, Format, RenderOptions, Whole};
use panelyst_report::{Lang, Table};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a study is to be run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder of the outputs; `out` beside the study when `None`.
    pub out: Option<PathBuf>,
    /// Inputs and language.
    pub overrides: Overrides,
    /// Refuse to run on anything but what the lock file says.
    pub locked: bool,
    /// How the caller stops the run.
    pub stop: Stop,
}

/// A flag by which a run can be stopped. It is looked at before each step and each estimate, and never while files are
/// written, so that a stopped run leaves the previous output whole.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A flag that something else sets, such as the handler of a signal.
    pub fn new(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Stops the run.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run is to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on unless the run is to stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`] where it is to stop.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_set() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// What a run made.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Tables in order.
    pub tables: Vec<Table>,
    /// What a reader must know about the way from files to panel.
    pub notes: Vec<String>,
    /// Language of the study.
    pub lang: Lang,
    /// Methods and results in words.
    pub reading: String,
    /// The output folder.
    pub folder: PathBuf,
    /// Files written, below the output folder.
    pub files: Vec<String>,
}

/// A step that begins: its number from 1, how many there are, and its name.
pub type Progress<'a> = dyn FnMut(usize, usize, &str) + 'a;

/// The study of a file.
///
/// # Errors
/// A file that cannot be read, and every mistake in it.
pub fn open(path: &Path, overrides: &Overrides) -> Result<Study, Error> {
    Ok(Study::parse(path, &text_of(path)?, overrides)?)
}

fn text_of(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Study {
        path: path.to_path_buf(),
        source,
    })
}

/// Every mistake of a study file that can be found without estimating: spelling, types, words, formulas, files, and
/// the names of columns and variables.
///
/// # Errors
/// The mistakes, or an input that cannot be read.
pub fn check(path: &Path, overrides: &Overrides) -> Result<Study, Error> {
    let (study, mut mistakes) = Study::read(path, &text_of(path)?, overrides);
    let Some(study) = study else {
        return Err(mistakes.into());
    };
    names_of(&study, &mut mistakes);
    mistakes.finish()?;
    let data = prepare(&study, &Stop::default(), &mut |_, _, _| {})?;
    crate::check::variants(&study, &data)?;
    Ok(study)
}

/// The names that variables, models and tables use, as far as the sources can be read; an input that cannot is
/// reported when nothing else is wrong.
fn names_of(study: &Study, mistakes: &mut Mistakes) {
    let Ok(table) = names(&study.panel) else {
        return;
    };
    let mut there = Vec::new();
    for plan in &study.sources {
        match load(study, plan, table.as_ref()) {
            Ok(loaded) if plan.keys != Keys::UnitActivityTime => {
                there.extend(crate::steps::columns::names(&loaded.batch));
            }
            Ok(_) => {}
            Err(error) => {
                // Without the columns of a source nothing can be said of names.
                let _ = mistakes.merge(Err(error));
                return;
            }
        }
    }
    let _ = mistakes.merge(variables::known(study, &there));
    there.extend(study.variables.iter().map(|v| v.name.clone()));
    there.extend(study.groups.iter().map(|g| g.name.clone()));
    there.sort();
    there.dedup();
    let _ = mistakes.merge(crate::check::references(study, &there));
}

/// Runs a study and writes its outputs.
///
/// # Errors
/// Mistakes of the file, inputs that do not fit, models that cannot be estimated, outputs that cannot be written, and
/// with `locked` any difference from the lock file. Nothing is written then.
pub fn run(path: &Path, options: &Options, progress: &mut Progress<'_>) -> Result<Finished, Error> {
    match run_through(path, options, progress) {
        // A run stops at the first mistake; the user is shown all of them.
        Err(Error::Mistakes(found)) => Err(check(path, &options.overrides)
            .err()
            .unwrap_or(Error::Mistakes(found))),
        other => other,
    }
}

fn run_through(
    path: &Path,
    options: &Options,
    progress: &mut Progress<'_>,
) -> Result<Finished, Error> {
    let study = open(path, &options.overrides)?;
    let folder = options.out.clone().unwrap_or_else(|| {
        let beside = path.parent().filter(|p| !p.as_os_str().is_empty());
        beside.unwrap_or(Path::new(".")).join("out")
    });
    let stop = &options.stop;
    let data = prepare(&study, stop, progress)?;
    let before = Lock::read(&folder);
    if options.locked {
        compare(&study, &data, before.as_ref(), &folder)?;
    }
    crate::check::references(&study, &crate::steps::columns::names(&data.batch))?;
    crate::check::variants(&study, &data)?;
    let style = style(&study);
    let (first, steps) = (study.sources.len() + 2, total_steps(&study));
    let mut made: Vec<Made> = Vec::with_capacity(study.tables.len());
    for (place, plan) in study.tables.iter().enumerate() {
        progress(first + place, steps, &format!("table {}", place + 1));
        stop.check()?;
        made.push(make(&study, &data, &style, plan, place + 1)?);
    }
    progress(steps, steps, "writing");
    stop.check()?;
    let cautions = pitfalls::look(&study, &data, &made);
    let mut reading = reading::reading(&study, &data, &style, &made);
    reading.push_str(&pitfalls::section(&cautions.shown, study.settings.lang));
    stop.check()?;
    let tables: Vec<Table> = made.iter().flat_map(|m| m.tables.clone()).collect();
    let mut whole = data.ledger.clone();
    made.iter().for_each(|m| whole.append(m.results.ledger()));
    whole.append(pitfalls::ledger(&study, &cautions));
    let lang = study.settings.lang;
    let mut notes = data.notes.clone();
    notes.extend(cautions.shown.iter().map(|caution| caution.line(lang)));
    let figures = figures::figures(&study, &data, &style, &made)?;
    let pictures = figures::pictures(&study, &figures)?;
    notes.extend(figures::notes(&figures, &pictures, lang));
    let drawn = (&figures[..], &pictures[..]);
    let mut outputs = formatted(&study, &tables, drawn, (&notes, &reading, &whole))?;
    outputs.extend(all_rows(&study, &style, &made)?);
    outputs.push(results(&study, &data, &made, &cautions)?);
    let mut ledger = Vec::new();
    write_csv(&whole, &mut ledger).map_err(|error| Error::step("ledger.csv", error.to_string()))?;
    outputs.push(Output::new("ledger.csv", ledger));
    outputs.push(Output::new("reading.md", reading.clone()));
    outputs.extend(figures::files(&study, &figures, &pictures));
    #[cfg(feature = "pdf")]
    match crate::steps::paper::paper(&study, &data, &style, (&made, &reading, &whole), &figures) {
        Ok(paper) => outputs.extend(paper),
        Err(why) if study.settings.pdf == crate::plan::Pdf::Asked => return Err(why),
        Err(why) => notes.push(why.to_string()),
    }
    let parts = (&made[..], &notes[..], reading.as_str(), &whole);
    outputs.push(page::report(&study, &data, &style, parts, figures)?);
    let lock = Lock::new(&study, &data.inputs, &outputs);
    outputs.push(Output::new(LOCK, lock.text()?));
    let files: Vec<String> = outputs.iter().map(|o| o.path.clone()).collect();
    let stale: Vec<String> = before
        .map(|lock| lock.outputs)
        .unwrap_or_default()
        .into_iter()
        .map(|o| o.file)
        .filter(|file| !files.contains(file))
        .collect();
    // The last look: what is begun now is written to its end.
    stop.check()?;
    output::write(&folder, &outputs, &stale)?;
    Ok(Finished {
        tables,
        notes,
        lang,
        reading,
        folder,
        files,
    })
}

fn total_steps(study: &Study) -> usize {
    study.sources.len() + study.tables.len() + 2
}

/// From files to the panel with its variables and groups.
fn prepare(study: &Study, stop: &Stop, progress: &mut Progress<'_>) -> Result<Data, Error> {
    let steps = total_steps(study);
    let table = names(&study.panel)?;
    let mut loaded: Vec<Loaded> = Vec::with_capacity(study.sources.len());
    for (place, plan) in study.sources.iter().enumerate() {
        progress(place + 1, steps, &format!("reading {}", plan.name));
        stop.check()?;
        loaded.push(load(study, plan, table.as_ref())?);
    }
    progress(study.sources.len() + 1, steps, "panel and variables");
    stop.check()?;
    let mut ledger = Ledger::default();
    let mut notes = Vec::new();
    let mut inputs = Vec::new();
    let mut provided = Vec::new();
    for one in &mut loaded {
        ledger.append(std::mem::take(&mut one.ledger));
        notes.extend(one.notes.iter().map(|n| format!("{}: {n}", one.name)));
        inputs.append(&mut one.inputs);
        provided.push((one.name.clone(), crate::steps::columns::names(&one.batch)));
    }
    if let Some((file, _)) = &study.panel.names_file {
        let bytes = std::fs::read(file).map_err(|source| Error::Read {
            path: file.clone(),
            source,
        })?;
        inputs.push(crate::steps::sources::Input {
            source: "names-file".to_owned(),
            path: file.clone(),
            sha256: crate::lock::sha256(&bytes),
        });
    }
    let assembled = panel::assemble(&study.panel, &loaded, study.settings.lang)?;
    ledger.append(assembled.ledger);
    notes.extend(assembled.notes);
    let joined = assembled.panel;
    let built = variables::build(study, joined.clone(), &loaded)?;
    ledger.append(built.ledger);
    notes.extend(built.notes);
    let (batch, groupings) = groups::assign(study, &built.panel, table.as_ref())?;
    for grouping in &groupings {
        let sizes: Vec<String> = grouping
            .order
            .iter()
            .zip(&grouping.units)
            .map(|(group, units)| format!("{group} {units}"))
            .collect();
        notes.push(format!("{}: {}", grouping.name, sizes.join(", ")));
        if !grouping.without.is_empty() {
            let (name, without) = (&grouping.name, &grouping.without);
            notes.push(match study.settings.lang {
                Lang::En => format!("in no group of {name}: {}", without.join(", ")),
                Lang::Zh => format!("不属于{name}任何一组：{}", without.join("、")),
            });
        }
    }
    Ok(Data {
        panel: built.panel,
        batch,
        groupings,
        filled: built.filled,
        names: table,
        ledger,
        notes,
        inputs,
        provided,
        joined,
        loaded,
        stop: stop.clone(),
    })
}

/// With `--locked`: everything is what the lock file says.
fn compare(study: &Study, data: &Data, before: Option<&Lock>, folder: &Path) -> Result<(), Error> {
    let lock = folder.join(LOCK);
    let Some(before) = before else {
        return Err(Error::Locked {
            lock,
            differences: vec![
                "there is no lock file that can be read; run once without --locked".to_owned(),
            ],
        });
    };
    let differences = before.differences(&Lock::new(study, &data.inputs, &[]));
    if differences.is_empty() {
        Ok(())
    } else {
        Err(Error::Locked { lock, differences })
    }
}

/// Every table in every format asked for: one file a table, and one file of all, which has figures, notes, reading and ledger
/// too where the format can hold them.
fn formatted(
    study: &Study,
    tables: &[Table],
    (figures, pictures): (&[(Figure, String)], &[Picture]),
    (notes, reading, ledger): (&[String], &str, &Ledger),
) -> Result<Vec<Output>, Error> {
    let settings = &study.settings;
    let mut all = Vec::with_capacity(figures.len());
    for (place, (figure, svg)) in figures.iter().enumerate() {
        all.push(Drawn {
            figure,
            svg,
            picture: pictures.get(place),
        });
    }
    let entries: Vec<Vec<String>> = ledger.entries.iter().map(page::record).collect();
    let whole = Whole {
        title: settings
            .title
            .as_ref()
            .map_or("Panelyst", |title| title.get(settings.lang)),
        lang: settings.lang,
        tables,
        figures: &all,
        notes,
        reading,
        ledger_columns: &COLUMNS.map(str::to_owned),
        ledger: &entries,
    };
    let mut outputs = Vec::new();
    for name in &study.settings.formats {
        let format: Format = name.parse().map_err(|source| Error::Format {
            table: "all".to_owned(),
            source,
        })?;
        let extension = format.row().extension;
        let options = if format == Format::Latex {
            RenderOptions::default()
        } else {
            RenderOptions::document()
        };
        for table in tables {
            let bytes = format
                .write(std::slice::from_ref(table), &options)
                .map_err(|source| Error::Format {
                    table: table.label.clone(),
                    source,
                })?;
            outputs.push(Output::new(
                format!("tables/{}.{extension}", table.id),
                bytes,
            ));
        }
        let bytes = format.write_whole(&whole).map_err(|source| Error::Format {
            table: "all".to_owned(),
            source,
        })?;
        outputs.push(Output::new(format!("tables/all.{extension}"), bytes));
    }
    Ok(outputs)
}

/// All specifications of specification curves as CSV, where that is among the formats.
fn all_rows(study: &Study, style: &Style, made: &[Made]) -> Result<Vec<Output>, Error> {
    let mut outputs = Vec::new();
    if !study.settings.formats.iter().any(|f| f == "csv") {
        return Ok(outputs);
    }
    for one in made {
        let (Results::SpecificationCurve(curve), Some(first)) = (&one.results, one.tables.first())
        else {
            continue;
        };
        let table = specification_rows(&first.id, curve, style);
        let bytes = Format::Csv
            .write(std::slice::from_ref(&table), &RenderOptions::default())
            .map_err(|source| Error::Format {
                table: table.id.clone(),
                source,
            })?;
        outputs.push(Output::new(format!("tables/{}.csv", table.id), bytes));
    }
    Ok(outputs)
}

/// All results as JSON.
fn results(
    study: &Study,
    data: &Data,
    made: &[Made],
    cautions: &Cautions,
) -> Result<Output, Error> {
    let fail = |error: serde_json::Error| Error::step("results.json", error.to_string());
    let mut tables = Vec::with_capacity(made.len());
    for one in made {
        let id = one.tables.first().map(|t| t.id.clone()).unwrap_or_default();
        let mut entry = serde_json::json!({ "table": one.label, "id": id });
        if let (Some(object), serde_json::Value::Object(found)) =
            (entry.as_object_mut(), one.results.json().map_err(fail)?)
        {
            object.extend(found);
        }
        tables.push(entry);
    }
    let whole = serde_json::json!({
        "panelyst": env!("CARGO_PKG_VERSION"),
        "title": study.settings.title.as_ref().map(|t| t.get(study.settings.lang)),
        "panel": data.panel.report(),
        "tables": tables,
        "notes": data.notes,
        "pitfalls": cautions.shown,
    });
    let mut text = serde_json::to_string_pretty(&whole).map_err(fail)?;
    text.push('\n');
    Ok(Output::new("results.json", text))
}
