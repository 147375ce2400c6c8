//! The seat at the counter: who sits there, keys, clock, encoding, screen.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::Path;

use chrono::{DateTime, Datelike as _, FixedOffset, Local};
use ratatui::crossterm::terminal;

use super::Check;
use crate::command::trouble::shown;
use crate::edge::keys_file;
use crate::edge::os::Presence;

/// Years that a clock can show in this program's lifetime; a PC with an empty battery shows others.
const YEARS: std::ops::RangeInclusive<i32> = 2025..=2099;
/// The smallest screen.
const COLUMNS_MIN: u16 = 80;
const ROWS_MIN: u16 = 24;

/// The PC's clock, with the PC's offset.
#[expect(
    clippy::disallowed_methods,
    reason = "a command may read the clock; what it looks at gets it as an argument"
)]
pub(super) fn now() -> DateTime<FixedOffset> {
    Local::now().fixed_offset()
}

/// Is a console open on this data folder?
pub(super) fn owner(presence: &Presence) -> Check {
    let holder = match presence {
        Presence::Free => {
            return Check::ok(
                "owner",
                "ほかの画面は開いていません",
                "no other console is open",
            );
        }
        Presence::HeldBy(holder) => holder,
    };
    let who = holder.as_ref().map_or_else(String::new, |holder| {
        let since = holder.since.format("%m-%d %H:%M");
        let (user, terminal, host, pid) =
            (&holder.user, &holder.terminal, &holder.host, holder.pid);
        format!(" ({user}, {terminal}, {host}, {since}, pid {pid})")
    });
    Check::warn(
        "owner",
        format!("窓口の画面がすでに開いています{who}"),
        format!("a console is open already{who}"),
    )
    .with_remedy(
        "会計はその画面で続けてください。2つ目の画面は見るだけになります",
        "go on there; a second console can only read",
    )
}

/// Can the site's own key mappings be read?
pub(super) fn keys(folder: &Path) -> Check {
    let name = shown(&folder.join(keys_file::NAME));
    match keys_file::load(folder) {
        Ok(mappings) if mappings.is_empty() => Check::ok(
            "keys",
            "割り当ての追加はありません(F4 キー確認で試せます)",
            "no mappings of this site (try the keys with F4, key check)",
        ),
        Ok(mappings) => Check::ok(
            "keys",
            format!("{name}: 割り当て {} 件", mappings.len()),
            format!("{name}: {} mappings", mappings.len()),
        ),
        Err(error) => Check::fail(
            "keys",
            format!("{name}: 読めません ({error})"),
            format!("{name}: cannot be read ({error})"),
        )
        .with_remedy(
            "このファイルを消し、F4 キー確認でもう一度割り当ててください",
            "remove the file and set the keys again with F4, key check",
        ),
    }
}

/// Is the date one that can be, and the offset the shop's?
pub(super) fn clock(now: DateTime<FixedOffset>, shop: Option<FixedOffset>) -> Check {
    let shown = now.format("%Y-%m-%d %H:%M:%S %:z").to_string();
    if !YEARS.contains(&now.year()) {
        return Check::fail(
            "clock",
            format!("{shown}: 時計の日付が正しくありません"),
            format!("{shown}: the clock's date cannot be right"),
        )
        .with_remedy(
            "PCの日付と時刻を合わせてください。会計の営業日がずれます",
            "set the PC's date and time; sales would be booked on a wrong day",
        );
    }
    match shop.filter(|shop| shop != now.offset()) {
        Some(shop) => Check::warn(
            "clock",
            format!("{shown}: PCの時差が設定 ({shop}) と違います"),
            format!("{shown}: the PC's offset is not the config's ({shop})"),
        )
        .with_remedy(
            format!("記録には設定の時差 {shop} を使います。PCのタイムゾーンを合わせてください"),
            format!("records are written with {shop}; set the PC's time zone to match"),
        ),
        None => Check::ok("clock", shown.clone(), shown),
    }
}

/// Does the environment say UTF-8?
pub(super) fn locale(environment: fn(&str) -> Option<OsString>) -> Check {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| {
        let value = environment(name).filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", value.to_string_lossy()))
    });
    let lower = set.clone().unwrap_or_default().to_lowercase();
    if cfg!(windows) || lower.contains("utf-8") || lower.contains("utf8") {
        let said = set.unwrap_or_else(|| "UTF-8".to_owned());
        return Check::ok("locale", said.clone(), said);
    }
    let said = set.unwrap_or_else(|| "LANG=".to_owned());
    Check::warn(
        "locale",
        format!("{said}: 文字コードが UTF-8 ではありません"),
        format!("{said}: not UTF-8"),
    )
    .with_remedy(
        "LANG=ja_JP.UTF-8 にし、端末ソフトの文字コードも UTF-8 にしてください",
        "set LANG=ja_JP.UTF-8 (or C.UTF-8), and the terminal program's encoding to UTF-8",
    )
}

