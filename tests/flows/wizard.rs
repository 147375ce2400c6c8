//! 手動操作: every doorway, every stage, set aside and gone on with, books that refuse, a link that is down; and what decides nothing.

use super::*;
use desk::names;
use madoguchi::app::message::printing::{PrintRequest, PrinterEvent};
use madoguchi::app::settings::PrinterSetting;
use madoguchi::app::wizard::{self, Page, SlipField};
use madoguchi::domain::by_hand::{Place, Side, Step, Why};
use madoguchi::domain::ledger::{CatId, Document};
use madoguchi::domain::paper::SlipFacts;
use madoguchi::domain::sale::{Operator, SaleDraft};
use madoguchi::domain::slip::{SlipNumber, TerminalSlipNumber};
use madoguchi::domain::task::{PartPaid, Task};
use madoguchi::domain::text::Bilingual;

/// The books as far as these flows go: they take every entry, and tell every slip as its entries fold.
struct Counter {
    desk: Desk,
    entries: Vec<(madoguchi::domain::record::Stamp, Entry)>,
    next: u32,
    /// What was linked before, and is called up as an original.
    original: Option<SaleRecord>,
    /// Slips of the day that the history knows.
    rows: Vec<HistoryRow>,
    /// A bill that the books have as paid in part.
    part_paid: Option<PartPaid>,
}

impl Counter {
    fn over(desk: Desk) -> Counter {
        Counter {
            desk,
            entries: Vec::new(),
            next: 40,
            original: None,
            rows: Vec::new(),
            part_paid: None,
        }
    }

    /// Every request is answered, and what follows from the answers too. Returns the entries that were written.
    fn answer_all(&mut self, effects: Vec<Effect>) -> Vec<Entry> {
        let mut written = Vec::new();
        let mut queue: std::collections::VecDeque<Effect> = effects.into();
        while let Some(effect) = queue.pop_front() {
            let Effect::Store(request) = effect else {
                continue;
            };
            if let Some(stored) = self.stored(request, &mut written) {
                queue.extend(self.desk.stored(stored));
            }
        }
        written
    }

    fn stored(&mut self, request: StoreRequest, written: &mut Vec<Entry>) -> Option<Stored> {
        Some(match request {
            StoreRequest::Write { stamp, entry } => {
                written.push(entry.clone());
                self.entries.push((stamp, entry.clone()));
                if let Some(slip) = entry.slip()
                    && self.began(slip)
                {
                    self.record(slip);
                }
                Stored::Written(entry)
            }
            StoreRequest::ByHand {
                stamp,
                sale,
                place,
                why,
                first,
                operator,
            } => {
                self.next += 1;
                let entry = Entry::ByHand {
                    slip: SlipNumber::new(self.next),
                    sale,
                    place,
                    why,
                    first,
                    operator: operator.clone(),
                };
                written.push(entry.clone());
                self.entries.push((stamp, entry));
                if first == Side::Counter {
                    let slip = SlipNumber::new(self.next);
                    let booked = Entry::Booked { slip, operator };
                    self.entries.push((stamp, booked));
                }
                Stored::ByHandBegun(Box::new(self.record(SlipNumber::new(self.next))))
            }
            StoreRequest::Tasks => Stored::Tasks(self.tasks()),
            StoreRequest::History(query) => Stored::History(HistoryPage {
                query,
                rows: self.rows.clone(),
                more: false,
            }),
            StoreRequest::Find(_) => Stored::Found(self.original.clone().map(Box::new)),
            _ => return None,
        })
    }

    fn began(&self, slip: SlipNumber) -> bool {
        self.entries
            .iter()
            .any(|(_, entry)| matches!(entry, Entry::ByHand { slip: of, .. } if *of == slip))
    }

    fn record(&self, slip: SlipNumber) -> SaleRecord {
        let of = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.slip() == Some(slip));
        SaleRecord::fold(of.map(|(stamp, entry)| (*stamp, entry)))
            .expect("legal")
            .expect("a slip")
    }

    fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (_, entry) in &self.entries {
            if let Entry::ByHand { slip, .. } = entry {
                let record = self.record(*slip);
                if record.hand_stage().is_some() {
                    tasks.push(Task::Hand(Box::new(record)));
                }
            }
        }
        tasks.extend(self.part_paid.clone().map(Task::PartPaid));
        tasks
    }

    /// A key, after the time a person takes, and all that the books answer to it.
    fn key(&mut self, key: Key) -> Vec<Entry> {
        let mut effects = self.pass(800);
        effects.extend(self.desk.press(key));
        effects.extend(self.pass(100));
        self.answer_all(effects)
    }

    /// Time passes, whatever comes due in it.
    fn pass(&mut self, ms: u64) -> Vec<Effect> {
        let end = self.desk.now.mono_ms + ms;
        let mut effects = Vec::new();
        while self.desk.now.mono_ms < end {
            effects.extend(self.desk.after_ms(end - self.desk.now.mono_ms));
        }
        effects
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let mut effects = self.desk.after_ms(90);
            effects.extend(self.desk.press(Key::Char(c)));
            assert_eq!(
                self.answer_all(effects),
                vec![],
                "typing {c} writes nothing"
            );
        }
    }

    fn form(&mut self, number: &str, amount: &str) {
        self.desk.after_ms(800);
        self.type_text(number);
        self.key(Key::Enter);
        self.type_text(amount);
    }

    fn page(&self) -> Page {
        match &self.desk.state.screen {
            Screen::Wizard(wizard) => wizard.page(),
            _ => panic!("{}", self.desk.screen_name()),
        }
    }

    /// The terminal answers the pane's question.
    fn terminal_says(&mut self, state: TerminalState) -> Vec<Entry> {
        self.desk.after_ms(10);
        let mut effects = self.desk.link(LinkEvent::Up);
        effects.extend(self.desk.link(status(state)));
        self.answer_all(effects)
    }

    /// A new console over the same books.
    fn killed_and_started(&mut self) {
        let mut desk = Desk::with(self.desk.state.settings.clone());
        desk.now = self.desk.now;
        desk.state.now = desk.now;
        let effects = desk.state.start();
        self.desk = desk;
        self.answer_all(effects);
        let effects = self.desk.stored(Stored::Opened {
            unresolved: vec![],
            unshown: None,
            today: DayCount::default(),
            terminals: Default::default(),
            sent: Default::default(),
        });
        self.answer_all(effects);
    }

    /// F4, Unresolved, and the first row.
    fn take_up_again(&mut self) -> Vec<Entry> {
        self.key(Key::F(4));
        self.key(Key::Char('2'));
        assert_eq!(self.desk.screen_name(), "unresolved");
        self.key(Key::Enter)
    }
}

fn place(cat: Option<CatId>) -> Place {
    Place {
        cat,
        model: "open-cat".into(),
    }
}

fn tender(link: LinkKind) -> Tender {
    Tender::Card {
        card: "02".into(),
        name: names("JCB", "JCB"),
        card_class: madoguchi::domain::tender::CardClass(3),
        card_class_name: names("クレジット", "Credit"),
        amount: Yen::new(3_430),
        link,
    }
}

