//! Blobs and manifests to a registry.
//!
//! A blob goes up in one request, because several registries get pieces wrong
//! (a PATCH that is answered with 201, of which only the last is kept, that may
//! not exceed 4 MiB); pieces are for proxies that refuse large bodies. What was
//! received of a transfer that broke off is asked for, and the rest is sent
//! after it, where the registry keeps such state.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, LOCATION, RANGE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};

use super::auth::Scope;
use super::error::{RemoteError, is_transient};
use super::payload::{Check, Payload, SharedCheck};
use super::send::{Call, Pauses};
use super::{Remote, Target};
use crate::oci::reference::{Reference, Repository};

/// How often somebody is told how far an upload is.
const TICK: Duration = Duration::from_millis(100);

/// How a blob got to where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// It was there.
    Existed,
    /// The registry took it from another repository of its own.
    Mounted,
    /// It was sent.
    Sent,
}

/// An upload that the registry has begun.
struct Session {
    location: Url,
    /// Pieces must not be smaller.
    least: u64,
    /// Whether the registry has taken a piece and not said where the next one goes; many
    /// take it where the first one went.
    is_unsaid: bool,
}

impl Remote {
    /// Sees to it that a repository has a blob; what is there is not sent.
    ///
    /// `from` is a repository of the same registry that has it, if one is known; one that was
    /// seen to have it, or that [`Remote::note_blob`] named, is known anyway.
    /// `on_bytes` is told of every byte that went, also of those that go again;
    /// what need not be sent counts as sent.
    pub fn upload(
        &self,
        repository: &Repository,
        digest: &str,
        payload: &Payload,
        from: Option<&str>,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<Uploaded, RemoteError> {
        if let Some(there) = self.is_there(repository, digest, from)? {
            on_bytes(payload.len());
            return Ok(there);
        }
        self.wait(async {
            let target = self.target(repository)?;
            let scope = Scope::push(&repository.path);
            let action = format!("upload a blob of {} bytes to `{repository}`", payload.len());
            let call = Call::new(&target, scope, action);
            let count = Arc::new(AtomicU64::new(0));
            let transfer = Transfer {
                remote: self,
                call: &call,
                digest,
                payload,
                count: &count,
                check: Check::new(payload.len(), digest.to_owned()),
            };
            let mut told = 0;
            let mut sent = std::pin::pin!(transfer.run());
            loop {
                let tick = tokio::time::timeout(TICK, &mut sent).await;
                let now = count.load(Ordering::Relaxed);
                on_bytes(now.saturating_sub(told));
                told = now;
                if let Ok(result) = tick {
                    result?;
                    self.note_blob(repository, digest);
                    return Ok(Uploaded::Sent);
                }
            }
        })
    }

    /// Whether a repository has a blob, or can take it from another one of the
    /// same registry.
    pub fn is_there(
        &self,
        repository: &Repository,
        digest: &str,
        from: Option<&str>,
    ) -> Result<Option<Uploaded>, RemoteError> {
        self.wait(async {
            let target = self.target(repository)?;
            if self.has_blob(&target, digest).await? {
                self.note_blob(repository, digest);
                return Ok(Some(Uploaded::Existed));
            }
            let from = from.map(str::to_owned);
            let from = from.or_else(|| self.who_has(repository, digest));
            let is_mounted = match from {
                Some(from) => self.mount(&target, digest, &from).await?,
                None => false,
            };
            if is_mounted {
                self.note_blob(repository, digest);
            }
            Ok(is_mounted.then_some(Uploaded::Mounted))
        })
    }

    /// Notes that a repository has a blob, so that others at its registry can take it from there.
    /// If it is not so after all, the blob is sent.
    pub fn note_blob(&self, repository: &Repository, digest: &str) {
        let key = (repository.host.clone(), digest.to_owned());
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.entry(key).or_insert_with(|| repository.path.clone());
    }

    /// Another repository of the same registry that has a blob.
    fn who_has(&self, repository: &Repository, digest: &str) -> Option<String> {
        let key = (repository.host.clone(), digest.to_owned());
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let path = blobs.get(&key)?.clone();
        (path != repository.path).then_some(path)
    }

    async fn has_blob(&self, target: &Target, digest: &str) -> Result<bool, RemoteError> {
        let path = &target.repository.path;
        let url = target.url(&format!("blobs/{digest}"))?;
        let action = format!("look for a blob in `{}`", target.repository);
        // Whoever looks wants to write in a moment, and needs one token.
        let call = Call::new(target, Scope::push(path), action);
        let response = self
            .send(&call, |client: &Client| client.head(url.clone()))
            .await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        self.expect(&call, response, &[200]).await.map(|_| true)
    }

    /// Has the registry take a blob from another repository. Whatever it says
    /// but yes means that the blob has to be sent.
    async fn mount(&self, target: &Target, digest: &str, from: &str) -> Result<bool, RemoteError> {
        let path = &target.repository.path;
        let mut url = target.url("blobs/uploads/")?;
        url.query_pairs_mut()
            .append_pair("mount", digest)
            .append_pair("from", from);
        let action = format!("mount a blob of `{from}` in `{}`", target.repository);
        let call = Call::new(target, Scope::mount(path, from), action);
        let post = |client: &Client| empty(client.post(url.clone()));
        let response = match self.send(&call, post).await {
            Ok(response) => response,
            Err(error) if error.is_unauthorized() => return Ok(false),
            Err(error) => return Err(error),
        };
        if response.status() == StatusCode::ACCEPTED {
            // An upload was begun instead, which nobody is going to use.
            if let Ok(location) = location(&call, &response) {
                let delete = |client: &Client| client.delete(location.clone());
                let _ = self.once(&call, &delete).await;
            }
        }
        Ok(response.status() == StatusCode::CREATED)
    }

    /// Writes a manifest under a tag or its digest, and returns the digest by
    /// which the registry knows what it refers to, if the registry said so.
    ///
    /// It is the last step of a publication: only then anything is to be seen.
    pub fn put_manifest(
        &self,
        reference: &Reference,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Option<String>, RemoteError> {
        self.wait(async {
            let target = self.target(&reference.repository)?;
            let url = target.url(&format!("manifests/{}", reference.target()))?;
            let scope = Scope::push(&reference.repository.path);
            let call = Call::new(
                &target,
                scope,
                format!("write the manifest of `{reference}`"),
            );
            let put = |client: &Client| {
                let request = client.put(url.clone());
                request
                    .header(CONTENT_TYPE, media_type)
                    .body(bytes.to_vec())
            };
            let response = self.send(&call, put).await?;
            let response = self.expect(&call, response, &[200, 201, 202]).await?;
            let own = super::pull::sha256(bytes);
            if let Some(said) = said_digest(&response).filter(|said| *said != own) {
                return Err(RemoteError::Kept {
                    host: target.host(),
                    what: format!("the manifest of `{reference}`"),
                    expected: own,
                    found: said,
                });
            }
            let subject = response.headers().get("oci-subject");
            Ok(subject.and_then(|subject| subject.to_str().ok().map(str::to_owned)))
        })
    }

    /// Deletes what is under a tag or digest; `false` where nothing was.
    pub fn delete_manifest(&self, reference: &Reference) -> Result<bool, RemoteError> {
        self.wait(async {
            let target = self.target(&reference.repository)?;
            let url = target.url(&format!("manifests/{}", reference.target()))?;
            let scope = Scope::delete(&reference.repository.path);
            let call = Call::new(&target, scope, format!("delete `{reference}`"));
            let response = self
                .send(&call, |client: &Client| client.delete(url.clone()))
                .await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Ok(false);
            }
            self.expect(&call, response, &[200, 202])
                .await
                .map(|_| true)
        })
    }
}

/// A blob on its way.
struct Transfer<'a> {
    remote: &'a Remote,
    call: &'a Call<'a>,
    digest: &'a str,
    payload: &'a Payload,
    count: &'a Arc<AtomicU64>,
    check: SharedCheck,
}

