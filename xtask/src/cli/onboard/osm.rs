//! What became of packages at OSM, for people and for programs.

use serde_json::{Value, json};

use super::super::args::MessageFormat;
use super::super::build::human_size;
use super::super::shell::Shell;
use crate::json;
use crate::onboard::OsmRefusal;
use crate::ops::{
    self, OnboardedRepo, Origin, OsmOnboardReport, OsmOnboarded, OsmState, RepoState,
};
use crate::report::clean;

pub(super) fn lines(report: &OsmOnboardReport, address: &str, format: MessageFormat) -> String {
    let name = |one: &OsmOnboarded| match &one.version {
        Some(version) => clean(&format!("{} {version}", one.id)),
        None => clean(&one.id),
    };
    let width = report
        .onboarded
        .iter()
        .map(|one| name(one).chars().count())
        .max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for one in &report.repos {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let (name, url) = (clean(one.repo.name()), clean(one.repo.url()));
                let state = clean(&repo_words(&one.state));
                text.push_str(&format!("Helm repository  {name}  {url}  {state}\n"));
            }
            MessageFormat::Json => text.push_str(&repo_in_json(one, address)),
            _ => {}
        }
    }
    for one in &report.onboarded {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let (kind, name) = (one.shelf.as_str(), name(one));
                let (size, sha256) = (human_size(one.size), &one.sha256);
                let state = clean(&format!("{}{}", words(&one.state), origin(one)));
                text.push_str(&format!(
                    "{kind:3}  {name:width$}  {size:>9}  sha256:{sha256}  {state}\n"
                ));
            }
            MessageFormat::Json => text.push_str(&in_json(one, address, report.failure.as_ref())),
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    text
}

fn words(state: &OsmState) -> String {
    match state {
        OsmState::Sent(arrival) if arrival.was_asked => {
            format!("sent, and found there, as {}", arrival.key)
        }
        OsmState::Sent(arrival) => format!("sent, as {}", arrival.key),
        OsmState::Updated(arrival) => format!("updated, as {}", arrival.key),
        OsmState::There(key) => format!("already there, as {key}"),
        OsmState::Planned => "would be sent".to_owned(),
        OsmState::PlannedUpdate(key) => format!("would be updated, as {key}"),
        OsmState::Failed => "failed".to_owned(),
        OsmState::Left => "not sent".to_owned(),
        OsmState::Undone => "removed again".to_owned(),
        OsmState::Stuck(key) => format!("left behind, as {key}"),
    }
}

/// Where something comes from that nobody has named, behind what became of it.
fn origin(one: &OsmOnboarded) -> String {
    match &one.origin {
        None => String::new(),
        Some(Origin::Tree) => "; needed, from the tree".to_owned(),
        Some(Origin::Artifact {
            reference,
            is_pinned,
            ..
        }) => {
            let pinned = if *is_pinned { ", by `nfv.lock`" } else { "" };
            format!("; needed, from {reference}{pinned}")
        }
    }
}

fn origin_in_json(origin: &Origin) -> Value {
    match origin {
        Origin::Tree => json!({ "source": "tree" }),
        Origin::Artifact {
            reference,
            is_remote,
            is_pinned,
        } => json!({
            "source": if *is_remote { "registry" } else { "layout" },
            "reference": reference,
            "pinned": is_pinned,
        }),
    }
}

fn repo_words(state: &RepoState) -> String {
    match state {
        RepoState::There(key) => format!("already there, as {key}"),
        RepoState::Planned => "would be added".to_owned(),
        RepoState::Added(key) => format!("added, as {key}"),
        RepoState::Failed => "failed".to_owned(),
        RepoState::Unknown => "not known to be there".to_owned(),
        RepoState::Left => "not added".to_owned(),
        RepoState::Undone => "removed again".to_owned(),
        RepoState::Stuck(key) => format!("left behind, as {key}"),
    }
}

fn repo_in_json(one: &OnboardedRepo, address: &str) -> String {
    let (state, key) = match &one.state {
        RepoState::There(key) => ("there", Some(key)),
        RepoState::Planned => ("planned", None),
        RepoState::Added(key) => ("added", Some(key)),
        RepoState::Failed => ("failed", None),
        RepoState::Unknown => ("unknown", None),
        RepoState::Left => ("left", None),
        RepoState::Undone => ("removed", None),
        RepoState::Stuck(key) => ("stuck", Some(key)),
    };
    json::line(json!({
        "reason": "helm-repo",
        "name": one.repo.name(),
        "url": one.repo.url(),
        "osm": address,
        "state": state,
        "key": key,
    }))
}

fn in_json(one: &OsmOnboarded, address: &str, failure: Option<&ops::Error>) -> String {
    let (state, key) = match &one.state {
        OsmState::Sent(arrival) => ("sent", Some(&arrival.key)),
        OsmState::Updated(arrival) => ("updated", Some(&arrival.key)),
        OsmState::There(key) => ("there", Some(key)),
        OsmState::Planned => ("planned", None),
        OsmState::PlannedUpdate(key) => ("planned-update", Some(key)),
        OsmState::Failed => ("failed", None),
        OsmState::Left => ("left", None),
        OsmState::Undone => ("removed", None),
        OsmState::Stuck(key) => ("stuck", Some(key)),
    };
    let refusal = failure
        .and_then(refusal)
        .filter(|_| one.state == OsmState::Failed);
    let refusal = refusal.map(|refusal| {
        json!({
            "status": refusal.status,
            "detail": refusal.detail,
            "rule": refusal.rule,
            "means": refusal.means,
            "advice": refusal.advice,
        })
    });
    json::line(json!({
        "reason": "package-onboarded",
        "id": one.id,
        "version": one.version,
        "kind": one.shelf.as_str(),
        "path": one.shown,
        "digest": format!("sha256:{}", one.sha256),
        "size": one.size,
        "origin": one.origin.as_ref().map(origin_in_json),
        "osm": address,
        "state": state,
        "key": key,
        "refusal": refusal,
    }))
}

fn refusal(error: &ops::Error) -> Option<&OsmRefusal> {
    match error {
        ops::Error::Osm(error) => error.refusal(),
        _ => None,
    }
}

pub(super) fn summary(report: &OsmOnboardReport, address: &str, dry_run: bool, shell: &Shell) {
    let count = |f: fn(&OsmState) -> bool| {
        let states = report.onboarded.iter().map(|one| &one.state);
        states.filter(|state| f(state)).count()
    };
    let there = count(|state| matches!(state, OsmState::There(_)));
    let updated = count(|state| matches!(state, OsmState::Updated(_) | OsmState::PlannedUpdate(_)));
    let new = count(|state| matches!(state, OsmState::Sent(_) | OsmState::Planned));
    let stuck = count(|state| matches!(state, OsmState::Stuck(_)));
    let mut text = format!("{new} new, ");
    for (number, what) in [
        (updated, "updated"),
        (stuck, "left behind"),
        (
            report.onboarded.len() - there - updated - new - stuck,
            "not",
        ),
    ] {
        if number > 0 {
            text.push_str(&format!("{number} {what}, "));
        }
    }
    text.push_str(&format!("{there} already there, at `{address}`"));
    if !report.left.is_empty() {
        let left = report.left.join(", ");
        shell.say("Left", &format!("{left}: OSM takes VNFs, NSs and NSTs"));
    }
    let verb = match dry_run {
        true => "Would onboard",
        false => "Onboarded",
    };
    shell.say(verb, &text);
}
