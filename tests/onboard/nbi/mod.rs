//! OSM's north-bound interface inside the test: what version 19 of the NBI looks at,
//! in its order and with its answers. It remembers what it was asked, and misbehaves
//! on command.

mod checks;
mod package;

use std::collections::BTreeMap;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use md5::{Digest, Md5};
use nfv::digest::{base64, hex};
use nfv::yaml::{Limits, Node, Shape, Type, parse};
use serde_json::{Value, json};
use sha2::Sha384;
use socket2::SockRef;

use crate::common::sha256;
use crate::registry::http::{Answer, Body, Head};
use package::Content;

pub const USER: &str = "operator";
pub const PASSWORD: &str = "swordfish-42";
pub const PROJECT: &str = "edge";

/// The three topics that hold packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    Vnf,
    Ns,
    Nst,
}

impl Shelf {
    const ALL: [(
        Shelf,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    ); 3] = [
        (
            Shelf::Vnf,
            "vnfpkgm",
            "vnf_packages",
            "package_content",
            "vnfd",
        ),
        (Shelf::Ns, "nsd", "ns_descriptors", "nsd_content", "nsd"),
        (
            Shelf::Nst,
            "nst",
            "netslice_templates",
            "nst_content",
            "nst",
        ),
    ];

    fn topic(self) -> &'static str {
        Self::ALL[self as usize].4
    }
}

/// How it behaves in all that it does.
#[derive(Clone, Debug)]
pub struct Options {
    /// Pieces go with the first of them, as since there are folders for revisions.
    pub forgets_pieces: bool,
    /// Files are found again, as with `fsmongo` and not with `fslocal`.
    pub keeps_files: bool,
    /// For how many requests a token is good.
    pub token_lasts: usize,
    /// How often a new package is looked at before it can be used.
    pub looks: usize,
    /// How many lists a new package is not in.
    pub hidden: usize,
    /// What it says in place of a token.
    pub token: Option<Value>,
    /// `usageState` and instances are of this id.
    pub in_use: Vec<String>,
    /// This user may not look at repositories of charts.
    pub keeps_repos_to_itself: bool,
    /// Packages of these ids are taken and come to nothing (`ERROR`).
    pub fails_with: Vec<String>,
    /// It shows under which file name a package came.
    pub tells_files: bool,
    /// It counts how often the content of a package came.
    pub counts: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            forgets_pieces: true,
            keeps_files: true,
            token_lasts: usize::MAX,
            looks: 0,
            hidden: 0,
            token: None,
            in_use: Vec::new(),
            keeps_repos_to_itself: false,
            fails_with: Vec::new(),
            tells_files: true,
            counts: true,
        }
    }
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing is done, and somebody between answers so.
    Status(u16),
    /// Nothing is done, and the answer is this.
    Says(&'static str),
    /// Nothing is done, and the answer says that this was made.
    Creates(&'static str),
    /// Nothing is done, and the NBI answers as if it were.
    Nothing(u16),
    /// Nothing is done, and the answer leads there.
    Moved(String),
    /// Nothing is done, and the NBI itself refuses.
    Refused(u16, String),
    /// Nothing is done, and the connection is reset.
    Reset,
    /// All is done, and the connection is reset in place of the answer.
    AnswerLost,
    /// All is done, and the connection is reset in the middle of the answer.
    Truncated,
    /// All is done, and somebody between answers so meanwhile.
    StatusInstead(u16),
    /// All is done, and the answer gives a key that there is not.
    OtherKey,
    /// All is done, and then the NBI falls over something.
    Falls,
    /// What arrives is not what was sent.
    Damaged,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Decoded, without the query.
    pub path: String,
    /// The status of the answer, and 0 where there was none.
    pub status: u16,
    pub headers: BTreeMap<&'static str, String>,
    pub length: usize,
}

/// An answer that is none of success.
pub struct Problem(pub u16, pub String);

impl Problem {
    pub fn bad(detail: &str) -> Self {
        Problem(400, detail.to_owned())
    }
    pub fn conflict(detail: &str) -> Self {
        Problem(409, detail.to_owned())
    }
    pub fn unprocessable(detail: &str) -> Self {
        Problem(422, detail.to_owned())
    }
}

/// A resource.
#[derive(Clone)]
struct Resource {
    key: String,
    body: Value,
    admin: Value,
    /// The pieces so far.
    pieces: Option<Vec<u8>>,
    file: Vec<u8>,
    content: Content,
    looks: usize,
    hidden: usize,
}

impl Resource {
    /// `_get_project_filter` for whoever writes.
    fn is_own(&self) -> bool {
        let writers = self.admin["projects_write"].as_array();
        let mut writers = writers.into_iter().flatten();
        writers.any(|who| who == PROJECT || who == "ANY")
    }
}

/// An NBI that takes connections until it is dropped.
pub struct Nbi {
    state: Arc<State>,
    address: SocketAddr,
}

struct State {
    options: Mutex<Options>,
    faults: Mutex<Vec<(String, String, usize, Fault)>>,
    log: Mutex<Vec<Request>>,
    tokens: Mutex<BTreeMap<String, usize>>,
    shelves: Mutex<BTreeMap<Shelf, Vec<Resource>>>,
    repos: Mutex<Vec<Value>>,
    counter: Mutex<usize>,
    stopped: AtomicBool,
}

impl Nbi {
    pub fn plain() -> Self {
        Self::start(Options::default())
    }

    pub fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let state = Arc::new(State {
            options: Mutex::new(options),
            faults: Mutex::default(),
            log: Mutex::default(),
            tokens: Mutex::default(),
            shelves: Mutex::default(),
            repos: Mutex::default(),
            counter: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stopped.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(&stream));
            }
        });
        Nbi { state, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}/osm", self.address)
    }

    /// The next request of this method whose path ends so meets a fault, after so many
    /// others have passed.
    pub fn fault(&self, method: &str, path: &str, after: usize, fault: Fault) {
        lock(&self.state.faults).push((method.to_owned(), path.to_owned(), after, fault));
    }

    pub fn options(&self, change: impl FnOnce(&mut Options)) {
        change(&mut lock(&self.state.options));
    }

    /// The requests that came, in their order; they are forgotten.
    pub fn take_log(&self) -> Vec<Request> {
        std::mem::take(&mut *lock(&self.state.log))
    }

    /// Requests that change something: method, path below the NBI without keys, status.
    pub fn take_changes(&self) -> Vec<String> {
        let log = self.take_log().into_iter();
        let changes = log.filter(|one| one.method != "GET" && !one.path.ends_with("/tokens"));
        let shown = changes.map(|one| {
            let path = one.path.trim_start_matches("/osm/").replace("/v1/", "/");
            let parts: Vec<&str> = path
                .split('/')
                .map(|part| if part.len() == 36 { "KEY" } else { part })
                .collect();
            format!("{} {} {}", one.method, parts.join("/"), one.status)
        });
        shown.collect()
    }

    /// What it has: topic, id or `-`, state, revision.
    pub fn has(&self) -> Vec<String> {
        let shelves = lock(&self.state.shelves);
        let mut all: Vec<String> = Vec::new();
        for (shelf, resources) in shelves.iter() {
            for one in resources {
                let id = one.body["id"].as_str().unwrap_or("-");
                let state = one.admin["onboardingState"].as_str().unwrap_or_default();
                let revision = &one.admin["revision"];
                all.push(format!("{} {id} {state} {revision}", shelf.topic()));
            }
        }
        all
    }

    /// The repositories that it knows: name, type, address.
    pub fn repos(&self) -> Vec<String> {
        let repos = lock(&self.state.repos);
        let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let shown = repos.iter().map(|one| {
            format!(
                "{} {} {}",
                text(one, "name"),
                text(one, "type"),
                text(one, "url")
            )
        });
        shown.collect()
    }

    /// The package of an id is in no list, so many times.
    pub fn hide(&self, id: &str, times: usize) {
        let mut shelves = lock(&self.state.shelves);
        let mut all = shelves.values_mut().flatten();
        let one = all.find(|one| one.body["id"] == id);
        one.expect("a package").hidden = times;
    }

    /// The package of an id is another project's, which shares it.
    pub fn share(&self, id: &str) {
        let mut shelves = lock(&self.state.shelves);
        let mut all = shelves.values_mut().flatten();
        let one = all.find(|one| one.body["id"] == id);
        one.expect("a package").admin["projects_write"] = json!(["other"]);
    }

    /// SHA-256 of the package of an id.
    pub fn file(&self, id: &str) -> Option<String> {
        let shelves = lock(&self.state.shelves);
        let mut all = shelves.values().flatten();
        all.find(|one| one.body["id"] == id)
            .map(|one| sha256(&one.file))
    }
}

