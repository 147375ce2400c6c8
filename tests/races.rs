//! Several consoles at one data folder, one cable, one terminal; and consoles that stand still: the real program, in PTYs.
#![cfg(target_os = "linux")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};

use madoguchi::app::key::Key;
use madoguchi::simulation::dice::Dice;
use rustix::process::{Resource, Rlimit, getrlimit, prlimit};
use support::console::{Console, Start};
use support::tap::{Tap, lock_holders};
use support::terminal_process::{On, TerminalProcess};
use support::till::{
    APPROVED, GAVE_UP, NOT_CHARGED, READ_ONLY, REGISTER, UNKNOWN, assert_books_agree, pay_by_card,
    sales_in,
};

/// A data folder that several consoles know.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    /// Where the books are: made by the first console.
    fn path(&self) -> PathBuf {
        self.0.path().join("books")
    }
}

/// A console that will open this data folder and this port.
fn start(folder: &Path, port: &str) -> Start<'static> {
    let leaked = |text: &str| -> &'static str { text.to_owned().leak() };
    Start::console().size(100, 30).arguments(&[
        "--lang",
        "ja",
        "--data-dir",
        leaked(folder.to_str().expect("a path")),
        "--port",
        leaked(port),
    ])
}

/// So many consoles, started at the same moment.
fn start_together(count: u64, folder: &Path, port: &str) -> Vec<Console> {
    let line = Arc::new(Barrier::new(usize::try_from(count).expect("a few")));
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let (line, folder, port) = (Arc::clone(&line), folder.to_owned(), port.to_owned());
            std::thread::spawn(move || {
                line.wait();
                start(&folder, &port).run()
            })
        })
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().expect("a console"))
        .collect()
}

fn pid(console: &Console) -> i32 {
    console.pid().as_raw_nonzero().get()
}

/// Waits until each console has found its place, and takes the one owner out. Every other one names it.
#[track_caller]
fn the_one_owner(consoles: &mut Vec<Console>, folder: &Path) -> Console {
    for console in consoles.iter_mut() {
        console.wait_until("the books, or read only", |screen| {
            screen.contains(REGISTER)
                || screen.contains(READ_ONLY)
                || screen.contains(UNKNOWN)
                || screen.contains(APPROVED)
                || screen.contains(NOT_CHARGED)
        });
    }
    let owners: Vec<usize> = (0..consoles.len())
        .filter(|&index| !consoles[index].screen_text().contains(READ_ONLY))
        .collect();
    let &[owner] = owners.as_slice() else {
        panic!("{} owners of one folder", owners.len());
    };
    let owner = consoles.swap_remove(owner);
    assert_eq!(
        lock_holders(&folder.join("console.lock")),
        [pid(&owner)],
        "the lock is the owner's alone"
    );
    let name = format!("pid {}", pid(&owner));
    for viewer in consoles {
        assert!(
            viewer.screen_text().contains(&name),
            "a viewer does not say that {name} holds the books:\n{}",
            viewer.screen_text()
        );
    }
    owner
}

/// Everything a person might press to charge a card: a viewer has no way to it.
fn try_to_charge(viewer: &mut Console) {
    viewer.type_text("3430");
    viewer.press(&[Key::Enter, Key::F(12), Key::F(6), Key::F(12), Key::F(12)]);
    // The help lies over whatever the keys led to, so all of them have been taken when it is there.
    viewer.press(&[Key::F(1)]);
    viewer.wait_for("ヘルプ");
}

/// Races of two to eight consoles, each with an owner that dies.
const ROUNDS: u64 = 14;

/// Where an owner is killed.
const DEATHS: &[Option<&str>] = &[
    None,
    Some("asked"),
    Some("display: WaitingForCard"),
    Some("display: Centre"),
    Some("approved slip"),
];

#[test]
fn of_consoles_that_race_for_one_folder_and_one_port_one_owns_both() {
    for seed in 0..ROUNDS {
        let mut dice = Dice::new(seed);
        let count = 2 + seed % 7;
        let terminal = TerminalProcess::start(On::Tcp, "approve …", 100);
        let tap = Tap::to(terminal.address());
        let port = tap.port().to_str().expect("a path").to_owned();
        let folder = Folder::new();
        let mut consoles = start_together(count, &folder.path(), &port);
        let mut owner = the_one_owner(&mut consoles, &folder.path());
        owner.wait_for("連動中");
        assert_eq!(tap.holders(), [pid(&owner)], "the port is the owner's too");
        tap.wait_for_rest();
        let before = tap.bytes_from_consoles();
        for viewer in &mut consoles {
            try_to_charge(viewer);
        }
        assert_eq!(
            tap.bytes_from_consoles(),
            before,
            "seed {seed}: a viewer sent"
        );

        let death = *dice.pick(DEATHS);
        if let Some(step) = death {
            pay_by_card(&mut owner, "3430");
            terminal.wait_for(step);
        }
        owner.kill9();
        tap.forget_the_dead();
        let mut next = start_together(2 + dice.below(2), &folder.path(), &port);
        let mut heir = the_one_owner(&mut next, &folder.path());
        heir.wait_until("an outcome or an empty register", |screen| {
            [APPROVED, REGISTER, NOT_CHARGED, GAVE_UP]
                .iter()
                .any(|words| screen.contains(words))
        });
        assert!(
            !heir.screen_text().contains(GAVE_UP),
            "{}",
            heir.screen_text()
        );
        if heir.screen_text().contains(REGISTER) {
            // The books are read before the port is open.
            heir.wait_for("連動中");
        }
        assert_eq!(tap.holders(), [pid(&heir)]);
        assert_books_agree(&[&folder.path()], &terminal);
        assert!(terminal.books().len() <= 1, "seed {seed} {death:?}");
        assert_eq!(sales_in(&folder.path()).len(), usize::from(death.is_some()));
    }
}

