//! The Helm repositories that KDUs take their charts from.

use serde_json::Value;

use crate::common::Tree;
use crate::nbi::{Fault, Nbi, Options};
use crate::osm::{add_ns, add_vnf, nsd, onboard, osm};

const STABLE: &str = "stable=https://charts.example.org/stable";
const KNOWN: &str = "stable helm-chart https://charts.example.org/stable";

/// A function of containers with this chart, and a service of it.
fn tree(chart: &str) -> Tree {
    let tree = Tree::new();
    tree.file(
        "k_knf/k_knf_vnfd.yaml",
        format!(
            "vnfd:\n  id: k_knf\n  product-name: k_knf\n  provider: Example Operator\n  version: '1.0'\n  \
             mgmt-cp: mgmt-ext\n  kdu:\n    - name: cache\n      helm-chart: {chart}\n      helm-version: v3\n  \
             k8s-cluster:\n    nets:\n      - id: mgmtnet\n  ext-cpd:\n    - id: mgmt-ext\n      \
             k8s-cluster-net: mgmtnet\n  df:\n    - id: default-df\n"
        ),
    );
    tree.file("k_ns/k_ns_nsd.yaml", nsd("k_ns", &["k_knf"]));
    tree
}

#[test]
fn a_repository_is_added_once_and_before_the_packages() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    let run = onboard(&tree, &nbi, &["--osm-helm-repo", STABLE, "--dry-run"]).code(0);
    assert!(
        run.stdout
            .contains("stable  https://charts.example.org/stable  would be added")
    );
    assert_eq!((nbi.take_changes().len(), nbi.repos().len()), (0, 0));
    let run = onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(0);
    assert!(run.stdout.contains("added, as 5c0e"), "{}", run.stdout);
    assert_eq!(
        nbi.take_changes(),
        [
            "POST admin/k8srepos 202",
            "POST vnfpkgm/vnf_packages_content 201",
            "POST nsd/ns_descriptors_content 201",
        ]
    );
    assert_eq!(nbi.repos(), [KNOWN]);
    // An ending slash makes no other address, and nothing is done twice.
    let again = format!("{STABLE}/");
    let args = [
        "--osm-helm-repo",
        again.as_str(),
        "--message-format",
        "json",
    ];
    let run = onboard(&tree, &nbi, &args).code(0);
    assert_eq!(nbi.take_changes(), [""; 0]);
    let mut lines = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let line = lines.find(|line| line["reason"] == "helm-repo");
    assert_eq!(line.expect("a line")["state"], "there");
    // What is in the package stays as it is written.
    let there = osm(&tree, &nbi, &["status", "--tree"]).code(0);
    assert_eq!(
        there.stdout.matches("up to date").count(),
        2,
        "{}",
        there.stdout
    );
}

/// OSM answers 409 to the second.
#[test]
fn a_repository_that_is_given_twice_is_one() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    let other = "stable=https://other.example.org";
    let run = onboard(
        &tree,
        &nbi,
        &["--osm-helm-repo", STABLE, "--osm-helm-repo", other],
    );
    run.code(2)
        .says("the name `stable` is given two addresses, and OSM keeps one");
    assert!(nbi.take_log().is_empty());
    let again = format!("{STABLE}/");
    let run = onboard(
        &tree,
        &nbi,
        &["--osm-helm-repo", STABLE, "--osm-helm-repo", &again],
    );
    let run = run.code(0);
    assert_eq!(run.stdout.matches("added, as").count(), 1, "{}", run.stdout);
    assert_eq!(nbi.repos(), [KNOWN]);
}

#[test]
fn another_address_under_the_name_is_refused() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    onboard(
        &tree,
        &nbi,
        &["--osm-helm-repo", "stable=https://other.example.org"],
    )
    .code(0);
    nbi.take_log();
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE])
        .code(5)
        .says("gives `https://charts.example.org/stable` for the name `stable`")
        .says("has `https://other.example.org` under that name");
    assert_eq!(nbi.take_changes(), [""; 0]);
}

