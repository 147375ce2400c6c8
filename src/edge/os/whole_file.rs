//! Files that are there whole or not at all: written beside their place, synced, and then given their name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells apart what this process writes at the same time.
static WRITING: AtomicU64 = AtomicU64::new(0);

/// Write a file for its owner alone. What stood there before is replaced as a whole; where anything fails it stands as it was, and nothing is
/// left beside it.
pub fn write_whole<T, E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, E>,
) -> Result<T, E> {
    let fresh = beside(path);
    let done = written(&fresh, write).and_then(|done| {
        fs::rename(&fresh, path)?;
        Ok(done)
    });
    if done.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    done
}

fn written<T, E: From<io::Error>>(
    fresh: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, E>,
) -> Result<T, E> {
    // Whatever an interrupted process of the same number left, and whoever may read it.
    let _ = fs::remove_file(fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = BufWriter::new(options.open(fresh)?);
    let done = write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(done)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let count = WRITING.fetch_add(1, Ordering::Relaxed);
    name.push(format!(".{}-{count}.new", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).expect("a folder");
        files
            .map(|file| {
                file.expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cards.csv");
        for text in ["the first\n", "the second, longer one\n", "x\n"] {
            write_whole(&path, |out| out.write_all(text.as_bytes())).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("read"), text);
        }
        assert_eq!(names(folder.path()), ["cards.csv"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "for its owner alone");
        }
    }

    #[test]
    fn a_full_disk_leaves_what_was_there_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cards.csv");
        for before in [None, Some("yesterday's\n")] {
            if let Some(before) = before {
                fs::write(&path, before).expect("written");
            }
            let full = write_whole(&path, |out| {
                out.write_all(&[b'x'; 100_000])?;
                Err::<(), _>(io::Error::from(io::ErrorKind::StorageFull))
            });
            assert_eq!(full.expect_err("full").kind(), io::ErrorKind::StorageFull);
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), before);
            assert!(names(folder.path()).len() <= 1);
        }
    }

    #[test]
    fn two_that_write_one_file_do_not_mix() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cards.csv");
        write_whole(&path, |out| {
            write_whole(&path, |inner| inner.write_all(b"inner\n"))?;
            out.write_all(b"outer\n")
        })
        .expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "outer\n");
        assert_eq!(names(folder.path()), ["cards.csv"]);
    }
}
