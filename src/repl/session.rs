//! Asking: one way for the command line and the prompt alike. [`ask`] compiles a text and answers its questions; a
//! [`Session`] also remembers what was typed before: definitions, and the question that is being narrowed down.
//!
//! A typed text becomes a [`Request`], which knows all that it takes and can be answered on another thread; only
//! [`Session::keep`] changes the session, once an answer is there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::compose::Composed;
use super::question::{self, Question};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::Version;
use crate::frame::Answer;
use crate::plan::{Query, walk::Used};
use crate::syntax::token::TokenKind;
use crate::syntax::{Span, ast::Statement, lexer, parse};
use crate::{Casebook, Settings, catalog};

/// What messages call a definition typed before.
const EARLIER: &str = "an earlier definition";

/// As many steps can be taken back.
const STEPS: usize = 200;

/// Compiles a program and answers its questions; nothing is answered where one of them is wrong.
pub fn ask(casebook: &Casebook, source: &str, settings: &Settings) -> Result<Vec<Answer>, Diagnostics> {
    let queries = casebook.compile(source, settings)?;
    answer(casebook, &queries).map_err(|mistake| vec![mistake])
}

/// Answers checked questions, in order.
pub fn answer(casebook: &Casebook, queries: &[Query]) -> Result<Vec<Answer>, Diagnostic> {
    queries.iter().map(|query| casebook.answer(query)).collect()
}

/// What will be done for the questions of a program: Casebook's plan of each, then the engine's.
pub fn explain(casebook: &Casebook, source: &str, settings: &Settings) -> Result<String, Diagnostics> {
    let mut text = String::new();
    for query in &casebook.compile(source, settings)? {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&casebook.explain(query).map_err(|mistake| vec![mistake])?);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    Ok(text)
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
    /// What the last question was after each step, the present one last.
    steps: Vec<Step>,
    /// The query that was defined since the last question: a `|` might go on with that as well.
    defined: Option<String>,
    /// casebook.toml as it was read.
    catalogue: Vec<Option<Version>>,
    /// What is known to have changed, and has been said.
    changed: Vec<String>,
    /// Questions that failed, which nobody wants to be reminded of.
    failed: HashSet<String>,
}

/// A question that was answered, with the definitions that it needed as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    question: Question,
    definitions: Vec<Definition>,
}

/// A `let` or `param` that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it defines.
    pub name: String,
    /// Is that a param? Else it is a query.
    pub param: bool,
    /// The whole statement: `let NAME = …` or `param NAME: …`.
    pub text: String,
}

impl Definition {
    fn defines_the_same_as(&self, other: &Definition) -> bool {
        self.name == other.name && self.param == other.param
    }

    /// Says it the same, however it is laid out?
    fn says_the_same_as(&self, other: &Definition) -> bool {
        let words = |text: &str| -> Vec<TokenKind> {
            let kinds = lexer::lex(text).tokens.into_iter().map(|token| token.kind);
            kinds.filter(|kind| *kind != TokenKind::Newline).collect()
        };
        self.defines_the_same_as(other) && words(&self.text) == words(&other.text)
    }
}

/// A typed text with all that it takes to be answered.
#[derive(Clone, Debug)]
pub struct Request {
    casebook: Arc<Casebook>,
    settings: Settings,
    whole: Composed,
    /// Those that it makes itself.
    definitions: Vec<Definition>,
    question: Option<Question>,
    /// There is a last question, which a line that begins with `|` would go on with.
    goes_on: bool,
}

/// What came of a request.
#[derive(Debug)]
pub struct Reply {
    /// It compiled, so its definitions stay.
    pub compiled: bool,
    /// Its answers, or what is wrong.
    pub answers: Result<Vec<Timed>, Diagnostics>,
}

/// An answer, and what it took.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The answer.
    pub answer: Answer,
    /// How long it took.
    pub took: Duration,
    /// How many records the tables have that it looked at.
    pub read: u64,
}

impl Session {
    /// A session without definitions.
    pub fn new(casebook: Casebook, settings: Settings) -> Session {
        let catalogue = catalogue_version(&casebook);
        Session {
            casebook: Arc::new(casebook),
            settings,
            definitions: Vec::new(),
            steps: Vec::new(),
            defined: None,
            catalogue,
            changed: Vec::new(),
            failed: HashSet::new(),
        }
    }