fn draft(kind: SaleKind) -> SaleDraft {
    SaleDraft {
        kind,
        order: None,
        original: (kind != SaleKind::Sale).then(slip),
        undo: None,
        part: false,
        bill: None,
        replaces: None,
        lines: vec![madoguchi::domain::sale::Line {
            name: "診察".into(),
            unit: Yen::new(3_430),
            quantity: 1,
            tax: madoguchi::domain::sale::TaxClass::NonTaxable,
        }],
        tenders: vec![tender(LinkKind::Manual)],
        operator: settings().operator,
        terminal_code: "01".into(),
        practice: false,
    }
}

/// The sale that is taken back: linked, terminal's slip 00123.
fn original() -> SaleRecord {
    let stamp = settings().stamp(desk::Desk::with(settings()).now);
    let mut sale = draft(SaleKind::Sale);
    sale.tenders = vec![tender(LinkKind::Linked)];
    let entries = [
        Entry::Pending {
            slip: slip(),
            sequence_number: sequence(),
            sale,
            route: madoguchi::domain::ledger::Route {
                cat: CatId::Cat1,
                model: "open-cat".into(),
            },
        },
        Entry::Sent {
            slip: slip(),
            journal: None,
            terminal_id: None,
        },
        Entry::Posted {
            slip: slip(),
            evidence: Evidence::Answer,
            terminal: result(ResultCode::Approved).facts,
        },
    ];
    SaleRecord::fold(entries.iter().map(|entry| (stamp, entry)))
        .expect("legal")
        .expect("a sale")
}

/// A 取消 by hand, on its first page.
fn void_planned() -> Counter {
    let mut counter = Counter::over(Desk::open());
    counter.original = Some(original());
    let mut effects = Vec::new();
    wizard::begin(
        &mut counter.desk.state,
        draft(SaleKind::Void),
        place(Some(CatId::Cat1)),
        Why::NotCarried,
        &mut effects,
    );
    counter.answer_all(effects);
    assert_eq!(counter.page(), Page::Confirm);
    counter
}

/// Pages, in the order of the bar.
const PAGES: [Page; 5] = [
    Page::Confirm,
    Page::LeaveLink,
    Page::Operate,
    Page::EnterSlip,
    Page::BackToLink,
];

/// A 取消 by hand, led to a page.
fn void_at(page: Page) -> Counter {
    let mut counter = void_planned();
    for at in PAGES {
        assert_eq!(counter.page(), at);
        if at == page {
            return counter;
        }
        if at == Page::EnterSlip {
            counter.form("00456", "3430");
        }
        counter.key(Key::F(12));
    }
    assert_eq!(counter.page(), Page::Done);
    counter
}

fn step(entries: &[Entry]) -> Option<Step> {
    entries.iter().find_map(|entry| match entry {
        Entry::Step { step, .. } => Some(*step),
        _ => None,
    })
}

#[test]
fn a_void_by_hand_goes_through_every_stage_and_each_is_in_the_books_first() {
    let mut counter = void_planned();
    let begun = counter.key(Key::F(12));
    assert!(
        matches!(
            begun.as_slice(),
            [Entry::ByHand {
                why: Why::NotCarried,
                first: Side::Terminal,
                ..
            }]
        ),
        "{begun:?}"
    );
    assert_eq!(counter.page(), Page::LeaveLink);
    assert_eq!(step(&counter.key(Key::F(12))), Some(Step::OffLink));
    assert_eq!(counter.page(), Page::Operate);
    assert_eq!(step(&counter.key(Key::F(12))), Some(Step::Operated));
    assert_eq!(counter.page(), Page::EnterSlip);
    counter.form("00456", "3430");
    let posted = counter.key(Key::F(12));
    let [
        Entry::Posted {
            evidence: Evidence::Operator { operator, proof },
            terminal,
            ..
        },
    ] = posted.as_slice()
    else {
        panic!("{posted:?}")
    };
    assert_eq!(
        (operator.code.as_str(), proof.as_str()),
        ("03", "00456 3430")
    );
    assert_eq!(terminal.slip_number, TerminalSlipNumber::new("00456").ok());
    assert_eq!(counter.page(), Page::BackToLink);
    counter.key(Key::F(5));
    assert_eq!(
        step(&counter.terminal_says(TerminalState::Idle)),
        Some(Step::BackOnLink),
        "the console itself writes what the terminal answered"
    );
    assert_eq!(counter.page(), Page::Done);
    assert!(counter.desk.state.tasks.list.is_empty());
    counter.key(Key::F(12));
    assert_eq!(counter.desk.screen_name(), "register");
}

#[test]
fn a_void_that_was_not_begun_when_the_day_turned_is_not_begun_any_more() {
    let mut counter = void_planned();
    counter.desk.now.wall += chrono::Duration::days(1);
    assert_eq!(counter.key(Key::F(12)), vec![]);
    assert_eq!(counter.page(), Page::Confirm);
    assert_eq!(note(&counter.desk), Some(Text::UndoFromTheSale));
}

#[test]
fn a_void_is_not_begun_where_the_day_turned_while_somebody_said_who_she_is() {
    let mut counter = void_planned();
    let operators = &mut counter.desk.state.settings.operators;
    operators.list = [("03", "佐藤"), ("04", "鈴木")]
        .map(|(code, name)| Operator {
            code: code.to_owned(),
            name: name.to_owned(),
        })
        .to_vec();
    operators.ask = true;
    assert_eq!(counter.key(Key::F(12)), vec![]);
    counter.pass(800);
    counter.type_text("03");
    counter.desk.now.wall += chrono::Duration::days(1);
    assert_eq!(counter.key(Key::Enter), vec![]);
    assert_eq!(counter.page(), Page::Confirm);
    assert_eq!(note(&counter.desk), Some(Text::UndoFromTheSale));
}

#[test]
fn what_is_set_aside_or_killed_at_any_stage_is_gone_on_with_by_anybody() {
    for page in &PAGES[1..] {
        for killed in [false, true] {
            let mut counter = void_at(*page);
            if killed {
                counter.killed_and_started();
            } else {
                assert_eq!(
                    step(&counter.key(Key::F(9))),
                    Some(Step::Paused),
                    "{page:?}"
                );
            }
            assert_eq!(counter.desk.screen_name(), "register", "{page:?}");
            assert_eq!(counter.desk.state.unsettled(), 1, "{page:?}");
            counter.desk.state.operator = Operator {
                code: "07".into(),
                name: "鈴木".into(),
            };
            let entries = counter.take_up_again();
            assert_eq!(
                step(&entries),
                (!killed).then_some(Step::Resumed),
                "{page:?}"
            );
            assert_eq!(counter.page(), *page);
            if *page == Page::LeaveLink {
                counter.key(Key::F(12));
                let record = counter.record(SlipNumber::new(41));
                let mark = record.by_hand.unwrap().off_link.unwrap();
                assert_eq!(mark.operator.code, "07", "who did it is kept");
            }
        }
    }
}

#[test]
fn books_that_refuse_lose_nothing_and_every_write_can_be_tried_again() {
    for page in &PAGES[..4] {
        let mut counter = void_at(*page);
        if *page == Page::EnterSlip {
            counter.form("00456", "3430");
        }
        let mut effects = counter.desk.after_ms(800);
        effects.extend(counter.desk.press(Key::F(12)));
        // The look into the history is answered; what would be written is not.
        if *page == Page::EnterSlip {
            effects = counter.desk.stored(Stored::History(HistoryPage::default()));
        }
        let asked: Vec<StoreRequest> = requests(&effects);
        assert_eq!(asked.len(), 1, "{page:?} {effects:?}");
        let effects = counter.desk.stored(Stored::Failed {
            request: Box::new(asked[0].clone()),
            trouble: StoreTrouble::DiskFull,
        });
        assert_eq!(written(&effects), None);
        assert_eq!(counter.page(), *page);
        assert_eq!(note(&counter.desk), Some(Text::DiskFull));
        assert_eq!(counter.key(Key::F(12)).len(), 1, "{page:?}");
        assert_ne!(counter.page(), *page);
    }
}

