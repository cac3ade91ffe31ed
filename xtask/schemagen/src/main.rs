//! Compiles the YANG modules of NFV descriptors to JSON Schema 2020-12.
//!
//! `schemagen --yang DIR --out DIR [--only MODEL[/KIND]]... [--report FILE]`
//!
//! `schemagen oracle --yang DIR [--corpus DIR] [--count N] [--seed N]` holds the
//! verdicts of the schemas beside those of libyang.

mod condition;
mod emit;
mod models;
mod oracle;
mod pattern;
mod reference;
mod report;
mod share;
mod yang;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::models::{Document, Model};

/// What the name of every schema begins with.
const ADDRESS: &str = "urn:cargo-nfv:schema";

/// How the program is called.
const USAGE: &str = "\
usage: schemagen --yang DIR --out DIR [--only MODEL[/KIND]]... [--report FILE]
       schemagen oracle --yang DIR [--corpus DIR] [--count N] [--seed N]
                        [--only NAME] [--verbose]

  --yang DIR     the folder with a folder of modules for each model
  --out DIR      the folder to write the schemas to, as MODEL/KIND.json
  --only NAME    compile only this model (osm/r15) or document (osm/r15/vnfd)
  --report FILE  also write the leafrefs and conditions as the modules have them
  --corpus DIR   judge the descriptors in this folder too
  --count N      how many faults to try in each kind of document (3000)
  --seed N       decides which documents and faults (1)
  --verbose      tell what no document has, and what only libyang complains of";

/// What the command line asks for.
struct Arguments {
    yang: PathBuf,
    out: PathBuf,
    only: Vec<String>,
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("schemagen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Compiles every document that the command line asks for.
fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.as_slice() {
        [command, rest @ ..] if command == "oracle" => return compare(rest),
        [command, name, option, yang]
            if command == oracle::judge::COMMAND && option == "--yang" =>
        {
            return oracle::judge::serve(Path::new(yang), name);
        }
        _ => {}
    }
    let arguments = arguments()?;
    let mut report = String::new();
    let mut written = 0;
    for model in models::all() {
        let documents: Vec<&Document> = model
            .documents
            .iter()
            .filter(|document| arguments.includes(&model, document))
            .collect();
        if documents.is_empty() {
            continue;
        }
        compile(&model, &documents, &arguments, &mut report)
            .with_context(|| format!("model {}", model.path))?;
        written += documents.len();
    }
    if written == 0 {
        bail!("no model matches {}", arguments.only.join(", "));
    }
    if let Some(path) = &arguments.report {
        write(path, &report)?;
    }
    Ok(())
}

/// Compiles documents of one model and writes their schemas.
fn compile(
    model: &Model,
    documents: &[&Document],
    arguments: &Arguments,
    report: &mut String,
) -> Result<()> {
    let folders: Vec<PathBuf> = model
        .folders
        .iter()
        .map(|folder| arguments.yang.join(folder))
        .collect();
    let library = yang::Library::load(&folders, &model.modules(&arguments.yang)?)?;
    for document in documents {
        let file = format!("{}/{}.json", model.path, document.kind);
        let root = library.root(document.module, document.root)?;
        let header = emit::Header {
            id: format!("{ADDRESS}:{}/{}", model.path, document.kind),
            title: model.title(document),
        };
        let schema = emit::document(&header, &root).with_context(|| file.clone())?;
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        write(&arguments.out.join(&file), &text)?;
        report::add(report, &file, &root);
        println!("{file}");
    }
    Ok(())
}

/// Compares the verdicts of the schemas with those of libyang.
fn compare(words: &[String]) -> Result<()> {
    let mut yang = None;
    let mut corpus = None;
    let mut only = String::new();
    let (mut count, mut seed) = (3000, 1);
    let mut is_verbose = false;
    let mut words = words.iter();
    while let Some(option) = words.next() {
        let mut argument = || {
            words
                .next()
                .with_context(|| format!("{option} needs an argument\n{USAGE}"))
        };
        match option.as_str() {
            "--yang" => yang = Some(PathBuf::from(argument()?)),
            "--corpus" => corpus = Some(PathBuf::from(argument()?)),
            "--only" => only.clone_from(argument()?),
            "--count" => count = argument()?.parse().context("--count")?,
            "--seed" => seed = argument()?.parse().context("--seed")?,
            "--verbose" => is_verbose = true,
            _ => bail!("unknown argument {option}\n{USAGE}"),
        }
    }
    oracle::run(&oracle::Plan {
        yang: &yang.with_context(|| format!("--yang is missing\n{USAGE}"))?,
        corpus: corpus.as_deref(),
        only: &only,
        count,
        seed,
        is_verbose,
    })
}

/// Writes a file, making the folder it belongs in.
fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Reads the command line.
fn arguments() -> Result<Arguments> {
    let mut yang = None;
    let mut out = None;
    let mut only = Vec::new();
    let mut report = None;
    let mut words = std::env::args().skip(1);
    while let Some(option) = words.next() {
        let mut argument = || {
            words
                .next()
                .with_context(|| format!("{option} needs an argument\n{USAGE}"))
        };
        match option.as_str() {
            "--yang" => yang = Some(PathBuf::from(argument()?)),
            "--out" => out = Some(PathBuf::from(argument()?)),
            "--only" => only.push(argument()?),
            "--report" => report = Some(PathBuf::from(argument()?)),
            _ => bail!("unknown argument {option}\n{USAGE}"),
        }
    }
    Ok(Arguments {
        yang: yang.with_context(|| format!("--yang is missing\n{USAGE}"))?,
        out: out.with_context(|| format!("--out is missing\n{USAGE}"))?,
        only,
        report,
    })
}

impl Arguments {
    /// Whether a document is asked for, by itself or with its model.
    fn includes(&self, model: &Model, document: &Document) -> bool {
        self.only.is_empty()
            || self.only.iter().any(|name| {
                *name == model.path || *name == format!("{}/{}", model.path, document.kind)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compiles a module that uses every statement and type that the schemas
    /// know of, and compares the outcome with the one that was checked by eye.
    #[test]
    fn the_sample_module_compiles_to_the_sample_schema() -> Result<()> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let library = yang::Library::load(std::slice::from_ref(&tests), &["sample".into()])?;
        let root = library.root("sample", "sample")?;
        let header = emit::Header {
            id: format!("{ADDRESS}:sample"),
            title: "Sample".into(),
        };
        let schema = emit::document(&header, &root)?;
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        let expected = fs::read_to_string(tests.join("sample.json"))?;
        assert!(text == expected, "the schema is now\n{text}");
        Ok(())
    }

    #[test]
    fn what_cannot_be_loaded_is_named() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let error = yang::Library::load(&[tests], &["missing".into()]).err();
        let text = error.map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(text.contains("missing"), "{text}");
    }
}
