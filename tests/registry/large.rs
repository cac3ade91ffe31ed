//! Blobs that are larger than memory should have to be.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::common::Tree;
use crate::double::{Registry, digest_of};
use crate::{nfv_in, noise};

/// Runs a command to its end; the most memory that it had, in bytes.
#[track_caller]
fn peak(mut command: Command) -> u64 {
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    let mut child = command.spawn().expect("the program starts");
    let path = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let status = loop {
        // The kernel keeps the mark for as long as the process is there.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok());
        most = mark.unwrap_or(most);
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(status.success(), "{command:?}");
    most << 10
}

/// An image layout with one artifact of one blob, so large.
fn layout(folder: &Path, mebibytes: usize) -> String {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a layout");
    let block = noise(1 << 20);
    let part = folder.join("part");
    let mut file = File::create(&part).expect("a blob");
    let mut hash = Sha256::new();
    for n in 0..mebibytes {
        let mut block = block.clone();
        block[..8].copy_from_slice(&(n as u64).to_le_bytes());
        file.write_all(&block).expect("a blob");
        hash.update(&block);
    }
    let layer: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::rename(&part, blobs.join(&layer)).expect("a blob");
    let put = |bytes: &[u8]| {
        let digest = digest_of(bytes);
        fs::write(blobs.join(&digest["sha256:".len()..]), bytes).expect("a blob");
        digest
    };
    let config = put(b"{}");
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{kind}","artifactType":"application/x","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"application/x","digest":"sha256:{layer}","size":{},"annotations":{{"org.opencontainers.image.title":"disk.img"}}}}]}}"#,
        mebibytes << 20
    );
    let digest = put(manifest.as_bytes());
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{kind}","digest":"{digest}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"disk:1"}}}}]}}"#,
        manifest.len()
    );
    fs::write(folder.join("index.json"), index).expect("an index");
    fs::write(
        folder.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
    .expect("a layout");
    layer
}

fn there_and_back(mebibytes: usize) {
    const MOST: u64 = 64 << 20;
    let tree = Tree::new();
    let layer = layout(&tree.path("in"), mebibytes);
    let registry = Registry::plain();
    let there = format!("oci://{}/edge/disk:1", registry.host());
    let pushing = peak(nfv_in(&tree, &["copy", "-q", "oci:in:disk:1", &there]));
    let arrived = registry.blob("edge/disk", &format!("sha256:{layer}"));
    let size = fs::metadata(arrived.expect("the blob"))
        .expect("the blob")
        .len();
    assert_eq!(size, (mebibytes as u64) << 20);
    // What was sent is no longer needed, and a third copy may not fit on the disk.
    fs::remove_dir_all(tree.path("in")).expect("a layout");
    let pulling = peak(nfv_in(&tree, &["pull", "-q", &there, "-d", "out"]));
    let size = fs::metadata(tree.path("out/disk.img"))
        .expect("the file")
        .len();
    assert_eq!(size, (mebibytes as u64) << 20);
    println!(
        "{mebibytes} MiB: pushing {} KiB, pulling {} KiB",
        pushing >> 10,
        pulling >> 10
    );
    assert!(
        pushing < MOST && pulling < MOST,
        "{pushing} and {pulling} bytes"
    );
}

#[test]
fn a_quarter_of_a_gigabyte_takes_little_memory() {
    there_and_back(256);
}

/// `cargo test --test registry -- --ignored`.
#[test]
#[ignore = "it writes 6 GB, of which 4 stay at once, and takes a minute"]
fn two_gigabytes_take_no_more() {
    there_and_back(2048);
}