#[test]
fn setting_aside_that_the_books_refuse_stays_and_says_so() {
    let mut counter = void_at(Page::Operate);
    counter.desk.after_ms(800);
    let effects = counter.desk.press(Key::F(9));
    counter.desk.stored(Stored::Failed {
        request: Box::new(requests(&effects)[0].clone()),
        trouble: StoreTrouble::Locked,
    });
    assert_eq!(counter.page(), Page::Operate);
    assert_eq!(step(&counter.key(Key::F(9))), Some(Step::Paused));
}

fn requests(effects: &[Effect]) -> Vec<StoreRequest> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Store(request) => Some(request.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_way_back_is_proved_by_an_idle_answer_and_by_nothing_else() {
    type Says = fn(&mut Counter) -> Vec<Entry>;
    let rows: [(&str, Says, bool); 8] = [
        ("idle", |c| c.terminal_says(TerminalState::Idle), true),
        (
            "off the link",
            |c| c.terminal_says(TerminalState::Standalone),
            false,
        ),
        ("busy", |c| c.terminal_says(TerminalState::Busy), false),
        (
            "down",
            |c| {
                let effects = c.desk.link(LinkEvent::Down {
                    cause: Break::Disconnected,
                    detail: String::new(),
                });
                c.answer_all(effects)
            },
            false,
        ),
        (
            "broken",
            |c| {
                let effects = c.desk.link(broken());
                c.answer_all(effects)
            },
            false,
        ),
        ("a key", |c| c.key(Key::F(12)), false),
        (
            "what it remembers of a number",
            |c| {
                c.desk.after_ms(10);
                let mut effects = c.desk.link(LinkEvent::Up);
                effects.extend(c.desk.link(last_result(Inquiry::NotFound, None)));
                c.answer_all(effects)
            },
            false,
        ),
        (
            "a payment refused, because it is off the link",
            |c| {
                c.desk.after_ms(10);
                let mut effects = c.desk.link(LinkEvent::Up);
                effects.extend(c.desk.link(answer(result(ResultCode::Standalone))));
                c.answer_all(effects)
            },
            false,
        ),
    ];
    for (name, says, back) in rows {
        let mut counter = void_at(Page::BackToLink);
        counter.key(Key::F(5));
        let entries = says(&mut counter);
        assert_eq!(step(&entries).is_some(), back, "{name} {entries:?}");
        assert_eq!(counter.page() == Page::Done, back, "{name}");
    }
}

#[test]
fn an_answer_to_a_question_from_before_the_slip_was_typed_is_no_proof() {
    let mut counter = void_at(Page::EnterSlip);
    // The pane asks; the answer takes its time.
    let effects = counter.desk.after_ms(70_000);
    assert_eq!(to_terminal(&effects), vec![LinkRequest::Connect]);
    counter.desk.link(LinkEvent::Up);
    counter.form("00456", "3430");
    counter.key(Key::F(12));
    assert_eq!(counter.page(), Page::BackToLink);
    let effects = counter.desk.link(idle_status());
    assert_eq!(counter.answer_all(effects), vec![]);
    assert_eq!(counter.page(), Page::BackToLink);
}

#[test]
fn an_answer_from_before_it_was_taken_off_is_no_proof_though_the_step_was_told_as_refused() {
    let mut counter = void_at(Page::LeaveLink);
    counter.terminal_says(TerminalState::Idle);
    counter.pass(800);
    let mut effects = counter.desk.press(Key::F(12));
    effects.extend(counter.pass(100));
    let [request] = requests(&effects).try_into().expect("one");
    let StoreRequest::Write { stamp, entry } = request.clone() else {
        panic!("{request:?}")
    };
    assert_eq!(
        step(std::slice::from_ref(&entry)),
        Some(Step::OffLink),
        "{entry:?}"
    );
    // It is in the books all the same.
    counter.entries.push((stamp, entry));
    counter.desk.stored(Stored::Failed {
        request: Box::new(request),
        trouble: StoreTrouble::Locked,
    });
    let tasks = counter.tasks();
    let effects = counter.desk.stored(Stored::Tasks(tasks));
    assert_eq!(counter.answer_all(effects), vec![]);
    let entries = counter.key(Key::F(9));
    assert_eq!(entries.len(), 1, "set aside, and no more: {entries:?}");
    assert_eq!(step(&entries), Some(Step::Paused));
    assert_eq!(counter.desk.state.unsettled(), 1);
}

#[test]
fn while_it_is_worked_an_idle_answer_warns_and_ends_nothing() {
    let mut counter = void_at(Page::Operate);
    counter.desk.after_ms(70_000);
    assert_eq!(counter.terminal_says(TerminalState::Idle), vec![]);
    assert_eq!(counter.page(), Page::Operate);
    let Screen::Wizard(wizard) = &counter.desk.state.screen else {
        panic!()
    };
    assert!(wizard.still_answers(&counter.desk.state));
}

#[test]
fn a_terminal_that_was_put_back_meanwhile_is_taken_off_again_before_it_is_worked() {
    let mut counter = void_at(Page::Operate);
    counter.key(Key::F(9));
    counter.desk.after_ms(70_000);
    assert_eq!(
        step(&counter.terminal_says(TerminalState::Idle)),
        Some(Step::BackOnLink)
    );
    counter.take_up_again();
    assert_eq!(counter.page(), Page::LeaveLink);
    assert_eq!(step(&counter.key(Key::F(12))), Some(Step::OffLink));
    assert_eq!(counter.page(), Page::Operate);
}

#[test]
fn a_terminal_off_the_link_takes_no_payment_until_one_key_has_asked_it() {
    let mut counter = void_at(Page::BackToLink);
    counter.key(Key::F(9));
    assert_eq!(counter.desk.screen_name(), "register");
    counter.type_text("500");
    counter.key(Key::Enter);
    counter.key(Key::F(12));
    counter.key(Key::F(6));
    counter.key(Key::F(12));
    assert_eq!(note(&counter.desk), Some(Text::TerminalOffLink));
    assert_eq!(counter.desk.screen_name(), "card select");
    counter.key(Key::F(9));
    counter.key(Key::F(5));
    assert_eq!(
        step(&counter.terminal_says(TerminalState::Idle)),
        Some(Step::BackOnLink)
    );
    assert_eq!(counter.desk.state.unsettled(), 0);
    counter.key(Key::F(6));
    counter.key(Key::F(12));
    assert_eq!(counter.desk.screen_name(), "checkout");
}

#[test]
fn the_form_takes_what_a_slip_says_and_nothing_else() {
    for (number, amount, refused) in [
        ("", "3430", Some(Text::SlipNumberEmpty)),
        ("12", "3430", Some(Text::SlipNumberTooShort)),
        ("4111111111111111", "3430", Some(Text::LooksLikeCardNumber)),
        ("00456", "", Some(Text::AmountEmpty)),
        ("00456", "3431", Some(Text::WizardAmountDiffers)),
        ("00456", "-3430", Some(Text::AmountNegative)),
        ("00456", "３，４３０", None),
    ] {
        let mut counter = void_at(Page::EnterSlip);
        counter.form(number, amount);
        let entries = counter.key(Key::F(12));
        assert_eq!(note(&counter.desk), refused, "{number} {amount}");
        assert_eq!(entries.is_empty(), refused.is_some(), "{number} {amount}");
        if refused.is_some() {
            let Screen::Wizard(wizard) = &counter.desk.state.screen else {
                panic!()
            };
            assert_eq!(wizard.form.field(SlipField::Number).text(), number);
        }
    }
}

fn row_with(number: &str) -> HistoryRow {
    HistoryRow {
        slip: SlipNumber::new(7),
        stamp: settings().stamp(Desk::with(settings()).now),
        kind: SaleKind::Sale,
        state: SaleState::Settled,
        total: Yen::new(900),
        taken_back: Yen::ZERO,
        card: Some(madoguchi::app::message::HistoryCard {
            name: Bilingual::new("JCB", "JCB"),
            class_name: Bilingual::new("クレジット", "Credit"),
            link: LinkKind::Linked,
            sequence_number: None,
            terminal_slip: TerminalSlipNumber::new(number).ok(),
        }),
    }
}

#[test]
fn a_number_that_belongs_elsewhere_is_questioned_and_only_its_digit_answers() {
    use wizard::Doubt;
    for (number, doubt) in [
        ("00456", Doubt::Used(SlipNumber::new(7))),
        ("123", Doubt::Original),
        ("3430", Doubt::Amount),
        ("003430", Doubt::Amount),
        // Typed behind an Esc, which took its 3 for F3.
        ("430", Doubt::Amount),
    ] {
        let mut counter = void_at(Page::EnterSlip);
        counter.rows = vec![row_with("456")];
        counter.form(number, "3430");
        assert_eq!(counter.key(Key::F(12)), vec![], "{number}");
        assert_eq!(counter.page(), Page::Doubt, "{number}");
        let Screen::Wizard(wizard) = &counter.desk.state.screen else {
            panic!()
        };
        assert_eq!(wizard.question, Some(wizard::Question::Doubt(doubt)));
        for key in [Key::F(12), Key::Enter, Key::Char(' '), Key::Char('2')] {
            assert_eq!(counter.key(key), vec![], "{key:?}");
            assert_eq!(counter.page(), Page::Doubt);
        }
        let entries = counter.key(Key::Char('1'));
        assert!(matches!(entries.as_slice(), [Entry::Posted { .. }]));
    }
}

#[test]
fn a_number_in_doubt_can_be_corrected() {
    let mut counter = void_at(Page::EnterSlip);
    counter.form("00123", "3430");
    counter.key(Key::F(12));
    counter.key(Key::F(9));
    assert_eq!(counter.page(), Page::EnterSlip);
    // The cursor stands in the number, wherever it was left.
    counter.key(Key::Ctrl('u'));
    counter.type_text("00456");
    assert_eq!(counter.key(Key::F(12)).len(), 1);
}

#[test]
fn giving_up_takes_its_digit_and_the_amount_and_the_terminal_still_goes_back() {
    for page in [Page::LeaveLink, Page::Operate, Page::EnterSlip] {
        let mut counter = void_at(page);
        assert_eq!(counter.key(Key::F(8)), vec![]);
        assert_eq!(counter.page(), Page::GiveUp);
        assert_eq!(counter.key(Key::Enter), vec![]);
        counter.key(Key::Char('1'));
        counter.type_text("3431");
        assert_eq!(counter.key(Key::Enter), vec![]);
        assert_eq!(note(&counter.desk), Some(Text::AmountDiffers));
        counter.key(Key::Backspace);
        counter.type_text("0");
        let entries = counter.key(Key::Enter);
        assert!(
            matches!(
                entries.as_slice(),
                [Entry::Released {
                    reason: NotCharged::GivenUp,
                    evidence: Evidence::Operator { proof, .. },
                    ..
                }] if proof == "3430"
            ),
            "{entries:?}"
        );
        let next = match page {
            Page::LeaveLink => Page::Done,
            _ => Page::BackToLink,
        };
        assert_eq!(counter.page(), next, "{page:?}");
    }
}

#[test]
fn without_an_answer_two_different_people_and_a_reason_let_it_go() {
    for (reason, amount, code, name, refused) in [
        ("故障", "3430", "", "", Some(Text::WizardReasonShort)),
        ("端末を交換した", "343", "", "", Some(Text::AmountDiffers)),
        ("端末を交換した", "3430", "03", "", Some(Text::SecondIsSame)),
        (
            "端末を交換した",
            "3430",
            "07",
            "佐藤",
            Some(Text::SecondIsSame),
        ),
        ("端末を交換した", "3430", "07", "鈴木", None),
    ] {
        let mut counter = void_at(Page::BackToLink);
        counter.key(Key::F(8));
        assert_eq!(counter.page(), Page::People);
        let mut entries = Vec::new();
        for text in [reason, amount, code, name] {
            assert_eq!(entries, vec![], "nothing is written before the last word");
            if !text.is_empty() {
                counter.pass(800);
                counter.type_text(text);
                entries = counter.key(Key::Enter);
            }
        }
        match refused {
            Some(text) => {
                assert_eq!(
                    note(&counter.desk),
                    Some(text),
                    "{reason} {amount} {code} {name}"
                );
                assert_eq!(entries, vec![]);
            }
            None => {
                assert!(
                    matches!(
                        entries.as_slice(),
                        [Entry::Explained { operator, second, .. }]
                            if operator.code == "03" && second.code == "07"
                    ),
                    "{entries:?}"
                );
                assert_eq!(counter.page(), Page::Done);
            }
        }
    }
}

#[test]
fn a_terminal_without_a_port_skips_the_link() {
    let mut counter = Counter::over(Desk::open());
    let mut effects = Vec::new();
    wizard::begin(
        &mut counter.desk.state,
        draft(SaleKind::Sale),
        place(None),
        Why::NotCarried,
        &mut effects,
    );
    counter.answer_all(effects);
    counter.key(Key::F(12));
    assert_eq!(counter.page(), Page::Operate);
    counter.key(Key::F(12));
    counter.form("00456", "3430");
    counter.key(Key::F(12));
    assert_eq!(counter.page(), Page::Done);
    assert_eq!(counter.desk.state.today.sales, 1);
}

#[test]
fn a_terminal_that_cannot_be_asked_is_proved_by_the_next_payment_it_answers() {
    let mut settings = settings();
    let cat = settings.cats.get_mut(&CatId::Cat1).unwrap();
    cat.model.capabilities.status = false;
    let mut desk = Desk::with(settings);
    desk.state.start();
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    let mut counter = Counter::over(desk);
    let mut effects = Vec::new();
    wizard::begin(
        &mut counter.desk.state,
        draft(SaleKind::Sale),
        place(Some(CatId::Cat1)),
        Why::NotCarried,
        &mut effects,
    );
    for _ in 0..3 {
        counter.key(Key::F(12));
    }
    counter.key(Key::F(9));
    counter.type_text("500");
    counter.key(Key::Enter);
    counter.key(Key::F(12));
    counter.key(Key::F(6));
    counter.key(Key::F(12));
    assert_eq!(note(&counter.desk), Some(Text::TerminalInHand));
    counter.key(Key::F(9));
    counter.key(Key::F(9));
    counter.key(Key::F(8));
    counter.take_up_again();
    counter.form("00456", "3430");
    counter.key(Key::F(12));
    counter.key(Key::F(5));
    assert_eq!(note(&counter.desk), Some(Text::TerminalCannotBeAsked));
    counter.key(Key::F(9));
    assert_eq!(counter.desk.state.unsettled(), 1);

    counter.type_text("3430");
    for key in [Key::Enter, Key::F(12), Key::F(6), Key::Enter] {
        counter.key(key);
    }
    counter.desk.after_ms(800);
    counter.desk.press(Key::F(12));
    counter.desk.stored(pended());
    let effects = counter.desk.link(LinkEvent::Up);
    counter.desk.durable(&effects);
    let effects = counter.desk.link(answer(result(ResultCode::Approved)));
    assert!(
        requests(&effects).iter().any(|request| matches!(
            request,
            StoreRequest::Write {
                entry: Entry::Step {
                    step: Step::BackOnLink,
                    ..
                },
                ..
            }
        )),
        "{effects:?}"
    );
}

#[test]
fn the_bill_goes_with_the_work_and_comes_back_where_it_is_given_up() {
    let mut counter = Counter::over(by_hand_page());
    counter.key(Key::F(12));
    assert_eq!(counter.page(), Page::Confirm);
    let begun = counter.key(Key::F(12));
    let [Entry::ByHand { sale, why, .. }] = begun.as_slice() else {
        panic!("{begun:?}")
    };
    assert_eq!(*why, Why::NotCarried);
    assert!(
        matches!(
            sale.card(),
            Some(Tender::Card {
                link: LinkKind::Manual,
                ..
            })
        ),
        "recorded as 手動"
    );
    assert_eq!(
        counter.desk.state.basket.lines,
        vec![],
        "it cannot be paid a second time meanwhile"
    );
    counter.key(Key::F(8));
    counter.key(Key::Char('1'));
    counter.type_text("3430");
    counter.key(Key::Enter);
    assert_eq!(counter.page(), Page::Done);
    counter.key(Key::F(12));
    assert_eq!(counter.desk.screen_name(), "not charged");
    assert_eq!(counter.desk.state.due(), Yen::new(3_430));
    assert_eq!(
        counter.desk.state.basket.order,
        Some(SlipNumber::new(41)),
        "the next attempt is of the same order"
    );
}

/// The steps of a card class that the link does not take.
fn by_hand_page() -> Desk {
    let mut settings = settings();
    let cat = settings.cats.get_mut(&CatId::Cat1).unwrap();
    cat.model.accepts = Some(vec![madoguchi::domain::tender::CardClass(3)]);
    let mut desk = Desk::with(settings);
    desk.state.start();
    desk.stored(Stored::Opened {
        unresolved: vec![],
        unshown: None,
        today: DayCount::default(),
        terminals: Default::default(),
        sent: Default::default(),
    });
    desk.line("3430");
    for key in [
        Key::F(12),
        Key::F(6),
        Key::Home,
        Key::Up,
        Key::Up,
        Key::Enter,
    ] {
        desk.press(key);
    }
    assert_eq!(desk.screen_name(), "by hand");
    desk
}

#[test]
fn what_the_link_did_not_charge_goes_by_hand_by_its_own_digit_and_stays_one_order() {
    let mut desk = Desk::calling();
    let effects = desk.link(LinkEvent::Down {
        cause: Break::Unreachable,
        detail: String::new(),
    });
    desk.durable(&effects);
    assert_eq!(desk.screen_name(), "not charged");
    let mut counter = Counter::over(desk);
    for key in [Key::F(12), Key::Enter] {
        assert_eq!(counter.key(key), vec![]);
        assert_eq!(counter.desk.screen_name(), "not charged", "{key:?}");
    }
    counter.key(Key::Char('4'));
    assert_eq!(counter.page(), Page::Confirm);
    let begun = counter.key(Key::F(12));
    let [Entry::ByHand { sale, why, .. }] = begun.as_slice() else {
        panic!("{begun:?}")
    };
    assert_eq!((*why, sale.order), (Why::LinkFailed, Some(slip())));
}

#[test]
fn a_card_that_was_refused_is_not_tried_by_hand() {
    let mut desk = Desk::waiting();
    let effects = desk.link(answer(result(ResultCode::CenterError {
        center_result_code: None,
    })));
    desk.durable(&effects);
    let mut counter = Counter::over(desk);
    counter.key(Key::Char('4'));
    assert_eq!(counter.desk.screen_name(), "not charged");
    assert_eq!(note(&counter.desk), Some(Text::WizardCardRefused));
}

#[test]
fn a_sale_made_at_the_terminal_already_goes_straight_to_its_slip() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(6));
    let mut counter = Counter::over(desk);
    counter.key(Key::F(7));
    assert_eq!(counter.page(), Page::Confirm);
    let begun = counter.key(Key::F(12));
    assert!(matches!(
        begun.as_slice(),
        [Entry::ByHand {
            why: Why::MadeStandalone,
            ..
        }]
    ));
    assert_eq!(counter.page(), Page::EnterSlip);
    counter.form("00456", "3430");
    counter.key(Key::F(12));
    assert_eq!(counter.page(), Page::Done);
}

