//! Figures of the bundled studies: which there are, that they show the results of the same run, and where they stand.
#![allow(clippy::unwrap_used)]

use panelyst_report::Lang;

mod studies;

use studies::example;

fn finished(study: &str, lang: Lang) -> (tempfile::TempDir, Vec<String>) {
    let (out, made) = example(&format!("us-states/{study}"), lang);
    let figures = made.files.into_iter().filter(|f| f.starts_with("figures/"));
    (out, figures.collect())
}

fn read(out: &tempfile::TempDir, file: &str) -> String {
    std::fs::read_to_string(out.path().join(file)).unwrap()
}

#[test]
fn the_bundled_study_has_every_kind_in_the_folder_the_page_and_the_lock() {
    let (out, figures) = finished("study.toml", Lang::En);
    let kinds = [
        "coefficients",
        "coefficients",
        "coefficients",
        "groups",
        "index-over-time",
        "tile-map",
        "distribution",
        "added-variable",
        "leave-one-out",
        "residuals",
    ];
    let expected: Vec<String> = kinds
        .iter()
        .enumerate()
        .flat_map(|(place, kind)| {
            ["svg", "png"].map(|end| format!("figures/figure{}-{kind}.{end}", place + 1))
        })
        .collect();
    assert_eq!(figures, expected);
    let (page, lock) = (read(&out, "report.html"), read(&out, "panelyst.lock"));
    for file in figures.iter().filter(|file| file.ends_with(".png")) {
        let bytes = std::fs::read(out.path().join(file)).unwrap();
        assert!(bytes.starts_with(b"\x89PNG"), "{file}");
        assert!(lock.contains(file), "{file}");
    }
    for file in figures.iter().filter(|file| file.ends_with(".svg")) {
        let drawn = read(&out, file);
        // The same drawing stands in the page, without the white ground.
        let inside = &drawn[drawn.find("viewBox").unwrap()..];
        assert!(page.contains(inside), "{file}");
        assert!(lock.contains(file), "{file}");
        assert!(!drawn.contains("NaN"), "{file}");
        let id = file.trim_start_matches("figures/").trim_end_matches(".svg");
        assert!(
            page.contains(&format!("<figure class=\"chart\" id=\"{id}\">")),
            "{id}"
        );
    }
    assert!(page.contains("<section id=\"figures\">"));
}

#[test]
fn figures_say_the_numbers_of_the_tables() {
    let (out, _) = finished("study.toml", Lang::En);
    let results: serde_json::Value = serde_json::from_str(&read(&out, "results.json")).unwrap();
    let tables = results["tables"].as_array().unwrap();
    let baseline = tables.iter().find(|t| t["kind"] == "baseline").unwrap();
    let fits = baseline["results"].as_array().unwrap();
    let core = |fit: &serde_json::Value, key: &str| -> f64 {
        let all = fit["coefficients"].as_array().unwrap();
        all.iter().find(|c| c["term"] == "inv").unwrap()[key]
            .as_f64()
            .unwrap()
    };
    let digits =
        |v: f64| panelyst_report::numbers::text(v, panelyst_report::Digits::Significant(3));
    let drawn = read(&out, "figures/figure1-coefficients.svg");
    for fit in fits {
        let (low, high) = (digits(core(fit, "ci_low")), digits(core(fit, "ci_high")));
        let said = format!("{}, {low} to {high}", digits(core(fit, "estimate")));
        assert!(drawn.contains(&said), "{said}");
    }
    let full = fits.last().unwrap();
    let slope = format!("slope {}", digits(core(full, "estimate")));
    assert!(
        read(&out, "figures/figure8-added-variable.svg").contains(&slope),
        "{slope}"
    );
    // Without each unit: the ends are those of the statistics of few clusters.
    let rows = full["small_samples"]["coefficients"].as_array().unwrap();
    let few = rows.iter().find(|c| c["term"] == "inv").unwrap();
    let drawn = read(&out, "figures/figure9-leave-one-out.svg");
    for end in ["leave_one_out_low", "leave_one_out_high"] {
        let estimate = digits(few[end]["estimate"].as_f64().unwrap());
        let said = format!("{}: {estimate}", few[end]["without"].as_str().unwrap());
        assert!(drawn.contains(&said), "{said}");
    }
    let map = read(&out, "figures/figure6-tile-map.svg");
    assert_eq!(map.matches("not on the map").count(), 0);
    // Alaska, Hawaii and the District have a tile and no number.
    let page = read(&out, "report.html");
    assert!(page.contains("48 units with a value, 3 tiles without"));
}

#[test]
fn a_curve_is_drawn_in_chinese_with_its_choices() {
    let (out, figures) = finished("specification-curve.toml", Lang::Zh);
    let curve = figures
        .iter()
        .find(|f| f.contains("specification-curve"))
        .unwrap();
    let drawn = read(&out, curve);
    assert!(
        drawn.contains("lang=\"zh-CN\"") && drawn.contains("系数与95%置信区间"),
        "{curve}"
    );
    assert!(read(&out, "report.html").contains("个组合无估计值"));
}

/// The study of the folder with its formats named; gives what was written.
fn with_formats(formats: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let study = studies::root().join("examples/us-states/study.toml");
    let text = std::fs::read_to_string(&study).unwrap();
    let named = text.replacen("[study]", &format!("[study]\nformats = {formats}"), 1);
    assert_ne!(named, text);
    let file = folder.path().join("study.toml");
    std::fs::write(&file, named).unwrap();
    let options = panelyst_study::Options {
        out: Some(folder.path().join("out")),
        overrides: panelyst_study::Overrides {
            data: study.parent().map(std::path::Path::to_path_buf),
            ..Default::default()
        },
        ..Default::default()
    };
    let made = panelyst_study::run(&file, &options, &mut |_, _, _| {}).unwrap();
    made.files
}

#[test]
fn pictures_are_written_where_they_are_asked_for() {
    let ends = |files: &[String], end: &str| files.iter().filter(|f| f.ends_with(end)).count();
    let files = with_formats("[\"text\", \"png\"]");
    assert_eq!((ends(&files, ".png"), ends(&files, ".svg")), (10, 10));
    let files = with_formats("[\"word\"]");
    assert_eq!((ends(&files, ".png"), ends(&files, ".svg")), (0, 10));
}
