//! The commands, one file each.

mod audit;
mod check;
mod describe;
mod fit;
mod index;
mod new;
mod run;
mod schema;
mod serve;
mod study;
mod test;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::RunArgs),
    Check(check::CheckArgs),
    Serve(serve::ServeArgs),
    New(new::NewArgs),
    Describe(describe::DescribeArgs),
    Fit(fit::FitArgs),
    Test(test::TestArgs),
    Index(index::IndexArgs),
    Audit(audit::AuditArgs),
    Schema(schema::SchemaArgs),
}

impl Command {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Run(args) => args.run(output),
            Self::Check(args) => args.run(output),
            Self::Serve(args) => args.run(output),
            Self::New(args) => args.run(output),
            Self::Describe(args) => args.run(output),
            Self::Fit(args) => args.run(output),
            Self::Test(args) => args.run(output),
            Self::Index(args) => args.run(output),
            Self::Audit(args) => args.run(output),
            Self::Schema(args) => args.run(output),
        }
    }
}
