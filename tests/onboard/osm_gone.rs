//! What OSM has, and how it goes away.

use serde_json::Value;

use crate::nbi::{Fault, Nbi};
use crate::osm::{onboard, osm, send_by_hand, tree};

const ALL: [&str; 4] = ["y_vnf", "z_vnf", "m_ns", "a_nst"];

#[test]
fn slices_services_and_functions_go_in_their_order() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &[]).code(0);
    nbi.take_log();
    let args = [&["offboard"][..], &ALL, &["--dry-run"]].concat();
    let run = osm(&tree, &nbi, &args).code(0);
    assert_eq!(run.stdout.matches("would be removed").count(), 4);
    assert_eq!(nbi.take_changes(), [""; 0]);
    let run = osm(&tree, &nbi, &[&["offboard"][..], &ALL].concat()).code(0);
    assert_eq!(
        nbi.take_changes(),
        [
            "DELETE nst/netslice_templates/KEY 204",
            "DELETE nsd/ns_descriptors/KEY 204",
            "DELETE vnfpkgm/vnf_packages/KEY 204",
            "DELETE vnfpkgm/vnf_packages/KEY 204",
        ]
    );
    run.says("Removed 4 packages, from `http://127.0.0.1:");
    osm(&tree, &nbi, &["offboard", "y_vnf", "z_vnf"])
        .code(3)
        .says("has nothing of the id `y_vnf`, `z_vnf`");
}

#[test]
fn what_is_needed_or_running_stays() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &[]).code(0);
    let before = nbi.has();
    osm(&tree, &nbi, &["offboard", "y_vnf", "m_ns"])
        .code(2)
        .says("nothing was removed: the NST `a_nst` needs the NSD `m_ns`; name it as well");
    osm(&tree, &nbi, &["offboard", "y_vnf"])
        .code(2)
        .says("the NSD `m_ns` needs the VNFD `y_vnf`");
    nbi.options(|options| options.in_use.push("a_nst".to_owned()));
    osm(&tree, &nbi, &["offboard", "a_nst"])
        .code(2)
        .says("an instance of the NST `a_nst` is running");
    assert_eq!(nbi.has(), before);
    nbi.options(|options| options.in_use.clear());
    let detail = "There is at least one NS instance using this descriptor".to_owned();
    nbi.fault("DELETE", "", 1, Fault::Refused(409, detail));
    let run = osm(&tree, &nbi, &["offboard", "y_vnf", "m_ns", "a_nst"]).code(2);
    assert!(run.stdout.contains("not removed"), "{}", run.stdout);
    run.says("an instance of it is running")
        .says("Removed 1 package, 2 not");
}

#[test]
fn a_removal_whose_answer_is_lost_is_one() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    nbi.fault("DELETE", "", 0, Fault::AnswerLost);
    osm(&tree, &nbi, &["offboard", "y_vnf"])
        .code(0)
        .says("Removed 1 package");
    assert_eq!(nbi.has(), [""; 0]);
}

#[test]
fn the_same_id_of_two_kinds_is_asked_for() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    crate::osm::add_ns(&tree, "y_vnf/service", &["y_vnf"]);
    tree.file("same/same_nsd.yaml", crate::osm::nsd("y_vnf", &["y_vnf"]));
    std::fs::remove_dir_all(tree.path("y_vnf/service")).expect("a folder");
    // The function is there, and a build of both would write one file.
    onboard(&tree, &nbi, &["same", "--no-dependencies"]).code(0);
    osm(&tree, &nbi, &["offboard", "y_vnf"])
        .code(2)
        .says("`y_vnf` is a VNFD and an NSD at OSM; `--kind` says which is meant");
    for command in ["status", "offboard"] {
        osm(&tree, &nbi, &[command, "z_vnf", "--kind", "ns"])
            .code(3)
            .says("nothing of the id `z_vnf` as an NSD, which `--kind` asks for");
    }
    osm(&tree, &nbi, &["offboard", "y_vnf", "--kind", "ns"]).code(0);
    assert_eq!(nbi.has().len(), 2);
}

