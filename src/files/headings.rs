//! The names of a file's columns: a CSV file's first record, the keys of all JSON lines, or a schema.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{ArrowDataType, ArrowSchema, IpcReader, ParquetReader, SerReader};

use super::json::Field;
use super::records::Records;
use super::{File, Format, open};
use crate::diagnostic::Diagnostic;

/// What a file says of its columns.
#[derive(Debug)]
pub struct Shape {
    /// The headings in the file's order; those that stand more than once as `0#1`, `0#2`.
    pub headings: Vec<String>,
    /// What stands between two fields.
    pub separator: u8,
    /// What a columnar file keeps under each heading; `None` for text.
    pub schema: Option<Arc<ArrowSchema>>,
}

/// Reads no more of the file than it needs.
pub(super) fn shape(file: &File) -> Result<Shape, Diagnostic> {
    match file.format {
        Format::Csv | Format::Tsv => {
            let (records, headings) = Records::separated(file)?;
            Ok(Shape { headings: numbered(headings), separator: records.separator(), schema: None })
        }
        Format::Ndjson => {
            let mut keys: Vec<String> = Vec::new();
            let mut known: HashMap<String, bool> = HashMap::new();
            Records::objects(file)?.each_object(&mut |_, object| {
                for (key, value) in object {
                    let plain = *value != Field::Nested;
                    match known.get_mut(key.as_ref()) {
                        Some(all) => *all &= plain,
                        None => {
                            known.insert(key.to_string(), plain);
                            keys.push(key.to_string());
                        }
                    }
                }
                Ok(())
            })?;
            // Lists and objects within an object are no value that a question can use.
            keys.retain(|key| known.get(key).copied().unwrap_or(false));
            if keys.is_empty() {
                return Err(nothing(file));
            }
            Ok(Shape { headings: keys, separator: b',', schema: None })
        }
        Format::Parquet | Format::Arrow => {
            let schema = match file.format {
                Format::Arrow => arrow_schema(&file.path)?,
                _ => parquet_schema(&file.path)?,
            };
            let plain = schema.iter().filter(|(_, field)| is_plain(&field.dtype));
            let headings: Vec<String> = plain.map(|(name, _)| name.as_str().to_string()).collect();
            if headings.is_empty() {
                return Err(nothing(file));
            }
            Ok(Shape { headings, separator: b',', schema: Some(schema) })
        }
    }
}

fn nothing(file: &File) -> Diagnostic {
    let path = file.path.display();
    match file.version.size {
        0 => Diagnostic::bare("data-empty", format!("{path} is empty")),
        _ => Diagnostic::bare("data-empty", format!("{path} has no column of single values")),
    }
}

/// Headings told apart: where `0` stands twice, `0#1` and `0#2`.
fn numbered(headings: Vec<String>) -> Vec<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    for heading in &headings {
        *times.entry(heading.clone()).or_default() += 1;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut taken: Vec<String> = Vec::with_capacity(headings.len());
    for heading in headings {
        let mut name = heading.clone();
        if times.get(&heading).is_some_and(|times| *times > 1) {
            let count = seen.entry(heading.clone()).or_default();
            *count += 1;
            name = format!("{heading}#{count}");
            // A heading that really is `0#2` keeps its name.
            while times.contains_key(&name) {
                name.push('#');
            }
        }
        taken.push(name);
    }
    taken
}

/// Is this heading one of several that are the same in the file?
pub fn is_numbered(headings: &[String], heading: &str) -> bool {
    let Some((name, number)) = heading.trim_end_matches('#').rsplit_once('#') else { return false };
    number.parse::<usize>().is_ok() && {
        let twins =
            |n: usize| headings.iter().any(|other| *other.trim_end_matches('#') == format!("{name}#{n}"));
        twins(1) && twins(2)
    }
}

/// The headings that no name means, by what stands in the file: what stands there more than once, and what is blank.
pub fn numbered_apart(headings: &[String]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for heading in headings {
        let name = match heading.trim_end_matches('#').rsplit_once('#') {
            Some((name, _)) if is_numbered(headings, heading) => name,
            _ if heading.is_empty() => "",
            _ => continue,
        };
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(heading),
            None => groups.push((name, vec![heading])),
        }
    }
    groups
}

/// Has it one value a row that a question can use? Lists, structs, bytes and the like have not.
fn is_plain(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    !matches!(
        dtype,
        T::List(_)
            | T::LargeList(_)
            | T::FixedSizeList(..)
            | T::Struct(_)
            | T::Map(..)
            | T::Union(_)
            | T::Binary
            | T::LargeBinary
            | T::BinaryView
            | T::FixedSizeBinary(_)
            | T::Duration(_)
            | T::Interval(_)
    )
}

/// A Parquet file's schema.
fn parquet_schema(path: &Path) -> Result<Arc<ArrowSchema>, Diagnostic> {
    schema(path, "Parquet", |file| ParquetReader::new(file).schema())
}

fn arrow_schema(path: &Path) -> Result<Arc<ArrowSchema>, Diagnostic> {
    schema(path, "Arrow", |file| IpcReader::new(file).schema())
}

fn schema(
    path: &Path,
    format: &str,
    read: impl FnOnce(std::fs::File) -> polars::prelude::PolarsResult<Arc<ArrowSchema>>,
) -> Result<Arc<ArrowSchema>, Diagnostic> {
    let file = open(path)?;
    if file.metadata().is_ok_and(|found| found.len() == 0) {
        return Err(Diagnostic::bare("data-empty", format!("{} is empty", path.display())));
    }
    let damaged = |why: String| {
        let message = format!("{} is no {format} file, or a damaged one", path.display());
        Diagnostic::bare("data-format", message).help(format!("reading it failed: {why}"))
    };
    // polars takes some damage to a file's metadata for a mistake of its own, and panics.
    match catch_unwind(AssertUnwindSafe(|| read(file))) {
        Ok(schema) => schema.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("its metadata make no sense".to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_that_stand_twice() {
        let owned = |list: &[&str]| list.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        let told = numbered(owned(&["0", "a", "0", "b#2"]));
        assert_eq!(told, ["0#1", "a", "0#2", "b#2"]);
        assert!(is_numbered(&told, "0#1") && !is_numbered(&told, "b#2"));
        assert_eq!(numbered(owned(&["0", "0", "0#2"])), ["0#1", "0#2#", "0#2"]);
        assert_eq!(numbered_apart(&told), [("0", vec!["0#1", "0#2"])]);
        let told = numbered(owned(&["a", "", "a", "select", "", "a"]));
        assert_eq!(numbered_apart(&told), [("a", vec!["a#1", "a#2", "a#3"]), ("", vec!["#1", "#2"])]);
        assert_eq!(numbered_apart(&owned(&["a", "", "b"])), [("", vec![""])]);
    }
}
