//! The value that PyYAML gives a scalar, for comparing as its users do.

use super::scalar::{is_date, is_sexagesimal};
use super::{NoValue, Node, Style};

/// What a scalar is to PyYAML (`safe_load`). Two of them are equal where Python's values are
/// of one type and equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PyScalar<'a> {
    /// `None`.
    Nothing,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A number with a fraction.
    Float(f64),
    /// A date, or a date with a time.
    Date(&'a str),
    /// Bytes (`!!binary`), and what is no scalar to Python (`!!set`).
    Other(&'a str),
    /// A text, and whole numbers that are larger than any that a model has.
    Text(&'a str),
}

impl PyScalar<'_> {
    /// What it is, in words.
    pub fn noun(&self) -> &'static str {
        match self {
            PyScalar::Nothing => "nothing",
            PyScalar::Bool(_) => "a boolean",
            PyScalar::Int(_) => "a whole number",
            PyScalar::Float(_) => "a number with a fraction",
            PyScalar::Date(_) => "a date",
            PyScalar::Other(_) => "something else",
            PyScalar::Text(_) => "a text",
        }
    }
}

/// The value of a scalar; `None` for collections.
pub fn pyyaml(node: Node<'_>) -> Option<PyScalar<'_>> {
    let text = node.text()?;
    Some(match (node.style()?, node.tag()) {
        (Style::Plain, _) => pyyaml_plain(text),
        (Style::Quoted, None) => PyScalar::Text(text),
        (Style::Quoted, Some(tag)) => tagged(tag, text),
    })
}

/// The value of a text with that tag of YAML's own; the text where PyYAML has none.
fn tagged<'a>(tag: &str, text: &'a str) -> PyScalar<'a> {
    let is_collection = matches!(tag, SET | PAIR);
    if !is_collection && !fits(tag, text) {
        return PyScalar::Text(text);
    }
    match tag {
        "null" => PyScalar::Nothing,
        "bool" => {
            let words = ["yes", "true", "on"];
            PyScalar::Bool(words.iter().any(|word| text.eq_ignore_ascii_case(word)))
        }
        "int" => python_int(text).map_or(PyScalar::Text(text), PyScalar::Int),
        "float" => python_float(text).map_or(PyScalar::Text(text), PyScalar::Float),
        "timestamp" => PyScalar::Date(text),
        _ => PyScalar::Other(text),
    }
}

/// The value of a text without quotes and tag.
pub fn pyyaml_plain(text: &str) -> PyScalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return PyScalar::Nothing,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return PyScalar::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return PyScalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return PyScalar::Float(f64::NAN),
        _ => {}
    }
    if let Some(number) = float(text) {
        return PyScalar::Float(number);
    }
    if let Some(number) = int(text) {
        return PyScalar::Int(number);
    }
    match is_date(text) {
        true => PyScalar::Date(text),
        false => PyScalar::Text(text),
    }
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

