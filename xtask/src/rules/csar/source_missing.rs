//! `csar/source-missing`.

use crate::csar;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/source-missing",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest of a CSAR names a file that is not in the package",
    docs: "\
## What it does

Looks for every `Source` of the manifest, those of `non_mano_artifact_sets` and
what `Signature` and `Certificate` name included, among the files of the
package. Addresses outside of it (`https://…`) are not looked at.

## Why is this bad?

ONAP's SDC refuses the package, and osmclient stops with an error when it
computes the digest. Paths count from the top of the package.

## What to do

Add the file, correct the path, or delete the entry. `build` and `check --fix`
keep the entry, because the file may have been forgotten.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: icon.png\nAlgorithm: SHA-256\nHash: 00\n",
            ),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: tiny.yaml\nAlgorithm: SHA-256\nHash: 00\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (Some(found), Some(own)) = (super::manifest(package), &package.csar) else {
        return;
    };
    let paths = || package.files.iter().map(|file| file.path.as_str());
    for entry in found.manifest.all_entries() {
        let fields = [&entry.source, &entry.signature, &entry.certificate];
        for field in fields.into_iter().flatten() {
            let path = field.value;
            let is_there =
                package.file(path).is_some() || own.added.iter().any(|added| added.path == path);
            if path.is_empty() || is_there || csar::is_external(path) {
                continue;
            }
            let message = format!("`{path}`, which the manifest names, is not in the package");
            let diagnostic = Diagnostic::new(&RULE, found.span(field.value_at.clone()), message)
                .label("not found");
            let help = match nearest(path, paths()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add the file, or delete the entry".to_owned(),
            };
            out.push(diagnostic.help(help));
        }
    }
}
