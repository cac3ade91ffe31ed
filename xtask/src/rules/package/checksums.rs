//! `package/checksums`.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Edit, Example, Fix, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{FileEntry, Form, Layout, Package, Text};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/checksums",
    level: Level::Warn,
    fixed: false,
    summary: "`checksums.txt` does not fit the files",
    docs: "\
## What it does

Compares the `checksums.txt` of an OSM package with its files: lines for files
that are not there, files that have no line, and MD5 sums that differ. All three
forms in use are understood: that of osmclient (sum, tab, path with the
package's folder), that of `md5sum` (sum, two spaces, path without it), which
early OSM releases wrote, and that of tng-sdk-package (sum, space, file name). What
wrote the second lists the descriptor and what is in `images`, `scripts`, `icons`, `charms`,
`cloud_init`, `ns_config` and `vnf_config`, so that no other file is missed in it.

## Why is this bad?

The list is there so that a reader can tell whether a package arrived whole.
OSM itself never looks into it, so a wrong one goes unnoticed until somebody
does and takes the package for damaged or tampered with. About half of the
public packages that carry a list carry a wrong one: it is kept in version
control and forgotten, or came along when the folder was copied.

osmclient looks for files by the pattern `*.*`, so it leaves out names without
a dot and those that begin with one. Files are not protected by a list that
does not name them.

The validator that SHIELD used calls it `evt_pd_itg_invalid_md5`, a warning.

## What to do

`cargo nfv build` writes a fresh and complete list into the package, whatever
the source folder says: delete `checksums.txt` there, or let `cargo nfv check
--fix` write it anew.
",
    example: Some(Example {
        bad: &[
            ("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n"),
            (
                "tiny_vnf/checksums.txt",
                "d41d8cd98f00b204e9800998ecf8427e\ttiny_vnf/tiny_vnfd.yaml\n",
            ),
        ],
        good: &[
            ("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n"),
            (
                "tiny_vnf/checksums.txt",
                "fa3f9d0d8945685895f4ec6d5bc77e1c\ttiny_vnf/tiny_vnfd.yaml\n",
            ),
        ],
    }),
};

const NAME: &str = "checksums.txt";
/// Findings for single lines; the next one sums up the rest.
const SINGLE: usize = 5;
/// Folders that the generator of early releases looks into.
const FOLDERS: [&str; 7] = [
    "images",
    "scripts",
    "icons",
    "charms",
    "cloud_init",
    "ns_config",
    "vnf_config",
];

/// The three forms of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Dialect {
    /// osmclient: a tab, and the package's folder before the path.
    Tab,
    /// `md5sum`: two spaces, or a space and `*`; paths from the top.
    Md5sum,
    /// tng-sdk-package: one space, and the file's name alone.
    Name,
}

/// One line of the list.
struct Line<'a> {
    dialect: Dialect,
    md5: &'a str,
    path: &'a str,
    /// Bytes of the line.
    at: Range<usize>,
    path_at: Range<usize>,
}

/// The package as the list should see it.
struct Content<'a> {
    /// Name of the package's folder.
    top: &'a str,
    /// Files by path below that folder, the list itself left out.
    files: Vec<(&'a str, &'a FileEntry)>,
    /// Path of the descriptor, likewise.
    descriptor: &'a str,
}

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let before = out.len();
    compare(package, out);
    if out.len() > before
        && package.form == Form::Folder
        && let Some((list, content)) = open(package)
        && let Some(fix) = rewrite(list, &content)
    {
        for diagnostic in &mut out[before..] {
            diagnostic.fixes.push(fix.clone());
        }
    }
}

/// Writes the whole list anew, in the form of osmclient but complete. Not where
/// a file can't be read, because it would be missing then.
fn rewrite(list: &Text, content: &Content<'_>) -> Option<Fix> {
    let line_break = match list.text().split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let mut text = String::new();
    for (path, file) in &content.files {
        let md5 = file.md5.as_deref()?;
        text.push_str(&format!("{md5}\t{}/{path}{line_break}", content.top));
    }
    let edit = Edit::new(0..list.text().len(), text);
    Some(Fix::one("write `checksums.txt` anew", edit))
}

