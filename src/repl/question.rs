//! The question that is being narrowed down. A typed text may go on with it (`| count by borough`) or name it (`it |
//! sort -n`); [`compose`] puts it where it belongs.

use super::compose::Composed;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::ast::Statement;
use crate::syntax::token::{Token, TokenKind};
use crate::syntax::{Span, layout, lexer, parse};

/// What messages call it.
pub(super) const SO_FAR: &str = "the question so far";

/// One question, complete in itself but for definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its title.
    pub title: Option<String>,
    /// From its table to its last stage.
    pub text: String,
}

impl Question {
    /// The last question of a program.
    pub fn last_of(program: &str) -> Option<Question> {
        let (parsed, _) = parse(program);
        let last = parsed.statements.into_iter().rev().find_map(|statement| match statement {
            Statement::Query(query) => Some(query),
            _ => None,
        })?;
        let text = program.get(last.span.start..last.span.end)?.to_string();
        Some(Question { title: last.title, text })
    }

    /// With its title above.
    pub fn whole(&self) -> String {
        match &self.title {
            Some(title) => format!("# {title}\n{}", self.text),
            None => self.text.clone(),
        }
    }
}

/// Adds what was typed to the definitions before it, the last question in its place. `defined` was defined since, and
/// `it` means the question unless something else is called so.
pub fn compose(
    whole: &mut Composed,
    typed: &str,
    last: Option<&Question>,
    defined: Option<&str>,
    it: bool,
) -> Result<(), Diagnostics> {
    let tokens: Vec<Token> = lexer::lex(typed).tokens;
    let first = tokens.iter().find(|token| token.kind != TokenKind::Newline);
    let mut at = 0;
    if let Some(bar) = first.filter(|token| token.is_symbol("|")) {
        let last = last.ok_or_else(|| vec![nothing_to_go_on_with(bar.span)])?;
        if let Some(defined) = defined {
            return Err(vec![either(bar.span, defined)]);
        }
        // Comments above the bar are a title of its own.
        if typed[..bar.span.start].trim().is_empty() {
            if let Some(title) = &last.title {
                whole.before(SO_FAR, &format!("# {title}\n"));
            }
        } else {
            whole.typed(typed, Span::new(0, bar.span.start));
        }
        whole.before(SO_FAR, &last.text);
        whole.before(SO_FAR, "\n");
        at = bar.span.start;
    }
    for (place, nested) in if it { names_of_it(&tokens) } else { Vec::new() } {
        let last = last.ok_or_else(|| vec![no_answer(place)])?;
        if let Some(above) = question_above(typed, place) {
            return Err(vec![which(place, above)]);
        }
        whole.typed(typed, Span::new(at, place.start));
        let text = if nested { format!("({})", last.text) } else { last.text.clone() };
        whole.before(SO_FAR, &text);
        at = place.end;
    }
    whole.typed(typed, Span::new(at, typed.len()));
    Ok(())
}

/// A question of the same text that stands above a place.
fn question_above(typed: &str, place: Span) -> Option<Span> {
    let statements = layout::lay_out(&lexer::lex(typed)).statements;
    let spans = statements.iter().filter_map(|tokens| {
        let (first, last) = (tokens.first()?, tokens.last()?);
        let defines = (first.is_word("let") || first.is_word("param"))
            && tokens.get(1).is_some_and(|token| matches!(token.kind, TokenKind::Name { .. }));
        (!defines).then_some(Span::new(first.span.start, last.span.end))
    });
    spans.rev().find(|span| span.end <= place.start)
}

/// Where `it` stands for a table, and whether as another query's within a stage, which stands in brackets.
fn names_of_it(tokens: &[Token]) -> Vec<(Span, bool)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.is_word("it")) {
        let before = tokens[..at].iter().rev().find(|token| token.kind != TokenKind::Newline);
        let starts = before.is_none_or(|before| before.is_symbol(";"))
            || tokens[at - 1].kind == TokenKind::Newline && {
                let line = tokens[..at].iter().filter(|token| token.kind != TokenKind::Newline).cloned();
                layout::ends_statement(&line.collect::<Vec<_>>(), &tokens[at..])
            };
        let defines = tokens[..at].iter().rev().nth(2).is_some_and(|token| token.is_word("let"))
            && before.is_some_and(|before| before.is_symbol("="));
        let stage = before
            .is_some_and(|b| ["append", "except", "join", "many", "in"].iter().any(|word| b.is_word(word)));
        let next = tokens[at + 1..].iter().find(|token| token.kind != TokenKind::Newline);
        let in_list = at >= 2 && tokens[at - 2].is_word("in") && next.is_some_and(|next| next.is_symbol(")"));
        let bracket = before.is_some_and(|before| before.is_symbol("("))
            && (in_list || next.is_some_and(|next| next.is_symbol("|")));
        // A column may be called so as well.
        let goes_on = next.is_none_or(|next| {
            matches!(next.symbol(), Some("|" | ";" | ")" | ","))
                || ["as", "on", "and", "or"].iter().any(|word| next.is_word(word))
        }) || tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Newline);
        if goes_on && (starts || defines || stage || bracket) {
            found.push((token.span, stage));
        }
    }
    found
}

