//! One request and its answer: credentials, and another try where that may
//! help.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::auth::Scope;
use super::error::{
    CERTIFICATE, RemoteError, detail, has_code, is_error_document, is_transient, wants_certificate,
};
use super::{Remote, Target};

/// The first pause before another try; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(250);
/// No pause of our own is longer.
const LONGEST: Duration = Duration::from_secs(5);
/// Nobody waits longer for a registry that says how long it will take.
const PATIENCE: Duration = Duration::from_secs(60);
/// No error document is longer.
const DOCUMENT: usize = 64 << 10;

/// By which header Docker's registry and most others say what they are.
const INTERFACE: &str = "docker-distribution-api-version";
/// GitLab's and Gitea's pages for people lie elsewhere than their registries.
const OWN: &str = "; the registry of a site often has a host or port of its own";

/// A request in words, for messages, and what it needs.
pub(super) struct Call<'a> {
    pub target: &'a Target,
    pub scope: Scope,
    /// Fits behind "failed to": `read the tags of …`.
    pub action: String,
}

impl<'a> Call<'a> {
    pub fn new(target: &'a Target, scope: Scope, action: String) -> Self {
        Call {
            target,
            scope,
            action,
        }
    }

    /// Where an address is to which the registry has led, as it does for blobs that lie
    /// elsewhere: the host alone, because the rest may be a secret (a signed query).
    fn elsewhere(&self, url: &Url) -> Option<String> {
        if url.origin() == self.target.base.origin() {
            return None;
        }
        let host = url.host_str()?;
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Some(self.target.auth.secrets().blank(&host))
    }

    /// The same behind a semicolon, for what happened there; nothing at the registry.
    fn led(&self, url: &Url) -> String {
        let led = |host| format!("; that was at `{host}`, to which the registry leads");
        self.elsewhere(url).map_or_else(String::new, led)
    }

    /// Where an answer leads that is not followed, behind a semicolon: what is sent in a stream
    /// can't be sent twice, and there are schemes that lead to no server.
    fn leads(&self, response: &Response) -> String {
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        if !response.status().is_redirection() {
            return String::new();
        }
        let Some(url) = location.and_then(|location| response.url().join(location).ok()) else {
            return "; it leads nowhere".to_owned();
        };
        match (url.scheme(), self.elsewhere(&url)) {
            ("http" | "https", Some(host)) => {
                format!("; it leads to `{host}`, which is not followed")
            }
            ("http" | "https", None) => {
                "; it leads to another address of its own, which is not followed".to_owned()
            }
            (scheme, _) => {
                let scheme = self.target.auth.secrets().blank(scheme);
                format!("; it leads to an address with `{scheme}:`, which is not followed")
            }
        }
    }

    /// What was asked at the address in the error was not reached.
    fn unreachable(&self, error: &reqwest::Error) -> RemoteError {
        let secrets = self.target.auth.secrets();
        let host = &self.target.repository.host;
        let url = error.url().unwrap_or(&self.target.base);
        // The address of a proxy may hold a password, the name of its variable does not.
        let proxy = super::proxy::variable(url);
        let proxy = proxy.map(|name| format!("; `{name}` sends it through a proxy"));
        let words = self.led(url) + &proxy.unwrap_or_default();
        RemoteError::unreachable(host, &self.action, error, secrets).and(&words)
    }

    pub fn protocol(&self, reason: impl Into<String>) -> RemoteError {
        RemoteError::Protocol {
            host: self.target.host(),
            action: self.action.clone(),
            reason: reason.into(),
        }
    }
}

impl Remote {
    /// Sends what `make` makes, with credentials once the registry has asked
    /// for them, until there is an answer that another try would not change.
    ///
    /// `make` is called for each try, so that a body begins from its start. An
    /// answer is given back whatever its status, but for 401: that is an error.
    pub(super) async fn send(
        &self,
        call: &Call<'_>,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, RemoteError> {
        let mut pauses = Pauses::new(self.options.retries);
        loop {
            match self.once(call, &make).await {
                Ok(response) if is_transient(response.status()) => {
                    if !pauses.take(call, retry_after(&response)).await? {
                        return Ok(response);
                    }
                }
                Err(error) if error.is_transient() => {
                    if !pauses.take(call, error.retry_after()).await? {
                        return Err(error);
                    }
                }
                other => return other,
            }
        }
    }

