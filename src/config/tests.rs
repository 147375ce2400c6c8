//! The sample, and what is said of files that are wrong.

use super::problem::{PortFault, ProblemKind, RowFault, ShapeFault, ValueFault};
use super::*;
use crate::domain::master::Finding;
use crate::domain::tax::TaxRates;
use crate::domain::tender::CardClass;

mod counter;

mod orca;
mod orca_tender;
mod printer;
mod scanner;

fn models() -> Models {
    Models::shipped()
}

/// The sample with one text put in place of another, outside of comments.
fn edited(from: &str, to: &str) -> String {
    let stands = |at: &usize| {
        let line = SAMPLE[..*at].rfind('\n').map_or(0, |end| end + 1);
        from.starts_with('#') || !SAMPLE[line..].starts_with('#')
    };
    let at = SAMPLE.match_indices(from).map(|(at, _)| at).find(stands);
    let at = at.unwrap_or_else(|| panic!("{from:?} is not in the sample"));
    format!("{}{to}{}", &SAMPLE[..at], &SAMPLE[at + from.len()..])
}

fn load(source: &str) -> Result<Config, ConfigError> {
    load_over(source, &Overrides::default())
}

fn load_over(source: &str, overrides: &Overrides) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, source).expect("written");
    Config::load(&path, &models(), overrides)
}

#[test]
fn the_sample_is_a_whole_configuration_and_breaks_no_rule() {
    let config = Config::shipped(&models(), &Overrides::default()).expect("the sample");
    assert_eq!(config.warnings, []);
    assert_eq!(config.cards.len(), 11);
    assert_eq!(
        config.shop.tax_rates,
        TaxRates {
            standard: 10,
            reduced: 8
        }
    );
    assert_eq!(config.shop.amount_max, Yen::new(9_999_999));
    assert_eq!(config.shop.utc_offset.local_minus_utc(), 9 * 3_600);
    assert_eq!(config.shop.day_boundary.to_string(), "05:00:00");
    assert!(config.terminal.cat_link.is_on() && !config.terminal.practice);
    let triple = config
        .cards
        .iter()
        .find(|card| card.card_class == CardClass::TRIPLE_WAIT);
    assert!(triple.is_some());
    let answered = &config
        .classes
        .get(CardClass::TRIPLE_WAIT)
        .expect("30")
        .answered_by;
    assert_eq!(answered.len(), 3);
    for code in [1, 2] {
        let row = config.classes.get(CardClass(code)).expect("in the table");
        assert!(row.chosen_on_terminal);
    }
}

#[test]
fn every_class_that_may_answer_is_in_the_table() {
    let table = card_classes();
    for row in table.rows() {
        for class in &row.answered_by {
            assert!(table.get(*class).is_some(), "{} → {class}", row.code);
        }
    }
}

#[test]
fn what_the_sample_shows_commented_out_is_a_configuration_too() {
    let source = SAMPLE
        .replace("# invoice_number", "invoice_number")
        .replace("# baud", "baud")
        .replace("# data_bits", "data_bits")
        .replace("# parity", "parity")
        .replace("# stop_bits", "stop_bits")
        .replace("# daily_log_at", "daily_log_at")
        .replace(
            "# [[operators]]\n# code = \"02\"\n# name",
            "[[operators]]\ncode = \"02\"\nname",
        )
        .replace("# [terminal.cat2]\n# port", "[terminal.cat2]\nport")
        .replace("# model = \"j-mups\"\n\n# ──", "model = \"j-mups\"\n\n# ──");
    let tail = source.find("# [[card_class]]").expect("there");
    let source =
        source[..tail].to_owned() + &source[tail..].replace("\n# ", "\n").replacen("# ", "", 1);
    let config = load(&source).expect("a configuration");
    assert!(config.terminal.cat2.is_some());
    assert!(config.classes.get(CardClass(15)).is_some());
    let codes: Vec<&str> = config
        .operators
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(codes, ["01", "02"]);
    let cat1 = config.terminal.cat1.expect("cat1");
    assert_eq!(cat1.daily_log_at, "22:00:00".parse().ok());
    assert_eq!(
        cat1.line,
        LineSettings {
            baud: Some(9_600),
            data_bits: Some(8),
            parity: Some(crate::cat::model::Parity::None),
            stop_bits: Some(1),
        }
    );
}

