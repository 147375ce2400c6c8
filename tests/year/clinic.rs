//! The clinic: its days, its customers one after the other, the person at the keys, and the evening.

use std::collections::VecDeque;

use chrono::{DateTime, Duration, FixedOffset};
use madoguchi::app::Screen;
use madoguchi::app::bill::BillScreen;
use madoguchi::app::key::Key;
use madoguchi::app::message::Message;
use madoguchi::app::message::orca::OrcaEvent;
use madoguchi::app::message::{StoreRequest, Stored};
use madoguchi::app::popup::Popup;
use madoguchi::app::scan::Earlier;
use madoguchi::domain::ledger::Entry;
use madoguchi::domain::money::Yen;
use madoguchi::domain::reflection::{ReflectionStep, going_back};
use madoguchi::domain::sale::{Line, Operator, SaleKind, TaxClass, Undo};
use madoguchi::domain::tender::Tender;
use madoguchi::edge::store::verify;
use madoguchi::orca::answer::News;
use rusqlite::{Connection, OpenFlags};

use crate::audit::Audit;
use crate::counter::{Counter, patient};
use crate::people::{self, Customer, Found, Visited, Way};

const MINUTE_MS: u64 = 60_000;
/// So many keys for one customer are a counter that leads nowhere.
const TURNS_MAX: u32 = 300;
/// How often somebody comes back because the receipt computer did not answer.
const WAITS_MAX: u32 = 12;

pub(crate) struct Clinic {
    pub(crate) counter: Counter,
    audit: Audit,
    patients: u32,
    morning: DateTime<FixedOffset>,
    next_invoice: u32,
    /// What screens of the receipt computer took before us, to be put right.
    elsewhere: Vec<(String, String, i64)>,
    days: u32,
    served: u64,
    nothing_to_pay: u64,
    sent_away: u64,
    given_up: u64,
    taken_back: u64,
    explained: u64,
    listed_most: usize,
}

/// How large what is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Bytes of the books.
    pub(crate) file: u64,
    /// Bytes of what the console remembers, written out.
    pub(crate) remembered: u64,
    /// Resident memory of the whole test, its receipt computer included, in KiB.
    pub(crate) resident_kib: u64,
}

fn operator() -> Operator {
    Operator {
        code: "03".into(),
        name: "佐藤".into(),
    }
}

impl Clinic {
    pub(crate) fn new(seed: u64, patients: u32) -> Clinic {
        let morning = DateTime::parse_from_rfc3339("2026-04-01T04:00:00+09:00");
        let morning = morning.expect("a moment");
        Clinic {
            counter: Counter::new(seed, morning),
            audit: Audit::default(),
            patients,
            morning,
            next_invoice: 1_000,
            elsewhere: Vec::new(),
            days: 0,
            served: 0,
            nothing_to_pay: 0,
            sent_away: 0,
            given_up: 0,
            taken_back: 0,
            explained: 0,
            listed_most: 0,
        }
    }

    /// A business day, from four to four.
    pub(crate) fn day(&mut self) {
        self.days += 1;
        let mut dice = self.counter.dice.clone();
        let came = people::day(
            &mut dice,
            self.morning,
            self.patients,
            &mut self.next_invoice,
        );
        self.counter.dice = dice;
        let mut visits: VecDeque<Visited> = VecDeque::new();
        let mut queue: VecDeque<Customer> = VecDeque::new();
        for (customer, visited) in came {
            visits.push_back(visited);
            queue.push_back(customer);
        }
        visits
            .make_contiguous()
            .sort_by_key(|visited| visited.visit.accounted);
        while let Some(customer) = queue.pop_front() {
            // Nobody waits at an empty counter: time passes up to the next one.
            self.doctors(&mut visits, customer.at);
            self.counter.until(customer.at);
            self.counter.listen();
            self.troubles(&customer);
            if let Some(again) = self.serve(customer) {
                let place = queue.partition_point(|other| other.at <= again.at);
                queue.insert(place, again);
            }
            self.somebody_takes_back();
            self.listed_most = self.listed_most.max(self.counter.state.queue().len());
        }
    }

