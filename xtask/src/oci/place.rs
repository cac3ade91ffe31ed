//! What the command line calls a place that artifacts are in: a registry, an
//! image layout or an archive of one, in skopeo's words for the last two.

use std::path::PathBuf;

use super::reference::{Reference, ReferenceError};

/// A place, and what is meant in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `oci://host/path/name:tag`, and the other forms of [`Reference`].
    Registry(Reference),
    /// `oci:FOLDER[:NAME]`.
    Layout(PathBuf, Option<String>),
    /// `oci-archive:FILE[:NAME]`: a tar of a layout.
    Archive(PathBuf, Option<String>),
    /// Anything else: a name in the layout that builds publish to, or a file.
    Own(String),
}

impl Place {
    /// Reads a place.
    ///
    /// Without a scheme, what begins like a host and goes on with a path is a
    /// reference to a registry, as with Docker and ORAS.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.contains("://") {
            return Ok(Place::Registry(Reference::parse(text)?));
        }
        let local = |rest: &str| {
            let (path, name) = match rest.split_once(':') {
                Some((path, name)) if !name.is_empty() => (path, Some(name.to_owned())),
                _ => (rest.trim_end_matches(':'), None),
            };
            (PathBuf::from(path), name)
        };
        if let Some(rest) = text.strip_prefix("oci:") {
            let (path, name) = local(rest);
            return Ok(Place::Layout(path, name));
        }
        if let Some(rest) = text.strip_prefix("oci-archive:") {
            let (path, name) = local(rest);
            return Ok(Place::Archive(path, name));
        }
        match begins_with_host(text) {
            true => Ok(Place::Registry(Reference::parse(text)?)),
            false => Ok(Place::Own(text.to_owned())),
        }
    }
}

/// Whether a text is a host, a slash and more. A dot at its beginning makes it
/// a path.
fn begins_with_host(text: &str) -> bool {
    let Some((host, rest)) = text.split_once('/') else {
        return false;
    };
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let looks_like_host = host == "localhost" || host.contains('.') || has_port;
    looks_like_host && !host.starts_with('.') && !rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_all_kinds() {
        let registry = |text: &str| {
            let place = Place::parse(text).expect(text);
            matches!(place, Place::Registry(_))
        };
        for text in [
            "oci://ghcr.io/edge/router:1.0",
            "localhost:5000/a",
            "localhost/a",
            "ghcr.io/edge/router",
            "http://host/p/n",
        ] {
            assert!(registry(text), "{text}");
        }
        for text in [
            "router_vnf:1.0",
            "edge_ns",
            "./a/b",
            "../a.b/c",
            "a/b",
            "x.tar.gz",
        ] {
            assert_eq!(
                Place::parse(text),
                Ok(Place::Own(text.to_owned())),
                "{text}"
            );
        }
        let name = || Some("edge_ns:1.0".to_owned());
        let layout = |path: &str, name| Ok(Place::Layout(path.into(), name));
        assert_eq!(Place::parse("oci:a/b:edge_ns:1.0"), layout("a/b", name()));
        assert_eq!(Place::parse("oci:a/b"), layout("a/b", None));
        assert_eq!(
            Place::parse("oci-archive:a.tar:edge_ns:1.0"),
            Ok(Place::Archive("a.tar".into(), name()))
        );
        assert!(Place::parse("ghcr.io/Edge/router").is_err());
    }
}
