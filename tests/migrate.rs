//! `cargo nfv migrate`: what comes out passes the checks, nothing is lost without a
//! word, and nothing is overwritten.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use common::*;
use nfv::descriptor::{Descriptor, identify};
use nfv::diagnostic::Severity;
use nfv::migrate::{self, Known, Outcome};
use nfv::ops::{self, CheckOptions, MigrateOptions, MigrateState};
use nfv::source::{Config, Selection, Workspace};
use nfv::yaml::{self, Limits, Node, Shape};

/// A function that says much of what the old model could say.
const VNFD: &str = "\
# Made by Example Operator
vnfd:vnfd-catalog:
  schema-version: '3.0'
  vnfd:vnfd:
    - vnfd:id: old_vnf # the id
      name: old_vnf
      short-name: Old
      vendor: Example Operator
      description: A function
      version: 1.0
      mgmt-interface:
        cp: mgmt
      # What services connect
      connection-point:
        - name: mgmt
          type: VPORT
        # Traffic
        - name: data
          type: VPORT
          port-security-enabled: 'false'
      internal-vld:
        - id: inner
          name: inner
          type: ELINE
          ip-profile-ref: inner-ip
          internal-connection-point:
            - id-ref: front-inner
              ip-address: 192.168.1.5
            - id-ref: back-inner
      ip-profiles:
        - name: inner-ip
          ip-profile-params:
            ip-version: ipv4
            subnet-address: 192.168.1.0/24
            dhcp-params:
              enabled: 'true'
              start-address: 192.168.1.10
              count: 20
      vdu:
        - id: front
          name: front
          count: 2
          image: small-linux
          alternative-images:
            - vim-type: aws
              image: small-linux-ami
          cloud-init-file: init.cfg
          vm-flavor:
            vcpu-count: '2'
            memory-mb: 512
            storage-gb: 10
          guest-epa:
            cpu-pinning-policy: DEDICATED
            mempage-size: LARGE
            numa-node-policy:
              node-cnt: 1
              mem-policy: STRICT
              node:
                - id: 0
                  num-cores: 2
          interface:
            - name: eth0
              position: 1
              type: EXTERNAL
              mgmt-interface: true
              virtual-interface: {type: PARAVIRT}
              external-connection-point-ref: mgmt
            - name: eth1
              position: 2
              type: EXTERNAL
              mac-address: fa:16:3e:00:00:01
              virtual-interface: {type: PARAVIRT}
              external-connection-point-ref: data
            - name: eth2
              type: INTERNAL
              virtual-interface: {type: PARAVIRT}
              internal-connection-point-ref: front-inner
          internal-connection-point:
            - id: front-inner
              type: VPORT
          monitoring-param:
            - id: cpu
              nfvi-metric: cpu_utilization
          volumes:
            - name: data
              size: 20
              ephemeral: true
          vdu-configuration:
            juju: {charm: front-charm}
            initial-config-primitive:
              - seq: '1'
                name: start
        - id: back
          name: back
          image: small-linux
          vm-flavor: {vcpu-count: 1, memory-mb: 1024, storage-gb: 5}
          interface:
            - name: eth0
              type: INTERNAL
              virtual-interface: {type: PARAVIRT}
              internal-connection-point-ref: back-inner
          internal-connection-point:
            - id: back-inner
      monitoring-param:
        - id: front-cpu
          name: front-cpu
          vdu-monitoring-param: {vdu-ref: front, vdu-monitoring-param-ref: cpu}
      scaling-group-descriptor:
        - name: more
          max-instance-count: 3
          vdu:
            - vdu-id-ref: front
              count: 2
          scaling-policy:
            - name: auto
              scaling-type: automatic
              threshold-time: 10
              cooldown-time: 120
              scaling-criteria:
                - name: busy
                  scale-in-threshold: 20
                  scale-in-relational-operation: LT
                  scale-out-threshold: 80
                  scale-out-relational-operation: GT
                  vnf-monitoring-param-ref: front-cpu
      placement-groups:
        - name: apart
          strategy: ISOLATION
          member-vdus:
            - member-vdu-ref: front
            - member-vdu-ref: back
      vnf-configuration:
        juju: {charm: simple, proxy: true}
        config-access:
          ssh-access: {required: true, default-user: ubuntu}
        initial-config-primitive:
          - seq: '1'
            name: config
            parameter:
              - name: ssh-hostname
                value: <rw_mgmt_ip>
        config-primitive:
          - name: touch
            parameter:
              - {name: filename, data-type: STRING, default-value: '/tmp/x'}
";

const NSD: &str = "\
nsd:nsd-catalog:
  nsd:
    - id: old_ns
      name: old_ns
      vendor: Example Operator
      version: '2.10'
      constituent-vnfd:
        - member-vnf-index: 1
          vnfd-id-ref: old_vnf
        - member-vnf-index: two
          vnfd-id-ref: old_vnf
      connection-point:
        - name: way-in
          vld-id-ref: management
          floating-ip-required: true
      vld:
        - id: management
          mgmt-network: 'true'
          vim-network-name: mgmt
          type: ELAN
          vnfd-connection-point-ref:
            - {member-vnf-index-ref: 1, vnfd-id-ref: old_vnf, vnfd-connection-point-ref: mgmt}
            - {member-vnf-index-ref: two, vnfd-id-ref: old_vnf, vnfd-connection-point-ref: mgmt}
        - id: traffic
          ip-profile-ref: wide
          vnfd-connection-point-ref:
            - member-vnf-index-ref: 1
              vnfd-connection-point-ref: data
              ip-address: 10.0.0.5
            - member-vnf-index-ref: two
              vnfd-connection-point-ref: data
      ip-profiles:
        - name: wide
          ip-profile-params: {ip-version: ipv4, subnet-address: 10.0.0.0/24, gateway-address: 10.0.0.1}
      placement-groups:
        - name: together
          strategy: COLOCATION
          member-vnfd:
            - {member-vnf-index-ref: 1, vnfd-id-ref: old_vnf}
      ns-configuration:
        juju: {charm: ns-charm}
        initial-config-primitive:
          - {seq: 1, name: start}
";

fn tree() -> Tree {
    Tree::of(&[
        ("old/old_vnf/old_vnfd.yml", VNFD),
        ("old/old_vnf/cloud_init/init.cfg", "#cloud-config\n"),
        ("old/old_vnf/charms/simple/hooks/start", "#!/bin/sh\n"),
        (
            "old/old_vnf/charms/front-charm/metadata.yaml",
            "name: front\n",
        ),
        ("old/old_vnf/checksums.txt", "0  old_vnfd.yml\n"),
        ("old/old_ns/service.yaml", NSD),
        ("old/old_ns/charms/ns-charm/metadata.yaml", "name: ns\n"),
    ])
}

fn text(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path(path)).expect(path)
}

/// Every scalar of a text with its path, lists by the id of their items.
fn facts(text: &str) -> BTreeSet<(String, String)> {
    fn walk(node: Node<'_>, path: &str, out: &mut BTreeSet<(String, String)>) {
        match node.shape() {
            Shape::Scalar => {
                let text = node.text().unwrap_or_default();
                // The same number, the same truth.
                let text = text
                    .parse::<f64>()
                    .map_or(text.to_lowercase(), |n| n.to_string());
                out.insert((path.to_owned(), text));
            }
            Shape::Sequence => {
                for item in node.items() {
                    let id = ["id", "name"].iter().find_map(|key| item.get(key)?.text());
                    walk(item, &format!("{path}[{}]", id.unwrap_or_default()), out);
                }
            }
            Shape::Mapping => {
                for entry in node.entries() {
                    let key = entry.key().rsplit(':').next().unwrap_or_default();
                    walk(entry.value(), &format!("{path}/{key}"), out);
                }
            }
        }
    }
    let doc = yaml::parse("x.yaml", text.as_bytes(), Limits::default());
    let mut out = BTreeSet::new();
    walk(doc.root().expect("YAML"), "", &mut out);
    out
}

