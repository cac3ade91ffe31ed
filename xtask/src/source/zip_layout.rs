//! Whether all readers of a zip see the same members: those that go by the list at its end, as
//! Python's and the one here do, and those that go from the front, as Java's streams do.
//!
//! A zip says everything twice, before each member and in the list (APPNOTE.TXT 6.3.9, §4.3.7
//! and §4.3.12), and holds what it likes between the members. A digest or a signature that was
//! verified over what one reader sees says nothing of what the other one does.
//!
//! What is compared is what readers act upon: names, also those in the field for Unicode, places,
//! sizes, sums, methods, and the flags that say how a member is to be read. What is left is what
//! changes no byte of a member: the version that is needed, of which readers ask at most whether it
//! is too new for them; the time; attributes, which the list alone has; and comments.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::gunzip::beginning;

/// More than any list of members that is read here.
const LARGEST_LIST: u64 = 256 << 20;
/// The fixed part of what ends a zip, of the locator before it, of an entry of the list, and of
/// what stands before a member.
const END: usize = 22;
const LOCATOR: usize = 20;
const ENTRY: usize = 46;
const LOCAL: usize = 30;

/// What one reader of the zip sees and another does not, as the rest of a sentence about it;
/// `None` where all see the same. One whose end can't be found is no zip, which others tell.
///
/// # Errors
///
/// The file can't be read.
pub(super) fn disagreement(file: &mut File) -> io::Result<Option<String>> {
    let len = file.seek(SeekFrom::End(0))?;
    let found = look(file, len);
    file.seek(SeekFrom::Start(0))?;
    match found {
        Ok(()) | Err(Fault::Unknown) => Ok(None),
        Err(Fault::Disagrees(why)) => Ok(Some(why)),
        // Offsets that lead behind the end.
        Err(Fault::Io(error)) => match error.kind() {
            // No file is as long as the largest offset, and seeking there is refused.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => {
                Ok(Some("its list of members leads out of the file".to_owned()))
            }
            _ => Err(error),
        },
    }
}

enum Fault {
    Io(io::Error),
    Disagrees(String),
    Unknown,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Io(error)
    }
}

fn disagrees<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Disagrees(why.into()))
}

/// What the list says of a member.
struct Entry {
    name: Vec<u8>,
    /// The name in the field for Unicode.
    in_unicode: Option<Vec<u8>>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    unpacked: u64,
    offset: u64,
}

