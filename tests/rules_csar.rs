//! The rules of the `csar` family: each finding stands at the right place, and
//! `--fix` mends what it says.

mod common;
mod rules_yaml_support;

use std::fs;
use std::io::Write;

use common::Tree as Folder;
use rules_yaml_support::Tree;

const NONE: [&str; 0] = [];
const META: &str = "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: Example\nEntry-Definitions: Definitions/x.yaml\nETSI-Entry-Manifest: x.mf\nETSI-Entry-Change-Log: ChangeLog.txt\n";

/// A VNFD at the top with this manifest.
fn with_manifest(manifest: &str) -> Tree {
    Tree::new(&[
        (
            "p/x.yaml",
            "vnfd:\n  id: x\n  provider: P\n  version: '1.0'\n",
        ),
        ("p/x.mf", manifest),
    ])
}

/// A VNFD in `Definitions/` with this `TOSCA.meta`.
fn with_meta(meta: &str) -> Tree {
    Tree::new(&[
        ("p/Definitions/x.yaml", "vnfd:\n  id: x\n"),
        ("p/TOSCA-Metadata/TOSCA.meta", meta),
        ("p/ChangeLog.txt", "1.0\n"),
    ])
}

#[test]
fn manifests_that_not_everybody_can_read() {
    let tree = with_manifest(
        "metadata:\nvnf_product_name: x\nwhat\n\nSource: x.yaml\nHash: 00\nAlgorithm: SHA-256\n\nSource: x.yaml\nAlgorithm: MD5\nHash: 00\n\nAlgorithm: SHA-256\nHash: 00\n\nSource: x.mf\nAlgorithm: SHA-256\nHash: 00\n\nnon_mano_artifact_sets:\nonap_ves_events:\n",
    );
    assert_eq!(
        tree.found("csar/manifest"),
        [
            "p/x.mf:3:1 [what] a line of `x.mf` belongs to nothing that a manifest has | help: delete it",
            "p/x.mf:6:1 [Hash: 00] the hash of `x.yaml` stands before its algorithm | help: write `Source`, `Algorithm`, `Hash`",
            "p/x.mf:9:1 [Source: x.yaml] `x.yaml` stands twice in `x.mf` | help: delete one of the two entries",
            "p/x.mf:10:12 [MD5] `MD5` is no algorithm of a manifest | help: write `SHA-256` or `SHA-512`, and the digest of that kind",
            "p/x.mf:13:1 [Algorithm: SHA-256\nHash: 00] an entry of the manifest says of no file what it is about | help: add the line `Source: …` before it, or delete it",
            "p/x.mf:18:1 [Hash: 00] the manifest gives a digest of itself, which can't be right | help: delete the line",
            "p/x.mf:21:1 [onap_ves_events:] the set `onap_ves_events` of `x.mf` has no files | help: add `Source: …` lines below it, or delete it",
        ]
    );
    let tree = Tree::new(&[
        ("p/x.yaml", &b"vnfd:\n  id: x\n"[..]),
        ("p/x.mf", b"metadata:\nvnf_product_name: caf\xe9\n"),
    ]);
    assert_eq!(
        tree.found("csar/manifest"),
        ["p/x.mf:2:22 [\u{fffd}] `x.mf` is not UTF-8 | help: save it as UTF-8"]
    );
    // SDC wants the manifest among its own sources, without a digest.
    let tree = with_manifest("metadata:\nvnf_product_name: x\n\nSource: x.mf\n");
    assert_eq!(tree.found("csar/manifest"), NONE);
    assert_eq!(tree.found("csar/source-missing"), NONE);
}

