//! `osm/icon-missing`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/icon-missing",
    level: Level::Warn,
    fixed: false,
    summary: "the icon of a descriptor is not in the package",
    docs: "\
## What it does

Looks for the file that `logo` names in `icons/`, in `Files/icons/` and at the
top of the package. Addresses on the web are left alone, and a descriptor that is
no folder of its own is not checked. SOL006 knows no `logo`; the model before it
and slices do.

## Why is this bad?

OSM takes the package and its composer shows a broken picture. Where a file of
nearly that name is there, its name is misspelt.

## What to do

Put the picture into `icons/`, correct the name, or delete `logo`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      version: '1.0'\n      logo: tiny.png\n",
            ),
            ("tiny_vnf/icons/tinny.png", ""),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      version: '1.0'\n      logo: tiny.png\n",
            ),
            ("tiny_vnf/icons/tiny.png", ""),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return;
    };
    let Some((node, logo)) = descriptor
        .body()
        .and_then(|body| names::value(body, "logo"))
    else {
        return;
    };
    if package.form == Form::Loose || logo.contains("://") {
        return;
    }
    let plain = |path: &str| -> Option<String> {
        let folders = ["icons/", "Files/icons/"];
        let name = folders.iter().find_map(|folder| path.strip_prefix(folder));
        let name = name.or((!path.contains('/')).then_some(path))?;
        Some(name.to_owned())
    };
    // Some authors write the folder too.
    let wanted = plain(logo).unwrap_or_else(|| logo.to_owned());
    let in_icons = |path: &&str| path.contains("icons/");
    let all: Vec<&str> = names::files(package).collect();
    if all
        .iter()
        .any(|path| plain(path).as_deref() == Some(&wanted))
    {
        return;
    }
    let there: Vec<String> = all
        .iter()
        .copied()
        .filter(in_icons)
        .filter_map(plain)
        .collect();
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    let message = format!("the icon `{logo}` is not in the package");
    out.push(names::unknown(&RULE, node, message, "icon", &there));
}
