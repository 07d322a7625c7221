//! Which record belongs to which, drawn as a tree: below each table those that link to it, each once.
//!
//! ```text
//! boroughs
//! └─ arrests       ↑ arrests.area
//!    ├─ charges    ↑ charges.arrest
//!    └─ seizures   ↑ seizures.arrest
//! ```

use crate::catalog::{Catalogue, Table};

/// The tree of a casebook's links.
pub fn tree(catalogue: &Catalogue) -> String {
    let mut drawing = Drawing { catalogue, lines: Vec::new(), drawn: Vec::new() };
    // What links to nothing is at the top; where all go round in a ring, so is the first of it.
    let tops = catalogue.tables.iter().filter(|table| table.links.is_empty());
    for table in tops.chain(&catalogue.tables) {
        if !drawing.drawn.contains(&&*table.name) {
            drawing.lines.push((table.name.to_string(), String::new()));
            drawing.below(table, "");
        }
    }
    let width = drawing.lines.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (left, right) in &drawing.lines {
        text.push_str(format!("{left:width$}   {right}").trim_end());
        text.push('\n');
    }
    text
}

struct Drawing<'a> {
    catalogue: &'a Catalogue,
    lines: Vec<(String, String)>,
    drawn: Vec<&'a str>,
}

impl<'a> Drawing<'a> {
    /// The tables that link to this one, each with those that link to it.
    fn below(&mut self, table: &'a Table, indent: &str) {
        self.drawn.push(&table.name);
        let catalogue = self.catalogue;
        let links = catalogue.tables.iter().flat_map(|from| from.links.iter().map(move |link| (from, link)));
        let children: Vec<_> = links.filter(|(_, link)| link.to == table.name).collect();
        for (at, (from, link)) in children.iter().enumerate() {
            let (branch, further) =
                if at + 1 == children.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let again = self.drawn.contains(&&*from.name);
            let below = catalogue.tables.iter().any(|other| other.links.iter().any(|l| l.to == from.name));
            // Without a name for the way down there is only the way up.
            let name = link.back.as_deref().map_or_else(|| format!("({})", from.name), str::to_string);
            let more = if again && below { " …" } else { "" };
            self.lines
                .push((format!("{indent}{branch}{name}{more}"), format!("↑ {}.{}", from.name, link.name)));
            if !again {
                self.below(from, &format!("{indent}{further}"));
            }
        }
    }
}
