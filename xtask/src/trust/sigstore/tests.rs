use super::*;
use crate::trust::SelfSigned;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn key() -> PrivateKey {
    PrivateKey::generate(KeyAlgorithm::EcdsaP256).expect("a key")
}

fn bare(key: &PrivateKey) -> ArtifactSigner<'_> {
    ArtifactSigner {
        key,
        certificates: &[],
    }
}

fn read_classic(signature: &ClassicSignature) -> Result<ArtifactSignature, SigstoreError> {
    ArtifactSignature::classic(signature.payload.clone(), |name| {
        let found = signature.annotations.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    })
}

#[test]
fn the_encoding_of_dsse() {
    // The example of the specification.
    let encoded = envelope::encoding("http://example.com/HelloWorld", b"hello world");
    let expected = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    assert_eq!(encoded, expected.as_bytes());
}

#[test]
fn the_document_is_written_as_cosign_writes_it() {
    let key = key();
    let signed = bare(&key).classic("ghcr.io/edge/router", DIGEST);
    let payload = signed.expect("signed").payload;
    let expected = format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"ghcr.io/edge/router"}},"image":{{"docker-manifest-digest":"{DIGEST}"}},"type":"cosign container image signature"}},"optional":null}}"#
    );
    assert_eq!(String::from_utf8_lossy(&payload), expected);
}

#[test]
fn what_is_written_is_read_and_holds_for_one_key_and_one_digest() {
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Ed25519] {
        let key = PrivateKey::generate(algorithm).expect("a key");
        let signer = bare(&key);
        let classic = signer.classic("edge", DIGEST).expect("signed");
        let bundle = signer.bundle(DIGEST).expect("signed");
        assert_eq!(signer.bundle(DIGEST).expect("signed"), bundle);
        assert_eq!(signer.classic("edge", DIGEST).expect("signed"), classic);
        let other = self::key();
        for signature in [
            read_classic(&classic).expect("a signature"),
            ArtifactSignature::bundle(&bundle, |_| None)
                .expect("a bundle")
                .expect("a signature"),
        ] {
            assert!(signature.is_of(DIGEST));
            assert!(!signature.is_of(&DIGEST.replace('0', "1")));
            signature.verify(key.public_key()).expect("it holds");
            signature.verify(other.public_key()).expect_err("other key");
        }
    }
}

#[test]
fn certificates_come_along() {
    let key = key();
    let wanted = SelfSigned {
        common_name: "Edge".to_owned(),
        not_before: 0,
        not_after: 1_000_000_000,
    };
    let certificates = [wanted.sign(&key).expect("a certificate")];
    let signer = ArtifactSigner {
        key: &key,
        certificates: &certificates,
    };
    let classic = signer.classic("edge", DIGEST).expect("signed");
    let bundle = signer.bundle(DIGEST).expect("signed");
    let bundle = ArtifactSignature::bundle(&bundle, |_| None).expect("a bundle");
    for signature in [
        read_classic(&classic).expect("a signature"),
        bundle.expect("a signature"),
    ] {
        let fingerprints = |list: &[Certificate]| {
            let each = list.iter().map(Certificate::fingerprint);
            each.collect::<Vec<String>>()
        };
        let found = fingerprints(signature.certificates());
        assert_eq!(found, fingerprints(&certificates));
    }
}

#[test]
fn what_is_no_signature_is_told_of() {
    let bundle = bare(&key()).bundle(DIGEST).expect("signed");
    let bundle = String::from_utf8(bundle).expect("text");
    for (from, to) in [
        ("vnd.dev.sigstore", "vnd.example"),
        ("bundle.v0.3+json", "bundle.v0.9+json"),
        ("dsseEnvelope", "messageSignature"),
        ("verificationMaterial", "verification"),
        ("publicKey", "tlogEntries"),
        ("vnd.in-toto+json", "json"),
        ("\"sig\"", "\"gis\""),
        ("\"payload\":\"", "\"payload\":\"!"),
        ("{", "["),
    ] {
        let broken = bundle.replace(from, to);
        assert_ne!(broken, bundle, "{from}");
        let error = ArtifactSignature::bundle(broken.as_bytes(), |_| None).expect_err(from);
        assert!(!error.to_string().is_empty());
    }
    // An attestation is none, and no error.
    let statement =
        r#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x"}"#;
    let other = format!(
        r#"{{"mediaType":"{BUNDLE_TYPE}","verificationMaterial":{{"publicKey":{{}}}},"dsseEnvelope":{{"payloadType":"application/vnd.in-toto+json","payload":"{}","signatures":[{{"sig":""}}]}}}}"#,
        crate::digest::to_base64(statement.as_bytes())
    );
    let read = ArtifactSignature::bundle(other.as_bytes(), |_| None).expect("no error");
    assert!(read.is_none());
    let none = ArtifactSignature::classic(b"{}".to_vec(), |_| None);
    none.expect_err("no signature");
    let none = ArtifactSignature::classic(b"{}".to_vec(), |_| Some("Zm9v"));
    none.expect_err("no digest");
}