    /// One try: a refusal is answered with credentials, twice at most, because
    /// a token may have run out.
    pub(super) async fn once(
        &self,
        call: &Call<'_>,
        make: &impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, RemoteError> {
        let auth = &call.target.auth;
        let mut refusals = 0;
        loop {
            let header = auth.header(self.client()?, &call.scope).await?;
            let is_known = header.is_some();
            let mut request = make(self.client()?);
            if let Some(header) = header {
                request = request.header(AUTHORIZATION, header);
            }
            let response = self.in_time(call, request).await?;
            // What another host wants to know is not for it to hear: credentials are taken
            // off on the way there.
            let is_refusal = response.status() == StatusCode::UNAUTHORIZED;
            let is_elsewhere = call.elsewhere(response.url()).is_some();
            if !is_elsewhere {
                auth.note_answer(response.status());
            }
            if !is_refusal || is_elsewhere {
                return Ok(response);
            }
            refusals += 1;
            let may_help = refusals == 1 || (refusals == 2 && !is_known);
            let is_told = may_help && auth.refused(response.headers(), &call.scope).await;
            if is_told {
                continue;
            }
            let host = call.target.host();
            let detail = detail(&self.document(call, response).await, auth.secrets());
            return Err(match may_help && !is_known {
                true => RemoteError::NoChallenge { host, detail },
                false => RemoteError::Unauthorized {
                    host,
                    origin: auth.origin(),
                    detail,
                },
            });
        }
    }

    /// Asks without credentials whether a registry answers at an address, and notes how it
    /// wants to be asked. A page for people, or one that a request is led to, is none. What
    /// another try may change is left to those that follow.
    pub(super) async fn probe(&self, call: &Call<'_>, url: &Url) -> Result<(), RemoteError> {
        let Ok(response) = self.in_time(call, self.client()?.get(url.clone())).await else {
            return Ok(());
        };
        if response.url() != url {
            let led = call.elsewhere(response.url());
            let led = led.map_or_else(|| "another address".to_owned(), |host| format!("`{host}`"));
            return Err(call.protocol(format!("leads to {led}, and is no registry")));
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            call.target
                .auth
                .refused(response.headers(), &call.scope)
                .await;
            return Ok(());
        }
        let status = response.status();
        self.is_registry(call, status)?;
        let header = |name: &str| response.headers().get(name).map(HeaderValue::as_bytes);
        let kind = header(CONTENT_TYPE.as_str()).unwrap_or_default();
        if status.is_success() && kind.starts_with(b"text/html") {
            return Err(call.protocol("answers with a page for people, and is no registry"));
        }
        // The specification asks for nothing but the status. Those that do not say the name
        // of the interface say nothing at all, or `{}`.
        if status.is_success() && header(INTERFACE).is_none() {
            let body = self.document(call, response).await;
            let body = body.trim_ascii();
            if !body.is_empty() && serde_json::from_slice::<Value>(body).is_err() {
                let reason = format!("answers at `/v2/` as no registry does, and is none{OWN}");
                return Err(call.protocol(reason));
            }
        }
        Ok(())
    }

    /// Fails where `/v2/` is answered as by somebody who knows no such place.
    pub(super) fn is_registry(
        &self,
        call: &Call<'_>,
        status: StatusCode,
    ) -> Result<(), RemoteError> {
        match status.as_u16() {
            404 | 405 | 410 | 501 => Err(call.protocol(format!(
                "answers {status} at `/v2/`, where every registry answers, and is none{OWN}"
            ))),
            _ => Ok(()),
        }
    }

    /// Lets an answer of one of these statuses pass; any other is an error.
    pub(super) async fn expect(
        &self,
        call: &Call<'_>,
        response: Response,
        statuses: &[u16],
    ) -> Result<Response, RemoteError> {
        let status = response.status();
        if statuses.contains(&status.as_u16()) {
            return Ok(response);
        }
        Err(self.failure(call, response).await)
    }

    /// The error that an answer is.
    pub(super) async fn failure(&self, call: &Call<'_>, response: Response) -> RemoteError {
        let status = response.status();
        let host = call.target.host();
        let retry_after = retry_after(&response);
        let is_elsewhere = call.elsewhere(response.url()).is_some();
        let led = call.led(response.url());
        let leads = call.leads(&response);
        let document = self.document(call, response).await;
        let mut detail = detail(&document, call.target.auth.secrets());
        detail.push_str(&led);
        detail.push_str(&leads);
        // What servers of TLS answer to those who come without.
        let is_bad = status == StatusCode::BAD_REQUEST
            && !is_elsewhere
            && !is_error_document(&document)
            && !call.target.auth.was_understood();
        let repository = &call.target.repository;
        if wants_certificate(status, &document) {
            detail.push_str("; ");
            detail.push_str(CERTIFICATE);
        } else if is_bad && self.is_guessed_plain(repository) {
            detail.push_str(
                "; a registry on this machine is asked without encryption: \
                 begin the reference with `https://` if it has some",
            );
        } else if is_bad && detail.is_empty() && self.is_plain(repository) {
            detail.push_str(
                "; it was asked without encryption, as `--plain-http` or `http://` says: \
                 leave that away if it has some",
            );
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            detail.push_str("; `--chunk-size` sends a blob in several requests");
        }
        let action = call.action.clone();
        match status {
            StatusCode::NOT_FOUND if call.scope.writes() && has_code(&document, "NAME_UNKNOWN") => {
                detail.push_str("; some registries want it to be made before anything is sent");
                RemoteError::NotFound {
                    what: format!("the repository `{repository}`"),
                    detail,
                }
            }
            StatusCode::NOT_FOUND if !call.scope.writes() => RemoteError::NotFound {
                what: format!("what was asked for to {action}"),
                detail,
            },
            StatusCode::UNAUTHORIZED if is_elsewhere => RemoteError::Denied {
                host,
                action,
                detail,
            },
            StatusCode::FORBIDDEN => RemoteError::Denied {
                host,
                action,
                detail,
            },
            status => RemoteError::Status {
                host,
                action,
                status,
                detail,
                retry_after,
            },
        }
    }

    /// Waits for an answer as long as the user is willing to. The client can't
    /// do that: it takes a body that is still being sent for silence.
    async fn in_time(
        &self,
        call: &Call<'_>,
        request: RequestBuilder,
    ) -> Result<Response, RemoteError> {
        let request = request.build().map_err(|error| call.unreachable(&error))?;
        let url = request.url().clone();
        let answer = self.client()?.execute(request);
        match tokio::time::timeout(self.options.timeout, answer).await {
            Ok(answer) => answer.map_err(|error| self.unreachable(call, error)),
            Err(_) => Err(self.late(call, &url)),
        }
    }

    /// A request that got no answer, from the registry or where it was led.
    pub(super) fn unreachable(&self, call: &Call<'_>, error: reqwest::Error) -> RemoteError {
        let end = error.url().and_then(|url| self.trail.end(url));
        match end {
            Some(end) => call.unreachable(&error.with_url(end)),
            None => call.unreachable(&error),
        }
    }

    /// Nothing happened with a request to that address for as long as the user is willing
    /// to wait.
    pub(super) fn late(&self, call: &Call<'_>, url: &Url) -> RemoteError {
        let led = call.led(&self.trail.end(url).unwrap_or_else(|| url.clone()));
        RemoteError::Unreachable {
            host: call.target.host(),
            action: call.action.clone(),
            source: format!("it did not answer in time{led}").into(),
        }
    }

    /// The next part of a body, waited for as long.
    pub(super) async fn chunk(
        &self,
        call: &Call<'_>,
        response: &mut Response,
    ) -> Result<Option<Bytes>, RemoteError> {
        match tokio::time::timeout(self.options.timeout, response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(call.unreachable(&error.with_url(response.url().clone()))),
            Err(_) => Err(self.late(call, response.url())),
        }
    }

    /// The body of an answer that is short, as far as it comes.
    async fn document(&self, call: &Call<'_>, mut response: Response) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(bytes)) = self.chunk(call, &mut response).await {
            body.extend_from_slice(&bytes);
            if body.len() > DOCUMENT {
                break;
            }
        }
        body
    }
}

