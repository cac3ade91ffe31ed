//! The manifest of SHIELD packages: the forms that it has had, how it is written for the
//! Store, and what the Store reads in the descriptor that it leads to.
//!
//! The Store is that of the project SHIELD at its last commit, of February 2019.

pub mod digest;
mod generation;
mod paths;
mod store_view;
mod value;
mod write;

pub use generation::Generation;
pub use paths::{plain, stem, unsafe_reason};
pub use store_view::{StoreView, Unreadable};
pub use write::{Wrapped, Written, attests, release, target, write};
