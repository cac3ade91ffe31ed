//! Holds the verdicts of the profile `etsi-literal` beside those of libyang.
//!
//! Documents are generated from each model until nearly every node of it has
//! occurred, broken in one place after another, and judged by both; so are the
//! descriptors of a corpus, as they are and made valid and broken. A
//! difference is a fault of ours unless it is one of libyang's that has a name
//! in [`known`].

mod corpus;
mod dice;
mod fault;
mod grow;
mod instance;
pub mod judge;
mod known;
mod repair;
mod sample;
mod tally;
mod tree;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use nfv::rules;
use nfv::schema::{self, Schema, Violation};
use nfv::source::Profile;
use nfv::yaml::{self, Document, Limits};
use serde_json::Value;

use self::corpus::Descriptor;
use self::dice::Dice;
use self::grow::Crop;
use self::instance::{Instance, Writer};
use self::judge::Judge;
use self::tally::Tally;
use self::tree::Tree;
use crate::emit::DEMANDED_BY_MISTAKE;
use crate::yang::{Complaint, Kind, Node};

/// What is compared: every version of NFV-SOL006 with its container of all
/// descriptors and those that hold one, in which from 2.7.1 on no reference
/// leads anywhere that begins at the top; and the newest OSM.
const DOCUMENTS: [&str; 35] = [
    "sol006/2.6.1/nfv",
    "sol006/2.6.1/vnfd",
    "sol006/2.6.1/nsd",
    "sol006/2.6.1/pnfd",
    "sol006/2.7.1/nfv",
    "sol006/2.7.1/vnfd",
    "sol006/2.7.1/nsd",
    "sol006/2.7.1/pnfd",
    "sol006/2.8.1/nfv",
    "sol006/2.8.1/vnfd",
    "sol006/2.8.1/nsd",
    "sol006/2.8.1/pnfd",
    "sol006/3.3.1/nfv",
    "sol006/3.3.1/vnfd",
    "sol006/3.3.1/nsd",
    "sol006/3.3.1/pnfd",
    "sol006/3.5.1/nfv",
    "sol006/3.5.1/vnfd",
    "sol006/3.5.1/nsd",
    "sol006/3.5.1/pnfd",
    "sol006/3.6.1/nfv",
    "sol006/3.6.1/vnfd",
    "sol006/3.6.1/nsd",
    "sol006/3.6.1/pnfd",
    "sol006/3.7.1/nfv",
    "sol006/3.7.1/vnfd",
    "sol006/3.7.1/nsd",
    "sol006/3.7.1/pnfd",
    "sol006/4.3.1/nfv",
    "sol006/4.3.1/vnfd",
    "sol006/4.3.1/nsd",
    "sol006/4.3.1/pnfd",
    "osm/r15/vnfd",
    "osm/r15/nsd",
    "osm/r15/nst",
];

/// How many documents a child judges before the next takes over.
const CHUNK: usize = 250;

/// With fewer faults than this the run is a short one: it has no time for
/// nodes that seldom fit, nor to put descriptors of the corpus right.
const SHORT: usize = 200;

/// So many differences are shown.
const SHOWN: usize = 40;

/// What to do.
pub struct Plan<'a> {
    /// The folder of all modules.
    pub yang: &'a Path,
    /// The folder of real descriptors, if there is one.
    pub corpus: Option<&'a Path>,
    /// Only documents whose names begin so.
    pub only: &'a str,
    /// How many faults to try in each kind of document.
    pub count: usize,
    /// Decides everything that is drawn.
    pub seed: u64,
    /// Whether to tell more than the counts.
    pub is_verbose: bool,
}

/// A kind of document with all that is needed to judge one.
struct Subject {
    name: &'static str,
    schema: &'static Schema,
    root: &'static Node,
    writer: Writer<'static>,
}

