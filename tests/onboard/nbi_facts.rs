//! The double held against what is known of the NBI: one line a fact.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::common::vnfd;
use crate::nbi::{Nbi, Options, PASSWORD, PROJECT, USER};
use crate::osm::{nsd, nst, request};

const VNFS: &str = "/vnfpkgm/v1/vnf_packages_content";
const NSS: &str = "/nsd/v1/ns_descriptors_content";
const NSTS: &str = "/nst/v1/netslice_templates_content";
const GZIP: (&str, &str) = ("Content-Type", "application/gzip");
const ZIP: (&str, &str) = ("Content-Type", "application/zip");
const TEXT: (&str, &str) = ("Content-Type", "text/plain");

fn bearer(nbi: &Nbi) -> String {
    let login = format!(
        "{{\"username\":\"{USER}\",\"password\":\"{PASSWORD}\",\"project_id\":\"{PROJECT}\"}}"
    );
    let json = [("Content-Type", "application/json")];
    let (status, body) = request(nbi, "POST", "/admin/v1/tokens", &json, login.as_bytes());
    assert_eq!(status, 200, "{body}");
    let document: Value = serde_json::from_str(&body).expect("JSON");
    assert!(document["expires"].is_number());
    format!("Bearer {}", document["id"].as_str().expect("a token"))
}

fn tar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in members {
        let mut header = tar::Header::new_gnu();
        let bytes = name.as_bytes();
        header.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, text.as_bytes()).expect("a member");
    }
    tar.into_inner().expect("a tar")
}

fn tar_gz(members: &[(&str, &str)]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&tar(members)).expect("bytes");
    gzip.finish().expect("a gzip")
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).expect("a member");
        zip.write_all(text.as_bytes()).expect("a member");
    }
    zip.finish().expect("a zip").into_inner()
}

/// Sends by hand, at a fresh NBI where none is given.
fn send(nbi: &Nbi, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
    let bearer = bearer(nbi);
    let who = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/json"),
    ];
    let (status, body) = request(nbi, "POST", path, &[&who[..], headers].concat(), body);
    let document: Value = serde_json::from_str(&body).unwrap_or_default();
    let said = document["detail"].as_str().or(document["id"].as_str());
    if status >= 400 {
        assert_eq!(document["status"], status, "{body}");
        assert!(document["code"].is_string(), "{body}");
    }
    (status, said.unwrap_or_default().to_owned())
}

/// A second one of an id, as `FORCE` lets it in.
pub fn force(nbi: &Nbi, package: &Path) {
    let bytes = std::fs::read(package).expect("a package");
    let path = format!("{VNFS}?FORCE=true");
    let (status, said) = send(
        nbi,
        &path,
        &[GZIP, ("Content-Filename", "x.tar.gz")],
        &bytes,
    );
    assert_eq!(status, 201, "{said}");
}

#[track_caller]
fn check(answer: (u16, String), status: u16, words: &str) {
    assert!(
        answer.0 == status && answer.1.contains(words),
        "{answer:?} is not {status} {words}"
    );
}

