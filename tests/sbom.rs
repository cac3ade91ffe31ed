//! `cargo nfv sbom`: what is in the bill, and what others say of it.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::Tree;
use serde_json::Value;

/// A VNF with a chart in a chart, a charm, licences, an image that is there, one
/// that is not and one of a container.
fn rich() -> Tree {
    let tree = Tree::new();
    let tag = |id: &str| format!("# SPDX-License-{}: {id}\n", "Identifier");
    tree.file(
        "rich_vnf/rich_vnfd.yaml",
        tag("Apache-2.0 OR MIT")
            + "vnfd:
  id: rich_vnf
  product-name: rich_vnf
  provider: Example (Networks)
  version: '1.0+x'
  mgmt-cp: mgmt-ext
  ext-cpd:
    - id: mgmt-ext
      k8s-cluster-net: mgmtnet
  k8s-cluster:
    nets:
      - id: mgmtnet
  kdu:
    - name: inside
      helm-chart: cache
    - name: outside
      helm-chart: stable/openldap:1.2.3
    - name: registry
      helm-chart: oci://ghcr.io/edge/charts/db:2.0.0
    - name: archive
      helm-chart: proxy
  sw-image-desc:
    - id: disk
      name: disk
      version: '7'
      image: disk.qcow2
    - id: far
      name: far
      image: far.qcow2
      checksum:
        algorithm: sha-256
        hash: 9F2C1D7BE0A4583C6D1E0B7A95F3C824E6B8D70135A9C2F4E17B60D8A3C5F912
    - id: short
      name: short
      image: short.qcow2
      checksum:
        algorithm: sha-256
        hash: abc
    - id: box
      name: box
      image: quay.io/edge/box:3
      container-format: docker
    - id: pinned
      name: pinned
      image: quay.io/edge/pinned@sha256:9f2c1d7be0a4583c6d1e0b7a95f3c824e6b8d70135a9c2f4e17b60d8a3c5f912
  df:
    - id: default-df
",
    );
    let chart = "rich_vnf/helm-chart-v3s/cache";
    tree.file(
        &format!("{chart}/Chart.yaml"),
        "apiVersion: v2\nname: cache\nversion: 0.3.0\nappVersion: '7.2'\nannotations:\n  \
         artifacthub.io/license: BSD-3-Clause\ndependencies:\n  - name: common\n    version: \
         ^1.0.0\n    repository: https://charts.example.org\n  - name: sub\n    version: 4.5.6\n  \
         - name: exact\n    version: 1.0.0\n",
    );
    tree.file(
        &format!("{chart}/charts/sub/Chart.yaml"),
        "apiVersion: v2\nname: sub\nversion: 4.5.6\n",
    );
    tree.file("rich_vnf/helm-chart-v3s/proxy-1.0.0.tgz", "not looked into");
    tree.file(
        "rich_vnf/charms/ops/fw/metadata.yaml",
        "name: firewall\nsummary: Keeps things out\n",
    );
    tree.file("rich_vnf/charms/ops/fw/version", "rev-9\n");
    tree.file("rich_vnf/charms/ops/fw/src/charm.py", tag("Unknown-9"));
    tree.file("rich_vnf/images/disk.qcow2", "the disk");
    tree.file("rich_vnf/Licenses/ISC.txt", "text");
    tree.file("rich_vnf/scripts/old.sh", tag("gpl-2.0 or MIT"));
    tree.file("rich_vnf/README.md", "The same as in no other file.\n");
    tree
}

const RICH: &str = "target/nfv/packages/rich_vnf-1.0+x.tar.gz";

fn build(tree: &Tree) {
    tree.nfv(&["build", "-A", "all", "--quiet"]).code(0);
}

fn bill(tree: &Tree, args: &[&str]) -> Value {
    let run = tree.nfv(&[&["sbom"], args].concat()).code(0);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// The item of a list whose field has this value.
#[track_caller]
fn by<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let items = list.as_array().expect("a list");
    let found = items.iter().find(|item| item[field] == value);
    found.unwrap_or_else(|| panic!("no {field} `{value}` in {list:#}"))
}

/// What relates to an element, by name where it has one.
fn related(spdx: &Value, name: &str, kind: &str) -> Vec<String> {
    let packages = spdx["packages"].as_array().expect("packages");
    let id = &by(&spdx["packages"], "name", name)["SPDXID"];
    let all = spdx["relationships"].as_array().expect("relationships");
    let all = all.iter().filter(|one| one["spdxElementId"] == *id);
    let all = all.filter(|one| one["relationshipType"] == kind);
    let named = all.filter_map(|one| {
        let to = &one["relatedSpdxElement"];
        let found = packages.iter().find(|package| package["SPDXID"] == *to)?;
        Some(found["name"].as_str().expect("name").to_owned())
    });
    named.collect()
}

