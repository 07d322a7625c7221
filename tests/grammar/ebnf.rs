//! A reader of grammars in the EBNF of the XML specification, as grammar/casebook.ebnf writes it. Every place where a
//! sentence has a choice (an alternative, an option, a repetition) gets a number, so that a test can tell which of
//! them its sentences have taken.

use std::collections::BTreeMap;

/// A grammar's productions, and how many ways its choices have.
#[derive(Debug, Default)]
pub struct Grammar {
    /// By name.
    pub productions: BTreeMap<String, Production>,
    /// What each way leads to, for messages.
    pub ways: Vec<String>,
}

/// One production.
#[derive(Debug)]
pub struct Production {
    /// What the name stands for.
    pub part: Part,
    /// Nothing may stand between its symbols.
    pub token: bool,
}

/// What stands on the right side of a production.
#[derive(Clone, Debug)]
pub enum Part {
    /// `"text"`, `#xA`
    Text(String),
    /// `Name`
    Name(String),
    /// `[a-z]`, `[^"]`
    Class { ranges: Vec<(char, char)>, not: bool },
    /// `A B`
    All(Vec<Part>),
    /// `A | B`: the number of the first way, and the ways.
    One(usize, Vec<Part>),
    /// `A?`, `A*`, `A+`: the number of the first of two ways, least and most times.
    Times(usize, Box<Part>, u32, u32),
    /// `A - B`
    Except(Box<Part>, Box<Part>),
}

/// Reads a grammar; tokens are the productions from `first_token` on.
pub fn read(text: &str, first_token: &str) -> Grammar {
    let text = without_comments(text);
    let symbols = symbols(&text);
    let mut grammar = Grammar::default();
    let mut reader = Reader { symbols: &symbols, at: 0, ways: Vec::new(), production: String::new() };
    let mut token = false;
    while reader.at < symbols.len() {
        let name = symbols[reader.at].clone();
        assert_eq!(symbols.get(reader.at + 1).map(String::as_str), Some("::="), "after {name}");
        reader.at += 2;
        reader.production.clone_from(&name);
        token |= name == first_token;
        let part = reader.alternatives();
        let twice = grammar.productions.insert(name.clone(), Production { part, token });
        assert!(twice.is_none(), "{name} stands twice");
    }
    grammar.ways = reader.ways;
    grammar
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |all, part| all + part.split_once("*/").expect("a comment ends").1)
}

/// Names, quoted texts, classes, characters by number and signs, as they are written.
fn symbols(text: &str) -> Vec<String> {
    let mut symbols = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => rest[1..].find(first).expect("a text ends") + 2,
            '[' => rest.find(']').expect("a class ends") + 1,
            ':' => 3,
            c if c.is_alphanumeric() || c == '#' => {
                rest.find(|c: char| !c.is_alphanumeric() && c != '#').unwrap_or(rest.len())
            }
            _ => 1,
        };
        symbols.push(rest[..length].to_string());
        rest = rest[length..].trim_start();
    }
    symbols
}

struct Reader<'a> {
    symbols: &'a [String],
    at: usize,
    ways: Vec<String>,
    production: String,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.symbols.get(self.at).map(String::as_str)
    }

    fn next_is(&mut self, sign: &str) -> bool {
        let is = self.peek() == Some(sign);
        self.at += usize::from(is);
        is
    }

    fn alternatives(&mut self) -> Part {
        let mut ways = vec![self.sequence()];
        while self.next_is("|") {
            ways.push(self.sequence());
        }
        match ways.len() {
            1 => ways.remove(0),
            _ => {
                let first = self.ways.len();
                let named = ways.iter().map(|way| format!("{} → {way:?}", self.production));
                self.ways.extend(named.collect::<Vec<_>>());
                Part::One(first, ways)
            }
        }
    }

    fn sequence(&mut self) -> Part {
        let mut parts = Vec::new();
        while let Some(symbol) = self.peek() {
            let begins_next = self.symbols.get(self.at + 1).is_some_and(|next| next == "::=");
            if begins_next || matches!(symbol, "|" | ")") {
                break;
            }
            let part = self.repeated();
            let part = match self.next_is("-") {
                true => Part::Except(Box::new(part), Box::new(self.repeated())),
                false => part,
            };
            parts.push(part);
        }
        if parts.len() == 1 { parts.remove(0) } else { Part::All(parts) }
    }

    fn repeated(&mut self) -> Part {
        let part = self.primary();
        let (least, most) = match self.peek() {
            Some("?") => (0, 1),
            Some("*") => (0, 3),
            Some("+") => (1, 3),
            _ => return part,
        };
        self.at += 1;
        let first = self.ways.len();
        self.ways.push(format!("{}: fewest of {part:?}", self.production));
        self.ways.push(format!("{}: more of {part:?}", self.production));
        Part::Times(first, Box::new(part), least, most)
    }

    fn primary(&mut self) -> Part {
        let symbol = self.symbols.get(self.at).expect("a symbol").clone();
        self.at += 1;
        let inside = || symbol[1..symbol.len() - 1].to_string();
        match symbol.chars().next() {
            Some('"' | '\'') => Part::Text(inside()),
            Some('#') => Part::Text(numbered(&symbol).to_string()),
            Some('[') => class(&inside()),
            Some('(') => {
                let part = self.alternatives();
                assert!(self.next_is(")"), "a bracket is open in {}", self.production);
                part
            }
            Some(c) if c.is_alphabetic() => Part::Name(symbol),
            _ => panic!("{symbol} in {}", self.production),
        }
    }
}

/// `#xA`
fn numbered(symbol: &str) -> char {
    let number = u32::from_str_radix(symbol.trim_start_matches("#x"), 16).expect("a number");
    char::from_u32(number).expect("a character")
}

/// `a-z`, `#xC0-#xD6`, `^"#xA`
fn class(text: &str) -> Part {
    let not = text.starts_with('^');
    let mut rest = text.trim_start_matches('^');
    let mut characters = Vec::new();
    while let Some(first) = rest.chars().next() {
        let number = rest
            .strip_prefix("#x")
            .map(|digits| digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len()) + 2);
        let length = number.unwrap_or(first.len_utf8());
        let c = if number.is_some() { numbered(&rest[..length]) } else { first };
        characters.push((c, number.is_none() && first == '-'));
        rest = &rest[length..];
    }
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(&(from, _)) = characters.get(at) {
        match (characters.get(at + 1), characters.get(at + 2)) {
            (Some((_, true)), Some(&(to, _))) => {
                ranges.push((from, to));
                at += 3;
            }
            _ => {
                ranges.push((from, from));
                at += 1;
            }
        }
    }
    Part::Class { ranges, not }
}
