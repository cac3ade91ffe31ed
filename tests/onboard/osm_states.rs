//! Packages that OSM has not finished with, and answers that leave open whether it has them.

use std::time::{Duration, Instant};

use crate::nbi::{Fault, Nbi, Options};
use crate::osm::{onboard, osm, tree};

const POST: &str = "/vnf_packages_content";
const THERE: [&str; 1] = ["vnfd y_vnf ONBOARDED 1"];

#[test]
fn the_same_package_that_is_not_finished_yet_is_waited_for() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.options(|options| options.looks = 4);
    onboard(&tree, &nbi, &["y_vnf", "--wait-timeout", "0"]).code(0);
    nbi.take_log();
    onboard(&tree, &nbi, &["y_vnf", "--dry-run"])
        .code(0)
        .says("the VNFD `y_vnf` is at OSM and PROCESSING");
    let run = onboard(&tree, &nbi, &["y_vnf"]).code(0);
    assert!(
        run.stdout.contains("already there, as 5c0e"),
        "{}",
        run.stdout
    );
    assert_eq!(nbi.take_changes(), [""; 0]);
    // In vain, and it stays.
    nbi.options(|options| options.looks = 1000);
    onboard(&tree, &nbi, &["z_vnf", "--wait-timeout", "0"]).code(0);
    onboard(&tree, &nbi, &["z_vnf", "--wait-timeout", "1"])
        .code(6)
        .says("`z_vnf`, and after 1 second it is still PROCESSING");
    // The time that passes is the one that was asked for.
    let start = Instant::now();
    onboard(&tree, &nbi, &["z_vnf", "--wait-timeout", "2"])
        .code(6)
        .says("`z_vnf`, and after 2 seconds it is still PROCESSING");
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(nbi.has().len(), 2);
}

#[test]
fn what_osm_fails_with_is_not_waited_for() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.options(|options| options.fails_with.push("z_vnf".to_owned()));
    let start = Instant::now();
    let run = onboard(&tree, &nbi, &[]).code(2);
    assert!(!run.stderr.contains("--wait-timeout"), "{}", run.stderr);
    run.says("OSM has taken `z_vnf` and failed with it: it is ERROR");
    assert!(start.elapsed() < Duration::from_secs(60));
    assert_eq!(nbi.has(), [""; 0]);
    // One that was left so is not taken for another one, and can be sent again.
    onboard(&tree, &nbi, &["z_vnf", "--wait-timeout", "0"]).code(0);
    let run = onboard(&tree, &nbi, &["z_vnf"]).code(5);
    run.says("the same package of the VNFD `z_vnf`, with which it has failed (ERROR");
    nbi.options(|options| options.fails_with.clear());
    onboard(&tree, &nbi, &["z_vnf", "--update"]).code(0);
    assert_eq!(nbi.has(), ["vnfd z_vnf ONBOARDED 2"]);
}

#[test]
fn an_answer_that_is_none_of_osm_does_not_hide_what_it_has() {
    let tree = tree();
    for fault in [200, 204, 302, 404].map(Fault::StatusInstead) {
        let nbi = Nbi::plain();
        nbi.fault("POST", POST, 0, fault.clone());
        let run = onboard(&tree, &nbi, &["y_vnf"]).code(0);
        assert!(
            run.stdout.contains("sent, and found there, as 5c0e"),
            "{fault:?}"
        );
        assert_eq!(nbi.has(), THERE, "{fault:?}");
        // An update is known by its revision.
        if !matches!(fault, Fault::StatusInstead(204)) {
            tree.replace(
                "y_vnf/y_vnf_vnfd.yaml",
                "product-name: y_vnf",
                "product-name: other",
            );
            nbi.fault("PUT", "/package_content", 0, fault.clone());
            onboard(&tree, &nbi, &["y_vnf", "--update"]).code(0);
            assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 2"], "{fault:?}");
            tree.replace(
                "y_vnf/y_vnf_vnfd.yaml",
                "product-name: other",
                "product-name: y_vnf",
            );
        }
    }
}

/// A success that OSM tells of and that has not come about is no update.
#[test]
fn an_update_is_looked_at_whatever_the_answer_says() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    let name = ("product-name: y_vnf", "product-name: other");
    tree.replace("y_vnf/y_vnf_vnfd.yaml", name.0, name.1);
    for status in [200, 202, 204] {
        nbi.fault("PUT", "/package_content", 0, Fault::Nothing(status));
        let args = ["y_vnf", "--update", "--wait-timeout", "1"];
        let run = onboard(&tree, &nbi, &args).code(2);
        assert!(!run.stdout.contains("updated"), "{}", run.stdout);
        run.says("failed to onboard the VNFD `y_vnf`")
            .says(&format!("answers {status} "))
            .says("what it has is what it had before");
        assert_eq!(nbi.has(), THERE, "{status}");
    }
    // Also where it counts nothing, or tells no names.
    for (tells_files, counts) in [(true, false), (false, true)] {
        nbi.options(|options| {
            options.tells_files = tells_files;
            options.counts = counts;
        });
        nbi.fault("PUT", "/package_content", 0, Fault::Nothing(204));
        onboard(&tree, &nbi, &["y_vnf", "--update"])
            .code(2)
            .says("what it has is what it had before");
    }
    onboard(&tree, &nbi, &["y_vnf", "--update"]).code(0);
    assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 2"]);
    // So is what goes into an empty resource, of which nothing stays.
    nbi.fault("PUT", "/package_content", 0, Fault::Nothing(204));
    onboard(
        &tree,
        &nbi,
        &["z_vnf", "--two-steps", "--wait-timeout", "1"],
    )
    .code(6);
    assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 2"]);
}

