//! Packages on their way to an NBI: in one step, in the two of SOL005, or in pieces;
//! and what is asked where no answer came.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use reqwest::{Method, StatusCode, Url};
use serde_json::json;

use super::super::body::{Content, Progress};
use super::super::transport::Failure;
use super::client::{Answer, JSON, MARK, Osm, OsmRecord, QUESTIONS};
use super::digests::{Digests, file_name};
use super::error::OsmError;
use super::refusal::OsmRefusal;
use super::shelf::OsmShelf;

/// A package on its way to an NBI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmParcel {
    /// The collection that it goes to.
    pub shelf: OsmShelf,
    /// The id of its descriptor.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// Whether that is a zip; a tar otherwise.
    pub is_zip: bool,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A package that an NBI has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmArrival {
    /// OSM's own key.
    pub key: String,
    /// Whether an answer was lost, and OSM was asked.
    pub was_asked: bool,
    /// Whether somebody else has sent the same meanwhile.
    pub is_foreign: bool,
}

/// What is told of bytes that go.
type OnBytes<'a> = &'a (dyn Fn(u64) + Sync);

impl OsmParcel {
    /// The file name under which it goes, which says its digest.
    pub fn name(&self) -> String {
        let extension = if self.is_zip { "zip" } else { "tar.gz" };
        file_name(&self.id, &self.sha256, extension)
    }

    /// NBIs know packages by these two types, and take a tar under the first however
    /// it is compressed.
    fn content_type(&self) -> &'static str {
        match self.is_zip {
            true => "application/zip",
            false => "application/gzip",
        }
    }

    fn action(&self) -> String {
        format!("onboard the {} `{}`", self.shelf.noun(), self.id)
    }
}

