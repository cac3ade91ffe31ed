//! `cargo nfv man`.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::Cli;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::ops;

/// Print the man page, or write one for every command into a folder.
///
/// `cargo nfv man ~/.local/share/man/man1` is where `man cargo-nfv` and
/// `man cargo-nfv-check` look.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder, which has to be there: `cargo-nfv.1`, `cargo-nfv-check.1` and all others
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(super) fn exec(args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    // Without the command `help`, which would have a page for every command again.
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    match &args.folder {
        None => shell.text(&page(&program)?)?,
        Some(folder) => {
            for command in with_children(&program) {
                let name = Man::new(command.clone()).get_filename();
                ops::write_text(&page(command)?, &folder.join(name))?;
            }
        }
    }
    Ok(NfvExitCode::Success)
}

/// A command and all below it that are shown.
fn with_children(command: &Command) -> Vec<&Command> {
    let children = command.get_subcommands();
    let shown = children.filter(|child| !child.is_hide_set());
    let mut all = vec![command];
    all.extend(shown.flat_map(with_children));
    all
}

/// The page of a command. It bears no date, which would be that of the build: a blank,
/// because an empty one is left out, and the version would take its place.
fn page(command: &Command) -> Result<String, CliError> {
    let source = concat!("cargo-nfv ", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.clone()).date(" ").source(source);
    let mut bytes = Vec::new();
    let rendered = page.manual("cargo nfv").render(&mut bytes);
    rendered.map_err(CliError::Output)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
