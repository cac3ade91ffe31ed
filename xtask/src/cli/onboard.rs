//! `cargo nfv onboard`.

mod osm;
mod store;

use std::time::{Duration, Instant};

use clap::builder::{NonEmptyStringValueParser, Resettable};

use super::args::{self, Global, JudgeArgs, MessageFormat};
use super::osm::{LoginArgs, hostname, in_clear};
use super::policy::PolicyArgs;
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, check, host_of, refusal, reports};
use crate::diagnostic::Diagnostic;
use crate::oci::Repository;
use crate::onboard::{HelmRepo, Osm, OsmOptions, Store, StoreAddress};
use crate::ops::{
    self, BuildReport, OnboardOptions, OsmOnboardOptions, VerifyOptions, VerifyReport,
};
use crate::source::{Profile, Selection, ShieldProfile, Workspace};

/// Hand packages to OSM, or SHIELD packages to a SHIELD Store.
///
/// PATHs are finished packages, folders of their sources, or references such as
/// `oci://host/path/name:tag`; without one, the packages of the tree are meant. What
/// is stale is built first. With `--osm`, references bring what they need from their
/// registry, as `cargo nfv pull --with-dependencies` does, names in the layout what they need of
/// that, and packages of the tree what they need of the tree; each line says so.
///
/// Nothing is sent before every package is verified, as `cargo nfv verify` does,
/// and what every service needs is found: among the packages, or where they go.
/// Functions go before services and those before slices, and what is there is not sent
/// again. OSM gets all of them or none: where one is refused, those that went before it
/// are removed again, but not what `--update` has replaced, nor where the run is stopped:
/// the same command goes on from there. With `--certificate-chain` or `--key` each package must be signed
/// by somebody who is trusted; exits with 7 if one is not.
///
/// The flags under "Registry" hold for OSM and the Store as well, but for `--username` and
/// `--plain-http`: without encryption they are asked where their address begins with `http://`.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("shield_profile", |arg| arg.help(
        "Which SHIELD manifests are accepted [default: store-head]"
    )),
    mut_arg("password_stdin", |arg| arg.requires(Resettable::<clap::Id>::Reset).help(
        "Read the password from standard input: that for OSM, or with `--username` that for the \
         registry"
    )),
    group = clap::ArgGroup::new("receiver").args(["store", "osm"])
)]
pub(super) struct Args {
    /// Finished packages, their sources, names in the layout of this tree, or references [default:
    /// the whole tree]
    #[arg(value_name = "PATH", value_parser = NonEmptyStringValueParser::new())]
    paths: Vec<String>,
    /// Address of OSM's north-bound interface, such as `https://nbi.example.org/osm` [default:
    /// `OSM_HOSTNAME`]
    #[arg(long, value_name = "URL")]
    osm: Option<String>,
    /// Address of the Store: what its `/vnsfs` and `/nss` are below
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Put packages in the place of others that OSM has under the same id
    #[arg(long, conflicts_with = "store")]
    update: bool,
    /// Make a resource first and fill it then, as SOL005 has it
    #[arg(long, conflicts_with = "store")]
    two_steps: bool,
    /// Seconds that OSM has for making each package usable; 0 for not waiting
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 300,
        conflicts_with = "store"
    )]
    wait_timeout: u64,
    /// Fetch functions and services that the tree has not from this place, such as
    /// `oci://ghcr.io/edge`; `nfv.lock` pins them
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["store", "no_dependencies"])]
    registry: Option<String>,
    /// Leave what packages need in the tree and in their registry; OSM has to have it
    #[arg(long, conflicts_with = "store")]
    no_dependencies: bool,
    /// Fail where a dependency is not the one in `nfv.lock`
    #[arg(long, conflicts_with_all = ["store", "no_dependencies"])]
    locked: bool,
    /// Helm repository that OSM has to know, because a KDU takes its chart from it (`NAME/chart`);
    /// added where OSM has none of that name; can be repeated
    #[arg(long, value_name = "NAME=URL", conflicts_with = "store")]
    osm_helm_repo: Vec<String>,
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
    login: LoginArgs,
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
    #[cfg(feature = "sign")]
    args.sign.tell_validity(shell)?;
    let is_source = |name: &String| ops::names_sources(&workspace, name);
    if !global.set.is_empty() && !args.paths.is_empty() && !args.paths.iter().any(is_source) {
        shell.warn(
            "`--set` fills in sources, and none is named: what is finished goes as it was built",
        );
    }
    let ended = match &args.store {
        Some(store) => to_store(args, store, &workspace, start, shell),
        None => to_osm(args, &workspace, start, shell),
    };
    refusal::told(ended, args.judge.message_format, shell)
}

