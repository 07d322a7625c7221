//! From text to tokens. Blanks are passed over, comments are kept aside (one right above a query is
//! its title), and every token knows where it stood. A character that means nothing here is reported
//! and leaves a [`TokenKind::Bad`] behind, at which the parser stops without a second complaint.
//! What another language would write (`==`, `&&`, curly quotes) is reported with the Casebook way
//! and then read as meant.

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while, take_while1};
use nom::character::complete::{anychar, char, satisfy};
use nom::combinator::{map, not, opt, recognize, rest, value, verify};
use nom::multi::{fold_many0, many1_count};
use nom::sequence::{pair, preceded, terminated};
use nom::{IResult, Parser};

use super::literal;
use super::span::Span;
use super::token::{Token, TokenKind};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// What a text is made of.
#[derive(Debug, Default)]
pub struct Lexed {
    /// The tokens, line ends among them.
    pub tokens: Vec<Token>,
    /// The comments, in order.
    pub comments: Vec<Comment>,
    /// What was wrong.
    pub found: Diagnostics,
}

/// A comment, from `#` to its line's end.
#[derive(Debug, PartialEq)]
pub struct Comment {
    /// What it says, without `#` and the blanks around.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Nothing but blanks stands before it on its line.
    pub alone: bool,
}

/// One piece of the text: a token, and what is wrong with it where something is. The diagnostic's
/// place is filled in by [`lex`], which knows it.
pub(super) type Piece = (TokenKind, Option<Diagnostic>);

/// Read a whole text.
pub fn lex(source: &str) -> Lexed {
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    lex_from(source, start)
}

/// Read a text from a place in it to its end.
pub fn lex_from(source: &str, start: usize) -> Lexed {
    let mut lexed = Lexed::default();
    let mut text = source.get(start..).unwrap_or_default();
    let mut line_is_blank = true;
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
        if text.is_empty() {
            return lexed;
        }
        let start = source.len() - text.len();
        if let Ok((after, words)) = comment(text) {
            let span = Span::new(start, source.len() - after.len());
            let words = words.trim_matches(|c: char| c == '#' || c.is_whitespace());
            lexed.comments.push(Comment { text: words.to_string(), span, alone: line_is_blank });
            text = after;
            continue;
        }
        // `piece` takes any character in the end, so this goes on until the text is used up.
        let Ok((after, (mut kind, mut fault))) = piece(text) else { return lexed };
        if let (true, Some(fault)) = (is_dash_of_a_span(&kind, lexed.tokens.last(), after), &mut fault) {
            kind = TokenKind::Symbol("..");
            fault.message = "between the two ends of a span stands `..`".to_string();
            *fault = fault.clone().label("write `..`");
        }
        let span = Span::new(start, source.len() - after.len());
        line_is_blank = kind == TokenKind::Newline;
        if let Some(mut fault) = fault {
            if let Some(label) = fault.labels.first_mut() {
                label.span = span;
            }
            lexed.found.push(fault);
        }
        let repeats = line_is_blank && lexed.tokens.last().is_none_or(|t| t.kind == TokenKind::Newline);
        if !repeats {
            lexed.tokens.push(Token { kind, span });
        }
        text = after;
    }
}

/// `2023-10-09–2023-10-15`: is the dash between two days? Only the long one has a fault already.
fn is_dash_of_a_span(kind: &TokenKind, before: Option<&Token>, after: &str) -> bool {
    let day = |kind: &TokenKind| {
        matches!(kind, TokenKind::Date(_) | TokenKind::Datetime(_) | TokenKind::CalendarSpan(_))
    };
    *kind == TokenKind::Symbol("-")
        && before.is_some_and(|before| day(&before.kind))
        && literal::literal(after.trim_start()).is_ok_and(|(_, (kind, _))| day(&kind))
}

fn comment(text: &str) -> IResult<&str, &str> {
    recognize(pair(char('#'), opt(is_not("\r\n")))).parse(text)
}