/// SDC counts four names or eight.
#[test]
fn one_of_the_newer_names_asks_for_the_others() {
    let four = "vnf_provider_id: P\nvnf_product_name: x\nvnf_release_date_time: 2026-01-31T12:00:00Z\nvnf_package_version: '1.0'\n";
    let missing = |metadata: &str| {
        let tree = with_manifest(&format!("metadata:\n{metadata}"));
        let found = tree.found("csar/metadata");
        let name = |text: &String| {
            Some(
                text.split("have no `")
                    .nth(1)?
                    .split('`')
                    .next()?
                    .to_owned(),
            )
        };
        found.iter().filter_map(name).collect::<Vec<_>>()
    };
    assert_eq!(missing(four), NONE);
    assert_eq!(
        missing(&format!("vnfd_id: x\n{four}")),
        [
            "compatible_specification_versions",
            "vnf_software_version",
            "vnfm_info"
        ]
    );
    assert_eq!(
        missing(&format!("compatible_specification_versions: 2.6.1\n{four}")),
        NONE
    );
}

#[test]
fn metadata_by_version_and_kind() {
    let tree = with_manifest(
        "metadata:\nvnf_product_name: x\nvnf_provider_id: P\nvnf_release_data_time: 2026-01-31T00:00:00Z\nvnf_package_version:\n",
    );
    assert_eq!(
        tree.found("csar/metadata"),
        [
            "p/x.mf:1:1 [metadata:] the metadata of `x.mf` have no `vnf_package_version` | help: add the line `vnf_package_version: 1.0`",
            "p/x.mf:4:1 [vnf_release_data_time] `vnf_release_data_time` is no name of the metadata | help: write `vnf_release_date_time`",
        ]
    );
    let tree = with_manifest(
        "metadata:\nvnf_product_name: x\nvnf_provider_id: P\nvnf_release_date_time: 2026-01-31T00:00:00Z\nvnf_package_version: 1\n",
    );
    assert_eq!(tree.found("csar/metadata"), NONE);
    let tree = with_manifest(
        "metadata:\ncompatible_specification_versions: 2.6.1, 3.3.1\nvnf_product_name: x\nvnf_provider_id: P\nvnf_release_date_time: 2026-01-31T00:00:00Z\nvnf_package_version: 1\nnsd_name: x\n",
    );
    assert_eq!(
        tree.found("csar/metadata"),
        [
            "p/x.mf:1:1 [metadata:] the metadata of `x.mf` have no `vnf_software_version` | help: add the line `vnf_software_version: …`",
            "p/x.mf:1:1 [metadata:] the metadata of `x.mf` have no `vnfd_id` | help: add the line `vnfd_id: x`",
            "p/x.mf:1:1 [metadata:] the metadata of `x.mf` have no `vnfm_info` | help: add the line `vnfm_info: …`",
            "p/x.mf:7:1 [nsd_name] `nsd_name` is no name of the metadata | help: delete the line",
        ]
    );
}

#[test]
fn dates() {
    for (date, good) in [
        ("2026-01-31T00:00:00Z", true),
        ("2026-11-21T16:29:55.557723+00:00", true),
        ("2026-01-31 00:00", false),
        ("yesterday", false),
    ] {
        let tree = with_manifest(&format!("metadata:\nvnf_release_date_time: {date}\n"));
        let found = tree.found("csar/release-date");
        let expected = format!(
            "p/x.mf:2:24 [{date}] `{date}` is no date of RFC 3339 | help: write it like `2026-01-31T00:00:00Z`"
        );
        assert_eq!(found, if good { vec![] } else { vec![expected] });
    }
}

