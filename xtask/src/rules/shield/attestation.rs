//! `shield/attestation`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/attestation",
    level: Level::Deny,
    fixed: false,
    summary: "the attestation file of a vNSF is missing",
    docs: "\
## What it does

Looks for the file that `security_info.attestation_filename` names beside the
manifest. Whether it has the digest that the manifest gives is the matter of
`shield/attestation-mismatch`.

## Why is this bad?

The Trust Monitor compares the running function with this file. If it is
missing, the Store answers 500, after it has already handed the package to the
orchestrator.

## What to do

Correct the path, which starts at the top of the SHIELD package and not of the
package inside. A link in a finished package is
no file; see `package/link`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  security_info:\n    attestation_filename: security/tiny.json\n    hash: ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\n",
            ),
            ("tiny_shield/security/tiny_vnf.json", "{}\n"),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  security_info:\n    attestation_filename: security/tiny_vnf.json\n    hash: ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\n",
            ),
            ("tiny_shield/security/tiny_vnf.json", "{}\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, node, name)) = manifest::attestation(package) else {
        return;
    };
    let path = manifest::beside(package, name);
    if package.file(&path).is_none() {
        let called = format!("the attestation file `{name}`");
        let place = (&*called, "the package");
        if let Some(found) = manifest::linked((&RULE, node.span()), package, &path, place) {
            out.push(found);
            return;
        }
        let message = format!("the attestation file `{name}` is not in the package");
        let diagnostic = Diagnostic::new(&RULE, node.span(), message).label("not found");
        let files = package.files.iter().map(|file| file.path.as_str());
        out.push(match nearest(name, files) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("put the file there; the path starts beside the manifest"),
        });
    }
}
