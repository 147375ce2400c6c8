//! Serial ports: opened for us alone, with the model's line settings, without anything that could wait for ever.

use serialport::{ClearBuffer, DataBits, ErrorKind, SerialPort, StopBits};

use crate::cat::Break;
use crate::cat::model::{Parity, SerialSettings};

use super::{OpenError, Sink, Wire};

/// Open a port. Another console on it is [`Break::PortTaken`]; everything else that fails is [`Break::Unreachable`].
pub(super) fn open(
    path: &str,
    settings: &SerialSettings,
    sink: Sink,
) -> Result<Box<dyn Wire>, OpenError> {
    platform::open(path, settings, sink)
}

fn builder(
    path: &str,
    settings: &SerialSettings,
) -> Result<serialport::SerialPortBuilder, OpenError> {
    let unusable = |what: &str| {
        OpenError::new(
            Break::Unreachable,
            format!("{path}: {what}; correct the line settings of this port"),
        )
    };
    let data_bits = match settings.data_bits {
        7 => DataBits::Seven,
        8 => DataBits::Eight,
        _ => return Err(unusable("data bits are neither 7 nor 8")),
    };
    let stop_bits = match settings.stop_bits {
        1 => StopBits::One,
        2 => StopBits::Two,
        _ => return Err(unusable("stop bits are neither 1 nor 2")),
    };
    if settings.baud == 0 {
        return Err(unusable("0 baud is no speed"));
    }
    Ok(serialport::new(path, settings.baud)
        .data_bits(data_bits)
        .stop_bits(stop_bits)
        .parity(parity(settings.parity)))
}

fn parity(parity: Parity) -> serialport::Parity {
    match parity {
        Parity::None => serialport::Parity::None,
        Parity::Even => serialport::Parity::Even,
        Parity::Odd => serialport::Parity::Odd,
    }
}

fn refused(path: &str, error: &serialport::Error) -> OpenError {
    match error.kind {
        // Both the lock of another program and a lock file's refusal come as "no device" from a device that exists.
        ErrorKind::NoDevice => taken(path),
        ErrorKind::Io(std::io::ErrorKind::NotFound) => missing(path),
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => forbidden(path),
        ErrorKind::Io(_) | ErrorKind::InvalidInput | ErrorKind::Unknown => OpenError::new(
            Break::Unreachable,
            format!("{path}: {error}; check that this is the terminal's serial port"),
        ),
    }
}

/// Says who has the port, where the system tells.
fn taken(path: &str) -> OpenError {
    #[cfg(unix)]
    let holder = super::holder::of(path);
    #[cfg(not(unix))]
    let holder: Option<String> = None;
    let holder = holder.unwrap_or_else(|| "another program or another console".to_owned());
    OpenError::new(Break::PortTaken, format!("{path}: {holder} uses this port"))
}

fn missing(path: &str) -> OpenError {
    OpenError::new(
        Break::Unreachable,
        format!("{path}: there is no such port; check the cable, and the name of the port"),
    )
}

fn forbidden(path: &str) -> OpenError {
    OpenError::new(
        Break::Unreachable,
        format!(
            "{path}: no permission; add this user to the group that owns the port (often `dialout`)"
        ),
    )
}

/// Throw away what an earlier transaction left in the buffers, and see that the port took the settings.
fn prepare(
    path: &str,
    port: &dyn SerialPort,
    settings: &SerialSettings,
    keeps_settings: bool,
) -> Result<(), OpenError> {
    port.clear(ClearBuffer::Input)
        .map_err(|error| refused(path, &error))?;
    let kept = port.baud_rate().ok() == Some(settings.baud)
        && port.parity().ok() == Some(parity(settings.parity));
    if keeps_settings && !kept {
        return Err(OpenError::new(
            Break::Unreachable,
            format!("{path}: the port does not take the speed or parity that is set for it"),
        ));
    }
    Ok(())
}

#[cfg(unix)]
mod platform {
    //! Unix: the library opens, locks and sets the port; bytes go through a second, non-blocking descriptor, because the library's own
    //! reads cannot be woken and its writes can block for ever.

    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;

    use super::super::descriptor::Descriptor;
    use super::super::without_room;
    use super::{
        Break, OpenError, SerialSettings, Sink, Wire, builder, forbidden, missing, prepare,
        refused, taken,
    };

