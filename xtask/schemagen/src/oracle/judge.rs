//! libyang in a child process: it crashes on some inputs and finds no end on
//! others, and is started anew then.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::models;
use crate::yang::{Complaint, Library};

/// The word on the command line that makes this program the child.
pub const COMMAND: &str = "judge";

/// A document takes some milliseconds. After so many seconds libyang is in a
/// loop: its pass over the `when`s that wait for others then never ends.
const PATIENCE: u64 = 20;

/// How many questions were asked, odd while one is open.
static QUESTIONS: AtomicU64 = AtomicU64::new(0);

/// Ends this process, as a crash would, when a question stays open too long.
fn watch() {
    let mut before = 0;
    loop {
        thread::sleep(Duration::from_secs(PATIENCE));
        let now = QUESTIONS.load(Ordering::Relaxed);
        if now == before && now % 2 == 1 {
            std::process::abort();
        }
        before = now;
    }
}

/// Reads one XML document a line, as a JSON string, from standard input and
/// writes what libyang finds wrong with it, as a JSON list of path and message:
/// one line with the first fault and, if there is one, another with all.
pub fn serve(yang: &Path, name: &str) -> Result<()> {
    let (library, _) = load(yang, name)?;
    thread::spawn(watch);
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        for all in [false, true] {
            QUESTIONS.fetch_add(1, Ordering::Relaxed);
            let complaints = library.errors(&text, all);
            QUESTIONS.fetch_add(1, Ordering::Relaxed);
            let pairs = complaints.into_iter().map(|c| vec![c.path, c.message]);
            let pairs: Vec<Value> = pairs.map(Value::from).collect();
            writeln!(out, "{}", Value::from(pairs.as_slice()))?;
            out.flush()?;
            if pairs.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// Loads the modules of a document, such as `sol006/3.6.1/nfv`, and copies the
/// node that is its root.
pub fn load(yang: &Path, name: &str) -> Result<(Library, crate::yang::Node)> {
    let (path, kind) = name.rsplit_once('/').context("MODEL/KIND is wanted")?;
    for model in models::all() {
        if model.path != path {
            continue;
        }
        let Some(document) = model.documents.iter().find(|d| d.kind == kind) else {
            continue;
        };
        let folders: Vec<_> = model.folders.iter().map(|f| yang.join(f)).collect();
        let library = Library::load(&folders, &model.modules(yang)?)?;
        let root = library.root(document.module, document.root)?;
        return Ok((library, root));
    }
    bail!("no model {path} has a {kind}")
}

/// The child process.
pub struct Judge<'a> {
    yang: &'a Path,
    name: &'a str,
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl<'a> Judge<'a> {
    /// Starts a child that knows one document.
    pub fn start(yang: &'a Path, name: &'a str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([COMMAND, name, "--yang"])
            .arg(yang)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let answers = child.stdout.take().context("the child has no output")?;
        Ok(Judge {
            yang,
            name,
            child,
            answers: BufReader::new(answers),
        })
    }

    /// What libyang finds wrong with an XML document, or nothing where it
    /// crashed or found no end.
    pub fn ask(&mut self, text: &str) -> Result<Option<Vec<Complaint>>> {
        if self.send(text).is_err() {
            // It may have crashed behind its last answer, clearing up.
            self.child.wait()?;
            *self = Judge::start(self.yang, self.name)?;
            self.send(text)?;
        }
        let Some(first) = self.answer()? else {
            return Ok(None);
        };
        if first.is_empty() {
            return Ok(Some(first));
        }
        // A crash on the way to the other faults takes nothing from the verdict.
        Ok(Some(self.answer()?.unwrap_or(first)))
    }

    fn send(&mut self, text: &str) -> Result<()> {
        let input = self.child.stdin.as_mut();
        let input = input.context("the child has no input")?;
        writeln!(input, "{}", Value::from(text))?;
        Ok(())
    }

    /// One line of the child, or nothing where it crashed.
    fn answer(&mut self) -> Result<Option<Vec<Complaint>>> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            let status = self.child.wait()?;
            if status.code().is_some() {
                bail!("the child ended with {status}");
            }
            *self = Judge::start(self.yang, self.name)?;
            return Ok(None);
        }
        let pairs: Vec<(String, String)> = serde_json::from_str(&line)?;
        let complaints = pairs.into_iter();
        let complaints = complaints.map(|(path, message)| Complaint { path, message });
        Ok(Some(complaints.collect()))
    }
}

impl Drop for Judge<'_> {
    fn drop(&mut self) {
        // Without input it ends by itself.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
