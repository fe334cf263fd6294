//! The functions of the language: one row each, from which the parser, the evaluator, help and documentation are fed.

use crate::suggest::nearest;

/// One function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Name in source text.
    pub name: &'static str,
    /// Other spellings, parsed to the same function.
    pub aliases: &'static [&'static str],
    /// Smallest and largest number of arguments; `None` for no upper limit.
    pub arity: (usize, Option<usize>),
    /// How it is written, for help.
    pub label: &'static str,
    /// What it computes, and where it has no value.
    pub doc: &'static str,
    /// How it is computed.
    pub kernel: Kernel,
}

/// How a function is computed.
#[derive(Clone, Copy, Debug)]
pub enum Kernel {
    /// The argument itself.
    Identity,
    /// A function of one number; a result that is not finite means no value.
    Number(fn(f64) -> f64),
    /// A function of the numbers of one row; a result that is not finite means no value.
    Numbers(fn(&[f64]) -> f64),
    /// `x` of the same unit that many periods away: `(argument * sign)` periods earlier.
    Shift {
        /// 1 for a lag, -1 for a lead.
        sign: i64,
        /// Whether the shifted value is subtracted from the present one.
        difference: bool,
    },
    /// Several columns, in regressors of a formula only.
    Levels,
}

const fn number(
    name: &'static str,
    label: &'static str,
    f: fn(f64) -> f64,
    doc: &'static str,
) -> Function {
    Function {
        name,
        aliases: &[],
        arity: (1, Some(1)),
        label,
        doc,
        kernel: Kernel::Number(f),
    }
}

/// All functions.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "I",
        aliases: &[],
        arity: (1, Some(1)),
        label: "I(expression)",
        doc: "The expression itself, so that arithmetic in a regressor is arithmetic.",
        kernel: Kernel::Identity,
    },
    Function {
        aliases: &["ln"],
        ..number(
            "log",
            "log(x)",
            f64::ln,
            "Natural logarithm; no value at zero or less.",
        )
    },
    number(
        "log10",
        "log10(x)",
        f64::log10,
        "Logarithm to base 10; no value at zero or less.",
    ),
    number(
        "log1p",
        "log1p(x)",
        f64::ln_1p,
        "Natural logarithm of 1 + x; no value at -1 or less.",
    ),
    number(
        "log2",
        "log2(x)",
        f64::log2,
        "Logarithm to base 2; no value at zero or less.",
    ),
    number(
        "exp",
        "exp(x)",
        f64::exp,
        "Exponential; no value where it overflows.",
    ),
    number(
        "sqrt",
        "sqrt(x)",
        f64::sqrt,
        "Square root; no value below zero.",
    ),
    number("abs", "abs(x)", f64::abs, "Absolute value."),
    number(
        "asinh",
        "asinh(x)",
        inverse_hyperbolic_sine,
        "Inverse hyperbolic sine, log(x + sqrt(x^2 + 1)).",
    ),
    Function {
        name: "min",
        aliases: &[],
        arity: (2, None),
        label: "min(x, y, ...)",
        doc: "Smallest of the arguments within the row; missing when one of them is.",
        kernel: Kernel::Numbers(least),
    },
    Function {
        name: "max",
        aliases: &[],
        arity: (2, None),
        label: "max(x, y, ...)",
        doc: "Largest of the arguments within the row; missing when one of them is.",
        kernel: Kernel::Numbers(greatest),
    },
    Function {
        name: "round",
        aliases: &[],
        arity: (1, Some(2)),
        label: "round(x, digits)",
        doc: "Rounded to whole numbers, or to that many decimals; halves go away from zero.",
        kernel: Kernel::Numbers(round),
    },
    Function {
        name: "l",
        aliases: &[],
        arity: (1, Some(2)),
        label: "l(x, 1)",
        doc: "Value of the same unit that many periods earlier by calendar; missing where that period is not in the data. \
              In a formula `l(x, 1:3)` stands for `l(x,1) + l(x,2) + l(x,3)`.",
        kernel: Kernel::Shift {
            sign: 1,
            difference: false,
        },
    },
    Function {
        name: "f",
        aliases: &[],
        arity: (1, Some(2)),
        label: "f(x, 1)",
        doc: "Value of the same unit that many periods later by calendar; missing where that period is not in the data.",
        kernel: Kernel::Shift {
            sign: -1,
            difference: false,
        },
    },
    Function {
        name: "d",
        aliases: &[],
        arity: (1, Some(2)),
        label: "d(x, 1)",
        doc: "The value less that of the same unit that many periods earlier by calendar, x - l(x, 1).",
        kernel: Kernel::Shift {
            sign: 1,
            difference: true,
        },
    },
    Function {
        name: "i",
        aliases: &[],
        arity: (1, Some(2)),
        label: "i(f, ref = \"a\"), i(f, x, ref = \"a\")",
        doc: "An indicator for each level of f but the reference, or x within each level; in regressors only.",
        kernel: Kernel::Levels,
    },
];

/// What people who come from another program write, and what it is called here.
const FOREIGN: &[(&str, &str)] = &[
    ("lag", "l(x, 1)"),
    ("lead", "f(x, 1)"),
    ("diff", "d(x)"),
    ("L", "l(x, 1)"),
    ("F", "f(x, 1)"),
    ("D", "d(x)"),
    ("factor", "i(x)"),
    ("as.factor", "i(x)"),
    ("C", "i(x)"),
    ("is.na", "x is missing"),
    ("missing", "x is missing"),
    ("isnull", "x is missing"),
    ("pow", "x^y"),
    ("power", "x^y"),
    ("lg", "log10(x)"),
    ("floor", "round(x)"),
];

/// The function of that name or alias.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .iter()
        .find(|f| f.name == name || f.aliases.contains(&name))
}

/// What to write instead of a function that does not exist.
pub(crate) fn hint(name: &str) -> String {
    if matches!(name, "sw" | "sw0" | "csw" | "csw0" | "mvsw") {
        return format!("{name}() stands alone between the + signs of a formula");
    }
    if name == "c" {
        return "c(y1, y2) stands alone as the outcome of a formula".to_owned();
    }
    if let Some((_, instead)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        return format!("write {instead}");
    }
    let names = FUNCTIONS
        .iter()
        .flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
    match nearest(name, names.clone(), 1).first() {
        Some(near) => format!("did you mean {near}(...)?"),
        None => format!("the functions are {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// Natural logarithm of x + sqrt(x^2 + 1), without loss of digits for small or overflow for large arguments.
fn inverse_hyperbolic_sine(x: f64) -> f64 {
    let magnitude = x.abs();
    let value = if magnitude > 1e154 {
        magnitude.ln() + std::f64::consts::LN_2
    } else {
        let square = magnitude * magnitude;
        (magnitude + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
    };
    value.copysign(x)
}

fn round(arguments: &[f64]) -> f64 {
    let x = arguments[0];
    let digits = arguments.get(1).copied().unwrap_or(0.0).round();
    // Beyond these a number has no digit, or no value, that rounding could change.
    if digits > 300.0 {
        return x;
    }
    if digits < -308.0 {
        return 0.0;
    }
    if digits < 0.0 {
        let unit = 10f64.powi(-digits as i32);
        return (x / unit).round() * unit;
    }
    let scale = 10f64.powi(digits as i32);
    let scaled = x * scale;
    if scaled.is_finite() {
        scaled.round() / scale
    } else {
        x
    }
}

fn least(arguments: &[f64]) -> f64 {
    arguments.iter().copied().fold(f64::INFINITY, f64::min)
}

fn greatest(arguments: &[f64]) -> f64 {
    arguments.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}
