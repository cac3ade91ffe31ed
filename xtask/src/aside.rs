//! Work on a stream of bytes that goes on beside the thread that makes them.
//!
//! Hashing and writing a large package takes as long as reading it; on threads
//! of their own they cost no time as long as there are cores. Short streams
//! stay where they are, because a thread costs more than they do.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// What is done with the bytes.
pub(crate) trait Sink: Send + 'static {
    /// Takes the next of them.
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Sink for sha2::Sha256 {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        sha2::Digest::update(self, bytes);
        Ok(())
    }
}

/// From here on a stream gets a thread of its own.
const LONG: usize = 4 << 20;
/// Bytes that are handed over at once.
const CHUNK: usize = 256 << 10;
/// Chunks that wait at most, so that memory stays small.
const WAITING: usize = 4;

/// Hands what is written to it to `S`, in order.
pub(crate) struct Aside<S> {
    state: State<S>,
    seen: usize,
    chunk: Vec<u8>,
}

enum State<S> {
    Here(S),
    There {
        full: SyncSender<Vec<u8>>,
        /// Chunks to be used again.
        empty: Receiver<Vec<u8>>,
        thread: JoinHandle<io::Result<S>>,
    },
    /// The sink has failed, and said so.
    Over,
}

impl<S: Sink> Aside<S> {
    /// Hands everything to `sink`.
    pub fn new(sink: S) -> Self {
        Aside {
            state: State::Here(sink),
            seen: 0,
            chunk: Vec::new(),
        }
    }

    /// Waits until the sink has taken everything, and gives it back.
    pub fn finish(mut self) -> io::Result<S> {
        self.hand_over()?;
        self.stop()
    }

    fn stop(&mut self) -> io::Result<S> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Here(sink) => Ok(sink),
            State::There { full, thread, .. } => {
                drop(full);
                joined(thread)
            }
            State::Over => Err(over()),
        }
    }

    fn depart(&mut self) -> io::Result<()> {
        let State::Here(mut sink) = std::mem::replace(&mut self.state, State::Over) else {
            return Ok(());
        };
        let (full, chunks) = sync_channel::<Vec<u8>>(WAITING);
        let (give_back, empty) = channel();
        let thread = std::thread::Builder::new().spawn(move || {
            for mut chunk in chunks {
                sink.take(&chunk)?;
                chunk.clear();
                // Nobody wants it back once everything is handed over.
                let _ = give_back.send(chunk);
            }
            Ok(sink)
        })?;
        self.state = State::There {
            full,
            empty,
            thread,
        };
        Ok(())
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let State::There { full, empty, .. } = &self.state else {
            return Ok(());
        };
        if self.chunk.is_empty() {
            return Ok(());
        }
        let next = empty.try_recv().unwrap_or_default();
        let chunk = std::mem::replace(&mut self.chunk, next);
        if full.send(chunk).is_ok() {
            return Ok(());
        }
        // The thread has ended early, so it has an error to tell.
        match std::mem::replace(&mut self.state, State::Over) {
            State::There { thread, .. } => joined(thread).and_then(|_| Err(over())),
            _ => Err(over()),
        }
    }
}

impl<S: Sink> Write for Aside<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let State::Here(sink) = &mut self.state {
            sink.take(bytes)?;
            self.seen = self.seen.saturating_add(bytes.len());
            if self.seen > LONG {
                self.depart()?;
            }
            return Ok(bytes.len());
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.chunk.capacity() < CHUNK {
                self.chunk.reserve_exact(CHUNK - self.chunk.len());
            }
            let n = rest.len().min(CHUNK - self.chunk.len());
            self.chunk.extend_from_slice(&rest[..n]);
            rest = &rest[n..];
            if self.chunk.len() == CHUNK {
                self.hand_over()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the work is given up, its thread ends first: it may hold a temporary
/// file, which would outlive the program.
impl<S> Drop for Aside<S> {
    fn drop(&mut self) {
        if let State::There { full, thread, .. } = std::mem::replace(&mut self.state, State::Over) {
            drop(full);
            // Whatever it has to tell, something else went wrong before.
            let _ = thread.join();
        }
    }
}

fn joined<S>(thread: JoinHandle<io::Result<S>>) -> io::Result<S> {
    thread
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("a thread has failed")))
}

fn over() -> io::Error {
    io::Error::other("the writer has failed before")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps everything, and fails at a certain length.
    struct Keep(Vec<u8>, usize);

    impl Sink for Keep {
        fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.0.extend_from_slice(bytes);
            if self.0.len() > self.1 {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            Ok(())
        }
    }

    fn sample(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * i / 7) as u8).collect()
    }

    #[test]
    fn everything_arrives_in_order() {
        for len in [0, 1, LONG, LONG + 1, LONG + 2 * CHUNK, 2 * LONG + 12_345] {
            let input = sample(len);
            let mut aside = Aside::new(Keep(Vec::new(), usize::MAX));
            for piece in input.chunks(70_001) {
                aside.write_all(piece).expect("taken");
            }
            assert!(aside.finish().expect("all taken").0 == input, "{len}");
        }
    }

    #[test]
    fn what_is_given_up_is_gone_at_once() {
        struct Slow(tempfile::NamedTempFile);
        impl Sink for Slow {
            fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
                std::thread::sleep(std::time::Duration::from_millis(20));
                self.0.write_all(bytes)
            }
        }
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        let path = file.path().to_owned();
        let mut aside = Aside::new(Slow(file));
        aside.write_all(&sample(2 * LONG)).expect("taken");
        aside.write_all(&sample(3 * CHUNK)).expect("taken");
        drop(aside);
        assert!(!path.exists());
    }

    #[test]
    fn an_error_is_told_wherever_it_happens() {
        let input = sample(3 * LONG);
        for limit in [10, LONG + CHUNK, 3 * LONG - 1] {
            let mut aside = Aside::new(Keep(Vec::new(), limit));
            let written = aside.write_all(&input);
            let error = match written {
                Ok(()) => aside.finish().map(|_| ()).expect_err("failed"),
                Err(error) => error,
            };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{limit}");
        }
    }
}