/// Approved; where a slow machine kept the line still for so long that nothing was sent, at the next try.
fn approved_in_the_end(console: &mut Console) {
    console.wait_until("an outcome", |screen| {
        screen.contains(APPROVED) || screen.contains(NOT_CHARGED)
    });
    if console.screen_text().contains(NOT_CHARGED) {
        console.press(&[Key::Char('1'), Key::Esc]);
        console.wait_for(APPROVED);
    }
}

#[test]
fn two_shops_on_one_cable_never_share_it() {
    let terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let tap = Tap::to(terminal.address());
    let port = tap.port().to_str().expect("a path").to_owned();
    let (mine, theirs) = (Folder::new(), Folder::new());
    let mut first = start(&mine.path(), &port).run();
    first.wait_for("連動中");
    // In the middle of a sale: the amount has left, and the terminal's side of the line is kept still.
    tap.hold();
    pay_by_card(&mut first, "3430");
    first.wait_for("端末を呼び出しています");
    let before = tap.bytes_from_consoles();

    let mut second = start(&theirs.path(), &port).run();
    second.wait_for("ほかで使用中");
    pay_by_card(&mut second, "500");
    second.wait_for(NOT_CHARGED);
    second.wait_for("E101");
    second.wait_for("ポートは別のコンソールかプログラムが使用中");
    second.wait_for(&format!("pid {} (madoguchi)", pid(&first)));
    assert_eq!(sales_in(&theirs.path())[0]["state"], "cancelled");
    assert_eq!(tap.holders(), [pid(&first)]);

    tap.release();
    approved_in_the_end(&mut first);
    assert!(tap.bytes_from_consoles() > before);
    assert_books_agree(&[&mine.path(), &theirs.path()], &terminal);
    assert_eq!(terminal.books().len(), 1);

    // The first goes home, and the second has the line at its next try.
    first.kill9();
    tap.forget_the_dead();
    second.press(&[Key::Char('1'), Key::Esc]);
    second.wait_for(APPROVED);
    assert_eq!(tap.holders(), [pid(&second)]);
    assert_books_agree(&[&mine.path(), &theirs.path()], &terminal);
    assert_eq!(terminal.books().len(), 2);
}

#[test]
fn a_terminal_with_one_connection_serves_one_shop_and_turns_the_other_away() {
    let terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let (mine, theirs) = (Folder::new(), Folder::new());
    let mut first = start(&mine.path(), terminal.address()).run();
    first.wait_for("連動中");
    let mut second = start(&theirs.path(), terminal.address()).run();
    terminal.wait_for("turned away");
    second.wait_for("ほかで使用中");
    pay_by_card(&mut second, "500");
    second.wait_for(NOT_CHARGED);
    second.wait_for("E101");
    assert_eq!(sales_in(&theirs.path())[0]["state"], "cancelled");
    pay_by_card(&mut first, "3430");
    first.wait_for(APPROVED);
    first.kill9();
    terminal.wait_for("disconnected");
    second.press(&[Key::Char('1'), Key::Esc]);
    second.wait_for(APPROVED);
    assert_books_agree(&[&mine.path(), &theirs.path()], &terminal);
    let amounts: Vec<i64> = terminal
        .books()
        .iter()
        .filter_map(|entry| entry["amount"].as_i64())
        .collect();
    assert_eq!(amounts, [3430, 500], "each charged once");
}

/// What the terminal says when the counter does not take what it has to say: its patience is over.
const PATIENCE_OVER: &str = "a message was not taken";

/// The owner stands still: a second console reads, names it, and has nothing of the line.
fn a_second_console_only_reads(owner: &Console, folder: &Path, port: &str) {
    let mut other = start(folder, port).run();
    other.wait_for(READ_ONLY);
    other.wait_for(&format!("pid {}", pid(owner)));
    try_to_charge(&mut other);
    assert_eq!(lock_holders(&folder.join("console.lock")), [pid(owner)]);
    if port.starts_with('/') {
        assert_eq!(lock_holders(Path::new(port)), [pid(owner)]);
    }
}