    /// Bills that are made up to a moment.
    fn doctors(&mut self, visits: &mut VecDeque<Visited>, until: DateTime<FixedOffset>) {
        let until = until.max(self.counter.now.wall);
        while visits
            .front()
            .is_some_and(|next| next.visit.accounted <= until)
        {
            let Some(Visited { visit, bills }) = visits.pop_front() else {
                return;
            };
            for bill in bills {
                self.counter.orca.computer.charge(bill);
            }
            self.counter.orca.computer.visited(visit);
        }
    }

    /// What goes wrong around a customer.
    fn troubles(&mut self, customer: &Customer) {
        let counter = &mut self.counter;
        let now = counter.now;
        let dice = &mut counter.dice;
        // Down for an hour or three, every other day; up again by midnight.
        let evening = now.wall.time() > people::boundary()
            && now.wall.time() < chrono::NaiveTime::from_hms_opt(20, 0, 0).expect("a time");
        if evening && dice.below(2 * u64::from(self.patients)) == 0 {
            counter.orca.down_until = now.mono_ms + 60 * MINUTE_MS + dice.below(120 * MINUTE_MS);
            counter.orca.count("down");
        }
        if dice.below(u64::from(self.patients)) < 2 {
            counter.orca.deaf_until = now.mono_ms + dice.below(60 * MINUTE_MS);
            counter.orca.count("deaf");
            let deaf = News::Deaf("closed".to_owned());
            counter.hear(Message::Orca(OrcaEvent::News(deaf)));
        } else if dice.chance(20) {
            counter.hear(Message::Orca(OrcaEvent::News(News::Listening)));
        }
        if counter.dice.chance(10) {
            let for_ms = MINUTE_MS + counter.dice.below(10 * MINUTE_MS);
            counter
                .orca
                .opened_elsewhere(now, &customer.patient, for_ms);
        }
        counter.settle();
        self.doctors_change_their_minds(customer);
    }

    /// 診療訂正 and 請求取消: an invoice becomes smaller than what was paid of it, or one that is not paid is taken away.
    fn doctors_change_their_minds(&mut self, customer: &Customer) {
        let counter = &mut self.counter;
        if !counter.dice.chance(8) {
            return;
        }
        let bills: Vec<_> = counter
            .orca
            .computer
            .bills_of(&customer.patient)
            .map(|bill| {
                (
                    bill.number.clone(),
                    bill.insured,
                    bill.received(),
                    bill.void,
                )
            })
            .collect();
        if bills.is_empty() {
            return;
        }
        let (number, insured, received, void) = counter.dice.pick(&bills).clone();
        let at = counter.now.wall;
        if received == 0 && !void && counter.dice.chance(300) {
            counter.orca.computer.voids(at, &number, true);
            counter.orca.count("voided");
        } else if !void {
            let less = insured * 9 / 10;
            counter.orca.computer.corrects(at, &number, less);
            counter.orca.count("corrected");
        }
        self.news_of(&customer.patient);
    }

    /// The person at the keys, until the customer goes. `Some`: she comes back later.
    fn serve(&mut self, mut customer: Customer) -> Option<Customer> {
        let mut begun = false;
        let mut ground = false;
        let mut way = Vec::new();
        for _ in 0..TURNS_MAX {
            way.push(
                format!("{:.12?}", self.counter.state.screen)
                    .chars()
                    .take(12)
                    .collect::<String>(),
            );
            if std::mem::take(&mut self.counter.killed) {
                // What was under way is looked at from the beginning.
                (begun, ground) = (false, false);
            }
            match self.turn(&customer, &mut begun, &mut ground) {
                Turn::Goes => return None,
                Turn::On => {}
                Turn::Later => {
                    customer.waits += 1;
                    if customer.waits > WAITS_MAX {
                        self.given_up += 1;
                        return None;
                    }
                    self.sent_away += 1;
                    customer.at = self.counter.now.wall + Duration::minutes(20);
                    return Some(customer);
                }
            }
        }
        let state = &self.counter.state;
        panic!(
            "nobody leads out of {:?} {:?} {:?}: {:?}",
            state.screen,
            state.popups,
            state.note,
            &way[way.len().saturating_sub(40)..]
        );
    }

