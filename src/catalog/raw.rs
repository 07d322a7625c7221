//! casebook.toml as written. The TOML is cut into small parts (a table's own keys, one column, one link),
//! and serde reads each part by itself, so that a mistake in one hides none in another; every part keeps its
//! place in the file. What the names mean is [`super::resolve`]'s business.

use std::fmt;

use serde::Deserialize;
use serde::de::value::Error as FieldsError;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::include::{self, INCLUDE};
use super::sources::Sources;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::syntax::span::Span;

/// The whole file.
#[derive(Debug, Default)]
pub(super) struct RawCasebook {
    pub top: RawTop,
    pub units: Vec<Named<Spanned<String>>>,
    pub unit_codes: Vec<Named<Vec<Named<Code>>>>,
    pub queries: Vec<Named<RawDefinition>>,
    pub tables: Vec<Named<RawTable>>,
    /// Something could not be read, so what is absent may be no mistake of its own.
    pub partial: bool,
}

/// The keys at the head of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTop {
    pub name: Option<String>,
    pub timezone: Option<Spanned<String>>,
    pub financial_year_starts: Option<Spanned<String>>,
    pub currency: Option<Spanned<String>>,
    pub strict: Option<bool>,
    pub history: Option<bool>,
}

/// What a unit code stands for.
#[derive(Debug)]
pub(super) enum Code {
    Unit(Spanned<String>),
    NoUnit,
}

/// One `[tables.NAME]` with what stands below it.
#[derive(Debug)]
pub(super) struct RawTable {
    pub own: RawTableKeys,
    pub columns: Vec<Named<RawColumn>>,
    pub derive: Vec<Named<RawDefinition>>,
    pub measures: Vec<Named<RawDefinition>>,
    pub links: Vec<Named<RawLink>>,
}

/// What is defined in the language itself: a bare text, or a table of these.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDefinition {
    /// As in [`RawCasebook`].
    #[serde(skip)]
    pub partial: bool,
    pub is: Option<Spanned<String>>,
    pub label: Option<String>,
    pub comment: Option<String>,
}

/// A table's own keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTableKeys {
    /// As in [`RawCasebook`].
    #[serde(skip)]
    pub partial: bool,
    pub source: Option<Spanned<String>>,
    pub keys_of: Option<Spanned<Vec<Spanned<RawKeyOf>>>>,
    pub link: Option<Spanned<String>>,
    pub key: Option<Spanned<Names>>,
    pub repeated: Option<Spanned<String>>,
    pub label: Option<String>,
    pub title: Option<Spanned<Names>>,
    pub missing: Option<Names>,
    pub others: Option<Spanned<String>>,
    pub encoding: Option<Spanned<String>>,
    pub file: Option<Spanned<String>>,
    pub strict: Option<bool>,
}

/// One column whose values are keys: `"arrests.person_id"`, or `{ column = "arrests.officer", link = "officer" }`.
#[derive(Debug)]
pub(super) struct RawKeyOf {
    pub column: String,
    pub link: Option<String>,
    pub back: Option<String>,
}

/// One column: a bare type, or a table of these.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawColumn {
    /// As in [`RawCasebook`].
    #[serde(skip)]
    pub partial: bool,
    #[serde(rename = "type")]
    pub ty: Option<Spanned<String>>,
    pub label: Option<String>,
    pub from: Option<Spanned<String>>,
    pub formats: Option<Spanned<Names>>,
    pub case: Option<Spanned<String>>,
    pub values: Option<Spanned<Values>>,
    pub values_from: Option<Spanned<String>>,
    pub years: Option<Spanned<(i32, i32)>>,
    pub utc: Option<Spanned<bool>>,
    pub missing: Option<Names>,
    pub personal: Option<bool>,
    pub unit: Option<Spanned<String>>,
    pub unit_from: Option<Spanned<String>>,
    pub units: Option<Spanned<String>>,
    pub kind: Option<Spanned<String>>,
    pub currency: Option<Spanned<String>>,
}

/// One link.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLink {
    /// As in [`RawCasebook`].
    #[serde(skip)]
    pub partial: bool,
    /// The `keys_of` of the table that it leads to asks for it.
    #[serde(skip)]
    pub of_keys: bool,
    pub to: Option<Spanned<String>>,
    pub by: Option<Spanned<Names>>,
    pub back: Option<Spanned<String>>,
}

/// A key and what stands behind it.
#[derive(Debug)]
pub(super) struct Named<T> {
    pub name: String,
    pub span: Span,
    pub value: T,
}