fn nothing_to_go_on_with(bar: Span) -> Diagnostic {
    Diagnostic::new("syntax-expected", "there is no question yet to go on with", bar)
        .help("a question starts with a table: `arrests | count by borough`")
}

fn either(bar: Span, defined: &str) -> Diagnostic {
    Diagnostic::new("syntax-expected", "it is not clear which question goes on here", bar)
        .help(format!("`{defined} | …` goes on with what was just defined"))
        .help("`it | …` goes on with the last question")
}

fn which(place: Span, above: Span) -> Diagnostic {
    Diagnostic::new("name-table", "`it` is the question before these, but this may mean the one above", place)
        .also(above, "this one")
        .help("give that one a name: `let first = …`, then `first | …`")
}

fn no_answer(place: Span) -> Diagnostic {
    Diagnostic::new("name-table", "`it` is the last question, and none has been answered yet", place)
        .help("ask one first: `arrests | count by borough`, then `it | sort -count`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(typed: &str) -> Result<String, String> {
        let last = Question { title: Some("Arrests".to_string()), text: "arrests | take 3".to_string() };
        let mut whole = Composed::default();
        match compose(&mut whole, typed, Some(&last), None, true) {
            Ok(()) => Ok(whole.text),
            Err(mistakes) => Err(mistakes[0].message.clone()),
        }
    }

    #[test]
    fn a_bar_goes_on() {
        assert_eq!(composed("| count").unwrap(), "# Arrests\narrests | take 3\n| count");
        assert_eq!(composed("# How many\n| count").unwrap(), "# How many\narrests | take 3\n| count");
        assert_eq!(composed("charges | count").unwrap(), "charges | count");
        let mut whole = Composed::default();
        assert!(compose(&mut whole, "| count", None, None, true).is_err());
        let last = Question { title: None, text: "a".to_string() };
        assert!(compose(&mut whole, "| count", Some(&last), Some("b"), true).is_err());
    }

    #[test]
    fn it_is_the_last_question() {
        assert_eq!(composed("it | count").unwrap(), "arrests | take 3 | count");
        assert_eq!(composed("it").unwrap(), "arrests | take 3");
        assert_eq!(composed("let a = it | count").unwrap(), "let a = arrests | take 3 | count");
        assert_eq!(composed("a | append it | count").unwrap(), "a | append (arrests | take 3) | count");
        assert_eq!(
            composed("a | where x in (it | select x)").unwrap(),
            "a | where x in (arrests | take 3 | select x)"
        );
        assert_eq!(composed("a | where x in (it)").unwrap(), "a | where x in (arrests | take 3)");
        assert_eq!(
            composed("a | where x in it and y = 2").unwrap(),
            "a | where x in (arrests | take 3) and y = 2"
        );
        assert_eq!(composed("let b = a\nit | count").unwrap(), "let b = a\narrests | take 3 | count");
        // Which of two is meant isn't clear.
        for text in ["a\nit | count", "| count\nit", "a; b | append it"] {
            assert!(composed(text).unwrap_err().starts_with("`it` is the question before these"), "{text}");
        }
        // A column.
        for column in ["a | where it = 3", "a | where (it) = 3", "a | sort it", "a | select it, b", "a.it"] {
            assert_eq!(composed(column).unwrap(), column);
        }
    }

    #[test]
    fn the_last_question_of_several() {
        let last = Question::last_of("a | count\n# T\nb | take 3 # x\nlet c = d;").unwrap();
        assert_eq!(last, Question { title: Some("T".to_string()), text: "b | take 3".to_string() });
        assert_eq!(last.whole(), "# T\nb | take 3");
        assert!(Question::last_of("let c = d").is_none());
    }
}
