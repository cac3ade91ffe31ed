//! `osm/envelope`.

use crate::descriptor::{Descriptor, Kind, Model, local, local_entry, local_name};
use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::schema::words::short;
use crate::rules::{Check, Context, Lint, fixes};
use crate::schema::ModelVersion;
use crate::source::Package;
use crate::yaml::{Entry, Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/envelope",
    level: Level::Deny,
    fixed: true,
    summary: "the keys around the descriptor have the wrong shape",
    docs: "\
## What it does

Looks at the keys that wrap a descriptor. OSM wants exactly these shapes:

- `vnfd:` holds the function itself, a mapping;
- `nsd:` holds a second `nsd:`, and that is a list of one service;
- `nst:` holds a list of one slice;
- `vnfd-catalog:` and `nsd-catalog:`, of the model before release NINE, hold a
  list `vnfd:` or `nsd:`.

A module before the key is taken in `etsi-nfv-vnfd:vnfd`, in the outer
`etsi-nfv-nsd:nsd` and in `nst:nst`, and nowhere else.

The container `nfv:` of ETSI's model, which may hold several descriptors, is
none of them; `--profile etsi` takes it.

## Why is this bad?

OSM's north-bound interface unwraps the descriptor before anything else. Where
the shape is another, it answers `'vnfd' must be dict` or `'nsd' must be a list
of only one element` if the author is lucky, and `'df'` if not. Nothing inside
can be checked until the envelope is right, so no other finding is shown for
the content.

## What to do

Write the envelope as in the example; `--fix` makes the list where a service or
slice stands without one. The second `nsd` looks like a mistake but
is none: the outer one is the container of the model, the inner one the list.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  id: tiny_ns\n  version: '1.0'\n  df:\n    - id: default-df\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      df:\n        - id: default-df\n",
        )],
    }),
};

/// Whether the envelope is so wrong that the content can't be looked at.
pub(crate) fn is_wrong(descriptor: &Descriptor, model: Option<&ModelVersion>) -> bool {
    fault(descriptor).is_some() || outdated(descriptor, model).is_some()
}

/// A descriptor of the model before release NINE, where a later model was asked
/// for by name, or of a later one, where that before was.
fn outdated<'a>(
    descriptor: &'a Descriptor,
    model: Option<&ModelVersion>,
) -> Option<(Entry<'a>, String, String)> {
    let model = model?;
    let is_before = |family| family == "osm-im";
    let is_of_both = !matches!(descriptor.kind, Kind::Vnf | Kind::Ns);
    if is_of_both || is_before(model.family) == (descriptor.model == Model::OsmIm) {
        return None;
    }
    let entry = descriptor.envelope()?;
    if is_before(model.family) {
        let message = format!(
            "`{}` is of SOL006, which `{model}`, OSM's model before release NINE, does not take",
            entry.key()
        );
        let help = "check it with `--model osm@15`, or with none";
        return Some((entry, message, help.to_owned()));
    }
    let message = format!(
        "`{}` is of OSM's model before release NINE, which `{model}` does not take",
        entry.key()
    );
    let help = "write the descriptor anew by SOL006, or check it with `--model osm-im@8`";
    Some((entry, message, help.to_owned()))
}

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let fault = fault(descriptor).or_else(|| outdated(descriptor, context.choice.model));
    if let Some((entry, message, help)) = fault {
        let fix = fix(descriptor, entry);
        out.push(
            Diagnostic::new(&RULE, entry.key_span(), message)
                .help(help)
                .fix(fix),
        );
    }
}

/// A list around the slice or service that stands there instead of one.
fn fix(descriptor: &Descriptor, entry: Entry<'_>) -> Option<Fix> {
    let path = match (descriptor.kind, descriptor.model) {
        (Kind::Nst, _) => "nst",
        (Kind::Ns, Model::Sol006) => "nsd/nsd",
        (Kind::Ns, Model::OsmIm) => "nsd-catalog/nsd",
        (Kind::Vnf, Model::OsmIm) => "vnfd-catalog/vnfd",
        _ => return None,
    };
    let name = entry.name();
    let holds_itself = local(entry.value(), "id").is_some() && local(entry.value(), name).is_none();
    let doc = &descriptor.doc;
    holds_itself.then(|| fixes::wrap(doc, path, &entry.key_at()))?
}

