//! A list that lost lines on its way: it settles nothing that is not so.

use madoguchi::cat::TransactionType;
use madoguchi::cat::recovery::{Finding, Verdict};

use crate::counter::{Blow, Counter, Kind, NUMBER, Operation, Piece, SHIPPED, Strike, Way, ask};

/// What became of the sale whose answer was lost, and what else is in the terminal's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    Stands,
    TakenBack,
    NeverTaken,
}

impl Story {
    const ALL: [Story; 3] = [Story::Stands, Story::TakenBack, Story::NeverTaken];

    fn operation(self) -> Operation {
        match self {
            Story::Stands | Story::TakenBack => Operation::LastResult,
            Story::NeverTaken => Operation::LastOfNone,
        }
    }
}

/// Reads the list about a sale without an outcome; what passed, and what was found.
fn read(kind: &Kind, story: Story, strikes: &[Strike]) -> (Vec<Piece>, Option<Finding>) {
    let mut counter = Counter::new(kind, story.operation(), strikes.to_vec());
    let asked = counter.left_open();
    counter.rest();
    let sold = counter.booked.last().map(|entry| entry.slip_number.clone());
    let mut other = |number, transaction, original_slip| {
        let mut ask = ask(transaction, number);
        ask.original_slip = original_slip;
        let before = counter.booked.len();
        counter.charge(ask);
        counter.rest();
        assert_eq!(counter.booked.len(), before + 1, "it is in the books");
    };
    other(NUMBER + 1, TransactionType::Sales, None);
    if story == Story::TakenBack {
        other(NUMBER + 2, TransactionType::Void, sold);
    }
    other(NUMBER + 3, TransactionType::Sales, None);
    counter.arm();
    let found = counter.inquire_list(&asked);
    counter.rest();
    (counter.pieces, found)
}

fn is_true(story: Story, found: &Option<Finding>) -> bool {
    match found {
        Some(Finding::Known(Verdict::Charged { .. })) => story == Story::Stands,
        Some(Finding::Known(_) | Finding::NotFoundOnce) => false,
        Some(Finding::StillRunning | Finding::ListAlone | Finding::NoProof) | None => true,
    }
}

/// The dialect that lists, as it is shipped, and with no sums to hold the list against.
fn listing() -> [Kind; 2] {
    let with_sums = SHIPPED[1].clone();
    assert!(with_sums.model.capabilities.transactions);
    let mut without = with_sums.clone();
    without.name = format!("{} without sums", without.name);
    without.model.capabilities.daily_log_reporting = false;
    [with_sums, without]
}

/// Where the terminal's frames stand among the pieces.
fn frames(pieces: &[Piece]) -> Vec<usize> {
    let is_frame = |piece: &Piece| piece.way == Way::ToCounter && piece.bytes.starts_with(&[0x02]);
    let all = pieces.iter().enumerate();
    all.filter(|(_, piece)| is_frame(piece))
        .map(|(at, _)| at)
        .collect()
}

fn lost(at: usize) -> Strike {
    Strike {
        at,
        blow: Blow::Swallowed,
    }
}

#[test]
fn a_whole_list_settles_the_sale_that_stands_and_no_other() {
    for kind in listing() {
        for story in Story::ALL {
            let (_, found) = read(&kind, story, &[]);
            let known = matches!(found, Some(Finding::Known(Verdict::Charged { .. })));
            assert_eq!(known, story == Story::Stands, "{}: {story:?}", kind.name);
        }
    }
}

#[test]
fn no_single_frame_that_is_lost_makes_a_list_lie() {
    for kind in listing() {
        for story in Story::ALL {
            let (pieces, _) = read(&kind, story, &[]);
            let frames = frames(&pieces);
            // Where the list cannot settle anything it is all that is asked for.
            assert!(frames.len() >= 3, "{}: {story:?}", kind.name);
            for at in frames {
                let (_, found) = read(&kind, story, &[lost(at)]);
                assert!(
                    is_true(story, &found),
                    "{}: {story:?} without piece {at}: {found:?}",
                    kind.name
                );
            }
        }
    }
}

#[test]
fn one_frame_lost_at_every_reading_is_seen_in_the_sums() {
    let [kind, _] = listing();
    for story in Story::ALL {
        let (pieces, _) = read(&kind, story, &[]);
        let frames = frames(&pieces);
        for (index, first) in frames.iter().enumerate() {
            // The pieces behind a lost one come earlier, by the acknowledgement that is not sent.
            for second in &frames[index + 1..] {
                for at in [*second - 1, *second] {
                    let (_, found) = read(&kind, story, &[lost(*first), lost(at)]);
                    let told = format!("{story:?} without pieces {first}, {at}: {found:?}");
                    assert!(is_true(story, &found), "{told}");
                }
            }
        }
    }
}
