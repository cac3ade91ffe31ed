//! Ids and versions as parts of file names.

/// An id or version as part of a file or folder name: letters, digits, `.`,
/// `-` and `_` stay, everything else becomes `_`, and it never starts with a
/// dot or a dash, so that no id can be a path, an option or a hidden file.
pub fn safe_name(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '_',
        })
        .collect();
    if name.is_empty() || name.starts_with(['.', '-']) {
        name.insert(0, '_');
    }
    name
}

/// The same for a version, which keeps its `+` (semver.org, "Build metadata"): files
/// may have one, as those of Helm do, and only tags may not.
pub fn safe_version(text: &str) -> String {
    let parts: Vec<String> = text.split('+').map(safe_name).collect();
    parts.join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_keep_their_plus() {
        assert_eq!(safe_version("1.0.0+build.5"), "1.0.0+build.5");
        assert_eq!(safe_version("1.0 rc/1+../x"), "1.0_rc_1+_.._x");
    }

    #[test]
    fn names_are_safe_in_every_file_system() {
        assert_eq!(safe_name("openldap_knf"), "openldap_knf");
        assert_eq!(safe_name("../../etc/passwd"), "_.._.._etc_passwd");
        assert_eq!(safe_name("-rf"), "_-rf");
        assert_eq!(safe_name("a b:c"), "a_b_c");
        assert_eq!(safe_name(""), "_");
    }
}
