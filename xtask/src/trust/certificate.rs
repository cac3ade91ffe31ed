//! X.509 certificates (RFC 5280), read with the bytes that signatures hold for.

use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::name::Name;
use x509_cert::time::Validity;

use super::algorithm::SignatureAlgorithm;
use super::asn1::{Malformed, Reader, algorithm, only, tag};
use super::key_error::KeyError;
use super::pem::{self, PemError};
use super::public_key::PublicKey;
use super::{asn1, names};
use crate::digest::hex;

/// Why a certificate can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// The file is no PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The file holds something else.
    #[error("it holds `{0}`, and no certificate")]
    Other(String),
    /// The encoding is broken.
    #[error("{0} is missing or damaged in the certificate")]
    Malformed(&'static str),
    /// Two extensions of one kind (RFC 5280 §4.2).
    #[error("the certificate has the extension {0} twice")]
    Repeated(String),
}

impl From<Malformed> for CertificateError {
    fn from(malformed: Malformed) -> Self {
        CertificateError::Malformed(malformed.0)
    }
}

/// A certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// The TBSCertificate, which the issuer has signed.
    tbs: Vec<u8>,
    /// The AlgorithmIdentifier of that signature.
    pub(super) signed_with: Vec<u8>,
    signature: Vec<u8>,
    pub(super) version: u8,
    /// The content of its INTEGER.
    pub(super) serial: Vec<u8>,
    /// The names in DER, as they are compared here: byte by byte.
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    spki: Vec<u8>,
    not_before: i64,
    not_after: i64,
    pub(super) extensions: Extensions,
}

/// The extensions that decide something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    pub basic_constraints: Option<BasicConstraints>,
    pub key_usage: Option<KeyUsage>,
    /// Identifiers of purposes.
    pub extended_key_usage: Option<Vec<Vec<u8>>>,
    pub subject_key_identifier: Option<Vec<u8>>,
    /// The identifier of the issuer's key.
    pub authority_key_identifier: Option<Vec<u8>>,
    /// Identifiers of critical extensions that are not looked at here.
    pub unknown: Vec<Vec<u8>>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject())
            .field("serial", &self.serial())
            .finish_non_exhaustive()
    }
}

const LABELS: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];

impl Certificate {
    /// Reads a Certificate in DER (RFC 5280 §4.1).
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut outer = only(der, tag::SEQUENCE, "the certificate")?.reader();
        let tbs = outer.take(tag::SEQUENCE, "what is signed")?;
        let signed_with = outer.take(tag::SEQUENCE, "the signature algorithm")?.whole;
        let signature = outer.take(tag::BIT_STRING, "the signature")?;
        outer.end("the end")?;

        let mut reader = tbs.reader();
        let version = match reader.maybe(tag::context(0), "the version")? {
            Some(element) => {
                only(element.content, tag::INTEGER, "the version")?.small("the version")?
            }
            None => 0,
        };
        let serial = reader.take(tag::INTEGER, "the serial number")?.content;
        let inner = reader.take(tag::SEQUENCE, "the signature algorithm")?.whole;
        // RFC 5280 §4.1.1.2.
        if inner != signed_with || version > 2 || serial.is_empty() {
            return Err(CertificateError::Malformed("a consistent head"));
        }
        let issuer = reader.take(tag::SEQUENCE, "the issuer")?.whole;
        let validity = reader.take(tag::SEQUENCE, "the validity")?.whole;
        let subject = reader.take(tag::SEQUENCE, "the subject")?.whole;
        let spki = reader.take(tag::SEQUENCE, "the public key")?.whole;
        for unique in [1, 2] {
            reader.maybe(tag::context_primitive(unique), "a unique identifier")?;
        }
        let extensions = match reader.maybe(tag::context(3), "the extensions")? {
            Some(element) => Extensions::read(element.content)?,
            None => Extensions::default(),
        };
        reader.end("the end of what is signed")?;

        let validity: Validity = Validity::from_der(validity)
            .map_err(|_| CertificateError::Malformed("the validity"))?;
        Ok(Certificate {
            der: der.to_owned(),
            tbs: tbs.whole.to_owned(),
            signed_with: signed_with.to_owned(),
            signature: signature.bits("the signature")?.to_owned(),
            version: version + 1,
            serial: serial.to_owned(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            spki: spki.to_owned(),
            not_before: seconds(validity.not_before),
            not_after: seconds(validity.not_after),
            extensions,
        })
    }

