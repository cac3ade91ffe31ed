//! Verifying a SignedData (RFC 5652 §5.4 to §5.6).
//!
//! What is verified is that somebody has signed this content with the key of a
//! certificate. Whether that certificate is trusted is the question of
//! [`verify_chain`](crate::trust::verify_chain).

use std::io::Read;

use super::parse::{Attributes, SignedData, SignerId, SignerInfo, read_attributes};
use super::{CmsError, Content, SignerError};
use crate::digest::hex;
use crate::trust::algorithm::{DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use crate::trust::asn1::{only, tag};
use crate::trust::certificate::{Certificate, shown};
use crate::trust::names;

/// Somebody whose signature holds.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The certificate of the key.
    pub certificate: Certificate,
    /// How the signature was made.
    pub algorithm: SignatureAlgorithm,
    /// The digest of the content that was signed.
    pub digest: DigestAlgorithm,
    /// When it was made, by the signer's own word, in seconds since 1970.
    pub signing_time: Option<i64>,
}

impl SignedData {
    /// Reads the content to its end and verifies every signature. Certificates
    /// are looked for among those that are given, then in the signature. Content
    /// inside the signature must be the same.
    ///
    /// # Errors
    ///
    /// Why the first signature that does not hold does not; that there is none;
    /// that the content can't be read, or is another one.
    pub fn verify(
        &self,
        content: &mut dyn Read,
        given: &[Certificate],
    ) -> Result<Vec<Signer>, CmsError> {
        let known = |signer: &SignerInfo| DigestAlgorithm::of(&signer.digest);
        let mut algorithms: Vec<DigestAlgorithm> = self.signers.iter().filter_map(known).collect();
        if algorithms.is_empty() {
            // Content inside the signature is compared all the same.
            algorithms.push(DigestAlgorithm::Sha256);
        }
        algorithms.sort();
        algorithms.dedup();
        let whole = self
            .signers
            .iter()
            .any(|signer| signer.attributes.is_none());
        self.verify_content(&Content::read(content, &algorithms, whole)?, given)
    }

    /// The same for content of which a digest is known. A signature without
    /// signed attributes can't be verified so.
    pub fn verify_content(
        &self,
        content: &Content,
        given: &[Certificate],
    ) -> Result<Vec<Signer>, CmsError> {
        if self.signers.is_empty() {
            return Err(CmsError::NoSigner);
        }
        if self.content.as_ref().is_some_and(|own| !content.is(own)) {
            return Err(CmsError::OtherContent);
        }
        let verify = |(index, info): (usize, &SignerInfo)| {
            self.verify_signer(info, content, given)
                .map_err(|source| CmsError::Signer {
                    who: format!(
                        "{} ({} of {})",
                        self.shown(info, given),
                        index + 1,
                        self.signers.len()
                    ),
                    source,
                })
        };
        self.signers.iter().enumerate().map(verify).collect()
    }

    /// Who that is: by the name in the certificate, where it is at hand.
    fn shown(&self, info: &SignerInfo, given: &[Certificate]) -> String {
        let mut all = given.iter().chain(&self.certificates);
        match all.find(|one| info.id.is(one)) {
            Some(certificate) => format!("`{}`", certificate.subject()),
            None => info.id.shown(),
        }
    }

    fn verify_signer(
        &self,
        info: &SignerInfo,
        content: &Content,
        given: &[Certificate],
    ) -> Result<Signer, SignerError> {
        let mut all = given.iter().chain(&self.certificates);
        let certificate = all.find(|one| info.id.is(one));
        let certificate = certificate.ok_or(SignerError::NoCertificate)?;
        let digest = DigestAlgorithm::of(&info.digest);
        let digest = digest.ok_or_else(|| SignerError::Digest(names::name(&info.digest)))?;
        let key = certificate.public_key()?;
        let algorithm = signature_algorithm(&info.algorithm, key.algorithm(), digest)?;
        let message = match &info.attributes {
            Some(attributes) => {
                self.check_attributes(attributes, digest, content)?;
                // RFC 8419 §3.1.
                if algorithm == SignatureAlgorithm::Ed25519 && digest != DigestAlgorithm::Sha512 {
                    return Err(SignerError::Mixed);
                }
                &attributes.bytes
            }
            None => self.whole(content)?,
        };
        key.verify_as(algorithm, message, &info.signature)
            .map_err(|_| SignerError::BadSignature)?;
        Ok(Signer {
            certificate: certificate.clone(),
            algorithm,
            digest,
            signing_time: info.attributes.as_ref().and_then(|all| all.signing_time),
        })
    }

    /// RFC 5652 §5.3: contentType and messageDigest have to be there.
    fn check_attributes(
        &self,
        attributes: &Attributes,
        digest: DigestAlgorithm,
        content: &Content,
    ) -> Result<(), SignerError> {
        if attributes.content_type.as_ref() != Some(&self.content_type) {
            return Err(SignerError::Attribute("contentType"));
        }
        let stated = attributes.message_digest.as_ref();
        let stated = stated.ok_or(SignerError::Attribute("messageDigest"))?;
        let real = content.digests.get(&digest);
        match real.ok_or(SignerError::NoDigest(digest))? == stated {
            true => Ok(()),
            false => Err(SignerError::Digests),
        }
    }

    /// The content, which is signed itself where there are no attributes. Then it
    /// must be plain data (§5.3), and must not be what another signature has for
    /// its attributes, or one could be passed off as the other.
    fn whole<'a>(&self, content: &'a Content) -> Result<&'a Vec<u8>, SignerError> {
        if self.content_type != names::DATA {
            return Err(SignerError::Attribute("contentType"));
        }
        let bytes = content.bytes.as_ref().ok_or(SignerError::NoContent)?;
        if let Ok(set) = only(bytes, tag::SET, "a set")
            && read_attributes(set.reader()).is_ok_and(|read| read.message_digest.is_some())
        {
            return Err(SignerError::Confusable);
        }
        Ok(bytes)
    }
}

impl SignerId {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            SignerId::IssuerAndSerial(issuer, serial) => {
                certificate.issuer == *issuer && certificate.serial == *serial
            }
            SignerId::KeyIdentifier(id) => certificate.subject_key_identifier() == Some(id),
        }
    }

    fn shown(&self) -> String {
        match self {
            SignerId::IssuerAndSerial(issuer, serial) => {
                let (serial, issuer) = (hex(serial), shown(issuer));
                format!("certificate {serial}, issued by `{issuer}`")
            }
            SignerId::KeyIdentifier(id) => format!("the key {}", hex(id)),
        }
    }
}

/// What the identifier means for a key: it may name the digest itself (RFC 5754,
/// RFC 5753), which then is the signer's, or only the kind of key.
fn signature_algorithm(
    oid: &[u8],
    key: KeyAlgorithm,
    digest: DigestAlgorithm,
) -> Result<SignatureAlgorithm, SignerError> {
    let algorithm = match oid {
        names::RSA_ENCRYPTION => SignatureAlgorithm::RsaPkcs1(digest),
        names::EC_PUBLIC_KEY => SignatureAlgorithm::Ecdsa(digest),
        _ => SignatureAlgorithm::of(oid).ok_or_else(|| SignerError::Algorithm(names::name(oid)))?,
    };
    let fits = match (algorithm, key) {
        (SignatureAlgorithm::RsaPkcs1(own), KeyAlgorithm::Rsa) => own == digest,
        (SignatureAlgorithm::Ecdsa(own), KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384) => {
            own == digest
        }
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => true,
        _ => false,
    };
    match fits {
        true => Ok(algorithm),
        false => Err(SignerError::Mixed),
    }
}
