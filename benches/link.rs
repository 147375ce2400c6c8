//! What the link costs beside the line itself: a sale at 9,600 bit/s against the bytes it puts on the line, our codec against that of a
//! stranger, and sessions of the simulation a second.
//!
//! `cargo bench --bench link`, or `-- wire`, `-- paced`, `-- codec`, `-- hunt` for a part. Keys to bytes and bytes to the screen: `--bench sale`.

mod support;

#[path = "../tests/support/child.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "what the tests' own terminal needs of it"
)]
mod child;
#[path = "../tests/support/terminal_process.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the tests' own terminal, of which a part is used"
)]
mod terminal_process;

use std::collections::VecDeque;
use std::future::{self, Future};
use std::pin::Pin;
use std::process::Command as Program;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use ecr17_protocol::codec::{ACK, PacketCodec, PacketType, STX};
use ecr17_protocol::lrc::LrcMode;
use ecr17_protocol::{
    Ecr17Client, Ecr17Config, PaymentRequest, TransactionOutcome, Transport, protocol, response,
};
use madoguchi::cat::dialect::Reply;
use madoguchi::cat::dialect::layout::{Layout, Said};
use madoguchi::cat::frame::{Codec, Line, LineEvent, Reader, Role, Token};
use madoguchi::cat::model::{Model, Parity, shipped};
use madoguchi::cat::session::Session;
use madoguchi::cat::simulator::books::Books;
use madoguchi::cat::simulator::script::Script;
use madoguchi::cat::simulator::{Moment, PACE_MS, Terminal, TerminalEvent, TerminalSettings};
use madoguchi::cat::{Answer, Authorize, Command, LinkEvent, ResultCode, TransactionType};
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::{JournalId, SequenceNumber};
use madoguchi::domain::tender::CardClass;
use support::figures::{Figures, print_load, print_table, ratio, shown};
use support::selling::{self, F12};
use support::tap::{self, Tap};
use support::{is_asked_for, now, scratch, wants};
use terminal_process::{On, TerminalProcess};

/// Bits a second.
const BAUD: u64 = 9_600;
/// Start, eight bits or seven and parity, stop.
const BITS_OF_A_BYTE: u64 = 10;
/// Nanoseconds of a byte on the line.
const BYTE_NS: u64 = 1_000_000_000 * BITS_OF_A_BYTE / BAUD;
/// Sales over the line that is held back in real time.
const PACED_SALES: usize = 15;
/// Rounds of the codecs, and exchanges in each.
const ROUNDS: usize = 21;
const EXCHANGES: usize = 2_000;
/// Sessions of the simulation in each round.
const SESSIONS: u64 = 4_000;

fn main() {
    if !is_asked_for() {
        return;
    }
    print_load("before");
    if wants("wire") {
        wire();
    }
    if wants("paced") {
        paced();
    }
    if wants("codec") {
        codec();
    }
    if wants("hunt") {
        hunt();
    }
    print_load("after");
}

// ---- the line in virtual time -------------------------------------------------------------------------------------------------------

/// A session and a terminal on a line that takes its time for every byte.
struct Wire {
    session: Session,
    terminal: Terminal,
    byte_ns: u64,
    now_ns: u64,
    /// Bytes on their way to the terminal, and to the counter: when each is through.
    on_the_way: [VecDeque<(u64, u8)>; 2],
    free_ns: [u64; 2],
    bytes: [usize; 2],
    /// When the last byte came through.
    last_ns: u64,
    answer: Option<Answer>,
}

const TO_TERMINAL: usize = 0;
const TO_COUNTER: usize = 1;

fn at(ns: u64) -> DateTime<FixedOffset> {
    let dawn = DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a time");
    dawn + Duration::from_nanos(ns)
}

fn sale() -> Authorize {
    Authorize {
        transaction: TransactionType::Sales,
        sequence_number: SequenceNumber::new(42).expect("in range"),
        amount: Yen::new(3_430),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    }
}

impl Wire {
    fn new(model: &Model, layout: &Layout, byte_ns: u64, pace_ms: u64) -> Wire {
        let settings = TerminalSettings {
            seed: 7,
            pace_ms,
            ..TerminalSettings::default()
        };
        let books = Books::new(JournalId::new("J1").expect("a name"));
        let script = Script::approving();
        let mut wire = Wire {
            session: Session::new(layout.clone(), model.timers),
            terminal: Terminal::new(model, layout.clone(), books, script, settings),
            byte_ns,
            now_ns: 0,
            on_the_way: Default::default(),
            free_ns: [0; 2],
            bytes: [0; 2],
            last_ns: 0,
            answer: None,
        };
        let moment = wire.moment();
        wire.terminal.handle_connect(moment);
        wire
    }

