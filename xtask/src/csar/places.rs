//! Where the files of an OSM package go in a CSAR.

use super::{CHANGE_LOG, LICENSES};

/// Folders of an OSM package, and where OSM looks for them in a zip: it takes
/// charms, cloud-init files and charts from `Scripts/` there.
const MOVED: [(&str, &str); 9] = [
    ("charms", "Scripts/charms"),
    ("cloud_init", "Scripts/cloud_init"),
    ("helm-charts", "Scripts/helm-charts"),
    ("helm-chart-v3s", "Scripts/helm-chart-v3s"),
    ("juju-bundles", "Scripts/juju-bundles"),
    ("scripts", "Scripts/scripts"),
    ("icons", "Files/icons"),
    ("images", "Files/images"),
    ("tests", "Tests"),
];

/// Folders that are in their place already.
const KEPT: [&str; 5] = ["Scripts", "Files", "Licenses", "Tests", "Artifacts"];

/// Where a file of an OSM package goes; nowhere for `checksums.txt`, whose
/// place the manifest takes, and for an old manifest.
pub fn place(path: &str) -> Option<String> {
    if path == "checksums.txt" {
        return None;
    }
    let Some((folder, rest)) = path.split_once('/') else {
        let upper = path.to_ascii_uppercase();
        let is_license = ["LICENSE", "LICENCE", "COPYING", "NOTICE"]
            .iter()
            .any(|word| upper.starts_with(word));
        return Some(match path {
            CHANGE_LOG => path.to_owned(),
            _ if is_license => format!("{}/{path}", LICENSES),
            _ => format!("Files/{path}"),
        });
    };
    if KEPT.contains(&folder) {
        return Some(path.to_owned());
    }
    let moved = MOVED.iter().find(|(from, _)| *from == folder);
    Some(match moved {
        Some((_, to)) => format!("{to}/{rest}"),
        None => format!("Files/{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_osm_have_places_in_a_csar() {
        let at = |path| place(path).unwrap_or_default();
        assert_eq!(at("cloud_init/a.cfg"), "Scripts/cloud_init/a.cfg");
        assert_eq!(
            at("charms/ops/x/hooks/install"),
            "Scripts/charms/ops/x/hooks/install"
        );
        assert_eq!(at("icons/a.png"), "Files/icons/a.png");
        assert_eq!(at("Scripts/cloud_init/a"), "Scripts/cloud_init/a");
        assert_eq!(at("LICENSE"), "Licenses/LICENSE");
        assert_eq!(at("ChangeLog.txt"), "ChangeLog.txt");
        assert_eq!(at("README.md"), "Files/README.md");
        assert_eq!(at("values.yaml"), "Files/values.yaml");
        assert_eq!(at("docs/a.md"), "Files/docs/a.md");
        assert_eq!(place("checksums.txt"), None);
    }
}
