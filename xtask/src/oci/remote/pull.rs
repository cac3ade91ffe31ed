//! Manifests and blobs from a registry, held against their digests.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use sha2::{Digest, Sha256};

use super::auth::Scope;
use super::error::{RemoteError, is_transient};
use super::send::{Call, Pauses, retry_after};
use super::{Remote, Target};
use crate::aside::Aside;
use crate::digest::{alike, hex};
use crate::oci::manifest::media_type;
use crate::oci::reference::{Reference, Repository, is_digest};
use crate::scratch;

/// No manifest is larger (distribution-spec, "Pushing Manifests", lets a
/// registry refuse larger ones).
pub const MANIFEST_LIMIT: usize = 4 << 20;

/// Where a registry says which digest it serves.
const CONTENT_DIGEST: &str = "docker-content-digest";

/// Every kind of manifest: what is not named here, a registry may not give.
const MANIFESTS: [&str; 4] = [
    media_type::MANIFEST,
    media_type::INDEX,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// A manifest as it lies at the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// What it is.
    pub media_type: String,
    /// The digest of its bytes.
    pub digest: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Remote {
    /// Reads a manifest or an index, and holds it against the digest that was
    /// asked for or that the registry names.
    pub fn manifest(&self, reference: &Reference) -> Result<Fetched, RemoteError> {
        // A digest is part of an address, and may come from whoever wrote a list.
        let digest = reference.digest.as_deref();
        if digest.is_some_and(|digest| alike(digest, b"").is_none()) {
            let what = format!("`{reference}`");
            return Err(RemoteError::Unchecked { what });
        }
        self.wait(async {
            let target = self.target(&reference.repository)?;
            let url = target.url(&format!("manifests/{}", reference.target()))?;
            let scope = Scope::pull(&reference.repository.path);
            let call = Call::new(
                &target,
                scope,
                format!("read the manifest of `{reference}`"),
            );
            let get =
                |client: &Client| client.get(url.clone()).header(ACCEPT, MANIFESTS.join(", "));
            let what = format!("`{reference}`");
            let (headers, bytes) = self.whole(&call, &what, get, MANIFEST_LIMIT).await?;
            fetched(&call, reference, &headers, bytes)
        })
    }

    /// The digest of what is there under a tag or digest; `None` where nothing
    /// is.
    pub fn resolve(&self, reference: &Reference) -> Result<Option<String>, RemoteError> {
        self.wait(async {
            let target = self.target(&reference.repository)?;
            let url = target.url(&format!("manifests/{}", reference.target()))?;
            let scope = Scope::pull(&reference.repository.path);
            let call = Call::new(&target, scope, format!("look for `{reference}`"));
            let head = |client: &Client| {
                client
                    .head(url.clone())
                    .header(ACCEPT, MANIFESTS.join(", "))
            };
            let response = self.send(&call, head).await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            let response = self.expect(&call, response, &[200]).await?;
            let said = response.headers().get(CONTENT_DIGEST);
            Ok(Some(
                said.and_then(|said| Some(said.to_str().ok()?.to_owned())),
            ))
        })
        .and_then(|found| match found {
            None => Ok(None),
            Some(Some(digest)) => Ok(Some(digest)),
            // Some registries answer without the digest, and without a body
            // there is nothing to take it from.
            Some(None) => match self.manifest(reference) {
                Ok(fetched) => Ok(Some(fetched.digest)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            },
        })
    }

    /// Reads a small blob, by a digest of either algorithm that everybody knows.
    pub fn blob(
        &self,
        repository: &Repository,
        digest: &str,
        limit: usize,
    ) -> Result<Vec<u8>, RemoteError> {
        self.wait(async {
            let target = self.target(repository)?;
            let what = blob_name(&target, digest);
            if alike(digest, b"").is_none() {
                return Err(RemoteError::Unchecked { what });
            }
            let scope = Scope::pull(&target.repository.path);
            let call = Call::new(&target, scope, format!("read {what}"));
            let url = target.url(&format!("blobs/{digest}"))?;
            let get = |client: &Client| client.get(url.clone());
            let bytes = match self.whole(&call, &what, get, limit).await {
                Ok((_, bytes)) => bytes,
                // Registries need not know more than one.
                Err(RemoteError::Status { status, .. }) if !is_digest(digest) && status == 400 => {
                    return Err(RemoteError::Unchecked { what });
                }
                Err(error) => return Err(error),
            };
            match alike(digest, &bytes).unwrap_or_default() {
                found if found == digest => Ok(bytes),
                found => Err(mismatch(&target, digest, found)),
            }
        })
    }

    /// Writes a blob of that size to an empty file, which ends up at its start.
    ///
    /// A transfer that breaks off goes on where it stopped, if the registry can
    /// do that, and so does one that an earlier run has begun; what comes of this one is
    /// kept likewise, and the file is then no longer at its path. `on_bytes` is told of
    /// every byte that came, also of those that come again.
    pub fn download(
        &self,
        repository: &Repository,
        digest: &str,
        size: u64,
        (file, path): (&mut File, &Path),
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<(), RemoteError> {
        let target = self.target(repository)?;
        let call = blob_call(&target, digest)?;
        let mut sink = BlobSink {
            hash: Aside::new(Sha256::new()),
            done: 0,
            size,
            file,
            path,
        };
        let partials = self.options.partials.as_ref();
        if let Some(partials) = partials {
            if let Some(begun) = partials.take(digest, size, sink.file) {
                sink.go_on(begun)?;
                on_bytes(sink.done);
            }
            let (partials, digest) = (partials.clone(), digest.to_owned());
            let keep = move |path: &Path| {
                partials.keep_at_once(&digest, path);
            };
            scratch::rescue(path, Some(Box::new(keep)));
        }
        let had = sink.done;
        let whole = |sink: &mut BlobSink<'_>| {
            self.wait(self.receive(&call, digest, sink, on_bytes))?;
            sink.finish(&target, digest)
        };
        let mut result = whole(&mut sink);
        if had > 0 && result.as_ref().is_err_and(RemoteError::is_mismatch) {
            // Who knows what has become of the beginning in the meantime.
            sink.restart()?;
            result = whole(&mut sink);
        }
        scratch::rescue(path, None);
        let came = sink.done;
        match (result, partials) {
            (Err(error), Some(partials)) if error.is_transient() => {
                match partials.keep(digest, path) {
                    true => Err(error.with_rest(came)),
                    false => Err(error),
                }
            }
            (result, _) => result,
        }
    }

    /// Fetches what is missing of a blob.
    async fn receive(
        &self,
        call: &Call<'_>,
        digest: &str,
        sink: &mut BlobSink<'_>,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<(), RemoteError> {
        let (target, size) = (call.target, sink.size);
        let url = target.url(&format!("blobs/{digest}"))?;
        let mut pauses = Pauses::new(self.options.retries);
        pauses.reach(sink.done);
        // Of an empty blob everything is there as well, and it is asked for all the same.
        while sink.done == 0 || sink.done < size {
            let done = sink.done;
            let get = |client: &Client| {
                let request = client.get(url.clone());
                match done {
                    0 => request,
                    done => request.header(RANGE, format!("bytes={done}-")),
                }
            };
            let response = match self.once(call, &get).await {
                Ok(response) if is_transient(response.status()) => {
                    if pauses.take(call, retry_after(&response)).await? {
                        continue;
                    }
                    return Err(self.failure(call, response).await);
                }
                Err(error) if error.is_transient() => {
                    if pauses.take(call, error.retry_after()).await? {
                        continue;
                    }
                    return Err(error);
                }
                other => other?,
            };
            match response.status() {
                StatusCode::NOT_FOUND => {
                    let what = blob_name(target, digest);
                    return Err(self.missing(call, response, &what).await);
                }
                StatusCode::PARTIAL_CONTENT if done > 0 => {}
                // It can't begin in the middle.
                StatusCode::OK | StatusCode::RANGE_NOT_SATISFIABLE => sink.restart()?,
                _ => return Err(self.failure(call, response).await),
            }
            if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
                continue;
            }
            let result = self.fill(sink, call, response, on_bytes).await;
            pauses.reach(sink.done);
            match result {
                Err(RemoteError::Unreachable { .. }) if pauses.take(call, None).await? => {}
                // An end that came too early looks like any other.
                Ok(()) if sink.done < size && pauses.take(call, None).await? => {}
                other => return other,
            }
        }
        Ok(())
    }

    /// An answer with the whole of its body, of that length at most. A
    /// connection that breaks in the middle is worth another try.
    pub(super) async fn whole(
        &self,
        call: &Call<'_>,
        what: &str,
        make: impl Fn(&Client) -> RequestBuilder,
        limit: usize,
    ) -> Result<(HeaderMap, Vec<u8>), RemoteError> {
        let mut pauses = Pauses::new(self.options.retries);
        loop {
            let response = self.send(call, &make).await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Err(self.missing(call, response, what).await);
            }
            let response = self.expect(call, response, &[200]).await?;
            let headers = response.headers().clone();
            match self.body(call, response, limit).await {
                Ok(bytes) => return Ok((headers, bytes)),
                Err(error) if error.is_transient() && pauses.take(call, None).await? => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A body of that length at most.
    async fn body(
        &self,
        call: &Call<'_>,
        mut response: Response,
        limit: usize,
    ) -> Result<Vec<u8>, RemoteError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(call, &mut response).await? {
            if bytes.len() + chunk.len() > limit {
                return Err(RemoteError::TooLarge {
                    host: call.target.host(),
                    action: call.action.clone(),
                    limit,
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn fill(
        &self,
        sink: &mut BlobSink<'_>,
        call: &Call<'_>,
        mut response: Response,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<(), RemoteError> {
        while let Some(chunk) = self.chunk(call, &mut response).await? {
            sink.take(call, &chunk)?;
            on_bytes(chunk.len() as u64);
        }
        Ok(())
    }

    async fn missing(&self, call: &Call<'_>, response: Response, what: &str) -> RemoteError {
        match self.failure(call, response).await {
            RemoteError::NotFound { detail, .. } => RemoteError::NotFound {
                what: what.to_owned(),
                detail,
            },
            other => other,
        }
    }
}

fn blob_name(target: &Target, digest: &str) -> String {
    format!("the blob {digest} in `{}`", target.repository)
}

/// To read a blob. What nobody can hold against its digest is not read; a digest is part
/// of an address as well, and comes from whoever wrote the manifest.
fn blob_call<'a>(target: &'a Target, digest: &str) -> Result<Call<'a>, RemoteError> {
    let what = blob_name(target, digest);
    if !is_digest(digest) {
        return Err(RemoteError::Unchecked { what });
    }
    let scope = Scope::pull(&target.repository.path);
    Ok(Call::new(target, scope, format!("read {what}")))
}

fn mismatch(target: &Target, digest: &str, found: String) -> RemoteError {
    RemoteError::Digest {
        host: target.host(),
        what: format!("a blob of `{}`", target.repository),
        expected: digest.to_owned(),
        found,
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

fn fetched(
    call: &Call<'_>,
    reference: &Reference,
    headers: &HeaderMap,
    bytes: Vec<u8>,
) -> Result<Fetched, RemoteError> {
    let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let found = sha256(&bytes);
    let expected = reference.digest.clone().or(header(CONTENT_DIGEST));
    let alike = expected.and_then(|expected| Some((alike(&expected, &bytes)?, expected)));
    let is_known = alike.is_some();
    if let Some((found, expected)) = alike
        && expected != found
    {
        return Err(RemoteError::Digest {
            host: call.target.host(),
            what: format!("the manifest of `{reference}`"),
            expected: call.target.auth.secrets().blank(&expected),
            found,
        });
    }
    let document: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|_| match is_known {
            true => RemoteError::NoManifest {
                host: call.target.host(),
                what: format!("`{reference}`"),
            },
            false => call.protocol("answered with something that is no JSON"),
        })?;
    // What the document says of itself is covered by the digest.
    let own = document["mediaType"].as_str().map(str::to_owned);
    let media_type = own.or(header(CONTENT_TYPE.as_str())).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    Ok(Fetched {
        media_type: match media_type {
            "" | "application/json" => media_type::MANIFEST.to_owned(),
            known => known.to_owned(),
        },
        digest: found,
        bytes,
    })
}

/// A file that a blob is written to, with what has come so far.
struct BlobSink<'a> {
    /// On a thread of its own where there is much: hashing takes as long as all
    /// the rest.
    hash: Aside<Sha256>,
    done: u64,
    size: u64,
    file: &'a mut File,
    path: &'a Path,
}

impl BlobSink<'_> {
    fn restart(&mut self) -> Result<(), RemoteError> {
        if self.done == 0 {
            // Of a file that was cut off, ext4 writes everything out on closing.
            return Ok(());
        }
        let io = |source| RemoteError::io("write", self.path, source);
        self.file.set_len(0).map_err(io)?;
        self.file.rewind().map_err(io)?;
        self.hash = Aside::new(Sha256::new());
        self.done = 0;
        Ok(())
    }

    fn take(&mut self, call: &Call<'_>, chunk: &[u8]) -> Result<(), RemoteError> {
        let len = chunk.len() as u64;
        if self.done + len > self.size {
            return Err(RemoteError::Size {
                host: call.target.host(),
                what: format!("a blob of `{}`", call.target.repository),
                expected: self.size,
                found: format!("more than {}", self.size),
            });
        }
        self.hash
            .write_all(chunk)
            .and_then(|()| self.file.write_all(chunk))
            .map_err(|source| RemoteError::io("write", self.path, source))?;
        self.done += len;
        Ok(())
    }

    /// Begins with what was received before.
    fn go_on(&mut self, mut begun: File) -> Result<(), RemoteError> {
        let mut buffer = vec![0; 64 << 10];
        let io = |source| RemoteError::io("write", self.path, source);
        loop {
            // What can't be read comes from the registry.
            let n = begun.read(&mut buffer).unwrap_or_default();
            if n == 0 {
                return Ok(());
            }
            self.hash.write_all(&buffer[..n]).map_err(io)?;
            self.file.write_all(&buffer[..n]).map_err(io)?;
            self.done += n as u64;
        }
    }

    fn finish(&mut self, target: &Target, digest: &str) -> Result<(), RemoteError> {
        let hash = std::mem::replace(&mut self.hash, Aside::new(Sha256::new())).finish();
        let hash = hash.map_err(|source| RemoteError::io("write", self.path, source))?;
        let found = format!("sha256:{}", hex(&hash.finalize()));
        if found != digest {
            return Err(mismatch(target, digest, found));
        }
        if self.done != self.size {
            return Err(RemoteError::Size {
                host: target.host(),
                what: blob_name(target, digest),
                expected: self.size,
                found: self.done.to_string(),
            });
        }
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(|source| RemoteError::io("read", self.path, source))?;
        Ok(())
    }
}
