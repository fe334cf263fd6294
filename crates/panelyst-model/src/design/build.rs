//! How a design is built: evaluate, count losses, number levels, drop singletons.

use super::keys::{Keys, MISSING};
use super::levels::{self, Part};
use super::sample::Rows;
use super::variables::{PanelKeys, Variable, Variables};
use super::vcov_columns::coordinate_columns;
use super::{Cluster, Coordinates, Design, Roles, Selection};
use crate::covariance::{cluster_columns, robust_unit};
use crate::estimators::{self, EstimatorRow};
use crate::request::{PanelColumns, Request, Vcov};
use crate::results::Note;
use crate::{Error, conventions};
use arrow_array::{Array, RecordBatch};
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::codes::{combine, compact, renumber};
use panelyst_absorb::{Effect, singletons::singleton_rows};
use panelyst_lang::PanelIndex;
use panelyst_lang::ast::{EffectTerm, Factor, Formula, Term};

/// Builds the design of one formula.
///
/// Rows are lost in this order: the condition, transforms without a value (only if asked for), missing values variable
/// by variable (outcome, regressors, effects, weights, clusters, coordinates, panel), rows without weight, singletons.
/// Lags are taken before any row is lost.
///
/// # Errors
/// Names that the data do not have, text where numbers are needed, transforms without a value, repeated units and
/// periods where the panel is needed, no row left, and combinations that are not offered.
pub fn design(batch: &RecordBatch, formula: &Formula, request: &Request) -> Result<Design, Error> {
    let convention = conventions::by_name(&request.convention)?;
    let (estimator, implied) = estimators::choose(formula, request)?;
    let mut notes = Vec::new();
    let effects = estimators::with_implied(formula, implied, &mut notes);
    let data = Variables {
        batch,
        invalid: request.invalid,
        text: &formula.text,
        panel: None,
    };
    let data = declare_panel(data, formula, request, estimator)?;

    // Everything on all rows, so that lags reach rows outside the sample.
    let mut rows = Rows::new(batch.num_rows());
    if let Some(condition) = &request.condition {
        let (holds, losses) = data.condition(condition)?;
        data.judge(&losses, &mut rows)?;
        rows.drop_where("condition", |r| holds.is_valid(r) && !holds.value(r));
        rows.drop_where("missing in the condition", |r| holds.is_null(r));
    }
    let outcome_name = formula.outcome.to_string();
    let outcome = data.number(&outcome_name, &formula.outcome, true)?;
    let terms = formula
        .terms()
        .map(|term| parts(&data, term))
        .collect::<Result<Vec<_>, _>>()?;
    let absorbed = effects
        .iter()
        .map(|effect| EffectParts::new(&data, effect))
        .collect::<Result<Vec<_>, _>>()?;
    let weights = request
        .weights
        .as_ref()
        .map(|name| data.numeric_column(name, "weight"))
        .transpose()?;
    let robust_unit = robust_unit(request.panel.as_ref(), estimator, &effects);
    let names = cluster_columns(&request.vcov, convention, robust_unit.as_deref());
    let clusters = names
        .iter()
        .map(|name| match absorbed.iter().find_map(|e| e.alone(name)) {
            // Its codes are those of the effect.
            Some(keys) => Ok(vec![keys.clone()]),
            None => cluster_keys(&data, name),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let places = coordinate_columns(&data, &request.vcov)?;

    let all: Vec<&Variable> = std::iter::once(&outcome)
        .chain(terms.iter().flatten().flat_map(Part::variables))
        .chain(absorbed.iter().flat_map(EffectParts::variables))
        .chain(&weights)
        .chain(clusters.iter().flatten())
        .chain(places.iter().flatten())
        .collect();
    for variable in &all {
        data.judge(&variable.losses, &mut rows)?;
    }
    for variable in all.iter().filter(|variable| variable.has_missing()) {
        let reason = format!("missing {}", variable.name);
        rows.drop_where(&reason, |r| variable.is_missing(r));
    }
    if let Some(panel) = &data.panel
        && (estimator.uses_panel || request.vcov.needs_panel())
    {
        for (keys, name) in [
            (&panel.unit, &panel.columns.unit),
            (&panel.time, &panel.columns.time),
        ] {
            rows.drop_where(&format!("missing {name}"), |r| keys.codes[r] == MISSING);
        }
    }
    if let (Some(variable), Some(name)) = (&weights, &request.weights) {
        drop_without_weight(variable, name, &mut rows)?;
    }
    let mut kept = rows.kept()?;

    // Singletons, before indicators are made, so that no indicator is empty for their sake.
    if convention.drops_singletons && !absorbed.is_empty() {
        let codes = absorbed
            .iter()
            .filter(|e| e.term.intercept)
            .map(|e| Ok(combined(&e.columns, &kept)?.0))
            .collect::<Result<Vec<_>, Error>>()?;
        let codes: Vec<&[u32]> = codes.iter().map(AsRef::as_ref).collect();
        let found = singleton_rows(&codes)?;
        if found.removed > 0 {
            rows.keep("singleton", &found.kept);
            notes.push(Note::new(
                "singletons",
                format!(
                    "{} singleton row{} dropped, recursively: alone in a level of an absorbed effect",
                    found.removed,
                    if found.removed == 1 { " was" } else { "s were" },
                ),
            ));
            kept = rows.kept()?;
        }
    }

    let mut design = Design {
        formula: formula.text.clone(),
        outcome: outcome_name,
        estimator: estimator.estimator,
        y: outcome.values(&kept),
        x: Vec::new(),
        names: Vec::new(),
        term_starts: Vec::new(),
        roles: None,
        constant: formula.constant,
        weights: weights.as_ref().map(|w| w.values(&kept).to_vec()),
        effects: Vec::new(),
        unit_effect: None,
        unit: None,
        unit_names: Vec::new(),
        time: None,
        panel: request.panel.clone(),
        clusters: Vec::new(),
        coordinates: None,
        robust_unit,
        rows: Selection::default(),
        sample: rows.into_sample(),
        notes,
    };
    let mut ends = Vec::with_capacity(terms.len() + 1);
    for (term, parts) in formula.terms().zip(&terms) {
        ends.push(design.x.len());
        for (name, column) in levels::columns(&term.name, parts, &kept)? {
            design.names.push(name);
            design.x.push(column);
        }
    }
    ends.push(design.x.len());
    if let Some(part) = &formula.instruments {
        let exogenous = ends[formula.regressors.len()];
        let endogenous = ends[formula.regressors.len() + part.endogenous.len()] - exogenous;
        design.roles = Some(Roles {
            exogenous,
            endogenous,
        });
    }
    design.term_starts = ends;
    for parts in &absorbed {
        let (codes, levels) = combined(&parts.columns, &kept)?;
        design.effects.push((
            parts.term.name.clone(),
            Effect {
                codes,
                levels,
                intercept: parts.term.intercept,
                slopes: parts
                    .slopes
                    .iter()
                    .map(|s| s.values(&kept).to_vec())
                    .collect(),
            },
        ));
    }
    design.unit_effect = unit_effect(&effects, request.panel.as_ref());
    for (name, parts) in names.iter().zip(&clusters) {
        let alone = |effect: &EffectParts<'_>| effect.alone(name).is_some();
        let (codes, groups) = match absorbed.iter().position(alone) {
            Some(place) => {
                let effect = &design.effects[place].1;
                (effect.codes.clone(), effect.levels)
            }
            None => combined(parts, &kept)?,
        };
        design.clusters.push(Cluster {
            name: name.clone(),
            codes,
            groups,
        });
    }
    if let (Vcov::Conley(conley), Some([latitude, longitude])) = (&request.vcov, &places) {
        let [latitude, longitude] = [latitude, longitude].map(|c| c.values(&kept).to_vec());
        design.coordinates = Some(Coordinates::new(conley, latitude, longitude, &kept)?);
    }
    if let Some(panel) = &data.panel {
        place_in_panel(&mut design, panel, &kept, estimator)?;
    }
    design.rows = kept;
    Ok(design)
}

/// The absorbed effect that stands for the unit: the panel's unit by name, else the first with levels.
fn unit_effect(effects: &[EffectTerm], panel: Option<&PanelColumns>) -> Option<usize> {
    let is =
        |e: &EffectTerm, unit: &str| e.intercept && e.columns.len() == 1 && e.columns[0] == unit;
    match panel {
        Some(panel) => effects.iter().position(|e| is(e, &panel.unit)),
        None => effects.iter().position(|e| e.intercept),
    }
}

/// Reads the panel's keys; repeated units and periods are an error if lags are taken.
fn declare_panel<'a>(
    data: Variables<'a>,
    formula: &Formula,
    request: &'a Request,
    estimator: &EstimatorRow,
) -> Result<Variables<'a>, Error> {
    let condition_lags = request.condition.as_ref().is_some_and(|c| c.needs_panel());
    let lags = formula.needs_panel() || condition_lags;
    let Some(columns) = &request.panel else {
        return if estimator.needs_panel {
            Err(Error::PanelNeeded {
                what: format!("the {} estimator", estimator.name),
            })
        } else {
            Ok(data)
        };
    };
    let keys = |variable: Variable| {
        variable.keys.ok_or(Error::Length {
            what: variable.name,
            expected: 1,
            got: 0,
        })
    };
    let unit = keys(data.keys(&columns.unit, "unit")?)?;
    let time = keys(data.keys(&columns.time, "time")?)?;
    let Some(periods) = time.whole_numbers() else {
        return Err(Error::ColumnType {
            role: "time",
            name: columns.time.clone(),
            problem: "must hold whole numbers, such as years".to_owned(),
        });
    };
    // Rows without a unit or period are units of their own, so that no lag reaches them.
    let mut next = unit.len() as u32;
    let mut units = Vec::with_capacity(unit.codes.len());
    let mut times = Vec::with_capacity(unit.codes.len());
    for (&u, &t) in unit.codes.iter().zip(&time.codes) {
        if u == MISSING || t == MISSING {
            units.push(next);
            times.push(0);
            next += 1;
        } else {
            units.push(u);
            times.push(periods[t as usize]);
        }
    }
    let index = match PanelIndex::new(units, times) {
        Ok(index) => Some(index),
        Err(pair) if lags => {
            return Err(duplicate(
                columns,
                &unit,
                &time,
                (pair.first, pair.second),
                "a lag or difference",
            ));
        }
        Err(_) => None,
    };
    Ok(Variables {
        panel: Some(PanelKeys {
            columns,
            unit,
            time,
            index,
        }),
        ..data
    })
}

