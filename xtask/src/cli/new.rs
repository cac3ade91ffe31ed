//! `cargo nfv new`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::args::Global;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::ops::{self, Created, NewKind, NewOptions};
use crate::source::Workspace;

/// Make a package from a template.
///
/// Writes a folder NAME that passes `cargo nfv check` and `cargo nfv build` at
/// once, with comments that say what to change. Prints its path. Nothing that
/// exists is ever overwritten.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to make
    #[arg(value_name = "KIND", value_enum, ignore_case = true)]
    kind: Kind,
    /// Name of the folder, and id of the package
    #[arg(value_name = "NAME")]
    name: String,
    /// Where to put the folder [default: the current directory]
    #[arg(long, value_name = "DIRECTORY")]
    path: Option<PathBuf>,
    /// Who provides it [default: Example Vendor, or as in what it wraps]
    #[arg(long, value_name = "TEXT")]
    vendor: Option<String>,
    /// Its version [default: 1.0; 1.0.0 for hdag and vo]
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// A function of the service, by its id; may be given several times [default: all of the tree]
    #[arg(long, value_name = "ID", num_args = 1..)]
    vnf: Vec<String>,
    /// A service of the slice, by its id; may be given several times [default: all of the tree]
    #[arg(long, value_name = "ID", num_args = 1..)]
    ns: Vec<String>,
    /// What the SHIELD package wraps, by its id [default: the only one of the tree]
    #[arg(short, long, value_name = "ID")]
    package: Option<String>,
}

/// `KIND`.
#[derive(Clone, Copy, Debug)]
struct Kind(NewKind);

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Kind; NewKind::ALL.len()] = {
            let mut all = [Kind(NewKind::Vnf); NewKind::ALL.len()];
            let mut i = 0;
            while i < all.len() {
                all[i] = Kind(NewKind::ALL[i]);
                i += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self.0 {
            NewKind::Vnf => "Network function of virtual machines",
            NewKind::Knf => "Network function of containers, with its Helm chart",
            NewKind::Ns => "Network service",
            NewKind::Nst => "Network slice template",
            NewKind::ShieldNs => "SHIELD package around a network service",
            NewKind::ShieldVnsf => "SHIELD package around a network function",
            NewKind::Hdag => "NEPHELE application graph",
            NewKind::Vo => "NEPHELE virtual object, a Helm chart",
        };
        Some(PossibleValue::new(self.0.as_str()).help(help))
    }
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let options = NewOptions {
        kind: args.kind.0,
        name: args.name.clone(),
        path: args.path.clone(),
        vendor: args.vendor.clone(),
        version: args.version.clone(),
        vnf: args.vnf.clone(),
        ns: args.ns.clone(),
        package: args.package.clone(),
    };
    let created = ops::new(&workspace, &options)?;
    shell.data(&format!("{}\n", workspace.shown(&created.path)))?;
    shell.say("Created", &what(&options, &created));
    if !shell.is_quiet() {
        shell.talk(&next(&created, &workspace));
    }
    Ok(NfvExitCode::Success)
}

/// What was made, and of what.
fn what(options: &NewOptions, created: &Created) -> String {
    let (title, name) = (options.kind.title(), &options.name);
    let parts: Vec<String> = created.parts.iter().map(|id| format!("`{id}`")).collect();
    let parts = parts.join(", ");
    match options.kind {
        NewKind::Ns | NewKind::Nst if parts.is_empty() => {
            let part = if options.kind == NewKind::Ns {
                "function"
            } else {
                "service"
            };
            format!("{title} `{name}` without any {part}, because the tree has none yet")
        }
        NewKind::Ns | NewKind::Nst => format!("{title} `{name}` of {parts}"),
        NewKind::ShieldNs | NewKind::ShieldVnsf => format!("{title} `{name}` around {parts}"),
        _ => format!("{title} `{name}`"),
    }
}

/// The commands that come next.
fn next(created: &Created, workspace: &Workspace) -> String {
    if created.is_found {
        let id = word(&created.id);
        return format!("\nNext:\n    cargo nfv check\n    cargo nfv build -p {id}\n");
    }
    let paths: Vec<String> = created
        .paths
        .iter()
        .map(|path| word(&workspace.shown(path)))
        .collect();
    let paths = paths.join(" ");
    format!(
        "\nIt is outside of what `cargo nfv` looks at by itself, so name it:\n    cargo nfv check {paths}\n    cargo nfv build {paths}\n"
    )
}

/// A text as a shell takes it for one word.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ':');
    let text = crate::report::clean(text);
    if text.chars().all(is_plain) && !text.starts_with('-') {
        text.to_string()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