fn compare(package: &Package, out: &mut Vec<Diagnostic>) {
    if package.layout != Layout::Osm || package.form == Form::Loose {
        return;
    }
    let Some((list, content)) = open(package) else {
        return;
    };
    let (lines, strange) = parse(list.text());
    let help = match package.form {
        Form::Archive => "build the package again: its list is that of another state of the files",
        _ => "delete `checksums.txt`; `cargo nfv build` writes a fresh one into the package",
    };
    let mut dialects: HashMap<Dialect, usize> = HashMap::new();
    for line in &lines {
        *dialects.entry(line.dialect).or_default() += 1;
    }
    let dialect = dialects
        .into_iter()
        .max_by_key(|&(d, n)| (n, std::cmp::Reverse(d)));
    let Some((dialect, _)) = dialect else {
        let message = match other_digest(list.text()) {
            Some((digits, program)) => format!(
                "`checksums.txt` holds checksums of {digits} digits, as `{program}` writes them, and those of MD5 have 32"
            ),
            None => "`checksums.txt` holds no line with a checksum and a path".to_owned(),
        };
        out.push(Diagnostic::new(&RULE, Span::whole(list), message).help(help));
        return;
    };
    let index = Index::new(&content);
    let results: Vec<(&Line<'_>, Match<'_>)> =
        lines.iter().map(|line| (line, index.find(line))).collect();
    if let Some(diagnostic) = copied(list, &content, &results) {
        out.push(diagnostic.help(help));
        return;
    }
    out.extend(renamed(package, list, &content, &results).map(|found| found.help(help)));
    let mut faults: Vec<(Range<usize>, String, &str)> = Vec::new();
    for (line, found) in &results {
        match found {
            Match::Same(_) => {}
            Match::Differs(_, file) => faults.push((
                line.at.start..line.at.start + line.md5.len(),
                format!("`checksums.txt` has another checksum for `{}`", line.path),
                file.md5.as_deref().unwrap_or_default(),
            )),
            Match::Absent => faults.push((
                line.path_at.clone(),
                format!(
                    "`checksums.txt` lists `{}`, which is not in the package",
                    line.path
                ),
                "",
            )),
        }
    }
    for at in strange {
        let message = "a line of `checksums.txt` is no checksum and path".to_owned();
        faults.push((at, message, ""));
    }
    faults.sort_by_key(|(at, ..)| at.start);
    let more = faults.len().saturating_sub(SINGLE);
    for (i, (at, message, md5)) in faults.into_iter().enumerate() {
        let span = Span::new(list, at);
        if i == SINGLE && more > 1 {
            let message = format!("{more} more lines of `checksums.txt` do not fit the files");
            out.push(Diagnostic::new(&RULE, span, message).help(help));
            break;
        }
        let mut diagnostic = Diagnostic::new(&RULE, span, message);
        if !md5.is_empty() {
            diagnostic = diagnostic.label(format!("the file has {md5}"));
        }
        out.push(diagnostic.help(help));
    }
    unlisted(list, &content, &index, dialect, &results, help, out);
}

/// The list and what it is about: the folder, or the top folder of an archive.
fn open(package: &Package) -> Option<(&Text, Content<'_>)> {
    let top;
    let prefix;
    if package.form == Form::Archive {
        let path = package.files.iter().map(|file| file.path.as_str());
        let mut lists = path.filter(|path| {
            path.strip_suffix(NAME)
                .is_some_and(|folder| folder.is_empty() || folder.matches('/').count() == 1)
        });
        prefix = lists.next()?.strip_suffix(NAME)?;
        top = prefix.trim_end_matches('/');
    } else {
        prefix = "";
        top = package.path.file_name()?.to_str()?;
    }
    let text = package.text(&format!("{prefix}{NAME}"))?;
    let files = package
        .files
        .iter()
        .filter_map(|file| Some((file.path.strip_prefix(prefix)?, file)))
        .filter(|(path, _)| *path != NAME)
        .collect();
    let descriptor = package.descriptor_path.as_str();
    let content = Content {
        top,
        files,
        descriptor: descriptor.strip_prefix(prefix).unwrap_or(descriptor),
    };
    Some((text, content))
}

/// The lines of a list, and the places of lines that say something else.
fn parse(text: &str) -> (Vec<Line<'_>>, Vec<Range<usize>>) {
    const MD5: usize = 32;
    let mut lines = Vec::new();
    let mut strange = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        let at = start..start + line.len();
        start += raw.len();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let is_md5 = line
            .get(..MD5)
            .is_some_and(|md5| md5.bytes().all(|b| b.is_ascii_hexdigit()));
        let rest = line.get(MD5..).unwrap_or_default();
        let parsed = [
            ("\t", Dialect::Tab),
            ("  ", Dialect::Md5sum),
            (" *", Dialect::Md5sum),
            (" ", Dialect::Name),
        ]
        .into_iter()
        .find_map(|(joint, dialect)| Some((rest.strip_prefix(joint)?, dialect)));
        match parsed {
            Some((path, dialect)) if is_md5 && !path.trim_start().is_empty() => {
                let path = path.trim_start();
                lines.push(Line {
                    dialect,
                    md5: &line[..MD5],
                    path,
                    path_at: at.end - path.len()..at.end,
                    at,
                });
            }
            _ => strange.push(at),
        }
    }
    (lines, strange)
}

