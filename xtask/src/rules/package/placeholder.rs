//! `package/placeholder`.

use crate::diagnostic::{Diagnostic, Fix, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;
use crate::yaml::Document;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/placeholder",
    level: Level::Deny,
    fixed: false,
    summary: "a declared placeholder can't be filled in",
    docs: "\
## What it does

Looks at `${name}` in the values of descriptors, where the configuration declares
placeholders: for one that has no value, one whose value would be read as something
else, and one that is not declared but nearly has the name of one that is.

```toml
[placeholders.registry]
default = \"registry.example.com/edge\"

[placeholders.release]
```

## Why is this bad?

Placeholders are filled in when a package is built. Without a value `${release}`
would go out as it stands, and OSM takes it for the text itself. A value with `: `,
` #`, a line break or quotes may end the value that it stands in and begin something
else.

## What to do

Give the value, with `--set release=1.4` or as its `default`; put the value in the
descriptor in quotes; correct the name. What must stay `${name}` in the package is
written in double quotes with an escape: `\"\\x24{name}\"`.
",
    // An example would need a configuration.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some(descriptor) = &package.descriptor {
        look(&descriptor.doc, out);
    }
}

fn look(doc: &Document, out: &mut Vec<Diagnostic>) {
    for (used, declared) in doc.placeholders() {
        let name = &used.name;
        let found = match declared {
            Some(Some(_)) => continue,
            Some(None) => {
                let message = format!("the placeholder `{name}` has no value");
                let help = format!(
                    "give one with `--set {name}=VALUE`, or a `default` in the configuration"
                );
                Diagnostic::new(&RULE, doc.span(used.at.clone()), message).help(help)
            }
            None => {
                let Some(near) = nearest(name, doc.declared_placeholders()) else {
                    continue;
                };
                let message = format!("no placeholder `{name}` is declared");
                Diagnostic::new(&RULE, doc.span(used.at.clone()), message)
                    .help(format!("one of the name `{near}` is"))
            }
        };
        out.push(found);
    }
    if let Some(at) = doc.torn() {
        let message = "this value would not be read as it is given once it is filled in";
        out.push(
            Diagnostic::new(&RULE, doc.span(at), message)
                .note("nothing in this file is filled in because of it")
                .help("put the value in quotes, or give one without quotes, `: `, ` #` and breaks"),
        );
    }
}

/// Holds back what would write over a placeholder: a fix knows the value, and not the
/// placeholder that it comes from.
pub(in crate::rules) fn hold(package: &Package, diagnostics: &mut [Diagnostic]) {
    let Some(doc) = package
        .descriptor
        .as_ref()
        .map(|descriptor| &descriptor.doc)
    else {
        return;
    };
    if doc.placeholders().next().is_none() {
        return;
    }
    for diagnostic in diagnostics {
        if diagnostic.primary.span.file.path() != doc.file().path() {
            continue;
        }
        let is_over = |fix: &Fix| {
            let mut edits = fix.edits.iter();
            edits.any(|edit| {
                let mut uses = doc.placeholders();
                uses.any(|(used, _)| {
                    used.at.start < edit.range.end && edit.range.start < used.at.end
                })
            })
        };
        let fixes = std::mem::take(&mut diagnostic.fixes);
        let (over, fixes): (Vec<Fix>, Vec<Fix>) = fixes.into_iter().partition(is_over);
        diagnostic.fixes = fixes;
        if !over.is_empty() {
            let held = Some("because a placeholder stands there");
            let over = over.into_iter().map(|fix| Fix { held, ..fix });
            diagnostic.hold(over.collect());
        }
    }
}
