//! Regression tables of several results.

use crate::failure::Failure;
use crate::model::{Core, choice};
use panelyst::model::Fit;
use panelyst::report::builders::{Brackets, RegressionColumn, Style, regression};
use panelyst::report::{Lang, RenderOptions, TextFormat};
use pyo3::prelude::*;

/// A table of results side by side as the command line prints it.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub(crate) fn etable(
    py: Python<'_>,
    fits: Vec<PyRef<'_, Core>>,
    format: &str,
    lang: &str,
    brackets: &str,
    stars: Option<Vec<f64>>,
    labels: Vec<(String, String)>,
    headings: Vec<String>,
    width: usize,
) -> PyResult<String> {
    if fits.is_empty() {
        return Err(Failure::Usage("a table needs at least one result".to_owned()).into());
    }
    if !headings.is_empty() && headings.len() != fits.len() {
        return Err(Failure::Usage(format!(
            "{} headings for {} results; give one for each",
            headings.len(),
            fits.len()
        ))
        .into());
    }
    let mut style = Style::new(language(lang)?);
    style.brackets = match brackets {
        "t" => Brackets::T,
        "se" => Brackets::StdError,
        "p" => Brackets::PValue,
        "none" => Brackets::None,
        other => return Err(choice("brackets", other, "t, se, p, none").into()),
    };
    if let Some(stars) = stars {
        let falling = stars.windows(2).all(|pair| pair[0] > pair[1]);
        let inside = stars.iter().all(|level| *level > 0.0 && *level < 1.0);
        if stars.len() > 3 || !falling || !inside {
            return Err(Failure::Usage(
                "stars are at most three levels between 0 and 1, from lenient to strict, as in [0.1, 0.05, 0.01]"
                    .to_owned(),
            )
            .into());
        }
        style.stars = stars;
    }
    style.labels = labels;
    let format = text_format(format)?;
    let fits: Vec<&Fit> = fits
        .iter()
        .map(|core| core.whole(py))
        .collect::<PyResult<_>>()?;
    let columns: Vec<RegressionColumn<'_>> = fits
        .iter()
        .enumerate()
        .map(|(place, fit)| {
            let heading = headings.get(place).map_or("", String::as_str);
            RegressionColumn::new(fit).heading(heading)
        })
        .collect();
    let table = regression("etable", "", "", &columns, &style);
    let options = RenderOptions {
        width: Some(width.max(40)),
        ..RenderOptions::default()
    };
    Ok(panelyst::report::render_many(&[table], format, &options))
}

/// The language of a name.
pub(crate) fn language(name: &str) -> Result<Lang, Failure> {
    match name {
        "en" => Ok(Lang::En),
        "zh" => Ok(Lang::Zh),
        other => Err(choice("lang", other, "en, zh")),
    }
}

/// The text format of a name.
fn text_format(name: &str) -> Result<TextFormat, Failure> {
    match name {
        "text" => Ok(TextFormat::Text),
        "markdown" => Ok(TextFormat::Markdown),
        "latex" => Ok(TextFormat::Latex),
        "html" => Ok(TextFormat::Html),
        "csv" => Ok(TextFormat::Csv),
        other => Err(choice("format", other, "text, markdown, latex, html, csv")),
    }
}
