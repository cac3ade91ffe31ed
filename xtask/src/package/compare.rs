//! What two finished packages differ in.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::digest::{self, hex};
use crate::source::members::{self, Container, Fault, Member, MemberKind, Record};

/// Why packages can't be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// A package can't be opened.
    #[error("failed to read `{}`", path.display())]
    Io {
        /// The package.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A package can't be read as one.
    #[error("`{}` can't be compared: {reason}", path.display())]
    Archive {
        /// The package.
        path: PathBuf,
        /// What is wrong with it; a sentence about "it".
        reason: String,
    },
}

/// A difference: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The member, `!/` between an archive and what is in it; empty for the
    /// archive itself.
    pub member: String,
    /// What is different, first in one package and then in the other.
    pub what: String,
}

/// Says in which members, header fields or compressed bytes `ours` and `theirs`
/// differ; empty if every byte is the same.
///
/// A `.tar.gz` at the top of an archive, as SHIELD packages have one, is looked
/// into.
pub fn compare(ours: &Path, theirs: &Path) -> Result<Vec<Difference>, CompareError> {
    let (a, b) = (Listing::of(ours)?, Listing::of(theirs)?);
    if a.sha256 == b.sha256 {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    let tell = |out: &mut Vec<Difference>, member: &str, what: String| {
        out.push(Difference {
            member: member.to_owned(),
            what,
        });
    };
    if a.container != b.container {
        tell(
            &mut out,
            "",
            format!("{} and {}", name(a.container), name(b.container)),
        );
    }
    let (left, right) = (a.by_name(), b.by_name());
    for (name, entry) in &left {
        match right.get(name) {
            None => tell(&mut out, name, "only in the first".to_owned()),
            Some(other) => {
                for what in entry.differences(other) {
                    tell(&mut out, name, what);
                }
            }
        }
    }
    for name in right.keys().filter(|name| !left.contains_key(*name)) {
        tell(&mut out, name, "only in the second".to_owned());
    }
    let order = |listing: &Listing, other: &BTreeMap<&str, &Entry>| -> Vec<String> {
        let names = listing.entries.iter().map(|entry| entry.name.clone());
        names
            .filter(|name| other.contains_key(name.as_str()))
            .collect()
    };
    let (first, second) = (order(&a, &right), order(&b, &left));
    if let Some((x, y)) = first.iter().zip(&second).find(|(x, y)| x != y) {
        tell(
            &mut out,
            "",
            format!("the order of the members: `{x}` before, `{y}` now"),
        );
    }
    if out.is_empty() && a.gzip != b.gzip {
        tell(
            &mut out,
            "",
            format!("the header of the gzip: {} and {}", a.gzip, b.gzip),
        );
    }
    if out.is_empty() {
        let what = "the compressed bytes, while every member and every header is the same: \
                    another compressor or level";
        tell(&mut out, "", what.to_owned());
    }
    Ok(out)
}

fn name(container: Container) -> &'static str {
    match container {
        Container::TarGz => "a gzip-compressed tar",
        Container::Zip => "a zip",
        Container::Tar => "a tar",
        Container::Other => "no archive",
    }
}

/// The time that every member of a package carries, in seconds since 1970;
/// `None` where they differ or there is none.
pub fn common_time(path: &Path) -> Result<Option<u64>, CompareError> {
    let listing = Listing::of(path)?;
    let mut times = listing.entries.iter().map(|entry| entry.record.time);
    let first = times.next().flatten();
    Ok(first.filter(|_| times.all(|time| time == first)))
}

/// Everything in an archive that can differ.
struct Listing {
    container: Container,
    entries: Vec<Entry>,
    /// Time, name and system in the header of the gzip.
    gzip: String,
    sha256: String,
}

struct Entry {
    name: String,
    kind: MemberKind,
    record: Record,
    len: u64,
    sha256: String,
}

