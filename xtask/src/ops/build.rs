//! `build`: check, then assemble every package that passed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::NamedTempFile;

use super::check::{CheckOptions, Checked, check};
use super::output::Output;
use super::state::{self, Marks};
use super::{Error, Reporter, Silent};
use crate::csar::SignatureOption;
use crate::descriptor::Kind;
use crate::graph;
use crate::package::{self, Assembled, Plan, Signer};
use crate::scratch;
use crate::source::{self, Finding, Form, Package, Workspace};

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
}

impl Default for BuildOptions {
    fn default() -> Self {
        BuildOptions {
            check: CheckOptions::default(),
            epoch: package::DEFAULT_EPOCH,
            force: false,
            signer: None,
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

/// A package that is finished somewhere else.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Its place in the scan.
    pub package: usize,
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of what it was made of.
    pub sources: String,
}

/// A package that would have to be built.
#[cfg_attr(not(feature = "publish"), allow(dead_code))]
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Its place in the scan.
    pub package: usize,
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// The digest of what it is made of.
    pub sources: String,
}

/// Looks for packages somewhere else; the answer has a word for each of them.
pub(super) type Search<'a> =
    dyn Fn(&Checked, &[Wanted]) -> Result<Vec<Option<Elsewhere>>, Error> + 'a;

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
    let checked = check(workspace, &options.check)?;
    if checked.is_nothing() {
        return Err(Error::NoPackages(workspace.shown(&workspace.root)));
    }
    let mut jobs: Vec<Job<'_>> = Vec::new();
    let mut refused = 0;
    let mut finished = 0;
    let has_error = checked.refused();
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
        if let Some(job) = Job::new(i, package, options)? {
            jobs.push(job);
        }
    }
    refused += drop_rivals(&mut jobs);
    let elsewhere = match search {
        Some(search) => found_elsewhere(out, options.force, &checked, &mut jobs, search)?,
        None => Vec::new(),
    };
    let todo: u64 = jobs.iter().map(Job::bytes).sum();
    reporter.begin(todo);
    let built: Vec<Result<Built, Error>> = jobs
        .par_iter()
        .map(|job| job.run(out, options.force, reporter))
        .collect();
    reporter.finish();
    let mut built = built.into_iter().collect::<Result<Vec<Built>, Error>>()?;
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

/// Takes out the jobs for packages that are finished somewhere else.
fn found_elsewhere(
    out: &Output,
    force: bool,
    checked: &Checked,
    jobs: &mut Vec<Job<'_>>,
    search: &Search<'_>,
) -> Result<Vec<Elsewhere>, Error> {
    let sources = |job: &Job<'_>| {
        if job.fresh(out, force).is_some() {
            return Ok(None);
        }
        let sources = state::sources(&job.fingerprint(), &job.inputs())?;
        Ok(Some(Wanted {
            package: job.index,
            file_name: job.outer.file_name.clone(),
            sources,
        }))
    };
    let wanted: Vec<Result<Option<Wanted>, Error>> = jobs.par_iter().map(sources).collect();
    let wanted = wanted.into_iter().collect::<Result<Vec<_>, Error>>()?;
    let wanted: Vec<Wanted> = wanted.into_iter().flatten().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Elsewhere> = search(checked, &wanted)?.into_iter().flatten().collect();
    jobs.retain(|job| !found.iter().any(|one| one.package == job.index));
    Ok(found)
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
            Finding::SeveralDescriptors { .. } | Finding::Unreadable { .. }
        )
    };
    inner || package.findings.iter().any(in_the_way)
}

/// Two packages with one file name would overwrite each other. The rule
/// `package/duplicate-id` says so; where a user has allowed it, neither is
/// built all the same.
fn drop_rivals(jobs: &mut Vec<Job<'_>>) -> usize {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for job in jobs.iter() {
        *names.entry(job.outer.file_name.clone()).or_default() += 1;
    }
    let before = jobs.len();
    jobs.retain(|job| names.get(&job.outer.file_name) == Some(&1));
    before - jobs.len()
}

/// The plan for a package, with a signature where there is a manifest to sign.
fn plan(
    package: &Package,
    epoch: u64,
    inner: Option<(PathBuf, u64, String)>,
    signer: Option<&Signer>,
) -> Result<Plan, Error> {
    let mut plan = package::plan(package, epoch, inner)?;
    let is_signed = match package.layout {
        source::Layout::Shield => true,
        source::Layout::Csar => !is_signed_as_a_whole(package),
        _ => false,
    };
    if let Some(signer) = signer.filter(|_| is_signed) {
        plan.sign(signer).map_err(|source| Error::Assemble {
            package: package.shown.clone(),
            source: package::AssembleError::Sign(source),
        })?;
    }
    Ok(plan)
}

/// Whether a CSAR is to be signed by option 2 of SOL 004 §5.1.
fn is_signed_as_a_whole(package: &Package) -> bool {
    let csar = package.csar.as_ref();
    let option = csar.and_then(|csar| csar.settings.signature);
    package.layout == source::Layout::Csar && option == Some(SignatureOption::Package)
}

