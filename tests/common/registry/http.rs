//! As much of HTTP/1.1 as clients of registries use.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What stands before the body of a request.
pub struct Head {
    pub method: String,
    /// As it stood in the request.
    pub target: String,
    /// Decoded, without the query.
    pub path: String,
    pub query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
}

impl Head {
    /// The next head on a connection; nothing where the client has ended it.
    pub fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Self>> {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut words = first.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(ErrorKind::InvalidData.into());
        };
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        // Whoever takes it for a proxy says the whole address.
        let local = match target.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => target,
        };
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        Ok(Some(Head {
            method: method.to_owned(),
            target: target.to_owned(),
            path: decode(path),
            query: parameters(query),
            headers,
        }))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.query.iter().filter(|(key, _)| key == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// The parameters of a query or a form.
pub fn parameters(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let decoded = pairs.map(|(name, value)| (decode(name), decode(&value.replace('+', " "))));
    decoded.collect()
}

/// Resolves what is percent-encoded.
fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        let rest = if code.is_some() { &part[2..] } else { part };
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The body of a request, of a known length or in chunks.
pub struct Body<'a, 'b> {
    reader: &'a mut BufReader<&'b TcpStream>,
    left: u64,
    chunked: bool,
    /// The client waits for a word before it sends.
    waits: bool,
    pub count: u64,
    /// A reset when so much was read.
    pub limit: Option<u64>,
    pub pause: Option<Duration>,
}

impl<'a, 'b> Body<'a, 'b> {
    pub fn of(reader: &'a mut BufReader<&'b TcpStream>, head: &Head) -> Self {
        let length = head.header("content-length");
        Body {
            reader,
            left: length.and_then(|length| length.parse().ok()).unwrap_or(0),
            chunked: head.header("transfer-encoding").is_some(),
            waits: head.header("expect").is_some(),
            count: 0,
            limit: None,
            pause: None,
        }
    }

    /// The length of the next chunk.
    fn next_chunk(&mut self) -> io::Result<()> {
        let mut line = String::new();
        while line.trim().is_empty() {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let length = u64::from_str_radix(line.trim(), 16);
        self.left = length.map_err(|_| ErrorKind::InvalidData)?;
        if self.left == 0 {
            self.chunked = false;
            self.reader.read_line(&mut line)?;
        }
        Ok(())
    }
}

impl Read for Body<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.waits) {
            self.reader
                .get_mut()
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if self.left == 0 && self.chunked {
            self.next_chunk()?;
        }
        let mut most = self.left.min(buffer.len() as u64);
        if let Some(limit) = self.limit {
            most = most.min(limit - self.count);
            if most == 0 {
                return Err(ErrorKind::ConnectionReset.into());
            }
        }
        if most == 0 {
            return Ok(0);
        }
        if let Some(pause) = self.pause {
            thread::sleep(pause);
        }
        let most = usize::try_from(most).expect("it is not longer than the buffer");
        let count = self.reader.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        self.count += count as u64;
        Ok(count)
    }
}

/// What an answer has behind its head.
pub enum Content {
    Bytes(Vec<u8>),
    /// A file from where it stands, so many bytes of it.
    File(File, u64),
}

pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<&'static str, String>,
    pub content: Content,
    /// The connection is reset when so much of the body was sent.
    pub limit: Option<u64>,
    /// Whether it is closed in place of that.
    pub is_cut: bool,
    pub pause: Option<Duration>,
    /// Where a byte of the body is another.
    pub flip: Option<u64>,
}

impl Answer {
    pub fn new(status: u16) -> Self {
        Answer {
            status,
            headers: BTreeMap::new(),
            content: Content::Bytes(Vec::new()),
            limit: None,
            is_cut: false,
            pause: None,
            flip: None,
        }
    }

    pub fn json(document: &Value) -> Self {
        Answer::new(200).bytes("application/json", document.to_string().into_bytes())
    }

    /// A document of errors.
    pub fn error(status: u16, code: &str) -> Self {
        let message = format!("the double says {code}");
        let document = json!({ "errors": [{ "code": code, "message": message }] });
        Answer {
            status,
            ..Answer::json(&document)
        }
    }

    /// An error whose message gives back what came with the request.
    pub fn echo(status: u16, authorization: &str, form: &str) -> Self {
        let encoded = authorization.rsplit(' ').next().unwrap_or_default();
        let plain = nfv::digest::base64(encoded).unwrap_or_default();
        let plain = String::from_utf8_lossy(&plain);
        let percent: String = plain.bytes().map(|b| format!("%{b:02x}")).collect();
        let message = format!("you sent {authorization} = {plain} = {percent} {form}");
        let document = json!({ "errors": [{ "code": "DENIED", "message": message }] });
        Answer {
            status,
            ..Answer::json(&document)
        }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    pub fn bytes(mut self, media_type: &str, bytes: Vec<u8>) -> Self {
        self.content = Content::Bytes(bytes);
        self.with("Content-Type", media_type)
    }

    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(_, length) => *length,
        }
    }

    /// Sends it; an error where the connection is to be reset.
    pub fn send(self, mut stream: &TcpStream, without_body: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Said\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.len()));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        if without_body {
            return Ok(());
        }
        let length = self.len();
        let mut source: Box<dyn Read> = match self.content {
            Content::Bytes(bytes) => Box::new(io::Cursor::new(bytes)),
            Content::File(file, length) => Box::new(file.take(length)),
        };
        let mut block = vec![0; 64 << 10];
        let mut sent = 0;
        while sent < length {
            let mut count = source.read(&mut block)?;
            if let Some(flip) = self
                .flip
                .filter(|at| (sent..sent + count as u64).contains(at))
            {
                let at = usize::try_from(flip - sent).expect("it is in the block");
                block[at] ^= 1;
            }
            if let Some(limit) = self.limit {
                count = count.min(usize::try_from(limit - sent).unwrap_or(usize::MAX));
            }
            stream.write_all(&block[..count])?;
            sent += count as u64;
            let kind = match self.is_cut {
                true => ErrorKind::BrokenPipe,
                false => ErrorKind::ConnectionReset,
            };
            if self.limit == Some(sent) {
                // What is under way would be lost as well.
                thread::sleep(Duration::from_millis(20));
                return Err(kind.into());
            }
            if let Some(pause) = self.pause {
                thread::sleep(pause);
            }
        }
        Ok(())
    }
}