impl Transfer<'_> {
    async fn run(&self) -> Result<(), RemoteError> {
        let mut pauses = Pauses::new(self.remote.options.retries);
        let mut session = self.begin().await?;
        let mut done = 0;
        loop {
            let result = self.rest(&mut session, done).await;
            // Whatever the registry says of a damaged file, the file is why.
            if let Some(damaged) = self.payload.damage(&self.check) {
                return Err(damaged);
            }
            let failure = match result {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if !failure.is_transient() && !is_lost(&failure) {
                return Err(failure);
            }
            if session.is_unsaid && is_gone(&failure) {
                // It would not say so the next time either.
                let reason = "takes a piece of the blob and does not say where the upload goes \
                              on; without `--chunk-size` it goes up in one request";
                return Err(self.call.protocol(reason));
            }
            if !pauses.take(self.call, failure.retry_after()).await? {
                return Err(self.refused(failure));
            }
            done = match self.status(&mut session).await {
                Some(done) if done > 0 && done <= self.payload.len() => {
                    pauses.reach(done);
                    done
                }
                // Where nothing came, it may still come to the old place.
                _ => {
                    session = self.begin().await?;
                    0
                }
            };
        }
    }

    /// A token that was good to begin with, and for nothing more however often there is a
    /// new one, is no good.
    fn refused(&self, failure: RemoteError) -> RemoteError {
        match failure {
            RemoteError::Status {
                host,
                status: StatusCode::UNAUTHORIZED,
                detail,
                ..
            } => RemoteError::Unauthorized {
                host,
                origin: self.call.target.auth.origin(),
                detail,
            },
            other => other,
        }
    }

    async fn begin(&self) -> Result<Session, RemoteError> {
        let url = self.call.target.url("blobs/uploads/")?;
        let post = |client: &Client| empty(client.post(url.clone()));
        let response = self.remote.send(self.call, post).await?;
        let response = self.remote.expect(self.call, response, &[202]).await?;
        let least = response.headers().get("oci-chunk-min-length");
        let least = least.and_then(|least| least.to_str().ok()?.parse().ok());
        Ok(Session {
            location: location(self.call, &response)?,
            least: least.unwrap_or(0),
            is_unsaid: false,
        })
    }

    /// Sends what is missing from `done` on, and ends the upload.
    async fn rest(&self, session: &mut Session, done: u64) -> Result<(), RemoteError> {
        let size = self.payload.len();
        let chunk = self
            .remote
            .options
            .chunk
            .map(|chunk| chunk.max(session.least));
        if chunk.is_none() && done == 0 {
            return self.finish(session, Some((0, size))).await;
        }
        let chunk = chunk.unwrap_or(size).max(1);
        let mut start = done;
        while start < size {
            let end = size.min(start.saturating_add(chunk));
            let body = self.payload.body(start, end, self.count, &self.check)?;
            let request = self.request(Method::PATCH, session.location.clone())?;
            let request = request
                .header(CONTENT_TYPE, "application/octet-stream")
                .header(CONTENT_LENGTH, end - start)
                .header(CONTENT_RANGE, format!("{start}-{}", end - 1))
                .body(body);
            let response = self.once(request).await?;
            // Some answer 201 or 204, which the specification has no room for.
            let statuses = [202, 201, 204];
            let response = self.remote.expect(self.call, response, &statuses).await?;
            match location(self.call, &response) {
                Ok(location) => session.location = location,
                Err(_) => session.is_unsaid = true,
            }
            start = end;
        }
        self.finish(session, None).await
    }

    /// The last request of an upload, with a body or, after pieces, without.
    async fn finish(&self, session: &Session, body: Option<(u64, u64)>) -> Result<(), RemoteError> {
        let mut url = session.location.clone();
        // What is there must stay as it is: it may be signed.
        let query = match url.query() {
            Some(query) if !query.is_empty() => format!("{query}&digest={}", self.digest),
            _ => format!("digest={}", self.digest),
        };
        url.set_query(Some(&query));
        let request = self.request(Method::PUT, url)?;
        let request = match body {
            Some((from, to)) => request
                .header(CONTENT_TYPE, "application/octet-stream")
                .header(CONTENT_LENGTH, to - from)
                .body(self.payload.body(from, to, self.count, &self.check)?),
            None => request.header(CONTENT_LENGTH, 0),
        };
        let response = self.once(request).await?;
        let response = self.remote.expect(self.call, response, &[201, 200, 204]);
        let said = said_digest(&response.await?).unwrap_or_else(|| self.digest.to_owned());
        match said == self.digest {
            true => Ok(()),
            false => Err(RemoteError::Kept {
                host: self.call.target.host(),
                what: "a blob".to_owned(),
                expected: self.digest.to_owned(),
                found: said,
            }),
        }
    }

    /// How many bytes the registry has, if it still knows the upload.
    async fn status(&self, session: &mut Session) -> Option<u64> {
        let request = self.request(Method::GET, session.location.clone()).ok()?;
        let response = self.once(request).await.ok()?;
        if response.status() != StatusCode::NO_CONTENT {
            return None;
        }
        let range = response.headers().get(RANGE)?.to_str().ok()?;
        let range = range.trim_start_matches("bytes=");
        let last: u64 = range.rsplit('-').next()?.parse().ok()?;
        if let Ok(location) = location(self.call, &response) {
            session.location = location;
            session.is_unsaid = false;
        }
        // `0-0` means one byte by the letter, and none to most registries.
        Some(if last == 0 { 0 } else { last + 1 })
    }

    /// Waits for an answer as long as bytes go, and no longer without.
    async fn in_time(
        &self,
        url: &Url,
        answer: impl Future<Output = reqwest::Result<Response>>,
    ) -> Result<Response, RemoteError> {
        let mut answer = std::pin::pin!(answer);
        let mut before = self.count.load(Ordering::Relaxed);
        loop {
            let patience = self.remote.options.timeout;
            if let Ok(answer) = tokio::time::timeout(patience, &mut answer).await {
                return answer.map_err(|error| self.remote.unreachable(self.call, error));
            }
            let now = self.count.load(Ordering::Relaxed);
            if now == before {
                return Err(self.remote.late(self.call, url));
            }
            before = now;
        }
    }

    fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, RemoteError> {
        Ok(self.remote.client()?.request(method, url))
    }

    /// One try of a request whose body can't be sent twice. The token is there:
    /// the upload could not have begun without.
    async fn once(&self, request: RequestBuilder) -> Result<Response, RemoteError> {
        let auth = &self.call.target.auth;
        let request = request.build();
        let mut request = request.map_err(|e| self.remote.unreachable(self.call, e))?;
        // An upload may lead elsewhere, where the credentials mean nothing.
        if request.url().origin() == self.call.target.base.origin()
            && let Some(header) = auth.header(self.remote.client()?, &self.call.scope).await?
        {
            request
                .headers_mut()
                .insert(reqwest::header::AUTHORIZATION, header);
        }
        let url = request.url().clone();
        let answer = self.remote.client()?.execute(request);
        let response = self.in_time(&url, answer).await?;
        if is_transient(response.status()) || response.status() == StatusCode::UNAUTHORIZED {
            let headers = response.headers().clone();
            let failure = self.remote.failure(self.call, response).await;
            if let RemoteError::Status { status, .. } = &failure
                && *status == StatusCode::UNAUTHORIZED
            {
                auth.refused(&headers, &self.call.scope).await;
            }
            return Err(failure);
        }
        Ok(response)
    }
}

