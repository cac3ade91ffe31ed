//! Did you mean: the nearest of several names.

/// The name that `typed` was most likely meant to be, or `None` where no name
/// is near. Case does not count, and a name that only differs in its dashes
/// and underscores is the nearest of all. Texts of more than two hundred bytes
/// are no names.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The cost of comparing grows with the square of the length.
    const LONGEST: usize = 200;
    if typed.len() > LONGEST {
        return None;
    }
    let typed = plain(typed);
    let length = typed.chars().count();
    // A third of the letters may be wrong, but never all of a short word.
    let allowed = (length.max(3) / 3).min(4);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        // Most names are ruled out by their length; the distance is costly.
        if name.len() > 4 * LONGEST || name.chars().count().abs_diff(length) > allowed {
            continue;
        }
        let other = plain(name);
        let distance = strsim::osa_distance(&typed, &other);
        let nearer = best.is_none_or(|(d, b)| (distance, name) < (d, b));
        if distance <= allowed && distance < other.chars().count() && nearer {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// The same where one name alone is nearest; of two that are as near, neither is meant
/// more than the other.
pub(super) fn nearest_alone<'a>(
    typed: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let near = nearest(typed, names.clone())?;
    let others: Vec<&str> = names.filter(|name| *name != near).collect();
    let far = |name: &str| strsim::osa_distance(&plain(typed), &plain(name));
    let is_alone = match nearest(typed, others) {
        Some(other) => far(other) > far(near),
        None => true,
    };
    is_alone.then_some(near)
}

/// A name without what people mix up.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(['_', '.'], "-")
}

/// Whether `typed` is `name` with a slip of the fingers in it, and surely no
/// other word: the same letters in other case or with other separators, or in
/// each word at most one letter pressed twice, in those of four letters and more also one left
/// out, added or swapped with its neighbour; in words of six and more also a wrong one. Where
/// all other words of a name are right, the word may be one of three letters, have
/// a wrong one, or be cut short (`img`). `min-size` is no slip for `max-size`, nor
/// `ipv4` for `ipv6`.
pub(super) fn is_slip(typed: &str, name: &str) -> bool {
    if letters(typed) == letters(name) {
        return true;
    }
    let digits = |text: &str| -> Vec<char> { text.chars().filter(char::is_ascii_digit).collect() };
    let words = |text: &str| -> Vec<String> {
        let text = text.to_lowercase();
        text.split(['_', '.', '-']).map(str::to_owned).collect()
    };
    let (a, b) = (words(typed), words(name));
    if digits(typed) != digits(name) || a.len() != b.len() {
        return false;
    }
    let mut wrong = a.iter().zip(&b).filter(|(a, b)| a != b);
    match (wrong.next(), wrong.next()) {
        (Some((a, b)), None) if name.contains('-') => is_part_slip(a, b) || is_word_slip(a, b),
        _ => a.iter().zip(&b).all(|(a, b)| is_word_slip(a, b)),
    }
}

/// Words that are one letter from another word of the models.
const APART: [&str; 16] = [
    "cp", "cpd", "cpu", "ext", "gpu", "id", "int", "ip", "kdu", "ns", "nsd", "pdu", "pnf", "vdu",
    "vnf", "vnfd",
];

fn is_apart(a: &str, b: &str) -> bool {
    APART.contains(&a) && APART.contains(&b)
}

fn is_word_slip(a: &str, b: &str) -> bool {
    let (len, other) = (a.chars().count(), b.chars().count());
    let wrong = a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    let least = if len == other && wrong == 1 { 6 } else { 4 };
    a == b
        || is_doubled(a, b)
        || (len.max(other) >= least && !is_apart(a, b) && strsim::osa_distance(a, b) == 1)
}

/// Whether `a` is `b` with a letter pressed twice.
fn is_doubled(a: &str, b: &str) -> bool {
    let letters: Vec<char> = a.chars().collect();
    let without = |i: usize| letters[..i].iter().chain(&letters[i + 1..]);
    let twice = (1..letters.len()).filter(|i| letters[*i] == letters[*i - 1]);
    a.len() > b.len() && twice.into_iter().any(|i| without(i).copied().eq(b.chars()))
}

