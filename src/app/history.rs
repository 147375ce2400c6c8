//! 履歴: the sales, newest first, in pages, found by number, amount, card or date.

use chrono::{Datelike, NaiveDate};

use super::action::Action;
use super::field::{Field, Kind};
use super::key::Key;
use super::message::{Effect, HistoryPage, HistoryQuery, StoreRequest};
use super::note::Note;
use super::{Screen, State};
use crate::domain::business_day::BusinessDate;
use crate::domain::slip::{SlipCodeError, SlipNumber};
use crate::domain::text::fold_width;
use crate::locale::Text;

/// Lines of the screen that are not rows of the history.
const FRAME_ROWS: u16 = 9;

/// The history.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// What is typed to look for.
    pub find: Field,
    /// The page on the screen.
    pub page: HistoryPage,
    /// The row under the mark.
    pub selected: usize,
    /// The cursors of the pages before this one.
    pub before: Vec<Option<SlipNumber>>,
    /// True while the books are being read.
    pub reading: bool,
    /// What was asked for last; the page on the screen may still be an older one.
    asked: HistoryQuery,
    /// Enter was pressed while the books were being read: the row under the mark opens when it is there.
    choose_when_read: bool,
}

impl History {
    /// The newest page, read.
    pub fn showing(page: HistoryPage) -> History {
        History {
            find: Field::new(Kind::Text, 30),
            asked: page.query.clone(),
            page,
            selected: 0,
            before: Vec::new(),
            reading: false,
            choose_when_read: false,
        }
    }

    fn ask(&mut self, query: HistoryQuery, out: &mut Vec<Effect>) {
        self.reading = true;
        self.choose_when_read = false;
        self.selected = 0;
        self.asked = query.clone();
        out.push(Effect::Store(StoreRequest::History(query)));
    }

    fn open_marked(&self, out: &mut Vec<Effect>) {
        if let Some(row) = self.page.rows.get(self.selected) {
            out.push(Effect::Store(StoreRequest::Find(row.slip)));
        }
    }
}

/// Open the history at its newest page.
pub(crate) fn open(state: &mut State, out: &mut Vec<Effect>) {
    let query = HistoryQuery {
        limit: rows_on(state.size),
        ..HistoryQuery::default()
    };
    state.note = None;
    let mut history = History::showing(HistoryPage::default());
    history.ask(query, out);
    state.screen = Screen::History(history);
}

/// How many rows a screen of this size has room for.
pub fn rows_on((_, rows): (u16, u16)) -> u16 {
    rows.saturating_sub(FRAME_ROWS).clamp(3, 60)
}

/// Text typed: what to look for.
pub(crate) fn type_key(state: &mut State, key: Key) {
    if let Screen::History(history) = &mut state.screen {
        history.find.press(key);
    }
}

/// Scanned text is something to look for, at once.
pub(crate) fn seek(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    if let Screen::History(history) = &mut state.screen {
        history.find.set(text);
    }
    act(state, Action::Find, out);
}

