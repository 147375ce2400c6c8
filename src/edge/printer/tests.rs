//! The printer's thread against printers that do what printers do: run out of paper, stand open, go away in the middle, and lie.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::*;
use crate::domain::ledger::{Document, SaleState};
use crate::domain::money::Yen;
use crate::domain::paper::SlipFacts;
use crate::domain::record::{SaleRecord, Stamp};
use crate::domain::sale::{Line, Operator, SaleDraft, SaleKind, TaxClass};
use crate::domain::slip::SlipNumber;
use crate::domain::tax::TaxRates;
use crate::domain::tender::Tender;
use crate::domain::text::Language;

/// No step of a test takes longer.
const LONG: Duration = Duration::from_secs(20);

/// What a played printer does.
#[derive(Clone, Copy)]
enum Conduct {
    /// Says these to the three questions, and prints.
    Says([u8; 3]),
    /// Says nothing, ever.
    Silent,
    /// Says that all is well, takes this many bytes of the paper, and is pulled out.
    PulledAfter(usize),
    /// Says that all is well, takes the paper, and then that it has no more.
    RunsOut,
    /// Noise before each answer.
    Noisy,
    /// Takes it, and never says that it is done.
    NeverDone,
}

const WELL: [u8; 3] = [0x12, 0x12, 0x12];

/// Serves one connection; gives what was printed.
fn play(mut stream: TcpStream, conduct: Conduct) -> Vec<u8> {
    stream.set_read_timeout(Some(LONG)).expect("set");
    let mut taken: Vec<u8> = Vec::new();
    let mut paper = Vec::new();
    let mut buffer = [0; 512];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        taken.extend_from_slice(&buffer[..count]);
        loop {
            let question = matches!(taken.as_slice(), [0x10, 0x04, _, ..]);
            let done = matches!(taken.as_slice(), [0x1D, b'r', 1, ..]);
            if question {
                let asked = taken[2];
                taken.drain(..3);
                let answer = match conduct {
                    Conduct::Silent => continue,
                    Conduct::Says(says) => says[usize::from(asked.min(3)) - 1],
                    Conduct::RunsOut if !paper.is_empty() => 0x32,
                    _ => 0x12,
                };
                if matches!(conduct, Conduct::Noisy) {
                    let _ = stream.write_all(&[0xFF, 0x41, 0x13]);
                }
                let _ = stream.write_all(&[answer]);
            } else if done {
                taken.drain(..3);
                match conduct {
                    Conduct::RunsOut | Conduct::NeverDone => {}
                    _ => drop(stream.write_all(&[0x00])),
                }
            } else if taken.is_empty() || taken.len() < 3 && matches!(taken[0], 0x10 | 0x1D) {
                break;
            } else {
                paper.push(taken.remove(0));
                if let Conduct::PulledAfter(limit) = conduct
                    && paper.len() >= limit
                {
                    return paper;
                }
            }
        }
    }
    paper
}

/// A printer's thread, and what it says.
struct Bench {
    handle: PrinterHandle,
    said: Receiver<PrinterEvent>,
    folder: tempfile::TempDir,
}

fn now() -> Now {
    Now {
        mono_ms: 0,
        wall: DateTime::parse_from_rfc3339("2026-11-21T14:32:00+09:00").expect("a moment"),
    }
}

fn bench_at(place: PrinterPlace, two_way: bool) -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let setup = Setup {
        place,
        two_way,
        device: Device::default(),
        shop: vec!["窓口クリニック".into()],
        invoice_number: None,
        tax_rates: TaxRates {
            standard: 10,
            reduced: 8,
        },
        terminal_code: "01".into(),
        practice: false,
        day_boundary: NaiveTime::MIN,
        locale: Locale::shipped(Language::Ja).expect("shipped"),
        templates: Arc::default(),
        notes: folder.path().join("print-notes.txt"),
        clock: Arc::new(now),
        patience: Patience {
            answer: Duration::from_millis(300),
            finish: Duration::from_millis(900),
        },
    };
    let (send, said) = channel();
    let handle = spawn(setup, move |event| drop(send.send(event))).expect("a thread");
    let bench = Bench {
        handle,
        said,
        folder,
    };
    assert!(matches!(bench.next(), PrinterEvent::Recalled { .. }));
    bench
}

impl Bench {
    fn next(&self) -> PrinterEvent {
        self.said
            .recv_timeout(LONG)
            .expect("the printer says something")
    }

    fn print(&self) -> PrinterEvent {
        let request = PrintRequest::Print {
            number: 1,
            document: Document::Slip,
            facts: Box::new(SlipFacts::of(record())),
        };
        assert_eq!(self.handle.ask(request), Ok(()));
        self.next()
    }

    fn noted_as_begun(&self) -> bool {
        let notes = std::fs::read_to_string(self.folder.path().join("print-notes.txt"));
        notes.expect("notes").contains("begun 00000142 slip")
    }
}

fn record() -> SaleRecord {
    let stamp = Stamp {
        at: now().wall,
        business_date: "2026-11-21".parse().expect("a date"),
    };
    let sale = SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: vec![Line {
            name: "診断書".into(),
            unit: Yen::new(2_200),
            quantity: 1,
            tax: TaxClass::Taxable,
        }],
        tenders: vec![Tender::Cash {
            amount: Yen::new(2_200),
            received: Yen::new(2_200),
        }],
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        terminal_code: "01".into(),
        practice: false,
    };
    let entry = crate::domain::ledger::Entry::Sold {
        slip: SlipNumber::new(142),
        sale,
    };
    let record = SaleRecord::fold([(stamp, &entry)]).expect("legal");
    let record = record.expect("a sale");
    assert_eq!(record.state, SaleState::Settled);
    record
}

