//! What of クレジット利用履歴 is wished to be seen, and the form that asks for it.

use chrono::{Datelike, Months, NaiveDate};

use super::super::field::{Field, Kind};
use super::super::key::Key;
use super::super::message::CardReportQuery;
use super::super::{State, history};
use crate::domain::business_day::BusinessDate;
use crate::domain::sale::SaleKind;
use crate::domain::tender::{CardClass, LinkKind};
use crate::domain::text::fold_width;
use crate::locale::Text;

/// What is wished to be seen. All that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of which business days.
    pub period: Period,
    /// カード区分.
    pub class: Option<CardClass>,
    /// Linked or by hand.
    pub link: Option<LinkKind>,
    /// 売上, 取消 or 返品.
    pub kind: Option<SaleKind>,
    /// 担当者コード: who rang it up.
    pub operator: Option<String>,
    /// What has no outcome yet, instead of what is settled.
    pub open: bool,
}

/// Business days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// 今日.
    #[default]
    Today,
    /// 昨日.
    Yesterday,
    /// 今月, up to its end.
    ThisMonth,
    /// 先月.
    LastMonth,
    /// From and to, each open where it is not typed.
    Days(Option<BusinessDate>, Option<BusinessDate>),
    /// Everything in the books.
    All,
}

impl Period {
    /// Those that a choice goes through, in its order.
    pub const CHOICES: [Period; 6] = [
        Period::Today,
        Period::Yesterday,
        Period::ThisMonth,
        Period::LastMonth,
        Period::Days(None, None),
        Period::All,
    ];

    /// Its name.
    pub const fn name(self) -> Text {
        match self {
            Period::Today => Text::PeriodToday,
            Period::Yesterday => Text::PeriodYesterday,
            Period::ThisMonth => Text::PeriodThisMonth,
            Period::LastMonth => Text::PeriodLastMonth,
            Period::Days(..) => Text::PeriodDays,
            Period::All => Text::PeriodAll,
        }
    }

    /// Its first and last business day.
    pub fn days(self, today: BusinessDate) -> (Option<BusinessDate>, Option<BusinessDate>) {
        let month = |first: Option<NaiveDate>| {
            let last = first
                .and_then(|first| first.checked_add_months(Months::new(1)))
                .and_then(|next| next.pred_opt());
            (first.map(BusinessDate), last.map(BusinessDate))
        };
        let first = today.0.with_day(1);
        match self {
            Period::Today => (Some(today), Some(today)),
            Period::Yesterday => {
                let yesterday = today.0.pred_opt().map(BusinessDate);
                (yesterday, yesterday)
            }
            Period::ThisMonth => month(first),
            Period::LastMonth => {
                month(first.and_then(|first| first.checked_sub_months(Months::new(1))))
            }
            Period::Days(from, to) => (from, to),
            Period::All => (None, None),
        }
    }

    fn index(self) -> usize {
        let same = |choice: &Period| choice.name() == self.name();
        Period::CHOICES.iter().position(same).unwrap_or(0)
    }
}

impl Filter {
    /// What to ask the books for.
    pub fn query(&self, today: BusinessDate, limit: u16) -> CardReportQuery {
        let (from, to) = self.period.days(today);
        CardReportQuery {
            before: None,
            from,
            to,
            card_class: self.class,
            link: self.link,
            kind: self.kind,
            operator: self.operator.clone(),
            limit,
        }
    }
}

/// The rows of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormRow {
    /// 期間.
    Period,
    /// From.
    From,
    /// To.
    To,
    /// カード区分.
    Class,
    /// 決済連携.
    Link,
    /// 種別.
    Kind,
    /// 担当者.
    Operator,
    /// 状態.
    Standing,
}

impl FormRow {
    /// From top to bottom.
    pub const ALL: [FormRow; 8] = [
        FormRow::Period,
        FormRow::From,
        FormRow::To,
        FormRow::Class,
        FormRow::Link,
        FormRow::Kind,
        FormRow::Operator,
        FormRow::Standing,
    ];
}

