//! クレジット利用履歴: the menu's last digit, pages of the books' own, a slip and the way back, what has no outcome, the file.

use madoguchi::app::card_report::{CardReport, Reading, View};
use madoguchi::app::message::export::{Encoding, ExportRequest, ExportTrouble, Exported};
use madoguchi::app::message::{CardMovement, CardReportPage, CardReportQuery, HistoryCard};
use madoguchi::app::note::Tone;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::tender::CardClass;

use super::*;

fn report(desk: &Desk) -> &CardReport {
    match &desk.state.screen {
        Screen::CardReport(report) => report,
        _ => panic!("{}", desk.screen_name()),
    }
}

fn asked(effects: &[Effect]) -> CardReportQuery {
    match effects {
        [Effect::Store(StoreRequest::CardReport(query))] => query.clone(),
        _ => panic!("{effects:?}"),
    }
}

fn movement(desk: &Desk, number: u32) -> CardMovement {
    CardMovement {
        slip: SlipNumber::new(number),
        stamp: desk.state.settings.stamp(desk.state.now),
        kind: SaleKind::Sale,
        original: None,
        amount: Yen::new(3_430),
        card_class: CardClass(3),
        class_used: None,
        approval_code: None,
        operator: "03".into(),
        card: HistoryCard {
            name: desk::names("JCB", "JCB"),
            class_name: desk::names("クレジット", "Credit"),
            link: LinkKind::Linked,
            sequence_number: None,
            terminal_slip: None,
        },
    }
}

fn page(desk: &Desk, query: CardReportQuery, slips: &[u32], more: bool) -> Stored {
    Stored::CardReport(CardReportPage {
        query,
        rows: slips.iter().map(|slip| movement(desk, *slip)).collect(),
        more,
        ..CardReportPage::default()
    })
}

/// Opened from the menu by its digit, today's page read.
fn opened(slips: &[u32], more: bool) -> Desk {
    let mut desk = Desk::open();
    desk.press(Key::F(4));
    let query = asked(&desk.press(Key::Char('0')));
    let page = page(&desk, query, slips, more);
    desk.stored(page);
    desk
}

fn day(text: &str) -> Option<BusinessDate> {
    text.parse().ok()
}

#[test]
fn it_opens_on_today_from_the_menu_and_from_the_history() {
    for from_the_menu in [true, false] {
        let mut desk = Desk::open();
        let effects = if from_the_menu {
            desk.press(Key::F(4));
            desk.press(Key::Char('0'))
        } else {
            desk.press(Key::F(3));
            desk.press(Key::F(6))
        };
        let query = asked(&effects);
        assert_eq!(
            (query.from, query.to),
            (day("2026-11-21"), day("2026-11-21"))
        );
        assert!(query.limit > 0 && query.before.is_none());
        assert_eq!(report(&desk).reading, Reading::Asked);
    }
}

#[test]
fn pages_are_those_of_the_books() {
    let mut desk = opened(&[9, 8], true);
    let query = asked(&desk.press(Key::PageDown));
    assert_eq!(query.before, Some(SlipNumber::new(8)));
    let second = page(&desk, query.clone(), &[7], false);
    // An answer to an older question is nobody's page.
    let late = page(&desk, CardReportQuery::default(), &[1, 2, 3], true);
    desk.stored(late);
    assert_eq!(report(&desk).page.rows.len(), 2);
    desk.stored(second);
    assert_eq!(report(&desk).page.rows[0].slip.get(), 7);
    assert_eq!(desk.press(Key::PageDown), vec![], "there is no third");
    let query = asked(&desk.press(Key::PageUp));
    assert_eq!(query.before, None);
}

#[test]
fn a_row_opens_its_slip_and_the_way_back_leads_to_the_same_row() {
    let record = desk::record(&Desk::unknown());
    let mut desk = opened(&[9, 8, 7], true);
    desk.press(Key::Down);
    let effects = desk.press(Key::Enter);
    assert_eq!(
        effects,
        vec![Effect::Store(StoreRequest::Find(SlipNumber::new(8)))]
    );
    desk.stored(Stored::Found(Some(Box::new(record))));
    assert_eq!(desk.screen_name(), "receipt");
    desk.press(Key::F(9));
    assert_eq!(report(&desk).selected, 1);
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "register");
}

#[test]
fn enter_pressed_before_the_page_is_there_opens_its_first_row() {
    let mut desk = Desk::open();
    desk.press(Key::F(4));
    let query = asked(&desk.press(Key::Char('0')));
    assert_eq!(desk.press(Key::Enter), vec![]);
    let page = page(&desk, query, &[5], false);
    assert_eq!(
        desk.stored(page),
        vec![Effect::Store(StoreRequest::Find(SlipNumber::new(5)))]
    );
}

#[test]
fn the_form_asks_for_what_is_chosen() {
    let mut desk = opened(&[9], false);
    desk.press(Key::F(5));
    desk.press(Key::Char('4'));
    for _ in 0..4 {
        desk.press(Key::Down);
    }
    desk.press(Key::Char('3'));
    desk.press(Key::Enter);
    desk.press(Key::Char('2'));
    let query = asked(&desk.press(Key::F(12)));
    assert_eq!(
        (query.from, query.to),
        (day("2026-10-01"), day("2026-10-31"))
    );
    assert_eq!(query.link, Some(LinkKind::Manual));
    assert_eq!(query.kind, Some(SaleKind::Sale));
    // What the filter before it found is not shown under the name of this one.
    assert!(report(&desk).page.rows.is_empty());
    assert_eq!(report(&desk).view, View::List);
}