    fn moment(&self) -> Moment {
        Moment {
            mono_ms: self.now_ns / 1_000_000,
            wall: at(self.now_ns),
        }
    }

    fn now_ms(&self) -> u64 {
        self.now_ns / 1_000_000
    }

    /// A command from its start until nothing is on the line any more; nanoseconds until its last byte was through.
    fn run(&mut self, command: Command) -> u64 {
        let begin = self.now_ns;
        self.answer = None;
        let local = at(begin).naive_local();
        let started = self.session.start(self.now_ms(), local, command);
        started.expect("the session is free");
        self.last_ns = begin;
        self.drain();
        while self.step() {}
        self.last_ns - begin
    }

    fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(bytes) = self.session.poll_transmit() {
                quiet = false;
                self.write(TO_TERMINAL, &bytes);
            }
            while let Some(bytes) = self.terminal.poll_transmit() {
                quiet = false;
                self.write(TO_COUNTER, &bytes);
            }
            while let Some(event) = self.terminal.poll_event() {
                quiet = false;
                if let TerminalEvent::Record(_) = event {
                    let moment = self.moment();
                    self.terminal.recorded(moment);
                }
            }
            while let Some(event) = self.session.poll_event() {
                quiet = false;
                if let LinkEvent::Answer { answer } = event {
                    self.answer = Some(answer);
                    self.session.acknowledge(self.now_ms());
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn write(&mut self, way: usize, bytes: &[u8]) {
        for byte in bytes {
            let through = self.free_ns[way].max(self.now_ns) + self.byte_ns;
            self.free_ns[way] = through;
            self.on_the_way[way].push_back((through, *byte));
            self.bytes[way] += 1;
        }
    }

    /// To the next byte or deadline; false where the line is quiet and nobody has anything to do but to wait in vain.
    fn step(&mut self) -> bool {
        let next = |way: usize| self.on_the_way[way].front().map(|(through, _)| *through);
        let byte = [next(TO_TERMINAL), next(TO_COUNTER)]
            .into_iter()
            .flatten()
            .min();
        let due = [self.session.poll_timeout(), self.terminal.poll_timeout()];
        let due = due.into_iter().flatten().min().map(|ms| ms * 1_000_000);
        let Some(then) = [byte, due].into_iter().flatten().min() else {
            return false;
        };
        self.now_ns = self.now_ns.max(then);
        for way in [TO_TERMINAL, TO_COUNTER] {
            while let Some((through, byte)) = self.on_the_way[way].front().copied() {
                if through > self.now_ns {
                    break;
                }
                self.on_the_way[way].pop_front();
                self.last_ns = through;
                if way == TO_TERMINAL {
                    let moment = self.moment();
                    self.terminal.handle_input(moment, &[byte]);
                } else {
                    self.session.handle_input(self.now_ms(), &[byte]);
                }
            }
        }
        self.session.handle_timeout(self.now_ms());
        let moment = self.moment();
        self.terminal.handle_timeout(moment);
        self.drain();
        true
    }
}

/// What one sale took, the question before it included.
struct Sold {
    bytes: [usize; 2],
    took_ns: u64,
}

fn sold(model: &Model, layout: &Layout, byte_ns: u64, pace_ms: u64) -> Sold {
    let mut wire = Wire::new(model, layout, byte_ns, pace_ms);
    let mut took_ns = 0;
    if model.capabilities.status {
        took_ns += wire.run(Command::Status);
        assert!(matches!(wire.answer, Some(Answer::Status(_))), "no status");
    }
    took_ns += wire.run(Command::Authorize(sale()));
    let approved =
        matches!(&wire.answer, Some(Answer::Result(result)) if result.code == ResultCode::Approved);
    assert!(approved, "{}: {:?}", model.name, wire.answer);
    Sold {
        bytes: wire.bytes,
        took_ns,
    }
}

/// The physical limit of a sale is its bytes, one after the other, and the terminal's own time; what it takes is read from the clock of
/// a line that takes so long for each byte, exact to the nanosecond.
fn wire() {
    let models = shipped().expect("the shipped models are good");
    let mut rows = Vec::new();
    for name in ["open-cat", "transbank", "concert", "ecr17"] {
        let model = &models[name];
        let layout = Layout::shipped(name).expect("it is shipped");
        for pace_ms in [0, PACE_MS] {
            let at_once = sold(model, &layout, 0, 0);
            // What pauses make it longer on a line without length is the terminal's own time.
            let own_ns = sold(model, &layout, 0, pace_ms).took_ns - at_once.took_ns;
            let real = sold(model, &layout, BYTE_NS, pace_ms);
            let count = real.bytes.iter().sum::<usize>();
            let limit_ns = count as u64 * BYTE_NS + own_ns;
            let serial = &model.serial;
            let parity = match serial.parity {
                Parity::None => 'N',
                Parity::Even => 'E',
                Parity::Odd => 'O',
            };
            let form = if model.lan.is_some() && name == "ecr17" {
                "TCP; bytes alone count".to_owned()
            } else {
                format!("{}{parity}{}", serial.data_bits, serial.stop_bits)
            };
            let ms = |ns: u64| shown(ns as f64 / 1e6, 1);
            rows.push(vec![
                name.to_owned(),
                form,
                real.bytes[TO_TERMINAL].to_string(),
                real.bytes[TO_COUNTER].to_string(),
                ms(own_ns),
                ms(limit_ns),
                ms(real.took_ns),
                format!("{:.4}×", real.took_ns as f64 / limit_ns as f64),
            ]);
        }
    }
    print_table(
        "A sale at 9,600 bit/s in virtual time, with the question before it; ms",
        &[
            "dialect",
            "form",
            "bytes out",
            "bytes in",
            "terminal's own time",
            "limit",
            "takes",
            "÷ limit",
        ],
        &rows,
    );
}

// ---- the line in real time ----------------------------------------------------------------------------------------------------------

/// The real console on a line that is held back to 9,600 bit/s.
fn paced() {
    std::fs::create_dir_all(scratch()).expect("a folder on the disk of the books");
    let terminal = TerminalProcess::start(On::Pty, "approve …", 0);
    let byte = Duration::from_nanos(BYTE_NS);
    let tap = Tap::paced(tap::Line::Pty, terminal.address(), byte);
    let home = tempfile::tempdir_in(scratch()).expect("a home");
    let mut console = selling::open(home.path(), &tap);
    let mut limit = Figures::default();
    let mut took = Figures::default();
    let mut times = Figures::default();
    let mut bytes = 0;
    for _ in 0..PACED_SALES {
        selling::ring_up(&mut console);
        console.settle(Duration::from_millis(50));
        tap.take();
        let pressed = now();
        console.type_keys(F12);
        let shown = console.until("承認されました");
        let exchange = tap.take();
        bytes = exchange
            .iter()
            .filter(|passed| passed.at <= shown)
            .map(|passed| passed.bytes.len())
            .sum();
        let bound = byte * u32::try_from(bytes).expect("few");
        limit.push_ms(bound);
        took.push_ms(shown - pressed);
        times.push((shown - pressed).as_secs_f64() / bound.as_secs_f64());
        console.settle(Duration::from_millis(50));
        selling::go_on(&mut console);
    }
    print_table(
        &format!(
            "{PACED_SALES} sales of the real console on a pseudo-terminal held back to 9,600 bit/s, open-cat, F12 → 承認; ms"
        ),
        &[
            "bytes until then",
            "limit",
            "takes p50",
            "longest",
            "÷ limit p50",
            "longest",
        ],
        &[vec![
            bytes.to_string(),
            shown(limit.median(), 1),
            shown(took.median(), 1),
            shown(took.percentile(100), 1),
            format!("{:.3}×", times.median()),
            format!("{:.3}×", times.percentile(100)),
        ]],
    );
}

// ---- codecs -------------------------------------------------------------------------------------------------------------------------

const TERMINAL_ID: &str = "00000000";

/// One side's codec: a payment to its text, a result's text to its fields, frames, and all of that.
trait Peer {
    fn say(&mut self) -> usize;
    /// Fields out, none of them looked at; false where there are none.
    fn fields(&mut self, text: &[u8]) -> bool;
    /// Frames alone: a text out, ACK in, a text in, ACK out; bytes of all that.
    fn frames(&mut self, text: &[u8], result: &[u8]) -> usize;
    /// Both: payment out, ACK in, the fields of the result in, ACK out.
    fn exchange(&mut self, result: &[u8]) -> usize;
}

struct Ours {
    layout: Layout,
    /// The same, with nothing read over that the stranger reads.
    read_in_full: Layout,
    command: Command,
    at: NaiveDateTime,
    codec: Codec,
    reader: Reader,
    /// A frame on its way out; what it lies in is kept.
    frame: Vec<u8>,
    line: Line,
    ack: Vec<u8>,
}

struct Strangers {
    codec: PacketCodec,
    ack: Vec<u8>,
}

impl Peer for Ours {
    fn say(&mut self) -> usize {
        let text = self.layout.encode_command(&self.command, self.at);
        text.expect("it can be said").len()
    }

    fn fields(&mut self, text: &[u8]) -> bool {
        let mut said = Said::default();
        let read = self
            .read_in_full
            .read_answer(Some(&self.command), text, &mut said);
        std::hint::black_box(&said);
        read.is_ok()
    }

    fn frames(&mut self, text: &[u8], result: &[u8]) -> usize {
        self.pass(text, result, |_, text| {
            std::hint::black_box(text);
        })
    }

    fn exchange(&mut self, result: &[u8]) -> usize {
        let text = self.layout.encode_command(&self.command, self.at);
        let text = text.expect("it can be said");
        self.pass(&text, result, |ours, text| {
            assert!(ours.fields(text), "the result is read");
        })
    }
}

impl Ours {
    /// How many bytes passed; the text that came goes to `heard`.
    fn pass(&mut self, text: &[u8], result: &[u8], heard: fn(&mut Ours, &[u8])) -> usize {
        self.frame.clear();
        self.codec.write_block(text, true, &mut self.frame);
        let sent = std::hint::black_box(&self.frame).len();
        let ack = self.reader.read_on(&mut &self.ack[..], true);
        assert_eq!(ack, Some(Token::Ack));
        match &self.reader.read_on(&mut &*result, true) {
            Some(Token::Block(block)) => heard(self, &block.text),
            other => panic!("a whole frame: {other:?}"),
        }
        let reply = std::hint::black_box(self.codec.reply(ACK));
        sent + reply.len() + self.ack.len() + result.len()
    }

    /// As the product does it: the answer checked and masked, in types of ours.
    fn read(&mut self, text: &[u8]) -> bool {
        let answer = self.layout.decode_answer(Some(&self.command), text);
        std::hint::black_box(&answer).is_ok()
    }

    /// As the product does it: a whole line with its hand-shake and its times, and a checked answer; bytes of all that.
    fn sell(&mut self, result: &[u8]) -> usize {
        let text = self.layout.encode_command(&self.command, self.at);
        self.line
            .send(0, text.expect("it can be said"))
            .expect("the line is free");
        let mut bytes = self.line.poll_transmit().expect("a frame").len();
        self.line.handle_input(0, &self.ack);
        self.line.handle_input(0, result);
        let mut heard = None;
        while let Some(event) = self.line.poll_event() {
            if let LineEvent::Received(text) = event {
                heard = Some(text);
            }
        }
        self.line.accept(0);
        bytes += self.line.poll_transmit().expect("an ACK").len();
        while self.line.poll_event().is_some() {}
        let heard = heard.expect("a whole frame");
        assert!(self.read(&heard), "the result is read");
        bytes + self.ack.len() + result.len()
    }
}

impl Strangers {
    /// How many bytes passed; the text that came goes to `heard`.
    fn pass(&mut self, text: &[u8], result: &[u8], heard: fn(&mut Strangers, &[u8])) -> usize {
        let frame = self.codec.encode_application(text);
        let sent = std::hint::black_box(&frame).len();
        let ack = self.codec.decode(&self.ack);
        assert_eq!(ack.packet_type, PacketType::Ack);
        // It believes an ACK by its first byte; ours holds its check against it.
        assert_eq!(self.ack[2], self.codec.lrc_mode().compute(&[ACK]));
        let packet = self.codec.decode(result);
        assert!(packet.valid_lrc, "a whole frame");
        heard(self, &packet.payload);
        let reply = self.codec.encode_control(ACK);
        sent + std::hint::black_box(&reply).len() + self.ack.len() + result.len()
    }

    fn text() -> String {
        protocol::build_payment(TERMINAL_ID, "00000000", 3_430, '0', false, false, "")
            .expect("it can be said")
    }
}

impl Peer for Strangers {
    fn say(&mut self) -> usize {
        std::hint::black_box(&Strangers::text()).len()
    }

    fn fields(&mut self, text: &[u8]) -> bool {
        let text = std::str::from_utf8(text).expect("ASCII");
        std::hint::black_box(&response::parse_payment(text)).result_code == "00"
    }

    fn frames(&mut self, text: &[u8], result: &[u8]) -> usize {
        self.pass(text, result, |_, text| {
            std::hint::black_box(text);
        })
    }

    fn exchange(&mut self, result: &[u8]) -> usize {
        self.pass(Strangers::text().as_bytes(), result, |theirs, text| {
            assert!(theirs.fields(text), "the result is read");
        })
    }
}

/// A line in memory for the stranger's own client: to each amount the terminal says ACK and the result.
struct Memory {
    says: [Vec<u8>; 2],
    waiting: usize,
    bytes: usize,
}

type Done<'a, T> = Pin<Box<dyn Future<Output = ecr17_protocol::Result<T>> + Send + 'a>>;

impl Transport for Memory {
    fn connect<'a: 't, 't>(&'a mut self) -> Done<'t, ()> {
        Box::pin(future::ready(Ok(())))
    }

