//! Failures as Python exceptions with the text of the command line.

use panelyst::data::indices::IndexError;
use panelyst::mistakes::shown;
use pyo3::prelude::*;

/// Why nothing came of a call.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The call, a formula or a file of the user is wrong: `panelyst.UsageError`.
    Usage(String),
    /// The data or the model cannot give what was asked: `panelyst.DataError`.
    Data(String),
    /// A defect of the engine: `panelyst.InternalError`.
    Internal(String),
}

impl Failure {
    /// Mistakes in a text that was typed, shown under it.
    pub(crate) fn shown(text: &str, origin: &str, mistakes: &[panelyst::lang::Diagnostic]) -> Self {
        Self::Usage(shown(text, origin, mistakes, false))
    }
}

impl From<panelyst::model::Error> for Failure {
    fn from(error: panelyst::model::Error) -> Self {
        use panelyst::model::Error;
        match &error {
            Error::UnknownName { .. } | Error::VcovForm { .. } => Self::Usage(error.to_string()),
            _ => Self::Data(error.to_string()),
        }
    }
}

impl From<panelyst_absorb::Error> for Failure {
    fn from(error: panelyst_absorb::Error) -> Self {
        Self::Data(error.to_string())
    }
}

impl From<panelyst::data::Error> for Failure {
    fn from(error: panelyst::data::Error) -> Self {
        use panelyst::data::Error;
        let message = error.to_string();
        match error {
            Error::Index(
                IndexError::Unknown { .. }
                | IndexError::Needs { .. }
                | IndexError::NotUsed { .. }
                | IndexError::SameColumn { .. },
            ) => Self::Usage(message),
            Error::TextInNumbers { hint, .. } if hint.contains("declare") => Self::Data(format!(
                "{message} in a study file (`panelyst new` writes one), or correct the file"
            )),
            _ => Self::Data(message),
        }
    }
}

impl From<panelyst::study::Error> for Failure {
    fn from(error: panelyst::study::Error) -> Self {
        let message = match &error {
            panelyst::study::Error::Mistakes(mistakes) => mistakes.render(false),
            other => other.to_string(),
        };
        match error.exit_code() {
            2 => Self::Usage(message),
            _ => Self::Data(message),
        }
    }
}

impl From<arrow_schema::ArrowError> for Failure {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Data(format!("the columns cannot be read: {error}"))
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        let (name, text) = match failure {
            Failure::Usage(text) => ("UsageError", text),
            Failure::Data(text) => ("DataError", text),
            Failure::Internal(text) => ("InternalError", text),
        };
        Python::attach(|py| {
            let class = py
                .import("panelyst._errors")
                .and_then(|module| module.getattr(name));
            match class.and_then(|class| class.call1((text,))) {
                Ok(error) => PyErr::from_value(error),
                Err(error) => error,
            }
        })
    }
}