/// Ways to the terminal that a choice goes through.
pub const LINKS: [Option<LinkKind>; 3] = [None, Some(LinkKind::Linked), Some(LinkKind::Manual)];
/// Kinds that a choice goes through.
pub const KINDS: [Option<SaleKind>; 4] = [
    None,
    Some(SaleKind::Sale),
    Some(SaleKind::Void),
    Some(SaleKind::Refund),
];

/// A code of an operator has no more characters.
const OPERATOR_MAX: usize = 8;

/// What the form lets be picked by arrows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// カード区分.
    pub(crate) classes: Vec<CardClass>,
    /// 担当者コード.
    pub(crate) operators: Vec<String>,
}

/// The form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What is chosen; of the days those in the fields hold.
    pub filter: Filter,
    /// The first day, as it is typed.
    pub from: Field,
    /// The last day, as it is typed.
    pub to: Field,
    /// A code as it is being typed; empty where it was picked.
    code: Field,
    at: usize,
}

impl Form {
    /// The form, filled in with what is shown now.
    pub fn of(filter: &Filter) -> Form {
        let (mut from, mut to) = (Field::new(Kind::Text, 20), Field::new(Kind::Text, 20));
        if let Period::Days(first, last) = filter.period {
            for (field, day) in [(&mut from, first), (&mut to, last)] {
                field.set(&day.map_or_else(String::new, |day| day.to_string()));
            }
        }
        Form {
            filter: filter.clone(),
            from,
            to,
            code: Field::new(Kind::Code, OPERATOR_MAX),
            at: 0,
        }
    }

    /// The row under the mark.
    pub fn row(&self) -> FormRow {
        FormRow::ALL[self.at.min(FormRow::ALL.len() - 1)]
    }

    /// True on the last row.
    pub fn is_at_end(&self) -> bool {
        self.at + 1 >= FormRow::ALL.len()
    }

    /// True where a day is typed.
    pub fn takes_text(&self) -> bool {
        matches!(self.row(), FormRow::From | FormRow::To)
    }

