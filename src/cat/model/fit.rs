//! Does a layout carry what a model promises? A promise without a message would be found out at the counter, with a customer waiting.

use chrono::DateTime;

use super::check::Complaint;
use super::{InquiryPower, Model, NotFoundPower, ProgressPower};
use crate::cat::dialect::layout::{EncodeError, Layout};
use crate::cat::{Authorize, Command, DailyLogType, TransactionType};
use crate::domain::money::Yen;
use crate::domain::slip::{SequenceNumber, TerminalSlipNumber};
use crate::domain::tender::CardClass;

impl Model {
    /// Hold the promises against a layout. Gives the key of the first one it does not keep, the problem and the remedy.
    ///
    /// # Errors
    ///
    /// A capability whose message the layout does not have.
    pub fn fits(&self, layout: &Layout) -> Result<(), Complaint> {
        for (key, command) in self.promises() {
            let why = match layout.encode_command(&command, DateTime::UNIX_EPOCH.naive_utc()) {
                Err(EncodeError::NoMessage { message }) => format!("no {message} message"),
                // Training that no field carries would charge for real.
                Err(EncodeError::NotCarried { role }) if key == "training_mode" => {
                    format!("no field for {role}")
                }
                Err(EncodeError::NoWireText { field, word }) if is_asked_by_a_word(key) => {
                    format!("no wire text for {word} in {field}")
                }
                // What else a message may lack depends on the sale; nothing is sent of one that cannot be said.
                Ok(_) | Err(_) => continue,
            };
            return Err(broken(key, layout, &why));
        }
        let carried = layout.summary();
        for (promised, key, message, role) in self.replies() {
            let says =
                |(name, roles): &(&str, Vec<&str>)| *name == message && roles.contains(&role);
            if promised && !carried.iter().any(says) {
                return Err(broken(key, layout, &format!("no {role} in a {message}")));
            }
        }
        Ok(())
    }

