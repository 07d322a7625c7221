//! What happens while a question is typed, key by key. rustyline asks its helper, the [`Typist`], after each one; the
//! Typist asks the [`Session`] what may be said: the open casebook, the definitions so far, the question that a line
//! which begins with `|` would go on with, the params.
//!
//! So far it says where a question ends: Enter breaks the line where a bracket or a text is open, or the line ends in
//! `|`, `,` or an operator; an empty line ends it all the same.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};

use super::session::Session;
use crate::syntax;

/// rustyline's helper. It reads the session and never changes it; the prompt changes it only between two lines.
#[derive(Debug)]
pub struct Typist {
    session: Rc<RefCell<Session>>,
}

impl Typist {
    /// A helper that knows what the session knows.
    pub fn new(session: Rc<RefCell<Session>>) -> Typist {
        Typist { session }
    }

    /// What may be asked.
    pub fn session(&self) -> Ref<'_, Session> {
        self.session.borrow()
    }
}

impl rustyline::Helper for Typist {}

impl Completer for Typist {
    type Candidate = String;
}

impl Hinter for Typist {
    type Hint = String;
}

impl Highlighter for Typist {}

impl Validator for Typist {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(if is_whole(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

/// Is it ready to be answered? A command is one line.
fn is_whole(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    last.trim().is_empty() || text.trim_start().starts_with('.') || syntax::is_complete(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_question_ends() {
        for whole in ["arrests", "", ".describe (", "arrests |\n", "| count", "arrests\n| take 3", "quit"] {
            assert!(is_whole(whole), "{whole:?}");
        }
        for open in ["arrests |", "| count by a,", "arrests | where (a\n= 3", "# title", "let a ="] {
            assert!(!is_whole(open), "{open:?}");
        }
    }
}
