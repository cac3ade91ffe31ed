//! Where a Store is.

use std::fmt;

use reqwest::Url;
use thiserror::Error;

/// The address of a Store: what its `/vnsfs` and `/nss` are below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAddress(Url);

/// Why a text is no address of a Store. No message shows the text where it may
/// hold a password.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// Something else than `http://` or `https://`, or nothing.
    #[error("it does not begin with `http://` or `https://`")]
    Scheme,
    /// What is behind that makes no address.
    #[error("what follows `://` is no address")]
    Invalid,
    /// A user name or password, which other users of the machine can see, and
    /// which the Store has no use for.
    #[error("it holds a user name or password, which the Store does not know; leave them away")]
    Credentials,
    /// A query or a fragment.
    #[error("it has a `?` or `#`; name the address that `/vnsfs` and `/nss` are below")]
    Query,
}

impl StoreAddress {
    /// Reads an address, which may have a path.
    ///
    /// # Errors
    ///
    /// It is none, or more than one.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        base(text).map(StoreAddress)
    }

    /// Host and port, for messages.
    pub fn host(&self) -> String {
        host(&self.0)
    }

    /// The address of something below this one.
    pub(super) fn below(&self, name: &str) -> Url {
        below(&self.0, name)
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Reads the address of a server, which may have a path.
pub(super) fn base(text: &str) -> Result<Url, AddressError> {
    let is_web = ["http://", "https://"].iter().any(|scheme| {
        let start = text.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    if !is_web {
        return Err(AddressError::Scheme);
    }
    let mut url = Url::parse(text).map_err(|_| AddressError::Invalid)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(AddressError::Query);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Host and port, for messages.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The address of something below another one.
pub(super) fn below(url: &Url, name: &str) -> Url {
    let mut below = url.clone();
    below.set_path(&format!("{}/{name}", url.path().trim_end_matches('/')));
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_path() {
        for (text, shown, below) in [
            (
                "http://store:6060",
                "http://store:6060",
                "http://store:6060/nss",
            ),
            (
                "https://example.org/shield/store/",
                "https://example.org/shield/store",
                "https://example.org/shield/store/nss",
            ),
            (
                "HTTP://[::1]:5050/",
                "http://[::1]:5050",
                "http://[::1]:5050/nss",
            ),
        ] {
            let address = StoreAddress::parse(text).expect(text);
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.below("nss").as_str(), below);
        }
    }

    #[test]
    fn what_is_no_address_is_not_shown() {
        for (text, error) in [
            ("store:6060", AddressError::Scheme),
            ("ftp://store", AddressError::Scheme),
            ("http://", AddressError::Invalid),
            ("http://u:secret@[", AddressError::Invalid),
            ("http://u:secret@store", AddressError::Credentials),
            ("http://u@store", AddressError::Credentials),
            ("http://store/?where={}", AddressError::Query),
        ] {
            assert_eq!(StoreAddress::parse(text), Err(error), "{text}");
            let shown = StoreAddress::parse(text).map_err(|error| error.to_string());
            assert!(!shown.is_err_and(|shown| shown.contains("secret")));
        }
    }
}
