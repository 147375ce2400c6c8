//! Which entries may follow which, as a table.

use super::*;
use crate::domain::sale::SaleKind;

fn operator() -> Operator {
    Operator {
        code: "03".into(),
        name: "佐藤".into(),
    }
}

fn sale() -> SaleDraft {
    SaleDraft {
        kind: SaleKind::Sale,
        order: None,
        original: None,
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: vec![],
        tenders: vec![],
        operator: operator(),
        terminal_code: "01".into(),
        practice: false,
    }
}

/// One entry of each kind, by a short name.
fn entry(name: &str) -> Entry {
    let slip = SlipNumber::new(1);
    let released = |reason, evidence| Entry::Released {
        slip,
        reason,
        evidence,
    };
    match name {
        "sold" => Entry::Sold { slip, sale: sale() },
        "pending" => Entry::Pending {
            slip,
            sequence_number: SequenceNumber::FIRST,
            sale: sale(),
            route: Route {
                cat: CatId::Cat1,
                model: "open-cat".into(),
            },
        },
        "sent" => Entry::Sent {
            slip,
            journal: None,
            terminal_id: None,
        },
        "unknown" => Entry::OutcomeUnknown {
            slip,
            reason: UnknownReason::NoAnswer,
        },
        "parked" => Entry::Parked {
            slip,
            operator: operator(),
        },
        "posted" => Entry::Posted {
            slip,
            evidence: Evidence::Answer,
            terminal: TerminalFacts::default(),
        },
        "declined" => released(
            NotCharged::Declined {
                center_result_code: None,
            },
            Evidence::Answer,
        ),
        "stopped" => released(NotCharged::StoppedAtTerminal, Evidence::Answer),
        "not_sent" => released(NotCharged::NotSent, Evidence::NothingSent),
        "by_hand" => Entry::ByHand {
            slip,
            sale: sale(),
            place: Place {
                cat: Some(CatId::Cat1),
                model: "jt-c60".into(),
            },
            why: Why::NotCarried,
            first: Side::Terminal,
            operator: operator(),
        },
        "step" => Entry::Step {
            slip,
            step: Step::OffLink,
            operator: operator(),
        },
        "booked" => Entry::Booked {
            slip,
            operator: operator(),
        },
        "typed" => Entry::Posted {
            slip,
            evidence: Evidence::Operator {
                operator: operator(),
                proof: "00871".into(),
            },
            terminal: TerminalFacts::default(),
        },
        "given_up" => released(
            NotCharged::GivenUp,
            Evidence::Operator {
                operator: operator(),
                proof: "3430".into(),
            },
        ),
        "taken_back_by_two" => released(
            NotCharged::GivenUp,
            Evidence::TwoPeople {
                operator: operator(),
                second: operator(),
                reason: "x".into(),
            },
        ),
        "explained" => Entry::Explained {
            slip,
            task: TaskKind::Hand,
            operator: operator(),
            second: operator(),
            reason: "x".into(),
        },
        "printed" => Entry::Printed {
            slip,
            document: Document::Slip,
        },
        "shown" => Entry::Shown { slip },
        "reissued" => Entry::Reissued {
            slip,
            operator: operator(),
        },
        other => panic!("no entry is called {other}"),
    }
}

fn fold(names: &str) -> Result<Option<SaleState>, IllegalTransition> {
    names
        .split_whitespace()
        .try_fold(None, |state, name| SaleState::after(state, &entry(name)))
}

#[test]
fn the_ways_a_sale_can_go() {
    use SaleState::{Booked, ByHand, Cancelled, Declined, Parked, Pending, Sent, Settled, Unknown};
    for (names, state) in [
        ("sold", Settled),
        ("sold shown reissued", Settled),
        ("pending", Pending),
        ("pending not_sent", Cancelled),
        ("pending sent", Sent),
        ("pending sent not_sent", Cancelled),
        ("pending sent posted", Settled),
        ("pending sent posted shown reissued reissued", Settled),
        ("pending sent declined", Declined),
        ("pending sent stopped shown", Cancelled),
        ("pending sent unknown", Unknown),
        ("pending sent unknown unknown posted", Settled),
        ("pending sent unknown declined", Declined),
        ("pending sent unknown parked", Parked),
        ("pending sent unknown parked unknown parked", Parked),
        ("pending sent unknown parked posted", Settled),
        ("pending sent parked stopped", Cancelled),
        ("by_hand", ByHand),
        ("by_hand step step", ByHand),
        ("by_hand step typed step printed reissued", Settled),
        ("by_hand booked printed step typed", Settled),
        ("by_hand booked", Booked),
        ("by_hand given_up", Cancelled),
        ("by_hand step given_up step explained", Cancelled),
        ("by_hand booked taken_back_by_two", Cancelled),
        ("by_hand explained", ByHand),
        ("pending sent unknown step typed step", Settled),
        ("sold printed", Settled),
    ] {
        assert_eq!(fold(names), Ok(Some(state)), "{names}");
    }
}

#[test]
fn what_may_not_follow_is_refused() {
    for names in [
        "sent",
        "posted",
        "shown",
        "sold sold",
        "sold posted",
        "sold sent",
        "pending pending",
        "pending posted",
        "pending declined",
        "pending unknown",
        "pending parked",
        "pending shown",
        "pending sent sent",
        "pending sent unknown not_sent",
        "pending sent parked not_sent",
        "pending sent unknown sent",
        "pending sent unknown shown",
        "pending sent posted posted",
        "pending sent posted declined",
        "pending sent posted unknown",
        "pending sent declined posted",
        "pending not_sent sent",
        "pending step",
        "pending explained",
        "pending printed",
        "pending by_hand",
        "step",
        "booked",
        "by_hand sent",
        "by_hand posted",
        "by_hand unknown",
        "by_hand parked",
        "by_hand declined",
        "by_hand not_sent",
        "by_hand shown",
        "by_hand booked booked",
        "by_hand booked given_up",
        "by_hand booked posted",
        "by_hand typed typed",
        "by_hand typed booked",
        "by_hand given_up typed",
        "pending sent posted booked",
    ] {
        assert!(fold(names).is_err(), "{names}");
    }
}

#[test]
fn an_entry_reads_back_as_it_was_written() {
    for name in [
        "sold",
        "pending",
        "sent",
        "unknown",
        "parked",
        "posted",
        "declined",
        "stopped",
        "not_sent",
        "shown",
        "reissued",
        "by_hand",
        "step",
        "booked",
        "explained",
        "printed",
    ] {
        let entry = entry(name);
        let json = serde_json::to_string(&entry).expect("an entry is plain data");
        assert!(
            json.starts_with(&format!("{{\"entry\":\"{}\"", entry.word())),
            "{json}"
        );
        assert_eq!(
            serde_json::from_str::<Entry>(&json).expect("reads back"),
            entry
        );
    }
}
