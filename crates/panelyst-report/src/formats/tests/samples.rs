//! Tables that the tests write: a baseline as papers print it, a description, and awkward ones.

use crate::table::{Cell, Digits, HeaderCell, Lang, Row, RowKind, Table};

/// Three adaptive digits.
const A3: Digits = Digits::Significant(3);

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text {
        text: text.to_owned(),
    }
}

pub(crate) fn header(cells: &[(&str, usize)]) -> Vec<HeaderCell> {
    cells
        .iter()
        .map(|&(text, span)| HeaderCell {
            text: text.to_owned(),
            span,
        })
        .collect()
}

pub(crate) fn row(kind: RowKind, cells: Vec<Cell>) -> Row {
    Row { kind, cells }
}

/// A coefficient row and its row of t statistics; `None` leaves a column empty.
fn coefficient(name: &str, columns: &[Option<(f64, u8, f64)>]) -> [Row; 2] {
    let estimates = columns.iter().map(|cell| match *cell {
        Some((value, stars, _)) => Cell::Estimate {
            value,
            digits: A3,
            stars,
        },
        None => Cell::Empty,
    });
    let brackets = columns.iter().map(|cell| match *cell {
        Some((_, _, value)) => Cell::Bracket {
            value,
            digits: Digits::Decimals(2),
        },
        None => Cell::Empty,
    });
    [
        row(
            RowKind::Body,
            std::iter::once(text(name)).chain(estimates).collect(),
        ),
        row(
            RowKind::Bracket,
            std::iter::once(Cell::Empty).chain(brackets).collect(),
        ),
    ]
}

/// A baseline of three columns with a header over two of them.
pub(crate) fn baseline(lang: Lang) -> Table {
    let zh = lang == Lang::Zh;
    let pick = |en: &'static str, chinese: &'static str| if zh { chinese } else { en };
    let (yes, no) = (pick("YES", "是"), pick("NO", "否"));
    let mut rows = Vec::new();
    rows.extend(coefficient(
        pick("inv", "创新水平"),
        &[
            Some((0.373_412_345_678_9, 3, 9.39)),
            Some((0.760_1, 3, 7.441)),
            Some((0.179_3, 2, 2.676)),
        ],
    ));
    rows.extend(coefficient(
        pick("gov", "政府干预"),
        &[None, Some((0.454, 3, 4.04)), Some((-0.012_91, 0, -0.06))],
    ));
    rows.extend(coefficient(
        pick("gdp", "经济发展水平"),
        &[None, Some((-2.047, 3, -13.22)), Some((0.290_2, 0, 0.81))],
    ));
    rows.extend(coefficient(
        "_cons",
        &[
            Some((-0.713, 3, -4.8)),
            Some((-1.003, 2, -2.84)),
            Some((-0.36, 0, -0.29)),
        ],
    ));
    let fixed = |name, third| {
        row(
            RowKind::Statistic,
            vec![text(name), text(no), text(no), text(third)],
        )
    };
    rows.push(fixed(pick("Province effects", "省份固定效应"), yes));
    rows.push(fixed(pick("Year effects", "年份固定效应"), yes));
    let n = Cell::Integer { value: 434 };
    rows.push(row(
        RowKind::Statistic,
        vec![text("N"), n.clone(), n.clone(), n],
    ));
    let r2 = |value| Cell::Number {
        value,
        digits: Digits::Decimals(3),
    };
    rows.push(row(
        RowKind::Statistic,
        vec![text("R²"), r2(0.4123), r2(0.625_5), r2(0.081)],
    ));
    Table {
        id: "table3-baseline".to_owned(),
        label: pick("Table 3", "表3").to_owned(),
        title: pick("Baseline regression results", "基准回归结果").to_owned(),
        header: vec![
            header(&[("", 1), (pick("Pooled", "混合回归"), 2), (pick("Within", "固定效应"), 1)]),
            header(&[("", 1), ("(1)", 1), ("(2)", 1), ("(3)", 1)]),
            header(&[("", 1), ("agg", 1), ("agg", 1), ("agg", 1)]),
        ],
        rows,
        notes: vec![
            pick(
                "Note: * p < 0.05, ** p < 0.01, *** p < 0.001; t statistics in brackets.",
                "注：* p < 0.05，** p < 0.01，*** p < 0.001；括号内为 t 值。",
            )
            .to_owned(),
            pick(
                "Standard errors are clustered by province (31 clusters, t with 30 degrees of freedom).",
                "标准误按省份聚类（31 个聚类，t 分布自由度为 30）。",
            )
            .to_owned(),
        ],
        lang,
    }
}

