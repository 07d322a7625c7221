//! What may stand at the cursor. [`complete`] is a function of the text before it and of what is [`Known`]: it finds the
//! place ([`Place`]), asks what a row has there, and ranks what fits. Names are looked up where the place says:
//! behind earlier stages, along a path, behind `where` in an aggregate over a path.

use std::sync::Arc;

use super::commands;
use super::known::{Known, Of, Row};
use super::operand::is_comparison;
use super::place::{Place, Stem};
use super::rank::{Candidate, begins, fitting};
use super::words;
use crate::builtins::{self, Builtin, Meaning};
use crate::catalog::Table;
use crate::check;
use crate::syntax::token::{Token, TokenKind, quoted};
use crate::types::Type;

/// Where the completed word begins, and what may be put in its place, the likeliest first.
pub fn complete(text: &str, known: Known) -> (usize, Vec<Candidate>) {
    if text.trim_start().starts_with('.') {
        return match commands::complete(text, known) {
            Ok((start, all)) => (start, fitting(&text[start..], all)),
            Err(question) => {
                let (start, found) = complete(&text[question..], known);
                (question + start, found)
            }
        };
    }
    let Some(place) = Place::at_end(text) else { return (text.len(), Vec::new()) };
    let here = Here { text, place: &place, known };
    let mut found = fitting(place.stem, here.candidates());
    // Behind a table that is there already, its first stage.
    let whole = |one: &Candidate| one.text == text[place.start..] && here.queries().contains(one);
    if let [one] = &mut found[..]
        && place.stage().is_none()
        && whole(one)
    {
        one.text.push_str(" | ");
    }
    (place.start, found)
}

/// What a path leads to.
pub(super) enum End {
    /// A record.
    Record(Arc<Table>),
    /// A column of that type, and the table's column that it is.
    Column(Type, Option<Of>),
}

/// The place, and what is known.
pub(super) struct Here<'a> {
    text: &'a str,
    pub(super) place: &'a Place<'a>,
    pub(super) known: Known<'a>,
}