/// A document to judge.
struct Case {
    document: Value,
    /// The file, where it is judged as it was written.
    file: Option<usize>,
    class: &'static str,
    what: String,
    /// The path in the schema of a node of which libyang must have nothing to
    /// say but that it names what is not there.
    sound: Option<String>,
}

/// Compares the verdicts, prints the counts, and fails where they differ.
pub fn run(plan: &Plan<'_>) -> Result<()> {
    let names = DOCUMENTS.iter().filter(|name| name.starts_with(plan.only));
    let subjects: Vec<Subject> = names
        .map(|name| Subject::load(plan.yang, name).with_context(|| (*name).to_owned()))
        .collect::<Result<_>>()?;
    let (descriptors, unreadable) = match plan.corpus {
        Some(folder) => corpus::read(folder)?,
        None => (Vec::new(), 0),
    };
    if plan.corpus.is_some() {
        println!(
            "corpus: {} descriptors, {unreadable} files that are none to YAML",
            descriptors.len()
        );
    }

    let tries = if plan.count < SHORT { 1 } else { 6 };
    let crops = in_parallel(&subjects, |subject| Ok(subject.grow(plan.seed, tries)))?;
    let mended = in_parallel(&subjects, |subject| {
        Ok(match plan.count < SHORT {
            true => Vec::new(),
            false => subject.mend(&descriptors, plan.seed),
        })
    })?;
    // What libyang crashes on is counted, and no faults are made in it.
    let numbers: Vec<usize> = (0..subjects.len()).collect();
    let bases = in_parallel(&numbers, |number| {
        let subject = &subjects[*number];
        let mut judge = Judge::start(plan.yang, subject.name)?;
        let mut sound = |documents: &[Value]| -> Result<Vec<Value>> {
            let mut kept = Vec::new();
            for document in documents {
                if let Instance::Xml(text) = subject.writer.write(document)?
                    && judge.ask(&text)?.is_some()
                {
                    kept.push(document.clone());
                }
            }
            Ok(kept)
        };
        Ok((sound(&crops[*number].documents)?, sound(&mended[*number])?))
    })?;
    let demanded: Vec<Vec<(String, String)>> = subjects
        .iter()
        .map(|subject| {
            let all = subject.schema.demanded().into_iter();
            let all = all.filter(|(around, _)| !around.is_empty());
            // A short run has time for some of them.
            let step = if plan.count < SHORT { 8 } else { 1 };
            all.step_by(step).collect()
        })
        .collect();
    let mut jobs = Vec::new();
    for (number, _) in subjects.iter().enumerate() {
        // The documents as they are come before the faults.
        let whole = crops[number].documents.len() + crops[number].missing.len();
        let whole = whole + demanded[number].len() + mended[number].len() + descriptors.len();
        for start in (0..whole + plan.count).step_by(CHUNK) {
            let end = (start + CHUNK).min(whole + plan.count);
            jobs.push((number, start..end));
        }
    }
    let tallies = in_parallel(&jobs, |(number, range)| {
        let subject = &subjects[*number];
        let source = Source {
            subject,
            tree: Tree::new(subject.root),
            crop: &crops[*number],
            mended: &mended[*number],
            demanded: &demanded[*number],
            bases: &bases[*number],
            descriptors: &descriptors,
            seed: plan.seed,
        };
        let mut judge = Judge::start(plan.yang, subject.name)?;
        let mut tally = Tally::default();
        for place in range.clone() {
            if let Some(case) = source.case(place) {
                source.judge(&case, &mut judge, &mut tally)?;
            }
        }
        Ok(tally)
    })?;

    let mut sums: Vec<Tally> = subjects.iter().map(|_| Tally::default()).collect();
    for ((number, _), tally) in jobs.iter().zip(tallies) {
        sums[*number].add(tally);
    }
    let mut total = Tally::default();
    for (number, sum) in sums.into_iter().enumerate() {
        let crop = &crops[number];
        println!(
            "{}: {} of {} nodes in {} documents, {} mended; both accept {}, both refuse {}, \
             libyang crashed on {}, known faults {}, different {}",
            subjects[number].name,
            crop.nodes - crop.missing.len(),
            crop.nodes,
            crop.documents.len(),
            mended[number].len(),
            sum.accepted,
            sum.refused,
            sum.crashed,
            sum.known.values().sum::<usize>(),
            sum.different.len()
        );
        if plan.is_verbose {
            for path in tops(&crop.missing) {
                println!("  in no valid document: {path}");
            }
        }
        total.add(sum);
    }
    conclude(plan, &total)
}

