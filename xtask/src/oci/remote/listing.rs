//! What there is at a registry: repositories, tags, referrers.

use std::collections::BTreeSet;

use reqwest::header::{ACCEPT, LINK};
use reqwest::{Client, Url};
use serde_json::Value;

use super::Remote;
use super::auth::Scope;
use super::error::{NoIndex, RemoteError};
use super::pull::{Fetched, MANIFEST_LIMIT};
use super::send::Call;
use crate::oci::manifest::{Descriptor, Index, media_type};
use crate::oci::reference::{Reference, Repository};

/// A list that has more pages leads nowhere.
const PAGES: usize = 2_000;

/// After so many pages there have to be at least [`FEWEST`] entries a page. Registries give a
/// hundred and more at once, and one that leads on with one new name each time never ends.
const EARLY: usize = 100;
const FEWEST: usize = 10;

/// So many names of a list are asked for at once. No registry gives more.
const NAMES: usize = 1_000;

impl Remote {
    /// The tags of a repository, sorted and each once.
    pub fn tags(&self, repository: &Repository) -> Result<Vec<String>, RemoteError> {
        self.wait(async {
            let target = self.target(repository)?;
            let action = format!("list the tags of `{repository}`");
            let call = Call::new(&target, Scope::pull(&repository.path), action);
            let url = target.url(&format!("tags/list?n={NAMES}"))?;
            let what = format!("the repository `{repository}`");
            self.names(&call, url, "tags", &what).await
        })
    }

    /// The repositories of a registry that this user may see, sorted. Many
    /// registries tell nobody.
    pub fn repositories(&self, registry: &Repository) -> Result<Vec<String>, RemoteError> {
        self.wait(async {
            let registry = registry.sibling("");
            let target = self.target(&registry)?;
            let action = format!("list the repositories of `{registry}`");
            let call = Call::new(&target, Scope::catalog(), action);
            let url = target.url(&format!("_catalog?n={NAMES}"))?;
            let what = format!("a list of the repositories of `{registry}`");
            self.names(&call, url, "repositories", &what).await
        })
    }

