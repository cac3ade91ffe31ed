//! Making a SignedData.

use std::io::Read;

use super::{CmsError, Content};
use crate::trust::algorithm::SignatureAlgorithm;
use crate::trust::asn1::{set_of, tag, wrap, write};
use crate::trust::certificate::Certificate;
use crate::trust::private_key::PrivateKey;
use crate::trust::self_signed::time;
use crate::trust::{chain, names, pem};

/// How to sign.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// The key.
    pub key: &'a PrivateKey,
    /// Certificates to put into the signature; the first is that of the key.
    pub certificates: &'a [Certificate],
    /// The signingTime (RFC 5652 §11.3), in seconds since 1970. Without it, the
    /// same content gets the same signature at any time.
    pub signing_time: Option<u64>,
}

impl Signing<'_> {
    /// Signs all that is left in `content`. Gives a ContentInfo with a detached
    /// SignedData in DER, with the signed attributes contentType and
    /// messageDigest. The digest is that of
    /// [`KeyAlgorithm::signature`](crate::trust::KeyAlgorithm::signature).
    ///
    /// # Errors
    ///
    /// There is no certificate, it is for another key, or it may not sign;
    /// `content` can't be read; the key fails.
    pub fn sign(&self, content: &mut dyn Read) -> Result<Vec<u8>, CmsError> {
        let algorithm = self.key.algorithm().signature().digest();
        let content = Content::read(content, &[algorithm], false)?;
        let digest = content.digests.get(&algorithm);
        self.sign_digest(digest.map(Vec::as_slice).unwrap_or_default())
    }

    /// The same for content whose digest is known.
    pub fn sign_digest(&self, digest: &[u8]) -> Result<Vec<u8>, CmsError> {
        let certificate = self.certificates.first().ok_or(CmsError::NoCertificate)?;
        if certificate.public_key()? != *self.key.public_key() {
            return Err(CmsError::OtherKey(certificate.subject()));
        }
        chain::may_sign(certificate)?;

        let algorithm = self.key.algorithm().signature();
        let digest_algorithm = algorithm.digest().identifier();
        let mut attributes = vec![
            attribute(names::CONTENT_TYPE, &write(tag::OID, names::DATA)),
            attribute(names::MESSAGE_DIGEST, &write(tag::OCTET_STRING, digest)),
        ];
        if let Some(at) = self.signing_time {
            attributes.push(attribute(names::SIGNING_TIME, &time(at)));
        }
        // Signed as a SET OF, and stored with another tag (RFC 5652 §5.4).
        let signature = self.key.sign(&set_of(tag::SET, attributes.clone()))?;
        let serial = write(tag::INTEGER, &certificate.serial);
        let signer = wrap(
            tag::SEQUENCE,
            &[
                &write(tag::INTEGER, &[1]),
                &wrap(tag::SEQUENCE, &[&certificate.issuer, &serial]),
                &digest_algorithm,
                &set_of(tag::context(0), attributes),
                &signature_identifier(algorithm),
                &write(tag::OCTET_STRING, &signature),
            ],
        );
        let mut certificates: Vec<Vec<u8>> = Vec::new();
        for certificate in self.certificates {
            certificates.push(certificate.to_der().to_vec());
        }
        certificates.sort();
        certificates.dedup();
        let content = write(tag::OID, names::DATA);
        let signed_data = wrap(
            tag::SEQUENCE,
            &[
                &write(tag::INTEGER, &[1]),
                &write(tag::SET, &digest_algorithm),
                &wrap(tag::SEQUENCE, &[&content]),
                &set_of(tag::context(0), certificates),
                &write(tag::SET, &signer),
            ],
        );
        let content_type = write(tag::OID, names::SIGNED_DATA);
        Ok(wrap(
            tag::SEQUENCE,
            &[&content_type, &write(tag::context(0), &signed_data)],
        ))
    }

    /// [`Signing::sign`] as PEM (RFC 7468 §9).
    pub fn sign_to_pem(&self, content: &mut dyn Read) -> Result<String, CmsError> {
        Ok(pem::write("CMS", &self.sign(content)?).to_string())
    }
}

/// An Attribute with one value.
fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    wrap(
        tag::SEQUENCE,
        &[&write(tag::OID, oid), &write(tag::SET, value)],
    )
}

/// As in a certificate, but for RSA: rsaEncryption, which every reader has to
/// know (RFC 5754 §3.2).
fn signature_identifier(algorithm: SignatureAlgorithm) -> Vec<u8> {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(_) => wrap(
            tag::SEQUENCE,
            &[
                &write(tag::OID, names::RSA_ENCRYPTION),
                &write(tag::NULL, &[]),
            ],
        ),
        other => other.identifier(),
    }
}