fn piece(text: &str) -> IResult<&str, Piece> {
    alt((
        map(char('\n'), |_| (TokenKind::Newline, None)),
        literal::literal,
        unescaped,
        string,
        curly_string,
        backticked,
        map(preceded(char('$'), plain_name), |name| (TokenKind::Param(name.to_string()), None)),
        map(plain_name, |name| (TokenKind::Name { text: name.to_string(), quoted: false }, None)),
        foreign,
        map(symbol, |sign| (TokenKind::Symbol(sign), None)),
        map(satisfy(|c| matches!(c, '£' | '$' | '€')), |sign| (TokenKind::Currency(sign), None)),
        unknown,
    ))
    .parse(text)
}

/// A letter or `_`, then letters, digits and `_`.
fn plain_name(text: &str) -> IResult<&str, &str> {
    recognize(pair(satisfy(|c| c.is_alphabetic() || c == '_'), take_while(literal::in_name))).parse(text)
}

fn symbol(text: &str) -> IResult<&str, &'static str> {
    let two = ["..", "!=", "<=", ">=", "??"];
    let one = ["|", ",", ";", ":", ".", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", "%"];
    let sign = two.into_iter().chain(one).find(|sign| text.starts_with(sign));
    match sign {
        Some(sign) => value(sign, tag(sign)).parse(text),
        None => Err(nom::Err::Error(nom::error::Error::new(text, nom::error::ErrorKind::Tag))),
    }
}

/// What stands between two quotes on one line, a doubled quote meaning one. Where the second quote
/// is missing the text runs to the line's end, and the flag is false.
fn quoted<'a>(quote: char) -> impl Fn(&'a str) -> IResult<&'a str, (String, bool)> {
    move |text| {
        let (after, _) = char(quote)(text)?;
        let inside = alt((
            value(quote, (char(quote), char(quote))),
            satisfy(move |c| c != quote && c != '\n' && c != '\r'),
        ));
        let (after, words) = fold_many0(inside, String::new, |mut words, c| {
            words.push(c);
            words
        })
        .parse(after)?;
        let (after, end) = opt(char(quote)).parse(after)?;
        Ok((after, (words, end.is_some())))
    }
}

fn string(text: &str) -> IResult<&str, Piece> {
    let (after, (words, closed)) = alt((quoted('"'), quoted('\''))).parse(text)?;
    let quote = if text.starts_with('"') { '"' } else { '\'' };
    Ok((after, (TokenKind::Text(words), (!closed).then(|| unclosed("text", quote)))))
}

/// `'it's'`: the quote inside should be two. Told from two texts by the letter right behind it.
fn unescaped(text: &str) -> IResult<&str, Piece> {
    let in_quotes = |quote| {
        let (head, tail) = (quoted(quote), quoted(quote));
        move |text| {
            let (after, (mut words, closed)) = head(text)?;
            let (_, _) = verify(satisfy(literal::in_name), |_| closed).parse(after)?;
            // From the closing quote on, all reads as a second text.
            let inner = text.get(text.len() - after.len() - 1..).unwrap_or_default();
            let (after, (more, _)) = verify(&tail, |(_, closed): &(String, bool)| *closed).parse(inner)?;
            words.push(quote);
            words.push_str(&more);
            Ok((after, (words, quote)))
        }
    };
    let (after, (words, quote)) = alt((in_quotes('\''), in_quotes('"'))).parse(text)?;
    let doubled = words.replace(quote, &format!("{quote}{quote}"));
    let fault = fault("syntax-string", format!("a {quote} inside a text is written twice"))
        .label(format!("write {quote}{doubled}{quote}"));
    Ok((after, (TokenKind::Text(words), Some(fault))))
}

fn backticked(text: &str) -> IResult<&str, Piece> {
    let (after, (name, closed)) = quoted('`')(text)?;
    let piece = if !closed {
        (TokenKind::Bad, Some(unclosed("name", '`')))
    } else if name.is_empty() {
        (TokenKind::Bad, Some(fault("syntax-expected", "a name is missing between the backticks")))
    } else {
        (TokenKind::Name { text: name, quoted: true }, None)
    };
    Ok((after, piece))
}

fn unclosed(what: &str, quote: char) -> Diagnostic {
    fault("syntax-string", format!("this {what} is never closed"))
        .label(format!("a second {quote} is missing on this line"))
        .help(format!("close it with {quote}; a {quote} inside is written twice"))
}

