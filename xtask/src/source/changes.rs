//! Which files of a tree have changed, as git or the caller tells it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::candidate::{may_be_descriptor, recognise};
use super::links::behind_links;
use super::links::tidy;
use super::workspace::Workspace;
use super::{former_config, git};
use crate::descriptor::Kind;

/// Where the changes are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Everything since the last commit that this revision and `HEAD` share,
    /// with what is not committed. A revision of zeros, by which CI systems say
    /// that a branch is new, is before everything.
    Since(String),
    /// These files, relative to the current directory, and those that are gone since
    /// a revision (the last commit, where there is none or git does not know it), as
    /// far as git knows: nobody names to a hook what is not there any more.
    Files(Vec<PathBuf>, Option<String>),
}

/// The files that changed.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// Whether there is nothing to compare with, so that all is new.
    pub everything: bool,
    /// Their paths, absolute; some are of files that are no more.
    pub files: BTreeSet<PathBuf>,
    /// Those that are no more.
    pub gone: BTreeSet<PathBuf>,
    /// What descriptors among them described before.
    pub before: Vec<(Kind, String)>,
}

/// Why the changes can't be told.
#[derive(Debug, Error)]
pub enum ChangesError {
    /// There is no git.
    #[error("failed to run git, which `--since` asks for what has changed")]
    NoGit(#[source] io::Error),
    /// Git does not know the revision, or not what it shares with `HEAD`.
    #[error("git can't tell what has changed since `{revision}`: {reason}{}", help(*is_history))]
    Revision {
        /// The revision as it was given.
        revision: String,
        /// Git's words.
        reason: String,
        /// Whether it may be for want of history.
        is_history: bool,
    },
}

fn help(is_history: bool) -> &'static str {
    match is_history {
        true => {
            "\n\nhelp: a checkout of a CI system may lack the history; fetch it with \
             `fetch-depth: 0` (actions/checkout) or `GIT_DEPTH: 0` (GitLab)"
        }
        false => "",
    }
}

impl Changed {
    /// Finds out what has changed.
    ///
    /// `paths` is what is asked for; what lies outside of the tree is looked for where it lies.
    /// Fails only for [`Changes::Since`]: where the caller names the files, git
    /// is asked what they described before, and where it has no answer nothing
    /// is known of that.
    pub fn find(
        workspace: &Workspace,
        changes: &Changes,
        paths: &[PathBuf],
    ) -> Result<Self, ChangesError> {
        let mut changed = Changed::default();
        // What the tree itself is compared with.
        let mut own = None;
        match changes {
            Changes::Since(revision) => {
                for root in roots(workspace, paths) {
                    let Some(base) = base(&root, revision)? else {
                        changed.everything = true;
                        continue;
                    };
                    changed.add(Self::between(&root, &base, ask(&root, revision))?);
                    if root == workspace.root {
                        own = Some(base);
                    }
                }
            }
            Changes::Files(files, since) => {
                let root = &workspace.root;
                let since = since.as_deref().and_then(|since| commit(root, since));
                let since = since.unwrap_or_else(|| "HEAD".to_owned());
                for file in files {
                    let file = tidy(&workspace.current_dir.join(file));
                    // By whatever links, it is the file that they lead to that has changed.
                    changed.files.extend(file.canonicalize());
                    changed.files.insert(behind_links(&file));
                    changed.files.insert(file);
                }
                changed.files.extend(gone(root, &since));
                changed.look_back(root, &since);
                own = Some(since);
            }
        }
        changed.everything |= former_config::has_changed(workspace, &changed.files, own.as_deref());
        let gone = changed.files.iter().filter(|file| !file.exists());
        changed.gone = gone.cloned().collect();
        Ok(changed)
    }

    /// Whether a path is among what has changed, by whatever links it is named.
    pub fn holds(&self, path: &Path) -> bool {
        self.everything || self.files.contains(path) || self.files.contains(&behind_links(path))
    }

