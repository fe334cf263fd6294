//! Formulas and expressions of the command line, and their mistakes shown under the text.

use std::io::IsTerminal;

use panelyst_lang::{Diagnostic, Expr, Formula};

use crate::failure::{Failure, Message};

/// Reads a formula.
pub(crate) fn formula(text: &str) -> Result<Vec<Formula>, Failure> {
    panelyst_lang::parse_formula(text)
        .map_err(|mistakes| Failure::Usage(shown(text, "formula", &mistakes)))
}

/// Reads the condition of `--where`.
pub(crate) fn condition(text: Option<&str>) -> Result<Option<Expr>, Failure> {
    text.map(|text| {
        panelyst_lang::parse_expression(text)
            .map_err(|mistakes| Failure::Usage(shown(text, "--where", &mistakes)))
    })
    .transpose()
}

/// Reads expressions separated by commas.
pub(crate) fn list(text: &str, flag: &str) -> Result<Vec<Expr>, Failure> {
    panelyst_lang::parse_expression_list(text)
        .map_err(|mistakes| Failure::Usage(shown(text, flag, &mistakes)))
}

/// Whether messages may be coloured: on a terminal, unless `NO_COLOR` is set.
pub(crate) fn color() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Every mistake with the piece of text it points at; `origin` says where the text was typed.
pub(crate) fn shown(text: &str, origin: &str, mistakes: &[Diagnostic]) -> Message {
    Message::Shown(panelyst::mistakes::shown(text, origin, mistakes, color()))
}
