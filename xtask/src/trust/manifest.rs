//! Signed manifests of packages: where the signature is, and whether it holds.

use std::collections::BTreeSet;

use super::chain::{ChainError, forged, stranger};
use super::cms::{CmsError, Content, SignedData, Signer};
use super::{Certificate, CertificateError, DigestAlgorithm, pem};
use crate::csar::{Algorithm, Manifest};
use crate::digest::{base64, from_hex, hex};
use crate::package::{SHIELD_MANIFEST, SHIELD_SIGNATURE};
use crate::source::{Form, Layout, Outer, Package, certificate};
use crate::yaml::Node;

/// The manifest of a finished package, with its signature.
#[derive(Clone, Copy, Debug)]
pub struct SignedManifest<'a> {
    /// The file in the package that holds the signature.
    pub path: &'a str,
    /// What is signed.
    pub content: SignedContent<'a>,
    /// The signature: PEM, DER or BER.
    pub signature: &'a [u8],
    /// The certificate beside it, where there is one.
    pub certificate: Option<&'a [u8]>,
    /// The file that this text stands in.
    pub certificate_path: Option<&'a str>,
}

/// What a signature of a package is over.
#[derive(Clone, Copy, Debug)]
pub enum SignedContent<'a> {
    /// A manifest: in a CSAR, that up to its signature (SOL 004 §5.1, option 1).
    Manifest(&'a str),
    /// A CSAR as a whole (option 2), by its digests.
    Package(&'a Outer),
}

impl<'a> SignedManifest<'a> {
    /// What is signed of a finished package, CSAR or SHIELD: the whole where that is
    /// signed, or else its manifest. `None` where nothing is; a folder is signed when
    /// it is built.
    pub fn of(package: &'a Package) -> Option<Self> {
        Self::whole(package).or_else(|| Self::manifest(package))
    }

    /// The signature over a CSAR as a whole.
    pub fn whole(package: &'a Package) -> Option<Self> {
        let outer = package.csar.as_ref()?.outer.as_deref()?;
        let (path, signature) = outer.signature.as_ref()?;
        let certificate = outer.certificate.as_ref();
        Some(SignedManifest {
            path,
            content: SignedContent::Package(outer),
            signature,
            certificate: certificate.map(|(_, bytes)| bytes.as_slice()),
            certificate_path: certificate.map(|(path, _)| path.as_str()),
        })
    }

    /// The signature over a manifest.
    pub fn manifest(package: &'a Package) -> Option<Self> {
        if package.form != Form::Archive {
            return None;
        }
        match package.layout {
            Layout::Shield => Some(SignedManifest {
                path: SHIELD_SIGNATURE,
                content: SignedContent::Manifest(package.text(SHIELD_MANIFEST)?.text()),
                signature: package.bytes(SHIELD_SIGNATURE)?,
                certificate: None,
                certificate_path: None,
            }),
            Layout::Csar => {
                let path = package.csar.as_ref()?.manifest.as_deref()?;
                let text = package.text(path)?.text();
                let certificate = certificate(package, path);
                let cms = Manifest::parse(text).signatures.into_iter().next()?;
                Some(SignedManifest {
                    path,
                    content: SignedContent::Manifest(&text[..cms.at.start]),
                    // With what stands behind it, which nobody has signed.
                    signature: &text.as_bytes()[cms.at.start..],
                    certificate: certificate.and_then(|path| package.bytes(path)),
                    certificate_path: certificate,
                })
            }
            _ => None,
        }
    }

    /// The file of a finished package that holds, by its name or its lines, a signature
    /// which speaks for nothing: what it would have signed can't be read, or it is itself
    /// larger than any signature.
    pub fn stray(package: &'a Package) -> Option<&'a str> {
        if package.form != Form::Archive || Self::of(package).is_some() {
            return None;
        }
        let holds_cms = |path: &str| {
            let text = package.text(path);
            text.is_some_and(|text| !Manifest::parse(text.text()).signatures.is_empty())
        };
        let is_signature = |path: &&str| {
            let is_at_top = !path.contains('/');
            *path == SHIELD_SIGNATURE || (is_at_top && path.ends_with(".mf") && holds_cms(path))
        };
        let mut paths = package.files.iter().map(|file| file.path.as_str());
        paths.find(is_signature)
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
        let signed = SignedData::parse(self.signature)?;
        let beside = self.beside().map_err(CmsError::Beside)?;
        let mut own = beside.clone();
        own.extend_from_slice(signed.certificates());
        // A changed certificate may not be that of a signer any more, who is then looked for.
        if let Some(forged) = forged(&own, &own) {
            return Err(CmsError::Forged(forged));
        }
        let all = [&beside, given].concat();
        let signers = match self.content {
            SignedContent::Manifest(text) => {
                let as_it_is = signed.verify(&mut text.as_bytes(), &all);
                as_it_is.map_err(|error| as_text(&signed, text, &all).unwrap_or(error))
            }
            SignedContent::Package(outer) => signed.verify_content(&content(outer), &all),
        }?;
        let known = signers.iter().map(|one| &one.certificate);
        if let Some(stranger) = stranger(&beside, known.collect()) {
            return Err(CmsError::Stranger(stranger.subject()));
        }
        // What is given is believed, and may be every authority that there is.
        let rival = own
            .iter()
            .find(|own| given.iter().any(|given| given.is_rival(own)))
            .map(|one| ChainError::BadSignature {
                subject: one.subject(),
                issuer: one.issuer(),
            });
        let issuers = [&own, given].concat();
        match rival.or_else(|| forged(&own, &issuers)) {
            Some(forged) => Err(CmsError::Forged(forged)),
            None => Ok(signers),
        }
    }

    /// What stands in the file of the signature beside one block of PEM, in words. Programs pass
    /// it over (RFC 7468 §2), and nobody has signed it.
    pub fn more(&self) -> Option<String> {
        const SEQUENCE: u8 = 0x30;
        let is_pem = self.signature.first() != Some(&SEQUENCE);
        // In a CSAR the signature stands behind what is signed.
        let before = match self.content {
            SignedContent::Manifest(text) if self.path != SHIELD_SIGNATURE => text,
            _ => "",
        };
        let first = before.matches('\n').count() + 1;
        is_pem.then(|| pem::beside_one_block(self.signature, first))?
    }

    /// The files of a SHIELD package that its manifest does not name, so that nobody has
    /// signed them.
    pub fn strangers(&self, package: &'a Package) -> impl Iterator<Item = &'a str> {
        let is_shield = package.layout == Layout::Shield;
        let named = shield_pairs(package).into_iter().map(|(path, _)| path);
        let mut known: BTreeSet<&str> = named.collect();
        known.extend([self.path, SHIELD_MANIFEST]);
        let paths = package.files.iter().map(|file| file.path.as_str());
        let links = package.links.iter().map(|link| link.name.as_str());
        let paths = paths.chain(links);
        paths.filter(move |path| is_shield && !known.contains(path))
    }

    /// Why the manifest does not speak for every file of the package: a digest is
    /// missing or another one, or a file is not named. Whatever levels the rules
    /// have that say so as well, nobody has signed what is left out.
    pub fn gap(&self, package: &Package) -> Option<String> {
        let covered = match (self.content, package.layout) {
            (SignedContent::Package(outer), _) => {
                let other = outer.others.first();
                let other = other.map(|other| format!("`{other}` beside the CSAR is not signed"));
                return other.or_else(|| self.unsigned_beside());
            }
            (SignedContent::Manifest(_), Layout::Shield) => shield_digests(package),
            (SignedContent::Manifest(text), _) => csar_digests(text, package),
        };
        if let Some(link) = package.links.first() {
            return Some(format!(
                "`{}` is a link, and nothing that was signed says where it leads",
                link.name
            ));
        }
        if let Some(beside) = self.unsigned_beside() {
            return Some(beside);
        }
        if let Some(gone) = self.gone(package) {
            return Some(format!(
                "what was signed names `{gone}`, which is not there"
            ));
        }
        let own = [self.path, SHIELD_MANIFEST];
        let is_own = |path: &str| match package.layout {
            Layout::Shield => own.contains(&path),
            _ => path == self.path || Some(path) == self.certificate_path,
        };
        let mut files = package.files.iter();
        let open =
            files.find(|file| !covered.contains(file.path.as_str()) && !is_own(&file.path))?;
        Some(format!(
            "what was signed gives no digest of `{}`, or another one",
            open.path
        ))
    }

    fn unsigned_beside(&self) -> Option<String> {
        let more = self.more()?;
        let path = self.path;
        Some(format!(
            "beside the signature in `{path}` stands what nobody has signed: {more}"
        ))
    }

    /// The first file that the manifest names and that is not in the package. What lies
    /// elsewhere has an address.
    fn gone(&self, package: &Package) -> Option<String> {
        let is_gone = |path: &str| !path.contains("://") && package.file(path).is_none();
        match (self.content, package.layout) {
            (SignedContent::Package(_), _) => None,
            (SignedContent::Manifest(_), Layout::Shield) => {
                let named = shield_pairs(package).into_iter().map(|(path, _)| path);
                named.filter(|path| is_gone(path)).map(str::to_owned).next()
            }
            (SignedContent::Manifest(text), _) => {
                let manifest = Manifest::parse(text);
                let sources = manifest.all_entries();
                let mut sources = sources.filter_map(|entry| Some(entry.source.as_ref()?.value));
                sources.find(|path| is_gone(path)).map(str::to_owned)
            }
        }
    }

    /// Every certificate that travels with the signature.
    pub fn certificates(&self) -> Vec<Certificate> {
        let signed = SignedData::parse(self.signature);
        let mut all = signed.map_or_else(|_| Vec::new(), |signed| signed.certificates().to_vec());
        all.extend(self.beside().unwrap_or_default());
        all
    }

    fn beside(&self) -> Result<Vec<Certificate>, CertificateError> {
        match self.certificate {
            Some(bytes) => Certificate::read_all(bytes),
            None => Ok(Vec::new()),
        }
    }
}

/// What `openssl cms -sign` signs where it is not told `-binary`: the text with lines that end as
/// those of mails do (RFC 8551 §3.1.1). Nobody has the package in that form.
fn as_text(signed: &SignedData, text: &str, given: &[Certificate]) -> Option<CmsError> {
    let mail = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let holds = mail != text && signed.verify(&mut mail.as_bytes(), given).is_ok();
    holds.then_some(CmsError::Text)
}

/// A CSAR as the signature over it has it.
fn content(outer: &Outer) -> Content {
    let digests = outer.digests.iter().filter_map(|(algorithm, digest)| {
        let algorithm = match algorithm {
            Algorithm::Sha256 => DigestAlgorithm::Sha256,
            Algorithm::Sha384 => DigestAlgorithm::Sha384,
            Algorithm::Sha512 => DigestAlgorithm::Sha512,
            Algorithm::Sha224 => return None,
        };
        Some((algorithm, from_hex(digest)?))
    });
    Content::of_digests(digests)
}

/// The paths that a SHIELD manifest names, with the digests that it gives them.
fn shield_pairs<'a>(package: &'a Package) -> Vec<(&'a str, Option<&'a str>)> {
    let Some(body) = package.descriptor.as_ref().and_then(|d| d.body()) else {
        return Vec::new();
    };
    let security = body.get("security_info");
    let of_security = |key| security.and_then(|info| info.get(key));
    let pairs = [
        (body.get("package"), body.get("hash")),
        (of_security("attestation_filename"), of_security("hash")),
    ];
    let pair = |(path, hash): (Option<Node<'a>>, Option<Node<'a>>)| {
        let path = path?.str()?;
        let hash = hash.and_then(|hash| hash.str()).map(str::trim);
        Some((path.strip_prefix("./").unwrap_or(path), hash))
    };
    pairs.into_iter().filter_map(pair).collect()
}

/// The files whose digest a SHIELD manifest gives: the package inside and the
/// attestation.
fn shield_digests(package: &Package) -> BTreeSet<&str> {
    let covered = shield_pairs(package)
        .into_iter()
        .filter_map(|(path, hash)| {
            let file = package.file(path)?;
            let hash = hash?;
            let real = file.sha256.as_deref()?;
            let in_base64 = base64(hash).is_some_and(|bytes| hex(&bytes) == real);
            (hash.eq_ignore_ascii_case(real) || in_base64).then_some(file.path.as_str())
        });
    covered.collect()
}

/// The files whose digest the manifest of a CSAR gives.
fn csar_digests<'a>(signed: &str, package: &'a Package) -> BTreeSet<&'a str> {
    let manifest = Manifest::parse(signed);
    let covered = manifest.all_entries().filter_map(|entry| {
        let file = package.file(entry.source.as_ref()?.value)?;
        let (algorithm, real) = file.digest.as_ref()?;
        let stated = entry.hash.as_ref()?.value;
        let is_it = Algorithm::find(entry.algorithm.as_ref()?.value) == Some(*algorithm)
            && stated.eq_ignore_ascii_case(real);
        is_it.then_some(file.path.as_str())
    });
    covered.collect()
}
