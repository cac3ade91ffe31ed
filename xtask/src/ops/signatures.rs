//! The signatures and attestations that hang on an artifact, in both forms, read
//! and written.

use super::Error;
use crate::diagnostic::with_reasons;
use crate::oci::{
    Annotations, Beside, Descriptor, Fetched, LayoutError, Manifest, REF_NAME, Referrer,
    SignatureImage, Store, StoreError, media_type,
};
use crate::trust::sigstore::{
    ArtifactSignature, ArtifactSigner, Attestation, BUNDLE_FAMILY, BUNDLE_TYPE, ClassicSignature,
    ENVELOPE_TYPE, SIGN_PREDICATE, SIMPLE_SIGNING_TYPE, SignatureForm, SigstoreError,
};

/// The largest signature that is read.
const LARGEST_SIGNATURE: u64 = 4 << 20;
/// The largest attestation that is read: a bill of materials may be in it.
const LARGEST_ATTESTATION: u64 = 64 << 20;
/// The most signatures or attestations of an artifact that are read, in each
/// form.
const MOST: usize = 256;

/// Something that claims to be a signature or an attestation: what was made of
/// it, or what is wrong with it.
pub(super) struct Claimed<T> {
    pub form: SignatureForm,
    pub found: Result<T, String>,
}

/// Everything that claims to be a signature of the artifact with that digest:
/// bundles first, as cosign has it. What is broken is told of and stops nothing,
/// because whoever may write to a repository can put something broken there.
///
/// # Errors
///
/// The place can't be read.
pub(super) fn signatures(
    store: &Store<'_>,
    digest: &str,
) -> Result<Vec<Claimed<ArtifactSignature>>, Error> {
    let bundle =
        |bytes: &[u8], layer: &Descriptor| ArtifactSignature::bundle(bytes, annotations(layer));
    let mut found = bundles(store, digest, LARGEST_SIGNATURE, &bundle)?;
    let (beside, kind) = (Beside::Signatures, SIMPLE_SIGNING_TYPE);
    for layer in layers(store, digest, beside, kind)? {
        let layer = match layer {
            Ok(layer) => layer,
            Err(why) => {
                found.push(Claimed {
                    form: SignatureForm::Classic,
                    found: Err(why),
                });
                continue;
            }
        };
        let payload = blob(store, &layer, LARGEST_SIGNATURE)?;
        found.push(Claimed {
            form: SignatureForm::Classic,
            found: payload.and_then(|payload| {
                ArtifactSignature::classic(payload, annotations(&layer)).map_err(told)
            }),
        });
    }
    Ok(found)
}

/// Everything that claims to be an attestation of the artifact with that digest,
/// but for bare signatures, each handed to `judge`: they may be large, and are
/// not kept.
///
/// # Errors
///
/// The place can't be read.
pub(super) fn attestations<T>(
    store: &Store<'_>,
    digest: &str,
    judge: &dyn Fn(Attestation) -> T,
) -> Result<Vec<Claimed<T>>, Error> {
    let says_more = |one: &Attestation| one.statement().predicate_type != SIGN_PREDICATE;
    let bundle = |bytes: &[u8], layer: &Descriptor| {
        let read = Attestation::bundle(bytes, annotations(layer))?;
        Ok(Some(read).filter(says_more).map(judge))
    };
    let mut found = bundles(store, digest, LARGEST_ATTESTATION, &bundle)?;
    let (beside, kind) = (Beside::Attestations, ENVELOPE_TYPE);
    for layer in layers(store, digest, beside, kind)? {
        let read = match layer {
            Ok(layer) => blob(store, &layer, LARGEST_ATTESTATION)?.and_then(|envelope| {
                Attestation::classic(&envelope, annotations(&layer)).map_err(told)
            }),
            Err(why) => Err(why),
        };
        found.push(Claimed {
            form: SignatureForm::Classic,
            found: read.map(judge),
        });
    }
    Ok(found)
}

