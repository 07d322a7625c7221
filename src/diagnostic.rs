//! The one error type. A [`Diagnostic`] says what is wrong in a sentence, where (labelled spans of
//! one source text), and what to write instead. Codes are words (`name-column`, `type-units`): the
//! part before the hyphen decides the exit code, see [`Diagnostic::exit_code`].
//!
//! Everything from the lexer to the engine returns these; only `output` and `cli` turn them into text.

use crate::syntax::span::Span;

/// One mistake, found anywhere between the first character read and the last row written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable word for the kind of mistake: `syntax-…`, `name-…`, `type-…`, `relation-…`,
    /// `catalogue-…`, `test-…`, `data-…`, `usage-…` or `fault-…`.
    pub code: &'static str,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// Places in the source, the first of them the main one. Empty where there is no source text to show.
    pub labels: Vec<Label>,
    /// What to write or do instead; each a short line.
    pub help: Vec<String>,
    /// The source text that the labels point into, where it isn't the question itself
    /// (casebook.toml, say, or a `derive` expression in it).
    pub source: Option<Box<SourceText>>,
}

/// A place in the source and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The words to underline.
    pub span: Span,
    /// What stands there, or what was expected; may be empty.
    pub text: String,
}

/// A named text: a file of questions, a line typed, a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// What to call it in messages: a path, or `question`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// What a step gives that can find several mistakes at once.
pub type Diagnostics = Vec<Diagnostic>;

impl Diagnostic {
    /// A mistake at `span`, underlined without further words.
    pub fn new(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            help: Vec::new(),
            source: None,
        }
    }

    /// A mistake with no place in any source text: a file that isn't there, say.
    pub fn bare(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), labels: Vec::new(), help: Vec::new(), source: None }
    }

    /// Say something of the main place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Underline a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Add a line of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Say which text the labels point into.
    #[must_use]
    pub fn in_source(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.source = Some(Box::new(SourceText { name: name.into(), text: text.into() }));
        self
    }

    /// The exit code of a run that ends with this: 2 for usage, 3 for data, 101 for a fault of Casebook's
    /// own, 1 for all else.
    pub fn exit_code(&self) -> u8 {
        match self.code.split('-').next() {
            Some("usage") => 2,
            Some("data") => 3,
            Some("fault") => 101,
            _ => 1,
        }
    }
}

/// The nearest of `names` to `wanted`, where one is near enough to be meant.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let others = names.into_iter().filter(|name| *name != wanted);
    others.filter_map(|name| Some((distance(wanted, name)?, name))).min().map(|(_, name)| name)
}

/// How far a name is from the one wanted, where it is near enough to be meant: few edits for its length, or one
/// contains the other.
pub fn distance(wanted: &str, name: &str) -> Option<usize> {
    let (lower, candidate) = (wanted.to_lowercase(), name.to_lowercase());
    let allowed = match lower.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        n => n / 3,
    };
    let edits = strsim::damerau_levenshtein(&lower, &candidate);
    let inside = lower.len() >= 3
        && candidate.len() >= 3
        && (candidate.contains(&lower) || lower.contains(&candidate));
    if edits <= allowed && edits < candidate.chars().count().max(1) {
        Some(edits)
    } else {
        // A name that holds the other is a weaker guess than a near miss.
        inside.then_some(allowed + edits)
    }
}