impl Entry {
    /// Whether sizes and sum stand behind the content, for who wrote it did not know them before.
    fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

fn look(file: &mut File, len: u64) -> Result<(), Fault> {
    let (list_at, list_len) = list(file, len)?;
    if list_len > LARGEST_LIST {
        return disagrees("its list of members is too large");
    }
    let bytes = at(file, list_at, list_len)?;
    let mut entries = entries(&bytes)?;
    entries.sort_by_key(|entry| entry.offset);
    let mut expected = 0;
    for (i, entry) in entries.iter().enumerate() {
        let next = entries.get(i + 1).map_or(list_at, |next| next.offset);
        let next = next.min(list_at);
        if entry.offset < expected {
            let why = format!("`{}` in it shares bytes with another member", entry.shown());
            return disagrees(why);
        }
        if entry.offset > expected {
            return Err(between(file, expected)?);
        }
        expected = member(file, entry, next)?;
    }
    match expected == list_at {
        true => Ok(()),
        false => Err(between(file, expected)?),
    }
}

/// What stands where a member should end and something else begin.
fn between(file: &mut File, at_byte: u64) -> Result<Fault, Fault> {
    let head = at(file, at_byte, 4)?;
    let what = match head.as_slice() {
        b"PK\x03\x04" => "holds a member that its list of members does not name",
        _ if at_byte == 0 => "has something before its first member",
        _ => "has bytes between its members that belong to none",
    };
    Ok(Fault::Disagrees(format!(
        "it {what}, at byte {at_byte}, so that readers differ in what it holds"
    )))
}

/// Where the list of members begins, and how long it is.
fn list(file: &mut File, len: u64) -> Result<(u64, u64), Fault> {
    // A comment of up to 64 KiB may follow.
    let tail_len = len.min(END as u64 + 0xffff);
    let tail = at(file, len - tail_len, tail_len)?;
    let mut ends = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06");
    // What looks like an end may stand in the comment. Zeros behind it are how bsdtar fills its
    // last block, and nobody takes them for anything.
    let fits = |start: &usize| {
        let comment = u16_at(&tail, start + 20).map(usize::from);
        let behind = comment.and_then(|comment| tail.get(start + END + comment..));
        behind.is_some_and(|behind| behind.iter().all(|byte| *byte == 0))
    };
    let Some(start) = ends.find(fits) else {
        let is_zip = memchr::memmem::find(&tail, b"PK\x05\x06").is_some();
        return match is_zip {
            true => disagrees(behind(&tail, len)),
            false => Err(Fault::Unknown),
        };
    };
    let end_at = len - tail_len + start as u64;
    let need = |value: Option<u32>| value.map(u64::from).ok_or(Fault::Unknown);
    let size = need(u32_at(&tail, start + 12))?;
    let offset = need(u32_at(&tail, start + 16))?;
    let is_long = [size, offset].contains(&u64::from(u32::MAX))
        || u16_at(&tail, start + 10) == Some(u16::MAX);
    let (offset, size, end_at) = match is_long {
        false => (offset, size, end_at),
        true => long_end(file, end_at)?.unwrap_or((offset, size, end_at)),
    };
    match offset.checked_add(size) {
        Some(end) if end == end_at => Ok((offset, size)),
        _ => disagrees("its list of members does not stand where its end says"),
    }
}

/// What stands behind the last of what looks like an end.
fn behind(tail: &[u8], len: u64) -> String {
    let start = memchr::memmem::rfind(tail, b"PK\x05\x06").unwrap_or(tail.len());
    let comment = u16_at(tail, start + 20).map_or(0, usize::from);
    match tail.get(start + END + comment..) {
        Some(rest) if !rest.is_empty() => format!(
            "something stands behind its end, at byte {}: `{}`",
            len - rest.len() as u64,
            beginning(rest)
        ),
        _ => "it ends in the middle of its comment".to_owned(),
    }
}

/// The same by the record for large files (§4.3.14), if there is one, and where that begins.
fn long_end(file: &mut File, end_at: u64) -> Result<Option<(u64, u64, u64)>, Fault> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR as u64) else {
        return Ok(None);
    };
    let locator = at(file, locator_at, LOCATOR as u64)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let record_at = u64_at(&locator, 8).ok_or(Fault::Unknown)?;
    let record = at(file, record_at, 56)?;
    if !record.starts_with(b"PK\x06\x06") {
        return disagrees("its end for large files does not stand where it says");
    }
    let value = |i| u64_at(&record, i).ok_or(Fault::Unknown);
    // The record gives its own length but for the first twelve bytes.
    let behind = value(4)?
        .checked_add(12)
        .and_then(|len| len.checked_add(record_at));
    match behind == Some(locator_at) {
        true => Ok(Some((value(48)?, value(40)?, record_at))),
        false => disagrees("something stands behind its end for large files"),
    }
}

fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((entry, behind)) = entry(rest) else {
            return disagrees("its list of members can't be read to its end");
        };
        entries.push(entry);
        rest = behind;
    }
    Ok(entries)
}

fn entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let head = bytes
        .get(..ENTRY)
        .filter(|head| head.starts_with(b"PK\x01\x02"))?;
    let part = |i| u16_at(head, i).map(usize::from);
    let (name_len, extra_len, comment_len) = (part(28)?, part(30)?, part(32)?);
    let (name, rest) = bytes.get(ENTRY..)?.split_at_checked(name_len)?;
    let (extra, rest) = rest.split_at_checked(extra_len)?;
    let rest = rest.get(comment_len..)?;
    let mut long = long_values(extra);
    let mut value = |i| match u32_at(head, i)? {
        u32::MAX => Some(long.next().unwrap_or(u64::from(u32::MAX))),
        short => Some(u64::from(short)),
    };
    let (unpacked, packed, offset) = (value(24)?, value(20)?, value(42)?);
    let entry = Entry {
        name: name.to_vec(),
        in_unicode: unicode_name(extra),
        flags: u16_at(head, 8)?,
        method: u16_at(head, 10)?,
        crc: u32_at(head, 16)?,
        packed,
        unpacked,
        offset,
    };
    Some((entry, rest))
}

/// The values of the field for large files (§4.5.3), in their order.
fn long_values(extra: &[u8]) -> impl Iterator<Item = u64> {
    let found = field(extra, 1).unwrap_or_default();
    found.chunks_exact(8).filter_map(|chunk| u64_at(chunk, 0))
}

