//! What arrives at OSM, in which order, and how often; and what is left behind.

use std::fs;

use crate::common::{Run, Tree, chart, run};
use crate::nbi::{Fault, Nbi, Options, PASSWORD, PROJECT, USER};
use crate::registry::Registry;
use crate::{digest, outcomes};

/// A service of these functions.
pub fn nsd(id: &str, functions: &[&str]) -> String {
    let ids: Vec<String> = functions
        .iter()
        .map(|f| format!("        - {f}\n"))
        .collect();
    let profile = |(i, f): (usize, &&str)| {
        format!(
            "            - id: '{}'\n              vnfd-id: {f}\n              \
             virtual-link-connectivity:\n                - virtual-link-profile-id: mgmtnet\n                  \
             constituent-cpd-id:\n                    - constituent-base-element-id: '{}'\n                      \
             constituent-cpd-id: mgmt-ext\n",
            i + 1,
            i + 1
        )
    };
    let profiles: Vec<String> = functions.iter().enumerate().map(profile).collect();
    format!(
        "nsd:\n  nsd:\n    - id: {id}\n      name: {id}\n      designer: Example Operator\n      \
         version: '1.0'\n      vnfd-id:\n{}      virtual-link-desc:\n        - id: mgmtnet\n          \
         mgmt-network: true\n      df:\n        - id: default-df\n          vnf-profile:\n{}",
        ids.concat(),
        profiles.concat()
    )
}

pub fn nst(id: &str, service: &str) -> String {
    format!(
        "nst:\n  - id: {id}\n    name: {id}\n    SNSSAI-identifier:\n      slice-service-type: eMBB\n    \
         netslice-subnet:\n      - id: subnet\n        nsd-ref: {service}\n        \
         is-shared-nss: 'false'\n        description: one\n"
    )
}

pub fn add_vnf(tree: &Tree, id: &str) {
    tree.file(&format!("{id}/{id}_vnfd.yaml"), crate::common::vnfd(id));
}

pub fn add_ns(tree: &Tree, id: &str, functions: &[&str]) {
    tree.file(&format!("{id}/{id}_nsd.yaml"), nsd(id, functions));
}

/// A slice of a service of two functions, whose names are in no order that would do.
pub fn tree() -> Tree {
    let tree = Tree::new();
    add_vnf(&tree, "y_vnf");
    add_vnf(&tree, "z_vnf");
    add_ns(&tree, "m_ns", &["z_vnf", "y_vnf"]);
    tree.file("a_nst/a_nst_nst.yaml", nst("a_nst", "m_ns"));
    tree
}

/// A command of the program that knows who it is at OSM.
pub fn osm(tree: &Tree, nbi: &Nbi, args: &[&str]) -> Run {
    let mut command = tree.command();
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.env("OSM_HOSTNAME", nbi.url());
    command.env("OSM_USER", USER).env("OSM_PROJECT", PROJECT);
    command.env("OSM_PASSWORD", PASSWORD).args(args);
    if !args.contains(&"--retries") {
        command.args(["--retries", "1"]);
    }
    let run = run(&mut command);
    for secret in [PASSWORD, "token-5c0e"] {
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!all.contains(secret), "{all}");
    }
    run
}

pub fn onboard(tree: &Tree, nbi: &Nbi, args: &[&str]) -> Run {
    osm(
        tree,
        nbi,
        &[&["onboard", "--osm", &nbi.url()], args].concat(),
    )
}

const ALL: [&str; 4] = [
    "vnfd y_vnf ONBOARDED 1",
    "vnfd z_vnf ONBOARDED 1",
    "nsd m_ns ONBOARDED 1",
    "nst a_nst ONBOARDED 1",
];

