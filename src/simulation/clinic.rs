//! The counter of one session: masters, operator and terminals, with what its terminals can do drawn from the seed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, FixedOffset, NaiveTime};

use super::dice::Dice;
use crate::app::settings::{
    Access, Barcodes, CatSetting, Operators, OrcaSetting, Paper, Settings, Shop, UndoSetting,
};
use crate::cat::model::{
    Capabilities, CardRules, FramingOverride, InquiryPower, Manual, Model, NotFoundPower,
    ProgressPower, SerialSettings, Timers,
};
use crate::domain::by_hand::Side;
use crate::domain::ledger::CatId;
use crate::domain::master::{CardClassRow, CardClassTable, CardCompany, Media, Switch};
use crate::domain::money::Yen;
use crate::domain::sale::Operator;
use crate::domain::tax::TaxRates;
use crate::domain::tender::CardClass;
use crate::domain::text::{Bilingual, Language};
use crate::domain::undo::rule::{CashBack, Money, Only, Rule, RuleTable, Window};

/// What one session's counter is like.
#[derive(Debug, Clone)]
pub(super) struct Clinic {
    /// 練習モード.
    pub(super) practice: bool,
    /// Each CAT port in use.
    pub(super) seats: Vec<Seat>,
    /// Which side comes first by hand.
    first_side: Side,
    /// Everybody of the counter is on a list, and whether each says who she is.
    listed: bool,
    asked: bool,
}

/// One CAT port and the terminal at it.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) cat: CatId,
    pub(super) model: Model,
    /// How often the terminal says a result again that nobody acknowledged.
    pub(super) repeats: u32,
    /// 取消 and 返品 go over the link.
    undo_link: bool,
    /// When 日計 runs by itself.
    pub(super) daily_log_at: Option<NaiveTime>,
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
        let counter_first = dice.chance(250);
        Clinic {
            practice,
            seats,
            first_side: if counter_first {
                Side::Counter
            } else {
                Side::Terminal
            },
            listed: dice.chance(700),
            asked: dice.chance(300),
        }
    }

    /// What the console is told at its start.
    pub(super) fn settings(&self) -> Settings {
        let cats = self.seats.iter().map(|seat| {
            let setting = CatSetting {
                undo_link: seat.undo_link,
                daily_log_at: seat.daily_log_at,
                ..CatSetting::new("/dev/ttyS0", seat.model.clone())
            };
            (seat.cat, setting)
        });
        let cards = (1_u8..).zip(&self.seats).map(|(code, seat)| {
            let class = if code == 1 { TRIPLE_WAIT } else { CREDIT };
            card(code, &seat.model.name, class)
        });
        let other = card(9, &self.seats[0].model.name, E_MONEY);
        Settings {
            language: Language::Ja,
            practice: self.practice,
            access: Access::Owner,
            shop: Shop {
                lines: vec!["窓口クリニック".to_owned()],
                support: "03-0000-0000".to_owned(),
                invoice_number: None,
                tax_rates: TaxRates {
                    standard: 10,
                    reduced: 8,
                },
                day_boundary: NaiveTime::MIN,
                amount_max: Yen::new(9_999_999),
            },
            terminal_code: "01".to_owned(),
            operator: people().swap_remove(0),
            operators: Operators {
                list: if self.listed { people() } else { Vec::new() },
                ask: self.asked,
            },
            undo: UndoSetting {
                first_side: self.first_side,
                rules: rules().clone(),
            },
            cards: cards.chain([other]).collect(),
            classes: classes(),
            cats: cats.collect::<BTreeMap<CatId, CatSetting>>(),
            keys: BTreeMap::new(),
            paper: paper().clone(),
            orca: OrcaSetting::default(),
            barcodes: Barcodes::default(),
        }
    }
}

const TRIPLE_WAIT: u8 = 30;
const CREDIT: u8 = 3;
const E_MONEY: u8 = 1;

/// Everybody who may be at the counter; whoever opens it first. No key that is pressed in a hurry spells a code.
pub(super) fn people() -> Vec<Operator> {
    let one = |(code, name): (&str, &str)| Operator {
        code: code.to_owned(),
        name: name.to_owned(),
    };
    [("05", "佐藤"), ("47", "鈴木"), ("68", "田中")]
        .map(one)
        .to_vec()
}

/// One row of the counter's rules: for which money and classes; 取消 and 返品 until when; restrictions; cash in its stead.
type Row = (
    &'static str,
    &'static [Money],
    &'static [u8],
    [Window; 2],
    &'static [Only],
    CashBack,
);

