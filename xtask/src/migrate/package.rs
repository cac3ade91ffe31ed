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
    let stem = stem(name);
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

/// What a descriptor without a folder is called that was called `name` and stays in its folder,
/// `is_beside` the old one or not. What the name says of the kind stays its end; of a VNFD and an NSD,
/// of which OSM's client asks for it, that is added where it is not there.
pub fn loose_name(name: &str, kind: Kind, is_beside: bool) -> String {
    let stem = stem(name);
    let own = match kind {
        Kind::Vnf => "vnfd",
        Kind::Ns => "nsd",
        _ => "nst",
    };
    // `knfd` says it as well.
    let end = own.strip_prefix('v').unwrap_or(own);
    let (before, word) = match stem.rfind(['_', '-', '.']) {
        Some(at) => (&stem[..at], &stem[at + 1..]),
        None => ("", stem),
    };
    match (word.ends_with(end), is_beside) {
        (true, false) => format!("{stem}.yaml"),
        (true, true) if before.is_empty() => format!("sol006_{word}.yaml"),
        (true, true) => format!("{before}-sol006_{word}.yaml"),
        (false, true) if kind == Kind::Nst => format!("{stem}-sol006.yaml"),
        (false, false) if kind == Kind::Nst => format!("{stem}.yaml"),
        (false, true) => format!("{stem}-sol006_{own}.yaml"),
        (false, false) => format!("{stem}_{own}.yaml"),
    }
}

fn stem(name: &str) -> &str {
    let mut ends = [".yaml", ".yml", ".json"].iter();
    ends.find_map(|end| name.strip_suffix(end)).unwrap_or(name)
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
    fn names_of_loose_descriptors() {
        for (name, kind, beside, alone) in [
            (
                "a_vnfd.yaml",
                Kind::Vnf,
                "a-sol006_vnfd.yaml",
                "a_vnfd.yaml",
            ),
            (
                "a.b-nsd.yml",
                Kind::Ns,
                "a.b-sol006_nsd.yaml",
                "a.b-nsd.yaml",
            ),
            ("vnfd.yaml", Kind::Vnf, "sol006_vnfd.yaml", "vnfd.yaml"),
            ("fw.json", Kind::Vnf, "fw-sol006_vnfd.yaml", "fw_vnfd.yaml"),
            (
                "a_vnfd.yaml",
                Kind::Ns,
                "a_vnfd-sol006_nsd.yaml",
                "a_vnfd_nsd.yaml",
            ),
            ("s_nst.yaml", Kind::Nst, "s-sol006_nst.yaml", "s_nst.yaml"),
            ("slice.yaml", Kind::Nst, "slice-sol006.yaml", "slice.yaml"),
        ] {
            assert_eq!(loose_name(name, kind, true), beside);
            assert_eq!(loose_name(name, kind, false), alone);
        }
    }

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