impl Here<'_> {
    fn candidates(&self) -> Vec<Candidate> {
        let place = self.place;
        if place.kind == Stem::Text {
            return self.values(true);
        }
        if place.kind == Stem::Param {
            return self.params();
        }
        let Some(stage) = place.stage() else { return self.start() };
        let (Some(word), Some(before)) = (stage.first().and_then(Token::word), place.before(0)) else {
            return words::STAGES.iter().map(|(name, form)| stage_word(name, form)).collect();
        };
        if before.is_symbol(".") {
            return self.along();
        }
        if place.follows("in") || place.follows("of") && stage.len() > 1 {
            return self.after_in(word);
        }
        if ["this", "last", "next"].iter().any(|word| place.follows(word)) && self.is_time_before(1) {
            return words::spans(before.word().unwrap_or_default(), self.today());
        }
        if place.follows("to") {
            return self.after_to();
        }
        // A date or a period that is being written: `in 2023-`.
        if before.is_symbol("-") && place.before(2).is_some_and(|token| token.is_word("in")) {
            return Vec::new();
        }
        if before.is_word("is") {
            return ["missing", "known"].iter().map(|words| Candidate::new(*words, "")).collect();
        }
        if before.is_word("not") && place.before(1).is_some_and(is_value) {
            return vec![Candidate::new("in", "LIST or PERIOD")];
        }
        if let TokenKind::Number(_) = before.kind {
            return self.after_number(word);
        }
        if before.is_symbol("[") || before.is_symbol(",") && self.list_of().is_some() {
            return self.values(false);
        }
        if is_comparison(before) && !self.defines(word) {
            let mut found = self.values(false);
            // Where there are values, columns are asked for by a letter.
            if found.is_empty() || !place.stem.is_empty() {
                found.extend(self.expression(word));
            }
            return found;
        }
        let stage_word_alone = stage.len() == 1;
        if !stage_word_alone && is_value(before) {
            return self.after_operand(word);
        }
        match word {
            "append" | "except" | "join" if stage_word_alone || place.follows("many") => self.queries(),
            "join" if place.follows("as") => Vec::new(),
            "drop" | "rename" | "distinct" | "pivot" | "unpivot" | "fill" | "total" | "compare"
                if place.levels.len() == place.query + 1 =>
            {
                if place.follows("with") && word == "compare" {
                    let known = ["previous", "same period last year"];
                    return known.iter().map(|words| Candidate::new(*words, "")).collect();
                }
                let mut names = self.names(&self.row(), false);
                if word == "compare" {
                    let is_date = |name: &str| {
                        self.row().column(name).is_some_and(|c| matches!(c.ty, Type::Date | Type::Datetime))
                    };
                    names.retain(|candidate| is_date(&candidate.name));
                }
                names
            }
            "take" | "top" | "sample" if stage_word_alone => words::numbers(word),
            "describe" => Vec::new(),
            "count" if stage_word_alone => vec![Candidate::new("by", "KEY, …")],
            _ => self.expression(word),
        }
    }

    /// At the start of a statement, or of a query in brackets.
    fn start(&self) -> Vec<Candidate> {
        let place = self.place;
        let from = place.tokens.get(place.source()..).unwrap_or_default();
        if let Some(first) = from.first() {
            let calendar = first.word().is_some_and(|word| words::CALENDARS.contains(&word));
            if calendar && place.follows("in") || first.is_word("periods") && from.len() == 1 {
                return self.periods();
            }
            if calendar && from.len() == 1 {
                return vec![Candidate::new("in", "PERIOD")];
            }
            if from.len() == 1 && self.queries().iter().any(|query| first.is_word(&query.name)) {
                return vec![Candidate::new("| ", "a stage")];
            }
            if ["this", "last", "next"].iter().any(|word| place.follows(word)) {
                let word = place.before(0).and_then(Token::word).unwrap_or_default();
                return words::spans(word, self.today());
            }
            if matches!(place.before(0).map(|token| &token.kind), Some(TokenKind::Number(_))) {
                return words::many_spans();
            }
            if first.is_word("param") && place.before(0).is_some_and(|token| token.is_symbol(":")) {
                let types = ["period", "date", "text", "integer", "number", "bool", "money", "mass", "id"];
                return types.iter().map(|word| Candidate::new(*word, "type")).collect();
            }
            return Vec::new();
        }
        let mut found = self.queries();
        found.extend(words::CALENDARS.iter().map(|word| Candidate::new(*word, "in PERIOD: a calendar")));
        found.push(Candidate::new("periods", "PERIOD, …: a calendar"));
        if place.query == 0 && place.source() == place.levels[0].start {
            found.push(Candidate::new("let", "NAME = QUERY"));
            found.push(Candidate::new("param", "NAME: TYPE [= VALUE]"));
        }
        found
    }

    /// Tables and whatever else a query may start from.
    fn queries(&self) -> Vec<Candidate> {
        let session = self.known.session;
        let catalogue = session.casebook().catalogue();
        let tables =
            catalogue.tables.iter().map(|table| commands::table(&table.name, table.label.as_deref()));
        let shared = catalogue.queries.iter().map(|query| {
            Candidate::new(&query.name, query.label.as_deref().unwrap_or("shared query"))
                .written(quoted(&query.name))
        });
        let own = session.definitions().iter().filter(|definition| !definition.param);
        let own = own.map(|definition| {
            Candidate::new(&definition.name, "your query").written(quoted(&definition.name))
        });
        let it = session.question().map(|_| Candidate::new("it", "the last question"));
        tables.chain(shared).chain(own).chain(it).collect()
    }

    pub(super) fn params(&self) -> Vec<Candidate> {
        let declared = crate::repl::session::params_of(&self.text[..self.place.statement]);
        let earlier = self.known.session.definitions().iter();
        let earlier = earlier.filter(|definition| definition.param);
        let earlier = earlier.map(|definition| (definition.name.clone(), definition.text.clone()));
        let declared = declared.into_iter().map(|name| (name, String::new()));
        let all = declared.chain(earlier);
        all.map(|(name, note)| Candidate::new(&name, note).written(format!("${name}"))).collect()
    }

    /// What the rows have that the stage reads.
    fn stage_row(&self) -> Option<Arc<Row>> {
        let place = self.place;
        let tokens = &place.tokens;
        let level = &place.levels[place.query];
        let bar = *level.bars.last()?;
        let end = tokens.get(bar)?.span.start;
        let earlier = &self.text[..place.statement];
        let start = if level.bars.first() == Some(&level.start) && place.query == 0 {
            // It goes on with the question so far.
            place.statement
        } else {
            tokens.get(place.source())?.span.start
        };
        let typed = format!("{earlier}{}", self.text.get(start..end)?);
        let typed = if typed.trim().is_empty() { "it" } else { &typed };
        self.known.row_after(typed).or_else(|| {
            let source = tokens.get(place.source())?;
            let TokenKind::Name { text, .. } = &source.kind else { return None };
            Some(self.known.row_of(self.known.session.casebook().catalogue().table(text)?))
        })
    }

    /// The rows that names at the cursor are looked up in, from the outermost: an aggregate over a path has those of
    /// its end behind `where`.
    pub(super) fn rows(&self) -> Vec<Arc<Row>> {
        let place = self.place;
        let mut rows = vec![self.stage_row().unwrap_or_default()];
        for at in place.query + 1..place.levels.len() {
            let start = place.levels[at].start;
            let end = place.levels.get(at + 1).map_or(place.tokens.len(), |level| level.start - 1);
            let tokens = place.tokens.get(start..end).unwrap_or_default();
            if !tokens.iter().any(|token| token.is_word("where")) {
                continue;
            }
            let skip = usize::from(tokens.first().is_some_and(|token| token.is_word("each")));
            let mut names = Vec::new();
            for pair in tokens[skip..].chunks(2) {
                if let TokenKind::Name { text, .. } = &pair[0].kind {
                    names.push(text.as_str());
                }
                if !pair.get(1).is_some_and(|token| token.is_symbol(".")) {
                    break;
                }
            }
            let Some(outer) = rows.last() else { continue };
            let before_last = names.split_last().map(|(_, before)| before).unwrap_or_default();
            let table = match self.follow(outer, &names) {
                Some(End::Record(table)) => Some(table),
                Some(End::Column(..)) => match self.follow(outer, before_last) {
                    Some(End::Record(table)) => Some(table),
                    _ => None,
                },
                // A whole table, from a calendar's row.
                _ if outer.is_of_calendar() && names.len() == 1 => {
                    self.known.session.casebook().catalogue().table(names[0]).cloned()
                }
                _ => None,
            };
            if let Some(table) = table {
                let row = self.known.row_of(&table);
                rows.push(row);
            }
        }
        rows
    }

    fn row(&self) -> Arc<Row> {
        self.rows().pop().unwrap_or_default()
    }

    /// Where a path leads from a row.
    fn follow(&self, row: &Row, names: &[&str]) -> Option<End> {
        let (first, rest) = names.split_first()?;
        let table = match step(&self.known, row, first)? {
            End::Record(table) => table,
            end => return rest.is_empty().then_some(end),
        };
        if rest.is_empty() {
            return Some(End::Record(table));
        }
        self.follow(&self.known.row_of(&table), rest)
    }

    /// The same from the cursor's row; `this` is the outer one.
    pub(super) fn found(&self, names: &[&str]) -> Option<End> {
        let mut rows = self.rows();
        let row = rows.pop()?;
        match names.split_first() {
            Some((&"this", rest)) if !rest.is_empty() => self.follow(rows.last().unwrap_or(&row), rest),
            _ => self.follow(&row, names),
        }
    }

    /// Behind `arrest.`
    fn along(&self) -> Vec<Candidate> {
        let Some(names) = self.place.path_to(self.place.tokens.len() - 1) else { return Vec::new() };
        if names == ["this"] {
            let mut rows = self.rows();
            let own = rows.pop().unwrap_or_default();
            return self.names_and_measures(&rows.pop().unwrap_or(own));
        }
        match self.found(&names) {
            Some(End::Record(table)) => self.names_and_measures(&self.known.row_of(&table)),
            _ => Vec::new(),
        }
    }

    fn names_and_measures(&self, row: &Row) -> Vec<Candidate> {
        let mut found = self.names(row, true);
        found.extend(measures(row));
        found
    }

    /// Columns, and the links that lead on.
    fn names(&self, row: &Row, links: bool) -> Vec<Candidate> {
        let name = |name: &str, note: String| Candidate::new(name, note).written(quoted(name));
        let mut found: Vec<Candidate> = row
            .columns
            .iter()
            .map(|column| {
                let known = column.ty != Type::Missing;
                name(&column.name, if known { column.ty.to_string() } else { String::new() })
            })
            .collect();
        if let Some(table) = row.table.as_ref().filter(|_| links) {
            found.extend(table.links.iter().map(|link| name(&link.name, format!("→ {}", link.to))));
            found.extend(table.backs.iter().map(|back| name(&back.name, format!("⇉ {}", back.from))));
        }
        found
    }

    /// Where any expression may stand.
    fn expression(&self, stage: &str) -> Vec<Candidate> {
        let place = self.place;
        let rows = self.rows();
        let inside = place.levels.len() > place.query + 1;
        let mut found = Vec::new();
        if let Some(row) = rows.last() {
            found.extend(self.names(row, true));
            // A measure is an item of its own.
            if stage == "summarise" && !inside && !self.in_keys() {
                found.extend(measures(row));
            }
        }
        if rows.len() > 1 {
            found.push(Candidate::new("this", "the outer row"));
        }
        // From a calendar's row whole tables are counted.
        if rows.len() == 1 && inside && rows.first().is_some_and(|row| row.is_of_calendar()) {
            found.extend(self.queries());
        }
        if !place.stem.is_empty()
            && !found.iter().any(|one| begins(one, place.stem))
            && let Some(row) = rows.last()
        {
            let near = self.further(row, "", 1);
            let far = || self.further(row, "", 2);
            found.extend(if near.is_empty() { far() } else { near });
        }
        // Everything there is says little before a letter is typed.
        let items = place.stem.is_empty() && !inside && !self.in_keys();
        let wanted = |builtin: &&Builtin| match builtin.meaning {
            _ if !place.stem.is_empty() => true,
            Meaning::Aggregate(_) => items && stage == "summarise",
            Meaning::Window(_) => {
                items && stage == "let" && place.before(0).is_some_and(|t| t.is_symbol("="))
            }
            _ => false,
        };
        found.extend(builtins::all().filter(wanted).map(function));
        if !place.stem.is_empty() {
            let known = ["not", "if", "true", "false", "missing", "today", "each", "where"];
            found.extend(known.iter().map(|word| Candidate::new(*word, "")));
        }
        found
    }

    /// Columns that begin so of the records that these belong to, so many links away at most: a charge's borough is its
    /// arrest's.
    fn further(&self, row: &Row, path: &str, links: usize) -> Vec<Candidate> {
        let mut found = Vec::new();
        let Some(table) = row.table.as_ref().filter(|_| links > 0) else { return found };
        for link in &table.links {
            let Some(to) = self.known.session.casebook().catalogue().table(&link.to) else { continue };
            let to = self.known.row_of(to);
            let path = format!("{path}{}.", quoted(&link.name));
            let own = self.names(&to, false).into_iter().filter(|one| begins(one, self.place.stem));
            found.extend(own.map(|one| {
                let text = format!("{path}{}", one.text);
                one.written(text)
            }));
            found.extend(self.further(&to, &path, links - 1));
        }
        found
    }

    /// Behind `by` or `per`.
    pub(super) fn in_keys(&self) -> bool {
        let own = self.place.tokens.get(self.place.level()..).unwrap_or_default();
        own.iter().any(|token| token.is_word("by") || token.is_word("per"))
    }

    /// Does the `=` before the cursor give a name to something?
    fn defines(&self, stage: &str) -> bool {
        let place = self.place;
        let items =
            matches!(stage, "let" | "summarise" | "select" | "count" | "rename" | "pivot" | "distinct");
        let head = place.before(2);
        let at_head = place.tokens.len() == place.level() + 3
            || head.is_some_and(|token| token.is_symbol(",") || token.is_word("by") || token.is_word("per"));
        items && at_head && place.levels.len() == place.query + 1
    }

    fn today(&self) -> i32 {
        let session = self.known.session;
        session.settings().as_of.unwrap_or_else(|| check::today(session.casebook().catalogue()))
    }

    pub(super) fn periods(&self) -> Vec<Candidate> {
        words::periods(self.today())
    }

    /// Is a period being typed, its first word so many tokens before the cursor's?
    fn is_time_before(&self, back: usize) -> bool {
        self.place.before(back).is_some_and(|token| {
            token.is_word("in") || token.is_word("with") || token.is_symbol(",") || token.is_word("periods")
        })
    }
}