#[test]
fn what_the_old_model_said_is_said_in_the_new_one() {
    let tree = tree();
    tree.nfv(&["migrate", "old", "--output", "new"]).code(0);
    let facts = facts(&text(&tree, "new/old_vnf/old_vnfd.yaml"));
    let df = "/vnfd/df[default-df]";
    let day12 = format!("{df}/lcm-operations-configuration/operate-vnf-op-config/day1-2");
    let front = "/vnfd/vdu[front]";
    for (path, value) in [
        ("/vnfd/id", "old_vnf"),
        ("/vnfd/product-name", "old_vnf"),
        ("/vnfd/product-info-name", "old"),
        ("/vnfd/provider", "example operator"),
        ("/vnfd/mgmt-cp", "mgmt-ext"),
        (&format!("{front}/cloud-init-file"), "init.cfg"),
        (&format!("{front}/sw-image-desc"), "small-linux"),
        (
            &format!("{front}/alternative-sw-image-desc[]"),
            "small-linux-ami",
        ),
        (&format!("{front}/virtual-storage-desc[]"), "front-storage"),
        (&format!("{front}/virtual-storage-desc[]"), "front-data"),
        (
            &format!("{front}/int-cpd[eth2-int]/int-virtual-link-desc"),
            "inner",
        ),
        (
            &format!(
                "{front}/int-cpd[eth2-int]/virtual-network-interface-requirement[eth2]/ip-address"
            ),
            "192.168.1.5",
        ),
        (
            &format!(
                "{front}/int-cpd[eth1-int]/virtual-network-interface-requirement[eth1]/mac-address"
            ),
            "fa:16:3e:00:00:01",
        ),
        (
            &format!("{front}/monitoring-parameter[front-cpu]/performance-metric"),
            "cpu_utilization",
        ),
        ("/vnfd/sw-image-desc[small-linux-ami]/vim-type", "aws"),
        (
            "/vnfd/virtual-compute-desc[front-compute]/virtual-memory/size",
            "0.5",
        ),
        (
            "/vnfd/virtual-compute-desc[front-compute]/virtual-cpu/num-virtual-cpu",
            "2",
        ),
        (
            "/vnfd/virtual-compute-desc[front-compute]/virtual-cpu/pinning/policy",
            "static",
        ),
        (
            "/vnfd/virtual-compute-desc[front-compute]/virtual-memory/numa-node-policy/node[0]/num-cores",
            "2",
        ),
        (
            "/vnfd/virtual-storage-desc[front-data]/type-of-storage",
            "etsi-nfv-descriptors:ephemeral-storage",
        ),
        (
            "/vnfd/virtual-storage-desc[front-data]/size-of-storage",
            "20",
        ),
        (
            "/vnfd/int-virtual-link-desc[inner]/connectivity-type/flow-pattern",
            "line",
        ),
        ("/vnfd/ext-cpd[data-ext]/int-cpd/cpd", "eth1-int"),
        ("/vnfd/ext-cpd[data-ext]/port-security-enabled", "false"),
        (
            &format!("{df}/vdu-profile[front]/min-number-of-instances"),
            "2",
        ),
        (
            &format!("{df}/vdu-profile[front]/max-number-of-instances"),
            "8",
        ),
        (
            &format!("{df}/vdu-profile[back]/affinity-or-anti-affinity-group[apart]/id"),
            "apart",
        ),
        (
            &format!("{df}/affinity-or-anti-affinity-group[apart]/type"),
            "anti-affinity",
        ),
        (&format!("{df}/scaling-aspect[more]/max-scale-level"), "3"),
        (
            &format!(
                "{df}/scaling-aspect[more]/aspect-delta-details/deltas[more-delta]/vdu-delta[front]/number-of-instances"
            ),
            "2",
        ),
        (
            &format!(
                "{df}/scaling-aspect[more]/scaling-policy[auto]/scaling-criteria[busy]/vnf-monitoring-param-ref"
            ),
            "front-cpu",
        ),
        (
            &format!(
                "{df}/virtual-link-profile[inner]/virtual-link-protocol-data/l3-protocol-data/ip-allocation-pools[]"
            ),
            "192.168.1.10,192.168.1.29",
        ),
        (
            &format!("{day12}[old_vnf]/execution-environment-list[old_vnf-ee]/juju/charm"),
            "simple",
        ),
        (
            &format!("{day12}[old_vnf]/config-primitive[touch]/execution-environment-ref"),
            "old_vnf-ee",
        ),
        (
            &format!("{day12}[old_vnf]/config-access/ssh-access/default-user"),
            "ubuntu",
        ),
        (
            &format!("{day12}[front]/execution-environment-list[front-ee]/juju/charm"),
            "front-charm",
        ),
    ] {
        let wanted = (path.to_owned(), value.to_owned());
        assert!(facts.contains(&wanted), "{path} = {value}: {facts:#?}");
    }
}

#[test]
fn services_find_the_connection_points_of_their_functions() {
    let tree = tree();
    tree.nfv(&["migrate", "old", "--output", "new"]).code(0);
    let facts = facts(&text(&tree, "new/old_ns/old_ns_nsd.yaml"));
    let df = "/nsd/nsd[old_ns]/df[default-df]";
    let link = format!("{df}/vnf-profile[1]/virtual-link-connectivity[]");
    for (path, value) in [
        ("/nsd/nsd[old_ns]/designer", "example operator"),
        ("/nsd/nsd[old_ns]/vnfd-id[]", "old_vnf"),
        (
            "/nsd/nsd[old_ns]/sapd[way-in]/virtual-link-desc",
            "management",
        ),
        ("/nsd/nsd[old_ns]/sapd[way-in]/floating-ip-required", "true"),
        (
            "/nsd/nsd[old_ns]/virtual-link-desc[management]/vim-network-name",
            "mgmt",
        ),
        (&format!("{df}/vnf-profile[two]/vnfd-id"), "old_vnf"),
        (
            &format!("{link}/constituent-cpd-id[]/constituent-cpd-id"),
            "data-ext",
        ),
        (
            &format!("{link}/constituent-cpd-id[]/ip-address[]"),
            "10.0.0.5",
        ),
        (
            &format!(
                "{df}/virtual-link-profile[traffic]/virtual-link-protocol-data/l3-protocol-data/cidr"
            ),
            "10.0.0.0/24",
        ),
        (
            &format!("{df}/vnf-profile[1]/affinity-or-anti-affinity-group[together]/id"),
            "together",
        ),
        ("/nsd/nsd[old_ns]/ns-configuration/juju/charm", "ns-charm"),
    ] {
        let wanted = (path.to_owned(), value.to_owned());
        assert!(facts.contains(&wanted), "{path} = {value}: {facts:#?}");
    }
    // Numbers that are texts, and versions, stay in quotes.
    let service = text(&tree, "new/old_ns/old_ns_nsd.yaml");
    assert!(service.contains("version: '2.10'\n"), "{service}");
    assert!(service.contains("- id: '1'\n"), "{service}");
    // Nothing dangles, and every file is there.
    let run = tree
        .nfv(&["check", "new", "--message-format", "short"])
        .code(0);
    for line in run.stderr.lines() {
        let is_known = line.contains("schema/departure") || line.contains("Checked");
        assert!(
            is_known || line.is_empty() || line.starts_with("For more"),
            "{line}"
        );
    }
}

#[test]
fn a_service_names_the_points_of_a_function_that_is_in_sol006_as_they_are() {
    let new = "vnfd:\n  id: new_vnf\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n";
    let old = "nsd-catalog:\n  nsd:\n    - id: a_ns\n      constituent-vnfd:\n        - {member-vnf-index: 1, vnfd-id-ref: new_vnf}\n      vld:\n        - id: net\n          vnfd-connection-point-ref:\n            - {member-vnf-index-ref: 1, vnfd-connection-point-ref: mgmt}\n";
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", new), ("a_ns/a_nsd.yaml", old)]);
    tree.nfv(&["migrate", "a_ns"]).code(0);
    let text = text(&tree, "a_ns-sol006/a_nsd.yaml");
    assert!(text.contains("constituent-cpd-id: mgmt\n"), "{text}");
    assert!(!tree.path("a_vnf-sol006").exists());
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let tree = tree();
    tree.nfv(&["migrate", "old/old_vnf"]).code(0);
    let text = text(&tree, "old/old_vnf-sol006/old_vnfd.yaml");
    for part in [
        "# Made by Example Operator\nvnfd:\n",
        "  id: old_vnf # the id\n",
        "  # What services connect\n  ext-cpd:\n    - id: mgmt-ext\n",
        "    # Traffic\n    - id: data-ext\n",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
}

/// What stands at a key that has no place in the new model goes with it, and its line is told.
#[test]
fn comments_that_are_left_out_are_told() {
    let function = VNFD
        .replace(
            "vendor: Example Operator\n",
            "vendor: Example Operator # kept\n",
        )
        .replace("          type: VPORT\n", "          type: VPORT # gone\n");
    let gone = function.lines().zip(1..);
    let gone = gone.filter(|(line, _)| line.ends_with("# gone"));
    let gone: Vec<String> = gone.map(|(_, line)| line.to_string()).collect();
    assert!(gone.len() > 1 && function.contains("# kept"), "{function}");
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &function)]);
    let run = tree.nfv(&["migrate", "--dry-run", "--message-format", "short"]);
    let told = format!(
        "a_vnf/a_vnfd.yaml:{}:23: warning[migrate/dropped]: the comments on lines {} are left out",
        gone[0],
        gone.join(", ")
    );
    run.says(&told);
}

