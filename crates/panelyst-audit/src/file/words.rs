//! Words of tables: rows and columns known by name, effects, legends of stars.

use crate::paper::{Errors, Moment, R2, Transform};

/// Lower case without spaces, points, hyphens and underscores.
pub(crate) fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_whitespace() && !matches!(c, '.' | '-' | '_' | '\\' | '$' | '{' | '}' | '^')
        })
        .flat_map(char::to_lowercase)
        .map(|c| if c == '\u{B2}' { '2' } else { c })
        .collect()
}

/// Whether a row or column counts observations.
pub(crate) fn counts_rows(text: &str) -> bool {
    matches!(
        bare(text).as_str(),
        "n" | "obs"
            | "observations"
            | "observation"
            | "noofobs"
            | "noobs"
            | "numobs"
            | "numberofobs"
            | "numberofobservations"
            | "nobs"
            | "num"
            | "count"
            | "\u{89C2}\u{6D4B}\u{503C}"
            | "\u{6837}\u{672C}\u{91CF}"
            | "\u{6837}\u{672C}\u{6570}"
            | "\u{89C2}\u{6D4B}\u{6570}"
    )
}

/// Whether a row counts clusters.
pub(crate) fn counts_clusters(text: &str) -> bool {
    let text = bare(text);
    // The clusters of something: `Industry clusters`.
    let of_something = text
        .strip_suffix("clusters")
        .is_some_and(|of| of.chars().all(char::is_alphabetic));
    of_something
        || matches!(
            text.as_str(),
            "clusters"
                | "numberofclusters"
                | "groups"
                | "numberofgroups"
                | "units"
                | "\u{805A}\u{7C7B}\u{6570}"
        )
}

/// A coefficient of determination.
pub(crate) fn r2(text: &str) -> Option<R2> {
    let text = bare(text);
    let word = text.replace("rsquared", "r2");
    match word.as_str() {
        "r2" | "overallr2" | "r2overall" => Some(R2::Plain),
        "adjr2"
        | "adjustedr2"
        | "r2adj"
        | "r2adjusted"
        | "r2a"
        | "ar2"
        | "\u{8C03}\u{6574}\u{540E}r2" => Some(R2::Adjusted),
        "withinr2" | "r2within" | "r2w" | "\u{7EC4}\u{5185}r2" => Some(R2::Within),
        _ => None,
    }
}

/// Rows of statistics that no rule uses.
pub(crate) fn other_statistic(text: &str) -> bool {
    matches!(
        bare(text).as_str(),
        "rootmse"
            | "rmse"
            | "loglikelihood"
            | "f"
            | "fstatistic"
            | "residualstderror"
            | "residualstandarderror"
            | "residualse"
            | "degreesoffreedom"
            | "df"
            | "wald"
            | "aic"
            | "bic"
            | "betweenr2"
            | "model"
            | "\u{5747}\u{65B9}\u{6839}\u{8BEF}\u{5DEE}"
            | "\u{5BF9}\u{6570}\u{4F3C}\u{7136}\u{503C}"
            | "\u{6A21}\u{578B}"
            | "estimator"
            | "se"
            | "se:"
            | "setype"
            | "standarderrors"
            | "stderrors"
            | "vcov"
            | "vcovtype"
    )
}

/// Whether a row is the constant.
pub(crate) fn constant(text: &str) -> bool {
    matches!(
        bare(text).as_str(),
        "cons"
            | "constant"
            | "intercept"
            | "(intercept)"
            | "const"
            | "\u{5E38}\u{6570}\u{9879}"
            | "\u{5E38}\u{6570}"
    )
}

/// YES or NO in a row of effects.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match bare(text).as_str() {
        "yes" | "y" | "x" | "\u{221A}" | "\u{2713}" | "\u{662F}" | "true" | "included"
        | "control" | "controlled" => Some(true),
        "no" | "n" | "\u{D7}" | "\u{5426}" | "false" => Some(false),
        _ => None,
    }
}

/// What a row of effects is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EffectKind {
    Unit,
    Time,
    Other,
}

/// Units or time by the words of a row; `unit` is the paper's own word for its units.
pub(crate) fn effect_kind(text: &str, unit: &str) -> EffectKind {
    const TIME: [&str; 8] = [
        "year",
        "time",
        "period",
        "yr",
        "month",
        "quarter",
        "\u{5E74}",
        "\u{65F6}\u{95F4}",
    ];
    const UNIT: [&str; 18] = [
        "region",
        "province",
        "individual",
        "unit",
        "firm",
        "entity",
        "state",
        "city",
        "country",
        "county",
        "area",
        "id",
        "company",
        "\u{5730}\u{533A}",
        "\u{4E2A}\u{4F53}",
        "\u{7701}",
        "\u{57CE}\u{5E02}",
        "\u{4F01}\u{4E1A}",
    ];
    let text = text.to_lowercase();
    let names_unit = !unit.is_empty() && text.contains(&unit.to_lowercase());
    if TIME.iter().any(|word| text.contains(word)) {
        EffectKind::Time
    } else if names_unit || UNIT.iter().any(|word| text.contains(word)) {
        EffectKind::Unit
    } else {
        EffectKind::Other
    }
}

