//! What is done with a request, and how it goes wrong.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::net::TcpStream;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use socket2::SockRef;

use super::auth::Tokens;
use super::http::{Answer, Body, Content, Head};
use super::store::{Store, Upload, digest_of};
use super::{Armed, Fault, Options, Request};

pub struct Server {
    options: Options,
    tokens: Tokens,
    pub store: Store,
    faults: Mutex<Vec<Armed>>,
    log: Mutex<Vec<Request>>,
    pub stopped: AtomicBool,
}

impl Server {
    pub fn new(options: Options) -> Self {
        Server {
            options,
            tokens: Tokens::default(),
            store: Store::new(),
            faults: Mutex::default(),
            log: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    pub fn faults(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.faults.lock().expect("lock")
    }

    pub fn log(&self) -> MutexGuard<'_, Vec<Request>> {
        self.log.lock().expect("lock")
    }

    /// Answers what comes on a connection, to its end.
    pub fn serve(&self, stream: &TcpStream) {
        let _ = stream.set_nodelay(true);
        let mut reader = BufReader::with_capacity(64 << 10, stream);
        while let Ok(Some(head)) = Head::read(&mut reader) {
            if let Err(error) = self.exchange(&mut reader, &head) {
                if error.kind() == ErrorKind::ConnectionReset {
                    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                }
                break;
            }
        }
    }

    /// One request and its answer; an error ends the connection.
    fn exchange(&self, reader: &mut BufReader<&TcpStream>, head: &Head) -> io::Result<()> {
        let stream: &TcpStream = reader.get_ref();
        let mut body = Body::of(reader, head);
        let fault = self.met(head);
        let mut request = Request {
            method: head.method.clone(),
            path: head.target.clone(),
            authorization: head.header("authorization").map(str::to_owned),
            body: 0,
            status: 0,
        };
        let result = self.answer(head, &mut body, fault.as_ref());
        // What nobody wanted is read all the same, or the next head is not found.
        let result = result.and_then(|answer| {
            io::copy(&mut body, &mut io::sink())?;
            Ok(answer)
        });
        request.body = body.count;
        request.status = result.as_ref().map_or(0, |answer| answer.status);
        self.log().push(request);
        let mut answer = result?;
        if let Some(fault) = &fault {
            spoil(&mut answer, fault)?;
        }
        answer.send(stream, head.method == "HEAD")
    }

    /// The fault that a request meets: the first that fits and is not used up.
    fn met(&self, head: &Head) -> Option<Fault> {
        for armed in self.faults().iter_mut() {
            let fits = armed.method == head.method && head.target.contains(&armed.path);
            let length = head.header("content-length").and_then(|l| l.parse().ok());
            let is_short =
                matches!(armed.fault, Fault::ResetRequest(limit) if length <= Some(limit));
            if !fits || is_short || armed.times == 0 {
                continue;
            }
            if armed.after > 0 {
                armed.after -= 1;
                continue;
            }
            armed.times -= usize::from(armed.times < usize::MAX);
            return Some(armed.fault.clone());
        }
        None
    }

    fn answer(
        &self,
        head: &Head,
        body: &mut Body<'_, '_>,
        fault: Option<&Fault>,
    ) -> io::Result<Answer> {
        match fault {
            Some(Fault::Status(status, after)) => {
                let answer = Answer::error(*status, "SET_BY_THE_TEST");
                return Ok(match after {
                    Some(after) => answer.with("Retry-After", &after.to_string()),
                    None => answer,
                });
            }
            Some(Fault::Code(status, code)) => return Ok(Answer::error(*status, code)),
            Some(Fault::Page(status)) => {
                let page = b"<html><body>Bad</body></html>\n".to_vec();
                return Ok(Answer::new(*status).bytes("text/html", page));
            }
            Some(Fault::Echo(status)) => {
                let mut form = String::new();
                if head.path == "/token" {
                    body.read_to_string(&mut form)?;
                }
                let said = head.header("authorization").unwrap_or_default();
                if !said.is_empty() || !form.is_empty() {
                    return Ok(Answer::echo(*status, said, &form));
                }
            }
            Some(Fault::Redirect(url)) => return Ok(Answer::new(307).with("Location", url)),
            Some(Fault::Stall(time)) => thread::sleep(*time),
            Some(Fault::ResetRequest(limit)) => body.limit = Some(*limit),
            Some(Fault::SlowRequest(pause)) => body.pause = Some(*pause),
            _ => {}
        }
        if head.path == "/token" {
            let mut form = String::new();
            body.read_to_string(&mut form)?;
            return Ok(self.options.auth.token(&self.tokens, head, &form));
        }
        let Some(path) = head.path.strip_prefix("/v2/") else {
            return Ok(Answer::error(404, "NOT_FOUND"));
        };
        let parts: Vec<&str> = path.split('/').collect();
        let (name, rest) = match parts.as_slice() {
            [name @ .., "blobs", "uploads", _] => (name.join("/"), &parts[name.len()..]),
            [name @ .., _, _] => (name.join("/"), &parts[name.len()..]),
            _ => (String::new(), &parts[..]),
        };
        let reads = matches!(head.method.as_str(), "GET" | "HEAD");
        let scope = match (rest, head.method.as_str()) {
            ([""], _) => None,
            (["_catalog"], _) => Some("registry:catalog:*".to_owned()),
            (_, "DELETE") if rest.len() == 2 => Some(format!("repository:{name}:delete")),
            _ if reads => Some(format!("repository:{name}:pull")),
            _ => Some(format!("repository:{name}:pull,push")),
        };
        let refusal = self
            .options
            .auth
            .refusal(&self.tokens, head, scope.as_deref());
        if let Some(refusal) = refusal {
            return Ok(refusal);
        }
        match (head.method.as_str(), rest) {
            (_, [""]) if reads => Ok(Answer::json(&json!({}))),
            (_, ["_catalog"]) if reads => {
                Ok(self.list(head, "repositories", self.store.repositories()))
            }
            (_, ["tags", "list"]) if reads => Ok(match self.store.tags(&name) {
                Some(tags) => self.list(head, "tags", tags),
                None => Answer::error(404, "NAME_UNKNOWN"),
            }),
            (_, ["referrers", digest]) if reads => Ok(self.referrers(head, &name, digest)),
            (method, ["manifests", reference]) => {
                self.manifest(method, head, body, &name, reference)
            }
            ("POST", ["blobs", "uploads", ""]) => Ok(self.begin(head, &name)),
            (method, ["blobs", "uploads", id]) => self.upload(method, head, body, &name, id),
            (_, ["blobs", digest]) if reads => self.blob(head, &name, digest),
            _ => Ok(Answer::error(405, "UNSUPPORTED")),
        }
    }

    /// A list of names, or the page of it that is asked for.
    fn list(&self, head: &Head, key: &str, mut names: Vec<String>) -> Answer {
        names.sort();
        if let Some(last) = head.parameter("last") {
            names.retain(|name| name.as_str() > last);
        }
        let asked = head.parameter("n").and_then(|n| n.parse().ok());
        let most = asked
            .unwrap_or(usize::MAX)
            .min(self.options.page.unwrap_or(usize::MAX));
        let is_cut = names.len() > most;
        names.truncate(most);
        let answer = Answer::json(&json!({ key: names }));
        match names.last().filter(|_| is_cut) {
            Some(last) => {
                let link = format!("<{}?n={most}&last={last}>; rel=\"next\"", head.path);
                answer.with("Link", &link)
            }
            None => answer,
        }
    }

    fn referrers(&self, head: &Head, name: &str, subject: &str) -> Answer {
        if !self.options.referrers {
            return Answer::new(404).bytes("text/plain", b"404 page not found\n".to_vec());
        }
        let mut found = self.store.referrers(name, subject);
        let kind = head.parameter("artifactType");
        found.retain(|d| kind.is_none_or(|kind| d["artifactType"] == kind));
        let start = head
            .parameter("from")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        let most = self.options.page.unwrap_or(usize::MAX);
        let is_cut = found.len() > start + most;
        let page: Vec<Value> = found.into_iter().skip(start).take(most).collect();
        let index = "application/vnd.oci.image.index.v1+json";
        let document = json!({ "schemaVersion": 2, "mediaType": index, "manifests": page });
        let mut answer = Answer::new(200).bytes(index, document.to_string().into_bytes());
        if kind.is_some() {
            answer = answer.with("OCI-Filters-Applied", "artifactType");
        }
        match is_cut {
            true => {
                let link = format!("<{}?from={}>; rel=\"next\"", head.path, start + most);
                answer.with("Link", &link)
            }
            false => answer,
        }
    }

    fn manifest(
        &self,
        method: &str,
        head: &Head,
        body: &mut Body<'_, '_>,
        name: &str,
        reference: &str,
    ) -> io::Result<Answer> {
        match method {
            "PUT" => {
                let mut bytes = Vec::new();
                body.read_to_end(&mut bytes)?;
                Ok(self.put_manifest(head, name, reference, bytes))
            }
            "DELETE" if self.store.delete_manifest(name, reference) => Ok(Answer::new(202)),
            "GET" | "HEAD" => Ok(match self.store.manifest(name, reference) {
                Some((digest, media_type, bytes)) => Answer::new(200)
                    .bytes(&media_type, bytes)
                    .with("Docker-Content-Digest", &digest),
                None => Answer::error(404, "MANIFEST_UNKNOWN"),
            }),
            _ => Ok(Answer::error(404, "MANIFEST_UNKNOWN")),
        }
    }

    /// Nothing is taken that refers to something missing.
    fn put_manifest(&self, head: &Head, name: &str, reference: &str, bytes: Vec<u8>) -> Answer {
        let Ok(document) = serde_json::from_slice::<Value>(&bytes) else {
            return Answer::error(400, "MANIFEST_INVALID");
        };
        let tag = (!reference.contains(':')).then_some(reference);
        if tag.is_none() && reference != digest_of(&bytes) {
            return Answer::error(400, "DIGEST_INVALID");
        }
        let list = |key: &str| document[key].as_array().cloned().unwrap_or_default();
        let digest = |d: &Value| d["digest"].as_str().unwrap_or_default().to_owned();
        let config = document.get("config").cloned();
        let mut blobs = config.into_iter().chain(list("layers"));
        let has_blobs = blobs.all(|blob| self.store.blob(name, &digest(&blob)).is_some());
        let mut manifests = list("manifests").into_iter();
        let has_all = has_blobs
            && manifests.all(|manifest| self.store.manifest(name, &digest(&manifest)).is_some());
        if !has_all {
            return Answer::error(400, "MANIFEST_BLOB_UNKNOWN");
        }
        let media_type = head.header("content-type").unwrap_or_default();
        let digest = self.store.put_manifest(name, tag, media_type, bytes);
        let answer = Answer::new(201)
            .with("Location", &format!("/v2/{name}/manifests/{digest}"))
            .with("Docker-Content-Digest", &digest);
        match document["subject"]["digest"].as_str() {
            Some(subject) if self.options.referrers => answer.with("OCI-Subject", subject),
            _ => answer,
        }
    }

    fn begin(&self, head: &Head, name: &str) -> Answer {
        if let (Some(digest), Some(from)) = (head.parameter("mount"), head.parameter("from"))
            && self.store.mount(name, digest, from)
        {
            return created(name, digest);
        }
        let id = self.store.begin();
        state(202, name, &id, 0)
    }

    fn upload(
        &self,
        method: &str,
        head: &Head,
        body: &mut Body<'_, '_>,
        name: &str,
        id: &str,
    ) -> io::Result<Answer> {
        let Some(upload) = self.store.upload(id) else {
            return Ok(Answer::error(404, "BLOB_UPLOAD_UNKNOWN"));
        };
        let mut upload = upload.lock().expect("lock");
        let said = head.parameter("_state").and_then(|size| size.parse().ok());
        let is_stale = said != Some(upload.size) && matches!(method, "PATCH" | "PUT");
        if self.options.strict_state && is_stale {
            return Ok(Answer::error(404, "BLOB_UPLOAD_INVALID"));
        }
        let range = head
            .header("content-range")
            .and_then(|range| range.split_once('-'));
        let start = range.and_then(|(start, _)| start.parse().ok());
        match method {
            "GET" => Ok(state(204, name, id, upload.size)),
            "DELETE" => {
                self.store.cancel(id);
                Ok(Answer::new(204))
            }
            "PATCH" | "PUT" if start.is_some_and(|start: u64| start != upload.size) => {
                Ok(state(416, name, id, upload.size))
            }
            "PATCH" => {
                self.append(&mut upload, body, id)?;
                Ok(state(202, name, id, upload.size))
            }
            "PUT" => {
                self.append(&mut upload, body, id)?;
                let digest = head.parameter("digest").unwrap_or_default();
                if !self.store.finish(name, &upload, digest) {
                    return Ok(Answer::error(400, "DIGEST_INVALID"));
                }
                self.store.cancel(id);
                Ok(created(name, digest))
            }
            _ => Ok(Answer::error(405, "UNSUPPORTED")),
        }
    }

    fn append(&self, upload: &mut Upload, body: &mut Body<'_, '_>, id: &str) -> io::Result<()> {
        let result = upload.append(body);
        if result.is_err() && !self.options.keeps_uploads {
            self.store.cancel(id);
        }
        result
    }

    fn blob(&self, head: &Head, name: &str, digest: &str) -> io::Result<Answer> {
        let Some(path) = self.store.blob(name, digest) else {
            return Ok(Answer::error(404, "BLOB_UNKNOWN"));
        };
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut answer = Answer::new(200)
            .with("Content-Type", "application/octet-stream")
            .with("Docker-Content-Digest", digest);
        let range = head.header("range").filter(|_| self.options.ranges);
        let start = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        let start: u64 = start.and_then(|start| start.parse().ok()).unwrap_or(0);
        if start > 0 {
            if start >= size {
                return Ok(Answer::new(416));
            }
            file.seek(SeekFrom::Start(start))?;
            answer.status = 206;
            let range = format!("bytes {start}-{}/{size}", size - 1);
            answer = answer.with("Content-Range", &range);
        }
        answer.content = Content::File(file, size - start);
        Ok(answer)
    }
}

fn created(name: &str, digest: &str) -> Answer {
    Answer::new(201)
        .with("Location", &format!("/v2/{name}/blobs/{digest}"))
        .with("Docker-Content-Digest", digest)
}

/// Where an upload goes on. Clients have to add to an address that has
/// parameters already.
fn state(status: u16, name: &str, id: &str, size: u64) -> Answer {
    let location = format!("/v2/{name}/blobs/uploads/{id}?_state={size}");
    Answer::new(status)
        .with("Location", &location)
        .with("Range", &format!("0-{}", size.saturating_sub(1)))
}

/// Makes an answer worse; an error where there is to be none.
fn spoil(answer: &mut Answer, fault: &Fault) -> io::Result<()> {
    match fault {
        Fault::AnswerLost => return Err(ErrorKind::ConnectionReset.into()),
        Fault::ResetAnswer(limit) => answer.limit = Some(*limit),
        Fault::CutAnswer(limit) => {
            answer.limit = Some(*limit);
            answer.is_cut = true;
        }
        Fault::SlowAnswer(pause) => answer.pause = Some(*pause),
        Fault::WrongBytes => answer.flip = Some(answer.len() / 2),
        Fault::StatusInstead(status) => answer.status = *status,
        Fault::WrongDigest => {
            let digest = digest_of(b"something else");
            answer.headers.insert("Docker-Content-Digest", digest);
        }
        Fault::NoLocation => {
            answer.headers.remove("Location");
        }
        Fault::Truncated => {
            if let Content::Bytes(bytes) = &mut answer.content {
                bytes.truncate(bytes.len() / 2);
            }
        }
        Fault::NotJson => {
            let page = b"<html><body>Please sign in.</body></html>\n".to_vec();
            answer
                .headers
                .insert("Content-Type", "text/html".to_owned());
            answer.content = Content::Bytes(page);
        }
        _ => {}
    }
    Ok(())
}
