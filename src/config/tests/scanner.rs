//! `[scanner]`: what the sample shows, and what is said of one that cannot work.

use super::*;
use crate::config::scanner::{Scanner, ScannerPlace};
use crate::domain::barcode::framing::{Framing, GAP_MS, Suffix};

fn with_scanner(lines: &str) -> String {
    format!("{SAMPLE}\n[scanner]\n{lines}\n")
}

#[test]
fn the_scanner_of_the_sample_is_what_one_is_without_a_word() {
    let at = SAMPLE.find("# [scanner]").expect("there");
    let keys = SAMPLE[at..].lines().take_while(|line| !line.is_empty());
    let shown: Vec<&str> = keys
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.contains(" = ") && line.is_ascii() && !line.contains(". "))
        .filter(|line| !line.starts_with("prefix") && !line.starts_with('"'))
        .filter(|line| !line.starts_with("For serial"))
        .collect();
    let sample = load(&with_scanner(&shown.join("\n"))).expect("a configuration");
    let bare = load(&with_scanner("kind = \"keyboard\"")).expect("a configuration");
    assert_eq!(sample.scanner, bare.scanner);
    assert_eq!(shown.len(), 5, "{shown:?}");
    let scanner = Scanner {
        place: ScannerPlace::Keyboard,
        framing: Framing::typed(GAP_MS),
        patient_required: false,
    };
    assert_eq!(bare.scanner, Some(scanner));
    assert_eq!(load(SAMPLE).expect("a configuration").scanner, None);
}

#[test]
fn a_serial_scanner_has_its_port_its_speed_and_its_own_shortest_code() {
    let lines =
        "kind = \"serial\"\nport = \"/dev/ttyACM0\"\nsuffix = \"none\"\nprefix = \"\\u0002\"";
    let scanner = load(&with_scanner(lines)).expect("a configuration").scanner;
    let scanner = scanner.expect("a scanner");
    let port = "/dev/ttyACM0".to_owned();
    assert_eq!(scanner.place, ScannerPlace::Serial { port, baud: 9_600 });
    assert_eq!(scanner.framing.suffix, Suffix::None);
    assert_eq!(scanner.framing.prefix, "\u{2}");
    assert_eq!(scanner.framing.chars_min, 3);
}

#[test]
fn a_scanner_that_cannot_work_is_told_with_its_line() {
    for (lines, at, words) in [
        ("kind = \"serial\"", "[scanner]", "wants a port"),
        (
            "kind = \"keyboard\"\nport = \"COM5\"",
            "port",
            "neither port nor baud",
        ),
        ("kind = \"keyboard\"\nprefix = \"読\"", "prefix", "ASCII"),
        ("kind = \"keyboard\"\ngap_ms = 0", "gap_ms", "from 1 to 200"),
        (
            "kind = \"keyboard\"\nmin_length = 2",
            "min_length",
            "from 3 to 40",
        ),
        ("kind = \"keyboard\"\nsuffix = \"enter\"", "suffix", "enter"),
    ] {
        let error = load(&with_scanner(lines)).expect_err(lines);
        let told = error.render(Language::En);
        let place = error.problems[0].place.as_ref().expect("a place");
        assert!(place.text.starts_with(at), "{told}");
        assert!(told.contains(words), "{told}");
    }
}