#[test]
fn a_page_in_place_of_an_answer_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.fault("POST", POST, 0, Fault::Status(200));
    onboard(&tree, &nbi, &["y_vnf"])
        .code(2)
        .says("failed to onboard the VNFD `y_vnf`: `127.0.0.1:")
        .says("answers 200 OK with a page in HTML, which is none of OSM's");
    assert_eq!(nbi.has(), [""; 0]);
}

#[test]
fn one_of_which_osm_tells_nothing_is_known_by_its_id() {
    let tree = tree();
    let nbi = Nbi::start(Options {
        keeps_files: false,
        tells_files: false,
        ..Options::default()
    });
    nbi.fault("POST", POST, 0, Fault::AnswerLost);
    let run = onboard(&tree, &nbi, &["y_vnf"]).code(0);
    assert!(
        run.stdout.contains("sent, and found there"),
        "{}",
        run.stdout
    );
    assert_eq!(
        nbi.take_changes(),
        ["POST vnfpkgm/vnf_packages_content 201"]
    );
}

/// Two runs of the same at the same time: whoever comes second finds it there.
#[test]
fn what_somebody_else_has_sent_meanwhile_is_there() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf", "z_vnf"]).code(0);
    // It is in no list while it is asked what there is.
    nbi.hide("y_vnf", 1);
    let refused = Fault::Refused(422, "no".to_owned());
    nbi.fault("POST", "/ns_descriptors_content", 0, refused);
    let run = onboard(&tree, &nbi, &["y_vnf", "m_ns"]).code(2);
    let there = run.stdout.matches("already there, as 5c0e").count();
    assert_eq!(there, 2, "{}", run.stdout);
    // It is not this run's to remove.
    assert_eq!(nbi.has().len(), 2);
}

/// What arrives after everybody has stopped asking goes again with the rest.
#[test]
fn what_arrives_late_is_removed_again() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.options(|options| options.hidden = 1);
    nbi.fault("POST", POST, 0, Fault::AnswerLost);
    onboard(&tree, &nbi, &["y_vnf", "--retries", "0"])
        .code(6)
        .says("it is not known what became of `y_vnf`");
    assert_eq!(nbi.has(), [""; 0]);
}

/// An NBI that has answered is one, whatever somebody between says of its descriptors.
#[test]
fn what_is_kept_back_of_an_nbi_does_not_make_it_none() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    nbi.options(|options| options.in_use.push("y_vnf".to_owned()));
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "product-name: y_vnf",
        "product-name: other",
    );
    nbi.fault("GET", "/vnfd", 0, Fault::Status(404));
    onboard(&tree, &nbi, &["y_vnf", "--update", "--dry-run"]).code(0);
    nbi.fault("DELETE", "", 0, Fault::Status(404));
    nbi.options(|options| options.in_use.clear());
    crate::osm::osm(&tree, &nbi, &["offboard", "y_vnf"])
        .code(2)
        .says("answers 404 Not Found, and not as OSM does");
    assert_eq!(nbi.has(), THERE);
}

/// What another project lets others read is there to be seen, and neither in the way nor there for
/// what needs it.
#[test]
fn what_another_project_shares_does_not_count() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    nbi.share("y_vnf");
    onboard(&tree, &nbi, &["z_vnf", "m_ns", "--no-dependencies"])
        .code(3)
        .says("needs the VNFD `y_vnf`, which is neither among the packages nor at")
        .says("(but for that of another project, which OSM does not count");
    let status = osm(&tree, &nbi, &["status", "--tree"]).code(0);
    let lines: Vec<&str> = status
        .stdout
        .lines()
        .filter(|l| l.contains("y_vnf"))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines.iter().any(|line| line.ends_with("another project's")),
        "{lines:?}"
    );
    assert!(
        lines.iter().any(|line| line.ends_with("absent")),
        "{lines:?}"
    );
    // With one of its own of the same id, that is meant.
    for _ in 0..2 {
        onboard(&tree, &nbi, &["m_ns"]).code(0);
    }
    let both = |all: &[String]| all.iter().filter(|one| one.contains(" y_vnf ")).count();
    assert_eq!(both(&nbi.has()), 2);
    tree.replace("y_vnf/y_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    onboard(&tree, &nbi, &["y_vnf", "--update"]).code(0);
    osm(&tree, &nbi, &["offboard", "m_ns", "y_vnf"]).code(0);
    assert_eq!(both(&nbi.has()), 1);
}

