//! 併用払い: cash and a card on one slip, and several cards one after another; every order of outcomes.

use super::*;
use madoguchi::app::bill::InBasket;
use madoguchi::app::checkout::Checkout;
use madoguchi::app::popup::Popup;
use madoguchi::app::settings::PrinterSetting;
use madoguchi::domain::bill::{Billed, InOut, InvoiceNumber, PatientNumber, Share};
use madoguchi::domain::ledger::Document;
use madoguchi::domain::reflection::postings;
use madoguchi::domain::sale::SaleDraft;
use madoguchi::domain::slip::{SequenceNumber, SlipNumber};
use madoguchi::domain::task::{PartPaid, Task};

fn checkout(desk: &Desk) -> &Checkout {
    match &desk.state.screen {
        Screen::Checkout(checkout) => checkout,
        _ => panic!("at {}", desk.screen_name()),
    }
}

fn amounts(sale: &SaleDraft) -> Vec<(&'static str, i64)> {
    let word = |tender: &Tender| match tender {
        Tender::Cash { .. } => "cash",
        Tender::Card { .. } => "card",
    };
    let tenders = sale.tenders.iter();
    tenders.map(|t| (word(t), t.amount().get())).collect()
}

fn pending(effects: &[Effect]) -> SaleDraft {
    match effects {
        [Effect::Store(StoreRequest::Pend { sale, .. })] => sale.clone(),
        _ => panic!("{effects:?}"),
    }
}

/// The numbers of one attempt: each has its own.
#[derive(Clone, Copy)]
struct Attempt(u32);

impl Attempt {
    fn slip(self) -> SlipNumber {
        SlipNumber::new(12 + self.0)
    }

    fn sequence(self) -> SequenceNumber {
        SequenceNumber::new(871 + self.0).unwrap()
    }

    /// From the intent to the amount being out.
    fn send(self, desk: &mut Desk) {
        desk.stored(Stored::Pended {
            slip: self.slip(),
            sequence_number: self.sequence(),
        });
        desk.link(LinkEvent::Up);
        let effects = desk.link(idle_status());
        let effects = desk.durable(&effects);
        assert!(sends_money(&effects));
    }

    fn ends(self, desk: &mut Desk, code: ResultCode, amount: i64) {
        let mut result = result(code);
        result.sequence_number = Some(self.sequence());
        result.amount = Some(Yen::new(amount));
        let effects = desk.link(answer(result));
        desk.durable(&effects);
    }

    /// The line breaks, and the terminal is asked.
    fn breaks_and_is_found(self, desk: &mut Desk, code: ResultCode, amount: i64) {
        let effects = desk.link(broken());
        desk.durable(&effects);
        assert_eq!(desk.screen_name(), "unknown");
        desk.after_ms(10_000);
        desk.link(LinkEvent::Up);
        let mut found = result(code);
        found.sequence_number = Some(self.sequence());
        found.amount = Some(Yen::new(amount));
        let effects = desk.link(LinkEvent::Answer {
            answer: madoguchi::cat::Answer::LastResult {
                inquiry: Inquiry::Found(found),
                journal: Some(journal()),
                asked_number: Some(self.sequence()),
                terminal_id: None,
            },
        });
        desk.durable(&effects);
    }
}

/// The first card for a part of the bill, up to F12.
fn first_part(desk: &mut Desk, amount: &str) -> SaleDraft {
    desk.press(Key::F(6));
    desk.press(Key::Enter);
    desk.press(Key::Enter);
    desk.text(amount);
    pending(&desk.press(Key::F(12)))
}

fn second_card(desk: &mut Desk) -> SaleDraft {
    desk.press(Key::F(6));
    desk.text("02");
    desk.press(Key::F(12));
    pending(&desk.press(Key::F(12)))
}

