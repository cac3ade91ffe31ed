//! Drawings as SVG, in a document of its own: no script, no font and no picture from
//! elsewhere. It has colours for light and dark, by what the reader's system asks for.

use std::fmt::Write;

use super::drawing::{Drawing, DrawnBox, DrawnLine, Shape};
use super::layout::{LaidOut, NAME, Placed, Routed, SMALL, caption, cut, lay_out, width};
use super::loops::Loop;
use super::xml::escape;

const STYLE: &str = "\
.page{fill:#fff}text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:16px;font-weight:600}.name{font-size:13px;font-weight:600}.small{font-size:11px;fill:#59636e}
.line{fill:none;stroke:#8c959f;stroke-width:1.4}.soft{stroke-dasharray:5 4}.way{stroke:#bc4c00;stroke-dasharray:2 4;stroke-width:1.8;stroke-linecap:round}
.head{fill:#8c959f}.way-head{fill:#bc4c00}.way-label{font-size:11px;fill:#bc4c00}
.shape{stroke-width:1.4}.box{fill:#ddf4ff;stroke:#54aeff}.frame{fill:#fbefff;stroke:#c297ff}.pill{fill:#fff8c5;stroke:#d4a72c}
.round{fill:#dafbe1;stroke:#4ac26b}.leaf{fill:#f6f8fa;stroke:#afb8c1}.missing{fill:none;stroke:#cf222e;stroke-dasharray:5 4}.gone,.circle-head{fill:#cf222e}.circle{stroke:#cf222e;stroke-width:2}
.halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
@media(prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.small{fill:#9198a1}.line{stroke:#656c76}.head{fill:#656c76}
.box{fill:#0c2d6b;stroke:#388bfd}.frame{fill:#3c1e70;stroke:#8957e5}.pill{fill:#4b2900;stroke:#bb8009}.round{fill:#033a16;stroke:#2ea043}
.leaf{fill:#212830;stroke:#656c76}.missing{fill:none;stroke:#f85149}.gone,.circle-head{fill:#f85149}.circle{stroke:#f85149}.way{stroke:#f0883e}.way-head,.way-label{fill:#f0883e}.halo{stroke:#0d1117}}
";

/// Room for the title of a drawing.
const TITLE: f64 = 44.0;

/// All drawings, one below the other.
pub(super) fn render(drawings: &[Drawing]) -> String {
    let placed: Vec<LaidOut> = drawings.iter().map(lay_out).collect();
    let titles = drawings
        .iter()
        .map(|drawing| width(&drawing.title, 18.0) + 48.0);
    let widest = placed
        .iter()
        .map(|one| one.width)
        .chain(titles)
        .fold(240.0, f64::max);
    let height: f64 = placed.iter().map(|one| one.height + TITLE).sum();
    let title: Vec<&str> = drawings
        .iter()
        .map(|drawing| drawing.title.as_str())
        .collect();
    let title = escape(&title.join(", "));
    let (widest, height) = (number(widest), number(height.max(1.0)));
    // Writing to a string can't fail.
    let mut text = String::new();
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{widest}\" height=\"{height}\" \
         viewBox=\"0 0 {widest} {height}\" role=\"img\" aria-label=\"{title}\">"
    );
    let _ = writeln!(text, "<title>{title}</title>\n<style>{STYLE}</style>");
    text.push_str("<defs>\n");
    for id in ["head", "way-head", "circle-head"] {
        let class = id;
        let _ = writeln!(
            text,
            "<marker id=\"{id}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
             markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">\
             <path class=\"{class}\" d=\"M0 0L10 5L0 10z\"/></marker>"
        );
    }
    let _ = writeln!(
        text,
        "</defs>\n<rect class=\"page\" width=\"{widest}\" height=\"{height}\"/>"
    );
    let mut y = 0.0;
    for (drawing, laid_out) in drawings.iter().zip(&placed) {
        let _ = writeln!(text, "<g transform=\"translate(0 {})\">", number(y));
        let shown = escape(&cut(&drawing.title));
        let _ = writeln!(
            text,
            "<text class=\"title\" x=\"24\" y=\"32\">{shown}</text>"
        );
        let _ = writeln!(
            text,
            "<g transform=\"translate(0 {})\">",
            number(TITLE - 12.0)
        );
        draw(drawing, laid_out, &mut text);
        text.push_str("</g>\n</g>\n");
        y += laid_out.height + TITLE;
    }
    text.push_str("</svg>\n");
    text
}

/// Lines first, so that boxes stand before them, and their labels last.
fn draw(drawing: &Drawing, laid_out: &LaidOut, text: &mut String) {
    let around = || drawing.lines.iter().zip(&laid_out.loops);
    let around = || around().filter_map(|(line, own)| Some((line, own.as_ref()?)));
    for (line, routed) in drawing.lines.iter().zip(&laid_out.lines) {
        if let Some(routed) = routed {
            cable(line, routed, text);
        }
    }
    for (line, own) in around() {
        loop_around(line, own, &laid_out.boxes, text);
    }
    for (one, placed) in drawing.boxes.iter().zip(&laid_out.boxes) {
        shape(one, *placed, text);
    }
    for (line, routed) in drawing.lines.iter().zip(&laid_out.lines) {
        if let Some(routed) = routed {
            label(line, routed, text);
        }
    }
    for (line, own) in around() {
        label_around(line, own, &laid_out.boxes, text);
    }
}

fn cable(line: &DrawnLine, routed: &Routed, text: &mut String) {
    let mut path = String::new();
    let Some((first, rest)) = routed.points.split_first() else {
        return;
    };
    let _ = write!(path, "M{} {}", number(first.0), number(first.1));
    // Where its label is, it is not: thin letters would be struck out.
    let level = match line.label.as_str() {
        "" => 0.0,
        label => width(label, SMALL) + 14.0,
    };
    let mut before = *first;
    if level > 0.0 && !routed.is_turned {
        let _ = write!(path, "H{}", number(before.0 + 5.0));
        before.0 += level;
        let _ = write!(path, "M{} {}", number(before.0 - 3.0), number(before.1));
        let _ = write!(path, "H{}", number(before.0));
    }
    for (i, point) in rest.iter().enumerate() {
        let is_last = i + 1 == rest.len();
        let mut point = *point;
        if is_last && routed.is_turned {
            point.0 -= level;
        }
        let bend = (point.0 - before.0) / 2.0;
        let _ = write!(
            path,
            "C{} {} {} {} {} {}",
            number(before.0 + bend),
            number(before.1),
            number(point.0 - bend),
            number(point.1),
            number(point.0),
            number(point.1)
        );
        if is_last && routed.is_turned && level > 0.0 {
            let (x, y) = (point.0 + level, number(point.1));
            let _ = write!(path, "M{} {y}H{}", number(x - 5.0), number(x));
        }
        before = point;
    }
    let soft = if line.is_soft { " soft" } else { "" };
    let (circle, head) = match line.is_circular {
        true => (" circle", "circle-head"),
        false => ("", "head"),
    };
    let head = match (line.is_directed, routed.is_turned) {
        (false, _) => String::new(),
        (true, false) => format!(" marker-end=\"url(#{head})\""),
        (true, true) => format!(" marker-start=\"url(#{head})\""),
    };
    let _ = writeln!(
        text,
        "<path class=\"line{soft}{circle}\" d=\"{path}\"{head}/>"
    );
}

/// A line between two boxes of one column, drawn around its left side.
fn loop_around(line: &DrawnLine, own: &Loop, boxes: &[Placed], text: &mut String) {
    let (Some(from), Some(to)) = (boxes.get(line.from), boxes.get(line.to)) else {
        return;
    };
    let out = from.x.min(to.x) - own.depth;
    let (class, head) = match (line.is_way, line.is_circular) {
        (true, _) => ("line way", "way-head"),
        (false, true) => ("line circle", "circle-head"),
        (false, false) => ("line", "head"),
    };
    let head = match line.is_directed {
        true => format!(" marker-end=\"url(#{head})\""),
        false => String::new(),
    };
    let (start, end) = (number(own.start), number(own.end));
    let (x1, x2, out) = (number(from.x), number(to.x), number(out));
    let _ = writeln!(
        text,
        "<path class=\"{class}\" d=\"M{x1} {start}C{out} {start} {out} {end} {x2} {end}\"{head}/>"
    );
}

/// Beside its curve, in the colour of it.
fn label_around(line: &DrawnLine, own: &Loop, boxes: &[Placed], text: &mut String) {
    let (Some(from), Some(to)) = (boxes.get(line.from), boxes.get(line.to)) else {
        return;
    };
    if own.label.is_empty() {
        return;
    }
    let x = number(from.x.min(to.x) - own.label_end());
    let (y, shown) = (number(own.label_y + 3.5), escape(&cut(&own.label)));
    let _ = writeln!(
        text,
        "<text class=\"way-label halo\" x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{shown}</text>"
    );
}

/// At the box whose point it is.
fn label(line: &DrawnLine, routed: &Routed, text: &mut String) {
    if line.label.is_empty() {
        return;
    }
    let (point, shift, anchor) = match routed.is_turned {
        false => (routed.points.first(), 8.0, "start"),
        true => (routed.points.last(), -8.0, "end"),
    };
    let Some((x, y)) = point else { return };
    let (x, y) = (number(x + shift), number(y + 3.5));
    let shown = escape(&cut(&line.label));
    let _ = writeln!(
        text,
        "<text class=\"small halo\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{shown}</text>"
    );
}

fn shape(one: &DrawnBox, placed: Placed, text: &mut String) {
    let class = match one.shape {
        Shape::Box => "box",
        Shape::Frame => "frame",
        Shape::Pill => "pill",
        Shape::Round => "round",
        Shape::Leaf => "leaf",
    };
    let class = if one.is_missing { "missing" } else { class };
    let radius = match one.shape {
        Shape::Box | Shape::Frame => 6.0,
        Shape::Leaf => 2.0,
        Shape::Pill | Shape::Round => (placed.height / 2.0).min(20.0),
    };
    let whole = escape(&format!("{} {} {}", one.kind, one.name, one.detail));
    let _ = writeln!(text, "<g><title>{}</title>", whole.trim());
    let (x, y) = (placed.x, placed.y);
    let _ = writeln!(
        text,
        "<rect class=\"shape {class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
        number(x),
        number(y),
        number(placed.width),
        number(placed.height),
        number(radius)
    );
    if one.shape == Shape::Frame {
        let _ = writeln!(
            text,
            "<rect class=\"shape {class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
            number(x + 3.0),
            number(y + 3.0),
            number(placed.width - 6.0),
            number(placed.height - 6.0)
        );
    }
    let (middle, centre) = (x + placed.width / 2.0, y + placed.height / 2.0);
    let name = match one.name.as_str() {
        "" => "?".to_owned(),
        name => escape(&cut(name)),
    };
    let gone = if one.is_missing { " gone" } else { "" };
    let _ = writeln!(
        text,
        "<text class=\"name{gone}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
        number(middle),
        number(centre - 2.0)
    );
    let _ = writeln!(
        text,
        "<text class=\"small\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n</g>",
        number(middle),
        number(centre + NAME / 2.0 + SMALL / 2.0 + 0.5),
        escape(&cut(&caption(one)))
    );
}

/// A length with one digit behind the point: enough for the eye, and the same on every
/// machine.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}
