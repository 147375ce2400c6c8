//! What the console is told once, at its start: masters, shop, models, and what this PC may do.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveTime;

use super::key::Key;
use crate::cat::model::Model;
use crate::domain::barcode;
use crate::domain::business_day::BusinessDate;
use crate::domain::by_hand::Side;
use crate::domain::ledger::CatId;
use crate::domain::master::{CardClassTable, CardCompany};
use crate::domain::money::Yen;
use crate::domain::record::Stamp;
use crate::domain::reflection::Method;
use crate::domain::sale::Operator;
use crate::domain::tax::TaxRates;
use crate::domain::text::Language;
use crate::domain::undo::AtTerminal;
use crate::domain::undo::rule::RuleTable;

use super::message::Now;
use crate::slip::template::Templates;

/// Everything the console knows before the first key.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The language of the screen.
    pub language: Language,
    /// Practice 練習モード: nothing is charged.
    pub practice: bool,
    /// Whether this console owns the books, or only looks.
    pub access: Access,
    /// The shop, for receipts and for whom to call.
    pub shop: Shop,
    /// 端末コード.
    pub terminal_code: String,
    /// Who is at the counter.
    pub operator: Operator,
    /// Everybody who may be.
    pub operators: Operators,
    /// 取消 and 返品.
    pub undo: UndoSetting,
    /// カード会社マスタ, in its order.
    pub cards: Vec<CardCompany>,
    /// カード区分.
    pub classes: CardClassTable,
    /// The CAT ports in use.
    pub cats: BTreeMap<CatId, CatSetting>,
    /// What the terminal's bytes mean here, beside what every terminal's mean.
    pub keys: BTreeMap<Vec<u8>, Key>,
    /// What is printed, and where.
    pub paper: Paper,
    /// The receipt computer.
    pub orca: OrcaSetting,
    /// What bar codes say.
    pub barcodes: Barcodes,
}

/// The receipt computer 日レセ, as far as the console's rules go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrcaSetting {
    /// What is connected, where anything is.
    pub connected: Option<ReceiptComputer>,
    /// 入金方法 by what was paid with. What is not named goes by the patient's own.
    pub tender_codes: BTreeMap<Method, String>,
    /// It prints its 領収証 with the last payment of an invoice.
    pub print_receipt: bool,
    /// Names and numbers of patients are hidden at the start.
    pub hide_names: bool,
    /// Names go into the books; numbers always do.
    pub keep_name: bool,
}

/// Which receipt computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptComputer {
    /// The clinic's own.
    Real,
    /// The simulated one: for practice alone.
    Simulated,
}

/// What bar codes say here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Barcodes {
    /// The rules.
    pub rules: Arc<barcode::RuleTable>,
    /// True where no bill is taken without its patient.
    pub patient_required: bool,
}

/// What is printed, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paper {
    /// The words of slips.
    pub templates: Arc<Templates>,
    /// The receipt printer, where there is one.
    pub printer: Option<PrinterSetting>,
}

/// A receipt printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterSetting {
    /// Where it is, as the screen shows it.
    pub address: String,
    /// Whether every slip is printed by itself, or on a key only.
    pub auto: bool,
}

/// Everybody who may be at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operators {
    /// They, in the order of the list. Empty where the site keeps no list.
    pub list: Vec<Operator>,
    /// 担当者入力: asked at the start of each sale and task, where there are two or more.
    pub ask: bool,
}

/// How sales are taken back here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoSetting {
    /// Which side comes first by hand.
    pub first_side: Side,
    /// The rules.
    pub rules: RuleTable,
}

impl Default for UndoSetting {
    fn default() -> UndoSetting {
        UndoSetting {
            first_side: Side::Terminal,
            rules: RuleTable::default(),
        }
    }
}

/// Who this console is among those on the same data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It holds the books and the ports.
    Owner,
    /// Another console holds them; this one only reads.
    Viewer {
        /// Who, in words.
        holder: String,
    },
}

/// The shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Name and address lines of the receipt's head.
    pub lines: Vec<String>,
    /// サポート窓口.
    pub support: String,
    /// 登録番号 of the invoice system, where there is one.
    pub invoice_number: Option<String>,
    /// Consumption tax.
    pub tax_rates: TaxRates,
    /// 営業区切り時刻.
    pub day_boundary: NaiveTime,
    /// The largest amount of a line or bill, whole yen.
    pub amount_max: Yen,
}

/// One CAT port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatSetting {
    /// Where it is, as the pane shows it.
    pub address: String,
    /// What it is.
    pub model: Model,
    /// The site lets 取消 and 返品 go over the link.
    pub undo_link: bool,
    /// When it runs its 日計 by itself, where it does.
    pub daily_log_at: Option<NaiveTime>,
}

impl CatSetting {
    /// A port that carries sales alone, with a terminal whose 日計 is run by hand.
    pub fn new(address: impl Into<String>, model: Model) -> CatSetting {
        CatSetting {
            address: address.into(),
            model,
            undo_link: false,
            daily_log_at: None,
        }
    }

    /// What bears on taking a sale back there.
    pub fn at_terminal(&self) -> AtTerminal<'_> {
        AtTerminal {
            model: &self.model.name,
            authorize_void: self.model.capabilities.authorize_void,
            void_last_only: self.model.void_last_only,
            authorize_refund: self.model.capabilities.authorize_refund,
            undo_link: self.undo_link,
            daily_log_at: self.daily_log_at,
        }
    }
}

impl Operators {
    /// The one of a code, however it is written.
    pub fn of_code(&self, code: &str) -> Option<&Operator> {
        self.list
            .iter()
            .find(|one| one.code.eq_ignore_ascii_case(code))
    }
}

impl Settings {
    /// The stamp of something that happens now.
    pub fn stamp(&self, now: Now) -> Stamp {
        Stamp {
            at: now.wall,
            business_date: BusinessDate::of(now.wall, self.shop.day_boundary),
        }
    }

    /// True where a receipt computer of this mode is connected: practice is never told to the clinic's own, and money never to a simulated one.
    pub fn reflects(&self) -> bool {
        match self.orca.connected {
            Some(ReceiptComputer::Real) => !self.practice,
            Some(ReceiptComputer::Simulated) => self.practice,
            None => false,
        }
    }

    /// The CAT port that a card company's model is at.
    pub fn cat_of(&self, card: &CardCompany) -> Option<CatId> {
        self.cats
            .iter()
            .find(|(_, cat)| cat.model.name == card.model)
            .map(|(id, _)| *id)
    }
}
