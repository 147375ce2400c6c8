//! The simulated terminal inside the console, for practice mode.

use super::terminal::{ServeError, TerminalOptions, TerminalServer};
use super::transport::Dialer;

/// Start a simulated terminal on a thread of its own, and return the way to it. It ends with the dialer. Give it books in the practice
/// data folder, so that it still knows tomorrow what it charged today.
pub fn practice_terminal(options: TerminalOptions) -> Result<Dialer, ServeError> {
    let (server, dialer) = TerminalServer::in_process(options)?;
    std::thread::Builder::new()
        .name("practice terminal".to_owned())
        .spawn(move || {
            // When its books cannot be written it falls silent, as a terminal does that lost its power; the console sees that by itself.
            let _ = server.serve(|_| {});
        })
        .map_err(ServeError::Line)?;
    Ok(dialer)
}
