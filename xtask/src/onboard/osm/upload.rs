//! Packages on their way to an NBI, in one step; and what is asked where no answer came.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use reqwest::{Method, StatusCode, Url};

use super::super::body::{Content, Progress};
use super::super::transport::Failure;
use super::client::Osm;
use super::digests::{Digests, file_name};
use super::error::OsmError;
use super::record::OsmRecord;
use super::refusal::OsmRefusal;
use super::session::{Answer, JSON, QUESTIONS};
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
pub(super) type OnBytes<'a> = &'a (dyn Fn(u64) + Sync);

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

    pub(super) fn action(&self) -> String {
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
    pub(super) fn foreign(&self, action: &str, answer: &Answer) -> OsmError {
        let with = match answer.is_page() {
            true => "with a page in HTML, which is none of OSM's: that of a proxy, or to log in",
            false => "which OSM does not",
        };
        self.protocol(action, &format!("answers {} {with}", answer.status))
    }

    /// Sends once, with a token that holds. An answer that there is none is no
    /// answer: before that nothing is looked at.
    pub(super) async fn attempt(
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
pub(super) struct Upload<'a> {
    pub method: Method,
    pub url: Url,
    pub parcel: &'a OsmParcel,
    pub digests: &'a Digests,
    /// The first byte of the piece, and the one behind it.
    pub range: Option<(u64, u64)>,
}

/// What became of a request.
pub(super) enum Attempt {
    /// There is an answer.
    Answered(Answer),
    /// Nothing has gone.
    Unconnected(OsmError),
    /// Something has gone, or all of it.
    Broken(OsmError),
}

/// Nobody can tell what became of a package.
pub(super) fn unknown(parcel: &OsmParcel, source: OsmError) -> OsmError {
    OsmError::Lost {
        package: parcel.id.clone(),
        source: Box::new(source),
    }
}

pub(super) fn is(error: &OsmError, holds: impl Fn(&OsmRefusal) -> bool) -> bool {
    error.refusal().is_some_and(holds)
}

/// Whether the NBI fell over the request, and perhaps behind what it was asked for: over the bus
/// on which it tells others of it. What it refuses by another code it has not done.
pub(super) fn fell(refusal: &OsmRefusal) -> bool {
    refusal.status == 500
}
