//! Which texts a column has, where these are few. A question that holds a column against a text which it never has, is
//! mistaken about the data, and that is known without reading them again. What is kept are hashes: a kept survey says
//! whether a text is there for who knows the text, and holds none of it. They are salted, each column's in its own way,
//! so that no table of hashes tells the texts, and no two surveys tell which they share.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};

use crate::files::field::hashed;

/// A column with more different texts than this is not remembered.
const MANY: usize = 500;

/// As many fields are recognised by their looks, before anything is read or hashed.
const RECENT: usize = 128;

/// Which texts a column has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Texts {
    salt: u64,
    /// In order.
    hashes: Vec<u64>,
}

impl Texts {
    /// Is it one of them?
    pub(super) fn has(&self, text: &str) -> bool {
        self.hashes.binary_search(&salted(self.salt, text)).is_ok()
    }
}

fn salted(salt: u64, text: &str) -> u64 {
    hashed(&(salt, text))
}

/// Looks at a column's texts one by one.
#[derive(Debug)]
pub(super) struct Watch {
    salt: u64,
    seen: HashSet<u64>,
    recent: Vec<String>,
    many: bool,
}

impl Watch {
    pub(super) fn new() -> Watch {
        // What std keys its own tables with is random.
        let salt = RandomState::new().hash_one(());
        Watch { salt, seen: HashSet::new(), recent: vec![String::new(); RECENT], many: false }
    }

    /// Are there so many that nothing more need be looked at?
    pub(super) fn is_over(&self) -> bool {
        self.many
    }

    /// One more field that is not empty, and how it reads as a text.
    pub(super) fn see<'f>(&mut self, field: &'f str, read: impl FnOnce() -> Option<Cow<'f, str>>) {
        if self.many {
            return;
        }
        let end = |byte: Option<&u8>| usize::from(byte.copied().unwrap_or_default());
        let bytes = field.as_bytes();
        let place = (end(bytes.first()) * 7 + end(bytes.last()) * 31 + bytes.len() * 3) % RECENT;
        let Some(recent) = self.recent.get_mut(place).filter(|recent| *recent != field) else { return };
        field.clone_into(recent);
        let Some(text) = read() else { return };
        self.seen.insert(salted(self.salt, &text));
        if self.seen.len() > MANY {
            *self = Watch { seen: HashSet::new(), recent: Vec::new(), many: true, ..*self };
        }
    }

    /// All of them; `None` where there are too many.
    pub(super) fn texts(self) -> Option<Texts> {
        let mut hashes: Vec<u64> = self.seen.into_iter().collect();
        hashes.sort_unstable();
        (!self.many).then_some(Texts { salt: self.salt, hashes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_texts_are_remembered_and_many_are_not() {
        let of = |n: usize| {
            let mut watch = Watch::new();
            // In an order in which no text follows itself.
            for at in 0..3 * n {
                let field = format!(" v{} ", at % n);
                watch.see(&field, || Some(Cow::Borrowed(field.trim())));
            }
            watch.texts()
        };
        assert_eq!(of(MANY).map(|texts| texts.hashes.len()), Some(MANY));
        assert_eq!(of(MANY + 1), None);
        assert!(of(3).is_some_and(|texts| texts.has("v2") && !texts.has("V2")));
        assert_ne!(of(3), of(3));
    }
}
