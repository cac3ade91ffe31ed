//! `cargo nfv verify`.

use std::time::Instant;

use clap::builder::NonEmptyStringValueParser;

use serde_json::json;

use super::args::{self, Global, JudgeArgs, MessageFormat};
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode, check, reports};
#[cfg(all(feature = "publish", feature = "sign"))]
use crate::diagnostic::Diagnostic;
use crate::json;
use crate::ops::{self, Rebuild, Verified, VerifyOptions, VerifyReport};
use crate::package::Difference;
#[cfg(all(feature = "publish", feature = "sign"))]
use crate::report::PackageLine;
use crate::report::clean;

/// Check finished packages, and compare them with the sources.
///
/// Structure, digests, models and rules, as `cargo nfv check` checks them; of
/// what is published in the image layout, also the digests of its blobs and what
/// its config document says. Exits with 1 if anything is found at error level,
/// or if a package is not what the sources give.
///
/// Of CSARs and SHIELD packages it is told who has signed them. With
/// `--certificate-chain` or `--key` each must be signed by somebody who is
/// trusted, and with `--policy` as that says; exits with 7 if one is not.
///
/// Of what is at a registry, in another layout or in an archive, signatures and
/// attestations are verified and nothing else; `cargo nfv pull` fetches the
/// package for the rest. This needs `--certificate-chain`, `--key` or a policy.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Finished packages: files, references of the image layout, or the descriptors that they were
    /// built of; for their signatures alone
    /// `oci://host/path/name:tag`, `oci:FOLDER[:NAME]`, `oci-archive:FILE[:NAME]`
    #[arg(value_name = "PACKAGE", required = true, value_parser = NonEmptyStringValueParser::new())]
    packages: Vec<String>,
    /// Build the packages from the source tree, and say in which members or header fields they differ
    #[arg(long)]
    rebuild: bool,
    #[command(flatten)]
    judge: JudgeArgs,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    trust: super::trust::TrustArgs,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    sign: super::signing::SignArgs,
    #[cfg(all(feature = "publish", feature = "sign"))]
    #[command(flatten)]
    artifact: ArtifactArgs,
    #[cfg(all(feature = "publish", feature = "sign"))]
    #[command(flatten)]
    registries: super::registry::RegistryArgs,
}

/// What must have been said of an artifact.
#[cfg(all(feature = "publish", feature = "sign"))]
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Trust")]
struct ArtifactArgs {
    /// Kind of attestation that they must have made of what is published: `provenance`,
    /// `sbom-spdx`, `sbom-cyclonedx`, `vex`, `vuln`, or the URI of its predicate; may be given
    /// several times
    #[arg(long, value_name = "TYPE")]
    attestation: Vec<String>,
    #[command(flatten)]
    policy: super::policy::PolicyArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    #[cfg(all(feature = "publish", feature = "sign"))]
    let policy = args.artifact.policy.named(&workspace)?;
    #[cfg(all(feature = "publish", feature = "sign"))]
    {
        // A name of the tree's layout is a package, and an artifact to those who ask for
        // what only an artifact has.
        let is_about_artifacts = !args.artifact.attestation.is_empty();
        let is_place = |name: &String| {
            ops::names_place(&workspace, name)
                || (is_about_artifacts && !workspace.current_dir.join(name).is_file())
        };
        if args.packages.iter().any(is_place) {
            if let Some(package) = args.packages.iter().find(|name| !is_place(name)) {
                return Err(CliError::Usage(format!(
                    "`{package}` is a package and others are places; verify them one after the other"
                )));
            }
            return artifacts(&workspace, args, shell);
        }
    }
    #[cfg(all(feature = "publish", feature = "sign"))]
    if !args.artifact.attestation.is_empty() {
        let text = "attestations are about artifacts in a registry, a layout or an archive; name \
                    one, such as `oci://HOST/PATH/NAME:TAG`";
        return Err(CliError::Usage(text.to_owned()));
    }
    let (epoch, is_set) = args::epoch()?;
    let options = VerifyOptions {
        check: args.judge.options()?,
        rebuild: args.rebuild,
        epoch: is_set.then_some(epoch),
        #[cfg(feature = "sign")]
        signer: args.sign.signer()?,
        #[cfg(not(feature = "sign"))]
        signer: None,
        #[cfg(feature = "sign")]
        trust: args.trust.options()?,
        #[cfg(all(feature = "publish", feature = "sign"))]
        policy,
    };
    let mut report = ops::verify(&workspace, &args.packages, &options, shell)?;
    let format = args.judge.message_format;
    #[cfg(feature = "sign")]
    let is_asked = args.trust.is_asked();
    #[cfg(not(feature = "sign"))]
    let is_asked = false;
    report.add_verdicts(is_asked);
    reports::findings(&report.checked, format, shell)?;
    shell.data(&lines(&report, format))?;
    check::finish("Verified", &report.checked, start, shell);
    #[cfg(feature = "sign")]
    if is_asked && !report.is_trusted() {
        return Ok(NfvExitCode::Untrusted);
    }
    #[cfg(all(feature = "publish", feature = "sign"))]
    if !report.is_admitted() {
        return Ok(NfvExitCode::Untrusted);
    }
    if !report.is_named() {
        return Ok(NfvExitCode::Untrusted);
    }
    if report.is_sound() {
        Ok(NfvExitCode::Success)
    } else {
        Ok(NfvExitCode::Findings)
    }
}

