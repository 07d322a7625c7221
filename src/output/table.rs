//! Tables for readers: the title, a heading line, the rows. Numbers stand to the right, missing is `—`
//! and so differs from an empty text. All rows are printed; lines are folded only where a terminal is
//! narrower than they are.
//!
//! ```text
//! Charges by borough
//!
//! Borough  charges
//! ────────────────
//! Camden     9,878
//! —             12
//! ```

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

use super::Options;
use super::value::{Cell, Cells, reader, to_the_right, visible};
use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Column};
use crate::types::Type;

/// What stands for a missing value.
pub const MISSING: &str = "—";

/// One line below the heading, and no others.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Below this many characters a column is no help to anyone: wider than the terminal, then.
const NARROWEST: u16 = 8;

/// Writes answers one below the other, a blank line between them.
pub fn write(answers: &[Answer], options: Options) -> Result<Vec<u8>, Diagnostic> {
    let mut text = String::new();
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        one(answer, options, &mut text)?;
    }
    Ok(text.into_bytes())
}

fn one(answer: &Answer, options: Options, text: &mut String) -> Result<(), Diagnostic> {
    if let Some(title) = &answer.title {
        text.push_str(&visible(title));
        text.push_str("\n\n");
    }
    let frame = &answer.frame;
    let cells = Cells::of_frame(frame)?;
    let shown: Vec<(usize, &Column)> =
        frame.columns.iter().enumerate().filter(|(_, column)| !column.data_only).collect();
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(shown.iter().map(|(_, column)| caption(column)).collect::<Vec<_>>());
    let last = shown.len().saturating_sub(1);
    for (at, (_, column)) in shown.iter().enumerate() {
        let Some(place) = table.column_mut(at) else { continue };
        // With the blank that stands for a border, two between columns.
        place.set_padding((0, u16::from(at != last)));
        if to_the_right(column) {
            place.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in 0..frame.data.height() {
        table.add_row(shown.iter().map(|(at, column)| {
            if let Some(mark) = frame.mark(*at, row) {
                return mark.to_string();
            }
            let cell = cells.get(*at).map_or(Cell::Missing, |cells| cells.get(row));
            reader(cell, column).unwrap_or_else(|| MISSING.to_string())
        }));
    }
    let columns: Vec<&Column> = shown.into_iter().map(|(_, column)| column).collect();
    fold(&mut table, &columns, options.width);
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if frame.data.height() == 0 {
        text.push_str("(no rows)\n");
    }
    Ok(())
}

/// The heading of a column: what the catalogue calls it, or its name.
fn caption(column: &Column) -> String {
    visible(column.label.as_deref().unwrap_or(&column.name))
}

/// Folds long cells where the terminal is narrower than the table.
fn fold(table: &mut Table, columns: &[&Column], width: Option<u16>) {
    let Some(width) = width else { return };
    let widths = table.column_max_content_widths();
    let natural: u64 = widths.iter().map(|width| u64::from(*width) + 2).sum();
    if natural.saturating_sub(2) <= u64::from(width) {
        return;
    }
    // A number or a date in two pieces is a wrong one: only text is folded.
    let mut least = 0u16;
    for (at, column) in columns.iter().enumerate() {
        let whole = to_the_right(column) || matches!(column.ty, Type::Date | Type::Datetime | Type::Id);
        least = least.saturating_add(if whole { widths.get(at).copied().unwrap_or(0) } else { NARROWEST });
        least = least.saturating_add(2);
        if whole && let Some(place) = table.column_mut(at) {
            place.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.max(least));
}
