//! Stages that give an answer another shape: `pivot`, `unpivot` and `fill`.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::expr::{Level, expression, operators};
use super::input::{Read, Tokens, name, required, symbol, word};
use super::item::{item, names};
use crate::syntax::ast::StageKind;

/// `pivot NAME [using ITEM]`
pub fn pivot(input: Tokens) -> Read<StageKind> {
    let (rest, on) = required(name, "a column's name")(input)?;
    let (rest, using) = opt(preceded(word("using"), required(item, "a column"))).parse(rest)?;
    Ok((rest, StageKind::Pivot { on, using }))
}

/// `unpivot NAME, … into K, V`
pub fn unpivot(input: Tokens) -> Read<StageKind> {
    let (rest, columns) = required(names, "a column's name")(input)?;
    let (rest, _) = required(word("into"), "`into` and two new names, as in `into kind, amount`,")(rest)?;
    let (rest, key) = required(name, "a name for the column of names")(rest)?;
    let (rest, _) = required(symbol(","), "`,` and a name for the column of values,")(rest)?;
    let (rest, value) = required(name, "a name for the column of values")(rest)?;
    Ok((rest, StageKind::Unpivot { columns, key, value }))
}

/// `fill KEY, … [in PERIOD] [with EXPR]`
pub fn fill(input: Tokens) -> Read<StageKind> {
    let (rest, keys) = required(names, "a key's name")(input)?;
    let (rest, period) =
        opt(preceded(word("in"), required(|i| operators(i, Level::Range), "a period"))).parse(rest)?;
    let (rest, with) = opt(preceded(word("with"), required(expression, "a value"))).parse(rest)?;
    Ok((rest, StageKind::Fill { keys, period, with }))
}
