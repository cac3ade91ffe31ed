//! `cargo nfv clean`.

use clap::ArgAction;

use super::args::Global;
use super::build::human_size;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::ops::{self, CleanOptions};
use crate::report::clean;

/// Remove what builds have left in the target directory.
///
/// Packages, records and the OCI image layout go; nothing outside of `nfv` in
/// the target directory is touched. Waits for a build that is at work there.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only what belongs to the package with this id; may be given several times
    #[arg(short, long, value_name = "ID", action = ArgAction::Append)]
    package: Vec<String>,
    /// Only blobs that neither a published artifact nor a package refers to
    #[arg(long, conflicts_with = "package")]
    unreferenced: bool,
    /// Only what came of downloads that broke off, for whatever tree; it is kept among the
    /// caches of the user, where the next `pull` or `copy` goes on with it
    #[cfg(feature = "publish")]
    #[arg(long, conflicts_with_all = ["package", "unreferenced"])]
    downloads: bool,
    /// Remove nothing, and list the files that would be removed
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let options = CleanOptions {
        ids: args.package.clone(),
        unreferenced: args.unreferenced,
        dry_run: args.dry_run,
    };
    #[cfg(feature = "publish")]
    let removed = match args.downloads {
        true => {
            let partials = super::cache::partials();
            ops::clean_downloads(partials.as_ref(), args.dry_run, shell)?
        }
        false => ops::clean(&workspace, &options, shell)?,
    };
    #[cfg(not(feature = "publish"))]
    let removed = ops::clean(&workspace, &options, shell)?;
    let n = removed.files.len();
    let plural = if n == 1 { "" } else { "s" };
    let size = human_size(removed.bytes);
    if args.dry_run {
        let paths = removed.files.iter().map(|path| workspace.shown(path));
        let list: String = paths.map(|path| format!("{}\n", clean(&path))).collect();
        shell.data(&list)?;
        let text = format!("{n} file{plural}, {size} would be removed");
        shell.say("Summary", &text);
    } else {
        shell.say("Removed", &format!("{n} file{plural}, {size}"));
    }
    Ok(NfvExitCode::Success)
}
