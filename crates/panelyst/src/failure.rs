//! Why a command gave nothing, and the exit code that says whose matter it is.

use panelyst::refusal::Refusal;

use crate::language::{color, shown};

/// Exit code of a program ended by the user, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// A failure as it is shown and reported to the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The command line or a study file is wrong: exit code 2.
    Usage(Message),
    /// The data or the model cannot give what was asked: exit code 1.
    Data(Message),
    /// The user ended it: exit code 130, as shells have it.
    Stopped(Message),
    /// The reader of the output went away; nothing is left to say.
    Unread,
}

/// What is written to standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// One sentence.
    Plain(String),
    /// Mistakes shown under the text they stand in, each with its own heading.
    Shown(String),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(Message::Plain(message.into()))
    }

    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self::Data(Message::Plain(message.into()))
    }

    /// The same failure of a part of the data.
    pub(crate) fn within(self, part: &str) -> Self {
        match self {
            Self::Data(Message::Plain(message)) => Self::data(format!("{part}: {message}")),
            other => other,
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Data(_) => 1,
            Self::Stopped(_) => INTERRUPTED,
            Self::Unread => 0,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Usage(message) => Self::usage(message),
            Refusal::Data(message) => Self::data(message),
            Refusal::Mistyped {
                text,
                origin,
                mistakes,
            } => Self::Usage(shown(&text, &origin, &mistakes)),
            Refusal::Unevaluated {
                text,
                origin,
                mistake,
            } => Self::Data(shown(&text, &origin, &[mistake])),
        }
    }
}

impl From<panelyst_data::Error> for Failure {
    fn from(error: panelyst_data::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<panelyst_model::Error> for Failure {
    fn from(error: panelyst_model::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<panelyst_study::Error> for Failure {
    fn from(error: panelyst_study::Error) -> Self {
        let message = match &error {
            panelyst_study::Error::Mistakes(mistakes) => Message::Shown(mistakes.render(color())),
            other => Message::Plain(other.to_string()),
        };
        if matches!(error, panelyst_study::Error::Interrupted) {
            Self::Stopped(message)
        } else if error.exit_code() == 2 {
            Self::Usage(message)
        } else {
            Self::Data(message)
        }
    }
}
