//! Certificates, and the paths from them to what is trusted.

use nfv::trust::{
    Certificate, ChainError, KeyAlgorithm, SelfSigned, SelfSignedError, verify_chain,
};

use crate::{AUTHORITY, KINDS, OpenSsl, SIGNS, THEN, new_key, self_signed};

#[test]
fn openssl_reads_and_trusts_a_self_signed_certificate() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    for algorithm in [
        KeyAlgorithm::EcdsaP256,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::Ed25519,
    ] {
        let key = new_key(algorithm);
        let wanted = SelfSigned {
            common_name: "Müller, Söhne & Co".to_owned(),
            not_before: 1_577_836_800,
            not_after: 4_102_444_799,
        };
        let certificate = wanted.sign(&key).expect("certificate");
        openssl.write("own.crt", certificate.to_pem());
        openssl.does("verify -check_ss_sig -x509_strict -CAfile own.crt own.crt");
        let shown = openssl.does(
            "x509 -in own.crt -noout -subject -nameopt utf8,sep_comma_plus -startdate -enddate -serial -ext keyUsage,basicConstraints,subjectKeyIdentifier",
        );
        let text = shown.stdout;
        for line in [
            "subject=CN=Müller, Söhne & Co",
            "notBefore=Jan  1 00:00:00 2020 GMT",
            "notAfter=Dec 31 23:59:59 2099 GMT",
            "Digital Signature",
            "CA:FALSE",
            "Subject Key Identifier",
            &format!("serial={}", certificate.serial().to_uppercase()),
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(certificate.public_key().expect("key"), *key.public_key());
        assert_eq!(certificate.subject(), "CN=Müller\\, Söhne & Co");
        let again = Certificate::read_all(certificate.to_pem().as_bytes()).expect("readable");
        assert_eq!(again, std::slice::from_ref(&certificate));
        let path = verify_chain(&certificate, &[], &again, THEN).expect("trusted");
        assert_eq!(path, again);
    }
}

#[test]
fn names_and_dates_that_no_certificate_can_have_are_refused() {
    let key = new_key(KeyAlgorithm::Ed25519);
    let sign = |name: &str, not_before, not_after| {
        let wanted = SelfSigned {
            common_name: name.to_owned(),
            not_before,
            not_after,
        };
        wanted.sign(&key)
    };
    for name in ["", "a\nb", &"x".repeat(65)] {
        let error = sign(name, 0, 1).expect_err("refused");
        assert!(matches!(error, SelfSignedError::Subject), "{error}");
    }
    for (from, to) in [(5, 5), (6, 5), (0, 253_402_300_800)] {
        let error = sign("x", from, to).expect_err("refused");
        assert!(matches!(error, SelfSignedError::Dates), "{error}");
    }
    let last = sign(&"ü".repeat(64), 0, 253_402_300_799).expect("certificate");
    assert_eq!(last.not_after(), 253_402_300_799);
}

/// A root, an authority below it, and one who signs, each with another kind of
/// key.
struct Family {
    root: Certificate,
    between: Certificate,
    leaf: Certificate,
    now: i64,
}

impl Family {
    fn new(openssl: &OpenSsl, between: &str, leaf: &str) -> Self {
        openssl.key("root", KINDS[3].1);
        let root = openssl.certificate("root", None, AUTHORITY);
        openssl.key("between", KINDS[1].1);
        let between = openssl.certificate("between", Some("root"), between);
        openssl.key("leaf", KINDS[0].1);
        let leaf = openssl.certificate("leaf", Some("between"), leaf);
        let now = leaf.not_before() + 60;
        Family {
            root,
            between,
            leaf,
            now,
        }
    }

    fn verify(&self, at: i64) -> Result<Vec<Certificate>, ChainError> {
        verify_chain(
            &self.leaf,
            std::slice::from_ref(&self.between),
            std::slice::from_ref(&self.root),
            at,
        )
    }
}

#[test]
fn a_path_over_an_intermediate_holds() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let family = Family::new(&openssl, AUTHORITY, SIGNS);
    let Family {
        root,
        between,
        leaf,
        now,
    } = &family;
    let path = family.verify(*now).expect("trusted");
    assert_eq!(path, [leaf.clone(), between.clone(), root.clone()]);
    openssl.does("verify -CAfile root.crt -untrusted between.crt leaf.crt");

    // Trust may begin anywhere on the way.
    let anchors = [between.clone()];
    assert_eq!(
        verify_chain(leaf, &[], &anchors, *now)
            .expect("trusted")
            .len(),
        2
    );
    let anchors = [leaf.clone()];
    assert_eq!(
        verify_chain(leaf, &[], &anchors, *now)
            .expect("trusted")
            .len(),
        1
    );

    let late = family.verify(leaf.not_after() + 1).expect_err("expired");
    assert!(matches!(late, ChainError::Expired { .. }), "{late}");
    let early = family.verify(leaf.not_before() - 1).expect_err("early");
    assert!(matches!(early, ChainError::NotYetValid { .. }), "{early}");
    let unknown = verify_chain(leaf, &[], std::slice::from_ref(root), *now).expect_err("unknown");
    assert_eq!(
        unknown.to_string(),
        "the certificate of `CN=leaf,O=Example` was issued by `CN=between,O=Example`, of which no trusted certificate is known"
    );
    let alone = verify_chain(root, &[], &anchors, *now).expect_err("no signer");
    assert!(matches!(alone, ChainError::NotForSigning { .. }), "{alone}");
}

