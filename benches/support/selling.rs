//! Hands at the real console: everything up to the key that sends the amount, and on to the next sale.

use std::path::Path;
use std::time::Duration;

use super::program::{Program, at_home};
use super::tap::Tap;

/// So long a silence ends the answer to a key.
pub const SILENCE: Duration = Duration::from_millis(5);

pub const F6: &[u8] = b"\x1b[17~";
pub const F12: &[u8] = b"\x1b[24~";
const ENTER: &[u8] = b"\r";

/// A console with this home folder, its books in `data` there, at this line.
pub fn open(home: &Path, tap: &Tap) -> Program {
    let mut command = at_home(env!("CARGO_BIN_EXE_madoguchi"), home);
    command
        .args(["--lang", "ja", "--port", &tap.port, "--data-dir"])
        .arg(home.join("data"));
    let mut console = Program::start(&mut command);
    console.until("金額・品名を入力");
    console.settle(Duration::from_millis(500));
    console
}

/// Everything up to the key that sends the amount.
pub fn ring_up(console: &mut Program) {
    for key in ["3", "4", "3", "0"] {
        console.answer_to(key.as_bytes(), SILENCE);
    }
    console.answer_to(ENTER, SILENCE);
    console.type_keys(F12);
    console.until("ご請求");
    console.settle(SILENCE);
    console.type_keys(F6);
    console.until("クレジット利用");
    console.settle(SILENCE);
    console.type_keys(F12);
    console.until_gone("クレジット利用");
    console.settle(SILENCE);
}

/// From the outcome to the next sale.
pub fn go_on(console: &mut Program) {
    console.settle(SILENCE);
    // The same key once more would have to wait: nobody shall press an outcome away unread.
    console.type_keys(ENTER);
    console.until("金額・品名を入力");
    console.settle(SILENCE);
}