/// The same for the one wrong word of a name.
fn is_part_slip(a: &str, b: &str) -> bool {
    let is_long = a.chars().count() >= 3 && b.chars().count() >= 3;
    let mut rest = b.chars();
    let mut short = a.strip_suffix('s').unwrap_or(a).chars();
    // `lvl` for `level`, `params` for `parameter`.
    let is_cut = a.chars().next() == b.chars().next() && short.all(|c| rest.any(|own| own == c));
    is_long && !is_apart(a, b) && (is_cut || strsim::osa_distance(a, b) == 1)
}

/// The one of `names` that `typed` is a slip for, if it has the same letters or is
/// nearer by two letters than any other.
pub(super) fn slip<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near: Vec<&str> = names
        .filter(|name| nearest(typed, [*name]).is_some())
        .collect();
    let mut same = near.iter().filter(|name| letters(name) == letters(typed));
    match (same.next(), same.next()) {
        (Some(only), None) => return Some(only),
        (Some(_), Some(_)) => return None,
        (None, _) => {}
    }
    let best = nearest(typed, near.iter().copied())?;
    let far = |name: &str| strsim::osa_distance(&letters(typed), &letters(name));
    let mut others = near.iter().filter(|name| **name != best);
    let is_alone = others.all(|other| far(other) >= far(best) + 2);
    (is_alone && is_slip(typed, best)).then_some(best)
}

fn letters(text: &str) -> String {
    text.to_lowercase().replace(['_', '.', '-'], "")
}

#[cfg(test)]
mod tests {
    use super::{is_slip, nearest, slip};

    #[test]
    fn slips_and_other_words() {
        for (typed, name) in [
            ("nmae", "name"),
            ("product-nam", "product-name"),
            ("Product_Name", "product-name"),
            ("productName", "product-name"),
            ("virtual-storage-descs", "virtual-storage-desc"),
            ("mac-adress", "mac-address"),
            ("monitoring-paramater", "monitoring-parameter"),
            ("virtual-compute-desk", "virtual-compute-desc"),
            ("mgnt-cp", "mgmt-cp"),
            ("ext-cdp", "ext-cpd"),
            ("monitoring-params", "monitoring-parameter"),
            ("disc-format", "disk-format"),
            ("min-disc", "min-disk"),
            ("min-rom", "min-ram"),
            ("sw-img-desc", "sw-image-desc"),
            ("vdu-lvl", "vdu-level"),
            ("vdu-idd", "vdu-id"),
            ("vddu-id", "vdu-id"),
        ] {
            assert!(is_slip(typed, name), "{typed}");
            assert_eq!(slip(typed, [name, "df"].into_iter()), Some(name));
        }
        for (typed, name) in [
            ("ip", "id"),
            ("di", "id"),
            ("host", "cost"),
            ("min-size", "max-size"),
            ("ipv4-address", "ipv6-address"),
            ("vnf-id", "vnfd-id"),
            ("ingress", "egress"),
            ("mgmt-cpd", "mgmt-cp"),
            ("kdu-profile", "vdu-profile"),
            ("int-cpd", "ext-cpd"),
            ("cpu", "vdu"),
        ] {
            assert!(!is_slip(typed, name), "{typed}");
        }
        let two = ["virtual-cpus", "virtual-cpuz"];
        assert_eq!(slip("virtual-cpu", two.into_iter()), None);
        let two = ["cloud-init", "cloud-init-file"];
        assert_eq!(slip("cloud-init-fil", two.into_iter()), Some(two[1]));
        assert_eq!(slip("VDU", ["kdu", "vdu"].into_iter()), Some("vdu"));
    }

    #[test]
    fn near_names() {
        let names = ["virtual-storage-desc", "virtual-compute-desc", "vdu", "id"];
        assert_eq!(
            nearest("virtual-storage-descs", names),
            Some("virtual-storage-desc")
        );
        assert_eq!(
            nearest("virtual_compute_desc", names),
            Some("virtual-compute-desc")
        );
        assert_eq!(nearest("vud", names), Some("vdu"));
        assert_eq!(nearest("image", names), None);
        assert_eq!(nearest("xy", names), None);
        let long = "x".repeat(1 << 20);
        assert_eq!(nearest(&long, [long.as_str()]), None);
    }
}
