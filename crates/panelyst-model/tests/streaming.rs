//! Streamed estimations against those in memory, on small random panels in several parts.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use panelyst_model::streaming::{BatchSource, Limits, fit_streamed};
use panelyst_model::{Error, Fit, Request, Vcov, fit};

/// A table in parts, each given in pieces.
struct Table {
    parts: Vec<RecordBatch>,
    /// Whether ranges of whole numbers are known.
    ranges: bool,
    /// A part that cannot be read from some scan on.
    broken: Option<usize>,
}

impl BatchSource for Table {
    fn schema(&self) -> SchemaRef {
        self.parts[0].schema()
    }

    fn parts(&self) -> usize {
        self.parts.len()
    }

    fn rows(&self, part: usize) -> usize {
        self.parts[part].num_rows()
    }

    fn range(&self, column: &str) -> Option<(i64, i64)> {
        if !self.ranges {
            return None;
        }
        let mut all = Vec::new();
        for part in &self.parts {
            let array = part.column_by_name(column)?;
            let array = array.as_any().downcast_ref::<Int64Array>()?;
            all.extend(array.iter().flatten());
        }
        Some((*all.iter().min()?, *all.iter().max()?))
    }

    fn scan(
        &self,
        part: usize,
        columns: &[String],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.broken == Some(part) {
            return Err(Error::Source {
                reason: "gone".into(),
            });
        }
        let whole = &self.parts[part];
        let places: Vec<usize> = (0..whole.num_columns())
            .filter(|&at| columns.contains(whole.schema().field(at).name()))
            .collect();
        let whole = whole.project(&places).unwrap();
        let mut from = 0;
        while from < whole.num_rows() {
            let length = 7.min(whole.num_rows() - from);
            visit(&whole.slice(from, length))?;
            from += length;
        }
        Ok(())
    }
}

/// A generator good enough for tests (Knuth's constants).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> i64 {
        (self.next() * n as f64) as i64
    }
}

/// A panel with missing values, singletons, weights and a large mean.
fn panel(rows: usize, sorted: bool, seed: u64) -> RecordBatch {
    let mut r = Random(seed);
    let mut ids: Vec<i64> = (0..rows).map(|_| 1000 + r.below(rows / 4 + 1)).collect();
    if sorted {
        ids.sort_unstable();
    }
    let years: Vec<Option<i64>> = (0..rows)
        .map(|_| (r.next() > 0.02).then(|| 2000 + r.below(6)))
        .collect();
    let firms: Vec<String> = (0..rows).map(|_| format!("f{}", r.below(9))).collect();
    let scattered: Vec<i64> = ids.iter().map(|id| id * 1_000_000_007 - 5).collect();
    let x1: Vec<Option<f64>> = (0..rows)
        .map(|_| (r.next() > 0.03).then(|| r.next() * 4.0 - 1.0))
        .collect();
    let x2: Vec<f64> = (0..rows).map(|_| 1e5 + r.next()).collect();
    let y: Vec<Option<f64>> = (0..rows)
        .map(|i| {
            let noise = r.next() + r.next() - 1.0;
            let effect = (ids[i] % 7) as f64 + years[i].unwrap_or(0) as f64 * 0.01;
            (r.next() > 0.03)
                .then(|| 0.7 * x1[i].unwrap_or(0.0) - 1.3 * (x2[i] - 1e5) + effect + noise)
        })
        .collect();
    let weights: Vec<f64> = (0..rows)
        .map(|i| if i % 31 == 0 { 0.0 } else { 0.5 + r.next() })
        .collect();
    let group: Vec<i64> = ids.iter().map(|id| id % 11).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(ids))),
        ("scattered", Arc::new(Int64Array::from(scattered))),
        ("year", Arc::new(Int64Array::from(years))),
        ("firm", Arc::new(StringArray::from(firms))),
        ("group", Arc::new(Int64Array::from(group))),
        ("x1", Arc::new(Float64Array::from(x1))),
        ("x2", Arc::new(Float64Array::from(x2))),
        ("y", Arc::new(Float64Array::from(y))),
        ("w", Arc::new(Float64Array::from(weights))),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn table(batch: &RecordBatch, parts: usize, ranges: bool) -> Table {
    let rows = batch.num_rows();
    let cuts: Vec<usize> = (0..=parts).map(|at| rows * at / parts).collect();
    Table {
        parts: cuts
            .windows(2)
            .map(|cut| batch.slice(cut[0], cut[1] - cut[0]))
            .collect(),
        ranges,
        broken: None,
    }
}

