//! `madoguchi orca simulate`: a simulated receipt computer as a process of its own.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, bail};
use chrono::{DateTime, FixedOffset, Utc};

use super::{http, push};
use crate::orca::simulator::record::Called;
use crate::orca::simulator::scene::Scene;
use crate::orca::simulator::script::{CALLS, Script, WORDS};
use crate::orca::simulator::{Posted, Reply, Simulator};
use crate::orca::wire::Request;

/// `orca simulate`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_long_help = script_help())]
pub struct OrcaSimulateArgs {
    /// Where its API can be reached; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// Where it tells of new bills by itself (WebSocket, path /ws) [default: nowhere]
    #[arg(long, value_name = "HOST:PORT")]
    pub push: Option<SocketAddr>,
    /// Chooses the patients and their bills; the same seed gives the same day
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How many patients come; half of them are through with the doctor at the start, the others follow half a minute apart
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=PATIENTS_MAX))]
    pub patients: u32,
    /// Its books: one JSON line for each row that is written to an invoice. Those of today that are there already stand in its invoices from the start
    /// [default: none]
    #[arg(long, value_name = "FILE")]
    pub books: Option<PathBuf>,
    /// What it was asked: one JSON line for each call, with its keys and the result [default: nowhere]
    #[arg(long, value_name = "FILE")]
    pub calls: Option<PathBuf>,
    /// What goes wrong, one a line [default: nothing]
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Whom it lets in (Basic) [default: everybody]
    #[arg(long, value_name = "NAME", requires = "password")]
    pub user: Option<String>,
    /// The password of that user; made up, for it is seen by everybody at this machine
    #[arg(long, value_name = "WORD", requires = "user")]
    pub password: Option<String>,
}

/// The most patients of a day.
const PATIENTS_MAX: i64 = 20_000;
/// The longest script, in bytes.
const SCRIPT_MAX: u64 = 1_048_576;
/// The most connections at once, of both kinds together.
const CONNECTIONS_MAX: usize = 64;

/// The words of a script, for `--help`.
pub fn script_help() -> String {
    let mut help = format!(
        "A script has one misfortune a line: the call it happens to ({}), then what happens. A line waits until its call comes, and is used \
         up by it unless it ends with `always`; # begins a comment.\n\n",
        CALLS.join(", ")
    );
    for word in WORDS {
        help.push_str(&format!("  {:<22}{}\n", word.form, word.meaning));
    }
    help
}

/// What the threads share.
pub(super) struct Shared {
    simulator: Mutex<Simulator>,
    books: Option<Mutex<File>>,
    calls: Option<Mutex<File>>,
    /// What `Authorization` must be.
    pub(super) authorization: Option<String>,
    said: Sender<Said>,
    connections: AtomicUsize,
}

/// What the main thread hears.
enum Said {
    Line(String),
    /// A signal, where there are any.
    #[cfg_attr(not(unix), expect(dead_code, reason = "it is sent by a signal"))]
    Stop,
}

/// One place among the connections, free again when dropped.
pub(super) struct Seat<'s>(&'s Shared);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process of its own has a clock of its own"
)]
pub(super) fn now() -> DateTime<FixedOffset> {
    let japan = FixedOffset::east_opt(9 * 3_600).expect("nine hours are an offset");
    Utc::now().with_timezone(&japan)
}

impl Shared {
    /// One that lets everybody in.
    fn new(
        mut simulator: Simulator,
        books: Option<File>,
        calls: Option<File>,
        said: Sender<Said>,
    ) -> Shared {
        simulator.pass(now());
        Shared {
            simulator: Mutex::new(simulator),
            books: books.map(Mutex::new),
            calls: calls.map(Mutex::new),
            authorization: None,
            said,
            connections: AtomicUsize::new(0),
        }
    }

    pub(super) fn simulator(&self) -> MutexGuard<'_, Simulator> {
        self.simulator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Take a request. What it wrote is in the books, and the call on record, before the answer is given out.
    pub(super) fn handle(&self, request: &Request) -> io::Result<Reply> {
        let mut simulator = self.simulator();
        let now = now();
        simulator.pass(now);
        let reply = simulator.handle(now, request);
        let posted = simulator.drain_posted();
        if let Some(books) = &self.books
            && !posted.is_empty()
        {
            append(books, &posted)?.sync_data()?;
        }
        if let Some(calls) = &self.calls {
            drop(append(calls, &[Called::of(now, request, &reply)])?);
        }
        Ok(reply)
    }

    pub(super) fn seat(&self) -> Option<Seat<'_>> {
        let taken = self.connections.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(self);
        (taken < CONNECTIONS_MAX).then_some(seat)
    }

    /// A line for standard output: never a name or a number of a patient.
    pub(super) fn say(&self, line: String) {
        // Nobody hears it any more once the program ends.
        let _ = self.said.send(Said::Line(line));
    }
}

/// Lines, in one write.
fn append<'f>(
    file: &'f Mutex<File>,
    rows: &[impl serde::Serialize],
) -> io::Result<MutexGuard<'f, File>> {
    let mut lines = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut lines, row)?;
        lines.push(b'\n');
    }
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.write_all(&lines)?;
    Ok(file)
}

