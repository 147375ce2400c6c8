//! The real program beside a simulated receipt computer in a process of its own: looked at, listened to, gone.

#![cfg(unix)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use madoguchi::app::key::Key;
use madoguchi::config::SAMPLE;
use support::child::Talker;
use support::console::Start;
use tempfile::TempDir;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A receipt computer that lets one user in, and tells what it is asked.
struct Orca {
    process: Talker,
    api: String,
    push: String,
}

impl Orca {
    fn start() -> Orca {
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command
            .args(["orca", "simulate", "--listen", "127.0.0.1:0"])
            .args(["--push", "127.0.0.1:0", "--user", "u", "--password", "w"])
            .stdin(Stdio::null());
        let process = Talker::start(&mut command);
        let place = || {
            let line = process.line(PATIENCE).expect("a line");
            line.rsplit(' ').next().expect("an address").to_owned()
        };
        let (api, push) = (place(), place());
        Orca { process, api, push }
    }

    /// Until it says this.
    fn says(&self, wanted: &str) {
        loop {
            let line = self.process.line(PATIENCE).expect(wanted);
            if line.contains(wanted) {
                return;
            }
        }
    }
}

/// A folder with a config that names it for practice.
fn counter(orca: &Orca, password: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.toml");
    let text = format!(
        "{SAMPLE}\n[orca.practice]\nkind = \"onprem\"\nurl = \"http://{}\"\nuser = \"u\"\npassword = \"{password}\"\npush = \"ws://{}/ws\"\n",
        orca.api, orca.push
    );
    std::fs::write(&config, text).expect("written");
    (folder, config)
}

fn madoguchi(config: &Path, arguments: &[&str]) -> Output {
    let home = config.parent().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .arg("--config")
        .arg(config)
        .arg("--data-dir")
        .arg(home.join("data"))
        .args(["--lang", "en"])
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_look_finds_it_or_says_what_to_do() {
    let mut orca = Orca::start();
    let (_folder, config) = counter(&orca, "w");
    let probe = ["orca", "probe", "--practice"];
    let there = madoguchi(&config, &probe);
    assert_eq!(there.status.code(), Some(0), "{}", out(&there));
    assert!(out(&there).contains("[ok]   orca "), "{}", out(&there));
    assert!(out(&there).contains("[ok]   orca_push"), "{}", out(&there));
    let doctor = out(&madoguchi(&config, &["doctor", "--practice"]));
    assert!(doctor.contains("[ok]   orca "), "{doctor}");
    // The password stands in a file that others may read.
    assert!(doctor.contains("[warn] orca_pass"), "{doctor}");

    let (_other, wrong) = counter(&orca, "x");
    let denied = madoguchi(&wrong, &probe);
    assert_eq!(denied.status.code(), Some(1));
    assert!(
        out(&denied).contains("does not let us in"),
        "{}",
        out(&denied)
    );
    assert!(out(&denied).contains("HTTP 401"), "{}", out(&denied));

    // The clinic's own is not named: nothing is asked.
    let none = madoguchi(&config, &["orca", "probe"]);
    assert_eq!(none.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&none.stderr).contains("[orca]"));

    orca.process.kill();
    let gone = madoguchi(&config, &probe);
    assert_eq!(gone.status.code(), Some(1));
    assert!(out(&gone).contains("cannot be reached"), "{}", out(&gone));
    let json = madoguchi(
        &config,
        &["orca", "probe", "--practice", "--format", "json"],
    );
    let rows: serde_json::Value = serde_json::from_str(&out(&json)).expect("JSON");
    assert_eq!(
        (&rows[0]["check"], &rows[0]["status"]),
        (&"orca".into(), &"fail".into())
    );
}

#[test]
fn a_console_listens_to_it_and_leaves_it_with_its_end() {
    let orca = Orca::start();
    let (folder, config) = counter(&orca, "w");
    let data = folder.path().join("data").display().to_string();
    let config = config.display().to_string();
    let arguments = [
        "--config",
        &config,
        "--data-dir",
        &data,
        "--lang",
        "ja",
        "--practice",
    ];
    let mut console = Start::console().arguments(&arguments).run();
    orca.says("push: somebody listens");
    console.wait_for("売上入力");
    console.press(&[Key::Ctrl('c')]);
    assert!(console.exit_status().success());
    orca.says("push: somebody left");
    // Its log has what was done, and nobody's name.
    let log = std::fs::read_to_string(Path::new(&data).join("diagnostic.log")).expect("a log");
    for line in log.lines().filter(|line| line.contains("orca")) {
        assert!(
            line.contains(" orca_push ") || line.contains(" orca."),
            "{line}"
        );
    }
}
