//! A simulated terminal as a process of its own, and its books as it wrote them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use tempfile::TempDir;

/// How long anything may take; far more than it does.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running terminal.
pub struct TerminalProcess {
    child: Child,
    address: String,
    lines: Receiver<String>,
    folder: TempDir,
}

/// Where a terminal is reached.
#[derive(Clone, Copy)]
pub enum On {
    Pty,
    Tcp,
}

impl TerminalProcess {
    /// A terminal that follows a script, one word a line; quick, unless a pace is given (ms).
    pub fn start(on: On, script: &str, pace_ms: u32) -> TerminalProcess {
        TerminalProcess::of_model("open-cat", on, script, pace_ms)
    }

    /// The same in the dialect of a model.
    pub fn of_model(model: &str, on: On, script: &str, pace_ms: u32) -> TerminalProcess {
        let folder = tempfile::tempdir().expect("a folder");
        let script_path = folder.path().join("script");
        fs::File::create(&script_path)
            .and_then(|mut file| file.write_all(script.as_bytes()))
            .expect("a script");
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command
            .args(["terminal", "--seed", "7", "--pace", &pace_ms.to_string()])
            .args(["--model", model])
            .arg("--script")
            .arg(&script_path)
            .arg("--books")
            .arg(folder.path().join("books.jsonl"));
        match on {
            On::Pty => command.arg("--pty"),
            On::Tcp => command.args(["--listen", "127.0.0.1:0"]),
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a terminal");
        let output = child.stdout.take().expect("its output");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let first = lines.recv_timeout(PATIENCE).expect("its first line");
        let place = first.split_whitespace().last().expect("its last word");
        let address = match on {
            On::Pty => place.to_owned(),
            On::Tcp => format!("tcp://{}", place.trim_start_matches("tcp://")),
        };
        TerminalProcess {
            child,
            address,
            lines,
            folder,
        }
    }

    /// What other programs open or connect to: a path, or HOST:PORT.
    pub fn place(&self) -> &str {
        self.address.trim_start_matches("tcp://")
    }

    /// Pull the plug, as a power cut would; the terminal can be [started again](TerminalProcess::start_again).
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The same terminal with the same books, at the same address on the LAN.
    pub fn start_again(&mut self) {
        let address = self.address.trim_start_matches("tcp://");
        let mut child = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
            .args([
                "terminal", "--seed", "7", "--pace", "1", "--listen", address,
            ])
            .arg("--books")
            .arg(self.folder.path().join("books.jsonl"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a terminal");
        let output = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines();
        lines.next().expect("a line").expect("its first line");
        // Whoever writes into a pipe that nobody reads would stop.
        std::thread::spawn(move || for _ in lines {});
        self.child = child;
    }

    /// What `--port` takes.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Wait until the terminal says a line that holds these words.
    #[track_caller]
    pub fn wait_for(&self, words: &str) {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return,
                Ok(line) => said.push(line),
                Err(_) => panic!("the terminal never said \"{words}\", only {said:#?}"),
            }
        }
    }

    /// Its books, one object a transaction.
    pub fn books(&self) -> Vec<serde_json::Value> {
        let path: PathBuf = self.folder.path().join("books.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .filter(|entry: &serde_json::Value| entry.get("sequence_number").is_some())
            .collect()
    }
}

impl Drop for TerminalProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
