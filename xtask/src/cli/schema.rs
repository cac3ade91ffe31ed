//! `cargo nfv schema`.

use super::args::Global;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::{rules, schema};

/// Print a JSON Schema, for editors and other tools.
///
/// Without a name, lists all of them. The schemas are JSON Schema 2020-12;
/// keywords that begin with `x-nfv-` carry what it can't say and are ignored by
/// other readers.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The schema, as the list names it: `osm/r15/vnfd`
    #[arg(value_name = "SCHEMA")]
    name: Option<String>,
    /// Print the form for editors: draft 7, with descriptions, and with what
    /// OSM's reader takes, such as `version: 1.0` and keys with a module's prefix
    #[arg(long, requires = "name")]
    editor: bool,
}

pub(super) fn exec(_: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let names = || schema::all().iter().map(|schema| schema.name);
    let Some(name) = &args.name else {
        let width = names().map(str::len).max().unwrap_or(0);
        let line =
            |schema: &schema::Schema| format!("{:width$}  {}\n", schema.name, schema.title());
        let list: String = schema::all().iter().map(line).collect();
        shell.data(&list)?;
        return Ok(NfvExitCode::Success);
    };
    let Some(schema) = schema::by_name(name) else {
        let hint = match rules::nearest(name, names()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => "; `cargo nfv schema` lists all schemas".to_owned(),
        };
        return Err(CliError::Usage(format!(
            "no schema is called `{name}`{hint}"
        )));
    };
    if args.editor {
        shell.data(&schema.for_editors(rules::purpose))?;
    } else {
        shell.data(&schema.text())?;
    }
    Ok(NfvExitCode::Success)
}
