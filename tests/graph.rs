//! `cargo nfv graph`: who needs whom, and what services are made of.

mod common;

use std::fs;
use std::process::Command;

use common::{Tree, run, skip, tool, vnfd};
use serde_json::Value;

/// A slice of a service of two functions, one of which is nowhere, and two services that
/// are nested in each other.
fn tree() -> Tree {
    let ns = |id: &str, needs: &str| {
        format!("nsd:\n  nsd:\n    - id: {id}\n      version: '1.0'\n{needs}")
    };
    Tree::of(&[
        ("a/a_vnfd.yaml", &vnfd("a_vnf")),
        (
            "s/s_nsd.yaml",
            &ns("s_ns", "      vnfd-id: [a_vnf, gone_vnf]\n"),
        ),
        ("x/x_nsd.yaml", &ns("x_ns", "      nested-nsd-id: [y_ns]\n")),
        ("y/y_nsd.yaml", &ns("y_ns", "      nested-nsd-id: [x_ns]\n")),
        (
            "t/t_nst.yaml",
            "nst:\n  - id: t_slice\n    netslice-subnet:\n      - id: one\n        nsd-ref: s_ns\n",
        ),
    ])
}

fn json(tree: &Tree, args: &[&str]) -> Value {
    let run = tree
        .nfv(&[&["graph", "--format", "json"], args].concat())
        .code(0);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// Members by their ids, with where they are to be had.
fn origins(graph: &Value) -> Vec<(String, String)> {
    let members = graph["packages"].as_array().expect("packages").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    members
        .map(|one| (text(&one["id"]), text(&one["origin"])))
        .collect()
}

/// The ids in the order in which packages can be built.
fn in_order(graph: &Value) -> Vec<String> {
    let origins = origins(graph);
    let order = graph["order"].as_array().expect("an order").iter();
    let place = |i: &Value| usize::try_from(i.as_u64().expect("a number")).expect("a place");
    order.map(|i| origins[place(i)].0.clone()).collect()
}

#[test]
fn what_is_missing_what_goes_in_circles_and_the_order() {
    let tree = tree();
    let graph = json(&tree, &[]);
    let ids: Vec<String> = origins(&graph).into_iter().map(|(id, _)| id).collect();
    let name =
        |i: &Value| ids[usize::try_from(i.as_u64().expect("a number")).expect("a place")].clone();
    let names = |list: &Value| {
        list.as_array()
            .expect("a list")
            .iter()
            .map(name)
            .collect::<Vec<_>>()
    };
    assert!(origins(&graph).contains(&("gone_vnf".to_owned(), "missing".to_owned())));
    let cycles = graph["cycles"].as_array().expect("cycles");
    assert_eq!(cycles.len(), 1);
    assert_eq!(names(&cycles[0]), ["x_ns", "y_ns"]);
    // Nothing that goes in a circle has an order; what does not, has.
    assert!(graph["order"].is_null(), "{}", graph["order"]);
    let straight = self::tree();
    for part in ["x", "y"] {
        fs::remove_dir_all(straight.path(part)).expect("removed");
    }
    let order = in_order(&json(&straight, &[]));
    assert_eq!(order.len(), 3);
    let place = |id: &str| {
        order
            .iter()
            .position(|own| own == id)
            .expect("in the order")
    };
    assert!(
        place("a_vnf") < place("s_ns") && place("s_ns") < place("t_slice"),
        "{order:?}"
    );
    let text = tree.nfv(&["graph"]).code(0);
    assert!(
        text.stdout
            .contains("NST t_slice\n└── NS s_ns 1.0\n    ├── VNF a_vnf 1.0\n"),
        "{}",
        text.stdout
    );
    assert!(
        text.stdout.contains("VNF gone_vnf (missing)"),
        "{}",
        text.stdout
    );
    assert!(
        text.stderr
            .contains("the VNF `gone_vnf`, which `s_ns` needs"),
        "{}",
        text.stderr
    );
    assert!(
        text.stderr.contains("`x_ns` needs `y_ns` needs `x_ns`"),
        "{}",
        text.stderr
    );
    // Of one package, all that it needs is drawn as well.
    let graph = json(&tree, &["-p", "t_slice"]);
    let ids: Vec<String> = origins(&graph).into_iter().map(|(id, _)| id).collect();
    assert_eq!(&ids[..3], ["t_slice", "s_ns", "a_vnf"]);
}

/// A part of the tree is drawn with what it needs of the rest, however it is named.
#[test]
fn what_a_path_needs_lies_beside_it() {
    let tree = Tree::showcase();
    let by_id = json(&tree, &["-p", "edge_ns"]);
    // The SHIELD package around the service has its id as well.
    let by_path = json(&tree, &["edge_ns"]);
    let origins_of = |graph: &Value| -> Vec<(String, String)> {
        let all = origins(graph).into_iter();
        all.filter(|(id, _)| id != "edge_ns").collect()
    };
    assert_eq!(origins_of(&by_path), origins_of(&by_id));
    assert!(origins(&by_path).contains(&("router_vnf".to_owned(), "tree".to_owned())));
    let run = tree.nfv(&["graph", "edge_ns/edge_nsd.yaml"]).code(0);
    assert!(!run.stdout.contains("missing"), "{}", run.stdout);
    // The order says which of two of one id is meant.
    tree.nfv(&["graph"])
        .code(0)
        .says("NS `edge_ns 1.0`, ")
        .says("SHIELD NS `edge_ns 1.0`");
    // What is in the layout of the tree has a name.
    tree.nfv(&["publish"]).code(0);
    let run = tree.nfv(&["graph", "edge_ns:1.0"]).code(0);
    assert!(run.stdout.contains("VNF router_vnf 1.0"), "{}", run.stdout);
    let run = tree.nfv(&["graph", "-t", "router_vnf:1.0"]).code(0);
    assert!(run.stdout.starts_with("VNF router_vnf\n"), "{}", run.stdout);
    tree.nfv(&["graph", "nowhere"]).code(3);
}

/// Every format is a document that its readers take.
#[test]
fn documents_that_others_can_read() {
    let tree = tree();
    let hostile = vnfd("evil_vnf").replace(
        "    - name: tiny",
        "    - name: \"a\\\"]>&'<script>|--\\u0007\\n\"",
    );
    tree.file("evil/evil_vnfd.yaml", hostile);
    for topology in [&[][..], &["--topology"][..]] {
        let text = |format: &str| {
            let args = [&["graph", "--format", format], topology].concat();
            let run = tree.nfv(&args).code(0);
            // The same again, on one thread.
            let again = tree.nfv(&[&args[..], &["-j", "1"]].concat()).code(0);
            assert_eq!(run.stdout, again.stdout, "{format}");
            run.stdout
        };
        let svg = text("svg");
        assert!(!svg.contains("<script"), "{svg}");
        assert!(
            !svg.contains("href") && !svg.contains("@import") && !svg.contains("url(h"),
            "{svg}"
        );
        let file = tree.file("g.svg", &svg);
        match tool("python3") {
            Some(python) => {
                let read = "import sys, xml.dom.minidom as m; print(m.parse(sys.argv[1]).documentElement.tagName)";
                let read = run(Command::new(python).args(["-c", read]).arg(&file)).code(0);
                assert_eq!(read.stdout.trim(), "svg");
            }
            None => skip("python3 is not there"),
        }
        let dot = text("dot");
        // One graph, with a frame around each drawing.
        assert_eq!(dot.matches("digraph").count(), 1, "{dot}");
        let file = tree.file("g.dot", &dot);
        match tool("dot") {
            Some(dot) => {
                let read = run(Command::new(dot).args(["-Tplain"]).arg(&file)).code(0);
                let boxes = read.stdout.lines().filter(|line| line.starts_with("node "));
                assert!(boxes.count() > 3, "{}", read.stdout);
            }
            None => skip("dot is not there"),
        }
        let mermaid = text("mermaid");
        let mut lines = mermaid
            .lines()
            .skip_while(|line| line.starts_with("%%{init"));
        assert_eq!(lines.next(), Some("flowchart LR"));
        for line in lines {
            assert!(
                line.starts_with("  ") && !line.contains("<script"),
                "{line}"
            );
        }
        let frames = mermaid.matches("  subgraph g").count();
        let ends = mermaid.lines().filter(|line| line.trim() == "end").count();
        assert_eq!(mermaid.matches("  subgraph ").count(), ends, "{mermaid}");
        assert_eq!(frames > 1, topology.len() == 1, "{mermaid}");
    }
}

#[test]
fn the_exit_code_says_whether_all_is_there() {
    let tree = tree();
    tree.nfv(&["graph", "--exit-code"]).code(1);
    tree.nfv(&["graph", "--exit-code", "-p", "a_vnf"]).code(0);
    // No name turns a line around.
    let tree = Tree::of(&[(
        "e/e_vnfd.yaml",
        &vnfd("e_vnf").replace("example/tiny", "\"a/\\u202ezf\""),
    )]);
    let run = tree.nfv(&["graph"]).code(0);
    assert!(!run.stdout.contains('\u{202e}'), "{}", run.stdout);
}

/// Mermaid leaves no room for labels of lines: points stand in the frames of their boxes, each
/// once, and a title is not much wider than they are.
#[test]
fn points_in_mermaid_cover_nothing() {
    let run = |args: &[&str]| Tree::new().nfv(args).code(0).stdout;
    let showcase = common::showcase();
    let service = showcase.to_str().expect("a path");
    let drawn = run(&[
        "graph", "-t", "-p", "edge_ns", "--format", "mermaid", service,
    ]);
    assert!(!drawn.contains("|\""), "{drawn}");
    for point in ["mgmt-ext", "lan-ext", "wan-ext"] {
        let own = drawn.split("  end\n").next().expect("the first frame");
        assert_eq!(own.matches(&format!("([\"{point}\"])")).count(), 1, "{own}");
    }
    assert_eq!(drawn.matches(" --- n").count(), 8, "{drawn}");
    let path = showcase.join("router_vnf/router_vnfd.yaml");
    let text = fs::read_to_string(path).expect("the router");
    let text = text.replace("router-image", &format!("images-{}", "long-".repeat(40)));
    let tree = Tree::of(&[("a/a_vnfd.yaml", &text)]);
    let drawn = tree
        .nfv(&["graph", "-t", "--format", "mermaid"])
        .code(0)
        .stdout;
    assert!(
        drawn.contains("  subgraph n0[\"VDU router ima#8230;"),
        "{drawn}"
    );
}

/// What needs itself in a circle is marked in every picture, and packages say their kind.
#[test]
fn circles_and_kinds_are_seen() {
    let tree = tree();
    let text = |format: &str| tree.nfv(&["graph", "--format", format]).code(0).stdout;
    let mermaid = text("mermaid");
    assert!(
        mermaid.contains("linkStyle ") && mermaid.contains("[[\"NS x#95;ns"),
        "{mermaid}"
    );
    assert_eq!(text("dot").matches("color=red, penwidth=2").count(), 2);
    assert_eq!(text("svg").matches("class=\"line circle\"").count(), 2);
}

/// Service access points at members, the network for management, and flavours.
#[test]
fn what_stands_beside_a_part() {
    let sap = |form: &str| {
        let profile = |id: &str| format!("            - id: {id}\n              vnfd-id: a_vnf\n");
        format!(
            "nsd:\n  nsd:\n    - id: s_ns\n      version: '1.0'\n      vnfd-id: [a_vnf]\n      sapd:\n        \
             - id: out\n{form}      virtual-link-desc:\n        - id: m\n          mgmt-network: true\n      \
             df:\n        - id: small\n          vnf-profile:\n{}        - id: large\n          \
             vnf-profile:\n{}{}",
            profile("one"),
            profile("one"),
            profile("two")
        )
    };
    for form in [
        "          vnf:\n            vnfd-id: a_vnf\n            ext-cpd-id: wan\n",
        "          associated-cpd:\n            vnfd-id: a_vnf\n            vnf-ext-cpd: wan\n",
    ] {
        let tree = Tree::of(&[("s/s_nsd.yaml", &sap(form))]);
        let run = tree.nfv(&["graph", "-t"]).code(0);
        let expected = "NS s_ns\n\
            ├── VNF one (a_vnf; in small, large)\n\
            │   └── wan → connection point out\n\
            ├── VNF two (a_vnf; in large)\n\
            │   └── wan → connection point out\n\
            └── virtual link m (management)\n";
        assert_eq!(run.stdout, expected);
    }
    let tree = Tree::showcase();
    let run = tree.nfv(&["graph", "-t", "-p", "router_vnf"]).code(0);
    assert!(
        run.stdout.contains("mgmt-ext (management)"),
        "{}",
        run.stdout
    );
}

/// Both models of OSM say where a function is managed, the old one in several ways.
#[test]
fn where_a_function_of_the_old_model_is_managed() {
    let old = |mgmt: &str| {
        format!(
            "vnfd-catalog:\n  vnfd:\n    - id: a_vnf\n      name: a_vnf\n{mgmt}      connection-point:\n        \
             - name: eth0\n        - name: eth1\n      vdu:\n        - id: unit\n          interface:\n            \
             - {{name: i0, external-connection-point-ref: eth0}}\n            \
             - {{name: i1, mgmt-interface: true, external-connection-point-ref: eth1}}\n      kdu:\n        \
             - name: pod\n          helm-chart: a/b\n          service:\n            \
             - {{name: api, mgmt-service: true, external-connection-point-ref: eth0}}\n"
        )
    };
    for (mgmt, managed) in [
        ("      mgmt-interface: {cp: eth0}\n", "eth0 (management)"),
        (
            "      mgmt-interface: {vdu-id: unit}\n",
            "eth1 (management)",
        ),
        ("", "eth0 (management)"),
        (
            "      mgmt-interface: {cp: mgmt}\n",
            "mgmt (management) (missing)",
        ),
    ] {
        let tree = Tree::of(&[("a/a_vnfd.yaml", &old(mgmt))]);
        let run = tree.nfv(&["graph", "-t"]).code(0);
        let marked = format!("connection point {managed}\n");
        assert!(run.stdout.contains(&marked), "{marked}{}", run.stdout);
        let all = json(&tree, &["-t"]);
        let parts = all["topologies"][0]["parts"].as_array().expect("parts");
        let count = parts
            .iter()
            .filter(|part| part["management"] == true)
            .count();
        assert_eq!(count, 1, "{mgmt}");
    }
}

/// The old model says of a network of the cluster which connection point it is, not the other way
/// round, and what refers to a point says its name.
#[test]
fn the_network_of_a_cluster_is_connected_in_the_old_model() {
    let tree = Tree::of(&[(
        "a/a_vnfd.yaml",
        "vnfd-catalog:\n  vnfd:\n    - id: a_vnf\n      name: a_vnf\n      mgmt-interface: {cp: mgmt}\n      \
         connection-point:\n        - {id: first, name: mgmt}\n      kdu:\n        - name: pod\n          \
         helm-chart: a/b\n      k8s-cluster:\n        nets:\n          - id: mgmtnet\n            \
         external-connection-point-ref: mgmt\n",
    )]);
    let expected = "VNF a_vnf\n\
        ├── cluster network mgmtnet\n\
        │   └── connection point mgmt (management)\n\
        └── KDU pod (a/b)\n    \
        └── cluster network mgmtnet\n";
    assert_eq!(tree.nfv(&["graph", "-t"]).code(0).stdout, expected);
}

/// What is missing has a broken border in every picture, and what can't be drawn is told.
#[test]
fn what_is_missing_or_nothing_is_told() {
    let tree = tree();
    let dot = tree.nfv(&["graph", "--format", "dot"]).code(0).stdout;
    let missing = dot.lines().find(|line| line.contains("gone_vnf"));
    let missing = missing.expect("what is missing");
    assert!(missing.contains("style=dashed"), "{missing}");
    let nsd = "nsd:\n  nsd:\n    - id: s_ns\n      version: '1.0'\n      vnfd-id: [gone_vnf]\n";
    tree.file("s2/s_nsd.yaml", nsd);
    tree.nfv(&["graph"])
        .code(0)
        .says("the VNF `gone_vnf`, which `s_ns` (`s`), `s_ns` (`s2`) need\n");
    let empty = Tree::in_memory();
    empty
        .nfv(&["graph"])
        .code(0)
        .says("there is no package here");
    empty.file("cut.tar.gz", [0x1f, 0x8b, 8, 0, 0, 0]);
    empty
        .nfv(&["graph", "cut.tar.gz"])
        .code(2)
        .says("`cut.tar.gz` can't be described");
}

/// A disk has an image of its own in both models.
#[test]
fn images_of_disks_are_drawn() {
    let old = "vnfd-catalog:\n  vnfd:\n    - id: a_vnf\n      name: a_vnf\n      vdu:\n        - id: unit\n          \
               image: base\n          volumes:\n            - {name: one, image: tools}\n            \
               - {name: two, image: base}\n          alternative-images: [{vim-type: aws, image: ami}]\n";
    let new = "vnfd:\n  id: a_vnf\n  version: '1.0'\n  vdu:\n    - id: unit\n      sw-image-desc: base\n      \
               virtual-storage-desc: [one, two]\n  virtual-storage-desc:\n    - {id: one, sw-image-desc: tools}\n    \
               - {id: two, sw-image-desc: base}\n  sw-image-desc:\n    - {id: base, name: base}\n    - {id: tools, name: tools}\n";
    for (text, others) in [(old, &["tools", "ami"][..]), (new, &["tools"])] {
        let tree = Tree::of(&[("a/a_vnfd.yaml", text)]);
        let drawn = tree.nfv(&["graph", "-t"]).code(0).stdout;
        assert!(drawn.contains("VDU unit (base, tools)"), "{drawn}");
        let drawn = tree.nfv(&["graph"]).code(0).stdout;
        for image in others {
            assert!(drawn.contains(&format!("IMAGE {image}")), "{drawn}");
        }
    }
}

/// A connection point of a service is that of a link or that of a member, and the reference may
/// stand in a list, as in a link.
#[test]
fn a_connection_point_of_the_old_model_is_drawn_at_its_member() {
    let at = "{member-vnf-index-ref: 2, vnfd-id-ref: a_vnf, vnfd-connection-point-ref: wan}";
    let fields = at.trim_start_matches('{').trim_end_matches('}');
    let several = at.replace(": wan", ": [wan, lan]");
    for (point, link) in [
        (
            format!("        - {{name: out, {fields}}}\n"),
            format!("[{at}]"),
        ),
        (
            format!("        - name: out\n          vnfd-connection-point-ref: [{at}]\n"),
            at.to_owned(),
        ),
        (
            format!("        - name: out\n          vnfd-connection-point-ref: {at}\n"),
            format!("[{several}]"),
        ),
    ] {
        let tree = Tree::of(&[(
            "s/s_nsd.yaml",
            &format!(
                "nsd-catalog:\n  nsd:\n    - id: s_ns\n      name: s_ns\n      constituent-vnfd:\n        \
                 - {{member-vnf-index: 1, vnfd-id-ref: a_vnf}}\n        \
                 - {{member-vnf-index: 2, vnfd-id-ref: a_vnf}}\n      connection-point:\n{point}      vld:\n        \
                 - id: l\n          vnfd-connection-point-ref: {link}\n"
            ),
        )]);
        let second = match link.contains("lan") {
            true => "    ├── lan → virtual link l\n",
            false => "",
        };
        let expected = format!(
            "NS s_ns\n\
             ├── VNF 1 (a_vnf)\n\
             └── VNF 2 (a_vnf)\n    \
             ├── wan → virtual link l\n{second}    \
             └── wan → connection point out\n"
        );
        assert_eq!(tree.nfv(&["graph", "-t"]).code(0).stdout, expected);
    }
}

/// Nothing stands on anything else, and lines end where boxes are.
#[test]
fn boxes_do_not_overlap() {
    let tree = Tree::in_memory();
    for i in 0..30 {
        tree.file(&format!("v{i}/v{i}_vnfd.yaml"), vnfd(&format!("v{i}_vnf")));
    }
    for i in 0..20 {
        let needs: String = (0..5)
            .map(|k| format!("        - v{}_vnf\n", (i * 7 + k * k) % 30))
            .collect();
        let nsd = format!(
            "nsd:\n  nsd:\n    - id: s{i}_ns\n      version: '1.0'\n      vnfd-id:\n{needs}"
        );
        tree.file(&format!("s{i}/s{i}_nsd.yaml"), nsd);
    }
    let svg = tree.nfv(&["graph", "--format", "svg"]).code(0).stdout;
    let mut boxes: Vec<[f64; 4]> = Vec::new();
    for line in svg.lines().filter(|line| line.contains("class=\"shape ")) {
        let value = |name: &str| -> f64 {
            let (_, rest) = line
                .split_once(&format!(" {name}=\""))
                .expect("an attribute");
            rest.split('"')
                .next()
                .expect("a value")
                .parse()
                .expect("a number")
        };
        // The inner border of a frame.
        if !line.contains("rx=\"4\"") {
            boxes.push([value("x"), value("y"), value("width"), value("height")]);
        }
    }
    assert!(boxes.len() >= 50, "{}", boxes.len());
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[i + 1..] {
            let apart = a[0] + a[2] <= b[0]
                || b[0] + b[2] <= a[0]
                || a[1] + a[3] <= b[1]
                || b[1] + b[3] <= a[1];
            assert!(apart, "{a:?} {b:?}");
        }
    }
}

