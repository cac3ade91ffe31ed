//! Where the boxes of a drawing stand: in columns from left to right, in an order with few
//! crossings (the layers of Sugiyama, Tagawa and Toda).
//!
//! All lengths are in pixels. The same drawing is laid out the same everywhere: widths of
//! texts are estimates, because the fonts of a reader are not known.

use std::collections::BTreeMap;

use super::drawing::{Drawing, DrawnBox, Shape};
use super::loops::{Loop, loops};

/// A box with its place. `x` and `y` are its upper left corner.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Placed {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A line with the points that it goes through, each between two columns.
#[derive(Clone, Debug)]
pub(super) struct Routed {
    /// Places of two boxes, or where it goes around others.
    pub points: Vec<(f64, f64)>,
    /// Whether it was turned around, so that it goes from left to right.
    pub is_turned: bool,
}

/// A drawing with places.
#[derive(Clone, Debug)]
pub(super) struct LaidOut {
    pub boxes: Vec<Placed>,
    /// For each line that is no way of packets.
    pub lines: Vec<Option<Routed>>,
    /// For each of the others that is not the same way as one before it.
    pub loops: Vec<Option<Loop>>,
    pub width: f64,
    pub height: f64,
}

/// The size of names, and of what stands below them and beside lines.
pub(super) const NAME: f64 = 13.0;
pub(super) const SMALL: f64 = 11.0;

const MARGIN: f64 = 24.0;
/// Room at the left of a box for a line that comes back to it.
const LOOP: f64 = 16.0;
/// Between two boxes of a column.
const GAP: f64 = 18.0;
/// Between two lines at one side of a box, so that their labels stand below each other.
const PORT: f64 = 17.0;
/// Between two columns, where no label needs more.
const COLUMNS: f64 = 72.0;

/// Longer texts are cut in the middle.
const LONGEST: usize = 44;

/// A text as it is drawn.
pub(super) fn cut(text: &str) -> String {
    cut_to(text, LONGEST)
}

/// A text of at most so many letters, without its middle where it is longer.
pub(super) fn cut_to(text: &str, longest: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= longest {
        return text.to_owned();
    }
    let half = longest / 2;
    let (head, tail) = (&letters[..half], &letters[letters.len() - half + 1..]);
    head.iter().chain(['…'].iter()).chain(tail).collect()
}

/// About the width of a text in the sans-serif fonts of most systems, on the wide side.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let shown = cut(text);
    let ems = shown.chars().map(|c| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.30,
        'f' | 't' | 'r' | '-' | '(' | ')' | '/' => 0.40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.90,
        c if c.is_uppercase() => 0.72,
        c if c.is_ascii() => 0.58,
        _ => 1.0,
    });
    ems.sum::<f64>() * size
}

/// What stands below the name of a box.
pub(super) fn caption(one: &DrawnBox) -> String {
    match one.detail.as_str() {
        "" => one.kind.to_owned(),
        detail => format!("{} {detail}", one.kind),
    }
}

/// A node of the layers: a box, or a place where a long line passes a column.
#[derive(Clone, Copy, Debug)]
struct Slot {
    column: usize,
    width: f64,
    height: f64,
    y: f64,
    is_box: bool,
}

