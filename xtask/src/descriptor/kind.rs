//! Which kind of descriptor a document is, by its root key.

use super::local;
use crate::yaml::{Entry, Node, Shape};

/// What a descriptor describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A virtual or containerised network function.
    Vnf,
    /// A network service.
    Ns,
    /// A physical network function.
    Pnf,
    /// A network slice template.
    Nst,
    /// A SHIELD package around a network service.
    ShieldNs,
    /// A SHIELD package around a virtual network security function.
    ShieldVnsf,
    /// A NEPHELE hyper-distributed application graph.
    Hdag,
    /// A Helm chart; a NEPHELE VO, cVO or application is one too.
    Chart,
    /// The descriptor of a NEPHELE virtual object. It travels inside a chart
    /// and makes no package by itself.
    Vo,
}

impl Kind {
    /// The word in listings and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Vnf => "VNF",
            Kind::Ns => "NS",
            Kind::Pnf => "PNF",
            Kind::Nst => "NST",
            Kind::ShieldNs => "SHIELD NS",
            Kind::ShieldVnsf => "SHIELD vNSF",
            Kind::Hdag => "HDAG",
            Kind::Chart => "chart",
            Kind::Vo => "VO descriptor",
        }
    }

    /// The name of the descriptor file in messages.
    pub fn descriptor_name(self) -> &'static str {
        match self {
            Kind::Vnf => "VNFD",
            Kind::Ns => "NSD",
            Kind::Pnf => "PNFD",
            Kind::Nst => "NST",
            Kind::ShieldNs | Kind::ShieldVnsf => "SHIELD manifest",
            Kind::Hdag => "HDA graph",
            Kind::Chart => "Chart.yaml",
            Kind::Vo => "VO descriptor",
        }
    }

    /// The same behind its article: `an NSD`.
    pub fn a_descriptor(self) -> String {
        with_article(self.descriptor_name())
    }

    /// Whether this is a SHIELD package.
    pub fn is_shield(self) -> bool {
        matches!(self, Kind::ShieldNs | Kind::ShieldVnsf)
    }

    /// Whether OSM onboards this kind.
    pub fn is_osm(self) -> bool {
        matches!(self, Kind::Vnf | Kind::Ns | Kind::Nst)
    }
}

/// The information model that a descriptor is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// ETSI GS NFV-SOL 006, in OSM's flavour or not; NSTs count here.
    Sol006,
    /// The same in the container `nfv`, which holds descriptors of several
    /// kinds. OSM knows no such container.
    Nfv,
    /// OSM's information model before release NINE.
    OsmIm,
    /// The SHIELD manifest.
    Shield,
    /// NEPHELE's HDA graph.
    Hdag,
    /// Helm.
    Helm,
    /// NEPHELE's virtual object stack (VO-WoT).
    Vo,
}

impl Model {
    /// The name of the model in listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Model::Sol006 | Model::Nfv => "SOL006",
            Model::OsmIm => "OSM-IM",
            Model::Shield => "SHIELD",
            Model::Hdag => "HDAG",
            Model::Helm => "Helm",
            Model::Vo => "VO",
        }
    }
}

/// The entry `manifest:ns` or `manifest:vnsf` of a SHIELD manifest. The prefix
/// is part of the key there, not a module.
pub(super) fn shield_root(root: Node<'_>) -> Option<Entry<'_>> {
    root.entries()
        .find(|entry| matches!(entry.key(), "manifest:ns" | "manifest:vnsf"))
        .or_else(|| {
            root.entries()
                .find(|entry| entry.key().starts_with("manifest:"))
        })
}

/// The lists of the container `nfv`, with what an item is. A service comes
/// first: the functions beside it are those that it needs.
pub(super) const CONTAINED: [(&str, Kind); 3] =
    [("nsd", Kind::Ns), ("vnfd", Kind::Vnf), ("pnfd", Kind::Pnf)];

/// What the container `nfv` is about, or `None` for another value of that name:
/// it holds lists of descriptors, or one without its list. A list in its place is
/// a container of a wrong shape where the file says that it has one, by its name
/// or by the module before the key.
fn contained(entry: Entry<'_>, file_name: &str) -> Option<Kind> {
    let container = entry.value();
    let is_one = |node: Node<'_>| match node.shape() {
        Shape::Sequence => true,
        Shape::Mapping => local(node, "id").is_some(),
        Shape::Scalar => false,
    };
    let holds = |key: &str| local(container, key).is_some_and(is_one);
    let (_, whole) = CONTAINED[0];
    let is_list = container.shape() == Shape::Sequence;
    let is_named = {
        let name = file_name.to_ascii_lowercase();
        let mut kinds = CONTAINED.iter().map(|(key, _)| *key).chain(["nfv"]);
        entry.key().contains(':') || kinds.any(|kind| name.contains(kind))
    };
    let found = CONTAINED.iter().find(|(key, _)| holds(key));
    let found = found.map(|(_, kind)| *kind);
    found.or((is_list && is_named).then_some(whole))
}