#[test]
fn functions_services_and_slices_go_in_their_order() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let run = onboard(&tree, &nbi, &[]).code(0);
    assert_eq!(nbi.has(), ALL);
    let log = nbi.take_log();
    let uploads: Vec<_> = log
        .iter()
        .filter(|one| one.path.ends_with("_content"))
        .collect();
    let paths: Vec<&str> = uploads.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/osm/vnfpkgm/v1/vnf_packages_content",
            "/osm/vnfpkgm/v1/vnf_packages_content",
            "/osm/nsd/v1/ns_descriptors_content",
            "/osm/nst/v1/netslice_templates_content",
        ]
    );
    let package = tree.path("target/nfv/packages/y_vnf-1.0.tar.gz");
    let headers = &uploads[0].headers;
    assert_eq!(headers["content-type"], "application/gzip");
    assert_eq!(headers["content-file-md5"].len(), 32);
    assert!(headers["digest"].starts_with("sha-384="));
    assert_eq!(
        headers["content-filename"],
        format!("y_vnf-sha256-{}.tar.gz", digest(&package))
    );
    assert_eq!(nbi.file("y_vnf"), Some(digest(&package)));
    let states = run
        .stdout
        .lines()
        .filter(|line| line.contains("  sent, as 5c0e1f2a-"));
    assert_eq!(states.count(), 4, "{}", run.stdout);
    assert!(run.stdout.starts_with("VNF  y_vnf 1.0"), "{}", run.stdout);
    run.says("Onboarded 4 new, 0 already there");
    // The address of OSM's client does as well.
    osm(&tree, &nbi, &["onboard"])
        .code(0)
        .says("0 new, 4 already there");
}

#[test]
fn the_same_again_changes_nothing() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &[]).code(0);
    nbi.take_log();
    for args in [&[][..], &["--update"], &["--two-steps"], &["--dry-run"]] {
        let run = onboard(&tree, &nbi, args).code(0);
        assert_eq!(nbi.take_changes(), [""; 0]);
        assert_eq!(run.stdout.matches("already there, as 5c0e").count(), 4);
    }
    assert_eq!(nbi.has(), ALL);
}

#[test]
fn twenty_packages_or_none() {
    let tree = Tree::in_memory();
    let nbi = Nbi::plain();
    let names: Vec<String> = (0..16).map(|i| format!("vnf_{i:02}")).collect();
    for name in &names {
        add_vnf(&tree, name);
    }
    for i in 0..3 {
        let functions: Vec<&str> = names[i * 5..i * 5 + 5].iter().map(String::as_str).collect();
        add_ns(&tree, &format!("ns_{i}"), &functions);
    }
    tree.file("slice/slice_nst.yaml", nst("slice", "ns_1"));
    // One was there before, and stays.
    onboard(&tree, &nbi, &["vnf_03"]).code(0);
    let before = nbi.has();
    nbi.take_log();
    let refused = "Error in pyangbind validation: List specified that did not exist";
    let fault = Fault::Refused(422, refused.to_owned());
    nbi.fault("POST", "/ns_descriptors_content", 1, fault);
    let run = onboard(&tree, &nbi, &[]).code(1);
    assert_eq!(nbi.has(), before);
    let changes = nbi.take_changes();
    let count = |text: &str| changes.iter().filter(|one| one.starts_with(text)).count();
    assert_eq!(count("POST vnfpkgm/vnf_packages_content 201"), 15);
    assert_eq!(count("POST nsd/ns_descriptors_content 201"), 1);
    assert_eq!(count("DELETE nsd/ns_descriptors/KEY 204"), 1);
    assert_eq!(count("DELETE vnfpkgm/vnf_packages/KEY 204"), 15);
    // Services go before their functions.
    let first = changes.iter().find(|one| one.starts_with("DELETE"));
    assert!(first.expect("a removal").contains("ns_descriptors"));
    assert_eq!(run.stdout.matches("removed again").count(), 16);
    assert_eq!(run.stdout.matches("failed").count(), 1);
    assert_eq!(run.stdout.matches("not sent").count(), 2);
    run.says("schema/other")
        .says("List specified")
        .says("1 already there");
    onboard(&tree, &nbi, &[])
        .code(0)
        .says("Onboarded 19 new, 1 already there");
    assert_eq!(nbi.has().len(), 20);
    nbi.take_log();
    onboard(&tree, &nbi, &[])
        .code(0)
        .says("0 new, 20 already there");
    assert_eq!(nbi.take_changes(), [""; 0]);
}

