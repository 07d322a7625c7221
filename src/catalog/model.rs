//! The catalogue as the rest of the program sees it: tables, typed columns and links, all names
//! resolved. [`super::load`] makes it from casebook.toml (or from a bare folder or file).

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono_tz::Tz;

use super::made::MadeOf;
use super::sources::Sources;
use crate::diagnostic::Diagnostic;
use crate::files::{Reader, Source};
use crate::survey::Survey;
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::{Bin, Currency, Type, Unit, Units};

/// A casebook: its tables and what its words mean.
#[derive(Debug)]
pub struct Catalogue {
    /// What the casebook is called; the folder's or file's name where the catalogue says nothing.
    pub name: String,
    /// Where relative sources are looked for.
    pub folder: PathBuf,
    /// Whose clocks the casebook's times are read on.
    pub timezone: Option<Tz>,
    /// The unit of the calendar that `fy` means: [`Bin::Fy`] with its first month.
    pub financial_year: Bin,
    /// What money is in where nothing else says.
    pub currency: Currency,
    /// The units that questions may use.
    pub units: Units,
    /// All tables, in the catalogue's order (or by name).
    pub tables: Vec<Arc<Table>>,
    /// `history = false`: what is typed at the prompt is not kept for another day.
    pub history: bool,
    /// Queries that every question may use by name, in the catalogue's order.
    pub queries: Vec<Definition<ast::Query>>,
    /// casebook.toml itself and what it includes, for messages: every [`Span`] of the catalogue is a place there.
    pub sources: Arc<Sources>,
}

/// Something that the catalogue defines in the language itself: a derived column, a measure, a shared query.
#[derive(Clone, Debug)]
pub struct Definition<T> {
    /// What questions call it.
    pub name: String,
    /// What readers see.
    pub label: Option<String>,
    /// What is to be known of it.
    pub comment: Option<String>,
    /// What it is, parsed.
    pub is: T,
    /// The same as written, on one line.
    pub text: String,
    /// Where its name stands.
    pub span: Span,
}

/// One table.
#[derive(Debug)]
pub struct Table {
    /// Its name in questions.
    pub name: Arc<str>,
    /// What readers see.
    pub label: Option<String>,
    /// The file, or files; none where the records are [`Table::made`].
    pub source: Source,
    /// What the records are made of, where no file holds them.
    pub made: Option<MadeOf>,
    /// A column that holds each file's name, where the catalogue asks for one.
    pub file: Option<String>,
    /// The columns that identify a record; empty where the catalogue names none.
    pub key: Vec<String>,
    /// The columns that show for a record when a question groups by it; the key where none are named.
    pub title: Vec<String>,
    /// `repeated = "drop"`: a line that repeats another whole is left out.
    pub drop_repeated: bool,
    /// Read as missing in every column, beside the empty field.
    pub missing: Vec<String>,
    /// `others = "hide"`: headings not named in the catalogue don't exist.
    pub hide_others: bool,
    /// `strict = true`: a value that does not fit its column is an error.
    pub strict: bool,
    /// Whose clocks its times are read on, where the catalogue says.
    pub zone: Option<Tz>,
    /// The columns that the catalogue declares, stored or derived, in its order. A category whose values stand
    /// in another table has none here: see [`Table::stored`].
    pub declared: Vec<Column>,
    /// Where the values of categories stand that take them from another table.
    pub lists: Vec<List>,
    /// Where the units of amounts stand that are at the end of a path.
    pub units: Vec<UnitPath>,
    /// What is worked out over groups of its records, by name.
    pub measures: Vec<Definition<ast::Expr>>,
    /// To-one links, from this table to another.
    pub links: Vec<Link>,
    /// To-many links: other tables' links that lead here.
    pub backs: Vec<Back>,
    /// What the file itself adds; read when first needed. See [`super::columns`].
    pub(super) headings: OnceLock<Result<Vec<String>, Diagnostic>>,
    /// What was found in the files; read when first needed.
    pub(super) surveyed: OnceLock<Result<Survey, Diagnostic>>,
    /// The declared columns with their lists filled in.
    pub(super) stored: OnceLock<Result<Vec<Column>, Diagnostic>>,
    /// Whether the key is one; looked at when a question first follows a link here.
    pub(crate) unique: OnceLock<Result<(), Diagnostic>>,
    /// All columns, undeclared ones with their inferred types; read when first needed.
    pub(super) all: OnceLock<Result<Vec<Column>, Diagnostic>>,
    /// Where the table's entry stands in casebook.toml.
    pub span: Option<Span>,
    /// casebook.toml and places in it, for mistakes that only show when the file is looked at.
    pub(super) written: super::columns::Written,
}

