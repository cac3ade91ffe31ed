//! What OSM's loader makes of a value in the place of a number.
//!
//! PyYAML reads it by the rules of YAML 1.1, and a class that pyangbind (0.8.6)
//! made converts it and holds it against a range: `int(1.5)` is 1, `int('1.5')`
//! fails, and where a range is stated beside the type, a class around that of the
//! type takes for 0 what that can make nothing of. Each of these was observed.

use serde_json::Value;

use crate::yaml::{PyScalar, Type, resolve};

/// The type of a number, as far as its class goes by it.
#[derive(Debug)]
pub(super) struct NumberType {
    bounds: Bounds,
    /// Whether a range is stated beside the type.
    has_range: bool,
}

/// The least and the largest number.
#[derive(Debug)]
enum Bounds {
    Whole(i128, i128),
    /// At an end that the range leaves open there is none: the class knows no limit
    /// of 64 bits, which is what the schema has there.
    Fraction(Option<f64>, Option<f64>),
    /// None at all, and so many digits behind the point, to which the class rounds
    /// only then.
    Rounded(i32),
}

/// What comes of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Loaded {
    /// A number within its bounds.
    Taken,
    /// Zero, though it says something else: that it is no number.
    Zero,
    /// A number below its bounds, which is refused.
    TooSmall,
    /// A number above its bounds, which is refused.
    TooLarge,
    /// No number, which is refused.
    Nothing,
}

impl Loaded {
    /// Whether OSM loads the descriptor.
    pub fn is_taken(self) -> bool {
        matches!(self, Loaded::Taken | Loaded::Zero)
    }
}

impl NumberType {
    /// Reads the type from the keywords of its schema; `None` where it asks for no
    /// number.
    pub fn new<'a>(keyword: impl Fn(&str) -> &'a Value) -> Option<Self> {
        let whole = |name: &str| keyword(name).to_string().parse::<i128>().ok();
        let far = 1e15;
        let bound = |name: &str| keyword(name).as_f64().filter(|bound| bound.abs() < far);
        let bounds = match keyword("type").as_str()? {
            "integer" => Bounds::Whole(whole("minimum")?, whole("maximum")?),
            "number" => match (bound("minimum"), bound("maximum")) {
                (None, None) => {
                    let digits = keyword("x-nfv-fraction-digits").as_i64()?;
                    Bounds::Rounded(i32::try_from(digits).ok()?)
                }
                (least, most) => Bounds::Fraction(least, most),
            },
            _ => return None,
        };
        Some(NumberType {
            bounds,
            has_range: *keyword("x-nfv-range") == true,
        })
    }

    /// What the class makes of a scalar that PyYAML has read.
    pub fn load(&self, value: &PyScalar<'_>) -> Loaded {
        match self.bounds {
            Bounds::Whole(least, most) => self.load_whole(value, least, most),
            Bounds::Fraction(least, most) => match fraction(value) {
                Some(number) if number.is_nan() => Loaded::Nothing,
                Some(number) if least.is_some_and(|least| number < least) => Loaded::TooSmall,
                Some(number) if most.is_some_and(|most| number > most) => Loaded::TooLarge,
                Some(_) => Loaded::Taken,
                None => Loaded::Nothing,
            },
            // Python's `decimal` counts with 28 digits, and fails to round what needs
            // more.
            Bounds::Rounded(digits) => match fraction(value) {
                Some(number) if number.abs() < 10_f64.powi(28 - digits) => Loaded::Taken,
                Some(number) if number.is_nan() => Loaded::Taken,
                Some(number) if number < 0.0 => Loaded::TooSmall,
                Some(_) => Loaded::TooLarge,
                None => Loaded::Nothing,
            },
        }
    }

    /// What OSM has of a value that it takes, in words, where that is another number.
    pub fn becomes(&self, value: &PyScalar<'_>) -> Option<String> {
        let whole = || format!("`{}`", python_whole(value).unwrap_or_default());
        match (self.load(value), &self.bounds) {
            (Loaded::Zero, _) => Some("`0`".to_owned()),
            (Loaded::Taken, Bounds::Whole(..)) => match *value {
                PyScalar::Bool(_) => Some(whole()),
                PyScalar::Float(number) if number.fract() != 0.0 => Some(whole()),
                _ => None,
            },
            (Loaded::Taken, Bounds::Rounded(digits)) if is_cut(value, *digits) => {
                Some(format!("a number with {digits} digits behind the point"))
            }
            (Loaded::Taken, _) => match *value {
                PyScalar::Bool(truth) => Some(format!("`{}`", u8::from(truth))),
                _ => None,
            },
            _ => None,
        }
    }

    fn load_whole(&self, value: &PyScalar<'_>, least: i128, most: i128) -> Loaded {
        match (value, python_whole(value)) {
            // The class asks whether a value is false before it looks at the range
            // that is stated.
            (PyScalar::Bool(false), _) if self.has_range => Loaded::Taken,
            (_, Some(number)) if number < least => Loaded::TooSmall,
            (_, Some(number)) if number > most => Loaded::TooLarge,
            (_, Some(_)) => Loaded::Taken,
            (PyScalar::Float(_), None) if self.has_range => Loaded::Zero,
            // What has no look of a number is a mistake to everybody, and fails when
            // the function is made.
            (PyScalar::Text(text), None) if self.has_range && looks_like_one(text) => Loaded::Zero,
            _ => Loaded::Nothing,
        }
    }
}

