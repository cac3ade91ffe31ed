//! `schema/departure`.

use std::collections::{BTreeMap, BTreeSet};

use super::{not_allowed, prefix, words, wrong_type};
use crate::descriptor::{Descriptor, Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Example, Label, Level, Rule, Tally};
use crate::rules::sol006::dangling_reference;
use crate::rules::{Check, Context, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/departure",
    level: Level::Warn,
    fixed: false,
    summary: "OSM accepts this, the published model does not",
    docs: "\
## What it does

Tells, once a descriptor, where it is incomplete or loose by the published model
without any harm to OSM: nodes that are mandatory and left out, lists with too
few or too many items, one value where a list is asked for, `2.0` for a whole
number, a key with the prefix of a module that it does not belong to. The model is that of NFV-SOL006 2.6.1
with OSM's additions, and for descriptors from before release NINE that of their
release; its published defects (`docs/sol006-defects.md`) are no departures.

A connection that names a virtual link where the model wants the profile of one
(`virtual-link-profile-id`) is a departure: OSM takes the link itself.

What contradicts itself is told by itself, as a warning, though OSM takes it as
well: references that lead nowhere (`sol006/dangling-reference`), equal keys of
list items (`sol006/duplicate-list-key`), values that do not go together
(`sol006/condition`) and keys of two cases of one choice (`schema/conflict`).

Of one descriptor the first 20,000 places are looked at, and it is told that there
are more. What OSM refuses is looked for to the end.

Of many descriptors, the format `human` says it in one finding. The other
formats have one for each descriptor, with the first places.

What a function of containers alone can't have is no departure: the model asks
every function for virtual machines, and for levels and profiles of them, and a
service for the level of each function, which is told only where the function is
at hand and has machines. Nor is the account of a VIM that OSM's model of slices
asks for, which is given when the slice is made.

## Why is this bad?

OSM loads descriptors through classes made with pyangbind, which do not check
these things, so such a descriptor is onboarded and works. Another orchestrator
that takes ETSI GS NFV-SOL 006 to the letter refuses it.

## What to do

Fill in what is missing, if the descriptor is to go anywhere but to OSM;
`cargo nfv check --profile etsi` shows each place by itself. `--fix` makes a list of a
single value, corrects words and takes prefixes off. If it is not, put
`\"schema/departure\" = \"allow\"` into `[lints]`, or a comment
`# nfv: allow(schema/departure)` above the node that stays as it is.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgmt-ext\n  kdu:\n    - name: web\n      helm-chart: stable/web\n  k8s-cluster:\n    nets:\n      - id: mgmt\n  ext-cpd:\n    - id: mgmt-ext\n      k8s-cluster-net: mgmt\n  df:\n    - id: default-df\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  product-name: tiny\n  provider: Example Operator\n  version: '1.0'\n  software-version: '0.3.0'\n  vnfm-info:\n    - osm\n  mgmt-cp: mgmt-ext\n  kdu:\n    - name: web\n      helm-chart: stable/web\n  k8s-cluster:\n    nets:\n      - id: mgmt\n  ext-cpd:\n    - id: mgmt-ext\n      k8s-cluster-net: mgmt\n  df:\n    - id: default-df\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    if !violation.tolerated {
        return None;
    }
    if matches!(violation.kind, ViolationKind::MissingKey { .. }) {
        return many(&[violation], place);
    }
    let mut diagnostic = words::finding(&RULE, violation, place, words::message(violation));
    let name = BTreeSet::from([words::last_key(&violation.path).to_owned()]);
    diagnostic.tally = Some(match &violation.kind {
        ViolationKind::NoneOf { options } => {
            // A name, as it were, of several: what stands in a list is quoted.
            let one_of = words::list(options, "or");
            tally([one_of.trim_matches('`').to_owned()], [], place)
        }
        ViolationKind::DanglingReference { .. }
            if dangling_reference::names_a_parameter(violation, place) =>
        {
            diagnostic.message = format!(
                "`{}` names a monitoring parameter of a VDU or a link, as OSM has it, and not of the flavour",
                violation.path
            );
            tally([], name, place)
        }
        // The least that fits is to name one.
        ViolationKind::Condition { name, .. } if name == "default-level" => {
            tally(["default-instantiation-level".to_owned()], [], place)
        }
        ViolationKind::DanglingReference { .. }
            if dangling_reference::names_a_link(violation, place) =>
        {
            diagnostic.message = format!(
                "`{}` names the virtual link itself, as OSM has it, and not a profile of it",
                violation.path
            );
            tally([], name, place)
        }
        // Another rule has words for what contradicts itself.
        ViolationKind::Condition { .. }
        | ViolationKind::Conflict { .. }
        | ViolationKind::DanglingReference { .. }
        | ViolationKind::DuplicateKey { .. } => return None,
        ViolationKind::More { most } => Tally {
            places: 0,
            more_than: Some(*most),
            ..tally([], [], place)
        },
        ViolationKind::Count { bound } if bound.starts_with("at least") => tally(name, [], place),
        ViolationKind::Prefix { key, prefix, .. } => tally([], [format!("{prefix}:{key}")], place),
        _ => tally([], name, place),
    });
    let fix = wrong_type::fix(violation, place)
        .or_else(|| not_allowed::fix(violation, place))
        .or_else(|| prefix::fix(violation, place));
    Some(diagnostic.fix(fix))
}

