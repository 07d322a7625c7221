//! Completion of what begins with a point: commands, and what they are told.

use std::fs;
use std::path::Path;

use clap::ValueEnum;

use super::known::{Known, quoted};
use super::rank::Candidate;
use crate::builtins;
use crate::output::Format;
use crate::repl::commands;
use crate::repl::commands::topics::TOPICS;

/// Where the completed word of a command line begins, and the candidates; `None` where a question is being typed
/// behind `.explain`, which begins at the place given.
pub fn complete(text: &str, known: Known) -> Result<(usize, Vec<Candidate>), usize> {
    let start = text.len() - text.trim_start().len();
    let line = &text[start..];
    let Some(blank) = line.find(char::is_whitespace) else {
        let all = commands::all().map(|command| {
            let note = format!("{} {}", command.arguments, command.help);
            Candidate::new(format!(".{}", command.name), note.trim())
        });
        return Ok((start, all.collect()));
    };
    let rest = start + blank + (line.len() - blank - line[blank..].trim_start().len());
    let told = &text[rest..];
    let word = text.rfind(char::is_whitespace).map_or(rest, |at| at + 1).max(rest);
    let words = |words: &[&str]| words.iter().map(|word| Candidate::new(*word, "")).collect::<Vec<_>>();
    let formats = || {
        let all = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        all.map(|value| Candidate::new(value.get_name(), "")).collect::<Vec<_>>()
    };
    let functions = || builtins::all().map(|builtin| Candidate::new(builtin.name, builtin.help));
    let first = word == rest;
    let found = match &line[1..blank] {
        "explain" => return Err(rest),
        "save" | "save!" | "export" => return Ok(files(told, rest)),
        "describe" | "schema" if first => {
            let tables = known.session.casebook().catalogue().tables.iter();
            let note = |label: &Option<String>| label.clone().unwrap_or_default();
            tables.map(|table| Candidate::new(&*table.name, note(&table.label))).collect()
        }
        "functions" if first => functions().collect(),
        "help" | "?" | "h" if first => {
            let topics = TOPICS.iter().map(|topic| Candidate::new(topic.name, topic.help));
            let all = commands::all().map(|command| Candidate::new(command.name, command.help));
            let mut found: Vec<Candidate> = topics.chain(functions()).chain(all).collect();
            found.push(Candidate::new("keys", "what each key does"));
            found
        }
        "format" if first => formats(),
        "set" if first => words(&["keys", "rows", "format", "as-of"]),
        "set" => match told.split_whitespace().next() {
            Some("keys") => words(&["emacs", "vi"]),
            Some("rows") => words(&["all", "40"]),
            Some("format") => formats(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    Ok((word, found))
}

/// The files of the folder that a path so far leads to; folders end in `/`.
fn files(told: &str, rest: usize) -> (usize, Vec<Candidate>) {
    let (folder, typed) = told.rsplit_once('/').map_or((None, told), |(folder, name)| (Some(folder), name));
    let path = match folder {
        None => Path::new("."),
        Some("") => Path::new("/"),
        Some(folder) => Path::new(folder),
    };
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut found: Vec<Candidate> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !typed.starts_with('.');
            let end = if entry.file_type().ok()?.is_dir() { "/" } else { "" };
            (!hidden).then(|| Candidate::new(format!("{name}{end}"), ""))
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    (rest + told.len() - typed.len(), found)
}

/// A table's candidate.
pub fn table(name: &str, label: Option<&str>) -> Candidate {
    Candidate::new(name, label.unwrap_or("table")).written(quoted(name))
}
