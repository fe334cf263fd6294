//! Expressions by precedence climbing.
//!
//! From loosest to tightest: `or`, `and`, `not`, comparisons with `in` and `is missing`, `+ -`, `* /`, unary `-`, `^`.
//! All operators group to the left but `^`, which groups to the right; comparisons do not chain.

use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::functions::{self, Kernel};
use crate::lexer::{Symbol, Token, TokenKind, tokenize};
use crate::span::{Diagnostic, Span};

use super::source::Piece;

/// Operations may be nested this deep.
const MAX_DEPTH: usize = 400;

pub(crate) mod binding {
    //! How tightly operators bind.
    pub(crate) const OR: u8 = 1;
    pub(crate) const AND: u8 = 2;
    pub(crate) const NOT: u8 = 3;
    pub(crate) const COMPARE: u8 = 4;
    pub(crate) const ADD: u8 = 5;
    pub(crate) const MULTIPLY: u8 = 6;
    pub(crate) const UNARY: u8 = 7;
    pub(crate) const POWER: u8 = 8;
    pub(crate) const PRIMARY: u8 = 9;
}

/// Reads one expression.
///
/// # Errors
/// Every mistake found, each with its place in `source`.
pub fn parse_expression(source: &str) -> Result<Expr, Vec<Diagnostic>> {
    let tokens = tokenize(source)?;
    expression_of(&tokens, Span::new(source.len(), source.len())).map_err(|mistake| vec![mistake])
}