/// Places everything.
pub(super) fn lay_out(drawing: &Drawing) -> LaidOut {
    let columns = columns(drawing);
    let mut slots: Vec<Slot> = drawing
        .boxes
        .iter()
        .zip(&columns)
        .map(|(one, column)| Slot {
            column: *column,
            width: box_width(one),
            height: 0.0,
            y: 0.0,
            is_box: true,
        })
        .collect();
    let chains = chains(drawing, &mut slots);
    let mut links: Vec<(usize, usize)> = Vec::new();
    for chain in chains.iter().flatten() {
        links.extend(
            chain
                .0
                .iter()
                .zip(chain.0.iter().skip(1))
                .map(|(a, b)| (*a, *b)),
        );
    }
    let neighbours = Neighbours::of(&links, slots.len());
    heights(drawing, &neighbours, &mut slots);
    let mut layers: Vec<Vec<usize>> = Vec::new();
    for (i, slot) in slots.iter().enumerate() {
        if layers.len() <= slot.column {
            layers.resize(slot.column + 1, Vec::new());
        }
        layers[slot.column].push(i);
    }
    order(&mut layers, &links, &neighbours);
    heights_to_places(&layers, &neighbours, &mut slots);
    let top = slots
        .iter()
        .map(|slot| slot.y)
        .fold(f64::INFINITY, f64::min);
    for slot in &mut slots {
        slot.y += MARGIN - top;
    }
    let of_boxes = &slots[..drawing.boxes.len()];
    let middles = of_boxes.iter().map(|slot| slot.y + slot.height / 2.0);
    let middles: Vec<f64> = middles.collect();
    let loops = loops(drawing, |line| chains[line].is_none(), &middles);
    let lefts = lefts(drawing, &layers, &slots, &loops);
    // Boxes of a column have one width, which is easier on the eye.
    for slot in slots.iter_mut().filter(|slot| slot.is_box) {
        slot.width = lefts[slot.column].1;
    }
    let place = |i: usize| {
        let slot = slots[i];
        let column = lefts[slot.column];
        let width = slot.width;
        Placed {
            x: column.0 + (column.1 - width) / 2.0,
            y: slot.y,
            width,
            height: slot.height,
        }
    };
    let boxes: Vec<Placed> = (0..drawing.boxes.len()).map(place).collect();
    let ports = ports(&chains, &slots);
    let lines = chains.iter().enumerate().map(|(line, chain)| {
        let (slots_of, is_turned) = chain.as_ref()?;
        let mut points = Vec::new();
        for (i, slot) in slots_of.iter().enumerate() {
            let placed = place(*slot);
            let (from, to) = (ports[line].0, ports[line].1);
            if i == 0 {
                points.push((placed.x + placed.width, from));
            } else if i + 1 == slots_of.len() {
                points.push((placed.x, to));
            } else {
                // Level through the whole column: the boxes beside it are as wide.
                let (left, width) = lefts[slots[*slot].column];
                let y = placed.y + placed.height / 2.0;
                points.extend([(left, y), (left + width, y)]);
            }
        }
        Some(Routed {
            points,
            is_turned: *is_turned,
        })
    });
    let lines: Vec<Option<Routed>> = lines.collect();
    let right = boxes
        .iter()
        .map(|one| one.x + one.width)
        .fold(0.0, f64::max);
    let bottom = slots
        .iter()
        .map(|slot| slot.y + slot.height)
        .chain(loops.iter().flatten().map(|one| one.label_y))
        .fold(0.0, f64::max);
    LaidOut {
        boxes,
        lines,
        loops,
        width: right + MARGIN,
        height: bottom + MARGIN,
    }
}

fn box_width(one: &DrawnBox) -> f64 {
    // Names are bold, and wider for it.
    let text = (width(&one.name, NAME) * 1.12).max(width(&caption(one), SMALL));
    let padding = match one.shape {
        Shape::Pill | Shape::Round => 34.0,
        Shape::Box | Shape::Frame | Shape::Leaf => 24.0,
    };
    (text + padding).max(72.0)
}

/// The column of each box: that of its role, or one behind all that lead to it.
fn columns(drawing: &Drawing) -> Vec<usize> {
    let fixed: Option<Vec<usize>> = drawing.boxes.iter().map(|one| one.column).collect();
    let mut columns = match fixed {
        Some(columns) => columns,
        None => longest_ways(drawing),
    };
    // Columns in which nothing stands are none.
    let mut used: Vec<usize> = columns.clone();
    used.sort_unstable();
    used.dedup();
    for column in &mut columns {
        *column = used.iter().position(|own| own == column).unwrap_or(0);
    }
    columns
}

/// The length of the longest way to each box; a line that closes a circle counts for
/// nothing.
fn longest_ways(drawing: &Drawing) -> Vec<usize> {
    let count = drawing.boxes.len();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); count];
    for line in drawing.lines.iter().filter(|line| !line.is_way) {
        if line.from != line.to {
            after[line.from].push(line.to);
        }
    }
    // Depth first; the order in which boxes are finished, backwards, is one in which all
    // lines but those that close a circle lead forwards.
    let mut seen = vec![false; count];
    let mut finished = Vec::new();
    for start in 0..count {
        let mut open = vec![(start, 0)];
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        while let Some((at, next)) = open.last_mut() {
            match after[*at].get(*next) {
                Some(to) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[*to], true) {
                        open.push((*to, 0));
                    }
                }
                None => {
                    finished.push(*at);
                    open.pop();
                }
            }
        }
    }
    let mut rank = vec![0; count];
    for (i, one) in finished.iter().rev().enumerate() {
        rank[*one] = i;
    }
    let mut columns = vec![0; count];
    for from in finished.iter().rev() {
        for to in &after[*from] {
            if rank[*to] > rank[*from] {
                columns[*to] = columns[*to].max(columns[*from] + 1);
            }
        }
    }
    columns
}

