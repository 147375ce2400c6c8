//! The data folder, the disk it is on, and the books in it.

use std::path::Path;

use chrono::{DateTime, FixedOffset};

use super::Check;
use crate::app::message::{HistoryQuery, StoreRequest, Stored};
use crate::command::launch::books_path;
use crate::command::trouble::{Trouble, shown};
use crate::edge::os::machine::{free_bytes, is_writable};
use crate::edge::store::{OpenError, Store};

const MIB: u64 = 1 << 20;
/// Below this the next sales may not find room.
const FREE_BYTES_FAIL: u64 = 16 * MIB;
/// Below this somebody should make room soon.
const FREE_BYTES_WARN: u64 = 512 * MIB;

/// Folder and books.
pub(super) fn look(folder: &Path, practice: bool, now: DateTime<FixedOffset>) -> Vec<Check> {
    let books = books_path(folder, practice);
    vec![self::folder(folder), database(&books, now)]
}

/// Can the books be written there, and is there room? A folder that is not there yet is made by the first start, so its
/// nearest ancestor counts.
fn folder(folder: &Path) -> Check {
    let there = folder
        .ancestors()
        .find(|place| !place.as_os_str().is_empty() && place.exists())
        .unwrap_or(Path::new("."));
    let name = shown(folder);
    if !there.is_dir() || !is_writable(there) {
        return Check::fail(
            "folder",
            format!("{name}: 書き込めません"),
            format!("{name}: cannot be written"),
        )
        .with_remedy(
            "フォルダーの持ち主と権限を直すか、--data-dir で別のフォルダーを指定してください",
            "mend the folder's owner and rights, or name another one with --data-dir",
        );
    }
    let make_room = (
        "不要なファイルを消して空きを作ってください。帳簿は消さないでください",
        "remove files that are not needed; never the books",
    );
    match free_bytes(there) {
        Some(bytes) if bytes < FREE_BYTES_FAIL => Check::fail(
            "folder",
            format!("{name}: ディスクの空きがありません ({} MiB)", bytes / MIB),
            format!("{name}: the disk is full ({} MiB free)", bytes / MIB),
        )
        .with_remedy(make_room.0, make_room.1),
        Some(bytes) if bytes < FREE_BYTES_WARN => Check::warn(
            "folder",
            format!(
                "{name}: ディスクの空きが少なくなっています ({} MiB)",
                bytes / MIB
            ),
            format!("{name}: the disk is filling up ({} MiB free)", bytes / MIB),
        )
        .with_remedy(make_room.0, make_room.1),
        Some(bytes) => Check::ok(
            "folder",
            format!("{name} (空き {} MiB)", bytes / MIB),
            format!("{name} ({} MiB free)", bytes / MIB),
        ),
        None => Check::ok("folder", name.clone(), name),
    }
}

/// Can the books be read, and is their newest sale older than the clock?
fn database(path: &Path, now: DateTime<FixedOffset>) -> Check {
    let name = shown(path);
    let mut store = match Store::open_viewer(path) {
        Ok(store) => store,
        Err(OpenError::Missing(_)) => {
            return Check::ok(
                "database",
                format!("{name}: まだありません(最初の起動で作ります)"),
                format!("{name}: not there yet (the first start makes it)"),
            );
        }
        Err(error) => return super::of_trouble("database", &Trouble::from(error)),
    };
    let newest = store.handle(StoreRequest::History(HistoryQuery {
        limit: 1,
        ..HistoryQuery::default()
    }));
    match newest {
        Stored::History(page) => match page.rows.first() {
            Some(row) if row.stamp.at > now => {
                let at = row.stamp.at.format("%Y-%m-%d %H:%M");
                Check::warn(
                    "database",
                    format!("{name}: 最後の伝票 {} は {at} で、時計より先です", row.slip),
                    format!(
                        "{name}: the newest slip {} is of {at}, ahead of the clock",
                        row.slip
                    ),
                )
                .with_remedy(
                    "PCの時計が戻っていないか確かめてください",
                    "check whether the PC's clock went back",
                )
            }
            Some(row) => Check::ok(
                "database",
                format!("{name} (最後の伝票 {})", row.slip),
                format!("{name} (newest slip {})", row.slip),
            ),
            None => Check::ok("database", name.clone(), name),
        },
        _ => Check::fail(
            "database",
            format!("{name}: 読めません"),
            format!("{name}: cannot be read"),
        )
        .with_remedy(
            "この帳簿では会計せず、madoguchi verify で調べてください",
            "take no money with these books; run `madoguchi verify`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;
    use crate::edge::store::BooksKind;

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-21T14:32:07+09:00").expect("a moment")
    }

    #[test]
    fn books_are_read_or_refused_with_what_to_do() {
        let home = tempfile::tempdir().expect("a folder");
        let at = |name: &str| home.path().join(name);
        assert_eq!(database(&at("none"), now()).status, Status::Ok);
        drop(Store::open(&at("books"), BooksKind::Live).expect("books"));
        assert_eq!(database(&at("books"), now()).status, Status::Ok);
        std::fs::write(
            at("other"),
            "not a database, and long enough to be looked at",
        )
        .expect("written");
        let check = database(&at("other"), now());
        assert!(check.status == Status::Fail && check.remedy.is_some());
    }

    #[test]
    fn a_folder_that_is_a_file_cannot_hold_books() {
        let home = tempfile::tempdir().expect("a folder");
        assert_eq!(folder(&home.path().join("new/deep")).status, Status::Ok);
        let file = home.path().join("file");
        std::fs::write(&file, "").expect("written");
        assert_eq!(folder(&file).status, Status::Fail);
        assert_eq!(folder(&file.join("below")).status, Status::Fail);
    }
}
