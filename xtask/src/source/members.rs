//! The members of an archive, one after the other, as the archive records them.
//!
//! Whoever reads a finished package reads it through here: the checks, the
//! unpacking, the comparison. Compressed bytes that become too many are stopped
//! here, and what a name or a link may not be is said here.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::gunzip::{Gunzip, beginning};
use super::pax::Pax;

/// Members of one archive.
pub(crate) const MAX_MEMBERS: usize = 200_000;
/// Bytes that a compressed byte may become, beyond a first 256 MiB. Deflate
/// itself ends at 1032.
const MAX_RATIO: u64 = 300;
const FREE_BYTES: u64 = 256 << 20;

/// As many bytes as those of an archive of that size may become, when it is unpacked.
pub(crate) fn most_unpacked(packed: u64) -> u64 {
    FREE_BYTES.saturating_add(packed.saturating_mul(MAX_RATIO))
}

/// Bytes of the holes in the sparse files of an archive, which take no place in it.
const MAX_HOLES: u64 = 64 << 30;

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// A gzip stream, which is taken for a compressed tar.
    TarGz,
    /// A zip.
    Zip,
    /// A tar without compression.
    Tar,
    /// Something else.
    Other,
}

impl Container {
    /// Looks at the first bytes; the file is left at its start.
    pub fn of(file: &mut File) -> io::Result<Self> {
        let mut head = [0; 512];
        let mut n = 0;
        while n < head.len() {
            match file.read(&mut head[n..])? {
                0 => break,
                more => n += more,
            }
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(match &head[..n] {
            [0x1f, 0x8b, ..] => Container::TarGz,
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Container::Zip,
            head if head.get(257..262) == Some(b"ustar") => Container::Tar,
            _ => Container::Other,
        })
    }
}

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link, and what it says.
    Symlink(String),
    /// A second name of the member with this name.
    HardLink(String),
    /// A device, a pipe.
    Special,
}

/// What an archive records of a member beside its name and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Permission bits.
    pub mode: Option<u32>,
    /// Owner and group by number.
    pub owner: Option<(u64, u64)>,
    /// Owner and group by name, where one is given.
    pub owner_names: Option<(String, String)>,
    /// Seconds since 1970; for a zip, as if its local time were UTC.
    pub time: Option<u64>,
    /// How it is written: the dialect of the tar header, the method of the zip.
    pub form: String,
}

/// A member.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its name as recorded; replacement characters stand for what is no UTF-8.
    pub name: String,
    /// Whether the name was UTF-8.
    pub is_text: bool,
    /// What it is.
    pub kind: MemberKind,
    /// Size of the content, as recorded.
    pub len: u64,
    /// The rest.
    pub record: Record,
}

impl Member {
    /// Whether the owner may run it.
    pub fn is_executable(&self) -> bool {
        self.record.mode.is_some_and(|mode| mode & 0o100 != 0)
    }
}

/// Why an archive can't be read to its end; a sentence about "it".
#[derive(Debug)]
pub(crate) struct Fault(pub String);

impl Fault {
    fn tar(error: &io::Error) -> Self {
        Fault(format!("it can't be read as a tar: {}", seen(error)))
    }

    /// For a descriptor.
    #[cfg(feature = "publish")]
    pub fn large(name: &str) -> Self {
        let most = MAX_DESCRIPTOR >> 20;
        Fault(format!(
            "`{name}` in it has more than {most} MiB, which is too much for a descriptor"
        ))
    }

    fn zip(error: impl std::fmt::Display) -> Self {
        Fault(format!("it can't be read as a zip: {}", seen(error)))
    }
}

/// An error without the bytes of the archive that libraries put into it: up to the first
/// character that nobody reads, and not at any length.
fn seen(error: impl std::fmt::Display) -> String {
    const MOST: usize = 120;
    let text = error.to_string();
    let is_odd = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    let seen: String = text
        .split(is_odd)
        .next()
        .unwrap_or_default()
        .chars()
        .take(MOST)
        .collect();
    match seen.len() == text.len() {
        true => seen,
        false => format!("{}…", seen.trim_end_matches([' ', ':'])),
    }
}

/// No descriptor is larger.
#[cfg(feature = "publish")]
pub(crate) const MAX_DESCRIPTOR: u64 = 16 << 20;

