//! What one sale must not do to the next: bills that meet, answers that come twice, questions that block the line.

#[path = "support/desk.rs"]
mod desk;

use desk::{
    Desk, answer, broken, idle_status, last_result, record, result, sends_money, slip, to_terminal,
    written,
};
use madoguchi::app::key::Key;
use madoguchi::app::message::{Effect, LinkRequest, StoreTrouble, Stored};
use madoguchi::cat::{Answer, Inquiry, LinkEvent, ResultCode, TransactionResult, TransactionType};
use madoguchi::domain::ledger::{AuditEvent, Entry};
use madoguchi::domain::money::Yen;
use madoguchi::locale::Text;

/// The books did not take what is among the effects.
fn refuse(desk: &mut Desk, effects: &[Effect], trouble: StoreTrouble) -> Vec<Effect> {
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Store(request) => Some(request.clone()),
        _ => None,
    });
    desk.stored(Stored::Failed {
        request: Box::new(request.expect("something was asked of the books")),
        trouble,
    })
}

#[test]
fn an_answer_that_differs_in_one_field_is_no_outcome() {
    let differences: [fn(&mut TransactionResult); 5] = [
        |result| result.transaction = TransactionType::Refund,
        |result| result.transaction = TransactionType::Void,
        |result| result.amount = Some(Yen::new(34_300)),
        |result| result.training = Some(true),
        |result| result.facts.at = Some(desk::wall().naive_local() - chrono::Duration::hours(2)),
    ];
    for (index, differ) in differences.into_iter().enumerate() {
        let mut desk = Desk::waiting();
        let mut other = result(ResultCode::Approved);
        differ(&mut other);
        let effects = desk.link(answer(other.clone()));
        let entry = effects
            .iter()
            .filter_map(|effect| written(std::slice::from_ref(effect)))
            .find(|entry| entry.slip().is_some());
        assert!(
            matches!(entry, Some(Entry::OutcomeUnknown { .. })),
            "{index}: {entry:?}"
        );
        // Asked for, it is none either.
        let mut desk = Desk::unknown();
        while to_terminal(&desk.after_ms(1_000)).is_empty() {}
        desk.link(LinkEvent::Up);
        let found = last_result(Inquiry::Found(other), Some(desk::journal()));
        assert_eq!(written(&desk.link(found)), None, "{index}");
    }
}

#[test]
fn a_terminal_that_does_not_know_decides_nothing() {
    for code in [ResultCode::Reset, ResultCode::CommunicationError] {
        let mut desk = Desk::waiting();
        let effects = desk.link(answer(result(code.clone())));
        assert!(
            matches!(written(&effects), Some(Entry::OutcomeUnknown { .. })),
            "{code:?}"
        );
        desk.durable(&effects);
        assert_eq!(desk.screen_name(), "unknown");
    }
}

/// A sale was parked, and the next customer's bill of 500 yen is half rung up.
fn parked_and_next() -> Desk {
    let mut desk = Desk::unknown();
    desk.after_ms(400);
    let effects = desk.answer('3');
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "register");
    desk.after_ms(1_000);
    desk.line("500");
    desk
}

fn lead_from_the_list(desk: &mut Desk) {
    desk.press(Key::F(4));
    desk.press(Key::Char('2'));
    desk.press(Key::Enter);
}

#[test]
fn a_parked_sale_does_not_take_the_next_customers_bill() {
    let mut desk = parked_and_next();
    let bill = desk.state.basket.clone();
    lead_from_the_list(&mut desk);
    assert_eq!(desk.screen_name(), "unresolved");
    assert_eq!(
        desk.state.note.as_ref().map(|n| n.text),
        Some(Text::BillFirst)
    );
    assert_eq!(desk.state.basket, bill);

    // From the checkout the same.
    desk.press(Key::F(9));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    lead_from_the_list(&mut desk);
    assert_eq!(desk.screen_name(), "unresolved");
    assert_eq!(desk.state.basket.lines, bill.lines);
    assert_eq!(desk.state.basket.order, bill.order);

    // Without a bill it is led to its answer, and what is offered then is its own amount.
    desk.press(Key::F(9));
    desk.press(Key::F(8));
    lead_from_the_list(&mut desk);
    assert_eq!(desk.screen_name(), "unknown");
    for _ in 0..2 {
        let mut effects = desk.after_ms(30_000);
        if to_terminal(&effects).is_empty() {
            effects = desk.after_ms(30_000);
        }
        assert_eq!(to_terminal(&effects), [LinkRequest::Connect]);
        desk.link(LinkEvent::Up);
        let effects = desk.link(last_result(Inquiry::NotFound, Some(desk::journal())));
        if written(&effects).is_some() {
            desk.durable(&effects);
        }
    }
    assert_eq!(desk.screen_name(), "not charged");
    assert_eq!(desk.state.due(), Yen::new(3_430));
    assert_eq!(desk.state.basket.order, Some(slip()));
}

