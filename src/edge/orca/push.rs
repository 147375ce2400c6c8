//! PUSH: a WebSocket that is opened again whenever it is lost. `Listening` is told once the receipt computer has said that it will tell; whoever
//! hears it asks for the day's list, for what happened meanwhile is not told again.

use std::io;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, TimeDelta};
use tungstenite::client::{IntoClientRequest as _, client_with_config};
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::http::{HeaderValue, Request as Handshake};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, HandshakeError, Message, WebSocket};

use super::access::Access;
use super::line::{Line, is_timeout, refused_by_tls};
use super::{Job, Patience, Setup, Stop, Tell};
use crate::app::message::orca::OrcaEvent;
use crate::config::orca::{Kind, Url};
use crate::orca::answer::{Failure, News};
use crate::orca::push::{ACCEPT, ACCOUNT, FRAME_MAX, Frame, read, subscribe};

/// How long one look for a frame waits: the console's end is seen within it.
const SLICE: Duration = Duration::from_millis(200);
/// What is told, by the number of the question.
const WANTED: [(&str, &str); 2] = [("1", ACCOUNT), ("2", ACCEPT)];
/// The clocks of two machines differ: a little more is caught up on.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// Listen until the console ends.
pub(super) fn listen(setup: &Setup, jobs: &SyncSender<Job>, stop: &Stop, tell: &Tell) {
    let mut ear = Ear {
        setup,
        jobs,
        stop,
        tell,
        deaf: false,
        heard_at: None,
        owed: None,
    };
    let Patience {
        first_wait,
        last_wait,
        ..
    } = setup.patience;
    let mut wait = first_wait;
    loop {
        let (listened, lost) = match ear.attempt() {
            Ok(()) => return,
            Err(lost) => lost,
        };
        if listened {
            wait = first_wait;
        }
        ear.is_deaf(lost);
        if stop.wait(wait) {
            return;
        }
        wait = (wait * 2).min(last_wait);
    }
}

/// Can it be listened to? Opens the channel, asks to be told, and leaves.
pub(super) fn try_once(setup: &Setup) -> Result<(), Failure> {
    let mut socket = open(setup)?;
    let lost = |error: Error| Failure::Lost(error.to_string());
    ask_to_be_told(&mut socket).map_err(lost)?;
    let deadline = Instant::now() + Duration::from_secs(setup.site.connect_seconds);
    let mut wanted = WANTED.len();
    while wanted > 0 {
        if Instant::now() >= deadline {
            return Err(Failure::Lost("it does not say that it will tell".into()));
        }
        match next(&mut socket).map_err(|error| lost(*error))? {
            Heard::Frame(Frame::Subscribed { .. }) => wanted -= 1,
            Heard::Frame(Frame::Error { code, reason }) => {
                return Err(Failure::Foreign(format!("{code} {reason}")));
            }
            Heard::Frame(_) | Heard::Alive | Heard::Nothing => {}
        }
    }
    // It hears of our leaving by the end of the line, where not by this.
    let _ = socket.close(None);
    Ok(())
}

/// One that listens.
struct Ear<'a> {
    setup: &'a Setup,
    jobs: &'a SyncSender<Job>,
    stop: &'a Stop,
    tell: &'a Tell,
    deaf: bool,
    /// When something was heard last.
    heard_at: Option<DateTime<FixedOffset>>,
    /// From when on it is still to be caught up.
    owed: Option<DateTime<FixedOffset>>,
}

/// What one look brought.
enum Heard {
    Frame(Frame),
    Alive,
    Nothing,
}

type Socket = WebSocket<Line>;

