//! Lines that are drawn around the left side of their boxes: ways of packets, and what begins
//! and ends in one column. Beside each other, and with labels that cover nothing.

use std::collections::BTreeMap;

use super::drawing::Drawing;
use super::layout::{SMALL, width};

/// How far the first goes out, and how much farther each around it.
const FIRST: f64 = 34.0;
const FARTHER: f64 = 16.0;
/// What has more around it goes no farther out.
const FARTHEST: usize = 8;
/// So many are told apart; more would be no picture, and take long to look at.
const MOST: usize = 500;
/// From one label to the one below it.
const LABEL: f64 = 14.0;
/// How far from the middle of a box a line leaves it, and enters it.
const BESIDE: f64 = 6.0;

/// A line around the left side.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    /// Where it leaves its first box, and where it enters its last one.
    pub start: f64,
    pub end: f64,
    /// How far the points lie at the left that its curve is drawn towards.
    pub depth: f64,
    /// Its name, with those of all that go the same way; may be empty.
    pub label: String,
    /// The height at which the label stands.
    pub label_y: f64,
}

impl Loop {
    /// How far at the left the label ends: beside the curve, which goes three quarters of the
    /// way to the points that it is drawn towards.
    pub fn label_end(&self) -> f64 {
        self.depth * 0.75 + 7.0
    }

    /// The room that it needs at the left.
    pub fn room(&self) -> f64 {
        self.label_end() + width(&self.label, SMALL)
    }
}

/// The loops of a drawing whose boxes have these middles: for each line that goes around, and
/// is not the same way as one before it.
pub(super) fn loops(
    drawing: &Drawing,
    is_around: impl Fn(usize) -> bool,
    middles: &[f64],
) -> Vec<Option<Loop>> {
    let mut all: Vec<Option<Loop>> = vec![None; drawing.lines.len()];
    let mut same: BTreeMap<(usize, usize, bool), usize> = BTreeMap::new();
    for (i, line) in drawing.lines.iter().enumerate() {
        let (Some(from), Some(to)) = (middles.get(line.from), middles.get(line.to)) else {
            continue;
        };
        if !is_around(i) {
            continue;
        }
        let first = *same.entry((line.from, line.to, line.is_way)).or_insert(i);
        match all.get_mut(first).and_then(Option::as_mut) {
            Some(first) if !line.label.is_empty() && !first.label.is_empty() => {
                first.label.push_str(", ");
                first.label.push_str(&line.label);
            }
            Some(first) => first.label.push_str(&line.label),
            None => {
                let (start, end) = (from + BESIDE, to - BESIDE);
                all[i] = Some(Loop {
                    start,
                    end,
                    depth: FIRST,
                    label: line.label.clone(),
                    label_y: (start + end) / 2.0,
                });
            }
        }
    }
    if all.iter().flatten().count() <= MOST {
        nest(&mut all);
        part_labels(&mut all);
    }
    all
}

/// What goes around another one goes farther out.
fn nest(all: &mut [Option<Loop>]) {
    let mut inner: Vec<&mut Loop> = all.iter_mut().flatten().collect();
    inner.sort_by(|a, b| (a.start - a.end).abs().total_cmp(&(b.start - b.end).abs()));
    let mut done: Vec<(f64, f64, usize)> = Vec::new();
    for one in inner {
        let (top, bottom) = (one.start.min(one.end), one.start.max(one.end));
        let beside = done.iter().filter(|(t, b, _)| *t < bottom && top < *b);
        let lane = beside.map(|(_, _, lane)| lane + 1).max().unwrap_or(0);
        one.depth = FIRST + FARTHER * lane.min(FARTHEST) as f64;
        done.push((top, bottom, lane));
    }
}

/// Moves labels down that would cover others.
fn part_labels(all: &mut [Option<Loop>]) {
    let mut labelled: Vec<&mut Loop> = all.iter_mut().flatten().collect();
    labelled.retain(|one| !one.label.is_empty());
    labelled.sort_by(|a, b| {
        let by_depth = a.depth.total_cmp(&b.depth);
        a.label_y.total_cmp(&b.label_y).then(by_depth)
    });
    for i in 1..labelled.len() {
        let (above, rest) = labelled.split_at_mut(i);
        let Some(one) = rest.first_mut() else { break };
        let (right, left) = (one.label_end(), one.room());
        // Those above are in the order of their first places, not of those that they were
        // moved to: each is asked again until none is in the way.
        while let Some(other) = above.iter().find(|other| {
            let is_beside = other.label_end() < left && right < other.room();
            is_beside && (other.label_y - one.label_y).abs() < LABEL - 0.01
        }) {
            one.label_y = other.label_y + LABEL;
        }
    }
}