impl Drop for Nbi {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Relaxed);
        // The listener looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("lock")
}

/// A document as PyYAML reads it, near enough.
fn value(node: Node<'_>) -> Value {
    match node.shape() {
        Shape::Mapping => {
            let entries = node.entries();
            Value::Object(
                entries
                    .map(|e| (e.key().to_owned(), value(e.value())))
                    .collect(),
            )
        }
        Shape::Sequence => Value::Array(node.items().map(value).collect()),
        Shape::Scalar => {
            let text = node.text().unwrap_or_default();
            match node.scalar_type() {
                Some(Type::Null) => Value::Null,
                Some(Type::Bool(is)) => json!(is),
                Some(Type::Int | Type::Float) => {
                    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
                }
                _ => json!(text),
            }
        }
    }
}

fn yaml(text: &[u8]) -> Result<Value, Problem> {
    if text.starts_with(&[0x1f, 0x8b]) {
        return Err(Problem::bad(
            "Invalid yaml format unacceptable character #x008b: special characters are not allowed",
        ));
    }
    let document = parse("package", text.to_vec(), Limits::default());
    match document.is_broken() {
        true => Err(Problem::bad(
            "Invalid yaml format while parsing a block mapping",
        )),
        false => Ok(document.root().map(value).unwrap_or_default()),
    }
}

