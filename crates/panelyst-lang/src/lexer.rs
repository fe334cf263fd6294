//! Text to tokens, each with its place.

use crate::span::{Diagnostic, Span};

/// Kinds of token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    Number(f64),
    Text(String),
    /// A plain word: a name, a function or a keyword.
    Word(String),
    /// A name in backquotes, which is never a function or a keyword.
    Quoted(String),
    Symbol(Symbol),
}

/// Marks that are not words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Plus,
    Minus,
    Star,
    Slash,
    Caret,
    Open,
    Close,
    OpenSquare,
    CloseSquare,
    Comma,
    Colon,
    Tilde,
    Bar,
    Equal,
    DoubleEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

impl Token {
    pub(crate) fn is(&self, symbol: Symbol) -> bool {
        self.kind == TokenKind::Symbol(symbol)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, TokenKind::Word(w) if w == word)
    }

    pub(crate) fn opens(&self) -> bool {
        self.is(Symbol::Open) || self.is(Symbol::OpenSquare)
    }

    pub(crate) fn closes(&self) -> bool {
        self.is(Symbol::Close) || self.is(Symbol::CloseSquare)
    }

    /// Whether an operand may end with this token, so that a `-` after it is a subtraction.
    pub(crate) fn ends_operand(&self) -> bool {
        !matches!(self.kind, TokenKind::Symbol(_)) || self.closes()
    }
}

/// Words with a meaning of their own; as column names they need backquotes.
pub(crate) const KEYWORDS: [&str; 5] = ["and", "or", "not", "in", "is"];

/// Brackets may be nested this deep.
pub(crate) const MAX_BRACKETS: usize = 100;

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '.'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// Whether a column of this name may be written without backquotes.
pub(crate) fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let number = first == '.' && chars.clone().next().is_some_and(|c| c.is_ascii_digit());
    starts_word(first) && !number && chars.all(continues_word) && !KEYWORDS.contains(&name)
}

/// Splits a text into tokens and checks that its brackets match.
///
/// # Errors
/// Every mark that is not part of the language, and every bracket without a partner.
pub(crate) fn tokenize(source: &str) -> Result<Vec<Token>, Vec<Diagnostic>> {
    let mut lexer = Lexer {
        source,
        at: 0,
        tokens: Vec::new(),
        mistakes: Vec::new(),
    };
    lexer.run();
    let Lexer {
        tokens,
        mut mistakes,
        ..
    } = lexer;
    if mistakes.is_empty() {
        check_brackets(&tokens, &mut mistakes);
    }
    if mistakes.is_empty() {
        Ok(tokens)
    } else {
        Err(mistakes)
    }
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    mistakes: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let start = self.at;
            if c.is_whitespace() {
                self.at += c.len_utf8();
            } else if c == '"' || c == '\'' || c == '`' {
                self.quoted(c);
            } else if c.is_ascii_digit() || (c == '.' && self.digit_at(1)) {
                self.number();
            } else if starts_word(c) {
                let rest = self.rest();
                let length = rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
                let word = rest[..length].to_owned();
                self.at += length;
                self.push(TokenKind::Word(word), start);
            } else if let Some((symbol, length)) = symbol(self.rest()) {
                self.at += length;
                self.push(TokenKind::Symbol(symbol), start);
            } else {
                self.foreign(c);
            }
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token {
            kind,
            span: Span::new(start, self.at),
        });
    }

    fn digit_at(&self, offset: usize) -> bool {
        self.rest()
            .as_bytes()
            .get(offset)
            .is_some_and(u8::is_ascii_digit)
    }

    /// A text or a name up to the closing mark; the mark itself is written twice inside.
    fn quoted(&mut self, mark: char) {
        let start = self.at;
        let mut value = String::new();
        let mut chars = self.source[start + 1..].char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            if c != mark {
                value.push(c);
            } else if chars.peek().is_some_and(|&(_, next)| next == mark) {
                value.push(mark);
                chars.next();
            } else {
                self.at = start + 1 + offset + 1;
                if mark == '`' && value.is_empty() {
                    self.mistakes.push(
                        Diagnostic::new(Span::new(start, self.at), "an empty name")
                            .with_hint("write the column's name between the backquotes"),
                    );
                    return;
                }
                let kind = if mark == '`' {
                    TokenKind::Quoted(value)
                } else {
                    TokenKind::Text(value)
                };
                self.push(kind, start);
                return;
            }
        }
        self.at = self.source.len();
        let what = if mark == '`' { "name" } else { "text" };
        self.mistakes.push(
            Diagnostic::new(
                Span::new(start, start + 1),
                format!("the {what} that begins here is never closed"),
            )
            .with_hint(format!("add the closing {mark}")),
        );
    }

    fn number(&mut self) {
        let start = self.at;
        let bytes = self.source.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut end = digits(start);
        if bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        self.at = end;
        let tail = self.rest();
        let length = tail.find(|c| !continues_word(c)).unwrap_or(tail.len());
        if length > 0 {
            self.at += length;
            let word = &self.source[start..self.at];
            let mistake = Diagnostic::new(
                Span::new(start, self.at),
                format!("'{word}' is neither a number nor a name"),
            )
            .with_hint(format!(
                "a name that begins with a digit stands in backquotes: `{word}`"
            ));
            self.mistakes.push(mistake);
            return;
        }
        let text = &self.source[start..end];
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => self.push(TokenKind::Number(value), start),
            _ => self.mistakes.push(Diagnostic::new(
                Span::new(start, end),
                format!("the number {text} is too large"),
            )),
        }
    }

    /// A mark that is not part of the language, with what to write instead where that is known.
    fn foreign(&mut self, c: char) {
        let rest = self.rest();
        let (length, hint) = if rest.starts_with("&&") {
            (2, Some("write `and`"))
        } else if rest.starts_with("%in%") {
            (4, Some("write `in (...)`"))
        } else {
            let hint = match c {
                '&' => Some("write `and`"),
                '!' => Some("write `not`, or `!=` for unequal"),
                '$' => Some("write the column's name alone"),
                '#' => Some("write `:` for an interaction"),
                '{' | '}' => Some("use round brackets"),
                '\u{ff08}' => Some("use the half-width bracket ("),
                '\u{ff09}' => Some("use the half-width bracket )"),
                '\u{ff0c}' | '\u{3001}' | ';' | '\u{ff1b}' => Some("use the comma ,"),
                '\u{ff1d}' => Some("use the half-width ="),
                '\u{ff5e}' | '\u{223c}' => Some("use the half-width ~"),
                '\u{ff0b}' => Some("use the half-width +"),
                '\u{2212}' | '\u{2013}' | '\u{ff0d}' => Some("use the half-width -"),
                '\u{d7}' => Some("write `*`"),
                '\u{f7}' => Some("write `/`"),
                '\u{2264}' => Some("write `<=`"),
                '\u{2265}' => Some("write `>=`"),
                '\u{2260}' => Some("write `!=`"),
                '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' => {
                    Some("use straight quotes \" or '")
                }
                _ => None,
            };
            (c.len_utf8(), hint)
        };
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        let text = &self.source[span.start..span.end];
        let hint = hint.unwrap_or("a name with such a mark stands in backquotes");
        self.mistakes.push(
            Diagnostic::new(span, format!("'{text}' is not part of the language")).with_hint(hint),
        );
    }
}

