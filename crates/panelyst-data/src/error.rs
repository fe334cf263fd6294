//! What can go wrong with a table, and where.

use crate::indices::IndexError;
use crate::panel::PanelError;
use crate::transforms::TransformError;

/// Every way in which data cannot be read, joined or prepared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The table is no panel, or a column does not fit the panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A column cannot be filled or winsorised, or rows cannot be left out.
    #[error(transparent)]
    Transform(#[from] TransformError),
    /// An index cannot be computed.
    #[error(transparent)]
    Index(#[from] IndexError),
}
