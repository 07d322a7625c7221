//! What a reader of an answer should know of the data behind it: values that did not fit, columns that some
//! files lack, text that may be meant as dates. The counts are the survey's, over all records of the columns
//! that the question used, so that they don't depend on how it was worked out.

use super::{ColumnFacts, Hint, Survey, units};
use crate::catalog::{From, Table};
use crate::diagnostic::Diagnostic;
use crate::frame::count;
use crate::plan::walk::Used;
use crate::types::Type;

/// How many files a note names.
const NAMED: usize = 3;

/// As many characters of a value are shown.
const LONGEST: usize = 24;

/// The notes on the columns that a question used; an error where a table is `strict` and a value of one does
/// not fit.
pub fn notes(used: &Used) -> Result<Vec<String>, Diagnostic> {
    let mut unfit: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for (table, columns) in used.by_table() {
        let survey = table.survey()?;
        for name in columns {
            let Some(facts) = survey.column(name) else { continue };
            if facts.unfit > 0 {
                if table.strict {
                    return Err(strict(table, facts)?);
                }
                let first = first(table, facts)?;
                unfit.push(format!("{} of {}.{name} ({first})", count(facts.unfit), table.name));
            }
            notes.extend(hint(table, facts));
        }
        notes.extend(absent(table, survey, columns)?);
    }
    if !unfit.is_empty() {
        let one = unfit.len() == 1 && unfit[0].starts_with("1 of");
        let what = if one { "a value does not fit and counts" } else { "values do not fit and count" };
        notes.insert(0, format!("{what} as missing: {}", unfit.join(", ")));
    }
    Ok(notes)
}

/// Where the first value that does not fit stands, and what it is.
fn first(table: &Table, facts: &ColumnFacts) -> Result<String, Diagnostic> {
    let Some((file, line)) = facts.first else { return Ok("nobody knows where".to_string()) };
    let name = table.source.files().ok().and_then(|files| Some(files.get(file)?.name())).unwrap_or_default();
    let which = if facts.unfit == 1 { "" } else { "first " };
    let unit = if table.source.format.is_text() { "line" } else { "row" };
    let place = format!("{which}{name}, {unit} {line}");
    let Some(column) = table.column(&facts.name)?.filter(|column| !column.personal) else { return Ok(place) };
    // Of an amount whose unit is elsewhere the field would be half of what does not fit.
    let From::Stored { heading, .. } = &column.from else { return Ok(place) };
    let found = table.source.files()?.get(file).and_then(|file| units::field_at(file, heading, line));
    let Some(value) = found.as_deref().map(cut) else { return Ok(place) };
    let wanted = match &column.ty {
        Type::Category(_) => "none of its values".to_string(),
        ty if ty.is_quantity() => "no amount".to_string(),
        ty => format!("no {ty}"),
    };
    Ok(format!("{place}: {value:?} is {wanted}"))
}

/// A text that is not too long for a note.
fn cut(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

fn strict(table: &Table, facts: &ColumnFacts) -> Result<Diagnostic, Diagnostic> {
    let (is, values) = if facts.unfit == 1 { ("does", "value") } else { ("do", "values") };
    let message = format!(
        "{} {values} of {}.{} {is} not fit: {}",
        facts.unfit,
        table.name,
        facts.name,
        first(table, facts)?
    );
    Ok(Diagnostic::bare("data-unfit", message)
        .help("mend the file, or declare the column as what it holds")
        .help("without strict = true such values count as missing, and a note says so"))
}

/// A column that is text because nobody says what its values mean.
fn hint(table: &Table, facts: &ColumnFacts) -> Option<String> {
    let super::Inferred::Text(Some(hint)) = facts.inferred.as_ref()? else { return None };
    let name = &facts.name;
    Some(match hint {
        Hint::Dates(formats) => {
            let formats: Vec<String> = formats.iter().map(|format| format!("\"{format}\"")).collect();
            format!(
                "{}.{name} holds dates that {} would {} read, so it is left as text; below [tables.{}.columns] \
                 write {} = {{ type = \"{}\", formats = [{}] }}",
                table.name,
                formats.join(" and "),
                if formats.len() == 2 { "both" } else { "all" },
                table.name,
                key(name),
                if formats[0].contains(':') { "datetime" } else { "date" },
                formats[0]
            )
        }
        Hint::Instants => {
            let zone = "timezone = \"Europe/London\" or the like at the head of the catalogue";
            let write = match (table.source.format.is_text(), table.zone.is_some()) {
                (true, true) => String::new(),
                (true, false) => format!("{zone}, and "),
                (false, _) => zone.to_string(),
            };
            let declared = match table.source.format.is_text() {
                true => format!(
                    "below [tables.{}.columns] {} = {{ type = \"datetime\", utc = true }}",
                    table.name,
                    key(name)
                ),
                false => String::new(),
            };
            format!(
                "{}.{name} holds times that say how far from Greenwich they are, so it is left as text; to read them \
                 on your clocks write {write}{declared}",
                table.name,
            )
        }
        Hint::Numbers => format!(
            "{}.{name} holds numbers that are not all written plainly, so it is left as text; below [tables.{}.columns] \
             write {} = \"number\"",
            table.name,
            table.name,
            key(name)
        ),
    })
}

/// A name as TOML writes it as a key.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_string() } else { format!("{name:?}") }
}

/// Columns that some of a table's files have not.
fn absent(table: &Table, survey: &Survey, columns: &[String]) -> Result<Vec<String>, Diagnostic> {
    let files = table.source.files()?;
    let mut notes = Vec::new();
    for name in columns {
        let Some(heading) = table.column(name)?.and_then(|column| column.heading()) else { continue };
        if heading == crate::catalog::FILE_NAME {
            continue;
        }
        let lacking: Vec<String> = files
            .iter()
            .zip(&survey.files)
            .filter(|(_, facts)| !facts.headings.iter().any(|known| known == heading))
            .map(|(file, _)| file.name())
            .collect();
        if lacking.is_empty() {
            continue;
        }
        let mut shown = lacking.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if lacking.len() > NAMED {
            shown.push_str(&format!(" and {} more", lacking.len() - NAMED));
        }
        let verb = if lacking.len() == 1 { "has" } else { "have" };
        notes.push(format!(
            "{} of {} files of {} {verb} no column {heading}, which is missing there: {shown}",
            lacking.len(),
            files.len(),
            table.name
        ));
    }
    Ok(notes)
}
