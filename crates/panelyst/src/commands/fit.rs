//! `panelyst fit`: estimates a formula.

use arrow_array::RecordBatch;
use clap::{Args, ValueEnum};
use panelyst::split;
use panelyst_model::conventions::{CONVENTIONS, Convention};
use panelyst_model::covariance::COVARIANCES;
use panelyst_model::estimators::ESTIMATORS;
use panelyst_model::{
    ConstantRule, Fit, Invalid, Note, PanelColumns, Request, SmallSampleRule, Vcov,
};
use panelyst_report::Lang;
use panelyst_report::builders::{
    Brackets, Flip, RegressionColumn, Style, conventions, flips, loss_words, note_words, regression,
};
use serde::Serialize;

use crate::failure::Failure;
use crate::input::{DataArgs, panel_columns};
use crate::language;
use crate::output::{Format, Output};
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

/// Jackknife and wild bootstrap beside errors with few clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SmallSamples {
    /// In JSON, with fewer than 50 clusters and at most 100000 observations; a note where tests disagree
    Auto,
    /// The same, and p-values in tables
    Table,
    /// In JSON and tables whatever the numbers
    Always,
    /// Not computed
    Never,
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

    /// Whose small-sample rules to follow; `all`, or several separated by commas, sets them side by side
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

    /// With clusters of one variable: CRV3 and wild bootstrap p-values, effective clusters, leverage, leave-one-cluster-out range
    #[arg(long, value_enum, default_value_t = SmallSamples::Auto)]
    small_samples: SmallSamples,
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
        let several = panelyst_model::side_by_side::named(&self.convention)?;
        if let Some(parts) = streamed::parts(&self.data, &request, self.memory)? {
            if self.split.is_some() {
                return Err(Failure::data(
                    "--split is not done on data that are streamed: name the rows with --where, or give more --memory",
                ));
            }
            if several.len() > 1 {
                return Err(Failure::data(
                    "conventions are not set side by side on data that are streamed: name one, or give more --memory",
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
        if several.len() > 1 {
            let parts = self.parts(&request, split.as_deref(), &source.batch)?;
            return self.side_by_side(&parts, &several, &source.batch, output);
        }
        let mut fits: Vec<(String, Fit)> = Vec::new();
        for (label, part) in self.parts(&request, split.as_deref(), &source.batch)? {
            let found = panelyst_model::fit(&source.batch, &part);
            for mut fit in found.map_err(|error| within(error, &label))? {
                if !label.is_empty() {
                    fit.notes.insert(0, split::note(&label));
                }
                fits.push((label.clone(), fit));
            }
        }
        self.finish(fits, output)
    }

    /// The request for each group of rows with its name; one without a name where the data are not split.
    fn parts(
        &self,
        request: &Request,
        split: Option<&[panelyst_lang::Expr]>,
        batch: &RecordBatch,
    ) -> Result<Vec<(String, Request)>, Failure> {
        match split {
            None => Ok(vec![(String::new(), request.clone())]),
            Some([variable]) => Ok(split::by_group(request, variable, batch, "--split")?),
            Some(_) => Err(Failure::usage("--split takes one variable")),
        }
    }

    /// Every formula in every group under several conventions.
    fn side_by_side(
        &self,
        parts: &[(String, Request)],
        wanted: &[&'static Convention],
        batch: &RecordBatch,
        output: &Output,
    ) -> Result<(), Failure> {
        let style = self.style(output);
        let mut all: Vec<(String, Vec<Fit>)> = Vec::new();
        for (label, part) in parts {
            for formula in &part.formulas {
                let found = panelyst_model::side_by_side(batch, formula, part, wanted);
                let mut found = found.map_err(|error| within(error, label))?;
                let refused = found.refused.iter();
                let lang = output.lang();
                output.notes(refused.map(|(name, why)| match lang {
                    Lang::En => format!("no result under {name}: {why}"),
                    Lang::Zh => format!("{name}惯例下无结果：{why}"),
                }));
                for fit in &mut found.fits {
                    if !label.is_empty() {
                        fit.notes.insert(0, split::note(label));
                    }
                    self.say_iid(fit);
                }
                all.push((label.clone(), found.fits));
            }
        }
        // What few clusters say differs between conventions by the p-value as printed alone, which the table shows.
        let told = all.iter().map(|(_, fits)| {
            let mut list: Vec<Fit> = fits.clone();
            for fit in list.iter_mut().skip(1) {
                fit.notes.retain(|note| note.kind != "small-samples");
            }
            list
        });
        let told: Vec<Vec<Fit>> = told.collect();
        self.tell(told.iter().flatten(), output);
        if output.format == Format::Json {
            let mut objects = Vec::new();
            for (_, fits) in &all {
                let views: Vec<&Fit> = fits.iter().collect();
                let found = flips(&views, &style);
                for fit in fits {
                    let own = |flip: &&Flip| flip.convention == fit.vcov.convention;
                    objects.push(UnderConvention {
                        fit,
                        flips: found.iter().filter(own).cloned().collect(),
                    });
                }
            }
            return output.json(&objects);
        }
        let mut tables = Vec::new();
        for (label, fits) in &all {
            let views: Vec<&Fit> = fits.iter().collect();
            tables.extend(conventions("conventions", "", label, &views, &style));
        }
        output.tables(&tables)
    }

    /// Says that errors are iid where no covariance was asked for.
    fn say_iid(&self, fit: &mut Fit) {
        if self.vcov.is_none() {
            fit.notes
                .push(Note::new("vcov", panelyst::UNASKED).about(["unasked"]));
        }
    }

    fn finish(&self, mut fits: Vec<(String, Fit)>, output: &Output) -> Result<(), Failure> {
        fits.iter_mut().for_each(|(_, fit)| self.say_iid(fit));
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
        if let Some(first) = panelyst_model::side_by_side::named(&self.convention)?.first() {
            first.name.clone_into(&mut request.convention);
        }
        request.panel = self.panel.clone();
        request.weights = self.weights.clone();
        request.invalid = self.invalid.into();
        request.small_samples = match self.small_samples {
            SmallSamples::Auto | SmallSamples::Table => SmallSampleRule::Auto,
            SmallSamples::Always => SmallSampleRule::Always,
            SmallSamples::Never => SmallSampleRule::Never,
        };
        request.constant = match self.constant {
            Constant::None => ConstantRule::None,
            Constant::Mean => ConstantRule::MeanPreserving,
            Constant::TimeDummies => ConstantRule::TimeDummies,
        };
        Ok(request)
    }

    /// Notes and losses to standard error, unless they stand below the table at a terminal.
    fn tell<'a>(&self, fits: impl Iterator<Item = &'a Fit> + Clone, output: &Output) {
        if !output.shows_table_notes() {
            let lang = output.lang();
            let notes = fits.clone().flat_map(|fit| {
                fit.notes
                    .iter()
                    .map(move |note| note_words(note, fit, lang))
            });
            output.notes(notes);
            output.notes(fits.filter_map(|fit| losses(fit, lang)));
        }
    }

    fn style(&self, output: &Output) -> Style {
        let mut style = Style::new(output.lang());
        style.small_samples = matches!(
            self.small_samples,
            SmallSamples::Table | SmallSamples::Always
        );
        style.brackets = match self.brackets {
            InBrackets::T => Brackets::T,
            InBrackets::Se => Brackets::StdError,
            InBrackets::P => Brackets::PValue,
            InBrackets::None => Brackets::None,
        };
        style
    }

    fn write(&self, fits: &[(String, Fit)], output: &Output) -> Result<(), Failure> {
        self.tell(fits.iter().map(|(_, fit)| fit), output);
        if output.format == Format::Json {
            let fits: Vec<&Fit> = fits.iter().map(|(_, fit)| fit).collect();
            return output.json(&fits);
        }
        let style = self.style(output);
        let columns: Vec<RegressionColumn<'_>> = fits
            .iter()
            .map(|(label, fit)| RegressionColumn::new(fit).heading(label.as_str()))
            .collect();
        output.tables(&[regression("fit", "", "", &columns, &style)])
    }
}

/// A result with what changes from the first convention to its own.
#[derive(Serialize)]
struct UnderConvention<'a> {
    #[serde(flatten)]
    fit: &'a Fit,
    flips: Vec<Flip>,
}

/// An error of a model, with the group of rows where there is one.
fn within(error: panelyst_model::Error, label: &str) -> Failure {
    let failure = Failure::from(error);
    if label.is_empty() {
        failure
    } else {
        failure.within(&format!("rows with {label}"))
    }
}

/// The rows that a fit did not use, counted by reason.
fn losses(fit: &Fit, lang: Lang) -> Option<String> {
    let sample = &fit.sample;
    let reasons: Vec<String> = sample
        .dropped
        .iter()
        .map(|lost| match lang {
            Lang::En => format!("{} ({})", lost.count, lost.reason),
            Lang::Zh => loss_words(&lost.reason, lost.count, &Style::new(lang)),
        })
        .collect();
    (!reasons.is_empty()).then(|| match lang {
        Lang::En => format!(
            "{} of {} rows used; left out: {}",
            sample.used,
            sample.rows,
            reasons.join(", ")
        ),
        Lang::Zh => format!(
            "使用{}行（共{}行），剔除：{}",
            sample.used,
            sample.rows,
            reasons.join("，")
        ),
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
            let unknown = panelyst_model::Error::UnknownName {
                what: "model",
                name: name.to_owned(),
                known: known.join(", "),
            };
            Failure::usage(unknown.to_string())
        })
}
