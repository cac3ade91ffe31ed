//! Paths: without detours, and the same file by several of them.

use std::path::{Path, PathBuf};

/// A path without `.` and without `..` where that can be told from the text.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// A path with the links resolved of the folders that are there of it: where the file lies, or a new
/// one would. A link to the file itself stays one.
pub(crate) fn behind_links(path: &Path) -> PathBuf {
    // Without a link a path stays as it was written: Windows has another spelling for resolved ones.
    if !path.ancestors().skip(1).any(Path::is_symlink) {
        return path.to_owned();
    }
    let mut above = path.ancestors().skip(1);
    let real = above.find_map(|folder| {
        let real = std::fs::canonicalize(folder).ok()?;
        Some(real.join(path.strip_prefix(folder).ok()?))
    });
    real.unwrap_or_else(|| path.to_owned())
}

/// A path with all links in it followed, as far as they lead: what one leads to need not be there.
pub(super) fn followed(path: &Path) -> PathBuf {
    // As many as Linux follows; what has more is a circle.
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        let mut around: Vec<&Path> = path.ancestors().collect();
        around.reverse();
        let link = around.into_iter().find(|around| around.is_symlink());
        let target = link.and_then(|link| Some((link, std::fs::read_link(link).ok()?)));
        let Some((link, target)) = target else {
            return path;
        };
        let rest = path.strip_prefix(link).unwrap_or(Path::new(""));
        let folder = link.parent().unwrap_or(link);
        path = tidy(&folder.join(target).join(rest));
    }
    path
}