/// Puts a signature or an attestation in the classic form beside an artifact.
/// Gives the digest of the image, and whether it was in it already.
///
/// # Errors
///
/// The place can't be read or written.
pub(super) fn put_classic(
    store: &Store<'_>,
    digest: &str,
    beside: Beside,
    signature: ClassicSignature,
) -> Result<(String, bool), Error> {
    let kind = match beside {
        Beside::Signatures => SIMPLE_SIGNING_TYPE,
        Beside::Attestations => ENVELOPE_TYPE,
    };
    let named = signature.annotations.into_iter();
    let annotations: Annotations = named
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let image = SignatureImage::fetch(store, digest, beside)?;
    let image = image.and_then(Result::ok);
    let image = image.unwrap_or_else(|| SignatureImage::empty(beside));
    Ok(image.add(store, digest, &signature.payload, (kind, annotations))?)
}

/// Adds what is in the image of cosign's under that tag to the one that is elsewhere, where
/// others may have put more into it. Whether anything had to be written; `None` for what is no
/// such image.
///
/// # Errors
///
/// One of them can't be read, or the other not be written.
pub(super) fn merge(from: &Store<'_>, to: &Store<'_>, tag: &str) -> Result<Option<bool>, Error> {
    let Some((digest, beside)) = Beside::of(tag) else {
        return Ok(None);
    };
    let Some(Ok(own)) = SignatureImage::fetch(from, &digest, beside)? else {
        return Ok(None);
    };
    let mut written = false;
    for layer in own.layers() {
        let image = SignatureImage::fetch(to, &digest, beside)?.and_then(Result::ok);
        let image = image.unwrap_or_else(|| SignatureImage::empty(beside));
        let payload = from.blob(&layer.digest, LARGEST_ATTESTATION as usize)?;
        let known = (layer.media_type.as_str(), layer.annotations.clone());
        written |= !image.add(to, &digest, &payload, known)?.1;
    }
    Ok(Some(written))
}