#[test]
fn counted_cash_and_a_card_for_the_rest_are_one_slip_booked_when_the_card_is_approved() {
    let mut desk = Desk::at_checkout();
    desk.text("1000");
    desk.press(Key::F(6));
    desk.press(Key::Enter);
    let sale = pending(&desk.press(Key::F(12)));
    assert_eq!(amounts(&sale), [("cash", 1_000), ("card", 2_430)]);
    assert!(!sale.part);
    assert_eq!(sale.checked_total(), Ok(Yen::new(3_430)));

    Attempt(0).send(&mut desk);
    Attempt(0).ends(&mut desk, ResultCode::Approved, 2_430);
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(done.record.total(), Yen::new(3_430));
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn only_what_the_card_pays_goes_to_the_terminal() {
    let mut desk = Desk::at_checkout();
    desk.text("1000");
    desk.press(Key::F(6));
    desk.press(Key::Enter);
    desk.press(Key::F(12));
    desk.stored(pended());
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    let effects = desk.durable(&effects);
    let [LinkRequest::Send(Command::Authorize(authorize))] = &to_terminal(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(authorize.amount, Yen::new(2_430));
}

#[test]
fn a_declined_card_books_nothing_and_the_counted_cash_stays_typed() {
    let declined = || {
        let mut desk = Desk::at_checkout();
        desk.text("1000");
        desk.press(Key::F(6));
        desk.press(Key::Enter);
        desk.press(Key::F(12));
        Attempt(0).send(&mut desk);
        Attempt(0).ends(&mut desk, ResultCode::Stopped, 2_430);
        assert_eq!(desk.screen_name(), "not charged");
        desk
    };
    // Again with the same card.
    let mut desk = declined();
    let sale = pending(&desk.answer('1'));
    assert_eq!(amounts(&sale), [("cash", 1_000), ("card", 2_430)]);
    assert_eq!(sale.order, Some(slip()));
    // With another.
    let mut desk = declined();
    let sale = second_card(&mut desk);
    assert_eq!(amounts(&sale), [("cash", 1_000), ("card", 2_430)]);
    // Or in cash: what was counted is still there, and is only topped up.
    let mut desk = declined();
    desk.press(Key::F(9));
    assert_eq!(checkout(&desk).cash.text(), "1000");
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(amounts(sale), [("cash", 3_430)]);
    assert!(!sale.part);
}

#[test]
fn what_a_card_and_cash_come_to_is_held_against_the_bill() {
    // Cash, share of the card, and what is said to F12.
    for (cash, share, said) in [
        ("1000", "2431", Some(Text::AboveTheRest)),
        ("", "3431", Some(Text::AboveTheRest)),
        ("", "0", Some(Text::AmountZero)),
        ("0", "", Some(Text::AmountZero)),
        ("1000", "2430", None),
        ("1000", "2429", None),
        ("", "3430", None),
        ("", "", None),
        ("1", "", None),
        ("3429", "", None),
    ] {
        let mut desk = Desk::at_checkout();
        desk.text(cash);
        desk.press(Key::F(6));
        desk.press(Key::Enter);
        desk.press(Key::Enter);
        desk.text(share);
        let effects = desk.press(Key::F(12));
        assert_eq!(note(&desk), said, "{cash:?} {share:?}");
        assert_eq!(effects.len(), usize::from(said.is_none()));
    }
}

#[test]
fn a_part_is_settled_before_the_next_begins_and_the_last_shows_all() {
    let mut desk = Desk::at_checkout();
    let sale = first_part(&mut desk, "2000");
    assert_eq!(
        (amounts(&sale), sale.part, sale.order),
        (vec![("card", 2_000)], true, None)
    );
    Attempt(0).send(&mut desk);
    Attempt(0).ends(&mut desk, ResultCode::Approved, 2_000);
    assert_eq!(checkout(&desk).cash.text(), "");
    assert_eq!(desk.state.outstanding(), Yen::new(1_430));
    assert_eq!(desk.state.basket.parts.len(), 1);

    let sale = second_card(&mut desk);
    assert_eq!(
        (amounts(&sale), sale.part, sale.order),
        (vec![("card", 1_430)], true, Some(slip()))
    );
    assert_eq!(sale.lines, desk.state.basket.lines);
    Attempt(1).send(&mut desk);
    Attempt(1).ends(&mut desk, ResultCode::Approved, 1_430);
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    let parts: Vec<_> = done.parts.iter().map(|part| part.slip).collect();
    assert_eq!((parts, done.record.slip), (vec![slip()], Attempt(1).slip()));
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn where_every_slip_is_printed_a_part_is_printed_before_the_next_is_asked_for() {
    let mut desk = Desk::at_checkout();
    desk.state.settings.paper.printer = Some(PrinterSetting {
        address: "tcp://192.0.2.1:9100".into(),
        auto: true,
    });
    first_part(&mut desk, "2000");
    Attempt(0).send(&mut desk);
    Attempt(0).ends(&mut desk, ResultCode::Approved, 2_000);
    let waiting = &desk.state.printing.waiting;
    let papers: Vec<_> = waiting.iter().map(|w| (w.slip, w.document)).collect();
    assert_eq!(papers, [(Some(slip()), Document::Slip)]);
}

#[test]
fn each_part_of_a_bill_from_outside_says_what_is_left_of_its_invoices() {
    let mut desk = Desk::at_checkout();
    let share = |invoice: &str, amount| Share {
        found: None,
        in_out: InOut::Out,
        invoice: Some(InvoiceNumber::parse(invoice).unwrap()),
        amount: Yen::new(amount),
    };
    desk.state.basket.bill = Some(Box::new(InBasket::scanned(Billed {
        patient: PatientNumber::parse("12").ok(),
        name: None,
        shares: vec![share("1", 1_230), share("2", 2_200)],
        code: None,
    })));
    let told = |sale: &SaleDraft| -> Vec<(String, i64)> {
        postings(sale)
            .into_iter()
            .map(|posting| {
                (
                    posting.invoice.expect("it is named").to_string(),
                    posting.amount.get(),
                )
            })
            .collect()
    };
    let first = first_part(&mut desk, "2000");
    assert_eq!(told(&first), [("1".into(), 1_230), ("2".into(), 770)]);
    Attempt(0).send(&mut desk);
    Attempt(0).ends(&mut desk, ResultCode::Approved, 2_000);
    let second = second_card(&mut desk);
    assert_eq!(told(&second), [("2".into(), 1_430)]);
}

#[test]
fn the_rest_may_be_paid_in_cash_with_change() {
    let mut desk = Desk::at_checkout();
    first_part(&mut desk, "2000");
    Attempt(0).send(&mut desk);
    Attempt(0).ends(&mut desk, ResultCode::Approved, 2_000);
    desk.text("1000");
    assert_eq!(desk.press(Key::F(12)), vec![], "not enough");
    desk.press(Key::Ctrl('u'));
    desk.text("2000");
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { sale, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(amounts(sale), [("cash", 1_430)]);
    assert_eq!((sale.part, sale.order), (true, Some(slip())));
    assert_eq!(sale.tenders[0].change(), Yen::new(570));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Approved,
    Declined,
    FoundApproved,
    FoundDeclined,
}

#[test]
fn every_order_of_outcomes_leaves_what_is_paid_paid_and_the_rest_open() {
    use Ends::{Approved, Declined, FoundApproved, FoundDeclined};
    let all = [Approved, Declined, FoundApproved, FoundDeclined];
    for first in all {
        for second in all {
            let mut desk = Desk::at_checkout();
            let mut outstanding = 3_430;
            first_part(&mut desk, "2000");
            for (at, ends, amount) in [(0, first, 2_000), (1, second, outstanding)] {
                let amount = if at == 0 { amount } else { outstanding };
                if at == 1 {
                    if desk.screen_name() == "not charged" {
                        desk.press(Key::F(9));
                    }
                    second_card(&mut desk);
                }
                let attempt = Attempt(at);
                attempt.send(&mut desk);
                match ends {
                    Approved => attempt.ends(&mut desk, ResultCode::Approved, amount),
                    Declined => attempt.ends(&mut desk, ResultCode::Stopped, amount),
                    FoundApproved => {
                        attempt.breaks_and_is_found(&mut desk, ResultCode::Approved, amount);
                    }
                    FoundDeclined => {
                        attempt.breaks_and_is_found(&mut desk, ResultCode::Stopped, amount);
                    }
                }
                let paid = matches!(ends, Approved | FoundApproved);
                if paid {
                    outstanding -= amount;
                }
                let what = format!("{first:?} {second:?} after {at}");
                if outstanding == 0 {
                    assert_eq!(desk.screen_name(), "done", "{what}");
                    assert!(desk.state.basket.lines.is_empty(), "{what}");
                } else {
                    let here = if paid { "checkout" } else { "not charged" };
                    assert_eq!(desk.screen_name(), here, "{what}");
                    assert_eq!(desk.state.outstanding().get(), outstanding, "{what}");
                }
                assert!(desk.state.open.is_empty(), "{what}");
            }
        }
    }
}

fn paid_in_part() -> Desk {
    let mut desk = Desk::at_checkout();
    first_part(&mut desk, "2000");
    Attempt(0).send(&mut desk);
    Attempt(0).ends(&mut desk, ResultCode::Approved, 2_000);
    desk
}

#[test]
fn leaving_a_bill_that_is_paid_in_part_is_asked_about() {
    let mut desk = paid_in_part();
    desk.press(Key::F(9));
    assert_eq!(desk.state.popups, [Popup::HalfDone]);
    // Neither the forward key nor Enter nor a scan answers it.
    for key in [Key::F(12), Key::Enter] {
        desk.press(key);
        assert_eq!(desk.state.popups, [Popup::HalfDone], "{key:?}");
    }
    desk.send(Message::Input(Input::Scan("1".into())));
    assert_eq!(desk.state.popups, [Popup::HalfDone]);
    desk.press(Key::F(9));
    assert_eq!(desk.state.popups, []);
    assert_eq!(desk.state.outstanding(), Yen::new(1_430));

    desk.press(Key::F(9));
    let effects = desk.answer('1');
    assert_eq!(effects, vec![]);
    assert_eq!(desk.screen_name(), "register");
    assert!(desk.state.basket.lines.is_empty());
    assert_eq!(note(&desk), Some(Text::PartSetAside));
}

#[test]
fn what_is_paid_of_a_half_paid_bill_can_be_taken_back() {
    let mut desk = paid_in_part();
    desk.press(Key::F(9));
    let effects = desk.answer('2');
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Undoable(slip()))]);
    assert_eq!(desk.screen_name(), "undo");
}

#[test]
fn a_bill_that_is_paid_is_not_asked_for_again_while_the_books_are_slow_to_say_so() {
    let mut desk = paid_in_part();
    desk.stored(Stored::Tasks(vec![Task::PartPaid(PartPaid {
        order: slip(),
        lines: desk.state.basket.lines.clone(),
        due: Yen::new(3_430),
        paid: Yen::new(2_000),
        parts: vec![slip()],
        bill: None,
    })]));
    second_card(&mut desk);
    Attempt(1).send(&mut desk);
    Attempt(1).ends(&mut desk, ResultCode::Approved, 1_430);
    assert_eq!(desk.screen_name(), "done");
    // What they said last is older than the last part.
    desk.after_ms(1_000);
    desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "register");
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn a_bill_that_is_paid_in_part_is_not_rung_up_any_more() {
    let mut desk = paid_in_part();
    let bill = desk.state.basket.clone();
    // The history and back: not to lines that could be changed.
    desk.press(Key::F(4));
    desk.press(Key::Char('1'));
    assert_eq!(desk.screen_name(), "history");
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.basket, bill);
}

