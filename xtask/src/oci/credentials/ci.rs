//! Credentials from environment variables: our own, GitLab's and GitHub's.
//!
//! Each holds for one registry only, so that no secret goes to the other one in
//! a copy.

use std::collections::BTreeMap;

use super::place::{Place, Wanted};
use super::{Credential, CredentialError, Secret};

/// The variables that are read here.
pub(super) const VARIABLES: [&str; 9] = [
    REGISTRY,
    USERNAME,
    PASSWORD,
    TOKEN,
    "CI_REGISTRY",
    "CI_REGISTRY_USER",
    "CI_REGISTRY_PASSWORD",
    "GITHUB_ACTOR",
    "GITHUB_TOKEN",
];

const REGISTRY: &str = "NFV_REGISTRY";
const USERNAME: &str = "NFV_REGISTRY_USERNAME";
const PASSWORD: &str = "NFV_REGISTRY_PASSWORD";
const TOKEN: &str = "NFV_REGISTRY_TOKEN";

/// A credential, and the variable that holds its secret.
type Found = (Credential, &'static str);

/// The host of GitHub's registry, which takes the token of a workflow.
const GITHUB: &str = "ghcr.io";

/// What the variables say for a repository, and the variable that holds the
/// secret. An empty variable is none: CI sets those whose secret is not there.
pub(super) fn find(
    env: &BTreeMap<String, String>,
    wanted: &Wanted<'_>,
) -> Result<Option<Found>, CredentialError> {
    let get = |name: &str| env.get(name).map(String::as_str).filter(|v| !v.is_empty());
    let is_for = |registry: &str| Place::parse(registry).holds(wanted);
    if get(REGISTRY).is_some_and(is_for)
        && let Some(found) = own(get(USERNAME), get(PASSWORD), get(TOKEN))?
    {
        return Ok(Some(found));
    }
    let pair = |user: &str, password: &'static str| {
        Some((Credential::basic(get(user)?, get(password)?), password))
    };
    if get("CI_REGISTRY").is_some_and(is_for)
        && let Some(found) = pair("CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD")
    {
        return Ok(Some(found));
    }
    if is_for(GITHUB) {
        return Ok(pair("GITHUB_ACTOR", "GITHUB_TOKEN"));
    }
    Ok(None)
}

/// User and password go before the token. One half alone is a slip.
fn own(
    username: Option<&str>,
    password: Option<&str>,
    token: Option<&str>,
) -> Result<Option<Found>, CredentialError> {
    let half = |set, unset| Err(CredentialError::HalfSet { set, unset });
    match (username, password, token) {
        (Some(username), Some(password), _) => {
            Ok(Some((Credential::basic(username, password), PASSWORD)))
        }
        (_, _, Some(token)) => Ok(Some((Credential::Bearer(Secret::new(token)), TOKEN))),
        (Some(_), None, None) => half(USERNAME, PASSWORD),
        (None, Some(_), None) => half(PASSWORD, USERNAME),
        (None, None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(variables: &[(&str, &str)], host: &str) -> Result<Option<Credential>, CredentialError> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let env = variables.iter().map(own).collect();
        let found = find(&env, &Wanted::new(host, "acme/edge"))?;
        Ok(found.map(|(credential, _)| credential))
    }

    #[track_caller]
    fn found(variables: &[(&str, &str)], host: &str) -> Option<Credential> {
        ask(variables, host).unwrap()
    }

    const OWN: [(&str, &str); 2] = [(USERNAME, "me"), (PASSWORD, "p")];

    #[test]
    fn our_own_hold_for_their_registry_only() {
        let variables = [OWN[0], OWN[1], (REGISTRY, "https://ghcr.io")];
        assert_eq!(
            found(&variables, "ghcr.io"),
            Some(Credential::basic("me", "p"))
        );
        assert_eq!(found(&variables, "quay.io"), None);
        assert_eq!(found(&variables, "ghcr.io:444"), None);
        let narrower = [OWN[0], OWN[1], (REGISTRY, "ghcr.io/other")];
        assert_eq!(found(&narrower, "ghcr.io"), None);
    }

    #[test]
    fn without_a_registry_our_own_hold_for_none() {
        assert_eq!(found(&OWN, "ghcr.io"), None);
        let variables = [OWN[0], OWN[1], (REGISTRY, "")];
        assert_eq!(found(&variables, "ghcr.io"), None);
        assert_eq!(found(&[(TOKEN, "t")], "ghcr.io"), None);
    }

    #[test]
    fn our_token_is_sent_as_it_is() {
        let token = [(REGISTRY, "[::1]:5000"), (TOKEN, "t")];
        assert_eq!(
            found(&token, "[::1]:5000"),
            Some(Credential::Bearer(Secret::new("t")))
        );
        let both = [token[0], token[1], OWN[0], OWN[1]];
        assert_eq!(
            found(&both, "[::1]:5000"),
            Some(Credential::basic("me", "p"))
        );
    }

    #[test]
    fn half_of_a_pair_is_an_error() {
        let error = ask(&[(REGISTRY, "ghcr.io"), OWN[1]], "ghcr.io").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`NFV_REGISTRY_PASSWORD` is set, but `NFV_REGISTRY_USERNAME` is not"
        );
        assert_eq!(found(&[(REGISTRY, "ghcr.io"), OWN[1]], "quay.io"), None);
    }

    #[test]
    fn gitlab() {
        let variables = [
            ("CI_REGISTRY", "registry.example.com:5050"),
            ("CI_REGISTRY_USER", "gitlab-ci-token"),
            ("CI_REGISTRY_PASSWORD", "job"),
        ];
        assert_eq!(
            found(&variables, "registry.example.com:5050"),
            Some(Credential::basic("gitlab-ci-token", "job"))
        );
        assert_eq!(found(&variables, "registry.example.com"), None);
        assert_eq!(found(&variables[..2], "registry.example.com:5050"), None);
    }

    #[test]
    fn github() {
        let variables = [("GITHUB_ACTOR", "octocat"), ("GITHUB_TOKEN", "ghs")];
        assert_eq!(
            found(&variables, "ghcr.io"),
            Some(Credential::basic("octocat", "ghs"))
        );
        assert_eq!(found(&variables, "docker.io"), None);
        assert_eq!(found(&variables[1..], "ghcr.io"), None);
    }
}
