//! What a hardened process may still leak: nothing to a core file, nothing to other users' eyes.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use madoguchi::edge::os;

const CHILD: &str = "MADOGUCHI_TEST_CHILD";

/// Not a test of its own: hardening is for a whole process, so it happens in one that nobody else is in.
#[test]
fn a_hardened_process() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    os::harden().expect("hardened");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    println!(
        "open to others: {}",
        os::is_open_to_others(&file).expect("asked")
    );
    println!(
        "{}",
        fs::read_to_string("/proc/self/limits").expect("limits")
    );
    println!(
        "dumpable: {:?}",
        rustix::process::dumpable_behavior().expect("asked")
    );
}

#[test]
fn hardening_leaves_no_core_and_no_open_files() {
    let program = std::env::current_exe().expect("this test");
    let output = Command::new(program)
        .args(["--exact", "a_hardened_process", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("this test again");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("open to others: false"), "{said}");
    assert!(said.contains("dumpable: NotDumpable"), "{said}");
    let core = said
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let limits: Vec<&str> = core
        .unwrap_or_default()
        .split_whitespace()
        .skip(4)
        .collect();
    assert_eq!(limits[..2], ["0", "0"], "{said}");
}