/// Generators indent comments deeper than the item that they are about.
#[test]
fn comments_behind_a_key_belong_to_what_it_holds() {
    let service = NSD
        .replace(
            "        - member-vnf-index: 1\n",
            "            # Numbers begin with 1\n        - member-vnf-index: 1\n",
        )
        .replace(
            "          vnfd-connection-point-ref:\n            - member-vnf-index-ref: 1\n",
            "          # Who is on it\n          vnfd-connection-point-ref: # all\n            \
             - member-vnf-index-ref: 1\n",
        )
        .replace("      ip-profiles:\n", "      ip-profiles: # where\n");
    let function = VNFD.replace("          count: 2\n", "          count: 2 # a pair\n");
    let tree = Tree::of(&[
        ("a_ns/a_nsd.yaml", &service),
        ("a_vnf/a_vnfd.yaml", &function),
    ]);
    tree.nfv(&["migrate"]).code(0);
    let service = text(&tree, "a_ns-sol006/a_nsd.yaml");
    for part in [
        "vnf-profile:\n            # Numbers begin with 1\n            - id: '1'\n",
        "constituent-cpd-id:\n                    # Who is on it\n                    \
         - constituent-base-element-id: '1' # all\n                      \
         constituent-cpd-id: data-ext\n",
        "virtual-link-protocol-data: # where\n",
    ] {
        assert!(service.contains(part), "{part}\n---\n{service}");
    }
    let function = text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    let part = "number-of-instances: 2 # a pair\n";
    assert!(function.contains(part), "{function}");
}

/// "These instances are created by default when the network service is instantiated", says the
/// old model of them (vnfd-base.yang, `min-instance-count`).
#[test]
fn groups_that_there_are_at_least_are_there_from_the_start() {
    let old = VNFD.replace(
        "          max-instance-count: 3\n",
        "          min-instance-count: 1\n          max-instance-count: 3\n",
    );
    let line = 1 + old
        .lines()
        .position(|line| line.contains("min-instance-count"))
        .expect("the fewest");
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &old)]);
    let run = tree.nfv(&["migrate", "--message-format", "short"]).code(0);
    run.says(&format!(
        "a_vnf/a_vnfd.yaml:{line}:11: warning[migrate/assumed]: the 1 of the scaling group `more`"
    ));
    let new = text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    // Two, and two more for the first of three groups.
    for part in [
        "id: front\n          min-number-of-instances: 4\n          max-number-of-instances: 8\n",
        "vdu-id: front\n              number-of-instances: 4\n",
    ] {
        assert!(new.contains(part), "{part}\n---\n{new}");
    }
    let run = tree.nfv(&["check", "a_vnf-sol006", "--profile", "etsi"]);
    assert!(
        !run.stdout.contains("number-of-instances"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_volume_that_is_not_ephemeral_stays() {
    for (mark, storage) in [
        ("true", "etsi-nfv-descriptors:ephemeral-storage"),
        ("''", "etsi-nfv-descriptors:ephemeral-storage"),
        ("false", "persistent-storage:persistent-storage"),
    ] {
        let old = VNFD.replace("ephemeral: true", &format!("ephemeral: {mark}"));
        let new = migrated(&old).expect("a descriptor");
        assert!(new.contains(storage), "{mark}\n{new}");
    }
}

/// OSM read the last of two values, and so does the new descriptor.
#[test]
fn a_value_that_another_replaces_is_told() {
    let old = VNFD.replace(
        "          image: small-linux\n          alternative",
        "          image: no-linux\n          image: small-linux\n          alternative",
    );
    let line = 1 + old
        .lines()
        .position(|line| line.contains("no-linux"))
        .expect("the first");
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &old)]);
    tree.nfv(&["migrate", "--message-format", "short"])
        .code(0)
        .says(&format!(
            "a_vnf/a_vnfd.yaml:{line}:11: warning[migrate/dropped]: the key `image` stands twice"
        ));
    let new = text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    assert!(!new.contains("no-linux"), "{new}");
}

/// A profile that the network for management can't have is told once.
#[test]
fn a_profile_of_the_network_for_management_is_told_once() {
    let old = NSD.replace("          ip-profile-ref: wide\n", "").replace(
        "          vim-network-name: mgmt\n",
        "          vim-network-name: mgmt\n          ip-profile-ref: wide\n",
    );
    let tree = Tree::of(&[("a_ns/a_nsd.yaml", &old)]);
    let run = tree.nfv(&["migrate"]).code(1);
    run.says("the link `management` is for management and has an IP profile");
    let run = tree.nfv(&["migrate"]).code(1);
    assert!(!run.stderr.contains("belongs to no link"), "{}", run.stderr);
}

#[test]
fn a_package_comes_with_all_its_files() {
    let tree = tree();
    set_mode(&tree.path("old/old_vnf/charms/simple/hooks/start"), 0o755);
    let before = digests(&tree.path("old"));
    let run = tree.nfv(&["migrate", "old/old_vnf"]).code(0);
    assert_eq!(run.stdout, "old/old_vnf-sol006\n");
    let folder = tree.path("old/old_vnf-sol006");
    let mut found: Vec<String> = digests(&folder).into_keys().collect();
    found.sort();
    assert_eq!(
        found,
        [
            "charms/front-charm/metadata.yaml",
            "charms/simple/hooks/start",
            "checksums.txt",
            "cloud_init/init.cfg",
            "old_vnfd.yaml",
        ]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let start = folder.join("charms/simple/hooks/start");
        let mode = fs::metadata(start).expect("hook").permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
    let list = text(&tree, "old/old_vnf-sol006/checksums.txt");
    assert_eq!(list.lines().count(), 4, "{list}");
    assert!(
        list.contains("\told_vnf-sol006/charms/simple/hooks/start\n"),
        "{list}"
    );
    let run = tree
        .nfv(&["check", "old/old_vnf-sol006", "--deny", "package/checksums"])
        .code(0);
    assert!(!run.stderr.contains("package/checksums"), "{}", run.stderr);
    // The original is as it was.
    fs::remove_dir_all(&folder).expect("removed");
    assert_eq!(digests(&tree.path("old")), before);
}

#[test]
fn what_can_not_be_carried_is_named_and_stops_the_package() {
    let lossy = VNFD.replace(
        "\n      vdu:\n",
        "\n      http-endpoint:\n        - path: /stats\n      logo: a.png\n      unheard-of: 1\n      vdu:\n",
    );
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &lossy)]);
    let line = |key: &str| {
        1 + lossy
            .lines()
            .position(|line| line.contains(key))
            .expect(key)
    };
    let run = tree.nfv(&["migrate", "--message-format", "short"]).code(1);
    for (key, level, rule) in [
        ("http-endpoint", "error", "lost"),
        ("unheard-of", "error", "lost"),
        ("logo", "warning", "dropped"),
    ] {
        let place = format!(
            "a_vnf/a_vnfd.yaml:{}:7: {level}[migrate/{rule}]: `{key}`",
            line(key)
        );
        assert!(run.stderr.contains(&place), "{place}\n{}", run.stderr);
    }
    assert_eq!(run.stdout, "");
    assert!(!tree.path("a_vnf-sol006").exists());

    let json = tree
        .nfv(&["migrate", "--message-format", "json"])
        .code(1)
        .stdout;
    let lost = json
        .lines()
        .filter(|line| line.contains("\"migrate/lost\""))
        .count();
    assert_eq!(lost, 2, "{json}");

    let run = tree
        .nfv(&["migrate", "--allow-loss", "--message-format", "short"])
        .code(0);
    assert!(
        run.stderr
            .contains("warning[migrate/lost]: `http-endpoint`"),
        "{}",
        run.stderr
    );
    let text = text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    assert!(!text.contains("stats"), "{text}");
    for rule in migrate::RULES {
        tree.nfv(&["explain", rule.id]).code(0);
    }
}

/// A reference that leads nowhere deploys nothing, so it adds no function either.
#[test]
fn nothing_is_made_of_members_that_do_not_exist() {
    let ghost = NSD
        .replace(
            "        - id: traffic\n",
            "        - id: other\n          vnfd-connection-point-ref:\n            \
             - {member-vnf-index-ref: 3, vnfd-id-ref: old_vnf, vnfd-connection-point-ref: data}\n            \
             - {member-vnf-index-ref: two, vnfd-id-ref: other_vnf, vnfd-connection-point-ref: data}\n        \
             - id: traffic\n",
        )
        .replace(
            "      vld:\n",
            "        - {name: in, member-vnf-index-ref: 7, vnfd-connection-point-ref: data}\n        \
             - {name: by, member-vnf-index-ref: 8, vnfd-id-ref: old_vnf, vnfd-connection-point-ref: data}\n        \
             - {name: half, member-vnf-index-ref: 1}\n      vnffgd:\n        - id: graph\n          \
             rsp:\n            - id: way\n              vnfd-connection-point-ref:\n                \
             - {member-vnf-index-ref: 9, order: 0, vnfd-connection-point-ref: data}\n                \
             - {member-vnf-index-ref: 1, order: 1, vnfd-connection-point-ref: data}\n      vld:\n",
        )
        .replace(
            "            - {member-vnf-index-ref: 1, vnfd-id-ref: old_vnf}\n",
            "            - {member-vnf-index-ref: 1, vnfd-id-ref: other_vnf}\n",
        );
    let line = |part: &str| {
        1 + ghost
            .lines()
            .position(|line| line.contains(part))
            .expect(part)
    };
    let tree = Tree::of(&[("a_ns/a_nsd.yaml", &ghost)]);
    let run = tree.nfv(&["migrate", "--message-format", "short"]).code(1);
    for (part, told) in [
        (
            "-ref: 3,",
            "error[migrate/lost]: the link `other` names the member `3`, which does not exist",
        ),
        (
            "-ref: 7,",
            "error[migrate/lost]: the connection point `in` names the member `7`, which does not exist",
        ),
        (
            "-ref: 8,",
            "error[migrate/lost]: the connection point `by` names the member `8`, which does not exist",
        ),
        (
            "name: half",
            "error[migrate/lost]: the connection point `half` does not say what it is of a function",
        ),
        (
            "-ref: 9,",
            "error[migrate/lost]: the path `way` names the member `9`, which does not exist",
        ),
        (
            "-ref: two, vnfd-id-ref: other_vnf",
            "warning[migrate/assumed]: the link `other` says that the member `two` is `other_vnf`; it is taken to be `old_vnf`",
        ),
        (
            "-ref: 1, vnfd-id-ref: other_vnf",
            "warning[migrate/assumed]: the placement group `together` says that the member `1` is `other_vnf`",
        ),
    ] {
        let found = run.stderr.lines().find(|line| line.contains(told));
        let found = found.unwrap_or_else(|| panic!("{told}\n{}", run.stderr));
        let place = format!("a_ns/a_nsd.yaml:{}:", line(part));
        assert!(found.starts_with(&place), "{place}\n{found}");
    }
    tree.nfv(&["migrate", "--allow-loss"]).code(0);
    let new = text(&tree, "a_ns-sol006/a_nsd.yaml");
    assert!(!new.contains("other_vnf"), "{new}");
    for ghost in ["'3'", "'7'", "'8'", "'9'"] {
        assert!(!new.contains(ghost), "{ghost}\n{new}");
    }
}