/// A date is stale beside the one that is announced to all tools of a build, and a
/// digest is wrong in a finished package alone.
#[test]
fn carets_of_dates_and_digests() {
    let short = |tree: &Folder, args: &[&str], code| {
        let mut command = tree.command();
        command.env("SOURCE_DATE_EPOCH", "1795219200");
        let run = common::run(command.args(args).args(["--message-format", "short"]));
        run.code(code).stderr
    };
    let hash = common::sha256(b"vnfd:\n  id: x\n  provider: P\n  version: '1.0'\n");
    let manifest = format!(
        "metadata:\nvnf_product_name: x\nvnf_provider_id: P\nvnf_release_date_time: 2026-01-31T00:00:00Z\nvnf_package_version: 1.0\n\nSource: x.yaml\nAlgorithm: SHA-256\nHash: {hash}\n"
    );
    let tree = Folder::of(&[
        (
            "p/x.yaml",
            "vnfd:\n  id: x\n  provider: P\n  version: '1.0'\n",
        ),
        ("p/x.mf", &manifest),
    ]);
    let found = short(&tree, &["check"], 1);
    assert!(
        found.contains("p/x.mf:4:24: warning[csar/stale-date]"),
        "{found}"
    );

    let wrong = manifest.replace(&hash, &common::sha256(b"another"));
    let file = fs::File::create(tree.path("x.csar")).expect("file");
    let mut zip = zip::ZipWriter::new(file);
    for (name, text) in [
        (
            "x.yaml",
            "vnfd:\n  id: x\n  provider: P\n  version: '1.0'\n",
        ),
        ("x.mf", &wrong),
    ] {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).expect("member");
        zip.write_all(text.as_bytes()).expect("bytes");
    }
    zip.finish().expect("package");
    let found = short(&tree, &["verify", "x.csar"], 1);
    assert!(
        found.contains("x.csar!/x.mf:9:7: error[csar/digest]"),
        "{found}"
    );
}

#[test]
fn entries_of_tosca_meta() {
    assert_eq!(with_meta(META).found("csar/meta"), NONE);
    // The names before v2.6.1.
    let old = META.replace("ETSI-", "");
    assert_eq!(with_meta(&old).found("csar/meta"), NONE);
    let tree = with_meta(
        "TOSCA-Meta-File-Version: 2.0\nCSAR-Version: 1.1\nCSAR-Version: 1.1\nnothing\nEntry-Definitions: x.yaml\nETSI-Entry-Manifest: y.txt\nETSI-Entry-Change-Log: Changes\nETSI-Entry-Tests: Tests\nyang_definitions: x\n",
    );
    let found = tree.found("csar/meta");
    let expected = [
        "p/TOSCA-Metadata/TOSCA.meta `TOSCA.meta` has no `Created-By` | help: add the line `Created-By: …`",
        "p/TOSCA-Metadata/TOSCA.meta:1:26 [2.0] `TOSCA-Meta-File-Version` is `2.0`, which no reader knows | help: write `1.0`",
        "p/TOSCA-Metadata/TOSCA.meta:3:1 [CSAR-Version: 1.1] `CSAR-Version` stands twice in `TOSCA.meta` | help: delete one of them",
        "p/TOSCA-Metadata/TOSCA.meta:4:1 [nothing] a line of `TOSCA.meta` is no `name: value` | help: delete it",
        "p/TOSCA-Metadata/TOSCA.meta:5:20 [x.yaml] `Entry-Definitions` names `x.yaml`, and the descriptor of SOL006 is `Definitions/x.yaml` | help: write `Definitions/x.yaml`",
        "p/TOSCA-Metadata/TOSCA.meta:6:22 [y.txt] the manifest is called `y.txt`, and SDC wants it to be called as the descriptor, `x.mf` | help: rename it to `x.mf`",
        "p/TOSCA-Metadata/TOSCA.meta:7:24 [Changes] `ETSI-Entry-Change-Log` names `Changes`, which is not in the package | help: add it, correct the entry, or delete the line",
        "p/TOSCA-Metadata/TOSCA.meta:8:19 [Tests] `ETSI-Entry-Tests` names `Tests`, which is not in the package | help: add it, correct the entry, or delete the line",
        "p/TOSCA-Metadata/TOSCA.meta:9:1 [yang_definitions: x] `yang_definitions` is no entry of `TOSCA.meta`, and SDC refuses it | help: delete the line",
    ];
    assert_eq!(found, expected);
}

