//! The client and the codec of another maker for ECR17, in its four ways of checking a frame, against our simulated terminal over TCP.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecr17_protocol::transport::tcp::TcpTransport;
use ecr17_protocol::{
    Ecr17Client, Ecr17Config, LrcMode, PacketCodec, PacketType, PaymentRequest, ReversalRequest,
    TransactionOutcome, protocol,
};
use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::frame::framing::Covers;
use madoguchi::cat::frame::{Line, LineEvent, Role};
use madoguchi::cat::model::shipped;
use madoguchi::cat::{Authorize, Command, DailyLogType, TransactionType};
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::{SequenceNumber, TerminalSlipNumber};
use madoguchi::domain::tender::CardClass;
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::support::site::Site;
use crate::support::terminal_process::{On, TerminalProcess};

/// Its name, ours, and what both take the check over.
const WAYS: [(LrcMode, &str, Covers); 4] = [
    (LrcMode::Std, "text", Covers::Text),
    (LrcMode::Noext, "text_and_end", Covers::TextAndEnd),
    (LrcMode::StxNoext, "start_and_text", Covers::StartAndText),
    (LrcMode::Stx, "all", Covers::All),
];

/// Far longer than anything takes.
const PATIENCE_MS: u32 = 60_000;

const TERMINAL_ID: &str = "12345678";

/// Our terminal, set to one of the four, and their client at it.
struct Till {
    terminal: TerminalProcess,
    client: RefCell<Ecr17Client<TcpTransport>>,
    runtime: Runtime,
    progress: Arc<Mutex<Vec<String>>>,
    _site: Site,
}

impl Till {
    fn new(way: LrcMode, covers: &str, script: &str) -> Till {
        Till::named(TERMINAL_ID, way, covers, script)
    }

    fn named(id: &str, way: LrcMode, covers: &str, script: &str) -> Till {
        let site = Site::with_model("ecr17", |model| {
            model.replace(
                "check_covers = \"text\"",
                &format!("check_covers = \"{covers}\""),
            )
        });
        let terminal = TerminalProcess::of_site("ecr17", On::Tcp, script, 0, Some(&site.config()));
        let mut client = client_at(terminal.place(), id, way);
        let progress = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&progress);
        client.set_on_progress(move |event| {
            heard.lock().expect("nobody panicked").push(event.message);
        });
        let runtime = runtime();
        runtime.block_on(client.connect()).expect("it connects");
        Till {
            terminal,
            client: RefCell::new(client),
            runtime,
            progress,
            _site: site,
        }
    }

    fn pay(&self, amount: i64) -> ecr17_protocol::Result<ecr17_protocol::PaymentResult> {
        let mut client = self.client.borrow_mut();
        self.runtime.block_on(client.pay(&payment(amount)))
    }

    fn last_result(&self) -> ecr17_protocol::Result<ecr17_protocol::PaymentResult> {
        let mut client = self.client.borrow_mut();
        self.runtime.block_on(client.send_last_result())
    }

    fn reverse(&self, stan: &str) -> ecr17_protocol::ReversalResult {
        let request = ReversalRequest {
            cash_register_id: None,
            stan: Some(stan.to_owned()),
        };
        let mut client = self.client.borrow_mut();
        self.runtime
            .block_on(client.reverse(&request))
            .expect("an answer")
    }

    fn total(&self) -> i64 {
        let mut client = self.client.borrow_mut();
        let totals = self.runtime.block_on(client.totals()).expect("totals");
        assert_eq!(totals.outcome, TransactionOutcome::Ok);
        totals.pos_total_cents
    }

    fn approved(&self) -> Vec<i64> {
        self.terminal
            .books()
            .iter()
            .filter(|entry| entry["outcome"] == "approved" && entry["kind"] == "sale")
            .filter_map(|entry| entry["amount"].as_i64())
            .collect()
    }
}

