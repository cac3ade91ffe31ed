//! `cargo nfv completions`.

use clap::CommandFactory;
use clap_complete::{Shell as Language, generate};

use super::args::Cli;
use super::shell::Shell;
use super::{CliError, NfvExitCode};

/// Print a script that completes the command line in a shell.
///
/// It is for `cargo-nfv`. Those for bash and fish complete `cargo nfv` too, and in zsh
/// cargo's own completion asks that for `cargo-nfv`. For bash: `source <(cargo nfv
/// completions bash)`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Language,
}

pub(super) fn exec(args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    shell.text(&script(args.shell))?;
    Ok(NfvExitCode::Success)
}

fn script(language: Language) -> String {
    let mut bytes = Vec::new();
    generate(language, &mut Cli::command(), "cargo-nfv", &mut bytes);
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if language == Language::Bash {
        // clap_complete writes the hyphen of a program's name in two ways, so that nothing
        // would be completed behind a command (clap-rs/clap#6421).
        text = text.replace("cargo__subcmd__nfv", "cargo__nfv");
    }
    text.push_str(match language {
        Language::Bash => include_str!("completions/behind-cargo.bash"),
        Language::Fish => include_str!("completions/behind-cargo.fish"),
        _ => "",
    });
    text
}
