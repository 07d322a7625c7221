//! The prompt. It reads a question, over several lines where it goes on, answers it and remembers it: a line that
//! begins with `|` narrows it down. What begins with a point is a command ([`commands`]).
//!
//! ```text
//! casebook> arrests | count by borough
//! casebook> | top 3 by count
//! casebook> .save boroughs.cbq
//! ```
//!
//! [`typing`] is what happens while a line is typed, [`session`] what is remembered between two, [`work`] how a question
//! is answered and given up, [`mod@answer`] how it looks.

mod answer;
pub mod commands;
pub mod compose;
pub mod history;
pub mod look;
mod page;
mod pager;
pub mod question;
pub mod session;
pub mod terminal;
pub mod typing;
pub mod work;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::config::{BellStyle, ColorMode, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Cmd, KeyCode, KeyEvent, Modifiers};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::output::{Format, diagnostic::diagnostic, value::visible};
use crate::{Casebook, Settings};
use session::{Session, Timed};
use typing::Typist;
use work::{Lost, Worker};

type Editor = rustyline::Editor<Typist, DefaultHistory>;

const PROMPT: &str = "casebook> ";

/// As many entries of the history are kept.
const ENTRIES: usize = 10_000;

/// How answers and messages look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// A table where none is named.
    pub format: Option<Format>,
    /// Messages in colour.
    pub colour: bool,
}

/// A prompt on a casebook.
pub struct Repl {
    session: Rc<RefCell<Session>>,
    editor: Editor,
    worker: Worker,
    style: Style,
    format: Format,
    /// How many rows of a long answer are shown: as many as the terminal has room for where nothing is said, all for 0.
    most_rows: Option<usize>,
    keys: &'static str,
    history: Option<PathBuf>,
    /// The last answer.
    last: Option<Timed>,
    /// The last question, where it failed.
    failed: Option<String>,
    /// The definitions that the question so far was asked without, and that was said.
    told: Vec<String>,
}

/// Why nothing came of what was typed.
#[derive(Debug)]
enum Trouble {
    /// Mistakes in it.
    Mistakes(Diagnostics),
    /// Ctrl-C.
    GivenUp,
    /// Nobody reads or types any more.
    Gone(io::Error),
}

/// What follows.
#[derive(Debug)]
enum Next {
    /// The next line.
    Line,
    /// This, as if it were typed.
    Ask(String),
    /// Nothing more.
    Leave,
}

type Done = Result<Next, Trouble>;

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Trouble::Gone(error)
    }
}

impl From<Diagnostic> for Trouble {
    fn from(mistake: Diagnostic) -> Self {
        Trouble::Mistakes(vec![mistake])
    }
}

impl From<Diagnostics> for Trouble {
    fn from(mistakes: Diagnostics) -> Self {
        Trouble::Mistakes(mistakes)
    }
}

impl Repl {
    /// A prompt on an open casebook.
    pub fn new(casebook: Casebook, settings: Settings, style: Style) -> io::Result<Repl> {
        let kept = casebook.catalogue().history;
        let session = Rc::new(RefCell::new(Session::new(casebook, settings)));
        // Whether there are colours was settled before, by more than the editor looks at.
        let colours = if style.colour { ColorMode::Forced } else { ColorMode::Disabled };
        let config = Config::builder()
            .color_mode(colours)
            // One Tab goes as far as the candidates agree, and shows them with what they are.
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            // A list is never longer than the screen, so nobody is asked whether to show it.
            .completion_prompt_limit(usize::MAX)
            .bell_style(BellStyle::None)
            // As in shells: what begins with a blank is not kept.
            .history_ignore_space(true)
            .max_history_size(ENTRIES);
        let config = config.map_err(io::Error::other)?.build();
        let mut editor = Editor::with_config(config).map_err(io::Error::other)?;
        editor.set_helper(Some(Typist::new(Rc::clone(&session), style.colour)));
        editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
        let history = if kept { history::file() } else { Err(io::ErrorKind::Unsupported.into()) };
        if let Ok(file) = &history {
            // One that can't be read is as good as none.
            let _ = editor.load_history(file);
        }
        Ok(Repl {
            session,
            editor,
            worker: Worker::new()?,
            style,
            format: style.format.unwrap_or(Format::Table),
            most_rows: None,
            keys: "emacs",
            history: history.ok(),
            last: None,
            failed: None,
            told: Vec::new(),
        })
    }

    /// Reads and answers until the end: Ctrl-D, `.quit`, `quit` or `exit`.
    pub fn run(mut self) -> io::Result<()> {
        self.greet()?;
        while let Some(text) = self.read()? {
            let text = unprompted(&text);
            if text.trim().is_empty() {
                continue;
            }
            self.remember(&text);
            let mut next = self.reply(&text)?;
            // What comes back from an editor is asked as if it had been typed.
            while let Next::Ask(text) = next {
                self.remember(&text);
                next = self.reply(&text)?;
            }
            if matches!(next, Next::Leave) {
                break;
            }
        }
        Ok(())
    }

    /// Reads a question to its end; nothing where it was taken back, `None` where there are no more.
    fn read(&mut self) -> io::Result<Option<String>> {
        loop {
            return match self.editor.readline(PROMPT) {
                Ok(text) => Ok(Some(text)),
                Err(ReadlineError::Interrupted) => Ok(Some(String::new())),
                Err(ReadlineError::Eof) => Ok(None),
                // The window changed its size.
                Err(ReadlineError::Signal(_)) => continue,
                Err(ReadlineError::Io(error)) => Err(error),
                Err(error) => Err(io::Error::other(error)),
            };
        }
    }

