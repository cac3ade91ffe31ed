//! `shield/descriptor-missing`.

use super::{inner_folder, manifest};
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::{Form, Package, inner_file};
use crate::yaml::{self, Document, Limits, Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/descriptor-missing",
    level: Level::Deny,
    fixed: false,
    summary: "there is no descriptor where the manifest says",
    docs: "\
## What it does

Looks for the file that `descriptor` names in the package that the manifest
wraps, and whether it is the descriptor of that package. The path begins with
the folder at the top of that package: `edge_ns/edge_nsd.yaml` in
`edge_ns.tar.gz`. What ends with a slash is no file.

## Why is this bad?

The Store answers 406, `vNSF Descriptor not found where manifest.yaml places it`
(PKG_MISSING_VNFD) or the same for a network service (PKG_MISSING_NSD); the
validator's word is `evt_pd_itg_invalid_reference`. A file that is there is read
as the descriptor whatever it is: a `README` ends in 422 (VNFD_FORMAT_INVALID,
NSD_FORMAT_INVALID) or 500, and of another descriptor the Store keeps what OSM
never sees. A file that is empty, no YAML, or begins with another key is no descriptor.

## What to do

Correct the path. The folder in front is the name in `package` without `.tar.gz`.
A link in a finished package is no file; see `package/link`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  descriptor: tiny_ns/nsd.yaml\n",
            ),
            (
                "tiny_shield/tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  descriptor: tiny_ns/tiny_nsd.yaml\n",
            ),
            (
                "tiny_shield/tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n",
            ),
        ],
    }),
};

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    // A finished package of the first form wraps none, and has the descriptor itself.
    if package.form == Form::Archive
        && body.get("package").is_none()
        && let Some((node, path)) = manifest::path(body, "descriptor")
        && package.file(&manifest::beside(package, path)).is_none()
    {
        let message = format!("the descriptor `{path}` is not in the archive");
        out.push(Diagnostic::new(&RULE, node.span(), message).label("not found"));
        return;
    }
    // Where the first forms name no package, what the build makes it is what is meant.
    let named = manifest::field(body, "package").map(|(_, name)| name.to_owned());
    let named = named.or_else(|| inner_file(package));
    let (Some((node, path)), Some(name)) = (manifest::path(body, "descriptor"), named) else {
        return;
    };
    let name = name.as_str();
    let Some(stem) = manifest::stem(package) else {
        return;
    };
    let Some(inner) = &package.inner else {
        // Nothing says which of several descriptors in the folder is meant, or something wrong.
        let variants = manifest::variants(package, context);
        if let Some(first) = variants.first() {
            let message = format!("the descriptor `{path}` is not in the package `{name}`");
            let near = nearest(path, variants.iter().map(String::as_str)).unwrap_or(first);
            out.push(
                Diagnostic::new(&RULE, node.span(), message)
                    .label("not found")
                    .help(format!("did you mean `{near}`?")),
            );
        }
        return;
    };
    let is_finished = inner.form == Form::Archive;
    let is_empty = || inner.links.is_empty() && inner_folder::is_empty(inner, &stem);
    if is_finished && (!inner.is_tar_gz || is_empty()) {
        return;
    }
    // A source folder becomes the folder that the name asks for.
    let below = |file: &str| {
        if is_finished {
            file.to_owned()
        } else {
            format!("{stem}/{file}")
        }
    };
    let plain: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let plain = plain.join("/");
    let files: Vec<String> = inner.files.iter().map(|file| below(&file.path)).collect();
    let own = (!inner.descriptor_path.is_empty()).then(|| below(&inner.descriptor_path));
    // What ends with a slash is no file to the Store.
    let is_there = files.contains(&plain) && !path.ends_with('/');
    if is_there && own.as_ref().is_some_and(|own| *own == plain) {
        return;
    }
    let called = format!("the descriptor `{path}`");
    let archive = format!("the package `{name}`");
    let place = (&*called, &*archive);
    if let Some(found) = manifest::linked((&RULE, node.span()), inner, &plain, place) {
        out.push(found);
        return;
    }
    if own.is_none() && is_there {
        out.push(unknown((package, inner), node, (path, name), &plain));
        return;
    }
    let diagnostic = match is_there {
        true => {
            let message = format!("`{path}` is not the descriptor of the package `{name}`");
            let note = "the Store reads it as the descriptor, OSM another file";
            Diagnostic::new(&RULE, node.span(), message).note(note)
        }
        false => {
            let message = format!("the descriptor `{path}` is not in the package `{name}`");
            Diagnostic::new(&RULE, node.span(), message).label("not found")
        }
    };
    let texts = files.iter().map(String::as_str).filter(|file| {
        [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| file.ends_with(end))
    });
    let near = nearest(&plain, texts).map(str::to_owned);
    out.push(match own.or(near) {
        Some(there) => diagnostic.help(format!("did you mean `{there}`?")),
        None => diagnostic.note("there is no descriptor in it"),
    });
}

/// The finding of a file that is there and is not known as a descriptor.
fn unknown(
    (package, inner): (&Package, &Package),
    node: Node<'_>,
    (path, name): (&str, &str),
    plain: &str,
) -> Diagnostic {
    let text = inner
        .text(plain)
        .map(|text| text.text().as_bytes().to_vec());
    let doc = text.map(|text| yaml::parse(plain, text, Limits::default()));
    let root = doc.as_ref().and_then(Document::root);
    let what = match (&doc, root.filter(|root| !root.is_null())) {
        (None, _) => String::new(),
        (Some(doc), _) if doc.is_broken() => ": it is no YAML".to_owned(),
        (_, None) => ": it is empty".to_owned(),
        (_, Some(root)) => match root.shape() {
            Shape::Sequence => ": it is a list".to_owned(),
            Shape::Scalar => ": it is a single text".to_owned(),
            Shape::Mapping => {
                let first = root.entries().next();
                first.map_or_else(String::new, |first| {
                    format!(": its first key is `{}`", first.key())
                })
            }
        },
    };
    let (list, key) = match package.kind() {
        Some(Kind::ShieldNs) => ("nsd", "NSD_FORMAT_INVALID"),
        _ => ("vnfd", "VNFD_FORMAT_INVALID"),
    };
    let message = format!("`{path}` in the package `{name}` is no descriptor{what}");
    Diagnostic::new(&RULE, node.span(), message)
        .also(inner.span_of(plain), "this is the file")
        .note(format!("the Store answers 422 ({key}) to it, or 500"))
        .help(format!("pack the descriptor under that name; it begins with `{list}-catalog`, or `{list}:{list}-catalog` for release 2"))
}