    fn turn(&mut self, customer: &Customer, begun: &mut bool, ground: &mut bool) -> Turn {
        if let Some(popup) = self.counter.state.popups.last() {
            return self.popup(&popup.clone(), begun);
        }
        match &self.counter.state.screen {
            Screen::Register(_) if self.counter.state.basket.lines.is_empty() => {
                if *begun {
                    self.served += 1;
                    return Turn::Goes;
                }
                *begun = true;
                match (&customer.code, customer.found) {
                    (Some(code), _) => self.counter.scan(&code.clone()),
                    (None, Found::List) => self.counter.press(Key::F(5)),
                    (None, _) => self.counter.scan(&format!("P{}", customer.patient)),
                }
            }
            Screen::Register(_) => match customer.goods.filter(|_| !*ground) {
                Some(yen) => {
                    *ground = true;
                    self.counter.type_text(&yen.to_string());
                    self.counter.press(Key::Enter);
                }
                None => self.counter.press(Key::F(12)),
            },
            Screen::Worklist(list) if list.is_asking() => self.counter.after_ms(1_000),
            Screen::Worklist(_) => {
                self.counter.type_text(&customer.patient);
                self.counter.press(Key::Enter);
            }
            Screen::Bill(_) => return self.bill(customer),
            // Paid today, and only the screen was black: she goes.
            Screen::Scan(scan) if matches!(scan.earlier, Earlier::Paid(_)) => self.leave_bill(),
            Screen::Scan(_) => self.counter.press(Key::F(12)),
            Screen::Checkout(_) => self.checkout(customer),
            Screen::CardSelect(_) => {
                if self.counter.dice.chance(500) {
                    self.counter.press(Key::Down);
                }
                self.counter.press(Key::Enter);
            }
            Screen::Charging(_) | Screen::Opening(_) | Screen::Unknown(_) => {
                self.counter.after_ms(1_000);
            }
            Screen::Done(_) => self.counter.press(Key::Enter),
            // Another try, with the same or another card.
            Screen::NotCharged(_) => self.counter.press(Key::Char('1')),
            other => panic!("nobody leads there: {other:?}"),
        }
        Turn::On
    }

    fn popup(&mut self, popup: &Popup, begun: &mut bool) -> Turn {
        match popup {
            Popup::BillChanged(_) | Popup::BillUnchecked(_) => self.counter.press(Key::Char('1')),
            // It was paid, and only the screen was black: she goes.
            Popup::PaidToday(_) => {
                self.counter.press(Key::Esc);
                *begun = true;
                if matches!(self.counter.state.screen, Screen::Bill(_)) {
                    self.leave_bill();
                }
            }
            other => panic!("nobody answers {other:?}"),
        }
        Turn::On
    }

    fn leave_bill(&mut self) {
        for _ in 0..3 {
            if matches!(self.counter.state.screen, Screen::Register(_)) {
                return;
            }
            self.counter.press(Key::Esc);
        }
    }

    fn bill(&mut self, customer: &Customer) -> Turn {
        let Screen::Bill(shown) = &self.counter.state.screen else {
            return Turn::On;
        };
        if shown.is_asking() {
            self.counter.after_ms(1_000);
            return Turn::On;
        }
        if shown.goes_on_without() {
            self.counter.press(Key::F(12));
            return Turn::On;
        }
        if shown.bill.is_none() {
            self.leave_bill();
            return Turn::Later;
        }
        // With what was left before, unless it is picked already: the same key puts all of it back.
        let before =
            shown.unpaid_before().is_positive() && shown.picked.len() < open_invoices(shown);
        if customer.all && customer.code.is_none() && before {
            self.counter.press(Key::F(7));
        }
        let Screen::Bill(shown) = &self.counter.state.screen else {
            return Turn::On;
        };
        let sum = shown.sum().get();
        if shown.picked.is_empty() || sum <= 0 {
            self.nothing_to_pay += 1;
            self.leave_bill();
            return Turn::Goes;
        }
        if customer.part && shown.amount.is_empty() && sum > 100 {
            let part = (sum / 2).to_string();
            self.counter.type_text(&part);
        }
        let of = shown_invoice(&self.counter);
        self.counter.press(Key::F(12));
        if matches!(self.counter.state.screen, Screen::Bill(_))
            && self.counter.state.popups.is_empty()
        {
            // It cannot be taken: to be computed anew, or another bill lies in the basket.
            self.nothing_to_pay += 1;
            self.leave_bill();
            return Turn::Goes;
        }
        // Somebody at a screen of the receipt computer takes it too.
        if let Some((invoice, yen)) = of
            && self.counter.dice.chance(2)
        {
            let at = self.counter.now.wall;
            self.counter.orca.computer.takes(at, &invoice, yen);
            self.counter.orca.count("paid elsewhere");
            self.elsewhere
                .push((customer.patient.clone(), invoice, yen));
        }
        Turn::On
    }