/// What came with a request.
enum Input {
    Nothing,
    Document(Value),
    Bytes(Vec<u8>, String),
}

impl State {
    fn serve(&self, stream: &TcpStream) {
        let _ = stream.set_nodelay(true);
        let mut reader = BufReader::with_capacity(64 << 10, stream);
        while let Ok(Some(head)) = Head::read(&mut reader) {
            if self.exchange(&mut reader, &head).is_err() {
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                break;
            }
        }
    }

    fn exchange(&self, reader: &mut BufReader<&TcpStream>, head: &Head) -> io::Result<()> {
        let stream: &TcpStream = reader.get_ref();
        let mut bytes = Vec::new();
        Body::of(reader, head).read_to_end(&mut bytes)?;
        let names = [
            "content-type",
            "content-range",
            "content-filename",
            "content-file-md5",
            "content-length",
            "digest",
            "accept",
        ];
        let headers = names
            .iter()
            .filter_map(|name| Some((*name, head.header(name)?.to_owned())));
        let mut request = Request {
            method: head.method.clone(),
            path: head.path.clone(),
            status: 0,
            headers: headers.collect(),
            length: bytes.len(),
        };
        let fault = self.met(head);
        if let (Some(Fault::Damaged), Some(byte)) = (&fault, bytes.last_mut()) {
            *byte ^= 1;
        }
        let answer = match &fault {
            Some(Fault::Status(status)) => {
                Answer::new(*status).bytes("text/html", b"<html>proxy</html>".to_vec())
            }
            Some(Fault::Says(text)) => {
                Answer::new(200).bytes("application/json", text.as_bytes().to_vec())
            }
            Some(Fault::Creates(text)) => {
                Answer::new(201).bytes("application/json", text.as_bytes().to_vec())
            }
            Some(Fault::Nothing(status)) => Answer::new(*status),
            Some(Fault::Moved(there)) => Answer::new(302).with("Location", there),
            Some(Fault::Refused(status, detail)) => problem(&Problem(*status, detail.clone())),
            Some(Fault::Reset) => {
                lock(&self.log).push(request);
                return Err(ErrorKind::ConnectionReset.into());
            }
            _ => self
                .answer(head, bytes)
                .unwrap_or_else(|error| problem(&error)),
        };
        request.status = answer.status;
        let request_status = answer.status;
        lock(&self.log).push(request);
        match fault {
            Some(Fault::AnswerLost) => Err(ErrorKind::ConnectionReset.into()),
            Some(Fault::Truncated) => {
                let mut stream = stream;
                let start = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\
                             Content-Length: 60\r\n\r\n{\"id\": \"5c";
                stream.write_all(start.as_bytes())?;
                stream.flush()?;
                Err(ErrorKind::ConnectionReset.into())
            }
            Some(Fault::OtherKey) => {
                let document = json!({ "id": "00000000-0000-4000-8000-000000000000" });
                let body = document.to_string().into_bytes();
                Answer::new(request_status)
                    .bytes("application/json", body)
                    .send(stream, false)
            }
            Some(Fault::Falls) => {
                let detail = "message bus connection refused".to_owned();
                problem(&Problem(500, detail)).send(stream, false)
            }
            Some(Fault::StatusInstead(status)) => {
                let page = match status {
                    204 => Vec::new(),
                    _ => b"<html>proxy</html>".to_vec(),
                };
                let answer = Answer::new(status).bytes("text/html", page);
                match status {
                    302 => answer.with("Location", "https://elsewhere.example.org/osm"),
                    _ => answer,
                }
                .send(stream, false)
            }
            _ => answer.send(stream, false),
        }
    }

    fn met(&self, head: &Head) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let is_it = |(method, path, ..): &(String, String, usize, Fault)| {
            *method == head.method && head.path.ends_with(path.as_str())
        };
        let at = faults.iter().position(is_it)?;
        if faults[at].2 > 0 {
            faults[at].2 -= 1;
            return None;
        }
        Some(faults.remove(at).3)
    }

