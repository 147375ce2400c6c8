//! The write-ahead log: how far it reaches, and when it is brought into the file.

use super::{Store, StoreTrouble};

impl Store {
    /// Up to which byte the write-ahead log holds commits.
    pub fn log_bytes(&self) -> Result<u64, StoreTrouble> {
        let frames: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))?;
        Ok(match u64::try_from(frames) {
            Ok(frames) if frames > 0 => LOG_HEAD_BYTES + frames * (FRAME_HEAD_BYTES + PAGE_BYTES),
            _ => 0,
        })
    }

    /// How many bytes wait in the write-ahead log for a checkpoint.
    fn bytes_to_checkpoint(&self) -> Result<u64, rusqlite::Error> {
        let (log, done) = self
            .connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
                Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
        Ok(u64::try_from(log - done).unwrap_or(0) * PAGE_BYTES)
    }

    /// Bring the write-ahead log into the file if at least `bytes_min` wait there. Called at quiet moments only, so that no
    /// sale waits for it. A disk that fails here is as broken as one that fails in a commit.
    pub(crate) fn checkpoint(&mut self, bytes_min: u64) {
        if self.viewer || self.poisoned.is_some() {
            return;
        }
        let outcome = self.bytes_to_checkpoint().and_then(|bytes| {
            if bytes < bytes_min {
                return Ok(());
            }
            self.connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        });
        if let Err(error) = outcome
            && let StoreTrouble::Disk(said) = StoreTrouble::from(error)
        {
            self.poisoned = Some(said);
        }
    }
}

/// SQLite's page, as the books are made.
const PAGE_BYTES: u64 = 4096;
/// What stands before the first frame of the log, and before the page of each.
const LOG_HEAD_BYTES: u64 = 32;
const FRAME_HEAD_BYTES: u64 = 24;
