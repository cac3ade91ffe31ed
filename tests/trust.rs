//! Keys, certificates and CMS signatures, with OpenSSL as the judge.

#![cfg(feature = "sign")]

mod common;

#[path = "trust/certificates.rs"]
mod certificates;
#[path = "trust/commands.rs"]
mod commands;
#[path = "trust/hostile.rs"]
mod hostile;
#[path = "trust/keys.rs"]
mod keys;
#[path = "trust/openssl_signs.rs"]
mod openssl_signs;
#[path = "trust/we_sign.rs"]
mod we_sign;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use common::{Run, run, tool};
use nfv::secret::Secret;
use nfv::trust::{Certificate, KeyAlgorithm, KeyError, PrivateKey, SelfSigned, read_private_key};
use tempfile::TempDir;

/// OpenSSL, at work in a folder of its own.
pub struct OpenSsl {
    program: PathBuf,
    folder: TempDir,
}

impl OpenSsl {
    /// `None` where it is not installed.
    pub fn new() -> Option<Self> {
        Some(OpenSsl {
            program: tool("openssl")?,
            folder: tempfile::tempdir().expect("temporary folder"),
        })
    }

    /// A place in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("file");
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("file")
    }

    /// Runs it with arguments that stand between spaces.
    pub fn run(&self, args: &str) -> Run {
        let mut command = Command::new(&self.program);
        command.args(args.split_whitespace());
        command.current_dir(self.folder.path());
        run(command.stdin(Stdio::null()))
    }

    /// The same; it must succeed.
    #[track_caller]
    pub fn does(&self, args: &str) -> Run {
        let run = self.run(args);
        assert_eq!(run.status, Some(0), "openssl {args}\n{}", run.stderr);
        run
    }

    /// The same; it must refuse.
    #[track_caller]
    pub fn refuses(&self, args: &str) {
        let run = self.run(args);
        assert_ne!(run.status, Some(0), "openssl {args}");
    }

    /// A new private key as PKCS #8 in `NAME.key`.
    pub fn key(&self, name: &str, algorithm: &str) -> PrivateKey {
        self.does(&format!("genpkey {algorithm} -out {name}.key"));
        read_private_key(&self.read(&format!("{name}.key")), &mut no_passphrase).expect("key")
    }

    /// A certificate in `NAME.crt` for that key, by itself or by an issuer, with
    /// these extensions.
    pub fn certificate(&self, name: &str, issuer: Option<&str>, extensions: &str) -> Certificate {
        self.does(&format!(
            "req -new -key {name}.key -subj /O=Example/CN={name} -out {name}.csr"
        ));
        self.write("extensions", extensions);
        let by = match issuer {
            Some(issuer) => format!("-CA {issuer}.crt -CAkey {issuer}.key -CAcreateserial"),
            None => format!("-signkey {name}.key"),
        };
        self.does(&format!(
            "x509 -req -in {name}.csr {by} -days 30 -sha256 -extfile extensions -out {name}.crt"
        ));
        let mut all = Certificate::read_all(&self.read(&format!("{name}.crt"))).expect("readable");
        all.remove(0)
    }
}

/// What `genpkey` is told for each kind of key.
pub const KINDS: [(&str, &str); 4] = [
    ("p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    ("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
    ("ed25519", "-algorithm ED25519"),
    ("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
];

/// The extensions of an authority.
pub const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";

/// The extensions of somebody who signs.
pub const SIGNS: &str = "keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n";

/// For keys that are not encrypted.
pub fn no_passphrase() -> Result<Secret, KeyError> {
    panic!("nobody should be asked for a passphrase")
}

/// A certificate of the key itself, valid for as long as these tests are run.
pub fn self_signed(key: &PrivateKey) -> Certificate {
    let wanted = SelfSigned {
        common_name: "Example Vendor".to_owned(),
        not_before: 1_600_000_000,
        not_after: 4_000_000_000,
    };
    wanted.sign(key).expect("certificate")
}

/// A time at which that certificate is valid.
pub const THEN: i64 = 1_800_000_000;

/// A new key of a kind that can be made.
pub fn new_key(algorithm: KeyAlgorithm) -> PrivateKey {
    PrivateKey::generate(algorithm).expect("key")
}
