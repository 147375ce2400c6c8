//! The shipped layout, byte for byte and there and back; layout files that are refused; the document held to the code.

mod concert;
mod document;
mod ecr17;
mod explained;
mod files;
mod guide;
mod mistakes;
mod round_trip;
mod shapes;
mod transbank;

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime};

use super::*;
use crate::cat::{
    Answer, Authorize, DailyLogType, Inquiry, Phase, ResultCode, TerminalState, TerminalStatus,
    TransactionResult, TransactionType,
};
use crate::domain::ledger::TerminalFacts;
use crate::domain::money::Yen;
use crate::domain::slip::{
    ApprovalCode, JournalId, SequenceNumber, TerminalSlipNumber, TransactionNumber,
};
use crate::domain::tender::{CardClass, MaskedAccount};

/// Read once for all tests.
static OPEN_CAT: LazyLock<Layout> = LazyLock::new(Layout::open_cat);

fn at() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 21)
        .and_then(|day| day.and_hms_opt(14, 32, 7))
        .expect("a time")
}

fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("in range")
}

fn authorize(transaction: TransactionType) -> Authorize {
    Authorize {
        transaction,
        sequence_number: number(42),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass::TRIPLE_WAIT,
        device_id: None,
        training: false,
        original_slip: None,
    }
}

fn void() -> Authorize {
    Authorize {
        tax_others: Yen::new(120),
        card_class: CardClass::CREDIT,
        device_id: Some("CAT-01".into()),
        training: true,
        original_slip: TerminalSlipNumber::new("00871").ok(),
        ..authorize(TransactionType::Void)
    }
}

fn approved() -> TransactionResult {
    TransactionResult {
        transaction: TransactionType::Sales,
        sequence_number: Some(number(42)),
        amount: Some(Yen::new(3_430)),
        training: Some(false),
        code: ResultCode::Approved,
        facts: TerminalFacts {
            slip_number: TerminalSlipNumber::new("00872").ok(),
            approval_code: ApprovalCode::new("A1B2C3").ok(),
            transaction_number: TransactionNumber::new("1207").ok(),
            card_class: Some(CardClass(3)),
            card_company: Some("JCB".into()),
            account: MaskedAccount::mask("356600******0505").ok().map(|a| a.0),
            payment_condition: Some(10),
            balance: None,
            terminal_id: Some("4970112233".into()),
            at: Some(at()),
        },
        original_slip: None,
        account_was_exposed: false,
    }
}

fn declined() -> TransactionResult {
    TransactionResult {
        code: ResultCode::CenterError {
            center_result_code: Some("G12".into()),
        },
        facts: TerminalFacts {
            at: Some(at()),
            ..TerminalFacts::default()
        },
        ..approved()
    }
}

fn answer(answer: Answer) -> Reply {
    Reply::Answer(answer)
}

fn status() -> Reply {
    answer(Answer::Status(TerminalStatus {
        state: TerminalState::Idle,
        training: Some(false),
        journal: JournalId::new("J20261121-1").ok(),
        terminal_id: Some("4970112233".into()),
    }))
}

fn inquiry(inquiry: Inquiry) -> Reply {
    answer(Answer::LastResult {
        asked_number: Some(number(42)),
        inquiry,
        journal: JournalId::new("J20261121-1").ok(),
        terminal_id: None,
    })
}

fn daily_log() -> Reply {
    answer(Answer::DailyLog {
        sequence_number: Some(number(43)),
        totals: None,
        log: "JCB,10,20261121143207,00872,3430\r\nVISA,20,20261121150000,00873,1000".into(),
    })
}