/// The values of a category, where they are a column of another table.
#[derive(Clone, Debug)]
pub struct List {
    /// The category.
    pub column: String,
    /// The other table's file.
    pub source: Source,
    /// The other table's column.
    pub values: Column,
    /// What the other table reads as missing.
    pub missing: Vec<String>,
    /// As the catalogue writes it.
    pub written: String,
}

/// The way from an amount to the text that says its unit.
#[derive(Clone, Debug)]
pub struct UnitPath {
    /// The amount's column.
    pub column: String,
    /// The links on the way.
    pub hops: Vec<Hop>,
    /// The last table's column.
    pub unit: Column,
}

/// A to-one link as data files have it.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The columns that lead on.
    pub by: Vec<Column>,
    /// The file that they lead to.
    pub source: Source,
    /// Its key.
    pub key: Vec<Column>,
    /// What that table reads as missing.
    pub missing: Vec<String>,
}

/// The heading under which each file's name stands.
pub const FILE_NAME: &str = "\u{1}file";

/// One column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in questions.
    pub name: String,
    /// What readers see.
    pub label: Option<String>,
    /// Its type. For a derived column the checker works it out, and here stands [`Type::Missing`].
    pub ty: Type,
    /// Where its values come from.
    pub from: From,
    /// Marked `personal`.
    pub personal: bool,
    /// Where it is declared in casebook.toml.
    pub span: Option<Span>,
}

/// Where a column's values come from.
#[derive(Clone, Debug)]
pub enum From {
    /// A column of the file, read by a rule.
    Stored {
        /// The file's heading (or Parquet column name).
        heading: String,
        /// How its values are read.
        reader: Reader,
        /// Read as missing here, beside the table's markers.
        missing: Vec<String>,
    },
    /// A quantity whose unit stands in another column, or at the end of a to-one path.
    Measured {
        /// The file's heading that holds the amounts.
        heading: String,
        /// Read as missing here, beside the table's markers.
        missing: Vec<String>,
        /// The column or to-one path that holds the unit, parsed: an `ExprKind::Path`.
        unit_from: Arc<ast::Expr>,
        /// The codes this column reads: the unit's text as data hold it (trimmed), and the unit; only
        /// those of this column's type. Where `codes` is empty the unit's own names are read.
        codes: Vec<(String, Unit)>,
        /// All codes declared by `units = "…"` (of other dimensions, and those that are no unit): missing
        /// here without a fault. Empty where units are read by their own names.
        known: Vec<String>,
        /// The units that may be read by their own names.
        units: Units,
    },
    /// `derive`: an expression in the language itself.
    Derived(Arc<Definition<ast::Expr>>),
}

/// A to-one link.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its name in paths.
    pub name: String,
    /// The table that it leads to.
    pub to: Arc<str>,
    /// This table's columns that hold the other's key, in the key's order.
    pub by: Vec<String>,
    /// The other table's key columns.
    pub key: Vec<String>,
    /// The to-many link the other way.
    pub back: Option<String>,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// A to-many link: the other side of a [`Link`].
#[derive(Clone, Debug)]
pub struct Back {
    /// Its name in paths.
    pub name: String,
    /// The table whose records are reached.
    pub from: Arc<str>,
    /// That table's link.
    pub link: String,
}

/// Financial years begin in April unless the catalogue says otherwise.
pub const FINANCIAL_YEAR: Bin = Bin::Fy(4);

impl Catalogue {
    /// The shared query of that name.
    pub fn query(&self, name: &str) -> Option<&Definition<ast::Query>> {
        self.queries.iter().find(|query| query.name == name)
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.iter().find(|table| &*table.name == name)
    }
}

impl Table {
    /// A table of which nothing is said but where its records are.
    pub(super) fn new(name: Arc<str>, source: Source) -> Table {
        Table {
            name,
            label: None,
            source,
            made: None,
            file: None,
            key: Vec::new(),
            title: Vec::new(),
            drop_repeated: false,
            missing: Vec::new(),
            hide_others: false,
            strict: false,
            zone: None,
            declared: Vec::new(),
            lists: Vec::new(),
            units: Vec::new(),
            measures: Vec::new(),
            links: Vec::new(),
            backs: Vec::new(),
            headings: OnceLock::new(),
            surveyed: OnceLock::new(),
            stored: OnceLock::new(),
            unique: OnceLock::new(),
            all: OnceLock::new(),
            span: None,
            written: super::columns::Written::default(),
        }
    }

    /// The measure of that name.
    pub fn measure(&self, name: &str) -> Option<&Definition<ast::Expr>> {
        self.measures.iter().find(|measure| measure.name == name)
    }

    /// The to-one link of that name.
    pub fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }

    /// The to-many link of that name.
    pub fn back(&self, name: &str) -> Option<&Back> {
        self.backs.iter().find(|back| back.name == name)
    }
}
