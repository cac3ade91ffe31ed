//! Where the members of an archive land when it is unpacked, and which must not be.
//!
//! One judgement for whoever reads a finished package: what a check passes is what `unpack`
//! writes, and what another reader writes as well.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::members::{Member, MemberKind, leads_outside, unsafe_name};

/// A name as file systems read it: without empty parts and without `.`.
pub(crate) fn plain(name: &str) -> String {
    let parts = name.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
}

/// What names have in common that are one to a file system: that of Windows and macOS does not look
/// at case, and that of macOS not at how a letter is composed.
pub(crate) fn folded(name: &str) -> String {
    match name.is_ascii() {
        true => name.to_ascii_lowercase(),
        false => name.nfc().collect::<String>().to_lowercase(),
    }
}

/// Whether a name has empty parts or `.` elsewhere than in a `./` at its start and a `/` at its
/// end, so that not everybody who compares names knows which file is meant.
pub(super) fn is_roundabout(name: &str) -> bool {
    let trimmed = name.trim_end_matches('/');
    let trimmed = trimmed.strip_prefix("./").unwrap_or(trimmed);
    !matches!(trimmed, "" | ".") && trimmed.split('/').any(|part| matches!(part, "" | "."))
}

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum There {
    Folder,
    File,
    Link,
}

/// What of an archive has landed so far.
#[derive(Default)]
pub(crate) struct Landing {
    there: HashMap<String, There>,
}

impl Landing {
    /// Gives the path at which a member lands, below the folder that the archive is unpacked in;
    /// empty for that folder itself.
    ///
    /// # Errors
    ///
    /// The member would be written over another one, through a link or outside of the package, or
    /// gives such a way to others; or it is neither a file, a folder nor a link. The text is the
    /// rest of a sentence about the member.
    pub fn take(&mut self, member: &Member) -> Result<String, String> {
        let refuse = |reason: &str| Err(reason.to_owned());
        if let Some(reason) = unsafe_name(&member.name) {
            return refuse(reason);
        }
        let path = plain(&member.name);
        let what = match &member.kind {
            MemberKind::Directory if path.is_empty() => return Ok(path),
            _ if path.is_empty() => return refuse("it has no name"),
            MemberKind::Special => return refuse("it is a device or a pipe"),
            MemberKind::Directory => There::Folder,
            MemberKind::Symlink(_) => There::Link,
            MemberKind::File | MemberKind::HardLink(_) => There::File,
        };
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            match self.there.get(folder) {
                Some(There::Folder) => {}
                Some(There::File) => return Err(format!("`{folder}` is no folder")),
                // Whoever has made the link writes the member where it leads to.
                Some(There::Link) => return Err(format!("`{folder}` is no folder but a link")),
                None => {
                    self.there.insert(folder.to_owned(), There::Folder);
                }
            }
        }
        match self.there.get(&path) {
            // A folder may be named as often as one likes.
            Some(There::Folder) if what == There::Folder => return Ok(path),
            Some(_) => return Err(twice(member, &path)),
            None => {}
        }
        if what == There::File && member.name.ends_with('/') {
            return refuse("it is a file whose name ends with `/`, and a folder to some readers");
        }
        self.link(member)?;
        self.there.insert(path.clone(), what);
        Ok(path)
    }

    /// Looks at what a link says.
    fn link(&self, member: &Member) -> Result<(), String> {
        match &member.kind {
            MemberKind::Symlink(target) => {
                if leads_outside(&member.name, target, true) {
                    return Err(format!(
                        "it is a link to `{target}`, which leads out of the package"
                    ));
                }
                // `..` behind a name may start from wherever that name leads.
                let parts = target.split('/');
                let mut parts = parts.skip_while(|part| matches!(*part, "" | "." | ".."));
                if target.is_empty() || parts.any(|part| part == "..") {
                    return Err(format!(
                        "it is a link to `{target}`, and where that leads can't be told from its text"
                    ));
                }
            }
            MemberKind::HardLink(target) => {
                if leads_outside(&member.name, target, false) {
                    return Err(format!(
                        "it is a link to `{target}`, which leads out of the package"
                    ));
                }
                if self.there.get(&plain(target)) != Some(&There::File) {
                    return Err(format!(
                        "it is a second name of `{target}`, which is no file that comes before it"
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn twice(member: &Member, path: &str) -> String {
    let name = member.name.strip_prefix("./").unwrap_or(&member.name);
    match name.trim_end_matches('/') == path {
        true => "it stands twice in the archive".to_owned(),
        false => format!("it stands twice in the archive, as `{path}` too"),
    }
}