pub(super) fn float(text: &str) -> Option<f64> {
    let (is_negative, rest) = signed(text);
    let sign = if is_negative { -1.0 } else { 1.0 };
    if matches!(rest, ".inf" | ".Inf" | ".INF") {
        return Some(sign * f64::INFINITY);
    }
    // A number that begins with its dot has no sign.
    let is_led = rest.starts_with(|c: char| c.is_ascii_digit());
    let is_bare = rest.starts_with('.') && rest.len() == text.len();
    if !is_led && !is_bare {
        return None;
    }
    let (whole, fraction) = rest.split_once('.')?;
    if whole.contains(':') {
        if !is_sexagesimal(rest) {
            return None;
        }
        let digits = fraction.replace('_', "");
        let fraction: f64 = format!("0.{digits}0").parse().ok()?;
        return Some(sign * (sexagesimal(whole)? as f64 + fraction));
    }
    let digits = fraction.split(['e', 'E']).next().unwrap_or_default();
    let exponent = &fraction[digits.len()..];
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    // PyYAML wants a sign in the exponent, and a digit behind a dot that comes first.
    let has_exponent = exponent.is_empty() || {
        let power = exponent.get(1..).unwrap_or_default();
        let power = power.strip_prefix(['-', '+']);
        power.is_some_and(|power| !power.is_empty() && power.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_begun = is_led || digits.starts_with(|c: char| c.is_ascii_digit());
    if !is_begun || !is_number(whole) || !is_number(digits) || !has_exponent {
        return None;
    }
    let plain = format!("0{}.{}0{exponent}", whole, digits).replace('_', "");
    plain.parse::<f64>().ok().map(|number| sign * number)
}

fn int(text: &str) -> Option<i128> {
    let (is_negative, rest) = signed(text);
    if !rest.starts_with(|c: char| c.is_ascii_digit()) || rest.contains(['+', '-']) {
        return None;
    }
    let digits = rest.replace('_', "");
    let number = if rest.contains(':') {
        let is_one = is_sexagesimal(rest);
        is_one.then(|| sexagesimal(rest)).flatten()?
    } else if let Some(binary) = digits.strip_prefix("0b") {
        i128::from_str_radix(binary, 2).ok()?
    } else if let Some(hex) = digits.strip_prefix("0x") {
        i128::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i128::from_str_radix(&digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    Some(if is_negative { -number } else { number })
}

fn sexagesimal(text: &str) -> Option<i128> {
    text.replace('_', "")
        .split(':')
        .try_fold(0i128, |sum, part| {
            sum.checked_mul(60)?.checked_add(part.parse().ok()?)
        })
}

/// The most digits that Python (`sys.set_int_max_str_digits`) makes a number of.
const MOST_DIGITS: usize = 4300;

/// Whether a plain scalar of this length and beginning may be one that [`no_value`]
/// has something to say of.
pub(super) fn may_have_no_value(text: &[u8]) -> bool {
    text.len() > MOST_DIGITS
        || (text.get(4) == Some(&b'-') && text[0].is_ascii_digit())
        || (text.last() == Some(&b'_') && !text[0].is_ascii_alphabetic())
}

/// Why PyYAML fails on a text without quotes and tag: what looks like a date or a
/// number goes to Python's constructors (`constructor.py`), which refuse some.
pub fn no_value(text: &str) -> Option<NoValue> {
    if !may_have_no_value(text.as_bytes()) {
        return None;
    }
    if let Some(fault) = bad_date(text) {
        return Some(NoValue::Date(fault));
    }
    let (_, rest) = signed(text);
    let digits = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0b"));
    if digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b == b'_')) {
        return Some(NoValue::NoDigits);
    }
    let is_decimal = rest.starts_with(|c: char| ('1'..='9').contains(&c))
        && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    (is_decimal && digits > MOST_DIGITS).then_some(NoValue::Digits(digits))
}

/// What of a date or of a date with a time there is not.
fn bad_date(text: &str) -> Option<&'static str> {
    if !is_date(text) {
        return None;
    }
    let numbers = |text: &str, parts: char| -> Vec<u32> {
        let numbers = text.split(parts).map(|number| number.parse().unwrap_or(0));
        numbers.collect()
    };
    let (date, time) = text.split_once(['T', 't', ' ', '\t']).unwrap_or((text, ""));
    let [year, month, day] = *numbers(date, '-') else {
        return None;
    };
    if year == 0 {
        return Some("year");
    }
    if !(1..=12).contains(&month) {
        return Some("month");
    }
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=days).contains(&day) {
        return Some("day");
    }
    let time = time.trim_start();
    let clock = time.split(|c: char| !c.is_ascii_digit() && c != ':').next();
    let clock = clock.unwrap_or_default();
    if let [hour, minute, second] = *numbers(clock, ':') {
        for (name, number, end) in [
            ("hour", hour, 24),
            ("minute", minute, 60),
            ("second", second, 60),
        ] {
            if number >= end {
                return Some(name);
            }
        }
    }
    let (_, zone) = time.split_once(['+', '-'])?;
    let zone = numbers(zone, ':');
    let minutes = zone.first()? * 60 + zone.get(1).unwrap_or(&0);
    (minutes >= 24 * 60).then_some("offset")
}