#[test]
fn optional_lines_left_out_take_the_values_of_the_sample() {
    let mut lines: Vec<&str> = SAMPLE.lines().collect();
    let optional = [
        "support",
        "tax_rate",
        "day_bou",
        "utc_off",
        "amount_max",
        "language",
        "ascii",
        "theme",
        "[console]",
        "ask_operator",
        "[undo]",
        "first_side",
        "undo_link",
    ];
    lines.retain(|line| !optional.iter().any(|key| line.starts_with(key)));
    let bare = load(&lines.join("\n")).expect("a configuration");
    assert_eq!(bare, load(SAMPLE).expect("the sample"));
}

/// Edits of the sample, and a piece of what is said of each in Japanese and English.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "port = \"/dev",
        "prot = \"/dev",
        "「port」の書き間違い",
        "did you mean `port`",
    ),
    (
        "port = \"/dev/ttyUSB0\"",
        "",
        "項目「port」がありません",
        "the key `port` is missing",
    ),
    (
        "[operator]",
        "[operater]",
        "「operator」の書き間違い",
        "did you mean `operator`",
    ),
    (
        "tax_rate_percent = 10",
        "tax_rate_percent = \"10\"",
        "整数 を書いて",
        "write a whole number",
    ),
    (
        "tax_rate_percent = 10",
        "tax_rate_percent = 10.5",
        "小数",
        "floating point",
    ),
    (
        "tax_rate_percent = 10",
        "tax_rate_percent = 101",
        "0 から 100",
        "from 0 to 100",
    ),
    (
        "amount_max = 9999999",
        "amount_max = 1000000000000",
        "1 から 99999999",
        "from 1 to 99999999",
    ),
    (
        "amount_max = 9999999",
        "amount_max = -1",
        "1 から",
        "from 1 to",
    ),
    (
        "\"05:00\"",
        "\"25:00\"",
        "時刻の形では",
        "not a time of day",
    ),
    ("\"05:00\"", "\"5:00\"", "時刻の形では", "not a time of day"),
    ("\"+09:00\"", "\"JST\"", "時差の形では", "not an offset"),
    (
        "# invoice_number = \"T1234567890123\"",
        "invoice_number = \"T123\"",
        "登録番号",
        "registration number",
    ),
    (
        "language = \"auto\"",
        "language = \"fr\"",
        "auto, ja, en",
        "auto, ja, en",
    ),
    ("cat_link = 1", "cat_link = 9", "テストモード", "test mode"),
    ("undo_link = 0", "undo_link = 2", "0 か 1", "0 or 1"),
    (
        "# daily_log_at = \"22:00\"",
        "daily_log_at = \"22時\"",
        "時刻の形では",
        "not a time of day",
    ),
    (
        "first_side = \"terminal\"",
        "first_side = \"drawer\"",
        "terminal, counter",
        "terminal, counter",
    ),
    (
        "ask_operator = \"never\"",
        "ask_operator = \"task\"",
        "never, sale",
        "never, sale",
    ),
    (
        "[undo]",
        "[[operators]]\ncode = \"佐\"\nname = \"佐藤\"\n[undo]",
        "半角の英数字",
        "letters, digits and hyphens",
    ),
    (
        "[undo]",
        "[[operators]]\ncode = \"01\"\nname = \"佐藤\"\n[undo]",
        "名前が [operator] と違います",
        "another name than in [operator]",
    ),
    (
        "[undo]",
        "[[operators]]\ncode = \"a2\"\nname = \"佐藤\"\n[[operators]]\ncode = \"A2\"\nname = \"鈴木\"\n[undo]",
        "A2 が2回",
        "A2 is used twice",
    ),
    ("cat_link = 1", "cat_link = 2", "0 か 1", "0 or 1"),
    (
        "mode = 0",
        "mode = true",
        "整数 を書いて",
        "write a whole number",
    ),
    ("sales_link = 1", "sales_link = 7", "0 か 1", "0 or 1"),
    (
        "\"/dev/ttyUSB0\"",
        "\"192.168.1.20:\"",
        "tcp:// がありません",
        "starts with tcp://",
    ),
    (
        "model = \"open-cat\"",
        "model = \"open-kat\"",
        "「open-kat」はありません",
        "no terminal model `open-kat`",
    ),
    (
        "card_class = 30",
        "card_class = 29",
        "表にありません",
        "not in the table",
    ),
    (
        "card_class = 30",
        "card_class = 300",
        "整数",
        "whole number",
    ),
    (
        "code = \"02\"",
        "code = \"03\"",
        "2回使われて",
        "used twice",
    ),
    (
        "name = \"受付\"",
        "name = \"\"",
        "何も書かれて",
        "nothing between",
    ),
    (
        "name = \"受付\"",
        "name = \"a\\u0007b\"",
        "制御文字",
        "control characters",
    ),
    (
        "name = \"受付\"",
        "name = \"4111 1111 1111 1111\"",
        "カード番号",
        "card number",
    ),
    (
        "name = [\"",
        "name = [\"a\",\"b\",\"c\",\"d\",\"",
        "1行から4行",
        "one to four",
    ),
    ("# baud = 9600", "baud = 7", "50 から", "from 50"),
    ("mode = 0", "mode = 0\nmode = 1", "TOML として", "not TOML"),
    ("code = \"01\"", "code = \"01", "TOML として", "not TOML"),
];

