//! Statements: `param`, `let`, and questions with the comments above them as their titles.

use super::expr::expression;
use super::input::{Read, Tokens, fail, lacking, name, required, symbol, unexpected};
use super::source::source;
use super::stage::stages;
use super::{settle, sql};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{
    Expr, ExprKind, LetDef, Name, ParamDef, Query, Source, Stage, StageKind, Statement,
};
use crate::syntax::lexer::Comment;
use crate::syntax::span::Span;
use crate::syntax::table_first;
use crate::syntax::token::{STAGES, Token, TokenKind};

/// One statement, to the end of its tokens.
pub fn statement<'a>(input: Tokens<'a>, comments: &[Comment]) -> Read<'a, Statement> {
    let names = input.second().is_some_and(|t| matches!(t.kind, TokenKind::Name { .. }));
    if input.is_word("param") && names {
        return param(input);
    }
    if input.is_word("let") && names {
        return definition(input);
    }
    check_command(input)?;
    sql::check_select(input)?;
    let input = sql::skip_from(input);
    check_table(input)?;
    let (rest, mut query) = required(query, "a table's name")(input)?;
    query.title = title(input, comments);
    Ok((rest, Statement::Query(query)))
}

/// What the prompt understands, in a file.
fn check_command(input: Tokens) -> Result<(), nom::Err<super::input::Problem>> {
    if !input.is_symbol(".") || input.second().is_none_or(|token| token.word().is_none()) {
        return Ok(());
    }
    let message = "a question starts with a table";
    let help = "commands that begin with a point are for the prompt";
    Err(fail(Diagnostic::new("syntax-expected", message, input.here()).help(help)))
}

/// A question that begins with a stage has forgotten its table.
fn check_table(input: Tokens) -> Result<(), nom::Err<super::input::Problem>> {
    let Some(word) = input.peek().and_then(Token::word) else { return Ok(()) };
    let goes_on =
        input.second().is_some_and(|t| !t.is_symbol("|") && !super::stage::begins_bare_stage(input.skip(1)));
    if goes_on && STAGES.iter().any(|stage| stage.eq_ignore_ascii_case(word)) {
        return Err(fail(table_first(word, input.here())));
    }
    Ok(())
}

/// A table, a named query or a calendar, and the stages.
pub fn query(input: Tokens) -> Read<Query> {
    let start = input.here();
    let (rest, source) = source(input)?;
    let (rest, stages) = stages(rest);
    let span = rest.since(start);
    Ok((rest, Query { title: None, source, stages, span }))
}

/// `let NAME = QUERY`. Where the query is broken the name is defined all the same, so that nothing
/// after it reports an unknown name: its source is then empty.
fn definition(input: Tokens) -> Read<Statement> {
    let start = input.here();
    let (rest, name) = name(input.skip(1))?;
    let read = required(symbol("="), "`=` and a query")(rest)
        .and_then(|(rest, _)| required(query, "a table's name")(rest))
        .map(|(rest, query)| (rest, (rest, query)));
    let (rest, query) = settle(rest, read).unwrap_or_else(|| {
        let end = rest.skip(rest.rest().len());
        let span = end.since(name.span.after());
        let stages = vec![Stage { kind: StageKind::Broken, span }];
        (end, Query { title: None, source: Source::Named(nobody(span)), stages, span })
    });
    Ok((rest, Statement::Let(LetDef { name, query, span: rest.since(start) })))
}

fn nobody(span: Span) -> Name {
    Name { text: String::new(), span }
}

/// `param NAME: TYPE [= VALUE]`. Where it is broken the name is defined all the same, with an empty
/// type.
fn param(input: Tokens) -> Read<Statement> {
    let start = input.here();
    let (rest, name) = name(input.skip(1))?;
    let read = param_rest(rest).map(|(rest, parts)| (rest, (rest, parts)));
    let (rest, (ty, default)) = settle(rest, read).unwrap_or_else(|| {
        let end = rest.skip(rest.rest().len());
        let span = end.since(name.span.after());
        (end, (nobody(span), Some(Expr { kind: ExprKind::Broken, span })))
    });
    Ok((rest, Statement::Param(ParamDef { name, ty, default, span: rest.since(start) })))
}

fn param_rest(input: Tokens) -> Read<(Name, Option<Expr>)> {
    if !input.is_symbol(":") {
        return Err(lacking(input, "`:` and a type, such as `period` or `text`,"));
    }
    let (rest, ty) = required(name, "a type, such as `period` or `text`,")(input.skip(1))?;
    let (rest, default) = match symbol("=")(rest) {
        Ok((rest, _)) => {
            let (rest, value) = required(expression, "a value")(rest)?;
            (rest, Some(value))
        }
        Err(_) => (rest, None),
    };
    match rest.peek() {
        None => Ok((rest, (ty, default))),
        Some(_) => Err(unexpected(rest, "the end of the line")),
    }
}

/// The comment lines right above, with nothing between them and the question.
fn title(input: Tokens, comments: &[Comment]) -> Option<String> {
    let mut below = input.here().start;
    let above = comments.partition_point(|comment| comment.span.start < below);
    let mut lines: Vec<&str> = Vec::new();
    for comment in comments.get(..above)?.iter().rev() {
        let gap = input.source().get(comment.span.end..below)?;
        if !comment.alone || !gap.trim().is_empty() || gap.matches('\n').count() != 1 {
            break;
        }
        lines.push(&comment.text);
        below = comment.span.start;
    }
    lines.reverse();
    lines.retain(|line| !line.is_empty());
    (!lines.is_empty()).then(|| lines.join(" "))
}
