//! The command. All of it is in [`casebook::cli`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    casebook::cli::main()
}
