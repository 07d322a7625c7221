//! Long texts a screen at a time, by the program that `PAGER` names, or `less`.

use std::io::{self, ErrorKind, Write};
use std::process::{Command, Stdio};

/// What became of a text.
pub enum Paged {
    /// It was shown.
    Shown,
    /// There is no pager.
    NoPager,
    /// The one that `PAGER` names can't be started; why.
    Wrong(String),
}

/// Shows a text.
pub fn show(text: &[u8]) -> io::Result<Paged> {
    let named = std::env::var("PAGER").ok().filter(|named| !named.trim().is_empty());
    let wanted = named.as_deref().unwrap_or("less");
    let words = shlex::split(wanted).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return Ok(Paged::Wrong(format!("PAGER is no command: {wanted}")));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Leave at once what fits, cut long lines and scroll sideways, and say how to leave.
        command.env("LESS", "FSX-Psspace goes on, q leaves$").env("LESSCHARSET", "utf-8");
    }
    let mut pager = match command.spawn() {
        Ok(pager) => pager,
        Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => return Ok(Paged::NoPager),
        Err(error) => return Ok(Paged::Wrong(format!("cannot start {program}: {error}"))),
    };
    if let Some(mut input) = pager.stdin.take() {
        match input.write_all(text) {
            // The reader has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    pager.wait()?;
    Ok(Paged::Shown)
}