/// The digits that the checksums of a list have which is of none of the forms, and what
/// writes such a list.
fn other_digest(text: &str) -> Option<(usize, &'static str)> {
    const PROGRAMS: [(usize, &str); 5] = [
        (40, "sha1sum"),
        (56, "sha224sum"),
        (64, "sha256sum"),
        (96, "sha384sum"),
        (128, "sha512sum"),
    ];
    let mut lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next()?;
    let digits = first.bytes().take_while(u8::is_ascii_hexdigit).count();
    let is_joined = first[digits..].starts_with([' ', '\t']);
    let known = PROGRAMS.into_iter().find(|(other, _)| *other == digits);
    known.filter(|_| is_joined)
}

/// What a line says of the files.
enum Match<'a> {
    /// The file is there, and so is its sum; the path below the top.
    Same(&'a str),
    /// The file is there with another sum.
    Differs(&'a str, &'a FileEntry),
    /// There is no such file.
    Absent,
}

struct Index<'a> {
    paths: HashMap<&'a str, &'a FileEntry>,
    names: HashMap<&'a str, Vec<(&'a str, &'a FileEntry)>>,
    top: &'a str,
}

impl<'a> Index<'a> {
    fn new(content: &Content<'a>) -> Self {
        let mut names: HashMap<&str, Vec<_>> = HashMap::new();
        for (path, file) in &content.files {
            names.entry(name_of(path)).or_default().push((*path, *file));
        }
        Index {
            paths: content.files.iter().copied().collect(),
            names,
            top: content.top,
        }
    }

