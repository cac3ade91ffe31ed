//! `package/link`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::{Finding, LinkFault};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/link",
    level: Level::Deny,
    fixed: true,
    summary: "a symbolic link can't be followed",
    docs: "\
## What it does

Looks for symbolic links in packages that lead out of the source tree, to
nothing, or back into themselves.

## Why is this bad?

A finished package holds files and no links: each link is replaced by what it
leads to. What lies outside of the tree is another file on every machine, and
could be one that nobody meant to publish; where nothing is, nothing can be put
in; and a folder that contains itself has no end.

Other programs make packages that hold links, as SHIELD's packager did with plain
`tar`. Whoever unpacks such a package gets what they lead to, as the SHIELD Store
does; whoever reads the archive itself, as this program does, sees no file there,
and no digest and no signature speaks for what is read in its place. The rules
`shield/…` tell of links where a manifest names a file, and a signed package with a
link in it is not trusted.

## What to do

Copy the file into the tree, or correct the link. Links to files and folders
elsewhere in the tree are fine. Where `tar` made the package, let it pack the files
themselves: `tar --dereference`, and `--hard-dereference` for second names of a file.
",
    // The files of an example are texts, so they can't show a link.
    example: None,
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Link {
        span,
        target,
        fault,
    } = finding
    else {
        return None;
    };
    let path = span.file.path();
    let (message, help) = match fault {
        LinkFault::Outside => (
            format!("the link `{path}` leads out of the source tree, to `{target}`"),
            "copy what it leads to into the tree",
        ),
        LinkFault::Dangling => (
            format!("the link `{path}` leads to `{target}`, where nothing is"),
            "correct the link or delete it",
        ),
        LinkFault::Loop => (
            format!("the link `{path}` leads back to itself through `{target}`"),
            "delete the link",
        ),
    };
    Some(Diagnostic::new(&RULE, span.clone(), message).help(help))
}