/// Some OSM answers a creation with a key that it does not know.
#[test]
fn a_package_is_found_whatever_key_the_answer_gives() {
    let tree = tree();
    let no = || Fault::Refused(422, "no".to_owned());
    for way in [&[][..], &["--two-steps"]] {
        let path = match way {
            [] => POST,
            _ => "/vnf_packages",
        };
        for wait in ["0", "20"] {
            let nbi = Nbi::plain();
            nbi.fault("POST", path, 0, Fault::OtherKey);
            let args = [&["y_vnf", "--wait-timeout", wait], way].concat();
            let run = onboard(&tree, &nbi, &args).code(0);
            assert!(run.stdout.contains("sent, and found there, as 5c0e"));
            assert_eq!(nbi.has(), THERE, "{way:?}");
        }
        let nbi = Nbi::plain();
        nbi.fault("POST", path, 0, Fault::OtherKey);
        nbi.fault("POST", "/ns_descriptors_content", 0, no());
        nbi.fault("PUT", "/nsd_content", 0, no());
        onboard(&tree, &nbi, &[&["m_ns"], way].concat()).code(2);
        assert_eq!(nbi.has(), [""; 0], "{way:?}");
    }
    // Nobody can look before it is too late.
    let nbi = Nbi::plain();
    nbi.fault("POST", POST, 0, Fault::OtherKey);
    nbi.fault(
        "GET",
        "/00000000-0000-4000-8000-000000000000",
        0,
        Fault::Moved("https://elsewhere.example.org/".to_owned()),
    );
    nbi.fault("POST", "/ns_descriptors_content", 0, no());
    onboard(&tree, &nbi, &["m_ns", "--wait-timeout", "0"]).code(2);
    assert_eq!(nbi.has(), [""; 0]);
    // What is nowhere is not sent.
    let nbi = Nbi::plain();
    let says = "{\"id\": \"00000000-0000-4000-8000-000000000000\"}";
    nbi.fault("POST", POST, 0, Fault::Creates(says));
    onboard(&tree, &nbi, &["y_vnf"])
        .code(2)
        .says("answers 201 with the key 00000000-0000-4000-8000-000000000000, and has it neither");
    assert_eq!(nbi.has(), [""; 0]);
}

/// A key of something else is none either, and what is there under it stays.
#[test]
fn what_has_the_key_of_an_answer_may_be_somebody_elses() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["z_vnf"]).code(0);
    let says = "{\"id\": \"5c0e1f2a-0000-4000-8000-000000000002\"}";
    let status = osm(&tree, &nbi, &["status", "--message-format", "json"]).code(0);
    assert!(
        status.stdout.contains("8000-000000000002"),
        "{}",
        status.stdout
    );
    nbi.fault("POST", POST, 0, Fault::Creates(says));
    onboard(&tree, &nbi, &["y_vnf"]).code(2);
    assert_eq!(nbi.has(), ["vnfd z_vnf ONBOARDED 1"]);
}

/// What a service is made of may be at OSM and of no use, which OSM does not say.
#[test]
fn what_is_needed_and_cannot_be_used_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.options(|options| options.fails_with.push("y_vnf".to_owned()));
    onboard(&tree, &nbi, &["y_vnf", "z_vnf", "--wait-timeout", "0"]).code(0);
    let words = "needs the VNFD `y_vnf`, which is at OSM and ERROR, ENABLED, so that nothing of it \
                 can be instantiated; hand it over again, with `--update`";
    let alone = ["m_ns", "--no-dependencies"];
    // Also where it is there itself by then.
    for args in [&[&alone[..], &["--dry-run"]].concat()[..], &alone, &alone] {
        let run = onboard(&tree, &nbi, args).code(0).says(words);
        assert!(!run.stderr.contains("z_vnf"), "{}", run.stderr);
    }
    nbi.options(|options| options.fails_with.clear());
    onboard(&tree, &nbi, &["y_vnf", "--update"]).code(0);
    let run = onboard(&tree, &nbi, &alone).code(0);
    assert!(!run.stderr.contains("y_vnf"), "{}", run.stderr);
}

/// Nobody knows a package by OSM's key.
#[test]
fn what_osm_does_not_show_is_called_by_its_id() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let no = Fault::Refused(409, "not now".to_owned());
    nbi.fault("GET", "/5c0e1f2a-0000-4000-8000-000000000002", 1, no);
    onboard(&tree, &nbi, &["y_vnf"])
        .code(2)
        .says("OSM refuses to ask for the VNFD `y_vnf`");
}
