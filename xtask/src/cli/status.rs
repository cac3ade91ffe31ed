//! `cargo nfv status`.

use std::time::Instant;

use clap::builder::NonEmptyStringValueParser;

use serde_json::json;

use super::args::{self, Global, JudgeArgs, MessageFormat};
use super::osm::{KindArg, OsmArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, check, reports};
use crate::json;
use crate::oci::Remote;
use crate::ops::{
    self, OnboardOptions, OsmStatus, OsmStatusOptions, OsmStatusReport, Standing, VerifyOptions,
    VerifyReport,
};
use crate::report::clean_line;
use crate::source::Profile;

/// Show what is onboarded at OSM.
///
/// One line a package: kind, id, version, state, whether an instance of it runs, and
/// its digest, which OSM keeps of what this program has onboarded. With `--tree` also
/// whether that is what the tree builds.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ids of descriptors, or the keys that OSM has given to packages [default: all]
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    ids: Vec<String>,
    /// Only what is of this kind
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Compare with the packages of the tree, which are built for that without leaving anything
    #[arg(long)]
    tree: bool,
    /// Exit with 1 if OSM has not what the tree builds, all of it
    #[arg(long, requires = "tree")]
    exit_code: bool,
    #[command(flatten)]
    osm: OsmArgs,
    #[command(flatten)]
    judge: JudgeArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    let format = args.judge.message_format;
    if !matches!(
        format,
        MessageFormat::Human | MessageFormat::Short | MessageFormat::Json
    ) {
        let text = "what OSM has is no finding, and goes with the message formats `human`, `short` and \
                    `json`";
        return Err(CliError::Usage(text.to_owned()));
    }
    let options = OsmStatusOptions {
        ids: args.ids.clone(),
        shelf: args.kind.map(Into::into),
        tree: args.tree.then(|| tree(args)).transpose()?,
    };
    let notice = |text: &str| shell.warn(text);
    let osm = args.osm.open(shell, &notice)?;
    let remote = Remote::new(args.osm.options());
    let report = ops::status(&workspace, &remote, &osm, &options, shell)?;
    if let Some(code) = stopped(&report, format, start, shell)? {
        return Ok(code);
    }
    let address = osm.address().to_string();
    shell.data(&lines(&report, &address, format))?;
    let count = report
        .packages
        .iter()
        .filter(|one| one.record.is_some())
        .count();
    let packages = if count == 1 { "package" } else { "packages" };
    shell.say("Found", &format!("{count} {packages} at `{address}`"));
    // What others have there is not the tree's.
    let is_fine = |one: &OsmStatus| {
        matches!(
            one.standing,
            Some(Standing::UpToDate | Standing::Foreign) | None
        )
    };
    Ok(
        match args.exit_code && !report.packages.iter().all(is_fine) {
            true => NfvExitCode::Findings,
            false => NfvExitCode::Success,
        },
    )
}

fn tree(args: &Args) -> Result<OnboardOptions, CliError> {
    let (epoch, is_set) = args::epoch()?;
    let mut check = args.judge.options()?;
    check.profile = check.profile.or(Some(Profile::Osm));
    Ok(OnboardOptions {
        names: Vec::new(),
        verify: VerifyOptions {
            check,
            rebuild: false,
            epoch: is_set.then_some(epoch),
            ..VerifyOptions::default()
        },
        epoch,
        signer: None,
        is_trust_asked: false,
        policy: None,
        with_dependencies: false,
        registry: None,
        locked: false,
        dry_run: true,
    })
}