    pub(crate) fn up(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    pub(crate) fn down(&mut self) {
        self.at = (self.at + 1).min(FormRow::ALL.len() - 1);
    }

    /// A key: text of a day or a code, ← and → (or a digit) through the choices.
    pub(crate) fn press(&mut self, key: Key, known: &Known) {
        let field = match self.row() {
            FormRow::From => Some(&mut self.from),
            FormRow::To => Some(&mut self.to),
            _ => None,
        };
        if let Some(field) = field {
            field.press(key);
            let typed = !self.from.is_empty() || !self.to.is_empty();
            if typed {
                self.filter.period = Period::Days(None, None);
            }
            return;
        }
        let row = self.row();
        if row == FormRow::Operator {
            self.press_operator(key, &known.operators);
            return;
        }
        let classes = &known.classes;
        let filter = &mut self.filter;
        match row {
            FormRow::Period => {
                let index = pick(key, filter.period.index(), Period::CHOICES.len());
                filter.period = Period::CHOICES[index];
            }
            FormRow::Class => {
                let now = filter.class.and_then(|class| {
                    let at = classes.iter().position(|known| *known == class)?;
                    Some(at + 1)
                });
                // Codes have two digits: they are not picked by one.
                if !matches!(key, Key::Char('0'..='9')) {
                    let index = pick(key, now.unwrap_or(0), classes.len() + 1);
                    filter.class = index.checked_sub(1).and_then(|at| classes.get(at).copied());
                }
            }
            FormRow::Link => {
                let now = LINKS.iter().position(|link| *link == filter.link);
                filter.link = LINKS[pick(key, now.unwrap_or(0), LINKS.len())];
            }
            FormRow::Kind => {
                let now = KINDS.iter().position(|kind| *kind == filter.kind);
                filter.kind = KINDS[pick(key, now.unwrap_or(0), KINDS.len())];
            }
            FormRow::Standing => filter.open = pick(key, usize::from(filter.open), 2) == 1,
            FormRow::From | FormRow::To | FormRow::Operator => {}
        }
    }

    /// Somebody who is in no list any more is still found by the code.
    fn press_operator(&mut self, key: Key, operators: &[String]) {
        let same = |one: &String, other: &str| one.eq_ignore_ascii_case(other);
        if matches!(key, Key::Left | Key::Right) {
            let now = self.filter.operator.as_deref().and_then(|code| {
                let at = operators.iter().position(|known| same(known, code))?;
                Some(at + 1)
            });
            let index = pick(key, now.unwrap_or(0), operators.len() + 1);
            self.filter.operator = index
                .checked_sub(1)
                .and_then(|at| operators.get(at).cloned());
            self.code.clear();
        } else if self.code.press(key) {
            let typed = self.code.text();
            let known = operators.iter().find(|known| same(known, typed));
            self.filter.operator = known
                .cloned()
                .or_else(|| (!typed.is_empty()).then(|| typed.to_owned()));
        }
    }

    /// The filter, or what is wrong with it.
    pub(crate) fn read(&self, today: BusinessDate) -> Result<Filter, Text> {
        let mut filter = self.filter.clone();
        if let Period::Days(..) = filter.period {
            let day = |field: &Field| -> Result<Option<BusinessDate>, Text> {
                let typed = fold_width(field.text());
                match typed.trim() {
                    "" => Ok(None),
                    typed => history::day_of(typed, today)
                        .map(Some)
                        .ok_or(Text::DayNotRead),
                }
            };
            let (from, to) = (day(&self.from)?, day(&self.to)?);
            if let (Some(from), Some(to)) = (from, to)
                && from > to
            {
                return Err(Text::DaysSwapped);
            }
            filter.period = Period::Days(from, to);
        }
        Ok(filter)
    }
}

/// The choice that a key leads to; none but its own keys change it.
fn pick(key: Key, now: usize, count: usize) -> usize {
    match key {
        Key::Right | Key::Char(' ') => (now + 1) % count,
        Key::Left => (now + count - 1) % count,
        Key::Char(c) => c
            .to_digit(10)
            .and_then(|digit| (digit as usize).checked_sub(1))
            .filter(|index| *index < count)
            .unwrap_or(now),
        _ => now,
    }
}

/// What can be asked for by arrows: what the shop has, and what the report on the screen found.
pub(crate) fn known(state: &State) -> Known {
    let mut classes: Vec<CardClass> = state.settings.classes.rows().map(|row| row.code).collect();
    let list = state.settings.operators.list.iter();
    let mut operators: Vec<String> = list.map(|one| one.code.clone()).collect();
    if let super::Screen::CardReport(report) = &state.screen {
        classes.extend(report.page.totals.iter().map(|total| total.card_class));
        classes.extend(report.filter.class);
        let found = report.page.rows.iter().map(|row| &row.operator);
        for code in found.chain(&report.filter.operator) {
            if !operators.iter().any(|one| one.eq_ignore_ascii_case(code)) {
                operators.push(code.clone());
            }
        }
    }
    classes.sort_unstable();
    classes.dedup();
    Known { classes, operators }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_period_is_whole_business_days() {
        for (today, period, from, to) in [
            ("2026-11-21", Period::Today, "2026-11-21", "2026-11-21"),
            ("2026-01-01", Period::Yesterday, "2025-12-31", "2025-12-31"),
            ("2026-11-21", Period::ThisMonth, "2026-11-01", "2026-11-30"),
            ("2028-02-29", Period::ThisMonth, "2028-02-01", "2028-02-29"),
            ("2026-12-31", Period::ThisMonth, "2026-12-01", "2026-12-31"),
            ("2026-03-31", Period::LastMonth, "2026-02-01", "2026-02-28"),
            ("2026-01-15", Period::LastMonth, "2025-12-01", "2025-12-31"),
        ] {
            let days = period.days(day(today));
            assert_eq!(days, (Some(day(from)), Some(day(to))), "{today} {period:?}");
        }
        assert_eq!(Period::All.days(day("2026-11-21")), (None, None));
    }

    #[test]
    fn days_are_typed_as_people_write_them() {
        let today = day("2026-11-21");
        for (from, to, read) in [
            (
                "2026-11-01",
                "11/15",
                Ok((Some(day("2026-11-01")), Some(day("2026-11-15")))),
            ),
            ("１１月１日", "", Ok((Some(day("2026-11-01")), None))),
            ("", "昨日", Ok((None, Some(day("2026-11-20"))))),
            ("", "", Ok((None, None))),
            ("11/20", "11/19", Err(Text::DaysSwapped)),
            ("soon", "", Err(Text::DayNotRead)),
            ("2026-02-30", "", Err(Text::DayNotRead)),
        ] {
            let mut form = Form::of(&Filter::default());
            for (steps, text) in [(1, from), (1, to)] {
                for _ in 0..steps {
                    form.down();
                }
                for c in text.chars() {
                    form.press(Key::Char(c), &Known::default());
                }
            }
            form.filter.period = Period::Days(None, None);
            let found = form.read(today).map(|filter| filter.period.days(today));
            assert_eq!(found, read, "{from:?} {to:?}");
        }
    }

    #[test]
    fn arrows_and_digits_go_through_the_choices() {
        let known = Known {
            classes: vec![CardClass(3), CardClass(30)],
            operators: vec!["03".to_owned(), "a2".to_owned()],
        };
        let mut form = Form::of(&Filter::default());
        form.press(Key::Char('3'), &known);
        assert_eq!(form.filter.period, Period::ThisMonth);
        form.press(Key::Char('9'), &known);
        assert_eq!(form.filter.period, Period::ThisMonth, "there is no ninth");
        form.press(Key::Left, &known);
        assert_eq!(form.filter.period, Period::Yesterday);
        for _ in 0..3 {
            form.down();
        }
        for class in [Some(CardClass(3)), Some(CardClass(30)), None] {
            form.press(Key::Right, &known);
            assert_eq!(form.filter.class, class);
        }
        form.down();
        form.press(Key::Char('3'), &known);
        assert_eq!(form.filter.link, Some(LinkKind::Manual));
        form.down();
        form.press(Key::Left, &known);
        assert_eq!(form.filter.kind, Some(SaleKind::Refund));
        form.down();
        for code in [Some("03"), Some("a2"), None] {
            form.press(Key::Right, &known);
            assert_eq!(form.filter.operator.as_deref(), code);
        }
        form.down();
        form.press(Key::Char(' '), &known);
        assert!(form.filter.open && form.is_at_end());
    }

    #[test]
    fn an_operator_is_picked_or_typed() {
        let known = Known {
            classes: vec![],
            operators: vec!["03".to_owned(), "a2".to_owned()],
        };
        for (keys, code) in [
            (vec![Key::Right], Some("03")),
            (vec![Key::Left], Some("a2")),
            // As the list writes it, where it is in the list.
            (vec![Key::Char('Ａ'), Key::Char('2')], Some("a2")),
            (vec![Key::Char('9'), Key::Char('9')], Some("99")),
            (vec![Key::Right, Key::Char('a'), Key::Char('2')], Some("a2")),
            (vec![Key::Char('9'), Key::Right], Some("03")),
            (vec![Key::Char('9'), Key::Backspace], None),
            (vec![Key::Right, Key::Backspace], None),
            (vec![Key::Char('佐')], None),
        ] {
            let mut form = Form::of(&Filter::default());
            while form.row() != FormRow::Operator {
                form.down();
            }
            for key in &keys {
                form.press(*key, &known);
            }
            assert_eq!(form.filter.operator.as_deref(), code, "{keys:?}");
            let asked = form.read(day("2026-11-21")).expect("read");
            assert_eq!(asked.query(day("2026-11-21"), 9).operator, asked.operator);
        }
    }

    #[test]
    fn a_day_that_is_typed_is_the_period() {
        let mut form = Form::of(&Filter::default());
        form.down();
        for c in "11/1".chars() {
            form.press(Key::Char(c), &Known::default());
        }
        let filter = form.read(day("2026-11-21")).expect("read");
        assert_eq!(filter.period, Period::Days(Some(day("2026-11-01")), None));
    }
}
