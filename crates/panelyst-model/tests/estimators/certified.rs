//! NIST Statistical Reference Datasets, linear regression: certified estimates and standard errors.

use crate::data::{column, table};
use panelyst_model::linear::{Constant, LeastSquares, least_squares};

struct Certified {
    estimate: f64,
    error: f64,
}

fn solve(y: &[f64], x: &[Vec<f64>], constant: bool) -> (LeastSquares, Vec<f64>) {
    let constant = if constant {
        Constant::Ones
    } else {
        Constant::None
    };
    let solution = least_squares(y, x, constant, None).unwrap();
    assert!(solution.dropped.is_empty(), "a column was dropped");
    let k = solution.k();
    let variance = solution.rss / (y.len() - k) as f64;
    let bread = solution.bread();
    let errors = (0..k)
        .map(|i| (bread[i * k + i] * variance).sqrt())
        .collect();
    (solution, errors)
}

/// Number of digits that agree.
fn digits(got: f64, expected: f64) -> f64 {
    let difference = if expected == 0.0 {
        got.abs()
    } else {
        ((got - expected) / expected).abs()
    };
    -difference.max(1e-16).log10()
}

/// Certified values are given constant first, as NIST prints them; ours stands last.
fn check(
    name: &str,
    y: &[f64],
    x: &[Vec<f64>],
    certified: &[Certified],
    wanted: (f64, f64),
) -> LeastSquares {
    let constant = certified.len() > x.len();
    let (solution, errors) = solve(y, x, constant);
    let k = solution.k();
    for (i, c) in certified.iter().enumerate() {
        let place = if constant { (i + k - 1) % k } else { i };
        let estimate = digits(solution.coefficients[place], c.estimate);
        assert!(estimate >= wanted.0, "{name} B{i}: {estimate:.1} digits");
        let error = digits(errors[place], c.error);
        assert!(
            error >= wanted.1 || c.error == 0.0,
            "{name} SD{i}: {error:.1} digits"
        );
    }
    solution
}

fn values(list: &[(f64, f64)]) -> Vec<Certified> {
    list.iter()
        .map(|&(estimate, error)| Certified { estimate, error })
        .collect()
}

fn powers(x: &[f64], degree: i32) -> Vec<Vec<f64>> {
    (1..=degree)
        .map(|p| x.iter().map(|v| v.powi(p)).collect())
        .collect()
}

#[test]
fn norris() {
    let data = table("reference/nist/norris.csv");
    let certified = values(&[
        (-0.262323073774029, 0.232818234301152),
        (1.00211681802045, 0.429796848199937e-3),
    ]);
    let x = powers(&column(&data, "x"), 1);
    let s = check("Norris", &column(&data, "y"), &x, &certified, (12.0, 13.0));
    assert!(digits(s.rss, 26.6173985294224) > 13.0);
}

#[test]
fn pontius() {
    let data = table("reference/nist/pontius.csv");
    let certified = values(&[
        (0.673565789473684e-3, 0.107938612033077e-3),
        (0.732059160401003e-6, 0.157817399981659e-9),
        (-0.316081871345029e-14, 0.486652849992036e-16),
    ]);
    let x = powers(&column(&data, "x"), 2);
    let s = check("Pontius", &column(&data, "y"), &x, &certified, (11.0, 11.5));
    assert!(digits(s.rss, 0.155761768796992e-5) > 11.5);
}

#[test]
fn noint1() {
    let data = table("reference/nist/noint1.csv");
    let certified = values(&[(2.07438016528926, 0.165289256198347e-1)]);
    let x = powers(&column(&data, "x"), 1);
    let s = check("NoInt1", &column(&data, "y"), &x, &certified, (13.5, 13.5));
    assert!(digits(1.0 - s.rss / s.tss, 0.999365492298663) > 13.5);
}

#[test]
fn longley() {
    let data = table("reference/nist/longley.csv");
    let certified = values(&[
        (-3482258.63459582, 890420.383607373),
        (15.0618722713733, 84.9149257747669),
        (-0.358191792925910e-1, 0.334910077722432e-1),
        (-2.02022980381683, 0.488399681651699),
        (-1.03322686717359, 0.214274163161675),
        (-0.511041056535807e-1, 0.226073200069370),
        (1829.15146461355, 455.478499142212),
    ]);
    let x: Vec<Vec<f64>> = (1..=6).map(|j| column(&data, &format!("x{j}"))).collect();
    let s = check("Longley", &column(&data, "y"), &x, &certified, (11.0, 12.5));
    assert!(digits(1.0 - s.rss / s.tss, 0.995479004577296) > 13.0);
}

#[test]
fn filip() {
    // A polynomial of degree ten whose last column is 3e-8 away from the others: with 16 digits in its powers at most
    // eight can be right.
    let data = table("reference/nist/filip.csv");
    let certified = values(&[
        (-1467.48961422980, 298.084530995537),
        (-2772.17959193342, 559.779865474950),
        (-2316.37108160893, 466.477572127796),
        (-1127.97394098372, 227.204274477751),
        (-354.478233703349, 71.6478660875927),
        (-75.1242017393757, 15.2897178747400),
        (-10.8753180355343, 2.23691159816033),
        (-1.06221498588947, 0.221624321934227),
        (-0.670191154593408e-1, 0.142363763154724e-1),
        (-0.246781078275479e-2, 0.535617408889821e-3),
        (-0.402962525080404e-4, 0.896632837373868e-5),
    ]);
    let x = powers(&column(&data, "x"), 10);
    check("Filip", &column(&data, "y"), &x, &certified, (6.5, 6.5));
}

#[test]
fn wampler() {
    let data = table("reference/nist/wampler.csv");
    let x = powers(&column(&data, "x"), 5);
    let y = |j: usize| column(&data, &format!("y{j}"));
    let exact: Vec<(f64, f64)> = vec![(1.0, 0.0); 6];
    check("Wampler1", &y(1), &x, &values(&exact), (9.0, 0.0));
    let tenths: Vec<(f64, f64)> = (0..6).map(|p| (10f64.powi(-p), 0.0)).collect();
    check("Wampler2", &y(2), &x, &values(&tenths), (11.0, 0.0));
    let errors = [
        2152.32624678170,
        2363.55173469681,
        779.343524331583,
        101.475507550350,
        5.64566512170752,
        0.112324854679312,
    ];
    // Noise of 1e0, 1e2 and 1e4 times a vector orthogonal to the regressors costs as many digits.
    for (j, scale, wanted) in [(3, 1.0, 8.5), (4, 1e2, 7.0), (5, 1e4, 5.0)] {
        let certified: Vec<(f64, f64)> = errors.iter().map(|e| (1.0, e * scale)).collect();
        check(
            &format!("Wampler{j}"),
            &y(j),
            &x,
            &values(&certified),
            (wanted, 12.0),
        );
    }
}
