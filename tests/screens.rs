//! Every screen as a person sees it: pictures in both languages and sizes, and what must hold on all of them.

#[path = "support/render.rs"]
mod render;
#[path = "support/states.rs"]
mod states;

use std::collections::BTreeSet;

use madoguchi::app::action::Action;
use madoguchi::app::card_report::View;
use madoguchi::app::charge::Phase;
use madoguchi::app::daily_log::DailyLog;
use madoguchi::app::input;
use madoguchi::app::key::Key;
use madoguchi::app::keymap::Place;
use madoguchi::app::link_pane::{Break, Link, Work};
use madoguchi::app::link_setup::View as SetupView;
use madoguchi::app::note::{Note, Value};
use madoguchi::app::popup::Popup;
use madoguchi::app::wizard::{Page, Question};
use madoguchi::app::{Screen, State};
use madoguchi::domain::ledger::{CatId, NotCharged, SaleState, UnknownReason};
use madoguchi::domain::money::Yen;
use madoguchi::domain::text::Language;
use madoguchi::locale::Text;
use madoguchi::ui::{Borders, Colour, Look, receipt_text};
use ratatui::style::Modifier;
use render::{MONO, draw, locale};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const LANGUAGES: [(Language, &str); 2] = [(Language::Ja, "ja"), (Language::En, "en")];
const ASCII: Look = Look {
    borders: Borders::Ascii,
    ..MONO
};
const COLOUR: Look = Look {
    colour: Colour::Sixteen,
    ..MONO
};
const WIDE: Look = Look {
    ambiguous_wide: true,
    ..MONO
};

fn picture(name: &str, state: &State, look: &Look, size: (u16, u16)) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let text = draw(state, look, size).text();
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn pictures(language: Language, word: &str, practice: bool, size: (u16, u16)) {
    for (name, state) in states::all(language, practice) {
        let name = format!("{word}_{}x{}_{name}", size.0, size.1);
        picture(&name, &state, &MONO, size);
    }
}

#[test]
fn every_screen_in_japanese_at_the_smallest_size() {
    pictures(Language::Ja, "ja", true, (80, 24));
}

#[test]
fn every_screen_in_english_at_the_smallest_size() {
    pictures(Language::En, "en", true, (80, 24));
}

#[test]
fn every_screen_in_japanese_on_a_large_terminal() {
    pictures(Language::Ja, "ja", false, (120, 40));
}

#[test]
fn every_screen_in_english_on_a_large_terminal() {
    pictures(Language::En, "en", false, (120, 40));
}

#[test]
fn the_live_screens_and_the_ascii_borders() {
    for (language, word) in LANGUAGES {
        let idle = || states::idle(language, false);
        let charging = states::charging(idle());
        picture(&format!("{word}_live_register"), &idle(), &MONO, (80, 24));
        let by_hand = states::undescribed(language);
        let name = format!("{word}_live_by_hand_register");
        picture(&name, &by_hand, &MONO, (80, 24));
        picture(&format!("{word}_live_charging"), &charging, &MONO, (80, 24));
        picture(
            &format!("{word}_ascii_charging"),
            &charging,
            &ASCII,
            (80, 24),
        );
        let unknown = states::unknown_proof(states::idle(language, true));
        picture(&format!("{word}_ascii_unknown"), &unknown, &ASCII, (80, 24));
    }
}

/// Every screen in both languages and modes.
fn everything() -> Vec<(String, State)> {
    let mut everything = Vec::new();
    for (language, word) in LANGUAGES {
        for practice in [true, false] {
            for (name, state) in states::all(language, practice) {
                everything.push((format!("{word} {name} practice={practice}"), state));
            }
        }
    }
    everything
}

