//! Paper: a sale never waits for it, nothing is printed twice as an original, and what waits is kept.

use super::*;
use madoguchi::app::message::printing::{PrintRequest, PrinterEvent, PrinterTrouble};
use madoguchi::app::settings::PrinterSetting;
use madoguchi::domain::ledger::Document;
use madoguchi::domain::paper::{SlipFacts, Unprinted};
use madoguchi::domain::record::Stamp;
use madoguchi::domain::slip::SlipNumber;

/// A counter with a printer whose earlier runs left this.
fn counter(auto: bool, begun: Vec<Unprinted>, forgotten: Vec<Unprinted>) -> Desk {
    let mut desk = Desk::open();
    desk.state.settings.paper.printer = Some(PrinterSetting {
        address: "tcp://192.0.2.1:9100".into(),
        auto,
    });
    let recalled = PrinterEvent::Recalled {
        since: wall(),
        begun,
        forgotten,
    };
    let effects = desk.send(Message::Printer(recalled));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::Unprinted { slips, .. })] if *slips == auto
    ));
    desk
}

fn sale() -> SaleRecord {
    let draft = madoguchi::domain::sale::SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: vec![madoguchi::domain::sale::Line {
            name: String::new(),
            unit: Yen::new(3_430),
            quantity: 1,
            tax: madoguchi::domain::sale::TaxClass::NonTaxable,
        }],
        tenders: vec![Tender::Cash {
            amount: Yen::new(3_430),
            received: Yen::new(3_430),
        }],
        operator: settings().operator,
        terminal_code: "01".into(),
        practice: false,
    };
    let stamp = Stamp {
        at: wall(),
        business_date: "2026-11-21".parse().unwrap(),
    };
    let entry = Entry::Sold {
        slip: slip(),
        sale: draft,
    };
    SaleRecord::fold([(stamp, &entry)]).unwrap().unwrap()
}

/// The slip the books tell of, with what was printed of it.
fn paper(desk: &mut Desk, printed: Vec<Document>) -> Vec<Effect> {
    let facts = SlipFacts {
        printed,
        ..SlipFacts::of(sale())
    };
    desk.stored(Stored::Paper {
        slip: slip(),
        facts: Some(Box::new(facts)),
    })
}

fn asks_for_paper(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Store(StoreRequest::Paper(slip())))
}

/// What goes to the printer: the attempt's number, and which document.
fn printing(effects: &[Effect]) -> Option<(u32, Document)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Print(PrintRequest::Print {
            number, document, ..
        }) => Some((*number, *document)),
        _ => None,
    })
}

fn fails(desk: &mut Desk, number: u32, trouble: PrinterTrouble, begun: bool) -> Vec<Effect> {
    desk.send(Message::Printer(PrinterEvent::Failed {
        number,
        trouble,
        begun,
    }))
}

fn prints(desk: &mut Desk, number: u32) -> Vec<Effect> {
    desk.send(Message::Printer(PrinterEvent::Printed {
        number,
        replaced: 0,
    }))
}

/// Sold, and at the printer.
fn at_the_printer(desk: &mut Desk) -> (u32, Document) {
    let effects = desk.stored(Stored::Sold(Box::new(sale())));
    assert!(asks_for_paper(&effects));
    printing(&paper(desk, vec![])).unwrap()
}

#[test]
fn a_slip_is_printed_by_itself_and_the_books_learn_of_it() {
    let mut desk = counter(true, vec![], vec![]);
    let (number, document) = at_the_printer(&mut desk);
    assert_eq!(document, Document::Slip);
    assert_eq!(desk.state.printing.waiting.len(), 1);
    let effects = prints(&mut desk, number);
    assert_eq!(
        written(&effects),
        Some(Entry::Printed {
            slip: slip(),
            document: Document::Slip
        })
    );
    assert!(desk.state.printing.waiting.is_empty());
    // Said twice, it is written once.
    assert_eq!(prints(&mut desk, number), vec![]);
}

#[test]
fn without_a_printer_nothing_is_asked_of_one() {
    let mut desk = Desk::open();
    let effects = desk.stored(Stored::Sold(Box::new(sale())));
    assert!(!asks_for_paper(&effects));
    assert_eq!(desk.press(Key::F(7)), vec![]);
    assert_eq!(note(&desk), Some(Text::NoPrinter));
}

