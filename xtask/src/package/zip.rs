//! zip whose bytes depend on names, modes and content alone (APPNOTE 6.3.10).
//!
//! The crate that reads zips here writes them as well, but compresses through
//! the streaming interface of deflate, whose bytes change with the size of the
//! writes, and gives no way to hand it compressed bytes. The format itself is
//! small.
//!
//! A member of up to one block is compressed before its header is written, so
//! that the header says everything. The sizes of a longer one follow it in a
//! data descriptor: such a member is always deflated, never stored, because
//! readers that do not seek (Java's `ZipInputStream`, in ONAP's SDC) refuse
//! the descriptor behind stored bytes.

use std::io::{self, Read, Write};

use flate2::FlushCompress;

use super::deflate::{BLOCK, DeflateWriter, deflate};
use super::tarball::changed;
use crate::time::{Civil, civil};

/// Unix, and the version of the format with zip64: what wrote the member.
const MADE_BY: u16 = 3 << 8 | 45;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Sizes and checksum follow the content.
const DESCRIPTOR: u16 = 1 << 3;
/// The name is UTF-8.
const UTF_8: u16 = 1 << 11;
const IS_FILE: u32 = 0o100_000;
const IS_DIRECTORY: u32 = 0o040_000;
/// The directory bit of MS-DOS, which old readers look at.
const DOS_DIRECTORY: u32 = 0x10;
const MAX_32: u64 = u32::MAX as u64;
/// The extra field for large sizes.
const ZIP64: u16 = 1;

/// Writes members one after the other.
pub struct ZipWriter<W: Write> {
    out: Counting<W>,
    time: u32,
    members: Vec<Member>,
}

/// A member as the directory at the end lists it.
struct Member {
    name: String,
    external: u32,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    len: u64,
    offset: u64,
}

impl<W: Write> ZipWriter<W> {
    /// Writes into `out`; every member carries `epoch`.
    pub fn new(out: W, epoch: u64) -> Self {
        ZipWriter {
            out: Counting { inner: out, len: 0 },
            time: dos_time(epoch),
            members: Vec::new(),
        }
    }

    /// Writes a directory. `name` has no trailing slash.
    pub fn directory(&mut self, name: &str) -> io::Result<()> {
        let external = (IS_DIRECTORY | 0o755) << 16 | DOS_DIRECTORY;
        let member = self.member(format!("{name}/"), external);
        self.header(&member, false)?;
        self.members.push(member);
        Ok(())
    }

    /// Writes a file of exactly `len` bytes. That `content` holds fewer or more
    /// is an error of kind `InvalidData`: the file changed while it was read.
    pub fn file(
        &mut self,
        name: &str,
        mode: u32,
        len: u64,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        let mut member = self.member(name.to_owned(), (IS_FILE | mode) << 16);
        member.len = len;
        if len <= BLOCK as u64 {
            self.short(&mut member, content)?;
        } else {
            self.long(&mut member, content)?;
        }
        self.members.push(member);
        Ok(())
    }

    fn member(&self, name: String, external: u32) -> Member {
        Member {
            flags: if name.is_ascii() { 0 } else { UTF_8 },
            name,
            external,
            method: STORED,
            crc: 0,
            packed: 0,
            len: 0,
            offset: self.out.len,
        }
    }

