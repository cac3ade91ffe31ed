//! Which registry, or which part of it, a key in a config means.

use std::cmp::Reverse;

/// The host by which Docker Hub is known here.
const HUB: &str = "docker.io";

/// Docker's own key for its registry; helpers know it by that, too.
const HUB_SERVER: &str = "https://index.docker.io/v1/";

/// A registry, or those of its repositories that begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    /// Empty for the whole registry.
    namespace: String,
}

impl Place {
    /// Reads a key: `host`, `https://host`, `https://host/v1/` as old versions
    /// of Docker wrote it, or podman's `host/namespace`.
    pub fn parse(key: &str) -> Self {
        let (is_url, rest) = match key.split_once("://") {
            Some((_, rest)) => (true, rest),
            None => (false, key),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        // Without a scheme or a slash behind it, `v1` may well be a namespace.
        let is_url = is_url || path.ends_with('/');
        let path = path.trim_matches('/');
        let is_version = is_url && matches!(path, "v1" | "v2");
        Place {
            host: canonical(host),
            namespace: if is_version { "" } else { path }.to_owned(),
        }
    }

    /// Whether it is that registry as a whole.
    pub fn is_all_of(&self, wanted: &Wanted<'_>) -> bool {
        self.host == wanted.host && self.namespace.is_empty()
    }

    /// Whether what is wanted lies in it.
    pub fn holds(&self, wanted: &Wanted<'_>) -> bool {
        let in_namespace = || {
            let rest = wanted.repository.strip_prefix(self.namespace.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.host == wanted.host && (self.namespace.is_empty() || in_namespace())
    }
}

/// The registry and repository that a credential is wanted for.
pub(super) struct Wanted<'a> {
    host: String,
    repository: &'a str,
}

impl<'a> Wanted<'a> {
    /// A repository of a registry; the empty one for the registry as a whole.
    pub fn new(host: &str, repository: &'a str) -> Self {
        Wanted {
            host: Place::parse(host).host,
            repository,
        }
    }

    /// The name of the registry in Docker's config and before helpers.
    pub fn server(&self) -> &str {
        if self.host == HUB {
            HUB_SERVER
        } else {
            &self.host
        }
    }

    /// Those of the keys that hold for this, the narrowest first, and among
    /// several spellings the one that Docker writes.
    pub fn matching<'k>(&self, keys: impl Iterator<Item = &'k String>) -> Vec<&'k str> {
        let mut found: Vec<(usize, bool, &str)> = keys
            .map(|key| (Place::parse(key), key.as_str()))
            .filter(|(place, _)| place.holds(self))
            .map(|(place, key)| (place.namespace.len(), key == self.server(), key))
            .collect();
        found.sort_by_key(|&(len, is_own, _)| Reverse((len, is_own)));
        found.into_iter().map(|(_, _, key)| key).collect()
    }
}

/// Hosts are written in any case, and Docker Hub has four names.
fn canonical(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" => HUB.to_owned(),
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(key: &str) -> (String, String) {
        let place = Place::parse(key);
        (place.host, place.namespace)
    }

    #[test]
    fn keys_in_all_spellings() {
        for (key, host, namespace) in [
            ("ghcr.io", "ghcr.io", ""),
            ("GHCR.io", "ghcr.io", ""),
            ("https://ghcr.io", "ghcr.io", ""),
            ("http://ghcr.io/", "ghcr.io", ""),
            ("https://ghcr.io/v1/", "ghcr.io", ""),
            ("https://ghcr.io/v2", "ghcr.io", ""),
            ("ghcr.io/v1/", "ghcr.io", ""),
            ("ghcr.io/v1", "ghcr.io", "v1"),
            ("ghcr.io/acme", "ghcr.io", "acme"),
            ("ghcr.io/acme/edge/", "ghcr.io", "acme/edge"),
            ("127.0.0.1:5000", "127.0.0.1:5000", ""),
            ("http://[::1]:5000", "[::1]:5000", ""),
            ("https://index.docker.io/v1/", "docker.io", ""),
            ("registry-1.docker.io", "docker.io", ""),
            ("docker.io/acme", "docker.io", "acme"),
            // Docker keeps tokens of its own under such keys.
            (
                "https://index.docker.io/v1/access-token",
                "docker.io",
                "v1/access-token",
            ),
        ] {
            assert_eq!(parts(key), (host.to_owned(), namespace.to_owned()), "{key}");
        }
    }

    #[test]
    fn the_longest_namespace_wins() {
        let keys = [
            "ghcr.io",
            "ghcr.io/acme",
            "ghcr.io/acme/edge",
            "ghcr.io/ac",
            "ghcr.io:443/acme",
            "quay.io",
        ]
        .map(str::to_owned);
        let matching = |repository| Wanted::new("ghcr.io", repository).matching(keys.iter());
        assert_eq!(
            matching("acme/edge/ns"),
            ["ghcr.io/acme/edge", "ghcr.io/acme", "ghcr.io"]
        );
        assert_eq!(matching("acme/edgeless"), ["ghcr.io/acme", "ghcr.io"]);
        assert_eq!(matching("acme"), ["ghcr.io/acme", "ghcr.io"]);
        assert_eq!(matching(""), ["ghcr.io"]);
    }

    #[test]
    fn among_spellings_the_one_that_docker_writes() {
        let keys = ["docker.io", "https://index.docker.io/v1/"].map(str::to_owned);
        let matching = Wanted::new("registry-1.docker.io", "library/nginx").matching(keys.iter());
        assert_eq!(matching, ["https://index.docker.io/v1/", "docker.io"]);
    }
}
