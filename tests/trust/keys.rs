//! Private and public keys: what others write is read, and the other way round.

use nfv::secret::Secret;
use nfv::trust::{KeyAlgorithm, KeyError, PublicKey, read_private_key};

use crate::common::sha256;
use crate::{KINDS, OpenSsl, new_key, no_passphrase};

const GENERATED: [KeyAlgorithm; 3] = [
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Ed25519,
];

/// Made with Go's `crypto/x509`, `scrypt` and `nacl/secretbox`, which are what
/// cosign uses; the passphrase is `a passphrase`.
const COSIGN: &str = "\
	go mod tidy
-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94Iiwibm9uY2UiOiJuRWtY
WlJFZ0w1bzdhVlA0azc1NVBJMDhmejhZOWtERCJ9LCJjaXBoZXJ0ZXh0IjoiUmNT
ZjBtbGdyMjIvZXhiUXJnbmVCZnZ6NFY5WHJIVnBZa0plVzBQNzJnL2ZpRHprOEZt
MlJ2aURLdG11QXJlYkgyZHZUZ0lHVlBya2FmTjZsYUlMQVBhb21pZExNNGwwekFQ
RHpvbENWTHFMK0R5WVFDSDZRMzMyemplVXY3QjFjY1IySHg3bmt0WmJIVE05NnMr
bCt2MCs4OTczV0lWTnBOOW4zdWRTM1VsTXlvZXVpSkhNaTlkTjFWVzBKUnhIQU0x
YVVQaHdFMSs4VkE9PSIsImtkZiI6eyJuYW1lIjoic2NyeXB0IiwicGFyYW1zIjp7
Ik4iOjMyNzY4LCJyIjo4LCJwIjoxfSwic2FsdCI6Inc5UFJkOUhsWE1OUUlDajV5
Yk1hRndoeXYvNWROMEUwbVdzVHdoRW92TUU9In19
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
";

const COSIGN_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXtdcO0vTzuqflWmxPqo+9H8EImYC
XT9f6odRfkvYwo5zlOCHAZs7rQYZ4HEItVlT/KLb8ii13betWTeixC7V2A==
-----END PUBLIC KEY-----
";

fn with(passphrase: &str) -> impl FnMut() -> Result<Secret, KeyError> {
    let secret = Secret::new(passphrase);
    move || Ok(secret.clone())
}

/// The words of the error that a file gives.
fn refused(file: impl AsRef<[u8]>) -> String {
    let read = read_private_key(file.as_ref(), &mut with("a passphrase"));
    read.expect_err("refused").to_string()
}

#[test]
fn openssl_reads_what_we_write() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    for algorithm in GENERATED {
        let key = new_key(algorithm);
        let passphrase = Secret::new("pass phrase with ü");
        let encrypted = key.to_encrypted_pem(&passphrase).expect("encrypted");
        openssl.write("plain.key", key.to_pem().as_bytes());
        openssl.write("encrypted.key", encrypted.as_bytes());
        openssl.write("passphrase", passphrase.reveal());
        let public = key.public_key().to_pem();
        let plain = openssl.does("pkey -in plain.key -check -pubout");
        assert!(plain.stdout.ends_with(&public), "{algorithm}");
        let pkcs8 = openssl.does("pkcs8 -in encrypted.key -passin file:passphrase");
        assert_eq!(pkcs8.stdout, key.to_pem().as_str(), "{algorithm}");
        let der = openssl.does("pkey -in plain.key -pubout -outform DER");
        assert_eq!(key.public_key().id(), sha256(&der.bytes));
        assert_eq!(
            PublicKey::read_all(public.as_bytes()).expect("readable")[0],
            *key.public_key()
        );
        assert!(!format!("{key:?}").contains("pkcs8"), "{key:?}");
    }
}

#[test]
fn we_read_what_openssl_writes() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    openssl.write("passphrase", "a passphrase");
    for (name, algorithm) in KINDS {
        let key = openssl.key(name, algorithm);
        for form in [
            "-v2 aes-256-cbc",
            "-v2 aes-128-cbc -v2prf hmacWithSHA256",
            "-v2 aes-256-cbc -v2prf hmacWithSHA1",
            "-scrypt",
        ] {
            openssl.does(&format!(
                "pkcs8 -topk8 -in {name}.key {form} -passout file:passphrase -out encrypted.key"
            ));
            let file = openssl.read("encrypted.key");
            let read = read_private_key(&file, &mut with("a passphrase")).expect(form);
            assert_eq!(read.public_key(), key.public_key(), "{name} {form}");
            let wrong = read_private_key(&file, &mut with("another")).expect_err("refused");
            assert!(matches!(wrong, KeyError::WrongPassphrase), "{wrong}");
        }
        if name != "ed25519" {
            openssl.does(&format!("pkey -in {name}.key -traditional -out old.key"));
            let file = openssl.read("old.key");
            assert!(!file.starts_with(b"-----BEGIN PRIVATE KEY"), "{name}");
            let read = read_private_key(&file, &mut no_passphrase).expect("traditional");
            assert_eq!(read.public_key(), key.public_key(), "{name}");
        }
    }
    // `ecparam` puts the parameters in front.
    openssl.does("ecparam -name prime256v1 -genkey -out parameters.key");
    let file = openssl.read("parameters.key");
    read_private_key(&file, &mut no_passphrase).expect("with parameters");
}

