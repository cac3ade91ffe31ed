//! Signed manifests of packages: OpenSSL accepts what is built, and nothing that
//! was changed afterwards passes.

#![cfg(all(unix, feature = "sign"))]

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use common::{Run, Tree, run, sh, tool, zip_members};

const PASSPHRASE: &str = "correct horse";
const KEYS: [&str; 4] = [
    "--sign-key",
    "signer.key",
    "--sign-certificate",
    "signer.crt",
];

/// Runs the program with the passphrase at hand.
fn nfv(tree: &Tree, args: &[&str]) -> Run {
    let mut command = tree.command();
    run(command.args(args).env("NFV_KEY_PASSPHRASE", PASSPHRASE))
}

fn key(tree: &Tree, name: &str, algorithm: &str) {
    let subject = format!("Example {name}");
    let args = ["key", "generate", "--certificate", "--subject", &subject];
    let more = ["--out", name, "--algorithm", algorithm];
    nfv(tree, &[&args[..], &more].concat()).code(0);
}

/// The showcase, which has a SHIELD package in it, and a CSAR beside it.
fn tree() -> Tree {
    let tree = Tree::showcase();
    let csar = "[csar]\nrelease-date = \"2026-01-31T12:00:00Z\"\nvnfm-info = [\"0:osm\"]\n";
    let own = format!("[packages.router_vnf]\nlayout = \"csar\"\n\n{csar}");
    tree.file("nfv.toml", own);
    key(&tree, "signer", "ecdsa-p256");
    key(&tree, "other", "ed25519");
    tree
}

const SHIELD: &str = "target/nfv/packages/edge_ns-1.0.shield.tar.gz";
const CSAR: &str = "target/nfv/packages/router_vnf-1.0.csar";

fn signed() -> Tree {
    let tree = tree();
    let build = ["build", "-A", "csar"];
    nfv(&tree, &[&build[..], &KEYS].concat()).code(0);
    tree
}

/// The name and content of each member, in order.
type Members = Vec<(String, Vec<u8>)>;

fn members(package: &Path) -> Members {
    if package.extension().is_some_and(|end| end == "csar") {
        return zip_members(package);
    }
    let file = File::open(package).expect("a package");
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let entries = tar.entries().expect("a tar");
    let read = entries.map(|entry| {
        let mut entry = entry.expect("a member");
        let name = entry.path().expect("a name").display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a member");
        (name, bytes)
    });
    read.collect()
}

/// Packs members anew, as whoever changes a package would.
fn pack(members: &[(String, Vec<u8>)], package: &Path) {
    let file = File::create(package).expect("a file");
    if package.extension().is_some_and(|end| end == "csar") {
        let mut zip = zip::ZipWriter::new(file);
        let options = zip::write::SimpleFileOptions::default();
        for (name, bytes) in members {
            if name.ends_with('/') {
                zip.add_directory(name.as_str(), options).expect("a folder");
                continue;
            }
            zip.start_file(name.as_str(), options).expect("a member");
            zip.write_all(bytes).expect("a member");
        }
        zip.finish().expect("a zip");
        return;
    }
    let gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, &bytes[..])
            .expect("a member");
    }
    tar.into_inner()
        .and_then(|gzip| gzip.finish())
        .expect("a tar");
}

fn member(package: &Path, name: &str) -> Vec<u8> {
    let all = members(package);
    let found = all.into_iter().find(|(own, _)| own == name);
    found.unwrap_or_else(|| panic!("{name} is not there")).1
}

/// A key and a self-signed certificate of OpenSSL's, `rsa.key` and `rsa.crt`.
fn theirs(openssl: &Path, tree: &Tree, subject: &str) {
    let mut request = Command::new(openssl);
    request.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", subject,
    ]);
    request.args(["-keyout", "rsa.key", "-out", "rsa.crt", "-days", "2"]);
    sh(request.current_dir(&tree.root));
}

/// Manifest and signature, as a peer takes them apart.
fn parts(package: &Path) -> (Vec<u8>, Vec<u8>) {
    if package.extension().is_some_and(|end| end == "csar") {
        let text = String::from_utf8(member(package, "router_vnf.mf")).expect("a manifest");
        let start = text.find("-----BEGIN CMS-----").expect("a signature");
        let (manifest, signature) = text.split_at(start);
        return (manifest.into(), signature.into());
    }
    let of = |name| member(package, name);
    (of("manifest.yaml"), of("manifest.yaml.cms"))
}

#[test]
fn openssl_accepts_what_is_built_and_nothing_else() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    let verify = |manifest: &[u8], signature: &[u8], anchor: &str| {
        tree.file("m", manifest);
        tree.file("s", signature);
        let mut command = Command::new(&openssl);
        command.args(["cms", "-verify", "-binary", "-inform", "PEM", "-in", "s"]);
        command.args(["-content", "m", "-CAfile", anchor, "-purpose", "any"]);
        let output = command.args(["-out", "o"]).current_dir(&tree.root).output();
        output.expect("openssl").status.success()
    };
    for package in [SHIELD, CSAR] {
        let (manifest, signature) = parts(&tree.path(package));
        assert!(verify(&manifest, &signature, "signer.crt"), "{package}");
        assert!(!verify(&manifest, &signature, "other.crt"), "{package}");
        let mut changed = manifest.clone();
        changed[5] ^= 1;
        assert!(!verify(&changed, &signature, "signer.crt"), "{package}");
    }
}

/// A signature beside a manifest is PEM or DER, and so is a certificate beside that of a CSAR.
/// What OpenSSL writes where it is told nothing is neither, and is told of.
#[test]
fn signatures_and_certificates_in_der() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    theirs(&openssl, &tree, "/CN=Theirs");
    let does = |args: &str| {
        let mut command = Command::new(&openssl);
        sh(command
            .args(args.split_whitespace())
            .current_dir(&tree.root));
    };
    let trusted = ["--certificate-chain", "rsa.crt"];
    let verify = |package: &str| {
        let verify = ["verify", "-A", "csar", package];
        nfv(&tree, &[&verify[..], &trusted].concat())
    };
    let (path, name) = (tree.path(SHIELD), "manifest.yaml.cms");
    let (manifest, _) = parts(&path);
    tree.file("m", &manifest);
    let sign = "cms -sign -binary -in m -signer rsa.crt -inkey rsa.key -out s -outform";
    for form in ["DER", "PEM", "SMIME"] {
        does(&format!("{sign} {form}"));
        let signature = fs::read(tree.path("s")).expect("a signature");
        let put = |signature: Vec<u8>| {
            let mut all = members(&path);
            let place = all.iter_mut().find(|(own, _)| own == name);
            place.expect("a signature").1 = signature;
            pack(&all, &path);
        };
        put(signature.clone());
        if form == "SMIME" {
            verify(SHIELD).code(7).says("it is an S/MIME message");
            continue;
        }
        let run = verify(SHIELD).code(0);
        assert!(run.stdout.contains("signed by `CN=Theirs`"), "{form}");
        // A byte of the signature itself, which comes last.
        let mut changed = signature;
        let at = changed.len() - if form == "PEM" { 40 } else { 8 };
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        put(changed);
        verify(SHIELD).code(7).says("error[shield/signature]");
    }
    does("x509 -in rsa.crt -outform DER -out der.crt");
    let path = tree.path(CSAR);
    let (manifest, _) = parts(&path);
    tree.file("m", &manifest);
    does(&format!("{sign} PEM -nocerts"));
    let signature = fs::read(tree.path("s")).expect("a signature");
    for certificate in ["rsa.crt", "der.crt"] {
        let mut all = members(&path);
        all.retain(|(own, _)| own != "router_vnf.cert");
        for (own, bytes) in &mut all {
            if own == "router_vnf.mf" {
                *bytes = [&manifest[..], &signature].concat();
            }
        }
        let beside = fs::read(tree.path(certificate)).expect("a certificate");
        all.push(("router_vnf.cert".to_owned(), beside));
        pack(&all, &path);
        let run = nfv(&tree, &["verify", "-A", "csar", CSAR]).code(0);
        let told = run.stdout.contains("signed by `CN=Theirs`");
        assert!(told, "{certificate}: {}", run.stdout);
        // The manifest need not name what belongs to its own signature.
        let run = nfv(&tree, &["verify", CSAR]);
        assert!(!run.stderr.contains("csar/digest"), "{}", run.stderr);
    }
}

