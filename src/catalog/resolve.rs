//! From the file as written to the catalogue: every name finds what it names, or is reported. The order is
//! that of dependence: units first, then tables and their columns, then what leads from one table to
//! another ([`super::links`]).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;
use encoding_rs::Encoding;
use toml::Spanned;

use super::columns::Written;
use super::model::{Catalogue, Column, FILE_NAME, FINANCIAL_YEAR, From, Table};
use super::raw::{Code, Named, Names, RawCasebook, RawKeyOf, RawLink, RawTable, place};
use super::sources::Sources;
use super::{keys, links};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::files::{Case, Reader};
use crate::files::{Format, Source};
use crate::syntax::span::Span;
use crate::types::{Bin, Currency, Type, Unit, Units};

/// What is known so far, and the mistakes.
pub(super) struct Resolver {
    pub sources: Sources,
    pub found: Diagnostics,
    pub currency: Currency,
    pub zone: Option<Tz>,
    pub units: Units,
    pub codes: Vec<CodeList>,
}

/// One `[unit_codes.NAME]`.
pub(super) struct CodeList {
    pub name: String,
    pub codes: Vec<(String, Option<Unit>)>,
    /// Some of it could not be read.
    pub partial: bool,
}

/// A table under construction, with the links as written.
pub(super) struct Draft {
    pub table: Table,
    pub links: Vec<Named<RawLink>>,
    /// What `keys_of` says, the columns that make up the table.
    pub keys_of: Vec<Spanned<RawKeyOf>>,
    /// The name of the links that lead to a table of keys.
    pub link: Option<Spanned<String>>,
    /// Categories and what `values_from` says of them.
    pub lists: Vec<(String, Spanned<String>)>,
    /// Links that were reported and came to nothing.
    pub lost: Vec<String>,
    /// What the table says of it, where it says something.
    pub strict: Option<bool>,
    /// Its entry could not be read whole: what it lacks is no mistake of its own.
    pub partial: bool,
}

/// The catalogue of a file, or all that is wrong with it.
pub(super) fn resolve(
    raw: RawCasebook,
    path: &Path,
    sources: Sources,
    found: Diagnostics,
) -> Result<Catalogue, Diagnostics> {
    let mut resolver = Resolver {
        sources,
        found,
        currency: Currency::GBP,
        zone: None,
        units: Units::default(),
        codes: Vec::new(),
    };
    if let Some(zone) = &raw.top.timezone {
        // One that isn't known has been reported: what hangs on it is no mistake of its own.
        resolver.zone = Some(resolver.timezone(zone).unwrap_or(Tz::UTC));
    }
    let mut financial_year = FINANCIAL_YEAR;
    if let Some(month) = &raw.top.financial_year_starts {
        financial_year = resolver.first_month(month).unwrap_or(financial_year);
    }
    if let Some(code) = &raw.top.currency {
        resolver.currency = resolver.currency_of(code).unwrap_or(Currency::GBP);
    }
    resolver.declare_units(raw.units);
    resolver.declare_codes(raw.unit_codes);

    if raw.tables.is_empty() && !raw.partial {
        let message = format!("{} names no table", resolver.sources.name(Span::default()));
        let help = "a table is written [tables.arrests], and below it source = \"arrests.csv\"";
        resolver.found.push(Diagnostic::bare("catalogue-table", message).help(help));
    }
    let mut drafts: Vec<Draft> = raw.tables.into_iter().map(|table| resolver.table(table)).collect();
    links::personal(&mut drafts);
    keys::resolve(&mut resolver, &mut drafts);
    links::link(&mut resolver, &mut drafts);
    links::unit_paths(&mut resolver, &mut drafts);
    links::lists(&mut resolver, &mut drafts);
    for draft in &drafts {
        resolver.measures_and_links(&draft.table);
    }
    let queries = resolver.queries(raw.queries, &drafts);

    if !resolver.found.is_empty() {
        return Err(resolver.sources.in_order(resolver.found));
    }
    let sources = Arc::new(resolver.sources);
    Ok(Catalogue {
        history: raw.top.history.unwrap_or(true),
        name: raw.top.name.unwrap_or_else(|| {
            let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
            super::name_of(whole.parent().unwrap_or(&whole))
        }),
        folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
        timezone: resolver.zone,
        financial_year,
        currency: resolver.currency,
        units: resolver.units,
        tables: keys::made(drafts.into_iter().map(|mut draft| {
            draft.table.zone = resolver.zone;
            draft.table.written.sources = Arc::clone(&sources);
            draft.table.strict = draft.strict.or(raw.top.strict).unwrap_or(false);
            (draft.table, draft.keys_of)
        })),
        queries,
        sources,
    })
}

