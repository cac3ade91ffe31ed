//! `cargo nfv publish`.

#[cfg(feature = "publish")]
use std::path::PathBuf;
use std::time::Instant;

#[cfg(feature = "publish")]
use clap::ArgAction;
use serde::Serialize;

use super::args::{self, CheckArgs, Global, MessageFormat};
#[cfg(feature = "publish")]
use super::digest_file::DigestFile;
use super::reports::{ReportArgs, Told};
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, check};
use crate::oci::Dialect;
use crate::ops::{self, BuildOptions, PublishOptions, PublishReport};
use crate::report::{ArtifactLine, PackageLine};
use crate::time::rfc3339;

/// Build, then publish the packages to an image layout and a registry.
///
/// They go to the OCI image layout `nfv/oci` in the target directory, and from
/// there to a registry, if one of the PATHs is a place at one:
/// `oci://registry.example.org/edge`.
///
/// Each package becomes `<id>:<version>` there. What is there is not sent again,
/// functions go before the services that need them, and a version that is at the
/// registry with other bytes is not replaced. In the layout, which is an output of
/// the build, it is: a version there is what was built last. With an error in any
/// package nothing is published.
///
/// Registries have no locks: where two runs publish a version at the same moment, both
/// may succeed, and the last one counts. Let one run at a time publish.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    #[command(flatten)]
    pub(super) reports: ReportArgs,
    /// Write the artifacts as others read them
    #[arg(long, value_name = "DIALECT", value_enum)]
    compat: Option<Compat>,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    sign: super::signing::SignArgs,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    push: PushArgs,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    registries: super::registry::RegistryArgs,
}

/// `--compat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Compat {
    /// The layer has the type of the config document, as the OSM/NEPHELE proposal printed it
    Nephele,
}