/// What a document is, or `None` for YAML that is no descriptor.
///
/// A Helm chart is known by its file name, as to Helm itself: a `Chart.yaml`
/// has no key that other YAML could not have.
pub fn identify(root: Node<'_>, file_name: &str) -> Option<(Kind, Model)> {
    if file_name == "Chart.yaml" && root.shape() == Shape::Mapping {
        return Some((Kind::Chart, Model::Helm));
    }
    if let Some(entry) = shield_root(root) {
        let kind = match entry.key() {
            "manifest:ns" => Kind::ShieldNs,
            _ => Kind::ShieldVnsf,
        };
        return Some((kind, Model::Shield));
    }
    // A virtual object has no key of its own around it; its north-bound
    // interface is what nothing else has.
    if root.get("bindingNB").is_some() && root.get("name").is_some() {
        return Some((Kind::Vo, Model::Vo));
    }
    for entry in root.entries() {
        let found = match entry.name() {
            // `vnfd:` as a bare list or a string is a VNFD with a wrong
            // envelope; a mapping that merely has a key `vnfd` further down
            // is not looked at here.
            "vnfd" => (Kind::Vnf, Model::Sol006),
            "nsd" => (Kind::Ns, Model::Sol006),
            "pnfd" => (Kind::Pnf, Model::Sol006),
            "nst" => (Kind::Nst, Model::Sol006),
            "nfv" => match contained(entry, file_name) {
                Some(kind) => (kind, Model::Nfv),
                None => continue,
            },
            "vnfd-catalog" => (Kind::Vnf, Model::OsmIm),
            "nsd-catalog" => (Kind::Ns, Model::OsmIm),
            "hdaGraph" if entry.key() == "hdaGraph" => (Kind::Hdag, Model::Hdag),
            _ => continue,
        };
        // `nsd: some-name` in a values file is no descriptor; alone in a file
        // that is called after one, it is one with a wrong envelope.
        if entry.value().shape() == Shape::Scalar && !entry.value().is_null() {
            let name = entry.name().trim_end_matches("-catalog");
            let is_named = file_name.to_ascii_lowercase().contains(name);
            if root.entries().len() > 1 || !is_named {
                continue;
            }
        }
        // A VNFD list below `nsd:` was OSM's envelope before the catalogs.
        if found == (Kind::Ns, Model::Sol006) && local(entry.value(), "nsd-catalog").is_some() {
            return Some((Kind::Ns, Model::OsmIm));
        }
        return Some(found);
    }
    None
}

/// What a text seems to be that can't be parsed: a root key at the start of a
/// line decides, so that a broken descriptor is still reported as one.
pub fn sniff(text: &str, file_name: &str) -> Option<(Kind, Model)> {
    if file_name == "Chart.yaml" {
        return Some((Kind::Chart, Model::Helm));
    }
    // UTF-16 that was read as UTF-8: a zero byte beside every letter, and two
    // bytes at the start that mean nothing.
    let plain: String;
    let text = if text.contains('\0') {
        plain = text.replace(['\0', '\u{fffd}'], "");
        plain.as_str()
    } else {
        text
    };
    let text = text.trim_start_matches('\u{feff}');
    let at_root = text.lines().find_map(|line| {
        let line = line.trim_end();
        // Indented lines are not at the root.
        if line.starts_with([' ', '\t', '#']) {
            return None;
        }
        let key = line.trim_start_matches(['{', '"', '\'', '\u{feff}']);
        ROOTS.iter().find_map(|(name, kind, model)| {
            let rest = key.strip_prefix(name)?;
            let rest = rest.trim_start_matches(['"', '\'']);
            let is_key = rest == ":" || rest.starts_with(": ") || rest.starts_with(":\t");
            is_key.then_some((*kind, *model))
        })
    });
    at_root.or_else(|| misspelt(text))
}

