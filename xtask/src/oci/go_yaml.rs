//! What Helm reads in `Chart.yaml`: its YAML is that of Go (`go.yaml.in/yaml/v2`, `resolve.go`),
//! which takes plain `yes`, `010` and `1.10` for a truth and for numbers, and where a text is
//! wanted `sigs.k8s.io/yaml` writes what they are as Go does: `true`, `8` and `1.1`.

use crate::yaml::{Entry, Node, Style};

/// A plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text,
}

/// The text that a field for texts gets from a scalar. Nothing is an empty one.
pub(super) fn scalar_text(node: Node<'_>) -> String {
    let text = node.text().unwrap_or_default();
    let is_plain = node.style() == Some(Style::Plain) && node.tag().is_none();
    match if is_plain {
        resolve(text)
    } else {
        Scalar::Text
    } {
        Scalar::Null => String::new(),
        Scalar::Float(value) => float_text(value, &format!("{value:e}"), &value.to_string()),
        scalar => plain_text(scalar, text),
    }
}

/// The text of a key, in which a number has half the digits.
pub(super) fn key_text(entry: &Entry<'_>) -> String {
    let text = entry.key();
    let scalar = match entry.key_style() {
        Style::Plain => resolve(text),
        _ => Scalar::Text,
    };
    match scalar {
        Scalar::Float(value) if value.is_nan() => ".nan".to_owned(),
        Scalar::Float(f64::INFINITY) => ".inf".to_owned(),
        Scalar::Float(f64::NEG_INFINITY) => "-.inf".to_owned(),
        #[allow(clippy::cast_possible_truncation)]
        Scalar::Float(value) => {
            let half = value as f32;
            float_text(value, &format!("{half:e}"), &half.to_string())
        }
        scalar => plain_text(scalar, text),
    }
}

/// Whether a field for truths is true.
pub(super) fn truth(node: Node<'_>) -> bool {
    let is_plain = node.style() == Some(Style::Plain);
    is_plain && resolve(node.text().unwrap_or_default()) == Scalar::Bool(true)
}

/// A text without what is not to be seen: any white space is one space, and what is not
/// printable in the sense of Go (`unicode.IsPrint`) is left out (helm `pkg/chart/metadata.go`,
/// `sanitizeString`).
pub(super) fn sanitised(text: &str) -> String {
    let seen = |c: char| match c {
        c if c.is_whitespace() => Some(' '),
        c => is_printable(c).then_some(c),
    };
    text.chars().filter_map(seen).collect()
}

/// Letters, marks, numbers, punctuation and symbols. The standard library escapes all others in
/// texts that are to be debugged, and marks only where there is no letter before them.
fn is_printable(c: char) -> bool {
    let text = format!("a{c}");
    matches!(c, '"' | '\'' | '\\') || text.escape_debug().count() == 2
}

fn plain_text(scalar: Scalar, text: &str) -> String {
    match scalar {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Uint(value) => value.to_string(),
        Scalar::Null | Scalar::Float(_) | Scalar::Text => text.to_owned(),
    }
}

/// As Go writes floating numbers (`strconv.FormatFloat` with `g` and the fewest digits).
fn float_text(value: f64, scientific: &str, decimal: &str) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        let sign = if value > 0.0 { '+' } else { '-' };
        return format!("{sign}Inf");
    }
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return decimal.to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let plain = match text.as_bytes() {
        [b'.', ..] => text.to_owned(),
        [b'+' | b'-' | b'0'..=b'9', ..] => text.replace('_', ""),
        _ => return Scalar::Text,
    };
    let (is_negative, digits) = match plain.strip_prefix(['+', '-']) {
        Some(digits) => (plain.starts_with('-'), digits),
        None => (false, plain.as_str()),
    };
    if let Some(number) = whole(digits) {
        let number = i128::from(number);
        let number = if is_negative { -number } else { number };
        if let Ok(number) = i64::try_from(number) {
            return Scalar::Int(number);
        }
        // Go reads numbers without a sign no further than that.
        if let (Ok(number), true) = (u64::try_from(number), digits == plain) {
            return Scalar::Uint(number);
        }
    }
    match plain.parse::<f64>() {
        Ok(number) if is_float(digits) && number.is_finite() => Scalar::Float(number),
        _ => Scalar::Text,
    }
}

/// A whole number in the base that its beginning says (`strconv.ParseInt` with base 0).
fn whole(digits: &str) -> Option<u64> {
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    let is_sound = digits.chars().all(|c| c.is_digit(base));
    is_sound.then(|| u64::from_str_radix(digits, base).ok())?
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    let is_sound = match number.split_once('.') {
        Some(("", fraction)) => is_number(fraction),
        Some((number, fraction)) => {
            is_number(number) && (fraction.is_empty() || is_number(fraction))
        }
        None => is_number(number),
    };
    is_sound && exponent.is_none_or(is_number)
}
