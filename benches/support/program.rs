//! A program in a terminal of its own, timed from outside: when its bytes come, how many, and what they make the screen show.

use std::fs::File;
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::now;

pub const COLUMNS: u16 = 100;
pub const ROWS: u16 = 30;
/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program.
pub struct Program {
    child: Child,
    started: Instant,
    master: OwnedFd,
    screen: vt100::Parser<Answers>,
    /// Bytes it wrote so far.
    pub written: u64,
    closed: bool,
}

/// What a program wrote without a pause.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Until its first byte came.
    pub first: Duration,
    /// Until the screen showed what was waited for.
    pub shown: Option<Duration>,
    /// Until its last byte came.
    pub last: Duration,
    /// How many.
    pub bytes: u64,
}

/// What the terminal says when it is asked.
#[derive(Default)]
struct Answers(Vec<u8>);

impl vt100::Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _second: Option<u8>,
        parameters: &[&[u16]],
        end: char,
    ) {
        let (row, column) = screen.cursor_position();
        match (first, parameters, end) {
            (None, [[6]], 'n') => {
                let report = format!("\x1b[{};{}R", row + 1, column + 1);
                self.0.extend_from_slice(report.as_bytes());
            }
            (None, _, 'c') => self.0.extend_from_slice(b"\x1b[?62;22c"),
            _ => {}
        }
    }
}

/// A command that knows this home folder and nothing else of the machine it runs on.
pub fn at_home(program: &str, home: &Path) -> Command {
    // `setsid` makes the terminal the program's own and then becomes the program.
    let mut command = Command::new("setsid");
    command
        .arg("--ctty")
        .arg(program)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TZ", "Asia/Tokyo")
        .env("LANG", "C.UTF-8")
        .env("TERM", "xterm-256color")
        .current_dir(home);
    command
}

impl Program {
    pub fn start(command: &mut Command) -> Program {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("a terminal");
        grantpt(&master).expect("a terminal of ours");
        unlockpt(&master).expect("a terminal for use");
        let size = Winsize {
            ws_row: ROWS,
            ws_col: COLUMNS,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).expect("a size");
        let name = ptsname(&master, Vec::new()).expect("a terminal's name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = File::from(open(name, flags, Mode::empty()).expect("the program's side"));
        let side = || Stdio::from(slave.try_clone().expect("the program's side"));
        command.stdin(side()).stdout(side()).stderr(side());
        let started = now();
        let child = command.spawn().expect("setsid of util-linux");
        Program {
            child,
            started,
            master,
            screen: vt100::Parser::new_with_callbacks(
                cells(ROWS),
                cells(COLUMNS),
                0,
                Answers::default(),
            ),
            written: 0,
            closed: false,
        }
    }

    /// The start: everything until so long a silence, and when this text stood on the screen.
    pub fn first_frame(&mut self, text: &str, silence: Duration) -> Frame {
        let started = self.started;
        self.frame_since(started, Some(text), silence)
    }

    /// Types, and times what comes back. `None` where nothing comes within a second.
    pub fn answer_to(&mut self, keys: &[u8], silence: Duration) -> Option<Frame> {
        let typed = now();
        self.type_keys(keys);
        self.wait(Duration::from_secs(1))
            .then(|| self.frame_since(typed, None, silence))
    }

    /// Types.
    pub fn type_keys(&mut self, keys: &[u8]) {
        rustix::io::write(&self.master, keys).expect("the program reads its keys");
    }

    /// Waits until the screen shows this; the moment when the bytes had come that make it so.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> Instant {
        self.until_screen(text, |screen| screen.contains(text))
    }

    /// Waits until the screen does not show this any more.
    #[track_caller]
    pub fn until_gone(&mut self, text: &str) -> Instant {
        self.until_screen(text, |screen| !screen.contains(text))
    }

    #[track_caller]
    fn until_screen(&mut self, text: &str, wanted: impl Fn(&str) -> bool) -> Instant {
        let end = now() + PATIENCE;
        let mut came = now();
        loop {
            let screen = self.screen_text();
            if wanted(&screen) {
                return came;
            }
            assert!(!self.closed, "ended before {text:?}:\n{screen}");
            match self.read(end) {
                Some(moment) => came = moment,
                None => panic!("waited for {text:?}:\n{screen}"),
            }
        }
    }

    /// Reads until so long a silence.
    pub fn settle(&mut self, silence: Duration) {
        while self.read(now() + silence).is_some() {}
    }

    /// Reads for so long.
    pub fn idle(&mut self, time: Duration) {
        let end = now() + time;
        while !self.closed && now() < end {
            self.read(end);
        }
    }

    /// What the cursor-down key sends here.
    pub fn down(&self) -> &'static [u8] {
        if self.screen.screen().application_cursor() {
            b"\x1bOB"
        } else {
            b"\x1b[B"
        }
    }

    /// What the screen shows.
    pub fn screen_text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn frame_since(&mut self, start: Instant, text: Option<&str>, silence: Duration) -> Frame {
        let before = self.written;
        let first = self.read(now() + PATIENCE).expect("a first byte");
        let (mut last, mut came, mut shown) = (first, Some(first), None);
        while let Some(moment) = came {
            last = moment;
            if shown.is_none() && text.is_some_and(|text| self.screen_text().contains(text)) {
                shown = Some(moment - start);
            }
            came = self.read(now() + silence);
        }
        Frame {
            first: first - start,
            shown,
            last: last - start,
            bytes: self.written - before,
        }
    }

    /// Whether something comes within this time.
    fn wait(&self, time: Duration) -> bool {
        let wait = Timespec::try_from(time).expect("a short time");
        let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
        poll(&mut fds, Some(&wait)).is_ok_and(|ready| ready > 0)
    }

    /// Reads what comes before `end`; the moment when it had come.
    fn read(&mut self, end: Instant) -> Option<Instant> {
        if self.closed || !self.wait(end.saturating_duration_since(now())) {
            return None;
        }
        let mut buffer = [0; 64 * 1024];
        let count = rustix::io::read(&self.master, &mut buffer).unwrap_or(0);
        let came = now();
        if count == 0 {
            self.closed = true;
            return None;
        }
        self.written += count as u64;
        self.screen.process(&buffer[..count]);
        let answers = std::mem::take(&mut self.screen.callbacks_mut().0);
        if !answers.is_empty() {
            self.type_keys(&answers);
        }
        Some(came)
    }
}

impl Drop for Program {
    /// Ends as at the end of a day: asked, and only then made to.
    fn drop(&mut self) {
        let _ = kill_process(self.pid(), Signal::TERM);
        let end = now() + Duration::from_secs(3);
        while self.read(end).is_some() {}
        if !self.closed {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}
