//! Long texts a screen at a time, by the program that `PAGER` names, or `less`.

use std::io::{self, ErrorKind, Write};
use std::process::{Command, Stdio};

/// Shows a text; false where there is no such program.
pub fn show(text: &[u8]) -> io::Result<bool> {
    let wanted = std::env::var("PAGER").unwrap_or_else(|_| "less".to_string());
    let Some(words) = shlex::split(&wanted).filter(|words| !words.is_empty()) else { return Ok(false) };
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Leave at once what fits, keep colours, cut long lines and scroll sideways.
        command.env("LESS", "FRSX").env("LESSCHARSET", "utf-8");
    }
    let mut pager = match command.spawn() {
        Ok(pager) => pager,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if let Some(mut input) = pager.stdin.take() {
        match input.write_all(text) {
            // The reader has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    pager.wait()?;
    Ok(true)
}