    /// Reads the certificates of a file, in their order: PEM (RFC 7468 §5), with
    /// other things around them, or one in DER. There is at least one.
    pub fn read_all(file: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let blocks = match pem::blocks(file) {
            Err(PemError::Binary) => return Ok(vec![Certificate::from_der(file)?]),
            other => other?,
        };
        let is_certificate = |label: &str| LABELS.contains(&label);
        let certificates: Vec<Self> = blocks
            .iter()
            .filter(|block| is_certificate(&block.label))
            .map(|block| Certificate::from_der(&block.bytes))
            .collect::<Result<_, _>>()?;
        match (certificates.is_empty(), blocks.into_iter().next()) {
            (true, Some(block)) => Err(CertificateError::Other(block.label)),
            _ => Ok(certificates),
        }
    }

    /// The certificate in DER.
    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM.
    pub fn to_pem(&self) -> String {
        pem::write(LABELS[0], &self.der).to_string()
    }

    /// Its subject, in the notation of RFC 4514.
    pub fn subject(&self) -> String {
        shown(&self.subject)
    }

    /// Who has issued it, in the notation of RFC 4514.
    pub fn issuer(&self) -> String {
        shown(&self.issuer)
    }

    /// Its serial number in hexadecimal.
    pub fn serial(&self) -> String {
        match self.serial.strip_prefix(&[0]) {
            Some(rest) if !rest.is_empty() => hex(rest),
            _ => hex(&self.serial),
        }
    }

    /// The first second at which it is valid, since 1970.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// The last second at which it is valid, since 1970.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Whether it is signed with the key that it is about, so that this key itself
    /// vouches for what it says.
    pub fn is_self_signed(&self) -> bool {
        let (key, algorithm) = (self.public_key(), self.signature_algorithm());
        let own = key.ok().zip(algorithm.ok());
        let own = own.filter(|_| self.issuer == self.subject);
        own.is_some_and(|(key, algorithm)| self.is_signed_by(&key, algorithm))
    }

    /// Whether it may issue others (RFC 5280 §4.2.1.9).
    pub fn is_authority(&self) -> bool {
        let constraints = self.extensions.basic_constraints.as_ref();
        constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Whether it says that its own key has signed it, by the identifiers that it gives of its
    /// key and of that of its issuer, and that key has not. One that can't be verified is none.
    pub(super) fn is_changed_self(&self) -> bool {
        let named = self.subject_key_identifier();
        let issuer = self.extensions.authority_key_identifier.as_deref();
        let (key, algorithm) = (self.public_key(), self.signature_algorithm());
        let own = key.ok().zip(algorithm.ok());
        let own = own.filter(|_| named.is_some() && named == issuer);
        own.is_some_and(|(key, algorithm)| !self.is_signed_by(&key, algorithm))
    }

    /// Whether another certificate bears the name and number of this one, of which an
    /// issuer makes one alone (RFC 5280 §4.1.2.2), or its number and key: no two issuers
    /// draw the same number.
    pub(super) fn is_rival(&self, other: &Certificate) -> bool {
        let is_same = self.issuer == other.issuer || self.spki == other.spki;
        is_same && self.serial == other.serial && self.der != other.der
    }

    /// Whether `issuer` bears the name of its issuer.
    pub(super) fn is_named_by(&self, issuer: &Certificate) -> bool {
        self.issuer == issuer.subject
    }

    /// Whether it gives the identifier of `issuer`'s key as that of its issuer.
    pub(super) fn is_keyed_by(&self, issuer: &Certificate) -> bool {
        let named = self.extensions.authority_key_identifier.as_deref();
        named.is_some() && named == issuer.subject_key_identifier()
    }

    /// Whether its issuer is another one of that name, by the identifiers that both give
    /// of the issuer's key.
    pub(super) fn is_of_another(&self, issuer: &Certificate) -> bool {
        let named = self.extensions.authority_key_identifier.as_deref();
        let own = issuer.subject_key_identifier();
        named.zip(own).is_some_and(|(named, own)| named != own)
    }

    /// SHA-256 of its DER, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(&self.der))
    }

