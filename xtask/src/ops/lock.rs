//! `nfv.lock`: which bytes every dependency from a registry is.
//!
//! A descriptor names what it needs by id alone; which version that is, is
//! decided once and written down, so that everybody gets the same. The digest
//! decides; where it was found is a hint for those who find it nowhere nearer.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Error;
use super::needs::Need;
use crate::oci::{Reference, is_digest};
use crate::scratch;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// [`VERSION`], or an older one.
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
    /// Where it was found: a reference to a registry, or `oci:FOLDER:NAME`
    /// with a folder below the root of the tree. Nothing where that is known on
    /// one machine only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The digest of its manifest: `sha256:` and 64 digits. It becomes part of addresses
    /// and paths, so nothing else is read.
    #[serde(deserialize_with = "digest")]
    pub digest: String,
}

fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match is_digest(&text) {
        true => Ok(text),
        false => Err(D::Error::custom(format!(
            "`{}` is not a digest of the form `sha256:<64 hexadecimal digits>`",
            text.escape_debug()
        ))),
    }
}

/// The version that is written. In the first every dependency had a place, which
/// could be a folder of some machine.
const VERSION: u32 = 2;

const HEAD: &str = "\
# Written by `cargo nfv`: what the packages of this tree need, by its digest.
# Keep it under version control; `--locked` refuses anything else.
";

/// The text of the file. What is no file has no end or none that comes, and a larger one was not
/// written here: a line for each of a hundred thousand packages is less.
fn text_of(path: &Path) -> io::Result<String> {
    const LARGEST: u64 = 64 << 20;
    let other = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(other("it is no file"));
    }
    if metadata.len() > LARGEST {
        return Err(other(
            "it is larger than any that was written by this program",
        ));
    }
    fs::read_to_string(path)
}

impl Lock {
    /// Its name, at the root of the tree.
    pub const FILE: &str = "nfv.lock";

    /// Reads the file, which need not be there.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = match text_of(path) {
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
        if let Some(twice) = lock.twice() {
            let text = format!(
                "the {} `{}` stands in it twice, with {} and {}",
                twice.0.kind, twice.0.id, twice.0.digest, twice.1.digest
            );
            return Err(Error::BadLock {
                path: path.to_owned(),
                source: Box::new(toml::de::Error::custom(text)),
            });
        }
        // One of a later program may say what this one would overlook.
        match lock.version {
            0 | 1 => Ok(lock.without_folders()),
            VERSION => Ok(lock),
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

    /// Two entries for one dependency, as a merge of two branches may leave them.
    fn twice(&self) -> Option<(&Locked, &Locked)> {
        let all = self.dependencies.iter().enumerate();
        let of_same = |(i, one): (usize, &'_ Locked)| {
            let mut before = self.dependencies.iter().take(i);
            before.position(|other| other.kind == one.kind && other.id == one.id)
        };
        let mut pairs = all.filter_map(|(i, one)| Some((of_same((i, one))?, i)));
        let (first, second) = pairs.next()?;
        Some((
            self.dependencies.get(first)?,
            self.dependencies.get(second)?,
        ))
    }

    /// Without the places that only one machine has.
    fn without_folders(mut self) -> Self {
        for locked in &mut self.dependencies {
            let is_known = |text: &String| Reference::parse(text).is_ok();
            locked.reference = locked.reference.take().filter(is_known);
        }
        self
    }

    /// What a need was found to be.
    pub(super) fn find(&self, need: &Need) -> Option<&Locked> {
        let same = |locked: &&Locked| locked.kind == need.kind && locked.id == need.id;
        self.dependencies.iter().find(same)
    }

    /// What is noted of all that is needed.
    pub(super) fn pins(&self) -> &[Locked] {
        &self.dependencies
    }

    /// Notes what a need was found to be, and where. As long as that is what it
    /// was, the place stays as well: it may be found in many.
    pub(super) fn note(&mut self, need: &Need, place: Option<String>, digest: &str) {
        let before = self.find(need).filter(|before| before.digest == digest);
        let place = before.and_then(|b| b.reference.clone()).or(place);
        self.insert(Locked {
            kind: need.kind.clone(),
            id: need.id.clone(),
            reference: place,
            digest: digest.to_owned(),
        });
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

    /// A lock file of the first version may name folders of some machine.
    #[test]
    fn an_older_file_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(Lock::FILE);
        let mut text = "version = 1\n".to_owned();
        let digest = format!("sha256:{}", "0".repeat(64));
        for (id, place) in [("a", "r.io/edge/a:1.0"), ("b", "/tmp/x/L:b:1.0")] {
            text.push_str(&format!(
                "[[dependency]]\nkind = \"VNF\"\nid = \"{id}\"\nreference = \"{place}\"\ndigest = \"{digest}\"\n"
            ));
        }
        fs::write(&path, text).expect("written");
        let lock = Lock::read(&path).expect("read");
        let places: Vec<Option<&str>> = lock
            .dependencies
            .iter()
            .map(|locked| locked.reference.as_deref())
            .collect();
        assert_eq!(places, [Some("r.io/edge/a:1.0"), None]);
        lock.write(&path).expect("written");
        assert_eq!(
            Lock::read(&path).expect("read").dependencies,
            lock.dependencies
        );
    }

    /// Whatever stands there would be asked for at a registry.
    #[test]
    fn what_is_no_digest_is_refused_with_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(Lock::FILE);
        let zeros = "0".repeat(64);
        for digest in [
            "",
            "d",
            "sha256:",
            "latest",
            "../../v2/_catalog",
            &zeros,
            &format!("sha512:{zeros}"),
            &format!("sha256:{zeros}0"),
            &format!("sha256:{}", "A".repeat(64)),
            &format!("sha256:{zeros}?x"),
        ] {
            let text = format!(
                "version = 2\n\n[[dependency]]\nkind = \"VNF\"\nid = \"a\"\ndigest = \"{digest}\"\n"
            );
            fs::write(&path, text).expect("written");
            let error = Lock::read(&path).expect_err("no digest");
            let Error::BadLock { source, .. } = &error else {
                panic!("{error}");
            };
            let source = source.to_string();
            assert!(source.contains("line 6, column 10"), "{source}");
            assert!(source.contains("is not a digest"), "{source}");
        }
    }

