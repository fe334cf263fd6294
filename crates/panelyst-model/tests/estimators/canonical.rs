//! Grunfeld and Munnell to the digits of `tests/canonical/expected.csv`.

use crate::data::{close, fit_one, path, table};
use panelyst_model::Fit;

/// The file gives eight significant digits.
const DIGITS: f64 = 6e-8;

fn check(dataset: &str, batch_name: &str, formula: &str, panel: &str, where_: &str) {
    let batch = table(batch_name);
    let expected = std::fs::read_to_string(path("canonical/expected.csv")).unwrap();
    let run = |formula: &str, options: &str| {
        fit_one(
            &batch,
            formula,
            &format!("panel={panel} {where_} {options}"),
        )
    };
    let (unit, time) = panel.split_once(',').unwrap();
    let fe = run(&format!("{formula} | {unit}"), "");
    let models: Vec<(&str, Fit)> = vec![
        ("pooled", run(formula, "")),
        ("twfe", run(&format!("{formula} | {unit} + {time}"), "")),
        ("re_swamy_arora", run(formula, "model=random")),
        (
            "fe_cluster_entity(G/(G-1))",
            run(
                &format!("{formula} | {unit}"),
                &format!("vcov=cluster:{unit} convention=plm-sss"),
            ),
        ),
        ("fe", fe),
    ];
    let mut seen = 0;
    for line in expected.lines().skip(1) {
        // The first and third field may hold commas inside quotes.
        let Some(rest) = line
            .strip_prefix(&format!("\"{dataset}\","))
            .or_else(|| line.strip_prefix(&format!("{dataset},")))
        else {
            continue;
        };
        let cells: Vec<&str> = rest.split(',').collect();
        if cells[0] == "test" {
            continue;
        }
        let value: f64 = cells[2].parse().unwrap();
        let what = format!("{dataset} {} {}", cells[0], cells[1]);
        if cells[0] == "re_var" {
            let fit = &models[2].1;
            let components = fit.variance_components.as_ref().unwrap();
            let got = match cells[1] {
                "sigma2_e" => components.sigma2_e,
                "sigma2_u" => components.sigma2_u,
                _ => components.theta[0],
            };
            close(got, value, DIGITS, &what);
            seen += 1;
            continue;
        }
        let fit = &models.iter().find(|(name, _)| *name == cells[0]).unwrap().1;
        seen += 1;
        if cells[1] == "R2_within" {
            close(fit.r2_within.unwrap(), value, DIGITS, &what);
            continue;
        }
        let term = match cells[1] {
            "const" => "_cons".to_owned(),
            name => match name.strip_prefix("ln_") {
                Some(column) => format!("log({column})"),
                None => name.to_owned(),
            },
        };
        let coefficient = fit.coefficient(&term).unwrap();
        close(coefficient.estimate, value, DIGITS, &what);
        close(
            coefficient.std_error,
            cells[3].parse().unwrap(),
            DIGITS,
            &what,
        );
    }
    assert!(seen >= 14, "only {seen} rows compared");
}

#[test]
fn grunfeld() {
    check(
        "grunfeld(10 firms, drop American Steel)",
        "canonical/grunfeld.csv",
        "invest ~ value + capital",
        "firm,year",
        "where=firm_!=_'American␣Steel'",
    );
}

#[test]
fn munnell() {
    check(
        "munnell",
        "canonical/munnell.csv",
        "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp",
        "state,yr",
        "",
    );
}
