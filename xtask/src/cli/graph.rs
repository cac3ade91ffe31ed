//! `cargo nfv graph`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;

use super::args::{Global, PartArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::graph::{Member, Needed, Origin};
#[cfg(feature = "publish")]
use crate::oci::{Place, Remote, Repository};
use crate::ops::{self, CheckOptions, GraphOptions};
use crate::report::{self, GraphFormat, Picture};
use crate::source::Selection;
#[cfg(feature = "publish")]
use crate::source::Workspace;

/// Draw which package needs which, or what services are made of.
///
/// The packages of the tree with what they need: other packages, charts, bundles and
/// images, what is missing, and in which order they can be built. With --topology the
/// inside of each function, service, slice and application: units, connection points,
/// virtual links, members, forwarding paths.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders, descriptors, finished packages, names in the layout of this tree or
    /// `oci://host/path/name:tag` [default: the whole tree]
    #[arg(value_name = "PATH", value_parser = NonEmptyStringValueParser::new())]
    names: Vec<String>,
    /// Only the package with this id; may be given several times
    #[arg(short, long, value_name = "ID")]
    package: Vec<String>,
    #[command(flatten)]
    part: PartArgs,
    /// Exit with 1 if something is missing or goes in circles
    #[arg(long, conflicts_with = "topology")]
    exit_code: bool,
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
    /// Look for what the tree lacks at this place, such as `oci://ghcr.io/edge`; may be given
    /// several times, and the first that has it counts [default: beside a reference that is named]
    #[cfg(feature = "publish")]
    #[arg(long, value_name = "PLACE")]
    registry: Vec<String>,
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
    let check = args.part.of(CheckOptions {
        selection: Selection {
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
    #[cfg(feature = "publish")]
    let (places, remote) = places(&workspace, args)?;
    let options = GraphOptions {
        names: args.names.clone(),
        check,
        #[cfg(feature = "publish")]
        places,
    };
    if args.topology {
        let all = ops::topologies(
            &workspace,
            &options,
            #[cfg(feature = "publish")]
            &remote,
            shell,
        )?;
        if all.is_empty() {
            shell.say("Empty", "nothing here has parts to draw");
        }
        let text = report::graph(format, Picture::Topologies(&all));
        too_long(format, &text, shell);
        return write(args, &text, shell);
    }
    let needed = ops::needed(
        &workspace,
        &options,
        #[cfg(feature = "publish")]
        &remote,
        shell,
    )?;
    if needed.members.is_empty() {
        shell.say("Empty", "there is no package here");
    }
    let text = report::graph(format, Picture::Needed(&needed));
    too_long(format, &text, shell);
    let code = write(args, &text, shell)?;
    if format == GraphFormat::Tree {
        remarks(&needed, shell);
    }
    let is_missing = |member: &Member| member.origin == Origin::Missing;
    let is_whole = needed.cycles.is_empty() && !needed.members.iter().any(is_missing);
    Ok(match args.exit_code && !is_whole {
        true => NfvExitCode::Findings,
        false => code,
    })
}

/// Says what Mermaid says in the place of the drawing (`maxTextSize`, by default 50,000 characters).
fn too_long(format: GraphFormat, text: &str, shell: &Shell) {
    const MOST: usize = 50_000;
    if format == GraphFormat::Mermaid && text.chars().count() > MOST {
        shell.warn(
            "Mermaid draws no text of more than 50,000 characters unless its `maxTextSize` is raised; \
             draw fewer packages, or `--format svg`",
        );
    }
}

/// Where to look for what the tree lacks, and how: `--registry`, or else beside a reference.
#[cfg(feature = "publish")]
fn places(workspace: &Workspace, args: &Args) -> Result<(Vec<Repository>, Remote), CliError> {
    if args.topology && !args.registry.is_empty() {
        let text = "`--registry` says where to look for packages that others need, and `--topology` \
                    draws what a package is made of, which is all in its descriptor; leave one away";
        return Err(CliError::Usage(text.to_owned()));
    }
    let given = args.registry.iter().map(|place| Repository::parse(place));
    let mut places: Vec<Repository> = given.collect::<Result<_, _>>().map_err(ops::Error::from)?;
    if places.is_empty() {
        let mut names = args.names.iter();
        places.extend(names.find_map(|name| match Place::parse(name) {
            Ok(Place::Registry(one)) if ops::names_place(workspace, name) => {
                Some(one.repository.sibling(one.repository.folder()))
            }
            _ => None,
        }));
    }
    let host = args.names.iter().find_map(|name| super::host_of(name));
    let host = places.first().map(|place| place.host.clone()).or(host);
    let remote = args.registries.remote(host.as_deref())?;
    Ok((places, remote))
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
    // Of several packages of one id, also where they are.
    let name = |i: &usize| {
        let Some(member) = needed.members.get(*i) else {
            return String::new();
        };
        let same = |other: &&Member| (other.kind, &other.id) == (member.kind, &member.id);
        match &member.origin {
            Origin::Tree(path) if needed.members.iter().filter(same).count() > 1 => {
                format!("`{}` (`{path}`)", member.id)
            }
            _ => format!("`{}`", member.id),
        }
    };
    for (i, member) in needed.members.iter().enumerate() {
        if member.origin == Origin::Missing {
            let edges = needed.edges.iter().filter(|edge| edge.to == i);
            let by: Vec<String> = edges.map(|edge| name(&edge.from)).collect();
            let needs = if by.len() == 1 { "needs" } else { "need" };
            let text = format!(
                "the {} `{}`, which {} {needs}",
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
        let names = needed.order.iter().filter_map(|i| needed.members.get(*i));
        let names = names.map(|member| match &member.version {
            Some(version) => format!("{} `{} {version}`", member.kind, member.id),
            None => format!("{} `{}`", member.kind, member.id),
        });
        let names: Vec<String> = names.collect();
        shell.say("Order", &names.join(", "));
    }
}
