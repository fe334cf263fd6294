//! Pages made from the rows of the registries.

use std::path::Path;

use panelyst_audit::RULES;
use panelyst_data::indices::INDICES;
use panelyst_model::conventions::CONVENTIONS;
use panelyst_model::covariance::COVARIANCES;
use panelyst_model::estimators::ESTIMATORS;
use panelyst_model::groups::GROUP_METHODS;
use panelyst_model::specification::SPECIFICATION_TESTS;
use panelyst_study::pitfalls::PITFALLS;

use crate::blocks::output_of;
use crate::examples;

/// The pages that are written by hand, in their order.
pub const WRITTEN: [(&str, &str); 6] = [
    ("introduction.md", "What this is"),
    ("tutorial.md", "From yearbook to paper"),
    ("inference.md", "Standard errors, step by step"),
    ("audit.md", "Reading somebody else's tables"),
    ("python.md", "In Python"),
    (
        "coming-from.md",
        "Coming from Stata, fixest, plm or linearmodels",
    ),
];

/// Most lines of an output that a page shows in full.
const LINES: usize = 45;

/// Rows of one registry.
pub struct Chapter {
    /// Folder below the source of the book.
    pub folder: &'static str,
    title: &'static str,
    intro: &'static str,
    pub pages: Vec<Page>,
}

/// One row.
pub struct Page {
    /// File without its ending.
    pub name: String,
    title: String,
    /// The page.
    pub text: String,
}

impl Chapter {
    /// The first page of the chapter: what it is about, and a list.
    pub fn index(&self) -> String {
        let mut text = format!("# {}\n\n{}\n\n", self.title, self.intro);
        for page in &self.pages {
            text.push_str(&format!("- [{}]({}.md)\n", page.title, page.name));
        }
        text
    }
}

/// `SUMMARY.md`.
pub fn summary(chapters: &[Chapter]) -> String {
    let mut text = String::from("# Summary\n\n");
    for (file, title) in WRITTEN {
        let item = if file == "introduction.md" { "" } else { "- " };
        text.push_str(&format!("{item}[{title}]({file})\n"));
        if item.is_empty() {
            text.push('\n');
        }
    }
    for chapter in chapters {
        let folder = chapter.folder;
        text.push_str(&format!("- [{}]({folder}/index.md)\n", chapter.title));
        for page in &chapter.pages {
            text.push_str(&format!(
                "  - [{}]({folder}/{}.md)\n",
                page.title, page.name
            ));
        }
    }
    text
}

/// A page: a name for the machine and one for readers, with a capital, paragraphs in order.
fn page(name: &str, title: &str, parts: &[String]) -> Page {
    titled(name, capital(title), parts)
}

/// A page whose title stands as it is.
fn titled(name: &str, title: String, parts: &[String]) -> Page {
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    Page {
        name: slug(name),
        text: format!("# {title}\n\n{}\n", parts.join("\n\n")),
        title,
    }
}

fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// A sentence ends with a full stop. How it begins is left alone, for it may be a symbol.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{text}{stop}")
}

/// A heading with a formula below it, as it stands.
fn formula(text: &str) -> String {
    format!("## Formula\n\n```text\n{}\n```", wrapped(text))
}

fn source(text: &str) -> String {
    format!("## Source\n\n{}", sentence(text))
}

/// Lines of at most 90 characters, broken at blanks.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("begun with one");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 90 {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// A command with what it writes: in full, or its beginning.
fn example(command: &str, folder: &Path, most: usize) -> String {
    let output = output_of(command, folder);
    let lines: Vec<&str> = output.lines().collect();
    let shown = if lines.len() > most {
        format!("{}\n...", lines[..most].join("\n"))
    } else {
        output.clone()
    };
    format!("## Example\n\n```sh\n{command}\n```\n\n```text\n{shown}\n```")
}

/// A command with the first and one other line of what it writes.
fn one_line(command: &str, header: &str, line: &str) -> String {
    format!("## Example\n\n```sh\n{command}\n```\n\n```text\n{header}\n...\n{line}\n...\n```")
}

/// A fragment of a study.
fn fragment(heading: &str, text: &str) -> String {
    format!("## {heading}\n\n```toml\n{text}\n```")
}