/// A desk whose terminal takes no linked payment now, and why.
fn refused_desks() -> [(Desk, Text); 3] {
    let mut parked = gave_up();
    let effects = parked.answer('3');
    parked.durable(&effects);
    parked.after_ms(1_000);
    let mut off = void_at(Page::BackToLink);
    off.key(Key::F(9));
    let mut switched_off = Desk::open();
    switched_off.state.settings.cats.clear();
    [
        (parked, Text::TerminalHasUnresolved),
        (off.desk, Text::TerminalOffLink),
        (switched_off, Text::LinkSwitchedOff),
    ]
}

#[test]
fn a_sale_made_at_the_terminal_is_recorded_while_no_card_goes_over_the_link() {
    for (mut desk, why) in refused_desks() {
        desk.line("500");
        desk.press(Key::F(12));
        desk.press(Key::F(6));
        assert_eq!(desk.screen_name(), "card select", "{why:?}");
        assert_eq!(note(&desk), Some(Text::CardsMadeOnly), "{why:?}");
        assert_eq!(desk.press(Key::F(12)), vec![], "{why:?}");
        assert_eq!(note(&desk), Some(why));
        let mut counter = Counter::over(desk);
        counter.key(Key::F(7));
        let begun = counter.key(Key::F(12));
        let [Entry::ByHand { sale, why: by, .. }] = begun.as_slice() else {
            panic!("{why:?}: {begun:?}")
        };
        assert_eq!((*by, sale.order), (Why::MadeStandalone, None), "{why:?}");
        counter.form("00456", "500");
        let posted = counter.key(Key::F(12));
        assert!(
            matches!(posted.as_slice(), [Entry::Posted { .. }]),
            "{why:?}: {posted:?}"
        );
        assert_eq!(counter.page(), Page::Done, "{why:?}");
    }
}

