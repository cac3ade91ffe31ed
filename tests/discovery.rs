//! Which packages are found in a tree, what belongs to each, and what is said
//! about everything that can't be taken.

#![cfg(unix)]

mod common;

#[path = "discovery/configured.rs"]
mod configured;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use common::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use nfv::descriptor::{Kind, Model};
use nfv::source::{Finding, Form, Layout, LinkFault, Place};

const VO: &str = "name: thermometer\nbindingNB:\n  bindingModeNB: H\n";

#[test]
fn descriptors_are_known_by_their_content_whatever_the_file_is_called() {
    let cases = [
        ("vnfd:\n  id: a\n", Kind::Vnf, Model::Sol006),
        ("etsi-nfv-vnfd:vnfd:\n  id: a\n", Kind::Vnf, Model::Sol006),
        ("nsd:\n  nsd:\n    - id: a\n", Kind::Ns, Model::Sol006),
        (
            "etsi-nfv-nsd:nsd:\n  nsd:\n    - id: a\n",
            Kind::Ns,
            Model::Sol006,
        ),
        ("nst:\n  - id: a\n", Kind::Nst, Model::Sol006),
        ("nst:nst:\n  - id: a\n", Kind::Nst, Model::Sol006),
        (
            "vnfd-catalog:\n  vnfd:\n    - id: a\n",
            Kind::Vnf,
            Model::OsmIm,
        ),
        (
            "vnfd:vnfd-catalog:\n  vnfd:vnfd:\n    - vnfd:id: a\n",
            Kind::Vnf,
            Model::OsmIm,
        ),
        (
            "nsd-catalog:\n  nsd:\n    - id: a\n",
            Kind::Ns,
            Model::OsmIm,
        ),
        (
            "nsd:nsd-catalog:\n  nsd:nsd:\n    - nsd:id: a\n",
            Kind::Ns,
            Model::OsmIm,
        ),
        (
            "manifest:ns:\n  package: a.tar.gz\n",
            Kind::ShieldNs,
            Model::Shield,
        ),
        (
            "manifest:vnsf:\n  package: a.tar.gz\n",
            Kind::ShieldVnsf,
            Model::Shield,
        ),
        ("hdaGraph:\n  id: a\n", Kind::Hdag, Model::Hdag),
        (VO, Kind::Vo, Model::Vo),
        ("{\"vnfd\": {\"id\": \"a\"}}\n", Kind::Vnf, Model::Sol006),
        (
            "\u{feff}# hello\r\n---\r\nnsd:\r\n  nsd:\r\n  - id: a\r\n",
            Kind::Ns,
            Model::Sol006,
        ),
    ];
    for (text, kind, model) in cases {
        for name in [
            "descriptor.yaml",
            "x.yml",
            "values.json",
            "docker-compose.yaml",
        ] {
            let tree = Tree::of(&[(&format!("some folder/{name}"), text)]);
            let scan = tree.scan();
            let package = only(&scan);
            let descriptor = package.descriptor.as_ref().expect(text);
            assert_eq!((descriptor.kind, descriptor.model), (kind, model), "{text}");
            assert_eq!(package.shown, "some folder");
            assert_eq!(package.descriptor_path, name);
            assert_eq!(package.form, Form::Folder);
            assert!(findings(&scan).is_empty(), "{:?}", findings(&scan));
        }
    }
}

#[test]
fn a_broken_descriptor_is_still_a_descriptor() {
    let tree = Tree::of(&[("a/x.yaml", "vnfd:\n\tid: a\n")]);
    assert_eq!(only(&tree.scan()).kind(), Some(Kind::Vnf));
    tree.nfv(&["check"]).code(1).says("x.yaml:2:");
}

#[test]
fn a_chart_is_known_by_its_file_name_and_takes_what_lies_in_it() {
    let tree = Tree::of(&[
        ("cache/Chart.yaml", &chart("cache")),
        ("cache/templates/vnfd.yaml", VNFD),
        ("cache/charts/sub/Chart.yaml", &chart("sub")),
        ("cache/.helmignore", "*.bak\n"),
        ("cache/old.bak", "old"),
    ]);
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(package.kind(), Some(Kind::Chart));
    assert_eq!(package.id(), Some("cache"));
    assert_eq!(
        files(package),
        [
            ".helmignore",
            "Chart.yaml",
            "charts/sub/Chart.yaml",
            "templates/vnfd.yaml"
        ]
    );
}

#[test]
fn a_virtual_object_chart_brings_its_descriptor_along() {
    let annotated = format!(
        "{}annotations:\n  descriptorPath: scripts/vo.yaml\n",
        chart("vo")
    );
    let tree = Tree::of(&[("vo/Chart.yaml", &annotated), ("vo/scripts/vo.yaml", VO)]);
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(package.kind(), Some(Kind::Chart));
    let inside: Vec<_> = package
        .charts
        .iter()
        .map(|(p, d)| (p.as_str(), d.kind))
        .collect();
    assert_eq!(inside, [("scripts/vo.yaml", Kind::Vo)]);

    // While it goes through Helm's templates it is no YAML yet.
    tree.file(
        "vo/scripts/vo.yaml",
        "name: {{ .Values.name }}\nbindingNB: {{ .x }}\n",
    );
    assert!(only(&tree.scan()).charts.is_empty());
}

#[test]
fn a_loose_virtual_object_descriptor_is_checked_and_makes_no_package() {
    let tree = Tree::of(&[("things/vo.yaml", VO)]);
    assert_eq!(only(&tree.scan()).kind(), Some(Kind::Vo));
    assert!(names(&tree.build("out")).is_empty());
}

#[test]
fn other_yaml_is_neither_a_descriptor_nor_an_error() {
    let tree = Tree::of(&[
        ("values.yaml", "vnfd: some-name\nimage:\n  tag: '1'\n"),
        (
            "docker-compose.yaml",
            "services:\n  vnfd-store:\n    image: x\n",
        ),
        ("cloud_init/init.yaml", "#cloud-config\nruncmd: [vnfd]\n"),
        (
            "charms/noop/metadata.yaml",
            "name: noop\nsummary: a charm for a vnfd\n",
        ),
        ("charms/noop/actions.json", "{\"nsd\": \"x\"}\n"),
        (
            "chart/templates/map.yaml",
            "kind: {{ .vnfd }}\n{{- range .nst }}\n- x\n{{- end }}\n",
        ),
        (".gitlab-ci.yml", "vnfd:\n  script: [make]\n"),
        ("list.yaml", "- vnfd\n- nsd\n"),
        ("empty.yaml", ""),
        ("tabs.yaml", "a:\n\tb: vnfd\n"),
        ("notes.txt", VNFD),
    ]);
    let scan = tree.scan();
    assert_eq!(paths(&scan), [""; 0]);
    assert!(findings(&scan).is_empty(), "{:?}", findings(&scan));
    tree.nfv(&["check"])
        .code(2)
        .says("no packages found in `.`");
}

