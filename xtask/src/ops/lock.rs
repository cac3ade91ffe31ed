//! `nfv.lock`: which bytes every dependency from a registry is.
//!
//! A descriptor names what it needs by id alone; which version that is, is
//! decided once and written down, so that everybody gets the same.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;
use super::needs::Need;
use crate::scratch;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Always 1.
    #[serde(default)]
    version: u32,
    /// The dependencies, sorted.
    #[serde(default, rename = "dependency")]
    dependencies: Vec<Locked>,
}

/// One dependency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// `VNF`, `NS`, `HELM`.
    pub kind: String,
    /// Its id, as the descriptor that needs it has it.
    pub id: String,
    /// Where it was found.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
}

/// The version that is written.
const VERSION: u32 = 1;

const HEAD: &str = "\
# Written by `cargo nfv`: the dependencies that were found at a registry.
# Keep it under version control; `--locked` refuses anything else.
";

impl Lock {
    /// Its name, at the root of the tree.
    pub const FILE: &str = "nfv.lock";

    /// Reads the file, which need not be there.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(Error::Io {
                    action: "read",
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let lock: Lock = toml::from_str(&text).map_err(|source| Error::BadLock {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        // One of a later program may say what this one would overlook.
        match lock.version {
            0 | VERSION => Ok(lock),
            version => Err(Error::NewerLock {
                path: path.to_owned(),
                version,
            }),
        }
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Io {
            action: "write",
            path: path.to_owned(),
            source,
        };
        let lock = Lock {
            version: VERSION,
            ..self.clone()
        };
        let body = toml::to_string(&lock).map_err(|e| failed(io::Error::other(e)))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = scratch::file_in(folder).map_err(failed)?;
        file.write_all(format!("{HEAD}\n{body}").as_bytes())
            .map_err(failed)?;
        super::output::publish_file(file, path)
    }

    /// What a need was found to be.
    pub(super) fn find(&self, need: &Need) -> Option<&Locked> {
        let same = |locked: &&Locked| locked.kind == need.kind && locked.id == need.id;
        self.dependencies.iter().find(same)
    }

    /// Notes a dependency in place of what was noted of it.
    pub fn insert(&mut self, new: Locked) {
        self.dependencies
            .retain(|old| old.kind != new.kind || old.id != new.id);
        self.dependencies.push(new);
        self.dependencies.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(Lock::FILE);
        let mut lock = Lock::read(&path).expect("no file is an empty one");
        for id in ["router_vnf", "cache_knf"] {
            lock.insert(Locked {
                kind: "VNF".to_owned(),
                id: id.to_owned(),
                reference: format!("r.io/edge/{id}:1.0"),
                digest: format!("sha256:{}", "0".repeat(64)),
            });
        }
        lock.write(&path).expect("written");
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.find("cache_knf") < text.find("router_vnf"), "{text}");
        let read = Lock::read(&path).expect("read");
        assert_eq!(read.dependencies, lock.dependencies);
        fs::write(&path, "version = 2\n").expect("written");
        let error = Lock::read(&path).expect_err("a newer file").to_string();
        assert!(error.contains("version 2"), "{error}");
        fs::write(&path, "version = 1\n[[dependency]]\nkind = 1\n").expect("written");
        let error = Lock::read(&path).expect_err("a broken file").to_string();
        assert!(error.contains("nfv.lock"), "{error}");
    }
}
