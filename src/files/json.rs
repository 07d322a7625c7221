//! One line of JSON as fields. Numbers stay the digits that stand there: `1.50` and an id of thirty digits
//! are read as in any other text file, not by way of a float.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// A value as it stands.
#[derive(Debug, PartialEq)]
pub(super) enum Field<'l> {
    /// `null`
    Null,
    /// A string, unescaped.
    Text(Cow<'l, str>),
    /// A number, `true` or `false`.
    Bare(&'l str),
    /// A list or an object.
    Nested,
}

impl Field<'_> {
    /// As a field of text; what is no single value is none.
    pub(super) fn text(&self) -> &str {
        match self {
            Field::Null | Field::Nested => "",
            Field::Text(text) => text,
            Field::Bare(text) => text,
        }
    }
}

/// The keys and values of an object, in its order; or why it is none.
pub(super) fn object(line: &str) -> Result<Vec<(Cow<'_, str>, Field<'_>)>, String> {
    // serde_json counts lines within the line.
    let told = |error: serde_json::Error| {
        let text = error.to_string();
        text.split(" at line ").next().unwrap_or_default().to_string()
    };
    serde_json::from_str::<IgnoredAny>(line).map_err(told)?;
    // From here on it is known to be JSON, so that only the ends of its parts have to be found.
    let mut rest = line.trim_start();
    let Some(inner) = rest.strip_prefix('{') else {
        return Err("a line must be an object, in { }".to_string());
    };
    rest = inner.trim_start();
    let mut fields = Vec::new();
    while rest.starts_with('"') {
        let (key, after) = rest.split_at(string(rest));
        let key = unescaped(key).map_err(told)?;
        rest = after.trim_start().trim_start_matches(':').trim_start();
        let (value, after) = rest.split_at(value(rest));
        let field = match value.as_bytes().first() {
            Some(b'"') => Field::Text(unescaped(value).map_err(told)?),
            Some(b'{' | b'[') => Field::Nested,
            Some(b'n') => Field::Null,
            Some(b'-' | b'0'..=b'9') => number(value),
            _ => Field::Bare(value),
        };
        fields.push((key, field));
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    Ok(fields)
}

/// A number's digits as they stand. In a CSV file `12E4` may be a code, and is a number only with a sign in its
/// exponent; here it can be nothing else.
fn number(digits: &str) -> Field<'_> {
    match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) if exponent.starts_with(|first: char| first.is_ascii_digit()) => {
            Field::Text(Cow::Owned(format!("{mantissa}e+{exponent}")))
        }
        _ => Field::Bare(digits),
    }
}

/// The length of the string that the text begins with, its quotes included.
fn string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The length of the value that the text begins with.
fn value(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'"') => return string(text),
        Some(b'{' | b'[') => {}
        _ => {
            let end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
            return bytes.iter().position(end).unwrap_or(bytes.len());
        }
    }
    let mut depth = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += string(&text[at..]);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// What a string in quotes says.
fn unescaped(quoted: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match quoted.contains('\\') {
        true => Ok(Cow::Owned(serde_json::from_str::<String>(quoted)?)),
        false => Ok(Cow::Borrowed(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let line = r#" { "a" : "x \"y\" é\n", "b":-1.50e3 ,"c":[1,{"d":"]}"}], "e":null,"f":true, "g\u0020h": {} , "i":12345678901234567890123 } "#;
        let fields: Vec<(String, String)> = object(line)
            .unwrap()
            .into_iter()
            .map(|(key, field)| {
                (
                    key.to_string(),
                    format!("{}{}", field.text(), if field == Field::Nested { "…" } else { "" }),
                )
            })
            .collect();
        let wanted = [
            ("a", "x \"y\" é\n"),
            ("b", "-1.50e+3"),
            ("c", "…"),
            ("e", ""),
            ("f", "true"),
            ("g h", "…"),
            ("i", "12345678901234567890123"),
        ];
        assert_eq!(fields, wanted.map(|(key, text)| (key.to_string(), text.to_string())));
        assert_eq!(object("{}").unwrap(), []);
    }

    #[test]
    fn what_is_no_object() {
        for line in
            ["[1]", "1", "{", "{\"a\":}", "{\"a\":1} x", "{\"a\":01}", "{a:1}", "{\"a\":\"\\ud800\"}", ""]
        {
            assert!(object(line).is_err(), "{line}");
        }
    }
}