    /// `default` of `nbi.py`.
    fn answer(&self, head: &Head, bytes: Vec<u8>) -> Result<Answer, Problem> {
        let path = head.path.strip_prefix("/osm/").unwrap_or("");
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts == ["version"] {
            return Ok(Answer::json(
                &json!({ "version": "19.0", "date": "2025-11-01" }),
            ));
        }
        let [main, version, topic, rest @ ..] = &parts[..] else {
            return Err(Problem(
                405,
                "URL must contain at least 'main_topic/version/topic'".to_owned(),
            ));
        };
        if *version != "v1" {
            return Err(Problem(
                405,
                format!("URL version '{version}' not supported"),
            ));
        }
        if (*main, *topic) == ("admin", "tokens") {
            let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            return self.new_token(&document);
        }
        if (*main, *topic) == ("admin", "k8srepos") {
            self.authorize(head)?;
            return self.k8srepos(head, rest, &bytes);
        }
        let known = Shelf::ALL.iter().find(|(_, own, ..)| own == main);
        let Some((shelf, _, resources, content, descriptor)) = known else {
            return Err(Problem(
                405,
                format!("URL main_topic '{main}' not supported"),
            ));
        };
        self.authorize(head)?;
        let force = is_set(head, "FORCE");
        let one_step = format!("{resources}_content");
        match (head.method.as_str(), *topic, rest) {
            ("GET", topic, []) if topic == *resources => Ok(self.list(*shelf, head)),
            ("GET", topic, [key]) if topic == *resources => self.show(*shelf, key),
            ("GET", topic, [key, item @ ..]) if topic == *resources => {
                self.read(*shelf, key, item, (content, descriptor), head)
            }
            ("POST", topic, []) if topic == *resources => {
                let Input::Document(document) = input(head, bytes)? else {
                    return Ok(self.created(
                        *shelf,
                        topic,
                        &self.new_item(*shelf, &Value::Null),
                        head,
                    ));
                };
                let data = match document["userDefinedData"].is_null() {
                    true => document,
                    false => document["userDefinedData"].clone(),
                };
                Ok(self.created(*shelf, topic, &self.new_item(*shelf, &data), head))
            }
            ("POST", topic, []) if topic == one_step => {
                let sent = input(head, bytes)?;
                let transaction = head.header("transaction-id").map(str::to_owned);
                let key = transaction
                    .clone()
                    .unwrap_or_else(|| self.new_item(*shelf, &Value::Null));
                match self.upload(*shelf, &key, head, sent, force) {
                    Ok(true) => Ok(self.created(*shelf, topic, &key, head)),
                    Ok(false) => {
                        let answer = self.created(*shelf, topic, &key, head);
                        Ok(answer.with("Transaction-Id", &key))
                    }
                    Err(error) => {
                        // What this request has made goes again.
                        if transaction.is_none() {
                            self.remove(*shelf, &key);
                        }
                        Err(error)
                    }
                }
            }
            ("PUT", topic, [key, item]) if topic == *resources && item == content => {
                let sent = input(head, bytes)?;
                if matches!(sent, Input::Nothing) {
                    return Err(Problem::bad(
                        "Nothing to update. Provide payload and/or query string",
                    ));
                }
                self.upload(*shelf, key, head, sent, force)?;
                Ok(Answer::new(204))
            }
            ("DELETE", topic, [key]) if topic == *resources => {
                self.delete(*shelf, key, force)?;
                Ok(Answer::new(204))
            }
            (_, topic, _) if topic == *resources || topic == one_step => Err(Problem(
                405,
                format!("Method {} not supported for this URL", head.method),
            )),
            (_, topic, _) => Err(Problem(405, format!("Unexpected URL item {topic}"))),
        }
    }

    /// `K8sRepoTopic`: what is made and removed is an operation (202).
    fn k8srepos(&self, head: &Head, rest: &[&str], bytes: &[u8]) -> Result<Answer, Problem> {
        if lock(&self.options).keeps_repos_to_itself {
            return Err(Problem(
                401,
                "Access denied: lack of permissions.".to_owned(),
            ));
        }
        let mut repos = lock(&self.repos);
        match (head.method.as_str(), rest) {
            ("GET", []) => Ok(said(head, &json!(*repos))),
            ("POST", []) => {
                let mut document: Value = serde_json::from_slice(bytes)
                    .map_err(|error| Problem::bad(&format!("Invalid json format {error}")))?;
                let known = [
                    "name",
                    "description",
                    "type",
                    "url",
                    "cacert",
                    "user",
                    "password",
                    "oci",
                ];
                let keys = document.as_object().into_iter().flatten();
                for (key, _) in keys {
                    if !known.contains(&key.as_str()) {
                        return Err(Problem::unprocessable(&format!(
                            "Format error at '<root>' 'Additional properties are not allowed ('{key}' was unexpected)'"
                        )));
                    }
                }
                for key in ["name", "type", "url"] {
                    if !document[key].is_string() {
                        return Err(Problem::unprocessable(&format!(
                            "Format error at '<root>' ''{key}' is a required property'"
                        )));
                    }
                }
                if document["type"] != "helm-chart" && document["type"] != "juju-bundle" {
                    return Err(Problem::unprocessable("Format error at 'type'"));
                }
                if repos.iter().any(|one| one["name"] == document["name"]) {
                    return Err(Problem::conflict(&format!(
                        "name {} already exists for k8srepos",
                        document["name"]
                    )));
                }
                let key = self.key();
                document["_id"] = json!(key);
                document["_admin"] = json!({ "operationalState": "PROCESSING" });
                repos.push(document);
                let answer = Answer::json(&json!({ "id": key, "op_id": format!("{key}:0") }));
                Ok(Answer {
                    status: 202,
                    ..answer
                })
            }
            ("DELETE", [key]) => {
                let at = repos.iter().position(|one| one["_id"] == *key);
                let at = at.ok_or_else(|| Problem(404, "Not found any k8srepo".to_owned()))?;
                repos.remove(at);
                let answer = Answer::json(&json!({ "_id": format!("{key}:1") }));
                Ok(Answer {
                    status: 202,
                    ..answer
                })
            }
            _ => Err(Problem(
                405,
                format!("Method {} not supported for this URL", head.method),
            )),
        }
    }

