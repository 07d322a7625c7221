//! What stands between a stage's commas: items and keys (`NAME = EXPR` or an expression that names
//! itself) and the keys of a sort.

use super::expr::expression;
use super::input::{Read, Tokens, listed, name, required};
use super::sql;
use crate::syntax::ast::{Item, Name, SortKey};
use crate::syntax::token::TokenKind;

/// `NAME = EXPR`, or an expression. At the head of an item `=` names; elsewhere it compares.
pub fn item(input: Tokens) -> Read<Item> {
    let start = input.here();
    let (input, given) = item_name(input);
    let (rest, expr) =
        if given.is_some() { required(expression, "a value")(input)? } else { expression(input)? };
    let span = rest.since(start);
    let (rest, alias) = sql::alias(rest, expr.span)?;
    Ok((rest, Item { name: given.or(alias), expr, span }))
}

/// The `NAME =` at an item's head.
pub fn item_name(input: Tokens) -> (Tokens, Option<Name>) {
    let names = input.second().is_some_and(|t| t.is_symbol("="));
    match input.peek().map(|t| (&t.kind, t.span)) {
        Some((TokenKind::Name { text, .. }, span)) if names => {
            (input.skip(2), Some(Name { text: text.clone(), span }))
        }
        _ => (input, None),
    }
}

/// Items with commas between.
pub fn items(input: Tokens) -> Read<Vec<Item>> {
    listed(item, "an item")(input)
}

/// Columns' names with commas between.
pub fn names(input: Tokens) -> Read<Vec<Name>> {
    listed(column, "a name")(input)
}

/// A column's name: `borough`, or `a.borough` of the rows that `join … as a` added.
pub fn column(input: Tokens) -> Read<Name> {
    let (mut rest, mut whole) = name(input)?;
    while rest.is_symbol(".") {
        let (after, part) = required(name, "a name")(rest.skip(1))?;
        whole = Name { text: format!("{}.{}", whole.text, part.text), span: whole.span.to(part.span) };
        rest = after;
    }
    Ok((rest, whole))
}

/// `[-]EXPR`
pub fn sort_key(input: Tokens) -> Read<SortKey> {
    let start = input.here();
    let descending = input.is_symbol("-");
    let (rest, expr) =
        if descending { required(expression, "a value")(input.skip(1))? } else { expression(input)? };
    let span = rest.since(start);
    let (rest, down) = sql::direction(rest, span);
    Ok((rest, SortKey { descending: descending != down, expr, span }))
}

/// Sort keys with commas between.
pub fn sort_keys(input: Tokens) -> Read<Vec<SortKey>> {
    listed(sort_key, "a key")(input)
}
