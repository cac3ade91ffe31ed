//! `cargo nfv offboard`.

use clap::builder::NonEmptyStringValueParser;
use serde_json::json;

use super::args::{AnswerArgs, DataFormat};
use super::osm::{KindArg, OsmArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::json;
use crate::ops::{self, OffboardOptions, OffboardReport, OffboardState, Offboarded};
use crate::report::clean;

/// Remove packages from OSM.
///
/// Slices go before services and those before functions. Nothing is removed where one
/// of them is not there, where an instance of one is running, or where something needs
/// it that is not removed as well.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ids of descriptors, or the keys that OSM has given to packages
    #[arg(value_name = "ID", required = true, value_parser = NonEmptyStringValueParser::new())]
    ids: Vec<String>,
    /// What the ids are, where several kinds have the same
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    osm: OsmArgs,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(super) fn exec(args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let notice = |text: &str| shell.warn(text);
    let osm = args.osm.open(shell, &notice)?;
    let options = OffboardOptions {
        ids: args.ids.clone(),
        shelf: args.kind.map(Into::into),
        dry_run: args.dry_run,
    };
    let report = ops::offboard(&osm, &options, shell)?;
    let address = osm.address().to_string();
    let lines = report.offboarded.iter();
    let lines = lines.map(|one| line(one, &address, args.answer.message_format));
    shell.data(&lines.collect::<String>())?;
    summary(&report, &address, args.dry_run, shell);
    match report.failure {
        Some(error) => Err(error.into()),
        None => Ok(NfvExitCode::Success),
    }
}

fn line(one: &Offboarded, address: &str, format: DataFormat) -> String {
    let (word, state) = match one.state {
        OffboardState::Removed => ("removed", "removed"),
        OffboardState::Gone => ("gone already", "gone"),
        OffboardState::Planned => ("would be removed", "planned"),
        OffboardState::Failed => ("failed", "failed"),
        OffboardState::Left => ("not removed", "left"),
    };
    let record = &one.record;
    match format {
        DataFormat::Human => {
            let id = record.id.as_deref().unwrap_or("-");
            let version = record.version.as_deref().unwrap_or("-");
            let text = format!("{id}  {version}  {}  {word}", record.key);
            format!("{:3}  {}\n", record.shelf.as_str(), clean(&text))
        }
        DataFormat::Json => json::line(json!({
            "reason": "package-offboarded",
            "kind": record.shelf.as_str(),
            "id": record.id,
            "version": record.version,
            "key": record.key,
            "osm": address,
            "state": state,
        })),
    }
}

fn summary(report: &OffboardReport, address: &str, dry_run: bool, shell: &Shell) {
    let is_left =
        |one: &&Offboarded| matches!(one.state, OffboardState::Failed | OffboardState::Left);
    let left = report.offboarded.iter().filter(is_left).count();
    let states = report.offboarded.iter().map(|one| one.state);
    let before = states.filter(|state| *state == OffboardState::Gone).count();
    let gone = report.offboarded.len() - left - before;
    let mut rest = String::new();
    for (count, word) in [(before, "gone already"), (left, "not")] {
        if count > 0 {
            rest.push_str(&format!(", {count} {word}"));
        }
    }
    let verb = match dry_run {
        true => "Would remove",
        false => "Removed",
    };
    let packages = if gone == 1 { "package" } else { "packages" };
    shell.say(verb, &format!("{gone} {packages}{rest}, from `{address}`"));
}
