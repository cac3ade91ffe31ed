//! Reading a SignedData (RFC 5652 §5.1).

use x509_cert::certificate::Rfc5280;
use x509_cert::crl::CertificateList;
use x509_cert::der::Decode;
use x509_cert::time::Time;

use super::CmsError;
use super::ber::to_der;
use crate::trust::asn1::{Element, Malformed, Reader, only, plain_algorithm, tag};
use crate::trust::certificate::Certificate;
use crate::trust::{names, pem};

/// A signature that was read, and not verified yet.
#[derive(Clone, Debug)]
pub struct SignedData {
    pub(super) content_type: Vec<u8>,
    pub(super) content: Option<Vec<u8>>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) signers: Vec<SignerInfo>,
}

/// One who has signed (§5.3).
#[derive(Clone, Debug)]
pub(super) struct SignerInfo {
    pub id: SignerId,
    /// Identifiers of algorithms.
    pub digest: Vec<u8>,
    pub algorithm: Vec<u8>,
    pub attributes: Option<Attributes>,
    pub signature: Vec<u8>,
}

/// The SignerIdentifier.
#[derive(Clone, Debug)]
pub(super) enum SignerId {
    /// The name of the issuer in DER, and the content of the serial number.
    IssuerAndSerial(Vec<u8>, Vec<u8>),
    /// The content of the SubjectKeyIdentifier.
    KeyIdentifier(Vec<u8>),
}

/// The signed attributes: as they are signed, and those that count. One that
/// is repeated or has several values is malformed (§5.3, §11).
#[derive(Clone, Debug)]
pub(super) struct Attributes {
    /// With the tag of a SET.
    pub bytes: Vec<u8>,
    pub content_type: Option<Vec<u8>>,
    pub message_digest: Option<Vec<u8>>,
    pub signing_time: Option<i64>,
}

/// More would be there to keep us busy.
const MOST_SIGNERS: usize = 64;

const LABELS: [&str; 3] = ["CMS", "PKCS7", "PKCS #7 SIGNED DATA"];

impl SignedData {
    /// Reads a signature: PEM with the label `CMS` or `PKCS7` (RFC 7468 §8 and
    /// §9), DER or BER.
    pub fn parse(file: &[u8]) -> Result<Self, CmsError> {
        if file.first() == Some(&tag::SEQUENCE) {
            return SignedData::from_ber(file);
        }
        if file.starts_with(b"MIME-Version:") {
            return Err(CmsError::Mime);
        }
        let blocks = pem::blocks(file)?;
        let is_signature = |label: &str| LABELS.contains(&label);
        match blocks.iter().find(|block| is_signature(&block.label)) {
            Some(block) => SignedData::from_ber(&block.bytes),
            None => {
                let label = blocks.first().map(|block| block.label.clone());
                Err(CmsError::Other(label.unwrap_or_default()))
            }
        }
    }

    /// The certificates that it holds, in their order.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The content, where it is not detached.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    fn from_ber(ber: &[u8]) -> Result<Self, CmsError> {
        let der = to_der(ber)?;
        let mut info = only(&der, tag::SEQUENCE, "the message")?.reader();
        let kind = info.take(tag::OID, "the type of the message")?.content;
        if kind != names::SIGNED_DATA {
            return Err(CmsError::Type(names::name(kind)));
        }
        let signed = info.take(tag::context(0), "the signed data")?;
        info.end("the end")?;
        let mut reader = only(signed.content, tag::SEQUENCE, "the signed data")?.reader();
        let version = reader
            .take(tag::INTEGER, "the version")?
            .small("the version")?;
        let digests = digest_algorithms(&mut reader)?;
        let mut inside = reader.inside(tag::SEQUENCE, "the content")?;
        let content_type = inside.take(tag::OID, "the content type")?.content;
        let content = match inside.maybe(tag::context(0), "the content")? {
            Some(element) => Some(only(element.content, tag::OCTET_STRING, "the content")?.content),
            None => None,
        };
        inside.end("the end of the content")?;
        let (certificates, newest) = certificates(&mut reader)?;
        revocation_lists(&mut reader)?;
        let mut infos = reader.inside(tag::SET, "the signers")?;
        reader.end("the end of the signed data")?;
        let mut signers = Vec::new();
        while !infos.is_empty() {
            let signer = signer_info(&mut infos)?;
            if !digests.contains(&signer.digest.as_slice()) {
                return Err(CmsError::Malformed("the digest algorithm of a signer"));
            }
            signers.push(signer);
            if signers.len() > MOST_SIGNERS {
                return Err(CmsError::Malformed("a reasonable number of signers"));
            }
        }
        let by_key = |signer: &SignerInfo| matches!(signer.id, SignerId::KeyIdentifier(_));
        let is_data = content_type == names::DATA;
        // RFC 5652 §5.1. Programs for other content have versions of their own.
        let wanted = match (newest, signers.iter().any(by_key)) {
            (Some(newest), _) => newest,
            (None, true) => 3,
            (None, false) => 1,
        };
        if is_data && version != wanted {
            return Err(CmsError::Malformed("the right version"));
        }
        Ok(SignedData {
            content_type: content_type.to_owned(),
            content: content.map(<[u8]>::to_vec),
            certificates,
            signers,
        })
    }
}

fn digest_algorithms<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, Malformed> {
    const WHAT: &str = "the set of digest algorithms";
    let mut set = reader.inside(tag::SET, WHAT)?;
    let mut all = Vec::new();
    while !set.is_empty() {
        all.push(plain_algorithm(&mut set, WHAT)?);
    }
    Ok(all)
}

