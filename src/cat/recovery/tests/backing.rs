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

#[test]
fn a_list_proves_a_void_by_its_slip_standing_there_each_way_and_nothing_else() {
    let line = |slip: &str, amount| {
        let mut line = listed(7, amount, Some(3));
        line.facts.slip_number = TerminalSlipNumber::new(slip).ok();
        line
    };
    let void = Asked {
        transaction: TransactionType::Void,
        original_slip: TerminalSlipNumber::new("00012").ok(),
        ..asked()
    };
    let (sale, back) = (line("12", 3_430), line("12", -3_430));
    let find = |asked: &Asked, records: &[ListedTransaction], whole: bool| {
        let backing = if whole {
            Backing::ReadBefore(records)
        } else {
            Backing::None
        };
        after_list(asked, records, backing, &capabilities(), &timers(), at(4))
    };
    let both = [sale.clone(), line("13", 500), back.clone()];
    assert_eq!(find(&void, &both, false), Finding::ListAlone);
    let proved = |asked: &Asked, records: &[ListedTransaction]| {
        let found = find(asked, records, true);
        matches!(found, Finding::Known(Verdict::Charged { .. }))
    };
    assert!(proved(&void, &both));
    // What stands on the line is the sale's, and is not taken for the void's.
    let Finding::Known(Verdict::Charged { facts }) = find(&void, &both, true) else {
        panic!("it is proved");
    };
    assert_eq!((facts.approval_code, facts.at), (None, None));
    for records in [
        // It stands: that it may not be taken back in a moment is not said.
        vec![sale.clone()],
        vec![back.clone()],
        vec![sale.clone(), line("13", -3_430)],
        vec![sale.clone(), line("12", -430)],
        vec![sale.clone(), back.clone(), back.clone()],
        vec![],
    ] {
        assert!(!proved(&void, &records), "{records:?}");
    }
    // Which slip it was is not known, or it is practice.
    for asked in [
        Asked {
            original_slip: None,
            ..void.clone()
        },
        Asked {
            training: true,
            ..void.clone()
        },
    ] {
        assert!(!proved(&asked, &both));
    }
}
