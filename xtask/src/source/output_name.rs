//! What finished packages are called, as the configuration has it.

use serde::Deserialize;

/// The name of a finished package without its ending. In it `{id}` and `{version}` stand for
/// those of the package, and for `latest` where it has no version.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct OutputName(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Id,
    Version,
}

/// What finished packages end in. The layout decides which.
const ENDINGS: [&str; 5] = [".tar.gz", ".tgz", ".csar", ".zip", ".tar"];

/// File systems take 255 bytes; the rest is for id, version and ending.
const LONGEST: usize = 128;

impl TryFrom<String> for OutputName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_ending = |end: &&&str| text.to_ascii_lowercase().ends_with(*end);
        if let Some(end) = ENDINGS.iter().find(is_ending) {
            return Err(format!(
                "the output name `{text}` has an ending: write it without `{end}`, which the \
                 layout decides"
            ));
        }
        if text.is_empty() || text.len() > LONGEST || text.starts_with(['.', '-']) {
            return Err(format!(
                "the output name `{text}` can't be one: it must have 1 to {LONGEST} characters, \
                 the first of which is no `.` and no `-`"
            ));
        }
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.find('{').unwrap_or(rest.len());
            let (plain, behind) = rest.split_at(end);
            let is_fine = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
            if let Some(odd) = plain.chars().find(|c| !is_fine(*c)) {
                return Err(format!(
                    "the output name `{text}` can't have {odd:?} in it: only letters, digits, \
                     `.`, `-`, `_`, `+`, `{{id}}` and `{{version}}`"
                ));
            }
            if !plain.is_empty() {
                parts.push(Part::Text(plain.to_owned()));
            }
            let known = [("{id}", Part::Id), ("{version}", Part::Version)];
            let mut known = known.into_iter();
            rest = match known.find_map(|(name, part)| Some((behind.strip_prefix(name)?, part))) {
                Some((rest, part)) => {
                    parts.push(part);
                    rest
                }
                None if behind.is_empty() => behind,
                None => {
                    let end = behind.find('}').map_or(behind.len(), |end| end + 1);
                    return Err(format!(
                        "nothing is known by `{}` in the output name `{text}`: there are `{{id}}` \
                         and `{{version}}`",
                        &behind[..end]
                    ));
                }
            };
        }
        Ok(OutputName(parts))
    }
}

impl OutputName {
    /// The name for a package of this id and version, both fit for the name of a file.
    pub(super) fn of(&self, id: &str, version: Option<&str>) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Id => id.to_owned(),
            Part::Version => version.unwrap_or("latest").to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OutputName, String> {
        OutputName::try_from(text.to_owned())
    }

    #[test]
    fn ids_and_versions_are_filled_in() {
        let name = |text: &str, version| read(text).expect(text).of("edge", version);
        assert_eq!(name("{id}", Some("1.0")), "edge");
        assert_eq!(name("osm_{version}+{id}x", Some("1.0")), "osm_1.0+edgex");
        assert_eq!(name("{id}-{version}", None), "edge-latest");
    }

    #[test]
    fn what_is_no_name_says_why() {
        for (text, why) in [
            ("", "1 to 128"),
            (".hidden", "the first"),
            ("-rf", "the first"),
            ("a/b", "'/'"),
            ("a\\b", "'\\\\'"),
            ("a b", "' '"),
            ("édge", "'é'"),
            ("a}", "'}'"),
            ("{name}", "`{name}`"),
            ("a{id", "`{id`"),
            ("{id}.tar.gz", "`.tar.gz`"),
            ("edge.TGZ", "`.tgz`"),
        ] {
            let said = read(text).expect_err(text);
            assert!(said.contains(why), "{said}");
        }
    }
}
