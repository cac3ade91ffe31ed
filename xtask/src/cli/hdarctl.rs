//! The verbs of NEPHELE's `hdarctl` that have another name here: `package` and
//! `manifest`. `push`, `pull` and `login` are names of commands already.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::args::{self, CheckArgs, Global};
use super::registry::RegistryArgs;
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, host_of, reports};
use crate::ops::{self, BuildOptions, VersionChoice};
use crate::scratch;
use crate::source::Form;

/// Build packages, and put them into a folder; as `hdarctl package`.
#[derive(Debug, clap::Args)]
pub(super) struct PackageArgs {
    #[command(subcommand)]
    command: PackageCommand,
}

#[derive(Debug, Subcommand)]
enum PackageCommand {
    /// As `<name>-<version>.tar.gz`
    Tar(TarArgs),
}

#[derive(Debug, clap::Args)]
struct TarArgs {
    /// Folder that the packages go to
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    destination: PathBuf,
    #[command(flatten)]
    check: CheckArgs,
}

pub(super) fn package(
    global: &Global,
    args: &PackageArgs,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let PackageCommand::Tar(args) = &args.command;
    let workspace = global.workspace()?;
    let (epoch, _) = args::epoch()?;
    let options = BuildOptions {
        check: args.check.options()?,
        epoch,
        force: false,
        signer: None,
        was_signed: ops::WasSigned::Replaced,
    };
    let built = ops::build(&workspace, &options, shell)?;
    let format = args.check.judge.message_format;
    reports::findings(&built.checked, format, shell)?;
    let folder = workspace.current_dir.join(&args.destination);
    for package in &built.built {
        // Every package has that ending there, charts as well.
        let name = match package.file_name.strip_suffix(".tgz") {
            Some(stem) => format!("{stem}.tar.gz"),
            None => package.file_name.clone(),
        };
        let path = folder.join(name);
        copy(&package.path, &path)?;
        shell.data(&format!("{}\n", workspace.shown(&path)))?;
    }
    // A finished package is one already, and goes there as it is.
    let finished = built.checked.scan.packages.iter();
    let finished = finished.filter(|p| p.form == Form::Archive && p.descriptor.is_some());
    let is_sound = !crate::rules::has_errors(&built.checked.diagnostics);
    for package in finished.filter(|_| is_sound) {
        let path = folder.join(package.path.file_name().unwrap_or_default());
        let is_there = fs::canonicalize(&path).is_ok_and(|there| {
            fs::canonicalize(&package.path).is_ok_and(|package| package == there)
        });
        if !is_there {
            copy(&package.path, &path)?;
        }
        shell.data(&format!("{}\n", workspace.shown(&path)))?;
    }
    build::summary(&built, shell);
    Ok(build::exit_code(&built))
}

fn copy(from: &Path, to: &Path) -> Result<(), CliError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| {
            CliError::Operation(ops::Error::Io {
                action: "write",
                path,
                source,
            })
        }
    };
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let file = scratch::file_in(folder).map_err(failed(to))?;
    fs::copy(from, file.path()).map_err(failed(to))?;
    file.persist(to).map_err(|error| failed(to)(error.error))?;
    Ok(())
}

/// Print the manifest of an artifact; as `hdarctl manifest`.
#[derive(Debug, clap::Args)]
pub(super) struct ManifestArgs {
    /// `http://host/project/name:tag`
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(super) fn manifest(
    global: &Global,
    args: &ManifestArgs,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let host = host_of(&args.reference);
    let remote = args.registries.remote(host.as_deref())?;
    let inspected = ops::inspect_at(
        &workspace,
        &remote,
        &args.reference,
        &VersionChoice::default(),
        false,
    )?;
    shell.bytes(&inspected.fetched.bytes)?;
    Ok(NfvExitCode::Success)
}
