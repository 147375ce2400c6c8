//! Where books may lie: an ordinary file of our own, under one name, on a disk of this machine.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::OpenError;

/// Refuse a place where SQLite cannot keep its promises. `None` where there is no file yet.
pub(super) fn check(path: &Path) -> Result<Option<Metadata>, OpenError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed(path, &error)),
    };
    if let Some(metadata) = &metadata {
        if metadata.is_symlink() {
            return Err(OpenError::Symlink(path.to_owned()));
        }
        if !metadata.is_file() {
            return Err(OpenError::NotAFile(path.to_owned()));
        }
        if names(metadata) > 1 {
            return Err(OpenError::SecondName(path.to_owned()));
        }
    }
    Ok(metadata)
}

/// Make the folder (0700) and an empty file (0600) where there is none, so that what SQLite makes beside it is ours alone too.
pub(super) fn make(path: &Path) -> Result<(), OpenError> {
    if let Some(folder) = folder_of(path) {
        make_folder(folder).map_err(|error| failed(folder, &error))?;
        if let Some(system) = network_of(folder) {
            return Err(OpenError::Network {
                path: path.to_owned(),
                system,
            });
        }
    }
    match check(path)? {
        None => match private(OpenOptions::new().write(true).create_new(true)).open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(failed(path, &error)),
        },
        Some(metadata) => keep_private(path, &metadata),
    }
}

/// Which files open books are: on Unix a file can be removed or replaced under an open connection, and what is written then is lost with it.
#[derive(Debug)]
pub(super) struct Whereabouts {
    books: (PathBuf, Option<FileId>),
    log: (PathBuf, Option<FileId>),
}

/// Device and number of a file.
type FileId = (u64, u64);

impl Whereabouts {
    /// Of books that were just opened.
    pub(super) fn of(path: &Path) -> Whereabouts {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let log = PathBuf::from(log);
        Whereabouts {
            books: (path.to_owned(), file_id(path)),
            log: (log.clone(), file_id(&log)),
        }
    }

    /// The books.
    pub(super) fn path(&self) -> &Path {
        &self.books.0
    }

    /// True while both are where they were. The log may come later than the books, and is known from then on.
    pub(super) fn hold(&mut self) -> bool {
        let (path, books) = &self.books;
        let (log_path, log) = &mut self.log;
        if log.is_none() {
            *log = file_id(log_path);
        }
        file_id(path) == *books && file_id(log_path) == *log
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn file_id(_: &Path) -> Option<FileId> {
    None
}

fn folder_of(path: &Path) -> Option<&Path> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
}

fn failed(path: &Path, error: &io::Error) -> OpenError {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            OpenError::ReadOnly(path.to_owned())
        }
        ErrorKind::StorageFull => OpenError::DiskFull(path.to_owned()),
        _ => OpenError::Io {
            path: path.to_owned(),
            said: error.to_string(),
        },
    }
}

#[cfg(unix)]
fn names(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Take from others what an earlier copy or restore may have given them. Not opening the file is on purpose: closing it
/// would drop the locks SQLite holds for this process.
#[cfg(unix)]
fn keep_private(path: &Path, metadata: &Metadata) -> Result<(), OpenError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
        .map_err(|error| failed(path, &error))
}

#[cfg(not(unix))]
fn keep_private(_: &Path, _: &Metadata) -> Result<(), OpenError> {
    Ok(())
}

/// The name of the network file system a folder lies on. Their locks do not hold between machines, nor always within one.
#[cfg(target_os = "linux")]
fn network_of(folder: &Path) -> Option<&'static str> {
    let found = rustix::fs::statfs(folder).ok()?;
    // The width of the field differs between machines; the magic numbers are 32 bits on all of them.
    network_by_magic(found.f_type as u32)
}

#[cfg(not(target_os = "linux"))]
fn network_of(_: &Path) -> Option<&'static str> {
    None
}

/// File systems of other machines by the magic number of statfs(2).
#[cfg(target_os = "linux")]
fn network_by_magic(magic: u32) -> Option<&'static str> {
    match magic {
        0x0000_6969 => Some("NFS"),
        0x0000_517B | 0xFF53_4D42 | 0xFE53_4D42 => Some("SMB"),
        0x6573_5546 => Some("FUSE"),
        0x0102_1997 => Some("9P"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        0x00C3_6400 => Some("Ceph"),
        0x7375_7245 => Some("Coda"),
        0x0BD0_0BD0 => Some("Lustre"),
        0x0116_1970 => Some("GFS2"),
        0x7461_636F => Some("OCFS2"),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_other_machines_are_known_by_name() {
        for (magic, system) in [
            (0x6969, Some("NFS")),
            (0xFF53_4D42, Some("SMB")),
            (0x6573_5546, Some("FUSE")),
            (0xEF53, None),
            (0x0102_1994, None),
            (0x9123_683E, None),
            (0x5846_5342, None),
        ] {
            assert_eq!(network_by_magic(magic), system, "{magic:x}");
        }
    }
}
