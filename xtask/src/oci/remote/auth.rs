//! What a registry wants to see before it answers: nothing, user and password,
//! or a token from the service that it names (distribution's "Token
//! Authentication Specification").

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::super::credentials::{Credential, Origin, Secret};
use super::connection::Trail;
use super::discreet::Secrets;
use super::error::{RemoteError, detail};
use super::send::retry_after;
use crate::digest::to_base64;
use crate::oci::is_loopback;

/// No answer of a token service is larger, and its tokens are of a few KiB.
const LARGEST: usize = 1 << 20;

/// What is asked for at the token service: `repository:edge/router:pull,push`.
/// Several are given to one token where a blob is mounted from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope(Vec<String>);

impl Scope {
    /// To read a repository.
    pub fn pull(path: &str) -> Self {
        Scope(vec![format!("repository:{path}:pull")])
    }

    /// To write to a repository.
    pub fn push(path: &str) -> Self {
        Scope(vec![format!("repository:{path}:pull,push")])
    }

    /// To write to a repository what another one has.
    pub fn mount(path: &str, from: &str) -> Self {
        let mut scope = Self::push(path);
        scope.0.push(format!("repository:{from}:pull"));
        scope
    }

    /// To delete from a repository.
    pub fn delete(path: &str) -> Self {
        Scope(vec![format!("repository:{path}:delete,pull,push")])
    }

    /// To see which repositories there are.
    pub fn catalog() -> Self {
        Scope(vec!["registry:catalog:*".to_owned()])
    }

    /// Whether something is to be written.
    pub fn writes(&self) -> bool {
        self.0.iter().any(|scope| scope.ends_with("push"))
    }

    /// To log in, which asks for nothing in particular.
    pub fn none() -> Self {
        Scope(Vec::new())
    }
}

/// How a registry lets people in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer {
        realm: Url,
        service: Option<String>,
        /// What the registry itself says is needed.
        scope: Option<String>,
    },
}

struct Token {
    text: Secret,
    until: Instant,
}

/// What is known of one registry for one credential.
pub(super) struct Auth {
    host: String,
    /// Its address: `http://…` where it is talked to without encryption.
    base: Url,
    /// How long to wait for a token.
    timeout: Duration,
    credential: Credential,
    /// Where that was found.
    origin: Option<Origin>,
    /// What no message may show.
    secrets: Arc<Secrets>,
    /// Where requests are led.
    trail: Arc<Trail>,
    /// Whether there was an answer from which one sees that it is talked to as it wants to be.
    was_understood: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    challenge: Option<Challenge>,
    tokens: BTreeMap<Scope, Token>,
}

