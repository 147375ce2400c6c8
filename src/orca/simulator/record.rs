//! What it was asked, call by call, and what it said: a line each, for whoever wants to know in which order, and with which keys.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{Reply, taken_apart, word_of};
use crate::orca::node::Node;
use crate::orca::wire::Request;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Its own clock.
    pub at: DateTime<FixedOffset>,
    /// The word of a script for it.
    pub call: String,
    /// What of the request is text, by name; the records within it are passed over.
    pub keys: BTreeMap<String, String>,
    /// `Api_Result`; empty where nothing was said that has one.
    pub result: String,
    /// `Orca_Uid` of the answer, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orca_uid: Option<String>,
}

impl Called {
    /// The line for a request and what was said to it.
    pub fn of(now: DateTime<FixedOffset>, request: &Request, reply: &Reply) -> Called {
        let asked = taken_apart(request);
        let said = reply.response.as_ref();
        let said = said.and_then(|response| Node::parse(&response.body).ok());
        let said = said.as_ref().and_then(inner);
        let of_said = |name| said.map_or("", |node| node.str(name)).to_owned();
        Called {
            at: now,
            call: asked.as_ref().map_or("other", word_of).to_owned(),
            keys: asked
                .as_ref()
                .and_then(|asked| inner(&asked.body))
                .map_or_else(BTreeMap::new, texts),
            result: of_said("Api_Result"),
            orca_uid: Some(of_said("Orca_Uid")).filter(|uid| !uid.is_empty()),
        }
    }
}

/// The record that everything stands in.
fn inner<'n, 'a>(body: &'n Node<'a>) -> Option<&'n Node<'a>> {
    match body {
        Node::Record(members) => members.first().map(|(_, node)| node),
        _ => None,
    }
}

fn texts(node: &Node<'_>) -> BTreeMap<String, String> {
    let Node::Record(members) = node else {
        return BTreeMap::new();
    };
    let texts = members.iter().filter_map(|(name, node)| match node {
        Node::Text(text) => Some((name.to_string(), text.to_string())),
        _ => None,
    });
    texts.collect()
}
