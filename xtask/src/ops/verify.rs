//! `verify`: finished packages against everything that can be said of them,
//! and against what the source tree builds.

use std::path::Path;

use serde_json::Value;

use super::build::{BuildOptions, Built, build};
use super::check::{CheckOptions, Checked, check};
use super::other_name::{OtherName, other_name_of};
use super::source_of;
use super::target::Target;
use super::{Error, Reporter, Silent};
use crate::csar::{Algorithm, Family, Manifest};
use crate::package::{self, CompareError, Difference};
use crate::scratch;
use crate::source::{Outer, Package, Selection, Workspace, are_variants};
use crate::time::parse_rfc3339;

/// How to verify.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Levels, profile, model; the selection is not looked at.
    pub check: CheckOptions,
    /// Whether to build the package from the source tree and compare.
    pub rebuild: bool,
    /// `SOURCE_DATE_EPOCH`; where it is not set, a package is rebuilt with the
    /// time that its own members carry.
    pub epoch: Option<u64>,
    /// Who signs the package that is built, where that of the user is signed.
    pub signer: Option<crate::package::Signer>,
    /// Whose signatures count; without a certificate or key, whoever's holds.
    #[cfg(feature = "sign")]
    pub trust: super::TrustOptions,
    /// A policy that signatures must meet: those in files, and of what is named in the
    /// tree's layout also those of the artifact.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub policy: Option<super::PolicyOptions>,
}

impl VerifyOptions {
    fn has_policy(&self) -> bool {
        #[cfg(all(feature = "publish", feature = "sign"))]
        return self.policy.is_some();
        #[cfg(not(all(feature = "publish", feature = "sign")))]
        false
    }
}

/// One finished package.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What the user calls it.
    pub shown: String,
    /// Its place in the scan.
    pub package: usize,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where the config document says something else than the package.
    pub mislabelled: Vec<String>,
    /// The name and digest of the artifact in the tree's layout that it was named by.
    pub published: Option<(String, String)>,
    /// Where it is published under another name than its own. A policy decides that itself.
    pub renamed: Option<OtherName>,
    /// What became of the comparison with the source tree.
    pub rebuild: Option<Rebuild>,
    /// Who has signed it.
    #[cfg(feature = "sign")]
    pub signed: super::Signed,
    /// Who has signed the artifact that it is published as, where it was named by that or
    /// fetched, and somebody is trusted: a signature there is as good as one in the package.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub artifact: Option<super::Condition>,
    /// What the policy asks for.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub policy: Vec<super::Condition>,
}

#[cfg(feature = "sign")]
impl Verified {
    /// Whether somebody who is trusted has signed the package, or the artifact that it
    /// was named by, and that is what it is called.
    pub fn is_signed(&self) -> bool {
        if self.renamed.is_some() {
            return false;
        }
        #[cfg(feature = "publish")]
        if self.artifact.as_ref().is_some_and(|one| one.is_met) {
            return true;
        }
        matches!(self.signed, super::Signed::By(_))
    }
}

/// A package beside what the source tree builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rebuild {
    /// Byte for byte the same.
    Same,
    /// The same but for the signature, which only the holder of the key can make.
    SameUnsigned,
    /// What is built of this source is something else.
    Differs {
        /// The folder or descriptor.
        source: String,
        /// In what they differ; the tree's comes second.
        differences: Vec<Difference>,
    },
    /// There is nothing to compare with, and why.
    Impossible(String),
}

/// What was verified.
#[derive(Debug)]
pub struct VerifyReport {
    /// What was found in the packages.
    pub checked: Checked,
    /// The packages, in the order of the scan.
    pub verified: Vec<Verified>,
}

impl VerifyReport {
    /// Whether every package is what it says and, where that was asked, what
    /// the tree builds.
    pub fn is_sound(&self) -> bool {
        let sound = |verified: &Verified| {
            let same = matches!(
                verified.rebuild,
                None | Some(Rebuild::Same | Rebuild::SameUnsigned)
            );
            verified.mislabelled.is_empty() && verified.renamed.is_none() && same
        };
        !crate::rules::has_errors(&self.checked.diagnostics) && self.verified.iter().all(sound)
    }
}

