//! The zip around a CSAR that is signed as a whole: option 2 of SOL 004 §5.1, in which the
//! signature and, unless it is in there, the certificate stand beside the CSAR.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::members::{self, Container, Fault, MemberKind};
use crate::csar::{Algorithm, Hasher};
use crate::scratch;

/// What stands around a CSAR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outer {
    /// Name of the CSAR.
    pub csar: String,
    /// Its digests: SHA-256, SHA-384 and SHA-512, in lower-case hexadecimal.
    pub digests: Vec<(Algorithm, String)>,
    /// Name and bytes of the signature, where there is one.
    pub signature: Option<(String, Vec<u8>)>,
    /// Name and bytes of the certificate beside it, where there is one.
    pub certificate: Option<(String, Vec<u8>)>,
    /// Members that are neither, which nobody has signed.
    pub others: Vec<String>,
}

/// Signatures and certificates are small.
const LONGEST: u64 = 1 << 20;

/// What stands around the one CSAR at the top of a zip, and the CSAR in a file of its own;
/// `None` for any other zip. What can't be read is none either: the archive is then read as
/// what it claims to be, and found wanting.
pub(super) fn read(path: &Path) -> io::Result<Option<(Outer, NamedTempFile)>> {
    let mut csars = Vec::new();
    let mut looks_like_csar = false;
    let names: Result<bool, Fault> =
        members::each(File::open(path)?, Container::Zip, |member, _| {
            if member.kind == MemberKind::File {
                let name = member.name.as_str();
                let is_top = !name.contains('/');
                looks_like_csar |= name.starts_with("TOSCA-Metadata/")
                    || (is_top && (name.ends_with(".mf") || name.ends_with(".yaml")));
                if is_top && name.ends_with(".csar") {
                    csars.push(name.to_owned());
                }
            }
            Ok(())
        });
    // Of a member that is there twice readers see one or the other.
    let (Ok(false), [csar], false) = (names, csars.as_slice(), looks_like_csar) else {
        return Ok(None);
    };
    let mut outer = Outer {
        csar: csar.clone(),
        digests: Vec::new(),
        signature: None,
        certificate: None,
        others: Vec::new(),
    };
    let mut inner = scratch::file()?;
    let stem = csar.strip_suffix(".csar").unwrap_or(csar).to_owned();
    let result: Result<bool, Fault> =
        members::each(File::open(path)?, Container::Zip, |member, reader| {
            if member.kind != MemberKind::File {
                return Ok(());
            }
            let name = member.name.clone();
            if name == outer.csar {
                outer.digests = copy(reader, inner.as_file_mut())?;
            } else if name == format!("{stem}.cms") {
                outer.signature = Some((name, small(reader)?));
            } else if name == format!("{stem}.cert") {
                outer.certificate = Some((name, small(reader)?));
            } else {
                outer.others.push(name);
            }
            Ok(())
        });
    Ok(result.is_ok().then_some((outer, inner)))
}

/// The CSAR of a zip that is one around it, in a file of its own.
pub(crate) fn csar_inside(path: &Path) -> io::Result<Option<NamedTempFile>> {
    Ok(read(path)?.map(|(_, inner)| inner))
}

fn copy(reader: &mut dyn Read, to: &mut File) -> Result<Vec<(Algorithm, String)>, Fault> {
    let failed = |error: io::Error| Fault(format!("the CSAR in it can't be read: {error}"));
    let algorithms = [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];
    let mut hashers: Vec<Hasher> = algorithms.iter().map(|one| Hasher::new(*one)).collect();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        for hasher in &mut hashers {
            hasher.update(read);
        }
        to.write_all(read).map_err(failed)?;
    }
    let digests = hashers.into_iter().map(Hasher::finish);
    Ok(algorithms.into_iter().zip(digests).collect())
}

fn small(reader: &mut dyn Read) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = reader.take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|error| Fault(format!("the signature in it can't be read: {error}")))?;
    Ok(bytes)
}
