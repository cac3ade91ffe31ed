//! The body of an upload: a part of a file, read from the disk while it goes.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use reqwest::Body;
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::oci::RemoteError;

/// Bytes that are read at once.
const PIECE: usize = 256 << 10;

/// What is known of a body on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// Bytes of the file that have gone.
    pub sent: Arc<AtomicU64>,
    /// The file is not what was verified.
    pub is_changed: Arc<AtomicBool>,
}

/// A part of a file, with what stands around it.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    /// What comes before the file.
    pub head: Vec<u8>,
    /// What comes behind it.
    pub tail: Vec<u8>,
    /// The bytes of the file.
    pub range: Range<u64>,
    /// SHA-256 of them in hexadecimal, without which their end does not leave.
    pub sha256: Option<String>,
}

impl Content {
    /// The length of the whole body.
    pub fn len(&self) -> u64 {
        let file = self.range.end.saturating_sub(self.range.start);
        self.head.len() as u64 + file + self.tail.len() as u64
    }

    /// The body, from its start.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn body(&self, path: &Path, progress: &Progress) -> Result<Body, RemoteError> {
        let open = || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(self.range.start))?;
            Ok(file)
        };
        let file = open().map_err(|source| RemoteError::io("read", path, source))?;
        let there = |bytes: &Vec<u8>| Some(bytes.clone()).filter(|bytes| !bytes.is_empty());
        Ok(Body::wrap_stream(Pieces {
            head: there(&self.head),
            tail: there(&self.tail),
            file,
            left: self.range.end.saturating_sub(self.range.start),
            hash: self.sha256.clone().map(|sha256| (Sha256::new(), sha256)),
            progress: progress.clone(),
        }))
    }
}

struct Pieces {
    head: Option<Vec<u8>>,
    tail: Option<Vec<u8>>,
    file: File,
    left: u64,
    /// The digest so far, and the one that it has to be.
    hash: Option<(Sha256, String)>,
    progress: Progress,
}

impl Pieces {
    /// The next piece of the file, held against the digest before the last of it
    /// leaves: without its end nobody makes anything of it.
    fn piece(&mut self) -> io::Result<Bytes> {
        let want = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; want];
        self.file.read_exact(&mut piece)?;
        self.left -= want as u64;
        if let Some((hash, sha256)) = &mut self.hash {
            hash.update(&piece);
            if self.left == 0 && hex(&hash.clone().finalize()) != *sha256 {
                return Err(ErrorKind::InvalidData.into());
            }
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
                // Nothing may follow, the end of the body least of all.
                self.left = 0;
                self.tail = None;
            }
        }
        Poll::Ready(Some(piece))
    }
}
