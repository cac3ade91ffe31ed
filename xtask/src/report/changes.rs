//! What has changed between two packages, for people and for programs.

use serde_json::{Value, json};

use super::clean;
use crate::change::{Advice, Change, FileChange, FileState, Sort, Update, Why};
use crate::json as document;

/// What has changed.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The first, as it is called.
    pub before: String,
    /// The second.
    pub after: String,
    /// In the descriptor.
    pub descriptor: Vec<Change>,
    /// In the other files.
    pub files: Vec<FileChange>,
    /// What OSM says to an update, of VNFDs.
    pub update: Option<Update>,
    /// What the version should do.
    pub advice: Option<Advice>,
    /// A package inside that is not at hand on both sides, by the name of its file.
    pub not_compared: Option<String>,
}

impl Changes {
    /// Whether nothing has changed in the terms of the model.
    pub fn is_empty(&self) -> bool {
        self.descriptor.is_empty() && self.files.is_empty()
    }
}

/// For people: a line for each change.
pub fn changes(all: &Changes) -> String {
    let mut text = format!("{} → {}\n", clean(&all.before), clean(&all.after));
    for change in &all.descriptor {
        let what = change.what();
        let values = match (&change.before, &change.after, change.sort) {
            (Some(before), Some(after), _) => format!(": `{before}` → `{after}`"),
            (None, Some(value), Sort::Added) if !what.ends_with(&format!("`{value}`")) => {
                format!(": `{value}`")
            }
            (Some(value), None, Sort::Removed) if !what.ends_with(&format!("`{value}`")) => {
                format!(", which was `{value}`")
            }
            _ => String::new(),
        };
        let line = format!("{what}{values}");
        text.push_str(&format!("  {} {}\n", sign(change.sort), one_line(&line)));
    }
    for file in &all.files {
        let mode = match file.turns() {
            Some(true) => ", which can be run now",
            Some(false) => ", which can't be run any more",
            None => "",
        };
        text.push_str(&format!(
            "  {} file {}{mode}\n",
            sign(file.sort),
            one_line(&file.path)
        ));
    }
    text
}

/// For programs: an object for each change, and one for the whole.
pub fn json_changes(all: &Changes) -> String {
    let mut text = String::new();
    for change in &all.descriptor {
        text.push_str(&document::line(json!({
            "reason": "change",
            "change": word(change.sort),
            "what": change.what(),
            "path": change.place(),
            "before": change.before,
            "after": change.after,
            "weight": format!("{:?}", change.weight).to_lowercase(),
        })));
    }
    for file in &all.files {
        let digest = |state: &Option<FileState>| {
            state
                .as_ref()
                .map(|state| format!("sha256:{}", state.sha256))
        };
        let can_run = |state: &Option<FileState>| state.as_ref().map(|state| state.is_executable);
        text.push_str(&document::line(json!({
            "reason": "file-change",
            "change": word(file.sort),
            "path": file.path,
            "before": digest(&file.before),
            "after": digest(&file.after),
            "executable_before": can_run(&file.before),
            "executable_after": can_run(&file.after),
        })));
    }
    let update = all.update.as_ref().map(|update| match update {
        Update::OtherSoftware => json!({ "accepted": true, "because": "software-version" }),
        Update::Allowed => json!({ "accepted": true, "because": "allowed-changes" }),
        Update::Refused { because, .. } => json!({
            "accepted": false,
            "places": because.iter().map(|one| &one.place).collect::<Vec<_>>(),
            "because": because.iter().map(|one| reason(one.why)).collect::<Vec<_>>(),
        }),
        Update::Moved { before, after } => json!({
            "accepted": false,
            "because": ["file"],
            "file_before": before,
            "file_after": after,
        }),
        // Nobody is asked.
        Update::NoneInUse | Update::OtherId => Value::Null,
        Update::OldModel => json!({ "accepted": false, "because": ["model"] }),
    });
    let version = all.advice.as_ref().map(|advice| {
        json!({
            "part": advice.part,
            "because": advice.because,
            "least": advice.version,
            "enough": advice.is_enough,
        })
    });
    text.push_str(&document::line(json!({
        "reason": "diff-finished",
        "before": all.before,
        "after": all.after,
        "changes": all.descriptor.len(),
        "file_changes": all.files.len(),
        "not_compared": all.not_compared,
        "update": update.unwrap_or(Value::Null),
        "version": version.unwrap_or(Value::Null),
    })));
    text
}

/// What OSM says to an update of a VNFD in use, for people.
pub fn osm_update(update: &Update) -> String {
    let (because, is_versioned) = match update {
        Update::OtherSoftware => {
            return "OSM takes it for one that is in use: its `software-version` is another"
                .to_owned();
        }
        Update::Allowed => {
            return "OSM takes it for one that is in use: only what may change then has changed"
                .to_owned();
        }
        Update::NoneInUse => {
            return "there is none to OSM: since release NINE it reads no package in the model before \
                    SOL006, so that none is in use"
                .to_owned();
        }
        Update::OldModel => {
            return "OSM refuses it: since release NINE it reads nothing in the model before SOL006; \
                    `cargo nfv migrate` turns it into what it reads"
                .to_owned();
        }
        Update::OtherId => {
            return "there is none to OSM: what has another id is another VNFD".to_owned();
        }
        Update::Refused {
            because,
            is_versioned,
        } => (because, is_versioned),
        Update::Moved { before, after } => {
            return format!(
                "OSM fails at it for one that is in use, whatever has changed: it looks for `{}` in the old \
                 package, where the descriptor is `{}`; let the file and its folder be called as before",
                one_line(after),
                one_line(before)
            );
        }
    };
    const SHOWN: usize = 4;
    let shown = because.iter().take(SHOWN).map(|one| {
        let place = one_line(&one.place);
        match one.why {
            Why::Order => format!("`{place}` (its items stand in another order)"),
            Why::Type(before, after) => format!("`{place}` ({before} before, {after} now)"),
            Why::Added | Why::Removed | Why::Value => format!("`{place}`"),
        }
    });
    let mut names = shown.collect::<Vec<String>>().join(", ");
    if let more @ 1.. = because.len().saturating_sub(SHOWN) {
        names.push_str(&format!(" and {more} more"));
    }
    let way_out = match is_versioned {
        true => "unless `software-version` moves as well",
        false => {
            "and would with another `software-version` too, which it looks for below `vnfd` alone"
        }
    };
    format!("OSM refuses it for one that is in use, because of {names}, {way_out}")
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Added => "added",
        Why::Removed => "removed",
        Why::Value => "value",
        Why::Type(..) => "type",
        Why::Order => "order",
    }
}

fn sign(sort: Sort) -> char {
    match sort {
        Sort::Added => '+',
        Sort::Removed => '-',
        Sort::Changed => '~',
    }
}

fn word(sort: Sort) -> &'static str {
    match sort {
        Sort::Added => "added",
        Sort::Removed => "removed",
        Sort::Changed => "changed",
    }
}

/// A text of several lines would be taken for several changes.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let line = clean(text).replace('\n', "⏎");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
