//! The reading: every sentence follows its numbers, in both languages.
#![allow(clippy::unwrap_used)]

mod fixtures;

use fixtures::{baseline, difference, group, labels, lose, pooled, set, tests, within};
use panelyst_model::Fit;
use panelyst_model::results::{GroupDifference, TestRow};
use panelyst_report::Lang;
use panelyst_report::builders::{Role, Style};
use panelyst_report::reading::{
    ColumnFacts, GroupFacts, Hypothesis, IndexFacts, LedgerCounts, PanelFacts, ReadingInput, Scale,
    Sign, SourceFacts, TableNames, VariableFacts, VariantFacts, reading,
};

/// Everything that a reading borrows.
struct Study {
    style: Style,
    baseline: Vec<Fit>,
    tests: Vec<TestRow>,
    robust: Vec<Fit>,
    groups: Vec<Fit>,
    differences: Vec<GroupDifference>,
    sign: Sign,
    scales: [Scale; 2],
}

impl Study {
    fn new(lang: Lang) -> Self {
        let mut differences = Vec::new();
        differences.extend(difference(
            ["east", "central"],
            [0.503, 0.0293],
            [0.004, 0.012],
            [10, 6],
        ));
        differences.extend(difference(
            ["east", "northeast"],
            [0.503, 0.0641],
            [0.15, 0.22],
            [10, 3],
        ));
        Self {
            style: Style {
                labels: labels(lang),
                ..Style::new(lang)
            },
            baseline: baseline(),
            tests: tests(),
            robust: vec![
                within(pooled("agg", &[("rd", 0.453, 3.27, 0.0027)], 434), 31),
                within(pooled("agg", &[("inv", 0.15, 1.4, 0.17)], 378), 27),
            ],
            groups: vec![
                group(0.503, 3.46, 0.0072, 10),
                group(0.0293, 0.51, 0.63, 6),
                group(0.0641, 0.36, 0.75, 3),
            ],
            differences,
            sign: Sign::Positive,
            scales: [Scale::Level, Scale::Log10],
        }
    }

    fn say(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let pick = |en: &str, other: &str| if zh { other } else { en }.to_owned();
        let variable = |name: &str, label: String, quantity: String, scale, role| VariableFacts {
            name: name.to_owned(),
            label,
            quantity,
            unit: String::new(),
            scale,
            role,
            definition: String::new(),
            source: String::new(),
        };
        let input = ReadingInput {
            title: pick("Innovation and agglomeration", "技术创新与产业集聚"),
            style: &self.style,
            core: "inv".to_owned(),
            hypothesis: Some(Hypothesis {
                text: pick(
                    "innovation goes with agglomeration",
                    "技术创新能够促进高技术产业集聚",
                ),
                sign: self.sign,
            }),
            panel: PanelFacts {
                unit: "province".to_owned(),
                time: "year".to_owned(),
                units: 31,
                periods: 14,
                span: [2003, 2016],
                rows: 434,
                balanced: true,
            },
            variables: vec![
                variable(
                    "agg",
                    pick("Agglomeration", "产业集聚水平"),
                    pick("the location quotient", "区位熵"),
                    self.scales[0],
                    Role::Outcome,
                ),
                variable(
                    "inv",
                    pick("Innovation", "技术创新水平"),
                    pick("patents granted", "专利授权数"),
                    self.scales[1],
                    Role::Core,
                ),
            ],
            indices: vec![IndexFacts {
                label: pick("location quotient", "区位熵"),
                variable: "agg".to_owned(),
                latex: "LQ_{it} = \\frac{e_{it} / E_{it}}{\\sum_i e_{it} / \\sum_i E_{it}}"
                    .to_owned(),
                words: pick(
                    "$e$ is the income of the industry.",
                    "$e$为该产业主营业务收入。",
                ),
                citation: String::new(),
            }],
            sources: vec![SourceFacts {
                name: pick("China Statistical Yearbook", "《中国统计年鉴》"),
                content: "gdp".to_owned(),
            }],
            baseline: self
                .baseline
                .iter()
                .map(|fit| ColumnFacts {
                    fit,
                    description: String::new(),
                })
                .collect(),
            tests: &self.tests,
            robustness: self
                .robust
                .iter()
                .zip([
                    (
                        "rd",
                        pick("R&D spending in place of patents", "以研发支出替换专利数"),
                    ),
                    (
                        "inv",
                        pick("without the four municipalities", "剔除四个直辖市"),
                    ),
                ])
                .map(|(fit, (term, description))| VariantFacts {
                    fit,
                    description,
                    term: term.to_owned(),
                })
                .collect(),
            groups: self
                .groups
                .iter()
                .zip(["east", "central", "northeast"])
                .map(|(fit, name)| GroupFacts {
                    name: name.to_owned(),
                    fit,
                })
                .collect(),
            differences: &self.differences,
            ledger: LedgerCounts {
                filled: vec![("fdi".to_owned(), 12)],
                filling_rule: pick("linear within provinces", "省内线性插值"),
                ..LedgerCounts::default()
            },
            tables: TableNames {
                baseline: pick("Table 3", "表3"),
                tests: String::new(),
                robustness: pick("Table 4", "表4"),
                groups: pick("Table 5", "表5"),
                differences: pick("Table 6", "表6"),
            },
        };
        reading(&input, lang)
    }

