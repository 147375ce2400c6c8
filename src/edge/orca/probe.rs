//! A look at the receipt computer: is it there, does it let us in, does it tell. Holds nobody, changes nothing.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::{Client, Setup, push};
use crate::orca::answer::Failure;
use crate::orca::call::Call;
use crate::orca::wire::decode;

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What answered, or what is in the way.
    pub answer: Result<Seen, Failure>,
    /// Until when the client certificate is good, where there is one that can be read.
    pub valid_until: Option<DateTime<FixedOffset>>,
    /// Whether it tells by itself; `None` where nobody asked it to.
    pub push: Option<Result<(), Failure>>,
}

/// What answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The name its web server gives itself.
    pub server: Option<String>,
    /// `TLSv1_3` …, where there is TLS.
    pub protocol: Option<String>,
    /// How far its clock is before ours, in seconds, where it told the time.
    pub ahead_s: Option<i64>,
}

/// Look.
pub fn look(setup: &Setup) -> Look {
    let mut client = Client::new(Arc::new(setup.clone()));
    // Files first: what they say holds, reachable or not.
    let valid_until = client.access().ok().and_then(|access| access.valid_until);
    let answer = client.hear(&Call::Ping).and_then(|heard| {
        let now = setup.now();
        decode(&Call::Ping, &heard.response)?;
        let theirs = heard
            .date
            .and_then(|date| DateTime::parse_from_rfc2822(&date).ok());
        Ok(Seen {
            server: heard.server,
            protocol: heard.protocol,
            ahead_s: theirs.map(|theirs| theirs.signed_duration_since(now).num_seconds()),
        })
    });
    let push = setup.site.push.as_ref().map(|_| push::try_once(setup));
    Look {
        answer,
        valid_until,
        push,
    }
}
