//! An OCI registry inside the test: it speaks version 1.1 of the
//! distribution-spec, remembers what it was asked, and misbehaves on command.
//! Names are those of the specification. It has no encryption; for that there
//! is Docker's registry.
//!
//! Tests that need it say so below `mod common;`:
//!
//! ```text
//! #[path = "common/registry/mod.rs"]
//! mod double;
//! ```

// No binary uses all of it.
#![allow(dead_code, unused_imports)]

mod auth;
pub mod http;
mod serve;
mod store;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

pub use auth::{Auth, BASIC, IDENTITY, PASSWORD, USER};
use serve::Server;
pub use store::digest_of;

/// What registries do in one way or another.
pub struct Options {
    /// How clients say who they are.
    pub auth: Auth,
    /// Whether there is the referrers API.
    pub referrers: bool,
    /// Lists are cut after so many entries, and `Link` leads on.
    pub page: Option<usize>,
    /// Whether what came of an upload that broke off is kept.
    pub keeps_uploads: bool,
    /// Whether blobs can be had from their middle on.
    pub ranges: bool,
    /// Whether an upload goes on only at the address that was said last, as at Docker's.
    pub strict_state: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            auth: Auth::None,
            referrers: true,
            page: None,
            keeps_uploads: true,
            ranges: true,
            strict_state: false,
        }
    }
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing is done; the answer has this status, and `Retry-After` if given.
    Status(u16, Option<u64>),
    /// Nothing is done; the answer has this status and this code.
    Code(u16, &'static str),
    /// Nothing is done; the answer has this status, and is a page for people.
    Page(u16),
    /// Nothing is done for those who say who they are; the answer has this
    /// status, and says what they said, in several forms.
    Echo(u16),
    /// Nothing is done; the client is sent to this URL with 307.
    Redirect(String),
    /// The connection is reset when so much of the request's body was read; it
    /// waits for a request that has more.
    ResetRequest(u64),
    /// Nothing happens for so long; then all goes its way.
    Stall(Duration),
    /// The request's body is taken 64 KiB at a time, with this pause.
    SlowRequest(Duration),
    /// All is done, and the connection is reset in place of the answer.
    AnswerLost,
    /// The connection is reset when so much of the answer's body was sent.
    ResetAnswer(u64),
    /// The connection is closed when so much of the answer's body was sent, all of which
    /// arrives; of a connection that is reset a slow client may lose what it has not read.
    CutAnswer(u64),
    /// The answer's body comes 64 KiB at a time, with this pause.
    SlowAnswer(Duration),
    /// A byte in the middle of the answer's body is another.
    WrongBytes,
    /// The answer's body is the first half of what it should be.
    Truncated,
    /// The answer's body is a page for people.
    NotJson,
    /// `Docker-Content-Digest` is that of something else.
    WrongDigest,
    /// `Location` is missing.
    NoLocation,
    /// All is done, but the answer has this status.
    StatusInstead(u16),
}

/// A fault, and the requests that meet it.
struct Armed {
    method: String,
    /// What the path, with its query, contains.
    path: String,
    /// So many that fit are let through before.
    after: usize,
    times: usize,
    fault: Fault,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With the query, as it stood in the request.
    pub path: String,
    pub authorization: Option<String>,
    /// How much of the body was read.
    pub body: u64,
    /// The status of the answer, and 0 where there was none (yet).
    pub status: u16,
}

/// A registry that takes connections until it is dropped.
pub struct Registry {
    server: Arc<Server>,
    address: SocketAddr,
}

impl Registry {
    /// Starts a registry on a free port.
    pub fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let server = Arc::new(Server::new(options));
        let shared = Arc::clone(&server);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stopped.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(&stream));
            }
        });
        Registry { server, address }
    }

    /// A registry where nothing is special.
    pub fn plain() -> Self {
        Self::start(Options::default())
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The next request of this method with this in its path meets a fault.
    pub fn fault(&self, method: &str, path: &str, fault: Fault) {
        self.faults(method, path, 0, 1, fault);
    }

    /// So many requests that fit meet a fault, behind so many that don't.
    pub fn faults(&self, method: &str, path: &str, after: usize, times: usize, fault: Fault) {
        self.server.faults().push(Armed {
            method: method.to_owned(),
            path: path.to_owned(),
            after,
            times,
            fault,
        });
    }

    /// Takes all faults away. How many were not met as often as was said.
    pub fn clear_faults(&self) -> usize {
        let faults = std::mem::take(&mut *self.server.faults());
        let is_left = |armed: &&Armed| armed.times > 0 && armed.times < usize::MAX;
        faults.iter().filter(is_left).count()
    }

    /// The requests that came, in their order; they are forgotten.
    pub fn take_log(&self) -> Vec<Request> {
        std::mem::take(&mut *self.server.log())
    }

    /// How many requests of this method came with this in their paths.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let log = self.server.log();
        let fits = |r: &&Request| r.method == method && r.path.contains(path);
        log.iter().filter(fits).count()
    }

    /// Puts a blob there; its digest.
    pub fn put_blob(&self, name: &str, bytes: &[u8]) -> String {
        self.server.store.put_blob(name, bytes)
    }

    /// Puts a manifest there, whatever it says; its digest.
    pub fn put_manifest(&self, name: &str, tag: &str, media_type: &str, bytes: &[u8]) -> String {
        let store = &self.server.store;
        store.put_manifest(name, Some(tag), media_type, bytes.to_vec())
    }

    /// The media type and the bytes behind a tag or a digest.
    pub fn manifest(&self, name: &str, reference: &str) -> Option<(String, Vec<u8>)> {
        let (_, media_type, bytes) = self.server.store.manifest(name, reference)?;
        Some((media_type, bytes))
    }

    /// The digest behind a tag.
    pub fn digest(&self, name: &str, tag: &str) -> Option<String> {
        Some(self.server.store.manifest(name, tag)?.0)
    }

    /// The file of a blob.
    pub fn blob(&self, name: &str, digest: &str) -> Option<PathBuf> {
        self.server.store.blob(name, digest)
    }

    /// All `name:tag`, sorted.
    pub fn tags(&self) -> Vec<String> {
        self.server.store.all_tags()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.server.stopped.store(true, Ordering::Relaxed);
        // The listener looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
    }
}
