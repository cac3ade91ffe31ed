//! What a scalar is: by the YAML 1.2 core schema, and by YAML 1.1.
//!
//! We read 1.2. OSM reads with PyYAML, which is 1.1, and so sees other values
//! in some plain scalars; [`resolve_1_1`] tells which, for a lint.

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: the text decides the type.
    Plain,
    /// In quotes or as a block: a string.
    Quoted,
}

/// The type of a scalar under the YAML 1.2 core schema (YAML 1.2.2 §10.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A decimal, `0o` octal or `0x` hexadecimal integer.
    Int,
    /// A number with a fraction or an exponent, an infinity, or `.nan`.
    Float,
    /// Everything else.
    Str,
}

/// The type that YAML 1.1 gives to a plain scalar where YAML 1.2 sees another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legacy {
    /// `yes`, `no`, `on`, `off`.
    Bool,
    /// `0755`.
    Octal,
    /// `0b101`.
    Binary,
    /// `1_000`, `1_000.5`.
    Underscores,
    /// `12:30:45` counts in base sixty.
    Sexagesimal,
    /// `2024-01-01`.
    Timestamp,
    /// `1e3` and `0o17` are strings in PyYAML, numbers here.
    Exponent,
}

/// Type of a plain scalar under the YAML 1.2 core schema.
pub fn resolve(text: &str) -> Type {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Type::Null,
        "true" | "True" | "TRUE" => Type::Bool(true),
        "false" | "False" | "FALSE" => Type::Bool(false),
        _ => resolve_number(text),
    }
}

fn resolve_number(text: &str) -> Type {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Type::Float;
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Type::Str;
    }
    if all(unsigned, |b| b.is_ascii_digit()) {
        return Type::Int;
    }
    if let Some(digits) = text.strip_prefix("0o")
        && all(digits, |b| (b'0'..=b'7').contains(&b))
    {
        return Type::Int;
    }
    if let Some(digits) = text.strip_prefix("0x")
        && all(digits, |b| b.is_ascii_hexdigit())
    {
        return Type::Int;
    }
    if is_float(unsigned) {
        return Type::Float;
    }
    Type::Str
}

/// `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?` or `\.[0-9]+([eE][-+]?[0-9]+)?`.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_ok = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        all(digits, |b| b.is_ascii_digit())
    });
    let mantissa_ok = match mantissa.split_once('.') {
        Some(("", fraction)) => all(fraction, |b| b.is_ascii_digit()),
        Some((whole, fraction)) => {
            all(whole, |b| b.is_ascii_digit()) && fraction.bytes().all(|b| b.is_ascii_digit())
        }
        None => all(mantissa, |b| b.is_ascii_digit()),
    };
    mantissa_ok && exponent_ok
}

/// The value that PyYAML (YAML 1.1) reads where YAML 1.2 reads something else.
///
/// Single letters (`y`, `n`) are not in the list: PyYAML leaves them alone.
pub fn resolve_1_1(text: &str) -> Option<Legacy> {
    const WORDS: [&str; 12] = [
        "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
    ];
    let first = *text.as_bytes().first()?;
    // Nearly every text begins with another letter, or is longer.
    if first.is_ascii_alphabetic() {
        return (text.len() <= 3 && WORDS.contains(&text)).then_some(Legacy::Bool);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = *unsigned.as_bytes().first()?;
    if !first.is_ascii_digit() {
        return None;
    }
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return all(digits, |b| matches!(b, b'0' | b'1' | b'_')).then_some(Legacy::Binary);
    }
    if let Some(digits) = unsigned.strip_prefix("0o") {
        return all(digits, |b| (b'0'..=b'7').contains(&b)).then_some(Legacy::Exponent);
    }
    // Most of what begins with a digit is a whole number.
    if all(unsigned, |b| b.is_ascii_digit()) {
        let is_octal = first == b'0' && unsigned.len() > 1 && all(unsigned, |b| b <= b'7');
        return is_octal.then_some(Legacy::Octal);
    }
    if is_date(text) {
        return Some(Legacy::Timestamp);
    }
    if unsigned.contains(':') {
        return is_sexagesimal(unsigned).then_some(Legacy::Sexagesimal);
    }
    if unsigned.contains('_') {
        let is_whole = all(unsigned, |b| b.is_ascii_digit() || b == b'_');
        return (is_whole || super::pyyaml::float(text).is_some()).then_some(Legacy::Underscores);
    }
    // PyYAML wants a dot in the mantissa and a sign in the exponent.
    if is_float(unsigned) && unsigned.contains(['e', 'E']) {
        let (mantissa, exponent) = unsigned.split_once(['e', 'E'])?;
        if !mantissa.contains('.') || !exponent.starts_with(['-', '+']) {
            return Some(Legacy::Exponent);
        }
    }
    None
}

pub(super) fn is_sexagesimal(text: &str) -> bool {
    let (text, fraction) = match text.split_once('.') {
        Some((text, fraction)) => (text, Some(fraction)),
        None => (text, None),
    };
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or("");
    let is_digit = |b: u8| b.is_ascii_digit() || b == b'_';
    // A leading zero is octal to YAML 1.1 and so no base-sixty whole number.
    let is_led = fraction.is_some() || !first.starts_with('0');
    let is_end = fraction.is_none_or(|fraction| fraction.bytes().all(is_digit));
    let head = all(first, is_digit) && is_led && is_end;
    head && parts.all(|part| {
        (1..=2).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|n| n < 60)
    })
}

