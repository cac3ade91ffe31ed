//! The operations, one file a command. They never print: what they have to
//! tell goes through a [`Reporter`], what they have found comes back.

#[cfg(feature = "publish")]
mod artifact_files;
#[cfg(feature = "publish")]
mod attach;
#[cfg(all(feature = "publish", feature = "sign"))]
mod attest;
#[cfg(feature = "publish")]
mod browse;
mod build;
mod check;
#[cfg(feature = "publish")]
mod chosen;
mod clean;
#[cfg(all(feature = "publish", feature = "sign"))]
mod conditions;
#[cfg(feature = "publish")]
mod contents;
#[cfg(feature = "publish")]
mod copy;
mod diff;
#[cfg(feature = "publish")]
mod differences;
#[cfg(feature = "publish")]
mod documents;
mod elsewhere;
mod error;
mod finished;
mod fix;
#[cfg(feature = "publish")]
mod gate;
mod graph;
mod inspect;
mod job;
#[cfg(feature = "sign")]
mod key;
#[cfg(feature = "publish")]
mod listed;
#[cfg(feature = "publish")]
mod lock;
mod migrate;
mod named;
#[cfg(feature = "publish")]
mod needs;
mod new;
#[cfg(feature = "publish")]
mod onboard;
#[cfg(feature = "publish")]
mod osm;
mod other_name;
mod output;
#[cfg(feature = "publish")]
mod place;
#[cfg(all(feature = "publish", feature = "sign"))]
mod policy;
#[cfg(feature = "sign")]
mod provenance;
mod publish;
#[cfg(feature = "publish")]
mod published;
#[cfg(all(feature = "publish", feature = "sign"))]
mod published_provenance;
#[cfg(feature = "publish")]
mod pull;
#[cfg(feature = "publish")]
mod push;
#[cfg(feature = "publish")]
mod push_beside;
mod sbom;
#[cfg(feature = "publish")]
mod settle;
#[cfg(all(feature = "publish", feature = "sign"))]
mod sign_artifact;
#[cfg(all(feature = "publish", feature = "sign"))]
mod signatures;
#[cfg(feature = "sign")]
mod signing;
mod source_of;
mod state;
mod target;
mod text;
#[cfg(feature = "sign")]
mod trusted;
mod unchanged;
mod unpack;
mod verdict_rules;
mod verdicts;
mod verify;
#[cfg(all(feature = "publish", feature = "sign"))]
mod verify_artifact;
#[cfg(feature = "publish")]
mod version_range;
#[cfg(feature = "publish")]
mod versions;

#[cfg(feature = "publish")]
pub use attach::{ATTACHMENT_TYPES, AttachError, AttachOptions, Attached, attach};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use attest::{AttestError, AttestOptions, Attested, PREDICATES, attest};
#[cfg(feature = "publish")]
pub use browse::{Found, Inspected, Listed, Referrer, browse, descriptor_at, inspect_at};
pub use build::{BuildOptions, BuildReport, Built, BuiltOuter, WasSigned, build};
pub use check::{CheckOptions, Checked, check, packages};
#[cfg(feature = "publish")]
pub use clean::clean_downloads;
pub use clean::{CleanError, CleanOptions, Removed, clean};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use conditions::{ArtifactSignedBy, Condition};
#[cfg(feature = "publish")]
pub use contents::{ClaimedSigner, Content};
#[cfg(feature = "publish")]
pub use copy::{Copied, CopyOptions, copy};
pub use diff::diff;
pub use elsewhere::Elsewhere;
pub use error::{Clash, Error};
pub use fix::{FixError, FixFailure, FixReport, FixedFile, fix};
#[cfg(feature = "publish")]
#[cfg(feature = "publish")]
pub use gate::PolicyOptions;
pub use graph::{GraphOptions, needed, services, topologies};
pub use inspect::{inspect, list};
#[cfg(feature = "sign")]
pub use key::{
    KeyFileError, KeyFiles, KeyItem, KeyOutput, Passphrases, generate_key, import_key,
    invalid_certificate, show_key,
};
#[cfg(feature = "publish")]
pub use lock::{Lock, Locked};
pub use migrate::{MigrateOptions, MigrateReport, MigrateState, Migrated, migrate};
pub use new::{Created, NewError, NewKind, NewOptions, new};
#[cfg(feature = "publish")]
pub use onboard::{
    OnboardError, OnboardOptions, OnboardReport, OnboardState, Onboarded, Origin, Receiver,
    names_sources, onboard,
};
#[cfg(feature = "publish")]
pub use osm::{
    OffboardOptions, OffboardReport, OffboardState, Offboarded, OnboardedRepo, OsmOnboardOptions,
    OsmOnboardReport, OsmOnboarded, OsmPlanError, OsmState, OsmStatus, OsmStatusOptions,
    OsmStatusReport, RepoState, Standing, offboard, onboard_osm, status,
};
pub use other_name::OtherName;
#[cfg(feature = "publish")]
pub use place::{VersionChoice, names_place};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use policy::{PolicyFileError, Refusal};
#[cfg(feature = "sign")]
pub use provenance::{Circumstances, Provenance, StatementKey, is_uri, provenance};
#[cfg(feature = "publish")]
pub use publish::publish_to;
pub use publish::{PublishOptions, PublishReport, Published, publish};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use published_provenance::{ProvenanceOptions, Told};
#[cfg(feature = "publish")]
pub use pull::{PullOptions, PullReport, Pulled, pull};
#[cfg(feature = "publish")]
pub use push::{PushOptions, PushState, Pushed};
pub use sbom::{SbomFormat, sbom};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use sign_artifact::{PutSignature, SignOptions, SignedArtifact, sign_artifact};
#[cfg(feature = "sign")]
pub use signing::manifest_signer;
pub use text::{is_stream, write_text};
#[cfg(feature = "sign")]
pub use trusted::{Signed, SignedBy, TrustOptions};
pub use unchanged::{Said, Stream, Unchanged};
pub use unpack::unpack;
pub use verdict_rules::VERDICT_RULES;
#[cfg(feature = "publish")]
pub use verdicts::not_onboarded;
pub use verify::{Rebuild, Verified, VerifyOptions, VerifyReport, verify};
#[cfg(all(feature = "publish", feature = "sign"))]
pub use verify_artifact::{VerifiedArtifact, VerifyArtifactOptions, verify_artifact};

/// What an operation tells while it runs.
///
/// The terminal, a log or a test stands behind it; all methods may be called
/// from any thread.
pub trait Reporter: Sync {
    /// One step of the work, as cargo shows them: `Packaged`, `edge_ns 1.0`.
    fn status(&self, verb: &str, text: &str) {
        let _ = (verb, text);
    }

    /// Something that deserves a word before the work goes on.
    fn warning(&self, text: &str) {
        let _ = text;
    }

    /// A piece of work begins that may take long; `total` bytes are known to come, and 0 where
    /// nobody knows.
    fn begin(&self, verb: &str, total: u64) {
        let _ = (verb, total);
    }

    /// So many bytes more are done.
    fn advance(&self, bytes: u64) {
        let _ = bytes;
    }

    /// The piece of work is over.
    fn finish(&self) {}
}

/// A piece of work that is over when this goes, also where something goes wrong.
struct Work<'a>(&'a dyn Reporter);

impl<'a> Work<'a> {
    /// Begins one, as [`Reporter::begin`] does.
    fn begin(reporter: &'a dyn Reporter, verb: &str, total: u64) -> Self {
        reporter.begin(verb, total);
        Work(reporter)
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// Tells nobody anything.
pub struct Silent;

impl Reporter for Silent {}
