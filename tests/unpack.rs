//! `cargo nfv unpack`: what is written, and what is refused before it is.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;

use common::Tree;
use tar::EntryType;

/// A member: name, kind, content or target.
type Member<'a> = (&'a str, EntryType, &'a str);

/// A gzip-compressed tar with these members, whatever their names.
fn package(members: &[Member<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, kind, text) in members {
        let mut header = tar::Header::new_ustar();
        let field = &mut header.as_ustar_mut().expect("ustar").name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o4777);
        header.set_uid(1234);
        header.set_gid(1234);
        header.set_mtime(1_000_000_000);
        let is_link = kind.is_symlink() || kind.is_hard_link();
        if is_link {
            let field = &mut header.as_ustar_mut().expect("ustar").linkname;
            field[..text.len()].copy_from_slice(text.as_bytes());
        }
        let content = if is_link { "" } else { text };
        header.set_size(content.len() as u64);
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(content.as_bytes());
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    compressed(&out)
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).expect("gzip");
    gzip.finish().expect("gzip")
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("folder")
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_package_becomes_its_top_folder_or_one_named_after_the_file() {
    let tree = Tree::showcase();
    tree.nfv(&["publish", "--quiet"]).code(0);
    let run = tree
        .nfv(&["unpack", "edge_ns:1.0", "--into", "out"])
        .code(0);
    assert_eq!(run.stdout, "out/edge_ns\n");
    let written = fs::read(tree.path("out/edge_ns/edge_nsd.yaml")).expect("descriptor");
    let source = fs::read(tree.path("edge_ns/edge_nsd.yaml")).expect("descriptor");
    assert_eq!(written, source);
    let shield = "target/nfv/packages/edge_ns-1.0.shield.tar.gz";
    let run = tree.nfv(&["unpack", shield, "--into", "out"]).code(0);
    assert_eq!(run.stdout, "out/edge_ns-1.0\n");
    assert_eq!(
        listing(&tree.path("out/edge_ns-1.0")),
        ["edge_ns.tar.gz", "manifest.yaml"]
    );
}

#[test]
fn nothing_is_ever_overwritten() {
    let tree = Tree::showcase();
    tree.nfv(&["publish", "--quiet"]).code(0);
    tree.file("out/edge_ns/mine", "mine");
    let run = tree.nfv(&["unpack", "edge_ns:1.0", "--into", "out"]);
    run.code(2).says("`").says("is there already");
    assert_eq!(listing(&tree.path("out")), ["edge_ns"]);
    assert_eq!(listing(&tree.path("out/edge_ns")), ["mine"]);
}

/// What is there to the last file is what was asked for; in whatever it differs it
/// stays, and that is said.
#[cfg(unix)]
#[test]
fn what_is_there_already_is_left_as_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let tree = Tree::new();
    let (file, link) = (EntryType::Regular, EntryType::Symlink);
    let members = [("p/a", file, "a"), ("p/d/b", file, "b"), ("p/l", link, "a")];
    tree.file("p.tar.gz", package(&members));
    let unpack = || tree.nfv(&["unpack", "p.tar.gz", "--into", "out"]);
    unpack().code(0).says("Unpacked");
    let run = unpack().code(0).says("Unchanged");
    assert_eq!(run.stdout, "out/p\n");
    let at = |name: &str| tree.path(&format!("out/p/{name}"));
    let mode = |mode| fs::Permissions::from_mode(mode);
    type Change<'a> = (&'a dyn Fn(), &'a str);
    let changes: [Change<'_>; 8] = [
        (
            &|| fs::write(at("d/b"), "c").expect("written"),
            "differs in `d/b`",
        ),
        (
            &|| fs::write(at("d/b"), "bb").expect("written"),
            "differs in `d/b`",
        ),
        (
            &|| fs::write(at("mine"), "").expect("written"),
            "has `mine` as well",
        ),
        (
            &|| fs::create_dir(at("d/e")).expect("a folder"),
            "has `d/e` as well",
        ),
        (&|| fs::remove_file(at("a")).expect("removed"), "lacks `a`"),
        (
            &|| fs::set_permissions(at("a"), mode(0o644)).expect("a mode"),
            "differs in `a`",
        ),
        (
            &|| {
                fs::remove_file(at("l")).expect("removed");
                symlink("d/b", at("l")).expect("a link");
            },
            "differs in `l`",
        ),
        (
            &|| {
                fs::remove_file(at("a")).expect("removed");
                symlink("d/b", at("a")).expect("a link");
            },
            "differs in `a`",
        ),
    ];
    for (change, says) in changes {
        fs::remove_dir_all(tree.path("out")).expect("removed");
        unpack().code(0);
        change();
        let before = common::digests(&tree.path("out"));
        unpack()
            .code(2)
            .says(&format!("`out/p` is there already, and {says}; remove it"));
        assert_eq!(common::digests(&tree.path("out")), before, "{says}");
    }
    fs::remove_dir_all(tree.path("out")).expect("removed");
    tree.file("out/p", "");
    unpack().code(2).says("is there already, and is no folder");
}

