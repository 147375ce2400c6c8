//! Model files: what is shipped, and what is refused with its line.

use std::collections::BTreeMap;

use super::*;
use crate::cat::dialect::layout::Layout;

#[test]
fn every_shipped_model_has_a_layout_or_says_what_is_missing() {
    let models = shipped().expect("all parse");
    let spoken: BTreeMap<&str, &str> = models
        .iter()
        .filter_map(|(name, model)| Some((name.as_str(), model.layout.as_deref()?)))
        .collect();
    let dialects = ["concert", "ecr17", "open-cat", "transbank"];
    assert_eq!(spoken, dialects.map(|name| (name, name)).into());
    for (name, model) in models.iter().filter(|(_, model)| model.layout.is_none()) {
        let note = model.note.as_ref().expect(name);
        assert!(note.ja.contains("仕様書"), "{name}");
        assert!(note.en.contains("specification"), "{name}");
        // What to do with a layout once there is one.
        for text in [&note.ja, &note.en] {
            assert!(text.contains(&format!("{name}.toml")), "{name}");
        }
    }
    for name in ["saturn1000-elite", "saturn1000-lane"] {
        let note = models[name].note.as_ref().expect("a note");
        for text in [&note.ja, &note.en] {
            assert!(text.contains("arch_poslink@kits.nttdata.co.jp"), "{name}");
            assert!(text.contains("9005") && text.contains("ETB"), "{name}");
        }
        let lan = LanSettings {
            port: Some(9005),
            single_connection: true,
        };
        assert_eq!(models[name].lan, Some(lan));
        assert!(models[name].capabilities.training_mode);
    }
}

#[test]
fn every_title_has_room_in_the_pane() {
    for (name, model) in shipped().expect("all parse") {
        for title in [&model.title.ja, &model.title.en] {
            let columns: usize = title
                .chars()
                .map(|c| if c.is_ascii() { 1 } else { 2 })
                .sum();
            assert!(columns <= 23, "{name}: {title}");
        }
    }
}

#[test]
fn a_layout_that_is_shipped_carries_what_its_models_promise() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/layouts");
    let mut held = Vec::new();
    for (name, model) in shipped().expect("all parse") {
        let Some(layout) = &model.layout else {
            continue;
        };
        let file = format!("{layout}.toml");
        if let Ok(text) = std::fs::read_to_string(format!("{folder}/{file}")) {
            let layout = Layout::parse(&file, &text).expect("a shipped layout");
            assert_eq!(model.fits(&layout), Ok(()), "{name}");
            held.push(name);
        }
    }
    assert!(held.contains(&"open-cat".to_owned()));
}

#[test]
fn each_dialect_promises_what_its_specification_says() {
    let models = shipped().expect("all parse");
    let can = |name: &str| models[name].capabilities;
    let serial = |name: &str| {
        let line = models[name].serial;
        (line.baud, line.data_bits, line.parity, line.stop_bits)
    };
    // Inquiry, list, void, refund, our number echoed.
    for (name, inquiry, list, void, refund, echoes) in [
        (
            "open-cat",
            InquiryPower::ByReference,
            false,
            true,
            true,
            true,
        ),
        ("transbank", InquiryPower::LastOnly, true, true, false, true),
        ("ecr17", InquiryPower::LastOnly, false, true, false, false),
        ("concert", InquiryPower::None, false, false, true, true),
    ] {
        let can = can(name);
        let found = (
            can.inquiry,
            can.transactions,
            can.authorize_void,
            can.authorize_refund,
            can.echoes_sequence_number,
        );
        assert_eq!(found, (inquiry, list, void, refund, echoes), "{name}");
        // Only the dialect of our own has a training mode: practice reaches no other.
        assert_eq!(can.training_mode, name == "open-cat", "{name}");
        // "Not found" is a proof only where a memory has a name.
        let proves = can.not_found == NotFoundPower::SameJournal;
        assert_eq!(proves, name == "open-cat", "{name}");
    }
    assert_eq!(serial("transbank"), (115_200, 8, Parity::None, 1));
    assert_eq!(serial("concert"), (9_600, 7, Parity::Even, 1));
    assert!(can("transbank").standalone && !can("concert").status);
    assert_eq!(models["ecr17"].framing.check_covers, Some(Covers::Text));
}

