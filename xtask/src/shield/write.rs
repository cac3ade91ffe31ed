//! A manifest as the build writes it.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::digest::{self, Written as Digest};
use super::stem;
use super::value::{Spot, spot};
use crate::descriptor::Descriptor;
use crate::json;
use crate::yaml::{Entry, Limits, Node, parse};

/// What a manifest leads to, as it was built.
#[derive(Clone, Copy, Debug)]
pub struct Wrapped<'a> {
    /// The name of the package inside.
    pub package: &'a str,
    /// Its SHA-256.
    pub sha256: &'a str,
    /// The path of the descriptor in it, the top folder included; empty where there is none.
    pub descriptor: &'a str,
    /// The `type` that its descriptor is for; see [`release`].
    pub release: &'a str,
    /// The SHA-256 of the attestation file, where the manifest names one that is there.
    pub attestation: Option<&'a str>,
    /// Whether the manifest is that of a service.
    pub is_service: bool,
    /// Whether to write it in the form that the Store takes; else it keeps its own.
    pub for_store: bool,
}

/// A manifest, and the file that it names and nobody had written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text of the manifest.
    pub text: String,
    /// Path and text of an attestation file with what a manifest of an early form lists for
    /// each VDU.
    pub attestation: Option<(String, String)>,
    /// Whether there is a `hash`, which says what the package inside is.
    pub has_hash: bool,
    /// Paths below the root key of what is left as it is, because it is read at other places
    /// as well: `hash`, `security_info/hash`.
    pub shared: Vec<String>,
}

/// The release of OSM that a descriptor is for, in the words of `type`: in those of release 2
/// the keys have the prefix of their module, in those of release 4 they have none.
pub fn release(descriptor: &Descriptor) -> &'static str {
    let first = descriptor.doc.root().and_then(|root| root.entries().next());
    match first.is_some_and(|entry| entry.key().contains(':')) {
        true => "OSM-R2",
        false => "OSM-R4",
    }
}

/// The `target` of a service whose manifest gives none, by the rule of SHIELD's own packager:
/// `docker` where the name of the package says so, else `KVM`.
pub fn target(package: &str) -> &'static str {
    match package.contains("docker") {
        true => "docker",
        false => "KVM",
    }
}

/// The manifest with what the build knows: `package`, `hash`, `hashing_algorithm` and
/// `descriptor`, and the digest of the attestation file where it is left open. For the Store a
/// manifest of any earlier form gets the fields of the last one under their names. Nothing
/// else is touched: comments and layout stay, and what was listed for each VDU stays as a
/// comment beside the file that it became. What can't be known is still missing then. One that
/// is not for the Store keeps its form, and gets no field that manifests of that form have not.
pub fn write(manifest: &Descriptor, wrapped: &Wrapped<'_>) -> Written {
    // The places of a text with placeholders are those before they were filled in.
    let text: &str = match manifest.doc.filled() {
        Some(filled) => filled,
        None => manifest.doc.file().text(),
    };
    let doc = parse("manifest.yaml", text.as_bytes(), Limits::default());
    let entries = doc.root().into_iter().flat_map(|root| root.entries());
    let mut bodies = entries.filter(|entry| entry.key().starts_with("manifest:"));
    let mut written = Written {
        text: text.to_owned(),
        attestation: None,
        has_hash: false,
        shared: Vec::new(),
    };
    let Some(body) = bodies.next().map(|entry| entry.value()) else {
        return written;
    };
    let mut edits = Edits::new(text, body);
    edits.fill(wrapped);
    let is_hash = |line: &String| line.starts_with("hash:");
    written.has_hash = edits.has("hash") || edits.missing.iter().any(is_hash);
    if wrapped.for_store {
        edits.renew(wrapped);
        if !wrapped.is_service {
            written.attestation = edits.attest(wrapped.package);
        }
    }
    if let Some(sha256) = wrapped.attestation {
        edits.digest_of_attestation(sha256);
    }
    written.shared = std::mem::take(&mut edits.shared);
    written.text = edits.apply();
    written
}

