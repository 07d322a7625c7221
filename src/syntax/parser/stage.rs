//! Stages, and what happens where one is broken. A word within a letter or two of a stage is reported
//! and read as meant. Anything else that is wrong is reported once, and reading goes on at the next
//! `|` outside brackets, with a [`StageKind::Broken`] in its place.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::expr::expression;
use super::habits::astray;
use super::input::{Problem, Read, Tokens, fail, lacking, listed, name, required, symbol, word};
use super::item::{column, item, items, names, sort_key, sort_keys};
use super::operand::thousands;
use super::{combine, reshape, settle, sql};
use crate::builtins;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Expr, Item, Name, Renaming, Stage, StageKind};
use crate::syntax::span::Span;
use crate::syntax::token::{STAGES, Token, TokenKind};

/// All stages to the statement's end.
pub fn stages(mut input: Tokens) -> (Tokens, Vec<Stage>) {
    let mut stages = Vec::new();
    while !input.ends_query() {
        let start = if input.is_symbol("|") {
            input.skip(1)
        } else if begins_bare_stage(input) {
            report_missing_pipe(input);
            input
        } else {
            // Only right after the source: a stage has looked at its own end.
            settle::<()>(input, Err(astray(input, "`|` and a stage, or the end of the line")));
            stages.push(Stage { kind: StageKind::Broken, span: input.here() });
            input = to_next_pipe(input);
            continue;
        };
        match settle_stage(start) {
            Some((rest, stage)) => {
                stages.push(stage);
                input = rest;
            }
            None => {
                input = to_next_pipe(start);
                let span =
                    if input.before() == start.before() { start.here() } else { input.since(start.here()) };
                stages.push(Stage { kind: StageKind::Broken, span });
            }
        }
    }
    (input, stages)
}

fn settle_stage(input: Tokens) -> Option<(Tokens, Stage)> {
    let read = stage(input).map(|(rest, stage)| (rest, (rest, stage)));
    settle(input, read)
}

/// The next `|` outside brackets, or the end.
fn to_next_pipe(input: Tokens) -> Tokens {
    let mut depth = 0usize;
    for (count, token) in input.rest().iter().enumerate() {
        match token.symbol() {
            Some("(" | "[") if !input.never_closed(token.span) => depth += 1,
            Some(")") if depth == 0 && input.bracketed => return input.skip(count),
            Some(")" | "]") => depth = depth.saturating_sub(1),
            Some("|") if depth == 0 => return input.skip(count),
            _ => {}
        }
    }
    input.skip(input.rest().len())
}

/// Does a stage begin here with no `|` before it? No other name can follow a whole stage.
pub fn begins_bare_stage(input: Tokens) -> bool {
    let Some(word) = input.peek().and_then(Token::word) else { return false };
    STAGES.iter().any(|stage| stage.eq_ignore_ascii_case(word))
        || word == "summarize"
        || sql::begins_stage(input)
}

fn report_missing_pipe(input: Tokens) {
    let word = input.text(input.here());
    let message = format!("`{word}` needs a `|` before it");
    input.report(
        Diagnostic::new("syntax-expected", message, input.here())
            .label("a stage begins here")
            .help(format!("stages are joined with `|`: `… | {} …`", word.to_lowercase())),
    );
}