/// The number that Python's `int` makes of a value. What lies beyond 128 bits
/// becomes the last number of these.
fn python_whole(value: &PyScalar<'_>) -> Option<i128> {
    match *value {
        PyScalar::Bool(truth) => Some(i128::from(truth)),
        PyScalar::Int(number) => Some(number),
        PyScalar::Float(number) => number.is_finite().then_some(number as i128),
        PyScalar::Text(text) => whole_of_text(text),
        PyScalar::Date(_) | PyScalar::Nothing | PyScalar::Other(_) => None,
    }
}

/// The number that Python's `Decimal` makes of a value.
fn fraction(value: &PyScalar<'_>) -> Option<f64> {
    match *value {
        PyScalar::Bool(truth) => Some(f64::from(u8::from(truth))),
        PyScalar::Int(number) => Some(number as f64),
        PyScalar::Float(number) => Some(number),
        // Space around it and all underscores say nothing. Rust reads the same
        // numbers, and the same words for those that are none.
        PyScalar::Text(text) => text.trim().replace('_', "").parse().ok(),
        PyScalar::Date(_) | PyScalar::Nothing | PyScalar::Other(_) => None,
    }
}

/// The number that Python's `int` makes of a text: with space around it, and with
/// underscores between its digits, but without point and exponent.
fn whole_of_text(text: &str) -> Option<i128> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !are_digits(digits) {
        return None;
    }
    let beyond = match text.starts_with('-') {
        true => i128::MIN,
        false => i128::MAX,
    };
    Some(text.replace('_', "").parse().unwrap_or(beyond))
}

/// Whether rounding takes digits off a number.
fn is_cut(value: &PyScalar<'_>, digits: i32) -> bool {
    let text = match *value {
        PyScalar::Float(number) => number.to_string(),
        PyScalar::Text(text) => text.trim().replace('_', ""),
        _ => return false,
    };
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let fraction = fraction.split(['e', 'E']).next().unwrap_or_default();
    i32::try_from(fraction.trim_end_matches('0').len()).is_ok_and(|length| length > digits)
}

