//! `list` and `inspect` at registries, layouts and archives.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;

use super::contents::{Content, contents};
use super::copy::each_at_once;
use super::listed;
use super::needs::is_descriptor;
use super::place::{Access, OpenPlace, VersionChoice};
use super::pull::manifest_of;
use super::versions::{compare, is_pointer};
use super::{Error, Reporter, Work};
use crate::diagnostic::with_reasons;
use crate::oci::{
    Around, CREATED, Descriptor, Fetched, LayoutError, Manifest, Place, REF_NAME, Reference,
    Remote, RemoteError, Repository, Store, StoreError, TITLE, media_type,
};
use crate::package::UnpackError;
use crate::scratch;
use crate::source::members::{self, Fault};
use crate::source::{Workspace, recognise};

/// How many manifests are on their way at once.
const CONCURRENCY: usize = 8;
/// No config document is larger.
const DOCUMENT: usize = 16 << 20;

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `ghcr.io/edge/router:1.0`, or a repository.
    pub reference: String,
    /// What is there; nothing for a repository.
    pub found: Option<Found>,
}

/// What is there under a tag or digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The digest of the manifest.
    pub digest: String,
    /// The type of the artifact.
    pub kind: String,
    /// Bytes of all layers.
    pub size: u64,
    /// When it was made, as it says itself.
    pub created: Option<String>,
}

/// An artifact in full.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// Where it is.
    pub reference: String,
    /// Its manifest's bytes.
    pub fetched: Fetched,
    /// The manifest, unless it is an index.
    pub manifest: Option<Manifest>,
    /// The config document, if it is JSON.
    pub config: Option<Value>,
    /// Why it is not, though its type says that it is.
    pub config_fault: Option<String>,
    /// What refers to it, where that was asked for.
    pub referrers: Vec<Referrer>,
}

/// Something that refers to an artifact, and what refers to that.
#[derive(Clone, Debug)]
pub struct Referrer {
    /// What it is; its type only where that is known.
    pub descriptor: Descriptor,
    /// The tag by which it hangs there, as cosign has it, where it names no subject.
    pub tag: Option<String>,
    /// What is in it.
    pub contents: Vec<Content>,
    /// Why its manifest can't be read, where that is so.
    pub fault: Option<ReferrerFault>,
    /// What a list says of it otherwise than its manifest does, in words.
    pub otherwise: Vec<String>,
    /// What refers to it.
    pub referrers: Vec<Referrer>,
}

/// Why the manifest of a referrer can't be read.
#[derive(Clone, Debug)]
pub struct ReferrerFault {
    /// The reason, in one line.
    pub reason: String,
    /// Whether it is damaged. What a registry lists and does not have is not: lists that
    /// clients write go on naming what somebody has deleted.
    pub is_damage: bool,
    /// Whether only the manifest would tell that it refers to this artifact.
    pub may_be_another: bool,
}

impl ReferrerFault {
    fn no_manifest(error: serde_json::Error) -> Self {
        ReferrerFault {
            reason: format!("it is no manifest: {error}"),
            is_damage: false,
            may_be_another: false,
        }
    }

    fn of(error: &Error) -> Self {
        ReferrerFault {
            reason: match error {
                // Which one is in front of it.
                Error::Layout(LayoutError::Manifest { source, .. }) => with_reasons(source),
                error => with_reasons(error),
            },
            // A layout is on this disk, and what it names has to be there.
            is_damage: error.is_mismatch()
                || matches!(error, Error::Layout(error) if !error.is_unusable()),
            may_be_another: false,
        }
    }
}

impl Referrer {
    /// Whether its manifest is damaged, or one that refers to it.
    pub fn is_damaged(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.is_damage)
            || self.referrers.iter().any(Referrer::is_damaged)
    }
}

