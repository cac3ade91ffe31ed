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

    /// A module with these statements below its container, and those beside it.
    fn compiled(name: &str, below: &str, beside: &str) -> Result<serde_json::Value> {
        let folder = std::env::temp_dir().join(format!("schemagen-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let text = format!(
            "module strict {{ yang-version 1.1; namespace \"urn:example:strict\"; prefix s;\n\
             {beside}\ncontainer strict {{ leaf own {{ type string; }}\n{below}\n}} }}\n"
        );
        fs::write(folder.join("strict.yang"), text)?;
        let schema = yang::Library::load(std::slice::from_ref(&folder), &["strict".into()])
            .and_then(|library| library.root("strict", "strict"))
            .and_then(|root| {
                let header = emit::Header {
                    id: format!("{ADDRESS}:strict"),
                    title: "Strict".into(),
                };
                emit::document(&header, &root)
            });
        fs::remove_dir_all(&folder)?;
        schema
    }

    /// What the schemas have no words for stops the compiler, with a word on
    /// what it is.
    #[test]
    fn a_statement_without_a_translation_stops_the_compiler() {
        let cases: &[(&str, &str, &str)] = &[
            (
                "leaf a { type string; must \"count(../own) > 2\"; }",
                "",
                "count(../own)>2",
            ),
            (
                "leaf a { type string; when \"not(../own)\"; }",
                "",
                "not(../own)",
            ),
            (
                "choice c { when \"../own\"; leaf a { type string; } }",
                "",
                "choice c",
            ),
            (
                "choice c { case d { when \"../own\"; leaf a { type string; } } }",
                "",
                "case d",
            ),
            (
                "choice c { default a; leaf a { type string; } }",
                "",
                "default case",
            ),
            (
                "choice c { case d { leaf a { type string; } \
                 leaf b { when \"../a\"; mandatory true; type string; } } }",
                "",
                "node b must be there on a condition",
            ),
            (
                "container c { leaf b { when \"../own\"; mandatory true; type string; } }",
                "",
                "in the container c",
            ),
            (
                "container c { must \". <= ../own\"; leaf b { type string; } }",
                "",
                "a condition of the container c",
            ),
            (
                "anydata c { must \". <= ../own\"; }",
                "",
                "a condition of anydata",
            ),
            (
                "leaf-list c { type int8; default 1; must \". <= ../own\"; }",
                "",
                "a condition of the leaf-list c",
            ),
            (
                "leaf a { if-feature f; type string; }",
                "feature f;",
                "feature f",
            ),
            (
                "leaf a { s:strange; type string; }",
                "extension strange;",
                "extension strange",
            ),
            (
                "leaf a { type string { pattern \"a\" { s:strange; } } }",
                "extension strange;",
                "extension strange",
            ),
            ("leaf a { config false; type string; }", "", "config false"),
            (
                "list l { key k; unique v; leaf k { type string; } leaf v { type string; } }",
                "",
                "unique",
            ),
            ("leaf a { type bits { bit r; } }", "", "bits"),
            ("leaf a { type binary { length 4; } }", "", "binary"),
            (
                "leaf a { type instance-identifier; }",
                "",
                "instance-identifier",
            ),
            (
                "leaf a { type union { type leafref { path \"../own\"; } type int8; } }",
                "",
                "leafref within a union",
            ),
            (
                "leaf a { type string { pattern '[a-z-[b]]'; } }",
                "",
                "pattern",
            ),
            ("action run;", "", "action"),
            ("notification told;", "", "notification"),
        ];
        for (number, (below, beside, words)) in cases.iter().enumerate() {
            match compiled(&number.to_string(), below, beside) {
                Ok(schema) => panic!("{below} is passed over: {schema}"),
                Err(error) => {
                    let text = format!("{error:#}");
                    assert!(text.contains(words), "{below}: {text}");
                }
            }
        }
    }

    /// What changes other statements is in effect.
    #[test]
    fn deviations_refinements_and_loose_references_are_heeded() -> Result<()> {
        let schema = compiled(
            "heeded",
            "leaf gone { type string; }\n\
             leaf loose { type leafref { path \"../own\"; require-instance false; } }\n\
             leaf firm { type leafref { path \"../own\"; } }\n\
             leaf old { status obsolete; type string; }\n\
             uses g { refine inner { mandatory true; } augment h { leaf more { type int8; } } }",
            "grouping g { leaf inner { type string; } container h; }\n\
             deviation /s:strict/s:gone { deviate not-supported; }\n\
             deviation /s:strict/s:own { deviate add { mandatory true; } }",
        )?;
        let strict = &schema["properties"]["strict"];
        assert_eq!(strict["required"], serde_json::json!(["inner", "own"]));
        let properties = &strict["properties"];
        assert_eq!(properties.get("gone"), None);
        assert_eq!(properties["loose"], serde_json::json!({"type": "string"}));
        assert_eq!(properties["firm"]["x-nfv-leafref"]["leaf"], "own");
        // libyang leaves out what is obsolete, and refuses it in a document.
        assert_eq!(properties.get("old"), None);
        assert!(properties["h"]["properties"]["more"].is_object());
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
