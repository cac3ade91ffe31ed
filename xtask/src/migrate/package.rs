//! The names of files in a package of the new model, and its `checksums.txt`.

use crate::descriptor::Kind;
use crate::package::safe_name;

/// The list of digests in a package of OSM's.
pub const CHECKSUMS: &str = "checksums.txt";

/// What a descriptor is called that was called `name`.
///
/// OSM's client builds a package from SOL006 only where the descriptor's name ends
/// with `nfd.yaml` or `nsd.yaml`; OSM reads no JSON.
pub fn descriptor_name(name: &str, kind: Kind, id: &str) -> String {
    let stem = [".yaml", ".yml", ".json"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let fits = match kind {
        Kind::Vnf => stem.ends_with("nfd"),
        Kind::Ns => stem.ends_with("nsd"),
        _ => true,
    };
    match (fits, kind) {
        (true, _) => format!("{stem}.yaml"),
        (false, Kind::Vnf) => format!("{}_vnfd.yaml", safe_name(id)),
        (false, _) => format!("{}_nsd.yaml", safe_name(id)),
    }
}

/// The list for these files (path below the package's folder `top`, MD5), in their
/// order and as OSM's client writes it: sum, tab, path with the folder.
pub fn checksums<'a>(top: &str, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let lines = files.into_iter();
    lines
        .map(|(path, md5)| format!("{md5}\t{top}/{path}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_osm_takes_stays() {
        for (name, kind, want) in [
            ("a_vnfd.yaml", Kind::Vnf, "a_vnfd.yaml"),
            ("vnfd.yml", Kind::Vnf, "vnfd.yaml"),
            ("a_knfd.json", Kind::Vnf, "a_knfd.yaml"),
            ("a.yaml", Kind::Vnf, "own_vnfd.yaml"),
            ("a_ns.yaml", Kind::Ns, "own_nsd.yaml"),
            ("a_nsd.yaml", Kind::Ns, "a_nsd.yaml"),
            ("a_slice.yaml", Kind::Nst, "a_slice.yaml"),
        ] {
            assert_eq!(descriptor_name(name, kind, "own"), want, "{name}");
        }
    }
}