#[test]
fn no_size_makes_a_screen_panic() {
    let mut sizes: Vec<(u16, u16)> = (1..=12)
        .flat_map(|x| (1..=12).map(move |y| (x, y)))
        .collect();
    sizes.extend([
        (79, 24),
        (80, 23),
        (80, 24),
        (81, 25),
        (99, 30),
        (100, 30),
        (101, 29),
        (133, 37),
        (200, 24),
        (80, 60),
        (200, 60),
    ]);
    for (_, state) in states::all(Language::Ja, true) {
        for size in &sizes {
            draw(&state, &MONO, *size);
            draw(&state, &WIDE, *size);
        }
    }
    for (_, state) in states::all(Language::En, false) {
        for size in [(1, 1), (12, 3), (80, 24), (100, 30), (163, 51)] {
            draw(&state, &COLOUR, size);
        }
    }
}

#[test]
fn extreme_values_stay_inside_the_frame() {
    let mut state = states::checkout_cash(states::idle(Language::Ja, true));
    state.settings.operator.name = "長い名前の担当者".repeat(9);
    state.settings.shop.support = "サポート".repeat(30);
    for line in &mut state.basket.lines {
        line.name = "漢字とﾊﾟﾋﾟﾌﾟ①".repeat(9);
        line.unit = Yen::LIMIT;
        line.quantity = 999;
    }
    state.basket.lines.resize(99, state.basket.lines[0].clone());
    for size in [(80, 24), (81, 24), (120, 40)] {
        for look in [MONO, ASCII] {
            let drawn = draw(&state, &look, size);
            for (index, line) in drawn
                .lines()
                .iter()
                .enumerate()
                .take(usize::from(size.1) - 2)
            {
                let end = drawn.buffer[(size.0 - 1, u16::try_from(index).expect("a row"))].symbol();
                assert!(
                    "═╗║╢╝#=".contains(end),
                    "row {index} ends in {end:?}: {line}"
                );
            }
        }
    }
}

#[test]
fn below_the_smallest_size_one_line_asks_for_room() {
    for (language, words) in [(Language::Ja, "80x24"), (Language::En, "80x24")] {
        let state = states::idle(language, true);
        let lines = draw(&state, &MONO, (79, 24)).lines();
        assert!(lines[0].contains(words), "{}", lines[0]);
        assert!(lines[1..].iter().all(String::is_empty));
    }
}

#[test]
fn practice_is_said_on_every_screen_in_words_and_in_shape() {
    for (language, word) in LANGUAGES {
        let texts = locale(language);
        let banner = texts.text(Text::PracticeBanner);
        let short = texts.text(Text::PracticeShort);
        for (name, state) in states::all(language, true) {
            let drawn = draw(&state, &MONO, (80, 24));
            let lines = drawn.lines();
            assert!(lines[0].contains(banner), "{word} {name}: {}", lines[0]);
            assert!(lines[0].starts_with('╔'), "{word} {name}");
            assert!(lines[21].contains(short), "{word} {name}: {}", lines[21]);
            if !state.popups.is_empty() {
                let boxes = lines.iter().filter(|line| line.contains(short)).count();
                assert!(boxes >= 3, "{word} {name}: the popup says it too");
            }
        }
        for (name, state) in states::all(language, false) {
            let text = draw(&state, &MONO, (80, 24)).text();
            assert!(!text.contains(short), "{word} {name}");
            assert!(!text.contains('╔'), "{word} {name}");
        }
    }
}

#[test]
fn no_label_of_the_key_bar_is_cut() {
    for (name, state) in everything() {
        let texts = locale(state.settings.language);
        let bar = draw(&state, &MONO, (80, 24)).lines()[23].clone();
        assert!(!bar.contains('…'), "{name}: {bar}");
        for (key, action) in state.place().bindings() {
            if matches!(key, Key::F(_) | Key::Char(_)) {
                let label = texts.text(action.label());
                assert!(bar.contains(label), "{name}: {label} is not in {bar}");
            }
        }
        assert!(bar.ends_with(texts.text(Text::KeyHelp)), "{name}: {bar}");
    }
}

