//! What the new model has no place for, and what that means.

use super::fields::{Work, truth};
use crate::yaml::{Entry, Node, Shape};

/// How much it matters that something is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It says what holds anyway, if it has one of these values.
    Idle(&'static [&'static str]),
    /// People read it; nothing that is deployed depends on it.
    Label,
    /// What is deployed, or how it is run, may be another.
    Effect,
}

/// A key of the old model, and why it is not carried over.
pub(super) type Loss = (&'static str, Weight, &'static str);

const PEOPLE: &str = "it is there for people to read; nothing that is deployed depends on it";

/// Keys that mean the same wherever they stand.
const ANYWHERE: &[Loss] = &[
    ("short-name", Weight::Label, PEOPLE),
    ("vendor", Weight::Label, PEOPLE),
    ("version", Weight::Label, PEOPLE),
    ("description", Weight::Label, PEOPLE),
    ("name", Weight::Label, PEOPLE),
    (
        "logo",
        Weight::Label,
        "the new model names no icon; the file stays in the package",
    ),
    (
        "meta",
        Weight::Label,
        "no version of the model has it; editors kept their drawings in it",
    ),
    (
        "vendor-specific",
        Weight::Label,
        "no version of the model has it",
    ),
];

/// The body of a VNFD.
pub(super) const VNFD: &[Loss] = &[
    (
        "service-function-chain",
        Weight::Idle(&["UNAWARE"]),
        "the new model does not say what part a function has in a chain",
    ),
    (
        "service-function-type",
        Weight::Label,
        "the new model does not say what part a function has in a chain",
    ),
    (
        "operational-status",
        Weight::Label,
        "it is the state of a record and means nothing here",
    ),
    (
        "http-endpoint",
        Weight::Effect,
        "the new model names no address to read values from; an execution environment with a \
         `metric-service` takes its place",
    ),
    (
        "vdu-dependency",
        Weight::Effect,
        "the new model has no order among the VDUs of a function",
    ),
];

/// `mgmt-interface`.
pub(super) const MGMT: &[Loss] = &[
    (
        "port",
        Weight::Label,
        "the new model names a connection point, and no port at it",
    ),
    (
        "dashboard-params",
        Weight::Label,
        "the new model names no dashboard",
    ),
    (
        "ip-address",
        Weight::Effect,
        "the new model takes the address from the connection point",
    ),
];

/// `connection-point`, of a VNFD and of a VDU.
pub(super) const POINT: &[Loss] = &[
    ("type", Weight::Idle(&["VPORT"]), "there is no other type"),
    (
        "id",
        Weight::Label,
        "a connection point is known by its name",
    ),
    (
        "static-ip-address",
        Weight::Effect,
        "the new model has no address at a connection point",
    ),
];

/// `vdu`.
pub(super) const VDU: &[Loss] = &[
    (
        "mgmt-vpci",
        Weight::Effect,
        "the new model has the PCI address of an interface, `vpci`, and none for management",
    ),
    (
        "vswitch-epa",
        Weight::Effect,
        "OSM's flavour of SOL006 asks for nothing of the virtual switch",
    ),
];

/// `interface` and its older forms.
pub(super) const INTERFACE: &[Loss] = &[
    (
        "type",
        Weight::Idle(&["INTERNAL", "EXTERNAL"]),
        "what it is connected to says it",
    ),
    (
        "floating-ip-needed",
        Weight::Effect,
        "the new model asks for a floating address at the service, `floating-ip-required` in `sapd`",
    ),
    (
        "floating-ip-required",
        Weight::Effect,
        "the new model asks for a floating address at the service, `floating-ip-required` in `sapd`",
    ),
];

/// `guest-epa`.
pub(super) const GUEST: &[Loss] = &[
    (
        "trusted-execution",
        Weight::Effect,
        "OSM's flavour of SOL006 can't ask for trusted execution",
    ),
    (
        "pcie-device",
        Weight::Effect,
        "OSM's flavour of SOL006 can't ask for PCI devices",
    ),
];

/// `volumes`.
pub(super) const VOLUME: &[Loss] = &[(
    "device-type",
    Weight::Idle(&["disk"]),
    "the new model has disks only",
)];

/// `internal-vld` and `vld`.
pub(super) const LINK: &[Loss] = &[(
    "vim-network-name",
    Weight::Effect,
    "the new model names a network of the VIM for the links of services only",
)];

/// `provider-network`.
pub(super) const PROVIDER: &[Loss] = &[(
    "overlay-type",
    Weight::Effect,
    "the new model has the physical network and the segment",
)];

/// `ip-profile-params`.
pub(super) const IP_PROFILE: &[Loss] = &[
    (
        "dns-server",
        Weight::Effect,
        "the new model names no DNS server for a link; it can be given when the service is \
         instantiated",
    ),
    (
        "subnet-prefix-pool",
        Weight::Effect,
        "the new model has no pool of prefixes",
    ),
];

