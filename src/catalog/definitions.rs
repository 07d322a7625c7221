//! What the catalogue defines in the language itself: derived columns, measures and shared queries. Here they are
//! parsed, and their names held against the other names of the catalogue. What their words mean is the checker's.

use std::sync::Arc;

use super::model::{Column, Definition, From, Table};
use super::raw::{Named, RawDefinition, place};
use super::resolve::{Draft, Resolver};
use crate::builtins;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{self, ast, span::Span};
use crate::types::Type;

/// Reads the text at a place of a longer one.
type Parse<T> = fn(&str, Span) -> Result<T, Diagnostics>;

impl Resolver {
    /// A derived column.
    pub(super) fn derived(&mut self, table: &str, entry: Named<RawDefinition>) -> Option<Column> {
        let path = format!("tables.{table}.derive");
        let parse: Parse<ast::Expr> = syntax::parse_expression_in;
        let definition = self.definition(entry, "derived column", "catalogue-derive", &path, parse)?;
        Some(Column {
            name: definition.name.clone(),
            label: definition.label.clone(),
            ty: Type::Missing,
            span: Some(definition.span),
            from: From::Derived(Arc::new(definition)),
            personal: false,
        })
    }

    /// A table's measures.
    pub(super) fn measures(
        &mut self,
        table: &str,
        entries: Vec<Named<RawDefinition>>,
        columns: &[Column],
    ) -> Vec<Definition<ast::Expr>> {
        let path = format!("tables.{table}.measures");
        let parse: Parse<ast::Expr> = syntax::parse_expression_in;
        let mut measures = Vec::new();
        for entry in entries {
            let (name, span) = (entry.name.clone(), entry.span);
            let column = columns.iter().find(|column| column.name == name);
            if let Some(column) = column {
                let message = format!("`{name}` is a measure, and a column of the table too");
                let mut mistake = Diagnostic::new("catalogue-duplicate", message, span);
                if let Some(span) = column.span {
                    mistake = mistake.also(span, "declared here");
                }
                self.report(mistake.help("give the measure another name"));
            } else if name == "today" || builtins::find(&name).is_some() {
                let message = format!("`{name}` is Casebook's own word, and can't name a measure");
                let mistake = Diagnostic::new("catalogue-name", message, span);
                self.report(mistake.help("say what is counted: `people`, `charges`"));
            }
            measures.extend(self.definition(entry, "measure", "catalogue-measure", &path, parse));
        }
        measures
    }

    /// `[let]`: the shared queries.
    pub(super) fn queries(
        &mut self,
        entries: Vec<Named<RawDefinition>>,
        drafts: &[Draft],
    ) -> Vec<Definition<ast::Query>> {
        let parse: Parse<ast::Query> = syntax::parse_query_in;
        let mut queries = Vec::new();
        for entry in entries {
            if let Some(draft) = drafts.iter().find(|draft| *draft.table.name == *entry.name) {
                let message = format!("`{}` is a shared query, and a table too", entry.name);
                let mut mistake = Diagnostic::new("catalogue-duplicate", message, entry.span);
                if let Some(span) = draft.table.span {
                    mistake = mistake.also(span, "declared here");
                }
                self.report(mistake.help("give the query a name of its own"));
            }
            queries.extend(self.definition(entry, "shared query", "catalogue-let", "let", parse));
        }
        queries
    }

    /// Reports measures that take a link's name: a path could go either way.
    pub(super) fn measures_and_links(&mut self, table: &Table) {
        for measure in &table.measures {
            let link = table.link(&measure.name).map(|link| link.span);
            if let Some(span) = link.or(table.back(&measure.name).map(|_| None)) {
                let message = format!("`{}` is a measure, and a link of `{}` too", measure.name, table.name);
                let mut mistake = Diagnostic::new("catalogue-duplicate", message, measure.span);
                if let Some(span) = span {
                    mistake = mistake.also(span, "declared here");
                }
                self.report(mistake.help("give the measure another name"));
            }
        }
    }

    fn definition<T>(
        &mut self,
        entry: Named<RawDefinition>,
        kind: &str,
        code: &'static str,
        path: &str,
        parse: Parse<T>,
    ) -> Option<Definition<T>> {
        let Named { name, span, value: RawDefinition { partial, is, label, comment } } = entry;
        if name.is_empty() {
            self.report(Diagnostic::new("catalogue-name", format!("a {kind} has no name"), span));
        }
        let Some(is) = is else {
            if !partial {
                let message = format!("the {kind} `{name}` does not say what it is");
                self.report(Diagnostic::new(code, message, span).help("write is = '…'"));
            }
            return None;
        };
        let within = place(&is);
        let text = is.into_inner();
        // Read where it stands in the file, so that its places are the file's; or by itself, where the file writes it
        // in other letters.
        let at = match self.sources.slice(within).find(&text) {
            Some(offset) => Span::new(within.start + offset, within.start + offset + text.len()),
            None => {
                let own = format!("{}, {path}.{name}", self.sources.name(within));
                self.sources.add(own, None, &text)
            }
        };
        match parse(self.sources.text(), at) {
            Ok(is) => {
                let text = syntax::on_one_line(&text);
                Some(Definition { name, label, comment, is, text, span })
            }
            Err(mistakes) => {
                for mistake in mistakes {
                    let message = format!("the {kind} `{name}`: {}", mistake.message);
                    self.report(Diagnostic { code, message, ..mistake });
                }
                None
            }
        }
    }
}
