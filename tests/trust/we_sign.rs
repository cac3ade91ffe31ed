//! What OpenSSL says to the signatures that we make.

use nfv::trust::cms::{CmsError, SignedData, Signing};
use nfv::trust::{Certificate, KeyAlgorithm, PrivateKey};

use crate::{AUTHORITY, KINDS, OpenSsl, SIGNS, new_key, self_signed};

const CONTENT: &[u8] = b"Source: a.yaml\r\nAlgorithm: SHA-256\n\0\xff";

fn sign(key: &PrivateKey, certificates: &[Certificate]) -> Vec<u8> {
    let signing = Signing {
        key,
        certificates,
        signing_time: None,
    };
    signing.sign(&mut &*CONTENT).expect("signature")
}

/// A key of each kind that OpenSSL 3.0 verifies in CMS, with a certificate.
fn signers(openssl: &OpenSsl) -> Vec<(PrivateKey, Certificate)> {
    let keys = [
        openssl.key("rsa", KINDS[3].1),
        new_key(KeyAlgorithm::EcdsaP256),
        new_key(KeyAlgorithm::EcdsaP384),
    ];
    let with = |key: PrivateKey| {
        let certificate = self_signed(&key);
        (key, certificate)
    };
    keys.map(with).into()
}

#[test]
fn openssl_accepts_our_signatures_and_refuses_changed_ones() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    openssl.write("content", CONTENT);
    let mut changed = CONTENT.to_vec();
    changed[3] ^= 1;
    openssl.write("changed", changed);
    let verify = "cms -verify -binary -CAfile own.crt -out out";
    for (key, certificate) in signers(&openssl) {
        openssl.write("own.crt", certificate.to_pem());
        let der = sign(&key, std::slice::from_ref(&certificate));
        openssl.write("own.cms", &der);
        let signing = Signing {
            key: &key,
            certificates: &[certificate],
            signing_time: None,
        };
        let pem = signing.sign_to_pem(&mut &*CONTENT).expect("signature");
        assert!(pem.starts_with("-----BEGIN CMS-----\n"), "{pem}");
        openssl.write("own.pem", pem);
        openssl.does(&format!(
            "{verify} -inform DER -in own.cms -content content"
        ));
        assert_eq!(openssl.read("out"), CONTENT);
        openssl.does(&format!(
            "{verify} -inform PEM -in own.pem -content content"
        ));
        openssl.refuses(&format!(
            "{verify} -inform DER -in own.cms -content changed"
        ));
        openssl.refuses(&format!(
            "{verify} -inform PEM -in own.pem -content changed"
        ));
        // The last byte is one of the signature value.
        let mut broken = der;
        *broken.last_mut().expect("a byte") ^= 1;
        openssl.write("own.cms", broken);
        openssl.refuses(&format!(
            "{verify} -inform DER -in own.cms -content content"
        ));
    }
}

#[test]
fn openssl_follows_our_chain_and_reads_our_time() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    openssl.write("content", CONTENT);
    openssl.key("root", KINDS[0].1);
    openssl.certificate("root", None, AUTHORITY);
    openssl.key("between", KINDS[1].1);
    let between = openssl.certificate("between", Some("root"), AUTHORITY);
    let key = openssl.key("leaf", KINDS[0].1);
    let leaf = openssl.certificate("leaf", Some("between"), SIGNS);
    let signing = Signing {
        key: &key,
        certificates: &[leaf, between],
        signing_time: Some(1_700_566_490),
    };
    let signature = signing.sign(&mut &*CONTENT).expect("signature");
    openssl.write("leaf.cms", &signature);
    openssl.does(
        "cms -verify -binary -CAfile root.crt -inform DER -in leaf.cms -content content -out out",
    );
    let printed = openssl
        .does("cms -cmsout -print -inform DER -in leaf.cms")
        .stdout;
    assert!(printed.contains("Nov 21 11:34:50 2023 GMT"), "{printed}");
    let read = SignedData::parse(&signature).expect("readable");
    let signers = read.verify(&mut &*CONTENT, &[]).expect("verified");
    assert_eq!(signers[0].signing_time, Some(1_700_566_490));
}

/// OpenSSL verifies Ed25519 in CMS only since 3.2; here it verifies the
/// signature over the attributes (RFC 8419 §3.1).
#[test]
fn openssl_verifies_our_ed25519_signature() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let key = new_key(KeyAlgorithm::Ed25519);
    let certificate = self_signed(&key);
    let signature = sign(&key, std::slice::from_ref(&certificate));
    openssl.write("own.cms", &signature);
    openssl.write("own.pub", key.public_key().to_pem());
    let printed = openssl
        .does("cms -cmsout -print -inform DER -in own.cms")
        .stdout;
    for line in ["algorithm: sha512", "algorithm: ED25519", "messageDigest"] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
    // contentType and messageDigest come to 0x6b bytes, tagged [0].
    let head = [0xa0, 0x6b, 0x30];
    let places = signature.windows(3).position(|window| window == head);
    let at = places.expect("attributes");
    let mut attributes = signature[at..at + 2 + 0x6b].to_vec();
    attributes[0] = 0x31;
    openssl.write("attributes", attributes);
    openssl.write("value", &signature[signature.len() - 64..]);
    openssl.does("pkeyutl -verify -rawin -pubin -inkey own.pub -sigfile value -in attributes");
}

#[test]
fn the_same_content_gets_the_same_bytes() {
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Ed25519] {
        let key = new_key(algorithm);
        let certificates = [self_signed(&key), self_signed(&new_key(algorithm))];
        let first = sign(&key, &certificates);
        assert_eq!(sign(&key, &certificates), first);
        let digest = key.algorithm().signature().digest().digest(CONTENT);
        let signing = Signing {
            key: &key,
            certificates: &certificates,
            signing_time: None,
        };
        assert_eq!(signing.sign_digest(&digest).expect("signature"), first);
    }
}

#[test]
fn a_certificate_that_does_not_fit_is_refused() {
    let key = new_key(KeyAlgorithm::EcdsaP256);
    let other = self_signed(&new_key(KeyAlgorithm::EcdsaP256));
    let sign = |certificates: &[Certificate]| {
        let signing = Signing {
            key: &key,
            certificates,
            signing_time: None,
        };
        signing.sign(&mut &*CONTENT).expect_err("refused")
    };
    assert!(matches!(sign(&[]), CmsError::NoCertificate));
    assert!(matches!(sign(&[other]), CmsError::OtherKey(_)));
}
