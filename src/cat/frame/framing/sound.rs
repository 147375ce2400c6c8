//! What a framing must hold to be read back as it was written.

use super::{CheckKind, Envelope, Framing, Handshake, NumberForm, ReplyShape};

/// Why no line can be built of a framing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {remedy}")]
pub struct Unsound {
    /// The part of [`Framing`] to look at, by the names of its fields, like `envelope.escape.byte`.
    pub at: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: &'static str,
}

/// The longest start or end, in bytes.
const MARK_MAX: usize = 8;
/// The most bytes of a length.
const LENGTH_WIDTH_MAX: usize = 8;
/// ENQ and EOT, on a line that has them.
const LINE_CONTROLS: [u8; 2] = [0x05, 0x04];

type Sound = Result<(), Unsound>;

fn ensure(holds: bool, at: &'static str, problem: &str, remedy: &'static str) -> Sound {
    if holds {
        return Ok(());
    }
    Err(Unsound {
        at,
        problem: problem.to_owned(),
        remedy,
    })
}

impl Framing {
    /// Can every text be read back as it was written? A line may be built of a framing for which this fails, but it will not work.
    pub fn check(&self) -> Result<(), Unsound> {
        self.sizes()?;
        self.envelope.ends()?;
        self.length()?;
        self.envelope.check_form()?;
        self.envelope.escape()?;
        self.first_bytes()?;
        self.replies()
    }

    fn sizes(&self) -> Sound {
        ensure(
            self.message_max >= 1,
            "message_max",
            "a message of no bytes says nothing",
            "give the longest message, at least 1",
        )?;
        ensure(
            self.envelope.block_end.is_empty() || self.block_text_max >= 2,
            "block_text_max",
            "a block needs room for 2 bytes, because two equal blocks are told apart by their lengths",
            "give at least 2",
        )?;
        ensure(
            self.progress.as_ref().is_none_or(|p| p.text_len >= 1),
            "progress.text_len",
            "a progress text of no bytes says nothing",
            "give its number of bytes, or leave progress out",
        )
    }

    fn length(&self) -> Sound {
        let Some(length) = self.envelope.length else {
            return Ok(());
        };
        ensure(
            (1..=LENGTH_WIDTH_MAX).contains(&length.width),
            "envelope.length.width",
            "a length takes 1 to 8 bytes",
            "give the number of bytes of the length itself",
        )?;
        let longest = if self.envelope.block_end.is_empty() {
            self.message_max
        } else {
            self.block_text_max.min(self.message_max)
        };
        let base: u128 = match length.form {
            NumberForm::BigEndian | NumberForm::LittleEndian => 256,
            NumberForm::Bcd => 100,
            NumberForm::Decimal => 10,
            NumberForm::Hex => 16,
        };
        let values = (0..length.width).fold(1, |values: u128, _| values * base);
        let largest = u128::try_from(longest)
            .ok()
            .zip(u128::try_from(length.plus).ok())
            .map_or(u128::MAX, |(longest, plus)| longest + plus);
        ensure(
            largest < values,
            "envelope.length.width",
            &format!(
                "a length of this form says at most {}, and a text may be counted as {largest}",
                values - 1
            ),
            "make the length wider, or the longest message shorter",
        )
    }

    /// What follows a quiet line is known by its first byte.
    fn first_bytes(&self) -> Sound {
        let start = self.envelope.start.first().copied();
        if self.handshake != Handshake::Bare {
            ensure(
                start.is_some(),
                "envelope.start",
                "on a line with ACK and NAK a frame without start cannot be told from a reply",
                "give the start bytes, or take the hand-shake without replies",
            )?;
        }
        ensure(
            start.is_some() || self.progress.is_none(),
            "envelope.start",
            "where frames have no start, a progress text cannot be told from one",
            "give the start bytes, or leave progress out",
        )?;
        let replies = [Some(self.replies.ack), Some(self.replies.nak)];
        let controls = LINE_CONTROLS.map(Some);
        let mut taken: Vec<Option<u8>> = Vec::new();
        if self.handshake != Handshake::Bare {
            taken.extend(replies);
        }
        if self.handshake == Handshake::Enquiry {
            taken.extend(controls);
        }
        ensure(
            start.is_none() || !taken.contains(&start),
            "envelope.start",
            "a frame begins with the byte of a reply or of ENQ or EOT",
            "look the start up again; it is STX (02) in most",
        )?;
        taken.push(start);
        let progress = self.progress.as_ref().map(|progress| progress.start);
        ensure(
            progress.is_none() || !taken.contains(&progress),
            "progress.start",
            "a progress text begins like something else",
            "give the byte that only progress texts begin with; it is SOH (01) in most",
        )
    }