/// The keys at the root by which a text is known that can't be parsed.
const ROOTS: [(&str, Kind, Model); 15] = [
    ("manifest:ns", Kind::ShieldNs, Model::Shield),
    ("manifest:vnsf", Kind::ShieldVnsf, Model::Shield),
    ("hdaGraph", Kind::Hdag, Model::Hdag),
    ("vnfd", Kind::Vnf, Model::Sol006),
    ("etsi-nfv-vnfd:vnfd", Kind::Vnf, Model::Sol006),
    ("nsd", Kind::Ns, Model::Sol006),
    ("etsi-nfv-nsd:nsd", Kind::Ns, Model::Sol006),
    ("pnfd", Kind::Pnf, Model::Sol006),
    ("etsi-nfv-pnfd:pnfd", Kind::Pnf, Model::Sol006),
    ("etsi-nfv-descriptors:nfv", Kind::Ns, Model::Nfv),
    ("nst", Kind::Nst, Model::Sol006),
    ("nst:nst", Kind::Nst, Model::Sol006),
    ("vnfd-catalog", Kind::Vnf, Model::OsmIm),
    ("vnfd:vnfd-catalog", Kind::Vnf, Model::OsmIm),
    ("nsd-catalog", Kind::Ns, Model::OsmIm),
];

/// What a text is of which the fault is in its first line: a key of a root with signs
/// around it that do not belong there, or without its colon, and below it lines that
/// begin as those of descriptors do.
fn misspelt(text: &str) -> Option<(Kind, Model)> {
    let is_content = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && line != "---" && !line.starts_with('#')
    };
    let mut lines = text.lines().filter(is_content);
    let first = lines.next()?;
    let (kind, model) = of_misspelt_key(first)?;
    (looks_like_body(lines) && !is_template(text)).then_some((kind, model))
}

/// Whether a text is filled in by a program before anybody reads it.
pub fn is_template(text: &str) -> bool {
    ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark))
}

/// The root that a key or a line means which has no other letters than one.
pub fn of_misspelt_key(key: &str) -> Option<(Kind, Model)> {
    let key = key.split(" #").next().unwrap_or_default();
    let key = key.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let found = ROOTS
        .iter()
        .find(|(name, ..)| key.eq_ignore_ascii_case(name));
    found.map(|(_, kind, model)| (*kind, *model))
}

/// Whether two of these lines begin with keys that stand at the top of a descriptor.
pub fn looks_like_body<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = Vec::new();
    let mut keys = lines.filter_map(|line| {
        let (key, _) = line.trim_start_matches([' ', '-']).split_once(':')?;
        BODY.into_iter().find(|known| key == *known)
    });
    keys.any(|key| {
        if !seen.contains(&key) {
            seen.push(key);
        }
        seen.len() > 1
    })
}

/// Keys of which a descriptor has at least two below its first.
pub const BODY: [&str; 10] = [
    "id",
    "df",
    "vdu",
    "kdu",
    "vnfd-id",
    "netslice-subnet",
    "mgmt-cp",
    "ext-cpd",
    "version",
    "virtual-link-desc",
];

