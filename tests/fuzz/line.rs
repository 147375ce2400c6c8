//! What comes over a line: frames, messages, whole exchanges. For every layout the program is shipped with.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};
use madoguchi::cat::dialect::Reply;
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::frame::{Line, LineEvent, Role};
use madoguchi::cat::model::{Model, Timers, shipped};
use madoguchi::cat::session::Session;
use madoguchi::cat::simulator::books::Books;
use madoguchi::cat::simulator::script::Script;
use madoguchi::cat::simulator::{Moment, Terminal, TerminalEvent, TerminalSettings};
use madoguchi::cat::{
    Answer, Authorize, Command, DailyLogType, Inquiry, LinkEvent, TransactionType,
};
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::SequenceNumber;
use madoguchi::domain::tender::CardClass;

/// A line at rest after so many of its own moments at most, whatever came.
const MOMENTS_MAX: usize = 2_000;

static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    Layout::shipped_names()
        .map(|name| Layout::shipped(name).expect("a test reads every shipped layout"))
        .collect()
});
static MODEL: LazyLock<Model> =
    LazyLock::new(|| shipped().expect("the models of the program")["open-cat"].clone());

fn timers() -> &'static Timers {
    &MODEL.timers
}

/// The first byte chooses the layout, and one of two of what else there is to choose.
fn choice(input: &[u8]) -> (&'static Layout, bool, &[u8]) {
    match input.split_first() {
        None => (&LAYOUTS[0], false, input),
        Some((choice, rest)) => {
            let choice = usize::from(*choice);
            let layout = &LAYOUTS[choice / 2 % LAYOUTS.len()];
            (layout, choice % 2 == 1, rest)
        }
    }
}

fn choices(layout: usize, other: bool, rest: &[u8]) -> Vec<u8> {
    let mut input = vec![u8::try_from(layout * 2 + usize::from(other)).expect("few layouts")];
    input.extend_from_slice(rest);
    input
}

fn at() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 21)
        .and_then(|day| day.and_hms_opt(14, 32, 7))
        .expect("a moment")
}

fn sale() -> Command {
    Command::Authorize(Authorize {
        transaction: TransactionType::Sales,
        sequence_number: number(),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass(30),
        device_id: None,
        training: false,
        original_slip: None,
    })
}

fn number() -> SequenceNumber {
    SequenceNumber::new(42).expect("a number")
}

fn commands() -> Vec<Command> {
    let mut commands = vec![
        Command::Status,
        sale(),
        Command::LastResult {
            sequence_number: number(),
        },
        Command::Transactions,
        Command::Standalone,
    ];
    for log in [DailyLogType::Reporting, DailyLogType::Settlement] {
        commands.push(Command::AccessDailyLog {
            sequence_number: number(),
            log,
        });
    }
    commands
}

/// Everything the terminal of a layout is heard to say in one sale and all questions, and everything the console says: texts and bytes.
struct Overheard {
    texts: Vec<Vec<u8>>,
    bytes: Vec<u8>,
    asked: Vec<Vec<u8>>,
    asked_bytes: Vec<u8>,
}

fn moment(now_ms: u64) -> Moment {
    let begin: DateTime<FixedOffset> =
        DateTime::parse_from_rfc3339("2026-11-21T14:32:07+09:00").expect("a moment");
    let later = chrono::Duration::milliseconds(i64::try_from(now_ms).unwrap_or(i64::MAX / 4));
    Moment {
        mono_ms: now_ms,
        wall: begin.checked_add_signed(later).unwrap_or(begin),
    }
}

fn terminal(layout: &Layout) -> Terminal {
    let journal = Terminal::fresh_journal(1, moment(0));
    Terminal::new(
        &MODEL,
        layout.clone(),
        Books::new(journal),
        Script::approving(),
        TerminalSettings {
            pace_ms: 1,
            ..TerminalSettings::default()
        },
    )
}

fn overhear(layout: &Layout) -> Overheard {
    let mut heard = Overheard {
        texts: Vec::new(),
        bytes: Vec::new(),
        asked: Vec::new(),
        asked_bytes: Vec::new(),
    };
    for command in commands() {
        let Ok(text) = layout.encode_command(&command, at()) else {
            continue;
        };
        let mut terminal = terminal(layout);
        let mut ear = Line::new(Role::Primary, layout.framing(), timers());
        let mut session = Session::new(layout.clone(), *timers());
        terminal.handle_connect(moment(0));
        session
            .start(0, at(), command)
            .expect("a line at rest takes a command");
        heard.asked.push(text);
        let mut now_ms = 0;
        for _ in 0..MOMENTS_MAX {
            exchange(&mut heard, &mut session, &mut terminal, &mut ear, now_ms);
            let due = [
                session.poll_timeout(),
                terminal.poll_timeout(),
                ear.poll_timeout(),
            ];
            let Some(next) = due.into_iter().flatten().min() else {
                break;
            };
            now_ms = next.max(now_ms);
            session.handle_timeout(now_ms);
            terminal.handle_timeout(moment(now_ms));
            ear.handle_timeout(now_ms);
        }
    }
    heard
}

