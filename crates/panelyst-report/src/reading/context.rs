//! Shared words of all parts: names, numbers, significance.

use panelyst_model::Fit;
use panelyst_model::results::Coefficient;

use super::input::{ReadingInput, Scale, Sign};
use crate::builders::{Style, p_words, plain};
use crate::numbers;
use crate::table::Lang;
use crate::words::{columns, list};

/// The study, the language, and the style in that language.
pub(super) struct Context<'a> {
    pub study: &'a ReadingInput<'a>,
    pub lang: Lang,
    pub style: Style,
}

/// The quantity behind a term.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantity {
    pub words: String,
    pub unit: String,
    pub scale: Scale,
}

impl<'a> Context<'a> {
    pub fn new(study: &'a ReadingInput<'a>, lang: Lang) -> Self {
        let mut style = study.style.clone();
        style.lang = lang;
        Self { study, lang, style }
    }

    /// One of two texts.
    pub fn pick<T>(&self, en: T, zh: T) -> T {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// Sentences to one paragraph.
    pub fn paragraph(&self, sentences: impl IntoIterator<Item = String>) -> String {
        let sentences: Vec<String> = sentences.into_iter().collect();
        sentences.join(self.pick(" ", ""))
    }

    /// A term, variable or effect as printed in tables.
    pub fn label(&self, name: &str) -> String {
        self.style.label(name)
    }

    /// A list of names in a sentence.
    pub fn labels<S: AsRef<str>>(&self, names: &[S]) -> String {
        let labels: Vec<String> = names.iter().map(|name| self.label(name.as_ref())).collect();
        list(&labels, self.lang)
    }

    /// A column of the baseline table in a sentence.
    pub fn column(&self, place: usize) -> String {
        columns(&[place], self.lang)
    }

    /// A coefficient as in the tables.
    pub fn number(&self, value: f64) -> String {
        numbers::text(value, self.style.digits)
    }

    /// A level as a percentage: `5%`.
    pub fn level(&self, level: f64) -> String {
        format!("{}%", plain(level * 100.0))
    }

    /// Statistic and p-value: `t = 2.68, p = 0.012`.
    pub fn evidence(&self, fit: &Fit, coefficient: &Coefficient) -> String {
        if coefficient.p_value.is_nan() {
            return self.pick("no standard error", "没有标准误").to_owned();
        }
        let letter = if fit.df_test.is_some() { "t" } else { "z" };
        let statistic = numbers::text(coefficient.statistic, self.style.bracket_digits);
        let comma = self.pick(", ", "，");
        format!(
            "{letter} = {statistic}{comma}{}",
            p_words(coefficient.p_value)
        )
    }

    /// `significant at the 1% level` or `not significant at the 5% level`; `not testable` without an error.
    pub fn significance(&self, coefficient: &Coefficient) -> String {
        if coefficient.p_value.is_nan() {
            return self.pick("not testable", "无法检验显著性").to_owned();
        }
        match self.style.level_of(coefficient.p_value) {
            Some(level) => {
                let level = self.level(level);
                self.pick(
                    format!("significant at the {level} level"),
                    format!("在{level}水平上显著"),
                )
            }
            None => self.insignificant(),
        }
    }

    /// `not significant at the 5% level`.
    pub fn insignificant(&self) -> String {
        let level = self.level(self.style.lenient());
        self.pick(
            format!("not significant at the {level} level"),
            format!("在{level}水平上不显著"),
        )
    }

    /// Sign and significance together: `positive and significant at the 1% level`, `在1%水平上显著为正`.
    pub fn standing(&self, coefficient: &Coefficient) -> String {
        let sign = self.sign(Sign::of(coefficient.estimate));
        let significance = self.significance(coefficient);
        match (self.lang, self.significant(coefficient)) {
            (Lang::En, true) => format!("{sign} and {significance}"),
            (Lang::En, false) => format!("{sign} but {significance}"),
            (Lang::Zh, true) => format!("{significance}{sign}"),
            (Lang::Zh, false) => format!("符号{sign}，但{significance}"),
        }
    }

    /// Whether a coefficient reaches the most lenient level.
    pub fn significant(&self, coefficient: &Coefficient) -> bool {
        coefficient.p_value < self.style.lenient()
    }

    /// `positive` or `negative`.
    pub fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Positive => self.pick("positive", "为正"),
            Sign::Negative => self.pick("negative", "为负"),
        }
    }

    /// The main result: the last baseline column with the coefficient of interest, and its place.
    pub fn main(&self) -> Option<(usize, &'a Fit, &'a Coefficient)> {
        let place = self.study.baseline.len().checked_sub(1)?;
        let fit = self.study.baseline[place].fit;
        let coefficient = fit.coefficient(&self.study.core)?;
        coefficient
            .estimate
            .is_finite()
            .then_some((place, fit, coefficient))
    }

    /// `Table 3` or what stands in its place where the table has no name.
    pub fn table(&self, name: &str) -> String {
        if name.is_empty() {
            self.pick("The table", "下表").to_owned()
        } else {
            name.to_owned()
        }
    }

    /// The quantity behind a term: a declared variable, or a logarithm or lag of one typed in the formula.
    pub fn quantity(&self, term: &str) -> Option<Quantity> {
        if let Some(variable) = self.study.variables.iter().find(|known| known.name == term) {
            let words = if variable.quantity.is_empty() {
                &variable.label
            } else {
                &variable.quantity
            };
            return Some(Quantity {
                words: words.clone(),
                unit: variable.unit.clone(),
                scale: variable.scale,
            });
        }
        let (function, rest) = term.split_once('(')?;
        let inside = rest.strip_suffix(')')?;
        match function {
            "log10" | "log" | "ln" => {
                let quantity = self.quantity(inside)?;
                let scale = if function == "log10" {
                    Scale::Log10
                } else {
                    Scale::Ln
                };
                matches!(quantity.scale, Scale::Level | Scale::Ratio)
                    .then_some(Quantity { scale, ..quantity })
            }
            "l" => {
                let (variable, steps) = inside.rsplit_once(',').unwrap_or((inside, "1"));
                let quantity = self.quantity(variable)?;
                let words = match self.lang {
                    Lang::En => format!("{} ({} earlier)", quantity.words, periods(steps)),
                    Lang::Zh => format!("滞后{steps}期的{}", quantity.words),
                };
                Some(Quantity { words, ..quantity })
            }
            _ => None,
        }
    }
}

fn periods(steps: &str) -> String {
    if steps == "1" {
        "one period".to_owned()
    } else {
        format!("{steps} periods")
    }
}
