//! Study files: schema, checks, plan, run, ledger and lock file.
//!
//! A study file says where the tables are, how the variables are built, which models are run and which tables are
//! printed. [`run::run`] does all of it; [`run::check`] reports every mistake first.

pub mod check;
mod error;
pub mod file;
pub mod lock;
pub mod output;
pub mod pitfalls;
pub mod plan;
pub mod run;
pub mod scaffold;
mod schema;
pub mod steps;

pub use check::Mistakes;
pub use error::Error;
pub use plan::{Overrides, Study};
pub use run::{Finished, Options, Stop, check, run};
pub use scaffold::scaffold;
pub use schema::schema;
