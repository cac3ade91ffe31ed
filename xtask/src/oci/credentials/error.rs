//! Why credentials can't be found or kept. No message holds a secret or a piece
//! of a file that may hold one.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use thiserror::Error;

/// Why credentials can't be found or kept.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// The system refuses.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file is no JSON. The parser's own words are left out, since they may
    /// quote the file.
    #[error("`{}` is not valid JSON: line {line}, column {column}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A part of a file has another type than it should.
    #[error("in `{}`, {what} is not {expected}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The part.
        what: String,
        /// What it should be.
        expected: &'static str,
    },
    /// What is to be written to is a device, a pipe or a folder.
    #[error("`{}` is not a regular file, so nothing can be stored there", .0.display())]
    NotAFile(PathBuf),
    /// A variable names a file that is not there.
    #[error("`REGISTRY_AUTH_FILE` names `{}`, which does not exist", path.display())]
    AuthFileMissing {
        /// The file.
        path: PathBuf,
    },
    /// One of two variables is missing.
    #[error("`{set}` is set, but `{unset}` is not")]
    HalfSet {
        /// The variable that is there.
        set: &'static str,
        /// The variable that belongs to it.
        unset: &'static str,
    },
    /// Nobody says where Docker's config is.
    #[error("there is no home folder to keep credentials in: set `DOCKER_CONFIG` or name a file")]
    NoHome,
    /// The name of a helper becomes that of a program, so not every one will do.
    #[error(
        "`{}` names the credential helper {name:?}, but such a name has only letters, digits, `-` and `_`",
        path.display()
    )]
    HelperName {
        /// The file that names it.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A helper is named, but not installed.
    #[error(
        "`{}` names the credential helper `{program}`, but no folder in `PATH` has it",
        path.display()
    )]
    HelperMissing {
        /// The file that names it.
        path: PathBuf,
        /// The program.
        program: String,
    },
    /// A helper can't be started or spoken to.
    #[error("failed to run the credential helper `{program}`")]
    HelperStart {
        /// The program.
        program: String,
        /// The reason.
        source: io::Error,
    },
    /// A helper has failed. What it printed may hold a secret and is not shown.
    #[error(
        "the credential helper `{program}` failed ({status}); to see why, run `echo {server} | {program} get`"
    )]
    HelperFailed {
        /// The program.
        program: String,
        /// The registry, as helpers know it.
        server: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A helper takes too long.
    #[error(
        "the credential helper `{program}` did not finish within {limit:?}; it may wait for somebody to unlock what it keeps: to see, run `echo {server} | {program} get`"
    )]
    HelperTimeout {
        /// The program.
        program: String,
        /// The registry, as helpers know it.
        server: String,
        /// How long it had.
        limit: Duration,
    },
    /// A helper says something that can't be understood.
    #[error(
        "the credential helper `{program}` did not answer with a JSON object of `Username` and `Secret`"
    )]
    HelperAnswer {
        /// The program.
        program: String,
    },
    /// A credential that can't be kept where it should be.
    #[error("this credential can't be stored: {0}")]
    Unstorable(&'static str),
}
