//! What OSM refuses, and what is made of it: a finding at the place in the source.

use serde_json::Value;

use crate::common::Tree;
use crate::nbi::{Fault, Nbi};
use crate::osm::{add_vnf, onboard, osm, tree};
use crate::outcomes;

/// A function that OSM refuses for this; what the rules say of it is switched off.
fn refused(change: (&str, &str)) -> (Tree, Nbi) {
    let (tree, nbi) = (Tree::new(), Nbi::plain());
    add_vnf(&tree, "a_vnf");
    tree.replace("a_vnf/a_vnf_vnfd.yaml", change.0, change.1);
    (tree, nbi)
}

#[test]
fn an_answer_leads_to_the_line_in_the_source() {
    for (change, rule, line, words) in [
        (
            ("helm-chart: example/tiny", "helm-chart: Example/Tiny"),
            "osm/chart-name",
            15,
            "helm-chart 'Example/Tiny' is not valid",
        ),
        (
            ("  ext-cpd:\n", "  ext-cpd:\n    - id: mgmt-ext\n"),
            "osm/duplicate-id",
            9,
            "identifier id 'mgmt-ext' is not unique and repeats at '.ext-cpd[1]'",
        ),
        (
            (
                "- id: default-df\n",
                "- id: default-df\n      virtual-link-profile:\n        - id: nowhere\n",
            ),
            "osm/dangling-reference",
            19,
            "virtual-link-profile='nowhere' must match an existing int-virtual-link-desc",
        ),
    ] {
        let (tree, nbi) = refused(change);
        let args = ["-A", "all", "a_vnf"];
        let run = onboard(&tree, &nbi, &args).code(1);
        let place = format!("a_vnf/a_vnf_vnfd.yaml:{line}:");
        assert!(
            run.stderr
                .contains(&format!("error[{rule}]: OSM refuses the VNFD")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains(&place), "{place}\n{}", run.stderr);
        run.says(words)
            .says("Onboarded 0 new, 1 not, 0 already there");
        assert_eq!(nbi.has(), [""; 0]);
    }
}

#[test]
fn programs_get_the_finding_and_the_refusal() {
    let (tree, nbi) = refused(("helm-chart: example/tiny", "helm-chart: Example/Tiny"));
    let args = ["-A", "all", "a_vnf", "--message-format", "json"];
    let run = onboard(&tree, &nbi, &args).code(1);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(
        lines
            .iter()
            .any(|line| line.to_string().contains("osm/chart-name")),
        "{}",
        run.stdout
    );
    let outcome = &outcomes(&run)[0];
    assert_eq!(outcome["state"], "failed");
    assert_eq!(outcome["refusal"]["status"], 422);
    assert_eq!(outcome["refusal"]["rule"], "osm/chart-name");
    let sarif = ["-A", "all", "a_vnf", "--message-format", "sarif"];
    let run = onboard(&tree, &nbi, &sarif).code(1);
    let document: Value = serde_json::from_str(&run.stdout).expect("one document");
    assert!(document.to_string().contains("osm/chart-name"));
}

#[test]
fn opaque_answers_are_told() {
    let tree = tree();
    for (status, detail, code, words) in [
        (
            400,
            "'df'",
            1,
            "error[osm/no-df]: OSM refuses the VNFD: the descriptor is empty, or has no deployment flavour",
        ),
        (
            400,
            "'str' object has no attribute 'read'",
            1,
            "error[osm/json-descriptor]",
        ),
        (
            422,
            "Error in pyangbind validation: JSON object contained a key that did not exist (product-name)",
            1,
            "y_vnf/y_vnf_vnfd.yaml:3:3",
        ),
        (
            409,
            "vnfds with id 'y_vnf' already exists for this project",
            2,
            "a descriptor of that id is onboarded",
        ),
        (
            422,
            "vnfds quota (500) exceeded",
            2,
            "the project may not have more of them",
        ),
        (400, "something new", 2, "it does not take the descriptor"),
        (500, "fell", 2, "it fell over the request"),
    ] {
        let nbi = Nbi::plain();
        nbi.fault(
            "POST",
            "/vnf_packages_content",
            0,
            Fault::Refused(status, detail.to_owned()),
        );
        let run = onboard(&tree, &nbi, &["y_vnf", "--retries", "0"]);
        assert_eq!(run.status, Some(code), "{detail}: {}", run.stderr);
        run.says(words).says(detail);
    }
}

#[test]
fn a_secret_that_comes_back_is_not_shown() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let said = format!("you sent {}", crate::nbi::PASSWORD);
    nbi.fault(
        "POST",
        "/vnf_packages_content",
        0,
        Fault::Refused(400, said),
    );
    // The command itself looks whether it is there.
    onboard(&tree, &nbi, &["y_vnf"])
        .code(2)
        .says("you sent ***");
}

