//! Expressions over columns: missing values, losses, types, lags.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array,
    Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray, UInt8Array,
};
use panelyst_lang::{
    EvalError, Evaluated, PanelIndex, Scope, Span, Value, evaluate, evaluate_condition,
    evaluate_number, parse_expression,
};

fn batch() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "x",
            Arc::new(Float64Array::from(vec![
                Some(1.0),
                None,
                Some(4.0),
                Some(0.0),
            ])),
        ),
        (
            "y",
            Arc::new(Int64Array::from(vec![Some(2), Some(3), None, Some(-1)])),
        ),
        ("small", Arc::new(UInt8Array::from(vec![1, 2, 3, 4]))),
        (
            "single",
            Arc::new(Float32Array::from(vec![0.5, 1.5, 2.5, 3.5])),
        ),
        (
            "name",
            Arc::new(StringArray::from(vec![
                Some("a"),
                Some("b"),
                None,
                Some("甲"),
            ])),
        ),
        (
            "large",
            Arc::new(LargeStringArray::from(vec!["a", "b", "c", "d"])),
        ),
        (
            "view",
            Arc::new(StringViewArray::from(vec!["a", "b", "c", "d"])),
        ),
        (
            "coded",
            Arc::new(
                vec!["a", "b", "a", "b"]
                    .into_iter()
                    .collect::<DictionaryArray<Int8Type>>(),
            ),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                Some(false),
                None,
                Some(true),
            ])),
        ),
        (
            "day",
            Arc::new(Date32Array::from(vec![0, 14_610, 14_975, 20_000])),
        ),
        (
            "odd",
            Arc::new(Float64Array::from(vec![f64::NAN, f64::INFINITY, 1.0, 2.0])),
        ),
        (
            "gdp per head",
            Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0, 4.0])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

