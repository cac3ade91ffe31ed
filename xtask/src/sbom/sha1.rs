//! SHA-1 of every file in a finished package, for which SPDX 2.3 asks (§8.4).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha1::{Digest, Sha1};

use crate::digest::hex;
use crate::source::members::{self, Container, Fault, MemberKind};

/// SHA-1 in hexadecimal, by the path of the file; those of a package inside are
/// kept apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// The files of the package.
    pub outer: BTreeMap<String, String>,
    /// The files of the package inside a SHIELD package.
    pub inner: BTreeMap<String, String>,
}

/// Reads the archive at `path`, and the one called `inner` in it.
///
/// # Errors
///
/// The file can't be opened, or is no archive that can be read to its end.
pub fn sums(path: &Path, inner: Option<&str>) -> io::Result<Sums> {
    let mut file = File::open(path)?;
    let container = Container::of(&mut file)?;
    let mut sums = Sums::default();
    let failed = |fault: Fault| io::Error::new(io::ErrorKind::InvalidData, fault.0);
    members::each(file, container, |member, reader| {
        if member.kind != MemberKind::File {
            return Ok(());
        }
        let name = plain(&member.name);
        let mut reader = Hashing::new(reader);
        if inner == Some(name) {
            members::tar_gz(&mut reader, member.len, |member, reader| {
                if member.kind == MemberKind::File {
                    let sum = Hashing::new(reader).finish()?;
                    sums.inner.insert(plain(&member.name).to_owned(), sum);
                }
                Ok::<(), Fault>(())
            })?;
        }
        let sum = reader.finish()?;
        sums.outer.insert(name.to_owned(), sum);
        Ok(())
    })
    .map_err(failed)?;
    Ok(sums)
}

fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

struct Hashing<'a> {
    inner: &'a mut dyn Read,
    hash: Sha1,
}

impl<'a> Hashing<'a> {
    fn new(inner: &'a mut dyn Read) -> Self {
        let hash = Sha1::new();
        Hashing { inner, hash }
    }

    /// The digest, after what is left was read as well.
    fn finish(mut self) -> Result<String, Fault> {
        io::copy(&mut self, &mut io::sink())
            .map_err(|error| Fault(format!("a file in it can't be read: {error}")))?;
        Ok(hex(&self.hash.finalize()))
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}
