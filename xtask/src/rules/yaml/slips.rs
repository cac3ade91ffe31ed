//! What authors write where reading stops: what it is, and what to write instead. What
//! stands in the file is not repeated, because it may be a secret.

use std::ops::Range;

use crate::rules::fixes;

/// Where reading stopped, and why.
pub(super) struct Stop<'a> {
    text: &'a str,
    at: usize,
    /// The words of the parser.
    reason: &'a str,
    /// Where the bracket stands that was open there.
    open: Option<usize>,
    /// The bytes of the line.
    line: Range<usize>,
}

/// What is known of it.
pub(super) struct Slip {
    /// The place, where it is another than that at which reading stopped.
    pub at: Option<Range<usize>>,
    /// What is wrong, in better words than those of the parser.
    pub message: Option<String>,
    /// What stands at the place.
    pub label: Option<String>,
    /// Another place that has to do with it.
    pub also: Option<(Range<usize>, String)>,
    pub help: String,
}

impl Slip {
    fn help(help: impl Into<String>) -> Self {
        Slip {
            at: None,
            message: None,
            label: None,
            also: None,
            help: help.into(),
        }
    }

    fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    fn at(mut self, at: Range<usize>, label: &str) -> Self {
        self.at = Some(at);
        self.label = Some(label.to_owned());
        self
    }

    fn also(mut self, at: Range<usize>, says: &str) -> Self {
        self.also = Some((at, says.to_owned()));
        self
    }
}

impl<'a> Stop<'a> {
    pub(super) fn new(
        text: &'a str,
        at: usize,
        reason: &'a str,
        open: Option<usize>,
    ) -> Option<Self> {
        let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        let end = text.get(start..)?.find(['\n', '\r']);
        let line = start..end.map_or(text.len(), |end| start + end);
        let line = line.start..line.end.max(at);
        Some(Stop {
            text,
            at,
            reason,
            open,
            line,
        })
    }

    /// What was written, where it is known. What a line says counts before what stands
    /// around it.
    pub(super) fn slip(&self) -> Option<Slip> {
        let looks: [fn(&Self) -> Option<Slip>; 14] = [
            Self::conflict,
            Self::template,
            Self::strange_blank,
            Self::reserved,
            Self::quote_inside,
            Self::backslash,
            Self::sign,
            Self::dash,
            Self::item_among_keys,
            Self::colon,
            Self::second_colon,
            Self::bracket,
            Self::text_behind_bracket,
            Self::foreign_comment,
        ];
        looks.iter().find_map(|look| look(self))
    }

