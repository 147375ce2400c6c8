//! The printer's screen in its states, slips that take another back, and what a header says of waiting papers.

use madoguchi::app::field::{Field, Kind};
use madoguchi::app::history::History;
use madoguchi::app::message::Effect;
use madoguchi::app::message::printing::{PrinterEvent, PrinterTrouble};
use madoguchi::app::message::{HistoryPage, Message, StoreRequest, Stored};
use madoguchi::app::outcome::Done;
use madoguchi::app::printing::PrinterScreen;
use madoguchi::app::receipt::{Behind, Receipt};
use madoguchi::app::settings::PrinterSetting;
use madoguchi::app::{Screen, State, update};
use madoguchi::domain::ledger::Document;
use madoguchi::domain::money::Yen;
use madoguchi::domain::paper::{Original, SlipFacts, Unprinted};
use madoguchi::domain::record::{SaleRecord, Stamp};
use madoguchi::domain::sale::{Operator, SaleKind, Undo};
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::tender::Tender;

use super::shop::{moment, now};

/// The same console with a printer on the network.
pub(crate) fn with_printer(mut state: State) -> State {
    state.settings.paper.printer = Some(PrinterSetting {
        address: "tcp://192.168.1.30:9100".into(),
        auto: true,
    });
    let recalled = PrinterEvent::Recalled {
        since: now().wall,
        begun: Vec::new(),
        forgotten: Vec::new(),
    };
    update(&mut state, now(), Message::Printer(recalled));
    state
}

/// A settled slip goes to the printer, and this is what the printer says.
fn fails(state: &mut State, record: &SaleRecord, trouble: PrinterTrouble, begun: bool) {
    let slip = record.slip;
    let facts = Some(Box::new(SlipFacts::of(record.clone())));
    let stored = Message::Stored(Stored::Paper { slip, facts });
    for effect in update(state, now(), stored) {
        if let Effect::Print(request) = effect {
            let number = match request {
                madoguchi::app::message::printing::PrintRequest::Print { number, .. } => number,
                other => panic!("{other:?}"),
            };
            let failed = PrinterEvent::Failed {
                number,
                trouble: trouble.clone(),
                begun,
            };
            update(state, now(), Message::Printer(failed));
        }
    }
}

fn sold(state: &mut State, record: &SaleRecord) {
    let sold = Message::Stored(Stored::Sold(Box::new(record.clone())));
    let effects = update(state, now(), sold);
    let asked = Effect::Store(StoreRequest::Paper(record.slip));
    assert!(
        effects.contains(&asked),
        "the printer wants it: {effects:?}"
    );
}

/// The sale is done, and the printer has no paper.
pub(crate) fn done_paper_out(state: State, record: &SaleRecord) -> State {
    let mut state = with_printer(state);
    sold(&mut state, record);
    fails(&mut state, record, PrinterTrouble::PaperOut, false);
    state
}

/// The screen of the printer: broken in the middle, and papers of the last run.
pub(crate) fn printer_waiting(state: State, record: &SaleRecord) -> State {
    let mut state = with_printer(state);
    sold(&mut state, record);
    let broken = PrinterTrouble::Broken("Connection reset by peer (os error 104)".into());
    fails(&mut state, record, broken, true);
    let older = |before: u32, document| Unprinted {
        slip: SlipNumber::new(record.slip.get() - before),
        document,
    };
    let left = vec![older(2, Document::Slip), older(1, Document::Reissue)];
    update(&mut state, now(), Message::Stored(Stored::Unprinted(left)));
    let mut number = Field::new(Kind::Code, 12);
    number.set("140");
    state.note = None;
    state.screen = Screen::Printer(PrinterScreen { number, scroll: 0 });
    state
}

/// The screen of a printer that is well.
pub(crate) fn printer_idle(state: State) -> State {
    let mut state = with_printer(state);
    state.screen = Screen::Printer(PrinterScreen {
        number: Field::new(Kind::Code, 12),
        scroll: 0,
    });
    state
}

/// A sale turned into what takes it back.
pub(crate) fn undone(record: &SaleRecord, kind: SaleKind) -> SaleRecord {
    let mut back = record.clone();
    back.slip = SlipNumber::new(record.slip.get() + 1);
    back.sale.kind = kind;
    back.sale.original = Some(record.slip);
    back.sale.undo = Some(Undo {
        rule: "credit".into(),
        lines: Vec::new(),
        allowed_by: Some(Operator {
            code: "01".into(),
            name: "院長".into(),
        }),
        corrected: Vec::new(),
        corrected_bill: None,
        terminal_slip: None,
    });
    back
}

/// 返品伝票 on the screen, with the date of the slip it takes back.
pub(crate) fn return_slip(state: State, record: &SaleRecord) -> State {
    let mut state = state;
    let mut back = undone(record, SaleKind::Refund);
    let total = back.total();
    back.sale.tenders = vec![Tender::Cash {
        amount: total,
        received: total,
    }];
    back.sequence_number = None;
    let at = moment("2026-11-20T10:15:00+09:00");
    let facts = SlipFacts {
        original: Some(Original {
            slip: record.slip,
            stamp: Stamp {
                at,
                business_date: "2026-11-20".parse().expect("a date"),
            },
        }),
        ..SlipFacts::of(back.clone())
    };
    let slip = back.slip;
    let stored = Stored::Paper {
        slip,
        facts: Some(Box::new(facts)),
    };
    update(&mut state, now(), Message::Stored(stored));
    let behind = Behind::History(Box::new(History::showing(HistoryPage::default())));
    state.screen = Screen::Receipt(Receipt {
        undone: Vec::new(),
        record: back,
        reissued: false,
        scroll: 8,
        behind,
    });
    state
}

/// A part payment on the screen.
pub(crate) fn part_slip(mut state: State, record: &SaleRecord) -> State {
    let mut part = record.clone();
    part.sale.part = true;
    part.sale.order = Some(SlipNumber::new(record.slip.get() - 1));
    part.sale.tenders = vec![Tender::Cash {
        amount: Yen::new(1_430),
        received: Yen::new(2_000),
    }];
    part.sequence_number = None;
    state.screen = Screen::Done(Done {
        original: None,
        parts: Vec::new(),
        record: part,
        recovered: false,
        scroll: 0,
    });
    state
}