    /// The casebook asked.
    pub fn casebook(&self) -> &Arc<Casebook> {
        &self.casebook
    }

    /// What was given beside the questions: values for params, the day of `today`.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Another day that `today` means.
    pub fn set_as_of(&mut self, day: Option<i32>) {
        self.settings.as_of = day;
    }

    /// Remembers that a text came to nothing.
    pub fn fails(&mut self, text: &str) {
        self.failed.insert(text.trim_end().to_string());
    }

    /// Did a text come to nothing when it was typed?
    pub fn has_failed(&self, text: &str) -> bool {
        self.failed.contains(text)
    }

    /// Is a table or a query called so?
    pub fn is_query(&self, name: &str) -> bool {
        let catalogue = self.casebook.catalogue();
        catalogue.table(name).is_some()
            || catalogue.queries.iter().any(|query| query.name == name)
            || self.definitions.iter().any(|definition| !definition.param && definition.name == name)
    }

    /// The definitions so far, in order, no name twice.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The question that a line which begins with `|` goes on with, and that `it` stands for.
    pub fn question(&self) -> Option<&str> {
        self.steps.last().map(|step| &*step.question.text)
    }

    /// The question so far as a program of its own: the definitions that it needs, then the question.
    pub fn program(&self) -> Option<String> {
        let question = &self.steps.last()?.question;
        let definitions = needed(&self.definitions, &question.text);
        let mut text: String =
            definitions.into_iter().map(|definition| format!("{}\n\n", definition.text)).collect();
        text.push_str(&question.whole());
        Some(text)
    }

    /// The same, in the one layout.
    pub fn program_laid_out(&self) -> Option<String> {
        let program = self.program()?;
        Some(crate::syntax::format(&program).unwrap_or(program))
    }

    /// The definitions that have changed since the question so far was asked, and that it needs.
    pub fn changed_since(&self) -> Vec<&str> {
        let Some(Step { question, definitions }) = self.steps.last() else { return Vec::new() };
        let now = needed(&self.definitions, &question.text).into_iter();
        let changed = |now: &&Definition| {
            definitions.iter().any(|then| then.defines_the_same_as(now) && !then.says_the_same_as(now))
        };
        now.filter(changed).map(|now| &*now.name).collect()
    }

    /// The values given beside the questions for params that the question so far declares.
    pub fn params(&self) -> Vec<(String, String)> {
        let declared = self.program().map(|program| params_of(&program)).unwrap_or_default();
        self.settings.params.iter().filter(|(name, _)| declared.contains(name)).cloned().collect()
    }