#[test]
fn what_was_added_goes_again_with_the_packages() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    let refused = || Fault::Refused(422, "no".to_owned());
    nbi.fault("POST", "/ns_descriptors_content", 0, refused());
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(2);
    assert_eq!((nbi.has(), nbi.repos()), (vec![], vec![]));
    // One that OSM does not take is the end, before any package.
    nbi.take_log();
    nbi.fault("POST", "/k8srepos", 1, refused());
    let two = [
        "--osm-helm-repo",
        STABLE,
        "--osm-helm-repo",
        "b=oci://registry.example.org/b",
    ];
    onboard(&tree, &nbi, &two)
        .code(2)
        .says("add the Helm repository `b`");
    assert_eq!(
        nbi.take_changes(),
        [
            "POST admin/k8srepos 202",
            "POST admin/k8srepos 422",
            "DELETE admin/k8srepos/KEY 202"
        ]
    );
    // What was there before stays.
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE, "k_knf"]).code(0);
    nbi.fault("POST", "/ns_descriptors_content", 0, refused());
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(2);
    assert_eq!(nbi.repos(), [KNOWN]);
}

/// Somebody between who answers a page to everything has removed nothing.
#[test]
fn a_page_in_place_of_an_answer_removes_no_repository() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    nbi.fault(
        "POST",
        "/ns_descriptors_content",
        0,
        Fault::Refused(422, "no".to_owned()),
    );
    // It is asked for once more.
    for after in [1, 0] {
        nbi.fault("DELETE", "", after, Fault::Status(200));
    }
    let run = onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(2);
    assert_eq!((nbi.has(), nbi.repos()), (vec![], vec![KNOWN.to_owned()]));
    let run = run
        .says("`stable` was added by this run and could not be removed again")
        .says("answers 200 OK, and it is still there");
    assert!(
        run.stdout.contains("left behind, as 5c0e"),
        "{}",
        run.stdout
    );
}

/// OSM that falls over a repository, or gives another key than it has, has it all the same.
#[test]
fn a_repository_is_found_whatever_the_answer_says() {
    let tree = tree("stable/redis");
    for fault in [Fault::Falls, Fault::Says("{\"id\": \"another\"}")] {
        let nbi = Nbi::plain();
        nbi.fault("POST", "/k8srepos", 0, fault.clone());
        let run = onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]);
        match fault {
            // Nothing was done.
            Fault::Says(_) => {
                run.code(2).says("and does not know it");
                assert_eq!((nbi.has(), nbi.repos()), (vec![], vec![]));
            }
            _ => {
                run.code(0);
                assert_eq!(nbi.repos(), [KNOWN]);
            }
        }
    }
    // What is there under another key is taken away again under that.
    let nbi = Nbi::plain();
    nbi.fault("POST", "/k8srepos", 0, Fault::OtherKey);
    let no = Fault::Refused(422, "no".to_owned());
    nbi.fault("POST", "/ns_descriptors_content", 0, no);
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(2);
    assert_eq!((nbi.has(), nbi.repos()), (vec![], vec![]));
}

#[test]
fn a_repository_that_nobody_gives_is_told() {
    let (tree_, nbi) = (tree("stable/redis"), Nbi::plain());
    onboard(&tree_, &nbi, &["--dry-run"])
        .code(0)
        .says("k_knf/k_knf_vnfd.yaml:9:19: the KDU `cache` takes its chart `stable/redis`")
        .says("`--osm-helm-repo stable=URL` adds it");
    onboard(&tree_, &nbi, &["--osm-helm-repo", STABLE]).code(0);
    let run = onboard(&tree_, &nbi, &[]).code(0);
    assert!(!run.stderr.contains("Helm repository"), "{}", run.stderr);
    // An address is one for itself, and nobody is asked for other charts.
    let nbi = Nbi::plain();
    let run = onboard(&tree("oci://registry.example.org/charts/redis"), &nbi, &[]).code(0);
    assert!(!run.stderr.contains("Helm repository"), "{}", run.stderr);
    assert!(
        !nbi.take_log()
            .iter()
            .any(|one| one.path.ends_with("/k8srepos"))
    );
    // Who may not look gets no warning, and an error only where a repository is asked for.
    let nbi = Nbi::start(Options {
        keeps_repos_to_itself: true,
        ..Options::default()
    });
    onboard(&tree_, &nbi, &[]).code(0);
    onboard(&tree_, &nbi, &["--osm-helm-repo", STABLE])
        .code(4)
        .says("does not allow `operator` to list the Helm repositories");
}