/// Serve until SIGINT, SIGTERM or SIGHUP. The first line written to `out` ends with the address it listens on, with `--push` the second one with that
/// of the other; a line for every request follows.
pub fn run(args: &OrcaSimulateArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let (sender, said) = mpsc::channel();
    let shared = shared(args, sender.clone())?;
    let api = listen(args.listen)?;
    let told = args.push.map(listen).transpose()?;
    stop_on_signals(sender)?;
    writeln!(out, "listening on {}", api.local_addr()?)
        .and_then(|()| out.flush())
        .context("the address cannot be written to standard output")?;
    accept("api", api, Arc::clone(&shared), http::serve)?;
    if let Some(listener) = told {
        writeln!(out, "telling on {}", listener.local_addr()?)
            .and_then(|()| out.flush())
            .context("the address cannot be written to standard output")?;
        accept("push", listener, shared, push::serve)?;
    }
    let mut heard = true;
    for line in lines(&said) {
        // A reader that left does not stop a server.
        heard = heard && writeln!(out, "{line}").and_then(|()| out.flush()).is_ok();
    }
    Ok(())
}

fn lines(said: &Receiver<Said>) -> impl Iterator<Item = String> {
    said.iter().map_while(|said| match said {
        Said::Line(line) => Some(line),
        Said::Stop => None,
    })
}

fn shared(args: &OrcaSimulateArgs, said: Sender<Said>) -> anyhow::Result<Arc<Shared>> {
    let script = match &args.script {
        Some(path) => read_script(path)?,
        None => Script::default(),
    };
    let now = now();
    let patients = usize::try_from(args.patients)?;
    let mut simulator = Simulator::new(Scene::of_day(args.seed, now, patients), script, args.seed);
    if let Some(path) = &args.books {
        simulator.take_up(now, &kept(path)?);
    }
    let file = |path: &Option<PathBuf>| path.as_deref().map(open_books).transpose();
    let shared = Shared::new(simulator, file(&args.books)?, file(&args.calls)?, said);
    let user = args.user.as_ref().zip(args.password.as_ref());
    Ok(Arc::new(Shared {
        authorization: user.map(|(user, password)| http::basic(user, password)),
        ..shared
    }))
}

/// A simulated receipt computer that serves on two ports of loopback until the process ends.
pub(super) struct Inside {
    /// Its API.
    pub(super) api: SocketAddr,
    /// PUSH.
    pub(super) push: SocketAddr,
}

/// Serve this one inside the process. Nobody outside the machine reaches it, and it says nothing.
pub(super) fn serve_inside(simulator: Simulator, books: Option<File>) -> anyhow::Result<Inside> {
    let (said, _nobody) = mpsc::channel();
    let shared = Arc::new(Shared::new(simulator, books, None, said));
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (api, push) = (listen(here)?, listen(here)?);
    let inside = Inside {
        api: api.local_addr()?,
        push: push.local_addr()?,
    };
    accept("orca-inside", api, Arc::clone(&shared), http::serve)?;
    accept("push-inside", push, shared, push::serve)?;
    Ok(inside)
}

pub(super) fn open_books(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| {
            format!(
                "{}: these books cannot be written; choose another file",
                path.display()
            )
        })
}

/// The rows of books that are there already. A last line that was cut off in the middle is none.
pub(super) fn kept(path: &Path) -> anyhow::Result<Vec<Posted>> {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("{shown}: these books cannot be read"));
        }
    };
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    (1..)
        .zip(whole.lines())
        .map(|(number, line)| {
            serde_json::from_str(line).with_context(|| {
                format!("{shown}: line {number} is no line of its books; choose another file")
            })
        })
        .collect()
}

fn read_script(path: &Path) -> anyhow::Result<Script> {
    let shown = path.display();
    let length = std::fs::metadata(path)
        .with_context(|| format!("{shown}: the script cannot be read; check its name"))?
        .len();
    if length > SCRIPT_MAX {
        bail!("{shown}: longer than {SCRIPT_MAX} bytes; end a line with `always` instead");
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{shown}: the script cannot be read as UTF-8 text"))?;
    Script::parse(&text).with_context(|| format!("{shown}"))
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        format!("{address}: nobody can be listened to there; choose another address, or end what uses it")
    })
}

/// A thread that takes connections, and one for each of them; beyond the bound they are closed at once.
#[expect(
    clippy::disallowed_methods,
    reason = "a system without descriptors says the same again at once; they come back with the connections that end"
)]
fn accept(
    name: &str,
    listener: TcpListener,
    shared: Arc<Shared>,
    serve: fn(&Shared, &TcpStream),
) -> anyhow::Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    continue;
                };
                let shared = Arc::clone(&shared);
                let served = std::thread::Builder::new()
                    .name("connection".to_owned())
                    .spawn(move || {
                        if let Some(_seat) = shared.seat() {
                            serve(&shared, &stream);
                        }
                    });
                if let Err(error) = served {
                    eprintln!("a connection cannot be served: {error}");
                }
            }
        })
        .context("the thread for connections cannot be started")?;
    Ok(())
}

#[cfg(unix)]
fn stop_on_signals(said: Sender<Said>) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])
        .context("signals cannot be received")?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                let _ = said.send(Said::Stop);
            }
        })
        .context("the thread for signals cannot be started")?;
    Ok(())
}

#[cfg(not(unix))]
fn stop_on_signals(said: Sender<Said>) -> anyhow::Result<()> {
    // The system ends the process itself; the server must not be stopped before that.
    std::mem::forget(said);
    Ok(())
}
