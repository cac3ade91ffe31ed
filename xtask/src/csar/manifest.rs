//! The manifest of a package (SOL004 §4.3.2, SOL007 §4.3): metadata, a digest
//! for each file, sets of artifacts for others than MANO, a signature.
//!
//! The reader takes what any reader of the field takes: with and without the
//! line `metadata:` (OSM writes none), with the lines of an entry in any order
//! (vnfsdk) and with or without empty lines between them (SDC). What single
//! readers refuse the rules say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::digest::Algorithm;
use super::lines::{Field, Line, lines};
use super::metadata::Family;
use crate::diagnostic::{Edit, apply};

/// A manifest that was read.
#[derive(Clone, Debug, Default)]
pub struct Manifest<'a> {
    /// The line `metadata:`.
    pub header: Option<Range<usize>>,
    /// What stands in the metadata, in its order.
    pub metadata: Vec<Field<'a>>,
    /// The files with their digests.
    pub entries: Vec<Entry<'a>>,
    /// The sets below `non_mano_artifact_sets`.
    pub sets: Vec<ArtifactSet<'a>>,
    /// The signatures.
    pub signatures: Vec<Cms<'a>>,
    /// Lines that are nothing of this.
    pub strange: Vec<Range<usize>>,
    /// The first line behind a signature that is no part of one.
    pub behind_signature: Option<Range<usize>>,
    /// Where entries that are added have their place.
    end_of_entries: usize,
}

/// What is said of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The file, or an address outside of the package.
    pub source: Option<Field<'a>>,
    /// The algorithm.
    pub algorithm: Option<Field<'a>>,
    /// The digest.
    pub hash: Option<Field<'a>>,
    /// The file with the signature of this one.
    pub signature: Option<Field<'a>>,
    /// The file with the certificate to that signature.
    pub certificate: Option<Field<'a>>,
    /// From the first line of the entry to the end of its last.
    pub at: Range<usize>,
}

/// A set of artifacts for others than MANO.
#[derive(Clone, Debug)]
pub struct ArtifactSet<'a> {
    /// The line with the name of the set.
    pub name: Field<'a>,
    /// Its files.
    pub entries: Vec<Entry<'a>>,
}

/// A signature of the text before it, in the form of PEM.
#[derive(Clone, Debug)]
pub struct Cms<'a> {
    /// From `-----BEGIN CMS-----` to the end of the last line.
    pub at: Range<usize>,
    /// What the two lines call it: `CMS`, or by the names of PKCS #7 as older programs do.
    pub label: &'a str,
    /// What stands between the two lines.
    pub base64: &'a str,
    /// Whether the line `-----END CMS-----` is there.
    pub is_closed: bool,
}