/// Whether words of a heading or of a row `Model` name another estimator than least squares.
pub(crate) fn other_estimator(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "random",
        "gls",
        "2sls",
        "iv",
        "liml",
        "gmm",
        "poisson",
        "ppml",
        "logit",
        "probit",
        "tobit",
        "quantile",
        "difference",
        "between",
        "ml",
        "\u{968F}\u{673A}",
        "\u{7EC4}\u{95F4}",
        "\u{5DEE}\u{5206}",
        "\u{5DE5}\u{5177}\u{53D8}\u{91CF}",
        "weighted",
    ];
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| {
        // Other data than the descriptive statistics describe.
        word.starts_with("winsor")
            || WORDS
                .iter()
                .any(|known| word == *known || (!known.is_ascii() && word.contains(known)))
    })
}

/// Whether a title or a note names another estimator than least squares, or other variables than the descriptive statistics
/// describe. Fewer words count than in a heading, where `between` is an estimator.
pub(crate) fn names_estimator(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "2sls", "3sls", "iv", "liml", "gmm", "poisson", "ppml", "logit", "probit", "tobit",
        "quantile", "gls", "wls",
    ];
    const PHRASES: [&str; 24] = [
        "two-stage least squares",
        "two stage least squares",
        "instrumental variable",
        "random effects",
        "random-effects",
        "first difference",
        "first-difference",
        "between effects",
        "between estimat",
        "weighted by",
        "weighted least",
        "negative binomial",
        "maximum likelihood",
        "standardized coefficient",
        "standardised coefficient",
        "beta coefficient",
        "centred",
        "centered",
        "\u{52A0}\u{6743}",
        "\u{6807}\u{51C6}\u{5316}",
        "\u{4E2D}\u{5FC3}\u{5316}",
        "\u{968F}\u{673A}\u{6548}\u{5E94}",
        "\u{5DEE}\u{5206}",
        "\u{5DE5}\u{5177}\u{53D8}\u{91CF}",
    ];
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| word.starts_with("winsor") || WORDS.contains(&word))
        || PHRASES.iter().any(|phrase| text.contains(phrase))
}

/// A column of descriptive statistics.
pub(crate) fn moment(text: &str) -> Moment {
    match bare(text).as_str() {
        "mean" | "average" | "avg" | "\u{5747}\u{503C}" | "\u{5E73}\u{5747}\u{503C}" => {
            Moment::Mean
        }
        "stddev" | "sd" | "standarddeviation" | "std" | "\u{6807}\u{51C6}\u{5DEE}" => Moment::Sd,
        "min" | "minimum" | "\u{6700}\u{5C0F}\u{503C}" => Moment::Min,
        "max" | "maximum" | "\u{6700}\u{5927}\u{503C}" => Moment::Max,
        "median" | "p50" | "50%" | "\u{4E2D}\u{4F4D}\u{6570}" => Moment::Median,
        "p25" | "q1" | "25%" => Moment::P25,
        "p75" | "q3" | "75%" => Moment::P75,
        _ => Moment::Other,
    }
}

/// A declared transform.
pub(crate) const TRANSFORMS: [(&str, Transform); 6] = [
    ("level", Transform::Level),
    ("log", Transform::Log),
    ("log10", Transform::Log10),
    ("ln", Transform::Ln),
    ("share", Transform::Level),
    ("index", Transform::Level),
];

/// Standard errors by the words of the paper.
pub(crate) fn errors(text: &str) -> Option<Errors> {
    const KINDS: [(Errors, &[&str]); 3] = [
        (Errors::Clustered, &["cluster"]),
        (
            Errors::Robust,
            &[
                "heteroskedasticity-robust",
                "white",
                "hc1",
                "hc0",
                "hc2",
                "hc3",
            ],
        ),
        (
            Errors::Classical,
            &["iid", "classical", "conventional", "homoskedastic"],
        ),
    ];
    let text = text.to_lowercase();
    let named: Vec<Errors> = KINDS
        .iter()
        .filter(|(_, words)| words.iter().any(|word| text.contains(word)))
        .map(|(kind, _)| *kind)
        .collect();
    match named[..] {
        // Cluster-robust errors are robust as well, so that this word decides last.
        [] if text.contains("robust") => Some(Errors::Robust),
        [] if text.contains("mixed") => Some(Errors::Mixed),
        [] => None,
        [one] => Some(one),
        _ => Some(Errors::Mixed),
    }
}

