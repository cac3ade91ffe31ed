//! `osm/cloud-init-missing`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/cloud-init-missing",
    level: Level::Deny,
    fixed: false,
    summary: "the cloud-init file of a VDU is not in the package",
    docs: "\
## What it does

Looks for the file that `cloud-init-file` names in `cloud_init/` and in
`Scripts/cloud_init/` of the package. A descriptor that is no folder of its own
has no such files and is not checked.

## Why is this bad?

OSM's north-bound interface answers 400, `Cloud-init defined in vnf[id=X]:vdu[id=Y]
but not present in package`. A file of that name in another folder does not
count.

## What to do

Put the file into `cloud_init/`, or correct the name. The value is the name
below that folder, without `cloud_init/` in front.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n      cloud-init-file: cloud-config.txt\n",
            ),
            ("tiny_vnf/cloud_init/cloud_config.txt", "#cloud-config\n"),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n      cloud-init-file: cloud-config.txt\n",
            ),
            ("tiny_vnf/cloud_init/cloud-config.txt", "#cloud-config\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    if descriptor.kind != Kind::Vnf || package.form == Form::Loose {
        return;
    }
    let Some(body) = descriptor.body() else {
        return;
    };
    let there: Vec<&str> = names::files(package).filter_map(below_cloud_init).collect();
    for vdu in names::list(body, "vdu") {
        let Some((node, typed)) = names::value(vdu, "cloud-init-file") else {
            continue;
        };
        // `./a` and `a//b` are the same file to OSM.
        let parts: Vec<&str> = typed
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        let wanted = parts.join("/");
        if there.contains(&wanted.as_str()) {
            continue;
        }
        let message = format!("the cloud-init file `{typed}` is not in the package");
        let mut diagnostic = Diagnostic::new(&RULE, node.span(), message).label("not found");
        let elsewhere = names::files(package)
            .find(|path| *path == wanted || path.ends_with(&format!("/{wanted}")));
        if let Some(name) = below_cloud_init(&wanted) {
            diagnostic = diagnostic.help(format!("write `{name}`, without the folder"));
        } else if let Some(near) = near(&wanted, &there) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(path) = elsewhere {
            diagnostic = diagnostic.help(format!("move `{path}` into `cloud_init/`"));
        } else {
            diagnostic = diagnostic.help(format!("add the file `cloud_init/{wanted}`"));
        }
        if !there.is_empty() {
            diagnostic = diagnostic.note(names::existing(&there));
        }
        out.push(diagnostic);
    }
}

/// The nearest name; the ending, which most share, does not count.
fn near<'a>(wanted: &str, there: &[&'a str]) -> Option<&'a str> {
    fn stem(path: &str) -> &str {
        path.rsplit_once('.').map_or(path, |(stem, _)| stem)
    }
    let near = nearest(stem(wanted), there.iter().map(|path| stem(path)))?;
    there.iter().copied().find(|path| stem(path) == near)
}

fn below_cloud_init(path: &str) -> Option<&str> {
    let path = path.strip_prefix("Scripts/").unwrap_or(path);
    path.strip_prefix("cloud_init/")
}