/// Whether PyYAML makes a value of a scalar with that tag of YAML's own
/// (`constructor.py`, the methods of `SafeConstructor`).
pub(super) fn fits(tag: &str, text: &str) -> bool {
    match tag {
        "null" | "str" => true,
        "bool" => {
            let words = ["yes", "no", "true", "false", "on", "off"];
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        "int" => is_python_int(text),
        "float" => is_python_float(text),
        "timestamp" => is_date(text) && bad_date(text).is_none(),
        "binary" => text.is_ascii() && is_base64(text),
        _ => false,
    }
}

/// The tags of what is neither a scalar nor a collection of JSON's to Python: a set, and an
/// entry of an ordered mapping. Such a node stands for a scalar in the tree.
pub(super) const SET: &str = "set";
pub(super) const PAIR: &str = "pairs";

/// Whether Python decodes a text (`binascii.a2b_base64`): letters that it does not know
/// say nothing, and the padding must be there; what follows it is not looked at.
fn is_base64(text: &str) -> bool {
    let mut quad = 0;
    let mut pads = 0;
    for byte in text.bytes() {
        match byte {
            b'=' if quad >= 2 => {
                pads += 1;
                if quad + pads >= 4 {
                    return true;
                }
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                pads = 0;
                quad = (quad + 1) % 4;
            }
            _ => {}
        }
    }
    quad == 0
}

/// The number of a text that [`is_python_int`] takes, if it is not larger than any that a
/// model has.
fn python_int(text: &str) -> Option<i128> {
    let digits = text.replace('_', "");
    let (is_negative, digits) = signed(&digits);
    let radix = |text: &str, radix| i128::from_str_radix(text, radix).ok();
    let number = if let Some(binary) = digits.strip_prefix("0b") {
        radix(binary, 2)
    } else if let Some(hex) = digits.strip_prefix("0x") {
        radix(hex, 16)
    } else if digits.starts_with('0') {
        let octal = digits.strip_prefix("0o").or(digits.strip_prefix("0O"));
        radix(octal.unwrap_or(digits), 8)
    } else {
        let parts = digits.split(':');
        parts
            .map(|part| part.trim().parse::<i128>().ok())
            .try_fold(0i128, |sum, part| sum.checked_mul(60)?.checked_add(part?))
    }?;
    Some(if is_negative { -number } else { number })
}

/// The number of a text that [`is_python_float`] takes.
fn python_float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (is_negative, rest) = signed(&text);
    let sign = if is_negative { -1.0 } else { 1.0 };
    let number = match rest {
        ".inf" => f64::INFINITY,
        ".nan" => return Some(f64::NAN),
        _ => rest.split(':').try_fold(0.0, |sum, part| {
            part.trim()
                .parse::<f64>()
                .ok()
                .map(|part| sum * 60.0 + part)
        })?,
    };
    Some(sign * number)
}

fn is_python_int(text: &str) -> bool {
    let digits = text.replace('_', "");
    let digits = digits.strip_prefix(['-', '+']).unwrap_or(&digits);
    let all = |text: &str, radix| !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    let octal = |text: &str| {
        let text = text.strip_prefix("0o").or_else(|| text.strip_prefix("0O"));
        text.map(|text| all(text, 8))
    };
    if let Some(binary) = digits.strip_prefix("0b") {
        return all(binary, 2);
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return all(hex, 16);
    }
    if digits.starts_with('0') {
        return octal(digits).unwrap_or_else(|| all(digits, 8));
    }
    if digits.contains(':') {
        return digits.split(':').all(|part| all(part.trim(), 10));
    }
    let digits = digits.trim();
    all(digits, 10) && digits.len() <= MOST_DIGITS
}