/// The content of the first file in an archive whose name is meant and whose
/// content is it; nothing where there is none. One that is too large is a fault:
/// half of it would be taken for all of it.
#[cfg(feature = "publish")]
pub(crate) fn read_first(
    mut file: File,
    is_meant: &dyn Fn(&str) -> bool,
    is_it: &mut dyn FnMut(&str, &[u8]) -> bool,
) -> Result<Option<Vec<u8>>, Fault> {
    /// Either the end of the search, or of the archive.
    enum Stop {
        Found(Vec<u8>),
        Broken(Fault),
    }
    impl From<Fault> for Stop {
        fn from(fault: Fault) -> Self {
            Stop::Broken(fault)
        }
    }
    let container =
        Container::of(&mut file).map_err(|e| Fault(format!("it can't be read: {e}")))?;
    let result = each(file, container, |member, reader| {
        let name = &super::landing::plain(&member.name);
        if member.kind != MemberKind::File || !is_meant(name) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        let read = reader.take(MAX_DESCRIPTOR + 1).read_to_end(&mut bytes);
        read.map_err(|error| Stop::Broken(Fault::tar(&error)))?;
        if bytes.len() as u64 > MAX_DESCRIPTOR {
            return Err(Stop::Broken(Fault::large(name)));
        }
        match is_it(name, &bytes) {
            true => Err(Stop::Found(bytes)),
            false => Ok(()),
        }
    });
    match result {
        Ok(_) => Ok(None),
        Err(Stop::Found(bytes)) => Ok(Some(bytes)),
        Err(Stop::Broken(fault)) => Err(fault),
    }
}

/// Shows every member of a file to `visit`, with its content.
///
/// Gives whether the archive hides members: a zip may hold several with one
/// name, of which this reader shows one and another reader another.
pub(crate) fn each<E: From<Fault>>(
    mut file: File,
    container: Container,
    mut visit: impl FnMut(&Member, &mut dyn Read) -> Result<(), E>,
) -> Result<bool, E> {
    let len = file.metadata().map_or(0, |metadata| metadata.len());
    match container {
        Container::TarGz => tar_gz(BufReader::new(file), len, visit)?,
        Container::Tar => tar(BufReader::new(file), &mut visit)?,
        Container::Zip => return zip(&mut file, len, visit),
        Container::Other if len == 0 => return Err(Fault("it is empty".to_owned()).into()),
        Container::Other => {
            let text = "it is neither a gzip-compressed tar nor a zip";
            return Err(Fault(text.to_owned()).into());
        }
    }
    Ok(false)
}

/// The same for a gzip-compressed tar of `len` bytes inside another archive.
pub(crate) fn tar_gz<E: From<Fault>>(
    reader: impl Read,
    len: u64,
    mut visit: impl FnMut(&Member, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let limit = most_unpacked(len);
    let mut decoder = Bounded {
        inner: Gunzip::new(reader),
        left: limit,
    };
    tar(&mut decoder, &mut visit)?;
    // The end of the tar is not the end of the file: zeros that fill its last block come behind
    // it, and the checksum of the compressed bytes.
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match decoder.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let text = format!("it can't be unpacked to its end: {error}");
                return Err(Fault(text).into());
            }
        };
        let read = &buffer[..count];
        if let Some(start) = read.iter().position(|byte| *byte != 0) {
            let at = limit - decoder.left - (count - start) as u64;
            let found = &read[start..];
            let what = match found.get(257..262) == Some(b"ustar") {
                true => "another tar".to_owned(),
                false => format!("`{}`", beginning(found)),
            };
            let text = format!(
                "something stands behind the end of the tar in it, at byte {at} of what is \
                 unpacked: {what}"
            );
            return Err(Fault(text).into());
        }
    }
}

