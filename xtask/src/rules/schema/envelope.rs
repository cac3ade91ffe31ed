//! What is wrong with the keys around a descriptor by the model: then nothing
//! inside them is where the model has it.

use crate::descriptor::local_name;
use crate::schema::{ModelVersion, Violation, ViolationKind};

/// How the envelope of a service is written.
const SERVICE: &str = "write `nsd:`, below it `nsd:`, below that `- id: NAME`";

/// How the envelope of a function is written.
const FUNCTION: &str = "write `vnfd:`, below it `id: NAME` without a dash";

/// The faults that an envelope can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// It is a list, a mapping or a scalar and should be another of these.
    Shape,
    /// `nsd` holds the service itself, without the list of its name.
    NoList,
    /// `vnfd` holds another `vnfd`.
    Nested,
    /// It is of OSM's model before release NINE, and what it holds of SOL006.
    Older,
    /// It is of that model, and another was asked for.
    Outdated,
    /// It is of SOL006, and that model was asked for.
    Newer,
}

/// The paths at which a descriptor, or a list of them, can stand.
const ENVELOPES: [&str; 9] = [
    "vnfd", "nsd", "pnfd", "nst", "nfv", "nsd/nsd", "nfv/vnfd", "nfv/nsd", "nfv/pnfd",
];

impl Envelope {
    /// Whether at a path a descriptor stands, or what is around it, so that a key of
    /// the same name is the same once more.
    pub(super) fn is_around(path: &str) -> bool {
        ENVELOPES.contains(&path)
    }

    /// The fault that a violation stands for.
    pub(super) fn of(violation: &Violation) -> Option<Self> {
        const CATALOGS: [&str; 2] = ["vnfd-catalog/vnfd/0", "nsd-catalog/nsd/0"];
        let path = violation.path.as_str();
        if violation.tolerated {
            return None;
        }
        match &violation.kind {
            ViolationKind::WrongType { .. } if ENVELOPES.contains(&path) => Some(Envelope::Shape),
            ViolationKind::UnknownKey { key, free, .. } => {
                let lacks = |name: &str| free.iter().any(|key| key == name);
                let key = local_name(key);
                if path.is_empty() && matches!(key, "vnfd-catalog" | "nsd-catalog") {
                    Some(Envelope::Outdated)
                } else if path.is_empty() && is_catalog(key, free) {
                    Some(Envelope::Newer)
                } else if path == "nsd" && lacks("nsd") {
                    Some(Envelope::NoList)
                } else if path == key && ENVELOPES.contains(&path) && lacks("id") {
                    Some(Envelope::Nested)
                } else if key == "df" && CATALOGS.contains(&path) {
                    // Every descriptor of SOL006 has a deployment flavour, and
                    // none from before.
                    Some(Envelope::Older)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// What to write instead, where more can be said than of any other place.
    pub(super) fn help(self, path: &str) -> Option<String> {
        let is_service = path.starts_with("nsd");
        match self {
            Envelope::Shape if path != "nsd" => None,
            Envelope::Shape | Envelope::NoList => Some(SERVICE.to_owned()),
            Envelope::Nested => Some(format!(
                "write what is below the inner `{path}` directly below the outer one"
            )),
            Envelope::Older if is_service => Some(SERVICE.to_owned()),
            Envelope::Older => Some(FUNCTION.to_owned()),
            Envelope::Outdated => Some(
                "write it anew with `cargo nfv migrate`, or check it with `--model osm-im@8`"
                    .to_owned(),
            ),
            Envelope::Newer => {
                let newest = ModelVersion::near("sol006@")?;
                Some(format!("check it with `--model {newest}`, or with none"))
            }
        }
    }

    /// What there is to know about it.
    pub(super) fn note(self, path: &str) -> Option<String> {
        if self == Envelope::Outdated {
            let note = "it is the envelope of OSM's model before release NINE, which is no SOL006";
            return Some(note.to_owned());
        }
        if self == Envelope::Newer {
            let note =
                "it is the envelope of SOL006, which OSM's model before release NINE does not take";
            return Some(note.to_owned());
        }
        let (catalog, _) = path.split_once('/').filter(|_| self == Envelope::Older)?;
        Some(format!(
            "`{catalog}` is the envelope of OSM's model before release NINE, and this is written by SOL006"
        ))
    }
}

/// Whether a key is the envelope of SOL006 where the model has a catalog.
fn is_catalog(key: &str, free: &[String]) -> bool {
    let catalog = match key {
        "vnfd" => "vnfd-catalog",
        "nsd" => "nsd-catalog",
        _ => return false,
    };
    free.iter().any(|free| local_name(free) == catalog)
}

/// Leaves what is wrong with the envelope, if anything is: one violation, or the
/// keys that stand where the list of a service belongs, which become one finding.
pub(super) fn lead(found: &mut Vec<Violation>) {
    let Some(fault) = found.iter().find_map(Envelope::of) else {
        return;
    };
    found.retain(|violation| Envelope::of(violation) == Some(fault));
    if fault != Envelope::NoList {
        found.truncate(1);
    }
}
