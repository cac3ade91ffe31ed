//! What became of packages at a Store, for people and for programs.

use serde_json::json;

use super::super::args::MessageFormat;
use super::super::build::human_size;
use super::super::shell::Shell;
use crate::json;
use crate::onboard::{Refusal, Shelf, StoreError};
use crate::ops::{self, OnboardReport, OnboardState, Onboarded};
use crate::report::clean;

pub(super) fn lines(report: &OnboardReport, address: &str, format: MessageFormat) -> String {
    let refusal = report.failure.as_ref().and_then(refusal);
    let name = |one: &Onboarded| match &one.version {
        Some(version) => clean(&format!("{} {version}", one.id)),
        None => clean(&one.id),
    };
    let width = report.onboarded.iter().map(|one| name(one).len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for one in &report.onboarded {
        match format {
            MessageFormat::Human | MessageFormat::Short => {
                let kind = match one.shelf {
                    Shelf::Vnsfs => "vNSF",
                    Shelf::Nss => "NS",
                };
                let (name, size, sha256) = (name(one), human_size(one.size), &one.sha256);
                let state = words(&one.state);
                let state = clean(&state);
                text.push_str(&format!(
                    "{kind:4}  {name:width$}  {size:>9}  sha256:{sha256}  {state}\n"
                ));
            }
            MessageFormat::Json => text.push_str(&in_json(one, address, refusal)),
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    text
}

fn words(state: &OnboardState) -> String {
    let under = |verb: &str, key: &Option<String>| match key {
        Some(key) => format!("{verb}, as {key}"),
        None => verb.to_owned(),
    };
    match state {
        OnboardState::Sent(arrival) if arrival.was_asked => {
            under("sent, and found there", &arrival.key)
        }
        OnboardState::Sent(arrival) => under("sent", &arrival.key),
        OnboardState::There(key) => under("already there", key),
        OnboardState::Planned => "would be sent".to_owned(),
        OnboardState::Failed => "failed".to_owned(),
        OnboardState::Left => "not sent".to_owned(),
    }
}

fn in_json(one: &Onboarded, address: &str, refusal: Option<&Refusal>) -> String {
    let (state, key, etag) = match &one.state {
        OnboardState::Sent(arrival) => ("sent", arrival.key.as_ref(), arrival.etag.as_ref()),
        OnboardState::There(key) => ("there", key.as_ref(), None),
        OnboardState::Planned => ("planned", None, None),
        OnboardState::Failed => ("failed", None, None),
        OnboardState::Left => ("left", None, None),
    };
    let refusal = refusal.filter(|_| one.state == OnboardState::Failed);
    let refusal = refusal.map(|refusal| {
        json!({
            "status": refusal.status,
            "message": refusal.message,
            "issue": refusal.issue,
            "means": refusal.means,
            "advice": refusal.advice,
        })
    });
    let line = json!({
        "reason": "package-onboarded",
        "id": one.id,
        "version": one.version,
        "kind": match one.shelf {
            Shelf::Vnsfs => "SHIELD vNSF",
            Shelf::Nss => "SHIELD NS",
        },
        "path": one.shown,
        "digest": format!("sha256:{}", one.sha256),
        "size": one.size,
        "store": address,
        "state": state,
        "key": key,
        "etag": etag,
        "refusal": refusal,
    });
    json::line(line)
}

fn refusal(error: &ops::Error) -> Option<&Refusal> {
    match error {
        ops::Error::Store(StoreError::Refused { refusal, .. }) => Some(refusal),
        _ => None,
    }
}

pub(super) fn summary(report: &OnboardReport, address: &str, dry_run: bool, shell: &Shell) {
    let count = |f: fn(&OnboardState) -> bool| {
        let states = report.onboarded.iter().map(|one| &one.state);
        states.filter(|state| f(state)).count()
    };
    let there = count(|state| matches!(state, OnboardState::There(_)));
    let left = count(|state| matches!(state, OnboardState::Failed | OnboardState::Left));
    let new = report.onboarded.len() - there - left;
    let left = match left {
        0 => String::new(),
        left => format!("{left} not, "),
    };
    let text = format!("{new} new, {left}{there} already there, at `{address}`");
    let verb = match dry_run {
        true => "Would onboard",
        false => "Onboarded",
    };
    shell.say(verb, &text);
}
