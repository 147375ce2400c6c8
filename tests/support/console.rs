//! A program in a terminal of its own: started, typed at, looked at, cut off.
//!
//! Everything waits for something that happens, with a deadline; nothing sleeps. The terminal answers what terminals
//! are asked (cursor position, device attributes), so that a program that asks need not wait for silence.

use std::fs::File;
use std::io::Write;
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use madoguchi::app::key::Key;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tempfile::TempDir;

/// How long anything may take; far more than it does.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of what the program wrote is kept.
const RAW_BYTES_MAX: usize = 256 * 1024;
/// Swallowed by the console, and no part of a scanner's burst: what stands on either side was typed.
const FENCE: &str = "\x1b[?6c";

/// How a console is started. The home folder, the time zone and the locale are the test's own.
pub struct Start<'a> {
    program: &'a Path,
    arguments: Vec<&'a str>,
    variables: Vec<(&'a str, &'a str)>,
    columns: u16,
    rows: u16,
    answers: bool,
}

impl<'a> Start<'a> {
    /// The console itself, 80 by 24, in Japanese.
    pub fn console() -> Start<'a> {
        Start::program(Path::new(env!("CARGO_BIN_EXE_madoguchi")))
    }

    /// Any program.
    pub fn program(program: &'a Path) -> Start<'a> {
        Start {
            program,
            arguments: Vec::new(),
            variables: Vec::new(),
            columns: 80,
            rows: 24,
            answers: true,
        }
    }

    pub fn arguments(mut self, arguments: &[&'a str]) -> Start<'a> {
        self.arguments.extend_from_slice(arguments);
        self
    }

    pub fn variable(mut self, name: &'a str, value: &'a str) -> Start<'a> {
        self.variables.push((name, value));
        self
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Start<'a> {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// A terminal that never answers a question.
    pub fn mute(mut self) -> Start<'a> {
        self.answers = false;
        self
    }

    pub fn run(self) -> Console {
        let home = tempfile::tempdir().expect("a home folder");
        Console::start(&self, home)
    }

    /// In the home folder of a console that was there before, as after a crash.
    pub fn run_at_home_of(self, earlier: Console) -> Console {
        Console::start(&self, earlier.leave())
    }
}

/// A running program and its terminal.
pub struct Console {
    pid: Pid,
    ended: Receiver<ExitStatus>,
    exit: Option<ExitStatus>,
    master: Option<Arc<OwnedFd>>,
    seen: Arc<Seen>,
    stop_reader: UnixStream,
    reader: Option<JoinHandle<()>>,
    home: Option<TempDir>,
}

/// What the terminal shows, and a bell for those who wait for more.
struct Seen {
    terminal: Mutex<Terminal>,
    changed: Condvar,
}

struct Terminal {
    screen: vt100::Parser<Questions>,
    raw: Vec<u8>,
    written: u64,
    reads: u64,
    closed: bool,
}

/// Questions that the program asked the terminal.
#[derive(Default)]
struct Questions {
    answers: bool,
    pending: Vec<u8>,
}

impl vt100::Callbacks for Questions {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _second: Option<u8>,
        parameters: &[&[u16]],
        end: char,
    ) {
        if !self.answers || first.is_some() {
            return;
        }
        let (row, column) = screen.cursor_position();
        match (parameters, end) {
            ([[6]], 'n') => {
                let report = format!("\x1b[{};{}R", row + 1, column + 1);
                self.pending.extend_from_slice(report.as_bytes());
            }
            (_, 'c') => self.pending.extend_from_slice(b"\x1b[?62;22c"),
            _ => {}
        }
    }
}