    fn disconnect<'a: 't, 't>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 't>> {
        Box::pin(future::ready(()))
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send<'a: 't, 'b: 't, 't>(&'a mut self, bytes: &'b [u8]) -> Done<'t, ()> {
        self.bytes += bytes.len();
        if bytes.first() == Some(&STX) {
            self.waiting = self.says.len();
        }
        Box::pin(future::ready(Ok(())))
    }

    fn recv<'a: 't, 't>(&'a mut self) -> Done<'t, Vec<u8>> {
        assert!(self.waiting > 0, "the client waits for no more than comes");
        let said = self.says[self.says.len() - self.waiting].clone();
        self.waiting -= 1;
        self.bytes += said.len();
        Box::pin(future::ready(Ok(said)))
    }
}

/// The stranger's own client: codec, hand-shake, and a result in types.
struct TheirClient {
    client: Ecr17Client<Memory>,
    request: PaymentRequest,
    runtime: tokio::runtime::Runtime,
}

impl TheirClient {
    fn new(ack: &[u8], frame: &[u8]) -> TheirClient {
        let memory = Memory {
            says: [ack.to_vec(), frame.to_vec()],
            waiting: 0,
            bytes: 0,
        };
        let config = Ecr17Config {
            host: String::new(),
            port: None,
            terminal_id: TERMINAL_ID.to_owned(),
            cash_register_id: "00000000".to_owned(),
            lrc_mode: Some(LrcMode::Std),
            keep_alive: None,
            auto_reconnect: Some(false),
            connection_timeout_ms: None,
            response_timeout_ms: None,
            ack_timeout_ms: None,
            receipt_drain_ms: None,
            retry_count: None,
            retry_delay_ms: None,
            debug: None,
        };
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        TheirClient {
            client: Ecr17Client::new(memory, config),
            request: PaymentRequest {
                amount_cents: 3_430,
                cash_register_id: None,
                payment_type: None,
                card_already_present: None,
                receipt_text: None,
                tokenization: None,
            },
            runtime: runtime.enable_time().build().expect("a runtime"),
        }
    }

