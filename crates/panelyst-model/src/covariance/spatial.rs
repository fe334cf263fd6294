//! Correlation between places within a distance (Conley 1999).
//!
//! With scores s and d the great-circle distance of two rows on a sphere of 6371.0088 km radius, the meat is
//!
//! ```text
//! sum_i sum_j k(d_ij / cutoff) s_i s_j',   k = 1 up to 1 (uniform), or 1 - d/cutoff (bartlett)
//! ```
//!
//! over all pairs of rows, whatever their periods (as fixest does): rows of one place are a cluster. Neither kernel keeps
//! the sum positive semidefinite on a sphere, so negative eigenvalues are set to zero, with a note.
//!
//! Rows of one place are summed first. Places lie in bands of latitude as high as the cutoff and are sorted by longitude
//! within a band, so that a place is compared only with those that can be near.

use super::scores::{add, add_both_ways, by_group, scores};
use super::{Ingredients, Sandwich, repaired_note, scaled};
use crate::Error;
use crate::linear::symmetric::without_negative_eigenvalues;
use crate::request::{Kernel, Vcov};
use crate::results::Note;
use rayon::prelude::*;

/// Mean radius of the earth in kilometres (Moritz 2000, "Geodetic Reference System 1980").
const RADIUS: f64 = 6371.0088;

/// Places of one chunk of the sum.
const CHUNK: usize = 512;

/// Room for rounding in the bounds within which places are compared.
const MARGIN: f64 = 1e-9;

/// A place, angles in radians.
#[derive(Clone, Copy, Debug)]
struct Place {
    latitude: f64,
    longitude: f64,
    /// On the unit sphere.
    point: [f64; 3],
}

impl Place {
    /// Squared length of the straight line to another place on the unit sphere.
    fn chord_square(&self, other: &Self) -> f64 {
        let [a, b, c] = [0, 1, 2].map(|i| self.point[i] - other.point[i]);
        a * a + b * b + c * c
    }
}

/// Great-circle distance in kilometres of two places at the ends of a chord.
fn distance(chord_square: f64) -> f64 {
    2.0 * RADIUS * (0.5 * chord_square.sqrt()).min(1.0).asin()
}

/// Distinct places in bands of latitude, by longitude within a band.
struct Map {
    places: Vec<Place>,
    /// Where each band begins among the places, and the end.
    bands: Vec<usize>,
    /// Lowest latitude and height of a band.
    south: f64,
    height: f64,
}

impl Map {
    /// The map of all rows and the place of each row.
    fn new(latitude: &[f64], longitude: &[f64], cutoff: f64) -> (Self, Vec<u32>) {
        let angle = (cutoff / RADIUS).min(std::f64::consts::PI);
        // Bands not lower than a thousandth of the way from pole to pole, so that there are not too many.
        let height = angle.max(std::f64::consts::PI / 1024.0);
        let south = -std::f64::consts::FRAC_PI_2;
        let band = |latitude: f64| ((latitude - south) / height).floor().max(0.0) as usize;
        // Longitudes count from 0 to 360, so that both ways of counting are one.
        let key = |row: usize| {
            let (latitude, longitude) = (latitude[row], longitude[row].rem_euclid(360.0));
            let longitude = if latitude.abs() == 90.0 {
                0.0
            } else {
                longitude
            };
            (band(latitude.to_radians()), longitude, latitude)
        };
        let mut order: Vec<u32> = (0..latitude.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (key(a as usize), key(b as usize));
            (a.0.cmp(&b.0))
                .then(a.1.total_cmp(&b.1))
                .then(a.2.total_cmp(&b.2))
        });
        let mut map = Self {
            places: Vec::new(),
            bands: vec![0; band(std::f64::consts::FRAC_PI_2) + 2],
            south,
            height,
        };
        let mut place_of = vec![0; latitude.len()];
        let mut last = None;
        for row in order {
            let key = key(row as usize);
            if last != Some(key) {
                last = Some(key);
                let (latitude, longitude) = (key.2.to_radians(), key.1.to_radians());
                map.places.push(Place {
                    latitude,
                    longitude,
                    point: [
                        latitude.cos() * longitude.cos(),
                        latitude.cos() * longitude.sin(),
                        latitude.sin(),
                    ],
                });
                map.bands[key.0 + 1] = map.places.len();
            }
            place_of[row as usize] = map.places.len() as u32 - 1;
        }
        for band in 1..map.bands.len() {
            map.bands[band] = map.bands[band].max(map.bands[band - 1]);
        }
        (map, place_of)
    }

    /// Calls `visit(other, chord_square)` for every later place within the cutoff of a place, in the order of places.
    fn later_neighbours(&self, place: usize, cutoff: f64, mut visit: impl FnMut(usize, f64)) {
        let here = &self.places[place];
        let angle = cutoff / RADIUS;
        let limit = (2.0 * (0.5 * angle.min(std::f64::consts::PI)).sin()).powi(2);
        let reach = longitude_reach(here.latitude, angle);
        let band =
            |latitude: f64| ((latitude - self.south) / self.height).floor().max(0.0) as usize;
        let first = band(here.latitude);
        let last = band(here.latitude + angle + MARGIN).min(self.bands.len() - 2);
        for band in first..=last {
            let (start, end) = (self.bands[band].max(place + 1), self.bands[band + 1]);
            if start >= end {
                continue;
            }
            let within = &self.places[start..end];
            let mut scan = |low: f64, high: f64| {
                let from = within.partition_point(|p| p.longitude < low);
                for (offset, other) in within[from..].iter().enumerate() {
                    if other.longitude > high {
                        break;
                    }
                    let chord_square = here.chord_square(other);
                    if chord_square <= limit {
                        visit(start + from + offset, chord_square);
                    }
                }
            };
            let turn = std::f64::consts::TAU;
            match reach {
                Some(reach) => {
                    let (low, high) = (here.longitude - reach, here.longitude + reach);
                    if high > turn {
                        scan(0.0, high - turn);
                    }
                    scan(low, high);
                    if low < 0.0 {
                        scan((low + turn).max(high), turn);
                    }
                }
                None => scan(0.0, turn),
            }
        }
    }
}

