//! Files that are cut off or damaged: never a panic, never accepted.

use nfv::secret::Secret;
use nfv::trust::cms::{SignedData, Signing};
use nfv::trust::{
    Certificate, KeyAlgorithm, PrivateKey, PublicKey, read_private_key, verify_chain,
};

use crate::{THEN, new_key, self_signed};

const CONTENT: &[u8] = b"Source: a.yaml\nAlgorithm: SHA-256\nHash: 00\n";

/// Changes that are the same at every run.
struct Changes(u64);

impl Changes {
    fn next(&mut self, below: usize) -> usize {
        // Knuth's constants for a linear generator of 64 bits.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    /// A copy with one to three other bytes.
    fn of(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut copy = bytes.to_vec();
        for _ in 0..=self.next(3) {
            let at = self.next(copy.len());
            copy[at] ^= 1 << self.next(8);
        }
        copy
    }
}

/// The body of a PEM file.
fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    nfv::digest::base64(&body).expect("base64")
}

/// Whether somebody who trusts this certificate takes the signature.
fn accepts(file: &[u8], content: &[u8], anchor: &Certificate) -> bool {
    let Ok(signed) = SignedData::parse(file) else {
        return false;
    };
    let Ok(signers) = signed.verify(&mut &*content, &[]) else {
        return false;
    };
    let anchors = std::slice::from_ref(anchor);
    let trusted = |signer: &nfv::trust::cms::Signer| {
        verify_chain(&signer.certificate, signed.certificates(), anchors, THEN).is_ok()
    };
    signers.iter().all(trusted)
}

#[test]
fn signatures() {
    let mut changes = Changes(1);
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Ed25519] {
        let key = new_key(algorithm);
        let certificate = self_signed(&key);
        let signing = Signing {
            key: &key,
            certificates: std::slice::from_ref(&certificate),
            signing_time: Some(1_700_566_490),
        };
        let good = signing.sign(&mut &*CONTENT).expect("signature");
        assert!(accepts(&good, CONTENT, &certificate));
        for len in 0..good.len() {
            assert!(!accepts(&good[..len], CONTENT, &certificate), "{len}");
        }
        let longer = [good.as_slice(), &[0]].concat();
        assert!(!accepts(&longer, CONTENT, &certificate));
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut changed = good.clone();
                changed[at] ^= 1 << bit;
                assert!(!accepts(&changed, CONTENT, &certificate), "{at} {bit}");
            }
        }
        for _ in 0..1000 {
            let changed = changes.of(&good);
            let same = changed == good;
            assert_eq!(accepts(&changed, CONTENT, &certificate), same);
        }
        for at in 0..CONTENT.len() {
            let mut changed = CONTENT.to_vec();
            changed[at] ^= 1;
            assert!(!accepts(&good, &changed, &certificate), "{at}");
        }
    }
}

#[test]
fn certificates() {
    let key = new_key(KeyAlgorithm::EcdsaP256);
    let good = self_signed(&key);
    let der = good.to_der();
    for len in 0..der.len() {
        assert!(Certificate::from_der(&der[..len]).is_err(), "{len}");
    }
    let mut changes = Changes(2);
    for _ in 0..5000 {
        let changed = changes.of(der);
        if let Ok(read) = Certificate::from_der(&changed)
            && read != good
        {
            let _ = (read.subject(), read.serial(), read.public_key());
            let anchors = std::slice::from_ref(&good);
            assert!(verify_chain(&read, &[], anchors, THEN).is_err());
        }
    }
}

#[test]
fn private_keys() {
    let mut changes = Changes(3);
    for algorithm in [
        KeyAlgorithm::EcdsaP256,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::Ed25519,
    ] {
        let key = new_key(algorithm);
        let good = der(&key.to_pem());
        for len in 0..good.len() {
            assert!(PrivateKey::from_pkcs8(&good[..len]).is_err(), "{len}");
        }
        let public = key.public_key().to_der();
        for len in 0..public.len() {
            assert!(PublicKey::from_der(&public[..len]).is_err(), "{len}");
        }
        for _ in 0..200 {
            // Another number is another key, where the public one is not beside it.
            let read = PrivateKey::from_pkcs8(&changes.of(&good));
            let is_pair = algorithm != KeyAlgorithm::Ed25519;
            assert!(
                !is_pair
                    || read.is_err()
                    || read.is_ok_and(|read| { read.public_key() == key.public_key() })
            );
            let _ = PublicKey::from_der(&changes.of(public));
        }
    }
}

/// Whatever is changed in a file, it is read as that key or not at all.
#[test]
fn encrypted_private_keys() {
    let key = new_key(KeyAlgorithm::EcdsaP256);
    let secret = Secret::new("a passphrase");
    let pem = key.to_encrypted_pem(&secret).expect("encrypted");
    let lines: Vec<&str> = pem.lines().collect();
    let mut changes = Changes(4);
    let read = |file: &[u8]| read_private_key(file, &mut || Ok(secret.clone()));
    assert_eq!(
        read(pem.as_bytes()).expect("key").public_key(),
        key.public_key()
    );
    for len in (0..pem.len() - 1).step_by(7) {
        assert!(read(&pem.as_bytes()[..len]).is_err(), "{len}");
    }
    // Most changes are met before the passphrase is asked for; the others take
    // as long as a wrong one.
    for _ in 0..60 {
        let changed = changes.of(pem.as_bytes());
        if let Ok(other) = read(&changed) {
            assert_eq!(other.public_key(), key.public_key());
        }
    }
    assert!(read(lines[1].as_bytes()).is_err());
}

#[test]
fn anything_at_all() {
    let mut changes = Changes(5);
    for round in 0..20_000 {
        let len = changes.next(40);
        let mut bytes: Vec<u8> = (0..len).map(|_| changes.next(256) as u8).collect();
        if round % 2 == 0 && !bytes.is_empty() {
            bytes[0] = 0x30;
        }
        assert!(SignedData::parse(&bytes).is_err());
        assert!(Certificate::read_all(&bytes).is_err());
        assert!(PrivateKey::from_pkcs8(&bytes).is_err());
        assert!(PublicKey::from_der(&bytes).is_err());
        let ask = &mut || Ok(Secret::new("x"));
        assert!(read_private_key(&bytes, ask).is_err());
    }
}
