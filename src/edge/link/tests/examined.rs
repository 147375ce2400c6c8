//! Examinations, reconnects and traces on the thread that owns a line. The devices decide when time passes, so no machine is too slow.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::*;
use crate::app::message::link_setup::Direction;
use crate::app::message::{LinkRequest, Now};
use crate::cat::TerminalState;
use crate::cat::examination::Verdict;
use crate::edge::link::transport::{Incoming, Wire as _, memory};

/// A clock that a test moves, and only while nothing is on its way: everybody has said and heard everything that they can at this moment.
#[derive(Clone, Default)]
struct Hands {
    ms: Arc<AtomicU64>,
    /// Bytes that the device has taken and answered.
    taken: Arc<AtomicUsize>,
    /// Bytes that the device has sent.
    sent: Arc<AtomicUsize>,
    /// Looks in a row at which something was on its way.
    looks: Arc<AtomicUsize>,
}

/// So many looks, and what is on its way was lost where a line was closed: seconds on a machine that does nothing else, more on one that does.
const LOOKS_MAX: usize = 100_000;

impl Hands {
    fn move_on(&self, ms: u64) {
        self.ms.fetch_add(ms, Ordering::AcqRel);
    }

    fn clock(&self) -> Clock {
        let ms = Arc::clone(&self.ms);
        let wall = system_clock(chrono::FixedOffset::east_opt(32_400).expect("nine hours"))().wall;
        Arc::new(move || Now {
            mono_ms: 10_000 + ms.load(Ordering::Acquire),
            wall,
        })
    }

    /// What a device does with what it hears; told before and after, so that nothing is ever lost sight of.
    fn answer(&self, heard: &[u8], back: &[u8], write: impl FnOnce(&[u8])) {
        self.sent.fetch_add(back.len(), Ordering::AcqRel);
        if !back.is_empty() {
            write(back);
        }
        // The byte that gives up a call may be lost where the line is opened anew right behind it.
        let count = heard.iter().filter(|byte| **byte != 4).count();
        self.taken.fetch_add(count, Ordering::AcqRel);
    }

    /// Wait until nothing is on its way, then let a moment pass.
    fn let_pass(&self, counter: &Counter, ms: u64) {
        let link = counter.link.as_ref().expect("open");
        let (sent, heard) = link.settled();
        let taken = self.taken.load(Ordering::Acquire);
        if sent == taken && heard == self.sent.load(Ordering::Acquire) {
            self.looks.store(0, Ordering::Release);
            self.move_on(ms);
            link.settled();
        } else if self.looks.fetch_add(1, Ordering::AcqRel) >= LOOKS_MAX {
            self.taken.store(sent, Ordering::Release);
            self.sent.store(heard, Ordering::Release);
        } else {
            std::thread::yield_now();
        }
    }
}

/// A link to whatever this answers.
struct Rig {
    counter: Counter,
    opened: Arc<AtomicUsize>,
    heard: Receiver<Vec<u8>>,
}

const ENQ: &[u8] = b"\x05";
const ACK: &[u8] = b"\x06";
const EOT: &[u8] = b"\x04";

fn rig(device: impl Fn(usize, &[u8]) -> Vec<u8> + Send + Sync + 'static, hands: &Hands) -> Rig {
    let opened = Arc::new(AtomicUsize::new(0));
    let (hear, heard) = mpsc::channel();
    let device = Arc::new(device);
    let (count, hands) = (Arc::clone(&opened), hands.clone());
    let clock = hands.clock();
    let dialer = Dialer::from_fn(move |console| {
        let line = count.fetch_add(1, Ordering::AcqRel) + 1;
        let (device, hear, hands) = (Arc::clone(&device), hear.clone(), hands.clone());
        let (send, arrives) = mpsc::channel();
        let sink = Box::new(move |incoming| match send.send(incoming) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        });
        let (ours, mut theirs) = memory::pair(console, sink);
        std::thread::spawn(move || {
            while let Ok(Incoming::Bytes(bytes)) = arrives.recv() {
                let _ = hear.send(bytes.clone());
                let back = device(line, &bytes);
                hands.answer(&bytes, &back, |back| {
                    let _ = theirs.write(back);
                });
            }
        });
        Ok(Box::new(ours))
    });
    Rig {
        counter: Counter::with(dialer, clock),
        opened,
        heard,
    }
}

