//! Formulas: `outcome ~ regressors | effects | endogenous ~ instruments`, in the notation of the R package fixest.

use crate::ast::{EffectTerm, Expr, Formula, Instruments, Term};
use crate::lexer::{Symbol, tokenize};
use crate::span::Diagnostic;

use super::expression::expression_of;
use super::items::{self, Item, Meaning};
use super::regressors::{self, check_regressor, one_name, unique};
use super::source::Piece;
use super::stepwise::MAX_FORMULAS;

/// Reads a formula and spells out the regressions that it stands for.
///
/// The choices of the effects vary slowest, then the outcomes `c(y1, y2)`, then the choices of the regressors.
///
/// # Errors
/// Every mistake found, each with its place in `source`.
pub fn parse_formula(source: &str) -> Result<Vec<Formula>, Vec<Diagnostic>> {
    let tokens = tokenize(source)?;
    let whole = Piece::new(source, &tokens);
    let mut mistakes = Vec::new();
    let formulas = formula(whole, &mut mistakes);
    if mistakes.is_empty() {
        Ok(formulas)
    } else {
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        mistakes.dedup();
        Err(mistakes)
    }
}

/// The parts of a formula as typed.
struct Parts<'a> {
    outcome: Piece<'a>,
    regressors: Piece<'a>,
    effects: Option<Piece<'a>>,
    instruments: Option<Piece<'a>>,
}

fn formula(whole: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<Formula> {
    let Some(parts) = parts(whole, mistakes) else {
        return Vec::new();
    };
    let outcomes = outcomes(parts.outcome, mistakes);
    let regressor_items = items::sum(
        parts.regressors,
        "a regressor",
        &regressors::terms,
        mistakes,
    );
    let effect_items = match parts.effects {
        Some(piece) => items::sum(piece, "an effect", &effects, mistakes),
        None => Vec::new(),
    };
    let instruments = parts
        .instruments
        .and_then(|piece| instruments(piece, mistakes));
    let regressor_sums = items::alternatives(&regressor_items, mistakes);
    let effect_sums = items::alternatives(&effect_items, mistakes);
    let count = outcomes
        .len()
        .saturating_mul(regressor_sums.len())
        .saturating_mul(effect_sums.len());
    if count > MAX_FORMULAS {
        mistakes.push(Diagnostic::new(
            whole.span(),
            format!("this stands for more than {MAX_FORMULAS} regressions"),
        ));
        return Vec::new();
    }
    let mut formulas = Vec::with_capacity(count);
    for effect_sum in &effect_sums {
        for outcome in &outcomes {
            for regressor_sum in &regressor_sums {
                formulas.push(assemble(
                    outcome,
                    regressor_sum,
                    effect_sum,
                    instruments.as_ref(),
                ));
            }
        }
    }
    if let Some(instruments) = &instruments {
        refuse_twice(&formulas, &instruments.0, mistakes);
    }
    formulas
}

/// Cuts the text at `~` and `|` outside brackets.
fn parts<'a>(whole: Piece<'a>, mistakes: &mut Vec<Diagnostic>) -> Option<Parts<'a>> {
    const SHAPE: &str = "write y ~ x1 + x2 | effect1 + effect2";
    if whole.is_empty() {
        mistakes.push(Diagnostic::new(whole.end, "the formula is empty").with_hint(SHAPE));
        return None;
    }
    let tildes = whole.outside_brackets(|_, t| t.is(Symbol::Tilde));
    let Some(&tilde) = tildes.first() else {
        let equal = whole.outside_brackets(|_, t| t.is(Symbol::Equal) || t.is(Symbol::DoubleEqual));
        mistakes.push(match equal.first() {
            Some(&place) => Diagnostic::new(
                whole.tokens[place].span,
                "between outcome and regressors stands `~` and not `=`",
            )
            .with_hint(SHAPE),
            None => Diagnostic::new(whole.span(), "a formula needs `~` after the outcome")
                .with_hint(SHAPE),
        });
        return None;
    };
    let outcome = whole.part(0, tilde);
    let pieces = whole.part(tilde + 1, whole.tokens.len()).split(Symbol::Bar);
    let has_tilde = |p: &Piece<'_>| !p.outside_brackets(|_, t| t.is(Symbol::Tilde)).is_empty();
    let mut parts = Parts {
        outcome,
        regressors: pieces[0],
        effects: None,
        instruments: None,
    };
    if has_tilde(&parts.regressors) {
        mistakes.push(
            Diagnostic::new(
                whole.tokens[tildes[1]].span,
                "a second `~` in the regressors",
            )
            .with_hint("instruments stand after `|`: y ~ x | effect | endogenous ~ z"),
        );
        return None;
    }
    for piece in &pieces[1..] {
        if parts.instruments.is_some() {
            mistakes.push(
                Diagnostic::new(piece.span(), "nothing stands after the instruments")
                    .with_hint("the order is y ~ x | effects | endogenous ~ instruments"),
            );
        } else if has_tilde(piece) {
            parts.instruments = Some(*piece);
        } else if parts.effects.is_some() {
            mistakes.push(
                Diagnostic::new(piece.span(), "the third part needs `~`")
                    .with_hint("the order is y ~ x | effects | endogenous ~ instruments"),
            );
        } else {
            parts.effects = Some(*piece);
        }
    }
    Some(parts)
}

