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
use super::shown::{NO_ROWS, Shown, caption};
use super::value::{to_the_right, visible};
use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Column};
use crate::types::Type;

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
    let shown = Shown::of(&answer.frame)?;
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(shown.columns.iter().map(|column| caption(column)).collect::<Vec<_>>());
    let last = shown.columns.len().saturating_sub(1);
    for (at, column) in shown.columns.iter().enumerate() {
        let Some(place) = table.column_mut(at) else { continue };
        // With the blank that stands for a border, two between columns.
        place.set_padding((0, u16::from(at != last)));
        if to_the_right(column) {
            place.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in shown.rows() {
        table.add_row(row);
    }
    fold(&mut table, &shown.columns, options.width);
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if shown.height == 0 {
        text.push_str(NO_ROWS);
    }
    Ok(())
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
