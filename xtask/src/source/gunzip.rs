//! The gzip around a package, unpacked; what is wrong with it, and at which byte.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// The members of a gzip, one after the other, as one content (RFC 1952 §2.2). Other than with
/// `MultiGzDecoder`, errors say where something is wrong, and what stands there.
pub(super) struct Gunzip<R> {
    /// The member that is being read; none behind the last.
    member: Option<GzDecoder<Counted<R>>>,
}

/// Packed bytes, counted as they are used.
struct Counted<R> {
    inner: BufReader<R>,
    used: u64,
}

impl<R: Read> Gunzip<R> {
    pub fn new(packed: R) -> Self {
        let packed = Counted {
            inner: BufReader::new(packed),
            used: 0,
        };
        Gunzip {
            member: Some(GzDecoder::new(packed)),
        }
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            match member.read(buffer) {
                Ok(0) if !buffer.is_empty() => {}
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    return Err(broken(&error, member.get_ref().used));
                }
                read => return read,
            }
            let Some(mut packed) = self.member.take().map(GzDecoder::into_inner) else {
                break;
            };
            match packed.fill_buf()?.first() {
                None => break,
                // What else begins so is no gzip to the decoder either.
                Some(0x1f) => self.member = Some(GzDecoder::new(packed)),
                Some(_) => return Err(behind(packed)?),
            }
        }
        Ok(0)
    }
}

fn broken(error: &io::Error, at: u64) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("it ends at byte {at}, and the gzip in it does not")
        }
        _ => format!("{error}, at byte {at}"),
    };
    io::Error::new(error.kind(), text)
}

/// What stands behind the last member.
fn behind<R: Read>(mut packed: Counted<R>) -> io::Result<io::Error> {
    let at = packed.used;
    let (mut count, mut is_zero, mut first) = (0, true, Vec::new());
    loop {
        let bytes = packed.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        if first.is_empty() {
            first = bytes.to_vec();
        }
        is_zero &= bytes.iter().all(|byte| *byte == 0);
        count += bytes.len();
        let used = bytes.len();
        packed.consume(used);
    }
    let what = match is_zero {
        true => "zeros".to_owned(),
        false => format!("`{}`", beginning(&first)),
    };
    let bytes = if count == 1 { "byte" } else { "bytes" };
    let text = format!("behind the end of its gzip, at byte {at}, stand {count} {bytes}: {what}");
    Ok(io::Error::new(io::ErrorKind::InvalidData, text))
}

/// The first bytes of something that nobody expected, fit to be shown.
pub(super) fn beginning(bytes: &[u8]) -> String {
    const LONGEST: usize = 16;
    let shown = bytes.get(..LONGEST).unwrap_or(bytes);
    let more = if bytes.len() > LONGEST { "…" } else { "" };
    format!("{}{more}", shown.escape_ascii())
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.used += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.used += count as u64;
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("packed");
        encoder.finish().expect("packed")
    }

    fn read(packed: &[u8]) -> Result<Vec<u8>, String> {
        /// Gives a byte at a time, as a slow network does.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let end = buffer.len().min(1);
                self.0.read(&mut buffer[..end])
            }
        }
        let read_all = |mut reader: Box<dyn Read + '_>| {
            let mut content = Vec::new();
            let read = reader.read_to_end(&mut content);
            read.map(|_| content).map_err(|error| error.to_string())
        };
        let slowly = read_all(Box::new(Gunzip::new(Slow(packed))));
        let at_once = read_all(Box::new(Gunzip::new(packed)));
        assert_eq!(slowly.is_ok(), at_once.is_ok());
        at_once
    }

    #[test]
    fn several_members_are_one_content() {
        let packed = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
        assert_eq!(read(&packed), Ok(b"one two".to_vec()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let whole = gzip(b"content");
        let len = whole.len();
        let mut damaged = whole.clone();
        damaged[len - 8] ^= 1;
        for (packed, says) in [
            (
                [&*whole, &[0; 10]].concat(),
                format!("behind the end of its gzip, at byte {len}, stand 10 bytes: zeros"),
            ),
            (
                [&*whole, b"\x07"].concat(),
                format!("at byte {len}, stand 1 byte: `\\x07`"),
            ),
            (
                [&*whole, b"a long text of somebody"].concat(),
                format!("at byte {len}, stand 23 bytes: `a long text of s…`"),
            ),
            (
                [&*whole, &[0x1f, 0x8b]].concat(),
                format!("it ends at byte {}", len + 2),
            ),
            (
                whole[..len - 1].to_vec(),
                format!("it ends at byte {}", len - 1),
            ),
            (whole[..5].to_vec(), "it ends at byte 5".to_owned()),
            (damaged, format!("at byte {len}")),
        ] {
            let said = read(&packed).expect_err(&says);
            assert!(said.contains(&says), "{says}: {said}");
        }
    }
}
