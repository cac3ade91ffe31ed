//! From basic to distinguished encoding (X.690 §8 and §10): many programs stream
//! their signatures and so write lengths that are indefinite, and strings in
//! pieces.

use crate::trust::asn1::{Malformed, tag, write};

/// Deeper than any signature.
const DEEPEST: usize = 24;
const CONSTRUCTED: u8 = 0x20;

/// The same element with definite, shortest lengths and octet strings in one
/// piece. Nothing may follow it.
pub(super) fn to_der(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    match element(bytes, 0) {
        Some((der, [])) => Ok(der),
        Some(_) => Err(Malformed("the end")),
        None => Err(Malformed("a whole ASN.1 element")),
    }
}

fn element(bytes: &[u8], depth: usize) -> Option<(Vec<u8>, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first & 0x1f == 0x1f || depth > DEEPEST {
        return None;
    }
    let (len, rest) = length(rest)?;
    if first & CONSTRUCTED == 0 {
        let (content, rest) = rest.split_at_checked(len?)?;
        return Some((write(first, content), rest));
    }
    let mut children = Vec::new();
    let rest = match len {
        Some(len) => {
            let (mut inside, rest) = rest.split_at_checked(len)?;
            while !inside.is_empty() {
                let (child, after) = element(inside, depth + 1)?;
                children.push(child);
                inside = after;
            }
            rest
        }
        None => {
            let mut inside = rest;
            loop {
                if let Some(rest) = inside.strip_prefix(&[0, 0]) {
                    break rest;
                }
                let (child, after) = element(inside, depth + 1)?;
                children.push(child);
                inside = after;
            }
        }
    };
    let whole = match first == tag::OCTET_STRING | CONSTRUCTED {
        true => write(tag::OCTET_STRING, &pieces(&children)?),
        false => write(first, &children.concat()),
    };
    Some((whole, rest))
}

/// The content of strings, which are distinguished by now.
fn pieces(strings: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for string in strings {
        let read = crate::trust::asn1::only(string, tag::OCTET_STRING, "a string");
        all.extend_from_slice(read.ok()?.content);
    }
    Some(all)
}

/// The length, if it is definite.
fn length(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        ..0x80 => Some((Some(usize::from(first)), rest)),
        0x80 => Some((None, rest)),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let fold =
                |len: usize, digit: &u8| len.checked_mul(256)?.checked_add(usize::from(*digit));
            Some((Some(digits.iter().try_fold(0, fold)?), rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_become_one() {
        let der = [0x30, 5, 0x04, 3, b'a', b'b', b'c'];
        for ber in [
            &der[..],
            &[0x30, 0x80, 0x04, 3, b'a', b'b', b'c', 0, 0],
            &[0x30, 0x81, 5, 0x04, 3, b'a', b'b', b'c'],
            &[
                0x30, 0x80, 0x24, 0x80, 0x04, 2, b'a', b'b', 0x24, 3, 0x04, 1, b'c', 0, 0, 0, 0,
            ],
        ] {
            assert_eq!(to_der(ber).expect("readable"), der, "{ber:02x?}");
        }
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 0],
            &[0x04, 0x80, 0, 0],
            &[0x30, 0, 0],
            &[0x24, 3, 0x02, 1, 1],
            &[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert!(to_der(bad).is_err(), "{bad:02x?}");
        }
        assert!(to_der(&[0x30, 0x80].repeat(100_000)).is_err());
    }
}
