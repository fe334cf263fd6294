//! The reading: a methods and results section in plain sentences, each derived from the numbers.
//!
//! Sentences speak of association. A sentence stands only where the numbers behind it do, and each is one function
//! with its English and Chinese form beside each other.

mod baseline;
mod choice;
mod context;
mod groups;
mod input;
mod model;
mod robustness;
mod sample;
mod size;
mod verdict;

pub use input::{
    ColumnFacts, GroupFacts, Hypothesis, IndexFacts, LedgerCounts, PanelFacts, ReadingInput, Scale,
    Sign, SourceFacts, TableNames, VariableFacts, VariantFacts,
};

use crate::table::Lang;
use context::Context;

/// The section as Markdown. Parts for which there are no facts are left out.
pub fn reading(study: &ReadingInput<'_>, lang: Lang) -> String {
    let context = Context::new(study, lang);
    let heading = |en: &'static str, zh: &'static str| context.pick(en, zh);
    let parts = [
        (heading("Model", "模型设定"), model::model(&context)),
        (
            heading("Variables and data", "变量与数据"),
            sample::variables(&context),
        ),
        (heading("Sample", "样本"), sample::sample(&context)),
        (
            heading("Hypothesis and verdict", "研究假设与结论"),
            verdict::verdict(&context),
        ),
        (
            heading("Choice of model", "模型选择检验"),
            choice::choice(&context),
        ),
        (
            heading("Baseline results", "基准回归结果"),
            baseline::baseline(&context),
        ),
        (
            heading("Robustness", "稳健性检验"),
            robustness::robustness(&context),
        ),
        (
            heading("Heterogeneity", "异质性分析"),
            groups::groups(&context),
        ),
    ];
    let mut out = String::new();
    if !study.title.is_empty() {
        out.push_str(&format!("# {}\n\n", study.title));
    }
    for (heading, paragraphs) in parts {
        if paragraphs.is_empty() {
            continue;
        }
        out.push_str(&format!("## {heading}\n\n"));
        for paragraph in paragraphs {
            out.push_str(&paragraph);
            out.push_str("\n\n");
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