#[test]
fn signatures_hold_on_both_sides() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    openssl.write("message", "a message");
    openssl.write("other", "a massage");
    for (name, algorithm) in KINDS {
        let key = openssl.key(name, algorithm);
        openssl.write("key.pub", key.public_key().to_pem());
        let signature = key.sign(b"a message").expect("signature");
        assert_eq!(
            key.sign(b"a message").expect("signature"),
            signature,
            "{name}"
        );
        openssl.write("signature", &signature);
        let (verify, sign) = match name {
            "ed25519" => (
                "pkeyutl -verify -rawin -pubin -inkey key.pub -sigfile signature -in".to_owned(),
                "pkeyutl -sign -rawin -inkey ed25519.key -out theirs -in message".to_owned(),
            ),
            _ => {
                let digest = if name == "p384" { "-sha384" } else { "-sha256" };
                (
                    format!("dgst {digest} -verify key.pub -signature signature"),
                    format!("dgst {digest} -sign {name}.key -out theirs message"),
                )
            }
        };
        openssl.does(&format!("{verify} message"));
        openssl.refuses(&format!("{verify} other"));
        openssl.does(&sign);
        let public = key.public_key();
        let theirs = openssl.read("theirs");
        public.verify(b"a message", &theirs).expect("theirs");
        public.verify(b"a message", &signature).expect("ours");
        assert!(public.verify(b"a massage", &theirs).is_err(), "{name}");
        assert!(
            new_key(KeyAlgorithm::EcdsaP256)
                .public_key()
                .verify(b"a message", &theirs)
                .is_err()
        );
    }
}

/// RFC 6979 §A.2.5, message `sample` with SHA-256.
#[test]
fn ecdsa_takes_its_number_from_the_message() {
    let number = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
    let r = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
    let s = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    let bytes = |text: &str| -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16);
        digits.map(|pair| byte(pair).expect("digits")).collect()
    };
    // PKCS #8 around an ECPrivateKey without its public key.
    let head = "3041020100301306072A8648CE3D020106082A8648CE3D030107042730250201010420";
    let pkcs8 = bytes(&format!("{head}{number}"));
    let key = nfv::trust::PrivateKey::from_pkcs8(&pkcs8).expect("key");
    let signature = bytes(&format!("3046022100{r}022100{s}"));
    assert_eq!(key.sign(b"sample").expect("signature"), signature);
}

#[test]
fn a_key_of_cosign_is_read() {
    let key = read_private_key(COSIGN.as_bytes(), &mut with("a passphrase")).expect("key");
    assert_eq!(key.public_key().to_pem(), COSIGN_PUBLIC);
    let old = COSIGN.replace("SIGSTORE", "COSIGN");
    read_private_key(old.as_bytes(), &mut with("a passphrase")).expect("older label");
    let wrong = read_private_key(COSIGN.as_bytes(), &mut with("a passphrasf"));
    assert!(matches!(wrong, Err(KeyError::WrongPassphrase)));
}

#[test]
fn what_is_not_supported_says_what_to_do() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let (_, p256) = KINDS[0];
    openssl.key("good", p256);
    let good = openssl.read("good.key");
    openssl.write("passphrase", "a passphrase");
    openssl.does("pkcs8 -topk8 -in good.key -v2 des3 -passout file:passphrase -out des3.key");
    openssl.does("ec -in good.key -aes256 -passout file:passphrase -out dek.key");
    for file in ["des3.key", "dek.key"] {
        let text = refused(openssl.read(file));
        assert!(text.contains("openssl pkcs8 -topk8"), "{file}: {text}");
    }
    assert!(refused(openssl.read("des3.key")).contains("(triple DES)"));
    openssl.does("pkcs8 -topk8 -in good.key -iter 10000001 -passout file:passphrase -out slow.key");
    assert!(refused(openssl.read("slow.key")).contains("more work or memory"));
    for (algorithm, name) in [
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-521", "P-521"),
        (
            "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
            "secp256k1",
        ),
        ("-algorithm X25519", "X25519"),
        ("-algorithm ED448", "Ed448"),
    ] {
        openssl.does(&format!("genpkey {algorithm} -out other.key"));
        let text = refused(openssl.read("other.key"));
        assert!(
            text.contains(&format!("of the kind {name} are not supported")),
            "{text}"
        );
    }
    openssl.does("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.key");
    assert!(refused(openssl.read("short.key")).contains("2048 to 4096 bits"));
    openssl.does("pkey -in good.key -outform DER -out good.der");
    assert!(refused(openssl.read("good.der")).contains("-inform DER"));
    openssl.does("pkey -in good.key -pubout -out good.pub");
    assert!(refused(openssl.read("good.pub")).contains("holds `PUBLIC KEY`, and no private key"));
    assert!(refused([good.clone(), good].concat()).contains("more than one private key"));
    assert!(refused("nothing").contains("no PEM block"));
    let json = "-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\ne30=\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n";
    assert!(refused(json).contains("the encrypted key is missing or damaged"));
    let empty = new_key(KeyAlgorithm::Ed25519).to_encrypted_pem(&Secret::new(""));
    assert!(matches!(empty, Err(KeyError::EmptyPassphrase)));
}
