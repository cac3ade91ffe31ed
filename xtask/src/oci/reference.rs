//! References to registries, in the forms in which people write them.
//!
//! `oci://host/path/name:tag` as Helm has it, `docker://` as skopeo, `http://`
//! as NEPHELE's `hdarctl`, and without a scheme as Docker, ORAS and crane; the
//! registry is always named. The grammar is that of the OCI distribution-spec
//! ("Pulling manifests"), which `oci-client` knows.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;

use super::names::published_name;

/// Whether the reference itself says how to talk to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// `http://`.
    Http,
    /// `https://`.
    Https,
}

/// A repository at a registry, or with an empty path the registry itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// Name and port as they are written: `localhost:5000`, `[::1]:5000`.
    pub host: String,
    /// `edge/router_vnf`.
    pub path: String,
    /// What the reference says of the protocol.
    pub scheme: Option<Scheme>,
}

/// A repository and what is meant in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where.
    pub repository: Repository,
    /// The tag, if there is one.
    pub tag: Option<String>,
    /// `sha256:` and 64 digits, if there are any. Beside a tag it decides.
    pub digest: Option<String>,
}

/// What is wrong with a reference.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("invalid reference `{text}`: {reason}")]
pub struct ReferenceError {
    text: String,
    reason: String,
}

impl Repository {
    /// Reads a registry or a place in it: `oci://host`, `host/path`.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let reference = Reference::read(text)?;
        if reference.tag.is_some() || reference.digest.is_some() {
            let reason = "a place in a registry has no tag and no digest";
            return Err(wrong(text, reason));
        }
        Ok(reference.repository)
    }

    /// The repository of that name below this one.
    pub fn join(&self, name: &str) -> Result<Self, ReferenceError> {
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        };
        let repository = Repository {
            path,
            ..self.clone()
        };
        repository.check(&repository.to_string(), None)?;
        Ok(repository)
    }

    /// The repository below this one in which a package of that id is.
    pub fn of_package(&self, id: &str) -> Result<Self, ReferenceError> {
        self.join(&published_name(id).to_ascii_lowercase())
    }

    /// The repository of another path at the same registry.
    pub fn sibling(&self, path: &str) -> Self {
        Repository {
            path: path.to_owned(),
            ..self.clone()
        }
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The path without its last part.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether the registry is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(split_port(&self.host).0)
    }

    /// Asks whoever knows the grammar.
    fn check(&self, text: &str, tag: Option<&str>) -> Result<(), ReferenceError> {
        if self.path.chars().any(|c| c.is_ascii_uppercase()) {
            let lower = self.path.to_ascii_lowercase();
            let reason = format!("repositories have lower-case names; write `{lower}`");
            return Err(wrong(text, &reason));
        }
        // It knows no addresses in brackets, and takes the host for a path
        // where there is no dot or port in it.
        let tag = tag.map_or(String::new(), |tag| format!(":{tag}"));
        let plain = format!("registry.example.org/{}{tag}", self.path);
        match oci_client::Reference::try_from(plain) {
            Ok(_) => Ok(()),
            Err(error) => Err(wrong(text, &error.to_string())),
        }
    }
}

impl Reference {
    /// Reads a reference to one artifact; a tag that is not there stays away.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let reference = Self::read(text)?;
        if reference.repository.path.is_empty() {
            return Err(wrong(text, "it names a registry and no repository in it"));
        }
        Ok(reference)
    }

    /// The artifact of that tag or digest in a repository.
    pub fn new(repository: Repository, target: &str) -> Self {
        let is_digest = target.contains(':');
        Reference {
            repository,
            tag: Some(target.to_owned()).filter(|_| !is_digest),
            digest: Some(target.to_owned()).filter(|_| is_digest),
        }
    }

    /// What is asked for at the registry: the digest, the tag, or `latest`.
    pub fn target(&self) -> &str {
        let target = self.digest.as_deref().or(self.tag.as_deref());
        target.unwrap_or("latest")
    }

    fn read(text: &str) -> Result<Self, ReferenceError> {
        if let Some((address, _)) = text.split_once(['?', '#']) {
            let reason = "a reference has nothing behind `?` or `#`; for tokens there is `cargo nfv \
                          login`";
            // It may be a secret.
            let shown = match address.contains('@') {
                true => "…".to_owned(),
                false => format!("{address}…"),
            };
            return Err(wrong(&shown, reason));
        }
        let (scheme, rest) = match text.split_once("://") {
            Some(("oci" | "docker", rest)) => (None, rest),
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some((other, _)) => {
                return Err(wrong(text, &format!("`{other}://` is no registry")));
            }
            None => (None, text),
        };
        let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
        check_host(text, host)?;
        let rest = rest.trim_end_matches('/');
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        let repository = Repository {
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
            scheme,
        };
        if let Some(digest) = digest {
            check_digest(text, digest)?;
        }
        // As Helm has it: a version with a `+` is published with a `_`.
        let tag = tag.map(|tag| tag.replace('+', "_"));
        if !repository.path.is_empty() {
            repository.check(text, tag.as_deref())?;
        } else if tag.is_some() || digest.is_some() {
            return Err(wrong(text, "it names no repository"));
        }
        Ok(Reference {
            repository,
            tag,
            digest: digest.map(str::to_owned),
        })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.host),
            path => write!(f, "{}/{path}", self.host),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// The tag of what hangs beside a digest without referring to it: `sig` for
