//! `csar/meta`.

use crate::csar::{self, Part};
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/meta",
    level: Level::Deny,
    fixed: false,
    summary: "`TOSCA.meta` does not fit the package",
    docs: "\
## What it does

Reads `TOSCA-Metadata/TOSCA.meta` (SOL004 §4.1.2, SOL007):

- `TOSCA-Meta-File-Version: 1.0`, `CSAR-Version: 1.1` (or 1.0), `Created-By`,
  `Entry-Definitions` and `ETSI-Entry-Manifest` are there, once each;
- `Entry-Definitions` is the descriptor, and what the other entries name is in
  the package: files for manifest, change log and certificate, folders for
  licences and tests;
- the manifest ends in `.mf` and has the name of the descriptor;
- there are no entries that SOL004 does not know.

Names without `ETSI-`, as v2.4.1 wrote them, are taken as well. In a source
folder the manifest need not be there: `build` writes it.

## Why is this bad?

ONAP's SDC refuses each of these, and osmclient finds neither manifest nor
descriptor. vnfsdk takes a package only if `Entry-Definitions` is a TOSCA
template, so it refuses every package with a descriptor of SOL006.

## What to do

Correct the entry, or delete `TOSCA.meta`, and `build` writes a fresh one.
",
    example: Some(Example {
        bad: &[
            ("tiny/Definitions/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/TOSCA-Metadata/TOSCA.meta",
                "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: Example\nEntry-Definitions: Definitions/tinny.yaml\nETSI-Entry-Manifest: tiny.mf\n",
            ),
        ],
        good: &[
            ("tiny/Definitions/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/TOSCA-Metadata/TOSCA.meta",
                "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: Example\nEntry-Definitions: Definitions/tiny.yaml\nETSI-Entry-Manifest: tiny.mf\n",
            ),
        ],
    }),
};

const REQUIRED: [&str; 4] = [
    "TOSCA-Meta-File-Version",
    "CSAR-Version",
    "Created-By",
    "Entry-Definitions",
];

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((csar, _)) = super::csar(package) else {
        return;
    };
    let Some((file, meta)) = super::meta(package) else {
        let in_definitions = package.descriptor_path.contains('/');
        if package.form == Form::Archive && in_definitions {
            let message =
                "a descriptor in a folder is found through `TOSCA.meta`, and there is none";
            out.push(
                Diagnostic::new(&RULE, package.span(), message)
                    .help("build the package again, or put the descriptor at the top"),
            );
        }
        return;
    };
    let mut add = |at, message: String, help: String| {
        let span = match at {
            Some(at) => Span::new(file, at),
            None => Span::whole(file),
        };
        out.push(Diagnostic::new(&RULE, span, message).help(help));
    };
    for at in meta.strange.iter().cloned() {
        let message = "a line of `TOSCA.meta` is no `name: value`";
        add(Some(at), message.to_owned(), "delete it".to_owned());
    }
    for name in REQUIRED {
        if meta.get(name).is_none_or(|field| field.value.is_empty()) {
            let value = match name {
                "TOSCA-Meta-File-Version" => "1.0",
                "CSAR-Version" => "1.1",
                "Created-By" => "…",
                _ => package.descriptor_path.as_str(),
            };
            let message = format!("`TOSCA.meta` has no `{name}`");
            add(None, message, format!("add the line `{name}: {value}`"));
        }
    }
    let definitions = meta.definitions().map(|field| field.value);
    let stem = csar::stem(definitions.unwrap_or(&package.descriptor_path));
    if meta.part(Part::Manifest).is_none() {
        let message = format!("`TOSCA.meta` has no `{}`", Part::Manifest.key());
        let help = format!("add the line `{}: {stem}.mf`", Part::Manifest.key());
        add(None, message, help);
    }
    for (i, field) in meta.fields.iter().enumerate() {
        let name = field.name;
        let is_known = REQUIRED.contains(&name)
            || Part::ALL
                .iter()
                .any(|part| name == part.key() || name == part.old_key());
        if meta.fields[..i].iter().any(|other| other.name == name) {
            let message = format!("`{name}` stands twice in `TOSCA.meta`");
            add(Some(field.at()), message, "delete one of them".to_owned());
        } else if !is_known {
            let message = format!("`{name}` is no entry of `TOSCA.meta`, and SDC refuses it");
            add(Some(field.at()), message, "delete the line".to_owned());
        }
        let wanted = match name {
            "TOSCA-Meta-File-Version" => &["1.0"][..],
            "CSAR-Version" => &["1.1", "1.0"],
            _ => &[],
        };
        if !wanted.is_empty() && !field.value.is_empty() && !wanted.contains(&field.value) {
            let message = format!("`{name}` is `{}`, which no reader knows", field.value);
            add(
                Some(field.value_at.clone()),
                message,
                format!("write `{}`", wanted[0]),
            );
        }
    }
    if let Some(field) = meta.definitions().filter(|field| !field.value.is_empty())
        && field.value != package.descriptor_path
    {
        let message = format!(
            "`Entry-Definitions` names `{}`, and the descriptor of SOL006 is `{}`",
            field.value, package.descriptor_path
        );
        let help = format!("write `{}`", package.descriptor_path);
        add(Some(field.value_at.clone()), message, help);
    }
    for part in Part::ALL {
        let Some(field) = meta.part(part) else {
            continue;
        };
        let path = field.value;
        // The build writes the manifest where it is to stand.
        let is_made = part == Part::Manifest && package.form != Form::Archive;
        let is_there = match part {
            Part::Licenses | Part::Tests => super::has(package, csar, path),
            _ => package.file(path).is_some() || csar.added.iter().any(|added| added.path == path),
        };
        if !csar::is_path(path.trim_end_matches('/')) {
            let message = format!(
                "`{}` names `{path}`, which is no path in a package",
                field.name
            );
            let help = "write a path from the top of the package, with `/`";
            add(Some(field.at()), message, help.to_owned());
        } else if !is_there && !is_made {
            let message = format!(
                "`{}` names `{path}`, which is not in the package",
                field.name
            );
            let help = "add it, correct the entry, or delete the line";
            add(Some(field.value_at.clone()), message, help.to_owned());
        } else if part == Part::Manifest && (csar::stem(path) != stem || !path.ends_with(".mf")) {
            let message = format!(
                "the manifest is called `{path}`, and SDC wants it to be called as the descriptor, `{stem}.mf`"
            );
            let help = format!("rename it to `{stem}.mf`");
            add(Some(field.value_at.clone()), message, help);
        }
    }
}
