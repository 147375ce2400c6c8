//! From the file's shape to a configuration that holds together: values first, then the masters against the models.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{FixedOffset, NaiveTime, Offset, Utc};
use toml::Spanned;

use super::file::{
    RawAscii, RawAskOperator, RawCat, RawConfig, RawConsole, RawLanguage, RawOperator, RawShop,
    RawTerminal, RawTheme,
};
use super::place::find_key;
use super::port::PortAddress;
use super::problem::{
    Form, NumberFault, OperatorFault, PortFault, Problem, ProblemKind, RowFault, TextFault,
};
use super::{
    Bills, CatPort, Config, Console, LineSettings, SAMPLE, Shop, TerminalMaster, card_classes,
};
use crate::cat::model::Models;
use crate::domain::by_hand::Side;
use crate::domain::master::{
    CardClassRow, CardClassTable, CardCompany, Finding, ModelRules, Severity, Switch, check_cards,
};
use crate::domain::money::Yen;
use crate::domain::sale::Operator;
use crate::domain::tax::TaxRates;
use crate::domain::tender::CardClass;
use crate::domain::text::{Language, holds_card_number, is_unsafe};

/// More cards than a menu of two digits can name.
const CARDS_MAX: usize = 99;
/// More people than a list on the screen is read for.
const OPERATORS_MAX: usize = 99;
/// The longest name that a screen of 80 columns and a receipt can hold, in characters.
const NAME_MAX: usize = 40;
/// The longest code of a master.
const CODE_MAX: usize = 8;

/// Everything about the values that needs no model.
pub(super) fn typed(raw: RawConfig, source: &str) -> Result<Config, Vec<Problem>> {
    let mut desk = Desk {
        source,
        problems: Vec::new(),
    };
    let sample: RawConfig = toml::from_str(SAMPLE).expect("a test reads the sample");
    let classes = desk.classes(raw.card_class);
    let operator = desk.operator(raw.operator);
    let cards = desk.cards(raw.card_company);
    let codes = cards.iter().map(|card| card.code.clone()).collect();
    let mut orca = raw.orca;
    let tender = orca.as_mut().and_then(|orca| orca.get_mut().tender.take());
    let tender = tender.map(Spanned::into_inner).unwrap_or_default();
    let print_receipt = orca
        .as_ref()
        .and_then(|orca| orca.get_ref().print_receipt.as_ref())
        .is_none_or(|print| *print.get_ref());
    let config = Config {
        shop: desk.shop(raw.shop, sample.shop),
        console: console(raw.console, sample.console),
        operators: desk.operators(&operator, raw.operators),
        operator,
        undo_first_side: raw.undo.first_side.unwrap_or(Side::Terminal),
        terminal: desk.terminal(raw.terminal),
        printer: raw.printer.map(|printer| desk.printer(printer)),
        tender_codes: desk.tender_codes(tender, &codes),
        print_receipt,
        orca: orca.map(|orca| desk.orca(orca)).unwrap_or_default(),
        scanner: raw.scanner.map(|scanner| desk.scanner(scanner)),
        bill: Bills {
            hide_names: raw.bill.hide_names.unwrap_or(false),
            keep_name: raw.bill.keep_name.unwrap_or(false),
        },
        cards,
        classes,
        warnings: Vec::new(),
    };
    if desk.problems.is_empty() {
        Ok(config)
    } else {
        Err(desk.problems)
    }
}

