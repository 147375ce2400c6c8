//! The counter of one session: masters, operator and terminals, with what its terminals can do drawn from the seed.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveTime};

use super::dice::Dice;
use crate::app::settings::{
    Access, CatSetting, Operators, OrcaSetting, Paper, Settings, Shop, UndoSetting,
};
use crate::cat::model::{
    Capabilities, CardRules, FramingOverride, InquiryPower, Manual, Model, NotFoundPower,
    ProgressPower, SerialSettings, Timers,
};
use crate::domain::ledger::CatId;
use crate::domain::master::{CardClassRow, CardClassTable, CardCompany, Media, Switch};
use crate::domain::money::Yen;
use crate::domain::sale::Operator;
use crate::domain::tender::CardClass;
use crate::domain::text::{Bilingual, Language};

/// What one session's counter is like.
#[derive(Debug, Clone)]
pub(super) struct Clinic {
    /// 練習モード.
    pub(super) practice: bool,
    /// Each CAT port in use.
    pub(super) seats: Vec<Seat>,
}

/// One CAT port and the terminal at it.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) cat: CatId,
    pub(super) model: Model,
    /// How often the terminal says a result again that nobody acknowledged.
    pub(super) repeats: u32,
}

/// How often a terminal repeats that does.
const REPEATS: u32 = 3;

impl Clinic {
    pub(super) fn draw(dice: &mut Dice) -> Clinic {
        let practice = dice.chance(80);
        let two = dice.chance(150);
        let mut seats = vec![seat(dice, CatId::Cat1, "open-cat")];
        if two {
            seats.push(seat(dice, CatId::Cat2, "open-cat-2"));
        }
        Clinic { practice, seats }
    }

    /// What the console is told at its start.
    pub(super) fn settings(&self) -> Settings {
        let cats = self.seats.iter().map(|seat| {
            let setting = CatSetting::new("/dev/ttyS0", seat.model.clone());
            (seat.cat, setting)
        });
        let cards = (1_u8..).zip(&self.seats).map(|(code, seat)| {
            let class = if code == 1 { TRIPLE_WAIT } else { CREDIT };
            card(code, &seat.model.name, class)
        });
        Settings {
            language: Language::Ja,
            practice: self.practice,
            access: Access::Owner,
            shop: Shop {
                lines: vec!["窓口クリニック".to_owned()],
                support: "03-0000-0000".to_owned(),
                invoice_number: None,
                tax_rate_percent: 10,
                day_boundary: NaiveTime::MIN,
                amount_max: Yen::new(9_999_999),
            },
            terminal_code: "01".to_owned(),
            operator: Operator {
                code: "03".to_owned(),
                name: "佐藤".to_owned(),
            },
            operators: Operators::default(),
            undo: UndoSetting::default(),
            cards: cards.collect(),
            classes: CardClassTable::new([class(3, "クレジット"), class(30, "クレ銀三面待ち")]),
            cats: cats.collect::<BTreeMap<CatId, CatSetting>>(),
            keys: BTreeMap::new(),
            paper: Paper::default(),
            orca: OrcaSetting::default(),
            bill: crate::app::settings::BillSetting::default(),
        }
    }
}

const TRIPLE_WAIT: u8 = 30;
const CREDIT: u8 = 3;

/// When every session begins.
pub(super) fn morning() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a moment")
}

fn seat(dice: &mut Dice, cat: CatId, name: &str) -> Seat {
    Seat {
        cat,
        model: model(name, capabilities(dice)),
        repeats: if dice.chance(500) { REPEATS } else { 0 },
    }
}

fn names(text: &str) -> Bilingual {
    Bilingual {
        ja: text.to_owned(),
        en: text.to_owned(),
    }
}

fn class(code: u8, name: &str) -> CardClassRow {
    CardClassRow {
        code: CardClass(code),
        name: names(name),
        media: Media::Credit,
        chosen_on_terminal: false,
        answered_by: vec![],
    }
}

fn card(code: u8, model: &str, class: u8) -> CardCompany {
    CardCompany {
        code: format!("{code:02}"),
        name: names("カード会社"),
        model: model.to_owned(),
        device_id: None,
        card_class: CardClass(class),
        sales_link: Switch::On,
        void_link: Switch::On,
        refund_link: Switch::On,
    }
}

/// One of the classes of terminals there are; what contradicts itself is left out, as the model file's own check does.
fn capabilities(dice: &mut Dice) -> Capabilities {
    let inquiry = *dice.pick(&[
        InquiryPower::None,
        InquiryPower::LastOnly,
        InquiryPower::ByReference,
        InquiryPower::ByReference,
    ]);
    let status = dice.chance(750);
    let proves = inquiry == InquiryPower::ByReference && status && dice.chance(700);
    Capabilities {
        inquiry,
        not_found: if proves {
            NotFoundPower::SameJournal
        } else {
            NotFoundPower::Nothing
        },
        status,
        authorize_void: true,
        authorize_refund: true,
        training_mode: true,
        daily_log_reporting: true,
        daily_log_settlement: true,
        transactions: false,
        standalone: false,
        echoes_sequence_number: dice.chance(750),
        echoes_amount: dice.chance(750),
        communication_error_is_definite: dice.chance(300),
        amount_max: 99_999_999,
        progress: ProgressPower::Phases,
    }
}

fn model(name: &str, capabilities: Capabilities) -> Model {
    Model {
        name: name.to_owned(),
        title: names(name),
        layout: Some("open-cat".to_owned()),
        accepts: None,
        void_last_only: false,
        framing: FramingOverride::default(),
        card_rules: CardRules::default(),
        capabilities,
        serial: SerialSettings::default(),
        lan: None,
        timers: timers(),
        note: None,
        manual: Manual::default(),
    }
}

/// Shorter than a real counter's, so that a day is soon over; every ratio between them is kept.
fn timers() -> Timers {
    Timers {
        inter_byte_ms: 200,
        acknowledge_ms: 3_000,
        call_tries: 3,
        call_retry_ms: 1_000,
        nak_resends: 3,
        answer_ms: 5_000,
        transaction_ms: 20_000,
        transaction_max_ms: 40_000,
        inquiry_tries: 3,
        inquiry_pause_ms: 3_000,
        not_found_repeats: 2,
        clock_skew_max_ms: 900_000,
        stale_after_ms: 60_000,
        reopen_ms: 2_000,
    }
}
