//! Columns that no name means: their heading stands more than once in the file, or is blank. They are no columns of the
//! table unless the catalogue names them, by `from = "Name#2"`; an answer that lists the table says that they are left
//! out, and so does who describes it, because nobody misses what he never saw.

use super::model::Table;
use crate::files::numbered_apart;

impl Table {
    /// What to tell the reader of the columns that no name means and the catalogue doesn't know of. Nothing where there
    /// are none.
    pub fn nameless(&self) -> Option<String> {
        if self.hide_others || self.made.is_some() {
            return None;
        }
        let declared = |heading: &&str| self.declared.iter().any(|column| column.heading() == Some(*heading));
        let mut groups = numbered_apart(self.headings().ok()?);
        // Who names one of them knows of the others.
        groups.retain(|(_, headings)| !headings.iter().any(declared));
        let example = groups.first()?.1.last()?;
        let said: Vec<String> = groups
            .iter()
            .map(|(name, headings)| match (*name, headings.len()) {
                ("", 1) => "1 name is blank".to_string(),
                ("", n) => format!("{n} names are blank"),
                (name, n) => format!("`{name}` stands {}", times(n)),
            })
            .collect();
        let said = match said.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => said.concat(),
        };
        let columns: usize = groups.iter().map(|(_, headings)| headings.len()).sum();
        let (left_out, one) = match columns {
            1 => ("this column is", "it"),
            _ => ("these columns are", "one"),
        };
        Some(format!(
            "in the heading of {} {said}: {left_out} left out; {} can name {one} by from = \"{example}\"",
            self.file_name(),
            super::FILE
        ))
    }

    /// Of a heading that stands more than once: how often, and where.
    pub fn repeated_heading(&self, name: &str) -> Option<String> {
        let groups = numbered_apart(self.headings().ok()?);
        let (_, headings) = groups.iter().find(|(known, _)| *known == name && !name.is_empty())?;
        Some(format!("`{name}` stands {} in the heading of {}", times(headings.len()), self.file_name()))
    }

    /// What its file is called, or its files.
    fn file_name(&self) -> String {
        let path = &self.source.path;
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    }
}

fn times(n: usize) -> String {
    if n == 2 { "twice".to_string() } else { format!("{n} times") }
}
