//! Locational Gini coefficient.
//!
//! G_a = (1/2) sum_i sum_j w_i w_j |LQ_i - LQ_j|, with LQ_i = s_i / w_i: twice the area between the diagonal and the Lorenz
//! curve of s over w, regions in the order of their location quotients. Source: Krugman (1991), Geography and Trade, MIT Press, chapter 2, p. 56 (there the area itself, half of this);
//! Kim (1995), Quarterly Journal of Economics 110(4), 881-908.

use super::distribution::{Share, each_activity};
use super::table::{LongTable, Values};
use crate::Error;

pub(super) fn compute(table: &LongTable<'_>) -> Result<Values, Error> {
    let mut order: Vec<Share> = Vec::new();
    each_activity(table, &["locational_gini"], |distribution| {
        order.clear();
        order.extend_from_slice(distribution.shares);
        Ok(vec![gini(&mut order)])
    })
}

fn gini(shares: &mut [Share]) -> f64 {
    let quotient = |share: &Share| share.activity / share.total;
    shares.sort_by(|one, two| quotient(one).total_cmp(&quotient(two)));
    // Points (W_k, S_k) of the Lorenz curve; the sum of their cross products is exactly zero where s equals w.
    let (mut total, mut activity, mut area) = (0.0, 0.0, 0.0_f64);
    for share in shares.iter() {
        area += share.activity * total - share.total * activity;
        total += share.total;
        activity += share.activity;
    }
    area.max(0.0)
}
