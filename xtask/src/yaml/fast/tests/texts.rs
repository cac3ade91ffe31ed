//! Texts to try: generated from a small grammar, and broken at random.

/// Numbers that look random and are the same in every run (splitmix64).
pub(super) struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Characters and words that mean something to YAML somewhere.
const NASTY: [&str; 72] = [
    ":",
    ": ",
    ":\n",
    "-",
    "- ",
    "-\n",
    "#",
    " #",
    " # nfv: allow(x)",
    "# nfv: x\n",
    "'",
    "''",
    "\"",
    "\\",
    "\\\"",
    "\\n",
    "\\x41",
    "[",
    "]",
    "[]",
    "[ ]",
    "{",
    "}",
    "{}",
    ",",
    "&",
    "&a ",
    "*",
    "*a",
    "!",
    "!!str ",
    "|",
    "|-\n",
    "|\n",
    " >+\n",
    " |\n  x\n\n   y\n",
    ">- # c\n",
    "|2",
    ">",
    "%",
    "@",
    "`",
    "?",
    "? ",
    "\t",
    "\r",
    "\r\n",
    "\n",
    "\n\n",
    " ",
    "  ",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "é",
    "\u{1f600}",
    "\u{feff}",
    "\0",
    "\u{7f}",
    "---\n",
    "\n--- ",
    "...\n",
    "<<",
    "<<: ",
    "null",
    "~",
    "1",
    "a: b",
    "- a: b\n",
    "x",
    "[a, 'b']",
    "{a: 1, b: c}",
];

/// Some lines of a text, sometimes all, moved to the left.
pub(super) fn cut(text: &str, dice: &mut Dice) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.len() < 3 || dice.one_in(50) {
        return text.to_owned();
    }
    let first = dice.below(lines.len());
    let count = 1 + dice.below(14);
    let chosen = &lines[first..lines.len().min(first + count)];
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let filled = chosen.iter().filter(|line| !line.trim().is_empty());
    let left = filled.map(indent).min().unwrap_or(0);
    chosen
        .iter()
        .map(|line| line.get(left.min(indent(line))..).unwrap_or(line))
        .collect()
}

