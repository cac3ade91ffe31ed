//! `cargo bench --bench registry`: one large blob to Docker's registry and back,
//! beside curl and skopeo, as ratios.
//!
//! See `benches/README.md`. The blob is made once and kept below the target
//! directory.
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::fs;
use std::io::{BufWriter, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sha2::{Digest, Sha256};

#[path = "../common/mod.rs"]
mod common;

use common::{load, number, pairs, peak, prepared, program};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn main() {
    let work = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-registry");
    fs::create_dir_all(&work).expect("a folder to work in");
    // A configuration ends the search for one at this folder.
    fs::write(work.join("nfv.toml"), "").expect("a configuration");
    if !prepared(
        "docker-registry",
        Command::new("docker-registry").arg("--version"),
    ) {
        return;
    }
    let mebibytes = number("NFV_BENCH_MEBIBYTES", 2048);
    let blob = layout(&work.join(format!("layout-{mebibytes}")), mebibytes);
    let registry = Registry::start(&work);
    common::heading();
    push(&work, &registry, &blob, mebibytes);
    pull(&work, &registry, &blob, mebibytes);
    println!("\nload after: {}", load());
}

/// Docker's registry, which keeps nothing in memory.
struct Registry {
    process: Child,
    host: String,
    data: PathBuf,
}

impl Registry {
    fn start(work: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let host = free.local_addr().expect("the port").to_string();
        drop(free);
        let data = work.join("data");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {host}}}\n",
            data.display()
        );
        let path = work.join("registry.yml");
        fs::write(&path, config).expect("a configuration");
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry starts");
        let registry = Registry {
            process,
            host,
            data,
        };
        while TcpStream::connect(&registry.host).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        registry
    }

    fn forget(&self) {
        let _ = fs::remove_dir_all(&self.data);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.forget();
    }
}

/// An image layout with one artifact of one blob.
struct Blob {
    layout: PathBuf,
    path: PathBuf,
    digest: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn layout(folder: &Path, mebibytes: usize) -> Blob {
    let blobs = folder.join("blobs/sha256");
    let noted = folder.join("digest");
    if !noted.is_file() {
        fs::create_dir_all(&blobs).expect("a layout");
        let part = folder.join("part");
        let file = fs::File::create(&part).expect("a blob");
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let mut hash = Sha256::new();
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..mebibytes << 7 {
            let block: Vec<u8> = std::iter::repeat_with(|| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            })
            .take(1024)
            .flat_map(u64::to_le_bytes)
            .collect();
            hash.update(&block);
            out.write_all(&block).expect("a blob");
        }
        out.flush().expect("a blob");
        let layer = hex(&hash.finalize());
        fs::rename(&part, blobs.join(&layer)).expect("a blob");
        let put = |bytes: &[u8]| {
            let digest = hex(&Sha256::digest(bytes));
            fs::write(blobs.join(&digest), bytes).expect("a blob");
            digest
        };
        let config = put(b"{}");
        let size = mebibytes << 20;
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{config}","size":2}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:{layer}","size":{size},"annotations":{{"org.opencontainers.image.title":"disk.img"}}}}]}}"#
        );
        let digest = put(manifest.as_bytes());
        let index = format!(
            r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{MANIFEST}","digest":"sha256:{digest}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"one"}}}}]}}"#,
            manifest.len()
        );
        fs::write(folder.join("index.json"), index).expect("an index");
        let version = r#"{"imageLayoutVersion":"1.0.0"}"#;
        fs::write(folder.join("oci-layout"), version).expect("a layout");
        fs::write(&noted, &layer).expect("a note");
    }
    let layer = fs::read_to_string(&noted).expect("a note");
    Blob {
        layout: folder.to_owned(),
        path: blobs.join(&layer),
        digest: format!("sha256:{layer}"),
    }
}

fn nfv(work: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(args).current_dir(work).env("NO_PROXY", "*");
    command
}

fn shell(work: &Path, script: &str) -> Command {
    let mut command = Command::new("bash");
    command
        .args(["-euc", script])
        .current_dir(work)
        .env("NO_PROXY", "*");
    command
}

fn memory(name: &str, command: Command) {
    match peak(command) {
        Some(memory) => println!("| most memory for {name} | {memory} KB | | | 65536 KB |"),
        None => println!("| most memory for {name} | not measured: GNU time is absent | | | |"),
    }
}

fn push(work: &Path, registry: &Registry, blob: &Blob, mebibytes: usize) {
    let host = &registry.host;
    let from = format!("oci:{}:one", blob.layout.display());
    let to = format!("oci://{host}/edge/disk:one");
    let ours = || nfv(work, &["copy", &from, &to]);
    let reset = || registry.forget();
    // What it takes at the least: the digest is known, and nothing is looked for.
    let curl = format!(
        "place=$(curl -sfi -X POST http://{host}/v2/edge/disk/blobs/uploads/ | tr -d '\\r' | sed -n 's/^location: //Ip')\n\
         curl -sf -T '{}' -H 'Content-Type: application/octet-stream' \"$place&digest={}\"",
        blob.path.display(),
        blob.digest
    );
    let name = format!("{mebibytes} MiB to the registry, curl");
    pairs(&name, &ours, &|| shell(work, &curl), &reset, (1, 1), "1.10");
    if prepared("skopeo", Command::new("skopeo").arg("--version")) {
        let skopeo = format!(
            "skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false '{from}' docker://{host}/edge/disk:one"
        );
        let name = format!("{mebibytes} MiB to the registry, skopeo");
        pairs(
            &name,
            &ours,
            &|| shell(work, &skopeo),
            &reset,
            (1, 1),
            "1.00",
        );
    }
    reset();
    memory("that", ours());
}

fn pull(work: &Path, registry: &Registry, blob: &Blob, mebibytes: usize) {
    let host = &registry.host;
    let from = format!("oci://{host}/edge/disk:one");
    let out = work.join("out");
    let ours = || nfv(work, &["pull", &from, "-d", "out"]);
    let reset = || {
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(&out).expect("a folder");
    };
    let address = format!("http://{host}/v2/edge/disk/blobs/{}", blob.digest);
    for (name, script) in [
        (
            "curl, which holds nothing against a digest",
            format!("curl -sf -o out/disk.img {address}"),
        ),
        (
            "curl, tee and sha256sum in a pipe",
            format!("curl -sf {address} | tee out/disk.img | sha256sum"),
        ),
        (
            "skopeo",
            format!(
                "skopeo --insecure-policy copy -q --src-tls-verify=false docker://{host}/edge/disk:one dir:out/dir"
            ),
        ),
    ] {
        let name = format!("{mebibytes} MiB from the registry, {name}");
        pairs(
            &name,
            &ours,
            &|| shell(work, &script),
            &reset,
            (1, 1),
            "1.10",
        );
    }
    reset();
    memory("that", ours());
    reset();
}
