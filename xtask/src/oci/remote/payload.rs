//! The bytes of a blob on their way to a registry: counted, and held against the
//! digest under which they go.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use reqwest::Body;
use sha2::{Digest, Sha256};

use super::error::RemoteError;
use crate::digest::hex;

/// Bytes that are read from a file at once.
const PIECE: usize = 256 << 10;

/// Where the bytes of a blob are.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Here.
    Bytes(Vec<u8>),
    /// In a file of that size.
    File(PathBuf, u64),
}

impl Payload {
    /// How many there are.
    pub fn len(&self) -> u64 {
        match self {
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::File(_, size) => *size,
        }
    }

    /// Whether there is not one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes from and to, as a body that counts what it gives and hashes
    /// what comes from a file.
    pub(super) fn body(
        &self,
        from: u64,
        to: u64,
        count: &Arc<AtomicU64>,
        check: &SharedCheck,
    ) -> Result<Body, RemoteError> {
        match self {
            Payload::Bytes(bytes) => {
                let range = usize::try_from(from).unwrap_or(usize::MAX)
                    ..usize::try_from(to).unwrap_or(usize::MAX);
                let part = bytes.get(range).unwrap_or_default().to_vec();
                count.fetch_add(part.len() as u64, Ordering::Relaxed);
                Ok(Body::from(part))
            }
            Payload::File(path, _) => {
                let io = |source| RemoteError::io("read", path, source);
                let mut file = File::open(path).map_err(io)?;
                file.seek(SeekFrom::Start(from)).map_err(io)?;
                Ok(Body::wrap_stream(Pieces {
                    file,
                    at: from,
                    left: to - from,
                    count: Arc::clone(count),
                    check: Arc::clone(check),
                }))
            }
        }
    }

    /// What is wrong with the file, as far as it was sent.
    pub(super) fn damage(&self, check: &SharedCheck) -> Option<RemoteError> {
        let Payload::File(path, _) = self else {
            return None;
        };
        let check = lock(check);
        check.is_damaged().then(|| RemoteError::Damaged {
            path: path.clone(),
            expected: check.expected.clone(),
            found: match check.is_short {
                true => format!("that of less than {} bytes", check.size),
                false => check.found(),
            },
        })
    }
}

/// A check that goes on in the next request of an upload that broke off.
pub(super) type SharedCheck = Arc<Mutex<Check>>;

/// A part of a file, piece by piece. It is read where it is sent: what was
/// built a moment ago is in memory, and a thread for each piece would cost more
/// than to wait for the disk.
struct Pieces {
    file: File,
    at: u64,
    left: u64,
    count: Arc<AtomicU64>,
    check: SharedCheck,
}

/// The digest of what is sent from a file. Not every registry looks whether it
/// got what was announced, and a damaged file must not become a blob there.
pub(super) struct Check {
    hash: Sha256,
    /// So many bytes were hashed; what is sent again is not hashed again.
    done: u64,
    size: u64,
    expected: String,
    /// The file ended before its size.
    is_short: bool,
}

impl Check {
    /// Of a blob of that size that must have that digest.
    pub(super) fn new(size: u64, expected: String) -> SharedCheck {
        Arc::new(Mutex::new(Check {
            hash: Sha256::new(),
            done: 0,
            size,
            expected,
            is_short: false,
        }))
    }

    fn take(&mut self, at: u64, piece: &[u8]) {
        let known = usize::try_from(self.done.saturating_sub(at)).unwrap_or(usize::MAX);
        if let Some(new) = piece.get(known..) {
            self.hash.update(new);
            self.done += new.len() as u64;
        }
    }

    fn found(&self) -> String {
        format!("sha256:{}", hex(&self.hash.clone().finalize()))
    }

    /// Whether what was read to the end is something else.
    fn is_damaged(&self) -> bool {
        self.is_short || (self.done == self.size && self.found() != self.expected)
    }
}

fn lock(check: &Mutex<Check>) -> MutexGuard<'_, Check> {
    check.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let want = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; want];
        if let Err(error) = self.file.read_exact(&mut piece) {
            if error.kind() == ErrorKind::UnexpectedEof {
                lock(&self.check).is_short = true;
            }
            return Poll::Ready(Some(Err(error)));
        }
        let is_damaged = {
            let mut check = lock(&self.check);
            check.take(self.at, &piece);
            check.is_damaged()
        };
        if is_damaged {
            // Without its last bytes the registry makes no blob of it.
            return Poll::Ready(Some(Err(ErrorKind::InvalidData.into())));
        }
        self.at += want as u64;
        self.left -= want as u64;
        self.count.fetch_add(want as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Bytes::from(piece))))
    }
}
