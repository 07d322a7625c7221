//! The question so far: back a step, shown whole, kept as a file, mended in an editor.

use std::path::{Path, PathBuf};
use std::process;

use super::{Command, Takes, Words};
use crate::catalog;
use crate::diagnostic::Diagnostic;
use crate::output::place::{Place, refused};
use crate::repl::{Done, Next, Repl};
use crate::types::{Bin, time};

pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "back",
        aliases: &[],
        takes: Takes::Nothing,
        arguments: "[STEPS]",
        help: "take the last step back, or so many",
        example: ".back",
        run: back,
    },
    Command {
        name: "query",
        aliases: &[],
        takes: Takes::Nothing,

        arguments: "",
        help: "show the whole question, with the definitions that it needs",
        example: ".query",
        run: query,
    },
    Command {
        name: "save",
        aliases: &[],
        takes: Takes::File,

        arguments: "FILE",
        help: "write it to a file that `casebook run` runs; `.save! FILE` writes over one",
        example: ".save weekly.cbq",
        run: save,
    },
    Command {
        name: "save!",
        aliases: &[],
        takes: Takes::File,

        arguments: "FILE",
        help: "the same, over a file that is there",
        example: ".save! weekly.cbq",
        run: save_over,
    },
    Command {
        name: "edit",
        aliases: &[],
        takes: Takes::Nothing,

        arguments: "",
        help: "open it in $VISUAL or $EDITOR, and ask what comes back",
        example: ".edit",
        run: edit,
    },
];

/// There is no question yet.
fn none() -> Diagnostic {
    Diagnostic::bare("usage-command", "no question has been answered yet").help("ask one first")
}

fn back(repl: &mut Repl, words: &Words) -> Done {
    let steps = match words.rest {
        "" => 1,
        number => number
            .parse::<usize>()
            .ok()
            .filter(|steps| *steps > 0)
            .ok_or_else(|| Diagnostic::bare("usage-command", ".back takes how many steps: .back 2"))?,
    };
    let taken = repl.session.borrow().steps_back();
    if steps > taken {
        let message = match taken {
            0 => "there is no step to take back".to_string(),
            1 => "there is 1 step to take back".to_string(),
            n => format!("there are {n} steps to take back"),
        };
        return Err(Diagnostic::bare("usage-command", message).into());
    }
    for _ in 0..steps {
        repl.session.borrow_mut().back();
    }
    repl.failed = None;
    // The last answer is another question's.
    repl.last = None;
    show(repl)?;
    repl.tell_changes()?;
    Ok(Next::Line)
}

fn query(repl: &mut Repl, _: &Words) -> Done {
    show(repl)
}

fn show(repl: &mut Repl) -> Done {
    let program = repl.session.borrow().program_laid_out().ok_or_else(none)?;
    repl.write(program.as_bytes())?;
    Ok(Next::Line)
}

fn save(repl: &mut Repl, words: &Words) -> Done {
    write(repl, words.rest, false)
}

fn save_over(repl: &mut Repl, words: &Words) -> Done {
    write(repl, words.rest, true)
}

fn write(repl: &mut Repl, name: &str, over: bool) -> Done {
    let program = repl.session.borrow().program_laid_out().ok_or_else(none)?;
    let mut file = path_of(name);
    if file.extension().is_none() {
        file.set_extension("cbq");
    }
    if !over && file.exists() {
        let mistake = refused(&file, "it is there already").help(format!(".save! {name} writes over it"));
        return Err(mistake.into());
    }
    let place = Place::of(&file)?;
    let folder = {
        let session = repl.session.borrow();
        place.spare(session.casebook().catalogue(), &[])?;
        session.casebook().catalogue().folder.clone()
    };
    place.write(program.as_bytes()).map_err(|error| refused(place.name(), &error.to_string()))?;
    let mut words = vec!["casebook".to_string(), "run".to_string()];
    if !is_found_from(&file, &folder) {
        let folder = folder.canonicalize().unwrap_or(folder);
        words.extend(["-C".to_string(), folder.display().to_string()]);
    }
    // What was said beside the question belongs to it as well.
    let session = repl.session.borrow();
    if let Some(day) = session.settings().as_of {
        words.extend(["--as-of".to_string(), time::day_text(day, Bin::Day)]);
    }
    for (name, value) in session.params() {
        words.extend(["-p".to_string(), format!("{name}={value}")]);
    }
    words.push(file.display().to_string());
    let command = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "));
    repl.dim(&format!("saved: {command}"))?;
    Ok(Next::Line)
}

/// Does a file of questions find this casebook by itself?
fn is_found_from(file: &Path, casebook: &Path) -> bool {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (catalog::find(folder).canonicalize(), casebook.canonicalize()) {
        (Ok(found), Ok(own)) => found == own,
        // The catalogue of this very folder has no name of its own for it.
        _ => catalog::find(folder) == Path::new(".") && casebook.as_os_str().is_empty(),
    }
}

fn edit(repl: &mut Repl, _: &Words) -> Done {
    // One that failed is the one to be mended.
    let so_far = || repl.session.borrow().program_laid_out().unwrap_or_default();
    let before = repl.failed.clone().unwrap_or_else(so_far);
    let failed = |what: &'static str| {
        move |error: std::io::Error| Diagnostic::bare("usage-editor", format!("{what}: {error}"))
    };
    let file = tempfile::Builder::new().prefix("question-").suffix(".cbq").tempfile();
    let file = file.map_err(failed("cannot make a file to edit"))?;
    std::fs::write(file.path(), &before).map_err(failed("cannot write a file to edit"))?;
    let usual = if cfg!(windows) { "notepad" } else { "vi" };
    let set = |name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(set).unwrap_or_else(|| usual.to_string());
    let words = shlex::split(&editor).filter(|words| !words.is_empty());
    let words =
        words.ok_or_else(|| Diagnostic::bare("usage-editor", format!("$EDITOR is no command: {editor}")))?;
    let ended = process::Command::new(&words[0]).args(&words[1..]).arg(file.path()).status();
    let ended = ended.map_err(|error| {
        let mistake = Diagnostic::bare("usage-editor", format!("cannot start {}: {error}", words[0]));
        mistake.help("$VISUAL or $EDITOR names the editor")
    })?;
    if !ended.success() {
        let mistake = Diagnostic::bare("usage-editor", format!("{} ended with {ended}", words[0]));
        let changed = std::fs::read_to_string(file.path()).is_ok_and(|after| after != before);
        return Err(match changed.then(|| file.keep()) {
            Some(Ok((_, kept))) => mistake.help(format!("what was edited is in {}", kept.display())),
            _ => mistake,
        }
        .into());
    }
    // Some editors put a new file in the place of the old one.
    let after = std::fs::read_to_string(file.path()).map_err(failed("cannot read what was edited"))?;
    if after.trim().is_empty() || after == before {
        repl.dim(if after == before {
            "nothing changed"
        } else {
            "nothing was left in the file, so nothing is asked"
        })?;
        return Ok(Next::Line);
    }
    repl.write(after.as_bytes())?;
    // Definitions in it replace those of the session, as if it had been typed.
    Ok(Next::Ask(after.trim_end().to_string()))
}

/// A file as it is typed: `~` is the home folder, quotes may stand around.
pub(super) fn path_of(name: &str) -> PathBuf {
    let unquoted = ['"', '\''].iter().find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote));
    let name = unquoted.unwrap_or(name);
    match (name.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => PathBuf::from(name),
    }
}