/// `“London”`, as word processors write it: read as meant where the quotes come in twos.
fn curly_string(text: &str) -> IResult<&str, Piece> {
    let (after, _) = satisfy(is_curly).parse(text)?;
    let (after, words) = take_while(|c| c != '\n' && c != '"' && !is_curly(c)).parse(after)?;
    let (after, _) = opt(satisfy(|c| c == '"' || is_curly(c))).parse(after)?;
    let words = words.trim_end_matches('\r').to_string();
    let fault = fault("syntax-character", "curly quotes are not read")
        .help(format!("write straight ones: \"{words}\""));
    Ok((after, (TokenKind::Text(words), Some(fault))))
}

fn is_curly(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‘' | '’')
}

/// Signs of other languages, with the token that was meant.
fn foreign(text: &str) -> IResult<&str, Piece> {
    if let (after, Some(inside)) =
        opt(recognize((char('{'), take_while(|c| c != '}' && c != '\n'), opt(char('}'))))).parse(text)?
    {
        let message = format!("curly brackets mean nothing in Casebook: `{}`", inside.trim_end());
        let fault = fault("syntax-character", message);
        return Ok((
            after,
            (TokenKind::Bad, Some(fault.help("round brackets group, square brackets make a list"))),
        ));
    }
    let word = |word: &str| TokenKind::Name { text: word.to_string(), quoted: false };
    let (after, (was, kind, now)) = alt((
        map(alt((tag("==="), tag("=="))), |was| (was, TokenKind::Symbol("="), "=")),
        map(tag("|>"), |was| (was, TokenKind::Symbol("|"), "|")),
        map(tag("=>"), |was| (was, TokenKind::Symbol(">="), ">=")),
        map(tag("=~"), |was| (was, word("matches"), "matches")),
        map(tag("<>"), |was| (was, TokenKind::Symbol("!="), "!=")),
        map(alt((tag("≠"), tag("!=="))), |was| (was, TokenKind::Symbol("!="), "!=")),
        map(tag("≤"), |was| (was, TokenKind::Symbol("<="), "<=")),
        map(tag("≥"), |was| (was, TokenKind::Symbol(">="), ">=")),
        map(alt((tag("&&"), tag("&"))), |was| (was, word("and"), "and")),
        map(tag("||"), |was| (was, word("or"), "or")),
        map(terminated(tag("!"), not(char('='))), |was| (was, word("not"), "not")),
        map(alt((tag("–"), tag("−"), tag("—"))), |was| (was, TokenKind::Symbol("-"), "-")),
        map(tag("×"), |was| (was, TokenKind::Symbol("*"), "*")),
        map(tag("÷"), |was| (was, TokenKind::Symbol("/"), "/")),
    ))
    .parse(text)?;
    let code = if was.is_ascii() { "syntax-sql" } else { "syntax-character" };
    let fault =
        fault(code, format!("`{was}` is written `{now}` in Casebook")).label(format!("write `{now}`"));
    Ok((after, (kind, Some(fault))))
}

/// A run of characters that nothing begins with.
fn unknown(text: &str) -> IResult<&str, Piece> {
    let strange = preceded(not(piece_start), anychar);
    let (after, run) = alt((recognize(many1_count(strange)), take_while1(|_| true), rest)).parse(text)?;
    let what = if run.chars().count() == 1 { "this character means" } else { "these characters mean" };
    let fault = fault("syntax-character", format!("{what} nothing in Casebook: `{run}`"))
        .help("a name with unusual characters stands in backticks: `Arrest Date`");
    Ok((after, (TokenKind::Bad, Some(fault))))
}

/// Does something that can be read begin here?
fn piece_start(text: &str) -> IResult<&str, ()> {
    let known = |c: char| {
        c.is_whitespace() || literal::in_name(c) || is_curly(c) || "\"'`#|,;:.=<>+-*/()[]%!&£$€".contains(c)
    };
    value((), alt((value((), satisfy(known)), value((), tag("??"))))).parse(text)
}

pub(super) fn fault(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message, Span::default())
}