#[test]
fn packages() {
    let one = vnfd("a_vnf");
    let ok = ("p/a.yaml", one.as_str());
    for (members, status, words) in [
        (&[ok][..], 201, ""),
        (&[("./a.yaml", &one)], 201, ""),
        (&[ok, ("q/sub/x.yaml", "a: b")], 201, ""),
        (
            &[ok, ("a.txt", "x")],
            400,
            "All files must be inside a dir for package descriptor tar.gz",
        ),
        (&[("/p/a.yaml", &one)], 400, "Absolute path or '..'"),
        (&[("p/../a.yaml", &one)], 400, "Absolute path or '..'"),
        (
            &[("p/a.txt", &one)],
            400,
            "Not found any descriptor file at package descriptor tar.gz",
        ),
        (
            &[("./p/a.yaml", &one)],
            400,
            "Not found any descriptor file",
        ),
        (
            &[("p/Definitions/a.yaml", &one)],
            400,
            "Not found any descriptor file",
        ),
        (
            &[ok, ("p/values.yaml", "a: b")],
            400,
            "Found more than one descriptor file at package descriptor tar.gz",
        ),
        (
            &[ok, ("p/metadata.json", "{}")],
            400,
            "Found more than one descriptor file",
        ),
        (
            &[("p/a.json", "{\"vnfd\": {\"id\": \"a\"}}")],
            400,
            "'str' object has no attribute 'read'",
        ),
        (&[("p/a.yaml", "")], 400, "'df'"),
        (
            &[
                ok,
                ("p/checksums.txt", "0000 p/a.yaml"),
                ("p/a.mf", "wrong"),
            ],
            201,
            "",
        ),
    ] {
        check(
            send(&Nbi::plain(), VNFS, &[GZIP], &tar_gz(members)),
            status,
            words,
        );
        check(
            send(&Nbi::plain(), VNFS, &[GZIP], &tar(members)),
            status,
            words,
        );
    }
    for (members, status, words) in [
        (&[("a.yaml", one.as_str())][..], 201, ""),
        (
            &[
                ("Definitions/a.yaml", &one),
                ("TOSCA-Metadata/TOSCA.meta", ""),
            ],
            201,
            "",
        ),
        (
            &[("p/a.yaml", &one)],
            400,
            "Not found any descriptor file at package descriptor zip",
        ),
        (
            &[("a.yaml", &one), ("Definitions/b.yaml", "")],
            400,
            "Found more than one descriptor file at package descriptor zip",
        ),
    ] {
        check(
            send(&Nbi::plain(), VNFS, &[ZIP], &zip(members)),
            status,
            words,
        );
    }
    check(send(&Nbi::plain(), VNFS, &[TEXT], one.as_bytes()), 201, "");
    check(
        send(&Nbi::plain(), VNFS, &[GZIP], b"no tar at all"),
        400,
        "invalid file content",
    );
    let package = tar_gz(&[ok]);
    for kind in [
        "application/json",
        "application/yaml",
        "application/octet-stream",
    ] {
        let answer = send(&Nbi::plain(), VNFS, &[("Content-Type", kind)], &package);
        check(answer, 400, "Invalid ");
    }
    let other = [("Content-Type", "application/octet-stream")];
    check(
        send(&Nbi::plain(), VNFS, &other, &package),
        400,
        "unacceptable character #x008b",
    );
}

#[test]
fn headers() {
    use md5::Digest as _;
    let package = tar_gz(&[("p/a.yaml", &vnfd("a_vnf"))]);
    let md5 = nfv::digest::hex(&md5::Md5::digest(&package));
    let sha = nfv::digest::to_base64(&sha2::Sha384::digest(&package));
    let digest = format!("sha-384={sha}");
    for (name, value, status, words) in [
        ("Content-File-MD5", md5.as_str(), 201, ""),
        ("Content-File-MD5", "00", 409, "Error, MD5 mismatch"),
        ("Digest", &digest, 201, ""),
        ("Digest", "sha-384=AAAA", 409, "Error, SHA384 mismatch"),
        (
            "Digest",
            "sha-256=AAAA",
            400,
            "Unsupported digest algorithm: sha-256",
        ),
        (
            "Content-Range",
            "bytes 1-2",
            416,
            "invalid Content-Range header format",
        ),
        (
            "Content-Range",
            "bytes 0-2/9",
            416,
            "Mismatch between Content-Range header 0-2",
        ),
        (
            "Content-Range",
            "bytes 5-9/10",
            404,
            "invalid Transaction-Id header",
        ),
    ] {
        check(
            send(&Nbi::plain(), VNFS, &[GZIP, (name, value)], &package),
            status,
            words,
        );
    }
    let nbi = Nbi::plain();
    let (status, body) = request(&nbi, "GET", "/vnfpkgm/v1/vnf_packages", &[], b"");
    assert!(status == 401 && body.contains("Needed a token or Authorization http header"));
    let wrong = br#"{"username":"operator","password":"x","project_id":"edge"}"#;
    let json = [("Content-Type", "application/json")];
    let (status, body) = request(&nbi, "POST", "/admin/v1/tokens", &json, wrong);
    assert!(
        status == 401 && body.contains("Invalid username/password"),
        "{body}"
    );
    let (status, body) = request(&nbi, "GET", "/version", &[], b"");
    assert!(status == 200 && body.contains("19.0"));
}