#[test]
fn a_template_with_a_descriptor_s_root_key_is_not_taken_for_content() {
    let tree = Tree::of(&[
        ("cache/Chart.yaml", &chart("cache")),
        (
            "cache/templates/x.yaml",
            "vnfd:\n  id: {{ .Values.id }}\n{{- end }}\n",
        ),
    ]);
    assert_eq!(paths(&tree.scan()), ["cache"]);
}

#[test]
fn several_descriptors_in_a_bare_folder_are_a_package_each() {
    let tree = Tree::of(&[
        ("all/b_vnfd.yaml", &vnfd("b")),
        ("all/a_vnfd.yaml", &vnfd("a")),
        ("all/README.md", "two of them"),
    ]);
    let scan = tree.scan();
    assert_eq!(paths(&scan), ["all/a_vnfd.yaml", "all/b_vnfd.yaml"]);
    for package in &scan.packages {
        assert_eq!(package.form, Form::Loose);
        assert_eq!(files(package), [package.descriptor_path.as_str()]);
    }
    let built = names(&tree.build("out"));
    assert_eq!(built, ["a-1.0.tar.gz", "b-1.0.tar.gz"]);
    // Naming one of them leaves the other alone.
    assert_eq!(
        paths(&tree.scan_paths(&["all/b_vnfd.yaml"])),
        ["all/b_vnfd.yaml"]
    );
}

#[test]
fn several_descriptors_in_a_furnished_folder_are_one_too_many() {
    for furniture in [
        "icons/a.png",
        "checksums.txt",
        "charms/x/README.md",
        "cloud_init/i.txt",
    ] {
        let tree = Tree::of(&[
            ("both/a_vnfd.yaml", &vnfd("a")),
            ("both/b_vnfd.yaml", &vnfd("b")),
            (&format!("both/{furniture}"), "x"),
            ("other/c_vnfd.yaml", &vnfd("c")),
        ]);
        let scan = tree.scan();
        assert_eq!(paths(&scan), ["both", "other"]);
        match scan.packages[0].findings.as_slice() {
            [Finding::SeveralDescriptors { spans }] => {
                let paths: Vec<_> = spans.iter().map(|span| span.file.path()).collect();
                assert_eq!(paths, ["both/a_vnfd.yaml", "both/b_vnfd.yaml"]);
            }
            other => panic!("{other:?}"),
        }
        // Whatever a user allows, which of the two is meant can't be guessed.
        let run = tree.nfv(&["build", "-A", "all"]).code(1);
        run.says("1 package not built");
        assert_eq!(names(&tree.path("target/nfv/packages")), ["c-1.0.tar.gz"]);
    }
}

#[test]
fn a_folder_that_was_named_must_hold_a_package() {
    let tree = Tree::of(&[("empty/values.yaml", "a: 1\n"), ("full/x.yaml", VNFD)]);
    let scan = tree.scan_paths(&["empty", "full"]);
    assert_eq!(paths(&scan), ["full"]);
    match findings(&scan).as_slice() {
        [Finding::NoDescriptor { span, because, .. }] => {
            assert_eq!(span.file.path(), "empty");
            assert!(because.contains("command line"), "{because}");
        }
        other => panic!("{other:?}"),
    }
    assert!(findings(&tree.scan()).is_empty());
}