/// What can't be taken back is told with OSM's own words, and under which key it stays.
#[test]
fn what_osm_does_not_let_go_is_told() {
    let tree = tree();
    let in_use = "There is at least one NSD referencing this descriptor";
    for (fault, words) in [
        (
            Fault::Refused(409, in_use.to_owned()),
            format!("it answered 409 Conflict: {in_use}"),
        ),
        (
            Fault::Status(200),
            "answers 200 OK, and it is still there".to_owned(),
        ),
    ] {
        let nbi = Nbi::plain();
        nbi.fault(
            "POST",
            "/ns_descriptors_content",
            0,
            Fault::Refused(422, "no".to_owned()),
        );
        // A removal that is none is asked for once more.
        if matches!(fault, Fault::Status(_)) {
            nbi.fault("DELETE", "", 0, fault.clone());
        }
        nbi.fault("DELETE", "", 0, fault);
        let run = onboard(&tree, &nbi, &["m_ns"]).code(2);
        assert_eq!(nbi.has().len(), 1);
        let line = run.stdout.lines().find(|line| line.contains("left behind"));
        let line = line.expect("what is left behind");
        let (_, key) = line.rsplit_once(", as ").expect("its key");
        let (key, _) = key.split_once("; needed").expect("where it comes from");
        let key = key.to_owned();
        run.says(&words)
            .says(&format!("`cargo nfv offboard {key}` removes it"))
            .says("1 left behind");
    }
}

/// One removal that OSM only says to have done would hold all that is part of it.
#[test]
fn what_is_still_there_is_removed_once_more() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let no = Fault::Refused(422, "no".to_owned());
    nbi.fault("POST", "/netslice_templates_content", 0, no);
    nbi.fault("DELETE", "", 0, Fault::Nothing(204));
    let run = onboard(&tree, &nbi, &[]).code(2);
    assert_eq!(nbi.has(), [""; 0]);
    assert_eq!(run.stdout.matches("removed again").count(), 3);
    // An empty resource that stays is told.
    nbi.fault(
        "PUT",
        "/package_content",
        0,
        Fault::Refused(422, "no".to_owned()),
    );
    for _ in 0..2 {
        nbi.fault("DELETE", "", 0, Fault::Nothing(204));
    }
    onboard(&tree, &nbi, &["y_vnf", "--two-steps"])
        .code(2)
        .says("which was made for the VNFD `y_vnf`, could not be removed again")
        .says("and it is still there");
    assert_eq!(nbi.has(), ["vnfd - CREATED 0"]);
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"]);
}

#[test]
fn straight_from_a_registry_with_what_is_needed() {
    let (tree, nbi, registry) = (tree(), Nbi::plain(), Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    tree.nfv(&["publish", &edge]).code(0);
    let site = Tree::new();
    let slice = format!("{edge}/a_nst:latest");
    onboard(&site, &nbi, &[&slice, "--dry-run"])
        .code(0)
        .says("Would onboard 4 new");
    assert!(!site.path("nfv.lock").exists());
    assert_eq!(nbi.has(), [""; 0]);
    let json = onboard(&site, &nbi, &[&slice, "--message-format", "json"]).code(0);
    assert_eq!(nbi.has(), ALL);
    let lines = outcomes(&json);
    let ids: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["id"].as_str())
        .collect();
    assert_eq!(ids, ["y_vnf", "z_vnf", "m_ns", "a_nst"]);
    for line in &lines {
        assert_eq!(line["state"], "sent");
        assert_eq!(line["osm"], nbi.url());
        assert!(line["key"].as_str().is_some_and(|key| key.len() == 36));
    }
    assert_eq!(
        nbi.file("m_ns"),
        Some(digest(&tree.path("target/nfv/packages/m_ns-1.0.tar.gz")))
    );
    let lock = fs::read_to_string(site.path("nfv.lock")).expect("a lock file");
    assert_eq!(lock.matches("[[dependency]]").count(), 3, "{lock}");
    // What is pinned is what comes.
    let locked = [&slice, "--locked"];
    onboard(&site, &nbi, &locked)
        .code(0)
        .says("0 new, 4 already there");
    fs::remove_file(site.path("nfv.lock")).expect("the lock file");
    onboard(&site, &nbi, &locked).code(2).says("--locked");
}

