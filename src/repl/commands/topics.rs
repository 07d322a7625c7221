//! What `.help` explains beside commands and functions: the stages, and a few ideas. The examples are asked of whatever
//! casebook is open: a template names what it wants, and [`Ground`] finds a table that has it.

use crate::catalog::{Catalogue, Column, Table};
use crate::diagnostic::Diagnostic;
use crate::syntax::token::quoted;
use crate::types::Type;

/// Something that `.help` explains.
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line or two.
    pub help: &'static str,
    /// A question, in which `{table}` `{group}` `{number}` `{date}` `{link}` and `{far}` (a column at the link's end) and
    /// `{parent}` `{many}` (a to-many link of it) stand for names of the open casebook.
    pub template: &'static str,
}

const fn topic(name: &'static str, help: &'static str, template: &'static str) -> Topic {
    Topic { name, help, template }
}

/// The topics, in the order of `.help`.
pub const TOPICS: &[Topic] = &[
    topic("where", "keep the rows for which something is true", "{table} | where {group} is known | count"),
    topic("count", "how many rows, or how many of each kind", "{table} | count by {group}"),
    topic(
        "summarise",
        "work something out for each kind: counts, sums, means",
        "{table} | summarise rows = count(), middle = median({number}) by {group}",
    ),
    topic("sort", "put rows in order; a minus is largest first", "{table} | count by {group} | sort -count"),
    topic("top", "the largest few", "{table} | count by {group} | top 3 by count with other"),
    topic("take", "the first few rows", "{table} | take 5"),
    topic("select", "only these columns", "{table} | select {group}, {date} | take 5"),
    topic("drop", "all columns but these", "{table} | drop {group} | take 5"),
    topic("rename", "call a column by another name", "{table} | rename kind = {group} | take 5"),
    topic("let", "add a column", "{table} | let by_month = month({date}) | count by by_month"),
    topic("distinct", "each combination once", "{table} | distinct {group}"),
    topic(
        "share",
        "parts of a whole, or of what `per` says; before `top`, which leaves few to be a part of",
        "{table} | count by year({date}), {group} | let part = share(count per year) to % | top 3 by count per year",
    ),
    topic("total", "a row for all of them", "{table} | count by {group} | total"),
    topic("pivot", "one key's values as columns", "{table} | count by year({date}), {group} | pivot {group}"),
    topic("fill", "show quiet months, too", "{table} | count by month({date}) | fill month"),
    topic(
        "compare",
        "a period against the one before",
        "{table} | compare {date} in last year with previous | count by {group}",
    ),
    topic("sample", "some rows by chance, the same every time", "{table} | sample 5"),
    topic("describe", "what each column holds", "{table} | describe"),
    topic(
        "periods",
        "2023, 2023-10, 2023-Q4, 2023-W41, since 2023-10-09, last 4 weeks, this month, year to date",
        "{table} | where {date} in last 12 months | count by month({date})",
    ),
    topic(
        "links",
        "a point follows a link to the record that this one belongs to",
        "{table} | count by {link}.{far}",
    ),
    topic(
        "many",
        "of the records that belong to this one, an aggregate says how many, how much, whether any",
        "{parent} | let how_many = count({many}) | count by how_many",
    ),
    topic("missing", "an empty field is missing, never nought", "{table} | where {group} is missing | count"),
];

/// What of the open casebook the examples are asked about.
#[derive(Debug, Default)]
pub struct Ground {
    names: Vec<(&'static str, String)>,
}

impl Ground {
    /// The table that has most of what examples want; of several the first.
    pub fn of(catalogue: &Catalogue) -> Result<Ground, Diagnostic> {
        let mut best = Ground::default();
        for table in &catalogue.tables {
            let found = Ground::of_table(catalogue, table)?;
            if found.names.len() > best.names.len() {
                best = found;
            }
        }
        let parent = catalogue.tables.iter().find_map(|table| Some((table, table.backs.first()?)));
        if let Some((table, back)) = parent {
            best.names.extend([("{parent}", quoted(&table.name)), ("{many}", quoted(&back.name))]);
        }
        Ok(best)
    }

    fn of_table(catalogue: &Catalogue, table: &Table) -> Result<Ground, Diagnostic> {
        let mut names = vec![("{table}", quoted(&table.name))];
        let columns = table.columns()?;
        names.extend(group_of(table, columns).map(|name| ("{group}", name)));
        let is_date = |column: &&Column| matches!(column.ty, Type::Date | Type::Datetime);
        names.extend(shown(columns).find(is_date).map(|column| ("{date}", quoted(&column.name))));
        let is_number = |column: &&Column| column.ty.is_numeric() || column.ty.is_quantity();
        names.extend(shown(columns).find(is_number).map(|column| ("{number}", quoted(&column.name))));
        for link in &table.links {
            let Some(to) = catalogue.table(&link.to) else { continue };
            if let Some(far) = group_of(to, to.columns()?) {
                names.extend([("{link}", quoted(&link.name)), ("{far}", far)]);
                break;
            }
        }
        Ok(Ground { names })
    }

    /// An example on this ground; `None` where it lacks something.
    pub fn example(&self, topic: &Topic) -> Option<String> {
        let mut text = topic.template.to_string();
        for (place, name) in &self.names {
            text = text.replace(place, name);
        }
        Some(text).filter(|text| !text.contains('{'))
    }
}

/// Columns that answers may show.
fn shown(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|column| !column.personal)
}

/// A column to group by: a category, or else a text that is no key.
fn group_of(table: &Table, columns: &[Column]) -> Option<String> {
    let category = shown(columns).find(|column| matches!(column.ty, Type::Category(_)));
    let text = || shown(columns).find(|column| column.ty == Type::Text && !table.key.contains(&column.name));
    category.or_else(text).map(|column| quoted(&column.name))
}
