//! What the types of a model file cannot say: names, ranges, and promises that need each other.

use super::{InquiryPower, Model, NotFoundPower, Procedure, Timers};
use crate::domain::money::Yen;
use crate::domain::tender::CardClass;
use crate::domain::text::{Bilingual, is_unsafe};

/// The longest time or pause a model may ask for, in ms: a day.
const TIME_MAX_MS: u64 = 86_400_000;
/// The most tries of anything.
const TRIES_MAX: u32 = 100;
/// More steps than this nobody follows at a counter.
const STEPS_MAX: usize = 12;
/// The longest step, in characters.
const STEP_MAX: usize = 200;
/// The longest title, in characters: the pane cuts it anyway.
const TITLE_MAX: usize = 60;
/// The longest note, in characters.
const NOTE_MAX: usize = 1_000;

/// The key, the problem and the remedy.
pub(super) type Complaint = (String, String, &'static str);

fn complaint(key: &str, problem: impl Into<String>, remedy: &'static str) -> Result<(), Complaint> {
    Err((key.to_owned(), problem.into(), remedy))
}

impl Model {
    pub(super) fn check(&self) -> Result<(), Complaint> {
        self.check_names()?;
        self.check_capabilities()?;
        self.check_cards()?;
        self.check_line()?;
        for (operation, procedure) in self.manual.own() {
            check_procedure(operation.name(), procedure)?;
        }
        self.timers.check()
    }

    fn check_names(&self) -> Result<(), Complaint> {
        for (key, name) in [("name", Some(&self.name)), ("layout", self.layout.as_ref())] {
            if name.is_some_and(|name| !is_a_name(name)) {
                let name = name.map_or("", String::as_str);
                return complaint(
                    key,
                    format!("`{name}` is no name for a model or a layout"),
                    "use 1 to 40 small letters, digits and hyphens",
                );
            }
        }
        check_text("title", &self.title, TITLE_MAX)?;
        match &self.note {
            Some(note) => check_text("[note]", note, NOTE_MAX),
            None => Ok(()),
        }
    }

    fn check_capabilities(&self) -> Result<(), Complaint> {
        let capabilities = &self.capabilities;
        if !(1..=Yen::LIMIT.get()).contains(&capabilities.amount_max) {
            return complaint(
                "amount_max",
                format!("{} is no largest amount", capabilities.amount_max),
                "set 1 to 99999999 yen",
            );
        }
        let proves = capabilities.not_found == NotFoundPower::SameJournal;
        let asks = capabilities.inquiry == InquiryPower::ByReference && capabilities.status;
        if proves && !asks {
            return complaint(
                "not_found",
                "\"same_journal\" needs a terminal that names its memory and looks numbers up",
                "set inquiry = \"by_reference\" and status = true, or not_found = \"nothing\"",
            );
        }
        Ok(())
    }

    fn check_cards(&self) -> Result<(), Complaint> {
        let Some(classes) = &self.accepts else {
            return Ok(());
        };
        if classes.is_empty() || classes.contains(&CardClass(0)) {
            return complaint(
                "accepts",
                "a link that takes no card, or card class 0",
                "list card classes from 1, or take the line out where it takes every one",
            );
        }
        let generic = [CardClass::ELECTRONIC_MONEY, CardClass::DEBIT];
        if self.card_rules.refuses_generic_classes
            && classes.iter().any(|class| generic.contains(class))
        {
            return complaint(
                "accepts",
                "card classes 1 and 2 are accepted here and refused under [card_rules]",
                "take 1 and 2 out, or set refuses_generic_classes = false",
            );
        }
        Ok(())
    }

    fn check_line(&self) -> Result<(), Complaint> {
        let serial = &self.serial;
        if !matches!(serial.data_bits, 7 | 8) {
            let problem = format!("{} data bits", serial.data_bits);
            return complaint("data_bits", problem, "set 7 or 8");
        }
        if !matches!(serial.stop_bits, 1 | 2) {
            let problem = format!("{} stop bits", serial.stop_bits);
            return complaint("stop_bits", problem, "set 1 or 2");
        }
        if !(300..=921_600).contains(&serial.baud) {
            let problem = format!("{} bits a second", serial.baud);
            return complaint("baud", problem, "set 300 to 921600");
        }
        if self.lan.is_some_and(|lan| lan.port == Some(0)) {
            return complaint("port", "TCP port 0", "set 1 to 65535, or take the line out");
        }
        Ok(())
    }
}

/// Small letters, digits and hyphens.
fn is_a_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= 40 && name.chars().all(allowed)
}

fn check_text(key: &str, text: &Bilingual, max: usize) -> Result<(), Complaint> {
    for text in [&text.ja, &text.en] {
        if text.trim().is_empty() || text.chars().count() > max || text.chars().any(is_unsafe) {
            return complaint(
                key,
                format!(
                    "a text that is empty, longer than {max} characters, or holds characters no screen shows"
                ),
                "write it in both languages, in printable characters of one line",
            );
        }
    }
    Ok(())
}

fn check_procedure(operation: &str, procedure: &Procedure) -> Result<(), Complaint> {
    let heading = format!("[manual.{operation}]");
    if !(1..=STEPS_MAX).contains(&procedure.steps.len()) {
        return complaint(
            &heading,
            format!("{} steps", procedure.steps.len()),
            "write 1 to 12 steps, or take the section out: what holds for every terminal is shown then",
        );
    }
    for step in &procedure.steps {
        check_text(&heading, step, STEP_MAX)?;
    }
    Ok(())
}

impl Timers {
    fn check(&self) -> Result<(), Complaint> {
        for (key, time) in [
            ("inter_byte_ms", self.inter_byte_ms),
            ("acknowledge_ms", self.acknowledge_ms),
            ("call_retry_ms", self.call_retry_ms),
            ("answer_ms", self.answer_ms),
            ("transaction_ms", self.transaction_ms),
            ("transaction_max_ms", self.transaction_max_ms),
            ("inquiry_pause_ms", self.inquiry_pause_ms),
            ("clock_skew_max_ms", self.clock_skew_max_ms),
            ("stale_after_ms", self.stale_after_ms),
            ("reopen_ms", self.reopen_ms),
        ] {
            if !(1..=TIME_MAX_MS).contains(&time) {
                return complaint(key, format!("{key} is {time}"), "set 1 to 86400000 ms");
            }
        }
        for (key, count, min) in [
            ("call_tries", self.call_tries, 1),
            ("nak_resends", self.nak_resends, 0),
            ("inquiry_tries", self.inquiry_tries, 1),
            ("not_found_repeats", self.not_found_repeats, 1),
        ] {
            if !(min..=TRIES_MAX).contains(&count) {
                let remedy = "set at most 100, and at least 1 where there must be a try";
                return complaint(key, format!("{key} is {count}"), remedy);
            }
        }
        Ok(())
    }
}
