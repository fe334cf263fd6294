//! Which model do the data ask for: tests of effects, of random against fixed effects, of common slopes.

mod dependence;
mod effects;
mod hausman;
mod models;
mod multiplier;
mod registry;
mod verdict;

#[cfg(test)]
mod tests;

use arrow_array::RecordBatch;
use panelyst_lang::Formula;

pub use dependence::{CrossSectionDependence, cross_section_dependence};
pub use registry::{SPECIFICATION_TESTS, SpecificationTest};
pub use verdict::LEVEL;

use crate::Error;
use crate::design::{Design, design};
use crate::request::{Estimator, Request, Vcov};
use crate::results::TestRow;
use models::Models;

/// The table of specification tests of one formula, in the order of [`SPECIFICATION_TESTS`].
///
/// All tests are of the outcome and the regressors of `formula` with a constant, on one sample: the rows complete in
/// these and in the panel's unit and time, singletons included. Effects in the formula do not matter, except that an
/// effect of the time column adds the forms with period indicators. The covariance, the convention and the estimator
/// of `request` do not matter either: the tests have their own, named in their notes.
///
/// A test that the data do not allow is a row without p-value, with the decision `undefined` and the reason in its note.
/// It has no statistic either, but for one case: where a Hausman formula gives a positive number although the difference of
/// the covariances is not positive definite, the number stands there for comparison with other programs, most of which
/// print it. Decisions are at [`LEVEL`].
///
/// # Errors
/// Those of building the design, weights (none of the tests has a weighted form here), no declared panel, a unit with
/// two rows in a period, no regressor that varies.
pub fn specification_tests(
    batch: &RecordBatch,
    formula: &Formula,
    request: &Request,
) -> Result<Vec<TestRow>, Error> {
    if request.weights.is_some() {
        return Err(Error::Unsupported {
            what: "a weight".to_owned(),
            with: "specification tests".to_owned(),
            advice: "leave the weight out".to_owned(),
        });
    }
    let time_effects = request.panel.as_ref().is_some_and(|panel| {
        formula
            .effects
            .iter()
            .any(|e| e.intercept && e.columns == [panel.time.as_str()])
    });
    let bare = Formula {
        effects: Vec::new(),
        constant: true,
        ..formula.clone()
    };
    // The random-effects estimator is the one that insists on one row for each unit and period.
    let plain = Request {
        estimator: Some(Estimator::Random),
        vcov: Vcov::Iid,
        ..request.clone()
    };
    rows(&design(batch, &bare, &plain)?, time_effects)
}

/// The tests of a design without effects.
fn rows(design: &Design, time_effects: bool) -> Result<Vec<TestRow>, Error> {
    let models = Models::new(design, time_effects)?;
    SPECIFICATION_TESTS
        .iter()
        .filter(|test| models.time_effects || !test.needs_time_effects)
        .map(|test| {
            let verdict = (test.function)(&models)?;
            let p_value = verdict.p_value();
            let decision = match p_value {
                None => "undefined",
                Some(p) if p < LEVEL => "reject",
                Some(_) => "keep",
            };
            let note = match (verdict.defined, verdict.note.as_str()) {
                (true, "") => format!("{} ({})", test.formula, test.citation),
                (true, note) => format!("{} ({}); {note}", test.formula, test.citation),
                (false, note) => note.to_owned(),
            };
            Ok(TestRow {
                test: test.test.to_owned(),
                variant: test.variant.to_owned(),
                null: test.null.to_owned(),
                statistic: verdict.statistic,
                distribution: verdict.law.name().to_owned(),
                df: verdict.df(),
                p_value,
                decision: decision.to_owned(),
                note,
            })
        })
        .collect()
}
