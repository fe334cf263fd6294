//! The same bits at any number of threads.
#![allow(clippy::unwrap_used)]

mod designs;

use designs::{Design, noise, plain};
use panelyst_absorb::{Absorber, FixedEffects, Options, SparseMethod};

/// Bits of residuals and coefficients at a number of threads.
fn bits(design: &Design, options: Options, threads: usize) -> Vec<u64> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let fast =
            FixedEffects::new(design.effects.clone(), design.weights.clone(), options).unwrap();
        let mut columns = design.columns.clone();
        let told = fast.residualize(&mut columns).unwrap();
        assert!(told.residual <= options.tolerance, "{told:?}");
        columns.extend(fast.coefficients(&design.columns[0]).unwrap());
        columns.into_iter().flatten().map(f64::to_bits).collect()
    })
}

fn same_at_any_number_of_threads(design: &Design, dense_limit: usize) {
    let options = Options {
        dense_limit,
        ..Options::default()
    };
    let one = bits(design, options, 1);
    for threads in [2, 5] {
        assert!(one == bits(design, options, threads), "{threads} threads");
    }
}

/// Rows over several chunks: ids in no order, a middle effect, a small one, a slope, weights.
fn large(effects: usize, ids: f64) -> Design {
    let rows = 60_000;
    let codes = |seed: u64, levels: f64| -> Vec<u32> {
        noise(rows, seed)
            .iter()
            .map(|u| ((u + 0.5) * levels) as u32)
            .collect()
    };
    let mut all = vec![
        plain(&codes(11, ids)),
        plain(&codes(12, 3_000.0)),
        plain(&codes(13, 20.0)),
    ];
    all[2].slopes.push(noise(rows, 14));
    all.truncate(effects);
    Design {
        effects: all,
        weights: Some(noise(rows, 15).iter().map(|u| u + 1.0).collect()),
        columns: (0..3).map(|j| noise(rows, 20 + j)).collect(),
    }
}

#[test]
fn one_effect() {
    same_at_any_number_of_threads(&large(1, 20_000.0), 512);
}

#[test]
fn two_effects_iterated() {
    same_at_any_number_of_threads(&large(2, 20_000.0), 512);
}

#[test]
fn three_effects_iterated() {
    same_at_any_number_of_threads(&large(3, 20_000.0), 512);
}

#[test]
fn a_panel_solved_directly() {
    same_at_any_number_of_threads(&designs::panel(3_000, 14), 512);
}

#[test]
fn a_small_dense_rest() {
    let mut design = large(3, 20_000.0);
    design.effects.remove(1);
    same_at_any_number_of_threads(&design, 512);
}

#[test]
fn many_firms_by_every_way() {
    // 40,000 rows: several chunks, cells, pieces of the graph and both halves of the columns.
    let mut design = designs::moves(5_000, 700, 7);
    let rows = design.columns[0].len();
    for weights in [
        None,
        Some(noise(rows, 16).iter().map(|u| u + 1.0).collect()),
    ] {
        design.weights = weights;
        for method in [
            SparseMethod::Exact,
            SparseMethod::Sampled,
            SparseMethod::Cells,
            SparseMethod::Rows,
        ] {
            let options = Options {
                dense_limit: 0,
                method,
                ..Options::default()
            };
            let one = bits(&design, options, 1);
            for threads in [2, 5] {
                assert!(
                    one == bits(&design, options, threads),
                    "{method:?}, {threads}"
                );
            }
        }
    }
}
