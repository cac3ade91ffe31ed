//! Signed manifests of packages: where the signature is, and whether it holds.

use super::cms::{CmsError, SignedData, Signer};
use super::{Certificate, CertificateError};
use crate::csar::{META, Manifest, Meta, Part};
use crate::package::{SHIELD_MANIFEST, SHIELD_SIGNATURE};
use crate::source::{Form, Layout, Package};

/// The manifest of a finished package, with its signature.
#[derive(Clone, Copy, Debug)]
pub struct SignedManifest<'a> {
    /// The file in the package that holds the signature.
    pub path: &'a str,
    /// What is signed: in a CSAR, the manifest up to its signature (SOL 004
    /// §5.1).
    pub content: &'a str,
    /// The signature in PEM.
    pub signature: &'a str,
    /// The text of the certificate beside it, where there is one.
    pub certificate: Option<&'a str>,
}

impl<'a> SignedManifest<'a> {
    /// The signed manifest of a finished package, CSAR or SHIELD. `None` where
    /// nothing is signed; a folder is signed when it is built.
    pub fn of(package: &'a Package) -> Option<Self> {
        if package.form != Form::Archive {
            return None;
        }
        match package.layout {
            Layout::Shield => Some(SignedManifest {
                path: SHIELD_SIGNATURE,
                content: package.text(SHIELD_MANIFEST)?.text(),
                signature: package.text(SHIELD_SIGNATURE)?.text(),
                certificate: None,
            }),
            Layout::Csar => {
                let path = package.csar.as_ref()?.manifest.as_deref()?;
                let text = package.text(path)?.text();
                let cms = Manifest::parse(text).signatures.into_iter().next()?;
                Some(SignedManifest {
                    path,
                    content: &text[..cms.at.start],
                    signature: &text[cms.at],
                    certificate: beside(package, path),
                })
            }
            _ => None,
        }
    }

    /// Verifies the signature, with the certificates in it and the one beside
    /// it. Whether these are trusted is another question.
    ///
    /// # Errors
    ///
    /// [`CmsError`]: it is no signature, or it does not hold.
    pub fn verify(&self) -> Result<Vec<Signer>, CmsError> {
        self.verify_with(&[])
    }

    /// The same with more certificates, which may be those of the signers.
    pub fn verify_with(&self, given: &[Certificate]) -> Result<Vec<Signer>, CmsError> {
        let signed = SignedData::parse(self.signature.as_bytes())?;
        let mut all = self.beside().unwrap_or_default();
        all.extend_from_slice(given);
        signed.verify(&mut self.content.as_bytes(), &all)
    }

    /// Every certificate that travels with the signature.
    pub fn certificates(&self) -> Vec<Certificate> {
        let signed = SignedData::parse(self.signature.as_bytes());
        let mut all = signed.map_or_else(|_| Vec::new(), |signed| signed.certificates().to_vec());
        all.extend(self.beside().unwrap_or_default());
        all
    }

    fn beside(&self) -> Result<Vec<Certificate>, CertificateError> {
        match self.certificate {
            Some(text) => Certificate::read_all(text.as_bytes()),
            None => Ok(Vec::new()),
        }
    }
}

/// The certificate that `TOSCA.meta` names, or that is called like the manifest
/// (SOL 004 §5.1).
fn beside<'a>(package: &'a Package, manifest: &str) -> Option<&'a str> {
    let named = package.text(META).and_then(|text| {
        let path = Meta::parse(text.text())
            .part(Part::Certificate)?
            .value
            .to_owned();
        Some(package.text(&path)?.text())
    });
    let stem = manifest.strip_suffix(".mf").unwrap_or(manifest);
    named.or_else(|| Some(package.text(&format!("{stem}.cert"))?.text()))
}
