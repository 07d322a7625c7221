//! `keys_of`: a table made of the values of other tables' columns. Each of these tables gets a link to it, written as
//! any other link is and checked with them ([`super::links`]); `back` is the table's own name where nothing else
//! is said.

use std::sync::{Arc, OnceLock};

use toml::Spanned;

use super::made::{KeyOf, MadeOf, own_column};
use super::model::{Column, From, Table};
use super::raw::{Named, Names, RawKeyOf, RawLink, place};
use super::resolve::{Draft, Resolver};
use crate::diagnostic::{Diagnostic, nearest};
use crate::files::{Reader, Source};
use crate::survey::Survey;
use crate::syntax::span::Span;
use crate::types::Type;

/// Gives every table of keys its key, and the tables that these stand in their links to it.
pub(super) fn resolve(resolver: &mut Resolver, drafts: &mut [Draft]) {
    for at in 0..drafts.len() {
        if drafts[at].keys_of.is_empty() {
            continue;
        }
        let entries = std::mem::take(&mut drafts[at].keys_of);
        let mut columns: Vec<(usize, String)> = Vec::new();
        for entry in &entries {
            let Some((from, column)) = column_of(resolver, drafts, at, entry) else {
                drafts[at].partial = true;
                continue;
            };
            if columns.contains(&(from, column.clone())) {
                let message = format!("`keys_of` names `{}` twice", entry.get_ref().column);
                resolver.report(Diagnostic::new("catalogue-duplicate", message, place(entry)));
                continue;
            }
            link(resolver, drafts, at, from, entry, &column);
            columns.push((from, column));
        }
        own_key(resolver, drafts, at, &columns);
        drafts[at].keys_of = entries;
    }
}

/// The table of keys as it will be asked: its one column, which is its key and its title.
fn own_key(resolver: &mut Resolver, drafts: &mut [Draft], at: usize, columns: &[(usize, String)]) {
    let personal = columns.iter().any(|(from, name)| {
        let declared = &drafts[*from].table.declared;
        declared.iter().any(|column| column.name == *name && column.personal)
    });
    let table = &mut drafts[at].table;
    let name = match table.key.as_slice() {
        [] => columns.first().map_or_else(|| "key".to_string(), |(_, name)| name.clone()),
        [name] => name.clone(),
        _ => {
            let message = format!("the table `{}` is made of keys, and has one column", table.name);
            let span = table.written.key.or(table.span).unwrap_or_default();
            resolver.report(
                Diagnostic::new("catalogue-key", message, span).help("`key` names it: key = \"person_id\""),
            );
            // The links to it have one column, and nothing is wrong with them.
            table.key.truncate(1);
            return;
        }
    };
    let derived = |column: &Column| matches!(column.from, From::Derived { .. });
    if let Some(stored) = table.declared.iter().find(|column| !derived(column)) {
        let message = format!("the table `{}` is made of keys, and has no columns of its own", table.name);
        let mistake = Diagnostic::new("catalogue-column", message, stored.span.unwrap_or_default());
        resolver.report(
            mistake.help(format!("its one column is `{name}`; what is derived from it can be added")),
        );
        // The links to it lack nothing.
        table.key = vec![name];
        return;
    }
    if let Some(clash) = table.declared.iter().find(|column| column.name == name) {
        let message = format!("`{name}` is derived, and is the key of `{}`", table.name);
        let mistake = Diagnostic::new("catalogue-duplicate", message, clash.span.unwrap_or_default());
        resolver.report(mistake.help("give one of them another name: `key` names the key"));
        return;
    }
    table.declared.insert(0, Column { personal, ..own_column(&name, Type::Id, Reader::Id) });
    table.key = vec![name.clone()];
    table.title = vec![name];
}

