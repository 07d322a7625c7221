//! Identifiers that are numbers in some dress: `A000001`, `A000002`, or plain 1, 2, 3. A number is compared
//! sooner than a text. And where nearly every number between a key's first and last is taken, a link to its table
//! can be followed by position, as into an array, where other keys must be looked for by hash. Whether a column is
//! so is the survey's finding; what a text's position is, [`Numbering::place`] says for both ends of a link.

use serde::{Deserialize, Serialize};

/// How a column's identifiers are numbered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// What stands before the digits.
    pub prefix: String,
    /// The digits are filled up with noughts to so many.
    pub width: usize,
    /// The smallest number.
    pub first: u64,
    /// The largest.
    pub last: u64,
    /// It has no more gaps than an array can hold.
    pub dense: bool,
}

impl Numbering {
    /// How far after the first number a key's text stands. A text that is written in any other way than the
    /// keys are is none of them.
    pub fn place(&self, text: &str) -> Option<u32> {
        let digits = text.as_bytes().strip_prefix(self.prefix.as_bytes())?;
        let padded = digits.first() == Some(&b'0') && digits.len() > 1;
        if digits.len() < self.width || padded && digits.len() != self.width {
            return None;
        }
        self.of(number(digits)?)
    }

    /// The place of a key that is a number: of its text.
    pub fn place_of(&self, number: i64) -> Option<u32> {
        if self.prefix.is_empty() && self.width == 1 {
            return self.of(u64::try_from(number).ok()?);
        }
        self.place(&number.to_string())
    }

    fn of(&self, number: u64) -> Option<u32> {
        (number <= self.last)
            .then(|| number.checked_sub(self.first))
            .flatten()
            .and_then(|at| u32::try_from(at).ok())
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        usize::try_from(self.last - self.first).map_or(usize::MAX, |last| last.saturating_add(1))
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if !(1..=18).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0, |n: u64, byte| byte.is_ascii_digit().then(|| n * 10 + u64::from(byte - b'0')))
}

/// Looks at a column's identifiers one by one.
#[derive(Debug, Default)]
pub(super) struct Watch {
    prefix: Option<String>,
    broken: bool,
    /// The length of digits that begin with a nought.
    padded: Option<usize>,
    shortest: usize,
    first: u64,
    last: u64,
    count: u64,
}

impl Watch {
    /// One more key.
    pub(super) fn see(&mut self, key: &str) {
        if !self.broken {
            self.broken = self.next(key).is_none();
        }
    }

    fn next(&mut self, key: &str) -> Option<()> {
        let prefix = self
            .prefix
            .get_or_insert_with(|| key.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_string());
        let digits = key.as_bytes().strip_prefix(prefix.as_bytes())?;
        let number = number(digits)?;
        if digits.first() == Some(&b'0')
            && digits.len() > 1
            && *self.padded.get_or_insert(digits.len()) != digits.len()
        {
            return None;
        }
        let started = self.count > 0;
        self.shortest = if started { self.shortest.min(digits.len()) } else { digits.len() };
        self.first = if started { self.first.min(number) } else { number };
        self.last = self.last.max(number);
        self.count += 1;
        Some(())
    }

    /// The numbering, where all keys have one that 32 bits hold.
    pub(super) fn numbering(self) -> Option<Numbering> {
        let width = match self.padded {
            Some(padded) if self.shortest < padded => return None,
            Some(padded) => padded,
            None => 1,
        };
        let places = (self.last - self.first).checked_add(1)?;
        (!self.broken && self.count > 0 && places < u64::from(u32::MAX)).then(|| Numbering {
            dense: places <= self.count.saturating_mul(4).saturating_add(1024),
            prefix: self.prefix.unwrap_or_default(),
            width,
            first: self.first,
            last: self.last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbering(keys: &[&str]) -> Option<Numbering> {
        let mut watch = Watch::default();
        keys.iter().for_each(|key| watch.see(key));
        watch.numbering()
    }

    #[test]
    fn keys_that_are_numbers() {
        let padded = numbering(&["A008", "A009", "A010", "A1000"]).unwrap();
        assert_eq!((padded.first, padded.last, padded.width), (8, 1000, 3));
        assert_eq!(padded.place("A008"), Some(0));
        assert_eq!(padded.place("A1000"), Some(992));
        for other in ["A8", "A08", "A0008", "A01000", "B008", "A", "", "A007", "A1001", "A00x", "a008"] {
            assert_eq!(padded.place(other), None, "{other}");
        }
        let plain = numbering(&["12", "7", "9"]).unwrap();
        assert_eq!((plain.place("7"), plain.place("07"), plain.place_of(9)), (Some(0), None, Some(2)));
        assert_eq!(padded.place_of(9), None);
    }

    #[test]
    fn keys_that_are_none() {
        for keys in
            [&["A1", "B2"][..], &["A01", "A2"], &["A01", "A001"], &["x"], &[], &["1", "9999999999"], &["1-"]]
        {
            assert_eq!(numbering(keys), None, "{keys:?}");
        }
        assert!(numbering(&["A01", "A10"]).unwrap().dense && !numbering(&["1", "9999"]).unwrap().dense);
    }
}