#[test]
fn what_a_service_is_made_of() {
    let tree = Tree::showcase();
    let graph = json(&tree, &["--topology", "-p", "edge_ns"]);
    let topology = &graph["topologies"][0];
    assert_eq!(topology["id"], "edge_ns");
    let parts = topology["parts"].as_array().expect("parts");
    let name = |i: &Value| {
        let part = &parts[usize::try_from(i.as_u64().expect("a number")).expect("a place")];
        part["name"].as_str().expect("a name").to_owned()
    };
    let connections = topology["connections"]
        .as_array()
        .expect("connections")
        .iter();
    let connections: Vec<String> = connections
        .map(|one| {
            format!(
                "{} {} {}",
                name(&one["from"]),
                one["at"].as_str().expect("a point"),
                name(&one["to"])
            )
        })
        .collect();
    for expected in [
        "router wan-ext wan",
        "cache service-ext lan",
        "lan  site-sap",
    ] {
        assert!(
            connections.iter().any(|one| one == expected),
            "{connections:?}"
        );
    }
    assert!(parts.iter().all(|part| part["defined"] == true));
    tree.nfv(&["graph", "--topology", "-o", "g.svg", "--format", "svg"])
        .code(0);
    assert!(
        fs::read_to_string(tree.path("g.svg"))
            .expect("SVG")
            .starts_with("<svg ")
    );
}