#[test]
fn the_key_bar_is_dim_exactly_where_the_console_would_refuse() {
    for (name, state) in everything() {
        let drawn = draw(&state, &MONO, (80, 24));
        let mut dim = String::new();
        for x in 0..80 {
            let cell = &drawn.buffer[(x, 23)];
            if cell.modifier.contains(Modifier::DIM) {
                dim.push_str(cell.symbol());
            }
        }
        for (key, action) in state.place().bindings() {
            if let Key::F(number) = key {
                let refused = input::refusal(&state, *action).is_some();
                let label = format!("F{number}");
                // F1 is no part of F12.
                let said = dim.match_indices(&label).any(|(at, _)| {
                    let behind = dim[at + label.len()..].chars().next();
                    !behind.is_some_and(|c| c.is_ascii_digit())
                });
                assert_eq!(said, refused, "{name}: F{number} in {dim:?}");
            }
        }
    }
}

#[test]
fn ascii_borders_come_with_no_character_of_doubtful_width() {
    for (name, state) in everything() {
        for look in [ASCII, WIDE] {
            for size in [(80, 24), (120, 40)] {
                for line in draw(&state, &look, size).lines() {
                    let doubtful = line.chars().find(|c| c.width() != c.width_cjk());
                    assert_eq!(doubtful, None, "{name}: {line}");
                }
            }
        }
    }
}

#[test]
fn a_popup_over_wide_text_keeps_its_border() {
    for width in [80, 81, 82, 83] {
        for popup in [
            Popup::Menu { selected: 0 },
            Popup::Help { scroll: 0 },
            Popup::Leave,
            Popup::DailyLog(DailyLog {
                cat: CatId::Cat1,
                scroll: 0,
                writing: false,
            }),
        ] {
            for shift in ["", "x"] {
                let mut state = states::register(states::idle(Language::Ja, true));
                for line in &mut state.basket.lines {
                    line.name = format!("{shift}{}", "漢".repeat(19));
                }
                state.basket.lines.resize(20, state.basket.lines[0].clone());
                let state = states::with_popup(state, popup.clone());
                let drawn = draw(&state, &MONO, (width, 24));
                render::no_border_is_swallowed(&drawn, &format!("{popup:?} {width} {shift}"));
            }
        }
    }
}

#[test]
fn no_wide_character_is_cut_in_half_anywhere() {
    for (name, state) in everything() {
        for size in [(80, 24), (81, 25), (120, 40)] {
            render::no_border_is_swallowed(&draw(&state, &MONO, size), &name);
        }
    }
}

#[test]
fn the_cursor_stands_in_the_field_that_is_typed_into_and_nowhere_else() {
    for (name, state) in everything() {
        let typed_into = match (&state.screen, state.popups.is_empty()) {
            (_, false) => matches!(state.popups.last(), Some(Popup::Operator(_))),
            (Screen::Unknown(unknown), _) => unknown.proof.is_some(),
            (Screen::LinkSetup(setup), _) => {
                matches!(&setup.view, SetupView::Another(another) if another.typed.is_some())
            }
            (Screen::Scan(bill), _) => bill.place() == Place::Scan || bill.proof.is_some(),
            (Screen::Undo(undo), _) => undo.types_a_field(&state),
            (Screen::Unreflected(queue), _) => queue.asking.is_some(),
            (Screen::Wizard(wizard), _) => {
                matches!(wizard.page(), Page::EnterSlip | Page::People)
                    || matches!(wizard.question, Some(Question::GiveUp { amount: Some(_) }))
            }
            (Screen::CardReport(report), _) => {
                matches!(&report.view, View::Filter(form) if form.takes_text())
            }
            (Screen::Bill(shown), _) => shown.bill.is_some(),
            (screen, _) => matches!(
                screen,
                Screen::Register(_)
                    | Screen::Checkout(_)
                    | Screen::CardSelect(_)
                    | Screen::History(_)
                    | Screen::Items(_)
                    | Screen::KeyCheck(_)
                    | Screen::Printer(_)
                    | Screen::Worklist(_)
            ),
        };
        let drawn = draw(&state, &MONO, (80, 24));
        assert_eq!(drawn.cursor.is_some(), typed_into, "{name}");
    }
}

