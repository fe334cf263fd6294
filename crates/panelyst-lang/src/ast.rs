//! What an expression and a formula say, with the place of every part.

use crate::span::Span;

/// An expression over columns, such as `log10(patents) - hightech / 100`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number.
    Number(f64),
    /// A text in single or double quotes.
    Text(String),
    /// A column by its name, backquotes removed.
    Column(String),
    /// `-x` or `not x`.
    Unary(UnaryOp, Box<Expr>),
    /// `x + y`, `x <= y`, `x and y` ...
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `log(x)`, `l(x, 1)`, `I(x^2)` ...; the name is one of [`crate::functions::FUNCTIONS`].
    Call(&'static str, Vec<Expr>),
    /// `x is missing`, or with `true` `x is not missing`.
    IsMissing(Box<Expr>, bool),
    /// `x in (a, b)`, or with `true` `x not in (a, b)`.
    In(Box<Expr>, Vec<Expr>, bool),
}

/// Operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-x`
    Negate,
    /// `not x`
    Not,
}

/// Operators of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `x + y`
    Add,
    /// `x - y`
    Subtract,
    /// `x * y`
    Multiply,
    /// `x / y`
    Divide,
    /// `x ^ y`
    Power,
    /// `x = y` or `x == y`
    Equal,
    /// `x != y`
    NotEqual,
    /// `x < y`
    Less,
    /// `x <= y`
    LessEqual,
    /// `x > y`
    Greater,
    /// `x >= y`
    GreaterEqual,
    /// `x and y`
    And,
    /// `x or y`
    Or,
}

/// One regression after the multiple-estimation operators were spelt out:
/// `y ~ x1 + i(f) + x2:x3 | fe1 + fe2^fe3 + fe4[x] | endogenous ~ instruments`.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// This regression alone, as typed without spaces around operators other than ` ~ `, ` + ` and ` | `.
    pub text: String,
    /// Left-hand side.
    pub outcome: Expr,
    /// Its name in results: as typed without spaces.
    pub outcome_name: String,
    /// Regressors in order, without the constant.
    pub regressors: Vec<Term>,
    /// False when the formula says `0 +` or `- 1`.
    pub constant: bool,
    /// Absorbed effects.
    pub effects: Vec<EffectTerm>,
    /// The instrumental part.
    pub instruments: Option<Instruments>,
}

/// One regressor term: a product of factors; most have just one.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The name in results: as typed without spaces.
    pub name: String,
    /// What is multiplied (`x1:x2`); one entry for a plain regressor.
    pub factors: Vec<Factor>,
    /// Where it stands.
    pub span: Span,
}

/// One factor of a term.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// A numeric expression.
    Expr(Expr),
    /// `i(f, ref = a)`: an indicator for each level of `f` but the reference.
    Levels {
        /// The column (any type) whose levels count.
        column: Expr,
        /// Optional second argument: `i(f, x)`, levels times a numeric variable.
        by: Option<Expr>,
        /// The level left out; without one, the first level when `by` is absent.
        reference: Option<Expr>,
    },
}

/// One absorbed effect: `f1`, `f1^f2`, `f[x]` (effect and slopes) or `f[[x]]` (slopes alone).
#[derive(Clone, Debug, PartialEq)]
pub struct EffectTerm {
    /// The name in results: as typed without spaces.
    pub name: String,
    /// The columns whose combinations are the levels.
    pub columns: Vec<String>,
    /// Variables with a slope for each level.
    pub slopes: Vec<Expr>,
    /// Whether the levels themselves are absorbed (false for `f[[x]]`).
    pub intercept: bool,
    /// Where it stands.
    pub span: Span,
}

/// The part `endogenous ~ instruments`.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruments {
    /// Regressors to be instrumented.
    pub endogenous: Vec<Term>,
    /// Excluded instruments.
    pub excluded: Vec<Term>,
}