/// Pasted text is something to look for.
pub(crate) fn paste(state: &mut State, text: &str) {
    if let Screen::History(history) = &mut state.screen {
        history.find.paste(text);
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(history: &History, action: Action) -> Option<Note> {
    match action {
        Action::PageDown if !history.page.more => Some(Note::plain(Text::LastPage)),
        Action::PageUp if history.before.is_empty() => Some(Note::plain(Text::FirstPage)),
        _ => None,
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let limit = rows_on(state.size);
    let today = state.settings.stamp(state.now).business_date;
    let Screen::History(history) = &mut state.screen else {
        return;
    };
    let last = history.page.rows.len().saturating_sub(1);
    match action {
        Action::Up => history.selected = history.selected.saturating_sub(1),
        Action::Down => history.selected = (history.selected + 1).min(last),
        Action::PageDown => {
            let oldest = history.page.rows.last().map(|row| row.slip);
            history.before.push(history.asked.before);
            turn(history, oldest, limit, out);
        }
        Action::PageUp => {
            let before = history.before.pop().flatten();
            turn(history, before, limit, out);
        }
        Action::Back => {
            state.note = None;
            if state.owns_the_books() {
                state.open_register();
            }
        }
        Action::Find => search(state, today, limit, out),
        Action::Choose if scanned(history).is_some() => match scanned(history) {
            Some(Ok(slip)) => out.push(Effect::Store(StoreRequest::Find(slip))),
            _ => {
                out.push(Effect::Bell(2));
                state.note = Some(Note::warning(Text::SlipCodeMisread));
            }
        },
        Action::Choose => {
            let typed = query_of(history.find.text(), today, limit);
            let asked = &history.asked;
            let changed = (&asked.number, &asked.date, &asked.card)
                != (&typed.number, &typed.date, &typed.card);
            if changed {
                search(state, today, limit, out);
            } else if history.reading {
                history.choose_when_read = true;
            } else {
                history.open_marked(out);
            }
        }
        _ => {}
    }
}

/// The slip whose bar code stands in the field; `None` where something else does.
fn scanned(history: &History) -> Option<Result<SlipNumber, SlipCodeError>> {
    match SlipNumber::of_code(history.find.text()) {
        Err(SlipCodeError::Foreign) => None,
        read => Some(read),
    }
}

fn turn(history: &mut History, before: Option<SlipNumber>, limit: u16, out: &mut Vec<Effect>) {
    let query = HistoryQuery {
        before,
        limit,
        ..history.asked.clone()
    };
    history.ask(query, out);
}

fn search(state: &mut State, today: BusinessDate, limit: u16, out: &mut Vec<Effect>) {
    if let Screen::History(history) = &mut state.screen {
        let query = query_of(history.find.text(), today, limit);
        history.before.clear();
        history.ask(query, out);
        state.note = None;
    }
}

/// A page was read. One that was asked for before the last one is not what anybody looks for any more.
pub(crate) fn found(state: &mut State, page: HistoryPage, out: &mut Vec<Effect>) {
    let behind = matches!(state.screen, Screen::Receipt(_));
    let Some(history) = read_for(state).filter(|history| history.asked == page.query) else {
        return;
    };
    let nothing = page.rows.is_empty();
    history.reading = false;
    history.selected = history.selected.min(page.rows.len().saturating_sub(1));
    history.page = page;
    let choose = std::mem::take(&mut history.choose_when_read);
    // What stands before the list is not disturbed by it.
    if !behind {
        if choose {
            history.open_marked(out);
        }
        state.note = nothing.then(|| Note::plain(Text::NothingFound));
    }
}

/// The list that a page is read for: the one on the screen, or the one behind the slip on the screen.
pub(crate) fn read_for(state: &mut State) -> Option<&mut History> {
    match &mut state.screen {
        Screen::History(history) => Some(history),
        Screen::Receipt(receipt) => receipt.behind.history(),
        _ => None,
    }
}

/// What a person means by what was typed: a date, a number, or part of a card's name.
pub(crate) fn query_of(typed: &str, today: BusinessDate, limit: u16) -> HistoryQuery {
    let folded = fold_width(typed);
    let bare = folded.trim();
    let mut query = HistoryQuery {
        limit,
        ..HistoryQuery::default()
    };
    if bare.is_empty() {
        return query;
    }
    if let Some(date) = day_of(bare, today) {
        query.date = Some(date);
        return query;
    }
    let digits: String = bare
        .trim_start_matches('¥')
        .trim_end_matches('円')
        .chars()
        .filter(|c| *c != ',')
        .collect();
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() <= 20 {
        query.number = Some(digits);
    } else {
        query.card = Some(bare.to_owned());
    }
    query
}

/// A day as people write it.
pub(crate) fn day_of(typed: &str, today: BusinessDate) -> Option<BusinessDate> {
    date_of(typed, today).or_else(|| day_named(typed, today))
}

/// `2026-11-21`, `2026/11/21`, `11/21`, `11-21`, `11月21日`: a date; without a year, the newest such day.
fn date_of(typed: &str, today: BusinessDate) -> Option<BusinessDate> {
    let even = typed.replace(['年', '月', '/', '.'], "-").replace('日', "");
    let parts: Vec<&str> = even.split('-').collect();
    let number = |text: &str| -> Option<u32> {
        (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse().ok())
            .flatten()
    };
    let date = match parts.as_slice() {
        [year, month, day] => {
            let year = i32::try_from(number(year)?).ok()?;
            NaiveDate::from_ymd_opt(year, number(month)?, number(day)?)?
        }
        [month, day] => {
            let (month, day) = (number(month)?, number(day)?);
            let this_year = NaiveDate::from_ymd_opt(today.0.year(), month, day);
            match this_year {
                Some(date) if date <= today.0 => date,
                _ => NaiveDate::from_ymd_opt(today.0.year() - 1, month, day)?,
            }
        }
        _ => return None,
    };
    Some(BusinessDate(date))
}

/// `今日`, `昨日`, `20261121`, `令和8年11月21日`, `R8.11.21`.
fn day_named(typed: &str, today: BusinessDate) -> Option<BusinessDate> {
    let low = typed.to_lowercase();
    match low.as_str() {
        "今日" | "本日" | "today" => return Some(today),
        "昨日" | "yesterday" => return today.0.pred_opt().map(BusinessDate),
        _ => {}
    }
    if low.len() == 8 && low.starts_with("20") && low.bytes().all(|b| b.is_ascii_digit()) {
        let date = NaiveDate::parse_from_str(&low, "%Y%m%d").ok()?;
        // What has not come yet is no day to look for, but may be a number.
        return (date <= today.0).then_some(BusinessDate(date));
    }
    // 令和1年 was 2019.
    let (year, rest) = low
        .strip_prefix("令和")
        .or_else(|| low.strip_prefix('r'))?
        .split_once(['年', '.', '/', '-'])?;
    let year = match year {
        "元" => 1,
        year => year.parse::<u16>().ok().filter(|y| (1..100).contains(y))?,
    };
    date_of(&format!("{}-{rest}", 2018 + year), today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_date_a_number_or_a_name() {
        let today: BusinessDate = "2026-11-21".parse().expect("a date");
        let date = |text: &str| text.parse::<BusinessDate>().ok();
        for (typed, number, day, card) in [
            ("", None, None, None),
            ("123", Some("123"), None, None),
            ("３，４３０円", Some("3430"), None, None),
            ("2026-11-20", None, date("2026-11-20"), None),
            ("2026/1/5", None, date("2026-01-05"), None),
            ("11/21", None, date("2026-11-21"), None),
            ("11/22", None, date("2025-11-22"), None),
            ("12月31日", None, date("2025-12-31"), None),
            ("13/45", None, None, Some("13/45")),
            ("今日", None, date("2026-11-21"), None),
            ("Yesterday", None, date("2026-11-20"), None),
            ("20261120", None, date("2026-11-20"), None),
            ("20261122", Some("20261122"), None, None),
            ("20261399", Some("20261399"), None, None),
            ("令和8年11月20日", None, date("2026-11-20"), None),
            ("令和元年5月1日", None, date("2019-05-01"), None),
            ("R8.11.20", None, date("2026-11-20"), None),
            ("R8", None, None, Some("R8")),
            ("JCB", None, None, Some("JCB")),
            ("交通系", None, None, Some("交通系")),
        ] {
            let query = query_of(typed, today, 10);
            assert_eq!(query.number.as_deref(), number, "{typed}");
            assert_eq!(query.date, day, "{typed}");
            assert_eq!(query.card.as_deref(), card, "{typed}");
        }
    }
}