/// The certificates, and the version that certificates of other kinds ask for;
/// those are passed over.
fn certificates(reader: &mut Reader<'_>) -> Result<(Vec<Certificate>, Option<u8>), CmsError> {
    const WHAT: &str = "the set of certificates";
    let mut certificates = Vec::new();
    let mut newest = None;
    if let Some(set) = reader.maybe(tag::context(0), WHAT)? {
        let mut set = set.reader();
        while !set.is_empty() {
            let element = set.any(WHAT)?;
            match element.tag {
                tag::SEQUENCE => certificates.push(Certificate::from_der(element.whole)?),
                // Attribute certificates of version 2, and anything else.
                0xa2 => newest = newest.max(Some(4)),
                0xa3 => newest = newest.max(Some(5)),
                // Older ones, which ask for version 3.
                0xa0 | 0xa1 => newest = newest.max(Some(3)),
                _ => return Err(CmsError::Malformed(WHAT)),
            }
        }
    }
    Ok((certificates, newest))
}

/// Revocation lists (§10.2.1), which are not asked and have to be what they claim all the same: a
/// message in which the certificates became that by one changed bit is none.
fn revocation_lists(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    const WHAT: &str = "the set of revocation lists";
    let Some(set) = reader.maybe(tag::context(1), WHAT)? else {
        return Ok(());
    };
    let mut set = set.reader();
    while !set.is_empty() {
        let element = set.any(WHAT)?;
        match element.tag {
            tag::SEQUENCE => {
                CertificateList::<Rfc5280>::from_der(element.whole).map_err(|_| Malformed(WHAT))?;
            }
            // Of another format.
            0xa1 => {
                element.reader().take(tag::OID, WHAT)?;
            }
            _ => return Err(Malformed(WHAT)),
        }
    }
    Ok(())
}

fn signer_info(reader: &mut Reader<'_>) -> Result<SignerInfo, Malformed> {
    let mut info = reader.inside(tag::SEQUENCE, "a signer")?;
    let version = info.take(tag::INTEGER, "the version of a signer")?;
    let version = version.small("the version of a signer")?;
    let id = info.any("the identifier of a signer")?;
    let id = match (id.tag, version) {
        (tag::SEQUENCE, 1) => {
            let mut inside = id.reader();
            let issuer = inside.take(tag::SEQUENCE, "the issuer of a signer")?.whole;
            let serial = inside.take(tag::INTEGER, "the serial number of a signer")?;
            inside.end("the identifier of a signer")?;
            SignerId::IssuerAndSerial(issuer.to_owned(), serial.content.to_owned())
        }
        (0x80, 3) => SignerId::KeyIdentifier(id.content.to_owned()),
        _ => return Err(Malformed("the identifier of a signer")),
    };
    let digest = plain_algorithm(&mut info, "the digest algorithm of a signer")?;
    let attributes = match info.maybe(tag::context(0), "the signed attributes")? {
        Some(element) => Some(attributes(&element)?),
        None => None,
    };
    let algorithm = signature_algorithm(&mut info)?;
    let signature = info.take(tag::OCTET_STRING, "the signature")?.content;
    info.maybe(tag::context(1), "the unsigned attributes")?;
    info.end("the end of a signer")?;
    Ok(SignerInfo {
        id,
        digest: digest.to_owned(),
        algorithm: algorithm.to_owned(),
        attributes,
        signature: signature.to_owned(),
    })
}

/// Only those that have no parameters are accepted later; the name of another
/// is to be told.
fn signature_algorithm<'a>(info: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    const WHAT: &str = "the signature algorithm";
    let mut ahead = *info;
    match plain_algorithm(&mut ahead, WHAT) {
        Ok(oid) => {
            *info = ahead;
            Ok(oid)
        }
        Err(_) => {
            let (oid, _) = crate::trust::asn1::algorithm(info, WHAT)?;
            let plain = crate::trust::algorithm::SignatureAlgorithm::of(oid).is_some();
            match plain || oid == names::RSA_ENCRYPTION || oid == names::EC_PUBLIC_KEY {
                true => Err(Malformed(WHAT)),
                false => Ok(oid),
            }
        }
    }
}

fn attributes(element: &Element<'_>) -> Result<Attributes, Malformed> {
    let mut bytes = element.whole.to_vec();
    if let Some(first) = bytes.first_mut() {
        *first = tag::SET;
    }
    let mut read = read_attributes(element.reader())?;
    read.bytes = bytes;
    Ok(read)
}

/// Reads the attributes of a SET.
pub(super) fn read_attributes(mut reader: Reader<'_>) -> Result<Attributes, Malformed> {
    const WHAT: &str = "a signed attribute";
    let mut out = Attributes {
        bytes: Vec::new(),
        content_type: None,
        message_digest: None,
        signing_time: None,
    };
    let mut seen: Vec<&[u8]> = Vec::new();
    while !reader.is_empty() {
        let mut attribute = reader.inside(tag::SEQUENCE, WHAT)?;
        let oid = attribute.take(tag::OID, WHAT)?.content;
        let values = attribute.take(tag::SET, WHAT)?;
        attribute.end(WHAT)?;
        if seen.contains(&oid) {
            return Err(Malformed("a signed attribute that stands there once"));
        }
        seen.push(oid);
        match oid {
            names::CONTENT_TYPE => {
                let value = only(values.content, tag::OID, "the contentType")?;
                out.content_type = Some(value.content.to_owned());
            }
            names::MESSAGE_DIGEST => {
                let value = only(values.content, tag::OCTET_STRING, "the messageDigest")?;
                out.message_digest = Some(value.content.to_owned());
            }
            names::SIGNING_TIME => {
                let time = Time::from_der(values.content);
                let time = time.map_err(|_| Malformed("the signingTime"))?;
                let seconds = time.to_unix_duration().as_secs();
                out.signing_time = i64::try_from(seconds).ok();
            }
            _ => {}
        }
    }
    Ok(out)
}
