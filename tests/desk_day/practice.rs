//! Practice at a clinic with a receipt computer: the made-up patients of one inside the program, and not a byte to the clinic's own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Output;

use madoguchi::app::key::Key;
use madoguchi::config::SAMPLE;
use tempfile::TempDir;

use crate::support::clinic::{
    WORKLIST, next_customer, pay_cash, take_bill, wait_listening, wait_nothing_open,
};
use crate::support::console::{Console, Start, at_home};
use crate::support::patience::look_until;
use crate::support::till::REGISTER;

/// A config that names this receipt computer as the clinic's own, where there is one, and has these lines behind it.
fn config(own: Option<&TcpListener>, lines: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let live = own.map_or(String::new(), |own| {
        let place = own.local_addr().expect("an address");
        format!(
            "[orca]\nkind = \"onprem\"\nurl = \"http://{place}\"\nuser = \"u\"\npassword = \"w\"\npush = \"ws://{place}/ws\"\n\
             [orca.tender]\ncash = \"07\"\n"
        )
    });
    let path = folder.path().join("config.toml");
    std::fs::write(&path, format!("{SAMPLE}\n{live}{lines}")).expect("written");
    (folder, path)
}

/// A port at which somebody who comes is heard.
fn own() -> TcpListener {
    let own = TcpListener::bind("127.0.0.1:0").expect("a port");
    own.set_nonblocking(true).expect("looked at");
    own
}

fn practice(config: &str, earlier: Option<Console>) -> Console {
    let words = ["--lang", "ja", "--practice", "--config", config];
    let start = Start::console().arguments(&words);
    let starts = 1 + usize::from(earlier.is_some());
    let mut console = match earlier {
        Some(earlier) => start.run_at_home_of(earlier),
        None => start.run(),
    };
    console.wait_for(REGISTER);
    console.wait_for("練習");
    wait_listening(&console, starts);
    console
}

/// Local addresses that a process listens on, as the system writes them.
fn listens(console: &Console) -> Vec<String> {
    let pid = console.pid().as_raw_nonzero();
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("its files")
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter_map(|link| {
            let name = link.to_str()?;
            let inode = name.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let rows = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for row in rows.lines().skip(1) {
            let words: Vec<&str> = row.split_whitespace().collect();
            let listening = words.get(3) == Some(&"0A");
            if listening
                && words
                    .get(9)
                    .is_some_and(|inode| sockets.iter().any(|one| one == inode))
            {
                found.push(words[1].to_owned());
            }
        }
    }
    found
}

#[test]
fn a_trainee_has_patients_who_pay_and_the_clinics_own_hears_nothing() {
    let own = own();
    let (_folder, config) = config(Some(&own), "");
    let config = config.display().to_string();
    let mut console = practice(&config, None);
    console.press(&[Key::F(5)]);
    console.wait_for(WORKLIST);
    console.wait_for("00003");
    console.type_text("00003");
    console.press(&[Key::Enter]);
    take_bill(&mut console);
    pay_cash(&mut console);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    let books = console.home().join("data/madoguchi/practice-orca.jsonl");
    look_until("the posting", || {
        std::fs::read_to_string(&books).is_ok_and(|rows| rows.contains("\"code\":\"07\""))
    });
    // Nobody outside this machine reaches it.
    let places = listens(&console);
    assert_eq!(places.len(), 2, "{places:?}");
    assert!(
        places.iter().all(|place| place.starts_with("0100007F:")),
        "{places:?}"
    );
    // The day goes on after a power cut: who paid has paid.
    console.kill9();
    let mut console = practice(&config, Some(console));
    console.press(&[Key::F(5)]);
    console.wait_for("入金有");
    console.type_text("00003");
    console.press(&[Key::Enter]);
    console.wait_for("未収合計 0円");
    assert!(own.accept().is_err(), "the clinic's own was spoken to");
    console.press(&[Key::Ctrl('c')]);
    assert!(console.exit_status().success());
}

#[test]
fn it_is_there_on_its_own_word_too() {
    let (_folder, config) = config(None, "[orca.practice]\nkind = \"simulated\"\n");
    let mut console = practice(&config.display().to_string(), None);
    console.press(&[Key::F(5)]);
    console.wait_for("00001");
}

#[test]
fn a_look_says_that_practice_has_one_inside() {
    let own = own();
    let (folder, config) = config(Some(&own), "");
    let run = |words: &[&str]| -> Output {
        let mut command = at_home(env!("CARGO_BIN_EXE_madoguchi"), folder.path());
        command.args(words).arg("--config").arg(&config);
        command.args(["--lang", "en"]).output().expect("it runs")
    };
    for words in [
        &["doctor", "--practice"][..],
        &["orca", "probe", "--practice"][..],
    ] {
        let said = String::from_utf8_lossy(&run(words).stdout).into_owned();
        assert!(said.contains("[ok]   orca "), "{said}");
        assert!(said.contains("inside this program"), "{said}");
    }
    assert!(own.accept().is_err(), "the clinic's own was spoken to");
}
