//! The border of the link set-up screen: what it asks of the lines, and what it is told. None of it moves money.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cat::examination::Verdict;
use crate::cat::model::SerialSettings;
use crate::domain::ledger::CatId;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupRequest {
    /// Which ports are there?
    FindPorts,
    /// What is at the end of this terminal's line? Asks for its state and listens; at most five seconds. An exchange is never disturbed.
    Examine(CatId),
    /// Do bytes sent into this port come back? For a cable with its pins 2 and 3 bridged; never at a terminal's port.
    Loop {
        /// Its path, as it was found.
        path: String,
    },
    /// The last exchanges of this terminal's line, masked.
    Trace(CatId),
    /// The same into a file.
    ExportTrace(CatId),
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupEvent {
    /// To `FindPorts`.
    Found {
        /// The ports of this machine.
        ports: Vec<FoundPort>,
        /// The line settings of the serial CAT ports.
        lines: BTreeMap<CatId, SerialSettings>,
    },
    /// To `Examine`.
    Examined {
        /// Whose.
        cat: CatId,
        /// What is there.
        verdict: Verdict,
    },
    /// To `Loop`.
    Looped {
        /// Which port.
        path: String,
        /// What came back.
        outcome: LoopOutcome,
    },
    /// To `Trace`.
    Traced {
        /// Whose.
        cat: CatId,
        /// Oldest first.
        frames: Vec<TraceFrame>,
    },
    /// To `ExportTrace`: where it is, or the system's words.
    Exported(Result<String, String>),
}

/// A serial port of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundPort {
    /// What a config may say: `/dev/ttyUSB0`, `COM3`.
    pub path: String,
    /// A name that stays when the adapter gets another number, where the system keeps one.
    pub stable: Option<String>,
    /// What the adapter says of itself.
    pub usb: Option<UsbFacts>,
    /// Who has it open.
    pub used_by: PortUse,
}

/// What a USB adapter says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsbFacts {
    /// Vendor number.
    pub vendor: u16,
    /// Product number.
    pub product: u16,
    /// The adapter's own number; cheap ones have none, and two of them cannot be told apart.
    pub serial: Option<String>,
    /// Which of its ports, where it has several.
    pub interface: Option<u8>,
    /// Maker and product in words.
    pub title: String,
}

/// Who has a port open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortUse {
    /// Nobody that this user can see.
    #[default]
    Free,
    /// A terminal of this console is set to it.
    Cat(CatId),
    /// Another program: its name and process number.
    Program(String),
}

/// What came back through a bridged cable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopOutcome {
    /// Every byte, unchanged.
    Whole {
        /// How many.
        bytes: usize,
        /// How long it took.
        after_ms: u64,
    },
    /// Nothing at all.
    Nothing,
    /// Something else, or less.
    Differs {
        /// The first byte that was not as sent, from 0.
        at: usize,
        /// How many came.
        came: usize,
    },
    /// The port cannot be opened; the system's words.
    NotOpened(String),
    /// A terminal is set to this port: nothing was sent.
    Refused,
}

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the terminal.
    Out,
    /// From the terminal.
    In,
    /// Nothing on the line: it was opened, lost, or given back.
    Line,
}

/// A piece of what went over a line, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceFrame {
    /// When it began, on the wall: `14:32:07.123`.
    pub at: String,
    /// Milliseconds since the piece before it.
    pub after_ms: u64,
    /// Which exchange it belongs to, counted from 1.
    pub exchange: u64,
    /// Which way.
    pub direction: Direction,
    /// What it means, where that is known: `ENQ`, `status`, `authorize_sales`.
    pub meaning: String,
    /// The bytes: printable ones as they are, controls by their names in angle brackets, `*` for what is masked.
    pub text: String,
    /// Bytes that are not shown, because the piece is too long.
    pub left_out: usize,
}