/// What was signed is handed on as it is, by whoever has no key.
#[test]
fn a_signature_stays_as_long_as_the_sources_do() {
    let tree = signed();
    let before = fs::read(tree.path(SHIELD)).expect("a package");
    for command in [&["publish"][..], &["provenance", "-o", "statements"]] {
        let run = nfv(&tree, &[command, &["-A", "csar"]].concat()).code(0);
        let after = fs::read(tree.path(SHIELD)).expect("a package");
        assert!(after == before, "{command:?}: {}", run.stderr);
    }
    nfv(
        &tree,
        &["verify", "-A", "csar", SHIELD, "--key", "signer.pub"],
    )
    .code(0);
    let publish = nfv(&tree, &["publish", "-A", "csar"]).code(0);
    assert!(!publish.stderr.contains("was signed"), "{}", publish.stderr);
    // New sources are another package, and so they are without a key.
    let says = "was signed, and is built anew without a signature";
    tree.replace("edge_ns/edge_nsd.yaml", "name: ", "name: new ");
    nfv(&tree, &["publish", "-A", "csar"]).code(0).says(says);
    nfv(&tree, &["verify", SHIELD, "--key", "signer.pub"]).code(7);
    // A build is of nobody where it is told of no key, and the CSAR had one until now.
    nfv(&tree, &["build", "-A", "csar"])
        .code(0)
        .says("`router_vnf-1.0.csar` was signed");
    let again = nfv(&tree, &["build", "-A", "csar"]).code(0);
    assert!(!again.stderr.contains("was signed"), "{}", again.stderr);
}

/// What is wrong with a signature by OpenSSL that can't be verified, or is over another form of
/// the manifest.
#[test]
fn what_openssl_signs_otherwise_is_told_as_that() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    let does = |line: &str| {
        let mut command = Command::new(&openssl);
        sh(command.args(line.split(' ')).current_dir(&tree.root));
    };
    let all = members(&tree.path(SHIELD));
    let (manifest, _) = parts(&tree.path(SHIELD));
    tree.file("m", &manifest);
    for (key, how, says) in [
        (
            "rsa:2048",
            "",
            "with the ends of lines of a mail; `openssl cms -sign -binary`",
        ),
        (
            "ec -pkeyopt ec_paramgen_curve:P-521",
            " -binary",
            "can't be verified",
        ),
        ("rsa:2048", " -binary -md sha1", "can't be verified"),
    ] {
        does(&format!(
            "req -x509 -newkey {key} -nodes -subj /CN=Theirs -keyout t.key -out t.crt -days 2"
        ));
        does(&format!(
            "cms -sign{how} -in m -outform PEM -signer t.crt -inkey t.key -out s"
        ));
        let mut all = all.clone();
        let place = all.iter_mut().find(|(own, _)| own == "manifest.yaml.cms");
        place.expect("a signature").1 = fs::read(tree.path("s")).expect("a signature");
        pack(&all, &tree.path("theirs.shield.tar.gz"));
        let run = nfv(&tree, &["verify", "theirs.shield.tar.gz"]).code(1);
        assert!(run.stderr.contains(says), "{key}: {}", run.stderr);
        let doubts = run.stderr.contains("does not hold\n");
        assert_eq!(doubts, how.is_empty(), "{key}: {}", run.stderr);
        let asked = ["verify", "theirs.shield.tar.gz", "--key", "signer.pub"];
        nfv(&tree, &asked).code(7);
    }
}

/// Of what can't be read nobody can say that it is not signed.
#[test]
fn a_damaged_package_is_not_called_unsigned() {
    let tree = signed();
    for package in [SHIELD, CSAR] {
        let bytes = fs::read(tree.path(package)).expect("a package");
        tree.file(package, &bytes[..bytes.len() / 2]);
        let run = nfv(&tree, &["verify", package, "--key", "signer.pub"]).code(7);
        let says = "can't be read, so that nobody can tell who has signed it";
        // Of the SHIELD package as much is left that its signature is found.
        let told = package == SHIELD || run.stderr.contains(says);
        assert!(told, "{}", run.stderr);
        assert!(
            !run.stderr.contains("nobody has signed it"),
            "{}",
            run.stderr
        );
    }
}

/// Nobody has signed a link, or what stands behind the end of a tar.
#[test]
fn links_and_what_stands_behind_the_end_are_not_signed() {
    use std::io::Write as _;

    let tree = signed();
    let all = members(&tree.path(SHIELD));
    let pack = |link: Option<tar::EntryType>, behind: &[u8]| {
        let file = File::create(tree.path("more.shield.tar.gz")).expect("a file");
        let gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        let mut tar = tar::Builder::new(gzip);
        for (name, bytes) in &all {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            let added = tar.append_data(&mut header, name, &bytes[..]);
            added.expect("a member");
        }
        if let Some(kind) = link {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            let added = tar.append_link(&mut header, "other", "manifest.yaml");
            added.expect("a link");
        }
        let mut gzip = tar.into_inner().expect("a tar");
        gzip.write_all(behind).expect("written");
        gzip.finish().expect("a gzip stream");
        nfv(
            &tree,
            &["verify", "more.shield.tar.gz", "--key", "signer.pub"],
        )
    };
    pack(None, &[0; 4096]).code(0);
    for kind in [tar::EntryType::Link, tar::EntryType::Symlink] {
        pack(Some(kind), &[]).code(7).says("`other`");
    }
    pack(None, b"more")
        .code(7)
        .says("something stands behind the end of the tar in it");
}

