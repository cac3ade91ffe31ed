//! The provenance of packages, put beside what was published of them.

use std::sync::{Mutex, PoisonError};

use super::attest;
use super::build::{BuildReport, Built};
use super::copy::each_at_once;
use super::output::Output;
use super::provenance::{Circumstances, StatementKey, Witness};
use super::signatures::attestations;
use super::{Error, Pushed, Reporter};
use crate::oci::{Annotations, Fetched, Manifest, Reference, Referrer, Remote, Store, TITLE};
use crate::provenance::PREDICATE_TYPE;
use crate::source::Workspace;
use crate::trust::sigstore::{STATEMENT_TYPE, SignatureForm, Statement, Subject};

/// How the provenance of what is published is told.
pub struct ProvenanceOptions {
    /// What the build says of itself.
    pub circumstances: Circumstances,
    /// Who signs it; without a key it is a bare statement.
    pub key: Option<StatementKey>,
}

/// The provenance of an artifact at a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The artifact, by its digest.
    pub reference: String,
    /// The digest that the statement is about.
    pub subject: String,
    /// SHA-256 of the public key (SPKI) in hexadecimal, where it is signed.
    pub key: Option<String>,
    /// The digests of the manifests that were added; none where it was there.
    pub added: Vec<String>,
}

/// The annotation by which BuildKit and others name the predicate of a bare
/// statement.
pub(super) const PREDICATE_ANNOTATION: &str = "in-toto.io/predicate-type";

/// Tells of everything that was pushed and built here how it came about. What
/// was there already and has provenance by the same key stays as it is: another
/// run gave the same bytes, and adds nothing.
pub(super) fn tell(
    (workspace, output): (&Workspace, &Output),
    (report, pushed): (&BuildReport, &[Pushed]),
    epoch: u64,
    (remote, concurrency): (&Remote, usize),
    options: &ProvenanceOptions,
    reporter: &dyn Reporter,
) -> Result<Vec<Told>, Error> {
    let witness = Witness::new(workspace, output, epoch, &options.circumstances);
    let told: Mutex<Vec<(usize, Told)>> = Mutex::new(Vec::new());
    let jobs: Vec<(usize, &Pushed)> = pushed.iter().enumerate().collect();
    each_at_once(&jobs, concurrency, |(i, pushed)| {
        let reference = Reference::parse(&pushed.reference)?;
        let repository = reference.repository.to_string();
        let store = Store::Registry(remote, reference.repository);
        let subject = store.fetch(&pushed.digest)?;
        let Some(built) = built(report, &subject) else {
            return Ok(());
        };
        // The files are read for it, and only where it is to be told.
        let statement = || {
            let subjects = vec![
                Subject::of_digest(&repository, &pushed.digest),
                Subject::of_digest(&built.file_name, &built.sha256),
            ];
            witness.statement(report, built, subjects)
        };
        let added = match &options.key {
            Some(key) => signed(&store, &subject, &statement, key)?,
            None => bare(&store, &subject, &statement, &built.file_name)?,
        };
        let reference = format!("{repository}@{}", pushed.digest);
        if !added.is_empty() {
            reporter.status("Attested", &reference);
        }
        let one = Told {
            reference,
            subject: pushed.digest.clone(),
            key: options.key.as_ref().map(StatementKey::id),
            added,
        };
        told.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((*i, one));
        Ok::<(), Error>(())
    })?;
    let mut told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    told.sort_by_key(|(i, _)| *i);
    Ok(told.into_iter().map(|(_, one)| one).collect())
}

/// What was built here of an artifact: the package that it has as a layer. What
/// came finished was built by somebody else, who alone knows how.
fn built<'a>(report: &'a BuildReport, subject: &Fetched) -> Option<&'a Built> {
    let manifest: Manifest = serde_json::from_slice(&subject.bytes).ok()?;
    report.built.iter().find(|built| {
        let digest = format!("sha256:{}", built.sha256);
        manifest.layers.iter().any(|layer| layer.digest == digest)
    })
}

fn signed(
    store: &Store<'_>,
    subject: &Fetched,
    statement: &dyn Fn() -> Result<Statement, Error>,
    key: &StatementKey,
) -> Result<Vec<String>, Error> {
    const FORMS: [SignatureForm; 2] = [SignatureForm::Classic, SignatureForm::Bundle];
    let public = key.own.key.public_key();
    let known = attestations(store, &subject.digest, &|found| {
        let signature = found.signature();
        let is_provenance = found.statement().predicate_type == PREDICATE_TYPE;
        is_provenance && signature.is_of(&subject.digest) && signature.verify(public).is_ok()
    })?;
    let has = |form: &SignatureForm| {
        let mut known = known.iter();
        known.any(|one| one.form == *form && one.found == Ok(true))
    };
    let missing: Vec<SignatureForm> = FORMS.into_iter().filter(|form| !has(form)).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let put = attest::put(
        store,
        subject,
        &statement()?,
        &key.own,
        (&key.path, &missing),
    )?;
    let added = put.into_iter().filter(|one| !one.existed);
    Ok(added.map(|one| one.digest).collect())
}

fn bare(
    store: &Store<'_>,
    subject: &Fetched,
    statement: &dyn Fn() -> Result<Statement, Error>,
    file_name: &str,
) -> Result<Vec<String>, Error> {
    let there = store.referrers(&subject.digest)?;
    let is_provenance = |annotations: &Annotations| {
        annotations.get(PREDICATE_ANNOTATION).map(String::as_str) == Some(PREDICATE_TYPE)
    };
    if there.iter().any(|one| is_provenance(&one.annotations)) {
        return Ok(Vec::new());
    }
    let predicate = (PREDICATE_ANNOTATION.to_owned(), PREDICATE_TYPE.to_owned());
    let title = format!("{file_name}.intoto.json");
    let referrer = Referrer {
        media_type: STATEMENT_TYPE.to_owned(),
        content: statement()?.to_json().into_bytes(),
        layer_annotations: [(TITLE.to_owned(), title), predicate.clone()].into(),
        annotations: [predicate].into(),
    };
    let (digest, existed) = referrer.put(store, subject)?;
    Ok(match existed {
        true => Vec::new(),
        false => vec![digest],
    })
}
