//! Where secrets stand in clear, and how they are kept out of reports.

use std::borrow::Cow;
use std::ops::Range;

use crate::descriptor::{Descriptor, local_entry, local_name};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::rules::names;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    /// Its bytes, which nobody may see.
    pub at: Range<usize>,
    /// Where to point: the key before it.
    pub key: Range<usize>,
    /// What it is: `password`, `private key`.
    pub what: &'static str,
}

/// Keeps the secrets of a descriptor out of whatever is printed of its text, for those
/// who show one without asking the rules.
pub fn hide_secrets(descriptor: &Descriptor) {
    hide(descriptor.doc.file(), &in_descriptor(descriptor));
}

/// Keeps these secrets out of every report.
pub(super) fn hide(file: &SourceFile, secrets: &[Secret]) {
    file.hide(secrets.iter().map(|secret| secret.at.clone()));
}

pub(super) const PRIVATE_KEY: &str = "private key";
/// One that a passphrase keeps, as long as nobody finds it out.
pub(super) const ENCRYPTED_KEY: &str = "private key with a passphrase";

/// How the first line of a private key ends.
const KEY_HEADER: &str = "PRIVATE KEY-----";

/// The key of a text for cloud-init, which may be of a single line.
const CLOUD_INIT: &str = "cloud-init";

/// Secrets in a descriptor, in the order of the text.
pub(super) fn in_descriptor(descriptor: &Descriptor) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let source = descriptor.doc.file().text();
    let Some(root) = descriptor.doc.root() else {
        return secrets;
    };
    let holds_keys = memchr::memmem::find(source.as_bytes(), KEY_HEADER.as_bytes()).is_some();
    // The key of a secret, the name of a parameter, or a text of many lines.
    let is_of_interest = |text: &str, _| {
        what(text).is_some()
            || matches!(text, "PASSWORD" | CLOUD_INIT)
            || memchr::memchr(b'\n', text.as_bytes()).is_some()
    };
    if !holds_keys && !descriptor.doc.has_text(is_of_interest) {
        return secrets;
    }
    names::each(root, &mut |node, _| {
        // A parameter is named in one key, and has its value in another.
        let parameter = || {
            let named = local_entry(node, "name").and_then(|entry| what(entry.value().str()?));
            let typed = local_entry(node, "data-type")
                .is_some_and(|entry| entry.value().text() == Some("PASSWORD"));
            named.or(typed.then_some("password"))
        };
        for entry in node.entries().filter(|entry| !entry.is_merged()) {
            let (key, value) = (entry.name(), entry.value());
            let Some(text) = value.text() else { continue };
            let is_value = matches!(key, "value" | "default-value");
            let found = what(key).or_else(|| is_value.then(parameter)?);
            let has_lines = memchr::memchr(b'\n', text.as_bytes()).is_some();
            let is_text =
                has_lines || key == CLOUD_INIT || (holds_keys && text.contains(KEY_HEADER));
            if (found.is_none() && !is_text) || value.str().is_none() {
                continue;
            }
            let at = value.at();
            match found {
                Some(what) if !has_lines && is_literal(text) => secrets.push(Secret {
                    at: inside_quotes(source, at),
                    key: entry.key_at(),
                    what,
                }),
                _ if is_text => {
                    // As it stands in the source, so that offsets are right.
                    let inner = lines(source.get(at.clone()).unwrap_or(""));
                    secrets.extend(in_text(&inner).into_iter().map(|secret| Secret {
                        at: secret.at.start + at.start..secret.at.end + at.start,
                        key: secret.key.start + at.start..secret.key.end + at.start,
                        ..secret
                    }));
                }
                _ => {}
            }
        }
    });
    secrets.sort_by_key(|secret| secret.at.start);
    secrets.dedup_by_key(|secret| secret.at.start);
    secrets
}

