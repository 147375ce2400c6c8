//! Devices made of a closure: what they send back to what they hear, by the line settings they hear it in.

use super::*;
use crate::cat::TerminalState;
use crate::cat::model::shipped;
use crate::cat::simulator::books::Books;
use crate::cat::simulator::script::Script;
use crate::cat::simulator::{Moment, Terminal, TerminalSettings};
use crate::domain::slip::JournalId;

const OWN: SerialSettings = SerialSettings {
    baud: 9_600,
    data_bits: 8,
    parity: Parity::None,
    stop_bits: 1,
};

fn at(baud: u32) -> SerialSettings {
    SerialSettings { baud, ..OWN }
}

fn model() -> Model {
    shipped().expect("the shipped models")["open-cat"].clone()
}

fn moment() -> Moment {
    Moment {
        mono_ms: 0,
        wall: "2026-11-21T14:32:07+09:00".parse().expect("a time"),
    }
}

/// What was found, everything that was sent, and how long it took (ms).
struct Report {
    verdict: Verdict,
    sent: Vec<Vec<u8>>,
    tried: Vec<Option<SerialSettings>>,
    took_ms: u64,
}

/// Examine a device that is asked with each piece that reaches it, in whose settings, and answers at once.
fn examine(
    model: &Model,
    line: Option<SerialSettings>,
    mut device: impl FnMut(Option<SerialSettings>, &[u8]) -> Vec<u8>,
) -> Report {
    let layout = Layout::open_cat();
    let mut examination = Examination::new(model, &layout, line, moment().wall.naive_local());
    let (mut now_ms, mut settings) = (1_000, None);
    let (mut sent, mut tried) = (Vec::new(), Vec::new());
    for _ in 0..10_000 {
        if let Some(wanted) = examination.poll_open() {
            settings = wanted;
            tried.push(wanted);
            examination.opened(now_ms, wanted);
        }
        let mut answer = Vec::new();
        while let Some(bytes) = examination.poll_transmit() {
            answer.extend(device(settings, &bytes));
            sent.push(bytes);
        }
        if let Some(verdict) = examination.verdict() {
            return Report {
                verdict: verdict.clone(),
                sent,
                tried,
                took_ms: now_ms - 1_000,
            };
        }
        if answer.is_empty() {
            now_ms = examination.poll_timeout().unwrap_or(now_ms).max(now_ms);
            examination.handle_timeout(now_ms);
        } else {
            now_ms += 20;
            examination.handle_input(now_ms, &answer);
        }
    }
    panic!("no end of it: {:?}", examination.verdict());
}

/// The simulated terminal on a line of these settings; at any other it hears and says nothing but noise.
fn terminal(settings: SerialSettings) -> impl FnMut(Option<SerialSettings>, &[u8]) -> Vec<u8> {
    let mut terminal = Terminal::new(
        &model(),
        Layout::open_cat(),
        Books::new(JournalId::new("J1").expect("a name")),
        Script::approving(),
        TerminalSettings {
            pace_ms: 0,
            turnaround_ms: 0,
            ..TerminalSettings::default()
        },
    );
    let mut moment = moment();
    terminal.handle_connect(moment);
    move |heard_in, bytes| {
        moment.mono_ms += 20;
        if heard_in != Some(settings) {
            return vec![0xf8, 0x80];
        }
        terminal.handle_input(moment, bytes);
        let mut said = Vec::new();
        for _ in 0..4 {
            while let Some(bytes) = terminal.poll_transmit() {
                said.extend(bytes);
            }
            if !said.is_empty() {
                break;
            }
            let due = terminal.poll_timeout().unwrap_or(moment.mono_ms);
            moment.mono_ms = due.min(moment.mono_ms + 300);
            terminal.handle_timeout(moment);
        }
        said
    }
}

#[test]
fn the_terminal_itself_tells_its_state_and_its_identity() {
    let report = examine(&model(), Some(OWN), terminal(OWN));
    let Verdict::Answered { status, after_ms } = report.verdict else {
        panic!("{:?} {:02x?}", report.verdict, report.sent)
    };
    assert_eq!(status.state, TerminalState::Idle);
    assert!(status.terminal_id.is_some());
    assert!(after_ms > 0 && after_ms < 500, "{after_ms}");
    assert_eq!(report.tried, [Some(OWN)], "no other speed is tried");
}

#[test]
fn a_terminal_at_another_speed_is_found_there() {
    for baud in [2_400, 4_800, 19_200, 38_400, 57_600, 115_200] {
        let report = examine(&model(), Some(OWN), terminal(at(baud)));
        let answers_at = at(baud);
        assert_eq!(report.verdict, Verdict::WrongSpeed { answers_at }, "{baud}");
    }
}

