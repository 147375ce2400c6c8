//! The queue of what the receipt computer was not told, in every state of its rows.

use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::orca::{Asker, OrcaEvent};
use madoguchi::app::message::{Effect, Message, Now, Stored};
use madoguchi::app::settings::ReceiptComputer;
use madoguchi::app::{State, update};
use madoguchi::domain::bill::{InOut, InvoiceNumber, PatientNumber};
use madoguchi::domain::money::Yen;
use madoguchi::domain::reflection::{
    Method, Posting, Progress, ReflectionStep, Unreflected, words,
};
use madoguchi::domain::sale::SaleKind;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::task::Task;
use madoguchi::orca::answer::{Answer, Failure, Lock, Refusal};
use madoguchi::orca::call::{Call, Session};

use super::shop::{moment, now};
use super::slip;

fn told(state: &State, offset: u32, invoice: &str, amount: i64, method: Method) -> Unreflected {
    let practice = state.settings.practice;
    Unreflected {
        slip: SlipNumber::new(slip(practice).get() + offset),
        stamp: state.settings.stamp(now()),
        kind: SaleKind::Sale,
        postings: vec![Progress::due(Posting {
            number: 1,
            patient: PatientNumber::parse(&format!("000{}", 12 + offset % 3)).expect("a number"),
            in_out: InOut::Out,
            invoice: InvoiceNumber::parse(invoice).expect("a number"),
            amount: Yen::new(amount),
            back: offset == 3,
            method,
        })],
    }
}

fn queue(mut state: State) -> State {
    state.settings.orca.connected = Some(if state.settings.practice {
        ReceiptComputer::Simulated
    } else {
        ReceiptComputer::Real
    });
    let mut changed = told(&state, 1, "0001430", 3_430, Method::Card("01".into()));
    let refused = ReflectionStep::Refused {
        code: words::CHANGED.to_owned(),
        unpaid: Some(Yen::new(3_000)),
    };
    changed.take(1, &refused).expect("legal");
    let mut unsure = told(&state, 2, "0001431", 12_300, Method::Cash);
    let steps = [
        ReflectionStep::Opened {
            karte_uid: "k".into(),
            orca_uid: "o".into(),
        },
        ReflectionStep::Sent {
            at: moment("2026-11-21T14:30:00+09:00"),
            rows: 1,
            received: Yen::ZERO,
            tender_code: None,
        },
        ReflectionStep::Unsure,
        ReflectionStep::Closed,
    ];
    for step in &steps {
        unsure.take(1, step).expect("legal");
    }
    let slips = [
        told(&state, 0, "0001426", 650, Method::Cash),
        changed,
        unsure,
        told(&state, 3, "0001426", 650, Method::Cash),
    ];
    let first = slips[0].slip;
    let tasks = slips.map(|slip| Task::Unreflected(Box::new(slip))).to_vec();
    let mut effects = update(&mut state, now(), Message::Stored(Stored::Tasks(tasks)));
    // The first patient is held by another terminal; what comes after is not reached.
    let refusal = Failure::Refused(Refusal {
        code: "E9999".into(),
        message: "他端末使用中".into(),
        session: None,
    });
    let lock = Lock {
        session: Session {
            karte_uid: "other".into(),
            orca_uid: "1".into(),
        },
        operator: "高橋".into(),
        terminal: "2".into(),
        patient: PatientNumber::parse("00012").ok(),
        name: "患者".into(),
        since: Some(moment("2026-11-21T14:20:00+09:00")),
    };
    while let Some((asker, call)) = effects.iter().find_map(|effect| match effect {
        Effect::Orca(request) => Some((request.asker, request.call.clone())),
        _ => None,
    }) {
        let Asker::Reflection { slip, .. } = asker else {
            break;
        };
        let result = match &call {
            Call::Open { .. } if slip == first => Err(refusal.clone()),
            Call::Locks => Ok(Answer::Locks(vec![lock.clone()])),
            _ => Err(Failure::Unreachable("No route to host".into())),
        };
        let answered = OrcaEvent::Answered {
            asker,
            call: Box::new(call),
            result,
        };
        effects = update(&mut state, now(), Message::Orca(answered));
    }
    let task = state.tasks.first().cloned();
    open(&mut state, task);
    state
}

/// F4, Unresolved, and the row of a task.
fn open(state: &mut State, task: Option<Task>) {
    assert!(task.is_some());
    state.screen =
        madoguchi::app::Screen::Unresolved(madoguchi::app::unresolved::Unresolved::default());
    press(state, Key::Enter);
    assert!(matches!(
        state.screen,
        madoguchi::app::Screen::Unreflected(_)
    ));
}

fn press(state: &mut State, key: Key) {
    let later = Now {
        mono_ms: state.now.mono_ms + 1_000,
        wall: state.now.wall + chrono::Duration::seconds(1),
    };
    let input = Input::Key(KeyPress { key, bytes: vec![] });
    update(state, later, Message::Input(input));
}

fn row(mut state: State, down: usize) -> State {
    for _ in 0..down {
        press(&mut state, Key::Down);
    }
    state
}

fn asking(mut state: State, digit: char, typed: &str) -> State {
    press(&mut state, Key::Char(digit));
    for c in typed.chars() {
        let key = if c == '\n' { Key::Enter } else { Key::Char(c) };
        press(&mut state, key);
    }
    state
}

fn not_connected(state: State) -> State {
    let mut state = queue(state);
    state.settings.orca.connected = None;
    state
}

/// Every picture.
pub(crate) fn all(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    vec![
        ("unreflected_held", queue(idle())),
        ("unreflected_changed", row(queue(idle()), 1)),
        ("unreflected_unsure", row(queue(idle()), 2)),
        ("unreflected_behind", row(queue(idle()), 3)),
        (
            "unreflected_entered",
            asking(queue(idle()), '1', "日レセで入力\n65"),
        ),
        ("unreflected_release", asking(queue(idle()), '2', "0001")),
        ("unreflected_not_connected", not_connected(idle())),
        ("unreflected_pane", super::register(queue(idle()))),
    ]
}
