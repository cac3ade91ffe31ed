//! The library behind `cargo nfv`.
//!
//! Each module is a room on the way that data takes; see `ARCHITECTURE.md` for
//! the plan of the house. A project that has an xtask of its own depends on
//! this crate and calls [`cli::main`]; a program that wants the findings as
//! data calls [`ops`].

// Tests stop at the first surprise and may print; the library does neither.
#![warn(
    clippy::exit,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout
)]

mod aside;
pub mod change;
pub mod cli;
pub mod csar;
pub mod descriptor;
pub mod diagnostic;
pub mod digest;
pub mod graph;
mod json;
pub mod migrate;
pub mod oci;
#[cfg(feature = "publish")]
pub mod onboard;
pub mod ops;
pub mod package;
#[cfg(feature = "sign")]
pub mod provenance;
pub mod report;
pub mod rules;
pub mod sbom;
pub mod schema;
mod scratch;
pub mod secret;
pub mod shield;
pub mod source;
pub mod template;
pub mod time;
#[cfg(feature = "sign")]
pub mod trust;
pub mod yaml;