    fn new_token(&self, document: &Value) -> Result<Answer, Problem> {
        let unauthorized = |detail: &str| Problem(401, detail.to_owned());
        let is_known = document["username"] == USER || document["username"] == "admin";
        if !is_known || document["password"] != PASSWORD {
            // Nobody should, and some do.
            return Err(unauthorized(&format!(
                "Invalid username/password: {}",
                document["password"].as_str().unwrap_or_default()
            )));
        }
        if document["project_id"] != PROJECT && document["project_id"] != "admin" {
            return Err(unauthorized("project not allowed for this user"));
        }
        if let Some(instead) = &lock(&self.options).token {
            return Ok(Answer::json(instead));
        }
        let token = format!("token-{}", self.key());
        let lasts = lock(&self.options).token_lasts;
        lock(&self.tokens).insert(token.clone(), lasts);
        let document = json!({
            "id": token,
            "_id": token,
            "expires": 1_900_003_600.0,
            "project_id": PROJECT,
            "username": USER,
        });
        Ok(Answer::json(&document))
    }

    fn authorize(&self, head: &Head) -> Result<(), Problem> {
        let header = head.header("authorization").unwrap_or_default();
        let Some(token) = header.strip_prefix("Bearer ") else {
            return Err(Problem(
                401,
                "Needed a token or Authorization http header".to_owned(),
            ));
        };
        let mut tokens = lock(&self.tokens);
        match tokens.get_mut(token) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Ok(())
            }
            _ => Err(Problem(
                401,
                "Expired Token or Authorization HTTP header".to_owned(),
            )),
        }
    }

    fn key(&self) -> String {
        let mut counter = lock(&self.counter);
        *counter += 1;
        format!("5c0e1f2a-0000-4000-8000-{:012x}", *counter)
    }

    fn new_item(&self, shelf: Shelf, data: &Value) -> String {
        let key = self.key();
        let resource = Resource {
            key: key.clone(),
            body: json!({}),
            admin: json!({
                "userDefinedData": data,
                "revision": 0,
                "onboardingState": "CREATED",
                "operationalState": "DISABLED",
                "usageState": "NOT_IN_USE",
                "projects_read": [PROJECT],
                "projects_write": [PROJECT],
            }),
            pieces: None,
            file: Vec::new(),
            content: Content::default(),
            looks: 0,
            hidden: 0,
        };
        lock(&self.shelves).entry(shelf).or_default().push(resource);
        key
    }

    fn created(&self, shelf: Shelf, topic: &str, key: &str, head: &Head) -> Answer {
        let readers = match (is_set(head, "PUBLIC"), head.parameter("SET_PROJECT")) {
            (true, _) => Some("ANY"),
            (false, other) => other,
        };
        if let Some(readers) = readers {
            let mut shelves = lock(&self.shelves);
            let all = shelves.entry(shelf).or_default();
            for one in all.iter_mut().filter(|one| one.key == key) {
                one.admin["projects_read"] = json!([readers]);
            }
        }
        let main = Shelf::ALL[shelf as usize].1;
        let answer = Answer::json(&json!({ "id": key }));
        Answer {
            status: 201,
            ..answer.with("Location", &format!("/osm/{main}/v1/{topic}/{key}"))
        }
    }

    fn remove(&self, shelf: Shelf, key: &str) {
        let mut shelves = lock(&self.shelves);
        shelves
            .entry(shelf)
            .or_default()
            .retain(|one| one.key != key);
    }

    fn get(&self, shelf: Shelf, key: &str) -> Result<Resource, Problem> {
        let shelves = lock(&self.shelves);
        let found = shelves
            .get(&shelf)
            .and_then(|all| all.iter().find(|one| one.key == key));
        found.cloned().ok_or_else(|| {
            Problem(
                404,
                format!("Not found any {} with filter='_id: {key}'", shelf.topic()),
            )
        })
    }

    /// As SOL005 shows it.
    fn shown(&self, shelf: Shelf, one: &mut Resource) -> Value {
        let mut document = one.body.clone();
        let mut admin = one.admin.clone();
        let is_of = |ids: &[String]| ids.iter().any(|id| one.body["id"] == id.as_str());
        if is_of(&lock(&self.options).in_use) {
            admin["usageState"] = json!("IN_USE");
        }
        if one.looks > 0 {
            one.looks -= 1;
            admin["onboardingState"] = json!("PROCESSING");
            admin["operationalState"] = json!("DISABLED");
        }
        let options = lock(&self.options);
        if !options.tells_files
            && let Some(storage) = admin["storage"].as_object_mut()
        {
            storage.remove("zipfile");
        }
        if !options.counts
            && let Some(admin) = admin.as_object_mut()
        {
            admin.remove("revision");
        }
        let prefix = |name: &str| match shelf {
            Shelf::Ns => format!("nsd{}{}", name[..1].to_ascii_uppercase(), &name[1..]),
            _ => name.to_owned(),
        };
        for name in ["onboardingState", "operationalState", "usageState"] {
            document[prefix(name)] = admin[name].clone();
        }
        document["_id"] = json!(one.key);
        document["_admin"] = admin;
        document
    }

    fn list(&self, shelf: Shelf, head: &Head) -> Answer {
        let mut shelves = lock(&self.shelves);
        let all = shelves.entry(shelf).or_default();
        let mut found = Vec::new();
        for one in all {
            let is_hidden = one.hidden > 0;
            one.hidden = one.hidden.saturating_sub(1);
            let mut wanted = head.query.iter().filter(|(key, _)| !is_about_projects(key));
            let fits = wanted.all(|(key, value)| one.body[key.as_str()] == value.as_str());
            let readers = one.admin["projects_read"].as_array();
            let readers = readers.into_iter().flatten();
            let mut readers = readers.filter_map(Value::as_str);
            let is_seen =
                is_set(head, "ADMIN") || readers.any(|who| who == PROJECT || who == "ANY");
            if fits && is_seen && !is_hidden {
                found.push(self.shown(shelf, one));
            }
        }
        said(head, &json!(found))
    }

    fn show(&self, shelf: Shelf, key: &str) -> Result<Answer, Problem> {
        self.get(shelf, key)?;
        let mut shelves = lock(&self.shelves);
        let all = shelves.entry(shelf).or_default();
        let one = all
            .iter_mut()
            .find(|one| one.key == key)
            .expect("it is there");
        Ok(Answer::json(&self.shown(shelf, one)))
    }

    /// `get_file`: the package, the descriptor, or a file of it.
    fn read(
        &self,
        shelf: Shelf,
        key: &str,
        item: &[&str],
        (content, descriptor): (&str, &str),
        head: &Head,
    ) -> Result<Answer, Problem> {
        let one = self.get(shelf, key)?;
        if one.admin["onboardingState"] != "ONBOARDED" {
            return Err(Problem::conflict(
                "Cannot get content because this resource is not at 'ONBOARDED' state. onboardingState is CREATED",
            ));
        }
        if !lock(&self.options).keeps_files {
            return Err(Problem::bad("File not found"));
        }
        let accept = head.header("accept").unwrap_or("*/*");
        match item {
            [item] if item == &content => match accept.contains("application/zip") {
                true => Ok(Answer::new(200).bytes("application/zip", one.file)),
                false => Err(Problem(
                    406,
                    "provide request header 'Accept' with 'application/zip' or 'text/plain'"
                        .to_owned(),
                )),
            },
            [item] if item == &descriptor => {
                Ok(Answer::new(200).bytes("text/plain", one.content.text.into_bytes()))
            }
            ["artifacts", path @ ..] => match one.content.files.contains(&path.join("/")) {
                true => Ok(Answer::new(200).bytes("application/octet-stream", Vec::new())),
                false => Err(Problem(404, "File not found".to_owned())),
            },
            _ => Err(Problem(
                405,
                format!("Unexpected URL item {}", item.join("/")),
            )),
        }
    }

    /// `upload_content`; whether the package is whole now.
    fn upload(
        &self,
        shelf: Shelf,
        key: &str,
        head: &Head,
        sent: Input,
        force: bool,
    ) -> Result<bool, Problem> {
        let mut one = self.get(shelf, key)?;
        let (bytes, kind) = match sent {
            Input::Nothing => (Vec::new(), String::new()),
            Input::Bytes(bytes, kind) => (bytes, kind),
            Input::Document(document) => (document.to_string().into_bytes(), "document".to_owned()),
        };
        let range = head.header("content-range").map(range).transpose()?;
        let start = range.map_or(0, |(start, ..)| start);
        if start > 0 && one.pieces.is_none() {
            return Err(Problem(404, "invalid Transaction-Id header".to_owned()));
        }
        let mut whole = match start {
            0 => Vec::new(),
            _ => one.pieces.take().unwrap_or_default(),
        };
        if whole.len() != start {
            return Err(Problem(
                416,
                format!(
                    "invalid Content-Range start sequence, expected '{}' but received '{start}'",
                    whole.len()
                ),
            ));
        }
        whole.extend(&bytes);
        if let Some((start, end, total)) = range {
            if bytes.len() != end - start {
                return Err(Problem(
                    416,
                    format!(
                        "Mismatch between Content-Range header {start}-{} and body length of {}",
                        end - 1,
                        bytes.len()
                    ),
                ));
            }
            if end != total {
                let keeps = start > 0 || !lock(&self.options).forgets_pieces;
                one.pieces = keeps.then_some(whole);
                self.replace(shelf, one);
                return Ok(false);
            }
        }
        digests(head, &whole)?;
        let is = |name: &str| kind.contains(name);
        let content = if is("application/gzip") || is("application/x-gzip") {
            package::tar(&whole)?
        } else if is("application/zip") {
            package::zip(&whole)?
        } else {
            Content {
                text: String::from_utf8_lossy(&whole).into_owned(),
                ..Content::default()
            }
        };
        if content.descriptor.ends_with(".json") {
            return Err(Problem::bad("'str' object has no attribute 'read'"));
        }
        let document = yaml(content.text.as_bytes())?;
        let revision = one.admin["revision"].as_u64().unwrap_or(0) + 1;
        let body = checks::unwrapped(shelf, &document)?;
        if revision > 1 {
            self.allowed(&one, &document)?;
        }
        let name = match (head.header("content-filename"), &kind) {
            (Some(name), _) => name.to_owned(),
            (None, kind) if kind.contains("zip") => "package.zip".to_owned(),
            (None, kind) if kind.contains("gzip") => "package.tar.gz".to_owned(),
            _ => "package".to_owned(),
        };
        self.judge(shelf, key, &body, &content, force)?;
        one.looks = lock(&self.options).looks;
        one.hidden = lock(&self.options).hidden;
        one.admin["storage"] = json!({
            "folder": format!("{key}:{revision}"),
            "pkg-dir": content.folder,
            "descriptor": content.descriptor,
            "zipfile": name,
        });
        let is_vain = lock(&self.options)
            .fails_with
            .iter()
            .any(|id| body["id"] == id.as_str());
        one.admin["onboardingState"] = json!(if is_vain { "ERROR" } else { "ONBOARDED" });
        one.admin["operationalState"] = json!("ENABLED");
        one.admin["revision"] = json!(revision);
        one.body = body;
        one.file = whole;
        one.content = content;
        one.pieces = None;
        self.replace(shelf, one);
        Ok(true)
    }

    /// `check_conflict_on_edit`.
    fn judge(
        &self,
        shelf: Shelf,
        key: &str,
        body: &Value,
        content: &Content,
        force: bool,
    ) -> Result<(), Problem> {
        checks::unique(body, "")?;
        match shelf {
            Shelf::Vnf => checks::vnfd(body, content)?,
            Shelf::Ns => checks::nsd(body)?,
            Shelf::Nst => {}
        }
        if force {
            return Ok(());
        }
        let id = body["id"]
            .as_str()
            .ok_or_else(|| Problem::unprocessable("'id'"))?;
        let shelves = lock(&self.shelves);
        let others = shelves.get(&shelf).into_iter().flatten();
        if others
            .clone()
            .any(|one| one.key != key && one.body["id"] == id && one.is_own())
        {
            return Err(Problem::conflict(&format!(
                "{} with id '{id}' already exists for this project",
                shelf.topic()
            )));
        }
        let find = |shelf: Shelf, id: &str| {
            let mut all = shelves.get(&shelf).into_iter().flatten();
            all.find(|one| one.body["id"] == id && one.is_own())
                .map(|one| one.body.clone())
        };
        checks::dependencies(shelf, body, &find)
    }

    /// `_validate_descriptor_changes`: what is in use changes little.
    fn allowed(&self, before: &Resource, document: &Value) -> Result<(), Problem> {
        let in_use = &lock(&self.options).in_use;
        if !in_use.iter().any(|id| before.body["id"] == id.as_str()) {
            return Ok(());
        }
        let before = yaml(before.content.text.as_bytes())?;
        let version = |document: &Value| {
            let version = &checks::compared(document)["software-version"];
            match version {
                Value::Null => json!("1.0"),
                other => other.clone(),
            }
        };
        if version(&before) != version(document) {
            return Ok(());
        }
        let mut found = checks::Differences::default();
        found.between(&checks::fixed(&before), &checks::fixed(document), "");
        match (found.values.is_empty(), found.others) {
            (true, 0) => Ok(()),
            // It reads the list of changed values without looking whether there is one.
            (true, _) => Err(Problem::bad(
                "VNF Descriptor could not be processed with error: 'NoneType' object has no attribute 'keys'.",
            )),
            (false, _) => Err(Problem::unprocessable(&format!(
                "Error in validating new descriptor: {} cannot be modified, there are disallowed changes in the vnf descriptor.",
                found.values.join(" , ")
            ))),
        }
    }

    fn replace(&self, shelf: Shelf, new: Resource) {
        let mut shelves = lock(&self.shelves);
        let all = shelves.entry(shelf).or_default();
        if let Some(one) = all.iter_mut().find(|one| one.key == new.key) {
            *one = new;
        }
    }

    fn delete(&self, shelf: Shelf, key: &str, force: bool) -> Result<(), Problem> {
        let one = self.get(shelf, key)?;
        let id = one.body["id"].as_str().map(str::to_owned);
        if let Some(id) = id.filter(|_| !force) {
            let (running, needing) = match shelf {
                Shelf::Vnf => (
                    "There is at least one VNF instance using this descriptor",
                    "There is at least one NS package referencing this descriptor",
                ),
                Shelf::Ns => (
                    "There is at least one NS instance using this descriptor",
                    "There is at least one NetSlice Template referencing this descriptor",
                ),
                Shelf::Nst => (
                    "there is at least one Netslice Instance using this descriptor",
                    "",
                ),
            };
            if lock(&self.options).in_use.contains(&id) {
                return Err(Problem::conflict(running));
            }
            let shelves = lock(&self.shelves);
            let all = |shelf| shelves.get(&shelf).into_iter().flatten();
            let has = |list: &Value, id: &str| {
                let items = list.as_array().into_iter().flatten();
                items
                    .clone()
                    .any(|item| item == id || item["nsd-ref"] == id)
            };
            let is_needed = match shelf {
                Shelf::Vnf => all(Shelf::Ns).any(|ns| has(&ns.body["vnfd-id"], &id)),
                Shelf::Ns => all(Shelf::Nst).any(|nst| has(&nst.body["netslice-subnet"], &id)),
                Shelf::Nst => false,
            };
            if is_needed {
                return Err(Problem::conflict(needing));
            }
        }
        self.remove(shelf, key);
        Ok(())
    }
}

