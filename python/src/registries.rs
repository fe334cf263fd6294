//! The rows of the registries: docstrings and type stubs of the package are made from them.

use panelyst::data::indices::INDICES;
use panelyst::model::conventions::CONVENTIONS;
use panelyst::model::covariance::COVARIANCES;
use panelyst::model::estimators::ESTIMATORS;
use panelyst::model::specification::SPECIFICATION_TESTS;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Name, how it is written, label, and formula with source, of each row of a registry.
type Rows = Vec<(&'static str, String, &'static str, String)>;

/// Version of the engine.
#[pyfunction]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// All registries by name: `models`, `covariances`, `conventions`, `indices`, `tests`.
#[pyfunction]
pub(crate) fn registries(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let all = PyDict::new(py);
    let models: Rows = ESTIMATORS
        .iter()
        .map(|row| (row.name, row.name.to_owned(), row.label, row.doc.to_owned()))
        .collect();
    all.set_item("models", models)?;
    let covariances: Rows = COVARIANCES
        .iter()
        .map(|row| {
            let form = match row.needs {
                "" => row.name.to_owned(),
                needs => format!("{}:{needs}", row.name),
            };
            (row.name, form, row.label, row.doc.to_owned())
        })
        .collect();
    all.set_item("covariances", covariances)?;
    let conventions: Rows = CONVENTIONS
        .iter()
        .map(|row| (row.name, row.name.to_owned(), row.label, row.doc.to_owned()))
        .collect();
    all.set_item("conventions", conventions)?;
    let indices: Rows = INDICES
        .iter()
        .map(|row| {
            let doc = format!("{}. {}", row.formula, row.citation);
            (row.name, row.name.to_owned(), row.label, doc)
        })
        .collect();
    all.set_item("indices", indices)?;
    let tests: Rows = SPECIFICATION_TESTS
        .iter()
        .map(|row| {
            let form = format!("{} {}", row.test, row.variant);
            let doc = format!("H0: {}. {}. {}", row.null, row.formula, row.citation);
            (row.test, form.trim().to_owned(), row.label, doc)
        })
        .collect();
    all.set_item("tests", tests)?;
    Ok(all)
}
