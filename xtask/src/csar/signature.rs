//! What can be told of a CMS block without a key: whether the certificate is
//! in it (RFC 5652 §5.1).

use crate::digest::base64;

const SEQUENCE: u8 = 0x30;

/// Whether the signature in a file of its own, in PEM or DER, holds a certificate; `None` for
/// what is no signature.
pub fn file_holds_certificate(bytes: &[u8]) -> Option<bool> {
    if bytes.first() == Some(&SEQUENCE) {
        return in_der(bytes);
    }
    let lines = std::str::from_utf8(bytes).ok()?.lines();
    let body: String = lines.filter(|line| !line.starts_with("-----")).collect();
    holds_certificate(&body)
}

/// Whether the signature, the text between the lines of its PEM, holds a certificate; `None` for
/// what is no signature.
pub fn holds_certificate(pem: &str) -> Option<bool> {
    let text: String = pem.split_whitespace().collect();
    in_der(&base64(&text)?)
}

fn in_der(bytes: &[u8]) -> Option<bool> {
    const CONTEXT_0: u8 = 0xa0;
    let mut content_info = Der(bytes).inside(SEQUENCE)?;
    content_info.next()?;
    let mut signed = content_info.inside(CONTEXT_0)?.inside(SEQUENCE)?;
    // Version, digest algorithms, what is signed.
    for _ in 0..3 {
        signed.next()?;
    }
    Some(signed.next()?.0 == CONTEXT_0)
}

/// Elements of ASN.1 in their distinguished encoding (X.690), one after the other.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Tag and content of the next element.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut len = usize::from(first);
        if first > 0x80 {
            let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if digits.len() > 4 {
                return None;
            }
            rest = after;
            len = digits
                .iter()
                .fold(0, |len, digit| len << 8 | usize::from(*digit));
        }
        let (content, after) = rest.split_at_checked(len)?;
        self.0 = after;
        Some((tag, content))
    }

    /// What is inside the next element, which must have that tag.
    fn inside(&mut self, tag: u8) -> Option<Der<'a>> {
        let (found, content) = self.next()?;
        (found == tag).then_some(Der(content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_signature_is_none() {
        for text in ["", "MIIB", "AAAA", "MP////8=", "no base64"] {
            assert_eq!(holds_certificate(text), None, "{text}");
        }
    }
}
