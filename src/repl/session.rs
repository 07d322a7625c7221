//! Asking: one way for the command line and the prompt alike. [`ask`] compiles a text and answers its
//! questions; a [`Session`] also remembers the definitions typed before.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::frame::Answer;
use crate::plan::Query;
use crate::syntax::{ast::Statement, parse, span::Span};
use crate::{Casebook, Settings};

/// Compiles a program and answers its questions; nothing is answered where one of them is wrong.
pub fn ask(casebook: &Casebook, source: &str, settings: &Settings) -> Result<Vec<Answer>, Diagnostics> {
    let queries = casebook.compile(source, settings)?;
    answer(casebook, &queries).map_err(|mistake| vec![mistake])
}

/// Answers checked questions, in order.
pub fn answer(casebook: &Casebook, queries: &[Query]) -> Result<Vec<Answer>, Diagnostic> {
    queries.iter().map(|query| casebook.answer(query)).collect()
}

/// The names of the params that a program declares.
pub fn params_of(source: &str) -> Vec<String> {
    let (program, _) = parse(source);
    let names = program.statements.into_iter().filter_map(|statement| match statement {
        Statement::Param(param) => Some(param.name.text),
        _ => None,
    });
    names.collect()
}

/// Questions one after the other, on one casebook. Definitions stay for later texts.
#[derive(Debug)]
pub struct Session {
    casebook: Arc<Casebook>,
    settings: Settings,
    definitions: Vec<Definition>,
    question: Option<String>,
}

/// A `let` or `param` that stays.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What it defines.
    pub name: String,
    /// The whole statement: `let NAME = …` or `param NAME: …`.
    pub text: String,
}

impl Session {
    /// A session without definitions.
    pub fn new(casebook: Casebook, settings: Settings) -> Session {
        Session { casebook: Arc::new(casebook), settings, definitions: Vec::new(), question: None }
    }

    /// The casebook asked.
    pub fn casebook(&self) -> &Arc<Casebook> {
        &self.casebook
    }

    /// What was given beside the questions: values for params, the day of `today`.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The definitions so far, in order, no name twice.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The question that a line which begins with `|` goes on with.
    pub fn question(&self) -> Option<&str> {
        self.question.as_deref()
    }

    /// Answers the questions of a text, which may use earlier definitions; its own stay if it compiles.
    /// A definition of a name that is taken replaces the earlier one.
    pub fn ask(&mut self, text: &str) -> Result<Vec<Answer>, Diagnostics> {
        let own = definitions_of(text);
        let kept: Vec<Definition> = self
            .definitions
            .iter()
            .filter(|earlier| !own.iter().any(|new| new.name == earlier.name))
            .cloned()
            .collect();
        // Definitions end in `;`, so that a text that starts with `|` isn't read as their continuation.
        let before: String = kept.iter().map(|definition| format!("{};\n", definition.text)).collect();
        let whole = format!("{before}{text}");
        let declared = params_of(&whole);
        let params =
            self.settings.params.iter().filter(|(name, _)| declared.contains(name)).cloned().collect();
        let settings = Settings { params, as_of: self.settings.as_of };
        let queries = match self.casebook.compile(&whole, &settings) {
            Ok(queries) => queries,
            Err(mistakes) => return Err(mistakes.into_iter().map(|m| moved(m, &before)).collect()),
        };
        self.definitions = kept.into_iter().chain(own).collect();
        answer(&self.casebook, &queries).map_err(|mistake| vec![moved(mistake, &before)])
    }
}

/// The definitions that a text makes, a name defined twice not among them: that is a mistake.
fn definitions_of(text: &str) -> Vec<Definition> {
    let (program, _) = parse(text);
    let named = program.statements.into_iter().filter_map(|statement| match statement {
        Statement::Param(param) => Some((param.name.text, param.span)),
        Statement::Let(named) => Some((named.name.text, named.span)),
        Statement::Query(_) => None,
    });
    named
        .filter_map(|(name, span)| {
            Some(Definition { name, text: text.get(span.start..span.end)?.to_string() })
        })
        .collect()
}

/// A mistake in earlier definitions and a new text, as one in the new text alone. One whose place is in
/// the definitions is shown there.
fn moved(mut mistake: Diagnostic, before: &str) -> Diagnostic {
    let Some(main) = mistake.labels.first().filter(|_| mistake.source.is_none()) else { return mistake };
    let border = before.len();
    if main.span.start < border {
        mistake.labels.retain(|label| label.span.start < border);
        return mistake.in_source("an earlier definition", before);
    }
    mistake.labels.retain(|label| label.span.start >= border);
    for label in &mut mistake.labels {
        label.span = Span::new(label.span.start - border, label.span.end.max(border) - border);
    }
    mistake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_back() {
        let mistake = Diagnostic::new("name-x", "x", Span::new(12, 14)).also(Span::new(2, 3), "earlier");
        let mistake = moved(mistake, "let a = b;");
        assert_eq!(mistake.labels.len(), 1);
        assert_eq!(mistake.labels[0].span, Span::new(2, 4));
        let mistake = moved(Diagnostic::new("name-x", "x", Span::new(2, 4)), "let a = b;");
        assert_eq!(mistake.source.map(|source| source.text).as_deref(), Some("let a = b;"));
    }

    #[test]
    fn definitions_are_cut_out() {
        let found =
            definitions_of("# title\nlet a = arrests | take 3\na | count\nparam n: integer = 3; let b = a");
        let texts: Vec<&str> = found.iter().map(|definition| &*definition.text).collect();
        assert_eq!(texts, ["let a = arrests | take 3", "param n: integer = 3", "let b = a"]);
    }
}
