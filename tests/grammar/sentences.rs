//! Sentences of a grammar, from a seed. A way that no sentence has taken yet is taken first; where a sentence grows
//! too deep, the way that ends soonest is.

use std::collections::{BTreeMap, BTreeSet};

use super::ebnf::{Grammar, Part};
use casebook::syntax::token::CONTINUING_WORDS;

/// Names that are read as words in some places, so that those are tried with and without backticks.
const NAMES: [&str; 24] = [
    "other",
    "period",
    "filter",
    "age",
    "`age`",
    "`a b`",
    "`by`",
    "`not`",
    "`in`",
    "`if`",
    "`each`",
    "`where`",
    "`since`",
    "`week`",
    "`this`",
    "`count`",
    "`with`",
    "`AND`",
    "`missing`",
    "`true`",
    "`let`",
    "`rows`",
    "`per`",
    "`2023`",
];

/// Numbers that look random and are the same on every run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of the first `count` numbers.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(count.max(1)).unwrap()).unwrap()
    }

    /// Once in `count` times.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Writes sentences.
pub struct Writer<'a> {
    grammar: &'a Grammar,
    /// Chance.
    pub dice: Dice,
    /// The ways that have been taken.
    pub taken: BTreeSet<usize>,
    /// The productions that have been used.
    pub used: BTreeSet<&'a str>,
    heights: BTreeMap<&'a str, usize>,
    deepest: usize,
}

impl<'a> Writer<'a> {
    /// A writer with its chance.
    pub fn new(grammar: &'a Grammar, seed: u64) -> Self {
        let mut writer = Writer {
            grammar,
            dice: Dice(seed),
            taken: BTreeSet::new(),
            used: BTreeSet::new(),
            heights: BTreeMap::new(),
            deepest: 0,
        };
        // A production's height is known when those of its parts are.
        loop {
            let known = writer.heights.len();
            for (name, production) in &grammar.productions {
                if let Some(height) = writer.height(&production.part) {
                    // A token is as short as any other.
                    writer.heights.entry(name).or_insert(if production.token { 0 } else { height + 1 });
                }
            }
            if writer.heights.len() == known {
                return writer;
            }
        }
    }

    /// How many productions deep a part goes at least, where that is known.
    fn height(&self, part: &Part) -> Option<usize> {
        match part {
            Part::Text(_) | Part::Class { .. } => Some(0),
            Part::Name(name) => self.heights.get(name.as_str()).copied(),
            Part::All(parts) => parts.iter().try_fold(0, |most, part| Some(most.max(self.height(part)?))),
            Part::One(_, ways) => ways.iter().filter_map(|way| self.height(way)).min(),
            Part::Times(_, _, 0, _) => Some(0),
            Part::Times(_, part, ..) | Part::Except(part, _) => self.height(part),
        }
    }

    /// The tokens of a sentence.
    pub fn sentence(&mut self, name: &'a str) -> Vec<String> {
        self.deepest = 6 + self.dice.below(24);
        let mut tokens = Vec::new();
        self.production(name, 0, &mut tokens);
        tokens
    }

    fn production(&mut self, name: &'a str, depth: usize, tokens: &mut Vec<String>) {
        let production = self.grammar.productions.get(name).unwrap_or_else(|| panic!("no production {name}"));
        self.used.insert(name);
        if name == "Name" && self.dice.once_in(4) {
            tokens.push(NAMES[self.dice.below(NAMES.len())].to_string());
        } else if production.token {
            let mut token = String::new();
            self.token(&production.part, &mut token);
            tokens.push(token);
        } else {
            self.part(&production.part, depth + 1, tokens);
        }
    }

    fn part(&mut self, part: &'a Part, depth: usize, tokens: &mut Vec<String>) {
        match part {
            Part::Text(text) => tokens.push(text.clone()),
            Part::Name(name) => self.production(name, depth, tokens),
            Part::All(parts) => parts.iter().for_each(|part| self.part(part, depth, tokens)),
            Part::One(first, ways) => {
                let way = self.way(*first, ways, depth);
                self.part(&ways[way], depth, tokens);
            }
            Part::Times(first, part, least, most) => {
                let low = depth >= self.deepest && self.height(part) != Some(0);
                for _ in 0..self.times(*first, *least, *most, low) {
                    self.part(part, depth, tokens);
                }
            }
            Part::Class { .. } | Part::Except(..) => panic!("{part:?} outside a token"),
        }
    }

    /// Which of several ways to take.
    fn way(&mut self, first: usize, ways: &[Part], depth: usize) -> usize {
        let heights: Vec<usize> = ways.iter().map(|way| self.height(way).expect("an end")).collect();
        let least = heights.iter().copied().min().unwrap_or(0);
        let short = depth >= self.deepest || self.dice.once_in(2);
        let open: Vec<usize> = (0..ways.len()).filter(|way| !short || heights[*way] <= least + 1).collect();
        let fresh: Vec<usize> =
            open.iter().copied().filter(|way| !self.taken.contains(&(first + way))).collect();
        let from = if fresh.is_empty() { &open } else { &fresh };
        let way = from[self.dice.below(from.len())];
        self.taken.insert(first + way);
        way
    }

