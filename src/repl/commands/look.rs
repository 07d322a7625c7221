//! Looking around in the casebook.

use std::sync::Arc;

use super::{Command, Takes, Words, help};
use crate::check::Reading;
use crate::frame::Answer;
use crate::output::table::{Room, fitted};
use crate::repl::look::{describe, functions, links};
use crate::repl::{Done, Next, Repl, Trouble, so_far, terminal};

pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "tables",
        aliases: &[],
        takes: Takes::Nothing,
        arguments: "",
        help: "list the tables",
        example: ".tables",
        run: tables,
    },
    Command {
        name: "describe",
        aliases: &["schema"],
        takes: Takes::Table,

        arguments: "TABLE",
        help: "list a table's columns and links",
        example: ".describe arrests",
        run: describe,
    },
    Command {
        name: "links",
        aliases: &[],
        takes: Takes::Nothing,

        arguments: "",
        help: "draw which table's records belong to which",
        example: ".links",
        run: links,
    },
    Command {
        name: "functions",
        aliases: &[],
        takes: Takes::Function,

        arguments: "[NAME]",
        help: "list the functions and aggregates, or show one",
        example: ".functions quantile",
        run: functions,
    },
    Command {
        name: "explain",
        aliases: &[],
        takes: Takes::Question,

        arguments: "[QUESTION]",
        help: "show what is done for a question, or for the last one",
        example: ".explain",
        run: explain,
    },
];

/// Shows listings.
fn list(repl: &Repl, answers: &[Answer]) -> Done {
    let room = Room { width: terminal::width(), rows: None };
    let tables = answers.iter().map(|answer| fitted(answer, room)).collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<&str> = tables.iter().map(|table| &*table.text).collect();
    repl.tell(&texts.join("\n"))?;
    if repl.session.borrow().casebook().is_noted() {
        answers.iter().try_for_each(|answer| repl.tell_notes(answer))?;
    }
    let left_out: Vec<String> = tables.into_iter().flat_map(|table| table.left_out).collect();
    if !left_out.is_empty() {
        repl.dim(&format!("there is no room for: {}", left_out.join(", ")))?;
    }
    Ok(Next::Line)
}

fn tables(repl: &mut Repl, _: &Words) -> Done {
    let answers = describe::casebook(repl.session.borrow().casebook().catalogue())?;
    list(repl, &answers)
}

fn describe(repl: &mut Repl, words: &Words) -> Done {
    // As questions write it, too.
    let name = words.rest.strip_prefix('`').and_then(|name| name.strip_suffix('`')).unwrap_or(words.rest);
    let shared = describe::query(repl.session.borrow().casebook().catalogue(), name)?;
    if let Some(shared) = shared {
        return list(repl, &[shared]);
    }
    let table = Arc::clone(describe::find(repl.session.borrow().casebook().catalogue(), name)?);
    let checked = repl.session.borrow().casebook().definitions(Reading::Headings);
    // Types that the catalogue doesn't say are found in the data.
    let answers = repl.work(move || describe::table(&table, &checked))??;
    list(repl, &answers)
}

fn links(repl: &mut Repl, _: &Words) -> Done {
    let tree = links::tree(repl.session.borrow().casebook().catalogue());
    repl.tell(&tree)?;
    repl.dim("below a table: what belongs to each of its records; ↑ the link back")?;
    Ok(Next::Line)
}

fn functions(repl: &mut Repl, words: &Words) -> Done {
    if words.rest.is_empty() {
        return list(repl, &functions::areas()?);
    }
    let found = functions::find(words.rest.trim_end_matches("()")).map_err(|mut mistake| {
        if let Some(last) = mistake.help.last_mut().filter(|last| last.starts_with("`casebook")) {
            *last = ".functions lists them".to_string();
        }
        mistake
    })?;
    help::function(repl, found)
}

fn explain(repl: &mut Repl, words: &Words) -> Done {
    let typed = match words.rest {
        "" => repl.session.borrow().program().ok_or_else(|| {
            let mistake =
                crate::diagnostic::Diagnostic::bare("usage-command", "no question has been answered yet");
            mistake.help("name one: .explain arrests | count")
        })?,
        question => question.to_string(),
    };
    // Places in what stands behind the command.
    let shift = |trouble: Trouble| match trouble {
        Trouble::Mistakes(mistakes) if !words.rest.is_empty() => {
            let moved = mistakes.into_iter().map(|mut mistake| {
                for label in mistake.labels.iter_mut().filter(|_| mistake.source.is_none()) {
                    label.span.start += words.rest_span.start;
                    label.span.end += words.rest_span.start;
                }
                mistake
            });
            Trouble::Mistakes(moved.collect())
        }
        Trouble::Mistakes(mistakes) => so_far(mistakes, &typed),
        other => other,
    };
    let request = repl.session.borrow().request(&typed).map_err(|mistakes| shift(mistakes.into()))?;
    let text = repl.work(move || request.explain())?.map_err(|mistakes| shift(mistakes.into()))?;
    repl.tell(&text)?;
    Ok(Next::Line)
}