/// What is for registries only.
#[cfg(feature = "publish")]
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Registry")]
struct PushArgs {
    /// Give the artifacts this tag beside their version; may be given several times
    #[arg(long = "tag", value_name = "TAG", action = ArgAction::Append, value_parser = crate::oci::parse_tag)]
    tags: Vec<String>,
    /// Replace versions that are at the registry with other bytes
    #[arg(long)]
    force: bool,
    /// Say what would be published, and write and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Note at the registry what packages were made of, and do not build what is there made of
    /// the same; --shard does so as well
    #[arg(long)]
    reuse: bool,
    /// Publish services whose functions are neither here nor there
    #[arg(long)]
    allow_missing: bool,
    /// Fail where a dependency is not the one in `nfv.lock`
    #[arg(long)]
    locked: bool,
    /// Write references with digests to this file, one a line
    #[arg(long, value_name = "FILE")]
    digest_file: Option<PathBuf>,
    /// Say beside each artifact how it came about, signed where there is a key
    #[cfg(feature = "sign")]
    #[arg(long)]
    provenance: bool,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    builder: super::provenance::BuilderArgs,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    reference: &'a str,
    digest: &'a str,
    artifact_type: &'a str,
    fresh: bool,
    /// Tags beside the version that did not point to it before.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    /// How many signatures, attestations and attached files of the layout went along.
    #[serde(skip_serializing_if = "is_none")]
    beside: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &usize) -> bool {
    *count == 0
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    #[cfg(feature = "sign")]
    args.sign.tell_validity(shell)?;
    let (epoch, is_set) = args::epoch()?;
    #[cfg_attr(not(feature = "publish"), allow(unused_mut))]
    let mut check_args = args.check.clone();
    #[cfg(feature = "publish")]
    let destination = destination(&workspace, &mut check_args)?;
    #[cfg(feature = "publish")]
    if !args.push.tags.is_empty() && destination.is_none() {
        let text = "`--tag` goes with a place at a registry, such as `oci://HOST/PATH`";
        return Err(CliError::Usage(text.to_owned()));
    }
    #[cfg(feature = "publish")]
    if args.push.locked && destination.is_none() {
        let text = "`--locked` is about what is needed at a registry; name one, such as \
                    `oci://HOST/PATH`";
        return Err(CliError::Usage(text.to_owned()));
    }
    #[cfg(feature = "publish")]
    if args.push.reuse && destination.is_none() {
        let text = "`--reuse` is about what is at a registry; name one, such as `oci://HOST/PATH`";
        return Err(CliError::Usage(text.to_owned()));
    }
    #[cfg(all(feature = "publish", feature = "sign"))]
    if args.push.provenance && destination.is_none() {
        let text = "`--provenance` goes with a place at a registry, such as `oci://HOST/PATH`; \
                    `cargo nfv provenance` prints it";
        return Err(CliError::Usage(text.to_owned()));
    }
    #[cfg(feature = "publish")]
    let digests = match &args.push.digest_file {
        Some(_) if destination.is_none() => {
            let text = "`--digest-file` goes with a place at a registry, such as `oci://HOST/PATH`";
            return Err(CliError::Usage(text.to_owned()));
        }
        Some(path) if !args.push.dry_run => Some(DigestFile::open(path)?),
        _ => None,
    };
    // A key without a certificate is for provenance alone.
    #[cfg(all(feature = "publish", feature = "sign"))]
    let key = match args.push.provenance {
        true => args.sign.statement_key()?,
        false => None,
    };
    #[cfg(all(feature = "publish", feature = "sign"))]
    let signer = match args.push.provenance {
        true => key.as_ref().and_then(ops::StatementKey::manifest_signer),
        false => args.sign.signer()?,
    };
    #[cfg(all(feature = "publish", feature = "sign"))]
    let is_for_provenance_alone = key.is_some() && signer.is_none();
    #[cfg(all(not(feature = "publish"), feature = "sign"))]
    let signer = args.sign.signer()?;
    let options = PublishOptions {
        build: BuildOptions {
            check: check_args.options()?,
            epoch,
            force: false,
            #[cfg(feature = "sign")]
            signer,
            #[cfg(not(feature = "sign"))]
            signer: None,
            was_signed: ops::WasSigned::Kept,
        },
        created: is_set.then(|| rfc3339(epoch)),
        dialect: match args.compat {
            Some(Compat::Nephele) => Dialect::Nephele,
            None => Dialect::Nfv,
        },
        #[cfg(feature = "publish")]
        dry_run: args.push.dry_run,
        #[cfg(not(feature = "publish"))]
        dry_run: false,
    };
    #[cfg(feature = "publish")]
    let mut report = match &destination {
        Some(destination) => to_registry(
            &workspace,
            &options,
            args,
            destination,
            #[cfg(feature = "sign")]
            key,
            shell,
        )?,
        None => ops::publish(&workspace, &options, shell)?,
    };
    #[cfg(not(feature = "publish"))]
    let report = ops::publish(&workspace, &options, shell)?;
    let format = args.check.judge.message_format;
    let checked = &report.build.checked;
    let told = Told {
        workspace: &workspace,
        checked,
        built: Some(&report.build),
        published: Some((&report, options.dry_run)),
    };
    args.reports.tell(&told, format, shell)?;
    check::finish("Checked", checked, start, shell);
    if !options.dry_run {
        build::summary(&report.build, shell);
    }
    let code = build::exit_code(&report.build);
    if code != NfvExitCode::Success {
        shell.say("Published", "nothing, because of the errors above");
        return Ok(code);
    }
    #[cfg(feature = "publish")]
    if let Some(failure) = report.failure.take() {
        return Err(failure.into());
    }
    #[cfg(all(feature = "publish", feature = "sign"))]
    if is_for_provenance_alone {
        warn_of_unsigned(&report, shell);
    }
    #[cfg(feature = "publish")]
    if let Some(destination) = &destination {
        if let Some(digests) = digests {
            digests.write(&report.pushed)?;
        }
        summary(&report, args.push.dry_run, &destination.to_string(), shell);
        return Ok(code);
    }
    let new = report.published.iter().filter(|p| !p.is_fresh).count();
    let there = report.published.len() - new;
    let layout = workspace.shown(&workspace.out_dir.join("oci"));
    let text = format!("{new} new, {there} already there, in `{layout}`");
    let verb = if options.dry_run {
        "Would publish"
    } else {
        "Published"
    };
    shell.say(verb, &text);
    Ok(code)
}

/// Names the packages that would have a signature in them if there were a certificate.
#[cfg(all(feature = "publish", feature = "sign"))]
fn warn_of_unsigned(report: &PublishReport, shell: &Shell) {
    let packages = &report.build.checked.scan.packages;
    let built = report.build.built.iter();
    let unsigned: Vec<String> = built
        .filter(|built| {
            let package = packages.get(built.package);
            package.is_some_and(|package| package.layout.is_signed() && !built.is_signed)
        })
        .map(|built| format!("`{}`", built.file_name))
        .collect();
    if !unsigned.is_empty() {
        let text = format!(
            "`--sign-key` signs the provenance alone, and not the manifest in {}: that takes a \
             certificate, which `--sign-certificate` names",
            unsigned.join(", ")
        );
        shell.warn(&text);
    }
}