/// The picture in the documentation is what the program draws.
#[test]
fn the_picture_of_the_documentation() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = Tree::showcase();
    let run = tree
        .nfv(&["graph", "--topology", "-p", "edge_ns", "--format", "svg"])
        .code(0);
    let path = root.join("docs/edge_ns.svg");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(&path, &run.stdout).expect("written");
    }
    let picture = fs::read_to_string(path).expect("the picture");
    assert!(
        picture == run.stdout,
        "docs/edge_ns.svg; SNAPSHOTS=overwrite draws it anew"
    );
}

/// Each model says in its own way which members a path leads through.
#[test]
fn forwarding_paths_are_drawn_in_every_form() {
    let service = |graph: &str| {
        let profile = |id: &str| format!("            - {{id: {id}, vnfd-id: {id}_vnf}}\n");
        format!(
            "nsd:\n  nsd:\n    - id: s_ns\n      version: '1.0'\n      df:\n        - id: d\n          \
             vnf-profile:\n{}{}      vnffgd:\n        - id: g\n{graph}",
            profile("fw"),
            profile("nat")
        )
    };
    // SOL006 2.6.1, which is that of OSM and of `migrate`.
    let elements = |n: u32, id: &str, points: &[&str]| {
        let mut text = format!("                - id: p{n}\n                  cp-profile-id:\n");
        for point in points {
            text.push_str(&format!(
                "                    - id: p{n}-{point}\n                      \
                 constituent-profile-elements:\n                        - {{id: {id}, cpd-id: {point}}}\n"
            ));
        }
        text
    };
    let first = format!(
        "          nfpd:\n            - id: way\n              position-desc-id:\n{}{}",
        elements(1, "fw", &["in", "out"]),
        elements(2, "nat", &["in"])
    );
    // SOL006 from 2.7.1 on; 4.3.1 calls its list otherwise.
    let element = |id: &str| {
        format!(
            "            - id: at-{id}\n              desc:\n                vnf-profile: {{vnf-profile-id: \
             {id}}}\n                vnf: {{vnfd-id: {id}_vnf, cpd-id: in}}\n"
        )
    };
    let later = |key: &str| {
        format!(
            "          nfp-position-element:\n{}{}          nfpd:\n            - id: way\n              \
             {key}:\n                - {{id: p1, nfp-position-element-id: [at-fw]}}\n                \
             - {{id: p2, nfp-position-element-id: [at-nat]}}\n",
            element("fw"),
            element("nat")
        )
    };
    // OSM from release SIXTEEN on: its LCM goes by `order`, and the element of the position says nothing.
    let newest = |first: &str, second: &str| {
        format!(
            "          nfp-position-element: [{{id: any}}]\n          nfpd:\n            - id: way\n              \
             position-desc-id:\n                - id: p\n                  nfp-position-element-id: [any]\n                  \
             cp-profile-id:\n                    - id: c\n                      constituent-profile-elements:\n                        \
             - {{{first}, ingress-constituent-cpd-id: in, egress-constituent-cpd-id: out}}\n                        \
             - {{{second}, ingress-constituent-cpd-id: in, egress-constituent-cpd-id: out}}\n"
        )
    };
    for graph in [
        first,
        later("position-desc-id"),
        later("position-desc"),
        newest(
            "id: e1, order: 1, constituent-base-element-id: nat",
            "id: e2, order: 0, constituent-base-element-id: fw",
        ),
        newest("id: fw", "id: nat"),
        later("position-desc-id").replace(
            "                vnf-profile: {vnf-profile-id: nat}\n                vnf: {vnfd-id: nat_vnf, cpd-id: in}\n",
            "                constituent-base-element-id: nat\n                ingress-constituent-cpd-id: in\n",
        ),
    ] {
        let tree = Tree::of(&[("s/s_nsd.yaml", &service(&graph))]);
        let text = |format: &str| {
            tree.nfv(&["graph", "-t", "--format", format])
                .code(0)
                .stdout
        };
        let drawn = text("tree");
        assert!(
            drawn.ends_with("└── forwarding path way: fw → nat\n"),
            "{drawn}"
        );
        let value = json(&tree, &["-t"]);
        let path = &value["topologies"][0]["forwarding"][0];
        assert_eq!(path["through"], serde_json::json!([0, 1]));
        assert!(text("mermaid").contains("  n0 -.->|\"way\"| n1\n"));
        assert!(text("dot").contains("  n0 -> n1 [label=\"way\", style=dotted"));
        assert_eq!(text("svg").matches("class=\"line way\"").count(), 1);
    }
}