    /// Now, and not at the end: a question may be ended by force. One that fails can be mended with the Up key.
    fn remember(&mut self, text: &str) {
        let _ = self.editor.add_history_entry(text.trim_end());
        if let Some(file) = &self.history {
            let _ = self.editor.append_history(file);
        }
    }

    fn greet(&self) -> io::Result<()> {
        let session = self.session.borrow();
        let catalogue = session.casebook().catalogue();
        let names: Vec<&str> = catalogue.tables.iter().map(|table| &*table.name).collect();
        let tables = if names.is_empty() { "no tables".to_string() } else { names.join(", ") };
        let heading = format!("{}: {}", visible(&catalogue.name), visible(&tables));
        complain(&format!("{}\n", page::wrap(&heading, 0, terminal::width())))?;
        self.dim(
            "A question starts with a table; a line that begins with | goes on with the last one. Tab says what may \
             come next, .help says more, Ctrl-D leaves.",
        )
    }

    fn reply(&mut self, text: &str) -> io::Result<Next> {
        self.worker.forget_interrupts();
        let command = commands::split(text, &self.session.borrow());
        let done = match command {
            Some(words) => commands::run(self, words),
            None => {
                let done = self.ask(text);
                self.failed = matches!(done, Err(Trouble::Mistakes(_))).then(|| text.to_string());
                done
            }
        };
        match done {
            Ok(next) => Ok(next),
            Err(Trouble::Gone(error)) => Err(error),
            Err(Trouble::GivenUp) => {
                self.dim("given up")?;
                Ok(Next::Line)
            }
            Err(Trouble::Mistakes(mistakes)) => {
                self.session.borrow_mut().fails(text);
                let (colour, width) = (self.style.colour, terminal::width());
                let shown = mistakes.iter().map(|m| diagnostic(m, "question", text, colour, width));
                complain(&shown.collect::<Vec<_>>().join("\n"))?;
                Ok(Next::Line)
            }
        }
    }

    /// Answers a question.
    fn ask(&mut self, text: &str) -> Done {
        self.tell_news()?;
        let request = self.session.borrow().request(text)?;
        let asked = request.clone();
        let reply = self.work(move || asked.answer())?;
        self.session.borrow_mut().keep(request, &reply);
        let answers = match reply.answers {
            Ok(answers) => answers,
            Err(mistakes) => {
                self.tell_changes()?;
                return Err(mistakes.into_iter().map(reloadable).collect::<Vec<_>>().into());
            }
        };
        // Before any is shown, which may be given up.
        self.last = answers.last().cloned().or(self.last.take());
        self.tell_changes()?;
        for answer in &answers {
            self.show(answer)?;
        }
        Ok(Next::Line)
    }

    /// Says once that a file has changed.
    fn tell_news(&mut self) -> io::Result<()> {
        let news = self.session.borrow_mut().news();
        if news.is_empty() {
            return Ok(());
        }
        let verb = if news.len() == 1 { "has" } else { "have" };
        complain(&format!("note: {} {verb} changed: .reload looks anew\n", visible(&news.join(", "))))
    }

    /// Says that the question so far means something else since definitions of it were changed. The last answer is none
    /// of that.
    fn tell_changes(&mut self) -> io::Result<()> {
        let session = self.session.borrow();
        let names: Vec<String> = session.changed_since().iter().map(|name| format!("`{name}`")).collect();
        if !names.is_empty() {
            self.last = None;
        }
        if names.is_empty() || names == self.told {
            self.told = names;
            return Ok(());
        }
        self.told.clone_from(&names);
        let note = format!("note: the question so far was asked with another {}", visible(&names.join(", ")));
        complain(&page::wrap(
            &format!("{note}; `it` and `|` ask with the present one\n"),
            6,
            terminal::width(),
        ))
    }

    /// Does what may take long.
    fn work<T: Send + 'static>(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
        self.worker.run(work).map_err(|lost| match lost {
            Lost::GivenUp => Trouble::GivenUp,
            Lost::DiskFull => disk_full().into(),
            Lost::Fault => fault().into(),
        })
    }
}

/// What was copied from a session along with its prompts.
fn unprompted(text: &str) -> Cow<'_, str> {
    if !text.contains(PROMPT) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| line.strip_prefix(PROMPT).unwrap_or(line));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// Work that ended by itself, without a result.
fn fault() -> Diagnostic {
    Diagnostic::bare("fault-prompt", "Casebook itself failed").help("please report what you asked")
}

fn disk_full() -> Diagnostic {
    Diagnostic::bare(
        "data-disk",
        "the disk is full: what this question holds at once fits neither there nor in memory",
    )
    .help("POLARS_TEMP_DIR names a folder on a larger disk")
}

/// Mistakes in the question so far, which was asked again.
fn so_far(mistakes: Diagnostics, program: &str) -> Trouble {
    let placed = |mistake: Diagnostic| match mistake.source {
        None if !mistake.labels.is_empty() => mistake.in_source(question::SO_FAR, program),
        _ => mistake,
    };
    Trouble::Mistakes(mistakes.into_iter().map(reloadable).map(placed).collect())
}

/// A file that changed stays so until it is looked at anew.
fn reloadable(mut mistake: Diagnostic) -> Diagnostic {
    if mistake.code == "data-changed" {
        mistake.help = vec![".reload looks at the files anew; then ask again".to_string()];
    }
    mistake
}

fn complain(text: &str) -> io::Result<()> {
    io::stderr().write_all(text.as_bytes())
}