fn symbol(rest: &str) -> Option<(Symbol, usize)> {
    const PAIRS: [(&str, Symbol); 4] = [
        ("==", Symbol::DoubleEqual),
        ("!=", Symbol::NotEqual),
        ("<=", Symbol::LessEqual),
        (">=", Symbol::GreaterEqual),
    ];
    const SINGLES: [(char, Symbol); 16] = [
        ('+', Symbol::Plus),
        ('-', Symbol::Minus),
        ('*', Symbol::Star),
        ('/', Symbol::Slash),
        ('^', Symbol::Caret),
        ('(', Symbol::Open),
        (')', Symbol::Close),
        ('[', Symbol::OpenSquare),
        (']', Symbol::CloseSquare),
        (',', Symbol::Comma),
        (':', Symbol::Colon),
        ('~', Symbol::Tilde),
        ('|', Symbol::Bar),
        ('=', Symbol::Equal),
        ('<', Symbol::Less),
        ('>', Symbol::Greater),
    ];
    if let Some(&(text, symbol)) = PAIRS.iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((symbol, text.len()));
    }
    SINGLES
        .iter()
        .find(|(c, _)| rest.starts_with(*c))
        .map(|&(_, symbol)| (symbol, 1))
}

fn check_brackets(tokens: &[Token], mistakes: &mut Vec<Diagnostic>) {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens {
        if token.opens() {
            open.push(token);
            if open.len() > MAX_BRACKETS {
                mistakes.push(
                    Diagnostic::new(
                        token.span,
                        format!("more than {MAX_BRACKETS} brackets inside each other"),
                    )
                    .with_hint("compute a part of it as a variable of its own"),
                );
                return;
            }
        } else if token.closes() {
            let round = token.is(Symbol::Close);
            match open.pop() {
                None => {
                    let mark = if round { ')' } else { ']' };
                    mistakes.push(
                        Diagnostic::new(token.span, format!("'{mark}' closes nothing"))
                            .with_hint("remove it, or add the opening bracket before it"),
                    );
                }
                Some(opener) if opener.is(Symbol::Open) != round => {
                    let (is, should) = if round { (')', ']') } else { (']', ')') };
                    mistakes.push(Diagnostic::new(
                        opener.span.join(token.span),
                        format!(
                            "the bracket that opens here is closed by '{is}' and not by '{should}'"
                        ),
                    ));
                    return;
                }
                Some(_) => {}
            }
        }
    }
    for opener in open {
        let (mark, close) = if opener.is(Symbol::Open) {
            ('(', ')')
        } else {
            ('[', ']')
        };
        mistakes.push(
            Diagnostic::new(opener.span, format!("the bracket '{mark}' is never closed"))
                .with_hint(format!("add the closing '{close}'")),
        );
    }
}
