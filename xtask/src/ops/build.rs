//! `build`: check, then assemble every package that passed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use super::check::{CheckOptions, Checked, check};
use super::elsewhere::{Elsewhere, Search, take_out};
use super::job::Job;
use super::output::Output;
use super::verdict_rules::UNWRITABLE;
use super::{Error, Reporter, Work};
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Severity};
use crate::graph;
use crate::package::{self, Signer};
use crate::source::{Finding, Form, Layout, Package, Workspace};

/// Stands for the digest of a package that is not built yet.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How to build.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// What to build; it is checked first.
    pub check: CheckOptions,
    /// Seconds since 1970 that every member of every package carries;
    /// [`package::DEFAULT_EPOCH`] where `SOURCE_DATE_EPOCH` is not set.
    pub epoch: u64,
    /// Whether to build what is up to date as well.
    pub force: bool,
    /// Who signs the manifests of CSARs and SHIELD packages.
    pub signer: Option<Signer>,
    /// What becomes of packages that are signed, where nobody signs.
    pub was_signed: WasSigned,
}

/// What becomes of a package that was built with a signature, where the next build has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WasSigned {
    /// It is built anew, with a warning.
    #[default]
    Replaced,
    /// It stays where it is up to date but for the signature: what is built is only the way to
    /// hand it on.
    Kept,
    /// The same, and one that is not up to date is an error: it would go to somebody who is to
    /// run it.
    Wanted,
}

impl Default for BuildOptions {
    fn default() -> Self {
        BuildOptions {
            check: CheckOptions::default(),
            epoch: package::DEFAULT_EPOCH,
            force: false,
            signer: None,
            was_signed: WasSigned::default(),
        }
    }
}

/// A finished package.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its place in the scan.
    pub package: usize,
    /// What it describes.
    pub kind: Kind,
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// The finished package.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it was there already, up to date.
    pub is_fresh: bool,
    /// Whether there is a signature in it or around it.
    pub is_signed: bool,
    /// The files that went in.
    pub inputs: Vec<PathBuf>,
    /// Digest of the plan, by which the record of the build is known.
    pub fingerprint: String,
    /// The zip around a CSAR that is signed as a whole.
    pub outer: Option<BuiltOuter>,
}

