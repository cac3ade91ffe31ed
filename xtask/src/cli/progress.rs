//! What is under way: one line on the terminal, which is gone when it is over.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::clean;

/// From so many bytes on there is a bar, and at once.
const WORTH_A_BAR: u64 = 32 << 20;
/// What is over sooner needs no word: a line that is gone before it can be read is flicker.
const WORTH_A_WORD: Duration = Duration::from_millis(500);
/// How often the line moves.
const TICK: Duration = Duration::from_millis(125);

/// A piece of work that somebody waits for.
pub(super) struct Progress {
    bar: ProgressBar,
    /// Who shows the line, and what tells that it is not needed any more.
    later: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A piece of work begins: so many bytes, or nobody knows how much.
    pub fn begin(verb: &str, total: u64) -> Self {
        let is_long = total >= WORTH_A_BAR;
        let target = match is_long {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = match total {
            _ if is_long => "{prefix:>12.cyan.bold} [{bar:27}] {bytes}/{total_bytes}",
            0 => "{prefix:>12.cyan.bold} {spinner} {wide_msg}",
            _ => "{prefix:>12.cyan.bold} {spinner} {bytes}/{total_bytes} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> ").tick_chars("-\\|/ "));
        }
        bar.set_prefix(verb.to_owned());
        let later = (!is_long).then(|| shown_later(&bar));
        Progress { bar, later }
    }

    /// What is done now.
    pub fn status(&self, verb: &str, text: &str) {
        self.bar.set_prefix(verb.to_owned());
        self.bar.set_message(clean(text));
    }

    /// So many bytes more are done.
    pub fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Lets somebody write where the line stands.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.later.take() {
            drop(sender);
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

/// Shows a line that is hidden, if it is still there after a while.
fn shown_later(bar: &ProgressBar) -> (Sender<()>, JoinHandle<()>) {
    let (sender, receiver) = channel();
    let bar = bar.clone();
    let thread = thread::spawn(move || {
        if receiver.recv_timeout(WORTH_A_WORD) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    });
    (sender, thread)
}