#[test]
fn errors_in_the_sources_stop_all() {
    let (tree, nbi) = (tree(), Nbi::plain());
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "helm-chart: example/tiny",
        "helm-chart: Example/Tiny",
    );
    onboard(&tree, &nbi, &[])
        .code(1)
        .says("osm/chart-name")
        .says("Onboarded nothing, because of the errors above");
    assert_eq!(nbi.take_log().len(), 0);
}

#[test]
fn what_osm_does_not_take_is_told() {
    let (tree, nbi) = (Tree::new(), Nbi::plain());
    tree.file("tiny/Chart.yaml", crate::common::chart("tiny"));
    onboard(&tree, &nbi, &[])
        .code(2)
        .says("there is no package of a VNF, an NS or an NST in `.`, and OSM takes nothing else");
    tree.nfv(&["build"]).code(0);
    onboard(&tree, &nbi, &["target/nfv/packages/tiny-1.2.3.tgz"])
        .code(2)
        .says("OSM takes packages of VNFs, NSs and NSTs");
    let (tree, nbi) = (crate::osm::tree(), Nbi::plain());
    tree.nfv(&["build"]).code(0);
    let copy = tree.path("copy.tar.gz");
    std::fs::copy(tree.path("target/nfv/packages/y_vnf-1.0.tar.gz"), &copy).expect("a copy");
    // The same under two names is one.
    onboard(&tree, &nbi, &["copy.tar.gz", "y_vnf"])
        .code(0)
        .says("1 new");
    tree.replace("y_vnf/y_vnf_vnfd.yaml", "version: '1.0'", "version: '1.1'");
    onboard(&tree, &nbi, &["copy.tar.gz", "y_vnf"])
        .code(2)
        .says("are both the VNFD `y_vnf`, and OSM keeps one");
}

#[test]
fn several_of_one_id_are_not_touched() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    crate::nbi_facts::force(&nbi, &tree.path("target/nfv/packages/y_vnf-1.0.tar.gz"));
    assert_eq!(nbi.has().len(), 2);
    onboard(&tree, &nbi, &["y_vnf", "--update"])
        .code(2)
        .says("has 2 VNFDs of the id `y_vnf`, and nobody can tell which is meant: 5c0e");
    let status = osm(&tree, &nbi, &["status"]).code(0);
    let key = status
        .stdout
        .split_whitespace()
        .find(|word| word.starts_with("5c0e"));
    osm(&tree, &nbi, &["offboard", key.expect("a key")]).code(0);
    assert_eq!(nbi.has().len(), 1);
}

#[cfg(feature = "sign")]
#[test]
fn trust_and_policies_hold_here_too() {
    let (tree, nbi, registry) = (tree(), Nbi::plain(), crate::registry::Registry::plain());
    let edge = format!("oci://{}/edge", registry.host());
    let nfv = |args: &[&str]| {
        crate::common::run(
            tree.command()
                .args(args)
                .env("NFV_KEY_PASSPHRASE", "correct horse"),
        )
    };
    nfv(&["key", "generate", "--out", "vendor"]).code(0);
    nfv(&["publish", &edge]).code(0);
    let service = format!("{edge}/m_ns:1.0");
    onboard(&tree, &nbi, &["y_vnf", "--key", "vendor.pub"])
        .code(7)
        .says("nobody has signed it");
    tree.file(
        "policy.toml",
        "[signers.vendor]\nkeys = ['vendor.pub']\n[[rules]]\nsigned-by = ['vendor']\n",
    );
    let args = [&service, "--policy", "policy.toml"];
    onboard(&tree, &nbi, &args).code(7);
    let place = edge.trim_start_matches("oci://");
    for name in ["m_ns:1.0", "y_vnf:1.0"] {
        nfv(&[
            "sign",
            &format!("oci://{place}/{name}"),
            "--sign-key",
            "vendor.key",
        ])
        .code(0);
    }
    // What is needed has to meet it as well.
    onboard(&tree, &nbi, &args).code(7).says("z_vnf");
    assert_eq!(nbi.take_changes(), [""; 0]);
    nfv(&[
        "sign",
        &format!("oci://{place}/z_vnf:1.0"),
        "--sign-key",
        "vendor.key",
    ])
    .code(0);
    onboard(&tree, &nbi, &args).code(0).says("3 new");
}

