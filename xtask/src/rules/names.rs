//! What rules share: walking lists, and naming what exists.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use foldhash::{HashMap, HashSet};

use crate::descriptor::{Descriptor, Kind, Model, local};
pub(super) use crate::descriptor::{leaf_list, list, text, value};
use crate::diagnostic::{Diagnostic, Rule};
pub(super) use crate::rules::reading::read;
use crate::rules::{nearest, reading};
use crate::source::Package;
use crate::yaml::{Node, Shape};

/// The descriptor and its body, if it is of that kind and model. A body that is
/// no mapping has no parts to speak of: its envelope is wrong.
pub(super) fn body(package: &Package, kind: Kind, model: Model) -> Option<(&Descriptor, Node<'_>)> {
    let descriptor = package.descriptor.as_ref()?;
    if descriptor.kind != kind || descriptor.model != model {
        return None;
    }
    let body = descriptor.body()?;
    (body.shape() == Shape::Mapping).then_some((descriptor, body))
}

/// The same for a descriptor of ETSI's model, alone or in the container `nfv`.
pub(super) fn etsi_body(package: &Package, kind: Kind) -> Option<(&Descriptor, Node<'_>)> {
    body(package, kind, Model::Sol006).or_else(|| body(package, kind, Model::Nfv))
}

/// The ids of the descriptors in a document, whatever the keys and lists around
/// them are, as long as they are those of envelopes.
pub(super) fn in_any_envelope(descriptor: &Descriptor) -> Vec<Node<'_>> {
    const ENVELOPES: [&str; 7] = [
        "nfv",
        "nsd",
        "nsd-catalog",
        "nst",
        "pnfd",
        "vnfd",
        "vnfd-catalog",
    ];
    // No envelope has more parts.
    const DEEPEST: usize = 6;
    let mut ids = Vec::new();
    let mut open: Vec<(Node<'_>, usize)> = descriptor
        .doc
        .root()
        .map(|root| (root, 0))
        .into_iter()
        .collect();
    while let Some((node, depth)) = open.pop() {
        if depth > DEEPEST {
            continue;
        }
        ids.extend(value(node, "id").map(|(id, _)| id));
        let envelopes = node
            .entries()
            .filter(|entry| ENVELOPES.contains(&entry.name()));
        open.extend(envelopes.map(|entry| (entry.value(), depth + 1)));
        open.extend(node.items().map(|item| (item, depth + 1)));
    }
    ids
}

/// Goes down a path of keys.
pub(super) fn within<'a>(node: Node<'a>, path: &[&str]) -> Option<Node<'a>> {
    path.iter().try_fold(node, |node, key| local(node, key))
}

/// Calls `f` for every node below `root`, once for each place in the text, with
/// the key that it stands under.
pub(super) fn each<'a>(root: Node<'a>, f: &mut impl FnMut(Node<'a>, &'a str)) {
    let mut seen = root.document().met();
    let mut open = vec![(root, "")];
    while let Some((node, key)) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        f(node, key);
        let items = node.items().map(|item| (item, key));
        let values = node.entries().map(|entry| (entry.value(), entry.key()));
        for (node, key) in items.chain(values) {
            // A scalar has nothing below it to come back for.
            match node.text() {
                None => open.push((node, key)),
                Some(_) if seen.insert(node) => f(node, key),
                Some(_) => {}
            }
        }
    }
}

/// The ids (or what `id` names) of the items of a list, or of the one that stands
/// there without its list: that it does is told elsewhere.
pub(super) fn ids<'a>(node: Node<'a>, key: &str, id: &'static str) -> Names<'a> {
    named(list(node, key), id)
}

/// The key of an item: without a prefix, where it stands there with one as well.
fn key<'a>(item: Node<'a>, id: &str) -> Option<(Node<'a>, &'a str)> {
    let own = item.get(id).and_then(|node| Some((node, node.str()?)));
    own.or_else(|| value(item, id))
}

/// What `id` names in these items.
pub(super) fn named<'a>(items: impl Iterator<Item = Node<'a>>, id: &'static str) -> Names<'a> {
    let mut names = Names::default();
    for item in items {
        match key(item, id) {
            Some((node, name)) => {
                if reading::read(node) != name {
                    names.misread.push((names.list.len(), node));
                }
                names.list.push(name);
            }
            None => names.unnamed = Some(id),
        }
    }
    names
}

/// The items of a list by the text under `id`, in the order of the list.
pub(super) fn by_id<'a>(node: Node<'a>, key: &str, id: &str) -> HashMap<&'a str, Vec<Node<'a>>> {
    let mut by_id: HashMap<&str, Vec<Node<'a>>> = HashMap::default();
    for item in list(node, key) {
        by_id.entry(text(item, id)).or_default().push(item);
    }
    by_id
}

/// The same by the text that OSM's loader makes of it.
pub(super) fn by_read_id<'a>(
    node: Node<'a>,
    key: &str,
    id: &str,
) -> HashMap<Cow<'a, str>, Vec<Node<'a>>> {
    let mut by_id: HashMap<Cow<'_, str>, Vec<Node<'a>>> = HashMap::default();
    for item in list(node, key) {
        let id = local(item, id).map(reading::read).unwrap_or_default();
        by_id.entry(id).or_default().push(item);
    }
    by_id
}

/// Names in their order. Whether there is one takes no walk along them: ten
/// thousand references may ask.
#[derive(Clone, Default)]
pub(super) struct Names<'a> {
    list: Vec<&'a str>,
    /// Filled when a long list is first asked.
    set: OnceCell<HashSet<&'a str>>,
    /// The key that some item should have its name under and has none.
    unnamed: Option<&'static str>,
    /// Those that OSM's loader reads as another text than is written, by their number.
    misread: Vec<(usize, Node<'a>)>,
    /// What it reads, where there are such.
    read: OnceCell<HashSet<Cow<'a, str>>>,
}