    fn checkout(&mut self, customer: &Customer) {
        let Screen::Checkout(checkout) = &self.counter.state.screen else {
            return;
        };
        let with_card = checkout.card.is_some();
        let total = self.counter.state.basket.lines.iter();
        let total: i64 = total
            .map(|line| line.unit.get() * i64::from(line.quantity))
            .sum();
        match customer.way {
            Way::Cash => {
                if self.counter.dice.chance(300) {
                    let handed = (total / 1_000 + 1) * 1_000;
                    self.counter.type_text(&handed.to_string());
                }
                self.counter.press(Key::F(12));
            }
            Way::Card | Way::Split if with_card => self.counter.press(Key::F(12)),
            Way::Split if total > 20 => {
                let cash = 10 + self.counter.dice.below(total.unsigned_abs() - 15);
                self.counter.type_text(&cash.to_string());
                self.counter.press(Key::F(6));
            }
            Way::Card | Way::Split => self.counter.press(Key::F(6)),
        }
    }

    /// Three in a hundred of what was paid in cash goes back, whole or in part.
    fn somebody_takes_back(&mut self) {
        let paid = std::mem::take(&mut self.counter.paid_in_cash);
        for record in paid {
            if !self.counter.dice.chance(30) {
                continue;
            }
            let total = record.total();
            let whole = self.counter.dice.chance(700) || total.get() < 20;
            let amount = if whole {
                total
            } else {
                Yen::new(total.get() / 2)
            };
            let mut back = record.sale.clone();
            back.kind = if whole {
                SaleKind::Void
            } else {
                SaleKind::Refund
            };
            back.original = Some(record.slip);
            back.undo = Some(Undo {
                rule: "cash".into(),
                lines: vec![],
                allowed_by: Some(Operator {
                    code: "07".into(),
                    name: "鈴木".into(),
                }),
                corrected: vec![],
                corrected_bill: None,
                terminal_slip: None,
            });
            back.bill = going_back(&record.sale, [], amount, &[]);
            back.tenders = vec![Tender::Cash {
                amount,
                received: amount,
            }];
            if !whole {
                back.lines = vec![Line {
                    name: "返金".into(),
                    unit: amount,
                    quantity: 1,
                    tax: TaxClass::NonTaxable,
                }];
            }
            self.counter.sell(back);
            self.taken_back += 1;
        }
    }

    /// After the last customer: what is left over is told, what screens took too much is put right, and everything is looked at.
    pub(crate) fn night(&mut self) {
        let counter = &mut self.counter;
        counter.until(self.morning + Duration::hours(24) + Duration::minutes(10));
        counter.orca.down_until = 0;
        counter.orca.deaf_until = 0;
        counter.hear(Message::Orca(OrcaEvent::News(News::Listening)));
        counter.after_ms(20 * MINUTE_MS);
        for (who, invoice, yen) in std::mem::take(&mut self.elsewhere) {
            // Some stand as they are: then ours cannot be told, and is entered by hand.
            if self.counter.dice.chance(300) {
                continue;
            }
            let at = self.counter.now.wall;
            self.counter.orca.computer.takes(at, &invoice, -yen);
            self.news_of(&who);
        }
        let waiting: Vec<String> = self
            .counter
            .state
            .queue()
            .iter()
            .map(|row| row.progress.posting.patient.as_str().to_owned())
            .collect();
        for who in waiting {
            self.news_of(&who);
        }
        self.counter.after_ms(30 * MINUTE_MS);
        self.explain_what_is_left();
        self.counter.after_ms(5 * MINUTE_MS);
        self.audit.look(&mut self.counter);
        self.counter.orca.night();
        self.counter.terminal.closes_its_day();
        self.morning += Duration::days(1);
    }

    fn news_of(&mut self, who: &str) {
        let news = News::Account {
            patient: patient(who),
            invoices: vec![],
            deleted: false,
        };
        self.counter.hear(Message::Orca(OrcaEvent::News(news)));
        self.counter.settle();
    }

