//! `.help`: all of it on a page, or more about one thing. Its examples are made for the casebook that is open, and one
//! that doesn't compile there is not shown.

use std::sync::Arc;

use super::topics::{Ground, TOPICS, Topic};
use super::{Command, TABLE, Words, all};
use crate::builtins::{self, Builtin};
use crate::diagnostic::{Diagnostic, nearest};
use crate::repl::page::wrap;
use crate::repl::{Done, Next, Repl, Trouble, terminal};
use crate::{Casebook, Settings};

/// Narrowest place for what stands on the left.
const LEFT: usize = 20;

pub(super) fn help(repl: &mut Repl, words: &Words) -> Done {
    let name = words.rest.trim_start_matches('.').trim_end_matches("()");
    match name {
        "" => page(repl),
        "keys" => {
            repl.write(keys(repl.keys).as_bytes())?;
            Ok(Next::Line)
        }
        _ => about(repl, name),
    }
}

fn page(repl: &mut Repl) -> Done {
    let mut text = "A question is a table, then stages, each behind a |:\n\n".to_string();
    for example in examples(repl, &["count", "where", "let"])? {
        text.push_str(&format!("    {example}\n"));
    }
    text.push_str(
        "\nA line that begins with | goes on with the last question; `it` stands for it:\n\n    \
         | top 3 by count\n    it | sort -count\n\n",
    );
    for (kind, commands) in TABLE {
        text.push_str(&format!("{kind}\n"));
        for Command { name, arguments, help, .. } in commands.iter().filter(|c| !c.name.ends_with('!')) {
            text.push_str(&entry(format!(".{name} {arguments}").trim_end(), help));
        }
    }
    let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
    text.push('\n');
    text.push_str(&wrap(&format!(".help TOPIC: keys, {}", topics.join(", ")), 2, terminal::width()));
    text.push('\n');
    repl.tell(&text)?;
    Ok(Next::Line)
}

fn entry(left: &str, right: &str) -> String {
    wrap(&format!("  {left:LEFT$} {right}"), LEFT + 3, terminal::width()) + "\n"
}

/// A stage, an idea, a command or a function; where several are called so, all of them.
fn about(repl: &mut Repl, name: &str) -> Done {
    let mut found = false;
    if let Some(topic) = TOPICS.iter().find(|topic| topic.name == name) {
        found = true;
        let mut text = wrap(&format!("{}: {}", topic.name, topic.help), 2, terminal::width()) + "\n";
        for example in examples(repl, &[topic.name])? {
            text.push_str(&format!("\n    {example}\n"));
        }
        repl.write(text.as_bytes())?;
    }
    if let Some(command) = all().find(|command| command.name == name) {
        found = true;
        let Command { name, arguments, help, example, .. } = command;
        let heading = format!(".{name} {arguments}");
        repl.write(format!("{}: {help}\n\n    {example}\n", heading.trim_end()).as_bytes())?;
    }
    if let Some(builtin) = builtins::find(name) {
        return function(repl, builtin);
    }
    if found { Ok(Next::Line) } else { Err(unknown(name).into()) }
}

fn unknown(name: &str) -> Diagnostic {
    let names = TOPICS.iter().map(|topic| topic.name).chain(all().map(|command| command.name));
    let names = names.chain(builtins::all().map(|builtin| builtin.name)).chain(["keys"]);
    let mistake = Diagnostic::bare("usage-command", format!("there is no help on {name}"));
    mistake.help(match nearest(name, names) {
        Some(near) => format!("did you mean .help {near}?"),
        None => ".help lists what there is".to_string(),
    })
}

/// One function, with its example where that can be asked here.
pub(super) fn function(repl: &mut Repl, builtin: &'static Builtin) -> Done {
    let Builtin { signature, help, example, .. } = builtin;
    let (casebook, settings) = ground(repl);
    let runs = repl.work(move || casebook.compile(example, &settings).is_ok())?;
    let example = if runs { format!("\n    {example}\n") } else { String::new() };
    let help = wrap(&format!("    {help}"), 4, terminal::width());
    repl.write(format!("{signature}\n{help}\n{example}").as_bytes())?;
    Ok(Next::Line)
}

fn ground(repl: &Repl) -> (Arc<Casebook>, Settings) {
    let session = repl.session.borrow();
    let settings = Settings { params: Vec::new(), as_of: session.settings().as_of };
    (Arc::clone(session.casebook()), settings)
}

/// The examples of these topics that can be asked of the open casebook.
fn examples(repl: &mut Repl, names: &[&'static str]) -> Result<Vec<String>, Trouble> {
    let (casebook, settings) = ground(repl);
    let topics: Vec<&Topic> = TOPICS.iter().filter(|topic| names.contains(&topic.name)).collect();
    // What a table's columns are may have to be found in its data; where that fails, so will the questions.
    let found = move || {
        let ground = Ground::of(casebook.catalogue()).unwrap_or_default();
        let examples = topics.into_iter().filter_map(|topic| ground.example(topic));
        examples.filter(|example| casebook.compile(example, &settings).is_ok()).collect()
    };
    repl.work(found)
}

/// The keys, in the way that is set.
fn keys(mode: &str) -> String {
    let mut text = String::new();
    for (key, does) in ALWAYS.iter().chain(if mode == "vi" { VI } else { EMACS }) {
        text.push_str(&entry(key, does));
    }
    let other = if mode == "vi" { "emacs" } else { "vi" };
    text.push_str(&format!("\n.set keys {other} for {other} keys\n"));
    text
}

const ALWAYS: &[(&str, &str)] = &[
    ("Enter", "ask; go on in the next line where something is open"),
    ("Alt-Enter", "begin a new line"),
    ("Up, Down", "earlier and later questions; within one, its lines"),
    ("Ctrl-R", "search earlier questions"),
    ("Tab", "complete, or list what may stand here"),
    ("Right", "take the dim rest of the line, an earlier question's"),
    ("Ctrl-C", "clear the line; give up a question that runs"),
    ("Ctrl-D", "leave, where the line is empty"),
    ("Ctrl-L", "clear the screen"),
];

const EMACS: &[(&str, &str)] = &[
    ("Ctrl-A, Ctrl-E", "to the line's beginning and end"),
    ("Alt-B, Alt-F", "a word back and on"),
    ("Ctrl-W, Alt-D", "delete the word before and behind"),
    ("Ctrl-U, Ctrl-K", "delete to the line's beginning and end"),
    ("Ctrl-Y", "put back what was deleted"),
    ("Ctrl-_", "undo"),
];

const VI: &[(&str, &str)] = &[
    ("Esc", "to moving about; i, a, A, I back to typing"),
    ("0, $", "to the line's beginning and end"),
    ("b, w", "a word back and on"),
    ("dw, dd, D", "delete a word, the line, to its end"),
    ("k, j", "earlier and later questions"),
    ("u", "undo"),
];
