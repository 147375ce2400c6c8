//! 会計待ち of a full day: from the receipt computer's answer in hand to the list drawn.
//!
//! `cargo bench --bench worklist`

mod support;

#[path = "../tests/support/bills.rs"]
#[expect(dead_code, reason = "what the tests tell, of which a part is used")]
mod bills;
#[path = "../tests/support/desk.rs"]
#[expect(dead_code, reason = "the tests' own counter, of which a part is used")]
mod desk;

use madoguchi::app::key::Key;
use madoguchi::domain::text::Language;
use madoguchi::locale::Locale;
use madoguchi::orca::call::Call;
use madoguchi::orca::wire::{Response, decode};
use madoguchi::ui::{self, Borders, Colour, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use support::figures::{Figures, print_load, print_table, shown};
use support::{is_asked_for, now};

/// A full day: as many as the receipt computer tells at once.
const PATIENTS: usize = 500;
/// How often.
const ROUNDS: usize = 50;

fn main() {
    if !is_asked_for() {
        return;
    }
    print_load("before");
    let locale = Locale::shipped(Language::Ja).expect("the shipped texts");
    let look = Look {
        borders: Borders::Lines,
        colour: Colour::Sixteen,
        ambiguous_wide: false,
    };
    let response = response();
    let call = Call::Worklist {
        date: bills::day("2026-11-21"),
    };
    let mut desk = desk::Desk::with(bills::connected(desk::settings()));
    desk.state.start();
    desk.stored(madoguchi::app::message::Stored::Opened {
        unresolved: vec![],
        sent: Default::default(),
        terminals: Default::default(),
        unshown: None,
        today: madoguchi::app::message::DayCount::default(),
    });
    desk.press(Key::F(5));
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).expect("a terminal");
    let (mut on_screen, mut found) = (Figures::default(), Figures::default());
    for round in 1..=ROUNDS {
        let began = now();
        let result = decode(&call, &response);
        desk.send(bills::answered(u32::try_from(round).expect("few"), result));
        let draw = |terminal: &mut Terminal<TestBackend>, desk: &desk::Desk| {
            let drawn = terminal.draw(|frame| ui::draw(frame, &desk.state, &locale, &look));
            drawn.expect("drawn");
        };
        draw(&mut terminal, &desk);
        on_screen.push_ms(began.elapsed());
        assert!(text(&terminal).contains("500人"), "all of them are told");
        let began = now();
        desk.press(Key::Char('4'));
        draw(&mut terminal, &desk);
        found.push_ms(began.elapsed());
        desk.press(Key::Backspace);
        desk.press(Key::F(5));
    }
    let row = |name: &str, figures: &Figures| {
        vec![
            name.to_owned(),
            shown(figures.median(), 2),
            shown(figures.percentile(95), 2),
        ]
    };
    print_table(
        &format!("会計待ち, {PATIENTS} patients ({ROUNDS} rounds; ms)"),
        &["what", "p50", "p95"],
        &[
            row("answer in hand → list drawn", &on_screen),
            row("a digit typed to find one → list drawn", &found),
        ],
    );
    print_load("after");
}

fn text(terminal: &Terminal<TestBackend>) -> String {
    let cells = terminal.backend().buffer().content();
    let symbols: String = cells.iter().map(|cell| cell.symbol()).collect();
    symbols.replace(' ', "")
}

/// What the receipt computer sends.
fn response() -> Response {
    let rows: Vec<String> = (1..=PATIENTS)
        .map(|number| {
            format!(
                r#"{{"Acceptance_Time":"{:02}:{:02}:00","Department_WholeName":"内科","Physician_WholeName":"試験　医師",
"Patient_Information":{{"Patient_ID":"{number:05}","WholeName":"見本　患者{number}","WholeName_inKana":"ミホン　カンジャ",
"BirthDate":"1960-03-04","Sex":"1"}}}}"#,
                9 + number / 60,
                number % 60
            )
        })
        .collect();
    let body = format!(
        r#"{{"acceptlstres":{{"Api_Result":"00","Api_Result_Message":"処理終了","Acceptlst_Information":[{}]}}}}"#,
        rows.join(",")
    );
    Response {
        status: 200,
        content_type: "application/json".into(),
        body: body.into_bytes(),
    }
}
