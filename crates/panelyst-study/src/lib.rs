//! Study files: schema, checks, plan, run, ledger and lock file.