fn to_store(
    args: &Args,
    store: &str,
    workspace: &Workspace,
    start: Instant,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let address = StoreAddress::parse(store)
        .map_err(|error| CliError::Usage(format!("`--store` names no Store: {error}")))?;
    let mut options = options(args, workspace)?;
    // Whatever else a tree is for, here the Store is the reader.
    let shield = &mut options.verify.check.shield;
    *shield = shield.or(Some(ShieldProfile::StoreHead));
    if args.registries.password_stdin && args.registries.username.is_none() {
        let text = "a Store knows no password, and one for a registry comes with `--username`";
        return Err(CliError::Usage(text.to_owned()));
    }
    let host = args.paths.iter().find_map(|name| host_of(name));
    let remote = args.registries.remote(host.as_deref())?;
    let notice = |text: &str| shell.warn(text);
    let store = Store::open(address, remote.options(), &notice).map_err(ops::Error::from)?;
    let report = ops::onboard(workspace, &remote, &store, &options, shell);
    let mut report = report.map_err(|error| ended(error, args.judge.message_format, shell))?;
    if let Some(verified) = &mut report.verified {
        verified.add_verdicts(options.is_trust_asked);
    }
    let format = args.judge.message_format;
    let verdict = report.verdict().filter(|_| is_document(format));
    add(verdict, report.verified.as_mut());
    let found = Looked {
        refused: report.refused.as_ref(),
        verified: report.verified.as_ref(),
    };
    found.tell(format, start, shell)?;
    let address = store.address().to_string();
    shell.data(&store::lines(&report, &address, format))?;
    if report.failure.is_none()
        && let Some(code) = found.stopped(options.is_trust_asked, shell)
    {
        return Ok(code);
    }
    for warning in &report.warnings {
        shell.warn(warning);
    }
    store::summary(&report, &address, args.dry_run, shell);
    match report.failure {
        Some(error) => Err(error.into()),
        None => Ok(NfvExitCode::Success),
    }
}

fn to_osm(
    args: &Args,
    workspace: &Workspace,
    start: Instant,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let address = hostname(args.osm.as_deref(), ", or `--store <URL>` a Store")?;
    let mut what = options(args, workspace)?;
    // Whatever else a tree is for, here OSM is the reader.
    let profile = &mut what.verify.check.profile;
    *profile = profile.or(Some(Profile::Osm));
    // Not by clap, which would show what may hold a password.
    let repos = HelmRepo::all(args.osm_helm_repo.iter().map(String::as_str));
    let options = OsmOnboardOptions {
        what,
        update: args.update,
        helm_repos: repos.map_err(|error| {
            CliError::Usage(format!(
                "`--osm-helm-repo` names no Helm repository: {error}"
            ))
        })?,
    };
    let host = args.paths.iter().find_map(|name| host_of(name));
    if args.registries.username.is_some() && host.is_none() && args.registry.is_none() {
        let text = "`-u` and `--username` are for a registry, and this command names none; who asks \
                    OSM is said with `--user` or `OSM_USER`";
        return Err(CliError::Usage(text.to_owned()));
    }
    in_clear(&address, shell);
    let place = options
        .what
        .registry
        .as_ref()
        .map(|place| place.host.clone());
    let remote = args.registries.remote(host.or(place).as_deref())?;
    let is_piped = args.registries.password_stdin && args.registries.username.is_none();
    let login = args.login.login(is_piped)?;
    let how = OsmOptions {
        two_steps: args.two_steps,
        wait: Duration::from_secs(args.wait_timeout),
    };
    let notice = |text: &str| shell.warn(text);
    let osm = Osm::open(address, login, remote.options(), how, &notice);
    let osm = osm.map_err(ops::Error::from)?;
    let report = ops::onboard_osm(workspace, &remote, &osm, &options, shell);
    let mut report = report.map_err(|error| ended(error, args.judge.message_format, shell))?;
    if let Some(verified) = &mut report.verified {
        verified.add_verdicts(options.what.is_trust_asked);
    }
    let format = args.judge.message_format;
    let finding = report.finding.take();
    let is_finding = finding.is_some();
    // The finding stands at its place in the source; who sees a line for each package has to see
    // it at the package that was refused.
    let is_by_package = matches!(format, MessageFormat::Junit | MessageFormat::Markdown);
    let verdict = report.verdict();
    let verdict = verdict.filter(|_| is_document(format) && (is_by_package || !is_finding));
    add(finding, report.verified.as_mut());
    add(verdict, report.verified.as_mut());
    let found = Looked {
        refused: report.refused.as_ref(),
        verified: report.verified.as_ref(),
    };
    found.tell(format, start, shell)?;
    let address = osm.address().to_string();
    shell.data(&osm::lines(&report, &address, format))?;
    if report.failure.is_none()
        && let Some(code) = found.stopped(options.what.is_trust_asked, shell)
    {
        return Ok(code);
    }
    for warning in &report.warnings {
        shell.warn(warning);
    }
    osm::summary(&report, &address, args.dry_run, shell);
    match report.failure {
        Some(error) if is_finding => {
            shell.error(&error);
            Ok(NfvExitCode::Findings)
        }
        Some(error) => Err(error.into()),
        None => Ok(NfvExitCode::Success),
    }
}