/// The rules between the masters and the models: errors, then warnings.
pub(super) fn against_models(
    config: &Config,
    models: &Models,
    source: &str,
) -> (Vec<Problem>, Vec<Problem>) {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for port in config.terminal.ports() {
        if !models.contains(&port.model) {
            let fault = PortFault::UnknownModel {
                model: port.model.clone(),
                known: models.names().map(str::to_owned).collect(),
            };
            let place = find_key(source, "[terminal", "model", ("model", &port.model));
            errors.push(problem(source, place, fault.into()));
        }
    }
    if let (Some(cat1), Some(cat2)) = (&config.terminal.cat1, &config.terminal.cat2)
        && cat1.model == cat2.model
    {
        let place = find_key(source, "[terminal.cat2]", "model", ("model", &cat2.model));
        warnings.push(problem(source, place, PortFault::SameModel.into()));
    }
    warnings.extend(what_the_models_leave_out(config, models, source));
    // Only those that a card names: the others are not even read.
    let rules: BTreeMap<String, ModelRules> = config
        .cards
        .iter()
        .filter_map(|card| models.get(&card.model))
        .map(|model| (model.name.clone(), model.card_rules.into()))
        .collect();
    let linked = config.terminal.linked_models();
    for finding in check_cards(&config.cards, &config.classes, &rules, linked.as_ref()) {
        let place = place_of_finding(source, &finding);
        let found = match finding.severity() {
            Severity::Error => &mut errors,
            Severity::Warning => &mut warnings,
        };
        found.push(problem(source, place, ProblemKind::Card(finding)));
    }
    if config.console.ask_operator && config.operators.len() < 2 {
        warnings.push(problem(source, None, OperatorFault::NobodyToAsk.into()));
    }
    if linked.is_some() && !config.cards.iter().any(|card| card.sales_link.is_on()) {
        warnings.push(problem(source, None, RowFault::NothingLinked.into()));
    }
    (errors, warnings)
}

/// What can be set and still does not link: another TCP port than the model's, a card class its link does not take.
fn what_the_models_leave_out(config: &Config, models: &Models, source: &str) -> Vec<Problem> {
    let mut warnings = Vec::new();
    for cat in config.terminal.ports() {
        let lan = models.get(&cat.model).and_then(|model| model.lan);
        let wanted = lan.and_then(|lan| lan.port);
        if let (Some(wanted), PortAddress::Tcp { port, .. }) = (wanted, &cat.address)
            && wanted != *port
        {
            let fault = PortFault::OtherPort {
                model: cat.model.clone(),
                port: wanted,
            };
            let address = cat.address.to_string();
            let place = find_key(source, "[terminal", "port", ("port", &address));
            warnings.push(problem(source, place, fault.into()));
        }
        let carries = models.get(&cat.model).is_some_and(|model| {
            model.capabilities.authorize_void || model.capabilities.authorize_refund
        });
        if cat.undo_link.is_on() && !carries {
            let fault = PortFault::UndoNotCarried {
                model: cat.model.clone(),
            };
            let place = find_key(source, "[terminal", "undo_link", ("model", &cat.model));
            warnings.push(problem(source, place, fault.into()));
        }
    }
    for card in config.cards.iter().filter(|card| card.sales_link.is_on()) {
        let model = models.get(&card.model);
        if model.is_some_and(|model| !model.takes(card.card_class)) {
            let fault = RowFault::ClassNotTaken {
                code: card.code.clone(),
                class: card.card_class.0,
                model: card.model.clone(),
            };
            let place = find_key(
                source,
                "[[card_company]]",
                "card_class",
                ("code", &card.code),
            );
            warnings.push(problem(source, place, fault.into()));
        }
    }
    warnings
}

fn problem(source: &str, place: Option<Range<usize>>, kind: ProblemKind) -> Problem {
    match place {
        Some(span) => Problem::at(source, span, kind),
        None => Problem { place: None, kind },
    }
}

/// Collects what is wrong while the values are read, so that one start tells all of it.
pub(super) struct Desk<'a> {
    source: &'a str,
    problems: Vec<Problem>,
}