/// A terminal that takes everything and says nothing of its own.
fn takes_everything(_: usize, bytes: &[u8]) -> Vec<u8> {
    if bytes == EOT { vec![] } else { ACK.to_vec() }
}

impl Rig {
    fn opened(&self) -> usize {
        self.opened.load(Ordering::Acquire)
    }

    /// Time passes until the question is given up.
    fn broken(&self, hands: &Hands) -> Exposure {
        loop {
            match self.counter.events.try_recv() {
                Ok(LinkEvent::Broken { exposure, .. }) => return exposure,
                Ok(LinkEvent::Delivered | LinkEvent::Idle | LinkEvent::Alive) => {}
                Ok(other) => panic!("{other:?}"),
                Err(_) => hands.let_pass(&self.counter, 100),
            }
        }
    }
}

impl Counter {
    fn examine(&self) -> Receiver<Verdict> {
        let (sender, verdict) = mpsc::channel();
        let link = self.link.as_ref().expect("open");
        link.examine(move |found| {
            let _ = sender.send(found);
        });
        verdict
    }

    fn verdict(&self) -> Verdict {
        self.examine().recv_timeout(PATIENCE).expect("a verdict")
    }

    /// Time passes until there is a verdict.
    fn verdict_in_time(&self, hands: &Hands) -> Verdict {
        let waiting = self.examine();
        loop {
            match waiting.try_recv() {
                Ok(verdict) => return verdict,
                Err(_) => hands.let_pass(self, 50),
            }
        }
    }
}

fn is_state_question(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x02OC1")
}

#[test]
fn the_terminal_is_examined_on_its_open_line_and_sells_on_it_afterwards() {
    let dialer = practice_terminal(options("approve", None)).expect("a terminal");
    let counter = Counter::new(dialer);
    counter.connect();
    counter.approved(1);
    let Verdict::Answered { status, .. } = counter.verdict() else {
        panic!("no answer")
    };
    assert_eq!(status.state, TerminalState::Idle);
    assert!(status.terminal_id.is_some());
    counter.approved(2);
    counter.close();
}

#[test]
fn a_line_that_was_never_opened_is_opened_for_the_examination() {
    let dialer = practice_terminal(options("approve", None)).expect("a terminal");
    let counter = Counter::new(dialer);
    assert!(matches!(counter.verdict(), Verdict::Answered { .. }));
    counter.connect();
    counter.approved(1);
    counter.close();
}

#[test]
fn an_exchange_under_way_is_never_disturbed() {
    let hands = Hands::default();
    // Takes the amount and says nothing more: the customer stands at the terminal.
    let rig = rig(takes_everything, &hands);
    rig.counter.connect();
    rig.counter.request(sale(1));
    assert_eq!(rig.counter.next(), LinkEvent::Delivered);
    // The amount has wholly left when the call is over.
    while rig.heard.recv_timeout(PATIENCE).expect("the call ends") != EOT {}
    for _ in 0..3 {
        assert_eq!(rig.counter.verdict(), Verdict::InUse);
    }
    assert_eq!(rig.heard.try_iter().count(), 0, "not one byte");
    assert_eq!(rig.opened(), 1);
    rig.counter.close();
}

#[test]
fn a_line_that_may_still_bring_the_answer_to_an_amount_is_kept() {
    let hands = Hands::default();
    let rig = rig(takes_everything, &hands);
    rig.counter.connect();
    rig.counter.request(sale(1));
    assert_eq!(rig.counter.next(), LinkEvent::Delivered);
    // Given up by the console, but the customer may still be at the PIN.
    let model = model();
    hands.move_on(model.timers.transaction_ms + 1);
    rig.counter.request(LinkRequest::Abandon);
    assert_eq!(rig.counter.next(), LinkEvent::Idle);
    assert_eq!(rig.counter.verdict(), Verdict::InUse);
    rig.counter.connect();
    assert_eq!(rig.opened(), 1);
    hands.move_on(model.timers.transaction_max_ms);
    assert_ne!(rig.counter.verdict_in_time(&hands), Verdict::InUse);
    rig.counter.close();
}

