//! Data files of the command line.

use std::path::{Path, PathBuf};

use clap::Args;
use panelyst_data::files::{parquet_files, stack};
use panelyst_data::{Error, Format, ReadOptions, Source};
use panelyst_lang::Formula;
use panelyst_model::PanelColumns;

use crate::failure::Failure;
use crate::language;
use crate::output::Output;

/// The files.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Data files: CSV, TSV, Parquet, Arrow, xlsx (`file.xlsx#sheet` names a sheet) or dta; several of the same columns
    /// are stacked
    #[arg(required = true, value_name = "DATA")]
    data: Vec<String>,
}

impl DataArgs {
    /// Reads the formula that stands after the files; a file in its place is a slip of the order.
    pub(crate) fn formula(&self, text: &str) -> Result<Vec<Formula>, Failure> {
        match self.data.iter().find(|file| file.contains('~')) {
            Some(swapped) if !text.contains('~') => Err(Failure::usage(format!(
                "`{swapped}` looks like a formula; it stands after the data files"
            ))),
            _ => language::formula(text),
        }
    }

    /// Reads the files and tells what the reader noticed.
    pub(crate) fn read(&self, output: &Output) -> Result<Source, Failure> {
        let source = self.stacked(None)?;
        output.notes(&source.notes);
        Ok(source)
    }

    /// Reads some columns of a file; all of them where it lacks one. Cells of other columns are not judged. Several files
    /// are read whole, so that their columns are held against each other.
    pub(crate) fn read_columns(
        &self,
        columns: Vec<String>,
        output: &Output,
    ) -> Result<Source, Failure> {
        let source = self.stacked((self.data.len() == 1).then_some(columns))?;
        output.notes(&source.notes);
        Ok(source)
    }

    /// The Parquet files that the words stand for, folders and patterns included; none if any is another kind of file.
    pub(crate) fn parquet_files(&self) -> Result<Option<Vec<PathBuf>>, Failure> {
        let mut all = Vec::new();
        for text in &self.data {
            let path = Path::new(text);
            if !path.is_dir() && Format::of(path) != Some(Format::Parquet) {
                return Ok(None);
            }
            all.extend(parquet_files(path)?);
        }
        Ok(Some(all))
    }

    /// Files with their sheets; folders and patterns stand for the Parquet files in them.
    fn named(&self) -> Result<Vec<(PathBuf, Option<String>)>, Error> {
        let mut all = Vec::new();
        for text in &self.data {
            let path = Path::new(text);
            let pattern = !path.exists() && Format::of(path) == Some(Format::Parquet);
            if path.is_dir() || pattern && text.contains('*') {
                all.extend(parquet_files(path)?.into_iter().map(|file| (file, None)));
            } else {
                all.push(named(text));
            }
        }
        Ok(all)
    }

    fn stacked(&self, columns: Option<Vec<String>>) -> Result<Source, Error> {
        let sources = self
            .named()?
            .into_iter()
            .map(|(path, sheet)| {
                let options = ReadOptions {
                    sheet,
                    columns: columns.clone(),
                    unhashed: true,
                    ..ReadOptions::default()
                };
                panelyst_data::read(&path, &options)
            })
            .collect::<Result<Vec<_>, _>>();
        sources.and_then(stack)
    }
}

/// File and sheet of `file.xlsx#sheet`; a file whose name holds `#` is taken as it is.
pub(crate) fn named(text: &str) -> (PathBuf, Option<String>) {
    if !Path::new(text).exists()
        && let Some((file, sheet)) = text.rsplit_once('#')
        && !file.is_empty()
        && !sheet.is_empty()
    {
        return (PathBuf::from(file), Some(sheet.to_owned()));
    }
    (PathBuf::from(text), None)
}

/// Reads `unit,time`.
pub(crate) fn panel_columns(text: &str) -> Result<PanelColumns, String> {
    const SHAPE: &str = "give the unit and the time column, as in --panel state,year";
    let columns = panelyst_lang::parse_expression_list(text).map_err(|_| SHAPE.to_owned())?;
    let names: Vec<String> = columns
        .into_iter()
        .filter_map(|expr| match expr.kind {
            panelyst_lang::ast::ExprKind::Column(name) => Some(name),
            _ => None,
        })
        .collect();
    match <[String; 2]>::try_from(names) {
        Ok([unit, time]) if text.matches(',').count() == 1 && unit != time => {
            Ok(PanelColumns { unit, time })
        }
        _ => Err(SHAPE.to_owned()),
    }
}
