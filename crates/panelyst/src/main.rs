//! The command line.

mod commands;
mod failure;
mod findings;
mod input;
mod language;
mod output;
mod signals;
mod streamed;
mod table;

use std::process::ExitCode;

use clap::Parser;

use failure::Failure;
use output::Output;

/// Raw statistical tables to a paper's tables.
#[derive(Debug, Parser)]
#[command(name = "panelyst", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    output: output::OutputArgs,

    /// Threads for reading and estimating; all cores without it. Results do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.output);
    let done = set_threads(cli.threads).and_then(|()| cli.command.run(&output));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn set_threads(threads: Option<u16>) -> Result<(), Failure> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .map_err(|error| Failure::data(format!("cannot start {threads} threads: {error}")))
}
