//! A file's bytes as UTF-8 text: unpacked where they are gzip or zstd, decoded where the catalogue says an
//! encoding or a byte-order mark does. What is neither is read as it stands, and [`super::records`] says
//! where it is not UTF-8.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::Encoding;

use super::{open as open_file, unreadable};
use crate::diagnostic::Diagnostic;

/// Text as it is read.
pub struct Text {
    /// The bytes.
    pub reader: Box<dyn Read + Send>,
    /// They are not the file's own: another reader must be given these.
    pub decoded: bool,
}

/// As much is read at once.
pub(super) const BUFFER: usize = 1 << 18;

/// Opens a text file.
pub(super) fn open(path: &Path, encoding: Option<&'static Encoding>) -> Result<Text, Diagnostic> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut file = open_file(path)?;
    let mut magic = [0; 4];
    let read = file.read(&mut magic).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let plain: Box<dyn Read + Send> = match magic.get(..read) {
        Some([0x1f, 0x8b, ..]) => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))),
        Some([0x28, 0xb5, 0x2f, 0xfd]) => Box::new(zstd::Decoder::new(file).map_err(failed)?),
        _ => Box::new(file),
    };
    let mut plain = BufReader::with_capacity(BUFFER, plain);
    let start = plain.fill_buf().map_err(failed)?;
    let marked = Encoding::for_bom(start).map(|(encoding, _)| encoding);
    let encoding = marked.or(encoding).filter(|encoding| *encoding != encoding_rs::UTF_8);
    let Some(encoding) = encoding else {
        if marked.is_some() {
            plain.consume(3);
        }
        return Ok(Text { reader: Box::new(plain), decoded: false });
    };
    let mut bytes = Vec::new();
    plain.read_to_end(&mut bytes).map_err(failed)?;
    let (text, _, broken) = encoding.decode(&bytes);
    if broken {
        let message = format!("{} is not all {} text", path.display(), encoding.name());
        return Err(Diagnostic::bare("data-encoding", message).help("look at what `encoding` says of it"));
    }
    Ok(Text { reader: Box::new(std::io::Cursor::new(text.into_owned().into_bytes())), decoded: true })
}

/// What separates the fields of a CSV file, by its heading line: commas where there is one, else semicolons
/// (as spreadsheets write where the comma is for decimals), else tabs.
pub(super) fn separator(start: &[u8]) -> u8 {
    let mut quoted = false;
    let mut found: Vec<u8> = Vec::new();
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            b',' | b';' | b'\t' if !quoted => found.push(*byte),
            _ => {}
        }
    }
    [b',', b';', b'\t'].into_iter().find(|separator| found.contains(separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        assert_eq!(separator(b"a;b\n1,2;3"), b';');
        assert_eq!(separator(b"a\tb"), b'\t');
        assert_eq!(separator(b"\"a;b\",c;d"), b',');
        assert_eq!(separator(b"a"), b',');
    }
}
