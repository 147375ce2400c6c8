//! A line that goes up and down all day leaves nothing behind: no memory, no descriptor, no thread, no row in the books.
#![cfg(target_os = "linux")]

#[path = "support/soak/day.rs"]
mod day;
#[path = "support/desk.rs"]
#[expect(dead_code, reason = "the flows use the rest of it")]
mod desk;
#[path = "support/soak/heap.rs"]
mod heap;

use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use day::{Day, HOUR_MS};
use madoguchi::app::message::LinkRequest;
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::model::SerialSettings;
use madoguchi::cat::simulator::TerminalSettings;
use madoguchi::cat::simulator::script::Script;
use madoguchi::cat::{Authorize, Command, LinkEvent, TransactionType};
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::SequenceNumber;
use madoguchi::domain::tender::CardClass;
use madoguchi::edge::link::{
    Dialer, Link, LinkHandle, Listen, TerminalOptions, TerminalServer, spawn, system_clock,
};

/// Far longer than anything here takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Descriptors and threads are the process's: one test at a time counts them.
static ALONE: Mutex<()> = Mutex::new(());

/// Open descriptors of this process.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("the list")
        .count()
}

/// Threads of the link in this process, by their names.
fn link_threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .expect("the list")
        .map_while(Result::ok)
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| ["link", "line reader"].contains(&name.trim()))
        .count()
}

#[test]
fn a_day_of_a_flapping_line_leaves_nothing_behind() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut day = Day::new(1);
    let mut first = None;
    for hour in 1..=24 {
        day.live_until(hour * HOUR_MS);
        let held = day.measure();
        // In the second hour every buffer has grown to what it needs.
        let early = *first.get_or_insert(held);
        if hour <= 2 {
            first = Some(held);
            continue;
        }
        assert_eq!(held.descriptors, early.descriptors, "hour {hour}");
        assert!(
            held.heap <= early.heap + HEAP_SLACK,
            "hour {hour}: {early:?} became {held:?}"
        );
    }
    assert!(day.flaps > 3_000, "only {} flaps", day.flaps);
    assert!(day.sales > 90, "only {} sales", day.sales);
    assert!(day.unknown > 10, "only {} unknown", day.unknown);
    day.assert_books_grew_with_sales_only();
}

/// What the heap may differ by between two hours that have nothing to do with each other.
const HEAP_SLACK: i64 = 4 * 1024;

/// A link with its own thread, and what it says.
struct Counter {
    link: LinkHandle,
    events: Receiver<LinkEvent>,
}

impl Counter {
    fn at(address: &str) -> Counter {
        let mut model = desk::model();
        // Longer than this test waits: a call that is lost is not made good by a second one.
        model.timers.acknowledge_ms = 3 * 60_000;
        let (sender, events) = mpsc::channel();
        let link = Link {
            dialer: Dialer::to(
                format!("tcp://{address}").parse().expect("an address"),
                SerialSettings::default(),
            ),
            model,
            layout: Layout::open_cat(),
            clock: system_clock(*desk::wall().offset()),
        };
        let link = spawn(link, move |event| {
            let _ = sender.send(event);
        });
        Counter {
            link: link.expect("a thread"),
            events,
        }
    }

    fn wait_for(&self, what: &str, wanted: impl Fn(&LinkEvent) -> bool) {
        loop {
            match self.events.recv_timeout(PATIENCE) {
                Ok(event) if wanted(&event) => return,
                Ok(_) => {}
                Err(_) => panic!("never {what}"),
            }
        }
    }

    /// Connect, and send a sale that the terminal answers by cutting the line.
    fn be_cut_off(&self, number: u32) {
        self.link.request(LinkRequest::Connect);
        self.wait_for("up", |event| *event == LinkEvent::Up);
        self.link
            .request(LinkRequest::Send(Command::Authorize(Authorize {
                transaction: TransactionType::Sales,
                sequence_number: SequenceNumber::new(number).expect("in range"),
                amount: Yen::new(3_430),
                tax_others: Yen::ZERO,
                card_class: CardClass::CREDIT,
                device_id: None,
                training: false,
                original_slip: None,
            })));
        self.wait_for("down", |event| matches!(event, LinkEvent::Down { .. }));
    }
}

/// Readers end a moment after their line: wait for that, and fail if some never do.
#[track_caller]
fn settles_at(what: &str, limit: usize, count: impl Fn() -> usize) {
    let mut tries = 0_u32;
    while count() > limit {
        tries += 1;
        assert!(tries < 1_000_000, "{what}: {} instead of {limit}", count());
        std::thread::yield_now();
    }
}

#[test]
fn five_hundred_lines_that_break_leave_no_descriptor_and_no_thread() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let server = TerminalServer::listen(
        TerminalOptions {
            model: desk::model(),
            layout: Layout::open_cat(),
            script: Script::parse("approve-then-cut …").expect("a script"),
            settings: TerminalSettings {
                pace_ms: 0,
                ..TerminalSettings::default()
            },
            books: None,
            clock: system_clock(*desk::wall().offset()),
        },
        Listen::Tcp("127.0.0.1:0".parse().expect("an address")),
    )
    .expect("a terminal");
    let (stopper, address) = (server.stopper(), server.address());
    let serving = std::thread::spawn(move || server.serve(|_| {}));
    let counter = Counter::at(&address);
    counter.be_cut_off(1);
    settles_at("threads", 1, link_threads);
    let before = descriptors();
    for number in 2..=501 {
        counter.be_cut_off(number);
    }
    settles_at("threads", 1, link_threads);
    settles_at("descriptors", before, descriptors);
    counter.link.close();
    stopper.stop();
    serving.join().expect("no panic").expect("a clean end");
}
