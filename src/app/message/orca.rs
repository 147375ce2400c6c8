//! The border to the receipt computer: what is asked of it, and for whom; what it answers, and what it tells by itself.

use serde::{Deserialize, Serialize};

use crate::domain::slip::SlipNumber;
use crate::orca::answer::{Answer, Failure, News};
use crate::orca::call::Call;

/// One call. There is one in flight at a time; what is asked meanwhile waits its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrcaRequest {
    /// For whom; comes back with the answer.
    pub asker: Asker,
    /// What.
    pub call: Call,
}

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "asker", rename_all = "snake_case")]
pub enum Asker {
    /// A screen of the console; a later question of its own makes an older one void.
    Screen {
        /// Counts its questions.
        question: u32,
    },
    /// 反映: a posting.
    Reflection {
        /// Of this slip.
        slip: SlipNumber,
        /// Which of its postings.
        posting: u16,
    },
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrcaEvent {
    /// To exactly one request.
    Answered {
        /// For whom.
        asker: Asker,
        /// What was asked.
        call: Box<Call>,
        /// What was said.
        result: Result<Answer, Failure>,
    },
    /// 警告: a call was done, and the receipt computer remarks on it. Comes before its answer.
    Remarked {
        /// `Api_Result`: `W…`.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// Told by itself.
    News(News),
}