    /// All pages of a list of names. Where a page has as many as were asked for, and does not
    /// say where it goes on, the rest is asked for by the last of them (distribution-spec,
    /// "Listing Tags"): the registry of go-containerregistry never says.
    async fn names(
        &self,
        call: &Call<'_>,
        first: Url,
        key: &str,
        what: &str,
    ) -> Result<Vec<String>, RemoteError> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut next = first.clone();
        let mut is_told = true;
        for n in 0..PAGES {
            let (page, link) = match self.page(call, next, what).await {
                Ok(page) => page,
                Err(error) if !is_told && error.is_not_found() => break,
                Err(error) => return Err(lost(call, n, error)),
            };
            // A repository whose tags were all deleted has `null`.
            let page = page[key].as_array().map_or(&[][..], Vec::as_slice);
            let page: Vec<&str> = page.iter().filter_map(Value::as_str).collect();
            let before = names.len();
            names.extend(page.iter().map(|name| (*name).to_owned()));
            // A registry that ignores where to go on gives the same page again.
            if names.len() == before {
                break;
            }
            is_too_slow(call, n + 1, names.len())?;
            is_told = link.is_some();
            next = match (link, page.last()) {
                (Some(link), _) => link,
                (None, Some(last)) if page.len() == NAMES => {
                    let mut url = first.clone();
                    url.query_pairs_mut().append_pair("last", last);
                    url
                }
                _ => break,
            };
            if n + 1 == PAGES {
                return Err(endless(call, PAGES));
            }
        }
        Ok(names.into_iter().collect())
    }

    async fn page(
        &self,
        call: &Call<'_>,
        url: Url,
        what: &str,
    ) -> Result<(Value, Option<Url>), RemoteError> {
        let get = |client: &Client| client.get(url.clone()).header(ACCEPT, "application/json");
        let (headers, bytes) = self.whole(call, what, get, MANIFEST_LIMIT).await?;
        let links = headers.get_all(LINK).iter();
        let link = links
            .filter_map(|link| link.to_str().ok())
            .find_map(|link| next_page(&call.target.base, &url, link));
        let page = serde_json::from_slice(&bytes)
            .map_err(|_| call.protocol("answered with something that is no JSON"))?;
        Ok((page, link))
    }

    /// What refers to a digest: its signatures, SBOMs, attestations. Where the
    /// registry has no interface for that, an index under a tag takes its place
    /// (distribution-spec, "Referrers Tag Schema").
    pub fn referrers(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<Vec<Descriptor>, RemoteError> {
        let mut found = match self.by_interface(repository, digest)? {
            Some(found) => found,
            None => self.listed_by_tag(repository, digest)?,
        };
        found.sort_by(|a, b| {
            let key = |d: &Descriptor| (d.artifact_type.clone(), d.digest.clone());
            key(a).cmp(&key(b))
        });
        Ok(found)
    }

    /// What the registry lists itself; `None` where it has no interface for that.
    fn by_interface(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<Option<Vec<Descriptor>>, RemoteError> {
        self.wait(async {
            let target = self.target(repository)?;
            let action = format!("list what refers to {digest} in `{repository}`");
            let call = Call::new(&target, Scope::pull(&repository.path), action);
            let mut next = target.url(&format!("referrers/{digest}"))?;
            let mut found: Vec<Descriptor> = Vec::new();
            for n in 0..PAGES {
                let (page, link) = match self.page(&call, next, "referrers").await {
                    Ok(page) => page,
                    Err(error) if n == 0 && has_no_interface(&error) => return Ok(None),
                    Err(error) => return Err(lost(&call, n, error)),
                };
                if !page["manifests"].is_array() && !page["manifests"].is_null() {
                    let reason = "answered with something that is no image index";
                    return Err(call.protocol(reason));
                }
                let before = found.len();
                for referrer in entries(&page) {
                    if found.iter().all(|known| known.digest != referrer.digest) {
                        found.push(referrer);
                    }
                }
                match link {
                    Some(link) if found.len() > before => next = link,
                    _ => return Ok(Some(found)),
                }
                is_too_slow(&call, n + 1, found.len())?;
            }
            Err(endless(&call, PAGES))
        })
    }

    /// What can be read of the index that takes the place of the interface.
    fn listed_by_tag(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<Vec<Descriptor>, RemoteError> {
        let reference = by_tag(repository, digest);
        match self.manifest(&reference) {
            Ok(fetched) => match index_in(&fetched.bytes) {
                Some(document) => Ok(entries(&document).collect()),
                None => Err(no_index(&reference, &fetched)),
            },
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The whole of it, and its reference.
    fn fallback(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<(Reference, Index), RemoteError> {
        let reference = by_tag(repository, digest);
        let index = match self.manifest(&reference) {
            // Whoever takes it for empty writes it anew, and loses what it lists.
            Ok(fetched) => index_in(&fetched.bytes)
                .and_then(|document| serde_json::from_value(document).ok())
                .ok_or_else(|| no_index(&reference, &fetched))?,
            Err(error) if error.is_not_found() => Index::default(),
            Err(error) => return Err(error),
        };
        Ok((reference, index))
    }

    /// Writes a manifest that refers to another, and makes sure that it is
    /// found: by the registry, or by the index that takes its place.
    pub fn put_referrer(
        &self,
        repository: &Repository,
        referrer: &Descriptor,
        subject: &str,
        bytes: &[u8],
    ) -> Result<(), RemoteError> {
        let reference = Reference::new(repository.clone(), &referrer.digest);
        let said = self.put_manifest(&reference, &referrer.media_type, bytes)?;
        if said.is_some() {
            return Ok(());
        }
        let listed = self.by_interface(repository, subject)?;
        let mut listed = listed.iter().flatten();
        if listed.any(|entry| entry.digest == referrer.digest) {
            return Ok(());
        }
        // An entry that says something else of it is put right.
        let is_listed = |list: &[Descriptor]| list.iter().any(|entry| entry.lists(referrer));
        // Whoever writes at the same time may take the entry away again.
        const TRIES: u64 = 12;
        let own = referrer.digest.bytes().map(u64::from).sum::<u64>();
        for n in 0..TRIES {
            // Those who come one after the other lose nothing.
            let pause = 30 * n + (own * n) % 100;
            std::thread::sleep(std::time::Duration::from_millis(pause));
            let (tag, mut index) = self.fallback(repository, subject)?;
            if is_listed(&index.manifests) {
                return Ok(());
            }
            let entries = &mut index.manifests;
            entries.retain(|entry| entry.digest != referrer.digest);
            entries.push(referrer.clone());
            index.media_type = Some(media_type::INDEX.to_owned());
            let bytes = serde_json::to_vec(&index).map_err(|error| RemoteError::Setup {
                what: "an index can't be written".to_owned(),
                source: Some(Box::new(error)),
            })?;
            self.put_manifest(&tag, media_type::INDEX, &bytes)?;
        }
        match is_listed(&self.fallback(repository, subject)?.1.manifests) {
            true => Ok(()),
            false => Err(RemoteError::Losing {
                host: repository.host.clone(),
                action: format!("attach {} to {subject}", referrer.digest),
            }),
        }
    }
}

/// The image index in a text. What has no list of manifests is none: an image manifest would read
/// as an empty one.
fn index_in(bytes: &[u8]) -> Option<Value> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let kind = document["mediaType"].as_str();
    let is_manifest = kind == Some(media_type::MANIFEST) || document["config"].is_object();
    let is_index = document["manifests"].is_array() || kind == Some(media_type::INDEX);
    Some(document).filter(|_| is_index && !is_manifest)
}

/// The entries of an index that can be read.
fn entries(index: &Value) -> impl Iterator<Item = Descriptor> {
    let all = index["manifests"].as_array().into_iter().flatten();
    all.filter_map(Descriptor::readable)
}

/// The reference of the index that takes the place of the interface.
fn by_tag(repository: &Repository, digest: &str) -> Reference {
    Reference::new(repository.clone(), &digest.replacen(':', "-", 1))
}

fn no_index(reference: &Reference, fetched: &Fetched) -> RemoteError {
    RemoteError::NoIndex(Box::new(NoIndex {
        reference: reference.clone(),
        media_type: fetched.media_type.clone(),
        digest: fetched.digest.clone(),
        size: fetched.bytes.len() as u64,
    }))
}

/// That a list goes on where there is nothing does not mean that there is no list.
fn lost(call: &Call<'_>, page: usize, error: RemoteError) -> RemoteError {
    match page > 0 && error.is_not_found() {
        true => call.protocol(format!(
            "leads from page {page} of the list to the next, which is not there"
        )),
        false => error,
    }
}

fn endless(call: &Call<'_>, pages: usize) -> RemoteError {
    call.protocol(format!("leads to more than {pages} pages of the list"))
}

/// Fails where a list of so many pages has so few entries that it has no end.
fn is_too_slow(call: &Call<'_>, pages: usize, entries: usize) -> Result<(), RemoteError> {
    match pages >= EARLY && entries < pages * FEWEST {
        true => Err(call.protocol(format!(
            "leads from page to page of the list, and after {pages} there are {entries} entries"
        ))),
        false => Ok(()),
    }
}

/// Whether an answer means that the registry knows no referrers.
fn has_no_interface(error: &RemoteError) -> bool {
    match error {
        RemoteError::NotFound { .. } => true,
        RemoteError::Status { status, .. } => {
            matches!(status.as_u16(), 400 | 405 | 501)
        }
        _ => false,
    }
}

/// The address of the next page in a `Link` header (RFC 8288). A registry behind a proxy
/// may give the name that it has itself; the page is at the registry that was asked all the
/// same, and credentials go nowhere else.
fn next_page(base: &Url, current: &Url, header: &str) -> Option<Url> {
    for link in header.split(',') {
        let (address, parameters) = link.split_once(';')?;
        let is_next = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim().replace('"', "");
            parameter.eq_ignore_ascii_case("rel=next")
        });
        let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
        if is_next {
            let named = current.join(address).ok()?;
            let mut url = base.clone();
            url.set_path(named.path());
            url.set_query(named.query());
            return Some(url);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_next_page() {
        let url = |text: &str| Url::parse(text).expect("an address");
        let base = url("https://r.io");
        let page = url("https://r.io/v2/a/tags/list?n=2");
        let next = |header: &str| next_page(&base, &page, header).map(|url| url.to_string());
        let expected = Some("https://r.io/v2/a/tags/list?last=b&n=2".to_owned());
        assert_eq!(next("</v2/a/tags/list?last=b&n=2>; rel=\"next\""), expected);
        assert_eq!(next("<list?last=b&n=2>; rel=next"), expected);
        // Another host is not asked.
        let elsewhere = "<http://inner:5000/v2/a/tags/list?last=b&n=2>; rel=\"next\"";
        assert_eq!(next(elsewhere), expected);
        assert_eq!(next("</v2/a>; rel=\"prev\""), None);
        assert_eq!(next(""), None);
    }
}
