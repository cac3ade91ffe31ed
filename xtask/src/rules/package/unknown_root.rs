//! `package/unknown-root`.

use crate::descriptor::is_local;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::suggest::nearest;
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/unknown-root",
    level: Level::Warn,
    fixed: false,
    summary: "a file is named like a descriptor and begins like none",
    docs: "\
## What it does

Looks for YAML files whose name ends with `vnfd`, `knfd`, `pnfd`, `nsd`
or `nst` (`edge_nsd.yaml`, `vnfd.yml`) and that have no key at the top by which
a descriptor is known, and for a `manifest.yaml` that holds nothing at all. Templates, what
is written in TOSCA and what other programs keep in a `manifest.yaml` are left alone.

## Why is this bad?

A descriptor is known by its first key, and what is none is passed over: it is
neither checked nor built nor published. One wrong letter in that key is enough;
where the rest of the file is a descriptor, `package/wrong-root` tells of it.

## What to do

Mend the key, or put the text below it. If the file is no descriptor, exclude it
in `nfv.toml`, or silence the rule there.
",
    example: Some(Example {
        bad: &[("tiny_vnf/tiny_vnfd.yaml", "vnfdd:\n  name: tiny_vnf\n")],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
    }),
};

/// The first keys that a file may mean by which such a name goes.
const ROOTS: [&str; 7] = [
    "vnfd",
    "nsd",
    "nst",
    "pnfd",
    "nfv",
    "vnfd-catalog",
    "nsd-catalog",
];

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::UnknownRoot {
        span,
        kind,
        first,
        is_descriptor: false,
        ..
    } = finding
    else {
        return None;
    };
    let path = span.file.path();
    let name = path.rsplit('/').next().unwrap_or(path);
    let what = noun(kind);
    let is_container = first.as_deref().is_some_and(|key| is_local(key, "nfv"));
    let message = match first {
        Some(key) if is_container => {
            format!(
                "`{name}` is named like {what}, and there is none of the lists `nsd`, `vnfd` and `pnfd` in its `{key}`"
            )
        }
        Some(key) if ROOTS.contains(&key.as_str()) => {
            format!("`{name}` is named like {what}, and its `{key}` is a text and no descriptor")
        }
        Some(key) => format!("`{name}` is named like {what} and begins with `{key}`, as none does"),
        None => format!("`{name}` is named like {what} and holds none"),
    };
    let is_slip = |key: &&str| !is_container && !ROOTS.contains(key);
    let near = first.as_deref().filter(is_slip);
    let near = near.and_then(|key| self::near(kind, key));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("begin it with {}", envelope(kind)),
    };
    let diagnostic = Diagnostic::new(&RULE, span.clone(), message);
    Some(diagnostic.note("so it is passed over").help(help))
}

/// The root key of a file of that kind that another key is a slip of.
pub(super) fn near(kind: &str, key: &str) -> Option<&'static str> {
    match kind {
        "manifest" => nearest(key, ["manifest:vnsf", "manifest:ns"]),
        _ => nearest(key, ROOTS),
    }
}

/// What a file of that kind is.
pub(super) fn noun(kind: &str) -> &'static str {
    match kind {
        "nsd" => "an NSD",
        "nst" => "an NST",
        "pnfd" => "a PNFD",
        "manifest" => "a SHIELD manifest",
        _ => "a VNFD",
    }
}

/// How a file of that kind begins.
pub(super) fn envelope(kind: &str) -> &'static str {
    match kind {
        "nsd" => "`nsd:`, below it `nsd:`, below that `- id: NAME`",
        "nst" => "`nst:`, below it `- id: NAME`",
        "pnfd" => "`pnfd:`, below it `id: NAME`",
        "manifest" => "`manifest:vnsf:` or `manifest:ns:`",
        _ => "`vnfd:`, below it `id: NAME`",
    }
}