    fn replies(&self) -> Sound {
        if self.handshake == Handshake::Bare {
            return Ok(());
        }
        let replies = self.replies;
        ensure(
            replies.ack != replies.nak,
            "replies.nak",
            "ACK and NAK are the same byte",
            "give two; they are 06 and 15 in most",
        )?;
        let clash = |byte| self.handshake == Handshake::Enquiry && LINE_CONTROLS.contains(&byte);
        ensure(
            !clash(replies.ack) && !clash(replies.nak),
            "replies",
            "a reply is the byte of ENQ or EOT",
            "give ACK and NAK; they are 06 and 15 in most",
        )?;
        let empty = self.envelope.end.is_empty() && self.envelope.check.kind == CheckKind::None;
        ensure(
            replies.shape == ReplyShape::Byte || !empty,
            "replies.shape",
            "a framed reply has an end or a check, and this envelope has neither",
            "say that replies are one byte",
        )
    }
}

impl Envelope {
    fn ends(&self) -> Sound {
        for (at, mark) in [
            ("envelope.start", &self.start),
            ("envelope.end", &self.end),
            ("envelope.block_end", &self.block_end),
        ] {
            ensure(
                mark.len() <= MARK_MAX,
                at,
                "a start or an end has at most 8 bytes",
                "give the bytes that stand on the wire, in hex",
            )?;
        }
        ensure(
            !self.end.is_empty() || self.length.is_some(),
            "envelope.end",
            "nothing tells where a text ends",
            "give the end bytes, or a length",
        )?;
        ensure(
            self.block_end.is_empty() || !self.end.is_empty(),
            "envelope.block_end",
            "blocks have an end of their own, and the last one has none",
            "give the end of the last block as well",
        )?;
        ensure(
            self.block_end.is_empty()
                || (!self.end.ends_with(&self.block_end) && !self.block_end.ends_with(&self.end)),
            "envelope.block_end",
            "the end of a block cannot be told from the end of the last one",
            "give two ends of which none is the tail of the other; they are ETB (17) and ETX (03) in most",
        )?;
        // A counted text is followed by one of the two, read from its first byte.
        ensure(
            self.length.is_none()
                || self.block_end.is_empty()
                || (!self.end.starts_with(&self.block_end)
                    && !self.block_end.starts_with(&self.end)),
            "envelope.block_end",
            "one end begins like the whole of the other",
            "give two ends that differ from their first byte",
        )
    }

    fn check_form(&self) -> Sound {
        let fits = matches!(
            self.check.form,
            NumberForm::BigEndian | NumberForm::LittleEndian | NumberForm::Hex
        );
        ensure(
            self.check.kind == CheckKind::None || fits,
            "envelope.check.form",
            "a check does not fit into decimal digits",
            "take big_endian, little_endian or hex",
        )
    }