#[test]
fn parts_that_tosca_meta_does_not_name() {
    let without = META.replace("ETSI-Entry-Change-Log: ChangeLog.txt\n", "");
    assert_eq!(
        with_meta(&without).found("csar/change-log"),
        [
            "p/TOSCA-Metadata/TOSCA.meta `TOSCA.meta` names no change log: it has no `ETSI-Entry-Change-Log` | help: add the line `ETSI-Entry-Change-Log: ChangeLog.txt`"
        ]
    );
    assert_eq!(
        with_meta(META).found("csar/licenses"),
        [
            "p/TOSCA-Metadata/TOSCA.meta `TOSCA.meta` names no licences: it has no `ETSI-Entry-Licenses` | help: add `Licenses` and the line `ETSI-Entry-Licenses: Licenses`"
        ]
    );
}

#[test]
fn signatures() {
    let block = "-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n";
    let head = "metadata:\nvnf_product_name: x\n\n";
    assert_eq!(
        with_manifest(&format!("{head}{block}")).found("csar/signature"),
        NONE
    );
    assert_eq!(
        with_manifest(&format!("{head}{block}{block}")).found("csar/signature"),
        [
            "p/x.mf:7:1 [-----BEGIN CMS-----] a manifest has one signature, and this is another | help: delete the block that is out of date"
        ]
    );
    assert_eq!(
        with_manifest(&format!("{head}{block}Source: x.yaml\n")).found("csar/signature"),
        [
            "p/x.mf:7:1 [Source: x.yaml] something stands behind the signature, which has to be the last | help: move it before the signature, and sign again"
        ]
    );
    assert_eq!(
        with_manifest(&format!("{head}{}", block.replace("CMS", "PKCS7"))).found("csar/signature"),
        [
            "p/x.mf:4:1 [-----BEGIN PKCS7-----] the signature is called `PKCS7` and not `CMS` | help: write `CMS` in its first and last line; the bytes between them are the same"
        ],
    );
    assert_eq!(
        with_manifest(&format!("{head}-----BEGIN CMS-----\nMIIB\n")).found("csar/signature"),
        [
            "p/x.mf:4:1 [-----BEGIN CMS-----] the signature does not end with `-----END CMS-----` | help: sign the manifest again"
        ]
    );
}

#[test]
fn folders_that_can_be_built_in_no_layout() {
    let tree = Tree::new(&[
        ("s/Definitions/s.yaml", "nst:\n  - id: s\n"),
        ("s/TOSCA-Metadata/TOSCA.meta", ""),
    ]);
    let help = "help: move the descriptor to the top of the folder, and delete `TOSCA-Metadata/` and the `.mf`";
    assert_eq!(
        tree.found("csar/layout"),
        [format!(
            "s/Definitions/s.yaml:2:9 [s] an NST stands in `Definitions/`, but there are no CSARs of it | {help}"
        )]
    );
}

#[test]
fn two_files_for_one_place() {
    let tree = Folder::of(&[
        ("nfv.toml", "layout = \"csar\"\n"),
        ("p/x.yaml", common::VNFD),
        ("p/cloud_init/a", ""),
        ("p/Scripts/cloud_init/a", ""),
    ]);
    tree.nfv(&["check"]).code(1).says(
        "error[csar/layout]: `Scripts/cloud_init/a` and `cloud_init/a` come to one place in a CSAR",
    );
}

/// Paths are held against each other as they are in the finished package.
#[test]
fn places_that_differ_only_in_case() {
    let tree = Folder::of(&[
        ("nfv.toml", "layout = \"csar\"\n"),
        ("p/x.yaml", common::VNFD),
        ("p/icons/A.png", ""),
        ("p/Files/icons/a.png", ""),
    ]);
    tree.nfv(&["check"])
        .code(1)
        .says("`Files/icons/A.png` and `Files/icons/a.png` differ only in case")
        .says("these are their places in the finished package");
}

