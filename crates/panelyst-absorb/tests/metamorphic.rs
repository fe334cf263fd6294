//! What must not change, or change in a known way, when a sample is changed.
#![allow(clippy::unwrap_used)]

mod designs;

use designs::{Design, arbitrary_design, norm};
use panelyst_absorb::{Absorber, Effect, FixedEffects, Options};
use proptest::prelude::*;

/// Residualised columns, direct and iterated.
fn both(design: &Design) -> [Vec<Vec<f64>>; 2] {
    [512, 0].map(|dense_limit| {
        let options = Options {
            dense_limit,
            ..Options::default()
        };
        let fast = FixedEffects::new(design.effects.clone(), design.weights.clone(), options);
        let mut columns = design.columns.clone();
        fast.unwrap().residualize(&mut columns).unwrap();
        columns
    })
}

fn near(a: &[f64], b: &[f64], design: &Design, scale: f64) -> Result<(), TestCaseError> {
    let gap: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let gap = norm(&gap, design.weights.as_deref());
    prop_assert!(gap <= 1e-11 * scale, "{:e} of {:e}", gap, scale);
    Ok(())
}

/// The design with rows taken in another order, or several times.
fn take(design: &Design, rows: &[usize]) -> Design {
    let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
    Design {
        effects: design
            .effects
            .iter()
            .map(|effect| Effect {
                codes: rows.iter().map(|&row| effect.codes[row]).collect(),
                slopes: effect.slopes.iter().map(|slope| pick(slope)).collect(),
                ..effect.clone()
            })
            .collect(),
        weights: design.weights.as_deref().map(pick),
        columns: design.columns.iter().map(|column| pick(column)).collect(),
    }
}

proptest! {
    #![proptest_config(designs::cases(150))]

    #[test]
    fn shifting_by_an_effect_changes_nothing(design in arbitrary_design(), by in -100.0..100.0f64) {
        let mut shifted = design.clone();
        if !design.effects[0].intercept {
            return Ok(());
        }
        for (row, value) in shifted.columns[0].iter_mut().enumerate() {
            *value += by * (1.0 + f64::from(design.effects[0].codes[row]));
        }
        let scale = norm(&shifted.columns[0], design.weights.as_deref()) + norm(&design.columns[0], design.weights.as_deref());
        for (a, b) in both(&shifted).iter().zip(&both(&design)) {
            near(&a[0], &b[0], &design, scale)?;
        }
    }

    #[test]
    fn scaling_scales(design in arbitrary_design(), exponent in -1000i32..900) {
        let factor = 2f64.powi(exponent);
        let mut scaled = design.clone();
        scaled.columns[0].iter_mut().for_each(|value| *value *= factor);
        for (a, b) in both(&scaled).iter().zip(&both(&design)) {
            let back: Vec<f64> = a[0].iter().map(|value| value / factor).collect();
            near(&back, &b[0], &design, norm(&design.columns[0], design.weights.as_deref()))?;
        }
    }

    #[test]
    fn rows_in_another_order_give_the_same(design in arbitrary_design(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..design.columns[0].len()).collect();
        let keys = designs::noise(order.len(), seed);
        order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
        let mixed = take(&design, &order);
        for (a, b) in both(&mixed).iter().zip(&both(&design)) {
            for (j, raw) in design.columns.iter().enumerate() {
                let expected: Vec<f64> = order.iter().map(|&row| b[j][row]).collect();
                near(&a[j], &expected, &mixed, norm(raw, design.weights.as_deref()))?;
            }
        }
    }

    #[test]
    fn a_row_twice_is_a_weight_of_two(design in arbitrary_design()) {
        let rows = design.columns[0].len();
        let twice: Vec<usize> = (0..rows).chain((0..rows).filter(|row| row % 3 == 0)).collect();
        let longer = take(&design, &twice);
        let mut heavier = design.clone();
        heavier.weights = Some((0..rows).map(|row| {
            design.weights.as_ref().map_or(1.0, |w| w[row]) * if row % 3 == 0 { 2.0 } else { 1.0 }
        }).collect());
        for (a, b) in both(&longer).iter().zip(&both(&heavier)) {
            for (j, raw) in design.columns.iter().enumerate() {
                near(&a[j][..rows], &b[j], &heavier, norm(raw, heavier.weights.as_deref()))?;
            }
        }
    }

    #[test]
    fn a_second_time_changes_nothing(design in arbitrary_design()) {
        for residuals in both(&design) {
            let again = Design { columns: residuals.clone(), ..design.clone() };
            for (twice, (once, raw)) in both(&again)[0].iter().zip(residuals.iter().zip(&design.columns)) {
                near(twice, once, &design, norm(raw, design.weights.as_deref()))?;
            }
        }
    }

    #[test]
    fn a_column_does_not_depend_on_its_neighbours(design in arbitrary_design()) {
        let together = both(&design);
        for (j, column) in design.columns.iter().enumerate() {
            let alone = Design { columns: vec![column.clone()], ..design.clone() };
            for (a, b) in both(&alone).iter().zip(&together) {
                prop_assert_eq!(&a[0], &b[j]);
            }
        }
    }
}