/// Their client for the terminal at HOST:PORT; not connected yet.
fn client_at(place: &str, id: &str, way: LrcMode) -> Ecr17Client<TcpTransport> {
    let (host, port) = place.rsplit_once(':').expect("HOST:PORT");
    let port: u16 = port.parse().expect("a port");
    let patience = Duration::from_millis(u64::from(PATIENCE_MS));
    Ecr17Client::new(
        TcpTransport::new(host, port, patience),
        config(id, way, host, port),
    )
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// What the terminal at HOST:PORT holds of its day, as their client reads it.
pub(crate) fn total_at(place: &str) -> i64 {
    let mut client = client_at(place, TERMINAL_ID, LrcMode::Std);
    let runtime = runtime();
    runtime.block_on(client.connect()).expect("it connects");
    let totals = runtime.block_on(client.totals()).expect("totals");
    assert_eq!(totals.outcome, TransactionOutcome::Ok);
    totals.pos_total_cents
}

fn config(id: &str, way: LrcMode, host: &str, port: u16) -> Ecr17Config {
    Ecr17Config {
        host: host.to_owned(),
        port: Some(port),
        terminal_id: id.to_owned(),
        cash_register_id: "00000001".to_owned(),
        lrc_mode: Some(way),
        keep_alive: Some(true),
        auto_reconnect: Some(true),
        connection_timeout_ms: Some(PATIENCE_MS),
        response_timeout_ms: Some(PATIENCE_MS),
        // A frame that is sent again because a machine is slow would be a second one.
        ack_timeout_ms: Some(PATIENCE_MS),
        receipt_drain_ms: None,
        retry_count: Some(0),
        retry_delay_ms: Some(0),
        debug: None,
    }
}

fn payment(amount_cents: i64) -> PaymentRequest {
    PaymentRequest {
        amount_cents,
        cash_register_id: None,
        payment_type: None,
        card_already_present: None,
        receipt_text: None,
        tokenization: None,
    }
}

#[test]
fn its_client_lives_through_a_day_in_each_way_of_checking() {
    for (way, covers, _) in WAYS {
        let till = Till::new(way, covers, "approve\ndecline 05\napprove");
        let status = till
            .runtime
            .block_on(till.client.borrow_mut().status())
            .expect("a status");
        assert_eq!(status.status, 2, "{way:?}: in service");

        let paid = till.pay(3_430).expect("an answer");
        assert_eq!(paid.outcome, TransactionOutcome::Ok, "{way:?}: {paid:?}");
        assert!(paid.auth_code.is_some(), "{paid:?}");
        let first = paid.stan.expect("a STAN");
        assert_eq!(first.len(), 6);
        assert!(
            !till.progress.lock().expect("nobody panicked").is_empty(),
            "{way:?}: the customer is told of"
        );

        let declined = till.pay(500).expect("an answer");
        assert_eq!(declined.outcome, TransactionOutcome::Ko, "{declined:?}");
        assert!(declined.error_description.is_some());

        let second = till.pay(1_200).expect("an answer").stan.expect("a STAN");
        assert_ne!(first, second);
        assert_eq!(till.total(), 4_630, "{way:?}");

        // What was last can be taken back, once, and only under its own STAN.
        assert_ne!(till.reverse("999999").outcome, TransactionOutcome::Ok);
        assert_eq!(till.total(), 4_630, "{way:?}");
        assert_eq!(till.reverse(&second).outcome, TransactionOutcome::Ok);
        assert_eq!(till.total(), 3_430, "{way:?}");
        assert_ne!(till.reverse(&second).outcome, TransactionOutcome::Ok);

        let closed = till
            .runtime
            .block_on(till.client.borrow_mut().close_session())
            .expect("a close");
        assert_eq!(closed.outcome, TransactionOutcome::Ok);
        assert_eq!(closed.pos_total_cents, Some(3_430));
        assert_eq!(till.total(), 0, "the day is closed");
        assert_eq!(till.approved(), [3_430, 1_200], "{way:?}");
    }
}

#[test]
fn a_line_cut_after_the_approval_is_recovered_by_the_last_result() {
    for (way, covers, _) in WAYS {
        let till = Till::new(way, covers, "approve-then-cut\napprove");
        till.pay(3_430).expect_err("the line is cut");
        // Its own policy: connected again, and the payment is never sent a second time.
        let mut told = till.last_result();
        for _ in 0..1_000 {
            if told.is_ok() {
                break;
            }
            // The terminal may still be giving up the old line.
            told = till.last_result();
        }
        let told = told.expect("the last result");
        assert_eq!(told.outcome, TransactionOutcome::Ok, "{way:?}");
        let slip = till.terminal.books()[0]["slip_number"].clone();
        let stan = told.stan.expect("a STAN");
        assert_eq!(
            stan.trim_start_matches('0'),
            slip.as_str().expect("a slip").trim_start_matches('0')
        );
        let next = till.pay(1_200).expect("an answer");
        assert_eq!(next.outcome, TransactionOutcome::Ok);
        assert_ne!(next.stan.expect("a STAN"), stan);
        assert_eq!(till.approved(), [3_430, 1_200], "{way:?}");
    }
}

/// A terminal id and an amount whose frame ends with this check byte.
fn checked_by(way: LrcMode, check: u8) -> (String, i64) {
    // The amount moves the low half of the byte, letters in the name the high half.
    let letters = || ['8', 'P', 'a', 'p', 'A'].into_iter();
    for (first, second, amount) in letters()
        .flat_map(|first| letters().map(move |second| (first, second)))
        .flat_map(|(first, second)| (1_000..1_100).map(move |amount| (first, second, amount)))
    {
        let id = format!("123456{first}{second}");
        let text = protocol::build_payment(&id, "00000001", amount, '0', false, false, "");
        if way.compute(text.expect("a payment").as_bytes()) == check {
            return (id, amount);
        }
    }
    panic!("no frame ends with {check:02x} in {way:?}");
}

#[test]
fn a_check_byte_that_looks_like_a_control_code_is_a_check_byte() {
    // STX, ETX, ACK, NAK.
    for check in [0x02, 0x03, 0x06, 0x15] {
        for (way, covers, _) in WAYS {
            let (id, amount) = checked_by(way, check);
            let till = Till::named(&id, way, covers, "approve");
            let paid = till.pay(amount).expect("an answer");
            assert_eq!(paid.outcome, TransactionOutcome::Ok, "{way:?} {check:02x}");
            assert_eq!(till.approved(), [amount], "{way:?} {check:02x}");
        }
    }
}

/// Our side of a line.
fn line(role: Role, covers: Covers) -> Line {
    let layout = Layout::shipped("ecr17").expect("it is shipped");
    let layout = layout.with_check_over(covers);
    let timers = shipped().expect("the shipped models are good")["ecr17"].timers;
    Line::new(role, layout.framing(), &timers)
}

/// Every way that a console's message of ours can look.
fn commands(number: u32, amount: i64, stan: u32) -> Vec<Command> {
    let sequence_number = SequenceNumber::new(number).expect("in range");
    let sale = Authorize {
        transaction: TransactionType::Sales,
        sequence_number,
        amount: Yen::new(amount),
        tax_others: Yen::ZERO,
        card_class: CardClass::CREDIT,
        device_id: None,
        training: false,
        original_slip: None,
    };
    let void = Authorize {
        transaction: TransactionType::Void,
        original_slip: Some(TerminalSlipNumber::new(&format!("{stan:06}")).expect("a slip")),
        ..sale.clone()
    };
    let log = |log| Command::AccessDailyLog {
        sequence_number,
        log,
    };
    vec![
        Command::Status,
        Command::Authorize(sale),
        Command::Authorize(void),
        Command::LastResult { sequence_number },
        log(DailyLogType::Reporting),
        log(DailyLogType::Settlement),
    ]
}

/// What our line makes of a text, and of what the other side replies.
fn framed(role: Role, covers: Covers, text: &[u8], reply: &[u8]) -> (Vec<u8>, Vec<LineEvent>) {
    let mut line = line(role, covers);
    line.send(1_000, text.to_vec()).expect("it can be said");
    let frame = line.poll_transmit().expect("a frame");
    line.handle_input(1_001, reply);
    let events = std::iter::from_fn(|| line.poll_event()).collect();
    (frame, events)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn its_codec_reads_whatever_our_console_says(
        number in 1_u32..=999, amount in 1_i64..=99_999_999, stan in 1_u32..=999_999,
    ) {
        let layout = Layout::shipped("ecr17").expect("it is shipped");
        let at = "2026-11-21T09:00:00".parse().expect("a time");
        for command in commands(number, amount, stan) {
            let text = layout.encode_command(&command, at).expect("it has words for it");
            for (way, _, covers) in WAYS {
                let codec = PacketCodec::new(way);
                let acknowledged = codec.encode_control(0x06);
                let (frame, events) = framed(Role::Primary, covers, &text, &acknowledged);
                let decoded = codec.decode(&frame);
                prop_assert_eq!(decoded.packet_type, PacketType::Application);
                prop_assert!(decoded.valid_lrc);
                prop_assert_eq!(&decoded.payload, &text);
                prop_assert!(events.contains(&LineEvent::Delivered), "{:?}", events);
            }
        }
    }

    #[test]
    fn either_side_reads_any_frame_of_the_other(text in proptest::collection::vec(0x20_u8..0x7f, 1..400)) {
        for (way, _, covers) in WAYS {
            let codec = PacketCodec::new(way);
            let refused = codec.encode_control(0x15);
            let (frame, _) = framed(Role::Secondary, covers, &text, &refused);
            prop_assert_eq!(&frame, &codec.encode_application(&text));
            let mut ours = line(Role::Primary, covers);
            ours.handle_input(1_000, &frame);
            let events: Vec<LineEvent> = std::iter::from_fn(|| ours.poll_event()).collect();
            prop_assert!(events.contains(&LineEvent::Received(text.clone())), "{:?}", events);
            ours.accept(1_001);
            let acknowledged = ours.poll_transmit().expect("its acknowledgement");
            prop_assert_eq!(acknowledged, codec.encode_control(0x06));
        }
    }

    #[test]
    fn a_frame_in_another_way_of_checking_is_refused_by_both(text in proptest::collection::vec(0x20_u8..0x7f, 1..200)) {
        for (way, _, covers) in WAYS {
            for (other, _, _) in WAYS.iter().filter(|(other, _, _)| *other != way) {
                let frame = PacketCodec::new(*other).encode_application(&text);
                prop_assert!(!PacketCodec::new(way).decode(&frame).valid_lrc);
                let mut ours = line(Role::Primary, covers);
                ours.handle_input(1_000, &frame);
                // A wrong check may be one of more bytes to come: the refusal waits for the pause behind it.
                let pause_ms = ours.poll_timeout().expect("it waits");
                ours.handle_timeout(pause_ms);
                let refused = ours.poll_transmit().expect("a refusal");
                prop_assert_eq!(refused, PacketCodec::new(way).encode_control(0x15));
            }
        }
    }
}
