//! The terminal room in a terminal of its own: what is taken over is given back, whatever happens.
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::mpsc;

use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::Message;
use madoguchi::domain::barcode::framing::{Framing, GAP_MS};
use madoguchi::edge::tty::{Probe, ReaderOptions, Screen, ScreenOptions, TtyError, spawn_reader};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use rustix::process::Signal;
use support::console::{Console, Start};

const CHILD: &str = "MADOGUCHI_TEST_CHILD";
/// Ends without a word, also without those of the test program.
const QUIET: &str = "MADOGUCHI_TEST_QUIET";

/// Not a test of its own: the program that the others run, one screen that shows what it is told.
#[test]
fn a_screen_that_shows_its_messages() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    if let Err(error) = show_messages() {
        println!("refused: {error}");
    }
}

fn show_messages() -> Result<(), TtyError> {
    let options = ScreenOptions {
        colour: true,
        synchronized: false,
    };
    let mut screen = Screen::enter(options)?;
    let probe = Probe::ask(&screen)?;
    let mut lines = vec![format!("width {:?}", probe.width)];
    let (send, inbox) = mpsc::channel();
    let options = ReaderOptions {
        custom: BTreeMap::from([(b"\x1b[25~".to_vec(), Key::F(12))]),
        scanner: Framing::typed(GAP_MS),
        probe,
    };
    let _reader = spawn_reader(move |message| drop(send.send(message)), options)?;
    loop {
        let (columns, rows) = screen.size();
        let drawn = screen.draw(|frame| {
            let size = format!("窓口 {columns}x{rows}");
            let shown = lines.iter().rev().take(15).map(String::as_str);
            let text: Vec<Line<'_>> = std::iter::once(size.as_str())
                .chain(shown)
                .map(Line::raw)
                .collect();
            frame.render_widget(Paragraph::new(text), frame.area());
            frame.set_cursor_position((0, 0));
        });
        match drawn {
            Err(error) if error.kind() != ErrorKind::TimedOut => return Err(error.into()),
            _ => {}
        }
        match inbox.recv().expect("the reader runs") {
            Message::Hangup => break,
            Message::Resized(columns, rows) => screen.resize(columns, rows),
            Message::Input(Input::Key(KeyPress { key, .. })) => match key {
                Key::Ctrl('q') => break,
                Key::Ctrl('p') => panic!("as asked"),
                Key::Ctrl('b') => screen.ring(3),
                key => lines.push(format!("{key:?}")),
            },
            Message::Input(input) => lines.push(format!("{input:?}")),
            other => lines.push(format!("{other:?}")),
        }
    }
    drop(screen);
    if std::env::var_os(QUIET).is_some() {
        std::process::exit(0);
    }
    println!("left in peace");
    Ok(())
}

fn start_screen() -> Console {
    let mut console = with_child(|start| start.run());
    console.wait_for("窓口 80x24");
    console
}

fn with_child(run: impl FnOnce(Start<'_>) -> Console) -> Console {
    let program = std::env::current_exe().expect("this test");
    let start = Start::program(&program)
        .arguments(&["--exact", "a_screen_that_shows_its_messages", "--nocapture"])
        .variable(CHILD, "1");
    run(start)
}

#[test]
fn the_screen_is_taken_and_given_back() {
    let mut console = start_screen();
    assert!(console.has_alternate_screen());
    assert!(!console.is_cooked());
    assert_eq!(console.cursor(), Some((0, 0)));
    console.press(&[Key::Ctrl('q')]);
    console.wait_for("left in peace");
    assert!(console.exit_status().success());
    console.assert_restored();
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_speaks() {
    let mut console = start_screen();
    console.press(&[Key::Ctrl('p')]);
    console.wait_for("as asked");
    assert!(!console.exit_status().success());
    console.assert_restored();
    let raw = String::from_utf8_lossy(&console.raw_output()).into_owned();
    let left = raw.rfind("\x1b[?1049l").expect("it left the screen");
    assert!(raw.find("as asked").is_some_and(|said| said > left));
}

#[test]
fn signals_that_end_a_program_end_it_in_order() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut console = start_screen();
        console.signal(signal);
        console.wait_for("left in peace");
        assert!(console.exit_status().success(), "{signal:?}");
        console.assert_restored();
    }
}

