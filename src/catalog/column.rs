//! One column's entry: its type, where its values come from and how they are read. A key that says nothing
//! of the type it stands beside (`formats` on a text, say) is a mistake, not a comment.

use std::sync::Arc;

use toml::Spanned;

use super::model::{Column, From};
use super::raw::{Named, RawColumn, Values, place};
use super::resolve::Resolver;
use crate::diagnostic::{Diagnostic, nearest};
use crate::files::{Case, Formats, Reader};
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::span::Span;
use crate::types::{Category, Currency, Type, Unit, time};

/// The types that a catalogue gives.
const TYPES: &[&str] = &[
    "bool", "integer", "number", "text", "category", "id", "date", "datetime", "duration", "money", "mass",
    "volume", "items",
];

impl Resolver {
    /// The column of an entry. One with mistakes comes back with [`Type::Missing`]: its name still counts.
    pub(super) fn column(&mut self, entry: Named<RawColumn>) -> Column {
        let Named { name, span, value: mut raw } = entry;
        let heading = raw.from.as_ref().map_or_else(|| name.clone(), |from| from.get_ref().clone());
        if name.is_empty() {
            self.report(Diagnostic::new("catalogue-name", "a column has no name", span));
        }
        let missing = raw.missing.take().map(|names| names.0).unwrap_or_default();
        let read = self.reading(&name, span, &raw);
        let (ty, from) = match read {
            Some((ty, Source::Own(reader))) => (ty, From::Stored { heading, reader, missing }),
            Some((ty, Source::Unit { unit_from, codes, known })) => {
                let units = self.units.clone();
                (ty, From::Measured { heading, missing, unit_from, codes, known, units })
            }
            None => (Type::Missing, From::Stored { heading, reader: Reader::Text(Case::Keep), missing }),
        };
        Column { name, label: raw.label, ty, from, personal: raw.personal.unwrap_or(false), span: Some(span) }
    }

    /// The type and how it is read; `None` where a mistake was reported.
    fn reading(&mut self, name: &str, span: Span, raw: &RawColumn) -> Option<(Type, Source)> {
        let Some(word) = &raw.ty else {
            if !raw.partial {
                let message = format!("the column `{name}` says no type");
                self.report(Diagnostic::new("catalogue-type", message, span).help(types_are()));
            }
            return None;
        };
        let ty = word.get_ref().as_str();
        if !TYPES.contains(&ty) {
            let mut diagnostic =
                Diagnostic::new("catalogue-type", format!("there is no type `{ty}`"), place(word));
            if let Some(near) = nearest_type(ty) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.report(diagnostic.help(types_are()));
            return None;
        }
        let before = self.found.len();
        self.only_for(ty, raw);
        let own = |ty: Type, reader: Reader| Some((ty, Source::Own(reader)));
        let read = match ty {
            "bool" => own(Type::Bool, Reader::Bool),
            "integer" => own(Type::Integer, Reader::Integer),
            "number" => own(Type::Number, Reader::Number),
            "id" => own(Type::Id, Reader::Id),
            "text" => own(Type::Text, Reader::Text(self.case(raw)?)),
            "date" => own(Type::Date, Reader::Date(self.formats(raw)?)),
            "datetime" => own(Type::Datetime, Reader::Datetime(self.formats(raw)?)),
            // The list is read when a question first needs it.
            "category" if raw.values_from.is_some() && raw.values.is_none() => {
                own(Type::Category(Arc::default()), Reader::Category(Arc::default(), Vec::new()))
            }
            "category" => {
                let (category, codes) = self.category(name, span, raw)?;
                own(Type::Category(category.clone()), Reader::Category(category, codes))
            }
            _ => self.quantity(name, span, ty, raw),
        };
        if self.found.len() == before { read } else { None }
    }

    /// Reports keys that mean nothing for the type.
    fn only_for(&mut self, ty: &str, raw: &RawColumn) {
        const QUANTITIES: &[&str] = &["mass", "volume", "duration", "money", "items"];
        let span = |text: &Option<Spanned<String>>| text.as_ref().map(place);
        let keys: [(&str, Option<Span>, &[&str]); 11] = [
            ("formats", raw.formats.as_ref().map(place), &["date", "datetime"]),
            ("case", span(&raw.case), &["text"]),
            ("years", raw.years.as_ref().map(place), &["date", "datetime"]),
            ("utc", raw.utc.as_ref().map(place), &["datetime"]),
            ("values", raw.values.as_ref().map(place), &["category"]),
            ("values_from", raw.values_from.as_ref().map(place), &["category"]),
            ("unit", span(&raw.unit), QUANTITIES),
            ("unit_from", span(&raw.unit_from), QUANTITIES),
            ("units", span(&raw.units), QUANTITIES),
            ("kind", span(&raw.kind), &["items"]),
            ("currency", span(&raw.currency), &["money"]),
        ];
        for (key, span, types) in keys {
            if let Some(span) = span.filter(|_| !types.contains(&ty)) {
                let message = format!("`{key}` says nothing of a column of type `{ty}`");
                let diagnostic = Diagnostic::new("catalogue-key", message, span)
                    .help(format!("it goes with {}", super::listed(types)));
                self.report(diagnostic);
            }
        }
    }