impl Auth {
    pub fn new(
        host: &str,
        base: &Url,
        timeout: Duration,
        (credential, origin): super::Shown,
        secrets: Arc<Secrets>,
        trail: Arc<Trail>,
    ) -> Self {
        secrets.note_credential(&credential);
        Auth {
            host: host.to_owned(),
            base: base.clone(),
            timeout,
            credential,
            origin,
            secrets,
            trail,
            was_understood: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Notes what the registry answered to a request. Servers of TLS answer those who come
    /// without with one status only.
    pub fn note_answer(&self, status: StatusCode) {
        if status != StatusCode::BAD_REQUEST {
            self.was_understood.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the registry understands how it is talked to, with or without encryption.
    pub fn was_understood(&self) -> bool {
        self.was_understood.load(Ordering::Relaxed)
    }

    fn has_credentials(&self) -> bool {
        self.credential != Credential::Anonymous
    }

    /// Where the credential was found, if there is one.
    pub fn origin(&self) -> Option<Origin> {
        self.origin.clone()
    }

    /// The header for a request, as far as the registry is known to want one.
    pub async fn header(
        &self,
        client: &Client,
        scope: &Scope,
    ) -> Result<Option<HeaderValue>, RemoteError> {
        let mut state = self.state.lock().await;
        match &state.challenge {
            None => Ok(match &self.credential {
                // A token that is sent as it is needs no invitation.
                Credential::Bearer(token) => Some(bearer(token)?),
                _ => None,
            }),
            Some(Challenge::Basic) => basic(&self.credential),
            Some(Challenge::Bearer { .. }) if matches!(self.credential, Credential::Bearer(_)) => {
                match &self.credential {
                    Credential::Bearer(token) => Ok(Some(bearer(token)?)),
                    _ => Ok(None),
                }
            }
            Some(Challenge::Bearer {
                realm,
                service,
                scope: own,
            }) => {
                if let Some(token) = state.tokens.get(scope)
                    && token.until > Instant::now()
                {
                    return Ok(Some(bearer(&token.text)?));
                }
                let own = own.clone().filter(|_| scope.0.is_empty());
                let scopes = scope.0.iter().chain(&own);
                let token = self
                    .fetch(client, realm.clone(), service.as_deref(), scopes)
                    .await?;
                let header = bearer(&token.text)?;
                state.tokens.insert(scope.clone(), token);
                Ok(Some(header))
            }
        }
    }

    /// Whether the registry wanted to know who asks.
    pub async fn was_asked(&self) -> bool {
        self.state.lock().await.challenge.is_some()
    }

    /// The header for a registry that asked for none.
    pub fn unasked(&self) -> Result<Option<HeaderValue>, RemoteError> {
        basic(&self.credential)
    }

    /// Learns from a refusal how the registry wants to be asked, and forgets
    /// the token that it did not like. `false` where it names no way that is
    /// known here.
    pub async fn refused(&self, headers: &HeaderMap, scope: &Scope) -> bool {
        let Some(challenge) = self.challenge(headers) else {
            return false;
        };
        let mut state = self.state.lock().await;
        state.tokens.remove(scope);
        state.challenge = Some(challenge);
        true
    }

    /// The strongest way that a refusal offers.
    fn challenge(&self, headers: &HeaderMap) -> Option<Challenge> {
        let mut found = None;
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let text = value.to_str().unwrap_or_default();
            let Ok(challenges) = http_auth::parse_challenges(text) else {
                continue;
            };
            for challenge in challenges {
                let parameter = |name: &str| {
                    let mut params = challenge.params.iter();
                    let (_, value) = params.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
                    Some(value.to_unescaped())
                };
                if challenge.scheme.eq_ignore_ascii_case("bearer") {
                    let realm = parameter("realm").and_then(|realm| Url::parse(&realm).ok());
                    let is_service = |realm: &Url| matches!(realm.scheme(), "http" | "https");
                    let realm = realm.filter(is_service);
                    return realm.map(|realm| Challenge::Bearer {
                        realm,
                        service: parameter("service"),
                        scope: parameter("scope"),
                    });
                }
                if challenge.scheme.eq_ignore_ascii_case("basic") {
                    found = Some(Challenge::Basic);
                }
            }
        }
        found
    }

    /// Whether credentials may go to a token service: with encryption, or without where
    /// the registry has none either, and nobody hears them who does not hear what goes to
    /// the registry: on this machine, and at the registry's own host.
    fn may_see_credentials(&self, realm: &Url) -> bool {
        let host = realm.host_str().unwrap_or_default();
        realm.scheme() == "https"
            || self.base.scheme() == "http"
                && (is_loopback(host) || Some(host) == self.base.host_str())
    }

    /// Gets a token. Credentials go to the service that the registry names, where
    /// they may.
    async fn fetch(
        &self,
        client: &Client,
        mut realm: Url,
        service: Option<&str>,
        scopes: impl Iterator<Item = &String>,
    ) -> Result<Token, RemoteError> {
        if self.has_credentials() && !self.may_see_credentials(&realm) {
            let service = self.secrets.blank(realm.host_str().unwrap_or_default());
            return Err(self.protocol(format!(
                "names a token service without encryption at `{service}`, which gets no credentials"
            )));
        }
        let scopes: Vec<&str> = scopes.map(String::as_str).collect();
        let named = self.named(&realm);
        let request = match &self.credential {
            Credential::IdentityToken(token) => {
                let mut form = vec![
                    ("grant_type", "refresh_token"),
                    ("refresh_token", token.reveal()),
                    ("client_id", "cargo-nfv"),
                ];
                form.extend(service.map(|service| ("service", service)));
                let all = scopes.join(" ");
                form.push(("scope", &all));
                // Of a request that is led elsewhere the body goes along.
                self.trail.hold(&realm);
                client.post(realm).form(&form)
            }
            credential => {
                {
                    let mut query = realm.query_pairs_mut();
                    if let Some(service) = service {
                        query.append_pair("service", service);
                    }
                    for scope in scopes {
                        query.append_pair("scope", scope);
                    }
                }
                let request = client.get(realm);
                match basic(credential)? {
                    Some(header) => request.header(AUTHORIZATION, header),
                    None => request,
                }
            }
        };
        let unreachable = |error: reqwest::Error| {
            RemoteError::unreachable(&self.host, "get a token", &error, &self.secrets).and(&named)
        };
        let request = request.timeout(self.timeout);
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST {
                let reason = format!(
                    "names a token service that answers with more than {LARGEST} bytes{named}"
                );
                return Err(self.protocol(reason));
            }
            body.extend_from_slice(&chunk);
        }
        match status {
            status if status.is_success() => self.token(&body, &named),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => {
                Err(RemoteError::Unauthorized {
                    host: self.host.clone(),
                    origin: self.origin(),
                    detail: detail(&body, &self.secrets) + &named,
                })
            }
            status => Err(RemoteError::Status {
                host: self.host.clone(),
                action: "get a token".to_owned(),
                status,
                detail: detail(&body, &self.secrets) + &named,
                retry_after,
            }),
        }
    }

    /// Where a token service is that the registry names, behind a semicolon; nothing where that
    /// is the registry itself.
    fn named(&self, realm: &Url) -> String {
        if realm.origin() == self.base.origin() {
            return String::new();
        }
        let Some(host) = realm.host_str() else {
            return String::new();
        };
        let host = match realm.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let host = self.secrets.blank(&host);
        format!("; that was at `{host}`, the token service that the registry names")
    }

    fn token(&self, body: &[u8], named: &str) -> Result<Token, RemoteError> {
        /// What the token service answers; either name is in use.
        #[derive(Deserialize)]
        struct Answer {
            token: Option<String>,
            access_token: Option<String>,
            refresh_token: Option<String>,
            #[serde(default)]
            expires_in: serde_json::Value,
        }
        /// What holds where nothing is said.
        const SECONDS: u64 = 60;
        let answer: Option<Answer> = serde_json::from_slice(body).ok();
        let text = answer.as_ref().and_then(|answer| {
            let text = answer.token.as_ref().or(answer.access_token.as_ref());
            text.filter(|text| !text.is_empty()).cloned()
        });
        let Some(text) = text else {
            let reason = format!("names a token service that gives no token{named}");
            return Err(self.protocol(reason));
        };
        self.secrets.note(&text);
        if let Some(other) = answer.as_ref().and_then(|a| a.refresh_token.as_ref()) {
            self.secrets.note(other);
        }
        let seconds = answer.and_then(|answer| lifetime(&answer.expires_in));
        let seconds = seconds.unwrap_or(SECONDS).min(3600);
        // A request must have time to arrive.
        let seconds = seconds.saturating_sub(seconds / 10 + 1);
        Ok(Token {
            text: Secret::new(text),
            until: Instant::now() + Duration::from_secs(seconds),
        })
    }

    fn protocol(&self, reason: String) -> RemoteError {
        RemoteError::Protocol {
            host: self.host.clone(),
            action: "get a token".to_owned(),
            reason,
        }
    }
}

/// The seconds for which a token holds, as services write them; `None` where they say
/// nothing of use.
fn lifetime(value: &serde_json::Value) -> Option<u64> {
    let seconds = match value {
        serde_json::Value::String(text) => text.trim().parse().ok()?,
        value => value.as_f64()?,
    };
    // What is too large becomes the largest.
    (seconds > 0.0).then_some(seconds as u64)
}

fn bearer(token: &Secret) -> Result<HeaderValue, RemoteError> {
    secret_header(&format!("Bearer {}", token.reveal()))
}

fn basic(credential: &Credential) -> Result<Option<HeaderValue>, RemoteError> {
    match credential {
        Credential::Basic { username, password } => {
            let pair = format!("{username}:{}", password.reveal());
            secret_header(&format!("Basic {}", to_base64(pair.as_bytes()))).map(Some)
        }
        Credential::Bearer(token) => bearer(token).map(Some),
        Credential::Anonymous | Credential::IdentityToken(_) => Ok(None),
    }
}

fn secret_header(text: &str) -> Result<HeaderValue, RemoteError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| RemoteError::Setup {
        // The reason would show it.
        what: "the credentials hold characters that can't be sent".to_owned(),
        source: None,
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_token_services_see_credentials() {
        for (registry, realm, expected) in [
            ("https://r.io", "https://auth.io/token", true),
            ("https://r.io", "http://r.io/token", false),
            ("https://r.io", "http://127.0.0.1/token", false),
            ("http://r.lan:5000", "https://auth.io/token", true),
            ("http://r.lan:5000", "http://r.lan:5001/token", true),
            ("http://r.lan:5000", "http://R.lan/token", true),
            ("http://r.lan:5000", "http://auth.lan/token", false),
            ("http://r.lan:5000", "http://localhost:5001/token", true),
            ("http://localhost:5000", "http://127.0.0.1:5001/token", true),
            ("http://[::1]:5000", "http://[::1]:5001/token", true),
            (
                "http://localhost:5000",
                "http://192.0.2.1:5001/token",
                false,
            ),
            (
                "http://localhost:5000",
                "http://localhost.evil.io/token",
                false,
            ),
            ("http://localhost:5000", "ftp://auth.io/token", false),
        ] {
            let url = |text: &str| Url::parse(text).expect(text);
            let shown = (Credential::Anonymous, None);
            let (base, wait) = (url(registry), Duration::ZERO);
            let auth = Auth::new("r", &base, wait, shown, Arc::default(), Arc::default());
            let found = auth.may_see_credentials(&url(realm));
            assert_eq!(found, expected, "{registry} {realm}");
        }
    }
}
