//! Times as manifests and archives write them, without a clock.

/// A moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: u64,
    /// Month, from 1.
    pub month: u64,
    /// Day of the month, from 1.
    pub day: u64,
    /// Hour.
    pub hour: u64,
    /// Minute.
    pub minute: u64,
    /// Second.
    pub second: u64,
}

/// Seconds since 1970 as a date and a time of day in UTC.
pub fn civil(epoch: u64) -> Civil {
    let (days, seconds) = (epoch / 86_400, epoch % 86_400);
    // Civil date from days, by eras of 400 years that begin in March.
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    Civil {
        year: year_of_era + era * 400 + u64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: seconds / 3600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
    }
}

/// Seconds since 1970 as `1980-01-01T00:00:00Z` (RFC 3339).
pub fn rfc3339(epoch: u64) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil(epoch);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds since 1970 of an RFC 3339 `date-time` (§5.6), fractions cut off;
/// `None` for anything else. RFC 3339 wants the offset from UTC to be given.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |at: usize, len: usize| -> Option<i64> {
        let digits = bytes.get(at..at + len)?;
        digits.iter().try_fold(0, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + i64::from(digit - b'0'))
        })
    };
    let mark = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|b| wanted.contains(b));
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    if !(mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt ") && mark(13, b":") && mark(16, b":")) {
        return None;
    }
    // A leap second is the last of a day, and counts as the one before it.
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let mut at = 19;
    if mark(at, b".") {
        let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit());
        let count = digits.count();
        if count == 0 {
            return None;
        }
        at += 1 + count;
    }
    let offset = if mark(at, b"Zz") && bytes.len() == at + 1 {
        0
    } else if mark(at, b"+-") && mark(at + 3, b":") && bytes.len() == at + 6 {
        let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let seconds = hours * 3600 + minutes * 60;
        if mark(at, b"-") { -seconds } else { seconds }
    } else {
        return None;
    };
    // Days from the civil date: the way back of `civil`.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second.min(59) - offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from `date -u -d @N +%FT%TZ`.
    #[test]
    fn dates() {
        for (epoch, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (315_532_800, "1980-01-01T00:00:00Z"),
            (951_827_696, "2000-02-29T12:34:56Z"),
            (1_700_566_490, "2023-11-21T11:34:50Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(epoch), text);
            assert_eq!(parse_rfc3339(text), Some(epoch as i64));
        }
    }

    #[test]
    fn other_spellings_of_rfc_3339() {
        let same = Some(1_700_566_490);
        assert_eq!(parse_rfc3339("2023-11-21T11:34:50.557723+00:00"), same);
        assert_eq!(parse_rfc3339("2023-11-21t13:04:50+01:30"), same);
        assert_eq!(parse_rfc3339("2023-11-21T10:34:50-01:00"), same);
        for wrong in [
            "2023-11-21",
            "2023-11-21T11:34:50",
            "2023-11-21T11:34:50+0000",
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-11-21T11:34:50.Z",
            "2023-11-21T11:34:50Zx",
            "20231121T113450Z",
            "today",
            "",
            "2023-11-21T11:34:5ü",
        ] {
            assert_eq!(parse_rfc3339(wrong), None, "{wrong}");
        }
    }
}