    /// Two branches may each have noted another one.
    #[test]
    fn one_dependency_has_one_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(Lock::FILE);
        let entry = |id: &str, digit: &str| {
            let digest = format!("sha256:{}", digit.repeat(64));
            format!("[[dependency]]\nkind = \"VNF\"\nid = \"{id}\"\ndigest = \"{digest}\"\n")
        };
        let text = format!(
            "version = 2\n{}{}{}",
            entry("a", "0"),
            entry("b", "0"),
            entry("a", "1")
        );
        fs::write(&path, text).expect("written");
        let error = Lock::read(&path).expect_err("two of one");
        let Error::BadLock { source, .. } = &error else {
            panic!("{error}");
        };
        let text = format!(
            "the VNF `a` stands in it twice, with sha256:{}",
            "0".repeat(64)
        );
        assert!(source.to_string().contains(&text), "{source}");
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(Lock::FILE);
        let mut lock = Lock::read(&path).expect("no file is an empty one");
        for id in ["router_vnf", "cache_knf"] {
            lock.insert(Locked {
                kind: "VNF".to_owned(),
                id: id.to_owned(),
                reference: Some(format!("r.io/edge/{id}:1.0")).filter(|_| id == "cache_knf"),
                digest: format!("sha256:{}", "0".repeat(64)),
            });
        }
        lock.write(&path).expect("written");
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.find("cache_knf") < text.find("router_vnf"), "{text}");
        let read = Lock::read(&path).expect("read");
        assert_eq!(read.dependencies, lock.dependencies);
        fs::write(&path, "version = 3\n").expect("written");
        let error = Lock::read(&path).expect_err("a newer file").to_string();
        assert!(error.contains("version 3"), "{error}");
        fs::write(&path, "version = 1\n[[dependency]]\nkind = 1\n").expect("written");
        let error = Lock::read(&path).expect_err("a broken file").to_string();
        assert!(error.contains("nfv.lock"), "{error}");
    }
}