/// All chapters; commands run in a folder with the bundled data.
pub fn chapters(folder: &Path) -> Vec<Chapter> {
    vec![
        estimators(folder),
        covariances(folder),
        conventions(folder),
        tests(folder),
        groups(),
        indices(folder),
        rules(folder),
        pitfalls(),
    ]
}

fn estimators(folder: &Path) -> Chapter {
    let pages = ESTIMATORS.iter().map(|row| {
        let yes = |holds: bool| if holds { "yes" } else { "no" };
        let facts = format!(
            "| | |\n|---|---|\n| name | `{}` |\n| needs a declared panel | {} |\n| effects after the bar | {} |\n\
             | instruments | {} |\n| weights | {} |\n| covariances other than iid | {} |\n| leverages (hc2, hc3) | {} |",
            row.name,
            yes(row.needs_panel),
            yes(row.takes_effects),
            yes(row.takes_instruments),
            yes(row.takes_weights),
            yes(row.takes_vcov),
            yes(row.has_leverages)
        );
        let parts = [
            sentence(row.doc),
            formula(row.formula),
            facts,
            source(row.citation),
            example(&examples::estimator(row.name), folder, LINES),
        ];
        page(row.name, row.label, &parts)
    });
    Chapter {
        folder: "estimators",
        title: "Estimators",
        intro: "What `--model NAME` and the `model` of a study's column name. Without it a formula without effects is pooled, \
                one with effects is within, one with instruments is two-stage least squares.",
        pages: pages.collect(),
    }
}

fn covariances(folder: &Path) -> Chapter {
    let pages = COVARIANCES.iter().map(|row| {
        let needs = if row.needs.is_empty() {
            format!("`--vcov {}`, nothing after the name.", row.name)
        } else {
            format!("`--vcov {}` with {}.", row.name, row.needs)
        };
        let parts = [
            needs,
            formula(row.doc),
            source(row.citation),
            example(&examples::covariance(row.name), folder, LINES),
        ];
        page(row.name, &format!("{} ({})", row.label, row.name), &parts)
    });
    Chapter {
        folder: "covariances",
        title: "Covariances",
        intro: "What `--vcov` takes. In the formulas X are the regressors after all effects were partialled out, e the \
                residuals, n the rows, K the parameters as the convention counts them, G the clusters.",
        pages: pages.collect(),
    }
}

fn conventions(folder: &Path) -> Chapter {
    let pages = CONVENTIONS.iter().map(|row| {
        let drops = if row.drops_singletons {
            "Singletons are dropped, recursively, and counted."
        } else {
            "Singletons stay in the sample."
        };
        let parts = [
            format!(
                "`--convention {}`, or `convention` under `[model]` of a study. {drops}",
                row.name
            ),
            format!("## Rules and source\n\n{}", sentence(row.doc)),
            example(&examples::convention(row.name), folder, LINES),
        ];
        // The names of programs keep their letters.
        titled(row.name, row.label.to_owned(), &parts)
    });
    Chapter {
        folder: "conventions",
        title: "Conventions",
        intro: "Packages agree on the sandwich and differ in small-sample factors, in what counts as a parameter, in singletons \
                and in degrees of freedom. The formula is the same on each of these pages; the errors are not. \
                `--convention all` sets them side by side.",
        pages: pages.collect(),
    }
}

fn tests(folder: &Path) -> Chapter {
    let command = examples::tests();
    let output = output_of(&command, folder);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines.len(),
        SPECIFICATION_TESTS.len() + 1,
        "a line for each test"
    );
    let pages = SPECIFICATION_TESTS
        .iter()
        .zip(&lines[1..])
        .map(|(row, line)| {
            assert!(line.contains(row.null), "{line} is not of {}", row.label);
            let when = if row.needs_time_effects {
                "Done only where the formula has an effect of the time column."
            } else {
                ""
            };
            let parts = [
                format!(
                    "Null hypothesis: {}. In JSON `\"test\": \"{}\"`, `\"variant\": \"{}\"`.",
                    row.null, row.test, row.variant
                ),
                when.to_owned(),
                formula(row.formula),
                source(row.citation),
                one_line(&command, lines[0], line),
            ];
            page(&format!("{} {}", row.test, row.variant), row.label, &parts)
        });
    Chapter {
        folder: "tests",
        title: "Specification tests",
        intro: "What `panelyst test` and a study's table of kind `choice` do, all in one table. A statistic that is not defined \
                is reported as undefined, never as a p-value.",
        pages: pages.collect(),
    }
}

