//! Whether what is asked for can be the name, the version and the vendor of a package.

use super::{NewError, NewKind, NewOptions};
use crate::source::Layout;

/// The longest name of anything else: with version and ending it still has to
/// be a file name, and a tag.
const NAME: usize = 100;

/// Whether name, version, vendor and flags are such that what is written
/// passes the checks.
pub(super) fn valid(options: &NewOptions) -> Result<(), NewError> {
    let kind = options.kind;
    let title = kind.title();
    let name = options.name.as_str();
    let ends_well =
        |text: &str, good: fn(char) -> bool| text.starts_with(good) && text.ends_with(good);
    let rule = match kind.label() {
        Some(most) => {
            let of_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let is_fine = name.len() <= most
                && name.chars().all(of_label)
                && ends_well(name, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
            (!is_fine).then(|| {
                format!(
                    "it is made of lower-case letters, digits and `-`, begins and ends with a letter or digit, and has {most} characters at most, because Helm takes no other name"
                )
            })
        }
        None => {
            let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let is_fine = name.len() <= NAME
                && name.chars().all(of_name)
                && ends_well(name, |c| c.is_ascii_alphanumeric());
            (!is_fine).then(|| {
                format!(
                    "it is made of letters, digits, `.`, `-` and `_`, begins and ends with a letter or digit, and has {NAME} characters at most, because files are called after it"
                )
            })
        }
    };
    if let Some(rule) = rule {
        return Err(NewError::Name {
            name: name.to_owned(),
            kind: title,
            rule,
        });
    }
    let flag = |flag, reason| {
        Err(NewError::Flag {
            flag,
            kind: title,
            reason,
        })
    };
    if !options.vnf.is_empty() && kind != NewKind::Ns {
        return flag("--vnf", "only a network service (ns) lists functions");
    }
    if !options.ns.is_empty() && kind != NewKind::Nst {
        return flag("--ns", "only a slice template (nst) lists services");
    }
    let is_shield = kind.layout() == Layout::Shield;
    if options.package.is_some() && !is_shield {
        return flag("--package", "only a SHIELD package wraps another");
    }
    if let Some(version) = &options.version {
        if is_shield {
            return flag("--version", "it has the version of what it wraps");
        }
        let rule = match kind {
            NewKind::Nst => return flag("--version", "its model has no field for one"),
            NewKind::Hdag | NewKind::Vo => (!is_semver(version))
                .then_some("it has three numbers, such as 1.0.0 (Semantic Versioning 2)"),
            _ => (!is_version(version))
                .then_some("it is made of letters, digits, `.`, `-`, `_` and `+`, begins with a letter or digit, and has 64 characters at most"),
        };
        if let Some(rule) = rule {
            return Err(NewError::Version {
                version: version.clone(),
                kind: title,
                rule,
            });
        }
    }
    if let Some(vendor) = &options.vendor {
        if kind == NewKind::Nst {
            return flag("--vendor", "its model has no field for one");
        }
        if vendor.trim().is_empty() || vendor.chars().any(char::is_control) {
            return Err(NewError::Vendor);
        }
    }
    Ok(())
}

fn is_version(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
}

/// Semantic Versioning 2.0.0, rules 2, 9 and 10.
fn is_semver(text: &str) -> bool {
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (core, before) = match text.split_once('-') {
        Some((core, before)) => (core, Some(before)),
        None => (text, None),
    };
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let has_no_zero_in_front = |part: &str| part == "0" || !part.starts_with('0');
    let is_number = |part: &str| !part.is_empty() && is_digits(part) && has_no_zero_in_front(part);
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && before.is_none_or(|before| {
            before
                .split('.')
                .all(|part| is_word(part) && (!is_digits(part) || has_no_zero_in_front(part)))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_versions() {
        for fine in [
            "0.0.1",
            "1.10.0",
            "1.0.0-rc.1",
            "1.0.0-0a+build.01",
            "1.0.0--",
        ] {
            assert!(is_semver(fine), "{fine}");
        }
        for wrong in [
            "1.0",
            "1",
            "v1.0.0",
            "01.0.0",
            "1.0.0-",
            "1.0.0-01",
            "1.0.0+",
            "1.0.0-a..b",
            "",
        ] {
            assert!(!is_semver(wrong), "{wrong}");
        }
    }
}
