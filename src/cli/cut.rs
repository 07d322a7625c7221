//! Files are read where the system maps them into memory. One that is cut short meanwhile, because it is
//! written anew in place, has no bytes where some were, and the system ends the process with a signal. It
//! becomes an error like any other here.

/// From now on a file that is cut short while it is read ends the run with a message.
#[cfg(unix)]
pub(super) fn mind() {
    // Without it such a file ends the run all the same, if less politely.
    drop(watch());
}

#[cfg(unix)]
fn watch() -> std::io::Result<()> {
    use std::io::{ErrorKind, Write};
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use signal_hook::consts::SIGBUS;

    let mut signals = signal_hook::iterator::Signals::new([SIGBUS])?;
    // The reader that met the gap must wait until the message is out: it writes into a pipe that is full.
    let (end, mut full) = std::io::pipe()?;
    signal_hook::low_level::pipe::register(SIGBUS, full.try_clone()?)?;
    loop {
        match full.write(&[0; 1 << 12]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    UnixStream::from(OwnedFd::from(full)).set_nonblocking(false)?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            super::say("error[data-changed]: a file was cut short while the question ran\n");
            super::say("help: ask again, once whatever writes the file is done\n");
            std::process::exit(3);
        }
        drop(end);
    });
    Ok(())
}

/// Other systems don't let a file that is read be cut.
#[cfg(not(unix))]
pub(super) fn mind() {}
