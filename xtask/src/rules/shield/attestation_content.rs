//! `shield/attestation-content`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::manifest;
use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule, SourceFile, Span};
use crate::rules::{Check, Context, Lint, names};
use crate::source::{Package, Text};
use crate::yaml::{self, Limits, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/attestation-content",
    level: Level::Warn,
    fixed: false,
    summary: "the Trust Monitor can't read the attestation file",
    docs: "\
## What it does

Reads the attestation file of a vNSF. It is JSON: an object with the list
`digests`, whose items map paths to digests, beside the key `instance` with the
name of a VDU or `host`:

    {\"digests\": [{\"/run.sh\": \"fbbec449...\", \"instance\": \"vdu_1\"}]}

An item without `instance` is reported, a path that stands twice in one, and what is
no digest in hexadecimal digits: SHA-1 as the kernel measures (40), or SHA-256,
SHA-384 or SHA-512. So is an `instance` that is neither `host` nor the `id` or `name`
of a VDU of the function, where its descriptor has VDUs. Placeholders that a template
left there are reported as well.

## Why is this bad?

The Store takes any file. The Trust Monitor asks for it when the function runs,
and a file that it can't read, or that names `/path/to/file`, attests nothing.

## What to do

Write the file as above, one item for each VDU.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  security_info:\n    attestation_filename: security/tiny_vnf.json\n",
            ),
            (
                "tiny_shield/security/tiny_vnf.json",
                "{\"digests\": [{\"/path/to/file\": \"digest_of_file\", \"instance\": \"vdu_1\"}]}",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  security_info:\n    attestation_filename: security/tiny_vnf.json\n",
            ),
            (
                "tiny_shield/security/tiny_vnf.json",
                "{\"digests\": [{\"/run.sh\": \"fbbec44929024e846641287c58384332e96fc075\", \"instance\": \"vdu_1\"}]}",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    let path = body
        .get("security_info")
        .and_then(|info| manifest::path(info, "attestation_filename"));
    let Some((node, name)) = path else { return };
    let Some(file) = package.text(&manifest::beside(package, name)) else {
        return;
    };
    let finding = |span, message: String| {
        let message = format!("the attestation file `{name}` {message}");
        Diagnostic::new(&RULE, span, message).also(node.span(), "the manifest names it here")
    };
    let instances = match read(file) {
        Ok(instances) => instances,
        Err((span, message)) => {
            out.push(
                finding(span, message)
                    .help("write `{\"digests\": [{\"PATH\": \"DIGEST\", \"instance\": \"VDU\"}]}`"),
            );
            return;
        }
    };
    let vdus = vdus(package);
    if vdus.is_empty() {
        return;
    }
    let foreign = |instance: &&String| *instance != HOST && !vdus.contains(&instance.as_str());
    for instance in instances.iter().filter(foreign) {
        let message = format!("tells of `{instance}`, and the function has no VDU of that name");
        let finding = finding(find(file, instance), message);
        out.push(names::offer(finding, instance, "VDU", &vdus));
    }
}

/// The instance that stands for the machine on which the functions run.
const HOST: &str = "host";

/// What VDUs of the function inside are called.
fn vdus(package: &Package) -> Vec<&str> {
    let body = package.inner.as_deref().and_then(|inner| {
        names::body(inner, Kind::Vnf, Model::OsmIm).or_else(|| names::etsi_body(inner, Kind::Vnf))
    });
    let vdus = body
        .into_iter()
        .flat_map(|(_, body)| names::list(body, "vdu"));
    let named = |vdu| ["id", "name"].map(|key| names::value(vdu, key).map(|(_, name)| name));
    let mut names: Vec<&str> = vdus.flat_map(named).flatten().collect();
    // Most VDUs have their id for a name.
    names.dedup();
    names
}

/// The instances that the file tells of; or the first thing that is wrong with it, and where.
fn read(file: &Text) -> Result<BTreeSet<String>, (Span, String)> {
    let whole = || Span::whole(file);
    let value: Value = serde_json::from_str(file.text()).map_err(|error| {
        let at = position(file, error.line(), error.column());
        let reason = error.to_string();
        // The place is shown by the caret.
        let reason = reason
            .split(" at line ")
            .next()
            .unwrap_or(&reason)
            .to_owned();
        (at, format!("is no JSON: {reason}"))
    })?;
    let Some(digests) = value.get("digests").and_then(Value::as_array) else {
        return Err((whole(), "has no list `digests`".to_owned()));
    };
    // Readers of JSON keep one of two equal keys without a word; that of YAML, of which
    // JSON is a part, tells of them.
    let limits = Limits::default();
    let doc = yaml::parse(file.path(), file.text(), limits);
    let twice = doc
        .problems()
        .iter()
        .find_map(|problem| match &problem.kind {
            ProblemKind::DuplicateKey { key, .. } => Some((key, problem.at.clone())),
            _ => None,
        });
    if let Some((path, at)) = twice {
        let message = format!("has `{path}` twice in one item, of which one is lost");
        return Err((Span::new(file, at), message));
    }
    let mut instances = BTreeSet::new();
    for item in digests {
        let Some(entries) = item.as_object() else {
            let message = "has an item in `digests` that is no object".to_owned();
            return Err((whole(), message));
        };
        if !entries.contains_key("instance") {
            let first = entries.keys().next().map(|path| find(file, path));
            let message = "has an item in `digests` without `instance`".to_owned();
            return Err((first.unwrap_or_else(whole), message));
        }
        for (path, digest) in entries {
            let Some(digest) = digest.as_str() else {
                return Err((find(file, path), format!("gives no text for `{path}`")));
            };
            for text in [path.as_str(), digest] {
                if manifest::is_placeholder(text) {
                    let message = format!("still holds the placeholder `{text}`");
                    return Err((find(file, text), message));
                }
            }
            let is_digest = [40, 64, 96, 128].contains(&digest.len())
                && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            if path == "instance" {
                instances.insert(digest.to_owned());
            } else if !is_digest {
                let message = format!("gives `{digest}` for `{path}`, which is no digest");
                return Err((find(file, digest), message));
            }
        }
    }
    Ok(instances)
}

fn find(file: &Text, text: &str) -> Span {
    match file.text().find(&format!("\"{text}\"")) {
        Some(start) => Span::new(file, start..start + text.len() + 2),
        None => Span::whole(file),
    }
}

fn position(file: &std::sync::Arc<SourceFile>, line: usize, column: usize) -> Span {
    let Some(start) = file.line_start(line) else {
        return Span::whole(file);
    };
    // serde_json counts bytes from one, and gives zero before the first.
    let at = start + column.saturating_sub(1).min(file.line(line).len());
    let end = (at + 1).min(file.text().len());
    if file.text().get(at..end).is_none() {
        return Span::whole(file);
    }
    Span::new(file, at..end)
}