fn stage(input: Tokens) -> Read<Stage> {
    let start = input.here();
    let (rest, kind) = known_stage(input)?;
    let (rest, kind) = match kind {
        "where" => condition(rest)?,
        "let" => required(listed(named_item, "`NAME = …`"), "`NAME = …`")(rest)?.map_kind(StageKind::Let),
        "select" if rest.is_symbol("*") => return Err(sql::select_all(rest)),
        "select" => required(items, "a column")(rest)?.map_kind(StageKind::Select),
        "drop" => required(names, "a column's name")(rest)?.map_kind(StageKind::Drop),
        "rename" => {
            required(listed(renaming, "`NEW = OLD`"), "`NEW = OLD`")(rest)?.map_kind(StageKind::Rename)
        }
        "summarise" => summarise(rest)?,
        "count" => count(rest)?,
        "sort" => required(sort_keys, "a key to sort by")(sql::skip_by(rest))?.map_kind(StageKind::Sort),
        "take" => take(rest)?,
        "top" => top(rest)?,
        "pivot" => reshape::pivot(rest)?,
        "unpivot" => reshape::unpivot(rest)?,
        "fill" => reshape::fill(rest)?,
        "total" => bare_or_names(rest)?.map_kind(StageKind::Total),
        "compare" => combine::compare(rest)?,
        "append" => combine::query(rest)?.map_kind(StageKind::Append),
        "except" => combine::query(rest)?.map_kind(StageKind::Except),
        "join" => combine::join(rest)?,
        "describe" => (rest, StageKind::Describe),
        "sample" => sample(rest)?,
        _ if rest.is_symbol("(") => {
            let message = "the stage `distinct` has no brackets";
            let help = "`distinct x` keeps a row of each x, `summarise distinct(x)` counts them";
            return Err(fail(Diagnostic::new("syntax-expected", message, rest.here()).help(help)));
        }
        _ => bare_or_names(rest)?.map_kind(StageKind::Distinct),
    };
    if !rest.ends_query() && !rest.is_symbol("|") && !begins_bare_stage(rest) {
        return Err(astray(rest, "`|` or the end of the line"));
    }
    Ok((rest, Stage { kind, span: rest.since(start) }))
}

/// Put what was read into its kind of stage.
trait MapKind<'a, T> {
    fn map_kind(self, kind: fn(T) -> StageKind) -> (Tokens<'a>, StageKind);
}

impl<'a, T> MapKind<'a, T> for (Tokens<'a>, T) {
    fn map_kind(self, kind: fn(T) -> StageKind) -> (Tokens<'a>, StageKind) {
        (self.0, kind(self.1))
    }
}

/// The stage's word, as meant.
fn known_stage(input: Tokens) -> Read<&'static str> {
    let Some(token) = input.peek() else { return Err(lacking(input, "a stage")) };
    let Some(written) = token.word() else { return Err(lacking(input, "a stage")) };
    if let Some(stage) = STAGES.into_iter().find(|stage| *stage == written) {
        return Ok((input.skip(1), stage));
    }
    if written == "summarize" {
        return Ok((input.skip(1), "summarise"));
    }
    if let Some((rest, stage)) = sql::stage(input)? {
        return Ok((rest, stage));
    }
    let of_a_number = input.second().is_some_and(|next| matches!(next.kind, TokenKind::Number(_)));
    if let Some(aggregate) = builtins::aggregate_of(written).filter(|_| !of_a_number) {
        return Err(aggregate_as_stage(input.skip(1), written, aggregate, token.span));
    }
    let unknown = Diagnostic::new("name-stage", format!("there is no stage `{written}`"), token.span);
    match nearest_stage(written) {
        Some(stage) => {
            input.report(unknown.label(format!("did you mean `{stage}`?")));
            Ok((input.skip(1), stage))
        }
        None => Err(fail(unknown.help(format!("the stages are {}", STAGES.join(", "))))),
    }
}

/// The one stage within a letter or two, fewer for a short word.
fn nearest_stage(written: &str) -> Option<&'static str> {
    let allowed = match written.chars().count() {
        0..=2 => return None,
        3..=4 => 1,
        _ => 2,
    };
    let edits = |stage: &str| strsim::damerau_levenshtein(&written.to_lowercase(), stage);
    let near: Vec<(usize, &str)> = STAGES
        .into_iter()
        .map(|stage| (edits(stage), stage))
        .filter(|(edits, _)| *edits <= allowed)
        .collect();
    let least = near.iter().map(|(edits, _)| *edits).min()?;
    let mut best = near.into_iter().filter(|(edits, _)| *edits == least);
    match (best.next(), best.next()) {
        (Some((_, stage)), None) => Some(stage),
        _ => None,
    }
}

fn condition(input: Tokens) -> Read<StageKind> {
    let (rest, condition) = required(expression, "a condition")(input)?;
    if rest.is_symbol(",") {
        let message = "`where` takes one condition";
        let help = match rest.before().map(|last| &last.kind) {
            Some(TokenKind::Number(number)) => thousands(rest, number).0,
            _ => String::new(),
        };
        let help = if help.contains('_') {
            format!("between digits write `_`, or nothing: `{help}`")
        } else {
            "join two with `and`, or write a second `| where …`".to_string()
        };
        return Err(fail(Diagnostic::new("syntax-expected", message, rest.here()).help(help)));
    }
    Ok((rest, StageKind::Where(condition)))
}