/// What OpenSSL signs in our stead is as good.
#[test]
fn what_openssl_signs_is_accepted() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    theirs(&openssl, &tree, "/CN=Theirs");
    for (package, name) in [(SHIELD, "manifest.yaml.cms"), (CSAR, "router_vnf.mf")] {
        let path = tree.path(package);
        let (manifest, _) = parts(&path);
        tree.file("m", &manifest);
        let mut sign = Command::new(&openssl);
        sign.args(["cms", "-sign", "-binary", "-in", "m", "-outform", "PEM"]);
        sign.args(["-signer", "rsa.crt", "-inkey", "rsa.key", "-out", "s"]);
        sh(sign.current_dir(&tree.root));
        let mut signature = fs::read(tree.path("s")).expect("a signature");
        if package == CSAR {
            signature = [manifest, signature].concat();
        }
        let mut all = members(&path);
        let place = all.iter_mut().find(|(own, _)| own == name);
        place.expect("a signature").1 = signature;
        pack(&all, &path);
        let verify = ["verify", "-A", "csar", package];
        nfv(
            &tree,
            &[&verify[..], &["--certificate-chain", "rsa.crt"]].concat(),
        )
        .code(0);
        let ours = nfv(&tree, &[&verify[..], &["--key", "signer.pub"]].concat()).code(7);
        ours.says("it is signed by `CN=Theirs`");
    }
    // In a manifest the label of older programs is read, and one finding says what to do.
    let path = tree.path(CSAR);
    let mut all = members(&path);
    let place = all.iter_mut().find(|(own, _)| own == "router_vnf.mf");
    let manifest = &mut place.expect("a manifest").1;
    *manifest = String::from_utf8_lossy(manifest)
        .replace(" CMS-", " PKCS7-")
        .into_bytes();
    pack(&all, &path);
    let run = nfv(&tree, &["verify", CSAR, "--certificate-chain", "rsa.crt"]).code(1);
    let told = "error[csar/signature]: the signature is called `PKCS7` and not `CMS`";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("signed by `CN=Theirs`"),
        "{}",
        run.stdout
    );
    // A certificate is no key, and there is another flag for it.
    nfv(&tree, &["verify", CSAR, "--key", "rsa.crt"])
        .code(2)
        .says("give it with `--certificate-chain`");
}

