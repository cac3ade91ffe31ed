//! Textual encodings (RFC 7468), read as leniently as its §2 allows.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::digest::{base64, to_base64};

/// Why a text is no PEM.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PemError {
    /// There is no block in it.
    #[error("it holds no PEM block, which would begin with `-----BEGIN`")]
    None,
    /// It is binary.
    #[error(
        "it is binary, and PEM is wanted; `openssl … -inform DER -outform PEM` converts it, and `openssl pkcs12 -in FILE` what is in a PKCS #12 file"
    )]
    Binary,
    /// A block does not end.
    #[error("its `-----BEGIN {0}-----` has no `-----END {0}-----`; the file is cut off")]
    Unfinished(String),
    /// What stands in a block is no base64.
    #[error("what stands between `-----BEGIN {0}-----` and `-----END {0}-----` is not base64")]
    Base64(String),
}

/// One block.
pub(super) struct Block {
    /// `PRIVATE KEY`, `CERTIFICATE`, …
    pub label: String,
    /// Whether it has the headers of RFC 1421, which say that it is encrypted.
    pub has_headers: bool,
    /// What it holds. Nothing where there are headers.
    pub bytes: Zeroizing<Vec<u8>>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The blocks of a file, of which there is at least one. What stands around
/// them is passed over (RFC 7468 §2).
pub(super) fn blocks(file: &[u8]) -> Result<Vec<Block>, PemError> {
    let Ok(text) = std::str::from_utf8(file) else {
        return Err(PemError::Binary);
    };
    // Editors put a byte-order mark in front of a text, and openssl passes over it as over any
    // text before a block that begins on a line of its own.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let Some(label) = marker(line, BEGIN) else {
            continue;
        };
        let end = || PemError::Unfinished(label.to_owned());
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        let mut has_headers = false;
        loop {
            let line = lines.next().ok_or_else(end)?;
            if marker(line, BEGIN).is_some() {
                return Err(end());
            }
            if let Some(other) = marker(line, END) {
                if other != label {
                    return Err(end());
                }
                break;
            }
            has_headers |= line.contains(':');
            body.extend(line.split_ascii_whitespace());
        }
        let bytes = match has_headers {
            true => Vec::new(),
            false => base64(&body).ok_or_else(|| PemError::Base64(label.to_owned()))?,
        };
        blocks.push(Block {
            label: label.to_owned(),
            has_headers,
            bytes: Zeroizing::new(bytes),
        });
    }
    match blocks.is_empty() {
        true if file.first() == Some(&0x30) => Err(PemError::Binary),
        true => Err(PemError::None),
        false => Ok(blocks),
    }
}

/// What a file holds beside one block and the spaces, tabs and ends of lines around it, in words.
/// Bytes that nobody sees count as well: readers pass over some of them. `first` is the number of
/// its first line.
pub(super) fn beside_one_block(file: &[u8], first: usize) -> Option<String> {
    let is_usual = |at: usize, byte: u8| match byte {
        b'\t' | b'\n' => true,
        b'\r' => file.get(at + 1) == Some(&b'\n'),
        byte => byte == b' ' || byte.is_ascii_graphic(),
    };
    let mut bytes = file.iter().enumerate();
    if let Some((at, byte)) = bytes.find(|(at, byte)| !is_usual(*at, **byte)) {
        let before = file.iter().take(at).filter(|byte| **byte == b'\n');
        let line = first + before.count();
        return Some(format!("the byte 0x{byte:02x} in line {line}"));
    }
    (!is_one_block(file)).then(|| "other text".to_owned())
}

fn is_one_block(file: &[u8]) -> bool {
    let text = String::from_utf8_lossy(file.trim_ascii());
    let starts = text.lines().filter(|line| marker(line, BEGIN).is_some());
    let is_first = text.lines().next().and_then(|line| marker(line, BEGIN));
    let is_last = text.lines().next_back().and_then(|line| marker(line, END));
    starts.count() == 1 && is_first.is_some() && is_first == is_last
}

/// Whether a file has a block with a private key, encrypted or not.
pub fn is_private_key(file: &[u8]) -> bool {
    let text = String::from_utf8_lossy(file);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut labels = text.lines().filter_map(|line| marker(line, BEGIN));
    labels.any(|label| label.ends_with("PRIVATE KEY"))
}

fn marker<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.trim_end().strip_prefix(start)?.strip_suffix(DASHES)
}

/// A block (RFC 7468 §3): lines of 64 characters.
pub(super) fn write(label: &str, bytes: &[u8]) -> Zeroizing<String> {
    const WIDTH: usize = 64;
    let body = Zeroizing::new(to_base64(bytes));
    let lines = body.len().div_ceil(WIDTH);
    let marks = 2 * (BEGIN.len() + label.len() + DASHES.len() + 1);
    let mut text = Zeroizing::new(String::with_capacity(body.len() + lines + marks));
    text.extend([BEGIN, label, DASHES, "\n"]);
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(WIDTH));
        text.extend([line, "\n"]);
        rest = after;
    }
    text.extend([END, label, DASHES, "\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for len in [0, 1, 47, 48, 49, 1000] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let text = write("CMS", &bytes);
            let around = format!("Bag Attributes\r\n{}after\n", text.replace('\n', " \r\n"));
            let read = blocks(around.as_bytes()).expect("readable");
            assert_eq!(read.len(), 1);
            assert_eq!((read[0].label.as_str(), &*read[0].bytes), ("CMS", &bytes));
        }
    }

    #[test]
    fn what_stands_beside_a_block() {
        let text = write("CMS", b"text").to_string();
        for (file, beside) in [
            (text.clone(), None),
            (text.trim_end().to_owned(), None),
            (format!("\n {}\r\n \t\n", text.replace('\n', " \r\n")), None),
            (format!("hello\n{text}"), Some("other text")),
            (format!("{text}hello\n"), Some("other text")),
            (format!("{text}{text}"), Some("other text")),
            (text.replace("END CMS", "END X"), Some("other text")),
            (String::new(), Some("other text")),
            (format!("{text}\u{b}"), Some("the byte 0x0b in line 4")),
            (
                format!("{}\u{c}", text.trim_end()),
                Some("the byte 0x0c in line 3"),
            ),
            (
                format!("{}\r", text.trim_end()),
                Some("the byte 0x0d in line 3"),
            ),
            (
                format!("{}\u{a0}", text.trim_end()),
                Some("the byte 0xc2 in line 3"),
            ),
            (format!("{text}\0"), Some("the byte 0x00 in line 4")),
        ] {
            assert_eq!(
                beside_one_block(file.as_bytes(), 1).as_deref(),
                beside,
                "{file}"
            );
        }
    }

    #[test]
    fn what_is_no_block_is_told() {
        let of = |text: &str| blocks(text.as_bytes()).err().expect("an error");
        assert_eq!(of("nothing"), PemError::None);
        assert_eq!(of("0\u{1}"), PemError::Binary);
        let unfinished = PemError::Unfinished("X".to_owned());
        assert_eq!(of("-----BEGIN X-----\nAAAA\n"), unfinished);
        assert_eq!(of("-----BEGIN X-----\n-----END Y-----\n"), unfinished);
        let twice = "-----BEGIN X-----\n-----BEGIN X-----\n-----END X-----\n";
        assert_eq!(of(twice), unfinished);
        let base64 = PemError::Base64("X".to_owned());
        assert_eq!(of("-----BEGIN X-----\nAAA\n-----END X-----\n"), base64);
    }
}
