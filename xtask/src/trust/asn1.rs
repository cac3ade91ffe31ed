//! Elements of ASN.1 in their distinguished encoding (X.690 §10), one after the
//! other, each with the bytes that it stands in.
//!
//! A signature holds for bytes and not for what they mean, so they have to be at
//! hand as they were; and not everybody who signs puts sets into the order that
//! stricter readers insist on.

/// Tags of the universal class (X.680 §8.4), with the bit of what is constructed.
pub(super) mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const UTF8_STRING: u8 = 0x0c;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;

    /// `[n]` around other elements.
    pub const fn context(n: u8) -> u8 {
        0xa0 | n
    }

    /// `[n]` in place of the tag of a simple element.
    pub const fn context_primitive(n: u8) -> u8 {
        0x80 | n
    }
}

/// The part that is missing or is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub &'static str);

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// With tag and length.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// What stands inside.
    pub fn reader(&self) -> Reader<'a> {
        Reader(self.content)
    }

    /// The bytes of a BIT STRING of whole bytes.
    pub fn bits(&self, what: &'static str) -> Result<&'a [u8], Malformed> {
        match self.content.split_first() {
            Some((0, bytes)) if self.tag == tag::BIT_STRING => Ok(bytes),
            _ => Err(Malformed(what)),
        }
    }

    /// The value of a small INTEGER that is not negative.
    pub fn small(&self, what: &'static str) -> Result<u8, Malformed> {
        match self.content {
            [value @ 0..=0x7f] if self.tag == tag::INTEGER => Ok(*value),
            _ => Err(Malformed(what)),
        }
    }
}

/// Elements that are still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self, what: &'static str) -> Result<Element<'a>, Malformed> {
        let (element, rest) = element(self.0).ok_or(Malformed(what))?;
        self.0 = rest;
        Ok(element)
    }

    /// The next element, which must have that tag.
    pub fn take(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, Malformed> {
        self.maybe(tag, what)?.ok_or(Malformed(what))
    }

    /// The next element, if it has that tag.
    pub fn maybe(&mut self, tag: u8, what: &'static str) -> Result<Option<Element<'a>>, Malformed> {
        match self.0.first() {
            Some(&first) if first == tag => self.any(what).map(Some),
            _ => Ok(None),
        }
    }

    /// What stands inside the next element, which must have that tag.
    pub fn inside(&mut self, tag: u8, what: &'static str) -> Result<Reader<'a>, Malformed> {
        Ok(self.take(tag, what)?.reader())
    }

    /// Nothing may follow.
    pub fn end(&self, what: &'static str) -> Result<(), Malformed> {
        match self.0 {
            [] => Ok(()),
            _ => Err(Malformed(what)),
        }
    }
}

/// The one element that these bytes are.
pub(super) fn only<'a>(
    bytes: &'a [u8],
    tag: u8,
    what: &'static str,
) -> Result<Element<'a>, Malformed> {
    let mut reader = Reader::new(bytes);
    let element = reader.take(tag, what)?;
    reader.end(what)?;
    Ok(element)
}

/// An AlgorithmIdentifier: the identifier, and its parameters.
pub(super) fn algorithm<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
) -> Result<(&'a [u8], Option<Element<'a>>), Malformed> {
    let mut inside = reader.inside(tag::SEQUENCE, what)?;
    let oid = inside.take(tag::OID, what)?.content;
    let parameters = match inside.is_empty() {
        true => None,
        false => Some(inside.any(what)?),
    };
    inside.end(what)?;
    Ok((oid, parameters))
}

/// The same where the parameters are NULL or absent.
pub(super) fn plain_algorithm<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
) -> Result<&'a [u8], Malformed> {
    match algorithm(reader, what)? {
        (oid, None) => Ok(oid),
        (oid, Some(null)) if null.tag == tag::NULL && null.content.is_empty() => Ok(oid),
        _ => Err(Malformed(what)),
    }
}

fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    // Of several bytes; no structure that is read here has such a tag.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, mut rest) = rest.split_first()?;
    let mut len = usize::from(first);
    if first >= 0x80 {
        let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 || digits.first().is_none_or(|&digit| digit == 0) {
            return None;
        }
        rest = after;
        len = digits
            .iter()
            .fold(0, |len, digit| len << 8 | usize::from(*digit));
        if len < 0x80 {
            return None;
        }
    }
    let (content, after) = rest.split_at_checked(len)?;
    let whole = bytes.get(..bytes.len() - after.len())?;
    Some((
        Element {
            tag,
            content,
            whole,
        },
        after,
    ))
}

/// An element with this content.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let len = content.len();
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let digits = len.to_be_bytes();
        let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
        let digits = digits.get(zeros..).unwrap_or_default();
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    }
    out.extend_from_slice(content);
    out
}

/// An element around these elements.
pub(super) fn wrap(tag: u8, elements: &[&[u8]]) -> Vec<u8> {
    write(tag, &elements.concat())
}

/// A SET OF these elements, in its order (X.690 §11.6), with another tag where
/// it is tagged implicitly.
pub(super) fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    write(tag, &elements.concat())
}

/// An INTEGER that is not negative.
pub(super) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let bytes = bytes.get(zeros..).unwrap_or_default();
    match bytes.first() {
        None => write(tag::INTEGER, &[0]),
        Some(0x80..) => write(tag::INTEGER, &[&[0], bytes].concat()),
        Some(_) => write(tag::INTEGER, bytes),
    }
}

/// A BIT STRING of whole bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    write(tag::BIT_STRING, &[&[0], bytes].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for len in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; len];
            let bytes = write(tag::OCTET_STRING, &content);
            let element = only(&bytes, tag::OCTET_STRING, "it").expect("readable");
            assert_eq!(element.content, content);
            assert_eq!(element.whole, bytes);
        }
    }

    #[test]
    fn other_encodings_than_the_distinguished_one_are_none() {
        for bytes in [
            &[0x04][..],
            &[0x04, 0x02, 0],
            &[0x04, 0x81, 0x01, 0],
            &[0x04, 0x82, 0x00, 0x80],
            &[0x04, 0x80, 0, 0],
            &[0x04, 0x85, 1, 0, 0, 0, 0],
            &[0x04, 0xff],
            &[0x1f, 0x01, 0x00],
        ] {
            assert!(Reader::new(bytes).any("it").is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn integers_have_no_sign_and_no_spare_bytes() {
        assert_eq!(unsigned(&[0, 0]), [2, 1, 0]);
        assert_eq!(unsigned(&[0, 1]), [2, 1, 1]);
        assert_eq!(unsigned(&[0x80]), [2, 2, 0, 0x80]);
    }
}