impl VerifyReport {
    /// Whether everything that was named in the tree's layout is what it is called.
    pub fn is_named(&self) -> bool {
        self.verified.iter().all(|one| one.renamed.is_none())
    }
}

#[cfg(feature = "sign")]
impl VerifyReport {
    /// Whether every package is signed by somebody who is trusted.
    pub fn is_trusted(&self) -> bool {
        self.verified.iter().all(Verified::is_signed)
    }

    /// Whether every package meets the policy, if there is one.
    #[cfg(feature = "publish")]
    pub fn is_admitted(&self) -> bool {
        let mut conditions = self.verified.iter().flat_map(|one| &one.policy);
        conditions.all(|condition| condition.is_met)
    }
}

/// Verifies what each of `names` names: a file, or a reference of the image
/// layout, whose digests and config document are held against it as well.
pub fn verify(
    workspace: &Workspace,
    names: &[String],
    options: &VerifyOptions,
    reporter: &dyn Reporter,
) -> Result<VerifyReport, Error> {
    let find = |name: &String| source_of::finished(workspace, name);
    let targets = names.iter().map(find).collect::<Result<_, _>>()?;
    verify_targets(workspace, targets, options, reporter)
}

/// The same for packages that were found already.
pub(super) fn verify_targets(
    workspace: &Workspace,
    mut targets: Vec<Target>,
    options: &VerifyOptions,
    reporter: &dyn Reporter,
) -> Result<VerifyReport, Error> {
    #[cfg(feature = "sign")]
    let trust = super::trusted::Trust::read(&options.trust)?;
    #[cfg(all(feature = "publish", feature = "sign"))]
    let policy = options.policy.as_ref();
    #[cfg(all(feature = "publish", feature = "sign"))]
    let policy = policy.map(super::policy::ReadPolicy::read).transpose()?;
    targets.sort_by(|a, b| a.shown.cmp(&b.shown));
    targets.dedup_by(|a, b| a.shown == b.shown);
    let archives = targets.iter().map(|t| (t.path.clone(), t.shown.clone()));
    let mut asked = options.check.clone();
    asked.selection = Selection {
        archives: archives.collect(),
        ..Selection::default()
    };
    let checked = check(workspace, &asked)?;
    let mut verified = Vec::new();
    for (index, package) in checked.scan.packages.iter().enumerate() {
        let Some(target) = targets.iter().find(|t| t.shown == package.shown) else {
            continue;
        };
        let rebuild = options
            .rebuild
            .then(|| rebuild(workspace, package, target, options, reporter));
        verified.push(Verified {
            shown: target.shown.clone(),
            package: index,
            sha256: target.sha256.clone(),
            size: target.size,
            mislabelled: mislabelled(package, target),
            published: target.entry.as_ref().map(|entry| {
                let digest = entry.descriptor.digest.clone();
                (entry.reference.clone(), digest)
            }),
            renamed: match options.has_policy() {
                true => None,
                false => target.entry.as_ref().and_then(other_name_of),
            },
            rebuild: rebuild.transpose()?,
            #[cfg(feature = "sign")]
            signed: trust.judge(package),
            #[cfg(all(feature = "publish", feature = "sign"))]
            artifact: match (&target.entry, options.trust.is_empty()) {
                (Some(entry), false) => Some(published(workspace, entry, &trust)?),
                _ => target.signed.clone(),
            },
            #[cfg(all(feature = "publish", feature = "sign"))]
            policy: match &policy {
                Some(policy) => judge(workspace, policy, package, target.entry.as_ref())?,
                None => Vec::new(),
            },
        });
    }
    Ok(VerifyReport { checked, verified })
}

/// Who of those who are trusted has signed what is published in the tree's layout.
#[cfg(all(feature = "publish", feature = "sign"))]
fn published(
    workspace: &Workspace,
    entry: &crate::oci::Entry,
    trust: &super::trusted::Trust,
) -> Result<super::Condition, Error> {
    use crate::oci::{Layout, Store};

    let store = Store::Layout(Layout::new(workspace.out_dir.join("oci")));
    super::conditions::signed_by(&store, &entry.descriptor.digest, trust)
}