/// Every command with its text; `␣20` stands for twenty spaces.
fn commands() -> Vec<(Command, String)> {
    let wide = |text: &str| {
        text.replace("␣20", &" ".repeat(20))
            .replace("␣15", &" ".repeat(15))
            .replace("␣14", &" ".repeat(14))
    };
    vec![
        (Command::Status, wide("OC10120261121143207")),
        (
            Command::Authorize(authorize(TransactionType::Sales)),
            wide("OC11000004200003430000000000300␣20␣2020261121143207"),
        ),
        (
            Command::Authorize(void()),
            wide(
                "OC12000004200003430000001200031", /* card class 3, training */
            ) + &wide("00871␣15CAT-01␣1420261121143207"),
        ),
        (
            Command::Authorize(authorize(TransactionType::Refund)),
            wide("OC12100004200003430000000000300␣20␣2020261121143207"),
        ),
        (
            Command::LastResult {
                sequence_number: number(42),
            },
            wide("OC13000004220261121143207"),
        ),
        (
            Command::AccessDailyLog {
                sequence_number: number(43),
                log: DailyLogType::Reporting,
            },
            wide("OC140000043120261121143207"),
        ),
        (
            Command::AccessDailyLog {
                sequence_number: number(43),
                log: DailyLogType::Settlement,
            },
            wide("OC140000043220261121143207"),
        ),
    ]
}

/// Every reply with its text, padded by hand to the widths of the document.
fn replies() -> Vec<(Reply, String)> {
    let field = |text: &str, width: usize| format!("{text:<width$}");
    let result = |code: &str, center: &str, facts: [&str; 9]| {
        let [
            slip,
            approval,
            transaction,
            class,
            company,
            account,
            condition,
            time,
            terminal,
        ] = facts;
        [
            format!("10000042000034300{code}"),
            field(center, 8),
            field(slip, 20),
            field(approval, 20),
            field(transaction, 20),
            field(class, 3),
            field(company, 20),
            field(account, 23),
            field(condition, 5),
            field("", 8),
            field(time, 14),
            field(terminal, 20),
        ]
        .concat()
    };
    let approved_text = result(
        "000",
        "",
        [
            "00872",
            "A1B2C3",
            "1207",
            "003",
            "JCB",
            "356600******0505",
            "00010",
            "20261121143207",
            "4970112233",
        ],
    );
    let declined_text = result(
        "001",
        "G12",
        ["", "", "", "", "", "", "", "20261121143207", ""],
    );
    let asked = format!("000042{}", field("J20261121-1", 20));
    vec![
        (
            status(),
            format!(
                "OC15120{}{}",
                field("J20261121-1", 20),
                field("4970112233", 20)
            ),
        ),
        (Reply::Phase(Phase::WaitingForCard), "OC15210".into()),
        (Reply::Phase(Phase::Centre), "OC15250".into()),
        (
            answer(Answer::Result(approved())),
            format!("OC160{approved_text}"),
        ),
        (
            answer(Answer::Result(declined())),
            format!("OC160{declined_text}"),
        ),
        (
            inquiry(Inquiry::Found(approved())),
            format!("OC1610{asked}{approved_text}"),
        ),
        (
            inquiry(Inquiry::InProgress),
            format!("OC1611{asked}{}", " ".repeat(181)),
        ),
        (
            inquiry(Inquiry::NotFound),
            format!("OC1612{asked}{}", " ".repeat(181)),
        ),
        (
            daily_log(),
            "OC16200004300067JCB,10,20261121143207,00872,3430\r\nVISA,20,20261121150000,00873,1000"
                .into(),
        ),
    ]
}

#[test]
fn every_command_has_these_bytes_and_comes_back() {
    let layout = &*OPEN_CAT;
    for (command, text) in commands() {
        let encoded = layout.encode_command(&command, at()).expect("encodes");
        assert_eq!(String::from_utf8_lossy(&encoded), text);
        assert_eq!(layout.decode_command(text.as_bytes()), Ok(command));
    }
}

#[test]
fn every_reply_has_these_bytes_and_comes_back() {
    let layout = &*OPEN_CAT;
    for (reply, text) in replies() {
        let encoded = layout.encode_reply(&reply).expect("encodes");
        assert_eq!(String::from_utf8_lossy(&encoded), text);
        assert_eq!(layout.decode_reply(text.as_bytes()), Ok(reply));
    }
}