    /// What differs in and below a folder from a commit, those that git does not know included.
    fn between<E>(
        root: &Path,
        base: &str,
        ask: impl Fn(&[&str], &str) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let differ = [
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--ignore-submodules=none",
            "--relative",
            base,
            "--",
        ];
        let differ = ask(&differ, "")?;
        let new = ["ls-files", "--others", "--exclude-standard", "-z"];
        let new = ask(&new, "")?;
        let new = new.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let mut changed = Changed {
            files: new.map(|name| root.join(path(name))).collect(),
            ..Changed::default()
        };
        let mut fields = differ.split(|byte| *byte == 0);
        while let (Some(entry), Some(name)) = (fields.next(), fields.next()) {
            let at = root.join(path(name));
            match submodule(entry) {
                None | Some(Submodule::New) => {
                    changed.files.insert(at);
                }
                Some(Submodule::Gone) => changed.everything = true,
                Some(Submodule::Moved { from }) => changed.add(Self::within(&at, &from)),
            }
        }
        changed.look_back(root, base);
        Ok(changed)
    }

    /// What differs in a submodule from one of its commits. Where that can't be told, because it
    /// is not checked out or lacks the history, anything in it may have changed, and whoever
    /// needed what was in it.
    fn within(root: &Path, commit: &str) -> Self {
        let is_own = root.join(".git").exists();
        let ask = |args: &[&str], _: &str| {
            let output = git::run(root, args).ok().filter(|o| o.status.success());
            output.map(|output| output.stdout).ok_or(())
        };
        let changed = match is_own {
            true => Self::between(root, commit, ask),
            false => Err(()),
        };
        changed.unwrap_or_else(|()| Changed {
            everything: true,
            ..Changed::default()
        })
    }

    fn add(&mut self, other: Self) {
        self.everything |= other.everything;
        self.files.extend(other.files);
        self.before.extend(other.before);
    }

    /// Notes what the changed descriptors described in `revision`, as far as git
    /// knows: who needs a descriptor by an id that it has no more must be looked
    /// at as well.
    fn look_back(&mut self, root: &Path, revision: &str) {
        let candidates = self.files.iter().filter(|path| may_be_descriptor(path));
        let names: Vec<&str> = candidates
            .filter_map(|path| path.strip_prefix(root).ok()?.to_str())
            .filter(|name| !name.contains('\n'))
            .collect();
        if names.is_empty() {
            return;
        }
        let input: String = names
            .iter()
            .map(|name| format!("{revision}:./{}\n", name.replace('\\', "/")))
            .collect();
        let Ok(output) = git::feed(root, &["cat-file", "--batch"], input.into_bytes()) else {
            return;
        };
        let mut rest = output.stdout.as_slice();
        for name in names {
            let Some((content, after)) = object(rest) else {
                return;
            };
            rest = after;
            let Some(bytes) = content else { continue };
            let Some(descriptor) = recognise(name, bytes.to_vec()) else {
                continue;
            };
            if let Some(id) = descriptor.id() {
                self.before.push((descriptor.kind, id.to_owned()));
            }
        }
    }
}

/// How a submodule changed.
enum Submodule {
    New,
    Gone,
    Moved { from: String },
}

/// An entry of `git diff --raw`, `:MODE MODE HASH HASH STATUS`, with the modes and objects
/// before and after, if it is that of a submodule.
fn submodule(entry: &[u8]) -> Option<Submodule> {
    const MODE: &str = "160000";
    let entry = String::from_utf8_lossy(entry);
    let mut fields = entry.trim_start_matches(':').split(' ');
    let (before, after) = (fields.next()?, fields.next()?);
    match (before == MODE, after == MODE) {
        (false, false) => None,
        (false, true) => Some(Submodule::New),
        (true, false) => Some(Submodule::Gone),
        (true, true) => Some(Submodule::Moved {
            from: fields.next()?.to_owned(),
        }),
    }
}

/// Where changes are looked for: in the tree, and in the folders of what is asked for outside of
/// it, also by a link. Only there, if nothing else is asked for.
fn roots(workspace: &Workspace, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let paths = paths.iter().flat_map(|path| {
        let path = tidy(&workspace.current_dir.join(path));
        path.canonicalize().into_iter().chain([path])
    });
    let root = |path: PathBuf| match path.is_dir() {
        _ if path.starts_with(&workspace.root) => workspace.root.clone(),
        true => path,
        false => path.parent().map_or(path.clone(), Path::to_owned),
    };
    let mut roots: BTreeSet<PathBuf> = paths.map(root).collect();
    if roots.is_empty() {
        roots.insert(workspace.root.clone());
    }
    roots
}