/// One package to build.
struct Job<'a> {
    index: usize,
    package: &'a Package,
    kind: Kind,
    /// The package inside a SHIELD package, where it is built from source.
    inner: Option<Plan>,
    /// The package itself. For SHIELD the package inside is not there yet, and
    /// stands in the plan without content.
    outer: Plan,
    epoch: u64,
    signer: Option<Signer>,
    /// A finished package inside a SHIELD folder.
    finished_inner: Option<(PathBuf, u64, String)>,
}

impl<'a> Job<'a> {
    /// `None` for what has no package of its own.
    fn new(
        index: usize,
        package: &'a Package,
        options: &BuildOptions,
    ) -> Result<Option<Self>, Error> {
        let (epoch, signer) = (options.epoch, options.signer.clone());
        let Some(kind) = package.kind().filter(|kind| *kind != Kind::Vo) else {
            return Ok(None);
        };
        if package.layout != source::Layout::Shield {
            let outer = plan(package, epoch, None, signer.as_ref())?;
            return Ok(Some(Job {
                index,
                package,
                kind,
                inner: None,
                outer,
                epoch,
                signer,
                finished_inner: None,
            }));
        }
        let missing = || package::PlanError::NoInner(package.shown.clone());
        let wrapped = package.inner.as_deref().ok_or_else(missing)?;
        let name = package
            .descriptor
            .as_ref()
            .and_then(|d| d.field("package")?.str())
            .ok_or_else(missing)?;
        let (inner, finished_inner) = if wrapped.form == Form::Archive {
            let file = package.file(name).ok_or_else(missing)?;
            let sha256 = file.sha256.clone().ok_or_else(missing)?;
            let source::Place::Disk(path) = &file.place else {
                return Err(missing().into());
            };
            (None, Some((path.clone(), file.len, sha256)))
        } else {
            let top = name.strip_suffix(".tar.gz").unwrap_or(name);
            (Some(package::wrapped(wrapped, top, epoch)), None)
        };
        let stand_in = (PathBuf::new(), 0, String::new());
        let stand_in = finished_inner.clone().unwrap_or(stand_in);
        let outer = plan(package, epoch, Some(stand_in), signer.as_ref())?;
        Ok(Some(Job {
            index,
            package,
            kind,
            inner,
            outer,
            epoch,
            signer,
            finished_inner,
        }))
    }

    fn bytes(&self) -> u64 {
        let plans = self.inner.iter().chain([&self.outer]);
        plans
            .flat_map(|plan| &plan.members)
            .map(|member| match &member.source {
                package::Source::Disk { len, .. } => *len,
                _ => 0,
            })
            .sum()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let inner = self.inner.iter().flat_map(Plan::inputs);
        inner
            .chain(self.outer.inputs())
            .filter(|path| !path.as_os_str().is_empty())
            .cloned()
            .collect()
    }

    fn fingerprint(&self) -> String {
        let own = match &self.inner {
            Some(inner) => format!("{} {}", inner.fingerprint(), self.outer.fingerprint()),
            None => self.outer.fingerprint(),
        };
        match self.signer_of_whole() {
            Some(signer) => format!("{own} {}", signer.id()),
            None => own,
        }
    }

    /// Who signs the package as a whole.
    fn signer_of_whole(&self) -> Option<&Signer> {
        self.signer
            .as_ref()
            .filter(|_| is_signed_as_a_whole(self.package))
    }

    /// Writes the zip around a CSAR: the CSAR, and the signature over it.
    fn sign_as_a_whole(
        &self,
        signer: &Signer,
        csar: &Path,
        assembled: &Assembled,
        out: &Output,
    ) -> Result<state::Outer, Error> {
        let name = &self.outer.file_name;
        let stem = name.strip_suffix(".csar").unwrap_or(name);
        let failed = |source| Error::Assemble {
            package: self.package.shown.clone(),
            source: package::AssembleError::Sign(source),
        };
        let signature = fs::File::open(csar).and_then(|mut file| signer.sign_content(&mut file));
        let member = |name: String, source| package::Member {
            name,
            mode: package::Mode::Plain,
            source,
        };
        let size = assembled.size;
        let plan = Plan {
            file_name: format!("{stem}.zip"),
            members: vec![
                member(
                    name.clone(),
                    package::Source::Disk {
                        path: csar.to_owned(),
                        len: size,
                    },
                ),
                member(
                    format!("{stem}.cms"),
                    package::Source::Bytes(signature.map_err(failed)?.into_bytes()),
                ),
            ],
            epoch: self.epoch,
            format: package::Format::Zip,
        };
        let (file, whole) = self.assemble(&plan, out, &Silent)?;
        let path = out.packages.join(&plan.file_name);
        scratch::readable(file.as_file())
            .and_then(|()| {
                let persisted = file.persist(&path);
                persisted.map(|_| ()).map_err(|error| error.error)
            })
            .map_err(|source| Error::Io {
                action: "write",
                path,
                source,
            })?;
        Ok(state::Outer {
            file_name: plan.file_name,
            sha256: whole.sha256,
            size: whole.size,
        })
    }

