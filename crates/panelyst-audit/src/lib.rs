//! Published tables checked from their numbers alone.
//!
//! A [`Paper`] is typed from a page into a small TOML file ([`read`]): tables as they stand there, and what the text claims. [`audit`]
//! puts every rule of [`RULES`] to it. All arithmetic is on intervals that hold whatever rounds to the printed digits, so
//! that nothing is found that rounding can explain. A [`Finding`] states arithmetic, in English and in Chinese; it judges nobody.

pub mod convert;
mod file;
mod finding;
mod interval;
mod paper;
mod printed;
mod rules;
mod said;

pub use file::read;
pub use finding::{Finding, Severity};
pub use interval::Interval;
pub use paper::{
    Below, Claim, ClaimKind, Column, Described, Description, Errors, Group, Moment, Moments, Paper,
    R2, Regression, Sample, Term, Transform, Variable,
};
pub use printed::{Enclosure, Printed};
pub use rules::{RULES, Rule, audit, summary};
pub use said::Said;
