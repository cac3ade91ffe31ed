//! Where this program keeps what makes the next run shorter.

use std::env;
use std::path::PathBuf;

use crate::oci::Partials;

/// What came of downloads that broke off: in `cargo-nfv` in the folder of the user's caches.
/// `None` where there is no such folder.
pub(super) fn partials() -> Option<Partials> {
    let set = |name: &str| Some(PathBuf::from(env::var_os(name)?));
    // A relative path is none (XDG Base Directory Specification, "Environment variables").
    let set = |name: &str| set(name).filter(|path| path.is_absolute());
    let usual = || match env::consts::OS {
        "windows" => set("LOCALAPPDATA"),
        "macos" => Some(set("HOME")?.join("Library/Caches")),
        _ => Some(set("HOME")?.join(".cache")),
    };
    let caches = set("XDG_CACHE_HOME").or_else(usual)?;
    Some(Partials::new(caches.join("cargo-nfv").join("downloads")))
}