/// Bytes over and back until neither side has any, with an ear on the line for the texts in them.
fn exchange(
    heard: &mut Overheard,
    session: &mut Session,
    terminal: &mut Terminal,
    ear: &mut Line,
    now_ms: u64,
) {
    loop {
        let mut quiet = true;
        while let Some(bytes) = session.poll_transmit() {
            quiet = false;
            heard.asked_bytes.extend_from_slice(&bytes);
            terminal.handle_input(moment(now_ms), &bytes);
        }
        while let Some(bytes) = terminal.poll_transmit() {
            quiet = false;
            heard.bytes.extend_from_slice(&bytes);
            session.handle_input(now_ms, &bytes);
            ear.handle_input(now_ms, &bytes);
        }
        while let Some(event) = ear.poll_event() {
            if let LineEvent::Received(text) | LineEvent::Progress(text) = event {
                ear.accept(now_ms);
                heard.texts.push(text);
            }
        }
        while ear.poll_transmit().is_some() {}
        while let Some(event) = session.poll_event() {
            if let LinkEvent::Answer { .. } = event {
                session.acknowledge(now_ms);
                quiet = false;
            }
        }
        while let Some(event) = terminal.poll_event() {
            if let TerminalEvent::Record(_) = event {
                terminal.recorded(moment(now_ms));
                quiet = false;
            }
        }
        if quiet {
            return;
        }
    }
}

static OVERHEARD: LazyLock<Vec<Overheard>> =
    LazyLock::new(|| LAYOUTS.iter().map(overhear).collect());

pub(crate) fn texts_said() -> Vec<Vec<u8>> {
    each_layout(|heard| heard.texts.clone())
}

pub(crate) fn texts_asked() -> Vec<Vec<u8>> {
    each_layout(|heard| heard.asked.clone())
}

pub(crate) fn bytes_said() -> Vec<Vec<u8>> {
    each_layout(|heard| vec![heard.bytes.clone()])
}

pub(crate) fn bytes_asked() -> Vec<Vec<u8>> {
    each_layout(|heard| vec![heard.asked_bytes.clone()])
}

pub(crate) fn bytes_of_both() -> Vec<Vec<u8>> {
    [bytes_said(), bytes_asked()].concat()
}

fn each_layout(of: fn(&Overheard) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for (layout, heard) in OVERHEARD.iter().enumerate() {
        for text in of(heard) {
            inputs.push(choices(layout, false, &text));
            inputs.push(choices(layout, true, &text));
        }
    }
    inputs
}

/// Bytes cut at the places that they name themselves: what one read gives is never known.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let (piece, behind) = rest.split_at((usize::from(*first) % 37 + 1).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// Frames, either side of a line: bounded texts, bounded answers, and rest at last.
pub(crate) fn frames(input: &[u8]) -> String {
    let (layout, secondary, bytes) = choice(input);
    let framing = layout.framing();
    let role = if secondary {
        Role::Secondary
    } else {
        Role::Primary
    };
    let mut line = Line::new(role, framing, timers());
    let mut told = Told::default();
    let mut now_ms = 0;
    for (index, piece) in pieces(bytes).into_iter().enumerate() {
        now_ms += u64::from(piece[0]) * 4;
        if line.poll_timeout().is_some_and(|due| due <= now_ms) {
            line.handle_timeout(now_ms);
        }
        line.handle_input(now_ms, piece);
        if index % 3 == 1 {
            line.accept(now_ms);
        }
        told.drain(&mut line, framing.message_max);
    }
    for moments in 0.. {
        assert!(moments < MOMENTS_MAX, "the line never comes to rest");
        let Some(due) = line.poll_timeout() else {
            break;
        };
        assert!(due < u64::MAX / 2, "a moment that never comes");
        now_ms = due.max(now_ms);
        line.handle_timeout(now_ms);
        told.drain(&mut line, framing.message_max);
    }
    line.handle_disconnect(now_ms);
    told.drain(&mut line, framing.message_max);
    assert!(line.is_idle(), "a line that is gone is at rest");
    assert!(
        told.events <= 4 * bytes.len() + 16,
        "{} events",
        told.events
    );
    assert!(
        told.sent <= 8 * bytes.len() + 64,
        "{} bytes back",
        told.sent
    );
    assert!(
        told.received <= bytes.len(),
        "{} bytes of text",
        told.received
    );
    format!("{} {secondary} {}", layout.name(), told.words)
}

#[derive(Default)]
struct Told {
    events: usize,
    sent: usize,
    received: usize,
    words: String,
}