    /// What answers must carry: promised or not, the key, the message and the role in it.
    fn replies(&self) -> [(bool, &'static str, &'static str, &'static str); 6] {
        let can = &self.capabilities;
        let proves = can.not_found == NotFoundPower::SameJournal;
        let numbers = can.echoes_sequence_number;
        [
            (
                numbers,
                "echoes_sequence_number",
                "result",
                "sequence_number",
            ),
            (can.echoes_amount, "echoes_amount", "result", "amount"),
            (proves, "not_found", "inquiry", "journal"),
            (
                can.transactions && numbers,
                "transactions",
                "listed",
                "sequence_number",
            ),
            (
                can.progress == ProgressPower::Phases,
                "progress",
                "phase",
                "phase",
            ),
            (
                can.progress == ProgressPower::Words,
                "progress",
                "display",
                "display",
            ),
        ]
    }

    /// Every capability that is promised, with a command that needs it.
    fn promises(&self) -> Vec<(&'static str, Command)> {
        let can = &self.capabilities;
        let sequence_number = SequenceNumber::new(1).expect("1 is in range");
        let authorize = |transaction, training| {
            Command::Authorize(Authorize {
                transaction,
                sequence_number,
                amount: Yen::new(1),
                tax_others: Yen::ZERO,
                card_class: CardClass::CREDIT,
                device_id: None,
                training,
                original_slip: (transaction != TransactionType::Sales)
                    .then(|| TerminalSlipNumber::new("000001").ok())
                    .flatten(),
            })
        };
        let log = |log| Command::AccessDailyLog {
            sequence_number,
            log,
        };
        let promised = [
            (
                can.training_mode,
                "training_mode",
                authorize(TransactionType::Sales, true),
            ),
            (
                can.authorize_void,
                "authorize_void",
                authorize(TransactionType::Void, false),
            ),
            (
                can.authorize_refund,
                "authorize_refund",
                authorize(TransactionType::Refund, false),
            ),
            (
                can.inquiry != InquiryPower::None,
                "inquiry",
                Command::LastResult { sequence_number },
            ),
            (can.status, "status", Command::Status),
            (can.transactions, "transactions", Command::Transactions),
            (can.standalone, "standalone", Command::Standalone),
            (
                can.daily_log_reporting,
                "daily_log_reporting",
                log(DailyLogType::Reporting),
            ),
            (
                can.daily_log_settlement,
                "daily_log_settlement",
                log(DailyLogType::Settlement),
            ),
        ];
        promised
            .into_iter()
            .filter(|(promised, _, _)| *promised)
            .map(|(_, key, command)| (key, command))
            .collect()
    }
}

fn broken(key: &str, layout: &Layout, why: &str) -> Complaint {
    (
        key.to_owned(),
        format!("the layout `{}` has {why}", layout.name()),
        "take the promise back here, or describe the message in the layout",
    )
}

/// Promises that one message keeps by a word in it: what it asks for is another thing with another word.
fn is_asked_by_a_word(key: &str) -> bool {
    matches!(
        key,
        "training_mode" | "daily_log_reporting" | "daily_log_settlement"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Capabilities, Models};
    use super::*;

    #[test]
    fn a_promise_without_a_message_is_found() {
        let models = Models::shipped();
        let open = models.get("open-cat").expect("there");
        let layout = Layout::open_cat();
        assert_eq!(open.fits(&layout), Ok(()));
        let text = include_str!("../../../assets/layouts/open-cat.toml");
        for (key, command) in [
            ("authorize_void", "void"),
            ("authorize_refund", "refund"),
            ("inquiry", "last_result"),
            ("status", "status"),
            ("daily_log_reporting", "daily_log"),
        ] {
            let start = text.find(&format!("[[message]]\ncommand = \"{command}\""));
            let start = start.expect("the layout has it");
            let end = text[start + 1..].find("[[message]]").expect("another") + start + 1;
            let without = format!("{}{}", &text[..start], &text[end..]);
            let layout = Layout::parse("x.toml", &without).expect("a layout");
            let (found, problem, _) = open.fits(&layout).expect_err("a promise is broken");
            assert_eq!(found, key, "{problem}");
        }
    }

    #[test]
    fn what_answers_must_carry_is_looked_for_in_the_answers() {
        let models = Models::shipped();
        let model = |name: &str| models.get(name).expect("shipped").clone();
        let layout = |name: &str| Layout::shipped(name).expect("shipped");
        for (name, change, key) in [
            (
                "ecr17",
                (|can| can.echoes_sequence_number = true) as fn(&mut Capabilities),
                "echoes_sequence_number",
            ),
            ("ecr17", |can| can.echoes_amount = true, "echoes_amount"),
            (
                "ecr17",
                |can| can.progress = ProgressPower::Phases,
                "progress",
            ),
            (
                "concert",
                |can| can.progress = ProgressPower::Words,
                "progress",
            ),
            (
                "transbank",
                |can| can.not_found = NotFoundPower::SameJournal,
                "not_found",
            ),
            ("open-cat", |can| can.transactions = true, "transactions"),
            (
                "concert",
                |can| can.inquiry = InquiryPower::LastOnly,
                "inquiry",
            ),
            ("concert", |can| can.status = true, "status"),
            ("ecr17", |can| can.standalone = true, "standalone"),
            (
                "transbank",
                |can| can.authorize_refund = true,
                "authorize_refund",
            ),
            ("transbank", |can| can.training_mode = true, "training_mode"),
        ] {
            let mut model = model(name);
            assert_eq!(model.fits(&layout(name)), Ok(()), "{name}");
            change(&mut model.capabilities);
            let (found, problem, _) = model.fits(&layout(name)).expect_err(key);
            assert_eq!(found, key, "{name}: {problem}");
        }
    }

    #[test]
    fn training_that_no_field_carries_is_no_training() {
        let models = Models::shipped();
        let open = models.get("open-cat").expect("there");
        let text = include_str!("../../../assets/layouts/open-cat.toml");
        let without: String = text
            .split_inclusive("[[message]]")
            .map(|message| {
                let mode = "  { role = \"mode\", width = 1, values = { \"0\" = \"normal\", \"1\" = \"training\" } },\n";
                let asks = message.contains("command = ");
                if asks { message.replace(mode, "") } else { message.to_owned() }
            })
            .collect();
        assert_ne!(without, text);
        let layout = Layout::parse("x.toml", &without).expect("a layout");
        let (key, problem, _) = open.fits(&layout).expect_err("it would charge");
        assert_eq!(key, "training_mode", "{problem}");
    }
}
