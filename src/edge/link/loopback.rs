//! The loopback check of a cable: with pins 2 and 3 bridged, what is sent into a port comes back.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::app::message::link_setup::LoopOutcome;
use crate::cat::model::SerialSettings;
use crate::config::port::PortAddress;

use super::Clock;
use super::transport::{Dialer, Incoming, Wire};

/// How long one piece may take to come back (ms).
const PATIENCE_MS: u64 = 1_000;
/// Sent first and alone: a device that is no bridge gets no more than this.
const FIRST: u8 = b'U';

/// What is sent: every byte there is, and the two that change most often on the line.
fn pattern() -> Vec<u8> {
    (0..=u8::MAX).chain([0x55, 0xaa].repeat(32)).collect()
}

/// Send, and compare what comes back.
pub(super) fn check(path: &str, clock: &Clock) -> LoopOutcome {
    let address = PortAddress::Serial(path.to_owned());
    let mut dialer = Dialer::to(address, SerialSettings::default());
    let (sender, heard) = mpsc::channel();
    let sink = Box::new(move |incoming| match sender.send(incoming) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    });
    match dialer.open(sink) {
        Ok(mut wire) => run(&mut *wire, &heard, clock),
        Err(error) => LoopOutcome::NotOpened(error.detail),
    }
}

fn run(wire: &mut dyn Wire, heard: &Receiver<Incoming>, clock: &Clock) -> LoopOutcome {
    let began_ms = clock().mono_ms;
    let pattern = pattern();
    let mut came = Vec::new();
    for (piece, wanted) in [(&[FIRST][..], 1), (&pattern[..], 1 + pattern.len())] {
        if let Err(error) = wire.write(piece) {
            return LoopOutcome::NotOpened(error.to_string());
        }
        if let Err(detail) = collect(heard, clock, wanted, &mut came) {
            return LoopOutcome::NotOpened(detail);
        }
        let sent = [&[FIRST], &pattern[..]].concat();
        match compare(&sent[..wanted], &came) {
            None => {}
            Some(outcome) => return outcome,
        }
    }
    LoopOutcome::Whole {
        bytes: came.len(),
        after_ms: clock().mono_ms.saturating_sub(began_ms),
    }
}

/// Wait until so many bytes came, or too long.
fn collect(
    heard: &Receiver<Incoming>,
    clock: &Clock,
    wanted: usize,
    came: &mut Vec<u8>,
) -> Result<(), String> {
    let until_ms = clock().mono_ms + PATIENCE_MS;
    while came.len() < wanted {
        let left = until_ms.saturating_sub(clock().mono_ms);
        match heard.recv_timeout(Duration::from_millis(left)) {
            Ok(Incoming::Bytes(bytes)) => came.extend(bytes),
            Ok(Incoming::Closed(detail)) => return Err(detail),
            // The clock decides, not how long this thread slept.
            Err(RecvTimeoutError::Timeout) if clock().mono_ms < until_ms => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
    Ok(())
}

/// `None` where all is as it was sent.
fn compare(sent: &[u8], came: &[u8]) -> Option<LoopOutcome> {
    if came.is_empty() {
        return Some(LoopOutcome::Nothing);
    }
    let same = sent.iter().zip(came).take_while(|(a, b)| a == b).count();
    (same < sent.len() || came.len() > sent.len()).then_some(LoopOutcome::Differs {
        at: same,
        came: came.len(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::super::system_clock;
    use super::super::transport::memory;
    use super::*;

    /// A cable of which the far end does this to what arrives.
    fn through(far_end: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> (LoopOutcome, usize) {
        let (near, heard) = mpsc::channel();
        let (far, arrives) = mpsc::channel();
        let sink = |sender: mpsc::Sender<Incoming>| -> super::super::transport::Sink {
            Box::new(move |incoming| match sender.send(incoming) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        };
        let (mut ours, mut theirs) = memory::pair(sink(near), sink(far));
        let device = std::thread::spawn(move || {
            let mut count = 0;
            while let Ok(Incoming::Bytes(bytes)) = arrives.recv() {
                count += bytes.len();
                let back = far_end(&bytes);
                if !back.is_empty() && theirs.write(&back).is_err() {
                    break;
                }
            }
            count
        });
        let clock = system_clock(FixedOffset::east_opt(32_400).expect("nine hours"));
        let outcome = run(&mut ours, &heard, &clock);
        ours.close();
        (outcome, device.join().expect("no panic"))
    }

    #[test]
    fn a_bridged_cable_gives_everything_back() {
        let (outcome, _) = through(<[u8]>::to_vec);
        assert!(
            matches!(outcome, LoopOutcome::Whole { bytes: 321, .. }),
            "{outcome:?}"
        );
    }

    #[test]
    fn a_bad_cable_says_where() {
        let (outcome, _) = through(|bytes| bytes.iter().map(|byte| byte & 0x7f).collect());
        let wrong = LoopOutcome::Differs { at: 129, came: 321 };
        assert_eq!(outcome, wrong, "the first byte above 7F");
    }

    #[test]
    fn a_device_that_is_no_bridge_gets_one_byte() {
        assert_eq!(through(|_| vec![]), (LoopOutcome::Nothing, 1));
        let (outcome, sent) = through(|_| b"OK".to_vec());
        assert_eq!(outcome, LoopOutcome::Differs { at: 0, came: 2 });
        assert_eq!(sent, 1);
    }
}
