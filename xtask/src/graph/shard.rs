//! A part of the packages of a tree, for one of several runners.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::source::Package;

/// One of `count` parts of a tree.
///
/// The part that a package is in follows from what it describes and its id, or
/// from its path where it has no id: it is the same on every machine, and stays
/// the same when other packages come and go. Parts are of about the same size, not of
/// exactly the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `count`.
    pub index: u32,
    /// At least 1.
    pub count: u32,
}

/// A text that is no shard.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("it must be two whole numbers such as `1/4`, the first from 1 to the second")]
pub struct ShardError;

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let number = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>()
                .ok()
                .filter(|_| is_plain)
                .ok_or(ShardError)
        };
        let (index, count) = text.split_once('/').ok_or(ShardError)?;
        let (index, count) = (number(index)?, number(count)?);
        let is_part = (1..=count).contains(&index);
        is_part.then_some(Shard { index, count }).ok_or(ShardError)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// Whether a package is in this part.
    pub fn holds(self, package: &Package) -> bool {
        let name = match package.id() {
            Some(id) => format!("{}\0{id}", package.label()),
            None => format!("\0{}", package.shown),
        };
        self.holds_name(&name)
    }

    fn holds_name(self, name: &str) -> bool {
        let digest = Sha256::digest(name.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        let place = u64::from_be_bytes(first) % u64::from(self.count);
        place + 1 == u64::from(self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!("2/4".parse(), Ok(Shard { index: 2, count: 4 }));
        for text in [
            "0/4", "5/4", "1/0", "1", "/", "a/b", "+1/4", "1/4/2", " 1/4", "-1/4",
        ] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
    }

    #[test]
    fn each_name_is_in_one_part_and_parts_are_alike_in_size() {
        let names: Vec<String> = (0..4000).map(|i| format!("VNF\0vnf_{i}")).collect();
        let part = |index| {
            let shard = Shard { index, count: 4 };
            names.iter().filter(|name| shard.holds_name(name)).count()
        };
        let parts: Vec<usize> = (1..=4).map(part).collect();
        assert_eq!(parts.iter().sum::<usize>(), names.len());
        assert!(parts.iter().all(|n| (900..1100).contains(n)), "{parts:?}");
    }

    /// A matrix of old runners and new ones must agree.
    #[test]
    fn the_parts_do_not_change_between_releases() {
        let place = |name: &str| {
            (1..=7).find(|index| {
                Shard {
                    index: *index,
                    count: 7,
                }
                .holds_name(name)
            })
        };
        // `printf 'VNF\0edge' | sha256sum | cut -c1-16`, modulo 7, plus 1.
        assert_eq!(place("VNF\0edge"), Some(2));
    }
}
