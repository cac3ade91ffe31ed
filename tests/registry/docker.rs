//! Docker's registry, as Debian has it: in the clear, with a password file, and
//! with a certificate of its own authority.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::common::{sh, tool};
use crate::double::{PASSWORD, USER};

/// How it is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    Nothing,
    Password,
    Certificate,
    /// Both sides show one.
    Certificates,
    /// One that has issued itself, as `openssl req -x509` makes them.
    Itself,
}

pub struct Docker {
    process: Child,
    pub host: String,
    /// The authority to trust, where there is one.
    pub ca: Option<PathBuf>,
    /// A certificate and its key.
    pub pair: (PathBuf, PathBuf),
    _folder: TempDir,
}

impl Docker {
    /// Starts one on a free port; nothing where a tool for that is absent.
    pub fn start(guard: Guard) -> Option<Self> {
        let program = tool("docker-registry")?;
        let folder = tempfile::tempdir().expect("temporary folder");
        let at = |name: &str| folder.path().join(name);
        let mut config = format!(
            "version: 0.1\n\
             log: {{level: info, formatter: text}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http:\n  addr: 127.0.0.1:0\n",
            at("data").display()
        );
        match guard {
            Guard::Nothing => {}
            Guard::Password => {
                let mut htpasswd = Command::new(tool("htpasswd")?);
                sh(htpasswd
                    .args(["-Bbc"])
                    .arg(at("users"))
                    .args([USER, PASSWORD]));
                let users = at("users");
                let users = users.display();
                config.push_str(&format!(
                    "auth: {{htpasswd: {{realm: x, path: {users}}}}}\n"
                ));
            }
            Guard::Certificate | Guard::Certificates | Guard::Itself => {
                match guard {
                    Guard::Itself => of_itself(&tool("openssl")?, folder.path()),
                    _ => certificate(&tool("openssl")?, folder.path()),
                }
                let (certificate, key) = (at("server.pem"), at("server.key"));
                let (certificate, key) = (certificate.display(), key.display());
                let wanted = match guard {
                    Guard::Certificates => format!(", clientcas: [{}]", at("ca.pem").display()),
                    _ => String::new(),
                };
                config.push_str(&format!(
                    "  tls: {{certificate: {certificate}, key: {key}{wanted}}}\n"
                ));
            }
        }
        fs::write(at("config.yml"), config).expect("configuration");
        let mut process = Command::new(program)
            .arg("serve")
            .arg(at("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the registry starts");
        let mut log = BufReader::new(process.stderr.take().expect("the log"));
        let host = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).expect("the log") > 0, "no address");
            if let Some((_, rest)) = line.split_once("listening on ") {
                let end = rest.find(['"', ',', ' ']).unwrap_or(rest.len());
                break rest[..end].trim().to_owned();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(Docker {
            process,
            host,
            ca: at("ca.pem").is_file().then(|| at("ca.pem")),
            pair: (at("server.pem"), at("server.key")),
            _folder: folder,
        })
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An authority, and a certificate of it for this machine.
fn certificate(openssl: &Path, folder: &Path) {
    let ask = |args: &str| {
        let mut command = Command::new(openssl);
        sh(command.args(args.split(' ')).current_dir(folder));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    ask(&format!(
        "req -x509 -days 2 -subj /CN=Authority {key} -keyout ca.key -out ca.pem"
    ));
    ask(&format!(
        "req -subj /CN=registry {key} -keyout server.key -out server.csr"
    ));
    let names = "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n";
    fs::write(folder.join("names"), names).expect("extensions");
    ask(
        "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.pem",
    );
}

/// A certificate of this machine that is its own authority.
fn of_itself(openssl: &Path, folder: &Path) {
    for (key, name) in [("server.key", "server.pem"), ("other.key", "other.pem")] {
        let mut command = Command::new(openssl);
        command.args([
            "req",
            "-x509",
            "-days",
            "2",
            "-nodes",
            "-subj",
            "/CN=registry",
        ]);
        command.args([
            "-newkey",
            "rsa:2048",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ]);
        sh(command
            .args(["-keyout", key, "-out", name])
            .current_dir(folder));
    }
    fs::copy(folder.join("server.pem"), folder.join("ca.pem")).expect("the same");
}
