//! Why an expression has no value at all.

use crate::span::{Diagnostic, Span};

/// An expression that cannot be computed from these columns, with the place in its text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A column that is not there.
    #[error("there is no column {name}{}", did_you_mean(nearest))]
    UnknownColumn {
        /// The name asked for.
        name: String,
        /// Names that are there and look alike, nearest first.
        nearest: Vec<String>,
        /// All names that are there.
        columns: Vec<String>,
        /// Place of the name.
        span: Span,
    },
    /// A text where a number is needed.
    #[error("{what} is text, and {operation} needs numbers")]
    TextForNumber {
        /// The operand as source text.
        what: String,
        /// What was to be computed.
        operation: String,
        /// Place of the operand.
        span: Span,
    },
    /// A text compared with a number.
    #[error("{text} is text and {number} a number; they cannot be compared")]
    TextWithNumber {
        /// The text operand as source text.
        text: String,
        /// The numeric operand as source text.
        number: String,
        /// Place of the comparison.
        span: Span,
    },
    /// Numbers other than 0 and 1 where a condition is needed.
    #[error("{what} is a number and no condition")]
    NumberForCondition {
        /// The operand as source text.
        what: String,
        /// Its place.
        span: Span,
    },
    /// A lag without a declared panel.
    #[error("{function}() needs a panel, and none is declared")]
    NoPanel {
        /// The function.
        function: &'static str,
        /// Place of the call.
        span: Span,
    },
    /// A panel that describes another number of rows.
    #[error("the panel index has {panel} rows and the data {data}")]
    PanelLength {
        /// Rows of the index.
        panel: usize,
        /// Rows of the data.
        data: usize,
        /// Place of the call.
        span: Span,
    },
    /// A number of periods that is not a whole number.
    #[error("the number of periods of {function}() is not a whole number")]
    Periods {
        /// The function.
        function: &'static str,
        /// Place of the argument.
        span: Span,
    },
    /// A column of a type that holds neither numbers nor text.
    #[error("column {name} is of type {data_type}, which is neither a number nor text")]
    ColumnType {
        /// The column.
        name: String,
        /// Its Arrow type.
        data_type: String,
        /// Place of the name.
        span: Span,
    },
    /// A function with the wrong number of arguments, or one that has no value as a column.
    #[error("{function}() cannot be computed here")]
    Call {
        /// The function.
        function: String,
        /// Place of the call.
        span: Span,
    },
}

fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", nearest.join(" or "))
    }
}

/// The names, or the first of many.
fn first_names(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl EvalError {
    /// Place in the text of the expression.
    pub fn span(&self) -> Span {
        match self {
            Self::UnknownColumn { span, .. }
            | Self::TextForNumber { span, .. }
            | Self::TextWithNumber { span, .. }
            | Self::NumberForCondition { span, .. }
            | Self::NoPanel { span, .. }
            | Self::PanelLength { span, .. }
            | Self::Periods { span, .. }
            | Self::ColumnType { span, .. }
            | Self::Call { span, .. } => *span,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownColumn {
                nearest, columns, ..
            } if nearest.is_empty() => Some(format!(
                "the columns are {}; text stands in quotes, a name with spaces in backquotes",
                first_names(columns)
            )),
            Self::TextForNumber { .. } => {
                Some("check the column for cells that are not numbers; in a regressor use i(...) for levels".to_owned())
            }
            Self::TextWithNumber { .. } => {
                Some("put the value in quotes, as in \"2010\", or check the column for cells that are not numbers".to_owned())
            }
            Self::NumberForCondition { .. } => {
                Some("compare it with something, as in x > 0".to_owned())
            }
            Self::NoPanel { .. } => Some("declare the unit and time columns of the panel".to_owned()),
            _ => None,
        }
    }

    /// The same as a mistake with a place, for showing it under the text.
    pub fn diagnostic(&self) -> Diagnostic {
        let message = match self {
            Self::UnknownColumn { name, .. } => format!("there is no column {name}"),
            other => other.to_string(),
        };
        let mistake = Diagnostic::new(self.span(), message);
        let hint = match self {
            Self::UnknownColumn { nearest, .. } if !nearest.is_empty() => {
                Some(format!("did you mean {}?", nearest.join(" or ")))
            }
            other => other.hint(),
        };
        match hint {
            Some(hint) => mistake.with_hint(hint),
            None => mistake,
        }
    }
}
