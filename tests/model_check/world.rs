//! One moment of the counter: the books, the console, the line, the terminal and what has been told to people.

use madoguchi::domain::ledger::SaleState;

use crate::shop::Left;

/// The most attempts an instance may have.
pub(crate) const ATTEMPTS_MAX: usize = 3;

/// Everything there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// The books: one row an attempt. Its index is its number less one.
    pub(crate) rows: Vec<Row>,
    /// Which of the two bills are paid in cash.
    pub(crate) cash: [bool; 2],
    pub(crate) console: Console,
    /// True once the terminal took what the console sent last: what it says from then on may answer it.
    pub(crate) taken: bool,
    /// Amounts on their way to the terminal.
    pub(crate) outward: Vec<Request>,
    pub(crate) inward: Vec<Reply>,
    pub(crate) terminal: Terminal,
    pub(crate) left: Left,
    /// True once the books refused an entry of the console.
    pub(crate) refused: bool,
}

/// One attempt, as the books have it, and what else happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    /// Which bill it is for.
    pub(crate) order: u8,
    pub(crate) state: SaleState,
    /// The name of the terminal's memory when it was sent.
    pub(crate) journal: Option<u8>,
    /// How the books know its outcome.
    pub(crate) by: Option<By>,
    /// The outcome stood on the screen, say the books.
    pub(crate) shown: bool,
    /// What stood there. People remember it.
    pub(crate) told: Told,
    /// How often the amount left.
    pub(crate) left: u8,
    /// The amount left before the sent mark was durable.
    pub(crate) left_unmarked: bool,
    /// The terminal got the acknowledgement of its answer before the books had the outcome.
    pub(crate) acknowledged_early: bool,
    /// The console died while it was out.
    pub(crate) orphaned: bool,
}

/// What a person was told of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    Nothing,
    Charged,
    NotCharged,
}

/// How an outcome is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum By {
    Answer,
    Inquiry,
    NothingSent,
    Person,
}

/// What is about to be written of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Write {
    Posted(By),
    Released { declined: bool, by: By },
    Unknown,
    Parked,
}

/// What the console is at. All of it is lost when it dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Console {
    /// Dead.
    Off,
    /// Starting: what was never sent is closed.
    Opening,
    /// At the register, or showing something paid.
    Register,
    /// Showing an attempt that is not charged.
    NotCharged { row: usize },
    /// The intent is durable, the terminal is called.
    Calling { row: usize, asked: bool },
    /// The books are about to take the sent mark.
    Marking { row: usize, journal: Option<u8> },
    /// They have it; the amount is about to leave.
    Marked { row: usize },
    /// The amount is out.
    Waiting { row: usize },
    /// The books are about to take the outcome.
    Booking { row: usize, write: Write },
    /// They have it; it is about to be acknowledged and shown.
    Booked { row: usize },
    /// Leading an open attempt to its answer.
    Unknown {
        row: usize,
        stage: Stage,
        attempt: u32,
        not_founds: u32,
    },
}

/// What the console does about an open attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    Pausing,
    Asking,
    GaveUp,
    Booking(Write),
}

/// An amount on its way to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Request {
    pub(crate) row: usize,
    /// The line made it of the one before.
    pub(crate) copy: bool,
    /// The console has sent something else since, or is another run of it.
    pub(crate) old: bool,
}

/// What the console can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ask {
    Status,
    Sale(usize),
    Question(usize),
}

/// What is on its way to the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reply {
    pub(crate) what: Say,
    /// It left before the console's present request was taken: it cannot answer it.
    pub(crate) old: bool,
}

/// What the terminal can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Say {
    Status {
        journal: u8,
        busy: bool,
    },
    Result {
        row: usize,
        code: Code,
    },
    Found {
        about: usize,
        row: usize,
        code: Code,
    },
    InProgress {
        about: usize,
    },
    NotFound {
        about: usize,
        journal: u8,
    },
    List([bool; ATTEMPTS_MAX]),
}

/// How the terminal says a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Code {
    Approved,
    Declined,
    Busy,
    Reset,
    CentreLost,
}

/// The terminal, and the truth about money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Terminal {
    /// The truth: how often each attempt was charged.
    pub(crate) charged: [u8; ATTEMPTS_MAX],
    /// The name of its memory.
    pub(crate) journal: u8,
    /// What it remembers.
    pub(crate) memory: [Option<Code>; ATTEMPTS_MAX],
    /// The last transaction it remembers.
    pub(crate) last: Option<usize>,
    /// What it is at.
    pub(crate) running: Option<usize>,
    /// The sale block it took last.
    pub(crate) block: Option<usize>,
    /// An answer it has not given yet.
    pub(crate) unsaid: Option<(usize, Code)>,
}

/// Everything that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Move {
    // A person.
    Begin { order: u8 },
    PayCash { order: u8 },
    BackOut,
    Leave,
    Lead { row: usize },
    Park,
    AskAgain,
    SaysCharged,
    SaysNotCharged,
    // The console.
    Mark,
    MarkFails { durable: bool },
    Send,
    SendFails,
    TimeOut,
    Hear,
    Book,
    Finish,
    Ask { lost: bool },
    Crash,
    Restart,
    // The line.
    LoseRequest,
    LoseReply,
    CopyRequest,
    CopyReply,
    // The terminal.
    Take,
    Approve,
    Decline,
    LoseCentre { charged: bool },
    Speak,
    KeepSilent,
    Reboot { forgets: bool, charged: bool },
}

impl World {
    /// The morning.
    pub(crate) fn new(left: Left) -> World {
        World {
            rows: Vec::new(),
            cash: [false; 2],
            console: Console::Register,
            taken: false,
            outward: Vec::new(),
            inward: Vec::new(),
            terminal: Terminal {
                charged: [0; ATTEMPTS_MAX],
                journal: 0,
                memory: [None; ATTEMPTS_MAX],
                last: None,
                running: None,
                block: None,
                unsaid: None,
            },
            left,
            refused: false,
        }
    }

    /// The attempts for a bill.
    pub(crate) fn attempts(&self, order: u8) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.order == order)
    }

    /// An open attempt the console does not have in hand.
    pub(crate) fn open(&self) -> Option<usize> {
        self.rows
            .iter()
            .position(|row| !row.state.is_final() && row.state != SaleState::Pending)
    }

    /// Something goes on the line. Whatever was asked before can no longer be answered.
    pub(crate) fn ask_anew(&mut self) {
        for request in &mut self.outward {
            request.old = true;
        }
        for reply in &mut self.inward {
            reply.old = true;
        }
        self.drop_unheeded();
        self.taken = false;
    }

    /// An answer to a question that nobody waits for changes nothing whenever it is heard: it need not be kept.
    pub(crate) fn drop_unheeded(&mut self) {
        let waits = matches!(
            self.console,
            Console::Calling { asked: true, .. }
                | Console::Unknown {
                    stage: Stage::Asking,
                    ..
                }
        );
        self.inward
            .retain(|reply| matches!(reply.what, Say::Result { .. }) || waits && !reply.old);
    }

    /// An amount leaves.
    pub(crate) fn send(&mut self, row: usize) {
        self.ask_anew();
        self.rows[row].left += 1;
        self.rows[row].left_unmarked |= self.rows[row].state == SaleState::Pending;
        self.outward.push(Request {
            row,
            copy: false,
            old: false,
        });
    }

    /// The terminal says something.
    pub(crate) fn reply(&mut self, what: Say) {
        self.inward.push(Reply {
            what,
            old: !self.taken,
        });
    }
}
