//! `echolite init`

use super::error::CliError;
use clap::Args;
use std::io::Write;

/// Letters and digits: nothing that a shell, a URL or a `.env` file would read otherwise.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The host name under which clients reach the server
    #[arg(long, default_value = "localhost")]
    host: String,
    /// The port under which clients reach the server
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// http or https
    #[arg(long, default_value = "http")]
    scheme: String,
}

impl Init {
    pub(super) fn run(self) -> Result<(), CliError> {
        let mut random = [0; 56];
        getrandom::fill(&mut random)
            .map_err(|error| CliError::Usage(format!("no random numbers: {error}")))?;
        let text = |bytes: &[u8]| -> String {
            bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % 32])).collect()
        };
        let id: String = random[..6].iter().map(|byte| char::from(b'1' + byte % 9)).collect();
        let (key, secret) = (text(&random[6..26]), text(&random[26..]));
        let Self { host, port, scheme } = self;
        let lines = format!(
            "BROADCAST_CONNECTION=reverb\n\
             REVERB_APP_ID={id}\n\
             REVERB_APP_KEY={key}\n\
             REVERB_APP_SECRET={secret}\n\
             REVERB_HOST=\"{host}\"\n\
             REVERB_PORT={port}\n\
             REVERB_SCHEME={scheme}\n\
             \n\
             VITE_REVERB_APP_KEY=\"${{REVERB_APP_KEY}}\"\n\
             VITE_REVERB_HOST=\"${{REVERB_HOST}}\"\n\
             VITE_REVERB_PORT=\"${{REVERB_PORT}}\"\n\
             VITE_REVERB_SCHEME=\"${{REVERB_SCHEME}}\"\n"
        );
        std::io::stdout().write_all(lines.as_bytes())?;
        Ok(())
    }
}