#[test]
fn what_is_no_repository_is_told_at_once() {
    let (tree, nbi) = (Tree::new(), Nbi::plain());
    add_vnf(&tree, "a_vnf");
    add_ns(&tree, "a_ns", &["a_vnf"]);
    for (given, words) in [
        ("stable", "NAME=URL"),
        ("Stable=https://example.org", "begin with"),
        ("stable=example.org", "`https://`, `http://` or `oci://`"),
        (
            "stable=https://me:secret@example.org",
            "user name or password",
        ),
    ] {
        let run = onboard(&tree, &nbi, &["--osm-helm-repo", given])
            .code(2)
            .says(words);
        assert!(!run.stderr.contains("secret"), "{}", run.stderr);
        assert!(nbi.take_log().is_empty());
    }
}

#[test]
fn what_is_lost_of_a_repository_is_looked_for() {
    let tree = tree("stable/redis");
    for fault in [
        Fault::AnswerLost,
        Fault::StatusInstead(502),
        Fault::Status(503),
        Fault::Reset,
        Fault::Truncated,
    ] {
        let nbi = Nbi::plain();
        nbi.fault("POST", "/k8srepos", 0, fault.clone());
        let run = onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(0);
        assert!(
            run.stdout.contains("added, as 5c0e"),
            "{fault:?} {}",
            run.stdout
        );
        assert_eq!(nbi.repos(), [KNOWN], "{fault:?}");
        assert_eq!(nbi.has().len(), 2, "{fault:?}");
    }
}

#[test]
fn a_repository_that_nobody_heard_of_in_time_is_removed_again() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    // The answer is lost, and so is what is asked then; in the end it can be asked again.
    nbi.fault("POST", "/k8srepos", 0, Fault::AnswerLost);
    for after in [1, 0] {
        nbi.fault("GET", "/k8srepos", after, Fault::Status(503));
    }
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE, "--retries", "1"])
        .code(6)
        .says("it is not known what became of `stable`");
    assert_eq!(nbi.repos(), [""; 0]);
    // Or it can't, and that is told.
    nbi.fault("POST", "/k8srepos", 0, Fault::AnswerLost);
    for after in [1, 0, 0, 0] {
        nbi.fault("GET", "/k8srepos", after, Fault::Status(503));
    }
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE, "--retries", "1"])
        .code(6)
        .says("the Helm repository `stable` may have been added by this run");
    assert_eq!(nbi.repos(), [KNOWN]);
}

#[test]
fn a_repository_that_osm_only_says_to_have_is_not_added() {
    let (tree, nbi) = (tree("stable/redis"), Nbi::plain());
    let says = Fault::Says("{\"id\": \"5c0e1f2a-0000-4000-8000-00000000beef\"}");
    nbi.fault("POST", "/k8srepos", 0, says);
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE])
        .code(2)
        .says("failed to add the Helm repository `stable`")
        .says("answers 200 OK, and does not know it");
    assert_eq!((nbi.repos().len(), nbi.has().len()), (0, 0));
}

/// A key of another repository is none of what was added, and that one stays.
#[test]
fn a_repository_under_another_key_goes_again() {
    let tree = tree("stable/redis");
    let no = || Fault::Refused(422, "no".to_owned());
    let nbi = Nbi::plain();
    onboard(
        &tree,
        &nbi,
        &[
            "k_knf",
            "--osm-helm-repo",
            "other=https://other.example.org",
        ],
    )
    .code(0);
    let other = "other helm-chart https://other.example.org";
    let says = "{\"id\": \"5c0e1f2a-0000-4000-8000-000000000002\"}";
    nbi.fault("POST", "/k8srepos", 0, Fault::Creates(says));
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE])
        .code(2)
        .says("and does not know it");
    assert_eq!(nbi.repos(), [other]);
    // Nobody can look at first: it goes by its name.
    nbi.fault("POST", "/k8srepos", 0, Fault::OtherKey);
    nbi.fault(
        "GET",
        "/k8srepos",
        1,
        Fault::Moved("https://elsewhere.example.org/".to_owned()),
    );
    nbi.fault("POST", "/ns_descriptors_content", 0, no());
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(2);
    assert_eq!(nbi.repos(), [other]);
    // A removal that is none is asked for once more.
    nbi.fault("POST", "/ns_descriptors_content", 0, no());
    nbi.fault("DELETE", "", 0, Fault::Nothing(202));
    onboard(&tree, &nbi, &["--osm-helm-repo", STABLE]).code(2);
    assert_eq!(nbi.repos(), [other]);
}