#[test]
fn another_key_of_the_same_name_is_no_issuer() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let family = Family::new(&openssl, AUTHORITY, SIGNS);
    openssl.key("root", KINDS[3].1);
    let other = openssl.certificate("root", None, AUTHORITY);
    let verify = |anchors: &[Certificate]| {
        let between = std::slice::from_ref(&family.between);
        verify_chain(&family.leaf, between, anchors, family.now)
    };
    let error = verify(std::slice::from_ref(&other)).expect_err("refused");
    assert!(matches!(error, ChainError::BadSignature { .. }), "{error}");
    // It is passed over where the right one is there.
    verify(&[other, family.root.clone()]).expect("trusted");
}

#[test]
fn what_extensions_forbid_is_refused() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let verify = |between: &str, leaf: &str| {
        let family = Family::new(&openssl, between, leaf);
        family.verify(family.now).map(|path| path.len())
    };
    for purpose in ["codeSigning", "emailProtection", "anyExtendedKeyUsage"] {
        let leaf = format!("{SIGNS}extendedKeyUsage={purpose}\n");
        assert_eq!(verify(AUTHORITY, &leaf), Ok(3), "{purpose}");
    }
    let not = |result: Result<usize, ChainError>, words: &str| {
        let text = result.expect_err("refused").to_string();
        assert!(text.contains(words), "{text}");
    };
    let server = format!("{SIGNS}extendedKeyUsage=serverAuth\n");
    not(verify(AUTHORITY, &server), "its extKeyUsage says otherwise");
    not(
        verify(AUTHORITY, "keyUsage=keyEncipherment\n"),
        "its keyUsage says otherwise",
    );
    let wrong = "`CN=between,O=Example` is not allowed to issue certificates";
    not(verify(SIGNS, SIGNS), wrong);
    not(
        verify("basicConstraints=CA:TRUE\nkeyUsage=cRLSign\n", SIGNS),
        wrong,
    );
    let named = format!("{AUTHORITY}nameConstraints=critical,permitted;DNS:example.org\n");
    not(
        verify(&named, SIGNS),
        "the critical extension nameConstraints",
    );
}

#[test]
fn the_length_of_a_path_is_kept() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    openssl.key("top", KINDS[0].1);
    let short = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=keyCertSign\n";
    let top = openssl.certificate("top", None, short);
    openssl.key("below", KINDS[0].1);
    let below = openssl.certificate("below", Some("top"), AUTHORITY);
    openssl.key("one", KINDS[2].1);
    let one = openssl.certificate("one", Some("below"), SIGNS);
    let now = one.not_before() + 60;
    let error = verify_chain(&one, &[below], &[top], now).expect_err("refused");
    assert!(matches!(error, ChainError::PathTooLong(_)), "{error}");
}

#[test]
fn what_nobody_vouches_for_is_not_trusted() {
    let key = new_key(KeyAlgorithm::EcdsaP256);
    let own = self_signed(&key);
    let error = verify_chain(&own, &[], &[], THEN).expect_err("refused");
    assert!(matches!(error, ChainError::SelfSigned(_)), "{error}");
    // Of the same name, but another certificate.
    let other = self_signed(&key);
    let error = verify_chain(&own, &[], &[other], THEN).expect_err("refused");
    assert!(matches!(error, ChainError::NotAnIssuer(_)), "{error}");
}

/// Two authorities that vouch for each other, in many copies.
#[test]
fn circles_end() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let mut ring = Vec::new();
    openssl.key("a", KINDS[0].1);
    openssl.key("b", KINDS[0].1);
    openssl.certificate("a", None, AUTHORITY);
    for _ in 0..6 {
        ring.push(openssl.certificate("b", Some("a"), AUTHORITY));
        ring.push(openssl.certificate("a", Some("b"), AUTHORITY));
    }
    openssl.key("one", KINDS[0].1);
    let one = openssl.certificate("one", Some("a"), SIGNS);
    let now = one.not_before() + 60;
    verify_chain(&one, &ring, &[], now).expect_err("refused");
}
