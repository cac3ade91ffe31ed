//! `cargo nfv graph`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::args::{Global, PartArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::graph::{Needed, Origin};
use crate::ops::{self, CheckOptions};
use crate::report::{self, GraphFormat, Picture};
use crate::source::Selection;

/// Draw which package needs which, or what services are made of.
///
/// The packages of the tree with what they need: other packages, charts, bundles and
/// images, what is missing, and in which order they can be built. With --topology the
/// inside of each function, service, slice and application: units, connection points,
/// virtual links, members, forwarding paths.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders, descriptors or finished packages [default: the whole tree]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only the package with this id; may be given several times
    #[arg(short, long, value_name = "ID")]
    package: Vec<String>,
    #[command(flatten)]
    part: PartArgs,
    /// Draw what the packages are made of
    #[arg(short, long)]
    topology: bool,
    /// Format of the drawing
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "tree",
        help_heading = "Output"
    )]
    format: FormatArg,
    /// Write it to this file, and not to standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Look for what the tree lacks at this place, such as `oci://ghcr.io/edge`
    #[cfg(feature = "publish")]
    #[arg(long, value_name = "PLACE", conflicts_with = "topology")]
    registry: Option<String>,
    #[cfg(feature = "publish")]
    #[command(flatten)]
    registries: super::registry::RegistryArgs,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// For terminals
    Tree,
    /// Flowchart that GitHub and GitLab draw in Markdown
    Mermaid,
    /// Graphviz
    Dot,
    /// Self-contained SVG, light and dark
    Svg,
    /// One JSON object
    Json,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let options = args.part.of(CheckOptions {
        selection: Selection {
            paths: args.paths.clone(),
            ids: args.package.clone(),
            ..Selection::default()
        },
        ..CheckOptions::default()
    });
    let format = match args.format {
        FormatArg::Tree => GraphFormat::Tree,
        FormatArg::Mermaid => GraphFormat::Mermaid,
        FormatArg::Dot => GraphFormat::Dot,
        FormatArg::Svg => GraphFormat::Svg,
        FormatArg::Json => GraphFormat::Json,
    };
    if args.topology {
        let all = ops::topologies(&workspace, &options)?;
        if all.is_empty() {
            shell.say("Empty", "nothing here has parts to draw");
        }
        let text = report::graph(format, Picture::Topologies(&all));
        return write(args, &text, shell);
    }
    #[cfg(feature = "publish")]
    let needed = match &args.registry {
        Some(place) => {
            let place = crate::oci::Repository::parse(place).map_err(ops::Error::from)?;
            let remote = args.registries.remote(Some(&place.host))?;
            ops::needed(&workspace, &options, Some((&remote, &place)))?
        }
        None => ops::needed(&workspace, &options, None)?,
    };
    #[cfg(not(feature = "publish"))]
    let needed = ops::needed(&workspace, &options)?;
    let text = report::graph(format, Picture::Needed(&needed));
    let code = write(args, &text, shell)?;
    if format == GraphFormat::Tree {
        remarks(&needed, shell);
    }
    Ok(code)
}

fn write(args: &Args, text: &str, shell: &Shell) -> Result<NfvExitCode, CliError> {
    match &args.output {
        Some(path) => ops::write_text(text, path)?,
        None => shell.data(text)?,
    }
    Ok(NfvExitCode::Success)
}

/// What a tree does not show.
fn remarks(needed: &Needed, shell: &Shell) {
    let name = |i: &usize| {
        let member = needed.members.get(*i);
        member.map_or(String::new(), |member| format!("`{}`", member.id))
    };
    for (i, member) in needed.members.iter().enumerate() {
        if member.origin == Origin::Missing {
            let edges = needed.edges.iter().filter(|edge| edge.to == i);
            let by: Vec<String> = edges.map(|edge| name(&edge.from)).collect();
            let text = format!(
                "the {} `{}`, which {} needs",
                member.kind,
                member.id,
                by.join(", ")
            );
            shell.say("Missing", &text);
        }
    }
    for cycle in &needed.cycles {
        let names: Vec<String> = cycle.iter().chain(cycle.first()).map(name).collect();
        shell.say("Circle", &names.join(" needs "));
    }
    if needed.order.len() > 1 && needed.cycles.is_empty() {
        const SHOWN: usize = 12;
        let names: Vec<String> = needed.order.iter().take(SHOWN).map(name).collect();
        let more = match needed.order.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        shell.say("Order", &format!("{}{more}", names.join(", ")));
    }
}
