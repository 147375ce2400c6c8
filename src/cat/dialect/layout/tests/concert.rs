//! Concert V2: the vector of the packages that speak it, and the private field that comes back.

use std::sync::LazyLock;

use super::*;

static CONCERT: LazyLock<Layout> =
    LazyLock::new(|| Layout::shipped("concert").expect("it is shipped"));

fn ask(transaction: TransactionType) -> Command {
    Command::Authorize(Authorize {
        amount: Yen::new(5_400),
        ..authorize(transaction)
    })
}

#[test]
fn sale_and_refund_have_34_characters_and_carry_our_number() {
    for (transaction, text) in [
        (TransactionType::Sales, "01000054000103920000000042A010B010"),
        (
            TransactionType::Refund,
            "01000054000123920000000042A010B010",
        ),
    ] {
        let encoded = CONCERT.encode_command(&ask(transaction), at());
        let encoded = encoded.expect("encodes");
        assert_eq!(String::from_utf8_lossy(&encoded), text);
        assert_eq!(encoded.len(), 34);
        let heard = CONCERT.hear(&encoded, number(999_999)).expect("heard");
        assert!(heard.numbered && heard.reference.is_none());
    }
    for command in [
        ask(TransactionType::Void),
        Command::Status,
        Command::LastResult {
            sequence_number: number(42),
        },
    ] {
        assert!(CONCERT.encode_command(&command, at()).is_err());
    }
}

#[test]
fn a_foreign_console_gets_its_private_field_back_as_it_was() {
    for (text, reference) in [
        ("0100005400110392          A010B010", ""),
        ("0700005400110978     A-77 A010B010", "     A-77 "),
        ("0100005400110392        42A010B010", "        42"),
    ] {
        let heard = CONCERT.hear(text.as_bytes(), number(999_999)).expect(text);
        let Command::Authorize(sale) = &heard.command else {
            panic!("a sale");
        };
        assert_eq!(sale.amount, Yen::new(5_400));
        assert_eq!(heard.reference.as_deref(), Some(reference));
        let result = TransactionResult {
            sequence_number: Some(sale.sequence_number),
            amount: Some(sale.amount),
            ..approved()
        };
        let said = CONCERT
            .encode_answer(
                Some(&heard.command),
                &answer(Answer::Result(result)),
                heard.reference.as_deref(),
            )
            .expect("encodes");
        // With STX, ETX and LRC these are the 28 bytes of a short answer.
        assert_eq!(said.len(), 25);
        assert_eq!(said[15..], text.as_bytes()[16..26]);
    }
}

#[test]
fn short_and_full_answers_are_read_for_what_was_asked() {
    let report = format!("{:<55}", "4111111111111111 1234");
    for (text, code) in [
        ("010000054001392", ResultCode::Approved),
        (
            "017000054001392",
            ResultCode::CenterError {
                center_result_code: Some("7".into()),
            },
        ),
        ("019000054001392", ResultCode::CommunicationError),
    ] {
        let short = format!("{text}0000000042");
        let full = format!("{}{report}{}0000000042", &text[..12], &text[12..]);
        assert_eq!(full.len(), 80);
        for text in [short, full] {
            for transaction in [TransactionType::Sales, TransactionType::Refund] {
                let read = CONCERT.decode_answer(Some(&ask(transaction)), text.as_bytes());
                let Ok(Reply::Answer(Answer::Result(result))) = read else {
                    panic!("{text}: {read:?}");
                };
                assert_eq!(result.transaction, transaction);
                assert_eq!(result.code, code);
                assert_eq!(result.sequence_number, Some(number(42)));
                assert_eq!(result.amount, Some(Yen::new(5_400)));
                assert_eq!(result.facts, TerminalFacts::default());
            }
        }
    }
    assert!(CONCERT.decode_reply(b"0100000540013920000000042").is_ok());
    assert!(CONCERT.decode_reply(b"010000054001392000000004").is_err());
}
