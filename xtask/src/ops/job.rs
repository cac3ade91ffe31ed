//! One package to build: whether it is there and up to date, and if not, its bytes.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::build::{BuildOptions, Built, BuiltOuter, WasSigned};
use super::elsewhere::Wanted;
use super::output::{Output, name_file};
use super::state;
use super::{Error, Reporter, Silent};
use crate::csar::SignatureOption;
use crate::descriptor::Kind;
use crate::package::{self, Assembled, Plan, Signer};
use crate::scratch;
use crate::shield;
use crate::source::members::most_unpacked;
use crate::source::{self, Form, Layout, Marks, Package, ShieldProfile};

/// A finished package that is wrapped: where it is, its size and its SHA-256.
type Inner = (PathBuf, u64, String);

/// The plan for a package, with a signature where there is a manifest to sign.
fn plan(
    package: &Package,
    epoch: u64,
    inner: Option<Inner>,
    signer: Option<&Signer>,
    form: ShieldProfile,
) -> Result<Plan, Error> {
    let mut plan = package::plan(package, epoch, inner, form)?;
    let is_signed = package.layout.is_signed() && !is_signed_as_a_whole(package);
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
    package.layout == Layout::Csar && option == Some(SignatureOption::Package)
}

/// One package to build.
pub(super) struct Job<'a> {
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
    /// The form of the manifest of a SHIELD package.
    form: ShieldProfile,
    /// A finished package inside a SHIELD folder.
    finished_inner: Option<Inner>,
    /// The files that go in.
    inputs: Vec<PathBuf>,
    /// Their marks, as far as they were looked at.
    marks: Vec<Option<Marks>>,
    /// Digest of the plans, and of who signs the whole.
    fingerprint: String,
    /// The same where nobody signs; `None` where nobody does.
    unsigned: Option<String>,
    /// Whether one that has a signature besides is up to date.
    keeps_signed: bool,
}

impl<'a> Job<'a> {
    /// `None` for what has no package of its own.
    pub fn new(
        index: usize,
        package: &'a Package,
        options: &BuildOptions,
        form: ShieldProfile,
    ) -> Result<Option<Self>, Error> {
        let Some(kind) = package.kind().filter(|kind| *kind != Kind::Vo) else {
            return Ok(None);
        };
        let (epoch, signer) = (options.epoch, options.signer.clone());
        let (inner, finished_inner) = match package.layout {
            Layout::Shield => wrapped(package, epoch)?,
            _ => (None, None),
        };
        // One that is built first is not there yet.
        let nothing = || (PathBuf::new(), 0, String::new());
        let stand_in = finished_inner.clone().or(inner.as_ref().map(|_| nothing()));
        let outer = plan(package, epoch, stand_in.clone(), signer.as_ref(), form)?;
        let inputs = inner.iter().flat_map(Plan::inputs).chain(outer.inputs());
        let inputs = inputs.filter(|(path, _)| !path.as_os_str().is_empty());
        let (inputs, marks) = inputs.map(|(path, marks)| (path.clone(), marks)).unzip();
        let whole = signer.as_ref().filter(|_| is_signed_as_a_whole(package));
        let fingerprint = |outer: &Plan, whole: Option<&Signer>| {
            let parts = inner.iter().chain([outer]).map(Plan::fingerprint);
            let parts: Vec<String> = parts.chain(whole.map(|signer| signer.id())).collect();
            parts.join(" ")
        };
        let unsigned = match signer.is_some() && package.layout.is_signed() {
            true => Some(fingerprint(
                &plan(package, epoch, stand_in, None, form)?,
                None,
            )),
            false => None,
        };
        let fingerprint = fingerprint(&outer, whole);
        Ok(Some(Job {
            index,
            package,
            kind,
            inner,
            outer,
            epoch,
            signer,
            form,
            finished_inner,
            inputs,
            marks,
            fingerprint,
            unsigned,
            keeps_signed: options.was_signed != WasSigned::Replaced && options.signer.is_none(),
        }))
    }

    /// Its place in the scan.
    pub fn package(&self) -> usize {
        self.index
    }

