//! A SHIELD Store inside the test: what that of February 2019 looks at, in its
//! order and with its answers, and what Eve and the orchestrator behind it do. It
//! remembers what it was asked, and misbehaves on command.

use std::collections::BTreeMap;
use std::io::{self, BufReader, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use socket2::SockRef;

use crate::common::sha256;
use crate::package::{self, Refused};
use crate::registry::http::{Answer, Body, Head};

/// What the orchestrator does with a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orchestrator {
    /// It answers 202.
    Takes,
    /// It answers 418, its word for everything that goes wrong.
    Refuses,
    /// It is not there.
    Away,
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing is done, and somebody between answers so.
    Status(u16),
    /// Nothing is done, and somebody answers so, with these words.
    Says(u16, Value),
    /// All is done, and somebody answers so, with these words.
    SaysInstead(u16, Value),
    /// Nothing is done, and the answer leads there.
    Moved(String),
    /// Nothing is done, and the connection is reset.
    Reset,
    /// All is done, and the connection is reset in place of the answer.
    AnswerLost,
    /// All is done, and somebody between answers so meanwhile.
    StatusInstead(u16),
    /// Nothing happens for so long; then all goes its way.
    Stall(Duration),
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Decoded, without the query.
    pub path: String,
    /// The status of the answer, and 0 where there was none.
    pub status: u16,
    /// SHA-256 of the file in the form, where there was one.
    pub file: Option<String>,
    pub content_length: Option<String>,
}

/// A Store that takes connections until it is dropped.
pub struct Double {
    state: Arc<State>,
    address: SocketAddr,
}

struct State {
    prefix: String,
    /// Whether `where` is switched off, as Eve lets it be.
    ignores_filters: bool,
    orchestrator: Mutex<Orchestrator>,
    /// What the orchestrator has taken.
    orchestrated: Mutex<usize>,
    faults: Mutex<Vec<(String, Fault)>>,
    log: Mutex<Vec<Request>>,
    records: Mutex<BTreeMap<String, Vec<Value>>>,
    stopped: AtomicBool,
}

impl Double {
    /// A Store at the top of its address.
    pub fn plain() -> Self {
        Self::start("", false)
    }

    /// A Store below a path, on a free port.
    pub fn start(prefix: &str, ignores_filters: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let state = Arc::new(State {
            prefix: prefix.to_owned(),
            ignores_filters,
            orchestrator: Mutex::new(Orchestrator::Takes),
            orchestrated: Mutex::new(0),
            faults: Mutex::default(),
            log: Mutex::default(),
            records: Mutex::default(),
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
        Double { state, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.state.prefix)
    }

    pub fn orchestrator(&self, does: Orchestrator) {
        *lock(&self.state.orchestrator) = does;
    }

    /// How many packages the orchestrator has taken.
    pub fn orchestrated(&self) -> usize {
        *lock(&self.state.orchestrated)
    }

    /// The next request of this method meets a fault.
    pub fn fault(&self, method: &str, fault: Fault) {
        lock(&self.state.faults).push((method.to_owned(), fault));
    }

    /// The requests that came, in their order; they are forgotten.
    pub fn take_log(&self) -> Vec<Request> {
        std::mem::take(&mut *lock(&self.state.log))
    }

    /// The uploads that came: collection, status, SHA-256.
    pub fn take_uploads(&self) -> Vec<(String, u16, String)> {
        let log = self.take_log().into_iter();
        let uploads = log.filter(|request| request.method == "POST");
        uploads
            .map(|one| (one.path, one.status, one.file.unwrap_or_default()))
            .collect()
    }

    /// Puts a record there.
    pub fn put(&self, shelf: &str, record: Value) {
        self.state.put(shelf, record);
    }

    /// The records of a collection.
    pub fn records(&self, shelf: &str) -> Vec<Value> {
        self.state.records(shelf)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Relaxed);
        // The listener looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("lock")
}

impl State {
    fn put(&self, shelf: &str, record: Value) {
        let mut records = lock(&self.records);
        records.entry(shelf.to_owned()).or_default().push(record);
    }

    fn records(&self, shelf: &str) -> Vec<Value> {
        let records = lock(&self.records);
        records.get(shelf).cloned().unwrap_or_default()
    }

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
        // The server of the Store knows no bodies in chunks.
        assert!(
            head.header("transfer-encoding").is_none(),
            "a body in chunks"
        );
        let mut bytes = Vec::new();
        Body::of(reader, head).read_to_end(&mut bytes)?;
        let mut request = Request {
            method: head.method.clone(),
            path: head.path.clone(),
            status: 0,
            file: None,
            content_length: head.header("content-length").map(str::to_owned),
        };
        let fault = self.met(&head.method);
        let answer = match &fault {
            Some(Fault::Status(status)) => Answer::new(*status),
            Some(Fault::Says(status, document)) => Answer {
                status: *status,
                ..Answer::json(document)
            },
            Some(Fault::Moved(there)) => Answer::new(302).with("Location", there),
            Some(Fault::Reset) => {
                lock(&self.log).push(request);
                return Err(ErrorKind::ConnectionReset.into());
            }
            Some(Fault::Stall(pause)) => {
                thread::sleep(*pause);
                self.answer(head, &bytes, &mut request)
            }
            _ => self.answer(head, &bytes, &mut request),
        };
        request.status = answer.status;
        lock(&self.log).push(request);
        match fault {
            Some(Fault::AnswerLost) => Err(ErrorKind::ConnectionReset.into()),
            Some(Fault::SaysInstead(status, document)) => {
                let answer = Answer {
                    status,
                    ..Answer::json(&document)
                };
                answer.send(stream, false)
            }
            Some(Fault::StatusInstead(status)) => Answer::new(status).send(stream, false),
            _ => answer.send(stream, false),
        }
    }

    fn met(&self, method: &str) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let at = faults.iter().position(|(own, _)| own == method)?;
        Some(faults.remove(at).1)
    }

