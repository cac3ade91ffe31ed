//! Temporary files and folders.
//!
//! They are removed at the end of a run by their destructors, and none runs
//! where a signal ends the program: whoever breaks off a download of gigabytes
//! would keep them. So those that nobody sweeps up later are also removed when
//! a signal comes. What nothing could remove, because the program was killed, the
//! next run removes that makes something temporary in the same folder.

#[cfg(unix)]
mod stale;

use std::fs::File;
#[cfg(unix)]
use std::fs::Permissions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tempfile::{Builder, NamedTempFile, TempDir};

/// How the names of temporary files and folders begin. They are part of no
/// package.
pub const PREFIX: &str = ".nfv-";

/// How they begin in full, and how many letters and digits follow. By both it is known
/// that this program made them.
const NAME: &str = ".nfv-tmp-";
const RANDOM: usize = 10;

/// What is to be removed when a signal ends the program. What was removed or
/// renamed since is still in it: its name is given to nothing else.
static OPEN: Mutex<Vec<Open>> = Mutex::new(Vec::new());

/// Something temporary, and what is to be done with it before it is removed.
struct Open {
    path: PathBuf,
    rescue: Option<Rescue>,
}

/// Saves what has been written so far. It makes nothing temporary, which would wait for the
/// end of what calls it, and takes no time.
type Rescue = Box<dyn Fn(&Path) + Send>;

/// Whether a signal is to remove it, and what sees to that.
static IS_WANTED: AtomicBool = AtomicBool::new(false);
static WATCH: Once = Once::new();

/// A temporary folder, which goes when this does.
#[derive(Debug)]
pub struct Folder {
    dir: TempDir,
    /// As long as it is open, no other run takes the folder for left.
    #[cfg(unix)]
    _lock: File,
}

impl Folder {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// A temporary file beside what it will become.
pub fn file_in(folder: &Path) -> io::Result<NamedTempFile> {
    #[cfg(unix)]
    stale::sweep(folder);
    let mut open = open();
    loop {
        let file = builder().tempfile_in(folder)?;
        #[cfg(unix)]
        if !stale::claim(file.as_file(), file.path()) {
            continue;
        }
        note(&mut open, file.path());
        return Ok(file);
    }
}

/// A temporary folder beside what it will become.
pub fn folder_in(folder: &Path) -> io::Result<Folder> {
    #[cfg(unix)]
    stale::sweep(folder);
    let mut open = open();
    loop {
        let dir = builder().tempdir_in(folder)?;
        #[cfg(unix)]
        let lock = match File::open(dir.path()) {
            Ok(lock) => lock,
            // Another run has taken it for left: what is written there again, nobody would hold.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        #[cfg(unix)]
        if !stale::claim(&lock, dir.path()) {
            continue;
        }
        note(&mut open, dir.path());
        return Ok(Folder {
            dir,
            #[cfg(unix)]
            _lock: lock,
        });
    }
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(NAME).rand_bytes(RANDOM);
    builder
}

/// Folders that were made for something that may fail. Those that are empty in the end
/// go again; what is in one keeps it.
#[derive(Debug)]
pub struct Way {
    /// Those that were not there, the innermost first.
    made: Vec<PathBuf>,
}

impl Way {
    /// Makes a folder, and those around it that are missing.
    ///
    /// # Errors
    ///
    /// The system refuses, or something else has that name.
    pub fn to(folder: &Path) -> io::Result<Self> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let missing = folder.ancestors().take_while(is_missing);
        let way = Way {
            made: missing.map(Path::to_owned).collect(),
        };
        std::fs::create_dir_all(folder).map_err(|error| match leads_nowhere(folder) {
            true => io::Error::new(error.kind(), "it is a symbolic link that leads nowhere"),
            false => error,
        })?;
        Ok(way)
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        for folder in &self.made {
            // Fails where something is in it.
            if std::fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }
}

/// The nearest folder around a path that is there: one that is missing is made in it.
pub fn around(path: &Path) -> &Path {
    let there = |path: &&Path| std::fs::symlink_metadata(path).is_ok();
    path.ancestors().skip(1).find(there).unwrap_or(path)
}

/// Gives something temporary its place. Where something is there, it stays: also an empty folder,
/// which a renamed one would replace, or a file that another run has made in the meantime.
///
/// # Errors
///
/// Something is there ([`io::ErrorKind::AlreadyExists`]), or the system refuses.
pub fn settle(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;

        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not every file system knows of it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return Ok(done?),
        }
    }
    match std::fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Whether something is a symbolic link to what is not there. It seems not to be there
/// either, and would be replaced.
pub fn leads_nowhere(path: &Path) -> bool {
    path.is_symlink() && !path.exists()
}

/// A file where the system keeps temporary ones.
pub fn file() -> io::Result<NamedTempFile> {
    file_in(&std::env::temp_dir())
}

/// A folder where the system keeps temporary ones.
pub fn folder() -> io::Result<Folder> {
    folder_in(&std::env::temp_dir())
}

/// Lets everybody read a file that has been finished: 0644, whatever the umask
/// and whatever a temporary file starts with. No bit of it should depend on who
/// made it.
#[cfg(unix)]
pub fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(Permissions::from_mode(0o644))
}

/// Does nothing: there are no such permissions here.
#[cfg(not(unix))]
pub fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// What is temporary. Whoever makes something holds this from before it is there until it is
/// noted, since a signal may come in between.
fn open() -> MutexGuard<'static, Vec<Open>> {
    if IS_WANTED.load(Ordering::Relaxed) {
        WATCH.call_once(watch);
    }
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(open: &mut Vec<Open>, path: &Path) {
    open.push(Open {
        path: path.to_owned(),
        rescue: None,
    });
}

/// What a signal does with something temporary before it removes it. `None`: nothing, which
/// is so unless this is called.
#[cfg(feature = "publish")]
pub(crate) fn rescue(path: &Path, how: Option<Rescue>) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(one) = open.iter_mut().rev().find(|one| one.path == path) {
        one.rescue = how;
    }
}

/// From now on, removes what is temporary when a signal asks the program to
/// end, which then ends as it would have without this. Nothing happens before
/// there is something temporary; a library must not ask for this.
pub fn remove_when_stopped() {
    IS_WANTED.store(true, Ordering::Relaxed);
}

#[cfg(unix)]
fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // A signal that a parent has us ignore, as `nohup` and `&` do, stays so.
    let ignored = ignored();
    let wanted = [SIGHUP, SIGINT, SIGTERM];
    let wanted = wanted.into_iter().filter(|n| ignored >> (n - 1) & 1 == 0);
    // Without a handler the signal ends the program all the same.
    let Ok(mut signals) = Signals::new(wanted) else {
        return;
    };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Held to the end, so that nothing new comes.
            let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
            for one in open.drain(..).rev() {
                if let Some(rescue) = &one.rescue {
                    rescue(&one.path);
                }
                remove(&one.path);
            }
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Does nothing: there are no signals here.
#[cfg(not(unix))]
fn watch() {}

/// A bit for each signal that is ignored. Where the system does not say so in a
/// file, asking it is not safe Rust, and the one that is ignored most often is
/// taken for it.
#[cfg(unix)]
fn ignored() -> u64 {
    const HANGUP: u64 = 1;
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return HANGUP;
    };
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .unwrap_or(HANGUP)
}

#[cfg(unix)]
fn remove(path: &Path) {
    // Somebody may still write into a folder, which is then not empty at the
    // first try.
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        let gone = match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
            Ok(_) => std::fs::remove_file(path),
            Err(_) => return,
        };
        if gone.is_ok() {
            return;
        }
    }
}
