//! Whatever can be said comes back as it was, and whatever bytes come are read or refused.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn time() -> impl Strategy<Value = NaiveDateTime> {
    (
        1970..2100_i32,
        1..=12_u32,
        1..=28_u32,
        0..24_u32,
        0..60_u32,
        0..60_u32,
    )
        .prop_map(|(year, month, day, hour, minute, second)| {
            NaiveDate::from_ymd_opt(year, month, day)
                .and_then(|day| day.and_hms_opt(hour, minute, second))
                .expect("a time")
        })
}

fn sequence() -> impl Strategy<Value = SequenceNumber> {
    (1..=999_999_u32).prop_map(number)
}

fn yen() -> impl Strategy<Value = Yen> {
    prop_oneof![Just(0), Just(1), Just(99_999_999), 0..=99_999_999_i64].prop_map(Yen::new)
}

/// Text off a slip, never long enough for a card number.
const SLIP: &str = "[0-9A-Z][0-9A-Z-]{0,11}";
/// Free text with inner spaces.
const FREE: &str = "[!-~]([ -~]{0,10}[!-~])?";

prop_compose! {
    fn facts()(
        slip in prop::option::of(SLIP),
        approval in prop::option::of(SLIP),
        transaction in prop::option::of(SLIP),
        card_class in prop::option::of(any::<u8>()),
        card_company in prop::option::of(FREE),
        account in prop::option::of("[0-9*]{4,19}"),
        payment_condition in prop::option::of(any::<u16>()),
        balance in prop::option::of(yen()),
        terminal_id in prop::option::of(FREE),
        at in prop::option::of(time()),
    ) -> TerminalFacts {
        TerminalFacts {
            slip_number: slip.and_then(|text| TerminalSlipNumber::new(&text).ok()),
            approval_code: approval.and_then(|text| ApprovalCode::new(&text).ok()),
            transaction_number: transaction.and_then(|text| TransactionNumber::new(&text).ok()),
            card_class: card_class.map(CardClass),
            card_company,
            account: account.and_then(|text| MaskedAccount::mask(&text).ok()).map(|a| a.0),
            payment_condition,
            balance,
            terminal_id,
            at,
        }
    }
}

fn code() -> impl Strategy<Value = ResultCode> {
    prop_oneof![
        Just(ResultCode::Approved),
        prop::option::of("[0-9A-Z]{1,8}")
            .prop_map(|center_result_code| ResultCode::CenterError { center_result_code }),
        Just(ResultCode::Busy),
        Just(ResultCode::Standalone),
        Just(ResultCode::CommandError),
        Just(ResultCode::Stopped),
        Just(ResultCode::Reset),
        Just(ResultCode::CommunicationError),
        Just(ResultCode::DailyLogOverflow),
        Just(ResultCode::Deficient),
    ]
}

fn transaction() -> impl Strategy<Value = TransactionType> {
    prop::sample::select(vec![
        TransactionType::Sales,
        TransactionType::Void,
        TransactionType::Refund,
    ])
}

prop_compose! {
    fn result()(
        transaction in transaction(),
        sequence_number in prop::option::of(sequence()),
        amount in prop::option::of(yen()),
        training in any::<Option<bool>>(),
        code in code(),
        facts in facts(),
    ) -> TransactionResult {
        TransactionResult {
            transaction, sequence_number, amount, training, original_slip: None, code, facts, account_was_exposed: false,
        }
    }
}

fn command() -> impl Strategy<Value = Command> {
    let authorize = (
        transaction(),
        sequence(),
        yen().prop_filter("above zero", |yen| yen.is_positive()),
        yen(),
        any::<u8>(),
        prop::option::of(FREE),
        any::<bool>(),
        prop::option::of(SLIP),
    )
        .prop_map(
            |(
                transaction,
                sequence_number,
                amount,
                tax_others,
                class,
                device_id,
                training,
                slip,
            )| {
                Command::Authorize(Authorize {
                    transaction,
                    sequence_number,
                    amount,
                    tax_others,
                    card_class: CardClass(class),
                    device_id,
                    training,
                    original_slip: slip.and_then(|text| TerminalSlipNumber::new(&text).ok()),
                })
            },
        );
    prop_oneof![
        Just(Command::Status),
        authorize,
        sequence().prop_map(|sequence_number| Command::LastResult { sequence_number }),
        (sequence(), any::<bool>()).prop_map(|(sequence_number, closes)| {
            Command::AccessDailyLog {
                sequence_number,
                log: if closes {
                    DailyLogType::Settlement
                } else {
                    DailyLogType::Reporting
                },
            }
        }),
    ]
}

fn journal() -> impl Strategy<Value = Option<JournalId>> {
    prop::option::of(SLIP).prop_map(|text| text.and_then(|text| JournalId::new(&text).ok()))
}

fn reply() -> impl Strategy<Value = Reply> {
    let state = prop::sample::select(vec![
        TerminalState::Idle,
        TerminalState::Busy,
        TerminalState::Standalone,
    ]);
    let phase = prop::sample::select(vec![
        Phase::WaitingForCard,
        Phase::ChoosingCard,
        Phase::Pin,
        Phase::PaymentCount,
        Phase::Centre,
        Phase::Printing,
    ]);
    let inquiry = prop_oneof![
        result().prop_map(Inquiry::Found),
        Just(Inquiry::InProgress),
        Just(Inquiry::NotFound),
    ];
    prop_oneof![
        phase.prop_map(Reply::Phase),
        result().prop_map(|result| answer(Answer::Result(result))),
        (
            state,
            any::<Option<bool>>(),
            journal(),
            prop::option::of(FREE)
        )
            .prop_map(|(state, training, journal, terminal_id)| {
                answer(Answer::Status(TerminalStatus {
                    state,
                    training,
                    journal,
                    terminal_id,
                }))
            }),
        (prop::option::of(sequence()), inquiry, journal()).prop_map(
            |(asked_number, inquiry, journal)| {
                answer(Answer::LastResult {
                    asked_number,
                    inquiry,
                    journal,
                    terminal_id: None,
                })
            }
        ),
        (sequence(), prop::collection::vec("[!-/:-~]{1,20}", 0..20)).prop_map(
            |(sequence_number, lines)| {
                answer(Answer::DailyLog {
                    sequence_number: Some(sequence_number),
                    totals: None,
                    log: lines.join("\r\n"),
                })
            }
        ),
    ]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn every_command_comes_back(command in command(), at in time()) {
        let layout = &*OPEN_CAT;
        let text = layout.encode_command(&command, at).expect("encodes");
        prop_assert_eq!(layout.decode_command(&text), Ok(command));
    }

    #[test]
    fn every_reply_comes_back(reply in reply()) {
        let layout = &*OPEN_CAT;
        let text = layout.encode_reply(&reply).expect("encodes");
        prop_assert_eq!(layout.decode_reply(&text), Ok(reply));
    }

    #[test]
    fn no_bytes_whatever_stop_the_reader(
        head in prop::sample::select(vec!["", "OC1", "OC110", "OC151", "OC160", "OC161", "OC162"]),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let layout = &*OPEN_CAT;
        let text = [head.as_bytes(), &tail].concat();
        let _ = layout.decode_command(&text);
        let _ = layout.decode_reply(&text);
    }
}