#[test]
fn a_result_needs_two_blocks_and_a_command_one() {
    let layout = &*OPEN_CAT;
    assert_eq!(layout.name(), "open-cat");
    let result = layout.encode_reply(&answer(Answer::Result(approved())));
    let length = result.expect("encodes").len();
    assert!(
        length > layout.framing().block_text_max && length <= 2 * layout.framing().block_text_max
    );
    for (command, _) in commands() {
        let text = layout.encode_command(&command, at()).expect("encodes");
        assert!(text.len() <= layout.framing().block_text_max, "{command:?}");
    }
}

#[test]
fn a_message_that_is_cut_or_grows_is_never_read() {
    let layout = &*OPEN_CAT;
    for (_, text) in commands() {
        for end in 0..text.len() {
            assert!(layout.decode_command(&text.as_bytes()[..end]).is_err());
        }
        assert!(
            layout
                .decode_command(format!("{text} ").as_bytes())
                .is_err()
        );
        assert!(layout.decode_reply(text.as_bytes()).is_err());
    }
    for (_, text) in replies() {
        for end in 0..text.len() {
            assert!(layout.decode_reply(&text.as_bytes()[..end]).is_err());
        }
        assert!(layout.decode_reply(format!("{text} ").as_bytes()).is_err());
        assert!(layout.decode_command(text.as_bytes()).is_err());
    }
}

#[test]
fn a_changed_byte_is_an_error_or_can_be_seen() {
    let layout = &*OPEN_CAT;
    for (command, text) in commands() {
        let clock = text.len() - 14..text.len();
        each_changed_byte(text.as_bytes(), |index, _, changed| {
            let unseen = layout.decode_command(changed).as_ref() == Ok(&command);
            assert!(!unseen || clock.contains(&index), "{text}: byte {index}");
        });
    }
    for (reply, text) in replies() {
        let center = match &reply {
            Reply::Answer(Answer::Result(result)) if result.code == ResultCode::Approved => 25..33,
            Reply::Answer(Answer::LastResult { .. }) => 52..60,
            _ => 0..0,
        };
        each_changed_byte(text.as_bytes(), |index, byte, changed| {
            let unseen = layout.decode_reply(changed).as_ref() == Ok(&reply);
            let before = text.as_bytes()[index];
            // A letter in another case, another mask or a hyphen in an account, and a centre's code beside an approval say the same.
            let same = before.eq_ignore_ascii_case(&byte)
                || (before == b'*' && matches!(byte, b'x' | b'X'))
                || (before == b' ' && byte == b'-')
                || center.contains(&index);
            assert!(!unseen || same, "{text}: byte {index} to {byte:02x}");
        });
    }
}

/// Every other byte at every place; in the long messages every flipped bit and what fields are made of.
fn each_changed_byte(text: &[u8], mut check: impl FnMut(usize, u8, &[u8])) {
    let mut changed = text.to_vec();
    for (index, before) in text.iter().enumerate() {
        for byte in 0..=u8::MAX {
            let likely = (byte ^ before).is_power_of_two() || b" -0123459AJ*xX\r".contains(&byte);
            if byte != *before && (likely || text.len() < 100) {
                changed[index] = byte;
                check(index, byte, &changed);
            }
        }
        changed[index] = *before;
    }
}

#[test]
fn a_false_end_that_the_check_cannot_see_is_caught_by_the_length() {
    // 'C' with one bit flipped is ETX. Where the next byte happens to be the check of what stands before, the line takes the block.
    use crate::cat::frame::basic::{BasicMode, LineSettings};
    use crate::cat::frame::{LineEvent, Role};
    use crate::cat::model;
    let timers = model::shipped().expect("shipped")["open-cat"].timers;
    let layout = &*OPEN_CAT;
    let mut line = BasicMode::new(
        Role::Primary,
        LineSettings::new(
            &timers,
            layout.framing().block_text_max,
            layout.framing().message_max,
        ),
    );
    line.handle_input(0, &[0x05, 0x02, b'a', b'C' ^ 0x40, b'b', b'd']);
    let events: Vec<LineEvent> = std::iter::from_fn(|| line.poll_event()).collect();
    assert!(events.contains(&LineEvent::Received(b"a".to_vec())));
    assert!(layout.decode_reply(b"a").is_err());
}

