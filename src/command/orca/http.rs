//! HTTP/1.1 around the simulated receipt computer: as much of it as its clients speak, and a polite no to the rest.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::simulate::Shared;
use crate::orca::node::BODY_MAX;
use crate::orca::wire::{Method, Request, Response};

/// The longest head of a request, in bytes.
const HEAD_MAX: u64 = 16 * 1_024;
/// How long a connection may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long, and how much of, what follows a refused request is let pass.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_READS: usize = 256;

/// What came in.
struct Incoming {
    request: Request,
    authorization: Option<String>,
    keeps: bool,
}

/// Why it is no request: a status for it, and the connection ends.
struct Refused(u16, &'static str);

/// Serve one connection until it ends.
pub(super) fn serve(shared: &Shared, stream: &TcpStream) {
    // A connection that breaks is its client's business.
    let _ = exchange(shared, stream);
}

fn exchange(shared: &Shared, stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let incoming = match read(&mut reader, stream)? {
            None => return Ok(()),
            Some(Ok(incoming)) => incoming,
            Some(Err(Refused(status, reason))) => {
                shared.say(format!("{status} {reason}"));
                answer(stream, &text(status, reason), false)?;
                return let_finish(stream);
            }
        };
        let line = spoken(&incoming.request);
        if shared.authorization.is_some() && incoming.authorization != shared.authorization {
            shared.say(format!("{line} 401"));
            answer(stream, &text(401, "Unauthorized"), incoming.keeps)?;
        } else {
            let reply = shared.handle(&incoming.request)?;
            if reply.after_ms > 0 {
                let_pass(Duration::from_millis(reply.after_ms));
            }
            if reply.held {
                shared.say(format!("{line} held"));
                return hold(&mut reader);
            }
            let Some(response) = reply.response else {
                shared.say(format!("{line} closed without an answer"));
                return Ok(());
            };
            shared.say(format!("{line} {}", response.status));
            answer(stream, &response, incoming.keeps)?;
        }
        if !incoming.keeps {
            return Ok(());
        }
    }
}

/// Nothing is said until the other side has had enough.
fn hold(reader: &mut BufReader<&TcpStream>) -> io::Result<()> {
    let mut rest = [0; 4_096];
    while reader.read(&mut rest)? > 0 {}
    Ok(())
}

/// Time, as the script wants it.
#[expect(
    clippy::disallowed_methods,
    reason = "a script wants the answer late, and nothing else is waited for"
)]
fn let_pass(time: Duration) {
    std::thread::sleep(time);
}

/// What is still coming of a request that was refused is let pass for a while: a connection that is closed before would take the answer with it.
fn let_finish(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGER))?;
    let mut rest = [0; 4_096];
    for _ in 0..LINGER_READS {
        if stream.read(&mut rest)? == 0 {
            break;
        }
    }
    Ok(())
}

/// A request without what it asks of whom.
fn spoken(request: &Request) -> String {
    let path = request.target.split('?').next().unwrap_or_default();
    let known: String = path
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '/')
        .take(60)
        .collect();
    format!("{} {known}", request.method.word())
}

/// One request; `None` where the connection ended between two.
fn read(
    reader: &mut BufReader<&TcpStream>,
    stream: &TcpStream,
) -> io::Result<Option<Result<Incoming, Refused>>> {
    let mut head = reader.take(HEAD_MAX);
    let mut line = String::new();
    // Empty lines before a request are let pass.
    while line.trim().is_empty() {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
        }
    }
    let mut fields = Fields::default();
    let first = line.trim_end().to_owned();
    loop {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            return Ok(Some(Err(Refused(431, "Request Header Fields Too Large"))));
        }
        let field = line.trim_end();
        if field.is_empty() {
            break;
        }
        if !fields.take(field) {
            return Ok(Some(Err(Refused(400, "Bad Request"))));
        }
    }
    let (method, target, old) = match request_line(&first) {
        Ok(parts) => parts,
        Err(refused) => return Ok(Some(Err(refused))),
    };
    let length = match fields.length(method) {
        Ok(length) => length,
        Err(refused) => return Ok(Some(Err(refused))),
    };
    if fields.expects && length > 0 {
        (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Ok(Incoming {
        keeps: fields.keeps(old),
        authorization: fields.authorization,
        request: Request {
            method,
            target,
            content_type: None,
            body,
        },
    })))
}