#[test]
fn what_is_needed_may_be_at_osm_already() {
    let (tree, nbi, registry) = (tree(), Nbi::plain(), Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    tree.nfv(&["publish", &edge]).code(0);
    let service = format!("{edge}/m_ns:1.0");
    let alone = [&service, "--no-dependencies"];
    onboard(&Tree::new(), &nbi, &alone)
        .code(3)
        .says("needs the VNFD `z_vnf`, which is neither among the packages nor at")
        .says("needs the VNFD `y_vnf`");
    assert_eq!(nbi.take_changes(), [""; 0]);
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    onboard(&Tree::new(), &nbi, &alone).code(0).says("1 new");
    assert_eq!(nbi.has(), ALL[..3]);
}

/// Some registries refuse whoever is not logged in what they have never heard of.
#[test]
fn what_a_registry_does_not_let_us_see_may_be_elsewhere() {
    use crate::registry::Fault as Answer;

    let (tree, registry) = (tree(), Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    tree.nfv(&["publish", &edge]).code(0);
    let refuse = |path: &str, status| {
        registry.faults("GET", path, 0, usize::MAX, Answer::Status(status, None));
    };
    refuse("/edge/y_vnf/tags/list", 403);
    refuse("/edge/z_vnf/tags/list", 403);
    let service = format!("{edge}/m_ns:1.0");
    let both = format!(
        "or not for everybody to see; log in with `cargo nfv login {}`",
        registry.host()
    );
    Tree::new()
        .nfv(&["pull", &service, "--with-dependencies"])
        .code(4)
        .says(&both)
        .says("does not allow to ");
    // OSM may have it.
    let nbi = Nbi::plain();
    let run = onboard(&Tree::new(), &nbi, &[&service]).code(3);
    run.says("needs the VNFD `y_vnf`, which is neither among the packages nor at")
        .says("or not for everybody to see there (");
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    onboard(&Tree::new(), &nbi, &[&service]).code(0);
    // Or another registry.
    let (nbi, other) = (Nbi::plain(), Registry::plain());
    let other = format!("oci://{}/core", other.host());
    let run = onboard(&Tree::new(), &nbi, &[&service, "--registry", &edge]);
    run.code(4).says("2 dependencies are not in").says(&both);
    tree.nfv(&["publish", &other]).code(0);
    onboard(&Tree::new(), &nbi, &[&service, "--registry", &other]).code(0);
    assert_eq!(nbi.has(), ALL[..3]);
    // What is drawn and what may be missing goes on, and says so.
    let site = self::tree();
    fs::remove_dir_all(site.path("y_vnf")).expect("removed");
    let run = site.nfv(&["graph", "m_ns", "--registry", &edge]).code(0);
    assert!(run.stdout.contains("VNF y_vnf (missing)"), "{}", run.stdout);
    run.says("the VNF `y_vnf` is not in `");
    site.nfv(&["publish", &edge, "-p", "m_ns"])
        .code(4)
        .says(&both);
    let anyway = ["publish", &edge, "-p", "m_ns", "--allow-missing", "--force"];
    site.nfv(&anyway).code(0);
}

#[test]
fn a_part_of_the_tree_brings_what_it_needs_of_the_rest() {
    for part in [&["m_ns"][..], &["-p", "m_ns"], &["m_ns/m_ns_nsd.yaml"]] {
        let (tree, nbi) = (tree(), Nbi::plain());
        onboard(&tree, &nbi, part).code(0);
        assert_eq!(nbi.has(), ALL[..3], "{part:?}");
    }
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["m_ns", "--no-dependencies"])
        .code(3)
        .says("needs the VNFD `y_vnf`, which is neither among the packages nor at");
    // What is left out stays so.
    onboard(&tree, &nbi, &["m_ns", "--exclude", "y_vnf"]).code(3);
    assert_eq!(nbi.has(), [""; 0]);
}

#[test]
fn what_the_tree_has_not_comes_from_the_registry_that_is_named() {
    let (all, nbi, registry) = (tree(), Nbi::plain(), Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    all.nfv(&["publish", &edge, "-p", "z_vnf"]).code(0);
    let site = tree();
    fs::remove_dir_all(site.path("z_vnf")).expect("removed");
    onboard(&site, &nbi, &["m_ns"])
        .code(3)
        .says("needs the VNFD `z_vnf`");
    let from = ["m_ns", "--registry", edge.as_str()];
    onboard(&site, &nbi, &[&from[..], &["--dry-run"]].concat())
        .code(0)
        .says("Would onboard 3 new");
    assert!(!site.path("nfv.lock").exists());
    onboard(&site, &nbi, &from).code(0);
    assert_eq!(nbi.has(), ALL[..3]);
    let lock = fs::read_to_string(site.path("nfv.lock")).expect("a lock file");
    assert!(lock.contains("z_vnf") && !lock.contains("y_vnf"), "{lock}");
    // What is pinned stays, also where there is something newer.
    all.replace("z_vnf/z_vnf_vnfd.yaml", "version: '1.0'", "version: '2.0'");
    all.nfv(&["publish", &edge, "-p", "z_vnf"]).code(0);
    onboard(&site, &nbi, &[&from[..], &["--locked"]].concat())
        .code(0)
        .says("0 new, 3 already there");
    let nowhere = format!("oci://{}/other", registry.host());
    fs::remove_file(site.path("nfv.lock")).expect("the lock file");
    onboard(&site, &nbi, &["m_ns", "--registry", &nowhere])
        .code(3)
        .says("z_vnf");
}

/// OSM has read nothing else for years, and says so only when everything was sent.
#[test]
fn the_model_before_sol006_is_told_before_anything_goes() {
    let (tree, nbi) = (Tree::new(), Nbi::plain());
    tree.file("o_vnf/o_vnfd.yaml", crate::vnfd("o_vnf"));
    let words = "the VNFD `o_vnf` is written in the model before SOL006";
    onboard(&tree, &nbi, &["--dry-run"])
        .code(0)
        .says(words)
        .says("`cargo nfv migrate`");
    assert_eq!(nbi.take_changes(), [""; 0]);
}

#[test]
fn what_osm_takes_none_of_is_told() {
    let (tree, nbi) = (Tree::showcase(), Nbi::plain());
    let run = onboard(&tree, &nbi, &["--dry-run"]).code(0);
    run.says("HDAG `edge-graph 1.0.0`")
        .says("SHIELD NS `edge_ns 1.0`: OSM takes VNFs, NSs and NSTs");
}

#[test]
fn a_user_of_a_registry_is_none_of_osm() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["-u", "admin"])
        .code(2)
        .says("who asks OSM is said with `--user`");
    assert!(nbi.take_log().is_empty());
}