/// Reads `y` or `c(y1, y2)`.
fn outcomes(piece: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<(String, Expr)> {
    if piece.is_empty() {
        mistakes.push(
            Diagnostic::new(piece.end, "the outcome is missing before `~`")
                .with_hint("write y ~ x1 + x2"),
        );
        return Vec::new();
    }
    let several = (piece.called() == Some("c"))
        .then(|| piece.inside(1))
        .flatten();
    let pieces = several.map_or_else(|| vec![piece], |inside| inside.split(Symbol::Comma));
    let mut list = Vec::new();
    for part in pieces {
        let read = expression_of(part.tokens, part.end)
            .and_then(|expr| check_regressor(&expr, part, part).map(|()| expr));
        match read {
            Ok(expr) => list.push((part.text(), expr)),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    list
}

/// Reads one effect: `f`, `f1^f2`, `f[x, z]`, `f[[x]]`.
fn effects(piece: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<EffectTerm> {
    match effect(piece) {
        Ok(effect) => vec![effect],
        Err(mistake) => {
            mistakes.push(mistake);
            Vec::new()
        }
    }
}

fn effect(piece: Piece<'_>) -> Result<EffectTerm, Diagnostic> {
    let open = piece.tokens.iter().position(|t| t.is(Symbol::OpenSquare));
    let levels = piece.part(0, open.unwrap_or(piece.tokens.len()));
    let mut columns = Vec::new();
    for part in levels.split(Symbol::Caret) {
        let Some(name) = one_name(part) else {
            let at = if part.is_empty() {
                piece.span()
            } else {
                part.span()
            };
            let mistake = Diagnostic::new(
                at,
                "an effect is a column, a combination f1^f2, or slopes f[x]",
            );
            let product = part
                .tokens
                .iter()
                .any(|t| t.is(Symbol::Colon) || t.is(Symbol::Star));
            return Err(if part.called() == Some("i") {
                mistake.with_hint("an effect is absorbed level by level; write the column alone")
            } else if product {
                mistake.with_hint("combine columns with ^, as in f1^f2")
            } else {
                mistake
            });
        };
        columns.push(name);
    }
    let mut slopes = Vec::new();
    let mut intercept = true;
    if let Some(open) = open {
        let wrong =
            || Diagnostic::new(piece.span(), "slopes are written f[x], f[x1, x2] or f[[x]]");
        let mut inside = piece.inside(open).ok_or_else(wrong)?;
        if inside
            .tokens
            .first()
            .is_some_and(|t| t.is(Symbol::OpenSquare))
        {
            inside = inside.inside(0).ok_or_else(wrong)?;
            intercept = false;
        }
        for part in inside.split(Symbol::Comma) {
            let slope = expression_of(part.tokens, part.end)?;
            check_regressor(&slope, part, part)?;
            slopes.push(slope);
        }
    }
    Ok(EffectTerm {
        name: piece.text(),
        columns,
        slopes,
        intercept,
        span: piece.span(),
    })
}

/// Reads `endogenous ~ instruments`; with the text of it.
fn instruments(piece: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Option<(Instruments, String)> {
    let sides = piece.split(Symbol::Tilde);
    let [left, right] = sides.as_slice() else {
        mistakes.push(
            Diagnostic::new(
                piece.span(),
                "one `~` stands between endogenous regressors and instruments",
            )
            .with_hint("write endogenous ~ z1 + z2"),
        );
        return None;
    };
    let mut read = |side: Piece<'_>, what: &str| {
        let items = items::sum(side, what, &regressors::terms, mistakes);
        for item in &items {
            match &item.meaning {
                Meaning::Terms(_) => {}
                Meaning::Constant(_, span) => mistakes.push(
                    Diagnostic::new(*span, "the constant is no instrument")
                        .with_hint("regressors and constant instrument themselves"),
                ),
                Meaning::Stepwise(_, span) => mistakes.push(Diagnostic::new(
                    *span,
                    "stepwise functions stand in regressors and effects only",
                )),
            }
        }
        let text = items::text_of(&items, "");
        (unique(terms_of(&items)), text)
    };
    let (endogenous, left) = read(*left, "an endogenous regressor");
    let (excluded, right) = read(*right, "an instrument");
    let parsed = Instruments {
        endogenous,
        excluded,
    };
    Some((parsed, format!("{left} ~ {right}")))
}

fn terms_of<T: Clone>(items: &[Item<T>]) -> Vec<T> {
    items
        .iter()
        .filter_map(|item| match &item.meaning {
            Meaning::Terms(terms) => Some(terms.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

fn assemble(
    (outcome_name, outcome): &(String, Expr),
    regressors: &[Item<Term>],
    effects: &[Item<EffectTerm>],
    instruments: Option<&(Instruments, String)>,
) -> Formula {
    let constant = regressors
        .iter()
        .filter_map(|item| match item.meaning {
            Meaning::Constant(present, _) => Some(present),
            _ => None,
        })
        .next_back()
        .unwrap_or(true);
    let mut kept: Vec<EffectTerm> = Vec::new();
    for effect in terms_of(effects) {
        if kept.iter().all(|known| known.name != effect.name) {
            kept.push(effect);
        }
    }
    let mut text = format!("{outcome_name} ~ {}", items::text_of(regressors, "1"));
    if !kept.is_empty() {
        text.push_str(" | ");
        text.push_str(&items::text_of(effects, ""));
    }
    if let Some((_, part)) = instruments {
        text.push_str(" | ");
        text.push_str(part);
    }
    Formula {
        text,
        outcome: outcome.clone(),
        outcome_name: outcome_name.clone(),
        regressors: unique(terms_of(regressors)),
        constant,
        effects: kept,
        instruments: instruments.map(|(parsed, _)| parsed.clone()),
    }
}

/// A regressor cannot be exogenous and endogenous in one regression, nor its own instrument.
fn refuse_twice(formulas: &[Formula], instruments: &Instruments, mistakes: &mut Vec<Diagnostic>) {
    for term in &instruments.endogenous {
        let exogenous = formulas
            .iter()
            .flat_map(|f| &f.regressors)
            .any(|r| r.name == term.name);
        if exogenous {
            mistakes.push(
                Diagnostic::new(
                    term.span,
                    format!("{} is a regressor of the first part too", term.name),
                )
                .with_hint("endogenous regressors stand only before their instruments"),
            );
        }
        if let Some(own) = instruments.excluded.iter().find(|z| z.name == term.name) {
            mistakes.push(
                Diagnostic::new(own.span, format!("{} is its own instrument", term.name))
                    .with_hint("what may be correlated with the error is no instrument; an exogenous regressor stands in the first part"),
            );
        }
    }
}
