//! `osm/unpinned-image`.

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
    id: "osm/unpinned-image",
    level: Level::Warn,
    fixed: false,
    summary: "an image is downloaded and nothing says what it has to be",
    docs: "\
## What it does

Looks for an image (`sw-image-desc`, or in the model before SOL006 the `image` of
a VDU) that is an address on the web and has no checksum.

An image that is named and not addressed is looked for in the VIM, where its
administrator has put it. Nearly all images are of that kind, and next to none
has a checksum, so nothing is said of those: `schema/departure` shows them, and
the profiles of ETSI, where the checksum is mandatory, make an error of it.

## Why is this bad?

What an address holds today it need not hold tomorrow, by an update or by an
attack, and the function is then another one than the one that was tested. The
validator that SHIELD used asks whether the image can be reached
(`evt_vnfd_itg_vdu_image_not_found`); this program opens no connection.

## What to do

Add `checksum:` with `algorithm: sha-256` and the `hash`; before SOL006,
`image-checksum`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  sw-image-desc:\n    - id: ubuntu\n      name: ubuntu\n      image: https://images.example.org/ubuntu.qcow2\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  sw-image-desc:\n    - id: ubuntu\n      name: ubuntu\n      image: https://images.example.org/ubuntu.qcow2\n      checksum:\n        algorithm: sha-256\n        hash: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) {
        for image in names::list(body, "sw-image-desc") {
            let hash = names::within(image, &["checksum", "hash"]);
            if hash.and_then(|hash| hash.str()).is_none() {
                for key in ["image", "name"] {
                    look(image, key, "checksum", out);
                }
            }
        }
    }
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::OsmIm) {
        for vdu in names::list(body, "vdu") {
            if names::value(vdu, "image-checksum").is_none() {
                look(vdu, "image", "image-checksum", out);
            }
        }
    }
}

fn look(holder: Node<'_>, key: &str, checksum: &str, out: &mut Vec<Diagnostic>) {
    let Some((node, image)) = names::value(holder, key) else {
        return;
    };
    let schemes = ["http://", "https://", "ftp://", "oci://"];
    if schemes.iter().any(|scheme| image.starts_with(scheme)) {
        let message = format!("the image `{image}` is downloaded without a `{checksum}`");
        let help = format!("add `{checksum}`, so that it is known to be the one that was tested");
        let finding = Diagnostic::new(&RULE, node.span(), message);
        out.push(finding.help(help).lacks(checksum));
    }
}
