//! `cargo nfv key`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::args::{AnswerArgs, DataFormat, epoch};
use super::clock::now;
use super::passphrase::{InputPassphraseArgs, PassphraseArgs};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::digest::hex;
use crate::json;
use crate::ops::{self, KeyFiles, KeyItem, KeyOutput};
use crate::report::clean;
use crate::time::{parse_rfc3339, rfc3339};
use crate::trust::{KeyAlgorithm, PublicKey, SelfSigned};

/// Make, import and show keys and certificates for signing.
///
/// Private keys are written as encrypted PKCS #8, which OpenSSL reads, public
/// keys as PEM. A passphrase is never taken from the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key pair, and a self-signed certificate if asked for
    Generate(GenerateArgs),
    /// Take over a private key that another program has made
    Import(ImportArgs),
    /// Show what a file holds: algorithm, key id, certificates
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct GenerateArgs {
    /// What kind of key
    #[arg(
        long,
        value_name = "ALGORITHM",
        value_enum,
        default_value = "ecdsa-p256"
    )]
    algorithm: AlgorithmArg,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// A private key in PEM: PKCS #8, encrypted or not, SEC1, PKCS #1, or cosign's
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    of_input: InputPassphraseArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// A private key, a public key or certificates, in PEM
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    answer: AnswerArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// What is written, and where.
#[derive(Debug, clap::Args)]
struct OutputArgs {
    /// Write PREFIX.key, PREFIX.pub and, with `--certificate`, PREFIX.crt
    #[arg(long, value_name = "PREFIX", default_value = "nfv")]
    out: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
    /// Leave the private key unencrypted
    #[arg(long)]
    no_passphrase: bool,
    /// Write a self-signed certificate as well
    #[arg(long, requires = "subject", help_heading = "Certificate")]
    certificate: bool,
    /// Whose certificate it is: its common name
    #[arg(
        long,
        value_name = "NAME",
        requires = "certificate",
        help_heading = "Certificate"
    )]
    subject: Option<String>,
    /// When it begins to be valid, as `2026-01-31` or `2026-01-31T12:00:00Z` [default:
    /// `SOURCE_DATE_EPOCH`, or now]
    #[arg(
        long,
        value_name = "DATE",
        value_parser = date,
        requires = "certificate",
        help_heading = "Certificate"
    )]
    not_before: Option<u64>,
    /// When it ceases to be valid [default: ten years later]
    #[arg(
        long,
        value_name = "DATE",
        value_parser = date,
        requires = "certificate",
        help_heading = "Certificate"
    )]
    not_after: Option<u64>,
}

/// `--algorithm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AlgorithmArg {
    /// ECDSA over P-256, which OpenSSL, cosign and every HSM know
    EcdsaP256,
    /// Ed25519, which OpenSSL 3.0 can't verify in packages
    Ed25519,
}

fn date(text: &str) -> Result<u64, String> {
    let seconds = parse_rfc3339(text).or_else(|| parse_rfc3339(&format!("{text}T00:00:00Z")));
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    seconds.ok_or_else(|| "it must be a date such as `2026-01-31`, from 1970 on".to_owned())
}

pub(super) fn exec(args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    match &args.command {
        KeyCommand::Generate(args) => {
            let algorithm = match args.algorithm {
                AlgorithmArg::EcdsaP256 => KeyAlgorithm::EcdsaP256,
                AlgorithmArg::Ed25519 => KeyAlgorithm::Ed25519,
            };
            let plain = args.output.no_passphrase;
            if plain && args.passphrase.is_given() {
                let text = "`--no-passphrase` leaves the key unencrypted: there is no use for a \
                            passphrase";
                return Err(CliError::Usage(text.to_owned()));
            }
            let passphrases = args.passphrase.source(plain);
            let output = args.output.output()?;
            let files = ops::generate_key(algorithm, &output, &passphrases)?;
            tell("Generated", &files, shell)?;
            tell_validity(&output, shell)?;
        }
        KeyCommand::Import(args) => {
            let plain = args.output.no_passphrase;
            let passphrases = args.passphrase.source_of_two(plain, &args.of_input);
            let output = args.output.output()?;
            let files = ops::import_key(&args.file, &output, &passphrases)?;
            tell("Imported", &files, shell)?;
            tell_validity(&output, shell)?;
        }
        KeyCommand::Show(args) => {
            let passphrases = args.passphrase.source(false);
            let shown = ops::show_key(&args.file, &passphrases)?;
            let each = |text: fn(&KeyItem) -> String| shown.iter().map(text).collect::<Vec<_>>();
            shell.data(&match args.answer.message_format {
                DataFormat::Json => each(|one| json::line(in_json(one))).concat(),
                DataFormat::Human => each(for_people).join("\n"),
            })?;
        }
    }
    Ok(NfvExitCode::Success)
}