/// For each line the slots that it goes through from left to right, with new ones where it
/// passes a column; nothing for ways of packets and for lines within a column.
#[allow(clippy::type_complexity)]
fn chains(drawing: &Drawing, slots: &mut Vec<Slot>) -> Vec<Option<(Vec<usize>, bool)>> {
    let chain = |line: &super::drawing::DrawnLine| {
        let (from, to) = (slots[line.from].column, slots[line.to].column);
        if line.is_way || from == to {
            return None;
        }
        let is_turned = from > to;
        let (first, last) = if is_turned {
            (line.to, line.from)
        } else {
            (line.from, line.to)
        };
        let mut chain = vec![first];
        for column in slots[first].column + 1..slots[last].column {
            slots.push(Slot {
                column,
                width: 0.0,
                height: 8.0,
                y: 0.0,
                is_box: false,
            });
            chain.push(slots.len() - 1);
        }
        chain.push(last);
        Some((chain, is_turned))
    };
    drawing.lines.iter().map(chain).collect()
}

/// What is connected to each slot, at its left and at its right.
struct Neighbours {
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
}

impl Neighbours {
    fn of(links: &[(usize, usize)], count: usize) -> Self {
        let mut all = Neighbours {
            left: vec![Vec::new(); count],
            right: vec![Vec::new(); count],
        };
        for (from, to) in links {
            all.right[*from].push(*to);
            all.left[*to].push(*from);
        }
        all
    }
}

/// As high as its texts, and as the lines at its busier side.
fn heights(drawing: &Drawing, neighbours: &Neighbours, slots: &mut [Slot]) {
    for (i, one) in drawing.boxes.iter().enumerate() {
        let right = neighbours.right[i].len();
        let left = neighbours.left[i].len();
        let own = match one.shape {
            Shape::Box | Shape::Frame => 46.0,
            Shape::Pill | Shape::Round | Shape::Leaf => 40.0,
        };
        slots[i].height = (right.max(left) as f64 * PORT + 8.0).max(own);
    }
}

/// Sorts the layers, so that few lines cross: each by the middle of its neighbours, to and
/// fro, and the best of all tries is kept.
fn order(layers: &mut Vec<Vec<usize>>, links: &[(usize, usize)], neighbours: &Neighbours) {
    const SWEEPS: usize = 16;
    let count = neighbours.left.len();
    let mut best = layers.clone();
    let mut fewest = crossings(layers, links, count);
    for sweep in 0..SWEEPS {
        let forwards = sweep % 2 == 0;
        let last = layers.len().saturating_sub(1);
        for step in 1..=last {
            let column = if forwards { step } else { last - step };
            let places = places(layers, count);
            let sides = if forwards {
                &neighbours.left
            } else {
                &neighbours.right
            };
            let middle = |slot: &usize| {
                let all = &sides[*slot];
                match all.len() {
                    0 => places[*slot] as f64,
                    n => all.iter().map(|one| places[*one] as f64).sum::<f64>() / n as f64,
                }
            };
            layers[column].sort_by(|a, b| middle(a).total_cmp(&middle(b)));
        }
        let now = crossings(layers, links, count);
        if now < fewest {
            fewest = now;
            best.clone_from(layers);
        }
    }
    *layers = best;
}

fn places(layers: &[Vec<usize>], count: usize) -> Vec<usize> {
    let mut places = vec![0; count];
    for layer in layers {
        for (place, slot) in layer.iter().enumerate() {
            places[*slot] = place;
        }
    }
    places
}

/// How many pairs of lines cross; of very many lines, as if none did, because to count
/// them would take longer than to look at them.
fn crossings(layers: &[Vec<usize>], links: &[(usize, usize)], count: usize) -> usize {
    const MOST: usize = 2000;
    if links.len() > MOST {
        return 0;
    }
    let places = places(layers, count);
    let mut column = vec![0; count];
    for (i, layer) in layers.iter().enumerate() {
        for slot in layer {
            column[*slot] = i;
        }
    }
    let mut crossings = 0;
    for (i, (a, b)) in links.iter().enumerate() {
        for (c, d) in &links[i + 1..] {
            let same = column[*a] == column[*c];
            let first = places[*a].cmp(&places[*c]);
            let second = places[*b].cmp(&places[*d]);
            crossings += usize::from(same && first.is_ne() && second.is_ne() && first != second);
        }
    }
    crossings
}

/// Moves the slots of each layer to where their neighbours are, as far as the others of the
/// layer leave room.
fn heights_to_places(layers: &[Vec<usize>], neighbours: &Neighbours, slots: &mut [Slot]) {
    const ROUNDS: usize = 12;
    for layer in layers {
        let mut y = 0.0;
        for slot in layer {
            slots[*slot].y = y;
            y += slots[*slot].height + GAP;
        }
        // The columns stand around one line to begin with.
        for slot in layer {
            slots[*slot].y -= y / 2.0;
        }
    }
    let middle = |slot: &Slot| slot.y + slot.height / 2.0;
    for round in 0..ROUNDS {
        let layers: Vec<&Vec<usize>> = match round % 2 {
            0 => layers.iter().collect(),
            _ => layers.iter().rev().collect(),
        };
        for layer in layers {
            let wanted = layer.iter().map(|own| {
                let others = neighbours.left[*own].iter().chain(&neighbours.right[*own]);
                let others: Vec<f64> = others.map(|other| middle(&slots[*other])).collect();
                match others.len() {
                    0 => slots[*own].y,
                    n => others.iter().sum::<f64>() / n as f64 - slots[*own].height / 2.0,
                }
            });
            let wanted: Vec<f64> = wanted.collect();
            let places = apart(layer, &wanted, slots);
            for (slot, y) in layer.iter().zip(places) {
                slots[*slot].y = y;
            }
        }
    }
}

