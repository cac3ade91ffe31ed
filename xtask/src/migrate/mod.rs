//! OSM's information model before release NINE to SOL006 in OSM's flavour.
//!
//! Trees in, text and losses out: nothing is read or written here. Each part of
//! the old model has a file that takes its keys one by one; a key that nobody has
//! taken is lost, and that is a finding (`fields`). Names and places are those of
//! OSM's own translation (`osm_im/im_translation.py`, Apache-2.0) where it has any,
//! so that a service which one of the two has translated finds the connection
//! points of a function that the other has.

mod comments;
mod compute;
mod configuration;
mod fields;
mod forwarding;
mod images;
mod interfaces;
mod ip;
mod kdu;
mod known;
mod links;
mod losses;
mod members;
mod monitoring;
mod ns_scaling;
mod nsd;
mod nst;
mod package;
mod placement;
mod rules;
mod scaling;
mod storage;
mod tree;
mod vdu;
mod vld;
mod vnfd;
mod write;

pub use known::Known;
pub use package::{CHECKSUMS, checksums, descriptor_name, loose_name};
pub use rules::RULES;

use std::ops::Range;

use crate::descriptor::{Descriptor, Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Span};
use crate::yaml::{Document, Node, ProblemKind, Shape};
use fields::Work;
use tree::{List, Map, Value};

/// The flavour in which a function comes out, and its level.
const FLAVOUR: &str = "default-df";
const LEVEL: &str = "default-instantiation-level";

/// A descriptor in the new model.
#[derive(Debug)]
pub struct Migration {
    /// Its text; empty where the old one can't be read.
    pub text: String,
    /// What could not be carried, and what was taken for granted, by its place.
    pub findings: Vec<Diagnostic>,
}

/// What becomes of a descriptor.
#[derive(Debug)]
pub enum Outcome {
    /// It was in the old model.
    Migrated(Migration),
    /// It is none of OSM's, or in the new model already; this is the reason.
    Left(&'static str),
}

/// Turns a descriptor of OSM's information model into one of SOL006.
///
/// Takes what is known of the descriptors beside it, by which references from one
/// to the other are told. A text that can't be read gives no text and the reason.
pub fn migrate(descriptor: &Descriptor, known: &Known) -> Outcome {
    let (kind, model) = (descriptor.kind, descriptor.model);
    match (kind, model) {
        (Kind::Vnf | Kind::Ns, Model::OsmIm) => {}
        (Kind::Nst, _) => {
            if let Some(reason) = nst::is_new(descriptor, known) {
                return Outcome::Left(reason);
            }
        }
        (Kind::Vnf | Kind::Ns | Kind::Pnf, _) => return Outcome::Left("is in SOL006 already"),
        (Kind::ShieldNs | Kind::ShieldVnsf, _) => {
            return Outcome::Left("wraps a finished package, which is to be migrated first");
        }
        _ => return Outcome::Left("is no descriptor of OSM's"),
    }
    let body = match body(descriptor) {
        Ok(body) => body,
        Err(findings) => {
            let text = String::new();
            return Outcome::Migrated(Migration { text, findings });
        }
    };
    let work = Work::on(&descriptor.doc);
    twice(&work, &descriptor.doc);
    let (root_key, mut root) = match kind {
        Kind::Vnf => {
            let body = vnfd::body(&work, body);
            ("vnfd", Value::Map(body))
        }
        Kind::Ns => {
            let mut list = List::default();
            list.push(nsd::body(&work, body, known));
            let mut inner = Map::default();
            inner.list("nsd", list);
            ("nsd", Value::Map(inner))
        }
        _ => {
            let mut list = List::default();
            list.push(nst::body(&work, body, known));
            ("nst", Value::List(list))
        }
    };
    let mut notes = envelope(&work, descriptor);
    let mut above = work.comments.head.clone();
    above.append(&mut notes.above);
    notes.above = above;
    if let Value::Map(map) = &mut root {
        map.notes = comments::Notes::default();
    }
    let mut document = Map::default();
    document.put(root_key, root, notes);
    let text = write::document(&document, &work.comments.foot);
    left_comments(&work, &descriptor.doc);
    let mut findings = work.findings();
    findings.sort_by(Diagnostic::compare);
    Outcome::Migrated(Migration { text, findings })
}

/// The body of a descriptor from which a migration can start.
fn body(descriptor: &Descriptor) -> Result<Node<'_>, Vec<Diagnostic>> {
    let doc = &descriptor.doc;
    let refuse =
        |span: Span, message: &str| Err(vec![Diagnostic::new(&rules::UNREADABLE, span, message)]);
    if let Some(finding) = unreadable(doc) {
        return Err(vec![finding]);
    }
    let second = |kind: &ProblemKind| matches!(kind, ProblemKind::SecondDocument);
    if let Some(problem) = doc.problems().iter().find(|problem| second(&problem.kind)) {
        return refuse(
            doc.span(problem.at.clone()),
            "the file holds a second document, which would be lost",
        );
    }
    if let Some(item) = several(descriptor) {
        return refuse(item.span(), "the file holds more than one descriptor");
    }
    // A template without its list is one of which a list is made.
    let single = || {
        let root = doc.root()?;
        let own = local(root, "nst").filter(|_| descriptor.kind == Kind::Nst)?;
        (own.shape() == Shape::Mapping).then_some(own)
    };
    let Some(body) = single().or_else(|| descriptor.body()) else {
        return refuse(descriptor.span(), "the descriptor has no body");
    };
    if local(body, "id").and_then(|id| id.str()).is_none() {
        return refuse(descriptor.span(), "the descriptor has no id");
    }
    Ok(body)
}