    /// The file that a line means. The path may begin with the package's
    /// folder, with another folder's name, or below it.
    fn find(&self, line: &Line<'_>) -> Match<'a> {
        let path = line.path.strip_prefix("./").unwrap_or(line.path);
        let below = path.split_once('/').map_or("", |(_, below)| below);
        let own = path
            .strip_prefix(self.top)
            .is_some_and(|rest| rest.starts_with('/'));
        let order = if own || line.dialect == Dialect::Tab {
            [below, path]
        } else {
            [path, below]
        };
        let mut candidates: Vec<(&str, &FileEntry)> = order
            .iter()
            .filter_map(|path| self.paths.get_key_value(*path))
            .map(|(path, file)| (*path, *file))
            .collect();
        if line.dialect == Dialect::Name && candidates.is_empty() {
            candidates = self.names.get(path).cloned().unwrap_or_default();
        }
        let same = candidates.iter().find(|(_, file)| {
            // A file that can't be read has a finding of its own.
            file.md5
                .as_deref()
                .is_none_or(|md5| md5.eq_ignore_ascii_case(line.md5))
        });
        match (same, candidates.first()) {
            (Some((path, _)), _) => Match::Same(path),
            (None, Some((path, file))) => Match::Differs(path, file),
            (None, None) => Match::Absent,
        }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether the list is that of another package: its lines are about another
/// folder, and most of them fit no file here or none is about the descriptor.
/// A folder that was renamed afterwards still has its descriptor listed.
fn copied(
    list: &Text,
    content: &Content<'_>,
    results: &[(&Line<'_>, Match<'_>)],
) -> Option<Diagnostic> {
    let foreign = |line: &Line<'_>| {
        let (top, _) = line.path.split_once('/')?;
        (line.dialect == Dialect::Tab && top != content.top).then_some(top.len())
    };
    let unfit: Vec<(&Line<'_>, usize)> = results
        .iter()
        .filter(|(_, found)| !matches!(found, Match::Same(_)))
        .filter_map(|(line, _)| Some((*line, foreign(line)?)))
        .collect();
    let is_most = unfit.len() * 2 > results.len();
    let has_descriptor = results.iter().any(|(_, found)| match found {
        Match::Same(path) | Match::Differs(path, _) => *path == content.descriptor,
        Match::Absent => false,
    });
    let is_all = results.iter().all(|(line, _)| foreign(line).is_some());
    if !is_most && (has_descriptor || !is_all) {
        return None;
    }
    let (line, len) = unfit.first()?;
    let at = line.path_at.start..line.path_at.start + len;
    let top = &line.path[..*len];
    let message = format!("`checksums.txt` was made for another package, `{top}`");
    Some(
        Diagnostic::new(&RULE, Span::new(list, at), message)
            .label(format!("this package is `{}`", content.top))
            .note(format!(
                "{} of its {} lines fit no file here",
                unfit.len(),
                results.len()
            )),
    )
}

/// That the paths of a finished package begin with another folder than it has, so that
/// nobody finds a file by them. A source folder may be called anything.
fn renamed(
    package: &Package,
    list: &Text,
    content: &Content<'_>,
    results: &[(&Line<'_>, Match<'_>)],
) -> Option<Diagnostic> {
    if package.form != Form::Archive || content.top.is_empty() {
        return None;
    }
    results.iter().find_map(|(line, found)| {
        let (top, _) = line.path.strip_prefix("./").unwrap_or(line.path).split_once('/')?;
        let is_other = line.dialect == Dialect::Tab && top != content.top;
        let is_there = matches!(found, Match::Same(_) | Match::Differs(..));
        let message = format!(
            "the paths in `checksums.txt` begin with `{top}`, and the folder of the package is `{}`",
            content.top
        );
        (is_other && is_there)
            .then(|| Diagnostic::new(&RULE, Span::new(list, line.path_at.clone()), message))
    })
}

/// Files that no line is about.
fn unlisted(
    list: &Text,
    content: &Content<'_>,
    index: &Index<'_>,
    dialect: Dialect,
    results: &[(&Line<'_>, Match<'_>)],
    help: &str,
    out: &mut Vec<Diagnostic>,
) {
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    let mut told: HashMap<&str, usize> = HashMap::new();
    for (line, _) in results {
        *told.entry(line.path).or_default() += 1;
    }
    for (line, found) in results {
        match found {
            Match::Same(path) | Match::Differs(path, _) => {
                listed.insert(path);
            }
            Match::Absent => {}
        }
        // One name speaks for all files that have it and the same bytes, and as many as there
        // are files for all.
        if line.dialect == Dialect::Name
            && let Some(named) = index.names.get(line.path)
        {
            let is_each = told.get(line.path).is_some_and(|n| *n >= named.len());
            let is_meant = |file: &FileEntry| {
                let md5 = file.md5.as_deref();
                is_each || md5.is_none_or(|md5| md5.eq_ignore_ascii_case(line.md5))
            };
            let meant = named.iter().filter(|(_, file)| is_meant(file));
            listed.extend(meant.map(|(path, _)| *path));
        }
    }
    let missing = content
        .files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| !listed.contains(path));
    let (plain, left_out): (Vec<&str>, Vec<&str>) = match dialect {
        Dialect::Tab => missing.partition(|path| !is_left_out(path)),
        Dialect::Md5sum => (
            missing
                .filter(|path| {
                    let folder = path.split_once('/').map(|(folder, _)| folder);
                    *path == content.descriptor
                        || folder.is_some_and(|folder| FOLDERS.contains(&folder))
                })
                .collect(),
            Vec::new(),
        ),
        Dialect::Name => (missing.collect(), Vec::new()),
    };
    let mut report = |paths: &[&str], note: Option<&str>| {
        if paths.is_empty() {
            return;
        }
        let message = match paths {
            [one] => format!("`{one}` is not in `checksums.txt`"),
            many => format!("{} are not in `checksums.txt`", names(many)),
        };
        let mut diagnostic = Diagnostic::new(&RULE, Span::whole(list), message);
        if let Some(note) = note {
            diagnostic = diagnostic.note(note);
        }
        out.push(diagnostic.help(help));
    };
    report(&plain, None);
    report(
        &left_out,
        Some("osmclient leaves out names without a dot and those that begin with one"),
    );
}

/// Whether Python's `glob("**/*.*")` passes the path over.
fn is_left_out(path: &str) -> bool {
    !name_of(path).contains('.') || path.split('/').any(|part| part.starts_with('.'))
}

/// The first of several paths, and how many more.
fn names(paths: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|p| format!("`{p}`")).collect();
    match (paths.len().saturating_sub(SHOWN), shown.split_last()) {
        (0, Some((last, rest))) => format!("{} and {last}", rest.join(", ")),
        (more, _) => {
            let plural = if more == 1 { "" } else { "s" };
            format!("{} and {more} more file{plural}", shown.join(", "))
        }
    }
}
