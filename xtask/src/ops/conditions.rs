//! What must have been said about an artifact, and by whom, held against what
//! hangs on it.

use super::published_provenance::PREDICATE_ANNOTATION;
use super::signatures::{Claimed, attestations, signatures};
use super::trusted::{SignedBy, Trust};
use super::{Error, documents};
use crate::diagnostic::with_reasons;
use crate::oci::{Annotations, Descriptor, Manifest, Store, media_type};
use crate::time::rfc3339;
use crate::trust::policy::Age;
use crate::trust::sigstore::{ArtifactSignature, Attestation, SignatureForm};
use crate::trust::{Certificate, PublicKey, verify_chain};

/// A condition, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is wanted, in words.
    pub wanted: String,
    /// What kind of thing that is.
    pub about: About,
    /// The kind of attestation, where one is wanted.
    pub attestation: Option<String>,
    /// Whether it is met, or can't be asked here.
    pub is_met: bool,
    /// Whether it can be asked here; if not, `refused` says why.
    pub is_asked: bool,
    /// Those by whom it is met.
    pub by: Vec<ArtifactSignedBy>,
    /// Why other things that were found do not count.
    pub refused: Vec<String>,
    /// Whether there is nothing that could count.
    pub is_nothing_there: bool,
}

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A signature.
    Signature,
    /// An attestation.
    Attestation,
    /// That the policy speaks of it at all.
    Admission,
    /// That it is what it is called.
    Name,
}

/// A signature or attestation by somebody who is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactSignedBy {
    /// Its form.
    pub form: SignatureForm,
    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub key: String,
    /// The certificate, where the signature was made with one.
    pub certificate: Option<SignedBy>,
}

/// What must be there.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Signature,
    Attestation {
        /// Its kind, as somebody has named it.
        kind: String,
        /// The URIs of predicates of that kind.
        types: Vec<String>,
        max_age: Option<Age>,
    },
}

impl Wanted {
    fn about(&self) -> About {
        match self {
            Wanted::Signature => About::Signature,
            Wanted::Attestation { .. } => About::Attestation,
        }
    }
}

/// What must be there, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    pub wanted: Wanted,
    /// What those are called who are trusted; nothing where they have no names.
    pub names: Vec<String>,
    pub trust: Trust,
}

impl Requirement {
    /// In words.
    fn words(&self) -> String {
        Self::words_of(&self.wanted, &self.names)
    }

    /// In words, by those with these names.
    pub(super) fn words_of(wanted: &Wanted, names: &[String]) -> String {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let by = match names.is_empty() {
            true => "somebody who is trusted".to_owned(),
            false => names.join(" or "),
        };
        match wanted {
            Wanted::Signature => format!("a signature by {by}"),
            Wanted::Attestation { kind, max_age, .. } => {
                let age = max_age.as_ref();
                let age = age.map_or(String::new(), |age| {
                    format!(", not older than {}", age.text)
                });
                format!("an attestation `{kind}` by {by}{age}")
            }
        }
    }