    fn case(&mut self, raw: &RawColumn) -> Option<Case> {
        let Some(word) = &raw.case else { return Some(Case::Keep) };
        let cases = [("title", Case::Title), ("upper", Case::Upper), ("lower", Case::Lower)];
        self.choice("case", word, &cases)
    }

    fn formats(&mut self, raw: &RawColumn) -> Option<Formats> {
        let first_year = self.first_year(raw)?;
        let (utc, zone) = (self.utc(raw)?, self.zone);
        let Some(formats) = &raw.formats else {
            return Some(Formats { list: Vec::new(), first_year, zone, utc });
        };
        let mut good = true;
        for format in &formats.get_ref().0 {
            if !time::is_date_format(format) {
                good = false;
                let message = format!("`{format}` is no format of a whole date");
                let diagnostic = Diagnostic::new("catalogue-format", message, place(formats)).help(
                    "a format is written as \"%d/%m/%Y %H:%M\": %Y or %y year, %m or %b month, %d day, %H hour, %M minute, %S second",
                );
                self.report(diagnostic);
            } else if time::has_offset(format) && !utc {
                good = false;
                let message = format!("times in `{format}` say how far from Greenwich they are");
                let mistake = Diagnostic::new("catalogue-format", message, place(formats));
                self.report(mistake.help("utc = true reads them on the clocks of the catalogue's timezone"));
            }
        }
        good.then(|| Formats { list: formats.get_ref().0.clone(), first_year, zone, utc })
    }

    /// `utc = true`, for which a time zone must be known.
    fn utc(&mut self, raw: &RawColumn) -> Option<bool> {
        let Some(utc) = raw.utc.as_ref().filter(|utc| *utc.get_ref()) else { return Some(false) };
        // Of a day it says nothing, which has been reported.
        let datetime = raw.ty.as_ref().is_some_and(|ty| ty.get_ref() == "datetime");
        if self.zone.is_none() && datetime {
            let message = "`utc` asks for the time on clocks that the catalogue does not name";
            let mistake = Diagnostic::new("catalogue-timezone", message, place(utc));
            self.report(
                mistake.help("write timezone = \"Europe/London\", say, at the head of the catalogue"),
            );
            return None;
        }
        Some(true)
    }

    /// `years = [1920, 2019]`: the hundred years that two digits stand for.
    fn first_year(&mut self, raw: &RawColumn) -> Option<i32> {
        let Some(years) = &raw.years else { return Some(time::FIRST_YEAR) };
        let (first, last) = *years.get_ref();
        let short = raw
            .formats
            .as_ref()
            .is_some_and(|formats| formats.get_ref().0.iter().any(|format| time::has_short_year(format)));
        if !short && !raw.partial {
            let message = "`years` says what two digits mean, and no format here has a year of two";
            let mistake = Diagnostic::new("catalogue-format", message, place(years));
            self.report(mistake.help("a year of two digits is %y in `formats`"));
            return None;
        }
        if !(1000..=9900).contains(&first) || last != first + 99 {
            let message = format!("from {first} to {last} are not a hundred years");
            let mistake = Diagnostic::new("catalogue-value", message, place(years));
            self.report(mistake.help("two digits tell a hundred years apart: years = [1920, 2019]"));
            return None;
        }
        Some(first)
    }

    fn category(&mut self, name: &str, span: Span, raw: &RawColumn) -> Option<(Arc<Category>, Codes)> {
        let Some(written) = &raw.values else {
            if !raw.partial {
                let diagnostic = Diagnostic::new(
                    "catalogue-values",
                    format!("the category `{name}` does not say its values"),
                    span,
                )
                .help("write values = [\"A\", \"B\"], or values = { M = \"male\", F = \"female\" } for codes")
                .help("values_from = \"TABLE.COLUMN\" takes them from another table");
                self.report(diagnostic);
            }
            return None;
        };
        let mut values: Vec<String> = Vec::new();
        let mut codes: Codes = Vec::new();
        match written.get_ref() {
            Values::List(list) => {
                for value in list {
                    if values.contains(value.get_ref()) {
                        let message = format!("the value `{}` stands twice", value.get_ref());
                        self.report(Diagnostic::new("catalogue-duplicate", message, place(value)));
                        return None;
                    }
                    codes.push((value.get_ref().clone(), u32::try_from(values.len()).ok()?));
                    values.push(value.get_ref().clone());
                }
            }
            Values::Codes(pairs) => {
                for (code, value) in pairs {
                    // Two codes may stand for one value.
                    let at = values.iter().position(|known| known == value.get_ref()).unwrap_or(values.len());
                    if at == values.len() {
                        values.push(value.get_ref().clone());
                    }
                    codes.push((code.get_ref().clone(), u32::try_from(at).ok()?));
                }
            }
        }
        if values.is_empty() {
            let message = format!("the category `{name}` has no values");
            self.report(Diagnostic::new("catalogue-values", message, place(written)));
            return None;
        }
        if let Some(other) = &raw.values_from {
            let message = format!("`{name}` has both `values` and `values_from`");
            let mistake = Diagnostic::new("catalogue-values", message, place(other));
            self.report(mistake.also(place(written), "").help("leave one of them out"));
            return None;
        }
        Some((Arc::new(Category { values }), codes))
    }

