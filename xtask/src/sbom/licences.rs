//! Which licence a file names. Nothing is guessed: a text that is not plainly
//! one of the well-known licences names none.

use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{Expression, ParseMode};

/// How far into a file its `SPDX-License-Identifier` is looked for.
const HEAD: usize = 8 << 10;

/// Whether a file is the text of a licence by its place: below a folder
/// `Licenses` (SOL 004 §4.3.5, REUSE), or called `LICENSE`, `LICENCE` or
/// `COPYING`.
pub fn is_licence(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_folder = folder.split('/').any(|part| {
        let part = part.to_ascii_lowercase();
        part == "licenses" || part == "licences"
    });
    let name = name.to_ascii_uppercase();
    let words = ["LICENSE", "LICENCE", "COPYING"];
    in_folder || words.iter().any(|word| name.starts_with(word))
}

/// The licence that a file names as an expression of SPDX 2.3 (annex D), if it
/// does: in a line with `SPDX-License-Identifier`, by its own name as REUSE has
/// it (`Licenses/MIT.txt`), or by being the text of a licence.
pub fn named(path: &str, text: &str) -> Option<String> {
    let by_tag = tag(text);
    if by_tag.is_some() || !is_licence(path) {
        return by_tag;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".txt").or(name.strip_suffix(".md"));
    let stem = stem.unwrap_or(name);
    let by_name = expression(stem).filter(|_| !stem.contains([' ', '(']));
    by_name.or_else(|| well_known(text).map(str::to_owned))
}

/// Ids that the list of SPDX calls deprecated are on it all the same: `GPL-2.0`, `GPL-2.0+`.
const LISTED: ParseMode = ParseMode {
    allow_deprecated: true,
    allow_postfix_plus_on_gpl: true,
    ..ParseMode::STRICT
};

/// An expression that names licences of the SPDX list alone, each as the list writes it: ids
/// are compared without regard to capitals (SPDX 2.3, annex D). `LicenseRef-…` would have to
/// bring its text along.
pub fn expression(text: &str) -> Option<String> {
    let text = as_listed(text.trim());
    let text = text.as_str();
    // What was said to be that version only has no later ones.
    if text.contains("-only+") {
        return None;
    }
    let parsed = Expression::parse_mode(text, LISTED).ok()?;
    let mut all = parsed.requirements();
    let is_listed = all.all(|one| one.req.license.id().is_some());
    let refers = text.contains("LicenseRef-") || text.contains("AdditionRef-");
    (is_listed && !refers).then(|| text.to_owned())
}

/// The words of an expression as the list of SPDX writes them; others stay as they are.
fn as_listed(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let is_end = |c: char| c.is_whitespace() || "()+".contains(c);
    for part in text.split_inclusive(is_end) {
        let (word, end) = part.split_at(part.trim_end_matches(is_end).len());
        let licences = LICENSES.iter().map(|one| one.name);
        let mut known = licences.chain(EXCEPTIONS.iter().map(|one| one.name));
        let listed = known.find(|name| name.eq_ignore_ascii_case(word));
        let operators = ["AND", "OR", "WITH"].into_iter();
        let operator = || operators.clone().find(|one| one.eq_ignore_ascii_case(word));
        written.push_str(listed.or_else(operator).unwrap_or(word));
        written.push_str(end);
    }
    written
}

/// Expressions together: all of them hold. None where there is none, or where
/// one is not known.
pub fn all<'a>(found: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
    let mut found: Vec<&str> = found.into_iter().collect::<Option<_>>()?;
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        several => {
            let part = |one: &&str| match one.contains(' ') {
                true => format!("({one})"),
                false => (*one).to_owned(),
            };
            let parts: Vec<String> = several.iter().map(part).collect();
            Some(parts.join(" AND "))
        }
    }
}

