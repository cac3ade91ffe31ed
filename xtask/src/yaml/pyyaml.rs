//! The value that PyYAML gives a scalar, for comparing as its users do.

use super::scalar::{is_date, is_sexagesimal};
use super::{Node, Style};

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
            PyScalar::Text(_) => "a text",
        }
    }
}

/// The value of a scalar; `None` for collections.
pub fn pyyaml(node: Node<'_>) -> Option<PyScalar<'_>> {
    let text = node.text()?;
    Some(match node.style()? {
        Style::Quoted => PyScalar::Text(text),
        Style::Plain => pyyaml_plain(text),
    })
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

fn float(text: &str) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