/// Without a `TOSCA.meta` readers look for the manifest that is called like the descriptor.
#[test]
fn a_manifest_is_called_like_the_descriptor() {
    let text = "metadata:\n";
    let named = "the manifest `y.mf` is not called like the descriptor";
    let tree = Folder::of(&[("p/x.yaml", common::VNFD), ("p/y.mf", text)]);
    let run = tree.nfv(&["check"]).code(1);
    run.says(named).says("call it `x.mf`");
    let tree = Folder::of(&[
        ("p/x.yaml", common::VNFD),
        ("p/x.mf", text),
        ("p/y.mf", text),
    ]);
    let run = tree.nfv(&["check"]).code(1);
    run.says("`y.mf` is a second manifest beside `x.mf`");
    let tree = Folder::of(&[
        ("p/x.yaml", common::VNFD),
        ("p/y.mf", text),
        ("p/z.mf", text),
    ]);
    let run = tree.nfv(&["check"]).code(1);
    run.says("none of several manifests is called like the descriptor");
    // Where `TOSCA.meta` names it, it may be called anything.
    let meta = "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: P\nEntry-Definitions: x.yaml\nETSI-Entry-Manifest: y.mf\n";
    let tree = Folder::of(&[
        ("p/x.yaml", common::VNFD),
        ("p/TOSCA-Metadata/TOSCA.meta", meta),
        ("p/y.mf", text),
    ]);
    let run = tree.nfv(&["check"]);
    assert!(!run.stderr.contains("is not called like"), "{}", run.stderr);
}

/// The manifest after `--fix`, run twice; the second time must change nothing.
#[track_caller]
fn fixed(manifest: &str, epoch: Option<&str>) -> String {
    let tree = Folder::of(&[
        (
            "p/x.yaml",
            "vnfd:\n  id: x\n  provider: P\n  version: '1.0'\n",
        ),
        ("p/x.mf", manifest),
    ]);
    let run = || {
        let mut command = tree.command();
        command.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
        common::run(command.args(["check", "--fix"])).sound();
        fs::read_to_string(tree.path("p/x.mf")).expect("file")
    };
    let after = run();
    assert_eq!(after, run(), "the second run");
    after
}

#[test]
fn a_manifest_is_mended() {
    let hash = common::sha256(b"vnfd:\n  id: x\n  provider: P\n  version: '1.0'\n");
    let date = "vnf_release_date_time: 2026-01-31T00:00:00Z\n";
    let entry = format!("\nSource: x.yaml\nAlgorithm: SHA-256\nHash: {hash}\n");
    let whole = format!(
        "metadata:\nvnf_product_name: x\nvnf_provider_id: P\n{date}vnf_package_version: 1.0\n{entry}"
    );
    assert_eq!(fixed(&whole, None), whole);
    // What has no metadata yet gets all that the descriptor and the environment say.
    for nothing in ["", "\n", "metadata:\n", "metadata:", "metadata:\r\n"] {
        let after = fixed(nothing, Some("1769817600"));
        let mut lines: Vec<&str> = after.lines().collect();
        let wanted = whole
            .lines()
            .filter(|line| !line.starts_with("vnf_product"));
        let mut wanted: Vec<&str> = wanted.collect();
        assert_eq!(lines[0], "metadata:", "{nothing:?}");
        lines.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(lines, wanted, "{nothing:?}");
        let is_dos = nothing.contains('\r');
        assert_eq!(
            after.matches("\r\n").count() == wanted.len(),
            is_dos,
            "{after:?}"
        );
    }
    for (right, wrong) in [
        (hash.as_str(), "00"),
        (entry.as_str(), ""),
        ("metadata:\n", ""),
        ("vnf_provider_id", "vnfd_provider_id"),
        ("vnf_release_date_time", "vnf_release_data_time"),
        ("vnf_package_version: 1.0\n", ""),
    ] {
        let broken = whole.replace(right, wrong);
        assert_ne!(broken, whole);
        let after = fixed(&broken, None);
        // A name that was missing comes last, which is where it stood.
        assert_eq!(after, whole, "{right}");
        let dos = fixed(&broken.replace('\n', "\r\n"), None);
        assert_eq!(dos, whole.replace('\n', "\r\n"), "{right}");
    }
    let swapped = whole.replace(
        &format!("Algorithm: SHA-256\nHash: {hash}"),
        &format!("Hash: {hash}\nAlgorithm: SHA-256"),
    );
    assert_eq!(fixed(&swapped, None), whole);
    // A later release, and one that is announced.
    let later = whole.replace("2026-01-31T00:00:00Z", "2026-11-21T00:00:00Z");
    assert_eq!(fixed(&whole, Some("1795219200")), later);
    assert_eq!(fixed(&whole, Some("1700566490")), whole);
    // What may have been forgotten stays.
    let absent = whole.replace(
        "\nSource: x.yaml",
        "\nSource: y.png\nAlgorithm: SHA-256\nHash: 00\n\nSource: x.yaml",
    );
    assert_eq!(fixed(&absent, None), absent);
}

