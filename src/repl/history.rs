//! What was typed is kept for another day, in the platform's folder for state: `~/.local/state/casebook/history` on
//! Linux. Questions may name people, so nobody else may read it, and a catalogue that says `history = false` has none.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// The file of the history, there and readable by its owner alone.
pub fn file() -> io::Result<PathBuf> {
    let places = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    // Not every platform has a folder for state.
    let folder = places.state_dir().unwrap_or_else(|| places.data_dir()).join("casebook");
    fs::create_dir_all(&folder)?;
    let file = folder.join("history");
    // A link, a pipe or a folder in its place is somebody else's, and its rights are not changed.
    if fs::symlink_metadata(&file).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other(format!("{} is no plain file", file.display())));
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&file)?;
    close(&file)?;
    Ok(file)
}

/// Takes everybody else's rights away, should some have been given.
#[cfg(unix)]
fn close(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
}

/// A user's own folders are closed to others there.
#[cfg(not(unix))]
fn close(_: &Path) -> io::Result<()> {
    Ok(())
}
