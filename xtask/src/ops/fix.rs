//! `check --fix`: mend what is safe to mend, and check again.
//!
//! The rounds are made in memory, on what `check` has read; the files are
//! written once at the end. So a dry run goes the same way to its last step.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::Md5;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::check::{choice, levels, scan};
use super::{CheckOptions, Checked, Error, Reporter, check};
use crate::csar::Hasher;
use crate::descriptor::{Descriptor, identify};
use crate::diagnostic::{Diagnostic, Edit, Fix, SourceFile, apply};
use crate::digest::hex;
use crate::report::FixLine;
use crate::rules;
use crate::scratch;
use crate::source::{Form, Package, Place, Scan, Workspace};
use crate::yaml::{self, Limits};

/// What is mended in one round shows what is to be mended in the next: a key
/// with its right name has a value with a wrong type. More than a few rounds
/// would be two rules that undo each other's work.
const ROUNDS: usize = 12;

/// A file before and after.
#[derive(Clone, Debug)]
pub struct FixedFile {
    /// The file, as it is shown.
    pub path: String,
    /// Its text before, as reports show it: without its secrets.
    pub before: String,
    /// Its text after, likewise.
    pub after: String,
}

/// A file that was to be mended and is as it was.
#[derive(Debug, Error)]
#[error("failed to fix `{path}`")]
pub struct FixFailure {
    /// The file, as it is shown.
    pub path: String,
    /// The reason.
    pub source: FixError,
}

/// Why a file was not written.
#[derive(Debug, Error)]
pub enum FixError {
    /// Somebody else has written to it meanwhile.
    #[error("it has changed since it was checked; run the command again")]
    Changed,
    /// It is not below the top of the tree.
    #[error("it lies outside of the tree `{0}`")]
    Outside(String),
    /// Nobody may write to it.
    #[error("it is read-only")]
    ReadOnly,
    /// Its bytes are no text.
    #[error("it is not UTF-8")]
    NotText,
    /// The file system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FixError {
    /// Whether the file could be mended if it might be written.
    fn is_about_rights(&self) -> bool {
        match self {
            FixError::ReadOnly => true,
            FixError::Io(error) => error.kind() == io::ErrorKind::PermissionDenied,
            _ => false,
        }
    }
}

/// What `fix` did.
#[derive(Debug)]
pub struct FixReport {
    /// What is left to say after it; of a dry run, what would be.
    pub checked: Checked,
    /// What was mended, file by file.
    pub fixed: Vec<FixLine>,
    /// What could be mended and was not, because more would change by it.
    pub held: Vec<FixLine>,
    /// The files that were written, sorted; of a dry run, that would be.
    pub files: Vec<FixedFile>,
    /// The files that could not be; of a dry run, those that a run could not write.
    pub failures: Vec<FixFailure>,
}

/// A file on its way.
struct Draft {
    /// As it is shown first.
    shown: String,
    before: String,
    /// The same without its secrets.
    before_shown: String,
    after: String,
    fixed: Vec<FixLine>,
    /// An edit would have made something else of the file: it keeps what it has.
    is_closed: bool,
}

