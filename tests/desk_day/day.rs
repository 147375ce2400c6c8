//! A day on which nothing goes wrong: in cash, by card, in parts, scanned, taken back.

use crate::support::clinic::{
    CARD, CASH, CHECKOUT, Clinic, Payer, assert_all_told, card_of, check_out, code_of, entries,
    give_back, grouped, next_customer, pay_card, pay_cash, posted, ring_up_bill, send_card,
    sessions, taken, wait_finished, wait_nothing_open, words,
};
use crate::support::hand::{MEANS_NOTHING, press_for};
use crate::support::patience::look_until;
use crate::support::till::{APPROVED, GAVE_UP, NOT_CHARGED, REGISTER, ring_up, sales_at};
use madoguchi::app::key::Key;
use serde_json::Value;

/// One session, as it must be.
const WHOLE: [&str; 3] = ["open", "pay", "finish"];

fn moved(payer: &Payer, code: &str) -> (String, i64, String) {
    (payer.invoice.clone(), payer.amount, code.to_owned())
}

#[test]
fn a_patient_pays_by_card_and_the_receipt_computer_has_it() {
    let clinic = Clinic::open(2, "", "approve …");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    console.wait_for(&grouped(payer.amount));
    pay_card(&mut console);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    assert_eq!(posted(&clinic.orca), [moved(&payer, CARD)]);
    let sessions = sessions(&clinic.orca);
    assert_eq!(words(&sessions), [WHOLE]);
    assert_eq!(sessions[0][0]["keys"]["Patient_ID"], payer.patient.as_str());
    assert_eq!(sessions[0][1]["keys"]["Request_Mode"], "01");
    assert_all_told(&console, &clinic);
}

#[test]
fn cash_is_told_and_the_same_bill_is_paid_once() {
    let clinic = Clinic::open(2, "", "approve …");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    pay_cash(&mut console);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    assert_eq!(posted(&clinic.orca), [moved(&payer, CASH)]);
    assert_eq!(words(&sessions(&clinic.orca)), [WHOLE]);
    // He stands in the list as one who paid, and there is nothing to pay.
    console.press(&[Key::F(5)]);
    console.wait_for("入金有");
    console.type_text(&payer.patient);
    console.press(&[Key::Enter]);
    console.wait_for(&payer.invoice);
    console.wait_for("未収合計 0円");
    assert_all_told(&console, &clinic);
}

#[test]
fn cash_and_card_of_one_bill_are_a_posting_each() {
    let clinic = Clinic::open(2, "", "approve …");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    console.type_text("100");
    send_card(&mut console);
    console.wait_for(APPROVED);
    wait_finished(&clinic, 2);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    let mut wanted = [
        (payer.invoice.clone(), 100, CASH.to_owned()),
        (payer.invoice.clone(), payer.amount - 100, CARD.to_owned()),
    ];
    wanted.sort();
    assert_eq!(posted(&clinic.orca), wanted);
    assert_eq!(words(&sessions(&clinic.orca)), [WHOLE, WHOLE]);
    assert_all_told(&console, &clinic);
}

#[test]
fn a_card_and_a_code_that_are_scanned_go_the_same_way() {
    let clinic = Clinic::open(4, "", "approve …");
    for (payer, by_card) in clinic.payers(4).into_iter().zip([true, false]) {
        let mut console = clinic.opened();
        let before = posted(&clinic.orca).len();
        console.scan(&card_of(&payer));
        console.wait_for(&payer.invoice);
        console.scan(&code_of(payer.amount));
        // It is what is unpaid, and goes into the basket by itself.
        check_out(&mut console);
        if by_card {
            pay_card(&mut console);
        } else {
            pay_cash(&mut console);
        }
        wait_finished(&clinic, before + 1);
        next_customer(&mut console);
        wait_nothing_open(&mut console);
        let code = if by_card { CARD } else { CASH };
        assert!(posted(&clinic.orca).contains(&moved(&payer, code)));
        assert_eq!(taken(&console), [moved(&payer, code)]);
    }
    assert_eq!(words(&sessions(&clinic.orca)), [WHOLE, WHOLE]);
    assert_eq!(clinic.orca.held(), Vec::<String>::new());
}