struct Edits<'a> {
    text: &'a str,
    body: Node<'a>,
    /// The flow mappings among those that are written into.
    flows: Vec<Range<usize>>,
    /// What goes before the first field.
    first: Vec<String>,
    /// What goes behind the package.
    missing: Vec<String>,
    edits: Vec<(Range<usize>, String)>,
    /// What goes to the end of the text.
    last: String,
    shared: Vec<String>,
}

impl<'a> Edits<'a> {
    fn new(text: &'a str, body: Node<'a>) -> Self {
        let info = body.get("security_info").map(|info| info.at());
        let all = [Some(body.at()), info].into_iter().flatten();
        let is_flow = |at: &Range<usize>| text[at.start..].starts_with('{');
        Edits {
            text,
            body,
            flows: all.filter(is_flow).collect(),
            first: Vec::new(),
            missing: Vec::new(),
            edits: Vec::new(),
            last: String::new(),
            shared: Vec::new(),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.body.get(key).is_some()
    }

    /// Writes another value of a key that is there.
    fn set(&mut self, entry: &Entry<'_>, value: String) {
        // What came in through a merge key stays, and gives way to a key of its own.
        if entry.is_merged() {
            self.missing.push(format!("{}: {value}", entry.key()));
            return;
        }
        let edit = match spot(self.text, entry) {
            Spot::Value(at) => (at, value),
            Spot::Empty(at) => (at..at, format!(" {value}")),
            Spot::Block(start) => match self.block(entry) {
                Some(block) => {
                    let text = &self.text[start..block.end];
                    (start..start + text.trim_end().len(), value)
                }
                None => return,
            },
            Spot::Shared => {
                self.shared.push(entry.key().to_owned());
                return;
            }
        };
        self.edits.push(edit);
    }

    /// The fields that follow from what was built.
    fn fill(&mut self, wrapped: &Wrapped<'_>) {
        let package = quoted(wrapped.package);
        match self.body.entry("package") {
            Some(entry) if entry.value().str() == Some(wrapped.package) => {}
            Some(entry) => self.set(&entry, package),
            None => self.missing.push(format!("package: {package}")),
        }
        let hash = format!("'{}'", wrapped.sha256);
        // Of the earlier forms, those of vNSFs have a hash since one file attests all VDUs, and
        // those of services since the algorithm has a field too.
        let is_typed = || {
            let name = self.body.get("type").and_then(|name| name.str());
            name.is_some_and(|name| name.starts_with("OSM-"))
        };
        let info = self.body.get("security_info");
        let knows_algorithm = wrapped.for_store || self.has("hashing_algorithm") || is_typed();
        let knows_hash = knows_algorithm || info.is_some_and(|info| info.get("vdu").is_none());
        match self.body.entry("hash") {
            Some(entry) if entry.value().text().is_some() => self.set(&entry, hash),
            Some(_) => {}
            None if knows_hash => self.missing.push(format!("hash: {hash}")),
            None => {}
        }
        match self.body.entry("hashing_algorithm") {
            Some(entry) if is_empty(entry.value()) => self.set(&entry, "SHA_256".to_owned()),
            None if knows_algorithm => self.missing.push("hashing_algorithm: SHA_256".to_owned()),
            _ => {}
        }
        if wrapped.descriptor.is_empty() {
            return;
        }
        match self.body.entry("descriptor") {
            Some(entry) if is_empty(entry.value()) => {
                self.set(&entry, quoted(wrapped.descriptor));
            }
            None => {
                let line = format!("descriptor: {}", quoted(wrapped.descriptor));
                self.missing.push(line);
            }
            _ => {}
        }
    }

    /// The fields that earlier forms have not, or under another name.
    fn renew(&mut self, wrapped: &Wrapped<'_>) {
        match self.body.entry("schema_version") {
            Some(entry) if is_empty(entry.value()) => self.set(&entry, "'1.2'".to_owned()),
            Some(_) => {}
            None => self.first.push("schema_version: '1.2'".to_owned()),
        }
        if let Some(entry) = self.body.entry("type")
            && entry.value().str() == Some("OSM")
        {
            self.set(&entry, wrapped.release.to_owned());
        }
        if wrapped.is_service && !self.has("target") {
            self.missing
                .push(format!("target: {}", target(wrapped.package)));
        }
        if let (Some(entry), false) = (self.body.entry("registry"), self.has("properties")) {
            self.edits.push((entry.key_at(), "properties".to_owned()));
        }
    }

    /// What an early form lists for each VDU becomes a file.
    fn attest(&mut self, package: &str) -> Option<(String, String)> {
        let keys = ["security_info", "security"];
        let mut entries = keys.iter().filter_map(|key| self.body.entry(key));
        let (Some(entry), None) = (entries.next(), entries.next()) else {
            return None;
        };
        let attestation = json::text(attestation(vdus(&entry)?)?);
        let name = format!("{}_attestation.json", stem(package)?);
        let digest = crate::digest::hex(&sha256(attestation.as_bytes()));
        let Some(block) = self.block(&entry) else {
            self.attest_in_flow(&entry, &name, &digest);
            return Some((name, attestation));
        };
        let line = block.start;
        let indent = &self.text[line..entry.key_at().start];
        let mut new = format!(
            "{indent}security_info:\n{indent}  attestation_filename: {}\n{indent}  hash: '{digest}'\n",
            quoted(&name)
        );
        for old in self.text[block.clone()].lines() {
            let old = old.strip_prefix(indent).unwrap_or(old.trim_start());
            new.push_str(format!("{indent}# {old}").trim_end());
            new.push('\n');
        }
        if !self.text[block.clone()].ends_with('\n') {
            new.pop();
        }
        self.edits.push((block, new));
        Some((name, attestation))
    }

    /// The same within a flow mapping, where a comment has no place: what was listed goes to
    /// the end of the text.
    fn attest_in_flow(&mut self, entry: &Entry<'_>, name: &str, digest: &str) {
        let key = entry.key_at().start;
        let end = match spot(self.text, entry) {
            Spot::Value(at) => at.end,
            _ => entry.value().at().end,
        };
        for old in self.text[key..end].lines() {
            self.last.push_str(format!("# {old}").trim_end());
            self.last.push('\n');
        }
        let name = quoted(name);
        let new = format!("security_info: {{attestation_filename: {name}, hash: '{digest}'}}");
        self.edits.push((key..end, new));
    }

    /// The lines of an entry in block style: that of its key and those that are indented more.
    fn block(&self, entry: &Entry<'_>) -> Option<Range<usize>> {
        let key = entry.key_at().start;
        let start = self.line_of(key)?;
        let indent = key - start;
        // A flow collection may end in a line that is indented less.
        let value = match spot(self.text, entry) {
            Spot::Value(at) => at.end,
            _ => key,
        };
        let mut end = key;
        let mut at = start;
        for line in self.text[start..].split_inclusive('\n') {
            let own = line.len() - line.trim_start_matches(' ').len();
            let is_blank = line.trim().is_empty() || line.trim_start().starts_with('#');
            if at > start.max(value) && !is_blank && own <= indent {
                break;
            }
            at += line.len();
            if !is_blank {
                end = at;
            }
        }
        Some(start..end)
    }

    /// Where the line of a key begins, if nothing stands before the key in it and it is one
    /// of a mapping in block style.
    fn line_of(&self, key: usize) -> Option<usize> {
        if self.flows.iter().any(|flow| flow.contains(&key)) {
            return None;
        }
        let line = self.text[..key].rfind('\n').map_or(0, |i| i + 1);
        self.text[line..key].trim().is_empty().then_some(line)
    }

    fn digest_of_attestation(&mut self, sha256: &str) {
        let Some(info) = self.body.entry("security_info") else {
            return;
        };
        let new = format!("'{sha256}'");
        match info.value().entry("hash") {
            Some(entry) => {
                let node = entry.value();
                let is_open = |text| matches!(digest::read(text), Digest::Open);
                if node.text().is_some() && node.str().is_none_or(is_open) {
                    let before = self.shared.len();
                    self.set(&entry, new);
                    for key in self.shared.iter_mut().skip(before) {
                        *key = format!("security_info/{key}");
                    }
                }
            }
            None => {
                if let Some(name) = info.value().entry("attestation_filename") {
                    self.add_behind(&name, &[format!("hash: {new}")]);
                }
            }
        }
    }

    /// Adds lines behind that of an entry, or fields before it in a flow mapping.
    fn add_behind(&mut self, entry: &Entry<'_>, lines: &[String]) {
        let key = entry.key_at().start;
        match self.line_of(key) {
            Some(line) => {
                let indent = &self.text[line..key];
                let end = entry.value().at().end.max(entry.key_at().end);
                let end = self.text[end..].find('\n');
                let end = end.map_or(self.text.len(), |i| {
                    i + entry.value().at().end.max(entry.key_at().end)
                });
                let added = lines.iter().map(|line| format!("\n{indent}{line}"));
                self.edits.push((end..end, added.collect()));
            }
            None => self
                .edits
                .push((key..key, format!("{}, ", lines.join(", ")))),
        }
    }

    fn add_before(&mut self, entry: &Entry<'_>, lines: &[String]) {
        let key = entry.key_at().start;
        let added = match self.line_of(key) {
            Some(line) => {
                let indent = &self.text[line..key];
                lines
                    .iter()
                    .map(|line| format!("{line}\n{indent}"))
                    .collect()
            }
            None => format!("{}, ", lines.join(", ")),
        };
        self.edits.push((key..key, added));
    }

    fn apply(mut self) -> String {
        let first = std::mem::take(&mut self.first);
        let mut missing = std::mem::take(&mut self.missing);
        if let Some(entry) = self.body.entry("package") {
            if !missing.is_empty() {
                self.add_behind(&entry, &missing);
            }
            missing.clear();
        }
        let lines: Vec<String> = first.into_iter().chain(missing).collect();
        if let (Some(entry), false) = (self.body.entries().next(), lines.is_empty()) {
            self.add_before(&entry, &lines);
        }
        let mut text = self.text.to_owned();
        // From the back, so that earlier offsets stay right; of several at one place, what is to
        // stand first comes last.
        self.edits.reverse();
        self.edits
            .sort_by_key(|(at, _)| std::cmp::Reverse((at.start, at.end)));
        for (at, new) in self.edits {
            text.replace_range(at, &new);
        }
        if !self.last.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text + &self.last
    }
}

/// Whether a key has no value, or an empty text.
fn is_empty(node: Node<'_>) -> bool {
    node.text().is_some() && node.str().is_none()
}

/// The list of VDUs of an early form.
fn vdus<'a>(entry: &Entry<'a>) -> Option<Node<'a>> {
    let mut fields = entry.value().entries();
    match (fields.next(), fields.next()) {
        (Some(field), None) if field.key() == "vdu" => Some(field.value()),
        _ => None,
    }
}