    fn short(&mut self, member: &mut Member, content: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(member.len as usize);
        content.take(member.len + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != member.len {
            return Err(changed());
        }
        member.crc = crc32fast::hash(&bytes);
        let packed = deflate(&bytes, &[], FlushCompress::Finish)?;
        if packed.len() < bytes.len() {
            member.method = DEFLATED;
            bytes = packed;
        }
        member.packed = bytes.len() as u64;
        self.header(member, false)?;
        self.out.write_all(&bytes)
    }

    fn long(&mut self, member: &mut Member, content: &mut dyn Read) -> io::Result<()> {
        member.method = DEFLATED;
        member.flags |= DESCRIPTOR;
        // What can't be compressed grows by five bytes in every 16 KiB at most.
        let is_large = member.len + member.len / 1024 + (BLOCK as u64) > MAX_32;
        self.header(member, is_large)?;
        let start = self.out.len;
        let mut crc = crc32fast::Hasher::new();
        let mut left = member.len;
        let mut writer = DeflateWriter::new(&mut self.out);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = content.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            left = left.checked_sub(n as u64).ok_or_else(changed)?;
            crc.update(&buffer[..n]);
            writer.write_all(&buffer[..n])?;
        }
        writer.finish()?;
        if left > 0 {
            return Err(changed());
        }
        member.crc = crc.finalize();
        member.packed = self.out.len - start;
        let mut record = Record::new(b"PK\x07\x08");
        record.u32(member.crc);
        for size in [member.packed, member.len] {
            if is_large {
                record.u64(size);
            } else {
                record.u32(narrow(size));
            }
        }
        self.out.write_all(&record.0)
    }

    /// The header before a member. With a data descriptor to come, the sizes in
    /// it are zero, and the extra field says that they will be long.
    fn header(&mut self, member: &Member, is_large: bool) -> io::Result<()> {
        let mut record = Record::new(b"PK\x03\x04");
        record.u16(needed(is_large));
        record.u16(member.flags);
        record.u16(member.method);
        record.u32(self.time);
        let known = member.flags & DESCRIPTOR == 0;
        record.u32(if known { member.crc } else { 0 });
        for size in [member.packed, member.len] {
            record.u32(match (is_large, known) {
                (true, _) => u32::MAX,
                (false, true) => narrow(size),
                (false, false) => 0,
            });
        }
        record.name_len(&member.name)?;
        record.u16(if is_large { 20 } else { 0 });
        record.bytes(member.name.as_bytes());
        if is_large {
            record.u16(ZIP64);
            record.u16(16);
            record.u64(0);
            record.u64(0);
        }
        self.out.write_all(&record.0)
    }

    /// Writes the directory; gives back the inner writer.
    pub fn finish(mut self) -> io::Result<W> {
        let start = self.out.len;
        for member in &self.members {
            let mut large = Record(Vec::new());
            for size in [member.len, member.packed, member.offset] {
                if size >= MAX_32 {
                    large.u64(size);
                }
            }
            let mut record = Record::new(b"PK\x01\x02");
            record.u16(MADE_BY);
            record.u16(needed(!large.0.is_empty()));
            record.u16(member.flags);
            record.u16(member.method);
            record.u32(self.time);
            record.u32(member.crc);
            record.u32(narrow(member.packed));
            record.u32(narrow(member.len));
            record.name_len(&member.name)?;
            let extra = large.0.len();
            record.u16(if extra == 0 { 0 } else { extra as u16 + 4 });
            // No comment, first disk, no internal attributes.
            record.u16(0);
            record.u16(0);
            record.u16(0);
            record.u32(member.external);
            record.u32(narrow(member.offset));
            record.bytes(member.name.as_bytes());
            if extra > 0 {
                record.u16(ZIP64);
                record.u16(extra as u16);
                record.bytes(&large.0);
            }
            self.out.write_all(&record.0)?;
        }
        let (count, end) = (self.members.len() as u64, self.out.len);
        let mut record = Record(Vec::new());
        if count >= u64::from(u16::MAX) || end - start >= MAX_32 || start >= MAX_32 {
            record.bytes(b"PK\x06\x06");
            record.u64(44);
            record.u16(MADE_BY);
            record.u16(needed(true));
            record.u32(0);
            record.u32(0);
            for value in [count, count, end - start, start] {
                record.u64(value);
            }
            record.bytes(b"PK\x06\x07");
            record.u32(0);
            record.u64(end);
            record.u32(1);
        }
        record.bytes(b"PK\x05\x06");
        record.u16(0);
        record.u16(0);
        record.u16(count.min(u64::from(u16::MAX)) as u16);
        record.u16(count.min(u64::from(u16::MAX)) as u16);
        record.u32(narrow(end - start));
        record.u32(narrow(start));
        record.u16(0);
        self.out.write_all(&record.0)?;
        self.out.flush()?;
        Ok(self.out.inner)
    }
}