impl Console {
    fn start(start: &Start<'_>, home: TempDir) -> Console {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .expect("a terminal");
        grantpt(&master).expect("a terminal of ours");
        unlockpt(&master).expect("a terminal for use");
        let name = ptsname(&master, Vec::new()).expect("a terminal's name");
        set_size(&master, start.columns, start.rows);
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = File::from(open(name, flags, Mode::empty()).expect("the program's side"));
        let mut child = spawn(start, home.path(), &slave);
        drop(slave);
        let pid = Pid::from_child(&child);
        let (end, ended) = mpsc::channel();
        thread::spawn(move || end.send(child.wait().expect("our child")));

        let screen = vt100::Parser::new_with_callbacks(
            cells(start.rows),
            cells(start.columns),
            0,
            Questions {
                answers: start.answers,
                pending: Vec::new(),
            },
        );
        let seen = Arc::new(Seen {
            terminal: Mutex::new(Terminal {
                screen,
                raw: Vec::new(),
                written: 0,
                reads: 0,
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let master = Arc::new(master);
        let (stop_reader, stopped) = UnixStream::pair().expect("a pipe");
        let reader = {
            let (master, seen) = (Arc::clone(&master), Arc::clone(&seen));
            thread::spawn(move || read_terminal(&master, &stopped, &seen))
        };
        Console {
            pid,
            ended,
            exit: None,
            master: Some(master),
            seen,
            stop_reader,
            reader: Some(reader),
            home: Some(home),
        }
    }

    /// Waits until the screen shows this.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            screen.contains(text)
        });
    }

    /// Waits until the screen does not show this any more.
    #[track_caller]
    pub fn wait_gone(&mut self, text: &str) {
        self.wait_until(&format!("no {text:?} on the screen"), |screen| {
            !screen.contains(text)
        });
    }

    /// Waits until the screen, as text, is as wanted.
    #[track_caller]
    pub fn wait_until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let terminal = self.wait_terminal(|terminal| wanted(&text_of(terminal)) || terminal.closed);
        let screen = text_of(&terminal);
        let closed = terminal.closed;
        drop(terminal);
        if !wanted(&screen) {
            let end = if closed {
                "the program ended"
            } else {
                "time passed"
            };
            panic!("waited for {what}, but {end}; the screen:\n{screen}");
        }
    }

    /// Wait until what the program has written holds these bytes so many times.
    #[track_caller]
    pub fn wait_for_bytes(&mut self, bytes: &[u8], times: usize) {
        let count = |raw: &[u8]| {
            let found = raw.windows(bytes.len()).filter(|window| *window == bytes);
            found.count()
        };
        let terminal = self.wait_terminal(|terminal| count(&terminal.raw) >= times);
        let found = count(&terminal.raw);
        assert!(
            found >= times,
            "{} came {found} times, not {times}",
            bytes.escape_ascii()
        );
    }

