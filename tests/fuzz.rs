//! Everything that reads bytes from outside, given bytes that nobody meant: no stop, no growth without bound, no wait without end.
//!
//! Each target plays its kept inputs in `tests/fuzz/corpus`, what the product itself says, and some thousands made of those by a seed.
//! `docs/checking.md` says how to play more.

#[path = "fuzz/files.rs"]
mod files;
#[path = "fuzz/line.rs"]
mod line;
#[path = "fuzz/orca.rs"]
mod orca;
#[path = "fuzz/people.rs"]
mod people;
#[path = "fuzz/runner.rs"]
mod runner;

use runner::{Target, run};

/// A target with the name of its test.
macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident: $executions:literal, 1 in $share:literal, $seeds:expr, $words:expr, $play:expr;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            run(&Target {
                name: stringify!($name),
                executions: $executions,
                share: $share,
                seeds: $seeds,
                words: $words,
                play: $play,
            });
        }
    )*};
}

/// Controls of the lines, and what several dialects begin with.
const CONTROLS: &[&[u8]] = &[
    b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x10", b"\x15", b"\x17", b"\x01", b"\x1c",
    b"\x1d", b"\x1f",
];
/// Pieces of TOML.
const TOML: &[&[u8]] = &[
    b"\n",
    b"=",
    b"[",
    b"]",
    b"[[",
    b"\"",
    b"{",
    b"}",
    b"true",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e400",
    b"''",
    b"\n[a]\n",
    b"width = 0\n",
    b"offset = 65536\n",
    b"0x",
    b"#",
];
/// What a terminal sends for keys, and what scanners and clipboards do.
const KEYS: &[&[u8]] = &[
    b"\x1b",
    b"\x1b[",
    b"\x1b[A",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[1;5P",
    b"\x1bO",
    b"\x1b]0;",
    b"\x07",
    b"\x1b\\",
    b"\x1bP",
    b"\x1b[24;80R",
    b"\r",
    b"\n",
    b"\xe3\x81\x82",
    b"\xff",
    b"\x1b[<0;1;1M",
    b"4901234567894\r",
];
/// Digits and what may stand between and around them.
const TEXT: &[&[u8]] = &[
    b"4111111111111111",
    b"4111 1111 1111 1111",
    "４１１１".as_bytes(),
    "円".as_bytes(),
    "¥".as_bytes(),
    b",",
    b"-",
    b" ",
    "\u{202e}".as_bytes(),
    "\u{200b}".as_bytes(),
    b"*",
    b"X",
    "−".as_bytes(),
    b"9223372036854775807",
    b"\x1b]52;",
    "\u{3000}".as_bytes(),
];
/// Pieces of the receipt computer's JSON.
const JSON: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"1e999",
    b"-0",
    b"{},{},{}",
    b"\"Api_Result\":\"00000\"",
    b"\"Api_Result\":\"W0\"",
    b"\"      6030\"",
    b"\"-99999999999999999999\"",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];
/// Pieces of its XML.
const XML: &[&[u8]] = &[
    b"<",
    b"/>",
    b"</xmlio2>",
    b"<a type=\"array\">",
    b"<a type=\"record\">",
    b"</a>",
    b"&#0;",
    b"&#x10FFFF;",
    b"&lol;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"<html>",
];

targets! {
    frames: 3_000, 1 in 1, line::bytes_of_both, CONTROLS, line::frames;
    texts: 2_000, 1 in 1, line::texts_said, CONTROLS, line::texts;
    replies: 6_000, 1 in 1, line::texts_said, CONTROLS, line::replies;
    asked: 4_000, 1 in 1, line::texts_asked, CONTROLS, line::asked;
    exchanges: 2_000, 1 in 2, line::bytes_said, CONTROLS, line::exchanges;
    terminals: 500, 1 in 8, line::bytes_asked, CONTROLS, line::terminals;
    layouts: 300, 1 in 16, files::layout_files, TOML, files::layouts;
    models: 600, 1 in 8, files::model_files, TOML, files::models;
    configs: 300, 1 in 16, files::config_files, TOML, files::configs;
    scripts: 3_000, 1 in 1, files::scripts, &[b"\n", b"#", b"repeat", b"approve", b"late 1"], files::script;
    key_files: 1_000, 1 in 8, files::key_files, TOML, files::keys;
    books: 60, 1 in 200, files::spoilings, &[b"\x00\x00\x00", b"\xff\xff\xff"], files::books;
    orca_json: 2_000, 1 in 2, orca::json_answers, JSON, orca::answers;
    orca_xml: 2_000, 1 in 2, orca::xml_answers, XML, orca::answers;
    orca_asked: 1_000, 1 in 4, orca::requests, JSON, orca::asked;
    orca_push: 4_000, 1 in 1, orca::frames, JSON, orca::told;
    keys: 6_000, 1 in 1, || vec![b"\x013430\r\x1b[A".to_vec()], KEYS, people::keys;
    amounts: 6_000, 1 in 1, || vec![b"3,430".to_vec(), "￥３，４３０円".as_bytes().to_vec()], TEXT, people::amounts;
    accounts: 6_000, 1 in 1, || vec![b"411111******1111".to_vec()], TEXT, people::accounts;
    sanitised: 6_000, 1 in 1, || vec![b"card 4111 1111 1111 1111".to_vec()], TEXT, people::sanitised;
}
