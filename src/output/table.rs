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

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width as Wide,
};
use unicode_width::UnicodeWidthStr;

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

/// A word up to this long is never broken; of longer ones (an address, text without blanks) pieces may be.
const LONGEST_WORD: u16 = 16;

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
    titled(answer, text);
    let shown = Shown::of(&answer.frame)?;
    let all: Vec<usize> = (0..shown.columns.len()).collect();
    draw(&shown, &all, None, options.width, text);
    Ok(())
}

/// How much room there is for an answer; all that it wants where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Room {
    /// How many columns of characters.
    pub width: Option<u16>,
    /// How many rows.
    pub rows: Option<usize>,
}

/// An answer as far as there is room for it.
#[derive(Debug)]
pub struct Fitted {
    /// The table.
    pub text: String,
    /// How many of its rows it shows, where that is not all.
    pub rows: Option<usize>,
    /// The columns that there was no room for, by their headings.
    pub left_out: Vec<String>,
}

/// Writes an answer into the room that there is: of too many rows the first and the last, of columns that don't fit
/// the first.
pub fn fitted(answer: &Answer, room: Room) -> Result<Fitted, Diagnostic> {
    let cut = room.rows.filter(|rows| *rows < answer.frame.data.height());
    let frame = match cut {
        Some(rows) => &answer.frame.ends(rows.div_ceil(2), rows / 2),
        None => &answer.frame,
    };
    let shown = Shown::of(frame)?;
    let mut columns: Vec<usize> = (0..shown.columns.len()).collect();
    if let Some(width) = room.width {
        let needs = needs(&plain(&shown, &columns, None), &shown.columns);
        let ends = needs.iter().scan(0u64, |end, need| {
            *end += u64::from(need.least) + 2;
            Some(*end - 2)
        });
        let fit = ends.take_while(|end| *end <= u64::from(width)).count();
        columns.truncate(fit.max(1));
    }
    let left_out = shown.columns[columns.len()..].iter().map(|column| caption(column)).collect();
    let mut text = String::new();
    titled(answer, &mut text);
    draw(&shown, &columns, cut.map(|rows| rows.div_ceil(2)), room.width, &mut text);
    Ok(Fitted { text, rows: cut, left_out })
}

fn titled(answer: &Answer, text: &mut String) {
    if let Some(title) = &answer.title {
        text.push_str(&visible(title));
        text.push_str("\n\n");
    }
}

/// The table of some columns, with a line of `⋮` where rows are left out.
fn plain(shown: &Shown, columns: &[usize], gap: Option<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(columns.iter().map(|at| caption(shown.columns[*at])).collect::<Vec<_>>());
    for (place, at) in columns.iter().enumerate() {
        let Some(column) = table.column_mut(place) else { continue };
        // With the blank that stands for a border, two between columns.
        column.set_padding((0, u16::from(place + 1 != columns.len())));
        if to_the_right(shown.columns[*at]) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (number, mut row) in shown.rows().enumerate() {
        if gap == Some(number) {
            table.add_row(vec!["⋮"; columns.len()]);
        }
        row.truncate(columns.len());
        table.add_row(row);
    }
    table
}

fn draw(shown: &Shown, columns: &[usize], gap: Option<usize>, width: Option<u16>, text: &mut String) {
    let mut table = plain(shown, columns, gap);
    let shown_columns: Vec<&Column> = columns.iter().map(|at| shown.columns[*at]).collect();
    fold(&mut table, &shown_columns, width);
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if shown.height == 0 {
        text.push_str(NO_ROWS);
    }
}

/// Is a value in two pieces a wrong one, as a number or a date would be? Then it is never folded.
fn stays_whole(column: &Column) -> bool {
    to_the_right(column) || matches!(column.ty, Type::Date | Type::Datetime | Type::Id)
}

/// How wide a column is, in characters.
#[derive(Clone, Copy, Debug)]
struct Need {
    /// At least: its longest word, or all of what must not be folded.
    least: u16,
    /// As it would be where there is room for everything.
    natural: u16,
}

fn needs(table: &Table, columns: &[&Column]) -> Vec<Need> {
    let naturals = table.column_max_content_widths();
    let need = |(at, (column, natural)): (usize, (&&Column, &u16))| {
        if stays_whole(column) {
            return Need { least: *natural, natural: *natural };
        }
        let cells = table.header().into_iter().chain(table.row_iter());
        let texts = cells.filter_map(|row| row.cell_iter().nth(at)).map(|cell| cell.content());
        let longest = texts.flat_map(|text| text.split(' ').map(UnicodeWidthStr::width).max()).max();
        let word = longest.map_or(0, |width| u16::try_from(width).unwrap_or(u16::MAX));
        Need { least: word.clamp(NARROWEST, LONGEST_WORD).min(*natural), natural: *natural }
    };
    columns.iter().zip(&naturals).enumerate().map(need).collect()
}

/// Folds long cells where the terminal is narrower than the table.
fn fold(table: &mut Table, columns: &[&Column], width: Option<u16>) {
    let Some(width) = width else { return };
    let natural: u64 = table.column_max_content_widths().iter().map(|width| u64::from(*width) + 2).sum();
    if natural.saturating_sub(2) <= u64::from(width) {
        return;
    }
    let widths = shared_out(&needs(table, columns), u64::from(width));
    for (at, width) in widths.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            let padding = u16::from(at + 1 != columns.len());
            column.set_constraint(ColumnConstraint::Absolute(Wide::Fixed(width.saturating_add(padding))));
        }
    }
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let all = widths.iter().fold(0u16, |all, width| all.saturating_add(*width).saturating_add(2));
    table.set_width(all.saturating_sub(2));
}

/// How wide each column is made: as much as it needs at least, and what room is left goes to the narrowest of those
/// that want more, so that a long text is folded before a short one is.
fn shared_out(needs: &[Need], width: u64) -> Vec<u16> {
    let at_level = |level: u16| needs.iter().map(move |need| need.natural.min(level).max(need.least));
    let takes = |level: u16| at_level(level).map(|width| u64::from(width) + 2).sum::<u64>().saturating_sub(2);
    let widest = needs.iter().map(|need| need.natural).max().unwrap_or(0);
    // The widths only grow with the level, so what fits is found by halving.
    let (mut fits, mut wide) = (0u16, widest.saturating_add(1));
    while wide - fits > 1 {
        let level = fits + (wide - fits) / 2;
        if takes(level) <= width { fits = level } else { wide = level }
    }
    at_level(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_out() {
        let shared = |needs: &[(u16, u16)], width: u64| {
            let needs: Vec<Need> =
                needs.iter().map(|(least, natural)| Need { least: *least, natural: *natural }).collect();
            shared_out(&needs, width)
        };
        // A long text is given what short ones leave.
        assert_eq!(shared(&[(16, 40), (5, 5), (5, 5)], 42), [28, 5, 5]);
        // Two long ones share alike, as far as their words allow.
        assert_eq!(shared(&[(8, 40), (8, 40), (10, 10)], 54), [20, 20, 10]);
        assert_eq!(shared(&[(16, 40), (8, 40)], 22), [16, 8]);
        // No column gets more than it wants, nor less than it needs.
        assert_eq!(shared(&[(8, 12), (8, 90)], 60), [12, 46]);
        assert_eq!(shared(&[(16, 40), (16, 40)], 10), [16, 16]);
        assert_eq!(shared(&[], 10), Vec::<u16>::new());
    }
}
