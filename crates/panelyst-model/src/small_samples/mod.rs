//! Inference with few clusters: the jackknife over clusters, bias-reduced errors, bootstraps, and what a reader should
//! know of the clusters.

mod blocks;
mod forms;
mod jackknife;
mod pairs;
mod satterthwaite;
mod summary;
mod weights;
mod wild;

pub use blocks::Blocks;
pub use jackknife::LeaveOneOut;
pub use pairs::{PairsBootstrap, pairs_bootstrap};
pub use satterthwaite::{BiasReduced, bias_reduced};
pub use summary::{FEW_CLUSTERS, MANY_OBSERVATIONS};
pub(crate) use summary::{disagreement, summary};
pub use weights::Draws;
pub use wild::{WildBootstrap, WildTest};
