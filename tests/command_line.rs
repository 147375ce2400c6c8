//! The command line as scripts meet it: the real binary, its exit codes, its two outputs.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A user with a home of their own and no terminal.
struct User {
    home: TempDir,
}

impl User {
    fn new() -> User {
        User {
            home: tempfile::tempdir().expect("a folder"),
        }
    }

    fn at(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command
            .args(line.split(' ').filter(|word| !word.is_empty()))
            .env_clear()
            .env("HOME", self.home.path())
            .env("APPDATA", self.home.path())
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().expect("the program starts")
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn a_config_is_checked_from_a_pipe_as_well() {
    let user = User::new();
    for (typed, code) in [
        (out(&user.run("config print")), 0),
        ("[shop]\nnaem = 1\n".to_owned(), 3),
        (String::new(), 3),
    ] {
        let mut checking = user
            .command("config check -")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut pipe = checking.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut pipe, typed.as_bytes()).expect("written");
        drop(pipe);
        let ended = checking.wait().expect("it ends");
        assert_eq!(ended.code(), Some(code), "{typed}");
    }
}

#[test]
fn every_exit_code_is_the_one_that_is_documented() {
    let user = User::new();
    std::fs::write(user.at("wrong.toml"), "[shop]\nnaem = 1\n").expect("written");
    std::fs::write(
        user.at("books.sqlite3"),
        "no books, but long enough to be looked at",
    )
    .expect("written");
    let wrong = user.at("wrong.toml");
    let home = user.at("");
    for (line, code) in [
        ("--version", 0),
        ("--help", 0),
        ("config print", 0),
        ("config check", 0),
        ("man", 0),
        ("completions bash", 0),
        ("sales --format json", 0),
        ("link probe", 0),
        ("link trace --format json", 0),
        ("link probe --port /dev/null", 1),
        ("doctor --port /dev/null", 1),
        ("--prot COM3", 2),
        ("--practice config print", 2),
        ("--model nothing", 2),
        ("--practice --port COM3 --model j-mups", 2),
        ("sales --from 2026-02-02 --to 2026-01-01", 2),
        ("terminal", 2),
        ("terminal --listen 127.0.0.1:0 --model jt-c60", 2),
        (&format!("config check {wrong}"), 3),
        (&format!("--config {wrong}"), 3),
        ("--config /nowhere/config.toml", 3),
        ("verify", 4),
        (&format!("--data-dir {home} verify"), 4),
        (&format!("--data-dir {home} sales"), 4),
        ("", 5),
    ] {
        let output = user.run(line);
        let told = err(&output);
        assert_eq!(output.status.code(), Some(code), "madoguchi {line}: {told}");
        // An answer goes to standard output, a trouble to standard error; a failed check is an answer.
        assert_eq!(told.is_empty(), code < 2, "madoguchi {line}: {told}");
        if code > 2 {
            for word in ["why:", "what to do:", "whom to call:", "charged: no"] {
                assert!(told.contains(word), "madoguchi {line}: {told}");
            }
        }
    }
}

#[test]
fn the_sample_that_is_printed_is_a_config_that_is_read() {
    let user = User::new();
    let sample = user.run("config print");
    std::fs::write(user.at("config.toml"), &sample.stdout).expect("written");
    let checked = user.run(&format!("config check {}", user.at("config.toml")));
    assert!(checked.status.success(), "{}", err(&checked));
    let folder = user.home.path().join(".config/madoguchi");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::copy(user.at("config.toml"), folder.join("config.toml")).expect("copied");
    let found = user.run("config check");
    #[cfg(target_os = "linux")]
    assert!(
        out(&found).contains(".config/madoguchi/config.toml"),
        "{}",
        out(&found)
    );
    assert!(found.status.success());
}

#[test]
fn a_wrong_line_is_named_in_the_language_of_the_locale() {
    let user = User::new();
    let sample = out(&user.run("config print")).replace("\ncat_link = 1", "\ncat_link = 9");
    std::fs::write(user.at("c.toml"), sample).expect("written");
    let line = format!("--config {}", user.at("c.toml"));
    let japanese = user
        .command(&line)
        .env("LANG", "ja_JP.UTF-8")
        .output()
        .expect("run");
    let told = err(&japanese);
    for words in ["cat_link = 9", "テストモード", "対処: ", "請求: いいえ"] {
        assert!(told.contains(words), "{told}");
    }
    let asked = user
        .command(&format!("--lang en {line}"))
        .env("LANG", "ja_JP.UTF-8")
        .output();
    let told = err(&asked.expect("run"));
    assert!(
        told.contains("test mode") && !told.contains("対処"),
        "{told}"
    );
}

#[test]
fn environment_variables_name_config_and_books() {
    let user = User::new();
    let config = user
        .command("")
        .env("MADOGUCHI_CONFIG", "/nowhere.toml")
        .output()
        .expect("run");
    assert_eq!(config.status.code(), Some(3));
    let books = user
        .command("verify")
        .env("MADOGUCHI_DATA_DIR", "/nowhere")
        .output()
        .expect("run");
    assert!(
        err(&books).contains(
            &Path::new("/nowhere")
                .join("books.sqlite3")
                .display()
                .to_string()
        )
    );
}

#[test]
fn the_doctor_answers_programs_with_a_list() {
    let user = User::new();
    let output = user.run("doctor --format json");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks: Vec<&str> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|check| check["check"].as_str().expect("a word"))
        .collect();
    for wanted in [
        "config", "model", "port", "owner", "folder", "database", "keys", "clock", "locale",
        "screen",
    ] {
        assert!(checks.contains(&wanted), "{wanted}: {checks:?}");
    }
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
}

