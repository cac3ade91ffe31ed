//! The name under which an artifact lies, held against that which it has by itself: tags
//! and names of a layout are signed by nobody, and whoever may write there can move them to
//! another artifact of the same signer, or to an older one.

use serde_json::Value;

use crate::oci::{Entry, own_name, published_name, published_tag};

/// An artifact that lies under another name than its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherName {
    /// The name and version that were asked for: `edge_ns:1.0`.
    pub asked: String,
    /// Its own: `router_vnf:1.0`.
    pub own: String,
}

impl OtherName {
    /// In words, behind what the artifact is called.
    pub fn words(&self) -> String {
        format!("by itself it is `{}`, and not `{}`", self.own, self.asked)
    }
}

/// The config documents by which artifacts have a name of their own are those that
/// [`own_name`] knows; of others nobody can tell, and there is no other name.
///
/// `name` is that of the repository or layout, without the tag; where there is a tag alone, it is
/// held against the version. A tag that is no version, such as `stable` or `latest`, may point to
/// any.
pub(super) fn other_name(
    name: Option<&str>,
    tag: Option<&str>,
    kind: &str,
    config: &Value,
) -> Option<OtherName> {
    let (own, version) = own_name(kind, config)?;
    // Repositories are in lower case, and so may be what somebody else has named.
    let is_same = name.is_none_or(|name| published_name(name).eq_ignore_ascii_case(&own));
    let plain = |version: &str| {
        let version = published_tag(version);
        version.strip_prefix('v').unwrap_or(&version).to_owned()
    };
    let tag = tag.filter(|tag| is_version(tag));
    let is_same_version = match (tag, &version) {
        (Some(tag), Some(version)) => plain(tag) == plain(version),
        _ => true,
    };
    (!is_same || !is_same_version).then(|| OtherName {
        asked: match (name, tag) {
            (Some(name), Some(tag)) => format!("{name}:{tag}"),
            (name, tag) => name.or(tag).unwrap_or_default().to_owned(),
        },
        own: match (version, tag) {
            (Some(version), _) => format!("{own}:{version}"),
            (None, _) => own,
        },
    })
}

/// The same for what lies in a layout under a name.
pub(super) fn other_name_of(entry: &Entry) -> Option<OtherName> {
    let (name, tag) = parts(&entry.reference)?;
    let kind = &entry.manifest.as_ref()?.config.media_type;
    other_name(name, tag, kind, entry.config.as_ref()?)
}

/// Name and tag of what is in a layout; `None` for a digest, which names nothing. ORAS enters
/// artifacts by their tags alone.
fn parts(name: &str) -> Option<(Option<&str>, Option<&str>)> {
    match name.rsplit_once(':') {
        _ if name.starts_with("sha256:") => None,
        Some((name, tag)) => Some((Some(name), Some(tag))),
        None if is_version(name) => Some((None, Some(name))),
        None => Some((Some(name), None)),
    }
}

fn is_version(tag: &str) -> bool {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    tag.starts_with(|c: char| c.is_ascii_digit())
}

/// The same for what was fetched from a place under a name there, or by its digest, where the
/// repository is a name all the same.
///
/// # Errors
///
/// Its config document is not to be had, or is not that of its digest.
#[cfg(feature = "publish")]
pub(super) fn other_name_at(
    store: &crate::oci::Store<'_>,
    name: &str,
    fetched: &crate::oci::Fetched,
) -> Result<Option<OtherName>, super::Error> {
    held_against(store, store, name, fetched, &store.name_of(name))
}

/// The same for what was fetched from one place, where it were under that name in another.
///
/// # Errors
///
/// Those of [`other_name_at`].
#[cfg(feature = "publish")]
pub(super) fn other_name_in(
    from: &crate::oci::Store<'_>,
    to: &crate::oci::Store<'_>,
    name: &str,
    fetched: &crate::oci::Fetched,
) -> Result<Option<OtherName>, super::Error> {
    held_against(from, to, name, fetched, &from.name_of(&fetched.digest))
}