    /// The reading holds the sentence in each language.
    fn says(&self, en: &str, zh: &str) {
        for (lang, sentence) in [(Lang::En, en), (Lang::Zh, zh)] {
            let said = self.say(lang);
            assert!(said.contains(sentence), "no `{sentence}` in\n{said}");
        }
    }

    /// The reading holds neither sentence.
    fn silent(&self, en: &str, zh: &str) {
        for (lang, sentence) in [(Lang::En, en), (Lang::Zh, zh)] {
            let said = self.say(lang);
            assert!(!said.contains(sentence), "`{sentence}` in\n{said}");
        }
    }

    fn main(&mut self, estimate: f64, t: f64, p: f64) {
        set(&mut self.baseline[2], "inv", estimate, t, p);
    }
}

#[test]
fn in_english() {
    insta::assert_snapshot!(Study::new(Lang::En).say(Lang::En));
}

#[test]
fn in_chinese() {
    insta::assert_snapshot!(Study::new(Lang::Zh).say(Lang::Zh));
}

#[test]
fn the_verdict_follows_sign_and_significance() {
    let mut study = Study::new(Lang::En);
    study.says("is in line with it", "与该假设一致");
    study.main(0.179, 1.2, 0.24);
    study.says("do not support it", "数据不支持该假设");
    study.says(
        "positive, as expected, but not significant at the 5% level",
        "符号与预期相符，但在5%水平上不显著",
    );
    study.silent("an association given", "相关关系");
    study.main(-0.179, -2.68, 0.0118);
    study.says("The data contradict it", "数据与该假设相悖");
    study.main(-0.179, -1.2, 0.24);
    study.says(
        "against expectation, and not significant",
        "符号与预期相反，且在5%水平上不显著",
    );
    study.sign = Sign::Negative;
    study.main(-0.179, -2.68, 0.0118);
    study.says("is in line with it", "与该假设一致");
}

#[test]
fn nothing_is_called_proven_or_caused() {
    for lang in [Lang::En, Lang::Zh] {
        let said = Study::new(lang).say(lang);
        for word in ["prove", "effect of inv", "leads to", "证明", "导致"] {
            assert!(!said.contains(word), "{word}");
        }
    }
}

