//! Placeholders in descriptors: filled in the same way by every command, and recorded.

mod common;

use std::process::Command;

use common::{Run, Tree, sh, tool};

const KNF: &str = "\
vnfd:
  # ${registry} is where our charts are.
  id: cache_knf
  product-name: cache_knf
  version: '${release}'
  provider: Example Networks
  df:
    - id: default
      instantiation-level:
        - id: default
  ext-cpd:
    - id: mgmt
      k8s-cluster-net: mgmtnet
  mgmt-cp: mgmt
  k8s-cluster:
    nets:
      - id: mgmtnet
  kdu:
    - name: cache
      helm-chart: oci://${registry}/charts/cache
";

const CONFIG: &str = "\
[placeholders.registry]
default = 'registry.example.com/edge'

[placeholders.release]
";

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("nfv.toml", CONFIG);
    tree.file("cache_knf/cache_knfd.yaml", KNF);
    tree
}

fn nfv(tree: &Tree, args: &[&str]) -> Run {
    tree.nfv(args)
}

/// A member of a finished package, as tar reads it; `None` without one.
fn member(tree: &Tree, package: &str, member: &str) -> Option<String> {
    let package = tree.path(&format!("target/nfv/packages/{package}"));
    let mut tar = Command::new(tool("tar")?);
    Some(sh(tar.arg("-xzOf").arg(package).arg(member)))
}

