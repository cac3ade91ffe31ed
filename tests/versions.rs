//! What is told to people to write names the version that there is, and a release
//! rewrites every place that does (`release.toml`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ignore::WalkBuilder;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Release {
    pre_release_replacements: Vec<Replacement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    file: String,
    search: String,
    replace: String,
    min: Option<usize>,
    exactly: Option<usize>,
    #[serde(default)]
    prerelease: bool,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn release() -> Release {
    let text = fs::read_to_string(root().join("release.toml")).expect("release.toml");
    toml::from_str(&text).expect("release.toml")
}

/// The forms in which texts name a version of this program.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let number = r"(\d+\.\d+\.\d+(?:-[0-9A-Za-z]+(?:\.\d+)*)?)";
    let forms = [
        // Crates, actions and components.
        r"cargo-nfv(?:/[\w-]+)*@v?NUMBER",
        // Images.
        r"cargo-nfv:v?NUMBER",
        // Archives, and where they are fetched.
        r"cargo-nfv(?:-[a-z0-9_]+)*-v?NUMBER",
        r"/releases/(?:download|tag)/v?NUMBER",
        // Hooks.
        r#"cargo-nfv/cargo-nfv[^\n]*\n\s*rev:\s*["']?v?NUMBER"#,
        // Files at a tag.
        r"cargo-nfv/cargo-nfv/v?NUMBER/",
        // Sentences and variables.
        r"cargo[ -]nfv v?NUMBER",
        r#"(?im)^\s*(?:-\s+|export\s+)?(?:cargo_nfv_|nfv_)version\s*[:=]\s*["']?v?NUMBER"#,
        r#"(?m)^\s*version=["']?v?NUMBER"#,
        // Inputs: where they are given, and where they are declared.
        r#"cargo-nfv/cargo-nfv[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+version:\s*["']?v?NUMBER"#,
        r#"[ \t]version:\n(?:[ \t]+[^\n]*\n)*?[ \t]+default:\s*["']?v?NUMBER"#,
    ];
    let form = |form: &str| Regex::new(&form.replace("NUMBER", number)).expect("pattern");
    forms.into_iter().map(form).collect()
});

/// Where a text names a version of this program, with what it says.
fn mentions(text: &str) -> Vec<String> {
    let mut found = BTreeMap::new();
    for form in FORMS.iter() {
        for part in form.captures_iter(text) {
            let version = part.get(1).expect("version");
            found.insert(version.start(), version.as_str().to_owned());
        }
    }
    found.into_values().collect()
}

