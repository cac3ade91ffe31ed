//! tar whose bytes depend on names, modes and content alone.
//!
//! POSIX ustar headers, with a pax record where a name or a size does not fit
//! (POSIX.1-2017, pax, "ustar Interchange Format"). Owner and group are 0 and
//! nameless; every member carries the same time.

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

/// The largest size that eleven octal digits can say.
const MAX_OCTAL_SIZE: u64 = 0o77_777_777_777;

/// Writes members one after the other.
pub struct TarWriter<W: Write> {
    out: W,
    epoch: u64,
    /// What is read of a file at once. Most are far smaller, so that a buffer for each of them
    /// would cost more than its content.
    buffer: Vec<u8>,
}

impl<W: Write> TarWriter<W> {
    /// Writes into `out`; every member carries `epoch`.
    pub fn new(out: W, epoch: u64) -> Self {
        TarWriter {
            out,
            epoch,
            buffer: vec![0; 64 << 10],
        }
    }

    /// Writes a directory. `name` has no trailing slash.
    pub fn directory(&mut self, name: &str) -> io::Result<()> {
        self.header(&format!("{name}/"), 0o755, 0, EntryType::Directory)
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
        self.header(name, mode, len, EntryType::Regular)?;
        let mut left = len;
        loop {
            let n = content.read(&mut self.buffer)?;
            left = left.checked_sub(n as u64).ok_or_else(changed)?;
            self.out.write_all(&self.buffer[..n])?;
            // There was room for more than came, so a file that has all it should ends here, and
            // need not be asked again.
            if n == 0 || (left == 0 && n < self.buffer.len()) {
                break;
            }
        }
        if left > 0 {
            return Err(changed());
        }
        self.pad(len)
    }

    /// Writes the two empty records that end an archive.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 1024])?;
        Ok(self.out)
    }

    fn pad(&mut self, len: u64) -> io::Result<()> {
        let over = (len % 512) as usize;
        if over > 0 {
            self.out.write_all(&[0; 512][over..])?;
        }
        Ok(())
    }

    fn header(&mut self, name: &str, mode: u32, len: u64, kind: EntryType) -> io::Result<()> {
        let split = split_name(name);
        let mut records = String::new();
        if split.is_none() {
            records.push_str(&pax_record("path", name));
        }
        if len > MAX_OCTAL_SIZE {
            records.push_str(&pax_record("size", &len.to_string()));
        }
        if !records.is_empty() {
            let size = records.len() as u64;
            let header = self.ustar(("", "pax-header"), 0o644, size, EntryType::XHeader);
            self.out.write_all(header.as_bytes())?;
            self.out.write_all(records.as_bytes())?;
            self.pad(size)?;
        }
        // Readers that know pax take the name from the record.
        let split = split.unwrap_or(("", floor(name, 100)));
        let header = self.ustar(split, mode, len.min(MAX_OCTAL_SIZE), kind);
        self.out.write_all(header.as_bytes())
    }

    fn ustar(&self, (prefix, name): (&str, &str), mode: u32, len: u64, kind: EntryType) -> Header {
        let mut header = Header::new_ustar();
        if let Some(ustar) = header.as_ustar_mut() {
            ustar.name[..name.len()].copy_from_slice(name.as_bytes());
            ustar.prefix[..prefix.len()].copy_from_slice(prefix.as_bytes());
        }
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(len);
        header.set_mtime(self.epoch);
        header.set_entry_type(kind);
        header.set_cksum();
        header
    }
}

