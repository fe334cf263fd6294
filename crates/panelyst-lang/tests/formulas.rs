//! Formulas: how they are spelt out, what their terms are called, what is refused and where.
#![allow(clippy::unwrap_used)]

use panelyst_lang::ast::{Factor, Formula};
use panelyst_lang::{parse_expression, parse_formula};
use proptest::prelude::*;

fn parse(text: &str) -> Vec<Formula> {
    parse_formula(text).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn one(text: &str) -> Formula {
    let mut list = parse(text);
    assert_eq!(list.len(), 1, "{text}");
    list.remove(0)
}

fn names(formula: &Formula) -> Vec<&str> {
    formula.regressors.iter().map(|t| t.name.as_str()).collect()
}

#[test]
fn terms_are_named_as_typed_without_spaces() {
    let table: [(&str, &[&str]); 18] = [
        ("y ~ x1 + x2", &["x1", "x2"]),
        ("y ~ I( unemp ^ 2 )", &["I(unemp^2)"]),
        ("y ~ x ^ 2 + x / 100", &["x^2", "x/100"]),
        ("y ~ x^-1 + ln( x )", &["x^-1", "ln(x)"]),
        ("y ~ a*b", &["a", "b", "a:b"]),
        ("y ~ a*b*c", &["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ a : b + b:a", &["a:b"]),
        ("y ~ a + a*b + b", &["a", "b", "a:b"]),
        ("y ~ (a + b):c", &["a:c", "b:c"]),
        ("y ~ (a + b)", &["a", "b"]),
        ("y ~ I(a * b)", &["I(a*b)"]),
        ("y ~ i( f , ref = 'a' ):x", &["i(f,ref='a'):x"]),
        ("y ~ l(x, 1:3)", &["l(x,1)", "l(x,2)", "l(x,3)"]),
        ("y ~ f(log(x), 2:1)", &["f(log(x),2)", "f(log(x),1)"]),
        ("y ~ l(x, -1:1)", &["l(x,-1)", "l(x,0)", "l(x,1)"]),
        ("y ~ d(x, c(1, 4))", &["d(x,1)", "d(x,4)"]),
        ("y ~ `gdp per head` + `x`", &["`gdp per head`", "x"]),
        (
            "专利 ~ I(人口 > 3 and 人口 is not missing)",
            &["I(人口>3 and 人口 is not missing)"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(names(&one(text)), expected, "{text}");
    }
}

#[test]
fn a_product_inside_a_function_is_arithmetic_and_outside_an_interaction() {
    let formula = one("y ~ log(a*b) + a:log(b)");
    assert_eq!(formula.regressors[0].factors.len(), 1);
    assert_eq!(formula.regressors[1].factors.len(), 2);
    assert_eq!(formula.columns(), ["y", "a", "b"]);
    assert_eq!(formula.regressors[1].columns(), ["a", "b"]);
}

#[test]
fn the_constant_can_be_left_out() {
    for (text, constant, spelt) in [
        ("y ~ x", true, "y ~ x"),
        ("y ~ 1", true, "y ~ 1"),
        ("y ~ x - 1", false, "y ~ x - 1"),
        ("y ~ -1+x", false, "y ~ -1 + x"),
        ("y ~ 0+x", false, "y ~ 0 + x"),
        ("y ~ x + 0", false, "y ~ x + 0"),
        ("y ~ x + 1", true, "y ~ x + 1"),
    ] {
        let formula = one(text);
        assert_eq!(formula.constant, constant, "{text}");
        assert_eq!(formula.text, spelt);
    }
}

#[test]
fn indicators_keep_their_parts() {
    let formula = one("y ~ i(year, treated, ref = -1) + i(f, x, 'a')");
    let Factor::Levels {
        column,
        by,
        reference,
    } = &formula.regressors[0].factors[0]
    else {
        panic!("levels");
    };
    assert_eq!(column.to_string(), "year");
    assert_eq!(by.as_ref().unwrap().to_string(), "treated");
    assert_eq!(reference.as_ref().unwrap().to_string(), "-1");
    let Factor::Levels { reference, .. } = &formula.regressors[1].factors[0] else {
        panic!("levels");
    };
    assert_eq!(reference.as_ref().unwrap().to_string(), "\"a\"");
}

#[test]
fn effects_combine_and_slope() {
    let formula = one("y ~ x | a + b ^ c + d[x, log(z)] + e[[x]] + a");
    let got: Vec<_> = formula
        .effects
        .iter()
        .map(|e| {
            (
                e.name.as_str(),
                e.columns.join(","),
                e.slopes.len(),
                e.intercept,
            )
        })
        .collect();
    assert_eq!(
        got,
        [
            ("a", "a".to_owned(), 0, true),
            ("b^c", "b,c".to_owned(), 0, true),
            ("d[x,log(z)]", "d".to_owned(), 2, true),
            ("e[[x]]", "e".to_owned(), 1, false),
        ]
    );
    assert_eq!(formula.columns(), ["y", "x", "a", "b", "c", "d", "z", "e"]);
}

#[test]
fn instruments_stand_in_the_last_part() {
    let formula = one("y ~ x | fe | endo ~ z1+z2");
    assert_eq!(formula.text, "y ~ x | fe | endo ~ z1 + z2");
    let parts = formula.instruments.unwrap();
    assert_eq!(parts.endogenous[0].name, "endo");
    assert_eq!(parts.excluded.len(), 2);
    assert_eq!(one("y ~ 1 | endo ~ z").text, "y ~ 1 | endo ~ z");
    assert_eq!(one("y ~ 1 | 0 | endo ~ z").text, "y ~ 1 | endo ~ z");
}

/// The order is that of fixest; pyfixest 0.60 spells the first and the sixth out in the same order.
#[test]
fn several_estimations_come_in_order() {
    let table: [(&str, &[&str]); 9] = [
        (
            "c(y, y2) ~ sw(x1, x2) | sw0(f1, f2)",
            &[
                "y ~ x1",
                "y ~ x2",
                "y2 ~ x1",
                "y2 ~ x2",
                "y ~ x1 | f1",
                "y ~ x2 | f1",
                "y2 ~ x1 | f1",
                "y2 ~ x2 | f1",
                "y ~ x1 | f2",
                "y ~ x2 | f2",
                "y2 ~ x1 | f2",
                "y2 ~ x2 | f2",
            ],
        ),
        ("y ~ a + sw0(b, c)", &["y ~ a", "y ~ a + b", "y ~ a + c"]),
        ("y ~ csw(a, b, c)", &["y ~ a", "y ~ a + b", "y ~ a + b + c"]),
        (
            "y ~ csw0(a, b) + z",
            &["y ~ z", "y ~ a + z", "y ~ a + b + z"],
        ),
        ("y ~ sw0(a)", &["y ~ 1", "y ~ a"]),
        (
            "y ~ mvsw(a, b, c)",
            &[
                "y ~ 1",
                "y ~ a",
                "y ~ b",
                "y ~ c",
                "y ~ a + b",
                "y ~ a + c",
                "y ~ b + c",
                "y ~ a + b + c",
            ],
        ),
        ("y ~ sw(a + b, a:b)", &["y ~ a + b", "y ~ a:b"]),
        ("log( y ) ~ x*z", &["log(y) ~ x*z"]),
        (
            "y ~ x | csw(f1, f2^f3)",
            &["y ~ x | f1", "y ~ x | f1 + f2^f3"],
        ),
    ];
    for (text, expected) in table {
        let got: Vec<String> = parse(text).into_iter().map(|f| f.text).collect();
        assert_eq!(got, expected, "{text}");
        for spelt in &got {
            assert_eq!(&one(spelt).text, spelt);
        }
    }
}

#[test]
fn names_of_functions_are_names() {
    let formula = one("log ~ i + l + sw + c | f + d");
    assert_eq!(formula.columns(), ["log", "i", "l", "sw", "c", "f", "d"]);
}

#[test]
fn outcome_has_a_name() {
    let formula = one("log( y / 100 ) ~ x");
    assert_eq!(formula.outcome_name, "log(y/100)");
    assert_eq!(formula.outcome, {
        let mut expr = parse_expression("log( y / 100 )").unwrap();
        expr.span = formula.outcome.span;
        expr
    });
}

/// Each mistake: the text, the words its place covers, part of the message, part of the hint.
#[test]
fn mistakes_point_at_their_place() {
    let table = [
        ("", "", "formula is empty", "y ~ x1"),
        ("y", "y", "needs `~`", "y ~ x1"),
        ("y = x", "=", "`~` and not `=`", ""),
        ("~ x", "~", "outcome is missing", ""),
        ("y ~", "", "a regressor is missing here", ""),
        ("y ~ x +", "+", "a regressor is missing after", ""),
        ("y ~ x + + z", "+", "a regressor is missing after", ""),
        ("y ~ x |", "", "an effect is missing here", ""),
        ("y ~ x*100", "100", "no column stands here", "I(x*100)"),
        ("y ~ 5", "5", "number alone", "1 stands for"),
        ("y ~ x - z", "z", "only the constant", "I(a - b)"),
        ("y ~ x > 5", "x > 5", "condition needs I()", "I(x>5)"),
        ("y ~ (a + b)^2", "(a + b)^2", "group terms", "I((a+b)^2)"),
        ("y ~ 'x'", "'x'", "text in quotes is not a column", "`x`"),
        ("y ~ I(x^2", "(", "never closed", "closing ')'"),
        ("y ~ log(x) | f(", "(", "never closed", ""),
        ("y ~ lgo(x)", "lgo", "no function", "log"),
        (
            "y ~ x | i(f)",
            "i(f)",
            "an effect is a column",
            "column alone",
        ),
        ("y ~ x | f1:f2", "f1:f2", "an effect is a column", "with ^"),
        ("y ~ x | f[x", "[", "never closed", "']'"),
        ("y ~ x | a | b", "b", "third part needs `~`", ""),
        ("y ~ x | e ~ z | f", "f", "nothing stands after", ""),
        ("y ~ x ~ z", "~", "second `~`", ""),
        ("y ~ x | x ~ z", "x", "regressor of the first part", ""),
        (
            "y ~ x | e ~ z + e",
            "e",
            "is its own instrument",
            "first part",
        ),
        (
            "y ~ i(f, ref = West)",
            "West",
            "number or a text",
            "ref = \"West\"",
        ),
        ("y ~ i(f, keep = 1)", "keep =", "no such argument", ""),
        ("y ~ i()", ")", "argument of i() is missing", ""),
        ("y ~ sw(a, b):c", "sw(a, b):c", "stands alone", ""),
        (
            "y ~ sw(a) + sw(b)",
            "sw(b)",
            "at most one stepwise",
            "sw(a, b, a + b)",
        ),
        ("y ~ sw(a, csw(b))", "csw(b)", "inside each other", ""),
        ("y ~ l(x, 1:2:3)", "1:2:3", "one `:`", ""),
        ("y ~ l(x, 1:z)", "z", "not a whole number", ""),
        ("y ~ a:", "a:", "a factor of this product is missing", ""),
        ("y ~ log(a:b)", ":", "cannot stand here", "`*`"),
        ("y ~ gdp per", "per", "an operator is missing", "backquotes"),
    ];
    for (typed, place, message, hint) in table {
        let mistakes = parse_formula(typed).expect_err(typed);
        let first = &mistakes[0];
        assert!(first.message.contains(message), "{typed}: {mistakes:?}");
        let shown = &typed[first.span.start..first.span.end];
        assert_eq!(shown, place, "{typed}: {mistakes:?}");
        let given = first.hint.clone().unwrap_or_default();
        assert!(given.contains(hint), "{typed}: {mistakes:?}");
    }
}

#[test]
fn several_mistakes_are_told_at_once() {
    let mistakes = parse_formula("lgo(y) ~ x*2 + sqr(z) - q | i(f) + g").unwrap_err();
    assert_eq!(mistakes.len(), 5, "{mistakes:?}");
    assert!(mistakes.is_sorted_by_key(|m| m.span.start));
}

#[test]
fn what_would_explode_is_refused() {
    let crossed = format!(
        "y ~ {}",
        (0..30)
            .map(|j| format!("x{j}"))
            .collect::<Vec<_>>()
            .join("*")
    );
    assert!(
        parse_formula(&crossed).unwrap_err()[0]
            .message
            .contains("more than")
    );
    let subsets = format!(
        "y ~ mvsw({})",
        (0..70)
            .map(|j| format!("x{j}"))
            .collect::<Vec<_>>()
            .join(",")
    );
    assert!(
        parse_formula(&subsets).unwrap_err()[0]
            .message
            .contains("more than")
    );
    assert!(
        parse_formula("y ~ l(x, 1:1000000000)").unwrap_err()[0]
            .message
            .contains("more than")
    );
    let deep = format!("y ~ {}x{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(
        parse_formula(&deep).unwrap_err()[0]
            .message
            .contains("more than")
    );
    let allowed = format!("y ~ {}x{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(names(&one(&allowed)), ["x"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = parse_formula(&text);
    }

    #[test]
    fn text_of_the_language_never_panics(text in "y ?~ ?([a-c]|[0-9.]|[-+*/^()=,:~|\\[\\]]|[`'\"]|sw\\(|l\\(|i\\(| in |ref=|c\\(){0,24}") {
        match parse_formula(&text) {
            Ok(formulas) => for formula in formulas {
                let again = parse_formula(&formula.text);
                prop_assert!(again.as_ref().is_ok_and(|a| a.len() == 1 && a[0].text == formula.text), "{:?} became {:?}: {:?}", text, formula.text, again);
            }
            Err(mistakes) => for mistake in mistakes {
                prop_assert!(text.get(mistake.span.start..mistake.span.end).is_some(), "{:?}", mistake);
            }
        }
    }
}