#[test]
fn the_level_is_the_strictest_one_reached() {
    let mut study = Study::new(Lang::En);
    study.says(
        "significant at the 5% level (t = 2.68, p = 0.012)",
        "在5%水平上显著（t = 2.68，p = 0.012）",
    );
    study.main(0.179, 3.4, 0.0019);
    study.says(
        "significant at the 1% level (t = 3.40, p = 0.002)",
        "在1%水平上显著（t = 3.40，p = 0.002）",
    );
    study.main(0.179, 9.0, 1e-9);
    study.says(
        "significant at the 0.1% level (t = 9.00, p < 0.001)",
        "在0.1%水平上显著（t = 9.00，p < 0.001）",
    );
    // Other star levels change the words and not the numbers.
    study.style.stars = vec![0.1, 0.05, 0.01];
    study.main(0.179, 1.8, 0.082);
    study.says(
        "significant at the 10% level (t = 1.80, p = 0.082)",
        "在10%水平上显著（t = 1.80，p = 0.082）",
    );
}

#[test]
fn columns_tell_what_enters_and_what_becomes_of_the_coefficient() {
    let mut study = Study::new(Lang::En);
    study.says("Column (2) adds gov, gdp and fdi: the coefficient rises from 0.373 to 0.760 and stays significant at the 0.1% level", "第(2)列加入gov、gdp和fdi，系数由0.373升至0.760，仍在0.1%水平上显著");
    study.says("Column (3) adds fixed effects of Province and Year: the coefficient falls from 0.760 to 0.179 and is now significant at the 5% level instead of 0.1%", "系数由0.760降至0.179，显著性水平由0.1%变为5%");
    study.says("The standard errors change with it", "标准误类型也由");
    study.main(0.179, 1.2, 0.24);
    study.says(
        "and loses its significance at the 5% level",
        "在5%水平上不再显著",
    );
    study.main(-0.179, -1.2, 0.24);
    study.says(
        "falls from 0.760 to -0.179, turns negative",
        "由0.760降至-0.179，符号转为负",
    );
    set(&mut study.baseline[1], "inv", 0.1, 0.5, 0.6);
    study.says(
        "and remains not significant at the 5% level",
        "依然在5%水平上不显著",
    );
    study.main(0.179, 2.68, 0.0118);
    study.says(
        "and becomes significant at the 5% level",
        "变为在5%水平上显著",
    );
    study.baseline[1].vcov.kind = "cluster:province".to_owned();
    study.baseline[1].vcov.clusters = study.baseline[2].vcov.clusters.clone();
    study.baseline[0].vcov = study.baseline[1].vcov.clone();
    study.silent("The standard errors change with it", "标准误类型也由");
}

#[test]
fn the_size_follows_the_scales() {
    let mut study = Study::new(Lang::En);
    // log10 regressor, level outcome: 0.179 for ten times, 0.179 * log10(2) = 0.0539 for twice.
    study.says("A tenfold increase in patents granted goes with an increase of 0.179 in the location quotient, and a doubling with an increase of 0.0539", "专利授权数为原来的10倍时，区位熵平均高0.179；为原来的2倍时，平均高0.0539");
    study.main(-0.179, -2.68, 0.0118);
    study.says("goes with a decrease of 0.179", "平均低0.179");
    study.main(0.179, 2.68, 0.0118);
    study.scales = [Scale::Level, Scale::Ln];
    // 0.179 * ln 10 = 0.412.
    study.says("goes with an increase of 0.412", "平均高0.412");
    study.scales = [Scale::Log10, Scale::Log10];
    study.says("an elasticity of 0.179", "弹性为0.179");
    // Bases differ: 0.179 * ln 10 / 1 = 0.412.
    study.scales = [Scale::Log10, Scale::Ln];
    study.says("an elasticity of 0.412", "弹性为0.412");
    // 100 (exp(0.179) - 1) = 19.6.
    study.scales = [Scale::Ln, Scale::Level];
    study.says("goes with an increase of 19.6 per cent", "平均高19.6%");
    study.scales = [Scale::Level, Scale::Level];
    study.says(
        "An increase of one in patents granted goes with an increase of 0.179",
        "专利授权数高1时，区位熵平均高0.179",
    );
    study.scales = [Scale::Level, Scale::Ratio];
    study.says(
        "An increase of 0.01 in patents granted goes with an increase of 0.00179",
        "专利授权数高0.01时，区位熵平均高0.00179",
    );
    study.scales = [Scale::Other, Scale::Log10];
    study.silent("goes with an increase", "平均高");
    study.scales = [Scale::Level, Scale::Log10];
    study.main(0.179, 1.2, 0.24);
    study.says("cannot be told apart from zero", "与零无显著差异");
}

