//! `cargo nfv explain`.

use super::args::Global;
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::diagnostic::{Example, Rule};
use crate::migrate;
use crate::ops;
use crate::rules;

/// Print the page of a rule.
///
/// Without a rule, lists all of them and the pages beside them. `defects` prints the page on the published
/// defects of the models.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The rule, as it stands in brackets behind `error` or `warning`; a family of rules
    /// (`osm`); or `defects`
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

/// Pages that are about no single rule: the name, what it is about, the text.
const TOPICS: &[(&str, &str, &str)] = &[(
    "defects",
    "the published defects of NFV-SOL006, and what is made of them",
    include_str!("../../../docs/sol006-defects.md"),
)];

pub(super) fn exec(_: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let Some(name) = &args.rule else {
        shell.data(&index())?;
        return Ok(NfvExitCode::Success);
    };
    if let Some((.., page)) = TOPICS.iter().find(|(topic, ..)| topic == name) {
        shell.data(page)?;
        return Ok(NfvExitCode::Success);
    }
    let mut family = all().filter(|rule| rule.family() == name).peekable();
    if family.peek().is_some() {
        shell.data(&lines(family.map(line_of).collect()))?;
        return Ok(NfvExitCode::Success);
    }
    // The family may be left out where only one has such a rule.
    let bare = |rule: &&Rule| rule.id.rsplit('/').next() == Some(name.as_str());
    let only = match (all().find(bare), all().filter(bare).count()) {
        (Some(rule), 1) => Some(rule),
        _ => None,
    };
    let Some(rule) = all().find(|rule| rule.id == name).or(only) else {
        let topics = TOPICS.iter().map(|(topic, ..)| *topic);
        let names = all().map(|rule| rule.id).chain(topics);
        let hint = match rules::nearest(name, names) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if all().any(|rule| bare(&rule)) => {
                let same = all().filter(bare).map(|rule| format!("`{}`", rule.id));
                format!("; there are {}", same.collect::<Vec<_>>().join(" and "))
            }
            None => "; `cargo nfv explain` lists all rules".to_owned(),
        };
        return Err(CliError::Usage(format!("no rule is called `{name}`{hint}")));
    };
    shell.data(&page(rule))?;
    Ok(NfvExitCode::Success)
}

/// Every rule: those of the checks, of a migration, and of verification.
fn all() -> impl Iterator<Item = &'static Rule> {
    let checks = rules::all().iter().map(|lint| lint.rule);
    checks.chain(migrate::RULES).chain(ops::VERDICT_RULES)
}

fn index() -> String {
    let topics = TOPICS
        .iter()
        .map(|(name, about, _)| (*name, "page", *about));
    lines(all().map(line_of).chain(topics).collect())
}

type Line = (&'static str, &'static str, &'static str);

fn line_of(rule: &'static Rule) -> Line {
    (rule.id, rule.level.as_str(), rule.summary)
}

fn lines(lines: Vec<Line>) -> String {
    let width = lines.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let line = |(name, level, summary)| format!("{name:width$}  {level:5}  {summary}\n");
    lines.into_iter().map(line).collect()
}

/// The page: heading, documentation, examples.
fn page(rule: &Rule) -> String {
    let level = rule.level.as_str();
    let fixed = if rule.fixed {
        ", which can't be changed"
    } else {
        ""
    };
    let mut text = format!(
        "# {}\n\n{}\n\nLevel: {level}{fixed}\n\n",
        rule.id, rule.summary
    );
    text.push_str(rule.docs.trim_end());
    text.push('\n');
    if let Some(Example { bad, good }) = rule.example {
        text.push_str("\n## Example\n");
        files(bad, &mut text);
        text.push_str("\nUse instead:\n");
        files(good, &mut text);
    }
    text
}

fn files(files: &[(&str, &str)], text: &mut String) {
    for (path, content) in files {
        text.push_str(&format!(
            "\n`{path}`:\n\n```yaml\n{}\n```\n",
            content.trim_end()
        ));
    }
}
