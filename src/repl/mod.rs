//! The prompt. It reads a question, over several lines where it goes on, and prints what the command
//! line would print: [`session`] asks for both.
//!
//! ```text
//! casebook> arrests |
//!       ... count by borough
//! ```

pub mod session;
pub mod terminal;
pub mod typing;

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;

use crate::output::{self, Format, diagnostic::diagnostic, value::visible};
use crate::{Casebook, Settings};
use session::Session;
use typing::Typist;

type Editor = rustyline::Editor<Typist, DefaultHistory>;

const PROMPT: &str = "casebook> ";

/// How answers and messages look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// A table where none is named.
    pub format: Option<Format>,
    /// Messages in colour.
    pub colour: bool,
}

/// A prompt on a casebook.
#[derive(Debug)]
pub struct Repl {
    session: Rc<RefCell<Session>>,
    style: Style,
}

/// What was typed.
enum Typed {
    Text(String),
    Nothing,
    End,
}

impl Repl {
    /// A prompt on an open casebook.
    pub fn new(casebook: Casebook, settings: Settings, style: Style) -> Repl {
        let session = Rc::new(RefCell::new(Session::new(casebook, settings)));
        Repl { session, style }
    }

    /// Reads and answers until the end: Ctrl-D, `quit` or `exit`.
    pub fn run(self) -> io::Result<()> {
        let mut editor = Editor::new().map_err(io::Error::other)?;
        editor.set_helper(Some(Typist::new(Rc::clone(&self.session))));
        let history = history_file();
        if let Some(file) = &history {
            // A first run has no history, and one that can't be read is as good as none.
            let _ = editor.load_history(file);
        }
        self.greet()?;
        loop {
            match read(&mut editor)? {
                Typed::End => break,
                Typed::Nothing => {}
                Typed::Text(text) => {
                    let _ = editor.add_history_entry(&text);
                    if let Some(file) = &history {
                        // Now, and not at the end: a question may be ended by force.
                        let _ = editor.append_history(file);
                    }
                    self.reply(&text)?;
                }
            }
        }
        Ok(())
    }

    fn greet(&self) -> io::Result<()> {
        let session = self.session.borrow();
        let catalogue = session.casebook().catalogue();
        let names: Vec<&str> = catalogue.tables.iter().map(|table| &*table.name).collect();
        let tables = if names.is_empty() { "no tables".to_string() } else { names.join(", ") };
        print(&format!("{}: {}\n", visible(&catalogue.name), visible(&tables)))
    }

    fn reply(&self, text: &str) -> io::Result<()> {
        let asked = self.session.borrow_mut().ask(text);
        let answers = match asked {
            Ok(answers) => answers,
            Err(mistakes) => {
                let shown = mistakes.iter().map(|m| diagnostic(m, "question", text, self.style.colour));
                return complain(&shown.collect::<Vec<_>>().join("\n"));
            }
        };
        let format = self.style.format.unwrap_or(Format::Table);
        let options = output::Options { width: terminal::width() };
        for answer in &answers {
            match output::write(std::slice::from_ref(answer), format, options) {
                Ok(bytes) => io::stdout().write_all(&bytes)?,
                Err(mistake) => complain(&diagnostic(&mistake, "question", text, self.style.colour))?,
            }
            for note in &answer.notes {
                complain(&format!("note: {}\n", visible(note)))?;
            }
            print("\n")?;
        }
        Ok(())
    }
}

/// Reads a question to its end.
fn read(editor: &mut Editor) -> io::Result<Typed> {
    loop {
        let text = match editor.readline(PROMPT) {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => return Ok(Typed::Nothing),
            Err(ReadlineError::Eof) => return Ok(Typed::End),
            // The window changed its size.
            Err(ReadlineError::Signal(_)) => continue,
            Err(ReadlineError::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        };
        return Ok(match text.trim() {
            "" => Typed::Nothing,
            "quit" | "exit" | ".quit" | ".exit" => Typed::End,
            _ => Typed::Text(text),
        });
    }
}

/// Where lines are remembered: in the platform's folder for data; its folder is made where it isn't there.
fn history_file() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.data_dir().join("casebook");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn complain(text: &str) -> io::Result<()> {
    io::stderr().write_all(text.as_bytes())
}
