//! The Python package: models on the columns of data frames, results as objects.
//!
//! Python code in `panelyst/` gives the objects their methods; here is what needs the engine. Columns come in through the
//! Arrow C interface without being copied, work is done with the interpreter's lock released, and whatever goes wrong
//! becomes a Python exception.

mod commands;
mod data;
mod failure;
mod levels;
mod matrix;
mod model;
mod registries;
mod tables;
mod work;

use pyo3::prelude::*;

/// What the engine gives to the package.
#[pymodule]
mod _panelyst {
    #[pymodule_export]
    use super::commands::{audit, describe, index, run, specification_tests};
    #[pymodule_export]
    use super::data::Data;
    #[pymodule_export]
    use super::model::{Core, columns, estimate};
    #[pymodule_export]
    use super::registries::{registries, version};
    #[pymodule_export]
    use super::tables::etable;
    #[pymodule_export]
    use super::work::set_threads;
}