fn named_item(input: Tokens) -> Read<Item> {
    let (rest, item) = item(input)?;
    if item.name.is_none() {
        let message = "`let` gives each value a name";
        let help = format!("write `let NAME = {}`", rest.text(item.span));
        return Err(fail(Diagnostic::new("syntax-expected", message, item.span).help(help)));
    }
    Ok((rest, item))
}

fn renaming(input: Tokens) -> Read<Renaming> {
    let (rest, new) = name(input)?;
    let (rest, _) = required(symbol("="), "`=` and the present name")(rest)?;
    let (rest, old) = required(column, "the present name")(rest)?;
    Ok((rest, Renaming { new, old }))
}

/// `by KEY, …`, where it stands. A `per` behind it is read as more keys.
fn by(input: Tokens) -> Read<Vec<Item>> {
    let (rest, keys) = keys_after("by", input)?;
    if !rest.is_word("per") {
        return Ok((rest, keys));
    }
    let start = rest.here();
    let (rest, per) = per(rest)?;
    let keys: Vec<Item> = per.into_iter().chain(keys).collect();
    let texts: Vec<String> = keys.iter().map(|key| rest.text(key.span)).collect();
    let message = "`per` belongs to `take`, `top` and what stands in an aggregate's brackets";
    rest.report(
        Diagnostic::new("syntax-expected", message, start)
            .help(format!("groups are made by keys: `by {}`", texts.join(", "))),
    );
    Ok((rest, keys))
}

/// `per KEY, …`, where it stands.
fn per(input: Tokens) -> Read<Vec<Item>> {
    keys_after("per", input)
}

fn keys_after<'a>(introduced: &'static str, input: Tokens<'a>) -> Read<'a, Vec<Item>> {
    let (rest, keys) = opt(preceded(word(introduced), required(items, "a key"))).parse(input)?;
    Ok((rest, keys.unwrap_or_default()))
}

fn summarise(input: Tokens) -> Read<StageKind> {
    let (rest, items) = required(items, "something to work out, such as `n = count()`,")(input)?;
    let (rest, keys) = by(rest)?;
    Ok((rest, StageKind::Summarise { items, keys }))
}

/// `max age by sex`, `count distinct x`: an aggregate at `place` where a stage should stand, and what it is of next.
fn aggregate_as_stage(input: Tokens, written: &str, aggregate: &str, place: Span) -> nom::Err<Problem> {
    let mut words = input.rest();
    words = words.get(..words.len() - to_next_pipe(input).rest().len()).unwrap_or_default();
    let at = words.iter().position(|token| token.is_word("by")).unwrap_or(words.len());
    let (of, by) = words.split_at(at);
    let mut parts = outside_brackets(of).into_iter();
    let first = called(input, aggregate, parts.next().unwrap_or_default());
    // What follows a comma and is no aggregate was perhaps meant as a key: nobody knows.
    let others = parts.map_while(|part| match part {
        [count, distinct, of @ ..] if count.is_word("count") && distinct.is_word("distinct") => {
            Some(called(input, "distinct", of))
        }
        [name, of @ ..] => Some(called(input, builtins::aggregate_of(name.word()?)?, of)),
        [] => None,
    });
    let calls: Vec<String> = std::iter::once(first).chain(others).collect();
    let calls = calls.join(", ");
    let help = match written_at(input, by) {
        Some(by) => format!("write `summarise {calls} {by}`"),
        None => format!("write `summarise {calls}`"),
    };
    let message = format!("`{written}` is worked out in `summarise`, and is no stage by itself");
    fail(Diagnostic::new("name-stage", message, place).help(help))
}

/// The tokens between commas outside brackets.
fn outside_brackets(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0isize;
    let part = |token: &Token| {
        match token.symbol() {
            Some("(" | "[") => depth += 1,
            Some(")" | "]") => depth -= 1,
            _ => {}
        }
        depth <= 0 && token.is_symbol(",")
    };
    tokens.split(part).collect()
}