#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    let mut console = start_screen();
    console.close_window();
    // Its last words have nowhere to go, so how it ends is its own affair; that it ends is ours.
    console.exit_status();
}

#[test]
fn a_terminal_that_takes_nothing_does_not_hold_the_program() {
    let mut console = with_child(|start| start.variable(QUIET, "1").run());
    console.wait_for("width Narrow");
    console.stall();
    console.type_text(&"窓口".repeat(1_000));
    console.signal(Signal::TERM);
    assert!(console.exit_status().success());
}

#[test]
fn a_stop_from_outside_is_not_obeyed_and_going_on_paints_anew() {
    let mut console = start_screen();
    console.signal(Signal::TSTP);
    console.press(&[Key::Up]);
    console.wait_for("Up");
    console.signal(Signal::STOP);
    console.signal(Signal::CONT);
    console.press(&[Key::Down]);
    console.wait_for("Down");
    assert!(!console.is_cooked());
    // Entered at the start, and again.
    console.wait_for_bytes(b"\x1b[?1049h", 2);
}

#[test]
fn the_screen_follows_the_window() {
    let mut console = start_screen();
    for size in 1..120 {
        console.resize(size, size / 2 + 1);
    }
    console.resize(100, 30);
    console.wait_for("窓口 100x30");
}

#[test]
fn keys_scans_and_pastes_come_as_what_they_are() {
    let mut console = start_screen();
    console.wait_for("width Narrow");
    console.press(&[Key::F(9), Key::F(1)]);
    console.wait_for("F(9)");
    console.wait_for("F(1)");
    console.send(b"\x1b[25~");
    console.wait_for("F(12)");
    console.type_text("123456");
    console.press(&[Key::Enter]);
    console.wait_for("Enter");
    console.wait_for("Char('6')");
    console.scan("4901234567894");
    console.wait_for("Scan(\"4901234567894\")");
    console.paste("診断書\r\n3,240");
    console.wait_for("Paste(\"診断書 3,240\")");
    console.send(b"\x90\x66\x92\x66");
    console.wait_for("NotUtf8");
    console.press(&[Key::Esc]);
    console.wait_for("Esc");
}

#[test]
fn a_terminal_that_does_not_answer_is_not_waited_for_long() {
    let mut console = with_child(|start| start.mute().run());
    console.wait_for("width Unknown");
    console.send(b"\x1b[1;2R\x1b[?62c");
    console.press(&[Key::Up]);
    console.wait_for("Up");
    assert!(
        !console.screen_text().contains("Unknown]"),
        "the late answer is no key"
    );
    assert!(!console.screen_text().contains("\nUnknown"));
}

#[test]
fn a_frame_is_one_write_and_an_idle_screen_writes_nothing() {
    let mut console = start_screen();
    console.wait_for("width Narrow");
    console.press(&[Key::Up]);
    console.wait_for("Up");
    let (_, reads) = console.written();
    console.press(&[Key::Down]);
    console.wait_for("Down");
    assert_eq!(console.written().1, reads + 1);
}

#[test]
fn where_no_screen_can_be_a_sentence_says_so() {
    let mut console = with_child(|start| start.variable("TERM", "dumb").run());
    console.wait_for("TERM=dumb cannot show screens");
    console.exit_status();
    console.assert_restored();

    let program = std::env::current_exe().expect("this test");
    let output = std::process::Command::new(program)
        .args(["--exact", "a_screen_that_shows_its_messages", "--nocapture"])
        .env(CHILD, "1")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("this test again");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("needs a terminal for its input"), "{said}");
}

#[test]
fn the_harness_sees_what_a_program_shows() {
    let mut console = Start::program(Path::new("cat")).run();
    console.send("診断書\r".as_bytes());
    console.wait_until("an echo and an answer", |screen| screen == "診断書\n診断書");
    assert!(console.is_cooked());
    console.signal(Signal::TERM);
    assert!(!console.exit_status().success());

    let mut console = Start::program(Path::new("stty"))
        .arguments(&["-a"])
        .size(77, 33)
        .run();
    console.wait_for("rows 33; columns 77");
    assert!(console.exit_status().success());

    let mut console = Start::program(Path::new("sh"))
        .arguments(&["-c", "echo $TZ $LANG $HOME; read x"])
        .run();
    console.wait_for("Asia/Tokyo ja_JP.UTF-8");
    console.kill9();
    assert!(!console.exit_status().success());
}
