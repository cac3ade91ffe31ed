//! Lists the models: which folders and modules each is made of, and which
//! documents it describes.

use std::path::Path;

use anyhow::{Context as _, Result};

/// A version of a model, compiled from one set of modules.
pub struct Model {
    /// The path of the model below the output folder, such as `osm/r15`.
    pub path: String,
    /// What the model is called in titles.
    title: String,
    /// The folders, below that of all modules, to look for modules in.
    pub folders: Vec<String>,
    /// The folder of which every module takes part, if there is one.
    augments: Option<String>,
    /// The documents that the model describes.
    pub documents: Vec<Document>,
}

/// A kind of document, described by one node of the schema tree.
pub struct Document {
    /// The name of the schema file, without its ending.
    pub kind: &'static str,
    /// What the document is called in titles.
    name: &'static str,
    /// The module that has the node.
    pub module: &'static str,
    /// The top-level node that is the only member of the document.
    pub root: &'static str,
}

impl Model {
    /// The modules to load: those with the roots, and all augmenting ones.
    pub fn modules(&self, yang: &Path) -> Result<Vec<String>> {
        let mut modules: Vec<String> = self
            .documents
            .iter()
            .map(|document| document.module.to_owned())
            .collect();
        if let Some(augments) = &self.augments {
            modules.extend(modules_in(&yang.join(augments))?);
        }
        modules.dedup();
        Ok(modules)
    }

    /// The title of the schema of a document.
    pub fn title(&self, document: &Document) -> String {
        format!("{}, {}", document.name, self.title)
    }
}

/// Lists the modules in a folder by the names of their files, sorted.
fn modules_in(folder: &Path) -> Result<Vec<String>> {
    let mut modules = Vec::new();
    let entries = folder
        .read_dir()
        .with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .path();
        if path.extension().is_some_and(|ending| ending == "yang")
            && let Some(name) = path.file_stem().and_then(|name| name.to_str())
        {
            // A file may be named after a module and its revision.
            modules.push(name.split('@').next().unwrap_or(name).to_owned());
        }
    }
    modules.sort();
    Ok(modules)
}

/// The folder of the IETF modules. Their revisions of 2013 are the ones that
/// all models were written against; a later one forbids values that the
/// models themselves use as defaults.
const IETF: &str = "ietf-2013";

const VNFD: Document = Document {
    kind: "vnfd",
    name: "VNFD",
    module: "etsi-nfv-vnfd",
    root: "vnfd",
};

const NSD: Document = Document {
    kind: "nsd",
    name: "NSD",
    module: "etsi-nfv-nsd",
    root: "nsd",
};

const PNFD: Document = Document {
    kind: "pnfd",
    name: "PNFD",
    module: "etsi-nfv-pnfd",
    root: "pnfd",
};

const NFV: Document = Document {
    kind: "nfv",
    name: "NFV descriptors",
    module: "etsi-nfv-descriptors",
    root: "nfv",
};

const NST: Document = Document {
    kind: "nst",
    name: "NST",
    module: "nst",
    root: "nst",
};

const VNFD_CATALOG: Document = Document {
    kind: "vnfd",
    name: "VNFD catalog",
    module: "vnfd",
    root: "vnfd-catalog",
};

const NSD_CATALOG: Document = Document {
    kind: "nsd",
    name: "NSD catalog",
    module: "nsd",
    root: "nsd-catalog",
};

/// Modules of our own in the place of some that were never published.
const STUBS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stubs");

/// The published versions of NFV-SOL006 as ETSI has them.
const SOL006: [&str; 8] = [
    "2.6.1", "2.7.1", "2.8.1", "3.3.1", "3.5.1", "3.6.1", "3.7.1", "4.3.1",
];

/// The OSM releases that are built on NFV-SOL006, with the folder of each.
const OSM: [(u8, &str, &str); 7] = [
    (9, "NINE", "osm-r09-2020-12"),
    (10, "TEN", "osm-r10-2021-05"),
    (11, "ELEVEN", "osm-r11-2021-11"),
    (12, "TWELVE", "osm-r12-2022-06"),
    (13, "THIRTEEN", "osm-r13-2022-08"),
    (14, "FOURTEEN", "osm-r14-2023-06"),
    (15, "FIFTEEN", "osm-r15-2023-10"),
];

/// The OSM releases with an information model of their own, with the folder
/// of each; slice templates came with release FIVE.
const OSM_IM: [(u8, &str, &str); 7] = [
    (2, "TWO", "osm-old-v2.0"),
    (3, "THREE", "osm-old-v3.1"),
    (4, "FOUR", "osm-old-v4.0"),
    (5, "FIVE", "osm-old-v5.0"),
    (6, "SIX", "osm-old-v6.0"),
    (7, "SEVEN", "osm-old-v7.0"),
    (8, "EIGHT", "osm-old-v8.0"),
];

/// Lists all models. Slice templates have a model of their own, since OSM
/// still describes them with the modules from before NFV-SOL006, whose module
/// names differ from those of the other documents of the same release.
pub fn all() -> Vec<Model> {
    let mut models = Vec::new();
    for version in SOL006 {
        models.push(Model {
            path: format!("sol006/{version}"),
            title: format!("ETSI NFV-SOL006 {version}"),
            folders: vec![format!("v{version}"), IETF.into()],
            augments: None,
            documents: vec![VNFD, NSD, PNFD, NFV],
        });
    }
    for (number, name, folder) in OSM {
        models.push(Model {
            path: format!("osm/r{number}"),
            title: format!("OSM release {name}"),
            folders: vec![
                format!("{folder}/augments-lint"),
                format!("{folder}/base-sol006-2.6.1-patched"),
                IETF.into(),
            ],
            augments: Some(format!("{folder}/augments-lint")),
            documents: vec![VNFD, NSD],
        });
        models.push(Model {
            path: format!("osm/r{number}"),
            title: format!("OSM release {name}"),
            folders: vec![format!("{folder}/im"), IETF.into()],
            augments: None,
            documents: vec![NST],
        });
    }
    for (number, name, folder) in OSM_IM {
        let mut documents = vec![VNFD_CATALOG, NSD_CATALOG];
        if number >= 5 {
            documents.push(NST);
        }
        models.push(Model {
            path: format!("osm-im/r{number}"),
            title: format!("OSM release {name}"),
            // An absolute path stays one when it is joined to another.
            folders: vec![folder.into(), IETF.into(), STUBS.into()],
            augments: None,
            documents,
        });
    }
    models
}
