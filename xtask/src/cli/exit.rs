//! Exit codes.

use std::process::ExitCode;

/// What the program's exit code says. The numbers do not change their meaning
/// from one release to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NfvExitCode {
    /// Everything was done, and nothing was found at error level.
    Success = 0,
    /// Something was found at error level.
    Findings = 1,
    /// The command could not be carried out: wrong usage, wrong configuration,
    /// a file that can't be read or written. Or a registry, OSM or a Store refuses, for
    /// another reason than those below.
    Failure = 2,
    /// What was asked for does not exist in the layout, at the registry or at OSM, or
    /// what is needed at OSM or the Store.
    NotFound = 3,
    /// A registry, OSM, or something in front of a Store, asks for credentials, or for
    /// other ones.
    Unauthorized = 4,
    /// Bytes are not those of their digest, or not those that were expected.
    Mismatch = 5,
    /// A registry, OSM or a Store was not reached, or was too busy, as often as it was
    /// tried.
    Unreachable = 6,
    /// Nobody who is trusted has signed, the signature does not hold, or a policy is not met.
    Untrusted = 7,
}

impl From<NfvExitCode> for ExitCode {
    fn from(code: NfvExitCode) -> ExitCode {
        ExitCode::from(code as u8)
    }
}
