//! Declared logarithms against the range of the values.

use super::Found;
use super::shown::{num, range};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Moment, Moments, Paper, Transform, Variable};

const BASES: [(&str, f64); 2] = [("log10", 10.0), ("ln", std::f64::consts::E)];

/// Bases that a declaration leaves open.
fn bases(transform: Transform) -> Vec<(&'static str, f64)> {
    match transform {
        Transform::Level => Vec::new(),
        Transform::Log => BASES.to_vec(),
        Transform::Log10 => vec![BASES[0]],
        Transform::Ln => vec![BASES[1]],
    }
}

/// A declared log of an amount: known values, a share of another variable, the shape of the values, and the base.
pub(super) fn declared(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for variable in paper.variables.iter().filter(|v| !v.count) {
        let Some(transform) = variable.transform else {
            continue;
        };
        let open = bases(transform);
        if open.is_empty() {
            continue;
        }
        for table in &paper.descriptions {
            for row in table.rows.iter().filter(|r| r.variable == variable.name) {
                let one = share(paper, variable, row, &open)
                    .or_else(|| known(variable, row, &open))
                    .or_else(|| shape(row))
                    .or_else(|| base(variable, row, &open));
                if let Some((severity, moment, reported, implied, message)) = one {
                    found.push(
                        Found::new(severity, message)
                            .place(&table.name, row.heading(moment), &variable.name)
                            .values(reported, implied),
                    );
                }
            }
        }
    }
    found
}

type One = Option<(Severity, Moment, String, String, String)>;

/// mean log x - mean log y is the log of the geometric mean of x / y, which lies within the bounds of x / y.
fn share(paper: &Paper, variable: &Variable, row: &Moments, open: &[(&str, f64)]) -> One {
    let whole = variable.part_of.as_deref()?;
    let (low, high) = variable.share?;
    let other = paper.moments(whole, row.obs)?;
    let difference = row.get(Moment::Mean)? - other.get(Moment::Mean)?;
    let mut words = Vec::new();
    for (name, base) in open {
        let ratio = difference.map_increasing(|x| base.powf(x));
        if Interval::new(low, high).meets(ratio) {
            return None;
        }
        words.push(format!("{name}: {}", num(ratio.middle())));
    }
    let printed = row.printed(Moment::Mean)?;
    let (min, max) = (row.printed(Moment::Min), row.printed(Moment::Max));
    let plain = match (min, max) {
        (Some(min), Some(max)) if min.value >= low && max.value <= high => {
            format!(
                "; read without a log, {} to {} with mean {} is a ratio within these bounds",
                min.text, max.text, printed.text
            )
        }
        _ => String::new(),
    };
    let message = format!(
        "declared a log, as {whole} is; the difference of the means, {} - {}, is the log of the geometric mean of {} / {whole}, {}, but that ratio \
         lies between {} and {}{plain}",
        printed.text,
        other.printed(Moment::Mean).map_or("", |p| &p.text),
        variable.name,
        words.join(", "),
        num(low),
        num(high)
    );
    let implied = if plain.is_empty() {
        "not this log"
    } else {
        "a ratio, no log"
    };
    Some((
        Severity::Inconsistent,
        Moment::Mean,
        printed.text.clone(),
        implied.to_owned(),
        message,
    ))
}

/// The values before the log against values known from elsewhere.
fn known(variable: &Variable, row: &Moments, open: &[(&str, f64)]) -> One {
    let (low, high) = variable.known?;
    let (min, max) = (row.printed(Moment::Min)?, row.printed(Moment::Max)?);
    let unit = if variable.unit.is_empty() {
        "in its unit"
    } else {
        &variable.unit
    };
    let mut fits = Vec::new();
    let mut words = Vec::new();
    for (name, base) in open {
        let ends = Interval::new(
            base.powf(min.interval().high),
            base.powf(max.interval().low),
        );
        words.push(format!("{name}: {} to {}", num(ends.low), num(ends.high)));
        if ends.low >= low && ends.high <= high {
            fits.push(*name);
        }
    }
    let values = format!("{}, {unit}", words.join(", "));
    let reported = format!("{} to {}", min.text, max.text);
    match fits[..] {
        [] => Some((
            Severity::Inconsistent,
            Moment::Min,
            reported,
            "not this log".to_owned(),
            format!(
                "declared a log, but the values would run from {values}, while they lie between {} and {}",
                num(low),
                num(high)
            ),
        )),
        [one] if open.len() > 1 => Some((
            Severity::Note,
            Moment::Min,
            reported,
            one.to_owned(),
            format!(
                "the base of the logarithm is not stated; only {one} gives values between {} and {}: {values}",
                num(low),
                num(high)
            ),
        )),
        _ => None,
    }
}

/// A log whose values still have a long upper tail and hardly a lower one.
fn shape(row: &Moments) -> One {
    let (mean, sd) = (row.get(Moment::Mean)?, row.get(Moment::Sd)?);
    let (min, max) = (row.get(Moment::Min)?, row.get(Moment::Max)?);
    if sd.low <= 0.0 {
        return None;
    }
    let (below, above) = ((mean - min) / sd, (max - mean) / sd);
    if below.high >= 1.0 || above.low <= 5.0 {
        return None;
    }
    let message = format!(
        "declared a log, but the least value lies {} and the greatest {} standard deviations from the mean: the tail of a ratio or a level, not of a log",
        num(below.middle()),
        num(above.middle())
    );
    let printed = row.printed(Moment::Max)?;
    Some((
        Severity::Questionable,
        Moment::Max,
        printed.text.clone(),
        "a ratio or a level".to_owned(),
        message,
    ))
}

/// The base is not stated and nothing decides it.
fn base(variable: &Variable, row: &Moments, open: &[(&str, f64)]) -> One {
    if open.len() < 2 || variable.known.is_some() {
        return None;
    }
    let (min, max) = (row.printed(Moment::Min)?, row.printed(Moment::Max)?);
    let words: Vec<String> = open
        .iter()
        .map(|(name, base)| {
            let ends = Interval::new(base.powf(min.value), base.powf(max.value));
            format!("{name} of values in {}", range(ends))
        })
        .collect();
    let unit = if variable.unit.is_empty() {
        "the unit is not stated either".to_owned()
    } else {
        format!("unit {}", variable.unit)
    };
    Some((
        Severity::Note,
        Moment::Min,
        format!("{} to {}", min.text, max.text),
        "log10 or ln".to_owned(),
        format!(
            "the base of the logarithm is not stated; {} to {} is {}; {unit}",
            min.text,
            max.text,
            words.join(" or ")
        ),
    ))
}
