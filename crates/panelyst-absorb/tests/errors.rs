//! Bad input is refused with a message that says where.
#![allow(clippy::unwrap_used)]

mod designs;

use designs::{panel, plain};
use panelyst_absorb::{Absorber, DenseAbsorber, Effect, Error, FixedEffects, Options};

/// Message of refusing effects and weights, which both absorbers must give.
fn refused(effects: Vec<Effect>, weights: Option<Vec<f64>>) -> String {
    let dense = DenseAbsorber::new(effects.clone(), weights.as_deref()).unwrap_err();
    let fast = FixedEffects::new(effects, weights, Options::default()).unwrap_err();
    assert_eq!(fast, dense);
    fast.to_string()
}

#[test]
fn effects_are_checked() {
    assert_eq!(refused(vec![], None), "no effect was given to absorb");
    assert_eq!(
        refused(vec![plain(&[])], None),
        "no row is left to absorb effects from"
    );
    assert_eq!(
        refused(vec![plain(&[0, 1]), plain(&[0])], None),
        "effect 1 has 1 rows, expected 2"
    );
    let beyond = Effect {
        levels: 2,
        ..plain(&[0, 1, 2])
    };
    assert_eq!(
        refused(vec![beyond], None),
        "level 2 of effect 0 in row 2 is not below 2"
    );
    for levels in [3, 9] {
        let unused = Effect {
            levels,
            ..plain(&[0, 1, 1])
        };
        assert_eq!(
            refused(vec![unused], None),
            "level 2 of effect 0 is used by no row; compact the codes first"
        );
    }
    let nothing = Effect {
        intercept: false,
        ..plain(&[0, 1])
    };
    assert_eq!(
        refused(vec![nothing], None),
        "effect 0 has neither an intercept nor a slope"
    );
    let slope = Effect {
        slopes: vec![vec![1.0, f64::NAN]],
        ..plain(&[0, 1])
    };
    assert_eq!(
        refused(vec![slope], None),
        "slope 0 of effect 0 is not finite in row 1"
    );
}

#[test]
fn weights_are_checked() {
    let effect = || vec![plain(&[0, 1])];
    assert_eq!(
        refused(effect(), Some(vec![1.0])),
        "weights has 1 rows, expected 2"
    );
    assert_eq!(
        refused(effect(), Some(vec![1.0, f64::INFINITY])),
        "weights is not finite in row 1"
    );
    for bad in [0.0, -1.0] {
        assert_eq!(
            refused(effect(), Some(vec![1.0, bad])),
            format!("weight {bad} in row 1 is not positive; remove the row first")
        );
    }
}

#[test]
fn options_are_checked() {
    for tolerance in [0.0, -1.0, f64::NAN, 1.0] {
        let options = Options {
            tolerance,
            ..Options::default()
        };
        let error = FixedEffects::new(vec![plain(&[0, 0])], None, options).unwrap_err();
        assert!(matches!(error, Error::Setting { .. }), "{error}");
    }
}

#[test]
fn columns_are_checked_before_any_is_touched() {
    let design = panel(3, 3);
    let fast = FixedEffects::new(design.effects.clone(), None, Options::default()).unwrap();
    let dense = DenseAbsorber::new(design.effects, None).unwrap();
    let mut bad = vec![design.columns[0].clone(), vec![0.0; 9]];
    bad[1][4] = f64::NAN;
    let error = fast.residualize(&mut bad).unwrap_err();
    assert_eq!(error.to_string(), "column 1 is not finite in row 4");
    assert_eq!(bad[0], design.columns[0]);
    assert_eq!(
        dense.residualize(&mut bad[1..]).unwrap_err().to_string(),
        "column 0 is not finite in row 4"
    );
    let error = fast.coefficients(&[1.0]).unwrap_err();
    assert_eq!(error.to_string(), "column 0 has 1 rows, expected 9");
}

#[test]
fn the_oracle_refuses_what_it_cannot_hold() {
    let codes: Vec<u32> = (0..10_000).collect();
    let error = DenseAbsorber::new(vec![plain(&codes)], None).unwrap_err();
    assert!(matches!(
        error,
        Error::TooLarge {
            limit: 40_000_000,
            ..
        }
    ));
}

#[test]
fn leverages_of_too_many_levels_are_refused() {
    let codes: Vec<u32> = (0..6000).map(|row| row % 3000).collect();
    let other: Vec<u32> = (0..6000).map(|row| row * 7 % 2999).collect();
    let mut second = plain(&other);
    second.levels = 2999;
    let fast = FixedEffects::new(vec![plain(&codes), second], None, Options::default()).unwrap();
    assert_eq!(
        fast.leverages().unwrap_err().to_string(),
        "the leverages of these effects need a system of 2999 columns of dummies beside the largest effect, and it is solved exactly up to 2048; use errors that need no leverage"
    );
}