#[test]
fn charts_stay_where_they_are() {
    let (tree, nbi, registry) = (Tree::new(), Nbi::plain(), Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    tree.file("tiny/Chart.yaml", chart("tiny"));
    tree.nfv(&["publish", &edge]).code(0);
    let vnfd = crate::common::vnfd("k_vnf").replace("example/tiny", &format!("{edge}/tiny"));
    tree.file("k_vnf/k_vnf_vnfd.yaml", vnfd);
    tree.nfv(&["publish", &edge]).code(0);
    registry.take_log();
    onboard(&Tree::new(), &nbi, &[&format!("{edge}/k_vnf:1.0")]).code(0);
    assert_eq!(nbi.has(), ["vnfd k_vnf ONBOARDED 1"]);
    let log = registry.take_log();
    assert!(
        log.iter().all(|one| !one.path.contains("/tiny/")),
        "{log:?}"
    );
}

#[test]
fn something_else_under_an_id_is_refused_or_updated() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &[]).code(0);
    nbi.take_log();
    tree.replace("y_vnf/y_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    let run = onboard(&tree, &nbi, &[]).code(5);
    assert_eq!(nbi.take_changes(), [""; 0]);
    run.says("another package of the VNFD `y_vnf` (version 1.0, sha256:")
        .says("`--update` puts what is here in its place");
    onboard(&tree, &nbi, &["--update", "--dry-run"])
        .code(0)
        .says("Would onboard 0 new, 1 updated, 3 already there");
    assert_eq!(nbi.take_changes(), [""; 0]);
    let run = onboard(&tree, &nbi, &["--update"]).code(0);
    assert!(run.stdout.contains("updated, as 5c0e"), "{}", run.stdout);
    assert_eq!(
        nbi.take_changes(),
        ["PUT vnfpkgm/vnf_packages/KEY/package_content 204"]
    );
    assert_eq!(nbi.has()[0], "vnfd y_vnf ONBOARDED 2");
    onboard(&tree, &nbi, &["--update"])
        .code(0)
        .says("4 already there");
    assert_eq!(nbi.take_changes(), [""; 0]);
    // What runs may not change as it likes.
    nbi.options(|options| options.in_use.push("y_vnf".to_owned()));
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "product-name: y_vnf",
        "product-name: other",
    );
    // Nor may its file be called otherwise.
    let file = |name: &str| tree.path(&format!("y_vnf/{name}.yaml"));
    fs::rename(file("y_vnf_vnfd"), file("other_vnfd")).expect("renamed");
    onboard(&tree, &nbi, &["--update", "--dry-run"])
        .code(0)
        .says("the VNFD `y_vnf`: OSM fails at it for one that is in use, whatever has changed")
        .says("it looks for `y_vnf/other_vnfd.yaml` in the old");
    fs::rename(file("other_vnfd"), file("y_vnf_vnfd")).expect("renamed");
    let foreseen =
        "the VNFD `y_vnf`: OSM refuses it for one that is in use, because of `product-name`";
    onboard(&tree, &nbi, &["--update", "--dry-run"])
        .code(0)
        .says(foreseen);
    onboard(&tree, &nbi, &["--update"])
        .code(2)
        .says("it is in use, and more has changed than OSM lets change then")
        .says("['product-name'] cannot be modified")
        .says("change `software-version` too");
    assert_eq!(nbi.has()[0], "vnfd y_vnf ONBOARDED 2");
    // Where nothing has another value the NBI falls over its own answer.
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "product-name: other",
        "product-name: y_vnf\n  description: new",
    );
    let run = onboard(&tree, &nbi, &["--update"])
        .code(2)
        .says("it is in use, and more has changed than OSM lets change then")
        .says("OSM refuses it for one that is in use, because of `description`");
    assert!(!run.stderr.contains("null-item"), "{}", run.stderr);
    // Without the file there is nothing to compare with.
    nbi.options(|options| options.keeps_files = false);
    let run = onboard(&tree, &nbi, &["--update", "--dry-run"]).code(0);
    assert!(!run.stderr.contains("OSM refuses"), "{}", run.stderr);
    nbi.options(|options| options.keeps_files = true);
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "  version:",
        "  software-version: '2'\n  version:",
    );
    onboard(&tree, &nbi, &["--update"]).code(0);
    assert_eq!(nbi.has()[0], "vnfd y_vnf ONBOARDED 3");
}

