//! One model under several conventions.

use crate::conventions::{self, CONVENTIONS, Convention};
use crate::error::Error;
use crate::estimated::Estimated;
use crate::request::Request;
use crate::results::{Fit, Note};
use arrow_array::RecordBatch;
use panelyst_lang::Formula;

/// A model under several conventions, in their order.
#[derive(Clone, Debug)]
pub struct SideBySide {
    /// The results.
    pub fits: Vec<Fit>,
    /// Conventions that give no result, and why.
    pub refused: Vec<(String, String)>,
}

/// An estimation on the sample of one rule for singletons, and its first result.
struct Sample {
    drops: bool,
    estimated: Estimated,
    first: Option<Fit>,
}

impl Sample {
    fn fit(&mut self, asked: &Request) -> Result<Fit, Error> {
        let fit = self.estimated.fit_beside(asked, self.first.as_ref())?;
        if self
            .first
            .as_ref()
            .is_none_or(|known| known.small_samples.is_none())
        {
            self.first = Some(fit.clone());
        }
        Ok(fit)
    }
}

/// The conventions of a list of names: `all`, or names separated by commas, each once.
///
/// # Errors
/// [`Error::UnknownName`] with the names there are.
pub fn named(text: &str) -> Result<Vec<&'static Convention>, Error> {
    if text.trim() == "all" {
        return Ok(CONVENTIONS.iter().collect());
    }
    let mut found: Vec<&'static Convention> = Vec::new();
    for name in text.split(',') {
        let convention = conventions::by_name(name.trim())?;
        if !found.iter().any(|known| known.name == convention.name) {
            found.push(convention);
        }
    }
    Ok(found)
}

/// Estimates a formula once and gives its errors under each convention.
///
/// A convention that keeps singletons where another drops them has another sample: the model is estimated once more for
/// it, which a note says.
///
/// # Errors
/// Those of the estimation; what only some conventions refuse (no degree of freedom left) is told beside the results of
/// the others, and an error where none has a result.
pub fn side_by_side(
    batch: &RecordBatch,
    formula: &Formula,
    request: &Request,
    wanted: &[&'static Convention],
) -> Result<SideBySide, Error> {
    let mut estimated: Vec<Sample> = Vec::new();
    let mut out = SideBySide {
        fits: Vec::new(),
        refused: Vec::new(),
    };
    let mut first_error = None;
    for convention in wanted {
        match under(batch, formula, request, convention, &mut estimated) {
            Ok(fit) => out.fits.push(fit),
            Err(error) => {
                out.refused
                    .push((convention.name.to_owned(), error.to_string()));
                first_error.get_or_insert(error);
            }
        }
    }
    match first_error {
        Some(error) if out.fits.is_empty() => Err(error),
        _ => Ok(out),
    }
}

fn under(
    batch: &RecordBatch,
    formula: &Formula,
    request: &Request,
    convention: &Convention,
    estimated: &mut Vec<Sample>,
) -> Result<Fit, Error> {
    let asked = Request {
        convention: convention.name.to_owned(),
        ..request.clone()
    };
    let drops = convention.drops_singletons;
    let same = estimated.iter().position(|sample| sample.drops == drops);
    if let Some(place) = same {
        let fit = estimated[place].fit(&asked)?;
        return Ok(told(fit, convention, place > 0));
    }
    if let Some(other) = estimated.first_mut() {
        match other.fit(&asked) {
            Err(Error::OtherSample { .. }) => {}
            found => return found,
        }
    }
    let mut own = Sample {
        drops,
        estimated: Estimated::new(batch, formula, &asked)?,
        first: None,
    };
    let fit = own.fit(&asked)?;
    let again = !estimated.is_empty();
    estimated.push(own);
    Ok(told(fit, convention, again))
}

/// A fit with the note that it has another sample than the first.
fn told(mut fit: Fit, convention: &Convention, again: bool) -> Fit {
    if again {
        let (does, first) = if convention.drops_singletons {
            ("drops", "keeps")
        } else {
            ("keeps", "drops")
        };
        fit.notes.push(Note::new(
            "sample",
            format!(
                "{} {does} singletons, which the first convention {first}: estimated again on {} rows",
                convention.name, fit.sample.used
            ),
        ));
    }
    fit
}
