//! Signatures that are asked for.

use crate::common::{Run, Tree, run, zip_members};
use crate::double::Double;
use crate::nbi::Nbi;
use crate::osm::onboard as to_osm;
use crate::{digest, tree};

fn nfv(tree: &Tree, args: &[&str]) -> Run {
    let mut command = tree.command();
    run(command
        .args(args)
        .env("NFV_KEY_PASSPHRASE", "correct horse"))
}

#[test]
fn nothing_goes_that_nobody_trusted_has_signed() {
    let tree = tree();
    let store = Double::plain();
    for name in ["signer", "other"] {
        let args = [
            "key",
            "generate",
            "--certificate",
            "--subject",
            name,
            "--out",
            name,
        ];
        nfv(&tree, &args).code(0);
    }
    let url = store.url();
    let onboard = ["onboard", "--store", &url];
    let unsigned = [&onboard[..], &["--key", "signer.pub"]].concat();
    nfv(&tree, &unsigned)
        .code(7)
        .says("error[trust/unsigned]")
        .says("nobody has signed it");
    let json = nfv(
        &tree,
        &[&unsigned[..], &["--message-format", "json"]].concat(),
    );
    let told = json.code(7).stdout;
    assert_eq!(
        told.matches(r#""rule":"trust/unsigned""#).count(),
        2,
        "{told}"
    );
    let sign = [
        "--sign-key",
        "signer.key",
        "--sign-certificate",
        "signer.crt",
    ];
    let with = |more: &[&str]| nfv(&tree, &[&onboard[..], &sign, more].concat());
    with(&["--key", "other.pub"])
        .code(7)
        .says("is not trusted: it is signed by")
        .says("Onboarded nothing, because nobody who is trusted has signed");
    with(&["--certificate-chain", "other.crt"]).code(7);
    assert_eq!(store.take_log().len(), 0);
    with(&["--certificate-chain", "signer.crt"]).code(0);
    assert_eq!(store.take_uploads().len(), 2);
}

#[test]
fn nothing_goes_that_does_not_meet_the_policy() {
    let tree = tree();
    let store = Double::plain();
    let generate = ["key", "generate", "--certificate", "--subject", "signer"];
    nfv(&tree, &[&generate[..], &["--out", "signer"]].concat()).code(0);
    let url = store.url();
    let onboard = ["onboard", "--store", &url, "--policy", "policy.toml"];
    let policy = |rules: &str| {
        let signers = "[signers.vendor]\nkeys = ['signer.pub']\n";
        tree.file("policy.toml", format!("{signers}{rules}"));
    };
    policy("[[rules]]\nsigned-by = ['vendor']");
    nfv(&tree, &onboard)
        .code(7)
        .says("wanted is a signature by `vendor`")
        .says("nobody has signed it");
    // All that is refused is told, as findings of one rule.
    let json = nfv(
        &tree,
        &[&onboard[..], &["--message-format", "json"]].concat(),
    );
    let told = json.code(7).stdout;
    assert_eq!(
        told.matches(r#""rule":"trust/unsigned""#).count(),
        2,
        "{told}"
    );
    let sign = ["--sign-key", "signer.key"];
    let certificate = ["--sign-certificate", "signer.crt"];
    let signed = [&onboard[..], &sign, &certificate].concat();
    policy("[[rules]]\nartifacts = ['elsewhere']\nsigned-by = ['vendor']");
    nfv(&tree, &signed)
        .code(7)
        .says("none of its rules is about");
    policy("[[rules]]\nattestations = [{ type = 'vuln', signed-by = ['vendor'] }]");
    nfv(&tree, &signed).code(7).says("a file has none");
    // A configured one counts as well, and one that is not there stops all.
    tree.file("nfv.toml", "policy = 'gone.toml'\n");
    let plain = [&onboard[..3], &sign, &certificate].concat();
    nfv(&tree, &plain).code(2).says("gone.toml");
    assert_eq!(store.take_log().len(), 0);
    policy("[[rules]]\nsigned-by = ['vendor']");
    nfv(&tree, &signed).code(0);
    assert_eq!(store.take_uploads().len(), 2);
}

/// What hangs on an artifact in the tree's layout counts where it is onboarded by its name.
#[test]
#[cfg(feature = "publish")]
fn a_signature_of_the_artifact_counts_for_its_name() {
    let tree = tree();
    let store = Double::plain();
    for name in ["signer", "other"] {
        nfv(&tree, &["key", "generate", "--out", name]).code(0);
    }
    let published = nfv(&tree, &["publish", "-q"]).code(0).stdout;
    let names = published.lines().filter_map(|line| line.split(' ').next());
    let names: Vec<&str> = names.filter(|name| name.contains("shield")).collect();
    assert!(!names.is_empty(), "{published}");
    let url = store.url();
    let onboard = |more: &[&str]| {
        let onboard = ["onboard", "--store", &url];
        nfv(&tree, &[&onboard[..], more, &names].concat())
    };
    let policy = |key: &str| {
        let rules = "[[rules]]\nsigned-by = ['vendor']\n";
        let text = format!("[signers.vendor]\nkeys = ['{key}']\n{rules}");
        tree.file("policy.toml", text);
        onboard(&["--policy", "policy.toml"])
    };
    onboard(&["--key", "signer.pub"]).code(7);
    policy("signer.pub").code(7);
    for name in &names {
        nfv(&tree, &["sign", name, "--sign-key", "signer.key"]).code(0);
    }
    onboard(&["--key", "other.pub"]).code(7);
    policy("other.pub").code(7);
    assert_eq!(store.take_log().len(), 0);
    onboard(&["--key", "signer.pub"]).code(0);
    assert_eq!(store.take_uploads().len(), names.len());
    policy("signer.pub").code(0);
}

/// What hangs on the artifact at the registry counts as what is in the package does.
#[test]
fn a_signature_at_the_registry_counts() {
    let (tree, nbi) = (crate::osm::tree(), crate::nbi::Nbi::plain());
    let registry = crate::registry::Registry::plain();
    let edge = format!("oci://{}/edge", registry.host());
    nfv(&tree, &["publish", &edge]).code(0);
    for name in ["signer", "other"] {
        nfv(&tree, &["key", "generate", "--out", name]).code(0);
    }
    let sign = |id: &str| {
        let reference = format!("{edge}/{id}:1.0");
        nfv(&tree, &["sign", &reference, "--sign-key", "signer.key"]).code(0);
    };
    let service = format!("{edge}/m_ns:1.0");
    let onboard = |key: &str| to_osm(&tree, &nbi, &[&service, "--key", key]);
    sign("m_ns");
    sign("z_vnf");
    // What is needed counts as what is named does.
    let run = onboard("signer.pub").code(7);
    assert!(!run.stderr.contains("/m_ns:1.0`"), "{}", run.stderr);
    run.says("/edge/y_vnf:1.0` is not trusted: nobody has signed it");
    sign("y_vnf");
    onboard("other.pub").code(7).says("trust/untrusted");
    assert_eq!(nbi.has(), [""; 0]);
    onboard("signer.pub").code(0);
    assert_eq!(nbi.has().len(), 3);
    // And what the tree lacks.
    std::fs::remove_dir_all(tree.path("y_vnf")).expect("a folder");
    let from = ["z_vnf", "--registry", edge.as_str(), "--key", "signer.pub"];
    to_osm(&tree, &nbi, &from).code(7);
}

/// A CSAR in a zip that is signed as a whole: the signature is asked, and OSM gets the CSAR, since
/// it looks for the descriptor in the zip that it gets.
#[test]
fn osm_gets_the_csar_that_is_signed_as_a_whole() {
    let tree = signed_as_a_whole();
    let packages = "target/nfv/packages";
    let inner = digest(&tree.path(&format!("{packages}/router_vnf-1.0.csar")));
    let zip = format!("{packages}/router_vnf-1.0.zip");
    for what in [zip.as_str(), "router_vnf"] {
        let nbi = Nbi::plain();
        let policy = ["--policy", "policy.toml"];
        to_osm(&tree, &nbi, &[what, "--key", "other.pub"]).code(7);
        assert_eq!(nbi.has(), [""; 0]);
        to_osm(&tree, &nbi, &[&[what][..], &policy].concat()).code(0);
        assert_eq!(nbi.file("router_vnf"), Some(inner.clone()), "{what}");
        // And it knows it again.
        let again = to_osm(&tree, &nbi, &[what]).code(0);
        again.says("Onboarded 0 new, 1 already there");
    }
}

/// A function in a CSAR that `signer` has signed as a whole, the policy that asks for that, and
/// the key of another.
fn signed_as_a_whole() -> Tree {
    let tree = Tree::showcase();
    let csar = "[csar]\nsignature = \"package\"\nrelease-date = \"2026-01-31T12:00:00Z\"\nvnfm-info = [\"0:osm\"]\n";
    let own = format!("[packages.router_vnf]\nlayout = \"csar\"\n\n{csar}");
    tree.file("nfv.toml", own);
    for name in ["signer", "other"] {
        let generate = ["key", "generate", "--certificate", "--subject", name];
        nfv(&tree, &[&generate[..], &["--out", name]].concat()).code(0);
    }
    let keys = [
        "--sign-key",
        "signer.key",
        "--sign-certificate",
        "signer.crt",
    ];
    let build = ["build", "-A", "csar", "-p", "router_vnf"];
    nfv(&tree, &[&build[..], &keys].concat()).code(0);
    tree.file("policy.toml", VENDOR);
    tree
}

/// What was changed is mostly no sound package either: that the policy refuses it is told
/// beside that, and has the exit code.
#[test]
fn osm_gets_no_signed_csar_that_was_changed() {
    let tree = signed_as_a_whole();
    let zip = "target/nfv/packages/router_vnf-1.0.zip";
    let sound = zip_members(&tree.path(zip));
    let nbi = Nbi::plain();
    for place in [0, 1] {
        let length = sound[place].1.len();
        // At the start, in the middle and at the end of what is in either.
        for at in [0, length / 3, length / 2, length - 2] {
            let mut changed = sound.clone();
            changed[place].1[at] ^= 1;
            zip_again(&tree, &changed, "changed.zip");
            let name = &changed[place].0;
            for trust in [["--policy", "policy.toml"], ["--key", "signer.pub"]] {
                let args = ["-A", "csar", "changed.zip", trust[0], trust[1]];
                let verified = nfv(&tree, &[&["verify"][..], &args].concat()).code(7);
                let wanted = "is not trusted: wanted is a signature by `vendor`";
                let is_policy = trust[0] == "--policy";
                let run = to_osm(&tree, &nbi, &args).code(7);
                for told in [&verified.stderr, &run.stderr] {
                    assert_eq!(told.contains(wanted), is_policy, "{name}, {at}: {told}");
                    let once = told.matches("[trust/").count();
                    assert_eq!(once, 1, "{name}, {at}: {told}");
                }
            }
        }
    }
    assert_eq!(nbi.take_changes(), [""; 0]);
    zip_again(&tree, &sound, "same.zip");
    to_osm(&tree, &nbi, &["same.zip", "--policy", "policy.toml"]).code(0);
}

/// The policy stands at any of the places where it may be configured.
#[test]
fn a_store_gets_nothing_that_a_configured_policy_refuses() {
    let tree = tree();
    let store = Double::plain();
    for name in ["signer", "other"] {
        let generate = ["key", "generate", "--certificate", "--subject", name];
        nfv(&tree, &[&generate[..], &["--out", name]].concat()).code(0);
    }
    let build = |name: &str| {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let sign = ["--sign-key", &key, "--sign-certificate", &certificate];
        nfv(&tree, &[&["build"][..], &sign].concat()).code(0);
    };
    let packages = [crate::VNSF, crate::NS];
    let url = store.url();
    let onboard = |variable: &str, more: &[&str]| {
        let mut command = tree.command();
        command.args(["onboard", "--store", &url]);
        command.env("NFV_POLICY", variable);
        run(command.args(packages).args(more))
    };
    let refuse = |why: &str| {
        let wanted = "wanted is a signature by `vendor`";
        let flag = onboard("", &["--policy", "policy.toml"]);
        flag.code(7).says(wanted).says(why);
        onboard("policy.toml", &[]).code(7).says(wanted).says(why);
        tree.file("nfv.toml", "policy = 'policy.toml'\n");
        onboard("", &[]).code(7).says(wanted).says(why);
        std::fs::remove_file(tree.path("nfv.toml")).expect("removed");
        assert_eq!(store.take_log().len(), 0, "{why}");
    };
    tree.file("policy.toml", VENDOR);
    tree.nfv(&["build"]).code(0);
    refuse("nobody has signed it");
    build("other");
    refuse("it is signed by `CN=other`, with another key");
    build("signer");
    let sound = crate::unpack(&tree.path(crate::VNSF));
    for name in ["manifest.yaml", "manifest.yaml.cms", "tiny_vnf.tar.gz"] {
        let mut changed = sound.clone();
        let own = changed.iter_mut().find(|(own, _)| own.ends_with(name));
        let (_, bytes) = own.unwrap_or_else(|| panic!("no {name} in {sound:?}"));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let changed: Vec<(&str, &[u8])> = changed
            .iter()
            .map(|(name, bytes)| (name.as_str(), &bytes[..]))
            .collect();
        crate::pack(&changed, &tree.path(crate::VNSF));
        refuse("is not trusted");
    }
    build("signer");
    onboard("policy.toml", &[]).code(0);
    assert_eq!(store.take_uploads().len(), 2);
}

const VENDOR: &str = "[signers.vendor]\nkeys = ['signer.pub']\n[[rules]]\nsigned-by = ['vendor']\n";

fn zip_again(tree: &Tree, members: &[(String, Vec<u8>)], path: &str) {
    let mut writer = nfv::package::ZipWriter::new(Vec::new(), 0);
    for (name, bytes) in members {
        writer
            .file(name, 0o644, bytes.len() as u64, &mut &bytes[..])
            .expect("a member");
    }
    tree.file(path, writer.finish().expect("a zip"));
}

/// What is signed does not turn into something else on its way.
#[test]
fn a_signature_is_not_lost_on_the_way() {
    let tree = tree();
    let store = Double::plain();
    let subject = ["--certificate", "--subject", "Signer", "--out", "signer"];
    nfv(&tree, &[&["key", "generate"][..], &subject].concat()).code(0);
    let sign = [
        "--sign-key",
        "signer.key",
        "--sign-certificate",
        "signer.crt",
    ];
    nfv(&tree, &[&["build"][..], &sign].concat()).code(0);
    let before = std::fs::read(tree.path(crate::VNSF)).expect("a package");
    let url = store.url();
    let onboard = |more: &[&str]| nfv(&tree, &[&["onboard", "--store", &url], more].concat());
    tree.file("tiny_vnf/icons/new.svg", "<svg/>\n");
    onboard(&[])
        .code(2)
        .says("is signed, and what would be built in its place and sent is not");
    assert_eq!(store.take_log().len(), 0);
    assert!(std::fs::read(tree.path(crate::VNSF)).expect("a package") == before);
    onboard(&sign).code(0);
    assert_eq!(store.take_uploads().len(), 2);
}
