//! Deflate whose bytes depend on the input alone.
//!
//! The streaming interface of deflate gives other bytes when the same input
//! arrives in other pieces. So the input is cut into blocks of one mebibyte;
//! each is compressed in one call by a fresh compressor that is primed with
//! the 32 KiB before it, and the results are joined into one stream. The
//! blocks are independent, so they can be compressed on all cores, and neither
//! the number of threads nor the size of a write can be seen in the result. A
//! compressor is never reused: after a reset, one with a dictionary gives
//! other bytes than a fresh one.
//!
//! A block that looks like noise (an image that is compressed already, a
//! package inside a package) is stored: deflate would take a long time to find
//! out that it can do nothing.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, OnceLock};

use flate2::{Compress, Compression, FlushCompress, Status};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Input bytes per block.
pub(super) const BLOCK: usize = 1 << 20;
/// What deflate can refer back to (RFC 1951 §2).
const WINDOW: usize = 32 << 10;
/// The level of `gzip` and of most tools; part of the format of our packages.
const LEVEL: u32 = 6;
/// The most that a stored block can hold (RFC 1951 §3.2.4).
const STORED: usize = 0xffff;

/// A writer that compresses what is written to it, without header and trailer.
///
/// Holds two blocks per thread at most, however many writers there are, and one
/// for each of these. [`DeflateWriter::finish`] must be called; what is only
/// dropped is no whole stream.
pub(super) struct DeflateWriter<W: Write> {
    out: W,
    /// The block being filled.
    block: Vec<u8>,
    /// The end of the block before it.
    before: Vec<u8>,
    /// Blocks that are being compressed, in order.
    running: VecDeque<Running>,
    pool: Option<Arc<ThreadPool>>,
}

impl<W: Write> DeflateWriter<W> {
    /// Compresses into `out`.
    pub fn new(out: W) -> Self {
        DeflateWriter {
            out,
            block: Vec::new(),
            before: Vec::new(),
            running: VecDeque::new(),
            pool: None,
        }
    }

    /// Writes what is left; gives back the inner writer.
    pub fn finish(mut self) -> io::Result<W> {
        let block = std::mem::take(&mut self.block);
        // Most packages are one block, for which no other thread is woken.
        if self.running.is_empty() {
            let packed = pack(block, &self.before, FlushCompress::Finish)?;
            packed.write(&mut self.out)?;
        } else {
            self.start(block, FlushCompress::Finish)?;
            while let Some(first) = self.running.pop_front() {
                first.wait()?.write(&mut self.out)?;
            }
        }
        Ok(self.out)
    }

