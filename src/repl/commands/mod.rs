//! What can be said to the prompt beside questions. A command is one row of [`TABLE`]: its name, what it is told, a line
//! of help, an example, and what does it. `.help`, the dispatch here and completion while typing are made from it.

mod help;
mod look;
mod narrow;
pub mod show;
pub mod topics;

use super::session::Session;
use super::{Done, Repl, Trouble};
use crate::diagnostic::{Diagnostic, nearest};
use crate::syntax::Span;

/// One command.
pub struct Command {
    /// Its name, without the point.
    pub name: &'static str,
    /// As people know it from elsewhere.
    pub aliases: &'static [&'static str],
    /// What stands behind it: `TABLE`, `[NAME]`.
    pub arguments: &'static str,
    /// What that is, for completion.
    pub takes: Takes,
    /// What it does, in a line.
    pub help: &'static str,
    /// How it might be typed.
    pub example: &'static str,
    run: fn(&mut Repl, &Words) -> Done,
}

/// What a command is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A question.
    Question,
    /// A file.
    File,
    /// A table or a shared query.
    Table,
    /// A function.
    Function,
    /// What there is help on.
    Topic,
    /// A format of answers.
    Format,
    /// A setting and its value.
    Setting,
}

/// The commands of each kind, in the order of `.help`.
pub const TABLE: [(&str, &[Command]); 4] = [
    ("The question so far", narrow::COMMANDS),
    ("The last answer", show::ANSWER),
    ("Looking around", look::COMMANDS),
    ("The prompt", show::PROMPT),
];

/// What was typed behind a point.
#[derive(Debug)]
pub struct Words<'a> {
    /// The command's name, and where it stands with its point.
    name: &'a str,
    name_span: Span,
    /// The rest of the line.
    rest: &'a str,
    rest_span: Span,
}

/// All commands.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLE.iter().flat_map(|(_, commands)| commands.iter())
}

/// Commands that need no point.
pub const BARE: [&str; 4] = ["help", "quit", "exit", "?"];

/// A command's words, where a typed text is one: it begins with a point. Some are commands without one, unless a table or
/// query is called so.
pub fn split<'a>(text: &'a str, session: &Session) -> Option<Words<'a>> {
    let start = text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let bare = BARE.contains(&trimmed) && !session.is_query(trimmed);
    let point = usize::from(trimmed.starts_with('.'));
    if !bare && point == 0 {
        return None;
    }
    let after = &trimmed[point..];
    let length = after.find(char::is_whitespace).unwrap_or(after.len());
    let rest = after[length..].trim();
    let rest_start = start + trimmed.len() - rest.len();
    Some(Words {
        name: &after[..length],
        name_span: Span::new(start, start + point + length),
        rest,
        rest_span: Span::new(rest_start, rest_start + rest.len()),
    })
}

/// Does what a command says.
pub(super) fn run(repl: &mut Repl, words: Words) -> Done {
    let command = find(&words)?;
    if command.arguments.is_empty() && !words.rest.is_empty() {
        let message = format!(".{} takes nothing behind it", command.name);
        return Err(Diagnostic::new("usage-command", message, words.rest_span).into());
    }
    if !command.arguments.is_empty() && !command.arguments.starts_with('[') && words.rest.is_empty() {
        let message = format!(".{} wants {}", command.name, command.arguments);
        let mistake = Diagnostic::new("usage-command", message, words.name_span);
        return Err(mistake.help(format!("for example {}", command.example)).into());
    }
    (command.run)(repl, &words).map_err(|trouble| match trouble {
        Trouble::Mistakes(mistakes) => {
            Trouble::Mistakes(mistakes.into_iter().map(|m| words.place(m)).collect())
        }
        other => other,
    })
}

/// The command that is called so.
pub fn named(name: &str) -> Option<&'static Command> {
    let called = |command: &&Command| {
        command.aliases.iter().chain([&command.name]).any(|own| own.eq_ignore_ascii_case(name))
    };
    all().find(called)
}

/// The command of that name.
fn find(words: &Words) -> Result<&'static Command, Diagnostic> {
    let name = words.name;
    named(name).ok_or_else(|| {
        let message = format!("there is no command .{name}");
        let mistake = Diagnostic::new("name-command", message, words.name_span);
        mistake.help(match nearest(name, all().map(|command| command.name)) {
            Some(near) => format!("did you mean .{near}?"),
            None => ".help lists the commands".to_string(),
        })
    })
}

impl Words<'_> {
    /// A mistake without a place stands at what the command was told.
    fn place(&self, mut mistake: Diagnostic) -> Diagnostic {
        if mistake.labels.is_empty() && mistake.source.is_none() && !self.rest.is_empty() {
            mistake.labels.push(crate::diagnostic::Label { span: self.rest_span, text: String::new() });
        }
        mistake
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let names: Vec<&str> = all().map(|command| command.name).collect();
        for (at, command) in all().enumerate() {
            assert!(!names[..at].contains(&command.name), "{} stands twice", command.name);
            assert!(command.example.starts_with(&format!(".{}", command.name)), "{}", command.name);
            assert!(!command.help.ends_with('.'), "{}", command.name);
        }
    }
}
