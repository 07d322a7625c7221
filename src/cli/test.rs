//! `casebook test [PATH]… [--bless]`: each FILE.cbq against the FILE.expected.* beside it. What was found goes to standard
//! output, a line an expected output with what differs below it; mistakes in questions and data go to standard error, as
//! everywhere. All files are done whatever becomes of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;

use super::options::Options;
use super::source::{Source, files_in, folder_of, is_questions, is_standard_input, no_questions};
use super::target::Target;
use super::test_line::TestLine;
use super::{Stop, report, run};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files;
use crate::frame::Answer;
use crate::output::{self, Format};
use crate::plan::Query;
use crate::repl::session;
use crate::report::golden;
use crate::{Casebook, Settings};

/// So many lines of what differs are shown of an output.
const SHOWN: usize = 20;

/// Days that are unlike any that a test is run on, and unlike each other in all that a calendar says of a day.
const OTHER_DAYS: [i32; 2] = [47_541, 47_942];

/// What `test` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files of questions, or folders of them [default: the casebook's folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write what is expected anew from what is answered now; of a file named here that has none yet, as csv, or in
    /// --format too
    #[arg(long)]
    bless: bool,
}

/// What became of the files, counted.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    differ: usize,
    written: usize,
    wrong: usize,
    without: usize,
    orphans: usize,
    code: u8,
}

/// Tests files of questions.
pub fn test(command: &Arguments, options: &Options) -> Result<(), Stop> {
    if options.output.is_some() {
        let mistake = Diagnostic::bare("usage-output", "`test` says what it found on standard output");
        return Err(mistake.help("casebook test > FILE keeps it").into());
    }
    let mut tests =
        Tests { options, bless: command.bless, casebooks: BTreeMap::new(), tally: Tally::default() };
    let (files, orphans) = tests.find(&command.paths)?;
    tests.all(files)?;
    for orphan in &orphans {
        let why = match Format::of_file(orphan) {
            Ok(_) => "there is no .cbq file beside it",
            Err(_) => "its ending names no format",
        };
        say(&format!("orphan   {}: {why}\n", orphan.display()))?;
    }
    tests.tally.orphans = orphans.len();
    say(&format!("\n{}\n", tests.tally.summary(command.bless)))?;
    match tests.tally.code {
        0 => Ok(()),
        code => Err(Stop::Told(code)),
    }
}

fn say(text: &str) -> Result<(), Stop> {
    Target::standard().deliver(text.as_bytes())
}

/// A file of questions with its text, the casebook that it asks, and what is kept of its answers.
struct Test {
    source: Source,
    place: PathBuf,
    kept: Vec<(PathBuf, Format)>,
}

struct Tests<'a> {
    options: &'a Options,
    bless: bool,
    /// Opened once each; `None` where one cannot be and that was said.
    casebooks: BTreeMap<PathBuf, Option<Rc<Casebook>>>,
    tally: Tally,
}

