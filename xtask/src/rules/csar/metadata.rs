//! `csar/metadata`.

use std::ops::Range;

use super::Found;
use crate::csar::{self, Family, Field, Wanted};
use crate::diagnostic::{Diagnostic, Edit, Example, Fix, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/metadata",
    level: Level::Deny,
    fixed: false,
    summary: "the metadata of a CSAR's manifest are not complete",
    docs: "\
## What it does

Looks for the names that the metadata of a manifest must have:

- a VNF package of SOL004 up to v2.6.1: `vnf_provider_id`, `vnf_product_name`,
  `vnf_release_date_time`, `vnf_package_version`;
- since v2.7.1 also `vnfd_id`, `vnf_software_version`, `vnfm_info` and
  `compatible_specification_versions`; the highest version that the last of
  them names decides, and 2.6.1 where none of the four is there;
- an NS package of SOL007: `nsd_invariant_id`, `nsd_name`, `nsd_designer`,
  `nsd_file_structure_version`, `nsd_release_date_time`, and
  `compatible_specification_versions` since v2.7.1;
- a PNFD archive: `pnfd_name`, `pnfd_provider`, `pnfd_archive_version`,
  `pnfd_release_date_time`, and the versions since v2.7.1.

Names that are not among them are reported as well: those that osmclient writes
(`vnfd_provider_id`), and `vnf_release_data_time`, as v2.4.1 spells it.

For a package that is to be made into a CSAR, it looks whether descriptor and
configuration give a value for each of them. Nothing is made up.

## Why is this bad?

ONAP's SDC counts the names and refuses one too few, one too many, and names of
two kinds of packages. vnfsdk knows the four names of v2.4.1 alone, with its
spelling, and refuses all others: no manifest suits both.

## What to do

Add the line, or for a package to be made, the field of the descriptor or the
key of `[csar]` in the configuration that the finding names. In a manifest that is not
signed `--fix` adds what these give, and corrects names.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n  provider: Example\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnfd_provider_id: Example\nvnf_product_name: tiny\nvnf_release_date_time: 2026-11-21T00:00:00Z\n",
            ),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n  provider: Example\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_provider_id: Example\nvnf_product_name: tiny\nvnf_release_date_time: 2026-11-21T00:00:00Z\nvnf_package_version: 1.0\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    match super::manifest(package) {
        Some(found) => written(package, &found, out),
        None => to_be_written(package, out),
    }
}

/// The metadata that a manifest has.
fn written(package: &Package, found: &Found<'_>, out: &mut Vec<Diagnostic>) {
    let versions = found.manifest.get("compatible_specification_versions");
    let versions = versions.map(|field| field.value);
    // One of the names that came with v2.7.1 makes no sense without the others.
    let newer = found.manifest.metadata.iter().map(|field| field.name);
    let newer = newer.filter(|_| versions.is_none()).find(|name| {
        let mut names = csar::names(found.family).iter();
        names.any(|wanted| wanted.is_new && wanted.name == *name)
    });
    let wanted: Vec<&Wanted> = match newer {
        Some(_) => csar::names(found.family).iter().collect(),
        None => csar::wanted(found.family, versions).collect(),
    };
    let is_there = |name: &str| {
        let field = found.manifest.get(name);
        field.is_some_and(|field| !field.value.is_empty())
    };
    let mut renamed = Vec::new();
    for (i, field) in found.manifest.metadata.iter().enumerate() {
        let name = field.name;
        let mut before = found.manifest.metadata[..i].iter();
        if before.any(|other| other.name == name) {
            let message = format!("`{name}` stands twice in the metadata");
            out.push(
                Diagnostic::new(&RULE, found.span(field.at()), message)
                    .help("delete one of the two lines"),
            );
        } else if !csar::names(found.family).iter().any(|w| w.name == name) {
            let meant = meant(field, found.family).filter(|meant| !is_there(meant));
            renamed.extend(meant);
            out.push(unknown(found, field, meant));
        }
    }
    for wanted in wanted {
        let name = wanted.name;
        if is_there(name) || renamed.contains(&name) {
            continue;
        }
        let message = format!("the metadata of `{}` have no `{name}`", found.path);
        let value = value(package, wanted);
        let span = match &found.manifest.header {
            Some(at) => found.span(at.clone()),
            None => crate::diagnostic::Span::whole(found.file),
        };
        let shown = value.as_deref().unwrap_or("…");
        let fix = value
            .as_deref()
            .filter(|_| found.manifest.signatures.is_empty())
            .and_then(|value| insert(found, name, value));
        out.push(
            Diagnostic::new(&RULE, span, message)
                .note(match newer {
                    Some(newer) => format!(
                        "{} has `{newer}` since v2.7.1, with all others of that version or not at all",
                        found.family.specification()
                    ),
                    None => reason(found.family, versions),
                })
                .help(format!("add the line `{name}: {shown}`"))
                .fix(fix),
        );
    }
}

