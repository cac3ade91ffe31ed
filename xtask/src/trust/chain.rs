//! Whether a certificate may sign packages, by a path to a certificate that is
//! trusted (RFC 5280 §6).
//!
//! What TLS libraries offer for this insists on certificates of servers and
//! takes no certificate for its own anchor, which is how most vendors of network
//! functions sign today. Policies and name constraints are not looked at: a
//! path with such a critical extension is refused.

use thiserror::Error;

use super::certificate::Certificate;
use super::key_error::KeyError;
use super::names;
use crate::time::rfc3339;

/// Why a certificate is not trusted to sign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Too late.
    #[error("the certificate of `{subject}` expired at {not_after}")]
    Expired {
        /// Whose.
        subject: String,
        /// The last second of its validity (RFC 3339).
        not_after: String,
    },
    /// Too early.
    #[error("the certificate of `{subject}` is not valid before {not_before}")]
    NotYetValid {
        /// Whose.
        subject: String,
        /// The first second of its validity (RFC 3339).
        not_before: String,
    },
    /// The path ends before it reaches something trusted.
    #[error(
        "the certificate of `{subject}` was issued by `{issuer}`, of which no trusted certificate is known"
    )]
    IssuerUnknown {
        /// Whose.
        subject: String,
        /// By whom.
        issuer: String,
    },
    /// A certificate that only itself vouches for.
    #[error("the certificate of `{0}` is self-signed, and is not among those that are trusted")]
    SelfSigned(String),
    /// The issuer has not signed it.
    #[error("the signature in the certificate of `{subject}` is not one of `{issuer}`")]
    BadSignature {
        /// Whose.
        subject: String,
        /// Who should have signed.
        issuer: String,
    },
    /// The key in it is no key.
    #[error("the public key in the certificate of `{0}` is damaged")]
    BadKey(String),
    /// A signature that can't be relied on, or can't be read.
    #[error(
        "the certificate of `{subject}` is signed with {algorithm}, which is not supported or too weak"
    )]
    Algorithm {
        /// Whose.
        subject: String,
        /// How.
        algorithm: String,
    },
    /// The certificate is for something else.
    #[error(
        "the certificate of `{subject}` is not allowed to sign: its {extension} says otherwise"
    )]
    NotForSigning {
        /// Whose.
        subject: String,
        /// `keyUsage` or `extKeyUsage`.
        extension: &'static str,
    },
    /// The issuer may not issue.
    #[error("`{0}` is not allowed to issue certificates")]
    NotAnIssuer(String),
    /// More intermediates than an issuer allows.
    #[error("`{0}` does not allow so many certificates below its own")]
    PathTooLong(String),
    /// An extension that must not be ignored.
    #[error(
        "the certificate of `{subject}` has the critical extension {extension}, which is not supported"
    )]
    Critical {
        /// Whose.
        subject: String,
        /// Which.
        extension: String,
    },
    /// So many certificates of one name that somebody wants us to be busy.
    #[error("there are too many ways from the certificate to one that is trusted")]
    TooMany,
}

/// The most signatures that are verified for one certificate.
const MOST_CHECKS: usize = 64;

/// The most certificates in a path.
const LONGEST: usize = 8;

/// Looks for a path from `certificate` over any of `others` to one of `anchors`,
/// at a time in seconds since 1970. The first that holds is given, the
/// certificate itself first and the anchor last.
///
/// A certificate that is an anchor itself needs no issuer. It has to be allowed
/// to sign all the same: keyUsage, where there is one, with digitalSignature or
/// nonRepudiation; extKeyUsage, where there is one, with codeSigning,
/// emailProtection or anyExtendedKeyUsage.
///
/// # Errors
///
/// [`ChainError`]: of several ways that fail, why the first does.
pub fn verify_chain(
    certificate: &Certificate,
    others: &[Certificate],
    anchors: &[Certificate],
    at: i64,
) -> Result<Vec<Certificate>, ChainError> {
    may_sign(certificate)?;
    let mut search = Search {
        others,
        anchors,
        at,
        checks: 0,
        path: vec![certificate],
    };
    search.from(certificate)?;
    Ok(search.path.into_iter().cloned().collect())
}

/// Why one of these certificates is not as it was issued: the signature in it is none
/// of its issuer, who is among `issuers`. Of several issuers of one name any may be meant.
pub(super) fn forged(certificates: &[Certificate], issuers: &[Certificate]) -> Option<ChainError> {
    let mut checks = 0;
    for certificate in certificates {
        if matches!(certificate.public_key(), Err(KeyError::Malformed(_))) {
            return Some(ChainError::BadKey(certificate.subject()));
        }
        if certificate.is_changed_self() {
            return Some(ChainError::BadSignature {
                subject: certificate.subject(),
                issuer: certificate.issuer(),
            });
        }
        let mut wrong = None;
        for issuer in issuers {
            // Of those beside it somebody has seen to it that they belong together.
            let is_beside = certificates.contains(issuer);
            let is_another = !is_beside && certificate.is_of_another(issuer);
            let is_named = certificate.is_named_by(issuer) && !is_another;
            // Where the name was changed, the identifier of the key still says whose it is.
            if !is_named && !certificate.is_keyed_by(issuer) {
                continue;
            }
            checks += 1;
            if checks > MOST_CHECKS {
                return Some(ChainError::TooMany);
            }
            match has_issued(issuer, certificate) {
                Err(error @ ChainError::BadSignature { .. }) => wrong = Some(error),
                // What can't be verified says nothing.
                _ => {
                    wrong = None;
                    break;
                }
            }
        }
        if wrong.is_some() {
            return wrong;
        }
    }
    None
}