/// Who has signed what is published.
#[cfg(all(feature = "publish", feature = "sign"))]
fn artifacts(
    workspace: &crate::source::Workspace,
    args: &Args,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    if args.rebuild {
        return Err(CliError::Usage(
            "`--rebuild` is for packages; fetch this one with `cargo nfv pull` first".to_owned(),
        ));
    }
    let policy = args.artifact.policy.options(workspace)?;
    if !args.trust.is_asked() && (policy.is_none() || !args.artifact.attestation.is_empty()) {
        let text = match policy {
            None => "say whose signatures count, with `--key`, `--certificate-chain` or `--policy`",
            Some(_) => "say who must have attested it, with `--key` or `--certificate-chain`",
        };
        return Err(CliError::Usage(text.to_owned()));
    }
    let options = ops::VerifyArtifactOptions {
        trust: args.trust.options()?,
        attestations: args.artifact.attestation.clone(),
        policy,
    };
    let host = args.packages.iter().find_map(|name| super::host_of(name));
    let remote = args.registries.remote(host.as_deref())?;
    let all = args.packages.iter();
    let all = all.map(|name| ops::verify_artifact(workspace, &remote, name, &options));
    let (mut verified, mut failed) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(one) => verified.push(one),
            Err(error) => failed.push(error),
        }
    }
    // What is wrong with one is no reason to say nothing of the others.
    let all: Vec<ops::VerifiedArtifact> = verified;
    let mut failed = failed.into_iter();
    let first = failed.next();
    failed.for_each(|error| shell.error(&error));
    if let (Some(_), true) = (&first, all.is_empty()) {
        return first.map_or(Ok(NfvExitCode::Success), |error| Err(error.into()));
    }
    let format = args.judge.message_format;
    let mut verdicts: Vec<Diagnostic> = all.iter().flat_map(|one| one.verdicts()).collect();
    verdicts.sort_by(Diagnostic::compare);
    let lines: Vec<PackageLine> = all.iter().map(super::verified_artifact::line).collect();
    for verified in &all {
        match format {
            MessageFormat::Json => shell.data(&super::verified_artifact::in_json(verified))?,
            MessageFormat::Human | MessageFormat::Short => {
                shell.data(&super::verified_artifact::for_people(verified))?;
            }
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    reports::verdicts(&verdicts, &lines, format, first.is_none(), shell)?;
    if let Some(error) = first {
        return Err(error.into());
    }
    let is_trusted = all.iter().all(ops::VerifiedArtifact::is_trusted);
    Ok(match is_trusted {
        true => NfvExitCode::Success,
        false => NfvExitCode::Untrusted,
    })
}

/// One line a package, and below it what holds of it; what does not is a finding.
fn lines(report: &VerifyReport, format: MessageFormat) -> String {
    let mut text = String::new();
    let names = report.verified.iter().map(|verified| verified.shown.len());
    let width = names.max().unwrap_or(0);
    for verified in &report.verified {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let (shown, size) = (clean(&verified.shown), human_size(verified.size));
                let sha256 = &verified.sha256;
                text.push_str(&format!("{shown:width$}  {size:>9}  sha256:{sha256}\n"));
                for line in holds(verified) {
                    text.push_str(&format!("  {}\n", clean(&line)));
                }
            }
            MessageFormat::Json => text.push_str(&json(report, verified)),
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    text
}

/// What was asked and is so.
fn holds(verified: &Verified) -> Vec<String> {
    let mut lines = Vec::new();
    #[cfg(feature = "sign")]
    if let ops::Signed::By(signers) = &verified.signed {
        let words = |by| format!("signed {}", super::trust::by(by));
        lines.extend(signers.iter().map(words));
    }
    #[cfg(all(feature = "publish", feature = "sign"))]
    for condition in verified.artifact.iter().chain(&verified.policy) {
        let more = super::verified_artifact::lines(condition);
        // A policy may ask for what `--key` asks for.
        let more: Vec<String> = more
            .into_iter()
            .filter(|one| !lines.contains(one))
            .collect();
        lines.extend(more);
    }
    match &verified.rebuild {
        Some(Rebuild::Same) => lines.push("the sources give the same bytes".to_owned()),
        Some(Rebuild::SameUnsigned) => {
            lines.push("the sources give the same, but for the signature".to_owned());
        }
        None | Some(Rebuild::Differs { .. } | Rebuild::Impossible(_)) => {}
    }
    lines
}

#[cfg(feature = "sign")]
fn signature(verified: &Verified) -> serde_json::Value {
    match &verified.signed {
        ops::Signed::Not => serde_json::Value::Null,
        ops::Signed::By(signers) => {
            let one = |by: &ops::SignedBy| {
                json!({
                    "subject": by.subject,
                    "issuer": by.issuer,
                    "certificate": format!("sha256:{}", by.certificate),
                    "key": format!("sha256:{}", by.key),
                    "certified": by.is_certified,
                    "valid": by.is_valid,
                })
            };
            json!({ "signers": signers.iter().map(one).collect::<Vec<_>>() })
        }
        ops::Signed::Untrusted(why) => json!({ "untrusted": why }),
    }
}

#[cfg(not(feature = "sign"))]
fn signature(_: &Verified) -> serde_json::Value {
    serde_json::Value::Null
}

/// What a policy asks for; empty where none was asked.
#[cfg(all(feature = "publish", feature = "sign"))]
fn policy(verified: &Verified) -> serde_json::Value {
    let conditions = verified.policy.iter();
    conditions
        .map(super::verified_artifact::condition)
        .collect()
}

#[cfg(not(all(feature = "publish", feature = "sign")))]
fn policy(_: &Verified) -> serde_json::Value {
    json!([])
}

fn json(report: &VerifyReport, verified: &Verified) -> String {
    let package = &report.checked.scan.packages[verified.package];
    let (rebuild, differences) = match &verified.rebuild {
        None => (None, Vec::new()),
        Some(Rebuild::Same) => (Some("same"), Vec::new()),
        Some(Rebuild::SameUnsigned) => (Some("same-unsigned"), Vec::new()),
        Some(Rebuild::Impossible(why)) => (Some("impossible"), vec![json!({"what": why})]),
        Some(Rebuild::Differs { differences, .. }) => {
            let one = |d: &Difference| json!({"member": d.member, "what": d.what});
            (Some("differs"), differences.iter().map(one).collect())
        }
    };
    let line = json!({
        "reason": "package-verified",
        "id": package.id(),
        "version": package.version(),
        "kind": package.label(),
        "path": verified.shown,
        "digest": format!("sha256:{}", verified.sha256),
        "size": verified.size,
        "members": package.files.len(),
        "mislabelled": verified.mislabelled,
        "own_name": verified.renamed.as_ref().map(|other| &other.own),
        "signature": signature(verified),
        "policy": policy(verified),
        "rebuild": rebuild,
        "differences": differences,
    });
    json::line(line)
}
