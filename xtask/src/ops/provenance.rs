//! `provenance`: how the packages of a tree came about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::build::{BuildOptions, BuildReport, Built, build_into};
use super::key::{Passphrases, failed};
use super::output::Output;
use super::signing::KeyAndCertificates;
use super::{Error, Reporter, state};
use crate::package::{self, Signer};
use crate::provenance::{Build, Checkout, Material, PREDICATE_TYPE, Run, predicate};
use crate::source::{Layout, Package, Place, Workspace};
use crate::trust::sigstore::{ArtifactSigner, Statement, Subject};

/// What a build says of itself beside what went in.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// The run of a CI system.
    pub run: Option<Run>,
    /// Who builds, as a URI, if that is to be said otherwise.
    pub builder: Option<String>,
    /// When the build began (RFC 3339). Without a run it is left out, so that the
    /// same sources give the same statement.
    pub started_on: Option<String>,
}

/// Who signs statements.
pub struct StatementKey {
    pub(super) own: Arc<KeyAndCertificates>,
    pub(super) path: PathBuf,
}

impl StatementKey {
    /// Reads a private key, and its certificate with those of its issuers.
    ///
    /// # Errors
    ///
    /// A file can't be read, the passphrase is wrong, the certificate is for
    /// another key or not for signing.
    pub fn read(
        key: &Path,
        certificates: Option<&Path>,
        passphrases: &dyn Passphrases,
    ) -> Result<Self, Error> {
        Ok(StatementKey {
            own: Arc::new(KeyAndCertificates::read(key, certificates, passphrases)?),
            path: key.to_owned(),
        })
    }

    /// The same as one who signs the manifests of packages. `None` without a
    /// certificate, which readers of manifests need.
    pub fn manifest_signer(&self) -> Option<Signer> {
        let is_certified = !self.own.certificates.is_empty();
        is_certified.then(|| Signer::new(Arc::clone(&self.own)))
    }

    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub fn id(&self) -> String {
        self.own.key.public_key().id()
    }
}

/// The provenance of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// The statement, or a sigstore bundle with it where there is a key: one
    /// line of JSON.
    pub text: String,
}

/// Builds what is stale, and says of each package how it came about.
///
/// # Errors
///
/// As [`super::build()`]; also where a file changes while it is looked at, or the key
/// fails.
pub fn provenance(
    workspace: &Workspace,
    options: &BuildOptions,
    circumstances: &Circumstances,
    key: Option<&StatementKey>,
    reporter: &dyn Reporter,
) -> Result<(BuildReport, Vec<Provenance>), Error> {
    let output = Output::lock(workspace, reporter)?;
    let report = build_into(&output, workspace, options, None, reporter)?;
    let witness = Witness::new(workspace, &output, options.epoch, circumstances);
    let mut all = Vec::new();
    for built in &report.built {
        let subject = Subject::of_digest(&built.file_name, &built.sha256);
        let statement = witness.statement(&report, built, vec![subject])?;
        let text = match key {
            None => statement.to_json(),
            Some(key) => {
                let signer = ArtifactSigner {
                    key: &key.own.key,
                    certificates: &key.own.certificates,
                };
                let bundle = signer.attestation_bundle(&statement);
                let bundle = bundle.map_err(|source| failed(&key.path, source))?;
                String::from_utf8_lossy(&bundle).into_owned()
            }
        };
        all.push(Provenance {
            file_name: built.file_name.clone(),
            text,
        });
    }
    Ok((report, all))
}

/// The files of a package that are not packed as they are and decide what is: the manifest of one of
/// SHIELD, and that of a CSAR.
fn filled_in(package: &Package) -> Vec<PathBuf> {
    package.with_inner().flat_map(manifests).collect()
}

fn manifests(package: &Package) -> impl Iterator<Item = PathBuf> {
    let shield = (package.layout == Layout::Shield).then_some(&package.descriptor_path);
    let csar = package
        .csar
        .as_ref()
        .and_then(|csar| csar.manifest.as_ref());
    let files = shield.into_iter().chain(csar);
    files.filter_map(|path| match &package.file(path)?.place {
        Place::Disk(path) => Some(path.clone()),
        Place::Member => None,
    })
}

/// What is the same for all packages of a build.
pub(super) struct Witness<'a> {
    workspace: &'a Workspace,
    output: &'a Output,
    epoch: u64,
    circumstances: &'a Circumstances,
    checkout: Option<Checkout>,
}