/// The certificate beside those who have signed that is neither theirs nor that of an authority
/// above one of them.
pub(super) fn stranger<'a>(
    beside: &'a [Certificate],
    mut known: Vec<&'a Certificate>,
) -> Option<&'a Certificate> {
    let mut rest: Vec<&Certificate> = beside.iter().collect();
    // Each round finds one at least, or there is none left to find.
    loop {
        let is_of = |one: &Certificate| {
            let vouches = |known: &&Certificate| *known == one || known.is_named_by(one);
            known.iter().any(vouches)
        };
        let (found, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|one| is_of(one));
        if found.is_empty() {
            return others.first().copied();
        }
        known.extend(found);
        rest = others;
    }
}

struct Search<'a> {
    others: &'a [Certificate],
    anchors: &'a [Certificate],
    at: i64,
    checks: usize,
    path: Vec<&'a Certificate>,
}

impl<'a> Search<'a> {
    /// Goes on from the last certificate of the path.
    fn from(&mut self, current: &'a Certificate) -> Result<(), ChainError> {
        sound(current, self.at)?;
        if self.anchors.contains(current) {
            return Ok(());
        }
        let mut first = None;
        for issuer in self.anchors.iter().chain(self.others) {
            if issuer.subject != current.issuer || self.path.contains(&issuer) {
                continue;
            }
            if self.path.len() == LONGEST || self.checks == MOST_CHECKS {
                return Err(ChainError::TooMany);
            }
            self.checks += 1;
            let mut step = || {
                self.may_issue(issuer)?;
                has_issued(issuer, current)?;
                self.path.push(issuer);
                let rest = self.from(issuer);
                if rest.is_err() {
                    self.path.pop();
                }
                rest
            };
            match step() {
                Ok(()) => return Ok(()),
                Err(ChainError::TooMany) => return Err(ChainError::TooMany),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(
            first.unwrap_or_else(|| match current.issuer == current.subject {
                true => ChainError::SelfSigned(current.subject()),
                false => ChainError::IssuerUnknown {
                    subject: current.subject(),
                    issuer: current.issuer(),
                },
            }),
        )
    }

    /// Whether its own extensions let it issue what is in the path so far (RFC
    /// 5280 §6.1.4 k to n). An anchor of version 1 has none to say so.
    fn may_issue(&self, issuer: &Certificate) -> Result<(), ChainError> {
        let extensions = &issuer.extensions;
        let is_old_anchor = issuer.version < 3 && self.anchors.contains(issuer);
        let constraints = extensions.basic_constraints.as_ref();
        let is_ca = constraints.is_some_and(|constraints| constraints.ca) || is_old_anchor;
        let usage = extensions.key_usage.as_ref();
        if !is_ca || usage.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(ChainError::NotAnIssuer(issuer.subject()));
        }
        let between = self.path.iter().skip(1);
        let between = between.filter(|one| one.issuer != one.subject).count();
        match constraints.and_then(|constraints| constraints.path_len_constraint) {
            Some(most) if between > usize::from(most) => {
                Err(ChainError::PathTooLong(issuer.subject()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a certificate is valid at a time, in seconds since 1970.
pub fn is_valid_at(certificate: &Certificate, at: i64) -> Result<(), ChainError> {
    let subject = || certificate.subject();
    if at > certificate.not_after() {
        return Err(ChainError::Expired {
            subject: subject(),
            not_after: date(certificate.not_after()),
        });
    }
    if at < certificate.not_before() {
        return Err(ChainError::NotYetValid {
            subject: subject(),
            not_before: date(certificate.not_before()),
        });
    }
    Ok(())
}

/// Dates and critical extensions.
fn sound(certificate: &Certificate, at: i64) -> Result<(), ChainError> {
    is_valid_at(certificate, at)?;
    match certificate.extensions.unknown.first() {
        Some(oid) => Err(ChainError::Critical {
            subject: certificate.subject(),
            extension: names::name(oid),
        }),
        None => Ok(()),
    }
}

/// Whether it is for signatures on files.
pub(super) fn may_sign(certificate: &Certificate) -> Result<(), ChainError> {
    const PURPOSES: [&[u8]; 3] = [
        names::CODE_SIGNING,
        names::EMAIL_PROTECTION,
        names::ANY_EXTENDED_KEY_USAGE,
    ];
    let extensions = &certificate.extensions;
    let refuse = |extension| {
        Err(ChainError::NotForSigning {
            subject: certificate.subject(),
            extension,
        })
    };
    let usage = extensions.key_usage.as_ref();
    if usage.is_some_and(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
        return refuse("keyUsage");
    }
    let purposes = extensions.extended_key_usage.as_ref();
    let fits = |purposes: &Vec<Vec<u8>>| purposes.iter().any(|one| PURPOSES.contains(&&**one));
    match purposes.is_none_or(fits) {
        true => Ok(()),
        false => refuse("extKeyUsage"),
    }
}

fn has_issued(issuer: &Certificate, certificate: &Certificate) -> Result<(), ChainError> {
    let algorithm = certificate.signature_algorithm();
    let algorithm = algorithm.map_err(|algorithm| ChainError::Algorithm {
        subject: certificate.subject(),
        algorithm,
    })?;
    let key = issuer.public_key().map_err(|_| ChainError::Algorithm {
        subject: certificate.subject(),
        algorithm: format!("a key of `{}` of another kind", issuer.subject()),
    })?;
    match certificate.is_signed_by(&key, algorithm) {
        true => Ok(()),
        false => Err(ChainError::BadSignature {
            subject: certificate.subject(),
            issuer: issuer.subject(),
        }),
    }
}

fn date(seconds: i64) -> String {
    rfc3339(u64::try_from(seconds).unwrap_or_default())
}