fn is_python_float(text: &str) -> bool {
    let text = text.replace('_', "").to_ascii_lowercase();
    let rest = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let is_number = |text: &str| {
        let text = text.trim();
        // Rust reads the same numbers as Python, and the same words for those
        // that are none.
        text.parse::<f64>().is_ok()
    };
    match rest {
        "" => false,
        ".inf" | ".nan" => true,
        _ => rest.split(':').all(is_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was put to `yaml.safe_load` of PyYAML 6.0.2.
    #[test]
    fn texts_that_python_has_no_value_for() {
        for (text, fault) in [
            ("2024-02-30", "day"),
            ("2023-02-29", "day"),
            ("1900-02-29", "day"),
            ("2024-00-10", "month"),
            ("2024-13-10", "month"),
            ("2024-04-00", "day"),
            ("0000-01-01", "year"),
            ("2024-02-30T00:00:00", "day"),
            ("2024-01-01T25:00:00", "hour"),
            ("2024-01-01 10:60:00", "minute"),
            ("2024-01-01 10:00:60", "second"),
            ("2024-01-01T10:00:00+25:00", "offset"),
            ("2024-01-01T10:00:00.5 -24", "offset"),
            ("2024-01-01T10:00:00+23:99", "offset"),
        ] {
            assert_eq!(no_value(text), Some(NoValue::Date(fault)), "{text}");
        }
        for text in ["0x_", "0b_", "-0x__", "+0b_"] {
            assert_eq!(no_value(text), Some(NoValue::NoDigits), "{text}");
        }
        let long = |first: &str, n: usize| format!("{first}{}", "1".repeat(n));
        assert_eq!(no_value(&long("", 4301)), Some(NoValue::Digits(4301)));
        assert_eq!(no_value(&long("-1_", 4300)), Some(NoValue::Digits(4301)));
        for text in [
            "2024-02-29".to_owned(),
            "2000-02-29".to_owned(),
            "2024-1-1 1:02:03".to_owned(),
            "2024-01-01T10:00:00+23:59".to_owned(),
            "2024-02-30x".to_owned(),
            "2024-2-30".to_owned(),
            "0_".to_owned(),
            "1_".to_owned(),
            "0x".to_owned(),
            "0x_1_".to_owned(),
            "0b2_".to_owned(),
            "0X_".to_owned(),
            long("", 4300),
            long("0", 4301),
            long("0x", 4301),
            long("x", 4301),
        ] {
            assert_eq!(no_value(&text), None, "{text}");
        }
    }

    #[test]
    fn what_python_makes_of_tagged_texts() {
        for (tag, text) in [
            ("int", "5"),
            ("int", " 5"),
            ("int", "-0x1f"),
            ("int", "0o17"),
            ("int", "0755"),
            ("int", "1_000"),
            ("int", "12:30"),
            ("float", "1e3"),
            ("float", "nan"),
            ("float", "-.INF"),
            ("float", "5"),
            ("bool", "On"),
            ("null", "x"),
            ("timestamp", "2024-02-29"),
            ("binary", "@"),
            ("binary", "YWJjZA=="),
            ("binary", "YW Jj\nZA=="),
            ("binary", "YQ==YQ"),
        ] {
            assert!(fits(tag, text), "{tag} {text}");
        }
        for (tag, text) in [
            ("int", "x"),
            ("int", ""),
            ("int", "08"),
            ("int", "0x1g"),
            ("int", "5.5"),
            ("float", "abc"),
            ("float", ""),
            ("bool", "x"),
            ("bool", "y"),
            ("timestamp", "abc"),
            ("timestamp", "2024-02-30"),
            ("binary", "\u{fc}"),
            ("binary", "abc"),
            ("binary", "YWJjZA"),
            ("binary", "YWJjZA="),
            ("binary", "a=="),
            ("map", "x"),
            ("seq", "x"),
            ("omap", "x"),
            ("pairs", "x"),
            ("set", "x"),
        ] {
            assert!(!fits(tag, text), "{tag} {text}");
        }
    }

    /// Each was put to `yaml.safe_load` of PyYAML 6.0.3.
    #[test]
    fn values_of_tagged_texts() {
        for (tag, text, value) in [
            ("int", "0755", PyScalar::Int(0o755)),
            ("int", "-0o17", PyScalar::Int(-15)),
            ("int", "+0x1F", PyScalar::Int(31)),
            ("int", "0b1_1", PyScalar::Int(3)),
            ("int", "1:30", PyScalar::Int(90)),
            ("int", " 5", PyScalar::Int(5)),
            ("float", "5", PyScalar::Float(5.0)),
            ("float", "1e3", PyScalar::Float(1000.0)),
            ("float", "-.INF", PyScalar::Float(f64::NEG_INFINITY)),
            ("float", "1:30.5", PyScalar::Float(90.5)),
            ("bool", "oN", PyScalar::Bool(true)),
            ("bool", "FALSE", PyScalar::Bool(false)),
            ("null", "x", PyScalar::Nothing),
            ("timestamp", "2024-01-01", PyScalar::Date("2024-01-01")),
            ("binary", "YWJj", PyScalar::Other("YWJj")),
        ] {
            assert_eq!(tagged(tag, text), value, "{tag} {text}");
        }
    }

    #[test]
    fn values_of_python() {
        for (text, value) in [
            ("", PyScalar::Nothing),
            ("off", PyScalar::Bool(false)),
            ("1.0", PyScalar::Float(1.0)),
            ("1.10", PyScalar::Float(1.1)),
            ("1.", PyScalar::Float(1.0)),
            (".5", PyScalar::Float(0.5)),
            ("-.inf", PyScalar::Float(f64::NEG_INFINITY)),
            ("1.0e+3", PyScalar::Float(1000.0)),
            ("1:20.5", PyScalar::Float(80.5)),
            ("1.0.0", PyScalar::Text("1.0.0")),
            ("1e3", PyScalar::Text("1e3")),
            ("1.5e3", PyScalar::Text("1.5e3")),
            (".", PyScalar::Text(".")),
            ("-.5", PyScalar::Text("-.5")),
            ("0", PyScalar::Int(0)),
            ("-12", PyScalar::Int(-12)),
            ("0755", PyScalar::Int(0o755)),
            ("0899", PyScalar::Text("0899")),
            ("0x1F", PyScalar::Int(31)),
            ("0b11", PyScalar::Int(3)),
            ("0o17", PyScalar::Text("0o17")),
            ("1_000", PyScalar::Int(1000)),
            ("12:30:45", PyScalar::Int(45045)),
            ("10.0.0.1:80", PyScalar::Text("10.0.0.1:80")),
            ("2024-01-01", PyScalar::Date("2024-01-01")),
            ("-", PyScalar::Text("-")),
            ("0x", PyScalar::Text("0x")),
            ("0x-1", PyScalar::Text("0x-1")),
            ("router", PyScalar::Text("router")),
        ] {
            assert_eq!(pyyaml_plain(text), value, "{text}");
        }
    }
}
