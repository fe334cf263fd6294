//! The fast absorber against explicit dummies, on random small designs.
#![allow(clippy::unwrap_used)]

mod designs;

use designs::{Design, arbitrary_design, norm, slopes_of};
use panelyst_absorb::{
    Absorber, DenseAbsorber, Effect, Error, FixedEffects, Options, SparseMethod,
};
use proptest::prelude::*;

/// Compares residuals, coefficients' fit, estimates and rank of one design by both absorbers.
fn compare(design: &Design, options: Options) -> Result<(), TestCaseError> {
    let dense = DenseAbsorber::new(design.effects.clone(), design.weights.as_deref()).unwrap();
    let fast = FixedEffects::new(design.effects.clone(), design.weights.clone(), options).unwrap();
    let (mut expected, mut got) = (design.columns.clone(), design.columns.clone());
    dense.residualize(&mut expected).unwrap();
    let told = fast.residualize(&mut got).unwrap();
    prop_assert!(told.residual <= 1e-12, "{told:?}");
    let weights = design.weights.as_deref();
    let bound = if fast.is_direct() { 1e-11 } else { 1e-10 };
    for ((got, expected), raw) in got.iter().zip(&expected).zip(&design.columns) {
        let gap: Vec<f64> = got.iter().zip(expected).map(|(a, b)| a - b).collect();
        // Rounding times the condition of the dummies, which nearly saturated samples with weights over four decades
        // bring to 1e4; the iteration stops at 1e-10 where rounding keeps it from going on.
        prop_assert!(
            norm(&gap, weights) <= bound * norm(raw, weights) + 1e-300,
            "gap {:e} of {:e}",
            norm(&gap, weights),
            norm(raw, weights)
        );
    }
    if let (Some(a), Some(b)) = (
        slopes_of(&got, &design.columns, weights),
        slopes_of(&expected, &design.columns, weights),
    ) {
        let scale = b.iter().fold(1.0f64, |high, value| high.max(value.abs()));
        for (a, b) in a.iter().zip(&b) {
            prop_assert!((a - b).abs() <= 1e-9 * scale, "{a} {b}");
        }
    }
    // Coefficients: what they fit is the column less its residual, whatever the identification.
    let coefficients = fast.coefficients(&design.columns[0]).unwrap();
    let fitted = design.fitted(&coefficients);
    let gap: Vec<f64> = (0..fitted.len())
        .map(|row| design.columns[0][row] - expected[0][row] - fitted[row])
        .collect();
    prop_assert!(norm(&gap, weights) <= 1e-9 * norm(&design.columns[0], weights));
    let (exact, counted) = (dense.rank(), fast.rank());
    prop_assert_eq!(&exact.columns, &counted.columns);
    prop_assert!(counted.rank >= exact.rank);
    if counted.exact {
        prop_assert_eq!(&exact, &counted);
    }
    prop_assert_eq!(&exact, &fast.exact_rank(1000).unwrap());
    let (exact, fast) = (dense.leverages().unwrap(), fast.leverages().unwrap());
    for (row, (a, b)) in exact.iter().zip(&fast).enumerate() {
        // Rounding times the square of the condition of the dummies (1e4, as above): the normal equations are inverted.
        prop_assert!((a - b).abs() <= 1e-8, "leverage of row {row}: {a} and {b}");
    }
    Ok(())
}

/// Every way to solve for effects that are many, the sizes notwithstanding.
const METHODS: [SparseMethod; 5] = [
    SparseMethod::Chosen,
    SparseMethod::Exact,
    SparseMethod::Sampled,
    SparseMethod::Cells,
    SparseMethod::Rows,
];

/// Compares one design by every way.
fn compare_all(design: &Design) -> Result<(), TestCaseError> {
    for method in METHODS {
        let options = Options {
            dense_limit: 0,
            method,
            ..Options::default()
        };
        compare(design, options).map_err(|error| error_by(method, &error))?;
    }
    Ok(())
}

fn error_by(method: SparseMethod, error: &TestCaseError) -> TestCaseError {
    TestCaseError::fail(format!("{method:?}: {error}"))
}

proptest! {
    #![proptest_config(designs::cases(400))]

    #[test]
    fn direct_agrees(design in arbitrary_design()) {
        compare(&design, Options::default())?;
    }

    #[test]
    fn iterated_agrees(design in arbitrary_design()) {
        compare_all(&design)?;
    }

    #[test]
    fn matched_panels_agree(design in designs::arbitrary_match()) {
        compare_all(&design)?;
    }

    #[test]
    fn plain_coefficients_agree(design in designs::arbitrary_pair()) {
        let dense = DenseAbsorber::new(design.effects.clone(), design.weights.as_deref()).unwrap();
        let fast = FixedEffects::new(design.effects.clone(), design.weights.clone(), Options::default()).unwrap();
        let a = dense.coefficients(&design.columns[0]).unwrap();
        let b = fast.coefficients(&design.columns[0]).unwrap();
        let scale = a.iter().flatten().fold(1.0f64, |high, value| high.max(value.abs()));
        for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
            prop_assert!((a - b).abs() <= 1e-10 * scale, "{a} {b}");
        }
        for (level, &value) in b[1].iter().enumerate() {
            let first = design.effects[1].codes.iter().position(|&c| c as usize == level).unwrap();
            let component = design.component(first);
            let lowest = (0..design.effects[1].codes.len())
                .filter(|&row| design.component(row) == component)
                .map(|row| design.effects[1].codes[row] as usize)
                .min()
                .unwrap();
            if lowest == level {
                prop_assert_eq!(value, 0.0);
            }
        }
    }
}

