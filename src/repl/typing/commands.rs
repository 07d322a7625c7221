//! Completion of what begins with a point: commands, and what they are told.

use std::fs;
use std::path::Path;

use super::known::Known;
use super::rank::Candidate;
use crate::builtins;
use crate::repl::commands::show::{SETTINGS, formats};
use crate::repl::commands::topics::TOPICS;
use crate::repl::commands::{self, Takes};
use crate::syntax::token::quoted;

/// Where the completed word of a command line begins, and the candidates; `Err` where a question is being typed, as behind
/// `.explain`, which begins at the place given.
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
    let last_blank = told.char_indices().rfind(|(_, c)| c.is_whitespace());
    let word = rest + last_blank.map_or(0, |(at, c)| at + c.len_utf8());
    let words =
        |words: Vec<String>| words.into_iter().map(|word| Candidate::new(word, "")).collect::<Vec<_>>();
    let functions = || builtins::all().map(|builtin| Candidate::new(builtin.name, builtin.help));
    let found = match commands::named(&line[1..blank]).map_or(Takes::Nothing, |command| command.takes) {
        Takes::Question => return Err(rest),
        Takes::File => return Ok(files(told, rest)),
        Takes::Setting if word > rest => {
            let setting = told.split_whitespace().next().unwrap_or_default();
            let values = SETTINGS.iter().find(|(name, ..)| *name == setting);
            words(values.map_or_else(Vec::new, |(.., values)| values()))
        }
        Takes::Nothing => Vec::new(),
        // One word is all that the others take.
        _ if word > rest => Vec::new(),
        Takes::Setting => SETTINGS.iter().map(|(name, may_be, _)| Candidate::new(*name, *may_be)).collect(),
        Takes::Table => {
            let catalogue = known.session.casebook().catalogue();
            let tables = catalogue.tables.iter().map(|table| (table.name.to_string(), &table.label));
            let shared = catalogue.queries.iter().map(|query| (query.name.clone(), &query.label));
            let all = tables.chain(shared);
            all.map(|(name, label)| Candidate::new(name, label.clone().unwrap_or_default())).collect()
        }
        Takes::Function => functions().collect(),
        Takes::Topic => {
            let topics = TOPICS.iter().map(|topic| Candidate::new(topic.name, topic.help));
            let all = commands::all().map(|command| Candidate::new(command.name, command.help));
            let mut found: Vec<Candidate> = topics.chain(functions()).chain(all).collect();
            found.push(Candidate::new("keys", "what each key does"));
            found
        }
        Takes::Format => words(formats()),
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