fn run(text: &str) -> Evaluated {
    let batch = batch();
    let scope = Scope {
        batch: &batch,
        panel: None,
    };
    evaluate(&parse_expression(text).unwrap(), &scope).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn fail(text: &str) -> EvalError {
    let batch = batch();
    let scope = Scope {
        batch: &batch,
        panel: None,
    };
    evaluate(&parse_expression(text).unwrap(), &scope).expect_err(text)
}

fn numbers(text: &str) -> Vec<Option<f64>> {
    match run(text).value {
        Value::Number(column) => column.iter().collect(),
        other => panic!("{text}: {other:?}"),
    }
}

fn truths(text: &str) -> Vec<Option<bool>> {
    match run(text).value {
        Value::Bool(column) => column.iter().collect(),
        other => panic!("{text}: {other:?}"),
    }
}

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const N: Option<bool> = None;

#[test]
fn missing_propagates_through_arithmetic() {
    assert_eq!(numbers("x + y"), [Some(3.0), None, None, Some(-1.0)]);
    assert_eq!(
        numbers("-x * 2 ^ 2"),
        [Some(-4.0), None, Some(-16.0), Some(-0.0)]
    );
    assert_eq!(numbers("min(x, y)"), [Some(1.0), None, None, Some(-1.0)]);
    assert_eq!(
        numbers("max(x, 2, small)"),
        [Some(2.0), None, Some(4.0), Some(4.0)]
    );
    assert_eq!(numbers("I(x)"), [Some(1.0), None, Some(4.0), Some(0.0)]);
    assert_eq!(
        numbers("`gdp per head` / 2 - 1"),
        [Some(-0.5), Some(0.0), Some(0.5), Some(1.0)]
    );
    assert_eq!(numbers("7"), [Some(7.0); 4]);
}

#[test]
fn functions_give_their_numbers() {
    let at_two = |text: &str| {
        let text = text.replace('v', "(small + 1)");
        numbers(&text)[0].unwrap()
    };
    let table = [
        ("log(v)", 2f64.ln()),
        ("ln(v)", 2f64.ln()),
        ("log10(v)", 2f64.log10()),
        ("log1p(v)", 3f64.ln()),
        ("log2(v)", 1.0),
        ("exp(v)", 2f64.exp()),
        ("sqrt(v)", 2f64.sqrt()),
        ("abs(-v)", 2.0),
        ("asinh(v)", 2f64.asinh()),
        ("asinh(-v)", -2f64.asinh()),
        ("round(v / 3, 2)", 0.67),
        ("round(v / 4)", 1.0),
        ("round(-v / 4)", -1.0),
        ("round(v * 628, -2)", 1300.0),
    ];
    for (text, expected) in table {
        let got = at_two(text);
        // One unit in the last place of numbers of this size.
        assert!(
            (got - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(),
            "{text}: {got}"
        );
    }
    assert!((numbers("asinh(1e-10 * small)")[0].unwrap() / 1e-10 - 1.0).abs() < 1e-15);
}

#[test]
fn rows_without_a_value_are_counted() {
    let table: [(&str, &str, &[usize], &str); 8] = [
        ("log(x)", "log", &[3], "log(x)"),
        ("log(y)", "log", &[3], "log(y)"),
        ("sqrt(y - 3)", "sqrt", &[0, 3], "sqrt(y-3)"),
        ("small / x", "/", &[3], "small/x"),
        ("x / x", "/", &[3], "x/x"),
        ("exp(1000 * x)", "exp", &[0, 2], "exp(1000*x)"),
        ("1e200 * 1e200", "*", &[0, 1, 2, 3], "1e200*1e200"),
        ("odd", "column", &[0, 1], "odd"),
    ];
    for (text, function, rows, shown) in table {
        let Evaluated { value, losses } = run(text);
        assert_eq!(losses.len(), 1, "{text}");
        assert_eq!(losses[0].function, function, "{text}");
        assert_eq!(losses[0].rows, rows, "{text}");
        assert_eq!(losses[0].to_string(), shown);
        let Value::Number(column) = value else {
            panic!("{text}")
        };
        for row in rows {
            assert!(column.is_null(*row), "{text}");
        }
    }
    assert!(run("log(x + 1)").losses.is_empty());
    // The inner loss is not counted again by the outer function.
    assert_eq!(run("exp(log(x))").losses.len(), 1);
}

#[test]
fn logic_is_three_valued() {
    // x > 2 is F N T F; flag is T F N T.
    assert_eq!(truths("x > 2"), [F, N, T, F]);
    assert_eq!(truths("x > 2 and flag"), [F, F, N, F]);
    assert_eq!(truths("x > 2 or flag"), [T, N, T, T]);
    assert_eq!(truths("not (x > 2)"), [T, N, F, T]);
    assert_eq!(truths("x > 2 or flag is missing"), [F, N, T, F]);
    assert_eq!(truths("x is missing"), [F, T, F, F]);
    assert_eq!(truths("x is not missing"), [T, F, T, T]);
    assert_eq!(truths("log(x) is missing"), [F, T, F, T]);
    assert_eq!(truths("x in (1, 4)"), [T, N, T, F]);
    assert_eq!(truths("x not in (1, 4)"), [F, N, F, T]);
    assert_eq!(truths("small in (1, x)"), [T, N, F, F]);
    assert_eq!(truths("1 = 1"), [T; 4]);
    assert_eq!(truths("x and flag"), [T, F, N, F]);
}

#[test]
fn every_operator_compares() {
    for (text, expected) in [
        ("small = 2", [F, T, F, F]),
        ("small == 2", [F, T, F, F]),
        ("small != 2", [T, F, T, T]),
        ("small < 2", [T, F, F, F]),
        ("small <= 2", [T, T, F, F]),
        ("small > 2", [F, F, T, T]),
        ("small >= 2", [F, T, T, T]),
    ] {
        assert_eq!(truths(text), expected, "{text}");
    }
}

#[test]
fn columns_of_many_types() {
    assert_eq!(
        numbers("single * 2"),
        [Some(1.0), Some(3.0), Some(5.0), Some(7.0)]
    );
    assert_eq!(truths("name = 'a'"), [T, F, N, F]);
    assert_eq!(truths("name in ('甲', \"b\")"), [F, T, N, T]);
    assert_eq!(truths("large >= 'c'"), [F, F, T, T]);
    assert_eq!(truths("view != 'a'"), [F, T, T, T]);
    assert_eq!(truths("coded = view"), [T, T, F, F]);
    assert_eq!(numbers("flag + 1"), [Some(2.0), Some(1.0), None, Some(2.0)]);
    assert_eq!(truths("flag = 1"), [T, F, N, T]);
    assert_eq!(truths("day >= '2010-01-01'"), [F, T, T, T]);
    assert_eq!(truths("day < '2011'"), [T, T, F, F]);
}

#[test]
fn text_is_no_number() {
    let error = fail("name + 1");
    assert!(matches!(error, EvalError::TextForNumber { .. }));
    assert_eq!(error.span(), Span::new(0, 4));
    let error = fail("x > 1 and name = 2010");
    assert!(matches!(error, EvalError::TextWithNumber { .. }), "{error}");
    assert!(error.hint().unwrap().contains("quotes"));
    assert!(matches!(fail("log(day)"), EvalError::TextForNumber { .. }));
    assert!(matches!(
        fail("x in ('a', 'b')"),
        EvalError::TextWithNumber { .. }
    ));
    assert!(matches!(fail("not name"), EvalError::TextForNumber { .. }));
}

#[test]
fn unknown_columns_have_neighbours() {
    let error = fail("1 + smal");
    assert_eq!(error.span(), Span::new(4, 8));
    assert_eq!(
        error.to_string(),
        "there is no column smal; did you mean small?"
    );
    let diagnostic = error.diagnostic();
    assert_eq!(diagnostic.message, "there is no column smal");
    assert_eq!(diagnostic.hint.as_deref(), Some("did you mean small?"));
    let hint = fail("zzzzzz").hint().unwrap();
    assert!(
        hint.contains("x, y, small") && hint.contains("quotes"),
        "{hint}"
    );
}

#[test]
fn lags_go_by_calendar() {
    // Two units; unit 0 has no 2002, and the rows are not in order.
    let times = vec![2003, 2000, 2001, 2001, 2000];
    let panel = PanelIndex::new(vec![0, 0, 0, 1, 1], times).unwrap();
    let x: ArrayRef = Arc::new(Float64Array::from(vec![
        Some(30.0),
        Some(1.0),
        Some(10.0),
        Some(7.0),
        None,
    ]));
    let name: ArrayRef = Arc::new(StringArray::from(vec!["a"; 5]));
    let batch = RecordBatch::try_from_iter([("x", x), ("name", name)]).unwrap();
    let scope = Scope {
        batch: &batch,
        panel: Some(&panel),
    };
    let run = |text: &str| {
        let (column, _) = evaluate_number(&parse_expression(text).unwrap(), &scope).unwrap();
        column.iter().collect::<Vec<_>>()
    };
    assert_eq!(run("l(x, 1)"), [None, None, Some(1.0), None, None]);
    assert_eq!(run("l(x)"), run("l(x, 1)"));
    assert_eq!(run("l(x, 2)"), [Some(10.0), None, None, None, None]);
    assert_eq!(run("l(x, 0)"), run("x"));
    assert_eq!(run("f(x, 1)"), [None, Some(10.0), None, None, Some(7.0)]);
    assert_eq!(run("f(x, -2)"), run("l(x, 2)"));
    assert_eq!(run("d(x)"), [None, None, Some(9.0), None, None]);
    assert_eq!(run("d(x, 2)"), [Some(20.0), None, None, None, None]);
    assert_eq!(run("d(log10(x))"), [None, None, Some(1.0), None, None]);
    assert_eq!(run("l(l(x)) + 0"), [None; 5]);
    assert_eq!(run("l(x, 999999999999999)"), [None; 5]);

    let alone = Scope {
        batch: &batch,
        panel: None,
    };
    let expr = parse_expression("1 + l(x)").unwrap();
    let error = evaluate(&expr, &alone).unwrap_err();
    assert_eq!(
        error,
        EvalError::NoPanel {
            function: "l",
            span: Span::new(4, 8)
        }
    );
    assert!(error.hint().unwrap().contains("unit and time"));
    let short = batch.slice(0, 2);
    let error = evaluate(
        &expr,
        &Scope {
            batch: &short,
            panel: Some(&panel),
        },
    )
    .unwrap_err();
    assert!(matches!(
        error,
        EvalError::PanelLength {
            panel: 5,
            data: 2,
            ..
        }
    ));
    assert!(evaluate_number(&parse_expression("name").unwrap(), &scope).is_err());
}

#[test]
fn conditions_take_zero_and_one_but_no_other_numbers_and_no_text() {
    let batch = batch();
    let scope = Scope {
        batch: &batch,
        panel: None,
    };
    let condition = |text: &str| evaluate_condition(&parse_expression(text).unwrap(), &scope);
    let (kept, _) = condition("x / x").unwrap();
    assert_eq!(kept.iter().collect::<Vec<_>>(), [T, N, T, N]);
    let error = condition("x").unwrap_err();
    assert_eq!(error.to_string(), "x is a number and no condition");
    assert!(condition("name").is_err());
}

#[test]
fn an_empty_batch_gives_an_empty_column() {
    let batch = batch().slice(0, 0);
    let scope = Scope {
        batch: &batch,
        panel: None,
    };
    let (column, losses) = evaluate_number(&parse_expression("1/0 + x").unwrap(), &scope).unwrap();
    assert_eq!(column.len(), 0);
    assert!(losses.is_empty());
}
