//! Two outputs by answer, row and column. Which rows belong together is said by their first columns, as many as it takes
//! to tell the rows apart: what a question groups by stands first. Where nothing does, rows are paired as lines of a text
//! are, in their order.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::PAIRS;
use super::sheet::Sheet;
use crate::output::value::visible;

/// So many cells are shown of a row that one side lacks.
const CELLS: usize = 8;

/// What differs between answers, a line each.
pub fn sheets(expected: &[Sheet], got: &[Sheet], titles: &[Option<&str>]) -> Vec<String> {
    let headings = |sheets: &[Sheet]| sheets.iter().map(|sheet| sheet.columns.clone()).collect::<Vec<_>>();
    let several = expected.len() > 1 || got.len() > 1;
    let mut lines = Vec::new();
    for (was, is) in pairs(&headings(expected), &headings(got)) {
        let name = |at: usize| {
            let own = got.get(at).and_then(|sheet| sheet.title.as_deref());
            match own.or(titles.get(at).copied().flatten()) {
                Some(title) => format!("answer {}, {}", at + 1, visible(title)),
                None => format!("answer {}", at + 1),
            }
        };
        match (was.and_then(|at| Some((at, expected.get(at)?))), is.and_then(|at| Some((at, got.get(at)?)))) {
            (Some((_, was)), Some((at, is))) => {
                let found = sheet(was, is);
                if several && !found.is_empty() {
                    lines.push(name(at));
                    lines.extend(found.iter().map(|line| format!("  {line}")));
                } else {
                    lines.extend(found);
                }
            }
            (Some((at, was)), None) => {
                let what = was.title.clone().unwrap_or_else(|| was.columns.join(", "));
                lines.push(format!("answer {} of the expected is missing: {}", at + 1, visible(&what)));
            }
            (None, Some((at, _))) => lines.push(format!("{}, is new", name(at))),
            (None, None) => {}
        }
    }
    lines
}

fn sheet(expected: &Sheet, got: &Sheet) -> Vec<String> {
    let mut lines = Vec::new();
    if expected.title != got.title {
        let title = |sheet: &Sheet| match &sheet.title {
            Some(title) => format!("`{}`", visible(title)),
            None => "none".to_string(),
        };
        lines.push(format!("the title is {}, expected {}", title(got), title(expected)));
    }
    let lacks = |sheet: &Sheet, name: &String| !sheet.columns.contains(name);
    for name in expected.columns.iter().filter(|name| lacks(got, name)) {
        lines.push(format!("column `{}` is missing", visible(name)));
    }
    for name in got.columns.iter().filter(|name| lacks(expected, name)) {
        lines.push(format!("column `{}` is new", visible(name)));
    }
    let shared: Vec<&str> =
        expected.columns.iter().filter(|name| !lacks(got, name)).map(String::as_str).collect();
    let now: Vec<&str> =
        got.columns.iter().filter(|name| !lacks(expected, name)).map(String::as_str).collect();
    if shared != now {
        let listed = |names: &[&str]| {
            names.iter().map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ")
        };
        lines.push(format!(
            "the columns stand in another order: {}, expected {}",
            listed(&now),
            listed(&shared)
        ));
    }
    if shared.is_empty() {
        return lines;
    }
    rows(&shared, &Rows::of(expected, &shared), &Rows::of(got, &shared), &mut lines);
    lines
}

/// The cells of the columns that both sides have, in one order.
struct Rows<'a> {
    cells: Vec<Vec<&'a str>>,
}