/// What the thread says of one paper with such a printer, whether a first byte was noted, and what is on paper.
fn against(conduct: Conduct) -> (PrinterEvent, bool, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let printer = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("called");
        play(stream, conduct)
    });
    let host = "127.0.0.1".to_owned();
    let bench = bench_at(PrinterPlace::Tcp { host, port }, true);
    let said = bench.print();
    let begun = bench.noted_as_begun();
    (said, begun, printer.join().expect("it ended"))
}

fn failed(trouble: PrinterTrouble, begun: bool) -> PrinterEvent {
    PrinterEvent::Failed {
        number: 1,
        trouble,
        begun,
    }
}

#[test]
fn a_printer_that_is_well_prints_and_says_so() {
    for conduct in [Conduct::Says(WELL), Conduct::Noisy] {
        let (said, begun, paper) = against(conduct);
        let replaced = 0;
        assert_eq!(
            said,
            PrinterEvent::Printed {
                number: 1,
                replaced
            }
        );
        assert!(begun);
        assert!(paper.starts_with(b"\x1b@"));
        assert!(paper.ends_with(b"\x1dV\x42\x00"));
        // 診断書 in Shift_JIS.
        assert!(
            paper
                .windows(6)
                .any(|six| six == b"\x90\x66\x92\x66\x8f\x91")
        );
    }
}

#[test]
fn a_printer_in_trouble_is_sent_nothing_and_its_trouble_has_a_name() {
    for (says, trouble) in [
        ([0x1A, 0x32, 0x72], PrinterTrouble::PaperOut),
        ([0x1A, 0x16, 0x12], PrinterTrouble::CoverOpen),
        ([0x1A, 0x12, 0x12], PrinterTrouble::OffLine),
    ] {
        let (said, begun, paper) = against(Conduct::Says(says));
        assert_eq!(said, failed(trouble, false));
        assert!(!begun && paper.is_empty());
    }
    let (said, begun, paper) = against(Conduct::Silent);
    assert_eq!(said, failed(PrinterTrouble::Silent, false));
    assert!(!begun && paper.is_empty());
}

#[test]
fn what_may_be_half_on_paper_is_said_to_be_begun() {
    for limit in [1, 40, 400] {
        let (said, begun, _) = against(Conduct::PulledAfter(limit));
        let PrinterEvent::Failed {
            trouble,
            begun: told,
            ..
        } = said
        else {
            panic!("{said:?}");
        };
        assert!(matches!(trouble, PrinterTrouble::Broken(_)), "{trouble:?}");
        assert!(begun && told, "pulled after {limit}");
    }
    let (said, begun, _) = against(Conduct::RunsOut);
    assert_eq!(said, failed(PrinterTrouble::PaperOut, true));
    assert!(begun);
    let (said, ..) = against(Conduct::NeverDone);
    assert_eq!(said, failed(PrinterTrouble::NotFinished, true));
}

#[test]
fn a_printer_that_is_not_there_is_told_with_the_words_of_the_system() {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let host = "127.0.0.1".to_owned();
    let bench = bench_at(PrinterPlace::Tcp { host, port }, true);
    let PrinterEvent::Failed { trouble, begun, .. } = bench.print() else {
        panic!("nobody is there");
    };
    assert!(matches!(trouble, PrinterTrouble::Unreachable(_)));
    assert!(!begun && !bench.noted_as_begun());
}

#[test]
fn a_file_takes_one_paper_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("paper.bin");
    let place = PrinterPlace::File(path.display().to_string());
    let bench = bench_at(place, false);
    bench.print();
    let once = std::fs::read(&path).expect("paper");
    bench.print();
    let twice = std::fs::read(&path).expect("paper");
    assert_eq!(twice, [once.as_slice(), once.as_slice()].concat());
    assert_eq!(bench.handle.ask(PrintRequest::Test { number: 9 }), Ok(()));
    let PrinterEvent::Printed {
        number: 9,
        replaced,
    } = bench.next()
    else {
        panic!("the test is printed");
    };
    assert_eq!(
        replaced, 0,
        "every character of the test is one of the printer's"
    );
}

#[test]
fn where_nothing_can_be_noted_nothing_is_begun() {
    let bench = bench_at(PrinterPlace::File("/dev/null".into()), false);
    drop(bench);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("paper.bin");
    let setup = Setup {
        notes: folder.path().join("no-such-folder/notes.txt"),
        place: PrinterPlace::File(path.display().to_string()),
        two_way: false,
        device: Device::default(),
        shop: Vec::new(),
        invoice_number: None,
        tax_rates: TaxRates {
            standard: 10,
            reduced: 8,
        },
        terminal_code: "01".into(),
        practice: false,
        day_boundary: NaiveTime::MIN,
        locale: Locale::shipped(Language::En).expect("shipped"),
        templates: Arc::default(),
        clock: Arc::new(now),
        patience: Patience::default(),
    };
    let (send, said) = channel();
    let handle = spawn(setup, move |event| drop(send.send(event))).expect("a thread");
    let bench = Bench {
        handle,
        said,
        folder,
    };
    assert!(matches!(bench.next(), PrinterEvent::Recalled { .. }));
    let PrinterEvent::Failed { trouble, begun, .. } = bench.print() else {
        panic!("it must not be printed");
    };
    assert!(matches!(trouble, PrinterTrouble::Disk(_)) && !begun);
    assert_eq!(std::fs::read(&path).expect("opened"), b"");
}