/// The zip around a CSAR that is signed as a whole.
#[derive(Clone, Debug)]
pub struct BuiltOuter {
    /// The zip.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What a build did.
#[derive(Debug)]
pub struct BuildReport {
    /// What was found, and the findings.
    pub checked: Checked,
    /// The finished packages, in the order in which they may be published.
    pub built: Vec<Built>,
    /// Packages that were not built, because they were found finished elsewhere.
    pub elsewhere: Vec<Elsewhere>,
    /// Packages that were not built because of errors in them.
    pub refused: usize,
    /// Packages that were finished when they were found, and sound.
    pub finished: usize,
}

/// Checks and builds packages.
///
/// A package with errors is not built; the others are. Fails if something
/// can't be read or written, and leaves every finished package either as it
/// was or complete.
pub fn build(
    workspace: &Workspace,
    options: &BuildOptions,
    reporter: &dyn Reporter,
) -> Result<BuildReport, Error> {
    let output = Output::lock(workspace, reporter)?;
    build_into(&output, workspace, options, None, reporter)
}

/// The same in a folder that is locked already. What would have to be built is
/// asked of `search` first.
pub(super) fn build_into(
    out: &Output,
    workspace: &Workspace,
    options: &BuildOptions,
    search: Option<&Search<'_>>,
    reporter: &dyn Reporter,
) -> Result<BuildReport, Error> {
    let mut checked = check(workspace, &options.check)?;
    if checked.is_nothing() {
        return Err(Error::NoPackages(workspace.shown(&workspace.root)));
    }
    let mut fit = Vec::new();
    let mut refused = 0;
    let mut finished = 0;
    let has_error = checked.refused();
    let form = checked.choice.shield;
    let mut open = Vec::new();
    let mut hashless = Vec::new();
    for (i, package) in checked.scan.packages.iter().enumerate() {
        if package.form == Form::Archive {
            finished += usize::from(!has_error[i]);
            refused += usize::from(has_error[i]);
            continue;
        }
        if has_error[i] || is_unfit(package) {
            refused += 1;
            continue;
        }
        if package.layout == Layout::Shield {
            match package::shield_manifest(package, NO_DIGEST, form) {
                Err(reason) => {
                    open.push((package, reason));
                    continue;
                }
                // What a signature of the manifest says of the package inside, it says by the
                // hash.
                Ok(written) if options.signer.is_some() && !written.has_hash => {
                    hashless.push(without_hash(package));
                    continue;
                }
                Ok(_) => {}
            }
        }
        fit.push((i, package));
    }
    let job = |&(i, package): &(usize, _)| Job::new(i, package, options, form).transpose();
    let jobs: Vec<Result<Job<'_>, Error>> = fit.par_iter().filter_map(job).collect();
    // Of several errors it is that of the first package.
    let mut jobs = jobs.into_iter().collect::<Result<Vec<Job<'_>>, Error>>()?;
    refused += open.len() + hashless.len();
    let mut unwritable = hashless;
    for (package, reason) in open {
        let found = cannot_write(package, &reason);
        if !found.is_empty() {
            unwritable.extend(found);
            continue;
        }
        // What is a warning to `check` is what it is not built for here.
        let manifest = package.descriptor.as_ref();
        let path = manifest.map(|manifest| manifest.doc.file().path().to_owned());
        let told = checked.diagnostics.iter_mut().filter(|found| {
            let file = found.primary.span.file.path();
            found.rule.id == "shield/store-drift" && Some(file) == path.as_deref()
        });
        if told.map(|found| found.severity = Severity::Error).count() == 0 {
            unwritable.push(unwritable_as_it_is(package));
        }
    }
    checked.diagnostics.extend(unwritable);
    checked.diagnostics.sort_by(Diagnostic::compare);
    let rivals = drop_rivals(&mut jobs);
    refused += rivals;
    if rivals > 0 {
        // What is a warning to `check` is what nothing is built for here.
        let told = checked.diagnostics.iter_mut();
        told.filter(|found| found.rule.id == "package/same-name")
            .for_each(|found| found.severity = Severity::Error);
    }
    let is_there = |job: &Job<'_>| (!options.force).then(|| job.fresh(out)).flatten();
    let there: Vec<Option<Built>> = jobs.par_iter().map(is_there).collect();
    let mut is_stale = there.iter().map(Option::is_none);
    jobs.retain(|_| is_stale.next().unwrap_or(true));
    if options.was_signed == WasSigned::Wanted
        && let Some(job) = jobs.iter().find(|job| job.loses_signature(out))
    {
        let path = workspace.out_dir.join("packages").join(job.file_name());
        return Err(Error::LosesSignature(workspace.shown(&path)));
    }
    let elsewhere = match search {
        Some(search) => take_out(&checked, &mut jobs, search)?,
        None => Vec::new(),
    };
    let work = Work::begin(reporter, "Building", jobs.iter().map(Job::bytes).sum());
    let built: Vec<Result<Built, Error>> =
        jobs.par_iter().map(|job| job.run(out, reporter)).collect();
    drop(work);
    let mut built = built.into_iter().collect::<Result<Vec<Built>, Error>>()?;
    built.extend(there.into_iter().flatten());
    built.sort_by(|a, b| {
        let key = |built: &Built| (graph::rank(built.kind), built.file_name.clone());
        key(a).cmp(&key(b))
    });
    Ok(BuildReport {
        checked,
        built,
        elsewhere,
        refused,
        finished,
    })
}

/// That a manifest can't be written, whatever is the reason.
fn unwritable_as_it_is(package: &Package) -> Diagnostic {
    let text = "the build can't write what it knows into this manifest";
    Diagnostic::new(&UNWRITABLE, package.span(), text)
        .help("write its fields in block style, one a line, and without `&` and `*`")
}

/// That a manifest is of a form in which nothing can be signed.
fn without_hash(package: &Package) -> Diagnostic {
    let text = "a manifest of this form has no `hash`, so that a signature would say nothing of the \
                package inside";
    Diagnostic::new(&UNWRITABLE, package.span(), text)
        .help("build it without a signature, in the form that the Store takes, or with a `hash:` of its own")
}

/// Why the build can't write a manifest, but for what its author has to: keys whose values are
/// read elsewhere too, or that nothing would be left to read.
fn cannot_write(package: &Package, reason: &package::PlanError) -> Vec<Diagnostic> {
    let package::PlanError::Manifest {
        shared, is_broken, ..
    } = reason
    else {
        return Vec::new();
    };
    if *is_broken {
        return vec![unwritable_as_it_is(package)];
    }
    let body = package.descriptor.as_ref().and_then(|one| one.body());
    let finding = |path: &String| {
        let (above, key) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = match above {
            "" => body,
            above => body.and_then(|body| body.get(above)),
        };
        let own = parent.and_then(|parent| parent.entry(key));
        let span = own.map_or_else(|| package.span(), |entry| entry.key_span());
        let text = format!(
            "the build writes another value for `{key}`, and the one here is read at other \
             places as well"
        );
        Diagnostic::new(&UNWRITABLE, span, text)
            .help("write a value here that is read nowhere else, without `&`")
    };
    shared.iter().map(finding).collect()
}

/// Which of several descriptors is meant can't be guessed, and a package
/// without a file that this user may not read would differ from that of
/// another user. Rules say so; where they are allowed, nothing is built all the
/// same.
fn is_unfit(package: &Package) -> bool {
    let inner = package.inner.as_deref().is_some_and(is_unfit);
    let in_the_way = |finding: &Finding| {
        matches!(
            finding,
            Finding::SeveralDescriptors { .. }
                | Finding::Unreadable { .. }
                | Finding::Added { .. }
                | Finding::HelmIgnore { .. }
        )
    };
    inner || package.findings.iter().any(in_the_way)
}

/// Two packages with one file name would overwrite each other. The rule
/// `package/same-name` says so; where a user has allowed it, neither is built all
/// the same.
fn drop_rivals(jobs: &mut Vec<Job<'_>>) -> usize {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for job in jobs.iter() {
        *names.entry(job.file_name().to_owned()).or_default() += 1;
    }
    let before = jobs.len();
    jobs.retain(|job| names.get(job.file_name()) == Some(&1));
    before - jobs.len()
}