/// An owner that stands still at this point of a sale, for longer than the terminal waits.
fn frozen_in_a_sale(on: On, script: &str, pace_ms: u32, point: &str) {
    let terminal = TerminalProcess::start(on, script, pace_ms);
    let folder = Folder::new();
    let mut owner = start(&folder.path(), terminal.address()).run();
    owner.wait_for("連動中");
    pay_by_card(&mut owner, "3430");
    terminal.wait_for(point);
    owner.freeze();
    a_second_console_only_reads(&owner, &folder.path(), terminal.address());
    terminal.wait_for(PATIENCE_OVER);
    owner.thaw();
    owner.wait_for(APPROVED);
    assert_books_agree(&[&folder.path()], &terminal);
    assert_eq!(terminal.books().len(), 1, "{script} {point}");
}

#[test]
fn an_owner_that_stood_still_while_the_terminal_worked_learns_the_outcome() {
    std::thread::scope(|scope| {
        for on in [On::Pty, On::Tcp] {
            // The customer has not shown a card yet; the centre is asked; the answer is there and waits.
            scope.spawn(move || frozen_in_a_sale(on, "approve", 1_500, "asked"));
            scope.spawn(move || frozen_in_a_sale(on, "approve", 3_000, "display: Centre"));
            scope.spawn(move || frozen_in_a_sale(on, "late 4000", 0, "approved slip"));
        }
    });
}

#[test]
fn an_owner_that_stood_still_before_the_amount_left_sends_it_once_or_not_at_all() {
    let terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
    let tap = Tap::to(terminal.address());
    let port = tap.port().to_str().expect("a path").to_owned();
    let folder = Folder::new();
    let mut owner = start(&folder.path(), &port).run();
    owner.wait_for("連動中");
    tap.wait_for_rest();
    owner.freeze();
    let before = tap.bytes_from_consoles();
    a_second_console_only_reads(&owner, &folder.path(), &port);
    assert_eq!(tap.bytes_from_consoles(), before);
    owner.thaw();
    // The terminal is called, and what it answers comes to a console that stands still.
    tap.hold();
    pay_by_card(&mut owner, "3430");
    tap.wait_for_more_than(before);
    owner.freeze();
    let called = tap.bytes_from_consoles();
    tap.release();
    a_second_console_only_reads(&owner, &folder.path(), &port);
    assert_eq!(tap.bytes_from_consoles(), called);
    owner.thaw();
    approved_in_the_end(&mut owner);
    assert_books_agree(&[&folder.path()], &terminal);
    assert_eq!(terminal.books().len(), 1);
}

#[test]
fn a_machine_without_room_for_another_file_charges_nothing_and_goes_on_when_there_is() {
    for serial in [true, false] {
        let terminal = TerminalProcess::start(On::Tcp, "approve …", 0);
        let tap = serial.then(|| Tap::to(terminal.address()));
        let port = tap.as_ref().map_or_else(
            || terminal.address().to_owned(),
            |tap| tap.port().display().to_string(),
        );
        let (mine, theirs) = (Folder::new(), Folder::new());
        let mut first = start(&mine.path(), &port).run();
        first.wait_for("連動中");
        // A console without its port, at a moment when no program gets another file.
        let mut second = start(&theirs.path(), &port).run();
        second.wait_for("ほかで使用中");
        let usual = limit_files(&second, Some(4));
        pay_by_card(&mut second, "500");
        second.wait_for(NOT_CHARGED);
        second.wait_for("E101");
        second.wait_for("ポートを開けませんでした");
        second.wait_until("the system's words", |screen| {
            // They go on in the next line.
            let words: String = screen.chars().filter(|c| c.is_ascii_alphabetic()).collect();
            words.contains("Toomanyopenfiles")
        });
        assert_eq!(sales_in(&theirs.path())[0]["state"], "cancelled");
        assert_eq!(terminal.books().len(), 0);
        first.kill9();
        match &tap {
            Some(tap) => tap.forget_the_dead(),
            None => terminal.wait_for("disconnected"),
        }
        limit_files(&second, usual);
        second.press(&[Key::Char('1'), Key::Esc]);
        second.wait_for(APPROVED);
        assert_books_agree(&[&theirs.path()], &terminal);
    }
}

/// Sets how many files a running console may have open, and tells how many it was. What is open stays open.
fn limit_files(console: &Console, current: Option<u64>) -> Option<u64> {
    let usual = prlimit(
        Some(console.pid()),
        Resource::Nofile,
        Rlimit {
            current,
            maximum: getrlimit(Resource::Nofile).maximum,
        },
    );
    usual.expect("our own program").current
}
