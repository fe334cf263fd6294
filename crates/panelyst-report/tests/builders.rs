//! Tables made from results, in both languages, with their notes.
#![allow(clippy::unwrap_used)]

mod fixtures;

use fixtures::{baseline, difference, group, labels, lines, lose, pooled, summary, tests, within};
use panelyst_model::Fit;
use panelyst_model::results::{Correlations, Note, VarianceInflation};
use panelyst_report::builders::{
    Brackets, Definition, MOMENTS, PAPER_MOMENTS, RegressionColumn, Role, Statistic, Style,
    SummaryPanel, correlation, definitions, description, group_differences, note_words, regression,
    specification, variance_inflation,
};
use panelyst_report::{Cell, Lang, RowKind, Table};

fn style(lang: Lang) -> Style {
    Style {
        labels: labels(lang),
        ..Style::new(lang)
    }
}

fn table_of(fits: &[Fit], style: &Style) -> Table {
    let columns: Vec<RegressionColumn<'_>> = fits.iter().map(RegressionColumn::new).collect();
    regression("table3-baseline", "Table 3", "Baseline", &columns, style)
}

fn notes(fits: &[Fit], style: &Style) -> String {
    table_of(fits, style).notes.join("\n")
}

#[test]
fn the_baseline_in_english() {
    insta::assert_snapshot!(lines(&table_of(&baseline(), &style(Lang::En))));
}

#[test]
fn the_baseline_in_chinese() {
    let fits = baseline();
    let columns: Vec<RegressionColumn<'_>> = fits.iter().map(RegressionColumn::new).collect();
    let table = regression(
        "table3-baseline",
        "表3",
        "基准回归结果",
        &columns,
        &style(Lang::Zh),
    );
    insta::assert_snapshot!(lines(&table));
}

#[test]
fn groups_have_headings_and_a_caution_for_few_clusters() {
    let fits = [
        group(0.503, 3.46, 0.007, 10),
        group(0.0641, 0.36, 0.75, 3),
        group(0.138, 0.92, 0.36, 31),
    ];
    let names = ["East", "North-east", "All"];
    let columns: Vec<RegressionColumn<'_>> = fits
        .iter()
        .zip(names)
        .map(|(fit, name)| RegressionColumn::new(fit).heading(name))
        .collect();
    let table = regression("table5", "Table 5", "Groups", &columns, &style(Lang::En));
    assert_eq!(table.header[0][1].text, "East");
    let notes = table.notes.join("\n");
    assert!(
        notes.contains("Few clusters (10 in column (1); 3 in column (2))"),
        "{notes}"
    );
    assert!(
        notes.contains("clustered by Province (10 clusters) in column (1); clustered by Province (3 clusters) in column (2)"),
        "{notes}"
    );
}

#[test]
fn equal_headings_that_stand_beside_each_other_are_joined() {
    let fits = baseline();
    let columns = [
        RegressionColumn::new(&fits[0]).heading("Pooled"),
        RegressionColumn::new(&fits[1]).heading("Pooled"),
        RegressionColumn::new(&fits[2]).heading("Within"),
    ];
    let table = regression("t", "", "", &columns, &style(Lang::En));
    let spans: Vec<usize> = table.header[0].iter().map(|cell| cell.span).collect();
    assert_eq!(spans, [1, 2, 1]);
    for header in &table.header {
        assert_eq!(header.iter().map(|cell| cell.span).sum::<usize>(), 4);
    }
    assert!(table.rows.iter().all(|row| row.cells.len() == 4));
}

#[test]
fn notes_say_which_columns_are_iid_and_which_clustered() {
    let notes = notes(&baseline(), &style(Lang::En));
    assert!(
        notes.contains("Standard errors: homoskedastic (iid) in columns (1) and (2); clustered by Province (31 clusters) in column (3)."),
        "{notes}"
    );
    assert!(
        notes.contains("t(432) in column (1); t(429) in column (2); t(30) in column (3)"),
        "{notes}"
    );
    assert!(notes.contains("not comparable"), "{notes}");
}

#[test]
fn notes_name_no_column_when_all_agree() {
    let fits = [group(0.1, 2.5, 0.018, 31), group(0.2, 2.6, 0.014, 31)];
    let notes = notes(&fits, &style(Lang::En));
    assert!(
        notes.contains("Standard errors: clustered by Province (31 clusters)."),
        "{notes}"
    );
    assert!(!notes.contains("column"), "{notes}");
    assert!(!notes.contains("not comparable"), "{notes}");
    assert!(!notes.contains("Few clusters"), "{notes}");
}