/// Runs git in a folder, for `--since` with a revision.
fn ask<'a>(
    root: &'a Path,
    revision: &'a str,
) -> impl Fn(&[&str], &str) -> Result<Vec<u8>, ChangesError> + 'a {
    move |args, otherwise| {
        let output = git::run(root, args).map_err(ChangesError::NoGit)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let words = String::from_utf8_lossy(&output.stderr);
        let words = words.trim();
        let words = words.strip_prefix("fatal: ").unwrap_or(words);
        let reason = if words.is_empty() { otherwise } else { words };
        Err(ChangesError::Revision {
            revision: revision.to_owned(),
            reason: reason.to_owned(),
            is_history: words.is_empty(),
        })
    }
}

/// The last commit that a revision and `HEAD` share; `None` before the first one.
fn base(root: &Path, revision: &str) -> Result<Option<String>, ChangesError> {
    let is_zero = revision.len() >= 40 && revision.bytes().all(|byte| byte == b'0');
    if is_zero {
        return Ok(None);
    }
    let refuse = |reason: &str| ChangesError::Revision {
        revision: revision.to_owned(),
        reason: reason.to_owned(),
        is_history: false,
    };
    // No name of a reference ends with a slash (git-check-ref-format).
    let of_variable = match revision {
        "" => Some("it is empty; a variable that stands for it may have no value here"),
        _ if revision.ends_with('/') && !revision.starts_with(":/") => {
            Some("none ends with `/`; a variable that stands behind it may have no value here")
        }
        _ => None,
    };
    if let Some(reason) = of_variable {
        return Err(refuse(reason));
    }
    let ask = ask(root, revision);
    // What it names first: `:/words` takes all that follows for words of a message.
    let object = text(&ask(&verify(revision), "there is no such revision")?);
    let peeled = format!("{object}^{{commit}}");
    let Some(commit) = quietly(root, &verify(&peeled)) else {
        let kind = quietly(root, &["cat-file", "-t", &object]);
        let kind = kind.as_deref().unwrap_or("something else");
        return Err(refuse(&format!("it names no commit, but a {kind}")));
    };
    let share = "it shares no commit with `HEAD`";
    let base = ask(&["merge-base", &commit, "HEAD"], share)?;
    Ok(Some(text(&base)))
}

/// The question for the object that a revision names. Git would take one that begins with `-` for
/// an option.
fn verify(revision: &str) -> [&str; 5] {
    [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        revision,
    ]
}

/// What git answers; `None` where it has no answer.
pub(super) fn quietly(root: &Path, args: &[&str]) -> Option<String> {
    let output = git::run(root, args).ok()?;
    output.status.success().then(|| text(&output.stdout))
}

/// The commit of a revision, if git knows it.
fn commit(root: &Path, revision: &str) -> Option<String> {
    let object = quietly(root, &verify(revision))?;
    quietly(root, &verify(&format!("{object}^{{commit}}")))
}

/// The files of a commit that are not there any more; none where git can't tell.
fn gone(root: &Path, commit: &str) -> Vec<PathBuf> {
    let args = [
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--relative",
        "--diff-filter=D",
        commit,
        "--",
    ];
    let output = git::run(root, &args).ok();
    let output = output.filter(|output| output.status.success());
    let names = output.map(|output| output.stdout).unwrap_or_default();
    let names = names.split(|byte| *byte == 0);
    let names = names.filter(|name| !name.is_empty());
    names.map(|name| root.join(path(name))).collect()
}

/// One object of `git cat-file --batch`, and what follows: `HASH blob SIZE`, the
/// content, a line break; or one line that ends with `missing`.
fn object(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.rsplitn(3, ' ');
    let size = words.next().and_then(|size| size.parse::<usize>().ok());
    let (Some(size), Some("blob" | "tree" | "commit" | "tag")) = (size, words.next()) else {
        return Some((None, rest));
    };
    let content = rest.get(..size)?;
    Some((Some(content), rest.get(size + 1..)?))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(unix)]
pub(super) fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
pub(super) fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn objects_of_a_batch() {
        let bytes = b"aa blob 3\nx\ny\nHEAD:./a missing\nbb tree 0\n\n";
        let (content, rest) = object(bytes).expect("an object");
        assert_eq!(content, Some(&b"x\ny"[..]));
        let (content, rest) = object(rest).expect("an object");
        assert_eq!(content, None);
        let (content, rest) = object(rest).expect("an object");
        assert_eq!((content, rest), (Some(&b""[..]), &b""[..]));
        assert!(object(b"aa blob 9\nx").is_none());
        assert!(object(b"").is_none());
    }
}
