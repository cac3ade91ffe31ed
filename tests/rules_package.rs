//! The rules of the `package` family: each finding stands at the right place.

mod rules_yaml_support;

use std::fs;

use rules_yaml_support::Tree;

const VNFD: (&str, &str) = ("p/x_vnfd.yaml", "vnfd:\n  id: x\n  version: '1.0'\n");
const NONE: [&str; 0] = [];

/// An uncompressed tar of files and links, with names as they are given.
fn tar(members: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, kind, content) in members {
        let mut header = tar::Header::new_ustar();
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let is_file = kind.is_file();
        if !is_file {
            header.as_old_mut().linkname[..content.len()].copy_from_slice(content.as_bytes());
        }
        header.set_size(if is_file { content.len() as u64 } else { 0 });
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
        if is_file {
            bytes.extend_from_slice(content.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// The findings of one rule in an archive with a VNFD and these members.
fn in_archive(rule: &str, members: &[(&str, tar::EntryType, &str)]) -> Vec<String> {
    let mut all = vec![(VNFD.0, tar::EntryType::Regular, VNFD.1)];
    all.extend_from_slice(members);
    let mut tree = Tree::new(&[("x.tar", tar(&all))]);
    tree.paths = vec!["x.tar".into()];
    tree.found(rule)
}

#[test]
fn several_descriptors() {
    let tree = Tree::new(&[
        ("p/a_vnfd.yaml", "vnfd:\n  id: a\n"),
        ("p/b_vnfd.yaml", "vnfd:\n  id: b\n"),
        ("p/icons/x.svg", ""),
    ]);
    assert_eq!(
        tree.found("package/several-descriptors"),
        [
            "p/a_vnfd.yaml:2:7 [a] this package holds 2 descriptors | also p/b_vnfd.yaml:2:7 [b] | help: move each descriptor into a folder of its own"
        ]
    );
}

#[test]
fn no_descriptor() {
    let help = "help: a descriptor begins with `vnfd`, `nsd`, `pnfd`, `nst`, `nfv`, `manifest:ns`, `manifest:vnsf` or `hdaGraph`, or is a `Chart.yaml`";
    let mut tree = Tree::new(&[("p/readme.md", ""), ("p/values.yaml", "image: x\n")]);
    tree.paths = vec!["p".into()];
    assert_eq!(
        tree.found("package/no-descriptor"),
        [format!("p there is no descriptor in `p` | {help}")]
    );
    tree.paths = vec!["p/values.yaml".into()];
    assert_eq!(
        tree.found("package/no-descriptor"),
        [format!(
            "p/values.yaml:1:1 [image] `p/values.yaml` is no descriptor: its first key begins no model, or has a single value where a model stands | {help}"
        )]
    );
}

#[cfg(unix)]
#[test]
fn links() {
    use std::os::unix::fs::symlink;
    let tree = Tree::new(&[VNFD]);
    let folder = tree.root().join("p");
    symlink("/", folder.join("outside")).expect("link");
    symlink("nothing", folder.join("dangling")).expect("link");
    symlink(".", folder.join("loop")).expect("link");
    assert_eq!(
        tree.found("package/link"),
        [
            "p/dangling the link `p/dangling` leads to `nothing`, where nothing is | help: correct the link or delete it",
            "p/loop the link `p/loop` leads back to itself through `.` | help: delete the link",
            "p/outside the link `p/outside` leads out of the source tree, to `/` | help: copy what it leads to into the tree",
        ]
    );
}

#[test]
fn unreadable() {
    let deep = format!("p/{}x", "d/".repeat(70));
    let found = Tree::new(&[VNFD, (&deep, "")]).found("package/unreadable");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].ends_with("can't be read: folders are nested too deeply"),
        "{found:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn file_names() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new(&[VNFD]);
    let folder = tree.root().join("p");
    for name in [&b"caf\xe9"[..], b"a\nb", b"a\\b"] {
        fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), "").expect("file");
    }
    let found = tree.found("package/file-name");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].contains(r"the name of `p/a\nb` can't be used: it holds a control character"),
        "{found:?}"
    );
    assert!(found[2].contains("it is not UTF-8"), "{found:?}");
}

