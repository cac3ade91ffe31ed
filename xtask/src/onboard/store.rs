//! The client of a Store (Eve 0.7): questions, which may be asked again, and
//! uploads, which may not.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde_json::{Value, json};

use super::address::StoreAddress;
use super::body::Progress;
use super::error::StoreError;
use super::form::Form;
use super::record::Shelf;
use super::refusal::Refusal;
use super::transport::{Failure, Notice, Transport, leads_to};
use crate::oci::{RemoteError, RemoteOptions};
use crate::package::safe_name;

/// Records on a page. They hold whole descriptors.
const PAGE: usize = 25;
/// No page is larger, and no Store has more of them.
const LARGEST: usize = 64 << 20;
const PAGES: usize = 400;

/// A Store that is talked to.
pub struct Store<'a> {
    address: StoreAddress,
    transport: Transport<'a>,
}

/// A record of the Store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The Store's own key of it (`_id`).
    pub key: Option<String>,
    /// The state in which it is (`_etag`).
    pub etag: Option<String>,
    /// The id of the descriptor.
    pub id: Option<String>,
    /// What its manifest gives as digest of the package inside. The Store has
    /// never looked at it.
    pub hash: Option<String>,
}

/// A package on its way to a Store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The collection that it goes to.
    pub shelf: Shelf,
    /// The id of its descriptor.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Parcel {
    /// The file name under which it goes. The Store unpacks under that name in a
    /// folder for all, and two uploads of one name at a time spoil each other.
    pub fn name(&self) -> String {
        let digest = self.sha256.get(..12).unwrap_or(&self.sha256);
        format!("{}-{digest}.shield.tar.gz", safe_name(&self.id))
    }
}

/// A package that a Store has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The Store's own key of the record.
    pub key: Option<String>,
    /// The state in which it is.
    pub etag: Option<String>,
    /// Whether the answer was lost, and the Store was asked.
    pub was_asked: bool,
}

impl<'a> Store<'a> {
    /// The Store at an address. It is not asked yet. That it is asked again where it does not
    /// answer is told once.
    ///
    /// # Errors
    ///
    /// A certificate or a proxy is no good.
    pub fn open(
        address: StoreAddress,
        options: &RemoteOptions,
        notice: Notice<'a>,
    ) -> Result<Self, StoreError> {
        let transport = Transport::open(address.host(), options, notice)?;
        Ok(Store { address, transport })
    }

    /// Where it is.
    pub fn address(&self) -> &StoreAddress {
        &self.address
    }

    /// The first record in which a field has this value.
    ///
    /// # Errors
    ///
    /// The Store is not reached, or there is none.
    pub fn find(
        &self,
        shelf: Shelf,
        field: &str,
        value: &str,
    ) -> Result<Option<Stored>, StoreError> {
        let search = self.search(shelf, field, value);
        self.transport.connection.runtime.block_on(search)
    }

