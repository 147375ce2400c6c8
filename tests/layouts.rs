//! The layout commands as a site engineer meets them: the real binary, and every example of the guide word for word.

use std::path::Path;
use std::process::{Command, Output};

const GUIDE: &str = include_str!("../docs/layouts.md");

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"))
        .env_clear()
        .env("LANG", "C.UTF-8")
        .output()
        .expect("the program starts")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The words of a command line; quotes hold some together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_of_the_guide_prints_what_the_guide_says() {
    let mut commands = 0;
    for block in GUIDE.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("an end");
        let (line, expected) = block.split_once('\n').expect("a command and its answer");
        let line = words(line.strip_prefix("$ madoguchi ").expect("a command"));
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let output = run(&line);
        let said: String = out(&output)
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect();
        assert_eq!(said, expected, "{line:?}: {}", err(&output));
        commands += 1;
    }
    assert_eq!(commands, 4);
}

#[test]
fn every_shipped_file_is_shown_and_can_be_used() {
    let names = out(&run(&["layout", "show"]));
    assert_eq!(names, "open-cat\ntransbank\necr17\nconcert\n");
    for name in names.lines() {
        let shown = run(&["layout", "show", name]);
        assert_eq!(shown.status.code(), Some(0));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, shown.stdout).expect("written");
        let path = path.display().to_string();
        let checked = run(&["layout", "check", &path, "--lang", "ja"]);
        assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
        assert!(out(&checked).contains("誤りはありません"));
    }
}

#[test]
fn the_bytes_of_a_command_are_those_of_the_reference() {
    for (line, expected) in [
        ("transbank status", "02 30 31 30 30 03 02"),
        ("transbank standalone", "02 30 33 30 30 03 00"),
        ("transbank last-result", "02 30 32 35 30 7C 03 78"),
        ("transbank settlement", "02 30 35 30 30 7C 7C 03 06"),
        ("transbank reporting", "02 30 37 30 30 7C 7C 03 04"),
        ("transbank transactions", "02 30 32 36 30 7C 31 7C 03 36"),
        (
            "transbank void --slip 10",
            "02 31 32 30 30 7C 31 30 7C 03 01",
        ),
    ] {
        let line: Vec<&str> = ["layout", "encode"]
            .into_iter()
            .chain(line.split(' '))
            .collect();
        let output = run(&line);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains(expected), "{}", out(&output));
    }
}

#[test]
fn what_goes_wrong_ends_with_its_exit_code_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.toml");
    let good = out(&run(&["layout", "show", "concert"]));
    std::fs::write(&wrong, good.replace("width = 8", "width = 0")).expect("written");
    let wrong = wrong.display().to_string();
    for (line, code, said) in [
        (vec!["layout", "show", "k-100"], 2, "open-cat, transbank"),
        (
            vec!["layout", "check", "nowhere.toml"],
            3,
            "look at the path",
        ),
        (
            vec!["layout", "check", &wrong],
            3,
            "a width is within 1 to 4096",
        ),
        (
            vec!["layout", "encode", "concert", "void"],
            2,
            "no void message",
        ),
        (
            vec!["layout", "encode", "concert", "sale", "--sequence", "0"],
            2,
            "--sequence",
        ),
        (
            vec!["layout", "encode", "concert", "sale", "--amount", "0"],
            2,
            "above zero",
        ),
        (vec!["layout", "encode", "concert", "dance"], 2, "dance"),
        (
            vec!["layout", "explain", "concert", "--hex", "0"],
            2,
            "two hexadecimal digits",
        ),
        (
            vec!["layout", "explain", "transbank", "--hex", "02 31 03 31"],
            1,
            "",
        ),
    ] {
        let output = run(&line);
        assert_eq!(output.status.code(), Some(code), "{line:?}");
        assert!(err(&output).contains(said), "{line:?}: {}", err(&output));
    }
    let error = err(&run(&["layout", "check", &wrong]));
    assert!(
        error.contains("line ") && error.contains("role = \"amount\""),
        "{error}"
    );
}
