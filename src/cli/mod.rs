//! The command line: what may be said, one file a command, and what a run ends with. Answers go to
//! standard output, everything else to standard error; a mistake ends a run with 1 where the question
//! or the catalogue is wrong, 2 where the command line is, and 3 where the data are.

mod check;
mod completions;
mod cut;
mod describe;
mod explain;
mod fmt;
mod functions;
mod options;
mod query;
mod run;
mod source;
mod start;
mod target;
mod test;
mod test_line;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::frame::Answer;
use crate::output;
use crate::repl::terminal;
use options::Options;
use source::Source;

/// Questions over operational records, asked in one small language.
///
/// Without a command: the prompt, on the casebook in this folder or above; questions from standard
/// input where that is no terminal.
#[derive(Debug, Parser)]
#[command(
    name = "casebook",
    version,
    after_help = "\
Exit codes: 0 done; 1 the question, the catalogue or a golden test is wrong; 2 wrong usage,
-p or -o; 3 the data could not be read or break a key."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer one question
    Query(query::Arguments),
    /// Answer the questions of files
    Run(run::Arguments),
    /// Look for mistakes in files of questions, without reading data
    Check(check::Arguments),
    /// Put files of questions in the one layout
    Fmt(fmt::Arguments),
    /// Hold the answers of files of questions against those kept beside them
    Test(test::Arguments),
    /// List the tables, or the columns and links of one
    Describe(describe::Arguments),
    /// Show what will be done for a question
    Explain(explain::Arguments),
    /// List the functions and aggregates, or show one
    Functions(functions::Arguments),
    /// Print a script that makes a shell complete commands and options
    Completions(completions::Arguments),
}

/// Why a run ended early.
#[derive(Debug)]
enum Stop {
    /// Mistakes, with the texts that they are in.
    Mistakes(Vec<(Source, Diagnostics)>),
    /// What was to be said has been said; the exit code.
    Told(u8),
    /// Nobody reads the answer any more: `casebook … | head`.
    Closed,
}

impl From<Diagnostic> for Stop {
    fn from(mistake: Diagnostic) -> Self {
        Stop::from(vec![mistake])
    }
}

impl From<Diagnostics> for Stop {
    fn from(mistakes: Diagnostics) -> Self {
        Stop::Mistakes(vec![(Source::default(), mistakes)])
    }
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    // Panics inside the engine are caught and reported as mistakes: the default message would only
    // stand beside that.
    std::panic::set_hook(Box::new(|_| ()));
    cut::mind();
    std::panic::catch_unwind(run_command).unwrap_or_else(|_| {
        say("error[fault]: Casebook itself failed; please report what you asked\n");
        ExitCode::from(101)
    })
}

fn run_command() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help for a reader who is gone needs no answer.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    let options = arguments.options;
    let done = match arguments.command {
        None => start::start(&options),
        Some(Command::Query(command)) => query::query(&command, &options),
        Some(Command::Run(command)) => run::run(&command.files, &options),
        Some(Command::Check(command)) => check::check(&command, &options),
        Some(Command::Fmt(command)) => fmt::fmt(&command, &options),
        Some(Command::Test(command)) => test::test(&command, &options),
        Some(Command::Describe(command)) => describe::describe(&command, &options),
        Some(Command::Explain(command)) => explain::explain(&command, &options),
        Some(Command::Functions(command)) => functions::functions(&command, &options),
        Some(Command::Completions(command)) => completions::completions(&command, &options),
    };
    match done {
        Ok(()) | Err(Stop::Closed) => ExitCode::SUCCESS,
        Err(Stop::Told(code)) => ExitCode::from(code),
        Err(Stop::Mistakes(mistakes)) => ExitCode::from(report(&mistakes, options.colour())),
    }
}

/// Prints mistakes and gives the exit code: that of the gravest.
fn report(mistakes: &[(Source, Diagnostics)], colour: bool) -> u8 {
    let mut code = 1;
    let mut text = String::new();
    let width = terminal::width().filter(|_| std::io::stderr().is_terminal());
    for (source, found) in mistakes {
        for mistake in found {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&output::diagnostic::diagnostic(
                mistake,
                &source.name,
                &source.text,
                colour,
                width,
            ));
            code = code.max(mistake.exit_code());
        }
    }
    say(&text);
    code
}

/// Prints the notes of answers.
fn notes(answers: &[Answer]) {
    let titled = answers.iter().map(|answer| (answer.title.as_deref(), &*answer.notes));
    say(&noted(&titled.collect::<Vec<_>>()));
}

/// The notes of answers, a line each, with the title where there are several.
fn noted(answers: &[(Option<&str>, &[String])]) -> String {
    let mut text = String::new();
    for (at, (title, notes)) in answers.iter().enumerate() {
        let of = match title {
            _ if answers.len() == 1 => String::new(),
            Some(title) => format!("{title}: "),
            None => format!("answer {}: ", at + 1),
        };
        for note in *notes {
            text.push_str(&format!("note: {}\n", output::value::visible(&format!("{of}{note}"))));
        }
    }
    text
}

/// Says something on standard error; where nobody listens, nothing is lost.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn notes_say_whose_they_are() {
        let notes = ["3 rows left out".to_string(), "a\u{1b}b".to_string()];
        assert_eq!(noted(&[(Some("T"), &notes)]), "note: 3 rows left out\nnote: a\\u{1b}b\n");
        assert_eq!(
            noted(&[(Some("T"), &notes[..1]), (None, &notes[..1])]),
            "note: T: 3 rows left out\nnote: answer 2: 3 rows left out\n"
        );
    }
}
