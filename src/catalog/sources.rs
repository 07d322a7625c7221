//! The texts of a catalogue: casebook.toml and what it includes. They stand one behind the other in one long text,
//! so that a place in any of them is a plain [`Span`], and nothing that carries one needs to know its file. Where a
//! mistake is shown, its place leads back to the file that it is in.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics, Label};
use crate::syntax::span::Span;

/// All texts of a catalogue.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    text: String,
    parts: Vec<Part>,
}

/// One text.
#[derive(Clone, Debug)]
struct Part {
    /// What messages call it.
    name: String,
    /// The file; none for words that stand in another text only in other letters.
    path: Option<PathBuf>,
    span: Span,
}

impl Sources {
    /// Puts a text behind the others; its place among them.
    pub(super) fn add(&mut self, name: String, path: Option<PathBuf>, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        let span = Span::new(start, self.text.len());
        // Keeps the end of one apart from the beginning of the next.
        self.text.push('\n');
        self.parts.push(Part { name, path, span });
        span
    }

    /// The one long text, which every place is in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words at a place.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Where each text stands, in the order read.
    pub(super) fn parts(&self) -> impl Iterator<Item = Span> {
        self.parts.iter().map(|part| part.span)
    }

    /// The files, in the order read: casebook.toml first.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().filter_map(|part| part.path.as_deref())
    }

    /// What messages call the text that a place is in.
    pub(super) fn name(&self, span: Span) -> &str {
        self.part(span).map_or(super::FILE, |part| &part.name)
    }

    /// The folder of the file that a place is in.
    pub(super) fn folder(&self, span: Span) -> PathBuf {
        let path = self.part(span).and_then(|part| part.path.as_deref());
        path.and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default()
    }

    /// `casebook.toml:12`
    pub fn place(&self, span: Span) -> String {
        let Some(part) = self.part(span) else { return super::FILE.to_string() };
        let before = self.slice(Span::new(part.span.start, span.start));
        format!("{}:{}", part.name, before.matches('\n').count() + 1)
    }

    /// All mistakes in the order of their places, each in its file.
    pub(super) fn in_order(&self, mut found: Diagnostics) -> Diagnostics {
        found.sort_by_key(|mistake| mistake.labels.first().map_or(usize::MAX, |label| label.span.start));
        found.into_iter().map(|mistake| self.placed(mistake)).collect()
    }

    /// A mistake whose labels are places here, as one in the file that the first of them is in; what stands in other
    /// files is named in the help. One that brings a text of its own, or has no place, stays as it is.
    pub fn placed(&self, mut mistake: Diagnostic) -> Diagnostic {
        let (None, Some(first)) = (&mistake.source, mistake.labels.first()) else { return mistake };
        let Some(part) = self.part(first.span) else { return Diagnostic { labels: Vec::new(), ..mistake } };
        let within = |label: &Label| self.part(label.span).is_some_and(|other| other.span == part.span);
        let (here, elsewhere): (Vec<Label>, Vec<Label>) =
            std::mem::take(&mut mistake.labels).into_iter().partition(within);
        mistake.labels = here;
        for label in &mut mistake.labels {
            let start = part.span.start;
            label.span = Span::new(label.span.start - start, label.span.end.max(start) - start);
        }
        for label in elsewhere.iter().rev() {
            let lead = if label.text.is_empty() { "see" } else { label.text.as_str() };
            mistake.help.insert(0, format!("{lead} {}", self.place(label.span)));
        }
        mistake.in_source(&part.name, self.slice(part.span))
    }

    fn part(&self, span: Span) -> Option<&Part> {
        let at = self.parts.partition_point(|part| part.span.start <= span.start);
        self.parts.get(at.checked_sub(1)?)
    }
}
