//! The client of an NBI: who is there, what it has, and what goes away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::transport::{Notice, Transport, leads_to};
use super::address::OsmAddress;
use super::digests::digest_in;
use super::error::OsmError;
use super::login::{Login, Token};
use super::refusal::{OsmRefusal, said};
use super::shelf::OsmShelf;
use crate::digest::hex;
use crate::oci::{RemoteError, RemoteOptions, is_transient};
use crate::secret::Secret;

/// How often an NBI is asked whether that is so what it says, before it is not believed.
pub(super) const QUESTIONS: u32 = 3;
/// No answer is larger: a list holds whole descriptors.
const LARGEST: usize = 64 << 20;
/// Packages that are larger go in pieces of that size, where nobody says otherwise.
const PIECE: u64 = 64 << 20;
/// The first pause between two looks at the state of a package.
const LOOK: Duration = Duration::from_millis(200);
/// No such pause is longer.
const SLOWEST: Duration = Duration::from_secs(2);
/// The form in which answers are wanted; YAML otherwise.
pub(super) const JSON: &str = "application/json";
/// The key in `userDefinedData` under which the digest stands of what is to come into
/// an empty resource.
pub(super) const MARK: &str = "cargo-nfv";

/// How packages are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OsmOptions {
    /// Whether a resource is made first and filled then, as SOL005 has it.
    pub two_steps: bool,
    /// How long OSM has for making a package usable; none where nobody waits.
    pub wait: Duration,
}

/// An NBI that is talked to.
pub struct Osm<'a> {
    pub(super) address: OsmAddress,
    pub(super) transport: Transport<'a>,
    pub(super) options: OsmOptions,
    /// The size of pieces.
    pub(super) piece: u64,
    /// Whether it has shown that it forgets pieces.
    pub(super) forgets: AtomicBool,
    /// For which packages empty resources were made before, by their digests.
    pub(super) begun: Mutex<BTreeMap<OsmShelf, BTreeSet<String>>>,
    /// Whether it has answered as an NBI does.
    is_known: AtomicBool,
    login: Login,
    token: Token,
}

/// What an NBI has under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmRecord {
    /// The collection.
    pub shelf: OsmShelf,
    /// OSM's own key (`_id`).
    pub key: String,
    /// The id of the descriptor; none where nothing was uploaded yet.
    pub id: Option<String>,
    /// The version that the descriptor gives.
    pub version: Option<String>,
    /// `onboardingState`: `CREATED`, `ONBOARDED`.
    pub onboarding: Option<String>,
    /// `operationalState`: `ENABLED`, `DISABLED`.
    pub operational: Option<String>,
    /// `usageState`: `IN_USE`, `NOT_IN_USE`.
    pub usage: Option<String>,
    /// How often its content was uploaded.
    pub revision: Option<u64>,
    /// The file name under which that was.
    pub file: Option<String>,
    /// What it refers to: functions and services of a service, services of a slice.
    pub needs: Vec<(OsmShelf, String)>,
    /// Whether it is another project's, which lets others read it. To the NBI such a one is neither
    /// in the way of another of that id nor there for what needs it.
    pub is_shared: bool,
    /// What it was made for.
    pub(super) mark: Option<String>,
}

/// A whole answer.
pub(super) struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    /// Whether it was asked for before, and what came of that is not known.
    pub is_again: bool,
}

impl Answer {
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether it is a page for people.
    pub fn is_page(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"<")
    }
}

