//! A dialect that a data file describes: which fields a message has, where they stand, and what their values mean.

mod cut;
mod error;
mod explain;
mod field;
mod file;
mod message;
mod role;
mod shipped;
mod text;
mod words;

#[cfg(test)]
mod tests;

use chrono::NaiveDateTime;

pub use self::error::{DecodeError, EncodeError, LayoutError};
pub use self::explain::{Explained, Meaning, Sender};
use self::message::{CommandName, Kind, Message, ReplyKind};
use self::role::{Role, Value, Values};
use super::Reply;
use crate::cat::frame::framing::{Covers, Framing};
use crate::cat::{Answer, Command, TerminalState, TerminalStatus};
use crate::domain::slip::SequenceNumber;

/// The messages of one dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    name: String,
    framing: Framing,
    messages: Vec<Message>,
}

/// A command as a terminal hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The command. Where the text carries no number of ours it has the spare one, and a void that only names its slip has the amount 0.
    pub command: Command,
    /// True where the number of the command is the one it carried.
    pub numbered: bool,
    /// What stood in the number's place, where an answer with the number would not give it back as it came: a foreign console's letters,
    /// other padding, or nothing (then empty).
    pub reference: Option<String>,
    /// False where the console wants no word before the answer.
    pub wants_progress: bool,
}

/// What a terminal's text says, field by field: each value read by the layout and borrowed from the text, none yet held against another.
#[derive(Debug, Default)]
pub struct Said<'a> {
    kind: Option<Kind>,
    values: Values<'a>,
    records: Vec<Values<'a>>,
    /// The command it answers, as far as that is known.
    asked: Option<CommandName>,
}

impl Said<'_> {
    /// The text of a field by its role's name in layout files; `None` where it says nothing, or says it in no text.
    pub fn text(&self, role: &str) -> Option<&str> {
        self.values.text(Role::named(role)?)
    }

    /// The reply it makes: checked, masked, in types of ours.
    pub fn reply(&self) -> Result<Reply, DecodeError> {
        let kind = self.kind.ok_or(DecodeError::UnknownMessage)?;
        words::reply::to_reply(kind, &self.values, &self.records, self.asked)
    }
}

impl Layout {
    /// Read a layout file. `name_for_errors` is how messages about it call it.
    pub fn parse(name_for_errors: &str, toml: &str) -> Result<Layout, LayoutError> {
        file::parse(name_for_errors, toml)
    }

    /// The shipped open dialect, described in `docs/open-cat.md`.
    pub fn open_cat() -> Layout {
        Layout::shipped("open-cat").expect("it is shipped")
    }

    /// A layout inside the program.
    pub fn shipped(name: &str) -> Option<Layout> {
        shipped::layout(name)
    }

