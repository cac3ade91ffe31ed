//! `check --fix`: what becomes of the bytes of a file.

mod common;

use std::fs;
use std::path::Path;

use common::{Tree, VNFD};
use nfv::yaml::{self, Limits, Node, Shape};

/// A VNFD with this in its body.
fn vnfd(body: &str) -> String {
    format!("vnfd:\n  id: a\n  version: '1.0'\n{body}")
}

/// Mends one VNFD, with the rules that are off by default switched on.
#[track_caller]
fn mend(before: &str) -> String {
    mend_file("p/x_vnfd.yaml", before)
}

/// The rules that `--fix` mends, by the table in the documentation.
fn mended() -> Vec<String> {
    let table = include_str!("../docs/configuration.md");
    let (_, table) = table.split_once("## Mending").expect("the section");
    let rows = table.lines().skip_while(|line| !line.starts_with("| ---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let rules = rows.filter_map(|row| row.split('|').nth(1));
    let rules = rules.flat_map(|rules| rules.split(','));
    rules
        .map(|rule| rule.trim().trim_matches('`').to_owned())
        .collect()
}

/// What `--fix` mends stands in the page of the rule as well as in the table.
#[test]
fn pages_say_what_is_mended() {
    let mended = mended();
    assert!(mended.len() > 15, "{mended:?}");
    for id in &mended {
        let rule = nfv::rules::find(id).unwrap_or_else(|| panic!("no rule {id}"));
        assert!(rule.docs.contains("--fix"), "{id} does not tell of it");
    }
    // A page that tells of it for another reason.
    const BESIDE: [&str; 1] = ["csar/source-missing"];
    for lint in nfv::rules::all() {
        let id = lint.rule.id;
        let is_told = lint.rule.docs.contains("--fix") && !BESIDE.contains(&id);
        let is_listed = mended.iter().any(|one| one == id);
        assert!(!is_told || is_listed, "{id} is not in the table");
    }
}

/// Mends one file, twice; the second time must change nothing.
#[track_caller]
fn mend_file(path: &str, before: &str) -> String {
    let tree = Tree::of(&[(path, before)]);
    let dry = ["check", "--fix", "--dry-run", "--message-format", "json"];
    for line in tree.nfv(&dry).sound().stdout.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if line["reason"] == "fixed" {
            let rule = line["rule"].as_str().expect("a rule");
            assert!(
                mended().iter().any(|one| one == rule),
                "{rule} is not listed"
            );
        }
    }
    let args = ["check", "--fix"];
    tree.nfv(&args).sound();
    let after = fs::read_to_string(tree.path(path)).expect("file");
    tree.nfv(&args).sound().says("Fixed nothing");
    let again = fs::read_to_string(tree.path(path)).expect("file");
    assert_eq!(after, again, "the second run");
    after
}

/// That a body of a VNFD becomes another.
#[track_caller]
fn becomes(before: &str, after: &str) {
    assert_eq!(mend(&vnfd(before)), vnfd(after));
}

/// That a body of a VNFD is left as it is.
#[track_caller]
fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn texts_that_readers_disagree_on_are_put_in_quotes() {
    becomes(
        "  product-name: 2024-01-01 # day\n",
        "  product-name: '2024-01-01' # day\n",
    );
    becomes("  provider: &p on\n", "  provider: &p 'on'\n");
    becomes("  vdu: [{id: 0755}]\n", "  vdu: [{id: '0755'}]\n");
    becomes(
        "  vdu:\n  - id: 1_000\n    name: 12:30:45\n",
        "  vdu:\n  - id: '1_000'\n    name: '12:30:45'\n",
    );
    // Where a boolean or a number is asked for, the quotes would make another
    // value of it.
    stays("  configurable-properties:\n    is-auto-heal-enabled: yes\n");
    stays("  virtual-compute-desc:\n  - id: c\n    virtual-cpu:\n      num-virtual-cpu: 010\n");
    // Where an alias may read the same text elsewhere, nothing is touched.
    stays("  provider: &p on\n  product-name: *p\n");
    let chart = "apiVersion: v2\nname: x\nversion: 1.0.0\nannotations:\n  yes: a\n";
    assert_eq!(
        mend_file("x/Chart.yaml", chart),
        chart.replace("yes:", "'yes':")
    );
}

#[test]
fn numbers_are_put_in_quotes_where_a_text_is_asked_for() {
    let text = "apiVersion: v2\nname: x\nversion: 1.0.0\nappVersion: 1.10 # two\n";
    assert_eq!(
        mend_file("x/Chart.yaml", text),
        text.replace("1.10", "'1.10'")
    );
    // OSM would write 1.1.
    becomes("  product-name: 1.10\n", "  product-name: '1.10'\n");
    // It writes these as they are.
    stays("  product-name: 1.1\n");
    stays("  product-name: 16\n");
    stays("  virtual-storage-desc:\n  - id: s\n    size-of-storage: 0x10\n");
}

/// What is one name to OSM stays one: with quotes it would be the text that stands there.
#[test]
fn names_that_are_the_same_to_osm_stay_so() {
    for (id, named) in [
        ("yes", "'True'"),
        ("010", "8"),
        ("1.00", "1.0"),
        ("1.10", "'1.1'"),
    ] {
        stays(&format!("  mgmt-cp: {named}\n  ext-cpd:\n  - id: {id}\n"));
    }
    // Where both are written so, they become the same text.
    becomes(
        "  mgmt-cp: yes\n  ext-cpd:\n  - id: yes\n",
        "  mgmt-cp: 'yes'\n  ext-cpd:\n  - id: 'yes'\n",
    );
}

#[test]
fn a_misspelled_key_is_renamed() {
    becomes("  vdu:\n  - idd: v\n", "  vdu:\n  - id: v\n");
    becomes(
        "  # a\n  product-nam: x # b\n",
        "  # a\n  product-name: x # b\n",
    );
    becomes(
        "  virtual-compute-desk:\n  - id: c\n  mgnt-cp: e\n  ext-cdp:\n  - id: e\n",
        "  virtual-compute-desc:\n  - id: c\n  mgmt-cp: e\n  ext-cpd:\n  - id: e\n",
    );
    becomes(
        "  sw-img-desc:\n  - id: i\n    disc-format: raw\n    min-disc: 1\n    min-rom: 1\n",
        "  sw-image-desc:\n  - id: i\n    disk-format: raw\n    min-disk: 1\n    min-ram: 1\n",
    );
    becomes(
        "  vdu:\n  - id: v\n    cloud-init-fil: c\n    monitoring-params:\n    - id: m\n",
        "  vdu:\n  - id: v\n    cloud-init-file: c\n    monitoring-parameter:\n    - id: m\n",
    );
    becomes("  \"product_name\": x\n", "  \"product-name\": x\n");
    // OSM does not find it with the prefix.
    let prefixed = "  etsi-nfv-vnfd:productName: x\n";
    becomes(prefixed, "  product-name: x\n");
    let tree = Tree::of(&[
        ("nfv.toml", "profile = \"etsi\"\n"),
        ("p/x_vnfd.yaml", &vnfd(prefixed)),
    ]);
    tree.nfv(&["check", "--fix"]).sound();
    let mended = fs::read_to_string(tree.path("p/x_vnfd.yaml")).expect("file");
    assert_eq!(mended, vnfd("  etsi-nfv-vnfd:product-name: x\n"));
    becomes("  vdu: [{id: s, nmae: t}]\n", "  vdu: [{id: s, name: t}]\n");
    // The same in many items is one finding, and all of it is mended.
    let items = |key: &str| -> String {
        let item = |i| format!("  - id: s{i}\n    {key}: x\n");
        format!("  vdu:\n{}", (0..9).map(item).collect::<String>())
    };
    becomes(&items("nmae"), &items("name"));
}

#[test]
fn a_key_that_may_be_another_is_not_renamed() {
    // There already, two that would be the same, two letters, another number.
    stays("  product-name: x\n  product-nam: y\n");
    stays("  product-nam: x\n  prodct-name: y\n");
    stays("  vdu:\n  - di: x\n");
    stays("  mgmt-cpd: x\n");
    stays("  no-such-key: x\n");
}

#[test]
fn a_value_that_differs_in_case_or_dashes_is_respelled() {
    let cpd = |layer: &str| format!("  ext-cpd:\n  - id: e\n    layer-protocol: {layer}\n");
    becomes(&cpd("[IPv4]"), &cpd("[ipv4]"));
    becomes(&cpd("['IPV4'] # x"), &cpd("['ipv4'] # x"));
    becomes(&cpd("[Pseudo_Wire]"), &cpd("[pseudo-wire]"));
    // The module is one that OSM does not know.
    becomes(&cpd("[nfv:ipv4]"), &cpd("[ipv4]"));
    stays(&cpd("[ipv5]"));
}

#[test]
fn a_single_mapping_becomes_a_list() {
    becomes(
        "  vdu:\n    # first\n    id: s # a\n\n    name: |\n      t\n    # last\n",
        "  vdu:\n    # first\n  - id: s # a\n\n    name: |\n      t\n    # last\n",
    );
    becomes(
        "  vdu:\n      id: s\n      name: t\n",
        "  vdu:\n    - id: s\n      name: t\n",
    );
    becomes("  vdu: {id: s}\n", "  vdu: [{id: s}]\n");
    becomes(
        "  df:\n  - id: d\n    vdu-profile:\n      id: s\n",
        "  df:\n  - id: d\n    vdu-profile:\n    - id: s\n",
    );
    // Where there is no room for the dash, its lines are moved.
    becomes(
        "  vdu:\n   id: s\n # first\n   # second\n\n   name: |\n     t\n      \n     u\n  product-name: x\n",
        "  vdu:\n  - id: s\n # first\n    # second\n\n    name: |\n      t\n       \n      u\n  product-name: x\n",
    );
    // An anchor and a tag stay with the item.
    becomes(
        "  vdu: &v !!map # a\n    id: s\n",
        "  vdu:\n  - &v !!map # a\n    id: s\n",
    );
    becomes("  vdu: &v {id: s}\n", "  vdu: [&v {id: s}]\n");
    becomes(
        "  ? vdu # a\n  : id: s\n    name: t\n",
        "  ? vdu # a\n  : - id: s\n      name: t\n",
    );
    // Names to items.
    stays("  vdu:\n    s:\n      name: t\n");
}

#[test]
fn a_single_value_becomes_a_list() {
    let vdu = |value: &str| format!("  vdu:\n  - id: s\n    virtual-storage-desc:{value}\n");
    becomes(&vdu(" disk # a"), &vdu("\n    - disk # a"));
    becomes(&vdu("  'di sk'"), &vdu("\n    - 'di sk'"));
    becomes(&vdu(" # a\n      disk"), &vdu(" # a\n      - disk"));
    becomes(
        "  vdu: [{id: s, virtual-storage-desc: disk}]\n",
        "  vdu: [{id: s, virtual-storage-desc: [disk]}]\n",
    );
    becomes(&vdu(" &d disk"), &vdu("\n    - &d disk"));
    becomes(
        "  ? vnfm-info\n  : !!str osm\n",
        "  ? vnfm-info\n  : - !!str osm\n",
    );
    becomes(
        "  vnfm-info: &o osm\n  provider: *o\n",
        "  vnfm-info:\n  - &o osm\n  provider: *o\n",
    );
    // Lists are indented as elsewhere in the file.
    becomes(
        "  vdu:\n    - id: s\n      virtual-storage-desc: disk\n",
        "  vdu:\n    - id: s\n      virtual-storage-desc:\n        - disk\n",
    );
    stays(&vdu(" |\n      disk"));
    stays(&vdu(" disk\n      and more"));
}

#[test]
fn one_item_comes_out_of_a_list_that_belongs_not_there() {
    // OSM would write the list down as a text.
    becomes("  provider: [x] # y\n", "  provider: x # y\n");
    becomes("  provider: [ 'x y', ]\n", "  provider: 'x y'\n");
    becomes("  provider:\n  - x # y\n", "  provider: x # y\n");
    becomes("  provider:\n    -   \"x\"\n", "  provider: \"x\"\n");
    becomes(
        "  ext-cpd:\n  - id: m\n    int-cpd:\n    - vdu-id: v\n      # c\n      cpd: c\n",
        "  ext-cpd:\n  - id: m\n    int-cpd:\n      vdu-id: v\n      # c\n      cpd: c\n",
    );
    becomes(
        "  ext-cpd:\n  - int-cpd:\n      - vdu-id: v\n        cpd: c\n    id: m\n",
        "  ext-cpd:\n  - int-cpd:\n        vdu-id: v\n        cpd: c\n    id: m\n",
    );
    becomes(
        "  ext-cpd: [{id: m, int-cpd: [{vdu-id: v, cpd: c}]}]\n",
        "  ext-cpd: [{id: m, int-cpd: {vdu-id: v, cpd: c}}]\n",
    );
    becomes(
        "  ext-cpd:\n  - id: m\n    int-cpd: [\n      {vdu-id: v, cpd: c}\n    ]\n",
        "  ext-cpd:\n  - id: m\n    int-cpd: {vdu-id: v, cpd: c}\n",
    );
    becomes(
        "  df:\n  - id: d\n    vdu-profile: [{id: v, min-number-of-instances: [1]}]\n",
        "  df:\n  - id: d\n    vdu-profile: [{id: v, min-number-of-instances: 1}]\n",
    );
    // What another rule tells of is mended all the same.
    let vnfd = |id: &str| format!("vnfd:\n  id: {id}\n  df: [{{id: d}}]\n");
    assert_eq!(mend(&vnfd("[a]")), vnfd("a"));
    let nsd = |id: &str| {
        format!(
            "nsd:\n  nsd:\n  - id: a\n    df:\n    - id: d\n      vnf-profile:\n      - id: p\n        vnfd-id: {id}\n"
        )
    };
    assert_eq!(mend_file("n/x_nsd.yaml", &nsd("[v]")), nsd("v"));
    for text in [
        "  provider: [x, y]\n",
        "  provider: []\n",
        "  provider: [[x]]\n",
        "  provider: [~]\n",
        "  provider: [&p x]\n",
        "  provider: [!!str 1]\n",
        "  provider: [a: b]\n",
        "  provider: [ # y\n    x]\n",
        "  provider: [x # y\n    ]\n",
        "  provider: ['x\n    y']\n",
        "  provider: # y\n  - x\n",
        "  provider: &p [x]\n  product-name: *p\n",
        "  provider:\n  - |\n    x\n",
        "  provider:\n  -\n    x\n",
        "  ext-cpd:\n  - id: m\n    int-cpd: [vdu-id: v]\n",
    ] {
        stays(text);
    }
}

#[test]
fn the_second_of_two_equal_lines_goes() {
    becomes(
        "  provider: x # a\n  # b\n  provider:   x\n  vdu: []\n",
        "  provider: x # a\n  # b\n  vdu: []\n",
    );
    becomes(
        "  vdu:\n  - id: s\n  # a\n  vdu:\n    - id: s\n\n  mgmt-cp: m\n",
        "  vdu:\n  - id: s\n  # a\n\n  mgmt-cp: m\n",
    );
    becomes("  provider: x\n  provider: x", "  provider: x\n");
    // Of three, the last holds before and after.
    becomes(
        "  provider: y\n  provider: x\n  provider: x\n",
        "  provider: y\n  provider: x\n",
    );
    // Two values, a comment that would go too, one line, a third between.
    stays("  provider: x\n  provider: y\n");
    stays("  provider: x\n  provider: 'x'\n");
    stays("  provider: x\n  provider: x # why\n");
    stays("  vdu: [{id: s, id: s}]\n");
    stays("  provider: x\n  provider: y\n  provider: x\n");
}

#[test]
fn one_fix_makes_way_for_the_next() {
    becomes(
        "  VDU:\n    id: 0755\n    name: yes\n",
        "  vdu:\n  - id: '0755'\n    name: 'yes'\n",
    );
}

#[test]
fn line_ends_and_byte_order_marks_stay() {
    let before = "\u{feff}vnfd:\r\n  id: a\r\n  nmae: x\r\n  provider: on\r\n  provider: on\r\n  vdu:\r\n  - id: s\r\n    virtual-storage-desc: disk # a\r\n";
    let after = "\u{feff}vnfd:\r\n  id: a\r\n  nmae: x\r\n  provider: 'on'\r\n  vdu:\r\n  - id: s\r\n    virtual-storage-desc:\r\n    - disk # a\r\n";
    assert_eq!(mend(before), after);
}

#[test]
fn a_list_of_checksums_is_written_anew() {
    let tree = Tree::of(&[
        ("tiny_vnf/tiny_vnfd.yaml", VNFD),
        ("tiny_vnf/charms/x/hooks/start", "#!/bin/sh\n"),
        (
            "tiny_vnf/checksums.txt",
            "d41d8cd98f00b204e9800998ecf8427e  gone.yaml\n",
        ),
    ]);
    let md5 = |path: &str| {
        use md5::{Digest, Md5};
        let digest = Md5::digest(fs::read(tree.path(path)).expect("file"));
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let list = || {
        let files = ["tiny_vnf/charms/x/hooks/start", "tiny_vnf/tiny_vnfd.yaml"];
        let line = |path: &&str| format!("{}\t{path}\n", md5(path));
        files.iter().map(line).collect::<String>()
    };
    let read = || fs::read_to_string(tree.path("tiny_vnf/checksums.txt")).expect("list");
    tree.nfv(&["check", "--fix"]).code(0).says("Checked 1");
    assert_eq!(read(), list());
    // A file that is mended has another sum: its list follows in the same run.
    let descriptor = "tiny_vnf/tiny_vnfd.yaml";
    tree.replace(descriptor, "provider: Example Operator", "providr: on");
    let old = list();
    tree.nfv(&["check", "--fix"])
        .code(0)
        .says("Fixed 3 findings in 2 files");
    assert_eq!(read(), list());
    assert_ne!(list(), old);
    let text = fs::read_to_string(tree.path(descriptor)).expect("file");
    assert_eq!(text, VNFD.replace("Example Operator", "'on'"));
}

#[test]
fn only_what_is_reported_is_mended() {
    let text = vnfd("  provider: on # nfv: allow(yaml)\n  product-name: off\n");
    assert_eq!(mend(&text), text.replace("off", "'off'"));
    // Of a mistake in many items, those that a comment allows stay.
    let item = |i: i32, key: &str, more: &str| format!("  - id: s{i}\n    {key}: x{more}\n");
    let allow = " # nfv: allow(schema/unknown-key)";
    let items = |key: &str| -> String {
        let items = (0..6).map(|i| match i {
            3 => item(i, "nmae", allow),
            i => item(i, key, ""),
        });
        format!("  vdu:\n{}", items.collect::<String>())
    };
    becomes(&items("nmae"), &items("name"));
    let tree = Tree::of(&[("p/x_vnfd.yaml", text.as_str())]);
    tree.nfv(&["check", "--fix", "-A", "yaml"])
        .sound()
        .says("Fixed nothing");
    assert_eq!(
        fs::read_to_string(tree.path("p/x_vnfd.yaml")).expect("file"),
        text
    );
}

/// A tree with two findings that can be mended and one that can't.
fn broken() -> Tree {
    let tree = Tree::new();
    tree.file("p/x_vnfd.yaml", VNFD.replace("provider", "providr"));
    let second = VNFD.replace("tiny_vnf", "tiny_two");
    tree.file(
        "q/y_vnfd.yaml",
        second.replace("product-name:", "Product-Name:") + "  no-such-key: 1\n",
    );
    tree
}

#[test]
fn a_dry_run_writes_nothing_and_shows_what_patch_takes() {
    let tree = broken();
    let before = common::digests(&tree.root);
    let run = tree.nfv(&["check", "--fix", "--dry-run"]).code(1);
    assert_eq!(before, common::digests(&tree.root));
    assert!(run.stderr.contains("Fixable 2 findings in 2 files"));
    assert!(run.stderr.contains("no-such-key"), "{}", run.stderr);
    assert!(!run.stderr.contains("providr"), "{}", run.stderr);
    let patch = tree.beside("patch");
    fs::write(&patch, &run.bytes).expect("patch");
    let other = broken();
    if common::tool("patch").is_some() {
        let mut command = std::process::Command::new("patch");
        let input = fs::File::open(&patch).expect("patch");
        command.current_dir(&tree.root).arg("-p1").stdin(input);
        assert!(command.output().expect("patch").status.success());
        other.nfv(&["check", "--fix"]).code(1);
        assert_eq!(common::digests(&tree.root), common::digests(&other.root));
    }
    let wrong = broken().nfv(&["check", "--fix", "--dry-run", "--message-format", "sarif"]);
    wrong.code(2).says("`human`, `short` and `json`");
    broken().nfv(&["check", "--dry-run"]).code(2).says("--fix");
}

#[test]
fn programs_are_told_what_was_mended() {
    let tree = broken();
    let lines = |run: &common::Run| -> Vec<serde_json::Value> {
        let lines = run.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let json = ["-A", "schema/departure", "--message-format", "json"];
    let plain = tree.nfv(&[&["check"], &json[..]].concat()).code(1);
    let findings = lines(&plain);
    let unknown = findings
        .iter()
        .find(|one| one["rule"] == "schema/unknown-key");
    let fix = &unknown.expect("finding")["fixes"][0];
    assert_eq!(fix["title"], "rename the key to `provider`");
    assert_eq!(fix["edits"][0]["text"], "provider");
    let start = VNFD.find("provider").expect("provider");
    assert_eq!(fix["edits"][0]["byte_start"], start);
    assert_eq!(fix["edits"][0]["byte_end"], start + "providr".len());
    let sarif = tree
        .nfv(&[
            "check",
            "-A",
            "schema/departure",
            "--message-format",
            "sarif",
        ])
        .code(1);
    let sarif: serde_json::Value = serde_json::from_str(&sarif.stdout).expect("JSON");
    let change = &sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "p/x_vnfd.yaml");
    let replacement = &change["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "provider");
    assert_eq!(replacement["deletedRegion"]["startLine"], 4);
    for dry_run in [true, false] {
        let mut args = [&["check", "--fix"], &json[..]].concat();
        args.extend(dry_run.then_some("--dry-run"));
        let lines = lines(&tree.nfv(&args).code(1));
        let of = |reason: &str| lines.iter().filter(|l| l["reason"] == reason).count();
        assert_eq!(of("fixed"), 2);
        assert_eq!(of("diff"), if dry_run { 2 } else { 0 });
        assert_eq!(of("finding"), 1);
        assert_eq!(lines[0]["rule"], "schema/unknown-key");
        assert_eq!(lines[0]["path"], "p/x_vnfd.yaml");
        assert_eq!(lines[0]["dry_run"], dry_run);
    }
}

#[test]
fn a_read_only_file_is_named_and_the_others_are_mended() {
    let tree = broken();
    let path = tree.path("p/x_vnfd.yaml");
    let before = fs::read(&path).expect("file");
    let mut permissions = fs::metadata(&path).expect("metadata").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("mode");
    // A dry run shows what there is to do, and fails as the run does.
    let run = tree.nfv(&["check", "--fix", "--dry-run"]).code(2);
    let run = run.says("it is read-only");
    for file in ["p/x_vnfd.yaml", "q/y_vnfd.yaml"] {
        let head = format!("--- a/{file}\n+++ b/{file}\n");
        assert!(run.stdout.contains(&head), "{}", run.stdout);
    }
    tree.nfv(&["check", "--fix"])
        .code(2)
        .says("Fixed 1 finding in 1 file")
        .says("failed to fix `p/x_vnfd.yaml`")
        .says("it is read-only");
    assert_eq!(fs::read(&path).expect("file"), before);
    assert_eq!(common::names(&tree.path("p")), ["x_vnfd.yaml"]);
    let other = fs::read_to_string(tree.path("q/y_vnfd.yaml")).expect("file");
    assert!(other.contains("  product-name:"), "{other}");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_are_followed_inside_the_tree_only() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tree = Tree::new();
    let text = VNFD.replace("provider", "providr");
    let target = tree.file("shared/x.yaml.in", &text);
    common::set_mode(&target, 0o640);
    fs::create_dir(tree.path("p")).expect("folder");
    symlink("../shared/x.yaml.in", tree.path("p/x_vnfd.yaml")).expect("link");
    tree.nfv(&["check", "--fix"]).code(0);
    assert_eq!(fs::read_to_string(&target).expect("file"), VNFD);
    assert!(tree.path("p/x_vnfd.yaml").is_symlink());
    let mode = fs::metadata(&target)
        .expect("metadata")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    // Out of the tree.
    let outside = tree.beside("outside.yaml");
    fs::write(&outside, &text).expect("file");
    fs::remove_file(tree.path("p/x_vnfd.yaml")).expect("link");
    symlink(&outside, tree.path("p/x_vnfd.yaml")).expect("link");
    tree.nfv(&["check", "--fix"]).sound();
    assert_eq!(fs::read_to_string(&outside).expect("file"), text);
    let tree = Tree::new();
    tree.file("nfv.toml", "");
    let other = tree.beside("other");
    fs::create_dir(&other).expect("folder");
    fs::write(other.join("x_vnfd.yaml"), &text).expect("file");
    let run = tree.nfv(&["check", "--fix", "../other"]);
    run.code(2).says("it lies outside of the tree");
    assert_eq!(
        fs::read_to_string(other.join("x_vnfd.yaml")).expect("file"),
        text
    );
}

#[test]
fn a_finished_package_is_left_as_it_is() {
    let tree = broken();
    let packages = tree.path("packages");
    fs::create_dir(&packages).expect("folder");
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
        fs::File::create(packages.join("p.tar.gz")).expect("file"),
        flate2::Compression::fast(),
    ));
    archive
        .append_dir_all("p", tree.path("p"))
        .expect("archive");
    archive.into_inner().expect("tar").finish().expect("gzip");
    let before = common::digests(&tree.root);
    let run = tree.nfv(&["check", "--fix", "packages/p.tar.gz"]).code(1);
    assert!(run.stderr.contains("Fixed nothing"), "{}", run.stderr);
    assert!(!run.stderr.contains("`--fix`"), "{}", run.stderr);
    assert_eq!(before, common::digests(&tree.root));
}

#[test]
fn what_is_left_behind_by_a_killed_run_is_in_no_package() {
    let tree = Tree::of(&[("p/x_vnfd.yaml", VNFD), ("p/.nfv-fix-AbCdEf", VNFD)]);
    let scan = tree.scan();
    assert_eq!(common::files(common::only(&scan)), ["x_vnfd.yaml"]);
}

/// A tree of values without places: keys and texts, by path.
fn values(node: Node<'_>, path: &str, out: &mut Vec<(String, String)>) {
    match node.shape() {
        Shape::Scalar => out.push((path.to_owned(), node.text().unwrap_or_default().into())),
        Shape::Sequence => {
            for (i, item) in node.items().enumerate() {
                values(item, &format!("{path}/{i}"), out);
            }
        }
        Shape::Mapping => {
            for entry in node.entries() {
                values(entry.value(), &format!("{path}/{}", entry.key()), out);
            }
        }
    }
}

/// Texts of all values, sorted, and all comments: no fix changes the text of a
/// value, but for the case and the dashes of a word of the model.
fn content(path: &Path) -> (Vec<String>, Vec<String>) {
    let bytes = fs::read(path).expect("file");
    let doc = yaml::parse("f", bytes, Limits::default());
    let root = doc.root().expect("valid YAML");
    let mut all = Vec::new();
    values(root, "", &mut all);
    let plain = |text: &str| {
        let local = text.rsplit(':').next().unwrap_or(text);
        local.to_lowercase().replace('_', "-")
    };
    let mut texts: Vec<String> = all.iter().map(|(_, text)| plain(text)).collect();
    texts.sort();
    let text = doc.file().text();
    let comments = text.lines().filter_map(|line| line.split_once(" #"));
    (texts, comments.map(|(_, c)| c.trim().to_owned()).collect())
}

#[test]
fn the_corpus_keeps_its_values_and_comments() {
    let Some(corpus) = std::env::var_os("NFV_CORPUS") else {
        println!("skipped: NFV_CORPUS is not set");
        return;
    };
    let mut changed = 0;
    for part in ["descriptors", "osm-packages", "nephele"] {
        let from = Path::new(&corpus).join(part);
        let tree = Tree::new();
        common::copy(&from, &tree.root, false);
        common::walk(&tree.root, &mut |path| {
            common::set_mode(path, if path.is_dir() { 0o755 } else { 0o644 });
        });
        let original = common::digests(&tree.root);
        let args = ["check", "--fix", "-q"];
        tree.nfv(&args).sound();
        let mended = common::digests(&tree.root);
        assert!(original.keys().eq(mended.keys()), "files came or went");
        for (path, digest) in &mended {
            // Lists of digests are written anew.
            let is_list = path.ends_with("checksums.txt") || path.ends_with(".mf");
            if original[path] == *digest || is_list {
                continue;
            }
            changed += 1;
            let before = content(&from.join(path));
            let after = content(&tree.path(path));
            assert_eq!(before, after, "{path}");
        }
        tree.nfv(&args).sound();
        assert_eq!(mended, common::digests(&tree.root), "a second run");
    }
    println!("{changed} descriptors changed");
}

/// A diff goes to logs. The file keeps what it has.
#[test]
fn a_dry_run_shows_no_secret() {
    let secret = "hunter-2-hunter";
    let unit = format!("  description: yes\n  vdu:\n  - id: vm\n    password: {secret}\n");
    let text = common::VNFD.replace("  mgmt-cp", &format!("{unit}  mgmt-cp"));
    let tree = Tree::of(&[("tiny/tiny_vnfd.yaml", &text)]);
    for format in ["human", "short", "json"] {
        let args = ["check", "--fix", "--dry-run", "--message-format", format];
        let run = tree.nfv(&args).sound();
        assert!(run.stdout.contains("description: 'yes'"), "{}", run.stdout);
        assert!(run.stdout.contains("password: ***"), "{}", run.stdout);
        assert!(!run.stdout.contains(secret), "{}", run.stdout);
        assert!(!run.stderr.contains(secret), "{}", run.stderr);
    }
    tree.nfv(&["check", "--fix", "-q"]).sound();
    let mended = std::fs::read_to_string(tree.path("tiny/tiny_vnfd.yaml")).expect("file");
    assert_eq!(
        mended,
        text.replace("description: yes", "description: 'yes'")
    );
}

#[test]
fn a_version_that_loses_a_zero_is_put_in_quotes() {
    let text = |version: &str| format!("vnfd:\n  id: a\n  version: {version} # first\n");
    for (before, after) in [
        ("1.10", "'1.10'"),
        ("2.00", "'2.00'"),
        ("1.0", "1.0"),
        // A text to one YAML and a number to the other.
        ("1e3", "'1e3'"),
    ] {
        assert_eq!(mend(&text(before)), text(after));
    }
    becomes(
        "  software-version: 22.10\n",
        "  software-version: '22.10'\n",
    );
}

#[test]
fn a_prefix_on_the_key_of_an_item_is_taken_off() {
    becomes(
        "  df:\n  - etsi-nfv-vnfd:id: d # default\n",
        "  df:\n  - id: d # default\n",
    );
}

#[test]
fn a_prefix_of_another_module_is_taken_off() {
    let mended = |profile: &str, before: &str| {
        let tree = Tree::of(&[
            ("nfv.toml", &format!("profile = \"{profile}\"\n")),
            ("p/x_vnfd.yaml", before),
        ]);
        for _ in 0..2 {
            tree.nfv(&["check", "--fix"]).sound();
        }
        fs::read_to_string(tree.path("p/x_vnfd.yaml")).expect("file")
    };
    for (before, after) in [
        ("  x:provider: b # who\n", "  provider: b # who\n"),
        ("  'x:provider': b\n", "  'provider': b\n"),
        (
            "  vdu: [{\"x:id\": s, etsi-nfv-vnfd:name: s}]\n",
            "  vdu: [{\"id\": s, etsi-nfv-vnfd:name: s}]\n",
        ),
        // Two would become one.
        (
            "  x:provider: b\n  y:provider: b\n",
            "  x:provider: b\n  y:provider: b\n",
        ),
        (
            "  x:provider: b\n  provider: b\n",
            "  x:provider: b\n  provider: b\n",
        ),
    ] {
        assert_eq!(mended("etsi", &vnfd(before)), vnfd(after));
        // OSM does not find a key with the right prefix either.
        let after = after.replace("etsi-nfv-vnfd:name", "name");
        assert_eq!(mended("osm", &vnfd(before)), vnfd(&after));
    }
}

#[test]
fn a_slice_or_service_without_its_list_gets_one() {
    assert_eq!(
        mend_file("p/x_nst.yaml", "nst:\n    id: t # slice\n    name: t\n"),
        "nst:\n  - id: t # slice\n    name: t\n"
    );
    assert_eq!(
        mend_file(
            "p/x_nsd.yaml",
            "nsd:\n  nsd:\n    # The service.\n    id: s\n    version: '1'\n"
        ),
        "nsd:\n  nsd:\n    # The service.\n  - id: s\n    version: '1'\n"
    );
}

/// What an alias repeats is left alone, and the rest of the file is not.
#[test]
fn beside_aliases_everything_is_mended_that_none_of_them_repeats() {
    let shared = "  vdu:\n  - &unit\n    id: s\n    nmae: on\n  - <<: *unit\n    id: t\n";
    becomes(
        &format!("{shared}    descripton: x\n  provider: on\n"),
        &format!("{shared}    description: x\n  provider: 'on'\n"),
    );
    // Around what is repeated, and behind an anchor that no alias names.
    becomes(
        "  provider: &p x\n  vdu:\n    id: s\n    name: *p\n",
        "  provider: &p x\n  vdu:\n  - id: s\n    name: *p\n",
    );
    becomes(
        "  provider: &p x\n  software-version: *p\n  product-name: &n on\n",
        "  provider: &p x\n  software-version: *p\n  product-name: &n 'on'\n",
    );
    becomes(
        "  ext-cpd:\n  - id: &e e\n    layer-protocol: [IPv4]\n  mgmt-cp: *e\n",
        "  ext-cpd:\n  - id: &e e\n    layer-protocol: [ipv4]\n  mgmt-cp: *e\n",
    );
    // A key may go though its value is an alias.
    becomes(
        "  provider: &p x\n  product-nam: *p\n  df:\n  - x:id: *p\n",
        "  provider: &p x\n  product-name: *p\n  df:\n  - id: *p\n",
    );
    becomes(
        "  product-nam: &a x\n  provider: *a\n",
        "  product-name: &a x\n  provider: *a\n",
    );
    // An alias as the value, the anchor of one on a key, lines that hold an anchor.
    stays("  provider: &p x\n  vnfm-info: *p\n");
    stays("  &k product-nam: x\n  provider: *k\n");
    stays("  provider: x\n  provider: &p x\n  product-name: *p\n");
    stays("  provider: &p on\n  vdu:\n  - {id: s, name: *p}\n");
}

/// What could be mended and is not has a reason.
#[test]
fn what_is_left_says_why() {
    for (text, why) in [
        (
            "  vnfm-info:\n    &a osm\n",
            "make a list of `vnfm-info`, because an anchor or a tag stands before the value",
        ),
        (
            "  vnfm-info: !x osm\n",
            "make a list of `vnfm-info`, because an anchor or a tag stands before the value",
        ),
        (
            "  virtual-compute-desc:\n    &c\n    id: c\n",
            "make a list of `virtual-compute-desc`, because an anchor or a tag stands before the value",
        ),
        (
            "  virtual-compute-desc:\n   id: {a: b,\n  c: d}\n",
            "make a list of `virtual-compute-desc`, because its lines would have to be moved to the right for a dash",
        ),
        (
            "  ? vnfm-info\n  : 'os\n    m'\n",
            "make a list of `vnfm-info`, because its value is written over several lines",
        ),
        (
            "  virtual-compute-desc:\n    one: {id: c}\n",
            "make a list of `virtual-compute-desc`, because not all of its keys are those of one item",
        ),
        (
            "  vnfm-info: 'os\n    m'\n",
            "make a list of `vnfm-info`, because its value is written over several lines",
        ),
        (
            "  provider: a\n  provider: b\n",
            "delete the second, because the two are not the same",
        ),
    ] {
        let text = vnfd(text);
        let tree = Tree::of(&[("p/x_vnfd.yaml", &text)]);
        tree.nfv(&["check", "--fix"])
            .says(&format!("`--fix` does not {why}"))
            .says("Left 1 place in 1 file; the findings say why");
        let short = ["check", "--fix", "--message-format", "short"];
        tree.nfv(&short)
            .says(&format!("(`--fix` does not {why})"))
            .says("Left 1 place");
        let after = fs::read_to_string(tree.path("p/x_vnfd.yaml")).expect("file");
        assert_eq!(after, text);
    }
}

#[test]
fn what_is_left_for_an_alias_is_told() {
    let text = vnfd("  product-name: on\n  provider: &p on\n  software-version: *p\n");
    let tree = Tree::of(&[("p/x_vnfd.yaml", &text)]);
    let why = "`--fix` does not put `on` in quotes, because an alias repeats this part of the file";
    let args = ["check", "-W", "yaml/ambiguous-scalar"];
    tree.nfv(&args)
        .says(why)
        .says("`--fix` will put `on` in quotes");
    let left = "Left 1 place in 1 file; the findings say why";
    for more in ["--dry-run", "--verbose"] {
        let args = [&args[..], &["--fix", more]].concat();
        tree.nfv(&args)
            .says("1 finding in 1 file")
            .says(left)
            .says(why);
    }
    let after = fs::read_to_string(tree.path("p/x_vnfd.yaml")).expect("file");
    assert_eq!(after, text.replace("name: on", "name: 'on'"));
    // Where nothing is left, nothing is told.
    let tree = Tree::of(&[("p/x_vnfd.yaml", &vnfd("  product-name: on\n"))]);
    let output = tree.nfv(&["check", "--fix"]);
    assert!(!output.stderr.contains("Left"), "{}", output.stderr);
}
