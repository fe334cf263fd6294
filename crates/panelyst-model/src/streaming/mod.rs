//! Least squares on data larger than memory: the rows are only ever scanned.
//!
//! A first scan sums every column by the levels of every effect, and their cross-products; the normal equations of the
//! effects are solved in the space of the levels; a second scan subtracts the effects, sums the cross-products of what is
//! left, checks that it is orthogonal to every level (and goes round once more where it is not), and sums scores for
//! robust and clustered covariances (Frisch and Waugh 1933; Lovell 1963). Between the scans only the codes of levels are
//! held, packed, or spilled to an unnamed temporary file where they exceed the memory given; while the normal equations are
//! solved, once more in the order of the eliminated effect's levels where memory allows.
//!
//! Scans are cut into lanes, contiguous ranges of the source whose number depends on the memory given and never on the
//! threads; sums are combined in the order of the lanes. So results are the same bits at any number of threads.

mod absorb;
mod apply;
mod batch;
mod covariance;
mod keys;
mod lanes;
mod levels;
mod plan;
mod regression;
mod residuals;
mod results;
mod sorted;
mod store;
mod width;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::Error;
use crate::request::Request;
use crate::results::{Fit, Note};

pub use lanes::Progress;

/// Rows that can be scanned again and again, in parts that can be read side by side.
pub trait BatchSource: Sync {
    /// Names and types of the columns: numbers, whole numbers, text or truth values, missing values as nulls.
    fn schema(&self) -> SchemaRef;

    /// Number of parts.
    fn parts(&self) -> usize;

    /// Rows of a part.
    fn rows(&self, part: usize) -> usize;

    /// The smallest and the largest value of a column of whole numbers, where they are known without a scan.
    fn range(&self, column: &str) -> Option<(i64, i64)>;

    /// Reads some columns of a part, piece by piece and in order.
    ///
    /// # Errors
    /// What `visit` says, or [`Error::Source`] when the part cannot be read to its end.
    fn scan(
        &self,
        part: usize,
        columns: &[String],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error>;
}

/// What a streamed estimation may use, and whom it tells how far it is.
pub struct Limits<'a> {
    /// Bytes of memory.
    pub memory: u64,
    /// Told about every piece of a scan; a scan stops where it says no.
    pub progress: &'a (dyn Fn(Progress) -> bool + Sync),
}

/// Estimates every formula of a request on rows that are scanned.
///
/// Pooled and within models with any number of effects, weights, a condition, and `iid`, `hc0`, `hc1` or clustered
/// errors.
///
/// # Errors
/// Those of [`crate::fit()`]; [`Error::NotStreamed`] for what scans do not do; [`Error::Memory`] when the sums of the levels
/// alone do not fit; [`Error::Source`].
pub fn fit_streamed(
    source: &dyn BatchSource,
    request: &Request,
    limits: &Limits<'_>,
) -> Result<Vec<Fit>, Error> {
    request
        .formulas
        .iter()
        .map(|formula| {
            let plan = plan::Plan::new(source, formula, request)?;
            fit_plan(source, &plan, request, limits)
        })
        .collect()
}

fn fit_plan(
    source: &dyn BatchSource,
    plan: &plan::Plan<'_>,
    request: &Request,
    limits: &Limits<'_>,
) -> Result<Fit, Error> {
    let mut scans = lanes::Scans::new(source, limits);
    let keys = keys::Groupings::new(plan, &mut scans)?;
    scans.set_lanes(plan, &keys)?;
    let gathered = levels::gather(plan, keys, &mut scans)?;
    let absorbed = absorb::solve(plan, &gathered, &scans)?;
    let (absorbed, applied) = apply::apply(plan, &gathered, absorbed, &mut scans)?;
    let mut notes = gathered.notes.clone();
    notes.push(
        Note::new(
            "streamed",
            format!(
                "the data were streamed in {} scan{}; codes of levels were kept {}",
                scans.done,
                if scans.done == 1 { "" } else { "s" },
                gathered.store.whereabouts()
            ),
        )
        .about([scans.done.to_string()]),
    );
    results::fit(plan, request, &gathered, &absorbed, &applied, notes)
}
