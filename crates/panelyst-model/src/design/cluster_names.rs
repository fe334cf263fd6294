//! Names of clusters, for what is said about single ones.

use super::build::cluster_keys;
use super::vcov_columns::later;
use super::{Cluster, Design};
use arrow_array::RecordBatch;

impl Design {
    /// The name of each cluster of a variable on the rows of the design: values of the data joined by `^`, the panel's
    /// unit, or, where neither is at hand, the first row of the cluster.
    pub(crate) fn cluster_names(
        &self,
        cluster: &Cluster,
        data: Option<&RecordBatch>,
    ) -> Vec<String> {
        let mut first = vec![0usize; cluster.groups];
        for (row, &code) in cluster.codes.iter().enumerate().rev() {
            first[code as usize] = row;
        }
        if let (Some(panel), Some(unit)) = (&self.panel, &self.unit)
            && panel.unit == cluster.name
        {
            return first
                .iter()
                .map(|&row| self.unit_names[unit[row] as usize].clone())
                .collect();
        }
        let parts = data.and_then(|batch| cluster_keys(&later(batch), &cluster.name).ok());
        first
            .iter()
            .map(|&row| {
                let input = self.rows.at(row);
                let named = parts.iter().flatten().filter_map(|part| {
                    let keys = part.keys.as_ref()?;
                    Some(keys.label(*keys.codes.get(input)?))
                });
                let named: Vec<String> = named.collect();
                if named.is_empty() {
                    format!("row {}", input + 1)
                } else {
                    named.join("^")
                }
            })
            .collect()
    }
}
