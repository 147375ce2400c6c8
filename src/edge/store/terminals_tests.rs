//! Which terminal stands at a port, and when an amount was sent there last, as the books tell it to a console that starts.

use super::testbed::{Bed, at, books, card_sale, declined, not_sent, operator, sent};
use super::*;
use crate::domain::ledger::CatId;

fn seen(name: &str, confirmed: bool) -> Entry {
    Entry::TerminalSeen {
        cat: CatId::Cat1,
        terminal_id: name.to_owned(),
        confirmed_by: confirmed.then(operator),
    }
}

fn names(bed: &mut Bed) -> Option<(Option<String>, Option<String>)> {
    match bed.ask(StoreRequest::Open { stamp: at(90) }) {
        Ok(Stored::Opened { terminals, .. }) => {
            assert!(!terminals.contains_key(&CatId::Cat2));
            let found = terminals.get(&CatId::Cat1).cloned();
            found.map(|identity| (identity.known, identity.answering))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_start_knows_the_first_terminal_or_the_one_a_person_confirmed_and_who_answered_last() {
    let mut bed = books(BooksKind::Live);
    assert_eq!(names(&mut bed), None);
    for (name, confirmed, known, answering) in [
        ("A", false, "A", "A"),
        ("B", false, "A", "B"),
        ("A", false, "A", "A"),
        ("B", false, "A", "B"),
        ("B", true, "B", "B"),
        ("A", false, "B", "A"),
    ] {
        bed.write(seen(name, confirmed)).expect("always follows");
        let is = (Some(known.to_owned()), Some(answering.to_owned()));
        assert_eq!(names(&mut bed), Some(is), "{name} {confirmed}");
    }
    assert_eq!(verify(&bed.path).expect("read").problem, None);
}

#[test]
fn a_start_knows_when_an_amount_was_sent_last_and_not_of_one_that_never_left() {
    let mut bed = books(BooksKind::Live);
    let last = |bed: &mut Bed| match bed.ask(StoreRequest::Open { stamp: at(90) }) {
        Ok(Stored::Opened { sent, .. }) => sent.get(&CatId::Cat1).copied(),
        other => panic!("{other:?}"),
    };
    assert_eq!(last(&mut bed), None);
    let (slip, _) = bed.pend(card_sale(700), CatId::Cat1).expect("written");
    bed.write(sent(slip)).expect("follows");
    let first = bed.find(slip).and_then(|record| record.sent_at);
    bed.write(declined(slip)).expect("follows");
    assert!(first.is_some());
    assert_eq!(last(&mut bed), first);
    // Written, and nothing of it left.
    for marked in [false, true] {
        let (slip, _) = bed.pend(card_sale(700), CatId::Cat1).expect("written");
        if marked {
            bed.write(sent(slip)).expect("follows");
        }
        bed.write(not_sent(slip)).expect("follows");
        assert_eq!(last(&mut bed), first);
    }
}