/// Each class of bytes that can be changed, and what says so.
#[test]
fn what_was_changed_is_named() {
    let tree = signed();
    let trusted = ["--key", "signer.pub"];
    let flip = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1;
    let last = |bytes: &mut Vec<u8>| {
        // A letter of the signature itself, which comes last.
        let at = bytes.len() - "AAAA\n-----END CMS-----\n".len() - 8;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    };
    type Edit<'a> = &'a dyn Fn(&mut Vec<u8>);
    let target = |from: &'static str, to: &'static str| {
        move |bytes: &mut Vec<u8>| {
            let text = String::from_utf8(bytes.clone()).expect("text");
            assert!(text.contains(from), "{from}");
            *bytes = text.replacen(from, to, 1).into_bytes();
        }
    };
    let descriptor = "Definitions/router_vnf.yaml";
    let cases: [(&str, &str, Edit<'_>, &str); 6] = [
        (
            SHIELD,
            "manifest.yaml",
            &target("edge", "fake"),
            "shield/signature",
        ),
        (SHIELD, "manifest.yaml.cms", &last, "shield/signature"),
        (SHIELD, "edge_ns.tar.gz", &flip(4), "shield/hash-mismatch"),
        (
            CSAR,
            descriptor,
            &target("Operator", "Opponent"),
            "csar/mismatch",
        ),
        (
            CSAR,
            "router_vnf.mf",
            &target("2026-01-31", "2025-01-31"),
            "csar/signature",
        ),
        (
            CSAR,
            "router_vnf.mf",
            &target("-----BEGIN CMS-----\nMII", "-----BEGIN CMS-----\nMIJ"),
            "csar/signature",
        ),
    ];
    for (package, name, edit, rule) in cases {
        let whole = members(&tree.path(package));
        let mut changed = whole.clone();
        let place = changed.iter_mut().find(|(own, _)| own == name);
        edit(&mut place.unwrap_or_else(|| panic!("{name}")).1);
        pack(&changed, &tree.path(package));
        let found = nfv(&tree, &["verify", package, "--message-format", "short"]);
        assert_eq!(found.status, Some(1), "{package} {name}");
        assert!(
            (found.stdout.clone() + &found.stderr).contains(rule),
            "{package} {name}\n{}",
            found.stdout
        );
        // Whoever lets the rules pass does not make it trusted.
        let verify = ["verify", "-A", "all", package];
        nfv(&tree, &[&verify[..], &trusted].concat()).code(7);
        pack(&whole, &tree.path(package));
        nfv(
            &tree,
            &[&["verify", "-A", "csar", package][..], &trusted].concat(),
        )
        .code(0);
    }
}

/// Who gives the name of the file of a key means that one.
#[test]
fn a_key_is_where_it_is_wanted() {
    let tree = Tree::of(&[]);
    let generate = ["key", "generate", "--no-passphrase", "--out", "own.key"];
    nfv(&tree, &generate).code(0);
    for name in ["own.key", "own.pub"] {
        assert!(tree.path(name).is_file(), "{name}");
    }
    assert!(!tree.path("own.key.key").exists());
}

/// A variable of CI that is set to nothing, as where a secret is not to be had, is not set.
#[test]
fn an_empty_variable_is_none() {
    let tree = tree();
    let with = |args: &[&str], key: &str, certificate: &str| {
        let mut command = tree.command();
        command.args(args).env("NFV_SIGN_KEY", key);
        run(command.env("NFV_SIGN_CERTIFICATE", certificate))
    };
    let build = ["build", "-A", "csar", "-p", "router_vnf"];
    with(&build, "", "").code(0);
    let package = fs::read(tree.path(CSAR)).expect("a package");
    nfv(&tree, &[&build[..], &["--force"]].concat()).code(0);
    assert_eq!(fs::read(tree.path(CSAR)).expect("a package"), package);
    with(&build, "", "signer.crt")
        .code(2)
        .says("the variable `NFV_SIGN_KEY` are empty");
    with(&["sign", "router_vnf:1.0"], "", "")
        .code(2)
        .says("there is no key to sign with");
}

/// What the manifest does not name, nobody has signed.
#[test]
fn what_was_added_is_not_trusted() {
    let tree = signed();
    for package in [SHIELD, CSAR] {
        let mut all = members(&tree.path(package));
        all.push(("added.txt".to_owned(), b"more".to_vec()));
        pack(&all, &tree.path(package));
        let verify = ["verify", "-A", "all", package, "--key", "signer.pub"];
        let judged = nfv(&tree, &verify).code(7);
        let says = "what was signed gives no digest of `added.txt`";
        assert!(judged.stderr.contains(says), "{}", judged.stderr);
    }
}

/// Programs that read PEM pass it over, and so did this one.
#[test]
fn what_stands_beside_the_signature_is_nobodys() {
    let tree = signed();
    let whole = members(&tree.path(SHIELD));
    let told = |edit: &dyn Fn(String) -> String| {
        let mut changed = whole.clone();
        let own = changed
            .iter_mut()
            .find(|(name, _)| name == "manifest.yaml.cms");
        let (_, bytes) = own.expect("a signature");
        *bytes = edit(String::from_utf8(bytes.clone()).expect("PEM")).into_bytes();
        pack(&changed, &tree.path("x.tar.gz"));
        let verify = ["verify", "x.tar.gz", "--key", "signer.pub"];
        nfv(&tree, &verify)
    };
    for edit in [
        &(|text| format!("hello\n{text}")) as &dyn Fn(String) -> String,
        &|text| format!("{text}hello\n"),
        &|text| format!("{text}{text}"),
    ] {
        let run = told(edit).code(7).says(
            "error[shield/signature]: `manifest.yaml.cms` holds more than the one signature in PEM",
        );
        run.says("beside the signature in `manifest.yaml.cms` stands what nobody has signed");
    }
    for edit in [
        &(|text| text) as &dyn Fn(String) -> String,
        &|text| format!("\n{}", text.replace('\n', "\r\n")),
        &|text| text.trim_end().to_owned(),
    ] {
        told(edit).code(0);
    }
}

/// Readers of PEM pass over more bytes at the end of a line than those that belong there.
#[test]
fn the_last_byte_of_a_signature_is_the_end_of_a_line() {
    let tree = signed();
    let keyed = ["--key", "signer.pub"];
    for (package, name) in [(SHIELD, "manifest.yaml.cms"), (CSAR, "router_vnf.mf")] {
        let whole = members(&tree.path(package));
        let changed = package.replace("target/nfv/packages/", "");
        for end in [
            "", "\n", " ", "\t", "\r\n", " \r\n\n", "\r", "\x0b", "\x0c", "\x0b\n", "\x1c", "\0",
            "\u{85}", "\u{a0}\n", "\u{2028}", "\u{feff}", "\n\x0c\n", "x",
        ] {
            let mut all = whole.clone();
            let own = all.iter_mut().find(|(own, _)| own == name);
            let (_, bytes) = own.expect("a signature");
            assert_eq!(bytes.pop(), Some(b'\n'));
            bytes.extend_from_slice(end.as_bytes());
            pack(&all, &tree.path(&changed));
            let is_usual = end.bytes().all(|byte| b" \t\r\n".contains(&byte)) && end != "\r";
            let verify = ["verify", &changed];
            let plain = nfv(&tree, &verify);
            let run = nfv(&tree, &[&verify[..], &keyed].concat());
            let told = format!("{name} {end:?}: {}{}", plain.stderr, run.stderr);
            let codes = if is_usual { (0, 0) } else { (1, 7) };
            assert_eq!(
                (plain.status, run.status),
                (Some(codes.0), Some(codes.1)),
                "{told}"
            );
            if end == "\x0b" {
                let own = &all.iter().find(|(own, _)| own == name).expect("it").1;
                let line = own.split(|byte| *byte == b'\n').count();
                run.says(&format!("nobody has signed: the byte 0x0b in line {line}"));
            }
        }
    }
}

/// What was taken away was signed as well.
#[test]
fn what_was_taken_away_is_missed() {
    let tree = signed();
    for package in [SHIELD, CSAR] {
        let whole = members(&tree.path(package));
        let is_plain = |name: &str| {
            !name.ends_with('/')
                && ![".mf", ".cert", ".cms", ".meta", "manifest.yaml"]
                    .iter()
                    .any(|end| name.ends_with(end))
        };
        let (gone, _) = whole.iter().rfind(|(name, _)| is_plain(name)).expect("one");
        let mut rest = whole.clone();
        rest.retain(|(name, _)| name != gone);
        pack(&rest, &tree.path(package));
        let verify = ["verify", "-A", "all", package, "--key", "signer.pub"];
        let judged = nfv(&tree, &verify).code(7);
        // Without the package inside, a SHIELD package is none of anything.
        let says = match package {
            SHIELD => "the package inside is not there".to_owned(),
            _ => format!("what was signed names `{gone}`, which is not there"),
        };
        assert!(judged.stderr.contains(&says), "{}", judged.stderr);
    }
}

/// A signature that speaks for nothing is told of, and so is what it does not speak for.
#[test]
fn a_signature_is_never_taken_for_none() {
    let tree = signed();
    let whole = members(&tree.path(SHIELD));
    let changed = |change: &dyn Fn(&mut Members)| {
        let mut all = whole.clone();
        change(&mut all);
        pack(&all, &tree.path(SHIELD));
        nfv(&tree, &["verify", SHIELD]).code(1)
    };
    let of = |all: &mut Members, name: &str, edit: &dyn Fn(&mut Vec<u8>)| {
        let member = all.iter_mut().find(|(own, _)| own == name);
        edit(&mut member.expect(name).1);
    };

    let run = changed(&|all| all.push(("added.txt".to_owned(), b"more".to_vec())));
    run.says("`added.txt` is not named by the manifest that was signed");
    // Behind what is read of a signature.
    let run = changed(&|all| {
        of(all, "manifest.yaml.cms", &|bytes| {
            bytes.extend(vec![b'\n'; 1_100_000])
        });
    });
    run.says("error[shield/signature]");
    // Without its root key the manifest is none.
    let run = changed(&|all| {
        of(all, "manifest.yaml", &|bytes| {
            let text = String::from_utf8_lossy(bytes);
            *bytes = text.replacen("manifest:", "manifesu:", 1).into_bytes();
        });
    });
    run.says("is not trusted: `manifest.yaml.cms` is a signature of nothing");
}

/// A certificate in the signature that is not the one that is trusted, and bears its
/// name and number, was changed.
#[test]
fn a_certificate_that_was_changed_is_named() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    let mut all = members(&tree.path(SHIELD));
    let cms = all.iter_mut().find(|(name, _)| name == "manifest.yaml.cms");
    let cms = &mut cms.expect("a signature").1;
    let convert = |from: &str, to: &str, bytes: &[u8]| {
        tree.file("in.cms", bytes);
        let mut command = Command::new(&openssl);
        command.args(["pkcs7", "-in", "in.cms", "-out", "out.cms"]);
        command.args(["-inform", from, "-outform", to]);
        sh(command.current_dir(tree.path(".")));
        fs::read(tree.path("out.cms")).expect("a signature")
    };
    let pem = String::from_utf8(cms.clone()).expect("text");
    let der = convert(
        "PEM",
        "DER",
        pem.replace("CMS-----", "PKCS7-----").as_bytes(),
    );
    // The certificate has issuer and subject, and the signer is named by the issuer.
    let places: Vec<usize> = (0..der.len() - 14)
        .filter(|i| der[*i..].starts_with(b"Example signer"))
        .collect();
    assert_eq!(places.len(), 3);
    let says = "a certificate beside the signature was changed after it was issued";
    for place in &places[..2] {
        let mut changed = der.clone();
        changed[place + 13] = b's';
        let pem = String::from_utf8(convert("DER", "PEM", &changed)).expect("text");
        let mut all = all.clone();
        let cms = all.iter_mut().find(|(name, _)| name == "manifest.yaml.cms");
        cms.expect("a signature").1 = pem.replace("PKCS7-----", "CMS-----").into_bytes();
        pack(&all, &tree.path(SHIELD));
        // Whoever trusts the key, or nobody, is not told of a name that the certificate does not
        // have.
        for (trusted, code) in [
            (&[][..], 1),
            (&["--certificate-chain", "signer.crt"], 7),
            (&["--key", "signer.pub"], 7),
        ] {
            let run = nfv(&tree, &[&["verify", SHIELD], trusted].concat()).code(code);
            assert!(run.stderr.contains(says), "{trusted:?}: {}", run.stderr);
        }
    }
}

