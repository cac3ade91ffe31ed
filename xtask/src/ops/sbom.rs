//! `sbom`: the bill of materials of a finished package.

use super::{Error, finished};
use crate::package;
use crate::sbom::{self, Bill};
use crate::source::{Workspace, csar_inside};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SbomFormat {
    /// SPDX 2.3 JSON.
    Spdx,
    /// CycloneDX 1.6 JSON.
    CycloneDx,
}

/// The bill of what `name` names (a file, or a reference of the image layout),
/// as a document. `epoch` is `SOURCE_DATE_EPOCH`; without it a document of SPDX
/// carries the time of the package's members.
///
/// # Errors
///
/// There is no such package, it can't be read, or is not sound.
pub fn sbom(
    workspace: &Workspace,
    name: &str,
    format: SbomFormat,
    epoch: Option<u64>,
) -> Result<String, Error> {
    let (target, package) = finished::read(workspace, name)?;
    let io = |source| Error::Io {
        action: "read",
        path: target.path.clone(),
        source,
    };
    // The files are those of the CSAR, where that is signed as a whole.
    let is_around = package
        .csar
        .as_ref()
        .is_some_and(|csar| csar.outer.is_some());
    let inside = match is_around {
        true => csar_inside(&target.path).map_err(io)?,
        false => None,
    };
    let path = inside
        .as_ref()
        .map_or(&*target.path, |inside| inside.path());
    let sums = sbom::sums(path, sbom::inner_name(&package).as_deref()).map_err(io)?;
    let bill: Bill = sbom::collect(&package, &target.sha256, &sums);
    Ok(match format {
        SbomFormat::CycloneDx => sbom::cyclonedx(&bill, epoch),
        SbomFormat::Spdx => {
            let created = match epoch {
                Some(epoch) => epoch,
                None => package::common_time(path)?.unwrap_or(package::DEFAULT_EPOCH),
            };
            sbom::spdx(&bill, created)
        }
    })
}
