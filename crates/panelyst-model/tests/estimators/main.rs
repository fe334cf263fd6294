//! Estimators, covariances and conventions against reference numbers, identities and certified values.
#![allow(clippy::unwrap_used, clippy::excessive_precision)]

mod added_variable;
mod canonical;
mod certified;
mod constants;
mod conventions;
mod covariances;
mod data;
mod determinism;
mod forms;
mod instruments;
mod later;
mod likelihood;
mod messages;
mod metamorphic;
mod oracle;
mod reference;
mod shared;
mod side_by_side;
mod small_samples;
mod tails;
mod tiled;
