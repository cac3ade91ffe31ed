//! `osm/archive-layout`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/archive-layout",
    level: Level::Deny,
    fixed: false,
    summary: "a finished package is laid out in a way that OSM refuses",
    docs: "\
## What it does

Looks at the members of a finished VNF, NS or slice package as OSM's north-bound
interface does:

- in a tar, every file stands in a folder;
- the name of the descriptor in a tar does not begin with `./` and have a folder behind it;
- in a zip, the descriptor stands at the top or in `Definitions/`.

## Why is this bad?

OSM answers 400: `All files must be inside a dir for package descriptor tar.gz`
or `Not found any descriptor file at package descriptor tar.gz` (or `zip`). It
counts the parts of each name, and `./pkg/x_vnfd.yaml` has three where it looks
for two. `tar -czf pkg.tar.gz ./pkg` writes such names. To `./x_vnfd.yaml`, as
`tar -C pkg -czf pkg.tar.gz .` writes it, the `.` is the folder, and OSM takes it.

The validator that SHIELD used calls it `evt_package_struct_invalid`.

## What to do

Build the package with `cargo nfv build` from its folder, or pack it with
`tar -czf pkg.tar.gz pkg`.
",
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let is_osm = package.kind().is_some_and(|kind| kind.is_osm());
    if package.form != Form::Archive || !is_osm {
        return;
    }
    let mut add = |path: &str, message: String, help: &str| {
        out.push(Diagnostic::new(&RULE, package.span_of(path), message).help(help));
    };
    let descriptor = package.descriptor_path.as_str();
    if package.is_zip {
        if package.layout != Layout::Csar && descriptor.contains('/') {
            let message = format!("OSM does not find the descriptor `{descriptor}` in a zip");
            add(
                descriptor,
                message,
                "pack the files without the folder around them, or build a `.tar.gz`",
            );
        }
        return;
    }
    let is_loose = |path: &String| !path.contains('/') && !package.dotted_top.contains(path);
    if let Some(file) = package.files.iter().find(|file| is_loose(&file.path)) {
        let message = format!(
            "OSM wants every file in a folder, and `{}` is in none",
            file.path
        );
        add(&file.path, message, "pack the folder, not the files in it");
    }
    if let Some(name) = package
        .dotted
        .as_deref()
        .filter(|_| descriptor.contains('/'))
    {
        let message = format!("OSM does not find a descriptor behind `./`, as in `{name}`");
        add(
            name,
            message,
            "pack with `tar -czf pkg.tar.gz pkg`, without `./`",
        );
    }
}