/// What a query says of itself and not of a resource.
fn is_about_projects(key: &str) -> bool {
    ["FORCE", "PUBLIC", "ADMIN", "SET_PROJECT"].contains(&key)
}

fn is_set(head: &Head, name: &str) -> bool {
    head.parameter(name).is_some_and(|value| value != "false")
}

/// `_format_in`: a body by its type.
fn input(head: &Head, bytes: Vec<u8>) -> Result<Input, Problem> {
    if bytes.is_empty() {
        return Ok(Input::Nothing);
    }
    let kind = head.header("content-type").unwrap_or_default().to_owned();
    let is = |name: &str| kind.contains(name);
    if is("application/json") {
        let document = serde_json::from_slice(&bytes);
        return document
            .map(Input::Document)
            .map_err(|error| Problem::bad(&format!("Invalid json format {error}")));
    }
    let binary = [
        "application/binary",
        "application/gzip",
        "application/x-gzip",
        "application/zip",
        "text/plain",
    ];
    if binary.iter().any(|name| is(name)) {
        return Ok(Input::Bytes(bytes, kind));
    }
    if let Some((_, boundary)) = kind.split_once("boundary=") {
        return form(&bytes, boundary).ok_or_else(|| Problem::bad("empty file or content"));
    }
    yaml(&bytes).map(Input::Document)
}