impl OsmRecord {
    /// What it is called: by the id of its descriptor, or else by its key.
    pub fn name(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.key)
    }

    /// Whether OSM lets it be used.
    pub fn is_usable(&self) -> bool {
        let is = |state: &Option<String>, wanted| state.as_deref().is_none_or(|s| s == wanted);
        is(&self.onboarding, "ONBOARDED") && is(&self.operational, "ENABLED")
    }

    /// Whether content has arrived.
    pub fn is_onboarded(&self) -> bool {
        self.onboarding
            .as_deref()
            .is_none_or(|state| state == "ONBOARDED")
    }

    /// Whether an instance of it is running.
    pub fn is_in_use(&self) -> bool {
        self.usage.as_deref() == Some("IN_USE")
    }

    /// SHA-256 of the package, where its file name says it, as those of this program
    /// do.
    pub fn sha256(&self) -> Option<String> {
        digest_in(self.file.as_deref()?)
    }

    /// Whether OSM has ended with it, and in vain (SOL005, `ERROR`).
    pub fn has_failed(&self) -> bool {
        matches!(self.onboarding.as_deref(), Some("ERROR" | "FAILED"))
    }

    /// Its states in words.
    pub fn state(&self) -> String {
        let words = [&self.onboarding, &self.operational];
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        words.join(", ")
    }

    /// Reads a resource; `projects` are the names of that which asks.
    fn of(shelf: OsmShelf, item: &Value, projects: &[String]) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let admin = &item["_admin"];
        let state = |name: &str| text(&item[shelf.field(name)]).or_else(|| text(&admin[name]));
        let items = |key: &str| item[key].as_array().into_iter().flatten();
        let ids = |shelf: OsmShelf, key: &str| -> Vec<(OsmShelf, String)> {
            let ids = items(key).filter_map(text);
            ids.map(|id| (shelf, id)).collect()
        };
        Some(OsmRecord {
            shelf,
            key: text(&item["_id"])?,
            id: text(&item["id"]),
            version: text(&item["version"]),
            onboarding: state("onboardingState"),
            operational: state("operationalState"),
            usage: state("usageState"),
            revision: admin["revision"].as_u64(),
            file: text(&admin["storage"]["zipfile"]),
            needs: match shelf {
                OsmShelf::Vnf => Vec::new(),
                OsmShelf::Ns => [
                    ids(OsmShelf::Vnf, "vnfd-id"),
                    ids(OsmShelf::Ns, "nested-nsd-id"),
                ]
                .concat(),
                OsmShelf::Nst => items("netslice-subnet")
                    .filter_map(|subnet| Some((OsmShelf::Ns, text(&subnet["nsd-ref"])?)))
                    .collect(),
            },
            // As its filter for what is written has it: that of a project, or of all (`ANY`).
            is_shared: admin["projects_write"].as_array().is_some_and(|writers| {
                let is_own = |writer: &Value| {
                    let is = |name: &String| writer == name.as_str();
                    writer == "ANY" || projects.iter().any(is)
                };
                !projects.is_empty() && !writers.is_empty() && !writers.iter().any(is_own)
            }),
            mark: text(&admin["userDefinedData"][MARK]),
        })
    }
}

impl<'a> Osm<'a> {
    /// The NBI at an address. It is not asked yet. That it is asked again where it does not
    /// answer is told once.
    ///
    /// # Errors
    ///
    /// A certificate or a proxy is no good.
    pub fn open(
        address: OsmAddress,
        login: Login,
        remote: &RemoteOptions,
        options: OsmOptions,
        notice: Notice<'a>,
    ) -> Result<Self, OsmError> {
        let transport = Transport::open(address.host(), remote, notice)?;
        transport.secrets.note(login.password.reveal());
        Ok(Osm {
            address,
            transport,
            options,
            piece: remote.chunk.unwrap_or(PIECE),
            forgets: AtomicBool::new(false),
            begun: Mutex::default(),
            is_known: AtomicBool::new(false),
            login,
            token: Token::default(),
        })
    }

    /// Where it is.
    pub fn address(&self) -> &OsmAddress {
        &self.address
    }

    /// All that it has in a collection, by id.
    ///
    /// # Errors
    ///
    /// It is not reached, or lets nobody in.
    pub fn list(&self, shelf: OsmShelf) -> Result<Vec<OsmRecord>, OsmError> {
        self.wait(self.listed(shelf, None))
    }

    /// What it has of that id. There may be several where somebody has forced OSM.
    ///
    /// # Errors
    ///
    /// It is not reached, or lets nobody in.
    pub fn find(&self, shelf: OsmShelf, id: &str) -> Result<Vec<OsmRecord>, OsmError> {
        self.wait(self.listed(shelf, Some(id)))
    }

    /// SHA-256 of the package that it has: what the file name says, or else that of
    /// the bytes. `None` where OSM does not give them back.
    ///
    /// # Errors
    ///
    /// It is not reached, or lets nobody in.
    pub fn sha256(&self, record: &OsmRecord) -> Result<Option<String>, OsmError> {
        match record.sha256() {
            Some(sha256) => Ok(Some(sha256)),
            None => self.wait(self.downloaded(record)),
        }
    }