#[test]
fn a_patient_who_is_hidden_is_on_no_screen() {
    for (name, mut state) in everything() {
        let seen = draw(&state, &MONO, (120, 40)).text();
        state.bills.hidden = true;
        let text = draw(&state, &MONO, (120, 40)).text();
        for part in ["山田", "ヤマダ", "花子", "1960-03-04"] {
            assert!(!text.contains(part), "{name}: {part}");
        }
        // Elsewhere such digits are a slip's.
        if name.contains(" bill") || name.contains("worklist") || name.contains("_bill") {
            for part in ["00012", "00034"] {
                assert!(!text.contains(part), "{name}: {part}");
            }
        }
        let patient = name.contains(" bill_one") || name.contains("checkout_bill practice");
        assert!(!patient || seen.contains("山田"), "{name}");
    }
}

#[test]
fn the_cursor_goes_by_the_width_of_what_is_typed() {
    let mut state = states::register(states::idle(Language::Ja, true));
    let mut columns = Vec::new();
    for text in ["", "a", "漢", "漢ﾊﾞ"] {
        if let Screen::Register(register) = &mut state.screen {
            register.input.set(text);
        }
        let at = draw(&state, &MONO, (80, 24)).cursor.expect("a cursor");
        columns.push(at.x);
    }
    let first = columns[0];
    assert_eq!(columns, [first, first + 1, first + 2, first + 4]);
    // Longer than the row: the caret stays in sight.
    if let Screen::Register(register) = &mut state.screen {
        register.input.set(&"漢".repeat(40));
    }
    let at = draw(&state, &MONO, (80, 24)).cursor.expect("a cursor");
    assert!(at.x < 52, "{at}");
}

#[test]
fn every_way_of_not_being_charged_has_words_and_a_code_of_its_own() {
    let reasons = [
        NotCharged::NotReachable,
        NotCharged::Busy,
        NotCharged::Standalone,
        NotCharged::Declined {
            center_result_code: Some("G12".into()),
        },
        NotCharged::StoppedAtTerminal,
        NotCharged::InsufficientBalance {
            balance: Some(Yen::new(320)),
        },
        NotCharged::DailyLogFull,
        NotCharged::CommandRefused,
        NotCharged::NotSent,
        NotCharged::BackedOut,
        NotCharged::NotAtTerminal,
        NotCharged::OperatorSawNone,
        NotCharged::GivenUp,
        NotCharged::AnotherTerminal,
        NotCharged::AnswerOwed { wait_ms: 84_200 },
    ];
    for (language, _) in LANGUAGES {
        let texts = locale(language);
        let mut headlines = BTreeSet::new();
        let mut codes = BTreeSet::new();
        for reason in &reasons {
            let state = states::not_charged(states::idle(language, false), reason.clone());
            let drawn = draw(&state, &MONO, (80, 24));
            let text = drawn.text();
            assert!(text.contains(texts.text(Text::ChargedNo)), "{text}");
            assert!(!text.contains('…'), "{text}");
            let at = text.find("E1").expect("a code");
            codes.insert(text[at..at + 4].to_owned());
            headlines.insert(drawn.lines()[4].clone());
        }
        assert_eq!(headlines.len(), reasons.len());
        assert_eq!(codes.len(), reasons.len());
        let state = states::not_charged(states::idle(language, false), reasons[3].clone());
        assert!(draw(&state, &MONO, (80, 24)).text().contains("G12"));
        let state = states::not_charged(states::idle(language, false), reasons[5].clone());
        assert!(draw(&state, &MONO, (80, 24)).text().contains("320"));
    }
}

#[test]
fn every_way_of_not_knowing_has_words_of_its_own() {
    use UnknownReason::{
        CentreLost, ConsoleStopped, ForeignAnswer, Garbled, LineCut, NoAcknowledgement, NoAnswer,
        Refused, TerminalReset,
    };
    let reasons = [
        LineCut,
        NoAcknowledgement,
        Refused,
        NoAnswer,
        ForeignAnswer,
        Garbled,
        TerminalReset,
        CentreLost,
        ConsoleStopped,
    ];
    for (language, _) in LANGUAGES {
        let mut sentences = BTreeSet::new();
        for reason in reasons {
            let state = states::unknown(states::idle(language, false), Some(reason));
            let lines = draw(&state, &MONO, (80, 24)).lines();
            assert!(!lines[6].contains('…'), "{}", lines[6]);
            sentences.insert(lines[6].clone());
        }
        assert_eq!(sentences.len(), reasons.len());
    }
}