#[test]
fn a_printer_in_trouble_delays_no_sale() {
    let mut desk = counter(true, vec![], vec![]);
    let (number, _) = at_the_printer(&mut desk);
    fails(&mut desk, number, PrinterTrouble::PaperOut, false);
    assert_eq!(desk.screen_name(), "done");
    assert_eq!(note(&desk), Some(Text::PrintFailed));
    desk.after_ms(1_000);
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "register");
    desk.line("1000");
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    desk.text("1000");
    let effects = desk.press(Key::F(12));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::Sell { .. })]
    ));
    assert_eq!(desk.state.printing.waiting.len(), 1);
}

#[test]
fn what_waits_is_tried_again_after_pauses_that_grow() {
    let mut desk = counter(true, vec![], vec![]);
    let (number, _) = at_the_printer(&mut desk);
    for pause in [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
        fails(&mut desk, number, PrinterTrouble::OffLine, false);
        let due = desk.state.printing.deadline().unwrap();
        assert_eq!(due - desk.now.mono_ms, pause);
        desk.now.mono_ms = due;
        let effects = desk.send(Message::TimeReached);
        assert!(asks_for_paper(&effects), "after {pause}");
        let (again, document) = printing(&paper(&mut desk, vec![])).unwrap();
        assert_eq!((again, document), (number, Document::Slip));
    }
    prints(&mut desk, number);
    assert_eq!(desk.state.printing.deadline(), None);
    assert_eq!(desk.state.printing.trouble, None);
}

#[test]
fn what_may_be_half_on_paper_is_printed_anew_as_a_copy_and_the_books_say_so_first() {
    let mut desk = counter(true, vec![], vec![]);
    let (number, _) = at_the_printer(&mut desk);
    fails(&mut desk, number, PrinterTrouble::PaperOut, true);
    desk.now.mono_ms = desk.state.printing.deadline().unwrap();
    desk.send(Message::TimeReached);
    let effects = paper(&mut desk, vec![]);
    assert!(matches!(
        written(&effects),
        Some(Entry::Reissued { slip: of, .. }) if of == slip()
    ));
    assert_eq!(printing(&effects), Some((number, Document::Reissue)));
    // The books' own word on it prints nothing more.
    assert_eq!(printing(&desk.durable(&effects)), None);
    let effects = prints(&mut desk, number);
    assert!(matches!(
        written(&effects),
        Some(Entry::Printed {
            document: Document::Reissue,
            ..
        })
    ));
    assert!(desk.state.printing.waiting.is_empty());
}

#[test]
fn f2_prints_the_first_paper_as_it_is_and_every_other_as_a_copy() {
    for (printed, begun, first) in [
        (vec![], vec![], true),
        (vec![Document::Task], vec![], true),
        (vec![Document::Slip], vec![], false),
        (vec![Document::Reissue], vec![], false),
        (
            vec![],
            vec![Unprinted {
                slip: slip(),
                document: Document::Slip,
            }],
            false,
        ),
    ] {
        let mut desk = counter(false, begun, vec![]);
        desk.stored(Stored::Sold(Box::new(sale())));
        assert!(desk.state.printing.waiting.is_empty(), "only on F2");
        let effects = desk.press(Key::F(7));
        assert!(asks_for_paper(&effects));
        let effects = paper(&mut desk, printed.clone());
        if first {
            assert_eq!(written(&effects), None);
            assert!(asks_for_paper(&effects));
            let (_, document) = printing(&paper(&mut desk, printed)).unwrap();
            assert_eq!(document, Document::Slip);
        } else {
            assert!(matches!(written(&effects), Some(Entry::Reissued { .. })));
            assert!(!asks_for_paper(&effects), "the books first");
            let effects = desk.durable(&effects);
            assert!(asks_for_paper(&effects));
            assert_eq!(note(&desk), Some(Text::PrintWaits), "and it is said");
            let effects = paper(&mut desk, printed);
            assert_eq!(written(&effects), None, "once");
            assert_eq!(printing(&effects).unwrap().1, Document::Reissue);
        }
    }
}