    /// `<id>-<version>.tar.gz` or the like.
    pub fn file_name(&self) -> &str {
        &self.outer.file_name
    }

    /// How many bytes go in.
    pub fn bytes(&self) -> u64 {
        let plans = self.inner.iter().chain([&self.outer]);
        plans
            .flat_map(|plan| &plan.members)
            .map(|member| match &member.source {
                package::Source::Disk { len, .. } => *len,
                package::Source::Filled { text, .. } => text.len() as u64,
                _ => 0,
            })
            .sum()
    }

    /// Whether there is a zip around it with a signature.
    pub fn is_signed_as_a_whole(&self) -> bool {
        self.signer_of_whole().is_some()
    }

    fn signer_of_whole(&self) -> Option<&Signer> {
        let signer = self.signer.as_ref();
        signer.filter(|_| is_signed_as_a_whole(self.package))
    }

    /// What to look for elsewhere. Its files are read for that.
    pub fn wanted(&self) -> Result<Wanted, Error> {
        Ok(Wanted {
            package: self.index,
            file_name: self.outer.file_name.clone(),
            sources: state::sources(&self.fingerprint, &self.inputs)?,
        })
    }

    /// The package, if it is there and up to date.
    pub fn fresh(&self, out: &Output) -> Option<Built> {
        let own = out.own();
        let file_name = &self.outer.file_name;
        let known = own.state.join(format!("{file_name}.json"));
        let inputs = (&*self.inputs, &*self.marks);
        let (mut is_kept, own_print) = (false, &self.fingerprint);
        let mut record = state::fresh(&known, own_print, inputs, out.is_dry());
        if record.is_none() && self.keeps_signed {
            record = state::fresh_but_signed(&known, own_print, inputs, out.is_dry());
            is_kept = true;
        }
        let mut record = record?;
        let path = own.packages.join(file_name);
        let blob = own.layout.blob(&record.sha256);
        let outer = record.outer.clone().map(|outer| outer_in(own, outer));
        let outputs = state::Outputs {
            package: &path,
            blob: &blob,
            outer: outer.as_ref().map(|outer| outer.path.as_path()),
        };
        let is_whole = (is_kept || outer.is_some() == self.is_signed_as_a_whole())
            && outputs.are_whole(&mut record, &known, out.is_dry());
        let built = self.built(path, record.sha256, record.size, true, outer);
        is_whole.then_some(Built {
            fingerprint: record.fingerprint,
            is_signed: record.unsigned.is_some(),
            ..built
        })
    }

    /// Whether what is there was signed, and what would be built is not.
    pub fn loses_signature(&self, out: &Output) -> bool {
        let own = out.own();
        let file_name = &self.outer.file_name;
        let before = state::read(&own.state.join(format!("{file_name}.json")));
        let was_signed = before.is_some_and(|one| one.unsigned.is_some());
        was_signed && self.unsigned.is_none() && own.packages.join(file_name).exists()
    }