    /// What cannot be told is first looked at by the audit as it is listed, then entered by hand.
    fn explain_what_is_left(&mut self) {
        let left: Vec<_> = self
            .counter
            .state
            .queue()
            .iter()
            .filter(|row| row.progress.session.is_none())
            .map(|row| row.key)
            .collect();
        for (slip, posting) in left {
            self.audit.explained(&self.counter, slip, posting);
            let stamp = self.counter.state.settings.stamp(self.counter.now);
            let entry = Entry::Reflection {
                slip,
                posting,
                step: ReflectionStep::Explained {
                    operator: operator(),
                    reason: "日レセで入力".into(),
                },
            };
            let stored = self
                .counter
                .store()
                .handle(StoreRequest::Write { stamp, entry });
            assert!(matches!(stored, Stored::Written(_)), "{stored:?}");
            self.counter.hear(Message::Stored(stored));
            self.counter.settle();
            self.explained += 1;
        }
    }

    pub(crate) fn prove(&mut self) {
        let report = verify(self.counter.path()).expect("the books are read");
        assert_eq!(report.problem, None, "day {}", self.days);
        assert_eq!(report.unresolved, 0, "day {}", self.days);
    }

    pub(crate) fn size(&mut self) -> Size {
        let resident = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages = resident
            .split(' ')
            .nth(1)
            .and_then(|n| n.parse::<u64>().ok());
        Size {
            file: pages_of(self.counter.path()),
            remembered: format!("{:?}", self.counter.state).len() as u64,
            resident_kib: pages.unwrap_or(0) * 4,
        }
    }

    pub(crate) fn report(&mut self) -> String {
        let size = self.size();
        let patients = u64::from(self.days * self.patients);
        let terminal = &self.counter.terminal;
        format!(
            "{patients} patients, {} served, {} had nothing to pay, {} times sent away, {} given up, {} taken back, {} entered by hand; {} kills; \
             terminal: {} approved, {} declined, {} cut; listed at once, most: {}; {}; books {} bytes ({} a patient), console remembers {} bytes, \
             {} KiB resident ({} bytes a patient); receipt computer: {:?}",
            self.served,
            self.nothing_to_pay,
            self.sent_away,
            self.given_up,
            self.taken_back,
            self.explained,
            self.counter.kills,
            terminal.approved,
            terminal.declined,
            terminal.cut,
            self.listed_most,
            self.audit.report(),
            size.file,
            size.file / patients.max(1),
            size.remembered,
            size.resident_kib,
            size.resident_kib * 1_024 / patients.max(1),
            self.counter.orca.happened,
        )
    }

    /// A test in which nothing goes wrong proves nothing.
    pub(crate) fn enough_happened(&mut self, patients: u32) {
        let report = self.report();
        let patients = u64::from(patients);
        assert!(self.served > patients / 2, "{report}");
        assert!(self.counter.kills * 500 > patients, "{report}");
        assert!(self.counter.terminal.approved > patients / 8, "{report}");
        assert!(self.taken_back * 300 > patients, "{report}");
        for what in [
            "lost after",
            "lost before",
            "garbled",
            "opened elsewhere",
            "deaf",
        ] {
            assert!(
                self.counter.orca.happened.contains_key(what),
                "{what}: {report}"
            );
        }
    }
}

/// Bytes of the books, those that are still in their log among them.
fn pages_of(path: &std::path::Path) -> u64 {
    let books = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let books = books.expect("the books open for reading");
    let ask = |pragma: &str| -> i64 {
        let told = books.pragma_query_value(None, pragma, |row| row.get(0));
        told.expect("a number")
    };
    (ask("page_count") * ask("page_size")).unsigned_abs()
}

/// Invoices that something is unpaid of.
fn open_invoices(shown: &BillScreen) -> usize {
    let mut open = shown.invoices().iter().zip(0..).collect::<Vec<_>>();
    open.retain(|(_, index)| shown.ground(*index).is_none());
    open.len()
}

enum Turn {
    On,
    Goes,
    Later,
}

/// The first invoice that is about to be paid, and what is unpaid of it.
fn shown_invoice(counter: &Counter) -> Option<(String, i64)> {
    let Screen::Bill(shown) = &counter.state.screen else {
        return None;
    };
    let invoice = shown.invoices().get(*shown.picked.first()?)?;
    Some((invoice.number.as_str().to_owned(), invoice.unpaid().get()))
}