impl Listing {
    fn of(path: &Path) -> Result<Self, CompareError> {
        let io = |source| CompareError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        let container = Container::of(&mut file).map_err(io)?;
        let mut whole = File::open(path).map_err(io)?;
        let (sha256, _) = digest::sha256(&mut whole).map_err(io)?;
        let mut listing = Listing {
            container,
            entries: Vec::new(),
            gzip: String::new(),
            sha256,
        };
        if container == Container::TarGz {
            listing.gzip = gzip_header(path).map_err(io)?;
        }
        let result = members::each(file, container, |member, reader| {
            listing.take("", member, reader)
        });
        match result {
            Ok(_) => Ok(listing),
            Err(Fault(reason)) => Err(CompareError::Archive {
                path: path.to_owned(),
                reason,
            }),
        }
    }

    fn take(&mut self, around: &str, member: &Member, reader: &mut dyn Read) -> Result<(), Fault> {
        let name = format!("{around}{}", member.name);
        let mut reader = Hashing {
            inner: reader,
            hash: Sha256::new(),
            len: 0,
        };
        let is_package = around.is_empty() && !name.contains('/') && name.ends_with(".tar.gz");
        let mut inside = Listing {
            container: Container::TarGz,
            entries: Vec::new(),
            gzip: String::new(),
            sha256: String::new(),
        };
        if is_package && member.kind == MemberKind::File {
            let around = format!("{name}!/");
            // One that can't be read is compared as a whole.
            let _: Result<(), Fault> = members::tar_gz(&mut reader, member.len, |inner, reader| {
                inside.take(&around, inner, reader)
            });
        }
        io::copy(&mut reader, &mut io::sink())
            .map_err(|error| Fault(format!("`{name}` in it can't be read: {error}")))?;
        self.entries.push(Entry {
            name,
            kind: member.kind.clone(),
            record: member.record.clone(),
            len: reader.len,
            sha256: hex(&reader.hash.finalize()),
        });
        self.entries.append(&mut inside.entries);
        Ok(())
    }

    fn by_name(&self) -> BTreeMap<&str, &Entry> {
        let entries = self.entries.iter();
        entries.map(|entry| (entry.name.as_str(), entry)).collect()
    }
}

impl Entry {
    fn differences(&self, other: &Entry) -> Vec<String> {
        let mut out = Vec::new();
        let mut tell = |what: &str, a: String, b: String| {
            if a != b {
                out.push(format!("{what}: {a} and {b}"));
            }
        };
        tell("kind", kind(&self.kind), kind(&other.kind));
        let (a, b) = (&self.record, &other.record);
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let mode = |record: &Record| or_none(record.mode.map(|mode| format!("{mode:04o}")));
        tell("mode", mode(a), mode(b));
        let owner = |record: &Record| or_none(record.owner.map(|(u, g)| format!("{u}:{g}")));
        tell("owner", owner(a), owner(b));
        let names = |record: &Record| {
            let names = record.owner_names.as_ref();
            or_none(names.map(|(user, group)| format!("`{user}:{group}`")))
        };
        tell("name of the owner", names(a), names(b));
        let time = |record: &Record| or_none(record.time.map(|time| time.to_string()));
        tell("time", time(a), time(b));
        tell("form", a.form.clone(), b.form.clone());
        tell("size", self.len.to_string(), other.len.to_string());
        let digest = |entry: &Entry| format!("sha256:{}", entry.sha256);
        tell("content", digest(self), digest(other));
        out
    }
}

fn kind(kind: &MemberKind) -> String {
    match kind {
        MemberKind::File => "a file".to_owned(),
        MemberKind::Directory => "a folder".to_owned(),
        MemberKind::Symlink(target) => format!("a link to `{target}`"),
        MemberKind::HardLink(target) => format!("a second name of `{target}`"),
        MemberKind::Special => "a device or a pipe".to_owned(),
    }
}

/// Time, name, level and system of a gzip stream (RFC 1952, 2.3).
fn gzip_header(path: &Path) -> io::Result<String> {
    let decoder = flate2::bufread::GzDecoder::new(io::BufReader::new(File::open(path)?));
    let Some(header) = decoder.header() else {
        return Ok("none".to_owned());
    };
    let name = String::from_utf8_lossy(header.filename().unwrap_or_default());
    Ok(format!(
        "time {}, name `{name}`, system {}",
        header.mtime(),
        header.operating_system()
    ))
}

struct Hashing<'a> {
    inner: &'a mut dyn Read,
    hash: Sha256,
    len: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hash.update(&buffer[..n]);
        self.len += n as u64;
        Ok(n)
    }
}
