//! The order of packages of which some need others.

/// An order of `count` things in which each comes after those that it needs, and otherwise as
/// they stand; and those that need each other, each circle once.
pub(super) fn order(
    count: usize,
    needs: impl Fn(usize, usize) -> bool,
) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut order: Vec<usize> = Vec::new();
    let mut circles = Vec::new();
    while order.len() < count {
        let left: Vec<usize> = (0..count).filter(|i| !order.contains(i)).collect();
        let is_free = |one: &&usize| left.iter().all(|two| one == &two || !needs(**one, *two));
        if let Some(free) = left.iter().find(is_free) {
            order.push(*free);
            continue;
        }
        let circle = circle(&left, &needs);
        order.extend(&circle);
        circles.push(circle);
    }
    (order, circles)
}

/// All that need each other, of things of which each needs one: those that need nothing
/// outside of them, so that they can be next.
fn circle(left: &[usize], needs: &impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let reached = |from: usize| -> Vec<usize> {
        let mut found = vec![from];
        let mut at = 0;
        while at < found.len() {
            let next = left.iter().filter(|to| needs(found[at], **to));
            let next: Vec<usize> = next.filter(|to| !found.contains(to)).copied().collect();
            found.extend(next);
            at += 1;
        }
        found.sort_unstable();
        found
    };
    // What reaches least is reached by all that it reaches.
    let all = left.iter().map(|from| reached(*from));
    all.min_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn what_is_needed_comes_first_and_circles_are_found() {
        let of =
            |count, edges: &[(usize, usize)]| order(count, |from, to| edges.contains(&(from, to)));
        assert_eq!(of(3, &[]), (vec![0, 1, 2], vec![]));
        assert_eq!(of(3, &[(0, 2), (2, 1)]), (vec![1, 2, 0], vec![]));
        assert_eq!(
            of(4, &[(0, 1), (1, 2), (2, 1), (3, 3)]),
            (vec![3, 1, 2, 0], vec![vec![1, 2]])
        );
    }
}