/// Mends what is safe to mend in the source files of the packages. Nothing is
/// written where `dry_run` is set.
pub fn fix(
    workspace: &Workspace,
    options: &CheckOptions,
    dry_run: bool,
    reporter: &dyn Reporter,
) -> Result<FixReport, Error> {
    let levels = levels(workspace, options)?;
    let mut scan = scan(workspace, options)?;
    let choice = choice(workspace, options)?;
    let places = places(&scan);
    let mut drafts: BTreeMap<PathBuf, Draft> = BTreeMap::new();
    let mut failures: BTreeMap<String, io::Error> = BTreeMap::new();
    let mut diagnostics = rules::run(&scan, choice, &levels);
    for _ in 0..ROUNDS {
        let round = gather(&diagnostics, &places, &mut failures, &drafts);
        let mut changed: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (path, batch) in round {
            let draft = drafts.entry(path.clone()).or_insert_with(|| Draft {
                shown: batch.file.path().to_owned(),
                before: batch.file.text().to_owned(),
                before_shown: batch.file.shown().to_owned(),
                after: batch.file.text().to_owned(),
                fixed: Vec::new(),
                is_closed: false,
            });
            match apply(&draft.after, batch.edits.values()) {
                Some(text) if is_sound(&scan, draft, &text) => {
                    draft.after.clone_from(&text);
                    draft.fixed.extend(batch.fixed);
                    changed.insert(path, text);
                }
                _ => draft.is_closed = true,
            }
        }
        if changed.is_empty() {
            break;
        }
        for package in &mut scan.packages {
            update(package, &places, &changed);
        }
        diagnostics = rules::run(&scan, choice, &levels);
    }
    let after_shown = shown_texts(&scan);
    let mut report = FixReport {
        checked: Checked {
            scan,
            diagnostics,
            choice,
        },
        fixed: Vec::new(),
        held: Vec::new(),
        files: Vec::new(),
        failures: failures
            .into_iter()
            .map(|(path, source)| FixFailure {
                path,
                source: source.into(),
            })
            .collect(),
    };
    let mut drafts: Vec<(PathBuf, Draft)> = drafts
        .into_iter()
        .filter(|(_, draft)| draft.after != draft.before)
        .collect();
    drafts.sort_by(|(_, a), (_, b)| a.shown.cmp(&b.shown));
    let is_touched = !drafts.is_empty();
    for (path, draft) in drafts {
        let written = is_inside(workspace, &path).and_then(|()| match dry_run {
            // A dry run fails where the run would.
            true => may_write(&path).and_then(|_| is_unchanged(&path, &draft)),
            false => write(&path, &draft),
        });
        if let Err(source) = written {
            // What would be written can be shown of a file that nobody may write.
            let is_shown = dry_run && source.is_about_rights();
            report.failures.push(FixFailure {
                path: draft.shown.clone(),
                source,
            });
            if !is_shown {
                continue;
            }
        }
        for fixed in &draft.fixed {
            let verb = if dry_run { "Fixable" } else { "Fixed" };
            reporter.status(verb, &format!("{}: {}", fixed.path, fixed.title));
        }
        report.fixed.extend(draft.fixed);
        let after = after_shown.get(&draft.after).cloned();
        report.files.push(FixedFile {
            path: draft.shown,
            before: draft.before_shown,
            after: after.unwrap_or(draft.after),
        });
    }
    // What is on disk now has the last word.
    if is_touched && !dry_run {
        report.checked = check(workspace, options)?;
    }
    let left = report.checked.diagnostics.iter();
    let left = left.filter(|d| places.contains_key(d.primary.span.file.path()));
    report.held = left
        .flat_map(|d| d.held.iter().map(|fix| line(d, fix)))
        .collect();
    Ok(report)
}

fn line(diagnostic: &Diagnostic, fix: &Fix) -> FixLine {
    FixLine {
        path: diagnostic.primary.span.file.path().to_owned(),
        rule: diagnostic.rule.id,
        message: diagnostic.message.clone(),
        title: fix.title.clone(),
    }
}

/// The texts with secrets in them, each with what reports show of it.
fn shown_texts(scan: &Scan) -> HashMap<String, String> {
    let packages = scan.packages.iter();
    let packages = packages.flat_map(|p| std::iter::once(p).chain(p.inner.as_deref()));
    let files = packages.flat_map(|package| {
        let own = package.descriptor.iter().map(|d| d.doc.file());
        own.chain(package.texts.iter().map(|(_, text)| text))
    });
    files
        .filter(|file| !file.hidden().is_empty())
        .map(|file| (file.text().to_owned(), file.shown().to_owned()))
        .collect()
}

/// Where the files are that may be mended, by the paths under which findings
/// show them. What lies in an archive is not among them.
fn places(scan: &Scan) -> HashMap<String, PathBuf> {
    let mut places = HashMap::new();
    let mut open: Vec<&Package> = scan.packages.iter().collect();
    while let Some(package) = open.pop() {
        open.extend(package.inner.as_deref());
        if package.form == Form::Archive {
            continue;
        }
        for (shown, path) in texts(package) {
            if let Some(file) = package.file(path)
                && let Place::Disk(place) = &file.place
            {
                places.insert(shown.to_owned(), place.clone());
            }
        }
    }
    places
}

/// The texts of a package: as they are shown, and below its root.
fn texts(package: &Package) -> Vec<(&str, &str)> {
    let own = package.descriptor.iter().map(|descriptor| {
        let path = package.descriptor_path.as_str();
        (descriptor.doc.file().path(), path)
    });
    let charts = package.charts.iter();
    let charts = charts.map(|(path, chart)| (chart.doc.file().path(), path.as_str()));
    let texts = package.texts.iter();
    let texts = texts.map(|(path, text)| (text.path(), path.as_str()));
    own.chain(charts).chain(texts).collect()
}

/// What one round does to a file.
struct Batch {
    file: Arc<SourceFile>,
    edits: BTreeMap<(usize, usize), Edit>,
    fixed: Vec<FixLine>,
}