    fn condition(&self) -> Condition {
        Condition {
            wanted: self.words(),
            about: self.wanted.about(),
            is_nothing_there: false,
            attestation: match &self.wanted {
                Wanted::Signature => None,
                Wanted::Attestation { kind, .. } => Some(kind.clone()),
            },
            is_met: false,
            is_asked: true,
            by: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// What an attestation is worth here; `None` if it is of another kind.
    fn judge(&self, found: &Attestation, digest: &str) -> Option<Judged> {
        let Wanted::Attestation {
            kind,
            types,
            max_age,
        } = &self.wanted
        else {
            return None;
        };
        let statement = found.statement();
        let is_of_kind = documents::says(kind, &statement.predicate);
        if !types.contains(&statement.predicate_type) || !is_of_kind {
            return None;
        }
        let signature = found.signature();
        let judged = self.trust.judge_artifact(signature, digest);
        Some(judged.and_then(|by| match max_age {
            None => Ok(by),
            Some(age) => {
                let said = statement.time();
                is_young(said, age, self.trust.at).map(|()| by)
            }
        }))
    }
}

type Judged = Result<ArtifactSignedBy, String>;

/// Clocks of two machines differ by as much, in seconds.
const SKEW: i64 = 300;

fn is_young(said: Option<i64>, age: &Age, now: i64) -> Result<(), String> {
    let said = said.ok_or("it does not say from when it is")?;
    let shown = rfc3339(u64::try_from(said).unwrap_or(0));
    if said > now.saturating_add(SKEW) {
        return Err(format!("it is from {shown}, which is yet to come"));
    }
    match now.saturating_sub(said) > age.seconds {
        true => Err(format!("it is from {shown}, older than {}", age.text)),
        false => Ok(()),
    }
}

/// Holds what hangs on the artifact with that digest against what must be there,
/// a condition each. One signature by somebody who is trusted is enough: whoever
/// may write there can add others.
///
/// # Errors
///
/// The place can't be read.
pub(super) fn judge(
    store: &Store<'_>,
    digest: &str,
    requirements: &[Requirement],
) -> Result<Vec<Condition>, Error> {
    let is_signature = |one: &Requirement| matches!(one.wanted, Wanted::Signature);
    let signatures = match requirements.iter().any(is_signature) {
        true => signatures(store, digest)?,
        false => Vec::new(),
    };
    let attestations = match requirements.iter().all(is_signature) {
        true => Vec::new(),
        false => {
            let each = |found: Attestation| -> Vec<Option<Judged>> {
                let all = requirements.iter();
                all.map(|one| one.judge(&found, digest)).collect()
            };
            attestations(store, digest, &each)?
        }
    };
    let mut conditions = Vec::new();
    for (i, requirement) in requirements.iter().enumerate() {
        let mut condition = requirement.condition();
        match &requirement.wanted {
            Wanted::Signature => {
                for Claimed { form, found } in &signatures {
                    let found = found.as_ref().map_err(Clone::clone);
                    let judged =
                        found.and_then(|found| requirement.trust.judge_artifact(found, digest));
                    condition.take(*form, judged);
                }
                condition.close("there is no signature");
            }
            Wanted::Attestation { types, .. } => {
                for Claimed { form, found } in &attestations {
                    let judged = match found {
                        Ok(all) => all.get(i).cloned().flatten(),
                        Err(why) => Some(Err(why.clone())),
                    };
                    if let Some(judged) = judged {
                        condition.take(*form, judged);
                    }
                }
                let unsigned = match condition.is_empty() {
                    true => unsigned(store, digest, types)?,
                    false => None,
                };
                condition.close(&unsigned.unwrap_or_else(|| "there is none".to_owned()));
            }
        }
        conditions.push(condition);
    }
    Ok(conditions)
}

/// What is said where there is a statement of such a kind that nobody has signed, as
/// `publish --provenance` writes it without a key.
fn unsigned(store: &Store<'_>, digest: &str, types: &[String]) -> Result<Option<String>, Error> {
    let is_it = |annotations: &Annotations| {
        let kind = annotations.get(PREDICATE_ANNOTATION);
        kind.is_some_and(|kind| types.contains(kind))
    };
    let is_statement =
        |one: &&Descriptor| one.artifact_type.as_deref() == Some(media_type::IN_TOTO);
    let told = |digest: &str| format!("there is one, which nobody has signed: {digest}");
    let referrers = store.referrers(digest)?;
    if let Some(one) = referrers.iter().find(|one| is_it(&one.annotations)) {
        return Ok(Some(told(&one.digest)));
    }
    // Some registries list referrers without their annotations.
    for one in referrers.iter().filter(is_statement).take(MOST_STATEMENTS) {
        let fetched = match store.fetch(&one.digest).map_err(Error::from) {
            Ok(fetched) => fetched,
            Err(error) if error.is_of_one() => continue,
            Err(error) => return Err(error),
        };
        let manifest = serde_json::from_slice::<Manifest>(&fetched.bytes);
        if manifest.is_ok_and(|manifest| is_it(&manifest.annotations)) {
            return Ok(Some(told(&one.digest)));
        }
    }
    Ok(None)
}

/// The most statements without a signature that are looked into.
const MOST_STATEMENTS: usize = 16;

/// The same for the one condition that somebody who is trusted has signed.
pub(super) fn signed_by(
    store: &Store<'_>,
    digest: &str,
    trust: &Trust,
) -> Result<Condition, Error> {
    let requirement = Requirement {
        wanted: Wanted::Signature,
        names: Vec::new(),
        trust: trust.clone(),
    };
    let conditions = judge(store, digest, std::slice::from_ref(&requirement))?;
    let condition = conditions.into_iter().next();
    Ok(condition.unwrap_or_else(|| requirement.condition()))
}

impl Condition {
    /// A condition that is met.
    pub(super) fn met(about: About, wanted: &str) -> Self {
        Condition {
            wanted: wanted.to_owned(),
            about,
            is_nothing_there: false,
            attestation: None,
            is_met: true,
            is_asked: true,
            by: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// A condition that is not met, and why.
    pub(super) fn unmet(about: About, wanted: &str, why: String) -> Self {
        Condition {
            wanted: wanted.to_owned(),
            about,
            is_nothing_there: false,
            attestation: None,
            is_met: false,
            is_asked: true,
            by: Vec::new(),
            refused: vec![why],
        }
    }

    /// A condition that can't be asked here, and why.
    pub(super) fn unasked(about: About, wanted: &str, why: &str) -> Self {
        Condition {
            is_asked: false,
            refused: vec![why.to_owned()],
            ..Condition::met(about, wanted)
        }
    }

    fn take(&mut self, form: SignatureForm, judged: Judged) {
        match judged {
            Ok(by) => self.by.push(by),
            Err(why) => self.refused.push(format!("{}: {why}", form.id())),
        }
    }

    fn is_empty(&self) -> bool {
        self.by.is_empty() && self.refused.is_empty()
    }

    fn close(&mut self, nothing: &str) {
        self.is_met = !self.by.is_empty();
        if !self.is_met && self.refused.is_empty() {
            self.refused.push(nothing.to_owned());
            self.is_nothing_there = true;
        }
    }
}

impl Trust {
    /// Whose signature it is, of those who are trusted: the key, and the
    /// certificate if it came along.
    fn judge_artifact(&self, found: &ArtifactSignature, digest: &str) -> Judged {
        if !found.is_of(digest) {
            return Err(format!("it is for {}, another artifact", found.digest()));
        }
        let by = |key: &PublicKey, certificate: Option<SignedBy>| ArtifactSignedBy {
            form: found.form(),
            key: key.id(),
            certificate,
        };
        let certificates = found.certificates();
        let holds = |key: &&PublicKey| found.verify(key).is_ok();
        let certificate = certificates.first();
        if let Some(key) = self.keys.iter().find(holds) {
            found
                .check_certificates(key, &self.anchors)
                .map_err(|error| with_reasons(&error))?;
            let by_whom = certificate.and_then(|one| {
                let is_certified = one.is_self_signed();
                SignedBy::of(one).map(|by| SignedBy {
                    is_certified,
                    is_valid: self.is_valid(one),
                    ..by
                })
            });
            return Ok(by(key, by_whom));
        }
        let (key, certificate) = match certificate {
            Some(certificate) => {
                let issuers = certificates.get(1..).unwrap_or_default();
                let key = self.judge_certified(found, certificate, issuers)?;
                (key, certificate)
            }
            None => self.judge_bare(found)?,
        };
        Ok(by(&key, SignedBy::of(certificate)))
    }

    fn judge_certified(
        &self,
        found: &ArtifactSignature,
        certificate: &Certificate,
        issuers: &[Certificate],
    ) -> Result<PublicKey, String> {
        let subject = certificate.subject();
        let key = certificate
            .public_key()
            .map_err(|error| with_reasons(&error))?;
        found
            .verify(&key)
            .map_err(|error| format!("it names `{subject}`: {error}"))?;
        if self.anchors.is_empty() {
            return Err(format!("it is by `{subject}`, with another key"));
        }
        verify_chain(certificate, issuers, &self.anchors, self.at)
            .map_err(|error| format!("it names `{subject}`: {}", with_reasons(&error)))?;
        found
            .check_certificates(&key, &self.anchors)
            .map_err(|error| with_reasons(&error))?;
        Ok(key)
    }

    /// A signature that says nothing of who made it may be that of a certificate
    /// that is trusted itself.
    fn judge_bare(&self, found: &ArtifactSignature) -> Result<(PublicKey, &Certificate), String> {
        for anchor in &self.anchors {
            let key = anchor.public_key().ok();
            let Some(key) = key.filter(|key| found.verify(key).is_ok()) else {
                continue;
            };
            verify_chain(anchor, &[], &self.anchors, self.at)
                .map_err(|error| format!("`{}`: {}", anchor.subject(), with_reasons(&error)))?;
            return Ok((key, anchor));
        }
        // The hint is what anybody may have written there, but who has a new key, or expects one,
        // knows it again.
        Err(match found.key_hint() {
            Some(hint) if self.keys.iter().any(|key| key.id() == hint) => {
                format!(
                    "it names the key {hint}, which is trusted, and does not hold: it was changed, or made with another key"
                )
            }
            Some(hint) => {
                format!("it names the key {hint}, which is none of those that are trusted")
            }
            None => "it was made with no key that is trusted, or was changed".to_owned(),
        })
    }
}
