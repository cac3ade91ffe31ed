//! That a run failed, for those who see its reports and not its log.

use super::{Format, clean, github};
use crate::json;

/// The lines that say so in a format that can have some at its end; `None` for the
/// others, which are about findings alone.
pub fn failure(format: Format, error: &str) -> Option<String> {
    match format {
        Format::Github => Some(format!(
            "::error title=cargo nfv::{}\n",
            github::data(&clean(error))
        )),
        Format::Markdown => Some(format!(
            "\n**The run failed:**\n\n{}",
            // As code, in which nothing is markup.
            clean(error)
                .lines()
                .map(|line| format!("    {line}\n"))
                .collect::<String>()
        )),
        Format::Json => Some(json::line(serde_json::json!({
            "reason": "run-failed",
            "message": error,
        }))),
        Format::Human
        | Format::Short
        | Format::Gitlab
        | Format::Sarif
        | Format::Junit
        | Format::Rdjson
        | Format::GithubOutput => None,
    }
}
