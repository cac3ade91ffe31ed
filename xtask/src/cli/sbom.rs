//! `cargo nfv sbom`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;

use super::args::{self, Global};
use super::shell::Shell;
use super::{CliError, NfvExitCode};
use crate::ops::{self, SbomFormat};

/// Print the bill of materials of a finished package, or write it to a file.
///
/// It lists the files with their digests, descriptor, charts, charms, images and
/// licences, and what the package needs and does not hold. The same package gives
/// the same document; `SOURCE_DATE_EPOCH` gives it a date.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Finished package: a file, a reference of the image layout, or the descriptor that it was
    /// built of
    #[arg(value_name = "PACKAGE", value_parser = NonEmptyStringValueParser::new())]
    package: String,
    /// Format of the document
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "spdx")]
    format: FormatArg,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE", alias = "out")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// SPDX 2.3, JSON
    Spdx,
    /// CycloneDX 1.6, JSON
    Cyclonedx,
}

pub(super) fn exec(global: &Global, args: &Args, shell: &Shell) -> Result<NfvExitCode, CliError> {
    let workspace = global.workspace()?;
    let (epoch, is_set) = args::epoch()?;
    let format = match args.format {
        FormatArg::Spdx => SbomFormat::Spdx,
        FormatArg::Cyclonedx => SbomFormat::CycloneDx,
    };
    let text = ops::sbom(&workspace, &args.package, format, is_set.then_some(epoch))?;
    match &args.output {
        Some(path) => ops::write_text(&text, path)?,
        None => shell.text(&text)?,
    }
    Ok(NfvExitCode::Success)
}