/// The fixes that can be made together: of two that meet, the first. A file is
/// written anew only once nothing else is left to do, because what it says may
/// depend on the other files.
fn gather(
    diagnostics: &[Diagnostic],
    places: &HashMap<String, PathBuf>,
    failures: &mut BTreeMap<String, io::Error>,
    drafts: &BTreeMap<PathBuf, Draft>,
) -> BTreeMap<PathBuf, Batch> {
    let mut resolved: HashMap<&str, Option<PathBuf>> = HashMap::new();
    let (mut edits, mut rewrites) = (BTreeMap::new(), BTreeMap::new());
    for diagnostic in diagnostics {
        let file = &diagnostic.primary.span.file;
        for fix in &diagnostic.fixes {
            let Some(place) = places.get(file.path()) else {
                continue;
            };
            let path = resolved.entry(file.path()).or_insert_with(|| {
                let path = fs::canonicalize(place);
                path.map_err(|error| failures.insert(file.path().to_owned(), error))
                    .ok()
            });
            let Some(path) = path else {
                continue;
            };
            // The same file under another name, of another text: next round.
            let draft = drafts.get(path);
            if draft.is_some_and(|draft| draft.is_closed || draft.after != file.text()) {
                continue;
            }
            let round: &mut BTreeMap<PathBuf, Batch> = match fix.is_rewrite(file.text()) {
                true => &mut rewrites,
                false => &mut edits,
            };
            let batch = round.entry(path.clone()).or_insert_with(|| Batch {
                file: Arc::clone(file),
                edits: BTreeMap::new(),
                fixed: Vec::new(),
            });
            if batch.file.text() == file.text() && batch.take(fix) {
                batch.fixed.push(line(diagnostic, fix));
            }
        }
    }
    if edits.is_empty() { rewrites } else { edits }
}

impl Batch {
    /// Whether the fix is made in this round: its edits meet no others, or are
    /// there already.
    fn take(&mut self, fix: &Fix) -> bool {
        let key = |edit: &Edit| (edit.range.start, edit.range.end);
        let is_there = |edit: &Edit| self.edits.get(&key(edit)) == Some(edit);
        if fix.edits.iter().all(is_there) {
            return true;
        }
        // Edits do not meet, so only the two neighbours can meet a new one.
        let is_free = |edit: &Edit| {
            let before = self.edits.range(..=key(edit)).next_back();
            let after = self.edits.range(key(edit)..).next();
            [before, after]
                .into_iter()
                .flatten()
                .all(|(_, other)| !edit.meets(other))
        };
        let free = fix.edits.iter().all(is_free);
        if free {
            let new = fix.edits.iter().map(|edit| (key(edit), edit.clone()));
            self.edits.extend(new);
        }
        free
    }
}

/// Whether the text is still what it was: readable, with no fault of the YAML
/// more than before, and a descriptor of the same kind.
fn is_sound(scan: &Scan, draft: &Draft, text: &str) -> bool {
    let mut open: Vec<&Package> = scan.packages.iter().collect();
    while let Some(package) = open.pop() {
        open.extend(package.inner.as_deref());
        let charts = package.charts.iter().map(|(_, chart)| chart);
        for descriptor in package.descriptor.iter().chain(charts) {
            let old = &descriptor.doc;
            if old.file().path() == draft.shown {
                let new = yaml::parse(&draft.shown, text.as_bytes(), Limits::default());
                let new = new.fill_like(old);
                let name = draft.shown.rsplit('/').next().unwrap_or_default();
                let kind = |doc: &yaml::Document| doc.root().map(|root| identify(root, name));
                return !new.is_broken()
                    && new.problems().len() <= old.problems().len()
                    && kind(&new) == kind(old);
            }
        }
    }
    true
}