    /// The names of the layouts inside the program.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        shipped::names()
    }

    /// The file of a layout inside the program.
    pub fn shipped_file(name: &str) -> Option<&'static str> {
        shipped::file(name)
    }

    /// The name models refer to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its messages stand on the line.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// True where every result of a transaction says what asked for it: by our number, or as the result of a void by the slip it took back.
    pub fn results_say_what_asked(&self) -> bool {
        let void = Value::Word("void");
        let names_its_slip = |message: &Message| {
            message.given.get(Role::Transaction) == Some(void)
                && message.carries(Role::OriginalSlip)
        };
        self.messages
            .iter()
            .filter(|message| message.kind == Kind::Reply(ReplyKind::Result))
            .all(|message| message.carries(Role::SequenceNumber) || names_its_slip(message))
    }

    /// Its messages by kind, with the roles each carries, in the order of the file.
    pub fn summary(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let roles = |message: &Message| {
            let fields = message.fields.iter().chain(&message.record);
            fields.filter_map(|f| f.role().map(Role::name)).collect()
        };
        self.messages
            .iter()
            .map(|message| (message.kind.name(), roles(message)))
            .collect()
    }

    /// The text of a command. `at` is our clock, for layouts that send it.
    pub fn encode_command(
        &self,
        command: &Command,
        at: NaiveDateTime,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut values = Values::default();
        let kind = words::command::of_command(command, at, &mut values)?;
        let message = self.writer(kind, &values, None)?;
        let carried = message.prepared.carried;
        for role in values.roles().without(carried).iter() {
            if words::command::changes_a_command(kind, role, &values, carried) {
                return Err(EncodeError::NotCarried { role: role.name() });
            }
        }
        self.encode(message, &values, &[])
    }

    /// The answer that a bare acknowledgement of this command is, where the layout has no other.
    pub fn answered_by_acknowledgement(&self, command: &Command) -> Option<Answer> {
        let mut values = Values::default();
        let at = NaiveDateTime::default();
        let kind = words::command::of_command(command, at, &mut values).ok()?;
        let message = self.writer(kind, &values, None).ok()?;
        let so = message.answered_by_acknowledgement;
        match command {
            Command::Status if so => Some(Answer::Status(TerminalStatus {
                state: TerminalState::Idle,
                training: None,
                journal: None,
                terminal_id: None,
            })),
            Command::Standalone if so => Some(Answer::Standalone),
            Command::Status
            | Command::Standalone
            | Command::Authorize(_)
            | Command::LastResult { .. }
            | Command::AccessDailyLog { .. }
            | Command::Transactions => None,
        }
    }

    /// What a terminal's text says that nobody asked for.
    pub fn decode_reply(&self, text: &[u8]) -> Result<Reply, DecodeError> {
        self.decode_answer(None, text)
    }

    /// What a terminal's text says while a command waits for its answer. Some dialects answer two commands with the same text.
    pub fn decode_answer(
        &self,
        asked: Option<&Command>,
        text: &[u8],
    ) -> Result<Reply, DecodeError> {
        let mut said = Said::default();
        self.read_answer(asked, text, &mut said)?;
        said.reply()
    }

    /// The fields of a terminal's text into `said`, one step before [`Layout::decode_answer`].
    pub fn read_answer<'a>(
        &'a self,
        asked: Option<&Command>,
        text: &'a [u8],
        said: &mut Said<'a>,
    ) -> Result<(), DecodeError> {
        let asked = asked.map(CommandName::from);
        let message = self.reader(text, false, asked)?;
        said.kind = Some(message.kind);
        said.records = message.decode(text, &mut said.values)?;
        // Where nobody asked, it may still be clear what it would have answered.
        let asked = asked.filter(|asked| message.may_answer(Some(*asked)));
        said.asked = asked.or_else(|| message.answers.first().copied());
        Ok(())
    }

    /// What a console's text asks; for the terminal's side.
    pub fn decode_command(&self, text: &[u8]) -> Result<Command, DecodeError> {
        self.listen(text, None).map(|heard| heard.command)
    }

    /// What any console's text asks, also one that numbers in its own way. `spare` is the number of a command that carries none of ours;
    /// it must not be the number of another one.
    pub fn hear(&self, text: &[u8], spare: SequenceNumber) -> Result<Heard, DecodeError> {
        self.listen(text, Some(spare))
    }

    fn listen(&self, text: &[u8], spare: Option<SequenceNumber>) -> Result<Heard, DecodeError> {
        let message = self.reader(text, true, None)?;
        let mut values = Values::default();
        message.decode(text, &mut values)?;
        let numbered = [Role::SequenceNumber, Role::AskedNumber]
            .into_iter()
            .any(|role| matches!(values.get(role), Some(Value::Number(_))));
        Ok(Heard {
            reference: reference(message, text, &values),
            wants_progress: message.wants_progress,
            numbered,
            command: words::command::to_command(message.kind, &values, spare)?,
        })
    }

    /// The text of a reply; for the terminal's side.
    pub fn encode_reply(&self, reply: &Reply) -> Result<Vec<u8>, EncodeError> {
        self.encode_answer(None, reply, None)
    }

    /// The same messages on a line whose check is taken over something else: some terminals have it in their menu.
    pub fn with_check_over(mut self, covers: Covers) -> Layout {
        self.framing.envelope.check.covers = covers;
        self
    }

    /// The text of a reply to a command. `reference` is what the console had put in the number's place, see [`Heard`].
    pub fn encode_answer(
        &self,
        asked: Option<&Command>,
        reply: &Reply,
        reference: Option<&str>,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut values = Values::default();
        let (kind, records) = words::reply::of_reply(reply, &mut values)?;
        if let Some(reference) = reference {
            values.insert(Role::SequenceNumber, Value::Text(reference));
        }
        let message = self.writer(kind, &values, asked.map(CommandName::from))?;
        self.encode(message, &values, &records)
    }

    /// The message that says these values.
    fn writer(
        &self,
        kind: Kind,
        values: &Values<'_>,
        asked: Option<CommandName>,
    ) -> Result<&Message, EncodeError> {
        self.messages
            .iter()
            .filter(|message| message.kind == kind && !message.read_only)
            .find(|message| message.says(values) && message.may_answer(asked))
            .ok_or(EncodeError::NoMessage {
                message: kind.name(),
            })
    }

    fn encode(
        &self,
        message: &Message,
        values: &Values<'_>,
        records: &[Values<'_>],
    ) -> Result<Vec<u8>, EncodeError> {
        let text = message.encode(values, records)?;
        if text.len() > self.framing.message_max {
            return Err(EncodeError::TooLong {
                max: self.framing.message_max,
            });
        }
        Ok(text)
    }

    /// The message that a text is. The first in the file that fits: special cases stand before what they are a case of.
    fn reader(
        &self,
        text: &[u8],
        command: bool,
        asked: Option<CommandName>,
    ) -> Result<&Message, DecodeError> {
        if text.len() > self.framing.message_max {
            return Err(DecodeError::TooLong {
                max: self.framing.message_max,
            });
        }
        // The length tells more than what was asked, and both together are enough.
        let mut best: Option<((bool, bool), &Message)> = None;
        for message in &self.messages {
            if message.kind.is_command() != command || !message.begins_like(text) {
                continue;
            }
            let fits = (message.is_as_long_as(text), message.may_answer(asked));
            if best.is_none_or(|(before, _)| before < fits) {
                best = Some((fits, message));
            }
            if fits == (true, true) {
                break;
            }
        }
        best.map(|(_, message)| message)
            .ok_or(DecodeError::UnknownMessage)
    }
}

/// What stands in the number's place, where the number alone would not be written so again.
fn reference(message: &Message, text: &[u8], values: &Values<'_>) -> Option<String> {
    let place = |field: &field::Field| field.role() == Some(Role::SequenceNumber);
    let index = message.fields.iter().position(place)?;
    let field = &message.fields[index];
    let wire = message
        .cut(text)
        .fields
        .get(index)
        .copied()
        .flatten()?
        .bytes;
    let mut again = Vec::new();
    if matches!(values.get(Role::SequenceNumber), Some(Value::Number(_)))
        && field.encode(values, &mut again).is_ok()
        && again == wire
    {
        return None;
    }
    let text = field.character_set.read(wire, false)?;
    Some(if field::is_blank(wire) {
        String::new()
    } else {
        text.into_owned()
    })
}
