//! What the test binaries share: trees, runs of the program, peer tools.

// No binary uses all of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nfv::source::{self, Config, Finding, Package, Scan, Selection, Workspace};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A whole VNFD of one container, as small as OSM takes it.
pub const VNFD: &str = "\
vnfd:
  id: tiny_vnf
  product-name: tiny_vnf
  provider: Example Operator
  version: '1.0'
  mgmt-cp: mgmt-ext
  ext-cpd:
    - id: mgmt-ext
      k8s-cluster-net: mgmtnet
  k8s-cluster:
    nets:
      - id: mgmtnet
  kdu:
    - name: tiny
      helm-chart: example/tiny
  df:
    - id: default-df
";

/// The same for another id.
pub fn vnfd(id: &str) -> String {
    VNFD.replace("tiny_vnf", id)
}

/// A chart's `Chart.yaml`.
pub fn chart(name: &str) -> String {
    format!("apiVersion: v2\nname: {name}\nversion: '1.2.3'\n")
}

/// A folder of its own for one test, which goes with it. Others may read it.
pub struct Tree {
    folder: TempDir,
    /// The source tree.
    pub root: PathBuf,
}

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        Tree::new_in(&std::env::temp_dir())
    }

    /// An empty tree in memory where the system has a place for that: many small
    /// files are made there in a fraction of the time.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Tree::new_in(memory)
        } else {
            Tree::new()
        }
    }

    fn new_in(place: &Path) -> Self {
        let folder = tempfile::tempdir_in(place).expect("temporary folder");
        let base = fs::canonicalize(folder.path()).expect("temporary folder");
        set_mode(&base, 0o755);
        let root = base.join("tree");
        fs::create_dir(&root).expect("tree");
        Tree { folder, root }
    }

    /// A tree of these files.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let tree = Tree::new();
        for (path, text) in files {
            tree.file(path, text);
        }
        tree
    }

    /// A copy of the showcase.
    pub fn showcase() -> Self {
        let tree = Tree::new();
        copy(&showcase(), &tree.root, false);
        tree
    }

    /// A place beside the source tree, for outputs.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.root.with_file_name(name)
    }

    /// A place in the source tree.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, with the folders it stands in.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(&path, content).expect("file");
        path
    }

    /// Changes a text that must stand in the file.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).expect("file");
        assert!(text.contains(from), "`{from}` is not in `{path}`");
        self.file(path, text.replacen(from, to, 1));
    }

    /// The tree as the library sees it.
    pub fn workspace(&self) -> Workspace {
        Workspace {
            current_dir: self.root.clone(),
            out_dir: self.path("target/nfv"),
            root: self.root.clone(),
            config: Config::default(),
            config_path: None,
            placeholders: Default::default(),
        }
    }

    /// What is found in the whole tree.
    pub fn scan(&self) -> Scan {
        self.scan_paths(&[])
    }

    /// What is found under these paths.
    pub fn scan_paths(&self, paths: &[&str]) -> Scan {
        let selection = Selection {
            paths: paths.iter().map(PathBuf::from).collect(),
            ..Selection::default()
        };
        source::scan(&self.workspace(), &selection).expect("scan")
    }

    /// The program, to be run in the tree.
    pub fn command(&self) -> Command {
        command_in(&self.root)
    }

    /// Runs the program in the tree.
    pub fn nfv(&self, args: &[&str]) -> Run {
        run(self.command().args(args))
    }

    /// Builds into a folder beside the tree, with every rule that can be
    /// switched off switched off: what is tested here is not the rules.
    pub fn build(&self, out: &str) -> PathBuf {
        let target = self.beside(out);
        let mut command = self.command();
        command.args(["build", "-A", "all", "--target-dir"]);
        run(command.arg(&target)).code(0);
        target.join("nfv/packages")
    }
}

/// The showcase in the repository.
pub fn showcase() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/showcase")
}

/// The program, without anything in its environment that changes what it does.
pub fn command_in(folder: &Path) -> Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_cargo-nfv")), folder)
}

/// The same for a copy of the program.
pub fn command_of(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    for name in [
        "CARGO_TARGET_DIR",
        "CARGO_TERM_COLOR",
        "CARGO_TERM_PROGRESS_WHEN",
        "CARGO_TERM_QUIET",
        "CARGO_TERM_VERBOSE",
        "CI",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COSIGN_PASSWORD",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "NFV_BUILDER_ID",
        "NFV_KEY_PASSPHRASE",
        "NFV_POLICY",
        "NFV_SIGN_CERTIFICATE",
        "NFV_SIGN_KEY",
        "NO_COLOR",
        "SOURCE_DATE_EPOCH",
    ] {
        command.env_remove(name);
    }
    command
}

/// What a run of the program left.
pub struct Run {
    /// The exit code.
    pub status: Option<i32>,
    /// Standard output, as it was.
    pub bytes: Vec<u8>,
    /// Standard output as text.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Run {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            bytes: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Stops the test unless the program ended with this code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(
            self.status,
            Some(code),
            "exit code\n--- stdout\n{}--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Stops the test if the program crashed.
    #[track_caller]
    pub fn sound(self) -> Self {
        assert!(
            matches!(self.status, Some(0..=3)) && !self.stderr.contains("panicked"),
            "exit code {:?}\n--- stdout\n{}--- stderr\n{}",
            self.status,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Stops the test unless standard error holds this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not in\n{}",
            self.stderr
        );
        self
    }
}

