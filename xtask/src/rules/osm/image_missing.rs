//! `osm/image-missing`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::{Form, Package};
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/image-missing",
    level: Level::Warn,
    fixed: false,
    summary: "the package holds images, but not the one that the descriptor names",
    docs: "\
## What it does

Compares the images of a VNFD that are called like files (`.qcow2`, `.img`,
`.vmdk`, `.raw`, `.iso`, `.vdi`) with the content of `images/` and
`Files/images/`. A package without such a folder is not looked at: its images are
in the VIM.

## Why is this bad?

OSM takes the package, and looks for the image in the VIM when the function is
instantiated. An image that was packed was meant to be found. The validator that
SHIELD used calls it `evt_vnfd_itg_vdu_image_not_found`.

## What to do

Correct the name, or add the image.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  sw-image-desc:\n    - id: tiny\n      name: tiny\n      image: tinny.qcow2\n",
            ),
            ("tiny_vnf/images/tiny.qcow2", ""),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  sw-image-desc:\n    - id: tiny\n      name: tiny\n      image: tiny.qcow2\n",
            ),
            ("tiny_vnf/images/tiny.qcow2", ""),
        ],
    }),
};

const ENDINGS: [&str; 6] = [".qcow2", ".img", ".vmdk", ".raw", ".iso", ".vdi"];

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.form == Form::Loose {
        return;
    }
    let shipped: Vec<&str> = names::files(package)
        .filter_map(|path| {
            let path = path.strip_prefix("Files/").unwrap_or(path);
            path.strip_prefix("images/")
        })
        .collect();
    if shipped.is_empty() {
        return;
    }
    let lists = [(Model::Sol006, "sw-image-desc"), (Model::OsmIm, "vdu")];
    for (model, list) in lists {
        let Some((_, body)) = names::body(package, Kind::Vnf, model) else {
            continue;
        };
        for holder in names::list(body, list) {
            look(holder, &shipped, out);
        }
    }
}

fn look(holder: Node<'_>, shipped: &[&str], out: &mut Vec<Diagnostic>) {
    let Some((node, image)) = names::value(holder, "image") else {
        return;
    };
    let is_file = ENDINGS.iter().any(|ending| image.ends_with(ending));
    if !is_file || image.contains("://") {
        return;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    if !shipped
        .iter()
        .any(|path| path.rsplit('/').next() == Some(name))
    {
        let message = format!("the image `{image}` is not in the package");
        out.push(names::unknown(&RULE, node, message, "image", shipped));
    }
}
