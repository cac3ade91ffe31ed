//! `cargo nfv verify`: finished packages against their digests and against the
//! sources.

mod common;

use std::fs;
use std::process::Command;

use common::{Tree, run, vnfd};

#[test]
fn what_a_build_has_made_is_what_the_sources_give() {
    let tree = Tree::showcase();
    tree.nfv(&["publish", "--quiet"]).code(0);
    let packages = fs::read_dir(tree.path("target/nfv/packages")).expect("packages");
    let mut args = vec!["verify".to_owned(), "--rebuild".to_owned()];
    args.extend(packages.map(|entry| {
        let name = entry.expect("entry").file_name();
        format!("target/nfv/packages/{}", name.to_string_lossy())
    }));
    args.push("edge_ns:1.0".to_owned());
    let number = args.len() - 2;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = tree.nfv(&args).code(0);
    let same = run
        .stdout
        .matches("the sources give the same bytes")
        .count();
    assert_eq!(same, number, "{}", run.stdout);
}

/// The time that a package was built with is in the package.
#[test]
fn a_package_is_rebuilt_with_its_own_time() {
    let tree = Tree::showcase();
    let mut build = tree.command();
    build
        .args(["build", "--quiet"])
        .env("SOURCE_DATE_EPOCH", "1700000000");
    common::run(&mut build).code(0);
    let package = "target/nfv/packages/router_vnf-1.0.tar.gz";
    let run = tree.nfv(&["verify", "--rebuild", package]).code(0);
    assert!(run.stdout.contains("the same bytes"), "{}", run.stdout);
    let mut other = tree.command();
    other
        .args(["verify", "--rebuild", package])
        .env("SOURCE_DATE_EPOCH", "1700000001");
    let run = common::run(&mut other).code(1);
    let wanted = "time: 1700000000 and 1700000001";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
}

#[test]
fn a_difference_names_the_member_and_the_field() {
    let tree = Tree::showcase();
    tree.nfv(&["build", "--quiet"]).code(0);
    let package = "target/nfv/packages/router_vnf-1.0.tar.gz";
    fs::copy(tree.path(package), tree.path("router.tar.gz")).expect("copy");
    let descriptor = "router_vnf/router_vnfd.yaml";
    let text = fs::read_to_string(tree.path(descriptor)).expect("descriptor");
    tree.file(descriptor, format!("{text}# later\n"));
    tree.file("router_vnf/NEWS", "new\n");
    let run = tree.nfv(&["verify", "--rebuild", "router.tar.gz"]).code(1);
    let (old, new) = (text.len(), text.len() + "# later\n".len());
    for line in [
        format!("`router_vnf/router_vnfd.yaml`: size: {old} and {new}"),
        "`router_vnf/router_vnfd.yaml`: content: sha256:".to_owned(),
        "`router_vnf/checksums.txt`: content: sha256:".to_owned(),
        "`router_vnf/NEWS`: only in the second".to_owned(),
    ] {
        assert!(run.stderr.contains(&line), "{line}\n{}", run.stderr);
    }
    let json = [
        "verify",
        "--rebuild",
        "router.tar.gz",
        "--message-format",
        "json",
    ];
    let run = tree.nfv(&json).code(1);
    let last = run.stdout.lines().last().expect("a line");
    let line: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(line["reason"], "package-verified");
    assert_eq!(line["rebuild"], "differs");
    let members = line["differences"].as_array().expect("a list");
    assert!(members.iter().any(|d| d["member"] == "router_vnf/NEWS"));
}

/// Unpacked and packed again by GNU tar: the content is the same, the headers
/// are not.
#[test]
fn another_packer_shows() {
    let Some(_) = common::tool("tar") else {
        return;
    };
    let tree = Tree::showcase();
    tree.nfv(&["build", "--quiet"]).code(0);
    let package = "target/nfv/packages/router_vnf-1.0.tar.gz";
    tree.nfv(&["unpack", package, "--into", "out"]).code(0);
    let mut tar = Command::new("tar");
    tar.args(["--owner=ann:7", "--group=staff:8", "--format=gnu", "-czf"]);
    tar.args([tree.path("again.tar.gz").as_os_str(), "-C".as_ref()]);
    tar.args([tree.path("out").as_os_str(), "router_vnf".as_ref()]);
    assert!(tar.status().expect("tar").success());
    fs::remove_dir_all(tree.path("out")).expect("cleaned");
    let run = tree.nfv(&["verify", "--rebuild", "again.tar.gz"]).code(1);
    for line in [
        "`router_vnf/` and ",
        "others: owner: 7:8 and 0:0",
        "others: name of the owner: `ann:staff` and none",
        "others: form: GNU tar and ustar",
    ] {
        assert!(run.stderr.contains(line), "{line}\n{}", run.stderr);
    }
    assert!(!run.stderr.contains("content:"), "{}", run.stderr);
}

