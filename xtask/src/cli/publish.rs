//! `cargo nfv publish`.

use std::time::Instant;

use serde::Serialize;

use super::args::{self, CheckArgs, Global, MessageFormat};
use super::shell::Shell;
use super::{CliError, NfvExitCode, build, check};
use crate::ops::{self, BuildOptions};
use crate::report::Format;

/// Build, then put the packages into the OCI image layout.
///
/// The layout is `nfv/oci` in the target directory; every client that reads
/// OCI image layouts can copy from it. With an error in any package nothing is
/// published.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    /// Build what is up to date as well
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'static str,
    reference: &'a str,
    digest: &'a str,
    artifact_type: &'a str,
    fresh: bool,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let start = Instant::now();
    let workspace = global.workspace()?;
    let (epoch, is_set) = args::epoch()?;
    let options = BuildOptions {
        check: args.check.options(),
        epoch,
        force: args.force,
    };
    let created = is_set.then(|| rfc3339(epoch));
    let report = ops::publish(&workspace, &options, created.as_deref(), shell)?;
    let checked = &report.build.checked;
    check::report(
        checked,
        Format::from(args.check.judge.message_format),
        shell,
    )?;
    let mut text = String::new();
    for published in &report.published {
        let (reference, digest) = (&published.reference, &published.digest);
        match args.check.judge.message_format {
            MessageFormat::Human | MessageFormat::Short => {
                text.push_str(&format!("{reference}  {digest}\n"));
            }
            MessageFormat::Json => {
                let line = Line {
                    reason: "artifact-published",
                    reference,
                    digest,
                    artifact_type: &published.kind,
                    fresh: published.is_fresh,
                };
                // A struct of strings and numbers always serialises.
                if let Ok(json) = serde_json::to_string(&line) {
                    text.push_str(&json);
                    text.push('\n');
                }
            }
            // These formats are one document, which another line would break.
            _ => {}
        }
    }
    shell.data(&text)?;
    check::finish("Checked", checked, start, shell);
    build::summary(&report.build, shell);
    let code = build::exit_code(&report.build);
    if code == NfvExitCode::Success {
        let new = report.published.iter().filter(|p| !p.is_fresh).count();
        let there = report.published.len() - new;
        let layout = workspace.shown(&workspace.out_dir.join("oci"));
        shell.say(
            "Published",
            &format!("{new} new, {there} already there, in `{layout}`"),
        );
    } else {
        shell.say("Published", "nothing, because of the errors above");
    }
    Ok(code)
}

/// Seconds since 1970 as `1980-01-01T00:00:00Z` (RFC 3339).
fn rfc3339(epoch: u64) -> String {
    let (days, seconds) = (epoch / 86_400, epoch % 86_400);
    // Civil date from days, by eras of 400 years that begin in March.
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    /// Expected values from `date -u -d @N +%FT%TZ`.
    #[test]
    fn dates() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(315_532_800), "1980-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(1_700_566_490), "2023-11-21T11:34:50Z");
        assert_eq!(rfc3339(4_107_542_399), "2100-02-28T23:59:59Z");
    }
}
