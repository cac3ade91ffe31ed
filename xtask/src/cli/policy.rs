//! The flag that names a policy.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};

use super::{CliError, clock};
use crate::ops::PolicyOptions;
use crate::source::Workspace;

/// Which policy artifacts must meet.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Trust")]
pub(super) struct PolicyArgs {
    /// Policy that artifacts must meet; default: the one of the configuration
    // A variable that is set to nothing is not set, and clap's own parser of paths would
    // refuse it.
    #[arg(
        long,
        value_name = "FILE",
        env = "NFV_POLICY",
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    policy: Option<PathBuf>,
}

impl PolicyArgs {
    /// The policy, of the command line or of the configuration.
    pub fn options(&self, workspace: &Workspace) -> Result<Option<PolicyOptions>, CliError> {
        match self.named(workspace)? {
            Some(named) => Ok(Some(named)),
            None => {
                let configured = workspace.config.policy.as_ref();
                configured
                    .map(|path| at_present(workspace.root.join(path)))
                    .transpose()
            }
        }
    }

    /// The policy of the command line.
    pub fn named(&self, workspace: &Workspace) -> Result<Option<PolicyOptions>, CliError> {
        let named = self.policy.as_ref();
        let named = named.filter(|path| !path.as_os_str().is_empty());
        let path = named.map(|path| workspace.current_dir.join(path));
        path.map(at_present).transpose()
    }
}

fn at_present(path: PathBuf) -> Result<PolicyOptions, CliError> {
    Ok(PolicyOptions {
        path,
        at: i64::try_from(clock::now()?).unwrap_or(i64::MAX),
    })
}
