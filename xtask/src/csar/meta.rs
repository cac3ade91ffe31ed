//! `TOSCA-Metadata/TOSCA.meta` (TOSCA 1.0 §16.2, SOL004 §4.1.2).

use std::ops::Range;

use super::lines::{Field, lines};

/// A `TOSCA.meta` that was read.
#[derive(Clone, Debug, Default)]
pub struct Meta<'a> {
    /// Its entries, in their order.
    pub fields: Vec<Field<'a>>,
    /// Lines that are none.
    pub strange: Vec<Range<usize>>,
}

/// What an entry of SOL004 points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The manifest.
    Manifest,
    /// The change log.
    ChangeLog,
    /// The folder of the licences.
    Licenses,
    /// The folder of the tests.
    Tests,
    /// The certificate of the signature.
    Certificate,
}

impl Part {
    /// Every part.
    pub const ALL: [Part; 5] = [
        Part::Manifest,
        Part::ChangeLog,
        Part::Licenses,
        Part::Tests,
        Part::Certificate,
    ];

    /// The name of the entry since v2.6.1.
    pub fn key(self) -> &'static str {
        match self {
            Part::Manifest => "ETSI-Entry-Manifest",
            Part::ChangeLog => "ETSI-Entry-Change-Log",
            Part::Licenses => "ETSI-Entry-Licenses",
            Part::Tests => "ETSI-Entry-Tests",
            Part::Certificate => "ETSI-Entry-Certificate",
        }
    }

    /// The name before v2.6.1.
    pub fn old_key(self) -> &'static str {
        self.key().trim_start_matches("ETSI-")
    }
}

impl<'a> Meta<'a> {
    /// Reads a `TOSCA.meta`.
    pub fn parse(text: &'a str) -> Self {
        let mut meta = Meta::default();
        for line in lines(text) {
            match line.field(text) {
                Some(field) => meta.fields.push(field),
                None => meta.strange.push(line.at),
            }
        }
        meta
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The entry for a part, under its name of today or of before v2.6.1.
    pub fn part(&self, part: Part) -> Option<&Field<'a>> {
        self.get(part.key()).or_else(|| self.get(part.old_key()))
    }

    /// The descriptor.
    pub fn definitions(&self) -> Option<&Field<'a>> {
        self.get("Entry-Definitions")
    }
}

/// The text of a `TOSCA.meta` with these parts.
pub fn write(created_by: &str, definitions: &str, parts: &[(Part, &str)]) -> String {
    let mut text = format!(
        "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: {created_by}\nEntry-Definitions: {definitions}\n"
    );
    for (part, path) in parts {
        text.push_str(&format!("{}: {path}\n", part.key()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_an_entry_are_known() {
        let new = write("x", "Definitions/a.yaml", &[(Part::Manifest, "a.mf")]);
        assert_eq!(
            Meta::parse(&new).definitions().expect("entry").value,
            "Definitions/a.yaml"
        );
        assert_eq!(
            Meta::parse(&new).part(Part::Manifest).expect("entry").value,
            "a.mf"
        );
        let old = "Entry-Manifest: b.mf\nnonsense\n";
        let meta = Meta::parse(old);
        assert_eq!(meta.part(Part::Manifest).expect("entry").value, "b.mf");
        assert_eq!(&old[meta.strange[0].clone()], "nonsense");
    }
}