#[test]
fn they_are_filled_in_where_a_package_is_built() {
    let tree = tree();
    nfv(&tree, &["build", "--set", "release=1.4"]).code(0);
    let Some(text) = member(&tree, "cache_knf-1.4.tar.gz", "cache_knf/cache_knfd.yaml") else {
        return;
    };
    let meant = KNF.replace("'${release}'", "'1.4'");
    let meant = meant.replace("oci://${registry}/", "oci://registry.example.com/edge/");
    assert_eq!(text, meant, "the comment stays as it is");
    let md5 = |text: &str| {
        use md5::Digest;
        let sum = md5::Md5::digest(text.as_bytes());
        sum.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let sums = member(&tree, "cache_knf-1.4.tar.gz", "cache_knf/checksums.txt").expect("tar");
    assert!(sums.contains(&md5(&text)), "{sums}");
    // The source is what it was, and the same values give the same bytes.
    assert_eq!(
        std::fs::read_to_string(tree.path("cache_knf/cache_knfd.yaml"))
            .ok()
            .as_deref(),
        Some(KNF)
    );
    nfv(&tree, &["build", "--set", "release=1.4"])
        .code(0)
        .says("1 package up to date");
    nfv(
        &tree,
        &[
            "verify",
            "--set",
            "release=1.4",
            "--rebuild",
            "target/nfv/packages/cache_knf-1.4.tar.gz",
        ],
    )
    .code(0);
    nfv(
        &tree,
        &[
            "verify",
            "--set",
            "release=1.4",
            "--set",
            "registry=other",
            "--rebuild",
            "target/nfv/packages/cache_knf-1.4.tar.gz",
        ],
    )
    .code(1)
    .says("cache_knfd.yaml");
    // Another value is another package; of two the last counts.
    nfv(
        &tree,
        &[
            "build",
            "--set",
            "registry=a",
            "--set",
            "release=1.4",
            "--set",
            "registry=b:5000/x",
        ],
    )
    .code(0)
    .says("1 package built");
    let text = member(&tree, "cache_knf-1.4.tar.gz", "cache_knf/cache_knfd.yaml").expect("tar");
    assert!(
        text.contains("helm-chart: oci://b:5000/x/charts/cache"),
        "{text}"
    );
}

#[test]
fn commands_see_what_the_package_will_say() {
    let tree = tree();
    let json = [
        "list",
        "--tree",
        "--message-format",
        "json",
        "--set",
        "release=2.0",
    ];
    let run = nfv(&tree, &json).code(0);
    assert!(run.stdout.contains("\"2.0\""), "{}", run.stdout);
    let run = nfv(&tree, &["graph", "--set", "release=2.0", "--topology"]).code(0);
    let chart = "KDU cache (oci://registry.example.com/edge/charts/cache)";
    assert!(run.stdout.contains(chart), "{}", run.stdout);
    // A fault of the filled text, at its place in the file.
    tree.replace(
        "cache_knf/cache_knfd.yaml",
        "mgmt-cp: mgmt",
        "mgmt-cp: ${release}",
    );
    let short = |value: &str| {
        let args = ["check", "--message-format", "short", "--set", value];
        nfv(&tree, &args).code(0).stderr
    };
    let place = "cache_knf/cache_knfd.yaml:14:12: warning[sol006/dangling-reference]";
    let found = short("release=mgnt");
    assert!(
        found.contains(place) && found.contains("names `mgnt`"),
        "{found}"
    );
    let found = short("release=mgmt");
    assert!(!found.contains(place), "{found}");
}

#[test]
fn what_has_no_value_is_told() {
    let tree = tree();
    for command in ["check", "build"] {
        nfv(&tree, &[command])
            .code(1)
            .says("the placeholder `release` has no value")
            .says("cache_knf/cache_knfd.yaml:5:13")
            .says("--set release=VALUE");
    }
    assert!(common::names(&tree.path("target/nfv/packages")).is_empty());
    nfv(&tree, &["check", "--set", "relase=1"])
        .code(2)
        .says("no placeholder `relase` is declared in `")
        .says("did you mean `release`?");
    nfv(&tree, &["check", "--set", "release"])
        .code(2)
        .says("NAME=VALUE");
    tree.replace(
        "cache_knf/cache_knfd.yaml",
        "${registry}/charts",
        "${registri}/charts",
    );
    nfv(&tree, &["check", "--set", "release=1.0"])
        .code(1)
        .says("no placeholder `registri` is declared")
        .says("one of the name `registry` is");
}

#[test]
fn a_value_that_would_be_read_as_something_else_is_refused() {
    let tree = tree();
    nfv(
        &tree,
        &["build", "--set", "release=1.0", "--set", "registry=a #"],
    )
    .code(1)
    .says("would not be read as it is given")
    .says("cache_knf/cache_knfd.yaml:20:25");
    nfv(&tree, &["build", "--set", "release=it's"])
        .code(1)
        .says("cache_knf/cache_knfd.yaml:5:13");
}

#[test]
fn names_that_can_be_none_are_refused() {
    let tree = tree();
    tree.file("nfv.toml", "[placeholders.'a b']\n");
    nfv(&tree, &["check"])
        .code(2)
        .says("`a b`")
        .says("can't have that name");
    tree.file("nfv.toml", "[placeholders.a]\nvalue = 'x'\n");
    nfv(&tree, &["check"]).code(2).says("value");
}

#[test]
fn what_no_one_declares_is_left_alone() {
    let tree = tree();
    tree.file("nfv.toml", "[placeholders.site]\n");
    let text = KNF
        .replace("'${release}'", "'1.0'")
        .replace("${registry}", "h");
    let text = text.replace("provider: Example", "provider: ${HOME} Example");
    tree.file("cache_knf/cache_knfd.yaml", &text);
    nfv(&tree, &["build"]).code(0);
    if let Some(built) = member(&tree, "cache_knf-1.0.tar.gz", "cache_knf/cache_knfd.yaml") {
        assert_eq!(built, text);
    }
}

#[test]
fn fixes_leave_placeholders_where_they_are() {
    let tree = tree();
    let text = KNF
        .replace("'${release}'", "${release}")
        .replace("product-name: cache_knf", "prodct-name: cache_knf");
    tree.file("cache_knf/cache_knfd.yaml", &text);
    nfv(&tree, &["check", "--fix", "--set", "release=1.0"]).sound();
    let fixed = std::fs::read_to_string(tree.path("cache_knf/cache_knfd.yaml")).expect("text");
    assert_eq!(fixed, text.replace("prodct-name", "product-name"));
}

#[cfg(feature = "sign")]
#[test]
fn provenance_names_them() {
    let tree = tree();
    let run = nfv(&tree, &["provenance", "-q", "--set", "release=1.4"]).code(0);
    let statement: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let parameters = &statement["predicate"]["buildDefinition"]["externalParameters"];
    assert_eq!(
        parameters["placeholders"],
        serde_json::json!({ "registry": "registry.example.com/edge", "release": "1.4" })
    );
}

/// A reference with a name that nobody declares goes out as it is, and is no address.
#[test]
fn references_with_names_that_nobody_declares_are_told() {
    let tree = Tree::new();
    let knf = KNF.replace("version: '${release}'", "version: '1.0 ${release}'");
    tree.file("cache_knf/cache_knfd.yaml", knf);
    nfv(&tree, &["check"])
        .code(0)
        .says("warning[package/undeclared-placeholder]: nobody declares the placeholder `registry`")
        .says("cache_knf/cache_knfd.yaml:20:25");
    // One that is nearly another is an error, and told once.
    tree.file("nfv.toml", CONFIG);
    tree.replace(
        "cache_knf/cache_knfd.yaml",
        "oci://${registry}",
        "oci://${regsitry}",
    );
    let run = nfv(&tree, &["check", "--set", "release=1"]).code(1);
    assert!(
        !run.stderr.contains("package/undeclared-placeholder"),
        "{}",
        run.stderr
    );
    run.says("one of the name `registry` is");
    // One that is meant is written with an escape.
    tree.replace(
        "cache_knf/cache_knfd.yaml",
        "oci://${regsitry}/charts/cache",
        "\"oci://\\x24{site}/${registry}/cache\"",
    );
    let run = nfv(&tree, &["check", "--set", "release=1"]).code(0);
    assert!(!run.stderr.contains("placeholder"), "{}", run.stderr);
}

#[test]
fn an_escape_beside_a_placeholder_stays() {
    let tree = tree();
    tree.replace(
        "cache_knf/cache_knfd.yaml",
        "product-name: cache_knf",
        "product-name: \"\\x24{release}-${release}\"",
    );
    nfv(&tree, &["build", "--set", "release=3"]).code(0);
    let built = member(&tree, "cache_knf-3.tar.gz", "cache_knf/cache_knfd.yaml");
    if let Some(built) = built {
        let line = "product-name: \"\\x24{release}-3\"\n";
        assert!(built.contains(line), "{built}");
    }
}
