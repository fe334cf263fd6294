//! Regressor terms: crossings `a*b`, interactions `a:b`, indicators `i(f)`, lag ranges `l(x, 1:3)`.

use crate::ast::{BinaryOp, Expr, ExprKind, Factor, Term, UnaryOp};
use crate::lexer::{Symbol, TokenKind};
use crate::span::{Diagnostic, Span};

use super::expression::expression_of;
use super::items::{self, Meaning};
use super::source::Piece;

/// A summand of the regressors may stand for at most this many terms.
const MAX_TERMS: usize = 1_000;

/// Reads one summand of the regressors, such as `a*b`, `i(f, ref = 1)` or `log(x)`.
pub(super) fn terms(piece: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<Term> {
    let operands = piece.split(Symbol::Star);
    let mut product: Vec<Term> = Vec::new();
    for (place, operand) in operands.iter().enumerate() {
        let right = interaction(*operand, piece, mistakes);
        if place == 0 {
            product = right;
            continue;
        }
        let mut crossed = product.clone();
        crossed.extend(right.iter().cloned());
        crossed.extend(pairs(&product, &right));
        if too_many(crossed.len(), piece, mistakes) {
            return Vec::new();
        }
        product = crossed;
    }
    if operands.len() > 1 {
        product.sort_by_key(|term| term.factors.len());
    }
    unique(product)
}

/// Reads `a:b:c`.
fn interaction(piece: Piece<'_>, whole: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<Term> {
    let mut product: Option<Vec<Term>> = None;
    for operand in piece.split(Symbol::Colon) {
        let right = factor(operand, whole, mistakes);
        product = Some(match product {
            None => right,
            Some(left) => {
                if too_many(left.len() * right.len(), whole, mistakes) {
                    return Vec::new();
                }
                pairs(&left, &right)
            }
        });
    }
    product.unwrap_or_default()
}

fn too_many(count: usize, piece: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> bool {
    if count > MAX_TERMS {
        mistakes.push(Diagnostic::new(
            piece.span(),
            format!("this stands for more than {MAX_TERMS} terms"),
        ));
    }
    count > MAX_TERMS
}

fn pairs(left: &[Term], right: &[Term]) -> Vec<Term> {
    let mut list = Vec::with_capacity(left.len() * right.len());
    for a in left {
        for b in right {
            let mut factors = a.factors.clone();
            factors.extend(b.factors.iter().cloned());
            list.push(Term {
                name: format!("{}:{}", a.name, b.name),
                factors,
                span: a.span.join(b.span),
            });
        }
    }
    list
}

/// Terms without those that came before, however their factors are ordered.
pub(super) fn unique(terms: Vec<Term>) -> Vec<Term> {
    let mut seen: Vec<Vec<String>> = Vec::new();
    terms
        .into_iter()
        .filter(|term| {
            let mut key: Vec<String> = term.factors.iter().map(factor_key).collect();
            key.sort();
            let new = !seen.contains(&key);
            if new {
                seen.push(key);
            }
            new
        })
        .collect()
}

fn factor_key(factor: &Factor) -> String {
    match factor {
        Factor::Expr(expr) => expr.to_string(),
        Factor::Levels {
            column,
            by,
            reference,
        } => {
            let text = |e: &Option<Expr>| e.as_ref().map(Expr::to_string).unwrap_or_default();
            format!("i({column},{},ref={})", text(by), text(reference))
        }
    }
}

fn single(name: String, factor: Factor, span: Span) -> Term {
    Term {
        name,
        factors: vec![factor],
        span,
    }
}

/// Reads one factor of a product; a sum in brackets or a range of lags is several.
fn factor(piece: Piece<'_>, whole: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<Term> {
    if piece.is_empty() {
        mistakes.push(Diagnostic::new(
            piece.end.join(whole.span()),
            "a factor of this product is missing",
        ));
        return Vec::new();
    }
    if piece.tokens[0].is(Symbol::Open) {
        let Some(group) = piece.inside(0) else {
            mistakes.push(
                Diagnostic::new(piece.span(), "brackets of a formula group terms")
                    .with_hint(format!("for arithmetic write I({})", piece.text())),
            );
            return Vec::new();
        };
        return group_terms(group, mistakes);
    }
    let read = match piece.called() {
        Some("i") => piece.inside(1).map(|inside| levels(piece, inside)),
        Some(name @ ("l" | "f" | "d")) => piece
            .inside(1)
            .and_then(|inside| range(name, piece, inside)),
        _ => None,
    };
    let read = read.unwrap_or_else(|| {
        let expr = expression_of(piece.tokens, piece.end)?;
        check_regressor(&expr, piece, whole)?;
        Ok(vec![single(piece.text(), Factor::Expr(expr), piece.span())])
    });
    match read {
        Ok(list) if list.len() > MAX_TERMS => {
            too_many(list.len(), piece, mistakes);
            Vec::new()
        }
        Ok(list) => list,
        Err(mistake) => {
            mistakes.push(mistake);
            Vec::new()
        }
    }
}

fn group_terms(group: Piece<'_>, mistakes: &mut Vec<Diagnostic>) -> Vec<Term> {
    let mut list = Vec::new();
    for item in items::sum(group, "a term", &terms, mistakes) {
        match item.meaning {
            Meaning::Terms(terms) => list.extend(terms),
            Meaning::Constant(_, span) => mistakes.push(Diagnostic::new(
                span,
                "the constant cannot stand in a group of terms",
            )),
            Meaning::Stepwise(_, span) => mistakes.push(Diagnostic::new(
                span,
                "a stepwise function cannot stand in a group of terms",
            )),
        }
    }
    list
}

/// Refuses what cannot be a regressor or an outcome by itself.
pub(super) fn check_regressor(
    expr: &Expr,
    piece: Piece<'_>,
    whole: Piece<'_>,
) -> Result<(), Diagnostic> {
    use BinaryOp::{And, Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual, Or};
    let condition = match &expr.kind {
        ExprKind::Binary(op, ..) => matches!(
            op,
            And | Or | Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual
        ),
        ExprKind::Unary(UnaryOp::Not, _) | ExprKind::IsMissing(..) | ExprKind::In(..) => true,
        _ => false,
    };
    if condition {
        let bare = matches!(expr.kind, ExprKind::Binary(Equal, ..));
        let hint = if bare {
            format!(
                "for the condition write I({}); between outcome and regressors stands ~",
                piece.text()
            )
        } else {
            format!("write I({})", piece.text())
        };
        return Err(
            Diagnostic::new(piece.span(), "a condition needs I() around it").with_hint(hint),
        );
    }
    if let ExprKind::Text(text) = &expr.kind {
        return Err(
            Diagnostic::new(piece.span(), "a text in quotes is not a column")
                .with_hint(format!("write the column's name as `{text}`")),
        );
    }
    if matches!(expr.kind, ExprKind::Unary(..)) {
        return Err(Diagnostic::new(piece.span(), "a sign needs I() around it")
            .with_hint(format!("write I({})", piece.text())));
    }
    if expr.columns().is_empty() {
        let hint = if whole.tokens.len() > piece.tokens.len() {
            format!("for arithmetic write I({})", whole.text())
        } else {
            "write the name of a column".to_owned()
        };
        return Err(Diagnostic::new(piece.span(), "no column stands here").with_hint(hint));
    }
    Ok(())
}

/// Reads `i(f, x, ref = a)`.
fn levels(piece: Piece<'_>, inside: Piece<'_>) -> Result<Vec<Term>, Diagnostic> {
    const HINT: &str = "write i(f), i(f, ref = \"a\") or i(f, x, ref = \"a\")";
    let mut plain: Vec<Expr> = Vec::new();
    let mut reference = None;
    for argument in inside.split(Symbol::Comma) {
        match argument.tokens {
            [] => {
                return Err(
                    Diagnostic::new(argument.end, "an argument of i() is missing here")
                        .with_hint(HINT),
                );
            }
            [name, equal, ..] if equal.is(Symbol::Equal) => {
                if !name.is_word("ref") {
                    return Err(Diagnostic::new(
                        name.span.join(equal.span),
                        "i() has no such argument, only ref",
                    )
                    .with_hint(HINT));
                }
                if reference.is_some() {
                    return Err(Diagnostic::new(argument.span(), "ref is given twice"));
                }
                reference = Some(level(argument.part(2, argument.tokens.len()))?);
            }
            _ if plain.len() == 2 && reference.is_none() => reference = Some(level(argument)?),
            _ => plain.push(expression_of(argument.tokens, argument.end)?),
        }
    }
    let mut plain = plain.into_iter();
    let (column, by, more) = (plain.next(), plain.next(), plain.next());
    let Some(column) = column.filter(|_| more.is_none()) else {
        return Err(Diagnostic::new(
            piece.span(),
            "i() takes a column, and perhaps a second and ref",
        )
        .with_hint(HINT));
    };
    if column.columns().is_empty() {
        return Err(Diagnostic::new(column.span, "no column stands here").with_hint(HINT));
    }
    let factor = Factor::Levels {
        column,
        by,
        reference,
    };
    Ok(vec![single(piece.text(), factor, piece.span())])
}

/// A level: a number or a text.
fn level(piece: Piece<'_>) -> Result<Expr, Diagnostic> {
    let expr = expression_of(piece.tokens, piece.end)?;
    let literal = match &expr.kind {
        ExprKind::Number(_) | ExprKind::Text(_) => true,
        ExprKind::Unary(UnaryOp::Negate, inner) => matches!(inner.kind, ExprKind::Number(_)),
        _ => false,
    };
    if literal {
        return Ok(expr);
    }
    let mistake = Diagnostic::new(piece.span(), "the reference level is a number or a text");
    Err(match &expr.kind {
        ExprKind::Column(name) => mistake.with_hint(format!("put it in quotes: ref = \"{name}\"")),
        _ => mistake.with_hint("one level only, as in ref = 2000 or ref = \"a\""),
    })
}

/// Reads `l(x, 1:3)` and `l(x, c(1, 4))`; `None` when the periods are no range.
fn range(name: &str, piece: Piece<'_>, inside: Piece<'_>) -> Option<Result<Vec<Term>, Diagnostic>> {
    let arguments = inside.split(Symbol::Comma);
    let [argument, periods] = arguments.as_slice() else {
        return None;
    };
    let listed = (periods.called() == Some("c")).then(|| periods.inside(1));
    let bounds = periods.split(Symbol::Colon);
    if listed.is_none() && bounds.len() == 1 {
        return None;
    }
    Some(range_terms(
        name,
        piece,
        *argument,
        *periods,
        listed.flatten(),
        &bounds,
    ))
}

fn range_terms(
    name: &str,
    piece: Piece<'_>,
    argument: Piece<'_>,
    periods: Piece<'_>,
    listed: Option<Piece<'_>>,
    bounds: &[Piece<'_>],
) -> Result<Vec<Term>, Diagnostic> {
    let whole = |part: &Piece<'_>| {
        expression_of(part.tokens, part.end)
            .ok()
            .and_then(|expr| expr.whole_number())
            .ok_or_else(|| {
                Diagnostic::new(part.span(), "a period of the range is not a whole number")
                    .with_hint(format!("write {name}(x, 1:3) or {name}(x, c(1, 4))"))
            })
    };
    let wanted: Vec<i64> = match listed {
        Some(list) => list
            .split(Symbol::Comma)
            .iter()
            .map(whole)
            .collect::<Result<_, _>>()?,
        None => {
            let [first, last] = bounds else {
                return Err(Diagnostic::new(periods.span(), "a range has one `:`")
                    .with_hint(format!("write {name}(x, 1:3)")));
            };
            let (first, last) = (whole(first)?, whole(last)?);
            if first.abs_diff(last) >= MAX_TERMS as u64 {
                return Err(Diagnostic::new(
                    periods.span(),
                    format!("a range of more than {MAX_TERMS} periods"),
                ));
            }
            if first <= last {
                (first..=last).collect()
            } else {
                (last..=first).rev().collect()
            }
        }
    };
    let inner = expression_of(argument.tokens, argument.end)?;
    let function: &'static str = crate::functions::find(name).map_or("l", |f| f.name);
    Ok(wanted
        .into_iter()
        .map(|k| {
            let at = periods.span();
            let size = Expr {
                kind: ExprKind::Number(k.unsigned_abs() as f64),
                span: at,
            };
            let count = if k < 0 {
                Expr {
                    kind: ExprKind::Unary(UnaryOp::Negate, Box::new(size)),
                    span: at,
                }
            } else {
                size
            };
            let expr = Expr {
                kind: ExprKind::Call(function, vec![inner.clone(), count]),
                span: piece.span(),
            };
            let name = format!("{function}({},{k})", argument.text());
            single(name, Factor::Expr(expr), piece.span())
        })
        .collect())
}

/// Whether the piece is one name, and which.
pub(super) fn one_name(piece: Piece<'_>) -> Option<String> {
    match piece.tokens {
        [token] => match &token.kind {
            TokenKind::Word(name) if !crate::lexer::KEYWORDS.contains(&name.as_str()) => {
                Some(name.clone())
            }
            TokenKind::Quoted(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}
