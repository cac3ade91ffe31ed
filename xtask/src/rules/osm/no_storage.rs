//! `osm/no-storage`.

use crate::descriptor::{Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-storage",
    level: Level::Deny,
    fixed: false,
    summary: "a VDU has no storage",
    docs: "\
## What it does

Checks that every `vdu` of a VNFD has `virtual-storage-desc`, unless it has
`pdu-type`.

## Why is this bad?

OSM's north-bound interface walks over the storage descriptions of each VDU that
is no physical unit, and fails with an internal error, `'NoneType' object is not
iterable`, where there are none. In the standard a VDU may boot from its image
alone.

## What to do

Add a `virtual-storage-desc` to the VNFD, and name it in the VDU; an empty list,
`virtual-storage-desc: []`, passes as well.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  virtual-storage-desc:\n    - id: disk\n  vdu:\n    - id: vm\n      virtual-storage-desc:\n        - disk\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    let known = names::ids(body, "virtual-storage-desc", "id");
    for vdu in names::list(body, "vdu") {
        let entry = local_entry(vdu, "virtual-storage-desc");
        let is_there = entry.is_some_and(|entry| !entry.value().is_null());
        if is_there || local(vdu, "pdu-type").is_some() {
            continue;
        }
        let (span, id) = match (entry, names::value(vdu, "id")) {
            (Some(entry), id) => (entry.key_span(), id.map_or("", |(_, id)| id)),
            (None, Some((node, id))) => (node.span(), id),
            (None, None) => continue,
        };
        let message =
            format!("the VDU `{id}` has no `virtual-storage-desc`, and OSM fails without one");
        let help = match known.first() {
            Some(first) => format!("write `virtual-storage-desc: [{first}]`, or an empty list"),
            None => "describe a disk in `virtual-storage-desc` of the VNFD and name it here, or \
                     write an empty list"
                .to_owned(),
        };
        out.push(Diagnostic::new(&RULE, span, message).help(help));
    }
}
