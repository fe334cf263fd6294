#![allow(clippy::unwrap_used)]

mod samples;

#[test]
fn show() {
    use super::*;
    use crate::Lang;
    let out = std::env::var("SHOW").unwrap();
    let all = [
        samples::baseline(Lang::En),
        samples::baseline(Lang::Zh),
        samples::description(),
        samples::definitions(Lang::En),
        samples::definitions(Lang::Zh),
        samples::twelve(),
        samples::awkward(),
        samples::empty(),
    ];
    for row in FORMATS {
        for (name, document) in [("fragment", false), ("document", true)] {
            let options = RenderOptions {
                width: Some(80),
                document,
            };
            std::fs::write(
                format!("{out}/{name}.{}", row.extension),
                row.format.write(&all, &options).unwrap(),
            )
            .unwrap();
        }
    }
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let some = [samples::baseline(lang), samples::definitions(lang)];
        for row in FORMATS {
            std::fs::write(
                format!("{out}/{name}.{}", row.extension),
                row.format.write(&some, &RenderOptions::document()).unwrap(),
            )
            .unwrap();
        }
    }
}
