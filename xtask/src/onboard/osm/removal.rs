//! What is removed at an NBI, and whether it is gone.

use reqwest::header::ACCEPT;
use reqwest::{Client, RequestBuilder, StatusCode};

use super::client::Osm;
use super::error::OsmError;
use super::session::{Answer, JSON, QUESTIONS};
use super::shelf::OsmShelf;

impl Osm<'_> {
    /// Removes what has that key, and is called so in messages. Whether it was there.
    ///
    /// # Errors
    ///
    /// It is not reached, refuses because it is in use, or only says that it is gone.
    pub fn delete(&self, shelf: OsmShelf, key: &str, name: &str) -> Result<bool, OsmError> {
        self.wait(self.deleted(shelf, key, name))
    }

    pub(super) async fn deleted(
        &self,
        shelf: OsmShelf,
        key: &str,
        name: &str,
    ) -> Result<bool, OsmError> {
        let action = format!("remove the {} `{name}`", shelf.noun());
        let url = self.resource(shelf, key);
        let delete = |client: &Client| client.delete(url.clone()).header(ACCEPT, JSON);
        let is_there = || async { Ok(self.record(shelf, key, name).await?.is_some()) };
        self.removed(&action, delete, is_there).await
    }

    /// Removes something, `is_there` being the look at it. What is still there after an answer
    /// of success is removed once more, because what it needs can't go before it. Whether it was
    /// there.
    ///
    /// # Errors
    ///
    /// As [`Osm::delete`] has them.
    pub(super) async fn removed<F: Future<Output = Result<bool, OsmError>>>(
        &self,
        action: &str,
        delete: impl Fn(&Client) -> RequestBuilder,
        is_there: impl Fn() -> F,
    ) -> Result<bool, OsmError> {
        let mut is_second = self.transport.retries == 0;
        let mut was_there = false;
        loop {
            let answer = self.question(action, &delete).await?;
            match answer.status {
                status if status.is_success() => {
                    if self.is_gone(action, &answer, &is_there).await? {
                        return Ok(true);
                    }
                    if is_second {
                        let reason = format!("answers {status}, and it is still there");
                        return Err(self.protocol(action, &reason));
                    }
                    (is_second, was_there) = (true, true);
                }
                // The first time it was there.
                StatusCode::NOT_FOUND => return Ok(answer.is_again || was_there),
                _ => return Err(self.refused(action, &answer)),
            }
        }
    }

    /// Looks whether an answer of success to a removal is true, `is_there` being the look. An
    /// operation that has only begun (202) is looked at as often as everything is tried.
    ///
    /// # Errors
    ///
    /// The answer is none of OSM's, and nobody can look.
    async fn is_gone<F: Future<Output = Result<bool, OsmError>>>(
        &self,
        action: &str,
        answer: &Answer,
        is_there: impl Fn() -> F,
    ) -> Result<bool, OsmError> {
        let status = answer.status;
        let mut tries = 0;
        loop {
            match is_there().await {
                Ok(false) => return Ok(true),
                Ok(true) => {}
                // What OSM itself has said holds where somebody between keeps the rest from us.
                Err(_) if is_of_removal(answer) => return Ok(true),
                Err(error) if error.is_of_another() => {
                    let reason = format!(
                        "answers {status}, and not as OSM does; nobody can tell whether it is gone"
                    );
                    return Err(self.protocol(action, &reason));
                }
                Err(error) => return Err(error),
            }
            let times = match status {
                StatusCode::ACCEPTED => self.transport.retries,
                _ => QUESTIONS.min(self.transport.retries),
            };
            if tries >= times {
                return Ok(false);
            }
            self.transport.pause(tries).await;
            tries += 1;
        }
    }
}

/// Whether an NBI says so that something is removed, or will be: without a word, or with the id of
/// the operation. Who stands between may answer with a page to everything.
fn is_of_removal(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::NO_CONTENT => true,
        StatusCode::ACCEPTED => !answer.is_page(),
        _ => false,
    }
}