    /// Sends a package, once. Where no answer comes the Store is asked whether it
    /// has it.
    ///
    /// # Errors
    ///
    /// The Store refuses it, is not reached, or nobody can tell what became of
    /// it.
    pub fn send(
        &self,
        parcel: &Parcel,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<Arrival, StoreError> {
        let upload = self.upload(parcel, on_bytes);
        self.transport.connection.runtime.block_on(upload)
    }

    async fn search(
        &self,
        shelf: Shelf,
        field: &str,
        value: &str,
    ) -> Result<Option<Stored>, StoreError> {
        let action = format!("look for the {} `{value}`", shelf.noun());
        let mut before = Value::Null;
        for page in 1..=PAGES {
            let mut url = self.address.below(shelf.path());
            let filter = crate::json::compact(json!({ field: value }));
            url.query_pairs_mut()
                .append_pair("where", &filter)
                .append_pair("max_results", &PAGE.to_string())
                .append_pair("page", &page.to_string());
            let mut document = self.question(shelf, &url, &action).await?;
            let items = document["_items"].as_array();
            let items = items.ok_or_else(|| self.protocol(&action, "lists no `_items`"))?;
            // Filters can be switched off in Eve, and then all come.
            let found = items.iter().find(|item| item[field] == value);
            if let Some(found) = found {
                return Ok(Some(Stored::of(shelf, found)));
            }
            if items.is_empty() || document["_links"]["next"].is_null() {
                return Ok(None);
            }
            if document["_items"] == before {
                return Err(self.protocol(&action, "gives the same page again and again"));
            }
            before = document["_items"].take();
        }
        Err(self.protocol(&action, "lists pages without end"))
    }

    /// Asks until there is an answer that asking again would not change.
    async fn question(&self, shelf: Shelf, url: &Url, action: &str) -> Result<Value, StoreError> {
        let mut tries = 0;
        loop {
            let result = self.question_once(shelf, url, action).await;
            match result {
                Err(error) if error.is_transient() && tries < self.transport.retries => {
                    self.transport.again(tries, &error).await;
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    async fn question_once(
        &self,
        shelf: Shelf,
        url: &Url,
        action: &str,
    ) -> Result<Value, StoreError> {
        let request = self.transport.connection.client.get(url.clone());
        let request = request.header(ACCEPT, "application/json");
        let response = self.transport.in_time(action, request.send()).await?;
        let response = self.let_in(action, response)?;
        let status = response.status();
        if matches!(status.as_u16(), 404 | 405 | 410) {
            return Err(StoreError::NoStore {
                address: self.address.to_string(),
                path: shelf.path(),
                status,
            });
        }
        if status != StatusCode::OK {
            return Err(RemoteError::Status {
                host: self.address.host(),
                action: action.to_owned(),
                status,
                detail: String::new(),
                retry_after: None,
            }
            .into());
        }
        let body = self.transport.body(action, response, LARGEST).await?;
        serde_json::from_slice(&body).map_err(|_| {
            self.protocol(
                action,
                "answers with something that is no JSON; is it a Store?",
            )
        })
    }

    async fn upload(
        &self,
        parcel: &Parcel,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<Arrival, StoreError> {
        let form = Form::new(parcel);
        let action = format!("send `{}`", parcel.name());
        let mut tries = 0;
        let lost = loop {
            let progress = Progress::default();
            let request = self.request(parcel.shelf, &form, &progress)?;
            match self
                .transport
                .watched(&action, request, &progress, on_bytes)
                .await
            {
                Ok(response) => match self.verdict(parcel, &action, response).await {
                    Err(error) if is_unclear(&error) => break error,
                    other => return other,
                },
                Err(_) if progress.is_changed.load(Ordering::Relaxed) => {
                    return Err(StoreError::Changed(parcel.path.clone()));
                }
                // Without a connection nothing has gone.
                Err(Failure::Unconnected(error)) if tries < self.transport.retries => {
                    self.transport.again(tries, &error).await;
                    tries += 1;
                }
                Err(Failure::Unconnected(error)) => return Err(error.into()),
                Err(Failure::Broken(error)) => break error.into(),
            }
        };
        self.ask(parcel, lost).await
    }

    /// Whether a package has arrived of which no answer told. The Store answers
    /// only when its orchestrator has, which may be after everybody between has
    /// lost patience.
    async fn ask(&self, parcel: &Parcel, lost: StoreError) -> Result<Arrival, StoreError> {
        let field = parcel.shelf.id_field();
        for tries in 0..=self.transport.retries {
            match self.search(parcel.shelf, field, &parcel.id).await {
                Ok(Some(stored)) => {
                    return Ok(Arrival {
                        key: stored.key,
                        etag: stored.etag,
                        was_asked: true,
                    });
                }
                Ok(None) if tries < self.transport.retries => self.transport.pause(tries).await,
                // An error of the Store that left nothing is an answer.
                Ok(None) if matches!(&lost, StoreError::Refused { refusal, .. } if refusal.status == 500) =>
                {
                    return Err(lost);
                }
                Ok(None) | Err(_) => break,
            }
        }
        Err(StoreError::Lost {
            package: parcel.name(),
            source: Box::new(lost),
        })
    }

    fn request(
        &self,
        shelf: Shelf,
        form: &Form,
        progress: &Progress,
    ) -> Result<RequestBuilder, StoreError> {
        let url = self.address.below(shelf.path());
        let request = self.transport.connection.client.post(url);
        Ok(request
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, form.content_type())
            .header(CONTENT_LENGTH, form.len())
            .body(form.body(progress)?))
    }

    /// What an answer to an upload says.
    async fn verdict(
        &self,
        parcel: &Parcel,
        action: &str,
        response: Response,
    ) -> Result<Arrival, StoreError> {
        const DOCUMENT: usize = 1 << 20;
        let response = self.let_in(action, response)?;
        let status = response.status();
        let body = self.transport.body(action, response, DOCUMENT).await;
        if status == StatusCode::CREATED {
            let document: Value = body
                .ok()
                .and_then(|body| serde_json::from_slice(&body).ok())
                .unwrap_or_default();
            // The Store's own answer has the key of the record and says that all is well. Where
            // another comes with its code, the Store is asked.
            if document["_status"]
                .as_str()
                .is_some_and(|status| status != "OK")
            {
                return Err(self.protocol(action, "answers 201 and calls it an error"));
            }
            if !document["_id"].is_string() {
                return Err(self.protocol(action, "answers 201 without the record"));
            }
            let stored = Stored::of(parcel.shelf, &document);
            return Ok(Arrival {
                key: stored.key,
                etag: stored.etag,
                was_asked: false,
            });
        }
        if status.is_success() {
            let reason = format!("answers {status} where a Store has 201");
            return Err(self.protocol(action, &reason));
        }
        let body = body.unwrap_or_default();
        Err(StoreError::Refused {
            package: parcel.name(),
            refusal: Box::new(Refusal::of(parcel.shelf, status, &body)),
        })
    }

    /// Lets an answer pass that comes from here and not from a guard.
    fn let_in(&self, action: &str, response: Response) -> Result<Response, StoreError> {
        let status = response.status();
        if matches!(status.as_u16(), 401 | 403 | 407) {
            return Err(StoreError::Credentials {
                host: self.address.host(),
                status,
            });
        }
        if status.is_redirection() {
            let own = self.address.below("");
            return Err(match leads_to(&own, &response) {
                Some(there) => StoreError::Moved {
                    host: self.address.host(),
                    there,
                },
                None => self.protocol(action, &format!("answers {status}")),
            });
        }
        Ok(response)
    }

    fn protocol(&self, action: &str, reason: &str) -> StoreError {
        StoreError::Protocol {
            host: self.address.host(),
            action: action.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// Whether the Store may have a package in spite of the answer: one of somebody
/// between, or that of a Store that fell.
fn is_unclear(error: &StoreError) -> bool {
    match error {
        StoreError::Refused { refusal, .. } => {
            !refusal.is_own && matches!(refusal.status, 408 | 500 | 502 | 503 | 504)
        }
        StoreError::Protocol { .. } | StoreError::Connection(_) => true,
        _ => false,
    }
}

impl Stored {
    fn of(shelf: Shelf, item: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Stored {
            key: text(&item["_id"]),
            etag: text(&item["_etag"]),
            id: text(&item[shelf.id_field()]),
            hash: text(&item["manifest"][shelf.manifest_key()]["hash"]),
        }
    }
}
