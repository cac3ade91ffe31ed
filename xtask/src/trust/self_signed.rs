//! Certificates that a key signs for itself.

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::asn1::{self, tag, wrap, write};
use super::certificate::{Certificate, CertificateError, common_name};
use super::key_error::KeyError;
use super::names;
use super::private_key::{PrivateKey, random};
use crate::time::{Civil, civil};

/// Why a certificate can't be made.
#[derive(Debug, Error)]
pub enum SelfSignedError {
    /// A name that X.520 does not allow.
    #[error("the subject must have 1 to 64 characters, and no control characters")]
    Subject,
    /// Dates that no certificate can have.
    #[error("a certificate must begin before it ends, from 1970 to 9999")]
    Dates,
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What was made can't be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// What is to stand in a self-signed certificate.
#[derive(Clone, Debug)]
pub struct SelfSigned {
    /// The common name of subject and issuer.
    pub common_name: String,
    /// The first second of its validity, since 1970.
    pub not_before: u64,
    /// The last second of its validity, since 1970.
    pub not_after: u64,
}

/// 9999-12-31T23:59:59Z, which RFC 5280 §4.1.2.5 has for no end at all.
const LATEST: u64 = 253_402_300_799;

impl SelfSigned {
    /// Makes a certificate of version 3 (RFC 5280 §4.1) for the key, signed with
    /// it: no authority (basicConstraints), for digital signatures (keyUsage),
    /// with a SubjectKeyIdentifier (RFC 7093 §2) and a random serial number.
    pub fn sign(&self, key: &PrivateKey) -> Result<Certificate, SelfSignedError> {
        // The upper bound is that of X.520.
        let len = self.common_name.chars().count();
        if !(1..=64).contains(&len) || self.common_name.chars().any(char::is_control) {
            return Err(SelfSignedError::Subject);
        }
        if self.not_before >= self.not_after || self.not_after > LATEST {
            return Err(SelfSignedError::Dates);
        }
        // 127 bits, positive and never zero (RFC 5280 §4.1.2.2).
        let mut serial = random(16)?;
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x7f | 0x40;
        }
        let algorithm = key.algorithm().signature().identifier();
        let name = common_name(&self.common_name);
        let dates = [time(self.not_before), time(self.not_after)].concat();
        let tbs = wrap(
            tag::SEQUENCE,
            &[
                &write(tag::context(0), &write(tag::INTEGER, &[2])),
                &asn1::unsigned(&serial),
                &algorithm,
                &name,
                &write(tag::SEQUENCE, &dates),
                &name,
                key.public_key().to_der(),
                &write(tag::context(3), &extensions(key)),
            ],
        );
        let signature = asn1::bit_string(&key.sign(&tbs)?);
        let der = wrap(tag::SEQUENCE, &[&tbs, &algorithm, &signature]);
        Ok(Certificate::from_der(&der)?)
    }
}

fn extensions(key: &PrivateKey) -> Vec<u8> {
    const DIGITAL_SIGNATURE: [u8; 2] = [7, 0x80];
    let digest = Sha256::digest(key.public_key().bits());
    let identifier = digest.get(..20).unwrap_or_default();
    let none = wrap(tag::SEQUENCE, &[]);
    let all = [
        extension(names::BASIC_CONSTRAINTS, true, &none),
        extension(
            names::KEY_USAGE,
            true,
            &write(tag::BIT_STRING, &DIGITAL_SIGNATURE),
        ),
        extension(
            names::SUBJECT_KEY_IDENTIFIER,
            false,
            &write(tag::OCTET_STRING, identifier),
        ),
        // That its own key has signed it is how a changed one is known from one that somebody
        // else has issued.
        extension(
            names::AUTHORITY_KEY_IDENTIFIER,
            false,
            &write(tag::SEQUENCE, &write(tag::context_primitive(0), identifier)),
        ),
    ];
    write(tag::SEQUENCE, &all.concat())
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = match critical {
        true => write(tag::BOOLEAN, &[0xff]),
        false => Vec::new(),
    };
    let value = write(tag::OCTET_STRING, value);
    wrap(tag::SEQUENCE, &[&write(tag::OID, oid), &critical, &value])
}

/// A Time: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5).
pub(super) fn time(seconds: u64) -> Vec<u8> {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil(seconds);
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    match year {
        ..2050 => write(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes()),
        _ => write(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes()),
    }
}
