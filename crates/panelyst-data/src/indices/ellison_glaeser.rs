//! Ellison and Glaeser's index of concentration beyond that of plant sizes.
//!
//! gamma_a = (G - (1 - X) H) / ((1 - X) (1 - H)), with G = sum_i (s_i - w_i)^2, X = sum_i w_i^2 and H the Herfindahl index
//! of plant sizes of the activity. Source: Ellison and Glaeser (1997), Journal of Political Economy 105(5), 889-927,
//! equation 5.

use super::IndexError;
use super::distribution::each_activity;
use super::table::{LongTable, Values};
use crate::Error;

pub(super) fn compute(table: &LongTable<'_>) -> Result<Values, Error> {
    let Some(name) = table.request.plants else {
        return Err(IndexError::Needs {
            index: "ellison-glaeser",
            input: "plants",
        }
        .into());
    };
    let plants = table.constant_by_activity(name)?;
    for &(row, value) in plants.iter().flatten() {
        if !(0.0 < value && value <= 1.0) {
            return Err(IndexError::NotAHerfindahl {
                column: name.to_owned(),
                row: row + 1,
                value,
            }
            .into());
        }
    }
    each_activity(table, &["ellison_glaeser"], |distribution| {
        let (_, plants) = plants[distribution.group]
            .ok_or("the Herfindahl index of plants of the activity is missing")?;
        if distribution.shares.len() == 1 {
            return Err("only one region has an amount");
        }
        if plants == 1.0 {
            return Err("a single plant makes up the activity");
        }
        let raw: f64 = distribution
            .shares
            .iter()
            .map(|share| (share.activity - share.total).powi(2))
            .sum();
        let spread = 1.0
            - distribution
                .shares
                .iter()
                .map(|share| share.total.powi(2))
                .sum::<f64>();
        if spread <= 0.0 {
            return Err("one region has all of the total");
        }
        Ok(vec![(raw - spread * plants) / (spread * (1.0 - plants))])
    })
}