/// Whether a manifest of an early form lists for some VDU what can stand in an attestation
/// file.
pub fn attests(manifest: &Descriptor) -> bool {
    let keys = ["security_info", "security"];
    let body = manifest.body();
    let mut entries = keys.iter().filter_map(|key| body?.entry(key));
    entries.any(|entry| vdus(&entry).and_then(attestation).is_some())
}

/// What the VDUs list, as the Trust Monitor reads it. `None` where there is nothing, or
/// something that it has no place for.
fn attestation(vdus: Node<'_>) -> Option<Value> {
    let single = vdus.entries().next().is_some().then_some(vdus);
    let mut digests = Vec::new();
    for vdu in vdus.items().chain(single) {
        let algorithm = vdu.get("hash_alg").and_then(|name| name.str());
        let is_sha1 = |name: &str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.collect::<String>().eq_ignore_ascii_case("sha1")
        };
        if !algorithm.is_none_or(is_sha1) {
            return None;
        }
        let Some(files) = vdu.get("attestation") else {
            continue;
        };
        let mut item = Map::new();
        for file in files.entries() {
            let value = file.value().str()?;
            let is_open = digest::is_placeholder(value) || digest::is_placeholder(file.key());
            if is_open || file.key() == "instance" {
                return None;
            }
            item.insert(file.key().to_owned(), value.into());
        }
        if !item.is_empty() {
            item.insert("instance".to_owned(), vdu.get("id")?.str()?.into());
            digests.push(Value::Object(item));
        }
    }
    (!digests.is_empty()).then(|| json!({ "digests": digests }))
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).to_vec()
}

