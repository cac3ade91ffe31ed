//! `cargo nfv schema`.

use std::path::PathBuf;

use super::args::Global;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::{ops, rules, schema};

/// Print a JSON Schema, for editors and other tools, or write it to a file.
///
/// Without a name, lists all of them. That of a version of a model, such as
/// `osm@15`, takes each kind of descriptor that the model has; those of single
/// kinds have longer names. The schemas are JSON Schema 2020-12; keywords that
/// begin with `x-nfv-` carry what it can't say and are ignored by other readers.
/// Patterns are such that ECMA-262 and Python read them; where the model has a class
/// of letters of all scripts, they take any character beyond ASCII.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The model or schema, as the list names it: `osm@15`, `sol006@3.6.1`,
    /// `osm/r15/vnfd`, which may be called `osm@15/vnfd` too
    #[arg(value_name = "MODEL")]
    name: Option<String>,
    /// The form for editors: draft 7, with descriptions, and with what OSM's
    /// reader takes, such as `version: 1.0` and keys with the name of their module
    #[arg(long, requires = "name")]
    editor: bool,
    /// Write it to this file instead of standard output
    #[arg(long, requires = "name", value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn exec(_: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let Some(name) = &args.name else {
        let sheets = schema::Sheet::all();
        let width = sheets.iter().map(|sheet| sheet.name.len()).max();
        let width = width.unwrap_or(0);
        let line = |sheet: &schema::Sheet| format!("{:width$}  {}\n", sheet.name, sheet.title);
        let list: String = sheets.iter().map(line).collect();
        shell.data(&list)?;
        return Ok(NfvExitCode::Success);
    };
    let Some(sheet) = schema::Sheet::find(name) else {
        return Err(CliError::Usage(format!(
            "no model or schema is called `{name}`{}",
            hint(name)
        )));
    };
    let text = match args.editor {
        true => sheet.for_editors(rules::purpose),
        false => sheet.text(),
    };
    match &args.out {
        Some(path) => ops::write_text(&text, path)?,
        None => shell.data(&text)?,
    }
    Ok(NfvExitCode::Success)
}

/// What may have been meant by a name that names nothing.
fn hint(name: &str) -> String {
    let sheets = schema::Sheet::all();
    let names = sheets.iter().map(|sheet| sheet.name.as_str());
    // The version of another model, or a kind of document of it.
    let (model, document) = name.split_once('/').unwrap_or((name, ""));
    if let Some(namesake) = schema::ModelVersion::namesake(model) {
        let whole = match document {
            "" => namesake.to_string(),
            document => format!("{namesake}/{document}"),
        };
        if schema::Sheet::find(&whole).is_some() && schema::Sheet::find(name).is_none() {
            return format!("; did you mean `{whole}`?");
        }
    }
    // A model that is right, with a version that it does not have.
    if let Some((model, version)) = name.split_once('@') {
        let of_model = |own: &&str| own.split_once('@').is_some_and(|(own, _)| own == model);
        let versions: Vec<&str> = names.clone().filter(of_model).collect();
        let is_bare = !version.contains('/');
        if !versions.is_empty() && is_bare {
            return format!("; there are {}", versions.join(", "));
        }
    }
    // A kind of document, of which each version of a model has its own.
    let newest = |family: &str| {
        let of_family = schema::versions().iter().filter(|own| own.family == family);
        let mut paths = of_family.map(|own| format!("{own}/{name}"));
        paths.find(|path| schema::Sheet::find(path).is_some())
    };
    let of_kind = ["osm", "sol006"].into_iter().filter_map(newest);
    let of_kind: Vec<String> = of_kind.map(|path| format!("`{path}`")).collect();
    if !of_kind.is_empty() {
        let one = of_kind.join(" or ");
        return format!("; that is a kind of document, write {one}");
    }
    // A kind of document may be asked for by its version.
    let paths: Vec<String> = schema::Sheet::paths().collect();
    let all = names.chain(paths.iter().map(String::as_str));
    match rules::nearest(name, all) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => "; `cargo nfv schema` lists all".to_owned(),
    }
}
