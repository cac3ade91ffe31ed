//! Outputs of a step of a GitHub workflow, as the file `GITHUB_OUTPUT` takes
//! them: what was looked at, built and published.

use serde_json::{Value, json};

use super::{PackageLine, Report};
use crate::diagnostic::Severity;
use crate::json as document;

pub(super) fn render(report: &Report<'_>) -> String {
    let packages: Vec<Value> = report.packages.iter().map(|p| package(p, report)).collect();
    let artifacts = || report.packages.iter().filter_map(|p| p.artifact.as_ref());
    let references = artifacts().map(|artifact| artifact.reference.clone());
    // By digest: what others can rely on.
    let digests = artifacts().map(|artifact| {
        let name = artifact.reference.rsplit_once(':');
        let name = name.map_or(artifact.reference.as_str(), |(name, _)| name);
        format!("{name}@{}", artifact.digest)
    });
    let mut text = String::new();
    // A JSON text has no line breaks.
    text.push_str(&format!(
        "packages={}\n",
        document::compact(Value::from(packages))
    ));
    list("references", references, &mut text);
    list("digests", digests, &mut text);
    text.push_str(&format!("errors={}\n", report.count(Severity::Error)));
    text.push_str(&format!("warnings={}\n", report.count(Severity::Warning)));
    text
}

fn package(package: &PackageLine, report: &Report<'_>) -> Value {
    let mut value = json!({
        "id": package.id,
        "version": package.version,
        "kind": package.kind,
        "path": report.place(&package.path),
    });
    if let Some(file) = &package.file {
        value["file"] = json!({
            "path": report.place(&file.path),
            "digest": file.digest,
            "size": file.size,
        });
    }
    if let Some(artifact) = &package.artifact {
        value["artifact"] = json!({
            "reference": artifact.reference,
            "digest": artifact.digest,
        });
    }
    value
}

/// An output of several lines. The grammar of references has no line that is the
/// mark.
fn list(name: &str, lines: impl Iterator<Item = String>, text: &mut String) {
    const MARK: &str = "END-OF-LIST";
    text.push_str(&format!("{name}<<{MARK}\n"));
    for line in lines {
        text.push_str(&line.replace(['\r', '\n'], " "));
        text.push('\n');
    }
    text.push_str(MARK);
    text.push('\n');
}
