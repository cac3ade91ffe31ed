//! What servers say, without the secrets that they were told: some give back the
//! header that they did not like.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::super::credentials::Credential;
use crate::digest::{hex, to_base64};

/// What stands in place of a secret.
const STARS: &str = "***";
/// A piece of a token, or of something in base64, that long tells too much.
const PIECE: usize = 12;

/// Every secret that was sent, or may be.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<BTreeSet<Known>>);

/// A secret as it may stand somewhere, the longest first: what is in another one
/// must not break it up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    length: std::cmp::Reverse<usize>,
    text: String,
    /// Whether a piece of it tells something that is not to be told. That of a
    /// user with a password may be the user.
    whole: bool,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STARS)
    }
}

impl Secrets {
    /// Notes a password or a token.
    pub fn note(&self, secret: &str) {
        self.add(secret, false);
        self.add_encoded(secret);
    }

    /// A secret in base64, and in base64 twice.
    fn add_encoded(&self, secret: &str) {
        let encoded = to_base64(secret.as_bytes());
        self.add(&to_base64(encoded.as_bytes()), false);
        self.add(&encoded, false);
    }

    /// Notes all that is secret in a credential.
    pub fn note_credential(&self, credential: &Credential) {
        match credential {
            Credential::Anonymous => {}
            Credential::Basic { username, password } => {
                self.note_pair(username, password.reveal());
            }
            Credential::IdentityToken(token) | Credential::Bearer(token) => {
                self.note(token.reveal());
            }
        }
    }

    /// Notes a password, and how it is sent with its user.
    pub fn note_pair(&self, username: &str, password: &str) {
        if password.is_empty() {
            return;
        }
        self.note(password);
        let pair = format!("{username}:{password}");
        self.add(&pair, true);
        self.add_encoded(&pair);
    }

    /// A secret in every form that it may come back in.
    fn add(&self, secret: &str, whole: bool) {
        let secret = secret.trim();
        if secret.is_empty() {
            return;
        }
        let json = serde_json::Value::from(secret).to_string();
        let upper = utf8_percent_encode(secret, &MARKED).to_string();
        let forms = [
            secret.to_owned(),
            // In base64, as addresses have it and without what fills it up.
            secret.trim_end_matches('=').to_owned(),
            secret.replace('+', "-").replace('/', "_"),
            json.trim_matches('"').to_owned(),
            // The digits of `%3a` may be of either case.
            lower_digits(&upper),
            upper.replace("%20", "+"),
            upper,
            hex(secret.as_bytes()),
        ];
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(
            forms
                .into_iter()
                .filter(|f| !f.is_empty())
                .map(|text| Known {
                    length: std::cmp::Reverse(text.len()),
                    text,
                    whole,
                }),
        );
    }

    /// What a server says, with stars for secrets. Where one is still in it in
    /// some other form, or a piece of one, nothing is left.
    pub fn blank(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shown = text.to_owned();
        for secret in known.iter() {
            if shown.contains(&secret.text) {
                shown = shown.replace(&secret.text, STARS);
            }
        }
        let loose = loosened(&shown);
        let is_left = known.iter().any(|secret| {
            let text = alike(&secret.text);
            // Of a short one it is chance.
            let is_there = text.len() >= 4 && loose.contains(&text);
            is_there || (!secret.whole && has_piece(&loose, &text))
        });
        match is_left {
            true => STARS.to_owned(),
            false => shown,
        }
    }
}

/// Whether a piece of a long secret stands in a text.
fn has_piece(text: &str, secret: &str) -> bool {
    let secret = secret.as_bytes();
    let text = text.as_bytes();
    secret.len() > PIECE
        && secret
            .windows(PIECE)
            .any(|piece| text.windows(PIECE).any(|own| own == piece))
}

/// A text without what is percent-encoded, or written as pages and JSON write
/// characters, twice perhaps, and in small letters.
fn loosened(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        if !text.contains(['%', '&', '\\']) {
            break;
        }
        text = unescaped(&decoded(&text));
    }
    alike(&text)
}

/// A text with characters in the place of what HTML and JSON write for them:
/// `&amp;`, `&#39;`, `&#x27;` and `\u0027`.
fn unescaped(text: &str) -> String {
    const NAMED: [(&str, char); 5] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
    ];
    /// The longest of these, `&#1114111;`, with room for zeros.
    const LONGEST: usize = 16;
    let number = |digits: &str, radix| {
        let code = u32::from_str_radix(digits, radix).ok();
        code.and_then(char::from_u32)
    };
    let escape = |rest: &str| -> Option<(char, usize)> {
        if let Some(rest) = rest.strip_prefix("\\u") {
            return Some((number(rest.get(..4)?, 16)?, 6));
        }
        if let Some(rest) = rest.strip_prefix('\\') {
            let own = rest.chars().next().filter(char::is_ascii_punctuation)?;
            return Some((own, 2));
        }
        let body = rest.strip_prefix('&')?;
        let end = body.bytes().take(LONGEST).position(|byte| byte == b';')?;
        let name = &body[..end];
        let found = match name.strip_prefix('#') {
            Some(digits) => match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            },
            None => NAMED.iter().find(|(own, _)| *own == name).map(|(_, c)| *c),
        };
        Some((found?, end + 2))
    };
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\\']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = escape(rest).unwrap_or_else(|| (rest.as_bytes()[0].into(), 1));
        plain.push(c);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

/// A text in small letters, with spaces as no form has them.
fn alike(text: &str) -> String {
    text.to_ascii_lowercase().replace('+', " ")
}

/// What is percent-encoded, as it was before.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// All but letters, digits and `-._~`.
const MARKED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn lower_digits(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // All that stands there is ASCII.
        let (digits, rest) = part.split_at(part.len().min(2));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::super::super::credentials::Secret;
    use super::*;

    #[test]
    fn secrets_are_blanked_in_every_form() {
        let secrets = Secrets::default();
        secrets.note_credential(&Credential::Basic {
            username: "ci".to_owned(),
            password: Secret::new("s3cr3t/p w=\"1"),
        });
        secrets.note("a-token-of-many-letters.and-more");
        for said in [
            "you sent s3cr3t/p w=\"1",
            "ci:s3cr3t/p w=\"1 it was",
            "Basic Y2k6czNjcjN0L3Agdz0iMQ==",
            "Basic Y2k6czNjcjN0L3Agdz0iMQ",
            "Basic Y2k6czNjcjN0L3Agdz0iMQ%3D%3d",
            "?p=s3cr3t%2Fp%20w%3D%221&q",
            "?p=s3cr3t%2fp+w%3d%221&q",
            "{\\\"password\\\":\\\"s3cr3t/p w=\\\"1\\\"}",
            "twice ci%253As3cr3t%252Fp%2520w%253D%25221",
            "S3CR3T/P W=\"1",
            "<p>s3cr3t/p w=&quot;1</p>",
            "s3cr3t&#x2F;p w&#61;&#34;1",
            "s3cr3t\\/p w=\\u00221",
            "7333637233742f7020773d2231 tail",
            "WTJrNmN6TmpjakowTDNBZ2R6MGlNUT09",
            "Bearer a-token-of-many-letters.and-more",
            "Bearer a-token-of-many…",
        ] {
            let shown = secrets.blank(said);
            assert!(shown.contains(STARS), "{said}: {shown}");
            for part in ["s3cr3t", "S3CR3T", "Y2k6c", "token-of"] {
                assert!(!shown.contains(part), "{said}: {shown}");
            }
        }
        assert_eq!(
            secrets.blank("the user ci may not do that"),
            "the user ci may not do that"
        );
    }
}
