//! The receipt computer is not there, goes in the middle, says no, or tells nothing by itself: the counter goes on, what waits is counted, and is told
//! later.

use madoguchi::app::key::Key;

use crate::support::clinic::{
    CASH, CHECKOUT, Clinic, Payer, SOLD, WORKLIST, assert_all_told, card_of, code_of, grouped,
    is_told_to_the_end, next_customer, pay_card, pay_cash, posted, ring_up_bill, wait_finished,
    wait_listening, wait_nothing_open,
};
use crate::support::console::Console;
use crate::support::crowd::each;
use crate::support::hand::press_for;
use crate::support::orca_process::OrcaProcess;
use crate::support::patience::look_until;
use crate::support::terminal_process::{On, TerminalProcess};
use crate::support::till::{REGISTER, ring_up};

const UNREACHABLE: &str = "日レセにつながりません";
const ONE_WAITS: &str = "未反映 1件";

/// 500 yen of something else, in cash and by card.
fn sell_something_else(console: &mut Console) {
    ring_up(console, "500");
    pay_cash(console);
    next_customer(console);
    ring_up(console, "500");
    pay_card(console);
    next_customer(console);
}

/// One payer paid in cash, and the receipt computer was told of it once and of nothing else.
#[track_caller]
fn assert_told_once_in_cash(console: &Console, clinic: &Clinic, payer: &Payer) {
    let told = [(payer.invoice.clone(), payer.amount, CASH.to_owned())];
    assert_eq!(posted(&clinic.orca), told);
    assert_all_told(console, clinic);
}

#[test]
fn one_that_is_not_there_from_the_start_hinders_nothing_and_is_found_when_it_comes() {
    let mut orca = OrcaProcess::start(2, "");
    orca.kill();
    let mut clinic = Clinic::of(orca, TerminalProcess::start(On::Tcp, "approve …", 0));
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened_alone();
    console.press(&[Key::F(5)]);
    console.wait_for(UNREACHABLE);
    press_for(&mut console, Key::F(9), REGISTER);
    sell_something_else(&mut console);
    console.press(&[Key::F(5)]);
    console.wait_for(UNREACHABLE);
    // The list fills by itself: it is heard of again over PUSH.
    clinic.orca.start_again("");
    console.wait_for(&payer.patient);
    press_for(&mut console, Key::F(9), REGISTER);
    ring_up_bill(&mut console, &payer);
    pay_cash(&mut console);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    assert_all_told(&console, &clinic);
}

#[test]
fn what_is_paid_while_it_is_gone_is_counted_and_told_when_it_is_back() {
    let mut clinic = Clinic::open(4, "", "approve …");
    let payers = clinic.payers(4);
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payers[0]);
    clinic.orca.kill();
    pay_cash(&mut console);
    next_customer(&mut console);
    console.wait_for(ONE_WAITS);
    sell_something_else(&mut console);
    // A restart of the console in between loses nothing.
    console.kill9();
    let mut console = clinic.console(Some(console));
    console.wait_for(REGISTER);
    console.wait_for(ONE_WAITS);
    console.press(&[Key::F(4), Key::Char('2')]);
    console.wait_for("未反映");
    console.press(&[Key::Enter]);
    console.wait_for(&payers[0].invoice);
    console.wait_for(UNREACHABLE);
    press_for(&mut console, Key::F(9), REGISTER);
    assert_eq!(posted(&clinic.orca), []);
    clinic.orca.start_again("");
    wait_finished(&clinic, 1);
    wait_nothing_open(&mut console);
    wait_listening(&console, 2);
    ring_up_bill(&mut console, &payers[1]);
    pay_card(&mut console);
    wait_finished(&clinic, 2);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    assert_all_told(&console, &clinic);
}

/// A card and the code of a bill of so much, while nobody can be asked: taken in cash, and the console killed after it.
#[track_caller]
fn pay_by_code_alone(clinic: &Clinic, payer: &Payer, amount: i64) -> Console {
    let mut console = clinic.opened_alone();
    console.scan(&card_of(payer));
    console.wait_for(UNREACHABLE);
    console.scan(&code_of(amount));
    // What becomes of it is said before it is taken.
    console.wait_for("自動で反映します");
    press_for(&mut console, Key::F(12), "お会計は");
    press_for(&mut console, Key::F(12), REGISTER);
    press_for(&mut console, Key::F(12), CHECKOUT);
    pay_cash(&mut console);
    next_customer(&mut console);
    console.wait_for(ONE_WAITS);
    console.kill9();
    let mut console = clinic.console(Some(console));
    console.wait_for(REGISTER);
    console.wait_for(ONE_WAITS);
    console
}

#[test]
fn what_is_paid_by_its_code_alone_is_told_once_where_one_invoice_has_that_amount() {
    let mut clinic = Clinic::open(2, "", "approve …");
    let payer = clinic.payers(2)[0].clone();
    clinic.orca.kill();
    let mut console = pay_by_code_alone(&clinic, &payer, payer.amount);
    assert_eq!(posted(&clinic.orca), []);
    // Its answer to the payment is lost, and looked for.
    clinic.orca.start_again("pay lost_after");
    wait_finished(&clinic, 2);
    wait_nothing_open(&mut console);
    assert_told_once_in_cash(&console, &clinic, &payer);
}