#[test]
fn spdx_has_what_is_there_and_what_is_needed() {
    let tree = rich();
    build(&tree);
    let spdx = bill(&tree, &[RICH]);
    assert_eq!(spdx["spdxVersion"], "SPDX-2.3");
    let root = &spdx["packages"][0];
    let sha256 = common::sha256(&fs::read(tree.path(RICH)).expect("package"));
    assert_eq!(root["name"], "rich_vnf");
    assert_eq!(root["versionInfo"], "1.0+x");
    assert_eq!(root["supplier"], "Organization: Example (Networks) ()");
    assert_eq!(root["licenseDeclared"], "ISC");
    assert_eq!(root["checksums"][0]["checksumValue"], sha256.as_str());
    let purl = format!("pkg:generic/rich_vnf@1.0%2Bx?checksum=sha256:{sha256}");
    assert_eq!(root["externalRefs"][0]["referenceLocator"], purl.as_str());
    let wanted = serde_json::json!(["Apache-2.0", "GPL-2.0", "ISC", "MIT", "NOASSERTION"]);
    assert_eq!(root["licenseInfoFromFiles"], wanted);
    let contains = related(&spdx, "rich_vnf", "CONTAINS");
    assert_eq!(contains, ["cache", "firewall", "disk"]);
    assert_eq!(related(&spdx, "cache", "CONTAINS"), ["sub"]);
    let needs = related(&spdx, "rich_vnf", "DEPENDS_ON");
    assert_eq!(
        needs,
        ["far", "short", "box", "pinned", "cache", "openldap", "db"]
    );
    let needs = related(&spdx, "cache", "DEPENDS_ON");
    assert_eq!(needs, ["common", "sub", "exact"]);

    let package = |name: &str| by(&spdx["packages"], "name", name);
    assert_eq!(package("cache")["licenseDeclared"], "BSD-3-Clause");
    assert_eq!(package("firewall")["versionInfo"], "rev-9");
    assert_eq!(package("openldap")["versionInfo"], "1.2.3");
    assert_eq!(package("exact")["versionInfo"], "1.0.0");
    assert!(package("common").get("versionInfo").is_none());
    let disk = common::sha256(b"the disk");
    let found = &package("disk")["checksums"][0]["checksumValue"];
    assert_eq!(found, disk.as_str());
    let far = &package("far")["checksums"][0]["checksumValue"];
    let wanted = "9f2c1d7be0a4583c6d1e0b7a95f3c824e6b8d70135a9c2f4e17b60d8a3c5f912";
    assert_eq!(far, wanted);
    // A digest of the wrong length is none.
    assert!(package("short").get("checksums").is_none());
    let purl = |name: &str| &package(name)["externalRefs"][0]["referenceLocator"];
    assert_eq!(purl("box"), "pkg:docker/edge/box@3?repository_url=quay.io");
    // A digest of a registry is that of a manifest, whatever the descriptor says of its form.
    let digest = "sha256:9f2c1d7be0a4583c6d1e0b7a95f3c824e6b8d70135a9c2f4e17b60d8a3c5f912";
    let wanted = format!("pkg:oci/pinned@{digest}?repository_url=quay.io/edge/pinned");
    assert_eq!(purl("pinned"), wanted.as_str());
    let wanted = "pkg:oci/db?repository_url=ghcr.io/edge/charts/db&tag=2.0.0";
    assert_eq!(purl("db"), wanted);

    let file = |path: &str| by(&spdx["files"], "fileName", path);
    let readme = file("./rich_vnf/README.md");
    // sha1sum, over the text above.
    let sha1 = "69e9642fec8efaf6d8ed0edab7c80429eac857cd";
    assert_eq!(readme["checksums"][0]["algorithm"], "SHA1");
    assert_eq!(readme["checksums"][0]["checksumValue"], sha1);
    let charm = file("./rich_vnf/charms/ops/fw/src/charm.py");
    assert_eq!(charm["licenseInfoInFiles"][0], "NOASSERTION");
    let script = file("./rich_vnf/scripts/old.sh");
    let wanted = serde_json::json!(["GPL-2.0", "MIT"]);
    assert_eq!(script["licenseInfoInFiles"], wanted);
    let descriptor = &file("./rich_vnf/rich_vnfd.yaml")["SPDXID"];
    let about = by(&spdx["relationships"], "relationshipType", "METAFILE_OF");
    assert_eq!(about["spdxElementId"], *descriptor);
    assert_eq!(about["relatedSpdxElement"], root["SPDXID"]);
}