    /// How many steps there are to take back.
    pub fn steps_back(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    /// Goes back to what the question was before the last step; false where there is nothing before.
    pub fn back(&mut self) -> bool {
        self.defined = None;
        self.steps.len() > 1 && self.steps.pop().is_some()
    }

    /// What a typed text takes; a mistake where it goes on with a question that isn't there.
    pub fn request(&self, typed: &str) -> Result<Request, Diagnostics> {
        let own = definitions_of(typed);
        let anew = |earlier: &&Definition| own.iter().any(|new| new.defines_the_same_as(earlier));
        let kept: Vec<Definition> =
            self.definitions.iter().filter(|earlier| !anew(earlier)).cloned().collect();
        let last = self.steps.last().map(|step| &step.question);
        let taken = self.is_query("it") || own.iter().any(|new| !new.param && new.name == "it");
        let mut asked = Composed::default();
        question::compose(&mut asked, typed, last, self.defined.as_deref(), !taken)?;
        let mut whole = Composed::default();
        for definition in needed(&kept, &asked.text) {
            // A definition ends in `;`, so that a text that starts with `|` isn't read as its continuation.
            whole.before(EARLIER, &definition.text);
            whole.before(EARLIER, ";\n");
        }
        whole.append(asked);
        let declared = params_of(&whole.text);
        // One that is declared otherwise than before means what it says now.
        let anew = |name: &str| {
            let named = |definition: &&Definition| definition.param && definition.name == name;
            let before = self.definitions.iter().find(named);
            own.iter().find(named).is_some_and(|new| before.is_some_and(|old| !new.says_the_same_as(old)))
        };
        let given = self.settings.params.iter().filter(|(name, _)| declared.contains(name) && !anew(name));
        // From the whole, where `it` has its meaning.
        let definitions = definitions_of(&whole.text);
        let made = |definition: &Definition| own.iter().any(|own| own.defines_the_same_as(definition));
        Ok(Request {
            casebook: Arc::clone(&self.casebook),
            settings: Settings { params: given.cloned().collect(), as_of: self.settings.as_of },
            definitions: definitions.into_iter().filter(made).collect(),
            question: Question::last_of(&whole.text),
            goes_on: last.is_some() && self.defined.is_none(),
            whole,
        })
    }

    /// Remembers a request that compiled: its definitions, and its last question where it was answered.
    pub fn keep(&mut self, request: Request, reply: &Reply) {
        if !reply.compiled {
            return;
        }
        let answered = reply.answers.is_ok() && request.question.is_some();
        if answered {
            self.defined = None;
        } else if let Some(last) = request.definitions.iter().rfind(|definition| !definition.param) {
            self.defined = Some(last.name.clone());
        }
        for new in request.definitions {
            match self.definitions.iter_mut().find(|earlier| earlier.defines_the_same_as(&new)) {
                Some(earlier) => {
                    if new.param && !new.says_the_same_as(earlier) {
                        self.settings.params.retain(|(name, _)| *name != new.name);
                    }
                    *earlier = new;
                }
                None => self.definitions.push(new),
            }
        }
        let Some(question) = request.question.filter(|_| answered) else { return };
        let definitions = needed(&self.definitions, &question.text).into_iter().cloned().collect();
        let step = Step { question, definitions };
        if self.steps.last() != Some(&step) {
            self.steps.push(step);
            if self.steps.len() > STEPS {
                self.steps.remove(0);
            }
        }
    }

    /// Looks at the catalogue and the data anew.
    pub fn reload(&mut self) -> Result<(), Diagnostics> {
        let had = self.casebook.catalogue().sources.files().next();
        if let Some(gone) = had.filter(|file| !file.exists()) {
            let mistake = Diagnostic::bare("catalogue-read", format!("{} is gone", gone.display()));
            return Err(vec![
                mistake.help("nothing was looked at anew: without it columns mean something else"),
            ]);
        }
        let casebook = self.casebook.reopen()?;
        self.catalogue = catalogue_version(&casebook);
        self.casebook = Arc::new(casebook);
        self.changed.clear();
        Ok(())
    }

    /// The files that have changed since they were first looked at, and were not named here before.
    pub fn news(&mut self) -> Vec<String> {
        let catalogue = self.casebook.catalogue();
        let mut changed = Vec::new();
        if self.catalogue != catalogue_version(&self.casebook) {
            changed.push(catalog::FILE.to_string());
        }
        for table in &catalogue.tables {
            for file in table.source.files().unwrap_or_default() {
                if !Version::of(&file.path).is_ok_and(|now| now == file.version) {
                    changed.push(file.name());
                }
            }
        }
        changed.retain(|name| !self.changed.contains(name));
        self.changed.extend(changed.iter().cloned());
        changed
    }
}

impl Request {
    /// Answers the questions, in order.
    pub fn answer(&self) -> Reply {
        let queries = match self.casebook.compile(&self.whole.text, &self.settings) {
            Ok(queries) => queries,
            Err(mistakes) => {
                let told = |mistake| self.told(self.whole.moved(self.with_a_bar(mistake)));
                let mistakes = mistakes.into_iter().map(told).collect();
                return Reply { compiled: false, answers: Err(mistakes) };
            }
        };
        let answers = queries.iter().map(|query| {
            let start = Instant::now();
            let answer = self.casebook.answer(query).map_err(|mistake| vec![self.whole.moved(mistake)])?;
            Ok(Timed { answer, took: start.elapsed(), read: records_of(query) })
        });
        Reply { compiled: true, answers: answers.collect() }
    }

    /// A name that is defined anew isn't there before it is.
    fn told(&self, mistake: Diagnostic) -> Diagnostic {
        let unnamed = ["name-table", "name-param"].contains(&mistake.code);
        let missing = |definition: &&Definition| mistake.message.contains(&format!("`{}`", definition.name));
        let Some(Definition { name, .. }) = self.definitions.iter().find(missing).filter(|_| unnamed) else {
            return mistake;
        };
        let own =
            |definition: &Definition| self.definitions.iter().any(|own| own.defines_the_same_as(definition));
        let mut others = definitions_of(&self.whole.text);
        others.retain(|other| !own(other));
        let text = self.definitions.iter().filter(|own| own.name == *name).map(|own| &*own.text);
        let circle = text.flat_map(|text| needed(&others, text)).any(|other| names(&other.text, name));
        let first = mistake.source.is_some() && !circle;
        mistake.help(match first {
            true => format!("define `{name}` first, and ask once that is done"),
            false => format!("`{name}` would be made from itself: give the new one another name"),
        })
    }