#[test]
fn a_code_with_another_amount_than_is_unpaid_stops_with_both() {
    let clinic = Clinic::open(2, "", "approve …");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    console.scan(&card_of(&payer));
    console.wait_for(&payer.invoice);
    console.scan(&code_of(payer.amount + 10));
    console.wait_until("both figures", |screen| {
        screen.contains(&grouped(payer.amount)) && screen.contains(&grouped(payer.amount + 10))
    });
    console.press(&[Key::F(12)]);
    assert_eq!(sales_at(&console), Vec::<Value>::new());
    assert_eq!(words(&sessions(&clinic.orca)), Vec::<Vec<&str>>::new());
}

#[test]
fn what_is_taken_back_is_taken_back_there() {
    let clinic = Clinic::open(2, "", "approve …");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    pay_cash(&mut console);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    give_back(&mut console, &payer);
    wait_finished(&clinic, 2);
    press_for(&mut console, Key::F(12), REGISTER);
    wait_nothing_open(&mut console);
    let back = (payer.invoice.clone(), -payer.amount, CASH.to_owned());
    assert_eq!(posted(&clinic.orca), [back, moved(&payer, CASH)]);
    let sessions = sessions(&clinic.orca);
    assert_eq!(words(&sessions), [WHOLE, ["open", "pay_back", "finish"]]);
    let back = &sessions[1][1]["keys"];
    assert_eq!(back["Request_Mode"], "03");
    assert_eq!(back["Ic_Money"], (-payer.amount).to_string());
    assert_all_told(&console, &clinic);
}

#[test]
fn nobody_is_held_while_a_card_is_at_the_terminal_and_nothing_is_told_before_its_outcome() {
    // It waits for the card for an hour.
    let mut clinic = Clinic::open(2, "", "slow 3600000");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    send_card(&mut console);
    clinic.terminal.wait_for("display: WaitingForCard");
    assert_eq!(clinic.orca.held(), Vec::<String>::new());
    assert_eq!(words(&sessions(&clinic.orca)), Vec::<Vec<&str>>::new());
    // The plug is pulled, and it knows of nothing when it is back. A person says that it is not there, and the bill is paid in cash.
    clinic.terminal.kill();
    clinic.terminal.start_again();
    console.wait_for(GAVE_UP);
    assert_eq!(words(&sessions(&clinic.orca)), Vec::<Vec<&str>>::new());
    press_for(&mut console, Key::Char('2'), "金額を入れて Enter");
    console.type_text(&payer.amount.to_string());
    console.press(&[Key::Enter]);
    console.wait_for(NOT_CHARGED);
    assert_eq!(words(&sessions(&clinic.orca)), Vec::<Vec<&str>>::new());
    press_for(&mut console, Key::F(9), CHECKOUT);
    pay_cash(&mut console);
    wait_finished(&clinic, 1);
    next_customer(&mut console);
    wait_nothing_open(&mut console);
    assert_eq!(posted(&clinic.orca), [moved(&payer, CASH)]);
    assert_all_told(&console, &clinic);
}

#[test]
fn a_session_under_way_is_ended_and_none_is_begun_while_a_card_is_at_the_terminal() {
    let mut clinic = Clinic::open(2, "", "slow 3600000");
    let payer = clinic.payers(2)[0].clone();
    let mut console = clinic.opened();
    ring_up_bill(&mut console, &payer);
    // It stands still while the bill is paid and taken back: the first of the two postings is on its way, the second behind it.
    clinic.orca.freeze();
    pay_cash(&mut console);
    next_customer(&mut console);
    give_back(&mut console, &payer);
    press_for(&mut console, Key::F(12), REGISTER);
    ring_up(&mut console, "500");
    send_card(&mut console);
    clinic.terminal.wait_for("display: WaitingForCard");
    clinic.orca.thaw();
    wait_finished(&clinic, 1);
    look_until("its last step", || {
        let steps = entries(&console, "reflection");
        steps.iter().any(|entry| entry["step"]["step"] == "closed")
    });
    // What follows from that is done before the next key is taken.
    console.press(&[Key::F(11)]);
    console.wait_for(MEANS_NOTHING);
    assert_eq!(words(&sessions(&clinic.orca)), [WHOLE]);
    assert_eq!(clinic.orca.held(), Vec::<String>::new());
    // The card comes to nothing: what waited is told with nobody's help.
    clinic.terminal.kill();
    clinic.terminal.start_again();
    console.wait_for(GAVE_UP);
    wait_finished(&clinic, 2);
    assert_eq!(
        words(&sessions(&clinic.orca)),
        [WHOLE, ["open", "pay_back", "finish"]]
    );
}