impl Told {
    fn drain(&mut self, line: &mut Line, message_max: usize) {
        while let Some(bytes) = line.poll_transmit() {
            self.sent += bytes.len();
        }
        while let Some(event) = line.poll_event() {
            self.events += 1;
            let word = match &event {
                LineEvent::Received(text) => {
                    assert!(text.len() <= message_max, "{} bytes of text", text.len());
                    self.received += text.len();
                    "r".to_owned()
                }
                LineEvent::Progress(text) => {
                    self.received += text.len();
                    "p".to_owned()
                }
                other => format!("{other:?}"),
            };
            if self.words.len() < 200 {
                self.words.push_str(&word);
            }
        }
    }
}

/// A text that a line takes comes out on the other side, whatever is in it.
pub(crate) fn texts(input: &[u8]) -> String {
    let (layout, by_terminal, text) = choice(input);
    let framing = layout.framing();
    let mut ours = Line::new(Role::Primary, framing, timers());
    let mut theirs = Line::new(Role::Secondary, framing, timers());
    let (from, to) = if by_terminal {
        (&mut theirs, &mut ours)
    } else {
        (&mut ours, &mut theirs)
    };
    if let Err(refused) = from.send(0, text.to_vec()) {
        assert!(from.poll_transmit().is_none(), "bytes of a refused text");
        return format!("{} {by_terminal} {refused:?}", layout.name())
            .split(char::is_numeric)
            .collect();
    }
    let (mut now_ms, mut received) = (0, None);
    for _ in 0..MOMENTS_MAX {
        loop {
            let mut quiet = true;
            while let Some(bytes) = from.poll_transmit() {
                quiet = false;
                to.handle_input(now_ms, &bytes);
            }
            while let Some(event) = to.poll_event() {
                if let LineEvent::Received(text) = event {
                    quiet = false;
                    received = Some(text);
                    to.accept(now_ms);
                }
            }
            while let Some(bytes) = to.poll_transmit() {
                quiet = false;
                from.handle_input(now_ms, &bytes);
            }
            if quiet {
                break;
            }
        }
        let due = [from.poll_timeout(), to.poll_timeout()];
        let Some(next) = due.into_iter().flatten().min() else {
            break;
        };
        now_ms = next.max(now_ms);
        from.handle_timeout(now_ms);
        to.handle_timeout(now_ms);
    }
    let mut delivered = false;
    while let Some(event) = from.poll_event() {
        delivered |= event == LineEvent::Delivered;
    }
    assert_eq!(received.as_deref(), Some(text), "{}", layout.name());
    assert!(
        delivered,
        "{} does not know it was delivered",
        layout.name()
    );
    format!("{} {by_terminal} {}", layout.name(), text.len() / 64)
}

/// What a terminal says: read, written again and read again, it is the same.
pub(crate) fn replies(input: &[u8]) -> String {
    let (layout, asked, text) = choice(input);
    let asked = asked.then(sale);
    let reply = match layout.decode_answer(asked.as_ref(), text) {
        Ok(reply) => reply,
        Err(error) => return kind(layout, &error),
    };
    let printed = format!("{reply:?}");
    assert!(
        printed.len() <= 16 * text.len() + 4_096,
        "{} bytes from {}",
        printed.len(),
        text.len()
    );
    // Some texts hold less than they mean, so that they cannot be said in every dialect; what can be said is heard as it was meant.
    if let Ok(again) = layout.encode_answer(asked.as_ref(), &reply, None)
        && let Ok(once_more) = layout.decode_answer(asked.as_ref(), &again)
    {
        let stable = layout
            .encode_answer(asked.as_ref(), &once_more, None)
            .expect("what was just said");
        assert_eq!(again, stable, "{}: {reply:?}", layout.name());
        if layout.name() == "open-cat" {
            // What was masked on the way in is not exposed in what is said of it.
            assert_eq!(with_nothing_exposed(reply.clone()), once_more);
        }
    }
    kind(layout, &reply)
}

fn with_nothing_exposed(mut reply: Reply) -> Reply {
    if let Reply::Answer(
        Answer::Result(result)
        | Answer::LastResult {
            inquiry: Inquiry::Found(result),
            ..
        },
    ) = &mut reply
    {
        result.account_was_exposed = false;
    }
    reply
}

/// What a console asks: the same.
pub(crate) fn asked(input: &[u8]) -> String {
    let (layout, spare, text) = choice(input);
    let command = if spare {
        layout.hear(text, number()).map(|heard| heard.command)
    } else {
        layout.decode_command(text)
    };
    match command {
        Ok(command) => {
            if let Ok(again) = layout.encode_command(&command, at())
                && let Ok(once_more) = layout.hear(&again, number())
            {
                let stable = layout
                    .encode_command(&once_more.command, at())
                    .expect("what was just asked");
                assert_eq!(again, stable, "{}: {command:?}", layout.name());
                if layout.name() == "open-cat" {
                    assert_eq!(command, once_more.command);
                }
            }
            kind(layout, &command)
        }
        Err(error) => kind(layout, &error),
    }
}

