//! Did you mean: the nearest of several names.

/// The name that `typed` was most likely meant to be, or `None` where no name
/// is near. Case does not count, and a name that only differs in its dashes
/// and underscores is the nearest of all.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '.'], "-");
    let typed = plain(typed);
    let length = typed.chars().count();
    // A third of the letters may be wrong, but never all of a short word.
    let allowed = (length.max(3) / 3).min(4);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        // Most names are ruled out by their length; the distance is costly.
        if name.chars().count().abs_diff(length) > allowed {
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

#[cfg(test)]
mod tests {
    use super::nearest;

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
    }
}