fn request(formula: &str, vcov: &str) -> Request {
    let mut request = Request::new(panelyst_lang::parse_formula(formula).unwrap());
    request.vcov = Vcov::parse(vcov).unwrap();
    request
}

fn streamed(table: &Table, request: &Request, memory: u64) -> Result<Fit, Error> {
    let limits = Limits {
        memory,
        progress: &|_| true,
    };
    fit_streamed(table, request, &limits).map(|mut fits| fits.remove(0))
}

/// Both differ by rounding only: 1e-10 of the largest number of its kind.
fn close(a: f64, b: f64, scale: f64, what: &str) {
    assert!(
        (a - b).abs() <= 1e-10 * scale.abs().max(b.abs()),
        "{what}: {a} against {b}"
    );
}

fn assert_same(a: &Fit, b: &Fit, what: &str) {
    assert_eq!(a.nobs, b.nobs, "{what}");
    let sorted = |fit: &Fit| {
        let mut lost: Vec<(String, usize)> = fit
            .sample
            .dropped
            .iter()
            .map(|lost| (lost.reason.clone(), lost.count))
            .collect();
        lost.sort();
        lost
    };
    assert_eq!(sorted(a), sorted(b), "{what}");
    assert_eq!(a.fixed_effects, b.fixed_effects, "{what}");
    assert_eq!(a.vcov.kind, b.vcov.kind, "{what}");
    assert_eq!(a.vcov.clusters, b.vcov.clusters, "{what}");
    close(
        a.vcov.small_sample_factor,
        b.vcov.small_sample_factor,
        1.0,
        what,
    );
    assert_eq!(a.df_residual, b.df_residual, "{what}");
    assert_eq!(a.df_test, b.df_test, "{what}");
    assert_eq!(a.coefficients.len(), b.coefficients.len(), "{what}");
    // Beside the variance of a constant that is a mean of 1e5 times a coefficient, 1e10 times that of the coefficient, the
    // vectors of small eigenvalues hold few digits: where negative ones are set to zero, that shows.
    let repaired = b.notes.iter().any(|n| n.text.contains("semidefinite"));
    let share = match (repaired, b.vcov.clusters.len()) {
        (true, _) if b.coefficient("_cons").is_some() => 1e-4,
        (_, 2) => 1e-8,
        _ => 1e-10,
    };
    let largest = b
        .coefficients
        .iter()
        .filter(|c| c.term != "_cons")
        .map(|c| c.std_error.powi(2))
        .fold(0.0, f64::max);
    for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
        assert_eq!(a.term, b.term, "{what}");
        // The constant is the mean 1e5 of a regressor times its coefficient: it is held to its own size, as it is against
        // exact arithmetic below.
        let scale = match a.term.as_str() {
            "_cons" => b.estimate.abs(),
            _ => b.std_error,
        };
        close(a.estimate, b.estimate, scale, &format!("{what} {}", a.term));
        // A negative variance that was set to zero is none.
        if a.std_error.is_nan() && b.std_error.is_nan() {
            assert!(repaired, "{what} {} has no error", a.term);
            continue;
        }
        // Differences of two-way clustered matrices cancel: what is left is good to the rounding of its parts.
        let error = (a.std_error.powi(2) - b.std_error.powi(2)).abs();
        assert!(
            error <= share * b.std_error.powi(2) + 1e-16 * largest,
            "{what} error of {}: {} against {}",
            a.term,
            a.std_error,
            b.std_error
        );
    }
    for (a, b, name) in [
        (a.r2, b.r2, "r2"),
        (a.r2_adjusted, b.r2_adjusted, "adjusted r2"),
        (a.r2_within, b.r2_within, "within r2"),
        (a.loglik, b.loglik, "loglik"),
    ] {
        assert_eq!(a.is_some(), b.is_some(), "{what} {name}");
        close(
            a.unwrap_or(0.0),
            b.unwrap_or(0.0),
            1.0,
            &format!("{what} {name}"),
        );
    }
    close(a.rss, b.rss, 0.0, what);
}