/// How long a program is waited for. Only one that hangs takes as long: four builds that wait
/// for each other have taken a minute on a machine with sixteen other things to do.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Runs a command to its end, which must come before patience ends.
#[track_caller]
pub fn run(command: &mut Command) -> Run {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    Run::of(finish(child, PATIENCE))
}

/// Waits for a program, and ends it if that takes too long.
#[track_caller]
pub fn finish(mut child: Child, limit: Duration) -> Output {
    // The pipes are emptied meanwhile, or a talkative child would wait for us.
    let collect = |pipe: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes).expect("output");
            }
            bytes
        })
    };
    let stdout = collect(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let stderr = collect(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            break status;
        }
        if start.elapsed() > limit {
            child.kill().expect("the program can be ended");
            child.wait().expect("the program ends");
            panic!("the program was still running after {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    Output {
        status,
        stdout: stdout.join().expect("standard output"),
        stderr: stderr.join().expect("standard error"),
    }
}

/// The one package of a scan.
#[track_caller]
pub fn only(scan: &Scan) -> &Package {
    let shown: Vec<&str> = scan.packages.iter().map(|p| p.shown.as_str()).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    &scan.packages[0]
}

/// The paths of the packages.
pub fn paths(scan: &Scan) -> Vec<&str> {
    scan.packages.iter().map(|p| p.shown.as_str()).collect()
}

/// The paths of a package's files.
pub fn files(package: &Package) -> Vec<&str> {
    package.files.iter().map(|f| f.path.as_str()).collect()
}

/// Everything that was met, in packages and outside.
pub fn findings(scan: &Scan) -> Vec<&Finding> {
    let inside = scan.packages.iter().flat_map(|package| &package.findings);
    scan.findings.iter().chain(inside).collect()
}

/// A tool that the machine may lack. In CI, where it must be there, its absence
/// is a failure.
#[allow(clippy::print_stderr)]
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        skip(&format!("{name} is not installed"));
    }
    found
}

/// Says that a test shows nothing on this machine.
#[allow(clippy::print_stderr)]
pub fn skip(reason: &str) {
    assert!(
        std::env::var_os("NFV_REQUIRE_TOOLS").is_none(),
        "{reason}, and NFV_REQUIRE_TOOLS is set"
    );
    eprintln!("skipped: {reason}");
}

/// Runs a tool that must succeed; its standard output.
#[track_caller]
pub fn sh(command: &mut Command) -> String {
    let result = run(command.stdin(Stdio::null()));
    assert_eq!(
        result.status,
        Some(0),
        "{command:?}\n{}{}",
        result.stdout,
        result.stderr
    );
    result.stdout
}

/// The members of a zip by their names, in order.
pub fn zip_members(path: &Path) -> Vec<(String, Vec<u8>)> {
    let file = fs::File::open(path).expect("a package");
    let mut zip = zip::ZipArchive::new(file).expect("a zip");
    let read = (0..zip.len()).map(|i| {
        let mut member = zip.by_index(i).expect("a member");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut member, &mut bytes).expect("a member");
        (member.name().expect("a name").into_owned(), bytes)
    });
    read.collect()
}

/// The names in a folder, sorted; nothing if it is not there.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file below a folder with its SHA-256.
pub fn digests(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    walk(folder, &mut |path| {
        if path.is_file() {
            let name = path.strip_prefix(folder).expect("below");
            let bytes = fs::read(path).expect("file");
            all.insert(name.to_string_lossy().into_owned(), sha256(&bytes));
        }
    });
    all
}

/// Calls `f` for everything below a folder.
pub fn walk(folder: &Path, f: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        f(&path);
        if path.is_dir() && !path.is_symlink() {
            walk(&path, f);
        }
    }
}

/// Copies a folder; the last names first if `backwards`.
pub fn copy(from: &Path, to: &Path, backwards: bool) {
    fs::create_dir_all(to).expect("folder");
    let mut names = names(from);
    if backwards {
        names.reverse();
    }
    for name in names {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to, backwards);
        } else {
            fs::copy(&from, &to).expect("copy");
        }
    }
}

/// Sets permissions, where there are any.
pub fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

/// Whether this process reads everything.
#[cfg(unix)]
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    file.as_file().metadata().expect("metadata").uid() == 0
}

/// The user that owns nothing.
pub const NOBODY: u32 = 65_534;

/// A second name of a program in a folder that every user may enter.
#[cfg(unix)]
pub fn for_everyone(program: &Path, folder: &Path) -> PathBuf {
    let path = folder.join(program.file_name().unwrap_or(OsStr::new("program")));
    if fs::hard_link(program, &path).is_err() {
        // Not by this process: a thread that starts a program in this moment
        // would hand it the open file, which then can't be run.
        sh(Command::new("cp").arg(program).arg(&path));
        set_mode(&path, 0o755);
    }
    path
}

/// Runs the calling test as an ordinary user. `true` if that is so already and
/// the test should go on.
#[cfg(unix)]
pub fn as_ordinary_user(test: &str) -> bool {
    use std::os::unix::process::CommandExt;
    if !is_root() {
        return true;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    set_mode(folder.path(), 0o755);
    let own = std::env::current_exe().expect("own path");
    let own = for_everyone(&own, folder.path());
    let mut command = Command::new(own);
    command.args(["--exact", test, "--nocapture"]);
    command
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/")
        .env("TMPDIR", "/tmp");
    let out = sh(&mut command);
    assert!(
        out.contains("1 passed"),
        "no test is called `{test}`\n{out}"
    );
    false
}
