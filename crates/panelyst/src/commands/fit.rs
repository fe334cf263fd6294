//! `panelyst fit`: estimates a formula.

use clap::{Args, ValueEnum};
use panelyst_model::conventions::CONVENTIONS;
use panelyst_model::covariance::COVARIANCES;
use panelyst_model::estimators::ESTIMATORS;
use panelyst_model::{ConstantRule, Fit, Invalid, Note, PanelColumns, Request, Vcov};
use panelyst_report::builders::{Brackets, RegressionColumn, Style, regression};

use crate::failure::Failure;
use crate::input::{DataArgs, panel_columns};
use crate::language;
use crate::output::{Format, Output};
use crate::split;
use crate::streamed;

/// Rows on which a transform has no value, such as the logarithm of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InvalidRule {
    /// An error that names the first row
    Error,
    /// Losses that are counted
    Drop,
}

impl From<InvalidRule> for Invalid {
    fn from(rule: InvalidRule) -> Self {
        match rule {
            InvalidRule::Error => Self::Error,
            InvalidRule::Drop => Self::Drop,
        }
    }
}

/// The constant of models with effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Constant {
    /// Not reported
    None,
    /// Mean of the outcome less the means of the regressors times their coefficients
    Mean,
    /// That of the regression with time dummies whose first period is left out
    TimeDummies,
}

/// What stands in brackets below a coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InBrackets {
    /// t statistics
    T,
    /// Standard errors
    Se,
    /// p-values
    P,
    /// Nothing
    None,
}

/// Estimate a formula
#[derive(Debug, Args)]
#[command(after_help = registries())]
pub(crate) struct FitArgs {
    #[command(flatten)]
    data: DataArgs,

    /// Formula: y ~ x1 + x2 | effect1 + effect2 | endogenous ~ instruments, the later parts as needed
    #[arg(value_name = "FORMULA", allow_hyphen_values = true)]
    formula: String,

    /// Estimator; if not given pooled without effects, within with them, 2sls with instruments
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,

    /// Unit and time column of the panel
    #[arg(long, value_name = "UNIT,TIME", value_parser = panel_columns)]
    panel: Option<PanelColumns>,

    /// Covariance of the coefficients; iid if not given
    #[arg(long, value_name = "VCOV")]
    vcov: Option<String>,

    /// Whose small-sample rules to follow
    #[arg(long, value_name = "NAME", default_value = "fixest")]
    convention: String,

    /// Column of analytic weights
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,

    /// Rows to keep; lags are taken before
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true)]
    condition: Option<String>,

    /// Estimate once for each value of a variable
    #[arg(long, value_name = "VAR", allow_hyphen_values = true)]
    split: Option<String>,

    /// Memory to stay within, such as 2GB: Parquet files (or a folder of them) that do not fit are streamed
    #[arg(long, value_name = "SIZE", value_parser = streamed::size)]
    memory: Option<u64>,

    /// Rows on which a transform has no value
    #[arg(long, value_enum, default_value_t = InvalidRule::Error)]
    invalid: InvalidRule,

    /// Constant of models with effects
    #[arg(long, value_enum, default_value_t = Constant::None)]
    constant: Constant,

    /// What stands below the coefficients in tables
    #[arg(long, value_enum, default_value_t = InBrackets::T)]
    brackets: InBrackets,
}

/// Estimators, covariances and conventions, for help.
fn registries() -> String {
    let mut text = String::from("Estimators:");
    for row in ESTIMATORS {
        text.push_str(&format!("\n  {:18}{}", row.name, row.label));
    }
    text.push_str("\n\nCovariances:");
    for row in COVARIANCES {
        text.push_str(&format!("\n  {:18}{}", row.name, row.label));
        if !row.needs.is_empty() {
            text.push_str(&format!(" ({})", row.needs));
        }
    }
    text.push_str("\n\nConventions:");
    for row in CONVENTIONS {
        text.push_str(&format!("\n  {:18}{}", row.name, row.label));
    }
    text
}

