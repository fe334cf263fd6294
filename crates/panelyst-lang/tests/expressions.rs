//! Expressions: what parses, how it prints, what is refused and where.
#![allow(clippy::unwrap_used)]

use panelyst_lang::ast::{Expr, ExprKind};
use panelyst_lang::{Span, parse_expression};
use proptest::prelude::*;

/// The same expression with every place set to nothing, so that two texts can be compared by what they say.
fn placeless(expr: &Expr) -> Expr {
    let inner = |e: &Expr| Box::new(placeless(e));
    let list = |l: &[Expr]| l.iter().map(placeless).collect::<Vec<_>>();
    let kind = match &expr.kind {
        ExprKind::Unary(op, x) => ExprKind::Unary(*op, inner(x)),
        ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, inner(a), inner(b)),
        ExprKind::Call(name, arguments) => ExprKind::Call(name, list(arguments)),
        ExprKind::IsMissing(x, not) => ExprKind::IsMissing(inner(x), *not),
        ExprKind::In(x, members, not) => ExprKind::In(inner(x), list(members), *not),
        leaf => leaf.clone(),
    };
    Expr {
        kind,
        span: Span::default(),
    }
}

#[test]
fn prints_as_it_reads() {
    let table = [
        ("a+b*c", "a+b*c"),
        ("(a+b)*c", "(a+b)*c"),
        ("a - (b - c)", "a-(b-c)"),
        ("a - b - c", "a-b-c"),
        ("a/(b*c)", "a/(b*c)"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^-x", "2^-x"),
        ("2^3^2", "2^3^2"),
        ("(2^3)^2", "(2^3)^2"),
        ("-(a*b)", "-(a*b)"),
        ("- - a", "--a"),
        ("not a = b", "not a=b"),
        ("(not a) = b", "(not a)=b"),
        ("a or b and c", "a or b and c"),
        ("(a or b) and not c", "(a or b) and not c"),
        ("x == 1", "x=1"),
        ("x != 'a'", "x!=\"a\""),
        ("x in (1, 2)", "x in (1,2)"),
        ("x not in ('a')", "x not in (\"a\")"),
        ("x + 1 is missing", "x+1 is missing"),
        ("x is not missing", "x is not missing"),
        ("`gdp per head` / 100", "`gdp per head`/100"),
        ("`gdp`", "gdp"),
        ("`and`", "`and`"),
        ("`a``b`", "`a``b`"),
        ("专利授权 + 人口.总", "专利授权+人口.总"),
        ("'it''s'", "\"it's\""),
        ("'say \"x\"'", "'say \"x\"'"),
        ("ln(x)", "log(x)"),
        ("log", "log"),
        ("log + exp(log)", "log+exp(log)"),
        ("l(x)", "l(x)"),
        ("l(x, -2)", "l(x,-2)"),
        ("min(a, b, 3)", "min(a,b,3)"),
        ("round(x, 2)", "round(x,2)"),
        (".5e-3", "0.0005"),
        ("1e300", "1e300"),
        ("1e-9", "1e-9"),
        ("I(a > 1 and b <= 2)", "I(a>1 and b<=2)"),
    ];
    for (typed, printed) in table {
        let expr = parse_expression(typed).unwrap_or_else(|e| panic!("{typed}: {e:?}"));
        assert_eq!(expr.to_string(), printed, "{typed}");
        let again = parse_expression(printed).unwrap();
        assert_eq!(placeless(&again), placeless(&expr), "{typed}");
    }
}

#[test]
fn prints_with_spaces_when_asked() {
    let expr = parse_expression("a+b*l(c,2)>=1").unwrap();
    assert_eq!(format!("{expr:#}"), "a + b * l(c, 2) >= 1");
}

#[test]
fn precedence_is_that_of_the_textbook() {
    let same = [
        ("a+b*c^d", "a+(b*(c^d))"),
        ("-a*b", "(-a)*b"),
        ("a<b and c<d or e", "((a<b) and (c<d)) or e"),
        ("not a and b", "(not a) and b"),
        ("a+1 in (2)", "(a+1) in (2)"),
    ];
    for (one, other) in same {
        assert_eq!(
            placeless(&parse_expression(one).unwrap()),
            placeless(&parse_expression(other).unwrap()),
            "{one}"
        );
    }
}

/// Each mistake: the text, the words its place covers, part of the message, part of the hint.
#[test]
fn mistakes_point_at_their_place() {
    let table = [
        ("", "", "an expression is missing", ""),
        ("a +", "+", "a value is missing after this", ""),
        ("a + * b", "+", "a value is missing after this", ""),
        ("lgo(x)", "lgo", "no function lgo()", "did you mean log"),
        ("is.na(x)", "is.na", "no function", "x is missing"),
        ("lag(x)", "lag", "no function", "l(x, 1)"),
        ("log(x", "(", "never closed", "add the closing ')'"),
        ("log(x]", "(x]", "closed by ']'", ""),
        ("x)", ")", "closes nothing", "remove it"),
        (
            "log(x, 2)",
            "log(x, 2)",
            "takes 1 argument, not 2",
            "log(x)",
        ),
        ("min(x)", "min(x)", "takes 2 or more", "min(x, y"),
        ("log()", "log()", "takes 1 argument, not 0", ""),
        ("log(,x)", ",", "an argument is missing", ""),
        ("a < b < c", "<", "do not chain", "a < b and b < c"),
        ("gdp per", "per", "an operator is missing", "backquotes"),
        ("a && b", "&&", "not part of the language", "`and`"),
        ("a | b", "|", "not an operator", "`or`"),
        ("!a", "!", "not part of the language", "`not`"),
        ("a ** 2", "**", "no such operator", "`^`"),
        ("a <> 2", "<>", "no such operator", "`!=`"),
        ("a is null", "null", "`missing`", "= and !="),
        ("a in 1", "in", "list in brackets", "x in (1, 2)"),
        ("a in ()", "a in ()", "list after `in` is empty", ""),
        ("'abc", "'", "never closed", "closing '"),
        ("`abc", "`", "never closed", "closing `"),
        ("``", "``", "empty name", ""),
        (
            "2010年",
            "2010年",
            "neither a number nor a name",
            "`2010年`",
        ),
        ("log（x）", "（", "not part of the language", "half-width"),
        ("a = 'x’ + b", "'", "never closed", ""),
        ("i(f)", "i", "only as a regressor", ""),
        ("l(x, 1.5)", "1.5", "not a whole number", "l(x, 1)"),
        ("l(x, 1:3)", ":", "cannot stand here", "l(x, 1:3)"),
        ("1e999", "1e999", "too large", ""),
        ("a = not b", "not", "cannot stand here", "brackets"),
        ("and b", "and", "a value is missing before", "backquotes"),
        ("a ~ b", "~", "belongs to a formula", ""),
        ("sw(a)", "sw", "no function", "stands alone"),
    ];
    for (typed, place, message, hint) in table {
        let mistakes = parse_expression(typed).expect_err(typed);
        let first = &mistakes[0];
        assert!(first.message.contains(message), "{typed}: {first:?}");
        assert_eq!(&typed[first.span.start..first.span.end], place, "{typed}");
        let given = first.hint.clone().unwrap_or_default();
        assert!(given.contains(hint), "{typed}: {first:?}");
    }
}

#[test]
fn the_second_comparison_of_a_chain_is_the_mistake() {
    let mistakes = parse_expression("a < b < c").unwrap_err();
    assert_eq!(mistakes[0].span, Span::new(6, 7));
}

#[test]
fn every_foreign_mark_is_told_at_once() {
    let mistakes = parse_expression("a && b ; c").unwrap_err();
    assert_eq!(mistakes.len(), 2);
}

#[test]
fn depth_is_limited_and_never_overflows_the_stack() {
    let deep = [
        "(".repeat(10_000),
        format!("{}x{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}x", "-".repeat(100_000)),
        format!("{}x", "not ".repeat(100_000)),
        format!("x{}", "^x".repeat(100_000)),
        format!("x{}", "+x".repeat(100_000)),
        format!("{}x{}", "log(".repeat(10_000), ")".repeat(10_000)),
    ];
    for text in deep {
        let mistakes = parse_expression(&text).unwrap_err();
        assert!(mistakes[0].message.contains("more than"), "{mistakes:?}");
    }
    let allowed = format!("x{}", "+x".repeat(300));
    assert!(parse_expression(&allowed).is_ok());
    let allowed = format!("{}x{}", "(".repeat(100), ")".repeat(100));
    assert!(parse_expression(&allowed).is_ok());
}

#[test]
fn columns_come_once_in_order() {
    let expr = parse_expression("b + log(a/b) + I(`c d` in (a, 'z'))").unwrap();
    assert_eq!(expr.columns(), ["b", "a", "c d"]);
    assert!(!expr.needs_panel());
    assert!(parse_expression("1 - log(l(x))").unwrap().needs_panel());
}

#[test]
fn lists_are_cut_at_commas_outside_brackets() {
    let list = panelyst_lang::parse_expression_list("gsp, log(pc), l(unemp, 1), `a,b`").unwrap();
    let printed: Vec<String> = list.iter().map(Expr::to_string).collect();
    assert_eq!(printed, ["gsp", "log(pc)", "l(unemp,1)", "`a,b`"]);
    let mistakes = panelyst_lang::parse_expression_list("lgo(a),,b c").unwrap_err();
    assert_eq!(mistakes.len(), 3);
}

fn any_expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z_][a-z0-9_.]{0,4}",
        "[\u{4e00}-\u{4e20}]{1,3}",
        (0u32..100_000).prop_map(|n| format!("{}", f64::from(n) / 8.0)),
        Just("1e-30".to_owned()),
        "'[a-c ]{0,4}'",
        "`[a-c \"']{1,4}`",
    ];
    leaf.prop_recursive(6, 64, 4, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (two.clone(), "[-+*/^<>=]|!=|<=|>=| and | or ")
                .prop_map(|((a, b), op)| format!("({a}){op}({b})")),
            (two, "[-+*/^]").prop_map(|((a, b), op)| format!("{a}{op}{b}")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.clone().prop_map(|a| format!("log({a})")),
            inner.clone().prop_map(|a| format!("{a} is missing")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) not in ({b}, 1)")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = parse_expression(&text);
    }

    #[test]
    fn text_of_the_language_never_panics(text in "([a-c]|[0-9.]|[-+*/^()=<>!,:~|'\"`]| (and|or|not|in|is) |missing|log|l\\(){0,24}") {
        if let Err(mistakes) = parse_expression(&text) {
            for mistake in mistakes {
                prop_assert!(text.get(mistake.span.start..mistake.span.end).is_some(), "{:?}", mistake);
            }
        }
    }

    #[test]
    fn printing_keeps_the_meaning(text in any_expression()) {
        if let Ok(expr) = parse_expression(&text) {
            for printed in [expr.to_string(), format!("{expr:#}")] {
                let again = parse_expression(&printed);
                prop_assert_eq!(again.as_ref().map(placeless), Ok(placeless(&expr)), "{} printed {}", text, printed);
            }
        }
    }
}
