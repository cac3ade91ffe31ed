//! The Helm repositories that an NBI knows (`/admin/v1/k8srepos`), as `repo-add` of OSM's own
//! client makes them.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use thiserror::Error;

use super::client::Osm;
use super::error::OsmError;
use super::session::{JSON, QUESTIONS};

/// The collection below the NBI.
const PATH: &str = "admin/v1/k8srepos";
/// The type of those that hold charts.
const HELM: &str = "helm-chart";

/// A Helm repository: its name at OSM, which charts begin with (`NAME/chart`), and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmRepo {
    name: String,
    url: Url,
}

/// Why a text names no Helm repository. No message shows the address, which may hold a password.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum HelmRepoError {
    /// There is no `=`.
    #[error("it is written NAME=URL")]
    Form,
    /// A name that no `helm-chart` can begin with.
    #[error(
        "`{0}` is no name that a `helm-chart` can begin with: small letters, digits, and `-` between them"
    )]
    Name(String),
    /// No address of a repository.
    #[error("what follows `=` is no address that begins with `https://`, `http://` or `oci://`")]
    Address,
    /// A user name or password, which others can see.
    #[error(
        "the address holds a user name or password, which others can see; add the repository with OSM's own client"
    )]
    Credentials,
    /// One name has two addresses.
    #[error("the name `{0}` is given two addresses, and OSM keeps one")]
    Twice(String),
}

impl HelmRepo {
    /// Reads `NAME=URL`.
    ///
    /// # Errors
    ///
    /// The name is none that OSM finds in a `helm-chart`, or the address is none.
    pub fn parse(text: &str) -> Result<Self, HelmRepoError> {
        let (name, address) = text.split_once('=').ok_or(HelmRepoError::Form)?;
        let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_fine = name.starts_with(is_end)
            && name.ends_with(is_end)
            && name.chars().all(|c| is_end(c) || c == '-');
        if !is_fine {
            return Err(HelmRepoError::Name(name.to_owned()));
        }
        let url = Url::parse(address).map_err(|_| HelmRepoError::Address)?;
        if !matches!(url.scheme(), "https" | "http" | "oci") || !url.has_host() {
            return Err(HelmRepoError::Address);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HelmRepoError::Credentials);
        }
        Ok(HelmRepo {
            name: name.to_owned(),
            url,
        })
    }

    /// Reads several, each once.
    ///
    /// # Errors
    ///
    /// One is no repository, or a name has two addresses.
    pub fn all<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<Self>, HelmRepoError> {
        let mut all: Vec<HelmRepo> = Vec::new();
        for text in texts {
            let one = HelmRepo::parse(text)?;
            match all.iter().find(|other| other.name == one.name) {
                None => all.push(one),
                Some(other) if other.url() == one.url() => {}
                Some(_) => return Err(HelmRepoError::Twice(one.name)),
            }
        }
        Ok(all)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

/// A repository that an NBI has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmRepo {
    /// OSM's own key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its address; without what may stand before the host.
    pub url: String,
    /// Whether it holds charts.
    pub is_helm: bool,
    /// Whether OSM is about to remove it.
    pub is_leaving: bool,
}

impl OsmRepo {
    fn of(item: &Value) -> Option<Self> {
        let text = |key: &str| item[key].as_str().map(str::to_owned);
        Some(OsmRepo {
            key: text("_id")?,
            name: text("name")?,
            url: text("url").map(|url| shown(&url)).unwrap_or_default(),
            is_helm: item["type"] == HELM,
            is_leaving: item["_admin"]["to_delete"] == true,
        })
    }

    /// Whether it is the one that is meant.
    pub fn is(&self, repo: &HelmRepo) -> bool {
        self.is_helm && self.name == repo.name && self.url == repo.url()
    }
}

/// An address of somebody else's, who may have written a password into it.
fn shown(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) => {
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.as_str().trim_end_matches('/').to_owned()
        }
        Err(_) => text.to_owned(),
    }
}