#[test]
fn whatever_the_console_asks_goes_before_an_examination() {
    let hands = Hands::default();
    // Hears the call of the examination and says nothing, while no time passes; the second line is a good one.
    let rig = rig(
        |line, bytes| {
            if line > 1 && bytes == ENQ {
                ACK.to_vec()
            } else {
                vec![]
            }
        },
        &hands,
    );
    rig.counter.connect();
    let verdict = rig.counter.examine();
    assert_eq!(rig.heard.recv_timeout(PATIENCE).expect("a call"), ENQ);
    rig.counter.connect();
    let verdict = verdict.recv_timeout(PATIENCE).expect("at once");
    assert_eq!(verdict, Verdict::GaveWay);
    assert_eq!(rig.opened(), 2, "on a line without a half-asked question");
    rig.counter.request(sale(1));
    assert_eq!(rig.heard.recv_timeout(PATIENCE).expect("a call"), ENQ);
    rig.counter.close();
}

#[test]
fn nothing_but_the_question_for_the_state_ever_leaves() {
    for reply in [&b""[..], ACK, b"\x15", b"\x05"] {
        let hands = Hands::default();
        let rig = rig(
            move |_, bytes| if bytes == EOT { vec![] } else { reply.to_vec() },
            &hands,
        );
        let verdict = rig.counter.verdict_in_time(&hands);
        assert!(!matches!(verdict, Verdict::Answered { .. }), "{verdict:?}");
        let sent: Vec<Vec<u8>> = rig.heard.try_iter().collect();
        assert!(!sent.is_empty());
        for piece in sent {
            assert!(
                piece.len() == 1 || is_state_question(&piece),
                "{piece:02x?}"
            );
        }
        rig.counter.close();
    }
}

#[test]
fn a_line_on_which_nobody_answers_any_more_is_opened_anew() {
    let hands = Hands::default();
    let rig = rig(|_, _| vec![], &hands);
    rig.counter.connect();
    rig.counter.connect();
    assert_eq!(rig.opened(), 1, "a good line is kept");
    rig.counter.request(LinkRequest::Send(Command::Status));
    rig.broken(&hands);
    rig.counter.connect();
    assert_eq!(rig.opened(), 2);
    rig.counter.connect();
    assert_eq!(rig.opened(), 2, "once for each question in vain");
    rig.counter.close();
}

#[test]
fn a_silent_line_is_kept_while_an_amount_may_still_be_answered_on_it() {
    let hands = Hands::default();
    let quiet = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&quiet);
    let rig = rig(
        move |line, bytes| match seen.load(Ordering::Acquire) {
            0 => takes_everything(line, bytes),
            _ => vec![],
        },
        &hands,
    );
    rig.counter.connect();
    rig.counter.request(sale(1));
    assert_eq!(rig.counter.next(), LinkEvent::Delivered);
    quiet.store(1, Ordering::Release);
    rig.counter.request(LinkRequest::Abandon);
    assert_eq!(rig.counter.next(), LinkEvent::Idle);
    rig.counter.request(LinkRequest::Send(Command::Status));
    // Long enough for the question, not for the customer.
    assert_eq!(rig.broken(&hands), Exposure::Nothing);
    rig.counter.connect();
    assert_eq!(rig.opened(), 1, "a late answer would have nowhere to come");
    rig.counter.close();
}

#[test]
fn the_trace_of_a_sale_reads_like_a_sale() {
    let dialer = practice_terminal(options("approve", None)).expect("a terminal");
    let counter = Counter::new(dialer);
    counter.connect();
    counter.approved(1);
    let frames = counter.link.as_ref().expect("open").trace();
    let meanings: Vec<&str> = frames.iter().map(|frame| frame.meaning.as_str()).collect();
    let first = ["open", "ENQ", "ACK", "authorize_sales"];
    assert_eq!(meanings[..4], first, "{meanings:?}");
    assert!(meanings.contains(&"result: approved"), "{meanings:?}");
    assert_eq!(frames[1].direction, Direction::Out);
    assert_eq!(frames[2].direction, Direction::In);
    assert!(frames[3].text.starts_with("<STX>OC1"), "{}", frames[3].text);
    counter.close();
}

#[test]
fn a_lan_terminal_that_has_another_console_says_so() {
    let terminal = start(options("approve", None), any_port());
    let first = Counter::at(&terminal.address);
    first.connect();
    first.approved(1);
    let second = Counter::at(&terminal.address);
    let verdict = second.verdict();
    assert!(
        matches!(
            verdict,
            Verdict::NotOpened {
                cause: Break::PortTaken,
                ..
            }
        ),
        "{verdict:?}"
    );
    first.approved(2);
    first.close();
    second.close();
    terminal.stop();
}

#[cfg(unix)]
mod on_a_pseudo_terminal {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::os::fd::OwnedFd;

    use rustix::pty::OpenptFlags;
    use rustix::termios::{OptionalActions, tcgetattr};

