//! What verification holds against packages and artifacts, as findings.

#[cfg(feature = "sign")]
use super::trusted::Signed;
#[cfg(feature = "publish")]
use super::verdict_rules::NOT_ONBOARDED;
use super::verdict_rules::{MISLABELLED, NOT_REBUILT, RENAMED};
#[cfg(feature = "sign")]
use super::verdict_rules::{UNSIGNED, UNTRUSTED};
use super::verify::{Rebuild, Verified};
use crate::diagnostic::{Diagnostic, Span};
use crate::package::Difference;
use crate::report::plural;

/// Notes on one package; JSON has all differences beside the finding.
const MOST: usize = 100;

impl Verified {
    /// What it is not, in the order of [`Verified`]'s fields. `is_asked` says that a
    /// signature by somebody who is trusted is wanted.
    pub fn verdicts(&self, is_asked: bool) -> Vec<Diagnostic> {
        let at = || Span::path(self.shown.clone());
        let mut found: Vec<Diagnostic> = self
            .mislabelled
            .iter()
            .map(|what| {
                Diagnostic::new(&MISLABELLED, at(), what.clone())
                    .help("publish it again from its sources")
            })
            .collect();
        if let Some(other) = &self.renamed {
            let message = format!("`{}` is something else: {}", self.shown, other.words());
            found.push(Diagnostic::new(&RENAMED, at(), message));
        }
        match &self.rebuild {
            None | Some(Rebuild::Same | Rebuild::SameUnsigned) => {}
            Some(Rebuild::Impossible(why)) => {
                let message = format!("`{}` can't be rebuilt: {why}", self.shown);
                found.push(Diagnostic::new(&NOT_REBUILT, at(), message));
            }
            Some(Rebuild::Differs {
                source,
                differences,
            }) => {
                let message = format!(
                    "the sources in `{source}` give other bytes than `{}`; below it comes first",
                    self.shown
                );
                let finding = Diagnostic::new(&NOT_REBUILT, at(), message);
                let mut notes = grouped(differences);
                if let Some(rest) = notes.len().checked_sub(MOST).filter(|rest| *rest > 0) {
                    notes.truncate(MOST);
                    notes.push(format!("and {} like these", plural(rest, "line")));
                }
                found.push(notes.into_iter().fold(finding, Diagnostic::note));
            }
        }
        #[cfg(feature = "sign")]
        found.extend(self.trust(is_asked));
        #[cfg(all(feature = "publish", feature = "sign"))]
        found.extend(unmet(&self.shown, &self.policy));
        #[cfg(not(feature = "sign"))]
        let _ = is_asked;
        found
    }

    #[cfg(feature = "sign")]
    fn trust(&self, is_asked: bool) -> Option<Diagnostic> {
        use crate::diagnostic::Severity;

        let at = Span::path(self.shown.clone());
        #[cfg(feature = "publish")]
        if let Some(artifact) = self.artifact.as_ref().filter(|_| is_asked) {
            // What is wrong with signatures of the artifact is said where there are some, and
            // the package has none.
            let is_said = matches!(self.signed, Signed::Not) && !artifact.is_nothing_there;
            if artifact.is_met || is_said {
                return unmet(&self.shown, std::slice::from_ref(artifact)).pop();
            }
        }
        match &self.signed {
            Signed::By(_) => None,
            Signed::Not => is_asked.then(|| {
                let message = format!("`{}` is not trusted: nobody has signed it", self.shown);
                Diagnostic::new(&UNSIGNED, at, message)
            }),
            // What the policy says of it is an error, and the same.
            Signed::Untrusted(why) if !is_asked && self.is_refused_for(why) => None,
            Signed::Untrusted(why) => {
                let message = format!("`{}` is not trusted: {why}", self.shown);
                let mut finding = Diagnostic::new(&UNTRUSTED, at, message);
                if !is_asked {
                    finding.severity = Severity::Warning;
                }
                Some(finding)
            }
        }
    }
}

#[cfg(feature = "sign")]
impl Verified {
    /// Whether a condition of the policy is not met for that reason.
    fn is_refused_for(&self, why: &str) -> bool {
        #[cfg(feature = "publish")]
        return self.policy.iter().any(|one| {
            let mut reasons = one.refused.iter();
            !one.is_met && reasons.any(|reason| reason == why)
        });
        #[cfg(not(feature = "publish"))]
        {
            let _ = why;
            false
        }
    }
}

