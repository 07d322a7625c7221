//! Which texts a column has, where these are few. A question that holds a column against a text which it never has, is
//! mistaken about the data, and that is known without reading them again. What is kept are hashes: a kept survey says
//! whether a text is there for who knows the text, and holds none of it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::files::field::hashed;

/// A column with more different texts than this is not remembered.
const MANY: usize = 500;

/// As many fields are recognised by their looks, before anything is read or hashed.
const RECENT: usize = 128;

/// Looks at a column's texts one by one.
#[derive(Debug)]
pub(super) struct Watch {
    seen: HashSet<u64>,
    recent: Vec<String>,
    many: bool,
}

impl Watch {
    pub(super) fn new() -> Watch {
        Watch { seen: HashSet::new(), recent: vec![String::new(); RECENT], many: false }
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
        self.seen.insert(hashed(text.as_ref()));
        if self.seen.len() > MANY {
            *self = Watch { seen: HashSet::new(), recent: Vec::new(), many: true };
        }
    }

    /// The hashes of all texts, in order; `None` where there are too many.
    pub(super) fn values(self) -> Option<Vec<u64>> {
        let mut values: Vec<u64> = self.seen.into_iter().collect();
        values.sort_unstable();
        (!self.many).then_some(values)
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
            watch.values()
        };
        assert_eq!(of(MANY).map(|values| values.len()), Some(MANY));
        assert_eq!(of(MANY + 1), None);
        assert!(
            of(3).is_some_and(|values| values.contains(&hashed("v2")) && !values.contains(&hashed("V2")))
        );
    }
}
