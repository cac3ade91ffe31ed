//! Signatures that are asked for.

use crate::common::{Run, Tree, run};
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
    let packages = "target/nfv/packages";
    let inner = digest(&tree.path(&format!("{packages}/router_vnf-1.0.csar")));
    std::fs::write(
        tree.path("policy.toml"),
        "[signers.vendor]\nkeys = ['signer.pub']\n[[rules]]\nsigned-by = ['vendor']",
    )
    .expect("written");
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
