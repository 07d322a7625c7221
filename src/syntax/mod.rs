//! From text to tree. [`lexer`] makes [`token`]s, `layout` cuts them into statements, and `parser`
//! makes the [`ast`] of each; every step keeps going after a mistake, so one run reports them all.
//! Nothing here knows a table, a column or a unit: that is the checker's.
//!
//! ```
//! let (program, mistakes) = casebook::syntax::parse("arrests | count by borough");
//! assert!(mistakes.is_empty());
//! assert_eq!(program.statements.len(), 1);
//! ```

pub mod ast;
pub(crate) mod days;
pub mod layout;
pub mod lexer;
mod literal;
mod parser;
mod print;
pub mod span;
pub mod token;

pub use ast::{Expr, Program};
pub use print::{format, same_meaning};
pub use span::Span;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// Read a file of questions, or a typed line: its tree, in which what could not be read is `Broken`,
/// and every mistake, in the order of their places.
pub fn parse(source: &str) -> (Program, Diagnostics) {
    program(source, 0, lexer::lex(source))
}

fn program(source: &str, start: usize, lexed: lexer::Lexed) -> (Program, Diagnostics) {
    let layout = layout::lay_out(&lexed);
    let (program, mut found) = parser::program(source, &lexed, &layout);
    if layout.statements.is_empty() && lexed.found.is_empty() && layout.found.is_empty() {
        found.push(nothing_asked(source.get(start..).unwrap_or_default(), source.len()));
    }
    (program, in_order(found, lexed.found, layout.found))
}

/// Read one expression, such as a value from the command line: `0.5`, `age < 18`, `2023-10-09..2023-10-15`,
/// `since 2019-11`, `week of 2023-10-09`.
pub fn parse_expression(source: &str) -> Result<Expr, Diagnostics> {
    parse_expression_in(source, Span::new(0, source.len()))
}

/// Read the expression that stands at a place of a longer text, such as a column that the catalogue derives. Its
/// places are the longer text's.
pub fn parse_expression_in(source: &str, at: Span) -> Result<Expr, Diagnostics> {
    let source = source.get(..at.end).unwrap_or_default();
    let mut lexed = lexer::lex_from(source, at.start);
    lexed.tokens.retain(|token| token.kind != token::TokenKind::Newline);
    let layout = layout::lay_out(&lexed);
    let (expr, mut found) = parser::lone_expression(source, &layout);
    if let Some(second) = layout.statements.get(1).and_then(|tokens| tokens.first()) {
        found.push(Diagnostic::new("syntax-expected", "one expression is enough here", second.span));
    }
    let found = in_order(found, lexed.found, layout.found);
    match expr {
        Some(expr) if found.is_empty() => Ok(expr),
        _ if found.is_empty() => Err(vec![Diagnostic::new("syntax-empty", "an expression is missing", at)]),
        _ => Err(found),
    }
}

/// Read the one question that stands at a place of a longer text, such as a query that the catalogue shares.
pub fn parse_query_in(source: &str, at: Span) -> Result<ast::Query, Diagnostics> {
    let source = source.get(..at.end).unwrap_or_default();
    let (program, mut found) = program(source, at.start, lexer::lex_from(source, at.start));
    let mut statements = program.statements.into_iter();
    let (first, second) = (statements.next(), statements.next());
    let beside = match (&first, &second) {
        (Some(ast::Statement::Param(param)), _) => Some(param.span),
        (Some(ast::Statement::Let(named)), _) => Some(named.span),
        (_, Some(ast::Statement::Param(param))) => Some(param.span),
        (_, Some(ast::Statement::Let(named))) => Some(named.span),
        (_, Some(ast::Statement::Query(query))) => Some(query.span),
        (_, None) => None,
    };
    if let Some(span) = beside {
        found.push(Diagnostic::new("syntax-expected", "one question stands here, and nothing else", span));
    }
    match first {
        Some(ast::Statement::Query(query)) if found.is_empty() => Ok(query),
        _ => Err(found),
    }
}

/// A text on one line, without its comments.
pub fn on_one_line(source: &str) -> String {
    let mut text = source.to_string();
    for comment in lexer::lex(source).comments.iter().rev() {
        text.replace_range(comment.span.start..comment.span.end, "");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Is a typed text ready to be read? No where it certainly goes on: a bracket is open, the line
/// ends in `|`, `,`, an operator or a word that wants more, or there are only comments so far.
pub fn is_complete(source: &str) -> bool {
    !layout::is_open(&lexer::lex(source))
}

fn nothing_asked(source: &str, end: usize) -> Diagnostic {
    let message =
        if source.trim().is_empty() { "there is no question here" } else { "there are only comments here" };
    Diagnostic::new("syntax-empty", message, Span::new(end, end))
        .help("a question starts with a table: `arrests | count by borough`")
}

/// A question that begins with a stage. The prompt knows it by its code, and may know what it goes on with.
pub(crate) fn table_first(stage: &str, place: Span) -> Diagnostic {
    Diagnostic::new("syntax-table", "a question starts with a table", place)
        .help(format!("write the table first: `arrests | {} …`", stage.to_lowercase()))
}

fn in_order(mut found: Diagnostics, lexed: Diagnostics, layout: Diagnostics) -> Diagnostics {
    found.extend(lexed);
    found.extend(layout);
    found.sort_by_key(|mistake| mistake.labels.first().map_or(0, |label| label.span.start));
    found
}