#[test]
fn a_wrong_file_is_told_by_line_and_remedy() {
    for (from, to, ja, en) in WRONG {
        let source = edited(from, to);
        let error = load(&source).expect_err(to);
        let place = error.problems[0]
            .place
            .clone()
            .unwrap_or_else(|| panic!("no place: {error}"));
        assert_eq!(
            source.lines().nth(place.line - 1),
            Some(place.text.as_str())
        );
        let told = error.render(Language::Ja);
        assert!(told.contains(*ja) && told.contains("対処:"), "{to}: {told}");
        let told = error.render(Language::En);
        assert!(
            told.contains(en) && told.contains("what to do:"),
            "{to}: {told}"
        );
        let named = format!("config.toml:{}:{}: ", place.line, place.column);
        assert!(told.contains(&named), "{to}: {told}");
        assert!(told.contains('^'), "{to}: {told}");
    }
}

#[test]
fn the_line_that_is_named_is_the_line_that_is_wrong() {
    for (from, to) in [
        ("port = \"/dev", "prot = \"/dev"),
        ("cat_link = 1", "cat_link = 9"),
        ("card_class = 8", "card_class = 99"),
        ("mode = 0", "mode = 5"),
        ("model = \"open-cat\"\n# 通信", "model = \"none\"\n# 通信"),
    ] {
        let source = edited(from, to);
        let error = load(&source).expect_err(to);
        let place = error.problems[0].place.clone().expect("a place");
        let wrong = to.lines().next().expect("a line");
        assert!(place.text.starts_with(wrong), "{wrong} → {place:?}");
    }
}

#[test]
fn a_file_full_of_errors_does_not_fill_the_screen() {
    let source = SAMPLE.replace("card_class = ", "card_class = 2");
    let error = load(&source).expect_err("eleven wrong classes");
    assert_eq!(error.problems.len(), 11);
    let many = ConfigError {
        problems: [&error.problems[..], &error.problems[..]].concat(),
        ..error
    };
    let told = many.render(Language::En);
    assert_eq!(told.matches("what to do").count(), 10);
    assert!(told.contains("12 more"), "{told}");
}

#[test]
fn one_start_tells_every_wrong_value() {
    let source = edited("cat_link = 1", "cat_link = 9")
        .replace("tax_rate_percent = 10", "tax_rate_percent = 1000")
        .replace("\"05:00\"", "\"noon\"");
    assert_eq!(load(&source).expect_err("wrong").problems.len(), 3);
}

