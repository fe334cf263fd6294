//! Failures as Python exceptions with the text of the command line.

use panelyst::mistakes::shown;
use panelyst::refusal::Refusal;
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

    /// The same failure of a group of rows, if there is one.
    pub(crate) fn within(self, group: &str) -> Self {
        match self {
            Self::Data(message) if !group.is_empty() => {
                Self::Data(format!("rows with {group}: {message}"))
            }
            other => other,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Usage(message) => Self::Usage(message),
            Refusal::Data(message) => Self::Data(message),
            Refusal::Mistyped {
                text,
                origin,
                mistakes,
            } => Self::shown(&text, &origin, &mistakes),
            Refusal::Unevaluated {
                text,
                origin,
                mistake,
            } => Self::shown(&text, &origin, &[mistake]),
        }
    }
}

impl From<panelyst::model::Error> for Failure {
    fn from(error: panelyst::model::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<panelyst::data::Error> for Failure {
    fn from(error: panelyst::data::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<panelyst_absorb::Error> for Failure {
    fn from(error: panelyst_absorb::Error) -> Self {
        Self::Data(error.to_string())
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