/// The digests of files, by path.
pub type Digests<'a> = BTreeMap<&'a str, (Algorithm, &'a str)>;

/// The labels of a signature (RFC 7468 §8 and §9, and OpenSSL's).
const LABELS: [&str; 3] = ["CMS", "PKCS7", "PKCS #7 SIGNED DATA"];
const SETS: &str = "non_mano_artifact_sets";

impl<'a> Manifest<'a> {
    /// Reads a manifest. There is no text that is none.
    pub fn parse(text: &'a str) -> Self {
        let mut manifest = Manifest::default();
        let mut is_sets = false;
        let mut cms: Option<(usize, usize, &str)> = None;
        let mut lines = lines(text).peekable();
        while let Some(line) = lines.next() {
            if let Some((start, body, label)) = cms {
                let is_end = marked(line.text, "END") == Some(label);
                if is_end || lines.peek().is_none() {
                    let end = if is_end { line.at.start } else { line.at.end };
                    manifest.signatures.push(Cms {
                        at: start..line.next,
                        label,
                        base64: &text[body..end],
                        is_closed: is_end,
                    });
                    cms = None;
                }
                continue;
            }
            if let Some(label) = marked(line.text, "BEGIN") {
                cms = Some((line.at.start, line.next, label));
                if lines.peek().is_none() {
                    manifest.signatures.push(Cms {
                        at: line.at.start..line.next,
                        label,
                        base64: "",
                        is_closed: false,
                    });
                }
                continue;
            }
            if !manifest.signatures.is_empty() {
                manifest.behind_signature.get_or_insert(line.at.clone());
            }
            manifest.line(text, &line, &mut is_sets);
        }
        manifest
    }

    fn line(&mut self, text: &'a str, line: &Line<'a>, is_sets: &mut bool) {
        let Some(field) = line.field(text) else {
            return self.strange.push(line.at.clone());
        };
        let entries = match self.sets.last_mut() {
            Some(set) if *is_sets => &mut set.entries,
            _ => &mut self.entries,
        };
        if is_entry(field.name) {
            let is_own = !*is_sets;
            // SDC reads over empty lines, so they part nothing from its
            // `Source`; but vnfsdk does not, and a `Source` begins an entry.
            let is_apart = |entry: &Entry<'_>| {
                let gap = &text[entry.at.end..line.at.start];
                field.name == "Source" && gap.matches('\n').count() > 1
            };
            let is_new = entries
                .last()
                .is_none_or(|entry| entry.has(field.name) || is_apart(entry));
            if is_new {
                entries.push(Entry {
                    at: line.at.clone(),
                    ..Entry::default()
                });
            }
            if let Some(entry) = entries.last_mut() {
                entry.at.end = line.at.end;
                entry.set(field);
            }
            if is_own {
                self.end_of_entries = line.next;
            }
        } else if field.name == SETS && field.value.is_empty() {
            *is_sets = true;
        } else if *is_sets && field.value.is_empty() {
            self.sets.push(ArtifactSet {
                name: field,
                entries: Vec::new(),
            });
        } else if self.entries.is_empty() && !*is_sets && self.signatures.is_empty() {
            if field.name == "metadata" && field.value.is_empty() && self.header.is_none() {
                self.header = Some(line.at.clone());
            } else {
                self.metadata.push(field);
            }
            self.end_of_entries = line.next;
        } else {
            self.strange.push(line.at.clone());
        }
    }

    /// The value of a name of the metadata.
    pub fn get(&self, name: &str) -> Option<&Field<'a>> {
        self.metadata.iter().find(|field| field.name == name)
    }

    /// The release date, in the spelling of v2.4.1 as well.
    pub fn release_date(&self, family: Family) -> Option<&Field<'a>> {
        self.get(family.release_date())
            .or_else(|| self.get("vnf_release_data_time"))
    }

    /// Every entry, those in sets behind the others.
    pub fn all_entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        let sets = self.sets.iter().flat_map(|set| &set.entries);
        self.entries.iter().chain(sets)
    }

    /// The algorithm that is asked for each file.
    pub fn algorithms(&self) -> BTreeMap<&'a str, Algorithm> {
        let with = |entry: &Entry<'a>| {
            let algorithm = Algorithm::find(entry.algorithm.as_ref()?.value)?;
            Some((entry.source.as_ref()?.value, algorithm))
        };
        self.all_entries().filter_map(with).collect()
    }

    /// The text with the digests of `files`: those that differ are corrected,
    /// files that have no entry with one get one, the line `metadata:` is put before
    /// metadata that lack it, and a signature, which is then one of another
    /// text, goes. Everything else stays, and where nothing is to be
    /// done, so does every byte.
    pub fn mend(text: &str, files: &Digests<'_>) -> String {
        let manifest = Manifest::parse(text);
        let line_break = match text.split_once('\n') {
            Some((first, _)) if first.ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut listed: BTreeSet<&str> = BTreeSet::new();
        // A set names files; ONAP's packages give the digest of such a file in the list, as
        // every file of a package has one (SOL004 §4.3.2), and what is signed covers no other.
        let in_sets = manifest.sets.iter().flat_map(|set| &set.entries);
        let in_sets = in_sets.filter(|entry| entry.hash.is_some());
        for entry in manifest.entries.iter().chain(in_sets) {
            let Some(source) = &entry.source else {
                continue;
            };
            listed.insert(source.value);
            let Some((algorithm, hash)) = files.get(source.value) else {
                continue;
            };
            let mut missing = String::new();
            match &entry.algorithm {
                Some(field) if Algorithm::find(field.value) == Some(*algorithm) => {}
                Some(field) => edits.push((
                    field.value_at.clone(),
                    field_value(field, algorithm.as_str()),
                )),
                None => missing = format!("{line_break}Algorithm: {}", algorithm.as_str()),
            }
            match &entry.hash {
                Some(field) if field.value.eq_ignore_ascii_case(hash) => {}
                Some(field) => edits.push((field.value_at.clone(), field_value(field, hash))),
                None => missing.push_str(&format!("{line_break}Hash: {hash}")),
            }
            if !missing.is_empty() {
                // Behind the algorithm, if that is there: SDC reads the hash
                // after it.
                let after = entry.algorithm.as_ref().unwrap_or(source);
                let end = after.at().end;
                edits.push((end..end, missing));
            }
        }
        let has_header = manifest.header.is_some() || manifest.metadata.is_empty();
        let named = manifest.all_entries();
        let named: BTreeSet<&str> = named
            .filter_map(|e| Some(e.source.as_ref()?.value))
            .collect();
        // A signature that holds is worth more than the digest of a file that a set names.
        let is_changed = !edits.is_empty() || !has_header;
        let is_changed = is_changed || files.keys().any(|path| !named.contains(path));
        if !manifest.signatures.is_empty() && !is_changed {
            return text.to_owned();
        }
        let mut added = String::new();
        for (path, (algorithm, hash)) in files {
            if !listed.contains(path) {
                let name = algorithm.as_str();
                for line in [
                    "",
                    &format!("Source: {path}"),
                    &format!("Algorithm: {name}"),
                    &format!("Hash: {hash}"),
                ] {
                    added.push_str(line);
                    added.push_str(line_break);
                }
            }
        }
        if !added.is_empty() {
            let end = manifest.end_of_entries;
            if end > 0 && !text[..end].ends_with('\n') {
                added.insert_str(0, line_break);
            }
            edits.push((end..end, added));
        }
        if let (None, Some(first)) = (&manifest.header, manifest.metadata.first()) {
            let start = first.name_at.start;
            edits.push((start..start, format!("metadata:{line_break}")));
        }
        if edits.is_empty() {
            return text.to_owned();
        }
        edits.extend(
            manifest
                .signatures
                .iter()
                .map(|cms| (cms.at.clone(), String::new())),
        );
        let edits: Vec<Edit> = edits
            .into_iter()
            .map(|(at, new)| Edit::new(at, new))
            .collect();
        let Some(mut text) = apply(text, &edits) else {
            return text.to_owned();
        };
        if !manifest.signatures.is_empty() {
            text.truncate(text.trim_end().len());
            text.push_str(line_break);
        }
        text
    }
}

