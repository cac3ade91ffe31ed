//! The revision of the sources, as git tells it.

use std::path::Path;

use serde_json::{Value, json};

use crate::source::git::ask as git;

/// A revision of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The repository: `git+https://…`, without credentials; empty where it has
    /// no address.
    pub source: String,
    /// The branch or tag, in full.
    pub reference: Option<String>,
    /// The hash of the commit, in hexadecimal.
    pub commit: String,
    /// Whether the sources of the package are other ones than those of the
    /// commit.
    pub is_modified: bool,
}

impl Revision {
    /// The `ResourceDescriptor` of in-toto.
    pub fn descriptor(&self) -> Value {
        // Git's hashes have a name of their own (in-toto, "Digest Set").
        let mut descriptor = json!({ "digest": { "gitCommit": self.commit } });
        if !self.source.is_empty() {
            let reference = self.reference.as_deref();
            let at = reference.map_or(String::new(), |reference| format!("@{reference}"));
            descriptor["uri"] = json!(format!("{}{at}", self.source));
        }
        if self.is_modified {
            descriptor["annotations"] = json!({ "modified": true });
        }
        descriptor
    }
}

/// What git knows of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    revision: Revision,
    /// Files that are not those of the commit, by their path in the repository.
    modified: Vec<String>,
    /// The tree within the repository: empty, or a path with `/` at its end.
    prefix: String,
}

impl Checkout {
    /// Asks git about a tree. `None` where there is no git, no repository or no
    /// commit.
    pub fn of(root: &Path) -> Option<Self> {
        let commit = git(root, &["rev-parse", "--verify", "HEAD"])?;
        let prefix = git(root, &["rev-parse", "--show-prefix"])?;
        let status = ["status", "--porcelain=v1", "-z", "--untracked-files=all"];
        let status = git(root, &[&status[..], &["--no-renames", "--", "."]].concat())?;
        let remote = git(root, &["config", "--get", "remote.origin.url"]);
        let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
        let tag = || git(root, &["describe", "--exact-match", "--tags", "HEAD"]);
        // `XY PATH`, each ended by a NUL.
        let modified = status.split('\0').filter_map(|entry| entry.get(3..));
        Some(Checkout {
            revision: Revision {
                source: remote.and_then(|url| source_uri(&url)).unwrap_or_default(),
                reference: branch.or_else(|| tag().map(|tag| format!("refs/tags/{tag}"))),
                commit,
                is_modified: false,
            },
            modified: modified.map(str::to_owned).collect(),
            prefix,
        })
    }

    /// The revision of a package that was made of these files, by their paths
    /// below the root of the tree. `run` is what a CI system says of it.
    pub fn revision<'a>(
        &self,
        files: impl Iterator<Item = &'a str>,
        run: Option<&Revision>,
    ) -> Revision {
        let is_modified = |path: &str| {
            let prefix = self.prefix.as_str();
            let named = |one: &String| one.strip_prefix(prefix) == Some(path);
            self.modified.iter().any(named)
        };
        let is_modified = !self.modified.is_empty() && files.into_iter().any(is_modified);
        // A shallow checkout of a CI system has no branch, and its address may
        // be that of a mirror.
        let revision = run.filter(|run| run.commit == self.revision.commit);
        Revision {
            is_modified,
            ..revision.unwrap_or(&self.revision).clone()
        }
    }
}

/// The address of a repository as SPDX and SLSA write it: `git+https://…`,
/// `git+ssh://…`, never with what stands before an `@`, which may be a secret.
/// `None` for a path of this machine.
pub(super) fn source_uri(url: &str) -> Option<String> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.to_owned()),
        // `git@host:path`, as ssh has it.
        None => {
            let (host, path) = url.split_once(':')?;
            let is_drive = host.len() == 1;
            if is_drive || host.contains('/') || path.starts_with('\\') {
                return None;
            }
            ("ssh", format!("{host}/{}", path.trim_start_matches('/')))
        }
    };
    if !["http", "https", "ssh", "git"].contains(&scheme) {
        return None;
    }
    let (authority, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // A token may stand in the query of an address as well.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
    let is_address = !host.is_empty() && is_plain(host) && is_plain(path);
    is_address.then(|| format!("git+{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_no_secrets_and_no_paths_of_this_machine() {
        for (url, expected) in [
            (
                "https://example.org/edge/nfv.git",
                Some("git+https://example.org/edge/nfv.git"),
            ),
            (
                "https://ci:s3cret@example.org/nfv",
                Some("git+https://example.org/nfv"),
            ),
            (
                "https://a@b:c@example.org/nfv?t=x",
                Some("git+https://example.org/nfv"),
            ),
            (
                "git@example.org:edge/nfv.git",
                Some("git+ssh://example.org/edge/nfv.git"),
            ),
            (
                "ssh://git@example.org:2222/nfv",
                Some("git+ssh://example.org:2222/nfv"),
            ),
            ("/srv/git/nfv.git", None),
            ("../nfv", None),
            ("./a:b", None),
            ("C:\\nfv", None),
            ("file:///srv/nfv", None),
            ("https://user@/nfv", None),
        ] {
            assert_eq!(source_uri(url).as_deref(), expected, "{url}");
        }
    }
}