    fn answer(&self, head: &Head, body: &[u8], request: &mut Request) -> Answer {
        let path = head.path.strip_prefix(&self.prefix).unwrap_or_default();
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let shelf = parts
            .next()
            .filter(|shelf| ["vnsfs", "nss"].contains(shelf));
        match (shelf, parts.next(), head.method.as_str()) {
            (Some(shelf), None, "GET") => self.list(shelf, head),
            (Some(shelf), None, "POST") => self.post(shelf, head, body, request),
            (Some(shelf), Some(id), "GET") => self.item(shelf, id),
            _ => error(404, "The requested URL was not found on the server."),
        }
    }

    /// Eve's pages.
    fn list(&self, shelf: &str, head: &Head) -> Answer {
        let number = |name: &str, default: usize| {
            let text = head.parameter(name);
            text.map_or(default, |text| text.parse().expect("a number"))
        };
        let (size, page) = (number("max_results", 25).min(50), number("page", 1));
        let filter: Value = match head.parameter("where") {
            Some(text) if !self.ignores_filters => serde_json::from_str(text).expect("a filter"),
            _ => json!({}),
        };
        let fits = |record: &&Value| {
            let mut fields = filter.as_object().expect("an object").iter();
            fields.all(|(field, value)| record[field] == *value)
        };
        let records = self.records(shelf);
        let all: Vec<&Value> = records.iter().filter(fits).collect();
        let items: Vec<&&Value> = all.iter().skip((page - 1) * size).take(size).collect();
        let mut links = json!({ "self": { "title": shelf, "href": shelf } });
        if page * size < all.len() {
            let next = format!("{shelf}?page={}", page + 1);
            links["next"] = json!({ "title": "next page", "href": next });
        }
        Answer::json(&json!({
            "_items": items,
            "_links": links,
            "_meta": { "max_results": size, "page": page, "total": all.len() },
        }))
    }

    /// One record, whose id the address lets through only as `[\w]+`.
    fn item(&self, shelf: &str, id: &str) -> Answer {
        let is_word = id.chars().all(|c| c.is_alphanumeric() || c == '_');
        let records = self.records(shelf);
        let found = records
            .iter()
            .find(|record| record[id_field(shelf)] == id || record["_id"] == id);
        match found.filter(|_| is_word) {
            Some(record) => Answer::json(record),
            None => error(404, "The requested URL was not found on the server."),
        }
    }

