//! `cargo nfv`: the build system for network functions.

use std::process::ExitCode;

fn main() -> ExitCode {
    nfv::cli::main(std::env::args_os())
}