#[test]
fn after_a_restart_the_rest_is_taken_up_from_what_the_books_know() {
    // Stopped in the middle of the second part, of which the terminal says that it was approved.
    let mut desk = paid_in_part();
    second_card(&mut desk);
    Attempt(1).send(&mut desk);
    let first = desk.state.basket.parts[0].clone();
    let lines = desk.state.basket.lines.clone();
    let effects = desk.link(broken());
    desk.durable(&effects);
    let open = desk.state.open[0].clone();

    let mut desk = Desk::with(settings());
    desk.state.start();
    desk.stored(Stored::Opened {
        unresolved: vec![open],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    desk.link(LinkEvent::Up);
    desk.link(idle_status());
    Attempt(1).found_stopped(&mut desk);
    assert_eq!(desk.screen_name(), "not charged");
    // Only the books know what is paid: neither the card nor another one is asked before that is read.
    assert_eq!(desk.answer('1'), vec![]);
    assert_eq!(note(&desk), Some(Text::PartFromTheList));
    desk.stored(Stored::Tasks(vec![Task::PartPaid(PartPaid {
        order: slip(),
        lines,
        due: Yen::new(3_430),
        paid: Yen::new(2_000),
        parts: vec![slip()],
        bill: None,
    })]));
    let effects = desk.press(Key::F(9));
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Find(slip()))]);
    assert_eq!(
        desk.press(Key::F(12)),
        vec![],
        "nothing is paid before it is read"
    );
    assert_eq!(note(&desk), Some(Text::Reading));
    desk.stored(Stored::Found(Some(Box::new(first))));
    assert_eq!(desk.state.outstanding(), Yen::new(1_430));
    let sale = second_card(&mut desk);
    assert_eq!(
        (amounts(&sale), sale.order),
        (vec![("card", 1_430)], Some(slip()))
    );
}

