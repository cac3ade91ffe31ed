//! Flags that several commands share.

use std::path::PathBuf;

use clap::{ArgAction, Parser, ValueEnum};

use super::CliError;
use crate::diagnostic::Level;
use crate::graph::Shard;
use crate::ops::CheckOptions;
use crate::package::DEFAULT_EPOCH;
use crate::report::Format;
use crate::source::{Changes, Profile, Selection, ShieldProfile, Workspace, WorkspaceOptions};

/// The build system for network functions: checks NFV descriptors, builds
/// reproducible packages and publishes them as OCI artifacts.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-nfv",
    bin_name = "cargo nfv",
    version,
    about,
    max_term_width = 100,
    styles = clap_cargo::style::CLAP_STYLING,
    after_help = "See `cargo nfv explain RULE` for the page of a rule."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: super::Command,
    #[command(flatten)]
    pub global: Global,
}

/// Flags that every command takes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Global {
    /// Use verbose output
    // As often as people write it for cargo: `-vv` says no more than `-v`.
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Output",
        conflicts_with = "quiet",
        overrides_with = "verbose"
    )]
    pub verbose: bool,
    /// Print nothing but errors, findings and results
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// When to color the output
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        help_heading = "Output",
        value_enum
    )]
    pub color: Option<ColorWhen>,
    /// Number of threads, at most 256 [default: number of processors]
    #[arg(
        short,
        long,
        global = true,
        value_name = "N",
        value_parser = at_least_one,
        help_heading = "Tree"
    )]
    pub jobs: Option<usize>,
    /// Path of the `Cargo.toml` or `nfv.toml` of the tree
    #[arg(long, global = true, value_name = "PATH", help_heading = "Tree")]
    pub manifest_path: Option<PathBuf>,
    /// Directory for all output; packages go to `nfv/packages` in it
    #[arg(
        long,
        global = true,
        value_name = "DIRECTORY",
        env = "CARGO_TARGET_DIR",
        hide_env = true,
        help_heading = "Tree"
    )]
    pub target_dir: Option<PathBuf>,
    /// Value of a placeholder that the configuration declares; can be repeated
    #[arg(
        long,
        global = true,
        value_name = "NAME=VALUE",
        value_parser = name_and_value,
        help_heading = "Tree"
    )]
    pub set: Vec<(String, String)>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is written NAME=VALUE".to_owned()),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a whole number of at least 1".to_owned()),
        Ok(n) => Ok(n),
    }
}

impl Global {
    pub fn workspace(&self) -> Result<Workspace, CliError> {
        self.workspace_with(None)
    }

    /// The tree with an `nfv.toml` as an editor has it.
    pub fn workspace_with(
        &self,
        unsaved: Option<(PathBuf, String)>,
    ) -> Result<Workspace, CliError> {
        Ok(Workspace::find(&WorkspaceOptions {
            manifest_path: self.manifest_path.clone(),
            target_dir: self.target_dir.clone(),
            set: self.set.clone(),
            unsaved,
        })?)
    }
}

/// `--color`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// Where the output is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--message-format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// Source lines with carets
    Human,
    /// One line a finding
    Short,
    /// One JSON object a line
    Json,
    /// GitHub annotations
    Github,
    /// GitLab Code Quality
    Gitlab,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML
    Junit,
    /// Reviewdog's diagnostic format
    Rdjson,
    /// Summary in Markdown, with the topology of services
    Markdown,
    /// Outputs of a step of a GitHub workflow
    GithubOutput,
}

impl From<MessageFormat> for Format {
    fn from(format: MessageFormat) -> Format {
        match format {
            MessageFormat::Human => Format::Human,
            MessageFormat::Short => Format::Short,
            MessageFormat::Json => Format::Json,
            MessageFormat::Github => Format::Github,
            MessageFormat::Gitlab => Format::Gitlab,
            MessageFormat::Sarif => Format::Sarif,
            MessageFormat::Junit => Format::Junit,
            MessageFormat::Rdjson => Format::Rdjson,
            MessageFormat::Markdown => Format::Markdown,
            MessageFormat::GithubOutput => Format::GithubOutput,
        }
    }
}

/// In what form a command answers.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct AnswerArgs {
    /// Format of the answer
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    pub message_format: DataFormat,
}

/// `--message-format` of commands that report no findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DataFormat {
    /// For people
    Human,
    /// One JSON object a line
    Json,
}

#[cfg(feature = "publish")]
impl From<DataFormat> for MessageFormat {
    fn from(format: DataFormat) -> Self {
        match format {
            DataFormat::Human => MessageFormat::Human,
            DataFormat::Json => MessageFormat::Json,
        }
    }
}

/// `--profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileArg {
    /// What OSM refuses is an error
    Osm,
    /// ETSI's model holds, its published defects repaired
    Etsi,
    /// ETSI's model holds to the letter, for comparison with other validators
    EtsiLiteral,
}

/// `--shield-profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ShieldArg {
    /// Any form; what the Store refuses is a warning, and `build` writes what it takes
    Any,
    /// What the published documentation describes, which `build` keeps
    Docs,
    /// The forms before that of the Store, from 2017 on, which `build` keeps
    Legacy,
    /// What the Store itself accepts
    StoreHead,
}

