//! The queue of what the receipt computer was not told, in every state of its rows.

use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::orca::{Asker, OrcaEvent, OrcaRequest};
use madoguchi::app::message::{Effect, Message, Now, StoreRequest, Stored};
use madoguchi::app::settings::ReceiptComputer;
use madoguchi::app::{State, update};
use madoguchi::domain::bill::{
    Bill, Billed, InOut, Invoice, InvoiceNumber, Patient, PatientNumber, Share,
};
use madoguchi::domain::money::Yen;
use madoguchi::domain::reflection::{
    Method, Posting, Progress, ReflectionStep, Unreflected, words,
};
use madoguchi::domain::sale::SaleKind;
use madoguchi::domain::slip::SlipNumber;
use madoguchi::domain::task::Task;
use madoguchi::orca::answer::{Answer, Failure, Lock, News, Refusal, Standing};
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
            invoice: InvoiceNumber::parse(invoice).ok(),
            amount: Yen::new(amount),
            back: offset == 3,
            method,
            completes: true,
        })],
        unnamed: None,
    }
}

/// Another terminal has the patient open.
fn lock() -> Lock {
    Lock {
        session: Session {
            karte_uid: "other".into(),
            orca_uid: "1".into(),
        },
        operator: "高橋".into(),
        terminal: "2".into(),
        patient: PatientNumber::parse("00012").ok(),
        name: "患者".into(),
        since: Some(moment("2026-11-21T14:20:00+09:00")),
    }
}