/// signatures, `att` for attestations (cosign, `specs/SIGNATURE_SPEC.md`). In a
/// layout it is the name.
pub fn tag_beside(digest: &str, kind: &str) -> String {
    format!("{}.{kind}", digest.replacen(':', "-", 1))
}

/// All the tags by which things hang on a digest, as cosign has them.
pub fn tags_beside(digest: &str) -> [String; 3] {
    ["sig", "att", "sbom"].map(|kind| tag_beside(digest, kind))
}

/// Reads a tag that somebody wants to give (distribution-spec, "Pulling
/// manifests"). A `+` becomes a `_`, as Helm has it.
pub fn parse_tag(text: &str) -> Result<String, ReferenceError> {
    let tag = text.replace('+', "_");
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_sound = (1..=128).contains(&tag.len())
        && tag
            .bytes()
            .enumerate()
            .all(|(i, b)| is_word(b) || i > 0 && matches!(b, b'.' | b'-'));
    match is_sound {
        true => Ok(tag),
        false => Err(wrong(
            text,
            "a tag has up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two",
        )),
    }
}

fn wrong(text: &str, reason: &str) -> ReferenceError {
    ReferenceError {
        text: text.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A first part that is no host would silently be looked for at some default
/// registry by other tools.
fn check_host(text: &str, host: &str) -> Result<(), ReferenceError> {
    if host.contains('@') {
        let reason = "user and password don't belong into a reference; use `cargo nfv login`";
        return Err(ReferenceError {
            // Nobody else may see them either.
            text: "…".to_owned(),
            reason: reason.to_owned(),
        });
    }
    let (name, port) = split_port(host);
    let has_scheme = text.contains("://");
    let has_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
    let looks_like_host =
        name.contains('.') || has_port || name.starts_with('[') || name == "localhost";
    if name.is_empty() || (!has_scheme && !looks_like_host) {
        let reason = "it must begin with the registry, as in `registry.example.org/edge/name:1.0`";
        return Err(wrong(text, reason));
    }
    let is_address = name.starts_with('[') && name.ends_with(']');
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    let is_sound = match is_address {
        true => name[1..name.len() - 1].parse::<IpAddr>().is_ok(),
        false => is_name(name),
    };
    if !is_sound || (port.is_some() && !has_port) {
        return Err(wrong(text, &format!("`{host}` is no host")));
    }
    Ok(())
}

/// Whether a host, as it stands in a URL, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let address = name.parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A host and its port.
fn split_port(host: &str) -> (&str, Option<&str>) {
    let after = host.rfind(']').map_or(0, |end| end + 1);
    match host[after..].find(':') {
        Some(colon) => (&host[..after + colon], Some(&host[after + colon + 1..])),
        None => (host, None),
    }
}

/// Whether a text is `sha256:` and 64 hexadecimal digits, which have no capitals
/// (image-spec, "Digests").
pub fn is_digest(text: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let hex = text.strip_prefix("sha256:");
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_hex))
}

