//! Why something that was asked for gave nothing, and whose matter that is: the command line and the Python package tell it
//! in their own ways.

use panelyst_data::indices::IndexError;
use panelyst_lang::Diagnostic;

/// A reason that is no defect of the program.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// What was asked is wrong.
    Usage(String),
    /// The data or the model cannot give it.
    Data(String),
    /// Mistakes in a text; `origin` says where it was typed.
    Mistyped {
        /// The text.
        text: String,
        /// Where it was typed: an option, a file.
        origin: String,
        /// All mistakes.
        mistakes: Vec<Diagnostic>,
    },
    /// An expression that these data cannot give a value to.
    Unevaluated {
        /// The expression.
        text: String,
        /// Where it was typed.
        origin: String,
        /// The piece that has no value.
        mistake: Diagnostic,
    },
}

impl From<panelyst_data::Error> for Refusal {
    fn from(error: panelyst_data::Error) -> Self {
        let message = error.to_string();
        match error {
            panelyst_data::Error::Index(
                IndexError::Unknown { .. }
                | IndexError::Needs { .. }
                | IndexError::NotUsed { .. }
                | IndexError::SameColumn { .. },
            ) => Self::Usage(message),
            // What works on files by itself has no options for that.
            panelyst_data::Error::TextInNumbers { hint, .. } if hint.contains("declare") => {
                Self::Data(format!(
                    "{message} in a study file (`panelyst new` writes one), or correct the file"
                ))
            }
            _ => Self::Data(message),
        }
    }
}

impl From<panelyst_model::Error> for Refusal {
    fn from(error: panelyst_model::Error) -> Self {
        match &error {
            panelyst_model::Error::UnknownName { .. } | panelyst_model::Error::VcovForm { .. } => {
                Self::Usage(error.to_string())
            }
            _ => Self::Data(error.to_string()),
        }
    }
}
