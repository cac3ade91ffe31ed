//! Holds our verdict on descriptors beside that of libyang.
//!
//! A whole descriptor is broken in one place after another, and both judge the
//! outcome by the letter of the modules. libyang runs in a child process: it
//! crashes on some inputs, which are counted and left out.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use nfv::schema;
use nfv::source::Profile;
use nfv::yaml::{self, Limits};
use serde_json::{Map, Value};

use crate::models::{self, Document, Model};
use crate::yang::Library;

/// What is compared.
pub struct Plan<'a> {
    /// The folder of all modules.
    pub yang: &'a Path,
    /// The document, such as `sol006/3.6.1/nfv`.
    pub name: &'a str,
    /// A descriptor without a fault, in which every scalar is a string.
    pub whole: &'a Path,
    /// How many faults to try.
    pub count: u64,
    /// Decides which.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many documents both accept.
    accepted: u64,
    /// How many documents both refuse.
    refused: u64,
    /// On how many libyang crashed.
    crashed: u64,
    /// Those on which the verdicts differ.
    different: Vec<String>,
}

/// Compares the verdicts; fails where they differ.
pub fn compare(plan: &Plan<'_>) -> Result<()> {
    let text = std::fs::read_to_string(plan.whole)
        .with_context(|| format!("cannot read {}", plan.whole.display()))?;
    let whole: Value = serde_json::from_str(&text)?;
    let mut judge = Judge::start(plan)?;
    let mut outcome = Outcome::default();
    let mut dice = Dice(plan.seed);
    for number in 0..=plan.count {
        // The first is the descriptor as it is.
        let (document, fault) = match number {
            0 => (whole.clone(), "nothing".to_owned()),
            _ => broken(&whole, &mut dice),
        };
        let ours = accepts(plan.name, &document)?;
        if number == 0 && !ours {
            bail!("{} has a fault by itself", plan.whole.display());
        }
        match judge.ask(plan, &document)? {
            None => outcome.crashed += 1,
            Some(theirs) if theirs != ours => {
                let word = if ours { "we accept" } else { "libyang accepts" };
                outcome
                    .different
                    .push(format!("{number}: {word} after: {fault}"));
            }
            Some(true) => outcome.accepted += 1,
            Some(false) => outcome.refused += 1,
        }
    }
    println!(
        "{}: both accept {}, both refuse {}, libyang crashed on {}, different {}",
        plan.name,
        outcome.accepted,
        outcome.refused,
        outcome.crashed,
        outcome.different.len()
    );
    if !outcome.different.is_empty() {
        bail!("the verdicts differ:\n{}", outcome.different.join("\n"));
    }
    Ok(())
}

/// Reads one document a line from standard input and writes a verdict for each.
pub fn judge(yang: &Path, name: &str) -> Result<()> {
    let (model, kind) = name.rsplit_once('/').context("MODEL/KIND is wanted")?;
    let (library, document) = load(yang, model, kind)?;
    let namespaces = Namespaces {
        own: library.namespace(document.module)?,
        identities: library.namespace("etsi-nfv-descriptors")?,
    };
    let schema = schema::by_name(name).with_context(|| format!("no schema {name}"))?;
    for line in std::io::stdin().lock().lines() {
        let value: Value = serde_json::from_str(&line?)?;
        let text = namespaces.write(&value, schema.value());
        println!("{}", library.accepts(&text));
    }
    Ok(())
}

/// Loads the modules of a model and finds its document.
fn load(yang: &Path, name: &str, kind: &str) -> Result<(Library, Document)> {
    let wanted =
        |model: &Model| model.path == name && model.documents.iter().any(|d| d.kind == kind);
    let model = models::all().into_iter().find(wanted);
    let model = model.with_context(|| format!("no model {name} has a {kind}"))?;
    let folders: Vec<_> = model
        .folders
        .iter()
        .map(|folder| yang.join(folder))
        .collect();
    let library = Library::load(&folders, &model.modules(yang)?)?;
    let document = model
        .documents
        .into_iter()
        .find(|document| document.kind == kind);
    Ok((library, document.with_context(|| format!("no {kind}"))?))
}

/// Our own verdict.
fn accepts(name: &str, document: &Value) -> Result<bool> {
    let schema = schema::by_name(name).with_context(|| format!("no schema {name}"))?;
    // JSON is YAML.
    let text = serde_json::to_string(document)?;
    let doc = yaml::parse("x.yaml", text.as_bytes(), Limits::default());
    Ok(schema::validate(schema, &doc, Profile::EtsiLiteral).is_empty())
}

/// The child process.
struct Judge {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Judge {
    fn start(plan: &Plan<'_>) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["judge", plan.name, "--yang"])
            .arg(plan.yang)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let answers = child.stdout.take().context("the child has no output")?;
        Ok(Judge {
            child,
            answers: BufReader::new(answers),
        })
    }

