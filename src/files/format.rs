//! File formats, by their names' endings.

use std::path::Path;

/// A format that a source is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a heading line (or separated by semicolons or tabs, see
    /// [`super::text::separator`]).
    Csv,
    /// Tab-separated values with a heading line.
    Tsv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow's file format, also known as Feather.
    Arrow,
}

impl Format {
    /// The endings that are read, for messages.
    pub const ENDINGS: &str = ".csv, .tsv, .ndjson, .parquet and .arrow";

    const BY_ENDING: &[(&str, Format)] = &[
        ("csv", Format::Csv),
        ("tsv", Format::Tsv),
        ("ndjson", Format::Ndjson),
        ("jsonl", Format::Ndjson),
        ("parquet", Format::Parquet),
        ("arrow", Format::Arrow),
        ("feather", Format::Arrow),
    ];

    /// Is it what a golden test expects, `weekly.expected.csv`? Such a file is an answer and no data.
    pub fn is_expected(path: &Path) -> bool {
        path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(".expected"))
    }

    /// The format of a file by its name's ending, in either case; text may be packed (`.csv.gz`, `.csv.zst`).
    pub fn of(path: &Path) -> Option<Format> {
        let (_, format) = Format::split(path)?;
        Some(format)
    }

    /// A file's name without the endings that say its format, and the format.
    pub fn split(path: &Path) -> Option<(String, Format)> {
        let name = path.file_name()?.to_str()?;
        let (mut stem, mut ending) = name.rsplit_once('.')?;
        let packed = Format::is_packed(path);
        if packed {
            (stem, ending) = stem.rsplit_once('.')?;
        }
        let known = |(known, _): &&(&str, Format)| ending.eq_ignore_ascii_case(known);
        let (_, format) = Format::BY_ENDING.iter().find(known)?;
        (!packed || format.is_text()).then(|| (stem.to_string(), *format))
    }

    /// Is a file packed, by its name's last ending?
    pub fn is_packed(path: &Path) -> bool {
        path.extension()
            .is_some_and(|ending| ["gz", "zst"].iter().any(|packed| ending.eq_ignore_ascii_case(packed)))
    }

    /// Is it read as text, line by line?
    pub fn is_text(self) -> bool {
        matches!(self, Format::Csv | Format::Tsv | Format::Ndjson)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings() {
        let of = |name: &str| Format::split(Path::new(name));
        assert_eq!(of("a/Arrests.CSV"), Some(("Arrests".to_string(), Format::Csv)));
        assert_eq!(of("a.b.csv.gz"), Some(("a.b".to_string(), Format::Csv)));
        assert_eq!(of("a.jsonl.zst"), Some(("a".to_string(), Format::Ndjson)));
        for other in ["a.parquet.gz", "a.xlsx", "csv", "a.gz"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
