//! The proxies between this machine and registries.

use reqwest::{NoProxy, Proxy, Url};

use super::discreet::{Secrets, decoded};
use super::error::RemoteError;
use crate::oci::is_loopback;

/// What a proxy may speak; others `reqwest` passes over without a word.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];
/// What `reqwest` would try as well. They know no IPv6 and no passwords, and nobody has
/// shown that they work.
const OLD: [&str; 2] = ["socks4", "socks4a"];

/// The proxies that the environment names. `reqwest` would find them by itself,
/// and would show them what goes to this machine, where nothing is encrypted and
/// no proxy leads: that is kept from them, as Go's clients do.
pub(super) fn proxies(secrets: &Secrets) -> Result<Vec<Proxy>, RemoteError> {
    const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.0/8", "::1"];
    type Make = fn(String) -> reqwest::Result<Proxy>;
    let all: [(&str, &str, Make); 3] = [
        ("HTTP_PROXY", "http_proxy", Proxy::http),
        ("HTTPS_PROXY", "https_proxy", Proxy::https),
        ("ALL_PROXY", "all_proxy", Proxy::all),
    ];
    let except = exceptions();
    let except = except.split(',').map(str::trim).filter(|e| !e.is_empty());
    let except: Vec<&str> = except.chain(LOOPBACK).collect();
    let except = NoProxy::from_string(&except.join(","));
    // In a CGI program a header of the request would become that variable.
    let is_cgi = std::env::var_os("REQUEST_METHOD").is_some();
    all.into_iter()
        .filter(|(upper, ..)| !(is_cgi && *upper == "HTTP_PROXY"))
        .filter_map(|(upper, lower, make)| {
            let url = var(upper, lower)?;
            if let Ok(url) = Url::parse(&url) {
                // The proxy's user and password, which stand there encoded.
                let password = url.password().unwrap_or_default();
                secrets.note_pair(url.username(), password);
                secrets.note_pair(&decoded(url.username()), &decoded(password));
            }
            // Going without would be going where nothing is to go. The address
            // is not shown: it may hold a password.
            let scheme = url.split_once("://").map(|(scheme, _)| scheme);
            let scheme = scheme.map(str::to_ascii_lowercase);
            let is_one = |known: &[&str]| scheme.as_deref().is_some_and(|s| known.contains(&s));
            let fits = scheme.is_none() || is_one(&SCHEMES);
            let made = Some(url).filter(|_| fits).and_then(|url| make(url).ok());
            let made = made.ok_or_else(|| RemoteError::Setup {
                what: match &scheme {
                    Some(scheme) if is_one(&OLD) => format!(
                        "`{upper}` in the environment names a proxy that speaks `{scheme}`, \
                         which is not supported; name one by `http://`, `https://`, \
                         `socks5://` or `socks5h://`"
                    ),
                    _ => format!("`{upper}` in the environment is no address of a proxy"),
                },
                source: None,
            });
            Some(made.map(|proxy| proxy.no_proxy(except.clone())))
        })
        .collect()
}

/// A variable of the environment, by either of its names.
fn var(upper: &str, lower: &str) -> Option<String> {
    let value = std::env::var(upper).or_else(|_| std::env::var(lower));
    value.ok().filter(|value| !value.is_empty())
}

fn exceptions() -> String {
    var("NO_PROXY", "no_proxy").unwrap_or_default()
}

/// The variable that sends what is for an address through a proxy, as far as can
/// be told without asking who has which address.
pub(super) fn variable(url: &Url) -> Option<&'static str> {
    let host = url.host_str()?;
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let except = exceptions();
    let mut except = except.split(',').map(|e| e.trim().trim_start_matches('.'));
    let is_excepted = except.any(|e| {
        let rest = name.strip_suffix(e).filter(|_| !e.is_empty());
        e == "*" || rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if is_loopback(host) || is_excepted {
        return None;
    }
    let own = match url.scheme() {
        "https" => ("HTTPS_PROXY", "https_proxy"),
        _ => ("HTTP_PROXY", "http_proxy"),
    };
    [own, ("ALL_PROXY", "all_proxy")]
        .into_iter()
        .find_map(|(upper, lower)| var(upper, lower).map(|_| upper))
}
