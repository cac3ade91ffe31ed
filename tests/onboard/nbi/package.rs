//! How the NBI looks into a package (`upload_content`): by names alone, and never at
//! `checksums.txt`, a manifest or `TOSCA.meta`.

use std::io::{Cursor, Read};

use flate2::read::GzDecoder;

use super::Problem;

/// What a package holds.
#[derive(Clone, Default)]
pub struct Content {
    /// The text of the descriptor.
    pub text: String,
    /// Its name in the package.
    pub descriptor: String,
    /// The folder that the package is in.
    pub folder: String,
    /// The files, without that folder.
    pub files: Vec<String>,
}

fn is_descriptor(name: &str) -> bool {
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// A tar, compressed or not.
pub fn tar(bytes: &[u8]) -> Result<Content, Problem> {
    let plain = match bytes {
        [0x1f, 0x8b, ..] => {
            let mut plain = Vec::new();
            let read = GzDecoder::new(bytes).read_to_end(&mut plain);
            read.map_err(|error| Problem::bad(&format!("invalid file content {error}")))?;
            plain
        }
        _ => bytes.to_vec(),
    };
    let mut archive = tar::Archive::new(Cursor::new(plain));
    let unreadable = |_| Problem::bad("invalid file content file could not be opened successfully");
    let mut content = Content::default();
    let mut members = Vec::new();
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let is_dir = entry.header().entry_type().is_dir();
        let name = name.trim_end_matches('/').to_owned();
        let parts: Vec<&str> = name.split('/').collect();
        if parts[0].is_empty() || parts.contains(&"..") {
            return Err(Problem::bad(
                "Absolute path or '..' are not allowed for package descriptor tar.gz",
            ));
        }
        if parts.len() == 1 && !is_dir {
            return Err(Problem::bad(
                "All files must be inside a dir for package descriptor tar.gz",
            ));
        }
        if is_descriptor(&name) {
            content.folder = parts[0].to_owned();
            if parts.len() == 2 {
                if !content.descriptor.is_empty() {
                    return Err(Problem::bad(
                        "Found more than one descriptor file at package descriptor tar.gz",
                    ));
                }
                content.descriptor.clone_from(&name);
                let _ = entry.read_to_string(&mut content.text);
            }
        }
        if !is_dir {
            members.push(name);
        }
    }
    if content.descriptor.is_empty() {
        return Err(Problem::bad(
            "Not found any descriptor file at package descriptor tar.gz",
        ));
    }
    let folder = format!("{}/", content.folder);
    let inside = members.iter().filter_map(|name| name.strip_prefix(&folder));
    content.files = inside.map(str::to_owned).collect();
    Ok(content)
}

/// A zip, whose files lie at its top.
pub fn zip(bytes: &[u8]) -> Result<Content, Problem> {
    let archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec()));
    let mut archive = archive.map_err(|_| Problem::bad("File is not a zip file"))?;
    let mut content = Content::default();
    let names: Vec<String> = archive
        .file_names()
        .flatten()
        .map(|name| name.into_owned())
        .collect();
    for name in names {
        if name.starts_with('/') || name.contains("..") {
            return Err(Problem::bad(
                "Absolute path or '..' are not allowed for package descriptor zip",
            ));
        }
        let is_placed = !name.contains('/') || name.contains("Definitions");
        if is_descriptor(&name) && is_placed {
            if !content.descriptor.is_empty() {
                return Err(Problem::bad(
                    "Found more than one descriptor file at package descriptor zip",
                ));
            }
            content.descriptor.clone_from(&name);
            let mut file = archive.by_name(&name).expect("a member");
            let _ = file.read_to_string(&mut content.text);
        }
        content.files.push(name);
    }
    match content.descriptor.is_empty() {
        true => Err(Problem::bad(
            "Not found any descriptor file at package descriptor zip",
        )),
        false => Ok(content),
    }
}