#[test]
fn a_file_that_was_named_must_be_a_descriptor() {
    let tree = Tree::of(&[("values.yaml", "# no descriptor\nimage: 1\n")]);
    let scan = tree.scan_paths(&["values.yaml"]);
    match findings(&scan).as_slice() {
        [Finding::NoDescriptor { span, .. }] => {
            assert_eq!(span.file.path(), "values.yaml");
            assert_eq!(span.start().map(|at| at.line), Some(2));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_was_named_must_be_yaml() {
    let tree = Tree::of(&[("values.yaml", "image: [1\n"), ("p/x.yaml", VNFD)]);
    let run = tree.nfv(&["check", "values.yaml"]).code(1);
    run.says("error[yaml/syntax]").says("values.yaml:");
    tree.nfv(&["build", "values.yaml"]).code(1);
    // Nobody says that it is a descriptor.
    assert!(findings(&tree.scan()).is_empty());
}

#[test]
fn a_named_place_with_a_broken_first_key_is_told_of_once() {
    let text = VNFD.replacen("vnfd:", "- vnfd:", 1);
    let tree = Tree::of(&[("p/x_vnfd.yaml", &text)]);
    for path in ["p", "p/x_vnfd.yaml"] {
        let run = tree.nfv(&["check", path]).code(1);
        run.says("package/wrong-root").says("1 error");
    }
    tree.nfv(&["check"]).code(1);
}

/// A run that has looked at nothing does not end as if all was good.
#[test]
fn a_tree_of_nothing_but_an_empty_manifest_is_no_success() {
    let tree = Tree::of(&[("p/manifest.yaml", "")]);
    for command in ["check", "build"] {
        let run = tree.nfv(&[command]).code(2);
        run.says("warning[package/unknown-root]")
            .says("no packages found");
    }
    // Named, it is told once.
    for path in ["p", "p/manifest.yaml"] {
        let run = tree.nfv(&["check", path]).code(1);
        run.says("error[package/no-descriptor]")
            .says("is empty")
            .says("1 error");
    }
    tree.file("p/a.tar.gz", "");
    for path in ["p", "p/manifest.yaml", "."] {
        let run = tree.nfv(&["check", path]).code(1);
        run.says("error[package/wrong-root]").says("1 error");
    }
    // With a package beside it, a warning is enough.
    let tree = Tree::of(&[("p/manifest.yaml", ""), ("q/x_vnfd.yaml", VNFD)]);
    tree.nfv(&["check"])
        .code(0)
        .says("warning[package/unknown-root]");
}

#[test]
fn an_outer_package_does_not_hold_the_files_of_an_inner_one() {
    let tree = Tree::of(&[
        ("outer/x_nsd.yaml", "nsd:\n  nsd:\n    - id: outer\n"),
        ("outer/icons/a.png", "x"),
        ("outer/inner/y_vnfd.yaml", &vnfd("inner")),
        ("outer/inner/README.md", "inner"),
    ]);
    let scan = tree.scan();
    assert_eq!(paths(&scan), ["outer", "outer/inner"]);
    assert_eq!(files(&scan.packages[0]), ["icons/a.png", "x_nsd.yaml"]);
    assert_eq!(files(&scan.packages[1]), ["README.md", "y_vnfd.yaml"]);
    let [Finding::Nested { inner }] = scan.packages[0].findings.as_slice() else {
        panic!("{:?}", scan.packages[0].findings);
    };
    assert_eq!(inner.file.path(), "outer/inner");
}

#[test]
fn charts_inside_a_package_are_content_and_attached_to_it() {
    let tree = Tree::showcase();
    let scan = tree.scan_paths(&["cache_knf"]);
    let package = only(&scan);
    let chart = "helm-chart-v3s/cache/Chart.yaml";
    let attached: Vec<_> = package
        .charts
        .iter()
        .map(|(p, d)| (p.as_str(), d.kind))
        .collect();
    assert_eq!(attached, [(chart, Kind::Chart)]);
    assert!(package.file(chart).is_some());
    assert!(
        package
            .file("helm-chart-v3s/cache/templates/deployment.yaml")
            .is_some()
    );
}

#[test]
fn naming_the_descriptor_is_naming_its_package() {
    let tree = Tree::showcase();
    tree.file("router_vnf/inner/inner_vnfd.yaml", vnfd("inner"));
    for (folder, descriptor) in [
        ("cache_knf", "cache_knf/cache_knfd.yaml"),
        ("router_vnf", "router_vnf/router_vnfd.yaml"),
    ] {
        let by_folder = tree.scan_paths(&[folder]);
        let by_folder = &by_folder.packages[0];
        let by_file = tree.scan_paths(&[descriptor]);
        let by_file = only(&by_file);
        assert_eq!(by_file.shown, by_folder.shown);
        assert_eq!(files(by_file), files(by_folder));
        let charts = |package: &nfv::source::Package| package.charts.len();
        assert_eq!(charts(by_file), charts(by_folder), "{folder}");
    }
}

#[test]
fn the_tree_itself_may_be_the_package_and_gives_the_same_bytes() {
    let tree = Tree::showcase();
    let above = digests(&tree.build("above"));
    let inside = run(command_in(&tree.path("router_vnf")).args(["build", "-A", "all"])).code(0);
    assert!(
        inside
            .stdout
            .starts_with("target/nfv/packages/router_vnf-1.0.tar.gz ")
    );
    // The second build must not find the first one in the package.
    let again = ["build", "-A", "all", "--force"];
    run(command_in(&tree.path("router_vnf")).args(again)).code(0);
    let name = "router_vnf-1.0.tar.gz";
    let inside = digests(&tree.path("router_vnf/target/nfv/packages"));
    assert_eq!(inside[name], above[name]);
}

#[test]
fn links_inside_the_tree_are_followed_and_their_content_is_packed() {
    let tree = Tree::of(&[
        ("a_vnf/a_vnfd.yaml", &vnfd("a")),
        ("shared/logo.png", "a picture"),
        ("shared/scripts/run.sh", "#!/bin/sh\n"),
    ]);
    fs::create_dir(tree.path("a_vnf/icons")).expect("folder");
    symlink("../../shared/logo.png", tree.path("a_vnf/icons/a.png")).expect("link");
    symlink("../shared/scripts", tree.path("a_vnf/scripts")).expect("link");
    let scan = tree.scan();
    let package = only(&scan);
    assert!(package.findings.is_empty(), "{:?}", package.findings);
    assert_eq!(
        files(package),
        ["a_vnfd.yaml", "icons/a.png", "scripts/run.sh"]
    );
    assert_eq!(
        package.file("icons/a.png").expect("file").place,
        Place::Disk(tree.path("shared/logo.png"))
    );

    let packages = tree.build("out");
    let archive = fs::File::open(packages.join("a-1.0.tar.gz")).expect("package");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let mut seen = Vec::new();
    for entry in archive.entries().expect("tar") {
        let mut entry = entry.expect("entry");
        let kind = entry.header().entry_type();
        assert!(kind.is_file() || kind.is_dir(), "{kind:?}");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).expect("text");
        seen.push((entry.path().expect("path").display().to_string(), text));
    }
    assert!(
        seen.contains(&("a/icons/a.png".to_owned(), "a picture".to_owned())),
        "{seen:?}"
    );
    assert!(seen.contains(&("a/scripts/run.sh".to_owned(), "#!/bin/sh\n".to_owned())));
}

#[test]
fn a_link_that_can_not_be_followed_is_a_finding() {
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &vnfd("a"))]);
    fs::write(tree.beside("secret.txt"), "secret").expect("file");
    let folder = tree.path("a_vnf");
    for (link, target) in [
        ("dangling", "nowhere.txt"),
        ("loop-1", "loop-2"),
        ("loop-2", "loop-1"),
        ("myself", "."),
        ("outside", "../../secret.txt"),
        ("system", "/etc"),
        ("up", ".."),
    ] {
        symlink(target, folder.join(link)).expect("link");
    }
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(files(package), ["a_vnfd.yaml"]);
    let mut faults = Vec::new();
    for finding in &package.findings {
        let Finding::Link {
            span,
            target,
            fault,
        } = finding
        else {
            panic!("{finding:?}");
        };
        faults.push((span.file.path(), target.as_str(), *fault));
    }
    assert_eq!(
        faults,
        [
            ("a_vnf/dangling", "nowhere.txt", LinkFault::Dangling),
            ("a_vnf/loop-1", "loop-2", LinkFault::Loop),
            ("a_vnf/loop-2", "loop-1", LinkFault::Loop),
            ("a_vnf/myself", ".", LinkFault::Loop),
            ("a_vnf/outside", "../../secret.txt", LinkFault::Outside),
            ("a_vnf/system", "/etc", LinkFault::Outside),
            ("a_vnf/up", "..", LinkFault::Loop),
        ]
    );
}

#[test]
fn a_link_to_a_descriptor_beside_it_is_not_a_second_descriptor() {
    let tree = Tree::of(&[
        ("a_vnf/a_vnfd.yaml", &vnfd("a")),
        ("a_vnf/icons/a.png", "x"),
    ]);
    symlink("a_vnfd.yaml", tree.path("a_vnf/latest.yaml")).expect("link");
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(package.form, Form::Folder);
    assert_eq!(package.descriptor_path, "a_vnfd.yaml");
    assert!(package.findings.is_empty(), "{:?}", package.findings);
}

