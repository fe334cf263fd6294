//! Choices that change columns of the data: rules for gaps, bases of logarithms, formulas.

use super::{ChoiceKind, Chosen, Reader};
use crate::check::mistakes::advice;
use crate::file::At;
use crate::file::choices::ChoicesEntry;
use crate::plan::choice;
use crate::plan::series::{VariablePlan, VariableRule, expression};
use panelyst_data::transforms::{Fill, FillRule};
use panelyst_lang::ast::ExprKind;
use panelyst_lang::{Expr, Span};

/// Choices that change columns of the data.
pub(super) fn choices(typed: &ChoicesEntry, variables: &[VariablePlan], reader: &mut Reader<'_>) {
    let find = |name: &str, span: Span, reader: &mut Reader<'_>| {
        let found = variables.iter().find(|v| v.name == name);
        if found.is_none() {
            reader.mistakes.at(
                span,
                format!("there is no variable `{name}`"),
                advice(name, variables.iter().map(|v| v.name.as_str())),
            );
        }
        found
    };
    for (name, list) in &typed.fill {
        let Some(variable) = find(name, list.span, reader) else {
            continue;
        };
        let rules = [
            ("none", None),
            ("linear", Some(FillRule::Linear)),
            ("log-linear", Some(FillRule::LogLinear)),
        ];
        let outwards = variable.fill.is_some_and(|fill| fill.outwards);
        let own = variable.fill.map_or("none", |fill| fill.rule.name());
        let own = (own.to_owned(), Chosen::Fill(variable.fill));
        reader.words(
            ChoiceKind::Fill(name.clone()),
            Some(list),
            own,
            |word, mistakes| {
                let rule = choice(Some(word), "rule of filling", &rules, mistakes);
                let fill = rule.map(|rule| Fill { rule, outwards });
                Some((word.value.clone(), Chosen::Fill(fill)))
            },
        );
    }
    for (name, list) in &typed.log_base {
        let Some(variable) = find(name, list.span, reader) else {
            continue;
        };
        let VariableRule::Formula(expr, text) = &variable.rule else {
            reader.mistakes.at(
                list.span,
                format!("`{name}` has no formula with a logarithm"),
                "",
            );
            continue;
        };
        let Some(own) = base_of(expr) else {
            reader.mistakes.at(
                list.span,
                format!(
                    "the formula of `{name}` has no logarithm of one base: `{}`",
                    text.value
                ),
                "log-base replaces log(), log10() and log2()",
            );
            continue;
        };
        if typed.formula.contains_key(name) {
            reader.mistakes.at(
                list.span,
                format!("`{name}` has both `log-base` and `formula`"),
                "write the bases into the formulas",
            );
        }
        let own = (own.to_owned(), Chosen::Formula(expr.clone(), text.clone()));
        let bases = [("e", "log"), ("10", "log10"), ("2", "log2")];
        reader.words(
            ChoiceKind::LogBase(name.clone()),
            Some(list),
            own,
            |word, mistakes| {
                let function = choice(Some(word), "base of a logarithm", &bases, mistakes);
                let expr = with_base(expr, function);
                let text = At {
                    value: expr.to_string(),
                    span: word.span,
                };
                Some((word.value.clone(), Chosen::Formula(expr, text)))
            },
        );
    }
    for (name, list) in &typed.formula {
        let Some(variable) = find(name, list.span, reader) else {
            continue;
        };
        let own = match &variable.rule {
            VariableRule::Formula(expr, text) => (
                text.value.clone(),
                Chosen::Formula(expr.clone(), text.clone()),
            ),
            _ => {
                reader.mistakes.at(
                    list.span,
                    format!("`{name}` is not made by a formula"),
                    "give it one in [variables], for example formula = \"log(x)\"",
                );
                continue;
            }
        };
        reader.words(
            ChoiceKind::Formula(name.clone()),
            Some(list),
            own,
            |word, mistakes| {
                let expr = expression(word, mistakes)?;
                Some((word.value.clone(), Chosen::Formula(expr, word.clone())))
            },
        );
    }
}

/// The base of the logarithms of an expression, where all have the same.
fn base_of(expr: &Expr) -> Option<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    logs(expr, &mut found);
    let first = *found.first()?;
    found.iter().all(|other| *other == first).then_some(first)
}

fn logs(expr: &Expr, found: &mut Vec<&'static str>) {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Column(_) => {}
        ExprKind::Unary(_, inner) | ExprKind::IsMissing(inner, _) => logs(inner, found),
        ExprKind::Binary(_, left, right) => {
            logs(left, found);
            logs(right, found);
        }
        ExprKind::Call(name, arguments) => {
            match *name {
                "log" => found.push("e"),
                "log10" => found.push("10"),
                "log2" => found.push("2"),
                _ => {}
            }
            arguments.iter().for_each(|a| logs(a, found));
        }
        ExprKind::In(inner, list, _) => {
            logs(inner, found);
            list.iter().for_each(|a| logs(a, found));
        }
    }
}

/// The expression with every logarithm taken to another base.
fn with_base(expr: &Expr, function: &'static str) -> Expr {
    let again = |inner: &Expr| Box::new(with_base(inner, function));
    let all = |list: &[Expr]| list.iter().map(|e| with_base(e, function)).collect();
    let kind = match &expr.kind {
        ExprKind::Unary(op, inner) => ExprKind::Unary(*op, again(inner)),
        ExprKind::IsMissing(inner, not) => ExprKind::IsMissing(again(inner), *not),
        ExprKind::Binary(op, left, right) => ExprKind::Binary(*op, again(left), again(right)),
        ExprKind::Call("log" | "log10" | "log2", arguments) => {
            ExprKind::Call(function, all(arguments))
        }
        ExprKind::Call(name, arguments) => ExprKind::Call(name, all(arguments)),
        ExprKind::In(inner, list, not) => ExprKind::In(again(inner), all(list), *not),
        other => other.clone(),
    };
    Expr {
        kind,
        span: expr.span,
    }
}
