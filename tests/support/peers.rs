//! Programs of other makers: fetched at pinned versions into `target/peers`, and talked to line by line.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use super::child::Talker;

/// How long a peer may take for one line; a sale of its own may wait for an answer up to this.
const PATIENCE: Duration = Duration::from_secs(60);

fn strangers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers")
}

/// Fetch once a test run; the folder's name holds what was asked for, so that another version is another folder.
fn fetched(
    kind: &str,
    wanted: &str,
    fetch: impl Fn(&Path) -> Result<(), String>,
) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it lies in the target folder")
        .join("peers");
    let digest = wanted
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let folder = target.join(format!("{kind}-{digest:016x}"));
    if folder.exists() {
        return Some(folder);
    }
    let half_way = target.join(format!("{kind}-{digest:016x}.{}", std::process::id()));
    let done = fs::create_dir_all(&half_way)
        .map_err(|error| error.to_string())
        .and_then(|()| fetch(&half_way));
    match done {
        // Another test program may have been quicker; either copy is as good.
        Ok(()) => {
            if fs::rename(&half_way, &folder).is_err() {
                let _ = fs::remove_dir_all(&half_way);
            }
            Some(folder)
        }
        Err(problem) => {
            let _ = fs::remove_dir_all(&half_way);
            assert!(
                std::env::var_os("CI").is_none(),
                "the peers from {kind} cannot be fetched: {problem}"
            );
            eprintln!("skipped: the peers from {kind} cannot be fetched: {problem}");
            None
        }
    }
}

fn done(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!("{command:?}: {said}"))
    }
}

/// Where the Python packages are; `None`, and a word on why, where they cannot be had.
pub fn python_packages() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let list = strangers().join("requirements.txt");
            let wanted = fs::read_to_string(&list).expect("the list is there");
            fetched("pypi", &wanted, |folder| {
                let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target"];
                done(
                    Command::new("python3")
                        .args(pip)
                        .arg(folder)
                        .arg("--requirement")
                        .arg(&list),
                )
            })
        })
        .as_deref()
}

/// Where the Node packages are; `None`, and a word on why, where they cannot be had.
pub fn node_packages() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let list = strangers().join("package.json");
            let wanted = fs::read_to_string(&list).expect("the list is there");
            fetched("npm", &wanted, |folder| {
                fs::copy(&list, folder.join("package.json")).map_err(|error| error.to_string())?;
                // The serial port comes built; no script of a package runs here.
                done(
                    Command::new("npm")
                        .args(["install", "--silent", "--no-audit", "--no-fund"])
                        .args(["--ignore-scripts", "--no-package-lock"])
                        .current_dir(folder),
                )
            })
        })
        .as_deref()
}

/// A program of `tests/strangers`, a cargo project of its own with pinned crates; `None`, and a word on why, where it cannot be built.
pub fn cargo_peer(project: &str, program: &str) -> Option<PathBuf> {
    let home = strangers().join(project);
    let read = |name: &str| fs::read_to_string(home.join(name)).expect("the project is there");
    let wanted = ["Cargo.toml", "Cargo.lock", "src/main.rs"]
        .map(read)
        .concat();
    let folder = fetched("cargo", &wanted, |folder| {
        done(
            Command::new("cargo")
                // Its makers ask for a newer compiler than it needs.
                .args(["build", "--quiet", "--locked", "--ignore-rust-version"])
                .arg("--manifest-path")
                .arg(home.join("Cargo.toml"))
                .arg("--target-dir")
                .arg(folder),
        )
    })?;
    Some(folder.join("debug").join(program))
}

/// A peer that runs.
pub struct Peer {
    process: Talker,
    input: Option<ChildStdin>,
    name: String,
}

impl Peer {
    /// A program of `tests/strangers` in Python; `None` where its packages cannot be had.
    pub fn python<A: AsRef<OsStr>>(program: &str, arguments: &[A]) -> Option<Peer> {
        let packages = python_packages()?;
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", packages);
        Some(Peer::start(command, program, arguments))
    }

    /// One that needs nothing but Python itself.
    pub fn python_alone<A: AsRef<OsStr>>(program: &str, arguments: &[A]) -> Peer {
        Peer::start(Command::new("python3"), program, arguments)
    }

    /// A program of `tests/strangers` in Node; `None` where its packages cannot be had.
    pub fn node<A: AsRef<OsStr>>(program: &str, arguments: &[A]) -> Option<Peer> {
        let packages = node_packages()?;
        let mut command = Command::new("node");
        command.env("NODE_PATH", packages.join("node_modules"));
        Some(Peer::start(command, program, arguments))
    }

    fn start<A: AsRef<OsStr>>(mut command: Command, program: &str, arguments: &[A]) -> Peer {
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(strangers().join(program))
            .args(arguments)
            .stdin(Stdio::piped());
        let mut process = Talker::start(&mut command);
        Peer {
            input: process.input(),
            process,
            name: program.to_owned(),
        }
    }

    /// What it says next.
    #[track_caller]
    pub fn says(&self) -> Value {
        let line = self
            .process
            .line(PATIENCE)
            .unwrap_or_else(|| panic!("{} said nothing more", self.name));
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{} said {line}", self.name))
    }

    /// Wait until it says something with this key, and give that.
    #[track_caller]
    pub fn says_of(&self, key: &str) -> Value {
        loop {
            let said = self.says();
            if said.get(key).is_some() {
                return said;
            }
        }
    }

    /// Tell it to begin something.
    pub fn tell(&mut self, words: &str) {
        let input = self.input.as_mut().expect("it is open");
        writeln!(input, "{words}")
            .and_then(|()| input.flush())
            .expect("it listens");
    }

    /// Tell it, and hear what came of it.
    #[track_caller]
    pub fn ask(&mut self, words: &str) -> Value {
        self.tell(words);
        self.says()
    }
}