fn duplicate(
    columns: &PanelColumns,
    unit: &Keys,
    time: &Keys,
    (first, second): (usize, usize),
    what: &str,
) -> Error {
    let period = time
        .whole_numbers()
        .map_or(0, |t| t[time.codes[first] as usize]);
    Error::DuplicateKey {
        unit_column: columns.unit.clone(),
        unit: unit.label(unit.codes[first]),
        time_column: columns.time.clone(),
        time: period,
        first: first + 1,
        second: second + 1,
        what: what.to_owned(),
    }
}

/// Units and periods of the rows used; repeated ones are an error if the estimator needs one row each.
fn place_in_panel(
    design: &mut Design,
    panel: &PanelKeys<'_>,
    kept: &Selection,
    estimator: &EstimatorRow,
) -> Result<(), Error> {
    let missing = |r: usize| panel.unit.codes[r] == MISSING || panel.time.codes[r] == MISSING;
    if kept.iter().any(missing) {
        return Ok(());
    }
    let raw = kept.values_of(&panel.unit.codes);
    let (codes, old) = compact(&raw)?;
    let periods = panel.time.whole_numbers().unwrap_or_default();
    let times: Vec<i64> = kept
        .iter()
        .map(|r| periods[panel.time.codes[r] as usize])
        .collect();
    if let Err(pair) = PanelIndex::new(codes.clone(), times.clone()) {
        let (first, second) = (kept.at(pair.first), kept.at(pair.second));
        if estimator.needs_panel {
            return Err(duplicate(
                panel.columns,
                &panel.unit,
                &panel.time,
                (first, second),
                &format!("the {} estimator", estimator.name),
            ));
        }
        let mut each: Vec<(u32, i64)> = codes.iter().copied().zip(times.iter().copied()).collect();
        each.sort_unstable();
        let all = each.len();
        each.dedup();
        design
            .notes
            .push(repeated(panel, all - each.len(), (first, second)));
    }
    design.unit_names = old.iter().map(|&l| panel.unit.label(l)).collect();
    design.unit = Some(codes.into());
    design.time = Some(times);
    Ok(())
}

