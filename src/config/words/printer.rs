//! What is wrong with `[printer]`, told.

use super::{Told, told};
use crate::config::printer::PrinterFault;

pub(super) fn tell(fault: PrinterFault) -> Told {
    match fault {
        PrinterFault::Wants(kind, key) => told(
            (
                format!("kind = \"{kind}\" のプリンターには {key} が要ります。"),
                format!("a printer of kind \"{kind}\" wants {key}."),
            ),
            (
                "serial は address = \"/dev/ttyUSB1\"、tcp は address = \"192.168.1.30\"、file は path = \"/dev/usb/lp0\" のように書きます。",
                "serial: address = \"/dev/ttyUSB1\"; tcp: address = \"192.168.1.30\"; file: path = \"/dev/usb/lp0\".",
            ),
        ),
        PrinterFault::HasNo(kind, key) => told(
            (
                format!("kind = \"{kind}\" のプリンターに {key} は書けません。"),
                format!("a printer of kind \"{kind}\" has no {key}."),
            ),
            ("その行を消してください。", "take that line out."),
        ),
        PrinterFault::Columns => told(
            (
                "この桁数の用紙はありません。",
                "no paper has that many columns.",
            ),
            (
                "58mm の用紙は 32、80mm の用紙は 42 か 48 にします。",
                "write 32 for paper of 58 mm, 42 or 48 for 80 mm.",
            ),
        ),
        PrinterFault::TooWideForPaper => told(
            (
                "CODE39 のバーコードは 32 桁の用紙に入りません。",
                "a CODE39 bar code does not fit paper of 32 columns.",
            ),
            (
                "barcode = \"code128\" か \"none\" にしてください。",
                "write barcode = \"code128\" or \"none\".",
            ),
        ),
    }
}
