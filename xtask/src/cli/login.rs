//! `cargo nfv login`.

use std::io::{self, IsTerminal, Write};

use super::registry::{RegistryArgs, secret_from_stdin};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::oci::{Credential, Keychain, Repository, Secret, Stored};

/// Log in to a registry.
///
/// The credentials are shown to the registry first. They are kept where Docker,
/// Helm and ORAS keep theirs: in the credential helper that Docker's
/// configuration names, or in that file itself, in a form that is readable for
/// whoever can read the file.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The registry, such as `ghcr.io` or `localhost:5000`
    #[arg(value_name = "REGISTRY")]
    registry: String,
    /// Password; other users of this machine can see it, so prefer `--password-stdin`
    #[arg(short, long, value_name = "PASSWORD", conflicts_with_all = ["password_stdin", "identity_token_stdin"], requires = "username")]
    password: Option<String>,
    /// Read an identity token from standard input
    #[arg(long, conflicts_with_all = ["password_stdin", "username"])]
    identity_token_stdin: bool,
    #[command(flatten)]
    registries: RegistryArgs,
}

pub(super) fn exec(args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let registry = Repository::parse(&args.registry).map_err(crate::ops::Error::from)?;
    let registry = registry.sibling("");
    let credential = match (&args.registries.username, &args.password) {
        _ if args.identity_token_stdin => Credential::IdentityToken(secret_from_stdin()?),
        (Some(username), Some(password)) => {
            let text =
                "a password on the command line can be seen by others; prefer `--password-stdin`";
            shell.warn(text);
            basic(username.clone(), Secret::new(password.clone()))
        }
        (Some(username), None) if args.registries.password_stdin => {
            basic(username.clone(), secret_from_stdin()?)
        }
        (username, None) => ask(username.clone())?,
        (None, Some(_)) => return Err(CliError::Usage("`--password` needs `--username`".into())),
    };
    let remote = args
        .registries
        .remote_with(Some(credential.clone()), Some(&registry.host));
    let was_asked = remote.login(&registry).map_err(crate::ops::Error::from)?;
    let keychain = Keychain::new(args.registries.keychain(None, None));
    let stored = keychain.store(&registry.host, &credential);
    match stored.map_err(crate::ops::Error::from)? {
        Stored::File(path) => {
            let path = path.display();
            shell.say("Logged in", &format!("to `{}`", registry.host));
            shell.warn(&format!(
                "the credentials are kept in clear in `{path}`; Docker's `credsStore` names a helper that keeps them better"
            ));
        }
        Stored::Helper(name) => {
            let text = format!(
                "to `{}`; the credentials are kept by `{name}`",
                registry.host
            );
            shell.say("Logged in", &text);
        }
    }
    if !was_asked {
        shell.warn(&format!(
            "`{}` asks nobody at `/v2/` who they are, so whether it takes these credentials will be seen when they are needed",
            registry.host
        ));
    }
    Ok(NfvExitCode::Success)
}

fn basic(username: String, password: Secret) -> Credential {
    Credential::Basic { username, password }
}

/// Asks whoever sits at the terminal.
fn ask(username: Option<String>) -> Result<Credential, CliError> {
    let failed =
        |error: io::Error| CliError::Usage(format!("failed to ask for credentials: {error}"));
    if !io::stdin().is_terminal() {
        return Err(CliError::Usage(
            "there is no terminal to ask for credentials; give `--username` and `--password-stdin`"
                .to_owned(),
        ));
    }
    let username = match username {
        Some(username) => username,
        None => {
            let mut stderr = io::stderr();
            write!(stderr, "Username: ").map_err(failed)?;
            stderr.flush().map_err(failed)?;
            let mut line = String::new();
            io::stdin().read_line(&mut line).map_err(failed)?;
            line.trim().to_owned()
        }
    };
    let password = rpassword::prompt_password("Password: ").map_err(failed)?;
    Ok(basic(username, Secret::new(password)))
}
