//! The terminal on Windows: console modes, output, and the reader of key events. No bracketed paste, no signals.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::{ansi_support, terminal};

use super::ReaderOptions;
use super::typing::Typing;
use crate::app::key::{Key, KeyPress};
use crate::app::message::Message;

/// What a console that does not tell its size is taken for.
const FALLBACK_SIZE: (u16, u16) = (80, 25);

/// True while a screen is entered.
static ENTERED: Mutex<bool> = Mutex::new(false);

/// The way to the screen. Patience is the console's own.
#[derive(Debug, Clone)]
pub(super) struct Output;

impl Output {
    pub(super) fn open() -> io::Result<Output> {
        if ansi_support::supports_ansi() {
            Ok(Output)
        } else {
            Err(io::Error::other(
                "this console does not know escape sequences; Windows 10 or later is needed",
            ))
        }
    }

    pub(super) fn write(&self, bytes: &[u8], _patience: Duration) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    pub(super) fn is_ready(&self) -> bool {
        true
    }
}

pub(super) fn not_a_terminal() -> Option<&'static str> {
    if !io::stdin().is_terminal() {
        Some("its input")
    } else if !io::stdout().is_terminal() {
        Some("its output")
    } else {
        None
    }
}

pub(super) fn size() -> (u16, u16) {
    match terminal::size() {
        Ok((columns, rows)) if columns > 0 && rows > 0 => (columns, rows),
        _ => FALLBACK_SIZE,
    }
}

pub(super) fn enter_raw(_output: &Output) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    *ENTERED.lock().unwrap_or_else(PoisonError::into_inner) = true;
    Ok(())
}

pub(super) fn leave_raw(last: &[u8], patience: Duration) {
    let mut entered = ENTERED.lock().unwrap_or_else(PoisonError::into_inner);
    if std::mem::take(&mut *entered) {
        // Whatever fails here, the rest is worth trying, and there is nobody left to tell.
        let _ = Output.write(last, patience);
        let _ = terminal::disable_raw_mode();
    }
}

/// Nobody stops a process here.
pub(super) fn take_lost() -> bool {
    false
}

/// Answers come as key events here: nothing is waited for.
pub(super) fn read_within(_wait: Duration, _bytes: &mut Vec<u8>) -> io::Result<bool> {
    Ok(false)
}

/// The running reader.
#[derive(Debug)]
pub struct Reader {
    mappings: Sender<(Vec<u8>, Key)>,
}

impl Reader {
    /// Key events carry no bytes here, so nothing can be mapped.
    pub fn map(&self, bytes: Vec<u8>, key: Key) {
        let _ = self.mappings.send((bytes, key));
    }
}

/// Starts the thread that turns key events into messages, and `Hangup` when the console is gone.
pub fn spawn_reader(
    send: impl Fn(Message) + Send + 'static,
    options: ReaderOptions,
) -> io::Result<Reader> {
    let (mappings, ignored) = mpsc::channel();
    thread::Builder::new().name("keys".into()).spawn(move || {
        let typing = Typing::new(options.scanner);
        let ended = listen(&send, typing, ignored);
        drop(ended);
        send(Message::Hangup);
    })?;
    Ok(Reader { mappings })
}

fn listen(
    send: &impl Fn(Message),
    mut typing: Typing,
    _ignored: Receiver<(Vec<u8>, Key)>,
) -> io::Result<()> {
    let start = Instant::now();
    let now_ms = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    loop {
        let mut out = Vec::new();
        if let Some(deadline) = typing.deadline() {
            let left = Duration::from_millis(deadline.saturating_sub(now_ms()));
            if !event::poll(left)? {
                typing.paused(&mut out);
                out.into_iter().map(Message::Input).for_each(send);
                continue;
            }
        }
        match event::read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => match meaning(key) {
                Key::Char(character) => typing.text(character, now_ms(), &mut out),
                key => {
                    let bytes = Vec::new();
                    typing.key(KeyPress { key, bytes }, now_ms(), &mut out);
                }
            },
            Event::Resize(columns, rows) => send(Message::Resized(columns, rows)),
            _ => {}
        }
        typing.settle(&mut out);
        out.into_iter().map(Message::Input).for_each(send);
    }
}

fn meaning(event: KeyEvent) -> Key {
    let held = event.modifiers;
    // AltGr comes as both, and types.
    let alt_gr = held.contains(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match event.code {
        KeyCode::Char(character) if alt_gr => Key::Char(character),
        KeyCode::Char(character) if held.contains(KeyModifiers::CONTROL) => {
            Key::Ctrl(character.to_ascii_lowercase())
        }
        KeyCode::Char(character) if held.contains(KeyModifiers::ALT) => {
            Key::Char(character).after_escape().unwrap_or(Key::Unknown)
        }
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::F(number @ 1..=12) if held.is_empty() => Key::F(number),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        _ => Key::Unknown,
    }
}