#[test]
fn cyclonedx_nests_what_lies_in_something() {
    let tree = rich();
    build(&tree);
    let bom = bill(&tree, &[RICH, "--format", "cyclonedx"]);
    assert_eq!(bom["specVersion"], "1.6");
    let root = &bom["metadata"]["component"];
    assert_eq!(root["licenses"][0]["expression"], "ISC");
    assert!(bom["metadata"].get("timestamp").is_none());
    let chart = by(&bom["components"], "name", "cache");
    let sub = by(&chart["components"], "name", "sub");
    by(
        &sub["components"],
        "name",
        "rich_vnf/helm-chart-v3s/cache/charts/sub/Chart.yaml",
    );
    let components = bom["components"].as_array().expect("components");
    let top = |name: &str| components.iter().filter(|one| one["name"] == name).count();
    assert_eq!((top("sub"), top("cache"), top("openldap")), (0, 1, 1));
    let needs = by(&bom["dependencies"], "ref", "package:0:rich_vnf");
    assert_eq!(needs["dependsOn"].as_array().map(Vec::len), Some(7));
}

#[test]
fn a_bill_depends_on_the_bytes_alone() {
    let tree = rich();
    build(&tree);
    tree.file("Renamed.bin", fs::read(tree.path(RICH)).expect("package"));
    tree.nfv(&["publish", "-A", "all", "--quiet"]).code(0);
    for format in ["spdx", "cyclonedx"] {
        let args = ["sbom", RICH, "--format", format];
        let first = tree.nfv(&args).code(0).stdout;
        for name in ["Renamed.bin", "rich_vnf:1.0_x"] {
            let other = tree.nfv(&["sbom", name, "--format", format, "-j1"]);
            assert_eq!(other.code(0).stdout, first, "{name}");
        }
        let mut dated = tree.command();
        let dated = dated.args(args).env("SOURCE_DATE_EPOCH", "1700000000");
        let dated = common::run(dated).code(0).stdout;
        assert!(dated.contains("\"2023-11-14T22:13:20Z\""), "{dated}");
        let id = |text: &str| {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let namespace = value.get("documentNamespace");
            namespace.unwrap_or(&value["serialNumber"]).clone()
        };
        assert_ne!(id(&dated), id(&first));
        tree.nfv(&[&args[..], &["--output", "bill.json"]].concat())
            .code(0);
        let written = fs::read_to_string(tree.path("bill.json")).expect("bill");
        assert_eq!(written, first);
    }
}

#[test]
fn the_package_inside_a_shield_package_is_a_part_of_it() {
    let tree = Tree::showcase();
    tree.nfv(&["publish", "--quiet"]).code(0);
    let spdx = bill(&tree, &["edge_ns-shield:1.0"]);
    let packages = spdx["packages"].as_array().expect("packages");
    assert_eq!(packages[0]["name"], "edge_ns");
    let inside = &packages[1];
    assert_eq!(inside["packageFileName"], "./edge_ns.tar.gz");
    let whole = spdx["relationships"].as_array().expect("relationships");
    let holds = |from: &Value, to: &Value| {
        let is_it = |one: &&Value| {
            one["relationshipType"] == "CONTAINS"
                && one["spdxElementId"] == from["SPDXID"]
                && one["relatedSpdxElement"] == to["SPDXID"]
        };
        whole.iter().any(|one| is_it(&one))
    };
    assert!(holds(&packages[0], inside));
    let archive = by(&spdx["files"], "fileName", "./edge_ns.tar.gz");
    assert!(holds(&packages[0], archive) && !holds(inside, archive));
    assert_eq!(archive["checksums"][1], inside["checksums"][0]);
    let descriptor = by(&spdx["files"], "fileName", "./edge_ns/edge_nsd.yaml");
    assert!(holds(inside, descriptor) && !holds(&packages[0], descriptor));
}

/// A name with a dash sorts before what is in the folder without it.
#[test]
fn charts_are_nested_as_their_folders_are_and_not_without_end() {
    let tree = rich();
    let mut folder = "rich_vnf/helm-chart-v3s/deep".to_owned();
    for level in 0..24 {
        let text = format!("apiVersion: v2\nname: deep{level}\nversion: 1.0.0\n");
        tree.file(&format!("{folder}/Chart.yaml"), text);
        folder.push_str("/charts/x");
    }
    for (path, name) in [("cache-b", "beside"), ("cache/charts/a", "first")] {
        let text = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let path = format!("rich_vnf/helm-chart-v3s/{path}/Chart.yaml");
        tree.file(&path, text);
    }
    build(&tree);
    let spdx = bill(&tree, &[RICH]);
    let contains = related(&spdx, "rich_vnf", "CONTAINS");
    assert_eq!(contains, ["cache", "beside", "deep0", "firewall", "disk"]);
    assert_eq!(related(&spdx, "cache", "CONTAINS"), ["first", "sub"]);
    assert_eq!(related(&spdx, "deep14", "CONTAINS"), ["deep15"]);
    assert_eq!(related(&spdx, "deep15", "CONTAINS"), [""; 0]);
    let files = spdx["files"].as_array().expect("files");
    let deep = files.iter().filter(|file| {
        let name = file["fileName"].as_str().expect("name");
        name.contains("/deep/")
    });
    assert_eq!(deep.count(), 24);
}