#[test]
fn no_command_that_only_looks_makes_anything() {
    let user = User::new();
    for line in [
        "doctor",
        "sales",
        "verify",
        "config check",
        "config print",
        "",
    ] {
        user.run(line);
    }
    let left = std::fs::read_dir(user.home.path())
        .expect("a folder")
        .count();
    assert_eq!(left, 0);
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let user = User::new();
    let mut child = user
        .command("config print")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn a_model_is_copied_changed_and_used_and_a_broken_one_stops_the_start() {
    let user = User::new();
    let models = user.home.path().join("site/models");
    std::fs::create_dir_all(&models).expect("a folder");
    let config = user.at("site/config.toml");
    std::fs::write(&config, out(&user.run("config print"))).expect("written");
    let shown = user.run("models show open-cat");
    assert_eq!(shown.status.code(), Some(0));
    let own = out(&shown).replacen("name = \"open-cat\"", "name = \"counter-two\"", 1);
    std::fs::write(models.join("two.toml"), &own).expect("written");
    let listed = user.run(&format!("--config {config} models"));
    assert_eq!(listed.status.code(), Some(0));
    let listed = out(&listed);
    let line = listed.lines().find(|line| line.starts_with("counter-two"));
    assert!(
        line.is_some_and(|line| line.ends_with("two.toml")),
        "{listed}"
    );
    let open = listed.lines().find(|line| line.starts_with("open-cat"));
    assert!(
        open.is_some_and(|line| line.contains("inside the program")),
        "{listed}"
    );

    assert_eq!(user.run("models show none").status.code(), Some(2));
    std::fs::write(
        models.join("two.toml"),
        own.replace("baud = 9600", "baud = 1"),
    )
    .expect("written");
    let line = own
        .lines()
        .position(|line| line == "baud = 9600")
        .expect("there")
        + 1;
    for command in ["models", "config check", ""] {
        let stopped = user.run(&format!("--config {config} {command}"));
        // Without a subcommand there is no screen to draw on here, and the config is read before that.
        assert_eq!(
            stopped.status.code(),
            Some(3),
            "{command}: {}",
            err(&stopped)
        );
        let told = err(&stopped);
        assert!(
            told.contains(&format!("two.toml, line {line}: 1 bits")),
            "{told}"
        );
    }
    let doctor = user.run(&format!("--config {config} doctor"));
    assert_eq!(doctor.status.code(), Some(1));
    assert!(out(&doctor).contains("[FAIL] models"), "{}", out(&doctor));
    // What it is mended from can still be read.
    assert_eq!(
        user.run(&format!("--config {config} models show open-cat"))
            .status
            .code(),
        Some(0)
    );
}