/// The levels of a legend, one star first: `* p < 0.05, ** p < 0.01`. Nothing where it has none or they do not fall.
pub(crate) fn legend(text: &str) -> Vec<f64> {
    let letters: Vec<char> = text
        .chars()
        .map(|c| match c {
            '\u{2217}' | '\u{FF0A}' => '*',
            '\u{FF1C}' | '\u{2264}' => '<',
            c => c,
        })
        .collect();
    let mut found: Vec<(usize, f64)> = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let stars = letters[at..].iter().take_while(|c| **c == '*').count();
        if stars == 0 {
            at += 1;
            continue;
        }
        at += stars;
        let rest: String = letters[at..].iter().collect();
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(['p', 'P']).unwrap_or(rest).trim_start();
        let Some(rest) = rest.strip_prefix(['<', '=', ':']) else {
            continue;
        };
        let rest = rest.trim_start_matches(['=', ' ']);
        let digits: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        if let Ok(level) = digits.trim_end_matches('.').parse::<f64>() {
            let per_cent = rest[digits.len()..].trim_start().starts_with('%');
            found.push((stars, if per_cent { level / 100.0 } else { level }));
        }
    }
    if found.is_empty() {
        found = in_words(&letters);
    }
    found.sort_by_key(|(stars, _)| *stars);
    let counted = found
        .iter()
        .enumerate()
        .all(|(j, (stars, _))| *stars == j + 1);
    let levels: Vec<f64> = found.into_iter().map(|(_, level)| level).collect();
    let falls = levels.windows(2).all(|pair| pair[0] > pair[1]);
    let sound = levels.iter().all(|level| *level > 0.0 && *level < 1.0);
    if counted && falls && sound {
        levels
    } else {
        Vec::new()
    }
}

/// The levels of a legend in words: `***, ** and * denote significance at 1%, 5% and 10%`, or `* significant at 10%; **
/// significant at 5%`.
fn in_words(letters: &[char]) -> Vec<(usize, f64)> {
    let text: String = letters.iter().collect();
    let mut groups: Vec<(usize, Vec<f64>)> = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('*') {
        rest = &rest[at..];
        let stars = rest.len() - rest.trim_start_matches('*').len();
        rest = &rest[stars..];
        let own = &rest[..rest.find('*').unwrap_or(rest.len())];
        groups.push((stars, levels_in(own)));
    }
    let count = groups.len();
    let Some((last, before)) = groups.split_last() else {
        return Vec::new();
    };
    if count < 2 {
        return Vec::new();
    }
    if before.iter().all(|(_, levels)| levels.is_empty()) && last.1.len() >= count {
        let levels = last.1.clone();
        return groups
            .into_iter()
            .map(|(stars, _)| stars)
            .zip(levels)
            .collect();
    }
    let each = groups
        .iter()
        .map(|(stars, levels)| Some((*stars, *levels.first()?)));
    each.collect::<Option<_>>().unwrap_or_default()
}

/// The numbers of a text; shares of a hundred where a per cent sign or word follows the last of them.
fn levels_in(text: &str) -> Vec<f64> {
    let mut levels = Vec::new();
    let mut per_cent = false;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
        levels.extend(digits.trim_end_matches('.').parse::<f64>());
        let unit = after.trim_start();
        per_cent |= unit.starts_with(['%', '\u{FF05}']) || unit.starts_with("per");
        rest = after;
    }
    let scale = if per_cent { 100.0 } else { 1.0 };
    levels.iter().map(|level| level / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::{EffectKind, effect_kind, legend, r2};
    use crate::paper::R2;

    #[test]
    fn legends() {
        assert_eq!(
            legend("* p < 0.05, ** p < 0.01, *** p < 0.001"),
            [0.05, 0.01, 0.001]
        );
        assert_eq!(legend("***p<.01, **p<.05, *p<.1"), [0.1, 0.05, 0.01]);
        for text in [
            "***, **, * denote significance at the 1%, 5%, 10% level",
            "***, ** and * indicate significance at 1, 5 and 10 percent",
            "*\u{3001}**\u{3001}***\u{5206}\u{522B}\u{8868}\u{793A}\u{5728}10%\u{3001}5%\u{3001}1%\u{6C34}\u{5E73}\u{4E0A}\u{663E}\u{8457}",
            "Signif. Codes: ***: 0.01, **: 0.05, *: 0.1",
        ] {
            assert_eq!(legend(text), [0.1, 0.05, 0.01], "{text}");
        }
        assert_eq!(
            legend("* significant at 10%; ** significant at 5%; *** significant at 1%"),
            [0.1, 0.05, 0.01]
        );
        assert_eq!(legend("* 10%"), Vec::<f64>::new());
        assert_eq!(legend("*** p<1%, ** p<5%"), Vec::<f64>::new());
        assert_eq!(legend("no stars here"), Vec::<f64>::new());
    }

    #[test]
    fn rows() {
        assert_eq!(effect_kind("Region fixed", ""), EffectKind::Unit);
        assert_eq!(effect_kind("fixed year", ""), EffectKind::Time);
        assert_eq!(effect_kind("Industry", ""), EffectKind::Other);
        assert_eq!(r2("Within R\u{B2}"), Some(R2::Within));
    }
}