/// That rows repeat the unit and period of others, where the estimator takes them as they are.
fn repeated(panel: &PanelKeys<'_>, count: usize, (first, second): (usize, usize)) -> Note {
    let time = &panel.time;
    let period = time
        .whole_numbers()
        .map_or(0, |t| t[time.codes[first] as usize]);
    let text = format!(
        "{} the unit and period of an earlier row (first: {} {}, {} {period} in rows {} and {}); all rows are used",
        match count {
            1 => "1 row repeats".to_owned(),
            _ => format!("{count} rows repeat"),
        },
        panel.columns.unit,
        panel.unit.label(panel.unit.codes[first]),
        panel.columns.time,
        first + 1,
        second + 1,
    );
    let about = [count, first + 1, second + 1].map(|number| number.to_string());
    Note::new("repeated", text).about(about)
}

/// The factors of a regressor, evaluated.
fn parts(data: &Variables<'_>, term: &Term) -> Result<Vec<Part>, Error> {
    term.factors
        .iter()
        .map(|factor| match factor {
            Factor::Expr(expr) => Ok(Part::Number(data.number(&expr.to_string(), expr, false)?)),
            Factor::Levels {
                column,
                by,
                reference,
            } => Ok(Part::Levels {
                variable: data.levels(&column.to_string(), column)?,
                by: by
                    .as_ref()
                    .map(|by| data.number(&by.to_string(), by, false).map(Box::new))
                    .transpose()?,
                reference: reference.clone(),
            }),
        })
        .collect()
}

