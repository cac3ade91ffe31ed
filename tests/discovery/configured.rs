//! What the configuration says of single packages: their files, names and annotations.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::*;

/// The members of an archive that are files, as GNU tar names them.
fn members(archive: &Path) -> Vec<String> {
    let listed = sh(Command::new("tar").arg("-tzf").arg(archive));
    let files = listed.lines().filter(|line| !line.ends_with('/'));
    files.map(str::to_owned).collect()
}

#[test]
fn patterns_and_paths_say_which_files_go_in() {
    let tree = Tree::of(&[
        (
            "nfv.toml",
            "[packages.a]\ninclude = [\"/cloud_init/\", \"*.sh\"]\nexclude = [\"*.orig\"]\n\n\
             [packages.a.files]\n\"scripts/base.sh\" = \".shared/base.sh\"\nicons = \"art\"\n",
        ),
        ("a/a_vnfd.yaml", &vnfd("a")),
        ("a/cloud_init/one.cfg", "x"),
        ("a/cloud_init/one.cfg.orig", "x"),
        ("a/deep/er/run.sh", "x"),
        ("a/README.md", "x"),
        // What is left out is asked nothing.
        ("a/notes/back\\slash", "x"),
        (".shared/base.sh", "one\n"),
        ("art/a.png", "x"),
        ("art/more/b.png", "x"),
    ]);
    tree.nfv(&["build", "-A", "all"]).code(0);
    let archive = tree.path("target/nfv/packages/a-1.0.tar.gz");
    let wanted = [
        "a/a_vnfd.yaml",
        "a/cloud_init/one.cfg",
        "a/deep/er/run.sh",
        "a/icons/a.png",
        "a/icons/more/b.png",
        "a/scripts/base.sh",
        "a/checksums.txt",
    ];
    assert_eq!(members(&archive), wanted);
    // A file that was taken from a hidden folder is looked at like any other.
    for _ in 0..3 {
        tree.nfv(&["build", "-A", "all"])
            .code(0)
            .says("nothing to do");
    }
    tree.file(".shared/base.sh", "two\n");
    let run = tree.nfv(&["build", "-A", "all"]).code(0);
    run.says("1 package built");
    let mut read = Command::new("tar");
    let read = read.arg("-xzOf").arg(&archive).arg("a/scripts/base.sh");
    assert_eq!(sh(read), "two\n");
    let archive = archive.display().to_string();
    tree.nfv(&["verify", "--rebuild", "-A", "all", &archive])
        .code(0);
}

#[test]
fn files_from_elsewhere_have_their_places_in_a_csar() {
    let tree = Tree::of(&[
        (
            "nfv.toml",
            "[packages.tiny_vnf]\nlayout = \"csar\"\n[packages.tiny_vnf.files]\n\
             \"cloud_init/base.cfg\" = \"shared/base.cfg\"\n",
        ),
        ("tiny_vnfd.yaml", VNFD),
        ("shared/base.cfg", "x"),
    ]);
    tree.nfv(&["build", "-A", "all"]).code(0);
    let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
    let listed = sh(Command::new("unzip").arg("-Z1").arg(archive));
    assert!(
        listed.contains("\nScripts/cloud_init/base.cfg\n"),
        "{listed}"
    );
}

#[test]
fn a_file_that_cant_be_taken_is_told_with_its_place() {
    let config = "\
[packages.a.files]
\"a_vnfd.yaml\" = \"shared/x\"
\"cloud_init\" = \"shared/x\"
\"scripts/x/y\" = \"shared/x\"
\"icons/a\" = \"nowhere\"
\"icons/b\" = \"empty\"
\"icons/c\" = \"out\"
\"icons/d\" = \"target/nfv\"
";
    let tree = Tree::of(&[
        ("nfv.toml", config),
        ("a/a_vnfd.yaml", &vnfd("a")),
        ("a/cloud_init/one.cfg", "x"),
        ("a/scripts/x", "x"),
        ("b/b_vnfd.yaml", &vnfd("b")),
        ("shared/x", "x"),
    ]);
    fs::create_dir(tree.path("empty")).expect("folder");
    fs::create_dir_all(tree.path("target/nfv")).expect("folder");
    fs::write(tree.beside("out"), "x").expect("file");
    std::os::unix::fs::symlink(tree.beside("out"), tree.path("out")).expect("link");
    let run = tree.nfv(&["build", "-A", "all"]).code(1);
    let run = run.says("1 package built").says("1 package not built");
    for (place, words) in [
        ("2:17", "`a_vnfd.yaml` is in the package already"),
        ("3:16", "`cloud_init/` is in the package already"),
        ("4:17", "`scripts/x` is in the package already"),
        ("5:13", "No such file or directory"),
        ("6:13", "there is nothing in it"),
        ("7:13", "it lies outside of the source tree"),
        ("8:13", "it is an output"),
    ] {
        let lines: Vec<&str> = run.stderr.lines().collect();
        let mut pairs = lines.windows(2);
        let place = format!("nfv.toml:{place}");
        let is_it = |pair: &[&str]| pair[0].contains(words) && pair[1].ends_with(&place);
        assert!(pairs.any(is_it), "{place} {words}\n{}", run.stderr);
    }
    assert_eq!(names(&tree.path("target/nfv/packages")), ["b-1.0.tar.gz"]);
}

