//! `panelyst schema`: what a study file may say.

use clap::Args;

use crate::failure::Failure;
use crate::output::{Format, Output};

/// Print the JSON schema of the study file
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {}

impl SchemaArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        if !matches!(output.format, Format::Text | Format::Json) {
            return Err(Failure::usage(
                "a JSON schema is written as JSON only; leave out --format",
            ));
        }
        output.json(&panelyst_study::schema())
    }
}
