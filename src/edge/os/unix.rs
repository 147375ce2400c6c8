//! The Unix half of `os`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags, statvfs};
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, geteuid, setrlimit, test_kill_process, umask};
use rustix::stdio::stdin;
use rustix::termios::ttyname;

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

pub(super) fn harden() -> io::Result<()> {
    umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let no_core = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(no_core?)
}

pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
}

pub(super) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    let others = Mode::RWXG | Mode::RWXO;
    Ok(fs::metadata(path)?.permissions().mode() & others.as_raw_mode() != 0)
}

pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(FILE_MODE)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    // A pipe or device in the place of a file would block or swallow.
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    if data.uid() == geteuid().as_raw() && data.mode() & !FILE_MODE & 0o777 != 0 {
        file.set_permissions(fs::Permissions::from_mode(FILE_MODE))?;
    }
    Ok(file)
}

pub(super) fn free_space(path: &Path) -> io::Result<Option<u64>> {
    let system = statvfs(path)?;
    Ok(Some(system.f_bavail.saturating_mul(system.f_frsize)))
}

pub(super) fn terminal_name() -> Option<String> {
    let name = ttyname(stdin(), Vec::new()).ok()?;
    let name = std::ffi::OsString::from_vec(name.into_bytes());
    Some(name.to_string_lossy().into_owned())
}

/// False where this machine has no process of this number. One that belongs to somebody else may not be asked, but is there.
pub(super) fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// The login name, or the user's number where there is none.
pub(super) fn user() -> String {
    ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid {}", geteuid().as_raw()))
}

pub(super) fn host() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .into_iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .chain(std::env::var("HOSTNAME").ok())
        .map(|name| name.trim().to_string())
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").mode() & 0o777
    }

    #[test]
    fn files_and_folders_are_the_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        create_private_folder(&inner).expect("made");
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        let file = inner.join("file");
        drop(open_private(&file).expect("made"));
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(is_open_to_others(&file).expect("asked"));
        drop(open_private(&file).expect("opened"));
        assert_eq!(mode(&file), 0o600, "made tight again");
        assert!(!is_open_to_others(&file).expect("asked"));
    }

    #[test]
    fn no_link_and_no_folder_passes_for_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).expect("linked");
        assert!(open_private(&link).is_err());
        assert!(open_private(folder.path()).is_err());
    }
}
