//! What may stand beside an operand: operators that fit its type behind it; values, units and periods behind an operator.

use super::complete::{End, Here};
use super::known::Of;
use super::rank::Candidate;
use super::words::{self, Operand};
use crate::syntax::token::{Token, TokenKind};
use crate::types::{Category, Type, Units};

const COMPARISONS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];

/// Functions that give a number, whatever they are over.
const NUMBERS: [&str; 6] = ["count", "distinct", "share", "rank", "number", "integer"];

impl Here<'_> {
    /// Behind an operand.
    pub(super) fn after_operand(&self, stage: &str) -> Vec<Candidate> {
        let place = self.place;
        let in_brackets = place.levels.len() > place.query + 1;
        let first = !in_brackets && place.stage().is_some_and(|stage| stage.len() == 2);
        let by = !in_brackets && self.in_keys();
        // What the stage wants before all else.
        let wanted = match stage {
            "let" if first => Some("="),
            "top" if first => Some("by"),
            "compare" if first => Some("in"),
            _ if by => {
                let mut found = words::after_key(stage);
                found.push(words::next_stage());
                return found;
            }
            _ => None,
        };
        if let Some(word) = wanted {
            return vec![Candidate::new(word, "")];
        }
        let mut found = words::after_value(stage, in_brackets, &self.operand());
        if !in_brackets {
            found.push(words::next_stage());
        }
        found
    }

    fn operand(&self) -> Operand {
        let tokens = &self.place.tokens;
        let Some(last) = tokens.last() else { return Operand::Unknown };
        let path = self.place.path_to(tokens.len());
        let start = match &path {
            // Its names and the points between them.
            Some(names) => tokens.len() + 1 - 2 * names.len(),
            None if last.is_symbol("]") => return Operand::Compared,
            None => tokens.len() - 1,
        };
        let before = start.checked_sub(1).and_then(|at| tokens.get(at));
        let compared = before.is_some_and(|token| {
            is_comparison(token)
                || ["in", "contains", "matches", "with", "is"].iter().any(|word| token.is_word(word))
        });
        if compared || last.is_word("missing") || last.is_word("known") || self.ends_period() {
            return Operand::Compared;
        }
        match path.and_then(|names| self.found(&names)) {
            Some(End::Column(ty, _)) if ty != Type::Missing => Operand::Of(ty),
            _ => Operand::Unknown,
        }
    }

    /// Does a period end before the cursor: `in last 4 weeks`, `in 2023`, `in since 2023-10`?
    fn ends_period(&self) -> bool {
        let tokens = &self.place.tokens;
        let start = tokens.iter().rposition(|token| token.is_word("in")).filter(|at| at + 1 < tokens.len());
        start.is_some_and(|at| {
            tokens[at + 1..].iter().all(|token| match token.word() {
                Some(word) => words::is_of_periods(word),
                None => token.is_literal() || token.is_symbol("..") || token.is_symbol("-"),
            })
        })
    }

    /// What is compared with the list that the cursor is in: where its path ends.
    pub(super) fn list_of(&self) -> Option<usize> {
        let open = self.place.levels.last()?.start.checked_sub(1)?;
        self.before_in(open)
    }

    /// The end of the path before `in` or `not in`, which ends before `end`.
    fn before_in(&self, end: usize) -> Option<usize> {
        let tokens = &self.place.tokens;
        let at = end.checked_sub(1).filter(|at| tokens.get(*at).is_some_and(|token| token.is_word("in")))?;
        let negated = at > 0 && tokens.get(at - 1).is_some_and(|token| token.is_word("not"));
        Some(if negated { at - 1 } else { at })
    }

    /// What is compared at the cursor: where its path ends.
    fn compared(&self) -> Option<usize> {
        let tokens = &self.place.tokens;
        let last = tokens.len().checked_sub(1)?;
        if is_comparison(&tokens[last]) {
            return Some(last);
        }
        self.list_of().or_else(|| self.before_in(tokens.len()))
    }

    /// The values of what is compared, as they are written.
    pub(super) fn values(&self, open: bool) -> Vec<Candidate> {
        let Some(names) = self.compared().and_then(|end| self.place.path_to(end)) else { return Vec::new() };
        let Some(End::Column(ty, of)) = self.found(&names) else { return Vec::new() };
        let text =
            |value: &String| Candidate::new(value, "").written(format!("\"{}\"", value.replace('"', "\"\"")));
        match (ty, of) {
            (Type::Category(category), of) if self.shows(&category, of.as_ref()) => {
                category.values.iter().map(text).collect()
            }
            (Type::Text | Type::Missing, Some(of)) => self.known.values(&of).iter().map(text).collect(),
            (Type::Bool, _) if !open => ["true", "false"].map(|word| Candidate::new(word, "")).into(),
            (Type::Date | Type::Datetime, _) if !open => {
                std::iter::once(Candidate::new("today", "date")).chain(self.params()).collect()
            }
            _ if !open => self.params(),
            _ => Vec::new(),
        }
    }

    /// A personal column's values are nobody's business, even those of a list, and under whatever name. Where a column
    /// comes from an expression, its list may be any of those that it could have come from.
    fn shows(&self, category: &Category, of: Option<&Of>) -> bool {
        if let Some(of) = of {
            return self.known.may_show(of);
        }
        let tables = &self.known.session.casebook().catalogue().tables;
        let personal =
            tables.iter().flat_map(|table| table.declared.iter().map(move |column| (table, column)));
        !personal.filter(|(_, column)| column.personal).any(|(table, column)| {
            // Lists that stand in the data aren't read while somebody types.
            let elsewhere = table.lists.iter().any(|list| list.column == column.name);
            elsewhere || matches!(&column.ty, Type::Category(own) if **own == *category)
        })
    }

    pub(super) fn after_in(&self, stage: &str) -> Vec<Candidate> {
        if matches!(stage, "fill" | "compare") && self.place.levels.len() == self.place.query + 1 {
            return self.periods();
        }
        let end = self.before_in(self.place.tokens.len());
        let found = end.and_then(|end| self.place.path_to(end)).and_then(|names| self.found(&names));
        match found {
            Some(End::Column(Type::Date | Type::Datetime, _)) => {
                let mut found = self.periods();
                found.extend(self.params());
                if self.rows().first().is_some_and(|row| row.is_of_calendar()) {
                    found.insert(0, Candidate::new("this", "the row's own span"));
                }
                found
            }
            // The list is begun as well.
            Some(_) => self.values(false).into_iter().map(in_list).collect(),
            None => self.periods(),
        }
    }

    fn units(&self) -> &Units {
        &self.known.session.casebook().catalogue().units
    }

    /// Behind `to`: the units of what stands before it, or all of them.
    pub(super) fn after_to(&self) -> Vec<Candidate> {
        let per_cent = Candidate::new("%", "per cent");
        match self.type_before(self.place.tokens.len() - 1) {
            Some(ty) if ty.is_quantity() => self.units_of(&ty),
            Some(ty) if ty.is_numeric() => vec![per_cent],
            _ => {
                let units = self.units().names().filter(|name| self.is_main(name));
                std::iter::once(per_cent).chain(units.map(|name| Candidate::new(name, ""))).collect()
            }
        }
    }

    /// The type of a path, or of an aggregate over one, that ends before a token; none where that can't be told.
    fn type_before(&self, end: usize) -> Option<Type> {
        let tokens = &self.place.tokens;
        let path_end = if tokens.get(end.checked_sub(1)?)?.is_symbol(")") {
            let open = opening(tokens, end - 1)?;
            let function = tokens.get(open.checked_sub(1)?)?;
            if NUMBERS.iter().any(|name| function.is_word(name)) {
                return Some(Type::Number);
            }
            let more =
                |token: &Token| matches!(token.kind, TokenKind::Name { .. }) && !token.is_word("where");
            // Names and points by turns.
            let mut at = open + 1;
            while tokens.get(at).is_some_and(more)
                && tokens.get(at + 1).is_some_and(|next| next.is_symbol("."))
            {
                at += 2;
            }
            at + 1
        } else {
            end
        };
        match self.found(&self.place.path_to(path_end)?)? {
            End::Column(ty, _) => Some(ty),
            End::Record(_) => None,
        }
    }

    fn is_main(&self, name: &str) -> bool {
        self.units().find(name).is_some_and(|unit| *unit.name == *name)
    }

    /// Each unit of a type once, until a letter of one of its other names is typed.
    fn units_of(&self, ty: &Type) -> Vec<Candidate> {
        let names = self.units().names_of(ty);
        let names = names.filter(|name| !self.place.stem.is_empty() || self.is_main(name));
        names.map(|name| Candidate::new(name, ty.to_string())).collect()
    }

    /// Behind `5`: the units of what is compared with it, or what the stage says next.
    pub(super) fn after_number(&self, stage: &str) -> Vec<Candidate> {
        let place = self.place;
        let time = ["last", "next", "past"]
            .iter()
            .any(|word| place.before(1).is_some_and(|token| token.is_word(word)));
        if time {
            return words::many_spans();
        }
        let words = |words: &[&str]| words.iter().map(|word| Candidate::new(*word, "")).collect();
        match place.before(1) {
            Some(token) if token.is_word("over") => return words(&["rows", "days", "weeks"]),
            Some(token) if token.is_symbol("+") || token.is_symbol("-") => {
                return words(&["days", "weeks", "months", "years", "hours", "minutes"]);
            }
            _ => {}
        }
        let sign = place.tokens.len().checked_sub(2).filter(|sign| is_comparison(&place.tokens[*sign]));
        match sign.and_then(|sign| self.type_before(sign)) {
            Some(ty) if ty.is_quantity() => self.units_of(&ty),
            _ => self.after_operand(stage),
        }
    }
}

/// Is it a sign that compares?
pub(super) fn is_comparison(token: &Token) -> bool {
    COMPARISONS.iter().any(|sign| token.is_symbol(sign))
}

/// The bracket that one closes.
fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0usize;
    for at in (0..=close).rev() {
        match tokens[at].symbol() {
            Some(")" | "]") => depth += 1,
            Some("(" | "[") => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn in_list(candidate: Candidate) -> Candidate {
    let text = format!("[{}", candidate.text);
    candidate.written(text)
}