/// Hangs a bundle that somebody has signed on an artifact. Gives the digest of its manifest, and whether
/// it was there already.
///
/// # Errors
///
/// The place can't be read or written.
pub(super) fn put_bundle(
    store: &Store<'_>,
    subject: &Fetched,
    signer: &ArtifactSigner<'_>,
    content: Vec<u8>,
    predicate_type: &str,
) -> Result<(String, bool), Error> {
    // As cosign writes them; it adds the time as well.
    let annotations = [
        ("dev.sigstore.bundle.content", "dsse-envelope"),
        (BUNDLE_PREDICATE, predicate_type),
    ];
    let chain = signer.bundle_annotation().into_iter();
    let chain = chain.map(|(name, value)| (name.to_owned(), value));
    let referrer = Referrer {
        media_type: BUNDLE_TYPE.to_owned(),
        content,
        layer_annotations: chain.collect(),
        annotations: annotations
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    Ok(referrer.put(store, subject)?)
}

/// The annotation of a bundle's manifest that names the kind of predicate.
const BUNDLE_PREDICATE: &str = "dev.sigstore.bundle.predicateType";

/// Makes something of the text of a bundle and the layer that it is, or passes it over.
type ReadBundle<'a, T> = dyn Fn(&[u8], &Descriptor) -> Result<Option<T>, SigstoreError> + 'a;

fn bundles<T>(
    store: &Store<'_>,
    digest: &str,
    largest: u64,
    read: &ReadBundle<'_, T>,
) -> Result<Vec<Claimed<T>>, Error> {
    // Some registries list the type of the config in place of that of the
    // artifact; then the manifest itself has to say what it is.
    let may_be = |d: &Descriptor| match d.artifact_type.as_deref() {
        None | Some(media_type::EMPTY) => true,
        Some(kind) => kind.starts_with(BUNDLE_FAMILY),
    };
    let mut claimed = Vec::new();
    // What is no list says nothing of the other form.
    let referrers = match readable(store.referrers(digest))? {
        Ok(referrers) => referrers,
        Err(why) => {
            claimed.push(Claimed {
                form: SignatureForm::Bundle,
                found: Err(why),
            });
            Vec::new()
        }
    };
    let (listed, others): (Vec<_>, Vec<_>) = referrers.into_iter().partition(may_be);
    // A list is only what somebody says, and one that calls a bundle something else hides it.
    let others = others.iter().take(MOST).map(|one| (one, false));
    let all = listed.iter().take(MOST).map(|one| (one, true));
    for (referrer, is_listed) in all.chain(others) {
        let bundle = match bundle(store, &referrer.digest, largest)? {
            Ok(None) => continue,
            Err(_) if !is_listed => continue,
            Ok(Some(found)) => Ok(found),
            Err(why) => Err(why),
        };
        let found = match bundle.and_then(|(layer, bytes)| read(&bytes, &layer).map_err(told)) {
            Ok(None) => continue,
            Ok(Some(found)) => Ok(found),
            Err(why) => Err(why),
        };
        claimed.push(Claimed {
            form: SignatureForm::Bundle,
            found,
        });
    }
    if let Some(why) = not_read(listed.len()) {
        claimed.push(Claimed {
            form: SignatureForm::Bundle,
            found: Err(why),
        });
    }
    // What hangs on an artifact without a name is known by its manifest alone.
    // The index may call it anything, where it says something else than that.
    let is_bundle = |d: &&(Descriptor, LayoutError)| {
        let kind = d.0.artifact_type.as_deref();
        let is_named = d.0.annotations.contains_key(REF_NAME);
        let is_other = match &d.1 {
            LayoutError::Entry { .. } => !is_named,
            LayoutError::Json { .. } => !is_named && kind.is_none(),
            _ => false,
        };
        is_other || kind.is_some_and(|kind| kind.starts_with(BUNDLE_FAMILY))
    };
    let mut unread = store.unread()?;
    unread.append(&mut store.no_manifests()?);
    for (_, error) in unread.iter().filter(is_bundle).take(MOST) {
        claimed.push(Claimed {
            form: SignatureForm::Bundle,
            found: Err(format!(
                "{}, and it can't be told what that is about",
                error.with_reason()
            )),
        });
    }
    Ok(claimed)
}

type Read<T> = Result<Result<T, String>, Error>;

/// The bundle in a referrer and the layer that it is; `None` if it is another kind of thing.
fn bundle(store: &Store<'_>, digest: &str, largest: u64) -> Read<Option<(Descriptor, Vec<u8>)>> {
    let fetched = match readable(store.fetch(digest))? {
        Ok(fetched) => fetched,
        Err(why) => return Ok(Err(why)),
    };
    let manifest = match serde_json::from_slice::<Manifest>(&fetched.bytes) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Err(format!("{digest} is no manifest: {error}"))),
    };
    if !manifest.kind().starts_with(BUNDLE_FAMILY) {
        return Ok(Ok(None));
    }
    let Some(layer) = manifest.layers.first() else {
        return Ok(Err(format!("{digest} has no layer")));
    };
    Ok(blob(store, layer, largest)?.map(|bytes| Some((layer.clone(), bytes))))
}

