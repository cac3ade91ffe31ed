//! The signatures that hang on an artifact, in both forms.

use super::Error;
use crate::oci::{Descriptor, Manifest, SignatureImage, Store, StoreError, media_type};
use crate::trust::sigstore::{
    ArtifactSignature, BUNDLE_TYPE, SIMPLE_SIGNING_TYPE, SignatureForm, SigstoreError,
};

/// The largest signature that is read.
const LARGEST: u64 = 4 << 20;
/// The most signatures of an artifact that are read, in each form.
const MOST: usize = 256;

/// Something that claims to be a signature: one, or what is wrong with it.
pub(super) struct Claimed {
    pub form: SignatureForm,
    pub signature: Result<ArtifactSignature, String>,
}

/// Everything that claims to be a signature of the artifact with that digest:
/// bundles first, as cosign has it. What is broken is told of and stops nothing,
/// because whoever may write to a repository can put something broken there.
///
/// # Errors
///
/// The place can't be read.
pub(super) fn signatures(store: &Store<'_>, digest: &str) -> Result<Vec<Claimed>, Error> {
    let mut found = Vec::new();
    // What all versions of the type begin with.
    let (family, _) = BUNDLE_TYPE.rsplit_once(".v0").unwrap_or((BUNDLE_TYPE, ""));
    // Some registries list the type of the config in place of that of the
    // artifact; then the manifest itself has to say what it is.
    let may_be = |d: &Descriptor| match d.artifact_type.as_deref() {
        None | Some(media_type::EMPTY) => true,
        Some(kind) => kind.starts_with(family),
    };
    let referrers = store.referrers(digest)?;
    for referrer in referrers.iter().filter(|d| may_be(d)).take(MOST) {
        let signature = match bundle(store, &referrer.digest, family)? {
            Ok(None) => continue,
            Ok(Some(signature)) => Ok(signature),
            Err(why) => Err(why),
        };
        found.push(Claimed {
            form: SignatureForm::Bundle,
            signature,
        });
    }
    let image = SignatureImage::fetch(store, digest)?;
    let layers = image.as_ref().map_or(&[][..], SignatureImage::layers);
    let is_signature = |d: &&Descriptor| d.media_type == SIMPLE_SIGNING_TYPE;
    for layer in layers.iter().filter(is_signature).take(MOST) {
        found.push(Claimed {
            form: SignatureForm::Classic,
            signature: classic(store, layer)?,
        });
    }
    Ok(found)
}

type Read<T> = Result<Result<T, String>, Error>;

fn bundle(store: &Store<'_>, digest: &str, family: &str) -> Read<Option<ArtifactSignature>> {
    let fetched = match readable(store.fetch(digest))? {
        Ok(fetched) => fetched,
        Err(why) => return Ok(Err(why)),
    };
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&fetched.bytes) else {
        return Ok(Err(format!("{digest} is no manifest")));
    };
    if !manifest.kind().starts_with(family) {
        return Ok(Ok(None));
    }
    let Some(layer) = manifest.layers.first() else {
        return Ok(Err(format!("{digest} has no layer")));
    };
    Ok(match blob(store, layer)? {
        Ok(bytes) => ArtifactSignature::bundle(&bytes).map_err(told),
        Err(why) => Err(why),
    })
}

fn classic(store: &Store<'_>, layer: &Descriptor) -> Read<ArtifactSignature> {
    let annotation = |name: &str| layer.annotations.get(name).map(String::as_str);
    Ok(match blob(store, layer)? {
        Ok(payload) => ArtifactSignature::classic(payload, annotation).map_err(told),
        Err(why) => Err(why),
    })
}

fn blob(store: &Store<'_>, layer: &Descriptor) -> Read<Vec<u8>> {
    if layer.size > LARGEST {
        return Ok(Err(format!("{} is too large", layer.digest)));
    }
    readable(store.blob(&layer.digest, LARGEST as usize))
}

/// Bytes that are not there or are other ones say something about this one
/// signature; a registry that is not reached says nothing.
fn readable<T>(read: Result<T, StoreError>) -> Read<T> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) => {
            let error = Error::from(error);
            match error.is_mismatch() || error.is_not_found() {
                true => Ok(Err(crate::trust::with_reasons(&error))),
                false => Err(error),
            }
        }
    }
}

fn told(error: SigstoreError) -> String {
    crate::trust::with_reasons(&error)
}
