//! `package/undeclared-placeholder`.

use crate::descriptor::{Need, NeedKind, needs};
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;
use crate::yaml::placeholders_in;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/undeclared-placeholder",
    level: Level::Warn,
    fixed: false,
    summary: "a reference holds a `${name}` that nobody fills in",
    docs: "\
## What it does

Reports `${name}` in a reference to a chart, a bundle or an image (`helm-chart`,
`juju-bundle`, `image`, `ociImage`) where the configuration declares no placeholder
of that name. In other values, such as descriptions, it may be meant as it stands.

## Why is this bad?

Names that nobody declares are no placeholders, and go out as they are. OSM takes
`oci://${registry}/charts/cache` for an address and fails when the function is
instantiated.

## What to do

Declare the placeholder, or correct its name:

```toml
[placeholders.registry]
default = \"registry.example.com/edge\"
```

Where something else fills it in later, write it in double quotes with an escape
(`\"\\x24{name}\"`), or allow this rule.
",
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let doc = &descriptor.doc;
    let declared: Vec<&str> = doc.declared_placeholders().collect();
    let is_reference = |need: &Need| {
        use NeedKind::{Artifact, Helm, Image, Juju};
        matches!(need.kind, Helm | Juju | Image | Artifact) && need.id.contains("${")
    };
    for need in needs(descriptor).iter().filter(|need| is_reference(need)) {
        let written = doc.file().text().get(need.at.clone()).unwrap_or_default();
        for (at, name) in placeholders_in(written) {
            // One that is nearly the name of another is an error of `package/placeholder`.
            let is_known = declared.contains(&name);
            if is_known || nearest(name, declared.iter().copied()).is_some() {
                continue;
            }
            let span = doc.span(need.at.start + at.start..need.at.start + at.end);
            let message = format!(
                "nobody declares the placeholder `{name}`, and the reference goes out as it stands"
            );
            let help = format!("`[placeholders.{name}]` in the configuration declares it");
            out.push(Diagnostic::new(&RULE, span, message).help(help));
        }
    }
}
