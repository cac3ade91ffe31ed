//! Keys and certificates in files: made, taken over, shown.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;
use zeroize::Zeroizing;

use super::Error;
use super::output::{beside, not_written};
use crate::scratch;
use crate::secret::Secret;
use crate::trust::cms::CmsError;
use crate::trust::{
    Certificate, CertificateError, ChainError, KeyAlgorithm, KeyError, PemError, PrivateKey,
    PublicKey, SelfSigned, SelfSignedError, is_private_key, is_valid_at, read_private_key,
};

/// The largest file of keys or certificates that is read.
const LARGEST: u64 = 1 << 20;

/// Where passphrases come from.
pub trait Passphrases {
    /// That of the key in a file.
    fn of(&self, file: &Path) -> Result<Secret, KeyError>;

    /// That which a key is to be encrypted with; `None` where it is not to be.
    fn for_new(&self, file: &Path) -> Result<Option<Secret>, KeyError>;
}

/// Where keys go.
#[derive(Clone, Debug)]
pub struct KeyOutput {
    /// What the names begin with, with a folder or without.
    pub prefix: PathBuf,
    /// Whether files that are there are replaced.
    pub force: bool,
    /// The certificate that the key signs for itself.
    pub certificate: Option<SelfSigned>,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    /// The public key.
    pub public_key: PublicKey,
    /// The private key, the public key, and the certificate if there is one.
    pub paths: Vec<PathBuf>,
    /// Whether the private key is encrypted.
    pub encrypted: bool,
    /// A certificate that was there before under that name, and is of another key.
    pub stale_certificate: Option<PathBuf>,
}

/// One thing in a file of keys and certificates.
#[derive(Clone, Debug)]
pub enum KeyItem {
    /// A private key, of which the public one is shown.
    PrivateKey(PublicKey),
    /// A public key.
    PublicKey(PublicKey),
    /// A certificate.
    Certificate(Box<Certificate>),
}

/// Why keys can't be made, taken over or shown.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// A key in a file.
    #[error("failed to read the key in `{}`", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: KeyError,
    },
    /// A certificate in a file.
    #[error("failed to read the certificate in `{}`", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: CertificateError,
    },
    /// A key and certificates that are to sign together.
    #[error("`{}` can't sign with the certificate in `{}`", key.display(), certificate.display())]
    Pair {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
        /// The reason.
        source: CmsError,
    },
    /// A key can't be made or written.
    #[error("failed to make a key")]
    Make(#[from] KeyError),
    /// A certificate can't be made.
    #[error("failed to make a certificate")]
    SelfSigned(#[from] SelfSignedError),
    /// Something would be overwritten.
    #[error(
        "`{}` is there already; choose another name with `--out`, or replace it with `--force`",
        .0.display()
    )]
    Exists(PathBuf),
    /// A file that is no key.
    #[error("`{}` is too large for a file of keys or certificates", .0.display())]
    TooLarge(PathBuf),
}

/// Makes a key and writes `PREFIX.key`, `PREFIX.pub` and, where one is wanted,
/// `PREFIX.crt`. Nothing is overwritten unless that is asked for.
pub fn generate_key(
    algorithm: KeyAlgorithm,
    output: &KeyOutput,
    passphrases: &dyn Passphrases,
) -> Result<KeyFiles, Error> {
    check_free(output)?;
    let key = PrivateKey::generate(algorithm).map_err(KeyFileError::Make)?;
    write(&key, output, passphrases)
}

/// Reads a private key in any form that is known and writes it as
/// [`generate_key`] does.
pub fn import_key(
    file: &Path,
    output: &KeyOutput,
    passphrases: &dyn Passphrases,
) -> Result<KeyFiles, Error> {
    check_free(output)?;
    let key = private_key(file, &read(file)?, passphrases)?;
    write(&key, output, passphrases)
}

/// Everything that is in a file: a private key, a public key, or certificates.
pub fn show_key(file: &Path, passphrases: &dyn Passphrases) -> Result<Vec<KeyItem>, Error> {
    let bytes = read(file)?;
    if is_private_key(&bytes) {
        let key = private_key(file, &bytes, passphrases)?;
        let key = KeyItem::PrivateKey(key.public_key().clone());
        let beside = match Certificate::read_all(&bytes) {
            Err(CertificateError::Other(_)) => Vec::new(),
            _ => certificates(file, &bytes)?,
        };
        let shown = |one| KeyItem::Certificate(Box::new(one));
        return Ok(std::iter::once(key)
            .chain(beside.into_iter().map(shown))
            .collect());
    }
    match PublicKey::read_all(&bytes) {
        Ok(keys) => Ok(keys.into_iter().map(KeyItem::PublicKey).collect()),
        // A certificate may be binary; what else is binary can be a key, which may not, and what is
        // no PEM at all was meant as a key as well.
        Err(source @ KeyError::Pem(PemError::Binary | PemError::None))
            if Certificate::read_all(&bytes).is_err() =>
        {
            Err(KeyFileError::Key {
                path: file.to_owned(),
                source,
            }
            .into())
        }
        Err(KeyError::Other { .. } | KeyError::Certificate | KeyError::Pem(_)) => {
            let certificates = certificates(file, &bytes)?;
            let shown = |one| KeyItem::Certificate(Box::new(one));
            Ok(certificates.into_iter().map(shown).collect())
        }
        Err(source) => Err(KeyFileError::Key {
            path: file.to_owned(),
            source,
        }
        .into()),
    }
}