/// What to look at, and how strictly.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// Folders, descriptors or finished packages [default: the whole tree]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only the package with this id; may be given several times
    #[arg(short, long, value_name = "ID", action = ArgAction::Append)]
    pub package: Vec<String>,
    /// Leave out the package with this id; may be given several times
    #[arg(long, value_name = "ID", action = ArgAction::Append)]
    pub exclude: Vec<String>,
    #[command(flatten)]
    pub part: PartArgs,
    #[command(flatten)]
    pub judge: JudgeArgs,
}

/// Which part of a tree.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct PartArgs {
    /// Only packages that have changed since this revision of git, and those that need them
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Only this part of the packages: the first of four is `1/4`
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// How strictly, and how to say it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct JudgeArgs {
    /// Allow a rule, a family of rules, or `warnings`
    #[arg(short = 'A', long, value_name = "RULE", help_heading = "Rules", action = ArgAction::Append)]
    pub allow: Vec<String>,
    /// Report a rule as a warning
    #[arg(short = 'W', long, value_name = "RULE", help_heading = "Rules", action = ArgAction::Append)]
    pub warn: Vec<String>,
    /// Report a rule as an error; `-D warnings` for all that would be warnings
    #[arg(short = 'D', long, value_name = "RULE", help_heading = "Rules", action = ArgAction::Append)]
    pub deny: Vec<String>,
    /// Who judges SOL006 descriptors [default: osm]
    #[arg(long, value_name = "PROFILE", help_heading = "Rules", value_enum)]
    pub profile: Option<ProfileArg>,
    /// Version of the model, such as `sol006@3.6.1`, `osm@15` or `osm-im@8` [default: the newest
    /// that fits]
    #[arg(long, value_name = "MODEL", help_heading = "Rules")]
    pub model: Option<String>,
    /// Which SHIELD manifests are accepted [default: any]
    #[arg(long, value_name = "PROFILE", help_heading = "Rules", value_enum)]
    pub shield_profile: Option<ShieldArg>,
    /// Format of the findings
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    pub message_format: MessageFormat,
}

impl PartArgs {
    /// Whether the whole tree is meant.
    pub fn is_empty(&self) -> bool {
        self.since.is_none() && self.shard.is_none()
    }

    /// These options, of that part.
    pub fn of(&self, options: CheckOptions) -> CheckOptions {
        CheckOptions {
            changes: self.since.clone().map(Changes::Since),
            shard: self.shard,
            ..options
        }
    }
}

impl CheckArgs {
    /// The options these flags stand for.
    pub fn options(&self) -> Result<CheckOptions, CliError> {
        Ok(self.part.of(CheckOptions {
            selection: Selection {
                paths: self.paths.clone(),
                ids: self.package.clone(),
                exclude: self.exclude.clone(),
                ..Selection::default()
            },
            ..self.judge.options()?
        }))
    }
}

impl JudgeArgs {
    /// The options these flags stand for, of the whole tree. Allow comes before warn before deny,
    /// so that the stricter of two contradicting flags holds.
    pub fn options(&self) -> Result<CheckOptions, CliError> {
        let (epoch, is_set) = epoch()?;
        let with = |names: &[String], level| {
            let pairs = names.iter().map(move |name| (name.clone(), level));
            pairs.collect::<Vec<_>>()
        };
        let mut levels = with(&self.allow, Level::Allow);
        levels.extend(with(&self.warn, Level::Warn));
        levels.extend(with(&self.deny, Level::Deny));
        Ok(CheckOptions {
            epoch: is_set.then_some(epoch),
            selection: Selection::default(),
            changes: None,
            shard: None,
            levels,
            profile: self.profile.map(|profile| match profile {
                ProfileArg::Osm => Profile::Osm,
                ProfileArg::Etsi => Profile::Etsi,
                ProfileArg::EtsiLiteral => Profile::EtsiLiteral,
            }),
            model: self.model.clone(),
            shield: self.shield_profile.map(|profile| match profile {
                ShieldArg::Any => ShieldProfile::Any,
                ShieldArg::Docs => ShieldProfile::Docs,
                ShieldArg::Legacy => ShieldProfile::Legacy,
                ShieldArg::StoreHead => ShieldProfile::StoreHead,
            }),
        })
    }
}

/// The time for the members of packages: `SOURCE_DATE_EPOCH`
/// (reproducible-builds.org), or the constant. The second value says whether
/// the variable was set.
pub(super) fn epoch() -> Result<(u64, bool), CliError> {
    /// Eleven octal digits hold the time in a tar header.
    const LATEST: u64 = 0o77_777_777_777;
    match std::env::var("SOURCE_DATE_EPOCH") {
        Err(std::env::VarError::NotPresent) => Ok((DEFAULT_EPOCH, false)),
        Ok(text) if text.is_empty() => Ok((DEFAULT_EPOCH, false)),
        Ok(text) => match text.parse::<u64>() {
            Ok(seconds) if seconds <= LATEST => Ok((seconds, true)),
            Ok(_) => Err(CliError::Usage(format!(
                "`SOURCE_DATE_EPOCH` is `{text}`, and {LATEST}, in the year 2242, is the latest \
                 that a tar can say"
            ))),
            _ => Err(CliError::Usage(format!(
                "`SOURCE_DATE_EPOCH` is `{text}`, which is not a number of seconds since 1970"
            ))),
        },
        Err(error) => Err(CliError::Usage(format!("`SOURCE_DATE_EPOCH`: {error}"))),
    }
}