/// A scalar as it stands in the source, with the line ends that are escapes in double
/// quotes as line ends, and every byte at its place.
fn lines(token: &str) -> Cow<'_, str> {
    let Some(inner) = token.strip_prefix('"').filter(|inner| inner.contains('\\')) else {
        return Cow::Borrowed(token);
    };
    let mut plain = String::with_capacity(token.len());
    plain.push('"');
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match (c, rest.clone().next()) {
            ('\\', Some(escaped @ ('n' | 't' | '"' | '\\'))) => {
                rest.next();
                plain.push_str(match escaped {
                    'n' => " \n",
                    't' => " \t",
                    '"' => " \"",
                    _ => "\\\\",
                });
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

fn inside_quotes(source: &str, at: Range<usize>) -> Range<usize> {
    let token = source.get(at.clone()).unwrap_or("");
    let quoted = token.len() > 1 && token.starts_with(['"', '\'']);
    match quoted {
        true => at.start + 1..at.end - 1,
        false => at,
    }
}

/// Secrets in a cloud-init file, a script or a key, in the order of the text.
/// It is read line by line: such a file goes through OSM's templates first, so
/// that it need not be YAML yet.
pub(super) fn in_text(text: &str) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let mut start = 0;
    // The indentation of `list:` below `chpasswd:`.
    let mut list: Option<usize> = None;
    let mut is_chpasswd = false;
    let mut key_from: Option<(Range<usize>, usize, &'static str)> = None;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some((begin, from, what)) = &key_from {
            if trimmed.contains("-----END") {
                let body = *from..start;
                let first = text.get(body.clone()).unwrap_or("").trim_start();
                if !first.is_empty() && !first.starts_with(['{', '<', '$', '.']) {
                    secrets.push(Secret {
                        at: body,
                        key: begin.clone(),
                        what,
                    });
                }
                key_from = None;
            }
        } else if let Some(at) = line.find("-----BEGIN") {
            let header = &line[at..];
            if header.contains(KEY_HEADER) {
                let what = match header.contains("ENCRYPTED") {
                    true => ENCRYPTED_KEY,
                    false => PRIVATE_KEY,
                };
                key_from = Some((start + at..end, start + line.len(), what));
            }
        } else if !trimmed.starts_with('#') {
            if list.is_some_and(|outer| indent <= outer && !trimmed.is_empty()) {
                list = None;
            }
            if list.is_some() {
                account(line, start, &mut secrets);
            } else {
                of_line(line, start, &mut secrets);
            }
            if trimmed.starts_with("chpasswd:") {
                is_chpasswd = true;
            } else if is_chpasswd && trimmed.starts_with("list:") {
                list = Some(indent);
                is_chpasswd = false;
            } else if indent == 0 && !trimmed.is_empty() {
                is_chpasswd = false;
            }
        }
        start += line.len();
    }
    secrets
}

/// `user:password` in a list of `chpasswd`.
fn account(line: &str, start: usize, secrets: &mut Vec<Secret>) {
    let trimmed = line
        .trim()
        .trim_start_matches("- ")
        .trim_matches(['"', '\'']);
    if let Some((user, password)) = trimmed.split_once(':')
        && is_literal(password)
        && let Some(at) = line.find(trimmed)
    {
        let from = start + at + user.len() + 1;
        secrets.push(Secret {
            at: from..from + password.len(),
            key: start + at..start + at + user.len(),
            what: "password",
        });
    }
}

