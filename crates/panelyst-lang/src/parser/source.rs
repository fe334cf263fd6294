//! Pieces of a token list, and their text.

use crate::display::quote_name;
use crate::lexer::{Symbol, Token, TokenKind};
use crate::span::Span;

/// Consecutive tokens, and where they stop.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) source: &'a str,
    pub(super) tokens: &'a [Token],
    /// The place where more tokens would stand: the separator after it, or the end of the text.
    pub(super) end: Span,
}

impl<'a> Piece<'a> {
    pub(super) fn new(source: &'a str, tokens: &'a [Token]) -> Self {
        Self {
            source,
            tokens,
            end: Span::new(source.len(), source.len()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Where it stands; an empty piece stands at its end.
    pub(super) fn span(&self) -> Span {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => first.span.join(last.span),
            _ => self.end,
        }
    }

    /// The tokens `from..to`.
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        Self {
            source: self.source,
            tokens: &self.tokens[from..to],
            end: self.tokens.get(to).map_or(self.end, |t| t.span),
        }
    }

    /// Places of the tokens outside all brackets that satisfy `wanted`.
    pub(super) fn outside_brackets(
        &self,
        mut wanted: impl FnMut(usize, &Token) -> bool,
    ) -> Vec<usize> {
        let mut depth = 0usize;
        let mut found = Vec::new();
        for (place, token) in self.tokens.iter().enumerate() {
            if token.closes() {
                depth = depth.saturating_sub(1);
            } else if token.opens() {
                depth += 1;
            } else if depth == 0 && wanted(place, token) {
                found.push(place);
            }
        }
        found
    }

    /// The pieces between the marks `symbol` outside all brackets; always at least one.
    pub(super) fn split(&self, symbol: Symbol) -> Vec<Self> {
        let mut from = 0;
        let mut pieces = Vec::new();
        for place in self.outside_brackets(|_, token| token.is(symbol)) {
            pieces.push(self.part(from, place));
            from = place + 1;
        }
        pieces.push(self.part(from, self.tokens.len()));
        pieces
    }

    /// What stands in the bracket, when the token at `open` is an opening bracket whose partner is the last token.
    pub(super) fn inside(&self, open: usize) -> Option<Self> {
        if !self.tokens.get(open)?.opens() {
            return None;
        }
        let mut depth = 0usize;
        for (place, token) in self.tokens.iter().enumerate().skip(open) {
            if token.opens() {
                depth += 1;
            } else if token.closes() {
                depth -= 1;
                if depth == 0 {
                    let last = place + 1 == self.tokens.len();
                    return last.then(|| self.part(open + 1, place));
                }
            }
        }
        None
    }

    /// The name of the function when the piece is `name(`... from its first token on.
    pub(super) fn called(&self) -> Option<&'a str> {
        match self.tokens {
            [first, second, ..] if second.is(Symbol::Open) => match &first.kind {
                TokenKind::Word(word) => Some(word),
                _ => None,
            },
            _ => None,
        }
    }

    /// Its text as typed without the spaces that can be spared, and without backquotes around plain names.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut after_word = false;
        for token in self.tokens {
            let symbol = matches!(token.kind, TokenKind::Symbol(_));
            if after_word && !symbol {
                text.push(' ');
            }
            after_word = !symbol;
            match &token.kind {
                TokenKind::Quoted(name) => text.push_str(&quote_name(name)),
                _ => text.push_str(&self.source[token.span.start..token.span.end]),
            }
        }
        text
    }
}