/// The layers of a kind in an image beside the artifact; of an image that is damaged, why.
fn layers(
    store: &Store<'_>,
    digest: &str,
    beside: Beside,
    kind: &str,
) -> Result<Vec<Result<Descriptor, String>>, Error> {
    let image = match readable(SignatureImage::fetch(store, digest, beside))? {
        Ok(image) => image.transpose(),
        Err(why) => Err(why),
    };
    let image = match image {
        Ok(image) => image,
        Err(why) => return Ok(vec![Err(why)]),
    };
    let layers = image.as_ref().map_or(&[][..], SignatureImage::layers);
    let of_kind = layers.iter().filter(|layer| layer.media_type == kind);
    let mut found: Vec<Result<Descriptor, String>> = of_kind.cloned().map(Ok).collect();
    for manifest in other_images(store, digest, beside)? {
        let fetched = readable(store.fetch(&manifest))?;
        let read = fetched.and_then(|fetched| {
            serde_json::from_slice::<Manifest>(&fetched.bytes)
                .map_err(|error| format!("{manifest} is no manifest: {error}"))
        });
        match read {
            Ok(manifest) => {
                let layers = manifest.layers.into_iter();
                found.extend(layers.filter(|layer| layer.media_type == kind).map(Ok));
            }
            Err(why) => found.push(Err(why)),
        }
    }
    if let Some(why) = not_read(found.len()) {
        found.truncate(MOST);
        found.push(Err(why));
    }
    Ok(found)
}

/// The images with classic signatures that are at no tag, by their digests: those that cosign hangs
/// on an artifact as referrers (`--registry-referrers-mode=oci-1-1`), and those that `cosign save`
/// writes into a layout beside the one image that it saves.
fn other_images(store: &Store<'_>, digest: &str, beside: Beside) -> Result<Vec<String>, Error> {
    let (word, saved) = match beside {
        Beside::Signatures => ("sig", "dev.cosignproject.cosign/sigs"),
        Beside::Attestations => ("att", "dev.cosignproject.cosign/atts"),
    };
    let kind = format!("application/vnd.dev.cosign.artifact.{word}.v1+json");
    // Of what is no list the bundles tell.
    let referrers = readable(store.referrers(digest))?.unwrap_or_default();
    let of_kind = referrers
        .into_iter()
        .filter(|one| one.artifact_type.as_deref() == Some(&*kind));
    let mut images: Vec<String> = of_kind.map(|one| one.digest).collect();
    if let Store::Layout(layout) = store {
        let listed = layout.listed().map_err(StoreError::from)?;
        let of = |kind: &str| -> Vec<&str> {
            let is_it =
                |one: &&Descriptor| one.annotations.get("kind").is_some_and(|own| own == kind);
            let all = listed.iter().filter(is_it);
            all.map(|one| one.digest.as_str()).collect()
        };
        if of("dev.cosignproject.cosign/image") == [digest] {
            images.extend(of(saved).into_iter().map(str::to_owned));
        }
    }
    images.truncate(MOST);
    Ok(images)
}

/// What is said where there are more of them than are read: one of the others may be the one.
fn not_read(all: usize) -> Option<String> {
    let more = all.checked_sub(MOST).filter(|more| *more > 0)?;
    Some(format!(
        "there are {more} more, which are not read: {MOST} are, in the order of the registry"
    ))
}

fn annotations<'a>(layer: &'a Descriptor) -> impl Fn(&str) -> Option<&'a str> {
    |name| layer.annotations.get(name).map(String::as_str)
}

fn blob(store: &Store<'_>, layer: &Descriptor, largest: u64) -> Read<Vec<u8>> {
    if layer.size > largest {
        return Ok(Err(format!("{} is too large", layer.digest)));
    }
    let bytes = readable(store.blob(&layer.digest, largest as usize))?;
    Ok(bytes.and_then(|bytes| {
        // cosign refuses it, and a reader that trusts the size would see another text.
        match bytes.len() as u64 == layer.size {
            true => Ok(bytes),
            false => Err(format!(
                "{} has {} bytes, and the manifest says {}",
                layer.digest,
                bytes.len(),
                layer.size
            )),
        }
    }))
}

/// Bytes that are not there, are other ones or of no use say something about this one
/// signature; a registry that is not reached says nothing.
fn readable<T>(read: Result<T, StoreError>) -> Read<T> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) => {
            let error = Error::from(error);
            match error.is_of_one() {
                true => Ok(Err(with_reasons(&error))),
                false => Err(error),
            }
        }
    }
}

fn told(error: SigstoreError) -> String {
    with_reasons(&error)
}
