//! Pseudo-terminals for the simulated terminal: a serial port made of nothing. Unix only.

#[cfg(unix)]
pub(super) use unix::PtyPort;

#[cfg(not(unix))]
pub(super) use elsewhere::PtyPort;

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use rustix::fs::{Mode, OFlags};
    use rustix::process::Pid;
    use rustix::pty::OpenptFlags;
    use rustix::termios::OptionalActions;

    use super::super::transport::descriptor::Descriptor;
    use super::super::transport::{Sink, Wire};

    /// How often the exclusive mark of a console that was killed is taken off. A real port loses it with its last user; this one
    /// has a user that never leaves.
    const UNMARK_EVERY: Duration = Duration::from_millis(200);

    /// What the names of the links begin with; the process follows.
    const NAME: &str = "madoguchi-terminal-";

    /// A port whose path stays the same while the pseudo-terminals behind it come and go.
    pub(in crate::edge::link) struct PtyPort {
        path: PathBuf,
    }

    impl PtyPort {
        /// A port under a name of this process in the folder for temporary files. What terminals that were killed left there goes.
        pub(in crate::edge::link) fn new() -> PtyPort {
            let folder = std::env::temp_dir();
            sweep(&folder);
            PtyPort::at(folder.join(format!("{NAME}{}", std::process::id())))
        }

        /// A port at this path.
        pub(in crate::edge::link) fn at(path: PathBuf) -> PtyPort {
            PtyPort { path }
        }

        /// What a console opens.
        pub(in crate::edge::link) fn path(&self) -> &Path {
            &self.path
        }

        /// A new pseudo-terminal behind the path, whatever became of the one before.
        pub(in crate::edge::link) fn plug_in(&mut self, sink: Sink) -> io::Result<Box<dyn Wire>> {
            let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
            rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
            rustix::pty::grantpt(&master)?;
            rustix::pty::unlockpt(&master)?;
            let name = rustix::pty::ptsname(&master, Vec::new())?;
            let target = Path::new(OsStr::from_bytes(name.as_bytes()));
            let slave = open_slave(target)?;
            let unmark = slave.try_clone()?;
            self.point_at(target)?;
            let every: Box<dyn Fn() + Send> = Box::new(move || {
                // A port that is gone has no mark to take off.
                let _ = rustix::termios::ioctl_tiocnxcl(&unmark);
            });
            let wire = Descriptor::start(master, slave, sink, Some((UNMARK_EVERY, every)))?;
            Ok(Box::new(wire))
        }

        /// The link is made beside and moved over, so that a console never finds it missing.
        fn point_at(&self, target: &Path) -> io::Result<()> {
            let fresh = self.path.with_extension("new");
            if fresh.symlink_metadata().is_ok() {
                std::fs::remove_file(&fresh)?;
            }
            std::os::unix::fs::symlink(target, &fresh)?;
            std::fs::rename(&fresh, &self.path)
        }
    }

    impl Drop for PtyPort {
        fn drop(&mut self) {
            // Only a link is ours; anything else that somebody put there stays.
            if self
                .path
                .symlink_metadata()
                .is_ok_and(|found| found.is_symlink())
            {
                let _ = std::fs::remove_file(&self.path);
            }
        }
    }

    /// Take away links under names of this kind whose process is gone. They lead nowhere, or, once the system has given the number of
    /// their pseudo-terminal to another program, to a stranger.
    fn sweep(folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for path in entries.map_while(Result::ok).map(|entry| entry.path()) {
            if path.is_symlink() && owner(&path).is_some_and(is_gone) {
                // Somebody else's, or somebody was quicker: it is not in the way.
                let _ = std::fs::remove_file(&path);
            }
        }
    }

    /// The process that a link of this kind is named after, half-made ones included.
    fn owner(path: &Path) -> Option<Pid> {
        let name = path.file_name()?.to_str()?.strip_prefix(NAME)?;
        let digits = name.strip_suffix(".new").unwrap_or(name);
        Pid::from_raw(digits.parse().ok()?)
    }

    fn is_gone(pid: Pid) -> bool {
        rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
    }

    /// Held open for as long as the port is plugged in: without it every console that leaves would hang up the line.
    fn open_slave(path: &Path) -> io::Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(path, flags, Mode::empty())?;
        let mut settings = rustix::termios::tcgetattr(&slave)?;
        settings.make_raw();
        rustix::termios::tcsetattr(&slave, OptionalActions::Now, &settings)?;
        Ok(slave)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::path::{Path, PathBuf};

    use super::super::transport::{Sink, Wire};

    /// There are no pseudo-terminals here.
    pub(in crate::edge::link) struct PtyPort {
        path: PathBuf,
    }

    impl PtyPort {
        pub(in crate::edge::link) fn new() -> PtyPort {
            PtyPort::at(PathBuf::new())
        }

        pub(in crate::edge::link) fn at(path: PathBuf) -> PtyPort {
            PtyPort { path }
        }

        pub(in crate::edge::link) fn path(&self) -> &Path {
            &self.path
        }

        pub(in crate::edge::link) fn plug_in(&mut self, _sink: Sink) -> io::Result<Box<dyn Wire>> {
            Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this system has no pseudo-terminals; use --listen 127.0.0.1:0 instead",
            ))
        }
    }
}