/// Several paths between the same members: beside each other, and no name on another one.
#[test]
fn names_of_paths_cover_nothing() {
    let path = |id: &str, members: &[u8]| {
        let steps = members.iter().enumerate().map(|(order, member)| {
            format!("{{member-vnf-index-ref: {member}, order: {order}, vnfd-id-ref: a_vnf}}")
        });
        let steps: Vec<String> = steps.collect();
        format!(
            "{{id: {id}, vnfd-connection-point-ref: [{}]}}",
            steps.join(", ")
        )
    };
    let paths = [
        path("upstream", &[1, 2, 3]),
        path("short", &[2, 3]),
        path("downstream", &[3, 2, 1]),
        path("over", &[1, 3]),
    ];
    let member = |index: u8| format!("{{member-vnf-index: {index}, vnfd-id-ref: a_vnf}}");
    let text = format!(
        "nsd-catalog:\n  nsd:\n  - id: s_ns\n    constituent-vnfd: [{}]\n    \
         vnffgd: [{{id: graph, rsp: [{}]}}]\n",
        [1, 2, 3].map(member).join(", "),
        paths.join(", ")
    );
    let tree = Tree::of(&[("s/s_nsd.yaml", &text)]);
    let svg = tree.nfv(&["graph", "-t", "--format", "svg"]).code(0).stdout;
    let mut names: Vec<(f64, &str)> = Vec::new();
    for line in svg
        .lines()
        .filter(|line| line.contains("class=\"way-label"))
    {
        let (_, rest) = line.split_once("y=\"").expect("a place");
        let (y, rest) = rest.split_once('"').expect("its end");
        let (_, rest) = rest.split_once('>').expect("the name");
        let name = rest.split('<').next().expect("its end");
        names.push((y.parse().expect("a number"), name));
    }
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let shown: Vec<&str> = names.iter().map(|(_, name)| *name).collect();
    assert_eq!(
        shown,
        [
            "upstream",
            "downstream",
            "over",
            "upstream, short",
            "downstream"
        ]
    );
    for (above, below) in names.iter().zip(&names[1..]) {
        assert!(below.0 - above.0 >= 13.0, "{names:?}");
    }
    assert_eq!(svg.matches("class=\"line way\"").count(), 5, "{svg}");
}