/// `password: x`, `TOKEN=x` and `echo 'user:x' | chpasswd` in one line.
fn of_line(line: &str, start: usize, secrets: &mut Vec<Secret>) {
    if let Some((before, _)) = line.split_once("chpasswd")
        && let Some((at, words)) = before.find("echo ").map(|i| (i + 5, &before[i + 5..]))
    {
        let skipped = words.len() - words.trim_start_matches([' ', '"', '\'', '\\']).len();
        let words = &words[skipped..];
        let end = words
            .find([' ', '"', '\'', '|', '\\'])
            .unwrap_or(words.len());
        account(&words[..end], start + at + skipped, secrets);
        return;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    for (mark, _) in line.match_indices([':', '=']) {
        let before = line[..mark].trim_end_matches(['"', '\'']);
        let from = before.rfind(|c| !is_part(c)).map_or(0, |i| {
            i + before[i..].chars().next().map_or(1, char::len_utf8)
        });
        let name = &before[from..];
        let Some(what) = what(name.trim_start_matches('-')) else {
            continue;
        };
        let lead = line[..from].trim_end_matches(['"', '\'']);
        let is_flow = lead.contains('{');
        let rest = &line[mark + 1..];
        let is_key = line[mark..].starts_with(':');
        // A key stands at the start of its line or of an item, and a space
        // follows it; an assignment stands anywhere, and none does.
        let stands_well = match is_key {
            true => {
                rest.starts_with([' ', '\t']) && lead.trim_end().chars().all(|c| " \t-".contains(c))
                    || (is_flow && lead.trim_end().ends_with(['{', ',']))
            }
            false => !rest.starts_with([' ', '=']),
        };
        if !stands_well {
            continue;
        }
        let value = value(rest, is_key, is_flow);
        if is_literal(&rest[value.clone()]) {
            let offset = start + mark + 1;
            secrets.push(Secret {
                at: offset + value.start..offset + value.end,
                key: start + from..start + from + name.len(),
                what,
            });
        }
    }
}

/// The value at the start of `rest`, without quotes.
fn value(rest: &str, is_key: bool, is_flow: bool) -> Range<usize> {
    let from = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let text = rest[from..].trim_end();
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inner = &text[1..];
        return from + 1..from + 1 + inner.find(quote).unwrap_or(inner.len());
    }
    let ends: &[char] = match (is_key, is_flow) {
        (true, true) => &[',', '}'],
        (true, false) => &[],
        (false, _) => &[' ', '"', '\'', ';', '&', '|', ')', ','],
    };
    let mut end = text.find(ends).unwrap_or(text.len());
    if let Some(comment) = text.find(" #").filter(|_| is_key) {
        end = end.min(comment);
    }
    from..from + text[..end].trim_end().len()
}