/// `shown` is what it is called where it was fetched from.
#[cfg(feature = "publish")]
fn held_against(
    from: &crate::oci::Store<'_>,
    to: &crate::oci::Store<'_>,
    name: &str,
    fetched: &crate::oci::Fetched,
    shown: &str,
) -> Result<Option<OtherName>, super::Error> {
    let manifest = serde_json::from_slice::<crate::oci::Manifest>(&fetched.bytes);
    let Ok(manifest) = manifest else {
        return Ok(None);
    };
    if !crate::oci::has_own_name(&manifest.config.media_type) {
        return Ok(None);
    }
    let what = || format!("the config document of `{shown}`");
    let config = super::needs::config(from, &manifest);
    let config = config.map_err(|error| error.of_part(what))?;
    Ok(other_name_with(to, name, &manifest, &config))
}

/// The same where the config document is at hand.
#[cfg(feature = "publish")]
pub(super) fn other_name_with(
    store: &crate::oci::Store<'_>,
    name: &str,
    manifest: &crate::oci::Manifest,
    config: &[u8],
) -> Option<OtherName> {
    use crate::oci::Store;

    let (name, tag) = match store {
        Store::Registry(_, repository) => {
            let tag = Some(name).filter(|name| !name.starts_with("sha256:"));
            (Some(repository.name()), tag)
        }
        Store::Layout(_) => parts(name)?,
    };
    let config = serde_json::from_slice(config).unwrap_or_default();
    other_name(name, tag, &manifest.config.media_type, &config)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oci::media_type;

    #[test]
    fn names_and_versions_are_those_of_the_config_document() {
        let nfv = |id: &str, version: &str| {
            let config = json!({ "descriptorId": id, "descriptorVersion": version });
            (media_type::NFV_CONFIG, config)
        };
        let chart = |name: &str, version: &str| {
            let config = json!({ "name": name, "version": version });
            (media_type::HELM_CONFIG, config)
        };
        let shield = (media_type::SHIELD_CONFIG, json!({ "descriptorId": "edge" }));
        let image = (media_type::IMAGE_CONFIG, json!({ "name": "edge" }));
        for ((kind, config), name, tag, own) in [
            (nfv("edge", "1.0"), "edge", "1.0", None),
            (nfv("Edge", "1.0"), "edge", "1.0", None),
            (nfv("edge", "1.0"), "edge", "v1.0", None),
            (nfv("edge", "1.0"), "edge", "stable", None),
            (nfv("edge", "1.0"), "edge", "latest", None),
            (nfv("a b/c", "1.0 beta"), "a_b_c", "1.0_beta", None),
            (nfv("edge", "1.0"), "edge", "1.1", Some("edge:1.0")),
            (nfv("edge", "1.0"), "edge", "1", Some("edge:1.0")),
            (nfv("router", "1.0"), "edge", "1.0", Some("router:1.0")),
            (nfv("router", "1.0"), "edge", "stable", Some("router:1.0")),
            (chart("nginx", "1.0.0+b1"), "nginx", "1.0.0_b1", None),
            (
                chart("nginx", "1.0.0"),
                "nginx",
                "1.0.1",
                Some("nginx:1.0.0"),
            ),
            (nfv("x--y", "1.0"), "x--y", "1.0", None),
            (nfv("x--y", "1.0"), "x-y", "1.0", Some("x--y:1.0")),
            (
                nfv("edge", "1.0.0-rc-"),
                "edge",
                "1.0.0-rc",
                Some("edge:1.0.0-rc-"),
            ),
            (shield.clone(), "edge-shield", "1.0", None),
            (shield, "edge", "1.0", Some("edge-shield")),
            (image, "router", "1.0", None),
        ] {
            let found = other_name(Some(name), Some(tag), kind, &config);
            let found = found.as_ref().map(|found| found.own.as_str());
            assert_eq!(found, own, "{name}:{tag} {config}");
        }
    }

    #[test]
    fn a_tag_alone_is_held_against_the_version() {
        let config = json!({ "descriptorId": "edge", "descriptorVersion": "1.0" });
        for (name, asked) in [
            ("edge:1.0", None),
            ("1.0", None),
            ("1.1", Some("1.1")),
            ("router:1.0", Some("router:1.0")),
            ("router", Some("router")),
        ] {
            let (id, tag) = parts(name).expect("no digest");
            let found = other_name(id, tag, media_type::NFV_CONFIG, &config);
            assert_eq!(found.map(|found| found.asked).as_deref(), asked, "{name}");
        }
    }
}