    fn line(&self) -> &'a str {
        &self.text[self.line.clone()]
    }

    /// The line before the place.
    fn before(&self) -> &'a str {
        &self.text[self.line.start..self.at]
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..self.line.end]
    }

    /// The last line above that has content, and where it begins.
    fn above(&self) -> Option<(usize, &'a str)> {
        let mut end = self.line.start;
        let lines = self.text[..end].split_inclusive('\n').rev().take(1000);
        for line in lines {
            end -= line.len();
            let content = line.trim();
            if !content.is_empty() && !content.starts_with('#') {
                return Some((end, line.trim_end_matches(['\n', '\r'])));
            }
        }
        None
    }

    /// The marks that git leaves around what two people have changed.
    fn conflict(&self) -> Option<Slip> {
        let is_mark = |line: &str| {
            let line = line.trim_end();
            ["<<<<<<< ", "||||||| ", ">>>>>>> "]
                .iter()
                .any(|mark| line.starts_with(mark))
                || ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].contains(&line)
        };
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if start > self.line.end {
                break;
            }
            if is_mark(line) {
                let slip = Slip::help(
                    "keep what is meant of the two sides, and delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
                )
                .message("a merge was left unfinished, and its marks stand in the file");
                return Some(slip.at(start..start + 7, "a mark of a conflict"));
            }
            start += line.len();
        }
        None
    }

    /// The notation of Jinja and Helm.
    fn template(&self) -> Option<Slip> {
        let upto = self
            .text
            .get(self.line.start..self.line.end.min(self.at + 2))?;
        let sign = ["{{", "{%"].into_iter().find(|sign| upto.contains(sign))?;
        let start = self.line.start + upto.find(sign)?;
        let slip = Slip::help("fill in the template before the descriptor is checked");
        let message = format!("`{sign}` is of a template that was not filled in");
        Some(slip.message(message).at(start..start + 2, "it begins here"))
    }

    /// A letter that looks like a blank and is none, where one belongs.
    fn strange_blank(&self) -> Option<Slip> {
        let is_told = self.reason.contains("':'") || self.reason.contains("mapping");
        let places = [Some((self.line.start, self.line())), self.above()];
        let mut places = places.into_iter().flatten().filter(|_| is_told);
        places.find_map(|(start, line)| {
            let (at, letter) = line.char_indices().find(|(_, c)| is_strange_blank(*c))?;
            let at = start + at..start + at + letter.len_utf8();
            let name = format!("U+{:04X}", u32::from(letter));
            let help = format!("write a space in the place of {name}");
            let says = format!("{name} looks like a space, and is a letter to YAML");
            Some(Slip::help(help).also(at, &says))
        })
    }

    /// Signs with which no text without quotes begins (YAML 1.2.2 §5.3, §7.3.3).
    fn reserved(&self) -> Option<Slip> {
        let sign = self.rest().chars().next()?;
        let is_reserved = matches!(sign, '@' | '`' | '%');
        if !is_reserved || !self.reason.starts_with("unexpected character") {
            return None;
        }
        let (sign, help) = match sign {
            '`' => ("a backtick".to_owned(), "put the text in quotes".to_owned()),
            sign => (
                format!("`{sign}`"),
                format!("put the text in quotes: `'{sign}…'`"),
            ),
        };
        let message = format!("a text without quotes can't begin with {sign}");
        Some(Slip::help(help).message(message))
    }

    /// `'it's'`
    fn quote_inside(&self) -> Option<Slip> {
        let text = self.before().trim_end();
        let quote = text.chars().next_back()?;
        if !self.reason.starts_with(BEHIND_QUOTES) || !matches!(quote, '"' | '\'') {
            return None;
        }
        let is_inside =
            self.rest().trim_end().ends_with(quote) || text.len() == self.before().len();
        let help = match quote {
            _ if !is_inside => "put all of the text in the quotes, or none of it",
            '"' => "write a quote inside as `\\\"`, or put the text in `'`",
            _ => "write a quote inside twice, as `''`, or put the text in `\"`",
        };
        let message = format!("the text ends at this `{quote}`, and more follows");
        let end = self.line.start + text.len();
        Some(
            Slip::help(help)
                .message(message)
                .at(end - 1..end, "it ends here"),
        )
    }

    /// `"C:\dir"`
    fn backslash(&self) -> Option<Slip> {
        let is_escape = ["escape character", "hexadecimal number"]
            .iter()
            .any(|words| self.reason.ends_with(words));
        let help =
            "write `\\\\` for a backslash, or put the text in `'`, between which it is a letter";
        is_escape.then(|| Slip::help(help))
    }

    /// Signs that mean something of their own before a text: `*x`, `&x`, `|x`, `>x`.
    fn sign(&self) -> Option<Slip> {
        let sign = self.rest().chars().next()?;
        let is_one = matches!(sign, '*' | '&' | '|' | '>') && self.reason.starts_with("while scan");
        let help = match sign {
            '|' | '>' => format!(
                "put the text in quotes: `'{sign}…'`; of a text of several lines the first stands below the `{sign}`"
            ),
            _ => format!("put the text in quotes: `'{sign}…'`"),
        };
        is_one.then(|| Slip::help(help))
    }

    /// `-id: x`, in this line or the one above; and an item behind its key.
    fn dash(&self) -> Option<Slip> {
        let is_behind = self.rest().starts_with('-') && self.before().trim_end().ends_with(':');
        if is_behind && self.reason.starts_with("block sequence entries") {
            let help = "write the items below the key, each in a line of its own; or put the text in quotes if it is one";
            return Some(Slip::help(help));
        }
        if !is_of_keys(self.reason) {
            return None;
        }
        let places = [Some((self.line.start, self.line())), self.above()];
        places.into_iter().flatten().find_map(|(start, line)| {
            let at = line.find(|c: char| c != ' ')?;
            let item = line.get(at..)?.strip_prefix('-')?;
            item.starts_with(|c: char| c.is_alphabetic())
                .then_some(())?;
            let at = start + at..start + at + 1;
            let slip = Slip::help(fixes::TIGHT_DASH);
            Some(slip.also(at, "no space stands behind this dash"))
        })
    }

    /// `- id: x` in the column of keys.
    fn item_among_keys(&self) -> Option<Slip> {
        let is_item = self.before().trim_matches(' ') == "-";
        if !is_item || !self.reason.ends_with("did not find expected key") {
            return None;
        }
        let at = self.line.start + self.before().find('-')?;
        let help = "put it below a key, which has no value of its own, or take away the dash";
        let message = "an item of a list stands among the keys of a mapping";
        Some(Slip::help(help).message(message).at(at..at + 1, "an item"))
    }

    /// `name:x`, in this line or the one above; and a key without its colon.
    fn colon(&self) -> Option<Slip> {
        if !is_of_keys(self.reason) {
            return None;
        }
        let places = [Some((self.line.start, self.line())), self.above()];
        let tight = places.into_iter().flatten().find_map(|(start, line)| {
            let from = line.find(|c: char| !matches!(c, ' ' | '-'))?;
            let (key, value) = line.get(from..)?.split_once(':')?;
            let is_value = !value.is_empty() && !value.starts_with([' ', '/', ':']);
            let colon = start + from + key.len();
            (is_name(key) && is_value && !line.contains(": ")).then_some(colon..colon + 1)
        });
        if let Some(colon) = tight {
            let slip = Slip::help("write a space behind the colon of a key");
            return Some(slip.also(colon, "no space stands behind this colon"));
        }
        let key = self.line().trim_start_matches([' ', '-']).trim_end();
        let is_whole = self.reason.starts_with("simple key") && self.rest().trim_end() == key;
        (is_whole && is_name(key)).then(|| {
            Slip::help(format!(
                "write `{key}:` if it is a key: its colon is missing"
            ))
        })
    }

    /// `description: first: second`
    fn second_colon(&self) -> Option<Slip> {
        if !self.reason.starts_with("mapping values") || !self.rest().starts_with(':') {
            return None;
        }
        let content = self.before().trim_start_matches([' ', '-']);
        let (key, value) = content.split_once(": ")?;
        let begins = self.at - value.trim_start().len();
        let is_text = is_name(key) && !value.trim().is_empty();
        is_text.then(|| {
            Slip::help("put the text in quotes if the colon is a part of it")
                .message("a text without quotes ends before `: `, and this one is a value already")
                .also(begins..self.at, "the value of the key")
        })
    }

    /// `[osm`
    fn bracket(&self) -> Option<Slip> {
        let is_told = self.reason.starts_with("unclosed bracket")
            || self.reason.starts_with("mismatched bracket");
        let open = if is_told { Some(self.at) } else { self.open }?;
        let close = match self.text.get(open..)?.chars().next()? {
            '[' => ']',
            '{' => '}',
            _ => return None,
        };
        let help = format!(
            "close it with `{close}`, or put the text in quotes if the bracket is a part of it"
        );
        let slip = Slip::help(help);
        Some(match is_told {
            true => slip.at(open..open + 1, "this bracket is not closed"),
            false => slip.also(open..open + 1, "this bracket is still open there"),
        })
    }

    /// `[a] b`
    fn text_behind_bracket(&self) -> Option<Slip> {
        let (key, value) = self.before().split_once(": ")?;
        let value = value.trim();
        let is_closed = value.starts_with(['[', '{']) && value.ends_with([']', '}']);
        let is_told = self.reason.contains("did not find expected key");
        let is_key = is_name(key.trim_start_matches([' ', '-']));
        let help = "put the text in quotes if the brackets are a part of it";
        (is_closed && is_told && is_key).then(|| Slip::help(help))
    }

    /// `// so`
    fn foreign_comment(&self) -> Option<Slip> {
        let is_one = self.line().trim_start().starts_with(['/', ';']);
        is_one.then(|| Slip::help("begin a comment with `#`"))
    }
}

/// Why reading stops at what follows on a text in quotes.
pub(super) const BEHIND_QUOTES: &str = "invalid trailing content";

/// Letters that look like a space and that YAML takes for letters (YAML 1.2.2 §5.5).
pub(super) fn is_strange_blank(letter: char) -> bool {
    matches!(
        letter,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Whether a key is not what the parser expected of one.
fn is_of_keys(reason: &str) -> bool {
    reason.starts_with("simple key") || reason.starts_with("mapping values")
}

/// Whether a text looks like a key of a descriptor.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