#[test]
fn an_undefined_hausman_is_no_verdict_and_the_robust_form_decides() {
    let mut study = Study::new(Lang::En);
    study.says(
        "undefined, no p-value is given (the difference of the covariances",
        "统计量无定义，不报告p值",
    );
    study.says("The robust form decides", "以稳健形式");
    study.says(
        "Random effects are rejected in favour of fixed effects, which the main specification uses",
        "拒绝随机效应模型，支持固定效应模型，主回归即采用",
    );
    study.tests[2].p_value = Some(0.4);
    study.tests[2].decision = "keep".to_owned();
    study.says("Random effects are not rejected", "不能拒绝随机效应模型");
    study.tests.pop();
    study.says(
        "does not choose between random and fixed effects",
        "不能据此在随机效应与固定效应之间作出选择",
    );
    study.silent("Random effects are", "支持固定效应模型");
}

#[test]
fn opposed_forms_are_told() {
    let mut study = Study::new(Lang::En);
    let classic = &mut study.tests[1];
    (classic.statistic, classic.p_value) = (Some(3.1), Some(0.54));
    classic.decision = "keep".to_owned();
    study.says("The forms disagree", "各形式的结论不一致");
    study.says("The robust form decides", "以稳健形式");
    let classic = &mut study.tests[1];
    classic.p_value = Some(0.01);
    classic.decision = "reject".to_owned();
    study.silent("The forms disagree", "各形式的结论不一致");
}

#[test]
fn tests_of_effects_follow_their_decision() {
    let mut study = Study::new(Lang::En);
    study.says(
        "all unit effects are zero is rejected (F(30, 386) = 75.820, p < 0.001)",
        "拒绝“各个体效应均相等”的原假设（F(30, 386) = 75.820，p < 0.001）",
    );
    study.tests[0].p_value = Some(0.31);
    study.tests[0].decision = "keep".to_owned();
    study.says(
        "is not rejected (F(30, 386) = 75.820, p = 0.310)",
        "不能拒绝“各个体效应均相等”",
    );
}

#[test]
fn robustness_counts_signs_and_significance() {
    let mut study = Study::new(Lang::En);
    study.says("Of 2 variants, 2 keep the sign of the main result, and 1 of these is significant at the 5% level.", "2种稳健性检验中，2种与主回归符号一致，其中1种在5%水平上显著。");
    study.says("depends on these choices", "依赖于设定的选择");
    set(&mut study.robust[1], "inv", 0.15, 2.4, 0.024);
    study.says("does not hinge on these choices", "不依赖于上述设定");
    set(&mut study.robust[1], "inv", -0.15, -2.4, 0.024);
    study.says("opposite sign to the main result", "符号与主回归相反");
    study.says("Of 2 variants, 1 keeps the sign", "1种与主回归符号一致");
    study.main(0.179, 1.2, 0.24);
    study.says("cannot confirm it", "无从加以印证");
}

