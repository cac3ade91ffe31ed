//! Packs `schemas/` into the binary, each file compressed by itself, so that
//! dozens of models cost little and only the one that is needed is opened; and
//! `templates/`, which is small, as it is.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    schemas(&root.join("schemas"), &out)?;
    templates(&root.join("templates"), &out)
}

fn schemas(root: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    // `(name, compressed text)`, sorted by name.
    let mut table = String::from("&[\n");
    for (i, file) in files.iter().enumerate() {
        let name = file.strip_prefix(root)?.with_extension("");
        let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(file)?)?;
        let packed = format!("{i}.deflate");
        fs::write(out.join(&packed), encoder.finish()?)?;
        let name = name.join("/");
        writeln!(
            table,
            "    ({name:?}, include_bytes!({packed:?}) as &[u8]),"
        )?;
    }
    table.push_str("]\n");
    fs::write(out.join("schemas.rs"), table)?;
    Ok(())
}

/// `(path, text)` of every file in a kind's folder, sorted by path. What lies
/// beside those folders is for the reader, and `nfv` is no kind.
fn templates(root: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(root)?;
        if name.components().count() < 2 || name.starts_with("nfv") {
            continue;
        }
        let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
        let name = name.join("/");
        writeln!(table, "    ({name:?}, include_str!({file:?})),")?;
    }
    table.push_str("]\n");
    fs::write(out.join("templates.rs"), table)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