fn boundary(text: &str, dice: &mut Dice) -> usize {
    let mut at = dice.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A place that YAML looks at: beside a sign or a line end.
fn place(text: &str, dice: &mut Dice) -> usize {
    let at = boundary(text, dice);
    if dice.one_in(2) {
        return at;
    }
    let sign = |c: char| ":-#'\"\n[]{}".contains(c);
    let found = text[at..].find(sign).map_or(text.len(), |i| at + i);
    if dice.one_in(2) {
        found
    } else {
        text.len().min(found + 1)
    }
}

pub(super) fn mutate(text: &mut String, dice: &mut Dice) {
    let at = place(text, dice);
    let next = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let end = text[at..].find('\n').map_or(text.len(), |i| at + i + 1);
    match dice.below(10) {
        0 | 1 => text.insert_str(at, dice.pick(&NASTY)),
        2 => text.replace_range(at..next, dice.pick(&NASTY)),
        3 => text.replace_range(at..next, ""),
        4 => {
            let line = text[start..end].to_owned();
            text.insert_str(start, &line);
        }
        5 => text.insert_str(start, dice.pick(&[" ", "  ", "    ", "- ", "-  "])),
        6 => {
            let spaces = text[start..end].len() - text[start..end].trim_start_matches(' ').len();
            let less = dice.below(spaces + 1);
            text.replace_range(start..start + less, "");
        }
        7 => text.replace_range(start..end, ""),
        8 => {
            let trimmed = text[start..end].trim_end().len();
            text.insert_str(
                start + trimmed,
                dice.pick(&[" ", " # c", ":", " # nfv: y", "  "]),
            );
        }
        _ => {
            let other = boundary(text, dice);
            let from = text[..other].rfind('\n').map_or(0, |i| i + 1);
            let line = text[from..]
                .split_inclusive('\n')
                .next()
                .unwrap_or("")
                .to_owned();
            text.insert_str(start, &line);
        }
    }
}

/// Writes a collection or a value that stands behind a key or a dash.
pub(super) fn write(
    out: &mut String,
    dice: &mut Dice,
    column: usize,
    depth: usize,
    in_mapping: bool,
) {
    const VALUES: [&str; 22] = [
        "a",
        "b c",
        "1",
        "-1",
        "0755",
        "a:b",
        "http://h:1/p#x",
        "'q'",
        "''",
        "'it''s # no'",
        "\"d\"",
        "\"\"",
        "\"a\\\"b\\n\"",
        "\"x: y\"",
        "[]",
        "{ }",
        "[a b, 'c']",
        "{ k: v , l: \"m\"}",
        "-x",
        "é ü",
        "null",
        "x' \"y",
    ];
    const KEYS: [&str; 14] = [
        "a",
        "id",
        "a b",
        "k1",
        "'q k'",
        "\"d\"",
        "\"d\\\\\"",
        "1",
        "true",
        "-x",
        "a:b",
        "é",
        "id",
        "k#",
    ];
    const TAILS: [&str; 8] = ["", "", "", "", " ", " # note", "  # nfv: allow(r)", " #"];
    let noise = |out: &mut String, dice: &mut Dice| {
        if dice.one_in(8) {
            out.push_str(dice.pick(&["\n", "  \n", "# c\n", "      # nfv: c\n", "#\n\n"]));
        }
    };
    match dice.below(if depth == 0 { 1 } else { 4 }) {
        0 if dice.one_in(6) => out.push_str(dice.pick(&TAILS)),
        0 if dice.one_in(5) => block_scalar(out, dice, column),
        0 => {
            out.push(' ');
            out.push_str(dice.pick(&VALUES));
            out.push_str(dice.pick(&TAILS));
        }
        1 | 2 => {
            // A mapping behind a dash may begin on the same line.
            let step = 1 + dice.below(4);
            let compact = !in_mapping && dice.one_in(2);
            for i in 0..=dice.below(4) {
                if i == 0 && compact {
                    out.push_str(&" ".repeat(step));
                } else {
                    out.push_str(if i == 0 { dice.pick(&TAILS) } else { "" });
                    out.push('\n');
                    noise(out, dice);
                    out.push_str(&" ".repeat(column + step + usize::from(compact)));
                }
                out.push_str(dice.pick(&KEYS));
                out.push_str(dice.pick(&[":", ":", ":", " :"]));
                write(
                    out,
                    dice,
                    column + step + usize::from(compact),
                    depth - 1,
                    true,
                );
            }
        }
        _ => {
            let step = if in_mapping && dice.one_in(2) {
                0
            } else {
                1 + dice.below(3)
            };
            let compact = !in_mapping && dice.one_in(2);
            for i in 0..=dice.below(4) {
                if i == 0 && compact {
                    out.push_str(&" ".repeat(step));
                } else {
                    out.push_str(if i == 0 { dice.pick(&TAILS) } else { "" });
                    out.push('\n');
                    noise(out, dice);
                    out.push_str(&" ".repeat(column + step + usize::from(compact)));
                }
                out.push('-');
                write(
                    out,
                    dice,
                    column + step + usize::from(compact),
                    depth - 1,
                    false,
                );
            }
        }
    }
}

/// A block scalar with empty, blank and further indented lines.
fn block_scalar(out: &mut String, dice: &mut Dice, column: usize) {
    const HEADERS: [&str; 8] = ["|", ">", "|-", ">-", "|+", ">+", "|  ", "> "];
    // The first line decides the indentation, and so begins with no space.
    const LINES: [&str; 8] = ["a", "b c", "# e", "- f", "g: h ", "  d", " ", "   "];
    out.push(' ');
    out.push_str(dice.pick(&HEADERS));
    let indent = column + 1 + dice.below(3);
    let mut choices = 5;
    let lines = 1 + dice.below(5);
    for line in 1..=lines {
        out.push('\n');
        let is_last_chance = choices == 5 && line == lines;
        match dice.below(4) {
            0 if !is_last_chance => out.push_str(&" ".repeat(dice.below(indent + 1))),
            _ => {
                out.push_str(&" ".repeat(indent));
                out.push_str(dice.pick(&LINES[..choices]));
                choices = LINES.len();
            }
        }
    }
}