#[test]
fn functions() {
    let base = vnfd("a_vnf");
    let vdu = "  mgmt-cp: mgmt-ext\n  ext-cpd:\n    - id: mgmt-ext\n      int-cpd: {vdu-id: v, cpd: c}\n  \
               virtual-storage-desc:\n    - id: s\n  virtual-compute-desc:\n    - id: k\n  \
               vdu:\n    - id: v\n      virtual-storage-desc: [s]\n      virtual-compute-desc: k\n      \
               int-cpd:\n        - id: c\n";
    let with = |from: &str, to: &str| {
        let text = format!("vnfd:\n  id: a_vnf\n{vdu}  df:\n    - id: d\n");
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let df = |more: &str| with("    - id: d\n", &format!("    - id: d\n{more}"));
    for (text, status, words) in [
        (with("  df:", "  df:"), 201, ""),
        (
            "vnfd-catalog: {vnfd: []}".to_owned(),
            422,
            "ERROR: Unsupported descriptor format",
        ),
        (
            base.replace("  kdu:", "  foo-bar: 1\n  kdu:"),
            422,
            "Error in pyangbind validation: JSON object contained a key that did not exist (foo-bar)",
        ),
        ("vnfd: []".to_owned(), 400, "'vnfd' must be dict"),
        (
            "etsi-nfv-vnfd:vnfd: []".to_owned(),
            400,
            "'etsi-nfv-vnfd:vnfd' must be a dict",
        ),
        (base.replace("vnfd:", "etsi-nfv-vnfd:vnfd:"), 201, ""),
        (
            with("        - id: c\n", "        - id: c\n        - id: c\n"),
            422,
            "Error: identifier id 'c' is not unique and repeats at '.vdu[0].int-cpd[1]'",
        ),
        (
            with("  mgmt-cp: mgmt-ext\n", ""),
            422,
            "'mgmt-cp' is a mandatory field and it is not defined",
        ),
        (
            with("mgmt-cp: mgmt-ext", "mgmt-cp: x"),
            422,
            "mgmt-cp='x' must match an existing ext-cpd",
        ),
        (
            with("cpd: c}", "cpd: x}"),
            422,
            "ext-cpd[id='mgmt-ext']:int-cpd must match an existing vdu int-cpd",
        ),
        (
            with("    - id: v\n", "    - id: v\n      cloud-init-file: x\n"),
            400,
            "Cloud-init defined in vnf[id=a_vnf]:vdu[id=v] but not present in package",
        ),
        (
            with(
                "        - id: c\n",
                "        - id: c\n          int-virtual-link-desc: l\n",
            ),
            422,
            "vdu[id='v']:int-cpd[id='c']:int-virtual-link-desc='l' must match",
        ),
        (
            df("      virtual-link-profile:\n        - id: p\n"),
            422,
            "df[id='d']:virtual-link-profile='p' must match",
        ),
        (
            with(
                "    - id: v\n",
                "    - id: v\n      alarm:\n        - alarm-id: a\n          vnf-monitoring-param-ref: m\n",
            ),
            422,
            "vdu[id='v']:alarm[id='a']:vnf-monitoring-param-ref='m' not defined",
        ),
        (
            with(
                "    - id: d\n",
                "    - id: d\n      monitoring-parameter:\n        - id: m\n    - id: e\n      monitoring-parameter:\n        - id: m\n",
            ),
            422,
            "Duplicated monitoring-parameter id in df[id='e']:monitoring-parameter[id='m']",
        ),
        (
            df(
                "      healing-aspect:\n        - id: h\n          healing-policy:\n            - event-name: e\n              vdu-id: v\n",
            ),
            422,
            "df[id='d']:healing-aspect[id='h']:healing-policy[name='e']: vdu-id='v' not defined in vdu",
        ),
        (
            df("      scaling-aspect:\n        - id: s\n"),
            400,
            "'NoneType' object",
        ),
        (
            df(
                "      scaling-aspect:\n        - id: s\n          aspect-delta-details:\n            deltas:\n              - id: x\n                vdu-delta:\n                  - id: v\n",
            ),
            422,
            "aspect-delta-details[delta='x']: vdu-id='v' not defined in vdu",
        ),
        (
            df(
                "      scaling-aspect:\n        - id: s\n          aspect-delta-details: {deltas: []}\n          scaling-config-action:\n            - vnf-config-primitive-name-ref: r\n",
            ),
            422,
            "'day1-2 configuration' not defined in the descriptor",
        ),
        (
            df("      lcm-operations-configuration:\n        operate-vnf-op-config: {}\n"),
            400,
            "'day1-2'",
        ),
        (
            df(
                "      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: a_vnf\n              execution-environment-list:\n                - juju: {charm: x}\n",
            ),
            400,
            "Charm defined in vnf[id=a_vnf] but not present in package",
        ),
        (
            with("virtual-storage-desc: [s]", "virtual-storage-desc: [x]"),
            422,
            "vdu[virtual-storage-desc='x']not defined in vnfd",
        ),
        (
            with("virtual-compute-desc: k", "virtual-compute-desc: x"),
            422,
            "vdu[virtual-compute-desc='x']not defined in vnfd",
        ),
        (
            with("      virtual-storage-desc: [s]\n", ""),
            400,
            "'NoneType' object",
        ),
        (
            base.replace("example/tiny", "Example/tiny"),
            422,
            "helm-chart 'Example/tiny' is not valid",
        ),
        (base.replace("example/tiny", "a/b/c"), 422, "is not valid"),
        (base.replace("example/tiny", "a_b"), 422, "is not valid"),
        (base.replace("example/tiny", "oci://h/c"), 201, ""),
        (
            base.replace("  df:\n    - id: default-df\n", ""),
            400,
            "'df'",
        ),
    ] {
        let package = tar_gz(&[("p/a.yaml", &text)]);
        let answer = send(&Nbi::plain(), VNFS, &[GZIP], &package);
        assert!(
            answer.0 == status && answer.1.contains(words),
            "{answer:?}\n{text}"
        );
    }
    let nbi = Nbi::plain();
    let package = tar_gz(&[("p/a.yaml", &base)]);
    check(send(&nbi, VNFS, &[GZIP], &package), 201, "");
    check(
        send(&nbi, VNFS, &[GZIP], &package),
        409,
        "with id 'a_vnf' already exists for this project",
    );
    assert_eq!(nbi.has(), ["vnfd a_vnf ONBOARDED 1"]);
    check(
        send(&nbi, &format!("{VNFS}?FORCE=true"), &[GZIP], &package),
        201,
        "",
    );
}

#[test]
fn services_and_slices() {
    let nbi = Nbi::plain();
    let service = nsd("a_ns", &["a_vnf"]);
    let as_package = |text: &str| tar_gz(&[("p/a.yaml", text)]);
    check(
        send(&nbi, NSS, &[GZIP], &as_package(&service)),
        409,
        "Descriptor error at 'vnfd-id'='a_vnf' references a non existing vnfd",
    );
    check(
        send(&nbi, VNFS, &[GZIP], &as_package(&vnfd("a_vnf"))),
        201,
        "",
    );
    for (from, to, status, words) in [
        (
            "  nsd:\n    - id: a_ns",
            "  nsd:\n    - id: b\n    - id: a_ns",
            400,
            "'nsd' must be a list of only one element",
        ),
        (
            "              vnfd-id: a_vnf",
            "              vnfd-id: x",
            422,
            "Error at df[id='default-df']:vnf_profile[id='1']:vnfd-id='x' does not match any vnfd-id",
        ),
        (
            "constituent-cpd-id: mgmt-ext",
            "constituent-cpd-id: x",
            422,
            "constituent-cpd-id='x' references a non existing ext-cpd:id inside vnfd 'a_vnf'",
        ),
        (
            "          vnf-profile:",
            "          virtual-link-profile:\n            - id: p\n              virtual-link-desc-id: mgmtnet\n              virtual-link-protocol-data: {}\n          vnf-profile:",
            422,
            "You cannot set a virtual-link-protocol-data when mgmt-network is True",
        ),
        (
            "      df:",
            "      vnffgd:\n        - id: g\n          nfpd:\n            - id: f\n              position-desc-id:\n                - nfp-position-element-id: [x]\n      df:",
            422,
            "Error at vnffgd nfpd[id='f']:nfp-position-element-id='x' does not match",
        ),
    ] {
        assert!(service.contains(from), "{from}");
        let text = service.replacen(from, to, 1);
        let answer = send(&nbi, NSS, &[GZIP], &as_package(&text));
        assert!(
            answer.0 == status && answer.1.contains(words),
            "{answer:?}\n{text}"
        );
    }
    let slice = nst("a_nst", "a_ns");
    check(
        send(&nbi, NSTS, &[GZIP], &as_package(&slice)),
        409,
        "Descriptor error at 'netslice-subnet':'nsd-ref'='a_ns' references a non existing nsd",
    );
    check(send(&nbi, NSS, &[GZIP], &as_package(&service)), 201, "");
    check(
        send(&nbi, NSTS, &[GZIP], &as_package("nst: [{id: a}, {id: b}]")),
        400,
        "'nst' must be a list only one element",
    );
    check(send(&nbi, NSTS, &[GZIP], &as_package(&slice)), 201, "");
    let bearer = bearer(&nbi);
    let who = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/json"),
    ];
    let first = |path: &str| {
        let (_, body) = request(&nbi, "GET", path, &who, b"");
        let list: Value = serde_json::from_str(&body).expect("JSON");
        format!("{path}/{}", list[0]["_id"].as_str().expect("a key"))
    };
    for (path, words) in [
        (
            "/vnfpkgm/v1/vnf_packages",
            "There is at least one NS package referencing this descriptor",
        ),
        (
            "/nsd/v1/ns_descriptors",
            "There is at least one NetSlice Template referencing this descriptor",
        ),
    ] {
        let (status, body) = request(&nbi, "DELETE", &first(path), &who, b"");
        assert!(status == 409 && body.contains(words), "{body}");
    }
    let package = first("/vnfpkgm/v1/vnf_packages");
    for (rest, accept, status) in [
        ("/package_content", "application/zip", 200),
        ("/package_content", "application/json", 406),
        ("/vnfd", "text/plain", 200),
        ("/artifacts/a.yaml", "*/*", 200),
        ("/artifacts/b.yaml", "*/*", 404),
    ] {
        let who = [("Authorization", bearer.as_str()), ("Accept", accept)];
        let (got, body) = request(&nbi, "GET", &format!("{package}{rest}"), &who, b"");
        assert_eq!(got, status, "{rest}: {body}");
    }
    // What is onboarded gets another revision.
    let kind = [("Authorization", bearer.as_str()), GZIP];
    let content = format!("{package}/package_content");
    let (status, _) = request(&nbi, "PUT", &content, &kind, &as_package(&vnfd("a_vnf")));
    assert_eq!(status, 204);
    assert_eq!(nbi.has()[0], "vnfd a_vnf ONBOARDED 2");
    let (status, _) = request(
        &nbi,
        "DELETE",
        &first("/nst/v1/netslice_templates"),
        &who,
        b"",
    );
    assert_eq!(status, 204);
}

