//! What the machine says of a serial port, a folder and its disk. Looks, and changes nothing.

use std::fs::OpenOptions;
use std::path::Path;

/// What stands at the path of a serial port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialLook {
    /// A serial port that this user may open.
    Ready,
    /// Nothing.
    Missing,
    /// Something else: a printer, a file, a folder.
    NotASerialPort,
    /// This user may not open it.
    NoPermission,
    /// Another program has it.
    Taken,
    /// The system's own words.
    Other(String),
}

/// The same on every Unix: files that only their owner may read.
#[cfg(unix)]
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Windows keeps the rights of the user's own folder.
#[cfg(not(unix))]
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Look at a serial port without setting it up.
#[cfg(unix)]
pub fn look_at_serial(path: &Path) -> SerialLook {
    use std::io::ErrorKind;
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

    let told = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => SerialLook::Missing,
        ErrorKind::PermissionDenied => SerialLook::NoPermission,
        ErrorKind::ResourceBusy => SerialLook::Taken,
        _ => SerialLook::Other(error.to_string()),
    };
    let facts = match std::fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) => return told(error),
    };
    // A pipe or a file must not even be opened: a reader of the pipe would notice.
    if !facts.file_type().is_char_device() {
        return SerialLook::NotASerialPort;
    }
    let flags = rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    match opened {
        Ok(file) if rustix::termios::isatty(&file) => SerialLook::Ready,
        Ok(_) => SerialLook::NotASerialPort,
        Err(error) => told(error),
    }
}

/// Look at a serial port without opening it: whether the system lists it.
#[cfg(not(unix))]
pub fn look_at_serial(path: &Path) -> SerialLook {
    let name = path.to_string_lossy();
    let bare = name.strip_prefix(r"\\.\").unwrap_or(&name);
    match serialport::available_ports() {
        Ok(ports)
            if ports
                .iter()
                .any(|port| port.port_name.eq_ignore_ascii_case(bare)) =>
        {
            SerialLook::Ready
        }
        Ok(_) => SerialLook::Missing,
        Err(error) => SerialLook::Other(error.to_string()),
    }
}

/// May this user write in a folder?
#[cfg(unix)]
pub fn is_writable(folder: &Path) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// May this user write in a folder? Windows tells only of the read-only mark; rights show when the books are opened.
#[cfg(not(unix))]
pub fn is_writable(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|facts| !facts.permissions().readonly())
}

/// Free bytes for this user on the disk of a folder, where the system tells.
#[cfg(unix)]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Free bytes for this user on the disk of a folder, where the system tells.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_something_else_is_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("port");
        std::fs::write(&file, "").expect("written");
        for (path, expected) in [
            (folder.path().join("none").as_path(), SerialLook::Missing),
            (folder.path(), SerialLook::NotASerialPort),
            (&file, SerialLook::NotASerialPort),
            (Path::new("/dev/null"), SerialLook::NotASerialPort),
        ] {
            assert_eq!(look_at_serial(path), expected, "{}", path.display());
        }
    }

    #[test]
    fn a_pseudo_terminal_passes_for_a_serial_port() {
        let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
        let master = rustix::pty::openpt(flags).expect("a pty");
        rustix::pty::grantpt(&master).expect("granted");
        rustix::pty::unlockpt(&master).expect("unlocked");
        let name = rustix::pty::ptsname(&master, Vec::new()).expect("a name");
        let path = Path::new(name.to_str().expect("a path"));
        assert_eq!(look_at_serial(path), SerialLook::Ready);
    }

    #[test]
    fn a_folder_has_room_and_can_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(is_writable(folder.path()));
        assert!(free_bytes(folder.path()).is_some_and(|bytes| bytes > 0));
        assert!(!is_writable(&folder.path().join("none")));
    }
}
