//! The run of a CI system that a build is part of.

use serde_json::{Map, Value, json};

use super::revision::{Revision, source_uri};

/// A run, as its environment describes it. Whoever starts the program can set
/// these variables: it is the signature that vouches for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Who builds, as a URI.
    pub builder: String,
    /// This run and no other, as a URL.
    pub invocation: String,
    /// When it began (RFC 3339), where that is said.
    pub started_on: Option<String>,
    /// What else is known of it, below the name of the system.
    pub parameters: Value,
    /// The revision that it checked out.
    pub revision: Option<Revision>,
}

impl Run {
    /// The run that the variables describe, which `get` reads: one of GitHub
    /// Actions (and of what follows it, such as Gitea and Forgejo) or of GitLab.
    pub fn of(get: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        // A variable that is set to nothing is not set.
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let run = github(&get).or_else(|| gitlab(&get));
        // SLSA wants URIs of both, and what is none names nobody.
        run.filter(|run| {
            let mut both = [&run.builder, &run.invocation].into_iter();
            both.all(|uri| source_uri(uri).is_some())
        })
    }
}

/// The builder is the one that GitHub's own attestations name
/// (`actions/attest-build-provenance`), and so are the parameters.
fn github(get: &dyn Fn(&str) -> Option<String>) -> Option<Run> {
    if get("GITHUB_ACTIONS").as_deref() != Some("true") {
        return None;
    }
    let (server, repository) = (get("GITHUB_SERVER_URL")?, get("GITHUB_REPOSITORY")?);
    let run = get("GITHUB_RUN_ID")?;
    let attempt = get("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
    let hosting = get("RUNNER_ENVIRONMENT").unwrap_or_else(|| "self-hosted".to_owned());
    let source = format!("{server}/{repository}");
    let named = [
        ("event_name", "GITHUB_EVENT_NAME"),
        ("repository_id", "GITHUB_REPOSITORY_ID"),
        ("repository_owner_id", "GITHUB_REPOSITORY_OWNER_ID"),
        ("runner_environment", "RUNNER_ENVIRONMENT"),
        ("workflow_ref", "GITHUB_WORKFLOW_REF"),
        ("workflow_sha", "GITHUB_WORKFLOW_SHA"),
    ];
    Some(Run {
        builder: format!("{server}/actions/runner/{hosting}"),
        invocation: format!("{source}/actions/runs/{run}/attempts/{attempt}"),
        started_on: None,
        parameters: json!({ "github": known(get, &named) }),
        revision: get("GITHUB_SHA").and_then(|commit| {
            Some(Revision {
                source: source_uri(&source)?,
                reference: get("GITHUB_REF"),
                commit,
                is_modified: false,
            })
        }),
    })
}

/// The builder is the one that GitLab's runners name in their own provenance.
fn gitlab(get: &dyn Fn(&str) -> Option<String>) -> Option<Run> {
    if get("GITLAB_CI").as_deref() != Some("true") {
        return None;
    }
    let source = get("CI_PROJECT_URL")?;
    let named = [
        ("job_name", "CI_JOB_NAME"),
        ("pipeline_source", "CI_PIPELINE_SOURCE"),
        ("project_id", "CI_PROJECT_ID"),
        ("config_ref_uri", "CI_CONFIG_REF_URI"),
    ];
    let reference = match get("CI_COMMIT_TAG") {
        Some(tag) => Some(format!("refs/tags/{tag}")),
        None => get("CI_COMMIT_BRANCH").map(|branch| format!("refs/heads/{branch}")),
    };
    Some(Run {
        builder: format!("{source}/-/runners/{}", get("CI_RUNNER_ID")?),
        invocation: get("CI_JOB_URL")?,
        started_on: get("CI_JOB_STARTED_AT"),
        parameters: json!({ "gitlab": known(get, &named) }),
        revision: get("CI_COMMIT_SHA").and_then(|commit| {
            Some(Revision {
                source: source_uri(&source)?,
                reference,
                commit,
                is_modified: false,
            })
        }),
    })
}

fn known(get: &dyn Fn(&str) -> Option<String>, named: &[(&str, &str)]) -> Map<String, Value> {
    let each = named.iter();
    let known = each.filter_map(|(name, variable)| Some(((*name).to_owned(), get(variable)?)));
    known.map(|(name, value)| (name, json!(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(variables: &[(&str, &str)]) -> Option<Run> {
        Run::of(&|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    const GITHUB: [(&str, &str); 9] = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "example/edge"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_RUN_ATTEMPT", "2"),
        ("RUNNER_ENVIRONMENT", "github-hosted"),
        ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"),
        ("GITHUB_REF", "refs/tags/v1"),
        ("GITHUB_EVENT_NAME", ""),
    ];

    #[test]
    fn a_workflow_of_github() {
        let run = run(&GITHUB).expect("a run");
        assert_eq!(
            run.builder,
            "https://github.com/actions/runner/github-hosted"
        );
        let attempt = "https://github.com/example/edge/actions/runs/42/attempts/2";
        assert_eq!(run.invocation, attempt);
        // What is set to nothing is not there.
        let github = json!({ "github": { "runner_environment": "github-hosted" } });
        assert_eq!(run.parameters, github);
        let revision = run.revision.expect("a revision").descriptor();
        assert_eq!(
            revision["uri"],
            "git+https://github.com/example/edge@refs/tags/v1"
        );
        assert_eq!(revision["digest"]["gitCommit"], GITHUB[6].1);
    }

    #[test]
    fn a_job_of_gitlab() {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.example.org/edge/nfv"),
            ("CI_RUNNER_ID", "7"),
            ("CI_JOB_URL", "https://gitlab.example.org/edge/nfv/-/jobs/9"),
            ("CI_JOB_STARTED_AT", "2026-01-31T10:00:00Z"),
            ("CI_COMMIT_SHA", "0123456789abcdef0123456789abcdef01234567"),
            ("CI_COMMIT_BRANCH", "main"),
        ];
        let run = run(&variables).expect("a run");
        assert_eq!(
            run.builder,
            "https://gitlab.example.org/edge/nfv/-/runners/7"
        );
        assert_eq!(run.started_on.as_deref(), Some("2026-01-31T10:00:00Z"));
        let revision = run.revision.expect("a revision").descriptor();
        let uri = "git+https://gitlab.example.org/edge/nfv@refs/heads/main";
        assert_eq!(revision["uri"], uri);
    }

    #[test]
    fn a_machine_that_is_no_ci_has_no_run() {
        assert_eq!(run(&[]), None);
        assert_eq!(run(&GITHUB[1..]), None);
        let mut wrong = GITHUB;
        wrong[1].1 = "not an address";
        assert_eq!(run(&wrong), None);
        let mut wrong = GITHUB;
        wrong[2].1 = "exam ple/edge";
        assert_eq!(run(&wrong), None);
        assert_eq!(run(&[("GITLAB_CI", "true")]), None);
    }
}
