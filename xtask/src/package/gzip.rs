//! gzip whose bytes depend on the input alone; see [`super::deflate`].

use std::io::{self, Write};

use super::deflate::DeflateWriter;

/// Member header (RFC 1952 §2.3.1): deflate, no flags, no time, no extra
/// flags, unknown system. What tools put there differs between systems.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A writer that compresses what is written to it into one gzip member.
///
/// [`GzipWriter::finish`] must be called; what is only dropped is no gzip file.
pub struct GzipWriter<W: Write> {
    deflate: DeflateWriter<W>,
    crc: crc32fast::Hasher,
    len: u64,
}

impl<W: Write> GzipWriter<W> {
    /// Compresses into `out`, beginning with the header.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        Ok(GzipWriter {
            deflate: DeflateWriter::new(out),
            crc: crc32fast::Hasher::new(),
            len: 0,
        })
    }

    /// Writes what is left and the trailer; gives back the inner writer.
    pub fn finish(self) -> io::Result<W> {
        let mut out = self.deflate.finish()?;
        out.write_all(&self.crc.finalize().to_le_bytes())?;
        // The length modulo 2^32 (RFC 1952 §2.3.1).
        out.write_all(&(self.len as u32).to_le_bytes())?;
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write> Write for GzipWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.deflate.write_all(bytes)?;
        self.crc.update(bytes);
        self.len += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_header_names_no_time_and_no_system() {
        let mut writer = GzipWriter::new(Vec::new()).expect("header");
        writer.write_all(b"x").expect("write");
        let bytes = writer.finish().expect("finish");
        assert_eq!(bytes[..10], HEADER);
    }

    #[test]
    fn what_is_written_is_a_whole_gzip_file() {
        let input = b"vdu ".repeat(1 << 20);
        let mut writer = GzipWriter::new(Vec::new()).expect("header");
        writer.write_all(&input).expect("write");
        let bytes = writer.finish().expect("finish");
        let mut back = Vec::new();
        // It compares the checksum and the length at the end.
        let read = flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut back);
        assert_eq!(read.expect("gzip"), input.len());
        assert!(back == input);
    }
}
