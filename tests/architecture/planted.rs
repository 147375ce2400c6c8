//! Each rule is shown a violation, in every dress it may come in, and must see it; and its innocent twin, which it must let pass.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{FIELDS_MAX, FILE_LINES_MAX, FUNCTION_LINES_MAX, complaints, crates};

fn told(files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<PathBuf, String> = files
        .iter()
        .map(|(path, text)| (PathBuf::from(path), (*text).to_owned()))
        .collect();
    complaints(&files, &crates())
}

fn is_seen(file: &str, text: &str) {
    let told = told(&[(file, text)]);
    assert!(!told.is_empty(), "{file}: not seen: {text}");
}

fn passes(file: &str, text: &str) {
    let told = told(&[(file, text)]);
    assert!(told.is_empty(), "{file}: {text}: {told:?}");
}

#[test]
fn a_forbidden_room_is_seen_in_every_dress() {
    for text in [
        "use crate::edge::store::Store;",
        "use crate::{domain, edge::{store::Store, tty}};",
        "use crate::edge as harmless;",
        "use crate::{self as c}; fn f() { c::edge::store::open(); }",
        "use crate as c; fn f() -> c::edge::Loop { todo() }",
        "use super::edge::*;",
        "pub use crate::edge::store::Store;",
        "fn f() { crate::edge::store::open(); }",
        "fn f(store: &crate::edge::store::Store) {}",
        "fn f() { use crate::edge::store; }",
        "fn f() { println(format!(\"{}\", crate::edge::store::count())); }",
        "struct S { store: Option<Box<crate::edge::store::Store>> }",
        "impl crate::edge::Port for S {}",
        "mod inner { use super::super::edge::store; }",
        "mod inner { fn f() { crate::edge::x() } }",
    ] {
        is_seen("domain.rs", text);
        is_seen("ui.rs", text);
    }
    is_seen("domain/money.rs", "use super::super::edge::store;");
    is_seen("domain/money.rs", "use super::super::cat::Phase;");
}

#[test]
fn what_the_table_allows_passes() {
    for (file, text) in [
        (
            "domain/sale.rs",
            "use super::money::Yen; use crate::domain::slip::SlipNumber; use serde::Serialize;",
        ),
        (
            "cat/session.rs",
            "use super::frame::Frame; use crate::domain::money::Yen; use super::*;",
        ),
        (
            "app.rs",
            "mod checkout; use crate::cat::Phase; use crate::locale::TextId; use checkout::Checkout; use self::checkout::X;",
        ),
        (
            "ui/history.rs",
            "use crate::app::State; use ratatui::Frame; fn draw(frame: &mut Frame<'_>, state: &State) {}",
        ),
        (
            "edge/link/driver.rs",
            "use super::Clock; use crate::app::message::LinkRequest; use crate::cat::session::Session; use crate::edge::os::private; use std::thread;",
        ),
        (
            "edge.rs",
            "mod link; use crate::app::State; use crate::ui; use link::Link;",
        ),
        (
            "command/doctor.rs",
            "use crate::edge::store::Store; use std::fs;",
        ),
        (
            "main.rs",
            "use madoguchi::command; fn main() { println!(\"x\") }",
        ),
        ("lib.rs", "pub mod app; pub mod edge;"),
        (
            "domain/text.rs",
            "// std::fs\nconst S: &str = \"std::fs::read\"; fn f() { x(format!(\"crate::edge {}\", 1)) }",
        ),
    ] {
        passes(file, text);
    }
}

#[test]
fn app_knows_the_vocabulary_of_the_terminal_and_not_the_exchange() {
    is_seen("app/linking.rs", "use crate::cat::session::Session;");
    is_seen(
        "app/linking.rs",
        "use crate::cat; fn f(s: cat::session::Session) {}",
    );
    is_seen(
        "app/linking.rs",
        "use crate::cat as c; fn f() { matches!(x, c::frame::Frame::Ack) }",
    );
    is_seen("app/linking.rs", "use crate::cat::{Phase, simulator};");
    is_seen("app.rs", "use ratatui::Frame;");
    is_seen("app.rs", "fn f() -> rusqlite::Connection {}");
    passes("app/linking.rs", "use crate::cat::recovery::Verdict;");
}

#[test]
fn adapters_do_not_know_each_other_nor_the_state_nor_the_screen() {
    for text in [
        "use crate::app::State;",
        "use crate::app;",
        "use crate::ui;",
        "use crate::edge::tty;",
        "use super::super::tty::Screen;",
        "use crate::command::launch;",
        "use ratatui::Frame;",
    ] {
        is_seen("edge/store/write.rs", text);
    }
    is_seen("edge/tty.rs", "use rusqlite::Connection;");
    is_seen("edge/tty.rs", "use serialport::SerialPort;");
}

