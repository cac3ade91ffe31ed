//! The paths that a manifest names.

/// Why a path must not be followed.
pub fn unsafe_reason(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.contains('\\') {
        Some("it holds a backslash")
    } else if path.starts_with('/') || drive {
        Some("it is absolute")
    } else if path.split('/').any(|part| part == "..") {
        Some("it has `..` in it, which may lead out of the package")
    } else {
        None
    }
}

/// The path as members of archives are called: the Store joins it to its folder and opens what
/// comes out, so that `./x.tar.gz` is `x.tar.gz` to it. `None` for one that must not be
/// followed, or that names no file.
pub fn plain(path: &str) -> Option<String> {
    if unsafe_reason(path).is_some() || path.ends_with('/') {
        return None;
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let parts: Vec<&str> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The folder that the Store looks for in the package inside: the last part of the name in
/// `package` without `.tar.gz`. `None` where it ends in something else, so that there is none.
pub fn stem(package: &str) -> Option<&str> {
    let name = package.rsplit('/').next()?;
    let stem = name.strip_suffix(".tar.gz")?;
    (!stem.is_empty()).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_the_store_opens_them() {
        for (written, opened) in [
            ("x.tar.gz", Some("x.tar.gz")),
            ("./x.tar.gz", Some("x.tar.gz")),
            ("././a//./x", Some("a/x")),
            ("/x", None),
            ("//x", None),
            ("a/../x", None),
            ("./../x", None),
            ("a\\x", None),
            ("c:x", None),
            ("a/", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(plain(written).as_deref(), opened, "{written}");
        }
        assert_eq!(stem("./a/x.tar.gz"), Some("x"));
        assert_eq!(stem("x.zip"), None);
        assert_eq!(stem("a/.tar.gz"), None);
    }
}
