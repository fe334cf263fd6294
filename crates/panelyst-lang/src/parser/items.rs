//! The sums that make up regressors and effects: `a + b - 1 + sw(c, d)`.

use crate::lexer::{Symbol, TokenKind};
use crate::span::{Diagnostic, Span};

use super::source::Piece;
use super::stepwise::{self, Steps};

/// One summand.
#[derive(Clone, Debug)]
pub(super) struct Item<T> {
    /// As typed without spaces and sign.
    pub(super) text: String,
    /// Whether a `-` stands before it.
    pub(super) subtracted: bool,
    pub(super) meaning: Meaning<T>,
}

/// What a summand stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning<T> {
    /// `1` and `- 0` say that there is a constant, `0` and `- 1` that there is none.
    Constant(bool, Span),
    /// Terms that are in the sum.
    Terms(Vec<T>),
    /// One of several sums, in turn.
    Stepwise(Vec<Vec<Item<T>>>, Span),
}

/// Reads one summand that is neither a constant nor stepwise.
pub(super) type ReadTerms<'r, T> = &'r dyn Fn(Piece<'_>, &mut Vec<Diagnostic>) -> Vec<T>;

/// Reads a sum; what cannot be read is told in `mistakes` and left out.
pub(super) fn sum<T: Clone>(
    piece: Piece<'_>,
    what: &str,
    terms: ReadTerms<'_, T>,
    mistakes: &mut Vec<Diagnostic>,
) -> Vec<Item<T>> {
    if piece.is_empty() {
        mistakes.push(Diagnostic::new(
            piece.end,
            format!("{what} is missing here"),
        ));
        return Vec::new();
    }
    // A minus is a sign of the sum unless it is the sign of a number, as in x^-1.
    let signs = piece.outside_brackets(|place, token| {
        let follows = place.checked_sub(1).map(|before| &piece.tokens[before]);
        token.is(Symbol::Plus)
            || (token.is(Symbol::Minus) && follows.is_none_or(|t| t.ends_operand()))
    });
    let mut items = Vec::new();
    let mut from = 0;
    let mut sign: Option<(Span, bool)> = None;
    for place in signs.iter().copied().chain([piece.tokens.len()]) {
        let summand = piece.part(from, place);
        let leading = from == 0 && place == 0;
        if summand.is_empty() && !leading {
            let at = sign.map_or(piece.end, |(span, _)| span);
            mistakes.push(Diagnostic::new(at, format!("{what} is missing after this")));
        } else if !leading {
            let subtracted = sign.is_some_and(|(_, minus)| minus);
            if let Some(meaning) = summand_of(summand, subtracted, what, terms, mistakes) {
                let text = summand.text();
                items.push(Item {
                    text,
                    subtracted,
                    meaning,
                });
            }
        }
        if let Some(token) = piece.tokens.get(place) {
            sign = Some((token.span, token.is(Symbol::Minus)));
        }
        from = place + 1;
    }
    items
}

fn summand_of<T: Clone>(
    piece: Piece<'_>,
    subtracted: bool,
    what: &str,
    terms: ReadTerms<'_, T>,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<Meaning<T>> {
    if let [token] = piece.tokens
        && let TokenKind::Number(value) = token.kind
    {
        if value == 0.0 || value == 1.0 {
            return Some(Meaning::Constant((value == 1.0) != subtracted, token.span));
        }
        mistakes.push(
            Diagnostic::new(token.span, "a number alone is not a regressor")
                .with_hint("1 stands for the constant, 0 for none"),
        );
        return None;
    }
    if subtracted {
        mistakes.push(
            Diagnostic::new(piece.span(), "only the constant can be taken out with `-`")
                .with_hint("write - 1 to leave out the constant, or I(a - b) for a difference"),
        );
        return None;
    }
    let steps = piece.called().and_then(Steps::named);
    if let Some(steps) = steps {
        let Some(inside) = piece.inside(1) else {
            mistakes.push(
                Diagnostic::new(
                    piece.span(),
                    format!("{}() stands alone between + signs", steps.name()),
                )
                .with_hint("write products inside it, as in sw(a:z, b:z)"),
            );
            return None;
        };
        let mut choices = Vec::new();
        for part in inside.split(Symbol::Comma) {
            let items = sum(part, what, terms, mistakes);
            if let Some(Item {
                meaning: Meaning::Stepwise(_, span),
                ..
            }) = items
                .iter()
                .find(|item| matches!(item.meaning, Meaning::Stepwise(..)))
            {
                mistakes.push(Diagnostic::new(
                    *span,
                    "stepwise functions cannot stand inside each other",
                ));
                return None;
            }
            choices.push(items);
        }
        return match stepwise::spell_out(steps, &choices) {
            Ok(sums) => Some(Meaning::Stepwise(sums, piece.span())),
            Err(message) => {
                mistakes.push(Diagnostic::new(piece.span(), message));
                None
            }
        };
    }
    Some(Meaning::Terms(terms(piece, mistakes)))
}

/// One sum for each choice of the stepwise function in it, or the sum itself.
pub(super) fn alternatives<T: Clone>(
    items: &[Item<T>],
    mistakes: &mut Vec<Diagnostic>,
) -> Vec<Vec<Item<T>>> {
    let mut steps = items.iter().enumerate().filter_map(|(place, item)| {
        if let Meaning::Stepwise(sums, span) = &item.meaning {
            Some((place, sums, *span))
        } else {
            None
        }
    });
    let Some((place, sums, _)) = steps.next() else {
        return vec![items.to_vec()];
    };
    if let Some((_, _, span)) = steps.next() {
        mistakes.push(
            Diagnostic::new(
                span,
                "a part of a formula has at most one stepwise function",
            )
            .with_hint("put the sums into one, as in sw(a, b, a + b)"),
        );
        return Vec::new();
    }
    sums.iter()
        .map(|sum| {
            let mut spelt = items[..place].to_vec();
            spelt.extend(sum.iter().cloned());
            spelt.extend_from_slice(&items[place + 1..]);
            spelt
        })
        .collect()
}

/// The sum as text; `empty` when nothing is in it.
pub(super) fn text_of<T>(items: &[Item<T>], empty: &str) -> String {
    let mut text = String::new();
    for item in items {
        match (text.is_empty(), item.subtracted) {
            (true, false) => {}
            (true, true) => text.push('-'),
            (false, false) => text.push_str(" + "),
            (false, true) => text.push_str(" - "),
        }
        text.push_str(&item.text);
    }
    if text.is_empty() {
        text.push_str(empty);
    }
    text
}