    /// The content of its SubjectKeyIdentifier (RFC 5280 §4.2.1.2).
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.extensions.subject_key_identifier.as_deref()
    }

    /// The key that it is for. One of a kind that is not used here is an error.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        PublicKey::from_der(&self.spki)
    }

    /// How it is signed; the name of the algorithm if that is not used here.
    pub(super) fn signature_algorithm(&self) -> Result<SignatureAlgorithm, String> {
        let read = algorithm(
            &mut Reader::new(&self.signed_with),
            "the signature algorithm",
        );
        let (oid, _) = read.unwrap_or_default();
        let known = SignatureAlgorithm::of(oid);
        known.ok_or_else(|| names::name(oid))
    }

    /// Whether this key has signed it in this way.
    pub(super) fn is_signed_by(&self, key: &PublicKey, algorithm: SignatureAlgorithm) -> bool {
        key.verify_as(algorithm, &self.tbs, &self.signature).is_ok()
    }
}

impl Extensions {
    /// Reads Extensions (RFC 5280 §4.2).
    fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        const WHAT: &str = "an extension";
        let mut all = only(bytes, tag::SEQUENCE, "the extensions")?.reader();
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut out = Extensions::default();
        while !all.is_empty() {
            let mut one = all.inside(tag::SEQUENCE, WHAT)?;
            let oid = one.take(tag::OID, WHAT)?.content;
            let critical = one.maybe(tag::BOOLEAN, WHAT)?;
            let critical = critical.is_some_and(|element| element.content != [0]);
            let value = one.take(tag::OCTET_STRING, WHAT)?.content;
            one.end(WHAT)?;
            if seen.contains(&oid) {
                return Err(CertificateError::Repeated(names::name(oid)));
            }
            seen.push(oid);
            out.take(oid, critical, value)?;
        }
        Ok(out)
    }

    fn take(&mut self, oid: &[u8], critical: bool, value: &[u8]) -> Result<(), CertificateError> {
        let bad = CertificateError::Malformed;
        match oid {
            names::BASIC_CONSTRAINTS => {
                let read = BasicConstraints::from_der(value);
                self.basic_constraints = Some(read.map_err(|_| bad("basicConstraints"))?);
            }
            names::KEY_USAGE => {
                let read = KeyUsage::from_der(value);
                self.key_usage = Some(read.map_err(|_| bad("keyUsage"))?);
            }
            names::EXTENDED_KEY_USAGE => {
                let read = ExtendedKeyUsage::from_der(value);
                let purposes = read.map_err(|_| bad("extKeyUsage"))?.0;
                let own = purposes.iter().map(|oid| oid.as_bytes().to_vec());
                self.extended_key_usage = Some(own.collect());
            }
            names::SUBJECT_KEY_IDENTIFIER => {
                let read = only(value, tag::OCTET_STRING, "subjectKeyIdentifier")?;
                self.subject_key_identifier = Some(read.content.to_owned());
            }
            // It is a hint for who looks for the issuer (RFC 5280 §4.2.1.1).
            names::AUTHORITY_KEY_IDENTIFIER if !critical => {
                let read = AuthorityKeyIdentifier::from_der(value).ok();
                let own = read.and_then(|read| read.key_identifier);
                self.authority_key_identifier = own.map(|own| own.as_bytes().to_vec());
            }
            other if critical => self.unknown.push(other.to_owned()),
            _ => {}
        }
        Ok(())
    }
}

fn seconds(time: x509_cert::time::Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

/// A name for people. One that can't be read is shown as RFC 4514 §2.4 shows
/// values that it has no text for.
pub(super) fn shown(name: &[u8]) -> String {
    match Name::from_der(name) {
        Ok(name) if name.is_empty() => "(no name)".to_owned(),
        Ok(name) => name.to_string(),
        Err(_) => format!("#{}", hex(name)),
    }
}

/// The Name with this one attribute, a CommonName (X.520 §6.2.2).
pub(super) fn common_name(text: &str) -> Vec<u8> {
    use asn1::{wrap, write};
    let oid = write(tag::OID, names::COMMON_NAME);
    let value = write(tag::UTF8_STRING, text.as_bytes());
    let attribute = wrap(tag::SEQUENCE, &[&oid, &value]);
    wrap(tag::SEQUENCE, &[&write(tag::SET, &attribute)])
}
