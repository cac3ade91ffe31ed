//! Services inside services. OSM looks for none of them, so that nobody else does.

use crate::common::Tree;
use crate::nbi::Nbi;
use crate::osm::{add_vnf, nsd, onboard, osm};

/// A service of this function, and of these services.
fn add(tree: &Tree, id: &str, services: &[&str]) {
    let list: Vec<String> = services
        .iter()
        .map(|s| format!("        - {s}\n"))
        .collect();
    let nested = format!(
        "      nested-nsd-id:\n{}      virtual-link-desc:",
        list.concat()
    );
    let text = nsd(id, &["v_vnf"]).replace("      virtual-link-desc:", &nested);
    tree.file(&format!("{id}/{id}_nsd.yaml"), text);
}

/// A service inside one whose id comes before its own.
fn tree() -> Tree {
    let tree = Tree::new();
    add_vnf(&tree, "v_vnf");
    tree.file("z_ns/z_ns_nsd.yaml", nsd("z_ns", &["v_vnf"]));
    add(&tree, "m_ns", &["z_ns"]);
    add(&tree, "a_ns", &["m_ns"]);
    tree
}

#[test]
fn what_is_inside_goes_first_and_is_removed_last() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["-p", "a_ns"]).code(0);
    let sent = ["vnfd v_vnf", "nsd z_ns", "nsd m_ns", "nsd a_ns"];
    assert_eq!(nbi.has(), sent.map(|one| format!("{one} ONBOARDED 1")));
    for ids in [&["z_ns"][..], &["m_ns", "z_ns"]] {
        let run = osm(&tree, &nbi, &[&["offboard"], ids].concat()).code(2);
        let inner = ids[0];
        run.says(&format!("needs the NSD `{inner}`; name it as well"));
        assert_eq!(nbi.has().len(), 4);
    }
    let all = ["offboard", "v_vnf", "z_ns", "a_ns", "m_ns"];
    let run = osm(&tree, &nbi, &all).code(0);
    let ids: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    assert_eq!(ids, ["a_ns", "m_ns", "z_ns", "v_vnf"], "{}", run.stdout);
}

#[test]
fn services_inside_each_other_are_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    add(&tree, "z_ns", &["a_ns"]);
    onboard(&tree, &nbi, &[])
        .code(0)
        .says("the NSDs `a_ns`, `m_ns` and `z_ns` are inside each other, and none of them can be instantiated");
    // Together they can go, and none of them alone.
    osm(&tree, &nbi, &["offboard", "m_ns"]).code(2);
    osm(&tree, &nbi, &["offboard", "m_ns", "a_ns", "z_ns"]).code(0);
}

#[test]
fn one_that_is_nowhere_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let run = onboard(&tree, &nbi, &["m_ns", "v_vnf", "--no-dependencies"]).code(0);
    run.says("needs the NSD `z_ns`, which is neither among the packages nor at");
    onboard(&tree, &nbi, &["z_ns"]).code(0);
    let run = onboard(&tree, &nbi, &["m_ns", "--no-dependencies"]).code(0);
    assert!(!run.stderr.contains("neither among"), "{}", run.stderr);
}
