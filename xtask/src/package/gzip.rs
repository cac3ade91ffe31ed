//! gzip whose bytes depend on the input alone.
//!
//! The streaming interface of deflate gives other bytes when the same input
//! arrives in other pieces. So the input is cut into blocks of one mebibyte;
//! each is compressed in one call by a fresh compressor that is primed with
//! the 32 KiB before it, and the results are joined into one gzip member. The
//! blocks are independent, so they can be compressed on all cores, and neither
//! the number of threads nor the size of a write can be seen in the result. A
//! compressor is never reused: after a reset, one with a dictionary gives
//! other bytes than a fresh one.

use std::io::{self, Write};

use flate2::{Compress, Compression, FlushCompress, Status};
use rayon::prelude::*;

/// Input bytes per block.
const BLOCK: usize = 1 << 20;
/// What deflate can refer back to (RFC 1951 §2).
const WINDOW: usize = 32 << 10;
/// The level of `gzip` and of most tools; part of the format of our packages.
const LEVEL: u32 = 6;

/// Member header (RFC 1952 §2.3.1): deflate, no flags, no time, no extra
/// flags, unknown system. What tools put there differs between systems.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A writer that compresses what is written to it.
///
/// Holds at most two blocks per thread. [`GzipWriter::finish`] must be called;
/// what is only dropped is no gzip file.
pub struct GzipWriter<W: Write> {
    out: W,
    /// Full blocks and the one being filled.
    blocks: Vec<Vec<u8>>,
    /// The end of the last block that was compressed.
    window: Vec<u8>,
    batch: usize,
    crc: crc32fast::Hasher,
    len: u64,
    started: bool,
}

impl<W: Write> GzipWriter<W> {
    /// Compresses into `out`.
    pub fn new(out: W) -> Self {
        GzipWriter {
            out,
            blocks: vec![Vec::new()],
            window: Vec::new(),
            batch: rayon::current_num_threads().max(1) * 2,
            crc: crc32fast::Hasher::new(),
            len: 0,
            started: false,
        }
    }

    /// Compresses the blocks at hand, except the last, which is still open
    /// unless this is the end.
    fn compress(&mut self, is_end: bool) -> io::Result<()> {
        if !self.started {
            self.out.write_all(&HEADER)?;
            self.started = true;
        }
        let open = if is_end { None } else { self.blocks.pop() };
        let blocks = std::mem::take(&mut self.blocks);
        let last = blocks.len().saturating_sub(1);
        let compressed: Vec<io::Result<Vec<u8>>> = (0..blocks.len())
            .into_par_iter()
            .map(|i| {
                let before = match i {
                    0 => &self.window[..],
                    i => tail(&blocks[i - 1]),
                };
                let flush = if is_end && i == last {
                    FlushCompress::Finish
                } else {
                    FlushCompress::Sync
                };
                deflate(&blocks[i], before, flush)
            })
            .collect();
        for block in compressed {
            self.out.write_all(&block?)?;
        }
        if let Some(block) = blocks.last() {
            self.window = tail(block).to_vec();
        }
        self.blocks.push(open.unwrap_or_default());
        Ok(())
    }

    /// Writes what is left and the trailer; gives back the inner writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.compress(true)?;
        self.out
            .write_all(&self.crc.clone().finalize().to_le_bytes())?;
        // The length modulo 2^32 (RFC 1952 §2.3.1).
        self.out.write_all(&(self.len as u32).to_le_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for GzipWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // A full block is closed only once more comes, so that the last
            // block of all is known when the end is.
            if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
                if self.blocks.len() > self.batch {
                    let full = self.blocks.len();
                    self.blocks.push(Vec::with_capacity(BLOCK));
                    self.compress(false)?;
                    debug_assert!(self.blocks.len() < full);
                } else {
                    self.blocks.push(Vec::with_capacity(BLOCK));
                }
            }
            if let Some(block) = self.blocks.last_mut() {
                let n = rest.len().min(BLOCK - block.len());
                block.extend_from_slice(&rest[..n]);
                rest = &rest[n..];
            }
        }
        self.crc.update(bytes);
        self.len += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // Flushing early would put the boundaries of writes into the result.
        Ok(())
    }
}

fn tail(block: &[u8]) -> &[u8] {
    &block[block.len().saturating_sub(WINDOW)..]
}

fn deflate(block: &[u8], before: &[u8], flush: FlushCompress) -> io::Result<Vec<u8>> {
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

    fn compress(pieces: &[&[u8]]) -> Vec<u8> {
        let mut writer = GzipWriter::new(Vec::new());
        for piece in pieces {
            writer.write_all(piece).expect("write");
        }
        writer.finish().expect("finish")
    }

    /// Text with some order in it, different at every place.
    fn sample(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut out = Vec::with_capacity(len);
        while out.len() < len {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            out.extend_from_slice(format!("vdu-{}: {}\n", state >> 24, state >> 20).as_bytes());
        }
        out.truncate(len);
        out
    }

    #[test]
    fn what_is_compressed_can_be_read() {
        for len in [0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7] {
            let input = sample(len);
            let packed = compress(&[&input]);
            let mut back = Vec::new();
            flate2::read::GzDecoder::new(&packed[..])
                .read_to_end(&mut back)
                .expect("gzip");
            assert!(back == input, "{len}");
        }
    }

    #[test]
    fn neither_writes_nor_threads_can_be_seen() {
        let input = sample(9 * BLOCK + 4321);
        let whole = compress(&[&input]);
        for size in [1 << 12, 65_537, BLOCK + 13] {
            let pieces: Vec<&[u8]> = input.chunks(size).collect();
            assert!(compress(&pieces) == whole, "pieces of {size}");
        }
        for threads in [1, 2, 3, 7, 16] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("pool");
            assert!(
                pool.install(|| compress(&[&input])) == whole,
                "{threads} threads"
            );
        }
    }

    #[test]
    fn the_header_names_no_time_and_no_system() {
        assert_eq!(compress(&[b"x"])[..10], HEADER);
    }
}
