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
mod layout;
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
    let lexed = lexer::lex(source);
    let layout = layout::lay_out(&lexed);
    let (program, mut found) = parser::program(source, &lexed, &layout);
    if layout.statements.is_empty() && lexed.found.is_empty() && layout.found.is_empty() {
        found.push(nothing_asked(source));
    }
    (program, in_order(found, lexed.found, layout.found))
}

/// Read one expression, such as a column that the catalogue derives, or a value from the command
/// line: `0.5`, `age < 18`, `2023-10-09..2023-10-15`, `since 2019-11`, `week of 2023-10-09`.
pub fn parse_expression(source: &str) -> Result<Expr, Diagnostics> {
    let mut lexed = lexer::lex(source);
    lexed.tokens.retain(|token| token.kind != token::TokenKind::Newline);
    let layout = layout::lay_out(&lexed);
    let (expr, mut found) = parser::lone_expression(source, &layout);
    if let Some(second) = layout.statements.get(1).and_then(|tokens| tokens.first()) {
        found.push(Diagnostic::new("syntax-expected", "one expression is enough here", second.span));
    }
    let found = in_order(found, lexed.found, layout.found);
    match expr {
        Some(expr) if found.is_empty() => Ok(expr),
        _ if found.is_empty() => {
            let place = Span::new(0, source.len());
            Err(vec![Diagnostic::new("syntax-empty", "an expression is missing", place)])
        }
        _ => Err(found),
    }
}

/// Is a typed text ready to be read? No where it certainly goes on: a bracket or a text is open, the
/// line ends in `|`, `,` or an operator, or there are only comments so far.
pub fn is_complete(source: &str) -> bool {
    !layout::is_open(&lexer::lex(source), source)
}

fn nothing_asked(source: &str) -> Diagnostic {
    let message =
        if source.trim().is_empty() { "there is no question here" } else { "there are only comments here" };
    Diagnostic::new("syntax-empty", message, Span::new(source.len(), source.len()))
        .help("a question starts with a table: `arrests | count by borough`")
}

fn in_order(mut found: Diagnostics, lexed: Diagnostics, layout: Diagnostics) -> Diagnostics {
    found.extend(lexed);
    found.extend(layout);
    found.sort_by_key(|mistake| mistake.labels.first().map_or(0, |label| label.span.start));
    found
}