/// The field `package` or `descriptor_file` of a form.
fn form(bytes: &[u8], boundary: &str) -> Option<Input> {
    let find = |text: &[u8], wanted: &[u8]| text.windows(wanted.len()).position(|w| w == wanted);
    let gap = b"\r\n\r\n";
    let end = find(bytes, gap)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    if !["name=\"package\"", "name=\"descriptor_file\""]
        .iter()
        .any(|name| head.contains(name))
    {
        return None;
    }
    let kind = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Type: "));
    let rest = &bytes[end + gap.len()..];
    let length = find(rest, format!("\r\n--{boundary}").as_bytes())?;
    Some(Input::Bytes(rest[..length].to_vec(), kind?.to_owned()))
}

/// `bytes a-b/total`: the first byte, the one behind the last, and how many there are.
fn range(text: &str) -> Result<(usize, usize, usize), Problem> {
    let text = text.replace(['-', '/'], " ");
    let parts: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<usize>().ok());
    match (parts.first(), number(1), number(2), number(3)) {
        (Some(&"bytes"), Some(start), Some(last), Some(total)) => Ok((start, last + 1, total)),
        _ => Err(Problem(
            416,
            "invalid Content-Range header format. Expected 'bytes start-end/total'".to_owned(),
        )),
    }
}

