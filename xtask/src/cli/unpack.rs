//! `cargo nfv unpack`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

use super::args::Global;
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::package::MAX_UNPACKED;
use crate::{ops, report};

/// Unpack finished packages.
///
/// Each becomes one new folder, whose name is that of the package's own top
/// folder or, where it has none, of the file; one that is there with the same content
/// stays as it is. A package is written whole or not at all; one with names or links that lead elsewhere, with two members of one
/// name, or with more content than `--max-size` is refused.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Finished packages: files, or references of the image layout
    #[arg(value_name = "PACKAGE", required = true, value_parser = NonEmptyStringValueParser::new())]
    packages: Vec<String>,
    /// Folder to unpack into
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    into: PathBuf,
    /// The most that the content of a package may amount to, in GiB
    #[arg(long, value_name = "GIB", default_value_t = MAX_UNPACKED >> 30)]
    max_size: u64,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let limit = args.max_size.saturating_mul(1 << 30);
    // Told one by one, so that it is known what is there when the next fails.
    for package in &args.packages {
        let one = ops::unpack(&workspace, package, &args.into, limit)?;
        let folder = workspace.shown(&one.folder);
        let files = report::plural(one.files, "file");
        let size = human_size(one.bytes);
        let verb = match one.is_fresh {
            true => "Unchanged",
            false => "Unpacked",
        };
        shell.say(verb, &format!("`{folder}`, {files}, {size}"));
        shell.data(&format!("{}\n", report::clean(&folder)))?;
    }
    Ok(NfvExitCode::Success)
}
