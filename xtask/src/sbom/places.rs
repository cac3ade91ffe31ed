//! Where things lie in a package, found once for all questions.

use std::collections::BTreeMap;

use crate::source::{Layout, Package};

/// The folders of a package that OSM looks into.
pub struct Places<'a> {
    /// Files by their path below the folder that OSM takes for the package.
    pub files: BTreeMap<String, &'a str>,
    /// The texts that are at hand, by path in the archive.
    pub texts: BTreeMap<&'a str, &'a str>,
}

impl<'a> Places<'a> {
    /// Looks through the files of `package`.
    pub fn of(package: &'a Package) -> Self {
        let texts = package.texts.iter();
        let mut places = Places {
            files: BTreeMap::new(),
            texts: texts
                .map(|(path, text)| (path.as_str(), text.text()))
                .collect(),
        };
        for file in &package.files {
            let path = file.path.as_str();
            let below = match package.layout {
                Layout::Csar => {
                    let tops = ["Scripts/", "Files/"];
                    tops.iter().find_map(|top| path.strip_prefix(top))
                }
                _ => path.strip_prefix(package.root()),
            };
            let below = below.unwrap_or(path);
            places.files.insert(below.to_owned(), path);
        }
        places
    }
}
