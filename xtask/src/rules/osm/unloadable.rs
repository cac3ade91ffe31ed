//! `osm/unloadable`.

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{NoValue, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Descriptor(check),
};

static RULE: Rule = Rule {
    id: "osm/unloadable",
    level: Level::Deny,
    fixed: false,
    summary: "OSM's reader of YAML stops at what YAML 1.2 allows",
    docs: "\
## What it does

Looks for what YAML 1.2 allows and PyYAML, with which OSM reads, does not:

- an anchor of a name that stands before another value already (`composer.py`),
  or with other letters than `A` to `Z`, `a` to `z`, digits, `-` and `_`
  (`scanner.py`);
- a plain text in a flow collection that has a `?` or begins with a `:`
  (`[{image: http://h/x?y=1}]`), which are signs of their own there
  (`scanner.py`, `check_key`, `check_value`);
- a key in braces that is not on one line with its colon, and a tag in brackets
  right before a comma or the bracket that closes them (`scanner.py`,
  `stale_possible_simple_keys`, `scan_tag`);
- a line of `...` before the document (`parser.py`);
- a date without quotes that is in no calendar, such as `2024-02-30`, and a time
  that is on no clock (`constructor.py`, `construct_yaml_timestamp`);
- a whole number without quotes of more than 4300 digits, which Python makes no
  number of (`sys.set_int_max_str_digits`), or of none, as `0x_`.

## Why is this bad?

OSM answers `Malformed request`, or with an error of Python, and takes nothing of
the package; or it reads another value: of `[?a]` a mapping with the key `a`, of
`&a:b c` the text `:b c`.

## What to do

Give each anchor a plain name of its own, put the date, the number or the text in quotes, and delete the `...`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: 2024-02-30\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '2024-02-30'\n",
        )],
    }),
};

fn check(descriptor: &Descriptor, out: &mut Vec<Diagnostic>) {
    if !descriptor.kind.is_osm() {
        return;
    }
    let doc = &descriptor.doc;
    for problem in doc.problems() {
        let at = problem.at.clone();
        let text = doc.file().text().get(at.clone()).unwrap_or_default();
        let span = doc.span(at);
        let diagnostic = match &problem.kind {
            ProblemKind::AnchorTwice { name, first } => {
                let message = format!(
                    "an anchor `&{name}` stands before this one, and OSM's reader takes no two"
                );
                Diagnostic::new(&RULE, span, message)
                    .also(doc.span(first.clone()), "it stands here")
                    .help("give this one another name")
            }
            ProblemKind::AnchorName { name } => {
                let message = match name.split_once(':') {
                    Some((name, _)) if !name.is_empty() => {
                        format!(
                            "OSM's reader ends this anchor before the colon and reads `&{name}`"
                        )
                    }
                    _ => format!("OSM's reader takes no anchor of the name `{name}`"),
                };
                Diagnostic::new(&RULE, span, message)
                    .help("use letters without accents, digits, `-` and `_`")
            }
            ProblemKind::NoValue(NoValue::Date(part)) => {
                let message =
                    format!("OSM's reader takes `{text}` for a date, and there is no such {part}");
                Diagnostic::new(&RULE, span, message)
                    .help(format!("put it in quotes if the text is meant: `'{text}'`"))
            }
            ProblemKind::NoValue(NoValue::Digits(digits)) => {
                let message = format!(
                    "OSM's reader takes this for a number, and Python reads none of {digits} digits"
                );
                Diagnostic::new(&RULE, span, message).help("put it in quotes if the text is meant")
            }
            ProblemKind::FlowSign(sign) => {
                let message = format!(
                    "in brackets OSM's reader takes a `{sign}` without quotes for a sign of its own"
                );
                Diagnostic::new(&RULE, span, message).help("put the text in quotes")
            }
            // The next key is none where the bracket is not closed.
            ProblemKind::FlowKey if doc.is_broken() => continue,
            ProblemKind::FlowKey => {
                let message = "OSM's reader wants a key and its colon on one line";
                Diagnostic::new(&RULE, span, message).help("write the key and `:` on one line")
            }
            ProblemKind::FlowTag => {
                let message = "OSM's reader wants a space behind a tag";
                Diagnostic::new(&RULE, span, message).help("write the value, or delete the tag")
            }
            ProblemKind::EarlyEnd => {
                let message = "OSM's reader takes no `...` before the document that it would end";
                Diagnostic::new(&RULE, span, message).help("delete this line")
            }
            ProblemKind::NoValue(NoValue::NoDigits) => {
                let message =
                    format!("OSM's reader takes `{text}` for a number, and it has no digits");
                Diagnostic::new(&RULE, span, message)
                    .help(format!("put it in quotes if the text is meant: `'{text}'`"))
            }
            _ => continue,
        };
        out.push(diagnostic);
    }
}
