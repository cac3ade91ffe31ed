//! Who has signed a finished package, and whether they are trusted.

use std::path::PathBuf;

use super::Error;
use super::finished::fault;
use super::key::{read_certificates, read_public_keys};
use crate::diagnostic::with_reasons;
use crate::source::{Finding, Package};
use crate::trust::cms::{CmsError, Signer, SignerError};
use crate::trust::{Certificate, PublicKey, SignedManifest, verify_chain};

/// Whose signatures count.
#[derive(Clone, Debug, Default)]
pub struct TrustOptions {
    /// Files of certificates: of issuers, or of those who sign.
    pub certificates: Vec<PathBuf>,
    /// Files of public keys.
    pub keys: Vec<PathBuf>,
    /// The time at which certificates have to be valid, in seconds since 1970.
    pub at: i64,
}

impl TrustOptions {
    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.keys.is_empty()
    }
}

/// Somebody whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// The subject of the certificate.
    pub subject: String,
    /// The issuer of the certificate.
    pub issuer: String,
    /// SHA-256 of the certificate, in hexadecimal.
    pub certificate: String,
    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub key: String,
    /// Whether somebody vouches for what the certificate says: an issuer, or the key
    /// itself. Who only trusts the key has no word of the issuer.
    pub is_certified: bool,
    /// Whether the certificate is valid at the time that was asked for. Who trusts the
    /// key has no use for it; where nobody is asked for it says nothing of the signature.
    pub is_valid: bool,
}

/// What became of the question who has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Nobody.
    Not,
    /// These; where it was asked who is trusted, those who are.
    By(Vec<SignedBy>),
    /// Somebody who is not trusted, or nobody's signature holds, and why.
    Untrusted(String),
}

/// Whose signatures count, read.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    pub anchors: Vec<Certificate>,
    pub keys: Vec<PublicKey>,
    pub at: i64,
}

impl Trust {
    /// Reads the files.
    pub fn read(options: &TrustOptions) -> Result<Self, Error> {
        let mut anchors = Vec::new();
        for path in &options.certificates {
            anchors.extend(read_certificates(path)?);
        }
        let mut keys = Vec::new();
        for path in &options.keys {
            keys.extend(read_public_keys(path)?);
        }
        Ok(Trust {
            anchors,
            keys,
            at: options.at,
        })
    }

    /// Why the archive can't be read, where somebody who is trusted is asked for.
    fn broken<'p>(&self, package: &'p Package) -> Option<&'p str> {
        let is_asked = !self.anchors.is_empty() || !self.keys.is_empty();
        let mut findings = package.findings.iter().filter(|_| is_asked);
        findings.find_map(|finding| match finding {
            Finding::Archive { reason, .. } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Whether a certificate is valid at the time that is asked for.
    pub fn is_valid(&self, one: &Certificate) -> bool {
        (one.not_before()..=one.not_after()).contains(&self.at)
    }

    /// Who has signed the package. Every signature must hold; one by somebody
    /// who is trusted is enough.
    pub fn judge(&self, package: &Package) -> Signed {
        let Some(manifest) = SignedManifest::of(package) else {
            return match SignedManifest::stray(package) {
                Some(path) => Signed::Untrusted(format!(
                    "`{path}` is a signature of nothing that can be read here"
                )),
                None => match self.broken(package) {
                    Some(reason) => Signed::Untrusted(format!(
                        "it can't be read, so that nobody can tell who has signed it: {reason}"
                    )),
                    None => Signed::Not,
                },
            };
        };
        let signers = match manifest.verify_with(&self.anchors) {
            Ok(signers) => signers,
            Err(CmsError::Signer {
                who,
                source: SignerError::NoCertificate,
            }) => {
                let why = format!(
                    "the certificate of its signer is not in the package, and not given with \
                     `--certificate-chain`: {who}"
                );
                return Signed::Untrusted(why);
            }
            Err(error) => return Signed::Untrusted(with_reasons(&error)),
        };
        // A signature speaks for a package only if it speaks for all of it.
        if let Some(gap) = fault(package).or_else(|| manifest.gap(package)) {
            return Signed::Untrusted(gap);
        }
        let of = |signer: &Signer| {
            let own = &signer.certificate;
            let is_valid = self.is_valid(own);
            SignedBy::of(own).map(|by| SignedBy { is_valid, ..by })
        };
        let others = manifest.certificates();
        if self.anchors.is_empty() && self.keys.is_empty() {
            // What a certificate says is proven by itself or by one beside it, or else
            // may be what anybody has made of it.
            let by = |signer: &Signer| {
                let own = &signer.certificate;
                let rest: Vec<Certificate> = others.iter().filter(|o| *o != own).cloned().collect();
                // What was vouched for once is not forged for being old.
                let at = own.not_before();
                let is_certified =
                    own.is_self_signed() || verify_chain(own, &rest, &rest, at).is_ok();
                of(signer).map(|by| SignedBy { is_certified, ..by })
            };
            return Signed::By(signers.iter().filter_map(by).collect());
        }
        // Whoever may write can add a signature, so that the others are not told where one is trusted.
        let mut why: Vec<String> = Vec::new();
        let mut trusted = Vec::new();
        for signer in &signers {
            match self.trusts(signer, &others) {
                Ok(is_certified) => {
                    trusted.extend(of(signer).map(|by| SignedBy { is_certified, ..by }))
                }
                Err(reason) if !why.contains(&reason) => why.push(reason),
                Err(_) => {}
            }
        }
        match trusted.is_empty() {
            true if why.is_empty() => Signed::Untrusted("nobody has signed it".to_owned()),
            true => Signed::Untrusted(why.join("; ")),
            false => Signed::By(trusted),
        }
    }

    /// Whether somebody who is trusted vouches for the certificate too, and not for its
    /// key alone; why it is not trusted.
    fn trusts(&self, signer: &Signer, others: &[Certificate]) -> Result<bool, String> {
        let certificate = &signer.certificate;
        let key = certificate.public_key();
        let is_own = key.is_ok_and(|key| self.keys.contains(&key));
        let chain = verify_chain(certificate, others, &self.anchors, self.at);
        if is_own {
            return Ok(chain.is_ok() || certificate.is_self_signed());
        }
        let subject = certificate.subject();
        if self.anchors.is_empty() {
            return Err(format!("it is signed by `{subject}`, with another key"));
        }
        match chain {
            Ok(_) => Ok(true),
            Err(error) => Err(format!(
                "it is signed by `{subject}`: {}",
                with_reasons(&error)
            )),
        }
    }
}

impl SignedBy {
    /// Whose certificate it is. `None` where its key is of a kind that is not
    /// used here.
    pub(super) fn of(certificate: &Certificate) -> Option<Self> {
        Some(SignedBy {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            certificate: certificate.fingerprint(),
            key: certificate.public_key().ok()?.id(),
            is_certified: true,
            is_valid: true,
        })
    }
}
