//! `madoguchi terminal`: a simulated card terminal as a process of its own.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use chrono::FixedOffset;

use super::library::Library;
use crate::cat::dialect::layout::Layout;
use crate::cat::frame::framing::Handshake;
use crate::cat::model::Model;

use crate::cat::simulator::at_terminal::AtTerminal;
use crate::cat::simulator::script::{Script, WORDS};
use crate::cat::simulator::{PACE_MS, TerminalSettings};
use crate::edge::link::{Keys, Listen, Stopper, TerminalOptions, TerminalServer, system_clock};

/// `terminal`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_long_help = script_help())]
pub struct TerminalArgs {
    /// Model it plays
    #[arg(long, value_name = "NAME", default_value = "open-cat")]
    pub model: String,
    /// Where it can be reached.
    #[command(flatten)]
    pub place: TerminalPlace,
    /// What happens to its transactions, one a line [default: everything is approved]
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Chooses card brands, PINs and approval codes; the same seed gives the same day
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Its books: one JSON line a transaction [default: in memory, gone with it]
    #[arg(long, value_name = "FILE")]
    pub books: Option<PathBuf>,
    /// Press its own keys, one line of standard input each: off, on, sale YEN, void SLIP, refund SLIP \[YEN\]
    #[arg(long)]
    pub keys: bool,
    /// Pause between two phases of a transaction, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = PACE_MS, value_parser = clap::value_parser!(u64).range(..=PACE_MAX_MS))]
    pub pace: u64,
    /// What its clock shows, from UTC: the offset of the shop it stands in
    #[arg(
        long,
        value_name = "OFFSET",
        default_value = "+09:00",
        allow_hyphen_values = true
    )]
    pub utc_offset: FixedOffset,
}

/// Where a simulated terminal can be reached: exactly one of the two.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
pub struct TerminalPlace {
    /// On a pseudo-terminal, opened like a serial port
    #[arg(long)]
    pub pty: bool,
    /// On TCP, one connection at a time; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<SocketAddr>,
}

/// The longest pace: ten minutes.
const PACE_MAX_MS: u64 = 600_000;
/// The longest script, in bytes.
const SCRIPT_MAX: u64 = 1_048_576;

/// The words of a script, for `--help`.
pub fn script_help() -> String {
    let mut help = "A script has one transaction a line; # begins a comment; a last line that ends with … or `repeat` goes on for ever; what \
                    comes after the last line is approved.\n\n"
        .to_owned();
    for entry in WORDS {
        let line = [entry.word, entry.arguments].join(" ");
        help.push_str(&format!("  {:<52}{}\n", line.trim_end(), entry.meaning));
    }
    help
}

/// Serve until SIGINT, SIGTERM or SIGHUP. The first line written to `out` ends with the path or the address it listens on; a line for
/// everything that happens follows.
pub fn run(args: &TerminalArgs, library: &Library, out: &mut dyn Write) -> anyhow::Result<()> {
    let server = start(args, library)?;
    stop_on_signals(server.stopper())?;
    if args.keys {
        press_keys(server.keys())?;
    }
    serve(server, out)
}

fn start(args: &TerminalArgs, library: &Library) -> anyhow::Result<TerminalServer> {
    let model = model_named(&args.model, library)?;
    let layout = layout_of(&model, library)?;
    let script = match &args.script {
        Some(path) => read_script(path)?,
        None => Script::approving(),
    };
    let listen = match args.place.listen {
        Some(address) => Listen::Tcp(address),
        None => Listen::Pty,
    };
    let turnaround_ms = turnaround_ms(&layout);
    let options = TerminalOptions {
        model,
        layout,
        script,
        settings: TerminalSettings {
            seed: args.seed,
            pace_ms: args.pace,
            turnaround_ms,
            ..TerminalSettings::default()
        },
        books: args.books.clone(),
        clock: system_clock(args.utc_offset),
    };
    Ok(TerminalServer::listen(options, listen)?)
}

/// Staff at the terminal: every line of standard input. Its end is no end of the terminal.
fn press_keys(keys: Keys) -> anyhow::Result<()> {
    std::thread::Builder::new()
        .name("keys".to_owned())
        .spawn(move || {
            for line in io::stdin().lines().map_while(Result::ok) {
                match AtTerminal::parse(&line) {
                    Ok(key) => {
                        if !keys.press(key) {
                            return;
                        }
                    }
                    Err(error) => eprintln!("{line}: {error}"),
                }
            }
        })
        .context("the thread for the keys cannot be started")?;
    Ok(())
}

/// A line without ENQ has nothing but a pause between an acknowledgement and what follows it, and there are counters that take for one
/// frame all that comes within 100 ms.
fn turnaround_ms(layout: &Layout) -> u64 {
    match layout.framing().handshake {
        Handshake::Enquiry => 0,
        Handshake::Acknowledged | Handshake::Bare => 150,
    }
}

