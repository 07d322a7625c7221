//! The last answer in other ways, and the prompt's own settings.

use rustyline::EditMode;
use rustyline::config::Configurer;

use clap::ValueEnum;

use super::narrow::path_of;
use super::{Command, Takes, Words, help};
use crate::diagnostic::{Diagnostic, nearest};
use crate::output::place::{Place, refused};
use crate::output::{self, Format, Options};
use crate::repl::page::wrap;
use crate::repl::session::Timed;
use crate::repl::{Done, Next, Repl, Trouble, fault, so_far, terminal};
use crate::types::{Bin, time};

pub(super) const ANSWER: &[Command] = &[
    Command {
        name: "all",
        aliases: &[],
        takes: Takes::Nothing,

        arguments: "",
        help: "show every row and column of it, in the pager where it is long",
        example: ".all",
        run: all,
    },
    Command {
        name: "export",
        aliases: &[],
        takes: Takes::File,

        arguments: "FILE",
        help: "write it to a file, in the format that the file's ending names",
        example: ".export boroughs.csv",
        run: export,
    },
    Command {
        name: "export!",
        aliases: &[],
        takes: Takes::File,
        arguments: "FILE",
        help: "the same, over a file that is there",
        example: ".export! boroughs.csv",
        run: export_over,
    },
    Command {
        name: "format",
        aliases: &[],
        takes: Takes::Format,

        arguments: "[FORMAT]",
        help: "show answers as table, csv, tsv, json, ndjson or markdown",
        example: ".format markdown",
        run: format,
    },
];

pub(super) const PROMPT: &[Command] = &[
    Command {
        name: "help",
        aliases: &["?", "h"],
        takes: Takes::Topic,

        arguments: "[TOPIC]",
        help: "say this, or more about a command, a stage, a function or `keys`",
        example: ".help count",
        run: help::help,
    },
    Command {
        name: "set",
        aliases: &[],
        takes: Takes::Setting,

        arguments: "[NAME VALUE]",
        help: "list the settings, or change one: keys, rows, format, as-of",
        example: ".set keys vi",
        run: set,
    },
    Command {
        name: "reload",
        aliases: &[],
        takes: Takes::Nothing,

        arguments: "",
        help: "look at the catalogue and the data anew",
        example: ".reload",
        run: reload,
    },
    Command {
        name: "quit",
        aliases: &["exit", "q"],
        takes: Takes::Nothing,
        arguments: "",
        help: "leave, as Ctrl-D does",
        example: ".quit",
        run: quit,
    },
];

/// The answer of the question so far, which is asked again where a step was taken back.
fn last(repl: &mut Repl) -> Result<Timed, Trouble> {
    if let Some(last) = &repl.last {
        return Ok(last.clone());
    }
    let program = repl.session.borrow().program().ok_or_else(|| {
        Diagnostic::bare("usage-command", "no question has been answered yet").help("ask one first")
    })?;
    let mistaken = |mistakes| so_far(mistakes, &program);
    let request = repl.session.borrow().request(&program).map_err(mistaken)?;
    let answers = repl.work(move || request.answer())?.answers.map_err(mistaken)?;
    repl.last = answers.last().cloned();
    Ok(repl.last.clone().ok_or_else(fault)?)
}

fn all(repl: &mut Repl, _: &Words) -> Done {
    let timed = last(repl)?;
    repl.show_all(&timed)?;
    Ok(Next::Line)
}

fn export(repl: &mut Repl, words: &Words) -> Done {
    let file = path_of(words.rest);
    if file.is_file() {
        let mistake = refused(&file, "it is there already");
        return Err(mistake.help(format!(".export! {} writes over it", words.rest)).into());
    }
    export_over(repl, words)
}

fn export_over(repl: &mut Repl, words: &Words) -> Done {
    let answer = last(repl)?.answer;
    let file = path_of(words.rest);
    let place = Place::of(&file)?;
    place.spare(repl.session.borrow().casebook().catalogue(), &[])?;
    let format = Format::of_file(&file).map_err(|mut mistake| {
        // The command line's other way.
        mistake.help.retain(|help| !help.contains("--format"));
        mistake
    })?;
    let rows = answer.frame.data.height();
    let bytes = repl.work(move || output::write(&[answer], format, Options::default()))??;
    place.write(&bytes).map_err(|error| refused(place.name(), &error.to_string()))?;
    repl.dim(&format!("{rows} {} written to {}", if rows == 1 { "row" } else { "rows" }, file.display()))?;
    Ok(Next::Line)
}

fn format(repl: &mut Repl, words: &Words) -> Done {
    if words.rest.is_empty() {
        repl.write(format!("{}\n", name_of(repl.format)).as_bytes())?;
    } else {
        repl.format = format_of(words.rest)?;
    }
    Ok(Next::Line)
}

