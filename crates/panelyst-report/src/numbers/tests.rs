#![allow(clippy::unwrap_used)]

use super::*;

fn decimals(value: f64, n: u8) -> String {
    text(value, Digits::Decimals(n))
}

fn adaptive(value: f64) -> String {
    text(value, Digits::Significant(3))
}

#[test]
fn half_goes_away_from_zero_on_the_shortest_decimal_form() {
    assert_eq!(decimals(0.0005, 3), "0.001");
    assert_eq!(decimals(1.005, 2), "1.01");
    assert_eq!(decimals(-1.005, 2), "-1.01");
    assert_eq!(decimals(2.5, 0), "3");
    assert_eq!(decimals(0.125, 2), "0.13");
    assert_eq!(decimals(0.1249999, 2), "0.12");
    assert_eq!(decimals(0.5, 0), "1");
    assert_eq!(decimals(0.49, 0), "0");
}

#[test]
fn a_number_that_rounds_to_zero_has_no_sign() {
    assert_eq!(decimals(-0.0004, 3), "0.000");
    assert_eq!(decimals(-0.0, 2), "0.00");
    assert_eq!(decimals(-0.0005, 3), "-0.001");
    assert_eq!(adaptive(-0.0), "0");
}

#[test]
fn rounding_carries_over_nines() {
    assert_eq!(decimals(9.9996, 3), "10.000");
    assert_eq!(decimals(0.9996, 3), "1.000");
    assert_eq!(decimals(99.5, 0), "100");
    assert_eq!(adaptive(0.99996), "1.000");
    assert_eq!(adaptive(9.9996), "10.00");
    assert_eq!(adaptive(99.996), "100.0");
}

#[test]
fn adaptive_digits_are_those_of_the_usual_tables() {
    // Coefficients as they stand in published tables made with three adaptive digits.
    for (value, printed) in [
        (0.373_41, "0.373"),
        (-0.012_913, "-0.0129"),
        (0.064_08, "0.0641"),
        (1.746_559_4, "1.747"),
        (-3.451_2, "-3.451"),
        (12.824, "12.82"),
        (-49.512_22, "-49.51"),
        (1_946.068_7, "1946.1"),
        (-5_853.695_7, "-5853.7"),
        (0.290_4, "0.290"),
    ] {
        assert_eq!(adaptive(value), printed);
    }
    assert_eq!(text(3.7, Digits::Significant(1)), "3.7");
    assert_eq!(text(0.037, Digits::Significant(1)), "0.04");
}

#[test]
fn the_very_large_and_the_very_small_are_scientific() {
    assert_eq!(decimals(999_999_999_999.123_4, 3), "999999999999.123");
    assert_eq!(decimals(2.5e13, 3), "2.500e+13");
    assert_eq!(decimals(-1e300, 0), "-1.00e+300");
    assert_eq!(decimals(123_456_789_012_345.0, 0), "123456789012345");
    assert_eq!(decimals(1e-300, 3), "0.000");
    assert_eq!(adaptive(9_999_999.94), "9999999.9");
    assert_eq!(adaptive(1.2346e7), "1.23e+07");
    assert_eq!(adaptive(9.996e8), "1.00e+09");
    assert_eq!(adaptive(0.000_012_34), "0.0000123");
    assert_eq!(adaptive(1.234e-6), "1.23e-06");
    assert_eq!(adaptive(-9.9996e-6), "-0.0000100");
    assert_eq!(adaptive(1.234e-120), "1.23e-120");
}

#[test]
fn what_is_no_number_says_so() {
    assert_eq!(decimals(f64::NAN, 3), "NaN");
    assert_eq!(decimals(f64::INFINITY, 3), "inf");
    assert_eq!(adaptive(f64::NEG_INFINITY), "-inf");
    assert!(!print(f64::NAN, Digits::Decimals(1)).is_finite());
}

#[test]
fn spreadsheet_patterns_have_the_same_digits() {
    assert_eq!(
        print(-0.0129, Digits::Significant(3)).spreadsheet_pattern(),
        "0.0000"
    );
    assert_eq!(
        print(1e20, Digits::Decimals(3)).spreadsheet_pattern(),
        "0.000E+00"
    );
    assert_eq!(print(434.0, Digits::Decimals(0)).spreadsheet_pattern(), "0");
}

#[test]
fn away_from_ties_it_agrees_with_the_standard_library() {
    // A fixed linear congruential sequence over many magnitudes; none of its members is a tie.
    let mut state = 12_345_u64;
    for step in 0..4_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        let value = unit * 10_f64.powi(step % 9 - 2);
        for n in [0_u8, 1, 3, 6] {
            let expected = format!("{value:.*}", usize::from(n));
            let unsigned_zero = expected
                .bytes()
                .all(|byte| matches!(byte, b'-' | b'0' | b'.'));
            let expected = if unsigned_zero {
                expected.trim_start_matches('-')
            } else {
                &expected
            };
            assert_eq!(decimals(value, n), expected, "{value:e}");
        }
    }
}