fn measures(row: &Row) -> impl Iterator<Item = Candidate> {
    row.table.iter().flat_map(|table| &table.measures).map(|measure| {
        Candidate::new(&measure.name, format!("= {}", measure.text)).written(quoted(&measure.name))
    })
}

/// One step of a path.
fn step(known: &Known, row: &Row, name: &str) -> Option<End> {
    let catalogue = known.session.casebook().catalogue();
    if let Some(column) = row.column(name) {
        if let Type::Record(to) = &column.ty {
            return Some(End::Record(Arc::clone(catalogue.table(to)?)));
        }
        return Some(End::Column(column.ty.clone(), column.of.clone()));
    }
    let table = row.table.as_ref()?;
    let to = table.link(name).map(|link| &link.to).or(table.back(name).map(|back| &back.from))?;
    Some(End::Record(Arc::clone(catalogue.table(to)?)))
}

fn stage_word(name: &str, form: &str) -> Candidate {
    let blank = if form.is_empty() || form.starts_with('[') && name != "sort" { "" } else { " " };
    Candidate::new(name, form).written(format!("{name}{blank}"))
}

fn function(builtin: &Builtin) -> Candidate {
    Candidate::new(builtin.name, builtin.signature).written(format!("{}(", builtin.name))
}

/// Does an operand end with it?
fn is_value(token: &Token) -> bool {
    const NONE: [&str; 20] = [
        "by", "per", "where", "and", "or", "not", "in", "is", "to", "with", "using", "into", "as", "on",
        "over", "if", "then", "else", "contains", "matches",
    ];
    match &token.kind {
        TokenKind::Name { quoted: true, .. } => true,
        TokenKind::Name { text, .. } => !NONE.contains(&text.as_str()),
        TokenKind::Symbol(sign) => matches!(*sign, ")" | "]"),
        _ => token.is_literal(),
    }
}
