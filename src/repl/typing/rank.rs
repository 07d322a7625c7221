//! Which candidates fit what is typed, and in which order. Those that begin with it, whatever the case; only where none
//! does, those that have its letters in their order, the best match first.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::output::value::unsafe_to_print;

/// Something that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What typed text is held against.
    pub name: String,
    /// What is put in its place.
    pub text: String,
    /// What stands beside it: a type, a signature.
    pub note: String,
}

impl Candidate {
    /// A word that stands for itself.
    pub fn new(text: impl Into<String>, note: impl Into<String>) -> Candidate {
        let text = text.into();
        Candidate { name: text.clone(), text, note: note.into() }
    }

    /// One that is written in another way than it is called.
    pub fn written(self, text: impl Into<String>) -> Candidate {
        Candidate { text: text.into(), ..self }
    }
}

/// Is it called something that begins so, whatever the case?
pub fn begins(candidate: &Candidate, stem: &str) -> bool {
    candidate.name.to_lowercase().starts_with(&stem.to_lowercase())
}

/// The candidates that fit, the likeliest first, none twice. One that would move the cursor or colour the terminal can be
/// shown, but not typed, and is left out.
pub fn fitting(stem: &str, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut own: Vec<Candidate> = Vec::with_capacity(candidates.len());
    let mut seen = std::collections::HashSet::new();
    own.extend(candidates.into_iter().filter(|candidate| {
        !candidate.text.contains(unsafe_to_print) && seen.insert(candidate.text.clone())
    }));
    if stem.is_empty() {
        return own;
    }
    if own.iter().any(|candidate| begins(candidate, stem)) {
        own.retain(|candidate| begins(candidate, stem));
        own.sort_by_key(|candidate| !candidate.name.starts_with(stem));
        return own;
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(stem, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut characters = Vec::new();
    let mut scored: Vec<(u32, Candidate)> = own
        .into_iter()
        .filter_map(|one| {
            Some((pattern.score(Utf32Str::new(&one.name, &mut characters), &mut matcher)?, one))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(stem: &str) -> Vec<String> {
        let all = ["borough", "Offence", "offence_group", "arrested_at", "force"];
        let all = all.iter().map(|name| Candidate::new(*name, "")).collect();
        fitting(stem, all).into_iter().map(|candidate| candidate.name).collect()
    }

    #[test]
    fn what_begins_so_goes_before_what_has_the_letters() {
        assert_eq!(names("off"), ["offence_group", "Offence"]);
        assert_eq!(names("BOR"), ["borough"]);
        assert_eq!(names("arrat"), ["arrested_at"]);
        assert_eq!(names("group"), ["offence_group"]);
        assert!(names("xyz").is_empty());
        let odd = fitting("", vec![Candidate::new("a\u{1b}[31m.csv", ""), Candidate::new("b.csv", "")]);
        assert_eq!(odd, [Candidate::new("b.csv", "")]);
        assert_eq!(names("").len(), 5);
    }
}