/// What a key or the name of a parameter says that its value is, if that is a
/// secret: its last word decides, so that `password-policy` is none.
fn what(name: &str) -> Option<&'static str> {
    // Nearly every key of a descriptor is none of these, and most end with
    // other letters.
    let [.., a, b] = name.as_bytes() else {
        return None;
    };
    let end = [a.to_ascii_lowercase(), b.to_ascii_lowercase()];
    if ![b"rd", b"wd", b"se", b"et", b"en", b"ey"].contains(&&end) {
        return None;
    }
    let name = local_name(name);
    let ends = ["password", "passwd", "passphrase", "secret", "token", "key"];
    let is_end = |end: &&str| {
        let tail = name.len().checked_sub(end.len());
        let tail = tail.and_then(|tail| name.get(tail..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    if !ends.iter().any(is_end) {
        return None;
    }
    let plain = name.to_ascii_lowercase().replace('_', "-");
    let last = plain.rsplit('-').next().unwrap_or("");
    let before = plain.strip_suffix(last).unwrap_or("").trim_end_matches('-');
    let previous = before.rsplit('-').next().unwrap_or("");
    match (previous, last) {
        (_, "password" | "passwd" | "passphrase" | "userpassword" | "adminpassword") => {
            Some("password")
        }
        // The name of a secret of Kubernetes is none itself.
        ("pull" | "tls", "secret") => None,
        (_, "secret") => Some("secret"),
        (_, "token") => Some("token"),
        (_, "apikey") | ("api" | "secret" | "access", "key") => Some("key"),
        ("private", "key") => Some(PRIVATE_KEY),
        _ => None,
    }
}

/// Whether a value is the secret itself: not a hash of it, not a variable or a
/// parameter that is filled in later, not a word for the author.
fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let plain = value.to_ascii_lowercase();
    let words = [
        "",
        "~",
        "null",
        "none",
        "true",
        "false",
        "yes",
        "no",
        "random",
        "r",
        "changeme",
        "change-me",
        "change_me",
        "tbd",
        "todo",
        "xxx",
        "***",
        "string",
        "password",
        "token",
        "secret",
        "|",
        ">",
        "|-",
        ">-",
    ];
    !words.contains(&plain.as_str())
        && !value.starts_with(['$', '<', '{', '%', '*', '&', '!', '`', '['])
        && !value.contains("{{")
        && !value.contains("${")
}

/// Takes secrets out of what findings of other rules say of the same place.
pub(super) fn scrub(diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics {
        let span = &diagnostic.primary.span;
        let Some(own) = span.range.clone() else {
            continue;
        };
        let meets = |at: &&Range<usize>| at.start < own.end && own.start < at.end;
        let text = span.file.text();
        let hidden: Vec<String> = span
            .file
            .hidden()
            .iter()
            .filter(meets)
            .filter_map(|at| Some(text.get(at.clone())?.trim().to_owned()))
            .filter(|secret| !secret.is_empty())
            .collect();
        if hidden.is_empty() {
            continue;
        }
        // A fix writes the text anew and would show it.
        diagnostic.fixes.clear();
        diagnostic.held.clear();
        let labels = diagnostic.secondary.iter_mut().map(|label| &mut label.text);
        let said = [&mut diagnostic.message, &mut diagnostic.primary.text]
            .into_iter()
            .chain(labels)
            .chain(&mut diagnostic.notes)
            .chain(&mut diagnostic.help);
        for text in said {
            for secret in &hidden {
                *text = text.replace(secret.as_str(), "***");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &'static str)> {
        let secrets = in_text(text).into_iter();
        secrets.map(|s| (&text[s.at], s.what)).collect()
    }

    #[test]
    fn what_cloud_init_files_hold() {
        let text =
            "#cloud-config\npassword: osm4u\nchpasswd: { expire: False }\nssh_pwauth: True\n";
        assert_eq!(found(text), [("osm4u", "password")]);
        let text = "chpasswd:\n  expire: false\n  list: |\n    root:toor\n    ops:$6$hash\n    web:RANDOM\nruncmd:\n  - echo 'ubuntu:123456' | chpasswd\n  - export DB_PASSWORD=hunter2; run\n";
        assert_eq!(
            found(text),
            [
                ("toor", "password"),
                ("123456", "password"),
                ("hunter2", "password")
            ]
        );
        let text = "users:\n  - {name: a, password: 'x y', type: text}\n  - name: b\n    plain_text_passwd: \"p#1\" # c\n    passwd: $6$rounds\n";
        assert_eq!(found(text), [("x y", "password"), ("p#1", "password")]);
    }

    #[test]
    fn what_is_no_secret() {
        for text in [
            "password: {{ password }}\n",
            "password: ${PASSWORD}\n",
            "password: <ssh_password>\n",
            "# password: osm4u\n",
            "sed -i 's/PasswordAuthentication/#PasswordAuthentication/' sshd_config\n",
            "echo \"password: \" >> log\n",
            "export TOKEN=$(cat /run/token)\n",
            "if [ $PASSWORD == x ]; then\n",
            "chpasswd: { expire: False }\n",
            "password:\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn private_keys() {
        let key = |header: &str, body: &str| {
            format!(
                "  content: |\n    -----BEGIN {header}-----\n    {body}\n    -----END {header}-----\n"
            )
        };
        let text = key("RSA PRIVATE KEY", "MIIE");
        assert_eq!(found(&text), [("    MIIE\n", "private key")]);
        assert_eq!(found(&key("CERTIFICATE", "MIIE")), []);
        for header in ["ENCRYPTED PRIVATE KEY", "ENCRYPTED SIGSTORE PRIVATE KEY"] {
            assert_eq!(found(&key(header, "MIIE")), [("    MIIE\n", ENCRYPTED_KEY)]);
        }
        assert_eq!(found(&key("PRIVATE KEY", "{{ key }}")), []);
    }
}