#[test]
fn what_was_there_before_is_never_removed() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    tree.replace("y_vnf/y_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    nbi.fault(
        "POST",
        "/ns_descriptors_content",
        0,
        Fault::Refused(409, "no".to_owned()),
    );
    onboard(&tree, &nbi, &["--update"])
        .code(2)
        .says("the VNFD `y_vnf` stays updated");
    assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 2"]);
}

#[test]
fn what_others_have_sent_is_compared_by_its_bytes() {
    let (tree, nbi) = (tree(), Nbi::plain());
    tree.nfv(&["build"]).code(0);
    let package = tree.path("target/nfv/packages/y_vnf-1.0.tar.gz");
    send_by_hand(&nbi, &fs::read(&package).expect("a package"));
    let run = onboard(&tree, &nbi, &["y_vnf"]).code(0);
    run.says("0 new, 1 already there");
    // Some keep no files. Then nobody can tell, unless the version is another.
    nbi.options(|options| options.keeps_files = false);
    onboard(&tree, &nbi, &["y_vnf"])
        .code(0)
        .says("neither says the digest of what it has nor gives it back")
        .says("0 new, 1 already there");
    tree.replace("y_vnf/y_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    onboard(&tree, &nbi, &["y_vnf"])
        .code(5)
        .says("of an unknown digest");
    onboard(&tree, &nbi, &["y_vnf", "--update"])
        .code(0)
        .says("1 updated");
    onboard(&tree, &nbi, &["y_vnf", "--update"])
        .code(0)
        .says("1 already there");
}

/// As OSM's client does it, without a digest in the name.
pub fn send_by_hand(nbi: &Nbi, package: &[u8]) {
    let (status, token) = request(
        nbi,
        "POST",
        "/admin/v1/tokens",
        &[("Content-Type", "application/json")],
        format!(
            "{{\"username\":\"{USER}\",\"password\":\"{PASSWORD}\",\"project_id\":\"{PROJECT}\"}}"
        )
        .as_bytes(),
    );
    assert_eq!(status, 200);
    let token: serde_json::Value = serde_json::from_str(&token).expect("JSON");
    let bearer = format!("Bearer {}", token["id"].as_str().expect("a token"));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/gzip"),
        ("Content-Filename", "y_vnf.tar.gz"),
    ];
    let (status, _) = request(
        nbi,
        "POST",
        "/vnfpkgm/v1/vnf_packages_content",
        &headers,
        package,
    );
    assert_eq!(status, 201);
}

