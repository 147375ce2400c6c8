//! Bytes of a receipt printer in, what a decoder by other hands understood of them out: one JSON object a line.
//!
//! That decoder knows no kanji mode: text is handed on byte by byte (a byte is the character of its number), for a codec that does.

use std::io::Read;
use hardless_escpos::{CodePages, Parser, TableCodePage};

fn main() {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).expect("bytes");
    let page = || {
        let mut upper = ['\0'; 128];
        for (byte, slot) in (0x80_u8..=0xFF).zip(upper.iter_mut()) {
            *slot = char::from(byte);
        }
        TableCodePage::new("as it came", upper)
    };
    let mut parser = Parser::with_code_pages(CodePages::default().with(0, page()).with(1, page()));
    let mut nodes = parser.push(&bytes);
    nodes.extend(parser.finish());
    for node in nodes {
        println!("{}", serde_json::to_string(&node).expect("a node"));
    }
}
