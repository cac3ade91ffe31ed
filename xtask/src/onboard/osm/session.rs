//! How an NBI is asked: with a token that holds, as often as may be, and what its answers are.

use std::sync::atomic::Ordering;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::super::transport::leads_to;
use super::client::Osm;
use super::error::OsmError;
use super::refusal::{OsmRefusal, said};
use crate::oci::{RemoteError, is_transient};
use crate::secret::Secret;

/// How often an NBI is asked whether that is so what it says, before it is not believed.
pub(super) const QUESTIONS: u32 = 3;
/// The form in which answers are wanted; YAML otherwise.
pub(super) const JSON: &str = "application/json";
/// No answer is larger: a list holds whole descriptors.
const LARGEST: usize = 64 << 20;

/// A whole answer.
pub(super) struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    /// Whether it was asked for before, and what came of that is not known.
    pub is_again: bool,
}

impl Answer {
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether it is a page for people.
    pub fn is_page(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"<")
    }
}

impl Osm<'_> {
    /// Asks what may be asked twice, until there is an answer that asking again would
    /// not change.
    pub(super) async fn question(
        &self,
        action: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Answer, OsmError> {
        let mut tries = 0;
        let times = QUESTIONS.min(self.transport.retries);
        loop {
            let result = async {
                let response = self.asked(action, &make).await?;
                self.answer(action, response).await
            };
            let again = match result.await {
                Ok(answer) if !is_transient(answer.status) => {
                    let is_again = tries > 0;
                    return Ok(Answer { is_again, ..answer });
                }
                // An NBI that fell over a question may stand at the next; what it means by
                // another code is its last word.
                Ok(answer) => match self.refused(action, &answer) {
                    error if error.is_transient() => error,
                    error if answer.status.as_u16() == 500 && tries < times => error,
                    _ => return Ok(answer),
                },
                Err(error) if error.is_transient() && self.is_in() => error,
                Err(error) => return Err(error),
            };
            if tries >= self.transport.retries {
                return Err(again);
            }
            self.transport.again(tries, &again).await;
            tries += 1;
        }
    }

    /// Asks what may not be asked twice, for a whole answer.
    pub(super) async fn once(
        &self,
        action: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Answer, OsmError> {
        let response = self.asked(action, make).await?;
        self.answer(action, response).await
    }

    /// Asks once, with a token that holds.
    pub(super) async fn asked(
        &self,
        action: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, OsmError> {
        let mut is_renewed = false;
        loop {
            let (token, is_new) = self.token().await?;
            let request = make(&self.transport.connection.client).bearer_auth(token.reveal());
            let response = self.transport.in_time(action, request.send()).await?;
            match self.let_in(action, response, is_renewed || is_new).await? {
                Some(response) => return Ok(response),
                None => is_renewed = true,
            }
        }
    }

    /// Lets an answer pass that is about what was asked. `None` where the token holds
    /// no more: it is forgotten then, and another one may do.
    pub(super) async fn let_in(
        &self,
        action: &str,
        response: Response,
        is_fresh: bool,
    ) -> Result<Option<Response>, OsmError> {
        let status = response.status();
        match status.as_u16() {
            401 if !is_fresh => {
                self.token.set(None);
                Ok(None)
            }
            401 | 403 | 407 => {
                let body = self.transport.body(action, response, LARGEST).await;
                Err(OsmError::Denied {
                    host: self.address.host(),
                    user: self.login.user.clone(),
                    action: action.to_owned(),
                    status,
                    detail: said(&body.unwrap_or_default(), &self.transport.secrets),
                })
            }
            300..=399 => {
                let there = leads_to(&self.address.below(""), &response);
                Err(match there {
                    Some(there) => OsmError::Moved {
                        host: self.address.host(),
                        there,
                    },
                    None => self.protocol(action, &format!("answers {status}")),
                })
            }
            _ => Ok(Some(response)),
        }
    }

    /// The whole of an answer.
    pub(super) async fn answer(
        &self,
        action: &str,
        response: Response,
    ) -> Result<Answer, OsmError> {
        let status = response.status();
        let body = self.transport.body(action, response, LARGEST).await?;
        let is_own = || OsmRefusal::of(status, &body, &self.transport.secrets).is_own;
        if matches!(status.as_u16(), 404 | 405 | 410) && !is_own() {
            if self.is_known.load(Ordering::Relaxed) {
                let reason = format!("answers {status}, and not as OSM does");
                return Err(self.protocol(action, &reason));
            }
            return Err(OsmError::NoOsm {
                address: self.address.to_string(),
                path: "vnfpkgm/v1".to_owned(),
                status,
            });
        }
        Ok(Answer {
            status,
            body,
            is_again: false,
        })
    }

    /// The token, and whether it was given for this.
    pub(super) async fn token(&self) -> Result<(Secret, bool), OsmError> {
        if let Some(token) = self.token.get() {
            return Ok((token, false));
        }
        let mut tries = 0;
        let token = loop {
            match self.new_token().await {
                Err(error) if error.is_transient() && tries < self.transport.retries => {
                    self.transport.again(tries, &error).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
                Ok(token) => break token,
            }
        };
        self.token.set(Some(token.clone()));
        Ok((token, true))
    }

    /// Whether there is a token. Where there is none after a question, it was the login that
    /// failed, as often as that is tried.
    pub(super) fn is_in(&self) -> bool {
        self.token.get().is_some()
    }

    /// Logs in (`POST /admin/v1/tokens`).
    async fn new_token(&self) -> Result<Secret, OsmError> {
        let action = format!("log in as `{}`", self.login.user);
        let url = self.address.below("admin/v1/tokens");
        let form = json!({
            "username": self.login.user,
            "password": self.login.password.reveal(),
            "project_id": self.login.project,
        });
        let request = self.transport.connection.client.post(url);
        let request = request
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .body(form.to_string());
        let response = self.transport.in_time(&action, request.send()).await?;
        let status = response.status();
        if status.is_redirection() {
            self.let_in(&action, response, true).await?;
            return Err(self.protocol(&action, &format!("answers {status}")));
        }
        let body = self.transport.body(&action, response, LARGEST).await?;
        let unfit = |what| OsmError::Unfit {
            host: self.address.host(),
            user: self.login.user.clone(),
            what,
        };
        match status.as_u16() {
            200 | 201 => {}
            404 | 405 | 410 => {
                return Err(OsmError::NoOsm {
                    address: self.address.to_string(),
                    path: "admin/v1/tokens".to_owned(),
                    status,
                });
            }
            _ if is_transient(status) => {
                return Err(RemoteError::Status {
                    host: self.address.host(),
                    action,
                    status,
                    detail: said(&body, &self.transport.secrets),
                    retry_after: None,
                }
                .into());
            }
            _ => {
                return Err(OsmError::Login {
                    host: self.address.host(),
                    user: self.login.user.clone(),
                    project: self.login.project.clone(),
                    status,
                    detail: said(&body, &self.transport.secrets),
                });
            }
        }
        let document: Value = serde_json::from_slice(&body).unwrap_or_default();
        if document["message"] == "change_password" {
            return Err(unfit("the password is changed, which has expired"));
        }
        if !document["otp"].is_null() || !document["email"].is_null() {
            return Err(unfit("a one-time password"));
        }
        let token = document["id"].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| self.protocol(&action, "gives no token; is it an NBI?"))?;
        // A line break would be the end of the header that it is sent in.
        if HeaderValue::from_str(token).is_err() {
            return Err(self.protocol(&action, "gives a token that no request can carry"));
        }
        self.transport.secrets.note(token);
        self.token.is_of(document["project_id"].as_str());
        Ok(Secret::new(token))
    }

    /// The names of the project that asks: its key, and what it is called. None before OSM has said
    /// the key.
    pub(super) fn projects(&self) -> Vec<String> {
        let key = self.token.project();
        let name = self.login.project.clone();
        key.map(|key| vec![key, name]).unwrap_or_default()
    }

    /// What an answer means that is none of success.
    pub(super) fn refused(&self, action: &str, answer: &Answer) -> OsmError {
        let refusal = OsmRefusal::of(answer.status, &answer.body, &self.transport.secrets);
        OsmError::Refused {
            action: action.to_owned(),
            refusal: Box::new(refusal),
        }
    }

    pub(super) fn protocol(&self, action: &str, reason: &str) -> OsmError {
        OsmError::Protocol {
            host: self.address.host(),
            action: action.to_owned(),
            reason: reason.to_owned(),
        }
    }
}