/// What is at a place: the tags of a repository with what they are, or the
/// repositories below a path that is none.
pub fn browse(
    workspace: &Workspace,
    remote: &Remote,
    text: &str,
    reporter: &dyn Reporter,
) -> Result<Vec<Listed>, Error> {
    // A registry alone is no reference, and a place all the same.
    let is_registry = text.contains("://") || matches!(Place::parse(text), Ok(Place::Registry(_)));
    if is_registry && let Ok(repository) = Repository::parse(text) {
        return repository_list(remote, &repository, reporter);
    }
    let place = OpenPlace::open(workspace, remote, text, Access::Read)?;
    match &place.store {
        Store::Registry(_, repository) => {
            let name = place.target()?;
            let found = found(&place.store.fetch(&name)?);
            let reference = Reference::new(repository.clone(), &name).to_string();
            Ok(vec![Listed {
                reference,
                found: Some(found),
            }])
        }
        Store::Layout(layout) => {
            let mut list = Vec::new();
            for entry in layout.entries()? {
                if !place.means(&entry.reference, &entry.descriptor.digest) {
                    continue;
                }
                let fetched = place.store.fetch(&entry.descriptor.digest)?;
                list.push(Listed {
                    reference: entry.reference,
                    found: Some(found(&fetched)),
                });
            }
            for (one, error) in layout.unread()? {
                if place.target.is_none() || place.means("", &one.digest) {
                    reporter.warning(&error.with_reason());
                }
            }
            // What has no name and speaks about nothing else.
            for digest in layout.unnamed()? {
                if !place.means(&digest, &digest) {
                    continue;
                }
                let fetched = place.store.fetch(&digest)?;
                list.push(Listed {
                    reference: digest,
                    found: Some(found(&fetched)),
                });
            }
            if list.is_empty() && place.target.is_some() {
                // It says what there is of that name.
                let name = place.target()?;
                let found = found(&place.store.fetch(&name)?);
                list.push(Listed {
                    reference: name,
                    found: Some(found),
                });
            }
            Ok(list)
        }
    }
}

