//! `osm/chart-name`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/chart-name",
    level: Level::Deny,
    fixed: false,
    summary: "OSM does not take the name of a Helm chart",
    docs: "\
## What it does

Checks the `helm-chart` of every `kdu`. OSM takes `chart`, `repository/chart` or
an address with a scheme (`oci://`, `https://`). Names are made of lower-case
letters, digits and dashes, begin and end with a letter or digit, and hold one
slash at most; the repository has at least two characters.

## Why is this bad?

OSM's north-bound interface answers 422, `helm-chart 'X' is not valid`. It
refuses upper case, dots, underscores, a second slash and a path into the
package, all of which Helm itself may accept.

## What to do

Rename the chart or the repository alias, or give the full address. Of a list with one
name in it `--fix` leaves the name.
",
    example: Some(Example {
        bad: &[(
            "tiny_knf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: stable/My_Chart\n",
        )],
        good: &[(
            "tiny_knf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: stable/my-chart\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    for kdu in names::list(body, "kdu") {
        let list = local_entry(kdu, "helm-chart");
        if let Some(entry) = list.filter(|entry| entry.value().items().len() > 0) {
            let message = "`helm-chart` is the name of one chart, and OSM fails at a list";
            let finding = Diagnostic::new(&RULE, entry.key_span(), message);
            out.push(finding.help("write the name without brackets and dashes"));
            continue;
        }
        let Some((node, _)) = names::value(kdu, "helm-chart") else {
            continue;
        };
        // `false` is no text to it, and made one.
        let chart = &*names::read(node);
        let Some(reason) = fault(chart) else { continue };
        let message = format!("OSM does not take the chart name `{chart}`: {reason}");
        // A host without its scheme is the most frequent cause.
        let is_host = |first: &str| first.contains('.') && !first.starts_with('.');
        if chart
            .split_once('/')
            .is_some_and(|(first, _)| is_host(first))
        {
            out.push(Diagnostic::new(&RULE, node.span(), message).help(format!(
                "write the scheme of the address too: `oci://{chart}`"
            )));
            continue;
        }
        out.push(
            Diagnostic::new(&RULE, node.span(), message)
                .help("write `chart`, `repository/chart`, or an address such as `oci://HOST/PATH`"),
        );
    }
}

/// Why OSM refuses the name, or `None` if it takes it.
fn fault(chart: &str) -> Option<String> {
    if is_url(chart) {
        // Python fails at such an address (`urlsplit`).
        let (_, rest) = chart.split_once("://").unwrap_or_default();
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_whole = host.contains('[') == host.contains(']');
        return (!is_whole).then(|| "a bracket of its host is missing".to_owned());
    }
    let ends_well = |part: &str| {
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(alphanumeric) && part.ends_with(alphanumeric)
    };
    let odd = |c: &char| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '/');
    if let Some(odd) = chart.chars().find(odd) {
        return Some(match odd {
            'A'..='Z' => "it has upper-case letters".to_owned(),
            ' ' => "it has a space in it".to_owned(),
            odd => format!("`{odd}` is not allowed in it"),
        });
    }
    let dashes = "a name begins and ends with a letter or digit";
    match chart.split('/').collect::<Vec<_>>().as_slice() {
        // The pattern eats one character before the name proper.
        [name] => {
            let rest = name.get(1..).unwrap_or_default();
            let fine = ends_well(name) && (rest.is_empty() || ends_well(rest));
            (!fine).then(|| dashes.to_owned())
        }
        [repository, name] => {
            if !ends_well(repository) || !(name.is_empty() || ends_well(name)) {
                Some(dashes.to_owned())
            } else if repository.len() < 2 {
                Some("the repository's name has a single character".to_owned())
            } else {
                None
            }
        }
        _ => Some("it has more than one slash".to_owned()),
    }
}

/// A scheme and a host.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme && !host.is_empty()
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn as_the_pattern_of_the_north_bound_interface() {
        for fine in [
            "redis",
            "r",
            "stable/redis",
            "my-repo/my-chart-2",
            "oci://registry:5000/charts/redis",
            "https://example.org/charts/redis-1.0.tgz",
            "stable/",
            "http://[::1]/redis",
            "0chart",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
        }
        for wrong in [
            "Redis",
            "my_chart",
            "redis.tgz",
            "a/b/c",
            "-redis",
            "redis-",
            "s/redis",
            "stable/-redis",
            "a-b",
            "./redis",
            "oci://",
            "http://[::1/redis",
        ] {
            assert!(fault(wrong).is_some(), "{wrong}");
        }
    }
}