#[test]
fn finished_packages_are_called_as_the_configuration_has_it() {
    let tree = Tree::of(&[
        (
            "nfv.toml",
            "output-name = \"osm_{id}-{version}\"\n[packages.b]\noutput-name = \"{id}\"\n",
        ),
        ("a/a_vnfd.yaml", &vnfd("a")),
        ("b/b_vnfd.yaml", &vnfd("b")),
        ("s/s_nst.yaml", "nst:\n  - id: s\n"),
    ]);
    tree.nfv(&["build", "-A", "all"]).code(0);
    let packages = tree.path("target/nfv/packages");
    let built = names(&packages);
    assert_eq!(
        built,
        ["b.tar.gz", "osm_a-1.0.tar.gz", "osm_s-latest.tar.gz"]
    );
    // Whoever needs the package looks for its id, whatever the file is called.
    tree.nfv(&["publish", "-A", "all"]).code(0);
    let shown = tree.nfv(&["inspect", "b:1.0"]).code(0);
    assert!(shown.stdout.contains("b.tar.gz"), "{}", shown.stdout);
    tree.nfv(&["clean", "-p", "b"]).code(0);
    assert_eq!(names(&packages), built[1..]);
    // Two of one name are told of before anything is built.
    tree.file(
        "nfv.toml",
        "[packages.a]\noutput-name = \"x\"\n[packages.b]\noutput-name = \"x\"\n",
    );
    tree.nfv(&["clean"]).code(0);
    tree.nfv(&["build", "-A", "all", "-W", "package/same-name"])
        .code(1)
        .says("would be written to one file")
        .says("output-name");
    assert_eq!(names(&packages), ["s.tar.gz"]);
}

#[test]
fn annotations_of_the_configuration_are_in_the_manifest() {
    let tree = Tree::of(&[
        (
            "nfv.toml",
            "[annotations]\n\"com.example.team\" = \"edge\"\n\"com.example.tier\" = \"1\"\n\n\
             [packages.a.annotations]\n\"com.example.tier\" = \"2\"\n\
             \"org.opencontainers.image.source\" = \"https://example.com/<a>&b\"\n",
        ),
        ("a/a_vnfd.yaml", &vnfd("a")),
        ("c/Chart.yaml", &chart("c")),
    ]);
    tree.nfv(&["publish", "-A", "all"]).code(0);
    let annotations = |name: &str| {
        let shown = tree
            .nfv(&["inspect", name, "--message-format", "json"])
            .code(0);
        let shown: serde_json::Value = serde_json::from_slice(&shown.bytes).expect("JSON");
        shown["manifest"]["annotations"].clone()
    };
    let of_a = annotations("a:1.0");
    assert_eq!(of_a["com.example.team"], "edge");
    assert_eq!(of_a["com.example.tier"], "2");
    assert_eq!(
        of_a["org.opencontainers.image.source"],
        "https://example.com/<a>&b"
    );
    assert_eq!(of_a["org.opencontainers.image.title"], "a");
    assert_eq!(annotations("c:1.2.3")["com.example.tier"], "1");
    // Nothing is built again for them, and what is published is another artifact.
    tree.replace("nfv.toml", "\"2\"", "\"3\"");
    tree.nfv(&["publish", "-A", "all"])
        .code(0)
        .says("up to date")
        .says("1 new, 1 already there");
    assert_eq!(annotations("a:1.0")["com.example.tier"], "3");
}