/// The exit code where the tree can't be built.
fn stopped(
    report: &OsmStatusReport,
    format: MessageFormat,
    start: Instant,
    shell: &Shell,
) -> Result<Option<NfvExitCode>, CliError> {
    let unsound = report
        .verified
        .as_ref()
        .filter(|verified| !VerifyReport::is_sound(verified));
    let checked = match (&report.refused, unsound) {
        (Some(build), _) => &build.checked,
        (None, Some(verified)) => &verified.checked,
        (None, None) => return Ok(None),
    };
    reports::findings(checked, format, shell)?;
    check::finish("Checked", checked, start, shell);
    if let Some(build) = &report.refused {
        build::summary(build, shell);
    }
    Ok(Some(NfvExitCode::Findings))
}

fn lines(report: &OsmStatusReport, address: &str, format: MessageFormat) -> String {
    match format {
        MessageFormat::Human | MessageFormat::Short => table(&report.packages),
        MessageFormat::Json => {
            let lines = report.packages.iter().map(|one| in_json(one, address));
            lines.collect()
        }
        // These formats have no room for anything but findings.
        _ => String::new(),
    }
}

/// One line a package, in columns.
fn table(packages: &[OsmStatus]) -> String {
    let rows: Vec<Vec<String>> = packages.iter().map(row).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn row(one: &OsmStatus) -> Vec<String> {
    // A line break would begin another package.
    let or_dash = |text: Option<&str>| clean_line(text.unwrap_or("-"));
    let record = one.record.as_ref();
    let here = one
        .tree
        .as_ref()
        .and_then(|(version, _)| version.as_deref());
    let version = record.map_or(here, |record| record.version.as_deref());
    let digest = match &one.sha256 {
        Some(sha256) => format!("sha256:{sha256}"),
        None => "-".to_owned(),
    };
    let mut row = vec![
        one.shelf.as_str().to_owned(),
        or_dash(one.id.as_deref()),
        or_dash(version),
        or_dash(record.and_then(|record| record.onboarding.as_deref())),
        or_dash(record.and_then(|record| record.operational.as_deref())),
        or_dash(record.and_then(|record| record.usage.as_deref())),
        or_dash(record.map(|record| record.key.as_str())),
        digest,
    ];
    row.extend(one.standing.map(|standing| words(standing).to_owned()));
    if record.is_some_and(|record| record.is_shared) {
        row.push("another project's".to_owned());
    }
    row
}

fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::UpToDate => "up to date",
        Standing::Differs => "differs",
        Standing::Unknown => "OSM does not tell",
        Standing::Absent => "absent",
        Standing::Foreign => "not in the tree",
    }
}

fn in_json(one: &OsmStatus, address: &str) -> String {
    let record = one.record.as_ref();
    let digest = |sha256: &String| format!("sha256:{sha256}");
    json::line(json!({
        "reason": "package-status",
        "kind": one.shelf.as_str(),
        "id": one.id,
        "version": record.and_then(|record| record.version.clone()),
        "key": record.map(|record| record.key.clone()),
        "onboardingState": record.and_then(|record| record.onboarding.clone()),
        "operationalState": record.and_then(|record| record.operational.clone()),
        "usageState": record.and_then(|record| record.usage.clone()),
        "revision": record.and_then(|record| record.revision),
        "file": record.and_then(|record| record.file.clone()),
        "shared": record.map(|record| record.is_shared),
        "digest": one.sha256.as_ref().map(digest),
        "osm": address,
        "tree": one.tree.as_ref().map(|(version, sha256)| json!({
            "version": version,
            "digest": digest(sha256),
        })),
        "standing": one.standing.map(|standing| match standing {
            Standing::UpToDate => "up-to-date",
            Standing::Differs => "differs",
            Standing::Unknown => "unknown",
            Standing::Absent => "absent",
            Standing::Foreign => "foreign",
        }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onboard::OsmShelf;

    /// Ids come from whoever has onboarded something.
    #[test]
    fn a_package_is_one_line() {
        let one = OsmStatus {
            shelf: OsmShelf::Vnf,
            id: Some("a\nVNF  b\u{202e}".to_owned()),
            record: None,
            sha256: None,
            tree: None,
            standing: None,
        };
        let text = table(&[one]);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
}