    /// So many payments, within one run of the runtime; bytes of all that.
    fn pay(&mut self, times: usize) -> usize {
        let (client, request) = (&mut self.client, &self.request);
        let before = client.transport().bytes;
        self.runtime.block_on(async {
            for _ in 0..times {
                let paid = std::hint::black_box(client.pay(request).await);
                let outcome = paid.map(|result| result.outcome);
                assert_eq!(outcome, Ok(TransactionOutcome::Ok), "the result is read");
            }
        });
        client.transport().bytes - before
    }
}

/// The result as the simulated terminal says it.
fn result_text() -> Vec<u8> {
    let mut text = String::new();
    text += TERMINAL_ID;
    text += "0E00************1234   ICCA1B2C33251530";
    text += "2C01        000017000000";
    text.into_bytes()
}

fn per_exchange(mut exchange: impl FnMut()) -> f64 {
    per_exchange_of(|times| (0..times).for_each(|_| exchange()))
}

fn per_exchange_of(exchanges: impl FnOnce(usize)) -> f64 {
    let begin = now();
    exchanges(EXCHANGES);
    begin.elapsed().as_secs_f64() * 1e9 / EXCHANGES as f64
}

/// What a result says that is of no use to the console: its name in the layout, its width, and a role to read it as.
const READ_OVER: [(&str, usize, &str); 3] = [
    ("how the card was read", 3, "device_id"),
    ("time of the host", 7, "journal"),
    ("online id", 6, "transaction_number"),
];