/// A path as a YAML scalar.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_' | '-');
    let has_letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    match has_letter && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descriptor::{Kind, Model};

    fn written(text: &str, is_service: bool, for_store: bool) -> Written {
        let manifest = Descriptor {
            doc: Arc::new(parse("manifest.yaml", text.as_bytes(), Limits::default())),
            kind: match is_service {
                true => Kind::ShieldNs,
                false => Kind::ShieldVnsf,
            },
            model: Model::Shield,
        };
        let wrapped = Wrapped {
            package: "a.tar.gz",
            sha256: "abc",
            descriptor: "a/a.yaml",
            release: "OSM-R2",
            attestation: Some("def"),
            is_service,
            for_store,
        };
        write(&manifest, &wrapped)
    }

    fn service(text: &str) -> String {
        written(text, true, true).text
    }

    #[test]
    fn the_hash_is_filled_in_and_comments_stay() {
        let text = "manifest:ns:\n  schema_version: '1.2'\n  # by the build\n  hash: '0000' # later\n  hashing_algorithm: SHA_256\n  package: a.tar.gz\n  descriptor: x\n  target: X\n";
        assert_eq!(service(text), text.replace("'0000'", "'abc'"));
    }

    #[test]
    fn what_the_store_wants_is_added_in_block_and_in_flow() {
        let text = "manifest:ns:\n  # first\n  package: ./a.tar.gz # inner\n  type: OSM";
        assert_eq!(
            service(text),
            "manifest:ns:\n  # first\n  schema_version: '1.2'\n  package: a.tar.gz # inner\n  hash: 'abc'\n  \
             hashing_algorithm: SHA_256\n  descriptor: a/a.yaml\n  target: KVM\n  type: OSM-R2"
        );
        assert_eq!(
            service("manifest:ns: {descriptor: x, registry: {}}\n"),
            "manifest:ns: {schema_version: '1.2', package: a.tar.gz, hash: 'abc', \
             hashing_algorithm: SHA_256, target: KVM, descriptor: x, properties: {}}\n"
        );
    }

    #[test]
    fn keys_without_a_value_get_one() {
        let text = "manifest:ns:\n  schema_version:\n  package:\n  hash: '' # open\n  hashing_algorithm: ~\n  descriptor :\n  target: X\n";
        assert_eq!(
            service(text),
            "manifest:ns:\n  schema_version: '1.2'\n  package: a.tar.gz\n  hash: 'abc' # open\n  hashing_algorithm: SHA_256\n  descriptor : a/a.yaml\n  target: X\n"
        );
    }

    #[test]
    fn a_value_stands_before_the_lines_behind_it() {
        assert_eq!(
            service("manifest:ns:\n  package:\n  schema_version: '1.2'\n"),
            "manifest:ns:\n  package: a.tar.gz\n  hash: 'abc'\n  hashing_algorithm: SHA_256\n  \
             descriptor: a/a.yaml\n  target: KVM\n  schema_version: '1.2'\n"
        );
        assert_eq!(
            service("manifest:ns:\n  registry: {}\n  type: OSM-R4\n"),
            "manifest:ns:\n  schema_version: '1.2'\n  package: a.tar.gz\n  hash: 'abc'\n  \
             hashing_algorithm: SHA_256\n  descriptor: a/a.yaml\n  target: KVM\n  \
             properties: {}\n  type: OSM-R4\n"
        );
    }

    #[test]
    fn an_early_form_keeps_its_fields_where_it_is_not_for_the_store() {
        let text = "manifest:ns:\n  type: OSM\n  package: a.tar.gz\n  descriptor: x\n  registry: {capabilities: [r]}\n";
        assert_eq!(written(text, true, false).text, text);
        let open = text.replace("OSM\n", "OSM\n  hash:\n");
        let filled = text.replace("OSM\n", "OSM\n  hash: 'abc'\n");
        assert_eq!(written(&open, true, false).text, filled);
    }

    /// By the Store's history: the hash of vNSFs came in March 2018, and all with an attestation
    /// file have it, that of services in October 2018, with its algorithm.
    #[test]
    fn a_form_gets_the_fields_that_it_has() {
        let hash = "  hash: 'abc'\n";
        let both = "  hash: 'abc'\n  hashing_algorithm: SHA_256\n";
        let file = "  security_info: {attestation_filename: a, hash: x}\n";
        for (kind, info, release, algorithm, added) in [
            ("ns", "", "OSM", false, ""),
            ("vnsf", file, "OSM", false, hash),
            ("ns", "", "OSM-R4", false, both),
            ("vnsf", file, "OSM-R2", false, both),
            ("ns", "", "OSM", true, hash),
            ("vnsf", file, "OSM", true, hash),
            ("vnsf", "  security_info: {vdu: []}\n", "OSM", false, ""),
            ("vnsf", "", "OSM", false, ""),
        ] {
            for version in ["", "  schema_version: '1.2'\n"] {
                let algorithm = match algorithm {
                    true => "  hashing_algorithm: SHA_256\n",
                    false => "",
                };
                let package = "  package: a.tar.gz\n";
                let text = format!(
                    "manifest:{kind}:\n{version}  type: {release}\n{package}  descriptor: x\n{info}{algorithm}"
                );
                let out = written(&text, kind == "ns", false).text;
                assert_eq!(out, text.replace(package, &format!("{package}{added}")));
            }
        }
    }

    #[test]
    fn what_is_listed_for_each_vdu_becomes_a_file_and_stays_as_a_comment() {
        let text = "manifest:vnsf:\n  schema_version: '1.2'\n  package: a.tar.gz\n  hash: x\n  hashing_algorithm: SHA_256\n  descriptor: x\n  \
                    security_info:\n    # of the machine\n    vdu:\n    - id: vm\n      hash: 7fb6\n      hash_alg: SHA1\n      \
                    attestation: {/b: '02', /a: '01'}\n    - id: none\n\n  # behind\n  type: OSM-R4\n";
        let out = written(text, false, true);
        let (name, json) = out.attestation.expect("a file");
        assert_eq!(name, "a_attestation.json");
        let value: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(
            value,
            json!({"digests": [{"/a": "01", "/b": "02", "instance": "vm"}]})
        );
        let digest = crate::digest::hex(&sha256(json.as_bytes()));
        let start = text.find("  security_info").expect("start");
        let end = text.find("\n\n  # behind").expect("end");
        let old = text[start..end].replace("\n  ", "\n  # ");
        assert_eq!(
            out.text.replace("'abc'", "x"),
            format!(
                "{}  security_info:\n    attestation_filename: a_attestation.json\n    hash: '{digest}'\n  # {}{}",
                &text[..start],
                &old[2..],
                &text[end..]
            )
        );
    }

    #[test]
    fn what_the_trust_monitor_can_t_read_becomes_no_file() {
        let text = |vdu: &str| {
            format!(
                "manifest:vnsf:\n  package: a.tar.gz\n  security_info:\n    vdu:\n    - {vdu}\n"
            )
        };
        for vdu in [
            "{id: vm, attestation: {somekey: <TBD - provided by TM>}}",
            "{id: vm, attestation: {/a: '01'}, hash_alg: SHA256}",
            "{id: vm, attestation: {instance: '01'}}",
            "{attestation: {/a: '01'}}",
            "{id: vm, attestation: }",
            "{id: vm}",
            "text",
        ] {
            let text = text(vdu);
            let out = written(&text, false, true);
            assert_eq!(out.attestation, None, "{vdu}");
            assert!(
                out.text.contains(&format!("    vdu:\n    - {vdu}\n")),
                "{}",
                out.text
            );
        }
    }

    #[test]
    fn the_digest_of_an_attestation_file_is_written_where_it_is_open() {
        let text = |hash: &str| {
            format!(
                "manifest:vnsf:\n  package: a.tar.gz\n  security_info:\n    attestation_filename: x\n{hash}"
            )
        };
        for (hash, wanted) in [
            ("", "    hash: 'def'"),
            ("    hash: <hash>\n", "    hash: 'def'\n"),
            ("    hash:\n", "    hash: 'def'\n"),
            ("    hash: abcd\n", "    hash: abcd\n"),
        ] {
            let out = written(&text(hash), false, true).text;
            assert!(
                out.trim_end()
                    .ends_with(&format!("attestation_filename: x\n{}", wanted.trim_end())),
                "{out}"
            );
        }
    }
}