#[test]
fn a_pure_room_that_reads_clock_disk_or_line_is_seen() {
    for text in [
        "use std::fs;",
        "use std::{collections::BTreeMap, fs::File};",
        "fn f() { std::fs::read(\"x\"); }",
        "use std::net::TcpStream;",
        "use std::time::Instant;",
        "use std::time::{Duration, SystemTime as S};",
        "use std::time; fn f() { time::Instant::now(); }",
        "use std as s; fn f() { s::thread::sleep(d) }",
        "fn f() { vec![std::time::SystemTime::now()]; }",
        "use std::thread;",
        "use std::io::Read;",
        "use std::env;",
        "use chrono::Local;",
        "fn f() { chrono::Utc::now(); }",
        "use chrono::Utc; fn f() { Utc::now(); }",
        "fn f() { println!(\"x\"); }",
    ] {
        for room in [
            "domain/money.rs",
            "cat/session.rs",
            "app/history.rs",
            "ui/style.rs",
        ] {
            is_seen(room, text);
        }
    }
    passes(
        "cat/session.rs",
        "use std::time::Duration; use chrono::NaiveDateTime;",
    );
}

#[test]
fn floats_are_seen_where_money_is() {
    for text in [
        "fn f(x: f64) {}",
        "const X: u8 = g(1.5);",
        "fn f() { let x = y as f32; }",
    ] {
        is_seen("domain/money.rs", text);
    }
}

#[test]
fn a_screen_that_could_change_the_state_is_seen() {
    for text in [
        "use crate::app::State; fn draw(state: &mut State) {}",
        "use crate::app::State as S; fn draw(state: &mut S) {}",
        "use crate::app; fn draw(state: &mut app::State) {}",
        "fn draw(state: &mut crate::app::State) {}",
        "struct W<'a> { state: &'a mut crate::app::State }",
    ] {
        is_seen("ui/checkout.rs", text);
    }
    is_seen("ui/checkout.rs", "use crate::app::message::Effect;");
    passes("ui/list.rs", "fn draw(state: &mut Self::State) {}");
}

#[test]
fn an_unwrap_is_seen_unless_a_test_does_it() {
    is_seen("command/x.rs", "fn f() { g().unwrap(); }");
    is_seen("command/x.rs", "fn f() { println!(\"{}\", g().unwrap()); }");
    is_seen("command/x.rs", "impl S { fn f(&self) { g().unwrap(); } }");
    is_seen("command/x.rs", "#[cfg(not(test))] fn f() { g().unwrap(); }");
    passes(
        "command/x.rs",
        "fn f() { g().unwrap_or_default(); g().expect(\"why\"); }",
    );
    passes(
        "command/x.rs",
        "#[cfg(test)] mod tests { fn f() { g().unwrap(); } }",
    );
    passes(
        "command/x.rs",
        "#[cfg(all(test, unix))] mod tests { use std::fs; fn f() { g().unwrap(); } }",
    );
    let files = [
        ("domain/x.rs", "#[cfg(test)] mod tests;"),
        ("domain/x/tests.rs", "use std::fs; fn f() { g().unwrap(); }"),
        ("domain/x/tests/more.rs", "use std::fs;"),
    ];
    assert_eq!(told(&files), Vec::<String>::new());
}

#[test]
fn what_grows_too_large_is_seen() {
    is_seen("command/x.rs", &"// a line\n".repeat(FILE_LINES_MAX + 1));
    passes("command/x.rs", &"// a line\n".repeat(FILE_LINES_MAX));
    let function = |lines: usize| {
        format!(
            "pub(crate) fn f() {{\n{}}}\n",
            "    g();\n".repeat(lines - 2)
        )
    };
    is_seen("command/x.rs", &function(FUNCTION_LINES_MAX + 1));
    passes("command/x.rs", &function(FUNCTION_LINES_MAX));
    let method = |lines: usize| {
        format!(
            "impl S {{\n    const fn f() {{\n{}    }}\n}}\n",
            "        g();\n".repeat(lines - 2)
        )
    };
    is_seen("command/x.rs", &method(FUNCTION_LINES_MAX + 1));
    let tests = format!(
        "fn g() {{}}\n\n#[cfg(test)]\nmod tests {{\n{}}}\n",
        function(FUNCTION_LINES_MAX + 1)
    );
    passes("command/x.rs", &tests);
    let structure = |fields: usize| {
        let fields: Vec<String> = (0..fields).map(|n| format!("f{n}: u8")).collect();
        format!("struct S {{ {} }}", fields.join(", "))
    };
    is_seen("command/x.rs", &structure(FIELDS_MAX + 1));
    passes("command/x.rs", &structure(FIELDS_MAX));
}

#[test]
fn a_room_that_is_not_in_the_table_is_seen() {
    is_seen("printer.rs", "");
    is_seen("lib.rs", "use crate::edge;");
}