/// Those who are trusted may be all authorities that there are.
#[test]
fn a_long_list_of_authorities_is_taken() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    let mut bundle = fs::read_to_string(tree.path("signer.crt")).expect("a certificate");
    for i in 0..70 {
        let mut request = Command::new(&openssl);
        request.args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj"]);
        request.args([
            &format!("/CN=Authority {i}"),
            "-keyout",
            "ca.key",
            "-out",
            "ca.crt",
        ]);
        sh(request.current_dir(&tree.root));
        bundle.push_str(&fs::read_to_string(tree.path("ca.crt")).expect("a certificate"));
    }
    tree.file("bundle.crt", bundle);
    nfv(
        &tree,
        &["verify", SHIELD, "--certificate-chain", "bundle.crt"],
    )
    .code(0);
}

/// Whoever may write can add a signature; it is not told beside the one that counts.
#[test]
fn who_is_not_trusted_is_not_told() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = signed();
    let mut all = members(&tree.path(SHIELD));
    let (manifest, signature) = parts(&tree.path(SHIELD));
    tree.file("m.yaml", &manifest);
    tree.file("m.cms", &signature);
    theirs(&openssl, &tree, "/CN=Stranger");
    let mut add = Command::new(&openssl);
    add.args([
        "cms", "-resign", "-binary", "-inform", "PEM", "-outform", "PEM",
    ]);
    add.args(["-in", "m.cms", "-content", "m.yaml", "-out", "both.cms"]);
    add.args(["-signer", "rsa.crt", "-inkey", "rsa.key", "-md", "sha256"]);
    sh(add.current_dir(tree.path(".")));
    let both = fs::read(tree.path("both.cms")).expect("a signature");
    let cms = all.iter_mut().find(|(name, _)| name == "manifest.yaml.cms");
    cms.expect("a signature").1 = both;
    pack(&all, &tree.path(SHIELD));

    let told = nfv(&tree, &["verify", SHIELD]).code(0).stdout;
    assert!(told.contains("CN=Stranger"), "{told}");
    for trust in [
        ["--key", "signer.pub"],
        ["--certificate-chain", "signer.crt"],
    ] {
        let verify = ["verify", SHIELD];
        let told = nfv(&tree, &[&verify[..], &trust].concat()).code(0).stdout;
        assert!(told.contains("signed by `CN=Example signer`"), "{told}");
        assert!(!told.contains("Stranger"), "{told}");
    }
    // Where nobody is trusted all are named.
    key(&tree, "third", "ed25519");
    let told = nfv(&tree, &["verify", SHIELD, "--key", "third.pub"]).code(7);
    for who in ["signed by `CN=Example signer`", "signed by `CN=Stranger`"] {
        assert!(told.stderr.contains(who), "{}", told.stderr);
    }
}

/// A certificate that is not valid now signs, and it is told what that is worth.
#[test]
fn who_signs_with_an_old_certificate_is_warned() {
    let tree = Tree::showcase();
    for (name, from, to) in [
        ("old", "2020-01-01", "2021-01-01"),
        ("good", "2020-01-01", "2999-01-01"),
    ] {
        let generate = [
            "key",
            "generate",
            "--certificate",
            "--subject",
            name,
            "--out",
            name,
        ];
        let dates = ["--not-before", from, "--not-after", to];
        nfv(&tree, &[&generate[..], &dates].concat()).code(0);
    }
    let build = |name: &str| {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let sign = [
            "build",
            "--sign-key",
            &key,
            "--sign-certificate",
            &certificate,
        ];
        nfv(&tree, &sign).code(0)
    };
    let told = |more: &[&str]| {
        nfv(&tree, &[&["verify", SHIELD], more].concat())
            .code(0)
            .stdout
    };
    let old = "; the certificate is not valid now";
    build("old").says("warning: the certificate of `CN=old` expired at 2021-01-01T00:00:00Z");
    // Who verifies hears of it as well.
    for more in [&[][..], &["--key", "old.pub"]] {
        assert!(told(more).contains(old), "{more:?}");
    }
    let good = build("good");
    assert!(!good.stderr.contains("warning"), "{}", good.stderr);
    assert!(!told(&[]).contains(old));
}