#[test]
fn what_does_not_fit_is_refused_and_never_cut() {
    let layout = &*OPEN_CAT;
    let refused = |authorize: Authorize| {
        layout
            .encode_command(&Command::Authorize(authorize), at())
            .expect_err("refused")
            .to_string()
    };
    let sale = || authorize(TransactionType::Sales);
    for (authorize, reason) in [
        (
            Authorize {
                amount: Yen::new(100_000_000),
                ..sale()
            },
            "amount is wider than 8 characters",
        ),
        (
            Authorize {
                amount: Yen::ZERO,
                ..sale()
            },
            "the amount is not above zero",
        ),
        (
            Authorize {
                amount: Yen::new(-1),
                ..sale()
            },
            "the amount is not above zero",
        ),
        (
            Authorize {
                tax_others: Yen::new(-1),
                ..sale()
            },
            "tax_others is negative",
        ),
        (
            Authorize {
                device_id: Some("x".repeat(21)),
                ..sale()
            },
            "device_id is wider than 20 characters",
        ),
        (
            Authorize {
                device_id: Some("端末".into()),
                ..sale()
            },
            "device_id cannot be written in this layout",
        ),
        (
            Authorize {
                device_id: Some("CAT 1 ".into()),
                ..sale()
            },
            "device_id cannot be written in this layout",
        ),
    ] {
        assert_eq!(refused(authorize), reason);
    }
    let long = answer(Answer::DailyLog {
        sequence_number: Some(number(1)),
        totals: None,
        log: "x".repeat(70_000),
    });
    assert_eq!(
        layout.encode_reply(&long),
        Err(EncodeError::TooLong { max: 65_536 })
    );
}

#[test]
fn a_card_number_is_masked_on_its_way_in() {
    let layout = &*OPEN_CAT;
    let text = String::from_utf8(
        layout
            .encode_reply(&answer(Answer::Result(approved())))
            .expect("encodes"),
    )
    .expect("ascii");
    let result = |text: String| match layout.decode_reply(text.as_bytes()) {
        Ok(Reply::Answer(Answer::Result(result))) => result,
        other => panic!("{other:?}"),
    };
    let open = result(text.replace("356600******0505", "3566002020360505"));
    assert!(open.account_was_exposed);
    assert_eq!(open.facts.account, approved().facts.account);

    let elsewhere = result(text.replace(&format!("{:<20}", "JCB"), "JCB 3566002020360505"));
    assert!(elsewhere.account_was_exposed);
    let company = elsewhere.facts.card_company.expect("there");
    assert_eq!(company, "JCB ************0505");

    let slip = text.replace(
        &format!("{:<20}", "00872"),
        &format!("{:<20}", "3566002020360505"),
    );
    assert!(layout.decode_reply(slip.as_bytes()).is_err());

    let log = "OC16200004300016".to_owned() + "3566002020360505";
    assert_eq!(
        layout.decode_reply(log.as_bytes()),
        Ok(answer(Answer::DailyLog {
            sequence_number: Some(number(43)),
            totals: None,
            log: "************0505".into()
        }))
    );
}

#[test]
fn a_not_found_with_a_result_behind_it_is_no_proof() {
    let layout = &*OPEN_CAT;
    let found = layout
        .encode_reply(&inquiry(Inquiry::Found(approved())))
        .expect("encodes");
    for status in [b'1', b'2'] {
        let mut text = found.clone();
        text[5] = status;
        assert!(matches!(
            layout.decode_reply(&text),
            Err(DecodeError::Contradiction { .. })
        ));
    }
    let mut cut = found;
    for byte in &mut cut[32..] {
        *byte = b' ';
    }
    assert_eq!(
        layout.decode_reply(&cut),
        Err(DecodeError::Missing {
            role: "transaction"
        })
    );
}