/// As hooks do, which know the names of files and not which of them is wrapped.
#[test]
fn of_variants_and_links_the_one_that_the_user_names_is_meant() {
    let tree = Tree::of(&[
        ("a_vnf/a_vnfd.r2.yaml", &vnfd("a")),
        ("a_vnf/a_vnfd.r4.yaml", &vnfd("a")),
        ("a_vnf/icons/a.png", "x"),
    ]);
    symlink("a_vnfd.r4.yaml", tree.path("a_vnf/a_vnfd.r5.yaml")).expect("link");
    for name in ["a_vnfd.r2.yaml", "a_vnfd.r4.yaml", "a_vnfd.r5.yaml"] {
        let scan = tree.scan_paths(&[&format!("a_vnf/{name}")]);
        let package = only(&scan);
        assert_eq!(package.descriptor_path, name);
        assert!(package.findings.is_empty(), "{:?}", package.findings);
        let files: Vec<_> = package.files.iter().map(|file| &*file.path).collect();
        assert_eq!(files, [name, "icons/a.png"]);
    }
    let scan = tree.scan();
    assert!(matches!(
        only(&scan).findings[..],
        [Finding::SeveralDescriptors { .. }]
    ));
}

#[test]
fn a_descriptor_may_be_a_link_into_the_tree_but_not_out_of_it() {
    let tree = Tree::of(&[("texts/a.txt", &vnfd("a"))]);
    fs::write(tree.beside("b.txt"), vnfd("b")).expect("file");
    for (folder, target) in [("a_vnf", "../texts/a.txt"), ("b_vnf", "../../b.txt")] {
        fs::create_dir(tree.path(folder)).expect("folder");
        symlink(target, tree.path(folder).join("x_vnfd.yaml")).expect("link");
    }
    assert_eq!(paths(&tree.scan()), ["a_vnf"]);
}

#[test]
fn what_can_not_be_read_is_a_finding() {
    if !as_ordinary_user("what_can_not_be_read_is_a_finding") {
        return;
    }
    let tree = Tree::of(&[
        ("a_vnf/a_vnfd.yaml", &vnfd("a")),
        ("a_vnf/icons/a.png", "x"),
        ("a_vnf/scripts/run.sh", "x"),
        ("b_vnf/b_vnfd.yaml", &vnfd("b")),
        ("locked/c_vnfd.yaml", &vnfd("c")),
    ]);
    let closed = [
        "a_vnf/icons/a.png",
        "a_vnf/scripts",
        "b_vnf/b_vnfd.yaml",
        "locked",
    ];
    for path in closed {
        set_mode(&tree.path(path), 0);
    }
    let scan = tree.scan();
    assert_eq!(files(only(&scan)), ["a_vnfd.yaml"]);
    let mut unreadable: Vec<_> = findings(&scan)
        .iter()
        .map(|finding| match finding {
            Finding::Unreadable { span, reason } => {
                assert!(reason.contains("Permission denied"), "{reason}");
                (span.file.path().to_owned(), reason.clone())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    // What a walk and a listing meet is one finding, in the same words.
    unreadable.sort();
    unreadable.dedup();
    let paths: Vec<_> = unreadable.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, closed);

    // Another user, who may read it, would get other bytes: nothing is built,
    // whatever is allowed.
    let mut options = nfv::ops::BuildOptions::default();
    options.check.levels = vec![("all".to_owned(), nfv::diagnostic::Level::Allow)];
    let report = nfv::ops::build(&tree.workspace(), &options, &nfv::ops::Silent);
    let report = report.expect("build");
    assert_eq!((report.built.len(), report.refused), (0, 1));
    for path in closed {
        set_mode(&tree.path(path), 0o700);
    }
}

#[test]
fn pipes_and_sockets_are_findings_and_nobody_waits_for_them() {
    let Some(mkfifo) = tool("mkfifo") else { return };
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &vnfd("a"))]);
    for pipe in ["a_vnf/pipe", "a_vnf/pipe.yaml", "pipe.yaml"] {
        sh(Command::new(&mkfifo).arg(tree.path(pipe)));
    }
    let socket = std::os::unix::net::UnixListener::bind(tree.path("a_vnf/socket.yaml"));
    let _socket = socket.expect("socket");
    // In a process of its own, which can be ended should it wait.
    tree.nfv(&["check"]).sound();
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(files(package), ["a_vnfd.yaml"]);
    let mut special = Vec::new();
    for finding in findings(&scan) {
        let Finding::Special { span, what } = finding else {
            panic!("{finding:?}");
        };
        special.push((span.file.path(), *what));
    }
    assert_eq!(
        special,
        [
            ("a_vnf/pipe", "a pipe"),
            ("a_vnf/pipe.yaml", "a pipe"),
            ("a_vnf/socket.yaml", "a socket"),
        ]
    );
    tree.nfv(&["check", "pipe.yaml"])
        .code(2)
        .says("`pipe.yaml` is neither a file nor a folder");
}

