//! What we say to the signatures that OpenSSL makes.

use nfv::trust::cms::{CmsError, Content, SignedData, Signer, SignerError};
use nfv::trust::{Certificate, DigestAlgorithm, verify_chain};

use crate::{AUTHORITY, KINDS, OpenSsl, SIGNS};

const CONTENT: &[u8] = b"metadata:\n  vnf_product_name: edge\n\0\xff";

fn verify(file: &[u8], content: &[u8]) -> Result<Vec<Signer>, CmsError> {
    SignedData::parse(file)?.verify(&mut &*content, &[])
}

#[track_caller]
fn why(result: Result<Vec<Signer>, CmsError>) -> SignerError {
    match result.expect_err("refused") {
        CmsError::Signer { source, .. } => source,
        other => panic!("{other}"),
    }
}

/// OpenSSL in a folder with keys of the kinds that OpenSSL 3.0 signs with in
/// CMS, and their certificates.
fn prepared() -> Option<OpenSsl> {
    let openssl = OpenSsl::new()?;
    openssl.write("content", CONTENT);
    for (name, algorithm) in KINDS {
        if name != "ed25519" {
            openssl.key(name, algorithm);
            openssl.certificate(name, None, SIGNS);
        }
    }
    Some(openssl)
}

#[test]
fn signatures_of_all_forms_are_verified() {
    let Some(openssl) = prepared() else {
        return;
    };
    for name in ["rsa", "p256", "p384"] {
        for form in [
            "-outform DER",
            "-outform PEM",
            "-outform DER -noattr",
            "-outform PEM -noattr",
            "-outform DER -keyid",
            "-outform DER -md sha384",
            "-outform DER -md sha512",
            "-outform PEM -md sha512 -noattr",
            "-outform DER -stream",
            "-outform PEM -stream -nodetach",
            "-outform DER -nodetach",
            "-outform DER -nodetach -noattr",
            "-outform DER -nosmimecap",
        ] {
            let sign =
                format!("cms -sign -binary -in content -signer {name}.crt -inkey {name}.key");
            openssl.does(&format!("{sign} {form} -out own.cms"));
            let file = openssl.read("own.cms");
            let signers = verify(&file, CONTENT).unwrap_or_else(|error| {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                panic!("{name} {form}: {error}: {cause:?}")
            });
            assert_eq!(signers.len(), 1);
            let certificate = &signers[0].certificate;
            assert_eq!(certificate.subject(), format!("CN={name},O=Example"));
            assert_eq!(signers[0].signing_time.is_some(), !form.contains("noattr"));
            let now = certificate.not_before() + 60;
            let anchors = std::slice::from_ref(certificate);
            verify_chain(certificate, &[], anchors, now).expect("trusted");
            for at in 0..CONTENT.len() {
                let mut changed = CONTENT.to_vec();
                changed[at] ^= 0x20;
                assert!(verify(&file, &changed).is_err(), "{name} {form} {at}");
            }
            assert!(verify(&file, &CONTENT[1..]).is_err());
        }
    }
}

/// To whoever trusts the certificate, no byte of the file may be another one.
#[test]
fn no_byte_of_a_signature_may_change() {
    let Some(openssl) = prepared() else {
        return;
    };
    for name in ["rsa", "p256"] {
        let anchors = Certificate::read_all(&openssl.read(&format!("{name}.crt")));
        let anchors = anchors.expect("readable");
        let now = anchors[0].not_before() + 60;
        let accepts = |file: &[u8]| {
            let signers = verify(file, CONTENT).unwrap_or_default();
            let trusted = |one: &Signer| verify_chain(&one.certificate, &[], &anchors, now).is_ok();
            !signers.is_empty() && signers.iter().all(trusted)
        };
        for form in ["", "-noattr", "-keyid"] {
            let sign =
                format!("cms -sign -binary -in content -signer {name}.crt -inkey {name}.key");
            openssl.does(&format!("{sign} {form} -outform DER -out own.cms"));
            let good = openssl.read("own.cms");
            assert!(accepts(&good));
            for len in 0..good.len() {
                assert!(!accepts(&good[..len]), "{name} {form} {len}");
            }
            for at in 0..good.len() {
                let mut changed = good.clone();
                changed[at] ^= 1 << (at % 8);
                assert!(!accepts(&changed), "{name} {form} {at}");
            }
        }
    }
}

