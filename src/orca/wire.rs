//! One call as an HTTP request, and an HTTP response as what the receipt computer says. No byte moves here.

mod ask;
mod bill;
mod ledger;
mod read;
mod value;

use super::answer::{Answer, Failure};
use super::call::Call;

pub use ask::{confirm, encode};
pub use read::{Read, Warning, decode, read};
pub(in crate::orca) use read::{by_status_alone, refusal};
pub(in crate::orca) use value::{japan, shown};

/// How a receipt computer wants to be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// True for WebORCA, whose paths begin with `/api`.
    pub api_prefix: bool,
    /// In what the calls are written that can be in either.
    pub body: BodyKind,
    /// Our name where a call holds nobody but wants one (Karte_Uid), at most 36 characters.
    pub karte_uid: String,
}

/// In what a body is written. What only exists in XML is always asked in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BodyKind {
    /// `?format=json`.
    Json,
    /// XML.
    Xml,
}

/// What leaves.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Path and query, beginning with `/`.
    pub target: String,
    /// Content-Type of the body, where there is one.
    pub content_type: Option<&'static str>,
    /// Empty for GET.
    pub body: Vec<u8>,
}

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET: the number of a patient in the query.
    Get,
    /// POST: a body.
    Post,
}

impl Method {
    /// As HTTP writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// What comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Content-Type, as it came; empty where there was none.
    pub content_type: String,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// A request or a response holds names and numbers of patients: a log gets its length alone.
macro_rules! unspoken {
    ($name:ident, $($field:ident),*) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .field("body_bytes", &self.body.len())
                    .finish_non_exhaustive()
            }
        }
    };
}
unspoken!(Request, method, content_type);
unspoken!(Response, status, content_type);

/// What an answer is to a call: shorter to write.
pub type Said = Result<Answer, Failure>;

/// A path of the API, and whether it speaks JSON too.
pub(super) struct Place {
    pub(super) path: &'static str,
    pub(super) json: bool,
}

/// 受付一覧.
pub(super) const WORKLIST: Place = Place {
    path: "/api01rv2/acceptlstv2",
    json: true,
};
/// 収納情報. No recording of it in JSON is known.
pub(super) const BILL: Place = Place {
    path: "/api01rv2/incomeinfv2",
    json: false,
};
/// 患者基本情報.
pub(super) const PATIENT: Place = Place {
    path: "/api01rv2/patientgetv2",
    json: true,
};
/// システム管理.
pub(super) const MASTER: Place = Place {
    path: "/api01rv2/system01lstv2",
    json: true,
};
/// 収納.
pub(super) const LEDGER: Place = Place {
    path: "/orca23/incomev3",
    json: true,
};
/// 排他情報.
pub(super) const LOCKS: Place = Place {
    path: "/api21/medicalmodv37",
    json: true,
};

const fn place(call: &Call) -> &'static Place {
    match call {
        Call::Worklist { .. } => &WORKLIST,
        Call::Bill { .. } => &BILL,
        Call::Patient { .. } => &PATIENT,
        Call::TenderCodes { .. } => &MASTER,
        Call::Locks | Call::Release { .. } => &LOCKS,
        Call::Ping
        | Call::Open { .. }
        | Call::Pay(_)
        | Call::PayBack(_)
        | Call::Reissue { .. }
        | Call::Finish { .. } => &LEDGER,
    }
}
