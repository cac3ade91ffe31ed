//! Why something could not be done at a registry.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use thiserror::Error;

use super::super::credentials::{CredentialError, Origin};
use super::super::reference::Reference;
use super::discreet::Secrets;

/// Why something could not be done at a registry. No message holds a secret:
/// neither credentials nor the queries of addresses, in which registries hide
/// the state of an upload.
#[derive(Debug, Error)]
pub enum RemoteError {
    /// Certificates or other settings are no good.
    #[error("{what}")]
    Setup {
        /// What is wrong.
        what: String,
        /// The reason.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Credentials can't be had from where they are kept.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The registry wants other credentials than it got.
    #[error("`{host}` {}", refusal(host, origin.as_ref(), detail))]
    Unauthorized {
        /// The registry.
        host: String,
        /// Where those were found that it got, if there were any.
        origin: Option<Origin>,
        /// What it says, behind a colon.
        detail: String,
    },
    /// The registry wants credentials, and does not say in which way.
    #[error(
        "`{host}` asks for credentials and says of no way known here how to show them: its \
         `WWW-Authenticate` names neither `Basic` nor `Bearer` with a token service{detail}"
    )]
    NoChallenge {
        /// The registry.
        host: String,
        /// What it says, behind a colon.
        detail: String,
    },
    /// The registry knows the user, and does not let them.
    #[error("`{host}` does not allow to {action}{detail}")]
    Denied {
        /// The registry.
        host: String,
        /// What was wanted.
        action: String,
        /// What it says, behind a colon.
        detail: String,
    },
    /// There is no such thing.
    #[error("{what} does not exist{detail}")]
    NotFound {
        /// What was asked for.
        what: String,
        /// What the registry says, behind a colon.
        detail: String,
    },
    /// The registry was not reached, or broke off, as often as it was tried.
    #[error("failed to {action} at `{host}`")]
    Unreachable {
        /// The registry.
        host: String,
        /// What was wanted.
        action: String,
        /// The reason, without the address.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The registry wants nobody for some time.
    #[error(
        "`{host}` takes no more requests for {seconds} seconds; try again then, or with credentials"
    )]
    Throttled {
        /// The registry.
        host: String,
        /// How long it said.
        seconds: u64,
    },
    /// Any other answer that is none.
    #[error("failed to {action}: `{host}` answered {status}{detail}")]
    Status {
        /// The registry.
        host: String,
        /// What was wanted.
        action: String,
        /// What it answered.
        status: StatusCode,
        /// What it says, behind a colon.
        detail: String,
        /// When to come again, if it said so.
        retry_after: Option<Duration>,
    },
    /// What came is not what was asked for.
    #[error("{what} from `{host}` is not what it should be: its digest is {found}, not {expected}")]
    Digest {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// The digest that was asked for.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// What was sent is not what the registry says that it has.
    #[error("{what} was sent to `{host}` with the digest {expected}, and it answers {found}")]
    Kept {
        /// The registry.
        host: String,
        /// What was sent.
        what: String,
        /// Its digest.
        expected: String,
        /// The digest that the registry says.
        found: String,
    },
    /// What came is longer or shorter than those say who refer to it.
    #[error("{what} from `{host}` is not what it should be: it has {found} bytes, not {expected}")]
    Size {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// How many bytes it should have.
        expected: u64,
        /// How many came.
        found: String,
    },
    /// A digest that can't be held against anything.
    #[error(
        "{what} can't be checked here: its digest has to be `sha256:` and 64 hexadecimal digits"
    )]
    Unchecked {
        /// What was asked for.
        what: String,
    },
    /// What came is larger than anything of its kind.
    #[error("failed to {action}: `{host}` answered with more than {limit} bytes")]
    TooLarge {
        /// The registry.
        host: String,
        /// What was wanted.
        action: String,
        /// As many are read.
        limit: usize,
    },
    /// What has the digest that was asked for is no manifest.
    #[error("{what} from `{host}` is no manifest: it is no JSON")]
    NoManifest {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// A file here is not what was to be sent.
    #[error(
        "`{}` is damaged and was not sent: its digest is {found}, not {expected}; delete it, and \
         build it or fetch it anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The digest that it should have.
        expected: String,
        /// The digest that it has.
        found: String,
    },
    /// An answer that the distribution-spec has no room for.
    #[error("failed to {action}: `{host}` {reason}")]
    Protocol {
        /// The registry.
        host: String,
        /// What was wanted.
        action: String,
        /// What is wrong with its answer.
        reason: String,
    },
    /// Something else lies where the list of referrers has to be.
    #[error(transparent)]
    NoIndex(Box<NoIndex>),
    /// A list that was written is not there, as often as it was written.
    #[error(
        "failed to {action}: `{host}` keeps losing the list of what refers to it; is somebody else \
         writing it?"
    )]
    Losing {
        /// The registry.
        host: String,
        /// What was wanted.
        action: String,
    },
    /// A file can't be read or written.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

