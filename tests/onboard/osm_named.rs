//! What is named beside what it is needed for.

use std::fs;

use crate::common::Tree;
use crate::nbi::Nbi;
use crate::osm::{onboard, tree};
use crate::registry::Registry;
use crate::{digest, outcomes};

/// A registry with two versions of `z_vnf`, and the package of the older one.
fn two_versions() -> (Tree, Registry, String) {
    let (tree, registry) = (tree(), Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    tree.nfv(&["publish", &edge]).code(0);
    let old = tree.path("target/nfv/packages/z_vnf-1.0.tar.gz");
    fs::copy(old, tree.path("old.tar.gz")).expect("a package");
    tree.replace("z_vnf/z_vnf_vnfd.yaml", "version: '1.0'", "version: '1.5'");
    tree.nfv(&["publish", &edge, "-p", "z_vnf"]).code(0);
    (tree, registry, edge)
}

#[test]
fn what_is_named_settles_what_is_needed() {
    let (tree, _registry, edge) = two_versions();
    let old = digest(&tree.path("old.tar.gz"));
    let file = tree.path("old.tar.gz").display().to_string();
    let service = format!("{edge}/m_ns:1.0");
    for named in [format!("{edge}/z_vnf:1.0"), file] {
        for names in [[&named, &service], [&service, &named]] {
            let (site, nbi) = (Tree::new(), Nbi::plain());
            onboard(&site, &nbi, &names.map(String::as_str)).code(0);
            assert_eq!(nbi.has().len(), 3);
            assert_eq!(nbi.file("z_vnf").as_ref(), Some(&old));
            let lock = fs::read_to_string(site.path("nfv.lock")).expect("a lock file");
            assert!(lock.contains("y_vnf") && !lock.contains("z_vnf"), "{lock}");
        }
    }
    // Of what is named together, each brings what it needs.
    let nbi = Nbi::plain();
    onboard(&tree, &nbi, &["y_vnf", "m_ns"]).code(0);
    assert_eq!(nbi.has().len(), 3);
    // And so do sources.
    let (site, nbi) = (Tree::new(), Nbi::plain());
    crate::osm::add_vnf(&site, "z_vnf");
    onboard(&site, &nbi, &["z_vnf", &service]).code(0);
    assert_eq!(nbi.has().len(), 3);
}

#[test]
fn what_osm_has_and_only_a_service_asks_for_is_told_as_that() {
    let (tree, _registry, edge) = two_versions();
    let nbi = Nbi::plain();
    onboard(&tree, &nbi, &["old.tar.gz"]).code(0);
    let service = format!("{edge}/m_ns:1.0");
    let run = onboard(&Tree::new(), &nbi, &[&service]).code(5);
    run.says("another package of the VNFD `z_vnf`")
        .says("`z_vnf` comes as a dependency alone; with `--no-dependencies` what OSM has stays");
    // What is named does not.
    let named = format!("{edge}/z_vnf:1.5");
    let run = onboard(&Tree::new(), &nbi, &[&named]).code(5);
    assert!(!run.stderr.contains("--no-dependencies"), "{}", run.stderr);
}

#[test]
fn what_is_not_beside_a_reference_is_looked_for_elsewhere() {
    let (tree, nbi, registry) = (tree(), Nbi::plain(), Registry::plain());
    let place = |name: &str| format!("oci://{}/{name}", registry.host());
    tree.nfv(&["publish", &place("edge"), "-p", "z_vnf", "-p", "y_vnf"])
        .code(0);
    tree.nfv(&["publish", &place("edge"), "-p", "m_ns"]).code(0);
    let copy = [
        format!("{}/m_ns:1.0", place("edge")),
        format!("{}/m_ns:1.0", place("alone")),
    ];
    tree.nfv(&["copy", &copy[0], &copy[1]]).code(0);
    let service = format!("{}/m_ns:1.0", place("alone"));
    onboard(&Tree::new(), &nbi, &[&service])
        .code(3)
        .says("needs the VNFD `z_vnf`, which is neither among the packages nor at")
        .says("`--registry`");
    assert_eq!(nbi.has(), [""; 0]);
    // At the registry that is named.
    let edge = place("edge");
    let args = [
        service.as_str(),
        "--registry",
        edge.as_str(),
        "--message-format",
        "json",
    ];
    let run = onboard(&Tree::new(), &nbi, &[&args[..], &["--dry-run"]].concat()).code(0);
    assert_eq!(outcomes(&run).len(), 3);
    // At OSM.
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    onboard(&Tree::new(), &nbi, &[&service])
        .code(0)
        .says("1 new");
    assert_eq!(nbi.has().len(), 3);
}

#[test]
fn flags_without_effect_are_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    tree.file("nfv.toml", "[placeholders.registry]\ndefault = 'a'\n");
    onboard(&tree, &nbi, &["-p", "y_vnf", "--exclude", "y_vnf"])
        .code(2)
        .says("`-p` and `--exclude` both name `y_vnf`");
    let words = "`--set` fills in sources, and none is named";
    let set = ["--set", "registry=b", "--dry-run"];
    let run = onboard(&tree, &nbi, &[&["y_vnf"][..], &set].concat()).code(0);
    assert!(!run.stderr.contains(words), "{}", run.stderr);
    tree.nfv(&["build"]).code(0);
    let finished = "target/nfv/packages/y_vnf-1.0.tar.gz";
    onboard(&tree, &nbi, &[&[finished][..], &set].concat())
        .code(0)
        .says(words);
}
