//! Certificates that `--ca-file` names: who has issued those of servers, and servers' own.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

/// Whoever the system trusts, and the certificates of a file. One of these that is for issuing
/// others is taken from a server that shows it itself: `openssl req -x509` makes such
/// certificates, and OpenSSL and Go take them so, while RFC 5280 has no word on it and `webpki`
/// refuses them (`CaUsedAsEndEntity`).
#[derive(Debug)]
struct Authority {
    verifier: Verifier,
    own: Vec<CertificateDer<'static>>,
}

/// How to talk TLS where these certificates (PEM) are trusted beside those of the system, with
/// a certificate and its key (PEM) to show.
///
/// # Errors
///
/// One of the certificates is none, or the key is not that of the certificate.
pub(super) fn config(own: &[u8], shown: Option<(&[u8], &[u8])>) -> Result<ClientConfig, Error> {
    let other = |error: rustls::pki_types::pem::Error| Error::Other(OtherError(Arc::new(error)));
    let all = |pem: &[u8]| -> Result<Vec<CertificateDer<'static>>, Error> {
        let all: Result<_, _> = CertificateDer::pem_slice_iter(pem).collect();
        all.map_err(other)
    };
    let own = all(own)?;
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(own.clone(), Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Authority { verifier, own }));
    let mut config = match shown {
        Some((certificates, key)) => {
            let key = PrivateKeyDer::from_pem_slice(key).map_err(other)?;
            config.with_client_auth_cert(all(certificates)?, key)?
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl ServerCertVerifier for Authority {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self
            .verifier
            .verify_server_cert(shown, between, name, ocsp, now);
        match verdict {
            // That it is valid now has been looked at before (`webpki`,
            // `check_issuer_independent_properties`), for whom it is has not.
            Err(error)
                if is_of_issuer(&error) && self.own.contains(&shown.clone().into_owned()) =>
            {
                verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, shown, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Whether nothing else is wrong with a certificate than that it is one for issuing others.
/// `rustls` has no word of its own for it.
fn is_of_issuer(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::Other(other)) => {
            other.to_string().contains("CaUsedAsEndEntity")
        }
        _ => false,
    }
}
