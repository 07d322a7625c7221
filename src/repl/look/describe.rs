//! The tables and shared queries of a casebook, and one table's columns, measures and links.

use std::sync::Arc;

use crate::catalog::{Catalogue, Column, From, MadeOf, Reader, Table};
use crate::check::{Checked, Defined, Key};
use crate::diagnostic::{Diagnostic, nearest};
use crate::frame::Answer;
use crate::output::listing::listing;
use crate::types::Type;

/// As many values of a category are listed; the rest are counted.
const VALUES: usize = 12;

/// The table of that name.
pub fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Arc<Table>, Diagnostic> {
    if let Some(table) = catalogue.table(name) {
        return Ok(table);
    }
    let names: Vec<&str> = catalogue.tables.iter().map(|table| &*table.name).collect();
    let mistake = Diagnostic::bare("name-table", format!("{} has no table `{name}`", catalogue.name));
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => mistake.help(format!("did you mean `{near}`?")),
        None => mistake.help(format!("its tables are {}", names.join(", "))),
    })
}

/// The tables, and the queries that all questions share.
pub fn casebook(catalogue: &Catalogue) -> Result<Vec<Answer>, Diagnostic> {
    let mut answers = vec![tables(catalogue)?];
    answers.extend(queries(catalogue, |_| true)?);
    Ok(answers)
}

/// The query of that name that all questions share; nothing where there is none.
pub fn query(catalogue: &Catalogue, name: &str) -> Result<Option<Answer>, Diagnostic> {
    queries(catalogue, |query| query == name)
}

fn queries(catalogue: &Catalogue, wanted: impl Fn(&str) -> bool) -> Result<Option<Answer>, Diagnostic> {
    let queries: Vec<_> = catalogue
        .queries
        .iter()
        .filter(|query| wanted(&query.name))
        .map(|query| {
            let name = Some(query.name.clone());
            vec![name, query.label.clone(), query.comment.clone(), Some(query.text.clone())]
        })
        .collect();
    if queries.is_empty() {
        return Ok(None);
    }
    let title = format!("{}: shared queries", catalogue.name);
    listing(&title, &["query", "label", "comment", "is"], &queries).map(Some)
}

fn tables(catalogue: &Catalogue) -> Result<Answer, Diagnostic> {
    let rows: Vec<_> = catalogue
        .tables
        .iter()
        .map(|table| {
            let links: Vec<&str> = links_of(table).map(|(name, ..)| name).collect();
            vec![
                Some(table.name.to_string()),
                table.label.clone(),
                Some(source_of(catalogue, table)),
                some(table.key.join(", ")),
                some(links.join(", ")),
            ]
        })
        .collect();
    listing(&catalogue.name, &["table", "label", "source", "key", "links"], &rows)
}

/// Where a table's records come from: a file, or the columns whose values they are.
fn source_of(catalogue: &Catalogue, table: &Table) -> String {
    if let Some(MadeOf::Keys(columns)) = &table.made {
        let columns: Vec<String> =
            columns.iter().map(|of| format!("{}.{}", of.table.name, of.column)).collect();
        return format!("keys of {}", columns.join(", "));
    }
    let path = &table.source.path;
    path.strip_prefix(&catalogue.folder).unwrap_or(path).display().to_string()
}

/// One table's columns, and its measures and links where it has any. `checked` says the types of what it defines.
pub fn table(table: &Table, checked: &[Checked]) -> Result<Vec<Answer>, Diagnostic> {
    let type_of_definition = |kind: Defined, name: &str| {
        let own = |key: &Key| key.kind == kind && key.table.as_ref() == Some(&table.name) && key.name == name;
        checked.iter().find(|one| own(&one.key)).and_then(|one| Some(one.ty.as_ref()?.to_string()))
    };
    let columns: Vec<_> = table
        .columns()?
        .iter()
        .map(|column| {
            vec![
                Some(column.name.clone()),
                match column.from {
                    // Its type follows from its expression.
                    From::Derived(_) => type_of_definition(Defined::Column, &column.name),
                    _ => Some(column.ty.to_string()),
                },
                some(details(column)),
                column.label.clone(),
                some(marks(table, column)),
                comment(column),
            ]
        })
        .collect();
    let title = match &table.label {
        Some(label) if **label != *table.name => format!("{} ({label})", table.name),
        _ => table.name.to_string(),
    };
    let mut answers =
        vec![listing(&title, &["column", "type", "values", "label", "marks", "comment"], &columns)?];
    answers[0].notes.extend(table.nameless());
    let measures: Vec<_> = table
        .measures
        .iter()
        .map(|measure| {
            vec![
                Some(measure.name.clone()),
                type_of_definition(Defined::Measure, &measure.name),
                measure.label.clone(),
                measure.comment.clone(),
                Some(measure.text.clone()),
            ]
        })
        .collect();
    if !measures.is_empty() {
        let title = format!("{}: measures", table.name);
        let headings = ["measure", "type", "label", "comment", "is"];
        answers.push(listing(&title, &headings, &measures)?);
    }
    let links: Vec<_> = links_of(table)
        .map(|(name, kind, to, by)| {
            vec![Some(name.to_string()), Some(kind.to_string()), Some(to.to_string()), Some(by)]
        })
        .collect();
    if !links.is_empty() {
        answers.push(listing(&format!("{}: links", table.name), &["link", "kind", "table", "by"], &links)?);
    }
    Ok(answers)
}

/// Name, kind, the table at the other end, and the columns that hold its key (or the link that leads here).
fn links_of(table: &Table) -> impl Iterator<Item = (&str, &'static str, &str, String)> {
    let to_one = table.links.iter().map(|link| (&*link.name, "to one", &*link.to, link.by.join(", ")));
    let to_many = table
        .backs
        .iter()
        .map(|back| (&*back.name, "to many", &*back.from, format!("{}.{}", back.from, back.link)));
    to_one.chain(to_many)
}

/// What the catalogue says of a derived column.
fn comment(column: &Column) -> Option<String> {
    match &column.from {
        From::Derived(definition) => definition.comment.clone(),
        _ => None,
    }
}

/// What values a column has: its list, its unit, its expression.
fn details(column: &Column) -> String {
    match (&column.from, &column.ty) {
        (From::Derived(definition), _) => format!("= {}", definition.text),
        (From::Measured { codes, .. }, _) => {
            let mut units: Vec<&str> = codes.iter().map(|(_, unit)| &*unit.name).collect();
            units.dedup();
            match units.is_empty() {
                true => "unit in another column".to_string(),
                false => format!("in {}", units.join(", ")),
            }
        }
        (From::Stored { reader: Reader::Quantity(unit), .. }, _) => format!("in {}", unit.name),
        (_, Type::Category(category)) => {
            let mut shown = category.values.iter().take(VALUES).cloned().collect::<Vec<_>>().join(", ");
            if category.values.len() > VALUES {
                shown.push_str(&format!(" … {} more", category.values.len() - VALUES));
            }
            shown
        }
        _ => String::new(),
    }
}

fn marks(table: &Table, column: &Column) -> String {
    let mut marks = Vec::new();
    if table.key.contains(&column.name) {
        marks.push("key");
    }
    if column.personal {
        marks.push("personal");
    }
    marks.join(", ")
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