impl Resolver {
    /// Notes a mistake in the catalogue.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    fn timezone(&mut self, zone: &Spanned<String>) -> Option<Tz> {
        if let Ok(known) = zone.get_ref().parse() {
            return Some(known);
        }
        let message = format!("there is no time zone `{}`", zone.get_ref());
        let mistake = Diagnostic::new("catalogue-timezone", message, place(zone));
        let names = chrono_tz::TZ_VARIANTS.iter().map(|known| known.name());
        self.report(match nearest(zone.get_ref(), names) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake.help("a time zone is named as in \"Europe/London\""),
        });
        None
    }

    /// `financial_year_starts = "April"`
    fn first_month(&mut self, word: &Spanned<String>) -> Option<Bin> {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let months: Vec<(&str, u8)> = MONTHS.into_iter().zip(1..).collect();
        self.choice("financial_year_starts", word, &months).map(Bin::Fy)
    }

    pub(super) fn currency_of(&mut self, code: &Spanned<String>) -> Option<Currency> {
        let known = Currency::of(code.get_ref());
        if known.is_none() {
            let message = format!("there is no currency `{}`", code.get_ref());
            let mut diagnostic = Diagnostic::new("catalogue-currency", message, place(code));
            let upper = code.get_ref().to_uppercase();
            let all = Units::default();
            let currencies = all.names().filter(|name| Currency::of(name).is_some());
            if let Some(near) =
                Currency::of(&upper).map(|_| upper.as_str()).or_else(|| nearest(&upper, currencies))
            {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.report(diagnostic.help("a currency is named by its ISO 4217 code: GBP, EUR, USD"));
        }
        known
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &str,
        word: &Spanned<String>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let found = choices.iter().find(|(name, _)| name == word.get_ref());
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let message = format!("`{key}` cannot be `{}`", word.get_ref());
            let mut diagnostic = Diagnostic::new("catalogue-value", message, place(word));
            if let Some(near) = nearest(word.get_ref(), names.iter().copied()) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.report(diagnostic.help(format!("it is one of {}", super::listed(&names))));
        }
        found.map(|(_, value)| *value)
    }

    fn declare_units(&mut self, units: Vec<Named<Spanned<String>>>) {
        for unit in units {
            if self.units.find(&unit.name).is_some() {
                let message = format!("there is a unit `{}` already", unit.name);
                self.report(Diagnostic::new("catalogue-duplicate", message, unit.span));
                continue;
            }
            // Known even where what it is of cannot be: one mistake is reported once.
            self.choice(&unit.name, &unit.value, &[("items", ())]);
            self.units.kinds.push(Arc::from(unit.name));
        }
    }

    fn declare_codes(&mut self, lists: Vec<Named<Vec<Named<Code>>>>) {
        for list in lists {
            let mut codes = Vec::new();
            let mut partial = false;
            for code in list.value {
                let unit = match &code.value {
                    Code::NoUnit => None,
                    Code::Unit(word) => {
                        let unit = self.units.find(word.get_ref());
                        if unit.is_none() {
                            self.no_unit(word, None);
                            partial = true;
                        }
                        unit
                    }
                };
                codes.push((code.name, unit));
            }
            self.codes.push(CodeList { name: list.name, codes, partial });
        }
    }

    fn table(&mut self, entry: Named<RawTable>) -> Draft {
        let Named { name, span, value: RawTable { own, columns, derive, measures, links } } = entry;
        if name.is_empty() {
            self.report(Diagnostic::new("catalogue-name", "a table has no name", span));
        }
        match &own.keys_of {
            Some(of) if of.get_ref().is_empty() => {
                let message = format!("`keys_of` names no column that `{name}` could be made of");
                let mistake = Diagnostic::new("catalogue-keys", message, place(of));
                self.report(mistake.help("write keys_of = [\"arrests.person_id\"]"));
            }
            Some(_) => {
                let said = [
                    ("source", own.source.is_some()),
                    ("encoding", own.encoding.is_some()),
                    ("file", own.file.is_some()),
                    ("repeated", own.repeated.is_some()),
                    ("others", own.others.is_some()),
                    ("missing", own.missing.is_some()),
                    ("title", own.title.is_some()),
                    ("links", !links.is_empty()),
                ];
                keys::refuse_others(self, &name, span, &said);
            }
            None => {
                if let Some(link) = &own.link {
                    let message = "`link` names the links to a table that is made of keys";
                    let mistake = Diagnostic::new("catalogue-keys", message, place(link));
                    self.report(mistake.help(format!(
                        "write keys_of = [\"arrests.person_id\"] beside it, or [tables.{name}.links]"
                    )));
                }
            }
        }
        let encoding = own.encoding.as_ref().and_then(|label| self.encoding(label));
        let (file, format) = match &own.source {
            Some(file) => (file.get_ref().clone(), self.format(file)),
            None => {
                if !own.partial && own.keys_of.is_none() {
                    let diagnostic = Diagnostic::new(
                        "catalogue-source",
                        format!("the table `{name}` does not say its file"),
                        span,
                    )
                    .help(format!("write source = \"{name}.csv\" below [tables.{name}]"));
                    self.report(diagnostic);
                }
                (String::new(), Format::Csv)
            }
        };
        let repeated = own.repeated.as_ref();
        let drop_repeated =
            repeated.and_then(|word| self.choice("repeated", word, &[("drop", true), ("error", false)]));
        let others = own.others.as_ref();
        let hide_others =
            others.and_then(|word| self.choice("others", word, &[("hide", true), ("keep", false)]));

        if let Some(label) = own.encoding.as_ref().filter(|_| !format.is_text()) {
            let message = format!("`encoding` says nothing of {file}, which is no text");
            self.report(Diagnostic::new("catalogue-encoding", message, place(label)));
        }
        let lists = columns
            .iter()
            .filter_map(|column| Some((column.name.clone(), column.value.values_from.clone()?)))
            .collect();
        let mut declared: Vec<Column> = columns.into_iter().map(|column| self.column(column)).collect();
        for column in derive {
            if let Some(stored) = declared.iter().find(|known| known.name == column.name) {
                let mut diagnostic = Diagnostic::new(
                    "catalogue-duplicate",
                    format!("`{}` is derived, and declared as a column too", column.name),
                    column.span,
                );
                if let Some(span) = stored.span {
                    diagnostic = diagnostic.also(span, "declared here");
                }
                self.report(diagnostic.help("give one of them another name"));
            } else if let Some(column) = self.derived(&name, column) {
                declared.push(column);
            }
        }
        if let Some(file) = &own.file {
            if let Some(taken) = declared.iter().find(|column| column.name == *file.get_ref()) {
                let message =
                    format!("`{}` holds the files' names, and is declared as a column too", taken.name);
                let mut mistake = Diagnostic::new("catalogue-duplicate", message, place(file));
                if let Some(span) = taken.span {
                    mistake = mistake.also(span, "declared here");
                }
                self.report(mistake.help("give one of them another name"));
            } else {
                let from = From::Stored {
                    heading: FILE_NAME.to_string(),
                    reader: Reader::Text(Case::Keep),
                    missing: Vec::new(),
                };
                declared.push(Column {
                    name: file.get_ref().clone(),
                    label: None,
                    ty: Type::Text,
                    from,
                    personal: false,
                    span: Some(place(file)),
                });
            }
        }
        let measures = self.measures(&name, measures, &declared);
        let folder = own.source.as_ref().map_or_else(PathBuf::new, |file| self.sources.folder(place(file)));
        let key = own.key.as_ref();
        let title = own.title.as_ref();
        let table = Table {
            label: own.label,
            source: Source::named(&folder, &file, format, encoding),
            file: own.file.as_ref().map(|file| file.get_ref().clone()),
            key: key.map(|names| names.get_ref().0.clone()).unwrap_or_default(),
            title: title.or(key).map(|names| names.get_ref().0.clone()).unwrap_or_default(),
            drop_repeated: drop_repeated.unwrap_or(false),
            missing: own.missing.map(|names| names.0).unwrap_or_default(),
            hide_others: hide_others.unwrap_or(false),
            strict: own.strict.unwrap_or(false),
            declared,
            measures,
            span: Some(span),
            written: Written {
                sources: Arc::default(),
                key: key.map(place),
                title: title.map(place),
                by: Vec::new(),
            },
            ..Table::new(Arc::from(name), Source::file(std::path::PathBuf::new(), format))
        };
        self.known_columns(&table, "key", own.key.as_ref(), false);
        self.known_columns(&table, "title", own.title.as_ref(), true);
        Draft {
            table,
            links,
            keys_of: own.keys_of.map(Spanned::into_inner).unwrap_or_default(),
            link: own.link,
            lists,
            lost: Vec::new(),
            strict: own.strict,
            partial: own.partial,
        }
    }

    fn encoding(&mut self, label: &Spanned<String>) -> Option<&'static Encoding> {
        let found = Encoding::for_label(label.get_ref().as_bytes());
        if found.is_none() {
            let message = format!("there is no encoding `{}`", label.get_ref());
            let mistake = Diagnostic::new("catalogue-encoding", message, place(label));
            let known = [
                "utf-8",
                "utf-16le",
                "windows-1252",
                "windows-1250",
                "windows-1251",
                "iso-8859-1",
                "iso-8859-2",
                "iso-8859-15",
                "macintosh",
                "shift_jis",
                "gb18030",
            ];
            let mistake = match nearest(label.get_ref(), known) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake,
            };
            self.report(
                mistake.help("an encoding is named as the web names it: \"windows-1252\", \"utf-16le\""),
            );
        }
        found
    }

    fn format(&mut self, file: &Spanned<String>) -> Format {
        Format::of(Path::new(file.get_ref())).unwrap_or_else(|| {
            let diagnostic = Diagnostic::new(
                "catalogue-source",
                format!("`{}` is no file that this version reads", file.get_ref()),
                place(file),
            )
            .help(format!("a source is a file that ends in {}", Format::ENDINGS.replace("and", "or")))
            .help("text may be packed: .csv.gz, .csv.zst");
            self.report(diagnostic);
            Format::Csv
        })
    }

    /// Reports names of `key`, `title` or `by` that can be no column of the table. A column that the
    /// catalogue doesn't declare may still be a heading of the file, which is looked at later.
    pub(super) fn known_columns(
        &mut self,
        table: &Table,
        key: &str,
        names: Option<&Spanned<Names>>,
        derived_too: bool,
    ) {
        let Some(names) = names else { return };
        let span = place(names);
        for (at, name) in names.get_ref().0.iter().enumerate() {
            if names.get_ref().0[..at].contains(name) {
                let message = format!("`{key}` names `{name}` twice");
                self.report(Diagnostic::new("catalogue-duplicate", message, span));
                continue;
            }
            match table.declared.iter().find(|column| column.name == *name) {
                Some(Column { from: From::Derived(_), .. }) if !derived_too => {
                    let message = format!("`{key}` names `{name}`, which is derived");
                    let help = "keys and links are made of the file's own columns";
                    self.report(Diagnostic::new("catalogue-column", message, span).help(help));
                }
                Some(_) => {}
                None if table.hide_others => self.unknown_column(table, key, name, span),
                None => {}
            }
        }
    }

    fn unknown_column(&mut self, table: &Table, key: &str, name: &str, span: Span) {
        let message = format!("`{key}` names `{name}`, and the table `{}` has no such column", table.name);
        let mut diagnostic = Diagnostic::new("catalogue-column", message, span);
        if let Some(near) = nearest(name, table.declared.iter().map(|column| column.name.as_str())) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic.help("others = \"hide\" leaves it with the columns that the catalogue names"));
    }
}