/// `monitoring-param`.
pub(super) const MONITORING: &[Loss] = &[
    (
        "aggregation-type",
        Weight::Label,
        "the new model does not say how values are put together",
    ),
    ("group-tag", Weight::Label, PEOPLE),
    ("widget-type", Weight::Label, PEOPLE),
    ("units", Weight::Label, PEOPLE),
    ("numeric-constraints", Weight::Label, PEOPLE),
    ("text-constraints", Weight::Label, PEOPLE),
    ("value-type", Weight::Label, PEOPLE),
    (
        "value-integer",
        Weight::Label,
        "it is a value of a record and means nothing here",
    ),
    (
        "value-decimal",
        Weight::Label,
        "it is a value of a record and means nothing here",
    ),
    (
        "value-string",
        Weight::Label,
        "it is a value of a record and means nothing here",
    ),
    (
        "http-endpoint-ref",
        Weight::Effect,
        "the new model names no address to read values from",
    ),
    (
        "json-query-method",
        Weight::Effect,
        "the new model names no address to read values from",
    ),
    (
        "json-query-params",
        Weight::Effect,
        "the new model names no address to read values from",
    ),
    (
        "interface-name-ref",
        Weight::Effect,
        "the new model measures a VDU, and no interface of it",
    ),
];

/// `placement-groups`.
pub(super) const PLACEMENT: &[Loss] = &[(
    "requirement",
    Weight::Label,
    "it is there for people to read; the strategy is carried over",
)];

/// `vnf-configuration` and its like.
pub(super) const CONFIGURATION: &[Loss] = &[
    (
        "config-attributes",
        Weight::Effect,
        "the new model has no order and no delay among configurations",
    ),
    (
        "config-template",
        Weight::Effect,
        "the new model configures by execution environments only",
    ),
    (
        "config-file",
        Weight::Effect,
        "the new model configures by execution environments only",
    ),
    (
        "config-type",
        Weight::Effect,
        "the new model configures by execution environments only",
    ),
    (
        "netconf",
        Weight::Effect,
        "the new model configures by execution environments only",
    ),
    (
        "rest",
        Weight::Effect,
        "the new model configures by execution environments only",
    ),
    (
        "vca-relationships",
        Weight::Effect,
        "the relation can be written as `relation`, with the endpoints of both sides",
    ),
    (
        "execution-environment-ref",
        Weight::Effect,
        "the new model does not say which of several environments has a metric",
    ),
    (
        "execution-environment-metric",
        Weight::Effect,
        "the new model takes the metrics that the environment has",
    ),
];

/// The body of an NSD.
pub(super) const NSD: &[Loss] = &[
    (
        "input-parameter-xpath",
        Weight::Label,
        "it says what a user may change in the descriptor at instantiation, which OSM decides itself",
    ),
    (
        "parameter-pool",
        Weight::Effect,
        "the new model has no pools that values are taken from",
    ),
    (
        "key-pair",
        Weight::Effect,
        "the new model has no keys; they are given when the service is instantiated",
    ),
    (
        "user",
        Weight::Effect,
        "the new model has no users; cloud-init of the functions can make them",
    ),
    (
        "monitoring-param",
        Weight::Effect,
        "OSM's flavour of SOL006 has no values of a service that are made of those of its functions",
    ),
];

/// `scaling-group-descriptor` of an NSD.
pub(super) const NS_SCALING: &[Loss] = &[(
    "scaling-config-action",
    Weight::Effect,
    "the new model runs no primitive of the service when it scales",
)];

/// Primitives of services in the early releases.
pub(super) const NS_PRIMITIVE: &[Loss] = &[
    (
        "vnf-primitive-group",
        Weight::Effect,
        "a primitive of a service no longer runs those of its functions",
    ),
    (
        "parameter-group",
        Weight::Effect,
        "the new model has no groups of parameters",
    ),
];

/// For parts of which everything else is an unknown key.
pub(super) const NOTHING: &[Loss] = &[];

/// Says that an entry is lost, as heavily as it weighs.
pub(super) fn say(work: &Work, entry: Entry<'_>, what: &str, table: &[Loss]) {
    let key = entry.key();
    let local = key.rsplit(':').next().unwrap_or(key);
    let mut all = table.iter().chain(ANYWHERE);
    let message = format!("`{local}` of {what} has no place in SOL006");
    let span = entry.key_span();
    let known = all.find(|(name, ..)| *name == local);
    // Some mappings say what they say by being there; of those that are known here none does.
    let is_empty = match entry.value().shape() {
        Shape::Sequence => entry.value().items().next().is_none(),
        Shape::Mapping => known.is_some() && entry.value().entries().next().is_none(),
        Shape::Scalar => false,
    };
    if is_empty {
        work.drop(span, message, "it is empty, and says nothing");
        return;
    }
    match known {
        Some((_, Weight::Idle(values), why)) => {
            if !is_one_of(entry.value(), values) {
                work.lose(span, message, why);
            }
        }
        Some((_, Weight::Label, why)) => work.drop(span, message, why),
        Some((_, Weight::Effect, _)) if truth(entry.value()) == Some(false) => {}
        Some((_, Weight::Effect, why)) => work.lose(span, message, why),
        None => work.lose(
            span,
            message,
            "no release of OSM that is known here has this key there",
        ),
    }
}

fn is_one_of(node: Node<'_>, values: &[&str]) -> bool {
    let text = node.str();
    text.is_some_and(|text| values.iter().any(|value| value.eq_ignore_ascii_case(text)))
}
