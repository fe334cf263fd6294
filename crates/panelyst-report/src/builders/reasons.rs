//! Why a model has no estimate, or a regressor no coefficient, in the language of a table.

use crate::table::Lang;
use panelyst_model::Error;

/// Why regressors were dropped, `yr was dropped: the effects state + yr absorb it; ...`, in a language.
pub fn dropped_words(text: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let parts = text.split("; ").map(|part| {
        let Some((name, why)) = part.split_once(" was dropped: ") else {
            return part.to_owned();
        };
        let absorbed = why.strip_prefix("the effects ");
        let absorbed = absorbed.and_then(|rest| rest.strip_suffix(" absorb it"));
        let why = match (absorbed, why.strip_prefix("it is collinear with ")) {
            (Some(effects), _) => format!("被固定效应{effects}吸收"),
            (_, Some(others)) => format!("与{others}完全共线"),
            _ => match why {
                "it does not vary" => "取值不变".to_owned(),
                "it is zero in every row" => "各行均为零".to_owned(),
                "its unit means do not vary" => "各个体的均值不变".to_owned(),
                other => other.to_owned(),
            },
        };
        format!("{name}已剔除，因其{why}")
    });
    parts.collect::<Vec<_>>().join("；")
}

/// What an estimator reports, in a language; what is rare stays in English.
pub fn error_words(error: &Error, lang: Lang) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    match error {
        Error::NoRows { rows, reasons } => format!("{rows}行中没有可用的观测：{}", losses(reasons)),
        Error::TooFewRows {
            observations,
            coefficients,
            effects,
        } => {
            let absorbed = match effects {
                0 => String::new(),
                n => format!("（其中{n}个为固定效应）"),
            };
            format!("{observations}个观测无法估计{coefficients}个系数{absorbed}：没有剩余自由度")
        }
        Error::AllDropped { reasons } => {
            format!("所有自变量均被剔除：{}", dropped_words(reasons, lang))
        }
        other => other.to_string(),
    }
}

/// What took the rows, with counts.
fn losses(reasons: &str) -> String {
    let words = [
        ("condition", "不满足条件"),
        ("missing", "缺失"),
        ("singleton", "单独观测"),
    ];
    let mut text = reasons.to_owned();
    for (en, zh) in words {
        text = text.replace(en, zh);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{dropped_words, error_words};
    use crate::table::Lang;
    use panelyst_model::Error;

    #[test]
    fn reasons_are_said_in_both_languages() {
        let text =
            "a was dropped: the effects u + t absorb it; b was dropped: it is collinear with c, d";
        assert_eq!(dropped_words(text, Lang::En), text);
        assert_eq!(
            dropped_words(text, Lang::Zh),
            "a已剔除，因其被固定效应u + t吸收；b已剔除，因其与c, d完全共线"
        );
        let error = Error::AllDropped {
            reasons: "x was dropped: it does not vary".to_owned(),
        };
        assert_eq!(
            error_words(&error, Lang::Zh),
            "所有自变量均被剔除：x已剔除，因其取值不变"
        );
        let error = Error::TooFewRows {
            observations: 2,
            coefficients: 3,
            effects: 1,
        };
        assert_eq!(
            error_words(&error, Lang::Zh),
            "2个观测无法估计3个系数（其中1个为固定效应）：没有剩余自由度"
        );
        assert_eq!(error_words(&error, Lang::En), error.to_string());
    }
}