#[test]
fn the_rules_of_the_models_hold() {
    let jt = |class: u8, device: &str| {
        SAMPLE.replace("\"open-cat\"", "\"jt-c60\"").replace(
            "card_class = 30",
            &format!("card_class = {class}\n{device}"),
        )
    };
    let kinds = |source: &str| -> Vec<ProblemKind> {
        load(source).map_or_else(
            |error| error.problems.into_iter().map(|p| p.kind).collect(),
            |_| vec![],
        )
    };
    assert!(kinds(&jt(1, "device_id = \"1\"")).iter().any(|kind| {
        matches!(
            kind,
            ProblemKind::Card(Finding::GenericClassRefused {
                class: CardClass(1),
                ..
            })
        )
    }));
    assert!(
        kinds(&jt(30, ""))
            .iter()
            .all(|kind| { matches!(kind, ProblemKind::Card(Finding::DeviceIdMissing { .. })) })
    );
    let with_ids = jt(30, "").replace("\nsales_link", "\ndevice_id = \"1\"\nsales_link");
    load(&with_ids).expect("a JT-C60 with its ids");
    let no_port = with_ids
        .replace("[terminal.cat1]", "[terminal.cat2]")
        .replacen("jt-c60", "open-cat", 1);
    assert!(
        kinds(&no_port)
            .iter()
            .any(|kind| matches!(kind, ProblemKind::Card(Finding::NoPort { .. })))
    );
    let mups = SAMPLE
        .replace("\"open-cat\"", "\"j-mups\"")
        .replace("card_class = 30", "card_class = 1");
    let warned = load(&mups).expect("only a warning").warnings;
    assert!(matches!(
        warned[0].kind,
        ProblemKind::Card(Finding::GenericClassBlurred { .. })
    ));
}

#[test]
fn a_link_that_is_switched_off_needs_no_port() {
    let mut source = edited("cat_link = 1", "cat_link = 0");
    let from = source.find("[terminal.cat1]").expect("there");
    let to = source.find("# ── カード会社").expect("there");
    source.replace_range(from..to, "");
    load(&source).expect("a counter without a terminal");
    let on = source.replace("cat_link = 0", "cat_link = 1");
    assert_eq!(load(&on).expect_err("ports are missing").problems.len(), 11);
    let given = Overrides {
        port: Some("tcp://127.0.0.1:9".parse().expect("an address")),
        model: None,
    };
    let config = load_over(&on, &given).expect("--port stands in");
    assert_eq!(config.terminal.cat1.expect("cat1").model, DEFAULT_MODEL);
}

#[test]
fn the_command_line_stands_above_the_file() {
    let source = edited("# baud = 9600", "baud = 19200");
    let serial = Overrides {
        port: Some("COM3".parse().expect("an address")),
        model: None,
    };
    let cat1 = load_over(&source, &serial)
        .expect("valid")
        .terminal
        .cat1
        .expect("cat1");
    assert_eq!(
        (cat1.address.to_string().as_str(), cat1.line.baud),
        ("COM3", Some(19_200))
    );
    let lan = Overrides {
        port: Some("tcp://127.0.0.1:9005".parse().expect("an address")),
        model: None,
    };
    let cat1 = load_over(&source, &lan)
        .expect("valid")
        .terminal
        .cat1
        .expect("cat1");
    assert_eq!(cat1.line, LineSettings::default());
    let model = Overrides {
        port: None,
        model: Some("j-mups".into()),
    };
    assert!(
        load_over(&source, &model).is_err(),
        "the file's cards are cards of another model"
    );
    let shipped = Config::shipped(&models(), &model).expect("the sample's cards follow");
    assert!(shipped.cards.iter().all(|card| card.model == "j-mups"));
    let unknown = Overrides {
        port: None,
        model: Some("nothing".into()),
    };
    let error = Config::shipped(&models(), &unknown).expect_err("no such model");
    assert!(error.problems.iter().any(|problem| {
        matches!(&problem.kind, ProblemKind::Value(ValueFault::Port(PortFault::UnknownModel { model, .. })) if model == "nothing")
    }));
}

