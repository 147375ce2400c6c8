//! One call over HTTP/1.1. Each call has a line of its own: one that was kept open may have been closed at the other end meanwhile, and then
//! nobody could say whether a payment left. A call is never sent twice here, and no redirect is followed.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Agent, Error};

use super::access::Access;
use super::line::{Line, is_timeout, refused_by_tls};
use crate::config::orca::Site;
use crate::orca::answer::Failure;
use crate::orca::node::BODY_MAX;
use crate::orca::wire::{Method, Request, Response};

/// The longest head of an answer, in bytes.
const HEAD_MAX: usize = 64 * 1_024;
/// How long it is listened for the reason, where a write was refused.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A whole answer, and what was seen on the way.
pub(super) struct Heard {
    pub(super) response: Response,
    /// `Server`.
    pub(super) server: Option<String>,
    /// `Date`.
    pub(super) date: Option<String>,
    /// `TLSv1_3` …
    pub(super) protocol: Option<String>,
}

/// What the line saw of one call.
#[derive(Default)]
struct Trail {
    /// A byte of the call may have left.
    left: bool,
    /// A byte of an answer came.
    answered: bool,
    /// Why the line did not open, or was refused.
    failure: Option<Failure>,
    protocol: Option<String>,
}

type Shared = Arc<Mutex<Trail>>;

fn trail(shared: &Shared) -> std::sync::MutexGuard<'_, Trail> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Send a request and wait for the whole answer.
pub(super) fn exchange(site: &Site, access: &Access, request: &Request) -> Result<Heard, Failure> {
    let shared = Shared::default();
    let outcome = run(site, access, request, &shared);
    let mut trail = trail(&shared);
    match outcome {
        Ok(heard) => Ok(Heard {
            protocol: trail.protocol.take(),
            ..heard
        }),
        Err(error) => Err(trail
            .failure
            .take()
            .unwrap_or_else(|| failure(&error, trail.left, site))),
    }
}

fn run(site: &Site, access: &Access, request: &Request, shared: &Shared) -> Result<Heard, Error> {
    let agent = Agent::with_parts(
        config(site),
        Dial {
            site: site.clone(),
            access: access.clone(),
            trail: Arc::clone(shared),
        },
        DefaultResolver::default(),
    );
    let scheme = if site.url.tls { "https" } else { "http" };
    let address = format!("{scheme}://{}{}", site.url.place(), request.target);
    let mut answer = match request.method {
        Method::Get => {
            let mut asked = agent.get(&address).header("Connection", "close");
            if let Some(authorization) = &access.authorization {
                asked = asked.header("Authorization", authorization);
            }
            asked.call()?
        }
        Method::Post => {
            let mut asked = agent.post(&address).header("Connection", "close");
            if let Some(authorization) = &access.authorization {
                asked = asked.header("Authorization", authorization);
            }
            if let Some(content_type) = request.content_type {
                asked = asked.header("Content-Type", content_type);
            }
            asked.send(&request.body[..])?
        }
    };
    let word = |name: &str| {
        let value = answer.headers().get(name)?;
        Some(value.to_str().ok()?.chars().take(100).collect::<String>())
    };
    let (server, date) = (word("server"), word("date"));
    let content_type = word("content-type").unwrap_or_default();
    let status = answer.status().as_u16();
    let body = answer
        .body_mut()
        .with_config()
        .limit(BODY_MAX as u64)
        .read_to_vec()?;
    Ok(Heard {
        response: Response {
            status,
            content_type,
            body,
        },
        server,
        date,
        protocol: None,
    })
}

fn config(site: &Site) -> ureq::config::Config {
    let connect = Some(Duration::from_secs(site.connect_seconds));
    let read = Some(Duration::from_secs(site.read_seconds));
    ureq::config::Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .max_response_header_size(HEAD_MAX)
        .proxy(None)
        .user_agent(concat!("madoguchi/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_send_request(read)
        .timeout_send_body(read)
        .timeout_recv_response(read)
        .timeout_recv_body(read)
        .build()
}

/// What an error means for the call.
fn failure(error: &Error, left: bool, site: &Site) -> Failure {
    if !left {
        return Failure::Unreachable(format!("{}: {error}", site.url.place()));
    }
    match error {
        // An answer came, and is none of HTTP, or no end of it.
        Error::Protocol(_) | Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => {
            Failure::Unreadable(error.to_string())
        }
        Error::Timeout(_) => Failure::Lost("no whole answer in time".to_owned()),
        _ => Failure::Lost(error.to_string()),
    }
}

/// Opens the line of a call.
struct Dial {
    site: Site,
    access: Access,
    trail: Shared,
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}

impl Connector for Dial {
    type Out = Wire;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Wire>, Error> {
        let patience = Duration::from_secs(self.site.connect_seconds);
        let opened = Line::open(
            &self.site.url,
            &details.addrs,
            self.access.tls.as_ref(),
            patience,
        );
        match opened {
            Ok(line) => {
                trail(&self.trail).protocol = line.protocol();
                let config = details.config;
                Ok(Some(Wire {
                    line,
                    buffers: LazyBuffers::new(
                        config.input_buffer_size(),
                        config.output_buffer_size(),
                    ),
                    trail: Arc::clone(&self.trail),
                }))
            }
            Err(failure) => {
                trail(&self.trail).failure = Some(failure);
                Err(Error::ConnectionFailed)
            }
        }
    }
}

/// The line of one call, which remembers what went over it.
struct Wire {
    line: Line,
    buffers: LazyBuffers,
    trail: Shared,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    fn broke(&self, error: std::io::Error, timeout: NextTimeout) -> Error {
        let mut trail = trail(&self.trail);
        if !trail.answered
            && let Some(refused) = refused_by_tls(&error)
        {
            trail.failure = Some(refused);
        }
        if is_timeout(&error) {
            Error::Timeout(timeout.reason)
        } else {
            // A line that was cut is no end of an answer, whatever its kind would be taken for.
            Error::Io(std::io::Error::other(error))
        }
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Some(patience) = timeout.not_zero() {
            self.line.patience_to_write(*patience)?;
        }
        // From here on nobody can say that nothing left.
        trail(&self.trail).left = true;
        let written = self
            .line
            .write_all(&self.buffers.output()[..amount])
            .and_then(|()| self.line.flush());
        let Err(error) = written else {
            return Ok(());
        };
        // A server that refuses our certificate says so, and closes: its word may be waiting to be read.
        let mut byte = [0];
        let reason = self
            .line
            .patience_to_read(LAST_WORDS)
            .and_then(|()| self.line.read(&mut byte));
        let error = match reason {
            Err(reason) if refused_by_tls(&reason).is_some() => reason,
            _ => error,
        };
        Err(self.broke(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if let Some(patience) = timeout.not_zero() {
            self.line.patience_to_read(*patience)?;
        }
        let read = self.line.read(self.buffers.input_append_buf());
        match read {
            Ok(amount) => {
                trail(&self.trail).answered |= amount > 0;
                self.buffers.input_appended(amount);
                Ok(amount > 0)
            }
            Err(error) => Err(self.broke(error, timeout)),
        }
    }

    fn is_open(&mut self) -> bool {
        // One call, one line.
        false
    }

    fn is_tls(&self) -> bool {
        self.line.protocol().is_some()
    }
}
