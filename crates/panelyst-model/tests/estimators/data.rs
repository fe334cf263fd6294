//! Tables, requests and comparisons that the tests share.

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use panelyst_lang::{parse_expression, parse_formula};
use panelyst_model::{Error, Estimator, Fit, PanelColumns, Request, Vcov, fit};
use std::path::PathBuf;
use std::sync::Arc;

/// A file under `tests/` at the root of the project.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests")
        .join(name)
}

/// A plain CSV file (no quotes): columns of numbers where every cell is one, else text; empty cells are missing.
pub fn table(name: &str) -> RecordBatch {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let cells: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let columns = names.iter().enumerate().map(|(i, name)| {
        let column: Vec<Option<&str>> = cells
            .iter()
            .map(|row| Some(row[i].trim()).filter(|c| !c.is_empty()))
            .collect();
        let numbers: Option<Vec<Option<f64>>> = column
            .iter()
            .map(|c| {
                c.map(|c| c.parse().ok())
                    .map_or(Some(None), |v| v.map(Some))
            })
            .collect();
        let array: ArrayRef = match numbers {
            Some(numbers) => Arc::new(Float64Array::from(numbers)),
            None => Arc::new(StringArray::from(column)),
        };
        (*name, array)
    });
    RecordBatch::try_from_iter_with_nullable(columns.map(|(n, a)| (n, a, true))).unwrap()
}

/// Columns of numbers as a table.
pub fn numbers(columns: &[(&str, Vec<f64>)]) -> RecordBatch {
    RecordBatch::try_from_iter(columns.iter().map(|(name, values)| {
        let array: ArrayRef = Arc::new(Float64Array::from(values.clone()));
        (*name, array)
    }))
    .unwrap()
}

/// Some rows of a table.
pub fn rows(batch: &RecordBatch, keep: &[usize]) -> RecordBatch {
    use arrow_array::Array;
    let columns = batch.columns().iter().map(|column| -> ArrayRef {
        match column.as_any().downcast_ref::<Float64Array>() {
            Some(numbers) => Arc::new(
                keep.iter()
                    .map(|&r| (!numbers.is_null(r)).then(|| numbers.value(r)))
                    .collect::<Float64Array>(),
            ),
            None => {
                let text = column.as_any().downcast_ref::<StringArray>().unwrap();
                Arc::new(
                    keep.iter()
                        .map(|&r| (!text.is_null(r)).then(|| text.value(r)))
                        .collect::<StringArray>(),
                )
            }
        }
    });
    RecordBatch::try_new(batch.schema(), columns.collect()).unwrap()
}

/// A table with one more column.
pub fn with_column(batch: &RecordBatch, name: &str, values: Vec<f64>) -> RecordBatch {
    let array: ArrayRef = Arc::new(Float64Array::from(values));
    let fields = batch.schema();
    let columns = fields
        .fields()
        .iter()
        .map(|f| f.name().as_str())
        .zip(batch.columns().iter().cloned())
        .chain([(name, array)]);
    RecordBatch::try_from_iter_with_nullable(columns.map(|(n, a)| (n, a, true))).unwrap()
}

/// One column of numbers.
pub fn column(batch: &RecordBatch, name: &str) -> Vec<f64> {
    let array = batch.column_by_name(name).unwrap();
    let numbers = array.as_any().downcast_ref::<Float64Array>().unwrap();
    numbers.values().to_vec()
}

/// A request written as on a command line: `model=within vcov=cluster:state panel=state,yr convention=plm weights=w`.
pub fn request(formula: &str, options: &str) -> Request {
    let mut request = Request::new(parse_formula(formula).unwrap());
    for option in options.split_whitespace() {
        let (name, value) = option.split_once('=').unwrap();
        match name {
            "model" => request.estimator = Some(Estimator::by_name(value).unwrap()),
            "vcov" => request.vcov = Vcov::parse(value).unwrap(),
            "convention" => request.convention = value.to_owned(),
            "weights" => request.weights = Some(value.to_owned()),
            "where" => {
                request.condition =
                    Some(parse_expression(&value.replace(['_', '␣'], " ")).unwrap());
            }
            "panel" => {
                let (unit, time) = value.split_once(',').unwrap();
                request.panel = Some(PanelColumns {
                    unit: unit.to_owned(),
                    time: time.to_owned(),
                });
            }
            other => panic!("no option {other}"),
        }
    }
    request
}

/// One fit that must succeed.
pub fn fit_one(batch: &RecordBatch, formula: &str, options: &str) -> Fit {
    let fits = fit(batch, &request(formula, options));
    fits.unwrap_or_else(|e| panic!("{formula} {options}: {e}"))
        .remove(0)
}

/// The error of a fit that must fail.
pub fn error(batch: &RecordBatch, formula: &str, options: &str) -> Error {
    fit(batch, &request(formula, options)).unwrap_err()
}

/// Equality up to a relative difference.
#[track_caller]
pub fn close(got: f64, expected: f64, relative: f64, what: &str) {
    let scale = expected.abs().max(got.abs());
    assert!(
        (got - expected).abs() <= relative * scale || got == expected,
        "{what}: got {got:.17e}, expected {expected:.17e}, relative difference {:.2e}",
        (got - expected).abs() / scale
    );
}

/// Random numbers for designs (xorshift64*), the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Near enough to normal: twelve uniforms.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.uniform() * limit as f64) as usize
    }
}

/// A simulated panel of `units` by `periods` with four regressors `x1`..`x4`, a region of units, weights `w`;
/// each row is kept with probability `keep`.
pub fn simulated(units: usize, periods: usize, keep: f64, seed: u64) -> RecordBatch {
    let mut random = Random(seed);
    let mut columns: Vec<(&str, Vec<f64>)> =
        ["id", "year", "region", "w", "y", "x1", "x2", "x3", "x4"]
            .iter()
            .map(|n| (*n, Vec::new()))
            .collect();
    let year: Vec<f64> = (0..periods).map(|_| random.normal()).collect();
    for unit in 0..units {
        let effect = random.normal();
        for (t, shock) in year.iter().enumerate() {
            let x: Vec<f64> = (0..4)
                .map(|j| random.normal() + 0.5 * effect + f64::from(j) * shock)
                .collect();
            let y = 1.0 + x[0] - 0.5 * x[1]
                + 0.25 * x[2]
                + effect
                + shock
                + random.normal() * (1.0 + 0.3 * effect.abs());
            let w = 0.5 + random.uniform();
            if random.uniform() >= keep {
                continue;
            }
            let row = [
                unit as f64,
                2000.0 + t as f64,
                (unit % 5) as f64,
                w,
                y,
                x[0],
                x[1],
                x[2],
                x[3],
            ];
            for (column, value) in columns.iter_mut().zip(row) {
                column.1.push(value);
            }
        }
    }
    numbers(&columns)
}

/// Values of an expression over the columns of a table, without missing ones.
pub fn evaluated(batch: &RecordBatch, text: &str) -> Vec<f64> {
    let expression = parse_expression(text.trim()).unwrap();
    let scope = panelyst_lang::Scope { batch, panel: None };
    match panelyst_lang::evaluate(&expression, &scope).unwrap().value {
        panelyst_lang::Value::Number(values) => values.values().to_vec(),
        other => panic!("{text} is {other:?}"),
    }
}