#[test]
fn another_compressor_shows() {
    let tree = Tree::showcase();
    tree.nfv(&["build", "--quiet"]).code(0);
    let package = tree.path("target/nfv/packages/router_vnf-1.0.tar.gz");
    let bytes = fs::read(package).expect("package");
    let mut plain = Vec::new();
    std::io::copy(
        &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
        &mut plain,
    )
    .expect("gzip");
    let write = |gzip: flate2::GzBuilder, name: &str| {
        let mut gzip = gzip.write(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut gzip, &plain).expect("gzip");
        tree.file(name, gzip.finish().expect("gzip"));
    };
    // The system is that of our own header, so that only the bytes differ.
    write(
        flate2::GzBuilder::new().operating_system(bytes[9]),
        "stored.tar.gz",
    );
    write(flate2::GzBuilder::new().mtime(77), "dated.tar.gz");
    let run = tree.nfv(&["verify", "--rebuild", "stored.tar.gz"]).code(1);
    assert!(
        run.stderr.contains("another compressor or level"),
        "{}",
        run.stderr
    );
    let run = tree.nfv(&["verify", "--rebuild", "dated.tar.gz"]).code(1);
    assert!(
        run.stderr.contains("the header of the gzip: time 77"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_has_no_sources_can_not_be_rebuilt() {
    let tree = Tree::showcase();
    tree.nfv(&["build", "--quiet"]).code(0);
    let package = "target/nfv/packages/router_vnf-1.0.tar.gz";
    fs::copy(tree.path(package), tree.path("router.tar.gz")).expect("copy");
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "version: '1.0'",
        "version: '1.1'",
    );
    let run = tree.nfv(&["verify", "--rebuild", "router.tar.gz"]).code(1);
    let wanted = "its version is `1.0`, and that of `router_vnf` in the source tree is `1.1`";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
    fs::remove_dir_all(tree.path("router_vnf")).expect("removed");
    let run = tree.nfv(&["verify", "--rebuild", "router.tar.gz"]).code(1);
    let wanted = "no package in the source tree has the id `router_vnf`";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
    // Without the comparison it is as good as before.
    tree.nfv(&["verify", "router.tar.gz"]).code(0);
}

#[test]
fn a_damaged_blob_is_found() {
    let tree = Tree::showcase();
    tree.nfv(&["publish", "--quiet"]).code(0);
    let run = tree
        .nfv(&["inspect", "router_vnf:1.0", "--message-format", "json"])
        .code(0);
    let line: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let digest = line["manifest"]["layers"][0]["digest"]
        .as_str()
        .expect("digest");
    let blob = digest.strip_prefix("sha256:").expect("sha256");
    let blob = format!("target/nfv/oci/blobs/sha256/{blob}");
    let mut bytes = fs::read(tree.path(&blob)).expect("blob");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // The package in `packages` is a second name of the blob.
    fs::remove_file(tree.path(&blob)).expect("removed");
    tree.file(&blob, bytes);
    let run = tree.nfv(&["verify", "router_vnf:1.0"]).code(5);
    run.says(&format!("the blob `{digest}` is damaged"));
}

#[test]
fn a_damaged_package_is_found() {
    let tree = Tree::showcase();
    tree.nfv(&["build", "--quiet"]).code(0);
    let package = tree.path("target/nfv/packages/router_vnf-1.0.tar.gz");
    let bytes = fs::read(package).expect("package");
    tree.file("cut.tar.gz", &bytes[..bytes.len() / 2]);
    tree.nfv(&["verify", "cut.tar.gz"])
        .code(1)
        .says("package/archive");
    tree.nfv(&["verify", "router_vnf"])
        .code(2)
        .says("`router_vnf` is a folder, and this command is for finished packages");
    tree.nfv(&["verify", "ruoter_vnf:1.0"])
        .code(3)
        .says("is neither a file nor published");
    tree.nfv(&["publish", "--quiet"]).code(0);
    tree.nfv(&["verify", "ruoter_vnf:1.0"])
        .code(3)
        .says("did you mean `router_vnf:1.0`?");
    // Published, the id means the package and not the folder of its sources.
    tree.nfv(&["verify", "router_vnf"]).code(0);
}

/// What is wrong with one package is said of it, with the place in it, and more is said of others.
#[test]
fn what_stands_behind_the_end_is_told_beside_what_differs_in_another() {
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a")), ("b/b_vnfd.yaml", &vnfd("b"))]);
    let packages = tree.build("out");
    let (one, other) = (packages.join("a-1.0.tar.gz"), packages.join("b-1.0.tar.gz"));
    let whole = fs::read(&one).expect("package");
    let len = whole.len();
    tree.replace("b/b_vnfd.yaml", "example/tiny", "example/other");
    for (behind, says) in [
        (
            &b"\0\0\0"[..],
            format!("at byte {len}, stand 3 bytes: zeros"),
        ),
        (b"more", format!("at byte {len}, stand 4 bytes: `more`")),
        (&whole, "of what is unpacked: another tar".to_owned()),
    ] {
        fs::write(&one, [&whole, behind].concat()).expect("package");
        let mut command = tree.command();
        command.args(["verify", "--rebuild", "-A", "all"]);
        run(command.args([&one, &other]))
            .code(1)
            .says(&says)
            .says("the sources in `b` give other bytes than")
            .says("`b/b_vnfd.yaml`: size: ");
    }
}