#[test]
fn what_is_no_sound_package_has_no_bill() {
    let tree = rich();
    build(&tree);
    let bytes = fs::read(tree.path(RICH)).expect("package");
    tree.file("cut.tar.gz", &bytes[..bytes.len() / 2]);
    tree.file("text.tar.gz", "text");
    for name in ["cut.tar.gz", "text.tar.gz"] {
        let run = tree.nfv(&["sbom", name]).code(2);
        run.says(&format!("`{name}` can't be described: "));
    }
    tree.nfv(&["sbom", "none.tar.gz"]).code(3);
    tree.nfv(&["sbom", "oci://localhost:1/edge/router:1.0"])
        .code(2)
        .says("cargo nfv pull oci://localhost:1/edge/router:1.0");
    tree.nfv(&["sbom", "rich_vnf"])
        .code(2)
        .says("`rich_vnf` is a folder");
    tree.nfv(&["sbom", RICH, "--output", "no/where.json"])
        .code(2)
        .says("there is no folder `no`");
}

/// spdx-tools reads and validates SPDX; cyclonedx-python-lib has the JSON Schema
/// of CycloneDX, and packageurl says what the canonical form of a purl is. sbom-utility
/// has the schemas that both projects publish.
#[test]
fn judges_accept_the_bills_of_every_layout() {
    let Some(python) = common::tool("sbom-python") else {
        return;
    };
    let Some(schemas) = common::tool("sbom-utility") else {
        return;
    };
    let by_schema = |document: &Path| {
        let mut judge = Command::new(&schemas);
        common::run(judge.args(["validate", "--input-file"]).arg(document))
    };
    let tree = rich();
    common::copy(&common::showcase(), &tree.root, false);
    common::copy(&tree.path("rich_vnf"), &tree.path("rich_csar"), false);
    tree.replace("rich_csar/rich_vnfd.yaml", "id: rich_vnf", "id: rich_csar");
    tree.file("nfv.toml", "[packages.rich_csar]\nlayout = \"csar\"\n");
    tree.file("old/old_vnfd.yaml", OLD);
    tree.file(
        "vo/Chart.yaml",
        "apiVersion: v2\nname: lone\nversion: 1.0.0\ndependencies:\n  - name: redis\n    version: \
         ~17\n",
    );
    tree.nfv(&["build", "-A", "all", "--quiet"]).code(0);
    let packages = common::names(&tree.path("target/nfv/packages"));
    assert!(
        packages.iter().any(|name| name.ends_with(".csar")),
        "{packages:?}"
    );
    assert!(packages.len() >= 10, "{packages:?}");
    for format in ["spdx", "cyclonedx"] {
        let mut judge = Command::new(&python);
        judge.arg(script()).arg(format);
        for name in &packages {
            let package = format!("target/nfv/packages/{name}");
            let out = format!("{name}.{format}.json");
            let args = ["sbom", &package, "--format", format, "--output", &out];
            tree.nfv(&args).code(0);
            judge.arg(tree.path(&out));
            by_schema(&tree.path(&out))
                .code(0)
                .says("BOM valid against JSON schema: 'true'");
        }
        common::run(&mut judge).code(0);
        // And the judge judges.
        let first = format!("{}.{format}.json", packages[0]);
        let field = if format == "spdx" {
            "CC0-1.0"
        } else {
            "SHA-256"
        };
        tree.replace(&first, field, "wrong");
        let mut judge = Command::new(&python);
        judge.arg(script()).arg(format).arg(tree.path(&first));
        assert_ne!(common::run(&mut judge).status, Some(0));
        let (key, none) = match format {
            "spdx" => ("\"dataLicense\"", "\"dataLicence\""),
            _ => ("\"hashes\"", "\"hashs\""),
        };
        tree.replace(&first, key, none);
        assert_ne!(by_schema(&tree.path(&first)).status, Some(0));
    }
}

fn script() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/sbom/judge.py")
}

const OLD: &str = "\
vnfd:vnfd-catalog:
  vnfd:
    - id: old_vnf
      name: old_vnf
      short-name: old_vnf
      version: '1.0'
      vendor: Example
      mgmt-interface:
        cp: eth0
      connection-point:
        - name: eth0
      vdu:
        - id: vm
          name: vm
          count: 1
          image: old.qcow2
          image-checksum: d41d8cd98f00b204e9800998ecf8427e
          vm-flavor:
            vcpu-count: 1
            memory-mb: 512
            storage-gb: 1
          interface:
            - name: eth0
              type: EXTERNAL
              external-connection-point-ref: eth0
";
