//! Intervals that hold every number which rounds to what was printed.
//!
//! All rules compute with them, so that nothing is flagged that rounding can explain (Moore, Kearfott and Cloud 2009,
//! Introduction to Interval Analysis, chapter 2). An operation without a bounded answer gives the whole line.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A closed interval of numbers, `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Least number.
    pub low: f64,
    /// Greatest number.
    pub high: f64,
}

impl Interval {
    /// Every number.
    pub const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    /// From one end to the other, in either order.
    pub fn new(a: f64, b: f64) -> Self {
        if a.is_nan() || b.is_nan() {
            return Self::ALL;
        }
        Self {
            low: a.min(b),
            high: a.max(b),
        }
    }

    /// One number.
    pub fn point(value: f64) -> Self {
        Self::new(value, value)
    }

    /// The middle.
    pub fn middle(self) -> f64 {
        0.5 * (self.low + self.high)
    }

    /// Whether a number lies in it.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether both hold a common number. A relative slack of 1e-9 stands for the rounding of our own arithmetic.
    pub fn meets(self, other: Self) -> bool {
        let scale = 1e-9 * self.size().max(other.size());
        self.low <= other.high + scale && other.low <= self.high + scale
    }

    /// Whether every number of it lies below every number of the other, beyond the slack of [`Self::meets`].
    pub fn below(self, other: Self) -> bool {
        !self.meets(other) && self.high < other.low
    }

    /// The largest absolute value, infinite ends left out.
    fn size(self) -> f64 {
        let finite = |x: f64| if x.is_finite() { x.abs() } else { 0.0 };
        finite(self.low).max(finite(self.high))
    }

    /// Absolute values.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.contains(0.0) {
            Self::new(0.0, self.low.abs().max(self.high.abs()))
        } else {
            Self::new(self.low.abs(), self.high.abs())
        }
    }

    /// Squares.
    #[must_use]
    pub fn square(self) -> Self {
        let abs = self.abs();
        Self::new(abs.low * abs.low, abs.high * abs.high)
    }

    /// Square roots; numbers below zero count as zero.
    #[must_use]
    pub fn sqrt(self) -> Self {
        Self::new(self.low.max(0.0).sqrt(), self.high.max(0.0).sqrt())
    }

    /// Its absolute values over positive numbers up to the other's high end, of which those below its low end are left out. Without
    /// an upper end where that is zero: an error printed as 0.00 may be as small as one likes, and bounds t from below.
    #[must_use]
    pub fn abs_over_positive(self, other: Self) -> Self {
        let (abs, least) = (self.abs(), other.low.max(0.0));
        if other.high <= 0.0 {
            return Self::ALL;
        }
        Self {
            low: abs.low / other.high,
            high: if least > 0.0 {
                abs.high / least
            } else {
                f64::INFINITY
            },
        }
    }

    /// The values of an increasing function.
    #[must_use]
    pub fn map_increasing(self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(f(self.low), f(self.high))
    }

    /// The numbers in both; nothing when they do not meet.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        (low <= high).then_some(Self { low, high })
    }

    /// Whether a whole number lies in it, widened by a relative 1e-9.
    pub fn holds_integer(self) -> bool {
        let slack = 1e-9 * self.size();
        (self.low - slack).ceil() <= self.high + slack
    }
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.low + other.low, self.high + other.high)
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.high, -self.low)
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let ends = [
            self.low * other.low,
            self.low * other.high,
            self.high * other.low,
            self.high * other.high,
        ];
        if ends.iter().any(|end| end.is_nan()) {
            return Self::ALL;
        }
        Self {
            low: ends.iter().copied().fold(f64::INFINITY, f64::min),
            high: ends.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

impl Mul<f64> for Interval {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        self * Self::point(factor)
    }
}

impl Div for Interval {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other.contains(0.0) {
            return Self::ALL;
        }
        self * Self::new(1.0 / other.low, 1.0 / other.high)
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;

    #[test]
    fn operations_hold_every_pair_of_points() {
        let cases = [(-2.0, 1.0), (0.5, 3.0), (-4.0, -1.5), (0.0, 0.0)];
        for (a, b) in cases {
            for (c, d) in cases {
                let (x, y) = (Interval::new(a, b), Interval::new(c, d));
                for i in 0..=4 {
                    for j in 0..=4 {
                        let p = a + (b - a) * f64::from(i) / 4.0;
                        let q = c + (d - c) * f64::from(j) / 4.0;
                        assert!((x + y).contains(p + q) && (x - y).contains(p - q));
                        assert!((x * y).contains(p * q) && x.square().contains(p * p));
                        assert!(
                            y.contains(0.0) || (x / y).contains(p / q) || {
                                let z = x / y;
                                (p / q - z.low).abs().min((p / q - z.high).abs()) < 1e-12
                            }
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn over_positive_numbers() {
        let of = |a: (f64, f64), b: (f64, f64)| {
            Interval::new(a.0, a.1).abs_over_positive(Interval::new(b.0, b.1))
        };
        assert_eq!(of((-3.0, -1.0), (0.5, 2.0)), Interval::new(0.5, 6.0));
        assert_eq!(
            of((1.0, 3.0), (-0.5, 0.5)),
            Interval::new(2.0, f64::INFINITY)
        );
        assert_eq!(of((1.0, 3.0), (-1.0, 0.0)), Interval::ALL);
    }

    #[test]
    fn integers_and_order() {
        assert!(Interval::new(15.998, 16.002).holds_integer());
        assert!(!Interval::new(3.333, 3.334).holds_integer());
        assert!(Interval::new(0.0, 1.0).below(Interval::new(1.1, 2.0)));
        assert!(Interval::new(0.0, 1.0).meets(Interval::new(1.0, 2.0)));
    }
}
