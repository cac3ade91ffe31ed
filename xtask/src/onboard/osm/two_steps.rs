//! The two steps of SOL005: an empty resource is made, and filled, whole or in pieces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Instant;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::client::Osm;
use super::digests::Digests;
use super::error::OsmError;
use super::record::{MARK, OsmRecord};
use super::refusal::OsmRefusal;
use super::session::{Answer, JSON, QUESTIONS};
use super::shelf::OsmShelf;
use super::upload::{Attempt, OnBytes, OsmArrival, OsmParcel, Upload, fell, is, unknown};

impl Osm<'_> {
    /// SOL005: `POST` makes an empty resource, `PUT` fills it.
    pub(super) async fn in_two_steps(
        &self,
        parcel: &OsmParcel,
        digests: &Digests,
        on_bytes: OnBytes<'_>,
    ) -> Result<OsmArrival, OsmError> {
        let (key, is_found) = self.make(parcel).await?;
        match self.fill(parcel, digests, &key, Some(0), on_bytes).await {
            Ok(was_asked) => Ok(OsmArrival {
                key,
                was_asked: was_asked || is_found,
                is_foreign: false,
            }),
            Err(error) => {
                // An empty resource is of use to nobody.
                if let Err(left) = self.deleted(parcel.shelf, &key, &parcel.id).await {
                    let noun = parcel.shelf.noun();
                    self.transport.tell(&format!(
                        "the resource {key}, which was made for the {noun} `{}`, could not be removed again: {}; as far as is known it stays there, the same command fills it, and `cargo nfv offboard {key}` removes it",
                        parcel.id,
                        left.in_full()
                    ));
                }
                Err(error)
            }
        }
    }

    /// Makes an empty resource, or takes the one that was made before for the same.
    async fn make(&self, parcel: &OsmParcel) -> Result<(String, bool), OsmError> {
        let action = parcel.action();
        let url = self.address.below(parcel.shelf.path());
        let body = json!({ "userDefinedData": { MARK: parcel.sha256 } }).to_string();
        let mut tries = 0;
        loop {
            if let Some(key) = self.marked(parcel).await? {
                return Ok((key, true));
            }
            let post = |client: &reqwest::Client| {
                let request = client.post(url.clone());
                let request = request.header(CONTENT_TYPE, JSON).header(ACCEPT, JSON);
                request.body(body.clone())
            };
            let result = self.once(&action, post).await;
            let again = match result {
                Ok(answer) if answer.status == StatusCode::CREATED => {
                    let document = answer.json().unwrap_or_default();
                    let key = document["id"].as_str().or(document["_id"].as_str());
                    match key {
                        // One that it does not know is none: it is looked for by its mark.
                        Some(key) => match self.record(parcel.shelf, key, &parcel.id).await {
                            Ok(Some(_)) | Err(_) => return Ok((key.to_owned(), false)),
                            Ok(None) => {
                                let reason = format!(
                                    "answers 201 with the key {key}, which it does not know"
                                );
                                self.protocol(&action, &reason)
                            }
                        },
                        None => self.protocol(&action, "answers 201 without an id"),
                    }
                }
                Ok(answer) if answer.status.is_success() => self.foreign(&action, &answer),
                Ok(answer) => self.refused(&action, &answer),
                Err(error) => error,
            };
            if again.is_of_another()
                && let Some(key) = self.marked(parcel).await.ok().flatten()
            {
                return Ok((key, true));
            }
            if !again.is_transient() || !self.is_in() || tries >= self.transport.retries {
                return Err(again);
            }
            self.transport.again(tries, &again).await;
            tries += 1;
        }
    }

    /// Whether a run that ended too early has made an empty resource for a package, which stays
    /// for ever where nobody fills it. Each collection is looked at once; where OSM does not tell,
    /// nothing was begun.
    pub(super) async fn is_begun(&self, parcel: &OsmParcel) -> bool {
        let known = |begun: &BTreeMap<OsmShelf, BTreeSet<String>>| {
            let marks = begun.get(&parcel.shelf);
            marks.map(|marks| marks.contains(&parcel.sha256))
        };
        if let Some(is_begun) = self.begun.lock().ok().and_then(|begun| known(&begun)) {
            return is_begun;
        }
        let records = self.listed(parcel.shelf, None).await.unwrap_or_default();
        let empty = |record: &OsmRecord| record.id.is_none() && !record.is_onboarded();
        let empty = records.into_iter().filter(empty);
        let marks: BTreeSet<String> = empty.filter_map(|record| record.mark).collect();
        let is_begun = marks.contains(&parcel.sha256);
        if let Ok(mut begun) = self.begun.lock() {
            begun.insert(parcel.shelf, marks);
        }
        is_begun
    }

    /// The empty resource that was made for a package.
    async fn marked(&self, parcel: &OsmParcel) -> Result<Option<String>, OsmError> {
        let records = self.listed(parcel.shelf, None).await?;
        let own = |record: &OsmRecord| {
            let is_marked = record.mark.as_deref() == Some(parcel.sha256.as_str());
            is_marked && record.id.is_none() && !record.is_onboarded()
        };
        let found = records.into_iter().find(own);
        Ok(found.map(|record| record.key))
    }

    /// `PUT` of the content, whole or in pieces. Whether OSM had to be asked for an
    /// answer that was lost.
    pub(super) async fn fill(
        &self,
        parcel: &OsmParcel,
        digests: &Digests,
        key: &str,
        before: Option<u64>,
        on_bytes: OnBytes<'_>,
    ) -> Result<bool, OsmError> {
        let mut url = self.resource(parcel.shelf, key);
        url.set_path(&format!("{}/{}", url.path(), parcel.shelf.content()));
        let mut upload = Upload {
            method: Method::PUT,
            url,
            parcel,
            digests,
            range: self.first(parcel),
        };
        let action = parcel.action();
        let mut tries = 0;
        loop {
            let is_last = upload.range.is_none_or(|(_, end)| end == parcel.size);
            let attempt = match self.attempt(&action, &upload, on_bytes).await {
                Err(error) if is_last && error.is_of_another() => {
                    let is_there = self.is_filled(parcel, key, before).await;
                    return is_there.ok().filter(|is| *is).ok_or(error);
                }
                attempt => attempt?,
            };
            let lost = match attempt {
                Attempt::Answered(answer) if answer.status.is_success() && answer.is_page() => {
                    let error = self.foreign(&action, &answer);
                    return match is_last && self.is_filled(parcel, key, before).await? {
                        true => Ok(true),
                        false => Err(error),
                    };
                }
                Attempt::Answered(answer) if answer.status.is_success() => {
                    match upload.range.filter(|(_, end)| *end < parcel.size) {
                        None => {
                            self.did_fill(parcel, key, before, &answer).await?;
                            return Ok(false);
                        }
                        Some((_, end)) => upload.range = Some(self.piece_at(end, parcel.size)),
                    }
                    tries = 0;
                    continue;
                }
                Attempt::Answered(answer) => match self.refused(&action, &answer) {
                    error if upload.range.is_some() && is(&error, has_forgotten) => {
                        // Since pieces go to a folder for each revision, that goes
                        // with the first of them.
                        self.forgets.store(true, Ordering::Relaxed);
                        upload.range = None;
                        continue;
                    }
                    error => match error.refusal().and_then(expected) {
                        // It has a piece of which no answer told.
                        Some(at) if upload.range.is_some() && at < parcel.size && tries > 0 => {
                            upload.range = Some(self.piece_at(at, parcel.size));
                            continue;
                        }
                        _ if is(&error, OsmRefusal::is_unclear) => error,
                        _ if is_last && is(&error, fell) => {
                            let is_there = self.is_filled(parcel, key, before).await;
                            return is_there.ok().filter(|is| *is).ok_or(error);
                        }
                        _ if error.is_transient() && tries < self.transport.retries => error,
                        _ => return Err(error),
                    },
                },
                Attempt::Unconnected(error) if tries >= self.transport.retries => {
                    return Err(error);
                }
                Attempt::Unconnected(error) => {
                    self.transport.again(tries, &error).await;
                    tries += 1;
                    continue;
                }
                Attempt::Broken(error) => error,
            };
            if is_last && self.is_filled(parcel, key, before).await? {
                return Ok(true);
            }
            if tries >= self.transport.retries {
                return Err(unknown(parcel, lost));
            }
            self.transport.again(tries, &lost).await;
            tries += 1;
        }
    }

    /// Looks whether an answer of success is true. An NBI that works on it still has time for
    /// that, and one that keeps neither names nor revisions is believed.
    ///
    /// # Errors
    ///
    /// The NBI has what it had before, or is not reached.
    async fn did_fill(
        &self,
        parcel: &OsmParcel,
        key: &str,
        before: Option<u64>,
        answer: &Answer,
    ) -> Result<(), OsmError> {
        let start = Instant::now();
        let mut tries = 0;
        loop {
            match self.filled(parcel, key, before).await? {
                Filled::Yes | Filled::Untold | Filled::Underway => return Ok(()),
                Filled::No => {}
            }
            let has_time = match answer.status {
                StatusCode::ACCEPTED if self.is_waiting() => start.elapsed() < self.options.wait,
                // It will be done at a time for which nobody waits.
                StatusCode::ACCEPTED => return Ok(()),
                _ => tries < QUESTIONS.min(self.transport.retries),
            };
            if !has_time {
                let status = answer.status;
                let reason = format!("answers {status}, and what it has is what it had before");
                return Err(self.protocol(&parcel.action(), &reason));
            }
            self.transport.pause(tries.min(QUESTIONS)).await;
            tries += 1;
        }
    }

    /// Whether a resource holds the package for certain, in a later revision than before.
    async fn is_filled(
        &self,
        parcel: &OsmParcel,
        key: &str,
        before: Option<u64>,
    ) -> Result<bool, OsmError> {
        Ok(matches!(
            self.filled(parcel, key, before).await?,
            Filled::Yes
        ))
    }

    /// What a resource says of the package having come into it, in a later revision than before.
    async fn filled(
        &self,
        parcel: &OsmParcel,
        key: &str,
        before: Option<u64>,
    ) -> Result<Filled, OsmError> {
        let record = self.record(parcel.shelf, key, &parcel.id).await;
        let record = record.map_err(|error| unknown(parcel, error))?;
        let Some(record) = record else {
            return Ok(Filled::No);
        };
        if !record.is_onboarded() {
            return Ok(Filled::Underway);
        }
        // Not every NBI counts them, and not every one keeps the name.
        let is_later = match (record.revision, before) {
            (Some(now), Some(before)) => Some(now > before),
            _ => None,
        };
        let is_own = record.file.as_deref().map(|file| file == parcel.name());
        Ok(match (is_own, is_later) {
            (Some(false), _) | (_, Some(false)) => Filled::No,
            (Some(true), _) | (_, Some(true)) => Filled::Yes,
            (None, None) => Filled::Untold,
        })
    }

    /// The first piece, where a package goes in several.
    fn first(&self, parcel: &OsmParcel) -> Option<(u64, u64)> {
        let in_pieces = parcel.size > self.piece && !self.forgets.load(Ordering::Relaxed);
        in_pieces.then(|| self.piece_at(0, parcel.size))
    }

    fn piece_at(&self, start: u64, size: u64) -> (u64, u64) {
        (start, size.min(start.saturating_add(self.piece)))
    }
}

/// Whether a package has come into a resource.
enum Filled {
    /// The resource has it.
    Yes,
    /// The resource has something else, or is gone.
    No,
    /// Nothing is there that can be used yet.
    Underway,
    /// The NBI says neither names nor revisions.
    Untold,
}

/// Whether the NBI does not have the pieces that it had (404 `invalid Transaction-Id
/// header`).
fn has_forgotten(refusal: &OsmRefusal) -> bool {
    refusal.status == 404 && refusal.detail.contains("invalid Transaction-Id")
}

/// Where the NBI wants the next piece to begin (416 `invalid Content-Range start
/// sequence, expected '…'`).
fn expected(refusal: &OsmRefusal) -> Option<u64> {
    let (_, rest) = refusal.detail.split_once("expected '")?;
    let at = rest.split('\'').next()?.parse().ok()?;
    (refusal.status == 416).then_some(at)
}