impl Desk<'_> {
    pub(super) fn refuse(&mut self, span: Range<usize>, kind: ProblemKind) {
        self.problems.push(Problem::at(self.source, span, kind));
    }

    /// Where a heading stands in the text.
    pub(super) fn section(&self, heading: &str) -> Range<usize> {
        let line = format!("\n{heading}");
        let at = self.source.find(&line).map_or(0, |at| at + 1);
        at..at + heading.len().min(self.source.len() - at)
    }

    fn shop(&mut self, raw: RawShop, sample: RawShop) -> Shop {
        const SAMPLE_HAS_IT: &str = "the sample has every key; a test reads it";
        let support = raw.support.or(sample.support).expect(SAMPLE_HAS_IT);
        let standard = raw.tax_rate_percent.or(sample.tax_rate_percent);
        let reduced = raw.reduced_rate_percent.or(sample.reduced_rate_percent);
        let boundary = raw.day_boundary.or(sample.day_boundary);
        let offset = raw.utc_offset.or(sample.utc_offset);
        let amount_max = raw.amount_max.or(sample.amount_max);
        Shop {
            name: self.name_lines(raw.name),
            support: self.text(support, NAME_MAX),
            invoice_number: raw.invoice_number.map(|number| self.invoice_number(number)),
            tax_rates: TaxRates {
                standard: self.number(standard.expect(SAMPLE_HAS_IT), 0, 100),
                reduced: self.number(reduced.expect(SAMPLE_HAS_IT), 0, 100),
            },
            day_boundary: self
                .form(boundary.expect(SAMPLE_HAS_IT), Form::TimeOfDay, time_of_day)
                .unwrap_or_default(),
            utc_offset: self
                .form(offset.expect(SAMPLE_HAS_IT), Form::Offset, utc_offset)
                .unwrap_or_else(|| Utc.fix()),
            amount_max: Yen::new(self.number(
                amount_max.expect(SAMPLE_HAS_IT),
                1,
                Yen::LIMIT.get(),
            )),
        }
    }

    fn name_lines(&mut self, lines: Spanned<Vec<String>>) -> Vec<String> {
        let span = lines.span();
        let lines = lines.into_inner();
        if lines.is_empty() || lines.len() > 4 {
            self.refuse(span.clone(), ProblemKind::Form(Form::NameLines));
        }
        for line in &lines {
            self.check_text(line, span.clone(), NAME_MAX);
        }
        lines
    }

    fn invoice_number(&mut self, number: Spanned<String>) -> String {
        let digits = number.get_ref().strip_prefix('T').unwrap_or_default();
        if digits.len() != 13 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            self.refuse(number.span(), ProblemKind::Form(Form::InvoiceNumber));
        }
        number.into_inner()
    }

    fn operator(&mut self, raw: RawOperator) -> Operator {
        Operator {
            code: self.text(raw.code, CODE_MAX),
            name: self.text(raw.name, NAME_MAX),
        }
    }

    /// Everybody, the default first where the list does not name them. Their codes are typed at the counter, and tell one from another.
    fn operators(&mut self, default: &Operator, rows: Vec<RawOperator>) -> Vec<Operator> {
        if let Some(row) = rows.get(OPERATORS_MAX) {
            self.refuse(row.code.span(), OperatorFault::TooMany.into());
        }
        let mut all = vec![default.clone()];
        let mut listed: Vec<Operator> = Vec::new();
        for row in rows {
            let (span, name_span) = (row.code.span(), row.name.span());
            let operator = self.operator(row);
            let same = |other: &&Operator| other.code.eq_ignore_ascii_case(&operator.code);
            if !is_typed(&operator.code) {
                self.refuse(span.clone(), ProblemKind::Form(Form::OperatorCode));
            }
            if listed.iter().any(|other| same(&other)) {
                let code = operator.code.clone();
                self.refuse(span, OperatorFault::Twice { code }.into());
            } else if same(&default) && operator.name != default.name {
                let code = operator.code.clone();
                self.refuse(name_span, OperatorFault::Renamed { code }.into());
            }
            listed.push(operator);
        }
        if listed
            .iter()
            .any(|one| one.code.eq_ignore_ascii_case(&default.code))
        {
            all.clear();
        }
        all.extend(listed);
        all
    }

    fn terminal(&mut self, raw: RawTerminal) -> TerminalMaster {
        if *raw.cat_link.get_ref() == 9 {
            self.refuse(raw.cat_link.span(), NumberFault::TestMode.into());
        }
        let cat_link = if *raw.cat_link.get_ref() == 9 {
            Switch::Off
        } else {
            self.switch(raw.cat_link)
        };
        let cat1 = raw.cat1.map(|cat| self.cat(cat));
        let cat2 = raw.cat2.map(|cat| {
            let span = cat.port.span();
            let port = self.cat(cat);
            if cat1.as_ref().is_some_and(|one| one.address == port.address) {
                self.refuse(span, PortFault::SamePort.into());
            }
            port
        });
        TerminalMaster {
            code: self.text(raw.code, CODE_MAX),
            cat_link,
            practice: self.switch(raw.mode).is_on(),
            cat1,
            cat2,
        }
    }

    fn cat(&mut self, raw: RawCat) -> CatPort {
        let span = raw.port.span();
        let address = raw.port.into_inner().parse().unwrap_or_else(|reason| {
            self.refuse(span.clone(), ProblemKind::Address(reason));
            PortAddress::Serial(String::new())
        });
        let line = LineSettings {
            baud: raw.baud.map(|baud| self.number(baud, 50, 4_000_000)),
            data_bits: raw.data_bits.map(|bits| self.number(bits, 7, 8)),
            parity: raw.parity,
            stop_bits: raw.stop_bits.map(|bits| self.number(bits, 1, 2)),
        };
        if matches!(address, PortAddress::Tcp { .. }) && line.is_set() {
            self.refuse(span, PortFault::LineOfLan.into());
        }
        CatPort {
            address,
            model: self.text(raw.model, NAME_MAX),
            line,
            undo_link: raw
                .undo_link
                .map_or(Switch::Off, |switch| self.switch(switch)),
            daily_log_at: raw
                .daily_log_at
                .and_then(|at| self.form(at, Form::TimeOfDay, time_of_day)),
        }
    }

    fn cards(&mut self, rows: Vec<Spanned<CardCompany>>) -> Vec<CardCompany> {
        if let Some(row) = rows.get(CARDS_MAX) {
            self.refuse(row.span(), RowFault::TooManyCards.into());
        }
        rows.into_iter()
            .map(|row| {
                let span = row.span();
                let card = row.into_inner();
                self.check_text(&card.code, span.clone(), CODE_MAX);
                self.check_text(&card.name.ja, span.clone(), NAME_MAX);
                self.check_text(&card.name.en, span.clone(), NAME_MAX);
                if let Some(id) = &card.device_id {
                    self.check_text(id, span, NAME_MAX);
                }
                card
            })
            .collect()
    }

    fn classes(&mut self, rows: Vec<Spanned<CardClassRow>>) -> CardClassTable {
        const FIXED: [CardClass; 4] = [
            CardClass::ELECTRONIC_MONEY,
            CardClass::DEBIT,
            CardClass::CREDIT,
            CardClass::TRIPLE_WAIT,
        ];
        for row in &rows {
            let class = row.get_ref();
            if FIXED.contains(&class.code) || class.code.0 == 0 {
                self.refuse(row.span(), RowFault::FixedClass.into());
            }
            self.check_text(&class.name.ja, row.span(), NAME_MAX);
            self.check_text(&class.name.en, row.span(), NAME_MAX);
        }
        let own: Vec<CardClassRow> = rows.iter().map(|row| row.get_ref().clone()).collect();
        let table = CardClassTable::new(card_classes().rows().cloned().chain(own));
        for row in &rows {
            let unknown = row
                .get_ref()
                .answered_by
                .iter()
                .find(|class| table.get(**class).is_none());
            if let Some(class) = unknown {
                let fault = RowFault::UnknownAnswer { class: class.0 };
                self.refuse(row.span(), fault.into());
            }
        }
        table
    }

    fn switch(&mut self, value: Spanned<i64>) -> Switch {
        Switch::try_from(*value.get_ref()).unwrap_or_else(|_| {
            let fault = NumberFault::ZeroOrOne {
                value: *value.get_ref(),
            };
            self.refuse(value.span(), fault.into());
            Switch::Off
        })
    }

    /// A number within its range; the range must fit the type that is asked for.
    pub(super) fn number<N: TryFrom<i64> + Default>(
        &mut self,
        value: Spanned<i64>,
        low: i64,
        high: i64,
    ) -> N {
        let number = *value.get_ref();
        if !(low..=high).contains(&number) {
            let fault = NumberFault::OutOfRange { low, high };
            self.refuse(value.span(), fault.into());
        }
        N::try_from(number).unwrap_or_default()
    }

    fn form<T>(
        &mut self,
        text: Spanned<String>,
        form: Form,
        read: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(text.get_ref());
        if value.is_none() {
            self.refuse(text.span(), ProblemKind::Form(form));
        }
        value
    }

    pub(super) fn text(&mut self, text: Spanned<String>, max: usize) -> String {
        self.check_text(text.get_ref(), text.span(), max);
        text.into_inner()
    }

    fn check_text(&mut self, text: &str, span: Range<usize>, max: usize) {
        let fault = if text.trim().is_empty() {
            TextFault::Empty
        } else if text.chars().any(is_unsafe) {
            TextFault::Unsafe
        } else if text.chars().count() > max {
            TextFault::TooLong(max)
        } else if holds_card_number(text) {
            TextFault::CardNumber
        } else {
            return;
        };
        self.refuse(span, ProblemKind::Text(fault));
    }
}

