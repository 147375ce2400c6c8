//! From the start: what is open comes first. The history, viewers, leaving, and rest.

use super::*;

#[test]
fn enter_pressed_while_the_books_are_read_opens_the_row_that_is_found() {
    let mut desk = Desk::open();
    let effects = desk.press(Key::F(3));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Store(StoreRequest::History(_))]
    ));
    desk.text("1230");
    let effects = desk.press(Key::Enter);
    let [Effect::Store(StoreRequest::History(query))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(query.number.as_deref(), Some("1230"));
    assert_eq!(desk.press(Key::Enter), vec![], "it waits for the page");
    let late = HistoryPage::default();
    assert_eq!(
        desk.stored(Stored::History(late)),
        vec![],
        "not the page that was asked for"
    );
    let page = HistoryPage {
        query: query.clone(),
        rows: vec![HistoryRow {
            slip: slip(),
            stamp: desk.state.settings.stamp(desk.state.now),
            kind: SaleKind::Sale,
            state: SaleState::Settled,
            total: Yen::new(1_230),
            card: None,
            taken_back: Yen::ZERO,
        }],
        more: false,
    };
    let effects = desk.stored(Stored::History(page));
    assert_eq!(effects, vec![Effect::Store(StoreRequest::Find(slip()))]);
}

#[test]
fn a_page_that_comes_while_a_slip_is_read_is_there_behind_it() {
    for refused in [false, true] {
        let mut desk = Desk::unknown();
        let record = desk::record(&desk);
        desk = Desk::open();
        desk.press(Key::F(3));
        desk.stored(Stored::Found(Some(Box::new(record))));
        assert_eq!(desk.screen_name(), "receipt");
        if refused {
            desk.stored(Stored::Failed {
                request: Box::new(StoreRequest::History(HistoryQuery::default())),
                trouble: StoreTrouble::Locked,
            });
        } else {
            let query = HistoryQuery {
                limit: 15,
                ..HistoryQuery::default()
            };
            let page = HistoryPage {
                query,
                ..HistoryPage::default()
            };
            assert_eq!(desk.stored(Stored::History(page)), vec![]);
        }
        assert_eq!(desk.screen_name(), "receipt");
        desk.press(Key::F(9));
        let Screen::History(history) = &desk.state.screen else {
            panic!("{}", desk.screen_name())
        };
        assert!(!history.reading, "refused {refused}");
    }
}

/// What the books hold of a sale that was cut off at a point.
fn restart_with(unresolved: Vec<madoguchi::domain::record::SaleRecord>) -> (Desk, Vec<Effect>) {
    let mut desk = Desk::with(settings());
    desk.state.start();
    let effects = desk.stored(Stored::Opened {
        unresolved,
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    (desk, effects)
}

#[test]
fn the_next_start_opens_on_what_is_open_and_asks() {
    let record = desk::record(&Desk::unknown());
    let (mut desk, effects) = restart_with(vec![record]);
    assert!(!sends_money(&effects));
    assert_eq!(desk.screen_name(), "unknown");
    // The probe of the start gives way to the question.
    let effects = desk.after_ms(2_000);
    assert!(to_terminal(&effects).contains(&LinkRequest::Connect));
    let effects = desk.link(LinkEvent::Up);
    assert_eq!(
        to_terminal(&effects),
        vec![LinkRequest::Send(Command::LastResult {
            sequence_number: sequence()
        })]
    );
}

#[test]
fn what_is_typed_while_the_books_are_read_is_not_lost() {
    let mut desk = Desk::with(settings());
    desk.state.start();
    desk.line("3430");
    desk.press(Key::F(12));
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.due(), Yen::new(3_430));
}

#[test]
fn what_is_typed_while_the_books_are_read_answers_no_question() {
    let record = desk::record(&Desk::unknown());
    let mut desk = Desk::with(settings());
    desk.state.start();
    desk.line("1");
    let effects = desk.stored(Stored::Opened {
        unresolved: vec![record],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    assert_eq!(written(&effects), None);
    let Screen::Unknown(unknown) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    assert_eq!(unknown.proof, None);
}

#[test]
fn a_sale_of_which_nothing_was_sent_is_closed_at_the_start() {
    let mut record = desk::record(&Desk::unknown());
    record.state = SaleState::Pending;
    record.sent_at = None;
    let (mut desk, effects) = restart_with(vec![record]);
    assert!(matches!(
        written(&effects),
        Some(Entry::Released {
            reason: NotCharged::NotSent,
            evidence: Evidence::NothingSent,
            ..
        })
    ));
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "register");
    assert!(desk.state.open.is_empty());
}

#[test]
fn an_outcome_nobody_saw_is_shown_first() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::Approved)));
    desk.durable(&effects);
    let Screen::Done(done) = &desk.state.screen else {
        panic!("{}", desk.screen_name())
    };
    let record = done.record.clone();
    let mut desk = Desk::with(settings());
    desk.state.start();
    let effects = desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: Some(Box::new(record)),
        today: DayCount {
            sales: 1,
            total: Yen::new(3_430),
        },
        terminals: Default::default(),
        sent: Default::default(),
    });
    assert_eq!(desk.screen_name(), "done");
    assert!(matches!(written(&effects), Some(Entry::Shown { .. })));
    assert_eq!(desk.state.today.sales, 1, "it is counted once");
}