/// A request as a program by hand makes it.
pub fn request(
    nbi: &Nbi,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    use std::io::{Read, Write};
    let url = nbi.url();
    let host = url.trim_start_matches("http://").trim_end_matches("/osm");
    let mut stream = std::net::TcpStream::connect(host).expect("a connection");
    let mut head = format!("{method} /osm{path} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(body).expect("sent");
    stream.shutdown(std::net::Shutdown::Write).expect("the end");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status.expect("a status"), body.to_owned())
}

#[test]
fn a_package_is_waited_for() {
    let (tree, nbi) = (
        tree(),
        Nbi::start(Options {
            looks: 2,
            ..Options::default()
        }),
    );
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    let looks = nbi.take_log();
    let looks = looks
        .iter()
        .filter(|one| one.path.contains("/vnf_packages/5c0e"));
    assert_eq!(looks.count(), 3);
    nbi.options(|options| options.looks = 1000);
    onboard(&tree, &nbi, &["z_vnf", "--wait-timeout", "1"])
        .code(6)
        .says("is still PROCESSING, DISABLED")
        .says("`--wait-timeout`");
    assert_eq!(nbi.has(), ALL[..1]);
    onboard(&tree, &nbi, &["z_vnf", "--wait-timeout", "0"]).code(0);
    assert_eq!(nbi.has(), ALL[..2]);
}

#[test]
fn a_zip_goes_as_a_zip() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let csar = "release-date = '2026-01-31T00:00:00Z'\nvnfm-info = ['etsivnfm:v2.7.1']\n";
    let settings =
        format!("[csar]\nsoftware-version = '1'\n{csar}\n[packages.y_vnf]\nlayout = 'csar'\n");
    tree.file("nfv.toml", settings);
    tree.file("y_vnf/ChangeLog.txt", "1.0: made\n");
    tree.file("y_vnf/Licenses/LICENSE", "none\n");
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    let log = nbi.take_log();
    let upload = log
        .iter()
        .find(|one| one.path.ends_with("_content"))
        .expect("an upload");
    assert_eq!(upload.headers["content-type"], "application/zip");
    assert!(upload.headers["content-filename"].ends_with(".zip"));
}

/// An empty variable in a script is not the whole tree.
#[test]
fn an_empty_name_names_nothing() {
    let (tree, nbi) = (tree(), Nbi::plain());
    for command in ["onboard", "status", "offboard"] {
        osm(&tree, &nbi, &[command, ""])
            .code(2)
            .says("a value is required for '");
    }
    assert_eq!(nbi.take_log().len(), 0);
}

