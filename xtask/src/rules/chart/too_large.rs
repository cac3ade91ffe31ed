//! `chart/too-large`.

use super::annotations;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "chart/too-large",
    level: Level::Deny,
    fixed: false,
    summary: "a chart holds more than Helm reads",
    docs: "\
## What it does

Looks for files of more than 5 MiB in charts, and for charts whose files have more than 100 MiB
together. Of a chart in a package of OSM that has a `.helmignore` it looks at none, because what
that leaves out Helm does not read.

## Why is this bad?

Helm (3.19) reads no larger ones: it answers `chart file … is larger than the maximum file size
5242880`, for a packed chart `decompressed chart is larger than the maximum file size 104857600`,
and installs nothing.

## What to do

Leave the file out of the chart, with `.helmignore` where it has to stay in the folder, and let the
function fetch it, or put it into an image.
",
    // An example would be as large.
    example: None,
};

/// `MaxDecompressedFileSize` of Helm.
const LARGEST_FILE: u64 = 5 << 20;
/// `MaxDecompressedChartSize` of Helm.
const LARGEST_CHART: u64 = 100 << 20;

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let charts: Vec<_> = annotations::charts(package).collect();
    for (folder, chart) in &charts {
        // What lies in a chart is a part of it.
        let is_part = |(other, _): &&(&str, _)| other != folder && folder.starts_with(other);
        let is_own = package
            .descriptor
            .as_ref()
            .is_some_and(|own| std::ptr::eq(own, *chart));
        let ignore = format!("{folder}.helmignore");
        if charts.iter().any(|other| is_part(&other))
            || (!is_own && package.file(&ignore).is_some())
        {
            continue;
        }
        let files = package
            .files
            .iter()
            .filter(|file| file.path.starts_with(folder));
        let mut sum = 0_u64;
        for file in files {
            sum = sum.saturating_add(file.len);
            if file.len > LARGEST_FILE {
                let message = format!(
                    "`{}` has {} bytes, and Helm reads no file of a chart with more than {LARGEST_FILE}",
                    file.path, file.len
                );
                out.push(
                    Diagnostic::new(&RULE, package.span_of(&file.path), message)
                        .help("leave it out of the chart"),
                );
            }
        }
        // One that is not packed may have any size.
        if is_own && sum > LARGEST_CHART {
            let message = format!(
                "the files of the chart have {sum} bytes together, and Helm reads no packed chart with more than {LARGEST_CHART}"
            );
            out.push(
                Diagnostic::new(&RULE, chart.span(), message)
                    .help("leave some of them out of the chart"),
            );
        }
    }
}