fn digests(head: &Head, whole: &[u8]) -> Result<(), Problem> {
    if let Some(md5) = head.header("content-file-md5")
        && md5 != hex(&Md5::digest(whole))
    {
        return Err(Problem::conflict("Error, MD5 mismatch"));
    }
    let Some(digest) = head.header("digest") else {
        return Ok(());
    };
    let (algorithm, text) = digest.split_once('=').unwrap_or((digest, ""));
    if !algorithm.eq_ignore_ascii_case("sha-384") {
        return Err(Problem::bad(&format!(
            "Unsupported digest algorithm: {algorithm}"
        )));
    }
    match base64(text).as_deref() == Some(&Sha384::digest(whole)[..]) {
        true => Ok(()),
        false => Err(Problem::conflict("Error, SHA384 mismatch")),
    }
}

/// JSON or YAML, as the client wants it.
fn said(head: &Head, document: &Value) -> Answer {
    let accept = head.header("accept").unwrap_or_default();
    match accept.contains("application/json") {
        true => Answer::json(document),
        // JSON is YAML, but no client should take it for JSON.
        false => {
            let text = format!("---\n{document}\n");
            Answer::new(200).bytes("application/yaml", text.into_bytes())
        }
    }
}

fn problem(problem: &Problem) -> Answer {
    let Problem(status, detail) = problem;
    let code = match status {
        400 => "BAD_REQUEST",
        401 => "UNAUTHORIZED",
        404 => "NOT_FOUND",
        405 => "METHOD_NOT_ALLOWED",
        406 => "NOT_ACCEPTABLE",
        409 => "CONFLICT",
        416 => "REQUESTED_RANGE_NOT_SATISFIABLE",
        422 => "UNPROCESSABLE_ENTITY",
        _ => "INTERNAL_SERVER_ERROR",
    };
    Answer {
        status: *status,
        ..Answer::json(&json!({ "code": code, "status": status, "detail": detail }))
    }
}