/// That a run ended before anything was sent, as a document where one is asked for: an empty file
/// is none.
fn ended(error: ops::Error, format: MessageFormat, shell: &Shell) -> CliError {
    if is_document(format) {
        let finding = ops::not_onboarded(".", &error);
        if let Err(other) = reports::verdicts(&[finding], &[], format, false, shell) {
            return other;
        }
    }
    error.into()
}

/// Whether a format has findings and nothing else, so that what has failed has to be one.
fn is_document(format: MessageFormat) -> bool {
    use MessageFormat::{Human, Json, Short};
    !matches!(format, Human | Short | Json)
}

/// Adds what was found out while packages went to what was found in them.
fn add(finding: Option<Diagnostic>, verified: Option<&mut VerifyReport>) {
    if let (Some(finding), Some(verified)) = (finding, verified) {
        let diagnostics = &mut verified.checked.diagnostics;
        diagnostics.push(finding);
        diagnostics.sort_by(|a, b| a.compare(b));
    }
}

fn registry(args: &Args) -> Result<Option<Repository>, CliError> {
    let place = args.registry.as_deref().map(Repository::parse);
    Ok(place.transpose().map_err(ops::Error::from)?)
}

fn options(args: &Args, workspace: &Workspace) -> Result<OnboardOptions, CliError> {
    let (epoch, is_set) = args::epoch()?;
    let mut check = args.judge.options()?;
    check.selection = Selection {
        ids: args.package.clone(),
        exclude: args.exclude.clone(),
        ..Selection::default()
    };
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
            // It is asked before anything is sent, of artifacts where they come in.
            #[cfg(feature = "sign")]
            policy: None,
        },
        epoch,
        signer,
        is_trust_asked,
        policy: args.policy.options(workspace)?,
        with_dependencies: args.store.is_none() && !args.no_dependencies,
        registry: registry(args)?,
        locked: args.locked,
        dry_run: args.dry_run,
    })
}

/// What was looked at before anything was sent.
struct Looked<'a> {
    refused: Option<&'a BuildReport>,
    verified: Option<&'a VerifyReport>,
}

impl Looked<'_> {
    /// The findings: of the sources, where they were the end, or else of what is
    /// finished, which is what is sent.
    fn tell(&self, format: MessageFormat, start: Instant, shell: &Shell) -> Result<(), CliError> {
        let (verb, checked) = match (self.refused, self.verified) {
            (Some(build), _) => ("Checked", &build.checked),
            (None, Some(verified)) => ("Verified", &verified.checked),
            (None, None) => return Ok(()),
        };
        reports::findings(checked, format, shell)?;
        check::finish(verb, checked, start, shell);
        Ok(())
    }

    /// The exit code where nothing was sent because of what was found.
    fn stopped(&self, is_trust_asked: bool, shell: &Shell) -> Option<NfvExitCode> {
        #[cfg(not(feature = "sign"))]
        let _ = is_trust_asked;
        if let Some(build) = self.refused {
            build::summary(build, shell);
        }
        #[cfg(feature = "sign")]
        if let Some(verified) = self.verified.filter(|_| is_trust_asked)
            && !verified.is_trusted()
        {
            shell.say(
                "Onboarded",
                "nothing, because nobody who is trusted has signed",
            );
            return Some(NfvExitCode::Untrusted);
        }
        #[cfg(feature = "sign")]
        if !self.verified.is_none_or(VerifyReport::is_admitted) {
            shell.say("Refused", "what the policy does not let through");
            return Some(NfvExitCode::Untrusted);
        }
        let is_sound = self.verified.is_some_and(VerifyReport::is_sound);
        if self.refused.is_some() || !is_sound {
            shell.say("Onboarded", "nothing, because of the errors above");
            let is_named = self.verified.is_none_or(VerifyReport::is_named);
            return Some(match is_named {
                true => NfvExitCode::Findings,
                false => NfvExitCode::Untrusted,
            });
        }
        None
    }
}