/// Whether a registry has lost an upload, or a token has run out in the middle
/// of one: beginning anew may help.
fn is_lost(error: &RemoteError) -> bool {
    let is_refused = matches!(
        error,
        RemoteError::Status { status, .. } if *status == StatusCode::UNAUTHORIZED
    );
    is_refused || is_gone(error)
}

/// Whether a registry knows no upload at the address of this one, or has another part of it.
fn is_gone(error: &RemoteError) -> bool {
    match error {
        RemoteError::NotFound { .. } => true,
        RemoteError::Status { status, .. } => matches!(
            *status,
            StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE
        ),
        _ => false,
    }
}

/// Which digest a registry says that something has which it was sent, where that is one to
/// hold against.
fn said_digest(response: &Response) -> Option<String> {
    let said = response.headers().get("docker-content-digest")?;
    let said = said.to_str().ok()?;
    said.starts_with("sha256:").then(|| said.to_owned())
}

/// A request without a body says so; some registries insist on it.
fn empty(request: RequestBuilder) -> RequestBuilder {
    request.header(CONTENT_LENGTH, 0)
}

/// Where an upload goes on.
fn location(call: &Call<'_>, response: &Response) -> Result<Url, RemoteError> {
    let header = response.headers().get(LOCATION);
    let text = header.and_then(|location| location.to_str().ok());
    let base = &call.target.base;
    let url = text.and_then(|text| base.join(text).ok());
    let mut url = url.ok_or_else(|| call.protocol("does not say where the upload goes on"))?;
    if base.scheme() == "https" && url.scheme() != "https" {
        // A registry behind a proxy that takes the encryption off believes
        // itself to be without.
        let is_same = url.host_str() == base.host_str();
        let port = base.port();
        if !is_same || url.set_scheme("https").is_err() || url.set_port(port).is_err() {
            return Err(call.protocol("leads the upload to an address without encryption"));
        }
    }
    Ok(url)
}