/// The line of a package: all that stands behind its digest.
fn state<'a>(run: &'a Run, id: &str) -> &'a str {
    let mut lines = run.stdout.lines();
    let line = lines.find(|line| line.split_whitespace().nth(1) == Some(id));
    let line = line.unwrap_or_else(|| panic!("no line of {id}: {}", run.stdout));
    let (_, rest) = line.split_once("sha256:").expect("a digest");
    rest[64..].trim()
}

#[test]
fn where_what_is_needed_comes_from_is_told() {
    let (tree, nbi, registry) = (tree(), Nbi::plain(), Registry::plain());
    let edge = format!("{}/edge", registry.host());
    let place = format!("oci://{edge}");
    tree.nfv(&["publish", &place]).code(0);
    let run = onboard(&tree, &nbi, &["m_ns", "--dry-run"]).code(0);
    assert_eq!(state(&run, "m_ns"), "would be sent");
    assert_eq!(state(&run, "y_vnf"), "would be sent; needed, from the tree");
    // From a registry, and then as the lock file says.
    let site = self::tree();
    fs::remove_dir_all(site.path("z_vnf")).expect("removed");
    let from = ["m_ns", "--registry", place.as_str()];
    for (state_, pinned) in [("sent, as ", ""), ("already there, as ", ", by `nfv.lock`")] {
        let run = onboard(&site, &nbi, &from).code(0);
        let z = state(&run, "z_vnf");
        assert!(z.starts_with(state_), "{z}");
        assert!(
            z.ends_with(&format!("; needed, from {edge}/z_vnf:1.0{pinned}")),
            "{z}"
        );
        assert!(state(&run, "y_vnf").ends_with("; needed, from the tree"));
    }
    let run = onboard(
        &site,
        &nbi,
        &[&from[..], &["--message-format", "json"]].concat(),
    )
    .code(0);
    let origins: Vec<String> = outcomes(&run)
        .iter()
        .map(|one| one["origin"].to_string())
        .collect();
    assert_eq!(
        origins,
        [
            r#"{"source":"tree"}"#.to_owned(),
            format!(r#"{{"pinned":true,"reference":"{edge}/z_vnf:1.0","source":"registry"}}"#),
            "null".to_owned(),
        ]
    );
}

/// A name in the layout of the tree is a reference like others.
#[test]
fn a_name_in_the_layout_brings_what_is_needed() {
    let (tree, nbi) = (tree(), Nbi::plain());
    tree.nfv(&["publish"]).code(0);
    let run = onboard(&tree, &nbi, &["m_ns:1.0", "--dry-run"]).code(0);
    assert_eq!(
        state(&run, "y_vnf"),
        "would be sent; needed, from target/nfv/oci:y_vnf:1.0"
    );
    // What lies there goes, and not what the sources say by now.
    let built = digest(&tree.path("target/nfv/packages/y_vnf-1.0.tar.gz"));
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "product-name: y_vnf",
        "product-name: other",
    );
    onboard(&tree, &nbi, &["a_nst:latest"])
        .code(0)
        .says("4 new");
    assert_eq!(nbi.has(), ALL);
    assert_eq!(nbi.file("y_vnf"), Some(built));
    assert!(!tree.path("nfv.lock").exists());
    // Alone, or with what the layout has not.
    let nbi = Nbi::plain();
    onboard(&tree, &nbi, &["m_ns:1.0", "--no-dependencies"])
        .code(3)
        .says("needs the VNFD `y_vnf`");
    let site = Tree::new();
    add_ns(&site, "m_ns", &["z_vnf", "y_vnf"]);
    site.nfv(&["publish", "--allow-missing"]).code(0);
    onboard(&site, &nbi, &["m_ns:1.0"])
        .code(3)
        .says("nor in `target/nfv/oci`");
    let registry = Registry::plain();
    let edge = format!("oci://{}/edge", registry.host());
    tree.nfv(&["publish", &edge]).code(0);
    onboard(&site, &nbi, &["m_ns:1.0", "--registry", &edge]).code(0);
    assert_eq!(nbi.has(), ALL[..3]);
}
