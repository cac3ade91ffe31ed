//! The body of an upload to a Store: a form with one file in it (RFC 7578).

use std::path::PathBuf;

use reqwest::Body;

use super::body::{Content, Progress};
use super::store::Parcel;
use crate::oci::RemoteError;

/// The name of the only field. Others would be fields of the record, and those
/// that the Store does not know make it refuse the package at the very end.
const FIELD: &str = "package";

/// A form that is about to be sent.
pub(super) struct Form {
    boundary: String,
    content: Content,
    path: PathBuf,
}

impl Form {
    /// The form around a package.
    pub fn new(parcel: &Parcel) -> Self {
        // No file holds its own digest, so the boundary is not in it.
        let boundary = format!("nfv-{}", parcel.sha256);
        let head = format!(
            "--{boundary}\r\n\
             Content-Disposition: form-data; name=\"{FIELD}\"; filename=\"{}\"\r\n\
             Content-Type: application/gzip\r\n\r\n",
            parcel.name()
        );
        Form {
            content: Content {
                head: head.into_bytes(),
                tail: format!("\r\n--{boundary}--\r\n").into_bytes(),
                range: 0..parcel.size,
                sha256: Some(parcel.sha256.clone()),
            },
            boundary,
            path: parcel.path.clone(),
        }
    }

    /// The media type, with the boundary.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The length of the whole body. The server of the Store knows no other way
    /// to tell where it ends.
    pub fn len(&self) -> u64 {
        self.content.len()
    }

    /// The body, from its start.
    pub fn body(&self, progress: &Progress) -> Result<Body, RemoteError> {
        self.content.body(&self.path, progress)
    }
}