/// The places nearest to those that are wanted at which none of the layer stands in the way
/// of another: groups of slots that touch move as one, by the mean of what they want.
fn apart(layer: &[usize], wanted: &[f64], slots: &[Slot]) -> Vec<f64> {
    // Each group: where it begins, how many slots it has, the sum of what they want less
    // their place within it, and its height.
    let mut groups: Vec<(usize, usize, f64, f64)> = Vec::new();
    for (i, slot) in layer.iter().enumerate() {
        let mut group = (i, 1, wanted[i], slots[*slot].height + GAP);
        while let Some(last) = groups.last() {
            let end = last.2 / last.1 as f64 + last.3;
            if end <= group.2 / group.1 as f64 {
                break;
            }
            group = (
                last.0,
                last.1 + group.1,
                last.2 + group.2 - last.3 * group.1 as f64,
                last.3 + group.3,
            );
            groups.pop();
        }
        groups.push(group);
    }
    let mut places = Vec::with_capacity(layer.len());
    for (first, count, sum, _) in groups {
        let mut y = sum / count as f64;
        for slot in &layer[first..first + count] {
            places.push(y);
            y += slots[*slot].height + GAP;
        }
    }
    places
}

/// Left border and width of each column: with room for the labels between them.
fn lefts(
    drawing: &Drawing,
    layers: &[Vec<usize>],
    slots: &[Slot],
    loops: &[Option<Loop>],
) -> Vec<(f64, f64)> {
    let mut lefts = Vec::new();
    let mut x = MARGIN;
    for (column, layer) in layers.iter().enumerate() {
        let widest = layer
            .iter()
            .map(|slot| slots[*slot].width)
            .fold(0.0, f64::max);
        lefts.push((x, widest));
        let labels = drawing.lines.iter().filter(|line| {
            let (from, to) = (slots[line.from].column, slots[line.to].column);
            !line.is_way && from.min(to) == column && from != to
        });
        let (count, label) = labels.fold((0, 0.0), |(count, widest): (usize, f64), line| {
            (count + 1, widest.max(width(&line.label, SMALL)))
        });
        // Many lines are told apart if they have more room to part.
        let room = (count as f64 * 3.0).min(110.0);
        x += widest + (label + 56.0).max(COLUMNS) + room;
    }
    // What packets take is drawn at the left of the first column.
    let ways = drawing.lines.iter().zip(loops);
    let ways = ways.filter(|(line, _)| line.is_way);
    let room = ways.filter_map(|(_, one)| one.as_ref().map(Loop::room));
    if let Some(room) = room.reduce(f64::max) {
        for left in &mut lefts {
            left.0 += room + 8.0;
        }
    }
    // So is what begins and ends at one box.
    if drawing.lines.iter().any(|line| line.from == line.to) {
        for left in &mut lefts {
            left.0 += LOOP;
        }
    }
    lefts
}

/// Where each line leaves its first box and enters its last one: spread over the side of
/// the box, in the order of what is at the other end.
fn ports(chains: &[Option<(Vec<usize>, bool)>], slots: &[Slot]) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); chains.len()];
    let middle = |slot: usize| slots[slot].y + slots[slot].height / 2.0;
    // The lines at each end, with where they lead.
    let mut ends: BTreeMap<(usize, bool), Vec<(usize, f64)>> = BTreeMap::new();
    for (line, chain) in chains.iter().enumerate() {
        if let Some((chain, _)) = chain
            && let ([first, second, ..], [.., before, last]) = (chain.as_slice(), chain.as_slice())
        {
            let start = ends.entry((*first, true)).or_default();
            start.push((line, middle(*second)));
            let end = ends.entry((*last, false)).or_default();
            end.push((line, middle(*before)));
        }
    }
    for ((own, at_start), mut lines) in ends {
        lines.sort_by(|a, b| a.1.total_cmp(&b.1));
        let first = middle(own) - PORT * (lines.len() as f64 - 1.0) / 2.0;
        for (i, (line, _)) in lines.iter().enumerate() {
            let y = first + PORT * i as f64;
            match at_start {
                true => ports[*line].0 = y,
                false => ports[*line].1 = y,
            }
        }
    }
    ports
}