/// The files that people read or copy from: path to text.
fn files() -> BTreeMap<String, String> {
    let elsewhere = [
        ".git", "benches", "fixtures", "schemas", "target", "tests", "xtask",
    ];
    let own = ["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "release.toml"];
    let is_wanted = move |path: &Path| {
        let path = path.strip_prefix(root()).unwrap_or(path);
        let top = path.iter().next().and_then(|top| top.to_str());
        // The templates have versions of their own; that of the GitLab component is ours.
        let mut parts = path.iter();
        let is_template = parts.next() == Some("templates".as_ref())
            && parts.next().is_some_and(|kind| kind != "nfv");
        let is_elsewhere = top.is_some_and(|top| elsewhere.contains(&top) || own.contains(&top));
        !is_elsewhere && !is_template
    };
    let mut walk = WalkBuilder::new(root());
    walk.hidden(false)
        .filter_entry(move |entry| is_wanted(entry.path()));
    let mut files = BTreeMap::new();
    for entry in walk.build() {
        let path: PathBuf = entry.expect("entry").into_path();
        // The example has a manifest of its own, and what is no text names no version.
        if path.ends_with("docs/xtask-example/Cargo.toml") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let shown = path.strip_prefix(root()).expect("below the root");
        let shown = shown.to_str().expect("UTF-8").replace('\\', "/");
        files.insert(shown, text);
    }
    files
}

/// What cargo-release makes of a file, in the order of `release.toml`.
fn released(file: &str, text: &str, version: &str) -> String {
    let mut text = text.to_owned();
    let release = release();
    let own = release.pre_release_replacements.iter();
    for step in own.filter(|step| step.file == file) {
        let search = RegexBuilder::new(&step.search)
            .multi_line(true)
            .build()
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        let count = search.find_iter(&text).count();
        let least = step.exactly.or(step.min).unwrap_or(1);
        let most = step.exactly.unwrap_or(usize::MAX);
        assert!(
            (least..=most).contains(&count),
            "{file}: `{}` was found {count} times",
            step.search
        );
        assert!(step.prerelease, "{file}: `{}` leaves one out", step.search);
        let with = step.replace.replace("{{version}}", version);
        let with = with.replace("{{date}}", "2030-01-02");
        assert!(!with.contains("{{"), "{file}: {with}");
        text = search.replace_all(&text, with.as_str()).into_owned();
    }
    text
}

#[test]
fn mentions_are_found_in_every_form() {
    for text in [
        "cargo install --locked cargo-nfv@1.2.3",
        "- uses: cargo-nfv/cargo-nfv@v1.2.3 # comment",
        "component: $CI_SERVER_FQDN/cargo-nfv/cargo-nfv/nfv@1.2.3",
        "component: gitlab.example.org/cargo-nfv/cargo-nfv/nfv@v1.2.3",
        "- repo: https://github.com/cargo-nfv/cargo-nfv\n    rev: v1.2.3\n",
        "- repo: 'https://github.com/cargo-nfv/cargo-nfv'\n  rev: \"1.2.3\"\n",
        "image: ghcr.io/cargo-nfv/cargo-nfv:1.2.3",
        "cargo-nfv-x86_64-unknown-linux-musl-v1.2.3.tgz",
        "cargo-nfv-v1.2.3.cdx.json",
        "https://example.org/a/releases/download/v1.2.3/x",
        "https://example.org/cargo-nfv/cargo-nfv/v1.2.3/templates/x.yml",
        "this is cargo nfv 1.2.3.",
        "    version=1.2.3\n",
        "  CARGO_NFV_VERSION: '1.2.3'",
        "- uses: cargo-nfv/cargo-nfv\n  with:\n    path: a\n    version: 1.2.3\n",
        "inputs:\n  version:\n    description: Which\n    default: \"1.2.3\"\n",
    ] {
        assert_eq!(mentions(text), ["1.2.3"], "{text}");
        let next = text.replace("1.2.3", "1.2.3-rc.1");
        assert_eq!(mentions(&next), ["1.2.3-rc.1"], "{next}");
    }
    let others = "cosign@v3.1.3, actions/checkout@abc # v6.0.2, edge_ns:1.0.0, OSM 15.0.1
                  version: '1.0.0'";
    assert!(mentions(others).is_empty());
}

#[test]
fn every_mention_is_of_this_version() {
    let mut count = 0;
    for (file, text) in files() {
        for version in mentions(&text) {
            assert_eq!(version, VERSION, "{file}");
            count += 1;
        }
    }
    assert!(count > 0, "nothing names a version");
}

#[test]
fn a_release_rewrites_every_mention() {
    let files = files();
    for version in ["98.7.6", "98.7.6-rc.1"] {
        for (file, text) in &files {
            let next = released(file, text, version);
            for mention in mentions(&next) {
                assert_eq!(mention, version, "{file}: not rewritten by release.toml");
            }
            let whole = format!(r"\b{}\b", regex::escape(VERSION));
            let whole = Regex::new(&whole).expect("pattern");
            if next != *text {
                assert!(!whole.is_match(&next), "{file} still names {VERSION}");
            }
        }
    }
}

#[test]
fn release_toml_names_files_that_are_there() {
    let files = files();
    for step in release().pre_release_replacements {
        let file = step.file;
        let is_known = file == "CHANGELOG.md" || files.contains_key(&file);
        assert!(is_known, "{file} is not there, or nobody reads it");
    }
}

#[test]
fn the_changelog_is_ready_for_the_release_after_the_next() {
    let text = fs::read_to_string(root().join("CHANGELOG.md")).expect("CHANGELOG.md");
    let next = released("CHANGELOG.md", &text, "98.7.6");
    assert!(next.contains("\n## [98.7.6] - 2030-01-02\n"));
    assert!(next.contains("\n## [Unreleased]\n\n## [98.7.6]"));
    assert!(next.contains("/releases/tag/v98.7.6\n"));
    // And once more, with something to tell.
    let told = next.replacen("## [Unreleased]\n", "## [Unreleased]\n\n- News.\n", 1);
    let after = released("CHANGELOG.md", &told, "98.8.0");
    assert!(after.contains("## [98.8.0] - 2030-01-02\n\n- News.\n\n## [98.7.6]"));
}