/// A noun behind its article, as it is read aloud: an abbreviation of up to four capitals letter by
/// letter, and everything else as a word.
pub(crate) fn with_article(noun: &str) -> String {
    let word = noun.split([' ', '.']).next().unwrap_or(noun);
    let is_spelt =
        (2..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let vowels = match is_spelt {
        true => "AEFHILMNORSX",
        false => "aeioAEIO",
    };
    let article = match word.starts_with(|letter| vowels.contains(letter)) {
        true => "an",
        false => "a",
    };
    format!("{article} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, parse};

    fn kind(text: &str) -> Option<(Kind, Model)> {
        let doc = parse("x.yaml", text.as_bytes(), Limits::default());
        identify(doc.root()?, "x.yaml")
    }

    #[test]
    fn by_root_key() {
        use Kind::{Ns, Nst, Pnf, ShieldNs, ShieldVnsf, Vnf};
        use Model::{Nfv, OsmIm, Shield, Sol006};
        for (text, want) in [
            ("vnfd: {id: a}", (Vnf, Sol006)),
            ("etsi-nfv-vnfd:vnfd: {id: a}", (Vnf, Sol006)),
            ("nsd: {nsd: [{id: a}]}", (Ns, Sol006)),
            ("etsi-nfv-nsd:nsd: {nsd: [{id: a}]}", (Ns, Sol006)),
            ("pnfd: {id: a}", (Pnf, Sol006)),
            ("etsi-nfv-pnfd:pnfd: {id: a}", (Pnf, Sol006)),
            ("nfv: {vnfd: [{id: a}]}", (Vnf, Nfv)),
            (
                "etsi-nfv-descriptors:nfv: {vnfd: [{id: a}], nsd: [{id: b}]}",
                (Ns, Nfv),
            ),
            ("nfv: {vnfd: {id: a}}", (Vnf, Nfv)),
            ("etsi-nfv-descriptors:nfv: []", (Ns, Nfv)),
            ("nst: [{id: a}]", (Nst, Sol006)),
            ("vnfd:vnfd-catalog: {vnfd: []}", (Vnf, OsmIm)),
            ("nsd-catalog: {nsd:nsd: []}", (Ns, OsmIm)),
            ("manifest:ns: {}", (ShieldNs, Shield)),
            ("manifest:vnsf: {}", (ShieldVnsf, Shield)),
            ("hdaGraph: {}", (Kind::Hdag, Model::Hdag)),
        ] {
            assert_eq!(kind(text), Some(want), "{text}");
        }
        for text in [
            "image: {repository: x}",
            "nsd: some-name",
            "nfv: {registry: x}",
            "nfv: {vnfd: {image: x}}",
            "nfv: [a, b]",
            "- vnfd",
            "apiVersion: v1",
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }

    #[test]
    fn a_single_value_is_a_descriptor_in_a_file_of_that_name_alone() {
        let kind = |text: &str, name| {
            let doc = parse(name, text.as_bytes(), Limits::default());
            identify(doc.root()?, name).map(|(kind, _)| kind)
        };
        assert_eq!(kind("vnfd: hello", "a_vnfd.yaml"), Some(Kind::Vnf));
        assert_eq!(kind("nsd-catalog: x", "a_NSD.yaml"), Some(Kind::Ns));
        assert_eq!(kind("nfv: []", "a_vnfd.yaml"), Some(Kind::Ns));
        assert_eq!(kind("vnfd: hello", "values.yaml"), None);
        assert_eq!(kind("vnfd: hello\nimage: x", "a_vnfd.yaml"), None);
    }

    #[test]
    fn a_broken_text_keeps_its_kind() {
        let broken = |text| sniff(text, "x.yaml").map(|(kind, _)| kind);
        assert_eq!(broken("# x\nvnfd:\n\tid: a\n"), Some(Kind::Vnf));
        assert_eq!(broken("{\"vnfd\": {"), Some(Kind::Vnf));
        assert_eq!(broken("manifest:ns:\n  - ]"), Some(Kind::ShieldNs));
        assert_eq!(broken("a:\n  vnfd: x\n\tb"), None);
        assert_eq!(broken("vnfd-id: x\n"), None);
        let utf_16 = "\u{fffd}\u{fffd}n\0s\0d\0:\0\n\0";
        assert_eq!(broken(utf_16), Some(Kind::Ns));
    }

    #[test]
    fn articles_are_as_they_are_spoken() {
        for (noun, want) in [
            ("NSD", "an NSD"),
            ("VNFD", "a VNFD"),
            ("HDA graph", "an HDA graph"),
            ("SHIELD manifest", "a SHIELD manifest"),
            ("Chart.yaml", "a Chart.yaml"),
            ("IP profile `p`", "an IP profile `p`"),
            ("alternative image", "an alternative image"),
            ("`x` of the VNFD", "a `x` of the VNFD"),
        ] {
            assert_eq!(with_article(noun), want);
        }
    }
}