/// One line an artifact: of those at the registry, if they went there; and one for each
/// statement about them.
pub(super) fn made(report: &PublishReport, format: MessageFormat, dry_run: bool) -> String {
    #[cfg_attr(not(all(feature = "publish", feature = "sign")), allow(unused_mut))]
    let mut text = lines(report, format, dry_run);
    #[cfg(all(feature = "publish", feature = "sign"))]
    text.push_str(&told(report, format));
    text
}

/// Notes what was published in the lines of a report, which has one for each package.
pub(super) fn add_artifacts(report: &PublishReport, lines: &mut [PackageLine]) {
    for published in &report.published {
        let Some(line) = lines.get_mut(published.package) else {
            continue;
        };
        let (reference, digest) = (&published.reference, &published.digest);
        #[cfg(feature = "publish")]
        let (reference, digest) = match report.pushed.iter().find(|p| p.digest == *digest) {
            Some(pushed) => (&pushed.reference, &pushed.digest),
            // It was to go to a registry, and did not get there.
            None if report.failure.is_some() => continue,
            None => (reference, digest),
        };
        line.artifact = Some(ArtifactLine {
            reference: reference.clone(),
            digest: digest.clone(),
        });
    }
}

fn lines(report: &PublishReport, format: MessageFormat, dry_run: bool) -> String {
    let mut all: Vec<(&str, &str, &str, bool, &[String])> = Vec::new();
    #[cfg(feature = "publish")]
    for pushed in &report.pushed {
        let is_fresh = pushed.state == ops::PushState::Unchanged;
        let tags = pushed.tags.as_slice();
        all.push((
            &pushed.reference,
            &pushed.digest,
            &pushed.kind,
            is_fresh,
            tags,
        ));
    }
    #[cfg(feature = "publish")]
    let is_in_layout = all.is_empty() && report.failure.is_none();
    #[cfg(not(feature = "publish"))]
    let is_in_layout = true;
    if is_in_layout {
        let published = report.published.iter();
        all.extend(published.map(|p| {
            let (reference, digest) = (p.reference.as_str(), p.digest.as_str());
            (reference, digest, p.kind.as_str(), p.is_fresh, &[][..])
        }));
    }
    let width = all.iter().map(|(reference, ..)| reference.len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for (reference, digest, artifact_type, fresh, tags) in all {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                text.push_str(&format!("{reference:width$}  {digest}\n"));
            }
            MessageFormat::Json => {
                let line = Line {
                    reason: match dry_run {
                        true => "artifact-planned",
                        false => "artifact-published",
                    },
                    reference,
                    digest,
                    artifact_type,
                    fresh,
                    tags,
                    beside: beside(report, digest),
                };
                // A struct of strings always serialises.
                text.push_str(&serde_json::to_string(&line).unwrap_or_default());
                text.push('\n');
            }
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    text
}

/// How many things went along with the artifact of a digest, or would.
#[cfg(feature = "publish")]
fn beside(report: &PublishReport, digest: &str) -> usize {
    let mut published = report.published.iter();
    let name = published.find(|published| published.digest == digest);
    let name = name.map(|published| published.reference.as_str());
    let mut beside = report.beside.iter();
    let found = beside.find(|(of, _)| Some(of.as_str()) == name);
    found.map_or(0, |(_, count)| *count)
}

#[cfg(not(feature = "publish"))]
fn beside(_: &PublishReport, _: &str) -> usize {
    0
}

/// A line for each artifact that says how it came about, for programs.
#[cfg(all(feature = "publish", feature = "sign"))]
fn told(report: &PublishReport, format: MessageFormat) -> String {
    let line = |one: &ops::Told| {
        crate::json::line(serde_json::json!({
            "reason": "artifact-attested",
            "reference": one.reference,
            "subject": one.subject,
            "predicate_type": crate::provenance::PREDICATE_TYPE,
            "key": one.key.as_ref().map(|key| format!("sha256:{key}")),
            "digests": one.added,
            "fresh": one.added.is_empty(),
        }))
    };
    match format {
        MessageFormat::Json => report.told.iter().map(line).collect(),
        _ => String::new(),
    }
}

/// Takes the registry out of the paths.
#[cfg(feature = "publish")]
fn destination(
    workspace: &crate::source::Workspace,
    args: &mut CheckArgs,
) -> Result<Option<crate::oci::Repository>, CliError> {
    let mut found = None;
    let mut paths = Vec::new();
    for path in std::mem::take(&mut args.paths) {
        let Some(text) = path
            .to_str()
            .filter(|text| ops::names_place(workspace, text))
        else {
            paths.push(path);
            continue;
        };
        if text.starts_with("oci:") && !text.contains("://") || text.starts_with("oci-archive:") {
            let text = format!(
                "`{text}` is no registry; publish first, then `cargo nfv copy NAME {text}`"
            );
            return Err(CliError::Usage(text));
        }
        let place = crate::oci::Repository::parse(text).map_err(ops::Error::from)?;
        if found.replace(place).is_some() {
            return Err(CliError::Usage(
                "only one registry can be published to at once".to_owned(),
            ));
        }
    }
    args.paths = paths;
    Ok(found)
}

#[cfg(feature = "publish")]
fn to_registry(
    workspace: &crate::source::Workspace,
    options: &PublishOptions,
    args: &Args,
    destination: &crate::oci::Repository,
    #[cfg(feature = "sign")] key: Option<ops::StatementKey>,
    shell: &Shell,
) -> Result<PublishReport, CliError> {
    let remote = args.registries.remote(Some(&destination.host))?;
    let push = ops::PushOptions {
        destination: destination.clone(),
        tags: args.push.tags.clone(),
        force: args.push.force,
        dry_run: args.push.dry_run,
        allow_missing: args.push.allow_missing,
        reuse: args.push.reuse || args.check.part.shard.is_some(),
        rebuild: args.push.force,
        locked: args.push.locked,
        concurrency: args.registries.concurrency,
    };
    #[cfg(feature = "sign")]
    let provenance = match args.push.provenance {
        true => Some(ops::ProvenanceOptions {
            circumstances: args.push.builder.circumstances()?,
            key,
        }),
        false => None,
    };
    Ok(ops::publish_to(
        workspace,
        options,
        &remote,
        &push,
        #[cfg(feature = "sign")]
        provenance.as_ref(),
        shell,
    )?)
}

#[cfg(feature = "publish")]
fn summary(report: &PublishReport, dry_run: bool, place: &str, shell: &Shell) {
    let count = |state| report.pushed.iter().filter(|p| p.state == state).count();
    let new = count(ops::PushState::New);
    let moved = count(ops::PushState::Moved);
    let there = count(ops::PushState::Unchanged);
    let replaced = match moved {
        0 => String::new(),
        n => format!("{n} replaced, "),
    };
    for pushed in &report.pushed {
        let place = pushed.reference.rsplit_once(':');
        let place = place.map_or("", |(place, _)| place);
        if let Some(id) = &pushed.renamed {
            let text = format!(
                "`{id}` as `{place}`: a name there has letters and digits, and between them `.`, `_`, \
                 `__` or any number of `-`; an id that is such a name stays as it is"
            );
            shell.say(if dry_run { "Would name" } else { "Named" }, &text);
        }
        let named = pushed.tags.iter().map(|tag| format!("{place}:{tag}"));
        for tag in named {
            // Of those that move it is said where from.
            if !pushed.moves.iter().any(|(moved, _)| *moved == tag) {
                let verb = if dry_run { "Would tag" } else { "Tagged" };
                shell.say(verb, &format!("`{tag}`, {}", pushed.digest));
            }
        }
        for (reference, before) in &pushed.moves {
            let text = format!("`{reference}`, which is {before}, to {}", pushed.digest);
            let past = format!("`{reference}`, which was {before}, to {}", pushed.digest);
            match dry_run {
                true => shell.say("Would move", &text),
                false => shell.say("Moved", &past),
            }
        }
    }
    let tags: usize = report.pushed.iter().map(|p| p.tags.len()).sum();
    let tags = match tags {
        0 => String::new(),
        n => format!(", {} beside the versions", crate::report::plural(n, "tag")),
    };
    let text = format!("{new} new, {replaced}{there} already there{tags}, at `{place}`");
    match dry_run {
        true => shell.say("Would publish", &text),
        false => shell.say("Published", &text),
    }
    for (name, count) in &report.beside {
        let what = match count {
            1 => "1 signature or attachment".to_owned(),
            n => format!("{n} signatures or attachments"),
        };
        let verb = if dry_run { "Would send" } else { "Sent" };
        shell.say(verb, &format!("{what} of `{name}`"));
    }
}
