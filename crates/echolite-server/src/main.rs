//! `echolite`: reads arguments; the library does the rest.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match cli::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echolite: {error}");
            ExitCode::FAILURE
        }
    }
}
