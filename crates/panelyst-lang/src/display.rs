//! Expressions as source text again.

use std::fmt;

use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::lexer::is_plain;
use crate::parser::expression::binding;

/// A column's name as it is written in source: in backquotes unless it is one plain word.
pub fn quote_name(name: &str) -> String {
    if is_plain(name) {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('`', "``"))
    }
}

/// A name as it is printed: without the backquotes that a formula needs around one that is not a word.
pub fn plain_name(name: &str) -> &str {
    let inner = name.strip_prefix('`').and_then(|n| n.strip_suffix('`'));
    inner.filter(|inner| !inner.contains('`')).unwrap_or(name)
}

/// A name in one pair of backquotes for a message, whether or not it was written with them.
pub fn ticked(name: &str) -> String {
    let plain = plain_name(name);
    if plain.contains('`') {
        plain.to_owned()
    } else {
        format!("`{plain}`")
    }
}

/// A text as it is written in source.
fn quote_text(text: &str) -> String {
    if text.contains('"') && !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}

impl BinaryOp {
    /// How the operator is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    fn strength(self) -> u8 {
        match self {
            Self::Or => binding::OR,
            Self::And => binding::AND,
            Self::Add | Self::Subtract => binding::ADD,
            Self::Multiply | Self::Divide => binding::MULTIPLY,
            Self::Power => binding::POWER,
            _ => binding::COMPARE,
        }
    }
}

fn strength(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Unary(UnaryOp::Negate, _) => binding::UNARY,
        ExprKind::Unary(UnaryOp::Not, _) => binding::NOT,
        ExprKind::Binary(operator, ..) => operator.strength(),
        ExprKind::IsMissing(..) | ExprKind::In(..) => binding::COMPARE,
        _ => binding::PRIMARY,
    }
}

/// Writes `expr`, in brackets when it binds less tightly than `least`.
fn write(out: &mut fmt::Formatter<'_>, expr: &Expr, least: u8) -> fmt::Result {
    let brackets = strength(expr) < least;
    if brackets {
        out.write_str("(")?;
    }
    write_kind(out, expr)?;
    if brackets {
        out.write_str(")")?;
    }
    Ok(())
}

fn write_list(out: &mut fmt::Formatter<'_>, list: &[Expr]) -> fmt::Result {
    out.write_str("(")?;
    for (place, expr) in list.iter().enumerate() {
        if place > 0 {
            out.write_str(if out.alternate() { ", " } else { "," })?;
        }
        write(out, expr, binding::OR)?;
    }
    out.write_str(")")
}

fn write_kind(out: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Number(value) => {
            let size = value.abs();
            if size != 0.0 && !(1e-5..1e16).contains(&size) {
                write!(out, "{value:e}")
            } else {
                write!(out, "{value}")
            }
        }
        ExprKind::Text(text) => out.write_str(&quote_text(text)),
        ExprKind::Column(name) => out.write_str(&quote_name(name)),
        ExprKind::Unary(UnaryOp::Negate, operand) => {
            out.write_str("-")?;
            write(out, operand, binding::UNARY)
        }
        ExprKind::Unary(UnaryOp::Not, operand) => {
            out.write_str("not ")?;
            write(out, operand, binding::NOT)
        }
        ExprKind::Binary(operator, left, right) => {
            let own = operator.strength();
            let (least_left, least_right) = match operator {
                // To the right; a sign before the exponent needs no brackets.
                BinaryOp::Power if strength(right) == binding::UNARY => {
                    (binding::PRIMARY, binding::UNARY)
                }
                BinaryOp::Power => (binding::PRIMARY, binding::POWER),
                _ if own == binding::COMPARE => (own + 1, own + 1),
                _ => (own, own + 1),
            };
            write(out, left, least_left)?;
            let words = matches!(operator, BinaryOp::And | BinaryOp::Or);
            if words || out.alternate() {
                write!(out, " {} ", operator.symbol())?;
            } else {
                out.write_str(operator.symbol())?;
            }
            write(out, right, least_right)
        }
        ExprKind::Call(name, arguments) => {
            out.write_str(name)?;
            write_list(out, arguments)
        }
        ExprKind::IsMissing(operand, not) => {
            write(out, operand, binding::ADD)?;
            out.write_str(if *not {
                " is not missing"
            } else {
                " is missing"
            })
        }
        ExprKind::In(operand, list, not) => {
            write(out, operand, binding::ADD)?;
            out.write_str(if *not { " not in " } else { " in " })?;
            write_list(out, list)
        }
    }
}

/// Source text that parses to the same expression: without spaces where they can be spared, or with `{:#}` with
/// spaces around operators.
impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(out, self, binding::OR)
    }
}
