//! What a policy has refused, told as `verify` tells it.

use super::args::MessageFormat;
use super::shell::Shell;
use super::{CliError, NfvExitCode};

/// Passes on how a command ended. Of one that a policy has stopped, what was wanted and what
/// was found are findings, in the format of the command line.
#[cfg(feature = "sign")]
pub(super) fn told(
    ended: Result<NfvExitCode, CliError>,
    format: MessageFormat,
    shell: &Shell,
) -> Result<NfvExitCode, CliError> {
    let verdicts = match &ended {
        Err(CliError::Operation(error)) => error.verdicts(),
        _ => Vec::new(),
    };
    if verdicts.is_empty() {
        return ended;
    }
    super::reports::verdicts(&verdicts, &[], format, true, shell)?;
    let is_policy = matches!(
        &ended,
        Err(CliError::Operation(crate::ops::Error::Policy(_)))
    );
    shell.say(
        "Refused",
        match is_policy {
            true => "what the policy does not let through",
            false => "what is not what it is called",
        },
    );
    Ok(NfvExitCode::Untrusted)
}

/// Without signatures there is no policy that could be met.
#[cfg(not(feature = "sign"))]
pub(super) fn told(
    ended: Result<NfvExitCode, CliError>,
    _: MessageFormat,
    _: &Shell,
) -> Result<NfvExitCode, CliError> {
    ended
}
