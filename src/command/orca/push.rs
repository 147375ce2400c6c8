//! The push channel of the simulated receipt computer: WebSocket text frames.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket, accept_with_config};

use super::simulate::{Shared, now};
use crate::orca::push::FRAME_MAX;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often it is looked for news while nobody says anything.
const TURN: Duration = Duration::from_millis(200);

/// Serve one listener until it leaves.
pub(super) fn serve(shared: &Shared, stream: &TcpStream) {
    shared.say("push: somebody listens".to_owned());
    // One that breaks off has left.
    let _ = listen(shared, stream);
    shared.say("push: somebody left".to_owned());
}

fn listen(shared: &Shared, stream: &TcpStream) -> Result<(), Error> {
    stream.set_read_timeout(Some(HANDSHAKE))?;
    stream.set_write_timeout(Some(HANDSHAKE))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    let mut socket = accept_with_config(stream, Some(config))
        .map_err(|_| Error::Io(io::ErrorKind::ConnectionAborted.into()))?;
    stream.set_read_timeout(Some(TURN))?;
    let mut listener = shared.simulator().listener();
    loop {
        let frames = {
            let mut simulator = shared.simulator();
            simulator.pass(now());
            simulator.told(&mut listener)
        };
        for frame in frames {
            socket.send(Message::text(frame))?;
        }
        if let Some(text) = heard(&mut socket)? {
            let said = shared.simulator().heard(&mut listener, &text);
            socket.send(Message::text(said))?;
        }
    }
}

/// What was said within a turn.
fn heard(socket: &mut WebSocket<&TcpStream>) -> Result<Option<String>, Error> {
    match socket.read() {
        Ok(Message::Text(text)) => Ok(Some(text.as_str().to_owned())),
        Ok(_) => Ok(None),
        Err(Error::Io(error))
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