#[test]
fn one_persons_movements_are_asked_for_by_arrows_or_by_code() {
    // 03 is at the counter and rang up what is on the page; 07 is in no list any more.
    for (keys, code) in [
        (vec![Key::Right], Some("03")),
        (vec![Key::Char('0'), Key::Char('7')], Some("07")),
        (vec![Key::Right, Key::Right], None),
    ] {
        let mut desk = opened(&[9], true);
        desk.press(Key::F(5));
        for _ in 0..6 {
            desk.press(Key::Down);
        }
        for key in &keys {
            desk.press(*key);
        }
        let query = asked(&desk.press(Key::F(12)));
        assert_eq!(query.operator.as_deref(), code, "{keys:?}");
        let first = page(&desk, query.clone(), &[8], true);
        desk.stored(first);
        // The pages behind it and the file are of the same person.
        assert_eq!(asked(&desk.press(Key::PageDown)).operator, query.operator);
        desk.press(Key::F(2));
        let written = desk.press(Key::Char('1'));
        let [Effect::Export(request)] = written.as_slice() else {
            panic!("{written:?}")
        };
        assert_eq!(request.query.operator, query.operator, "{keys:?}");
    }
}

#[test]
fn days_that_make_no_sense_are_not_asked_for() {
    let mut desk = opened(&[9], false);
    desk.press(Key::F(5));
    desk.press(Key::Down);
    desk.text("someday");
    assert_eq!(desk.press(Key::F(12)), vec![]);
    let note = desk.state.note.clone().expect("it says so");
    assert_eq!((note.tone, note.text), (Tone::Warning, Text::DayNotRead));
    assert!(matches!(report(&desk).view, View::Filter(_)));
    desk.press(Key::F(9));
    assert_eq!(report(&desk).page.rows.len(), 1, "nothing was changed");
}

#[test]
fn books_that_cannot_be_read_are_not_an_empty_day() {
    let mut desk = opened(&[9], true);
    let query = asked(&desk.press(Key::PageDown));
    let failed = |query: &CardReportQuery| Stored::Failed {
        request: Box::new(StoreRequest::CardReport(query.clone())),
        trouble: StoreTrouble::Locked,
    };
    desk.stored(failed(&query));
    assert_eq!(report(&desk).reading, Reading::Failed);
    assert_eq!(
        desk.state.note.as_ref().map(|note| note.tone),
        Some(Tone::Alarm)
    );
    assert_eq!(asked(&desk.press(Key::Enter)), query, "asked once more");
}

#[test]
fn a_file_is_written_once_and_its_place_is_said() {
    for (key, encoding) in [('1', Encoding::Utf8), ('2', Encoding::Cp932)] {
        let mut desk = opened(&[9], true);
        desk.press(Key::F(2));
        let effects = desk.press(Key::Char(key));
        let [
            Effect::Export(ExportRequest {
                query,
                encoding: how,
            }),
        ] = effects.as_slice()
        else {
            panic!("{effects:?}")
        };
        assert_eq!((query.before, *how), (None, encoding));
        assert_eq!(desk.press(Key::F(2)), vec![], "not while one is written");
        assert_eq!(report(&desk).view, View::List);
        for (answer, tone, text) in [
            (
                Ok(Exported {
                    path: "cards.csv".into(),
                    rows: 1,
                    replaced: 0,
                }),
                Tone::Plain,
                Text::ExportedFile,
            ),
            (
                Ok(Exported {
                    path: "cards.csv".into(),
                    rows: 1,
                    replaced: 2,
                }),
                Tone::Warning,
                Text::ExportedReplaced,
            ),
            (
                Err(ExportTrouble::DiskFull),
                Tone::Alarm,
                Text::ExportDiskFull,
            ),
        ] {
            desk.send(Message::Exported(answer));
            let note = desk.state.note.clone().expect("it says so");
            assert_eq!((note.tone, note.text), (tone, text));
        }
        desk.press(Key::F(2));
        assert_eq!(report(&desk).view, View::Export, "and again");
    }
}

#[test]
fn no_key_of_the_report_sends_or_writes_money() {
    let keys = (1..=12).map(Key::F).chain([
        Key::Enter,
        Key::Up,
        Key::Down,
        Key::PageUp,
        Key::PageDown,
        Key::Char('1'),
        Key::Char('2'),
    ]);
    let keys: Vec<Key> = keys.collect();
    for first in &keys {
        for second in &keys {
            let mut desk = opened(&[9, 8], true);
            for key in [first, second] {
                if matches!(desk.state.screen, Screen::CardReport(_)) {
                    let effects = desk.press(*key);
                    let written = effects.iter().any(|effect| {
                        matches!(
                            effect,
                            Effect::Link(..)
                                | Effect::Store(
                                    StoreRequest::Sell { .. }
                                        | StoreRequest::Pend { .. }
                                        | StoreRequest::Write { .. }
                                        | StoreRequest::ByHand { .. }
                                )
                        )
                    });
                    assert!(!written, "{first:?} {second:?}: {effects:?}");
                }
            }
        }
    }
}