impl Attempt {
    /// After a restart the terminal is asked, and says that it was stopped.
    fn found_stopped(self, desk: &mut Desk) {
        desk.after_ms(10_000);
        desk.link(LinkEvent::Up);
        let mut found = result(ResultCode::Stopped);
        found.sequence_number = Some(self.sequence());
        found.amount = Some(Yen::new(1_430));
        let effects = desk.link(LinkEvent::Answer {
            answer: madoguchi::cat::Answer::LastResult {
                inquiry: Inquiry::Found(found),
                journal: Some(journal()),
                asked_number: Some(self.sequence()),
                terminal_id: None,
            },
        });
        desk.durable(&effects);
    }
}

#[test]
fn a_bill_whose_parts_are_not_read_yet_is_not_left_at_the_counter_to_be_asked_for_whole() {
    let paid = paid_in_part();
    let first = paid.state.basket.parts[0].clone();
    let lines = paid.state.basket.lines.clone();
    let mut desk = Desk::open();
    desk.stored(Stored::Tasks(vec![Task::PartPaid(PartPaid {
        order: slip(),
        lines,
        due: Yen::new(3_430),
        paid: Yen::new(2_000),
        parts: vec![slip()],
        bill: None,
    })]));
    for key in [Key::F(4), Key::Char('2'), Key::Enter] {
        desk.press(key);
        desk.after_ms(800);
    }
    assert_eq!(desk.screen_name(), "checkout");
    // Nor left for another screen, from which it comes back.
    for (key, said) in [
        (Key::F(3), Text::KeyMeansNothing),
        (Key::F(4), Text::Reading),
    ] {
        desk.press(key);
        assert_eq!(desk.screen_name(), "checkout");
        assert_eq!(note(&desk), Some(said));
        assert!(desk.state.popups.is_empty());
    }
    desk.press(Key::F(9));
    assert_eq!(desk.state.due(), Yen::ZERO, "it is on the list of tasks");
    desk.stored(Stored::Found(Some(Box::new(first))));
    assert_eq!(desk.state.outstanding(), Yen::ZERO);
    assert_eq!(desk.state.unsettled(), 1);
}