    /// A quantity: its amounts in one unit, or in units that another column says.
    fn quantity(&mut self, name: &str, span: Span, ty: &str, raw: &RawColumn) -> Option<(Type, Source)> {
        let unit = match &raw.unit {
            Some(word) => Some((self.unit(word, ty)?, place(word))),
            None => None,
        };
        let ty = match ty {
            "mass" => Type::Mass,
            "volume" => Type::Volume,
            "duration" => Type::Duration,
            "items" => self.kind(name, span, raw)?,
            _ => Type::Money(self.money(raw, unit.as_ref())?),
        };
        if let Some((unit, span)) = unit.as_ref().filter(|(unit, _)| unit.ty != ty) {
            let message = format!("`{}` is a unit of {}, and `{name}` is {ty}", unit.name, unit.ty);
            self.report(Diagnostic::new("catalogue-unit", message, *span));
            return None;
        }
        if let Some(from) = &raw.unit_from {
            if let Some((_, span)) = unit {
                let diagnostic = Diagnostic::new(
                    "catalogue-unit",
                    format!("`{name}` has both `unit` and `unit_from`"),
                    span,
                )
                .also(place(from), "")
                .help(
                    "`unit` gives the whole column one unit; `unit_from` takes each record's from a column",
                );
                self.report(diagnostic);
                return None;
            }
            return self.measured(ty, from, raw);
        }
        if let Some(units) = &raw.units {
            let diagnostic = Diagnostic::new(
                "catalogue-unit",
                format!("`{name}` has `units` but no `unit_from`"),
                place(units),
            )
            .help("`unit_from` names the column that holds the codes");
            self.report(diagnostic);
            return None;
        }
        let whole = match (unit, &ty) {
            (Some((unit, _)), _) => unit,
            (None, Type::Money(currency)) => Unit::money(*currency),
            (None, Type::Items(kind)) => Unit::items(kind.clone()),
            (None, _) => {
                if !raw.partial {
                    let example = Unit::default_of(&ty).map_or_else(|| "g".into(), |unit| unit.name);
                    let diagnostic =
                        Diagnostic::new("catalogue-unit", format!("`{name}` is {ty}, but in no unit"), span)
                            .help(format!("unit = \"{example}\" says the unit of the whole column"))
                            .help("unit_from = \"COLUMN\" names the column that says each record's");
                    self.report(diagnostic);
                }
                return None;
            }
        };
        Some((ty, Source::Own(Reader::Quantity(whole))))
    }

    /// The unit of a whole column.
    fn unit(&mut self, word: &Spanned<String>, ty: &str) -> Option<Unit> {
        let found = self.units.find(word.get_ref());
        if found.is_none() {
            let mut names: Vec<String> = Vec::new();
            for unit in self.units.names().filter_map(|name| self.units.find(name)) {
                if unit.ty.to_string() == ty && !names.iter().any(|name| **name == *unit.name) {
                    names.push(unit.name.to_string());
                }
            }
            let known = (!names.is_empty()).then(|| format!("units of {ty} are {}", super::listed(&names)));
            self.no_unit(word, known);
        }
        found
    }

