//! SQLite's errors in the words of the border.

use rusqlite::{Error, ErrorCode, ffi};

use crate::app::message::StoreTrouble;

/// The file of the books is not where it was.
pub(super) const GONE: &str = "the file of the books was moved or removed";

impl From<Error> for StoreTrouble {
    fn from(error: Error) -> StoreTrouble {
        let Error::SqliteFailure(failure, words) = &error else {
            // A column that does not hold what this program writes there.
            return StoreTrouble::Disk(error.to_string());
        };
        match (failure.code, failure.extended_code) {
            (ErrorCode::DiskFull, _) => StoreTrouble::DiskFull,
            // The shared index could not grow; nothing was lost, there was no room.
            (ErrorCode::SystemIoFailure, ffi::SQLITE_IOERR_SHMSIZE) => StoreTrouble::DiskFull,
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreTrouble::Locked,
            // The file was moved or removed under us: what is written would be lost with it.
            (ErrorCode::ReadOnly, ffi::SQLITE_READONLY_DBMOVED) => {
                StoreTrouble::Disk(GONE.to_owned())
            }
            (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => StoreTrouble::ReadOnly,
            (ErrorCode::ConstraintViolation, _) => {
                StoreTrouble::Refused(words.clone().unwrap_or_else(|| error.to_string()))
            }
            _ => StoreTrouble::Disk(error.to_string()),
        }
    }
}

/// A refusal in words.
pub(super) fn refused(why: impl Into<String>) -> StoreTrouble {
    StoreTrouble::Refused(why.into())
}

/// A row that cannot be what this program wrote.
pub(super) fn unreadable(table: &str, id: i64, what: &str) -> StoreTrouble {
    StoreTrouble::Disk(format!(
        "row {id} of {table} cannot be read: {what}; run `madoguchi verify`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_of_the_file_has_its_own_word() {
        for (code, trouble) in [
            (ffi::SQLITE_FULL, "disk_full"),
            (ffi::SQLITE_IOERR_SHMSIZE, "disk_full"),
            (ffi::SQLITE_BUSY, "locked"),
            (ffi::SQLITE_BUSY_SNAPSHOT, "locked"),
            (ffi::SQLITE_LOCKED, "locked"),
            (ffi::SQLITE_READONLY, "read_only"),
            (ffi::SQLITE_READONLY_DIRECTORY, "read_only"),
            (ffi::SQLITE_PERM, "read_only"),
            (ffi::SQLITE_READONLY_DBMOVED, "disk"),
            (ffi::SQLITE_IOERR_FSYNC, "disk"),
            (ffi::SQLITE_IOERR_WRITE, "disk"),
            (ffi::SQLITE_CORRUPT, "disk"),
            (ffi::SQLITE_NOTADB, "disk"),
            (ffi::SQLITE_CANTOPEN, "disk"),
            (ffi::SQLITE_CONSTRAINT_TRIGGER, "refused"),
        ] {
            let error = Error::SqliteFailure(ffi::Error::new(code), None);
            let word = match StoreTrouble::from(error) {
                StoreTrouble::DiskFull => "disk_full",
                StoreTrouble::ReadOnly => "read_only",
                StoreTrouble::Locked => "locked",
                StoreTrouble::Disk(_) => "disk",
                StoreTrouble::Refused(_) => "refused",
                StoreTrouble::Viewer => "viewer",
            };
            assert_eq!(word, trouble, "{code}");
        }
    }
}