/// An absorbed effect, evaluated on all rows.
struct EffectParts<'a> {
    term: &'a EffectTerm,
    columns: Vec<Variable>,
    slopes: Vec<Variable>,
}

impl<'a> EffectParts<'a> {
    fn new(data: &Variables<'_>, term: &'a EffectTerm) -> Result<Self, Error> {
        Ok(Self {
            term,
            columns: term
                .columns
                .iter()
                .map(|name| data.keys(name, "effect"))
                .collect::<Result<_, _>>()?,
            slopes: term
                .slopes
                .iter()
                .map(|slope| data.number(&slope.to_string(), slope, false))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The column that the effect is made of, where it is this one and no other.
    fn alone(&self, name: &str) -> Option<&Variable> {
        match &self.columns[..] {
            [only] if self.term.columns == [name] => Some(only),
            _ => None,
        }
    }

    fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.columns.iter().chain(&self.slopes)
    }
}

/// Codes of the combinations of some columns that occur in some rows, and the number of levels; codes of one column in all
/// rows are shared.
pub(super) fn combined(
    columns: &[Variable],
    rows: &Selection,
) -> Result<(ScalarBuffer<u32>, usize), Error> {
    let keys: Vec<&Keys> = columns.iter().filter_map(|v| v.keys.as_ref()).collect();
    // Of a single column in all rows every level occurs.
    if let [keys] = keys[..]
        && keys.codes.len() == rows.len()
    {
        return Ok((keys.codes.clone(), keys.len()));
    }
    let mut parts: Vec<Vec<u32>> = keys.iter().map(|k| rows.values_of(&k.codes)).collect();
    if let ([keys], [_]) = (&keys[..], &parts[..]) {
        let (codes, levels) = renumber(parts.remove(0), keys.len())?;
        return Ok((codes.into(), levels));
    }
    let parts: Vec<&[u32]> = parts.iter().map(Vec::as_slice).collect();
    let (codes, levels) = combine(&parts)?;
    Ok((codes.into(), levels.len()))
}

/// The columns of a cluster variable: one, or several joined by `^`.
pub(super) fn cluster_keys(data: &Variables<'_>, name: &str) -> Result<Vec<Variable>, Error> {
    let whole = data.batch.schema_ref().index_of(name).is_ok();
    if whole || !name.contains('^') {
        return Ok(vec![data.keys(name, "cluster variable")?]);
    }
    name.split('^')
        .map(|part| data.keys(part.trim(), "cluster variable"))
        .collect()
}

/// Rows of weight zero are lost; a negative weight is an error.
fn drop_without_weight(variable: &Variable, name: &str, rows: &mut Rows) -> Result<(), Error> {
    let Some(numbers) = &variable.numbers else {
        return Ok(());
    };
    for row in 0..numbers.len() {
        if rows.is_alive(row) && numbers.value(row) < 0.0 {
            return Err(Error::Weight {
                name: name.to_owned(),
                value: numbers.value(row),
                row: row + 1,
            });
        }
    }
    rows.drop_where(&format!("weight {name} zero"), |r| numbers.value(r) == 0.0);
    Ok(())
}