impl<'a> Witness<'a> {
    pub fn new(
        workspace: &'a Workspace,
        output: &'a Output,
        epoch: u64,
        circumstances: &'a Circumstances,
    ) -> Self {
        Witness {
            workspace,
            output,
            epoch,
            circumstances,
            checkout: Checkout::of(&workspace.root),
        }
    }

    /// The statement about a package that was built.
    pub fn statement(
        &self,
        report: &BuildReport,
        built: &Built,
        subjects: Vec<Subject>,
    ) -> Result<Statement, Error> {
        let package = report.checked.scan.packages.get(built.package);
        let of = package.map_or(Path::new(""), |package| package.path.as_path());
        let filled = package.map(filled_in).unwrap_or_default();
        let materials = self.materials(built, &filled, of)?;
        let run = self.circumstances.run.as_ref();
        let of_run = run.and_then(|run| run.revision.as_ref());
        // Of what lies elsewhere the repository of this tree says nothing.
        let root = &self.workspace.root;
        let is_own = built.inputs.iter().all(|path| path.starts_with(root));
        let revision = match &self.checkout {
            _ if !is_own => None,
            Some(checkout) => {
                let paths = materials.iter().map(|material| material.path.as_str());
                Some(checkout.revision(paths, of_run))
            }
            None => of_run.cloned(),
        };
        Ok(Statement {
            subjects,
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: predicate(&Build {
                package: &self.shown(of, of),
                placeholders: &package.map(placeholders).unwrap_or_default(),
                epoch: self.epoch,
                revision: revision.as_ref(),
                materials: &materials,
                run,
                builder: self.circumstances.builder.as_deref(),
                started_on: self.circumstances.started_on.as_deref(),
            }),
        })
    }

    /// The files that went in, sorted by path, with the settings of the tree.
    fn materials(
        &self,
        built: &Built,
        filled: &[PathBuf],
        of: &Path,
    ) -> Result<Vec<Material>, Error> {
        let settings = self.workspace.config_path.iter().chain(filled);
        let mut paths: Vec<&PathBuf> = built.inputs.iter().chain(settings).collect();
        paths.sort_unstable();
        paths.dedup();
        let read = paths.par_iter().map(|path| {
            let digest = package::content_digest(path, "sha256:");
            let digest = digest.map_err(|source| Error::Io {
                action: "read",
                path: (*path).clone(),
                source,
            })?;
            let digest = digest.unwrap_or_default();
            let (_, hex) = digest.split_once(':').unwrap_or_default();
            Ok(Material {
                path: self.shown(path, of),
                sha256: hex.to_owned(),
            })
        });
        let materials = read.collect::<Result<Vec<Material>, Error>>()?;
        // What was read just now is what went in only if nothing has changed
        // since.
        let record = self
            .output
            .own()
            .state
            .join(format!("{}.json", built.file_name));
        let is_dry = self.output.is_dry();
        match state::fresh(&record, &built.fingerprint, (&built.inputs, &[]), is_dry) {
            Some(record) if record.sha256 == built.sha256 => Ok(materials),
            _ => Err(Error::Changed(built.file_name.clone())),
        }
    }

    /// A path below the root of the tree. Where the package lies elsewhere, it is
    /// the path below the folder that the package is in: others have no use for
    /// the paths of this machine.
    fn shown(&self, path: &Path, package: &Path) -> String {
        let folder = package.parent().unwrap_or(Path::new(""));
        let below = path.strip_prefix(&self.workspace.root);
        let below = below.or_else(|_| path.strip_prefix(folder));
        let name = path.file_name().map_or(Path::new(""), Path::new);
        let path = below.unwrap_or(name);
        let parts = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        let shown = parts.collect::<Vec<_>>().join("/");
        match shown.is_empty() {
            true => ".".to_owned(),
            false => shown,
        }
    }
}

/// The placeholders that a package, or the one inside it, has filled in, with their
/// values.
fn placeholders(package: &Package) -> BTreeMap<&str, &str> {
    let descriptors = package
        .with_inner()
        .filter_map(|package| package.descriptor.as_ref());
    let filled = descriptors.filter(|descriptor| descriptor.doc.filled().is_some());
    let uses = filled.flat_map(|descriptor| descriptor.doc.placeholders());
    uses.filter_map(|(used, value)| Some((used.name.as_str(), value??)))
        .collect()
}

/// Whether a text is a URI with a scheme (RFC 3986 §3.1), as kinds of predicates
/// and builders are.
pub fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_plain = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    starts && scheme.chars().all(is_scheme) && !rest.is_empty() && rest.chars().all(is_plain)
}