#[test]
fn a_viewer_touches_neither_books_nor_terminal() {
    let mut desk = Desk::with(madoguchi::app::settings::Settings {
        access: madoguchi::app::settings::Access::Viewer {
            holder: "pid 1".into(),
        },
        ..settings()
    });
    let effects = desk.state.start();
    assert!(effects.iter().all(|effect| matches!(
        effect,
        Effect::Store(StoreRequest::Open { .. } | StoreRequest::History(_))
    )));
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    assert_eq!(desk.screen_name(), "history");
    desk.text("500");
    assert_eq!(desk.press(Key::F(9)), vec![]);
    assert_eq!(desk.screen_name(), "history");
}

#[test]
fn ctrl_c_leaves_at_once_where_nothing_is_half_done_and_asks_where_something_is() {
    let mut desk = Desk::open();
    assert_eq!(desk.press(Key::Ctrl('c')), vec![Effect::Quit]);
    let mut desk = Desk::waiting();
    assert_eq!(desk.press(Key::Ctrl('c')), vec![]);
    assert_eq!(desk.press(Key::F(9)), vec![], "stay");
    assert_eq!(desk.screen_name(), "charging");
    desk.press(Key::Ctrl('c'));
    assert_eq!(desk.answer('1'), vec![Effect::Quit]);
}

#[test]
fn a_model_whose_messages_are_not_described_is_never_sent_anything() {
    let mut settings = settings();
    for cat in settings.cats.values_mut() {
        cat.model.layout = None;
    }
    let mut desk = Desk::with(settings);
    let effects = desk.state.start();
    assert_eq!(to_terminal(&effects), vec![]);
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    desk.line("3430");
    desk.press(Key::F(12));
    assert_eq!(desk.press(Key::F(6)), vec![]);
    assert_eq!(desk.press(Key::F(12)), vec![]);
    assert_eq!(desk.screen_name(), "by hand");
}

#[test]
fn what_was_said_on_one_screen_does_not_stand_on_the_next() {
    let mut desk = Desk::open();
    desk.press(Key::F(4));
    desk.press(Key::Char('5'));
    desk.text("13");
    desk.press(Key::Enter);
    assert_eq!(note(&desk), Some(Text::KeyNumberWrong));
    desk.press(Key::Char('q'));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(note(&desk), None);
}

fn sold(desk: &mut Desk, amount: &str) {
    desk.line(amount);
    desk.press(Key::F(12));
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { stamp, sale })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let entry = Entry::Sold {
        slip: slip(),
        sale: sale.clone(),
    };
    let record = SaleRecord::fold([(*stamp, &entry)]).unwrap().unwrap();
    desk.stored(Stored::Sold(Box::new(record)));
    desk.press(Key::Enter);
}

fn asks_for_the_day(effects: &[Effect]) -> Option<BusinessDate> {
    effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::Day(date)) => Some(*date),
        _ => None,
    })
}

fn day(sales: u32, total: i64) -> DayCount {
    DayCount {
        sales,
        total: Yen::new(total),
    }
}

#[test]
fn the_figures_of_the_day_turn_with_the_day_though_nobody_touches_a_key() {
    for boundary in ["00:00:00", "05:00:00", "14:32:08"] {
        let mut settings = settings();
        settings.cats.clear();
        settings.shop.day_boundary = boundary.parse().unwrap();
        let mut desk = Desk::with(settings);
        desk.state.start();
        desk.stored(Stored::Opened {
            unresolved: vec![],
            unshown: None,
            today: day(2, 900),
            terminals: Default::default(),
            sent: Default::default(),
        });
        sold(&mut desk, "100");
        assert_eq!(desk.state.today, day(3, 1_000));
        let today = desk.state.settings.stamp(desk.now).business_date;
        let tomorrow = BusinessDate(today.0.succ_opt().unwrap());
        let effects = desk.after_ms(24 * 3_600_000);
        assert_eq!(asks_for_the_day(&effects), Some(tomorrow), "{boundary}");
        assert_eq!(desk.state.today, day(0, 0), "{boundary}");
        sold(&mut desk, "100");
        assert_eq!(desk.state.today, day(1, 100), "{boundary}");
    }
}

#[test]
fn a_clock_that_is_set_asks_the_books_how_that_day_stands() {
    let mut desk = Desk::open();
    sold(&mut desk, "100");
    let today = desk.state.settings.stamp(desk.now).business_date;
    let yesterday = BusinessDate(today.0.pred_opt().unwrap());
    desk.now.wall -= chrono::Duration::days(1);
    let effects = desk.press(Key::Esc);
    assert_eq!(asks_for_the_day(&effects), Some(yesterday));
    // It is put right before the books have answered: the answer is about a day that is not this one.
    desk.now.wall += chrono::Duration::days(1);
    let effects = desk.press(Key::Esc);
    assert_eq!(asks_for_the_day(&effects), Some(today));
    let said = |date, count| Stored::Day { date, count };
    desk.stored(said(yesterday, day(7, 7_000)));
    assert_eq!(desk.state.today, day(0, 0));
    desk.stored(said(today, day(1, 100)));
    assert_eq!(desk.state.today, day(1, 100));
}