#[test]
fn what_is_heard_decides_what_is_there() {
    type Device = fn(Option<SerialSettings>, &[u8]) -> Vec<u8>;
    let table: &[(&str, Device, Verdict)] = &[
        ("unplugged", |_, _| vec![], Verdict::Silent),
        ("a bridged cable", |_, sent| sent.to_vec(), Verdict::Looped),
        ("noise", |_, _| vec![0xff, 0x00, 0xc3], Verdict::Noise),
        (
            "a terminal that takes calls and understands nothing",
            |line, sent| match (line == Some(OWN), sent) {
                (true, [0x05]) => vec![0x06],
                (true, _) => vec![0x15],
                (false, _) => vec![],
            },
            Verdict::NotUnderstood,
        ),
        (
            "another dialect",
            |line, _| match line == Some(OWN) {
                true => b"\x06\x03\x7a".to_vec(),
                false => vec![],
            },
            Verdict::NotUnderstood,
        ),
        (
            "a modem at another speed",
            |line, _| match line == Some(at(115_200)) {
                true => b"\r\nERROR\r\n".to_vec(),
                false => vec![0xe0, 0x9f],
            },
            Verdict::WrongDevice {
                kind: DeviceKind::Modem,
                sample: "ERROR".into(),
                at: Some(at(115_200)),
            },
        ),
        (
            "a printer",
            |line, _| match line == Some(OWN) {
                true => b"PRN-80 ready\r\n".to_vec(),
                false => vec![],
            },
            Verdict::WrongDevice {
                kind: DeviceKind::Other,
                sample: "PRN-80 ready".into(),
                at: Some(OWN),
            },
        ),
        (
            "one lucky byte at another speed",
            |line, sent| match (line == Some(at(38_400)), sent) {
                (true, [0x05]) => vec![0x06],
                (true, [0x04]) => vec![],
                _ => vec![0xf8],
            },
            Verdict::WrongSpeed {
                answers_at: at(38_400),
            },
        ),
    ];
    for (name, device, expected) in table {
        let report = examine(&model(), Some(OWN), device);
        assert_eq!(&report.verdict, expected, "{name}");
    }
}

#[test]
fn a_reply_that_does_not_come_twice_is_chance() {
    let mut calls = 0;
    let report = examine(&model(), Some(OWN), |line, _| {
        calls += 1;
        let lucky = line == Some(at(19_200)) && calls < 4;
        if lucky { vec![0x06] } else { vec![] }
    });
    assert_eq!(report.verdict, Verdict::Silent);
}

#[test]
fn the_parity_of_seven_bits_is_seen_from_eight() {
    let report = examine(&model(), Some(OWN), |line, sent| {
        let seven: Vec<u8> = b"\x02WAIT 12\x03"
            .iter()
            .map(|byte| byte | (u8::from(byte.count_ones() % 2 == 1) << 7))
            .collect();
        if line == Some(OWN) && sent == [0x05] {
            seven
        } else {
            vec![]
        }
    });
    let answers_at = SerialSettings {
        data_bits: 7,
        parity: Parity::Even,
        ..OWN
    };
    assert_eq!(report.verdict, Verdict::WrongSpeed { answers_at });
}

#[test]
fn it_is_over_within_five_seconds_whatever_is_there() {
    let noisy = |_: Option<SerialSettings>, _: &[u8]| vec![0x06];
    let dead = |_: Option<SerialSettings>, _: &[u8]| vec![];
    for line in [Some(OWN), Some(at(115_200)), None] {
        assert!(examine(&model(), line, noisy).took_ms < LIMIT_MS);
        assert!(examine(&model(), line, dead).took_ms < LIMIT_MS);
    }
    let seven = SerialSettings {
        data_bits: 7,
        parity: Parity::Odd,
        baud: 1_200,
        stop_bits: 1,
    };
    let late = examine(&model(), Some(seven), |line, _| match line {
        Some(settings) if settings != seven => vec![0xf0],
        _ => vec![],
    });
    assert!(late.took_ms < LIMIT_MS, "{}", late.took_ms);
    assert!(late.tried.len() > OTHERS_MAX);
}

/// A sale would be a block that holds more than the question for the state; nothing but that question and single controls ever leaves.
#[test]
fn no_byte_of_a_sale_ever_leaves() {
    let layout = Layout::open_cat();
    let moment = moment().wall.naive_local();
    let question = layout
        .encode_command(&Command::Status, moment)
        .expect("it can be asked");
    type Device = fn(Option<SerialSettings>, &[u8]) -> Vec<u8>;
    let devices: [Device; 4] = [
        |_, _| vec![0x06],
        |_, _| vec![0x15],
        |_, _| vec![],
        |_, sent| sent.to_vec(),
    ];
    for device in devices {
        let report = examine(&model(), Some(OWN), device);
        for piece in report.sent {
            let harmless = piece.len() == 1 || piece.windows(question.len()).any(|w| w == question);
            assert!(harmless, "{piece:02x?}");
        }
    }
}

#[test]
fn a_model_that_cannot_be_asked_is_called_and_let_go() {
    let mut model = model();
    model.capabilities.status = false;
    let report = examine(&model, Some(OWN), |line, sent| match (line, sent) {
        (Some(OWN), [0x05]) => vec![0x06],
        _ => vec![],
    });
    assert_eq!(report.verdict, Verdict::Acknowledged { after_ms: 20 });
    assert_eq!(report.sent, [vec![ENQ], vec![EOT]]);
}

#[test]
fn a_lan_terminal_that_hangs_up_at_once_has_another_connection() {
    let layout = Layout::open_cat();
    for (after_ms, said, taken) in [(50, false, true), (1_500, false, false), (50, true, false)] {
        let mut examination =
            Examination::new(&model(), &layout, None, moment().wall.naive_local());
        assert_eq!(examination.poll_open(), Some(None));
        examination.opened(0, None);
        if said {
            examination.handle_input(10, &[0x15]);
        }
        examination.handle_disconnect(after_ms, "closed".into());
        let expected = match taken {
            true => Verdict::NotOpened {
                cause: Break::PortTaken,
                detail: "closed".into(),
            },
            false => Verdict::Lost {
                detail: "closed".into(),
            },
        };
        assert_eq!(examination.verdict(), Some(&expected));
    }
}
