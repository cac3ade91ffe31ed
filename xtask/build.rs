//! Packs `schemas/` into the binary, each file compressed by itself, so that
//! dozens of models cost little and only the one that is needed is opened.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("schemas");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    // `(name, compressed text)`, sorted by name.
    let mut table = String::from("&[\n");
    for (i, file) in files.iter().enumerate() {
        let name = file.strip_prefix(&root)?.with_extension("");
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

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
    Ok(())
}
