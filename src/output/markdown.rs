//! Markdown for readers, as GitHub draws it: the title as a heading, then a table with the cells that a terminal would
//! show, numbers to the right. Whatever Markdown would take for a sign of its own has a backslash before it.
//!
//! ```text
//! ## Charges by borough
//!
//! | Borough | charges |
//! | --- | ---: |
//! | Camden | 9,878 |
//! | — | 12 |
//! ```

use super::shown::{NO_ROWS, Shown, caption};
use super::value::{to_the_right, visible};
use crate::diagnostic::Diagnostic;
use crate::frame::Answer;

/// Writes answers one below the other, a blank line between them.
pub fn write(answers: &[Answer]) -> Result<Vec<u8>, Diagnostic> {
    let mut text = String::new();
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        one(answer, &mut text)?;
    }
    Ok(text.into_bytes())
}

fn one(answer: &Answer, text: &mut String) -> Result<(), Diagnostic> {
    if let Some(title) = &answer.title {
        text.push_str(&format!("## {}\n\n", escaped(&visible(title))));
    }
    let shown = Shown::of(&answer.frame)?;
    row(shown.columns.iter().map(|column| escaped(&caption(column))), text);
    row(shown.columns.iter().map(|c| if to_the_right(c) { "---:" } else { "---" }.to_string()), text);
    for cells in shown.rows() {
        row(cells.iter().map(|cell| escaped(cell)), text);
    }
    if shown.height == 0 {
        text.push_str(&format!("\n{NO_ROWS}"));
    }
    Ok(())
}

fn row(cells: impl Iterator<Item = String>, text: &mut String) {
    text.push('|');
    for cell in cells {
        text.push_str(&format!(" {cell} |"));
    }
    text.push('\n');
}

/// Text that Markdown shows as it is. An underscore between letters is one anyway, and names are full of them; `&` is
/// a sign only where a name follows.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let sign = match c {
            '\\' | '`' | '*' | '[' | '<' | '|' | '~' | '$' => true,
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => after.is_alphanumeric() || after == '#',
            _ => false,
        };
        if sign {
            shown.push('\\');
        }
        shown.push(c);
        before = c;
    }
    shown
}
