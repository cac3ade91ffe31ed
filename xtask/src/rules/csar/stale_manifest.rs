//! `csar/stale-manifest`.

use super::digest;
use crate::csar::{Digests, Manifest};
use crate::diagnostic::{Diagnostic, Edit, Example, Fix, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/stale-manifest",
    level: Level::Warn,
    fixed: false,
    summary: "the manifest in a source folder does not fit the files",
    docs: "\
## What it does

Compares the manifest of a source folder with its files: digests that differ,
files without an entry, entries without a digest. And it looks for the line
`metadata:` at its beginning.

## Why is this bad?

`build` writes the digests anew and completely, whatever the source folder says;
the manifest there is then another than that of the package. ONAP's SDC refuses
a package with a file that no `Source` names, and wants the line `metadata:`,
which osmclient does not write. osmclient ships the manifest of the source
folder as it is, so its digests are those of an older state.

A signature in the manifest is one of this very text. If anything in it has to
be changed, the built package goes without it; `build --sign-key` signs anew.

## What to do

Let `check --fix` write it anew, which it does where no signature is lost, or
delete the file: `build` makes a manifest from the descriptor.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: tiny.yaml\nAlgorithm: SHA-256\nHash: 00\n",
            ),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: tiny.yaml\nAlgorithm: SHA-256\nHash: a17978665e86b718ced50081dac862b0029afeabbe1210fca3bc17658b6c0051\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(found) = super::manifest(package).filter(|_| package.form != Form::Archive) else {
        return;
    };
    let signed = !found.manifest.signatures.is_empty();
    let text = found.file.text();
    let before = out.len();
    if found.manifest.header.is_none() && !found.manifest.metadata.is_empty() {
        let at = found.manifest.metadata[0].at();
        let message = "the manifest does not begin with the line `metadata:`";
        out.push(
            Diagnostic::new(&RULE, found.span(at), message)
                .note("osmclient writes it so; SDC and vnfsdk refuse it")
                .help("add the line `metadata:`"),
        );
    }
    let faults = digest::faults(package, &found);
    for fault in faults {
        let span = match fault.at {
            Some(at) => found.span(at),
            None => Span::whole(found.file),
        };
        let mut diagnostic = Diagnostic::new(&RULE, span, fault.message);
        if let Some(label) = fault.label {
            diagnostic = diagnostic.label(label);
        }
        out.push(diagnostic.help("`cargo nfv build` writes the digests anew into the package"));
    }
    if out.len() == before {
        return;
    }
    let digests: Digests<'_> = package
        .files
        .iter()
        .filter(|file| file.path != found.path)
        .filter_map(|file| {
            let (algorithm, hash) = file.digest.as_ref()?;
            Some((file.path.as_str(), (*algorithm, hash.as_str())))
        })
        .collect();
    let is_known = digests.len() + 1 == package.files.len();
    let fix = (is_known && !signed).then(|| {
        let edit = Edit::new(0..text.len(), Manifest::mend(text, &digests));
        Fix::one(format!("write the digests of `{}` anew", found.path), edit)
    });
    for diagnostic in &mut out[before..] {
        if signed {
            let note = "the signature is of this text and does not go into the package; `--sign-key` \
                        signs that anew";
            diagnostic.notes.push(note.to_owned());
        }
        diagnostic.fixes.extend(fix.clone());
    }
}
