//! What rules look into beside the descriptor: texts, the package inside, the descriptor
//! of a virtual object.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::discover::Finder;
use super::package::{Layout, Package, Place};
use super::shield::{attestation, inner_file, named_descriptor};
use super::{archive, candidate, content, csar};
use crate::descriptor::{Descriptor, Kind, Model};
use crate::diagnostic::SourceFile;

impl Finder<'_> {
    /// Loads the texts that rules look into.
    pub(super) fn read_texts(&self, package: &mut Package) {
        let mut wanted: Vec<String> = Vec::new();
        if package.layout == Layout::Osm && package.file("checksums.txt").is_some() {
            wanted.push("checksums.txt".to_owned());
            content::add_md5(&mut package.files);
        }
        wanted.extend(csar::read(package, |place| self.bytes(place)));
        self.read_virtual_object(package);
        if let Some(attestation) = attestation(package) {
            wanted.push(attestation);
        }
        for path in wanted {
            let Some(file) = package.file(&path) else {
                continue;
            };
            let Place::Disk(place) = &file.place else {
                continue;
            };
            if file.len > 16 << 20 {
                continue;
            }
            if let Ok(bytes) = self.bytes(place) {
                package.set_sha256(&path, crate::digest::hex(&Sha256::digest(&bytes)));
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let shown = self.shown_in(package, &path);
                let text = Arc::new(SourceFile::new(shown, text));
                package.texts.push((path, text));
            }
        }
        self.read_secretive(package);
        // A finished package inside a SHIELD folder is read like one given on
        // the command line.
        let Some(inner) = inner_file(package) else {
            return;
        };
        if let Some(file) = package.file(&inner)
            && let Place::Disk(place) = file.place.clone()
        {
            let shown = self.shown(&package.path.join(&inner));
            let named = named_descriptor(package);
            if let Ok(read) = archive::read_inner(&place, &shown, named.as_deref()) {
                package.inner = Some(Box::new(read));
            }
            // The manifest's digest is held against these bytes.
            if let Ok(sha256) = content::sha256_of(&place) {
                package.set_sha256(&inner, sha256);
            }
        }
    }

    /// How a file of a package is shown: where it comes from, if the configuration takes it
    /// in from elsewhere.
    fn shown_in(&self, package: &Package, path: &str) -> String {
        let added = package.added.get(path).cloned();
        added.unwrap_or_else(|| self.shown(&package.path.join(path)))
    }

    /// Loads the small files in which secrets are looked for.
    fn read_secretive(&self, package: &mut Package) {
        const LONGEST: u64 = 256 << 10;
        let mut texts = Vec::new();
        for file in &package.files {
            let Place::Disk(place) = &file.place else {
                continue;
            };
            if file.len > LONGEST || !Package::may_hold_secrets(&file.path) {
                continue;
            }
            // A file that can't be read has a finding of its own already.
            if let Ok(bytes) = self.bytes(place) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let shown = self.shown_in(package, &file.path);
                let text = Arc::new(SourceFile::new(shown, text));
                texts.push((file.path.clone(), text));
            }
        }
        package.texts.append(&mut texts);
    }

    /// The descriptor of the virtual object that a chart holds. It goes through
    /// Helm's templates; while it is a template, it is no YAML yet and there is
    /// nothing to hold against a schema.
    fn read_virtual_object(&self, package: &mut Package) {
        let path = package.descriptor.as_ref().and_then(|chart| {
            let annotations = chart.field("annotations")?;
            annotations.get("descriptorPath")?.str()
        });
        let Some(file) = path.and_then(|path| package.file(path)) else {
            return;
        };
        let Place::Disk(place) = &file.place else {
            return;
        };
        let shown = self.shown(&package.path.join(&file.path));
        let Ok(bytes) = self.bytes(place) else {
            return;
        };
        let doc = candidate::parse(&shown, bytes);
        if !doc.file().text().contains("{{") {
            let descriptor = Descriptor {
                doc,
                kind: Kind::Vo,
                model: Model::Vo,
            };
            package.charts.push((file.path.clone(), descriptor));
        }
    }
}
