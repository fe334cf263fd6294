//! Study files: schema, checks, plan, run, ledger and lock file.

pub mod check;
pub mod file;
