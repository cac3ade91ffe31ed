//! An xtask of a project that has one already: `cargo xtask nfv build`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The first argument is the program's name, as in any other program.
    nfv::cli::main(std::env::args_os())
}