/// An aggregate of what stands there, in brackets or not.
fn called(input: Tokens, aggregate: &str, of: &[Token]) -> String {
    // The bracket of `count(distinct x)` opens before.
    let many = |sign: &str| of.iter().filter(|token| token.is_symbol(sign)).count();
    let of = if many(")") > many("(") { of.get(..of.len() - 1).unwrap_or_default() } else { of };
    let bracketed = of.first().is_some_and(|first| first.is_symbol("("));
    let of = written_at(input, of).unwrap_or(if aggregate == "count" { "" } else { "x" });
    let call = if bracketed { format!("{aggregate}{of}") } else { format!("{aggregate}({of})") };
    let more = match aggregate {
        "first" | "last" if !of.contains("sorted by") => " sorted by …",
        "quantile" if !of.contains(',') => ", 0.9",
        _ => return call,
    };
    match call.strip_suffix(')') {
        Some(open) => format!("{open}{more})"),
        None => call,
    }
}

/// The text of tokens, as it was written.
fn written_at<'a>(input: Tokens<'a>, tokens: &[Token]) -> Option<&'a str> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    input.source().get(first.span.start..last.span.end)
}

fn count(input: Tokens) -> Read<StageKind> {
    let named = |token: Option<&Token>| token.is_some_and(|t| matches!(t.kind, TokenKind::Name { .. }));
    let inside = if input.is_symbol("(") { input.skip(1) } else { input };
    if inside.is_word("distinct") && named(inside.second()) {
        let after = inside.skip(1);
        let place = input.before().map_or(input.here(), |count| after.since(count.span));
        return Err(aggregate_as_stage(after, "count distinct", "distinct", place));
    }
    if input.is_symbol("(") && input.second().is_some_and(|t| t.is_symbol(")")) {
        let mistake = Diagnostic::new("syntax-expected", "the stage `count` has no brackets", input.here());
        input.report(mistake.label("leave them out"));
        let (rest, keys) = by(input.skip(2))?;
        return Ok((rest, StageKind::Count { keys }));
    }
    if input.is_symbol("(") {
        let message = "the stage `count` has no brackets";
        let help = "write `count by …`, or `summarise count(where …) by …`";
        return Err(fail(Diagnostic::new("syntax-expected", message, input.here()).help(help)));
    }
    let (rest, keys) = by(input)?;
    Ok((rest, StageKind::Count { keys }))
}

fn rows(input: Tokens) -> Read<Expr> {
    required(expression, "a number of rows")(input)
}

fn take(input: Tokens) -> Read<StageKind> {
    let (rest, n) = rows(input)?;
    let (rest, per) = per(rest)?;
    Ok((rest, StageKind::Take { n, per }))
}

fn top(input: Tokens) -> Read<StageKind> {
    let (rest, n) = rows(input)?;
    if !rest.is_word("by") {
        return Err(lacking(rest, "`by` and what to rank by, as in `top 5 by count`,"));
    }
    let (rest, by) = required(sort_key, "what to rank by")(rest.skip(1))?;
    let (rest, per) = per(rest)?;
    if !rest.is_word("with") {
        return Ok((rest, StageKind::Top { n, by, per, other: None }));
    }
    let start = rest.here();
    let (rest, _) = required(word("other"), "`other`")(rest.skip(1))?;
    let other = Some(rest.since(start));
    Ok((rest, StageKind::Top { n, by, per, other }))
}

fn sample(input: Tokens) -> Read<StageKind> {
    let (rest, n) = rows(input)?;
    let (rest, seed) = opt(preceded(word("seed"), required(expression, "a whole number"))).parse(rest)?;
    Ok((rest, StageKind::Sample { n, seed }))
}

/// Names of columns, or none.
fn bare_or_names(input: Tokens) -> Read<Vec<Name>> {
    // Where nothing follows a stage's word but `,` or the end, a column has that name: `distinct total, count`.
    let after = input.skip(1);
    let named = after.ends_query() || after.is_symbol("|") || after.is_symbol(",");
    let bare = input.ends_query() || input.is_symbol("|") || begins_bare_stage(input) && !named;
    if bare { Ok((input, Vec::new())) } else { required(names, "a column's name")(input) }
}
