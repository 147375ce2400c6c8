//! What "not found" is worth: of which memory it is said, and by which terminal.

use super::*;

#[test]
fn another_terminals_word_proves_nothing_about_the_one_that_was_asked() {
    let of = |id: Option<&str>| Asked {
        terminal_id: id.map(str::to_owned),
        ..asked()
    };
    let can = capabilities();
    let journal = asked().journal;
    let inquire = |asked: &Asked, inquiry: &Inquiry, said_by: Option<&str>| {
        let by = (journal.as_ref(), said_by);
        after_inquiry(asked, inquiry, by, &can, &timers(), at(3))
    };
    for (asked_of, said_by, finding) in [
        (None, None, Finding::NotFoundOnce),
        (None, Some("B"), Finding::NotFoundOnce),
        (Some("A"), Some("A"), Finding::NotFoundOnce),
        (Some("A"), Some("B"), Finding::NoProof),
        (Some("A"), None, Finding::NoProof),
    ] {
        let found = inquire(&of(asked_of), &Inquiry::NotFound, said_by);
        assert_eq!(found, finding, "{asked_of:?} {said_by:?}");
    }
    assert_eq!(
        inquire(&of(Some("A")), &Inquiry::InProgress, Some("B")),
        Finding::NoProof
    );
    let mut result = result(ResultCode::Approved);
    result.facts.terminal_id = Some("B".to_owned());
    let found = Inquiry::Found(result.clone());
    assert_eq!(inquire(&of(Some("A")), &found, Some("B")), Finding::NoProof);
    assert!(matches!(
        inquire(&of(Some("B")), &found, Some("B")),
        Finding::Known(Verdict::Charged { .. })
    ));
    let answer = Answer::Result(result);
    assert_eq!(
        after_answer(&of(Some("A")), &answer, &can, &timers(), at(3)),
        Verdict::Unknown {
            reason: UnknownReason::ForeignAnswer
        }
    );
    let said = hint_of_inquiry(&of(Some("A")), &Inquiry::NotFound, Some("B"));
    assert!(
        matches!(said, Some(Hint::AnotherTerminal { .. })),
        "{said:?}"
    );
}

#[test]
fn not_found_proves_something_only_in_an_unbroken_memory() {
    let open = capabilities();
    let last_only = Capabilities {
        inquiry: InquiryPower::LastOnly,
        ..open
    };
    let forgetful = Capabilities {
        not_found: NotFoundPower::Nothing,
        ..open
    };
    let (same, other) = (journal("J1"), journal("J2"));
    for (name, memory, can, expected) in [
        (
            "the same memory",
            same.as_ref(),
            open,
            Finding::NotFoundOnce,
        ),
        ("another memory", other.as_ref(), open, Finding::NoProof),
        ("an unnamed memory", None, open, Finding::NoProof),
        (
            "the last one only",
            same.as_ref(),
            last_only,
            Finding::NoProof,
        ),
        (
            "a terminal that forgets",
            same.as_ref(),
            forgetful,
            Finding::NoProof,
        ),
    ] {
        assert_eq!(
            finding(&Inquiry::NotFound, memory, &can),
            expected,
            "{name}"
        );
    }
    // Two unnamed memories are not the same one.
    let unnamed = Asked {
        journal: None,
        ..asked()
    };
    let found = after_inquiry(
        &unnamed,
        &Inquiry::NotFound,
        (None, None),
        &open,
        &timers(),
        at(3),
    );
    assert_eq!(found, Finding::NoProof);
}
