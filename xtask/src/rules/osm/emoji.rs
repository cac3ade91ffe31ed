//! `osm/emoji`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/emoji",
    level: Level::Deny,
    fixed: false,
    summary: "a text has a letter that OSM can't store",
    docs: "\
## What it does

Looks in the values of a VNFD, an NSD or a slice template for letters beyond U+FFFF:
emoji, and letters of rare scripts. Comments may have them, and so may the profiles
(`vnf-profile`) of the first `df` of an NSD, which OSM takes as they are written.

## Why is this bad?

OSM writes what its loader has read as JSON and reads that again as YAML. JSON writes
such a letter as two halves (`\\ud83d\\ude00`), which pyangbind does
(`pybindJSON.dumps`) and of which PyYAML makes two letters that are none. Its database
takes no text with them: `'utf-8' codec can't encode characters in position 0-1:
surrogates not allowed`.

## What to do

Write the text without them.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  product-name: tiny \u{1f680}\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  product-name: tiny\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let kinds = [Kind::Vnf, Kind::Ns, Kind::Nst].into_iter();
    let mut bodies = kinds.filter_map(|kind| names::body(package, kind, Model::Sol006));
    let Some((descriptor, body)) = bodies.next() else {
        return;
    };
    let text = descriptor.doc.file().text();
    // Four bytes begin with one of these; in double quotes an escape may stand for it.
    let may_have =
        text.bytes().any(|byte| byte >= 0xf0) || text.contains("\\u") || text.contains("\\U");
    if !may_have {
        return;
    }
    let flavour = body.get("df").and_then(|list| list.item(0));
    let raw = flavour.filter(|_| descriptor.kind == Kind::Ns);
    let raw = raw.and_then(|flavour| flavour.get("vnf-profile"));
    let raw = raw.map_or(0..0, |profiles| profiles.at());
    names::each(body, &mut |node, key| {
        let is_raw = raw.start <= node.at().start && node.at().end <= raw.end;
        if !is_raw && let Some(text) = node.text() {
            value(node, key, text, out);
        }
    });
}

fn value(node: Node<'_>, key: &str, text: &str, out: &mut Vec<Diagnostic>) {
    let is_wide = |letter: &char| u32::from(*letter) > 0xffff;
    let Some(letter) = text.chars().find(is_wide) else {
        return;
    };
    let code = u32::from(letter);
    let message = format!("OSM can't store the letter `{letter}` (U+{code:04X}) of `{key}`");
    // Where it stands in the text, unless an escape stands for it.
    let (doc, at) = (node.document(), node.at());
    let written = doc.file().text().get(at.clone()).unwrap_or_default();
    let at = match written.find(letter) {
        Some(start) => at.start + start..at.start + start + letter.len_utf8(),
        None => at,
    };
    out.push(Diagnostic::new(&RULE, doc.span(at), message).help("write the text without it"));
}