/// Each is refused with these words, and nothing of it is written anywhere.
#[test]
fn what_would_be_written_elsewhere_is_refused() {
    let file = EntryType::Regular;
    let folder = EntryType::Directory;
    let link = EntryType::Symlink;
    let hard = EntryType::Link;
    let cases: &[(&[Member<'_>], &str)] = &[
        (
            &[("../evil", file, "x")],
            "leads out of the package with `..`",
        ),
        (
            &[("a/../../evil", file, "x")],
            "leads out of the package with `..`",
        ),
        (&[("/evil", file, "x")], "absolute path"),
        (&[("C:/evil", file, "x")], "drive letter"),
        (
            &[("a\\..\\..\\evil", file, "x")],
            "leads out of the package with `..`",
        ),
        (&[("a\\evil", file, "x")], "not one on every system"),
        (&[("a/l", link, "../../evil")], "leads out of the package"),
        (&[("a/l", link, "/etc/passwd")], "leads out of the package"),
        // `a/up` leads to the top, so `a/up/../evil` would be beside it.
        (
            &[("a/up", link, ".."), ("a/l", link, "up/../evil")],
            "can't be told from its text",
        ),
        // Through a link, the file would land in another folder.
        (
            &[("a/l", link, "b"), ("a/l/evil", file, "x")],
            "`a/l` is no folder",
        ),
        (
            &[("a/l", link, "b"), ("a/l", file, "x")],
            "it stands twice in the archive",
        ),
        (&[("a/l", hard, "../evil")], "leads out of the package"),
        (&[("a/l", hard, "/etc/passwd")], "leads out of the package"),
        (
            &[("a/l", hard, "a/none")],
            "is no file that comes before it",
        ),
        (
            &[("a/x", file, "1"), ("a/h", hard, "a/x"), ("a/h", file, "2")],
            "it stands twice in the archive",
        ),
        // Readers write the second over the first, whatever the way to it.
        (
            &[("a/x", file, "1"), ("a//x", file, "2")],
            "it stands twice in the archive, as `a/x` too",
        ),
        (
            &[("a/x", file, "1"), ("a/./x", file, "2")],
            "it stands twice in the archive, as `a/x` too",
        ),
        (
            &[("a/x", file, "1"), ("a/x/", file, "2")],
            "it stands twice in the archive",
        ),
        (&[("a/x/", file, "1")], "a folder to some readers"),
        (
            &[("a/l", link, "."), ("a/l/x", file, "1")],
            "`a/l` is no folder but a link",
        ),
        (&[("a/null", EntryType::Char, "")], "a device or a pipe"),
        (&[("a/pipe", EntryType::Fifo, "")], "a device or a pipe"),
        (
            &[("a/x", file, "1"), ("a/x", file, "2")],
            "it stands twice in the archive",
        ),
        (
            &[("a/x", file, "1"), ("./a/x", file, "2")],
            "it stands twice in the archive",
        ),
        (
            &[("a/x", file, "1"), ("a/X", file, "2")],
            "where case does not count, it is the same as `a/x`",
        ),
        (
            &[("a/x/y", file, "1"), ("a/X", file, "2")],
            "where case does not count, it is the same as `a/x`",
        ),
        (
            &[("a/x", file, "1"), ("a/x/y", file, "2")],
            "`a/x` is no folder",
        ),
        (
            &[("a/x/", folder, ""), ("a/x", file, "2")],
            "it stands twice in the archive",
        ),
    ];
    for (members, words) in cases {
        let tree = Tree::new();
        tree.file("evil.tar.gz", package(members));
        let run = tree.nfv(&["unpack", "evil.tar.gz", "--into", "out/deep"]);
        let run = run.code(2).says(words);
        assert!(run.stderr.contains("evil.tar.gz"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(listing(&tree.root), ["evil.tar.gz"], "{words}");
        // A check passes nothing that is refused here.
        let run = tree.nfv(&["verify", "evil.tar.gz"]).code(1);
        let rule = match words {
            words if words.contains("case does not count") => "package/case-collision",
            words if words.contains("not one on every system") => "package/file-name",
            _ => "package/unsafe-member",
        };
        run.says(&format!("error[{rule}]: "));
    }
}

/// What is built is verified, and what is verified is unpacked.
#[cfg(target_os = "linux")]
#[test]
fn folders_that_differ_only_in_case_are_two_here() {
    let tree = Tree::new();
    tree.file("v/v_vnfd.yaml", common::vnfd("v"));
    tree.file("v/Dir/1", "");
    tree.file("v/dir/2", "");
    tree.nfv(&["build"]).code(0);
    let package = "target/nfv/packages/v-1.0.tar.gz";
    tree.nfv(&["verify", package]).code(0);
    tree.nfv(&["unpack", package, "--into", "out"]).code(0);
    assert!(tree.path("out/v/Dir/1").is_file() && tree.path("out/v/dir/2").is_file());
}

/// A name that no source may have is none in a finished package either.
#[test]
fn names_that_not_every_system_can_write_are_found_in_archives() {
    let tree = Tree::new();
    let text = common::vnfd("v");
    let members = [
        ("v/v_vnfd.yaml", EntryType::Regular, text.as_str()),
        ("v/a\nb", EntryType::Regular, ""),
    ];
    tree.file("v.tar.gz", package(&members));
    tree.nfv(&["verify", "v.tar.gz"])
        .code(1)
        .says("error[package/file-name]");
}

#[cfg(unix)]
#[test]
fn links_inside_the_package_stay_and_modes_are_plain() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new();
    let members = [
        ("charm/hooks/", EntryType::Directory, ""),
        ("charm/hooks/install", EntryType::Symlink, "../src/charm.py"),
        (
            "charm/src/charm.py",
            EntryType::Regular,
            "#!/usr/bin/env python3\n",
        ),
        ("charm/copy.py", EntryType::Link, "charm/src/charm.py"),
    ];
    tree.file("charm.tar.gz", package(&members));
    tree.nfv(&["unpack", "charm.tar.gz"]).code(0);
    let hook = tree.path("charm/hooks/install");
    assert_eq!(
        fs::read_link(&hook).expect("a link"),
        Path::new("../src/charm.py")
    );
    for path in ["charm/hooks/install", "charm/copy.py"] {
        let text = fs::read_to_string(tree.path(path)).expect("content");
        assert_eq!(text, "#!/usr/bin/env python3\n");
    }
    // 4777 in the archive.
    let mode = fs::metadata(tree.path("charm/src/charm.py")).expect("file");
    assert_eq!(mode.permissions().mode() & 0o7777, 0o755);
}

/// GNU tar is the judge of what is in its own archives, and bsdtar of those that it makes of files
/// with holes without being asked.
#[cfg(target_os = "linux")]
#[test]
fn sparse_files_are_read_as_tar_reads_them() {
    use std::os::unix::fs::FileExt;
    let (Some(gnu), Some(bsd)) = (common::tool("tar"), common::tool("bsdtar")) else {
        return;
    };
    let tree = Tree::new();
    tree.file("p/p_vnfd.yaml", common::vnfd("p"));
    let files: [(&str, &[u64], u64); 4] = [
        ("p/images/end.img", &[5 << 20], (5 << 20) + 3),
        ("p/images/hole.img", &[], 1 << 20),
        // More parts than there is room for in a header.
        (
            "p/images/parts.img",
            &[0, 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20],
            2 << 20,
        ),
        ("p/images/last.img", &[1 << 20], 3 << 20),
    ];
    for (name, parts, size) in files {
        let path = tree.file(name, "");
        let file = fs::File::options().write(true).open(path).expect("a file");
        file.set_len(size).expect("its size");
        for at in parts {
            let text = vec![b'x'; 4096.min((size - at) as usize)];
            file.write_all_at(&text, *at).expect("written");
        }
    }
    let formats: [(&Path, &[&str]); 5] = [
        (&gnu, &["--format=gnu", "--sparse"]),
        (
            &gnu,
            &["--format=posix", "--sparse", "--sparse-version=0.0"],
        ),
        (
            &gnu,
            &["--format=posix", "--sparse", "--sparse-version=0.1"],
        ),
        (
            &gnu,
            &["--format=posix", "--sparse", "--sparse-version=1.0"],
        ),
        (&bsd, &[]),
    ];
    for (tar, options) in formats {
        let run = std::process::Command::new(tar)
            .args(options)
            .args(["-czf", "p.tar.gz", "p"])
            .current_dir(&tree.root)
            .status();
        assert!(run.expect("it runs").success(), "{options:?}");
        let run = tree.nfv(&["verify", "p.tar.gz"]);
        run.code(0);
        tree.nfv(&["unpack", "p.tar.gz", "--into", "out"]).code(0);
        let extracted = tree.path("extracted");
        fs::create_dir_all(&extracted).expect("a folder");
        let run = std::process::Command::new(&gnu)
            .args(["-xzf", "../p.tar.gz"])
            .current_dir(&extracted)
            .status();
        assert!(run.expect("it runs").success(), "{options:?}");
        let digests = common::digests(&tree.path("out/p"));
        assert_eq!(
            digests,
            common::digests(&extracted.join("p")),
            "{options:?}"
        );
        assert_eq!(digests, common::digests(&tree.path("p")), "{options:?}");
        for folder in ["out", "extracted"] {
            fs::remove_dir_all(tree.path(folder)).expect("removed");
        }
    }
}

/// A record of an extended header; its length counts itself.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut len = rest.len() + 1;
    while len != rest.len() + len.to_string().len() {
        len = rest.len() + len.to_string().len();
    }
    format!("{len}{rest}")
}

/// What `git archive` writes is passed over; what changes members is not.
#[test]
fn extended_headers_change_nothing_unseen() {
    let file = EntryType::Regular;
    let (global, local) = (EntryType::XGlobalHeader, EntryType::XHeader);
    let vnfd = common::vnfd("p");
    let run = |headers: &[(EntryType, String)], command: &[&str]| {
        let tree = Tree::new();
        let mut members = vec![("p/p_vnfd.yaml", file, vnfd.as_str())];
        let headers = headers
            .iter()
            .map(|(kind, text)| ("header", *kind, text.as_str()));
        members.extend(headers);
        members.push(("p/x", file, "x"));
        tree.file("p.tar.gz", package(&members));
        tree.nfv(command)
    };
    let verify = |headers: &[(EntryType, String)]| run(headers, &["verify", "p.tar.gz"]);
    let unpack = |headers: &[(EntryType, String)]| run(headers, &["unpack", "p.tar.gz"]);
    let harmless = [(global, record("comment", &"0".repeat(40)))];
    verify(&harmless).code(0);
    unpack(&harmless).code(0);
    let twice = record("path", "p/a") + &record("path", "p/b");
    let cases = [
        (
            global,
            record("path", "p/p_vnfd.yaml"),
            "gives `path` to all members",
        ),
        (global, record("size", "0"), "gives `size` to all members"),
        (local, twice, "gives `path` twice"),
        (
            local,
            record("path", "p/a") + &record("GNU.sparse.name", "p/b"),
            "a member in it has two names, `p/a` and `p/b`",
        ),
        (
            local,
            record("GNU.sparse.map", "0,2"),
            "has a map that can't be read",
        ),
        (
            local,
            record("GNU.sparse.map", "0,1") + &record("GNU.sparse.size", "0"),
            "has a map that can't be read",
        ),
        (
            local,
            record("GNU.sparse.major", "1") + &record("GNU.sparse.minor", "0"),
            "has a map that can't be read",
        ),
        (
            local,
            record("GNU.sparse.map", "0,1") + &record("GNU.sparse.size", "99999999999999"),
            "more than 64 GiB of holes",
        ),
    ];
    for (kind, text, says) in cases {
        verify(&[(kind, text.clone())]).code(1).says(says);
        unpack(&[(kind, text)]).code(2).says(says);
    }
    let long = [(local, record("path", &format!("p/{}", "a".repeat(256))))];
    verify(&long).code(1).says("error[package/file-name]");
    let fits = [(local, record("path", &format!("p/{}", "a".repeat(255))))];
    verify(&fits).code(0);
    unpack(&fits).code(0);
    // Python and GNU tar call the file so.
    let renamed = [(local, record("GNU.sparse.name", "p/p_vnfd.yaml"))];
    verify(&renamed)
        .code(1)
        .says("it stands twice in the archive");
    unpack(&renamed)
        .code(2)
        .says("it stands twice in the archive");
}

#[test]
fn bombs_are_stopped() {
    let tree = Tree::new();
    // A GiB of zeros in a MiB.
    let level = flate2::Compression::default();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    let mut header = tar::Header::new_ustar();
    header.set_path("a/zeros").expect("name");
    header.set_size(1 << 30);
    header.set_mode(0o644);
    header.set_cksum();
    gzip.write_all(header.as_bytes()).expect("gzip");
    let zeros = vec![0; 1 << 20];
    for _ in 0..1024 {
        gzip.write_all(&zeros).expect("gzip");
    }
    gzip.write_all(&[0; 1024]).expect("gzip");
    tree.file("bomb.tar.gz", gzip.finish().expect("gzip"));
    let run = tree
        .nfv(&["unpack", "bomb.tar.gz", "--into", "out"])
        .code(2);
    run.says("grows beyond all measure");
    assert!(!tree.path("out").exists());

    let members = [("a/x", EntryType::Regular, "x")];
    tree.file("small.tar.gz", package(&members));
    let run = tree.nfv(&["unpack", "small.tar.gz", "--into", "out", "--max-size", "0"]);
    run.code(2).says("holds more than 0 GiB");
    assert!(!tree.path("out").exists());
}

#[test]
fn broken_archives_leave_nothing() {
    let tree = Tree::new();
    let whole = package(&[("a/x", EntryType::Regular, &"text ".repeat(5000))]);
    for (name, bytes) in [
        ("empty.tar.gz", &[][..]),
        ("text.tar.gz", b"hello"),
        ("cut.tar.gz", &whole[..whole.len() / 2]),
        ("cut-at-the-end.tar.gz", &whole[..whole.len() - 4]),
    ] {
        tree.file(name, bytes);
        let run = tree.nfv(&["unpack", name, "--into", "out"]).code(2);
        run.says(name);
        assert!(!tree.path("out").exists(), "{name}");
    }
    tree.nfv(&["unpack", "nothing.tar.gz"])
        .code(3)
        .says("`nothing.tar.gz` is neither a file nor published in `target/nfv/oci`");
}