const FORMULAS: [&str; 9] = [
    "y ~ x1 + x2",
    "y ~ x1 + x2 + x1:group",
    "y ~ 0 + x1",
    "y ~ x1 | id",
    "y ~ x1 + x2 | id + year",
    "y ~ x1 + I(x1^2) | scattered + year",
    "y ~ x1 + x2 | id + year + firm",
    "y ~ x1 + x2 | firm^year + group",
    "y ~ x1 + x2 + log(w + 2) | id",
];

#[test]
fn streamed_and_in_memory_agree() {
    for (seed, rows) in [(1, 200), (2, 500), (3, 1500)] {
        for sorted in [false, true] {
            let batch = panel(rows, sorted, seed);
            for formula in FORMULAS {
                for vcov in [
                    "iid",
                    "hc0",
                    "hc1",
                    "cluster:id",
                    "cluster:firm+year",
                    "cluster:group",
                ] {
                    for weighted in [false, true] {
                        let mut request = request(formula, vcov);
                        request.weights = weighted.then(|| "w".to_owned());
                        let what = format!("{formula} {vcov} weighted {weighted}, {rows} rows");
                        let b = fit(&batch, &request).map(|mut fits| fits.remove(0));
                        let a = streamed(&table(&batch, 5, weighted), &request, 1 << 30);
                        match (a, b) {
                            (Ok(a), Ok(b)) => assert_same(&a, &b, &what),
                            (a, b) => panic!("{what}: {:?} against {:?}", a.err(), b.err()),
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn conditions_and_conventions_agree() {
    let batch = panel(600, false, 4);
    for convention in panelyst_model::conventions::CONVENTIONS {
        for (formula, vcov) in [
            ("y ~ x1 + x2 | id + year", "hc1"),
            ("y ~ x1 + x2 | id + year", "cluster:id"),
            ("y ~ x1 | firm + group + year", "cluster:firm"),
            ("y ~ x1 + x2", "hc1"),
        ] {
            let mut request = request(formula, vcov);
            request.convention = convention.name.to_owned();
            let condition = "x1 > -0.5 and year != 2003";
            request.condition = Some(panelyst_lang::parse_expression(condition).unwrap());
            let what = format!("{} {formula} {vcov}", convention.name);
            let a = streamed(&table(&batch, 4, true), &request, 1 << 30).unwrap();
            let b = fit(&batch, &request).unwrap().remove(0);
            assert_same(&a, &b, &what);
        }
    }
}

#[test]
fn collinear_and_absorbed_regressors_are_dropped() {
    let batch = panel(400, true, 5);
    for formula in [
        "y ~ x1 + I(2*x1) + x2 | id + year",
        "y ~ x1 + group | id",
        "y ~ x1 + I(x1 + x2) + x2",
    ] {
        let request = request(formula, "hc1");
        let a = streamed(&table(&batch, 3, true), &request, 1 << 30).unwrap();
        let b = fit(&batch, &request).unwrap().remove(0);
        assert_same(&a, &b, formula);
        let notes = |fit: &Fit| -> Vec<String> {
            let collinear = fit.notes.iter().filter(|n| n.kind == "collinear");
            collinear.map(|n| n.text.clone()).collect()
        };
        assert_eq!(notes(&a), notes(&b));
    }
}

/// `x1` and `x1:x2` are collinear but for 1e-5 of their norms, whose squares hold no digit of that: conditioned at 3e5,
/// the coefficients themselves are good to 1e-10 only.
#[test]
fn nearly_collinear_regressors_keep_their_digits() {
    let batch = panel(500, false, 10);
    for vcov in ["iid", "hc1", "cluster:group"] {
        let request = request("y ~ x1 + x2 + x1:x2", vcov);
        let a = streamed(&table(&batch, 3, true), &request, 1 << 30).unwrap();
        let b = fit(&batch, &request).unwrap().remove(0);
        for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
            assert!(
                (a.estimate - b.estimate).abs() <= 1e-8 * b.std_error,
                "{vcov} {}",
                a.term
            );
            assert!(
                (a.std_error / b.std_error - 1.0).abs() <= 1e-8,
                "{vcov} {}",
                a.term
            );
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let batch = panel(1500, false, 6);
    let request = request("y ~ x1 + x2 | id + year + firm", "cluster:id");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            streamed(&table(&batch, 9, true), &request, 1 << 30)
                .unwrap()
                .covariance
        })
    };
    let one: Vec<u64> = run(1).into_iter().map(f64::to_bits).collect();
    for threads in [2, 5] {
        let other: Vec<u64> = run(threads).into_iter().map(f64::to_bits).collect();
        assert_eq!(one, other);
    }
}

#[test]
fn codes_that_do_not_fit_are_spilled() {
    let batch = panel(1500, false, 7);
    let request = request("y ~ x1 + x2 | id + year", "cluster:id");
    let roomy = streamed(&table(&batch, 9, true), &request, 1 << 30).unwrap();
    assert!(roomy.notes.iter().any(|n| n.text.contains("in memory")));
    // Below the buffers of one lane nothing is left for codes.
    let mut tight = None;
    for megabytes in 1..200 {
        match streamed(&table(&batch, 9, true), &request, megabytes << 20) {
            Err(Error::Memory { needed, given, .. }) => assert!(needed > given),
            other => {
                tight = Some(other.unwrap());
                break;
            }
        }
    }
    assert_same(&tight.unwrap(), &roomy, "little memory");
}

#[test]
fn what_is_not_streamed_is_refused_with_the_way_out() {
    let batch = panel(100, false, 8);
    let table = table(&batch, 2, true);
    for (formula, vcov) in [
        ("y ~ i(year) | id", "iid"),
        ("y ~ x1 | id[x2]", "iid"),
        ("y ~ l(x1, 1) | id", "iid"),
    ] {
        let error = streamed(&table, &request(formula, vcov), 1 << 30).unwrap_err();
        assert!(
            matches!(error, Error::NotStreamed { .. }),
            "{formula}: {error}"
        );
    }
    for formula in ["y ~ x1 | nowhere", "y ~ nowhere | id", "firm ~ x1 | id"] {
        assert!(
            streamed(&table, &request(formula, "iid"), 1 << 30).is_err(),
            "{formula}"
        );
    }
}

#[test]
fn a_source_that_breaks_and_a_user_who_stops_end_the_scan() {
    let batch = panel(300, false, 9);
    let mut broken = table(&batch, 4, true);
    broken.broken = Some(2);
    let request = request("y ~ x1 | id", "iid");
    assert_eq!(
        streamed(&broken, &request, 1 << 30).unwrap_err(),
        Error::Source {
            reason: "gone".into()
        }
    );
    let limits = Limits {
        memory: 1 << 30,
        progress: &|progress| progress.scan < 2,
    };
    let stopped = fit_streamed(&table(&batch, 4, true), &request, &limits);
    assert_eq!(stopped.unwrap_err(), Error::Interrupted);
}

#[test]
fn types_of_columns_are_what_the_tests_think() {
    let kinds: Vec<DataType> = panel(10, false, 1)
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().clone())
        .collect();
    assert_eq!(kinds[3], DataType::Utf8);
}

/// Determinants and adjugates of 3 x 3 whole matrices are whole: least squares, residuals and HC0 of whole numbers are
/// quotients of whole numbers, and those are computed here without any rounding. The regressor lies 1e5 off, so that the
/// constant takes 1e5 times its coefficient along.
#[test]
fn constants_and_their_errors_are_those_of_exact_arithmetic() {
    const OFF: i128 = 100_000;
    let x1: [i128; 9] = [1, -2, 3, 0, 2, -1, 4, 1, -3];
    let x2: [i128; 9] = [0, 1, 3, 2, 5, 4, 1, 7, 6];
    let y: [i128; 9] = [12, -7, 30, 4, 11, 3, 41, 2, -19];
    let row = |r: usize| [1, x1[r], x2[r]];
    let mut gram = [[0i128; 3]; 3];
    let mut right = [0i128; 3];
    for r in 0..9 {
        for i in 0..3 {
            right[i] += row(r)[i] * y[r];
            for j in 0..3 {
                gram[i][j] += row(r)[i] * row(r)[j];
            }
        }
    }
    let adjugate = |i: usize, j: usize| {
        let (a, b, c, d) = ((j + 1) % 3, (j + 2) % 3, (i + 1) % 3, (i + 2) % 3);
        gram[a][c] * gram[b][d] - gram[a][d] * gram[b][c]
    };
    let det: i128 = (0..3).map(|j| gram[0][j] * adjugate(j, 0)).sum();
    // Coefficients times `det`, residuals times `det`, HC0 times `det` to the fourth.
    let b: Vec<i128> = (0..3)
        .map(|i| (0..3).map(|j| adjugate(i, j) * right[j]).sum())
        .collect();
    let mut meat = [[0i128; 3]; 3];
    for r in 0..9 {
        let fitted: i128 = (0..3).map(|i| row(r)[i] * b[i]).sum();
        let e = det * y[r] - fitted;
        for i in 0..3 {
            for j in 0..3 {
                meat[i][j] += row(r)[i] * row(r)[j] * e * e;
            }
        }
    }
    let v = |i: usize, j: usize| -> i128 {
        let pairs = (0..3).flat_map(|k| (0..3).map(move |l| (k, l)));
        pairs
            .map(|(k, l)| adjugate(i, k) * meat[k][l] * adjugate(l, j))
            .sum()
    };
    // From the regressor as it is here to the one that lies off.
    let constant = (b[0] - OFF * b[2]) as f64 / det as f64;
    let variance = (v(0, 0) - 2 * OFF * v(0, 2) + OFF * OFF * v(2, 2)) as f64;
    let error = variance.sqrt() / (det as f64).powi(2);
    let floats = |values: &[i128], off: i128| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(
            values.iter().map(|v| (v + off) as f64),
        ))
    };
    let batch = RecordBatch::try_from_iter([
        ("y", floats(&y, 0)),
        ("x1", floats(&x1, 0)),
        ("x2", floats(&x2, OFF)),
    ])
    .unwrap();
    let request = request("y ~ x1 + x2", "hc0");
    for fit in [
        streamed(&table(&batch, 3, true), &request, 1 << 30).unwrap(),
        fit(&batch, &request).unwrap().remove(0),
    ] {
        let found = fit.coefficient("_cons").unwrap();
        // Means of 1e5 are rounded to 1e-16 of themselves; what the regressor varies is 1e-5 of that.
        assert!(
            (found.estimate / constant - 1.0).abs() < 1e-10,
            "{} {constant}",
            found.estimate
        );
        assert!(
            (found.std_error / error - 1.0).abs() < 1e-10,
            "{} {error}",
            found.std_error
        );
        let slope = fit.coefficient("x2").unwrap();
        assert!((slope.estimate * det as f64 / b[2] as f64 - 1.0).abs() < 1e-10);
    }
}
