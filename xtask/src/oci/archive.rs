//! A layout as one file, for sites without a network: a tar of its members, as
//! skopeo's `oci-archive:` reads and writes it.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::layout::{Layout, LayoutError, plain_digest};
use crate::package::{DEFAULT_EPOCH, TarWriter};
use crate::scratch;

/// No document that is read whole is larger.
const DOCUMENT: u64 = 64 << 20;

impl Layout {
    /// Reads an archive into this layout, which is empty.
    ///
    /// Members other than `oci-layout`, `index.json` and blobs are left out, as
    /// are names that are no digest: nothing is written anywhere else.
    pub fn unpack(&self, archive: &Path) -> Result<(), LayoutError> {
        let failed = |source| LayoutError::Io {
            action: "read",
            path: archive.to_owned(),
            source,
        };
        let mut file = File::open(archive).map_err(failed)?;
        let mut magic = [0; 2];
        let is_gzip = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
        if is_gzip {
            return Err(failed(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is compressed, and an archive of an image layout is a tar that is not",
            )));
        }
        file.rewind().map_err(failed)?;
        let mut head = [0; 512];
        // Where every tar since POSIX.1-1988 says that it is one.
        let is_tar = file.read_exact(&mut head).is_ok() && head[257..262] == *b"ustar";
        file.rewind().map_err(failed)?;
        let mut tar = tar::Archive::new(BufReader::new(file));
        // What the crate has to say of other files quotes their bytes.
        let broken = || {
            let text = "it is damaged or cut off; copy it anew";
            failed(io::Error::new(io::ErrorKind::InvalidData, text))
        };
        let failed = |source: io::Error| match source.raw_os_error() {
            Some(_) => failed(source),
            None if is_tar => broken(),
            None => failed(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is no archive (tar) of an image layout",
            )),
        };
        let mut has_index = false;
        for entry in tar.entries().map_err(failed)? {
            let mut entry = entry.map_err(failed)?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = entry.path().map_err(failed)?.to_string_lossy().into_owned();
            let name = name.trim_start_matches("./").to_owned();
            if let Some(sha256) = name.strip_prefix("blobs/sha256/")
                && plain_digest(&format!("sha256:{sha256}")).is_ok()
            {
                let mut file = self.temporary()?;
                let size = entry.size();
                if io::copy(&mut entry, file.as_file_mut()).map_err(failed)? != size {
                    return Err(broken());
                }
                self.keep(file, sha256)?;
            } else if name == "index.json" && entry.size() <= DOCUMENT {
                let mut bytes = Vec::new();
                io::copy(&mut entry, &mut bytes).map_err(failed)?;
                let index = serde_json::from_slice(&bytes).map_err(|source| LayoutError::Json {
                    path: archive.to_owned(),
                    what: "archive of an image layout",
                    source,
                })?;
                self.write_index(&index)?;
                has_index = true;
            }
        }
        match has_index {
            true => Ok(()),
            false => Err(LayoutError::Io {
                action: "read",
                path: archive.to_owned(),
                source: io::Error::new(
                    io::ErrorKind::InvalidData,
                    "it holds no `index.json`: it is cut off, or no archive of an image layout",
                ),
            }),
        }
    }

    /// Writes this layout to an archive, members sorted, so that its bytes say
    /// nothing of when or where it was made.
    pub fn pack(&self, archive: &Path) -> Result<(), LayoutError> {
        let failed = |source| LayoutError::Io {
            action: "write",
            path: archive.to_owned(),
            source,
        };
        if scratch::leads_nowhere(archive) {
            return Err(failed(io::Error::new(
                io::ErrorKind::NotFound,
                "it is a symbolic link that leads nowhere",
            )));
        }
        // A link stays one. The file that it leads to keeps its permissions.
        let before = fs::metadata(archive).ok();
        let archive = &fs::canonicalize(archive).unwrap_or_else(|_| archive.to_owned());
        let folder = match archive.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let temporary = scratch::file_in(folder).map_err(failed)?;
        let out = BufWriter::with_capacity(1 << 18, temporary);
        let mut tar = TarWriter::new(out, DEFAULT_EPOCH);
        for name in ["blobs", "blobs/sha256"] {
            tar.directory(name).map_err(failed)?;
        }
        for (sha256, path) in self.blobs()? {
            let name = format!("blobs/sha256/{sha256}");
            self.member(&mut tar, &name, &path).map_err(failed)?;
        }
        for name in ["index.json", "oci-layout"] {
            self.member(&mut tar, name, &self.root().join(name))
                .map_err(failed)?;
        }
        let mut out = tar.finish().map_err(failed)?;
        out.flush().map_err(failed)?;
        let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
        match before {
            Some(before) => file.as_file().set_permissions(before.permissions()),
            None => scratch::readable(file.as_file()),
        }
        .map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(archive).map_err(|e| failed(e.error))?;
        Ok(())
    }

    fn member(&self, tar: &mut TarWriter<impl Write>, name: &str, path: &Path) -> io::Result<()> {
        let len = fs::metadata(path)?.len();
        tar.file(name, 0o644, len, &mut File::open(path)?)
    }
}
