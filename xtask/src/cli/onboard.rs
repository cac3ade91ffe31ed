//! `cargo nfv onboard`.

use std::time::Instant;

use serde_json::json;

use super::args::{self, Global, JudgeArgs, MessageFormat};
use super::build::human_size;
use super::policy::PolicyArgs;
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, check, host_of, reports};
use crate::json;
use crate::onboard::{Refusal, Shelf, Store, StoreAddress, StoreError};
use crate::ops::{self, OnboardOptions, OnboardReport, OnboardState, Onboarded, VerifyOptions};
use crate::report::clean;
use crate::source::{Selection, ShieldProfile, Workspace};

/// Hand SHIELD packages to a SHIELD Store.
///
/// PATHs are finished packages, folders of their sources, or references such as
/// `oci://host/path/name:tag`; without one, the SHIELD packages of the tree are
/// meant. What is stale is built first.
///
/// Nothing is sent before every package is verified, as `cargo nfv verify` does,
/// and the functions of every service are found: among the packages, or at the
/// Store. Functions go before services, and what the Store has is not sent again.
/// With `--certificate-chain` or `--key` each package must be signed by somebody
/// who is trusted; exits with 7 if one is not.
///
/// The flags under "Registry" hold for the Store as well, but for credentials,
/// which it does not know.
#[derive(Debug, clap::Args)]
#[command(mut_arg("shield_profile", |arg| arg.help(
    "Which SHIELD manifests are accepted [default: store-head]"
)))]
pub(super) struct Args {
    /// Finished SHIELD packages, their sources, or references [default: the whole tree]
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Address of the Store: what its `/vnsfs` and `/nss` are below
    #[arg(long, value_name = "URL")]
    store: String,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Of sources, only the package with this id; may be given several times
    #[arg(short, long, value_name = "ID")]
    package: Vec<String>,
    /// Of sources, leave out the package with this id; may be given several times
    #[arg(long, value_name = "ID")]
    exclude: Vec<String>,
    #[command(flatten)]
    judge: JudgeArgs,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    trust: super::trust::TrustArgs,
    #[cfg(feature = "sign")]
    #[command(flatten)]
    sign: super::signing::SignArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    let address = StoreAddress::parse(&args.store)
        .map_err(|error| CliError::Usage(format!("`--store` names no Store: {error}")))?;
    let options = options(args, &workspace)?;
    let host = args.paths.iter().find_map(|name| host_of(name));
    let remote = args.registries.remote(host.as_deref())?;
    let store = Store::open(address, remote.options()).map_err(ops::Error::from)?;
    let report = ops::onboard(&workspace, &remote, &store, &options, shell)?;
    tell(&report, args, start, shell)?;
    let address = store.address().to_string();
    shell.data(&lines(&report, &address, args.judge.message_format))?;
    if let Some(code) = stopped(&report, options.is_trust_asked, shell) {
        return Ok(code);
    }
    for warning in &report.warnings {
        shell.warn(warning);
    }
    summary(&report, &address, args.dry_run, shell);
    match report.failure {
        Some(error) => Err(error.into()),
        None => Ok(NfvExitCode::Success),
    }
}

fn options(args: &Args, workspace: &Workspace) -> Result<OnboardOptions, CliError> {
    let (epoch, is_set) = args::epoch()?;
    let mut check = args.judge.options()?;
    check.selection = Selection {
        ids: args.package.clone(),
        exclude: args.exclude.clone(),
        ..Selection::default()
    };
    // Whatever else a tree is for, here the Store is the reader.
    check.shield = check.shield.or(Some(ShieldProfile::StoreHead));
    #[cfg(feature = "sign")]
    let (signer, is_trust_asked) = (args.sign.signer()?, args.trust.is_asked());
    #[cfg(not(feature = "sign"))]
    let (signer, is_trust_asked) = (None, false);
    Ok(OnboardOptions {
        names: args.paths.clone(),
        verify: VerifyOptions {
            check,
            rebuild: false,
            epoch: is_set.then_some(epoch),
            signer: None,
            #[cfg(feature = "sign")]
            trust: args.trust.options()?,
        },
        epoch,
        signer,
        is_trust_asked,
        policy: args.policy.options(workspace)?,
        dry_run: args.dry_run,
    })
}

/// The findings: of the sources, where they were the end, or else of what is
/// finished, which is what is sent.
fn tell(
    report: &OnboardReport,
    args: &Args,
    start: Instant,
    shell: &Shell,
) -> Result<(), CliError> {
    let format = args.judge.message_format;
    let (verb, checked) = match (&report.refused, &report.verified) {
        (Some(build), _) => ("Checked", &build.checked),
        (None, Some(verified)) => ("Verified", &verified.checked),
        (None, None) => return Ok(()),
    };
    reports::findings(checked, format, shell)?;
    check::finish(verb, checked, start, shell);
    Ok(())
}

