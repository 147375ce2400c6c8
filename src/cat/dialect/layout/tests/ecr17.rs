//! ECR17: lengths and places of its public reference.

use std::sync::LazyLock;

use super::*;

static ECR17: LazyLock<Layout> = LazyLock::new(|| Layout::shipped("ecr17").expect("it is shipped"));

/// Bytes by the positions of the reference, counted from 1, both included.
fn at_places(text: &[u8], first: usize, last: usize) -> String {
    String::from_utf8_lossy(&text[first - 1..last]).into_owned()
}

fn encoded(command: &Command) -> Vec<u8> {
    ECR17.encode_command(command, at()).expect("encodes")
}

fn asked_log(log: DailyLogType) -> Command {
    Command::AccessDailyLog {
        sequence_number: number(43),
        log,
    }
}

fn last_result() -> Command {
    Command::LastResult {
        sequence_number: number(42),
    }
}

fn sale() -> Command {
    Command::Authorize(Authorize {
        device_id: Some("12345678".into()),
        ..authorize(TransactionType::Sales)
    })
}

fn void() -> Command {
    Command::Authorize(Authorize {
        original_slip: TerminalSlipNumber::new("42").ok(),
        ..authorize(TransactionType::Void)
    })
}

const GOOD: &str = "123456780E00000000000000000411111ICCABC123211152021234567890ABCD000042000099";

#[test]
fn every_command_is_as_long_as_the_reference_says() {
    for (command, length, code) in [
        (sale(), 167, "P"),
        (void(), 26, "S"),
        (asked_log(DailyLogType::Settlement), 26, "C"),
        (asked_log(DailyLogType::Reporting), 26, "T"),
        (last_result(), 22, "G"),
        (Command::Status, 10, "s"),
    ] {
        let text = encoded(&command);
        assert_eq!(text.len(), length, "{code}");
        assert_eq!(at_places(&text, 9, 10), format!("0{code}"));
        let heard = ECR17.hear(&text, number(999_999)).expect("heard");
        assert!(!heard.numbered && heard.reference.is_none());
        assert_eq!(
            std::mem::discriminant(&heard.command),
            std::mem::discriminant(&command)
        );
    }
}

#[test]
fn a_payment_has_its_values_at_the_places_of_the_reference() {
    let text = encoded(&sale());
    for (first, last, expected) in [
        (1, 8, "12345678"),
        (11, 18, "00000000"),
        (19, 19, "0"),
        (20, 21, "00"),
        (22, 22, "0"),
        (23, 23, "0"),
        (24, 31, "00003430"),
        (160, 167, "00000000"),
    ] {
        assert_eq!(at_places(&text, first, last), expected, "{first}–{last}");
    }
    assert_eq!(at_places(&text, 32, 159), " ".repeat(128));
    let plain = encoded(&Command::Authorize(authorize(TransactionType::Sales)));
    assert_eq!(at_places(&plain, 1, 8), "00000000");
}

#[test]
fn a_reversal_names_its_stan_and_is_never_sent_without() {
    assert_eq!(at_places(&encoded(&void()), 19, 24), "000042");
    for slip in [None, Some("0"), Some("000000"), Some("1234567")] {
        let command = Command::Authorize(Authorize {
            original_slip: slip.and_then(|slip| TerminalSlipNumber::new(slip).ok()),
            ..authorize(TransactionType::Void)
        });
        // Zeros would take back whatever was last.
        assert!(ECR17.encode_command(&command, at()).is_err(), "{slip:?}");
    }
}

#[test]
fn an_approval_is_read_from_its_places() {
    let text = format!(
        "12345678{}{}{}ICC{}{}2{}{}{}",
        "0E", "00", "4111110000001111   ", "ABC123", "2111520", "ACQ        ", "000042", "000099"
    );
    assert_eq!(text.len(), 71);
    for (command, transaction) in [
        (sale(), TransactionType::Sales),
        (void(), TransactionType::Void),
    ] {
        let Ok(Reply::Answer(Answer::Result(result))) =
            ECR17.decode_answer(Some(&command), text.as_bytes())
        else {
            panic!("a result");
        };
        assert_eq!(result.transaction, transaction);
        assert_eq!(result.code, ResultCode::Approved);
        assert_eq!((result.sequence_number, result.amount), (None, None));
        assert!(result.account_was_exposed);
        let facts = result.facts;
        assert_eq!(
            facts.account.as_ref().map(MaskedAccount::as_str),
            Some("411111******1111")
        );
        assert_eq!(facts.approval_code, ApprovalCode::new("ABC123").ok());
        assert_eq!(facts.slip_number, TerminalSlipNumber::new("000042").ok());
        assert_eq!(facts.card_company.as_deref(), Some("ACQ"));
        assert_eq!(facts.card_class, Some(CardClass(3)));
        assert_eq!(facts.at, None);
    }
}