    /// Reports a unit that isn't one.
    pub(super) fn no_unit(&mut self, word: &Spanned<String>, help: Option<String>) {
        let name = word.get_ref();
        let mut diagnostic =
            Diagnostic::new("catalogue-unit", format!("there is no unit `{name}`"), place(word));
        if let Some(near) = nearest(name, self.units.names()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        let own = || format!("[units] declares kinds of items: {} = \"items\"", toml_key(name));
        self.report(diagnostic.help(help.unwrap_or_else(own)));
    }

    fn kind(&mut self, name: &str, span: Span, raw: &RawColumn) -> Option<Type> {
        let Some(kind) = &raw.kind else {
            if !raw.partial {
                let diagnostic = Diagnostic::new(
                    "catalogue-unit",
                    format!("`{name}` counts items, but does not say of what kind"),
                    span,
                )
                .help("write kind = \"tablets\", and tablets = \"items\" in [units]");
                self.report(diagnostic);
            }
            return None;
        };
        match self.units.find(kind.get_ref()) {
            Some(Unit { ty: ty @ Type::Items(_), .. }) => Some(ty),
            _ => {
                let word = kind.get_ref();
                let mut diagnostic = Diagnostic::new(
                    "catalogue-unit",
                    format!("[units] declares no kind of items `{word}`"),
                    place(kind),
                );
                if let Some(near) = nearest(word, self.units.kinds.iter().map(|kind| &**kind)) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                self.report(diagnostic.help(format!("[units] declares it: {} = \"items\"", toml_key(word))));
                None
            }
        }
    }

    fn money(&mut self, raw: &RawColumn, unit: Option<&(Unit, Span)>) -> Option<Currency> {
        match (&raw.currency, unit) {
            (Some(code), _) => self.currency_of(code),
            (None, Some((Unit { ty: Type::Money(currency), .. }, _))) => Some(*currency),
            (None, _) => Some(self.currency),
        }
    }

    /// A quantity whose unit stands in another column.
    fn measured(&mut self, ty: Type, from: &Spanned<String>, raw: &RawColumn) -> Option<(Type, Source)> {
        let unit_from = self.path(from)?;
        let (codes, known) = match &raw.units {
            None => (Vec::new(), Vec::new()),
            Some(name) => {
                let Some(list) = self.codes.iter().find(|list| list.name == *name.get_ref()) else {
                    let word = name.get_ref();
                    let mut diagnostic = Diagnostic::new(
                        "catalogue-unit",
                        format!("there are no unit codes `{word}`"),
                        place(name),
                    );
                    if let Some(near) = nearest(word, self.codes.iter().map(|list| list.name.as_str())) {
                        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                    }
                    let table = format!("[unit_codes.{}] declares them", toml_key(word));
                    self.report(diagnostic.help(table));
                    return None;
                };
                let known: Vec<String> = list.codes.iter().map(|(code, _)| code.trim().to_string()).collect();
                let codes: Vec<(String, Unit)> = list
                    .codes
                    .iter()
                    .filter_map(|(code, unit)| Some((code.trim().to_string(), unit.clone()?)))
                    .filter(|(_, unit)| unit.ty == ty)
                    .collect();
                if codes.is_empty() && !list.partial {
                    let message = format!("[unit_codes.{}] holds no unit of {ty}", name.get_ref());
                    self.report(Diagnostic::new("catalogue-unit", message, place(name)));
                    return None;
                }
                (codes, known)
            }
        };
        Some((ty, Source::Unit { unit_from: Arc::new(unit_from), codes, known }))
    }

    /// A path as `unit_from` writes it, its places turned into places of casebook.toml.
    fn path(&mut self, text: &Spanned<String>) -> Option<Expr> {
        let whole = place(text);
        if let Ok(Expr { kind: ExprKind::Path(mut names), .. }) =
            crate::syntax::parse_expression(text.get_ref())
        {
            // The text stands in quotes; where it holds escapes its offsets are not the file's.
            let plain = whole.end - whole.start == text.get_ref().len() + 2;
            for name in &mut names {
                name.span = if plain {
                    Span::new(whole.start + 1 + name.span.start, whole.start + 1 + name.span.end)
                } else {
                    whole
                };
            }
            return Some(Expr { kind: ExprKind::Path(names), span: whole });
        }
        let message = format!("`{}` is no column, and no path to one", text.get_ref());
        let diagnostic = Diagnostic::new("catalogue-unit", message, whole)
            .help("`unit_from` is written \"unit\", or \"measure.code\" for a column of a linked table");
        self.report(diagnostic);
        None
    }
}

/// Data values, and the positions of what they stand for.
type Codes = Vec<(String, u32)>;

/// Where a column's values are read.
enum Source {
    Own(Reader),
    Unit { unit_from: Arc<Expr>, codes: Vec<(String, Unit)>, known: Vec<String> },
}

fn types_are() -> String {
    format!("the types are {}", super::listed(TYPES))
}

/// The type that another language's word means, or the nearest name.
fn nearest_type(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "string" | "str" | "varchar" | "char" => Some("text"),
        "int" | "bigint" | "long" => Some("integer"),
        "float" | "double" | "decimal" | "real" | "numeric" => Some("number"),
        "boolean" => Some("bool"),
        "timestamp" | "time" => Some("datetime"),
        "enum" | "factor" => Some("category"),
        "weight" => Some("mass"),
        "currency" => Some("money"),
        "key" | "identifier" | "uuid" => Some("id"),
        _ => nearest(word, TYPES.iter().copied()),
    }
}

/// A name as TOML writes it as a key.
fn toml_key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_string() } else { format!("{name:?}") }
}
