//! `csar/layout`.

use std::collections::BTreeMap;

use crate::csar;
use crate::descriptor::with_article;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Absent, Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/layout",
    level: Level::Deny,
    fixed: true,
    summary: "a package can't be built in the layout that it has or is to have",
    docs: "\
## What it does

Looks at source folders whose layout or configuration asks for something that
there is not:

- a slice or an application graph in `Definitions/`: SOL004 and SOL007 know
  packages of VNFs, PNFs and NSs only;
- `layout = \"osm\"` for a folder with its descriptor in `Definitions/`;
- a SHIELD package around such a folder, because SHIELD wraps OSM's layout;
- two files of an OSM folder that come to the same place in a CSAR, such as
  `cloud_init/a.cfg` and `Scripts/cloud_init/a.cfg`;
- a file whose name ends with a space, which no reader of a manifest sees;
- a change log, licences or tests that the configuration names and that can't
  be read.

## Why is this bad?

OSM's north-bound interface looks for the descriptor of a `.tar.gz` directly
below the top folder, and does not find one in `Definitions/`. Of two files in
one place only one would be in the package.

## What to do

Move the descriptor to the top of the folder, or leave the layout to the folder
by taking `layout` out of the configuration; rename one of the two files.
",
    example: Some(Example {
        bad: &[
            ("tiny/Definitions/tiny.yaml", "nst:\n  - id: tiny\n"),
            (
                "tiny/TOSCA-Metadata/TOSCA.meta",
                "TOSCA-Meta-File-Version: 1.0\n",
            ),
        ],
        good: &[("tiny/tiny_nst.yaml", "nst:\n  - id: tiny\n")],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.form == Form::Archive {
        return;
    }
    let mut add = |message: String, help: String| {
        out.push(Diagnostic::new(&RULE, package.span(), message).help(help));
    };
    let in_definitions = |package: &Package| package.descriptor_path.starts_with("Definitions/");
    if let Some(inner) = package.inner.as_deref()
        && inner.form != Form::Archive
        && in_definitions(inner)
    {
        let message = format!(
            "a SHIELD package wraps a package in OSM's layout, and `{}` is a CSAR",
            inner.shown
        );
        add(message, top_help());
    }
    if package.layout != Layout::Csar {
        return;
    }
    let Some(csar) = &package.csar else {
        let what = with_article(package.label());
        let message = format!("{what} stands in `Definitions/`, but there are no CSARs of it");
        return add(message, top_help());
    };
    if csar.wants_osm {
        let message = format!(
            "`{}` can't be built in OSM's layout: its descriptor stands in `Definitions/`",
            package.shown
        );
        let at = csar.layout_at.as_ref();
        out.push(super::configured(&RULE, package, at, message).help(top_help()));
    }
    for absent in &csar.absent {
        let Absent {
            key, path, reason, ..
        } = absent;
        let message = format!("`{path}`, which `{key}` names, can't be taken: {reason}");
        let help = format!("correct `{key}` in the configuration");
        out.push(super::configured(&RULE, package, Some(&absent.span), message).help(help));
    }
    let mut add = |message: String, help: String| {
        out.push(Diagnostic::new(&RULE, package.span(), message).help(help));
    };
    for file in &package.files {
        if file.path.trim() != file.path {
            let message = format!(
                "no manifest can name `{}`: a space at its end is lost",
                file.path
            );
            add(message, "rename the file".to_owned());
        }
    }
    if !csar.is_arranged {
        for (first, second) in collisions(package) {
            let message = format!("`{first}` and `{second}` come to one place in a CSAR");
            add(message, "rename or delete one of them".to_owned());
        }
    }
}

fn top_help() -> String {
    "move the descriptor to the top of the folder, and delete `TOSCA-Metadata/` and the `.mf`"
        .to_owned()
}

/// Pairs of files that come to the same place.
fn collisions(package: &Package) -> Vec<(&str, &str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for file in &package.files {
        let is_descriptor = file.path == package.descriptor_path;
        let Some(place) = csar::place(&file.path).filter(|_| !is_descriptor) else {
            continue;
        };
        match seen.get(&place) {
            Some(first) => all.push((*first, file.path.as_str())),
            None => {
                seen.insert(place, &file.path);
            }
        }
    }
    all
}
