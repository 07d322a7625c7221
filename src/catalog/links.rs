//! Links between tables. A link leads from a record to one of another table, by columns that hold the
//! other's key; its `back` is the way back, to many. A table's links, backs and columns share one set of
//! names, because a path may name any of them.

use std::sync::Arc;

use toml::Spanned;

use super::model::{Back, Column, From, Hop, Link, List, Table, UnitPath};
use super::raw::{Named, RawLink, place};
use super::resolve::{Draft, Resolver};
use crate::diagnostic::{Diagnostic, nearest};
use crate::files::Reader;
use crate::syntax::ast::{ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::Type;

/// Resolves all links and backs, in the catalogue's order.
pub(super) fn link(resolver: &mut Resolver, drafts: &mut [Draft]) {
    let mut backs: Vec<(usize, Back, Span)> = Vec::new();
    for at in 0..drafts.len() {
        for entry in std::mem::take(&mut drafts[at].links) {
            let name = entry.name.clone();
            let Some((link, to, back_span)) = one(resolver, drafts, at, entry) else {
                drafts[at].lost.push(name);
                continue;
            };
            if let (Some(name), Some(span)) = (&link.back, back_span) {
                let from = drafts[at].table.name.clone();
                backs.push((to, Back { name: name.clone(), from, link: link.name.clone() }, span));
            }
            drafts[at].table.links.push(link);
        }
    }
    for (to, back, span) in backs {
        let table = &drafts[to].table;
        let taken = taken_by(&table.declared, &back.name)
            .or_else(|| table.link(&back.name).map(|link| ("a link", link.span)))
            .or_else(|| {
                let other = table.back(&back.name)?;
                let link = drafts.iter().find(|draft| draft.table.name == other.from)?;
                Some(("the way back of another link", link.table.link(&other.link)?.span))
            });
        match taken {
            Some((what, place)) => {
                let message = format!("the table `{}` has {what} named `{}` already", table.name, back.name);
                let mut diagnostic = Diagnostic::new("catalogue-duplicate", message, span);
                if let Some(place) = place {
                    diagnostic = diagnostic.also(place, "this one");
                }
                resolver.report(diagnostic.help("give `back` another name"));
            }
            None => drafts[to].table.backs.push(back),
        }
    }
}

/// One link, the position of its target, and where its `back` stands.
fn one(
    resolver: &mut Resolver,
    drafts: &mut [Draft],
    at: usize,
    entry: Named<RawLink>,
) -> Option<(Link, usize, Option<Span>)> {
    let Named { name, span, value: raw } = entry;
    if let Some((what, place)) = taken_by(&drafts[at].table.declared, &name) {
        let message = format!("the table `{}` has {what} named `{name}` already", drafts[at].table.name);
        let mut diagnostic = Diagnostic::new("catalogue-duplicate", message, span);
        if let Some(place) = place {
            diagnostic = diagnostic.also(place, "this one");
        }
        resolver.report(
            diagnostic.help("call the column after what it holds, `arrest_id` say: from = \"…\" renames it"),
        );
    }
    let (Some(to_word), Some(by)) = (&raw.to, &raw.by) else {
        if !raw.partial {
            let (lacks, write) = if raw.to.is_none() { ("to", "TABLE") } else { ("by", "COLUMN") };
            let diagnostic =
                Diagnostic::new("catalogue-link", format!("the link `{name}` does not say `{lacks}`"), span)
                    .help(format!("write {lacks} = \"{write}\""));
            resolver.report(diagnostic);
        }
        return None;
    };
    resolver.known_columns(&drafts[at].table, "by", Some(by), false);
    let Some(to) = drafts.iter().position(|draft| &*draft.table.name == to_word.get_ref().as_str()) else {
        let message = format!("the link `{name}` leads to `{}`, which is no table", to_word.get_ref());
        let mut diagnostic = Diagnostic::new("catalogue-link", message, place(to_word));
        let names = drafts.iter().map(|draft| &*draft.table.name);
        if let Some(near) = nearest(to_word.get_ref(), names) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        let names: Vec<&str> = drafts.iter().map(|draft| &*draft.table.name).collect();
        resolver.report(diagnostic.help(format!("the tables are {}", super::listed(&names))));
        return None;
    };
    let target = &drafts[to].table;
    if target.key.is_empty() {
        if !drafts[to].partial {
            let message = format!("the link `{name}` leads to `{}`, which has no key", target.name);
            let mut diagnostic = Diagnostic::new("catalogue-link", message, place(to_word));
            if let Some(span) = target.span {
                diagnostic = diagnostic.also(span, "this table");
            }
            resolver
                .report(diagnostic.help(format!("write key = \"COLUMN\" below [tables.{}]", target.name)));
        }
        return None;
    }
    let columns = by.get_ref().0.clone();
    if columns.len() != target.key.len() {
        let diagnostic = Diagnostic::new(
            "catalogue-link",
            format!(
                "the link `{name}` goes by {}, but the key of `{}` is {}",
                super::listed(&columns),
                target.name,
                super::listed(&target.key)
            ),
            place(by),
        )
        .help("`by` names a column for each column of the key, in the key's order");
        resolver.report(diagnostic);
        return None;
    }
    let back = raw.back.as_ref();
    let link = Link {
        name,
        to: Arc::clone(&target.name),
        by: columns,
        key: target.key.clone(),
        back: back.map(|word| word.get_ref().clone()),
        span: Some(span),
    };
    let key = if raw.of_keys { "keys_of" } else { "by" };
    drafts[at].table.written.by.push((key, place(by)));
    Some((link, to, back.map(place)))
}

/// Follows each `unit_from` through to-one links to a column of text. A column that its table doesn't declare
/// may still be a heading.
pub(super) fn unit_paths(resolver: &mut Resolver, drafts: &mut [Draft]) {
    for at in 0..drafts.len() {
        let measured: Vec<(String, Vec<Name>)> = drafts[at]
            .table
            .declared
            .iter()
            .filter_map(|column| match &column.from {
                From::Measured { unit_from, .. } => match &unit_from.kind {
                    ExprKind::Path(names) => Some((column.name.clone(), names.clone())),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        for (column, names) in measured {
            if let Some((hops, unit)) = unit_path(resolver, drafts, at, &names)
                && !hops.is_empty()
            {
                drafts[at].table.units.push(UnitPath { column, hops, unit });
            }
        }
    }
}

/// The links on the way, as data files have them, and the column at the end.
fn unit_path(
    resolver: &mut Resolver,
    drafts: &[Draft],
    from: usize,
    names: &[Name],
) -> Option<(Vec<Hop>, Column)> {
    let (last, steps) = names.split_last()?;
    let mut draft = &drafts[from];
    let mut hops = Vec::new();
    for step in steps {
        let table = &draft.table;
        let link = table.link(&step.text);
        let next =
            link.and_then(|link| Some((link, drafts.iter().find(|draft| draft.table.name == link.to)?)));
        let Some((link, next)) = next else {
            if !draft.lost.contains(&step.text) {
                let message = format!("the table `{}` has no to-one link `{}`", table.name, step.text);
                let mut diagnostic = Diagnostic::new("catalogue-link", message, step.span);
                if let Some(near) = nearest(&step.text, table.links.iter().map(|link| link.name.as_str())) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                resolver.report(diagnostic);
            }
            return None;
        };
        hops.push(Hop {
            by: link.by.iter().map(|name| column_of(table, name)).collect(),
            source: next.table.source.clone(),
            key: link.key.iter().map(|name| column_of(&next.table, name)).collect(),
            missing: next.table.missing.clone(),
        });
        draft = next;
    }
    let table = &draft.table;
    let found = || Some((hops.clone(), column_of(table, &last.text)));
    let message = match table.declared.iter().find(|column| column.name == last.text) {
        Some(Column { from: From::Stored { .. }, ty, .. }) => match ty {
            Type::Text | Type::Id | Type::Category(_) | Type::Missing => return found(),
            ty => format!("`unit_from` needs text, and `{}` is {ty}", last.text),
        },
        Some(_) => format!("`unit_from` needs a column of the file, and `{}` is worked out", last.text),
        None if table.hide_others => {
            format!("`unit_from` names `{}`, and the table `{}` has no such column", last.text, table.name)
        }
        None => return found(),
    };
    let mut diagnostic = Diagnostic::new("catalogue-column", message, last.span);
    let names = table.declared.iter().map(|column| column.name.as_str());
    if let Some(near) = nearest(&last.text, names) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    resolver.report(diagnostic);
    None
}

/// A table's column of that name; one that isn't declared is a heading, compared as it stands.
fn column_of(table: &Table, name: &str) -> Column {
    let declared = table.declared.iter().find(|column| column.name == name).cloned();
    declared.unwrap_or_else(|| Column {
        name: name.to_string(),
        label: None,
        ty: Type::Id,
        from: From::Stored { heading: name.to_string(), reader: Reader::Id, missing: Vec::new() },
        personal: false,
        span: None,
    })
}

/// Columns that read the same heading are personal where one of them is.
pub(super) fn personal(drafts: &mut [Draft]) {
    for draft in drafts {
        let columns = &mut draft.table.declared;
        let marked: Vec<String> =
            columns.iter().filter(|c| c.personal).filter_map(|c| Some(c.heading()?.to_string())).collect();
        for column in columns.iter_mut() {
            column.personal |= column.heading().is_some_and(|own| marked.iter().any(|other| other == own));
        }
    }
}

/// Finds the column that each `values_from` names. A list of personal values is personal.
pub(super) fn lists(resolver: &mut Resolver, drafts: &mut [Draft]) {
    for at in 0..drafts.len() {
        for (column, written) in std::mem::take(&mut drafts[at].lists) {
            if let Some(list) = list(resolver, drafts, at, column, &written) {
                if list.values.personal {
                    let own = drafts[at].table.declared.iter_mut().filter(|own| own.name == list.column);
                    own.for_each(|own| own.personal = true);
                }
                drafts[at].table.lists.push(list);
            }
        }
    }
}

fn list(
    resolver: &mut Resolver,
    drafts: &[Draft],
    at: usize,
    column: String,
    written: &Spanned<String>,
) -> Option<List> {
    let span = place(written);
    let Some((name, values)) = written.get_ref().split_once('.') else {
        let message = format!("`values_from` names a table's column, and `{}` is none", written.get_ref());
        let mistake = Diagnostic::new("catalogue-values", message, span);
        resolver.report(mistake.help("write values_from = \"offences.name\""));
        return None;
    };
    let Some(to) = drafts.iter().position(|draft| &*draft.table.name == name) else {
        let mut mistake = Diagnostic::new(
            "catalogue-values",
            format!("`values_from` names `{name}`, which is no table"),
            span,
        );
        let names: Vec<&str> = drafts.iter().map(|draft| &*draft.table.name).collect();
        if let Some(near) = nearest(name, names.iter().copied()) {
            mistake = mistake.help(format!("did you mean `{near}`?"));
        }
        resolver.report(mistake.help(format!("the tables are {}", super::listed(&names))));
        return None;
    };
    let table = &drafts[to].table;
    let declared = table.declared.iter().find(|known| known.name == values);
    let wrong = if !drafts[to].keys_of.is_empty() {
        Some(format!("`values_from` needs a column of a file, and `{name}` is made of keys"))
    } else if to == at {
        Some(format!("the values of `{column}` must stand in another table than its own"))
    } else {
        match declared {
            None if table.hide_others => {
                Some(format!("`values_from` names `{values}`, and the table `{name}` has no such column"))
            }
            Some(Column { from: From::Stored { .. }, ty: Type::Text | Type::Id | Type::Missing, .. })
            | None => None,
            Some(other) => {
                Some(format!("`values_from` needs a column of text, and `{values}` is {}", other.ty))
            }
        }
    };
    if let Some(message) = wrong {
        let mut mistake = Diagnostic::new("catalogue-values", message, span);
        if let Some(near) = nearest(values, table.declared.iter().map(|column| column.name.as_str())) {
            mistake = mistake.help(format!("did you mean `{name}.{near}`?"));
        }
        resolver.report(mistake);
        return None;
    }
    Some(List {
        column,
        source: table.source.clone(),
        values: column_of(table, values),
        missing: table.missing.clone(),
        written: written.get_ref().clone(),
    })
}

fn taken_by(columns: &[Column], name: &str) -> Option<(&'static str, Option<Span>)> {
    columns.iter().find(|column| column.name == name).map(|column| ("a column", column.span))
}
