//! Downloads that an earlier run has begun.

use std::fs;
use std::path::PathBuf;

use crate::common::{Run, Tree, sha256, vnfd};
use crate::double::{Fault, Options, Registry};
use crate::{nfv, nfv_in, noise, publish};

/// A function with a disk image of 4 MiB, at a registry, and what was asked of that.
struct Site {
    tree: Tree,
    registry: Registry,
    place: String,
    package: Vec<u8>,
}

const HALF: u64 = 5 << 19;

impl Site {
    fn new(options: Options) -> Self {
        let tree = Tree::of(&[("tiny_vnf/tiny_vnfd.yaml", &vnfd("tiny_vnf"))]);
        tree.file("tiny_vnf/images/disk.img", noise(4 << 20));
        let registry = Registry::start(options);
        let place = format!("oci://{}/edge", registry.host());
        publish(&tree, &place, &["-q"]).code(0);
        registry.take_log();
        let package = tree.path("target/nfv/packages/tiny_vnf-1.0.tar.gz");
        Site {
            place: format!("{place}/tiny_vnf:1.0"),
            package: fs::read(package).expect("a package"),
            registry,
            tree,
        }
    }

    fn layer(&self) -> String {
        format!("/blobs/sha256:{}", sha256(&self.package))
    }

    fn pull(&self, folder: &str) -> Run {
        let args = ["pull", &self.place, "-d", folder, "--retries", "0"];
        nfv(&self.tree, &args)
    }

    /// A pull that breaks off in the middle.
    fn break_off(&self, folder: &str) -> Run {
        self.break_off_after(HALF, folder)
    }

    fn break_off_after(&self, count: u64, folder: &str) -> Run {
        let fault = Fault::CutAnswer(count);
        self.registry.faults("GET", &self.layer(), 0, 1, fault);
        let run = self.pull(folder).code(6);
        assert!(!self.tree.path(folder).exists());
        self.registry.take_log();
        run
    }

    /// The file in which the beginning is kept.
    fn kept(&self) -> PathBuf {
        let caches = crate::home(&self.tree).join("cargo-nfv/downloads");
        caches.join(sha256(&self.package))
    }

    /// How the registry has answered those who wanted the package.
    fn answers(&self) -> Vec<u16> {
        let log = self.registry.take_log().into_iter();
        let layer = self.layer();
        log.filter(|request| request.path.contains(&layer))
            .map(|request| request.status)
            .collect()
    }

    #[track_caller]
    fn is_whole(&self, folder: &str) {
        let path = self.tree.path(folder).join("tiny_vnf-1.0.tar.gz");
        assert!(fs::read(path).expect("a package") == self.package);
        assert!(!self.kept().exists());
    }
}

#[test]
fn the_next_run_goes_on_where_one_broke_off() {
    let site = Site::new(Options::default());
    site.break_off("in")
        .says("the next run goes on with the 2 MiB that came");
    let size = fs::metadata(site.kept()).expect("a beginning").len();
    assert!((1 << 20..=HALF).contains(&size), "{size}");
    // Whether it succeeds or not.
    site.break_off_after(300_000, "in");
    assert!(fs::metadata(site.kept()).expect("a beginning").len() > size);
    site.pull("elsewhere").code(0);
    assert_eq!(site.answers(), [206]);
    site.is_whole("elsewhere");
    // A copy goes on as well.
    site.break_off("in");
    let layout = ["copy", &site.place, "oci:copied"];
    nfv(&site.tree, &layout).code(0);
    assert_eq!(site.answers(), [206]);
    nfv(&site.tree, &["pull", "oci:copied", "-d", "in"]).code(0);
    site.is_whole("in");
}

#[test]
fn a_registry_that_begins_at_the_start_is_listened_to() {
    let site = Site::new(Options {
        ranges: false,
        ..Options::default()
    });
    site.break_off("in");
    site.pull("in").code(0);
    assert_eq!(site.answers(), [200]);
    site.is_whole("in");
}