#[test]
fn a_slip_that_may_be_that_of_the_unknown_sale_is_not_recorded_as_another() {
    let mut desk = gave_up();
    let effects = desk.answer('3');
    desk.durable(&effects);
    desk.after_ms(1_000);
    desk.line("3430");
    desk.press(Key::F(12));
    desk.press(Key::F(6));
    assert_eq!(desk.press(Key::F(7)), vec![]);
    assert_eq!(note(&desk), Some(Text::MadeMayBeUnknown));
    assert_eq!(desk.screen_name(), "card select");
    // What cash takes of it leaves another amount to the card, and no slip of that one bears it.
    desk.press(Key::F(9));
    desk.text("430");
    desk.press(Key::F(6));
    desk.press(Key::F(7));
    assert_eq!(desk.screen_name(), "wizard");
}

#[test]
fn an_outcome_is_looked_for_page_by_page_and_settled_by_what_is_typed() {
    for found in [true, false] {
        let mut counter = Counter::over(gave_up());
        counter.key(Key::Char('4'));
        assert_eq!(counter.page(), Page::Confirm);
        let record = desk::record(&counter.desk);
        assert_eq!(record.by_hand, None, "nothing is written yet");
        assert_eq!(step(&counter.key(Key::F(12))), Some(Step::Resumed));
        assert_eq!(counter.page(), Page::LeaveLink);
        assert_eq!(step(&counter.key(Key::F(12))), Some(Step::OffLink));
        assert_eq!(step(&counter.key(Key::F(12))), Some(Step::Operated));
        assert_eq!(counter.page(), Page::EnterSlip);
        let entries = if found {
            counter.form("00456", "3430");
            counter.key(Key::F(12))
        } else {
            counter.key(Key::F(8));
            counter.key(Key::Char('1'));
            counter.type_text("3430");
            counter.key(Key::Enter)
        };
        match (found, entries.as_slice()) {
            (
                true,
                [
                    Entry::Posted {
                        evidence: Evidence::Operator { .. },
                        ..
                    },
                    Entry::Shown { .. },
                ],
            )
            | (
                false,
                [
                    Entry::Released {
                        reason: NotCharged::OperatorSawNone,
                        ..
                    },
                ],
            ) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(counter.page(), Page::BackToLink);
        assert!(counter.desk.state.open.is_empty());
        assert_eq!(counter.desk.state.today.sales, u32::from(found));
        counter.key(Key::F(5));
        counter.terminal_says(TerminalState::Idle);
        assert_eq!(counter.page(), Page::Done);
        counter.key(Key::F(12));
        let next = if found { "register" } else { "not charged" };
        assert_eq!(counter.desk.screen_name(), next);
        let due = if found { 0 } else { 3_430 };
        assert_eq!(
            counter.desk.state.due(),
            Yen::new(due),
            "a bill that is paid is not asked for again"
        );
    }
}

#[test]
fn a_bill_that_was_let_go_is_on_the_desk_at_once_and_paid_from_there_comes_back_no_more() {
    for (desk, doorway) in [(gave_up(), Key::Char('4')), (by_hand_page(), Key::F(12))] {
        let mut counter = Counter::over(desk);
        counter.key(doorway);
        for _ in 0..3 {
            counter.key(Key::F(12));
        }
        counter.key(Key::F(8));
        counter.key(Key::Char('1'));
        counter.type_text("3430");
        counter.key(Key::Enter);
        assert_eq!(counter.page(), Page::BackToLink);
        let Screen::Wizard(work) = &counter.desk.state.screen else {
            panic!("{}", counter.desk.screen_name())
        };
        let record = work.record().expect("begun").clone();
        // The terminal stays off the link; the patient does not wait for it.
        counter.key(Key::F(9));
        assert_eq!(counter.desk.screen_name(), "register");
        assert_eq!(counter.desk.state.due(), Yen::new(3_430));
        counter.key(Key::F(12));
        counter.key(Key::F(7));
        let effects = counter.desk.press(Key::F(12));
        let [request] = requests(&effects).try_into().expect("one");
        let StoreRequest::Sell { stamp, sale } = request else {
            panic!("{request:?}")
        };
        assert_eq!(sale.order, Some(record.slip), "the same bill");
        let entry = Entry::Sold {
            slip: SlipNumber::new(40),
            sale,
        };
        let sold = SaleRecord::fold([(stamp, &entry)]).expect("legal");
        let sold = Box::new(sold.expect("a sale"));
        counter.desk.stored(Stored::Sold(sold));
        counter.key(Key::F(12));
        assert_eq!(counter.desk.screen_name(), "register");
        assert_eq!(counter.desk.state.due(), Yen::ZERO);
        // The work ends, and the bill does not come back with it.
        let task = Task::Hand(Box::new(record));
        counter.desk.stored(Stored::Tasks(vec![task]));
        counter.take_up_again();
        assert_eq!(counter.page(), Page::BackToLink);
        counter.key(Key::F(5));
        counter.terminal_says(TerminalState::Idle);
        assert_eq!(counter.page(), Page::Done);
        counter.key(Key::F(12));
        assert_eq!(counter.desk.screen_name(), "register");
        assert_eq!(counter.desk.state.due(), Yen::ZERO);
    }
}

#[test]
fn an_outcome_is_not_looked_for_while_the_terminal_is_asked() {
    let mut desk = Desk::unknown();
    desk.after_ms(500);
    desk.press(Key::Char('4'));
    assert_eq!(desk.screen_name(), "unknown");
    assert_eq!(note(&desk), Some(Text::StillAsking));
}

#[test]
fn looking_that_is_set_aside_leads_back_to_the_question() {
    let mut counter = Counter::over(gave_up());
    counter.key(Key::Char('4'));
    counter.key(Key::F(12));
    counter.key(Key::F(12));
    counter.key(Key::F(9));
    assert_eq!(counter.desk.screen_name(), "unknown");
    assert_eq!(counter.desk.state.unsettled(), 1, "one thing, not two");
}

#[test]
fn parts_and_corrections_put_their_bill_back_on_the_desk() {
    let mut desk = Desk::open();
    let lines = draft(SaleKind::Sale).lines;
    desk.stored(Stored::Tasks(vec![Task::PartPaid(PartPaid {
        order: SlipNumber::new(9),
        lines: lines.clone(),
        due: Yen::new(3_430),
        paid: Yen::new(430),
        parts: vec![SlipNumber::new(9)],
        bill: None,
    })]));
    assert_eq!(desk.state.unsettled(), 1);
    let mut counter = Counter::over(desk);
    counter.key(Key::F(4));
    counter.key(Key::Char('2'));
    counter.key(Key::Enter);
    assert_eq!(counter.desk.state.basket.lines, lines);
    assert_eq!(counter.desk.state.basket.order, Some(SlipNumber::new(9)));
}

/// Thousands of keys from a seed on one page: fingers, held keys, scanners, typed ahead. No time passes between most of them.
fn storm(counter: &mut Counter, seed: u64, keys: usize) -> Vec<Entry> {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |limit: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    let mut written = Vec::new();
    for _ in 0..keys {
        // What other screens take for an answer is theirs to say.
        if counter.desk.screen_name() != "wizard" {
            break;
        }
        let effects = match below(12) {
            0 => {
                let digits = (0..13).map(|_| char::from(b'0' + u8::try_from(below(10)).unwrap()));
                counter
                    .desk
                    .send(Message::Input(Input::Scan(digits.collect())))
            }
            1 => {
                // A scanner that types, and its Enter.
                let mut effects = Vec::new();
                for _ in 0..13 {
                    let c = char::from(b'0' + u8::try_from(below(10)).unwrap());
                    effects.extend(counter.desk.after_ms(5));
                    effects.extend(counter.desk.press(Key::Char(c)));
                }
                effects.extend(counter.desk.press(Key::Enter));
                effects
            }
            2 => {
                // A key that is held down.
                let key = [Key::F(12), Key::Enter, Key::F(8), Key::Char('1')]
                    [usize::try_from(below(4)).unwrap()];
                let mut effects = Vec::new();
                for _ in 0..20 {
                    effects.extend(counter.desk.after_ms(33));
                    effects.extend(counter.desk.press(key));
                }
                effects
            }
            3 => counter.desk.after_ms(below(1_500)),
            _ => {
                let key = match below(16) {
                    0..4 => Key::F(u8::try_from(below(12)).unwrap() + 1),
                    4 => Key::Enter,
                    5 => Key::Esc,
                    6 => Key::Tab,
                    7 => Key::Backspace,
                    8 => Key::Up,
                    _ => Key::Char(char::from(b'0' + u8::try_from(below(10)).unwrap())),
                };
                counter.desk.press(key)
            }
        };
        written.extend(counter.answer_all(effects));
    }
    written
}

#[test]
fn no_storm_of_keys_decides_money_at_any_stage() {
    let mut reached = 0;
    for page in PAGES {
        for seed in 0..60 {
            let mut counter = void_at(page);
            let entries = storm(&mut counter, seed, 120);
            reached += entries.len();
            for entry in &entries {
                let harmless = matches!(
                    entry,
                    Entry::ByHand { .. }
                        | Entry::Step { .. }
                        | Entry::Audit { .. }
                        | Entry::Sold { .. }
                );
                assert!(harmless, "{page:?} seed {seed}: {entry:?}");
                assert!(
                    !matches!(
                        entry,
                        Entry::Step {
                            step: Step::BackOnLink,
                            ..
                        }
                    ),
                    "{page:?} seed {seed}: no terminal answered"
                );
            }
        }
    }
    assert!(reached > 0, "the storms do reach the books");
}

/// The questions, put by their keys; and the pages of a sale whose outcome is looked for.
#[test]
fn no_storm_of_keys_answers_a_question_or_settles_an_outcome() {
    type Start = fn() -> Counter;
    let starts: [(&str, Start); 6] = [
        ("give up", || {
            let mut counter = void_at(Page::Operate);
            counter.key(Key::F(8));
            counter
        }),
        ("give up, the digit given", || {
            let mut counter = void_at(Page::Operate);
            counter.key(Key::F(8));
            counter.key(Key::Char('1'));
            counter
        }),
        ("two people", || {
            let mut counter = void_at(Page::BackToLink);
            counter.key(Key::F(8));
            counter
        }),
        ("booked first", || {
            let mut counter = booked_at_operate();
            counter.key(Key::F(8));
            counter
        }),
        ("outcome", || {
            let mut counter = Counter::over(gave_up());
            counter.key(Key::Char('4'));
            counter
        }),
        ("outcome, at its slip", || {
            let mut counter = Counter::over(gave_up());
            counter.key(Key::Char('4'));
            for _ in 0..3 {
                counter.key(Key::F(12));
            }
            assert_eq!(counter.page(), Page::EnterSlip);
            counter
        }),
    ];
    for (name, start) in starts {
        for seed in 100..120 {
            let mut counter = start();
            for entry in storm(&mut counter, seed, 120) {
                assert!(
                    !matches!(
                        entry,
                        Entry::Posted { .. } | Entry::Released { .. } | Entry::Explained { .. }
                    ),
                    "{name} seed {seed}: {entry:?}"
                );
            }
        }
    }
}

#[test]
fn a_terminal_that_answers_while_two_people_explain_leaves_nothing_to_explain() {
    let mut counter = void_at(Page::BackToLink);
    counter.key(Key::F(8));
    assert_eq!(counter.page(), Page::People);
    counter.pass(800);
    counter.type_text("端末を交換しました");
    let asked = counter.desk.link(LinkEvent::Up);
    counter.answer_all(asked);
    assert_eq!(
        step(&counter.terminal_says(TerminalState::Idle)),
        Some(Step::BackOnLink)
    );
    assert_eq!(counter.page(), Page::Done);
}

/// Our side was booked first: the site's setting, as the books answer it.
fn booked_at_operate() -> Counter {
    let mut counter = void_at(Page::Operate);
    let booked = Entry::Booked {
        slip: SlipNumber::new(41),
        operator: settings().operator,
    };
    let stamp = counter.desk.state.settings.stamp(counter.desk.now);
    counter.entries.push((stamp, booked.clone()));
    let effects = counter.desk.stored(Stored::Written(booked));
    counter.answer_all(effects);
    assert_eq!(counter.page(), Page::Operate);
    counter
}

#[test]
fn what_is_booked_first_is_taken_back_by_two_people() {
    let mut counter = booked_at_operate();
    counter.key(Key::F(8));
    assert_eq!(counter.page(), Page::People);
    let mut entries = Vec::new();
    for text in ["端末が故障した", "3430", "07", "鈴木"] {
        counter.pass(800);
        counter.type_text(text);
        entries = counter.key(Key::Enter);
    }
    assert!(
        matches!(
            entries.as_slice(),
            [Entry::Released {
                reason: NotCharged::GivenUp,
                evidence: Evidence::TwoPeople { second, .. },
                ..
            }] if second.code == "07"
        ),
        "{entries:?}"
    );
    assert_eq!(counter.page(), Page::BackToLink);
}

#[test]
fn a_sale_that_is_booked_first_counts_from_then_on_and_once() {
    for given_up in [false, true] {
        let mut desk = Desk::open();
        desk.state.settings.undo.first_side = Side::Counter;
        let mut counter = Counter::over(desk);
        let sold = draft(SaleKind::Sale);
        let mut effects = Vec::new();
        wizard::begin(
            &mut counter.desk.state,
            sold,
            place(Some(CatId::Cat1)),
            Why::NotCarried,
            &mut effects,
        );
        counter.answer_all(effects);
        counter.key(Key::F(12));
        assert_eq!(counter.desk.state.today.sales, 1, "our slip is out");
        counter.key(Key::F(12));
        if given_up {
            counter.key(Key::F(8));
            for text in ["端末が故障した", "3430", "07", "鈴木"] {
                counter.pass(800);
                counter.type_text(text);
                counter.key(Key::Enter);
            }
        } else {
            counter.key(Key::F(12));
            counter.form("00456", "3430");
            counter.key(Key::F(12));
        }
        assert_eq!(counter.page(), Page::BackToLink);
        let today = counter.desk.state.today;
        let left = u32::from(!given_up);
        assert_eq!(today.sales, left);
        assert_eq!(today.total, Yen::new(3_430 * i64::from(left)));
    }
}

#[test]
fn a_part_whose_slip_is_out_before_the_terminals_is_not_asked_for_again() {
    let mut desk = Desk::open();
    let stamp = desk.state.settings.stamp(desk.now);
    let slip = SlipNumber::new(9);
    let mut part = draft(SaleKind::Sale);
    part.lines[0].unit = Yen::new(5_000);
    part.part = true;
    let operator = settings().operator;
    let begun = Entry::ByHand {
        slip,
        sale: part.clone(),
        place: place(Some(CatId::Cat1)),
        why: Why::NotCarried,
        first: Side::Counter,
        operator: operator.clone(),
    };
    let booked = Entry::Booked { slip, operator };
    let record = SaleRecord::fold([(stamp, &begun), (stamp, &booked)])
        .expect("legal")
        .expect("a slip");
    desk.stored(Stored::Tasks(vec![Task::PartPaid(PartPaid {
        order: slip,
        lines: part.lines,
        due: Yen::new(5_000),
        paid: Yen::new(3_430),
        parts: vec![slip],
        bill: None,
    })]));
    let mut counter = Counter::over(desk);
    counter.original = Some(record);
    counter.take_up_again();
    assert_eq!(counter.desk.state.outstanding(), Yen::new(1_570));
}

#[test]
fn a_part_that_was_taken_back_is_asked_for_again_where_its_own_work_ends_later() {
    let order = SlipNumber::new(9);
    for (taken_back, reading) in [(false, vec![9, 41]), (true, vec![9])] {
        let mut counter = Counter::over(Desk::open());
        // What was asked at the start.
        counter.desk.stored(Stored::Tasks(vec![]));
        let mut part = draft(SaleKind::Sale);
        part.lines[0].unit = Yen::new(9_430);
        part.part = true;
        part.order = Some(order);
        let known = |parts: Vec<u32>, paid| PartPaid {
            order,
            lines: part.lines.clone(),
            due: Yen::new(9_430),
            paid: Yen::new(paid),
            parts: parts.into_iter().map(SlipNumber::new).collect(),
            bill: None,
        };
        counter.part_paid = Some(known(vec![9], 1_000));
        let (state, mut effects) = (&mut counter.desk.state, Vec::new());
        let place = place(Some(CatId::Cat1));
        wizard::begin(state, part.clone(), place, Why::NotCarried, &mut effects);
        counter.answer_all(effects);
        for _ in 0..3 {
            counter.key(Key::F(12));
        }
        counter.form("00456", "3430");
        counter.part_paid = Some(known(vec![9, 41], 4_430));
        counter.key(Key::F(12));
        assert_eq!(counter.page(), Page::BackToLink);
        // Set aside; another slip gives this part back; and only then the terminal is put back.
        counter.key(Key::F(9));
        if taken_back {
            counter.part_paid = Some(known(vec![9], 1_000));
        }
        counter.take_up_again();
        counter.terminal_says(TerminalState::Idle);
        assert_eq!(counter.page(), Page::Done);
        counter.desk.after_ms(800);
        let effects = counter.desk.press(Key::F(12));
        let asked: Vec<u32> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Store(StoreRequest::Find(slip)) => Some(slip.get()),
                _ => None,
            })
            .collect();
        assert_eq!(asked, reading, "{taken_back}: {effects:?}");
    }
}

