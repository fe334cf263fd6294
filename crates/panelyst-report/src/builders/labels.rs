//! Printed names of terms, effects and covariances.

use super::small_samples::covariance_words;
use panelyst_model::{Fit, Kernel, Vcov};

use super::style::Style;
use crate::table::Lang;
use crate::words::{self, list};

impl Style {
    /// The label given for a name, if any.
    fn given(&self, name: &str) -> Option<&str> {
        let pair = self.labels.iter().find(|(key, _)| key == name);
        pair.map(|(_, label)| label.as_str())
    }

    /// How a term, variable or effect is printed: by its own label, else part by part
    /// (`a:b`, `a::level`, `a^b` in effects, `l(x,1)`, `f(x,1)`, `d(x)`), else as typed, without backquotes.
    pub fn label(&self, name: &str) -> String {
        let plain = name.replace('`', "");
        if let Some(label) = self.given(name).or_else(|| self.given(&plain)) {
            return label.to_owned();
        }
        if name == "_cons" {
            return words::CONSTANT.say(self.lang).to_owned();
        }
        if let Some(shifted) = self.shifted(name) {
            return shifted;
        }
        for mark in [':', '^'] {
            let parts: Vec<&str> = split_outside(name, mark);
            let known = parts.iter().any(|part| self.given(part).is_some());
            if parts.len() > 1 && (known || mark == ':') {
                let labels: Vec<String> = parts.iter().map(|part| self.label(part)).collect();
                return labels.join(" × ");
            }
        }
        // Indicators of a level.
        if let Some((variable, level)) = name.split_once("::") {
            return format!("{} = {level}", self.label(variable));
        }
        plain
    }

    /// Lags, leads and differences of a labelled variable.
    fn shifted(&self, name: &str) -> Option<String> {
        let (function, rest) = name.split_once('(')?;
        let inside = rest.strip_suffix(')')?;
        let (variable, steps) = match inside.rsplit_once(',') {
            Some((variable, steps)) => (variable, steps.trim().parse::<i64>().ok()?),
            None => (inside, 1),
        };
        let label = self.given(variable)?;
        Some(match (function, self.lang, steps) {
            ("l", Lang::En, 1) => format!("{label} (lagged)"),
            ("l", Lang::En, _) => format!("{label} (lag {steps})"),
            ("l", Lang::Zh, _) => format!("{label}（滞后{steps}期）"),
            ("f", Lang::En, _) => format!("{label} (lead {steps})"),
            ("f", Lang::Zh, _) => format!("{label}（前置{steps}期）"),
            ("d", Lang::En, _) => format!("{label} (difference)"),
            ("d", Lang::Zh, _) => format!("{label}（差分）"),
            _ => return None,
        })
    }

    /// Row label of an effect: `Region fixed effects`, `地区固定效应`.
    pub(crate) fn effect_label(&self, effect: &str) -> String {
        match self.lang {
            Lang::En => format!("{} fixed effects", words::capital(&self.label(effect))),
            Lang::Zh => format!("{}固定效应", self.label(effect)),
        }
    }
}

/// Splits at a mark outside brackets and backquotes; two colons are no mark.
fn split_outside(name: &str, mark: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    for (place, letter) in name.char_indices() {
        let double =
            letter == ':' && (name[..place].ends_with(':') || name[place + 1..].starts_with(':'));
        match letter {
            '`' => quoted = !quoted,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ if letter == mark && depth == 0 && !quoted && !double => {
                parts.push(&name[start..place]);
                start = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&name[start..]);
    parts
}

/// Cluster variables of a fit with their numbers of clusters, in the order given.
pub(crate) fn clusters(fit: &Fit) -> Vec<(String, u64)> {
    let pairs = fit.vcov.clusters.iter();
    pairs
        .filter_map(|(name, count)| Some((name.clone(), count.as_u64()?)))
        .collect()
}

/// The smallest number of clusters over the cluster variables.
pub(crate) fn fewest_clusters(fit: &Fit) -> Option<u64> {
    clusters(fit).into_iter().map(|(_, count)| count).min()
}

/// The covariance in words: `homoskedastic (iid)`, `clustered by state (48 clusters)`.
pub(crate) fn vcov_words(fit: &Fit, style: &Style) -> String {
    let en = style.lang == Lang::En;
    let kind = fit.vcov.kind.as_str();
    match kind {
        "iid" if en => "homoskedastic (iid)".to_owned(),
        "iid" => "同方差标准误".to_owned(),
        _ if kind.starts_with("cluster:") => {
            let each = cluster_words(fit, style);
            if en {
                format!("clustered by {}", list(&each, style.lang))
            } else {
                format!("按{}聚类的稳健标准误", list(&each, style.lang))
            }
        }
        _ if kind.starts_with("hc") => {
            let name = kind.to_uppercase();
            if en {
                format!("heteroskedasticity-robust ({name})")
            } else {
                format!("异方差稳健标准误（{name}）")
            }
        }
        _ => {
            let name = kind.split(':').next().unwrap_or_default();
            let by = list(&cluster_words(fit, style), style.lang);
            covariance_words(name, &by, style.lang)
                .or_else(|| serial_or_spatial(kind, style.lang))
                .unwrap_or_else(|| kind.to_owned())
        }
    }
}

/// Each cluster variable with its number of clusters.
fn cluster_words(fit: &Fit, style: &Style) -> Vec<String> {
    clusters(fit)
        .into_iter()
        .map(|(name, count)| match style.lang {
            Lang::En => format!("{} ({count} clusters)", style.label(&name)),
            Lang::Zh => format!("{}（{count}个聚类）", style.label(&name)),
        })
        .collect()
}

/// Covariances over periods and places in words.
fn serial_or_spatial(kind: &str, lang: Lang) -> Option<String> {
    Some(match (Vcov::parse(kind).ok()?, lang) {
        (Vcov::NeweyWest(Some(lag)), Lang::En) => {
            format!("Newey-West within units (Bartlett weights, lag {lag})")
        }
        (Vcov::NeweyWest(Some(lag)), Lang::Zh) => {
            format!("个体内Newey-West标准误（Bartlett权重，滞后{lag}期）")
        }
        (Vcov::DriscollKraay(Some(lag)), Lang::En) => {
            format!("Driscoll-Kraay (Bartlett weights, lag {lag})")
        }
        (Vcov::DriscollKraay(Some(lag)), Lang::Zh) => {
            format!("Driscoll-Kraay标准误（Bartlett权重，滞后{lag}期）")
        }
        (Vcov::Conley(conley), lang) => {
            let km = conley.cutoff;
            match (conley.kernel, lang) {
                (Kernel::Uniform, Lang::En) => {
                    format!("spatial (Conley, uniform weights up to {km} km)")
                }
                (Kernel::Bartlett, Lang::En) => {
                    format!("spatial (Conley, Bartlett weights up to {km} km)")
                }
                (Kernel::Uniform, Lang::Zh) => {
                    format!("Conley空间标准误（{km}公里以内等权）")
                }
                (Kernel::Bartlett, Lang::Zh) => {
                    format!("Conley空间标准误（Bartlett权重，{km}公里以内）")
                }
            }
        }
        _ => return None,
    })
}