/// The table and column that an entry names, where it is one whose values can be keys.
fn column_of(
    resolver: &mut Resolver,
    drafts: &[Draft],
    at: usize,
    entry: &Spanned<RawKeyOf>,
) -> Option<(usize, String)> {
    let written = &entry.get_ref().column;
    let mistake = |message: String| Diagnostic::new("catalogue-keys", message, place(entry));
    let Some((table, column)) = written.split_once('.') else {
        let wrong = mistake(format!("`keys_of` names a table's columns, and `{written}` is none"));
        resolver.report(wrong.help("write keys_of = [\"arrests.person_id\"]"));
        return None;
    };
    let Some(from) = drafts.iter().position(|draft| &*draft.table.name == table) else {
        let wrong = mistake(format!("`keys_of` names `{table}`, which is no table"));
        let names: Vec<&str> = drafts.iter().map(|draft| &*draft.table.name).collect();
        resolver.report(match nearest(table, names.iter().copied()) {
            Some(near) => wrong.help(format!("did you mean `{near}.{column}`?")),
            None => wrong.help(format!("the tables are {}", super::listed(&names))),
        });
        return None;
    };
    let draft = &drafts[from];
    if from == at || !draft.keys_of.is_empty() {
        let wrong = mistake(format!("`{table}` is made of keys itself"));
        resolver.report(wrong.help("name the columns of the tables that come from files"));
        return None;
    }
    let known = draft.table.declared.iter().find(|known| known.name == column);
    let wrong = match known {
        Some(Column { from: From::Stored { .. }, ty, .. }) => match ty {
            Type::Id | Type::Text | Type::Integer | Type::Category(_) | Type::Missing => None,
            ty => Some(format!("`{written}` is {ty}, and a key identifies")),
        },
        Some(_) => Some(format!("`{written}` is worked out, and keys are the file's own")),
        None if draft.table.hide_others => {
            Some(format!("`keys_of` names `{column}`, and the table `{table}` has no such column"))
        }
        None => None,
    };
    if let Some(message) = wrong {
        let names = draft.table.declared.iter().map(|column| column.name.as_str());
        let near = nearest(column, names).filter(|near| *near != column);
        resolver.report(match near {
            Some(near) => mistake(message).help(format!("did you mean `{table}.{near}`?")),
            None => mistake(message).help("keys are ids, texts, whole numbers or categories"),
        });
        return None;
    }
    Some((from, column.to_string()))
}

/// The link from a table whose column holds the keys.
fn link(
    resolver: &mut Resolver,
    drafts: &mut [Draft],
    at: usize,
    from: usize,
    entry: &Spanned<RawKeyOf>,
    column: &str,
) {
    let RawKeyOf { link, back, .. } = entry.get_ref();
    let span = place(entry);
    let range = span.start..span.end;
    let name = match (link, &drafts[at].link) {
        (Some(own), _) => Some(own.clone()),
        (None, shared) => shared.as_ref().map(|link| link.get_ref().clone()),
    };
    // Without a name there is no way from the table, but there is one back.
    let Some(name) = name else {
        let table = &drafts[at].table;
        let message = format!(
            "the table `{}` is made of keys, and does not say what the links to it are called",
            table.name
        );
        let span = table.span.unwrap_or_default();
        resolver
            .report(Diagnostic::new("catalogue-link", message, span).help("write link = \"person\", say"));
        return;
    };
    if drafts[from].links.iter().any(|other| other.name == name) {
        let message =
            format!("two links of the table `{}` would be called `{name}`", drafts[from].table.name);
        let written = &entry.get_ref().column;
        resolver.report(Diagnostic::new("catalogue-duplicate", message, span).help(format!(
            "name this one and its way back: {{ column = \"{written}\", link = \"…\", back = \"…\" }}"
        )));
        return;
    }
    let back = back.clone().unwrap_or_else(|| drafts[from].table.name.to_string());
    let value = RawLink {
        partial: false,
        of_keys: true,
        to: Some(Spanned::new(range.clone(), drafts[at].table.name.to_string())),
        by: Some(Spanned::new(range.clone(), Names(vec![column.to_string()]))),
        back: Some(Spanned::new(range, back)),
    };
    drafts[from].links.push(Named { name, span, value });
}

/// The tables, those of keys with the tables that they are made from.
pub(super) fn made(drafts: impl Iterator<Item = (Table, Vec<Spanned<RawKeyOf>>)>) -> Vec<Arc<Table>> {
    let (mut tables, mut of_keys) = (Vec::new(), Vec::new());
    for (at, (table, entries)) in drafts.enumerate() {
        if entries.is_empty() {
            tables.push((at, Arc::new(table)))
        } else {
            of_keys.push((at, table, entries))
        }
    }
    let of = |entry: &Spanned<RawKeyOf>, tables: &[(usize, Arc<Table>)]| {
        let (name, column) = entry.get_ref().column.split_once('.')?;
        let (_, table) = tables.iter().find(|(_, table)| &*table.name == name)?;
        Some(KeyOf { table: Arc::clone(table), column: column.to_string() })
    };
    for (at, table, entries) in of_keys {
        let columns = entries.iter().filter_map(|entry| of(entry, &tables)).collect();
        let table = Table {
            source: Source::none(),
            made: Some(MadeOf::Keys(columns)),
            surveyed: OnceLock::from(Ok(Survey::of_made())),
            ..table
        };
        tables.push((at, Arc::new(table)));
    }
    tables.sort_by_key(|(at, _)| *at);
    tables.into_iter().map(|(_, table)| table).collect()
}

/// What else `[tables.NAME]` may not say beside `keys_of`.
pub(super) fn refuse_others(resolver: &mut Resolver, table: &str, span: Span, said: &[(&str, bool)]) {
    if let Some((key, _)) = said.iter().find(|(_, said)| *said) {
        let message = format!("`{key}` says nothing of `{table}`, which is made of keys");
        resolver.report(Diagnostic::new("catalogue-keys", message, span).help("leave it out"));
    }
}