fn console(raw: RawConsole, sample: RawConsole) -> Console {
    let language = raw.language.or(sample.language);
    let ascii = raw.ascii_borders.or(sample.ascii_borders);
    let theme = raw.theme.or(sample.theme);
    let asked = raw.ask_operator.or(sample.ask_operator);
    Console {
        language: match language {
            Some(RawLanguage::Ja) => Some(Language::Ja),
            Some(RawLanguage::En) => Some(Language::En),
            Some(RawLanguage::Auto) | None => None,
        },
        ascii_borders: match ascii {
            Some(RawAscii::On) => Some(true),
            Some(RawAscii::Off) => Some(false),
            Some(RawAscii::Auto) | None => None,
        },
        mono: matches!(theme, Some(RawTheme::Mono)),
        ask_operator: matches!(asked, Some(RawAskOperator::Sale)),
    }
}

/// A code that can be typed with an input method on or off.
fn is_typed(code: &str) -> bool {
    code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    (text.len() == 5)
        .then(|| NaiveTime::parse_from_str(text, "%H:%M").ok())
        .flatten()
}

fn utc_offset(text: &str) -> Option<FixedOffset> {
    let shape = text.len() == 6 && text.is_ascii() && &text[3..4] == ":";
    shape.then(|| text.parse().ok()).flatten()
}

/// The key that a finding speaks of, in the row of its card company.
fn place_of_finding(source: &str, finding: &Finding) -> Option<Range<usize>> {
    let (code, key) = match finding {
        Finding::DuplicateCode(code) => (code, "code"),
        Finding::UnknownClass { code, .. }
        | Finding::GenericClassRefused { code, .. }
        | Finding::GenericClassBlurred { code, .. } => (code, "card_class"),
        Finding::UnknownModel { code, .. } | Finding::DeviceIdMissing { code, .. } => {
            (code, "model")
        }
        Finding::DeviceIdUnused { code, .. } => (code, "device_id"),
        Finding::NoPort { code, .. } => (code, "sales_link"),
    };
    find_key(source, "[[card_company]]", key, ("code", code))
}