#[cfg(unix)]
#[test]
fn special_files() {
    let tree = Tree::new(&[VNFD]);
    let path = tree.root().join("p/socket");
    let _socket = std::os::unix::net::UnixListener::bind(path).expect("socket");
    assert_eq!(
        tree.found("package/special-file"),
        [
            "p/socket `p/socket` is a socket, not a file | help: delete it or leave it out with `exclude`"
        ]
    );
}

#[test]
fn nested() {
    let tree = Tree::new(&[VNFD, ("p/inner/y_vnfd.yaml", "vnfd:\n  id: y\n")]);
    assert_eq!(
        tree.found("package/nested"),
        [
            "p/inner the package `p/inner` lies inside another one and is left out of it | help: move it out, beside the other package"
        ]
    );
}

#[test]
fn archives() {
    let mut tree = Tree::new(&[("a.tar.gz", "404"), ("b.tar.gz", "")]);
    tree.paths = vec!["a.tar.gz".into(), "b.tar.gz".into()];
    assert_eq!(
        tree.found("package/archive"),
        [
            "a.tar.gz `a.tar.gz` is no usable package: it is neither a gzip-compressed tar nor a zip | help: build or fetch it again",
            "b.tar.gz `b.tar.gz` is no usable package: it is empty | help: build or fetch it again",
        ]
    );
}

#[test]
fn unsafe_members() {
    use tar::EntryType::{Regular, Symlink};
    assert_eq!(
        in_archive(
            "package/unsafe-member",
            &[
                ("p/../../x", Regular, ""),
                ("p/link", Symlink, "/etc/passwd"),
                ("p/twice", Regular, ""),
                ("p/twice", Regular, ""),
            ]
        ),
        [
            "x.tar!/p/../../x the member `x.tar!/p/../../x` is not safe to unpack: its name leads out of the package with `..`",
            "x.tar!/p/link the member `x.tar!/p/link` is not safe to unpack: it is a link to `/etc/passwd`, which leads out of the package",
            "x.tar!/p/twice the member `x.tar!/p/twice` is not safe to unpack: it stands twice in the archive",
        ]
    );
}

/// In an archive, so that the test runs on every file system.
#[test]
fn case_collisions() {
    use tar::EntryType::Regular;
    assert_eq!(
        in_archive(
            "package/case-collision",
            &[
                ("p/icons/A.svg", Regular, ""),
                ("p/icons/a.svg", Regular, ""),
                ("p/readme", Regular, ""),
                ("p/README/x.md", Regular, ""),
                ("p/Scripts/x.sh", Regular, ""),
                ("p/scripts/y.sh", Regular, ""),
                ("p/Files/caf\u{e9}", Regular, ""),
                ("p/Files/cafe\u{301}", Regular, ""),
            ]
        ),
        [
            "x.tar!/p/Files/caf\u{e9} `p/Files/caf\u{e9}` and `p/Files/cafe\u{301}` differ only in how their letters are composed | also x.tar!/p/Files/cafe\u{301} | help: rename one of the two",
            "x.tar!/p/icons/a.svg `p/icons/a.svg` and `p/icons/A.svg` differ only in case | also x.tar!/p/icons/A.svg | help: rename one of the two",
            "x.tar!/p/readme `p/readme` and `p/README` differ only in case | also x.tar!/p/README | help: rename one of the two",
        ]
    );
}

/// The build writes a `checksums.txt` into each package.
#[test]
fn what_is_in_the_way_of_checksums() {
    for (path, says) in [
        (
            "p/checksums.txt/x",
            "p/checksums.txt `checksums.txt` is a folder, and the build writes a file of that name | help: rename it",
        ),
        (
            "p/CHECKSUMS.TXT",
            "p/CHECKSUMS.TXT `CHECKSUMS.TXT` and the `checksums.txt` that the build writes differ only in case | help: rename it",
        ),
    ] {
        let tree = Tree::new(&[VNFD, (path, "")]);
        assert_eq!(tree.found("package/case-collision"), [says]);
    }
    let tree = Tree::new(&[VNFD, ("p/checksums.txt", "")]);
    assert_eq!(tree.found("package/case-collision"), NONE);
    use tar::EntryType::Regular;
    let both = [
        ("p/checksums.txt", Regular, ""),
        ("p/checksums.txt/x", Regular, ""),
    ];
    assert_eq!(
        in_archive("package/unsafe-member", &both),
        [
            "x.tar!/p/checksums.txt/x the member `x.tar!/p/checksums.txt/x` is not safe to unpack: `p/checksums.txt` is no folder",
        ]
    );
}