    fn post(&self, shelf: &str, head: &Head, body: &[u8], request: &mut Request) -> Answer {
        let content_type = head.header("content-type").unwrap_or_default();
        let parts = match parts(content_type, body) {
            Some(parts) => parts,
            None => return Answer::new(400),
        };
        let named = |part: &&Part| part.name == "package" && part.file_name.is_some();
        // The error about the missing field has an error of its own.
        let Some(file) = parts.iter().find(named) else {
            return crash();
        };
        request.file = Some(sha256(&file.content));
        let knows = |id: &str| {
            let records = self.records("vnsfs");
            records.iter().any(|record| record["vnsf_id"] == id)
        };
        let record = match package::read(shelf, &file.content, &knows) {
            Ok(record) => record,
            Err(refused) => return refusal(shelf, &refused),
        };
        let does = *lock(&self.orchestrator);
        let gateway = if shelf == "nss" { 502 } else { 428 };
        match does {
            Orchestrator::Takes => *lock(&self.orchestrated) += 1,
            Orchestrator::Refuses => {
                return error(gateway, "Can not onboard the package into the vNFSO");
            }
            Orchestrator::Away => return error(gateway, "Can not reach the Orchestrator"),
        }
        let mut issues = match package::model(shelf, &file.content) {
            Ok(issues) => issues,
            Err(Refused::Crash) => return crash(),
            Err(refused) => return refusal(shelf, &refused),
        };
        for part in parts.iter().filter(|part| !named(part)) {
            issues.insert(part.name.clone(), json!("unknown field"));
        }
        let unique: &[&str] = match shelf {
            "nss" => &["ns_id", "ns_name"],
            _ => &["vnsf_id"],
        };
        for field in unique {
            let records = self.records(shelf);
            if records.iter().any(|own| own[field] == record[field]) {
                let text = format!("value '{}' is not unique", record[field]);
                issues.insert((*field).to_owned(), json!(text));
            }
        }
        if !issues.is_empty() {
            let message = "Insertion failure: 1 document(s) contain(s) error(s)";
            let document = json!({
                "_status": "ERR",
                "_issues": issues,
                "_error": { "code": 422, "message": message },
            });
            return Answer {
                status: 422,
                ..Answer::json(&document)
            };
        }
        let number = self.records(shelf).len() + 1;
        let mut record = record;
        record["_id"] = json!(format!("5c{number:022x}"));
        record["_etag"] = json!(sha256(record.to_string().as_bytes())[..40]);
        record["state"] = json!("sandboxed");
        self.put(shelf, record.clone());
        let document = json!({
            "_id": record["_id"],
            "_etag": record["_etag"],
            "_created": "Tue, 26 Feb 2019 12:00:00 GMT",
            "_updated": "Tue, 26 Feb 2019 12:00:00 GMT",
            "_links": { "self": { "title": shelf, "href": shelf } },
            "_status": "OK",
        });
        Answer {
            status: 201,
            ..Answer::json(&document)
        }
    }
}

fn id_field(shelf: &str) -> &'static str {
    match shelf {
        "nss" => "ns_id",
        _ => "vnsf_id",
    }
}

/// How the hooks of the Store answer.
fn error(status: u16, message: &str) -> Answer {
    let error = json!({ "code": status, "message": message });
    Answer {
        status,
        ..Answer::json(&json!({ "_status": "ERR", "_error": error }))
    }
}

/// What Flask makes of an exception that nobody has caught.
fn crash() -> Answer {
    let page = b"<title>500 Internal Server Error</title>".to_vec();
    Answer::new(500).bytes("text/html", page)
}

fn refusal(shelf: &str, refused: &Refused) -> Answer {
    let is_ns = shelf == "nss";
    match refused {
        Refused::NotTarGz => error(412, "Package is not a valid .tar.gz file"),
        Refused::NotShield => error(406, "Package does not comply with the SHIELD format"),
        Refused::WrongKey if is_ns => error(406, "Manifest is not for a Network Service"),
        Refused::WrongKey => error(406, "Manifest is not for a vNSF"),
        Refused::WrongInner => error(
            if is_ns { 502 } else { 428 },
            "Package does not comply with the vNSFO format",
        ),
        // The hook of services does not catch what is raised here.
        Refused::NoFolder if is_ns => crash(),
        Refused::NoDescriptor if is_ns => error(
            406,
            "Network Service Descriptor not found where manifest.yaml places it",
        ),
        Refused::NoFolder | Refused::NoDescriptor => error(
            406,
            "vNSF Descriptor not found where manifest.yaml places it",
        ),
        Refused::BadDescriptor if is_ns => error(422, "Can not read NS descriptor"),
        Refused::BadDescriptor => error(422, "Can not read vNSF descriptor"),
        Refused::NoReference => error(422, "Error validating NS descriptor"),
        Refused::NoFunction => error(422, "NS Dependency not available"),
        Refused::Crash => crash(),
    }
}

/// A part of a form.
struct Part {
    name: String,
    file_name: Option<String>,
    content: Vec<u8>,
}

/// The parts of a form, taken apart by the letter of RFC 7578; `None` where it is
/// none.
fn parts(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=")?;
    let open = format!("--{}", boundary.trim_matches('"')).into_bytes();
    let between = [b"\r\n", &open[..]].concat();
    let mut rest = body.strip_prefix(&open[..])?;
    let mut parts = Vec::new();
    loop {
        if rest == b"--\r\n" || rest == b"--" {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let head = find(rest, b"\r\n\r\n")?;
        let end = find(rest, &between)?;
        let text = std::str::from_utf8(&rest[..head]).ok()?;
        let disposition = text
            .lines()
            .find_map(|line| line.strip_prefix("Content-Disposition: form-data;"))?;
        let value = |key: &str| {
            let start = disposition.find(&format!(" {key}=\""))? + key.len() + 3;
            let value = &disposition[start..];
            Some(value[..value.find('"')?].to_owned())
        };
        parts.push(Part {
            name: value("name")?,
            file_name: value("filename"),
            content: rest[head + 4..end].to_vec(),
        });
        rest = &rest[end + between.len()..];
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
