//! The screen while the console has it: entered once, drawn one write a frame, given back on every way out.

use std::io;
use std::sync::Once;
use std::thread;
use std::time::Duration;

use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

use super::TtyError;
use super::backend::Canvas;
use super::paint::Painter;
use super::platform::{self, Output};

/// How long a frame waits for a terminal that takes nothing (a stalled SSH session). The frame is then dropped.
const FRAME_PATIENCE: Duration = Duration::from_secs(1);
/// How long leaving waits for such a terminal.
const LEAVE_PATIENCE: Duration = Duration::from_millis(300);
/// Between two rings, so that the ear can count them.
const RING_PAUSE: Duration = Duration::from_millis(180);
const RINGS_MAX: u8 = 5;

/// Alternate screen; keypad, mouse and focus reports off, whatever ran before left on; an empty, plain screen.
const ENTER: &str = "\x1b[?1049h\x1b[?1;1000;1002;1003;1004;1006l\x1b>\x1b[m\x1b[2J\x1b[H";
/// Pastes come marked as pastes. Not on Windows, where it changes what newlines are.
const MARK_PASTES: &str = if cfg!(unix) { "\x1b[?2004h" } else { "" };
/// Ends whatever a cut frame left open, then undoes [`ENTER`].
const LEAVE: &str = "\x18\x1b[?2026l\x1b[m\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// How the screen is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreenOptions {
    /// False leaves every colour out; shape and reverse video stay. See [`super::colour_is_wanted`].
    pub colour: bool,
    /// Marks each frame as one update (DEC mode 2026), for terminals known to take it.
    pub synchronized: bool,
}

/// The terminal's screen. Dropping it gives the terminal back; so does a panic.
pub struct Screen {
    terminal: Terminal<Canvas>,
    painter: Painter,
    output: Output,
    synchronized: bool,
    /// The terminal does not show what we believe it shows.
    torn: bool,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, marked pastes. One screen a process.
    pub fn enter(options: ScreenOptions) -> Result<Screen, TtyError> {
        super::check_terminal()?;
        let output = Output::open()?;
        restore_on_panic();
        platform::enter_raw(&output)?;
        let (columns, rows) = platform::size();
        let Ok(terminal) = Terminal::new(Canvas::new(Size::new(columns, rows)));
        let mut painter = Painter::new(options.colour);
        painter.push(ENTER.as_bytes());
        painter.push(MARK_PASTES.as_bytes());
        let mut screen = Screen {
            terminal,
            painter,
            output,
            synchronized: options.synchronized,
            torn: false,
        };
        screen.send()?;
        Ok(screen)
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let Ok(size) = self.terminal.size();
        (size.width, size.height)
    }

    /// Draws a frame and sends what changed in one write. An error of kind `TimedOut` says that the terminal takes
    /// nothing at the moment: go on, a later frame paints everything anew. Any other error says that it is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if platform::take_lost() {
            self.torn = true;
        }
        if self.torn {
            if !self.output.is_ready() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.painter.push(b"\x18");
            self.painter.push(ENTER.as_bytes());
            self.painter.push(MARK_PASTES.as_bytes());
        }
        let Ok(drawn) = self.terminal.draw(render);
        self.painter.paint(drawn.buffer);
        self.painter.place(self.terminal.backend().cursor());
        self.send()
    }

    /// The next frame paints everything anew.
    pub fn redraw(&mut self) {
        self.painter.forget();
    }

    /// The terminal has this size now; the next frame fills it.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = Size::new(columns.max(1), rows.max(1));
        self.terminal.backend_mut().resize(size);
        self.painter.forget();
    }

    /// Rings so many times, far enough apart to be counted; does not wait for it.
    pub fn ring(&mut self, times: u8) {
        let output = self.output.clone();
        let rings = times.min(RINGS_MAX);
        let ring = move || {
            for ring in 0..rings {
                if ring > 0 {
                    thread::sleep(RING_PAUSE);
                }
                if output.write(b"\x07", LEAVE_PATIENCE).is_err() {
                    return;
                }
            }
        };
        if rings > 1 {
            // Without a thread to spare it stays silent; the screen says the same.
            drop(thread::Builder::new().name("bell".into()).spawn(ring));
        } else {
            ring();
        }
    }

    /// Where the bytes go, for questions to the terminal.
    pub(super) fn output(&self) -> &Output {
        &self.output
    }

    fn send(&mut self) -> io::Result<()> {
        let frame = self.painter.take();
        if frame.is_empty() {
            self.painter.reuse(frame);
            return Ok(());
        }
        let sent = if self.synchronized {
            let whole = [b"\x1b[?2026h", frame.as_slice(), b"\x1b[?2026l"].concat();
            self.output.write(&whole, FRAME_PATIENCE)
        } else {
            self.output.write(&frame, FRAME_PATIENCE)
        };
        self.torn = sent.is_err();
        self.painter.reuse(frame);
        sent
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was, once, from any way out and any thread. Does nothing where no screen is entered.
pub fn restore() {
    platform::leave_raw(LEAVE.as_bytes(), LEAVE_PATIENCE);
}

/// A panic's words must land on a terminal that can show them, also where the panic ends the process at once.
fn restore_on_panic() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            report(panic);
        }));
    });
}
