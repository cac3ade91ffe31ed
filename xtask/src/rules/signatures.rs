//! Whether the signature of a manifest holds.

use crate::diagnostic::{Diagnostic, Rule};
use crate::source::Package;

/// Tells of a signature that does not hold. One whose certificate is nowhere
/// can't be told about: whoever has it may give it to `verify`.
#[cfg(feature = "sign")]
pub(super) fn check(rule: &'static Rule, package: &Package, out: &mut Vec<Diagnostic>) {
    use crate::trust::SignedManifest;

    let all = [
        SignedManifest::whole(package),
        SignedManifest::manifest(package),
    ];
    for signed in all.iter().flatten() {
        one(rule, package, signed, out);
    }
    if let Some(path) = SignedManifest::stray(package) {
        let message = format!("the signature `{path}` is larger than any, or signs nothing here");
        out.push(
            Diagnostic::new(rule, package.span_of(path), message)
                .help("do not use the package before whoever signed it has signed it again"),
        );
    }
}

#[cfg(feature = "sign")]
fn one(
    rule: &'static Rule,
    package: &Package,
    signed: &crate::trust::SignedManifest<'_>,
    out: &mut Vec<Diagnostic>,
) {
    use crate::diagnostic::with_reasons;
    use crate::trust::Certificate;
    use crate::trust::cms::{CmsError, SignerError};

    let is_without_certificate = |error: &CmsError| {
        let CmsError::Signer { source, .. } = error else {
            return false;
        };
        matches!(source, SignerError::NoCertificate)
    };

    let error = match signed.verify() {
        Ok(_) => {
            if let Some(more) = signed.more() {
                let path = signed.path;
                let message = format!("`{path}` holds more than the one signature in PEM");
                out.push(
                    Diagnostic::new(rule, package.span_of(path), message)
                        .note(format!("nobody has signed what stands beside it: {more}"))
                        .help("leave nothing in the file but the block that holds the signature"),
                );
            }
            for path in signed.strangers(package) {
                let message = format!("`{path}` is not named by the manifest that was signed");
                out.push(
                    Diagnostic::new(rule, package.span_of(path), message)
                        .note("nobody has signed it")
                        .help("do not use it; build the package again without it"),
                );
            }
            return;
        }
        Err(error @ CmsError::Signer { .. }) if is_without_certificate(&error) => {
            // Authorities may come along with a signature whose own certificate is elsewhere.
            if signed.certificates().iter().all(Certificate::is_authority) {
                return;
            }
            error
        }
        Err(error) => error,
    };
    let (message, help) = match error.is_unsupported() {
        true => (
            format!("the signature in `{}` can't be verified", signed.path),
            "have it signed with ECDSA on P-256 or P-384, Ed25519 or RSA (PKCS #1 v1.5), and SHA-256 or longer",
        ),
        false => (
            format!("the signature in `{}` does not hold", signed.path),
            "do not use the package before whoever signed it has signed it again",
        ),
    };
    out.push(
        Diagnostic::new(rule, package.span_of(signed.path), message)
            .note(with_reasons(&error))
            .help(help),
    );
}

/// Without keys, no signature can be verified.
#[cfg(not(feature = "sign"))]
pub(super) fn check(_: &'static Rule, _: &Package, _: &mut Vec<Diagnostic>) {}