    /// Builds it.
    pub fn run(&self, out: &Output, reporter: &dyn Reporter) -> Result<Built, Error> {
        let file_name = &self.outer.file_name;
        let path = out.packages.join(file_name);
        let record = out.state.join(format!("{file_name}.json"));
        // Taken before the files are read, so that a change in between is noticed.
        let marks = self.inputs.iter().zip(&self.marks);
        let marks = marks.filter_map(|(path, seen)| {
            let marks = seen.or_else(|| Marks::of(path))?;
            Some((path.clone(), marks))
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
        let unpacked = self.bytes();
        if unpacked > most_unpacked(assembled.size) {
            return Err(Error::Dense {
                package: self.package.shown.clone(),
                packed: assembled.size,
                unpacked,
            });
        }
        let blob = out.layout.keep(file, &assembled.sha256)?;
        link(&blob, &path)?;
        let (sha256, size) = (assembled.sha256.clone(), assembled.size);
        let outer = match self.signer_of_whole() {
            Some(signer) => Some(self.sign_as_a_whole(signer, &blob, size, out)?),
            None => None,
        };
        let before = state::read(&record);
        let was_signed = before.as_ref().is_some_and(|one| one.unsigned.is_some());
        if was_signed && self.unsigned.is_none() {
            reporter.warning(&format!(
                "`{file_name}` was signed, and is built anew without a signature; `--sign-key` signs it"
            ));
        }
        // A zip around the package as it was would be taken for one around this.
        let before = before.and_then(|record| record.outer);
        if let Some(before) = before.filter(|_| outer.is_none()) {
            remove(&out.packages.join(before.file_name))?;
        }
        all.push(assembled);
        let id = self.package.id().unwrap_or_default();
        let fingerprint = (self.fingerprint.clone(), self.unsigned.clone());
        let around = outer.clone().map(|outer| outer_in(out, outer));
        let outputs = state::Outputs {
            package: &path,
            blob: &blob,
            outer: around.as_ref().map(|outer| outer.path.as_path()),
        };
        state::remember(&record, id, fingerprint, marks, (&all, outer), &outputs)?;
        reporter.status("Packaged", &self.package.name());
        let outer = around;
        Ok(self.built(path, sha256, size, false, outer))
    }

    /// The plan around a finished package.
    fn plan(&self, inner: Inner) -> Result<Plan, Error> {
        let signer = self.signer.as_ref();
        plan(self.package, self.epoch, Some(inner), signer, self.form)
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

    /// Writes the zip around a finished CSAR.
    fn sign_as_a_whole(
        &self,
        signer: &Signer,
        csar: &Path,
        size: u64,
        out: &Output,
    ) -> Result<state::Outer, Error> {
        let signature = fs::File::open(csar).and_then(|mut file| signer.sign_content(&mut file));
        let signature = signature.map_err(|source| Error::Assemble {
            package: self.package.shown.clone(),
            source: package::AssembleError::Sign(source),
        })?;
        let name = &self.outer.file_name;
        let plan = package::around_csar(name, (csar, size), signature, self.epoch);
        let (file, whole) = self.assemble(&plan, out, &Silent)?;
        name_file(file, &out.packages.join(&plan.file_name))?;
        Ok(state::Outer {
            file_name: plan.file_name,
            sha256: whole.sha256,
            size: whole.size,
        })
    }

    fn built(
        &self,
        path: PathBuf,
        sha256: String,
        size: u64,
        is_fresh: bool,
        outer: Option<BuiltOuter>,
    ) -> Built {
        Built {
            package: self.index,
            kind: self.kind,
            file_name: self.outer.file_name.clone(),
            path,
            sha256,
            size,
            is_fresh,
            is_signed: self.unsigned.is_some(),
            inputs: self.inputs.clone(),
            fingerprint: self.fingerprint.clone(),
            outer,
        }
    }
}

/// The package inside a SHIELD package: the plan for it, or the one that is finished.
fn wrapped(package: &Package, epoch: u64) -> Result<(Option<Plan>, Option<Inner>), Error> {
    let missing = || package::PlanError::NoInner(package.shown.clone());
    let wrapped = package.inner.as_deref().ok_or_else(missing)?;
    let name = source::inner_file(package).ok_or_else(missing)?;
    if wrapped.form != Form::Archive {
        let top = shield::stem(&name).ok_or_else(missing)?;
        return Ok((Some(package::wrapped(wrapped, top, epoch)), None));
    }
    let file = package.file(&name).ok_or_else(missing)?;
    let sha256 = file.sha256.clone().ok_or_else(missing)?;
    let source::Place::Disk(path) = &file.place else {
        return Err(missing().into());
    };
    Ok((None, Some((path.clone(), file.len, sha256))))
}

/// A zip of a record, where it lies.
fn outer_in(out: &Output, outer: state::Outer) -> BuiltOuter {
    BuiltOuter {
        path: out.packages.join(outer.file_name),
        sha256: outer.sha256,
        size: outer.size,
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Io {
            action: "remove",
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
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
    // Most builds of many packages are first builds, and a folder for each of them to
    // put its name into would cost more than the name.
    if fs::hard_link(blob, path).is_ok() {
        return Ok(());
    }
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
