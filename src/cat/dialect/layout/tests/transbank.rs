//! Transbank POS Integrado: the frames of its public reference and of the kits for Node and Python.

use std::sync::LazyLock;

use super::*;
use crate::cat::{ListedTransaction, LogTotals};

static TRANSBANK: LazyLock<Layout> =
    LazyLock::new(|| Layout::shipped("transbank").expect("it is shipped"));

fn sale(amount: i64, number_of_ours: u32) -> Authorize {
    Authorize {
        amount: Yen::new(amount),
        card_class: CardClass::CREDIT,
        sequence_number: number(number_of_ours),
        ..authorize(TransactionType::Sales)
    }
}

fn log(log: DailyLogType) -> Command {
    Command::AccessDailyLog {
        sequence_number: number(43),
        log,
    }
}

fn void_of(slip: &str) -> Command {
    Command::Authorize(Authorize {
        original_slip: TerminalSlipNumber::new(slip).ok(),
        ..sale(3_430, 44)
    })
}

fn result_of(text: &str) -> TransactionResult {
    match TRANSBANK.decode_reply(text.as_bytes()) {
        Ok(Reply::Answer(Answer::Result(result))) => result,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn every_command_has_the_text_of_the_reference() {
    let mut void = void_of("10");
    if let Command::Authorize(authorize) = &mut void {
        authorize.transaction = TransactionType::Void;
    }
    for (command, text) in [
        (Command::Status, "0100"),
        (Command::Standalone, "0300"),
        (Command::Authorize(sale(5_400, 42)), "0200|5400|42|||1|"),
        (
            Command::LastResult {
                sequence_number: number(42),
            },
            "0250|",
        ),
        (void, "1200|10|"),
        (log(DailyLogType::Settlement), "0500||"),
        (log(DailyLogType::Reporting), "0700||"),
        (Command::Transactions, "0260|1|"),
    ] {
        let encoded = TRANSBANK.encode_command(&command, at()).expect("encodes");
        assert_eq!(String::from_utf8_lossy(&encoded), text);
        let heard = TRANSBANK.hear(text.as_bytes(), number(999_999));
        let heard = heard.expect("heard").command;
        assert_eq!(
            std::mem::discriminant(&heard),
            std::mem::discriminant(&command),
            "{text}"
        );
    }
}

#[test]
fn both_kits_are_heard_and_get_their_ticket_back_as_it_was() {
    let spare = number(999_999);
    for (text, amount, sequence, reference) in [
        // The kit for Node pads and ends without a bar, the one for Python does neither.
        ("0200|000005400|0A0001|||1", 5_400, None, Some("0A0001")),
        ("0200|5400|A0001|||1|", 5_400, None, Some("A0001")),
        ("0200|5400|A0001|||0|", 5_400, None, Some("A0001")),
        ("0200|000005400|000042|||0", 5_400, Some(42), Some("000042")),
        ("0200|5400|42|||1|", 5_400, Some(42), None),
        ("0200|5400||||1|", 5_400, None, Some("")),
    ] {
        let heard = TRANSBANK.hear(text.as_bytes(), spare).expect(text);
        let Command::Authorize(ask) = &heard.command else {
            panic!("a sale");
        };
        assert_eq!(ask.amount, Yen::new(amount), "{text}");
        assert_eq!(
            ask.sequence_number,
            sequence.map_or(spare, number),
            "{text}"
        );
        assert_eq!(heard.numbered, sequence.is_some(), "{text}");
        assert_eq!(heard.reference.as_deref(), reference, "{text}");
        let result = TransactionResult {
            sequence_number: Some(ask.sequence_number),
            facts: TerminalFacts::default(),
            ..approved()
        };
        let said = TRANSBANK
            .encode_answer(
                Some(&heard.command),
                &answer(Answer::Result(result)),
                heard.reference.as_deref(),
            )
            .expect("encodes");
        let said = String::from_utf8_lossy(&said).into_owned();
        let ticket = text.split('|').nth(2);
        assert_eq!(said.split('|').nth(4), ticket, "{said}");
    }
    assert!(TRANSBANK.decode_command(b"0200|5400|A0001|||1|").is_err());
}

#[test]
fn a_void_is_heard_by_its_operation_number_alone() {
    let heard = TRANSBANK.hear(b"1200|10|", number(7)).expect("heard");
    let Command::Authorize(ask) = heard.command else {
        panic!("a void");
    };
    assert_eq!(ask.transaction, TransactionType::Void);
    assert_eq!(ask.original_slip, TerminalSlipNumber::new("10").ok());
    assert_eq!((ask.amount, heard.numbered), (Yen::ZERO, false));
}

#[test]
fn what_the_dialect_cannot_say_is_refused() {
    let refused = |authorize: Authorize| {
        let command = Command::Authorize(authorize);
        let error = TRANSBANK.encode_command(&command, at());
        error.expect_err("refused").to_string()
    };
    let void = |slip: Option<&str>| Authorize {
        transaction: TransactionType::Void,
        original_slip: slip.and_then(|slip| TerminalSlipNumber::new(slip).ok()),
        ..sale(3_430, 42)
    };
    for (authorize, reason) in [
        (
            Authorize {
                training: true,
                ..sale(1, 42)
            },
            "the layout has no field for mode",
        ),
        (
            Authorize {
                tax_others: Yen::new(1),
                ..sale(1, 42)
            },
            "the layout has no field for tax_others",
        ),
        (
            Authorize {
                original_slip: TerminalSlipNumber::new("1").ok(),
                ..sale(1, 42)
            },
            "the layout has no field for original_slip",
        ),
        (
            Authorize {
                transaction: TransactionType::Refund,
                ..sale(1, 42)
            },
            "the layout has no refund message",
        ),
        // Without the slip nobody knows what to take back, and with one that does not fit another might be.
        (void(None), "the layout has no field for amount"),
        (
            void(Some("1234567")),
            "original_slip is wider than 6 characters",
        ),
        (sale(1_000_000_000, 42), "amount is wider than 9 characters"),
    ] {
        assert_eq!(refused(authorize), reason);
    }
}

#[test]
fn the_acknowledgement_alone_answers_poll_and_normal_mode() {
    let Some(Answer::Status(status)) = TRANSBANK.answered_by_acknowledgement(&Command::Status)
    else {
        panic!("a status");
    };
    assert_eq!(status.state, TerminalState::Idle);
    assert_eq!((status.journal, status.terminal_id), (None, None));
    assert_eq!(
        TRANSBANK.answered_by_acknowledgement(&Command::Standalone),
        Some(Answer::Standalone)
    );
    for command in [
        Command::Transactions,
        Command::Authorize(sale(1, 1)),
        log(DailyLogType::Settlement),
    ] {
        assert_eq!(TRANSBANK.answered_by_acknowledgement(&command), None);
    }
    assert_eq!(OPEN_CAT.answered_by_acknowledgement(&Command::Status), None);
}

#[test]
fn an_approved_sale_is_read_in_all_its_fields() {
    let result = result_of(
        "0210|00|597012345678|75001087|000042|A1B2C3|5400|0||6590|000083|CR|||VI|21112026|143207|00|0||",
    );
    assert_eq!(result.transaction, TransactionType::Sales);
    assert_eq!(result.code, ResultCode::Approved);
    assert_eq!(result.sequence_number, Some(number(42)));
    assert_eq!(result.amount, Some(Yen::new(5_400)));
    let facts = result.facts;
    assert_eq!(facts.slip_number, TerminalSlipNumber::new("000083").ok());
    assert_eq!(facts.approval_code, ApprovalCode::new("A1B2C3").ok());
    assert_eq!(facts.card_class, Some(CardClass(3)));
    assert_eq!(facts.card_company.as_deref(), Some("VI"));
    assert_eq!(facts.account, MaskedAccount::mask("6590").ok().map(|a| a.0));
    assert_eq!(facts.terminal_id.as_deref(), Some("75001087"));
    assert_eq!(facts.at, Some(at()));
}

#[test]
fn a_sale_that_was_stopped_at_the_terminal_has_blanks_and_zeros() {
    let result = result_of("0210|07|597012345678|75001087|00ABCD|      |0|0||0461||CR|||||||0||");
    assert_eq!(result.code, ResultCode::Stopped);
    assert_eq!(result.sequence_number, None);
    assert_eq!(result.amount, Some(Yen::ZERO));
    assert_eq!(result.facts.approval_code, None);
    assert_eq!(result.facts.slip_number, None);
    assert_eq!(result.facts.at, None);
}

#[test]
fn every_result_code_means_what_it_says_of_the_money() {
    let center = |code: &str| ResultCode::CenterError {
        center_result_code: Some(code.to_owned()),
    };
    let mut table = vec![("00", ResultCode::Approved), ("07", ResultCode::Stopped)];
    // The host may have it: only a question settles these.
    for code in ["02", "03", "16", "22", "65", "94"] {
        table.push((code, ResultCode::CommunicationError));
    }
    for code in ["13", "67", "74", "76", "77"] {
        table.push((code, ResultCode::DailyLogOverflow));
    }
    for code in ["01", "04", "06", "08", "11", "12", "20", "26", "68", "93"] {
        table.push((code, center(code)));
    }
    for (wire, code) in table {
        let rest = "|597012345678|75001087|42|      |0|0|||||||||||0||";
        assert_eq!(result_of(&format!("0210|{wire}{rest}")).code, code);
        let void = result_of(&format!("1210|{wire}|597012345678|75001087|A1B2C3|000010"));
        assert_eq!(void.code, code);
        assert_eq!(void.transaction, TransactionType::Void);
        assert_eq!((void.sequence_number, void.amount), (None, None));
        let again = TRANSBANK.encode_reply(&answer(Answer::Result(void)));
        if matches!(code, ResultCode::CenterError { .. }) {
            let again = String::from_utf8(again.expect("encodes")).expect("ascii");
            assert!(again.starts_with(&format!("1210|{wire}|")), "{again}");
        }
    }
}

#[test]
fn the_last_sale_is_found_or_there_is_none() {
    let text = "0260|00|597012345678|75001087|000042|A1B2C3|5400|0||6590|000083|CR|||VI|21112026|143207||0||";
    let asked = Command::LastResult {
        sequence_number: number(42),
    };
    let Ok(Reply::Answer(Answer::LastResult {
        asked_number: None,
        inquiry: Inquiry::Found(result),
        journal: None,
        terminal_id: None,
    })) = TRANSBANK.decode_answer(Some(&asked), text.as_bytes())
    else {
        panic!("found");
    };
    assert_eq!(result.sequence_number, Some(number(42)));
    assert_eq!(result.amount, Some(Yen::new(5_400)));
    let none = answer(Answer::LastResult {
        asked_number: None,
        inquiry: Inquiry::NotFound,
        journal: None,
        terminal_id: None,
    });
    let text = TRANSBANK.encode_reply(&none).expect("encodes");
    assert!(text.starts_with(b"0260|11|"));
    assert_eq!(TRANSBANK.decode_reply(&text), Ok(none.clone()));
    assert_eq!(TRANSBANK.decode_reply(b"0260|11"), Ok(none));
}

#[test]
fn a_list_comes_row_by_row_and_ends_with_a_blank_approval_code() {
    let row = |amount: &str| {
        format!(
            "0261|00|597012345678|75001087|000042|A1B2C3|{amount}|6590|000083|CR|||VI|21112026|143207||0||0|"
        )
    };
    for (wire, amount) in [("25000", 25_000), ("+25000", 25_000), ("-25000", -25_000)] {
        let Ok(Reply::Listed(listed)) = TRANSBANK.decode_reply(row(wire).as_bytes()) else {
            panic!("a row");
        };
        assert_eq!(listed.amount, Yen::new(amount));
        assert_eq!(listed.sequence_number, Some(number(42)));
        assert_eq!(
            listed.facts.slip_number,
            TerminalSlipNumber::new("000083").ok()
        );
        let again = TRANSBANK.encode_reply(&Reply::Listed(listed.clone()));
        let again = again.expect("encodes");
        assert_eq!(TRANSBANK.decode_reply(&again), Ok(Reply::Listed(listed)));
    }
    for end in [
        // As terminals send it: blanks, the next operation number, and two fields more than in a row.
        "0261|00|597012345678|75001087| | | | |000084|||| || | | | | |||",
        "0261|00|597012345678|75001087||||||||||||||||",
    ] {
        assert_eq!(TRANSBANK.decode_reply(end.as_bytes()), Ok(Reply::ListEnd));
    }
    // An error is no end: it proves nothing of what is missing.
    assert!(
        TRANSBANK
            .decode_reply(b"0261|02|597012345678|75001087||||||||||||||||")
            .is_err()
    );
    let end = TRANSBANK.encode_reply(&Reply::ListEnd).expect("encodes");
    assert_eq!(TRANSBANK.decode_reply(&end), Ok(Reply::ListEnd));
    // The kits look at the sixth field, and read nineteen.
    let end = String::from_utf8(end).expect("ascii");
    let fields: Vec<&str> = end.split('|').collect();
    assert_eq!((fields[5], fields.len()), ("", 22));
}

#[test]
fn a_row_of_a_foreign_console_has_no_number_of_ours() {
    let listed = ListedTransaction {
        sequence_number: Some(number(999_999)),
        amount: Yen::new(1_000),
        facts: TerminalFacts {
            approval_code: ApprovalCode::new("A1B2C3").ok(),
            ..TerminalFacts::default()
        },
    };
    let text = TRANSBANK.encode_answer(None, &Reply::Listed(listed.clone()), Some("A0001"));
    let text = text.expect("encodes");
    let Ok(Reply::Listed(read)) = TRANSBANK.decode_reply(&text) else {
        panic!("a row");
    };
    assert_eq!((read.sequence_number, read.amount), (None, listed.amount));
}

#[test]
fn totals_and_close_are_two_answers() {
    let totals = Answer::DailyLog {
        sequence_number: None,
        log: String::new(),
        totals: Some(LogTotals {
            count: 3,
            amount: Yen::new(29_700),
        }),
    };
    assert_eq!(
        TRANSBANK.decode_reply(b"0710|00|003|000029700|"),
        Ok(answer(totals.clone()))
    );
    let say = |log_type| {
        let text = TRANSBANK.encode_answer(Some(&log(log_type)), &answer(totals.clone()), None);
        String::from_utf8(text.expect("encodes")).expect("ascii")
    };
    assert_eq!(say(DailyLogType::Reporting), "0710|00|3|29700|");
    assert!(say(DailyLogType::Settlement).starts_with("0510|00|"));
    assert_eq!(
        TRANSBANK.decode_reply(b"0510|00|597012345678|75001087|"),
        Ok(answer(Answer::DailyLog {
            sequence_number: None,
            log: String::new(),
            totals: None,
        }))
    );
    // A close that did not go through is no log.
    assert!(
        TRANSBANK
            .decode_reply(b"0510|02|597012345678|75001087|")
            .is_err()
    );
}

#[test]
fn progress_has_the_codes_of_the_reference() {
    for (wire, phase) in [
        ("78", Phase::WaitingForCard),
        ("79", Phase::WaitingForCard),
        ("80", Phase::PaymentCount),
        ("81", Phase::Pin),
        ("82", Phase::Centre),
        ("83", Phase::ChoosingCard),
    ] {
        let text = format!("0900|{wire}|597012345678|75001087|");
        assert_eq!(
            TRANSBANK.decode_reply(text.as_bytes()),
            Ok(Reply::Phase(phase))
        );
    }
    assert_eq!(
        TRANSBANK.decode_reply(b"0900|78"),
        Ok(Reply::Phase(Phase::WaitingForCard))
    );
    assert_eq!(
        TRANSBANK.encode_reply(&Reply::Phase(Phase::Centre)),
        Ok(b"0900|82|597000000000|".to_vec())
    );
}