#[test]
fn own_card_classes_are_added_and_the_fixed_ones_stay() {
    let row = |code: u8, answered: &str| {
        format!(
            "{SAMPLE}\n[[card_class]]\ncode = {code}\nname = {{ ja = \"a\", en = \"a\" }}\nmedia = \"code\"\nanswered_by = [{answered}]\n"
        )
    };
    load(&row(16, "14")).expect("a class of the shop's own");
    for (code, answered) in [(3, ""), (30, ""), (0, ""), (16, "77")] {
        assert!(load(&row(code, answered)).is_err(), "{code} {answered}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("sjis.toml"), b"[shop]\nname = [\"\x93\xfa\"]\n").expect("written");
    std::fs::write(at("large.toml"), vec![b'#'; 1 << 21]).expect("written");
    for (path, expected) in [
        (at("none.toml"), FileFault::Missing),
        (folder.path().to_owned(), FileFault::NotAFile),
        (at("sjis.toml"), FileFault::NotUtf8),
        (at("large.toml"), FileFault::TooLarge),
    ] {
        let error = Config::load(&path, &models(), &Overrides::default()).expect_err("unreadable");
        assert_eq!(error.problems[0].kind, ProblemKind::File(expected));
        for language in [Language::Ja, Language::En] {
            assert!(error.render(language).lines().count() == 2);
        }
    }
    std::fs::write(
        at("bom.toml"),
        format!("\u{feff}{}", SAMPLE.replace('\n', "\r\n")),
    )
    .expect("written");
    Config::load(&at("bom.toml"), &models(), &Overrides::default())
        .expect("as a Windows editor saves it");
}

#[test]
fn an_empty_file_says_what_is_missing() {
    let error = load("").expect_err("nothing there");
    assert!(matches!(
        &error.problems[0].kind,
        ProblemKind::Shape(ShapeFault::MissingKey { key }) if key == "shop"
    ));
}

#[test]
fn a_second_port_that_no_card_goes_to_is_warned_of() {
    let second = "\n[terminal.cat2]\nport = \"COM9\"\nmodel = \"open-cat\"\n\n[[card_company]]";
    let config = load(&SAMPLE.replacen("\n[[card_company]]", second, 1)).expect("a configuration");
    let told = super::problem::render("c.toml", &config.warnings, Language::En);
    assert!(told.contains("no card ever goes to cat2"), "{told}");
    let other = second.replace("open-cat", "j-mups");
    let config = load(&SAMPLE.replacen("\n[[card_company]]", &other, 1)).expect("a configuration");
    assert_eq!(config.warnings, []);
}

#[test]
fn what_a_model_leaves_out_is_minded_before_a_customer_stands_there() {
    let text = SAMPLE
        .replace("/dev/ttyUSB0", "tcp://192.168.1.20:9100")
        .replace("model = \"open-cat\"", "model = \"saturn1000-elite\"");
    let config = Config::read("a.toml", text.as_bytes(), &models()).expect("it can be used");
    let [warning] = config.warnings.as_slice() else {
        panic!("{:?}", config.warnings)
    };
    let place = warning.place.as_ref().expect("a line");
    assert!(place.text.contains("9100"), "{place:?}");
    assert!(matches!(
        &warning.kind,
        ProblemKind::Value(ValueFault::Port(PortFault::OtherPort { port: 9005, .. }))
    ));

    let text = SAMPLE.replace("model = \"open-cat\"", "model = \"concert\"");
    let config = Config::read("a.toml", text.as_bytes(), &models()).expect("it can be used");
    let minded: Vec<&str> = config
        .warnings
        .iter()
        .filter_map(|warning| match &warning.kind {
            ProblemKind::Value(ValueFault::Row(RowFault::ClassNotTaken { code, .. })) => {
                Some(code.as_str())
            }
            _ => None,
        })
        .collect();
    assert_eq!(minded, ["05", "06", "07", "08", "09", "10", "11"]);
    assert!(
        config
            .warnings
            .iter()
            .all(|warning| warning.place.is_some())
    );
}
