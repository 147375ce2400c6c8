//! Several consoles at one data folder, one cable, one terminal; and consoles that stand still: the real program, in PTYs.
#![cfg(target_os = "linux")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};

use madoguchi::app::key::Key;
use support::console::{Console, Start};
use support::tap::{Tap, lock_holders};
use support::terminal_process::{On, TerminalProcess};
use support::till::{
    APPROVED, GAVE_UP, NOT_CHARGED, READ_ONLY, REGISTER, UNKNOWN, assert_books_agree, pay_by_card,
    sales_in,
};

/// Small numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

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
    for seed in 0..7 {
        let mut dice = Dice(seed);
        let count = 2 + seed;
        let terminal = TerminalProcess::start(On::Tcp, "approve …", 100);
        let tap = Tap::to(terminal.address());
        let port = tap.port().to_str().expect("a path").to_owned();
        let folder = Folder::new();
        let mut consoles = start_together(count, &folder.path(), &port);
        let mut owner = the_one_owner(&mut consoles, &folder.path());
        owner.wait_for("連動中");
        assert_eq!(tap.holders(), [pid(&owner)], "the port is the owner's too");
        let before = tap.bytes_from_consoles();
        for viewer in &mut consoles {
            try_to_charge(viewer);
        }
        assert_eq!(
            tap.bytes_from_consoles(),
            before,
            "seed {seed}: a viewer sent"
        );

        let death = DEATHS[usize::try_from(dice.below(5)).expect("an index")];
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
        assert_eq!(tap.holders(), [pid(&heir)]);
        assert_books_agree(&[&folder.path()], &terminal);
        assert!(terminal.books().len() <= 1, "seed {seed} {death:?}");
        assert_eq!(sales_in(&folder.path()).len(), usize::from(death.is_some()));
    }
}
