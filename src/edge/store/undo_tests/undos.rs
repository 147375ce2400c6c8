//! What may be taken back, and what the books say to what may not.

use super::*;

/// What is written, and what the books say to it; nothing where they take it.
pub(super) fn undos() -> Vec<(&'static str, SaleDraft, Option<&'static str>)> {
    let of = |number, kind, tenders: Vec<Tender>| back(sale(tenders), kind, slip(number));
    let cash = |number, kind, amount| of(number, kind, vec![money(amount)]);
    let hand = |number, kind, amount| of(number, kind, vec![card(amount, LinkKind::Manual)]);
    vec![
        ("the whole", cash(1, Void, 1_000), None),
        (
            "a part as a void",
            cash(1, Void, 999),
            Some("the whole sale"),
        ),
        ("a part", cash(1, Refund, 999), None),
        (
            "more than was paid",
            cash(1, Refund, 1_001),
            Some("more than the amount"),
        ),
        (
            "more than is left",
            cash(6, Refund, 301),
            Some("more than the amount"),
        ),
        ("what is left", cash(6, Refund, 300), None),
        (
            "the whole after a part",
            cash(6, Void, 1_000),
            Some("more than the amount"),
        ),
        (
            "the rest as a void",
            cash(6, Void, 300),
            Some("the whole sale"),
        ),
        (
            "beside an open one",
            cash(8, Refund, 1),
            Some("no outcome yet"),
        ),
        ("what is not paid", cash(4, Refund, 1), Some("is not paid")),
        (
            "what is only booked",
            cash(10, Refund, 1),
            Some("is not paid"),
        ),
        ("what is not there", cash(99, Refund, 1), Some("no sale")),
        ("an undo", cash(7, Refund, 1), Some("no sale")),
        (
            "an undo of what was taken back",
            cash(12, Void, 800),
            Some("no sale"),
        ),
        (
            "cash for a card",
            cash(2, Void, 1_000),
            Some("needs a second person"),
        ),
        (
            "cash for a card, allowed",
            allowed(cash(2, Void, 1_000)),
            None,
        ),
        ("the card", hand(2, Void, 1_000), None),
        (
            "another card",
            of(2, Void, vec![card_of("12", 3, 1_000)]),
            Some("needs a second"),
        ),
        (
            "another class",
            of(2, Void, vec![card_of("11", 2, 1_000)]),
            Some("needs a second"),
        ),
        (
            "the class that was asked for",
            of(15, Void, vec![card_of("11", 30, 1_000)]),
            None,
        ),
        (
            "the class that was used",
            of(15, Void, vec![card_of("11", 4, 1_000)]),
            None,
        ),
        (
            "a class that was not used",
            of(15, Void, vec![card_of("11", 3, 1_000)]),
            Some("needs"),
        ),
        (
            "both moneys",
            of(3, Void, vec![money(400), card(600, LinkKind::Manual)]),
            None,
        ),
        (
            "more cash than came",
            of(3, Void, vec![money(500), card(500, LinkKind::Manual)]),
            Some("more would go back to cash"),
        ),
        (
            "more card than came",
            of(3, Void, vec![money(300), card(700, LinkKind::Manual)]),
            Some("more would go back to card 11"),
        ),
        (
            "all of it in cash",
            cash(3, Refund, 401),
            Some("back to cash"),
        ),
        ("the cash of it", cash(3, Refund, 400), None),
        (
            "allowed by the one who does it",
            with(cash(2, Void, 1_000), |draft| {
                draft.undo.as_mut().expect("an undo").allowed_by = Some(operator());
            }),
            Some("a second person allows it"),
        ),
        (
            "by no rule",
            with(cash(1, Void, 1_000), |draft| draft.undo = None),
            Some("names its rule"),
        ),
        (
            "of nothing",
            with(cash(1, Void, 1_000), |draft| draft.original = None),
            Some("names the sale"),
        ),
        (
            "a sale that takes back",
            with(cash(1, Void, 1_000), |draft| draft.kind = Sale),
            Some("takes nothing back"),
        ),
        (
            "a sale that has a rule",
            with(cash(1, Sale, 1_000), |draft| draft.original = None),
            Some("takes nothing back"),
        ),
        (
            "a corrected bill of a part",
            correcting(cash(1, Refund, 999), 1),
            Some("a bill is corrected where"),
        ),
        (
            "a corrected bill",
            correcting(cash(1, Refund, 1_000), 1),
            None,
        ),
        (
            "practice of a live sale",
            with(cash(1, Void, 1_000), |draft| draft.practice = true),
            Some("live books"),
        ),
        ("a line", lines_back(5, &[(1, 1)]), None),
        ("some of a line", lines_back(5, &[(2, 2)]), None),
        (
            "the same line twice",
            lines_back(5, &[(2, 2), (2, 1)]),
            None,
        ),
        (
            "too many of a line",
            lines_back(5, &[(2, 4)]),
            Some("more of line 2"),
        ),
        (
            "too many in two",
            lines_back(5, &[(2, 2), (2, 2)]),
            Some("more of line 2"),
        ),
        (
            "lines as a void",
            with(lines_back(5, &[(1, 1), (2, 3), (3, 1)]), |d| d.kind = Void),
            Some("the whole sale"),
        ),
        (
            "a line that is not there",
            with(lines_back(5, &[(1, 1)]), |d| {
                d.undo.as_mut().expect("an undo").lines = vec![4];
            }),
            Some("no line 4"),
        ),
        (
            "line nought",
            with(lines_back(5, &[(1, 1)]), |d| {
                d.undo.as_mut().expect("an undo").lines = vec![0];
            }),
            Some("no line 0"),
        ),
        (
            "another line",
            with(lines_back(5, &[(3, 1)]), |d| {
                d.undo.as_mut().expect("an undo").lines = vec![2];
            }),
            Some("is another one"),
        ),
        (
            "a line without its number",
            with(lines_back(5, &[(1, 1), (3, 1)]), |d| {
                d.undo.as_mut().expect("an undo").lines = vec![1];
            }),
            Some("each line"),
        ),
        // 併用払い.
        (
            "the rest of a bill beside an open part",
            again(part(cash_sale(100), 1_000), slip(13)),
            Some("has no outcome yet"),
        ),
        (
            "more than the rest, beside an open part",
            again(part(cash_sale(101), 1_000), slip(13)),
            Some("has no outcome yet"),
        ),
        (
            "a part of another bill",
            again(part(cash_sale(100), 1_001), slip(13)),
            Some("another bill"),
        ),
        (
            "a whole beside parts",
            again(cash_sale(1_000), slip(13)),
            Some("is already paid"),
        ),
        (
            "a part beside a whole",
            again(part(cash_sale(100), 1_000), slip(1)),
            Some("is already paid"),
        ),
        (
            "a part after a decline",
            again(part(cash_sale(100), 1_000), slip(4)),
            None,
        ),
        // 差額.
        ("the corrected bill", replacing(cash_sale(300), 12), None),
        (
            "the corrected bill in parts",
            replacing(part(cash_sale(100), 300), 12),
            None,
        ),
        (
            "another bill",
            replacing(cash_sale(301), 12),
            Some("not the corrected bill"),
        ),
        (
            "of an undo without one",
            replacing(cash_sale(300), 7),
            Some("not the corrected bill"),
        ),
        (
            "of a sale",
            replacing(cash_sale(300), 1),
            Some("not the corrected bill"),
        ),
        (
            "of an open undo",
            replacing(cash_sale(300), 9),
            Some("took nothing back"),
        ),
        (
            "of nothing at all",
            replacing(cash_sale(300), 99),
            Some("took nothing back"),
        ),
        (
            "an undo as the corrected bill",
            replacing(cash(1, Refund, 300), 12),
            Some("not the corrected bill"),
        ),
    ]
}