fn repository_list(
    remote: &Remote,
    repository: &Repository,
    reporter: &dyn Reporter,
) -> Result<Vec<Listed>, Error> {
    if repository.path.is_empty() {
        return below(remote, repository);
    }
    let names = match remote.tags(repository) {
        Ok(names) => names,
        // Some registries say so of what they have never heard of. Where nobody is told
        // what is below it, that is the answer.
        Err(error) if error.is_not_found() => {
            return below(remote, repository).map_err(|below| match below.is_transient() {
                true => below,
                false => Error::NoSuchPlace(repository.to_string()),
            });
        }
        Err(error) => return Err(error.into()),
    };
    if names.is_empty() {
        // It is there all the same, also where nobody is told what is below it.
        return below(remote, repository).map_err(|_| Error::NoTags(repository.to_string()));
    }
    let mut names: Vec<String> = names.into_iter().filter(|tag| !is_pointer(tag)).collect();
    names.sort_by(|a, b| compare(a, b));
    let store = Store::Registry(remote, repository.clone());
    let found_tags: Mutex<BTreeMap<String, Found>> = Mutex::default();
    reporter.status("Listing", &repository.to_string());
    each_at_once(&names, CONCURRENCY, |name| {
        let found = match store.fetch(name) {
            Ok(fetched) => found(&fetched),
            // Deleted since.
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut tags = found_tags.lock().unwrap_or_else(PoisonError::into_inner);
        tags.insert(name.clone(), found);
        Ok(())
    })?;
    let mut tags = found_tags
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if tags.is_empty() && !names.is_empty() {
        return Err(Error::NoManifests {
            repository: repository.to_string(),
            tags: names,
        });
    }
    for name in names.iter().filter(|name| !tags.contains_key(*name)) {
        reporter.warning(&format!(
            "`{repository}:{name}` is in the list of tags, and there is no manifest behind it"
        ));
    }
    Ok(names
        .into_iter()
        .filter_map(|name| {
            let found = tags.remove(&name)?;
            Some(Listed {
                reference: format!("{repository}:{name}"),
                found: Some(found),
            })
        })
        .collect())
}

/// The repositories below a path.
fn below(remote: &Remote, place: &Repository) -> Result<Vec<Listed>, Error> {
    let all = remote.repositories(place)?;
    let is_below = |path: &String| match place.path.as_str() {
        "" => true,
        folder => path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/')),
    };
    let list: Vec<Listed> = all
        .into_iter()
        .filter(is_below)
        .map(|path| Listed {
            reference: place.sibling(&path).to_string(),
            found: None,
        })
        .collect();
    match list.is_empty() && !place.path.is_empty() {
        true => Err(Error::NoSuchPlace(place.to_string())),
        false => Ok(list),
    }
}

fn found(fetched: &Fetched) -> Found {
    let document: Value = serde_json::from_slice(&fetched.bytes).unwrap_or_default();
    let manifest: Option<Manifest> = serde_json::from_slice(&fetched.bytes).ok();
    let kind = match &manifest {
        Some(manifest) => manifest.kind().to_owned(),
        None => fetched.media_type.clone(),
    };
    let layers = manifest.iter().flat_map(|manifest| &manifest.layers);
    let created = &document["annotations"][CREATED];
    Found {
        digest: fetched.digest.clone(),
        kind,
        size: layers.map(|layer| layer.size).sum(),
        created: created.as_str().map(str::to_owned),
    }
}

/// Everything that a reference leads to.
pub fn inspect_at(
    workspace: &Workspace,
    remote: &Remote,
    text: &str,
    version: &VersionChoice,
    with_referrers: bool,
) -> Result<Inspected, Error> {
    let text = super::source_of::reference(workspace, text)?;
    let mut place = OpenPlace::open(workspace, remote, &text, Access::Read)?;
    place.choose(version)?;
    let name = place.target()?;
    let fetched = place.fetch(&name)?;
    let manifest: Option<Manifest> = serde_json::from_slice(&fetched.bytes).ok();
    // One that is larger is no document to look at; one that is not there, or another, is
    // nothing to pass over.
    let is_shown = |manifest: &&Manifest| {
        let config = &manifest.config;
        config.media_type.ends_with("json") && config.size <= DOCUMENT as u64
    };
    let config = match manifest.as_ref().filter(is_shown) {
        Some(manifest) => {
            let config = place.store.blob(&manifest.config.digest, DOCUMENT);
            let what = || format!("the config document of `{}`", place.store.name_of(&name));
            Some(config.map_err(|error| Error::from(error).of_part(what))?)
        }
        None => None,
    };
    let config = config.map(|bytes| serde_json::from_slice::<Value>(&bytes));
    let (config, config_fault) = match config.transpose() {
        Ok(config) => (config, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let referrers = match with_referrers {
        true => referrers_of(&place.store, &fetched.digest)?,
        false => Vec::new(),
    };
    Ok(Inspected {
        reference: place.store.name_of(&name),
        fetched,
        manifest,
        config,
        config_fault,
        referrers,
    })
}

/// What refers to an artifact. In a layout only a manifest tells what it refers to, so that
/// those without a name that can't be read are shown as what may refer to it.
fn referrers_of(store: &Store<'_>, digest: &str) -> Result<Vec<Referrer>, Error> {
    let around = Around::of(store)?;
    let mut referrers = tree(store, &around, digest, 0)?;
    let mut unread = store.unread()?;
    unread.append(&mut store.no_manifests()?);
    for (descriptor, error) in unread {
        if descriptor.annotations.contains_key(REF_NAME) || descriptor.digest == digest {
            continue;
        }
        referrers.push(Referrer {
            descriptor,
            tag: None,
            contents: Vec::new(),
            fault: Some(ReferrerFault {
                may_be_another: true,
                ..ReferrerFault::of(&Error::Layout(error))
            }),
            otherwise: Vec::new(),
            referrers: Vec::new(),
        });
    }
    Ok(referrers)
}

fn tree(
    store: &Store<'_>,
    around: &Around<'_>,
    digest: &str,
    depth: usize,
) -> Result<Vec<Referrer>, Error> {
    /// A signature of a signature is rare, and a circle can't be.
    const DEPTH: usize = 8;
    if depth > DEPTH {
        return Ok(Vec::new());
    }
    let mut referrers = Vec::new();
    // Those of cosign by their tags, which nothing hangs on in turn.
    for (tag, fetched) in around.tagged(digest) {
        let fetched = match fetched.map_err(Error::from) {
            Ok(fetched) => fetched,
            Err(error) if error.is_of_one() => {
                referrers.push(Referrer {
                    descriptor: store.claimed(&tag)?,
                    fault: Some(ReferrerFault::of(&error)),
                    tag: Some(tag),
                    contents: Vec::new(),
                    otherwise: Vec::new(),
                    referrers: Vec::new(),
                });
                continue;
            }
            Err(error) => return Err(error),
        };
        let manifest = serde_json::from_slice::<Manifest>(&fetched.bytes);
        let (manifest, fault) = match manifest {
            Ok(manifest) => (Some(manifest), None),
            Err(error) => (None, Some(ReferrerFault::no_manifest(error))),
        };
        // That of the image says nothing; what cosign puts into it does.
        let own = manifest.as_ref().and_then(|m| m.artifact_type.clone());
        let layer = manifest.as_ref().and_then(|m| m.layers.first());
        let kind = own.or(layer.map(|layer| layer.media_type.clone()));
        referrers.push(Referrer {
            descriptor: Descriptor {
                media_type: fetched.media_type.clone(),
                digest: fetched.digest.clone(),
                size: fetched.bytes.len() as u64,
                artifact_type: kind,
                annotations: Default::default(),
                more: Default::default(),
            },
            tag: Some(tag),
            contents: match &manifest {
                Some(manifest) => contents(store, manifest)?,
                None => Vec::new(),
            },
            fault,
            otherwise: Vec::new(),
            referrers: Vec::new(),
        });
    }
    let mut found = Vec::new();
    let listed = match around.referrers(digest) {
        Ok(listed) => listed,
        Err(StoreError::Remote(RemoteError::NoIndex(other))) => {
            // Those of cosign are there all the same.
            referrers.push(Referrer {
                descriptor: Descriptor {
                    media_type: other.media_type.clone(),
                    digest: other.digest.clone(),
                    size: other.size,
                    artifact_type: None,
                    annotations: Default::default(),
                    more: Default::default(),
                },
                tag: other.reference.tag.clone(),
                contents: Vec::new(),
                fault: Some(ReferrerFault {
                    reason: other.to_string(),
                    is_damage: true,
                    may_be_another: false,
                }),
                otherwise: Vec::new(),
                referrers: Vec::new(),
            });
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    for mut descriptor in listed {
        let (document, size, fault) = document(around, &descriptor.digest)?;
        // A list is only what somebody says: what refers to another is not shown, and what
        // hangs on it is looked for only where it does refer to this one.
        let subject = document
            .as_ref()
            .map(|document| &document["subject"]["digest"]);
        let subject = subject.and_then(Value::as_str);
        if descriptor.digest == digest || subject.is_some_and(|subject| subject != digest) {
            continue;
        }
        let is_own = subject.is_some();
        let otherwise = match &document {
            Some(document) => listed::correct(&mut descriptor, document, size),
            None => Vec::new(),
        };
        let manifest = document.and_then(|one| serde_json::from_value::<Manifest>(one).ok());
        let contents = match manifest {
            Some(manifest) => contents(store, &manifest)?,
            None => Vec::new(),
        };
        found.push(Referrer {
            referrers: match is_own {
                true => tree(store, around, &descriptor.digest, depth + 1)?,
                false => Vec::new(),
            },
            descriptor,
            tag: None,
            contents,
            fault,
            otherwise,
        });
    }
    let key = |one: &Referrer| {
        let descriptor = &one.descriptor;
        (descriptor.artifact_type.clone(), descriptor.digest.clone())
    };
    found.sort_by_key(key);
    referrers.append(&mut found);
    Ok(referrers)
}

/// A manifest or index and how many bytes it has; if it is not there, another or none, the reason.
fn document(
    around: &Around<'_>,
    digest: &str,
) -> Result<(Option<Value>, u64, Option<ReferrerFault>), Error> {
    let fault = match around.fetch(digest).map_err(Error::from) {
        Ok(fetched) => match serde_json::from_slice(&fetched.bytes) {
            Ok(document) => {
                let fault = no_manifest(&document).map(ReferrerFault::no_manifest);
                return Ok((Some(document), fetched.bytes.len() as u64, fault));
            }
            Err(error) => ReferrerFault::no_manifest(error),
        },
        Err(error) if error.is_of_one() => ReferrerFault::of(&error),
        Err(error) => return Err(error),
    };
    Ok((None, 0, Some(fault)))
}

/// Why a document is no image manifest. An index is none either, and no fault.
fn no_manifest(document: &Value) -> Option<serde_json::Error> {
    let error = Manifest::deserialize(document).err()?;
    let is_image =
        document["mediaType"] == media_type::MANIFEST || document["layers"] != Value::Null;
    Some(error).filter(|_| is_image && !document["manifests"].is_array())
}

/// The text of the descriptor of a package, which its config document names;
/// in a package of others the one YAML at the depth where the orchestrator
/// looks for it. Of several layers each that may hold the package is looked into,
/// see [`Manifest::package_layers`].
///
/// # Errors
///
/// The artifact or a part of it is not there or damaged, or no layer holds a
/// descriptor.
pub fn descriptor_at(
    workspace: &Workspace,
    remote: &Remote,
    text: &str,
    version: &VersionChoice,
    reporter: &dyn Reporter,
) -> Result<Vec<u8>, Error> {
    let text = super::source_of::reference(workspace, text)?;
    let mut place = OpenPlace::open(workspace, remote, &text, Access::Read)?;
    place.choose(version)?;
    let name = place.target()?;
    let reference = format!("{}:{name}", place.shown);
    let fetched = place.fetch(&name)?;
    let manifest = manifest_of(&reference, &fetched)?;
    let config = place.store.blob(&manifest.config.digest, DOCUMENT);
    let config: Value = config
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let mut search = Search {
        named: config["descriptorFile"].as_str(),
        is_chart: manifest.config.media_type == media_type::HELM_CONFIG,
        second: None,
    };
    let layers = manifest.package_layers();
    if layers.is_empty() {
        return Err(Error::Layers {
            reference,
            layers: 0,
        });
    }
    let mut fault = None;
    for layer in layers {
        match search.look_into(&place.store, layer, reporter)? {
            Ok(Some(bytes)) => return Ok(bytes),
            Ok(None) => {}
            Err(reason) => fault = fault.or(Some(reason)),
        }
    }
    match (search.second, fault) {
        (Some(bytes), _) => Ok(bytes),
        (None, Some(Fault(reason))) => Err(UnpackError::Archive {
            package: reference,
            reason,
        }
        .into()),
        (None, None) => Err(match search.named {
            Some(named) => Error::NoNamedDescriptor {
                reference,
                named: named.to_owned(),
            },
            None => Error::NoDescriptor(reference),
        }),
    }
}

/// What is looked for in the layers of an artifact.
struct Search<'a> {
    /// Where the config document says that the descriptor is.
    named: Option<&'a str>,
    is_chart: bool,
    /// A document where a descriptor would be, of a kind that nobody knows here.
    second: Option<Vec<u8>>,
}

impl Search<'_> {
    /// The descriptor in a layer; or why the layer can't be read as a package.
    fn look_into(
        &mut self,
        store: &Store<'_>,
        layer: &Descriptor,
        reporter: &dyn Reporter,
    ) -> Result<Result<Option<Vec<u8>>, Fault>, Error> {
        let io = |source| Error::Io {
            action: "create a file in",
            path: std::env::temp_dir(),
            source,
        };
        // Others push descriptors without a package around them.
        let title = layer.annotations.get(TITLE);
        let title = title.filter(|title| is_descriptor(title));
        if let Some(title) = title.filter(|_| layer.size > members::MAX_DESCRIPTOR) {
            return Ok(Err(Fault::large(title)));
        }
        let mut file = scratch::file().map_err(io)?;
        let path = file.path().to_owned();
        let work = Work::begin(reporter, "Fetching", layer.size);
        let onto = (file.as_file_mut(), &*path);
        store.download(&layer.digest, layer.size, onto, &|n| reporter.advance(n))?;
        drop(work);
        if let Some(title) = title {
            let mut bytes = Vec::new();
            file.as_file_mut().read_to_end(&mut bytes).map_err(io)?;
            let is_known = recognise(title, bytes.clone()).is_some();
            return Ok(Ok(match is_known {
                true => Some(bytes),
                false => {
                    self.second.get_or_insert(bytes);
                    None
                }
            }));
        }
        let (named, is_chart) = (self.named, self.is_chart);
        let depth = |member: &str| member.split('/').count();
        let is_meant = |member: &str| match named {
            Some(named) => member == named,
            None => {
                let is_yaml = member.ends_with(".yaml") || member.ends_with(".yml");
                is_yaml && depth(member) <= 2
            }
        };
        let mut is_it = |member: &str, bytes: &[u8]| {
            if named.is_some() {
                return true;
            }
            let is_known = recognise(member, bytes.to_owned()).is_some();
            if is_chart {
                // The graph of an HDA goes under the types of Helm as well, and has no such file.
                let is_it = depth(member) == 2 && member.ends_with("/Chart.yaml");
                if !is_it && is_known {
                    self.second.get_or_insert_with(|| bytes.to_owned());
                }
                return is_it;
            }
            // The manifest of a SHIELD package lies beside what it wraps, in no folder.
            if !is_known && depth(member) == 2 {
                self.second.get_or_insert_with(|| bytes.to_owned());
            }
            is_known
        };
        Ok(members::read_first(file.into_file(), &is_meant, &mut is_it))
    }
}