#[test]
fn a_beginning_is_not_trusted() {
    let site = Site::new(Options::default());
    let spoil = |change: &dyn Fn(&mut Vec<u8>)| {
        site.break_off("in");
        let mut bytes = fs::read(site.kept()).expect("a beginning");
        change(&mut bytes);
        fs::write(site.kept(), bytes).expect("a file");
        site.pull("in").code(0);
        site.is_whole("in");
        fs::remove_dir_all(site.tree.path("in")).expect("a folder");
        site.answers()
    };
    assert_eq!(spoil(&|bytes| bytes[1 << 20] ^= 1), [206, 200]);
    assert_eq!(spoil(&|bytes| bytes.resize(10 << 20, 0)), [200]);
    let whole = |bytes: &mut Vec<u8>| bytes.clone_from(&site.package);
    assert_eq!(spoil(&whole), [] as [u16; 0]);
    let as_long = |bytes: &mut Vec<u8>| bytes.resize(site.package.len(), 0);
    assert_eq!(spoil(&as_long), [200]);
}

#[test]
fn what_is_wrong_is_not_kept() {
    let site = Site::new(Options::default());
    let layer = site.layer();
    let faults = |fault| site.registry.faults("GET", &layer, 0, 1, fault);
    faults(Fault::WrongBytes);
    site.pull("in").code(5);
    assert!(!site.kept().exists());
    // A beginning is nothing to a registry that does not let this user in any more.
    site.break_off("in");
    faults(Fault::Status(403, None));
    site.pull("in").code(4);
    assert!(!site.tree.path("in").exists());
}

/// Stops a pull to a folder when more than 1 MiB came; how many bytes are in it then.
#[cfg(unix)]
fn stop(site: &Site, signal: &str, folder: &std::path::Path) -> u64 {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let slow = Fault::SlowAnswer(Duration::from_millis(100));
    site.registry.faults("GET", &site.layer(), 0, 1, slow);
    let to = folder.to_str().expect("a path");
    let mut pull = nfv_in(&site.tree, &["pull", &site.place, "-d", to]);
    let child = pull.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.expect("a program");
    let start = Instant::now();
    let came = || {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        files.map(|f| f.metadata().map_or(0, |m| m.len())).sum()
    };
    while came() < 3 << 19 {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing comes");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(killed.expect("kill").success());
    let stopped = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if stopped.elapsed() > Duration::from_secs(30) {
            child.kill().expect("kill -9");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), None, "{signal}");
    site.registry.take_log();
    came()
}

#[cfg(unix)]
#[test]
fn who_is_stopped_has_a_beginning_as_well() {
    let site = Site::new(Options::default());
    let folder = site.tree.path("in");
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        if crate::pulling::is_ignored(number) {
            continue;
        }
        assert_eq!(stop(&site, signal, &folder), 0, "{signal}");
        site.pull("in").code(0);
        assert_eq!(site.answers(), [206], "{signal}");
        site.is_whole("in");
        fs::remove_dir_all(&folder).expect("a folder");
    }
}

/// Whoever stops a program does not wait until something was copied to another file system.
/// Of a download that fails there is a beginning all the same.
#[cfg(target_os = "linux")]
#[test]
fn from_one_file_system_to_another() {
    use std::os::unix::fs::MetadataExt;

    let site = Site::new(Options::default());
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
        println!("skipped: there is no file system in memory");
        return;
    };
    let device = |path: &std::path::Path| fs::metadata(path).expect("a folder").dev();
    if device(memory.path()) == device(&site.tree.root) {
        println!("skipped: there is one file system");
        return;
    }
    let folder = memory.path().join("in");
    assert_eq!(stop(&site, "TERM", &folder), 0);
    assert!(!site.kept().exists());
    fs::remove_dir(&folder).expect("an empty folder");
    site.break_off(folder.to_str().expect("a path"));
    assert!(site.kept().exists());
    site.pull("in").code(0);
    assert_eq!(site.answers(), [206]);
    site.is_whole("in");
}

#[test]
fn clean_removes_beginnings() {
    let site = Site::new(Options::default());
    site.break_off("in");
    let other = site.kept().with_file_name("notes.txt");
    fs::write(&other, "of somebody").expect("a file");
    let clean = |more: &[&str]| nfv(&site.tree, &[&["clean", "--downloads"], more].concat());
    let listed = clean(&["-n"]).code(0).says("1 file,");
    assert_eq!(listed.stdout.trim(), site.kept().to_string_lossy());
    assert!(site.kept().exists());
    clean(&[]).code(0).says("Removed 1 file,");
    assert!(!site.kept().exists() && other.exists());
    clean(&[]).code(0).says("Removed 0 files");
    // What the tree has built is another thing.
    assert!(site.tree.path("target/nfv/oci/index.json").exists());
}
