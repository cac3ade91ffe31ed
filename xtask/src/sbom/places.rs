//! Where things lie in a package, found once for all questions.

use std::collections::{BTreeMap, BTreeSet};

use crate::descriptor::NeedKind;
use crate::source::{Layout, Package};

/// The folders of a package that OSM looks into.
pub struct Places<'a> {
    /// Files by their path below the folder that OSM takes for the package.
    pub files: BTreeMap<String, &'a str>,
    /// What stands directly in each folder of charts and bundles.
    charts: BTreeSet<String>,
    bundles: BTreeSet<String>,
    /// The texts that are at hand, by path in the archive.
    pub texts: BTreeMap<&'a str, &'a str>,
}

impl<'a> Places<'a> {
    /// Looks through the files of `package`.
    pub fn of(package: &'a Package) -> Self {
        let texts = package.texts.iter();
        let mut places = Places {
            files: BTreeMap::new(),
            charts: BTreeSet::new(),
            bundles: BTreeSet::new(),
            texts: texts
                .map(|(path, text)| (path.as_str(), text.text()))
                .collect(),
        };
        let top = package.descriptor_path.rsplit_once('/');
        let top = top.map(|(top, _)| format!("{top}/")).unwrap_or_default();
        for file in &package.files {
            let path = file.path.as_str();
            let below = match package.layout {
                Layout::Csar => {
                    let tops = ["Scripts/", "Files/"];
                    tops.iter().find_map(|top| path.strip_prefix(top))
                }
                _ => path.strip_prefix(&top),
            };
            let below = below.unwrap_or(path);
            if let Some((folder, rest)) = below.split_once('/') {
                let first = rest.split('/').next().unwrap_or(rest).to_owned();
                match folder {
                    "helm-chart-v3s" | "helm-charts" | "charts" => places.charts.insert(first),
                    "juju-bundles" => places.bundles.insert(first),
                    _ => false,
                };
            }
            places.files.insert(below.to_owned(), path);
        }
        places
    }

    /// Whether the package holds what a descriptor calls `id`: a folder or file
    /// of that name, or an archive of it.
    pub fn holds(&self, kind: NeedKind, id: &str) -> bool {
        let names = match kind {
            NeedKind::Helm => &self.charts,
            NeedKind::Juju => &self.bundles,
            _ => return false,
        };
        let mut from = names.range(id.to_owned()..);
        let near = from.by_ref().take_while(|name| name.starts_with(id));
        let is_it = |name: &String| {
            let rest = &name[id.len()..];
            let version = rest.strip_prefix('-').unwrap_or_default();
            let is_archive = version.starts_with(|c: char| c.is_ascii_digit());
            rest.is_empty() || rest.starts_with('.') || (is_archive && rest.ends_with(".tgz"))
        };
        near.into_iter().any(is_it)
    }
}