#[test]
fn what_is_booked_first_is_ended_by_the_terminals_slip() {
    let mut counter = booked_at_operate();
    counter.key(Key::F(12));
    counter.form("00456", "3430");
    assert!(matches!(
        counter.key(Key::F(12)).as_slice(),
        [Entry::Posted { .. }]
    ));
    assert_eq!(counter.page(), Page::BackToLink);
}

#[test]
fn a_held_key_leads_one_page_on_and_no_further() {
    for page in &PAGES[..3] {
        let mut counter = void_at(*page);
        let mut entries = Vec::new();
        counter.desk.after_ms(800);
        for _ in 0..200 {
            let mut effects = counter.desk.press(Key::F(12));
            effects.extend(counter.desk.after_ms(33));
            entries.extend(counter.answer_all(effects));
        }
        assert_eq!(entries.len(), 1, "{page:?} {entries:?}");
    }
}

/// The console has a printer from here on.
fn with_printer(counter: &mut Counter) {
    counter.desk.state.settings.paper.printer = Some(PrinterSetting {
        address: "tcp://192.0.2.1:9100".into(),
        auto: true,
    });
    let recalled = PrinterEvent::Recalled {
        since: wall(),
        begun: vec![],
        forgotten: vec![],
    };
    counter.desk.send(Message::Printer(recalled));
}