/// The largest difference in longitude within an angle of a latitude; `None` where a pole is within it.
fn longitude_reach(latitude: f64, angle: f64) -> Option<f64> {
    let pole = std::f64::consts::FRAC_PI_2 - latitude.abs();
    if angle + MARGIN >= pole {
        return None;
    }
    let reach = (angle.sin() / latitude.cos()).min(1.0).asin() + MARGIN;
    (reach < std::f64::consts::FRAC_PI_2).then_some(reach)
}

/// The meat of score sums by place, and the number of pairs of places within the cutoff.
fn meat(map: &Map, sums: &[f64], m: usize, cutoff: f64, kernel: Kernel) -> (Vec<f64>, usize) {
    let n = map.places.len();
    let parts: Vec<(Vec<f64>, usize)> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut total = vec![0.0; m * m];
            let mut near = vec![0.0; m];
            let mut pairs = 0;
            for place in chunk * CHUNK..n.min((chunk + 1) * CHUNK) {
                let own = &sums[place * m..(place + 1) * m];
                near.fill(0.0);
                // Half of the place's own product, as the whole is added both ways.
                add(&mut near, 0.5, own);
                map.later_neighbours(place, cutoff, |other, chord_square| {
                    let weight = match kernel {
                        Kernel::Uniform => 1.0,
                        Kernel::Bartlett => 1.0 - distance(chord_square) / cutoff,
                    };
                    add(&mut near, weight, &sums[other * m..(other + 1) * m]);
                    pairs += 1;
                });
                add_both_ways(&mut total, own, &near);
            }
            (total, pairs)
        })
        .collect();
    let mut total = vec![0.0; m * m];
    for (part, _) in &parts {
        add(&mut total, 1.0, part);
    }
    (total, parts.iter().map(|part| part.1).sum())
}

pub(super) fn conley(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let (Vcov::Conley(conley), Some([latitude, longitude])) =
        (ingredients.vcov, ingredients.coordinates)
    else {
        return Err(Error::Length {
            what: "the coordinates".to_owned(),
            expected: ingredients.estimation.nobs(),
            got: 0,
        });
    };
    let solution = &ingredients.estimation.solution;
    let m = solution.basis.len();
    let (map, place_of) = Map::new(latitude, longitude, conley.cutoff);
    let places = map.places.len();
    if places < 2 {
        return Err(Error::Unsupported {
            what: format!(
                "a sample at one single place (by {} and {})",
                conley.latitude, conley.longitude
            ),
            with: "the conley covariance".to_owned(),
            advice: "use other errors".to_owned(),
        });
    }
    let sums = by_group(&scores(solution), m, &place_of, places);
    let (meat, near) = meat(&map, &sums, m, conley.cutoff, conley.kernel);
    let mut raw = solution.sandwich(&meat);
    let mut notes = Vec::new();
    if let Some(repaired) = without_negative_eigenvalues(&raw, solution.k()) {
        raw = repaired;
        notes.push(repaired_note("conley"));
    }
    if near == 0 {
        notes.push(Note::new(
            "conley",
            format!(
                "no two of the {places} places lie within {} km: the errors are those clustered by place",
                conley.cutoff
            ),
        ));
    }
    let (factor, k, words) = ingredients.row_factor()?;
    let kernel = match conley.kernel {
        Kernel::Uniform => "uniform weights",
        Kernel::Bartlett => "Bartlett weights",
    };
    Ok(Sandwich {
        matrix: scaled(raw, factor),
        factor,
        formula: format!(
            "{kernel} up to {} km between {places} places ({near} pairs of them), rows of any period, {words}",
            conley.cutoff
        ),
        parameters: k,
        rule: "n/(n-K)".to_owned(),
        notes,
        ..Sandwich::default()
    })
}