/// The shipped layout, with these fields read as texts.
fn read_in_full() -> Layout {
    let file = Layout::shipped_file("ecr17").expect("it is shipped");
    let read = |line: &str| {
        let named = |name| line.ends_with(&format!("name = \"{name}\" }},"));
        match READ_OVER.iter().find(|(name, ..)| named(name)) {
            Some((_, width, role)) => {
                format!("{{ role = \"{role}\", width = {width}, required = false }},")
            }
            None => line.to_owned(),
        }
    };
    let lines: Vec<String> = file.lines().map(read).collect();
    Layout::parse("ecr17 in full", &lines.join("\n")).expect("a layout")
}

/// Both payments are the same bytes, and both results say the same.
fn assert_same_facts(ours: &Ours, text: &[u8]) {
    let said = ours.layout.encode_command(&ours.command, ours.at);
    assert_eq!(said.as_deref(), Ok(Strangers::text().as_bytes()));
    let read = ours.layout.decode_answer(Some(&ours.command), text);
    let Ok(Reply::Answer(Answer::Result(result))) = read else {
        panic!("{read:?}");
    };
    let theirs = response::parse_payment(std::str::from_utf8(text).expect("ASCII"));
    let facts = &result.facts;
    assert_eq!(
        (result.code, &*theirs.result_code),
        (ResultCode::Approved, "00")
    );
    let account = facts.account.as_ref().map(|account| account.as_str());
    assert_eq!(account, Some(theirs.pan.trim()));
    let approval = facts.approval_code.as_ref().map(|code| code.as_str());
    assert_eq!(approval, Some(&*theirs.auth_code));
    let slip = facts.slip_number.as_ref().map(|slip| slip.as_str());
    assert_eq!(slip, Some(&*theirs.stan));
    assert_eq!(facts.card_company.as_ref(), Some(&theirs.acquirer_id));
    assert!(facts.card_class.is_some() && !theirs.card_type.is_empty());
    let mut said = Said::default();
    let read = ours
        .read_in_full
        .read_answer(Some(&ours.command), text, &mut said);
    assert_eq!(read, Ok(()));
    for (role, theirs) in [
        ("result", "approved"),
        ("account", &theirs.pan),
        ("approval_code", &theirs.auth_code),
        ("card_company", &theirs.acquirer_id),
        ("slip_number", &theirs.stan),
        (READ_OVER[0].2, &theirs.transaction_type),
        (READ_OVER[1].2, &theirs.host_date_time),
        (READ_OVER[2].2, &theirs.online_id),
    ] {
        assert_eq!(said.text(role), Some(theirs), "{role}");
    }
}