#[test]
fn who_signed_is_asked_for() {
    let tree = signed();
    let verify = |args: &[&str]| {
        let common = ["verify", "-A", "csar", SHIELD, CSAR];
        nfv(&tree, &[&common[..], args].concat())
    };
    let all = verify(&[]).code(0);
    assert_eq!(
        all.stdout.matches("signed by `CN=Example signer`").count(),
        2
    );
    verify(&["--key", "signer.pub"]).code(0);
    verify(&["--certificate-chain", "signer.crt"]).code(0);
    // One of several is enough.
    verify(&["--key", "other.pub", "--key", "signer.pub"]).code(0);
    // And of several in one file.
    let keys = ["other.pub", "signer.pub"].map(|file| fs::read(tree.path(file)).expect("a key"));
    tree.file("both.pub", keys.concat());
    verify(&["--key", "both.pub"]).code(0);
    verify(&["--key", "other.pub"]).code(7);
    let unknown = verify(&["--certificate-chain", "other.crt"]).code(7);
    unknown
        .says("error[trust/untrusted]")
        .says("is not trusted: it is signed by");
    verify(&["--key", "signer.key"]).code(2);
    verify(&["--key", "nowhere.pub"])
        .code(2)
        .says("nowhere.pub");
    // What nobody signed is not trusted either.
    let plain = ["verify", "target/nfv/packages/edge_ns-1.0.tar.gz"];
    let plain = |more: &[&str]| {
        let key = ["--key", "signer.pub"];
        nfv(&tree, &[&plain[..], &key, more].concat()).code(7)
    };
    plain(&[])
        .says("error[trust/unsigned]")
        .says("nobody has signed it")
        .says("1 error");
    // A policy is asked of files as well.
    let policy = |key: &str, package: &str| {
        let rules = "[[rules]]\nsigned-by = ['vendor']\n";
        let text = format!("[signers.vendor]\nkeys = ['{key}']\n{rules}");
        tree.file("policy.toml", text);
        nfv(
            &tree,
            &["verify", package, "-A", "csar", "--policy", "policy.toml"],
        )
    };
    policy("signer.pub", SHIELD).code(0);
    // Which registry it came from a file can't be asked, and that is told.
    let listed = fs::read_to_string(tree.path("policy.toml")).expect("a policy");
    tree.file(
        "listed.toml",
        format!("registries = ['a.example']\n{listed}"),
    );
    let run = nfv(&tree, &["verify", SHIELD, "--policy", "listed.toml"]).code(0);
    let unasked = "not asked: that it comes from `a.example`; a file does not tell";
    assert!(run.stdout.contains(unasked), "{}", run.stdout);
    policy("other.pub", SHIELD)
        .code(7)
        .says("error[trust/untrusted]");
    policy("signer.pub", "target/nfv/packages/edge_ns-1.0.tar.gz")
        .code(7)
        .says("error[trust/unsigned]");
    // Every format says so.
    for format in [
        "short", "json", "github", "gitlab", "sarif", "junit", "rdjson", "markdown",
    ] {
        let run = plain(&["--message-format", format]);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(told.contains("trust/unsigned"), "{format}: {told}");
        assert!(told.contains("nobody has signed it"), "{format}: {told}");
    }
}

/// The same key gives the same bytes, another one others, and without one the
/// sources give the same but for the signature.
#[test]
fn signed_packages_are_reproducible() {
    let tree = signed();
    let bytes = |package: &str| fs::read(tree.path(package)).expect("a package");
    let first = [bytes(SHIELD), bytes(CSAR)];
    let again = ["build", "-A", "csar", "--force"];
    nfv(&tree, &[&again[..], &KEYS].concat()).code(0);
    assert!([bytes(SHIELD), bytes(CSAR)] == first);
    let rebuild = ["verify", "-A", "csar", "--rebuild", SHIELD, CSAR];
    let without = nfv(&tree, &rebuild).code(0);
    let same = "the sources give the same, but for the signature";
    assert_eq!(
        without.stdout.matches(same).count(),
        2,
        "{}",
        without.stdout
    );
    let with = nfv(&tree, &[&rebuild[..], &KEYS].concat()).code(0);
    let same = "the sources give the same bytes";
    assert_eq!(with.stdout.matches(same).count(), 2, "{}", with.stdout);
    // Nothing is up to date that somebody else signed, or nobody.
    let made = |args: &[&str]| {
        let build = ["build", "-A", "csar", "--message-format", "json"];
        let run = nfv(&tree, &[&build[..], args].concat()).code(0);
        run.stdout.matches("\"fresh\":false").count()
    };
    assert_eq!(made(&KEYS), 0);
    let other = ["--sign-key", "other.key", "--sign-certificate", "other.crt"];
    assert_eq!(made(&other), 2);
    assert_eq!(made(&other), 0);
    assert_eq!(made(&[]), 2);
}

/// What a set for others than MANO names has its digest in the list, which the signature covers.
#[test]
fn files_of_sets_are_covered() {
    let tree = tree();
    tree.file(
        "router_vnf/router_vnfd.mf",
        "metadata:\nvnfd_id: router_vnf\nvnf_provider_id: Example Operator\nvnf_product_name: router_vnf\nvnf_release_date_time: 2026-01-31T12:00:00Z\nvnf_software_version: 2.4.1\nvnf_package_version: 1.0\nvnfm_info: 0:osm\ncompatible_specification_versions: 2.7.1\n\nnon_mano_artifact_sets:\nonap_ves_events:\nSource: Artifacts/ves.yml\n",
    );
    tree.file("router_vnf/Artifacts/ves.yml", "x: 1\n");
    tree.file("router_vnf/ChangeLog.txt", "1.0: the first\n");
    nfv(&tree, &[&["build", "-A", "csar"][..], &KEYS].concat()).code(0);
    let members = members(&tree.path(CSAR));
    let (_, manifest) = members
        .iter()
        .find(|(name, _)| name == "router_vnfd.mf")
        .expect("a manifest");
    let manifest = String::from_utf8_lossy(manifest);
    let digest = common::sha256(b"x: 1\n");
    assert!(
        manifest.contains(&format!(
            "Source: Artifacts/ves.yml\nAlgorithm: SHA-256\nHash: {digest}\n"
        )),
        "{manifest}"
    );
    let verify = ["verify", CSAR, "--certificate-chain", "signer.crt"];
    nfv(&tree, &verify).code(0);
}

/// What can't sign is told of before anything is built.
#[test]
fn keys_that_do_not_fit() {
    let tree = tree();
    let build = |key: &str, certificate: &str, passphrase: &str| {
        let mut command = tree.command();
        command.args(["build", "-A", "csar", "--sign-key", key]);
        command.args(["--sign-certificate", certificate]);
        let run = run(command.env("NFV_KEY_PASSPHRASE", passphrase));
        assert!(!run.stderr.contains(PASSPHRASE), "{}", run.stderr);
        run
    };
    build("signer.key", "other.crt", PASSPHRASE)
        .code(2)
        .says("`signer.key` can't sign with the certificate in `other.crt`");
    build("signer.key", "signer.crt", "wrong")
        .code(2)
        .says("signer.key");
    build("signer.pub", "signer.crt", PASSPHRASE)
        .code(2)
        .says("signer.pub");
    build("signer.key", "signer.pub", PASSPHRASE)
        .code(2)
        .says("signer.pub");
    build("nowhere.key", "signer.crt", PASSPHRASE)
        .code(2)
        .says("nowhere.key");
    assert!(!tree.path("target/nfv/packages").exists());
    nfv(&tree, &["build", "--sign-key", "signer.key"]).code(2);
}

/// Option 2 of SOL004: the CSAR as a whole is signed, in a zip beside the signature.
mod as_a_whole {
    use super::*;

    const OUTER: &str = "target/nfv/packages/router_vnf-1.0.zip";

    fn signed_as_a_whole() -> Tree {
        let tree = tree();
        tree.replace("nfv.toml", "[csar]\n", "[csar]\nsignature = \"package\"\n");
        nfv(
            &tree,
            &[&["build", "-A", "csar", "-p", "router_vnf"][..], &KEYS].concat(),
        )
        .code(0);
        tree
    }

    fn unzip(tree: &Tree, package: &str) -> Vec<(String, Vec<u8>)> {
        let copy = tree.path("copy.csar");
        fs::copy(tree.path(package), &copy).expect("a copy");
        members(&copy)
    }