    /// Has a block compressed on another thread.
    fn start(&mut self, block: Vec<u8>, flush: FlushCompress) -> io::Result<()> {
        let pool = match &self.pool {
            Some(pool) => pool,
            None => self.pool.insert(shared_pool()?),
        };
        let limit = pool.current_num_threads() * 2;
        // One block is always allowed, so that no writer waits for another.
        while !self.running.is_empty() && IN_FLIGHT.load(Ordering::Relaxed) >= limit {
            if let Some(first) = self.running.pop_front() {
                first.wait()?.write(&mut self.out)?;
            }
        }
        let before = std::mem::take(&mut self.before);
        self.before.extend_from_slice(tail(&block));
        let ticket = Ticket::take();
        let (sender, result) = sync_channel(1);
        if is_noise(&block) {
            // To wake a thread for what is only passed on would take longer.
            let _ = sender.send(Ok(stored(block, flush)));
        } else {
            pool.spawn(move || {
                // Whoever asked may have failed in the meantime.
                let _ = sender.send(deflate(&block, &before, flush).map(Packed::Deflated));
            });
        }
        self.running.push_back(Running {
            result,
            _ticket: ticket,
        });
        // What is done need not wait in memory for its turn to be noticed.
        while let Some(first) = self.running.front() {
            match first.result.try_recv() {
                Ok(packed) => {
                    self.running.pop_front();
                    packed?.write(&mut self.out)?;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Err(lost()),
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for DeflateWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // A full block is closed only once more comes, so that the last
            // block of all is known when the end is.
            if self.block.len() == BLOCK {
                let full = std::mem::take(&mut self.block);
                self.start(full, FlushCompress::Sync)?;
            }
            let n = rest.len().min(BLOCK - self.block.len());
            self.block.extend_from_slice(&rest[..n]);
            rest = &rest[n..];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // Flushing early would put the boundaries of writes into the result.
        Ok(())
    }
}

/// A block that is being compressed.
struct Running {
    result: Receiver<io::Result<Packed>>,
    _ticket: Ticket,
}

impl Running {
    fn wait(self) -> io::Result<Packed> {
        self.result.recv().unwrap_or_else(|_| Err(lost()))
    }
}

fn lost() -> io::Error {
    io::Error::other("a thread of the build has failed")
}

/// Blocks that are being compressed, of all writers together.
static IN_FLIGHT: AtomicUsize = AtomicUsize::new(0);

struct Ticket;

impl Ticket {
    fn take() -> Self {
        IN_FLIGHT.fetch_add(1, Ordering::Relaxed);
        Ticket
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        IN_FLIGHT.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The threads that compress, as many as those that build. They are not the
/// same: a thread that builds waits for its blocks, and if all did, nobody would
/// be left to compress them.
fn shared_pool() -> io::Result<Arc<ThreadPool>> {
    static POOL: OnceLock<Arc<ThreadPool>> = OnceLock::new();
    if let Some(pool) = POOL.get() {
        return Ok(Arc::clone(pool));
    }
    let pool = new_pool(rayon::current_num_threads())?;
    Ok(Arc::clone(POOL.get_or_init(|| pool)))
}

fn new_pool(threads: usize) -> io::Result<Arc<ThreadPool>> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map(Arc::new).map_err(io::Error::other)
}

/// A block as it is written.
enum Packed {
    Deflated(Vec<u8>),
    Stored { block: Vec<u8>, is_end: bool },
}

impl Packed {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (block, is_end) = match self {
            Packed::Deflated(bytes) => return out.write_all(bytes),
            Packed::Stored { block, is_end } => (block, *is_end),
        };
        // Everything before ends at a byte, so the three bits of each header
        // are the lowest of a byte of their own.
        let count = block.len().div_ceil(STORED);
        for (i, part) in block.chunks(STORED).enumerate() {
            // At most 0xffff.
            let [low, high] = (part.len() as u16).to_le_bytes();
            let last = u8::from(is_end && i + 1 == count);
            out.write_all(&[last, low, high, !low, !high])?;
            out.write_all(part)?;
        }
        Ok(())
    }
}

fn pack(block: Vec<u8>, before: &[u8], flush: FlushCompress) -> io::Result<Packed> {
    if is_noise(&block) {
        return Ok(stored(block, flush));
    }
    deflate(&block, before, flush).map(Packed::Deflated)
}

fn stored(block: Vec<u8>, flush: FlushCompress) -> Packed {
    let is_end = flush == FlushCompress::Finish;
    Packed::Stored { block, is_end }
}

/// Whether nothing is to be gained by compressing a block, as far as samples of
/// it tell: in each, all bytes are about equally frequent. Text, code and tables
/// never look so, encrypted and compressed data always does.
///
/// Whole numbers only, so that every processor decides alike.
fn is_noise(block: &[u8]) -> bool {
    const SAMPLE: usize = 4096;
    const EVERY: usize = 64 << 10;
    /// The sum of the squares of the counts is 69,632 for random bytes, give or
    /// take 361; this is 7.7 bits of (collision) entropy a byte.
    const LIMIT: u32 = 80_000;
    if block.len() < EVERY {
        return false;
    }
    block.chunks(EVERY).all(|part| {
        let Some(sample) = part.get(..SAMPLE) else {
            // A short end follows what was looked at.
            return true;
        };
        let mut counts = [0u32; 256];
        for byte in sample {
            counts[usize::from(*byte)] += 1;
        }
        counts.iter().map(|count| count * count).sum::<u32>() < LIMIT
    })
}

fn tail(block: &[u8]) -> &[u8] {
    &block[block.len().saturating_sub(WINDOW)..]
}

/// One block in one call. `before` is what the stream holds before it, or
/// nothing.
pub(super) fn deflate(block: &[u8], before: &[u8], flush: FlushCompress) -> io::Result<Vec<u8>> {
    let mut compressor = Compress::new(Compression::new(LEVEL), false);
    if !before.is_empty() {
        compressor
            .set_dictionary(before)
            .map_err(|error| io::Error::other(format!("deflate failed: {error}")))?;
    }
    // Larger than anything deflate makes of a block, so that one call is
    // enough: the size of the output buffer decides bytes as well.
    let mut out = Vec::with_capacity(block.len() + block.len() / 8 + 4096);
    let status = compressor
        .compress_vec(block, &mut out, flush)
        .map_err(|error| io::Error::other(format!("deflate failed: {error}")))?;
    let complete = match flush {
        FlushCompress::Finish => status == Status::StreamEnd,
        _ => compressor.total_in() == block.len() as u64 && out.len() < out.capacity(),
    };
    if complete {
        Ok(out)
    } else {
        Err(io::Error::other("deflate did not take a whole block"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn compress(pieces: &[&[u8]], pool: Option<Arc<ThreadPool>>) -> Vec<u8> {
        let mut writer = DeflateWriter::new(Vec::new());
        writer.pool = pool;
        for piece in pieces {
            writer.write_all(piece).expect("write");
        }
        writer.finish().expect("finish")
    }

    /// Text with some order in it, different at every place.
    fn text(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut out = Vec::with_capacity(len);
        while out.len() < len {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            out.extend_from_slice(format!("vdu-{}: {}\n", state >> 24, state >> 20).as_bytes());
        }
        out.truncate(len);
        out
    }

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut out = Vec::with_capacity(len + 8);
        while out.len() < len {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            out.extend_from_slice(&state.to_le_bytes());
        }
        out.truncate(len);
        out
    }

    fn both(len: usize) -> Vec<u8> {
        let mut out = text(len / 3);
        out.extend(noise(len / 3));
        out.extend(text(len - 2 * (len / 3)));
        out
    }

    #[test]
    fn what_is_compressed_can_be_read() {
        for make in [text, noise, both] {
            for len in [0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7] {
                let input = make(len);
                let packed = compress(&[&input], None);
                let mut back = Vec::new();
                flate2::read::DeflateDecoder::new(&packed[..])
                    .read_to_end(&mut back)
                    .expect("deflate");
                assert!(back == input, "{len}");
            }
        }
    }

    #[test]
    fn neither_writes_nor_threads_can_be_seen() {
        for input in [text(9 * BLOCK + 4321), both(9 * BLOCK + 4321)] {
            let whole = compress(&[&input], None);
            for size in [1 << 12, 65_537, BLOCK + 13] {
                let pieces: Vec<&[u8]> = input.chunks(size).collect();
                assert!(compress(&pieces, None) == whole, "pieces of {size}");
            }
            for threads in [1, 2, 3, 7, 16] {
                let pool = new_pool(threads).expect("pool");
                let packed = compress(&[&input], Some(pool));
                assert!(packed == whole, "{threads} threads");
            }
        }
    }

    #[test]
    fn noise_is_stored_and_grows_by_its_headers_alone() {
        let input = noise(3 * BLOCK);
        let headers = 3 * BLOCK.div_ceil(STORED) * 5;
        assert_eq!(compress(&[&input], None).len(), input.len() + headers);
        // What deflate can shrink is shrunk, however high its entropy seems.
        for input in [text(BLOCK), vec![0; BLOCK], both(BLOCK)] {
            assert!(!is_noise(&input));
        }
        let base64: Vec<u8> = noise(BLOCK).iter().map(|byte| 48 + byte % 64).collect();
        assert!(!is_noise(&base64));
        assert!(compress(&[&base64], None).len() < BLOCK * 4 / 5);
    }
}