#[test]
fn a_connection_point_that_was_not_declared_is_told() {
    let text = VNFD.replace(
        "        # Traffic\n        - name: data\n          type: VPORT\n          port-security-enabled: 'false'\n",
        "",
    );
    let line = 1 + text
        .lines()
        .position(|line| line.contains("external-connection-point-ref: data"))
        .expect("reference");
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &text)]);
    let run = tree.nfv(&["migrate", "--message-format", "short"]).code(0);
    run.says(&format!(
        "a_vnf/a_vnfd.yaml:{line}:46: warning[migrate/assumed]: the function does not declare the \
         connection point `data`"
    ));
}

/// OSM looks for what scaling runs in the configurations of VDUs as well.
#[test]
fn what_osm_would_refuse_is_refused() {
    let action = "          scaling-config-action:\n            - trigger: post-scale-out\n              vnf-config-primitive-name-ref: touch\n      placement-groups:\n";
    let text = VNFD.replace("      placement-groups:\n", action);
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &text)]);
    let run = tree.nfv(&["migrate"]).code(1);
    run.says("scaling runs `touch`, which not every configuration of the function has");
    // What is lost does not stay to be refused.
    let run = tree.nfv(&["migrate", "--allow-loss"]).code(0);
    assert!(
        !run.stderr.contains("osm/dangling-reference"),
        "{}",
        run.stderr
    );
    let new = self::text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    assert!(!new.contains("scaling-config-action"), "{new}");
    assert!(new.contains("- name: touch\n"), "{new}");
    let configured = text
        .find("          vdu-configuration:")
        .expect("configuration");
    let end = text.find("        - id: back\n").expect("next VDU");
    let single = format!("{}{}", &text[..configured], &text[end..]);
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &single)]);
    tree.nfv(&["migrate"]).code(0);
    let new = self::text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    assert!(
        new.contains("vnf-config-primitive-name-ref: touch\n"),
        "{new}"
    );
    // Another action beside it stays.
    let other = single.replace(
        "            - trigger: post-scale-out\n",
        "            - {trigger: pre-scale-in, vnf-config-primitive-name-ref: gone}\n            - trigger: post-scale-out\n",
    );
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &other)]);
    tree.nfv(&["migrate", "--allow-loss"]).code(0);
    let new = self::text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    assert!(!new.contains("gone"), "{new}");
    assert!(
        new.contains("vnf-config-primitive-name-ref: touch\n"),
        "{new}"
    );
    // Nor does a configuration of a VDU alone do.
    let at = text
        .find("      vnf-configuration:")
        .expect("the function's");
    let of_vdu = text[..at].replace(
        "            juju: {charm: front-charm}\n",
        "            juju: {charm: front-charm}\n            config-primitive: [{name: touch}]\n",
    );
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &of_vdu)]);
    tree.nfv(&["migrate"]).code(1);
    let run = tree.nfv(&["migrate", "--allow-loss"]).code(0);
    assert!(
        !run.stderr.contains("osm/dangling-reference"),
        "{}",
        run.stderr
    );
}

/// Its loader makes one of two primitives with one name, and its interface then fails.
#[test]
fn of_two_primitives_with_one_name_the_last_is_carried() {
    // It is what the descriptor ends with.
    let at = VNFD.find("          - name: touch\n").expect("primitive");
    let with = |more: &str| format!("{}{more}{}", &VNFD[..at], &VNFD[at..]);
    let same = with(&VNFD[at..]);
    let other = with("          - name: touch\n            user-defined-script: a.sh\n");
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &other), ("b_vnf/b_vnfd.yaml", &same)]);
    let run = tree
        .nfv(&["migrate", "--message-format", "short", "a_vnf"])
        .code(1);
    let line = 1 + VNFD[..at].lines().count();
    run.says(&format!(
        "a_vnf/a_vnfd.yaml:{line}:19: error[migrate/lost]: the primitive `touch` stands twice"
    ));
    tree.nfv(&["migrate", "--allow-loss", "a_vnf", "b_vnf"])
        .code(0);
    for path in ["a_vnf-sol006/a_vnfd.yaml", "b_vnf-sol006/b_vnfd.yaml"] {
        let text = text(&tree, path);
        assert_eq!(text.matches("name: touch").count(), 1, "{text}");
        assert!(!text.contains("a.sh"), "{text}");
    }
    // One that says the same is no loss.
    let run = tree.nfv(&["migrate", "--output", "again", "b_vnf"]).code(0);
    assert!(!run.stderr.contains("stands twice"), "{}", run.stderr);
}

/// What is made with `--allow-loss` is sound: what would not be is lost as a whole.
#[test]
fn what_osm_would_not_know_is_lost_as_a_whole() {
    let tree = Tree::new();
    let head = "vnfd:vnfd-catalog:\n  vnfd:\n    - id: a\n      name: a\n      vendor: x\n      \
                version: '1.0'\n      mgmt-interface: {cp: eth0}\n      connection-point: [{name: eth0}]\n";
    let body = "      vnf-configuration:
        juju: {charm: c}
        config-primitive:
          - name: [x]
          - name: touch
            parameter: [{data-type: STRING}, {name: file, data-type: STRING, default-value: x}]
          - parameter: [{name: f, data-type: STRING}]
        initial-config-primitive:
          - {seq: 1, name: config}
          - {name: noseq}
        blacklist-config-primitive: [nowhere, upgrade, {a: b}, upgrade]
      scaling-group-descriptor:
        - name: g
          scaling-config-action:
            - {trigger: post-scale-in, vnf-config-primitive-name-ref: touch}
            - {trigger: post-scale-out, vnf-config-primitive-name-ref: touch}
            - {trigger: post-scale-out, vnf-config-primitive-name-ref: [a]}
            - {trigger: pre-scale-in}
          vdu: [{vdu-id-ref: m, count: 1}]
      vdu:
        - id: m
          name: m
          image: i
          count: 1
          vm-flavor: {vcpu-count: 1, memory-mb: 1024, storage-gb: 1}
          interface: [{name: e, external-connection-point-ref: eth0, virtual-interface: {type: PARAVIRT}}]
";
    tree.file("a/a_vnfd.yaml", format!("{head}{body}"));
    tree.file("a/charms/c/metadata.yaml", "name: c\n");
    tree.nfv(&["migrate", "--output", "new"]).code(1);
    let run = tree
        .nfv(&["migrate", "--allow-loss", "--output", "new"])
        .code(0);
    assert!(!run.stderr.contains("Faulty"), "{}", run.stderr);
    for (line, words) in [
        (
            12,
            "an item of `config-primitive` of `vnf-configuration` of the VNFD has no `name`",
        ),
        (
            14,
            "an item of `parameter` of the primitive `touch` has no `name`",
        ),
        (
            15,
            "an item of `config-primitive` of `vnf-configuration` of the VNFD has no `name`",
        ),
        (
            18,
            "an item of `initial-config-primitive` of `vnf-configuration` of the VNFD has no `seq`",
        ),
        (19, "names something else than `upgrade` and `rollback`"),
        (
            25,
            "an action of the scaling group `g` says not what it runs",
        ),
        (
            26,
            "an action of the scaling group `g` says not what it runs",
        ),
    ] {
        let told = run
            .stderr
            .split("\n\n")
            .any(|one| one.contains(words) && one.contains(&format!("--> a/a_vnfd.yaml:{line}:")));
        assert!(told, "{line} {words}\n{}", run.stderr);
    }
    tree.nfv(&["check", "new"]).code(0);
    let new = text(&tree, "new/a/a_vnfd.yaml");
    let runs = new.matches("vnf-config-primitive-name-ref: touch").count();
    assert_eq!(runs, 2, "{new}");
    assert_eq!(new.matches("- upgrade").count(), 1, "{new}");
}