impl OutputArgs {
    fn output(&self) -> Result<KeyOutput, CliError> {
        let certificate = match (&self.subject, self.certificate) {
            (Some(subject), true) => {
                let not_before = match self.not_before {
                    Some(seconds) => seconds,
                    None => start()?,
                };
                Some(SelfSigned {
                    common_name: subject.clone(),
                    not_before,
                    not_after: self.not_after.unwrap_or(not_before + TEN_YEARS),
                })
            }
            _ => None,
        };
        Ok(KeyOutput {
            prefix: self.out.clone(),
            force: self.force,
            certificate,
        })
    }
}

const TEN_YEARS: u64 = 3652 * 86_400;

/// `SOURCE_DATE_EPOCH`, or the time.
fn start() -> Result<u64, CliError> {
    match epoch()? {
        (seconds, true) => Ok(seconds),
        (_, false) => now(),
    }
}

fn tell(verb: &str, files: &KeyFiles, shell: &Shell) -> Result<(), CliError> {
    let key = &files.public_key;
    shell.say(verb, &format!("{} key with the id {}", kind(key), key.id()));
    if !files.encrypted {
        shell.warn("the private key is not encrypted: whoever can read the file can sign");
    }
    let shown = |path: &PathBuf| clean(&path.display().to_string());
    let paths: Vec<String> = files.paths.iter().map(shown).collect();
    for path in &paths {
        shell.data(&format!("{path}\n"))?;
    }
    if let Some(certificate) = &files.stale_certificate {
        let certificate = shown(certificate);
        shell.warn(&format!(
            "`{certificate}` is the certificate of another key; `--certificate` makes a new one"
        ));
    }
    if let [private, public, certificate @ ..] = paths.as_slice() {
        let passphrase = match files.encrypted {
            true => " and its passphrase",
            false => "",
        };
        shell.say("Keep", &format!("{private}{passphrase} to yourself"));
        let certificate = certificate.first();
        let certificate = certificate.map(|path| format!(", or {path} (`--certificate-chain`)"));
        let certificate = certificate.unwrap_or_default();
        let give = format!("{public} (`--key`){certificate} to those who verify");
        shell.say("Give", &give);
    }
    Ok(())
}

/// Warns of a certificate that is not valid now, as one is that begins at an old
/// `SOURCE_DATE_EPOCH`.
fn tell_validity(output: &KeyOutput, shell: &Shell) -> Result<(), CliError> {
    let Some(certificate) = &output.certificate else {
        return Ok(());
    };
    let (from, to, now) = (certificate.not_before, certificate.not_after, now()?);
    if !(from..=to).contains(&now) {
        shell.warn(&format!(
            "the certificate is not valid now, but from {} to {}; `--not-before` and `--not-after` \
             set that",
            rfc3339(from),
            rfc3339(to)
        ));
    }
    Ok(())
}

/// Of RSA keys the length matters.
fn kind(key: &PublicKey) -> String {
    match key.algorithm() {
        KeyAlgorithm::Rsa => format!("RSA {}", key.size()),
        other => other.to_string(),
    }
}

fn in_json(shown: &KeyItem) -> Value {
    let of_key = |reason: &str, key: &PublicKey| {
        json!({
            "reason": reason,
            "algorithm": key.algorithm().id(),
            "size": key.size(),
            "key_id": key.id(),
        })
    };
    match shown {
        KeyItem::PrivateKey(key) => of_key("private-key", key),
        KeyItem::PublicKey(key) => of_key("public-key", key),
        KeyItem::Certificate(one) => {
            let key = one.public_key().ok();
            json!({
                "reason": "certificate",
                "subject": one.subject(),
                "issuer": one.issuer(),
                "serial": one.serial(),
                "not_before": moment(one.not_before()),
                "not_after": moment(one.not_after()),
                "algorithm": key.as_ref().map(|key| key.algorithm().id()),
                "size": key.as_ref().map(PublicKey::size),
                "key_id": key.as_ref().map(PublicKey::id),
                "subject_key_identifier": one.subject_key_identifier().map(hex),
                "fingerprint": one.fingerprint(),
            })
        }
    }
}

fn for_people(shown: &KeyItem) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| text.push_str(&format!("{name:12} {}\n", clean(value)));
    match shown {
        KeyItem::PrivateKey(key) | KeyItem::PublicKey(key) => {
            row(
                "type",
                match shown {
                    KeyItem::PrivateKey(_) => "private key",
                    _ => "public key",
                },
            );
            row("algorithm", &kind(key));
            row("key id", &key.id());
        }
        KeyItem::Certificate(one) => {
            row("type", "certificate");
            row("subject", &one.subject());
            row("issuer", &one.issuer());
            row("serial", &one.serial());
            row("not before", &moment(one.not_before()));
            row("not after", &moment(one.not_after()));
            match one.public_key() {
                Ok(key) => {
                    row("algorithm", &kind(&key));
                    row("key id", &key.id());
                }
                Err(error) => row("algorithm", &error.to_string()),
            }
            if let Some(id) = one.subject_key_identifier() {
                row("subject key", &hex(id));
            }
            row("fingerprint", &one.fingerprint());
        }
    }
    text
}

fn moment(seconds: i64) -> String {
    rfc3339(u64::try_from(seconds).unwrap_or_default())
}