impl<'a> Rows<'a> {
    fn of(sheet: &'a Sheet, shared: &[&str]) -> Rows<'a> {
        let places: Vec<Option<usize>> =
            shared.iter().map(|name| sheet.columns.iter().position(|column| column == name)).collect();
        let cell =
            |row: &'a [String], at: &Option<usize>| at.and_then(|at| row.get(at)).map_or("", String::as_str);
        Rows { cells: sheet.rows.iter().map(|row| places.iter().map(|at| cell(row, at)).collect()).collect() }
    }

    /// Do the first cells tell the rows apart?
    fn distinct(&self, first: usize) -> bool {
        let mut seen = HashSet::new();
        self.cells.iter().all(|row| seen.insert(&row[..first]))
    }
}

fn rows(shared: &[&str], expected: &Rows, got: &Rows, lines: &mut Vec<String>) {
    let key = (0..shared.len()).find(|first| expected.distinct(*first) && got.distinct(*first));
    let mut key = key.unwrap_or(0);
    let mut pairs = if key > 0 { keyed(key, expected, got) } else { Vec::new() };
    if !pairs.iter().any(|(was, is)| was.is_some() && is.is_some()) {
        key = 0;
        pairs = self::pairs(&expected.cells, &got.cells);
    }
    let named = |row: &[&str], columns: std::ops::Range<usize>| {
        let cells = columns.map(|at| format!("{} {}", visible(shared[at]), shown(row[at])));
        cells.collect::<Vec<_>>().join(", ")
    };
    let whole = |row: &[&str]| match shared.len().saturating_sub(CELLS.max(key)) {
        0 => named(row, 0..shared.len()),
        more => format!("{} … and {more} more", named(row, 0..shared.len() - more)),
    };
    let place = |at: usize, row: &[&str]| match key {
        0 => format!("row {}", at + 1),
        _ => format!("row {}, {}", at + 1, named(row, 0..key)),
    };
    for (was, is) in &pairs {
        match (was.map(|at| (at, &*expected.cells[at])), is.map(|at| (at, &*got.cells[at]))) {
            (Some((_, was)), Some((at, is))) => {
                for column in (0..shared.len()).filter(|column| was[*column] != is[*column]) {
                    lines.push(format!(
                        "{}: {} is {}, expected {}",
                        place(at, is),
                        visible(shared[column]),
                        shown(is[column]),
                        shown(was[column])
                    ));
                }
            }
            (Some((at, was)), None) => {
                lines.push(format!("row {} of the expected is missing: {}", at + 1, whole(was)));
            }
            (None, Some((at, is))) => {
                lines.push(format!("row {} is new: {}", at + 1, whole(is)));
            }
            (None, None) => {}
        }
    }
    // Of the rows on both sides, the first that stands where another was expected.
    let both = || pairs.iter().filter_map(|(was, is)| Some(((*was)?, (*is)?)));
    let mut now: Vec<usize> = both().map(|(_, is)| is).collect();
    now.sort_unstable();
    if let Some(((was, _), is)) = both().zip(now).find(|((_, is), now)| is != now) {
        let here = named(&expected.cells[was], 0..key);
        lines.push(format!(
            "the rows stand in another order: {}, expected here: {here}",
            place(is, &got.cells[is])
        ));
    }
}

/// The rows that have the same first cells, in the order of the expected ones, and those without a partner.
fn keyed(key: usize, expected: &Rows, got: &Rows) -> Vec<(Option<usize>, Option<usize>)> {
    let mut left: HashMap<&[&str], usize> =
        got.cells.iter().enumerate().map(|(at, row)| (&row[..key], at)).collect();
    let mut pairs: Vec<_> =
        expected.cells.iter().enumerate().map(|(at, row)| (Some(at), left.remove(&row[..key]))).collect();
    let mut new: Vec<usize> = left.into_values().collect();
    new.sort_unstable();
    pairs.extend(new.into_iter().map(|at| (None, Some(at))));
    pairs
}

/// Which of one list goes with which of another, both in their order: the most that are alike, and what stands between
/// those one by one.
fn pairs<T: Eq + Hash + Ord>(expected: &[T], got: &[T]) -> Vec<(Option<usize>, Option<usize>)> {
    let ops = if expected.len().saturating_mul(got.len()) <= PAIRS {
        capture_diff_slices(Algorithm::Myers, expected, got)
    } else {
        vec![DiffOp::Replace { old_index: 0, old_len: expected.len(), new_index: 0, new_len: got.len() }]
    };
    let mut pairs = Vec::new();
    for op in ops {
        let (was, is) = (op.old_range(), op.new_range());
        for at in 0..was.len().max(is.len()) {
            let of = |range: &std::ops::Range<usize>| (at < range.len()).then(|| range.start + at);
            pairs.push((of(&was), of(&is)));
        }
    }
    pairs
}

fn shown(cell: &str) -> String {
    if cell.is_empty() { "missing".to_string() } else { visible(cell) }
}