/// The version of the format that a reader needs: 2.0 for deflate and folders,
/// 4.5 for zip64.
fn needed(is_large: bool) -> u16 {
    if is_large { 45 } else { 20 }
}

/// A size in a field of 32 bits; all ones say that it stands elsewhere.
fn narrow(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// A time as MS-DOS writes it, in steps of two seconds; the format knows none
/// before 1980 and none after 2107. Which zone it is in the format does not
/// say; UTC is the only one that is the same everywhere.
fn dos_time(epoch: u64) -> u32 {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil(epoch);
    let (date, time) = match year {
        ..1980 => (1 << 5 | 1, 0),
        2108.. => (127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29),
        _ => (
            (year - 1980) << 9 | month << 5 | day,
            hour << 11 | minute << 5 | (second / 2),
        ),
    };
    (date << 16 | time) as u32
}

/// A record of the format, its numbers with the low byte first.
struct Record(Vec<u8>);

impl Record {
    fn new(signature: &[u8; 4]) -> Self {
        Record(signature.to_vec())
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    fn name_len(&mut self, name: &str) -> io::Result<()> {
        let len = u16::try_from(name.len()).map_err(|_| {
            let text = format!("a zip can't hold a name of {} bytes", name.len());
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        self.u16(len);
        Ok(())
    }
}

/// A writer that knows how far it is.
struct Counting<W> {
    inner: W,
    len: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.len += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn members_come_back_as_they_were() {
        let long = vec![b'x'; 2 * BLOCK + 5];
        let mut writer = ZipWriter::new(Vec::new(), 1_700_566_490);
        writer.directory("top").expect("directory");
        let members: [(&str, u32, &[u8]); 4] = [
            ("top/a", 0o644, b"hello"),
            ("top/ü", 0o755, b""),
            ("top/long", 0o644, &long),
            ("top/text", 0o644, &long[..999]),
        ];
        for (name, mode, content) in members {
            writer
                .file(name, mode, content.len() as u64, &mut &content[..])
                .expect("file");
        }
        let bytes = writer.finish().expect("finish");
        assert!(bytes.len() < 5000, "{}", bytes.len());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("zip");
        assert_eq!(archive.len(), 5);
        for (name, mode, content) in members {
            let mut member = archive.by_name(name).expect(name);
            assert_eq!(member.unix_mode(), Some(0o100_000 | mode), "{name}");
            let time = member.last_modified().expect("time");
            assert_eq!((time.year(), time.hour(), time.second()), (2023, 11, 50));
            let mut back = Vec::new();
            member.read_to_end(&mut back).expect("content");
            assert!(back == content, "{name}");
        }
        assert!(archive.by_name("top/").expect("folder").is_dir());
    }

    #[test]
    fn a_file_that_changed_is_an_error() {
        for len in [4, 6, 2 * BLOCK as u64] {
            let mut writer = ZipWriter::new(Vec::new(), 0);
            let error = writer
                .file("a", 0o644, len, &mut &b"hello"[..])
                .expect_err("changed");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    /// Dates by the definition of the format: seven bits of years since 1980,
    /// four of the month, five of the day.
    #[test]
    fn times_of_ms_dos() {
        assert_eq!(dos_time(315_532_800), 0x0021_0000);
        assert_eq!(dos_time(0), 0x0021_0000);
        let date = (2023 - 1980) << 9 | 11 << 5 | 21;
        assert_eq!(
            dos_time(1_700_566_490),
            date << 16 | 11 << 11 | 34 << 5 | 25
        );
        assert_eq!(dos_time(u64::from(u32::MAX) * 3) >> 25, 127);
    }
}
