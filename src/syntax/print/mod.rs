//! The one layout of a program (`casebook fmt`). The tree decides what is printed, in which order and with which
//! brackets; the tokens that it was read from decide how literals look and where comments stand. So an input that
//! parses gives the same tree again, and a formatted text is formatted already.
//!
//! [`query`] lays out statements and stages, [`expr`] expressions; they put out [`doc`]s on a [`walk`] over the
//! tokens, and [`page`] turns those into lines.
//!
//! ```
//! let tidy = casebook::syntax::format("arrests|count   by borough# how many").unwrap();
//! assert_eq!(tidy, "arrests | count by borough    # how many\n");
//! ```

mod doc;
mod expr;
mod page;
mod query;
mod walk;
mod words;

use super::ast::{Program, Statement};
use super::lexer::lex;
use super::span::Span;
use crate::diagnostic::Diagnostics;
use crate::room::with_room;
use doc::{Doc, Note, ends_blank};
use page::Page;
use walk::Walk;

/// A program in its one layout, or the mistakes in it. A text of comments alone is laid out too.
pub fn format(source: &str) -> Result<String, Diagnostics> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let (program, found) = super::parse(source);
    if !found.is_empty() && found.iter().any(|mistake| mistake.code != "syntax-empty") {
        return Err(found);
    }
    let lexed = lex(source);
    Ok(with_room(|| {
        let walk = Walk::new(source, &lexed);
        Printer { source, walk, page: Page::default(), end: 0, apart: false }.print(&program)
    }))
}

/// Is the second text the first one in another layout: do both read as the same, and have they the same comments?
pub fn same_meaning(one: &str, other: &str) -> bool {
    let comments = |source| lex(source).comments.into_iter().map(|comment| comment.text).collect::<Vec<_>>();
    comments(one) == comments(other) && with_room(|| tree(one) == tree(other))
}

/// A program's tree as text, without the places of things.
fn tree(source: &str) -> String {
    let (program, found) = super::parse(source);
    let shown = format!("{program:?}{}", found.len());
    let mut parts = shown.split("Span { start: ");
    let mut tree = parts.next().unwrap_or_default().to_string();
    for part in parts {
        tree.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    tree
}

struct Printer<'a> {
    source: &'a str,
    walk: Walk<'a>,
    page: Page,
    /// Where what has been printed ends in the source.
    end: usize,
    /// That was a comment which must not become the title of what follows.
    apart: bool,
}

impl Printer<'_> {
    fn print(mut self, program: &Program) -> String {
        for statement in &program.statements {
            let span = span(statement);
            self.comments(span.start);
            self.gap(span.start);
            self.walk.begin(span.start);
            let parts = query::statement(&mut self.walk, statement);
            self.page.statement(parts);
            self.end = span.end;
            while let Some(comment) = self.walk.comment_beside(self.end) {
                self.page.comment_beside(Note::of(comment, self.source));
                self.end = self.end.max(comment.span.end);
            }
            self.apart = self.page.end_statement();
        }
        self.comments(self.source.len());
        self.page.text()
    }

    /// The comments on lines of their own before a place.
    fn comments(&mut self, before: usize) {
        while let Some(comment) = self.walk.next_comment(before) {
            self.gap(comment.span.start);
            self.page.comment(&Note::of(comment, self.source).text);
            self.end = comment.span.end;
            // Right above a `;` it is no title either.
            let after = self.walk.between(self.end, before);
            self.apart = !comment.alone || after.trim_start().starts_with(';');
        }
    }

    /// The blank line before what begins at a place, where there was one or must be.
    fn gap(&mut self, start: usize) {
        let apart = std::mem::take(&mut self.apart);
        if !self.page.is_empty() && (apart || ends_blank(self.walk.between(self.end, start))) {
            self.page.blank();
        }
    }
}

fn span(statement: &Statement) -> Span {
    match statement {
        Statement::Param(param) => param.span,
        Statement::Let(definition) => definition.span,
        Statement::Query(query) => query.span,
    }
}

/// Parts of an expression or stage that belong on one line.
fn joined(parts: impl FnOnce(&mut Vec<Doc>)) -> Vec<Doc> {
    let mut out = Vec::new();
    parts(&mut out);
    out
}
