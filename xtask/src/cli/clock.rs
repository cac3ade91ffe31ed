//! The time, which certificates have and no output of a build does.

use std::time::{SystemTime, UNIX_EPOCH};

use super::CliError;

/// Seconds since 1970. Whether a certificate is valid nobody else can tell, and
/// a new one differs in any case, because its key does.
#[allow(clippy::disallowed_methods)]
pub(super) fn now() -> Result<u64, CliError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let wrong = |_| CliError::Usage("the clock stands before 1970; set it".to_owned());
    Ok(since.map_err(wrong)?.as_secs())
}