fn are_digits(text: &str) -> bool {
    let mut parts = text.split('_');
    parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn looks_like_one(text: &str) -> bool {
    // To base 60 too, as YAML 1.1 has it.
    matches!(resolve(text), Type::Int | Type::Float) || text.split(':').all(are_digits)
}

/// A bound as the model has it. The bounds of a decimal fraction are those of so
/// many units of its last digit (RFC 7950 §9.3.4), more than the binary fraction
/// that was made of them can hold.
pub(super) fn exact(limit: &Value, schema: &Value) -> String {
    let is_limit = |end: &String| limit.is_f64() && end.parse().ok() == limit.as_f64();
    let mut ends = [end(true, schema), end(false, schema)].into_iter();
    ends.find(is_limit).unwrap_or_else(|| limit.to_string())
}

/// The least or the largest decimal fraction with so many digits behind the point as
/// a schema says.
pub(super) fn end(is_least: bool, schema: &Value) -> String {
    let digits = schema["x-nfv-fraction-digits"].as_u64();
    let digits = digits.and_then(|digits| usize::try_from(digits).ok());
    let digits = digits.unwrap_or_default();
    let (sign, units) = match is_least {
        true => ("-", i64::MIN.unsigned_abs()),
        false => ("", i64::MAX.unsigned_abs()),
    };
    let units = format!("{units:0>width$}", width = digits + 1);
    let (whole, fraction) = units.split_at(units.len() - digits);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::pyyaml_plain;

    /// What PyYAML 6.0.2 and the classes of pyangbind 0.8.6 did with each value as
    /// `num-virtual-cpu`, `size-of-storage`, `cooldown-time` (a whole number of 32
    /// bits), `virtual-memory/size`, `packet-loss-ratio` and `scale-out-threshold` of
    /// OSM's model: `o` where the descriptor loaded, and `m` where it did and the
    /// value is called a mistake all the same.
    const OBSERVED: &str = "\
-ooooo 0x0
-----o -0x1
oooooo 0x1
-ooo-o 0x1FFFF
-ooo-o 0b11111111111111111
-ooo-o 1_000_000
oooo-o 1_000
-ooo-o 20:00:00
o----- 1:60
oooo-o 1:30
oooo-o 1:30.5
-----o -1:30.5
-ooo-o 1.0e+5
-ooo-o 6.5536e+4
o--o-o 1e5
-----o -1.0e+0
-oo--o -1.0e-5
o----o -1e-5
---o-- 1.0e+30
---o-- 1.8446744073709552e+19
o--o-- 1.0e+400
o----- -1.0e+400
o--o-- .inf
o----- -.inf
o----o .nan
m--o-- inf
-oo--o -0.5
-ooooo -0.0
-ooooo -0
-ooooo 0
-ooooo 0.9
oooo-o 65535.9
-ooo-o 65536
oooo-o 65535
oooo-o 0177777
-ooo-o 0200000
oooo-o 0100000
oooo-o 010
o--ooo '0.9'
o----o '-0.5'
o--o-o '1e3'
o--ooo '1.0'
-----o '-1'
-ooo-o '65536'
oooo-o '1_0'
o----- '0x1'
m----- ''
m----- abc
oooooo yes
oooooo no
oooooo true
oooo-o +5
oooooo +0x1
---o-- 99999999999999999999999999999999999999999999
------ -99999999999999999999999999999999999999999
oooooo 1.00000000000000000000000000001
---o-- 123456789012345678901.5
-o-o-o 1.5e+17
-o-o-- 1.5e+18
---o-- 1.5e+23
---o-- 1.5e+24
-o-o-o 922337203685477580.8
oooo-o 1.01
oooo-o 1.001
m--o-- 'inf'
m----- '-inf'
m----o 'nan'
m--o-- Infinity
m----o NaN
-ooooo .5
oooo-o 5.
oooo-o 5.0e+0
o--o-o '5.'
o--ooo '.5'
oooo-o '+5'
oooo-o 1__0
oooo-o 0x1_0
-o-o-o 4294967296
-o-o-o 0x100000000
-ooo-o 4294967295.5
---o-- 18446744073709551615.5
-oo--o -0.999
-----o -1.0
-ooooo 0.0
-ooooo '0'
o----- 0o17
oooooo 0b1
o--o-- +.inf
oooooo 1.0
oooo-o 2.0E+0
m----- '!!'
m----- '~'
o--o-- '1e400'
o--o-o '1E+2'
o--o-o 1E+2
oooo-o 1.E+2
oooo-o 1.e+2
oooo-o ' 7 '
";

    #[test]
    fn numbers_are_taken_as_the_classes_take_them() {
        let whole =
            |bits: u32| json!({"type": "integer", "minimum": 0, "maximum": 2u64.pow(bits) - 1});
        let types = [
            json!({"type": "integer", "minimum": 1, "maximum": 65535, "x-nfv-range": true}),
            json!({"type": "integer", "minimum": 0, "maximum": u64::MAX}),
            whole(32),
            json!({"type": "number", "minimum": 0, "maximum": 922337203685477580.7, "x-nfv-fraction-digits": 1}),
            json!({"type": "number", "minimum": 0, "maximum": 1, "x-nfv-fraction-digits": 2}),
            json!({"type": "number", "x-nfv-fraction-digits": 10}),
        ];
        let types = types.map(|schema| NumberType::new(|name| &schema[name]).expect("a number"));
        for line in OBSERVED.lines() {
            let (observed, value) = line.split_once(' ').expect("two columns");
            let observed = observed.replace('m', "-");
            let bare = value
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''));
            let read = bare.map_or_else(|| pyyaml_plain(value), PyScalar::Text);
            let is_taken = |ty: &NumberType| match ty.load(&read).is_taken() {
                true => 'o',
                false => '-',
            };
            let taken: String = types.iter().map(is_taken).collect();
            assert_eq!(taken, observed, "{value}: {read:?}");
        }
    }
}