/// The shape of a value without its digits: what makes one outcome another.
fn kind(layout: &Layout, what: &impl std::fmt::Debug) -> String {
    let words: String = format!("{what:?}")
        .chars()
        .filter(|c| c.is_ascii_alphabetic() || *c == '{')
        .take(400)
        .collect();
    format!("{} {words}", layout.name())
}

/// A whole exchange with a terminal that says anything at all: an end comes, once, and no amount leaves that was not asked to.
pub(crate) fn exchanges(input: &[u8]) -> String {
    let (layout, money, bytes) = choice(input);
    let mut session = Session::new(layout.clone(), *timers());
    let command = if money { sale() } else { Command::Status };
    let mut words = String::new();
    let started = session.start(0, at(), command).is_ok();
    let (mut now_ms, mut ends, mut events) = (0, 0, 0);
    let mut drain = |session: &mut Session, now_ms: u64| {
        while session.poll_transmit().is_some() {}
        while let Some(event) = session.poll_event() {
            events += 1;
            let word = match event {
                LinkEvent::Answer { .. } => {
                    ends += 1;
                    session.acknowledge(now_ms);
                    "answer"
                }
                LinkEvent::Broken { .. } => {
                    ends += 1;
                    "broken"
                }
                LinkEvent::Unasked { .. } => "unasked",
                LinkEvent::Delivered => "delivered",
                LinkEvent::Phase { .. } | LinkEvent::Display { .. } => "phase",
                LinkEvent::Alive | LinkEvent::Idle | LinkEvent::Up | LinkEvent::Down { .. } => ".",
            };
            if words.len() < 120 {
                words.push_str(word);
            }
        }
    };
    drain(&mut session, now_ms);
    for piece in pieces(bytes) {
        now_ms += u64::from(piece[0]);
        session.handle_timeout(now_ms);
        session.handle_input(now_ms, piece);
        drain(&mut session, now_ms);
    }
    for moments in 0.. {
        assert!(moments < MOMENTS_MAX, "the exchange never ends");
        let Some(due) = session.poll_timeout() else {
            break;
        };
        now_ms = due.max(now_ms);
        session.handle_timeout(now_ms);
        drain(&mut session, now_ms);
    }
    session.handle_disconnect(now_ms);
    drain(&mut session, now_ms);
    assert!(!session.carries_money(), "money on a line that is gone");
    assert_eq!(ends, usize::from(started), "one command, one end: {words}");
    assert!(events <= 4 * bytes.len() + 32, "{events} events");
    format!("{} {money} {words}", layout.name())
}

/// The simulated terminal in front of a console that says anything at all: it answers within bounds and keeps its books in order.
pub(crate) fn terminals(input: &[u8]) -> String {
    let (layout, _, bytes) = choice(input);
    let mut terminal = terminal(layout);
    terminal.handle_connect(moment(0));
    let (mut now_ms, mut sent, mut approved) = (0, 0, 0);
    let mut words = String::new();
    let mut drain = |terminal: &mut Terminal, now_ms: u64| {
        while let Some(bytes) = terminal.poll_transmit() {
            sent += bytes.len();
        }
        while let Some(event) = terminal.poll_event() {
            let word = match event {
                TerminalEvent::Record(_) => {
                    approved += 1;
                    terminal.recorded(moment(now_ms));
                    "record"
                }
                TerminalEvent::Asked { .. } => "asked",
                TerminalEvent::Inquired(_) => "inquired",
                TerminalEvent::DuplicateRequest(_) => "again",
                TerminalEvent::Unspeakable(_) => "unspeakable",
                _ => ".",
            };
            if words.len() < 120 {
                words.push_str(word);
            }
        }
    };
    for piece in pieces(bytes) {
        now_ms += u64::from(piece[0]);
        terminal.handle_timeout(moment(now_ms));
        terminal.handle_input(moment(now_ms), piece);
        drain(&mut terminal, now_ms);
    }
    for moments in 0.. {
        assert!(
            moments < 50 * MOMENTS_MAX,
            "the terminal never comes to rest"
        );
        let Some(due) = terminal.poll_timeout() else {
            break;
        };
        now_ms = due.max(now_ms);
        terminal.handle_timeout(moment(now_ms));
        drain(&mut terminal, now_ms);
    }
    // Each request of its own takes a frame of a few bytes at least.
    assert!(approved <= bytes.len() / 4 + 1, "{approved} records");
    assert!(sent <= 4_096 * (bytes.len() + 1), "{sent} bytes");
    format!("{} {words}", layout.name())
}