    fn wait_terminal(&self, done: impl Fn(&Terminal) -> bool) -> MutexGuard<'_, Terminal> {
        let (terminal, _) = self
            .seen
            .changed
            .wait_timeout_while(self.terminal(), PATIENCE, |terminal| !done(terminal))
            .unwrap_or_else(PoisonError::into_inner);
        terminal
    }

    fn terminal(&self) -> MutexGuard<'_, Terminal> {
        self.seen
            .terminal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Presses keys, one after the other, in one write.
    pub fn press(&mut self, keys: &[Key]) {
        let bytes: String = keys.iter().map(|key| spelling(*key)).collect();
        self.send(bytes.as_bytes());
    }

    /// Types text as a person does: however fast it goes, it is no scanner's burst.
    pub fn type_text(&mut self, text: &str) {
        let mut bytes = String::new();
        for character in text.chars() {
            bytes.push(character);
            bytes.push_str(FENCE);
        }
        self.send(bytes.as_bytes());
    }

    /// What a scanner sends: everything at once, and Enter.
    pub fn scan(&mut self, code: &str) {
        self.send(format!("{code}\r").as_bytes());
    }

    /// What a terminal sends for a paste.
    pub fn paste(&mut self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// Any bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        let master = self.master.as_ref().expect("the terminal is there");
        write_all(master, bytes);
    }

    /// What the screen shows, line by line.
    pub fn screen_text(&self) -> String {
        text_of(&self.terminal())
    }

    /// Row and column of the cursor, from 0; `None` while it is hidden.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        let terminal = self.terminal();
        let screen = terminal.screen.screen();
        (!screen.hide_cursor()).then(|| screen.cursor_position())
    }

    /// The last bytes the program wrote, escape sequences and all.
    pub fn raw_output(&self) -> Vec<u8> {
        self.terminal().raw.clone()
    }

    /// Bytes written, and reads they came in, since the start.
    pub fn written(&self) -> (u64, u64) {
        let terminal = self.terminal();
        (terminal.written, terminal.reads)
    }

    /// Makes the window another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let master = self.master.as_ref().expect("the terminal is there");
        self.terminal()
            .screen
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        set_size(master, columns, rows);
    }

    /// Sends a signal to the program.
    pub fn signal(&mut self, signal: Signal) {
        assert_eq!(self.exit, None, "the program has ended");
        kill_process(self.pid, signal).expect("the program is there");
    }

    /// Ends the program as a power cut would.
    pub fn kill9(&mut self) {
        self.signal(Signal::KILL);
        self.exit_status();
    }

    /// Stops the program where it stands, as a suspended machine does; comes back once no thread of it runs.
    pub fn freeze(&mut self) {
        assert_eq!(self.exit, None, "the program has ended");
        stand_still(self.pid);
    }

    /// Lets a frozen program go on.
    pub fn thaw(&mut self) {
        self.signal(Signal::CONT);
    }

    /// The process number.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Closes the window: the terminal is gone, and the system says so.
    pub fn close_window(&mut self) {
        self.stop_reading();
        self.master = None;
    }

    /// The window stays, but takes nothing more, like a stalled connection.
    pub fn stall(&mut self) {
        self.stop_reading();
    }

    fn stop_reading(&mut self) {
        let _ = self.stop_reader.write_all(b".");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the terminal's reader");
        }
    }

    /// How the program ended; waits for it.
    #[track_caller]
    pub fn exit_status(&mut self) -> ExitStatus {
        if let Some(status) = self.exit {
            return status;
        }
        match self.ended.recv_timeout(PATIENCE) {
            Ok(status) => {
                // What it wrote last is on the screen when its end is known.
                drop(self.wait_terminal(|terminal| terminal.closed));
                self.exit = Some(status);
                status
            }
            Err(_) => panic!(
                "the program did not end; the screen:\n{}",
                self.screen_text()
            ),
        }
    }

    /// True where the terminal takes lines and echoes them, as a shell needs it.
    pub fn is_cooked(&self) -> bool {
        let master = self.master.as_ref().expect("the terminal is there");
        let modes = tcgetattr(master).expect("the terminal's modes").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// True where the modes of the screen are as a shell needs them.
    pub fn is_plain(&self) -> bool {
        let terminal = self.terminal();
        let screen = terminal.screen.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && !screen.application_keypad()
            && !screen.application_cursor()
            && !screen.inverse()
    }

    /// True while the program has the alternate screen.
    pub fn has_alternate_screen(&self) -> bool {
        self.terminal().screen.screen().alternate_screen()
    }

    /// Fails unless the terminal was given back.
    #[track_caller]
    pub fn assert_restored(&self) {
        let screen = self.screen_text();
        assert!(self.is_cooked(), "the terminal is still raw:\n{screen}");
        assert!(self.is_plain(), "the screen is not given back:\n{screen}");
    }

    /// The folder that the program takes for home.
    pub fn home(&self) -> &Path {
        self.home.as_ref().expect("a home until the end").path()
    }

    /// Ends the program, keeps the folder.
    fn leave(mut self) -> TempDir {
        self.end();
        self.home.take().expect("a home until the end")
    }

    fn end(&mut self) {
        if self.exit.is_none() {
            let _ = kill_process(self.pid, Signal::KILL);
            let _ = self.ended.recv_timeout(PATIENCE);
        }
        self.stop_reading();
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.end();
    }
}

/// Stops a process of ours where it stands; comes back once no thread of it runs.
pub fn stand_still(pid: Pid) {
    kill_process(pid, Signal::STOP).expect("the program is there");
    let tasks = format!("/proc/{}/task", pid.as_raw_nonzero());
    let stands = |task: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let state = stat
            .rsplit_once(") ")
            .map_or("", |(_, rest)| rest.get(..1).unwrap_or(""));
        matches!(state, "T" | "X" | "")
    };
    while !std::fs::read_dir(&tasks)
        .expect("its threads")
        .map_while(Result::ok)
        .all(stands)
    {
        thread::yield_now();
    }
}