    /// The text of the descriptor that it has, as it was sent. `None` where OSM does not give it
    /// back.
    ///
    /// # Errors
    ///
    /// It is not reached, or lets nobody in.
    pub fn descriptor(&self, record: &OsmRecord) -> Result<Option<Vec<u8>>, OsmError> {
        let shelf = record.shelf;
        let action = format!(
            "read the descriptor of the {} `{}`",
            shelf.noun(),
            record.name()
        );
        let mut url = self.resource(shelf, &record.key);
        url.set_path(&format!("{}/{}", url.path(), shelf.descriptor()));
        let answer = self.wait(self.question(&action, |client| {
            client.get(url.clone()).header(ACCEPT, "text/plain")
        }));
        match answer {
            Ok(answer) => Ok(Some(answer.body).filter(|_| answer.status == StatusCode::OK)),
            // Somebody between keeps it to himself.
            Err(error) if error.is_of_another() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether [`settle`](Self::settle) waits at all.
    pub fn is_waiting(&self) -> bool {
        !self.options.wait.is_zero()
    }

    /// Waits until a package can be used.
    ///
    /// # Errors
    ///
    /// OSM does not come to an end with it in time.
    pub fn settle(&self, shelf: OsmShelf, key: &str, package: &str) -> Result<(), OsmError> {
        self.wait(self.settled(shelf, key, package))
    }

    pub(super) fn wait<T>(
        &self,
        future: impl Future<Output = Result<T, OsmError>>,
    ) -> Result<T, OsmError> {
        self.transport.connection.runtime.block_on(future)
    }

    pub(super) async fn listed(
        &self,
        shelf: OsmShelf,
        id: Option<&str>,
    ) -> Result<Vec<OsmRecord>, OsmError> {
        let action = match id {
            Some(id) => format!("look for the {} `{id}`", shelf.noun()),
            None => format!("list what it has of {}s", shelf.noun()),
        };
        let mut url = self.address.below(shelf.path());
        // The NBI takes a comma for the end of a value.
        if let Some(id) = id.filter(|id| !id.contains(',')) {
            url.query_pairs_mut().append_pair("id", id);
        }
        let answer = self
            .question(&action, |client| {
                client.get(url.clone()).header(ACCEPT, JSON)
            })
            .await?;
        if answer.status != StatusCode::OK {
            return Err(self.refused(&action, &answer));
        }
        let document = answer.json().ok_or_else(|| {
            self.protocol(
                &action,
                "answers with something that is no JSON; is it an NBI?",
            )
        })?;
        let items = document.as_array();
        let items = items.ok_or_else(|| self.protocol(&action, "answers with no list"))?;
        self.is_known.store(true, Ordering::Relaxed);
        let projects = self.projects();
        let records = items
            .iter()
            .map(|item| OsmRecord::of(shelf, item, &projects));
        let records: Option<Vec<OsmRecord>> = records.collect();
        let reason = "answers with a list of something else than resources";
        let mut records = records.ok_or_else(|| self.protocol(&action, reason))?;
        records.retain(|record| id.is_none_or(|id| record.id.as_deref() == Some(id)));
        records.sort_by(|a, b| (&a.id, &a.key).cmp(&(&b.id, &b.key)));
        Ok(records)
    }

    /// What it has under a key, and is called so in messages.
    pub(super) async fn record(
        &self,
        shelf: OsmShelf,
        key: &str,
        name: &str,
    ) -> Result<Option<OsmRecord>, OsmError> {
        let action = format!("ask for the {} `{name}`", shelf.noun());
        let url = self.resource(shelf, key);
        let answer = self
            .question(&action, |client| {
                client.get(url.clone()).header(ACCEPT, JSON)
            })
            .await?;
        match answer.status {
            StatusCode::OK => {
                let document = answer.json().unwrap_or_default();
                let record = OsmRecord::of(shelf, &document, &self.projects());
                let reason = "answers with something that is no resource";
                record
                    .map(Some)
                    .ok_or_else(|| self.protocol(&action, reason))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(self.refused(&action, &answer)),
        }
    }

    pub(super) async fn downloaded(&self, record: &OsmRecord) -> Result<Option<String>, OsmError> {
        let shelf = record.shelf;
        let action = format!("read the {} `{}`", shelf.noun(), record.name());
        let mut url = self.resource(shelf, &record.key);
        url.set_path(&format!("{}/{}", url.path(), shelf.content()));
        let mut response = self
            .asked(&action, |client| {
                client.get(url.clone()).header(ACCEPT, "application/zip")
            })
            .await?;
        // Some keep files in a way in which they don't find them again.
        if response.status() != StatusCode::OK {
            return Ok(None);
        }
        let mut hash = Sha256::new();
        while let Some(bytes) = self.transport.in_time(&action, response.chunk()).await? {
            hash.update(&bytes);
        }
        Ok(Some(hex(&hash.finalize())))
    }

    async fn settled(&self, shelf: OsmShelf, key: &str, package: &str) -> Result<(), OsmError> {
        if self.options.wait.is_zero() {
            return Ok(());
        }
        let start = Instant::now();
        let mut pause = LOOK;
        loop {
            let record = self.record(shelf, key, package).await?;
            let state = match &record {
                Some(record) if record.is_usable() => return Ok(()),
                Some(record) => record.state(),
                None => "gone".to_owned(),
            };
            if record.is_none_or(|record| record.has_failed()) {
                return Err(OsmError::Failed {
                    package: package.to_owned(),
                    state,
                });
            }
            let passed = start.elapsed();
            let left = self.options.wait.saturating_sub(passed);
            if left.is_zero() {
                return Err(OsmError::Unfinished {
                    package: package.to_owned(),
                    seconds: passed.as_secs(),
                    state,
                });
            }
            // The last look is when the time is over.
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(SLOWEST);
        }
    }

    /// The address of a resource.
    pub(super) fn resource(&self, shelf: OsmShelf, key: &str) -> Url {
        let mut url = self.address.below(shelf.path());
        // A key is a UUID, and comes from the NBI.
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.push(key);
        }
        url
    }

    /// Asks what may be asked twice, until there is an answer that asking again would
    /// not change.
    pub(super) async fn question(
        &self,
        action: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Answer, OsmError> {
        let mut tries = 0;
        let times = QUESTIONS.min(self.transport.retries);
        loop {
            let result = async {
                let response = self.asked(action, &make).await?;
                self.answer(action, response).await
            };
            let again = match result.await {
                Ok(answer) if !is_transient(answer.status) => {
                    let is_again = tries > 0;
                    return Ok(Answer { is_again, ..answer });
                }
                // An NBI that fell over a question may stand at the next; what it means by
                // another code is its last word.
                Ok(answer) => match self.refused(action, &answer) {
                    error if error.is_transient() => error,
                    error if answer.status.as_u16() == 500 && tries < times => error,
                    _ => return Ok(answer),
                },
                Err(error) if error.is_transient() && self.is_in() => error,
                Err(error) => return Err(error),
            };
            if tries >= self.transport.retries {
                return Err(again);
            }
            self.transport.again(tries, &again).await;
            tries += 1;
        }
    }

    /// Asks what may not be asked twice, for a whole answer.
    pub(super) async fn once(
        &self,
        action: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Answer, OsmError> {
        let response = self.asked(action, make).await?;
        self.answer(action, response).await
    }

    /// Asks once, with a token that holds.
    async fn asked(
        &self,
        action: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, OsmError> {
        let mut is_renewed = false;
        loop {
            let (token, is_new) = self.token().await?;
            let request = make(&self.transport.connection.client).bearer_auth(token.reveal());
            let response = self.transport.in_time(action, request.send()).await?;
            match self.let_in(action, response, is_renewed || is_new).await? {
                Some(response) => return Ok(response),
                None => is_renewed = true,
            }
        }
    }

    /// Lets an answer pass that is about what was asked. `None` where the token holds
    /// no more: it is forgotten then, and another one may do.
    pub(super) async fn let_in(
        &self,
        action: &str,
        response: Response,
        is_fresh: bool,
    ) -> Result<Option<Response>, OsmError> {
        let status = response.status();
        match status.as_u16() {
            401 if !is_fresh => {
                self.token.set(None);
                Ok(None)
            }
            401 | 403 | 407 => {
                let body = self.transport.body(action, response, LARGEST).await;
                Err(OsmError::Denied {
                    host: self.address.host(),
                    user: self.login.user.clone(),
                    action: action.to_owned(),
                    status,
                    detail: said(&body.unwrap_or_default(), &self.transport.secrets),
                })
            }
            300..=399 => {
                let there = leads_to(&self.address.below(""), &response);
                Err(match there {
                    Some(there) => OsmError::Moved {
                        host: self.address.host(),
                        there,
                    },
                    None => self.protocol(action, &format!("answers {status}")),
                })
            }
            _ => Ok(Some(response)),
        }
    }

    /// The whole of an answer.
    pub(super) async fn answer(
        &self,
        action: &str,
        response: Response,
    ) -> Result<Answer, OsmError> {
        let status = response.status();
        let body = self.transport.body(action, response, LARGEST).await?;
        let is_own = || OsmRefusal::of(status, &body, &self.transport.secrets).is_own;
        if matches!(status.as_u16(), 404 | 405 | 410) && !is_own() {
            if self.is_known.load(Ordering::Relaxed) {
                let reason = format!("answers {status}, and not as OSM does");
                return Err(self.protocol(action, &reason));
            }
            return Err(OsmError::NoOsm {
                address: self.address.to_string(),
                path: "vnfpkgm/v1".to_owned(),
                status,
            });
        }
        Ok(Answer {
            status,
            body,
            is_again: false,
        })
    }

    /// The token, and whether it was given for this.
    pub(super) async fn token(&self) -> Result<(Secret, bool), OsmError> {
        if let Some(token) = self.token.get() {
            return Ok((token, false));
        }
        let mut tries = 0;
        let token = loop {
            match self.new_token().await {
                Err(error) if error.is_transient() && tries < self.transport.retries => {
                    self.transport.again(tries, &error).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
                Ok(token) => break token,
            }
        };
        self.token.set(Some(token.clone()));
        Ok((token, true))
    }

    /// Whether there is a token. Where there is none after a question, it was the login that
    /// failed, as often as that is tried.
    pub(super) fn is_in(&self) -> bool {
        self.token.get().is_some()
    }

    /// Logs in (`POST /admin/v1/tokens`).
    async fn new_token(&self) -> Result<Secret, OsmError> {
        let action = format!("log in as `{}`", self.login.user);
        let url = self.address.below("admin/v1/tokens");
        let form = json!({
            "username": self.login.user,
            "password": self.login.password.reveal(),
            "project_id": self.login.project,
        });
        let request = self.transport.connection.client.post(url);
        let request = request
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .body(form.to_string());
        let response = self.transport.in_time(&action, request.send()).await?;
        let status = response.status();
        if status.is_redirection() {
            self.let_in(&action, response, true).await?;
            return Err(self.protocol(&action, &format!("answers {status}")));
        }
        let body = self.transport.body(&action, response, LARGEST).await?;
        let unfit = |what| OsmError::Unfit {
            host: self.address.host(),
            user: self.login.user.clone(),
            what,
        };
        match status.as_u16() {
            200 | 201 => {}
            404 | 405 | 410 => {
                return Err(OsmError::NoOsm {
                    address: self.address.to_string(),
                    path: "admin/v1/tokens".to_owned(),
                    status,
                });
            }
            _ if is_transient(status) => {
                return Err(RemoteError::Status {
                    host: self.address.host(),
                    action,
                    status,
                    detail: said(&body, &self.transport.secrets),
                    retry_after: None,
                }
                .into());
            }
            _ => {
                return Err(OsmError::Login {
                    host: self.address.host(),
                    user: self.login.user.clone(),
                    project: self.login.project.clone(),
                    status,
                    detail: said(&body, &self.transport.secrets),
                });
            }
        }
        let document: Value = serde_json::from_slice(&body).unwrap_or_default();
        if document["message"] == "change_password" {
            return Err(unfit("the password is changed, which has expired"));
        }
        if !document["otp"].is_null() || !document["email"].is_null() {
            return Err(unfit("a one-time password"));
        }
        let token = document["id"].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| self.protocol(&action, "gives no token; is it an NBI?"))?;
        // A line break would be the end of the header that it is sent in.
        if HeaderValue::from_str(token).is_err() {
            return Err(self.protocol(&action, "gives a token that no request can carry"));
        }
        self.transport.secrets.note(token);
        self.token.is_of(document["project_id"].as_str());
        Ok(Secret::new(token))
    }

    /// The names of the project that asks: its key, and what it is called. None before OSM has said
    /// the key.
    fn projects(&self) -> Vec<String> {
        let key = self.token.project();
        let name = self.login.project.clone();
        key.map(|key| vec![key, name]).unwrap_or_default()
    }

    /// What an answer means that is none of success.
    pub(super) fn refused(&self, action: &str, answer: &Answer) -> OsmError {
        let refusal = OsmRefusal::of(answer.status, &answer.body, &self.transport.secrets);
        OsmError::Refused {
            action: action.to_owned(),
            refusal: Box::new(refusal),
        }
    }

    pub(super) fn protocol(&self, action: &str, reason: &str) -> OsmError {
        OsmError::Protocol {
            host: self.address.host(),
            action: action.to_owned(),
            reason: reason.to_owned(),
        }
    }
}
