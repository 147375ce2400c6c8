//! What is wrong with `[scanner]`, told.

use super::{Told, told};
use crate::config::scanner::ScannerFault;

pub(super) fn tell(fault: ScannerFault) -> Told {
    match fault {
        ScannerFault::WantsPort => told(
            (
                "kind = \"serial\" のスキャナーには port が要ります。",
                "a scanner of kind \"serial\" wants a port.",
            ),
            (
                "port = \"/dev/ttyACM0\" や \"COM5\" のように書いてください。",
                "write it like port = \"/dev/ttyACM0\" or \"COM5\".",
            ),
        ),
        ScannerFault::HasNoPort => told(
            (
                "kind = \"keyboard\" のスキャナーに port と baud は書けません。",
                "a scanner of kind \"keyboard\" has neither port nor baud.",
            ),
            (
                "その行を消すか、kind = \"serial\" にしてください。",
                "take that line out, or write kind = \"serial\".",
            ),
        ),
        ScannerFault::Prefix => told(
            (
                "スキャナーの先頭文字は ASCII 8文字までです。",
                "the prefix of a scanner has at most 8 characters of ASCII.",
            ),
            (
                "スキャナーの設定と同じ文字にしてください。例: prefix = \"~\"、STX は \"\\u0002\"",
                "write what the scanner sends, such as \"~\"; STX is \"\\u0002\".",
            ),
        ),
    }
}