#[test]
fn what_is_still_to_be_done_is_printed_for_a_colleague_and_the_slip_when_it_is_settled() {
    let mut counter = void_at(Page::Operate);
    assert_eq!(counter.desk.press(Key::F(2)), vec![]);
    assert_eq!(note(&counter.desk), Some(Text::NoPrinter));
    with_printer(&mut counter);
    let effects = counter.desk.press(Key::F(2));
    let Some(Effect::Store(StoreRequest::Paper(slip))) = effects.first().cloned() else {
        panic!("{effects:?}");
    };
    let facts = Some(Box::new(SlipFacts::of(counter.record(slip))));
    let effects = counter.desk.stored(Stored::Paper { slip, facts });
    let [
        Effect::Print(PrintRequest::Print {
            number,
            document,
            facts,
        }),
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(*document, Document::Task);
    assert!(
        facts.steps.len() >= 2,
        "operate, and back on the link: {:?}",
        facts.steps
    );
    let (number, replaced) = (*number, 0);
    let printed = PrinterEvent::Printed { number, replaced };
    let effects = counter.desk.send(Message::Printer(printed));
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::Store(StoreRequest::Write {
            entry: Entry::Printed {
                document: Document::Task,
                ..
            },
            ..
        })
    )));
    counter.key(Key::F(12));
    counter.form("00456", "3430");
    let written = counter.key(Key::F(12));
    assert!(
        written
            .iter()
            .any(|entry| matches!(entry, Entry::Posted { .. }))
    );
    let waiting = &counter.desk.state.printing.waiting;
    let papers: Vec<_> = waiting.iter().map(|w| (w.slip, w.document)).collect();
    assert_eq!(papers, [(Some(slip), Document::Slip)]);
}

