//! The JSON schema of the study file, from the doc comments of its entries.

use crate::file::entries::StudyFile;

/// The schema.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(StudyFile).to_value()
}
