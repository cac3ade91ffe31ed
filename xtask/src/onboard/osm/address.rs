//! Where an NBI is.

use std::fmt;

use reqwest::Url;
use thiserror::Error;

use super::super::address::{AddressError, base, below, host};
use crate::oci::is_loopback;

/// The address of an NBI: what its `/admin`, `/vnfpkgm`, `/nsd` and `/nst` are
/// below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmAddress(Url);

/// Why a text is no address of an NBI. No message shows the text, which may hold a
/// password.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OsmAddressError {
    /// It makes no address.
    #[error("it is no address; write `https://nbi.example.org/osm`, or the host alone")]
    Invalid,
    /// A user name or password, which other users of the machine can see.
    #[error(
        "it holds a user name or password, which others can see; `--user` and `OSM_PASSWORD` are for those"
    )]
    Credentials,
    /// A query or a fragment.
    #[error("it has a `?` or `#`; name the address that `/vnfpkgm` and `/nsd` are below")]
    Query,
}

impl OsmAddress {
    /// Reads an address as OSM's client reads `OSM_HOSTNAME` (`sol005/client.py`): a
    /// URL as it stands, and a host, with a port or without, for
    /// `https://HOST/osm`. A URL without a path gets `/osm` as well.
    ///
    /// # Errors
    ///
    /// It is none, or more than one.
    pub fn parse(text: &str) -> Result<Self, OsmAddressError> {
        let text = text.trim();
        let url = match base(text) {
            // Something like `ftp://` is no host either.
            Err(AddressError::Scheme) if !text.is_empty() && !text.contains("://") => {
                base(&format!("https://{text}"))
            }
            other => other,
        };
        let mut url = url.map_err(|error| match error {
            AddressError::Scheme | AddressError::Invalid => OsmAddressError::Invalid,
            AddressError::Credentials => OsmAddressError::Credentials,
            AddressError::Query => OsmAddressError::Query,
        })?;
        if matches!(url.path(), "" | "/") {
            url.set_path("/osm");
        }
        Ok(OsmAddress(url))
    }

    /// Host and port, for messages.
    pub fn host(&self) -> String {
        host(&self.0)
    }

    /// Whether what is sent there is not encrypted, and leaves this machine.
    pub fn is_in_clear(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        self.0.scheme() == "http" && !is_loopback(host)
    }

    /// The address of something below this one.
    pub(super) fn below(&self, name: &str) -> Url {
        below(&self.0, name)
    }
}

impl fmt::Display for OsmAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_osms_client_takes_them() {
        for (text, shown) in [
            ("nbi.example.org", "https://nbi.example.org/osm"),
            ("nbi.example.org:9999", "https://nbi.example.org:9999/osm"),
            ("https://nbi.example.org/", "https://nbi.example.org/osm"),
            ("https://example.org/a/osm/", "https://example.org/a/osm"),
            ("http://127.0.0.1:9999/osm", "http://127.0.0.1:9999/osm"),
        ] {
            let address = OsmAddress::parse(text).expect(text);
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.below("nsd").as_str(), format!("{shown}/nsd"));
        }
    }

    #[test]
    fn where_a_password_could_be_read() {
        for (text, is_in_clear) in [
            ("nbi.example.org", false),
            ("http://nbi.example.org", true),
            ("http://127.0.0.1:9999", false),
            ("http://[::1]:9999", false),
            ("http://localhost", false),
            ("http://10.0.0.1", true),
        ] {
            let address = OsmAddress::parse(text).expect(text);
            assert_eq!(address.is_in_clear(), is_in_clear, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_shown() {
        for (text, error) in [
            ("", OsmAddressError::Invalid),
            ("ftp://nbi", OsmAddressError::Invalid),
            ("https://", OsmAddressError::Invalid),
            ("admin:secret@nbi", OsmAddressError::Credentials),
            ("https://admin:secret@nbi/osm", OsmAddressError::Credentials),
            ("https://nbi/osm?p=secret", OsmAddressError::Query),
        ] {
            assert_eq!(OsmAddress::parse(text), Err(error), "{text}");
        }
    }
}