    use super::*;
    use crate::app::message::link_setup::LoopOutcome;
    use crate::cat::examination::DeviceKind;

    /// A device behind a pseudo-terminal that knows at which speed it is called.
    struct Device {
        path: String,
        _held: OwnedFd,
    }

    fn plug_in(device: impl Fn(u32, &[u8]) -> Vec<u8> + Send + 'static, hands: &Hands) -> Device {
        let hands = hands.clone();
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
        rustix::pty::grantpt(&master).expect("ours");
        rustix::pty::unlockpt(&master).expect("open");
        let name = rustix::pty::ptsname(&master, Vec::new()).expect("a name");
        let path = name.to_str().expect("UTF-8").to_owned();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let held = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty());
        let held = held.expect("the other end");
        let mut settings = tcgetattr(&held).expect("settings");
        settings.make_raw();
        rustix::termios::tcsetattr(&held, OptionalActions::Now, &settings).expect("raw");
        let mut line = File::from(master);
        std::thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok(count @ 1..) = line.read(&mut buffer) {
                let heard = &buffer[..count];
                let speed = tcgetattr(&line).expect("settings").output_speed();
                // A call that is given up needs no answer.
                let back = match heard {
                    EOT => vec![],
                    heard => device(speed, heard),
                };
                hands.answer(heard, &back, |back| {
                    line.write_all(back).expect("written");
                });
            }
        });
        Device { path, _held: held }
    }

    fn verdict_of(device: impl Fn(u32, &[u8]) -> Vec<u8> + Send + 'static) -> Verdict {
        let hands = Hands::default();
        let device = plug_in(device, &hands);
        let address: PortAddress = device.path.parse().expect("an address");
        let dialer = Dialer::to(address, SerialSettings::default());
        let counter = Counter::with(dialer, hands.clock());
        let verdict = counter.verdict_in_time(&hands);
        counter.close();
        verdict
    }

    #[test]
    fn a_terminal_at_another_speed_is_found_there() {
        let verdict = verdict_of(|speed, _| match speed {
            38_400 => ACK.to_vec(),
            _ => vec![0xf8, 0x00],
        });
        let answers_at = SerialSettings {
            baud: 38_400,
            ..SerialSettings::default()
        };
        assert_eq!(verdict, Verdict::WrongSpeed { answers_at });
    }

    #[test]
    fn a_modem_is_no_terminal() {
        let verdict = verdict_of(|_, _| b"\r\nERROR\r\n".to_vec());
        let Verdict::WrongDevice { kind, .. } = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(kind, DeviceKind::Modem);
    }

    #[test]
    fn a_bridged_cable_is_known_from_both_sides() {
        assert_eq!(verdict_of(|_, bytes| bytes.to_vec()), Verdict::Looped);
        let hands = Hands::default();
        let device = plug_in(|_, bytes| bytes.to_vec(), &hands);
        let outcome = super::super::super::loopback::check(&device.path, &hands.clock());
        assert!(
            matches!(outcome, LoopOutcome::Whole { bytes: 321, .. }),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_terminal_of_one_connection_is_given_time_before_it_is_examined_on_a_new_line() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let mut model = shipped().expect("the shipped models are good")["ecr17"].clone();
    model.timers.reopen_ms = 50;
    let layout = Layout::shipped("ecr17").expect("it is shipped");
    let clock = system_clock(chrono::FixedOffset::east_opt(32_400).expect("nine hours"));
    let (calls, called) = mpsc::channel();
    let mut real = Dialer::to(
        address.parse().expect("an address"),
        SerialSettings::default(),
    );
    let own_clock = std::sync::Arc::clone(&clock);
    let dialer = Dialer::from_fn(move |sink| {
        let _ = calls.send(own_clock().mono_ms);
        real.open(sink)
    });
    let counter = Counter::speaking(dialer, std::sync::Arc::clone(&clock), model, layout);
    counter.connect();
    called.recv_timeout(PATIENCE).expect("the first line");
    // Nobody answers it: the examination takes a new line, on which no answer to this one can come.
    counter.request(LinkRequest::Send(Command::Status));
    let since_ms = clock().mono_ms;
    let verdict = counter.examine();
    let opened_ms = called.recv_timeout(PATIENCE).expect("the second line");
    assert!(opened_ms >= since_ms + 50, "{since_ms} {opened_ms}");
    drop(verdict);
    counter.close();
}
