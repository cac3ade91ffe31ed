//! Who asks the NBI, and the token that it gives for that.

use std::sync::{Mutex, PoisonError};

use crate::secret::Secret;

/// Who asks, in the words of OSM's client: `OSM_USER`, `OSM_PASSWORD` and
/// `OSM_PROJECT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// The project, by name or id.
    pub project: String,
}

/// The token of the moment. It ends after an hour, and nobody is told before.
#[derive(Default)]
pub(super) struct Token(Mutex<Option<Secret>>, Mutex<Option<String>>);

impl Token {
    /// The token, if there is one.
    pub fn get(&self) -> Option<Secret> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The key of the project that the last one was given for.
    pub fn project(&self) -> Option<String> {
        self.1
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keeps the key of its project.
    pub fn is_of(&self, project: Option<&str>) {
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = project.map(str::to_owned);
    }

    /// Keeps a new one, or none where the old one holds no more.
    pub fn set(&self, token: Option<Secret>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}