/// One finding for all keys that one mapping lacks.
pub(super) fn many(violations: &[&Violation], place: &Place<'_>) -> Option<Diagnostic> {
    let first = violations.first()?;
    let keys: Vec<&str> = violations
        .iter()
        .filter_map(|violation| match &violation.kind {
            ViolationKind::MissingKey { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let message = words::missing(&keys, &first.path);
    let mut diagnostic = words::finding(&RULE, first, place, message);
    diagnostic.tally = Some(tally(keys.into_iter().map(str::to_owned), [], place));
    Some(diagnostic)
}

fn tally(
    missing: impl IntoIterator<Item = String>,
    different: impl IntoIterator<Item = String>,
    place: &Place<'_>,
) -> Tally {
    // OSM's releases from NINE on add to version 2.6.1.
    let mut name = place.schema.name.split('/');
    let model = match (name.next(), name.next(), name.next()) {
        (Some("sol006"), Some(version), _) => format!("ETSI NFV-SOL006 {version}"),
        (Some("osm"), _, Some("vnfd" | "nsd")) => "ETSI NFV-SOL006 2.6.1".to_owned(),
        _ => "OSM's own model".to_owned(),
    };
    Tally {
        model,
        missing: missing.into_iter().collect(),
        different: different.into_iter().collect(),
        places: 1,
        more_than: None,
    }
}

/// Whether the model asks for what such a descriptor can't have.
pub(super) fn is_moot(
    violation: &Violation,
    descriptor: &Descriptor,
    context: &Context<'_>,
) -> bool {
    if !violation.tolerated {
        return false;
    }
    let key = match &violation.kind {
        ViolationKind::MissingKey { key, .. } => key.as_str(),
        // That there is no level at all is told as a missing key.
        ViolationKind::Condition { name, text, .. } => {
            return name == "default-level" && text.contains("must have one");
        }
        // A second service is refused by `osm/one-descriptor`.
        ViolationKind::Count { .. } => return violation.path == "nsd/nsd",
        _ => return false,
    };
    match (descriptor.kind, key) {
        (Kind::Vnf, "vdu" | "vdu-profile" | "instantiation-level") => is_of_containers(descriptor),
        (Kind::Ns, "instantiation-level") => {
            profiled(violation, descriptor).is_some_and(|function| {
                let packages = context.find(Kind::Vnf, function).iter();
                let mut descriptors = packages.filter_map(|package| package.descriptor.as_ref());
                // Of a function that is not at hand nobody knows whether it has
                // a level.
                let has_levels = |function: &Descriptor| {
                    function.model == Model::Sol006 && !is_of_containers(function)
                };
                !descriptors.any(has_levels)
            })
        }
        (Kind::Nst, "instantiation-parameters" | "vimAccountId") => true,
        _ => false,
    }
}

/// Whether a function has deployment units of Kubernetes and no others.
fn is_of_containers(descriptor: &Descriptor) -> bool {
    descriptor.body().is_some_and(|body| {
        let has = |key| local(body, key).is_some_and(|list| list.items().len() > 0);
        has("kdu") && !has("vdu")
    })
}

/// The function of the profile in which something is missing.
fn profiled<'a>(violation: &Violation, descriptor: &'a Descriptor) -> Option<&'a str> {
    let mut node = descriptor.doc.root()?;
    for segment in violation.path.split('/') {
        node = match local_entry(node, segment) {
            Some(entry) => entry.value(),
            None => node.item(segment.parse().ok()?)?,
        };
    }
    local(node, "vnfd-id")?.str()
}

/// Makes one finding of all departures of a file. Comments have been heard and
/// levels been given by then; what another rule says of the same token is left
/// to that rule.
pub(in super::super) fn gather(diagnostics: &mut Vec<Diagnostic>) {
    let is_own = |diagnostic: &Diagnostic| diagnostic.rule == &RULE && diagnostic.tally.is_some();
    if !diagnostics.iter().any(is_own) {
        return;
    }
    let (own, mut rest): (Vec<_>, Vec<_>) =
        std::mem::take(diagnostics).into_iter().partition(is_own);
    let place = |diagnostic: &Diagnostic| {
        let span = &diagnostic.primary.span;
        (
            span.file.path().to_owned(),
            span.range.clone().map(|range| (range.start, range.end)),
        )
    };
    let told: BTreeSet<_> = rest.iter().map(place).collect();
    let mut files: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in own {
        let place = place(&diagnostic);
        let is_value = diagnostic
            .tally
            .as_ref()
            .is_some_and(|tally| !tally.different.is_empty());
        if !is_value || !diagnostic.fixes.is_empty() || !told.contains(&place) {
            files.entry(place.0).or_default().push(diagnostic);
        }
    }
    rest.extend(files.into_values().filter_map(one));
    *diagnostics = rest;
}

/// One finding of the departures of one file.
fn one(mut departures: Vec<Diagnostic>) -> Option<Diagnostic> {
    const MARKED: usize = 6;
    // That there are more is no place of its own.
    departures.sort_by(|a, b| is_more(a).cmp(&is_more(b)).then_with(|| a.compare(b)));
    let mut departures = departures.into_iter();
    let mut whole = departures.next()?;
    let mut tally = whole.tally.take().unwrap_or_default();
    let mut held = std::mem::take(&mut whole.held);
    if !is_more(&whole) {
        whole.primary.text = std::mem::take(&mut whole.message);
    }
    for mut departure in departures {
        let other = departure.tally.take().unwrap_or_default();
        tally.missing.extend(other.missing);
        tally.different.extend(other.different);
        tally.more_than = tally.more_than.or(other.more_than);
        if other.more_than.is_some() {
            continue;
        }
        tally.places += 1;
        whole.fixes.extend(departure.fixes);
        held.extend(departure.held);
        if tally.places <= MARKED {
            whole.secondary.push(Label {
                text: departure.message,
                span: departure.primary.span,
            });
            whole.secondary.append(&mut departure.secondary);
        }
    }
    if tally.more_than.is_some() {
        whole
            .notes
            .push("only the first places are shown".to_owned());
    } else if tally.places > MARKED {
        let more = tally.places - MARKED;
        let (plural, verb) = if more == 1 { ("", "is") } else { ("s", "are") };
        whole
            .notes
            .push(format!("{more} more place{plural} {verb} not shown"));
    }
    let places = match tally.more_than {
        Some(most) => format!(" in more than {most} places"),
        None => String::new(),
    };
    whole.message = match names(&tally) {
        names if names.is_empty() => format!(
            "the descriptor departs from {}{places} where OSM does not mind",
            tally.model
        ),
        names => format!(
            "the descriptor departs from {}{places} where OSM does not mind: {names}",
            tally.model
        ),
    };
    whole.help = vec![HELP.to_owned()];
    whole.hold(held);
    whole.tally = Some(tally);
    Some(whole)
}

fn is_more(departure: &Diagnostic) -> bool {
    let tally = departure.tally.as_ref();
    tally.is_some_and(|tally| tally.more_than.is_some())
}

/// What to do about departures; the same for one descriptor and for many.
const HELP: &str =
    "`cargo nfv check --profile etsi` shows each place, `-A schema/departure` silences this";

/// What is missing and what is different, in a message.
fn names(tally: &Tally) -> String {
    const SHOWN: usize = 8;
    let list = |names: &BTreeSet<String>| {
        let shown: Vec<&String> = names.iter().take(SHOWN).collect();
        match names.len().saturating_sub(SHOWN) {
            0 => words::list(&shown, "and"),
            more => format!(
                "{} and {more} more",
                words::list(&shown, "and").replace(" and ", ", ")
            ),
        }
    };
    match (tally.missing.is_empty(), tally.different.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("it leaves out {}", list(&tally.missing)),
        (true, _) => format!("it differs in {}", list(&tally.different)),
        (false, false) => format!(
            "it leaves out {}; it differs in {}",
            list(&tally.missing),
            list(&tally.different)
        ),
    }
}