#[test]
fn card_classes_that_a_link_does_not_take_are_known() {
    let models = shipped().expect("all parse");
    let transit = CardClass(6);
    for (name, credit, money) in [
        ("open-cat", true, true),
        ("saturn1000-elite", true, true),
        ("generic", true, true),
        ("generic-credit", true, false),
        ("transbank", true, false),
        ("ecr17", true, false),
        ("concert", true, false),
    ] {
        assert_eq!(models[name].takes(CardClass::CREDIT), credit, "{name}");
        assert_eq!(models[name].takes(transit), money, "{name}");
    }
}

#[test]
fn what_is_public_of_a_terminals_menu_is_in_its_steps() {
    let models = shipped().expect("all parse");
    for (name, operation, words) in [
        ("jt-c60", Operation::LeaveLink, "POS接続有無"),
        ("jt-c60", Operation::DailyLog, "一括日計"),
        ("jt-c60", Operation::BackToLink, "ON"),
        ("saturn1000-elite", Operation::LookUp, "シーケンス番号"),
        ("saturn1000-elite", Operation::DailyLog, "全日計"),
        ("saturn1000-lane", Operation::DailyLog, "取扱説明書"),
        ("jt-c06", Operation::DailyLog, "日計送信"),
        ("vega3000", Operation::Void, "取引対象伝票番号"),
        ("generic", Operation::LeaveLink, "POS連動解除"),
        ("generic", Operation::BackToLink, "POS連動開始"),
        ("j-mups", Operation::LeaveLink, "取扱説明書"),
        ("concert", Operation::LookUp, "取扱説明書"),
    ] {
        let steps = &models[name].procedure(operation).steps;
        let found = steps.iter().any(|step| step.ja.contains(words));
        assert!(found, "{name} {operation:?}: {steps:?}");
    }
}

#[test]
fn a_model_that_is_not_public_promises_nothing() {
    for (name, model) in shipped().expect("all parse") {
        if model.layout.is_none() {
            let can = model.capabilities;
            assert_eq!(can.inquiry, InquiryPower::None, "{name}");
            assert_eq!(can.not_found, NotFoundPower::Nothing, "{name}");
            assert!(!can.authorize_void && !can.authorize_refund, "{name}");
            assert!(!can.communication_error_is_definite, "{name}");
        }
    }
}

#[test]
fn the_card_rules_are_those_of_the_field() {
    let models = shipped().expect("all parse");
    let rules = |name: &str| ModelRules::from(models[name].card_rules);
    assert!(rules("jt-c60").refuses_generic_classes && rules("jt-c60").needs_device_id);
    assert!(rules("j-mups").blurs_generic_classes);
    assert_eq!(rules("open-cat"), ModelRules::default());
}

