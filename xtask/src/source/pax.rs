//! What stands before a member of a tar and says of it what its own header can't: the extended
//! headers of POSIX (pax, "pax Extended Header"), and the sparse files of GNU tar in them
//! (its manual, "Storing Sparse Files", formats 0.0, 0.1 and 1.0).

use std::io::{self, Read};

use super::members::Fault;

/// Bytes of a block; what is stored of a sparse file and its map fill whole ones.
const BLOCK: usize = 512;
/// Parts of one sparse file. A list of these alone has 2 MB.
const MAX_REGIONS: usize = 100_000;

/// The records of one extended header.
#[derive(Default)]
pub(super) struct Pax {
    records: Vec<(String, Vec<u8>)>,
}

impl Pax {
    /// Takes the records in front of a member, or those of a global header.
    ///
    /// # Errors
    ///
    /// They are no records, or say two things at once, of which one reader takes the first and
    /// another the last.
    pub fn of(entry: &mut tar::Entry<'_, impl Read>) -> Result<Self, Fault> {
        let mut pax = Pax::default();
        let broken = |error: &io::Error| Fault(format!("it can't be read as a tar: {error}"));
        let Some(extensions) = entry.pax_extensions().map_err(|error| broken(&error))? else {
            return Ok(pax);
        };
        for record in extensions {
            let record = record.map_err(|error| broken(&error))?;
            let key = String::from_utf8_lossy(record.key_bytes()).into_owned();
            let value = record.value_bytes().to_vec();
            let is_list = matches!(&*key, "GNU.sparse.offset" | "GNU.sparse.numbytes");
            let other = pax.value(&key).filter(|_| !is_list);
            if other.is_some_and(|other| other != value) {
                return Err(Fault(format!(
                    "an extended header in it gives `{key}` twice, and readers do not agree which \
                     one holds"
                )));
            }
            pax.records.push((key, value));
        }
        Ok(pax)
    }

    fn value(&self, key: &str) -> Option<&[u8]> {
        let (_, value) = self.records.iter().find(|(other, _)| other == key)?;
        Some(value)
    }

    /// What of a global header would change names, sizes or contents of all members behind it,
    /// which nobody does but to hide something; the commit that git writes there changes nothing.
    pub fn changes_members(&self) -> Option<&str> {
        let mut keys = self.records.iter().map(|(key, _)| key.as_str());
        keys.find(|key| {
            matches!(*key, "path" | "linkpath" | "size" | "hdrcharset") || key.starts_with("GNU.")
        })
    }

    /// The name of a member.
    ///
    /// # Errors
    ///
    /// It has several.
    pub fn name(&self, entry: &tar::Entry<'_, impl Read>) -> Result<Vec<u8>, Fault> {
        let name = entry.path_bytes();
        let (path, sparse) = (self.value("path"), self.value("GNU.sparse.name"));
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        // Without `path`, what is not the header's is of GNU tar's own header for long names.
        let is_long = path.is_none() && name != entry.header().path_bytes();
        let other = match (path, sparse) {
            (Some(path), _) if path != &*name => Some(path),
            (Some(path), Some(sparse)) if sparse != path => Some(sparse),
            (None, Some(sparse)) if is_long && sparse != &*name => Some(sparse),
            _ => None,
        };
        if let Some(other) = other {
            return Err(Fault(format!(
                "a member in it has two names, `{}` and `{}`: GNU tar takes another one than OSM \
                 (GNU tar itself writes that with --sparse; pack it without)",
                text(&name),
                text(other)
            )));
        }
        Ok(sparse.map_or_else(|| name.to_vec(), <[u8]>::to_vec))
    }