/// A date, or a date with a time (YAML 1.1, type `timestamp`), in which month,
/// day and hour may have one digit.
pub(super) fn is_date(text: &str) -> bool {
    let Some((rest, is_full)) = day(text) else {
        return false;
    };
    if rest.is_empty() {
        return is_full;
    }
    let time = rest.strip_prefix(['T', 't']).or_else(|| {
        let time = rest.trim_start_matches([' ', '\t']);
        (time.len() < rest.len()).then_some(time)
    });
    time.and_then(clock).is_some_and(is_zone)
}

/// What follows the day, and whether it has all its digits.
fn day(text: &str) -> Option<(&str, bool)> {
    let (_, rest) = digits(text, 4..=4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1..=2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1..=2)?;
    Some((rest, month == 2 && day == 2))
}

/// What follows the time.
fn clock(text: &str) -> Option<&str> {
    let (_, rest) = digits(text, 1..=2)?;
    let (_, rest) = digits(rest.strip_prefix(':')?, 2..=2)?;
    let (_, rest) = digits(rest.strip_prefix(':')?, 2..=2)?;
    let fraction = rest.strip_prefix('.');
    Some(fraction.map_or(rest, |rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
    }))
}

fn is_zone(text: &str) -> bool {
    let zone = text.trim_start_matches([' ', '\t']);
    if text.is_empty() || zone == "Z" {
        return true;
    }
    let hours = zone
        .strip_prefix(['-', '+'])
        .and_then(|zone| digits(zone, 1..=2));
    hours.is_some_and(|(_, rest)| {
        let minutes = rest.strip_prefix(':').and_then(|rest| digits(rest, 2..=2));
        rest.is_empty() || minutes.is_some_and(|(_, rest)| rest.is_empty())
    })
}

/// How many digits a text begins with, of which there must be so many, and the
/// rest.
fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<(usize, &str)> {
    let found = text.bytes().take_while(u8::is_ascii_digit).count();
    count.contains(&found).then(|| (found, &text[found..]))
}

fn all(text: &str, accept: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(accept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema() {
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(resolve(text), Type::Null, "{text}");
        }
        for text in ["0", "-1", "+12", "0o14", "0xFF", "0755", "007"] {
            assert_eq!(resolve(text), Type::Int, "{text}");
        }
        for text in ["1.0", "1.", ".5", "-1e3", "12e03", ".inf", "-.INF", ".nan"] {
            assert_eq!(resolve(text), Type::Float, "{text}");
        }
        for text in [
            "1.0.0", "0x", "-", ".", "1e", "-.nan", "yes", "0b1", "1_000", "-0x1",
        ] {
            assert_eq!(resolve(text), Type::Str, "{text}");
        }
    }

    #[test]
    fn where_pyyaml_differs() {
        assert_eq!(resolve_1_1("off"), Some(Legacy::Bool));
        assert_eq!(resolve_1_1("y"), None);
        assert_eq!(resolve_1_1("0755"), Some(Legacy::Octal));
        assert_eq!(resolve_1_1("0899"), None);
        assert_eq!(resolve_1_1("0"), None);
        assert_eq!(resolve_1_1("0b11"), Some(Legacy::Binary));
        assert_eq!(resolve_1_1("1_000"), Some(Legacy::Underscores));
        assert_eq!(resolve_1_1("1_000.5"), Some(Legacy::Underscores));
        assert_eq!(resolve_1_1("1_000.5.1"), None);
        assert_eq!(resolve_1_1("12:30:45"), Some(Legacy::Sexagesimal));
        assert_eq!(resolve_1_1("10.0.0.1:80"), None);
        assert_eq!(resolve_1_1("fa:16:3e"), None);
        assert_eq!(resolve_1_1("1:20.5"), Some(Legacy::Sexagesimal));
        assert_eq!(resolve_1_1("10.0.0.1:80.1"), None);
        assert_eq!(resolve_1_1("0o17"), Some(Legacy::Exponent));
        assert_eq!(resolve_1_1("2024-01-01"), Some(Legacy::Timestamp));
        for date in [
            "2024-1-1 1:02:03",
            "2001-12-14t21:59:43.10-05:00",
            "2001-12-14 \t21:59:43 Z",
            "2001-12-14T21:59:43.",
            "2001-12-14T21:59:43+5",
        ] {
            assert_eq!(resolve_1_1(date), Some(Legacy::Timestamp), "{date}");
        }
        for text in [
            "2024-1-1",
            "2024-01-01T",
            "2024-01-01Tea",
            "2024-01-01 noon",
            "2024-01-01T1:2:03",
            "2024-01-01T01:02:03 +",
            "2024-01-01T01:02:03+05:0",
        ] {
            assert_eq!(resolve_1_1(text), None, "{text}");
        }
        assert_eq!(resolve_1_1("1e3"), Some(Legacy::Exponent));
        assert_eq!(resolve_1_1("1.0e+3"), None);
        assert_eq!(resolve_1_1("1.0"), None);
    }
}