/// What says little is carried or told of, with its line, and stops nothing.
#[test]
fn small_things_do_not_vanish() {
    let tree = Tree::new();
    let vnfd = "vnfd:vnfd-catalog:
  vnfd:
    - id: a
      name: a
      vendor: x
      version: '1.0'
      vdu-dependency: []
      http-endpoint: []
      mgmt-interface: {cp: eth0}
      connection-point: [{name: eth0}]
      ip-profiles:
        - name: p
          ip-profile-params: {ip-version: unknown, subnet-address: '2001:db8::/64'}
      internal-vld:
        - {id: l, name: l, type: ELAN, ip-profile-ref: p, internal-connection-point: []}
      vdu:
        - id: m
          name: m
          image: i
          count: 1
          vm-flavor: {vcpu-count: 1, memory-mb: 1024, storage-gb: 1}
          host-epa:
            om-cpu-feature: [AES, {feature: SSE}]
            cpu-arch: PREFER_X86
          internal-connection-point: [{id: only}]
          interface: [{name: e, external-connection-point-ref: eth0, virtual-interface: {type: PARAVIRT}}]
";
    tree.file("a/a_vnfd.yaml", vnfd);
    let run = tree.nfv(&["migrate", "--output", "new"]).code(0);
    for (line, words) in [
        (7, "warning[migrate/dropped]: `vdu-dependency` of the VNFD"),
        (8, "warning[migrate/dropped]: `http-endpoint` of the VNFD"),
        (
            13,
            "warning[migrate/assumed]: the `ip-version` of the IP profile `p` is `unknown`, which the new model has not; the link `l` is taken to be one of `ipv6`",
        ),
        (
            25,
            "warning[migrate/dropped]: no interface is at the internal connection point `only`",
        ),
    ] {
        let told = run
            .stderr
            .split("\n\n")
            .any(|one| one.contains(words) && one.contains(&format!("--> a/a_vnfd.yaml:{line}:")));
        assert!(told, "{line} {words}\n{}", run.stderr);
    }
    let new = text(&tree, "new/a/a_vnfd.yaml");
    assert!(new.contains("value: AES SSE"), "{new}");
    tree.nfv(&["check", "new"]).code(0);
    // What can't be read is lost, and not silently.
    let nameless = "image: i\n          alternative-images: [{vim-type: [aws]}]";
    tree.file("a/a_vnfd.yaml", vnfd.replace("image: i", nameless));
    tree.nfv(&["migrate", "--output", "other"])
        .code(1)
        .says("`vim-type` of an alternative image");
    for feature in ["{a: b}", "[[q]]", "[{feature: SSE, x: y}]", "[{}]"] {
        tree.file(
            "a/a_vnfd.yaml",
            vnfd.replace("[AES, {feature: SSE}]", feature),
        );
        let run = tree.nfv(&["migrate", "--output", "other"]).code(1);
        assert!(
            run.stderr.contains("--> a/a_vnfd.yaml:23:"),
            "{feature}\n{}",
            run.stderr
        );
    }
}

#[test]
fn a_refused_package_does_not_stop_the_others() {
    let tree = tree();
    tree.replace(
        "old/old_ns/service.yaml",
        "      vendor:",
        "      unheard-of: x\n      vendor:",
    );
    tree.nfv(&["migrate", "old"]).code(1);
    assert!(tree.path("old/old_vnf-sol006").exists());
    assert!(!tree.path("old/old_ns-sol006").exists());
}

#[test]
fn two_packages_of_one_new_name_are_refused() {
    let tree = tree();
    let service = text(&tree, "old/old_ns/service.yaml");
    tree.file("two/s.yaml", &service);
    tree.file("two/s.yml", service.replace("old_ns", "other_ns"));
    for (extra, place) in [
        (&[][..], "two/s-sol006_nsd.yaml"),
        (&["--dry-run"], "two/s-sol006_nsd.yaml"),
        (&["--output", "new"], "new/s_nsd.yaml"),
    ] {
        let args = [&["migrate", "two"], extra].concat();
        tree.nfv(&args).code(2).says(&format!(
            "`two/s.yaml` and `two/s.yml` would both become `{place}`"
        ));
    }
    assert!(!tree.path("new").exists());
    assert_eq!(fs::read_dir(tree.path("two")).expect("there").count(), 2);
}

#[test]
fn nothing_is_overwritten() {
    let tree = tree();
    tree.file("old/old_ns-sol006/own.txt", "mine");
    for extra in [&[][..], &["--dry-run"]] {
        let args = [&["migrate", "old"], extra].concat();
        let run = tree.nfv(&args).code(2);
        assert!(
            run.stderr
                .contains("exists already, and nothing was written"),
            "{}",
            run.stderr
        );
    }
    // Not even what was in nobody's way.
    assert!(!tree.path("old/old_vnf-sol006").exists());
    tree.nfv(&["migrate", "old", "--output", "old"]).code(2);
    assert_eq!(text(&tree, "old/old_ns-sol006/own.txt"), "mine");
}

/// Several runs at once may want the same folders around theirs; of those that want the same one,
/// one gets it.
#[test]
fn runs_at_once_do_not_hinder_each_other() {
    const RUNS: usize = 6;
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", VNFD)]);
    // So many files that runs meet while they write.
    for i in 0..150 {
        tree.file(&format!("a_vnf/scripts/{i}"), "run\n");
    }
    let at_once = |place: &(dyn Fn(usize) -> String + Sync)| -> Vec<Option<i32>> {
        std::thread::scope(|scope| {
            let start = |i| {
                let mut command = tree.command();
                command.args(["migrate", "a_vnf", "-o", &place(i)]);
                scope.spawn(move || run(&mut command).status)
            };
            let all: Vec<_> = (0..RUNS).map(start).collect();
            let all = all.into_iter();
            all.map(|one| one.join().expect("no panic")).collect()
        })
    };
    for round in 0..2 {
        let done = at_once(&|i| format!("new{round}/deep/{i}"));
        assert_eq!(done, [Some(0); RUNS]);
        let done = at_once(&|_| format!("one{round}/deep/same"));
        assert_eq!(
            done.iter().filter(|code| **code == Some(0)).count(),
            1,
            "{done:?}"
        );
        assert!(
            done.iter().all(|code| [Some(0), Some(2)].contains(code)),
            "{done:?}"
        );
        let wanted = digests(&tree.path("one0/deep/same"));
        assert!(!wanted.is_empty());
        for place in [format!("one{round}/deep"), format!("new{round}/deep")] {
            for folder in fs::read_dir(tree.path(&place)).expect("a folder") {
                let path = folder.expect("a folder").path();
                assert!(digests(&path) == wanted, "{}", path.display());
            }
        }
    }
}

#[test]
fn a_dry_run_prints_a_diff_and_writes_nothing() {
    let tree = tree();
    let before = digests(&tree.path(""));
    let run = tree.nfv(&["migrate", "old/old_ns", "--dry-run"]).code(0);
    assert!(
        run.stdout.starts_with("--- a/old/old_ns/service.yaml\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("\n+      designer: Example Operator\n"),
        "{}",
        run.stdout
    );
    assert_eq!(digests(&tree.path("")), before);
}

#[test]
fn a_diff_shows_no_secret() {
    let text = VNFD.replace(
        "value: <rw_mgmt_ip>",
        "value: <rw_mgmt_ip>\n              - name: ssh-password\n                value: hunter2x",
    );
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &text)]);
    let run = tree.nfv(&["migrate", "--dry-run"]).code(0);
    assert!(!run.stdout.contains("hunter2x"), "{}", run.stdout);
}

#[test]
fn a_finished_package_becomes_a_folder() {
    let tree = tree();
    let mut tar = std::process::Command::new("tar");
    sh(tar
        .current_dir(tree.path("old"))
        .args(["czf", "../old_vnf.tar.gz", "old_vnf"]));
    let run = tree.nfv(&["migrate", "old_vnf.tar.gz"]).code(0);
    assert_eq!(run.stdout, "old_vnf-sol006\n");
    let run = tree
        .nfv(&["migrate", "old/old_vnf", "--output", "from-folder"])
        .code(0);
    assert_eq!(run.stdout, "from-folder\n");
    let (mut a, mut b) = (
        digests(&tree.path("old_vnf-sol006")),
        digests(&tree.path("from-folder")),
    );
    // The lists have the name of the folder in them.
    a.remove("checksums.txt");
    b.remove("checksums.txt");
    assert_eq!(a, b);
}

