//! Columns that covariances need: clusters and coordinates, with the sample or after the fit.

use super::build::{cluster_keys, combined};
use super::variables::{Variable, Variables};
use super::{Cluster, Design, Selection};
use crate::Error;
use crate::request::{Conley, Invalid, Vcov};
use arrow_array::RecordBatch;
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::codes::compact;
use std::borrow::Cow;

/// Places of the rows of a design, in degrees.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinates {
    /// Columns of latitude and longitude.
    pub names: [String; 2],
    /// Latitude of each row, -90 to 90.
    pub latitude: Vec<f64>,
    /// Longitude of each row, -180 to 360 (east of Greenwich, either way of counting).
    pub longitude: Vec<f64>,
}

impl Coordinates {
    /// Checks the range of coordinates; `rows` are the input rows of the values, from 0.
    ///
    /// # Errors
    /// [`Error::Coordinate`] for the first value off the globe.
    pub fn new(
        conley: &Conley,
        latitude: Vec<f64>,
        longitude: Vec<f64>,
        rows: &Selection,
    ) -> Result<Self, Error> {
        for (role, name, values, low, high) in [
            ("latitude", &conley.latitude, &latitude, -90.0, 90.0),
            ("longitude", &conley.longitude, &longitude, -180.0, 360.0),
        ] {
            let off = values.iter().position(|v| !(low..=high).contains(v));
            if let Some(place) = off {
                return Err(Error::Coordinate {
                    role,
                    name: name.clone(),
                    value: values[place],
                    row: rows.at(place) + 1,
                    low,
                    high,
                });
            }
        }
        Ok(Self {
            names: [conley.latitude.clone(), conley.longitude.clone()],
            latitude,
            longitude,
        })
    }
}

/// The coordinates of a covariance on all rows of the data, if it needs any.
pub(super) fn coordinate_columns(
    data: &Variables<'_>,
    vcov: &Vcov,
) -> Result<Option<[Variable; 2]>, Error> {
    let Vcov::Conley(conley) = vcov else {
        return Ok(None);
    };
    Ok(Some([
        data.numeric_column(&conley.latitude, "latitude")?,
        data.numeric_column(&conley.longitude, "longitude")?,
    ]))
}

impl Design {
    /// The cluster variable of a name: one of the sample's, the panel's unit or time, an effect, or a column of the data
    /// that the design was built from.
    ///
    /// # Errors
    /// No such column, or missing values in rows of the sample.
    pub(crate) fn cluster(
        &self,
        name: &str,
        data: Option<&RecordBatch>,
        vcov: &Vcov,
    ) -> Result<Cow<'_, Cluster>, Error> {
        if let Some(cluster) = self.clusters.iter().find(|c| c.name == name) {
            return Ok(Cow::Borrowed(cluster));
        }
        let of = |codes: ScalarBuffer<u32>, groups: usize| {
            Cow::Owned(Cluster {
                name: name.to_owned(),
                codes,
                groups,
            })
        };
        if let (Some(panel), Some(unit), Some(time)) = (&self.panel, &self.unit, &self.time) {
            if panel.unit == name {
                return Ok(of(unit.clone(), self.unit_names.len()));
            }
            if panel.time == name {
                let (codes, periods) = numbered(time);
                return Ok(of(codes.into(), periods.len()));
            }
        }
        let effect = self.effects.iter().find(|(n, e)| n == name && e.intercept);
        if let Some((_, effect)) = effect {
            return Ok(of(effect.codes.clone(), effect.levels));
        }
        let batch = data.ok_or_else(|| not_kept("cluster variable", name))?;
        let data = later(batch);
        let parts = cluster_keys(&data, name)?;
        for part in &parts {
            self.present(part, vcov)?;
        }
        let (codes, _) = combined(&parts, &self.rows)?;
        let (codes, old) = compact(&codes)?;
        Ok(of(codes.into(), old.len()))
    }

    /// The coordinates that a covariance needs, those of the sample or from the data that the design was built from.
    ///
    /// # Errors
    /// No such column, missing values in rows of the sample, values off the globe.
    pub(crate) fn places(
        &self,
        conley: &Conley,
        data: Option<&RecordBatch>,
        vcov: &Vcov,
    ) -> Result<Cow<'_, Coordinates>, Error> {
        if let Some(found) = &self.coordinates
            && found.names == [conley.latitude.clone(), conley.longitude.clone()]
        {
            return Ok(Cow::Borrowed(found));
        }
        let batch = data.ok_or_else(|| not_kept("latitude", &conley.latitude))?;
        let data = later(batch);
        let Some(columns) = coordinate_columns(&data, vcov)? else {
            return Err(not_kept("latitude", &conley.latitude));
        };
        for column in &columns {
            self.present(column, vcov)?;
        }
        let [latitude, longitude] = columns.map(|c| c.values(&self.rows).to_vec());
        Coordinates::new(conley, latitude, longitude, &self.rows).map(Cow::Owned)
    }

    /// A column without missing values in the rows used.
    fn present(&self, column: &Variable, vcov: &Vcov) -> Result<(), Error> {
        let missing = || self.rows.iter().filter(|&r| column.is_missing(r));
        match missing().next() {
            None => Ok(()),
            Some(first) => Err(Error::MissingAfterFit {
                name: column.name.clone(),
                count: missing().count(),
                row: first + 1,
                vcov: vcov.to_string(),
            }),
        }
    }
}

/// Distinct values in ascending order, and the place of each value among them.
pub(crate) fn numbered(values: &[i64]) -> (Vec<u32>, Vec<i64>) {
    let mut distinct = values.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |v: &i64| distinct.partition_point(|d| d < v) as u32;
    (values.iter().map(place).collect(), distinct)
}

/// The data as they are read after the fit, for one column and not for a formula.
pub(super) fn later(batch: &RecordBatch) -> Variables<'_> {
    Variables {
        batch,
        invalid: Invalid::Error,
        text: "",
        panel: None,
    }
}

fn not_kept(role: &'static str, name: &str) -> Error {
    Error::UnknownColumn {
        role,
        name: name.to_owned(),
        known:
            " that was kept with the fit; keep the data with it or ask for this covariance at once"
                .to_owned(),
    }
}