fn groups() -> Chapter {
    let pages = GROUP_METHODS.iter().map(|row| {
        let toml =
            "[[table]]\nkind = \"heterogeneity\"\nby = \"region\"\npermutations = 199\nseed = 1";
        let parts = [
            sentence(row.doc),
            format!("In results the method is `{}`.", row.name),
            fragment("In a study", toml),
        ];
        page(row.name, row.label, &parts)
    });
    Chapter {
        folder: "groups",
        title: "Tests between groups",
        intro: "Whether a coefficient differs between groups of units. A table of kind `heterogeneity` does these for each pair \
                of groups, with Holm's correction for the number of pairs.",
        pages: pages.collect(),
    }
}

fn indices(folder: &Path) -> Chapter {
    let pages = INDICES.iter().map(|row| {
        let takes = if row.takes.is_empty() {
            String::new()
        } else {
            format!(" It can also take {}.", row.takes.join(", "))
        };
        let parts = [
            sentence(row.doc),
            formula(row.formula),
            format!("It needs {}.{takes}", row.needs.join(", ")),
            format!(
                "An identity that the tests hold it to: {}",
                sentence(row.identity)
            ),
            source(row.citation),
            example(&examples::index(row.name), folder, 9),
        ];
        page(row.name, row.label, &parts)
    });
    Chapter {
        folder: "indices",
        title: "Indices",
        intro: "What `panelyst index NAME` and `index` of a study's variable name. x_ia is the amount of activity a in region i. \
                The data of the examples are Munnell's public capital by kind in 1986; the column of plants in them is invented.",
        pages: pages.collect(),
    }
}

fn rules(folder: &Path) -> Chapter {
    let audited: Vec<(String, String)> = examples::PAPERS
        .iter()
        .map(|file| examples::paper(file))
        .map(|command| (output_of(&command, folder), command))
        .collect();
    let pages = RULES.iter().map(|row| {
        let begins = format!("{},", row.name);
        let found = audited.iter().find_map(|(output, command)| {
            let line = output.lines().find(|line| line.starts_with(&begins))?;
            Some(one_line(command, output.lines().next()?, line))
        });
        let parts = [
            format!(
                "`{}`, at most *{}*. It needs {}.",
                row.name, row.severity, row.needs
            ),
            format!("## Mathematics and source\n\n{}", sentence(row.doc)),
            format!("What to check: {}.", row.check),
            found.unwrap_or_else(|| panic!("no paper has a finding of {}", row.name)),
        ];
        page(row.name, row.label, &parts)
    });
    Chapter {
        folder: "audit-rules",
        title: "Rules of the audit",
        intro: "What `panelyst audit` looks for in published tables. All arithmetic is on intervals that hold whatever rounds to \
                the printed digits. The examples are findings in `examples/audit-reference-paper/paper.toml`, a published \
                paper, and in `book/examples/slips.toml`, an invented one.",
        pages: pages.collect(),
    }
}

fn pitfalls() -> Chapter {
    let pages = PITFALLS.iter().map(|row| {
        let parts = [
            format!("`{}` looks at {}.", row.name, row.looks_at),
            format!("## Why\n\n{}", sentence(row.doc)),
            format!("## What to do\n\n{}", sentence(row.fix)),
            fragment(
                "To silence it",
                &format!("[study]\nsilence = [\"{}\"]", row.name),
            ),
        ];
        page(row.name, row.label, &parts)
    });
    Chapter {
        folder: "pitfalls",
        title: "Pitfalls",
        intro: "What every run of a study looks for on its own. Those that are met are told on the terminal, in `results.json` \
                and in the reading; the ledger keeps what a silenced one would have said.",
        pages: pages.collect(),
    }
}