/// Those of the shipped file for the cards of the clinic, and one for all the rest.
const RULES: [Row; 8] = {
    use CashBack::{Instead, Never, WithApproval};
    use Money::{Cash, Code, Credit, Debit, ElectronicMoney};
    use Window::{Always, Never as No, TerminalDay, WithinDays};
    const HERE: &[Only] = &[Only::SameTerminal];
    const WHOLE: &[Only] = &[Only::Whole, Only::SameTerminal];
    const LAST: &[Only] = &[Only::Whole, Only::SameTerminal, Only::Last];
    let days = [TerminalDay, WithinDays(180)];
    let weeks = [TerminalDay, WithinDays(60)];
    let fortnight = [TerminalDay, WithinDays(14)];
    let coins: &[Money] = &[ElectronicMoney, Code];
    [
        ("cash", &[Cash], &[], [Always, Always], &[], Instead),
        (
            "credit",
            &[Credit, Debit],
            &[],
            [TerminalDay, Always],
            HERE,
            Never,
        ),
        ("unionpay", &[], &[4], days, HERE, Never),
        (
            "e-money",
            coins,
            &[],
            [TerminalDay, No],
            WHOLE,
            WithApproval,
        ),
        ("transit", &[], &[6], [TerminalDay, No], LAST, Instead),
        ("id", &[], &[7, 8], weeks, WHOLE, Never),
        ("nanaco", &[], &[9, 11], [No, No], &[], Instead),
        ("waon", &[], &[10], fortnight, WHOLE, WithApproval),
    ]
};

fn rules() -> &'static RuleTable {
    static TABLE: OnceLock<RuleTable> = OnceLock::new();
    let rule = |(name, media, classes, [void, refund], only, cash): Row| Rule {
        name: name.to_owned(),
        title: names(name),
        media: media.to_vec(),
        classes: classes.iter().map(|class| CardClass(*class)).collect(),
        models: vec![],
        void,
        refund,
        only: only.to_vec(),
        cash,
        note: names(""),
        source: String::new(),
        to_confirm: false,
    };
    TABLE.get_or_init(|| {
        let rules = RULES.map(rule).to_vec();
        RuleTable::default()
            .with(rules)
            .expect("rules that can stand")
    })
}

/// The shipped templates are read once.
fn paper() -> &'static Paper {
    static PAPER: OnceLock<Paper> = OnceLock::new();
    PAPER.get_or_init(Paper::default)
}

fn classes() -> CardClassTable {
    let open = |code, name, media, by: &[u8]| CardClassRow {
        answered_by: by.iter().map(|class| CardClass(*class)).collect(),
        ..class(code, name, media)
    };
    let brands = (6..=11).map(|code| class(code, "電子マネー", Media::ElectronicMoney));
    CardClassTable::new(brands.chain([
        open(
            E_MONEY,
            "電子マネー系",
            Media::ElectronicMoney,
            &[6, 7, 8, 9, 10, 11],
        ),
        class(CREDIT, "クレジット", Media::Credit),
        class(4, "銀聯", Media::Credit),
        class(5, "NFC", Media::Credit),
        open(TRIPLE_WAIT, "クレ銀三面待ち", Media::Credit, &[3, 4, 5]),
    ]))
}

/// When every session begins.
pub(super) fn morning() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T09:00:00+09:00").expect("a moment")
}

fn seat(dice: &mut Dice, cat: CatId, name: &str) -> Seat {
    let mut model = model(name, capabilities(dice));
    // A class that the terminal does not take over the link goes by hand.
    let cards = [TRIPLE_WAIT, CREDIT].map(CardClass);
    model.accepts = dice.chance(150).then(|| cards.to_vec());
    Seat {
        cat,
        model,
        repeats: if dice.chance(500) { REPEATS } else { 0 },
        undo_link: dice.chance(600),
        // Soon after the counter opens, so that both sides of it are seen.
        daily_log_at: dice
            .chance(200)
            .then(|| {
                let minute = u32::try_from(1 + dice.below(40)).expect("a minute");
                NaiveTime::from_hms_opt(9, minute, 0)
            })
            .flatten(),
    }
}

fn names(text: &str) -> Bilingual {
    Bilingual {
        ja: text.to_owned(),
        en: text.to_owned(),
    }
}

fn class(code: u8, name: &str, media: Media) -> CardClassRow {
    CardClassRow {
        code: CardClass(code),
        name: names(name),
        media,
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
        authorize_void: dice.chance(900),
        authorize_refund: dice.chance(800),
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