#[test]
fn names_that_not_every_system_can_unpack_are_findings() {
    let tree = Tree::of(&[
        ("a_vnf/a_vnfd.yaml", &vnfd("a")),
        ("a_vnf/with\nbreak", "x"),
        ("a_vnf/back\\slash", "x"),
        ("a_vnf/grüße.txt", "x"),
    ]);
    let latin1 = tree
        .path("a_vnf")
        .join(OsStr::from_bytes(b"gr\xfc\xdfe.txt"));
    fs::write(latin1, "x").expect("file");
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(files(package), ["a_vnfd.yaml", "grüße.txt"]);
    let mut named: Vec<_> = package
        .findings
        .iter()
        .map(|finding| match finding {
            Finding::Name { span, .. } => span.file.path().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    named.sort();
    assert_eq!(
        named,
        [
            "a_vnf/back\\slash",
            "a_vnf/gr\u{fffd}\u{fffd}e.txt",
            "a_vnf/with\nbreak"
        ]
    );
}

#[test]
fn gitignore_hides_packages_but_not_content() {
    let tree = Tree::of(&[
        (".gitignore", "scratch/\n*.log\n*.bin\n"),
        ("scratch/s_vnfd.yaml", &vnfd("s")),
        ("a_vnf/a_vnfd.yaml", &vnfd("a")),
        ("a_vnf/.gitignore", "images/\n"),
        ("a_vnf/images/disk.bin", "x"),
        ("a_vnf/boot.log", "x"),
    ]);
    let scan = tree.scan();
    let package = only(&scan);
    assert_eq!(package.shown, "a_vnf");
    assert_eq!(
        files(package),
        ["a_vnfd.yaml", "boot.log", "images/disk.bin"]
    );
}

#[test]
fn hidden_folders_hold_no_packages_but_hidden_files_are_content() {
    let tree = Tree::of(&[
        (".cache/s_vnfd.yaml", &vnfd("s")),
        ("a_vnf/a_vnfd.yaml", &vnfd("a")),
        ("a_vnf/.env", "x"),
        ("a_vnf/.git/config", "x"),
        ("a_vnf/icons/.DS_Store", "x"),
    ]);
    let scan = tree.scan();
    assert_eq!(files(only(&scan)), [".env", "a_vnfd.yaml"]);
    // Whoever names a hidden folder means it.
    assert_eq!(paths(&tree.scan_paths(&[".cache"])), [".cache"]);
}

#[test]
fn finished_packages_are_read_and_identified() {
    let tree = Tree::showcase();
    let packages = tree.build("out");
    let mut seen = Vec::new();
    for name in names(&packages) {
        let path = packages.join(&name).display().to_string();
        let scan = tree.scan_paths(&[&path]);
        let package = only(&scan);
        assert_eq!(package.form, Form::Archive);
        assert!(package.is_tar_gz);
        assert!(findings(&scan).is_empty(), "{:?}", findings(&scan));
        seen.push((name, package.kind(), package.name()));
    }
    let kind = |name: &str, kind, id: &str| (name.to_owned(), Some(kind), id.to_owned());
    assert_eq!(
        seen,
        [
            kind("cache_knf-1.0.tar.gz", Kind::Vnf, "cache_knf 1.0"),
            kind("edge-graph-1.0.0.tar.gz", Kind::Hdag, "edge-graph 1.0.0"),
            kind("edge_ns-1.0.shield.tar.gz", Kind::ShieldNs, "edge_ns 1.0"),
            kind("edge_ns-1.0.tar.gz", Kind::Ns, "edge_ns 1.0"),
            kind("edge_slice.tar.gz", Kind::Nst, "edge_slice"),
            kind("router_vnf-1.0.tar.gz", Kind::Vnf, "router_vnf 1.0"),
        ]
    );
    // A good package under a strange name is a package all the same.
    fs::copy(
        packages.join("router_vnf-1.0.tar.gz"),
        tree.path("download"),
    )
    .expect("copy");
    assert_eq!(
        only(&tree.scan_paths(&["download"])).id(),
        Some("router_vnf")
    );
}

#[test]
fn a_zip_is_read_and_identified() {
    let tree = Tree::new();
    let meta = "TOSCA-Meta-File-Version: 1.0\n";
    let members = [
        ("TOSCA-Metadata/TOSCA.meta", meta),
        ("Definitions/tiny_vnfd.yaml", VNFD),
    ];
    tree.file("tiny.csar", zip(&members));
    tree.file("tiny.zip", zip(&[("tiny_vnf/tiny_vnfd.yaml", VNFD)]));
    let scan = tree.scan_paths(&["tiny.csar", "tiny.zip"]);
    assert!(findings(&scan).is_empty(), "{:?}", findings(&scan));
    let seen: Vec<_> = scan
        .packages
        .iter()
        .map(|p| (p.id(), p.layout, p.form))
        .collect();
    assert_eq!(
        seen,
        [
            (Some("tiny_vnf"), Layout::Csar, Form::Archive),
            (Some("tiny_vnf"), Layout::Osm, Form::Archive),
        ]
    );
}

#[test]
fn a_path_that_does_not_exist_ends_with_2_and_names_it() {
    let tree = Tree::showcase();
    for path in ["nowhere/at_all", "nowhere.tar.gz", "nowhere.yaml"] {
        tree.nfv(&["check", "router_vnf", path]).code(2).says(path);
    }
}

#[test]
fn a_tree_needs_no_cargo_toml() {
    let tree = Tree::showcase();
    let run = tree.nfv(&["check"]).code(0);
    run.says("6 packages");
    assert!(!tree.path("Cargo.lock").exists());
}

#[test]
fn settings_may_stand_in_cargo_toml() {
    if std::env::var_os("CARGO").is_none() && tool("cargo").is_none() {
        return;
    }
    let manifest = "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let tree = Tree::of(&[
        (
            "Cargo.toml",
            &format!("{manifest}[package.metadata.nfv]\npaths = [\"nfv\"]\n"),
        ),
        ("src/lib.rs", ""),
        ("nfv/a/a_vnfd.yaml", &vnfd("a")),
        ("other/b/b_vnfd.yaml", &vnfd("b")),
    ]);
    // From any folder of the tree.
    let folder = tree.path("src");
    run(command_in(&folder).args(["build", "-A", "all"]))
        .code(0)
        .says("1 package built");
    assert_eq!(names(&tree.path("target/nfv/packages")), ["a-1.0.tar.gz"]);
    // So on a machine without cargo, as the containers of CI systems are.
    let mut command = command_in(&tree.root);
    command
        .env_remove("CARGO")
        .env("PATH", tree.path("nowhere"));
    run(command.args(["list", "--tree"])).code(0);
    let run_without = |text: &str| {
        tree.file("Cargo.toml", format!("{manifest}{text}"));
        let mut command = command_in(&tree.root);
        command
            .env_remove("CARGO")
            .env("PATH", tree.path("nowhere"));
        run(command.args(["list", "--tree"]))
    };
    let listed = run_without("[package.metadata.nfv]\npaths = [\"nfv\"]\n").code(0);
    assert!(
        listed.stdout.contains("nfv/a") && !listed.stdout.contains("other/b"),
        "{}",
        listed.stdout
    );
    let listed = run_without("").code(0);
    assert!(listed.stdout.contains("other/b"), "{}", listed.stdout);
    run_without("[package.metadata.nfv]\npath = []\n")
        .code(2)
        .says("package.metadata.nfv");
}

#[test]
fn nfv_toml_says_where_to_look_and_where_not() {
    let tree = Tree::of(&[
        (
            "nfv.toml",
            "paths = [\"live\", \"more\"]\nexclude = [\"old/\", \"/more/b\"]\n",
        ),
        ("live/a/a_vnfd.yaml", &vnfd("a")),
        ("live/old/a_vnfd.yaml", &vnfd("a")),
        ("live/a/old/picture.png", "x"),
        ("more/b/b_vnfd.yaml", &vnfd("b")),
        ("more/c/c_vnfd.yaml", &vnfd("c")),
        ("rest/d/d_vnfd.yaml", &vnfd("d")),
    ]);
    let run = tree.nfv(&["build", "-A", "all"]).code(0);
    run.says("2 packages built");
    let packages = tree.path("target/nfv/packages");
    assert_eq!(names(&packages), ["a-1.0.tar.gz", "c-1.0.tar.gz"]);
    let archive = packages.join("a-1.0.tar.gz").display().to_string();
    let scan = tree.scan_paths(&[&archive]);
    assert_eq!(files(only(&scan)), ["a/a_vnfd.yaml", "a/checksums.txt"]);
    // A path on the command line is looked at instead.
    tree.nfv(&["build", "-A", "all", "rest"])
        .code(0)
        .says("1 package built");
}