/// The name in the field for Unicode (§4.6.9), which some readers take for that of the member,
/// behind its version and the sum of the other one.
fn unicode_name(extra: &[u8]) -> Option<Vec<u8>> {
    Some(field(extra, 0x7075)?.get(5..)?.to_vec())
}

/// The first of the fields behind a name that has this number.
fn field(extra: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = extra;
    while let (Some(id), Some(len)) = (u16_at(rest, 0), u16_at(rest, 2)) {
        let (content, behind) = rest.get(4..)?.split_at_checked(usize::from(len))?;
        if id == wanted {
            return Some(content);
        }
        rest = behind;
    }
    None
}

/// Compares what stands before a member, and behind it, with the list. Gives where it ends.
fn member(file: &mut File, entry: &Entry, next: u64) -> Result<u64, Fault> {
    let name = entry.shown();
    let head = at(file, entry.offset, LOCAL as u64)?;
    if !head.starts_with(b"PK\x03\x04") {
        return disagrees(format!("`{name}` is not where its list of members says"));
    }
    let part = |i| u16_at(&head, i).unwrap_or_default();
    let lens = [part(26), part(28)].map(u64::from);
    let behind = at(file, entry.offset + LOCAL as u64, lens[0] + lens[1])?;
    let (own, extra) = behind.split_at(usize::from(part(26)));
    if own != entry.name {
        return disagrees(format!(
            "`{name}` in its list of members is `{}` where it stands",
            String::from_utf8_lossy(own)
        ));
    }
    // A name in other letters than ASCII is written there because it is another.
    let names = [unicode_name(extra), entry.in_unicode.clone()];
    let is_other = |other: &Vec<u8>| entry.name.is_ascii() && *other != entry.name;
    if let Some(other) = names.into_iter().flatten().find(is_other) {
        return disagrees(format!(
            "`{name}` is `{}` in its field for names in Unicode",
            String::from_utf8_lossy(&other)
        ));
    }
    // Encrypted, with its sizes behind it, a patch, strongly encrypted, with a name in UTF-8,
    // masked (§4.4.4).
    const MEANINGFUL: u16 = 1 | 8 | 1 << 5 | 1 << 6 | 1 << 11 | 1 << 13;
    let mut long = long_values(extra);
    let mut size = |i| match u32_at(&head, i).unwrap_or_default() {
        u32::MAX => long.next().unwrap_or(u64::from(u32::MAX)),
        short => u64::from(short),
    };
    let (unpacked, packed) = (size(22), size(18));
    let crc = u32_at(&head, 14).unwrap_or_default();
    let is_same = part(8) == entry.method
        && part(6) & MEANINGFUL == entry.flags & MEANINGFUL
        && (entry.has_descriptor()
            || (crc, packed, unpacked) == (entry.crc, entry.packed, entry.unpacked));
    if !is_same {
        return disagrees(format!(
            "`{name}` is described otherwise in its list of members than where it stands"
        ));
    }
    let content = entry.offset + LOCAL as u64 + lens[0] + lens[1];
    let end = content.checked_add(entry.packed);
    let end = end.filter(|end| *end <= next).ok_or_else(|| {
        Fault::Disagrees(format!("`{name}` in it shares bytes with what follows"))
    })?;
    if !entry.has_descriptor() {
        return Ok(end);
    }
    // With or without its signature, with sizes of four or of eight bytes (§4.3.9).
    let descriptor = at(file, end, (next - end).min(24))?;
    let descriptor = descriptor
        .strip_prefix(b"PK\x07\x08")
        .unwrap_or(&descriptor);
    let short = |i| u32_at(descriptor, i).map(u64::from);
    let long = |i| u64_at(descriptor, i);
    let sizes = (Some(entry.packed), Some(entry.unpacked));
    let is_sound = u32_at(descriptor, 0) == Some(entry.crc)
        && match descriptor.len() {
            12 => (short(4), short(8)) == sizes,
            20 => (long(4), long(12)) == sizes,
            _ => false,
        };
    match is_sound {
        true => Ok(next),
        false => disagrees(format!(
            "what stands behind `{name}` is not what its list of members says"
        )),
    }
}

fn at(file: &mut File, offset: u64, len: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.by_ref().take(len).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == len {
        true => Ok(bytes),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}
