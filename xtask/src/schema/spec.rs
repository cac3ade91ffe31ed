//! Which specification a descriptor follows, in words for others: the config
//! document of an artifact.

use super::catalog::{Schema, Schemas};
use super::choice::Choice;
use super::validate::validate;
use crate::descriptor::{Descriptor, Kind};

/// The version of NFV-SOL006 that OSM's models of all releases since NINE are
/// made of.
const OF_OSM: &str = "2.6.1";

/// The model of a descriptor with its version, as `--model` writes it:
/// `SOL006@2.6.1`, `OSM-IM@8`, `HDAG@0.4.0`. The version is the newest that the
/// descriptor fits, or of those that it does not fit the newest.
pub fn data_model(descriptor: &Descriptor, choice: &Choice) -> String {
    if descriptor.kind.is_shield() {
        return "SHIELD".to_owned();
    }
    let Schemas::Newest(schemas) = Schemas::of(descriptor, choice) else {
        return String::new();
    };
    let fits = |schema: &&&'static Schema| {
        let found = validate(schema, &descriptor.doc, choice.profile);
        found.iter().all(|violation| violation.tolerated)
    };
    let fitting = schemas.iter().find(fits).or(schemas.first());
    let name = fitting.map_or("", |schema| schema.name);
    let mut parts = name.split('/');
    let (family, version) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    match family {
        "osm" if descriptor.kind == Kind::Nst => {
            format!("OSM@{}", version.trim_start_matches('r'))
        }
        "osm" => format!("SOL006@{OF_OSM}"),
        "osm-im" => format!("OSM-IM@{}", version.trim_start_matches('r')),
        "sol006" => format!("SOL006@{version}"),
        "hdag" => format!("HDAG@{version}"),
        other => other.to_uppercase(),
    }
}