#[test]
fn notes_follow_brackets_stars_and_distribution() {
    let mut style = style(Lang::En);
    let mut fits = baseline();
    style.brackets = Brackets::StdError;
    style.stars = vec![0.1, 0.05, 0.01];
    let note = notes(&fits, &style);
    assert!(
        note.starts_with(
            "Note: In parentheses: standard errors. * p < 0.1, ** p < 0.05, *** p < 0.01."
        ),
        "{note}"
    );
    style.brackets = Brackets::T;
    style.stars = Vec::new();
    fits[1].df_test = None;
    let note = notes(&fits, &style);
    assert!(
        note.contains("t statistics in columns (1) and (3); z statistics in column (2)"),
        "{note}"
    );
    assert!(note.contains("No stars are printed."), "{note}");
    style.lang = Lang::Zh;
    style.stars = vec![0.05, 0.01, 0.001];
    fits[1].df_test = Some(429.0);
    let note = notes(&fits, &style);
    assert!(
        note.starts_with("注：括号内为t值；*、**、***分别表示在5%、1%、0.1%水平上显著。"),
        "{note}"
    );
}

#[test]
fn losses_filled_cells_constants_and_collinear_terms_are_told() {
    let mut fits = baseline();
    lose(&mut fits[2], "condition", 100);
    lose(&mut fits[2], "missing fdi", 3);
    lose(&mut fits[2], "singleton", 1);
    fits[2]
        .notes
        .push(Note::new("collinear", "x is dropped").about(["area"]));
    fits[2]
        .notes
        .push(Note::new("variance", "A variance was set to zero."));
    let constant = pooled(
        "agg",
        &[("inv", 0.2, 2.0, 0.05), ("_cons", -0.36, -0.29, 0.77)],
        434,
    );
    let mut constant = within(constant, 31);
    constant
        .notes
        .push(Note::new("constant", "mean").about(["mean-preserving"]));
    fits.push(constant);
    let mut columns: Vec<RegressionColumn<'_>> = fits.iter().map(RegressionColumn::new).collect();
    for column in &mut columns[1..] {
        column.filled_cells = vec![("fdi".to_owned(), 12), ("inv".to_owned(), 0)];
    }
    columns[3].notes.push("The last word.".to_owned());
    let en = regression("t", "", "", &columns, &style(Lang::En))
        .notes
        .join("\n");
    let zh = regression("t", "", "", &columns, &style(Lang::Zh))
        .notes
        .join("\n");
    insta::assert_snapshot!(format!("{en}\n\n{zh}"));
}

