//! An example for each row of the registries, on bundled data.

const MUNNELL: &str = "tests/canonical/munnell.csv";

/// The formula of Munnell's production function.
const FORMULA: &str = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp";

/// The row's own example; a row without one is told.
fn own<'a>(kind: &str, name: &str, all: &[(&str, &'a str)]) -> &'a str {
    let found = all.iter().find(|(known, _)| *known == name);
    let missing = "has no example; write one in tests/book/examples.rs";
    match found {
        Some((_, example)) => example,
        None => panic!("the {kind} {name} {missing}"),
    }
}

/// Formula and options of each estimator.
const ESTIMATORS: [(&str, &str); 10] = [
    ("pooled", "\"FORMULA\" --vcov hc1"),
    ("within", "\"FORMULA | state + yr\" --vcov cluster:state"),
    (
        "between",
        "\"FORMULA\" --model between --panel state,yr --vcov hc1",
    ),
    (
        "first-difference",
        "\"FORMULA\" --model first-difference --panel state,yr --vcov cluster:state",
    ),
    (
        "random",
        "\"FORMULA\" --model random --panel state,yr --vcov cluster:state",
    ),
    (
        "random-ml",
        "\"FORMULA\" --model random-ml --panel state,yr",
    ),
    (
        "2sls",
        "\"log(gsp) ~ log(emp) + unemp | state + yr | log(p_cap) ~ log(hwy) + log(water)\" --vcov cluster:state",
    ),
    (
        "liml",
        "\"log(gsp) ~ log(emp) + unemp | state + yr | log(p_cap) ~ log(hwy) + log(water)\" --model liml --vcov hc1",
    ),
    (
        "poisson",
        "\"gsp ~ log(p_cap) + log(emp) | state + yr\" --model poisson --vcov cluster:state",
    ),
    (
        "logit",
        "\"I(unemp > 6) ~ log(emp) + log(p_cap)\" --model logit --vcov cluster:state",
    ),
];

pub fn estimator(name: &str) -> String {
    let options = own("estimator", name, &ESTIMATORS).replace("FORMULA", FORMULA);
    format!("panelyst fit {MUNNELL} {options} --small-samples never")
}

/// What is asked for with each covariance, and what else it needs.
const COVARIANCES: [(&str, &str); 13] = [
    ("iid", "iid"),
    ("hc0", "hc0"),
    ("hc1", "hc1"),
    ("hc2", "hc2"),
    ("hc3", "hc3"),
    ("cluster", "cluster:state"),
    ("newey-west", "newey-west:2 --panel state,yr"),
    ("driscoll-kraay", "driscoll-kraay:2 --panel state,yr"),
    ("conley", "conley:500,latitude,longitude"),
    ("crv3", "crv3:state"),
    ("cr2", "cr2:state"),
    ("pairs", "pairs:state,draws=199,seed=1"),
    ("wild", "wild:state,draws=999,seed=1"),
];

pub fn covariance(name: &str) -> String {
    let vcov = own("covariance", name, &COVARIANCES);
    let model = match name {
        "conley" => {
            "book/examples/places.csv \"log(gsp) ~ log(p_cap) + log(emp) | state + yr\"".to_owned()
        }
        _ => format!("{MUNNELL} \"{FORMULA} | state + yr\""),
    };
    format!("panelyst fit {model} --vcov {vcov} --small-samples never")
}

pub fn convention(name: &str) -> String {
    format!(
        "panelyst fit {MUNNELL} \"{FORMULA} | state + yr\" --vcov cluster:state --convention {name} --small-samples never"
    )
}

/// The table of all tests; those of time effects need one in the formula.
pub fn tests() -> String {
    format!("panelyst test {MUNNELL} \"{FORMULA} | yr\" --panel state,yr --format csv")
}

pub fn index(name: &str) -> String {
    let more = match name {
        "ellison-glaeser" => " --plants plants",
        "theil" => " --groups coast",
        _ => "",
    };
    format!(
        "panelyst index {name} book/examples/kinds.csv --value stock --region state --activity kind --time year{more}"
    )
}

/// The papers in which rules find something, in the order in which they are asked.
pub const PAPERS: [&str; 2] = [
    "examples/audit-reference-paper/paper.toml",
    "book/examples/slips.toml",
];

pub fn paper(file: &str) -> String {
    format!("panelyst audit {file} --format csv")
}
