//! `[printer]`: what the sample shows, and what is said of one that cannot work.

use super::*;
use crate::config::printer::{Printer, PrinterPlace};
use crate::slip::charset::CodePage;
use crate::slip::escpos::Symbology;

/// The sample with its printer, and these lines in the place of kind and address.
fn with_printer(lines: &str) -> String {
    let mut source = SAMPLE.to_owned();
    for key in [
        "[printer]",
        "columns",
        "auto",
        "code_page",
        "barcode",
        "logo",
        "two_way",
    ] {
        source = source.replace(&format!("\n# {key}"), &format!("\n{key}"));
    }
    source.replace("\n[printer]\n", &format!("\n[printer]\n{lines}\n"))
}

#[test]
fn the_printer_of_the_sample_is_one() {
    let source = with_printer("kind = \"tcp\"\naddress = \"192.168.1.30\"");
    let printer = load(&source).expect("a configuration").printer;
    assert_eq!(
        printer,
        Some(Printer {
            place: PrinterPlace::Tcp {
                host: "192.168.1.30".into(),
                port: 9_100,
            },
            columns: 48,
            auto: true,
            code_page: CodePage::Cp932,
            barcode: Symbology::Code128,
            logo: Some("logo.pbm".into()),
            two_way: true,
        })
    );
    let bare = format!("{SAMPLE}\n[printer]\nkind = \"file\"\npath = \"/dev/usb/lp0\"\n");
    let printer = load(&bare).expect("a configuration").printer;
    let printer = printer.expect("a printer");
    assert!(printer.auto && !printer.two_way && printer.logo.is_none());
    assert_eq!(printer.place, PrinterPlace::File("/dev/usb/lp0".into()));
}

#[test]
fn a_printer_that_cannot_work_is_told_with_line_and_remedy() {
    for (lines, at, words) in [
        ("kind = \"usb\"", "kind", "serial"),
        ("kind = \"tcp\"", "kind", "address = \"192.168.1.30\""),
        ("kind = \"file\"", "kind", "path"),
        ("kind = \"tcp\"\naddress = \"a b\"", "address", "host"),
        (
            "kind = \"tcp\"\naddress = \"a\"\nbaud = 9600",
            "baud",
            "take that line out",
        ),
        (
            "kind = \"file\"\npath = \"p\"\nflow = \"none\"",
            "flow",
            "take that line out",
        ),
        (
            "kind = \"file\"\npath = \"p\"\ntwo_way = true",
            "kind",
            "two_way",
        ),
        (
            "kind = \"file\"\npath = \"p\"\naddress = \"a\"",
            "address",
            "take that line out",
        ),
        (
            "kind = \"serial\"\naddress = \"COM4\"\nbaud = 1",
            "baud",
            "1200",
        ),
        (
            "kind = \"tcp\"\naddress = \"a\"\ncolumns = 40",
            "columns",
            "32",
        ),
        (
            "kind = \"tcp\"\naddress = \"a\"\ncolumns = 32\nbarcode = \"code39\"",
            "barcode",
            "code128",
        ),
        (
            "kind = \"tcp\"\naddress = \"a\"\nlogo = \"\"",
            "logo",
            "write a value",
        ),
    ] {
        let source = format!("{SAMPLE}\n[printer]\n{lines}\n");
        let error = load(&source).expect_err(lines);
        let told = error.render(Language::En);
        let place = error.problems[0].place.as_ref().expect("a place");
        assert!(place.text.starts_with(at), "{told}");
        assert!(
            told.contains(words) && told.contains("what to do"),
            "{told}"
        );
    }
}