#[test]
fn the_same_text_is_the_last_result_to_whoever_asked_for_that() {
    let text = ECR17
        .encode_answer(
            Some(&last_result()),
            &answer(Answer::LastResult {
                asked_number: None,
                inquiry: Inquiry::Found(TransactionResult {
                    facts: TerminalFacts {
                        slip_number: TerminalSlipNumber::new("000042").ok(),
                        terminal_id: Some("12345678".into()),
                        ..approved().facts
                    },
                    ..approved()
                }),
                journal: None,
                terminal_id: None,
            }),
            None,
        )
        .expect("encodes");
    assert_eq!(text.len(), 71);
    // 21 November is the 325th day.
    assert_eq!(at_places(&text, 41, 47), "3251432");
    let found = ECR17.decode_answer(Some(&last_result()), &text);
    assert!(matches!(
        found,
        Ok(Reply::Answer(Answer::LastResult {
            inquiry: Inquiry::Found(_),
            asked_number: None,
            ..
        }))
    ));
    let result = ECR17.decode_answer(Some(&sale()), &text);
    assert!(matches!(result, Ok(Reply::Answer(Answer::Result(_)))));
    // Late and unasked: the first message of the file that it may be.
    assert!(matches!(
        ECR17.decode_reply(&text),
        Ok(Reply::Answer(Answer::Result(_)))
    ));
}

#[test]
fn a_refusal_says_why_in_words() {
    let text = format!(
        "123456780E01{:<24}{}3{:<11}000007000003",
        "CARTA RIFIUTATA",
        "0".repeat(11),
        "AC2"
    );
    let Ok(Reply::Answer(Answer::Result(result))) =
        ECR17.decode_answer(Some(&sale()), text.as_bytes())
    else {
        panic!("a result");
    };
    assert_eq!(
        result.code,
        ResultCode::CenterError {
            center_result_code: Some("CARTA RIFIUTATA".into())
        }
    );
    assert_eq!(
        result.facts.slip_number,
        TerminalSlipNumber::new("000007").ok()
    );
}

#[test]
fn an_outcome_that_the_terminal_does_not_know_is_not_said() {
    for code in [ResultCode::CommunicationError, ResultCode::Reset] {
        let reply = answer(Answer::Result(TransactionResult {
            code,
            facts: TerminalFacts::default(),
            ..approved()
        }));
        assert!(matches!(
            ECR17.encode_answer(Some(&sale()), &reply, None),
            Err(EncodeError::NoWireText { .. })
        ));
    }
}

#[test]
fn status_totals_and_progress_are_read() {
    let status = "123456780s00000000000102251530".to_owned() + "2" + "V1.2.3";
    let Ok(Reply::Answer(Answer::Status(status))) = ECR17.decode_reply(status.as_bytes()) else {
        panic!("a status");
    };
    assert_eq!(status.state, TerminalState::Idle);
    assert_eq!(status.terminal_id.as_deref(), Some("12345678"));
    assert_eq!(status.journal, None);
    let totals = ECR17.decode_reply(b"123456780T000000000000123456000000");
    assert_eq!(
        totals,
        Ok(answer(Answer::DailyLog {
            sequence_number: None,
            log: "123456".into(),
            totals: None
        }))
    );
    assert_eq!(
        ECR17.decode_reply(b"ELABORAZIONE...     "),
        Ok(Reply::Display("ELABORAZIONE...".into()))
    );
    assert!(ECR17.decode_reply(b"ELABORAZIONE").is_err());
    assert!(ECR17.decode_reply(GOOD.as_bytes()).is_err(), "too long");
}
