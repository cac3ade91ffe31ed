//! Policies: nothing comes through `pull` and `copy` that does not meet them.

use serde_json::json;

use crate::attestations::attest;
use crate::common::{Run, Tree};
use crate::double::Registry;
use crate::signatures::{sign, tree_with_keys};
use crate::{lines, nfv, nfv_in, publish};

/// Functions and services, published, none of them signed.
struct Published {
    tree: Tree,
    registry: Registry,
    place: String,
}

fn published() -> Published {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    Published {
        tree,
        registry,
        place,
    }
}

const SIGNERS: &str = "[signers.vendor]\nkeys = ['../ours.pub']\n\
                       [signers.ci]\ncertificates = ['../theirs.crt']\n";

impl Published {
    fn policy(&self, rules: &str) {
        self.tree
            .file("trust/policy.toml", format!("{SIGNERS}{rules}"));
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}:1.0", self.place)
    }

    fn pull(&self, name: &str, more: &[&str]) -> Run {
        let pull = ["pull", &self.at(name), "--destination", "in", "--policy"];
        let args = [&pull[..], &["trust/policy.toml"], more].concat();
        nfv(&self.tree, &args)
    }

    fn verify(&self, name: &str) -> Run {
        let policy = ["--policy", "trust/policy.toml"];
        nfv(
            &self.tree,
            &[&["verify", &self.at(name)][..], &policy].concat(),
        )
    }

    /// Refuses it, with these words, and leaves nothing behind.
    #[track_caller]
    fn refuses(&self, name: &str, more: &[&str], words: &[&str]) {
        let run = self.pull(name, more).code(7);
        for words in words {
            assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        }
        let left = std::fs::read_dir(self.tree.root.join("in")).map(Iterator::count);
        assert_eq!(left.unwrap_or(0), 0);
        let verified = self.verify(name).code(7);
        verified
            .says("error[trust/")
            .says("is not trusted: wanted is");
    }
}

#[test]
fn who_must_have_signed_is_asked_of_all_that_is_needed() {
    let published = published();
    published.policy("[[rules]]\nsigned-by = ['vendor']");
    let wanted = "wanted is a signature by `vendor`";
    published.refuses("tiny_ns", &[], &[wanted, "found: there is no signature"]);
    sign(&published.tree, &published.at("tiny_ns"), &[]);
    published.verify("tiny_ns").code(0);
    // The function that the service needs is not signed.
    let all = published.pull("tiny_ns", &["--with-dependencies"]).code(7);
    assert!(all.stderr.contains("tiny_vnf"), "{}", all.stderr);
    assert!(!published.tree.root.join("in").exists());
    sign(&published.tree, &published.at("tiny_vnf"), &[]);
    published.pull("tiny_ns", &["--with-dependencies"]).code(0);
}

