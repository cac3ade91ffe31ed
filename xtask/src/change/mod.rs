//! What has changed between two states of a package, in the words of its model: a VDU
//! that is new, a flavour that is gone, an image with another digest.

mod descriptor;
mod files;
mod update;
mod version;
mod words;

pub use descriptor::{Change, Sort, Step, Weight, changes};
pub use files::{FileChange, FileState, files};
pub use update::{Obstacle, Update, Why, update};
pub use version::{Advice, advice};