/// Is there a screen, and is it large enough?
pub(super) fn screen(environment: fn(&str) -> Option<OsString>) -> Check {
    if environment("TERM").is_some_and(|term| term == "dumb") {
        return Check::fail(
            "screen",
            "TERM=dumb: 画面を描けない端末です",
            "TERM=dumb: this terminal cannot draw",
        )
        .with_remedy(
            "ふつうの端末ソフトで起動してください",
            "start it in an ordinary terminal program",
        );
    }
    // Without a terminal the library would guess a size.
    let at_terminal = std::io::stdin().is_terminal()
        || std::io::stdout().is_terminal()
        || std::io::stderr().is_terminal();
    size(at_terminal.then(|| terminal::size().ok()).flatten())
}

fn size(size: Option<(u16, u16)>) -> Check {
    match size {
        Some((columns, rows)) if columns >= COLUMNS_MIN && rows >= ROWS_MIN => {
            let said = format!("{columns}×{rows}");
            Check::ok("screen", said.clone(), said)
        }
        Some((columns, rows)) => Check::fail(
            "screen",
            format!("{columns}×{rows}: 画面が小さすぎます"),
            format!("{columns}×{rows}: the screen is too small"),
        )
        .with_remedy(
            "ウィンドウを 80×24 以上に広げてください",
            "make the window at least 80×24",
        ),
        None => Check::warn(
            "screen",
            "端末につながっていないため、大きさが分かりません",
            "not at a terminal: the size is not known",
        )
        .with_remedy(
            "端末のウィンドウで調べてください",
            "run it in a terminal window",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_with_an_empty_battery_is_found() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).expect("a moment");
        let japan = FixedOffset::east_opt(9 * 3_600);
        for (now, shop, expected) in [
            ("2026-11-21T14:32:07+09:00", japan, Status::Ok),
            ("2026-11-21T14:32:07+09:00", None, Status::Ok),
            ("2026-11-21T05:32:07+00:00", japan, Status::Warn),
            ("1970-01-01T00:00:00+09:00", japan, Status::Fail),
            ("2024-01-01T00:00:00+09:00", japan, Status::Fail),
        ] {
            assert_eq!(clock(at(now), shop).status, expected, "{now}");
        }
    }

    #[test]
    fn mappings_that_cannot_be_read_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(keys(folder.path()).status, Status::Ok);
        std::fs::write(folder.path().join(keys_file::NAME), "x = [").expect("written");
        let check = keys(folder.path());
        assert!(check.status == Status::Fail && check.remedy.is_some());
    }

    #[test]
    fn an_open_console_is_told_with_who_and_since_when() {
        assert_eq!(owner(&Presence::Free).status, Status::Ok);
        let at = DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a moment");
        let holder = crate::edge::os::Holder {
            pid: 11,
            since: at,
            terminal: "/dev/pts/3".into(),
            user: "uketsuke".into(),
            host: "counter1".into(),
        };
        for holder in [None, Some(holder)] {
            let named = holder.is_some();
            let check = owner(&Presence::HeldBy(holder));
            assert_eq!(check.status, Status::Warn);
            assert_eq!(check.detail.ja.contains("/dev/pts/3"), named);
        }
    }

    #[test]
    fn a_screen_of_80_by_24_is_enough() {
        for (columns_rows, expected) in [
            (Some((80, 24)), Status::Ok),
            (Some((79, 24)), Status::Fail),
            (Some((80, 23)), Status::Fail),
            (Some((0, 0)), Status::Fail),
            (None, Status::Warn),
        ] {
            assert_eq!(size(columns_rows).status, expected, "{columns_rows:?}");
        }
    }

    #[test]
    fn an_encoding_other_than_utf_8_is_told() {
        for (environment, expected) in [
            ((|_| None) as fn(&str) -> Option<OsString>, Status::Warn),
            (|_| Some("ja_JP.UTF-8".into()), Status::Ok),
            (|_| Some("C.utf8".into()), Status::Ok),
            (|_| Some("ja_JP.eucJP".into()), Status::Warn),
        ] {
            let wanted = if cfg!(windows) { Status::Ok } else { expected };
            assert_eq!(locale(environment).status, wanted);
        }
    }
}
