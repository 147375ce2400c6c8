//! Who has a port locked, as far as the system tells.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The process that holds the lock on a device, in words. The system's list of locks (Linux) tells it to everybody; elsewhere, and for a
/// program that opened the port without a lock, nothing is known.
pub(super) fn of(port: &str) -> Option<String> {
    let device = std::fs::metadata(port).ok()?;
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let pid = holder_in(&locks, device.dev(), device.ino())?;
    let name = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("comm"));
    Some(match name {
        Ok(name) => format!("pid {pid} ({})", name.trim()),
        Err(_) => format!("pid {pid}"),
    })
}

/// `1: FLOCK  ADVISORY  WRITE 30392 fe:00:11117933 0 EOF`; what waits for a lock has `->` in the second place.
fn holder_in(locks: &str, dev: u64, ino: u64) -> Option<u32> {
    let place = format!(
        "{:02x}:{:02x}:{ino}",
        rustix::fs::major(dev),
        rustix::fs::minor(dev)
    );
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let kind = words.next()?;
        let pid = words.nth(2)?.parse().ok().filter(|pid| *pid > 0)?;
        (kind == "FLOCK" && words.next()? == place).then_some(pid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_who_has_the_lock_on_this_very_device() {
        let locks = "1: FLOCK  ADVISORY  WRITE 30392 00:18:5 0 EOF\n\
                     1: -> FLOCK  ADVISORY  WRITE 30393 00:18:6 0 EOF\n\
                     2: POSIX  ADVISORY  WRITE 30394 00:18:6 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 0 00:18:7 0 EOF\n\
                     broken\n\
                     4: FLOCK  ADVISORY  READ 30395 fe:1a:6 0 EOF\n";
        let dev = rustix::fs::makedev(0, 0x18);
        let disk = rustix::fs::makedev(0xfe, 0x1a);
        for (dev, ino, holder) in [
            (dev, 5, Some(30392)),
            (dev, 6, None),
            (dev, 7, None),
            (disk, 6, Some(30395)),
            (disk, 5, None),
        ] {
            assert_eq!(holder_in(locks, dev, ino), holder, "{dev} {ino}");
        }
    }
}