/// Holds a package against a policy. What hangs on the artifact that it is published as
/// counts as what is in the package does.
#[cfg(all(feature = "publish", feature = "sign"))]
fn judge(
    workspace: &Workspace,
    policy: &super::policy::ReadPolicy,
    package: &Package,
    entry: Option<&crate::oci::Entry>,
) -> Result<Vec<super::Condition>, Error> {
    use super::conditions::About;
    use crate::oci::{Fetched, Layout, Store};

    let Some(entry) = entry else {
        return policy.judge_package(package);
    };
    let store = Store::Layout(Layout::new(workspace.out_dir.join("oci")));
    let fetched = Fetched {
        bytes: entry.raw.clone(),
        media_type: entry.descriptor.media_type.clone(),
        digest: entry.descriptor.digest.clone(),
    };
    let of_artifact = policy.judge(&store, &entry.reference, &fetched)?;
    let is_met = |all: &[super::Condition]| all.iter().all(|one| one.is_met);
    // What is signed in the package says nothing of the name that it has here.
    let is_other = |one: &super::Condition| one.about == About::Name && !one.is_met;
    if is_met(&of_artifact) || of_artifact.iter().any(is_other) {
        return Ok(of_artifact);
    }
    let of_package = policy.judge_package(package)?;
    // Of neither, the artifact can have all that is asked for.
    match is_met(&of_package) {
        true => Ok(of_package),
        false => Ok(of_artifact),
    }
}

/// What the config document says of the descriptor and is not so.
fn mislabelled(package: &Package, target: &Target) -> Vec<String> {
    let config = target
        .entry
        .as_ref()
        .and_then(|entry| entry.config.as_ref());
    let Some(config) = config else {
        return Vec::new();
    };
    let fields = [
        ("descriptorId", package.id()),
        ("descriptorVersion", package.version()),
    ];
    let differs = |(field, ours): (&str, Option<&str>)| {
        let theirs = config.get(field).and_then(Value::as_str)?;
        let ours = ours.unwrap_or_default();
        (theirs != ours).then(|| {
            format!("the config document has `{field}` as `{theirs}`, the package as `{ours}`")
        })
    };
    fields.into_iter().filter_map(differs).collect()
}

/// Builds the package from the source tree into a folder that goes again.
fn rebuild(
    workspace: &Workspace,
    package: &Package,
    target: &Target,
    options: &VerifyOptions,
    reporter: &dyn Reporter,
) -> Result<Rebuild, Error> {
    let (Some(id), Some(kind)) = (package.id(), package.kind()) else {
        let text = "it has no descriptor that says what it is";
        return Ok(Rebuild::Impossible(text.to_owned()));
    };
    reporter.status("Rebuilding", &package.name());
    let io = |source| Error::Io {
        action: "create a folder in",
        path: std::env::temp_dir(),
        source,
    };
    let folder = scratch::folder().map_err(io)?;
    let elsewhere = Workspace {
        out_dir: folder.path().join("nfv"),
        ..workspace.clone()
    };
    let time = match package::common_time(&target.path) {
        // A finding says it of the package as well, and of others there is more to say.
        Err(CompareError::Archive { reason, .. }) => return Ok(Rebuild::Impossible(reason)),
        time => time?,
    };
    let epoch = options.epoch.or(time).unwrap_or(package::DEFAULT_EPOCH);
    let mut asked = options.check.clone();
    // A CSAR may have been released at the time of its build, which stands in
    // its manifest to the second.
    asked.epoch = options.epoch.or_else(|| released(package)).or(Some(epoch));
    // Of variants for several releases it has the name of its own.
    let descriptor = package.descriptor_path.rsplit('/').next();
    let descriptor = descriptor.filter(|name| are_variants(std::iter::once(*name)));
    asked.selection = Selection {
        ids: vec![id.to_owned()],
        variants: descriptor.into_iter().map(str::to_owned).collect(),
        ..Selection::default()
    };
    let asked = BuildOptions {
        check: asked,
        epoch,
        force: true,
        signer: options.signer.clone(),
        ..BuildOptions::default()
    };
    let report = match build(&elsewhere, &asked, &Silent) {
        Ok(report) => report,
        Err(Error::NoSuchPackage { id, .. }) => {
            let text = format!("no package in the source tree has the id `{id}`");
            return Ok(Rebuild::Impossible(text));
        }
        Err(error @ Error::NoPackages(_)) => return Ok(Rebuild::Impossible(error.to_string())),
        Err(error) => return Err(error),
    };
    let of_kind: Vec<_> = report.built.iter().filter(|b| b.kind == kind).collect();
    let packages = &report.checked.scan.packages;
    let same_version = of_kind
        .iter()
        .find(|built| packages[built.package].version() == package.version());
    if let Some(built) = same_version {
        if let Some(outer) = package.csar.as_ref().and_then(|csar| csar.outer.as_deref()) {
            return Ok(inside(outer, built, packages));
        }
        let source = packages[built.package].shown.clone();
        let found = differences(&target.path, &built.path, source)?;
        #[cfg(feature = "sign")]
        if options.signer.is_none() && is_signature(&found, package, &built.path)? {
            return Ok(Rebuild::SameUnsigned);
        }
        return Ok(found);
    }
    let version = |package: &Package| package.version().unwrap_or("none").to_owned();
    let text = match of_kind.first() {
        Some(built) => format!(
            "its version is `{}`, and that of `{id}` in the source tree is `{}`",
            version(package),
            version(&packages[built.package])
        ),
        None if report.refused > 0 => {
            format!("`{id}` in the source tree has errors; `cargo nfv check -p {id}` shows them")
        }
        None => format!("`{id}` in the source tree is something else"),
    };
    Ok(Rebuild::Impossible(text))
}