fn name_of(format: Format) -> String {
    format.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}

/// What answers may be shown as.
pub fn formats() -> Vec<String> {
    Format::value_variants().iter().map(|format| name_of(*format)).collect()
}

fn format_of(name: &str) -> Result<Format, Diagnostic> {
    Format::from_str(name, true).map_err(|_| {
        let names = formats();
        let mistake = Diagnostic::bare("usage-format", format!("there is no format {name}"));
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => mistake.help(format!("did you mean {near}?")),
            None => mistake.help(format!("there are {}", names.join(", "))),
        }
    })
}

/// A setting's name, what it may be, and some of that.
type Setting = (&'static str, &'static str, fn() -> Vec<String>);

/// The settings.
pub const SETTINGS: [Setting; 4] = [
    ("keys", "emacs or vi", || ["emacs", "vi"].map(String::from).into()),
    (
        "rows",
        "how many rows of a long answer are shown: a number, all, or auto for what the terminal has room for",
        || ["auto", "all", "40"].map(String::from).into(),
    ),
    ("format", "table, csv, tsv, json, ndjson or markdown", formats),
    ("as-of", "the day that today means, or today", || vec!["today".to_string()]),
];

fn set(repl: &mut Repl, words: &Words) -> Done {
    let (name, value) = words.rest.split_once(char::is_whitespace).unwrap_or((words.rest, ""));
    let value = value.trim().trim_start_matches('=').trim();
    if name.is_empty() {
        let mut text = String::new();
        for (name, may_be, _) in SETTINGS {
            let line = format!("{name:8}{:12}{may_be}", present(repl, name));
            text.push_str(&wrap(&line, 20, terminal::width()));
            text.push('\n');
        }
        repl.write(text.as_bytes())?;
        return Ok(Next::Line);
    }
    let Some((name, may_be, _)) =
        SETTINGS.iter().find(|(known, ..)| known.replace('-', "_") == name.replace('-', "_"))
    else {
        let names: Vec<&str> = SETTINGS.iter().map(|(name, ..)| *name).collect();
        let mistake = Diagnostic::bare("usage-setting", format!("there is no setting {name}"));
        return Err(match nearest(name, names.iter().copied()) {
            Some(near) => mistake.help(format!("did you mean {near}?")),
            None => mistake.help(format!("there are {}", names.join(", "))),
        }
        .into());
    };
    let wrong = || Diagnostic::bare("usage-setting", format!("{name} is {may_be}"));
    match *name {
        _ if value.is_empty() => repl.write(format!("{}\n", present(repl, name)).as_bytes())?,
        "keys" => {
            let (keys, mode) = match value {
                "emacs" => ("emacs", EditMode::Emacs),
                "vi" | "vim" => ("vi", EditMode::Vi),
                _ => return Err(wrong().into()),
            };
            repl.keys = keys;
            repl.editor.set_edit_mode(mode);
        }
        "rows" => {
            repl.most_rows = match value {
                "auto" => None,
                "all" => Some(0),
                number => {
                    Some(number.replace([',', '_'], "").parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?)
                }
            };
        }
        "format" => repl.format = format_of(value)?,
        _ => {
            let day = match value {
                "today" => None,
                day => Some(
                    time::parse_date(day)
                        .map(time::days)
                        .ok_or_else(|| wrong().help("a day is written like 2023-10-09"))?,
                ),
            };
            repl.session.borrow_mut().set_as_of(day);
            // It may be another answer now.
            repl.last = None;
        }
    }
    Ok(Next::Line)
}

/// What a setting is.
fn present(repl: &Repl, name: &str) -> String {
    match name {
        "keys" => repl.keys.to_string(),
        "rows" => match repl.most_rows {
            None => "auto".to_string(),
            Some(0) => "all".to_string(),
            Some(rows) => rows.to_string(),
        },
        "format" => name_of(repl.format),
        _ => repl
            .session
            .borrow()
            .settings()
            .as_of
            .map_or_else(|| "today".to_string(), |day| time::day_text(day, Bin::Day)),
    }
}

fn reload(repl: &mut Repl, _: &Words) -> Done {
    repl.session.borrow_mut().reload()?;
    repl.last = None;
    if !repl.session.borrow().casebook().catalogue().history {
        repl.history = None;
    }
    let tables = repl.session.borrow().casebook().catalogue().tables.len();
    let kept = repl.session.borrow().definitions().len();
    let kept = match kept {
        0 => String::new(),
        1 => "; 1 definition stays".to_string(),
        n => format!("; {n} definitions stay"),
    };
    repl.dim(&format!("{tables} {}, looked at anew{kept}", if tables == 1 { "table" } else { "tables" }))?;
    Ok(Next::Line)
}

fn quit(_: &mut Repl, _: &Words) -> Done {
    Ok(Next::Leave)
}