#[test]
fn answers_are_yaml_where_nobody_wants_json() {
    let nbi = Nbi::start(Options::default());
    let bearer = bearer(&nbi);
    let who = [("Authorization", bearer.as_str())];
    let (status, body) = request(&nbi, "GET", "/nsd/v1/ns_descriptors", &who, b"");
    assert!(status == 200 && body.starts_with("---"), "{body}");
}

/// What is in use is compared as Python values: names where a value is another one, and a fall
/// where that is none.
#[test]
fn what_is_in_use_changes_little() {
    let nbi = Nbi::plain();
    let as_package = |text: &str| tar_gz(&[("a/a.yaml", text)]);
    let before = vnfd("a_vnf");
    let (status, _) = send(&nbi, VNFS, &[GZIP], &as_package(&before));
    assert_eq!(status, 201);
    nbi.options(|options| options.in_use.push("a_vnf".to_owned()));
    let bearer = bearer(&nbi);
    let who = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/json"),
    ];
    let (_, body) = request(&nbi, "GET", "/vnfpkgm/v1/vnf_packages", &who, b"");
    let list: Value = serde_json::from_str(&body).expect("JSON");
    let key = list[0]["_id"].as_str().expect("a key").to_owned();
    let content = format!("/vnfpkgm/v1/vnf_packages/{key}/package_content");
    let kind = [("Authorization", bearer.as_str()), GZIP];
    let flavour = "    - id: default-df\n";
    let watched = format!("{flavour}      monitoring-parameter:\n        - id: m\n");
    for (from, to, status, words) in [
        (
            "product-name: a_vnf",
            "product-name: b",
            422,
            "['product-name'] cannot be modified",
        ),
        (
            "  version: '1.0'",
            "  version: 1.0",
            400,
            "'NoneType' object has no attribute 'keys'",
        ),
        (
            "  version:",
            "  description: x\n  version:",
            400,
            "could not be processed with error",
        ),
        (
            flavour,
            &watched,
            400,
            "'NoneType' object has no attribute 'keys'",
        ),
        ("  version:", "  software-version: '2'\n  version:", 204, ""),
    ] {
        assert!(before.contains(from), "{from}");
        let text = before.replacen(from, to, 1);
        let (got, body) = request(&nbi, "PUT", &content, &kind, &as_package(&text));
        assert!(
            got == status && body.contains(words),
            "{got} {body}\n{text}"
        );
        // Back to where it was, without instances.
        nbi.options(|options| options.in_use.clear());
        let (status, _) = request(&nbi, "PUT", &content, &kind, &as_package(&before));
        assert_eq!(status, 204);
        nbi.options(|options| options.in_use.push("a_vnf".to_owned()));
    }
}