    fn zip(tree: &Tree, members: &[(String, Vec<u8>)], package: &str) {
        let copy = tree.path("copy.csar");
        pack(members, &copy);
        fs::rename(&copy, tree.path(package)).expect("renamed");
    }

    #[test]
    fn openssl_accepts_what_is_built() {
        let Some(openssl) = tool("openssl") else {
            return;
        };
        let tree = signed_as_a_whole();
        let all = unzip(&tree, OUTER);
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["router_vnf-1.0.csar", "router_vnf-1.0.cms"]);
        // The CSAR in it is the one beside it, and its manifest is not signed as well.
        assert!(all[0].1 == fs::read(tree.path(CSAR)).expect("a CSAR"));
        let manifest = String::from_utf8(member(&tree.path(CSAR), "router_vnf.mf")).expect("text");
        assert!(!manifest.contains("BEGIN CMS"));
        let verify = |content: &[u8]| {
            tree.file("c", content);
            tree.file("s", &all[1].1);
            let mut command = Command::new(&openssl);
            command.args([
                "cms", "-verify", "-binary", "-inform", "PEM", "-in", "s", "-content", "c",
            ]);
            command.args(["-CAfile", "signer.crt", "-purpose", "any", "-out", "o"]);
            let output = command.current_dir(&tree.root).output();
            output.expect("openssl").status.success()
        };
        assert!(verify(&all[0].1));
        let mut changed = all[0].1.clone();
        changed[100] ^= 1;
        assert!(!verify(&changed));
        // It is up to date as long as it is there, and made by this key.
        let made = |args: &[&str]| {
            let build = [
                "build",
                "-A",
                "csar",
                "-p",
                "router_vnf",
                "--message-format",
                "json",
            ];
            let run = nfv(&tree, &[&build[..], args].concat()).code(0);
            run.stdout.contains("\"fresh\":false")
        };
        assert!(!made(&KEYS));
        fs::remove_file(tree.path(OUTER)).expect("removed");
        assert!(made(&KEYS));
        assert!(unzip(&tree, OUTER) == all);
        // Without a key, no zip around another build of the package stays.
        nfv(&tree, &["build", "-A", "csar", "-p", "router_vnf"]).code(0);
        assert!(!tree.path(OUTER).exists());
        assert!(made(&KEYS));
        nfv(&tree, &["clean", "-p", "router_vnf"]).code(0);
        assert!(!tree.path(OUTER).exists());
    }

    /// Which of two signatures counts, readers differ in.
    #[test]
    fn a_signature_that_is_there_twice_is_no_good() {
        let tree = signed_as_a_whole();
        let mut writer = nfv::package::ZipWriter::new(Vec::new(), 0);
        let mut all = unzip(&tree, OUTER);
        all.push(all[1].clone());
        for (name, bytes) in &all {
            writer
                .file(name, 0o644, bytes.len() as u64, &mut &bytes[..])
                .expect("a member");
        }
        tree.file(OUTER, writer.finish().expect("a zip"));
        nfv(&tree, &["verify", OUTER])
            .code(1)
            .says("several of its members have the same name");
        nfv(&tree, &["verify", OUTER, "--key", "signer.pub"]).code(7);
    }

    #[test]
    fn who_signed_is_told_and_asked_for() {
        let tree = signed_as_a_whole();
        let verify = |args: &[&str]| nfv(&tree, &[&["verify", "-A", "csar", OUTER], args].concat());
        let run = verify(&[]).code(0);
        assert!(
            run.stdout.contains("signed by `CN=Example signer`"),
            "{}",
            run.stdout
        );
        verify(&["--key", "signer.pub"]).code(0);
        verify(&["--key", "other.pub"]).code(7);
        let rebuilt = verify(&["--rebuild"]).code(0);
        assert!(
            rebuilt.stdout.contains("the sources give the same bytes"),
            "{}",
            rebuilt.stdout
        );
        tree.replace(
            "router_vnf/router_vnfd.yaml",
            "num-virtual-cpu: 2",
            "num-virtual-cpu: 4",
        );
        let rebuilt = verify(&["--rebuild"]);
        assert!(rebuilt.stderr.contains("other bytes"), "{}", rebuilt.stderr);
    }

    #[test]
    fn what_stands_beside_the_signature_is_nobodys() {
        let tree = signed_as_a_whole();
        let whole = unzip(&tree, OUTER);
        for (more, code) in [("", 0), ("\r\n", 0), ("\x0b", 7), ("hello\n", 7)] {
            let mut all = whole.clone();
            all[1].1.extend_from_slice(more.as_bytes());
            zip(&tree, &all, "more.zip");
            let verify = ["verify", "more.zip", "--key", "signer.pub"];
            let run = nfv(&tree, &verify).code(code);
            if code == 7 {
                run.says("beside the signature in `router_vnf-1.0.cms` stands what nobody");
            }
        }
    }

    /// One signature stands beside one CSAR.
    #[test]
    fn several_csars_are_told_of() {
        let tree = signed_as_a_whole();
        let csar = fs::read(tree.path(CSAR)).expect("a CSAR");
        let all = ["a.csar", "b.csar"].map(|name| (name.to_owned(), csar.clone()));
        zip(&tree, &all, "two.zip");
        nfv(&tree, &["check", "-A", "csar", "two.zip"])
            .code(1)
            .says("it holds `a.csar` and `b.csar`, and option 2 of SOL004 signs one CSAR");
    }

    /// What others sign in this form is read, with the certificate beside and another digest.
    #[test]
    fn what_openssl_signs_is_accepted() {
        let Some(openssl) = tool("openssl") else {
            return;
        };
        let tree = signed_as_a_whole();
        theirs(&openssl, &tree, "/CN=Theirs");
        let csar = fs::read(tree.path(CSAR)).expect("a CSAR");
        for (digest, form, outside) in [
            ("sha256", "PEM", false),
            ("sha512", "DER", true),
            ("sha384", "PEM", true),
        ] {
            let mut sign = Command::new(&openssl);
            sign.args([
                "cms", "-sign", "-binary", "-in", CSAR, "-outform", form, "-md", digest,
            ]);
            sign.args(["-signer", "rsa.crt", "-inkey", "rsa.key", "-out", "s"]);
            if outside {
                sign.arg("-nocerts");
            }
            sh(sign.current_dir(&tree.root));
            let mut all = vec![
                ("theirs.csar".to_owned(), csar.clone()),
                (
                    "theirs.cms".to_owned(),
                    fs::read(tree.path("s")).expect("a signature"),
                ),
            ];
            if outside {
                all.push((
                    "theirs.cert".to_owned(),
                    fs::read(tree.path("rsa.crt")).expect("a certificate"),
                ));
            }
            zip(&tree, &all, "theirs.zip");
            let verify = [
                "verify",
                "-A",
                "csar",
                "theirs.zip",
                "--certificate-chain",
                "rsa.crt",
            ];
            let run = nfv(&tree, &verify).code(0);
            assert!(
                run.stdout.contains("signed by `CN=Theirs`"),
                "{}",
                run.stdout
            );
        }
    }

    /// What was damaged inside is a signature that does not hold, and no unsigned package.
    #[test]
    fn a_damaged_csar_is_signed_all_the_same() {
        let tree = signed_as_a_whole();
        let mut all = unzip(&tree, OUTER);
        let csar = all.iter_mut().find(|(name, _)| name.ends_with(".csar"));
        // Within the first member, which then can't be inflated.
        for byte in &mut csar.expect("a CSAR").1[100..140] {
            *byte ^= 0xff;
        }
        zip(&tree, &all, OUTER);
        let run = nfv(
            &tree,
            &["verify", OUTER, "--certificate-chain", "signer.crt"],
        );
        assert_ne!(run.status, Some(0));
        let run = run.says("error[csar/signature]");
        let says = "its digest is another one";
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }

    /// The files are those of the CSAR.
    #[test]
    fn its_bill_is_that_of_the_csar() {
        let tree = signed_as_a_whole();
        let code = |package: &str| {
            let bill = nfv(&tree, &["sbom", package]).code(0).stdout;
            let bill: serde_json::Value = serde_json::from_str(&bill).expect("JSON");
            let mut files = bill["files"].as_array().expect("files").iter();
            let sum = |file: &serde_json::Value| {
                let sum = file["checksums"][0]["checksumValue"].as_str();
                sum.map(str::len)
            };
            assert!(files.all(|file| sum(file) == Some(40)), "{bill}");
            bill["packages"][0]["packageVerificationCode"].clone()
        };
        assert_eq!(code(OUTER), code(CSAR));
    }

    #[test]
    fn what_was_changed_is_named() {
        let tree = signed_as_a_whole();
        let all = unzip(&tree, OUTER);
        let check = |members: &[(String, Vec<u8>)]| {
            zip(&tree, members, "changed.zip");
            nfv(
                &tree,
                &["verify", "-W", "csar", "changed.zip", "--key", "signer.pub"],
            )
        };
        // Another CSAR, that is sound by itself.
        tree.replace(
            "router_vnf/router_vnfd.yaml",
            "num-virtual-cpu: 2",
            "num-virtual-cpu: 4",
        );
        nfv(&tree, &["build", "-A", "csar", "-p", "router_vnf"]).code(0);
        let mut other = all.clone();
        other[0].1 = fs::read(tree.path(CSAR)).expect("a CSAR");
        let run = check(&other);
        assert_ne!(run.status, Some(0));
        assert!(run.stderr.contains("does not hold"), "{}", run.stderr);
        // A signature that is gone, one that is broken, and something that nobody signed.
        let run = check(&all[..1]);
        assert_ne!(run.status, Some(0));
        assert!(
            run.stderr.contains("has no signature `router_vnf-1.0.cms`"),
            "{}",
            run.stderr
        );
        let mut broken = all.clone();
        let at = broken[1].1.len() / 2;
        broken[1].1[at] = b'!';
        let run = check(&broken);
        assert_ne!(run.status, Some(0));
        assert!(run.stderr.contains("does not hold"), "{}", run.stderr);
        let mut more = all.clone();
        more.push(("setup.sh".to_owned(), b"#!/bin/sh\n".to_vec()));
        let run = check(&more);
        assert_ne!(run.status, Some(0));
        assert!(
            run.stderr.contains("nobody has signed it"),
            "{}",
            run.stderr
        );
        // A certificate beside it that is none, or that of somebody else.
        let beside = fs::read(tree.path("other.crt")).expect("a certificate");
        for (beside, says) in [
            (b"garbage\n".to_vec(), "can't be read"),
            (beside, "is of nobody who has signed"),
        ] {
            let mut more = all.clone();
            more.push(("router_vnf-1.0.cert".to_owned(), beside));
            let run = check(&more);
            assert_ne!(run.status, Some(0));
            for says in [says, "the certificate is in the signature and in"] {
                assert!(run.stderr.contains(says), "{}", run.stderr);
            }
        }
    }
}