/// Nor any bit around the certificate, where who verifies has that already: then nothing in the
/// signature needs it, and its tag is one bit from that of revocation lists.
#[test]
fn no_bit_may_change_for_who_has_the_certificate() {
    let Some(openssl) = prepared() else {
        return;
    };
    let given = Certificate::read_all(&openssl.read("p256.crt")).expect("readable");
    let accepts = |file: &[u8]| {
        let signed = SignedData::parse(file);
        signed.is_ok_and(|signed| signed.verify(&mut &*CONTENT, &given).is_ok())
    };
    openssl.does(
        "cms -sign -binary -in content -signer p256.crt -inkey p256.key -outform DER -out own.cms",
    );
    let good = openssl.read("own.cms");
    assert!(accepts(&good));
    openssl.does("x509 -in p256.crt -outform DER -out p256.der");
    let own = openssl.read("p256.der");
    let own_at = good.windows(own.len()).position(|part| part == own);
    let own_at = own_at.expect("the certificate is in the signature");
    let around = (0..own_at).chain(own_at + own.len()..good.len());
    let mut taken = Vec::new();
    for at in around {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            if accepts(&changed) {
                taken.push(at);
            }
        }
    }
    taken.dedup();
    assert_eq!(taken, [0; 0]);
}

/// As PKCS #7, which CMS grew out of.
#[test]
fn signatures_of_smime_are_verified() {
    let Some(openssl) = prepared() else {
        return;
    };
    for form in ["-outform PEM", "-outform DER", "-outform PEM -noattr"] {
        openssl.does(&format!(
            "smime -sign -binary -in content -signer rsa.crt -inkey rsa.key {form} -out own.p7s"
        ));
        let file = openssl.read("own.p7s");
        verify(&file, CONTENT).expect(form);
        assert!(verify(&file, b"other").is_err(), "{form}");
    }
}

#[test]
fn certificates_may_be_given_beside_the_signature() {
    let Some(openssl) = prepared() else {
        return;
    };
    let sign = "cms -sign -binary -in content -signer p256.crt -inkey p256.key -nocerts";
    openssl.does(&format!("{sign} -outform DER -out own.cms"));
    let file = openssl.read("own.cms");
    let error = why(verify(&file, CONTENT));
    assert!(matches!(error, SignerError::NoCertificate), "{error}");
    let given = Certificate::read_all(&openssl.read("p256.crt")).expect("readable");
    let signed = SignedData::parse(&file).expect("readable");
    assert!(signed.certificates().is_empty());
    signed.verify(&mut &*CONTENT, &given).expect("verified");
    let digest = DigestAlgorithm::Sha256.digest(CONTENT);
    let content = Content::of_digest(DigestAlgorithm::Sha256, &digest);
    signed.verify_content(&content, &given).expect("verified");
    let content = Content::of_digest(DigestAlgorithm::Sha512, &digest);
    let error = why(signed.verify_content(&content, &given));
    assert!(matches!(error, SignerError::NoDigest(_)), "{error}");
}

#[test]
fn every_signer_has_to_be_right() {
    let Some(openssl) = prepared() else {
        return;
    };
    openssl.does(
        "cms -sign -binary -in content -signer p256.crt -inkey p256.key -signer rsa.crt -inkey rsa.key -outform DER -out two.cms",
    );
    let file = openssl.read("two.cms");
    let signers = verify(&file, CONTENT).expect("verified");
    let mut names: Vec<String> = signers
        .iter()
        .map(|one| one.certificate.subject())
        .collect();
    names.sort();
    assert_eq!(names, ["CN=p256,O=Example", "CN=rsa,O=Example"]);
    // The last byte belongs to the value of the second signature.
    let mut broken = file;
    *broken.last_mut().expect("a byte") ^= 1;
    let error = verify(&broken, CONTENT).expect_err("refused");
    assert!(
        error.to_string().contains("(2 of 2) does not hold"),
        "{error}"
    );
    assert!(matches!(why(Err(error)), SignerError::BadSignature));
}

#[test]
fn a_chain_in_the_signature_is_followed() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.key("root", KINDS[3].1);
    let root = openssl.certificate("root", None, AUTHORITY);
    openssl.key("between", KINDS[0].1);
    openssl.certificate("between", Some("root"), AUTHORITY);
    openssl.key("leaf", KINDS[1].1);
    openssl.certificate("leaf", Some("between"), SIGNS);
    openssl.does(
        "cms -sign -binary -in content -signer leaf.crt -inkey leaf.key -certfile between.crt -outform PEM -out own.cms",
    );
    let signed = SignedData::parse(&openssl.read("own.cms")).expect("readable");
    let signers = signed.verify(&mut &*CONTENT, &[]).expect("verified");
    let leaf = &signers[0].certificate;
    let now = leaf.not_before() + 60;
    let path = verify_chain(leaf, signed.certificates(), &[root], now).expect("trusted");
    assert_eq!(path.len(), 3);
}