#[test]
fn what_is_paid_by_its_code_alone_is_listed_where_two_invoices_have_that_amount() {
    const PATIENTS: u32 = 32;
    let mut clinic = Clinic::open(PATIENTS, "", "approve …");
    let patients = PATIENTS as usize;
    let (payer, (before, owed)) = clinic
        .payers(patients)
        .into_iter()
        .find_map(|payer| {
            let owed = clinic.owed_before(patients, &payer)?;
            Some((payer, owed))
        })
        .expect("one in eight owes something");
    // Somebody at a screen takes a part of the larger one: as much is unpaid of either.
    let larger = if owed > payer.amount {
        &before
    } else {
        &payer.invoice
    };
    let amount = owed.min(payer.amount);
    let beyond = owed.max(payer.amount) - amount;
    clinic.orca.takes(&payer.patient, larger, beyond);
    clinic.orca.kill();
    let mut console = pay_by_code_alone(&clinic, &payer, amount);
    clinic.orca.start_again("");
    console.press(&[Key::F(4), Key::Char('2')]);
    console.wait_for("未反映");
    console.press(&[Key::Enter]);
    console.wait_for("伝票不明");
    console.wait_for("一つに決まらない");
    console.wait_for(&grouped(2 * amount));
    press_for(&mut console, Key::F(9), REGISTER);
    console.wait_for(ONE_WAITS);
    // Nor by another start.
    console.kill9();
    let mut console = clinic.console(Some(console));
    console.wait_for(REGISTER);
    clinic.orca.wait_calls("bill", 2);
    console.wait_for(ONE_WAITS);
    assert_eq!(posted(&clinic.orca), []);
    assert_eq!(clinic.orca.held(), Vec::<String>::new());
}

/// What goes wrong once, and ends well with nobody's help.
const BY_ITSELF: [&str; 13] = [
    "open refuse E1038 他の端末より同じカルテＵＩＤでの接続があります。",
    "open refuse E9999 他端末で使用中です。",
    "open refuse E0089 システム",
    "open lost_before",
    "open lost_after",
    "open status 503",
    "pay lost_before",
    "pay lost_after",
    "pay status 503",
    "pay status_after 503",
    "pay garbage",
    "finish lost_before",
    "finish lost_after",
];

#[test]
fn what_goes_wrong_once_ends_well_by_itself() {
    each(BY_ITSELF.to_vec(), |script| {
        eprintln!("{script}");
        let clinic = Clinic::open(2, script, "approve …");
        let payer = clinic.payers(2)[0].clone();
        let mut console = clinic.opened();
        ring_up_bill(&mut console, &payer);
        pay_cash(&mut console);
        // The next customer is served meanwhile.
        next_customer(&mut console);
        ring_up(&mut console, "500");
        pay_cash(&mut console);
        next_customer(&mut console);
        look_until("the end of it", || is_told_to_the_end(&console));
        wait_nothing_open(&mut console);
        assert_told_once_in_cash(&console, &clinic, &payer);
    });
}

#[test]
fn a_patient_who_is_open_elsewhere_waits_and_nobody_else_does() {
    let mut clinic = Clinic::open(4, "open locked ORCA21", "approve …");
    let payers = clinic.payers(4);
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payers[0]);
    pay_cash(&mut console);
    next_customer(&mut console);
    console.wait_for(ONE_WAITS);
    // He is held by that screen alone, and not by us.
    look_until("our session's end", || {
        let ends = clinic.orca.told();
        ends.iter().any(|call| call["call"] == "finish")
    });
    assert_eq!(clinic.orca.held(), [payers[0].patient.as_str()]);
    ring_up_bill(&mut console, &payers[1]);
    pay_cash(&mut console);
    look_until("the other's posting", || {
        posted(&clinic.orca) == [(payers[1].invoice.clone(), payers[1].amount, CASH.to_owned())]
    });
    next_customer(&mut console);
    console.press(&[Key::F(4), Key::Char('2')]);
    console.wait_for("未反映");
    console.press(&[Key::Enter]);
    console.wait_for("ORCA21");
    press_for(&mut console, Key::F(9), REGISTER);
    // That screen is closed.
    clinic.orca.start_again("");
    look_until("the end of it", || is_told_to_the_end(&console));
    wait_nothing_open(&mut console);
    assert_all_told(&console, &clinic);
}

#[test]
fn what_is_refused_waits_for_a_person_and_is_sent_again_on_a_key() {
    let clinic = Clinic::open(
        2,
        "pay refuse E0107 入金額が請求額を超えます。",
        "approve …",
    );
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    pay_cash(&mut console);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    console.wait_for(ONE_WAITS);
    assert_eq!(posted(&clinic.orca), []);
    console.press(&[Key::F(4), Key::Char('2')]);
    console.wait_for("未反映");
    console.press(&[Key::Enter]);
    console.wait_for("E0107");
    press_for(&mut console, Key::F(5), "未反映の入金はありません");
    wait_finished(&clinic, 2);
    press_for(&mut console, Key::F(9), REGISTER);
    wait_nothing_open(&mut console);
    assert_all_told(&console, &clinic);
}

#[test]
fn what_was_not_told_while_nobody_listened_is_in_the_list_once_somebody_does() {
    let mut clinic = Clinic::open(1, "", "approve …");
    let mut console = clinic.opened();
    clinic.orca.wait_for("push: somebody listens");
    console.press(&[Key::F(5)]);
    console.wait_for(WORKLIST);
    console.wait_for("00001");
    // It is gone and back, and another bill was made meanwhile, of which nothing is told any more.
    clinic.orca.start_again_with(4, "");
    clinic.orca.wait_for("push: somebody listens");
    console.wait_for("00002");
    let payer = clinic.payers(4)[1].clone();
    press_for(&mut console, Key::F(9), REGISTER);
    ring_up_bill(&mut console, &payer);
    console.wait_for(&grouped(payer.amount));
    console.press(&[Key::F(7), Key::F(12)]);
    console.wait_for(SOLD);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    assert_all_told(&console, &clinic);
}
