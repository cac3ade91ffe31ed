//! `schema/bad-format`.

use super::words;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/bad-format",
    level: Level::Deny,
    fixed: false,
    summary: "a text does not look as the model asks",
    docs: "\
## What it does

Compares texts with the pattern that the model gives for them: IP and MAC
addresses in OSM's models, versions, references and names in HDA graphs and
charts.

## Why is this bad?

OSM applies the same patterns when it loads a descriptor, Helm when it packs a
chart, and both refuse what does not match. An HDA graph with such a reference
fails later, when its artifact is to be fetched.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Write the text in the form that the finding shows. A version of three numbers
(`1.0.0`) is what Semantic Versioning 2.0.0 asks for.
",
    example: Some(Example {
        bad: &[(
            "edge/Chart.yaml",
            "apiVersion: v2\nname: edge\nversion: '1.0'\n",
        )],
        good: &[(
            "edge/Chart.yaml",
            "apiVersion: v2\nname: edge\nversion: 1.0.0\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::BadFormat { format, .. } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let diagnostic = words::finding(&RULE, violation, place, message);
    let mut wanted: Vec<&str> = Vec::new();
    for pattern in format.split("` or `") {
        let pattern = pattern.trim_matches('`');
        match KNOWN.iter().find(|(start, _)| pattern.starts_with(start)) {
            Some((_, words)) if wanted.contains(words) => {}
            Some((_, words)) => wanted.push(words),
            None if pattern.starts_with("a text ") => {
                return Some(diagnostic.help(format!("write {format}")));
            }
            // One unknown pattern, or words of the schema's own.
            None => return Some(diagnostic.help(format!("it must look like {format}"))),
        }
    }
    Some(diagnostic.help(format!("write {}", wanted.join(" or "))))
}

/// How the patterns of the schemas begin, and what they mean. Prefixes of
/// networks stand before the addresses whose patterns begin like theirs.
const KNOWN: &[(&str, &str)] = &[
    (
        concat!(
            r"^(?:(?:(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\.){3}",
            r"(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])/"
        ),
        "an IPv4 network such as `10.0.0.0/24`",
    ),
    (
        r"^(?:(?:(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\.){3}",
        "an IPv4 address such as `10.0.0.1`",
    ),
    (
        concat!(
            r"^(?:(?:(?::|[0-9a-fA-F]{0,4}):)(?:[0-9a-fA-F]{0,4}:){0,5}",
            r"(?:(?:(?:[0-9a-fA-F]{0,4}:)?(?::|[0-9a-fA-F]{0,4}))|",
            r"(?:(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])\.){3}",
            r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])))(?:/"
        ),
        "an IPv6 network such as `2001:db8::/32`",
    ),
    (
        r"^(?:(?:(?::|[0-9a-fA-F]{0,4}):)",
        "an IPv6 address such as `2001:db8::1`",
    ),
    (
        concat!(
            r"^(?:(?:(?:[^:]+:){6}(?:(?:[^:]+:[^:]+)|(?:[^\n\r]*\.[^\n\r]*)))|",
            r"(?:(?:(?:[^:]+:)*[^:]+)?::(?:(?:[^:]+:)*[^:]+)?)(?:/"
        ),
        "an IPv6 network such as `2001:db8::/32`",
    ),
    (
        r"^(?:(?:(?:[^:]+:){6}",
        "an IPv6 address such as `2001:db8::1`",
    ),
    (
        r"^(?:[0-9a-fA-F]{2}(?::",
        "a MAC address such as `fa:16:3e:00:00:01`",
    ),
    (
        r"^(?:(?:(?:(?:[a-zA-Z0-9_](?:[a-zA-Z0-9\-_]){0,61})?",
        "a domain name such as `example.org`",
    ),
    // ETSI's pattern takes one letter where a word was meant.
    (
        r"^(?:vnf-[lcm|pm|fm])$",
        "`vnf-` and one of `l`, `c`, `m`, `p`, `f` and `|`",
    ),
    (r"^(0|[1-9][0-9]*)\.(0|", "a version such as `1.0.0`"),
    (r"^(0|([0-9]+(ms|", "a duration such as `30s` or `1h30m`"),
    (
        r"^oci://",
        "an OCI reference such as `oci://registry.example/project/name:1.0.0`",
    ),
    (
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(",
        "lower-case letters, digits and dashes, such as `edge-proxy`",
    ),
    (
        r"^[A-Za-z0-9]([A-Za-z0-9._-]*",
        "letters, digits, `.`, `_` and `-`, with a letter or digit at both ends",
    ),
    (r"^[A-Za-z0-9_-]+$", "letters, digits, `_` and `-`"),
    (r"^([^/.\\][^/\\]*|", "a relative path without `.` and `..`"),
    (
        r"^(SHIELD|",
        "a model and, behind `@`, its version, such as `SOL006@2.6.1`",
    ),
    (r"^(SOL006|OSM)", "a model of SOL006 or OSM"),
    (r"^HDAG", "the model of HDA graphs, such as `HDAG@0.4.0`"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pattern of every schema has words.
    #[test]
    fn no_pattern_is_shown_raw() {
        fn patterns(value: &serde_json::Value, out: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(map) => {
                    if let Some(pattern) = map.get("pattern").and_then(|p| p.as_str()) {
                        out.push(pattern.to_owned());
                    }
                    map.values().for_each(|value| patterns(value, out));
                }
                serde_json::Value::Array(items) => {
                    items.iter().for_each(|value| patterns(value, out));
                }
                _ => {}
            }
        }
        let mut found = Vec::new();
        for schema in crate::schema::all() {
            patterns(schema.value(), &mut found);
        }
        for pattern in found {
            let words = KNOWN.iter().find(|(start, _)| pattern.starts_with(start));
            assert!(words.is_some(), "{pattern}");
            let is_network = pattern.contains("(?:/") || pattern.contains(")/(?:");
            let (_, words) = words.expect("words");
            assert_eq!(words.contains("network"), is_network, "{pattern}: {words}");
        }
    }
}