/// A report that somebody reads in place of the exit code says the same.
#[test]
fn reports_agree_with_the_exit_code() {
    for (status, detail) in [
        (409, "vnfd with id 'z_vnf' already exists for this project"),
        (422, "a new answer"),
    ] {
        for (format, words) in [
            ("junit", "failures=\"1\""),
            ("sarif", "\"ruleId\": \"onboard/failed\""),
            ("github", "::error "),
            ("gitlab", "\"check_name\": \"onboard/failed\""),
            ("rdjson", "\"onboard/failed\""),
            ("markdown", "onboard/failed"),
        ] {
            let (tree, nbi) = (tree(), Nbi::plain());
            let refused = Fault::Refused(status, detail.to_owned());
            nbi.fault("POST", "/vnf_packages_content", 1, refused);
            let args = ["-A", "all", "--message-format", format];
            let run = onboard(&tree, &nbi, &args).code(2);
            let told = run.stdout.replace("\":\"", "\": \"");
            assert!(told.contains(words), "{format}: {told}");
            // Markdown has no room for notes, and XML writes quotes otherwise.
            if format == "markdown" {
                continue;
            }
            let told = told.replace("&apos;", "'").replace("&#39;", "'");
            assert!(told.contains("z_vnf"), "{format}: {told}");
            assert!(told.contains(detail), "{format}: {told}");
        }
    }
    // Where nothing fails, nothing is said to.
    let (tree, nbi) = (tree(), Nbi::plain());
    let args = ["-A", "all", "--message-format", "junit"];
    let run = onboard(&tree, &nbi, &args).code(0);
    assert!(run.stdout.contains("failures=\"0\""), "{}", run.stdout);
}

/// A finding stands at its place in the source, and the package that was refused is no good one.
#[test]
fn a_refused_package_is_no_good_one_in_a_report_by_packages() {
    for (format, good) in [("junit", "<testcase"), ("markdown", ":white_check_mark:")] {
        let (tree, nbi) = refused(("helm-chart: example/tiny", "helm-chart: Example/Tiny"));
        let args = ["-A", "all", "a_vnf", "--message-format", format];
        let run = onboard(&tree, &nbi, &args).code(1);
        let named = |line: &&str| line.contains("a_vnf 1.0") || line.contains("a&#95;vnf 1.0");
        let own: Vec<&str> = run.stdout.lines().filter(named).collect();
        assert!(run.stdout.contains("onboard/failed"), "{}", run.stdout);
        assert!(run.stdout.contains("osm/chart-name"), "{}", run.stdout);
        let is_good = |line: &&str| match format {
            "junit" => line.contains(good) && line.trim_end().ends_with("/>"),
            _ => line.contains(good),
        };
        assert!(
            !own.is_empty() && !own.iter().any(is_good),
            "{}",
            run.stdout
        );
    }
}

/// What ends before anything is sent is a document as well.
#[test]
fn what_ends_a_run_is_in_its_report() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["-A", "all"]).code(0);
    tree.replace(
        "y_vnf/y_vnf_vnfd.yaml",
        "product-name: y_vnf",
        "product-name: z",
    );
    for (format, words) in [
        ("junit", "failures=\"1\""),
        ("sarif", "onboard/failed"),
        ("github", "::error "),
        ("gitlab", "onboard/failed"),
    ] {
        let args = ["-A", "all", "--message-format", format];
        let run = onboard(&tree, &nbi, &args).code(5);
        assert!(run.stdout.contains(words), "{format}: {}", run.stdout);
    }
}