/// Every kind of note that an estimator adds is said in Chinese, with what it is about.
#[test]
fn notes_of_every_kind_are_said_in_chinese() {
    let mut fit = pooled("agg", &[("inv", 0.2, 2.0, 0.05)], 434);
    fit.vcov.clusters = serde_json::from_str(r#"{"state": 48}"#).unwrap();
    let kinds: [(&str, &[&str]); 21] = [
        ("perfect-fit", &[]),
        ("variance-components", &[]),
        ("r2", &[]),
        ("between", &[]),
        ("first-difference", &[]),
        ("effects", &[]),
        ("vcov", &[]),
        ("leverage", &[]),
        ("conley", &[]),
        ("separation", &[]),
        ("logit", &[]),
        ("weights", &["pop"]),
        ("repeated", &["3", "7", "9"]),
        ("weak-instruments", &["effective", "3.14"]),
        ("streamed", &["12"]),
        ("iterations", &["9"]),
        ("satterthwaite", &[]),
        ("wild", &["inv"]),
        ("pairs", &[]),
        ("convention", &[]),
        ("few-clusters", &[]),
    ];
    let mut english = Vec::new();
    for (kind, about) in kinds {
        let note = Note::new(kind, "words of the estimator").about(about.to_vec());
        let said = note_words(&note, &fit, Lang::Zh);
        if said.contains("words of the estimator") {
            english.push(kind);
        }
        for one in about.iter().filter(|one| **one != "effective") {
            assert!(
                english.contains(&kind) || said.contains(one),
                "{kind}: {said}"
            );
        }
        assert_eq!(note_words(&note, &fit, Lang::En), "words of the estimator");
    }
    assert_eq!(english, Vec::<&str>::new());
}

#[test]
fn the_constant_stands_only_where_a_fit_has_it() {
    let table = table_of(&baseline(), &style(Lang::En));
    let last = table
        .rows
        .iter()
        .rfind(|row| row.kind == RowKind::Body)
        .unwrap();
    assert_eq!(
        last.cells[0],
        Cell::Text {
            text: "_cons".to_owned()
        }
    );
    assert_eq!(last.cells[3], Cell::Empty);
    assert!(!table.notes.join("").contains("Constant"));
}

#[test]
fn undefined_inference_leaves_its_cells_empty() {
    let mut fits = baseline();
    fixtures::set(&mut fits[0], "inv", 0.373, f64::NAN, f64::NAN);
    let table = table_of(&fits[..1], &style(Lang::En));
    assert!(matches!(
        table.rows[0].cells[1],
        Cell::Estimate { stars: 0, .. }
    ));
    assert_eq!(table.rows[1].cells[1], Cell::Empty);
}

#[test]
fn an_estimator_beyond_least_squares_is_named() {
    let mut fits = baseline();
    fits[1].model = "random".to_owned();
    let table = lines(&table_of(&fits, &style(Lang::Zh)));
    assert!(
        table.contains("St: 模型 | 混合回归 | 随机效应 | 固定效应"),
        "{table}"
    );
    assert!(!lines(&table_of(&baseline(), &style(Lang::Zh))).contains("模型"));
}

#[test]
fn labels_reach_into_lags_products_and_combined_effects() {
    let style = style(Lang::Zh);
    assert_eq!(style.label("l(inv,2)"), "技术创新（滞后2期）");
    assert_eq!(style.label("inv:gov"), "技术创新 × gov");
    assert_eq!(style.label("province^year"), "省份 × 年份");
    assert_eq!(style.label("year::2014"), "年份 = 2014");
    assert_eq!(style.label("year::2014:inv"), "年份 = 2014 × 技术创新");
    assert_eq!(style.label("`my x`"), "my x");
    assert_eq!(style.label("`a:b`:inv"), "a:b × 技术创新");
    assert_eq!(style.label("I(inv^2)"), "I(inv^2)");
    assert_eq!(style.label("_cons"), "常数项");
}

#[test]
fn two_way_clusters_have_a_row_each() {
    let mut fit = group(0.2, 2.0, 0.05, 31);
    fit.vcov.kind = "cluster:province+year".to_owned();
    fit.vcov.clusters.insert("year".to_owned(), 14.into());
    let mut style = style(Lang::En);
    style.statistics = vec![Statistic::Clusters];
    let table = lines(&table_of(&[fit], &style));
    assert!(
        table.contains("St: Clusters (Province) | 31\nSt: Clusters (Year) | 14\n"),
        "{table}"
    );
    assert!(
        table.contains("clustered by Province (31 clusters) and Year (14 clusters)"),
        "{table}"
    );
}

#[test]
fn covariances_over_periods_and_places_are_said_in_both_languages() {
    for (kind, en, zh) in [
        (
            "newey-west:2",
            "Standard errors: Newey-West within units (Bartlett weights, lag 2).",
            "标准误：个体内Newey-West标准误（Bartlett权重，滞后2期）。",
        ),
        (
            "driscoll-kraay:3",
            "Standard errors: Driscoll-Kraay (Bartlett weights, lag 3).",
            "标准误：Driscoll-Kraay标准误（Bartlett权重，滞后3期）。",
        ),
        (
            "conley:500,lat,lon",
            "Standard errors: spatial (Conley, uniform weights up to 500 km).",
            "标准误：Conley空间标准误（500公里以内等权）。",
        ),
        (
            "conley:500,lat,lon,bartlett",
            "Standard errors: spatial (Conley, Bartlett weights up to 500 km).",
            "标准误：Conley空间标准误（Bartlett权重，500公里以内）。",
        ),
        (
            "hc3",
            "Standard errors: heteroskedasticity-robust (HC3).",
            "标准误：异方差稳健标准误（HC3）。",
        ),
    ] {
        let mut fit = group(0.2, 2.0, 0.05, 31);
        fit.vcov.kind = kind.to_owned();
        fit.vcov.clusters.clear();
        for (lang, words) in [(Lang::En, en), (Lang::Zh, zh)] {
            let table = lines(&table_of(&[fit.clone()], &style(lang)));
            assert!(table.contains(words), "{table}");
        }
    }
}

#[test]
fn description_of_two_samples() {
    let mut raw = vec![
        summary("agg", 434, 0.7057, 0.5990, [0.0204, 2.5892]),
        summary("inv", 430, 3.8043, 0.7779, [1.2041, 5.4313]),
    ];
    let plain = SummaryPanel {
        heading: String::new(),
        summaries: raw.clone(),
    };
    let paper = description(
        "t2",
        "Table 2",
        "Description",
        &[plain],
        PAPER_MOMENTS,
        &style(Lang::En),
    );
    raw[0].between = Some(0.58);
    raw[0].within = Some(0.12);
    let panels = [
        SummaryPanel {
            heading: "原始样本".to_owned(),
            summaries: raw.clone(),
        },
        SummaryPanel {
            heading: "估计样本".to_owned(),
            summaries: raw,
        },
    ];
    let full = description(
        "t2",
        "表2",
        "描述性统计",
        &panels,
        MOMENTS,
        &style(Lang::Zh),
    );
    insta::assert_snapshot!(format!("{}\n{}", lines(&paper), lines(&full)));
}

#[test]
fn definitions_leave_out_empty_columns_and_repeated_roles() {
    let row = |role, name: &str, label: &str, unit: &str| Definition {
        role,
        name: name.to_owned(),
        label: label.to_owned(),
        definition: "log10".to_owned(),
        unit: unit.to_owned(),
        source: String::new(),
    };
    let rows = [
        row(Role::Outcome, "agg", "Agglomeration", ""),
        row(Role::Control, "gdp", "Economic development", "100m yuan"),
        row(Role::Control, "gov", "Government", ""),
    ];
    let table = definitions("t1", "Table 1", "Definitions", &rows, &style(Lang::En));
    insta::assert_snapshot!(lines(&table));
}

#[test]
fn correlations_and_inflation() {
    let correlations = Correlations {
        variables: vec!["agg".to_owned(), "inv".to_owned()],
        r: vec![1.0, 0.484, 0.484, 1.0],
        p_value: vec![0.0, 1e-20, 1e-20, 0.0],
        nobs: 434,
    };
    let inflation = [
        VarianceInflation {
            variable: "inv".to_owned(),
            levels: 4.0,
            within: Some(2.0),
        },
        VarianceInflation {
            variable: "gdp".to_owned(),
            levels: 6.0,
            within: Some(f64::INFINITY),
        },
    ];
    let mut out = String::new();
    for lang in [Lang::En, Lang::Zh] {
        let style = style(lang);
        out.push_str(&lines(&correlation("c", "", "r", &correlations, &style)));
        out.push_str(&lines(&variance_inflation(
            "v", "", "VIF", &inflation, &style,
        )));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn specification_tests_in_both_languages() {
    let rows = tests();
    let en = specification("t", "Table 3", "Choice of model", &rows, &style(Lang::En));
    let zh = specification("t", "表3", "模型选择检验", &rows, &style(Lang::Zh));
    insta::assert_snapshot!(format!("{}\n{}", lines(&en), lines(&zh)));
    // An undefined statistic never shows a number or a p-value.
    assert_eq!(en.rows[1].cells[2], Cell::Empty);
    assert_eq!(en.rows[1].cells[4], Cell::Empty);
}

#[test]
fn differences_of_groups_join_both_tests() {
    let mut rows = Vec::new();
    rows.extend(difference(
        ["east", "central"],
        [0.503, 0.0293],
        [0.004, 0.012],
        [10, 6],
    ));
    rows.extend(difference(
        ["east", "northeast"],
        [0.503, 0.0641],
        [0.15, 0.22],
        [10, 3],
    ));
    let en = group_differences("g", "Table 6", "Differences", &rows, &style(Lang::En));
    let zh = group_differences("g", "表6", "组间差异", &rows, &style(Lang::Zh));
    insta::assert_snapshot!(format!("{}\n{}", lines(&en), lines(&zh)));
}

#[test]
fn cautions_of_differences_are_told_in_chinese() {
    let mut rows = difference(["east", "northeast"], [0.5, 0.1], [0.1, 0.2], [10, 3]);
    rows[0].note = "covariance cluster:province of the pooled regression, fixest convention; few clusters (east has 10, northeast has 3): take the p-value with caution".to_owned();
    rows[1].note = "999 random assignments of units, seed 20230; an unknown remark".to_owned();
    let zh = group_differences("g", "", "", &rows, &style(Lang::Zh))
        .notes
        .join("\n");
    assert!(zh.contains("[1] 合并回归的协方差为cluster:province，采用fixest惯例；聚类数过少（east：10，northeast：3），p值应谨慎解读"), "{zh}");
    assert!(zh.contains("[2] an unknown remark"), "{zh}");
}

#[test]
fn remarks_of_tests_are_said_in_chinese() {
    let mut rows = tests();
    rows[0].note = "LR (Self and Liang 1987); log-likelihoods 46.166517 and 877.161749; against a positive variance alone, chibar2(01): p = 1, since residuals are negatively correlated within levels; 48 clusters; as F(4, 47) = 15.3487: p = 0.0000; V(FE) - V(RE) is not positive definite, smallest eigenvalue -1.21e-3 of the matrix scaled by its diagonal, so that the statistic has no distribution; the cluster-robust Mundlak form decides".to_owned();
    let zh = lines(&specification("t", "表3", "检验", &rows, &style(Lang::Zh)));
    for said in [
        "对数似然值46.166517与877.161749",
        "chibar2(01)：p = 1（同组残差负相关）",
        "48个聚类；按F(4, 47) = 15.3487：p = 0.0000",
        "最小特征值为-1.21e-3",
        "以聚类稳健的Mundlak形式为准",
    ] {
        assert!(zh.contains(said), "{said}: {zh}");
    }
}