#[test]
fn an_answer_that_fits_nothing_is_let_go_even_where_the_books_fail() {
    let mut desk = Desk::waiting();
    let mut wrong = result(ResultCode::Approved);
    wrong.amount = Some(Yen::new(3_431));
    let effects = desk.link(answer(wrong));
    assert!(matches!(
        written(&effects),
        Some(Entry::OutcomeUnknown { .. })
    ));
    assert_eq!(to_terminal(&effects), []);
    let effects = refuse(&mut desk, &effects, StoreTrouble::Locked);
    assert_eq!(desk.screen_name(), "unknown");
    assert_eq!(
        to_terminal(&effects),
        [LinkRequest::Acknowledge],
        "or every question would wait behind it"
    );
}

#[test]
fn a_finding_that_could_not_be_written_is_let_go_and_asked_for_again() {
    let mut desk = Desk::unknown();
    while to_terminal(&desk.after_ms(1_000)).is_empty() {}
    desk.link(LinkEvent::Up);
    let found = Inquiry::Found(result(ResultCode::Approved));
    let effects = desk.link(last_result(found, Some(desk::journal())));
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
    let effects = refuse(&mut desk, &effects, StoreTrouble::DiskFull);
    assert_eq!(to_terminal(&effects), [LinkRequest::Abandon]);
    assert_eq!(desk.screen_name(), "unknown");
    let effects = desk.press(Key::F(5));
    assert_eq!(to_terminal(&effects), [LinkRequest::Connect]);
}

#[test]
fn a_sale_that_is_settled_behind_another_screen_counts_for_the_day() {
    let mut desk = parked_and_next();
    let before = desk.state.today;
    let late = Answer::Result(result(ResultCode::Approved));
    let effects = desk.link(LinkEvent::Unasked { answer: late });
    assert!(matches!(written(&effects), Some(Entry::Posted { .. })));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(desk.state.today.sales, before.sales + 1);
    assert_eq!(desk.state.today.total, Yen::new(before.total.get() + 3_430));
    assert_eq!(desk.state.due(), Yen::new(500), "the bill stands");
}

#[test]
fn an_answer_that_is_said_twice_is_no_foreign_answer() {
    for (code, screen) in [
        (ResultCode::Approved, "done"),
        (ResultCode::Stopped, "not charged"),
    ] {
        let mut desk = Desk::waiting();
        let effects = desk.link(answer(result(code.clone())));
        desk.durable(&effects);
        assert_eq!(desk.screen_name(), screen);
        let again = Answer::Result(result(code));
        let effects = desk.link(LinkEvent::Unasked { answer: again });
        assert_eq!(desk.state.note, None, "{screen}");
        assert!(
            matches!(
                written(&effects),
                Some(Entry::Audit {
                    event: AuditEvent::ForeignAnswer,
                    ..
                })
            ),
            "the books keep it all the same"
        );
    }
    // An approval after the word that nothing was charged is another matter.
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Stopped)));
    desk.durable(&effects);
    let approved = Answer::Result(result(ResultCode::Approved));
    desk.link(LinkEvent::Unasked { answer: approved });
    assert_eq!(
        desk.state.note.as_ref().map(|n| n.text),
        Some(Text::ForeignAnswer)
    );
}

#[test]
fn an_approval_that_comes_while_the_contrary_is_written_is_not_swallowed() {
    let mut desk = Desk::unknown();
    while desk.screen_name() == "unknown" && !has_given_up(&desk) {
        if !to_terminal(&desk.after_ms(1_000)).is_empty() {
            desk.link(LinkEvent::Up);
            desk.link(broken());
        }
    }
    desk.press(Key::Char('2'));
    desk.text("3430");
    let effects = desk.press(Key::Enter);
    assert!(matches!(written(&effects), Some(Entry::Released { .. })));
    let late = Answer::Result(result(ResultCode::Approved));
    let effects = desk.link(LinkEvent::Unasked { answer: late });
    assert!(matches!(
        written(&effects),
        Some(Entry::Audit {
            event: AuditEvent::ForeignAnswer,
            ..
        })
    ));
}

fn has_given_up(desk: &Desk) -> bool {
    matches!(&desk.state.screen, madoguchi::app::Screen::Unknown(unknown)
        if unknown.stage == madoguchi::app::unknown::Stage::GaveUp)
}

#[test]
fn an_exchange_that_was_let_go_is_no_answer_heard() {
    let mut desk = Desk::with_card();
    desk.after_ms(120_000);
    desk.press(Key::F(12));
    desk.stored(desk::pended());
    let heard = desk
        .state
        .cats
        .values()
        .next()
        .and_then(|cat| cat.last_answer);
    desk.after_ms(5_000);
    desk.link(LinkEvent::Idle);
    let after = desk
        .state
        .cats
        .values()
        .next()
        .and_then(|cat| cat.last_answer);
    assert_eq!(after, heard);
    // And the payment goes on where the terminal does answer.
    desk.link(LinkEvent::Up);
    let effects = desk.link(idle_status());
    let effects = desk.durable(&effects);
    assert!(sends_money(&effects));
    assert!(desk.state.open.is_empty());
    let broken = desk.link(broken());
    desk.durable(&broken);
    assert_eq!(record(&desk).slip, slip());
}