/// How long a registry says that it wants nobody.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let text = |name| Some(response.headers().get(name)?.to_str().ok()?.trim());
    pause(text(RETRY_AFTER)?, text(DATE))
}

/// Seconds, or until a date (RFC 9110 §10.2.3). What time it is the registry says as well:
/// its clock is the one that the date is by. Without that, a date says nothing.
fn pause(said: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(said).ok()?;
    let now = httpdate::parse_http_date(date?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// Pauses between tries: longer and longer, or as long as the registry says.
pub(super) struct Pauses {
    retries: u32,
    left: u32,
    next: Duration,
    /// How far a blob has come in any try.
    reached: u64,
}

/// A try that gets a blob so much further was worth it, as in skopeo
/// (`bodyReaderMinimumProgress`).
const PROGRESS: u64 = 1 << 20;

impl Pauses {
    pub fn new(retries: u32) -> Self {
        Pauses {
            retries,
            left: retries,
            next: PAUSE,
            reached: 0,
        }
    }

    /// Notes how far a blob has come. Where that is well ahead of any try before, there
    /// are as many tries as in the beginning: a large blob may meet more interruptions
    /// than anybody has patience for where nothing comes of it.
    pub fn reach(&mut self, done: u64) {
        if done >= self.reached.saturating_add(PROGRESS) {
            self.reached = done;
            self.left = self.retries;
            self.next = PAUSE;
        }
    }

    /// Waits, if there is another try left. Fails where the registry asks for
    /// more patience than there is.
    pub async fn take(
        &mut self,
        call: &Call<'_>,
        said: Option<Duration>,
    ) -> Result<bool, RemoteError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(false);
        };
        self.left = left;
        if let Some(said) = said.filter(|said| *said > PATIENCE) {
            return Err(RemoteError::Throttled {
                host: call.target.host(),
                seconds: said.as_secs(),
            });
        }
        tokio::time::sleep(said.unwrap_or(self.next)).await;
        self.next = (self.next * 2).min(LONGEST);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let later = "Sun, 06 Nov 1994 08:49:43 GMT";
        let seconds = |said: &str, date| pause(said, date).map(|pause| pause.as_secs());
        assert_eq!(seconds("6", None), Some(6));
        assert_eq!(seconds(later, Some(date)), Some(6));
        assert_eq!(seconds(later, None), None);
        // The clock of the registry counts, whatever ours says.
        assert_eq!(seconds(date, Some(later)), Some(0));
        assert_eq!(seconds("soon", Some(date)), None);
    }
}