/// What lies under the tag at which a registry without an interface for referrers has the list of
/// them (distribution-spec, "Referrers Tag Schema"), and is no image index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "what lies as `{reference}`, where the list of what refers to it has to be, is no image index \
     (`{media_type}`); delete that tag, and attach again what referred to it"
)]
pub struct NoIndex {
    /// Where it lies.
    pub reference: Reference,
    /// Its media type, as the registry has it.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
}

impl RemoteError {
    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, RemoteError::NotFound { .. })
    }

    /// Whether other credentials might help.
    pub fn is_unauthorized(&self) -> bool {
        matches!(
            self,
            RemoteError::Unauthorized { .. }
                | RemoteError::NoChallenge { .. }
                | RemoteError::Denied { .. }
        )
    }

    /// Whether trying again later might help.
    pub fn is_transient(&self) -> bool {
        match self {
            RemoteError::Unreachable { .. }
            | RemoteError::Throttled { .. }
            | RemoteError::Losing { .. } => true,
            RemoteError::Status { status, .. } => is_transient(*status),
            _ => false,
        }
    }

    /// When the registry wants to be asked again, if it said so.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            RemoteError::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the bytes are other ones than they should be.
    pub fn is_mismatch(&self) -> bool {
        matches!(
            self,
            RemoteError::Digest { .. }
                | RemoteError::Kept { .. }
                | RemoteError::Size { .. }
                | RemoteError::Damaged { .. }
                | RemoteError::NoIndex(_)
        )
    }

    /// Whether it tells of what was asked for, which nobody can use, and not of the registry.
    pub fn is_unusable(&self) -> bool {
        matches!(
            self,
            RemoteError::Unchecked { .. }
                | RemoteError::TooLarge { .. }
                | RemoteError::NoManifest { .. }
        )
    }

    /// The registry was not reached. Of the reasons in reasons only the last
    /// tells people anything; the first would tell the address.
    pub(crate) fn unreachable(
        host: &str,
        action: &str,
        error: &reqwest::Error,
        secrets: &Secrets,
    ) -> Self {
        let mut cause: &dyn std::error::Error = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        if error.is_redirect() {
            // It would lead there the next time as well.
            return RemoteError::Protocol {
                host: host.to_owned(),
                action: action.to_owned(),
                reason: secrets.blank(&cause.to_string()),
            };
        }
        let is_itself = std::error::Error::source(error).is_none();
        let text = match (is_itself, error.is_timeout()) {
            (_, true) => "it did not answer in time".to_owned(),
            (true, false) => "the connection broke off".to_owned(),
            (false, false) => secrets.blank(&cause.to_string()),
        };
        let is_encrypted = error.url().is_some_and(|url| url.scheme() == "https");
        RemoteError::Unreachable {
            host: host.to_owned(),
            action: action.to_owned(),
            source: match hint(&text, is_encrypted) {
                Some(hint) => format!("{text}; {hint}").into(),
                None => text.into(),
            },
        }
    }

    /// The same, and that so many bytes came, which are kept.
    pub(super) fn with_rest(self, came: u64) -> Self {
        let came = came >> 20;
        self.and(&format!(
            "; the next run goes on with the {came} MiB that came"
        ))
    }

    /// The same with words behind the reason, where something was not reached.
    pub(super) fn and(self, words: &str) -> Self {
        match self {
            RemoteError::Unreachable {
                host,
                action,
                source,
            } => RemoteError::Unreachable {
                host,
                action,
                source: format!("{source}{words}").into(),
            },
            other => other,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        RemoteError::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// What a registry refuses, and what would help. Where others go before those
/// of `login`, that would not.
fn refusal(host: &str, origin: Option<&Origin>, detail: &str) -> String {
    let Some(origin) = origin else {
        return format!(
            "asks for credentials{detail}; `cargo nfv login {host}` keeps those that it takes"
        );
    };
    let refused = format!("does not accept the credentials {origin}{detail}");
    match origin {
        Origin::Given => refused,
        Origin::Environment(_) => {
            format!("{refused}; they go before those of `cargo nfv login`")
        }
        Origin::File(_) | Origin::Helper(_) => {
            format!("{refused}; `cargo nfv login {host}` keeps others")
        }
    }
}

/// What to do where a registry wants to see a certificate.
pub(super) const CERTIFICATE: &str = "it wants to see a certificate that it accepts: \
    `--cert-file` and `--key-file` name one and its key";

/// What to do about what `rustls` has to say, and those who hear of it too late.
fn hint(text: &str, is_encrypted: bool) -> Option<&'static str> {
    /// Servers of TLS 1.2 say no more than that; and where the connection ends before
    /// anything was asked on it, nobody hears why.
    const PERHAPS: &str = "if it wants to see a certificate, `--cert-file` and `--key-file` \
        name one and its key";
    [
        (
            "UnknownIssuer",
            "`--ca-file` names the certificate of who issued its own",
        ),
        (
            "CaUsedAsEndEntity",
            "it shows a certificate that is one for issuing others, as `openssl req -x509` makes \
             them; `--ca-file` trusts it where it names this very certificate",
        ),
        ("CertificateRequired", CERTIFICATE),
        ("BadCertificate", CERTIFICATE),
        ("alert: UnknownCA", CERTIFICATE),
        ("alert: HandshakeFailure", PERHAPS),
        ("connection was not ready", PERHAPS),
        (
            "InvalidContentType",
            "if it has no encryption, write `http://` before its address",
        ),
    ]
    .into_iter()
    .filter(|(_, hint)| is_encrypted || *hint != PERHAPS)
    .find_map(|(words, hint)| text.contains(words).then_some(hint))
}

/// Whether an answer says that it lacks a certificate: nginx ends the handshake without
/// one and says so in a page for people (`ngx_http_special_response.c`).
pub(super) fn wants_certificate(status: StatusCode, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    status == StatusCode::BAD_REQUEST && text.contains("No required SSL certificate was sent")
}

/// Statuses after which the same request may succeed.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// Whether a body is an error document of a registry, and so what was asked was understood
/// as it was meant.
pub(super) fn is_error_document(body: &[u8]) -> bool {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    document["errors"].is_array()
}

/// Whether an error document has this code among its own.
pub(super) fn has_code(body: &[u8], code: &str) -> bool {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = document["errors"].as_array();
    errors.into_iter().flatten().any(|e| e["code"] == code)
}

/// What a registry says in an error document (distribution-spec, "Error Codes"),
/// behind a colon; nothing where it says nothing that people could read. Codes
/// of its own are taken as they come: many registries have some. No secret is in
/// it, though some servers say what they were sent.
pub(super) fn detail(body: &[u8], secrets: &Secrets) -> String {
    const LONGEST: usize = 300;
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = document["errors"].as_array();
    let words = errors.into_iter().flatten().filter_map(|error| {
        let text = |name: &str| error[name].as_str().map(str::trim);
        let message = text("message").filter(|message| !message.is_empty());
        let message = message.or(text("code"))?;
        match more(error, text("code").unwrap_or_default()) {
            Some(more) => Some(format!("{message} ({more})")),
            None => Some(message.to_owned()),
        }
    });
    let mut words: Vec<String> = words.collect();
    words.dedup();
    // Before anything is cut off, or half of a secret would be left.
    let mut text = secrets.blank(&words.join("; "));
    // A line of its own would look like one of ours.
    text = text.replace(char::is_control, " ");
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    match text.is_empty() {
        true => text,
        false => format!(": {text}"),
    }
}

/// What an error says beyond its message, where that is more than what was asked for: of
/// unknown manifests and refused credentials most registries say no more than that.
fn more(error: &Value, code: &str) -> Option<String> {
    const TELLING: [&str; 5] = [
        "DENIED",
        "MANIFEST_INVALID",
        "NAME_INVALID",
        "UNKNOWN",
        "UNSUPPORTED",
    ];
    let said = match &error["detail"] {
        _ if !TELLING.contains(&code) => return None,
        Value::Null | Value::Bool(_) => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) if list.is_empty() => return None,
        Value::Object(fields) if fields.is_empty() => return None,
        other => other.to_string(),
    };
    (!said.is_empty() && error["message"].as_str() != Some(&said)).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lacks_a_certificate_is_told_of_the_flags() {
        for (text, is_encrypted, expected) in [
            (
                "received fatal alert: BadCertificate",
                true,
                "wants to see a",
            ),
            (
                "received fatal alert: CertificateRequired",
                true,
                "wants to see a",
            ),
            (
                "received fatal alert: HandshakeFailure",
                true,
                "if it wants",
            ),
            ("connection was not ready", true, "if it wants"),
        ] {
            let said = hint(text, is_encrypted).expect("a hint");
            assert!(
                said.contains(expected) && said.contains("`--cert-file`"),
                "{said}"
            );
        }
        assert_eq!(hint("connection was not ready", false), None);
        let page = b"<html>\r\n<head><title>400 No required SSL certificate was sent</title>";
        assert!(wants_certificate(StatusCode::BAD_REQUEST, page));
        assert!(!wants_certificate(StatusCode::BAD_REQUEST, b"{}"));
    }

    #[test]
    fn error_documents_of_all_sorts() {
        for (body, expected) in [
            (
                r#"{"errors":[{"code":"DENIED","message":"no access"}]}"#,
                ": no access",
            ),
            (
                r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#,
                ": TOOMANYREQUESTS",
            ),
            (
                r#"{"errors":[{"message":"a"},{"message":"a"},{"message":"b"}]}"#,
                ": a; b",
            ),
            (
                r#"{"errors":[{"message":"a\nerror: b\u001b[1m"}]}"#,
                ": a error: b [1m",
            ),
            (
                r#"{"errors":[{"code":"MANIFEST_INVALID","message":"bad","detail":{"x":"no such type"}}]}"#,
                r#": bad ({"x":"no such type"})"#,
            ),
            (
                r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"no space left"}]}"#,
                ": unknown error (no space left)",
            ),
            (
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown","detail":{"Tag":"1.0"}}]}"#,
                ": unknown",
            ),
            (r#"{"errors":[]}"#, ""),
            ("<html>", ""),
            ("", ""),
        ] {
            assert_eq!(
                detail(body.as_bytes(), &Secrets::default()),
                expected,
                "{body}"
            );
        }
    }
}
