//! Flows of the counter as `[Message] → [Effect]`: no terminal, no disk, no clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod again;
mod another;
mod bill;
#[path = "../support/bills.rs"]
mod bills;
mod capabilities;
mod card_report;
mod correction;
#[path = "../support/desk.rs"]
mod desk;
mod items;
mod link;
mod link_setup;
mod operator;
mod payment;
mod printing;
mod ring_up;
mod scan;
mod split;
mod start;
mod undo;
mod undo_again;
mod undo_slip;
mod unknown;
mod wizard;

use desk::{
    Desk, answer, broken, idle_status, journal, last_result, pended, result, sends_money, sequence,
    settings, slip, status, to_terminal, wall, written,
};
use madoguchi::app::Screen;
use madoguchi::app::key::{Input, Key};
use madoguchi::app::message::{
    DayCount, Effect, HistoryPage, HistoryQuery, HistoryRow, LinkRequest, Message, StoreRequest,
    StoreTrouble, Stored,
};
use madoguchi::app::unknown::{Proof, Stage};
use madoguchi::cat::{
    Break, Command, Exposure, Inquiry, LinkEvent, Phase, ResultCode, TerminalState,
};
use madoguchi::domain::business_day::BusinessDate;
use madoguchi::domain::ledger::{
    AuditEvent, Entry, Evidence, NotCharged, SaleState, UnknownReason,
};
use madoguchi::domain::money::Yen;
use madoguchi::domain::record::SaleRecord;
use madoguchi::domain::sale::SaleKind;
use madoguchi::domain::tender::{LinkKind, Tender};
use madoguchi::locale::Text;

fn note(desk: &Desk) -> Option<Text> {
    desk.state.note.as_ref().map(|note| note.text)
}

/// From the unknown screen to the question being out.
fn asking(desk: &mut Desk) {
    let effects = desk.after_ms(10_000);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);
    let effects = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Send(Command::LastResult {
            sequence_number: sequence()
        })]
    );
}

/// What the terminal said goes into the books, is acknowledged, and stands on the screen, in that order.
#[track_caller]
fn settles_by_inquiry(desk: &mut Desk, effects: &[Effect]) {
    assert_eq!(
        to_terminal(effects),
        vec![],
        "held until it is in the books"
    );
    assert!(matches!(
        written(effects),
        Some(Entry::Posted {
            evidence: Evidence::Inquiry,
            ..
        })
    ));
    let effects = desk.durable(effects);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Acknowledge]);
    assert_eq!(desk.screen_name(), "done");
}

fn gave_up() -> Desk {
    asked_in_vain(Desk::unknown())
}

/// The console has asked as often as it may.
fn gave_up_with(amount: &str) -> Desk {
    let mut desk = Desk::open();
    desk.line(amount);
    for key in [Key::F(12), Key::F(6), Key::Enter, Key::F(12)] {
        desk.press(key);
    }
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    desk.durable(&effects);
    let effects = desk.link(broken());
    desk.durable(&effects);
    asked_in_vain(desk)
}

fn asked_in_vain(mut desk: Desk) -> Desk {
    for _ in 0..3 {
        asking(&mut desk);
        desk.link(broken());
    }
    desk
}