    pub(super) fn open(
        path: &str,
        settings: &SerialSettings,
        sink: Sink,
    ) -> Result<Box<dyn Wire>, OpenError> {
        let builder = builder(path, settings)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // Before the lock: a port that is locked does not open a second time.
        let descriptor =
            rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| match errno {
                Errno::NOENT => missing(path),
                Errno::ACCESS | Errno::PERM => forbidden(path),
                Errno::BUSY => taken(path),
                other => {
                    let error = std::io::Error::from(other);
                    let remedy = without_room(&error)
                        .unwrap_or("check that this is the terminal's serial port");
                    OpenError::new(Break::Unreachable, format!("{path}: {error}; {remedy}"))
                }
            })?;
        refuse_what_is_no_port(path, &descriptor)?;
        let port = builder.open_native().map_err(|error| {
            let error = refused(path, &error);
            if error.cause == Break::PortTaken {
                // The library took off the holder's exclusive mark on its way out; without it, programs that know no locks come in.
                let _ = rustix::termios::ioctl_tiocexcl(&descriptor);
            }
            error
        })?;
        prepare(path, &port, settings, !is_pseudo_terminal(path))?;
        let wire = Descriptor::start(descriptor, Exclusive(port), sink, None)
            .map_err(|error| OpenError::new(Break::Unreachable, format!("{path}: {error}")))?;
        Ok(Box::new(wire))
    }

    /// The port, ours alone. Its mark goes when we go: the reader lets go of the line a moment later, and the line may be wanted at once.
    struct Exclusive(serialport::TTYPort);

    impl Drop for Exclusive {
        fn drop(&mut self) {
            // A port that is gone has no mark to take off.
            let _ = self.0.set_exclusive(false);
        }
    }

    /// A file, a printer, or the very screen the console runs on.
    fn refuse_what_is_no_port(
        path: &str,
        descriptor: &rustix::fd::OwnedFd,
    ) -> Result<(), OpenError> {
        if !rustix::termios::isatty(descriptor) {
            return Err(OpenError::new(
                Break::Unreachable,
                format!(
                    "{path}: this is no serial port (a file or a printer?); check the name of the port"
                ),
            ));
        }
        let own = |other: rustix::fd::BorrowedFd<'_>| {
            let ours = rustix::fs::fstat(other).map(|stat| stat.st_rdev);
            rustix::termios::isatty(other)
                && ours == rustix::fs::fstat(descriptor).map(|stat| stat.st_rdev)
        };
        if own(rustix::stdio::stdin()) || own(rustix::stdio::stdout()) {
            return Err(OpenError::new(
                Break::Unreachable,
                format!("{path}: this is the screen the console runs on, not the terminal's port"),
            ));
        }
        Ok(())
    }

    /// Pseudo-terminals take every speed and parity and keep none of it.
    fn is_pseudo_terminal(path: &str) -> bool {
        std::fs::canonicalize(path).is_ok_and(|real| real.starts_with("/dev/pts"))
    }
}

#[cfg(not(unix))]
mod platform {
    //! Elsewhere: the library's own reads and writes, in pieces small enough for its timeouts to hold.

    use std::io::{self, Read, Write};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use serialport::SerialPort;

    use super::super::{Incoming, READ_SIZE, WRITE_DEADLINE};
    use super::{Break, OpenError, SerialSettings, Sink, Wire, builder, prepare, refused};

    /// How long a read waits before it looks whether the port was given back.
    const READ_TIMEOUT: Duration = Duration::from_secs(1);
    /// The largest piece whose write the library's timeout covers.
    const CHUNK: usize = 64;

    pub(super) fn open(
        path: &str,
        settings: &SerialSettings,
        sink: Sink,
    ) -> Result<Box<dyn Wire>, OpenError> {
        let port = builder(path, settings)?
            .timeout(READ_TIMEOUT)
            .open()
            .map_err(|error| refused(path, &error))?;
        prepare(path, &*port, settings, true)?;
        let reading = port.try_clone().map_err(|error| refused(path, &error))?;
        let closed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&closed);
        std::thread::Builder::new()
            .name("line reader".to_owned())
            .spawn(move || read(reading, &seen, sink))
            .map_err(|error| OpenError::new(Break::Unreachable, format!("{path}: {error}")))?;
        Ok(Box::new(Port {
            port: Some(port),
            closed,
        }))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the deadline of one write is this line's own affair"
    )]
    fn now() -> Instant {
        Instant::now()
    }

    struct Port {
        port: Option<Box<dyn SerialPort>>,
        closed: Arc<AtomicBool>,
    }

    impl Wire for Port {
        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            let Some(port) = &mut self.port else {
                return Err(io::ErrorKind::NotConnected.into());
            };
            let deadline = now() + WRITE_DEADLINE;
            let mut rest = bytes;
            while !rest.is_empty() {
                match port.write(&rest[..rest.len().min(CHUNK)]) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(count) => rest = &rest[count..],
                    Err(error)
                        if matches!(
                            error.kind(),
                            io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                        ) && now() < deadline => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        }

        fn close(&mut self) {
            self.closed.store(true, Ordering::Release);
            self.port = None;
        }
    }

    impl Drop for Port {
        fn drop(&mut self) {
            self.close();
        }
    }

    fn read(mut port: Box<dyn SerialPort>, closed: &AtomicBool, mut sink: Sink) {
        let mut buffer = [0; READ_SIZE];
        while !closed.load(Ordering::Acquire) {
            let next = match port.read(&mut buffer) {
                Ok(0) => sink(Incoming::Closed("the line was hung up".to_owned())),
                Ok(count) => sink(Incoming::Bytes(buffer[..count].to_vec())),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                    ) =>
                {
                    continue;
                }
                // Any other error means that the line is gone; its kind differs from driver to driver.
                Err(error) => sink(Incoming::Closed(error.to_string())),
            };
            if next.is_break() {
                return;
            }
        }
    }
}