fn serve(server: TerminalServer, out: &mut dyn Write) -> anyhow::Result<()> {
    // Who started it waits for this line, so it is the one that must arrive.
    writeln!(out, "listening on {}", server.address())
        .and_then(|()| out.flush())
        .context("the address cannot be written to standard output")?;
    let mut heard = true;
    server.serve(|served| {
        // A reader that left does not stop a terminal.
        heard = heard && say(out, &served.to_string()).is_ok();
    })?;
    Ok(())
}

fn say(out: &mut dyn Write, line: &str) -> io::Result<()> {
    writeln!(out, "{line}")?;
    out.flush()
}

fn model_named(name: &str, library: &Library) -> anyhow::Result<Model> {
    library.model(name).ok_or_else(|| {
        let names: Vec<&str> = library.models.names().collect();
        anyhow!(
            "there is no model `{name}`; choose one of: {}",
            names.join(", ")
        )
    })
}

/// Only what can be said can be simulated.
fn layout_of(model: &Model, library: &Library) -> anyhow::Result<Layout> {
    library.layout_of(model).ok_or_else(|| {
        anyhow!(
            "the messages of {} are not public, so it cannot be simulated before a layout file describes them; use --model open-cat",
            model.name
        )
    })
}

fn read_script(path: &Path) -> anyhow::Result<Script> {
    let shown = path.display();
    let length = std::fs::metadata(path)
        .with_context(|| format!("{shown}: the script cannot be read; check its name"))?
        .len();
    if length > SCRIPT_MAX {
        bail!("{shown}: longer than {SCRIPT_MAX} bytes; end it with a repeated line instead");
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{shown}: the script cannot be read as UTF-8 text"))?;
    Script::parse(&text).with_context(|| format!("{shown}"))
}

#[cfg(unix)]
fn stop_on_signals(stopper: Stopper) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])
        .context("signals cannot be received")?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                stopper.stop();
            }
        })
        .context("the thread for signals cannot be started")?;
    Ok(())
}

#[cfg(not(unix))]
fn stop_on_signals(stopper: Stopper) -> anyhow::Result<()> {
    // The system ends the process itself; the terminal must not be stopped before that.
    std::mem::forget(stopper);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::sync::mpsc;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        terminal: TerminalArgs,
    }

    fn args(line: &str) -> Result<TerminalArgs, clap::Error> {
        let words = std::iter::once("terminal").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.terminal)
    }

    /// Hands every line on.
    struct Lines {
        sender: mpsc::Sender<String>,
        text: Vec<u8>,
    }

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.text.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            let text = String::from_utf8(std::mem::take(&mut self.text)).expect("UTF-8");
            let _ = self.sender.send(text);
            Ok(())
        }
    }

    #[test]
    fn the_first_line_ends_with_the_address_and_every_event_follows() {
        let server = start(
            &args("--listen 127.0.0.1:0").expect("a line"),
            &Library::shipped(),
        )
        .expect("a terminal");
        let stopper = server.stopper();
        let (sender, lines) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut out = Lines {
                sender,
                text: Vec::new(),
            };
            serve(server, &mut out)
        });
        let patience = std::time::Duration::from_secs(30);
        let first = lines.recv_timeout(patience).expect("a line");
        let address = first.split_whitespace().last().expect("an address");
        assert!(!address.ends_with(":0"), "{first}");
        let _connection = TcpStream::connect(address).expect("it listens there");
        assert_eq!(lines.recv_timeout(patience).expect("a line"), "connected\n");
        stopper.stop();
        thread.join().expect("no panic").expect("a clean end");
    }

    #[test]
    fn a_terminal_is_reached_in_exactly_one_way() {
        assert!(args("").is_err());
        assert!(args("--pty --listen 127.0.0.1:0").is_err());
        assert!(args("--listen nowhere").is_err());
        assert!(args("--pty --pace 600001").is_err());
        let plain = args("--pty").expect("a line");
        assert!(plain.place.pty);
        assert_eq!(plain.model, "open-cat");
    }

    #[test]
    fn what_cannot_begin_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("script.txt");
        std::fs::write(&script, "approve\nbsy\n").expect("a file");
        let script = script.to_str().expect("UTF-8");
        for (line, hint) in [
            (
                "--listen 127.0.0.1:0 --model what".to_owned(),
                "choose one of",
            ),
            (
                "--listen 127.0.0.1:0 --model jt-c60".to_owned(),
                "use --model open-cat",
            ),
            (
                "--listen 127.0.0.1:0 --script /no/such/file".to_owned(),
                "check its name",
            ),
            (
                format!("--listen 127.0.0.1:0 --script {script}"),
                "line 2: `bsy` is no word",
            ),
            (
                "--listen 127.0.0.1:0 --books /no/such/folder/books".to_owned(),
                "choose another file",
            ),
        ] {
            let error = start(&args(&line).expect("a line"), &Library::shipped())
                .err()
                .expect(&line);
            let text = format!("{error:#}");
            assert!(text.contains(hint), "{line}: {text}");
        }
    }

    #[test]
    fn help_names_every_word_of_a_script() {
        let help = script_help();
        for entry in WORDS {
            assert!(help.contains(entry.word), "{}", entry.word);
        }
    }
}
