//! Text for readers, broken into lines between words.

use unicode_width::UnicodeWidthStr;

/// Lines no wider than the terminal is where there is one, all but the first indented.
pub fn wrap(text: &str, indent: usize, width: Option<u16>) -> String {
    let width = width.map_or(usize::MAX, usize::from).max(indent + 12);
    let mut lines = String::new();
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let wide = word.trim_end().width();
        if at + wide > width && at > indent {
            lines.truncate(lines.trim_end().len());
            lines.push_str(&format!("\n{:indent$}", ""));
            at = indent;
        }
        lines.push_str(word);
        at += word.width();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let text = "  .query               show the whole question";
        assert_eq!(wrap(text, 23, None), text);
        assert_eq!(
            wrap(text, 23, Some(44)),
            "  .query               show the whole\n                       question"
        );
        assert_eq!(wrap("a 東京 東京 東京 東京 東京", 0, Some(17)), "a 東京 東京 東京\n東京 東京");
    }
}
