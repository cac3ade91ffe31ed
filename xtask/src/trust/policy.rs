//! Policies: who must have said what about an artifact.

use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

/// A policy, as it is written in TOML.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Where artifacts may come from: hosts, or hosts with the beginning of a
    /// path. Without it, from anywhere.
    #[serde(default, deserialize_with = "registries")]
    pub registries: Option<Vec<String>>,
    /// The artifacts that may lie under another name or version than their own.
    #[serde(default)]
    pub renamed: Vec<Pattern>,
    /// Those who may sign, by the names that rules call them.
    #[serde(default)]
    pub signers: BTreeMap<String, Spanned<SignerFiles>>,
    /// The rules. All that are about an artifact must be met, and there must be
    /// one.
    #[serde(default)]
    pub rules: Vec<Spanned<PolicyRule>>,
}

/// The files by which somebody is known, relative to that of the policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignerFiles {
    /// Public keys.
    #[serde(default)]
    pub keys: Vec<PathBuf>,
    /// Certificates, of those who sign or of their issuers.
    #[serde(default)]
    pub certificates: Vec<PathBuf>,
}

/// What must be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyRule {
    /// The artifacts that it is about; without it, all.
    #[serde(default)]
    pub artifacts: Option<Vec<Pattern>>,
    /// The names of those of whom one must have signed.
    #[serde(default)]
    pub signed_by: Vec<String>,
    /// What must have been attested.
    #[serde(default)]
    pub attestations: Vec<Spanned<WantedAttestation>>,
}

/// An attestation that must be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WantedAttestation {
    /// The name of its kind, or the URI of its predicate.
    #[serde(rename = "type")]
    pub kind: String,
    /// The names of those of whom one must have made it; without it, those who
    /// must have signed.
    #[serde(default)]
    pub signed_by: Vec<String>,
    /// How old it may be.
    #[serde(default)]
    pub max_age: Option<Age>,
}

/// A pattern for names of artifacts: `*` within a part of a path, `**` over
/// several.
#[derive(Clone, Debug)]
pub struct Pattern(GlobMatcher);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Some(why) = no_name(&text) {
            return Err(de::Error::custom(format!(
                "`{text}` matches nothing: {why}"
            )));
        }
        let mut glob = GlobBuilder::new(&text);
        let glob = glob.literal_separator(true).build();
        let glob = glob.map_err(de::Error::custom)?;
        Ok(Pattern(glob.compile_matcher()))
    }
}

/// Why no artifact is called so: `host/path/name` at a registry, a name without the version
/// elsewhere.
fn no_name(text: &str) -> Option<&'static str> {
    let last = text.rsplit('/').next().unwrap_or_default();
    if text.contains("://") {
        Some("it is written without a scheme, as `host/path/name`")
    } else if text.contains('@') || last.contains(':') {
        Some("it is about an artifact in all its versions; leave out what is behind the name")
    } else {
        None
    }
}

/// The hosts and paths that artifacts may come from.
fn registries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Registry(#[serde(deserialize_with = "registry")] String);

    let all = Vec::<Registry>::deserialize(deserializer)?;
    Ok(Some(all.into_iter().map(|Registry(text)| text).collect()))
}

fn registry<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let path = text.split_once('/').map_or("", |(_, path)| path);
    let why = if text.contains("://") {
        "it is written without a scheme, as `host/path`"
    } else if path.contains([':', '@']) {
        "it is the beginning of a path, without a version"
    } else if text.contains('*') {
        "it is the beginning of a path, and no pattern"
    } else {
        return Ok(text);
    };
    Err(de::Error::custom(format!(
        "`{text}` matches nothing: {why}"
    )))
}

/// A span of time: a number and `m`, `h`, `d` or `w`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Age {
    /// As it was written.
    pub text: String,
    /// In seconds.
    pub seconds: i64,
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[number.len()..] {
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => 0,
        };
        let seconds = number.parse::<u32>().ok();
        let seconds = seconds.map(|number| i64::from(number) * unit);
        let is_whole = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        match seconds.filter(|seconds| *seconds > 0) {
            Some(seconds) => Ok(Age { text, seconds }),
            None if is_whole && unit > 0 && number.bytes().all(|b| b == b'0') => {
                Err(de::Error::custom(format!(
                    "`{text}` is over at once, so that nothing could meet it"
                )))
            }
            None if is_whole && unit > 0 => Err(de::Error::custom(format!(
                "`{text}` is too long a time; write a number below {}",
                1_u64 << 32
            ))),
            None => Err(de::Error::custom(format!(
                "`{text}` is no span of time; write a number and `m`, `h`, `d` or `w`, such as `30d`"
            ))),
        }
    }
}