/// One text or a list of them.
#[derive(Debug)]
pub(super) struct Names(pub Vec<String>);

/// A category's values: a list, or codes and the words for them, in the order written.
#[derive(Debug)]
pub(super) enum Values {
    List(Vec<Spanned<String>>),
    Codes(Vec<(Spanned<String>, Spanned<String>)>),
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Names;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }
            fn visit_str<E>(self, one: &str) -> Result<Names, E> {
                Ok(Names(vec![one.to_string()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl<'de> Deserialize<'de> for RawKeyOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            column: String,
            link: Option<String>,
            back: Option<String>,
        }
        struct TextOrWhole;
        impl<'de> Visitor<'de> for TextOrWhole {
            type Value = RawKeyOf;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table's column, \"arrests.person_id\" say")
            }
            fn visit_str<E>(self, column: &str) -> Result<RawKeyOf, E> {
                Ok(RawKeyOf { column: column.to_string(), link: None, back: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawKeyOf, A::Error> {
                let Whole { column, link, back } =
                    Whole::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(RawKeyOf { column, link, back })
            }
        }
        deserializer.deserialize_any(TextOrWhole)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListOrCodes;
        impl<'de> Visitor<'de> for ListOrCodes {
            type Value = Values;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts, or codes and texts: { M = \"male\", F = \"female\" }")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Values, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Values::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
                let mut codes: Vec<(Spanned<String>, Spanned<String>)> = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    codes.push(pair);
                }
                // toml keeps keys by name; their places know the order written.
                codes.sort_by_key(|(code, _)| code.span().start);
                Ok(Values::Codes(codes))
            }
        }
        deserializer.deserialize_any(ListOrCodes)
    }
}

/// Where something of the file stands.
pub(super) fn place<T>(spanned: &Spanned<T>) -> Span {
    Span::new(spanned.span().start, spanned.span().end)
}

/// Reads what the catalogue's files say together; what could be read, and every mistake on the way.
pub(super) fn read(sources: &Sources) -> (RawCasebook, Diagnostics) {
    let texts: Vec<String> = sources.parts().map(|span| include::in_place(sources, span)).collect();
    let mut found = Vec::new();
    let mut top = DeTable::new();
    for text in &texts {
        let (document, errors) = DeTable::parse_recoverable(text);
        // A table that stands twice repeats its keys too: one report will do.
        let twice = |error: &&toml::de::Error| error.message() == DUPLICATE;
        let first = errors.iter().position(|error| twice(&error));
        let told = errors.iter().enumerate().filter(|(at, error)| !twice(error) || Some(*at) == first);
        found.extend(told.map(|(_, error)| not_toml(error, text)));
        let mut document = document.into_inner();
        document.remove(INCLUDE);
        include::merge(&mut top, document, &mut found);
    }
    if found.iter().any(|mistake| mistake.code == "catalogue-syntax") {
        return (RawCasebook { partial: true, ..RawCasebook::default() }, found);
    }
    let mut reading = Reading { found };
    let nested = [INCLUDE, "let", "units", "unit_codes", "tables"];
    let mut raw = RawCasebook {
        partial: false,
        units: reading.texts(top.remove("units"), "[units]"),
        unit_codes: reading.unit_codes(top.remove("unit_codes")),
        queries: reading.definitions(top.remove("let"), "[let]", "the shared query"),
        tables: reading.tables(top.remove("tables")),
        top: reading.section(top, Span::default(), "the catalogue", &nested).0,
    };
    raw.partial = !reading.found.is_empty();
    (raw, reading.found)
}

/// What toml says of a key that stands twice.
const DUPLICATE: &str = "duplicate key";

fn not_toml(error: &toml::de::Error, text: &str) -> Diagnostic {
    let end = text.len();
    let span = error.span().map_or(Span::new(end, end), |span| Span::new(span.start, span.end));
    let message = match text.get(span.start..span.end) {
        Some(key) if error.message() == DUPLICATE => format!("`{key}` stands twice"),
        _ => format!("this is not TOML: {}", error.message().trim()),
    };
    Diagnostic::new("catalogue-syntax", message, span)
}

type Part<'t> = Spanned<DeValue<'t>>;

/// A walk through the catalogue's parts that notes mistakes and goes on.
struct Reading {
    found: Diagnostics,
}

impl Reading {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// One part's keys by serde, after the unknown ones are reported (a slip of a letter or two is read as
    /// meant), and whether all of it could be read. `nested` are keys that are read apart.
    fn section<T: DeserializeOwned + Default>(
        &mut self,
        mut table: DeTable<'_>,
        span: Span,
        what: &str,
        nested: &[&str],
    ) -> (T, bool) {
        let known: Vec<&str> = fields_of::<T>().iter().copied().chain(nested.iter().copied()).collect();
        let mut unknown: Vec<(String, Span)> = table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .map(|key| (key.get_ref().to_string(), place(key)))
            .collect();
        unknown.sort_by_key(|(_, span)| span.start);
        let mut whole = true;
        for (key, span) in unknown {
            let value = table.remove(key.as_str());
            let near = nearest(&key, known.iter().copied());
            self.unknown_key(&key, span, what, &known, near);
            match (near, value) {
                (Some(near), Some(value))
                    if strsim::damerau_levenshtein(&key, near) <= if key.len() < 6 { 1 } else { 2 }
                        && !nested.contains(&near)
                        && !table.contains_key(near) =>
                {
                    table.insert(Spanned::new(span.start..span.end, near.to_string().into()), value);
                }
                _ => whole = false,
            }
        }
        let part = Spanned::new(span.start..span.end, DeValue::Table(table));
        match self.value(part, what) {
            Some(section) => (section, whole),
            None => (T::default(), false),
        }
    }

    fn unknown_key(&mut self, key: &str, span: Span, what: &str, known: &[&str], near: Option<&str>) {
        let mut diagnostic = Diagnostic::new("catalogue-key", format!("{what} has no key `{key}`"), span);
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic.help(format!("its keys are {}", super::listed(known))));
    }

    fn value<T: DeserializeOwned>(&mut self, part: Part<'_>, what: &str) -> Option<T> {
        let whole = place(&part);
        match T::deserialize(ValueDeserializer::from(part)) {
            Ok(value) => Some(value),
            Err(error) => {
                let span = error.span().map_or(whole, |span| Span::new(span.start, span.end));
                let message = match error.message().split_once(", expected ") {
                    Some((got, expected)) if got.starts_with("invalid type: ") => {
                        let expected = if expected == "a string" { "a text in quotes" } else { expected };
                        format!("expected {expected}, found {}", got.trim_start_matches("invalid type: "))
                    }
                    _ => error.message().to_string(),
                };
                self.report(Diagnostic::new("catalogue-value", format!("in {what}: {message}"), span));
                None
            }
        }
    }

    /// A table's entries in the order written.
    fn entries<'t>(&mut self, part: Option<Part<'t>>, what: &str) -> Vec<Named<Part<'t>>> {
        let Some(part) = part else { return Vec::new() };
        let span = place(&part);
        match part.into_inner() {
            DeValue::Table(table) => {
                let mut entries: Vec<Named<Part<'t>>> = table
                    .into_iter()
                    .map(|(key, value)| Named {
                        span: place(&key),
                        name: key.into_inner().into_owned(),
                        value,
                    })
                    .collect();
                entries.sort_by_key(|entry| entry.span.start);
                entries
            }
            other => {
                let message = format!("{what} is a table of names, not {}", with_article(other.type_str()));
                self.report(Diagnostic::new("catalogue-value", message, span));
                Vec::new()
            }
        }
    }

    fn texts(&mut self, part: Option<Part<'_>>, what: &str) -> Vec<Named<Spanned<String>>> {
        let mut texts = Vec::new();
        for entry in self.entries(part, what) {
            if let Some(value) = self.value(entry.value, &format!("{what} `{}`", entry.name)) {
                texts.push(Named { name: entry.name, span: entry.span, value });
            }
        }
        texts
    }

    fn definitions(
        &mut self,
        part: Option<Part<'_>>,
        part_name: &str,
        kind: &str,
    ) -> Vec<Named<RawDefinition>> {
        let mut definitions = Vec::new();
        for Named { name, span, value } in self.entries(part, part_name) {
            let whole = place(&value);
            let what = format!("{kind} `{name}`");
            let value = match value.into_inner() {
                DeValue::String(is) => {
                    let is = Spanned::new(whole.start..whole.end, is.into_owned());
                    RawDefinition { is: Some(is), ..RawDefinition::default() }
                }
                DeValue::Table(keys) => {
                    let (keys, whole) = self.section(keys, whole, &what, &[]);
                    RawDefinition { partial: !whole, ..keys }
                }
                other => {
                    let message = format!("{what} is {}, not its definition", with_article(other.type_str()));
                    let diagnostic = Diagnostic::new("catalogue-value", message, whole)
                        .help(format!("write {name} = '…', or {name} = {{ is = '…', label = \"…\" }}"));
                    self.report(diagnostic);
                    RawDefinition { partial: true, ..RawDefinition::default() }
                }
            };
            definitions.push(Named { name, span, value });
        }
        definitions
    }

    fn unit_codes(&mut self, part: Option<Part<'_>>) -> Vec<Named<Vec<Named<Code>>>> {
        let mut lists = Vec::new();
        for list in self.entries(part, "[unit_codes]") {
            let what = format!("[unit_codes.{}]", list.name);
            let mut codes = Vec::new();
            for Named { name, span, value } in self.entries(Some(list.value), &what) {
                match value.get_ref() {
                    DeValue::Boolean(false) => codes.push(Named { name, span, value: Code::NoUnit }),
                    DeValue::String(unit) => {
                        let unit = Spanned::new(value.span(), unit.to_string());
                        codes.push(Named { name, span, value: Code::Unit(unit) });
                    }
                    other => {
                        let message = format!(
                            "the code `{name}` stands for a unit (\"g\") or for none (false), not for {}",
                            with_article(other.type_str())
                        );
                        self.report(Diagnostic::new("catalogue-value", message, place(&value)));
                    }
                }
            }
            lists.push(Named { name: list.name, span: list.span, value: codes });
        }
        lists
    }

    fn tables(&mut self, part: Option<Part<'_>>) -> Vec<Named<RawTable>> {
        let mut tables = Vec::new();
        for Named { name, span, value } in self.entries(part, "[tables]") {
            let whole = place(&value);
            let what = format!("the table `{name}`");
            let DeValue::Table(mut keys) = value.into_inner() else {
                let message = format!("{what} is described by keys: [tables.{name}] and lines below it");
                self.report(Diagnostic::new("catalogue-value", message, span));
                continue;
            };
            let columns = self.columns(keys.remove("columns"), &name);
            let part = format!("[tables.{name}.derive]");
            let derive = self.definitions(keys.remove("derive"), &part, "the derived column");
            let part = format!("[tables.{name}.measures]");
            let measures = self.definitions(keys.remove("measures"), &part, "the measure");
            let mut links = Vec::new();
            for link in self.entries(keys.remove("links"), &format!("`links` of {name}")) {
                let what = format!("the link `{}`", link.name);
                let place = place(&link.value);
                let DeValue::Table(keys) = link.value.into_inner() else {
                    let message = format!("{what} is written {{ to = \"TABLE\", by = \"COLUMN\" }}");
                    self.report(Diagnostic::new("catalogue-value", message, place));
                    continue;
                };
                let (keys, whole) = self.section(keys, place, &what, &[]);
                let value = RawLink { partial: !whole, ..keys };
                links.push(Named { name: link.name, span: link.span, value });
            }
            let (own, whole) = self.section(keys, whole, &what, &["columns", "derive", "measures", "links"]);
            let own = RawTableKeys { partial: !whole, ..own };
            tables.push(Named { name, span, value: RawTable { own, columns, derive, measures, links } });
        }
        tables
    }

    fn columns(&mut self, part: Option<Part<'_>>, table: &str) -> Vec<Named<RawColumn>> {
        let mut columns = Vec::new();
        for Named { name, span, value } in self.entries(part, &format!("[tables.{table}.columns]")) {
            let whole = place(&value);
            let what = format!("the column `{name}`");
            let column = match value.into_inner() {
                DeValue::String(ty) => {
                    let ty = Spanned::new(whole.start..whole.end, ty.into_owned());
                    RawColumn { ty: Some(ty), ..RawColumn::default() }
                }
                DeValue::Table(keys) => {
                    let (keys, whole) = self.section(keys, whole, &what, &[]);
                    RawColumn { partial: !whole, ..keys }
                }
                other => {
                    let message = format!("{what} is {}, not its type", with_article(other.type_str()));
                    let diagnostic = Diagnostic::new("catalogue-value", message, whole)
                        .help(format!("write {name} = \"text\", or {name} = {{ type = \"text\", … }}"));
                    self.report(diagnostic);
                    RawColumn { partial: true, ..RawColumn::default() }
                }
            };
            columns.push(Named { name, span, value: column });
        }
        columns
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The keys that a struct reads, as serde's derive knows them, so that no list of them stands twice.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Asked<'a>(&'a mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Asked<'_> {
        type Error = FieldsError;
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FieldsError> {
            Err(FieldsError::custom("only a struct has fields"))
        }
        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, FieldsError> {
            *self.0 = fields;
            Err(FieldsError::custom("only the fields were asked for"))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut fields: &'static [&'static str] = &[];
    let _ = T::deserialize(Asked(&mut fields));
    fields
}
