//! What a file becomes, as `diff -u` shows it and `patch -p1` takes it.

use similar::TextDiff;

use super::clean;

/// A unified diff of two texts of one file; empty where they are equal.
pub fn diff(path: &str, before: &str, after: &str) -> String {
    // The search for the shortest diff of two long texts that have nothing in
    // common takes time in proportion to the product of their lengths. The
    // texts that this meets differ in a few lines or are short.
    const LONG: usize = 20_000;
    if before == after {
        return String::new();
    }
    let path = clean(path).replace(['\n', '\t'], "\u{fffd}");
    // Of a path from the top `patch` and git would see two slashes.
    let path = path.trim_start_matches('/').to_owned();
    let lines = before.lines().count() + after.lines().count();
    if lines > LONG || has_lone_return(before) || has_lone_return(after) {
        return all(&path, before, after);
    }
    TextDiff::from_lines(before, after)
        .unified_diff()
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// Whether a line ends as on very old machines. To `similar` that is the end of
/// a line, and to `patch` and git a letter in one.
fn has_lone_return(text: &str) -> bool {
    let ends = memchr::memchr_iter(b'\r', text.as_bytes());
    ends.into_iter()
        .any(|end| text.as_bytes().get(end + 1) != Some(&b'\n'))
}

/// The same without a search: everything between the lines that are equal at
/// the start and at the end.
fn all(path: &str, before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[start..], &new[start..]);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let end = pairs.take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let range = |lines: &[&str]| match lines.len() {
        0 => format!("{start},0"),
        n => format!("{},{n}", start + 1),
    };
    let mut text = format!(
        "--- a/{path}\n+++ b/{path}\n@@ -{} +{} @@\n",
        range(old),
        range(new)
    );
    for (sign, lines) in [('-', old), ('+', new)] {
        for line in lines {
            text.push(sign);
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_say_the_same() {
        let (before, after) = ("a\nb\nc\n", "a\nB\nc\n");
        assert_eq!(
            diff("x/y.yaml", before, after),
            "--- a/x/y.yaml\n+++ b/x/y.yaml\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
        );
        assert_eq!(
            all("x", before, after),
            "--- a/x\n+++ b/x\n@@ -2,1 +2,1 @@\n-b\n+B\n"
        );
        assert_eq!(
            all("x", "a\n", "a\nb"),
            "--- a/x\n+++ b/x\n@@ -1,0 +2,1 @@\n+b\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("x", "a", "a"), "");
        // To git this is one line.
        assert_eq!(
            diff("x", "a: 1\rb: 2\r", "a: 1\rb: '2'\r"),
            "--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a: 1\rb: 2\r\n\\ No newline at end of file\n\
             +a: 1\rb: '2'\r\n\\ No newline at end of file\n"
        );
    }
}