#[test]
fn what_is_weak_or_no_signature_is_named() {
    let Some(openssl) = prepared() else {
        return;
    };
    let sign = "cms -sign -binary -in content -signer rsa.crt -inkey rsa.key -outform DER -out own";
    openssl.does(&format!("{sign} -md sha1"));
    let error = why(verify(&openssl.read("own"), CONTENT));
    assert!(
        matches!(&error, SignerError::Digest(name) if name == "SHA-1"),
        "{error}"
    );
    openssl.does(&format!("{sign} -keyopt rsa_padding_mode:pss"));
    let error = why(verify(&openssl.read("own"), CONTENT));
    assert!(
        matches!(&error, SignerError::Algorithm(name) if name == "RSASSA-PSS"),
        "{error}"
    );
    openssl.does("crl2pkcs7 -nocrl -certfile rsa.crt -outform DER -out certificates");
    let error = verify(&openssl.read("certificates"), CONTENT).expect_err("refused");
    assert!(matches!(error, CmsError::NoSigner), "{error}");
    openssl.does("cms -data_create -in content -outform DER -out data");
    let error = verify(&openssl.read("data"), CONTENT).expect_err("refused");
    assert!(matches!(error, CmsError::Type(_)), "{error}");
    let error = verify(&openssl.read("rsa.crt"), CONTENT).expect_err("refused");
    assert!(matches!(error, CmsError::Other(_)), "{error}");
}

#[test]
fn content_in_the_signature_is_compared() {
    let Some(openssl) = prepared() else {
        return;
    };
    let sign = "cms -sign -binary -nodetach -in content -signer p256.crt -inkey p256.key";
    for form in ["", "-noattr"] {
        openssl.does(&format!("{sign} {form} -outform DER -out own.cms"));
        let signed = SignedData::parse(&openssl.read("own.cms")).expect("readable");
        assert_eq!(signed.content(), Some(CONTENT));
        signed.verify(&mut &*CONTENT, &[]).expect("the same");
        let error = signed.verify(&mut &b"other"[..], &[]).expect_err("refused");
        assert!(matches!(error, CmsError::OtherContent), "{error}");
    }
}

/// Without signed attributes it is the content itself that is signed.
#[test]
fn content_that_is_needed_as_a_whole_has_a_limit() {
    let Some(openssl) = prepared() else {
        return;
    };
    let sign = "cms -sign -binary -noattr -in content -signer p256.crt -inkey p256.key";
    openssl.does(&format!("{sign} -outform DER -out own.cms"));
    let signed = SignedData::parse(&openssl.read("own.cms")).expect("readable");
    let digest = DigestAlgorithm::Sha256.digest(CONTENT);
    let content = Content::of_digest(DigestAlgorithm::Sha256, &digest);
    let error = why(signed.verify_content(&content, &[]));
    assert!(matches!(error, SignerError::NoContent), "{error}");
    let mut endless = std::io::repeat(0);
    let error = signed.verify(&mut endless, &[]).expect_err("refused");
    assert!(matches!(error, CmsError::TooLarge(64)), "{error}");
}

/// The signature over signed attributes is one over their bytes as well. They
/// are no content that was ever signed.
#[test]
fn signed_attributes_are_not_taken_for_content() {
    let Some(openssl) = prepared() else {
        return;
    };
    let sign = "cms -sign -binary -signer p256.crt -inkey p256.key -outform DER";
    openssl.does(&format!("{sign} -in content -out own.cms"));
    let der = openssl.read("own.cms");
    // The attributes are the one [0] that begins with the contentType.
    let head: &[u8] = b"\x30\x18\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
    let at = der
        .windows(head.len())
        .position(|window| window == head)
        .expect("attributes");
    let start = if der[at - 2] == 0xa0 { at - 2 } else { at - 3 };
    assert_eq!(der[start], 0xa0);
    let len = usize::from(der[at - 1]);
    let mut attributes = der[start..at + len].to_vec();
    attributes[0] = 0x31;
    openssl.write("attributes", &attributes);
    openssl.does(&format!("{sign} -in attributes -noattr -out forged.cms"));
    let error = why(verify(&openssl.read("forged.cms"), &attributes));
    assert!(matches!(error, SignerError::Confusable), "{error}");
}
