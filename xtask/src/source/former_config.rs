//! Whether what configures a tree has changed, also where that is gone: nothing that is there now
//! tells of a file that excluded packages or allowed rules before.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::changes::{path, quietly};
use super::config::Config;
use super::git;
use super::workspace::{MANIFESTS, Workspace};

/// Whether the configuration is among the `changed` files or the tree had another one in the commit
/// `base`, as far as git knows.
pub(super) fn has_changed(
    workspace: &Workspace,
    changed: &BTreeSet<PathBuf>,
    base: Option<&str>,
) -> bool {
    let own = workspace.config_path.as_ref();
    if own.is_some_and(|own| changed.contains(own)) {
        return true;
    }
    let candidates = candidates(workspace);
    // With its configuration a tree may have lost what is around the current directory.
    let lost = base.and_then(|base| lost(&workspace.current_dir, base, &candidates));
    let lost = lost.unwrap_or_default();
    let mut touched = candidates
        .iter()
        .filter(|file| changed.contains(*file) || lost.contains(*file));
    touched.any(|file| {
        !file.exists()
            || file.file_name().is_some_and(|name| name == MANIFESTS[0])
            || base.is_some_and(|base| held_settings(file, base))
    })
}

/// The files that would be the configuration if they were there: those at and above the current
/// directory, up to the nearest that is there, and to the top of the tree.
fn candidates(workspace: &Workspace) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in workspace.current_dir.ancestors() {
        let here = MANIFESTS.map(|name| folder.join(name));
        let is_last = here.iter().any(|file| file.is_file())
            && !(folder.starts_with(&workspace.root) && folder != workspace.root);
        all.extend(here);
        if is_last {
            break;
        }
    }
    all
}

/// Which of the files are gone since a commit.
fn lost(folder: &Path, base: &str, candidates: &[PathBuf]) -> Option<BTreeSet<PathBuf>> {
    let up = quietly(folder, &["rev-parse", "--show-cdup"])?;
    let depth = up.matches("../").count();
    let top = folder.ancestors().nth(depth)?;
    let inside = candidates
        .iter()
        .filter_map(|file| file.strip_prefix(top).ok());
    let names: Vec<String> = inside
        .map(|file| {
            format!(
                ":(top,literal){}",
                file.to_string_lossy().replace('\\', "/")
            )
        })
        .collect();
    let mut args = vec![
        "-c",
        "diff.relative=false",
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--diff-filter=D",
        base,
        "--",
    ];
    args.extend(names.iter().map(String::as_str));
    let output = git::run(folder, &args).ok()?;
    let names = output.stdout.split(|byte| *byte == 0);
    let names = names.filter(|name| !name.is_empty());
    Some(names.map(|name| top.join(path(name))).collect())
}

/// Whether a Cargo.toml held settings of this program in a commit.
fn held_settings(file: &Path, base: &str) -> bool {
    let Some(folder) = file.parent() else {
        return false;
    };
    let name = format!("{base}:./{}", MANIFESTS[1]);
    let text = quietly(folder, &["cat-file", "blob", &name]);
    text.is_some_and(|text| !matches!(Config::in_manifest_text(&text, file), Ok(None)))
}