/// From a folder and from a finished package the same comes along, links as what is behind them.
#[test]
#[cfg(unix)]
fn links_in_a_finished_package_become_files() {
    use std::os::unix::fs::symlink;

    let tree = tree();
    let hooks = tree.path("old/old_vnf/charms/simple/hooks");
    fs::create_dir_all(&hooks).expect("a folder");
    fs::write(hooks.join("install"), "#!/bin/sh\n").expect("a file");
    symlink("install", hooks.join("also")).expect("a link");
    symlink("hooks", tree.path("old/old_vnf/charms/simple/same")).expect("a link");
    let pack = |name: &str| {
        let mut tar = std::process::Command::new("tar");
        let archive = format!("../{name}.tar.gz");
        sh(tar
            .current_dir(tree.path("old"))
            .args(["czf", &archive, "old_vnf"]));
    };
    pack("p");
    tree.nfv(&["migrate", "p.tar.gz", "-o", "archive"]).code(0);
    tree.nfv(&["migrate", "old/old_vnf", "-o", "folder"])
        .code(0);
    let (mut a, mut b) = (
        digests(&tree.path("archive/p")),
        digests(&tree.path("folder")),
    );
    for all in [&mut a, &mut b] {
        let sums = all.remove("checksums.txt");
        assert!(sums.is_some());
    }
    for name in ["hooks/also", "same/install", "same/also"] {
        assert!(a.contains_key(&format!("charms/simple/{name}")), "{name}");
    }
    assert_eq!(a, b);
    symlink("nowhere", hooks.join("stop")).expect("a link");
    pack("q");
    tree.nfv(&["migrate", "q.tar.gz", "-o", "other"])
        .code(1)
        .says("nothing is behind the link in the package")
        .says("q.tar.gz!/old_vnf/charms/simple/hooks/stop");
}

#[test]
fn a_loose_descriptor_becomes_a_file_beside_it() {
    let tree = Tree::of(&[
        ("a_vnfd.yaml", VNFD),
        ("a_nsd.yaml", NSD),
        ("notes.txt", "x"),
    ]);
    let run = tree.nfv(&["migrate", "a_nsd.yaml"]).code(0);
    assert_eq!(run.stdout, "a-sol006_nsd.yaml\n");
    assert!(text(&tree, "a-sol006_nsd.yaml").starts_with("nsd:\n  nsd:\n    - id: old_ns\n"));
}

/// A dry run finds what the run would: of several in a folder each is loose.
#[test]
fn a_dry_run_of_loose_descriptors_finds_what_the_run_finds() {
    let tree = Tree::of(&[("im/a_vnfd.yaml", VNFD), ("im/a_nsd.yaml", NSD)]);
    for args in [&[][..], &["--output", "new"]] {
        let faulty = |more: &[&str]| {
            let run = tree.nfv(&[&["migrate", "im"], args, more].concat());
            let lines = run
                .stderr
                .lines()
                .filter(|line| line.contains("which the old"));
            (run.status, lines.map(str::to_owned).collect::<Vec<_>>())
        };
        let dry = faulty(&["--dry-run"]);
        assert_eq!(dry, faulty(&[]), "{args:?}");
    }
}

/// What the new model has no word for, and what contradicts itself, is named with its place.
#[test]
fn nothing_goes_without_a_word() {
    let metrics = "        metrics:\n          - {name: met, execution-environment-ref: ee2}\n        \
                   execution-environment-list:\n          - {id: ee2, juju: {charm: other}}\n";
    let two = format!("{VNFD}{metrics}          - {{id: ee3, juju: {{charm: third}}}}\n");
    let one =
        format!("{VNFD}{metrics}").replace("        juju: {charm: simple, proxy: true}\n", "");
    let dhcp = "start-address: 192.168.1.10\n              count: 20";
    for (text, told) in [
        (
            two,
            "error[migrate/lost]: `execution-environment-ref` of the metric `met` has no place",
        ),
        (one, ""),
        (
            VNFD.replace(
                "            - id: front-inner\n              type: VPORT\n",
                "            - {id: front-inner, internal-vld-ref: elsewhere}\n",
            ),
            "names another link than `inner`, which names it",
        ),
        (
            VNFD.replace(
                "        cp: mgmt\n",
                "        cp: mgmt\n        vdu-id: nowhere\n",
            ),
            "managed at `mgmt-ext`, which is not at the VDU `nowhere`",
        ),
        (
            VNFD.replace(
                "        cp: mgmt\n",
                "        cp: mgmt\n        vdu-id: front\n",
            ),
            "",
        ),
        (
            VNFD.replace(dhcp, "start-address: 192.168.1.10\n              count: 0"),
            "error[migrate/lost]: the range of addresses",
        ),
        (
            VNFD.replace(
                dhcp,
                "start-address: 192.168.1.250\n              count: 10",
            ),
            "192.168.1.250 to 192.168.2.3, are not all in its subnet",
        ),
        (
            VNFD.replace("memory-mb: 512", "memory-mb: -5"),
            "is `-5`, which is no amount of memory",
        ),
    ] {
        let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &text)]);
        let run = tree.nfv(&["migrate", "--message-format", "short"]);
        assert!(run.stderr.contains(told), "{told}\n{}", run.stderr);
        let silent = told.is_empty();
        assert!(
            !silent || !run.stderr.contains("metric `met`"),
            "{}",
            run.stderr
        );
        assert!(
            !silent || !run.stderr.contains("managed at"),
            "{}",
            run.stderr
        );
    }
    // A range of the other kind of addresses is one as well.
    let six = VNFD
        .replace("ip-version: ipv4", "ip-version: ipv6")
        .replace("192.168.1.0/24", "fd00::/64")
        .replace(dhcp, "start-address: fd00::1\n              count: 16");
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &six)]);
    tree.nfv(&["migrate"]).code(0);
    let new = text(&tree, "a_vnf-sol006/a_vnfd.yaml");
    assert!(new.contains("fd00::1,fd00::10"), "{new}");
    let graph = "      vnffgd:\n        - id: fg\n          rsp:\n            - id: way\n              \
                 vnfd-connection-point-ref:\n                - {member-vnf-index-ref: 1, order: 0, vnfd-ingress-connection-point-ref: data}\n          \
                 classifier:\n            - id: cl\n              rsp-id-ref: way\n              match-attributes: [{id: a, ip-proto: 6}]\n";
    let nsd = NSD.replace(
        "      placement-groups:\n",
        &format!("{graph}      placement-groups:\n"),
    );
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", VNFD), ("a_ns/a_nsd.yaml", &nsd)]);
    let run = tree
        .nfv(&["migrate", "a_ns", "--message-format", "short"])
        .code(1);
    run.says("error[migrate/lost]: the classifier `cl` has no place in SOL006: where packets come onto a path")
        .says("warning[migrate/assumed]: the positions of the forwarding graph `fg` name no `nfp-position-element`");
}

/// Where the new file goes elsewhere, what it names is no more beside it.
#[test]
fn what_stays_beside_a_loose_descriptor_is_told() {
    let tree = Tree::in_memory();
    for name in ["a", "b"] {
        let text = VNFD.replace("old_vnf", name).replace(
            "\n      vdu:\n",
            "\n      kdu: [{name: k, juju-bundle: bundle.yaml}]\n      vdu:\n",
        );
        tree.file(&format!("all/{name}_vnfd.yaml"), text);
    }
    tree.file("all/bundle.yaml", "bundle: kubernetes\n");
    let told =
        "stays where it is: of a descriptor without a package folder the text alone comes along";
    let run = tree
        .nfv(&["migrate", "--message-format", "short", "-o", "new", "all"])
        .code(0);
    for (name, what) in [
        ("a", "the bundle `bundle.yaml`"),
        ("b", "the bundle `bundle.yaml`"),
        ("a", "`init.cfg`"),
        ("a", "the charm `simple`"),
    ] {
        let found = |line: &str| {
            line.starts_with(&format!("all/{name}_vnfd.yaml:"))
                && line.contains(&format!("warning[migrate/assumed]: {what} {told}"))
        };
        assert!(run.stderr.lines().any(found), "{what}\n{}", run.stderr);
    }
    assert!(!tree.path("new/bundle.yaml").exists());
    // Beside the old one the new one finds all of that.
    let run = tree.nfv(&["migrate", "all"]).code(0);
    assert!(!run.stderr.contains("stays where"), "{}", run.stderr);
}