/// Prints what holds for all documents together.
fn conclude(plan: &Plan<'_>, total: &Tally) -> Result<()> {
    println!(
        "total: {} documents, both accept {}, both refuse {} ({} of them for a shape that no \
         instance has), libyang crashed on {}",
        total.total(),
        total.accepted,
        total.refused,
        total.shape,
        total.crashed
    );
    for (class, count) in &total.classes {
        match total.unlike.get(class) {
            Some(unlike) => println!("  {class}: {count}, {unlike} of them judged differently"),
            None => println!("  {class}: {count}"),
        }
    }
    println!(
        "nodes in documents that both refuse: libyang names {}, we have a finding at {}; we name \
         {}, libyang {}",
        total.complaints.0, total.complaints.1, total.findings.0, total.findings.1
    );
    if plan.is_verbose {
        let mut unfound: Vec<_> = total.unfound.iter().collect();
        unfound.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (message, count) in unfound.iter().take(SHOWN) {
            println!("  only libyang, {count}: {message}");
        }
    }
    if plan.is_verbose {
        for crash in total.crashes.iter().take(SHOWN) {
            println!("  libyang crashed: {crash}");
        }
    }
    for known in &known::KNOWN {
        if let Some(count) = total.known.get(known.name) {
            println!(
                "known fault of libyang, {} ({count}): {}",
                known.name, known.why
            );
        }
    }
    if !total.different.is_empty() {
        let shown: Vec<&str> = total.different.iter().map(String::as_str).collect();
        bail!(
            "the verdicts differ on {} documents:\n{}",
            shown.len(),
            shown[..shown.len().min(SHOWN)].join("\n")
        );
    }
    Ok(())
}

impl Subject {
    fn load(yang: &Path, name: &'static str) -> Result<Self> {
        let (library, root) = judge::load(yang, name)?;
        // A handful of trees that are needed to the end.
        let root: &'static Node = Box::leak(Box::new(root));
        Ok(Subject {
            name,
            schema: schema::by_name(name).context("there is no schema of that name")?,
            root,
            writer: Writer::new(&library, root)?,
        })
    }

    /// The kind of document.
    fn kind(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    fn grow(&self, seed: u64, tries: usize) -> Crop {
        let mut dice = Dice::new(seed, &[self.name, "grow"]);
        grow::grow(&Tree::new(self.root), self.schema, tries, &mut dice)
    }

    /// The descriptors of the corpus with all that is wrong put right, those
    /// with which that succeeds.
    fn mend(&self, descriptors: &[Descriptor], seed: u64) -> Vec<Value> {
        let tree = Tree::new(self.root);
        let mended = descriptors.iter().filter_map(|descriptor| {
            let mut document = descriptor.document(self.kind())?;
            let mut dice = Dice::new(seed, &[self.name, &descriptor.name]);
            repair::repair(&tree, self.schema, &mut document, &mut dice).then_some(document)
        });
        mended.collect()
    }
}

/// Where the documents of one kind come from.
struct Source<'a> {
    subject: &'a Subject,
    tree: Tree<'static>,
    crop: &'a Crop,
    mended: &'a [Value],
    /// The keys that can be missing, with the path of the node around each.
    demanded: &'a [(String, String)],
    /// The grown and the mended documents to make faults in.
    bases: &'a (Vec<Value>, Vec<Value>),
    descriptors: &'a [Descriptor],
    seed: u64,
}