/// The licences that an expression names, sorted, each once.
pub fn ids(expression: &str) -> Vec<String> {
    let Ok(parsed) = Expression::parse_mode(expression, LISTED) else {
        return Vec::new();
    };
    let ids = parsed.requirements();
    let ids = ids.filter_map(|one| Some(one.req.license.id()?.name.to_owned()));
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

fn tag(text: &str) -> Option<String> {
    // Put together, or this file would name a licence.
    let mark = concat!("SPDX-License-", "Identifier:");
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let found = text[..end].lines().filter_map(|line| {
        let (_, rest) = line.split_once(mark)?;
        let closed = rest.trim_end().trim_end_matches(['"', '\'']);
        let ends = ["*/", "-->", "#}", "}}"];
        let closed = ends.iter().find_map(|end| closed.strip_suffix(end));
        Some(expression(closed.unwrap_or(rest)))
    });
    let found: Vec<Option<String>> = found.collect();
    all(found.iter().map(Option::as_deref))
}

/// The licence of which this is the text, by sentences that no other one has.
/// Those of GNU are left out: their text does not say whether later versions
/// may be chosen.
fn well_known(text: &str) -> Option<&'static str> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |sentences: &[&str]| sentences.iter().all(|sentence| words.contains(sentence));
    let apache = "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION";
    if has(&["Apache License Version 2.0", apache]) {
        return Some("Apache-2.0");
    }
    let grant = "Permission is hereby granted, free of charge, to any person obtaining a copy of \
                 this software and associated documentation files";
    let notice = "The above copyright notice and this permission notice shall be included in all \
                  copies or substantial portions of the Software.";
    let others = ["Except as contained in this notice", "advertising"];
    if has(&[grant, notice]) && !others.iter().any(|other| words.contains(other)) {
        return Some("MIT");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(expression: &str) -> String {
        format!(
            "# SPDX-License-{}: {expression}\nkey: value\n",
            "Identifier"
        )
    }

    #[test]
    fn a_tag_names_an_expression_of_listed_licences() {
        for (text, wanted) in [
            ("Apache-2.0", Some("Apache-2.0")),
            ("Apache-2.0 OR MIT */", Some("Apache-2.0 OR MIT")),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0 -->",
                Some("GPL-2.0-only WITH Classpath-exception-2.0"),
            ),
            ("GPL-2.0", Some("GPL-2.0")),
            ("GPL-2.0+", Some("GPL-2.0+")),
            ("AGPL-3.0", Some("AGPL-3.0")),
            ("MIT OR LGPL-2.1", Some("MIT OR LGPL-2.1")),
            (
                "(gpl-2.0 with classpath-exception-2.0) or mit",
                Some("(GPL-2.0 WITH Classpath-exception-2.0) OR MIT"),
            ),
            ("mit", Some("MIT")),
            ("GPL-2.0-only+", None),
            ("GPL-2.0-or-later+", None),
            ("GPL v2", None),
            ("Our-Own-1.0", None),
            ("LicenseRef-ours", None),
            ("MIT OR", None),
            ("", None),
        ] {
            let found = named("a.yaml", &tagged(text));
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
        assert_eq!(named("a.yaml", "MIT"), None);
    }

    #[test]
    fn an_unknown_tag_beside_a_known_one_leaves_the_file_unknown() {
        let text = tagged("MIT") + &tagged("Our-Own-1.0");
        assert_eq!(named("a.yaml", &text), None);
        let text = tagged("MIT") + &tagged("Apache-2.0 OR ISC");
        let wanted = "(Apache-2.0 OR ISC) AND MIT";
        assert_eq!(named("a.yaml", &text).as_deref(), Some(wanted));
    }

    #[test]
    fn a_licence_is_known_by_its_name_or_its_text() {
        assert_eq!(named("x/LICENSES/ISC.txt", "").as_deref(), Some("ISC"));
        let later = named("x/LICENSES/GPL-2.0+.txt", "");
        assert_eq!(later.as_deref(), Some("GPL-2.0+"));
        assert_eq!(named("x/doc/ISC.txt", ""), None);
        let root = env!("CARGO_MANIFEST_DIR");
        for (name, id) in [("LICENSE-APACHE", "Apache-2.0"), ("LICENSE-MIT", "MIT")] {
            let text = std::fs::read_to_string(format!("{root}/{name}")).expect("licence");
            assert_eq!(named("LICENSE", &text).as_deref(), Some(id), "{name}");
            assert_eq!(named("README", &text), None);
        }
        assert_eq!(named("LICENSE", "All rights reserved."), None);
    }
}