/// A file that is not as long any more as it was, or has other bytes.
pub(super) fn changed() -> io::Error {
    let text = "the file changed while it was being read";
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Splits a name into the fields `prefix` (155 bytes) and `name` (100 bytes).
fn split_name(name: &str) -> Option<(&str, &str)> {
    if name.len() <= 100 {
        return Some(("", name));
    }
    // The first slash that leaves a short enough rest. A directory's own
    // trailing slash can't be the one.
    name.char_indices()
        .filter(|&(i, c)| c == '/' && i > 0 && i < name.len() - 1)
        .map(|(i, _)| (&name[..i], &name[i + 1..]))
        .find(|(prefix, rest)| rest.len() <= 100 && prefix.len() <= 155)
}

fn floor(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `<length> <key>=<value>\n`, where the length counts itself.
fn pax_record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    format!("{len} {key}={value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(bytes: &[u8]) -> Vec<(String, u32, u64, u64, Vec<u8>)> {
        let mut archive = tar::Archive::new(bytes);
        let entries = archive.entries().expect("tar");
        entries
            .map(|entry| {
                let mut entry = entry.expect("entry");
                let path = String::from_utf8(entry.path_bytes().into_owned()).expect("name");
                let header = entry.header().clone();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).expect("content");
                let mode = header.mode().expect("mode");
                let mtime = header.mtime().expect("mtime");
                let uid = header.uid().expect("uid");
                (path, mode, mtime, uid, content)
            })
            .collect()
    }

    #[test]
    fn members_come_back_as_they_were() {
        let long = format!("top/{}/{}.txt", "d".repeat(60), "f".repeat(80));
        let longest = format!("top/{}.txt", "ü".repeat(120));
        let mut writer = TarWriter::new(Vec::new(), 315_532_800);
        writer.directory("top").expect("directory");
        for name in ["top/a", long.as_str(), longest.as_str()] {
            writer
                .file(name, 0o644, 5, &mut &b"hello"[..])
                .expect("file");
        }
        writer
            .file("top/run", 0o755, 0, &mut &b""[..])
            .expect("file");
        let bytes = writer.finish().expect("finish");
        assert_eq!(bytes.len() % 512, 0);
        let members = read_back(&bytes);
        let names: Vec<&str> = members.iter().map(|m| m.0.as_str()).collect();
        assert_eq!(names, ["top/", "top/a", &long, &longest, "top/run"]);
        assert!(members.iter().all(|m| m.2 == 315_532_800 && m.3 == 0));
        assert_eq!(members[0].1, 0o755);
        assert_eq!(members[1].1, 0o644);
        assert_eq!(members[1].4, b"hello");
        assert_eq!(members[4].1, 0o755);
    }

    #[test]
    fn a_file_that_changed_is_an_error() {
        for content in [&b"hell"[..], &b"hello!"[..]] {
            let mut writer = TarWriter::new(Vec::new(), 0);
            let mut content = content;
            let error = writer
                .file("a", 0o644, 5, &mut content)
                .expect_err("changed");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    /// Gives one piece after the other, as a file gives what was appended while it was read.
    struct Pieces(Vec<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = match self.0.is_empty() {
                true => Vec::new(),
                false => self.0.remove(0),
            };
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn a_file_is_read_to_its_end_and_no_further() {
        let piece = |len: usize| vec![b'x'; len];
        for (len, pieces, left) in [
            // A short read is no end as long as something is missing.
            (6, vec![piece(4), piece(2)], 0),
            (6, vec![piece(6), piece(0)], 1),
            // A full buffer says nothing of what comes behind it.
            (64 << 10, vec![piece(64 << 10), piece(0)], 0),
            (0, vec![piece(0)], 0),
        ] {
            let mut content = Pieces(pieces);
            let mut writer = TarWriter::new(Vec::new(), 0);
            writer.file("a", 0o644, len, &mut content).expect("file");
            assert_eq!(content.0.len(), left, "{len}");
        }
        let mut grown = Pieces(vec![piece(64 << 10), piece(1)]);
        let mut writer = TarWriter::new(Vec::new(), 0);
        let error = writer.file("a", 0o644, 64 << 10, &mut grown);
        let error = error.expect_err("changed");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn pax_lengths_count_themselves() {
        assert_eq!(pax_record("path", "x"), "9 path=x\n");
        assert_eq!(pax_record("path", &"y".repeat(90)).len(), 99);
        let record = pax_record("path", &"y".repeat(91));
        assert!(record.starts_with("101 "), "{record}");
        assert_eq!(record.len(), 101);
    }
}