/// A manifest of an early form keeps it, and without a `hash` in it there is nothing that a
/// signature could say of the package inside.
#[test]
fn a_form_without_a_hash_is_not_signed() {
    let tree = Tree::showcase();
    key(&tree, "signer", "ed25519");
    let manifest = "manifest:ns:\n  schema_version: '1.2'\n  type: OSM\n  package: edge_ns.tar.gz\n  \
                    descriptor: edge_ns/edge_nsd.yaml\n  properties: {capabilities: [c]}\n";
    let path = "edge_shield/manifest.yaml";
    tree.file(path, manifest);
    tree.file("nfv.toml", "[shield]\nprofile = \"docs\"\n");
    let sign = [&["build"][..], &KEYS].concat();
    let refused = nfv(&tree, &sign).code(1);
    refused.says("error[shield/unwritable]: a manifest of this form has no `hash`");
    assert!(!tree.path(SHIELD).exists());
    nfv(&tree, &["build"]).code(0);
    let built = member(&tree.path(SHIELD), "manifest.yaml");
    assert_eq!(built, manifest.as_bytes());
    // What went in is told from what is there, hash or none.
    let inner = member(&tree.path(SHIELD), "edge_ns.tar.gz");
    tree.file("edge_ns/icons/a.svg", "<svg/>\n");
    nfv(&tree, &["build"]).code(0);
    assert_ne!(member(&tree.path(SHIELD), "edge_ns.tar.gz"), inner);
    tree.file(path, manifest.replace("  type", "  hash: ''\n  type"));
    nfv(&tree, &sign).code(0);
    nfv(
        &tree,
        &["verify", SHIELD, "--certificate-chain", "signer.crt"],
    )
    .code(0);
}

/// Who reads the message knows which of the two archives to fetch again.
#[test]
fn what_is_damaged_in_a_package_is_named() {
    let tree = signed();
    let package = tree.path(SHIELD);
    let whole = members(&package);
    let told = |members: &[(String, Vec<u8>)]| {
        pack(members, &tree.path("x.tar.gz"));
        let verify = ["verify", "x.tar.gz", "--certificate-chain", "signer.crt"];
        nfv(&tree, &verify).code(7).stderr
    };
    let mut cut = whole.clone();
    let inner = cut.iter_mut().find(|(name, _)| name == "edge_ns.tar.gz");
    let (_, bytes) = inner.expect("a package inside");
    bytes.truncate(bytes.len() - 4);
    let stderr = told(&cut);
    let says =
        "`x.tar.gz` is not trusted: the package `edge_ns.tar.gz` in it is at fault: it can't";
    assert!(stderr.contains(says), "{stderr}");
    let mut twice = whole.clone();
    twice.push(whole[0].clone());
    let stderr = told(&twice);
    let says = "is not trusted: its member `x.tar.gz!/manifest.yaml` is not safe to unpack: it stands twice";
    assert!(stderr.contains(says), "{stderr}");
}
