//! What bears an answer out that does not speak for itself: a list by its sums, a void by the slip it names.

use super::*;

#[test]
fn a_list_counts_only_where_something_bears_out_that_it_is_whole() {
    let whole = [
        listed(42, 3_430, Some(1)),
        listed(7, 500, Some(2)),
        listed(42, -3_430, Some(3)),
    ];
    // The line that took the sale back was lost on the way.
    let short = &whole[..2];
    let totals = |count, amount| {
        let amount = Yen::new(amount);
        Backing::Totals(Some(LogTotals { count, amount }))
    };
    let untrue = [
        Backing::ReadBefore(&whole),
        totals(3, 500),
        // A terminal that counts sales alone contradicts it as well.
        totals(1, 500),
        totals(2, 500),
        totals(3, 3_930),
        Backing::Totals(None),
    ];
    let find = |backing| after_list(&asked(), short, backing, &capabilities(), &timers(), at(4));
    assert_eq!(find(Backing::None), Finding::ListAlone);
    for backing in untrue {
        assert_eq!(find(backing), Finding::NoProof, "{backing:?}");
        let hint = hint_of_list(&asked(), short, backing, &capabilities());
        assert!(matches!(
            hint,
            Some(Hint::List {
                contradicted: true,
                ..
            })
        ));
    }
    for backing in [Backing::ReadBefore(short), totals(2, 3_930)] {
        let found = find(backing);
        assert!(
            matches!(found, Finding::Known(Verdict::Charged { .. })),
            "{backing:?}"
        );
    }
    // The whole list proves nothing, whatever bears it out.
    for backing in [Backing::None, Backing::ReadBefore(&whole), totals(3, 500)] {
        let found = after_list(&asked(), &whole, backing, &capabilities(), &timers(), at(4));
        assert_eq!(found, Finding::NoProof);
    }
}

#[test]
fn a_list_is_held_against_the_terminals_sums_or_read_again() {
    let number = asked().sequence_number;
    for (reporting, question) in [
        (
            true,
            Command::AccessDailyLog {
                sequence_number: number,
                log: DailyLogType::Reporting,
            },
        ),
        (false, Command::Transactions),
    ] {
        let can = Capabilities {
            daily_log_reporting: reporting,
            ..capabilities()
        };
        assert_eq!(Backing::question(&can, number), question);
        assert!(!question.moves_money());
    }
}

#[test]
fn a_void_whose_answer_names_its_slip_in_place_of_our_number_is_ours_by_that() {
    let slip = |text| TerminalSlipNumber::new(text).ok();
    let void = Asked {
        transaction: TransactionType::Void,
        original_slip: slip("00012"),
        ..asked()
    };
    let said = |original_slip, code| TransactionResult {
        transaction: TransactionType::Void,
        sequence_number: None,
        amount: None,
        original_slip,
        ..result(code)
    };
    let refused = || ResultCode::CenterError {
        center_result_code: None,
    };
    let fits =
        |result: &TransactionResult| matches(&void, result, &capabilities(), &timers(), at(2));
    for (original_slip, ours) in [
        (slip("00012"), true),
        // Without its zeros.
        (slip("12"), true),
        (slip("13"), false),
        // It names nothing at all: it may be of any void before.
        (None, false),
    ] {
        for code in [ResultCode::Approved, refused()] {
            let result = said(original_slip.clone(), code);
            assert_eq!(fits(&result), ours, "{result:?}");
        }
    }
    // Our number alone does not make up for another slip.
    let other = TransactionResult {
        sequence_number: Some(number(42)),
        amount: Some(Yen::new(3_430)),
        ..said(slip("13"), ResultCode::Approved)
    };
    assert!(!fits(&other));
    // A sale is never answered so, nor a refund whose amount is not said.
    for transaction in [TransactionType::Sales, TransactionType::Refund] {
        let asked = Asked {
            transaction,
            ..void.clone()
        };
        let result = TransactionResult {
            transaction,
            ..said(slip("12"), ResultCode::Approved)
        };
        assert!(!matches(&asked, &result, &capabilities(), &timers(), at(2)));
    }
}

#[test]
fn what_a_list_shows_adds_every_line_of_ours_up() {
    let records = [
        listed(42, 3_430, Some(1)),
        listed(7, 500, Some(2)),
        listed(42, -3_430, Some(3)),
    ];
    let hint = hint_of_list(&asked(), &records, Backing::None, &capabilities());
    assert_eq!(
        hint,
        Some(Hint::List {
            lines: 3,
            ours: 2,
            sum: Yen::ZERO,
            at: Some(at(3)),
            contradicted: false,
        })
    );
}
