//! Data files of the command line.

use std::path::{Path, PathBuf};

use clap::Args;
use panelyst_data::files::parquet_files;
use panelyst_data::{Format, Source};
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
        let source = panelyst::files::read(&self.data, None)?;
        output.notes(&source.notes);
        Ok(source)
    }

    /// Reads some columns of a file, as [`panelyst::files::read`] does.
    pub(crate) fn read_columns(
        &self,
        columns: Vec<String>,
        output: &Output,
    ) -> Result<Source, Failure> {
        let source = panelyst::files::read(&self.data, Some(columns))?;
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
}

/// Reads `unit,time`.
pub(crate) fn panel_columns(text: &str) -> Result<PanelColumns, String> {
    const SHAPE: &str = "give the unit and the time column, as in --panel state,year";
    // Names with blanks need no backquotes here; a name with a comma does.
    let names: Vec<String> = if text.contains('`') {
        let columns = panelyst_lang::parse_expression_list(text).map_err(|_| SHAPE.to_owned())?;
        let names = columns.into_iter().filter_map(|expr| match expr.kind {
            panelyst_lang::ast::ExprKind::Column(name) => Some(name),
            _ => None,
        });
        names.collect()
    } else {
        text.split(',').map(|name| name.trim().to_owned()).collect()
    };
    match <[String; 2]>::try_from(names) {
        Ok([unit, time]) if unit != time && !unit.is_empty() && !time.is_empty() => {
            Ok(PanelColumns { unit, time })
        }
        _ => Err(SHAPE.to_owned()),
    }
}