/// Why a text can't be read to its end, where it can't.
pub fn unreadable(doc: &Document) -> Option<Diagnostic> {
    let mut problems = doc.problems().iter();
    let problem = problems.find(|problem| problem.kind.is_fatal())?;
    let why = match &problem.kind {
        ProblemKind::Syntax { reason, .. } => format!("it is not valid YAML: {reason}"),
        ProblemKind::Encoding { looks_like } => match looks_like {
            Some(encoding) => format!("it is not UTF-8, it looks like {encoding}"),
            None => "it is not UTF-8".to_owned(),
        },
        ProblemKind::Limit { what, limit } => format!("it has more than {limit} {what}"),
        _ => "`cargo nfv check` says why".to_owned(),
    };
    let message = format!("the text can't be read to its end: {why}");
    let span = doc.span(problem.at.clone());
    Some(Diagnostic::new(&rules::UNREADABLE, span, message))
}

/// That an archive can't be read, and why.
pub fn broken_archive(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(
        &rules::UNREADABLE,
        span,
        format!("the archive can't be read: {why}"),
    )
    .help("build or fetch it again")
}

/// That a file does not come along, and why.
pub fn lost_file(span: Span, message: String, note: &str) -> Diagnostic {
    Diagnostic::new(&rules::LOST, span, message).note(note)
}

/// That a file comes along in another form.
pub fn assumed_file(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(&rules::ASSUMED, span, message)
}

/// Says which values had no effect, because their key stands there once more.
fn twice(work: &Work, doc: &Document) {
    for problem in doc.problems() {
        if let ProblemKind::DuplicateKey {
            key,
            first,
            is_same: false,
            ..
        } = &problem.kind
        {
            let message = format!("the key `{key}` stands twice, and the last value holds");
            work.drop(
                doc.span(first.clone()),
                message,
                "OSM read the last one as well",
            );
        }
    }
}

/// Says which comments go with what they stand at.
fn left_comments(work: &Work, doc: &Document) {
    const SHOWN: usize = 12;
    let left = work.comments.left();
    let Some(first) = left.first() else { return };
    let line = |place: &Range<usize>| doc.file().position(place.start).line;
    let mut lines: Vec<usize> = left.iter().map(line).collect();
    lines.dedup();
    let shown: Vec<String> = lines.iter().take(SHOWN).map(usize::to_string).collect();
    let more = match lines.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = match shown.as_slice() {
        [one] if more.is_empty() => format!("the comment on line {one} is left out"),
        all => format!(
            "the comments on lines {}{more} are left out",
            all.join(", ")
        ),
    };
    let why = "what stands there is left out itself, or has no key of its own in the new model";
    work.drop(doc.span(first.clone()), message, why);
}

/// The second descriptor of a catalog.
fn several(descriptor: &Descriptor) -> Option<Node<'_>> {
    let root = descriptor.doc.root()?;
    let list = match descriptor.kind {
        Kind::Vnf => local(local(root, "vnfd-catalog")?, "vnfd")?,
        Kind::Ns => local(local(root, "nsd-catalog")?, "nsd")?,
        _ => local(root, "nst")?,
    };
    list.item(1)
}

/// Takes what stands around the body: `schema-version` says nothing more, and
/// anything else is lost. Gives the comments.
fn envelope(work: &Work, descriptor: &Descriptor) -> comments::Notes {
    let Some(root) = descriptor.doc.root() else {
        return comments::Notes::default();
    };
    let (catalog, list) = match descriptor.kind {
        Kind::Vnf => ("vnfd-catalog", "vnfd"),
        Kind::Ns => ("nsd-catalog", "nsd"),
        _ => ("nst", ""),
    };
    let around = fields::Fields::new(work, root, "the file");
    let mut notes = around.peek(catalog).map(|f| f.notes()).unwrap_or_default();
    // OSM's oldest services have the catalog one level further down.
    let _ = around.take(catalog);
    let _ = around.take("nsd");
    around.finish(losses::NOTHING);
    if let Some(entry) = local_entry(root, catalog)
        && !list.is_empty()
        && entry.value().shape() == Shape::Mapping
    {
        let inner = fields::Fields::new(work, entry.value(), "the catalog");
        let _ = inner.take("schema-version");
        if let Some(field) = inner.take(list) {
            notes = notes.and(field.notes());
            if let Some(first) = field.node().item(0) {
                notes = notes.and(work.comments.take(first.at().start));
            }
        }
        inner.finish(losses::NOTHING);
    }
    notes
}