#[test]
fn status_shows_what_there_is() {
    let (tree, nbi) = (tree(), Nbi::plain());
    osm(&tree, &nbi, &["status"])
        .code(0)
        .says("Found 0 packages at");
    onboard(&tree, &nbi, &["y_vnf", "z_vnf", "m_ns"]).code(0);
    nbi.options(|options| options.in_use.push("m_ns".to_owned()));
    let run = osm(&tree, &nbi, &["status"]).code(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].starts_with("VNF  y_vnf  1.0  ONBOARDED  ENABLED  NOT_IN_USE  5c0e"),
        "{lines:?}"
    );
    assert!(
        lines[2].starts_with("NS   m_ns   1.0  ONBOARDED  ENABLED  IN_USE "),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line.contains("sha256:")),
        "{lines:?}"
    );
    let one = osm(&tree, &nbi, &["status", "m_ns", "--message-format", "json"]).code(0);
    let line: Value = serde_json::from_str(one.stdout.trim()).expect("one line");
    for (key, value) in [
        ("reason", "package-status"),
        ("kind", "NS"),
        ("id", "m_ns"),
        ("version", "1.0"),
        ("onboardingState", "ONBOARDED"),
        ("operationalState", "ENABLED"),
        ("usageState", "IN_USE"),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    assert_eq!(line["revision"], 1);
    assert!(line["standing"].is_null());
    let kind = osm(&tree, &nbi, &["status", "--kind", "vnf"]).code(0);
    assert_eq!(kind.stdout.lines().count(), 2);
    osm(&tree, &nbi, &["status", "nowhere"]).code(3);
}

#[test]
fn status_compares_with_the_tree_and_leaves_nothing() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    std::fs::remove_dir_all(tree.path("target")).expect("outputs");
    tree.replace("z_vnf/z_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    let foreign = crate::osm::tree();
    foreign.replace("y_vnf/y_vnf_vnfd.yaml", "id: y_vnf", "id: x_vnf");
    onboard(&foreign, &nbi, &["y_vnf"]).code(0);
    let run = osm(&tree, &nbi, &["status", "--tree"]).code(0);
    let ends: Vec<(&str, &str)> = run
        .stdout
        .lines()
        .map(|line| (line.split_whitespace().nth(1).expect("an id"), line))
        .collect();
    let expected = [
        ("x_vnf", "not in the tree"),
        ("y_vnf", "up to date"),
        ("z_vnf", "differs"),
        ("m_ns", "absent"),
        ("a_nst", "absent"),
    ];
    assert_eq!(ends.len(), expected.len());
    for ((id, line), (wanted, end)) in ends.iter().zip(expected) {
        assert!(*id == wanted && line.ends_with(end), "{line}");
    }
    assert!(!tree.path("target").exists());
    assert_eq!(nbi.has().len(), 3);
    // Errors in the tree are told.
    tree.replace("z_vnf/z_vnf_vnfd.yaml", "example/tiny", "Example/Tiny");
    osm(&tree, &nbi, &["status", "--tree"])
        .code(1)
        .says("osm/chart-name");
}

#[test]
fn what_others_have_sent_has_no_digest_until_it_is_compared() {
    let (tree, nbi) = (tree(), Nbi::plain());
    tree.nfv(&["build"]).code(0);
    let package = std::fs::read(tree.path("target/nfv/packages/y_vnf-1.0.tar.gz"));
    send_by_hand(&nbi, &package.expect("a package"));
    let run = osm(&tree, &nbi, &["status"]).code(0);
    assert!(run.stdout.trim_end().ends_with("  -"), "{}", run.stdout);
    let run = osm(&tree, &nbi, &["status", "y_vnf", "--tree"]).code(0);
    assert!(
        run.stdout.trim_end().ends_with("up to date"),
        "{}",
        run.stdout
    );
    nbi.options(|options| options.keeps_files = false);
    let run = osm(&tree, &nbi, &["status", "y_vnf", "--tree"]).code(0);
    assert!(
        run.stdout.trim_end().ends_with("OSM does not tell"),
        "{}",
        run.stdout
    );
}

