//! What must hold of every key map.

use super::*;
use std::collections::BTreeSet;

#[test]
fn no_key_says_two_things_on_one_screen() {
    for place in Place::ALL {
        let keys: Vec<Key> = place.bindings().iter().map(|(key, _)| *key).collect();
        let unique: BTreeSet<Key> = keys.iter().copied().collect();
        assert_eq!(keys.len(), unique.len(), "{place:?}");
    }
}

#[test]
fn every_action_can_be_said_somewhere() {
    let bound: BTreeSet<Action> = Place::ALL
        .iter()
        .flat_map(|place| place.bindings().iter().map(|(_, action)| *action))
        .chain([Action::Help, Action::Redraw])
        // Chosen in the menu rather than by a key.
        .chain([
            Action::Unresolved,
            Action::KeyCheck,
            Action::LinkSetup,
            Action::Printer,
            Action::ChangeOperator,
            Action::DailyLog,
        ])
        .collect();
    let all: BTreeSet<Action> = Action::ALL.iter().copied().collect();
    assert_eq!(bound, all);
}

#[test]
fn enter_never_commits_money() {
    for place in Place::ALL {
        let said = place.action(Key::Enter);
        assert!(
            !matches!(
                said,
                Some(
                    Action::Pay
                        | Action::Issue
                        | Action::TakeBill
                        | Action::TakeScanned
                        | Action::BillAgain
                        | Action::Retry
                        | Action::TakeBack
                        | Action::RecordSlip
                )
            ),
            "{place:?}"
        );
    }
}

#[test]
fn the_forward_key_answers_no_exceptional_question() {
    for place in [
        Place::Unknown,
        Place::NotCharged,
        Place::NotUndone,
        Place::HalfDone,
        Place::Leave,
        Place::BilledToday,
        Place::LinkLoop,
        Place::LinkAnother,
        Place::Operator,
        Place::DailyLog,
        Place::Unreflected,
        Place::BillChanged,
        Place::BillUnchecked,
        Place::PaidToday,
        Place::Reissue,
        Place::Wizard(Page::Doubt),
        Place::Wizard(Page::GiveUp),
        Place::Wizard(Page::People),
    ] {
        assert_eq!(place.action(Key::F(12)), None, "{place:?}");
    }
}