#[test]
fn what_cant_be_said_of_a_package_is_refused_with_its_place() {
    for (text, line, words) in [
        ("output-name = \"a/b\"\n", 1, "can't have '/' in it"),
        ("[packages.a]\noutput-name = \"{nmae}\"\n", 2, "`{nmae}`"),
        (
            "[packages.a]\ninclude = [\n \"x\",\n \"../y\"]\n",
            2,
            "leads out",
        ),
        (
            "[packages.a.files]\n\"../x\" = \"y\"\n",
            2,
            "no place in a package",
        ),
        (
            "[packages.a.files]\nx = \"../y\"\n",
            2,
            "no path in the tree",
        ),
        (
            "[annotations]\n\"org.opencontainers.image.version\" = \"1\"\n",
            2,
            "it is the version of the package",
        ),
    ] {
        let tree = Tree::of(&[("nfv.toml", text), ("a/a_vnfd.yaml", &vnfd("a"))]);
        tree.nfv(&["build"])
            .code(2)
            .says(&format!("line {line}, column "))
            .says(words);
        assert!(!tree.path("target").exists());
    }
}

/// A tree of one function for two releases, and a judge of what a package is of.
fn two_variants(config: &str) -> Tree {
    Tree::of(&[
        ("nfv.toml", config),
        ("f/f_vnfd.r2.yaml", &vnfd("f")),
        ("f/f_vnfd.r4.yaml", &vnfd("f").replace("'1.0'", "'1.1'")),
        ("f/cloud_init/init.cfg", "x"),
    ])
}

#[test]
fn the_configuration_says_which_variant_is_meant() {
    for (config, built) in [
        ("variant = \"r4\"\n", "f-1.1.tar.gz"),
        (
            "variant = \"r4\"\n[packages.f]\nvariant = \"r2\"\n",
            "f-1.0.tar.gz",
        ),
    ] {
        let tree = two_variants(config);
        tree.nfv(&["build", "-A", "all"]).code(0);
        assert_eq!(names(&tree.path("target/nfv/packages")), [built]);
        // A path says it first.
        let other = match built {
            "f-1.0.tar.gz" => "f/f_vnfd.r4.yaml",
            _ => "f/f_vnfd.r2.yaml",
        };
        tree.nfv(&["build", "-A", "all", other]).code(0);
        assert_eq!(names(&tree.path("target/nfv/packages")).len(), 2);
    }
    // A release that there is none for leaves it open, and the finding says how to name one.
    let tree = two_variants("variant = \"r9\"\n");
    tree.nfv(&["build", "-A", "all"])
        .code(1)
        .says("package/several-descriptors")
        .says("by its path, `f/f_vnfd.r4.yaml`")
        .says("`variant = \"r4\"`");
    two_variants("variant = \"4\"\n")
        .nfv(&["check"])
        .code(2)
        .says("line 1, column 11")
        .says("write `r4`");
}

#[test]
fn a_variant_is_named_by_its_path_wherever_packages_are() {
    let tree = two_variants("");
    let two = "f/f_vnfd.r2.yaml";
    for command in ["verify", "sbom"] {
        tree.nfv(&[command, two])
            .code(2)
            .says("there is no `target/nfv/packages/f-1.0.tar.gz`")
            .says("`cargo nfv build f/f_vnfd.r2.yaml`");
    }
    tree.nfv(&["publish", "-A", "all", two]).code(0);
    tree.nfv(&["build", "-A", "all", "f/f_vnfd.r4.yaml"])
        .code(0);
    tree.nfv(&["check", "-A", "all", two]).code(0);
    let packages = "target/nfv/packages";
    for name in [
        two,
        "f/f_vnfd.r4.yaml",
        &format!("{packages}/f-1.0.tar.gz"),
        &format!("{packages}/f-1.1.tar.gz"),
    ] {
        tree.nfv(&["verify", "--rebuild", "-A", "all", name])
            .code(0);
    }
    let inspected = |name: &str| tree.nfv(&["inspect", name]).code(0).stdout;
    assert_eq!(inspected(two), inspected("f:1.0"));
    tree.nfv(&["inspect", "f/f_vnfd.r4.yaml"])
        .code(3)
        .says("`f:1.1`");
    #[cfg(feature = "publish")]
    let descriptor = tree.nfv(&["inspect", "--descriptor", two]).code(0).stdout;
    #[cfg(feature = "publish")]
    assert_eq!(descriptor, vnfd("f"));
    let bill = tree.nfv(&["sbom", two]).code(0).stdout;
    assert!(bill.contains("f_vnfd.r2.yaml"), "{bill}");
    // What is no descriptor is what it was.
    tree.file("other.yaml", "a: b\n");
    tree.nfv(&["verify", "other.yaml"])
        .code(1)
        .says("neither a gzip-compressed tar nor a zip");
}