fn tar<E: From<Fault>>(
    reader: impl Read,
    visit: &mut impl FnMut(&Member, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let (read, most) = (Cell::new(0), Cell::new(None));
    let mut archive = tar::Archive::new(Headers {
        inner: reader,
        read: &read,
        most: &most,
    });
    let mut entries = archive.entries().map_err(|error| Fault::tar(&error))?;
    // What is left of a member that nobody has read to its end.
    let mut rest = 0;
    let mut holes = 0_u64;
    for count in 0.. {
        most.set(Some(read.get() + rest + MAX_HEADER));
        let Some(entry) = entries.next() else { break };
        most.set(None);
        let mut entry = entry.map_err(|error| Fault::tar(&error))?;
        limit(count)?;
        let before = read.get();
        if entry.header().entry_type().is_pax_global_extensions() {
            if entry.size() > MAX_HEADER {
                return Err(Fault("a global header in it has more than 1 MiB".to_owned()).into());
            }
            if let Some(key) = Pax::of(&mut entry)?.changes_members() {
                let text = format!("a global header in it gives `{key}` to all members behind it");
                return Err(Fault(text).into());
            }
            rest = 0;
            continue;
        }
        let pax = Pax::of(&mut entry)?;
        let bytes = pax.name(&entry)?;
        let is_text = std::str::from_utf8(&bytes).is_ok();
        let name = String::from_utf8_lossy(&bytes).into_owned();
        let header = entry.header();
        let kind = header.entry_type();
        let link = || {
            let target = entry.link_name_bytes().unwrap_or_default();
            String::from_utf8_lossy(&target).into_owned()
        };
        // The oldest tars know a folder by the slash behind its name.
        let is_old_folder = header.as_old().linkflag == [0] && bytes.ends_with(b"/");
        let kind = if kind.is_dir() || is_old_folder {
            MemberKind::Directory
        } else if kind.is_symlink() {
            MemberKind::Symlink(link())
        } else if kind.is_hard_link() {
            MemberKind::HardLink(link())
        } else if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            MemberKind::File
        } else {
            MemberKind::Special
        };
        let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into();
        let names: (String, String) = (
            text(header.username_bytes()),
            text(header.groupname_bytes()),
        );
        let form = if header.as_ustar().is_some() {
            "ustar"
        } else if header.as_gnu().is_some() {
            "GNU tar"
        } else {
            "the old tar"
        };
        let record = Record {
            mode: header.mode().ok(),
            owner: header.uid().ok().zip(header.gid().ok()),
            owner_names: Some(names).filter(|(user, group)| !user.is_empty() || !group.is_empty()),
            time: header.mtime().ok(),
            form: form.to_owned(),
        };
        let is_old_sparse = header.entry_type().is_gnu_sparse();
        let stored = match is_old_sparse {
            true => header.entry_size().unwrap_or_default(),
            false => entry.size(),
        };
        let sparse = match kind {
            MemberKind::File => pax.sparse(stored, &mut entry)?,
            _ => None,
        };
        if sparse.is_some() && is_old_sparse {
            let text = format!("`{name}` in it is a sparse file in two ways at once");
            return Err(Fault(text).into());
        }
        let len = sparse.as_ref().map_or(entry.size(), |sparse| sparse.size);
        holes = match &sparse {
            Some(sparse) => sparse.holes.saturating_add(holes),
            None => len.saturating_sub(stored).saturating_add(holes),
        };
        if holes > MAX_HOLES {
            let most = MAX_HOLES >> 30;
            let text = format!("the sparse files in it have more than {most} GiB of holes");
            return Err(Fault(text).into());
        }
        let member = Member {
            name,
            is_text,
            kind,
            len,
            record,
        };
        match sparse {
            Some(sparse) => visit(&member, &mut sparse.read_from(&mut entry))?,
            None => visit(&member, &mut entry)?,
        }
        rest = stored.saturating_sub(read.get() - before);
    }
    Ok(())
}

/// What describes one member of a tar: its header, and what comes before that where a name is too
/// long for it. `tar` takes it into memory as a whole, as long as it says that it is.
const MAX_HEADER: u64 = 1 << 20;

/// Stops a header that is longer than any that a member needs.
struct Headers<'a, R> {
    inner: R,
    /// Bytes read so far.
    read: &'a Cell<u64>,
    /// How many they may become; `None` while the content of a member is read.
    most: &'a Cell<Option<u64>>,
}

impl<R: Read> Read for Headers<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.set(self.read.get() + n as u64);
        match self.most.get().is_some_and(|most| self.read.get() > most) {
            true => Err(io::Error::other(
                "the header of a member has more than 1 MiB",
            )),
            false => Ok(n),
        }
    }
}

fn zip<E: From<Fault>>(
    file: &mut File,
    packed: u64,
    mut visit: impl FnMut(&Member, &mut dyn Read) -> Result<(), E>,
) -> Result<bool, E> {
    let recorded = zip_members(file, packed);
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(Fault::zip)?;
    let hides = recorded.is_some_and(|recorded| recorded > archive.len());
    let mut left = most_unpacked(packed);
    for i in 0..archive.len() {
        limit(i)?;
        let member = archive.by_index(i).map_err(Fault::zip)?;
        let (name, is_text) = match member.name() {
            Ok(name) => (name.into_owned(), true),
            Err(_) => (
                String::from_utf8_lossy(member.name_raw()).into_owned(),
                false,
            ),
        };
        let record = Record {
            mode: member.unix_mode(),
            owner: None,
            owner_names: None,
            time: member.last_modified().map(seconds),
            form: member.compression().to_string().to_lowercase(),
        };
        let is_link = member.is_symlink();
        let mut header = Member {
            name,
            is_text,
            kind: if member.is_dir() {
                MemberKind::Directory
            } else if member.unix_mode().is_some_and(is_special) {
                MemberKind::Special
            } else {
                MemberKind::File
            },
            len: member.size(),
            record,
        };
        let mut bounded = Bounded {
            inner: member,
            left,
        };
        if is_link {
            // The longest path that Linux takes.
            let mut target = Vec::new();
            let read = (&mut bounded).take(4096).read_to_end(&mut target);
            read.map_err(Fault::zip)?;
            header.kind = MemberKind::Symlink(String::from_utf8_lossy(&target).into_owned());
        }
        visit(&header, &mut bounded)?;
        left = bounded.left;
    }
    Ok(hides)
}