impl Osm<'_> {
    /// The repositories that it knows, by name.
    ///
    /// # Errors
    ///
    /// It is not reached, or does not let this user look.
    pub fn repos(&self) -> Result<Vec<OsmRepo>, OsmError> {
        self.wait(self.known_repos())
    }

    async fn known_repos(&self) -> Result<Vec<OsmRepo>, OsmError> {
        let action = "list the Helm repositories that it knows";
        let url = self.address.below(PATH);
        let answer = self
            .question(action, |client| {
                client.get(url.clone()).header(ACCEPT, JSON)
            })
            .await?;
        if answer.status != StatusCode::OK {
            return Err(self.refused(action, &answer));
        }
        let document = answer.json().unwrap_or_default();
        let items = document.as_array();
        let items = items.ok_or_else(|| self.protocol(action, "answers with no list"))?;
        let mut repos: Vec<OsmRepo> = items.iter().filter_map(OsmRepo::of).collect();
        repos.sort_by(|a, b| (&a.name, &a.key).cmp(&(&b.name, &b.key)));
        Ok(repos)
    }

    /// Makes a repository known that OSM does not know; its key. Its name is free once, so this
    /// makes no second one, and after an answer that was lost OSM is asked what it knows.
    ///
    /// # Errors
    ///
    /// It is not reached, refuses, or nobody can tell what became of it.
    pub fn add_repo(&self, repo: &HelmRepo) -> Result<String, OsmError> {
        let action = format!("add the Helm repository `{}`", repo.name);
        let url = self.address.below(PATH);
        let mut form = json!({ "name": repo.name, "type": HELM, "url": repo.url() });
        // Releases before version 14 don't know the key, nor such repositories.
        if repo.url.scheme() == "oci" {
            form["oci"] = json!(true);
        }
        let form = form.to_string();
        let post = |client: &reqwest::Client| {
            let request = client.post(url.clone()).header(ACCEPT, JSON);
            request.header(CONTENT_TYPE, JSON).body(form.clone())
        };
        self.wait(async {
            let mut tries = 0;
            loop {
                let error = match self.once(&action, post).await {
                    Ok(answer) if answer.status.is_success() => {
                        let document = answer.json().unwrap_or_default();
                        match document["id"].as_str() {
                            Some(key) => match self.added(repo, key).await {
                                Ok(Some(key)) => return Ok(key),
                                Ok(None) => {
                                    let reason =
                                        format!("answers {}, and does not know it", answer.status);
                                    return Err(self.protocol(&action, &reason));
                                }
                                // Who may add one may not be one who may look.
                                Err(_) => return Ok(key.to_owned()),
                            },
                            None => self.protocol(&action, "answers without a key"),
                        }
                    }
                    Ok(answer) => self.refused(&action, &answer),
                    Err(error) => error,
                };
                let refusal = error.refusal();
                let is_clear = match refusal {
                    // The first try may have come through.
                    Some(refusal) if refusal.status == 409 => tries == 0,
                    // It may have fallen behind what it did.
                    Some(refusal) => !refusal.is_transient() && refusal.status != 500,
                    None => error.is_unauthorized(),
                };
                if is_clear {
                    return Err(error);
                }
                let lost = |source: OsmError| OsmError::Lost {
                    package: repo.name.clone(),
                    source: Box::new(source),
                };
                match self.known_repos().await {
                    Err(error) => return Err(lost(error)),
                    Ok(known) => {
                        let own = known.into_iter().find(|one| one.is(repo));
                        if let Some(own) = own.filter(|one| !one.is_leaving) {
                            return Ok(own.key);
                        }
                    }
                }
                match error.is_transient() {
                    true if tries < self.transport.retries => {}
                    true => return Err(lost(error)),
                    false => return Err(error),
                }
                self.transport.again(tries, &error).await;
                tries += 1;
            }
        })
    }

    /// The key under which OSM has a repository that it says to have added under `key`. The answer
    /// (202) is that of an operation, so that it is looked for more than once.
    async fn added(&self, repo: &HelmRepo, key: &str) -> Result<Option<String>, OsmError> {
        let times = QUESTIONS.min(self.transport.retries);
        for tries in 0..=times {
            let mut known = self.known_repos().await?.into_iter();
            let is_own = |one: &OsmRepo| {
                let has_both = one.key == key && one.name == repo.name;
                one.is(repo) || has_both
            };
            if let Some(own) = known.find(is_own) {
                return Ok(Some(own.key));
            }
            if tries < times {
                self.transport.pause(tries).await;
            }
        }
        Ok(None)
    }

    /// Removes a repository. Whether it was there.
    ///
    /// # Errors
    ///
    /// It is not reached, refuses, or only says that it is gone.
    pub fn remove_repo(&self, name: &str, key: &str) -> Result<bool, OsmError> {
        let action = format!("remove the Helm repository `{name}`");
        let mut url = self.address.below(PATH);
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.push(key);
        }
        let delete = |client: &reqwest::Client| client.delete(url.clone()).header(ACCEPT, JSON);
        let is_there = || async {
            let known = self.known_repos().await?;
            Ok(known.iter().any(|one| one.key == key && !one.is_leaving))
        };
        self.wait(self.removed(&action, delete, is_there))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let repo = HelmRepo::parse("stable=https://charts.example.org/stable/").expect("one");
        assert_eq!(
            (repo.name(), repo.url()),
            ("stable", "https://charts.example.org/stable")
        );
        for (text, error) in [
            ("stable", HelmRepoError::Form),
            ("=https://example.org", HelmRepoError::Name(String::new())),
            (
                "a/b=https://example.org",
                HelmRepoError::Name("a/b".to_owned()),
            ),
            ("stable=charts.example.org", HelmRepoError::Address),
            ("stable=file:///charts", HelmRepoError::Address),
            (
                "stable=https://me:secret@example.org",
                HelmRepoError::Credentials,
            ),
        ] {
            assert_eq!(HelmRepo::parse(text), Err(error), "{text}");
        }
        assert_eq!(
            shown("https://me:secret@example.org/a/"),
            "https://example.org/a"
        );
    }
}