/// Puts the new texts into a package, as if it had been read again.
fn update(
    package: &mut Package,
    places: &HashMap<String, PathBuf>,
    changed: &BTreeMap<PathBuf, String>,
) {
    if let Some(inner) = &mut package.inner {
        update(inner, places, changed);
    }
    if package.form == Form::Archive {
        return;
    }
    let new = |shown: &str| {
        let place = fs::canonicalize(places.get(shown)?).ok()?;
        changed.get(&place)
    };
    let charts = package.charts.iter_mut().map(|(_, chart)| chart);
    for descriptor in package.descriptor.iter_mut().chain(charts) {
        let shown = descriptor.doc.file().path().to_owned();
        if let Some(text) = new(&shown) {
            let doc = yaml::parse(&shown, text.as_bytes(), Limits::default());
            let doc = doc.fill_like(&descriptor.doc);
            *descriptor = Descriptor {
                doc: Arc::new(doc),
                ..*descriptor
            };
        }
    }
    for (_, text) in &mut package.texts {
        let shown = text.path().to_owned();
        if let Some(new) = new(&shown) {
            *text = Arc::new(SourceFile::new(shown, new.clone()));
        }
    }
    let names: BTreeSet<_> = changed.keys().filter_map(|path| path.file_name()).collect();
    for file in &mut package.files {
        let Place::Disk(place) = &file.place else {
            continue;
        };
        if place.file_name().is_none_or(|name| !names.contains(name)) {
            continue;
        }
        let text = fs::canonicalize(place).ok();
        let Some(text) = text.and_then(|place| changed.get(&place)) else {
            continue;
        };
        file.len = text.len() as u64;
        if let Some(md5) = &mut file.md5 {
            *md5 = hex(&Md5::digest(text));
        }
        if let Some(sha256) = &mut file.sha256 {
            *sha256 = hex(&Sha256::digest(text));
        }
        if let Some((algorithm, digest)) = &mut file.digest {
            let mut hasher = Hasher::new(*algorithm);
            hasher.update(text.as_bytes());
            *digest = hasher.finish();
        }
    }
}

/// Whether the file lies in the tree, and still where it was found.
fn is_inside(workspace: &Workspace, path: &Path) -> Result<(), FixError> {
    let root = fs::canonicalize(&workspace.root)?;
    // A link may have been put in its place.
    if !path.starts_with(&root) || fs::canonicalize(path)? != path {
        return Err(FixError::Outside(workspace.shown(&workspace.root)));
    }
    Ok(())
}

fn is_unchanged(path: &Path, draft: &Draft) -> Result<(), FixError> {
    let bytes = fs::read(path)?;
    if std::str::from_utf8(&bytes).is_err() {
        return Err(FixError::NotText);
    }
    match bytes == draft.before.as_bytes() {
        true => Ok(()),
        false => Err(FixError::Changed),
    }
}

/// Whether the file may be written. The new file takes the place of the old
/// one, so the system would not ask by itself.
fn may_write(path: &Path) -> Result<fs::Metadata, FixError> {
    let metadata = fs::metadata(path)?;
    if metadata.permissions().readonly() {
        return Err(FixError::ReadOnly);
    }
    fs::File::options().append(true).open(path)?;
    Ok(metadata)
}

/// Writes the file whole or not at all.
fn write(path: &Path, draft: &Draft) -> Result<(), FixError> {
    let metadata = may_write(path)?;
    is_unchanged(path, draft)?;
    let folder = path.parent().unwrap_or(path);
    let mut file = scratch::file_in(folder)?;
    file.write_all(draft.after.as_bytes())?;
    keep_owner(file.as_file(), &metadata);
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    is_unchanged(path, draft)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The owner stays the same where this process may say so; an ordinary user
/// may not, and writes files of their own.
#[cfg(unix)]
fn keep_owner(file: &fs::File, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_somebody_else_has_written_is_not_touched() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x.yaml");
        fs::write(&path, "theirs").expect("file");
        let draft = |before: &str| Draft {
            before_shown: String::new(),
            shown: "x.yaml".to_owned(),
            before: before.to_owned(),
            after: "new".to_owned(),
            fixed: Vec::new(),
            is_closed: false,
        };
        let error = write(&path, &draft("old")).expect_err("changed");
        assert!(matches!(error, FixError::Changed), "{error}");
        assert_eq!(fs::read(&path).expect("file"), b"theirs");
        write(&path, &draft("theirs")).expect("unchanged");
        assert_eq!(fs::read(&path).expect("file"), b"new");
        fs::write(&path, [0xff]).expect("file");
        let error = write(&path, &draft("new")).expect_err("no text");
        assert!(matches!(error, FixError::NotText), "{error}");
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    #[test]
    fn of_two_fixes_that_meet_the_first_is_made() {
        let mut batch = Batch {
            file: Arc::new(SourceFile::new("x", "abc def")),
            edits: BTreeMap::new(),
            fixed: Vec::new(),
        };
        let fix = |edits: &[(usize, usize)]| Fix {
            title: String::new(),
            edits: edits.iter().map(|&(a, b)| Edit::new(a..b, "x")).collect(),
            held: None,
        };
        assert!(batch.take(&fix(&[(0, 3)])));
        assert!(batch.take(&fix(&[(0, 3)])), "the same once more");
        assert!(!batch.take(&fix(&[(3, 3), (6, 6)])), "one of two meets");
        assert!(!batch.take(&fix(&[(1, 2)])));
        assert!(batch.take(&fix(&[(4, 7)])));
        assert_eq!(batch.edits.len(), 2);
    }
}