    fn escape(&self) -> Sound {
        let Some(escape) = self.escape else {
            return Ok(());
        };
        let marks = [&self.start, &self.end, &self.block_end];
        if !self.escape_marks_end() {
            return ensure(
                !marks.iter().any(|mark| mark.contains(&escape.byte)),
                "envelope.escape.byte",
                "the escape byte stands in a start or an end that does not begin with it",
                "give an escape byte of its own, or an end of two bytes that begins with it",
            );
        }
        ensure(
            escape.xor == 0,
            "envelope.escape.xor",
            "an escape byte that begins the end is doubled, not changed",
            "give 0",
        )?;
        let paired =
            |mark: &[u8]| mark.len() == 2 && mark[0] == escape.byte && mark[1] != escape.byte;
        ensure(
            paired(&self.end) && (self.block_end.is_empty() || paired(&self.block_end)),
            "envelope.end",
            "where an end begins with the escape byte, every end is that byte and one other",
            "give two bytes, like DLE ETX (10 03)",
        )?;
        ensure(
            !self.start.contains(&escape.byte) || (paired(&self.start) && self.start != self.end),
            "envelope.start",
            "the start holds the escape byte and is not that byte and one other",
            "give two bytes, like DLE STX (10 02)",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Escape, Length, Progress};
    use super::*;

    type Change = fn(&mut Framing);

    fn length(width: usize, form: NumberForm) -> Option<Length> {
        Some(Length {
            width,
            form,
            plus: 0,
        })
    }

    #[test]
    fn what_cannot_work_is_named_with_its_place() {
        let cases: [(&str, Change); 18] = [
            ("message_max", |f| f.message_max = 0),
            ("block_text_max", |f| f.block_text_max = 1),
            ("progress.text_len", |f| {
                f.progress = Some(Progress {
                    start: 1,
                    end: 4,
                    text_len: 0,
                });
            }),
            ("envelope.end", |f| f.envelope.end.clear()),
            ("envelope.block_end", |f| {
                f.envelope.end.clear();
                f.envelope.length = length(2, NumberForm::Decimal);
            }),
            ("envelope.block_end", |f| f.envelope.block_end = vec![3]),
            ("envelope.start", |f| f.envelope.start = vec![9; 9]),
            ("envelope.length.width", |f| {
                f.envelope.length = length(0, NumberForm::Hex)
            }),
            ("envelope.length.width", |f| {
                f.envelope.block_end.clear();
                f.message_max = 1_000;
                f.envelope.length = length(3, NumberForm::Decimal);
            }),
            ("envelope.check.form", |f| {
                f.envelope.check.form = NumberForm::Bcd
            }),
            ("envelope.escape.byte", |f| {
                f.envelope.escape = Some(Escape { byte: 3, xor: 0x20 })
            }),
            ("envelope.escape.xor", |f| {
                f.envelope.end = vec![0x10, 3];
                f.envelope.escape = Some(Escape { byte: 0x10, xor: 1 });
            }),
            ("envelope.end", |f| {
                f.envelope.end = vec![0x10, 3];
                f.envelope.escape = Some(Escape { byte: 0x10, xor: 0 });
            }),
            ("envelope.start", |f| f.envelope.start.clear()),
            ("envelope.start", |f| {
                f.handshake = Handshake::Bare;
                f.envelope.start.clear();
                f.progress = Some(Progress {
                    start: 1,
                    end: 4,
                    text_len: 20,
                });
            }),
            ("envelope.start", |f| f.envelope.start = vec![6]),
            ("replies.nak", |f| f.replies.nak = 6),
            ("replies", |f| f.replies.ack = 5),
        ];
        Framing::basic(8, 64).check().expect("sound as it is");
        for (at, change) in cases {
            let mut framing = Framing::basic(8, 64);
            change(&mut framing);
            let unsound = framing.check().expect_err(at);
            assert_eq!(unsound.at, at, "{unsound}");
        }
    }

    #[test]
    fn what_is_not_there_cannot_clash() {
        let changes: [Change; 4] = [
            |f| {
                f.handshake = Handshake::Bare;
                f.envelope.start.clear();
                f.replies.nak = f.replies.ack;
            },
            |f| {
                f.handshake = Handshake::Acknowledged;
                f.replies.ack = 5;
            },
            |f| {
                f.envelope.check.kind = CheckKind::None;
                f.envelope.check.form = NumberForm::Decimal;
            },
            |f| {
                f.envelope.block_end.clear();
                f.block_text_max = 0;
            },
        ];
        for change in changes {
            let mut framing = Framing::basic(8, 64);
            change(&mut framing);
            assert_eq!(framing.check(), Ok(()));
        }
    }
}