#[test]
fn the_rest_of_a_bill_is_not_asked_for_while_one_of_its_parts_is_unfinished() {
    let mut desk = Desk::open();
    let stamp = desk.state.settings.stamp(desk.now);
    let operator = settings().operator;
    let mut part = draft(SaleKind::Sale);
    part.lines[0].unit = Yen::new(5_000);
    part.part = true;
    part.order = Some(SlipNumber::new(9));
    let begun = Entry::ByHand {
        slip: SlipNumber::new(10),
        sale: part.clone(),
        place: place(Some(CatId::Cat1)),
        why: Why::NotCarried,
        first: Side::Terminal,
        operator,
    };
    let record = SaleRecord::fold([(stamp, &begun)]);
    desk.state.open = vec![record.expect("legal").expect("a slip")];
    let task = PartPaid {
        order: SlipNumber::new(9),
        lines: part.lines,
        due: Yen::new(5_000),
        paid: Yen::new(1_000),
        parts: vec![SlipNumber::new(9)],
        bill: None,
    };
    desk.stored(Stored::Tasks(vec![Task::PartPaid(task)]));
    for key in [Key::F(4), Key::Char('2'), Key::Down, Key::Enter] {
        desk.press(key);
        desk.after_ms(800);
    }
    assert_eq!(desk.screen_name(), "unresolved");
    let note = desk.state.note.as_ref().expect("a sentence");
    assert_eq!(note.text, Text::PartUnfinished);
}