#[test]
fn a_model_file_that_cannot_work_is_refused_with_line_and_remedy() {
    let models = Models::shipped();
    let good = models.source("open-cat").expect("shipped").text();
    for (from, to, line_has, problem, remedy) in [
        (
            "status = true",
            "status = 1",
            "status",
            "boolean",
            "correct the key",
        ),
        (
            "status = true",
            "statuss = true",
            "statuss",
            "unknown field",
            "correct the key",
        ),
        (
            "\"by_reference\"",
            "\"none\"",
            "not_found",
            "names its memory",
            "by_reference",
        ),
        (
            "99_999_999",
            "0",
            "amount_max",
            "largest amount",
            "99999999",
        ),
        (
            "99_999_999",
            "100_000_000",
            "amount_max",
            "largest amount",
            "99999999",
        ),
        (
            "data_bits = 8",
            "data_bits = 9",
            "data_bits",
            "9 data bits",
            "7 or 8",
        ),
        (
            "stop_bits = 1",
            "stop_bits = 0",
            "stop_bits",
            "0 stop bits",
            "1 or 2",
        ),
        ("baud = 9600", "baud = 1", "baud", "1 bits", "921600"),
        (
            "inter_byte_ms = 200",
            "inter_byte_ms = 0",
            "inter_byte_ms",
            "is 0",
            "86400000",
        ),
        (
            "call_tries = 3",
            "call_tries = 0",
            "call_tries",
            "is 0",
            "at most 100",
        ),
        (
            "[capabilities]",
            "[manual.void]\nsteps = []\n[capabilities]",
            "[manual.void]",
            "0 steps",
            "1 to 12",
        ),
        (
            "[capabilities]",
            "[manual.viod]\nsteps = []\n[capabilities]",
            "manual.viod",
            "unknown variant",
            "correct the key",
        ),
        (
            "[capabilities]",
            "[manual.void]\nsteps = [{ ja = \"取消\", en = \" \" }]\n[capabilities]",
            "[manual.void]",
            "empty",
            "both languages",
        ),
        (
            "[capabilities]",
            "[framing]\ncheck_covers = \"some\"\n[capabilities]",
            "check_covers",
            "unknown variant",
            "correct the key",
        ),
        (
            "layout = \"open-cat\"",
            "layout = \"open-cat\"\naccepts = []",
            "accepts",
            "takes no card",
            "from 1",
        ),
        (
            "layout = \"open-cat\"",
            "layout = \"open-cat\"\naccepts = [1, 3]\ncard_rules = { refuses_generic_classes = true }",
            "accepts",
            "refused under",
            "1 and 2",
        ),
        (
            "layout = \"open-cat\"",
            "layout = \"../open-cat\"",
            "layout",
            "no name",
            "hyphens",
        ),
        ("[lan]", "[lan]\nport = 0", "port", "TCP port 0", "65535"),
        (
            "name = \"open-cat\"",
            "name = \"Open Cat\"",
            "name =",
            "no name",
            "hyphens",
        ),
    ] {
        let toml = good.replacen(from, to, 1);
        assert_ne!(toml, good, "{from}");
        let error = Model::parse("x.toml", &toml).expect_err(to);
        let line = toml.lines().nth(error.line - 1).unwrap_or_default();
        assert!(line.contains(line_has), "{to}: {error}");
        assert!(error.problem.contains(problem), "{to}: {error}");
        assert!(error.remedy.contains(remedy), "{to}: {error}");
    }
    let cut = &good[..good.find("reopen_ms").expect("there")];
    let error = Model::parse("x.toml", cut).expect_err("a timer is missing");
    assert!(error.problem.contains("reopen_ms"), "{error}");
}

#[test]
fn the_document_names_every_key_of_a_model_file() {
    let document = include_str!("../../../docs/models.md");
    let mut keys = std::collections::BTreeSet::new();
    let models = Models::shipped();
    for name in models.names() {
        let text = models.source(name).expect("there").text();
        let table: toml::Table = toml::from_str(text).expect("TOML");
        let mut open: Vec<&toml::Table> = vec![&table];
        while let Some(table) = open.pop() {
            for (key, value) in table {
                keys.insert(key.clone());
                open.extend(value.as_table().filter(|_| key != "title" && key != "note"));
            }
        }
    }
    keys.remove("manual");
    for section in [
        "framing",
        "card_rules",
        "capabilities",
        "serial",
        "lan",
        "timers",
    ] {
        assert!(document.contains(&format!("`[{section}]`")), "{section}");
        keys.remove(section);
    }
    assert!(keys.len() > 40, "{keys:?}");
    keys.extend(Operation::ALL.map(|operation| operation.name().to_owned()));
    for key in keys {
        assert!(document.contains(&format!("`{key}`")), "{key}");
    }
}