impl<'a> Names<'a> {
    /// Those of several lists in one.
    pub fn all(lists: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Names::default();
        for names in lists {
            all.unnamed = all.unnamed.or(names.unnamed);
            let misread = names.misread.iter();
            let misread = misread.map(|(number, node)| (number + all.list.len(), *node));
            all.misread.extend(misread);
            all.extend(names);
        }
        all
    }

    /// The same in order, each once.
    pub fn sorted(mut self) -> Self {
        self.misread.clear();
        self.list.sort_unstable();
        self.list.dedup();
        self
    }

    /// Whether OSM finds the one that stands at a node: it compares what its loader has
    /// read of both.
    pub fn has(&self, node: Node<'_>) -> bool {
        let read = reading::read(node);
        if self.misread.is_empty() {
            return self.contains(&&*read);
        }
        let known = self.read.get_or_init(|| {
            let mut misread = self.misread.iter().peekable();
            let names = self.list.iter().enumerate();
            let names =
                names.map(
                    |(number, name)| match misread.next_if(|(own, _)| *own == number) {
                        Some((_, node)) => reading::read(*node),
                        None => Cow::Borrowed(*name),
                    },
                );
            names.collect()
        });
        known.contains(&read)
    }

    /// Why a name is not found though it is written like one of these, or that one like
    /// it.
    fn misreading(&self, node: Node<'_>) -> Option<String> {
        let read = reading::read(node);
        let typed = node.text()?;
        let alike = |own: &&(usize, Node<'_>)| {
            let (_, own) = own;
            own.text() == Some(typed) || own.text() == Some(&*read) || reading::read(*own) == typed
        };
        let other = self.misread.iter().find(alike);
        let is_written = || self.list.contains(&typed);
        match (reading::note(node), other) {
            (own, Some((_, other))) if own.is_none() => reading::note(*other),
            (own, _) => own.filter(|_| is_written()),
        }
    }

    /// Whether there is such a name.
    pub fn contains(&self, name: &&str) -> bool {
        const SHORT: usize = 16;
        if self.list.len() <= SHORT {
            return self.list.contains(name);
        }
        let set = || self.list.iter().copied().collect();
        self.set.get_or_init(set).contains(*name)
    }
}

impl<'a> Deref for Names<'a> {
    type Target = [&'a str];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl<'a> Extend<&'a str> for Names<'a> {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, names: I) {
        self.set.take();
        self.read.take();
        self.list.extend(names);
    }
}

impl<'a> FromIterator<&'a str> for Names<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut all = Names::default();
        all.extend(names);
        all
    }
}

impl<'a> IntoIterator for Names<'a> {
    type Item = &'a str;
    type IntoIter = std::vec::IntoIter<&'a str>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// More names than this are looked through for nobody: a descriptor that has
/// them may have as many references that lead nowhere.
const MOST: usize = 1000;

/// A note on what exists.
pub(super) fn existing(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("there {verb} {}", quoted(names))
}

/// At most eight names in backticks.
pub(super) fn quoted(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut some = names[..names.len().min(MOST)].to_vec();
    some.dedup();
    let count = match names.len() {
        ..=MOST => some.len(),
        all => all,
    };
    let shown: Vec<String> = some
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match count.saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A reference that leads nowhere, with the names that exist and the nearest
/// of them. `what` is what it should have named, in the singular.
pub(super) fn unknown(
    rule: &'static Rule,
    node: Node<'_>,
    message: String,
    what: &str,
    names: &[&str],
) -> Diagnostic {
    let typed = node.text().unwrap_or_default();
    let diagnostic = Diagnostic::new(rule, node.span(), message).label("not found");
    offer(diagnostic, typed, what, names)
}

/// The same for an item of a list, where some of what there is may be without a
/// name: what has none can't be named, and may be what was meant.
pub(super) fn unknown_item(
    rule: &'static Rule,
    node: Node<'_>,
    message: String,
    what: &str,
    names: &Names<'_>,
) -> Diagnostic {
    if let Some(note) = names.misreading(node) {
        return Diagnostic::new(rule, node.span(), message)
            .label("not found")
            .help("put both in quotes, here and where it is named, as they are meant")
            .note(note);
    }
    let Some(key) = names.unnamed else {
        return unknown(rule, node, message, what, names);
    };
    let starts = |c: char| "aeiou".contains(c);
    let article = match what.trim_start_matches('`').starts_with(starts) {
        true => "an",
        false => "a",
    };
    if names.is_empty() {
        return Diagnostic::new(rule, node.span(), message)
            .label("not found")
            .help(format!("there is {article} {what}, but without `{key}`"));
    }
    unknown(rule, node, message, what, names)
        .note(format!("there is {article} {what} without `{key}` too"))
}

/// Adds the nearest name as help and the names that exist as a note.
pub(super) fn offer(diagnostic: Diagnostic, typed: &str, what: &str, names: &[&str]) -> Diagnostic {
    if names.is_empty() {
        let help = format!("add the {what} `{typed}`; there is none yet");
        return diagnostic.help(help).lacks(what.trim_matches('`'));
    }
    let near = match names.len() {
        ..=MOST => nearest(typed, names.iter().copied()),
        _ => None,
    };
    let diagnostic = match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("name an existing {what} or add `{typed}`")),
    };
    diagnostic.note(existing(names))
}

/// Paths of the package's files below its root.
pub(super) fn files(package: &Package) -> impl Iterator<Item = &str> {
    let root = package.root();
    package
        .files
        .iter()
        .filter_map(move |file| file.path.strip_prefix(root))
}