#[test]
fn status_says_by_its_exit_code_whether_osm_has_the_tree() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let args = ["status", "--tree", "--exit-code"];
    osm(&tree, &nbi, &args).code(1);
    onboard(&tree, &nbi, &[]).code(0);
    osm(&tree, &nbi, &args).code(0);
    tree.replace("y_vnf/y_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    osm(&tree, &nbi, &args).code(1);
    osm(&tree, &nbi, &["status", "--message-format", "sarif"])
        .code(2)
        .says("`human`, `short` and `json`");
}

#[test]
fn what_was_gone_before_is_told_apart() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    let gone = Fault::Refused(404, "Not found any vnfd with filter='_id: x'".to_owned());
    nbi.fault("DELETE", "", 0, gone);
    let run = osm(&tree, &nbi, &["offboard", "y_vnf", "z_vnf"]).code(0);
    assert!(run.stdout.contains("gone already"), "{}", run.stdout);
    run.says("Removed 1 package, 1 gone already, from");
}

#[test]
fn what_is_refused_is_called_by_its_id() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    let running = "There is at least one VNF instance using this descriptor".to_owned();
    nbi.fault("DELETE", "", 0, Fault::Refused(409, running));
    osm(&tree, &nbi, &["offboard", "y_vnf"])
        .code(2)
        .says("OSM refuses to remove the VNFD `y_vnf`: an instance of it is running");
}

/// An answer as OSM gives it to a removal, and nothing is removed.
#[test]
fn what_is_still_there_was_not_removed() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    for status in [200, 202, 204] {
        // It is asked for once more, and no more often.
        for _ in 0..2 {
            nbi.fault("DELETE", "", 0, Fault::Nothing(status));
        }
        let run = osm(&tree, &nbi, &["offboard", "y_vnf"]).code(2);
        run.says("and it is still there")
            .says("Removed 0 packages, 1 not");
        assert_eq!(nbi.has().len(), 1, "{status}");
    }
    nbi.take_log();
    nbi.fault("DELETE", "", 0, Fault::Nothing(204));
    let run = osm(&tree, &nbi, &["offboard", "y_vnf"]).code(0);
    run.says("Removed 1 package");
    let delete = "DELETE vnfpkgm/vnf_packages/KEY 204";
    assert_eq!(nbi.take_changes(), [delete, delete]);
    assert_eq!(nbi.has(), [""; 0]);
}

/// A page for logging in, or that of a proxy, comes with 200 and is no answer of OSM's.
#[test]
fn a_page_in_place_of_an_answer_removes_nothing() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    for (status, words) in [
        (200, "answers 200 OK, and it is still there"),
        (202, "answers 202 Accepted, and it is still there"),
        (200, "nobody can tell whether it is gone"),
    ] {
        nbi.fault("DELETE", "", 0, Fault::Status(status));
        if !words.starts_with("nobody") {
            nbi.fault("DELETE", "", 0, Fault::Status(status));
        }
        // The second look meets the same page, after three for what there is.
        if words.starts_with("nobody") {
            nbi.fault("GET", "", 3, Fault::Status(status));
        }
        let run = osm(&tree, &nbi, &["offboard", "y_vnf", "z_vnf"]).code(2);
        assert!(run.stdout.contains("not removed"), "{}", run.stdout);
        run.says("failed to remove the VNFD `y_vnf`")
            .says(words)
            .says("Removed 0 packages, 2 not");
        assert_eq!(nbi.has().len(), 2);
    }
    // It may be gone all the same.
    nbi.fault("DELETE", "", 0, Fault::StatusInstead(200));
    osm(&tree, &nbi, &["offboard", "y_vnf"]).code(0);
    assert_eq!(nbi.has().len(), 1);
}