/// The exit code where nothing was sent because of what was found.
fn stopped(report: &OnboardReport, is_trust_asked: bool, shell: &Shell) -> Option<NfvExitCode> {
    #[cfg(not(feature = "sign"))]
    let _ = is_trust_asked;
    if let Some(build) = &report.refused {
        build::summary(build, shell);
    }
    #[cfg(feature = "sign")]
    if let Some(verified) = report.verified.as_ref().filter(|_| is_trust_asked)
        && !verified.is_trusted()
    {
        for one in &verified.verified {
            let why = match &one.signed {
                ops::Signed::Not => "nobody has signed it",
                ops::Signed::Untrusted(why) => why.as_str(),
                ops::Signed::By(_) => continue,
            };
            shell.warn(&format!("`{}` is not trusted: {why}", one.shown));
        }
        shell.say(
            "Onboarded",
            "nothing, because nobody who is trusted has signed",
        );
        return Some(NfvExitCode::Untrusted);
    }
    if !report.is_sound() {
        for one in report.verified.iter().flat_map(|report| &report.verified) {
            for line in &one.mislabelled {
                shell.warn(&format!("`{}`: {line}", one.shown));
            }
        }
        shell.say("Onboarded", "nothing, because of the errors above");
        return Some(NfvExitCode::Findings);
    }
    None
}

fn lines(report: &OnboardReport, address: &str, format: MessageFormat) -> String {
    let refusal = report.failure.as_ref().and_then(refusal);
    let name = |one: &Onboarded| match &one.version {
        Some(version) => clean(&format!("{} {version}", one.id)),
        None => clean(&one.id),
    };
    let width = report.onboarded.iter().map(|one| name(one).len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for one in &report.onboarded {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let kind = match one.shelf {
                    Shelf::Vnsfs => "vNSF",
                    Shelf::Nss => "NS",
                };
                let (name, size, sha256) = (name(one), human_size(one.size), &one.sha256);
                let state = words(&one.state);
                let state = clean(&state);
                text.push_str(&format!(
                    "{kind:4}  {name:width$}  {size:>9}  sha256:{sha256}  {state}\n"
                ));
            }
            MessageFormat::Json => text.push_str(&in_json(one, address, refusal)),
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    text
}

fn words(state: &OnboardState) -> String {
    let under = |verb: &str, key: &Option<String>| match key {
        Some(key) => format!("{verb}, as {key}"),
        None => verb.to_owned(),
    };
    match state {
        OnboardState::Sent(arrival) if arrival.was_asked => {
            under("sent, and found there", &arrival.key)
        }
        OnboardState::Sent(arrival) => under("sent", &arrival.key),
        OnboardState::There(key) => under("already there", key),
        OnboardState::Planned => "would be sent".to_owned(),
        OnboardState::Failed => "failed".to_owned(),
        OnboardState::Left => "not sent".to_owned(),
    }
}

fn in_json(one: &Onboarded, address: &str, refusal: Option<&Refusal>) -> String {
    let (state, key, etag) = match &one.state {
        OnboardState::Sent(arrival) => ("sent", arrival.key.as_ref(), arrival.etag.as_ref()),
        OnboardState::There(key) => ("there", key.as_ref(), None),
        OnboardState::Planned => ("planned", None, None),
        OnboardState::Failed => ("failed", None, None),
        OnboardState::Left => ("left", None, None),
    };
    let refusal = refusal.filter(|_| one.state == OnboardState::Failed);
    let refusal = refusal.map(|refusal| {
        json!({
            "status": refusal.status,
            "message": refusal.message,
            "issue": refusal.issue,
            "means": refusal.means,
            "advice": refusal.advice,
        })
    });
    let line = json!({
        "reason": "package-onboarded",
        "id": one.id,
        "version": one.version,
        "kind": match one.shelf {
            Shelf::Vnsfs => "SHIELD vNSF",
            Shelf::Nss => "SHIELD NS",
        },
        "path": one.shown,
        "digest": format!("sha256:{}", one.sha256),
        "size": one.size,
        "store": address,
        "state": state,
        "key": key,
        "etag": etag,
        "refusal": refusal,
    });
    json::line(line)
}

fn refusal(error: &ops::Error) -> Option<&Refusal> {
    match error {
        ops::Error::Store(StoreError::Refused { refusal, .. }) => Some(refusal),
        _ => None,
    }
}

fn summary(report: &OnboardReport, address: &str, dry_run: bool, shell: &Shell) {
    let count = |f: fn(&OnboardState) -> bool| {
        let states = report.onboarded.iter().map(|one| &one.state);
        states.filter(|state| f(state)).count()
    };
    let there = count(|state| matches!(state, OnboardState::There(_)));
    let left = count(|state| matches!(state, OnboardState::Failed | OnboardState::Left));
    let new = report.onboarded.len() - there - left;
    let left = match left {
        0 => String::new(),
        left => format!("{left} not, "),
    };
    let text = format!("{new} new, {left}{there} already there, at `{address}`");
    let verb = match dry_run {
        true => "Would onboard",
        false => "Onboarded",
    };
    shell.say(verb, &text);
}
