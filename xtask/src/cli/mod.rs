//! The command line: flags of one command a file, one call into [`crate::ops`],
//! print, exit code.

mod args;
#[cfg(feature = "publish")]
mod attach;
#[cfg(all(feature = "publish", feature = "sign"))]
mod attest;
mod build;
#[cfg(feature = "publish")]
mod cache;
mod check;
mod clean;
#[cfg(any(feature = "publish", feature = "sign"))]
mod clock;
mod completions;
#[cfg(feature = "publish")]
mod copy;
mod diff;
#[cfg(feature = "publish")]
mod digest_file;
mod exit;
mod explain;
mod graph;
#[cfg(feature = "publish")]
mod hdarctl;
mod inspect;
#[cfg(feature = "sign")]
mod key;
mod list;
#[cfg(feature = "publish")]
mod login;
#[cfg(feature = "publish")]
mod logout;
mod man;
mod migrate;
mod new;
#[cfg(feature = "publish")]
mod offboard;
#[cfg(feature = "publish")]
mod onboard;
#[cfg(feature = "publish")]
mod osm;
#[cfg(feature = "sign")]
mod passphrase;
#[cfg(feature = "publish")]
mod policy;
mod progress;
#[cfg(feature = "sign")]
mod provenance;
mod publish;
#[cfg(feature = "publish")]
mod pull;
#[cfg(feature = "publish")]
mod referrers;
#[cfg(feature = "publish")]
mod refusal;
#[cfg(feature = "publish")]
mod registry;
mod reports;
mod sbom;
mod schema;
mod shell;
#[cfg(all(feature = "publish", feature = "sign"))]
mod sign;
#[cfg(feature = "sign")]
mod signing;
#[cfg(feature = "publish")]
mod status;
#[cfg(feature = "sign")]
mod trust;
mod unpack;
#[cfg(all(feature = "publish", feature = "sign"))]
mod verified_artifact;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use args::{Cli, Global};
pub use exit::NfvExitCode;
use shell::Shell;

/// A command. What it does stands with its flags: a text here would take the place
/// of all that is said there.
#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    #[command(visible_alias = "c")]
    Check(check::Args),
    #[command(visible_alias = "b")]
    Build(build::Args),
    #[command(visible_alias = "push")]
    Publish(Box<publish::Args>),
    #[cfg(feature = "publish")]
    Pull(pull::Args),
    #[cfg(feature = "publish")]
    #[command(visible_alias = "cp")]
    Copy(copy::Args),
    #[cfg(feature = "publish")]
    Onboard(Box<onboard::Args>),
    #[cfg(feature = "publish")]
    Offboard(offboard::Args),
    #[cfg(feature = "publish")]
    Status(Box<status::Args>),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Inspect(inspect::Args),
    Graph(Box<graph::Args>),
    Diff(Box<diff::Args>),
    #[cfg(feature = "publish")]
    Login(login::Args),
    #[cfg(feature = "publish")]
    Logout(logout::Args),
    #[cfg(feature = "publish")]
    #[command(hide = true)]
    Package(hdarctl::PackageArgs),
    #[cfg(feature = "publish")]
    #[command(hide = true)]
    Manifest(hdarctl::ManifestArgs),
    #[cfg(feature = "sign")]
    Key(key::Args),
    #[cfg(feature = "publish")]
    Attach(attach::Args),
    #[cfg(all(feature = "publish", feature = "sign"))]
    Sign(sign::Args),
    #[cfg(all(feature = "publish", feature = "sign"))]
    Attest(attest::Args),
    Verify(verify::Args),
    Sbom(sbom::Args),
    #[cfg(feature = "sign")]
    Provenance(provenance::Args),
    Unpack(unpack::Args),
    Migrate(migrate::Args),
    Clean(clean::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the program with these arguments, the first of which is its name.
///
/// Called by cargo as `cargo-nfv nfv check`; started directly or through an
/// alias, without the `nfv`. This is also the whole of what a project's own
/// xtask has to call.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    keep_memory();
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args.get(1).is_some_and(|arg| arg == "nfv") {
        args.remove(1);
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(mut error) => {
            whole_usage(&mut error);
            // Help and version are no errors; clap prints each where it
            // belongs. Nothing is left to do where printing fails.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => NfvExitCode::Success,
                _ => NfvExitCode::Failure,
            }
            .into();
        }
    };
    crate::scratch::remove_when_stopped();
    let shell = Shell::new(&cli.global);
    let result = in_pool(cli.global.jobs, || run(&cli, &shell));
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            shell.error(&error);
            error.exit_code().into()
        }
    }
}

/// Has the allocator keep up to two mebibytes a thread of what is freed.
///
/// Each package takes some hundred kilobytes and gives them back. Where the allocator gives them
/// back to the system as well, the system clears every page of them again for the next package,
/// which took a tenth of a build of small ones. That of glibc keeps twice as much as the largest
/// piece that was freed so far (`mallopt(3)`, `M_MMAP_THRESHOLD`); this one is never written to
/// and so costs nothing. To others it is a piece like any other.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)));
}

/// Shows the usage of the command as its help has it. What clap makes of the flags that were given
/// counts those in, too, that have their values from the environment.
fn whole_usage(error: &mut clap::Error) {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return;
    };
    let usage = usage.to_string();
    let mut own = Cli::command();
    own.build();
    let name = format!("Usage: {} ", own.get_bin_name().unwrap_or_default());
    let words = usage.strip_prefix(&name).unwrap_or_default();
    for word in words.split_whitespace() {
        match own.find_subcommand(word).cloned() {
            Some(sub) => own = sub,
            None => break,
        }
    }
    let usage = ContextValue::StyledStr(own.render_usage());
    error.insert(ContextKind::Usage, usage);
}