/// The label of a signature in a line at its beginning or end.
fn marked<'a>(line: &'a str, which: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("-----")?.strip_prefix(which)?;
    let label = rest.strip_prefix(' ')?.strip_suffix("-----")?;
    LABELS.contains(&label).then_some(label)
}

/// A value in the place of another, or behind a bare colon.
fn field_value(field: &Field<'_>, value: &str) -> String {
    match field.value {
        "" => format!(" {value}"),
        _ => value.to_owned(),
    }
}

fn is_entry(name: &str) -> bool {
    matches!(
        name,
        "Source" | "Algorithm" | "Hash" | "Signature" | "Certificate"
    )
}

impl<'a> Entry<'a> {
    fn slot(&mut self, name: &str) -> &mut Option<Field<'a>> {
        match name {
            "Algorithm" => &mut self.algorithm,
            "Hash" => &mut self.hash,
            "Signature" => &mut self.signature,
            "Certificate" => &mut self.certificate,
            _ => &mut self.source,
        }
    }

    fn has(&self, name: &str) -> bool {
        match name {
            "Algorithm" => self.algorithm.is_some(),
            "Hash" => self.hash.is_some(),
            "Signature" => self.signature.is_some(),
            "Certificate" => self.certificate.is_some(),
            _ => self.source.is_some(),
        }
    }

    fn set(&mut self, field: Field<'a>) {
        let name = field.name;
        *self.slot(name) = Some(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDC: &str = "metadata:\nvnf_product_name: a\nvnf_provider_id: b\n\nSource: x.yaml\nAlgorithm: SHA-256\nHash: aa\nSource: y\nAlgorithm: SHA-512\nHash: bb\nSignature: y.sig\nCertificate: y.cert\n\nnon_mano_artifact_sets:\nonap_ves_events:\nSource: z\n\n-----BEGIN CMS-----\nMIIB\nAAAA\n-----END CMS-----\n";

    #[test]
    fn every_part_is_read() {
        let manifest = Manifest::parse(SDC);
        assert_eq!(&SDC[manifest.header.clone().expect("header")], "metadata:");
        let names: Vec<_> = manifest
            .metadata
            .iter()
            .map(|f| (f.name, f.value))
            .collect();
        assert_eq!(names, [("vnf_product_name", "a"), ("vnf_provider_id", "b")]);
        let sources: Vec<_> = manifest
            .all_entries()
            .map(|entry| entry.source.as_ref().expect("source").value)
            .collect();
        assert_eq!(sources, ["x.yaml", "y", "z"]);
        let second = &manifest.entries[1];
        assert_eq!(second.signature.as_ref().expect("signature").value, "y.sig");
        assert_eq!(
            second.certificate.as_ref().expect("certificate").value,
            "y.cert"
        );
        assert_eq!(manifest.sets[0].name.name, "onap_ves_events");
        assert_eq!(manifest.signatures[0].base64, "MIIB\nAAAA\n");
        assert!(manifest.signatures[0].is_closed);
        assert_eq!(
            (manifest.strange, manifest.behind_signature),
            (vec![], None)
        );
    }

    #[test]
    fn osm_writes_no_header_and_vnfsdk_any_order() {
        let text =
            "\nvnfd_id: a\n\nHash: aa\nAlgorithm: SHA256\nSource: x\n\nHash: bb\nSource: y\n";
        let manifest = Manifest::parse(text);
        assert_eq!(manifest.header, None);
        assert_eq!(manifest.get("vnfd_id").expect("id").value, "a");
        let entries: Vec<_> = manifest
            .entries
            .iter()
            .map(|e| {
                (
                    e.source.as_ref().expect("source").value,
                    e.hash.as_ref().expect("hash").value,
                )
            })
            .collect();
        assert_eq!(entries, [("x", "aa"), ("y", "bb")]);
    }

    #[test]
    fn what_follows_a_signature_and_what_is_cut_off_is_noticed() {
        let text = "metadata:\n-----BEGIN CMS-----\nM\n-----END CMS-----\nSource: x\nwhat\n";
        let manifest = Manifest::parse(text);
        let behind = manifest.behind_signature.expect("a line");
        assert_eq!(&text[behind], "Source: x");
        assert_eq!(manifest.strange.len(), 1);
        assert_eq!(&text[manifest.strange[0].clone()], "what");
        for text in ["-----BEGIN CMS-----", "a: b\n-----BEGIN CMS-----\nMIIB"] {
            let manifest = Manifest::parse(text);
            assert_eq!(manifest.signatures.len(), 1, "{text}");
            assert!(!manifest.signatures[0].is_closed);
        }
    }

    fn digests<'a>(list: &[(&'a str, Algorithm, &'a str)]) -> Digests<'a> {
        list.iter()
            .map(|(path, a, hash)| (*path, (*a, *hash)))
            .collect()
    }

    #[test]
    fn right_digests_keep_every_byte() {
        let files = digests(&[
            ("x.yaml", Algorithm::Sha256, "aa"),
            ("y", Algorithm::Sha512, "bb"),
            ("z", Algorithm::Sha256, "cc"),
        ]);
        assert_eq!(Manifest::mend(SDC, &files), SDC);
    }

    #[test]
    fn what_a_set_names_has_its_digest_in_the_list_unless_a_signature_would_go() {
        let unsigned = &SDC[..SDC.find("\n-----BEGIN").expect("signature")];
        let files = digests(&[
            ("x.yaml", Algorithm::Sha256, "aa"),
            ("y", Algorithm::Sha512, "bb"),
            ("z", Algorithm::Sha256, "cc"),
        ]);
        let entry = "\nSource: z\nAlgorithm: SHA-256\nHash: cc\n";
        let expected = unsigned.replace("y.cert\n", &format!("y.cert\n{entry}"));
        assert_eq!(Manifest::mend(unsigned, &files), expected);
        assert_eq!(Manifest::mend(&expected, &files), expected);
        // One that stands there with a digest keeps its place.
        let own = unsigned.replace("Source: z\n", "Source: z\nAlgorithm: SHA-256\nHash: dd\n");
        let right = own.replace("dd", "cc");
        assert_eq!(Manifest::mend(&own, &files), right);
    }

    #[test]
    fn a_wrong_digest_is_corrected_and_the_signature_goes() {
        let files = digests(&[
            ("x.yaml", Algorithm::Sha256, "cc"),
            ("new", Algorithm::Sha256, "dd"),
        ]);
        let expected = SDC[..SDC.find("\n-----BEGIN").expect("signature")]
            .replace("Hash: aa", "Hash: cc")
            .replace(
                "y.cert\n",
                "y.cert\n\nSource: new\nAlgorithm: SHA-256\nHash: dd\n",
            );
        assert_eq!(Manifest::mend(SDC, &files), expected);
    }

    #[test]
    fn osm_s_metadata_get_their_header() {
        let text = "\nnsd_name: a\n\nSource: x\nAlgorithm: SHA-256\nHash: AA\n";
        let files = digests(&[("x", Algorithm::Sha256, "aa")]);
        let expected = text.replace("nsd_name", "metadata:\nnsd_name");
        assert_eq!(Manifest::mend(text, &files), expected);
    }

    #[test]
    fn entries_are_added_to_bare_metadata_and_completed() {
        let files = digests(&[("x", Algorithm::Sha256, "aa")]);
        let whole = "metadata:\na: b\n\nSource: x\nAlgorithm: SHA-256\nHash: aa\n";
        assert_eq!(Manifest::mend("metadata:\na: b\n", &files), whole);
        assert_eq!(Manifest::mend("metadata:\na: b", &files), whole);
        for bare in ["Source: x\n", "Source: x"] {
            let text = format!("metadata:\na: b\n\n{bare}");
            assert_eq!(Manifest::mend(&text, &files).trim_end(), whole.trim_end());
            let two = digests(&[
                ("x", Algorithm::Sha256, "aa"),
                ("y", Algorithm::Sha256, "bb"),
            ]);
            let more = format!("{whole}\nSource: y\nAlgorithm: SHA-256\nHash: bb\n");
            assert_eq!(Manifest::mend(&text, &two), more);
        }
        assert_eq!(
            Manifest::mend(
                "metadata:\na: b\n\nSource: x\nAlgorithm: MD5\nHash:\n",
                &files
            ),
            whole
        );
        let dos = whole.replace('\n', "\r\n");
        assert_eq!(Manifest::mend("metadata:\r\na: b\r\n", &files), dos);
        assert_eq!(
            Manifest::mend("", &digests(&[("x", Algorithm::Sha256, "aa")])),
            "\nSource: x\nAlgorithm: SHA-256\nHash: aa\n"
        );
    }
}