/// Bytes of the first `PK` record of that kind in a zip.
fn record(zip: &[u8], kind: [u8; 2]) -> usize {
    let magic = [b'P', b'K', kind[0], kind[1]];
    let mut windows = zip.windows(4);
    windows
        .position(|window| window == magic)
        .expect("a record")
}

/// What stands before the members of a zip, and what its list of members says, can differ: then
/// Java's streams read other files than Python's `zipfile`.
#[test]
fn a_zip_that_says_two_things() {
    let tree = Folder::of(&[]);
    let mut writer = nfv::package::ZipWriter::new(Vec::new(), 0);
    for (name, content) in [
        ("a.yaml", "vnfd:\n  id: a\n  version: '1.0'\n"),
        ("notes.txt", "nothing\n"),
    ] {
        let content = content.as_bytes();
        let member = writer.file(name, 0o644, content.len() as u64, &mut &content[..]);
        member.expect("a member");
    }
    let sound = writer.finish().expect("a zip");
    let list = record(&sound, [1, 2]);
    let end = record(&sound, [5, 6]);
    // The offset of the list in the end, which moves with what stands before it.
    let moved = |zip: &mut [u8], by: u32| {
        let at = record(zip, [5, 6]) + 16;
        let offset = u32::try_from(list).expect("an offset") + by;
        zip[at..at + 4].copy_from_slice(&offset.to_le_bytes());
    };
    // A member that the list does not name, as it stands in front of one that it does.
    let mut hidden = sound.clone();
    let first = sound[..record(&sound[4..], [3, 4]) + 4].to_vec();
    hidden.splice(list..list, first.iter().copied());
    moved(&mut hidden, u32::try_from(first.len()).expect("a length"));
    let mut padded = sound.clone();
    padded.splice(list..list, *b"more");
    moved(&mut padded, 4);
    let mut renamed = sound.clone();
    renamed[30] = b'b';
    let mut resized = sound.clone();
    resized[22] ^= 1;
    let mut other_sum = sound.clone();
    other_sum[14] ^= 1;
    // Whether it is strongly encrypted, or masked, stands in the flags.
    let mut encrypted = sound.clone();
    encrypted[6] ^= 1 << 6;
    let mut masked = sound.clone();
    masked[7] ^= 1 << 5;
    // Some readers take the name in this field, which a sound one may repeat.
    let in_unicode = |name: &[u8; 6]| {
        let mut zip = sound.clone();
        let field = [&b"up\x0b\0\x01\0\0\0\0"[..], name].concat();
        let by = u32::try_from(field.len()).expect("a length");
        let extra = 30 + 6 + usize::from(zip[28]);
        let second = list + 4 + record(&zip[list + 4..], [1, 2]) + 42;
        let offset = zip[second..second + 4].try_into().expect("four bytes");
        let offset = u32::from_le_bytes(offset) + by;
        zip[second..second + 4].copy_from_slice(&offset.to_le_bytes());
        moved(&mut zip, by);
        zip[28] += u8::try_from(by).expect("a length");
        zip.splice(extra..extra, field);
        zip
    };
    let (same, another) = (in_unicode(b"a.yaml"), in_unicode(b"b.yaml"));
    let behind = [&sound[..], b"more"].concat();
    let mut elsewhere = sound.clone();
    elsewhere[end + 16] ^= 1;
    for (zip, says) in [
        (&sound, None),
        (
            &hidden,
            Some("holds a member that its list of members does not name"),
        ),
        (
            &padded,
            Some("bytes between its members that belong to none"),
        ),
        (
            &renamed,
            Some("`a.yaml` in its list of members is `b.yaml` where it stands"),
        ),
        (&resized, Some("`a.yaml` is described otherwise")),
        (&other_sum, Some("`a.yaml` is described otherwise")),
        (&encrypted, Some("`a.yaml` is described otherwise")),
        (&masked, Some("`a.yaml` is described otherwise")),
        (&same, None),
        (
            &another,
            Some("`a.yaml` is `b.yaml` in its field for names in Unicode"),
        ),
        (&behind, Some("something stands behind its end")),
        (&elsewhere, Some("")),
    ] {
        tree.file("a.csar", zip);
        let run = tree.nfv(&["verify", "a.csar"]);
        let told = run.stderr.contains("error[package/archive]");
        assert_eq!(told, says.is_some(), "{says:?}: {}", run.stderr);
        let says = says.unwrap_or_default();
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    }
}