/// Reads expressions separated by commas, such as `gsp, log(pc), l(unemp, 1)`.
///
/// # Errors
/// Every mistake found, each with its place in `source`.
pub fn parse_expression_list(source: &str) -> Result<Vec<Expr>, Vec<Diagnostic>> {
    let tokens = tokenize(source)?;
    let mut list = Vec::new();
    let mut mistakes = Vec::new();
    for piece in Piece::new(source, &tokens).split(Symbol::Comma) {
        match expression_of(piece.tokens, piece.end) {
            Ok(expr) => list.push(expr),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() {
        Ok(list)
    } else {
        Err(mistakes)
    }
}

/// Reads one expression that takes up all of `tokens`; `end` is where the text ends, for mistakes there.
pub(crate) fn expression_of(tokens: &[Token], end: Span) -> Result<Expr, Diagnostic> {
    let mut parser = Parser {
        tokens,
        at: 0,
        end,
        nesting: 0,
    };
    if tokens.is_empty() {
        return Err(Diagnostic::new(end, "an expression is missing here"));
    }
    let node = parser.climb(binding::OR)?;
    match parser.peek() {
        None => Ok(node.expr),
        Some(token) => Err(unexpected(token, tokens.get(parser.at.wrapping_sub(1)))),
    }
}

/// An expression and how deep its operations are nested.
struct Node {
    expr: Expr,
    depth: usize,
}

type Parsed = Result<Node, Diagnostic>;

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    end: Span,
    nesting: usize,
}

fn binary_operator(token: &Token) -> Option<(BinaryOp, u8)> {
    let TokenKind::Symbol(symbol) = &token.kind else {
        return match () {
            () if token.is_word("and") => Some((BinaryOp::And, binding::AND)),
            () if token.is_word("or") => Some((BinaryOp::Or, binding::OR)),
            () => None,
        };
    };
    Some(match symbol {
        Symbol::Plus => (BinaryOp::Add, binding::ADD),
        Symbol::Minus => (BinaryOp::Subtract, binding::ADD),
        Symbol::Star => (BinaryOp::Multiply, binding::MULTIPLY),
        Symbol::Slash => (BinaryOp::Divide, binding::MULTIPLY),
        Symbol::Caret => (BinaryOp::Power, binding::POWER),
        Symbol::Equal | Symbol::DoubleEqual => (BinaryOp::Equal, binding::COMPARE),
        Symbol::NotEqual => (BinaryOp::NotEqual, binding::COMPARE),
        Symbol::Less => (BinaryOp::Less, binding::COMPARE),
        Symbol::LessEqual => (BinaryOp::LessEqual, binding::COMPARE),
        Symbol::Greater => (BinaryOp::Greater, binding::COMPARE),
        Symbol::GreaterEqual => (BinaryOp::GreaterEqual, binding::COMPARE),
        _ => return None,
    })
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn peek_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| t.is_word(word))
    }

    fn word_after(&self, word: &str) -> bool {
        self.tokens
            .get(self.at + 1)
            .is_some_and(|t| t.is_word(word))
    }

    fn eat(&mut self, symbol: Symbol) -> Option<Span> {
        let token = self.peek().filter(|t| t.is(symbol))?;
        self.at += 1;
        Some(token.span)
    }

    fn node(&self, kind: ExprKind, span: Span, depth: usize) -> Parsed {
        if depth > MAX_DEPTH {
            return Err(Diagnostic::new(
                span,
                format!("more than {MAX_DEPTH} operations inside each other"),
            )
            .with_hint("compute a part of it as a variable of its own, or use `in (...)`"));
        }
        Ok(Node {
            expr: Expr { kind, span },
            depth,
        })
    }

    fn climb(&mut self, least: u8) -> Parsed {
        self.nesting += 1;
        let result = if self.nesting > MAX_DEPTH {
            let span = self.peek().map_or(self.end, |t| t.span);
            Err(Diagnostic::new(
                span,
                format!("more than {MAX_DEPTH} operations inside each other"),
            ))
        } else {
            self.climb_from(least)
        };
        self.nesting -= 1;
        result
    }

    fn climb_from(&mut self, least: u8) -> Parsed {
        let mut left = self.prefix(least)?;
        let mut compared = false;
        while let Some(token) = self.peek() {
            if least <= binding::COMPARE
                && (token.is_word("is")
                    || token.is_word("in")
                    || (token.is_word("not") && self.word_after("in")))
            {
                refuse_chain(compared, token)?;
                compared = true;
                left = self.membership(left)?;
                continue;
            }
            let Some((operator, strength)) = binary_operator(token) else {
                break;
            };
            if strength < least {
                break;
            }
            if strength == binding::COMPARE {
                refuse_chain(compared, token)?;
                compared = true;
            }
            self.refuse_foreign_operator(token)?;
            self.at += 1;
            // A weaker operator than a comparison ends it: `a < b and b < c`.
            compared &= strength >= binding::COMPARE;
            let right = self.climb(match strength {
                binding::POWER => binding::POWER,
                other => other + 1,
            })?;
            let span = left.expr.span.join(right.expr.span);
            let depth = 1 + left.depth.max(right.depth);
            let kind = ExprKind::Binary(operator, Box::new(left.expr), Box::new(right.expr));
            left = self.node(kind, span, depth)?;
        }
        Ok(left)
    }

    /// `**`, `<>` and the like: two operators in a row that mean one in other languages.
    fn refuse_foreign_operator(&self, first: &Token) -> Result<(), Diagnostic> {
        let Some(second) = self.tokens.get(self.at + 1) else {
            return Ok(());
        };
        let hint = if first.is(Symbol::Star) && second.is(Symbol::Star) {
            "the power is written `^`"
        } else if first.is(Symbol::Less) && second.is(Symbol::Greater) {
            "unequal is written `!=`"
        } else if first.is(Symbol::Equal) && (second.is(Symbol::Less) || second.is(Symbol::Greater))
        {
            "write `<=` or `>=`"
        } else {
            return Ok(());
        };
        let span = first.span.join(second.span);
        Err(Diagnostic::new(span, "no such operator").with_hint(hint))
    }

    fn prefix(&mut self, least: u8) -> Parsed {
        let Some(token) = self.peek() else {
            return Err(self.operand_missing());
        };
        if token.is(Symbol::Minus) {
            self.at += 1;
            let operand = self.climb(binding::UNARY)?;
            let span = token.span.join(operand.expr.span);
            let kind = ExprKind::Unary(UnaryOp::Negate, Box::new(operand.expr));
            return self.node(kind, span, operand.depth + 1);
        }
        if token.is(Symbol::Plus) {
            return Err(
                Diagnostic::new(token.span, "a `+` without a value before it")
                    .with_hint("remove it"),
            );
        }
        if token.is_word("not") {
            if least > binding::NOT {
                return Err(Diagnostic::new(token.span, "`not` cannot stand here")
                    .with_hint("put brackets around it: (not ...)"));
            }
            self.at += 1;
            let operand = self.climb(binding::NOT)?;
            let span = token.span.join(operand.expr.span);
            let kind = ExprKind::Unary(UnaryOp::Not, Box::new(operand.expr));
            return self.node(kind, span, operand.depth + 1);
        }
        self.primary(token)
    }

    fn primary(&mut self, token: &'a Token) -> Parsed {
        let leaf = |kind| Node {
            expr: Expr {
                kind,
                span: token.span,
            },
            depth: 1,
        };
        match &token.kind {
            TokenKind::Number(value) => {
                self.at += 1;
                Ok(leaf(ExprKind::Number(*value)))
            }
            TokenKind::Text(text) => {
                self.at += 1;
                Ok(leaf(ExprKind::Text(text.clone())))
            }
            TokenKind::Quoted(name) => {
                self.at += 1;
                Ok(leaf(ExprKind::Column(name.clone())))
            }
            TokenKind::Word(word) => {
                if crate::lexer::KEYWORDS.contains(&word.as_str()) {
                    return Err(Diagnostic::new(
                        token.span,
                        format!("a value is missing before `{word}`"),
                    )
                    .with_hint(format!(
                        "a column of that name is written `{word}` in backquotes"
                    )));
                }
                self.at += 1;
                if self.peek().is_some_and(|t| t.is(Symbol::Open)) {
                    return self.call(word, token.span);
                }
                Ok(leaf(ExprKind::Column(word.clone())))
            }
            TokenKind::Symbol(Symbol::Open) => {
                self.at += 1;
                let inner = self.climb(binding::OR)?;
                match self.eat(Symbol::Close) {
                    Some(close) => Ok(Node {
                        expr: Expr {
                            kind: inner.expr.kind,
                            span: token.span.join(close),
                        },
                        depth: inner.depth,
                    }),
                    None => Err(self.expected_close()),
                }
            }
            TokenKind::Symbol(_) => Err(self.operand_missing()),
        }
    }

    fn operand_missing(&self) -> Diagnostic {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let span = self.peek().map_or(self.end, |t| t.span);
        match before {
            Some(token) if matches!(token.kind, TokenKind::Symbol(_)) || self.peek().is_none() => {
                Diagnostic::new(token.span, "a value is missing after this")
            }
            _ => Diagnostic::new(span, "a value is missing before this"),
        }
    }

    fn expected_close(&self) -> Diagnostic {
        match self.peek() {
            Some(token) => unexpected(token, self.tokens.get(self.at.wrapping_sub(1))),
            None => Diagnostic::new(self.end, "a closing bracket is missing"),
        }
    }

    /// `name(` was seen and `(` is next.
    fn call(&mut self, word: &str, name: Span) -> Parsed {
        let Some(function) = functions::find(word) else {
            return Err(
                Diagnostic::new(name, format!("there is no function {word}()"))
                    .with_hint(functions::hint(word)),
            );
        };
        if matches!(function.kernel, Kernel::Levels) {
            return Err(Diagnostic::new(
                name,
                "i() makes several columns and stands only as a regressor of a formula",
            )
            .with_hint("compare instead, as in I(f = \"a\")"));
        }
        let (arguments, close, depth) = self.arguments()?;
        let span = name.join(close);
        let (least, most) = function.arity;
        if arguments.len() < least || most.is_some_and(|most| arguments.len() > most) {
            let wants = match most {
                Some(most) if most == least => format!("{least}"),
                Some(most) => format!("{least} to {most}"),
                None => format!("{least} or more"),
            };
            let plural = if wants == "1" { "" } else { "s" };
            return Err(Diagnostic::new(
                span,
                format!(
                    "{word}() takes {wants} argument{plural}, not {}",
                    arguments.len()
                ),
            )
            .with_hint(format!("write {}", function.label)));
        }
        if matches!(function.kernel, Kernel::Shift { .. })
            && let Some(periods) = arguments.get(1)
            && periods.whole_number().is_none()
        {
            return Err(Diagnostic::new(
                periods.span,
                format!("the number of periods of {word}() is not a whole number"),
            )
            .with_hint(format!("write {}", function.label)));
        }
        self.node(ExprKind::Call(function.name, arguments), span, depth + 1)
    }

    /// A bracketed list; gives the closing bracket and the greatest depth.
    fn arguments(&mut self) -> Result<(Vec<Expr>, Span, usize), Diagnostic> {
        let open = self.peek().map_or(self.end, |t| t.span);
        self.at += 1;
        let mut list = Vec::new();
        let mut depth = 0;
        if let Some(close) = self.eat(Symbol::Close) {
            return Ok((list, close, depth));
        }
        loop {
            if let Some(token) = self.peek()
                && (token.is(Symbol::Comma) || token.is(Symbol::Close))
            {
                return Err(Diagnostic::new(
                    token.span,
                    "an argument is missing before this",
                ));
            }
            let node = self.climb(binding::OR)?;
            depth = depth.max(node.depth);
            list.push(node.expr);
            if let Some(close) = self.eat(Symbol::Close) {
                return Ok((list, close, depth));
            }
            if self.eat(Symbol::Comma).is_none() {
                return Err(match self.peek() {
                    Some(_) => self.expected_close(),
                    None => Diagnostic::new(open, "this bracket is never closed"),
                });
            }
        }
    }

    /// `is [not] missing`, `[not] in (...)`.
    fn membership(&mut self, left: Node) -> Parsed {
        let first = self.peek().map_or(self.end, |t| t.span);
        if self.peek_word("is") {
            self.at += 1;
            let not = self.peek_word("not");
            self.at += usize::from(not);
            let Some(missing) = self.peek().filter(|t| t.is_word("missing")) else {
                let wrong = self.peek().map_or(first, |t| t.span);
                return Err(
                    Diagnostic::new(wrong, "after `is` stands `missing` or `not missing`")
                        .with_hint("values are compared with = and !="),
                );
            };
            self.at += 1;
            let span = left.expr.span.join(missing.span);
            let kind = ExprKind::IsMissing(Box::new(left.expr), not);
            return self.node(kind, span, left.depth + 1);
        }
        let not = self.peek_word("not");
        self.at += 1 + usize::from(not);
        if self.peek().is_none_or(|t| !t.is(Symbol::Open)) {
            return Err(
                Diagnostic::new(first, "`in` is followed by a list in brackets")
                    .with_hint("write x in (1, 2)"),
            );
        }
        let (list, close, depth) = self.arguments()?;
        let span = left.expr.span.join(close);
        if list.is_empty() {
            return Err(Diagnostic::new(span, "the list after `in` is empty"));
        }
        let depth = 1 + left.depth.max(depth);
        self.node(ExprKind::In(Box::new(left.expr), list, not), span, depth)
    }
}