    /// The verdict, or nothing where libyang crashed; it is started anew then.
    fn ask(&mut self, plan: &Plan<'_>, document: &Value) -> Result<Option<bool>> {
        let input = self
            .child
            .stdin
            .as_mut()
            .context("the child has no input")?;
        let mut line = serde_json::to_string(document)?;
        line.push('\n');
        input.write_all(line.as_bytes())?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        match answer.trim() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => {
                let status = self.child.wait()?;
                if status.code().is_some() {
                    bail!("the child ended with {status}");
                }
                *self = Judge::start(plan)?;
                Ok(None)
            }
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        // Without input it ends by itself.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The namespaces that a document of NFV-SOL006 needs.
struct Namespaces {
    own: String,
    identities: String,
}

impl Namespaces {
    /// Writes a document as XML, in which every value is its text.
    fn write(&self, document: &Value, schema: &Value) -> String {
        let mut text = String::new();
        for (name, value) in document.as_object().into_iter().flatten() {
            let start = text.len();
            element(&mut text, name, value, &schema["properties"][name], schema);
            let spaces = format!(" xmlns=\"{}\" xmlns:i=\"{}\"", self.own, self.identities);
            text.insert_str(start + 1 + name.len(), &spaces);
        }
        text
    }
}

/// Writes a node, once for each item of a list.
fn element(text: &mut String, name: &str, value: &Value, part: &Value, schema: &Value) {
    let mut part = part;
    while let Some(reference) = part["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        part = schema.pointer(pointer).unwrap_or(&Value::Null);
    }
    if let Value::Array(items) = value {
        for item in items {
            element(text, name, item, &part["items"], schema);
        }
        return;
    }
    text.push_str(&format!("<{name}>"));
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                element(text, name, value, &part["properties"][name], schema);
            }
        }
        Value::String(value) => {
            let qualified = format!(":{value}");
            let names = part["enum"].as_array().into_iter().flatten();
            let mut names = names.filter_map(Value::as_str);
            if names.any(|name| name.ends_with(&qualified)) {
                text.push_str("i:");
            }
            let escaped = value.replace('&', "&amp;").replace('<', "&lt;");
            text.push_str(&escaped);
        }
        _ => {}
    }
    text.push_str(&format!("</{name}>"));
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % limit.max(1) as u64).unwrap_or(0)
    }
}

/// The document with one fault, and what it is. Not every fault makes a
/// document invalid.
fn broken(whole: &Value, dice: &mut Dice) -> (Value, String) {
    let mut pointers = Vec::new();
    collect(whole, String::new(), &mut pointers);
    loop {
        let mut document = whole.clone();
        let pointer = &pointers[dice.below(pointers.len())];
        let other = &pointers[dice.below(pointers.len())];
        let Some((parent, key)) = pointer
            .rsplit_once('/')
            .filter(|(parent, _)| !parent.is_empty())
        else {
            continue;
        };
        let number: Option<usize> = key.parse().ok();
        let value = document.pointer(pointer).cloned().unwrap_or_default();
        let text = value.as_str().map(str::to_owned);
        let put = |document: &mut Value, new: String| {
            if let Some(place) = document.pointer_mut(pointer) {
                *place = new.into();
            }
        };
        let name = match (dice.below(8), text) {
            (0, _) => {
                match (document.pointer_mut(parent), number) {
                    // A list without items is no list to YANG.
                    (Some(Value::Array(items)), _) if items.len() < 2 => continue,
                    (Some(Value::Array(items)), Some(number)) => drop(items.remove(number)),
                    (Some(Value::Object(members)), _) => drop(members.shift_remove(key)),
                    _ => continue,
                }
                "delete".to_owned()
            }
            (1, _) => match document.pointer_mut(parent) {
                Some(Value::Array(items)) => {
                    items.push(value);
                    "duplicate".to_owned()
                }
                _ => continue,
            },
            (2, _) => match document.pointer_mut(parent) {
                Some(Value::Object(members)) => {
                    let rename = |(name, value): (String, Value)| match name == key {
                        true => (format!("{name}x"), value),
                        false => (name, value),
                    };
                    *members = std::mem::take(members)
                        .into_iter()
                        .map(rename)
                        .collect::<Map<_, _>>();
                    "rename".to_owned()
                }
                _ => continue,
            },
            (3, Some(_)) => {
                put(&mut document, "zz".to_owned());
                "another word".to_owned()
            }
            (4, Some(_)) => {
                let numbers = [
                    "-1",
                    "0",
                    "1",
                    "3",
                    "7",
                    "100",
                    "1.55",
                    "99999999999999999999",
                ];
                let number = numbers[dice.below(numbers.len())];
                put(&mut document, number.to_owned());
                format!("set to {number}")
            }
            (5, Some(text)) => {
                put(&mut document, format!("{text}-x"));
                "dangle".to_owned()
            }
            (6, Some(_)) => {
                put(&mut document, String::new());
                "empty".to_owned()
            }
            (7, Some(text)) => {
                let Some(new) = document
                    .pointer(other)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
                else {
                    continue;
                };
                put(&mut document, new);
                if let Some(place) = document.pointer_mut(other) {
                    *place = text.into();
                }
                format!("swap with {other}")
            }
            _ => continue,
        };
        return (document, format!("{name} at {pointer}"));
    }
}

/// The pointers of all nodes. No name in a descriptor has a `/` or `~`.
fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    let mut add = |key: &str, value: &Value| {
        let pointer = format!("{pointer}/{key}");
        pointers.push(pointer.clone());
        collect(value, pointer, pointers);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| add(key, value)),
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                add(&number.to_string(), value);
            }
        }
        _ => {}
    }
}
