//! The JSON Schemas: which one a descriptor is held against, and the evaluation
//! on the spanned tree.
//!
//! The schemas are the contract and lie in `schemas/` at the top of the
//! repository; those of SOL006 and of OSM are compiled from the YANG modules.
//! The `jsonschema` crate evaluates them and is named nowhere else: it moves
//! fast, and only this module has to follow.

mod catalog;
mod choice;
mod coercion;
mod conditions;
mod constraints;
mod data;
mod editor;
mod keys;
mod keyword;
mod locate;
mod numbers;
mod path;
mod plain;
mod references;
mod sheet;
mod spec;
mod stated;
mod translate;
mod twins;
mod validate;
mod view;
mod violation;
mod wanted;

pub use catalog::{Reading, Schema, Schemas, all, by_name};
pub use choice::{Choice, ModelError, ModelVersion, versions};
pub(crate) use coercion::read_as;
pub use constraints::MOST_REPEATS;
pub use sheet::Sheet;
pub use spec::data_model;
pub use validate::{known_nodes, validate};
pub use violation::{Violation, ViolationKind};
pub use wanted::Step;
