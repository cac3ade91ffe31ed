//! cargo nfv
pub mod descriptor;
pub mod diagnostic;
pub mod digest;
pub mod rules;
pub mod schema;
pub mod source;
pub mod yaml;