/// A package that needs itself goes in the smallest circle.
#[test]
fn what_needs_itself_goes_in_a_circle() {
    let nsd =
        "nsd:\n  nsd:\n    - id: self_ns\n      version: '1.0'\n      nested-nsd-id: [self_ns]\n";
    let tree = Tree::of(&[("s/s_nsd.yaml", nsd)]);
    let graph = json(&tree, &[]);
    assert_eq!(graph["cycles"], serde_json::json!([[0]]));
    assert!(graph["order"].is_null());
    let run = tree.nfv(&["graph", "--exit-code"]).code(1);
    assert_eq!(run.stdout, "NS self_ns 1.0\n└── NS self_ns 1.0 (*)\n");
    run.says("`self_ns` needs `self_ns`");
    let svg = tree.nfv(&["graph", "--format", "svg"]).code(0).stdout;
    let (_, line) = svg
        .split_once("class=\"line circle\" d=\"M")
        .expect("a line");
    // The curve stays in the picture.
    let (_, curve) = line.split_once('C').expect("a curve");
    let out: f64 = curve
        .split(' ')
        .next()
        .expect("a number")
        .parse()
        .expect("a number");
    let start: f64 = line
        .split(' ')
        .next()
        .expect("a number")
        .parse()
        .expect("a number");
    assert!(start + 0.75 * (out - start) > 4.0, "{line}");
}