impl FitArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let request = self.request()?;
        let split = self
            .split
            .as_deref()
            .map(|text| language::list(text, "--split"))
            .transpose()?;
        if let Some(parts) = streamed::parts(&self.data, &request, self.memory)? {
            if self.split.is_some() {
                return Err(Failure::data(
                    "--split is not done on data that are streamed: name the rows with --where, or give more --memory",
                ));
            }
            let fits = streamed::fit(&parts, &request, self.memory)?;
            let fits = fits.into_iter().map(|fit| (String::new(), fit)).collect();
            return self.finish(fits, output);
        }
        let mut columns = request.columns();
        columns.extend(
            split
                .iter()
                .flatten()
                .flat_map(panelyst_lang::Expr::columns),
        );
        let source = self.data.read_columns(columns, output)?;
        let mut fits: Vec<(String, Fit)> = Vec::new();
        match split.as_deref() {
            None => {
                for fit in panelyst_model::fit(&source.batch, &request)? {
                    fits.push((String::new(), fit));
                }
            }
            Some([variable]) => {
                for group in split::groups(&source.batch, variable)? {
                    let part = Request {
                        condition: Some(group.condition(request.condition.as_ref())),
                        ..request.clone()
                    };
                    let found = panelyst_model::fit(&source.batch, &part).map_err(|error| {
                        Failure::from(error).within(&format!("rows with {}", group.label))
                    })?;
                    for mut fit in found {
                        let text = format!("only rows with {}", group.label);
                        fit.notes.insert(0, Note::new("split", text));
                        fits.push((group.label.clone(), fit));
                    }
                }
            }
            Some(_) => return Err(Failure::usage("--split takes one variable")),
        }
        self.finish(fits, output)
    }

    fn finish(&self, mut fits: Vec<(String, Fit)>, output: &Output) -> Result<(), Failure> {
        if self.vcov.is_none() {
            for (_, fit) in &mut fits {
                fit.notes.push(Note::new(
                    "vcov",
                    "no covariance was asked for: standard errors are iid (homoskedastic, no clusters); see --vcov",
                ));
            }
        }
        self.write(&fits, output)
    }

    fn request(&self) -> Result<Request, Failure> {
        let mut request = Request::new(self.data.formula(&self.formula)?);
        request.condition = language::condition(self.condition.as_deref())?;
        request.estimator = match self.model.as_deref() {
            None => None,
            Some(name) => Some(estimator(name)?),
        };
        if let Some(text) = self.vcov.as_deref() {
            request.vcov = Vcov::parse(text)?;
        }
        request.convention = panelyst_model::conventions::by_name(&self.convention)?
            .name
            .to_owned();
        request.panel = self.panel.clone();
        request.weights = self.weights.clone();
        request.invalid = self.invalid.into();
        request.constant = match self.constant {
            Constant::None => ConstantRule::None,
            Constant::Mean => ConstantRule::MeanPreserving,
            Constant::TimeDummies => ConstantRule::TimeDummies,
        };
        Ok(request)
    }

    fn write(&self, fits: &[(String, Fit)], output: &Output) -> Result<(), Failure> {
        if !output.shows_table_notes() {
            let notes = fits.iter().flat_map(|(_, fit)| &fit.notes);
            output.notes(notes.map(|note| note.text.as_str()));
            output.notes(fits.iter().filter_map(|(_, fit)| losses(fit)));
        }
        if output.format == Format::Json {
            let fits: Vec<&Fit> = fits.iter().map(|(_, fit)| fit).collect();
            return output.json(&fits);
        }
        let mut style = Style::new(output.lang());
        style.brackets = match self.brackets {
            InBrackets::T => Brackets::T,
            InBrackets::Se => Brackets::StdError,
            InBrackets::P => Brackets::PValue,
            InBrackets::None => Brackets::None,
        };
        let columns: Vec<RegressionColumn<'_>> = fits
            .iter()
            .map(|(label, fit)| RegressionColumn::new(fit).heading(label.as_str()))
            .collect();
        output.tables(&[regression("fit", "", "", &columns, &style)])
    }
}

/// The rows that a fit did not use, counted by reason.
fn losses(fit: &Fit) -> Option<String> {
    let sample = &fit.sample;
    let reasons: Vec<String> = sample
        .dropped
        .iter()
        .map(|lost| format!("{} ({})", lost.count, lost.reason))
        .collect();
    (!reasons.is_empty()).then(|| {
        format!(
            "{} of {} rows used; left out: {}",
            sample.used,
            sample.rows,
            reasons.join(", ")
        )
    })
}

/// The estimator of that name.
fn estimator(name: &str) -> Result<panelyst_model::Estimator, Failure> {
    ESTIMATORS
        .iter()
        .find(|row| row.name == name)
        .map(|row| row.estimator)
        .ok_or_else(|| {
            let known: Vec<&str> = ESTIMATORS.iter().map(|row| row.name).collect();
            Failure::usage(format!(
                "there is no model named `{name}`; known: {}",
                known.join(", ")
            ))
        })
}