/// Why a command ended without doing what it was asked to.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Operation(#[from] crate::ops::Error),
    #[error(transparent)]
    Workspace(#[from] crate::source::WorkspaceError),
    #[error(transparent)]
    Watch(#[from] crate::source::WatchError),
    #[error("{0}")]
    Usage(String),
    #[error("failed to write to standard output")]
    Output(#[source] std::io::Error),
    #[error("failed to read standard input")]
    Input(#[source] std::io::Error),
    #[error("failed to start the threads")]
    Threads(#[source] rayon::ThreadPoolBuildError),
}

impl CliError {
    /// Whether there was nothing to look at.
    fn is_no_package(&self) -> bool {
        matches!(self, CliError::Operation(crate::ops::Error::NoPackages(_)))
    }

    /// What went wrong and why, as a text of several lines.
    fn whole(&self) -> String {
        let causes = shell::causes(self).into_iter();
        let texts: Vec<String> = std::iter::once(self.to_string()).chain(causes).collect();
        texts.join("\n")
    }

    fn exit_code(&self) -> NfvExitCode {
        match self {
            CliError::Operation(error) if error.is_not_found() => NfvExitCode::NotFound,
            CliError::Operation(error) if error.is_unauthorized() => NfvExitCode::Unauthorized,
            CliError::Operation(error) if error.is_mismatch() => NfvExitCode::Mismatch,
            #[cfg(all(feature = "publish", feature = "sign"))]
            CliError::Operation(error) if error.is_untrusted() => NfvExitCode::Untrusted,
            CliError::Operation(error) if error.is_transient() => NfvExitCode::Unreachable,
            _ => NfvExitCode::Failure,
        }
    }
}

fn run(cli: &Cli, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let global: &Global = &cli.global;
    match &cli.command {
        Command::New(args) => new::exec(global, args, shell),
        Command::Check(args) => args
            .reports
            .with(shell, || check::exec(global, args, shell)),
        Command::Build(args) => args
            .reports
            .with(shell, || build::exec(global, args, shell)),
        Command::Publish(args) => {
            let command = || publish::exec(global, args, shell);
            args.reports.with(shell, command)
        }
        #[cfg(feature = "publish")]
        Command::Pull(args) => pull::exec(global, args, shell),
        #[cfg(feature = "publish")]
        Command::Copy(args) => copy::exec(global, args, shell),
        #[cfg(feature = "publish")]
        Command::Onboard(args) => onboard::exec(global, args, shell),
        #[cfg(feature = "publish")]
        Command::Offboard(args) => offboard::exec(args, shell),
        #[cfg(feature = "publish")]
        Command::Status(args) => status::exec(global, args, shell),
        #[cfg(feature = "publish")]
        Command::Login(args) => login::exec(args, shell),
        #[cfg(feature = "publish")]
        Command::Logout(args) => logout::exec(args, shell),
        #[cfg(feature = "publish")]
        Command::Package(args) => hdarctl::package(global, args, shell),
        #[cfg(feature = "publish")]
        Command::Manifest(args) => hdarctl::manifest(global, args, shell),
        Command::List(args) => list::exec(global, args, shell),
        Command::Inspect(args) => inspect::exec(global, args, shell),
        Command::Graph(args) => graph::exec(global, args, shell),
        Command::Diff(args) => diff::exec(global, args, shell),
        #[cfg(feature = "sign")]
        Command::Key(args) => key::exec(args, shell),
        #[cfg(feature = "publish")]
        Command::Attach(args) => attach::exec(global, args, shell),
        #[cfg(all(feature = "publish", feature = "sign"))]
        Command::Sign(args) => sign::exec(global, args, shell),
        #[cfg(all(feature = "publish", feature = "sign"))]
        Command::Attest(args) => attest::exec(global, args, shell),
        Command::Verify(args) => verify::exec(global, args, shell),
        Command::Sbom(args) => sbom::exec(global, args, shell),
        #[cfg(feature = "sign")]
        Command::Provenance(args) => provenance::exec(global, args, shell),
        Command::Unpack(args) => unpack::exec(global, args, shell),
        Command::Migrate(args) => migrate::exec(global, args, shell),
        Command::Clean(args) => clean::exec(global, args, shell),
        Command::Explain(args) => explain::exec(global, args, shell),
        Command::Schema(args) => schema::exec(global, args, shell),
        Command::Completions(args) => completions::exec(args, shell),
        Command::Man(args) => man::exec(args, shell),
    }
}

/// The registry that a reference on the command line names.
#[cfg(feature = "publish")]
fn host_of(text: &str) -> Option<String> {
    let place = crate::oci::Repository::parse(text).ok();
    let is_place = text.contains("://");
    match crate::oci::Place::parse(text) {
        Ok(crate::oci::Place::Registry(reference)) => Some(reference.repository.host),
        _ => place.filter(|_| is_place).map(|place| place.host),
    }
}

/// More threads than any machine has use for here.
const MOST_THREADS: usize = 256;

/// Runs `f` with as many threads as were asked for, and no more than make sense.
fn in_pool<T: Send>(
    jobs: Option<usize>,
    f: impl FnOnce() -> Result<T, CliError> + Send,
) -> Result<T, CliError> {
    let Some(jobs) = jobs else {
        return f();
    };
    // As many as a hundred thousand do nothing but stop the machine.
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.min(MOST_THREADS))
        .build()
        .map_err(CliError::Threads)?
        .install(f)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