#[test]
fn in_practice_no_screen_says_that_money_was_taken() {
    for (language, _) in LANGUAGES {
        let texts = locale(language);
        for (name, state) in states::all(language, true) {
            let text = draw(&state, &MONO, (80, 24)).text();
            assert!(!text.contains(texts.text(Text::ChargedYes)), "{name}");
        }
    }
}

#[test]
fn no_sentence_of_a_screen_is_cut() {
    let mut cuts = Vec::new();
    for (name, state) in everything() {
        let body: Vec<String> = draw(&state, &MONO, (80, 24)).lines();
        for line in &body[..23] {
            // The opening's own sentence ends in that mark.
            let cut = line.contains('…') && !name.contains("opening") && !name.contains("help");
            if cut {
                cuts.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(cuts.is_empty(), "{}", cuts.join("\n"));
}

#[test]
fn the_help_page_names_every_key_of_every_screen() {
    for (language, _) in LANGUAGES {
        let texts = locale(language);
        let mut seen = String::new();
        for scroll in (0..400).step_by(8) {
            let state = states::with_popup(states::idle(language, true), Popup::Help { scroll });
            seen.push_str(&draw(&state, &MONO, (80, 24)).text());
        }
        for action in Action::ALL {
            let menu_only = [
                Action::Unresolved,
                Action::CheckLink,
                Action::LinkSetup,
                Action::Printer,
                Action::KeyCheck,
                Action::ChangeOperator,
                Action::DailyLog,
            ];
            if !menu_only.contains(action) {
                // A long sentence goes on in the next line: its beginning is enough.
                let help: String = texts.text(action.help()).chars().take(24).collect();
                assert!(seen.contains(help.trim_end()), "{action:?}: {help}");
            }
        }
        assert!(seen.contains(texts.text(Text::HelpEscape)));
    }
}

#[test]
fn data_from_outside_cannot_write_beyond_its_place() {
    let mut state = states::register(states::idle(Language::Ja, true));
    state.basket.lines[0].name = "a\u{1b}[31m\u{202e}b\u{200b}c\nd".into();
    let text = draw(&state, &MONO, (80, 24)).text();
    assert!(text.contains("a[31mbcd"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{200b}']));
}

#[test]
fn the_pane_says_each_state_in_a_shape_and_a_word() {
    let down = Link::Down {
        cause: Break::Disconnected,
        detail: String::new(),
    };
    for (link, shape, twin, word) in [
        (Link::Linked, "●", "[OK]", Text::PaneLinked),
        (Link::Stale, "○", "[  ]", Text::PaneUnchecked),
        (Link::Unchecked, "○", "[  ]", Text::PaneUnchecked),
        (Link::Busy, "◐", "[..]", Text::PaneAtWork),
        (Link::Standalone, "◇", "[<>]", Text::PaneStandalone),
        (Link::Another, "■", "[!!]", Text::PaneAnother),
        (down, "■", "[!!]", Text::PaneDown),
    ] {
        let mut state = states::idle(Language::Ja, true);
        states::set_link(&mut state, link, Work::Idle);
        let word = locale(Language::Ja).text(word);
        for (look, mark) in [(MONO, shape), (ASCII, twin)] {
            let text = draw(&state, &look, (80, 24)).text();
            assert!(text.contains(&format!("{mark} {word}")), "{text}");
        }
    }
    let mut state = states::idle(Language::Ja, true);
    for cat in state.settings.cats.values_mut() {
        cat.model.layout = None;
    }
    let text = draw(&state, &MONO, (80, 24)).text();
    assert!(
        text.contains("✕ 未使用") && text.contains("電文仕様が未設定"),
        "{text}"
    );
    state.cats.clear();
    state.settings.cats.clear();
    let text = draw(&state, &MONO, (80, 24)).text();
    assert!(text.contains("✕ 未使用"), "{text}");
}

#[test]
fn the_age_of_an_answer_runs_only_while_it_is_watched() {
    let idle = draw(&states::idle(Language::Ja, true), &MONO, (80, 24)).text();
    assert!(idle.contains("応答 14:32:04"), "{idle}");
    let mut state = states::charging(states::idle(Language::Ja, true));
    for (later_ms, age) in [(0, "応答 2秒前"), (7_000, "応答 9秒前")] {
        state.now.mono_ms = states::now().mono_ms + later_ms;
        let text = draw(&state, &MONO, (80, 24)).text();
        assert!(text.contains(age), "{text}");
    }
}

#[test]
fn what_to_do_at_the_terminal_goes_by_the_card() {
    for (card, phase, instruction) in [
        (0, None, Text::DoCard),
        (0, Some(Phase::WaitingForCard), Text::DoCard),
        (0, Some(Phase::Centre), Text::DoCentre),
        (2, Some(Phase::WaitingForCard), Text::DoTouch),
        (3, Some(Phase::WaitingForCard), Text::DoChoose),
        (4, None, Text::DoCode),
    ] {
        for (language, _) in LANGUAGES {
            let state = states::charging_with(states::idle(language, true), card, phase);
            let text = draw(&state, &MONO, (80, 24)).text();
            let instruction = locale(language).text(instruction);
            assert!(text.contains(instruction), "{instruction}: {text}");
        }
    }
}

#[test]
fn a_receipt_fits_its_paper_and_says_what_it_is() {
    let state = states::receipt(states::idle(Language::Ja, true));
    let Screen::Receipt(receipt) = &state.screen else {
        panic!("a receipt");
    };
    let texts = locale(Language::Ja);
    for columns in [32, 42, 48] {
        let lines = receipt_text::lines(&state, &receipt.record, texts, true, columns);
        for line in &lines {
            assert!(line.width() <= columns, "{line}");
        }
        let text = lines.join("\n");
        for part in [
            "再発行",
            "練習 請求されていません",
            "90000142",
            "01234",
            "654321",
            "356612******1234",
            "000871",
            "3,430",
            "2,200",
            "T1234567890123",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let mut declined = receipt.record.clone();
    declined.state = SaleState::Declined;
    declined.sale.practice = false;
    declined.slip = madoguchi::domain::slip::SlipNumber::new(142);
    let text = receipt_text::lines(&state, &declined, texts, false, 32).join("\n");
    assert!(text.contains("領収書ではありません: 不承認"), "{text}");
    assert!(!text.contains("再発行") && !text.contains("練習"), "{text}");
}

#[test]
fn no_note_is_cut_however_long() {
    let detail = || Value::Word("database disk image is malformed".into());
    let limit = || Value::Number(9_999_999);
    for (language, word) in LANGUAGES {
        for text in Text::ALL {
            // The sentences come first in the text file; from the key bar on, texts have places of their own.
            if *text >= Text::KeyIssue {
                break;
            }
            let note = Note::alarm(*text)
                .with("detail", detail())
                .with("limit", limit())
                .with("slip", limit())
                .with("count", limit())
                .with("why", Value::Text(Text::PrintNotFinished))
                .with("short", limit())
                .with("change", limit())
                .with("number", limit())
                .with("code", limit())
                .with("class", Value::Word("クレ銀三面待ち".into()))
                .with("name", Value::Word("madoguchi (1234567)".into()))
                .with("path", Value::Word("~/madoguchi/trace.txt".into()))
                .with("model", Value::Word("Saturn1000 Elite".into()));
            for practice in [true, false] {
                let state = states::with_note(states::idle(language, practice), note.clone());
                for look in [MONO, ASCII] {
                    let lines = draw(&state, &look, (80, 24)).lines();
                    let said = format!("{}{}", lines[21], lines[22]);
                    let whole = locale(language).text(*text).contains('…');
                    assert!(whole || !said.contains('…'), "{word} {text:?}: {said}");
                    assert!(!said.contains('{'), "{word} {text:?}: {said}");
                    assert!(lines[22].width() <= 80);
                }
            }
        }
    }
}