    /// A stage without its bar: at the prompt it may go on with the last question, if it is whole.
    fn with_a_bar(&self, mistake: Diagnostic) -> Diagnostic {
        let at = mistake.labels.first().map(|label| label.span.start);
        let line = at.and_then(|at| self.whole.text.get(at..)?.lines().next());
        let line = line.map(|line| line.trim_end().trim_end_matches(';'));
        let goes_on = |line: &&str| {
            self.goes_on && mistake.code == "syntax-table" && parse(&format!("x | {line}")).1.is_empty()
        };
        match line.filter(goes_on) {
            Some(line) => mistake.help(format!("`| {line}` goes on with the last question")),
            None => mistake,
        }
    }

    /// All that is compiled: what was typed, in what was said before.
    pub fn program(&self) -> &str {
        &self.whole.text
    }

    /// The checked questions; none where there is a mistake in them.
    pub fn compile(&self) -> Option<Vec<Query>> {
        self.casebook.compile(&self.whole.text, &self.settings).ok()
    }

    /// What will be done for the questions.
    pub fn explain(&self) -> Result<String, Diagnostics> {
        let plans = explain(&self.casebook, &self.whole.text, &self.settings);
        plans.map_err(|mistakes| mistakes.into_iter().map(|mistake| self.whole.moved(mistake)).collect())
    }
}

/// How many records there are in the tables that a question looks at.
fn records_of(query: &Query) -> u64 {
    let used = Used::of(query);
    used.tables().filter_map(|table| table.survey().ok()).map(|survey| survey.records()).sum()
}

/// Of casebook.toml and of what it includes; a file that can't be read has none.
fn catalogue_version(casebook: &Casebook) -> Vec<Option<Version>> {
    casebook.catalogue().sources.files().map(|file| Version::of(file).ok()).collect()
}

/// The definitions that a text needs, directly and indirectly, each behind those that it needs itself. A name that is a
/// column's brings the definition of that name along, which does no harm.
fn needed<'a>(definitions: &'a [Definition], text: &str) -> Vec<&'a Definition> {
    let mut found = Vec::new();
    add_needed(definitions, text, &mut vec![false; definitions.len()], &mut found);
    found
}

fn add_needed<'a>(
    definitions: &'a [Definition],
    text: &str,
    seen: &mut [bool],
    found: &mut Vec<&'a Definition>,
) {
    for token in lexer::lex(text).tokens {
        let (name, param) = match token.kind {
            TokenKind::Name { text, .. } => (text, false),
            TokenKind::Param(text) => (text, true),
            _ => continue,
        };
        let named = |definition: &Definition| definition.name == name && definition.param == param;
        let Some(at) = definitions.iter().position(named).filter(|at| !seen[*at]) else { continue };
        seen[at] = true;
        add_needed(definitions, &definitions[at].text, seen, found);
        found.push(&definitions[at]);
    }
}

/// Does a text name it?
fn names(text: &str, name: &str) -> bool {
    lexer::lex(text).tokens.into_iter().any(|token| match token.kind {
        TokenKind::Name { text, .. } | TokenKind::Param(text) => text == name,
        _ => false,
    })
}

/// The definitions that a text makes, in order.
fn definitions_of(text: &str) -> Vec<Definition> {
    let (program, _) = parse(text);
    let named = program.statements.into_iter().filter_map(|statement| match statement {
        Statement::Param(param) => Some((param.name.text, true, param.span)),
        Statement::Let(named) => Some((named.name.text, false, named.span)),
        Statement::Query(_) => None,
    });
    let cut = |span: Span| Some(text.get(span.start..span.end)?.to_string());
    named.filter_map(|(name, param, span)| Some(Definition { name, param, text: cut(span)? })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_cut_out() {
        let found =
            definitions_of("# title\nlet a = arrests | take 3\na | count\nparam n: integer = 3; let b = a");
        let texts: Vec<&str> = found.iter().map(|definition| &*definition.text).collect();
        assert_eq!(texts, ["let a = arrests | take 3", "param n: integer = 3", "let b = a"]);
    }
}
