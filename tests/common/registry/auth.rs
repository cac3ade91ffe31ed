//! Who is let in: everybody, one user with a password, or whoever has a token
//! (distribution's "Token Authentication Specification").

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::json;

use super::http::{Answer, Head, parameters};

pub const USER: &str = "alice";
pub const PASSWORD: &str = "wheelbarrow-7";
/// Both, as `Authorization: Basic` has them.
pub const BASIC: &str = "YWxpY2U6d2hlZWxiYXJyb3ctNw==";
/// What the user may exchange for tokens in place of the password.
pub const IDENTITY: &str = "identity-of-alice";

/// How clients say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Nobody asks.
    None,
    /// With every request.
    Basic,
    /// To the token service at `/token`, whose tokens are good for so many
    /// requests.
    Bearer { uses: usize },
    /// To a token service elsewhere.
    Realm(String),
}

/// The tokens that were given out: what for, and for how many more requests.
#[derive(Default)]
pub struct Tokens(Mutex<BTreeMap<String, (Vec<String>, usize)>>);

impl Auth {
    /// The refusal of a request that needs `scope`, unless it is let in.
    pub fn refusal(&self, tokens: &Tokens, head: &Head, scope: Option<&str>) -> Option<Answer> {
        let authorization = head.header("authorization").unwrap_or_default();
        let (realm, error) = match self {
            Auth::None => return None,
            Auth::Basic => {
                let is_user = authorization == format!("Basic {BASIC}");
                let refusal = unauthorized("Basic realm=\"double\"");
                return (!is_user).then_some(refusal);
            }
            Auth::Realm(url) => (url.clone(), ""),
            Auth::Bearer { .. } => {
                let mut tokens = tokens.0.lock().expect("lock");
                let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
                let error = match tokens.get_mut(token) {
                    Some((_, 0)) | None => "invalid_token",
                    Some((scopes, uses)) => {
                        if scope.is_none_or(|scope| covers(scopes, scope)) {
                            *uses -= 1;
                            return None;
                        }
                        "insufficient_scope"
                    }
                };
                let host = head.header("host").unwrap_or_default();
                (format!("http://{host}/token"), error)
            }
        };
        let mut challenge = format!("Bearer realm=\"{realm}\",service=\"double\"");
        if let Some(scope) = scope {
            challenge.push_str(&format!(",scope=\"{scope}\""));
        }
        if !error.is_empty() && !authorization.is_empty() {
            challenge.push_str(&format!(",error=\"{error}\""));
        }
        Some(unauthorized(&challenge))
    }

    /// The token service: `GET` with a password, `POST` with an identity token.
    pub fn token(&self, tokens: &Tokens, head: &Head, form: &str) -> Answer {
        let Auth::Bearer { uses } = self else {
            return Answer::error(404, "UNSUPPORTED");
        };
        let form = parameters(form);
        let is_user = match head.method.as_str() {
            "POST" => form.contains(&("refresh_token".to_owned(), IDENTITY.to_owned())),
            _ => head.header("authorization") == Some(&format!("Basic {BASIC}")),
        };
        if !is_user {
            return unauthorized("Basic realm=\"tokens\"");
        }
        let asked = form.iter().chain(&head.query);
        let scopes = asked.filter(|(name, _)| name == "scope");
        let scopes = scopes.flat_map(|(_, value)| value.split(' '));
        let scopes: Vec<String> = scopes.map(str::to_owned).collect();
        let mut tokens = tokens.0.lock().expect("lock");
        let token = format!("token-of-alice-{}", tokens.len());
        tokens.insert(token.clone(), (scopes, *uses));
        Answer::json(&json!({ "token": token, "access_token": token, "expires_in": 300 }))
    }
}

/// Whether `repository:edge/a:pull,push` is among what a token is for.
fn covers(scopes: &[String], needed: &str) -> bool {
    let Some((thing, actions)) = needed.rsplit_once(':') else {
        return false;
    };
    let has = |action: &str| {
        scopes.iter().any(|scope| {
            let parts = scope.rsplit_once(':');
            parts.is_some_and(|(own, given)| own == thing && given.split(',').any(|a| a == action))
        })
    };
    actions.split(',').all(has)
}

fn unauthorized(challenge: &str) -> Answer {
    Answer::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge)
}
