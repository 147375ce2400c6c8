//! The shop of the pictures: its masters, its terminal, its fixed moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use madoguchi::app::message::Now;
use madoguchi::app::settings::{
    Access, Barcodes, CatSetting, Operators, OrcaSetting, Paper, Settings, Shop, UndoSetting,
};
use madoguchi::cat::model::{
    Capabilities, CardRules, FramingOverride, InquiryPower, Manual, Model, NotFoundPower,
    ProgressPower, SerialSettings, Timers,
};
use madoguchi::domain::ledger::CatId;
use madoguchi::domain::master::{CardClassRow, CardClassTable, CardCompany, Media, Switch};
use madoguchi::domain::money::Yen;
use madoguchi::domain::sale::Operator;
use madoguchi::domain::tax::TaxRates;
use madoguchi::domain::tender::CardClass;
use madoguchi::domain::text::{Bilingual, Language};

/// 2026-11-21 14:32:07 in Tokyo.
pub(crate) fn now() -> Now {
    Now {
        mono_ms: 1_000_000,
        wall: moment("2026-11-21T14:32:07+09:00"),
    }
}

pub(crate) fn moment(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

pub(crate) fn name(ja: &str, en: &str) -> Bilingual {
    Bilingual {
        ja: ja.into(),
        en: en.into(),
    }
}

pub(crate) fn model(title: &str) -> Model {
    Model {
        name: title.to_lowercase(),
        title: name(title, title),
        layout: Some("open-cat".into()),
        accepts: None,
        void_last_only: false,
        framing: FramingOverride::default(),
        card_rules: CardRules::default(),
        capabilities: Capabilities {
            inquiry: InquiryPower::ByReference,
            not_found: NotFoundPower::SameJournal,
            status: true,
            authorize_void: false,
            authorize_refund: false,
            training_mode: true,
            daily_log_reporting: false,
            daily_log_settlement: false,
            transactions: false,
            standalone: false,
            echoes_sequence_number: true,
            echoes_amount: true,
            communication_error_is_definite: false,
            amount_max: 9_999_999,
            progress: ProgressPower::Phases,
        },
        serial: SerialSettings::default(),
        lan: None,
        timers: Timers {
            inter_byte_ms: 200,
            acknowledge_ms: 3_000,
            call_tries: 3,
            call_retry_ms: 1_000,
            nak_resends: 3,
            answer_ms: 5_000,
            transaction_ms: 120_000,
            transaction_max_ms: 300_000,
            inquiry_tries: 3,
            inquiry_pause_ms: 20_000,
            not_found_repeats: 2,
            clock_skew_max_ms: 300_000,
            stale_after_ms: 600_000,
            reopen_ms: 2_000,
        },
        note: None,
        manual: Manual::default(),
    }
}

pub(crate) fn class(code: u8, ja: &str, en: &str, media: Media, chosen: bool) -> CardClassRow {
    CardClassRow {
        code: CardClass(code),
        name: name(ja, en),
        media,
        chosen_on_terminal: chosen,
        answered_by: vec![],
    }
}

pub(crate) fn card(code: &str, ja: &str, en: &str, class: u8, link: Switch) -> CardCompany {
    CardCompany {
        code: code.into(),
        name: name(ja, en),
        model: "jt-c60".into(),
        device_id: None,
        card_class: CardClass(class),
        sales_link: link,
        void_link: Switch::On,
        refund_link: Switch::On,
    }
}

/// The shipped rules, the terminal first.
pub(crate) fn undo_setting() -> UndoSetting {
    UndoSetting {
        rules: madoguchi::config::undo_rules::shipped(),
        ..UndoSetting::default()
    }
}

/// The shop, its cards and its one terminal.
pub(crate) fn settings(language: Language, practice: bool) -> Settings {
    let cat = CatSetting::new("192.168.1.20:9100", model("JT-C60"));
    Settings {
        language,
        practice,
        access: Access::Owner,
        shop: Shop {
            lines: vec![
                "みなと内科クリニック".into(),
                "東京都港区みなと1-2-3".into(),
                "電話 03-0000-0000".into(),
            ],
            support: "03-0000-0001".into(),
            invoice_number: Some("T1234567890123".into()),
            tax_rates: TaxRates {
                standard: 10,
                reduced: 8,
            },
            day_boundary: "05:00:00".parse().expect("a time"),
            amount_max: Yen::new(9_999_999),
        },
        terminal_code: "01".into(),
        operator: Operator {
            code: "03".into(),
            name: "佐藤".into(),
        },
        operators: Operators::default(),
        undo: undo_setting(),
        cards: vec![
            card("01", "JCB", "JCB", 30, Switch::On),
            card("02", "VISA/Master", "VISA/Master", 30, Switch::On),
            card("03", "交通系IC", "Transit IC", 6, Switch::On),
            card("04", "電子マネー", "E-money", 1, Switch::On),
            card("05", "コード決済", "QR code", 20, Switch::On),
            card("06", "商品券カード", "Gift card", 3, Switch::Off),
        ],
        classes: CardClassTable::new([
            class(
                1,
                "電子マネー系",
                "E-money (any)",
                Media::ElectronicMoney,
                true,
            ),
            class(3, "クレジット", "Credit", Media::Credit, false),
            class(6, "交通系IC", "Transit IC", Media::ElectronicMoney, false),
            class(20, "コード決済", "QR code", Media::Code, false),
            class(
                30,
                "クレ銀三面待ち",
                "Credit/UnionPay/NFC",
                Media::Credit,
                false,
            ),
        ]),
        cats: BTreeMap::from([(CatId::Cat1, cat)]),
        keys: BTreeMap::new(),
        paper: Paper::default(),
        orca: OrcaSetting::default(),
        barcodes: Barcodes {
            rules: Arc::new(madoguchi::config::barcode_rules::shipped()),
            patient_required: false,
        },
    }
}
