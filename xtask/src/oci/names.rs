//! Ids and versions as names of repositories and tags (distribution-spec 1.1, "Pulling
//! manifests"). What the grammar has stays as it is, as Helm and ORAS leave it.

/// The name of the repository of a package of that id, in the grammar
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, but with the capitals that the id has: at a registry it is
/// in lower case, and in a layout it keeps them. Several ids may have one name.
///
/// What the grammar has not becomes `_`; of several separators in a row that it has not the first
/// stays; and none begins or ends a name.
pub fn published_name(id: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let mut name = String::new();
    let mut separator = String::new();
    for c in id.chars() {
        if !is_word(c) {
            separator.push(c);
            continue;
        }
        if !name.is_empty() {
            match separator.as_str() {
                "" | "." | "_" | "__" => name.push_str(&separator),
                dashes if dashes.bytes().all(|b| b == b'-') => name.push_str(dashes),
                others => name.extend(others.chars().next().map(sound)),
            }
        }
        separator.clear();
        name.push(c);
    }
    match name.is_empty() {
        true => "x".to_owned(),
        false => name,
    }
}

/// The tag of a version, in the grammar `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` but for its length: a
/// `+` becomes `_`, as Helm does (helm `pkg/registry/util.go`), and so does what else a tag can't
/// have. Several versions may have one tag.
pub fn published_tag(version: &str) -> String {
    let mut tag: String = version.chars().map(sound).collect();
    if tag.is_empty() {
        tag.push('_');
    }
    if tag.starts_with(['.', '-']) {
        tag.replace_range(..1, "_");
    }
    tag
}

fn sound(c: char) -> char {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        _ => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_name_stays() {
        for name in ["x--y", "x__y", "x---y", "x.y-z_1", "Edge", "0"] {
            assert_eq!(published_name(name), name);
        }
        for (id, name) in [
            ("my vnf", "my_vnf"),
            ("my  vnf", "my_vnf"),
            ("_x.", "x"),
            ("--x__", "x"),
            ("a..b", "a.b"),
            ("a-_b", "a-b"),
            ("a___b", "a_b"),
            ("a/b:c", "a_b_c"),
            ("näh", "n_h"),
            ("", "x"),
            ("..", "x"),
        ] {
            assert_eq!(published_name(id), name, "{id}");
        }
    }

    #[test]
    fn what_is_a_tag_stays() {
        for tag in [
            "1.0.0-feat--x",
            "1.0.0-rc-",
            "1.0.0-a.-b",
            "1.0..1",
            "_1",
            "1.0_",
            "v1",
        ] {
            assert_eq!(published_tag(tag), tag);
        }
        for (version, tag) in [
            ("1.0.0+b.5", "1.0.0_b.5"),
            ("1.0 beta", "1.0_beta"),
            ("1.0 (a)", "1.0__a_"),
            (".1", "_1"),
            ("-1", "_1"),
            ("ä", "_"),
            ("", "_"),
        ] {
            assert_eq!(published_tag(version), tag, "{version}");
        }
    }
}
