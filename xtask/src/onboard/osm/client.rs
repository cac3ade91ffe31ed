//! The client of an NBI: what it has, and until when it is waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::ACCEPT;
use reqwest::{StatusCode, Url};
use sha2::{Digest, Sha256};

use super::super::transport::{Notice, Transport};
use super::address::OsmAddress;
use super::error::OsmError;
use super::login::{Login, Token};
use super::record::OsmRecord;
use super::session::JSON;
use super::shelf::OsmShelf;
use crate::digest::hex;
use crate::oci::RemoteOptions;

/// Packages that are larger go in pieces of that size, where nobody says otherwise.
const PIECE: u64 = 64 << 20;
/// The first pause between two looks at the state of a package.
const LOOK: Duration = Duration::from_millis(200);
/// No such pause is longer.
const SLOWEST: Duration = Duration::from_secs(2);

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
    pub(super) is_known: AtomicBool,
    pub(super) login: Login,
    pub(super) token: Token,
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
}