/// The entry to point at, what is wrong with it and what to write.
fn fault(descriptor: &Descriptor) -> Option<(Entry<'_>, String, String)> {
    let root = descriptor.doc.root()?;
    if let Some(fault) = prefix(descriptor, root) {
        return Some(fault);
    }
    let (outer, inner) = match (descriptor.kind, descriptor.model) {
        (_, Model::Nfv) => {
            let entry = local_entry(root, "nfv")?;
            let message = format!("`{}` is no envelope that OSM knows", entry.key());
            let help = "write one descriptor a file, below `vnfd:` or `nsd:`";
            return Some((entry, message, help.to_owned()));
        }
        (Kind::Vnf, Model::Sol006) => return vnfd(root),
        (Kind::Nst, _) => {
            let entry = local_entry(root, "nst")?;
            return list(entry, "slice", "`nst:`, below it `- id: NAME`");
        }
        (Kind::Ns, Model::Sol006) => ("nsd", "nsd"),
        (Kind::Vnf, Model::OsmIm) => ("vnfd-catalog", "vnfd"),
        // `nsd: {nsd-catalog: ...}` was OSM's envelope for a while.
        (Kind::Ns, Model::OsmIm) => ("nsd-catalog", "nsd"),
        _ => return None,
    };
    let form = format!("`{outer}:`, below it `{inner}:`, below that `- id: NAME`");
    let entry = local_entry(root, outer)?;
    let value = entry.value();
    let what = if inner == "nsd" {
        "service"
    } else {
        "function"
    };
    if value.shape() == Shape::Sequence {
        let message = format!("`{outer}` is a list here, OSM wants a list `{inner}` inside it");
        return Some((entry, message, write(&form)));
    }
    if value.shape() == Shape::Scalar || value.entries().len() == 0 {
        let message = match value.str() {
            Some(text) => format!(
                "`{outer}` is `{}`, OSM wants a list `{inner}` inside it",
                short(text)
            ),
            None => format!("`{outer}` is empty"),
        };
        return Some((entry, message, write(&form)));
    }
    if let Some(inner) = local_entry(value, inner) {
        let fault = list(inner, what, &form);
        return fault.or_else(|| catalog(descriptor, entry, what));
    }
    // What its loader takes for metadata does not count.
    if value.entries().all(|entry| entry.key().contains('@')) {
        return Some((entry, format!("`{outer}` is empty"), write(&form)));
    }
    // The model has lists of others beside that of services.
    let is_other = |entry: Entry<'_>| ["vnfd", "pnfd"].contains(&entry.name());
    if outer == "nsd" && value.entries().all(is_other) {
        let message = format!("`{outer}` holds no {what}: the list `{inner}` is not there");
        return Some((entry, message, write(&form)));
    }
    // Anything else under `nsd` without the list is the schema's to tell.
    let own = ["id", "df", "vnfd-id", "virtual-link-desc", "vdu"];
    if own.iter().any(|key| local(value, key).is_some()) {
        let message =
            format!("`{outer}` holds the {what} itself, OSM wants a list `{inner}` inside it");
        return Some((entry, message, write(&form)));
    }
    None
}

/// What is written by SOL006 in an envelope of the model before it.
fn catalog<'a>(
    descriptor: &Descriptor,
    entry: Entry<'a>,
    what: &str,
) -> Option<(Entry<'a>, String, String)> {
    // Every descriptor of SOL006 has a deployment flavour, and none from before.
    let is_newer = descriptor.model == Model::OsmIm && descriptor.field("df").is_some();
    is_newer.then(|| {
        let key = entry.key();
        let message = format!(
            "`{key}` is the envelope of OSM's model before release NINE, and the {what} inside is written by SOL006"
        );
        let help = match descriptor.kind {
            Kind::Ns => "write `nsd:`, below it `nsd:`, below that `- id: NAME`",
            _ => "write `vnfd:`, below it `id: NAME` without a dash",
        };
        (entry, message, help.to_owned())
    })
}

/// OSM takes these keys letter by letter; other prefixes it does not take off.
fn prefix<'a>(descriptor: &Descriptor, root: Node<'a>) -> Option<(Entry<'a>, String, String)> {
    if descriptor.model != Model::Sol006 {
        return None;
    }
    let (key, allowed) = match descriptor.kind {
        Kind::Vnf => ("vnfd", "etsi-nfv-vnfd:vnfd"),
        Kind::Ns => ("nsd", "etsi-nfv-nsd:nsd"),
        Kind::Nst => ("nst", "nst:nst"),
        _ => return None,
    };
    let outer = local_entry(root, key)?;
    let inner = local_entry(outer.value(), key).filter(|_| descriptor.kind == Kind::Ns);
    let entry = match inner {
        _ if ![key, allowed].contains(&outer.key()) => outer,
        Some(inner) if inner.key() != key => inner,
        _ => return None,
    };
    let message = format!("OSM does not take `{}` for `{key}`", entry.key());
    Some((entry, message, format!("write `{key}:`")))
}

fn write(form: &str) -> String {
    format!("write {form}")
}

fn vnfd(root: Node<'_>) -> Option<(Entry<'_>, String, String)> {
    let entry = local_entry(root, "vnfd")?;
    let help = write("`vnfd:`, below it `id: NAME` without a dash");
    match entry.value().shape() {
        Shape::Mapping => {
            let is_nested = local(entry.value(), "vnfd").is_some();
            let message = "`vnfd` holds another `vnfd`, OSM takes the function itself";
            let fault = (entry, message.to_owned(), help);
            (is_nested && local(entry.value(), "id").is_none()).then_some(fault)
        }
        Shape::Sequence => {
            let message = "`vnfd` is a list, OSM takes the function itself, a mapping";
            Some((entry, message.to_owned(), help))
        }
        Shape::Scalar => {
            let message = match entry.value().str() {
                Some(text) => format!(
                    "`vnfd` is `{}`, OSM takes the function itself, a mapping",
                    short(text)
                ),
                None => "`vnfd` is empty".to_owned(),
            };
            Some((entry, message, help))
        }
    }
}

fn list<'a>(entry: Entry<'a>, what: &str, form: &str) -> Option<(Entry<'a>, String, String)> {
    let key = entry.key();
    let message = match entry.value().shape() {
        Shape::Sequence if entry.value().items().next().is_some_and(|i| !i.is_null()) => {
            return None;
        }
        Shape::Sequence if entry.value().items().len() > 0 => {
            format!("the first item of the list `{key}` has no content")
        }
        Shape::Sequence => format!("the list `{key}` is empty"),
        Shape::Mapping if local(entry.value(), local_name(key)).is_some() => {
            format!("`{key}` holds another `{key}`, OSM wants a list of one {what}")
        }
        Shape::Mapping => format!("`{key}` holds the {what} itself, OSM wants a list of one"),
        Shape::Scalar => match entry.value().str() {
            Some(text) => format!(
                "`{key}` is `{}`, OSM wants a list of one {what}",
                short(text)
            ),
            None => format!("`{key}` is empty"),
        },
    };
    Some((entry, message, write(form)))
}
