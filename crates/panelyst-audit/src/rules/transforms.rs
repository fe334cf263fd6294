//! Declared logarithms against the range of the values.

use super::Found;
use super::shown::{num, range, span};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Moment, Moments, Paper, Transform, Variable};
use crate::said::{Bilingual, Said, said};

const BASES: [(&str, f64); 2] = [("log10", 10.0), ("ln", std::f64::consts::E)];

const NOT_THIS_LOG: (&str, &str) = ("not this log", "并非该对数");

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

/// Severity, column, what is printed, what follows, and the message.
type One = Option<(Severity, Moment, Said, Said, Said)>;

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
        words.push(said!("{name}: {}", "按{name}还原为{}", num(ratio.middle())));
    }
    let printed = row.printed(Moment::Mean)?;
    let (min, max) = (row.printed(Moment::Min), row.printed(Moment::Max));
    let plain = match (min, max) {
        (Some(min), Some(max)) if min.value >= low && max.value <= high => {
            said!(
                "; read without a log, {} with mean {} is a ratio within these bounds",
                "；若未取对数，{}、均值{}即为此范围内的比率",
                span(&min.text, &max.text),
                printed.text
            )
        }
        _ => Said::default(),
    };
    let implied = if plain == Said::default() {
        NOT_THIS_LOG
    } else {
        ("a ratio, no log", "比率，未取对数")
    };
    let message = said!(
        "declared a log, as {whole} is; the difference of the means, {} - {}, is the log of the geometric mean of {} / {whole}, {}, but that ratio \
         lies between {} and {}{}",
        "文中称与{whole}同取对数；均值之差{} - {}为{} / {whole}几何平均数的对数，{}，但该比率在{}与{}之间{}",
        printed.text,
        other.printed(Moment::Mean).map_or("", |p| &p.text),
        variable.name,
        Said::joined(&words, ", ", "，"),
        num(low),
        num(high),
        plain
    );
    Some((
        Severity::Inconsistent,
        Moment::Mean,
        printed.text.said(),
        implied.said(),
        message,
    ))
}

/// The values before the log against values known from elsewhere.
fn known(variable: &Variable, row: &Moments, open: &[(&str, f64)]) -> One {
    let (low, high) = variable.known?;
    let (min, max) = (row.printed(Moment::Min)?, row.printed(Moment::Max)?);
    let unit = if variable.unit.is_empty() {
        ("in its unit", "以其单位计").said()
    } else {
        said!("{}", "单位{}", variable.unit)
    };
    let mut fits = Vec::new();
    let mut words = Vec::new();
    for (name, base) in open {
        let ends = Interval::new(
            base.powf(min.interval().high),
            base.powf(max.interval().low),
        );
        let ends_words = span(num(ends.low), num(ends.high));
        words.push(said!("{name}: {}", "按{name}还原为{}", ends_words));
        if ends.low >= low && ends.high <= high {
            fits.push(*name);
        }
    }
    let values = said!("{}, {}", "{}，{}", Said::joined(&words, ", ", "，"), unit);
    let reported = span(&min.text, &max.text);
    match fits[..] {
        [] => Some((
            Severity::Inconsistent,
            Moment::Min,
            reported,
            NOT_THIS_LOG.said(),
            said!(
                "declared a log, but the values would run from {}, while they lie between {} and {}",
                "文中称取对数，但{}，而其取值在{}与{}之间",
                values,
                num(low),
                num(high)
            ),
        )),
        [one] if open.len() > 1 => Some((
            Severity::Note,
            Moment::Min,
            reported,
            one.said(),
            said!(
                "the base of the logarithm is not stated; only {one} gives values between {} and {}: {}",
                "未说明对数的底；仅{one}还原的取值在{}与{}之间：{}",
                num(low),
                num(high),
                values
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
    let message = said!(
        "declared a log, but the least value lies {} and the greatest {} standard deviations from the mean: the tail of a ratio or a level, not of a log",
        "文中称取对数，但最小值距均值{}个标准差，最大值距均值{}个标准差：这是比率或水平值的尾部，而非对数的尾部",
        num(below.middle()),
        num(above.middle())
    );
    let printed = row.printed(Moment::Max)?;
    Some((
        Severity::Questionable,
        Moment::Max,
        printed.text.said(),
        ("a ratio or a level", "比率或水平值").said(),
        message,
    ))
}

/// The base is not stated and nothing decides it.
fn base(variable: &Variable, row: &Moments, open: &[(&str, f64)]) -> One {
    if open.len() < 2 || variable.known.is_some() {
        return None;
    }
    let (min, max) = (row.printed(Moment::Min)?, row.printed(Moment::Max)?);
    let words: Vec<Said> = open
        .iter()
        .map(|(name, base)| {
            let ends = Interval::new(base.powf(min.value), base.powf(max.value));
            said!(
                "{name} of values in {}",
                "若为{name}，原值位于{}",
                range(ends)
            )
        })
        .collect();
    let unit = if variable.unit.is_empty() {
        ("the unit is not stated either", "单位亦未说明").said()
    } else {
        said!("unit {}", "单位{}", variable.unit)
    };
    let reported = span(&min.text, &max.text);
    let message = said!(
        "the base of the logarithm is not stated; {} is {}; {}",
        "未说明对数的底；{}{}；{}",
        reported,
        Said::joined(&words, " or ", "；"),
        unit
    );
    Some((
        Severity::Note,
        Moment::Min,
        reported,
        ("log10 or ln", "log10或ln").said(),
        message,
    ))
}