#[test]
fn forms() {
    let package = tar_gz(&[("p/a.yaml", &vnfd("a_vnf"))]);
    let form = ("Content-Type", "multipart/form-data; boundary=xyz");
    for (field, status, words) in [
        ("package", 201, ""),
        ("descriptor_file", 201, ""),
        ("other", 400, "empty file or content"),
    ] {
        let mut body = format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.tar.gz\"\r\n\
             Content-Type: application/gzip\r\n\r\n"
        )
        .into_bytes();
        body.extend(&package);
        body.extend(b"\r\n--xyz--\r\n");
        check(send(&Nbi::plain(), VNFS, &[form], &body), status, words);
    }
}

#[test]
fn queries() {
    let package = tar_gz(&[("p/a.yaml", &vnfd("a_vnf"))]);
    for (query, seen, seen_by_admin) in [
        ("", true, true),
        ("?PUBLIC=true", true, true),
        ("?SET_PROJECT=other", false, true),
    ] {
        let nbi = Nbi::plain();
        check(
            send(&nbi, &format!("{VNFS}{query}"), &[GZIP], &package),
            201,
            "",
        );
        for (query, seen) in [("", seen), ("?ADMIN=true", seen_by_admin)] {
            let bearer = bearer(&nbi);
            let path = format!("/vnfpkgm/v1/vnf_packages{query}");
            let headers = [("Authorization", bearer.as_str())];
            let (status, body) = request(&nbi, "GET", &path, &headers, b"");
            assert_eq!(
                (status, body.contains("a_vnf")),
                (200, seen),
                "{path} {body}"
            );
        }
    }
    // FORCE lets a second one of the same id in.
    let nbi = Nbi::plain();
    for (query, status) in [("", 201), ("", 409), ("?FORCE=true", 201)] {
        let (found, body) = send(&nbi, &format!("{VNFS}{query}"), &[GZIP], &package);
        assert_eq!(found, status, "{query} {body}");
    }
}