/// A description: counts in a column of their own, numbers of very different size.
pub(crate) fn description() -> Table {
    let line = |name: &str, obs: i64, numbers: [f64; 4]| {
        let numbers = numbers.map(|value| Cell::Number {
            value,
            digits: Digits::Decimals(3),
        });
        let cells = [text(name), Cell::Integer { value: obs }]
            .into_iter()
            .chain(numbers)
            .collect();
        row(RowKind::Body, cells)
    };
    Table {
        id: "table2-description".to_owned(),
        label: "Table 2".to_owned(),
        title: "Descriptive statistics".to_owned(),
        header: vec![header(&[
            ("Variable", 1),
            ("Obs", 1),
            ("Mean", 1),
            ("SD", 1),
            ("Min", 1),
            ("Max", 1),
        ])],
        rows: vec![
            line("agg", 434, [0.712, 0.611, 0.004_9, 2.904]),
            line("inv", 434, [4.191, 0.745, 1.23, 5.83]),
            line("output", 1_302, [12_345.678, 987.654_3, -3.25, 250_000.0]),
        ],
        notes: vec![],
        lang: Lang::En,
    }
}

/// Definitions of variables: columns of prose.
pub(crate) fn definitions(lang: Lang) -> Table {
    let zh = lang == Lang::Zh;
    let line = |cells: [&str; 3]| row(RowKind::Body, cells.into_iter().map(text).collect());
    Table {
        id: "table1-definitions".to_owned(),
        label: if zh { "表1" } else { "Table 1" }.to_owned(),
        title: if zh {
            "变量定义"
        } else {
            "Definitions of the variables"
        }
        .to_owned(),
        header: vec![if zh {
            header(&[("变量", 1), ("定义", 1), ("来源", 1)])
        } else {
            header(&[("Variable", 1), ("Definition", 1), ("Source", 1)])
        }],
        rows: if zh {
            vec![
                line([
                    "agg",
                    "区位商：地区高技术产业主营业务收入占全国的比重除以地区生产总值占全国的比重",
                    "中国高技术产业统计年鉴",
                ]),
                line(["inv", "发明专利申请数的常用对数", "中国科技统计年鉴"]),
            ]
        } else {
            vec![
                line([
                    "agg",
                    "location quotient: share of the province in the sales of high-tech industries over its share in GDP",
                    "China Statistics Yearbook on High Technology Industry",
                ]),
                line([
                    "inv",
                    "common logarithm of patent applications",
                    "the same yearbook",
                ]),
            ]
        },
        notes: vec![],
        lang,
    }
}

/// Twelve columns of estimates under three headers of four columns each.
pub(crate) fn twelve() -> Table {
    let columns: Vec<Option<(f64, u8, f64)>> = (1..=12)
        .map(|k| {
            Some((
                f64::from(k) * 0.111 - 0.7,
                (k % 4) as u8,
                f64::from(k) - 6.5,
            ))
        })
        .collect();
    let numbers: Vec<String> = (1..=12).map(|k| format!("({k})")).collect();
    let mut second = vec![("", 1)];
    second.extend(numbers.iter().map(|text| (text.as_str(), 1)));
    let mut rows: Vec<Row> = coefficient("log(patents)", &columns).into();
    rows.push(row(
        RowKind::Statistic,
        std::iter::once(text("N"))
            .chain((1..=12).map(|k| Cell::Integer { value: 100 * k }))
            .collect(),
    ));
    Table {
        id: "wide".to_owned(),
        label: String::new(),
        title: "Twelve columns".to_owned(),
        header: vec![
            header(&[("", 1), ("East", 4), ("Centre", 4), ("West", 4)]),
            header(&second),
        ],
        rows,
        notes: vec![
            "Note: a long note that is wrapped at the width of the table and not at its own."
                .to_owned(),
        ],
        lang: Lang::En,
    }
}

/// Names with every character that some format reserves, and panels.
pub(crate) fn awkward() -> Table {
    let panel = |name: &str| row(RowKind::Panel, vec![text(name), Cell::Empty]);
    let line = |name: &str, value| {
        row(
            RowKind::Body,
            vec![text(name), Cell::Number { value, digits: A3 }],
        )
    };
    Table {
        id: "awkward <id> & more".to_owned(),
        label: String::new(),
        title: "A & B | C < D, 100 % of $x_1^2$ # {~} \\ \"quoted\"".to_owned(),
        header: vec![header(&[("name", 1), ("[a*b] 'c'", 1)])],
        rows: vec![
            panel("Panel A: <first>"),
            line("a|b", 1.5),
            line("two\nlines", -1e-9),
            line("=SUM(A1)", 2.5e12),
            panel("Panel B"),
            line("+1", -0.0),
            line("@x", f64::NAN),
            line("[1] *y*", f64::NEG_INFINITY),
        ],
        notes: vec![
            "- not a list & not 5 % <b>bold</b>".to_owned(),
            "1. not a number, χ² ≥ 3".to_owned(),
        ],
        lang: Lang::En,
    }
}

/// Nothing at all.
pub(crate) fn empty() -> Table {
    Table {
        id: String::new(),
        label: String::new(),
        title: String::new(),
        header: vec![],
        rows: vec![],
        notes: vec![],
        lang: Lang::En,
    }
}