fn check_digest(text: &str, digest: &str) -> Result<(), ReferenceError> {
    let algorithm = digest.split(':').next().unwrap_or_default();
    if algorithm != "sha256" {
        let reason = format!("digests of `{algorithm}` can't be checked here, only `sha256:…`");
        return Err(wrong(text, &reason));
    }
    if !is_digest(digest) {
        return Err(wrong(
            text,
            "`sha256:` is followed by 64 hexadecimal digits",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, Option<Scheme>, Option<String>, bool) {
        let r = Reference::parse(text).expect(text);
        let Repository { host, path, scheme } = r.repository;
        (host, path, scheme, r.tag, r.digest.is_some())
    }

    #[test]
    fn forms_of_all_tools() {
        let tag = |tag: &str| Some(tag.to_owned());
        let digest = "a".repeat(64);
        for (text, host, path, scheme, own, has_digest) in [
            (
                "oci://ghcr.io/edge/router:1.0",
                "ghcr.io",
                "edge/router",
                None,
                tag("1.0"),
                false,
            ),
            (
                "http://host:5000/p/n",
                "host:5000",
                "p/n",
                Some(Scheme::Http),
                None,
                false,
            ),
            (
                "https://127.0.0.1:5000/n:1.0+b",
                "127.0.0.1:5000",
                "n",
                Some(Scheme::Https),
                tag("1.0_b"),
                false,
            ),
            (
                "localhost:5000/a/b_c.d--e",
                "localhost:5000",
                "a/b_c.d--e",
                None,
                None,
                false,
            ),
            ("[::1]:5000/a", "[::1]:5000", "a", None, None, false),
            (
                &format!("docker://r.io/a:t@sha256:{digest}"),
                "r.io",
                "a",
                None,
                tag("t"),
                true,
            ),
        ] {
            let expected = (host.to_owned(), path.to_owned(), scheme, own, has_digest);
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_says_why() {
        for (text, reason) in [
            ("router:1.0", "must begin with the registry"),
            ("edge/router", "must begin with the registry"),
            ("oci://", "must begin with the registry"),
            ("oci://ghcr.io", "no repository"),
            ("ftp://host/a", "no registry"),
            ("oci://ghcr.io/Edge/router", "write `edge/router`"),
            ("oci://ghcr.io/a__b___c", "invalid reference format"),
            ("oci://ghcr.io/a:-x", "invalid reference format"),
            ("oci://ghcr.io/a@sha256:12", "64 hexadecimal digits"),
            ("oci://ghcr.io/a@md5:12", "can't be checked"),
            ("oci://ho st/a", "no host"),
            ("oci://host:port/a", "no host"),
            ("oci://[::1/a", "no host"),
        ] {
            let error = Reference::parse(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{error}");
        }
        let error = Reference::parse("https://me:secret@host/a").expect_err("a password");
        assert!(!error.to_string().contains("secret"), "{error}");
        for text in [
            "oci://host/e?token=Secret",
            "https://me:Secret@host/a#b",
            "http://h.io/e#Secret",
        ] {
            let error = Reference::parse(text).expect_err(text).to_string();
            assert!(error.contains("has nothing behind `?`"), "{error}");
            assert!(!error.contains("Secret"), "{error}");
        }
    }

    #[test]
    fn tags_have_a_grammar() {
        for (text, tag) in [("1.0+b", "1.0_b"), ("_x", "_x"), ("v1-rc.1", "v1-rc.1")] {
            assert_eq!(parse_tag(text).as_deref(), Ok(tag));
        }
        assert!(parse_tag(&"a".repeat(128)).is_ok());
        let long = "a".repeat(129);
        for text in [
            "", "-x", ".x", "a/b", "a:b", "../x", "a b", "ä", "a?b", &long,
        ] {
            assert!(parse_tag(text).is_err(), "{text}");
        }
    }

    #[test]
    fn places_and_names() {
        let place = Repository::parse("oci://ghcr.io/edge/").expect("a place");
        assert_eq!(place.to_string(), "ghcr.io/edge");
        let repository = place.join("router_vnf").expect("a name");
        assert_eq!(repository.to_string(), "ghcr.io/edge/router_vnf");
        assert_eq!(
            (repository.name(), repository.folder()),
            ("router_vnf", "edge")
        );
        assert!(place.join("Router").is_err());
        assert!(Repository::parse("oci://ghcr.io/edge:1").is_err());
        for (text, is_loopback) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("127.9.9.9:1", true),
            ("[::1]:5000", true),
            ("10.0.0.1:5000", false),
            ("localhost.example.org", false),
        ] {
            let place = Repository::parse(text).expect(text);
            assert_eq!(place.is_loopback(), is_loopback, "{text}");
        }
    }
}
