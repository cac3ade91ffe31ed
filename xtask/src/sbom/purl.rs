//! Package URLs (ECMA-427), and the references that some are made of.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// `pkg:generic/…`: for what has no type of its own, charts among them. What has no name has
/// none.
pub fn generic(name: &str, version: Option<&str>, sha256: Option<&str>) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let mut purl = format!("pkg:generic/{}", encoded(name));
    if let Some(version) = version {
        purl.push_str(&format!("@{}", encoded(version)));
    }
    if let Some(sha256) = sha256 {
        purl.push_str(&format!("?checksum=sha256:{sha256}"));
    }
    Some(purl)
}

/// A reference into a registry, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The registry, where one is named.
    pub host: Option<&'a str>,
    /// The path in it.
    pub path: &'a str,
    /// The tag.
    pub tag: Option<&'a str>,
    /// `sha256:` and 64 digits.
    pub digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Reads `[oci://|docker://][host/]path[:tag][@digest]`; nothing where no
    /// path is left, or where it is no path of a registry.
    pub fn read(text: &'a str) -> Option<Self> {
        let schemes = ["oci://", "docker://"];
        let bare = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
        let text = bare.unwrap_or(text);
        let (text, digest) = match text.split_once('@') {
            Some((text, digest)) => (text, Some(digest)),
            None => (text, None),
        };
        let digits = digest.map(|digest| digest.strip_prefix("sha256:").unwrap_or_default());
        let is_digest = |digits: &str| {
            let is_hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
            digits.len() == 64 && digits.bytes().all(is_hex)
        };
        if digits.is_some_and(|digits| !is_digest(digits)) {
            return None;
        }
        let last = text.rfind('/').map_or(0, |slash| slash + 1);
        let (text, tag) = match text[last..].find(':') {
            Some(colon) => (&text[..last + colon], Some(&text[last + colon + 1..])),
            None => (text, None),
        };
        let (host, path) = match text.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
                (Some(host), path)
            }
            _ => (None, text),
        };
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let is_part = |part: &str| {
            let is_plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
            part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(is_plain)
        };
        let is_path = path.split('/').all(is_part);
        is_path.then_some(Reference {
            host,
            path,
            tag,
            digest,
        })
    }

    /// The last part of the path.
    pub fn name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// `pkg:oci/…`: the digest is its version, the place a qualifier.
    pub fn oci(&self) -> String {
        let version = self.digest.map(|digest| format!("@{}", encoded(digest)));
        let host = self.host.unwrap_or("docker.io");
        let place = format!("{host}/{}", self.path);
        let tag = self.tag.map(|tag| format!("&tag={}", encoded(tag)));
        format!(
            "pkg:oci/{}{}?repository_url={}{}",
            encoded(self.name()),
            version.unwrap_or_default(),
            qualifier(&place),
            tag.unwrap_or_default()
        )
    }

    /// `pkg:docker/…`: an image that is known by its tag.
    pub fn docker(&self) -> String {
        let version = self.tag.map(|tag| format!("@{}", encoded(tag)));
        let place = self.host.filter(|host| *host != "docker.io");
        let place = place.map(|host| format!("?repository_url={}", qualifier(host)));
        let path: Vec<String> = self.path.split('/').map(encoded).collect();
        format!(
            "pkg:docker/{}{}{}",
            path.join("/"),
            version.unwrap_or_default(),
            place.unwrap_or_default()
        )
    }
}

/// What stays as it is: the unreserved characters of RFC 3986, and a colon.
const PLAIN: AsciiSet = NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, &PLAIN).to_string()
}

/// The same for the value of a qualifier, where slashes stay.
fn qualifier(text: &str) -> String {
    encoded(text).replace("%2F", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!("oci://localhost:5000/edge/router:1.0@{digest}");
        let read = Reference::read(&text).expect("a reference");
        assert_eq!(read.host, Some("localhost:5000"));
        assert_eq!((read.path, read.tag), ("edge/router", Some("1.0")));
        assert_eq!(
            read.oci(),
            format!("pkg:oci/router@{digest}?repository_url=localhost:5000/edge/router&tag=1.0")
        );
        let read = Reference::read("nginx:1.27").expect("a reference");
        assert_eq!(
            (read.host, read.path, read.tag),
            (None, "nginx", Some("1.27"))
        );
        assert_eq!(read.docker(), "pkg:docker/nginx@1.27");
        let read = Reference::read("quay.io/a/b").expect("a reference");
        assert_eq!(read.docker(), "pkg:docker/a/b?repository_url=quay.io");
        for wrong in ["", "oci://", "a//b", "A b", "x@sha256:12", "../x"] {
            assert_eq!(Reference::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_are_encoded() {
        let purl = generic("a b/ü", Some("1.0+x"), None);
        assert_eq!(purl.as_deref(), Some("pkg:generic/a%20b%2F%C3%BC@1.0%2Bx"));
        assert_eq!(generic("", Some("3"), None), None);
    }
}