/// The ways in which others write a zip are no two things: sizes behind the content, large
/// files, comments, the zeros of a last block.
#[test]
fn zips_of_all_writers_are_sound() {
    let Some(python) = common::tool("python3") else {
        return;
    };
    let tree = Folder::of(&[
        ("p/a.yaml", "vnfd:\n  id: a\n  version: '1.0'\n"),
        ("p/empty", ""),
    ]);
    let program = r#"
import io, zipfile
class Stream(io.RawIOBase):
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def writable(self): return True
def fill(zip, large):
    for name in ('p/a.yaml', 'p/empty'):
        with zip.open(name, 'w', force_zip64=large) as member:
            member.write(open(name, 'rb').read())
for large in (False, True):
    with zipfile.ZipFile('whole%d.zip' % large, 'w', zipfile.ZIP_DEFLATED) as zip:
        fill(zip, large)
        zip.comment = b'PK\x05\x06 is no end'
    with open('stream%d.zip' % large, 'wb') as file:
        with zipfile.ZipFile(Stream(file), 'w', zipfile.ZIP_DEFLATED) as zip:
            fill(zip, large)
with zipfile.ZipFile('many.zip', 'w') as zip:
    fill(zip, False)
    for i in range(65600): zip.writestr('f/%d' % i, '')
"#;
    common::sh(
        std::process::Command::new(python)
            .args(["-c", program])
            .current_dir(&tree.root),
    );
    let mut all = vec!["whole0", "whole1", "stream0", "stream1", "many"];
    let streams = "zip -qr - p | cat > info.zip && zip -qr info2.zip p";
    let blocks = "bsdtar --format zip -cf - p | cat > blocks.zip";
    let streamed = [
        ("zip", streams, &["info", "info2"][..]),
        ("bsdtar", blocks, &["blocks"]),
    ];
    for (tool, command, made) in streamed {
        if common::tool(tool).is_some() {
            let mut shell = std::process::Command::new("sh");
            common::sh(shell.args(["-c", command]).current_dir(&tree.root));
            all.extend(made);
        }
    }
    for name in all {
        let run = tree.nfv(&["verify", &format!("{name}.zip")]);
        assert!(
            !run.stderr.contains("package/archive"),
            "{name}: {}",
            run.stderr
        );
    }
}