#[test]
fn a_column_of_constants_leaves_nothing() {
    let design = designs::panel(31, 14);
    let fast = FixedEffects::new(design.effects, None, Options::default()).unwrap();
    let mut columns = vec![vec![0.1; 434], vec![0.0; 434], vec![1e300; 434]];
    fast.residualize(&mut columns).unwrap();
    for (column, size) in columns.iter().zip([0.1, 0.0, 1e300]) {
        assert!(column.iter().all(|value| value.abs() <= 1e-15 * size));
    }
}

#[test]
fn a_tight_iteration_limit_is_an_error_not_a_number() {
    // Three effects: no block of the equations is all of them, so that one iteration cannot do.
    let mut design = designs::chain(300);
    let rows = design.columns[0].len() as u32;
    let third: Vec<u32> = (0..rows).map(|row| row * 7919 % 613).collect();
    design.effects.push(designs::plain(&third));
    let options = Options {
        dense_limit: 0,
        method: SparseMethod::Rows,
        max_iterations: 1,
        ..Options::default()
    };
    let fast = FixedEffects::new(design.effects, None, options).unwrap();
    let error = fast.residualize(&mut design.columns.clone()).unwrap_err();
    assert!(matches!(error, Error::NoConvergence { reached, .. } if reached > 1e-12));
}

#[test]
fn long_chains_are_solved_by_both_ways() {
    // Condition grows with the square of the length: 4e4 here.
    let design = designs::chain(200);
    compare(&design, Options::default()).unwrap();
    compare_all(&design).unwrap();
}

#[test]
fn firms_that_few_moves_join_are_solved_by_every_way() {
    // Enough firms, joined at random, for stars to be sampled and for the exact elimination to leave a core.
    for years in [0, 6] {
        compare_all(&designs::moves(150, 60, years)).unwrap();
    }
}

#[test]
fn a_group_that_meets_nothing_else_is_no_trouble() {
    // One group holds all rows of a level, others share theirs in two components, one pair of levels meets in many groups.
    let group = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7];
    let level = [0, 0, 0, 1, 2, 1, 2, 2, 1, 2, 3, 3, 4, 5, 4, 4, 5, 5, 4];
    let period = [0, 1, 2, 0, 1, 1, 2, 0, 1, 2, 0, 2, 0, 1, 2, 1, 2, 0, 1];
    let rows = group.len();
    let mut design = Design {
        effects: vec![designs::plain(&group), designs::plain(&level)],
        weights: None,
        columns: (0..3).map(|j| designs::noise(rows, 30 + j)).collect(),
    };
    compare_all(&design).unwrap();
    design.weights = Some(designs::noise(rows, 40).iter().map(|u| u + 0.7).collect());
    compare_all(&design).unwrap();
    design.effects.push(designs::plain(&period));
    compare_all(&design).unwrap();
    design.weights = None;
    compare_all(&design).unwrap();
}

#[test]
fn slopes_with_a_large_mean_lose_no_more_than_their_condition() {
    // Years as a slope without intercepts are nearly collinear with the other effect's intercepts: the angle between
    // them is about 1e-4, so that rounding reaches 1e-12 of the column in any method, and 1e-9 leaves room.
    for seed in 0..20 {
        let rows = 60;
        let code = |seed: u64, levels: f64| -> Vec<u32> {
            let noise = designs::noise(rows, seed);
            noise.iter().map(|u| ((u + 0.5) * levels) as u32).collect()
        };
        let year = designs::noise(rows, seed + 100);
        let slope = Effect {
            intercept: false,
            slopes: vec![year.iter().map(|u| (2000.0 + 10.0 * u).round()).collect()],
            ..designs::plain(&code(seed + 200, 4.0))
        };
        let effects = vec![slope, designs::plain(&code(seed + 300, 8.0))];
        let dense = DenseAbsorber::new(effects.clone(), None).unwrap();
        for dense_limit in [512, 0] {
            let options = Options {
                dense_limit,
                ..Options::default()
            };
            let fast = FixedEffects::new(effects.clone(), None, options).unwrap();
            let raw = designs::noise(rows, seed + 400);
            let (mut a, mut b) = (vec![raw.clone()], vec![raw]);
            fast.residualize(&mut a).unwrap();
            dense.residualize(&mut b).unwrap();
            let gap: Vec<f64> = a[0].iter().zip(&b[0]).map(|(a, b)| a - b).collect();
            assert!(norm(&gap, None) <= 1e-9 * norm(&b[0], None));
        }
    }
}

#[test]
fn leverages_of_many_rows_add_up_to_the_rank() {
    // Sums over many cells leave rounding where a pivot should be zero.
    let noise = |seed: u64, levels: f64| -> Vec<u32> {
        let uniform = designs::noise(40_000, seed);
        uniform
            .iter()
            .map(|u| ((u + 0.5) * levels) as u32)
            .collect()
    };
    let plain = |seed, levels| designs::plain(&noise(seed, levels));
    let [ids, years, groups] = [plain(1, 4_000.0), plain(2, 20.0), plain(3, 7.0)];
    let mut slopes = plain(4, 12.0);
    slopes.slopes = vec![designs::noise(40_000, 5)];
    for (effects, rank) in [
        (vec![ids.clone(), years.clone()], 4_000 + 19),
        (vec![ids.clone(), years.clone(), groups], 4_000 + 19 + 6),
        (vec![ids, years, slopes], 4_000 + 19 + 11 + 12),
    ] {
        let fast = FixedEffects::new(effects, None, Options::default()).unwrap();
        let sum: f64 = fast.leverages().unwrap().iter().sum();
        assert!((sum - f64::from(rank)).abs() < 1e-7, "{sum} and {rank}");
    }
}