#[test]
fn a_difference_is_told_from_significant_here_not_there() {
    let mut study = Study::new(Lang::En);
    let apparent = (
        "but this is no evidence of a difference",
        "并不能作为两组存在差异的证据",
    );
    study.says("the difference of 0.474 is significant at the 5% level (interaction p = 0.004, permutation p = 0.012)", "系数差为0.474，在5%水平上显著（交互项检验p = 0.004，置换检验p = 0.012）");
    study.says(
        "the difference of 0.439 is not significant",
        "系数差为0.439，在5%水平上不显著",
    );
    study.says(
        "significant in east and not in northeast, but this is no evidence of a difference",
        apparent.1,
    );
    // The difference becomes significant: the warning goes.
    for row in &mut study.differences[2..] {
        row.p_value = Some(0.01);
    }
    study.silent(apparent.0, apparent.1);
    // Only one test: the tests disagree.
    study.differences[3].p_value = Some(0.2);
    study.says("the tests disagree on the difference", "两种检验结论不一致");
    // Neither group is significant: nothing is apparent either.
    study.differences[2].p_value = Some(0.2);
    study.says(apparent.0, apparent.1);
    set(&mut study.groups[0], "inv", 0.503, 1.0, 0.34);
    study.silent(apparent.0, apparent.1);
}

#[test]
fn undefined_and_missing_difference_tests_are_told() {
    let mut study = Study::new(Lang::En);
    for row in &mut study.differences[2..] {
        row.p_value = None;
        row.note = "only three units".to_owned();
    }
    study.says("could not be tested (only three units)", "差异无法检验");
    study.differences.clear();
    study.says("were not tested", "组间系数差异未作检验");
}

#[test]
fn many_pairs_and_few_clusters_are_cautioned() {
    let mut study = Study::new(Lang::En);
    study.says(
        "2 pairs were compared: 1 of the interaction tests are below 5%, 1 after a Bonferroni",
        "经Bonferroni校正后为1对",
    );
    study.differences[0].p_value = Some(0.03);
    study.says("0 after a Bonferroni correction", "经Bonferroni校正后为0对");
    study.says(
        "Clusters are few in east (10), central (6) and northeast (3)",
        "的聚类数过少",
    );
    for fit in &mut study.groups {
        fit.vcov.clusters.insert("province".to_owned(), 60.into());
    }
    study.silent("Clusters are few", "聚类数过少");
    study.says(
        "With 31 clusters, p-values close to a threshold",
        "聚类数为31个，对接近临界水平的p值应谨慎解读",
    );
    study.baseline[2]
        .vcov
        .clusters
        .insert("province".to_owned(), 12.into());
    study.says("With only 12 clusters", "聚类数仅为12个");
}

#[test]
fn the_sample_counts_losses_and_filled_cells() {
    let mut study = Study::new(Lang::En);
    study.says(
        "31 units (Province) over 14 periods (Year, 2003 to 2016): 434 rows, balanced",
        "为平衡面板",
    );
    study.says(
        "filled in by rule (linear within provinces): fdi 12",
        "缺失值按规则填补（省内线性插值）：fdi（12个）",
    );
    study.silent("Rows left out", "未进入主回归的观测");
    lose(&mut study.baseline[2], "missing fdi", 3);
    study.says(
        "Rows left out of it: 3 with fdi missing",
        "未进入主回归的观测：fdi缺失3个",
    );
}

#[test]
fn the_equation_is_that_of_the_main_column() {
    let mut study = Study::new(Lang::En);
    study.says(
        "\\mathit{agg}_{it} = \\beta_{1} \\mathit{inv}_{it} + \\beta_{2} \\mathit{gov}_{it} + \\beta_{3} \\mathit{gdp}_{it} + \\beta_{4} \\mathit{fdi}_{it} + \\delta_i + \\mu_t + \\varepsilon_{it}",
        "$\\delta_i$为Province固定效应",
    );
    study.baseline.truncate(1);
    study.says(
        "\\mathit{agg}_{it} = \\beta_0 + \\beta_{1} \\mathit{inv}_{it} + \\varepsilon_{it}",
        "混合最小二乘法",
    );
    study.silent("\\delta_i", "\\delta_i");
    study.baseline[0].coefficients[0].term = "l(log_inv,2)".to_owned();
    study.says("\\mathit{log\\_inv}_{i,t-2}", "\\mathit{log\\_inv}_{i,t-2}");
}