/// That a package was not onboarded, for those who read findings and nothing else.
#[cfg(feature = "publish")]
pub fn not_onboarded(shown: &str, error: &super::Error) -> Diagnostic {
    let at = Span::path(shown.to_owned());
    let mut finding = Diagnostic::new(&NOT_ONBOARDED, at, error.to_string());
    let mut source = std::error::Error::source(error);
    while let Some(reason) = source {
        finding = finding.note(reason.to_string());
        source = reason.source();
    }
    finding
}

/// What holds for many members is said once.
fn grouped(differences: &[Difference]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for difference in differences {
        let (member, what) = (difference.member.as_str(), difference.what.as_str());
        match groups.iter_mut().find(|(w, _)| *w == what) {
            Some((_, members)) => members.push(member),
            None => groups.push((what, vec![member])),
        }
    }
    let line = |(what, members): (&str, Vec<&str>)| match members.as_slice() {
        [""] => format!("the package: {what}"),
        [member] => format!("`{member}`: {what}"),
        [first, others @ ..] => {
            let others = plural(others.len(), "other");
            format!("`{first}` and {others}: {what}")
        }
        [] => String::new(),
    };
    groups.into_iter().map(line).collect()
}

#[cfg(all(feature = "publish", feature = "sign"))]
impl super::VerifiedArtifact {
    /// The conditions that are not met, a finding each.
    pub fn verdicts(&self) -> Vec<Diagnostic> {
        let mut found = unmet(&self.reference, &self.conditions);
        if let Some(other) = &self.renamed {
            let message = format!("`{}` is something else: {}", self.reference, other.words());
            let at = Span::path(self.reference.clone());
            let mut finding = Diagnostic::new(&RENAMED, at, message);
            // A copy elsewhere may have been named otherwise on purpose.
            if !self.is_own {
                finding.severity = crate::diagnostic::Severity::Warning;
            }
            found.push(finding);
        }
        found
    }
}

#[cfg(all(feature = "publish", feature = "sign"))]
impl super::Error {
    /// What a policy has refused, a finding a condition; empty for every other error.
    pub fn verdicts(&self) -> Vec<Diagnostic> {
        if let super::Error::OtherName { reference, other } = self {
            let message = format!("`{reference}` is something else: {}", other.words());
            let at = Span::path(reference.clone());
            return vec![Diagnostic::new(&RENAMED, at, message)];
        }
        let super::Error::Policy(super::PolicyFileError::Refused { path, refusals }) = self else {
            return Vec::new();
        };
        let path = path.display();
        let all = refusals
            .iter()
            .flat_map(|one| unmet(&one.reference, &one.conditions));
        all.map(|finding| finding.note(format!("the policy is `{path}`")))
            .collect()
    }
}

impl super::VerifyReport {
    /// Adds what verification holds against the packages to what was found in them.
    pub fn add_verdicts(&mut self, is_asked: bool) {
        let all = self.verified.iter();
        let verdicts = all.flat_map(|one| one.verdicts(is_asked));
        let diagnostics = &mut self.checked.diagnostics;
        diagnostics.extend(verdicts);
        diagnostics.sort_by(Diagnostic::compare);
    }
}

#[cfg(all(feature = "publish", feature = "sign"))]
fn unmet(shown: &str, conditions: &[super::Condition]) -> Vec<Diagnostic> {
    use super::conditions::About;
    use super::verdict_rules::{NOT_ADMITTED, UNATTESTED};

    let finding = |one: &super::Condition| {
        let rule = match (one.about, one.is_nothing_there) {
            (About::Signature, true) => &UNSIGNED,
            (About::Signature, false) => &UNTRUSTED,
            (About::Attestation, _) => &UNATTESTED,
            (About::Admission, _) => &NOT_ADMITTED,
            (About::Name, _) => &RENAMED,
        };
        let message = format!("`{shown}` is not trusted: wanted is {}", one.wanted);
        let at = Span::path(shown.to_owned());
        let notes = one.refused.iter().map(|why| format!("found: {why}"));
        notes.fold(Diagnostic::new(rule, at, message), Diagnostic::note)
    };
    let unmet = conditions.iter().filter(|one| !one.is_met);
    unmet.map(finding).collect()
}
