//! Both groups in one regression, every regressor and every effect interacted with the group.

use panelyst_absorb::Effect;
use panelyst_absorb::codes::combine;
use panelyst_absorb::singletons::singleton_rows;

use super::{INTERACTION, Pair, distinct};
use crate::design::Design;
use crate::distributions::normal_two_sided;
use crate::distributions::t_two_sided;
use crate::fit::fit_design;
use crate::results::{Fit, GroupDifference};
use crate::{Error, conventions};

/// The difference of each term with its t test.
///
/// # Errors
/// An unknown convention; what the data do not allow is a row without a p-value.
pub(super) fn test(pair: &Pair<'_>, terms: &[usize]) -> Result<Vec<GroupDifference>, Error> {
    if let Some(group) = (0..2).find(|&g| pair.clusters[g] < 2) {
        let reason = format!("{} has fewer than two clusters", pair.names[group]);
        return Ok(pair.undefined(terms, INTERACTION, &reason));
    }
    // The scores of a group sum to zero: over one cluster they say nothing, whatever rounding leaves of them.
    if let [cluster] = pair.design.clusters.as_slice()
        && let Some(group) = [0, 1]
            .into_iter()
            .find(|&g| distinct(&cluster.codes, &pair.second, g) < 2)
    {
        let name = &pair.names[group as usize];
        let reason = format!("{name} has fewer than two clusters of {}", cluster.name);
        return Ok(pair.undefined(terms, INTERACTION, &reason));
    }
    let design = interacted(pair)?;
    let fit = match fit_design(&design, pair.request) {
        Ok(fit) => fit,
        Err(error @ (Error::UnknownName { .. } | Error::Length { .. } | Error::Absorb(_))) => {
            return Err(error);
        }
        Err(error) => return Ok(pair.undefined(terms, INTERACTION, &error.to_string())),
    };
    Ok(terms.iter().map(|&term| row(pair, &fit, term)).collect())
}

fn row(pair: &Pair<'_>, fit: &Fit, term: usize) -> GroupDifference {
    let k = fit.coefficients.len();
    let blank = pair.blank(term, INTERACTION);
    let places = [0, 1].map(|group| {
        let name = name(group, term);
        fit.coefficients.iter().position(|c| c.term == name)
    });
    let [Some(first), Some(second)] = places else {
        return GroupDifference {
            note: pair.not_identified(term, |group| places[group].is_some()),
            ..blank
        };
    };
    let estimates = [first, second].map(|at| fit.coefficients[at].estimate);
    let difference = estimates[0] - estimates[1];
    let v = |a: usize, b: usize| fit.covariance[a * k + b];
    let variance = v(first, first) + v(second, second) - 2.0 * v(first, second);
    // Rounding of the sums, not information.
    if variance <= 1e-14 * (v(first, first) + v(second, second)) {
        return GroupDifference {
            estimates,
            difference,
            note: "undefined: the variance of the difference is zero".to_owned(),
            ..blank
        };
    }
    let std_error = variance.sqrt();
    let statistic = difference / std_error;
    let p_value = match fit.df_test {
        Some(df) => t_two_sided(statistic, df),
        None => normal_two_sided(statistic),
    };
    let mut note = format!(
        "covariance {} of the pooled regression, {} convention",
        fit.vcov.kind, fit.vcov.convention
    );
    if let Some(caution) = pair.caution() {
        note = format!("{note}; {caution}");
    }
    GroupDifference {
        estimates,
        difference,
        std_error: Some(std_error),
        statistic: Some(statistic),
        df: fit.df_test,
        p_value: Some(p_value),
        note,
        ..blank
    }
}

/// Name of a regressor in a group, one that no formula can give.
fn name(group: usize, term: usize) -> String {
    format!("{group}:{term}")
}

/// The pooled regression, without the singletons of either group where the convention drops them.
fn interacted(pair: &Pair<'_>) -> Result<Design, Error> {
    let mut design = pair.design.clone();
    design.effects = effects(&design.effects, &pair.second)?;
    let mut second = pair.second.clone();
    let convention = conventions::by_name(&pair.request.convention)?;
    let codes: Vec<&[u32]> = design
        .effects
        .iter()
        .filter(|(_, effect)| effect.intercept)
        .map(|(_, effect)| &effect.codes[..])
        .collect();
    if convention.drops_singletons && !codes.is_empty() {
        let found = singleton_rows(&codes)?;
        if found.removed > 0 {
            let keep: Vec<usize> = (0..design.n()).filter(|&row| found.kept[row]).collect();
            second = keep.iter().map(|&row| second[row]).collect();
            design = design.select(&keep)?;
        }
    }
    let mut x = Vec::with_capacity(2 * design.x.len() + 1);
    let mut names = Vec::with_capacity(2 * design.x.len() + 1);
    for group in 0..2u32 {
        for (term, column) in design.x.iter().enumerate() {
            names.push(name(group as usize, term));
            x.push(
                column
                    .iter()
                    .zip(&second)
                    .map(|(v, s)| if *s == group { *v } else { 0.0 })
                    .collect(),
            );
        }
    }
    if design.effects.is_empty() && design.constant {
        names.push("group".to_owned());
        x.push(second.iter().map(|s| f64::from(*s)).collect());
    }
    design.x = x;
    design.names = names;
    Ok(design)
}

/// Each effect with levels of its own in each group.
fn effects(effects: &[(String, Effect)], second: &[u32]) -> Result<Vec<(String, Effect)>, Error> {
    effects
        .iter()
        .map(|(name, effect)| {
            let (codes, levels) = combine(&[&effect.codes[..], second])?;
            Ok((
                name.clone(),
                Effect {
                    codes: codes.into(),
                    levels: levels.len(),
                    intercept: effect.intercept,
                    slopes: effect.slopes.clone(),
                },
            ))
        })
        .collect()
}
