//! The terminal: status lines, progress, errors, and data on standard output.

use std::error::Error as StdError;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::CliError;
use super::args::{ColorWhen, Global};
use super::progress::Progress;
use crate::ops::{Reporter, Stream};
use crate::report::{clean, visible};

/// What is printed, and how.
pub(super) struct Shell {
    color: ColorChoice,
    quiet: bool,
    pub verbose: bool,
    progress: bool,
    bar: Mutex<Option<Progress>>,
    /// What is said, where somebody wants to say it again.
    tape: Mutex<Option<Vec<(Stream, String)>>>,
}

impl Shell {
    pub fn new(global: &Global) -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let is_set = |name: &str| variable(name) == "true" || variable(name) == "1";
        let color = match (global.color, variable("CARGO_TERM_COLOR").as_str()) {
            (Some(ColorWhen::Always), _) | (None, "always") => ColorChoice::Always,
            (Some(ColorWhen::Never), _) | (None, "never") => ColorChoice::Never,
            // NO_COLOR and CLICOLOR are looked at by anstream.
            _ => ColorChoice::Auto,
        };
        color.write_global();
        let quiet = global.quiet || (!global.verbose && is_set("CARGO_TERM_QUIET"));
        let in_ci = std::env::var_os("CI").is_some();
        let progress = match variable("CARGO_TERM_PROGRESS_WHEN").as_str() {
            "always" => true,
            "never" => false,
            _ => io::stderr().is_terminal() && !in_ci && variable("TERM") != "dumb",
        };
        Shell {
            color,
            quiet,
            verbose: global.verbose || is_set("CARGO_TERM_VERBOSE"),
            progress: progress && !quiet,
            bar: Mutex::new(None),
            tape: Mutex::new(None),
        }
    }

    /// From now on, keeps what is said.
    pub fn record(&self) {
        if let Ok(mut tape) = self.tape.lock() {
            *tape = Some(Vec::new());
        }
    }

    /// What was said since then.
    pub fn recorded(&self) -> Vec<(Stream, String)> {
        let tape = self.tape.lock().ok().and_then(|mut tape| tape.take());
        tape.unwrap_or_default()
    }

    fn keep(&self, stream: Stream, text: &str) {
        if let Ok(mut tape) = self.tape.lock()
            && let Some(tape) = tape.as_mut()
        {
            tape.push((stream, text.to_owned()));
        }
    }

    /// Says again what was said.
    pub fn replay(&self, texts: &[(Stream, String)]) -> Result<(), CliError> {
        for (stream, text) in texts {
            match stream {
                Stream::Output => self.data(text)?,
                Stream::Error => self.talk(text),
            }
        }
        Ok(())
    }

    /// Whether `--quiet` was asked for.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether standard error takes colour.
    pub fn color(&self) -> bool {
        match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            choice => choice != ColorChoice::Never,
        }
    }

    /// Text for people, on standard error. Nobody can be told where that
    /// fails, so it is left.
    pub fn talk(&self, text: &str) {
        self.keep(Stream::Error, text);
        let write = || {
            let mut stderr = anstream::stderr().lock();
            let _ = stderr.write_all(text.as_bytes());
            let _ = stderr.flush();
        };
        match self.bar.lock().ok().as_deref() {
            Some(Some(bar)) => bar.suspend(write),
            _ => write(),
        }
    }

    /// Data, on standard output. A reader that has gone away (`| head`) is no
    /// error: the program ends as if it had read everything.
    pub fn data(&self, text: &str) -> Result<(), CliError> {
        self.keep(Stream::Output, text);
        self.output(&|| {
            let mut stdout = anstream::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            stdout.flush()
        })
    }

    /// The text of files, on standard output: to the byte for a program, and
    /// without what would drive a terminal for people.
    pub fn text(&self, text: &str) -> Result<(), CliError> {
        if io::stdout().is_terminal() {
            self.data(&visible(&text.replace("\r\n", "\n")))
        } else {
            self.bytes(text.as_bytes())
        }
    }

    /// The same to the byte, whatever it is.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.output(&|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()
        })
    }

    fn output(&self, write: &dyn Fn() -> io::Result<()>) -> Result<(), CliError> {
        let result = match self.bar.lock().ok().as_deref() {
            Some(Some(bar)) => bar.suspend(write),
            _ => write(),
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(CliError::Output),
        }
    }

    /// A status line in any case but `--quiet`.
    pub fn say(&self, verb: &str, text: &str) {
        self.line(verb, text, AnsiColor::BrightGreen);
    }

    /// A word of warning in any case but `--quiet`.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            let style = Style::new()
                .bold()
                .fg_color(Some(AnsiColor::BrightYellow.into()));
            self.talk(&format!("{style}warning{style:#}: {}\n", clean(text)));
        }
    }

    fn line(&self, verb: &str, text: &str, color: AnsiColor) {
        if !self.quiet {
            let style = Style::new().bold().fg_color(Some(color.into()));
            let text = clean(text);
            self.talk(&format!("{style}{verb:>12}{style:#} {text}\n"));
        }
    }

    /// Why the program could not do what it was asked to: one line, and one
    /// for each cause.
    pub fn error(&self, error: &dyn StdError) {
        let style = Style::new()
            .bold()
            .fg_color(Some(AnsiColor::BrightRed.into()));
        let mut text = format!("{style}error{style:#}: {}\n", clean(&error.to_string()));
        for words in causes(error) {
            let words = clean(&words).replace('\n', "\n    ");
            text.push_str(&format!("\nCaused by:\n    {words}\n"));
        }
        self.talk(&text);
    }
}

/// What the causes of an error say, each once.
pub(super) fn causes(error: &dyn StdError) -> Vec<String> {
    let mut causes = Vec::new();
    let mut last = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if words != last {
            causes.push(words.trim_end().to_owned());
        }
        last = words;
        cause = next.source();
    }
    causes
}

impl Reporter for Shell {
    fn status(&self, verb: &str, text: &str) {
        if let Some(Some(bar)) = self.bar.lock().ok().as_deref() {
            bar.status(verb, text);
        }
        if verb == "Blocking" {
            self.line(verb, text, AnsiColor::BrightCyan);
        } else if self.verbose {
            self.say(verb, text);
        }
    }

    fn warning(&self, text: &str) {
        self.warn(text);
    }

    fn begin(&self, verb: &str, total: u64) {
        if self.progress
            && let Ok(mut slot) = self.bar.lock()
        {
            *slot = Some(Progress::begin(verb, total));
        }
    }

    fn advance(&self, bytes: u64) {
        if !self.progress {
            return;
        }
        if let Some(Some(bar)) = self.bar.lock().ok().as_deref() {
            bar.advance(bytes);
        }
    }

    fn finish(&self) {
        if let Ok(mut slot) = self.bar.lock() {
            *slot = None;
        }
    }
}