    fn times(&mut self, first: usize, least: u32, most: u32, low: bool) -> u32 {
        let more = u32::try_from(self.dice.below(most.abs_diff(least) as usize + 1)).unwrap();
        let times = if low || self.dice.once_in(2) { least } else { least + more };
        self.taken.insert(first + usize::from(times > least));
        times
    }

    /// Adds the characters of a token's part.
    fn token(&mut self, part: &'a Part, text: &mut String) {
        match part {
            Part::Text(characters) => text.push_str(characters),
            Part::Name(name) => {
                self.used.insert(name);
                self.token(&self.grammar.productions[name].part, text);
            }
            Part::All(parts) => parts.iter().for_each(|part| self.token(part, text)),
            Part::One(first, ways) => {
                let way = self.way(*first, ways, 0);
                self.token(&ways[way], text);
            }
            Part::Times(first, part, least, most) => {
                for _ in 0..self.times(*first, *least, *most, false) {
                    self.token(part, text);
                }
            }
            Part::Class { ranges, not: false } => {
                let (from, to) = ranges[self.dice.below(ranges.len())];
                let span = u32::from(to) - u32::from(from) + 1;
                let by = u32::try_from(self.dice.below(span as usize)).unwrap();
                text.push(char::from_u32(u32::from(from) + by).expect("a character"));
            }
            Part::Class { ranges, not: true } => {
                let any: Vec<char> = "aZ 09_#|,;:.=<>+-*/()[]%!'\"`£é–😀\t".chars().collect();
                let inside = |c: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&c));
                let fitting: Vec<char> = any.into_iter().filter(|c| !inside(*c)).collect();
                text.push(fitting[self.dice.below(fitting.len())]);
            }
            Part::Except(part, not) => loop {
                let mut attempt = String::new();
                self.token(part, &mut attempt);
                if !self.is(not, &attempt) {
                    text.push_str(&attempt);
                    break;
                }
            },
        }
    }

    /// Is the text one of these? For lists of texts, which is all that `-` takes away here.
    fn is(&self, part: &Part, text: &str) -> bool {
        match part {
            Part::Text(characters) => characters == text,
            Part::Name(name) => self.is(&self.grammar.productions[name].part, text),
            Part::One(_, ways) => ways.iter().any(|way| self.is(way, text)),
            _ => panic!("{part:?} after -"),
        }
    }

    /// A text of tokens, with blanks, line ends and comments where they may stand. Gives the comments too.
    pub fn set(&mut self, tokens: &[String], odd: bool) -> String {
        let mut text = String::new();
        let mut depth = 0usize;
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map_or("\n", String::as_str);
            depth = match before {
                "(" | "[" => depth + 1,
                _ => depth,
            };
            depth -= usize::from(matches!(token.as_str(), ")" | "]"));
            if at > 0 {
                self.space(
                    before,
                    token,
                    depth + usize::from(matches!(token.as_str(), ")" | "]")),
                    odd,
                    &mut text,
                );
            }
            text.push_str(token);
        }
        text
    }

    fn space(&mut self, before: &str, after: &str, depth: usize, odd: bool, text: &mut String) {
        let ends = ["|", ",", "..", "??", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "\n"];
        let begins = ["|", ",", "..", "??", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "\n"];
        let goes_on = depth > 0
            || ends.contains(&before)
            || begins.contains(&after) && before != ";"
            || CONTINUING_WORDS.contains(&after);
        if odd && goes_on && self.dice.once_in(6) {
            for _ in 0..=self.dice.below(2) {
                if self.dice.once_in(2) {
                    let mut comment = self.sentence("Comment").concat();
                    // A line end is the only thing after a comment that is none of it.
                    comment.retain(|c| c != '\n');
                    text.push_str(if self.dice.once_in(3) { "" } else { " " });
                    text.push_str(&comment);
                }
                if after != "\n" {
                    text.push_str(if self.dice.once_in(4) { "\r\n" } else { "\n" });
                } else if text.ends_with('\n') {
                    break;
                } else {
                    return;
                }
            }
        }
        let bracket = |sign: &str| matches!(sign, "(" | ")" | "[" | "]" | "," | "." | "..");
        let digit = after.starts_with(|c: char| c.is_ascii_digit());
        let tight = (bracket(before) || bracket(after)) && !(digit && matches!(before, "," | "."));
        if before == "\n" || after == "\n" {
            text.push_str(if self.dice.once_in(5) { "  " } else { "" });
        } else if tight && self.dice.once_in(2) {
            // Nothing between.
        } else {
            text.push_str(if odd && self.dice.once_in(5) { " \t " } else { " " });
        }
    }
}