/// `setsid` makes the terminal the program's controlling one and then becomes the program.
fn spawn(start: &Start<'_>, home: &Path, slave: &File) -> Child {
    let side = || Stdio::from(slave.try_clone().expect("the program's side"));
    let mut command = at_home("setsid", home);
    command
        .arg("--ctty")
        .arg(start.program)
        .args(&start.arguments)
        .envs(start.variables.iter().copied())
        .stdin(side())
        .stdout(side())
        .stderr(side());
    command.spawn().expect("setsid of util-linux")
}

/// A command that lives in a home folder of the test's own, and nowhere else.
pub fn at_home(program: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("TMPDIR", home)
        .env("TZ", "Asia/Tokyo")
        .env("LANG", "ja_JP.UTF-8")
        .env("TERM", "xterm-256color")
        .current_dir(home);
    command
}

fn read_terminal(master: &OwnedFd, stopped: &UnixStream, seen: &Seen) {
    let mut buffer = [0; 64 * 1024];
    loop {
        let mut fds = [
            PollFd::new(master, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        let waited = poll(&mut fds, None);
        if waited.is_err() || !fds[1].revents().is_empty() {
            break;
        }
        let Ok(count @ 1..) = rustix::io::read(master, &mut buffer) else {
            break;
        };
        let mut terminal = seen.terminal.lock().unwrap_or_else(PoisonError::into_inner);
        terminal.screen.process(&buffer[..count]);
        terminal.written += count as u64;
        terminal.reads += 1;
        terminal.raw.extend_from_slice(&buffer[..count]);
        let surplus = terminal.raw.len().saturating_sub(RAW_BYTES_MAX);
        terminal.raw.drain(..surplus);
        let answer = std::mem::take(&mut terminal.screen.callbacks_mut().pending);
        drop(terminal);
        write_all(master, &answer);
        seen.changed.notify_all();
    }
    seen.terminal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .closed = true;
    seen.changed.notify_all();
}

fn write_all(master: &OwnedFd, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(master, rest) {
            Ok(written) => rest = &rest[written..],
            // The program is gone; whoever waits for its answer is told.
            Err(_) => return,
        }
    }
}

fn set_size(master: &OwnedFd, columns: u16, rows: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(master, size).expect("a size");
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}

fn text_of(terminal: &Terminal) -> String {
    let screen = terminal.screen.screen();
    let (_, columns) = screen.size();
    let rows: Vec<String> = screen
        .rows(0, columns.get())
        .map(|row| row.trim_end().to_string())
        .collect();
    rows.join("\n").trim_end().to_string()
}

/// What xterm sends.
fn spelling(key: Key) -> String {
    let bytes = match key {
        Key::Char(character) => return character.to_string(),
        Key::Ctrl(letter) => return char::from(letter as u8 & 0x1f).to_string(),
        Key::F(number @ 1..=4) => return format!("\x1bO{}", char::from(b'O' + number)),
        Key::F(number @ 5..=12) => {
            let code = [15, 17, 18, 19, 20, 21, 23, 24][usize::from(number) - 5];
            return format!("\x1b[{code}~");
        }
        Key::Enter => "\r",
        // Twice is one Esc, and nothing that follows is read as its rest.
        Key::Esc => "\x1b\x1b",
        Key::Backspace => "\x7f",
        Key::Delete => "\x1b[3~",
        Key::Left => "\x1b[D",
        Key::Right => "\x1b[C",
        Key::Up => "\x1b[A",
        Key::Down => "\x1b[B",
        Key::Home => "\x1b[H",
        Key::End => "\x1b[F",
        Key::PageUp => "\x1b[5~",
        Key::PageDown => "\x1b[6~",
        Key::Tab => "\t",
        Key::BackTab => "\x1b[Z",
        Key::F(_) | Key::Unknown => panic!("no terminal sends {key:?}"),
    };
    bytes.to_string()
}
