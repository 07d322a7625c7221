//! From tokens to the tree. One file an area of the grammar: [`statement`], [`stage`], [`item`]
//! (what stands between a stage's commas), [`expr`] (operators), [`operand`] (what stands between
//! them), [`call`], [`period`], [`source`]; [`input`] holds what they are made of, [`sql`] the hints for what
//! other languages write, [`habits`] those for days and names as people write them. grammar/casebook.ebnf says the same in one page.
//!
//! One token of lookahead, two at a few places, decides every choice, and nothing is read twice, so
//! the time is linear in the text's length. A word is a word of the language only where what follows
//! suits it: `if x then` is a condition, `if = 3` looks at a column named `if`.

mod call;
mod combine;
mod expr;
mod habits;
mod input;
mod item;
mod operand;
mod period;
mod reshape;
mod source;
mod sql;
mod stage;
mod statement;

use std::cell::RefCell;

use super::ast::{Expr, Program};
use super::layout::Layout;
use super::lexer::Lexed;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::room::with_room;
use input::{Problem, Read, Shared, Tokens};

/// Every statement of a text, and the mistakes in them.
pub fn program(source: &str, lexed: &Lexed, layout: &Layout) -> (Program, Diagnostics) {
    with_room(|| read_program(source, lexed, layout))
}

/// A whole text that is one expression or period.
pub fn lone_expression(source: &str, layout: &Layout) -> (Option<Expr>, Diagnostics) {
    with_room(|| read_expression(source, layout))
}

fn read_program(source: &str, lexed: &Lexed, layout: &Layout) -> (Program, Diagnostics) {
    let shared = Shared { source, unclosed: layout.unclosed.clone(), found: RefCell::default() };
    let mut program = Program::default();
    for tokens in &layout.statements {
        let start = Tokens::new(tokens, &shared);
        if let Some(statement) = settle(start, statement::statement(start, &lexed.comments)) {
            program.statements.push(statement);
        }
    }
    (program, shared.found.into_inner())
}

fn read_expression(source: &str, layout: &Layout) -> (Option<Expr>, Diagnostics) {
    let shared = Shared { source, unclosed: layout.unclosed.clone(), found: RefCell::default() };
    let expr = layout.statements.first().and_then(|tokens| {
        let start = Tokens::new(tokens, &shared);
        let read =
            input::required(expr::expression, "a value")(start).and_then(|(rest, expr)| match rest.peek() {
                None => Ok((rest, expr)),
                Some(_) => Err(input::unexpected(rest, "an operator or the end")),
            });
        settle(start, read)
    });
    (expr, shared.found.into_inner())
}

/// What was read, or `None` after a report.
fn settle<'a, T>(input: Tokens<'a>, read: Read<'a, T>) -> Option<T> {
    match read {
        Ok((_, found)) => Some(found),
        Err(nom::Err::Error(Problem::Broken(mistake)) | nom::Err::Failure(Problem::Broken(mistake))) => {
            input.report(*mistake);
            None
        }
        Err(nom::Err::Failure(Problem::Reported)) => None,
        Err(_) => {
            input.report(Diagnostic::new("syntax-expected", "this could not be read", input.here()));
            None
        }
    }
}
