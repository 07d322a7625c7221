//! `casebook run FILE.cbq…`: every file on the casebook of its own folder or above. All files are
//! compiled before the first question is answered, and all questions are answered before a byte is
//! written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::options::Options;
use super::source::{Source, folder_of};
use super::target::Target;
use super::{Stop, notes};
use crate::diagnostic::Diagnostics;
use crate::plan::Query;
use crate::repl::session;
use crate::{Casebook, Settings};

/// What `run` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files of questions; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// A file that compiles: its text, its casebook's place, its questions.
pub struct Compiled {
    /// The text.
    pub source: Source,
    /// The casebook, a key of [`Programs::casebooks`].
    pub place: PathBuf,
    /// The questions, in order.
    pub queries: Vec<Query>,
}

/// Files that compile, and the casebooks that they ask.
pub struct Programs {
    /// Opened once each.
    pub casebooks: BTreeMap<PathBuf, Casebook>,
    /// In the order named.
    pub files: Vec<Compiled>,
}

/// Answers the questions of files.
pub fn run(files: &[PathBuf], options: &Options) -> Result<(), Stop> {
    let target = Target::of(options)?;
    let programs = compile(files, options)?;
    for casebook in programs.casebooks.values() {
        target.spare(casebook.catalogue(), files)?;
    }
    let mut answers = Vec::new();
    for file in programs.files {
        let Some(casebook) = programs.casebooks.get(&file.place) else { continue };
        let found = session::answer(casebook, &file.queries);
        answers.extend(found.map_err(|mistake| Stop::Mistakes(vec![(file.source, vec![mistake])]))?);
    }
    target.write(&answers)?;
    notes(&answers);
    Ok(())
}

/// Reads and compiles files; the mistakes of all of them are reported at once.
pub fn compile(files: &[PathBuf], options: &Options) -> Result<Programs, Stop> {
    let settings = options.settings()?;
    let mut mistakes: Vec<(Source, Diagnostics)> = Vec::new();
    let mut casebooks = BTreeMap::new();
    let mut read = Vec::new();
    for file in files {
        match Source::read(file) {
            Ok(source) => read.push((source, options.place(&folder_of(file)))),
            Err(mistake) => mistakes.push((Source::default(), vec![mistake])),
        }
    }
    let given = share(&settings, &read);
    let mut compiled = Vec::new();
    let mut refused = Vec::new();
    for ((source, place), settings) in read.into_iter().zip(given) {
        if refused.contains(&place) {
            continue;
        }
        let casebook = match open(&place, options, &mut casebooks) {
            Ok(casebook) => casebook,
            Err(found) => {
                mistakes.push((Source::default(), found));
                refused.push(place);
                continue;
            }
        };
        match casebook.compile(&source.text, &settings) {
            Ok(queries) => compiled.push(Compiled { source, place, queries }),
            Err(found) => mistakes.push((source, found)),
        }
    }
    if mistakes.is_empty() {
        Ok(Programs { casebooks, files: compiled })
    } else {
        Err(Stop::Mistakes(mistakes))
    }
}

fn open<'a>(
    place: &Path,
    options: &Options,
    casebooks: &'a mut BTreeMap<PathBuf, Casebook>,
) -> Result<&'a Casebook, Diagnostics> {
    match casebooks.entry(place.to_path_buf()) {
        std::collections::btree_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
        std::collections::btree_map::Entry::Vacant(entry) => Ok(entry.insert(options.open_at(place)?)),
    }
}

/// The params for each file: those that it declares. Those that no file declares go to the first,
/// where the checker refuses them.
pub(super) fn share(settings: &Settings, files: &[(Source, PathBuf)]) -> Vec<Settings> {
    let declared: Vec<Vec<String>> =
        files.iter().map(|(source, _)| session::params_of(&source.text)).collect();
    (0..files.len())
        .map(|at| {
            let wanted = |name: &String| {
                declared[at].contains(name) || (at == 0 && !declared.iter().any(|names| names.contains(name)))
            };
            let params = settings.params.iter().filter(|(name, _)| wanted(name)).cloned().collect();
            Settings { params, as_of: settings.as_of }
        })
        .collect()
}