impl Osm<'_> {
    /// Hands over a package that OSM does not have.
    ///
    /// # Errors
    ///
    /// OSM refuses it, is not reached, or nobody can tell what became of it. Nothing
    /// is left behind of what was refused.
    pub fn send(&self, parcel: &OsmParcel, on_bytes: OnBytes<'_>) -> Result<OsmArrival, OsmError> {
        self.wait(async {
            let digests = self.digests(parcel)?;
            let in_two = self.options.two_steps || parcel.size > self.piece;
            match in_two || self.is_begun(parcel).await {
                true => self.in_two_steps(parcel, &digests, on_bytes).await,
                false => self.in_one_step(parcel, &digests, on_bytes).await,
            }
        })
    }

    /// Puts a package in the place of what OSM has, as a new revision.
    ///
    /// # Errors
    ///
    /// OSM refuses it, and keeps what it has; it is not reached, or nobody can tell
    /// what became of it.
    pub fn replace(
        &self,
        parcel: &OsmParcel,
        before: &OsmRecord,
        on_bytes: OnBytes<'_>,
    ) -> Result<OsmArrival, OsmError> {
        self.wait(async {
            let digests = self.digests(parcel)?;
            let revision = before.revision;
            let was_asked = self
                .fill(parcel, &digests, &before.key, revision, on_bytes)
                .await?;
            Ok(OsmArrival {
                key: before.key.clone(),
                was_asked,
                is_foreign: false,
            })
        })
    }

    /// The key of a package that was sent, and of which nobody could tell what became of it;
    /// `None` where OSM does not have it.
    ///
    /// # Errors
    ///
    /// It is not reached.
    pub fn look(&self, parcel: &OsmParcel) -> Result<Option<String>, OsmError> {
        let found = self.wait(self.arrived(parcel, true))?;
        Ok(found.map(|arrival| arrival.key))
    }

    fn digests(&self, parcel: &OsmParcel) -> Result<Digests, OsmError> {
        let digests = Digests::of(&parcel.path).map_err(|source| OsmError::Io {
            path: parcel.path.clone(),
            source,
        })?;
        match digests.sha256 == parcel.sha256 {
            true => Ok(digests),
            false => Err(OsmError::Changed(parcel.path.clone())),
        }
    }

    /// `POST …_content`: what OSM refuses leaves nothing there.
    async fn in_one_step(
        &self,
        parcel: &OsmParcel,
        digests: &Digests,
        on_bytes: OnBytes<'_>,
    ) -> Result<OsmArrival, OsmError> {
        let action = parcel.action();
        let path = format!("{}_content", parcel.shelf.path());
        let upload = Upload {
            method: Method::POST,
            url: self.address.below(&path),
            parcel,
            digests,
            range: None,
        };
        let mut tries = 0;
        loop {
            let attempt = match self.attempt(&action, &upload, on_bytes).await {
                Err(error) if error.is_of_another() => {
                    return self.arrived(parcel, true).await.ok().flatten().ok_or(error);
                }
                attempt => attempt?,
            };
            let (is_lost, why) = match attempt {
                Attempt::Answered(answer) if answer.status == StatusCode::CREATED => {
                    return self.created(parcel, &answer).await;
                }
                Attempt::Answered(answer) if answer.status.is_success() => {
                    let error = self.foreign(&action, &answer);
                    let found = self.arrived(parcel, true).await;
                    return found.map_err(|error| unknown(parcel, error))?.ok_or(error);
                }
                Attempt::Answered(answer) => match self.refused(&action, &answer) {
                    // The first one may have arrived, slowly, or somebody else was faster.
                    error if is(&error, |refusal| refusal.is_duplicate) => {
                        let is_foreign = tries == 0;
                        return match self.arrived(parcel, !is_foreign).await? {
                            Some(arrival) => Ok(OsmArrival {
                                is_foreign,
                                ..arrival
                            }),
                            None => Err(error),
                        };
                    }
                    error if is(&error, OsmRefusal::is_unclear) => (true, error),
                    error if is(&error, fell) => {
                        return self.arrived(parcel, true).await.ok().flatten().ok_or(error);
                    }
                    error if error.is_transient() && tries < self.transport.retries => {
                        (false, error)
                    }
                    error => return Err(error),
                },
                Attempt::Unconnected(error) if tries >= self.transport.retries => {
                    return Err(error);
                }
                Attempt::Unconnected(error) => (false, error),
                Attempt::Broken(error) => (true, error),
            };
            if is_lost {
                match self.arrived(parcel, true).await {
                    Ok(Some(arrival)) => return Ok(arrival),
                    Ok(None) if tries < self.transport.retries => {}
                    Ok(None) => return Err(unknown(parcel, why)),
                    Err(error) => return Err(unknown(parcel, error)),
                }
            }
            self.transport.again(tries, &why).await;
            tries += 1;
        }
    }

    /// The key of what was made: that of the answer where OSM has the package under it or nobody
    /// can look, or else that under which OSM has it.
    ///
    /// # Errors
    ///
    /// OSM has nothing of that id.
    async fn created(&self, parcel: &OsmParcel, answer: &Answer) -> Result<OsmArrival, OsmError> {
        let document = answer.json().unwrap_or_default();
        let key = document["id"].as_str();
        if let Some(key) = key {
            let arrival = OsmArrival {
                key: key.to_owned(),
                was_asked: false,
                is_foreign: false,
            };
            let is_own =
                |record: &OsmRecord| record.id.as_ref() == Some(&parcel.id) && !record.is_shared;
            match self.record(parcel.shelf, key, &parcel.id).await {
                Ok(record) if !record.as_ref().is_some_and(is_own) => {}
                Ok(_) | Err(_) => return Ok(arrival),
            }
        }
        let found = self.arrived(parcel, true).await?;
        found.ok_or_else(|| {
            let reason = match key {
                Some(key) => format!(
                    "answers 201 with the key {key}, and has it neither under that nor under its id"
                ),
                None => "answers 201, and does not have it".to_owned(),
            };
            self.protocol(&parcel.action(), &reason)
        })
    }

    /// Whether a package has arrived of which no answer told: whether OSM has that id under that
    /// file name or, where it keeps none, with that digest. Where it tells neither, an id that
    /// was free before it was sent (`is_sent`) is that of the package.
    async fn arrived(
        &self,
        parcel: &OsmParcel,
        is_sent: bool,
    ) -> Result<Option<OsmArrival>, OsmError> {
        let name = parcel.name();
        let times = QUESTIONS.min(self.transport.retries);
        for tries in 0..=times {
            let records = self.listed(parcel.shelf, Some(&parcel.id)).await?;
            for record in records.into_iter().filter(|record| !record.is_shared) {
                let is_own = match &record.file {
                    Some(file) => *file == name,
                    None => match self.downloaded(&record).await? {
                        Some(sha256) => sha256 == parcel.sha256,
                        None => is_sent,
                    },
                };
                if is_own {
                    return Ok(Some(OsmArrival {
                        key: record.key,
                        was_asked: true,
                        is_foreign: false,
                    }));
                }
            }
            if tries < times {
                self.transport.pause(tries).await;
            }
        }
        Ok(None)
    }

    /// An answer of success that OSM does not give.
    fn foreign(&self, action: &str, answer: &Answer) -> OsmError {
        let with = match answer.is_page() {
            true => "with a page in HTML, which is none of OSM's: that of a proxy, or to log in",
            false => "which OSM does not",
        };
        self.protocol(action, &format!("answers {} {with}", answer.status))
    }

    /// SOL005: `POST` makes an empty resource, `PUT` fills it.
    async fn in_two_steps(
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
    async fn is_begun(&self, parcel: &OsmParcel) -> bool {
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
    async fn fill(
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

    /// Sends once, with a token that holds. An answer that there is none is no
    /// answer: before that nothing is looked at.
    async fn attempt(
        &self,
        action: &str,
        upload: &Upload<'_>,
        on_bytes: OnBytes<'_>,
    ) -> Result<Attempt, OsmError> {
        let mut is_renewed = false;
        loop {
            let (token, is_new) = self.token().await?;
            let progress = Progress::default();
            let request = self.request(upload, &progress)?.bearer_auth(token.reveal());
            let sent = self
                .transport
                .watched(action, request, &progress, on_bytes)
                .await;
            if progress.is_changed.load(Ordering::Relaxed) {
                return Err(OsmError::Changed(upload.parcel.path.clone()));
            }
            let response = match sent {
                Ok(response) => response,
                Err(Failure::Unconnected(error)) => {
                    return Ok(Attempt::Unconnected(error.into()));
                }
                Err(Failure::Broken(error)) => return Ok(Attempt::Broken(error.into())),
            };
            match self.let_in(action, response, is_renewed || is_new).await? {
                None => is_renewed = true,
                Some(response) => {
                    return Ok(match self.answer(action, response).await {
                        Ok(answer) => Attempt::Answered(answer),
                        Err(error) if error.is_transient() => Attempt::Broken(error),
                        Err(error) => return Err(error),
                    });
                }
            }
        }
    }

    fn request(
        &self,
        upload: &Upload<'_>,
        progress: &Progress,
    ) -> Result<reqwest::RequestBuilder, OsmError> {
        let parcel = upload.parcel;
        let (start, end) = upload.range.unwrap_or((0, parcel.size));
        let content = Content {
            range: start..end,
            ..Content::default()
        };
        let client = &self.transport.connection.client;
        let mut request = client
            .request(upload.method.clone(), upload.url.clone())
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, parcel.content_type())
            .header(CONTENT_LENGTH, content.len())
            .header("Content-Filename", parcel.name())
            .header("Content-File-MD5", &upload.digests.md5)
            .header("Digest", &upload.digests.sha384);
        if upload.range.is_some() {
            let last = end.saturating_sub(1);
            let range = format!("bytes {start}-{last}/{}", parcel.size);
            request = request.header(CONTENT_RANGE, range);
        }
        Ok(request.body(content.body(&parcel.path, progress)?))
    }
}

/// A request that carries a package, or a piece of it.
struct Upload<'a> {
    method: Method,
    url: Url,
    parcel: &'a OsmParcel,
    digests: &'a Digests,
    /// The first byte of the piece, and the one behind it.
    range: Option<(u64, u64)>,
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

/// What became of a request.
enum Attempt {
    /// There is an answer.
    Answered(Answer),
    /// Nothing has gone.
    Unconnected(OsmError),
    /// Something has gone, or all of it.
    Broken(OsmError),
}

/// Nobody can tell what became of a package.
fn unknown(parcel: &OsmParcel, source: OsmError) -> OsmError {
    OsmError::Lost {
        package: parcel.id.clone(),
        source: Box::new(source),
    }
}

fn is(error: &OsmError, holds: impl Fn(&OsmRefusal) -> bool) -> bool {
    error.refusal().is_some_and(holds)
}

/// Whether the NBI fell over the request, and perhaps behind what it was asked for: over the bus
/// on which it tells others of it. What it refuses by another code it has not done.
fn fell(refusal: &OsmRefusal) -> bool {
    refusal.status == 500
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
