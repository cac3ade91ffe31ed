//! What the clients of Stores and of OSM have in common: they wait as long as
//! something moves, pause longer each time, and say no address in an error.

use std::error::Error;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, Url};

use super::body::Progress;
use crate::oci::{Connection, RemoteError, RemoteOptions, Secrets};

/// The first pause before a question is asked again; each is twice the last.
const PAUSE: Duration = Duration::from_millis(250);
/// No pause is longer.
const LONGEST: Duration = Duration::from_secs(5);
/// How often somebody is told how far an upload is.
const TICK: Duration = Duration::from_millis(100);

/// What is told while something goes on: of what is tried again, and of what stays.
pub type Notice<'a> = &'a (dyn Fn(&str) + Sync);

/// A way to talk to one server.
pub(super) struct Transport<'a> {
    /// Host and port, for messages.
    pub host: String,
    pub connection: Connection,
    /// What no message may show: the password of a proxy, and whatever else is
    /// sent.
    pub secrets: Secrets,
    /// How long nothing may happen.
    pub timeout: Duration,
    /// How often to try again.
    pub retries: u32,
    notice: Notice<'a>,
    has_told: AtomicBool,
}

/// Why there is no answer to an upload.
pub(super) enum Failure {
    /// Nothing has gone.
    Unconnected(RemoteError),
    /// Something, or all of it.
    Broken(RemoteError),
}

impl<'a> Transport<'a> {
    /// The way to a host, which is not asked yet. Redirections are not followed:
    /// an upload would become a question.
    ///
    /// # Errors
    ///
    /// A certificate or a proxy is no good.
    pub fn open(
        host: String,
        options: &RemoteOptions,
        notice: Notice<'a>,
    ) -> Result<Self, RemoteError> {
        let secrets = Secrets::default();
        let connection = Connection::new(options, Policy::none(), &secrets)?;
        Ok(Transport {
            host,
            connection,
            secrets,
            timeout: options.timeout,
            retries: options.retries,
            notice,
            has_told: AtomicBool::new(false),
        })
    }

    /// Waits for an answer as long as bytes go, and then as long as the user is
    /// willing to.
    pub async fn watched(
        &self,
        action: &str,
        request: RequestBuilder,
        progress: &Progress,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<Response, Failure> {
        let mut answer = std::pin::pin!(request.send());
        let mut told = 0;
        let mut silence = Duration::ZERO;
        loop {
            let answer = tokio::time::timeout(TICK, &mut answer).await;
            let sent = progress.sent.load(Ordering::Relaxed);
            on_bytes(sent - told);
            match answer {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => {
                    let is_connect = error.is_connect();
                    let error = self.unreachable(action, &error);
                    return Err(match is_connect {
                        true => Failure::Unconnected(error),
                        false => Failure::Broken(error),
                    });
                }
                Err(_) => silence = if sent == told { silence + TICK } else { TICK },
            }
            told = sent;
            if silence > self.timeout {
                return Err(Failure::Broken(self.late(action)));
            }
        }
    }

    /// The body of an answer that is not longer than that.
    pub async fn body(
        &self,
        action: &str,
        mut response: Response,
        longest: usize,
    ) -> Result<Vec<u8>, RemoteError> {
        let mut body = Vec::new();
        while let Some(bytes) = self.in_time(action, response.chunk()).await? {
            body.extend_from_slice(&bytes);
            if body.len() > longest {
                return Err(RemoteError::Protocol {
                    host: self.host.clone(),
                    action: action.to_owned(),
                    reason: "answers without an end".to_owned(),
                });
            }
        }
        Ok(body)
    }

    /// Waits for something as long as the user is willing to.
    pub async fn in_time<T>(
        &self,
        action: &str,
        future: impl Future<Output = reqwest::Result<T>>,
    ) -> Result<T, RemoteError> {
        match tokio::time::timeout(self.timeout, future).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.unreachable(action, &error)),
            Err(_) => Err(self.late(action)),
        }
    }

    /// Waits before the next try.
    pub async fn pause(&self, tries: u32) {
        let pause = PAUSE.saturating_mul(1 << tries.min(10));
        tokio::time::sleep(pause.min(LONGEST)).await;
    }

    /// Waits before what has failed so is tried again. That is told once: the pauses together are
    /// longer than anybody looks at nothing.
    pub async fn again(&self, tries: u32, error: &dyn Error) {
        if !self.has_told.swap(true, Ordering::Relaxed) {
            let mut text = error.to_string();
            let mut last = text.clone();
            let mut cause = error.source();
            while let Some(next) = cause {
                let words = next.to_string();
                if words != last {
                    text.push_str(&format!(": {words}"));
                }
                last = words;
                cause = next.source();
            }
            let most = match self.retries {
                1 => "once".to_owned(),
                most => format!("{most} times at most"),
            };
            (self.notice)(&format!("{text}; trying again, {most} (`--retries`)"));
        }
        self.pause(tries).await;
    }

    /// Tells what nobody would learn otherwise.
    pub fn tell(&self, text: &str) {
        (self.notice)(text);
    }

    fn unreachable(&self, action: &str, error: &reqwest::Error) -> RemoteError {
        RemoteError::unreachable(&self.host, action, error, &self.secrets)
    }

    fn late(&self, action: &str) -> RemoteError {
        RemoteError::Unreachable {
            host: self.host.clone(),
            action: action.to_owned(),
            source: "it did not answer in time".into(),
        }
    }
}

/// Where an answer leads that was asked for below an address: the address that is there in its
/// place. `None` where it does not say so. What may hold a secret is left out.
pub(super) fn leads_to(own: &Url, response: &Response) -> Option<String> {
    let header = response.headers().get(LOCATION)?;
    let there = response.url().join(header.to_str().ok()?).ok()?;
    led_to(own, response.url(), &there)
}

fn led_to(own: &Url, asked: &Url, there: &Url) -> Option<String> {
    let host = there.host_str()?;
    let port = there.port().map(|port| format!(":{port}"));
    let below = asked.path().strip_prefix(own.path().trim_end_matches('/'));
    let path = below.and_then(|below| there.path().strip_suffix(below));
    let path = path.unwrap_or(there.path()).trim_end_matches('/');
    let (scheme, port) = (there.scheme(), port.unwrap_or_default());
    Some(format!("{scheme}://{host}{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_leads_is_an_address() {
        let url = |text: &str| Url::parse(text).expect("an address");
        let own = url("http://nbi.example.org:9999/osm/");
        let asked = url("http://nbi.example.org:9999/osm/vnfpkgm/v1/vnf_packages?id=a");
        for (there, told) in [
            (
                "https://me:s3cret@nbi.example.org:9443/osm2/vnfpkgm/v1/vnf_packages?t=s3cret",
                "https://nbi.example.org:9443/osm2",
            ),
            (
                "http://127.0.0.1:18801/osm2/",
                "http://127.0.0.1:18801/osm2",
            ),
            ("https://login.example.org/", "https://login.example.org"),
        ] {
            assert_eq!(led_to(&own, &asked, &url(there)).as_deref(), Some(told));
        }
    }
}