#[test]
fn a_slice_template_is_migrated_where_it_has_to_be() {
    let nst = "nst:\n  - id: a_nst\n    name: a_nst\n    SNSSAI-identifier: {slice-service-type: eMBB}\n    netslice-subnet:\n      - id: one\n        nsd-ref: old_ns\n        instantiation-parameters:\n          vimAccountId: x\n          vld:\n            - name: traffic\n              vnfd-connection-point-ref:\n                - {member-vnf-index-ref: 1, vnfd-connection-point-ref: data, ip-address: 10.0.0.7}\n";
    let tree = tree();
    tree.file("slice/a_nst.yaml", nst);
    tree.nfv(&["migrate", "slice"]).code(0);
    let renamed = text(&tree, "slice-sol006/a_nst.yaml");
    assert!(
        renamed.contains("vnfd-connection-point-ref: data-ext\n"),
        "{renamed}"
    );

    // Without the list, which OSM's early releases took.
    let single =
        "nst:\n  id: a_nst\n  name: a_nst\n  netslice-subnet:\n    - {id: one, nsd-ref: some_ns}\n";
    let tree = Tree::of(&[("slice/a_nst.yaml", single)]);
    tree.nfv(&["migrate"]).code(0);
    assert!(text(&tree, "slice-sol006/a_nst.yaml").starts_with("nst:\n  - id: a_nst\n"));
    let run = tree.nfv(&["migrate", "slice-sol006", "--verbose"]).code(0);
    assert!(
        run.stderr
            .contains("is a slice template, whose model has not changed"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_can_not_be_read_is_refused() {
    let two = "vnfd-catalog:\n  vnfd:\n    - id: a\n    - id: b\n";
    for text in [
        "vnfd-catalog:\n  vnfd:\n    - id: [a\n",
        "vnfd-catalog:\n  vnfd: []\n",
        "vnfd-catalog:\n  vnfd:\n    - name: a\n",
        "vnfd-catalog: {vnfd: [{id: a}]}\n---\nx: 1\n",
        two,
    ] {
        let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", text)]);
        for extra in [&[][..], &["--allow-loss"]] {
            let args = [&["migrate", "--message-format", "short"], extra].concat();
            let run = tree.nfv(&args).code(1);
            assert!(
                run.stderr.contains("error[migrate/unreadable]"),
                "{text}\n{}",
                run.stderr
            );
        }
    }
    // Neither is what can't be told to be a descriptor, where it is named as one.
    let tree = Tree::of(&[("x.yaml", "a: [\n"), ("README.md", "x\n")]);
    tree.nfv(&["migrate", "x.yaml", "--message-format", "short"])
        .code(1)
        .says("x.yaml:1:4: error[migrate/unreadable]: the text can't be read to its end: it is not valid YAML: ");
    tree.file("empty/README.md", "x\n");
    tree.nfv(&["migrate", "empty"])
        .code(2)
        .says("no packages found in `empty`");
}

/// What a text becomes, if it is a descriptor; whatever it is, this comes back.
fn migrated(text: &str) -> Option<String> {
    let doc = yaml::parse("x.yaml", text.as_bytes(), Limits::default());
    let (kind, model) = identify(doc.root()?, "x.yaml")?;
    let doc = std::sync::Arc::new(doc);
    match migrate::migrate(&Descriptor { doc, kind, model }, &Known::default()) {
        Outcome::Migrated(done) => Some(done.text),
        Outcome::Left(_) => None,
    }
}

/// No broken text brings the program down, and what comes out is YAML.
#[test]
fn broken_descriptors_do_no_harm() {
    for text in [VNFD, NSD] {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for i in 0..lines.len() {
            let key = lines[i].split(':').next().unwrap_or_default();
            let key = format!("{key}:");
            for instead in [
                "",
                &format!("{key}\n"),
                &format!("{key} [x, {{y: 1}}]\n"),
                &format!("{key} word\n"),
                &format!("{key} {{a: b}}\n"),
                &format!("{key} -99999999999999999999\n"),
            ] {
                let mut broken: Vec<&str> = lines.clone();
                broken[i] = instead;
                if let Some(out) = migrated(&broken.concat()).filter(|out| !out.is_empty()) {
                    let doc = yaml::parse("x.yaml", out.as_bytes(), Limits::default());
                    assert!(!doc.is_broken(), "{}\n---\n{out}", broken.concat());
                }
            }
        }
    }
}

/// A service is checked with what is around it, and that the old one is there as well is told
/// once, and no fault of the new one.
#[test]
fn the_old_package_beside_it_is_no_fault_of_the_new_one() {
    let vnfd = "\
vnfd:vnfd-catalog:
  vnfd:
    - id: a_vnf
      name: a_vnf
      short-name: a
      version: '1.0'
      vendor: x
      mgmt-interface: {cp: eth0}
      connection-point: [{name: eth0}]
      vdu:
        - id: vm
          name: vm
          count: 1
          image: i.qcow2
          vm-flavor: {vcpu-count: 1, memory-mb: 512, storage-gb: 1}
          interface: [{name: e, type: EXTERNAL, external-connection-point-ref: eth0, virtual-interface: {type: VIRTIO}}]
";
    let nsd = "\
nsd:nsd-catalog:
  nsd:
    - id: a_ns
      name: a_ns
      short-name: a
      version: '1.0'
      vendor: x
      constituent-vnfd: [{member-vnf-index: 1, vnfd-id-ref: a_vnf}]
      vld:
        - id: mgmt
          name: mgmt
          type: ELAN
          mgmt-network: true
          vnfd-connection-point-ref: [{member-vnf-index-ref: 1, vnfd-id-ref: a_vnf, vnfd-connection-point-ref: eth0}]
";
    let tree = Tree::of(&[
        ("nfv.toml", ""),
        ("vnf/a_vnfd.yaml", vnfd),
        ("ns/a_nsd.yaml", nsd),
    ]);
    for more in [&[][..], &["-o", "out"]] {
        let made = more.last().copied().unwrap_or("ns-sol006");
        let run = tree.nfv(&[&["migrate", "ns"], more].concat()).code(0);
        assert!(!run.stderr.contains("duplicate-id"), "{}", run.stderr);
        assert!(!run.stderr.contains("Faulty"), "{}", run.stderr);
        run.says("the old and the new packages stand in one tree");
        fs::remove_dir_all(tree.path(made)).expect("removed");
    }
}

/// What `check` will say to the result is said at once, in a dry run as well.
#[test]
fn what_is_not_sound_afterwards_is_told() {
    let tree = Tree::new();
    tree.file("f/f_vnfd.yaml", VNFD);
    for args in [&["--dry-run"][..], &[]] {
        tree.nfv(&[&["migrate", "f", "--allow-loss"], args].concat())
            .code(0)
            .says("warning: `f-sol006` has ")
            .says("osm/cloud-init-missing, as the old package has\n")
            .says("1 of 1 package, which are no sound packages yet; `cargo nfv check` shows where");
    }
    // What the old one has not makes it a failure, and is written all the same.
    tree.file("nfv.toml", "[lints]\n\"schema/departure\" = \"deny\"\n");
    fs::remove_dir_all(tree.path("f-sol006")).expect("removed");
    let args = ["migrate", "f", "--allow-loss", "--message-format"];
    tree.nfv(&[&args[..], &["short"]].concat()).code(1).says(
        "osm/cloud-init-missing, schema/departure; the old package has not schema/departure\n",
    );
    fs::remove_dir_all(tree.path("f-sol006")).expect("removed");
    let run = tree.nfv(&[&args[..], &["json"]].concat()).code(1);
    let told = run
        .stdout
        .lines()
        .filter(|line| line.contains("migrated-with-errors"));
    let told: Vec<&str> = told.collect();
    assert!(
        told.len() == 1 && told[0].contains("\"new\":[\"schema/departure\"]"),
        "{told:?}"
    );
    fs::remove_file(tree.path("nfv.toml")).expect("removed");
    // The two are packages of one id now.
    fs::remove_dir_all(tree.path("f-sol006")).expect("removed");
    tree.file("f/cloud_init/init.cfg", "#cloud-config\n");
    tree.nfv(&["migrate", "f", "--allow-loss"])
        .code(0)
        .says("remove the old ones, or leave them out with `exclude`");
    tree.nfv(&["check"])
        .code(1)
        .says("`f` is in the model before SOL006, from which the other was migrated");
    tree.nfv(&["migrate", "f", "--allow-loss"])
        .code(2)
        .says("`f-sol006` exists already")
        .says("name another folder with `--output`");
    // Elsewhere there is nothing to remove.
    let beside = tree.beside("elsewhere");
    let run = tree
        .nfv(&[
            "migrate",
            "f",
            "--allow-loss",
            "-o",
            beside.to_str().expect("a path"),
        ])
        .code(0);
    assert!(
        !run.stderr.contains("remove the old ones"),
        "{}",
        run.stderr
    );
    tree.nfv(&["migrate", "f", "--allow-loss", "-o", "f/new"])
        .code(2)
        .says("`f/new` is in `f`, and would become a part of it");
}

/// The old model took words in any case, and the new one does not.
#[test]
fn booleans_and_types_are_written_as_the_new_model_has_them() {
    let tree = Tree::new();
    let vnfd = VNFD.replace(
        "{name: filename, data-type: STRING,",
        "{name: filename, data-type: string, mandatory: 'TRUE',",
    );
    tree.file("f/f_vnfd.yaml", vnfd);
    tree.file("f/cloud_init/init.cfg", "#cloud-config\n");
    tree.nfv(&["migrate", "f", "--allow-loss"]).code(0);
    let text = text(&tree, "f-sol006/f_vnfd.yaml");
    assert!(
        text.contains("data-type: STRING") && text.contains("mandatory: true"),
        "{text}"
    );
}

/// A file that does not come along, or in another form, is named.
#[test]
fn links_that_lead_out_are_told() {
    let tree = Tree::new();
    tree.file("in/f/f_vnfd.yaml", VNFD);
    tree.file("in/f/cloud_init/init.cfg", "#cloud-config\n");
    tree.file("in/shared.txt", "shared");
    let secret = tree.beside("secret.txt");
    fs::write(&secret, "secret").expect("written");
    std::os::unix::fs::symlink("../shared.txt", tree.path("in/f/shared.txt")).expect("a link");
    std::os::unix::fs::symlink(&secret, tree.path("in/f/out.txt")).expect("a link");
    let run = tree.nfv(&["migrate", "in/f"]).code(1);
    let run = run.says("error[migrate/lost]: the link leads out of the tree");
    assert!(run.stderr.contains("in/f/out.txt"), "{}", run.stderr);
    tree.nfv(&["migrate", "in/f", "--allow-loss"])
        .code(0)
        .says("`shared.txt` is reached by a link that leads out of the package");
    assert!(!tree.path("in/f-sol006/out.txt").exists());
    // What can't be read is refused even then, and nobody is told to allow it.
    tree.file(
        "broken/b_vnfd.yaml",
        "vnfd-catalog:\n  vnfd:\n    - id: a\n    - id: b\n",
    );
    let run = tree.nfv(&["migrate", "broken", "--allow-loss"]).code(1);
    assert!(
        !run.stderr.contains("writes what can be carried"),
        "{}",
        run.stderr
    );
}

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("NFV_CORPUS");
    if folder.is_none() {
        println!("skipped: NFV_CORPUS is not set");
    }
    Some(fs::canonicalize(folder?).expect("the folder that NFV_CORPUS names"))
}

fn workspace(root: &std::path::Path, out: &std::path::Path) -> Workspace {
    Workspace {
        current_dir: root.to_owned(),
        root: root.to_owned(),
        out_dir: out.to_owned(),
        config: Config::default(),
        config_path: None,
        placeholders: Default::default(),
    }
}

/// The errors in each file of a folder, by its path below that.
fn errors(
    root: &std::path::Path,
    folder: &str,
    out: &std::path::Path,
) -> BTreeMap<String, BTreeSet<String>> {
    let options = CheckOptions {
        selection: Selection {
            paths: vec![root.join(folder)],
            ..Selection::default()
        },
        ..CheckOptions::default()
    };
    let checked = ops::check(&workspace(root, out), &options).expect("checked");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for diagnostic in checked.diagnostics {
        if diagnostic.severity == Severity::Error {
            let path = diagnostic.primary.span.file.path();
            let path = path.strip_prefix(&format!("{folder}/")).unwrap_or(path);
            // The same fault has another name in each model.
            let rule = match diagnostic.rule.id {
                "osm/unknown-connection-point" => "sol006/unknown-cpd",
                rule => rule,
            };
            let rule = rule.to_owned();
            found.entry(path.to_owned()).or_default().insert(rule);
        }
    }
    found
}

/// Each public descriptor migrates or is refused with reasons, and has no error
/// afterwards that it did not have.
#[test]
fn public_descriptors_migrate_or_are_refused_with_reasons() {
    let Some(corpus) = corpus() else {
        return;
    };
    let tree = Tree::new();
    let from = corpus.join("descriptors/osm-im");
    copy(&from, &tree.path("old"), false);
    let root = fs::canonicalize(tree.path("")).expect("tree");
    let run = |output: &str, allow_loss| {
        let options = MigrateOptions {
            paths: vec![root.join("old")],
            output: Some(output.into()),
            allow_loss,
            dry_run: false,
        };
        ops::migrate(&workspace(&root, &tree.beside("out")), &options).expect("migrated")
    };
    let strict = run("strict", false);
    let written = |state: &MigrateState| matches!(state, MigrateState::Written { .. });
    let count = strict.packages.iter().filter(|p| written(&p.state)).count();
    let total = strict.packages.len();
    println!("{count} of {total} descriptors migrate without a loss");
    for package in strict.packages.iter().filter(|p| !written(&p.state)) {
        let reasons = strict.diagnostics.iter().filter(|d| {
            d.severity == Severity::Error && d.primary.span.file.path() == package.shown
        });
        let reasons: BTreeSet<String> = reasons.map(|d| d.message.clone()).collect();
        assert!(!reasons.is_empty(), "{}", package.shown);
        println!("{}", package.shown);
        reasons.iter().for_each(|reason| println!("    {reason}"));
    }
    assert!(count * 100 >= total * 80, "{count} of {total}");

    let whole = run("whole", true);
    assert!(whole.packages.iter().all(|package| written(&package.state)));
    // Each may have another name afterwards; the report says which.
    let names = whole.packages.iter().map(|package| {
        let MigrateState::Written { place, .. } = &package.state else {
            panic!("{} is not written", package.shown);
        };
        let new = place.strip_prefix(root.join("whole")).expect("below");
        let old = package.shown.strip_prefix("old/").expect("below");
        (old.to_owned(), new.to_string_lossy().into_owned())
    });
    let names: BTreeMap<String, String> = names.collect();
    let distinct: BTreeSet<&String> = names.values().collect();
    assert_eq!(distinct.len(), total);
    let before = errors(&root, "old", &tree.beside("out"));
    let before: BTreeMap<String, BTreeSet<String>> = before
        .into_iter()
        .map(|(old, rules)| (names.get(&old).cloned().unwrap_or(old), rules))
        .collect();
    let after = errors(&root, "whole", &tree.beside("out"));
    // Rule by rule: an error that was there must not hide another one.
    let of = |path: &String| before.get(path).cloned().unwrap_or_default();
    let fresh = after.iter().flat_map(|(path, rules)| {
        let new = rules
            .difference(&of(path))
            .cloned()
            .collect::<Vec<String>>();
        new.into_iter().map(move |rule| (path.clone(), rule))
    });
    let fresh: Vec<(String, String)> = fresh.collect();
    assert!(fresh.is_empty(), "{fresh:#?}");
    // What the run itself said of it.
    let told: BTreeSet<String> = whole
        .faulty
        .iter()
        .map(|one| one.place.strip_prefix(root.join("whole")).expect("below"))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let found: BTreeSet<String> = after.keys().cloned().collect();
    assert_eq!(told, found);
    println!(
        "{} of {total} have an error afterwards, {} had before",
        after.len(),
        before.len()
    );
    // What OSM's own translation makes of the same descriptors, where it is public.
    let theirs = corpus.join("descriptors/sol006");
    for (old, new) in [
        (
            "DVicas_IM__vepc_nsd_im.yaml__09970f8c.yaml",
            "DVicas_IM__vepc_nsd_sol006.yaml__63a10802.yaml",
        ),
        (
            "DVicas_IM__alternative_image_im.yaml__66494b0a.yaml",
            "DVicas_IM__alternative_image_sol006.yaml__6c33f46d.yaml",
        ),
    ] {
        let ours = facts(&text(&tree, &format!("whole/{}", names[old])));
        let theirs = facts(&fs::read_to_string(theirs.join(new)).expect(new));
        let bare = |(path, value): &(String, String)| {
            (path.trim_end_matches("[]").to_owned(), value.clone())
        };
        let ours: BTreeSet<_> = ours.iter().map(bare).collect();
        let missing: Vec<_> = theirs
            .iter()
            .map(bare)
            .filter(|fact| !ours.contains(fact))
            .collect();
        assert!(missing.is_empty(), "{old}: {missing:#?}");
    }
}

/// The same for whole packages, each with its files.
#[test]
fn public_packages_migrate_with_their_files() {
    let Some(corpus) = corpus() else {
        return;
    };
    let tree = Tree::new();
    copy(&corpus.join("osm-packages"), &tree.path("old"), false);
    let root = fs::canonicalize(tree.path("")).expect("tree");
    let options = MigrateOptions {
        paths: vec![root.join("old")],
        output: Some("new".into()),
        allow_loss: true,
        dry_run: false,
    };
    let done = ops::migrate(&workspace(&root, &tree.beside("out")), &options).expect("migrated");
    let mut count = 0;
    for package in &done.packages {
        let MigrateState::Written { place, .. } = &package.state else {
            continue;
        };
        count += 1;
        let old = root.join(&package.shown);
        if old.is_dir() {
            let (old, new) = (digests(&old), digests(place));
            assert_eq!(old.len(), new.len(), "{}", package.shown);
        }
    }
    println!("{count} packages of the old model");
    let before = errors(&root, "old", &tree.beside("out"));
    let after = errors(&root, "new", &tree.beside("out"));
    // Files may have other names afterwards, so their folders stand for them.
    let by_folder = |errors: &BTreeMap<String, BTreeSet<String>>| {
        let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, rules) in errors {
            let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
            folders
                .entry(folder.to_owned())
                .or_default()
                .extend(rules.clone());
        }
        folders
    };
    let (before, after) = (by_folder(&before), by_folder(&after));
    let fresh = after.iter().flat_map(|(folder, rules)| {
        let old = before.get(folder).cloned().unwrap_or_default();
        let new = rules.difference(&old).cloned().collect::<Vec<String>>();
        new.into_iter().map(move |rule| (folder.clone(), rule))
    });
    let fresh: Vec<(String, String)> = fresh.collect();
    assert!(fresh.is_empty(), "{fresh:#?}");
    assert!(
        done.packages.iter().any(|p| p.name.contains("ping")) && count > 40,
        "{count}"
    );
}
