//! Tail probabilities against R, down to 1e-300.

use crate::data::{close, path};
use panelyst_model::distributions::{
    chi2_upper, f_upper, normal_two_sided, normal_upper_quantile, t_two_sided,
    t_two_sided_quantile, t_upper,
};

#[test]
fn tails_agree_with_r() {
    let text = std::fs::read_to_string(path("reference/r/tails.csv")).unwrap();
    let mut smallest = 1.0f64;
    let mut compared = 0;
    for line in text.lines().skip(2) {
        let cells: Vec<&str> = line.split(',').collect();
        let v: Vec<f64> = cells[1..].iter().map(|c| c.parse().unwrap()).collect();
        let (x, a, b, p) = (v[0], v[1], v[2], v[3]);
        if p != 0.0 && p < 1e-300 {
            // Denormal numbers have no digits left to compare.
            continue;
        }
        // An argument known to 1e-16 gives a tail of exp(-E) known to E * 1e-16; R's own error is of that size.
        let relative = 1e-13 + 4e-16 * p.max(1e-300).ln().abs() * 4.0;
        match cells[0] {
            "normal" => close(normal_two_sided(x), p, relative, line),
            "t" => close(
                t_two_sided(x, a),
                p,
                1e-11_f64.min(relative.max(1e-12)),
                line,
            ),
            "F" => close(f_upper(x, a, b), p, relative.max(1e-12), line),
            "chi2" => close(chi2_upper(x, a), p, relative.max(1e-12), line),
            "t-quantile" => close(t_two_sided_quantile(p, a), x, 1e-11, line),
            "normal-quantile" => close(normal_upper_quantile(p), x, 1e-13, line),
            other => panic!("no distribution {other}"),
        }
        smallest = smallest.min(p);
        compared += 1;
    }
    assert!(compared > 200);
    assert!(smallest < 1e-280, "the smallest tail was {smallest:e}");
}

#[test]
fn exact_forms() {
    // One degree of freedom is Cauchy, two have a closed form; chi2 with two is exponential.
    for t in [1e-8, 0.3, 1.0, 25.0, 1e9, 1e150] {
        let cauchy = 1.0 - 2.0 / std::f64::consts::PI * f64::atan(t);
        if cauchy > 1e-3 {
            close(t_two_sided(t, 1.0), cauchy, 1e-12, "Cauchy");
        } else {
            close(
                t_two_sided(t, 1.0),
                2.0 / std::f64::consts::PI * f64::atan(1.0 / t),
                1e-12,
                "Cauchy tail",
            );
        }
    }
    for x in [0.01, 1.0, 30.0, 600.0, 1350.0] {
        close(chi2_upper(x, 2.0), f64::exp(-0.5 * x), 1e-12, "exponential");
    }
    for t in [0.2, 2.0, 30.0] {
        close(
            f_upper(t * t, 1.0, 17.0),
            t_two_sided(t, 17.0),
            1e-13,
            "F(1, n) is t squared",
        );
        close(t_upper(-t, 7.0) + t_upper(t, 7.0), 1.0, 1e-14, "symmetry");
    }
    assert_eq!(t_two_sided(0.0, 5.0), 1.0);
    assert_eq!(t_two_sided(f64::MAX, 5.0), 0.0);
    assert_eq!(f_upper(-1.0, 2.0, 3.0), 1.0);
}