/// A SHIELD package is refused without the package that it wraps.
#[test]
fn a_shield_package_needs_what_it_wraps() {
    let tree = Tree::showcase();
    let wrapped = "SHIELD NS edge_ns 1.0\n└── NS edge_ns 1.0\n    ├── VNF router_vnf 1.0";
    // Wherever it lies, and whatever part of the tree is asked for.
    for args in [&["graph"][..], &["graph", "edge_shield"][..]] {
        let run = tree.nfv(args).code(0);
        assert!(run.stdout.contains(wrapped), "{}", run.stdout);
    }
    tree.nfv(&["graph", "--exit-code"]).code(0);
    // In a finished package it is inside.
    tree.nfv(&["build"]).code(0);
    let built = fs::read_dir(tree.path("target/nfv/packages")).expect("packages");
    let mut built = built.map(|entry| entry.expect("entry").path());
    let shield = built
        .find(|path| path.to_string_lossy().contains("shield"))
        .expect("a SHIELD package");
    let run = tree.nfv(&["graph", &shield.to_string_lossy()]).code(0);
    let inside =
        "SHIELD NS edge_ns 1.0\n└── NS edge_ns (in the package)\n    ├── VNF router_vnf 1.0";
    assert!(run.stdout.starts_with(inside), "{}", run.stdout);
    fs::remove_dir_all(tree.path("edge_ns")).expect("removed");
    for args in [
        &["graph", "--exit-code"][..],
        &["graph", "edge_shield", "--exit-code"][..],
    ] {
        let run = tree.nfv(args).code(1);
        assert!(
            run.stdout
                .contains("SHIELD NS edge_shield\n└── NS edge_ns.tar.gz (missing)\n"),
            "{}",
            run.stdout
        );
        run.says("the NS `edge_ns.tar.gz`, which `edge_shield` needs");
    }
}