impl Ear<'_> {
    /// Listen until it is lost. `Ok` is the console's end; the error says whether it was listened at all.
    fn attempt(&mut self) -> Result<(), (bool, String)> {
        let mut socket = open(self.setup).map_err(|failure| (false, words(failure)))?;
        let mut listening = false;
        let ended = self.converse(&mut socket, &mut listening);
        if ended.is_ok() {
            let _ = socket.close(None);
        }
        ended.map_err(|lost| (listening, lost))
    }

    fn converse(&mut self, socket: &mut Socket, listening: &mut bool) -> Result<(), String> {
        let patience = self.setup.patience;
        let lost = |error: Error| error.to_string();
        ask_to_be_told(socket).map_err(lost)?;
        let mut wanted = WANTED.len();
        let (mut heard, mut pinged) = (Instant::now(), false);
        while !self.stop.is_said() {
            match next(socket).map_err(|error| error.to_string())? {
                Heard::Nothing => {
                    let silence = heard.elapsed();
                    if silence >= patience.silence {
                        return Err("nothing was heard any more".to_owned());
                    }
                    if silence >= patience.ping_after && !pinged {
                        socket
                            .send(Message::Ping(tungstenite::Bytes::new()))
                            .map_err(lost)?;
                        pinged = true;
                    }
                    self.catch_up();
                    continue;
                }
                Heard::Frame(Frame::Subscribed { .. }) if !*listening => {
                    wanted = wanted.saturating_sub(1);
                    if wanted == 0 {
                        *listening = true;
                        self.is_listening();
                    }
                }
                Heard::Frame(Frame::Error { code, reason }) => {
                    return Err(format!("{code} {reason}"));
                }
                Heard::Frame(Frame::Event(event)) => {
                    if let Some(news) = event.news {
                        (self.tell)(OrcaEvent::News(news));
                    }
                }
                Heard::Frame(_) | Heard::Alive => {}
            }
            (heard, pinged) = (Instant::now(), false);
            if *listening {
                self.heard_at = Some(self.setup.now());
            }
            self.catch_up();
        }
        Ok(())
    }

    fn is_listening(&mut self) {
        self.deaf = false;
        if self.setup.site.kind == Kind::WebOrca && self.owed.is_none() {
            self.owed = self.heard_at;
        }
        (self.tell)(OrcaEvent::News(News::Listening));
    }

    fn is_deaf(&mut self, said: String) {
        // Told once: the tries that follow fail for the same reason.
        if !std::mem::replace(&mut self.deaf, true) {
            (self.tell)(OrcaEvent::News(News::Deaf(said)));
        }
    }

    /// By the thread that asks, so that there is still one call in flight; later, where its queue is full.
    fn catch_up(&mut self) {
        if let Some(since) = self.owed {
            let job = Job::CatchUp {
                from: since - OVERLAP,
                to: self.setup.now(),
            };
            if self.jobs.try_send(job).is_ok() {
                self.owed = None;
            }
        }
    }
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Unreachable(said)
        | Failure::Lost(said)
        | Failure::Denied(said)
        | Failure::Certificate(said)
        | Failure::Foreign(said)
        | Failure::Unreadable(said) => said,
        Failure::Refused(refusal) => format!("{} {}", refusal.code, refusal.message),
    }
}

fn open(setup: &Setup) -> Result<Socket, Failure> {
    let Some(url) = &setup.site.push else {
        return Err(Failure::Unreachable("no address of PUSH is known".into()));
    };
    let access = Access::load(&setup.site, &setup.folder, setup.now())?;
    let patience = Duration::from_secs(setup.site.connect_seconds);
    let line = Line::to(url, access.tls.as_ref(), patience)?;
    let broken = |error: io::Error| Failure::Lost(error.to_string());
    line.patience_to_read(patience).map_err(broken)?;
    line.patience_to_write(patience).map_err(broken)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    let handshake = handshake(setup, url, &access)?;
    let (socket, _) = client_with_config(handshake, line, Some(config)).map_err(not_opened)?;
    socket.get_ref().patience_to_read(SLICE).map_err(broken)?;
    Ok(socket)
}

fn handshake(setup: &Setup, url: &Url, access: &Access) -> Result<Handshake<()>, Failure> {
    let scheme = if url.tls { "wss" } else { "ws" };
    let bad = |error: String| Failure::Foreign(error);
    let mut request = format!("{scheme}://{}{}", url.place(), url.path)
        .into_client_request()
        .map_err(|error| bad(error.to_string()))?;
    let headers = request.headers_mut();
    if setup.site.kind == Kind::OnPrem {
        // The clinic's number in its own pusher.
        headers.insert("X-GINBEE-TENANT-ID", HeaderValue::from_static("1"));
    }
    // In the clear, the password goes to the receipt computer's own machine alone.
    let ours = url.tls || url.host == setup.site.url.host;
    if let Some(authorization) = access.authorization.as_ref().filter(|_| ours) {
        let mut value = HeaderValue::from_str(authorization).map_err(|e| bad(e.to_string()))?;
        value.set_sensitive(true);
        headers.insert("Authorization", value);
    }
    Ok(request)
}

fn not_opened(error: HandshakeError<ClientHandshake<Line>>) -> Failure {
    match error {
        HandshakeError::Interrupted(_) => Failure::Lost("no answer in time".to_owned()),
        HandshakeError::Failure(Error::Http(response)) => match response.status().as_u16() {
            status @ (401 | 403) => Failure::Denied(format!("HTTP {status}")),
            status => Failure::Foreign(format!("HTTP {status}")),
        },
        HandshakeError::Failure(Error::Io(error)) => {
            refused_by_tls(&error).unwrap_or_else(|| Failure::Lost(error.to_string()))
        }
        HandshakeError::Failure(error) => Failure::Foreign(error.to_string()),
    }
}

fn ask_to_be_told(socket: &mut Socket) -> Result<(), Error> {
    for (number, event) in WANTED {
        socket.send(Message::text(subscribe(number, event)))?;
    }
    Ok(())
}

/// One look. What is no frame of this channel is let pass.
fn next(socket: &mut Socket) -> Result<Heard, Box<Error>> {
    match socket.read() {
        Ok(Message::Text(text)) => Ok(read(text.as_str()).map_or(Heard::Alive, Heard::Frame)),
        Ok(Message::Ping(_)) => {
            // The pong is written already, and leaves with this.
            socket.flush().map_err(Box::new)?;
            Ok(Heard::Alive)
        }
        Ok(Message::Close(_)) => Err(Box::new(Error::ConnectionClosed)),
        Ok(Message::Binary(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Heard::Alive),
        Err(Error::Io(error)) if is_timeout(&error) => Ok(Heard::Nothing),
        Err(error) => Err(Box::new(error)),
    }
}
