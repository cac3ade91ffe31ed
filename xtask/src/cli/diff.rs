//! `cargo nfv diff`.

use clap::builder::NonEmptyStringValueParser;

use super::args::{AnswerArgs, DataFormat, Global};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::change::Update;
use crate::ops;
use crate::report;

/// Say what has changed from one package to another.
///
/// In the words of the model, not as text: a VDU that is new, a flavour that is gone, an
/// image with another digest. Of a VNFD it is said whether OSM takes it in the place of one
/// that is in use, and of all which part of the version should move.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The package before: a folder, a descriptor, a finished package, a name in the layout of
    /// this tree or `oci://host/path/name:tag`
    #[arg(value_name = "BEFORE", value_parser = NonEmptyStringValueParser::new())]
    before: String,
    /// The package after, named in the same ways
    #[arg(value_name = "AFTER", value_parser = NonEmptyStringValueParser::new())]
    after: String,
    /// Exit with 1 if anything has changed, or may have in what is not at hand
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    answer: AnswerArgs,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    registries: super::registry::RegistryArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    #[cfg(feature = "publish")]
    let remote = {
        let hosts = [&args.before, &args.after];
        let host = hosts.iter().find_map(|name| super::host_of(name));
        args.registries.remote(host.as_deref())?
    };
    let changes = ops::diff(
        &workspace,
        #[cfg(feature = "publish")]
        &remote,
        (&args.before, &args.after),
        shell,
    )?;
    match args.answer.message_format {
        DataFormat::Json => shell.data(&report::json_changes(&changes))?,
        DataFormat::Human => {
            shell.data(&report::changes(&changes))?;
            remarks(&changes, shell);
        }
    }
    let is_same = changes.is_empty() && changes.not_compared.is_none();
    Ok(match args.exit_code && !is_same {
        true => NfvExitCode::Findings,
        false => NfvExitCode::Success,
    })
}

fn remarks(changes: &report::Changes, shell: &Shell) {
    match &changes.not_compared {
        Some(name) => shell.warn(&format!(
            "what is in `{name}` was not compared, as it is not at hand on both sides; name the finished \
             packages, or run this where an `nfv.toml` says how far the tree goes"
        )),
        None if changes.is_empty() => shell.say("Same", "nothing has changed"),
        None => {}
    }
    // What is the same to the model may be another thing to OSM, but there is nothing to say of
    // what it would take.
    let is_refused = |update: &Update| {
        matches!(
            update,
            Update::Refused { .. } | Update::Moved { .. } | Update::OldModel
        )
    };
    if let Some(update) = &changes.update
        && (is_refused(update) || !changes.is_empty())
    {
        shell.say("Update", &report::osm_update(update));
    }
    if let Some(advice) = &changes.advice {
        let (part, because) = (advice.part, &advice.because);
        let text = match (advice.is_enough, &advice.version) {
            (true, _) => format!("it has moved far enough for a {part} change ({because})"),
            (false, Some(least)) => {
                format!("a {part} change ({because}) asks for {least} or above")
            }
            (false, None) => format!("a {part} change ({because}) asks for another one"),
        };
        shell.say("Version", &text);
    }
}