/// What the descriptor or the configuration say.
fn value(package: &Package, wanted: &Wanted) -> Option<String> {
    let (csar, descriptor) = (package.csar.as_ref()?, package.descriptor.as_ref()?);
    let all = csar::metadata(descriptor, &csar.settings, csar.released.as_deref());
    let (_, value) = all
        .into_iter()
        .find(|(other, _)| other.name == wanted.name)?;
    value
}

fn reason(family: Family, versions: Option<&str>) -> String {
    let (major, minor, patch) = csar::highest(versions);
    let specification = family.specification();
    match versions {
        Some(_) => format!("{specification} v{major}.{minor}.{patch} asks for it"),
        None => format!(
            "{specification} asks for it; v2.6.1 holds where there is no `compatible_specification_versions`"
        ),
    }
}

/// A line behind the last of the metadata, or behind the line above them; in a file without
/// a line, that one too.
fn insert(found: &Found<'_>, name: &str, value: &str) -> Option<Fix> {
    let text = found.file.text();
    let title = format!("add `{name}: {value}`");
    let last = found.manifest.metadata.last().map(|field| field.at());
    let Some(last) = last.or_else(|| found.manifest.header.clone()) else {
        let is_empty = text.trim().is_empty();
        let edit = Edit::new(0..text.len(), format!("metadata:\n{name}: {value}\n"));
        return is_empty.then(|| Fix::one(title, edit));
    };
    let rest = text.get(last.end..)?;
    let end = last.end + rest.find(['\r', '\n']).unwrap_or(rest.len());
    let is_dos = text[end..].starts_with('\r');
    let line_break = if is_dos { "\r\n" } else { "\n" };
    // An empty range at the end of the line; the edit of another name there
    // waits for the next round.
    let edit = Edit::new(end..end, format!("{line_break}{name}: {value}"));
    Some(Fix::one(title, edit))
}

fn unknown(found: &Found<'_>, field: &Field<'_>, meant: Option<&'static str>) -> Diagnostic {
    let at: Range<usize> = field.name_at.clone();
    let message = format!("`{}` is no name of the metadata", field.name);
    let diagnostic = Diagnostic::new(&RULE, found.span(at.clone()), message);
    let Some(meant) = meant else {
        return diagnostic
            .note("SDC and vnfsdk refuse names that they do not know")
            .help("delete the line");
    };
    let diagnostic = match field.name {
        "vnf_release_data_time" => diagnostic.note(
            "SOL004 v2.4.1 spells it so, and vnfsdk knows this spelling alone; SDC refuses it",
        ),
        _ => diagnostic.note("SDC and vnfsdk refuse names that they do not know"),
    };
    let fix = found.manifest.signatures.is_empty();
    let fix = fix.then(|| {
        let title = format!("rename it to `{meant}`");
        Fix::one(title, Edit::new(at, meant))
    });
    diagnostic.help(format!("write `{meant}`")).fix(fix)
}

/// The name that was meant: osmclient's with `vnfd_` for `vnf_`, a slip of the
/// fingers.
fn meant(field: &Field<'_>, family: Family) -> Option<&'static str> {
    let names = || csar::names(family).iter().map(|wanted| wanted.name);
    let osm = field
        .name
        .strip_prefix("vnfd_")
        .map(|rest| format!("vnf_{rest}"));
    names()
        .find(|name| Some(*name) == osm.as_deref())
        .or_else(|| nearest(field.name, names()))
}

/// The metadata of a manifest that `build` is to write.
fn to_be_written(package: &Package, out: &mut Vec<Diagnostic>) {
    use crate::source::Form;
    let Some((csar, family)) = super::csar(package) else {
        return;
    };
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.body().is_some()) else {
        return;
    };
    if package.form == Form::Archive {
        return;
    }
    let what = descriptor.kind.descriptor_name();
    for (wanted, value) in csar::metadata(descriptor, &csar.settings, csar.released.as_deref()) {
        if value.is_some() {
            continue;
        }
        let name = wanted.name;
        let diagnostic = match wanted.field {
            // A rule of the descriptor's own says that it has no id.
            Some("id") => continue,
            Some(field) => {
                let message =
                    format!("the manifest needs `{name}`, and the {what} has no `{field}`");
                let value = if field == "vnfm-info" {
                    "[\"…\"]"
                } else {
                    "\"…\""
                };
                Diagnostic::new(&RULE, package.span(), message).help(format!(
                    "add `{field}` to the {what}, or `{field} = {value}` to `[csar]` of the configuration"
                ))
            }
            None => {
                let message =
                    format!("the manifest needs `{name}`, and nothing says when that was");
                Diagnostic::new(&RULE, package.span(), message).help(
                    "set `SOURCE_DATE_EPOCH`, or add `release-date = \"2026-01-31T00:00:00Z\"` to `[csar]` of the configuration",
                )
            }
        };
        out.push(diagnostic.note(format!("{} asks for it", family.specification())));
    }
}
