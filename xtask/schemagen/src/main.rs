//! Compiles the YANG modules of NFV descriptors to JSON Schema 2020-12.
//!
//! `schemagen --yang DIR --out DIR [--only MODEL[/KIND]]... [--report FILE]`
//!
//! `schemagen differ MODEL/KIND --yang DIR --whole FILE [--count N] [--seed N]`
//! holds the verdicts of the schemas beside those of libyang.

mod condition;
mod differ;
mod emit;
mod models;
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
       schemagen differ MODEL/KIND --yang DIR --whole FILE [--count N] [--seed N]

  --yang DIR     the folder with a folder of modules for each model
  --out DIR      the folder to write the schemas to, as MODEL/KIND.json
  --only NAME    compile only this model (osm/r15) or document (osm/r15/vnfd)
  --report FILE  also write the leafrefs and conditions as the modules have them";

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
    if let [command, name, rest @ ..] = words.as_slice()
        && ["differ", "judge"].contains(&command.as_str())
    {
        return differ(command, name, rest);
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

/// Compares verdicts, or gives those of libyang to the process that compares.
fn differ(command: &str, name: &str, words: &[String]) -> Result<()> {
    let option = |option: &str| {
        let place = words.iter().position(|word| word == option);
        place
            .and_then(|place| words.get(place + 1))
            .map(String::as_str)
    };
    let number = |name: &str, usual: u64| match option(name) {
        Some(text) => text.parse().with_context(|| format!("{name} {text}")),
        None => Ok(usual),
    };
    let yang = Path::new(option("--yang").with_context(|| format!("--yang is missing\n{USAGE}"))?);
    if command == "judge" {
        return differ::judge(yang, name);
    }
    let whole = option("--whole").with_context(|| format!("--whole is missing\n{USAGE}"))?;
    differ::compare(&differ::Plan {
        yang,
        name,
        whole: Path::new(whole),
        count: number("--count", 1000)?,
        seed: number("--seed", 1)?,
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
