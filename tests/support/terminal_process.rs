//! A simulated terminal as a process of its own, and its books as it wrote them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::child::Talker;

/// How long anything may take; far more than it does.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running terminal.
pub struct TerminalProcess {
    process: Talker,
    keys: Option<ChildStdin>,
    address: String,
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
        TerminalProcess::of_site(model, on, script, pace_ms, None)
    }

    /// The same, its model as the site with this config has it.
    pub fn of_site(
        model: &str,
        on: On,
        script: &str,
        pace_ms: u32,
        config: Option<&Path>,
    ) -> TerminalProcess {
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
            .arg(folder.path().join("books.jsonl"))
            .arg("--keys");
        if let Some(config) = config {
            command.arg("--config").arg(config);
        }
        match on {
            On::Pty => command.arg("--pty"),
            On::Tcp => command.args(["--listen", "127.0.0.1:0"]),
        };
        // A killed one leaves its link behind; here it goes with the folder.
        command.env("TMPDIR", folder.path());
        let mut process = Talker::start(command.stdin(Stdio::piped()));
        let first = process.line(PATIENCE).expect("its first line");
        let place = first.split_whitespace().last().expect("its last word");
        let address = match on {
            On::Pty => place.to_owned(),
            On::Tcp => format!("tcp://{}", place.trim_start_matches("tcp://")),
        };
        TerminalProcess {
            keys: process.input(),
            process,
            address,
            folder,
        }
    }

    /// What other programs open or connect to: a path, or HOST:PORT.
    pub fn place(&self) -> &str {
        self.address.trim_start_matches("tcp://")
    }

    /// Pull the plug, as a power cut would; the terminal can be [started again](TerminalProcess::start_again).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// The same terminal with the same books, at the same address on the LAN.
    pub fn start_again(&mut self) {
        let address = self.address.trim_start_matches("tcp://");
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command
            .args([
                "terminal", "--seed", "7", "--pace", "1", "--listen", address,
            ])
            .arg("--books")
            .arg(self.folder.path().join("books.jsonl"))
            .arg("--keys")
            .stdin(Stdio::piped());
        self.process = Talker::start(&mut command);
        self.keys = self.process.input();
        self.process.line(PATIENCE).expect("its first line");
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
            match self.process.line(PATIENCE) {
                Some(line) if line.contains(words) => return,
                Some(line) => said.push(line),
                None => panic!("the terminal never said \"{words}\", only {said:#?}"),
            }
        }
    }

    /// Press the terminal's own keys (`off`, `on`, `sale YEN`, `void SLIP`, `refund SLIP YEN`), as staff do; it must take them.
    #[track_caller]
    pub fn press(&mut self, key: &str) {
        let keys = self.keys.as_mut().expect("its keys");
        writeln!(keys, "{key}").expect("it listens");
        let said = format!("staff: {key}");
        loop {
            match self.process.line(PATIENCE) {
                Some(line) if line == said => return,
                Some(line) => assert!(!line.starts_with("staff: "), "{line}"),
                None => panic!("the terminal never said \"{said}\""),
            }
        }
    }

    /// The same for what moves money; gives the number on the slip that comes out.
    #[track_caller]
    pub fn operate(&mut self, key: &str) -> String {
        self.press(key);
        loop {
            let line = self.process.line(PATIENCE).expect("a slip comes out");
            if let Some((_, slip)) = line.split_once(" approved slip ") {
                let number = slip.split_whitespace().next();
                return number.expect("a number").to_owned();
            }
        }
    }

    /// True where one of the lines it has said by now or says in a moment, and nobody has waited for, holds these words.
    pub fn has_said(&self, words: &str) -> bool {
        const MOMENT: Duration = Duration::from_millis(10);
        std::iter::from_fn(|| self.process.line(MOMENT)).any(|line| line.contains(words))
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
