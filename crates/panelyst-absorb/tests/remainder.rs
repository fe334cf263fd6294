//! What effects leave, made tile by tile, against what they leave as columns.
#![allow(clippy::unwrap_used)]

mod designs;

use arrow_buffer::ScalarBuffer;
use designs::{Design, arbitrary_design, noise, norm, plain};
use panelyst_absorb::{Absorber, DenseAbsorber, FixedEffects, Options, Remainder};
use proptest::prelude::*;

fn remainder(design: &Design) -> Option<Remainder> {
    let columns: Vec<ScalarBuffer<f64>> = design.columns.iter().map(|c| c.clone().into()).collect();
    let (effects, weights) = (design.effects.clone(), design.weights.clone());
    let absorber = FixedEffects::new(effects, weights, Options::default()).unwrap();
    absorber.remainder(&columns).unwrap()
}

/// Columns, cross-products, sums of columns and the rows of tiles against explicit dummies.
fn compare(design: &Design) -> Result<(), TestCaseError> {
    let Some(of) = remainder(design) else {
        let slopes = |e: &panelyst_absorb::Effect| !e.intercept || !e.slopes.is_empty();
        prop_assert!(design.effects.iter().any(slopes));
        return Ok(());
    };
    let weights = design.weights.as_deref();
    let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
    let dense = DenseAbsorber::new(design.effects.clone(), weights).unwrap();
    let mut expected = design.columns.clone();
    dense.residualize(&mut expected).unwrap();
    let raw: Vec<f64> = design.columns.iter().map(|c| norm(c, weights)).collect();
    // As in the comparison of columns: rounding times the condition of the dummies.
    let bound = 1e-10;
    let rows = expected[0].len();
    for (j, (got, expected)) in of.residuals().iter().zip(&expected).enumerate() {
        let gap: Vec<f64> = got.iter().zip(expected).map(|(a, b)| a - b).collect();
        prop_assert!(norm(&gap, weights) <= bound * raw[j] + 1e-300);
    }
    for i in 0..expected.len() {
        for j in 0..expected.len() {
            let exact: f64 = (0..rows)
                .map(|row| weight(row) * expected[i][row] * expected[j][row])
                .sum();
            let got = of.products()[i * expected.len() + j];
            prop_assert!(
                (got - exact).abs() <= bound * raw[i] * raw[j] + 1e-300,
                "product {i} {j}: {got} and {exact}"
            );
        }
    }
    let factors: Vec<f64> = (0..expected.len()).map(|j| 1.0 - 0.7 * j as f64).collect();
    let sum = of.combine(&factors);
    let size: f64 = raw.iter().sum();
    for (row, sum) in sum.iter().enumerate() {
        let pairs = factors.iter().zip(&expected);
        let exact: f64 = pairs.map(|(f, column)| f * column[row]).sum();
        prop_assert!(((sum - exact) * weight(row).sqrt()).abs() <= bound * size + 1e-300);
    }
    // Every row stands in one tile, with its weight, beside the rows of its level.
    let seen = of.scan(&[0], Vec::new, |seen: &mut Vec<(usize, f64, f64)>, tile| {
        for group in tile.groups() {
            for place in group {
                let weight = tile.weights().map_or(1.0, |(w, unit)| w[place] * unit);
                seen.push((tile.row(place), weight, tile.blocks()[0][place][0]));
            }
        }
    });
    let mut seen = seen.concat();
    seen.sort_by_key(|entry| entry.0);
    let columns = of.residuals();
    prop_assert_eq!(seen.len(), rows);
    for (row, (at, own, value)) in seen.into_iter().enumerate() {
        prop_assert_eq!(at, row);
        prop_assert_eq!(own, weight(row));
        prop_assert_eq!(value, columns[0][row]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(designs::cases(200))]

    #[test]
    fn tiles_hold_what_columns_hold(design in arbitrary_design()) {
        compare(&design)?;
    }
}

/// More columns than one block, more rows than one tile, rows in no order, several chunks.
#[test]
fn several_blocks_tiles_and_chunks() {
    let rows = 40_000;
    let level = |seed: u64, levels: f64| -> Vec<u32> {
        let noise = noise(rows, seed);
        noise.iter().map(|u| ((u + 0.5) * levels) as u32).collect()
    };
    for sorted in [false, true] {
        let mut unit = level(5, 3000.0);
        if sorted {
            unit.sort_unstable();
        }
        let design = Design {
            effects: vec![plain(&unit), plain(&level(6, 12.0)), plain(&level(7, 40.0))],
            weights: Some(noise(rows, 8).iter().map(|u| u + 1.0).collect()),
            columns: (0..6).map(|j| noise(rows, 20 + j)).collect(),
        };
        let of = remainder(&design).unwrap();
        assert!(of.chunks() > 1);
        assert_eq!(of.is_in_order(), sorted);
        let (effects, weights) = (design.effects.clone(), design.weights.clone());
        let absorber = FixedEffects::new(effects, weights, Options::default()).unwrap();
        let mut columns = design.columns.clone();
        absorber.residualize(&mut columns).unwrap();
        assert_eq!(of.residuals(), columns);
        let weights = design.weights.as_deref().unwrap();
        for i in 0..6 {
            for j in 0..6 {
                let exact: f64 = (0..rows)
                    .map(|row| weights[row] * columns[i][row] * columns[j][row])
                    .sum();
                // Rounding of a sum of this many numbers.
                let got = of.products()[i * 6 + j];
                assert!(
                    (got - exact).abs() <= 1e-12 * of.products()[i * 6 + i],
                    "{i} {j}"
                );
            }
        }
    }
}

/// Cross-products within levels of the largest effect are those of the columns' rows there; only of one block of columns, and
/// only where levels have many rows.
#[test]
fn products_within_levels_are_those_of_their_rows() {
    let rows = 24_000;
    let unit = |levels: f64| -> Vec<u32> {
        let noise = noise(rows, 5);
        noise.iter().map(|u| ((u + 0.5) * levels) as u32).collect()
    };
    let periods: Vec<u32> = (0..rows as u32).map(|row| row % 12).collect();
    for (weighted, sorted) in [(false, true), (true, false)] {
        let mut units = unit(1500.0);
        if sorted {
            units.sort_unstable();
        }
        let weights: Vec<f64> = noise(rows, 8).iter().map(|u| 3.0 * u + 2.0).collect();
        // Values so small that columns are scaled first.
        let size = |j: u64| if j == 1 { 1e-210 } else { 1.0 };
        let column = |j: u64| noise(rows, 20 + j).iter().map(|v| v * size(j)).collect();
        let mut design = Design {
            effects: vec![plain(&units), plain(&periods)],
            weights: weighted.then(|| weights.clone()),
            columns: (0..3).map(column).collect(),
        };
        let of = remainder(&design).unwrap();
        let own = of.products_by_level().unwrap().concat();
        let levels = design.effects[0].levels;
        assert_eq!(own.len(), levels);
        let left = of.residuals();
        let mut exact = vec![[0.0; 10]; levels];
        for (row, &unit) in design.effects[0].codes.iter().enumerate() {
            let weight = if weighted { weights[row] } else { 1.0 };
            let pairs = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)];
            for (at, (i, j)) in pairs.into_iter().enumerate() {
                exact[unit as usize][at] += weight * left[i][row] * left[j][row];
            }
        }
        for (own, exact) in own.iter().zip(&exact) {
            for (at, size) in [1.0, 1e-210, 0.0, 1.0, 1e-210, 1.0].into_iter().enumerate() {
                // Rounding of sums of sixteen numbers below one, on average.
                assert!(
                    (own[at] - exact[at]).abs() <= 1e-13 * size,
                    "{own:?} {exact:?}"
                );
            }
            assert_eq!(own[6..], [0.0; 4]);
        }
        design.columns = (0..5).map(column).collect();
        assert!(remainder(&design).unwrap().products_by_level().is_none());
        design.columns.truncate(3);
        design.effects[0] = plain(&unit(4000.0));
        assert!(remainder(&design).unwrap().products_by_level().is_none());
    }
}