fn request_line(line: &str) -> Result<(Method, String, bool), Refused> {
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = words[..] else {
        return Err(Refused(400, "Bad Request"));
    };
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => return Err(Refused(405, "Method Not Allowed")),
    };
    let old = match version {
        "HTTP/1.1" => false,
        "HTTP/1.0" => true,
        _ => return Err(Refused(505, "HTTP Version Not Supported")),
    };
    if !target.starts_with('/') {
        return Err(Refused(400, "Bad Request"));
    }
    Ok((method, target.to_owned(), old))
}

/// The fields of a head that matter.
#[derive(Default)]
struct Fields {
    length: Option<String>,
    chunked: bool,
    close: bool,
    keep: bool,
    expects: bool,
    authorization: Option<String>,
}

impl Fields {
    fn take(&mut self, field: &str) -> bool {
        let Some((name, value)) = field.split_once(':') else {
            return false;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            // Two lengths are two requests to somebody in between.
            "content-length" if self.length.is_some() => return false,
            "content-length" => self.length = Some(value.to_owned()),
            "transfer-encoding" => self.chunked = true,
            "connection" => {
                self.close |= value.eq_ignore_ascii_case("close");
                self.keep |= value.eq_ignore_ascii_case("keep-alive");
            }
            "expect" => self.expects = value.eq_ignore_ascii_case("100-continue"),
            "authorization" => self.authorization = Some(value.to_owned()),
            _ => {}
        }
        true
    }

    fn length(&self, method: Method) -> Result<usize, Refused> {
        if self.chunked {
            return Err(Refused(411, "Length Required"));
        }
        match &self.length {
            None if method == Method::Get => Ok(0),
            None => Err(Refused(411, "Length Required")),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                match text.parse::<usize>() {
                    Ok(length) if length <= BODY_MAX => Ok(length),
                    _ => Err(Refused(413, "Content Too Large")),
                }
            }
            Some(_) => Err(Refused(400, "Bad Request")),
        }
    }

    const fn keeps(&self, old: bool) -> bool {
        !self.close && (!old || self.keep)
    }
}

fn text(status: u16, reason: &str) -> Response {
    Response {
        status,
        content_type: "text/plain; charset=UTF-8".into(),
        body: format!("{reason}\n").into_bytes(),
    }
}

fn answer(mut stream: &TcpStream, response: &Response, keeps: bool) -> io::Result<()> {
    let mut whole = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n",
        response.status,
        reason(response.status),
        response.content_type,
        response.body.len(),
        if keeps { "keep-alive" } else { "close" },
    )
    .into_bytes();
    if response.status == 401 {
        whole.extend_from_slice(b"WWW-Authenticate: Basic realm=\"orca\"\r\n");
    }
    whole.extend_from_slice(b"\r\n");
    whole.extend_from_slice(&response.body);
    stream.write_all(&whole)?;
    stream.flush()
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}

/// `Authorization` of a user.
pub(super) fn basic(user: &str, password: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = "Basic ".to_owned();
    for three in format!("{user}:{password}").as_bytes().chunks(3) {
        let bits = three
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..4 {
            if place <= three.len() {
                text.push(char::from(DIGITS[bits >> (18 - 6 * place) & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_written_as_rfc_7617_has_it() {
        for (user, password, written) in [
            (
                "Aladdin",
                "open sesame",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
            ("a", "b", "Basic YTpi"),
            ("", "", "Basic Og=="),
        ] {
            assert_eq!(basic(user, password), written);
        }
    }

    #[test]
    fn the_head_says_how_long_the_body_is_or_is_refused() {
        for (method, fields, expected) in [
            (Method::Post, "Content-Length: 5", Ok(5)),
            (Method::Get, "Host: x", Ok(0)),
            (Method::Post, "Host: x", Err(411)),
            (Method::Post, "Transfer-Encoding: chunked", Err(411)),
            (
                Method::Post,
                "Content-Length: 99999999999999999999999",
                Err(413),
            ),
            (Method::Post, "content-length: 9000000", Err(413)),
            (Method::Post, "Content-Length: +5", Err(400)),
        ] {
            let mut read = Fields::default();
            assert!(read.take(fields));
            let length = read.length(method).map_err(|Refused(status, _)| status);
            assert_eq!(length, expected, "{fields}");
        }
        let mut twice = Fields::default();
        assert!(twice.take("Content-Length: 5"));
        assert!(!twice.take("Content-Length: 6"));
    }
}