fn queue(mut state: State) -> State {
    connect(&mut state);
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
            invoice: None,
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
    while let Some((asker, call)) = effects.iter().find_map(|effect| match effect {
        Effect::Orca(request) => Some((request.asker, request.call.clone())),
        _ => None,
    }) {
        let Asker::Reflection { slip, .. } = asker else {
            break;
        };
        let result = match &call {
            Call::Open { .. } if slip == first => Err(refusal.clone()),
            Call::Locks => Ok(Answer::Locks(vec![lock()])),
            _ => Err(Failure::Unreachable("No route to host".into())),
        };
        let answered = OrcaEvent::Answered {
            asker,
            call: Box::new(call),
            result,
        };
        effects = update(&mut state, now(), Message::Orca(answered));
    }
    let task = state.tasks.list.first().cloned();
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

/// Taken by its code alone: what is unpaid there does not say of which invoice it is; and money of it that goes back.
fn unfound(mut state: State, back: bool) -> State {
    connect(&mut state);
    let offsets = if back { vec![3] } else { vec![0, 1] };
    let slips = offsets
        .into_iter()
        .map(|offset| told(&state, offset, "", 650, Method::Cash));
    let tasks = slips.map(Box::new).map(Task::Unreflected).collect();
    let mut effects = update(&mut state, now(), Message::Stored(Stored::Tasks(tasks)));
    let mut unpaid = [vec![1_230], vec![650, 650]].into_iter();
    while let Some(effect) = effects.pop() {
        let message = match effect {
            Effect::Store(StoreRequest::Write { entry, .. }) => {
                Message::Stored(Stored::Written(entry))
            }
            Effect::Orca(OrcaRequest { asker, call }) => {
                let Call::Bill { patient, .. } = &call else {
                    panic!("nobody is held: {call:?}");
                };
                let told = bill_of(patient, &unpaid.next().expect("two ask"));
                Message::Orca(OrcaEvent::Answered {
                    asker,
                    call: Box::new(call),
                    result: Ok(Answer::Bill(Box::new(told))),
                })
            }
            _ => continue,
        };
        effects.extend(update(&mut state, now(), message));
    }
    let task = state.tasks.list.first().cloned();
    open(&mut state, task);
    state
}

/// So much is unpaid of a patient, invoice by invoice.
fn bill_of(patient: &PatientNumber, unpaid: &[i64]) -> Bill {
    let invoices = unpaid.iter().zip(1..).map(|(yen, number)| Invoice {
        charged: Yen::new(*yen),
        received: Yen::ZERO,
        ..standing(&InvoiceNumber::parse(&format!("{number:07}")).expect("a number")).invoice
    });
    Bill {
        patient: Patient {
            number: patient.clone(),
            name: String::new(),
            kana: String::new(),
            born: None,
        },
        invoices: invoices.collect(),
        unpaid: Yen::new(unpaid.iter().sum()),
        at: moment("2026-11-21T14:32:00+09:00"),
    }
}

fn connect(state: &mut State) {
    state.settings.orca.connected = Some(if state.settings.practice {
        ReceiptComputer::Simulated
    } else {
        ReceiptComputer::Real
    });
}

fn not_connected(state: State) -> State {
    let mut state = queue(state);
    state.settings.orca.connected = None;
    state
}

/// A bill paid in cash, while the receipt computer is reached or not.
fn done_billed(state: State, answer: Result<Answer, Failure>) -> State {
    let mut state = super::done_cash(reached(state, Some(answer), None));
    state.settings.orca.print_receipt = true;
    if let madoguchi::app::Screen::Done(done) = &mut state.screen {
        done.record.sale.bill = Some(billed(done.record.total()));
    }
    state
}

/// A bill of the receipt computer, of one invoice.
pub(super) fn billed(amount: Yen) -> Billed {
    Billed {
        patient: PatientNumber::parse("00012").ok(),
        name: None,
        shares: vec![Share {
            found: None,
            in_out: InOut::Out,
            invoice: Some(InvoiceNumber::parse("0001426").expect("a number")),
            amount,
        }],
        code: None,
    }
}

/// The slip of a bill, called up from the history.
fn receipt_of_bill(state: State) -> State {
    let mut state = super::receipt(state);
    connect(&mut state);
    if let madoguchi::app::Screen::Receipt(receipt) = &mut state.screen {
        receipt.record.sale.bill = Some(billed(receipt.record.total()));
    }
    state
}

/// F7: which paper?
fn which(state: State, connected: bool) -> State {
    let mut state = receipt_of_bill(state);
    if !connected {
        state.settings.orca.connected = None;
    }
    press(&mut state, Key::F(7));
    state
}

/// 2, and this is what the receipt computer says to one of its calls.
fn reissued(state: State, word: &str, said: &Result<Answer, Failure>) -> State {
    let mut state = which(state, true);
    let later = Now {
        mono_ms: state.now.mono_ms + 1_000,
        wall: state.now.wall + chrono::Duration::seconds(1),
    };
    let key = Key::Char('2');
    let input = Input::Key(KeyPress { key, bytes: vec![] });
    let mut effects = update(&mut state, later, Message::Input(input));
    while let Some(effect) = effects.pop() {
        let message = match effect {
            Effect::Store(StoreRequest::Write { entry, .. }) => {
                Message::Stored(Stored::Written(entry))
            }
            Effect::Orca(request) => {
                let session = Session {
                    karte_uid: "k".into(),
                    orca_uid: "o".into(),
                };
                let result = match &request.call {
                    call if call.word() == word => said.clone(),
                    Call::Open { invoice, .. } => Ok(Answer::Opened {
                        session,
                        standing: standing(invoice),
                    }),
                    Call::Reissue { .. } => Ok(Answer::Reissued),
                    Call::Locks => Ok(Answer::Locks(vec![lock()])),
                    _ => Ok(Answer::Finished),
                };
                Message::Orca(OrcaEvent::Answered {
                    asker: request.asker,
                    call: Box::new(request.call),
                    result,
                })
            }
            _ => continue,
        };
        effects.extend(update(&mut state, later, message));
    }
    state
}

fn standing(invoice: &InvoiceNumber) -> Standing {
    Standing {
        invoice: Invoice {
            number: invoice.clone(),
            group: None,
            in_out: InOut::Out,
            performed: None,
            department: String::new(),
            rate_percent: None,
            charged: Yen::new(3_430),
            received: Yen::new(3_430),
            lines: vec![],
            caution: None,
        },
        history: vec![],
    }
}

fn refused(code: &str, message: &str) -> Result<Answer, Failure> {
    Err(Failure::Refused(Refusal {
        code: code.into(),
        message: message.into(),
        session: None,
    }))
}

/// What it says to the opening of the first of the queue.
fn said(mut state: State, result: Result<Answer, Failure>) -> State {
    connect(&mut state);
    let slip = told(&state, 0, "0001426", 650, Method::Cash);
    let tasks = vec![Task::Unreflected(Box::new(slip))];
    let mut effects = update(&mut state, now(), Message::Stored(Stored::Tasks(tasks)));
    let mut first = Some(result);
    while let Some(effect) = effects.pop() {
        let message = match effect {
            Effect::Store(StoreRequest::Write { entry, .. }) => {
                Message::Stored(Stored::Written(entry))
            }
            Effect::Orca(request) => {
                let result = match &request.call {
                    Call::Open { .. } => match first.take() {
                        Some(result) => result,
                        None => break,
                    },
                    Call::Locks => Ok(Answer::Locks(vec![])),
                    _ => Ok(Answer::Finished),
                };
                Message::Orca(OrcaEvent::Answered {
                    asker: request.asker,
                    call: Box::new(request.call),
                    result,
                })
            }
            _ => continue,
        };
        effects.extend(update(&mut state, now(), message));
    }
    state
}

/// The same, with the queue open.
fn listed(state: State, result: Result<Answer, Failure>) -> State {
    let mut state = said(state, result);
    let task = state.tasks.list.first().cloned();
    open(&mut state, task);
    state
}

/// The register, and how the receipt computer is reached.
fn reached(state: State, result: Option<Result<Answer, Failure>>, news: Option<News>) -> State {
    let mut state = super::register(state);
    connect(&mut state);
    if let Some(result) = result {
        let event = OrcaEvent::Answered {
            asker: Asker::Screen { question: 999 },
            call: Box::new(Call::Ping),
            result,
        };
        update(&mut state, now(), Message::Orca(event));
    }
    if let Some(news) = news {
        update(&mut state, now(), Message::Orca(OrcaEvent::News(news)));
    }
    state
}

/// Whether it can be reached, what it says no with, and what it remarks.
fn way(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    let gone = || Err(Failure::Unreachable("No route to host".into()));
    let deaf = || Some(News::Deaf("closed".into()));
    let mut remarked = reached(idle(), Some(Ok(Answer::Pong)), None);
    let remark = OrcaEvent::Remarked {
        code: "W00000".into(),
        message: "保険の確認が必要です".into(),
    };
    update(&mut remarked, now(), Message::Orca(remark));
    let denied = Err(Failure::Denied("HTTP 401".into()));
    vec![
        ("orca_unasked", reached(idle(), None, None)),
        (
            "orca_reached",
            reached(idle(), Some(Ok(Answer::Pong)), None),
        ),
        ("orca_lost", reached(idle(), Some(gone()), deaf())),
        ("done_billed", done_billed(idle(), Ok(Answer::Pong))),
        ("done_billed_untold", done_billed(idle(), gone())),
        ("orca_denied", reached(idle(), Some(denied), None)),
        ("orca_deaf", reached(idle(), Some(Ok(Answer::Pong)), deaf())),
        ("orca_remark", remarked),
        ("orca_lost_waiting", super::register(said(idle(), gone()))),
        ("orca_said_e1038", listed(idle(), refused("E1038", ""))),
        (
            "orca_said_e9999",
            listed(idle(), refused("E9999", "他端末で使用中です。（受付２）")),
        ),
        (
            "orca_said_e0085",
            listed(idle(), refused("E0085", "対象となる請求情報がありません。")),
        ),
        (
            "orca_said_unknown_code",
            listed(idle(), refused("E0777", "処理できません。")),
        ),
    ]
}

/// The receipt computer's own 領収証, once more.
fn papers(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    let gone = Err(Failure::Unreachable("No route to host".into()));
    let lost = Err(Failure::Lost("timed out".into()));
    let held = refused("E9999", "他端末使用中");
    let no = refused("E0123", "発行区分が未設定です。");
    vec![
        ("reissue_which", which(idle(), true)),
        ("reissue_unconnected", which(idle(), false)),
        ("reissue_done", reissued(idle(), "", &gone)),
        ("reissue_unreachable", reissued(idle(), "open", &gone)),
        ("reissue_held", reissued(idle(), "open", &held)),
        ("reissue_refused", reissued(idle(), "reissue", &no)),
        ("reissue_unsure", reissued(idle(), "reissue", &lost)),
    ]
}

/// Every picture.
pub(crate) fn all(idle: impl Fn() -> State) -> Vec<(&'static str, State)> {
    let mut all = papers(&idle);
    all.extend(way(&idle));
    all.extend([
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
        ("unreflected_none", unfound(idle(), false)),
        ("unreflected_several", row(unfound(idle(), false), 1)),
        ("unreflected_back", unfound(idle(), true)),
        ("unreflected_pane", super::register(queue(idle()))),
    ]);
    all
}