fn refuse_chain(compared: bool, token: &Token) -> Result<(), Diagnostic> {
    if compared {
        return Err(Diagnostic::new(token.span, "comparisons do not chain")
            .with_hint("write a < b and b < c"));
    }
    Ok(())
}

/// A token that cannot follow what was read.
fn unexpected(token: &Token, before: Option<&Token>) -> Diagnostic {
    let (message, hint) = match &token.kind {
        TokenKind::Symbol(Symbol::Bar) => (
            "`|` is not an operator".to_owned(),
            Some("write `or`; in a formula `|` separates the parts and stands outside brackets"),
        ),
        TokenKind::Symbol(Symbol::Colon) => (
            "`:` cannot stand here".to_owned(),
            Some(
                "inside brackets a product is written `*`; a range of periods stands in l(x, 1:3) as a regressor",
            ),
        ),
        TokenKind::Symbol(Symbol::Tilde) => (
            "`~` belongs to a formula, and once".to_owned(),
            Some("compare with =, and keep ~ between outcome and regressors"),
        ),
        TokenKind::Symbol(Symbol::OpenSquare) => (
            "square brackets cannot stand here".to_owned(),
            Some("slopes such as fe[x] belong to the effects of a formula"),
        ),
        TokenKind::Symbol(Symbol::Comma) => ("a comma cannot stand here".to_owned(), None),
        TokenKind::Symbol(_) if before.is_some() => (
            "an operator is missing before this".to_owned(),
            Some("a name with spaces or signs stands in backquotes"),
        ),
        TokenKind::Symbol(_) => ("this cannot stand here".to_owned(), None),
        _ => (
            "an operator is missing before this".to_owned(),
            Some("a name with spaces or signs stands in backquotes"),
        ),
    };
    let mistake = Diagnostic::new(token.span, message);
    match hint {
        Some(hint) => mistake.with_hint(hint),
        None => mistake,
    }
}