/// What a policy says that can't be used, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// The byte at which what says so begins: somebody, a rule, or an attestation.
    pub at: usize,
    /// What is wrong.
    pub error: PolicyError,
}

/// What a policy says that can't be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PolicyError {
    /// A rule names somebody who is not described.
    #[error("it names `{0}`, of whom there is nothing under `[signers]`")]
    UnknownSigner(String),
    /// Somebody without keys and certificates.
    #[error("`{0}` has neither keys nor certificates")]
    EmptySigner(String),
    /// A rule that asks for nothing.
    #[error("rule {0} asks for nothing; give it `signed-by` or `attestations`")]
    EmptyRule(usize),
    /// An attestation by nobody in particular.
    #[error("rule {rule} does not say who must have attested `{kind}`; give it `signed-by`")]
    ByNobody {
        /// The rule, from 1.
        rule: usize,
        /// The attestation.
        kind: String,
    },
    /// An attestation of no known kind.
    #[error(
        "`{0}` is no kind of attestation; give a name such as `provenance`, or the URI of a predicate"
    )]
    UnknownKind(String),
    /// A policy without rules.
    #[error("it has no rules, so that no artifact meets it")]
    NoRules,
}

impl Policy {
    /// Whether it can be used at all; `is_kind` knows the kinds of attestations.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn check(&self, is_kind: impl Fn(&str) -> bool) -> Result<(), PolicyFault> {
        let fault = |at, error| Err(PolicyFault { at, error });
        if self.rules.is_empty() {
            return fault(0, PolicyError::NoRules);
        }
        for (name, files) in &self.signers {
            let at = files.span().start;
            let files = files.get_ref();
            if files.keys.is_empty() && files.certificates.is_empty() {
                return fault(at, PolicyError::EmptySigner(name.clone()));
            }
        }
        for (i, rule) in self.rules.iter().enumerate() {
            let (number, at) = (i + 1, rule.span().start);
            let rule = rule.get_ref();
            if rule.signed_by.is_empty() && rule.attestations.is_empty() {
                return fault(at, PolicyError::EmptyRule(number));
            }
            let mut named: Vec<(usize, &String)> =
                rule.signed_by.iter().map(|name| (at, name)).collect();
            for wanted in &rule.attestations {
                let at = wanted.span().start;
                let wanted = wanted.get_ref();
                if !is_kind(&wanted.kind) {
                    return fault(at, PolicyError::UnknownKind(wanted.kind.clone()));
                }
                if rule.by(wanted).is_empty() {
                    let kind = wanted.kind.clone();
                    return fault(at, PolicyError::ByNobody { rule: number, kind });
                }
                named.extend(wanted.signed_by.iter().map(|name| (at, name)));
            }
            let unknown = |(_, name): &&(usize, &String)| !self.signers.contains_key(*name);
            if let Some((at, name)) = named.iter().find(unknown) {
                return fault(*at, PolicyError::UnknownSigner((*name).clone()));
            }
        }
        Ok(())
    }

    /// Whether artifacts may come from a repository (`host/path`).
    pub fn allows(&self, repository: &str) -> bool {
        let Some(registries) = &self.registries else {
            return true;
        };
        registries.iter().any(|allowed| {
            let allowed = allowed.trim_end_matches('/');
            let rest = repository.strip_prefix(allowed);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether an artifact may be called otherwise than it says of itself. It is named as
    /// for [`Policy::rules_for`].
    pub fn allows_renamed(&self, artifact: &str) -> bool {
        let is_match = |Pattern(glob): &Pattern| glob.is_match(artifact);
        self.renamed.iter().any(is_match)
    }

    /// The rules that are about an artifact: `host/path/name` at a registry, its
    /// name without the version elsewhere.
    pub fn rules_for<'a>(&'a self, artifact: &'a str) -> impl Iterator<Item = &'a PolicyRule> {
        let rules = self.rules.iter().map(Spanned::get_ref);
        rules.filter(|rule| rule.is_about(artifact))
    }
}

impl PolicyRule {
    fn is_about(&self, artifact: &str) -> bool {
        match &self.artifacts {
            None => true,
            Some(patterns) => patterns.iter().any(|Pattern(glob)| glob.is_match(artifact)),
        }
    }

    /// The names of those of whom one must have made an attestation.
    pub fn by<'a>(&'a self, wanted: &'a WantedAttestation) -> &'a [String] {
        match wanted.signed_by.is_empty() {
            true => &self.signed_by,
            false => &wanted.signed_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<Policy, toml::de::Error> {
        toml::from_str(text)
    }

    const WHOLE: &str = r#"
        registries = ["registry.example.org/edge/", "ghcr.io"]
        [signers.vendor]
        keys = ["vendor.pub"]
        [[rules]]
        artifacts = ["ghcr.io/**", "registry.example.org/edge/*"]
        signed-by = ["vendor"]
        [[rules]]
        artifacts = ["**/*_ns"]
        [[rules.attestations]]
        type = "provenance"
        signed-by = ["vendor"]
        max-age = "2w"
    "#;

    #[test]
    fn registries_are_named_by_whole_parts_of_their_path() {
        let policy = policy(WHOLE).expect("a policy");
        for (repository, expected) in [
            ("registry.example.org/edge", true),
            ("registry.example.org/edge/a/b", true),
            ("registry.example.org/edgy/a", false),
            ("registry.example.org", false),
            ("ghcr.io/x", true),
            ("ghcr.io.example.org/x", false),
            ("ghcr.io:5000/x", false),
        ] {
            assert_eq!(policy.allows(repository), expected, "{repository}");
        }
    }

    #[test]
    fn all_rules_count_that_are_about_an_artifact() {
        let policy = policy(WHOLE).expect("a policy");
        assert_eq!(policy.check(|_| true), Ok(()));
        for (artifact, expected) in [
            ("ghcr.io/a/b/c", 1),
            ("ghcr.io/a/edge_ns", 2),
            ("registry.example.org/edge/router", 1),
            ("registry.example.org/edge/a/router", 0),
            ("edge_ns", 1),
            ("router", 0),
        ] {
            assert_eq!(policy.rules_for(artifact).count(), expected, "{artifact}");
        }
        let age = policy.rules[1].get_ref().attestations[0]
            .get_ref()
            .max_age
            .as_ref();
        assert_eq!(age.map(|age| age.seconds), Some(14 * 86_400));
    }

    #[test]
    fn what_can_not_be_used_is_told() {
        let signer = "[signers.a]\nkeys = ['a.pub']\n";
        for (text, expected) in [
            (String::new(), PolicyError::NoRules),
            (
                "[signers.a]\n[[rules]]\nsigned-by = ['a']".to_owned(),
                PolicyError::EmptySigner("a".to_owned()),
            ),
            (format!("{signer}[[rules]]"), PolicyError::EmptyRule(1)),
            (
                format!("{signer}[[rules]]\nsigned-by = ['b']"),
                PolicyError::UnknownSigner("b".to_owned()),
            ),
            (
                format!("{signer}[[rules]]\nattestations = [{{ type = 'vuln' }}]"),
                PolicyError::ByNobody {
                    rule: 1,
                    kind: "vuln".to_owned(),
                },
            ),
        ] {
            let fault = policy(&text).expect(&text).check(|_| true);
            assert_eq!(fault.map_err(|fault| fault.error), Err(expected), "{text}");
        }
        for age in ["d", "30", "-1d", "0d", "30y", "1.5d", "30 d"] {
            let text =
                format!("[[rules]]\nattestations = [{{ type = 'vuln', max-age = '{age}' }}]");
            policy(&text).expect_err(age);
        }
        policy("[[rules]]\nsigned_by = ['a']").expect_err("an unknown key");
        policy("[[rules]]\nartifacts = ['[']").expect_err("no pattern");
        for entry in ["https://r.io", "r.io/a:1", "r.io/a@sha256:b", "r.io/*"] {
            let error = policy(&format!("\nregistries = ['{entry}']")).expect_err(entry);
            assert!(error.to_string().contains("line 2"), "{error}");
        }
        for entry in ["oci://r.io/a", "r.io/a/b:1.0", "edge_ns:1.0", "r.io/a@x"] {
            let error = policy(&format!("[[rules]]\nartifacts = ['{entry}']"));
            assert!(error.expect_err(entry).to_string().contains("line 2"));
        }
        for entry in ["r.io:5000", "r.io:5000/a"] {
            policy(&format!("registries = ['{entry}']")).expect(entry);
        }
        policy("[[rules]]\nartifacts = ['r.io:5000/*/a', '**']").expect("a policy");
    }
}