/// Why what is signed with one of the certificates in a file is not trusted at a time, in
/// seconds since 1970: the first that is not valid then.
pub fn invalid_certificate(file: &Path, at: i64) -> Result<Option<ChainError>, Error> {
    let certificates = read_certificates(file)?;
    let mut invalid = certificates.iter().map(|one| is_valid_at(one, at));
    Ok(invalid.find_map(Result::err))
}

/// The private key in a file.
pub(super) fn read_key(file: &Path, passphrases: &dyn Passphrases) -> Result<PrivateKey, Error> {
    private_key(file, &read(file)?, passphrases)
}

/// The certificates in a file, one at least.
pub(super) fn read_certificates(file: &Path) -> Result<Vec<Certificate>, Error> {
    certificates(file, &read(file)?)
}

/// The public keys in a file.
pub(super) fn read_public_keys(file: &Path) -> Result<Vec<PublicKey>, Error> {
    let keys = PublicKey::read_all(&read(file)?);
    keys.map_err(|source| {
        KeyFileError::Key {
            path: file.to_owned(),
            source,
        }
        .into()
    })
}

fn certificates(file: &Path, bytes: &[u8]) -> Result<Vec<Certificate>, Error> {
    Certificate::read_all(bytes).map_err(|source| {
        KeyFileError::Certificate {
            path: file.to_owned(),
            source,
        }
        .into()
    })
}

fn private_key(
    file: &Path,
    bytes: &[u8],
    passphrases: &dyn Passphrases,
) -> Result<PrivateKey, Error> {
    let key = read_private_key(bytes, &mut || passphrases.of(file));
    key.map_err(|source| {
        KeyFileError::Key {
            path: file.to_owned(),
            source,
        }
        .into()
    })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(failed)?;
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    if read.map_err(failed)? as u64 > LARGEST {
        return Err(KeyFileError::TooLarge(path.to_owned()).into());
    }
    Ok(bytes)
}

/// The names of the files: of the private key, and of the others.
fn paths(output: &KeyOutput) -> (PathBuf, Vec<PathBuf>) {
    // Who names the file of the key means that one.
    let prefix = match output.prefix.extension() {
        Some(end) if end == "key" => output.prefix.with_extension(""),
        _ => output.prefix.clone(),
    };
    let named = |end: &str| {
        let mut name = prefix.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    };
    let certificate = output.certificate.as_ref().map(|_| named(".crt"));
    let others = std::iter::once(named(".pub")).chain(certificate);
    (named(".key"), others.collect())
}

/// Before anybody is asked for a passphrase.
fn check_free(output: &KeyOutput) -> Result<(), Error> {
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    let (private, others) = paths(output);
    match std::iter::once(private).chain(others).find(is_there) {
        Some(path) if !output.force => Err(KeyFileError::Exists(path).into()),
        _ => Ok(()),
    }
}

fn write(
    key: &PrivateKey,
    output: &KeyOutput,
    passphrases: &dyn Passphrases,
) -> Result<KeyFiles, Error> {
    let certificate = output.certificate.as_ref().map(|wanted| wanted.sign(key));
    let certificate = certificate.transpose().map_err(KeyFileError::SelfSigned)?;
    let (path, others) = paths(output);
    let passphrase = passphrases.for_new(&path).map_err(KeyFileError::Make)?;
    let private = match &passphrase {
        Some(passphrase) => key
            .to_encrypted_pem(passphrase)
            .map_err(KeyFileError::Make)?,
        None => key.to_pem(),
    };
    let mut files = vec![(temporary(&path, private.as_bytes())?, path)];
    let public = key.public_key().to_pem();
    let texts = std::iter::once(public).chain(certificate.map(|one| one.to_pem()));
    for (path, text) in others.into_iter().zip(texts) {
        let file = temporary(&path, text.as_bytes())?;
        scratch::readable(file.as_file()).map_err(|source| not_written(&path, source))?;
        files.push((file, path));
    }
    Ok(KeyFiles {
        public_key: key.public_key().clone(),
        encrypted: passphrase.is_some(),
        paths: name_all(files, output.force)?,
        stale_certificate: stale_certificate(key, output),
    })
}

/// The certificate beside a key that was written without one, if it is of another key: who
/// replaces a key easily leaves it behind.
fn stale_certificate(key: &PrivateKey, output: &KeyOutput) -> Option<PathBuf> {
    if output.certificate.is_some() {
        return None;
    }
    let path = paths(output).0.with_extension("crt");
    let certificates = read_certificates(&path).ok()?;
    let own = certificates.first()?.public_key();
    own.is_ok_and(|own| own != *key.public_key())
        .then_some(path)
}

/// Gives temporary files their names: all, or none where nothing is replaced.
fn name_all(files: Vec<(NamedTempFile, PathBuf)>, force: bool) -> Result<Vec<PathBuf>, Error> {
    let mut named = Vec::new();
    for (file, path) in files {
        let result = match force {
            true => file.persist(&path),
            false => file.persist_noclobber(&path),
        };
        if let Err(error) = result {
            if !force {
                for path in &named {
                    let _ = std::fs::remove_file(path);
                }
            }
            return Err(not_written(&path, error.error));
        }
        named.push(path);
    }
    Ok(named)
}

/// A file beside the one that it becomes, on the disk.
fn temporary(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, Error> {
    let file = beside(path, bytes)?;
    let synced = file.as_file().sync_all();
    synced.map_err(|source| not_written(path, source))?;
    Ok(file)
}

/// That the key in a file could not do what it had to.
pub(super) fn failed(path: &Path, source: KeyError) -> Error {
    KeyFileError::Key {
        path: path.to_owned(),
        source,
    }
    .into()
}