/// A refusal is a finding a condition, by its rule, for programs as well.
#[test]
fn what_is_refused_is_a_finding() {
    let published = published();
    let tree = &published.tree;
    published.policy("[[rules]]\nsigned-by = ['ci']\nattestations = [{ type = 'vuln' }]");
    sign(tree, &published.at("tiny_ns"), &["--form", "bundle"]);
    let (signed, unsigned) = (published.at("tiny_ns"), published.at("tiny_vnf"));
    let flags = ["--policy", "trust/policy.toml", "--message-format", "json"];
    for (command, rule, found) in [
        (["pull", &signed, "-d", "in"], "trust/untrusted", "bundle: "),
        (
            ["pull", &unsigned, "-d", "in"],
            "trust/unsigned",
            "there is no signature",
        ),
        (
            ["copy", &signed, "oci:in", "-r"],
            "trust/untrusted",
            "bundle: ",
        ),
    ] {
        let run = nfv(tree, &[&command[..], &flags].concat()).code(7);
        let told = lines(&run);
        let rules: Vec<_> = told.iter().map(|one| one["rule"].as_str()).collect();
        assert_eq!(
            rules,
            [Some(rule), Some("trust/unattested"), None],
            "{}",
            run.stdout
        );
        let text = told[0].to_string();
        for words in ["wanted is a signature by `ci`", found, "trust/policy.toml"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let text = told[1].to_string();
        assert!(
            text.contains("wanted is an attestation `vuln` by `ci`"),
            "{text}"
        );
        let end = json!({
            "reason": "check-finished", "success": false,
            "packages": 0, "errors": 2, "warnings": 0,
        });
        assert_eq!(told[2], end);
        assert!(!tree.root.join("in").exists());
    }
}

#[test]
fn somebody_else_does_not_count() {
    let published = published();
    published.policy("[[rules]]\nsigned-by = ['ci']");
    sign(&published.tree, &published.at("tiny_vnf"), &[]);
    let why = "classic: it was made with no key that is trusted";
    published.refuses("tiny_vnf", &[], &["a signature by `ci`", why]);
    // The bundle names its key, by which who has changed his knows what he sees.
    let shown = nfv(
        &published.tree,
        &["key", "show", "ours.pub", "--message-format", "json"],
    );
    let shown = crate::json(shown.code(0).stdout.as_bytes());
    let id = shown["key_id"].as_str().expect("an id");
    let why = format!("bundle: it names the key {id}, which is none of those that are trusted");
    published.refuses("tiny_vnf", &[], &[&why]);
    // One of two is enough.
    published.policy("[[rules]]\nsigned-by = ['ci', 'vendor']");
    published.pull("tiny_vnf", &[]).code(0);
    // Two rules want both.
    published.policy("[[rules]]\nsigned-by = ['ci']\n[[rules]]\nsigned-by = ['vendor']");
    let run = published.verify("tiny_vnf").code(7);
    assert!(run.stdout.contains("signed with key"), "{}", run.stdout);
    assert!(run.stderr.contains("wanted is a signature by `ci`"));
}

#[test]
fn rules_are_about_what_they_name_and_nothing_comes_through_without_one() {
    let published = published();
    let host = published.registry.host();
    published.policy(&format!(
        "[[rules]]\nartifacts = ['{host}/*/*_ns']\nsigned-by = ['vendor']"
    ));
    sign(&published.tree, &published.at("tiny_ns"), &[]);
    sign(&published.tree, &published.at("tiny_vnf"), &[]);
    published
        .pull("tiny_ns", &["--destination", "elsewhere"])
        .code(2);
    published.verify("tiny_ns").code(0);
    published.refuses("tiny_vnf", &[], &["none of its rules is about"]);
    published.policy("registries = ['registry.example.org/edge']\n");
    let registries = format!("registries = ['registry.example.org']\n{SIGNERS}");
    let rule = "[[rules]]\nsigned-by = ['vendor']";
    published
        .tree
        .file("trust/policy.toml", format!("{registries}{rule}"));
    let wanted = "that it comes from `registry.example.org`";
    published.refuses("tiny_ns", &[], &[wanted]);
    // What lies on a disk does not tell where it came from, and that is said.
    let at = published.at("tiny_ns");
    nfv(
        &published.tree,
        &["copy", "-r", &at, "oci:site:tiny_ns:1.0"],
    )
    .code(0);
    let policy = ["--policy", "trust/policy.toml"];
    let verify = |more: &[&str]| nfv(&published.tree, &[&["verify"], more, &policy].concat());
    let told = verify(&["oci:site:tiny_ns:1.0"]).code(0).stdout;
    let unasked = "not asked: that it comes from `registry.example.org`; a layout does not tell";
    assert!(told.contains(unasked), "{told}");
    let json = verify(&["oci:site:tiny_ns:1.0", "--message-format", "json"]);
    let line = crate::json(
        json.code(0)
            .stdout
            .lines()
            .next()
            .expect("a line")
            .as_bytes(),
    );
    let asked = |one: &serde_json::Value| one["asked"].as_bool().expect("a word");
    let all = line["conditions"].as_array().expect("conditions");
    assert_eq!(all.iter().map(asked).collect::<Vec<_>>(), [true, false]);
    // Where none is listed there is nothing to ask.
    published
        .tree
        .file("trust/policy.toml", format!("{SIGNERS}{rule}"));
    let told = verify(&["oci:site:tiny_ns:1.0"]).code(0).stdout;
    assert!(!told.contains("not asked"), "{told}");
}

#[test]
fn attestations_must_be_there_and_not_too_old() {
    let published = published();
    let rule =
        "[[rules]]\nattestations = [{ type = 'vuln', signed-by = ['vendor'], max-age = '30d' }]";
    published.policy(rule);
    let wanted = "an attestation `vuln` by `vendor`, not older than 30d";
    published.refuses("tiny_vnf", &[], &[wanted, "there is none"]);
    let report = |name: &str, finished: Option<&str>| {
        let mut metadata = json!({});
        if let Some(finished) = finished {
            metadata["scanFinishedOn"] = json!(finished);
        }
        let report = json!({ "scanner": { "uri": "x" }, "metadata": metadata });
        published.tree.file(name, report.to_string());
        attest(
            &published.tree,
            &published.at("tiny_vnf"),
            name,
            "vuln",
            &["--form", "bundle"],
        );
    };
    report("timeless.json", None);
    published.refuses("tiny_vnf", &[], &["it does not say from when it is"]);
    report("old.json", Some("2020-01-01T00:00:00Z"));
    published.refuses(
        "tiny_vnf",
        &[],
        &["it is from 2020-01-01T00:00:00Z, older than 30d"],
    );
    report("late.json", Some("2999-01-01T00:00:00Z"));
    published.refuses(
        "tiny_vnf",
        &[],
        &["2999-01-01T00:00:00Z, which is yet to come"],
    );
    // A file that was written just now says what the time is.
    let late = std::fs::metadata(published.tree.root.join("late.json"));
    let now = late.and_then(|late| late.modified()).expect("a time");
    let now = now.duration_since(std::time::UNIX_EPOCH);
    let yesterday = now.expect("after 1970").as_secs() - 86_400;
    report("new.json", Some(&nfv::time::rfc3339(yesterday)));
    published.pull("tiny_vnf", &[]).code(0);
}

#[test]
fn a_configured_policy_is_asked_without_a_word() {
    let published = published();
    let tree = &published.tree;
    published.policy("[[rules]]\nsigned-by = ['vendor']");
    let (pull, copy) = (published.at("tiny_vnf"), published.at("tiny_ns"));
    tree.file("nfv.toml", "policy = 'trust/policy.toml'\n");
    nfv(tree, &["pull", &pull]).code(7);
    nfv(tree, &["copy", &copy, "oci:copied"]).code(7);
    assert!(!tree.root.join("copied").exists());
    nfv(tree, &["verify", &pull]).code(7);
    sign(tree, &copy, &[]);
    // A key of the command line is asked beside it, and not in its place.
    nfv(tree, &["verify", &copy, "--key", "ours.pub"]).code(0);
    published.policy("[[rules]]\nsigned-by = ['ci']");
    nfv(tree, &["verify", &copy, "--key", "ours.pub"]).code(7);
    published.policy("[[rules]]\nsigned-by = ['vendor']");
    nfv(tree, &["copy", "-r", &copy, "oci:copied"]).code(0);
    // What came along is good for another site as well, by the name there.
    nfv(tree, &["pull", "oci:copied:tiny_ns:1.0"]).code(0);
    // A policy that is not there lets nothing through.
    tree.file("nfv.toml", "policy = 'trust/gone.toml'\n");
    let run = nfv(tree, &["pull", &copy]).code(2);
    assert!(run.stderr.contains("gone.toml"), "{}", run.stderr);
    // A variable that is set to nothing is not set.
    let mut command = nfv_in(tree, &["pull", &copy]);
    let output = command.env("NFV_POLICY", "").output().expect("runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("gone.toml"), "{error}");
    let mut command = nfv_in(tree, &["verify", &pull]);
    let output = command.env("NFV_POLICY", "trust/policy.toml").output();
    assert_eq!(output.expect("runs").status.code(), Some(7));
}

#[test]
fn a_policy_that_says_nothing_certain_is_refused() {
    let published = published();
    // The two signers of the policy are in its first four lines.
    for (rules, words) in [
        ("", "it has no rules"),
        ("[[rules]]", "rule 1 asks for nothing"),
        (
            "\n\n[[rules]]",
            "policy.toml` is not a valid policy, in line 7",
        ),
        (
            "[[rules]]\nsigned-by = ['ci']\n[[rules]]\nsigned-by = ['nobody']",
            "policy.toml` is not a valid policy, in line 7",
        ),
        (
            "[[rules]]\nsigned-by = ['ci']\nattestations = [\n{ type = 'vex' },\n{ type = 'sbom' }]",
            "policy.toml` is not a valid policy, in line 9",
        ),
        ("[[rules]]\nsigned-by = ['nobody']", "it names `nobody`"),
        ("[[rules]]\nsigned_by = ['ci']", "unknown field `signed_by`"),
        (
            "[signers.x]\nkeys = ['x.pub']\n[[rules]]\nsigned-by = ['ci']",
            "x.pub",
        ),
        (
            "[[rules]]\nsigned-by = ['ci']\nattestations = [{ type = 'sbom' }]",
            "`sbom` is no kind of attestation",
        ),
        (
            "[[rules]]\nsigned-by = ['ci']\nattestations = [{ type = 'vuln', max-age = '0d' }]",
            "`0d` is over at once",
        ),
        (
            "[[rules]]\nsigned-by = ['ci']\nattestations = [{ type = 'vuln', max-age = '99999999999w' }]",
            "`99999999999w` is too long a time",
        ),
        (
            "[[rules]]\nsigned-by = ['ci']\nattestations = [{ type = 'vuln', max-age = '3 d' }]",
            "`3 d` is no span of time",
        ),
    ] {
        published.policy(rules);
        let run = published.pull("tiny_ns", &[]).code(2);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        let verify = published.verify("tiny_ns").code(2);
        assert!(verify.stderr.contains(words), "{words}: {}", verify.stderr);
    }
}