/// Whether a mode of Unix is that of a device, a pipe or a socket (the type bits of `stat`).
fn is_special(mode: u32) -> bool {
    matches!(
        mode & 0o170_000,
        0o010_000 | 0o020_000 | 0o060_000 | 0o140_000
    )
}

fn limit(count: usize) -> Result<(), Fault> {
    if count < MAX_MEMBERS {
        return Ok(());
    }
    Err(Fault(format!("it has more than {MAX_MEMBERS} members")))
}

/// Seconds since 1970 of a date without a zone (Howard Hinnant's
/// days_from_civil, for years from 1980 on).
fn seconds(time: zip::DateTime) -> u64 {
    let (year, month) = (u64::from(time.year()), u64::from(time.month()));
    // A year that begins in March has its leap day at its end.
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + u64::from(time.day()) - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    let clock = u64::from(time.hour()) * 3600 + u64::from(time.minute()) * 60;
    days * 86_400 + clock + u64::from(time.second())
}

/// Why no careful reader writes a member of that name, as the rest of a
/// sentence about the member.
pub(crate) fn unsafe_name(name: &str) -> Option<&'static str> {
    let trimmed = name.trim_end_matches('/');
    if trimmed.starts_with('/') || trimmed.starts_with('\\') {
        Some("its name is an absolute path")
    } else if trimmed.split(['/', '\\']).any(|part| part == "..") {
        Some("its name leads out of the package with `..`")
    } else if trimmed.as_bytes().get(1) == Some(&b':') {
        Some("its name starts with a drive letter")
    } else {
        None
    }
}

/// Whether a link named `name` leads out of the package. The target of a hard
/// link is a member's name; that of a symbolic link counts from the folder that
/// the link stands in.
pub(crate) fn leads_outside(name: &str, target: &str, is_symbolic: bool) -> bool {
    let folder = match name.rsplit_once('/') {
        Some((folder, _)) if is_symbolic => folder,
        _ => "",
    };
    let parts = folder.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut depth = parts.count() as i64;
    let mut outside = target.starts_with('/');
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        outside |= depth < 0;
    }
    outside
}

/// The number of members that the end of a zip gives (APPNOTE 4.3.16); `None`
/// where it stands in the record for large files. The file is left at its
/// start.
fn zip_members(file: &mut File, len: u64) -> Option<usize> {
    const RECORD: usize = 22;
    // A comment of up to 64 KiB may follow.
    let tail = len.min(RECORD as u64 + 0xffff);
    let mut bytes = Vec::new();
    let read = file
        .seek(SeekFrom::Start(len - tail))
        .and_then(|_| file.by_ref().take(tail).read_to_end(&mut bytes));
    file.seek(SeekFrom::Start(0)).ok()?;
    read.ok()?;
    let at = memchr::memmem::rfind(&bytes, b"PK\x05\x06")?;
    let record = bytes.get(at..at + RECORD)?;
    let count = u16::from_le_bytes([record[10], record[11]]);
    (count != u16::MAX).then_some(usize::from(count))
}

/// Stops a decompression that grows beyond all measure.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(n as u64)
            .ok_or_else(|| io::Error::other("it grows beyond all measure when unpacked"))?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_counts_from_where_it_stands() {
        assert!(!leads_outside("a/b/link", "../c", true));
        assert!(leads_outside("a/b/link", "../../../c", true));
        assert!(leads_outside("a/b/link", "/etc/passwd", true));
        assert!(leads_outside("a/b/link", "../c", false));
    }

    #[test]
    fn dates_without_a_zone_become_seconds() {
        // date -ud '2024-02-29 23:59:58' +%s; the others likewise.
        for (date, wanted) in [
            ((1980, 1, 1, 0, 0, 0), 315_532_800),
            ((2024, 2, 29, 23, 59, 58), 1_709_251_198),
            ((2100, 3, 1, 12, 0, 0), 4_107_585_600),
        ] {
            let (year, month, day, hour, minute, second) = date;
            let time = zip::DateTime::from_date_and_time(year, month, day, hour, minute, second);
            assert_eq!(seconds(time.expect("a date")), wanted, "{date:?}");
        }
    }
}
