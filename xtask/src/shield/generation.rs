//! The forms that manifests have had. Their `schema_version` came late and never moved, so the
//! other fields tell.

use crate::yaml::Node;

/// A form of the manifest, by the Store's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// July 2017: no package inside.
    NoPackage,
    /// August 2017: a package inside, and what is attested for each VDU.
    Vdus,
    /// 28 November 2017: `registry`.
    Registry,
    /// Later that day: `properties`.
    Properties,
    /// March 2018: `hash` of vNSFs.
    Hash,
    /// July 2018: `schema_version` and an attestation file; what is documented.
    Documented,
    /// 3 October 2018: `hashing_algorithm`, `hash` of services, `OSM-R2` and `OSM-R4`.
    Algorithm,
    /// From the day after: `target` of services. For vNSFs the same as the one before.
    Last,
}

impl Generation {
    /// The form of a manifest, by the newest of its fields. `body` is what stands below
    /// `manifest:ns` or `manifest:vnsf`.
    pub fn of(body: Node<'_>) -> Self {
        let has = |key| body.get(key).is_some();
        let release = body.get("type").and_then(|name| name.str());
        let info = body.get("security_info");
        if has("target") {
            return Generation::Last;
        }
        if has("hashing_algorithm") || release.is_some_and(|name| name.starts_with("OSM-")) {
            return Generation::Algorithm;
        }
        if let Some(info) = info {
            if info.get("vdu").is_none() {
                return Generation::Documented;
            }
        } else if has("schema_version") && has("properties") {
            // A service, or a vNSF without what is attested: nothing else parts these from those
            // before them.
            return Generation::Documented;
        }
        let forms = [
            ("hash", Generation::Hash),
            ("properties", Generation::Properties),
            ("registry", Generation::Registry),
            ("package", Generation::Vdus),
        ];
        let form = forms.into_iter().find(|(key, _)| has(key));
        form.map_or(Generation::NoPackage, |(_, form)| form)
    }

    /// When manifests were written so, and by what it is known.
    pub fn describe(self) -> &'static str {
        match self {
            Generation::NoPackage => "the first form, of July 2017, which wraps no package",
            Generation::Vdus => "the form of August 2017, with neither `registry` nor `properties`",
            Generation::Registry => "the form of 28 November 2017, with `registry`",
            Generation::Properties => {
                "the form of November 2017 to March 2018, with `properties` and without `hash`"
            }
            Generation::Hash => {
                "the form of March to July 2018, with `hash` and without an attestation file"
            }
            Generation::Documented => {
                "the form of July to October 2018, which is the documented one"
            }
            Generation::Algorithm => {
                "the form of 3 October 2018, which lacks `target` and is a day older than the last"
            }
            Generation::Last => "the form that the Store takes",
        }
    }

    /// Since when, and for what, the Store refuses a manifest without a field, by the name of
    /// the field and of what it stands in; `is_service` is whether the manifest is one of a
    /// service.
    pub fn wanted_since(field: &str, around: &str, is_service: bool) -> Option<&'static str> {
        Some(match field {
            "package" => "since August 2017, when packages got a package inside",
            "properties" | "capabilities" => {
                "since November 2017, under this name, for its catalogue"
            }
            "vendor" => "of vNSFs since November 2017, for its catalogue",
            "hash" if around == "security_info" => "since July 2018, of the attestation file",
            "hash" if !is_service => "of vNSFs since March 2018",
            "hash" => "of services since October 2018",
            "schema_version" => "since July 2018; all that it takes say `'1.2'`",
            "security_info" => "of vNSFs, for the Trust Monitor",
            "attestation_filename" => {
                "since July 2018: one file that tells of all VDUs, where before each VDU had an entry"
            }
            "hashing_algorithm" => "since 3 October 2018",
            "target" => "of services since 4 October 2018, as the kind of virtualisation",
            _ => return None,
        })
    }

    /// When the Store stopped to know a field, or a value of `type`.
    pub fn known_until(field: &str) -> Option<&'static str> {
        Some(match field {
            "registry" => "it is called `properties` since November 2017",
            "security" => "it is called `security_info` since August 2017",
            "vdu" => "one attestation file tells of all VDUs since July 2018",
            "type" => {
                "the Store asks for the release of OSM, `OSM-R2` or `OSM-R4`, since October 2018"
            }
            _ => return None,
        })
    }
}
