//! Flags of the commands that talk to OSM, in the words of its own client.

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::ValueEnum;

use super::CliError;
use super::registry::{self, PatienceArgs, TlsArgs, secret_from_stdin};
use super::shell::Shell;
use crate::onboard::{Login, Notice, Osm, OsmAddress, OsmOptions, OsmShelf};
use crate::ops;
use crate::secret::Secret;

/// Who asks OSM.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "OSM")]
pub(super) struct LoginArgs {
    /// User; the password comes from `OSM_PASSWORD`, from standard input with `--password-stdin`,
    /// or is asked for
    #[arg(
        long,
        value_name = "NAME",
        env = "OSM_USER",
        hide_env_values = true,
        default_value = "admin"
    )]
    user: String,
    /// Project
    #[arg(
        long,
        value_name = "NAME",
        env = "OSM_PROJECT",
        hide_env_values = true,
        default_value = "admin"
    )]
    project: String,
}

/// Which OSM, and how to talk to it.
#[derive(Clone, Debug, clap::Args)]
#[command(
    next_help_heading = "OSM",
    mut_arg("insecure", |arg| arg.help("Do not look at the certificate of OSM")),
    mut_arg("cert_file", |arg| arg.help("Certificate (PEM) to show to OSM")),
    mut_arg("timeout", |arg| arg.help("Seconds to wait for OSM before trying again"))
)]
pub(super) struct OsmArgs {
    /// Address of OSM's north-bound interface, such as `https://nbi.example.org/osm` [default:
    /// `OSM_HOSTNAME`]
    #[arg(long, value_name = "URL")]
    osm: Option<String>,
    #[command(flatten)]
    login: LoginArgs,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    patience: PatienceArgs,
}

/// `--kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KindArg {
    /// VNF packages
    Vnf,
    /// NS packages
    Ns,
    /// Slice templates
    Nst,
}

impl From<KindArg> for OsmShelf {
    fn from(kind: KindArg) -> OsmShelf {
        match kind {
            KindArg::Vnf => OsmShelf::Vnf,
            KindArg::Ns => OsmShelf::Ns,
            KindArg::Nst => OsmShelf::Nst,
        }
    }
}

impl OsmArgs {
    /// The NBI that is meant, and who is told that it is asked again.
    pub fn open<'a>(&self, shell: &Shell, notice: Notice<'a>) -> Result<Osm<'a>, CliError> {
        let address = hostname(self.osm.as_deref(), "")?;
        in_clear(&address, shell);
        let login = self.login.login(self.password_stdin)?;
        let how = OsmOptions {
            two_steps: false,
            wait: Duration::ZERO,
        };
        let options = registry::options(&self.tls, &self.patience);
        let osm = Osm::open(address, login, &options, how, notice);
        Ok(osm.map_err(ops::Error::from)?)
    }

    /// How to talk to registries where none is asked.
    pub fn options(&self) -> crate::oci::RemoteOptions {
        registry::options(&self.tls, &self.patience)
    }
}

impl LoginArgs {
    /// Who asks; the password is read from standard input where that is said.
    pub fn login(&self, from_stdin: bool) -> Result<Login, CliError> {
        Ok(Login {
            user: or_admin(&self.user).to_owned(),
            password: match from_stdin {
                true => secret_from_stdin()?,
                false => self.password()?,
            },
            project: or_admin(&self.project).to_owned(),
        })
    }

    fn password(&self) -> Result<Secret, CliError> {
        match std::env::var("OSM_PASSWORD") {
            Ok(password) if !password.is_empty() => return Ok(Secret::new(password)),
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(CliError::Usage("`OSM_PASSWORD` is no text".to_owned()));
            }
            _ => {}
        }
        if !io::stdin().is_terminal() {
            return Err(CliError::Usage(
                "there is no password for OSM: set `OSM_PASSWORD`, or give `--password-stdin`"
                    .to_owned(),
            ));
        }
        let prompt = format!("Password of `{}` at OSM: ", or_admin(&self.user));
        let password = rpassword::prompt_password(prompt)
            .map_err(|error| CliError::Usage(format!("failed to ask for the password: {error}")))?;
        Ok(Secret::new(password))
    }
}

/// An empty variable is none to OSM's client.
fn or_admin(text: &str) -> &str {
    match text {
        "" => "admin",
        text => text,
    }
}

/// Warns where the password goes through a network as it is.
pub(super) fn in_clear(address: &OsmAddress, shell: &Shell) {
    if address.is_in_clear() {
        let host = address.host();
        shell.warn(&format!(
            "the password goes to `{host}` without encryption, and whoever is between can read it; \
             name an address with `https://`"
        ));
    }
}

/// The address of the command line, or that of OSM's client. `or` is what else may be
/// named.
pub(super) fn hostname(given: Option<&str>, or: &str) -> Result<OsmAddress, CliError> {
    let (text, from) = match given {
        Some(text) => (text.to_owned(), "--osm"),
        None => match std::env::var("OSM_HOSTNAME") {
            Ok(text) if !text.is_empty() => (text, "OSM_HOSTNAME"),
            _ => {
                return Err(CliError::Usage(format!(
                    "nobody says who is meant: `--osm <URL>` or `OSM_HOSTNAME` names OSM{or}"
                )));
            }
        },
    };
    OsmAddress::parse(&text)
        .map_err(|error| CliError::Usage(format!("`{from}` names no OSM: {error}")))
}