    /// What is stored where of a sparse file; nothing of a file that is none. Leaves `reader`
    /// behind the map, where what is stored begins: `stored` bytes with the map.
    ///
    /// # Errors
    ///
    /// There is no such map, or not all readers read the same by it.
    pub fn sparse(&self, stored: u64, reader: &mut impl Read) -> Result<Option<Sparse>, Fault> {
        let fault = || Fault("a sparse file in it has a map that can't be read".to_owned());
        let (numbers, size, mapped) = if let Some(map) = self.value("GNU.sparse.map") {
            let numbers = map.split(|byte| *byte == b',').map(number);
            (numbers.collect(), self.value("GNU.sparse.size"), 0)
        } else if let Some(size) = self.value("GNU.sparse.size") {
            let is_part = |(key, _): &&(String, Vec<u8>)| {
                matches!(&**key, "GNU.sparse.offset" | "GNU.sparse.numbytes")
            };
            let parts = self.records.iter().filter(is_part);
            // An offset and its length take turns.
            let parts = parts.enumerate().map(|(i, (key, value))| {
                number(value).filter(|_| (i % 2 == 0) == (key == "GNU.sparse.offset"))
            });
            (parts.collect(), Some(size), 0)
        } else if self.value("GNU.sparse.major").is_some() {
            let version = (
                self.value("GNU.sparse.major"),
                self.value("GNU.sparse.minor"),
            );
            if version != (Some(b"1"), Some(b"0")) {
                return Err(fault());
            }
            let (numbers, mapped) = map_before(reader).map_err(|_| fault())?;
            (Some(numbers), self.value("GNU.sparse.realsize"), mapped)
        } else if self
            .records
            .iter()
            .any(|(key, _)| key.starts_with("GNU.sparse.") && key != "GNU.sparse.name")
        {
            return Err(fault());
        } else {
            return Ok(None);
        };
        let numbers: Vec<u64> = numbers.ok_or_else(fault)?;
        let size = size.and_then(number).ok_or_else(fault)?;
        let left = stored.checked_sub(mapped).ok_or_else(fault)?;
        Sparse::of(&numbers, size, left).ok_or_else(fault).map(Some)
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let is_plain = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()
        .filter(|_| is_plain)?
        .parse()
        .ok()
}

/// The numbers of a map of format 1.0 in front of the content, a line each and the count of
/// pairs first, and the bytes that they fill.
fn map_before(reader: &mut impl Read) -> io::Result<(Vec<u64>, u64)> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let (mut numbers, mut wanted, mut line, mut read) = (Vec::new(), None, Vec::new(), 0);
    loop {
        let mut block = [0; BLOCK];
        reader.read_exact(&mut block)?;
        read += BLOCK as u64;
        for byte in block {
            if byte != b'\n' {
                line.push(byte);
                // No number of 64 bits is longer.
                if line.len() > 20 {
                    return Err(broken());
                }
                continue;
            }
            let found = number(&line).ok_or_else(broken)?;
            line.clear();
            match wanted {
                None if found > MAX_REGIONS as u64 => return Err(broken()),
                None => wanted = Some(found as usize * 2),
                Some(_) => numbers.push(found),
            }
            if wanted == Some(numbers.len()) {
                return Ok((numbers, read));
            }
        }
    }
}

/// Where a sparse file has something else than zeros.
pub(super) struct Sparse {
    /// Where each part begins, and how long it is, the last one first.
    regions: Vec<(u64, u64)>,
    /// The size of the file.
    pub size: u64,
    /// How much of it are holes.
    pub holes: u64,
    at: u64,
}

impl Sparse {
    /// Takes offsets and lengths by turns. Parts stand behind each other, in blocks of their own.
    fn of(numbers: &[u64], size: u64, stored: u64) -> Option<Self> {
        let (pairs, rest) = numbers.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() > MAX_REGIONS {
            return None;
        }
        let (mut end, mut sum, mut is_whole) = (0, 0_u64, true);
        let mut regions = Vec::new();
        for &[offset, len] in pairs {
            // Behind a block that is not full, one reader goes on at once and another at the next.
            if offset < end || (len > 0 && !is_whole) {
                return None;
            }
            end = offset.checked_add(len)?;
            sum = sum.checked_add(len)?;
            is_whole &= len % BLOCK as u64 == 0;
            if len > 0 {
                regions.push((offset, len));
            }
        }
        regions.reverse();
        (end <= size && sum == stored).then(|| Sparse {
            regions,
            size,
            holes: size - sum,
            at: 0,
        })
    }

    /// The content of the file, of what is stored of it.
    pub fn read_from<R: Read>(self, stored: R) -> impl Read {
        Filled {
            map: self,
            inner: stored,
        }
    }
}

struct Filled<R> {
    map: Sparse,
    inner: R,
}

impl<R: Read> Read for Filled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let map = &mut self.map;
        while map
            .regions
            .pop_if(|(offset, len)| *offset + *len <= map.at)
            .is_some()
        {}
        let next = map.regions.last().copied();
        let end = match next {
            Some((offset, len)) if offset <= map.at => offset + len,
            Some((offset, _)) => offset,
            None => map.size,
        };
        let most = usize::try_from(end - map.at).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let buffer = &mut buffer[..most];
        let count = match next {
            Some((offset, _)) if offset <= map.at => match self.inner.read(buffer)? {
                0 if most > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => count,
            },
            _ => {
                buffer.fill(0);
                most
            }
        };
        map.at += count as u64;
        Ok(count)
    }
}