/// Helm 3.19 packs a file of 5242880 bytes and answers `is larger than the maximum file size` to
/// one more.
#[test]
fn charts_that_helm_does_not_read() {
    let most = "a".repeat(5 << 20);
    let more = format!("{most}a");
    let chart = (
        "app/Chart.yaml",
        "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    );
    let fits = Tree::new(&[chart, ("app/b.txt", &most)]);
    assert_eq!(fits.found("chart/too-large"), NONE);
    let large = Tree::new(&[chart, ("app/b.txt", &more)]);
    assert_eq!(
        large.found("chart/too-large"),
        [
            "app/b.txt `b.txt` has 5242881 bytes, and Helm reads no file of a chart with more than 5242880 | help: leave it out of the chart"
        ]
    );
    let ignored = Tree::new(&[chart, ("app/b.txt", &more), ("app/.helmignore", "*.txt\n")]);
    assert_eq!(ignored.found("chart/too-large"), NONE);
    let kdu = "p/helm-chart-v3s/app";
    let (inner, file) = (format!("{kdu}/Chart.yaml"), format!("{kdu}/b.txt"));
    let inside = Tree::new(&[VNFD, (&inner, chart.1), (&file, &more)]);
    assert_eq!(inside.found("chart/too-large").len(), 1);
}

/// A cache is one by the first bytes of its tag (bford.info/cachedir).
#[cfg(target_os = "linux")]
#[test]
fn a_folder_is_no_cache_by_the_name_of_a_file_in_it() {
    let signature = "Signature: 8a477f597d28d172789f06886806bc55\n# made by a tool\n";
    for (tag, is_in) in [("x\n", true), (signature, false)] {
        let tree = Tree::new(&[
            VNFD,
            ("p/cache/CACHEDIR.TAG", tag),
            ("p/cache/A", ""),
            ("p/cache/a", ""),
        ]);
        assert_eq!(
            !tree.found("package/case-collision").is_empty(),
            is_in,
            "{tag}"
        );
    }
}

#[test]
fn duplicate_ids() {
    let ns = "nsd:\n  nsd:\n  - id: x\n    version: '1.0'\n";
    let tree = Tree::new(&[VNFD, ("q/x_vnfd.yaml", VNFD.1), ("r/x_nsd.yaml", ns)]);
    let help = "help: give one of them another id or version, or leave one out with `exclude`";
    assert_eq!(
        tree.found("package/duplicate-id"),
        [format!(
            "q/x_vnfd.yaml:2:7 [x] the VNF `x 1.0` stands twice, here and in `p` | also p/x_vnfd.yaml:2:7 [x] | {help}"
        ),]
    );
    // OSM keeps functions and services apart; one file can't.
    assert_eq!(
        tree.found("package/same-name"),
        [
            "r/x_nsd.yaml:3:9 [x] the NS `x 1.0` and the VNF in `p` would be written to one file | also p/x_vnfd.yaml:2:7 [x] | help: give one of them another id or version; until then neither is built",
        ]
    );
    // A letter that stands in no file name becomes another.
    let vnfd = |name: &str| format!("vnfd:\n{name}\n");
    let files = |one: &str, other: &str| {
        let tree = Tree::new(&[("p/x_vnfd.yaml", vnfd(one)), ("q/x_vnfd.yaml", vnfd(other))]);
        tree.found("package/same-name").len()
    };
    assert_eq!(
        files("  id: x y\n  version: '1'", "  id: x_y\n  version: '1'"),
        1
    );
    assert_eq!(files("  id: x\n  version: '1'", "  id: x-1"), 1);
    assert_eq!(
        files("  id: x\n  version: '1 0'", "  id: x\n  version: '1:0'"),
        1
    );
    assert_eq!(
        files("  id: x\n  version: '1.0'", "  id: x\n  version: '1_0'"),
        0
    );
    // A finished package is read and not written, and what a SHIELD package
    // wraps is not a second package.
    let manifest = "manifest:vnsf:\n  package: p.tar.gz\n";
    let tree = Tree::new(&[VNFD, ("s/manifest.yaml", manifest)]);
    assert_eq!(tree.found("package/duplicate-id"), NONE);
}

#[test]
fn ids_that_are_one_to_osm() {
    let two = |one: &str, other: &str| {
        let text = |id: &str| format!("vnfd:\n  id: {id}\n  version: '1.0'\n");
        Tree::new(&[
            ("p/x_vnfd.yaml", &text(one)),
            ("q/x_vnfd.yaml", &text(other)),
        ])
    };
    let mut tree = two("1.10", "'1.1'");
    let found = tree.found("package/duplicate-id");
    assert!(
        found.len() == 1
            && found[0].starts_with("q/x_vnfd.yaml:2:7 ['1.1'] the VNF `1.1 1.0` stands twice")
            && found[0].contains("in quotes"),
        "{found:?}"
    );
    tree.choice.profile = nfv::source::Profile::Etsi;
    assert_eq!(tree.found("package/duplicate-id"), NONE);
    // One file can't be both.
    assert_eq!(two("1.10", "'1.10'").found("package/duplicate-id").len(), 1);
    assert_eq!(two("1.10", "'1.2'").found("package/duplicate-id"), NONE);
}

const HELP: &str =
    "help: delete `checksums.txt`; `cargo nfv build` writes a fresh one into the package";
/// MD5 of nothing.
const EMPTY: &str = "d41d8cd98f00b204e9800998ecf8427e";
/// MD5 of the VNFD.
const SUM: &str = "a7c09f3c6e21ffde44aad5367dbddaab";

fn checksums(list: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![VNFD, ("p/checksums.txt", list)];
    all.extend_from_slice(files);
    Tree::new(&all).found("package/checksums")
}

#[test]
fn checksums_in_all_dialects() {
    for list in [
        format!("{SUM}\tp/x_vnfd.yaml\n"),
        format!("{SUM}\tother/x_vnfd.yaml\n"),
        format!("{SUM}  x_vnfd.yaml\n"),
        format!("{SUM} *./x_vnfd.yaml\r\n"),
        format!("{SUM} x_vnfd.yaml\n"),
    ] {
        assert_eq!(checksums(&list, &[]), NONE, "{list}");
    }
}

#[test]
fn checksums_that_do_not_fit() {
    assert_eq!(
        checksums(
            &format!("{EMPTY}\tp/x_vnfd.yaml\n{EMPTY}\tp/icons/gone.svg\nnonsense\n"),
            &[("p/Scripts/run", ""), ("p/.hidden", ""), ("p/new.txt", "")]
        ),
        [
            format!(
                "p/checksums.txt `.hidden` and `Scripts/run` are not in `checksums.txt` | {HELP}"
            ),
            format!("p/checksums.txt `new.txt` is not in `checksums.txt` | {HELP}"),
            format!(
                "p/checksums.txt:1:1 [{EMPTY}] `checksums.txt` has another checksum for `p/x_vnfd.yaml` | {HELP}"
            ),
            format!(
                "p/checksums.txt:2:34 [p/icons/gone.svg] `checksums.txt` lists `p/icons/gone.svg`, which is not in the package | {HELP}"
            ),
            format!(
                "p/checksums.txt:3:1 [nonsense] a line of `checksums.txt` is no checksum and path | {HELP}"
            ),
        ]
    );
    // The generator of the early form lists known folders only.
    assert_eq!(
        checksums(
            &format!("{SUM}  x_vnfd.yaml\n"),
            &[("p/README", ""), ("p/doc/a.md", ""), ("p/icons/a.svg", "")]
        ),
        [format!(
            "p/checksums.txt `icons/a.svg` is not in `checksums.txt` | {HELP}"
        )]
    );
}

#[test]
fn many_wrong_lines_are_summed_up() {
    let mut list = format!("{SUM}\tp/x_vnfd.yaml\n");
    for i in 0..40 {
        list.push_str(&format!("{EMPTY}\tp/gone{i}.txt\n"));
    }
    let found = checksums(&list, &[]);
    assert_eq!(found.len(), 6, "{found:#?}");
    assert!(
        found[5].contains("35 more lines of `checksums.txt` do not fit the files"),
        "{found:#?}"
    );
}

#[test]
fn a_list_made_for_another_package() {
    let list = format!("{EMPTY}\ty/y_vnfd.yaml\n{EMPTY}\ty/README.md\n");
    assert_eq!(
        checksums(&list, &[("p/README.md", "")]),
        [format!(
            "p/checksums.txt:1:34 [y] `checksums.txt` was made for another package, `y` | {HELP}"
        )]
    );
}

/// A name alone speaks for one file, or for several that are the same.
#[test]
fn names_that_several_files_have() {
    let list = format!("{SUM} x_vnfd.yaml\n{EMPTY} run.sh\n");
    let (one, other) = (("p/a/run.sh", ""), ("p/b/run.sh", "x"));
    assert_eq!(checksums(&list, &[one, ("p/b/run.sh", "")]), NONE);
    assert_eq!(
        checksums(&list, &[one, other]),
        [format!(
            "p/checksums.txt `b/run.sh` is not in `checksums.txt` | {HELP}"
        )]
    );
    let both = format!("{list}9dd4e461268c8034f5c8564e155c67a6 run.sh\n");
    assert_eq!(checksums(&both, &[one, other]), NONE);
}

#[test]
fn checksums_of_another_kind() {
    let of = |digits: usize| {
        let list = format!("# all\n{}  x_vnfd.yaml\n", "0a".repeat(digits / 2));
        checksums(&list, &[])
    };
    let told = "p/checksums.txt `checksums.txt` holds checksums of 64 digits, as `sha256sum` writes them, and those of MD5 have 32";
    assert_eq!(of(64), [format!("{told} | {HELP}")]);
    assert!(of(30)[0].contains("holds no line with a checksum and a path"));
}

#[test]
fn checksums_in_an_archive() {
    use tar::EntryType::Regular;
    let list = format!("{SUM}\tother/x_vnfd.yaml\n");
    assert_eq!(
        in_archive("package/checksums", &[("p/checksums.txt", Regular, &list)]),
        [
            "x.tar!/p/checksums.txt:1:34 [other/x_vnfd.yaml] the paths in `checksums.txt` begin with `other`, and the folder of the package is `p` | help: build the package again: its list is that of another state of the files"
        ]
    );
    let list = format!("{EMPTY}\tp/x_vnfd.yaml\n");
    assert_eq!(
        in_archive("package/checksums", &[("p/checksums.txt", Regular, &list)]),
        [format!(
            "x.tar!/p/checksums.txt:1:1 [{EMPTY}] `checksums.txt` has another checksum for `p/x_vnfd.yaml` | help: build the package again: its list is that of another state of the files"
        )]
    );
}

#[test]
fn a_file_that_is_named_like_a_descriptor_and_is_none_is_told_of() {
    let rule = "package/unknown-root";
    for (name, text, message) in [
        (
            "a/x_nsd.yaml",
            "nds:\n  nsd: []\n",
            "a/x_nsd.yaml:1:1 [nds] `x_nsd.yaml` is named like an NSD and begins with `nds`, as none does | help: did you mean `nsd`?",
        ),
        (
            "a/vnfd.yml",
            "name: a\n",
            "a/vnfd.yml:1:1 [name] `vnfd.yml` is named like a VNFD and begins with `name`, as none does | help: begin it with `vnfd:`, below it `id: NAME`",
        ),
        (
            "a/x_vnfd.yaml",
            "vnfd: x\nb: y\n",
            "a/x_vnfd.yaml:1:1 [vnfd] `x_vnfd.yaml` is named like a VNFD, and its `vnfd` is a text and no descriptor | help: begin it with `vnfd:`, below it `id: NAME`",
        ),
        (
            "a/x-nst.yaml",
            "",
            "a/x-nst.yaml `x-nst.yaml` is named like an NST and holds none | help: begin it with `nst:`, below it `- id: NAME`",
        ),
    ] {
        assert_eq!(Tree::new(&[(name, text)]).found(rule), [message]);
    }
    for (name, text) in [
        ("a/x_nsd.yaml", "name: {{ name }}\n"),
        (
            "a/x_vnfd.yaml",
            "tosca_definitions_version: tosca_simple_yaml_1_0\n",
        ),
        ("a/nsd.yaml", "apiVersion: v1\nkind: ConfigMap\n"),
        ("a/transfnsd.yaml", "name: a\n"),
        ("a/values.yaml", "name: a\n"),
    ] {
        assert_eq!(Tree::new(&[(name, text)]).found(rule), [""; 0], "{name}");
    }
}

/// Other programs have a `manifest.yaml` as well.
#[test]
fn a_manifest_that_is_known_as_none_is_told_of() {
    let (warned, refused) = ("package/unknown-root", "package/wrong-root");
    let body = "  descriptor: a/a.yaml\n  package: a.tar.gz\n  hash: ''\n";
    let bare = body.replace("\n  ", "\n");
    let blank = "a/manifest.yaml `manifest.yaml` is named like a SHIELD manifest and holds none | help: begin it with `manifest:vnsf:` or `manifest:ns:`";
    for text in ["", " \n\n", "\u{feff}", "manifest\n"] {
        let tree = Tree::new(&[("a/manifest.yaml", text)]);
        let told = tree.found(warned);
        let [told] = told.as_slice() else {
            panic!("{text:?}: {told:?}");
        };
        assert!(
            told.ends_with(blank.split_once(' ').expect("words").1),
            "{told}"
        );
        for beside in ["a/a.tar.gz", "a/security/attestation.json"] {
            let tree = Tree::new(&[("a/manifest.yaml", text), (beside, "x")]);
            let told = tree.found(refused);
            assert_eq!(told.len(), 1, "{text:?}: {told:?}");
            let words = "this is a SHIELD manifest that holds nothing, with a package beside it";
            assert!(told[0].contains(words), "{told:?}");
        }
    }
    for (text, message) in [
        (
            format!("mainfest:vnsf:\n{body}"),
            "a/manifest.yaml:1:1 [mainfest:vnsf] this is a SHIELD manifest that begins with `mainfest:vnsf`, as none does | help: did you mean `manifest:vnsf`?",
        ),
        (
            bare.trim_start().to_owned(),
            "a/manifest.yaml:1:1 [descriptor] this is what a SHIELD manifest holds, and the key around it is missing | help: put it below its envelope: `manifest:vnsf:` or `manifest:ns:`",
        ),
        (
            format!("- manifest:ns:\n  {}", body.replace("\n  ", "\n    ")),
            "a/manifest.yaml:1:3 [manifest:ns] this is a SHIELD manifest in a list, where it stands alone | help: begin it without the dash: `manifest:vnsf:` or `manifest:ns:`",
        ),
    ] {
        assert_eq!(
            Tree::new(&[("a/manifest.yaml", &text)]).found(refused),
            [message]
        );
    }
    let broken = Tree::new(&[("a/manifest.yaml", "\tpackage: [a}\n")]);
    assert_eq!(broken.found("yaml/syntax").len(), 1);
    for text in [
        "apiVersion: v1\nkind: Pod\n",
        "---\napiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n",
        "a: 1\n---\nb: [\n",
        "kind: [\n",
        "applications:\n- name: a\n",
        "applications:\n- name: ((a)}\n  x: [\n",
        "# apiVersion: v1\n# kind: Pod\n",
        "name: {{ name }}\n",
        "analysis:\n  attributes: []\nbases: []\n",
        "name: a\npackage: b\nhash: c\n",
        "- a\n- b\n",
        "version: 1\nfiles: [a, b]\n",
    ] {
        let tree = Tree::new(&[("a/manifest.yaml", text)]);
        for rule in [warned, refused, "yaml/syntax"] {
            assert_eq!(tree.found(rule), [""; 0], "{rule}: {text}");
        }
    }
}

const BODY: &str = "  id: a\n  version: '1.0'\n  df:\n  - id: d\n";

#[test]
fn a_descriptor_in_all_but_its_first_key_is_an_error() {
    let rule = "package/wrong-root";
    let bare = BODY.replace("\n  ", "\n");
    let bare = bare.trim_start();
    for (name, first, body, message) in [
        (
            "a/edge.yaml",
            "- vnfd:\n",
            BODY,
            "a/edge.yaml:1:3 [vnfd] this is a VNFD in a list, where it stands alone | help: begin it without the dash: `vnfd:`, below it `id: NAME`",
        ),
        (
            "a/edge.yaml",
            "'@vnfd':\n",
            BODY,
            "a/edge.yaml:1:1 ['@vnfd'] this is a VNFD that begins with `@vnfd`, as none does | help: did you mean `vnfd`?",
        ),
        (
            "a/edge_nsd.yaml",
            "nds:\n",
            BODY,
            "a/edge_nsd.yaml:1:1 [nds] this is an NSD that begins with `nds`, as none does | help: did you mean `nsd`?",
        ),
        (
            "a/vnfd.yml",
            "",
            bare,
            "a/vnfd.yml:1:1 [id] this is what a VNFD holds, and the key around it is missing | help: put it below its envelope: `vnfd:`, below it `id: NAME`",
        ),
    ] {
        let tree = Tree::new(&[(name, &format!("{first}{body}"))]);
        assert_eq!(tree.found(rule), [message]);
        assert_eq!(tree.found("package/unknown-root"), [""; 0], "{name}");
    }
    // What merely names descriptors, or is filled in first.
    for (name, text) in [
        ("a/edge.yaml", format!("vnfdd:\n{BODY}")),
        (
            "a/edge.yaml",
            "- vnfd: x\n  id: a\n  version: '1'\n".to_owned(),
        ),
        ("a/edge.yaml", format!("- vnfd:\n{BODY}- vnfd:\n{BODY}")),
        (
            "a/edge.yaml",
            format!("'@vnfd':\n{BODY}  name: '{{{{ name }}}}'\n"),
        ),
        ("a/x_vnfd.yaml", "vnfdd: {name: a}\n".to_owned()),
    ] {
        assert_eq!(Tree::new(&[(name, &text)]).found(rule), [""; 0], "{text}");
    }
}

#[test]
fn a_first_line_that_is_no_yaml_does_not_hide_a_descriptor() {
    let rule = "yaml/syntax";
    for (first, place) in [
        ("vnfd", "2:5 [:]"),
        ("@vnfd:", "1:1 [@]"),
        ("--- vnfd:", "1:9 [:]"),
        ("- - vnfd:", "2:3 [i]"),
    ] {
        for name in ["a/edge.yaml", "a/x_vnfd.yaml"] {
            let found = Tree::new(&[(name, &format!("{first}\n{BODY}"))]).found(rule);
            let [one] = found.as_slice() else {
                panic!("{first}: {found:?}");
            };
            let help = format!("help: write `vnfd:` in place of `{first}`, alone in its line");
            assert!(one.starts_with(&format!("{name}:{place} ")), "{one}");
            assert!(one.ends_with(&help), "{one}");
        }
    }
    let misnamed = format!("vnf\n{BODY}");
    let found = Tree::new(&[("a/x_vnfd.yaml", &misnamed)]).found(rule);
    assert_eq!(found.len(), 1, "{found:?}");
    for (name, text) in [
        ("a/edge.yaml", misnamed.as_str()),
        ("a/edge.yaml", "vnfd\n  name: a\n"),
        ("a/edge.yaml", "the vnfd\n  id: a\n  version: '1'\n"),
        (
            "a/x_vnfd.yaml",
            "vnfd\n  name: {{ a }}\n  id: {{ b }}\n  version: 1\n",
        ),
    ] {
        let found = Tree::new(&[(name, text)]).found(rule);
        assert_eq!(found, [""; 0], "{text}");
    }
}