#[test]
fn a_wrong_nfv_toml_ends_with_2_and_names_file_and_line() {
    for (text, line, words) in [
        ("paths = [\"a\"]\nexclude = oops\n", 2, "oops"),
        ("\n\npahts = [\"a\"]\n", 3, "unknown field `pahts`"),
        (
            "[shield]\nprofile = \"strict\"\n",
            2,
            "unknown variant `strict`",
        ),
        ("paths = 3\n", 1, "invalid type"),
    ] {
        let tree = Tree::of(&[("nfv.toml", text), ("a/a_vnfd.yaml", VNFD)]);
        tree.nfv(&["check"])
            .code(2)
            .says("nfv.toml")
            .says(&format!("line {line}"))
            .says(words);
    }
}

#[test]
fn an_unknown_id_ends_with_2_and_the_nearest_one() {
    let tree = Tree::showcase();
    for command in ["check", "build", "publish"] {
        tree.nfv(&[command, "-p", "ruoter_vnf"])
            .code(2)
            .says("no package has the id `ruoter_vnf`; did you mean `router_vnf`?");
    }
    let run = tree
        .nfv(&["build", "-p", "router_vnf", "-p", "cache_knf"])
        .code(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    let run = tree.nfv(&["build", "--exclude", "edge_ns"]).code(0);
    assert!(!run.stdout.contains("edge_ns"), "{}", run.stdout);
}

// --- hostile archives ---

/// A tar with exactly these headers; `tar` itself refuses to write them.
struct RawTar(Vec<u8>);

impl RawTar {
    fn new() -> Self {
        RawTar(Vec::new())
    }

    fn member(mut self, kind: u8, name: &str, link: &str, content: &[u8]) -> Self {
        self.0
            .extend(header(kind, name, link, content.len() as u64));
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, name: &str, content: &str) -> Self {
        self.member(b'0', name, "", content.as_bytes())
    }

    fn gz(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        gz(&self.0)
    }
}

fn header(kind: u8, name: &str, link: &str, len: u64) -> [u8; 512] {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(len);
    header.set_mode(0o644);
    header.set_cksum();
    *header.as_bytes()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("gzip");
    encoder.finish().expect("gzip")
}

/// A zip of stored members with exactly these names.
fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut central = Vec::new();
    for (name, content) in members {
        let offset = out.len() as u32;
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(crc32fast::hash(content.as_bytes()).to_le_bytes());
        fields.extend((content.len() as u32).to_le_bytes());
        fields.extend((content.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&fields);
        out.extend(name.as_bytes());
        out.extend(content.as_bytes());
        central.extend(b"PK\x01\x02\x14\x03");
        central.extend(&fields);
        central.extend([0; 6]);
        central.extend((0o100_644_u32 << 16).to_le_bytes());
        central.extend(offset.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let start = out.len() as u32;
    let count = (members.len() as u16).to_le_bytes();
    out.extend(&central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend((central.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// What is compressed and no tar is not shown to anybody.
#[test]
fn bytes_that_are_no_tar_are_not_printed() {
    let noise: Vec<u8> = (0..2000_u32)
        .map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3] | 0x80)
        .collect();
    for bytes in [noise, [b"aaaa ".repeat(200), vec![b'z'; 600]].concat()] {
        let found = hostile("x.tar.gz", &gz(&bytes));
        let [one] = found.as_slice() else {
            panic!("{found:#?}");
        };
        let (_, what) = one.split_once("can't be read as a tar: ").expect(one);
        assert!(what.len() < 200 && !what.contains('\u{fffd}'), "{one}");
        assert!(what.starts_with("numeric field"), "{one}");
    }
}

/// A header that says that a name of gigabytes follows is not taken into memory.
#[test]
fn the_header_of_a_member_has_a_limit() {
    let with = |kind: tar::EntryType, len: usize| {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_path("x").expect("path");
        header.set_size(len as u64);
        header.set_cksum();
        tar.append(&header, &*vec![b'a'; len]).expect("header");
        let mut header = tar::Header::new_ustar();
        header.set_path("p/x_vnfd.yaml").expect("path");
        header.set_size(VNFD.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, VNFD.as_bytes()).expect("member");
        gz(&tar.into_inner().expect("tar"))
    };
    for kind in [tar::EntryType::XHeader, tar::EntryType::GNULongName] {
        let found = hostile("x.tar.gz", &with(kind, 3 << 20));
        let [one] = found.as_slice() else {
            panic!("{found:#?}");
        };
        assert!(
            one.contains("the header of a member has more than 1 MiB"),
            "{one}"
        );
    }
}

/// What is found in an archive of these bytes, each finding as one line. The
/// program itself is run on it as well, and must neither crash nor write.
#[track_caller]
fn hostile(name: &str, bytes: &[u8]) -> Vec<String> {
    let tree = Tree::new();
    tree.file(name, bytes);
    let before = digests(tree.root.parent().expect("parent"));
    tree.nfv(&["check", name]).sound();
    assert_eq!(digests(tree.root.parent().expect("parent")), before);
    let scan = tree.scan_paths(&[name]);
    findings(&scan)
        .iter()
        .map(|finding| match finding {
            Finding::UnsafeMember { span, reason } | Finding::Archive { span, reason } => {
                format!("{}: {reason}", span.file.path())
            }
            Finding::NoDescriptor { span, .. } => format!("{}: none", span.file.path()),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_member_that_leads_out_of_the_package_is_a_finding() {
    for (member, reason) in [
        ("../evil.sh", "its name leads out of the package with `..`"),
        (
            "tiny_vnf/../../evil.sh",
            "its name leads out of the package with `..`",
        ),
        ("/etc/evil.sh", "its name is an absolute path"),
        ("C:/evil.sh", "its name starts with a drive letter"),
        (
            "tiny_vnf\\..\\..\\evil.sh",
            "its name leads out of the package with `..`",
        ),
    ] {
        let tar = RawTar::new()
            .file("tiny_vnf/x.yaml", VNFD)
            .file(member, "x")
            .gz();
        assert_eq!(
            hostile("x.tar.gz", &tar),
            [format!("x.tar.gz!/{member}: {reason}")]
        );
        let zip = zip(&[("tiny_vnf/x.yaml", VNFD), (member, "x")]);
        assert_eq!(
            hostile("x.zip", &zip),
            [format!("x.zip!/{member}: {reason}")]
        );
    }
}

#[test]
fn a_link_member_to_the_outside_is_a_finding() {
    for (kind, name, target) in [
        (b'2', "tiny_vnf/l", "/etc/passwd"),
        (b'2', "tiny_vnf/l", "../../x"),
        (b'2', "l", ".."),
        (b'1', "tiny_vnf/l", "/etc/passwd"),
        // The target of a hard link counts from the top, not from the link.
        (b'1', "tiny_vnf/l", "../x"),
    ] {
        let tar = RawTar::new()
            .file("tiny_vnf/x.yaml", VNFD)
            .member(kind, name, target, b"")
            .gz();
        assert_eq!(
            hostile("x.tgz", &tar),
            [format!(
                "x.tgz!/{name}: it is a link to `{target}`, which leads out of the package"
            )]
        );
    }
    let tar = RawTar::new()
        .file("tiny_vnf/x.yaml", VNFD)
        .member(b'2', "tiny_vnf/icons/l", "../x.yaml", b"")
        .member(b'1', "tiny_vnf/icons/h", "tiny_vnf/x.yaml", b"")
        .gz();
    assert_eq!(hostile("x.tgz", &tar), [""; 0]);
}

#[test]
fn a_member_that_stands_twice_or_is_a_device_is_a_finding() {
    let tar = RawTar::new()
        .file("tiny_vnf/x.yaml", VNFD)
        .file("tiny_vnf/a", "good")
        .file("./tiny_vnf/a", "evil")
        .member(b'3', "tiny_vnf/null", "", b"")
        .member(b'6', "tiny_vnf/pipe", "", b"")
        .gz();
    assert_eq!(
        hostile("x.tar.gz", &tar),
        [
            "x.tar.gz!/./tiny_vnf/a: it stands twice in the archive",
            "x.tar.gz!/tiny_vnf/null: it is a device or a pipe",
            "x.tar.gz!/tiny_vnf/pipe: it is a device or a pipe",
        ]
    );
    let zip = zip(&[
        ("tiny_vnf/x.yaml", VNFD),
        ("tiny_vnf/a", "1"),
        ("tiny_vnf/a", "2"),
    ]);
    assert_eq!(
        hostile("x.zip", &zip),
        ["x.zip: several of its members have the same name"]
    );
}

#[test]
fn an_archive_that_is_cut_off_anywhere_is_a_finding() {
    let tar = RawTar::new()
        .file("tiny_vnf/x.yaml", VNFD)
        .file("tiny_vnf/a", "a")
        .gz();
    let tree = Tree::new();
    for len in 0..tar.len() {
        tree.file("x.tar.gz", &tar[..len]);
        let scan = tree.scan_paths(&["x.tar.gz"]);
        assert!(
            matches!(findings(&scan).as_slice(), [Finding::Archive { .. }]),
            "{len} of {} bytes: {:?}",
            tar.len(),
            findings(&scan)
        );
    }
    for bytes in [&b""[..], b"hello", b"PK\x03\x04", b"\x1f\x8b\x08"] {
        assert_eq!(hostile("x.tar.gz", bytes).len(), 1);
        assert_eq!(hostile("x.zip", bytes).len(), 1);
    }
}

#[test]
fn an_archive_with_a_flipped_byte_never_stops_the_program() {
    let tar = RawTar::new()
        .file("tiny_vnf/x.yaml", VNFD)
        .file("tiny_vnf/a", "a");
    let zip = zip(&[("tiny_vnf/x.yaml", VNFD), ("tiny_vnf/a", "1")]);
    let tree = Tree::new();
    for (name, good) in [
        ("x.tar", tar.0.clone()),
        ("x.tar.gz", tar.gz()),
        ("x.zip", zip),
    ] {
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            tree.file(name, &bytes);
            tree.scan_paths(&[name]);
        }
    }
}

/// Checks an archive with no more than 400 MB of address space, code and
/// libraries included. `ulimit -v` works on Linux only.
#[cfg(target_os = "linux")]
fn in_little_memory(tree: &Tree, archive: &str) -> Run {
    let mut command = Command::new("sh");
    command
        .current_dir(&tree.root)
        .args(["-c", "ulimit -v 400000 && exec \"$0\" -j 1 check \"$1\""])
        .arg(env!("CARGO_BIN_EXE_cargo-nfv"))
        .arg(archive);
    run(&mut command)
}

#[test]
fn a_gzip_bomb_is_a_finding_and_needs_no_memory() {
    // 2 GiB as one megabyte, made of one compressed block of zeros.
    let mut bomb = gz(&header(b'0', "tiny_vnf/zeros.bin", "", 2 << 30));
    let block = gz(&vec![0; 4 << 20]);
    for _ in 0..512 {
        bomb.extend(&block);
    }
    assert!(bomb.len() < 4 << 20, "{}", bomb.len());
    let tree = Tree::new();
    tree.file("bomb.tar.gz", &bomb);
    let scan = tree.scan_paths(&["bomb.tar.gz"]);
    match findings(&scan).as_slice() {
        [Finding::Archive { reason, .. }] => {
            assert!(reason.contains("grows beyond all measure"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    #[cfg(target_os = "linux")]
    in_little_memory(&tree, "bomb.tar.gz").sound();
}

#[test]
#[cfg(target_os = "linux")]
fn a_bomb_in_a_member_s_name_does_not_end_the_program() {
    // Names of any length are held in memory before anybody can look at them.
    for kind in [b'L', b'x'] {
        let mut bomb = gz(&header(kind, "././@LongLink", "", 1 << 30));
        let block = gz(&vec![b'a'; 4 << 20]);
        for _ in 0..256 {
            bomb.extend(&block);
        }
        let tree = Tree::new();
        tree.file("bomb.tar.gz", &bomb);
        in_little_memory(&tree, "bomb.tar.gz").sound();
    }
}

#[test]
fn a_zip_bomb_is_a_finding() {
    let options = ::zip::write::SimpleFileOptions::default();
    let tree = Tree::new();
    let file = fs::File::create(tree.path("bomb.zip")).expect("file");
    let mut zip = ::zip::ZipWriter::new(file);
    zip.start_file("tiny_vnf/zeros.bin", options)
        .expect("member");
    let zeros = vec![0; 4 << 20];
    for _ in 0..150 {
        zip.write_all(&zeros).expect("zeros");
    }
    zip.finish().expect("zip");
    let scan = tree.scan_paths(&["bomb.zip"]);
    match findings(&scan).as_slice() {
        [Finding::Archive { reason, .. }] => {
            assert!(reason.contains("grows beyond all measure"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bomb_inside_a_shield_package_is_a_finding() {
    let mut inner = gz(&header(b'0', "a/zeros.bin", "", 1 << 30));
    let block = gz(&vec![0; 4 << 20]);
    for _ in 0..256 {
        inner.extend(&block);
    }
    let manifest = "manifest:ns:\n  package: a.tar.gz\n";
    let outer = RawTar::new()
        .file("manifest.yaml", manifest)
        .member(b'0', "a.tar.gz", "", &inner)
        .gz();
    let tree = Tree::new();
    tree.file("x.tar.gz", &outer);
    let scan = tree.scan_paths(&["x.tar.gz"]);
    let package = only(&scan);
    assert_eq!(package.kind(), Some(Kind::ShieldNs));
    let inner = package.inner.as_ref().expect("inner");
    assert!(
        matches!(inner.findings.as_slice(), [Finding::Archive { .. }]),
        "{:?}",
        inner.findings
    );
}

#[test]
fn a_named_manifest_is_the_one_that_is_looked_at() {
    let manifest = |name: &str| format!("manifest:ns:\n  package: {name}.tar.gz\n");
    let tree = Tree::of(&[
        ("m/a.yaml", &manifest("a")),
        ("m/b.yaml", &manifest("b")),
        ("m/c.yaml", &manifest("c")),
    ]);
    let scan = tree.scan_paths(&["m/b.yaml"]);
    assert_eq!(only(&scan).shown, "m/b.yaml");
    assert_eq!(tree.scan_paths(&["m"]).packages.len(), 3);
}

#[test]
fn descriptors_beside_a_chart_or_a_manifest_are_packages_of_their_own() {
    let tree = Tree::of(&[
        ("c/Chart.yaml", &chart("c")),
        ("c/x.yaml", &vnfd("x")),
        ("m/manifest.yaml", "manifest:ns:\n  package: a.tar.gz\n"),
        ("m/y.YAML", &vnfd("y")),
    ]);
    let scan = tree.scan();
    assert_eq!(paths(&scan), ["c", "c/x.yaml", "m", "m/y.YAML"]);
}

#[test]
fn a_folder_with_a_name_that_is_not_utf_8_is_built() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new();
    let folder = tree.path("").join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&folder).expect("folder");
    fs::write(folder.join("x_vnfd.yaml"), vnfd("x")).expect("descriptor");
    tree.nfv(&["build"]).code(0);
    tree.nfv(&["build"]).code(0).says("nothing to do");
}

/// A chart that travels in the package is in it, before and after it is built.
#[test]
fn what_travels_in_a_package_is_found_there() {
    use nfv::graph::{Location, Offers, dependencies};

    let tree = Tree::showcase();
    tree.build("out");
    let finished = tree.beside("out/nfv/packages/cache_knf-1.0.tar.gz");
    let finished = finished.display().to_string();
    for path in ["cache_knf", finished.as_str()] {
        let scan = tree.scan_paths(&[path]);
        let package = scan.packages.first().expect("a package");
        let needs = dependencies(package, &Offers::default());
        let charts: Vec<_> = needs
            .iter()
            .filter(|(need, _)| need.kind.as_str() == "HELM")
            .collect();
        assert_eq!(charts.len(), 1, "{path}");
        assert_eq!(charts[0].1, Location::Internal, "{path}");
    }
}

/// Who names a file is told nothing of the packages that lie below its folder.
#[test]
fn of_a_named_file_nothing_is_said_of_its_neighbours() {
    let nsd = "nsd:\n  nsd:\n  - id: outer_ns\n    name: o\n    designer: d\n    version: '1'\n    df:\n    - id: d\n";
    let tree = Tree::of(&[
        ("outer_ns/outer_nsd.yaml", nsd),
        ("outer_ns/inner/inner_vnfd.yaml", &vnfd("inner_vnf")),
        ("outer_ns/other/other_vnfd.yaml", "vnfd:\n  id: other\n"),
    ]);
    let run = tree.nfv(&["check", "outer_ns/outer_nsd.yaml"]).code(0);
    for other in ["package/nested", "inner", "other"] {
        assert!(!run.stderr.contains(other), "{}", run.stderr);
    }
    let run = tree.nfv(&["check", "outer_ns"]);
    assert_eq!(
        run.stderr.matches("[package/nested]").count(),
        2,
        "{}",
        run.stderr
    );
}

/// Files of one folder that are named together are what they are in their folder, however many;
/// what nobody but the user would look at is no neighbour of theirs.
#[test]
fn files_that_are_named_together_are_looked_at_as_in_their_folder() {
    let tree = Tree::in_memory();
    let mut names: Vec<String> = Vec::new();
    for i in 0..200 {
        let name = format!("all/v{i:03}.yaml");
        tree.file(&name, vnfd(&format!("v{i}_vnf")));
        names.push(name);
    }
    let found = |paths: &[String]| {
        let mut args = vec!["check", "--message-format", "short"];
        args.extend(paths.iter().map(String::as_str));
        tree.nfv(&args).stderr
    };
    let whole = found(&["all".to_owned()]);
    assert!(whole.contains("Checked 200 packages"), "{whole}");
    assert_eq!(found(&names), whole);
    assert!(found(&names[..3]).contains("Checked 3 packages"));
    tree.file("one/a_vnfd.yaml", vnfd("a_vnf"));
    tree.file("one/.b_vnfd.yaml", vnfd("b_vnf"));
    let both = ["one/a_vnfd.yaml".to_owned(), "one/.b_vnfd.yaml".to_owned()];
    let text = found(&both);
    assert!(text.contains("Checked 2 packages"), "{text}");
    assert!(!text.contains("several"), "{text}");
}

/// What is named like a descriptor and can't be read is told as that, wherever it lies:
/// nobody knows what it holds.
#[test]
fn a_file_with_the_name_of_a_descriptor_that_is_no_yaml_is_told() {
    let tree = Tree::of(&[
        ("x/x_vnfd.yaml", "[[[[[[["),
        ("w/w_vnfd.yaml", &vnfd("w_vnf")),
        ("w/deep/y_nsd.yaml", "{{[:"),
    ]);
    for args in [&["check"][..], &["check", "x"], &["check", "x/x_vnfd.yaml"]] {
        let run = tree.nfv(args).code(1);
        let run = run.says("error[yaml/syntax]: this is not valid YAML");
        for wrong in ["holds none", "no-descriptor"] {
            assert!(!run.stderr.contains(wrong), "{args:?}: {}", run.stderr);
        }
    }
}

/// The settings and the lock of a tree that is one package are none of its content.
#[test]
fn a_tree_that_is_one_package() {
    let files = [
        ("a_vnfd.yaml", vnfd("a")),
        ("nfv.toml", String::new()),
        ("nfv.lock", "version = 2\n".to_owned()),
        ("Cargo.toml", "[workspace]\n".to_owned()),
        ("README", "read me\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let tree = Tree::of(&files);
    let scan = tree.scan();
    let paths: Vec<&str> = scan.packages[0]
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths, ["README", "a_vnfd.yaml"]);
}
