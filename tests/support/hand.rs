//! The hands of a person who reads: a key pressed as a page appears is nobody's answer, so it is pressed until it is taken.

use madoguchi::app::key::Key;

use super::console::Console;
use super::terminal_process::TerminalProcess;

/// It means nothing on any screen: pressed in between, it says that two presses of another key are two.
const IDLE: Key = Key::F(11);
pub const MEANS_NOTHING: &str = "この画面では使わないキーです";
const TOO_SOON: &str = "もう一度押してください";

/// Press a key until the screen is as wanted; every press that came too soon says so.
#[track_caller]
pub fn press_until(console: &mut Console, key: Key, what: &str, done: impl Fn(&str) -> bool) {
    while !done(&console.screen_text()) {
        console.press(&[IDLE]);
        console.wait_until(&format!("{what}, or a hand at rest"), |screen| {
            done(screen) || screen.contains(MEANS_NOTHING)
        });
        console.press(&[key]);
        console.wait_until(what, |screen| done(screen) || screen.contains(TOO_SOON));
    }
}

/// Press a key until the screen shows this.
#[track_caller]
pub fn press_for(console: &mut Console, key: Key, text: &str) {
    press_until(console, key, text, |screen| screen.contains(text));
}

/// 1 on the screen of a sale without an outcome, once the console has stopped asking: there is a slip, and this is its number.
#[track_caller]
pub fn prove_by_slip(console: &mut Console, number: &str) {
    press_for(console, Key::Char('1'), "売上票の伝票番号");
    console.type_text(number);
    console.press(&[Key::Enter]);
}

/// Lead work by hand from its first page to its last, at a terminal that is on a link; gives the number on the slip that comes out.
#[track_caller]
pub fn work_by_hand(
    console: &mut Console,
    terminal: &mut TerminalProcess,
    operation: &str,
    amount: &str,
) -> String {
    press_for(console, Key::F(12), "端末をPOS連動からはずします");
    terminal.press("off");
    press_for(console, Key::F(12), "控えが出たら F12");
    let slip = terminal.operate(operation);
    press_for(console, Key::F(12), "端末から出た控えを見て入力します");
    console.type_text(&slip);
    console.press(&[Key::Enter]);
    console.type_text(amount);
    press_for(console, Key::F(12), "端末をPOS連動に戻します");
    terminal.press("on");
    console.press(&[Key::F(5)]);
    console.wait_for("端末の応答で、連動に戻った");
    slip
}