impl Tests<'_> {
    /// The files of questions, each with whether it was named itself; and what is kept of none.
    fn find(&self, paths: &[PathBuf]) -> Result<(BTreeMap<PathBuf, bool>, BTreeSet<PathBuf>), Diagnostic> {
        let own = match self.options.place(Path::new(".")) {
            place if place.is_dir() => place,
            place => folder_of(&place),
        };
        let mut named = BTreeMap::new();
        let mut orphans = BTreeSet::new();
        for path in if paths.is_empty() { std::slice::from_ref(&own) } else { paths } {
            if !path.is_dir() {
                if is_standard_input(path) || (!is_questions(path) && path.exists()) {
                    let message = format!("{} is no file of questions by its name", path.display());
                    return Err(Diagnostic::bare("usage-path", message)
                        .help("name a file that ends in .cbq, or a folder"));
                }
                named.insert(path.clone(), true);
                continue;
            }
            let found = files_in(path, |file| is_questions(file) || files::Format::is_expected(file))?;
            let (questions, kept): (BTreeSet<_>, BTreeSet<_>) =
                found.into_iter().partition(|file| is_questions(file));
            if questions.is_empty() {
                return Err(no_questions(path));
            }
            let known = questions.iter().flat_map(|file| golden::kept_beside(file));
            let known: BTreeSet<PathBuf> = known.map(|(file, _)| file).collect();
            orphans.extend(kept.difference(&known).cloned());
            for file in questions {
                named.entry(file).or_insert(false);
            }
        }
        Ok((named, orphans))
    }

    fn all(&mut self, files: BTreeMap<PathBuf, bool>) -> Result<(), Stop> {
        let settings = self.options.settings()?;
        let mut tests = Vec::new();
        let mut read = Vec::new();
        for (file, named) in files {
            let mut kept = golden::kept_beside(&file);
            if named && self.bless {
                let usual = kept.is_empty().then_some(Format::Csv);
                let new = self.options.format.or(usual);
                if let Some(format) = new.filter(|new| kept.iter().all(|(_, format)| format != new)) {
                    kept.push((golden::kept(&file, format.ending()), format));
                }
            }
            if kept.is_empty() && !named {
                self.tally.without += 1;
                continue;
            }
            let source = match Source::read(&file) {
                Ok(_) if kept.is_empty() => Err(nothing_kept(&file)),
                source => source,
            };
            match source {
                Ok(source) => {
                    read.push((source, self.options.place(&folder_of(&file))));
                    tests.push(kept);
                }
                Err(mistake) => self.wrong(&file.display().to_string(), Source::default(), vec![mistake])?,
            }
        }
        // A param of the command line is for the files that declare it.
        let given = run::share(&settings, &read);
        for (((source, place), kept), given) in read.into_iter().zip(tests).zip(given) {
            self.one(Test { source, place, kept }, given)?;
        }
        Ok(())
    }

    fn one(&mut self, test: Test, given: Settings) -> Result<(), Stop> {
        let name = test.source.name.clone();
        let casebook = match self.open(&test.place) {
            Ok(casebook) => casebook,
            Err(mistakes) => return self.wrong(&name, Source::default(), mistakes),
        };
        let answers = match answers(&casebook, &test.source, given) {
            Ok(answers) => answers,
            Err(mistakes) => return self.wrong(&name, test.source, mistakes),
        };
        for (file, format) in &test.kept {
            let done = match self.bless {
                true => bless(&casebook, &answers, file, *format),
                false => hold(&answers, file, *format),
            };
            match done {
                Ok(Done::Same) => {
                    self.tally.passed += 1;
                    say(&format!("ok       {}\n", file.display()))?;
                }
                Ok(Done::Written) => {
                    self.tally.written += 1;
                    say(&format!("written  {}\n", file.display()))?;
                }
                Ok(Done::Differs(lines)) => self.differs(file, &lines)?,
                Err(Stop::Mistakes(mistakes)) => {
                    for (source, found) in mistakes {
                        self.wrong(&file.display().to_string(), source, found)?;
                    }
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// The casebook at a place. What is wrong with it is said once.
    fn open(&mut self, place: &Path) -> Result<Rc<Casebook>, Diagnostics> {
        if let Some(opened) = self.casebooks.get(place) {
            return opened.clone().ok_or_else(Vec::new);
        }
        let opened = Casebook::open(place).map(Rc::new);
        self.casebooks.insert(place.to_path_buf(), opened.as_ref().ok().cloned());
        opened
    }

    fn differs(&mut self, file: &Path, lines: &[String]) -> Result<(), Stop> {
        self.tally.differ += 1;
        self.tally.code = self.tally.code.max(1);
        let mut text = format!("differs  {}\n", file.display());
        for line in lines.iter().take(SHOWN) {
            text.push_str(&format!("         {line}\n"));
        }
        if lines.len() > SHOWN {
            text.push_str(&format!("         … and {} more lines\n", lines.len() - SHOWN));
        }
        say(&text)
    }

    fn wrong(&mut self, name: &str, source: Source, mistakes: Diagnostics) -> Result<(), Stop> {
        self.tally.wrong += 1;
        say(&format!("wrong    {name}\n"))?;
        let code = report(&[(source, mistakes)], self.options.colour());
        self.tally.code = self.tally.code.max(code);
        Ok(())
    }
}

fn nothing_kept(file: &Path) -> Diagnostic {
    let wanted = golden::kept(file, Format::Csv.ending());
    Diagnostic::bare("test-expected", format!("nothing says what is expected of {}", file.display()))
        .help(format!("casebook test --bless {} writes {}", file.display(), wanted.display()))
}

/// Compiles a file as its own line says, and answers it.
fn answers(casebook: &Casebook, source: &Source, given: Settings) -> Result<Vec<Answer>, Diagnostics> {
    let Source { name, text } = source;
    let line = TestLine::of(text).map_err(|mistake| vec![mistake])?;
    let mut settings = Settings { params: line.params, as_of: line.as_of.or(given.as_of) };
    for (name, value) in given.params {
        if !settings.params.iter().any(|(own, _)| *own == name) {
            settings.params.push((name, value));
        }
    }
    let queries = casebook.compile(text, &settings)?;
    if settings.as_of.is_none()
        && OTHER_DAYS.iter().any(|day| differs_on(*day, casebook, text, &settings, &queries))
    {
        let mistake =
            format!("the answers of {name} hang on the day they are asked, so they would be others tomorrow");
        return Err(vec![
            Diagnostic::bare("test-today", mistake)
                .help("say the day in a comment at the file's head: # casebook test --as-of 2023-10-16")
                .help("or say --as-of on the command line"),
        ]);
    }
    session::answer(casebook, &queries).map_err(|mistake| vec![mistake])
}

/// Is something else asked on another day?
fn differs_on(day: i32, casebook: &Casebook, text: &str, settings: &Settings, queries: &[Query]) -> bool {
    let settings = Settings { as_of: Some(day), ..settings.clone() };
    let then = casebook.compile(text, &settings);
    then.map_or(true, |then| format!("{then:?}") != format!("{queries:?}"))
}

/// What became of one output.
enum Done {
    Same,
    Written,
    Differs(Vec<String>),
}

fn hold(answers: &[Answer], file: &Path, format: Format) -> Result<Done, Stop> {
    let got = written(answers, format)?;
    let expected = kept(file)?;
    let titles: Vec<Option<&str>> = answers.iter().map(|answer| answer.title.as_deref()).collect();
    let lines = golden::differences(&expected, &got, format, &titles);
    Ok(if lines.is_empty() { Done::Same } else { Done::Differs(lines) })
}

fn bless(casebook: &Casebook, answers: &[Answer], file: &Path, format: Format) -> Result<Done, Stop> {
    let got = written(answers, format)?;
    if file.exists() && golden::same(&kept(file)?, &got) {
        return Ok(Done::Same);
    }
    let target = Target::file(file)?;
    target.spare(casebook.catalogue(), &[])?;
    target.deliver(got.as_bytes())?;
    Ok(Done::Written)
}

fn kept(file: &Path) -> Result<String, Diagnostic> {
    // What is no text differs, and is shown as well as can be.
    fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|error| {
        Diagnostic::bare("data-unreadable", format!("cannot read {}: {error}", file.display()))
    })
}

fn written(answers: &[Answer], format: Format) -> Result<String, Diagnostic> {
    let bytes = output::write(answers, format, output::Options::default())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Tally {
    fn summary(&self, bless: bool) -> String {
        let verb = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
        let mut parts = match bless {
            true => vec![format!("{} written", self.written), format!("{} unchanged", self.passed)],
            false => vec![format!("{} passed", self.passed)],
        };
        for (n, one, more) in [
            (self.differ, "differs", "differ"),
            (self.wrong, "is wrong", "are wrong"),
            (self.without, "has no expected output", "have no expected output"),
            (self.orphans, "expected output is of no questions", "expected outputs are of no questions"),
        ] {
            if n > 0 {
                parts.push(verb(n, one, more));
            }
        }
        parts.join(", ")
    }
}
