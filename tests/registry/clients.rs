//! What we push, others read; what others push, we read. The registry between
//! is Docker's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::common::{Run, Tree, chart, run, sh, sha256, tool};
use crate::docker::{Docker, Guard};
use crate::double::{PASSWORD, USER};
use crate::{clean, home, json, lines, nfv_in, tree};

const GUARDS: [Guard; 3] = [Guard::Nothing, Guard::Password, Guard::Certificate];

/// A registry, and the flags with which we talk to it.
struct Place {
    registry: Docker,
    tree: Tree,
    guard: Guard,
}

impl Place {
    fn start(guard: Guard) -> Option<Self> {
        let registry = Docker::start(guard)?;
        let tree = tree();
        tree.file("tiny_chart/Chart.yaml", chart("tiny-chart"));
        tree.file("tiny_chart/templates/none.yaml", "# nothing\n");
        let place = Place {
            registry,
            tree,
            guard,
        };
        if guard == Guard::Password {
            // Docker's configuration, which all of them read.
            let auth = crate::double::BASIC;
            let host = &place.registry.host;
            let text = format!(r#"{{"auths":{{"{host}":{{"auth":"{auth}"}}}}}}"#);
            let home = home(&place.tree);
            fs::write(home.join("config.json"), &text).expect("credentials");
            fs::create_dir_all(home.join("containers")).expect("a folder");
            fs::write(home.join("containers/auth.json"), &text).expect("credentials");
            fs::create_dir_all(home.join("registry")).expect("a folder");
            fs::write(home.join("registry/config.json"), &text).expect("credentials");
        }
        Some(place)
    }

    fn oci(&self, rest: &str) -> String {
        format!("oci://{}/edge/{rest}", self.registry.host)
    }

    /// We.
    #[track_caller]
    fn nfv(&self, args: &[&str]) -> Run {
        let mut command = nfv_in(&self.tree, args);
        if let Some(ca) = &self.registry.ca {
            command.arg("--ca-file").arg(ca);
        }
        run(&mut command).code(0)
    }

    /// Publishes everything; what is said of each artifact.
    #[track_caller]
    fn publish(&self) -> Vec<Value> {
        let place = self.oci("");
        let run = self.nfv(&["publish", "-A", "all", &place, "--message-format", "json"]);
        let mut published = lines(&run);
        published.retain(|line| line["reason"] == "artifact-published");
        assert_eq!(published.len(), 3, "{published:#?}");
        published
    }

    fn other(&self, program: &PathBuf, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        clean(&mut command, &home(&self.tree));
        command.args(args).current_dir(&self.tree.root);
        command
    }

    /// ORAS and Helm, which name their flags as we do.
    #[track_caller]
    fn ask(&self, program: &PathBuf, args: &[&str]) -> String {
        let mut command = self.other(program, args);
        match &self.registry.ca {
            Some(ca) => command.arg("--ca-file").arg(ca),
            None => command.arg("--plain-http"),
        };
        sh(&mut command)
    }

    fn package(&self, name: &str) -> Vec<u8> {
        fs::read(self.tree.path("target/nfv/packages").join(name)).expect("a package")
    }

    fn came(&self, path: &str) -> Vec<u8> {
        fs::read(self.tree.path(path)).expect("a file that came")
    }
}

#[test]
fn skopeo_reads_what_we_push() {
    let Some(skopeo) = tool("skopeo") else { return };
    for guard in GUARDS {
        let Some(place) = Place::start(guard) else {
            return;
        };
        let published = place.publish();
        for line in &published {
            let reference = line["reference"].as_str().expect("a reference");
            let docker = format!("docker://{reference}");
            let mut inspect = place.other(&skopeo, &["inspect", "--raw", "--no-tags"]);
            let mut copy = place.other(&skopeo, &["--insecure-policy", "copy", "-q"]);
            if let Some(ca) = &place.registry.ca {
                // It wants a folder, with a name that ends in `.crt`.
                let folder = home(&place.tree).join("certificates");
                fs::create_dir_all(&folder).expect("a folder");
                fs::copy(ca, folder.join("ca.crt")).expect("the authority");
                inspect.arg("--cert-dir").arg(&folder);
                copy.arg("--src-cert-dir").arg(&folder);
            } else {
                inspect.arg("--tls-verify=false");
                copy.arg("--src-tls-verify=false");
            }
            let manifest = run(inspect.arg(&docker)).code(0).bytes;
            assert_eq!(format!("sha256:{}", sha256(&manifest)), line["digest"]);
            let layer = json(&manifest)["layers"][0]["digest"].clone();
            let layer = layer.as_str().expect("a digest").replace(':', "/");
            sh(copy.args([&docker, "oci:copied:x"]));
            let blob = place.came(&format!("copied/blobs/{layer}"));
            assert!(layer.ends_with(&sha256(&blob)));
        }
    }
}

#[test]
fn oras_reads_what_we_push() {
    let Some(oras) = tool("oras") else { return };
    for guard in GUARDS {
        let Some(place) = Place::start(guard) else {
            return;
        };
        for line in place.publish() {
            let reference = line["reference"].as_str().expect("a reference");
            let fetch = ["manifest", "fetch", "--descriptor", reference];
            let descriptor = json(place.ask(&oras, &fetch).as_bytes());
            assert_eq!(descriptor["digest"], line["digest"], "{guard:?}");
        }
        let reference = format!("{}/edge/tiny_vnf:1.0", place.registry.host);
        place.ask(&oras, &["pull", &reference, "-o", "in"]);
        let name = "tiny_vnf-1.0.tar.gz";
        assert!(place.came(&format!("in/{name}")) == place.package(name));
    }
}

#[test]
fn crane_reads_what_we_push_and_we_what_it_copies() {
    let Some(crane) = tool("crane") else { return };
    for guard in GUARDS {
        let Some(place) = Place::start(guard) else {
            return;
        };
        let host = &place.registry.host;
        let ask = |args: &[&str]| {
            let mut command = place.other(&crane, args);
            if let Some(ca) = &place.registry.ca {
                command.env("SSL_CERT_FILE", ca);
            }
            sh(&mut command).trim().to_owned()
        };
        for line in place.publish() {
            let reference = line["reference"].as_str().expect("a reference");
            assert_eq!(ask(&["digest", reference]), line["digest"], "{guard:?}");
        }
        let (from, to) = (
            format!("{host}/edge/tiny_ns:1.0"),
            format!("{host}/edge/of_crane:2"),
        );
        assert_eq!(ask(&["ls", &format!("{host}/edge/tiny_ns")]), "1.0");
        ask(&["copy", &from, &to]);
        place.nfv(&["pull", &place.oci("of_crane:2"), "-d", "in"]);
        let name = "tiny_ns-1.0.tar.gz";
        assert!(place.came(&format!("in/{name}")) == place.package(name));
    }
}

#[test]
fn helm_takes_the_charts_that_we_push() {
    let Some(helm) = tool("helm") else { return };
    for guard in GUARDS {
        let Some(place) = Place::start(guard) else {
            return;
        };
        place.nfv(&["publish", "-A", "all", &place.oci("")]);
        let chart = place.oci("tiny-chart");
        place.ask(&helm, &["pull", &chart, "--version", "1.2.3", "-d", "."]);
        let name = "tiny-chart-1.2.3.tgz";
        assert!(place.came(name) == place.package(name));
        let shown = place.ask(&helm, &["show", "chart", &chart, "--version", "1.2.3"]);
        assert!(shown.contains("name: tiny-chart"), "{shown}");
        place.ask(&helm, &["template", "x", &chart, "--version", "1.2.3"]);
    }
}

/// A tag has no `+`; the file has it again.
#[test]
fn charts_come_under_the_name_that_helm_gives_them() {
    let Some(helm) = tool("helm") else { return };
    let Some(place) = Place::start(Guard::Nothing) else {
        return;
    };
    let text = chart("tiny-chart").replace("1.2.3", "1.2.3+build.5");
    place.tree.file("tiny_chart/Chart.yaml", text);
    place.nfv(&["publish", "-A", "all", &place.oci("")]);
    fs::create_dir_all(place.tree.path("theirs")).expect("a folder");
    let name = place.oci("tiny-chart");
    let version = "1.2.3+build.5";
    place.ask(
        &helm,
        &["pull", &name, "--version", version, "-d", "theirs"],
    );
    place.nfv(&["pull", &format!("{name}:1.2.3_build.5"), "-d", "ours"]);
    let ours = crate::common::names(&place.tree.path("ours"));
    assert_eq!(ours, ["tiny-chart-1.2.3+build.5.tgz"]);
    assert_eq!(ours, crate::common::names(&place.tree.path("theirs")));
}

/// But for the time, the manifest is to the byte the one that Helm writes, with the digest of the
/// config document in it.
#[test]
fn helm_pushes_what_we_push() {
    let plain = "apiVersion: v2\nname: tiny-chart\nversion: 1.2.3\nappVersion: '4.5'\n\
        description: Tiny <small> & fine\nhome: https://example.org\n\
        sources: [https://one.example.org, https://two.example.org]\n\
        maintainers: [{name: A, email: a@example.org}, {name: B}]\n\
        deprecated: false\ndependencies: [{name: b, version: '1', condition: b.on, \
        alias: c, repository: 'file://../b'}]\n\
        annotations:\n  deploymentType: '1'\n  org.opencontainers.image.version: '9'\n  \
        org.opencontainers.image.vendor: V\n";
    // White space and what is not to be seen, in each field.
    let odd = r#"apiVersion: v2
name: tiny-chart
version: 1.2.3
description: "a\tb\n c\u00a0d\u200be\u0007f\u0301 \u4e16\U0001f600 'x' \"y\" \\ \ue000\u00ad\u0378\u2028g"
home: "h\to\u00a0m"
icon: "i\tc\u00a0o"
condition: "x\ty"
tags: "t\ta"
appVersion: "1\t2\u00a03"
kubeVersion: ">=1.0.0\t"
type: application
keywords: ["k\tw\u200b"]
sources: ["s\to\u200b"]
maintainers: [{name: "n\tm\u200b", email: "e\tm\u200b", url: "u\tr\u200b"}]
annotations: {"a\tk": "v\ta\u200b"}
dependencies: [{name: "d\te", version: "1\t0", repository: "r\te\u200b", condition: "c\to\u200b", tags: ["t\tg\u200b"], alias: al}]
"#;
    let block = "apiVersion: v2\nname: tiny-chart\nversion: 1.2.3\n\
        description: |\n  Virtual object\n  of a device\n";
    // What Go takes plain scalars for.
    let typed = "apiVersion: v2\nname: tiny-chart\nversion: 1.2.3\nappVersion: 1.10\n\
        description: 010\nkeywords: [1.0, yes, ~, 1e3]\nhome: 1_000\nicon: true\n\
        deprecated: yes\nannotations:\n  a: 1.0\n  b: yes\n  c: 1.10\n  d: 010\n  e: 1e3\n  \
        f: 12345678901234567890\n  g: 1234567.5\n  h: 2020-01-01\n  i: True\n  j: 0x10\n  \
        k: 0o10\n  l: .inf\n  m: 1_000\n  o: ~\n  p: 0b11\n  q: -1.50\n  r: +12\n  s: 089\n  \
        u: 1e-7\n  v: 123456.0\n  w: 1.e2\n  x: .5\n  z: 1:30\n  aa: 0.1e-3\n  ab: -.inf\n  \
        ac: .nan\n  ad: Null\n  ae: 1__0\n  af: 99999999999999999999999\n  ag: -0\n  ah: -0.0\n  \
        ai: '1.0'\n  aj: !!str 1.0\n  ak: 1e400\n  al: OFF\n  am: 0x\n  an: 0.00001\n  \
        y: key\n  no: key\n  1.10: key\n  0.1: key\n  16777217.0: key\n  010: key\n  '1.20': key\n";
    let Some(helm) = tool("helm") else { return };
    let Some(place) = Place::start(Guard::Nothing) else {
        return;
    };
    for (i, chart) in [plain, odd, block, typed].iter().enumerate() {
        place.tree.file("tiny_chart/Chart.yaml", chart);
        let file = "tiny-chart-1.2.3.tgz";
        // Packed by somebody else, for rules have something to say of such charts.
        let packed = "mkdir -p p/tiny-chart && cp -r tiny_chart/. p/tiny-chart && \
                      tar czf tiny-chart-1.2.3.tgz -C p tiny-chart";
        let mut pack = Command::new("sh");
        sh(pack.args(["-c", packed]).current_dir(&place.tree.root));
        let (ours, theirs) = (format!("ours{i}"), format!("theirs{i}"));
        place.nfv(&["push", "-A", "all", file, &place.oci(&ours)]);
        place.ask(&helm, &["push", file, &place.oci(&theirs)]);
        let raw = |name: &str| {
            let reference = place.oci(&format!("{name}/tiny-chart:1.2.3"));
            let raw = place.nfv(&["inspect", &reference, "--raw"]).bytes;
            let config = json(&raw)["config"]["digest"].to_string();
            let blob = config.trim_matches('"').replace(':', "/");
            place.nfv(&["copy", &reference, &format!("oci:{name}")]);
            let config = place.came(&format!("{name}/blobs/{blob}"));
            let text = |bytes| String::from_utf8(bytes).expect("text");
            (text(raw), text(config))
        };
        let ((ours, own_config), (theirs, config)) = (raw(&ours), raw(&theirs));
        assert_eq!(own_config, config);
        let (before, after) = theirs
            .split_once("\"org.opencontainers.image.created\":")
            .expect("a time");
        let after = after.split_once(',').map_or("", |(_, after)| after);
        assert_eq!(ours, format!("{before}{after}"));
    }
}

/// What `helm package --sign` leaves beside a chart goes with it, as with Helm: the
/// manifest is the same but for the time, in whichever order Helm has its layers, and
/// what one pushes the other pulls.
#[test]
fn the_provenance_of_a_chart_goes_with_it() {
    let Some(helm) = tool("helm") else { return };
    let Some(place) = Place::start(Guard::Nothing) else {
        return;
    };
    crate::nfv(&place.tree, &["build", "-A", "all"]).code(0);
    let chart = "tiny-chart-1.2.3.tgz";
    let provenance = "tiny-chart-1.2.3.tgz.prov";
    place.tree.file(chart, place.package(chart));
    let mut firsts = std::collections::BTreeSet::new();
    for i in 0..16 {
        if firsts.len() == 2 {
            break;
        }
        place.tree.file(provenance, format!("signed {i}\n"));
        let (ours, theirs) = (
            place.oci(&format!("ours{i}")),
            place.oci(&format!("theirs{i}")),
        );
        let pushed = place.nfv(&["push", "-v", chart, &ours]);
        assert!(pushed.stderr.contains(provenance), "{}", pushed.stderr);
        place.ask(&helm, &["push", chart, &theirs]);
        let layers = |from: &str| {
            let reference = format!("{from}/tiny-chart:1.2.3");
            let inspect = ["inspect", &reference, "--raw"];
            json(&place.nfv(&inspect).bytes)["layers"].clone()
        };
        assert_eq!(layers(&ours), layers(&theirs));
        let first = layers(&ours)[0]["mediaType"].to_string();
        if !firsts.insert(first) {
            continue;
        }
        let folder = format!("in{i}");
        fs::create_dir_all(place.tree.path(&folder)).expect("a folder");
        let at = format!("{ours}/tiny-chart");
        let pull = ["pull", &at, "--version", "1.2.3", "--prov", "-d", &folder];
        place.ask(&helm, &pull);
        let at = format!("{theirs}/tiny-chart:1.2.3");
        place.nfv(&["pull", &at, "-d", &format!("{folder}/ours")]);
        for name in [chart, provenance] {
            for folder in [&folder, &format!("{folder}/ours")] {
                assert!(place.came(&format!("{folder}/{name}")) == place.came(name));
            }
        }
    }
    assert_eq!(firsts.len(), 2, "{firsts:?}");
    // Of a package that is no chart it is any file.
    let name = "tiny_vnf-1.0.tar.gz";
    place.tree.file(name, place.package(name));
    place.tree.file(&format!("{name}.prov"), "signed\n");
    place.nfv(&["push", "-A", "all", name, &place.oci("")]);
    let raw = place.nfv(&["inspect", &place.oci("tiny_vnf:1.0"), "--raw"]);
    let layers = json(&raw.bytes)["layers"].as_array().map(Vec::len);
    assert_eq!(layers, Some(1));
}

#[test]
fn what_others_push_is_opened_to_know_what_it_needs() {
    let Some(oras) = tool("oras") else { return };
    let Some(place) = Place::start(GUARDS[0]) else {
        return;
    };
    crate::nfv(&place.tree, &["build", "-A", "all"]).code(0);
    let push = |name: &str, files: &[&str]| {
        let reference = format!("{}/edge/{name}", place.registry.host);
        let mut args = vec!["push", &reference];
        args.extend(files);
        place.ask(&oras, &args);
    };
    for name in ["tiny_vnf-1.0.tar.gz", "tiny_ns-1.0.tar.gz"] {
        let from = place.tree.path("target/nfv/packages").join(name);
        fs::copy(from, place.tree.path(name)).expect("a package");
    }
    push("tiny_ns:1.0", &["tiny_ns-1.0.tar.gz:application/x-tar"]);
    let ns = place.oci("tiny_ns:1.0");
    let all = ["pull", &ns, "--with-dependencies", "-d"];
    let alone = crate::nfv(&place.tree, &[&all[..], &["alone"]].concat());
    assert_eq!(alone.status, Some(3), "{}", alone.stderr);
    assert!(
        alone.stderr.contains("the VNF `tiny_vnf`"),
        "{}",
        alone.stderr
    );
    push("tiny_vnf:1.0", &["tiny_vnf-1.0.tar.gz:application/x-tar"]);
    for (folder, untar, function) in [
        ("packed", None, "tiny_vnf-1.0.tar.gz"),
        ("open", Some("--untar"), "tiny_vnf/tiny_vnfd.yaml"),
    ] {
        let mut args = [&all[..], &[folder]].concat();
        args.extend(untar);
        place.nfv(&args);
        assert!(place.tree.path(folder).join(function).is_file());
        // Once more with what is there already.
        if untar.is_none() {
            place.nfv(&args);
        }
    }
    // A descriptor needs no package around it.
    push("loose:1.0", &["tiny_ns/tiny_nsd.yaml:text/yaml"]);
    let loose = place.oci("loose:1.0");
    let pulled = place.nfv(&["pull", &loose, "--with-dependencies", "-d", "loose"]);
    assert!(pulled.stderr.contains("tiny_vnf:1.0"), "{}", pulled.stderr);
    let descriptor = place.nfv(&["inspect", &loose, "--descriptor"]);
    assert!(descriptor.bytes == place.came("tiny_ns/tiny_nsd.yaml"));
    // Where there is no descriptor, that is said.
    place.tree.file("notes.txt", "what was done\n");
    push("notes:1.0", &["notes.txt:text/plain"]);
    let notes = place.oci("notes:1.0");
    let pulled = place.nfv(&["pull", &notes, "--with-dependencies", "-d", "notes"]);
    assert!(
        pulled.stderr.contains("there is no descriptor in it"),
        "{}",
        pulled.stderr
    );
    // Files keep their folders, and of one name each gets its own.
    place.tree.file("a/v.yaml", "a: 1\n");
    place.tree.file("b/v.yaml", "b: 1\n");
    push("values:1.0", &["a/v.yaml:text/yaml", "b/v.yaml:text/yaml"]);
    let values = place.oci("values:1.0");
    place.nfv(&["pull", &values, "-d", "values"]);
    for name in ["a/v.yaml", "b/v.yaml"] {
        assert!(place.came(&format!("values/{name}")) == place.came(name));
    }
    // A folder is packed by ORAS, and the layer has the name of the folder.
    push("folder:1.0", &["tiny_vnf"]);
    let folder = place.oci("folder:1.0");
    place.nfv(&["pull", &folder, "-d", "as-file"]);
    assert!(place.tree.path("as-file/tiny_vnf.tar.gz").is_file());
    place.nfv(&["pull", &folder, "-d", "as-folder", "--untar"]);
    assert!(
        place.came("as-folder/tiny_vnf/tiny_vnfd.yaml") == place.came("tiny_vnf/tiny_vnfd.yaml")
    );
}

#[test]
fn we_read_what_oras_pushes() {
    let Some(oras) = tool("oras") else { return };
    for guard in GUARDS {
        let Some(place) = Place::start(guard) else {
            return;
        };
        crate::nfv(&place.tree, &["build", "-A", "all"]).code(0);
        let name = "tiny_vnf-1.0.tar.gz";
        fs::copy(
            place.tree.path("target/nfv/packages").join(name),
            place.tree.path(name),
        )
        .expect("a package");
        let reference = format!("{}/edge/from_oras:1.0", place.registry.host);
        let file = format!("{name}:application/x-tar");
        let push = [
            "push",
            &reference,
            &file,
            "--artifact-type",
            "application/x",
            "--format",
            "json",
        ];
        let pushed = json(place.ask(&oras, &push).as_bytes());
        let ours = place.oci("from_oras:1.0");
        let inspected = place.nfv(&["inspect", &ours, "--message-format", "json"]);
        assert_eq!(
            json(&inspected.bytes)["digest"],
            pushed["digest"],
            "{guard:?}"
        );
        place.nfv(&["pull", &ours, "-d", "in"]);
        assert!(place.came(&format!("in/{name}")) == place.package(name));
        place.nfv(&["pull", &ours, "-d", "in", "--untar"]);
        assert!(place.tree.path("in/tiny_vnf/tiny_vnfd.yaml").is_file());
        let descriptor = place.nfv(&["inspect", &ours, "--descriptor"]);
        assert!(descriptor.bytes == place.came("tiny_vnf/tiny_vnfd.yaml"));
        let listed = place.nfv(&["list", &place.oci("from_oras")]);
        let digest = pushed["digest"].as_str().expect("a digest");
        assert!(listed.stdout.contains(digest), "{}", listed.stdout);
        // Where there is no referrers API, an index takes its place.
        let attach = [
            "attach",
            &reference,
            "tiny_ns/tiny_nsd.yaml",
            "--artifact-type",
            "example/sbom",
        ];
        place.ask(&oras, &attach);
        let referrers = place.nfv(&["inspect", &ours, "--referrers"]);
        assert!(
            referrers.stdout.contains("example/sbom"),
            "{}",
            referrers.stdout
        );
    }
}

#[test]
fn we_read_what_helm_pushes() {
    let Some(helm) = tool("helm") else { return };
    for guard in GUARDS {
        let Some(place) = Place::start(guard) else {
            return;
        };
        let mut package = place.other(&helm, &["package", "tiny_chart"]);
        sh(&mut package);
        let name = "tiny-chart-1.2.3.tgz";
        let folder = place.oci("helm");
        place.ask(&helm, &["push", name, &folder]);
        let chart = place.oci("helm/tiny-chart:1.2.3");
        let inspected = json(
            &place
                .nfv(&["inspect", &chart, "--message-format", "json"])
                .bytes,
        );
        let kind = "application/vnd.cncf.helm.config.v1+json";
        assert!(inspected.to_string().contains(kind), "{inspected}");
        place.nfv(&["pull", &chart, "-d", "in"]);
        assert!(place.came(&format!("in/{name}")) == place.came(name));
        place.nfv(&["pull", &chart, "-d", "in", "--untar"]);
        assert!(place.tree.path("in/tiny-chart/Chart.yaml").is_file());
        let listed = place.nfv(&["list", &place.oci("helm/tiny-chart")]);
        assert!(listed.stdout.contains("1.2.3"), "{}", listed.stdout);
    }
}

#[test]
fn a_certificate_lets_us_in() {
    let Some(place) = Place::start(Guard::Certificates) else {
        return;
    };
    let publish = ["publish", "-A", "all", &place.oci(""), "--retries", "0"];
    let run = |with_pair: bool| {
        let mut command = nfv_in(&place.tree, &publish);
        command.arg("--ca-file").args(&place.registry.ca);
        if with_pair {
            let (certificate, key) = &place.registry.pair;
            command.arg("--cert-file").arg(certificate);
            command.arg("--key-file").arg(key);
        }
        run(&mut command)
    };
    run(false)
        .code(6)
        .says("`--cert-file` and `--key-file` name one");
    run(true).code(0);
}

/// Which file it is, what is wrong with it, and what to do, before anybody is asked.
#[test]
fn certificates_and_keys_that_can_not_be_shown() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = tree();
    let ask = |args: &str| {
        let mut command = Command::new(&openssl);
        sh(command.args(args.split(' ')).current_dir(&tree.root));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for name in ["one", "two"] {
        ask(&format!(
            "req -x509 -days 2 -subj /CN={name} {key} -keyout {name}.key -out {name}.pem"
        ));
    }
    ask("req -new -subj /CN=old -key one.key -out old.csr");
    ask("x509 -req -days 2 -in old.csr -signkey one.key -out old.pem");
    ask("ecparam -name secp256k1 -genkey -noout -out other.key");
    ask("pkcs8 -topk8 -in one.key -passout pass:hush -out locked.key");
    let bytes = fs::read_to_string(tree.path("one.pem")).expect("a certificate");
    tree.file("broken.pem", bytes.replacen("MII", "MIA", 1));
    for (certificate, key, says) in [
        ("one.pem", "two.key", "`two.key` is not the key of"),
        ("old.pem", "one.key", "`old.pem` is of X.509 version 1"),
        ("broken.pem", "one.key", "`broken.pem` is damaged"),
        ("one.pem", "other.key", "`other.key` is of a kind that"),
        ("one.pem", "locked.key", "`locked.key` has a passphrase"),
        ("one.pem", "one.pem", "`one.pem`, which `--key-file` names"),
        ("one.key", "one.key", "`one.key`, which `--cert-file` names"),
    ] {
        let inspect = ["inspect", "https://127.0.0.1:1/x:1", "--retries", "0"];
        let pair = ["--cert-file", certificate, "--key-file", key];
        let run = crate::nfv(&tree, &[&inspect[..], &pair].concat());
        assert_eq!(run.status, Some(2), "{says}\n{}", run.stderr);
        let run = run.says(says);
        assert!(!run.stderr.contains("Caused by"), "{}", run.stderr);
    }
    let fits = ["--cert-file", "one.pem", "--key-file", "one.key"];
    let inspect = ["inspect", "https://127.0.0.1:1/x:1", "--retries", "0"];
    crate::nfv(&tree, &[&inspect[..], &fits].concat()).code(6);
}

/// Wrong passwords and unknown certificates are told apart.
#[test]
fn whom_it_does_not_trust() {
    let Some(place) = Place::start(Guard::Certificate) else {
        return;
    };
    let at = place.oci("tiny_ns:1.0");
    let soon = ["inspect", &at, "--retries", "0"];
    let run = |args: &[&str]| crate::nfv(&place.tree, args);
    // This machine, and nobody said that it has encryption all the same.
    run(&soon)
        .code(2)
        .says("begin the reference with `https://`");
    run(&[&soon[..], &["--plain-http"]].concat())
        .code(2)
        .says("as `--plain-http` or `http://` says");
    // Somebody asked for it.
    let secure = at.replace("oci://", "https://");
    let unknown = run(&["inspect", &secure, "--retries", "0"]).code(6);
    assert!(unknown.stderr.contains("certificate"), "{}", unknown.stderr);
    run(&[&soon[..], &["--insecure"]].concat()).code(3);
    place.nfv(&["publish", "-A", "all", &place.oci("")]);
    run(&[&soon[..], &["--insecure"]].concat()).code(0);
    let Some(place) = Place::start(Guard::Password) else {
        return;
    };
    assert_eq!(place.guard, Guard::Password);
    fs::remove_dir_all(home(&place.tree)).expect("credentials");
    let publish = ["publish", "-A", "all", &place.oci("")];
    crate::nfv(&place.tree, &publish)
        .code(4)
        .says("asks for credentials");
    let login = |password: &str| {
        let mut command = nfv_in(&place.tree, &["login", &place.registry.host]);
        command.args(["-u", USER, "-p", password]);
        crate::common::run(&mut command)
    };
    login("guess")
        .code(4)
        .says("does not accept the credentials");
    login(PASSWORD).code(0);
    crate::nfv(&place.tree, &publish).code(0);
}

/// Who has logged in with Helm alone needs no second login.
#[test]
fn credentials_that_helm_keeps_are_found() {
    let Some(helm) = tool("helm") else { return };
    let Some(place) = Place::start(Guard::Password) else {
        return;
    };
    fs::remove_dir_all(home(&place.tree)).expect("credentials");
    let list = ["list", &place.oci("tiny-chart")];
    crate::nfv(&place.tree, &list).code(4);
    let login = ["registry", "login", &place.registry.host];
    let who = ["-u", USER, "-p", PASSWORD];
    place.ask(&helm, &[&login[..], &who].concat());
    // Nothing is published yet, and that is all that is wrong.
    crate::nfv(&place.tree, &list).code(3);
    place.nfv(&["publish", "-q", "-A", "all", &place.oci("")]);
    crate::nfv(&place.tree, &list).code(0);
}

/// A certificate that is its own authority is taken where it is named itself, for the names that
/// it has; another one of the same subject does not stand for it.
#[test]
fn a_certificate_of_its_own() {
    let Some(docker) = crate::docker::Docker::start(Guard::Itself) else {
        return;
    };
    let tree = crate::tree();
    let own = docker.ca.clone().expect("a certificate");
    let other = own.with_file_name("other.pem");
    let shown = [&docker.pair.0, &docker.pair.1].map(|path| path.to_str().expect("a path"));
    let publish = |host: &str, ca: &Path, more: &[&str]| {
        let place = format!("oci://{host}/edge");
        let ca = ca.to_str().expect("a path");
        let soon = ["--retries", "0", "--ca-file", ca];
        crate::publish(&tree, &place, &[&soon, more].concat())
    };
    publish(&docker.host, &own, &[]).code(0);
    let pair = ["--cert-file", shown[0], "--key-file", shown[1]];
    publish(&docker.host, &own, &pair).code(0);
    publish(&docker.host, &other, &[])
        .code(6)
        .says("`--ca-file` trusts it where it names this very certificate");
    publish(&docker.host.replace("127.0.0.1", "localhost"), &own, &[])
        .code(6)
        .says("localhost");
    publish(
        &docker.host,
        &own,
        &["--cert-file", shown[0], "--key-file", shown[0]],
    )
    .code(2)
    .says("holds no private key");
}