fn assert_both_see_a_wrong_check(ours: &mut Ours, theirs: &Strangers, frame: &[u8]) {
    let mut wrong = frame.to_vec();
    *wrong.last_mut().expect("a check") ^= 1;
    assert!(!theirs.codec.decode(&wrong).valid_lrc);
    let mut reader = Reader::new(ours.codec.clone(), wrong.len());
    assert_eq!(reader.read_on(&mut &wrong[..], true), None);
    ours.line.handle_input(0, &wrong);
    let heard = std::iter::from_fn(|| ours.line.poll_event()).collect::<Vec<LineEvent>>();
    assert!(
        !heard
            .iter()
            .any(|event| matches!(event, LineEvent::Received(_)))
    );
    ours.line.handle_disconnect(0);
    while ours.line.poll_event().is_some() {}
}

/// What the dialect costs, ours and the stranger's: the same texts, the same frames, rounds in turn.
fn codec() {
    let models = shipped().expect("the shipped models are good");
    let layout = Layout::shipped("ecr17").expect("it is shipped");
    let stranger = PacketCodec::new(LrcMode::Std);
    let ack = stranger.encode_control(ACK);
    let framing = layout.framing();
    let codec = Codec::new(framing);
    let mut ours = Ours {
        line: Line::new(Role::Primary, framing, &models["ecr17"].timers),
        reader: Reader::new(codec.clone(), framing.message_max),
        codec,
        frame: Vec::new(),
        read_in_full: read_in_full(),
        layout,
        command: Command::Authorize(sale()),
        at: at(0).naive_local(),
        ack: ack.clone(),
    };
    let mut theirs = Strangers {
        codec: stranger,
        ack,
    };
    let text = result_text();
    let frame = stranger.encode_application(&text);
    assert_same_facts(&ours, &text);
    assert!(ours.fields(&text) && ours.read(&text) && theirs.fields(&text));
    assert_eq!(ours.exchange(&frame), theirs.exchange(&frame));
    assert_eq!(ours.sell(&frame), theirs.exchange(&frame));
    assert_both_see_a_wrong_check(&mut ours, &theirs, &frame);
    let mut client = TheirClient::new(&ours.ack, &frame);
    assert_eq!(client.pay(1), ours.sell(&frame));
    let payment = Strangers::text();
    let payment = payment.as_bytes();
    let names = [
        "a payment to its text",
        "a result's text to its fields",
        "frames of both texts, and their ACKs",
        "the codec, all of it",
        "the whole link and checked facts; theirs by its client",
        "a result's text to checked facts; theirs to its fields",
        "the whole link and checked facts; theirs the codec",
    ];
    let mut figures: [[Figures; 2]; 7] = Default::default();
    for _ in 0..ROUNDS {
        let all: [[f64; 2]; 7] = [
            [
                per_exchange(|| assert!(ours.say() == 167)),
                per_exchange(|| assert!(theirs.say() == 167)),
            ],
            [
                per_exchange(|| assert!(ours.fields(&text))),
                per_exchange(|| assert!(theirs.fields(&text))),
            ],
            [
                per_exchange(|| assert!(ours.frames(payment, &frame) > 167)),
                per_exchange(|| assert!(theirs.frames(payment, &frame) > 167)),
            ],
            [
                per_exchange(|| assert!(ours.exchange(&frame) > 167)),
                per_exchange(|| assert!(theirs.exchange(&frame) > 167)),
            ],
            [
                per_exchange(|| assert!(ours.sell(&frame) > 167)),
                per_exchange_of(|times| assert!(client.pay(times) > 167 * times)),
            ],
            [
                per_exchange(|| assert!(ours.read(&text))),
                per_exchange(|| assert!(theirs.fields(&text))),
            ],
            [
                per_exchange(|| assert!(ours.sell(&frame) > 167)),
                per_exchange(|| assert!(theirs.exchange(&frame) > 167)),
            ],
        ];
        for (row, [ours, theirs]) in figures.iter_mut().zip(all) {
            row[0].push(ours);
            row[1].push(theirs);
        }
    }
    let rows: Vec<Vec<String>> = names
        .iter()
        .zip(&figures)
        .map(|(name, [ours, theirs])| {
            vec![
                (*name).to_owned(),
                shown(ours.median(), 0),
                shown(theirs.median(), 0),
                ratio(theirs.median(), ours.median()),
            ]
        })
        .collect();
    print_table(
        &format!("Codecs of ECR17, ns ({ROUNDS} rounds of {EXCHANGES} in turn, p50)"),
        &["what", "ours", "ecr17-protocol 1.0.1", "throughput"],
        &rows,
    );
}

// ---- the hunt -----------------------------------------------------------------------------------------------------------------------

/// Sessions of the simulation a second, by the program itself.
fn hunt() {
    let mut figures = [1, 2].map(|jobs| (jobs, Figures::default()));
    let mut from = 0;
    for _ in 0..5 {
        for (jobs, rate) in &mut figures {
            let seeds = format!("{from}..{}", from + SESSIONS);
            let begin = now();
            let done = Program::new(env!("CARGO_BIN_EXE_madoguchi"))
                .args(["simulate", "--jobs", &jobs.to_string(), "--seeds", &seeds])
                .output()
                .expect("the hunt");
            assert!(done.status.success(), "a violation: {seeds}");
            rate.push(SESSIONS as f64 / begin.elapsed().as_secs_f64());
        }
        from += SESSIONS;
    }
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|(jobs, rate)| {
            vec![
                jobs.to_string(),
                shown(rate.median(), 0),
                shown(rate.percentile(0), 0),
                shown(rate.percentile(100), 0),
            ]
        })
        .collect();
    print_table(
        &format!("Sessions of the simulation a second (5 rounds of {SESSIONS}, in turn)"),
        &["jobs", "p50", "least", "most"],
        &rows,
    );
}