    /// The package, if it is there and up to date.
    fn fresh(&self, out: &Output, force: bool) -> Option<Built> {
        if force {
            return None;
        }
        let own = out.own();
        let file_name = &self.outer.file_name;
        let known = own.state.join(format!("{file_name}.json"));
        let record = state::fresh(&known, &self.fingerprint(), &self.inputs(), out.is_dry())?;
        let path = own.packages.join(file_name);
        let blob = own.layout.blob(&record.sha256);
        let same_size = |path: &Path| fs::metadata(path).is_ok_and(|m| m.len() == record.size);
        let outer = record.outer.map(|outer| BuiltOuter {
            path: own.packages.join(outer.file_name),
            sha256: outer.sha256,
            size: outer.size,
        });
        let same_outer = |outer: &BuiltOuter| {
            fs::metadata(&outer.path).is_ok_and(|metadata| metadata.len() == outer.size)
        };
        let is_signed = self.signer_of_whole().is_none() || outer.is_some();
        let is_there = same_size(&path)
            && same_size(&blob)
            && is_signed
            && outer.as_ref().is_none_or(same_outer);
        is_there.then(|| Built {
            outer,
            ..self.built(path, record.sha256, record.size, true)
        })
    }

    fn run(&self, out: &Output, force: bool, reporter: &dyn Reporter) -> Result<Built, Error> {
        let file_name = &self.outer.file_name;
        let path = out.packages.join(file_name);
        let record = out.state.join(format!("{file_name}.json"));
        let fingerprint = self.fingerprint();
        let paths = self.inputs();
        if let Some(built) = self.fresh(out, force) {
            reporter.advance(self.bytes());
            return Ok(built);
        }
        let marks = paths.into_iter().filter_map(|path| {
            let marks = Marks::of(&path)?;
            Some((path, marks))
        });
        let marks: Vec<(PathBuf, Marks)> = marks.collect();
        let mut all = Vec::new();
        let mut inner_file = None;
        let plan = match &self.inner {
            Some(inner) => {
                let (file, assembled) = self.assemble(inner, out, reporter)?;
                let sha256 = assembled.sha256.clone();
                let source = (file.path().to_owned(), assembled.size, sha256);
                all.push(assembled);
                inner_file = Some(file);
                &self.plan(source)?
            }
            None => match &self.finished_inner {
                Some(finished) => &self.plan(finished.clone())?,
                None => &self.outer,
            },
        };
        let (file, assembled) = self.assemble(plan, out, reporter)?;
        drop(inner_file);
        let blob = out.layout.keep(file, &assembled.sha256)?;
        link(&blob, &path)?;
        let id = self.package.id().unwrap_or_default();
        let (sha256, size) = (assembled.sha256.clone(), assembled.size);
        let outer = match self.signer_of_whole() {
            Some(signer) => Some(self.sign_as_a_whole(signer, &blob, &assembled, out)?),
            None => None,
        };
        all.push(assembled);
        state::remember(&record, id, fingerprint, marks, (&all, outer.clone()))?;
        reporter.status("Packaged", &self.package.name());
        Ok(Built {
            outer: outer.map(|outer| BuiltOuter {
                path: out.packages.join(outer.file_name),
                sha256: outer.sha256,
                size: outer.size,
            }),
            ..self.built(path, sha256, size, false)
        })
    }

    /// The plan around a finished package.
    fn plan(&self, inner: (PathBuf, u64, String)) -> Result<Plan, Error> {
        plan(self.package, self.epoch, Some(inner), self.signer.as_ref())
    }

    fn assemble(
        &self,
        plan: &Plan,
        out: &Output,
        reporter: &dyn Reporter,
    ) -> Result<(NamedTempFile, Assembled), Error> {
        let file = out.layout.temporary()?;
        let failed = |source| Error::Assemble {
            package: self.package.shown.clone(),
            source,
        };
        let writer = BufWriter::with_capacity(1 << 18, file);
        let (assembled, mut writer) =
            package::assemble(plan, writer, &|n| reporter.advance(n)).map_err(failed)?;
        let write = |source| failed(package::AssembleError::Write(source));
        writer.flush().map_err(write)?;
        let file = writer
            .into_inner()
            .map_err(|error| write(error.into_error()))?;
        Ok((file, assembled))
    }

    fn built(&self, path: PathBuf, sha256: String, size: u64, is_fresh: bool) -> Built {
        Built {
            package: self.index,
            kind: self.kind,
            file_name: self.outer.file_name.clone(),
            path,
            sha256,
            size,
            is_fresh,
            inputs: self.inputs(),
            fingerprint: self.fingerprint(),
            outer: None,
        }
    }
}

/// Makes `path` a second name of the blob, or a copy where the file system has
/// no links. What stood there before is replaced in one step.
fn link(blob: &Path, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(path);
    let temporary = scratch::folder_in(folder).map_err(failed)?;
    let new = temporary.path().join("new");
    if fs::hard_link(blob, &new).is_err() {
        fs::copy(blob, &new).map_err(failed)?;
    }
    // Renaming one name of a file over another name of it does nothing at all
    // on Unix; the leftover goes with the temporary folder.
    fs::rename(&new, path).map_err(failed)
}