impl Source<'_> {
    /// The document of that number, if there is one.
    fn case(&self, place: usize) -> Option<Case> {
        let case = |document: &Value, class, what: String| {
            Some(Case {
                document: document.clone(),
                file: None,
                class,
                what,
                sound: None,
            })
        };
        let grown = &self.crop.documents;
        let mut place = place;
        if let Some(document) = grown.get(place) {
            return case(document, "generated", format!("document {place}"));
        }
        place -= grown.len();
        let number = place.to_string();
        let mut dice = Dice::new(self.seed, &[self.subject.name, "fault", &number]);
        if let Some(path) = self.crop.missing.get(place) {
            // libyang should agree that the node can't be there.
            let mut document = dice
                .pick(&self.bases.0)
                .cloned()
                .unwrap_or(grow::empty(&self.tree));
            repair::insert(&self.tree, path, &mut document, &mut dice)?;
            return case(&document, "node in no valid document", path.clone());
        }
        place -= self.crop.missing.len();
        if let Some((around, key)) = self.demanded.get(place) {
            return self.least(around, key, &mut dice);
        }
        place -= self.demanded.len();
        if let Some(document) = self.mended.get(place) {
            return case(document, "corpus, mended", format!("mended {place}"));
        }
        place -= self.mended.len();
        if let Some(descriptor) = self.descriptors.get(place) {
            let kind = self.subject.kind();
            return Some(Case {
                document: descriptor.document(kind)?,
                file: (kind == descriptor.kind).then_some(place),
                class: "corpus",
                what: descriptor.name.clone(),
                sound: None,
            });
        }
        place -= self.descriptors.len();
        let mut classes = fault::CLASSES.iter().chain(&fault::PREFIXES);
        let class = *classes.nth(place % fault::NUMBER)?;
        let modules: Vec<&str> = self.subject.writer.modules().collect();
        // Half of the faults, if there is a corpus, are made in its documents.
        let (grown, mended) = self.bases;
        // It may be that libyang crashes on all that were generated.
        let from = match mended.is_empty() || (!grown.is_empty() && dice.one_in(2)) {
            true => grown,
            false => mended,
        };
        let (document, what) = (0..20).find_map(|_| {
            let whole = dice.pick(from)?;
            match fault::PREFIXES.contains(&class) {
                true => fault::prefix_one(&self.tree, whole, class, &modules, &mut dice),
                false => fault::break_one(&self.tree, whole, class, &mut dice),
            }
        })?;
        case(&document, class, format!("fault {place}: {what}"))
    }

    /// A document with the least that findings tell to write for a key in a
    /// node, which may be all that is in it.
    fn least(&self, around: &str, key: &str, dice: &mut Dice) -> Option<Case> {
        let least = rules::least(self.subject.schema, around, key)?;
        let doc = yaml::parse("x.yaml", least.as_bytes(), Limits::default());
        let value = instance::from_yaml(doc.root()?);
        let whole = dice.pick(&self.bases.0).cloned();
        let mut document = whole.unwrap_or(grow::empty(&self.tree));
        let path = tree::schema_path(around);
        let pointer = repair::insert(&self.tree, &path, &mut document, dice)?;
        let members = document.pointer_mut(&format!("/{pointer}"))?;
        let members = members.as_object_mut()?;
        // Of a choice something else may be there.
        if let Kind::Container { .. } = self.tree.get(&path)?.kind {
            members.clear();
        }
        members.insert(key.to_owned(), value);
        Some(Case {
            document,
            file: None,
            class: "least to write",
            what: format!("{key}: {least} in {pointer}"),
            sound: Some(format!("{path}/{key}")),
        })
    }

    /// Asks both, and counts.
    fn judge(&self, case: &Case, judge: &mut Judge<'_>, tally: &mut Tally) -> Result<()> {
        *tally.classes.entry(case.class).or_default() += 1;
        let ours = match case.file {
            Some(number) => findings(self.subject.schema, &self.descriptors[number].doc),
            None => findings(self.subject.schema, &document(&case.document)),
        };
        let theirs = match self.subject.writer.write(&case.document)? {
            Instance::Shape(_) if !ours.is_empty() => {
                tally.shape += 1;
                tally.refused += 1;
                return Ok(());
            }
            Instance::Shape(place) => {
                tally.different.push(format!(
                    "{}: we accept the shape at {place}: {}",
                    self.subject.name, case.what
                ));
                return Ok(());
            }
            Instance::Xml(text) => judge.ask(&text)?,
        };
        let Some(theirs) = theirs else {
            tally.crashed += 1;
            let text = format!("{}: {} ({})", self.subject.name, case.what, case.class);
            tally.crashes.push(text);
            return Ok(());
        };
        // That a name is not known is no fault of what was written, nor that
        // something is left out which only a published defect demands.
        let is_of = |path: &str, complaint: &Complaint| {
            let own = tally::plain(&complaint.path);
            let below = own.strip_prefix(path);
            let is_expected = ["leafref", "condition"]
                .iter()
                .any(|word| complaint.message.contains(word))
                || DEMANDED_BY_MISTAKE.iter().any(|name| {
                    below.is_some_and(|below| below.contains(name))
                        || complaint.message.contains(name)
                });
            below.is_some() && !is_expected
        };
        if let Some(path) = &case.sound
            && let Some(complaint) = theirs.iter().find(|complaint| is_of(path, complaint))
        {
            let name = self.subject.name;
            let text = format!(
                "{name}: libyang refuses {}: {}",
                case.what, complaint.message
            );
            tally.different.push(text);
            return Ok(());
        }
        match (ours.is_empty(), theirs.is_empty()) {
            (true, true) => tally.accepted += 1,
            (false, false) => {
                tally.refused += 1;
                tally.compare(&ours, &theirs);
            }
            _ => {
                let paths: Vec<String> = ours.iter().map(|v| v.path.clone()).collect();
                if let Some(known) = known::recognise(&case.document, &paths, &theirs) {
                    *tally.known.entry(known.name).or_default() += 1;
                    return Ok(());
                }
                let words = match (ours.first(), theirs.first()) {
                    (Some(ours), _) => format!("we refuse {}: {:?}", ours.path, ours.kind),
                    (_, Some(theirs)) => {
                        format!("libyang refuses {}: {}", theirs.path, theirs.message)
                    }
                    _ => String::new(),
                };
                let name = self.subject.name;
                let text = format!("{name}: {words} after {} ({})", case.what, case.class);
                tally.different.push(text);
                *tally.unlike.entry(case.class).or_default() += 1;
            }
        }
        Ok(())
    }
}

/// What `etsi-literal` finds wrong.
fn findings(schema: &'static Schema, doc: &Document) -> Vec<Violation> {
    schema::validate(schema, doc, Profile::EtsiLiteral)
}

/// A generated document as a file: JSON is YAML.
fn document(value: &Value) -> Document {
    yaml::parse("x.yaml", value.to_string().as_bytes(), Limits::default())
}

/// The paths of which none is below another.
fn tops(paths: &[String]) -> Vec<&str> {
    let is_top = |path: &&String| {
        let mut above = path.as_str();
        while let Some((parent, _)) = above.rsplit_once('/') {
            if paths.iter().any(|path| path == parent) {
                return false;
            }
            above = parent;
        }
        true
    };
    paths.iter().filter(is_top).map(String::as_str).collect()
}

/// Does something with each item, on all cores; the outcome is in the order of
/// the items.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else { break };
                    let outcome = work(item);
                    if let Ok(mut done) = done.lock() {
                        done.insert(number, outcome);
                    }
                }
            });
        }
    });
    let done = done.into_inner().ok().context("a thread has failed")?;
    done.into_values().collect()
}
