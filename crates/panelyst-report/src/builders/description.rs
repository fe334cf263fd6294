//! Descriptive statistics.

use panelyst_model::results::Summary;

use super::style::Style;
use super::{body, head, integer, number, text};
use crate::table::{Lang, Row, RowKind, Table};
use crate::words::{self, Word};

/// A moment or quantile of a variable.
#[derive(Clone, Copy)]
pub struct Moment {
    /// Printed name; its `key` is the name in a study file.
    pub word: Word,
    /// Its value, where the summary has it.
    pub value: fn(&Summary) -> Option<f64>,
}

/// Every moment that a description can print, in order.
pub const MOMENTS: &[Moment] = &[
    MEAN,
    SD,
    MIN,
    Moment {
        word: words::P25,
        value: |summary| Some(summary.p25),
    },
    Moment {
        word: words::MEDIAN,
        value: |summary| Some(summary.median),
    },
    Moment {
        word: words::P75,
        value: |summary| Some(summary.p75),
    },
    MAX,
    Moment {
        word: words::SD_BETWEEN,
        value: |summary| summary.between,
    },
    Moment {
        word: words::SD_WITHIN,
        value: |summary| summary.within,
    },
];

/// The usual four of a short paper.
pub const PAPER_MOMENTS: &[Moment] = &[MEAN, SD, MIN, MAX];

const MEAN: Moment = Moment {
    word: words::MEAN,
    value: |summary| Some(summary.mean),
};
const SD: Moment = Moment {
    word: words::SD,
    value: |summary| Some(summary.sd),
};
const MIN: Moment = Moment {
    word: words::MIN,
    value: |summary| Some(summary.min),
};
const MAX: Moment = Moment {
    word: words::MAX,
    value: |summary| Some(summary.max),
};

/// A block of the table, for one sample.
#[derive(Clone, Debug)]
pub struct SummaryPanel {
    /// Heading over the block; empty for a table of one sample.
    pub heading: String,
    /// One summary a variable.
    pub summaries: Vec<Summary>,
}

/// Observations and moments by variable; moments that no summary has are left out.
pub fn description(
    id: &str,
    label: &str,
    title: &str,
    panels: &[SummaryPanel],
    moments: &[Moment],
    style: &Style,
) -> Table {
    let lang = style.lang;
    let all = || panels.iter().flat_map(|panel| &panel.summaries);
    let used = moments
        .iter()
        .filter(|moment| all().any(|summary| (moment.value)(summary).is_some()));
    let used: Vec<&Moment> = used.collect();
    let mut header = vec![head(words::VARIABLE.say(lang)), head(words::OBS.say(lang))];
    header.extend(used.iter().map(|moment| head(moment.word.say(lang))));
    let mut rows = Vec::new();
    for panel in panels {
        if !panel.heading.is_empty() {
            let mut cells = vec![text(panel.heading.as_str())];
            cells.resize(header.len(), crate::Cell::Empty);
            rows.push(Row {
                kind: RowKind::Panel,
                cells,
            });
        }
        for summary in &panel.summaries {
            let mut cells = vec![text(style.label(&summary.variable)), integer(summary.obs)];
            cells.extend(used.iter().map(|moment| match (moment.value)(summary) {
                Some(value) => number(value, style.moment_digits),
                None => crate::Cell::Empty,
            }));
            rows.push(body(cells));
        }
    }
    let split = used
        .iter()
        .any(|moment| moment.word == words::SD_WITHIN || moment.word == words::SD_BETWEEN);
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![header],
        rows,
        notes: if split {
            vec![split_note(lang).to_owned()]
        } else {
            Vec::new()
        },
        lang,
    }
}

fn split_note(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "Note: SD between is the standard deviation of the unit means, SD within that of the deviations from them."
        }
        Lang::Zh => "注：组间标准差为各个体均值的标准差，组内标准差为对个体均值离差的标准差。",
    }
}