/// The release date of a finished CSAR, in seconds since 1970.
fn released(package: &Package) -> Option<u64> {
    let text = package.text(package.csar.as_ref()?.manifest.as_deref()?)?;
    let manifest = Manifest::parse(text.text());
    let date = manifest.release_date(Family::of(package.kind()?)?)?;
    u64::try_from(parse_rfc3339(date.value)?).ok()
}

/// Whether a signed package differs from one that is built without a key in
/// nothing but the signature.
#[cfg(feature = "sign")]
fn is_signature(found: &Rebuild, package: &Package, built: &Path) -> Result<bool, Error> {
    use crate::source::{Layout, scan_archive};
    use crate::trust::{SignedContent, SignedManifest};

    let (Rebuild::Differs { differences, .. }, Some(signed)) = (found, SignedManifest::of(package))
    else {
        return Ok(false);
    };
    let SignedContent::Manifest(content) = signed.content else {
        return Ok(false);
    };
    let mut members = differences.iter().map(|one| one.member.as_str());
    let is_there = members.all(|member| member == signed.path);
    if !is_there || package.layout == Layout::Shield {
        return Ok(is_there);
    }
    let built = scan_archive(built, &package.shown).map_err(Error::Scan)?;
    // The sources may have a signature of their own, which is kept where nobody signs.
    let text = match SignedManifest::manifest(&built).map(|signed| signed.content) {
        Some(SignedContent::Manifest(text)) => Some(text),
        _ => built.text(signed.path).map(|text| text.text()),
    };
    Ok(text.is_some_and(|text| text.trim_end() == content.trim_end()))
}

/// Whether the CSAR inside a zip is what was built: the zip and the signature are beside it.
fn inside(outer: &Outer, built: &Built, packages: &[Package]) -> Rebuild {
    let is_same = outer
        .digests
        .iter()
        .any(|(algorithm, digest)| *algorithm == Algorithm::Sha256 && *digest == built.sha256);
    match is_same {
        true => Rebuild::Same,
        false => Rebuild::Differs {
            source: packages[built.package].shown.clone(),
            differences: vec![Difference {
                member: outer.csar.clone(),
                what: "it has other bytes; take it out of the zip to see which".to_owned(),
            }],
        },
    }
}

fn differences(finished: &Path, built: &Path, source: String) -> Result<Rebuild, Error> {
    let differences = package::compare(finished, built)?;
    Ok(match differences.is_empty() {
        true => Rebuild::Same,
        false => Rebuild::Differs {
            source,
            differences,
        },
    })
}
