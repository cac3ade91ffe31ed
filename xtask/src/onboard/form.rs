//! The body of an upload: a form with one file in it, read from the disk while it
//! goes (RFC 7578).

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use reqwest::Body;
use sha2::{Digest, Sha256};

use super::store::Parcel;
use crate::digest::hex;
use crate::oci::RemoteError;

/// The name of the only field. Others would be fields of the record, and those
/// that the Store does not know make it refuse the package at the very end.
const FIELD: &str = "package";
/// Bytes that are read at once.
const PIECE: usize = 256 << 10;

/// A form that is about to be sent.
pub(super) struct Form {
    boundary: String,
    head: Vec<u8>,
    tail: Vec<u8>,
    path: PathBuf,
    size: u64,
    sha256: String,
}

/// What is known of a form on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// Bytes of the file that have gone.
    pub sent: Arc<AtomicU64>,
    /// The file is not what was verified.
    pub is_changed: Arc<AtomicBool>,
}

impl Form {
    /// The form around a package.
    pub fn new(parcel: &Parcel) -> Self {
        // No file holds its own digest, so the boundary is not in it.
        let boundary = format!("nfv-{}", parcel.sha256);
        let head = format!(
            "--{boundary}\r\n\
             Content-Disposition: form-data; name=\"{FIELD}\"; filename=\"{}\"\r\n\
             Content-Type: application/gzip\r\n\r\n",
            parcel.name()
        );
        Form {
            head: head.into_bytes(),
            tail: format!("\r\n--{boundary}--\r\n").into_bytes(),
            boundary,
            path: parcel.path.clone(),
            size: parcel.size,
            sha256: parcel.sha256.clone(),
        }
    }

    /// The media type, with the boundary.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The length of the whole body. The server of the Store knows no other way
    /// to tell where it ends.
    pub fn len(&self) -> u64 {
        self.head.len() as u64 + self.size + self.tail.len() as u64
    }

    /// The body, from its start.
    pub fn body(&self, progress: &Progress) -> Result<Body, RemoteError> {
        let path: &Path = &self.path;
        let file = File::open(path).map_err(|source| RemoteError::io("read", path, source))?;
        Ok(Body::wrap_stream(Pieces {
            head: Some(self.head.clone()),
            tail: Some(self.tail.clone()),
            file,
            left: self.size,
            hash: Sha256::new(),
            sha256: self.sha256.clone(),
            progress: progress.clone(),
        }))
    }
}

struct Pieces {
    head: Option<Vec<u8>>,
    tail: Option<Vec<u8>>,
    file: File,
    left: u64,
    hash: Sha256,
    sha256: String,
    progress: Progress,
}

impl Pieces {
    /// The next piece of the file, held against the digest before the last of it
    /// leaves: without its end the Store makes nothing of it.
    fn piece(&mut self) -> io::Result<Bytes> {
        let want = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; want];
        self.file.read_exact(&mut piece)?;
        self.hash.update(&piece);
        self.left -= want as u64;
        if self.left == 0 && hex(&self.hash.clone().finalize()) != self.sha256 {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(Bytes::from(piece))
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(head.into())));
        }
        if self.left == 0 {
            return Poll::Ready(self.tail.take().map(|tail| Ok(tail.into())));
        }
        let piece = self.piece();
        match &piece {
            Ok(piece) => {
                let count = piece.len() as u64;
                self.progress.sent.fetch_add(count, Ordering::Relaxed);
            }
            Err(error) => {
                let kinds = [ErrorKind::InvalidData, ErrorKind::UnexpectedEof];
                let is_changed = kinds.contains(&error.kind());
                self.progress
                    .is_changed
                    .store(is_changed, Ordering::Relaxed);
                // Nothing may follow, the end of the form least of all.
                self.left = 0;
                self.tail = None;
            }
        }
        Poll::Ready(Some(piece))
    }
}