#[test]
fn what_an_earlier_run_left_is_offered_and_not_printed_by_itself() {
    let left = |number| Unprinted {
        slip: SlipNumber::new(number),
        document: Document::Slip,
    };
    let mut desk = counter(true, vec![left(12)], vec![left(11)]);
    let effects = desk.stored(Stored::Unprinted(vec![left(10), left(11), left(12)]));
    assert_eq!(effects, vec![]);
    assert_eq!(note(&desk), Some(Text::PrintsLeft));
    let waiting = &desk.state.printing.waiting;
    let slips: Vec<_> = waiting.iter().map(|w| (w.slip, w.begun)).collect();
    assert_eq!(
        slips,
        [
            (Some(SlipNumber::new(10)), false),
            (Some(SlipNumber::new(12)), true)
        ]
    );
    assert_eq!(desk.state.printing.deadline(), None, "nothing wakes for it");
    desk.press(Key::F(4));
    desk.press(Key::Char('8'));
    assert_eq!(desk.screen_name(), "printer");
    let effects = desk.press(Key::F(5));
    let first = SlipNumber::new(10);
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Paper(first))]);
}

#[test]
fn one_waiting_paper_is_thrown_away_by_its_number_and_by_nothing_less() {
    let mut desk = counter(true, vec![], vec![]);
    let (number, _) = at_the_printer(&mut desk);
    fails(&mut desk, number, PrinterTrouble::CoverOpen, false);
    desk.after_ms(1_000);
    desk.press(Key::F(12));
    desk.press(Key::F(4));
    desk.press(Key::Char('8'));
    for wrong in ["", "1", "13", "MD000000013"] {
        desk.press(Key::Ctrl('u'));
        desk.text(wrong);
        assert_eq!(desk.press(Key::F(8)), vec![], "{wrong}");
        assert_eq!(note(&desk), Some(Text::TypeWaitingNumber));
    }
    desk.press(Key::Ctrl('u'));
    desk.text("12");
    assert_eq!(desk.press(Key::Enter), vec![], "Enter throws nothing away");
    let effects = desk.press(Key::F(8));
    let unprinted = Unprinted {
        slip: slip(),
        document: Document::Slip,
    };
    assert_eq!(
        effects,
        vec![Effect::Print(PrintRequest::Forget(unprinted))]
    );
    assert!(desk.state.printing.waiting.is_empty());
    // And yet it can be had: nothing of it was ever on paper.
    let effects = desk.press(Key::F(8));
    assert_eq!(effects, vec![]);
}

#[test]
fn a_test_that_fails_is_not_tried_again_by_itself() {
    let mut desk = counter(true, vec![], vec![]);
    desk.press(Key::F(4));
    desk.press(Key::Char('8'));
    let effects = desk.press(Key::F(2));
    let [Effect::Print(PrintRequest::Test { number })] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    fails(&mut desk, *number, PrinterTrouble::Silent, false);
    assert!(desk.state.printing.waiting.is_empty());
    assert_eq!(desk.state.printing.trouble, Some(PrinterTrouble::Silent));
    assert_eq!(desk.state.printing.deadline(), None);
}

#[test]
fn a_scan_of_our_own_slip_in_the_history_finds_it() {
    let mut desk = Desk::open();
    desk.press(Key::F(3));
    let scan = |text: &str| Message::Input(Input::Scan(text.into()));
    let effects = desk.send(scan(&slip().code()));
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Find(slip()))]);
    desk.press(Key::Ctrl('u'));
    let effects = desk.send(scan("MD000000129"));
    assert_eq!(effects, vec![Effect::Bell(2)]);
    assert_eq!(note(&desk), Some(Text::CodeMisread));
    // Another code is looked for like anything else.
    desk.press(Key::Ctrl('u'));
    let effects = desk.send(scan("4901234567894"));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::History(_))]
    ));
}

#[test]
fn books_that_cannot_be_asked_only_delay_the_paper() {
    let mut desk = counter(true, vec![], vec![]);
    desk.stored(Stored::Sold(Box::new(sale())));
    desk.stored(Stored::Failed {
        request: Box::new(StoreRequest::Paper(slip())),
        trouble: StoreTrouble::Locked,
    });
    assert_eq!(desk.state.printing.waiting.len(), 1);
    desk.now.mono_ms = desk.state.printing.deadline().unwrap();
    assert!(asks_for_paper(&desk.send(Message::TimeReached)));
}
